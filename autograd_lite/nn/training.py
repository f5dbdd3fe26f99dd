"""Train a net: choose the loss by the output unit, run the epochs, watch held-out data, keep a history."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd_lite.engine import Value, no_grad
from autograd_lite.nn.data import shown
from autograd_lite.nn.history import History, reporter
from autograd_lite.nn.module import Module
from autograd_lite.nn.objectives import Loss, Objective, checked_data, objective_of
from autograd_lite.nn.optimizers import SGD, Adam, AdamW, Optimizer

__all__ = ["batch_loss", "evaluate", "fit"]

# name -> the optimiser and the learning rate that suits small nets on standardised data
OPTIMIZERS: dict[str, tuple[Callable[..., Optimizer], float]] = {
    "sgd": (SGD, 0.1),
    "adam": (Adam, 0.02),
    "adamw": (AdamW, 0.02),
}


def fit(
    model: Any,
    X: Sequence[Any],
    y: Sequence[Any],
    loss: str | Loss | None = None,
    optimizer: str | Optimizer = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    seed: int | None = None,
    validation: float | tuple[Sequence[Any], Sequence[Any]] | None = None,
    patience: int | None = None,
    progress: bool = True,
) -> History:
    """Train a net on rows `X` and targets `y`, and return the history.

    `loss=None` takes the one that belongs to the output unit: mean squared error for linear, cross-entropy
    for sigmoid and softmax, computed from z. A name or a function of (predictions, targets) replaces it.
    `optimizer` is "sgd", "adam" or "adamw" with `lr`, or one that is made already. Without `batch_size` a
    step looks at all examples; with it, they are shuffled in each epoch (by `seed`, or the global `random`).
    `validation` is a pair (X, y) or the share of the examples to hold out. With `patience`, training stops
    when the validation loss has not improved for so many epochs, and the best parameters come back.

    >>> from autograd_lite.nn import MLP
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> model = MLP(2, [8, 1], output="sigmoid", seed=0)
    >>> history = fit(model, X, y, lr=0.1, progress=False)
    >>> history.loss_name, history.accuracy[-1]
    ('binary_cross_entropy_with_logits', 1.0)
    """
    _check_settings(model, epochs, batch_size, patience, validation)
    objective = objective_of(model, loss)
    rows, targets = checked_data(model, objective, X, y)
    rng: Any = random if seed is None else random.Random(seed)
    held_out = None
    if isinstance(validation, int | float):
        rows, targets, held_out = _split(rows, targets, float(validation), rng)
    elif validation is not None:
        held_out = checked_data(model, objective, validation[0], validation[1], "validation ")
    mover = _optimizer(optimizer, lr, model)
    if progress and loss is None:
        print(f"fit: loss={objective.name}, which belongs to a {model.output} output")

    history = History(objective.name)
    best: dict[str, float] = {}
    with reporter(epochs, progress) as report:
        for epoch in range(1, epochs + 1):
            total, right = 0.0, 0
            for batch in _batches(len(rows), batch_size, rng):
                mover.zero_grad()
                value, hits = batch_loss(objective, model, [rows[i] for i in batch], [targets[i] for i in batch])
                value.backward()
                mover.step()
                total, right = total + value.data * len(batch), right + hits
            history.loss.append(total / len(rows))
            if objective.is_right:
                history.accuracy.append(right / len(rows))
            if held_out:
                _validate(history, objective, model, held_out)
                if history.best_epoch == epoch and patience is not None:
                    best = model.state_dict()
            report(history)
            if patience is not None and history.best_epoch is not None and epoch - history.best_epoch >= patience:
                break
    if best:
        model.load_state_dict(best)
    return history


def batch_loss(objective: Objective, model: Any, rows: list[Any], targets: list[Any]) -> tuple[Value, int]:
    """Return the loss of some examples as one Value, and how many of them the net gets right."""
    predictions = [objective.predict(model, row) for row in rows]
    value = objective.loss(predictions, targets)
    if not isinstance(value, Value):
        raise TypeError(f"fit: expected the loss to be a Value, got {shown(value)} from {objective.name}")
    if objective.is_right is None:
        return value, 0
    return value, sum(objective.is_right(p, t) for p, t in zip(predictions, targets, strict=True))


def evaluate(
    model: Any, X: Sequence[Any], y: Sequence[Any], loss: str | Loss | None = None
) -> tuple[float, float | None]:
    """Return the loss and the accuracy (None where the answer is a number) of a net on data.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP(1, [2], output="softmax", init="zeros")
    >>> evaluate(model, [[1.0], [2.0]], [0, 1])
    (0.6931471805599453, 0.5)
    """
    objective = objective_of(model, loss)
    return _figures(objective, model, checked_data(model, objective, X, y))


# ------------------------------------------------------------------------------------------ parts of the loop


def _figures(objective: Objective, model: Any, data: tuple[list[list[float]], list[Any]]) -> tuple[float, float | None]:
    with no_grad():
        value, hits = batch_loss(objective, model, *data)
    return value.data, hits / len(data[0]) if objective.is_right else None


def _validate(history: History, objective: Objective, model: Any, data: tuple[list[list[float]], list[Any]]) -> None:
    """Add the validation figures of an epoch, and remember the best."""
    value, accuracy = _figures(objective, model, data)
    # Compared this way round, a nan is never the best.
    if history.best_epoch is None or value < history.validation_loss[history.best_epoch - 1]:
        history.best_epoch = len(history.loss) if not math.isnan(value) else history.best_epoch
    history.validation_loss.append(value)
    if accuracy is not None:
        history.validation_accuracy.append(accuracy)


def _batches(n: int, batch_size: int | None, rng: Any) -> Iterator[list[int]]:
    """Yield the indices of the examples, all at once or shuffled in batches."""
    order = list(range(n))
    if batch_size is None:
        yield order
        return
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def _split(
    rows: list[list[float]], targets: list[Any], share: float, rng: Any
) -> tuple[list[list[float]], list[Any], tuple[list[list[float]], list[Any]]]:
    """Hold a share of the examples out, chosen at random."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    held = max(1, round(share * len(rows)))
    if held >= len(rows):
        raise ValueError(f"validation: expected a share that leaves examples to train on, got {share} of {len(rows)}")
    out, kept = sorted(order[:held]), sorted(order[held:])
    return (
        [rows[i] for i in kept],
        [targets[i] for i in kept],
        ([rows[i] for i in out], [targets[i] for i in out]),
    )


