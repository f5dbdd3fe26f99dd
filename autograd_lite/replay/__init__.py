"""Record once, replay: a graph as a flat tape, run by generated Python or, with the extra `fast`, by a kernel.

The way of a function: `arguments` takes them apart, `recording` runs it once and lays the graph down as a `tape`
(`weighted_sums` finds those in it), `source` writes the tape as Python, `python_runner` and `kernel` run it. `Compiled`
is what the user holds; it keeps a `specialization` for each shape of arguments, and runs data sets by `over_rows`.
`surroundings` finds what else the function reads, a `snapshot` of it tells what changed.
"""

from autograd_lite.replay.compiled_function import Compiled, compile
from autograd_lite.replay.rows import Rows
from autograd_lite.replay.table import kernel_is_here
from autograd_lite.replay.tape import Batch

__all__ = ["Batch", "Compiled", "Rows", "compile", "kernel_is_here"]
