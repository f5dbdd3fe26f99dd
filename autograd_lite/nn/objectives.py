"""What a net is trained for: the loss that belongs to its output unit, and what counts as a right answer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograd_lite.checks import is_number, one_of, plural, read_name, shown
from autograd_lite.engine import Value
from autograd_lite.modes import recorded
from autograd_lite.nn.data import (
    ANY,
    AS_GIVEN,
    CLASS,
    ONE_HOT,
    PROBABILITY,
    Right,
    Targets,
    checked_rows,
    checked_targets,
    classes_in,
    listed,
)
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.nn.losses import LOSSES, Loss
from autograd_lite.nn.rows import own_rows
from autograd_lite.nn.trial import trial

LossFunction = Callable[[list[Any], list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss, of a net's outputs or of its logits, with its row in the table; None for a loss of the user's own."""

    name: str
    loss: LossFunction
    row: Loss | None
    from_logits: bool

    @property
    def is_right(self) -> Right | None:
        """Whether an answer is right; None where it is a number, no class."""
        return self.row.right if self.row is not None else None

    @property
    def targets(self) -> Targets:
        """The targets that the loss takes."""
        return self.row.targets if self.row is not None else AS_GIVEN

    def predict(self, model: Any, row: Any) -> Any:
        """Return the prediction for one example that the loss is computed from: the output, or the logits."""
        return _in_values(model.logits(row) if self.from_logits else model(row))

    def count_right(self, predictions: Iterable[Any], targets: Sequence[Any]) -> int:
        """Return how many predictions, as numbers, are right; 0 where the answer is a number."""
        return 0 if self.is_right is None else sum(map(self.is_right, predictions, targets))


def batch_loss(objective: Objective, model: Any, rows: list[Any], targets: list[Any]) -> tuple[Value, int]:
    """Return the loss of some examples as one Value, and how many of them the net gets right."""
    predictions = [objective.predict(model, row) for row in rows]
    value = loss_of(objective, predictions, targets)
    return value, objective.count_right(map(numbers_in, predictions), targets)


def loss_of(objective: Objective, predictions: list[Any], targets: list[Any]) -> Value:
    """Return the loss, given the predictions for some examples."""
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
    return value


def numbers_in(prediction: Any) -> Any:
    """Return the number of a prediction, or the numbers in a list of its outputs."""
    if isinstance(prediction, Value):
        return prediction.data
    is_one = prediction.__class__ is float or is_number(prediction)
    return float(prediction) if is_one else [*map(numbers_in, prediction)]


def _in_values(outputs: Any) -> Any:
    """Return outputs as Values: a Module of the user's own may give a number for some rows, as `max(0, z)` does."""
    if isinstance(outputs, list | tuple) and not all(a.__class__ is Value for a in outputs):
        return [*map(_in_values, outputs)]
    return Value(outputs) if is_number(outputs) else outputs


def in_layers(model: Any) -> bool:
    """Tell whether a model is a net of layers, an MLP, whose output unit and sizes are known."""
    return getattr(type(model), "in_layers", False)


def objective_of(model: Any, loss: str | LossFunction | None) -> Objective:
    """Return the objective of a net, given a loss, its name or None."""
    output = model.output if in_layers(model) else None
    if callable(loss):
        row = next((row for row in LOSSES.values() if row.function is loss), None)
        if row is None:
            return Objective(getattr(loss, "__name__", type(loss).__name__), loss, None, False)
    elif loss is None or isinstance(loss, str):
        row = _row_of(loss, output)
    else:
        raise TypeError(f"loss: expected a name, a function of (predictions, targets) or None, got {loss!r}")
    if row.of_logits and output == "sigmoid":  # the sigmoid's exponential and the loss's logarithm undo each other in z
        row = LOSSES[row.of_logits]
    if row.logits_of and output is not None and output not in row.logits_of:
        units = " or ".join(row.logits_of)
        raise ValueError(f"loss: {row.name} belongs to a {units} output, but this net's is {output}")
    return Objective(row.name, row.function, row, bool(row.logits_of) and output is not None)


def _row_of(loss: str | None, output: Any) -> Loss:
    """Return the loss of a name, with or without its ending `_loss`; for None the course's pair of an output unit."""
    chosen = {row.chosen_for: row for row in LOSSES.values() if row.chosen_for}
    if loss is None and output not in chosen:
        known = ", ".join(f"{unit}: {row.name}" for unit, row in chosen.items())
        kind = f"a {output} output" if isinstance(output, str) else "an output that is a function of its own"
        raise ValueError(f"loss: expected one to be given, such as loss='mse', for {kind}; by itself fit knows only "
                         f"{known}")  # fmt: skip
    if loss is None:
        return chosen[output]
    short = {name.removesuffix("_loss"): name for name in LOSSES}
    found = read_name(loss, (*LOSSES, *short))
    return LOSSES[short.get(found) or one_of("loss", found, sorted(LOSSES), "a function")]


