"""A compiled function for one shape of arguments: a branch for each way that its comparisons went so far.

A call tries the branches in turn. Where all guards of one hold, its replay is the answer; where no branch
fits, the function is recorded once more.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, pairwise, repeat
from operator import is_
from typing import Any, NamedTuple, Protocol

from autograd_lite import sweep
from autograd_lite.coerce import number_of
from autograd_lite.engine import Value
from autograd_lite.replay.arguments import Key, has_values, objects_in, rebuild
from autograd_lite.replay.consistency import difference, same_numbers
from autograd_lite.replay.recording import Recording, trace_function
from autograd_lite.replay.runners import Runners
from autograd_lite.replay.surroundings import Surroundings
from autograd_lite.replay.table import Table, numbers_of
from autograd_lite.replay.tape import Batch, Runner
from autograd_lite.row import Opaque
from autograd_lite.view import View


class Branch:
    """One way through a function: its tape, the tape's runners, and the operation that stands for a call."""

    def __init__(self, recording: Recording, function: Callable[..., Any], title: str, key: Key) -> None:
        self.tape, self.shape, self.reads = recording.tape, recording.shape, recording.reads
        self.parameters = self.tape.parameters
        self.runners = Runners(self.tape, title)
        self.calls, self.due = 1, 2  # calls answered by this tape; the one at which the function runs beside it again
        self._is_live = [bool(self.tape.live[slot]) for slot in self.tape.wanted]
        self._all_live = all(self._is_live)
        self._live_runs = _runs_of(self._is_live)
        self.live_parameters = tuple(self.live_of(self.parameters))
        self._known = frozenset(self.parameters)

        def expand(node: Value, operands: Sequence[Any]) -> Any:
            if (rows := sweep.rows_of(node)) is not None:
                return rows()
            positional, options = rebuild(key, operands[len(self.parameters) :])
            return function(*positional, **options)

        on_leaves = not self.tape.live_arguments and all([p.operation is None for p in self.parameters])
        self.operation = Opaque(title, f"the derivative of {title}", expand=expand, leaves=on_leaves)

    def numbers(self) -> Sequence[float]:
        """Return the parameters' numbers as they are now."""
        return sweep.numbers_in(self.parameters)

    def reads_hold(self) -> bool:
        """Tell whether the closed-over Values that were read as numbers still hold these."""
        return not self.reads or all(number_of(value) is number for value, number in self.reads)

    def live_of(self, found: Sequence[Any]) -> Sequence[Any]:
        """Return the entries, one for each of the tape's `wanted`, that a gradient reaches."""
        if self._all_live:
            return found
        if found.__class__ is not array:
            return tuple(compress(found, self._is_live))
        live = array("d")
        for run in self._live_runs:
            live += found[run]
        return live

    def parents(self, leaves: Sequence[Any], gradients: Sequence[float]) -> tuple[tuple[Value, ...], Sequence[float]]:
        """Return the parameters and the Values among the arguments that a gradient reaches, each once; and these.

        The gradients of a parameter that was given as an argument, too, are added.
        """
        if not self.tape.live_arguments:
            return self.live_parameters, self.live_of(gradients)
        values = list(dict.fromkeys([x for x in leaves if x.__class__ is Value]))
        parents, gradients = tuple(self.live_of((*self.parameters, *values))), self.live_of(gradients)
        if self._known.isdisjoint(values):
            return parents, gradients
        sums = summed([(parents, gradients)])
        return tuple(sums), tuple(sums.values())


def _runs_of(is_live: Sequence[bool]) -> list[slice]:
    """Return the runs of entries that are true.

    >>> _runs_of([True, True, False, True])
    [slice(0, 2, None), slice(3, 4, None)]
    """
    edges = [i for i, (before, now) in enumerate(pairwise([False, *is_live, False])) if before != now]
    return [*map(slice, edges[::2], edges[1::2])]


def summed(pairs: Iterable[tuple[Sequence[Value], Iterable[Any]]]) -> dict[Value, float]:
    """Return the sum of the gradients by each Value."""
    sums: dict[Value, float] = {}
    for values, gradients in pairs:
        for value, gradient in zip(values, gradients):  # noqa: B905  (none inside no_grad)
            sums[value] = sums.get(value, 0.0) + float(gradient)
    return sums


class Replayed(NamedTuple):
    """Rows of a data set that a branch ran; its guards hold for some of them, most often for all."""

    branch: Branch
    batch: Batch
    indices: Sequence[int]  # of the rows, in the data set

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield the index of each row that the guards hold for, and the function's result in numbers."""
        outputs, held = self.batch.outputs, self.batch.held or repeat(True)
        lines = outputs if outputs.__class__ is list else outputs.tolist()
        for index, numbers, holds in zip(self.indices, lines, held):  # noqa: B905
            if holds:
                yield index, rebuild(self.branch.shape, numbers)[0][0]


class Function(Protocol):
    """The compiled function, as its specializations see it."""

    function: Callable[..., Any]
    title: str

    @property
    def around(self) -> Surroundings: ...
    def has_too_many_branches(self) -> bool: ...
    def disturbed(self) -> bool: ...
    def forget(self) -> None: ...


