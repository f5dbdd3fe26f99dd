"""The command line: `autograd-lite demo | train | predict | draw | explain`, the same as `python -m autograd_lite`."""

from autograd_lite.cli.commands import main

__all__ = ["main"]
