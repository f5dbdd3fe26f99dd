"""The steps of training: a batch's loss, its gradient, the move of the parameters. By replay, or eagerly.

A net of this package with a loss of this package is recorded once, for one example, and replayed over the rows of a
batch (`ag.compile`). The parameters stay in an array from step to step and are written back when they are read.
Everything else, a loss or a model of the user's own, runs as it is typed. Both give the same
numbers, up to the order in which examples are added.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import hypot, isfinite
from operator import attrgetter, is_
from typing import Any

from autograd_lite.checks import shown
from autograd_lite.engine import Value, no_grad
from autograd_lite.kernel.library import divided
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.moves import Move
from autograd_lite.nn.objectives import Objective
from autograd_lite.nn.optimizers import Optimizer
from autograd_lite.replay import Batch, Compiled, Rows
from autograd_lite.replay.table import columns_of
from autograd_lite.sweep import numbers_of, write_gradients, write_numbers

__all__ = ["EagerSteps", "ReplayedSteps", "batch_loss", "predict", "replayed", "steps_of"]

Data = tuple[list[Any], list[Any]]  # rows and targets
Remark = Callable[[str], object]  # shows a remark to the user


no_remark: Remark = str  # shows nothing


def steps_of(objective: Objective, model: Any, data: Data, optimizer: Optimizer | None, clip: float | None = None,
             remark: Remark = no_remark, ahead: tuple[int, int] | None = None) -> EagerSteps:  # fmt: skip
    """Return the replay of this objective where there can be one, else the eager way, with a `remark` on the reason.

    `clip` is the largest norm of the gradient. `ahead` is how many examples a step looks at, and how many steps there
    will be.
    """
    rows = replayed(objective, model, data, remark)
    if rows is None:
        return EagerSteps(objective, model, data, optimizer, clip)
    if ahead is not None:
        rows.plan(*ahead)
    return ReplayedSteps(objective, model, data, optimizer, clip, rows, remark, ahead)


def replayed(objective: Objective, model: Any, data: Data, remark: Remark = no_remark) -> Rows | None:
    """Return the rows of the data under a recorded example; None, with a `remark` on the reason, if it runs eagerly."""
    if not isinstance(model, MLP) or objective.row is None:
        return None

    def example(row: Any, target: Any) -> list[Any]:
        prediction = objective.predict(model, row)
        return [objective.loss([prediction], [target]), prediction]

    try:
        return Compiled(example).rows(*data)
    except (TypeError, RuntimeError) as refusal:  # an activation of the user's own that can't be replayed
        remark(f"this net runs without a replay, operation by operation: {refusal}")
        return None


def batch_loss(objective: Objective, model: Any, rows: list[Any], targets: list[Any]) -> tuple[Value, int]:
    """Return the loss of some examples as one Value, and how many of them the net gets right."""
    predictions = [objective.predict(model, row) for row in rows]
    try:
        value = objective.loss(predictions, targets)
    except TypeError as error:
        if "'list'" not in str(error):
            raise
        raise TypeError(
            f"fit: {objective.name} gets two lists, the predictions and the targets of all examples of a step, and"
            f" returns one Value, such as their mean: {error}"
        ) from error
    if not isinstance(value, Value):
        raise TypeError(f"fit: expected the loss to be a Value, got {shown(value)} from {objective.name}")
    return value, objective.count_right(map(_numbers, predictions), targets)


def predict(model: MLP, rows: Sequence[Any]) -> list[Any]:
    """Return a net's output for each row of inputs, as a number or a list of numbers."""
    if len(rows) >= MANY:
        try:
            return Compiled(model).map(rows)
        except (TypeError, RuntimeError):  # an activation of the user's own that can't be replayed
            pass
    with no_grad():
        return [_numbers(model(row)) for row in rows]


MANY = 100  # rows from which recording a net costs less than it saves


