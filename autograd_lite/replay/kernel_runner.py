"""Run a tape in a kernel: for one row of numbers, or for many rows side by side.

The kernel itself is C (`kernel/loops.c`); here are the arrays that it runs on, one room for each thread.
"""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Sequence
from ctypes import Structure, addressof, byref, c_char, c_longlong, c_void_p
from functools import cache, cached_property
from operator import sub
from struct import Struct
from typing import Any

from autograd_lite.kernel.library import library
from autograd_lite.kernel.text import COMPARISONS
from autograd_lite.replay import slots
from autograd_lite.replay.lanes import Lanes, lanes_of
from autograd_lite.replay.sums import CHUNK, PARTS
from autograd_lite.replay.table import Matrix
from autograd_lite.replay.tape import Batch, Tape

SHARED = 1_000_000  # the work, operands times rows, from which on other threads are woken: 0.4 ms of one


class _Nodes(Structure):
    _fields_ = (
        ("first", c_longlong),
        *[(name, c_void_p) for name in ("codes", "starts", "operands", "to", "live", "units")],
    )


class _Guards(Structure):
    _fields_ = (("count", c_longlong), *[(name, c_void_p) for name in ("how", "left", "right", "held")])


def _numbers(*names: str) -> list[tuple[str, Any]]:
    return [(name, c_longlong) for name in names]


def _pointers(*names: str) -> list[tuple[str, Any]]:
    return [(name, c_void_p) for name in names]


_CALL = (
    *_numbers("forward", "backward", "gradient", "begin", "end"),
    *_numbers("row_step", "column_step"), *_pointers("rows"),
    *_numbers("result_step", "output_step"), *_pointers("results", "held"), *_numbers("refused"),
)  # fmt: skip
_call = Struct("".join(["q" if kind is c_longlong else "P" for _, kind in _CALL]))  # writes all of them at once


class _Run(Structure):
    """The struct of the same name in loops.c: a tape, the arrays of a room, and what one call is to do."""

    _fields_ = (
        ("once", _Nodes), ("once_guards", _Guards),
        *_numbers("ranges", "seed"), *_pointers("range", "numbers", "gradients", "lists"),
        ("each", _Nodes), ("guards", _Guards),
        *_numbers("count", "width", "arguments", "filled", "outputs", "uses", "seed_use", "chunk"),
        *_pointers("fill", "output", "used", "v", "g", "weights", "partial", "sums"),
        *_CALL,
    )  # fmt: skip


def _address(numbers: Any) -> int:
    """Return where the numbers of an array stand."""
    if numbers.__class__ is array:
        return numbers.buffer_info()[0]
    return addressof(c_char.from_buffer(numbers)) if numbers else 0


