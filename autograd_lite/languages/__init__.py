"""One translator of the table's texts, and one file for each language that it writes.

`parsing` gives the syntax tree of a text, `reading` the functions that are translated: those of a row and those of
`numerics`. `expressions` and `writing` walk them. `language` says what a language can differ in; `c`, `javascript`,
`jax` and `python` are the languages: a table of names and the few rules that differ. (Mathematics is one too, in
`notation`.)
"""
