"""When a kernel is worth its making: a rule on the amount of work.

A kernel has to be compiled once on a machine, or loaded once in a process. Generated Python is there at once. So
small work runs as Python and never waits, and a kernel is made, or loaded, when there is at least as much work as
generated Python would do in that time.

Work is counted: operands of a tape, times rows, times runs. A clock would do, too, but then the choice, and with it
the last digits of a sum over rows, would depend on how fast a machine is and on what else it does.
AUTOGRAD_LITE_KERNEL=1 makes or loads the kernel at once, 0 never.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from autograd_lite.ops import Op
from autograd_lite.replay.table import kernel_is_here, kernel_is_loaded, kernel_is_on_disk
from autograd_lite.replay.tape import Tape

SECOND = 10_000_000  # what generated Python does in a second, about: operands times rows, forward and backward
LOAD = 1 * SECOND  # the work that is worth loading a kernel,
MAKE = 35 * SECOND  # and compiling one
KERNEL_FROM = 4_000  # for one call: below, calling a kernel takes longer than generated Python
WRITE = 1_000  # for each node of a tape: generating its Python
MOVE = 15  # for each parameter: a step of an optimiser, which works on arrays beside a kernel

_done = [0]  # in this process, by generated Python, in calls that a kernel would have been faster for


def in_one_call(tape: Tape, rows: int) -> int:
    """Return the work of one call, 0 if a kernel would not be faster."""
    work = len(tape.operands) * rows
    return work if work >= KERNEL_FROM else 0


def kernel_pays(rows: Sequence[Op], work: int) -> bool:
    """Tell whether to run so much work in the kernel of these rows of the table; count it, if not."""
    if not work or not kernel_is_here():
        return False
    if kernel_is_loaded(rows) or os.environ.get("AUTOGRAD_LITE_KERNEL") == "1":
        return True
    due = _done[0] + work
    if due >= LOAD and due >= (LOAD if kernel_is_on_disk(rows) else MAKE):
        return True
    _done[0] = due
    return False
