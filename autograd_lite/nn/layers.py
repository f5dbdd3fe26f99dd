"""Neurons and layers of them, used as in micrograd; `mlp.py` makes nets of layers.

A neuron computes $z = w_1 x_1 + ... + w_n x_n + b$, one node, and its output $a = g(z)$, a second one
(none where g is linear). Each node carries its position in the net, so that a picture can name it $z_3^{(2)}$.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from autograd_lite.checks import number, plural, read_name, refuse_set, shown, whole
from autograd_lite.coerce import to_float
from autograd_lite.engine import Value
from autograd_lite.functions import weighted_sum
from autograd_lite.naming import Part, Role
from autograd_lite.nn.activations import (
    Activation,
    applied,
    function_of,
    layer_function_of,
    read_activation,
    short_name,
)
from autograd_lite.nn.initializers import INITIALIZERS, Initializer, weight_sampler
from autograd_lite.nn.module import Module
from autograd_lite.nn.tree import layer_tree, neuron_line, neurons_in
from autograd_lite.pages import element, html
from autograd_lite.sweep import numbers_of

BIAS = "the number that the biases start at (every unit has one)"
Row = Iterable[Any]  # of numbers or Values; a NumPy row is one, too


class Neuron(Module):
    """One unit: the weighted sum of its inputs plus a bias, then the activation.

    `nonlin=False` makes it linear. The weights are drawn one after the other, then nothing for the
    bias, in micrograd's order: `random.seed(1337)` gives micrograd's weights.

    >>> neuron = Neuron(2, rng=Random(0))
    >>> neuron
    ReLUNeuron(2)
    >>> [w.data for w in neuron.w], neuron.b.data
    ([0.6888437030500962, 0.515908805880605], 0.0)
    >>> neuron([1.0, -1.0]).data
    0.1729348971694913
    """

    def __init__(self, nin: int, nonlin: bool = True, *, activation: Activation = "relu", init: Initializer = "uniform",
                 bias: float = 0.0, rng: Random | None = None, place: Role | None = None) -> None:  # fmt: skip
        nin = whole("nin", nin, "a number of inputs")
        self.activation = activation if nonlin else "linear"
        sample = weight_sampler(init, nin, 1, rng)
        self.w = [Value(sample()) for _ in range(nin)]
        self.b = Value(number("bias", bias, BIAS))
        place = place or Role("a", 1, 1, part=Part(alone=True))
        self.set_position(place.layer, place.unit, part=place.part)

    @property
    def activation(self) -> Activation:
        """The name of the activation, or a function of one Value; it may be set."""
        return self._activation

    @activation.setter
    def activation(self, activation: Activation) -> None:
        self.function = function_of(activation)
        self._activation = read_activation(activation)
        if place := getattr(self, "a_role", None):
            self.set_position(place.layer, place.unit, place.output, place.part)

    @property
    def nonlin(self) -> bool:
        """Whether the neuron has an activation that is not linear; setting it to True makes a linear one a ReLU."""
        return self.function is not None

    @nonlin.setter
    def nonlin(self, on: bool) -> None:
        if on != self.nonlin:
            self.activation = "relu" if on else "linear"

    def set_position(self, layer: int, unit: int, output: bool = False, part: Part | None = None) -> None:
        """Set the position in a net, from 1, for pictures and messages; and whether the neuron is the net's output.

        `part` is the layer that it belongs to, by which names keep layers apart.
        """
        for i, w in enumerate(self.w, start=1):
            w.role = Role("w", layer, unit, source=i, output=output, part=part)
        self.b.role = Role("b", layer, unit, output=output, part=part)
        # One object for all nodes that the neuron will ever make.
        self.z_role = Role("z", layer, unit, output=output and self.function is None, part=part)
        self.a_role = Role("a", layer, unit, output=output, part=part)

    def __call__(self, x: Row) -> Value:
        xs = inputs(x, len(self.w), self)
        return self.forward(xs, numbers_of(xs))

    def forward(self, xs: list[Value], input_numbers: list[float], activate: bool = True) -> Value:
        """Return a for checked inputs and their numbers; z, the output before the activation, without `activate`."""
        try:
            z = weighted_sum(self.w, xs, input_numbers, self.b)
        except AttributeError:
            raise self._no_value() from None
        z._role = self.z_role  # the slot itself: every neuron passes here for every row
        if self.function is None or not activate:
            return z
        a = applied(self.function, z)
        a._role = self.a_role
        return a

    def _no_value(self) -> TypeError:
        """Return the error to raise where a number, or something else, stands in the place of a weight or the bias."""
        parts = {**{f"w[{i}]": w for i, w in enumerate(self.w)}, "b": self.b}
        place, found = next((name, part) for name, part in parts.items() if part.__class__ is not Value)
        return TypeError(f"{self.short_name}: expected a Value in {place}, got {shown(found)}; a parameter's number is "
                         f"set by neuron.{place}.data = …")  # fmt: skip

    def _repr_html_(self) -> str:
        return html(element("div", repr(self), ": ", plural(len(self.w) + 1, "parameter")), neuron_line(self))

    @property
    def short_name(self) -> str:
        """The name of the neuron in a message."""
        return repr(self)

    def __repr__(self) -> str:
        kind = type(self).__name__ if computes_itself(self) else f"{short_name(self.activation)}Neuron"
        return f"{kind}({len(self.w)})"


class Layer(Module):
    """Several neurons that read the same inputs. With "softmax" their outputs are made positive and sum to 1.

    >>> Layer(2, 3)
    Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)]
    >>> layer = Layer(2, 2, activation="softmax", init="zeros")
    >>> [a.data for a in layer([1.0, 2.0])]
    [0.5, 0.5]
    """

    def __init__(self, nin: int, nout: int, nonlin: bool = True, *, activation: Activation = "relu",
                 init: Initializer = "uniform", bias: float = 0.0, rng: Random | None = None) -> None:  # fmt: skip
        nin, nout = whole("nin", nin, "a number of inputs"), whole("nout", nout, "a number of neurons")
        self.neurons: list[Any] = []
        self._activation = self._for_units(activation if nonlin else "linear", nout)
        # How the weights started, if that has a name: a diagnosis does not advise it again.
        self.init: str | None = read_name(init, INITIALIZERS) if isinstance(init, str) else None
        self.initial_bias: float | None = to_float(number("bias", bias, BIAS))
        sample = weight_sampler(init, nin, nout, rng)
        own, part = self.unit_activation, Part()
        places = (Role("a", 1, unit, part=part) for unit in range(1, nout + 1))
        self.neurons = [Neuron(nin, activation=own, init=sample, bias=bias, place=place) for place in places]

    @property
    def activation(self) -> Activation:
        """The activation of the units, or of the whole layer; setting it sets that of each unit.

        Where the units were given one by one, it is theirs if they have all the same, else the layer's own.
        """
        own = [neuron.activation for neuron in self.neurons if isinstance(neuron, Neuron)]
        return own[0] if own and not self.function and all(x == own[0] for x in own) else self._activation

    @activation.setter
    def activation(self, activation: Activation) -> None:
        self._activation = self._for_units(activation, len(self.neurons))
        for neuron in self.neurons:
            neuron.activation = "linear" if self.function else self._activation

    @staticmethod
    def _for_units(activation: Activation, count: int) -> Activation:
        """Return an activation by its name, checked for so many units."""
        found = read_activation(activation)
        if not layer_function_of(found):
            function_of(found)
        elif count == 1:
            raise ValueError("softmax over a single unit is always 1: use sigmoid, or one unit for each class")
        return found

    @property
    def function(self) -> Any:
        """The activation where it takes the whole layer, as softmax does; None where each neuron has its own."""
        return layer_function_of(self._activation)

    @property
    def unit_activation(self) -> Activation:
        """The activation of each neuron: linear under an activation of the whole layer."""
        return "linear" if self.function else self.activation

    def set_position(self, layer: int, last: bool = False) -> None:
        """Set which layer of a net this is, from 1, and whether it is the last."""
        part = Part()
        for unit, neuron in enumerate(self.neurons, start=1):
            neuron.set_position(layer, unit, output=last and len(self.neurons) == 1, part=part)

    def __call__(self, x: Row) -> Any:
        return single_or_list(self.forward(inputs(x, len(self.neurons[0].w), self)))

    def preactivations(self, xs: list[Value]) -> list[Value]:
        """Return every neuron's z for checked inputs; ValueError for a neuron whose z only its own call knows."""
        numbers = numbers_of(xs)
        return [neuron.forward(xs, numbers, False) if type(neuron).__call__ is _NEURON_CALL else _z_of(neuron, xs)
                for neuron in self.neurons]  # fmt: skip

    def forward(self, xs: list[Value]) -> list[Value]:
        """Return every neuron's output for checked inputs."""
        function = self.function
        if function is None:
            numbers = numbers_of(xs)
            return [neuron.forward(xs, numbers) if type(neuron).__call__ is _NEURON_CALL else neuron(xs)
                    for neuron in self.neurons]  # fmt: skip
        outputs: list[Value] = function(self.preactivations(xs))
        for neuron, a in zip(self.neurons, outputs, strict=True):
            if isinstance(neuron, Neuron):
                a.role = neuron.a_role
        return outputs

    @property
    def activation_names(self) -> str:
        """The names of its activations in a table: one, unless its units were given different ones."""
        units = [] if self.function else [neuron.activation for neuron in self.neurons if isinstance(neuron, Neuron)]
        return ", ".join(dict.fromkeys(map(short_name, units or [self.activation])))

    @property
    def line(self) -> str:
        """The layer in a line: its sizes, its activation, its number of parameters."""
        neurons = neurons_in(self)
        if len(neurons) < len(self.neurons) or not neurons:
            return f"{type(self).__name__}, {plural(len(self.parameters()), 'parameter')}"
        inputs = len(neurons[0][1].w)
        sizes = f"Layer {inputs} → {len(neurons)} {self.activation_names}"
        return f"{sizes}, {plural(len(self.parameters()), 'parameter')}"

    def _repr_html_(self) -> str:
        return layer_tree(self.line, self)

    @property
    def short_name(self) -> str:
        """The name of the layer in a message."""
        return f"Layer({len(self.neurons[0].w)}, {len(self.neurons)})"

    def __repr__(self) -> str:
        kind = f"{short_name(self.activation)} layer" if self.function else "Layer"
        return f"{kind} of [{', '.join(map(repr, self.neurons))}]"


