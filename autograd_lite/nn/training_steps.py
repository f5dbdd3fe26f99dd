"""The steps of training: a batch's loss, its gradient, the move of the parameters. By replay, or eagerly.

A net of this package with a loss of this package is recorded once, for one example, and replayed over the rows of a
batch (`ag.compile`). With the extra `fast`, parameters stay in arrays from step to step and are written back when
somebody looks. Everything else, a loss or a model of the user's own, runs as it is typed. Both give the same
numbers, up to the order in which examples are added.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import repeat
from operator import attrgetter, is_
from typing import Any, Protocol

from autograd_lite.checks import shown
from autograd_lite.engine import Value, no_grad
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.objectives import Objective
from autograd_lite.nn.optimizers import SGD, Adam, AdamW, Optimizer
from autograd_lite.replay import Batch, Compiled, Rows
from autograd_lite.sweep import write_gradients, write_numbers

__all__ = ["EagerSteps", "ReplayedSteps", "Steps", "batch_loss", "outputs_of", "replayed", "steps_of"]

Data = tuple[list[Any], list[Any]]  # rows and targets


Say = Callable[[str], None]  # takes a remark for the user


def unsaid(remark: str) -> None:
    """Keep a remark from the user."""


class Steps(Protocol):
    """What `fit` needs of a way to train."""

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        """Move the parameters by the gradient of a batch; return its mean loss, and how many were right, before."""

    def figures(self, data: Data) -> tuple[float, int]:
        """Return the mean loss of some examples, and how many are right."""

    def write_back(self) -> None:
        """Make the model's Values hold what was learned so far."""

    def current(self) -> Steps:
        """Return these steps, or others where the model is no longer what was recorded; after `write_back`."""

    def close(self) -> None:
        """Write back, whatever ended the training; a second time changes nothing."""


def steps_of(
    objective: Objective,
    model: Any,
    data: Data,
    mover: Optimizer | None,
    say: Say = unsaid,
    ahead: tuple[int, int] | None = None,
) -> Steps:
    """Return the replay of this objective where there can be one, else the eager way; `say` why a replay is refused.

    `ahead` is how many examples a step looks at, and how many steps there will be.
    """
    rows = replayed(objective, model, data, say)
    if rows is None:
        return EagerSteps(objective, model, data, mover)
    if ahead is not None:
        rows.plan(*ahead)
    return ReplayedSteps(objective, model, rows, data, mover, say, ahead)


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


def outputs_of(model: MLP, rows: Sequence[Any]) -> list[Any]:
    """Return the numbers that a net answers to each row of inputs: by replay where they are many, and it can be."""
    if len(rows) >= MANY:
        try:
            return Compiled(model).map(rows)
        except (TypeError, RuntimeError):  # an activation of the user's own that can't be replayed
            pass
    with no_grad():
        return [_numbers(model(row)) for row in rows]


MANY = 100  # rows from which recording a net costs less than it saves


def _numbers(prediction: Any) -> Any:
    return [p.data for p in prediction] if isinstance(prediction, list) else prediction.data


class EagerSteps:
    """Every example's graph is recorded anew in every step."""

    def __init__(self, objective: Objective, model: Any, data: Data, mover: Optimizer | None) -> None:
        self.objective, self.model, self.data, self.mover = objective, model, data, mover

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        assert self.mover is not None
        self.mover.zero_grad()
        rows, targets = ([column[i] for i in batch] for column in self.data)
        value, right = batch_loss(self.objective, self.model, rows, targets)
        value.backward()
        self.mover.step()
        return value.data, right

    def figures(self, data: Data) -> tuple[float, int]:
        with no_grad():
            value, right = batch_loss(self.objective, self.model, *data)
        return value.data, right

    def write_back(self) -> None:
        pass  # it works on the Values themselves

    close = write_back

    def current(self) -> Steps:
        return self


