r"""A net measured on data, for its diagnosis: what gradient arrives in each layer, and how its units respond.

Nothing is written, to the net, to its gradients or to the global `random`. What kind of unit an activation makes
is read off its derivative, so that a function of the user's own is treated like the built-in ones.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from autograd_lite.derivatives import grad
from autograd_lite.engine import Value, no_grad
from autograd_lite.functions import softmax
from autograd_lite.modes import Mode, entered
from autograd_lite.nn.activations import title_of
from autograd_lite.nn.layers import Layer, Neuron, inputs
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.objectives import Objective
from autograd_lite.nn.optimizers import Optimizer
from autograd_lite.nn.training_steps import batch_loss, replayed
from autograd_lite.replay import Compiled, Rows

__all__ = ["LayerDiagnosis", "Measurement", "Sample", "measure", "size"]

# Of the largest g' of an activation: below this share a unit passes next to nothing back.
FLAT = 0.01

# Of the weights' own size. A usual step moves them by a thousandth to a few hundredths; one that moves them by more
# than a tenth leaves the neighbourhood in which the derivative speaks, so it is worth looking where it ends.
LARGE_UPDATE = 0.1

Function = Callable[[Value], Value] | None


@dataclass(frozen=True, slots=True)
class LayerDiagnosis:
    """What was measured in one layer; None where there is nothing of the kind to measure."""

    layer: int  # from 1
    activation: str
    units: int
    gradient: float  # root mean square of ∂C/∂w over the layer's weights
    ratio: float  # of `gradient` to the last layer's
    saturated: float | None  # share of (unit, example) pairs with g'(z) under 1 % of its largest
    dead: tuple[int, ...] | None  # the units, from 1, that let no gradient pass on any example
    update: float | None  # root mean square of the next step over that of the weights
    init: str | None = None  # how the weights started, and the biases; None where that is not known
    bias: float | None = None

    @property
    def dead_share(self) -> float | None:
        """Return which share of the units is dead."""
        return None if self.dead is None else len(self.dead) / self.units


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured of a net on data."""

    layers: tuple[LayerDiagnosis, ...]
    examples: int
    loss: float
    stuck: float | None  # share of outputs on the wrong side that are saturated, where the loss feels g'
    loss_after: float | None  # where a step is large: the loss that it would lead to
    lr: float | None
    input_size: float  # root mean square of the inputs
    target_size: float | None  # of the targets, where they are numbers and no classes
    signal: float  # the same of what the last layer reads


