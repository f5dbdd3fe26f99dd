"""A net on data: its outputs, its loss, and how many of its answers are right."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

from autograd_lite.checks import plural, shown
from autograd_lite.engine import Value
from autograd_lite.modes import recorded
from autograd_lite.nn.data import CLASS, LARGEST, Right, SameSide, entry, listed
from autograd_lite.nn.objectives import LossFunction, checked_data, numbers_in, objective_of
from autograd_lite.nn.rows import flat, recordable
from autograd_lite.nn.switch import switched
from autograd_lite.nn.training_steps import Task, compared, steps_of
from autograd_lite.nn.trial import trial
from autograd_lite.replay import Compiled
from autograd_lite.replay.compiled_function import MOST_SHAPES
from autograd_lite.replay.consistency import same_numbers

MANY = 100  # rows from which recording a net costs less than it saves
FEW = 8  # ways through its comparisons, for each shape of rows, up to which it does


class _Recorded(Compiled):
    """A net of which few recordings are made: one that goes many ways, as a table of rows does, runs itself."""

    def has_too_many_branches(self) -> bool:
        shapes = len(self._specializations)
        if shapes >= MOST_SHAPES or self.branches >= FEW * shapes:
            raise TypeError(f"compile: {self.title} goes too many ways")
        return False


class Evaluation(NamedTuple):
    """The mean loss on data, and the share of right answers; None where the answer is a number, no class."""

    loss: float
    accuracy: float | None


def predict(model: Any, rows: Sequence[Any]) -> list[Any]:
    """Return a net's output for each row of inputs, as a number or a list of numbers."""
    with switched(model, training=False):
        if len(rows) >= MANY:
            compiled = _Recorded(model)
            try:
                with compiled.around.random_numbers_put_back():
                    numbers = recordable(rows)
                    found = [*map(numbers_in, compiled.map(numbers))]
                    if not model.parts_with_switch() or _agree(model, rows, found, compared(rows, numbers)):
                        return found
            except (TypeError, ValueError, RuntimeError, AttributeError):  # code of the user's that can't be replayed
                pass
        with recorded():  # the net may differentiate inside; the graph of a row is freed before the next one's
            return [numbers_in(model(row)) for row in rows]


def _agree(model: Any, rows: Sequence[Any], found: Sequence[Any], some: Sequence[int]) -> bool:
    """Tell whether some rows come out the same with plain numbers: a net of the user's may ask for their type."""
    with recorded(), trial(model):
        pairs = [(model(rows[i]), found[i]) for i in some]
    return all(same_numbers(flat([numbers_in(alone)]), flat([replayed])) for alone, replayed in pairs)


def evaluate(model: Any, X: Sequence[Any], y: Sequence[Any], loss: str | LossFunction | None = None) -> Evaluation:
    """Return the loss and the accuracy of a net on data."""
    objective = objective_of(model, loss)
    with switched(model, training=False):
        data = checked_data(model, objective, X, y)
        value, right = steps_of(Task(objective, model, data)).evaluate(data)
    return Evaluation(value, right / len(data[0]) if objective.is_right else None)


def accuracy(predictions: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the share of right answers, where the targets are classes.

    A list of outputs is right if its largest one is that of the class, an index or a list of one 1 and 0 elsewhere. A
    single output, in a list of one or not, is right on the side of its class: above 0.5 for 1 and below for 0, above 0
    for 1 and below for -1.

    >>> accuracy([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], [1, 2])
    0.5
    >>> accuracy([0.9, 0.2, 0.6, 0.4], [1, 0, 0, 0])
    0.75
    """
    found, wanted = listed(predictions, "accuracy", "a list of predictions"), listed(targets, "accuracy", "targets")
    if len(found) != len(wanted) or not found:
        raise ValueError(f"accuracy: expected a target for each of one or more predictions, got"
                         f" {plural(len(found), 'prediction')} and {plural(len(wanted), 'target')}")  # fmt: skip
    found = [_outputs_of(p, f"accuracy, prediction {i}") for i, p in enumerate(found, start=1)]
    pairs = enumerate(zip(found, wanted, strict=True), start=1)
    wanted = [_class_of(entry(y), p, f"accuracy, target {i}") for i, (p, y) in pairs]
    right: Right = LARGEST if isinstance(found[0], list) else SameSide(0.0, 0.0) if -1 in wanted else SameSide(0.5, 0.5)
    return sum(map(right, found, wanted)) / len(found)


def _outputs_of(prediction: Any, where: str) -> Any:
    """Return the number of a prediction, as a Value, a number or a list of one; of several outputs their numbers."""
    if isinstance(prediction, Value | Real):
        return numbers_in(prediction)
    return entry(numbers_in(listed(prediction, where, "a list of outputs")))


def _class_of(target: Any, prediction: Any, where: str) -> Any:
    """Return the class that a target names: the index of an output, or for a single output 0 or 1, 1 or -1."""
    several = not isinstance(prediction, Real)
    if several and not isinstance(target, str):
        return CLASS.check(target, len(prediction), "accuracy", where)
    if not several and isinstance(target, Real) and target in (-1, 0, 1):
        return target
    expected = "a class index from 0" if several else "0 or 1, or 1 and -1"
    hint = "; model.evaluate(X, y) reads names of classes" if isinstance(target, str) else ""
    if not several and not hint:
        hint = "; of three classes or more, a prediction is the list of the outputs, as model.predict(X) has them"
    raise ValueError(f"{where}: expected {expected}, got {shown(target)}{hint}")
