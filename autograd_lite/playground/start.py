"""The start of a page: the net, the rows and the settings of training, checked and as data for the script."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from autograd_lite.checks import instance, one_of, read_name, real, whole
from autograd_lite.datasets import circles, moons, spirals, xor
from autograd_lite.engine import Value
from autograd_lite.nn.activations import ACTIVATIONS, UNIT_ACTIVATIONS, short_name
from autograd_lite.nn.data import CLASS, checked_rows, listed
from autograd_lite.nn.diagnosis import verdicts
from autograd_lite.nn.diagnosis.measurement import LARGE_UPDATE, SMALL_SLOPE
from autograd_lite.nn.encoding import Encoding
from autograd_lite.nn.losses import LOSSES
from autograd_lite.nn.mlp import MLP, check_activations, check_parts
from autograd_lite.nn.objectives import Objective, checked_data, named_classes, objective_of
from autograd_lite.nn.optimizers import SGD, Adam, AdamW, Optimizer
from autograd_lite.nn.sharing import shared_parts
from autograd_lite.playground.formulas import OPTIMIZERS, is_by_entry

__all__ = ["DRAWN", "Start", "started"]

DRAWN = (moons, circles, xor, spirals)  # the sets that a page draws by itself
MOST_NUMBERS = 1_000_000  # in the rows of a page: some 10 MB
MOST_PARAMETERS = 20_000
MOST_CLASSES = 20

# The pairings of an output unit with a loss, as the course pairs them; and the second, which it warns of.
_LOSS_OF = {row.chosen_for: row.name for row in LOSSES.values()}
PAIRINGS = [(unit, _LOSS_OF[task]) for unit, task in (("linear", "linear"), ("sigmoid", "linear"),
            ("sigmoid", "sigmoid"), ("softmax", "softmax"))]  # fmt: skip

# The limits of a diagnosis, for the script.
LIMITS = {"small_slope": SMALL_SLOPE, "large_update": LARGE_UPDATE, "saturated_wrong": verdicts.SATURATED_WRONG,
          "dead": verdicts.DEAD, "saturated": verdicts.SATURATED, "vanishing": verdicts.VANISHING,
          "exploding": verdicts.EXPLODING, "large_input": verdicts.LARGE_INPUT, "risen": verdicts.RISEN,
          "lasting": verdicts.LASTING}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Start:
    """The beginning of a page."""

    data: dict[str, Any]  # for the script
    optimizers: dict[str, Optimizer] = field(default_factory=dict)  # of the user's own


def started(model: Any, X: Any, y: Any, loss: Any, optimizer: Any, lr: Any, batch_size: Any, seed: Any,
            validation: Any) -> Start:  # fmt: skip
    """Return the beginning of a page from the arguments of `playground`."""
    drawn = X is None
    if drawn and y is not None:
        raise TypeError("playground: expected rows X with the targets y, got y alone")
    if drawn and isinstance(validation, tuple | list):
        raise TypeError("playground, validation: expected a share between 0 and 1 beside data that the page draws, "
                        "got a pair; pass X and y, too")  # fmt: skip
    if drawn:
        X, y = moons()
    elif y is None:
        raise TypeError("playground: expected targets y with the rows X, got none")
    made = model is None
    if made:
        model = _net_for(X, y, drawn)
    instance("playground", model, MLP, "pass a net made by nn.MLP, or None for one that the page makes")
    check_parts(model.layers, "playground", "a page can train only the package's own layers")
    check_activations(model.layers, "playground")
    if shared := shared_parts(model.layers):
        path, first = next(iter(shared.items()))
        raise ValueError(f"playground: {path} is {first}, too; the page would train them apart")
    if drawn and model.nin != 2:
        raise ValueError(f"playground: the page's own data has 2 inputs, but this net reads {model.nin}: pass X and y")
    objective = _objective(model, loss, y, drawn)
    named = named_classes(model, objective, y)
    rows, targets = checked_data(model, objective, X, y, classes=named)
    held = _validation(model, objective, validation, named)
    if len(rows) * len(rows[0]) > MOST_NUMBERS:
        raise ValueError(f"playground: expected at most {MOST_NUMBERS:,} numbers in X, got {len(rows):,} rows of "
                         f"{len(rows[0])}; pass some of the rows, X[:1000]")  # fmt: skip
    kind, settings, own = _optimizer(optimizer, lr)
    if batch_size is not None:
        whole("batch_size", batch_size, "a number of examples")
    seed = 0 if seed is None else int(seed)
    columns, classes = _names(model, named)
    data = {
        "columns": columns, "classes": classes, "task": _task(objective, targets), "outputs": model.nouts[-1],
        "own": None if drawn else {"rows": rows, "targets": targets, "held": held},
        "limits": dict(LIMITS), "encoding": None if model.encoding is None else json.dumps(asdict(model.encoding)),
        "net": _net(model, 0 if made else None), "optimizers": [*OPTIMIZERS], "activations": _activations(model),
        "pairings": (pairings := list(dict.fromkeys([*PAIRINGS, (model.output, objective.name)]))),
        "outputs_of": {loss: _outputs_of(loss, pairings) for _, loss in pairings},
        "fit": {"loss": objective.name, "optimizer": kind, **settings, "batch": batch_size, "seed": seed,
                "share": validation if isinstance(validation, float) else None, "own": _spelled(own)},
    }  # fmt: skip
    return Start(data, {kind: own} if own is not None else {})


def _outputs_of(loss: str, pairings: Sequence[tuple[str, str]]) -> list[str]:
    """Return the output units with which a page trains a net by a loss as `fit` does."""
    row, paired = LOSSES[loss], [unit for unit, name in pairings if name == loss]
    if row.logits_of:
        return [*row.logits_of]
    return paired if row.of_logits else [*dict.fromkeys([*paired, *(u for u in ACTIVATIONS if u != "softmax")])]


def _net_for(X: Any, y: Any, drawn: bool) -> MLP:
    """Return a small net that suits the data."""
    if drawn:
        return MLP(2, [6, 4, 1], output="sigmoid", init="he", bias=0.1, seed=0)
    rows, targets = checked_rows(X, None), listed(y, "y", "a list of targets")
    for i, target in enumerate(targets, start=1):
        if isinstance(target, str):
            raise TypeError(f"playground: y, row {i}: expected a number or the index of a class, got {target!r:.60}; "
                            "[names.index(text) for text in y] makes indices of texts")  # fmt: skip
    if any(isinstance(target, list | tuple) for target in targets):
        return MLP(len(rows[0]), [8, len(targets[0])], init="he", bias=0.1, seed=0)
    classes = {target for target in targets if isinstance(target, int | float) and target == math.floor(target)}
    few = len(classes) == len({*targets}) and classes == {*range(len(classes))} and len(classes) <= MOST_CLASSES
    count = len(classes) if few else 0
    output = "softmax" if count > 2 else "sigmoid" if count else "linear"
    return MLP(len(rows[0]), [8, count if count > 2 else 1], output=output, init="he", bias=0.1, seed=0)


def _objective(model: MLP, loss: Any, y: Any, drawn: bool) -> Objective:
    objective = objective_of(model, loss)
    known = [name for name, row in LOSSES.items() if is_by_entry(row) or row.targets is CLASS]
    if (
        objective.row is None
        or objective.name not in known
        or (model.output == "softmax" and not objective.from_logits)
    ):
        expected = ", ".join(known)
        raise ValueError(f"playground, loss: expected one that the page can compute for a {model.output} output "
                         f"({expected}), got {objective.name}")  # fmt: skip
    if sum(len(row) + 1 for layer in model.layers for row in (n.w for n in layer.neurons)) > MOST_PARAMETERS:
        raise ValueError(f"playground: expected at most {MOST_PARAMETERS:,} parameters, got "
                         f"{len(model.parameters()):,}")  # fmt: skip
    return objective


def _validation(model: MLP, objective: Objective, validation: Any, classes: Sequence[str]) -> dict[str, Any] | None:
    if validation is None or isinstance(validation, float):
        if isinstance(validation, float) and not 0.0 < validation < 1.0:
            raise ValueError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {validation!r}")
        return None
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise TypeError(f"validation: expected a share between 0 and 1, or a pair (X, y), got {validation!r:.60}")
    rows, targets = checked_data(model, objective, validation[0], validation[1], "validation ", classes)
    return {"rows": rows, "targets": targets}


def _optimizer(optimizer: Any, lr: Any) -> tuple[str, dict[str, Any], Optimizer | None]:
    """Return the name of an optimiser, its settings, and the optimiser itself if it was made by the user."""
    if isinstance(optimizer, Optimizer):
        if type(optimizer) not in (SGD, Adam, AdamW):
            raise ValueError(f"playground, optimizer: expected {', '.join(OPTIMIZERS)} or an nn.SGD, nn.Adam or "
                             f"nn.AdamW, got {type(optimizer).__name__}")  # fmt: skip
        if lr is not None:
            raise ValueError(f"lr: expected none beside an optimiser that has its own ({optimizer.lr}), got {lr!r}")
        name = "momentum" if _momentum(optimizer) else type(optimizer).__name__.lower()
        own: Optimizer | None = optimizer
    else:
        name = one_of("optimizer", read_name(optimizer, OPTIMIZERS), OPTIMIZERS, "one that is made")
        optimizer, own = OPTIMIZERS[name]([Value(0.0)]), None
    rate = optimizer.lr if lr is None else real("lr", lr, "a learning rate of 0 or more")
    decay = float(getattr(optimizer, "weight_decay", 0.0))
    return name, {"lr": float(rate), "momentum": float(_momentum(optimizer) or 0.9), "decay": decay}, own


def _spelled(own: Optimizer | None) -> dict[str, Any] | None:
    """Return the name of a user's optimiser, and those settings that a page does not change, as a program has them."""
    if own is None:
        return None
    settings = [f"{name}={getattr(own, name)!r}" for name in ("betas", "eps") if hasattr(own, name)]
    return {
        "name": type(own).__name__,
        "settings": settings + ["nesterov=True"] * bool(getattr(own, "nesterov", False)),
    }


