"""Train a net: choose the loss by the output unit, run the epochs, watch held-out data, keep a history."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import monotonic
from typing import Any

from autograd_lite.checks import one_of, read_name, real, seeded, shown, whole
from autograd_lite.nn.data import listed
from autograd_lite.nn.diagnosis.report import diagnoser
from autograd_lite.nn.diagnosis.verdicts import Training
from autograd_lite.nn.history import History, is_shown, reporter
from autograd_lite.nn.module import Module, can_be_called, to_be_called
from autograd_lite.nn.objectives import LossFunction, checked_data, keep_classes, named_classes, objective_of
from autograd_lite.nn.optimizers import SGD, Adam, AdamW, Optimizer
from autograd_lite.nn.schedules import Schedule, rate_at
from autograd_lite.nn.switch import switched
from autograd_lite.nn.training_steps import Data, ReplayedSteps, Task, no_remark, steps_of

# name -> the optimiser and the learning rate that suits small nets on standardised data
OPTIMIZERS: dict[str, tuple[Any, float]] = {"sgd": (SGD, 0.1), "adam": (Adam, 0.02), "adamw": (AdamW, 0.02)}
UNSEEN = 0.05  # seconds between writing numbers to the net's Values, where it is not known that somebody reads them


def fit(model: Any, X: Sequence[Any], y: Sequence[Any], loss: str | LossFunction | None = None,
        optimizer: str | Optimizer = "adam", lr: float | Schedule | None = None, epochs: int = 100,
        batch_size: int | None = None, seed: int | None = None,
        validation: float | tuple[Sequence[Any], Sequence[Any]] | None = None, patience: int | None = None,
        progress: bool = True, diagnose: bool = False, weight_decay: float | None = None, clip: float | None = None,
        callback: Callable[[int, History], object] | None = None) -> History:  # fmt: skip
    """Train a net on rows `X` and targets `y`, and return the history.

    A target is a number, or a class: 0 or 1 for a sigmoid output; an index from 0, a list of one 1 and 0 elsewhere for
    softmax; or a text, the class's name (`history.classes` has them in order, and the net keeps them). A Module and a
    loss of your own meet rows and targets as they are, in lists, tuples or NumPy arrays; for such a
    loss the target may be one number beside several outputs, or a tuple of any length.

    `loss=None` takes the one that belongs to the output unit: mean squared error for linear, cross-entropy
    for sigmoid and softmax, computed from z. A name or a function of (predictions, targets) replaces it.
    `optimizer` is "sgd", "adam" or "adamw" with `lr`, or one that is made already. `lr` is a number or a function of
    the epoch, from 1, such as `nn.cosine(0.1, epochs=100)`. `weight_decay` is the optimiser's: its own where none is
    given, 0 for all but AdamW. `clip` is the largest norm of the whole gradient: a longer one is made shorter.
    Without `batch_size` a step looks at all examples; with it, they are shuffled in each epoch (by `seed`, or the
    global `random`). `model.training` is on during steps, and off on validation data (see `Module.train`).
    `validation` is a pair (X, y) or the share of the examples to hold out. With `patience`, training stops
    when the validation loss has not improved for so many epochs, and the best parameters come back.
    `diagnose=True` keeps what `nn.diagnose` finds after some ten of the epochs, those that `progress` shows, the
    first and the last among them; with validation data it finds overfitting, too. `callback(epoch, history)` is called
    once an epoch, when the net's parameters and gradients are up to date; training stops if it returns True. At the end
    the net has no gradients, and the next `backward` begins anew.

    >>> from autograd_lite.nn import MLP
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> model = MLP(2, [8, 1], output="sigmoid", seed=0)
    >>> history = fit(model, X, y, lr=0.1, progress=False)
    >>> history.loss_name, history.accuracy[-1]
    ('binary_cross_entropy_with_logits', 1.0)
    """
    _check_settings(model, epochs, batch_size, patience, validation, clip, callback)
    objective = objective_of(model, loss)
    y = listed(y, "y", "a list of targets")
    classes = named_classes(model, objective, y)
    rows, targets = checked_data(model, objective, X, y, classes=classes)
    rng: Any = random if seed is None else seeded(seed)
    held_out: Data | None = None
    if isinstance(validation, int | float):
        (rows, targets), held_out = _split(rows, targets, float(validation), rng)
    elif validation is not None:
        held_out = checked_data(model, objective, validation[0], validation[1], "validation ", classes)
    optimizer = _optimizer(optimizer, lr, weight_decay, model)
    if progress and loss is None:
        print(f"fit: loss={objective.name}, which belongs to a {model.output} output")
    if progress and classes:
        print(f"fit: classes {', '.join(classes)}")
    keep_classes(model, classes)

    history = History(objective.name, classes=classes)
    size = len(rows) if batch_size is None else min(batch_size, len(rows))
    ahead = size, epochs * math.ceil(len(rows) / size)
    remark = cache(lambda text: print(f"fit: {text}")) if progress else no_remark  # each remark once
    with switched(model, training=True):
        steps = steps_of(Task(objective, model, (rows, targets), optimizer, clip, remark, ahead))
        recorded = steps.rows if isinstance(steps, ReplayedSteps) else None
        diagnosis = diagnoser(model, objective, rows, targets, optimizer, recorded) if diagnose else None

        def learn(report: Callable[[History], object]) -> dict[str, float]:
            """Run the epochs; return the parameters to come back at the end, if they are not the last."""
            nonlocal steps
            best: dict[str, float] = {}
            watched, due = callable(lr) or patience is not None, monotonic()
            for epoch in range(1, epochs + 1):
                steps = steps.current()
                if callable(lr):
                    optimizer.lr = rate_at(lr, epoch)
                total, right = 0.0, 0
                for batch in _batches(len(rows), batch_size, rng):
                    value, hits = steps.step(batch)
                    total, right = total + value * len(batch), right + hits
                if watched or monotonic() >= due:
                    steps.write_back()
                    due = monotonic() + UNSEEN
                history.loss.append(total / len(rows))
                if objective.is_right:
                    history.accuracy.append(right / len(rows))
                if held_out:
                    with switched(model, training=False) as change:
                        value, right = steps.evaluate(held_out, change)
                    history.add_validation(value, right / len(held_out[0]) if objective.is_right else None)
                    if history.best_epoch == epoch and patience is not None:
                        best = model.state_dict()
                stop = (
                    patience is not None and history.best_epoch is not None and epoch - history.best_epoch >= patience
                )
                if callback:
                    steps.close()
                    stop = str(callback(epoch, history)) == "True" or stop  # NumPy's True, too, but no number
                    steps = steps.current()  # the callback may have changed the net
                if diagnosis and (stop or is_shown(epoch, epochs)):
                    steps.close()  # all that the last step wrote, of the optimiser's memory too
                    stops, decays = patience is not None, getattr(optimizer, "weight_decay", 0.0) > 0.0
                    with switched(model, training=False):
                        found = diagnosis(Training(history.loss, history.validation_loss, stops, decays))
                    history.diagnoses.append(found)
                report(history)
                if stop:
                    break
            return best

        with reporter(epochs, progress) as report:
            try:  # around calls, as in `Value.backward`
                best = learn(report)
                steps.close()
            except BaseException:
                steps.close()  # once more if an interrupt came inside: the last step is written as a whole
                raise
    if best:
        model.load_state_dict(best)
    model.zero_grad()  # the next backward pass would add to those of the last step
    return history


def _batches(n: int, batch_size: int | None, rng: Any) -> Iterator[Sequence[int]]:
    """Yield the indices of the examples, all at once or shuffled in batches."""
    if batch_size is None:
        yield range(n)
        return
    order = list(range(n))
    rng.shuffle(order)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


def _split(rows: list[Any], targets: list[Any], share: float, rng: Any) -> tuple[Data, Data]:
    """Hold a share of the examples out, chosen at random; return those kept, and those held out."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    held = max(1, round(share * len(rows)))
    if held >= len(rows):
        raise ValueError(f"validation: expected a share that leaves examples to train on, got {share} of {len(rows)}")
    kept, out = (
        ([rows[i] for i in part], [targets[i] for i in part]) for part in map(sorted, (order[held:], order[:held]))
    )
    return kept, out


