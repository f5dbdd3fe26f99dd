"""How everything is written: the names of the nodes of a graph, and numbers, in Unicode and in LaTeX.

Pictures, explanations, worksheets and errors take their names from here, so a weight is called the same in all of
them: `names` gives each node its name, `text` spells names and numbers.
"""