def checked_data(model: Any, objective: Objective, X: Any, y: Any, where: str = "",
                 classes: Sequence[str] | None = None) -> tuple[list[Any], list[Any]]:  # fmt: skip
    """Return rows and targets, or raise with the row that is wrong.

    They are lists of floats, and floats or ints; code of the user's own meets them as they were given.
    `classes` are those that texts among the targets name; without them, those that the model was trained on.
    """
    outputs = model.nouts[-1] if in_layers(model) else None
    rows, targets = rows_for(model, X, f"{where}X"), listed(y, f"{where}y", "a list of targets")
    names = classes_of(model) if classes is None else classes
    if classes is None and not names and (found := named_classes(model, objective, targets)):
        raise ValueError(f"{where}y, row 1: expected a number, got str {targets[0]!r}; the net has learned no names of"
                         f" classes: nn.fit(model, X, y) teaches it {', '.join(found[:5])}")  # fmt: skip
    if names:
        targets = [names.index(t) if isinstance(t, str) and t in names else t for t in targets]
        for i, target in enumerate(targets, start=1):
            if isinstance(target, str):
                raise ValueError(f"{where}y, row {i}: expected one of the classes {', '.join(names)}, got {target!r}")
    kind = _targets_of(model, objective)
    return rows, checked_targets(targets, len(rows), kind, objective.name, outputs, f"{where}y")


def _targets_of(model: Any, objective: Objective) -> Targets:
    """Return the kind of targets that a net is trained on: after a softmax, a loss of numbers takes classes, too."""
    is_softmax = in_layers(model) and model.output == "softmax"
    return ONE_HOT if is_softmax and objective.targets is ANY else objective.targets


def rows_for(model: Any, X: Any, where: str = "X") -> list[Any]:
    """Return rows of inputs as lists of floats; for a Module of the user's own as they are, of any shape it takes."""
    if in_layers(model):
        return checked_rows(X, model.nin, where)
    rows, shapes = own_rows(X, where)
    firsts: dict[Any, int] = {}  # of each shape
    for i, shape in enumerate(shapes, start=1):
        firsts.setdefault(shape, i)
    for i in firsts.values() if len(firsts) > 1 else ():
        try:
            with recorded(), trial(model):
                model(rows[i - 1])
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            why = f"{type(model).__name__} does not take it, and not all rows have its shape: {error}"
            raise ValueError(f"{where}, row {i}: {why}") from error
    return rows


def classes_of(model: Any) -> tuple[str, ...]:
    """Return the names of the classes that a model was trained on, none if they were numbers."""
    encoding = getattr(model, "encoding", None) if in_layers(model) else None
    return getattr(model, "_classes", ()) if encoding is None else encoding.target.levels


def named_classes(model: Any, objective: Objective, y: Any) -> tuple[str, ...]:
    """Return the classes that a model will learn where the targets are texts, those it knows if they are among them."""
    kind, targets = _targets_of(model, objective), listed(y, "y", "a list of targets")
    outputs: Any = model.nouts[-1] if in_layers(model) else None
    several = kind in (CLASS, ONE_HOT) or (kind is AS_GIVEN and outputs != 1)
    of_module = kind is AS_GIVEN and outputs is None  # such a loss reads texts
    names = classes_in(targets) if kind in (AS_GIVEN, CLASS, ONE_HOT, PROBABILITY) and not of_module else ()
    known = classes_of(model)
    if not names or {*names} <= {*known}:
        return known if names else ()
    needed: Any = outputs if several else 2
    if needed not in (None, len(names)) or (kind is PROBABILITY and outputs not in (None, 1)):
        numbers = f"a class index from 0 to {needed - 1} (the net has {outputs} outputs, classes count from 0)"
        expected = numbers if several else "0 or 1"
        found = f"{', '.join(names[:5])}{', …' if names[5:] else ''}"
        raise ValueError(f"y, row 1: expected {expected}, or {needed} different names of classes in all rows, got str"
                         f" {targets[0]!r}; y has {plural(len(names), 'name')}: {found}")  # fmt: skip
    return names


def keep_classes(model: Any, classes: tuple[str, ...]) -> None:
    """Have a model keep the names of its classes, a net of layers in its encoding, which is saved with it."""
    known = classes_of(model)
    if not classes or classes == known:
        return
    if known:
        learned = f"the net has learned the classes {', '.join(known)}; {', '.join(classes)} take their places"
        warnings.warn(f"fit: {learned}: what it knows of {known[0]} is what it says of {classes[0]}", stacklevel=3)
    if not in_layers(model) or model.nin is None:
        model._classes = classes
        return
    columns = tuple(Column(f"x{i}") for i in range(1, model.nin + 1))
    encoding = model.encoding or Encoding(columns, Column("y"))
    model.encoding = replace(encoding, target=Column(encoding.target.name, levels=classes))
