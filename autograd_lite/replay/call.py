"""`compile`: record a function once, then replay its tape with other numbers.

A compiled function keeps, for each shape of arguments, the tapes that it has recorded: one for each way in which its
comparisons came out. A call tries the tapes; the numbers of one whose guards all hold are the answer, else the
function is recorded once more. What a replay gives is an ordinary Value: one node, whose parents are the function's
parameters and the Values among the arguments.
"""

from __future__ import annotations

import warnings
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, update_wrapper
from itertools import compress
from operator import is_
from typing import Any

from autograd_lite import functions
from autograd_lite.derivatives import grad
from autograd_lite.engine import Value, link
from autograd_lite.modes import current, modes, no_grad
from autograd_lite.replay import source
from autograd_lite.replay.arguments import Key, flatten, has_values, objects_in, rebuild
from autograd_lite.replay.consistency import difference, same_numbers
from autograd_lite.replay.in_jax import jax_function
from autograd_lite.replay.python_runner import TOO_LARGE, StraightRunner
from autograd_lite.replay.recording import Recording, record
from autograd_lite.replay.rows import Rows
from autograd_lite.replay.surroundings import Surroundings
from autograd_lite.replay.table import (
    count_of,
    go_on_without_kernel,
    leaves_of,
    numbers_of,
    rows_at,
    tables_of,
)
from autograd_lite.replay.tape import Batch, Tape
from autograd_lite.replay.worth import MAKE, WRITE, in_one_call, kernel_pays
from autograd_lite.row import Opaque

MOST_SHAPES = 32  # of arguments, whose tapes are kept; the least recently used goes
MOST_BRANCHES = 64  # tapes of one function
MOST_CHANGES = 4  # calls one after the other, each of which finds something changed: then the function itself runs


def _recording() -> bool:
    mode = current.get()
    return mode is None or mode.recording


class Branch:
    """One tape of a function, with what runs it."""

    def __init__(self, recording: Recording, compiled: Compiled, key: Key) -> None:
        self.tape, self.shape, self.reads = recording.tape, recording.shape, recording.reads
        self.parameters = self.tape.parameters
        self.calls, self.due = 1, 2  # answered by this tape; and the one at which the function runs beside it again
        self._fast: Any = None  # what runs much work, once there was enough for a kernel
        self.is_live = [bool(self.tape.live[slot]) for slot in source.wanted(self.tape)]
        self.all_live = all(self.is_live)
        self.live_parameters = tuple(self.live_of(self.parameters))
        self._known = frozenset(self.parameters)

        def expand(node: Value, operands: Sequence[Any]) -> Any:
            if node._db is not None:  # a call over rows
                return node._db()
            positional, options = rebuild(key, operands[len(self.parameters) :])
            return compiled.function(*positional, **options)

        title = compiled.title
        on_leaves = not self.tape.live_arguments and all([p.operation is None for p in self.parameters])
        rule = f"the derivative of {title}"
        self.operation = Opaque(title, rule, expand=expand, leaves=on_leaves)

    @cached_property
    def straight(self) -> StraightRunner:
        if self.tape.nodes > TOO_LARGE:
            warnings.warn(
                f"{self.operation.name}: {self.tape.nodes} operations are many for generated Python, slow to compile;"
                " pip install 'autograd-lite[fast]' replays them in a kernel",
                stacklevel=5,
            )
        return StraightRunner(self.tape, self.operation.name)

    @cached_property
    def kernel(self) -> Any:
        from autograd_lite.replay.kernel import KernelRunner

        return KernelRunner(self.tape)

    def runner(self, rows: int) -> Any:
        """Return what runs so many rows now: the kernel where it pays, else generated Python."""
        work = in_one_call(self.tape, rows)
        if not work:
            return self.straight
        return self._fast or (self.fast() if self.pays(work) else self.straight)

    def pays(self, work: int) -> bool:
        """Tell whether so much work is enough for a kernel; Python for a large tape must be written first."""
        if self._fast is not None:
            return True
        nodes = 0 if "straight" in self.__dict__ else self.tape.nodes
        return kernel_pays(self.tape.rows, work + (MAKE if nodes > TOO_LARGE else WRITE * nodes))

    def fast(self) -> Any:
        """Return the kernel, generated Python where it does not load; what was chosen once is kept."""
        if self._fast is None:
            try:
                self._fast = self.kernel
            except ImportError as error:
                go_on_without_kernel(error)
                self._fast = self.straight
        return self._fast

    @cached_property
    def run(self) -> Callable[..., Any]:
        """What runs one row."""
        return self.straight.one if not in_one_call(self.tape, 1) else self._run_one

    def _run_one(self, *numbers: Any) -> Any:
        """Run one row of a large tape, which may be worth a kernel in time; then that runs it directly."""
        runner = self.runner(1)
        if runner is self._fast:
            self.run = runner.one
        return runner.one(*numbers)

    def numbers(self) -> list[float]:
        """Return the parameters' numbers as they are now."""
        return [p._data for p in self.parameters]

    def reads_hold(self) -> bool:
        """Tell whether the closed-over Values that were read as numbers still hold these."""
        return all(value._data is number for value, number in self.reads)

    def live_of(self, found: Sequence[Any]) -> Sequence[Any]:
        """Return those of the wanted that a gradient reaches."""
        return found if self.all_live else tuple(compress(found, self.is_live))

    def parents(self, leaves: Sequence[Any], gradients: Sequence[float]) -> tuple[tuple[Value, ...], Sequence[float]]:
        """Return what a gradient reaches, the parameters and the Values among the arguments, and the gradients.

        Each stands there once; the gradients by a parameter that was given as an argument, too, are added.
        """
        if not self.tape.live_arguments:
            return self.live_parameters, self.live_of(gradients)
        values = list(dict.fromkeys([x for x in leaves if x.__class__ is Value]))
        parents, gradients = tuple(self.live_of((*self.parameters, *values))), self.live_of(gradients)
        if self._known.isdisjoint(values):
            return parents, gradients
        sums = _sums([(parents, gradients)])
        return tuple(sums), tuple(sums.values())


