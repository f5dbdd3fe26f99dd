r"""A net measured on data, for its diagnosis: the gradient that arrives in each layer, and the slopes of its units.

Nothing is written, to the net, to its gradients or to the global `random`. The kind of an activation is read off its
derivative, so that a function of the user's own is treated like the built-in ones.
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
from autograd_lite.engine import Value
from autograd_lite.modes import Mode, in_mode
from autograd_lite.nn.activations import applied
from autograd_lite.nn.layers import Layer, Neuron, inputs
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.module import part_of
from autograd_lite.nn.objectives import Objective, batch_loss
from autograd_lite.nn.optimizers import Optimizer
from autograd_lite.nn.rows import flat
from autograd_lite.nn.training_steps import replayed
from autograd_lite.replay import Compiled, Rows

# Of the largest g' of an activation: below this share a unit passes next to nothing back.
SMALL_SLOPE = 0.01

# Of the weights' own size. A usual step moves them by a thousandth to a few hundredths. Beyond a tenth the linear
# approximation fails, so the loss after the step is computed too.
LARGE_UPDATE = 0.1

Function = Callable[[Value], Value] | None


@dataclass(frozen=True, slots=True)
class LayerDiagnosis:
    """The figures of one layer; None where there is nothing of the kind to measure."""

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
    alike: bool = False  # whether all of several hidden units have the same weights and bias, and the same gradients
    unreached: bool = False  # whether it is a part of a Module with the gradient 0, while others have one

    @property
    def dead_share(self) -> float | None:
        """Return which share of the units is dead."""
        return None if self.dead is None else len(self.dead) / self.units


@dataclass(frozen=True, slots=True)
class Measurement:
    """The figures of a net on data."""

    layers: tuple[LayerDiagnosis, ...]
    examples: int
    loss: float
    saturated_wrong: float | None  # share of outputs on the wrong side that are saturated, where the loss feels g'
    loss_after: float | None  # where a step is large: the loss that it would lead to
    lr: float | None
    input_rms: float
    target_rms: float | None  # where the targets are numbers and no classes
    last_layer_input_rms: float
    input_spread: float  # between examples
    last_layer_input_spread: float


def rms(numbers: Sequence[float]) -> float:
    """Return the root mean square, without overflow.

    >>> rms([3e200, -4e200]) == 12.5**0.5 * 1e200
    True
    """
    return math.hypot(*numbers) / math.sqrt(len(numbers))


def spread(rows: Sequence[Sequence[float]]) -> float:
    """Return the root mean square of what differs between the rows: of each number minus its column's mean.

    >>> spread([[1.0, 5.0], [3.0, 5.0]]) == 0.5**0.5
    True
    """
    columns = [*zip(*rows, strict=True)]
    return rms([x - mean for column in columns for mean in [sum(column) / len(column)] for x in column])


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Record even inside `no_grad`, let a nan pass even inside `anomaly`, and leave `random` as it was."""
    state = random.getstate()  # a unit that drops out at random may draw from it
    try:
        with in_mode(Mode()):
            yield
    finally:
        random.setstate(state)


@_undisturbed()
def measure(sample: Sample, optimizer: Optimizer | None) -> Measurement:
    """Measure a net on its data as it is now, and the next step of an optimiser."""
    loss, gradients = sample.gradients()
    if not isinstance(sample.model, MLP):
        return _measured_by_part(sample, optimizer, loss, gradients)
    layers = sample.model.layers
    examples = sample.responses()
    shapes = [_shapes(layer) for layer in layers]
    slopes = [_slopes(layer, [example[i] for example in examples]) for i, layer in enumerate(layers)]
    moved: Any = None if optimizer is None else _moved(optimizer, gradients)
    sizes = [rms([gradients[w] for w in _weights(layer)]) for layer in layers]

    def diagnosed(i: int, layer: Layer) -> LayerDiagnosis:
        weights, units = _weights(layer), list(zip(shapes[i], slopes[i], strict=True))
        if sample.objective.from_logits and layer is layers[-1]:
            units = []  # the loss starts from z, so the last layer's g' is no factor of the gradient
        small = [sum(map(shape.is_small, line)) / len(examples) for shape, line in units if shape.saturates]
        dead = tuple(j for j, (shape, line) in enumerate(units, start=1) if shape.has_zero_range and not any(line))
        return LayerDiagnosis(
            i + 1, layer.activation_names, len(layer.neurons), gradient=sizes[i],
            ratio=_ratio(sizes[i], sizes[-1]), saturated=sum(small) / len(small) if small else None,
            dead=dead if any(shape.has_zero_range for shape, _ in units) else None,
            update=moved and _ratio(rms([moved[w] - w.data for w in weights]), rms([w.data for w in weights])),
            init=layer.init, bias=layer.initial_bias,
            alike=layer is not layers[-1] and len(layer.neurons) > 1
            and len({tuple([(p.data, gradients[p]) for p in unit.parameters()]) for unit in layer.neurons}) == 1,
        )  # fmt: skip

    found = tuple(diagnosed(i, layer) for i, layer in enumerate(layers))
    large = any(layer.update is not None and layer.update > LARGE_UPDATE for layer in found)
    inputs_of_last = [example[-2][1] for example in examples] if len(layers) > 1 else sample.rows
    return Measurement(
        found, len(sample.rows), loss,
        saturated_wrong=_saturated_wrong(sample, shapes[-1], slopes[-1], [example[-1][1] for example in examples]),
        loss_after=sample.loss_at(moved) if large and moved else None,
        lr=None if optimizer is None else optimizer.lr,
        input_rms=rms([x for row in sample.rows for x in row]),
        target_rms=rms(sample.target_numbers) if sample.target_numbers else None,
        last_layer_input_rms=rms([rms(row) for row in inputs_of_last]),
        input_spread=spread(sample.rows), last_layer_input_spread=spread(inputs_of_last))  # fmt: skip