def _optimizer(optimizer: str | Optimizer, lr: float | None, model: Any) -> Optimizer:
    if isinstance(optimizer, Optimizer):
        if lr is not None:
            raise ValueError(f"lr: expected none beside an optimiser that has its own ({optimizer.lr}), got {lr!r}")
        return optimizer
    if not isinstance(optimizer, str) or optimizer not in OPTIMIZERS:
        raise ValueError(f"optimizer: expected {', '.join(OPTIMIZERS)} or one that is made, got {optimizer!r}")
    make, usual = OPTIMIZERS[optimizer]
    return make(model.parameters(), lr=usual if lr is None else lr)


def _check_settings(model: Any, epochs: Any, batch_size: Any, patience: Any, validation: Any) -> None:
    if not isinstance(model, Module) or not callable(model):
        raise TypeError(f"model: expected an MLP, or a Module that can be called, got {shown(model)}")
    counts = {"epochs": (epochs, 0), "batch_size": (batch_size, 1), "patience": (patience, 1)}
    for name, (count, least) in counts.items():
        if count is None and name != "epochs":
            continue
        if isinstance(count, bool) or not isinstance(count, int) or count < least:
            raise ValueError(f"{name}: expected an int of {least} or more, got {count!r}")
    if isinstance(validation, int | float):
        if not 0.0 < validation < 1.0:
            raise ValueError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {validation!r}")
    elif validation is not None and (not isinstance(validation, tuple | list) or len(validation) != 2):
        raise TypeError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {shown(validation)}")
    if patience is not None and validation is None:
        raise ValueError("patience: expected validation data with it, to see whether the net still improves, got none")
