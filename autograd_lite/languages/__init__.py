"""One translator of the table's texts, and one file for each language that it writes.

`reading` says what is translated, `writing` walks it, and `language` holds how a language spells things. A language is
one file: a table of names and the few rules that differ.
"""
