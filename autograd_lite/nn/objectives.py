"""What a net is trained for: the loss that belongs to its output unit, and what counts as a right answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.nn import losses
from autograd_lite.nn.data import checked_rows, checked_targets
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.spelling import read_name

__all__ = ["Loss", "Objective", "checked_data", "objective_of"]

Loss = Callable[[list[Any], list[Any]], Any]

# What the course pairs: output unit -> loss. Cross-entropy is always computed from z.
LOSS_OF_OUTPUT = {
    "linear": losses.mse_loss,
    "sigmoid": losses.binary_cross_entropy_with_logits,
    "softmax": losses.cross_entropy,
}


@dataclass(frozen=True, slots=True)
class Objective:
    """A loss, of a net's outputs or of its logits, and what counts as a right answer."""

    name: str
    loss: Loss
    from_logits: bool
    is_right: _Largest | _SameSide | None  # whether an answer is; None where it is a number, no class

    def predict(self, model: Any, row: Sequence[float]) -> Any:
        """Return what the loss is computed from, for one example."""
        return model.logits(row) if self.from_logits else model(row)

    def count_right(self, predictions: Iterable[Any], targets: Sequence[Any]) -> int:
        """Return how many predictions, as numbers, are right; 0 where the answer is a number."""
        if self.is_right is None:
            return 0
        return sum(map(self.is_right, predictions, targets))


def objective_of(model: Any, loss: str | Loss | None) -> Objective:
    """Return what a net is trained for, given a loss, its name or None."""
    output = model.output if isinstance(model, MLP) else None
    if loss is None:
        if output not in LOSS_OF_OUTPUT:
            chosen = ", ".join(f"{unit}: {function.__name__}" for unit, function in LOSS_OF_OUTPUT.items())
            kind = f"a {output} output" if isinstance(output, str) else "an output that is a function of its own"
            raise ValueError(f"loss: expected one to be given for {kind}; by itself fit knows only {chosen}")
        loss = LOSS_OF_OUTPUT[output]
    if isinstance(loss, str):
        short = {name.removesuffix("_loss"): name for name in losses.__all__}
        found = read_name(loss, (*losses.__all__, *short))
        found = short.get(found, found)
        if found not in losses.__all__:
            raise ValueError(f"loss: expected {', '.join(losses.__all__)} or a function, got {loss!r}")
        loss = getattr(losses, found)
    if not callable(loss):
        raise TypeError(f"loss: expected a name, a function of (predictions, targets) or None, got {loss!r}")

    # Cross-entropy after its own output unit starts from z; the unit and the loss undo each other there.
    if loss is losses.binary_cross_entropy and output == "sigmoid":
        loss = losses.binary_cross_entropy_with_logits
    name = getattr(loss, "__name__", type(loss).__name__)
    fitting = {
        "cross_entropy": ("softmax", "linear"),
        "binary_cross_entropy_with_logits": ("sigmoid", "linear"),
    }
    own = getattr(losses, name, None) is loss
    if own and output is not None and output not in fitting.get(name, (output,)):
        raise ValueError(f"loss: {name} belongs to a {' or '.join(fitting[name])} output, but this net's is {output}")
    is_right = _RIGHT.get(name) if own else None
    return Objective(name, loss, own and output is not None and name in fitting, is_right)


def checked_data(
    model: Any, objective: Objective, X: Any, y: Any, what: str = ""
) -> tuple[list[list[float]], list[Any]]:
    """Return rows and targets as lists of floats and ints, or raise with the row that is wrong."""
    net = isinstance(model, MLP)
    rows = checked_rows(X, model.nin if net else None, f"{what}X")
    return rows, checked_targets(y, len(rows), objective.name, model.nouts[-1] if net else None, f"{what}y")


class _Largest:
    """The largest output is that of the class."""

    def __call__(self, prediction: list[float], target: int) -> bool:
        return prediction.index(max(prediction)) == target

    def count(self, predictions: Any, targets: Any) -> int:
        return int((predictions.argmax(axis=1) == targets[:, 0]).sum())


@dataclass(frozen=True, slots=True)
class _SameSide:
    """Prediction and target lie on the same side, each of its own middle."""

    middle: float
    threshold: float

    def __call__(self, prediction: Any, target: Any) -> bool:
        if isinstance(prediction, list):
            return all(map(self, prediction, target))
        return bool((prediction > self.middle) == (target > self.threshold))

    def count(self, predictions: Any, targets: Any) -> int:
        return int(((predictions > self.middle) == (targets > self.threshold)).all(axis=1).sum())


# loss -> whether the net's answer is right, where it is a class: of one example's numbers, or of arrays, a line each
_RIGHT: dict[str, _Largest | _SameSide] = {
    "cross_entropy": _Largest(),
    "binary_cross_entropy": _SameSide(0.5, 0.5),
    "binary_cross_entropy_with_logits": _SameSide(0.0, 0.5),
    "hinge_loss": _SameSide(0.0, 0.0),
}
