"""Neurons and layers of them, used as in micrograd; `mlp.py` makes nets of layers.

A neuron computes $z = w_1 x_1 + ... + w_n x_n + b$, one node, and its output $a = g(z)$, a second one
(none where g is linear). Each node carries its place in the net, so that a picture can say $z_3^{(2)}$.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from autograd_lite.checks import whole
from autograd_lite.coerce import number_in
from autograd_lite.engine import Value
from autograd_lite.functions import softmax, weighted_sum
from autograd_lite.naming import Role
from autograd_lite.nn.activations import Activation, function_of, read_activation, title_of
from autograd_lite.nn.initializers import INITIALIZERS, Initializer, drawer
from autograd_lite.nn.module import Module
from autograd_lite.nn.spelling import read_name

__all__ = ["Layer", "Neuron", "check_count", "computes_itself", "inputs", "outputs_of", "unwrapped"]

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

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        init: Initializer = "uniform",
        bias: float = 0.0,
        rng: Random | None = None,
    ) -> None:
        nin = check_count("nin", "inputs", nin)
        self.activation = read_activation(activation) if nonlin else "linear"
        self.function = function_of(self.activation)
        draw = drawer(init, nin, 1, rng)
        self.w = [Value(draw()) for _ in range(nin)]
        self.b = Value(number_in(bias, what="bias"))
        self.place(1, 1)

    @property
    def nonlin(self) -> bool:
        """Whether the neuron has an activation that is not linear; setting it to True makes a linear one a ReLU."""
        return self.function is not None

    @nonlin.setter
    def nonlin(self, on: bool) -> None:
        if on != self.nonlin:
            self.activation = "relu" if on else "linear"
            self.function = function_of(self.activation)
            self.place(self.layer, self.unit, self.a_role.output)

    def place(self, layer: int, unit: int, output: bool = False) -> None:
        """Say where in a net the neuron stands, from 1, for pictures and messages; and whether f is its output."""
        self.layer, self.unit = layer, unit
        for i, w in enumerate(self.w, start=1):
            w.role = Role("w", layer, unit, source=i, output=output)
        self.b.role = Role("b", layer, unit, output=output)
        # One object for all nodes that the neuron will ever make.
        self.z_role = Role("z", layer, unit, output=output and self.function is None)
        self.a_role = Role("a", layer, unit, output=output)

    def __call__(self, x: Row) -> Value:
        xs = inputs(x, len(self.w), self)
        return self.forward(xs, numbers(xs))

    def raw(self, xs: list[Value], data: list[float]) -> Value:
        """Return z, the output before the activation, for inputs that were checked, and their numbers."""
        z = weighted_sum(self.w, xs, data, self.b)
        z._role = self.z_role
        return z

    def forward(self, xs: list[Value], data: list[float]) -> Value:
        """Return a, the output, for inputs that were checked, and their numbers."""
        z = weighted_sum(self.w, xs, data, self.b)
        z._role = self.z_role  # the slot itself: every neuron passes here for every row
        if self.function is None:
            return z
        a = self.function(z)
        a._role = self.a_role
        return a

    @property
    def title(self) -> str:
        """Return what a message calls the neuron."""
        return repr(self)

    def __repr__(self) -> str:
        title = type(self).__name__ if computes_itself(self) else f"{title_of(self.activation)}Neuron"
        return f"{title}({len(self.w)})"


class Layer(Module):
    """Several neurons that read the same inputs. With "softmax" their outputs are made positive and sum to 1.

    >>> Layer(2, 3)
    Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)]
    >>> layer = Layer(2, 2, activation="softmax", init="zeros")
    >>> [a.data for a in layer([1.0, 2.0])]
    [0.5, 0.5]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        init: Initializer = "uniform",
        bias: float = 0.0,
        rng: Random | None = None,
    ) -> None:
        nin, nout = check_count("nin", "inputs", nin), check_count("nout", "neurons", nout)
        self.activation = read_activation(activation) if nonlin else "linear"
        if self.activation == "softmax" and nout == 1:
            raise ValueError("softmax over a single unit is always 1: use sigmoid, or one unit for each class")
        own = "linear" if self.activation == "softmax" else self.activation
        # How it started, as far as it has a name: a diagnosis does not prescribe what was done.
        self.init: str | None = read_name(init, INITIALIZERS) if isinstance(init, str) else None
        self.initial_bias: float | None = number_in(bias, what="bias")
        draw = drawer(init, nin, nout, rng)
        self.neurons = [Neuron(nin, activation=own, init=draw, bias=bias) for _ in range(nout)]
        self.place(1)

    def place(self, layer: int, last: bool = False) -> None:
        """Say which layer of a net this is, from 1, and whether it is the last."""
        for unit, neuron in enumerate(self.neurons, start=1):
            neuron.place(layer, unit, output=last and len(self.neurons) == 1)

    def __call__(self, x: Row) -> Any:
        return unwrapped(self.forward(inputs(x, len(self.neurons[0].w), self)))

    def raw(self, xs: list[Value]) -> list[Value]:
        """Return every neuron's z for inputs that were checked; ValueError for one that only its own call knows."""
        data = numbers(xs)
        return [neuron.raw(xs, data) if type(neuron).__call__ is _NEURON_CALL else _z_of(neuron, xs)
                for neuron in self.neurons]  # fmt: skip

    def forward(self, xs: list[Value]) -> list[Value]:
        """Return every neuron's output for inputs that were checked."""
        if self.activation != "softmax":
            data = numbers(xs)
            return [neuron.forward(xs, data) if type(neuron).__call__ is _NEURON_CALL else neuron(xs)
                    for neuron in self.neurons]  # fmt: skip
        outputs = softmax(self.raw(xs))
        for neuron, a in zip(self.neurons, outputs, strict=True):
            if isinstance(neuron, Neuron):
                a.role = neuron.a_role
        return outputs

    @property
    def title(self) -> str:
        """Return what a message calls the layer."""
        return f"Layer({len(self.neurons[0].w)}, {len(self.neurons)})"

    def __repr__(self) -> str:
        title = "Softmax layer" if self.activation == "softmax" else "Layer"
        return f"{title} of [{', '.join(map(repr, self.neurons))}]"