def measure(sample: Sample, mover: Optimizer | None) -> Measurement:
    """Measure a net on its data as it is now; `mover` is the optimiser whose next step is looked at."""
    with _undisturbed():
        return _measured(sample, mover)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Record even inside `no_grad`, meet a nan without the raising of `anomaly`, and leave `random` as it was."""
    state = random.getstate()  # a unit that drops out at random may draw from it
    try:
        with entered(Mode()):
            yield
    finally:
        random.setstate(state)


def _measured(sample: Sample, mover: Optimizer | None) -> Measurement:
    model, objective, rows = sample.model, sample.objective, sample.rows
    loss, gradients = sample.gradients()
    responses = _responses(sample)
    moved = None if mover is None else _moved(model, mover, gradients)

    def figures(number: int, layer: Layer) -> LayerDiagnosis:
        weights = [w for neuron in layer.neurons for w in neuron.w]
        gradient = size([gradients[w] for w in weights])
        update = None
        if moved is not None:
            update = _ratio(size([moved[w] - w.data for w in weights]), size([w.data for w in weights]))
        # The last g' is no factor of the gradient where the loss starts from z: flat or not, nothing stops there.
        own = [unit for unit in responses.units[number] if not (objective.from_logits and layer is model.layers[-1])]
        saturated = [unit.flat / len(rows) for unit in own if unit.shape.saturates]
        closing = any(unit.shape.closes for unit in own)
        return LayerDiagnosis(
            layer=number + 1,
            activation=title_of(layer.activation),
            units=len(layer.neurons),
            gradient=gradient,
            ratio=_ratio(gradient, size([gradients[w] for neuron in model.layers[-1].neurons for w in neuron.w])),
            saturated=sum(saturated) / len(saturated) if saturated else None,
            dead=tuple(j for j, unit in enumerate(own, start=1) if unit.is_dead) if closing else None,
            update=update,
            init=layer.init,
            bias=layer.initial_bias,
        )

    layers = tuple(figures(i, layer) for i, layer in enumerate(model.layers))
    large = any(layer.update is not None and layer.update > LARGE_UPDATE for layer in layers)
    return Measurement(
        layers=layers,
        examples=len(rows),
        loss=loss,
        stuck=responses.stuck,
        loss_after=sample.loss_at(moved) if large and moved is not None else None,
        lr=None if mover is None else mover.lr,
        input_size=size([x for row in rows for x in row]),
        target_size=size(sample.numbers) if sample.numbers else None,
        signal=responses.signal,
    )


def size(numbers: Sequence[float]) -> float:
    """Return the root mean square, without overflow.

    >>> size([3e200, -4e200]) == 12.5**0.5 * 1e200
    True
    """
    return math.hypot(*numbers) / math.sqrt(len(numbers))


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.inf if a else math.nan


# ------------------------------------------------------------------------------------------- the net on its data


class Sample:
    """A net and the data that it is measured on: what is asked is computed for the net as it is then.

    By replay where there can be one, recorded when the sample is made. Else as it is typed: example by example where
    the loss is ours, a mean over examples; a loss of the user's own may mix them, so it sees all of them together.
    """

    def __init__(self, model: MLP, objective: Objective, rows: list[list[float]], targets: list[Any]) -> None:
        self.model, self.objective, self.rows, self.targets = model, objective, rows, targets
        with _undisturbed():
            self.replay: Rows | None = replayed(objective, model, (rows, targets))
        wanted = [y for target in targets for y in (target if isinstance(target, list) else [target])]
        self.numbers = wanted if objective.is_right is None else []  # the targets, where they are no classes
        self.sums: Compiled | None = None if self.replay is None else Compiled(self._sums)

    def gradients(self) -> tuple[float, dict[Value, float]]:
        """Return the loss over all examples, and its derivative by each parameter."""
        parameters, count = self.model.parameters(), len(self.rows)
        if self.replay is not None and self.replay.refused():  # the net is another one now
            self.replay = replayed(self.objective, self.model, (self.rows, self.targets))
        if self.replay is not None:
            found = self.replay.run([p.data for p in self.replay.parameters], range(count), True)
            slopes = dict(zip(self.replay.parameters, map(float, found.gradients), strict=True))
            return found.total / count, {p: slopes.get(p, 0.0) / count for p in parameters}
        step = 1 if self.objective.row is not None else count
        total, sums = 0.0, [0.0] * len(parameters)
        for i in range(0, count, step):
            value, _ = batch_loss(self.objective, self.model, self.rows[i : i + step], self.targets[i : i + step])
            total += value.data
            sums = [g + d for g, d in zip(sums, grad(value, parameters), strict=True)]
        share = step / count
        return total * share, {p: g * share for p, g in zip(parameters, sums, strict=True)}

    def loss_at(self, moved: dict[Value, float]) -> float:
        """Return the loss of the same net with other parameters; the net itself is not touched."""
        if not all(map(math.isfinite, moved.values())):
            return math.inf
        if self.replay is not None:
            numbers = [moved.get(p, p.data) for p in self.replay.parameters]  # an activation may have its own
            return self.replay.run(numbers, range(len(self.rows)), False).total / len(self.rows)
        twin = _twin(self.model)
        for p, own in zip(twin.parameters(), self.model.parameters(), strict=True):
            p.data = moved[own]
        with no_grad():
            return batch_loss(self.objective, twin, self.rows, self.targets)[0].data

    def signals(self) -> list[list[tuple[list[float], list[float]]]]:
        """Return each example's (z, a) of each layer: what its units sum up to, and what they put out."""
        numbers: list[Any] | None = None
        if self.sums is not None:
            try:
                numbers = self.sums.map(self.rows)
            except (TypeError, RuntimeError):  # an activation of the user's own that can't be replayed
                self.sums = None
        if numbers is None:
            with no_grad():
                numbers = [[[v.data for v in part] for part in self._sums(row)] for row in self.rows]
        return [[*zip(example[::2], example[1::2], strict=True)] for example in numbers]

    def _sums(self, row: Any) -> list[list[Value]]:
        """Return the z of the first layer's units, then their a, then the next layer's."""
        found: list[list[Value]] = []
        xs: list[Any] = inputs(row, self.model.nin, self.model)
        for layer in self.model.layers:
            zs = layer.raw(xs)
            if layer.activation == "softmax":
                xs = softmax(zs)
            else:
                xs = [z if n.function is None else n.function(z) for n, z in zip(layer.neurons, zs, strict=True)]
            found += [zs, xs]
        return found


def _twin(model: MLP) -> MLP:
    """Return an equal net with parameters of its own."""
    functions: list[Any] = [neuron.function for layer in model.layers for neuron in layer.neurons]
    return copy.deepcopy(model, {id(function): function for function in functions})  # they may not be copyable


# ------------------------------------------------------------------------------------------------- activations


@dataclass(frozen=True, slots=True)
class Shape:
    """What the derivative of an activation tells of it."""

    steepest: float  # the largest |g'|
    saturates: bool  # g' is next to nothing far out on both sides, as for the sigmoid
    closes: bool  # g' is exactly 0 over a range of ordinary numbers, as for ReLU
    middle: float  # half way between the two ends of what saturates


