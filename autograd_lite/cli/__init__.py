"""The command line: `autograd-lite` or `python -m autograd_lite`, with demo, train, predict, draw or explain.

`commands` parses them; `job` is a training run: `csv_files`, `features`, then `outcome`, `charts`,
`pictures` and `report`. `expressions` reads what `draw` and `explain` are given.
"""

from autograd_lite.cli.commands import main

__all__ = ["main"]