def _measured_by_part(sample: Sample, optimizer: Optimizer | None, loss: float,
                      gradients: dict[Value, float]) -> Measurement:  # fmt: skip
    """Measure a Module of the user's own: its parts in the place of layers, by their gradients and steps alone."""
    parts: dict[str, list[Value]] = {}
    for name, parameter in sample.model.named_parameters():
        parts.setdefault(part_of(name), []).append(parameter)
    moved: Any = None if optimizer is None else _moved(optimizer, gradients)
    sizes = [rms([gradients[p] for p in part]) for part in parts.values()]
    found = tuple(
        LayerDiagnosis(
            i, name, len(part), gradient=size, ratio=_ratio(size, sizes[-1]), saturated=None, dead=None,
            update=moved and _ratio(rms([moved[p] - p.data for p in part]), rms([p.data for p in part])),
            unreached=size == 0.0 and any(sizes))
        for i, ((name, part), size) in enumerate(zip(parts.items(), sizes, strict=True), start=1)
    )  # fmt: skip
    large = any(part.update is not None and part.update > LARGE_UPDATE for part in found)
    return Measurement(
        found, len(sample.rows), loss, saturated_wrong=None,
        loss_after=sample.loss_at(moved) if large and sample.replay is not None else None,
        lr=None if optimizer is None else optimizer.lr, input_rms=rms([*map(float, flat(sample.rows))]),
        target_rms=None, last_layer_input_rms=math.inf, input_spread=0.0, last_layer_input_spread=math.inf)  # fmt: skip


def _weights(layer: Layer) -> list[Value]:
    return [w for neuron in layer.neurons for w in neuron.w]


def _ratio(a: float, b: float) -> float:
    return a / b if b else math.inf if a else math.nan


def _moved(optimizer: Optimizer, gradients: dict[Value, float]) -> dict[Value, float]:
    """Return where the optimiser's next step would take each parameter."""
    memory = dict(zip(optimizer.params, optimizer.memory, strict=True))
    return {p: optimizer.move(p.data, g, memory[p])[0] if p in memory else p.data for p, g in gradients.items()}


class Sample:
    """A net and the data that it is measured on; each method computes for the net as it is then.

    It replays the net where that is possible. Else it calls it: example by example where the loss is ours, a mean over
    examples; a loss of the user's own may mix examples, so it gets all of them together.
    """

    def __init__(self, model: Any, objective: Objective, rows: list[list[float]], targets: list[Any],
                 replay: Rows | None = None) -> None:  # fmt: skip
        self.model, self.objective, self.rows, self.targets = model, objective, rows, targets
        with _undisturbed():
            self.replay = replayed(objective, model, (rows, targets)) if replay is None else replay
        self.target_numbers = flat(targets) if objective.is_right is None else []  # none where they are classes
        by_layer = self.replay is not None and isinstance(model, MLP)
        self.compiled: Compiled | None = Compiled(self._responses_to) if by_layer else None

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
        functions: list[Any] = [neuron.function for layer in self.model.layers for neuron in layer.neurons]
        twin = copy.deepcopy(self.model, {id(function): function for function in functions})  # they may refuse a copy
        for p, own in zip(twin.parameters(), self.model.parameters(), strict=True):
            p.data = moved[own]
        return batch_loss(self.objective, twin, self.rows, self.targets)[0].data

    def responses(self) -> list[list[tuple[list[float], list[float]]]]:
        """Return each example's (z, a) of each layer: the weighted sums of its units, and their outputs."""
        try:
            numbers: list[Any] = [] if self.compiled is None else self.compiled.map(self.rows)
        except (TypeError, RuntimeError):  # an activation of the user's own that can't be replayed
            self.compiled, numbers = None, []
        if self.compiled is None:
            numbers = [[[v.data for v in part] for part in self._responses_to(row)] for row in self.rows]
        return [[*zip(example[::2], example[1::2], strict=True)] for example in numbers]

    def _responses_to(self, row: Any) -> list[list[Value]]:
        """Return the z of the first layer's units, then their a, then the next layer's."""
        found: list[list[Value]] = []
        xs: list[Any] = inputs(row, self.model.nin, self.model)
        for layer in self.model.layers:
            zs = layer.preactivations(xs)
            units = zip(layer.neurons, zs, strict=True)
            xs = (
                layer.function(zs)
                if layer.function
                else [applied(n.function, z) if n.function else z for n, z in units]
            )
            found += [zs, xs]
        return found


