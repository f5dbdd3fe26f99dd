"""The command line: `autograd-lite` or `python -m autograd_lite`, and a command.

`commands` parses them, those of a lecture in `teaching`. `job` is a training run: `features` and `gaps` read a table,
`outcome` has the results, `report` shows them with `charts` and `pictures`. `expressions` reads formulas such as
`exp(w*x + b)`.
"""

from autograd_lite.cli.commands import main

__all__ = ["main"]
