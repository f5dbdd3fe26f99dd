"""How everything is written: names of nodes, numbers and local derivatives, in Unicode and in LaTeX.

Pictures, explanations, worksheets and errors take their names from here, so a weight is called the same in all of
them: `names` gives each node its name, `labels` makes mathematics of `w_11^(1)`, `text` spells names and numbers,
`local_derivatives` and `mathematics` the text of a row.
"""
