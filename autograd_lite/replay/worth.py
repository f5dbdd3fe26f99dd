"""When it is worth making a kernel: a rule on the amount of work.

A kernel has to be compiled once on a machine, and loaded once in a process. Generated Python is there at once, and
gives the same bits. So small work runs as Python and never waits; when there was enough, a thread compiles a kernel,
and calls go on as Python until it is there. Only a call that would take longer than compiling waits.

Work is counted: operands of a tape, times rows, times runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_lite.kernel import library
from autograd_lite.ops import Op
from autograd_lite.replay.tape import Tape

SECOND = 10_000_000  # work that generated Python does in about a second: operands times rows, forward and backward
LOAD = SECOND // 20  # the work that is worth loading a kernel,
MAKE = 2 * SECOND  # compiling one beside it, which takes 3 s of a processor,
WAIT = 4 * SECOND  # and waiting for that
KERNEL_FROM = 1_000  # for one call: below, calling a kernel takes longer than generated Python
WRITE = 1_000  # for each operand of a tape: generating its Python
MOVE = 15  # for each parameter: a step of an optimiser

_done = [0]  # in this process, by generated Python, in calls that a kernel would have been faster for


def in_one_call(tape: Tape, rows: int) -> int:
    """Return the work of one call, 0 if a kernel would not be faster."""
    work = len(tape.operands) * rows
    return work if work >= KERNEL_FROM else 0


def kernel_pays(rows: Sequence[Op], work: int, ahead: int = 0) -> bool:
    """Tell whether to run so much work in the kernel of these rows of the table; count it, if not.

    `ahead` is the work that is known to follow.
    """
    if not work:
        return False
    if not library.is_here():
        library.report(stacklevel=7)
        return False
    if library.is_loaded(rows) or work + ahead >= WAIT:
        return True
    _done[0] += work
    due = _done[0] + ahead
    looks = ahead or _done[0] % LOAD <= work  # into the cache, which takes 0.1 ms: whenever so much more is done
    if due >= LOAD and looks and library.is_on_disk(rows):
        return True
    if due >= MAKE:
        library.begin(rows)
    return False