def _optimizer(optimizer: str | Optimizer, lr: float | Schedule | None, weight_decay: float | None,
               model: Any) -> Optimizer:  # fmt: skip
    if isinstance(optimizer, Optimizer):
        for name, given in {"lr": None if callable(lr) else lr, "weight_decay": weight_decay}.items():
            if given is not None:
                own = getattr(optimizer, name, None)
                raise ValueError(f"{name}: expected none beside an optimiser that has its own ({own}), got {given!r}")
        if not {*optimizer.params} & {*model.parameters()}:
            name = type(optimizer).__name__
            raise ValueError(f"optimizer: expected one of this model's parameters, nn.{name}(model.parameters(), …); "
                             f"got an nn.{name} of others, which would train nothing here")  # fmt: skip
        return optimizer
    if hasattr(optimizer, "step") and not isinstance(optimizer, type):
        raise TypeError(f"optimizer: expected one of this package, got {type(optimizer).__name__}; derive that class "
                        "from nn.SGD, with its formula in move(self, p, g, memory)")  # fmt: skip
    name = one_of("optimizer", read_name(optimizer, OPTIMIZERS), OPTIMIZERS, "one that is made")
    make, usual = OPTIMIZERS[name]
    settings = {} if weight_decay is None else {"weight_decay": weight_decay}
    rate = usual if lr is None or callable(lr) else lr  # a function is called before each epoch
    if not (parameters := model.parameters()):
        raise ValueError(f"model: {type(model).__name__} has no parameters to train; expected Values in its attributes,"
                         " or in lists, dicts and Modules there, made before fit is called")  # fmt: skip
    return make(parameters, lr=rate, **settings)  # type: ignore[no-any-return]


def _check_settings(model: Any, epochs: Any, batch_size: Any, patience: Any, validation: Any, clip: Any,
                    callback: Any) -> None:  # fmt: skip
    if not can_be_called(model):
        hint = to_be_called(model) if isinstance(model, Module) or hasattr(model, "forward") else ""
        raise TypeError(f"model: expected an MLP, or a Module that can be called, got {shown(model)}{hint}")
    whole("epochs", epochs, "a number of epochs", 0)
    for name, count, noun in (("batch_size", batch_size, "examples"), ("patience", patience, "epochs")):
        if count is not None:
            whole(name, count, f"a number of {noun}")
    if isinstance(validation, int | float):
        if not 0.0 < validation < 1.0:
            raise ValueError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {validation!r}")
    elif validation is not None and (not isinstance(validation, tuple | list) or len(validation) != 2):
        raise TypeError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {shown(validation)}")
    if patience is not None and validation is None:
        raise ValueError("patience: expected validation data with it, to see whether the net still improves, got none")
    if clip is not None:
        real("clip", clip, "a largest norm of the gradient, above 0", positive=True)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback: expected a function of (epoch, history), got {shown(callback)}")