def _clip(parameters: Sequence[Value], largest: float | None) -> None:
    """Make the gradient by all parameters shorter, in its direction, where its norm is above the largest."""
    reached = [p for p in parameters if p.has_grad] if largest is not None else []
    gradients = [p.grad for p in reached]
    if largest is not None and (factor := _factor(gradients, largest)) < 1.0:
        write_gradients(reached, [gradient * factor for gradient in gradients])


def _factor(gradients: Sequence[float], largest: float) -> float:
    """Return the factor of torch's `clip_grad_norm_`, at most 1; 1 for a gradient that an optimiser refuses."""
    norm = hypot(*gradients)
    return min(1.0, largest / (norm + 1e-6)) if isfinite(norm) else 1.0


def _numbers(prediction: Any) -> Any:
    return [p.data for p in prediction] if isinstance(prediction, list) else prediction.data


class EagerSteps:
    """The steps of `fit` in which every example's graph is recorded anew."""

    def __init__(self, objective: Objective, model: Any, data: Data, optimizer: Optimizer | None,
                 clip: float | None) -> None:  # fmt: skip
        self.objective, self.model, self.data, self.optimizer, self.clip = objective, model, data, optimizer, clip

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        """Move the parameters by the gradient of a batch; return its mean loss, and how many were right, before."""
        assert self.optimizer is not None
        self.optimizer.zero_grad()
        rows, targets = ([column[i] for i in batch] for column in self.data)
        value, right = batch_loss(self.objective, self.model, rows, targets)
        value.backward()
        _clip(self.optimizer.params, self.clip)
        self.optimizer.step()
        return value.data, right

    def evaluate(self, data: Data) -> tuple[float, int]:
        """Return the mean loss of some examples, and how many are right."""
        with no_grad():
            value, right = batch_loss(self.objective, self.model, *data)
        return value.data, right

    def write_back(self) -> None:
        """Write to the model's Values the numbers learned so far."""

    def current(self) -> EagerSteps:
        """Return these steps, or others where the model is no longer what was recorded; after `write_back`."""
        return self

    def close(self) -> None:
        """Write back everything, whatever ended the training; a second time changes nothing."""


class ReplayedSteps(EagerSteps):
    """The steps of `fit` in which one example's tape is run over the rows of a batch."""

    def __init__(self, objective: Objective, model: Any, data: Data, optimizer: Optimizer | None, clip: float | None,
                 rows: Rows, remark: Remark = no_remark, ahead: tuple[int, int] | None = None) -> None:  # fmt: skip
        super().__init__(objective, model, data, optimizer, clip)
        self.rows, self.remark = rows, remark
        self.again = ahead and (ahead[0], 1)  # for the steps that follow these: the work ahead was counted
        self.held_out: tuple[Data, Rows] | None = None  # the data that was evaluated last, laid out
        self.targets: list[tuple[Rows, Any]] = []  # of all rows, prepared to count the right answers
        parameters = list(rows.parameters)
        in_arrays = optimizer and optimizer.takes_arrays() and {*optimizer.params} == {*parameters}
        self.parameters = (_InArrays if in_arrays else _InValues)(parameters, optimizer, clip)

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        found = self.rows.run(self.parameters.numbers, batch, True)
        self.parameters.step(found.gradients, len(batch))
        return found.total / len(batch), self._right(self.rows, found, batch, self.data)

    def evaluate(self, data: Data) -> tuple[float, int]:
        if self.held_out is None or self.held_out[0] is not data:
            self.held_out = data, self.rows.of(*data)
        rows, everything = self.held_out[1], range(len(data[0]))
        found = rows.run(self.parameters.numbers, everything, False)
        return found.total / len(everything), self._right(rows, found, everything, data)

    def current(self) -> EagerSteps:
        changed = self.rows.refused()
        if not changed and self.parameters.are_written():
            return self
        if changed:
            self.remark(f"{changed}; the net is recorded anew")
        self.parameters.hand_over()
        return steps_of(self.objective, self.model, self.data, self.optimizer, self.clip, self.remark, self.again)

    def write_back(self) -> None:
        self.parameters.write_back()

    def close(self) -> None:
        self.parameters.write_back()
        self.parameters.hand_over()

    def _right(self, rows: Rows, found: Batch, indices: Sequence[int], data: Data) -> int:
        """Count the right answers. An example's outputs are its loss, then its predictions."""
        is_right = self.objective.is_right
        if is_right is None:
            return 0
        targets = next((prepared for known, prepared in self.targets if known is rows), None)
        if targets is None or indices.__class__ is not range:
            some = [data[1][i] for i in indices]
            targets = is_right.prepared([*zip(*some, strict=True)] if isinstance(some[0], list) else [some])
            if indices.__class__ is range:
                self.targets = [*[pair for pair in self.targets if pair[0] is self.rows], (rows, targets)]
        return is_right.count(columns_of(found.outputs)[1:], targets)


