"""The command line: `autograd-lite` or `python -m autograd_lite`, with demo, train, predict, draw or explain."""

from autograd_lite.cli.commands import main

__all__ = ["main"]
