"""Record once, replay: a graph as a flat tape, run by generated Python or by a kernel in C, to the same bits.

What happens in a call: `compiled_function` (what the user holds) asks `surroundings`, which found all that the function
reads besides its arguments, whether any of it has changed since its `snapshot`; then all tapes are dropped. `arguments`
takes the arguments apart, and a `specialization` keeps the tapes for one shape of them. `recording` runs a function
once and lays the graph down as a `tape` (`weighted_sums` finds the weighted sums in it). `source` writes it as Python,
a large one in `source_in_parts`. `python_runner` or `kernel_runner` run it, for one row or for those of a data set,
with the one order of `sums`; `over_rows` adds what several branches give.
"""

from autograd_lite.replay.compiled_function import Compiled, compile
from autograd_lite.replay.rows import Rows
from autograd_lite.replay.tape import Batch

__all__ = ["Batch", "Compiled", "Rows", "compile"]