class Family:
    """The tapes of a function for one shape of arguments."""

    def __init__(self, compiled: Compiled, key: Key) -> None:
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
        if self.compiled.branches >= MOST_BRANCHES:
            self.compiled.give_up()
            return None
        branch = Branch(record(self.compiled.function, leaves, self.key), self.compiled, self.key)
        self.branches.append(branch)
        return branch

    def one(self, leaves: Sequence[Any], gradient: bool) -> tuple[Branch, Any, Any] | None:
        """Return the tape that fits, with its outputs and gradients; None where the function must run itself."""
        numbers = numbers_of(leaves)
        for branch in self.branches:
            parameters = branch.numbers()
            found = branch.run(parameters, numbers, gradient)
            if found is not None and (not branch.reads or branch.reads_hold()):
                branch.calls += 1
                if branch.calls >= branch.due:
                    self.check(branch, leaves, branch.run)
                return branch, *found
        new = self.record(leaves)
        return None if new is None else (new, *new.run(new.numbers(), numbers, gradient))

    def batches(self, rows: Any, gradient: bool) -> Iterator[tuple[Branch | None, Batch | None, Sequence[int]]]:
        """Run rows of numbers on one tape after the other, each on those that no guard held for before.

        Yield the tape, its batch and the places of the rows in it; None for rows that the function must run itself.
        """
        places: Sequence[int] = range(len(rows))
        tried = 0
        while places:
            some = rows if len(places) == len(rows) else rows_at(rows, places)
            new = tried == len(self.branches)
            branch = self.record(leaves_of(some[0])) if new else self.branches[tried]
            tried += 1
            if branch is None:
                yield None, None, places
                return
            if not branch.reads_hold():
                continue
            alone = new and self.compiled.disturbed()  # by its own run: the other rows find other surroundings
            if alone:
                some = rows_at(some, [0])
            runner = branch.runner(len(some))
            some = runner.table(some)
            batch = runner.many(branch.numbers(), some, gradient)
            held = range(len(some)) if batch.held is None else [i for i, holds in enumerate(batch.held) if holds]
            if held and not (new and len(some) == 1):
                branch.calls += 1
                if branch.calls >= branch.due:
                    self.check(branch, leaves_of(some[held[-1 - branch.calls // 2 % len(held)]]), runner.one)
            yield branch, batch, places[: len(some)]
            if alone:
                yield None, None, places[1:]
                return
            places = [] if batch.held is None else [p for p, holds in zip(places, batch.held, strict=True) if not holds]

    def check(self, branch: Branch, leaves: Sequence[Any], run: Callable[..., Any]) -> None:
        """Run the function itself beside a replay, and compare them bit for bit; an error names the node.

        Random numbers drawn by it are drawn again by who comes next.
        """
        title, numbers, parameters = self.compiled.title, numbers_of(leaves), branch.numbers()
        first, last = branch.due // 2 + 1, branch.calls - 1
        with self.compiled.around.random_numbers_put_back():
            again = record(self.compiled.function, leaves, self.key, bare=True)
        values = [*again.tape.parameters, *(again.arguments[slot - again.tape.first_argument]
                                            for slot in again.tape.live_arguments)]  # fmt: skip
        branch.due = 2 * branch.calls
        if changed := difference(branch.tape, again.tape):
            self.compiled.forget()
            calls = f"call {first}" if first == last else f"calls {first} to {last}"
            late = f". It was found late: {calls} since the recording may be wrong" if first <= last else ""
            raise RuntimeError(f"compile: {title} ran otherwise a second time: {changed}{late}")
        found = run(parameters, numbers, True)
        expected = [x._data for x in again.outputs], grad(again.outputs[0], values)
        if found is None or not same_numbers([*found[0], *found[1]], [*expected[0], *expected[1]]):
            self.compiled.forget()
            raise RuntimeError(f"compile: for {numbers!r:.200} a replay of {title} gives {found!r:.200}, the function "
                               f"itself {expected!r:.200}; please report it")  # fmt: skip


class Compiled:
    """A function that is recorded once and replayed; made by `compile`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"compile: expected a function, got {type(function).__name__} {function!r:.60}")
        self.function = function
        self.title: str = getattr(function, "__name__", type(function).__name__)
        self.plain = False  # True once it has shown too many branches
        self._families: OrderedDict[Key, Family] = OrderedDict()
        self._around: Surroundings | None = None  # of the function, as it was before the first tape was recorded
        self._told = False  # whether it was said that something changes from call to call
        self._changes = 0  # calls up to now, one after the other, that found something changed
        update_wrapper(self, function, updated=())

    def __repr__(self) -> str:
        return f"compile({self.title})"

    @property
    def branches(self) -> int:
        """How many tapes are kept."""
        return sum([len(family.branches) for family in self._families.values()])

    def give_up(self) -> None:
        """Run the function itself from now on."""
        self.plain = True
        warnings.warn(
            f"compile: {self.title} took {MOST_BRANCHES} different ways through its comparisons; from now on it runs as"
            " it is, without a replay. Use ag.maximum, ag.relu or ag.clamp instead of if",
            stacklevel=5,
        )

    def runs_itself(self) -> bool:
        """Tell whether it is not replayed now: inside `anomaly`, and while another function is recorded."""
        mode = current.get() if modes else None
        return self.plain or (mode is not None and (mode.anomaly or mode.made is not None))

    def _itself(self, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """Run the function without a replay, on Values as when it is recorded: a method of theirs works either way."""
        leaves, key = flatten(args, options)
        positional, named = rebuild(key, [x if x.__class__ is Value else Value(x) for x in leaves])
        return self.function(*positional, **named)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the function's value as one node, whose parents are the parameters and the Value arguments."""
        if self.runs_itself():
            return _as_value(self._itself(args, options))
        leaves, key = flatten(args, options)
        family = self._family(key)
        found = None if family is None else family.one(leaves, not modes or _recording())
        if found is None:
            return _as_value(self._itself(args, options))
        branch, outputs, gradients = found
        self._refuse_lists(branch)
        return link(branch.operation, outputs[0], (*branch.parameters, *leaves), *branch.parents(leaves, gradients))

    def sum(self, *columns: Any, **options: Any) -> Any:
        """Return the sum of the function over the rows of a data set, as one node."""
        return self._over_rows("sum", columns, options)

    def mean(self, *columns: Any, **options: Any) -> Any:
        """Return the mean of the function over the rows of a data set, as one node."""
        return self._over_rows("mean", columns, options)

    def map(self, *columns: Any, **options: Any) -> list[Any]:
        """Return the function's number, or its lists of numbers, for each row of a data set; without a gradient."""
        results: list[Any] = [None] * count_of("map", columns)
        with no_grad():
            for branch, batch, places in self._batches(columns, options, False):
                if branch is None or batch is None:
                    for i, result in zip(places, self._plainly(columns, options, places), strict=True):
                        results[i] = _as_numbers(result)
                    continue
                outputs = batch.outputs if batch.outputs.__class__ is list else batch.outputs.tolist()
                for i, (place, numbers) in enumerate(zip(places, outputs, strict=True)):
                    if batch.held is None or batch.held[i]:
                        results[place] = rebuild(branch.shape, numbers)[0][0]
        return results

    def source(self) -> str:
        """Return the forward and the backward pass of the tape used last, as a program to read and run."""
        return source.readable(self._last_tape("write"), self.title)

    def to_jax(self) -> Callable[[Any, Any], Any]:
        """Return the tape used last as a pure JAX function of (parameters, arguments), for jit, grad, vmap, sharding.

        `parameters` is an array in the order of the function's `.parameters`, `arguments` a tuple of what this
        function was called with. Switch on JAX's 64-bit mode for the digits of floats here.
        """
        return jax_function(self._last_tape("turn into a JAX function"), self.title)

    def rows(self, *columns: Any) -> Rows:
        """Return the rows of a data set laid out for many runs."""
        return Rows(self, columns)

    # ------------------------------------------------------------------------------------------------- its parts

    def _family(self, key: Key) -> Family | None:
        """Return the tapes for a shape of arguments, and remember that it was used.

        None where something that the function reads changes from call to call, so that it must run itself.
        """
        families = self._families
        if self._around is not None:
            family = families.get(key)
            try:
                changed = self._around.changed() or ("" if family is None else family.changed(key))
            except BaseException:  # found late, or interrupted
                self.forget()
                raise
            self._changes = self._changes + 1 if changed else 0
            if changed:
                self.forget()
                if self._changes >= MOST_CHANGES:
                    self._tell_change(changed)
        if self._around is None:
            families.clear()
            self._around, family = Surroundings(self.function), None
        if self._changes >= MOST_CHANGES:
            return None
        if family is None:
            family = families[key] = Family(self, key)
            if len(families) > MOST_SHAPES:
                families.popitem(last=False)
        elif len(families) > 1:
            families.move_to_end(key)
        return family

    @property
    def around(self) -> Surroundings:
        """What the function may read besides its arguments, as it was before the tapes were recorded."""
        if self._around is None:
            self._around = Surroundings(self.function)
        return self._around

    def forget(self) -> None:
        """Drop all tapes: the next call records anew."""
        self._around = None
        self._families.clear()

    def disturbed(self) -> bool:
        """Tell whether the run that was recorded changed what the function reads."""
        return bool(self.around.always.changed())

    def _tell_change(self, changed: str) -> None:
        if not self._told:
            self._told = True
            warnings.warn(
                f"compile: {changed}, which {self.title} may read, changes from call to call; while it does, the "
                "function runs as it is, without a replay. Pass it as an argument, or keep it out of the function",
                stacklevel=4,
            )

    def _last_tape(self, purpose: str) -> Tape:
        for family in reversed(self._families.values()):
            if family.branches:
                return family.branches[-1].tape
        raise ValueError(f"compile: {self.title} has not been called yet; call it once, to have a graph to {purpose}")

    def _refuse_lists(self, branch: Branch) -> None:
        if branch.shape not in (("v",), 1, ("n",)):
            raise TypeError(
                f"compile: {self.title} returns {len(branch.tape.outputs)} numbers, and a call, sum or mean needs one:"
                " return their sum, or use map, which returns them all as floats"
            )

    def _batches(
        self, columns: Sequence[Any], options: dict[str, Any], gradient: bool
    ) -> Iterator[tuple[Branch | None, Batch | None, Sequence[int]]]:
        """Run the rows of a data set: shape by shape, and tape by tape."""
        if self.runs_itself():
            yield None, None, range(len(columns[0]))
            return
        for key, rows, places in tables_of(columns, options):
            family = self._family(key)
            if family is None or family.has_values:
                yield None, None, places
                continue
            for branch, batch, some in family.batches(rows, gradient):
                yield branch, batch, places if len(some) == len(places) else [places[i] for i in some]

    def _plainly(self, columns: Sequence[Any], options: dict[str, Any], places: Sequence[int]) -> Iterator[Any]:
        """Yield what the function itself returns for the rows in these places."""
        for i in places:
            yield self._itself([column[i] for column in columns], options)

    def _over_rows(self, how: str, columns: Sequence[Any], options: dict[str, Any]) -> Any:
        count = count_of(how, columns)
        scale = float(count) if how == "mean" else 1.0
        gradient = not modes or _recording()
        results: list[Any] = []  # of rows that the function ran itself
        batches: list[tuple[Branch, Batch]] = []
        for branch, batch, places in self._batches(columns, options, gradient):
            if branch is None or batch is None:
                results.extend(self._plainly(columns, options, places))
            else:
                self._refuse_lists(branch)
                batches.append((branch, batch))
        if not batches:
            return _as_value(functions.sum(results) / scale)
        total, parents, slopes = _added(batches, scale)

        def eagerly() -> Any:
            return functions.sum(self._plainly(columns, options, range(count))) / scale

        node = link(batches[0][0].operation, total / scale, parents, parents, slopes, eagerly)
        return node if not results else node + functions.sum(results) / scale


def _added(batches: Sequence[tuple[Branch, Batch]], scale: float) -> tuple[float, tuple[Value, ...], Sequence[float]]:
    """Return the sum over batches, the parameters that any of them has, and the gradients, divided by the scale."""
    if len(batches) == 1:
        ((branch, batch),) = batches
        found: Any = batch.gradients
        slopes = tuple([s / scale for s in found]) if found.__class__ is list else array("d", (found / scale).tobytes())
        return batch.total, branch.live_parameters, branch.live_of(slopes)
    total = 0.0
    for _, batch in batches:
        total += batch.total
    sums = _sums((branch.live_parameters, branch.live_of(batch.gradients)) for branch, batch in batches)
    return total, tuple(sums), tuple([slope / scale for slope in sums.values()])


def _sums(pairs: Iterable[tuple[Sequence[Value], Iterable[Any]]]) -> dict[Value, float]:
    """Return the sum of the gradients by each Value."""
    sums: dict[Value, float] = {}
    for values, gradients in pairs:
        for value, gradient in zip(values, gradients):  # noqa: B905  (none inside no_grad)
            sums[value] = sums.get(value, 0.0) + float(gradient)
    return sums


def compile(function: Callable[..., Any]) -> Compiled:
    """Return the function, recorded at its first call and replayed from then on; also as a decorator.

    It takes numbers, Values, or nested lists and arrays of them, and returns one scalar; the Values that it closes
    over are its parameters. `f(x)` is one node; `f.mean(X, Y)` and `f.sum(X, Y)` run the rows of a data set, and
    `f.map(X)` returns the number of each. What it compares is remembered: a call that would go another way records
    that way too. What it reads besides its arguments is watched, and it is recorded anew when that changed;
    in calls 2, 4, 8, … of a recording it runs beside its replay, and RuntimeError says what came out otherwise.

    >>> w = Value(2.0, label="w")
    >>> @compile
    ... def f(x, y):
    ...     return (w * x - y) ** 2
    >>> loss = f.mean([1.0, 2.0, 3.0], [2.0, 4.0, 9.0])
    >>> loss.backward(); loss.data, w.grad
    (3.0, -6.0)
    """
    return Compiled(function)


def _as_value(result: Any) -> Any:
    return Value(result) if result.__class__ is float else result


def _as_numbers(result: Any) -> Any:
    leaves, shape = flatten((result,), {})
    return rebuild(shape, numbers_of(leaves))[0][0]
