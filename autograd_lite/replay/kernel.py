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
from itertools import chain
from struct import Struct
from typing import TYPE_CHECKING, Any

from autograd_lite.replay.arms import HOWS
from autograd_lite.replay.compiled import kernels_for
from autograd_lite.replay.layers import in_layers
from autograd_lite.replay.source import wanted
from autograd_lite.replay.tape import Batch, Tape

if TYPE_CHECKING:
    import numpy as np

CHUNK = 1024  # rows that one thread sums
SEVERAL = 4096  # rows from which on several threads pay
LANES = 128  # rows of a block
NEAR = 1 << 20  # bytes that stay near the processor: blocks of long tapes have fewer rows


class _Room:
    """The numbers of one run: each thread works in its own."""

    def __init__(self, tape: Tape, longest: int) -> None:
        import numpy as np

        self.v = np.zeros(tape.slots + 1)  # the last one is nowhere: gradients that nobody asks for go there
        self.v[len(tape.parameters) : tape.first_argument] = tape.constants
        self.g = np.zeros(tape.slots + 1)
        self.lists = np.empty(longest), np.empty(longest)  # a node's operands, and its partials
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
        self.plan = (
            np.array(codes, np.int16)[_view(tape.row)],
            starts,
            operands.view(np.uint32),
            to.view(np.uint32),
            self.guards,
        )
        self._parameters, self._arguments = Struct(f"{len(tape.parameters)}d"), Struct(f"{tape.arguments}d")
        self._wanted = np.array(wanted(tape), np.intp)
        self._longest = int(np.diff(starts).max(initial=0))
        self._rooms: deque[_Room] = deque()

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
        held = self.kernels.run_one(self.all, True, gradient, tape.outputs[0], *self.plan, v, g, *room.lists)
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

        self.runner = runner
        tape, kernels = runner.tape, runner.kernels
        codes, starts, operands, to, _ = runner.plan
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
        self.steady = (*runner.plan[:4], np.zeros((4, 0), np.int32))  # how these run: once, and before all guards
        lines += len(lined)
        width = LANES
        while width > 8 and 16 * width * lines > NEAR:
            width //= 2
        self.shape = lines, width
        self.all_held = np.ones(0, np.bool_)  # of a tape without guards

    def run(self, parameters: Sequence[float] | np.ndarray, rows: np.ndarray, gradient: bool) -> Batch:
        import numpy as np

        runner = self.runner
        tape, kernels = runner.tape, runner.kernels
        if not rows.flags.writeable:  # to numba an array of another type, for which it would compile again
            rows = rows.copy()
        outputs = np.empty((len(rows), len(tape.outputs)))
        held = np.ones(len(rows), np.bool_) if tape.guards else self.all_held
        room = runner.enter()
        v, g = room.v, room.g
        runner.put(parameters, v)
        g[: tape.first_node] = 0.0
        if len(self.uniform):
            kernels.run_one(self.uniform, True, False, -1, *self.steady, v, g, *room.lists)
        if len(rows) <= CHUNK:
            total = self._sum(0, rows, gradient, v, g, room, outputs, held)
        else:
            total = 0.0
            for part, gradients in self._chunks(rows, gradient, v, outputs, held):
                total += part
                g += gradients
        if gradient and len(self.uniform):
            kernels.run_one(self.uniform, False, True, -1, *self.steady, v, g, *room.lists)
        gradients = g[: len(tape.parameters)].copy()
        runner.leave(room)
        return Batch(outputs, held.tolist() if tape.guards and not held.all() else None, total, gradients)

    def _chunks(self, rows: np.ndarray, gradient: bool, v: np.ndarray, outputs: np.ndarray, held: np.ndarray) -> Any:
        """Yield what each chunk of rows sums to, in order."""
        import numpy as np

        def chunk(begin: int) -> tuple[float, np.ndarray]:
            room = self.runner.enter()
            sums = np.zeros(len(v))
            total = self._sum(begin, rows, gradient, v, sums, room, outputs, held)
            self.runner.leave(room)
            return total, sums

        begins = range(0, len(rows), CHUNK)
        threads = _threads() if len(rows) >= SEVERAL else 1
        if threads == 1:
            return map(chunk, begins)
        size = max(1, len(begins) // (8 * threads))  # chunks that a thread takes at a time: a few, for taking costs
        parts = [begins[i : i + size] for i in range(0, len(begins), size)]
        return chain.from_iterable(_pool(threads).map(lambda some: [chunk(begin) for begin in some], parts))

    def _sum(self, begin: int, rows: np.ndarray, gradient: bool, v: np.ndarray, sums: np.ndarray, room: _Room,
             outputs: np.ndarray, held: np.ndarray) -> float:  # fmt: skip
        """Run one chunk of rows; add its gradients to `sums` and return the sum of its first outputs."""
        V, G = room.lanes = room.lanes or self._new_lanes()
        end = min(begin + CHUNK, len(rows))
        return self.runner.kernels.run_rows(  # type: ignore[no-any-return]
            rows, begin, end, gradient, *self.plan, v, sums, V, G, *room.lists, outputs, held
        )

    def _new_lanes(self) -> tuple[np.ndarray, np.ndarray]:
        import numpy as np

        return np.zeros(self.shape), np.zeros(self.shape)


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
