"""The rows of a data set, laid out once, for many runs of one tape: the work of `fit`."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.replay.arguments import Key, has_values, rebuild
from autograd_lite.replay.specialization import Specialization
from autograd_lite.replay.table import Matrix, as_matrix, rows_at, tables_of
from autograd_lite.replay.tape import Batch


class Rows:
    """The rows of a data set under a function that goes one way for all of them: laid out once, for many runs.

    TypeError where the rows differ in shape or hold Values, or where a comparison decides.
    """

    checked_in: Callable[[], AbstractContextManager[None]] | None = nullcontext  # around a run beside; None: no more

    def __init__(
        self, specialization: Callable[[Key], Specialization | None], title: str, columns: Sequence[Any]
    ) -> None:
        (self.key, self.table, _), *others = tables_of(columns, {}, title)
        if others or has_values(self.key):
            raise TypeError(f"compile: the rows for {title} differ in shape, or hold Values")
        found = specialization(self.key)
        branch = None
        if found is not None:
            branch = found.branches[0] if found.branches else found.record([*self.table[0]])
        if found is None or found.compiled.disturbed():
            raise TypeError(f"compile: what {title} reads changes from run to run")
        if branch is None or branch.reads:
            raise TypeError(f"compile: {title} reads a Value's number")
        for guard in branch.tape.guards:
            used = "an index, a count and a key of a dict do so; " if guard.how == "==" else ""
            raise TypeError(f"compile: {title} decides by {guard.how}{guard.line}; {used}other examples may go "
                            "another way (ag.maximum, ag.relu, ag.clamp are one way for all)")  # fmt: skip
        self._specialization, self._branch = found, branch
        self.table = as_matrix(self.table)
        branch.calls += 1
        self._check(nullcontext)

    @property
    def parameters(self) -> Sequence[Value]:
        """The parameters, in the order of the gradients that `run` returns."""
        return self._branch.parameters

    def computes_as(self, other: Rows) -> bool:
        """Tell whether other rows are computed by the same operations, in the same order, from the same parameters."""
        return self._branch.tape == other._branch.tape

    def plan(self, size: int, runs: int) -> None:
        """Have a kernel made if it pays, given how many rows a step takes and how many steps there will be."""
        self._branch.runners.of(size, runs)

    def of(self, *columns: Any) -> Rows:
        """Return other rows of the same shape under the same tape."""
        (key, table, _), *others = tables_of(columns, {}, self._specialization.compiled.title)
        if others or key != self.key:
            raise TypeError(f"compile: expected rows of the shape {self.key}, got {key}")
        rows = copy(self)
        rows.table = as_matrix(table)
        return rows

    def with_last(self, column: Sequence[Sequence[float]], indices: Sequence[int]) -> Rows:
        """Return the rows of these indices with other lists of numbers in the last column."""
        some = self.numbers_at(indices).row_by_row()
        numbers, first = some.numbers[:], some.width - len(column[0])
        for j, line in enumerate(zip(*column, strict=True), start=first):
            numbers[j :: some.width] = array("d", line)
        rows = copy(self)
        rows.table = Matrix(numbers, some.width, some.count)
        return rows

    def numbers_at(self, indices: Sequence[int]) -> Any:
        """Return the rows with these indices; a range stands for all."""
        everything = indices.__class__ is range and len(indices) == len(self.table)
        return self.table if everything else rows_at(self.table, indices)

    def run(self, numbers: Any, indices: Sequence[int], gradient: bool) -> Batch:
        """Run the rows of these indices, with these numbers for the parameters."""
        some = self.numbers_at(indices)
        runner = self._branch.runners.of(len(some))
        self._branch.calls += 1
        return runner.many(numbers, runner.table(some), gradient)

    def outputs_at(self, numbers: Any, indices: Sequence[int]) -> list[Sequence[float]]:
        """Return the outputs for a few rows, by the runner that runs all of them."""
        runner = self._branch.runners.of(len(self.table))
        outputs = runner.many(numbers, runner.table(self.numbers_at(indices)), False).outputs
        return outputs if outputs.__class__ is list else outputs.tolist()

    def shaped(self, leaves: Sequence[Any]) -> Any:
        """Return the result of the function, with these leaves for its numbers."""
        return rebuild(self._branch.shape, leaves)[0][0]

    def refused(self) -> str:
        """Return why these rows must be laid out anew, the name of something that changed; empty where nothing did."""
        try:
            if changed := self._specialization.compiled.around.changed():
                return f"{changed} changed"
            if self.checked_in is not None and self._branch.calls >= self._branch.due:
                self._check(self.checked_in)
        except RuntimeError as error:  # found late, or by running the function once more
            return str(error)
        return ""

    def _check(self, checked_in: Callable[[], AbstractContextManager[None]]) -> None:
        run = self._branch.runners.of(len(self.table)).one
        with checked_in():
            self._specialization.check(self._branch, [*self.table[-1]], run)