# The methods of the package's own parts. A user's subclass or patch has others, and then its `__call__` is used; parts
# that are the package's own hand checked lists straight to `forward`.
_NEURON_CALL: Any = Neuron.__call__
_LAYER_CALL: Any = Layer.__call__
_OWN = {Neuron: (Neuron.__call__, Neuron.forward), Layer: (Layer.__call__, Layer.forward, Layer.preactivations)}


def computes_itself(part: Any) -> bool:
    """Tell whether a neuron or a layer computes its output in a way of its own: a user's class, patch or function."""
    for kind, methods in _OWN.items():
        if isinstance(part, kind) and all(getattr(type(part), own.__name__) is own for own in methods):
            return isinstance(part, Layer) and any(map(computes_itself, part.neurons))
    return True


def outputs_of(layer: Any, xs: list[Any]) -> list[Any]:
    """Return the outputs of a layer, which may be any function of a list of Values, for checked inputs."""
    if type(layer).__call__ is _LAYER_CALL:
        return layer.forward(xs)  # type: ignore[no-any-return]
    outputs = layer(xs)
    if isinstance(outputs, Value) or not isinstance(outputs, Iterable):
        outputs = [outputs]
    return [y if y.__class__ is Value else Value(y) for y in outputs]


def _z_of(neuron: Any, xs: list[Any]) -> Value:
    """Return the output of a linear unit that computes in a way of its own: it is its z."""
    if getattr(neuron, "nonlin", False):
        raise ValueError(f"logits: {neuron!r} computes its output in a way of its own, so its z is not known; "
                         "use a loss of the outputs, loss=nn.mse_loss or a function of yours")  # fmt: skip
    return neuron(xs)  # type: ignore[no-any-return]