# How the package's own parts are called: a subclass's `__call__`, or one that was put in its place, is another one,
# and is what is called then. Its own parts hand lists that were checked straight to `forward`.
_NEURON_CALL: Any = Neuron.__call__
_LAYER_CALL: Any = Layer.__call__
_OWN = {Neuron: (Neuron.__call__, Neuron.forward, Neuron.raw), Layer: (Layer.__call__, Layer.forward, Layer.raw)}


def computes_itself(part: Any) -> bool:
    """Tell whether a neuron or a layer computes its output in a way of its own: a user's class, patch or function."""
    kind = type(part)
    own = next((methods for own, methods in _OWN.items() if isinstance(part, own)), None)
    if own is None or (kind.__call__, kind.forward, kind.raw) != own:
        return True
    return isinstance(part, Layer) and any(map(computes_itself, part.neurons))


def outputs_of(layer: Any, xs: list[Any]) -> list[Any]:
    """Return the outputs of a layer, which may be any function of a list of Values, for inputs that were checked."""
    if type(layer).__call__ is _LAYER_CALL:
        found: list[Any] = layer.forward(xs)
        return found
    outputs = layer(xs)
    if isinstance(outputs, Value) or not isinstance(outputs, Iterable):
        outputs = [outputs]
    return [y if y.__class__ is Value else Value(y) for y in outputs]


def _z_of(neuron: Any, xs: list[Any]) -> Value:
    """Return what a linear unit that computes in a way of its own gives: its output is z."""
    if getattr(neuron, "nonlin", False):
        raise ValueError(f"logits: {neuron!r} computes its output in a way of its own, so its z is not known; "
                         "use a loss of the outputs, loss=nn.mse_loss or a function of yours")  # fmt: skip
    z: Value = neuron(xs)
    return z


def inputs(x: Row, width: int | None, reader: Any) -> list[Any]:
    """Return one row of inputs as Values, a list of the right width; leaves without a name become $x_1, x_2, …$.

    A width of None stands for any.
    """
    try:
        xs = [value if value.__class__ is Value else Value(value) for value in x]
    except TypeError as error:
        rows = isinstance(x, Iterable) and any(isinstance(row, list | tuple) for row in x)
        why = "for several rows call it on each: [model(x) for x in X]" if rows else error
        raise TypeError(f"{reader.title}: expected a list of {_numbers(width)}, got {x!r:.80}; {why}") from None
    if width is not None and len(xs) != width:
        raise ValueError(f"{reader.title}: expected {_numbers(width)}, one for each input, got {len(xs)}")
    for i, value in enumerate(xs, start=1):
        if value._operation is None and value.role is None and not value.label:
            value._role = _input_role(i)
    return xs


def numbers(xs: list[Value]) -> list[float]:
    """Return the numbers of a layer's inputs, read once for all its neurons."""
    return [x._data for x in xs]


@lru_cache(maxsize=1024)
def _input_role(unit: int) -> Role:
    return Role("x", 0, unit)


def unwrapped(outputs: Sequence[Any]) -> Any:
    """Return the only output itself, several as a list."""
    return outputs[0] if len(outputs) == 1 else outputs


def check_count(name: str, what: str, count: Any) -> int:
    """Return a number of units as an int, be it NumPy's; ValueError for anything but one of 1 or more."""
    return whole(name, count, f"a number of {what}")


def _numbers(count: int | None) -> str:
    return "numbers" if count is None else "1 number" if count == 1 else f"{count} numbers"
