"""`compile`: record a function once, then replay its tape with other numbers.

A compiled function has a `Specialization` for each shape of arguments, with a `Branch` for each way that its
comparisons went; each branch has a tape and its `Runners`. What a replay gives is an ordinary Value: one node, whose
parents are the function's parameters and the Values among the arguments.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial, update_wrapper
from types import MethodType
from typing import Any

from autograd_lite import functions
from autograd_lite.checks import plural
from autograd_lite.engine import Value, record_precomputed
from autograd_lite.modes import Mode, current, in_mode, is_recording, open_modes, recorded
from autograd_lite.replay import source
from autograd_lite.replay.arguments import Key, flatten, rebuild
from autograd_lite.replay.in_jax import jax_function
from autograd_lite.replay.numbers import Argument, mark_numbers
from autograd_lite.replay.over_rows import Eager, added, in_numbers
from autograd_lite.replay.rows import Rows
from autograd_lite.replay.specialization import Branch, Replayed, Specialization
from autograd_lite.replay.surroundings import Surroundings
from autograd_lite.replay.table import Seen, Table, count_of, refuse_others
from autograd_lite.replay.tape import Tape

MOST_SHAPES = 32  # of arguments, whose tapes are kept; the least recently used goes
MOST_BRANCHES = 64  # tapes of one function
MOST_CHANGES = 4  # calls one after the other, each of which finds something changed: then the function itself runs


class Compiled:
    """A function that is recorded once and replayed; made by `compile`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise TypeError(f"compile: expected a function, got {type(function).__name__} {function!r:.60}")
        self.function = function
        self.title: str = getattr(function, "__name__", type(function).__name__)
        self.gave_up = False  # after too many branches: the function runs eagerly from then on
        self._specializations: OrderedDict[Key, Specialization] = OrderedDict()
        self._around: Surroundings | None = None  # of the function, as it was before the first tape was recorded
        self._name = ""  # in the class whose method it is
        self._warned = False  # that something changes from call to call, or comes in too many shapes
        self._seen = Seen()  # the data set of the last call
        self._changes = 0  # calls up to now, one after the other, that found something changed
        update_wrapper(self, function, updated=())

    def __repr__(self) -> str:
        return f"compile({self.title})"

    def __set_name__(self, owner: Any, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any = None) -> Compiled:
        """Return the function of a class bound to an object, as a method is; each object has its own recordings."""
        if instance is None:
            return self
        found = vars(instance).get(self._name)  # where Python itself does not look for a `__call__`
        if found.__class__ is Compiled and getattr(found.function, "__func__", None) is self.function:
            return found
        bound = Compiled(MethodType(self.function, instance))
        if getattr(type(instance), self._name, None) is self:
            vars(instance)[self._name] = bound  # found there from now on
        return bound

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.function,)  # a copy records anew

    @property
    def branches(self) -> int:
        """How many tapes are kept."""
        return sum([len(found.branches) for found in self._specializations.values()])

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return the function's value as one node, whose parents are the parameters and the Value arguments."""
        if self.runs_eagerly():
            return _as_value(self._eagerly(args, options))
        leaves, key = flatten(args, options)
        specialization = self.specialization(key)
        found = None if specialization is None else specialization.one(leaves, not open_modes or is_recording())
        if found is None:
            return _as_value(self._eagerly(args, options))
        branch, outputs, gradients = found
        self._refuse_lists(branch)
        return record_precomputed(
            branch.operation, outputs[0], (*branch.parameters, *leaves), *branch.parents(leaves, gradients)
        )

    def sum(self, *columns: Any, **options: Any) -> Any:
        """Return the sum of the function over the rows of a data set, as one node."""
        return self._over_rows(columns, options, count_of("sum", columns), 1.0)

    def mean(self, *columns: Any, **options: Any) -> Any:
        """Return the mean of the function over the rows of a data set, as one node."""
        count = count_of("mean", columns)
        return self._over_rows(columns, options, count, float(count))

    def map(self, *columns: Any, **options: Any) -> list[Any]:
        """Return the function's number, or its lists of numbers, for each row of a data set; without a gradient."""
        results: list[Any] = [None] * count_of("map", columns)
        replays, eager = self._run_rows(columns, options, False)
        for pairs in [*[part.results() for part in replays], *[part.results() for part in eager]]:
            for index, result in pairs:
                results[index] = result
        return results

    def rows(self, *columns: Any) -> Rows:
        """Return the rows of a data set laid out for many runs."""
        count_of("rows", columns)
        if self.runs_eagerly():
            raise TypeError(f"compile: inside anomaly() {self.title} runs operation by operation")
        return Rows(self.specialization, self.title, columns)

    def source(self) -> str:
        """Return the forward and the backward pass of the tape used last, as a program to read and run."""
        return source.readable(self._last_tape("write"), self.title)

    def to_jax(self) -> Callable[[Any, Any], Any]:
        """Return the tape used last as a pure JAX function of (parameters, arguments), for jit, grad, vmap, sharding.

        With `j = f.to_jax()`, `j(parameters, (1.0, 2.0))` is `f(1.0, 2.0)`: `parameters` is an array with the numbers
        of the Values in `j.parameters`, in their order, as in `[p.data for p in j.parameters]`. Switch on JAX's 64-bit
        mode for the digits of floats here.
        """
        return jax_function(self._last_tape("turn into a JAX function"), self.title)

    # ------------------------------------------------------------------------------------------ without a replay

    def runs_eagerly(self) -> bool:
        """Tell whether calls run without a replay now: inside `anomaly`, and while another function is recorded."""
        mode = current.get() if open_modes else None
        return self.gave_up or (mode is not None and (mode.anomaly or mode.made is not None))

    def _eagerly(self, args: Sequence[Any], options: dict[str, Any]) -> Any:
        """Run the function without a replay, on Values as when it is recorded: a method of theirs works either way."""
        leaves, key = flatten(args, options)
        positional, named = rebuild(key, [x if x.__class__ is Value else Argument(x) for x in leaves])
        with in_mode(replace(current.get() or Mode(), computing=mark_numbers)):
            return self.function(*positional, **named)

    def _eager_rows(
        self, columns: Sequence[Any], options: dict[str, Any], indices: Sequence[int], gradient: bool = True
    ) -> Eager:
        """Run these rows of a data set without a replay; without a gradient, keep only the numbers of each."""
        returned: list[Any] = []
        with nullcontext() if gradient else recorded():  # the function may differentiate inside
            for i in indices:
                row = [column[i] for column in columns]
                try:
                    result = self._eagerly(row, options)
                except (TypeError, AttributeError) as error:
                    refuse_others(self.title, i, row, error)
                    raise
                returned.append(result if gradient else in_numbers(result))
        return Eager(returned, indices)

    def has_too_many_branches(self) -> bool:
        """Tell whether there are so many that the function runs eagerly from now on."""
        if self.branches < MOST_BRANCHES:
            return False
        self.gave_up = True
        warnings.warn(
            f"compile: {self.title} took {MOST_BRANCHES} different ways through its comparisons; from now on it runs as"
            " it is, without a replay. Use ag.maximum, ag.relu or ag.clamp instead of if, x // 1 instead of int(x)",
            stacklevel=5,
        )
        return True

    # --------------------------------------------------------------------------------------------- what is kept

    def _tables(self, columns: Sequence[Any], options: dict[str, Any]) -> Sequence[Table]:
        """Return the rows of a data set, a table for each shape; the tables of the last call for the same data set."""
        seen = self._seen.of(columns, options, self.title)
        self._seen = seen if seen.columns else Seen()
        return seen.tables

    def specialization(self, key: Key) -> Specialization | None:
        """Return the specialization for a shape of arguments, and note its use.

        None where something that the function reads changes from call to call, so that it must run itself.
        """
        found = self._specializations.get(key)
        if self._around is not None:
            try:
                changed = self._around.changed() or ("" if found is None else found.changed(key))
            except BaseException:  # found late, or interrupted
                self.forget()
                raise
            self._changes = self._changes + 1 if changed else 0
            if changed:
                self.forget()
                found = None
                if self._changes >= MOST_CHANGES:
                    self._warn_of_change(changed)
        if self._around is None:
            self._around = Surroundings(self.function)
        if self._changes >= MOST_CHANGES:
            return None
        if found is None:
            found = self._specializations[key] = Specialization(self, key)
            if len(self._specializations) > MOST_SHAPES:
                self._specializations.popitem(last=False)
                self._warn_of_shapes()
        elif len(self._specializations) > 1:
            self._specializations.move_to_end(key)
        return found

    @property
    def around(self) -> Surroundings:
        """What the function may read besides its arguments, as it was before the tapes were recorded."""
        if self._around is None:
            self._around = Surroundings(self.function)
        return self._around

    def forget(self) -> None:
        """Drop all tapes: the next call records anew."""
        self._specializations.clear()  # first: no interrupt between the two leaves tapes of other surroundings
        self._around = None

    def disturbed(self) -> bool:
        """Tell whether the run that was recorded changed what the function reads."""
        return bool(self.around.always.changed())

    def _warn_of_change(self, changed: str) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"compile: {changed}, which {self.title} may read, changes from call to call; while it does, the "
                "function runs as it is, without a replay. Pass it as an argument, or keep it out of the function",
                stacklevel=4,
            )

    def _warn_of_shapes(self) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"compile: {self.title} was called with more than {MOST_SHAPES} shapes of arguments, and is recorded"
                " anew for each one that was not among the latest. A number that is given by name is part of the shape:"
                " give those that change by position",
                stacklevel=4,
            )

    def _last_tape(self, purpose: str) -> Tape:
        for found in reversed(self._specializations.values()):
            if found.branches:
                return found.branches[-1].tape
        raise ValueError(f"compile: {self.title} has not been called yet; call it once, to have a graph to {purpose}")

    def _refuse_lists(self, branch: Branch) -> None:
        if branch.shape not in (("v",), 1, ("n",)):
            raise TypeError(
                f"compile: {self.title} returns {plural(len(branch.tape.outputs), 'number')} in a list, and a call,"
                " sum or mean needs one number: return their sum, or use map, which returns them all as floats"
            )

    def _run_rows(
        self, columns: Sequence[Any], options: dict[str, Any], gradient: bool
    ) -> tuple[list[Replayed], list[Eager]]:
        """Run all rows of a data set, shape by shape, and branch by branch."""
        if self.runs_eagerly():
            return [], [self._eager_rows(columns, options, range(len(columns[0])), gradient)]
        replays: list[Replayed] = []
        eager: list[Eager] = []
        for table in self._tables(columns, options):
            found, rest = self.specialization(table.key), table.indices
            if found is not None and not found.has_values:
                try:
                    rest = found.run_rows(table, gradient, replays)
                except (TypeError, AttributeError) as error:
                    refuse_others(self.title, rest[0], [column[rest[0]] for column in columns], error)
                    raise
            if rest:
                eager.append(self._eager_rows(columns, options, rest, gradient))
        return replays, eager

    def _over_rows(self, columns: Sequence[Any], options: dict[str, Any], count: int, scale: float) -> Any:
        """Return the sum of the function over the rows, divided by the scale."""
        replays, eager = self._run_rows(columns, options, not open_modes or is_recording())
        if replays:
            for part in replays:
                self._refuse_lists(part.branch)
            total, parents, slopes = added(replays, scale)
            beside = {i for part in eager for i in part.indices}
            indices = [i for i in range(count) if i not in beside] if beside else range(count)
            in_full = partial(self._in_full, columns, options, indices, scale)
            node = record_precomputed(replays[0].branch.operation, total, parents, parents, slopes, in_full)
            if not eager:
                return node
        others = functions.sum([result for part in eager for result in part.returned]) / scale
        return node + others if replays else _as_value(others)

    def _in_full(self, columns: Sequence[Any], options: dict[str, Any], indices: Sequence[int], scale: float) -> Any:
        """Return the same sum over these rows, node by node."""
        return functions.sum(self._eager_rows(columns, options, indices).returned) / scale


def compile(function: Callable[..., Any]) -> Compiled:
    """Return the function, recorded at its first call and replayed from then on; also as a decorator.

    It takes numbers, Values, or nested lists and arrays of them, and returns one scalar; the Values that it closes
    over are its parameters. `f(x)` is one node; `f.mean(X, Y)` and `f.sum(X, Y)` run the rows of a data set, and
    `f.map(X)` returns the number of each. What it compares is remembered: a call that would go another way records
    that way too. What it reads besides its arguments is watched, and it is recorded anew when that changed;
    in calls 2, 4, 8, … of a recording it runs beside its replay, and RuntimeError says what came out otherwise. A
    recording that draws from a generator of Python's or NumPy's random numbers is a RuntimeError at once.

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