def inputs(x: Row, width: int | None, reader: Any) -> list[Any]:
    """Return one row of inputs as Values, of any width if that is None; leaves without a name become $x_1, x_2, …$."""
    if x.__class__ is not list:  # as it is most of the time
        refuse_set(reader.short_name, x)
    try:
        xs = [value if value.__class__ is Value else Value(value) for value in x]
    except TypeError as error:
        found, why = f"{x!r:.80}", str(error)
        if isinstance(x, Iterable) and all(isinstance(row, Iterable) and not isinstance(row, str) for row in x):
            found, why = plural(len([*x]), "row"), "model.predict(X) gives their outputs, [model(x) for x in X] Values"
        raise TypeError(f"{reader.short_name}: expected a list of {_count(width)}, got {found}; {why}") from None
    if width is not None and len(xs) != width:
        raise ValueError(f"{reader.short_name}: expected {_count(width)}, one for each input, got {len(xs)}")
    for i, value in enumerate(xs, start=1):
        if value.operation is None and value.role is None and not value.label:
            value._role = _input_role(i)
    return xs


def _count(width: int | None) -> str:
    return "numbers" if width is None else plural(width, "number")


@lru_cache(maxsize=1024)
def _input_role(unit: int) -> Role:
    return Role("x", 0, unit)


def single_or_list(outputs: Sequence[Any]) -> Any:
    """Return the only output itself, several as a list."""
    return outputs[0] if len(outputs) == 1 else outputs