class _InValues:
    """Parameters that stay in their Values, moved by the optimiser's `step`."""

    def __init__(self, parameters: list[Value], optimizer: Any, clip: float | None) -> None:
        self.parameters, self.optimizer, self.clip = parameters, optimizer, clip

    @property
    def numbers(self) -> Any:
        """The parameters' numbers, as the replay takes them."""
        return numbers_of(self.parameters)

    def step(self, sums: Sequence[float], count: int) -> None:
        """Move all parameters, or none, by the gradients summed over so many examples."""
        self.optimizer.zero_grad()
        for parameter, gradient in zip(self.parameters, sums, strict=True):
            parameter.grad = gradient / count
        _clip(self.optimizer.params, self.clip)
        self.optimizer.step()

    def write_back(self) -> None:
        """Write the numbers to the Values."""

    def hand_over(self) -> None:
        """Write the gradients, and what the optimiser remembers."""

    def are_written(self) -> bool:
        """Tell whether the Values still hold the numbers that were read or written last."""
        return True


_get_data = attrgetter("_data")


class _InArrays(_InValues):
    """Parameters in one array, moved by the replay of the optimiser's formula."""

    numbers: Any = None

    def __init__(self, parameters: list[Value], optimizer: Any, clip: float | None) -> None:
        super().__init__(parameters, optimizer, clip)
        self.written = numbers_of(parameters)
        self.numbers = self.latest = array("d", self.written)  # and those that were written back last
        index = {p: i for i, p in enumerate(optimizer.params)}
        order = [index[p] for p in parameters]
        self.back = sorted(range(len(order)), key=order.__getitem__)  # from the order here to the optimiser's
        self.memory = optimizer.memory_in(lambda column: array("d", map(column.__getitem__, order)))
        self.move = Move(optimizer)
        self.gradients: Any = None
        self.marked = False  # the parameters, as written

    def step(self, sums: Sequence[float], count: int) -> None:
        self.gradients = divided(sums, count)
        if self.clip is not None and (factor := _factor(self.gradients, self.clip)) < 1.0:
            self.gradients = array("d", [gradient * factor for gradient in self.gradients])
        numbers, memory = self.move(self.numbers, self.gradients, self.memory)
        if not isfinite(sum(numbers)) and not all(map(isfinite, numbers)):
            self.write_back()
            self.hand_over()
            self.optimizer.step()  # raises, and names the parameter
        self.numbers, self.memory = numbers, memory

    def write_back(self) -> None:
        if self.numbers is not self.latest:
            self.written = self.numbers.tolist()
            write_numbers(self.parameters, self.written, self.marked)
            self.latest, self.marked = self.numbers, True

    def hand_over(self) -> None:
        if self.gradients is not None:
            write_gradients(self.parameters, self.gradients)
            self.optimizer.remember(self.memory, lambda column: [column[i] for i in self.back])
            self.gradients = None

    def are_written(self) -> bool:
        self.move.refresh()
        return all(map(is_, map(_get_data, self.parameters), self.written))
