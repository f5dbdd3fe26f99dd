"""Would a test notice? `python -m tests.mutants` breaks the package in small ways, one at a time, and runs the tests.

- `changes.py` makes the mutants: the syntax tree of a module with one place changed, and so do the texts of a row;
- `targets.py` says which modules are broken, how many mutants are drawn from each, which tests are to kill them;
- `equivalent.py` lists the mutants that no test can kill, for they compute the same: one reason each;
- `running.py` runs one mutant in a process of its own, with a limit of processor time.

A mutant is named by its module, function, and the text before and after, so its name outlives an edit elsewhere.
"""
