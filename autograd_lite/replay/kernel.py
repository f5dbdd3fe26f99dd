"""Replay a tape by compiled kernels (extra `fast`): for one row of numbers, or for many rows side by side.

The kernels stand in `arms.py`; here are the arrays that they run on. Many rows are cut into chunks of a fixed size,
each summed by one thread and added in order, so that a sum's bits do not depend on the number of threads.
"""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Sequence
from functools import cache, cached_property
from struct import Struct
from typing import TYPE_CHECKING, Any

from autograd_lite.replay.arms import HOWS
from autograd_lite.replay.compiled import kernels_for
from autograd_lite.replay.layers import in_layers
from autograd_lite.replay.tape import Batch, Tape

if TYPE_CHECKING:
    import numpy as np

CHUNK = 2048  # rows that one thread sums: where there are more, several threads may
LANES = 128  # rows of a block
NEAR = 1 << 20  # bytes that stay near the processor: blocks of long tapes have fewer rows


class _Room:
    """The numbers of one run: each thread works in its own."""

    def __init__(self, tape: Tape, longest: int) -> None:
        import numpy as np

        self.v = np.zeros(tape.slots + 1)  # the last one is nowhere: unwanted gradients go there
        self.v[len(tape.parameters) : tape.first_argument] = tape.constants
        self.g = np.zeros(tape.slots + 1)
        self.lists = np.empty((2, longest))  # a node's operands, and its partials
        self.lanes: Any = None  # V and G, of a run of many rows


class KernelRunner:
    """Runs a tape by the compiled kernels. Threads may share it."""

    def __init__(self, tape: Tape) -> None:
        import numpy as np

        self.tape = tape
        self.kernels, codes = kernels_for(tape.rows)
        starts, operands = _view(tape.starts), _view(tape.operands)
        self.live = np.frombuffer(tape.live, np.bool_)
        asked = np.repeat(self.live[tape.first_node :], np.diff(starts)) & self.live[operands]
        to = np.where(asked, operands, np.int32(tape.slots))
        guards = [(HOWS.index(guard.how), guard.left, guard.right, guard.held) for guard in tape.guards]
        self.guards = np.array(guards, np.int32).reshape(-1, 4).T.copy()
        self.all = np.array([[0, tape.nodes]])
        # unsigned: numba need not look whether they count from the end
        self.plan = np.array(codes, np.int16)[_view(tape.row)], starts, operands.view(np.uint32), to.view(np.uint32)
        none, table = np.zeros(0, np.int32), np.zeros((0, 0), np.int32)
        self.no_rows = np.zeros((0, 0)), 0, 0, table, none, none, none, table
        self.no_lanes = np.zeros((2, 0, 0)), np.zeros((0, 0)), np.zeros(0, np.bool_)
        self._parameters, self._arguments = Struct(f"{len(tape.parameters)}d"), Struct(f"{tape.arguments}d")
        self._wanted = np.array(tape.wanted, np.intp)
        self._longest = int(np.diff(starts).max(initial=0))
        self._rooms: deque[_Room] = deque()

    def table(self, rows: Any) -> np.ndarray:
        """Return rows of numbers as `many` takes them."""
        import numpy as np

        return np.array(rows, np.float64).reshape(len(rows), self.tape.arguments) if rows.__class__ is list else rows

    def one(
        self, parameters: Sequence[float], arguments: Sequence[float], gradient: bool
    ) -> tuple[tuple[float, ...], Sequence[float]] | None:
        """Run one row of numbers: the outputs, and the gradients of the first by parameters and Value arguments.

        None where a guard does not hold; no gradients where none are asked for.
        """
        tape = self.tape
        room = self.enter()
        v, g = room.v, room.g
        self.put(parameters, v)
        self._arguments.pack_into(v.data, v.itemsize * tape.first_argument, *arguments)
        held, _ = self.kernels.run(
            True, gradient, self.all, tape.outputs[0], *self.plan, self.guards, *self.no_rows, v, g, room.lists,
            *self.no_lanes
        )  # fmt: skip
        found = None
        if held:
            outputs = tuple([v.item(slot) for slot in tape.outputs])
            found = outputs, array("d", g[self._wanted].tobytes()) if gradient else []
        self.leave(room)
        return found

    def put(self, parameters: Sequence[float] | np.ndarray, v: np.ndarray) -> None:
        """Write the parameters' numbers to their slots."""
        if parameters.__class__ is list:  # in one call, where NumPy would ask each number what it is
            self._parameters.pack_into(v.data, 0, *parameters)
        else:
            v[: len(parameters)] = parameters

    def many(self, parameters: Sequence[float] | np.ndarray, rows: np.ndarray, gradient: bool) -> Batch:
        """Run many rows of arguments, and sum the first output and its gradients by the parameters over them.

        Rows that a guard does not hold for count neither in the total nor in the gradients.
        """
        return self._lanes.run(parameters, rows, gradient)

    @cached_property
    def _lanes(self) -> _Lanes:
        return _Lanes(self)

    def enter(self) -> _Room:
        """Return a room that no other thread is in."""
        try:
            return self._rooms.pop()
        except IndexError:
            return _Room(self.tape, self._longest)

    def leave(self, room: _Room) -> None:
        """Keep a room for the next run; not after an error, which may have left numbers in it."""
        self._rooms.append(room)