def _momentum(optimizer: Any) -> float:
    return getattr(optimizer, "momentum", 0.0)


def _net(model: MLP, seed: int | None) -> dict[str, Any]:
    """Return the shape of a net, how it started, and its numbers; without a seed it starts from these."""
    first = model.layers[0]
    return {
        "inputs": model.nin, "units": model.nouts, "activations": [layer.activation for layer in model.layers],
        "init": first.init or "uniform", "bias": first.initial_bias or 0.0, "seed": seed,
        "numbers": [p.data for p in model.parameters()],
    }  # fmt: skip


def _activations(model: MLP) -> dict[str, str]:
    """Return the activations that a unit can have, with their names in a table: those of this net among them."""
    names = {}
    for number, layer in enumerate(model.layers, start=1):
        if not isinstance(layer.activation, str):
            raise TypeError(
                f"playground: layer {number} has a function as its activation, {layer.activation!r:.60}, which the page"
                " cannot run; give its formula to ag.define_op, whose operations it can"
            )
        names[layer.activation] = short_name(layer.activation)
    return UNIT_ACTIVATIONS | {name: short for name, short in names.items() if name not in ACTIVATIONS}


def _task(objective: Objective, targets: Sequence[Any]) -> str:
    """Return "classes", "two" (0 and 1), "sides" (-1 and 1) or "number"."""
    if objective.row is not None and objective.row.targets is CLASS:
        return "classes"
    values = {y for target in targets for y in (target if isinstance(target, list) else [target])}
    plain = not isinstance(targets[0], list)
    return "two" if plain and values <= {0.0, 1.0} else "sides" if plain and values <= {-1.0, 1.0} else "number"


def _names(model: MLP, classes: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names of the inputs and of the classes, as far as they have any."""
    encoding = model.encoding
    if isinstance(encoding, Encoding):
        names = [f"{c.name} = {level}" if level else c.name for c in encoding.columns for level in c.levels or ("",)]
        return names, [*(encoding.target.levels or classes)]
    return [], [*classes]