def _aligned(numbers: array[float]) -> int:
    """Return the first address in an array that a group of lanes may stand at without crossing a line of the cache."""
    return -(-_address(numbers) // 64) * 64


_ZERO = array("d", [0.0])


def _zeros(count: int) -> array[float]:
    return _ZERO * count


class _Room:
    """The numbers of one run: each thread works in its own."""

    def __init__(self, runner: KernelRunner) -> None:
        tape = runner.tape
        self.numbers = array("d", bytes(8 * len(tape.parameters)))
        self.numbers.extend(tape.constants)
        self.numbers.extend(_zeros(tape.slots - len(self.numbers)))
        self.gradients, self.lists = _zeros(tape.slots), _zeros(2 * runner.longest)
        self.one = self.connected(runner.prepared)
        self.pointer = byref(self.one)

    def connected(self, prepared: _Run) -> _Run:
        """Return the arrays of a tape with those of this room."""
        run = _Run.from_buffer_copy(prepared)
        run.numbers, run.gradients = _address(self.numbers), _address(self.gradients)
        run.lists = _address(self.lists)
        return run

    def widen(self, lanes: Lanes, prepared: _Run) -> None:
        """Make room for many rows."""
        lines, uses = lanes.first + len(lanes.nodes), len(lanes.used) + 1
        self.lines, self.gradient_lines = (_zeros(lanes.width * lines + PARTS) for _ in range(2))
        self.partial, self.sums = _zeros(PARTS * uses + PARTS), _zeros(uses)
        self.many = run = self.connected(prepared)
        self.many_pointer = byref(run)
        run.v, run.g, run.partial = map(_aligned, (self.lines, self.gradient_lines, self.partial))
        self.weights = _zeros(len(lanes.operands))
        run.weights, run.sums = _address(self.weights), _address(self.sums)


class KernelRunner:
    """Runs a tape by a compiled kernel. Threads may share it."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        made = library(tape.rows)
        self.call, self.add = made.run, made.add
        slots.lend(made.handle)
        code = {row: i for i, row in enumerate(made.rows)}
        self.codes = [code[row] for row in tape.rows]
        self.longest = max(map(sub, tape.starts[1:], tape.starts[:-1]), default=0)
        self.dead = [i for i, slot in enumerate(tape.wanted) if not tape.live[slot]]
        self._kept: list[Any] = []
        self.prepared = run = _Run()
        codes = array("H", map(self.codes.__getitem__, tape.row))
        run.once = self._nodes(tape.first_node, codes, tape.starts, tape.operands, tape.operands, tape.live)
        run.once_guards = self._guards([g.left for g in tape.guards], [g.right for g in tape.guards])
        run.ranges, run.range, run.seed = 1, self._keep(array("i", [0, tape.nodes])), tape.outputs[0]
        self._parameters, self._arguments = Struct(f"{len(tape.parameters)}d"), Struct(f"{tape.arguments}d")
        self._rooms: deque[_Room] = deque()

    def _keep(self, numbers: Any) -> int:
        """Return the address of an array, which stays there as long as this runner."""
        self._kept.append(numbers)
        return _address(numbers)

    def _nodes(self, first: int, *arrays: Any) -> _Nodes:
        return _Nodes(first, *map(self._keep, arrays))

    def _guards(self, left: Sequence[int], right: Sequence[int]) -> _Guards:
        guards = self.tape.guards
        hows, held = [COMPARISONS.index(g.how) for g in guards], [int(g.held) for g in guards]
        return _Guards(len(guards), *[self._keep(array("i", x)) for x in (hows, left, right, held)])

    @cached_property
    def _lanes(self) -> tuple[Lanes, _Run]:
        """The tape laid out for many rows."""
        lanes, run = lanes_of(self.tape, self.codes), _Run.from_buffer_copy(self.prepared)
        run.once_guards.count, run.seed = 0, -1
        run.ranges, run.range = len(lanes.ranges) // 2, self._keep(lanes.ranges)
        run.each = self._nodes(
            lanes.first, lanes.codes, lanes.starts, lanes.operands, lanes.to, lanes.live, lanes.units
        )
        run.guards = self._guards(*lanes.guards)
        run.count, run.width, run.arguments = len(lanes.nodes), lanes.width, self.tape.arguments
        run.filled, run.fill, run.uses, run.used = (
            len(lanes.fill),
            self._keep(lanes.fill),
            len(lanes.used),
            self._keep(lanes.used),
        )
        run.outputs, run.output, run.seed_use = len(lanes.output), self._keep(lanes.output), lanes.seed_use
        run.chunk = CHUNK
        return lanes, run

    def table(self, rows: Any) -> Matrix:
        """Return rows of numbers as `many` takes them."""
        return rows if rows.__class__ is Matrix else Matrix.of(rows, self.tape.arguments)

    def one(
        self, parameters: Sequence[float], arguments: Sequence[float], gradient: bool
    ) -> tuple[tuple[float, ...], Sequence[float]] | None:
        """Run one row of numbers: the outputs, and the gradients of the first by parameters and Value arguments.

        None where a guard does not hold; no gradients where none are asked for.
        """
        tape = self.tape
        room = self._enter()
        numbers, run = room.numbers, room.one
        self._put(parameters, numbers)
        self._arguments.pack_into(numbers, numbers.itemsize * tape.first_argument, *arguments)
        run.forward, run.backward, run.refused = 1, gradient, 0
        self.call(room.pointer)
        found = None
        if not run.refused:
            outputs = tuple([numbers[slot] for slot in tape.outputs])
            found = outputs, self._gradients(room) if gradient else []
        self._leave(room)
        return found

    def _put(self, parameters: Sequence[float], numbers: array[float]) -> None:
        """Write the parameters' numbers to their slots; with a list this is quicker than to make an array of it."""
        if parameters.__class__ is array:
            numbers[: len(parameters)] = parameters
        else:
            self._parameters.pack_into(numbers, 0, *parameters)

    def _gradients(self, room: _Room) -> array[float]:
        found = room.gradients[: len(self.tape.parameters)]
        found.extend([room.gradients[slot] for slot in self.tape.live_arguments])
        for i in self.dead:
            found[i] = 0.0
        return found

    def many(self, parameters: Sequence[float], rows: Matrix, gradient: bool) -> Batch:
        """Run many rows of arguments, and sum the first output and its gradients by the parameters over them.

        Rows that a guard does not hold for count neither in the total nor in the gradients.
        """
        results = self._results(rows)
        held = bytearray(b"\1") * len(rows) if self.tape.guards else bytearray()
        room = self._enter(many=True)
        self._put(parameters, room.numbers)
        holds = self._run(room, rows, gradient, results, held)
        if not holds:
            kept = rows.at([i for i, holds in enumerate(held) if holds])
            self._run(room, kept, gradient, self._results(kept), bytearray(len(kept)))
        gradients = room.gradients[: len(parameters)]
        total = room.sums[-1]
        for i in self.dead:
            if i < len(gradients):
                gradients[i] = 0.0
        self._leave(room)
        return Batch(results, None if holds else [*map(bool, held)], total, gradients)

    def _results(self, rows: Matrix) -> Matrix:
        outputs = len(self.tape.outputs)
        return Matrix(_zeros(outputs * rows.count), outputs, rows.count, in_columns=True)

    def _run(self, room: _Room, rows: Matrix, gradient: bool, results: Matrix, held: bytearray) -> bool:
        """Run all rows, in chunks; tell whether the guards hold for each. The sums stay in the room."""
        run, count = room.many, rows.count
        places = *rows.steps, rows.address, *results.steps, results.address, _address(held)
        _call.pack_into(run, _Run.forward.offset, 1, gradient, gradient, 0, count, *places, 0)
        threads = min(-(-count // CHUNK), _threads()) if count * len(self.tape.operands) >= SHARED else 1
        if threads == 1:
            room.sums[-1] = 0.0
            self.call(room.many_pointer)
            return not run.refused
        run.begin = run.end = run.backward = 0
        self.call(byref(run))
        chunks = self._chunks(room, count, threads, (rows, results, held))
        if any([refused for refused, _ in chunks]):
            run.refused = 1
            return False
        room.sums[:] = _zeros(len(room.sums))
        for _, part in chunks:
            self.add(_address(room.sums), _address(part), len(part))
        if gradient:
            run.forward, run.backward, run.begin, run.end = 0, 1, 0, 0
            self.call(byref(run))
        return True

    def _chunks(self, room: _Room, count: int, threads: int, used: Any) -> list[tuple[int, array[float]]]:
        """Run all chunks of rows, each in the first thread that is free; return the sums of each, in order.

        After an interrupt a thread may still run, so it keeps the arrays that are `used` alive.
        """
        begins: deque[int | None] = deque([*range(0, count, CHUNK), *[None] * threads])
        found: dict[int, tuple[int, array[float]]] = {}
        given = room.many

        def work(_: Any = (room, used)) -> None:
            own = self._enter(many=True)
            run = own.many
            for name in ("numbers", "gradient", "held", "rows", "row_step", "column_step",
                         "results", "result_step", "output_step"):  # fmt: skip
                setattr(run, name, getattr(given, name))
            run.forward = run.backward = 0
            while (begin := begins.popleft()) is not None:
                run.begin, run.end, run.refused = begin, min(begin + CHUNK, count), 0
                self.call(byref(run))
                found[begin] = run.refused, own.sums[:]
            run.numbers = _address(own.numbers)
            self._leave(own)

        others = [_pool(threads - 1).submit(work) for _ in range(threads - 1)]
        try:
            work()
        finally:
            begins.extendleft([None] * threads)  # so that the others end after an interrupt, too
        for other in others:
            if not other.cancel():  # one that has not begun, in a pool that has other work, is not waited for
                other.result()
        return [found[begin] for begin in sorted(found)]

    def _enter(self, many: bool = False) -> _Room:
        """Return a room that no other thread is in."""
        try:
            room = self._rooms.pop()
        except IndexError:
            room = _Room(self)
        if many and not hasattr(room, "many"):
            room.widen(*self._lanes)
        return room

    def _leave(self, room: _Room) -> None:
        """Keep a room for the next run; not after an error, which may have left numbers in it."""
        self._rooms.append(room)


def _threads() -> int:
    """Return how many threads may run: as many as our processors, or fewer if the environment says so."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    named = os.environ.get("OMP_NUM_THREADS", "")
    return min(ours, max(1, int(named))) if named.isdecimal() else ours


@cache
def _pool(threads: int) -> Any:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads, thread_name_prefix="autograd_lite")