class ReplayedSteps:
    """One example's tape is run over the rows of a batch."""

    def __init__(self, objective: Objective, model: Any, rows: Rows, data: Data, mover: Optimizer | None,
                 say: Say = unsaid, ahead: tuple[int, int] | None = None) -> None:  # fmt: skip
        self.objective, self.model, self.rows, self.mover, self.say = objective, model, rows, mover, say
        self.data = data
        self.again = ahead and (ahead[0], 1)  # for steps that follow these: the work ahead was counted
        self.width = len(data[0][0])
        self.others: tuple[Data, Rows] | None = None  # the data of the last figures, laid out
        self.parameters = list(rows.parameters)
        self.arrays: _Arrays | None = None
        if mover and rows.in_arrays and _Arrays.can(self.parameters, mover):
            self.arrays = _Arrays(self.parameters, mover)

    def step(self, batch: Sequence[int]) -> tuple[float, int]:
        assert self.mover is not None
        found = self.rows.run(self._numbers(), batch, True)
        if self.arrays is not None:
            self.arrays.step(found.gradients, len(batch))
        else:
            self.mover.zero_grad()
            for parameter, gradient in zip(self.parameters, found.gradients, strict=True):
                parameter.grad = gradient / len(batch)
            self.mover.step()
        return found.total / len(batch), self._right(self.rows, found, batch)

    def figures(self, data: Data) -> tuple[float, int]:
        if self.others is None or self.others[0] is not data:
            self.others = data, self.rows.of(*data)
        rows, everything = self.others[1], range(len(data[0]))
        found = rows.run(self._numbers(), everything, False)
        return found.total / len(everything), self._right(rows, found, everything)

    def current(self) -> Steps:
        changed = self.rows.refused()
        if not changed and (self.arrays is None or self.arrays.are_written()):
            return self
        if changed:
            self.say(f"{changed}; the net is recorded anew")
        if self.arrays is not None:
            self.arrays.hand_over()
        return steps_of(self.objective, self.model, self.data, self.mover, self.say, self.again)

    def write_back(self) -> None:
        if self.arrays is not None:
            self.arrays.write_back()

    def close(self) -> None:
        if self.arrays is not None:
            self.arrays.close()

    def _numbers(self) -> Any:
        return [p._data for p in self.parameters] if self.arrays is None else self.arrays.numbers

    def _right(self, rows: Rows, found: Batch, places: Sequence[int]) -> int:
        """Count the right answers; an example's outputs are its loss, then its predictions."""
        if self.objective.is_right is None:
            return 0
        numbers: Any = rows.numbers_at(places)  # of a row: its inputs, then its targets
        if found.outputs.__class__ is not list:
            return self.objective.is_right.count(found.outputs[:, 1:], numbers[:, self.width :])
        several = len(found.outputs[0]) > 2
        predictions = (list(line[1:]) if several else line[1] for line in found.outputs)
        lines = numbers if numbers.__class__ is list else numbers.tolist()
        targets = (line[self.width :] for line in lines)
        return self.objective.count_right(predictions, [t if several and len(t) > 1 else t[0] for t in targets])


_get_data = attrgetter("_data")


class _Arrays:
    """Parameters as one array, moved by the optimiser's own formula."""

    @staticmethod
    def can(parameters: list[Value], mover: Optimizer) -> bool:
        """Tell whether the formula works on arrays, and moves these parameters and no other."""
        ours = type(mover) in (SGD, Adam, AdamW)
        started = {len(memory) if type(mover) is SGD else memory[:1] for memory in mover.memory}  # Adam: at step t
        return ours and set(mover.params) == set(parameters) and len(started) == 1

    def __init__(self, parameters: list[Value], mover: Optimizer) -> None:
        import numpy as np

        self.numpy, self.parameters, self.mover = np, parameters, mover
        self.written = [p._data for p in parameters]
        self.numbers = np.array(self.written)
        place = {p: i for i, p in enumerate(mover.params)}
        places = np.array([place[p] for p in parameters])
        self.back = places.argsort()  # from the order here to the optimiser's
        self.memory: tuple[Any, ...] = ()
        for k, first in enumerate(mover.memory[0]):
            column = np.array([memory[k] for memory in mover.memory])
            self.memory += (first if isinstance(first, int) else column[places],)
        self.gradients: Any = None
        self.marked = False  # the parameters, as written

    def step(self, sums: Sequence[float], count: int) -> None:
        """Move all parameters, or none: a step that leads to nan or inf is the optimiser's to refuse."""
        gradients = self.numpy.asarray(sums) / count
        with self.numpy.errstate(all="ignore"):  # what overflows is refused below
            numbers, memory = self.mover.move(self.numbers, gradients, self.memory)
        self.gradients = gradients
        if not math.isfinite(float(self.numpy.sum(numbers))) and not self.numpy.isfinite(numbers).all():
            self.close()
            self.mover.step()  # raises, and names the parameter
        self.numbers, self.memory = numbers, memory

    def write_back(self) -> None:
        self.written = self.numbers.tolist()
        write_numbers(self.parameters, self.written, self.marked)
        self.marked = True

    def are_written(self) -> bool:
        """Tell whether the parameters still hold what was read or written last."""
        return all(map(is_, map(_get_data, self.parameters), self.written))

    def close(self) -> None:
        """Write back all that a step by hand would have left: gradients, and what the optimiser remembers, too."""
        self.write_back()
        self.hand_over()

    def hand_over(self) -> None:
        """Write the gradients and what the optimiser remembers."""
        if self.gradients is None:
            return
        write_gradients(self.parameters, self.gradients.tolist())
        columns = [repeat(c) if isinstance(c, int) else c[self.back].tolist() for c in self.memory]
        self.mover.memory = list(zip(*columns)) or [()] * len(self.parameters)  # noqa: B905  (one number may stand for all)


def replayed(objective: Objective, model: Any, data: Data, say: Say = unsaid) -> Rows | None:
    """Return the rows of the data under a recorded example, or None where the eager way must do; `say` why."""
    if not isinstance(model, MLP) or objective.row is None:
        return None

    def example(row: Any, target: Any) -> list[Any]:
        prediction = objective.predict(model, row)
        return [objective.loss([prediction], [target]), prediction]

    try:
        return Compiled(example).rows(*data)
    except (TypeError, RuntimeError) as refusal:  # an activation of the user's own that can't be replayed
        say(f"this net runs without a replay, operation by operation: {refusal}")
        return None