class _Lanes:
    """A tape laid out for many rows: which slots vary from row to row, and the line of each one that does."""

    def __init__(self, runner: KernelRunner) -> None:
        import numpy as np

        self.numpy, self.runner = np, runner  # an import in a function that many steps call would take a part of each
        tape, kernels = runner.tape, runner.kernels
        codes, starts, operands, to = runner.plan
        varies = np.zeros(tape.slots, np.bool_)
        varies[tape.first_argument : tape.first_node] = True
        ways = np.zeros(tape.nodes, np.int32)
        kernels.spread(codes, starts, operands, tape.first_node, varies, ways)
        lines = kernels.OPERANDS + kernels.SHARES  # those before the arguments'
        varying, units = in_layers(tape, np.flatnonzero(varies[tape.first_node :]), ways, varies)
        lined = np.concatenate([np.arange(tape.first_argument, tape.first_node), tape.first_node + varying])
        place = ~np.arange(tape.slots, dtype=np.int32)
        place[lined] = np.arange(lines, lines + len(lined))
        nodes = [x[varying] for x in (codes, starts[:-1], np.diff(starts), ways, runner.live[tape.first_node :])]
        nodes.append(units)
        guards = runner.guards.copy()
        guards[1:3] = place[guards[1:3]]
        self.plan = (
            *(np.array(nodes, np.int32).T.copy(), place[operands], np.where(to < tape.slots, place[operands], 0)),
            *(place[list(tape.outputs)], guards),
        )
        edges = np.flatnonzero(np.diff(varies[tape.first_node :], prepend=True, append=True))
        self.uniform = edges.reshape(-1, 2)  # ranges of nodes that are not among the varying
        self.none = self.uniform[:0]
        self.no_guards = np.zeros((4, 0), np.int32)  # for these, which run before all guards
        lines += len(lined)
        width = LANES
        while width > 8 and 16 * width * lines > NEAR:
            width //= 2
        self.shape = lines, width
        self.all_held = np.ones(0, np.bool_)  # of a tape without guards

    def run(self, parameters: Sequence[float] | np.ndarray, rows: np.ndarray, gradient: bool) -> Batch:
        np, runner = self.numpy, self.runner
        tape = runner.tape
        if not rows.flags.writeable:  # to numba an array of another type, for which it would compile again
            rows = rows.copy()
        outputs = np.empty((len(rows), len(tape.outputs)))
        held = np.ones(len(rows), np.bool_) if tape.guards else self.all_held
        room = runner.enter()
        v, g = room.v, room.g
        runner.put(parameters, v)
        if len(rows) <= CHUNK:
            total = self._run(True, gradient, self.uniform, 0, len(rows), rows, room, v, g, outputs, held)
        else:
            self._run(True, False, self.uniform, 0, 0, rows, room, v, g, outputs, held)
            total = 0.0
            for part, gradients in self._chunks(rows, gradient, v, outputs, held):
                total += part
                g += gradients
            self._run(False, gradient, self.uniform, 0, 0, rows, room, v, g, outputs, held)
        gradients = g[: len(tape.parameters)].copy()
        runner.leave(room)
        return Batch(outputs, held.tolist() if tape.guards and not held.all() else None, total, gradients)

    def _chunks(self, rows: np.ndarray, gradient: bool, v: np.ndarray, outputs: np.ndarray,
                held: np.ndarray) -> list[tuple[float, np.ndarray]]:  # fmt: skip
        """Run all chunks of rows, each in the first thread that is free; return the sums of each, in order."""
        threads = _threads()
        begins: deque[int | None] = deque([*range(0, len(rows), CHUNK), *[None] * threads])
        found: dict[int, tuple[float, np.ndarray]] = {}

        def work() -> None:
            room = self.runner.enter()
            while (begin := begins.popleft()) is not None:
                sums, end = self.numpy.zeros(len(v)), min(begin + CHUNK, len(rows))
                total = self._run(True, gradient, self.none, begin, end, rows, room, v, sums, outputs, held)
                found[begin] = total, sums
            self.runner.leave(room)

        others = [_pool(threads - 1).submit(work) for _ in range(threads - 1)]
        try:
            work()
        finally:
            begins.extendleft([None] * threads)  # so that the others end after an interrupt, too
        for other in others:
            if not other.cancel():  # one that has not begun, in a pool that has other work, is not waited for
                other.result()
        return [found[begin] for begin in sorted(found)]

    def _run(self, forward: bool, backward: bool, ranges: np.ndarray, begin: int, end: int, rows: np.ndarray,
             room: _Room, v: np.ndarray, g: np.ndarray, outputs: np.ndarray, held: np.ndarray) -> float:  # fmt: skip
        """Run ranges of uniform nodes, and one chunk of rows; add to `g`, return the sum of the first outputs."""
        if room.lanes is None:
            room.lanes = self.numpy.zeros((2, *self.shape))
        runner = self.runner
        return runner.kernels.run(  # type: ignore[no-any-return]
            forward, backward, ranges, -1, *runner.plan, self.no_guards, rows, begin, end, *self.plan,
            v, g, room.lists, room.lanes, outputs, held
        )[1]  # fmt: skip


def _view(numbers: Any) -> Any:
    """Return an array from the standard library as NumPy's, without a copy."""
    import numpy as np

    return np.frombuffer(numbers, numbers.typecode) if numbers else np.zeros(0, numbers.typecode)


def _threads() -> int:
    """Return how many threads may run: as many as our processors, or fewer if the environment says so."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    named = [os.environ.get(name, "") for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS")]
    return min([ours, *(max(1, int(text)) for text in named if text.isdecimal())])


@cache
def _pool(threads: int) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads, thread_name_prefix="autograd_lite")