@dataclass(frozen=True, slots=True)
class Shape:
    """The kind of an activation, by its derivative."""

    steepest: float  # the largest |g'|
    saturates: bool  # g' is next to nothing far out on both sides, as for the sigmoid
    has_zero_range: bool  # g' is exactly 0 over a range of ordinary numbers, as for ReLU
    middle: float  # half way between the two outputs at which it saturates

    def is_small(self, slope: float) -> bool:
        """Tell whether a g' is next to nothing."""
        return abs(slope) < SMALL_SLOPE * self.steepest


_SOFTMAX = Shape(steepest=0.25, saturates=True, has_zero_range=False, middle=0.5)  # p (1 - p), as the sigmoid's


def _shapes(layer: Layer) -> list[Shape]:
    """Return the shape of each unit's activation."""
    functions = {id(neuron.function): neuron.function for neuron in layer.neurons}
    shapes = {key: _SOFTMAX if layer.function else _shape(function) for key, function in functions.items()}
    return [shapes[id(neuron.function)] for neuron in layer.neurons]


def _response(function: Function, z: float) -> tuple[float, float]:
    """Return a unit's output g(z) and the derivative g'(z)."""
    if function is None:
        return z, 1.0
    leaf = Value(z)
    a = applied(function, leaf)
    alone = len(a.parents) == 1 and a.parents[0] is leaf  # an operation of the table
    return a.data, a.partials[0] if alone else grad(a, leaf)


def _shape(function: Function) -> Shape:
    """Return the shape of an activation: its derivative is tried near 0, where units should work, and far out."""

    def tried(z: float) -> tuple[float, float]:
        try:
            return _response(function, z)
        except Exception:  # a function of the user's may refuse numbers that its net never meets
            return math.nan, math.nan

    slopes = [tried(0.25 * i)[1] for i in range(-40, 41)]
    (low, left), (high, right) = tried(-1000.0), tried(1000.0)
    steepest = max((abs(slope) for slope in slopes if math.isfinite(slope)), default=0.0)
    saturates = max(abs(left), abs(right)) < SMALL_SLOPE * steepest
    return Shape(steepest, saturates, any(a == b == 0.0 for a, b in pairwise(slopes)), (low + high) / 2.0)


def _slopes(layer: Layer, responses: list[tuple[list[float], list[float]]]) -> list[list[float]]:
    """Return each unit's g'(z) on all examples, given each example's (z, a) of the layer."""
    if layer.function:
        lines = [[a.partials[i] for i, a in enumerate(layer.function([*map(Value, zs)]))] for zs, _ in responses]
    else:
        units = [_slope_of(neuron) for neuron in layer.neurons]
        lines = [[slope(z, a) for slope, z, a in zip(units, *response, strict=True)] for response in responses]
    return [list(column) for column in zip(*lines, strict=True)]


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


def _saturated_wrong(sample: Sample, shapes: list[Shape], slopes: list[Any], outputs: list[Any]) -> float | None:
    """Return the share of outputs that are saturated on the wrong side; None where the loss does not feel g'."""
    objective = sample.objective
    undone = objective.from_logits or (objective.row is not None and objective.row.undoes_saturation)
    if undone or not any(shape.saturates for shape in shapes):
        return None
    wrong = 0
    for i, (found, target) in enumerate(zip(outputs, sample.targets, strict=True)):
        classes = [target] if len(found) == 1 else [float(j == target) for j in range(len(found))]
        wanted = target if isinstance(target, list) else classes
        for shape, line, a, y in zip(shapes, slopes, found, wanted, strict=True):
            wrong += shape.saturates and shape.is_small(line[i]) and (a > shape.middle) != (y > shape.middle)
    return wrong / (len(outputs) * len(shapes))