@dataclass(slots=True, eq=False)
class Unit:
    """One unit, and how it responded so far."""

    shape: Shape
    slope: Callable[[float, float], float]  # g'(z) of z and a
    flat: int = 0  # on how many examples its g' was next to nothing
    passed: bool = False  # whether its g' was ever other than 0

    @property
    def is_dead(self) -> bool:
        """Tell whether the unit let no gradient pass on any example that was seen."""
        return self.shape.closes and not self.passed

    def see(self, slope: float) -> bool:
        """Count a response; return whether it was flat."""
        flat = abs(slope) < FLAT * self.shape.steepest
        self.flat += flat
        self.passed = self.passed or slope != 0.0
        return flat


def _response(function: Function, z: float) -> tuple[float, float]:
    """Return a unit's output g(z) and the derivative g'(z)."""
    if function is None:
        return z, 1.0
    leaf = Value(z)
    a = function(leaf)
    alone = len(a.parents) == 1 and a.parents[0] is leaf  # an operation of the table
    return a.data, a.partials[0] if alone else grad(a, leaf)


def _shape(function: Function) -> Shape:
    """Look at an activation's derivative near 0, where units should work, and far out."""

    def tried(z: float) -> tuple[float, float]:
        try:
            return _response(function, z)
        except Exception:  # a function of the user's may refuse numbers that its net never meets
            return math.nan, math.nan

    slopes = [tried(0.25 * i)[1] for i in range(-40, 41)]
    (low, left), (high, right) = tried(-1000.0), tried(1000.0)
    steepest = max((abs(slope) for slope in slopes if math.isfinite(slope)), default=0.0)
    saturates = max(abs(left), abs(right)) < FLAT * steepest
    return Shape(steepest, saturates, any(a == b == 0.0 for a, b in pairwise(slopes)), (low + high) / 2.0)


@dataclass(frozen=True, slots=True)
class Responses:
    """How a net's units respond to examples, layer by layer."""

    units: list[list[Unit]]
    stuck: float | None  # see Measurement
    signal: float


_SOFTMAX = Shape(steepest=0.25, saturates=True, closes=False, middle=0.5)  # p (1 - p), as the sigmoid's


def _responses(sample: Sample) -> Responses:
    """Send the examples through the net, and look at each unit on the way."""
    model, objective = sample.model, sample.objective
    functions = {id(neuron.function): neuron.function for layer in model.layers for neuron in layer.neurons}
    shapes = {key: _shape(function) for key, function in functions.items()}
    units = [
        [
            Unit(_SOFTMAX if layer.activation == "softmax" else shapes[id(neuron.function)], _slope_of(neuron))
            for neuron in layer.neurons
        ]
        for layer in model.layers
    ]
    stuck, signals = 0, []
    for row, target, example in zip(sample.rows, sample.targets, sample.signals(), strict=True):
        outputs = row
        for layer, own, (zs, layer_outputs) in zip(model.layers, units, example, strict=True):
            read, outputs = outputs, layer_outputs
            flat = [unit.see(slope) for unit, slope in zip(own, _slopes(layer, own, zs, outputs), strict=True)]
        signals.append(size(read))
        for unit, a, y, is_flat in zip(units[-1], outputs, _wanted(target, len(outputs)), flat, strict=True):
            stuck += is_flat and unit.shape.saturates and (a > unit.shape.middle) != (y > unit.shape.middle)
    feels = any(unit.shape.saturates for unit in units[-1]) and not objective.from_logits
    if not feels or (objective.row is not None and objective.row.undoes_saturation):
        return Responses(units, None, size(signals))
    return Responses(units, stuck / (len(sample.rows) * len(units[-1])), size(signals))


def _slopes(layer: Layer, units: list[Unit], zs: list[float], outputs: list[float]) -> list[float]:
    """Return g'(z) of each unit of a layer, whose outputs are known."""
    if layer.activation == "softmax":
        return [a.partials[i] for i, a in enumerate(softmax([Value(z) for z in zs]))]
    return [unit.slope(z, a) for unit, z, a in zip(units, zs, outputs, strict=True)]


def _slope_of(neuron: Neuron) -> Callable[[float, float], float]:
    """Return g'(z) as a function of z and a = g(z): for an activation with a name, its row's derivative."""
    function = neuron.function
    if function is None:
        return lambda z, a: 1.0
    row = function(Value(0.5)).operation if isinstance(neuron.activation, str) else None
    if row is None:
        return lambda z, a: _response(function, z)[1]
    (derivative,), settings = row.derivatives, row.settings
    return lambda z, a: derivative(a, z, *settings)


def _wanted(target: Any, outputs: int) -> list[float]:
    """Return what each output should be: the target itself, or 1 for the class that it is the index of."""
    if isinstance(target, list):
        return target
    return [target] if outputs == 1 else [float(i == target) for i in range(outputs)]


# ---------------------------------------------------------------------------------------------------- the step


def _moved(model: MLP, mover: Optimizer, gradients: dict[Value, float]) -> dict[Value, float]:
    """Return where the optimiser's next step would take each parameter."""
    moved = {p: p.data for p in gradients}
    for p, memory in zip(mover.params, mover.memory, strict=True):
        if p in moved:
            moved[p] = mover.move(p.data, gradients[p], memory)[0]
    return moved