class Specialization:
    """The branches of a function for one shape of arguments."""

    def __init__(self, compiled: Function, key: Key) -> None:
        self.compiled, self.key = compiled, key
        self.has_values = has_values(key)
        self.branches: list[Branch] = []
        self.objects = objects_in(key)
        self.around = Surroundings(compiled.function, *self.objects) if self.objects else None

    def changed(self, key: Key) -> str:
        """Return the name of an object among the arguments that is another one now, or holds something else."""
        if self.around is None:
            return ""
        if not all(map(is_, self.objects, objects_in(key))):
            return "an argument that is no number"
        return self.around.changed()

    def record(self, leaves: Sequence[Any]) -> Branch | None:
        """Record the function with these leaves; None where it has too many branches already."""
        compiled = self.compiled
        if compiled.has_too_many_branches():
            return None
        recording = self._recorded(leaves)
        self.branches.append(Branch(recording, compiled.function, compiled.title, self.key))
        return self.branches[-1]

    def _recorded(self, leaves: Sequence[Any]) -> Recording:
        """Return a recording of the function; RuntimeError if it draws random numbers, which may come out alike.

        A second run tells them from numbers that were drawn once, to set something up, or beside it by another thread.
        """
        compiled = self.compiled
        around, drawn = self.around or compiled.around, ""
        for _ in range(2):
            before = around.random_numbers()
            recording = trace_function(compiled.function, leaves, self.key)
            drawn = around.drawn_since(before)
            if not drawn:
                return recording
        raise RuntimeError(
            f"compile: {compiled.title} draws random numbers from {drawn}, which every replay would have again; draw"
            " them outside of the function, and pass them as arguments"
        )

    def one(self, leaves: Sequence[Any], gradient: bool) -> tuple[Branch, Any, Any] | None:
        """Return the branch that fits, with its outputs and gradients; None where the function must run eagerly."""
        numbers = numbers_of(leaves)
        for branch in self.branches:
            found = branch.runners.one(branch.numbers(), numbers, gradient)
            if found is not None and (not branch.reads or branch.reads_hold()):
                branch.calls += 1
                if branch.calls >= branch.due:
                    self.check(branch, leaves, branch.runners.one)
                return branch, *found
        new = self.record(leaves)
        return None if new is None else (new, *new.runners.one(new.numbers(), numbers, gradient))

    def run_rows(self, table: Table, gradient: bool, replays: list[Replayed]) -> Sequence[int]:
        """Run the rows of a table: each branch in turn runs the rows that all earlier ones refused.

        Append the replays, and return the indices of the rows for which the function must run eagerly.
        """
        tried = 0
        while table.indices:
            new = tried == len(self.branches)
            branch = self.record([*table.rows[0]]) if new else self.branches[tried]
            tried += 1
            if branch is None:
                break
            if not branch.reads_hold():
                continue
            alone = new and self.compiled.disturbed()  # its run changed what it reads: the other rows read other things
            some = table.at([0]) if alone else table
            count = len(some.indices)
            runner = branch.runners.of(count)
            rows = runner.table(some.rows)
            batch = runner.many(branch.numbers(), rows, gradient)
            replays.append(Replayed(branch, batch, some.indices))
            if not (new and count == 1) and (batch.held is None or any(batch.held)):
                branch.calls += 1
                if branch.calls >= branch.due:
                    self._check_one(branch, rows, batch.held, runner)
            if alone or batch.held is None:
                return table.indices[1:] if alone else ()
            table = table.at([i for i, holds in enumerate(batch.held) if not holds])
        return table.indices

    def _check_one(self, branch: Branch, rows: Any, held: Sequence[bool] | None, runner: Runner) -> None:
        """Check one of the rows that the guards of a branch hold for, each time another one."""
        indices = range(len(rows)) if held is None else [i for i, holds in enumerate(held) if holds]
        self.check(branch, [*rows[indices[-1 - branch.calls // 2 % len(indices)]]], runner.one)

    def check(self, branch: Branch, leaves: Sequence[Any], run: Callable[..., Any]) -> None:
        """Run the function itself beside a replay, and compare them bit for bit; an error names the node.

        The generators of random numbers are put back after it.
        """
        compiled, numbers, parameters = self.compiled, numbers_of(leaves), branch.numbers()
        first, last = branch.due // 2 + 1, branch.calls - 1
        with compiled.around.random_numbers_put_back():
            again = trace_function(compiled.function, leaves, self.key, for_comparison=True)
        branch.due = 2 * branch.calls
        if changed := difference(branch.tape, again.tape):
            compiled.forget()
            calls = f"call {first}" if first == last else f"calls {first} to {last}"
            late = f". It was found late: {calls} since the recording may be wrong" if first <= last else ""
            raise RuntimeError(f"compile: {compiled.title} ran otherwise a second time: {changed}{late}")
        found = run(parameters, numbers, True)
        arguments = [again.arguments[slot - again.tape.first_argument] for slot in again.tape.live_arguments]
        slopes = View(again.outputs[0]).gradients
        expected = numbers_of(again.outputs), [slopes.get(id(x), 0.0) for x in (*again.tape.parameters, *arguments)]
        if found is None or not same_numbers([*found[0], *found[1]], [*expected[0], *expected[1]]):
            compiled.forget()
            raise RuntimeError(f"compile: for {numbers!r:.200} a replay of {compiled.title} gives {found!r:.200}, the "
                               f"function itself {expected!r:.200}; please report it")  # fmt: skip
