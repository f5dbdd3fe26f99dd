"""Record once, replay: a graph as a flat tape, run by generated Python or, with the extra `fast`, by a kernel.

The way of a function: `structure` takes its arguments apart, `recording` runs it once and lays the graph down as a
`tape` (`chains` finds the weighted sums in it), `source` writes the tape as Python, `straight` and `kernel` run it,
`call` is what the user holds. `surroundings` finds what else the function reads, a `snapshot` of it tells what changed.
"""

from autograd_lite.replay.call import Compiled, compile
from autograd_lite.replay.rows import Rows
from autograd_lite.replay.table import kernel_is_here
from autograd_lite.replay.tape import Batch

__all__ = ["Batch", "Compiled", "Rows", "compile", "kernel_is_here"]
