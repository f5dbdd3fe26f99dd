"""Nets of fully connected layers: `MLP(2, [16, 16, 1])`, as in micrograd."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from typing import Any

from autograd_lite.checks import plural, seeded, whole
from autograd_lite.engine import Value
from autograd_lite.nn.activations import UNIT_ACTIVATIONS, Activation, function_of, read_activation
from autograd_lite.nn.encoding import Encoding
from autograd_lite.nn.files import LayerEntry, ModelFile, ModelFileError, StateFile, read, refuse_infinite, write
from autograd_lite.nn.initializers import Initializer
from autograd_lite.nn.layers import Layer, Neuron, Row, computes_itself, inputs, outputs_of, single_or_list
from autograd_lite.nn.module import Module
from autograd_lite.nn.sharing import shared_parts, tie
from autograd_lite.nn.summary import Summary, summarize
from autograd_lite.nn.tree import net_tree


class MLP(Module):
    """A multi-layer perceptron: `nin` inputs, then layers of `nouts` units, each fully connected to the next.

    `activation` is used by the hidden layers (a list has one for each), `output` by the last; `init` says
    how weights start, `bias` where biases do: a small positive one, 0.1, keeps ReLU units alive at first.
    `seed` makes the weights the same on every run; without it they are drawn from the global `random`.

    >>> model = MLP(2, [3, 1], seed=0)
    >>> model
    MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(3)]]
    >>> model([1.0, -2.0])
    Value(data=-0.33570791763310276, grad=0.0)
    >>> len(model.parameters())
    13
    """

    def __init__(self, nin: int, nouts: Iterable[int], activation: Activation | Sequence[Activation] = "relu",
                 output: Activation = "linear", init: Initializer = "uniform", bias: float = 0.0,
                 seed: int | None = None) -> None:  # fmt: skip
        nin = whole("nin", nin, "a number of inputs")
        sizes = list(nouts) if isinstance(nouts, Iterable) and not isinstance(nouts, str | Value) else []
        if not sizes:
            raise ValueError(f"nouts: expected the number of units of each layer, like [16, 16, 1], got {nouts!r}")
        sizes = [whole("nouts", size, "a number of units") for size in sizes]
        self.encoding: Encoding | None = None  # how rows of a table become inputs, where the net was trained on one
        function_of(output, output=True)  # refuses a wrong name
        hidden, several = len(sizes) - 1, isinstance(activation, list | tuple)
        given: list[Any] = [*activation] if several else [activation] * max(hidden, 1)  # type: ignore[misc]
        if several and len(given) != hidden:
            raise ValueError("activation: expected one name, or a list of "
                             f"{hidden} (one for each hidden layer), got {activation!r}")  # fmt: skip
        for g in given:
            function_of(g)  # refuses a wrong name, even where no layer uses it
        activations = [*given[:hidden], read_activation(output)]
        rng = None if seed is None else seeded(seed)
        shapes = zip([nin, *sizes[:-1]], sizes, activations, strict=True)
        self.layers = [Layer(m, n, activation=g, init=init, bias=bias, rng=rng) for m, n, g in shapes]
        for number, layer in enumerate(self.layers, start=1):
            layer.set_position(number, last=layer is self.layers[-1])

    in_layers = True

    def parts_with_switch(self) -> list[Module]:
        """Return the modules that may read `training`; none where all parts are the package's own."""
        parts = {*map(type, self.layers)}
        if parts == {Layer} and type(self).__call__ is MLP.__call__:
            parts.update(*[map(type, [layer.activation, *layer.neurons]) for layer in self.layers])
        return [] if parts == {Layer, Neuron, str} else self.modules()

    @property
    def nin(self) -> Any:
        """The number of inputs; None where the first layer is a function or a class of the user's own."""
        return _width(self.layers[0])

    @property
    def nouts(self) -> list[Any]:
        """The number of units of each layer; None for one of the user's own."""
        return [len(layer.neurons) if isinstance(layer, Layer) else None for layer in self.layers]

    @property
    def output(self) -> Any:
        """The activation of the last layer; where that computes in a way of its own, the layer itself."""
        last = self.layers[-1]
        return last if computes_itself(last) else last.activation

    def __call__(self, x: Row) -> Any:
        return single_or_list(self._through(self.layers, x))

    def _through(self, layers: Sequence[Any], x: Row) -> list[Any]:
        """Return the outputs of the last of some layers, from the first one on."""
        xs: list[Any] = inputs(x, self.nin, self)
        before: Any = None
        for layer in layers:
            if before is not None and not isinstance(before, Layer):  # it may give any number of outputs
                xs = inputs(xs, _width(layer), layer)
            xs = outputs_of(layer, xs)
            before = layer
        return xs

    def logits(self, x: Row) -> Any:
        """Return the last layer's z, its outputs before the activation, which the stable losses start from.

        >>> model = MLP(1, [1], output="sigmoid", init=lambda: 100.0)
        >>> model([1.0]).data, model.logits([1.0]).data
        (1.0, 100.0)
        """
        *hidden, last = self.layers
        if not isinstance(last, Layer):
            raise ValueError("logits: the last layer is a function of your own, so its z is not known")
        return single_or_list(last.preactivations(self._through(hidden, x)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the net to a JSON file, which `nn.load` reads; an older file is replaced in one step.

        Of a subclass with a `__call__` of its own the file has the parameters by name, as of any Module of your own:
        `model.load_state_dict(nn.load(path))`. A net with an activation that is no name, or a parameter that is nan or
        inf, is a `ValueError`.
        """
        if type(self).__call__ is not MLP.__call__:  # an MLP of these layers would compute something else
            super().save(path)
        else:
            write(self._to_file(), path)

    def _to_file(self) -> ModelFile:
        check_parts(self.layers, "save", "a model file holds no code; state_dict() gives the numbers")
        shared = shared_parts(self.layers)
        check_activations(self.layers, "save", shared)
        entries = []
        for i, layer in enumerate(self.layers):
            if not isinstance(layer.activation, str):
                raise ValueError(f"save: layer {i + 1} has the activation {layer.activation!r}, a function: a model"
                                 " file holds no code, so only activations with a name can be saved"
                                 f" ({', '.join(UNIT_ACTIVATIONS)}, softmax)")  # fmt: skip
            weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
            biases = [neuron.b.data for neuron in layer.neurons]
            entries.append(LayerEntry(activation=layer.activation, weights=weights, biases=biases))
        refuse_infinite(self.state_dict())
        return ModelFile(self.nin, entries, shared, self.encoding)

    def summary(self) -> Summary:
        """Return a table of the layers: sizes, activations and numbers of parameters."""
        return summarize(self.layers)

    def _repr_html_(self) -> str:
        lines = [layer.line if isinstance(layer, Layer) else _name(layer) for layer in self.layers]
        title = f"{self.short_name}, {plural(len(self.parameters()), 'parameter')}"
        return net_tree(title, zip(lines, self.layers, strict=True))

    @property
    def short_name(self) -> str:
        """The name of the net in a message, without its neurons."""
        return f"MLP({self.nin}, {self.nouts})"

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def load(path: str | os.PathLike[str]) -> Any:
    """Return the net in a JSON file that `save` wrote; `ModelFileError` if it holds anything else.

    Of a Module of your own the file has the parameters by name, and these are returned: make the net, then
    `model.load_state_dict(load(path))`. A net that was trained in the shell reads standardised inputs:
    `model.encoding.encode(row)` makes them of a row of the table, `model.encoding.decode(output)` gives the answer.
    """
    file = read(path)
    if isinstance(file, StateFile):
        return file.state
    *hidden, output = [layer["activation"] for layer in file.layers]
    model = MLP(file.inputs, [len(layer["biases"]) for layer in file.layers], hidden, output, init="zeros")
    for layer, entry in zip(model.layers, file.layers, strict=True):
        layer.init = layer.initial_bias = None  # not in the file
        for neuron, row, bias in zip(layer.neurons, entry["weights"], entry["biases"], strict=True):
            for p, number in zip([*neuron.w, neuron.b], [*row, bias], strict=True):
                p.data = number
    tie(model.layers, file.shared, partial(ModelFileError, os.fsdecode(path)))
    model.encoding = file.encoding
    return model


def _name(layer: Any) -> str:
    return getattr(layer, "__name__", type(layer).__name__)


def _width(layer: Any) -> int | None:
    """Return how many inputs a layer reads; None for one of the user's own, which may read any number."""
    return len(layer.neurons[0].w) if isinstance(layer, Layer) and hasattr(layer.neurons[0], "w") else None


def check_parts(layers: Sequence[Any], caller: str, reason: str) -> None:
    """Raise ValueError if a layer or a neuron of the net computes in a way of its own."""
    for number, layer in enumerate(layers, start=1):
        if computes_itself(layer):
            units = [unit for unit in getattr(layer, "neurons", ()) if computes_itself(unit)]
            part = units[0] if units else layer
            name = _name(part)
            raise ValueError(f"{caller}: layer {number} computes in a way of its own ({name}); {reason}")


def check_activations(layers: Sequence[Layer], caller: str, shared: Collection[str] = ()) -> None:
    """Raise ValueError if the units of a layer have several activations; one that is `shared` may have that of its own.

    `shared` are the paths of units and layers that stand elsewhere, too.
    """
    for i, layer in enumerate(layers):
        for j, neuron in enumerate(layer.neurons):
            path = f"layers.{i}.neurons.{j}"
            if neuron.activation != layer.unit_activation and not {path, f"layers.{i}"} & {*shared}:
                raise ValueError(f"{caller}: {path} has the activation {neuron.activation!r}, its layer"
                                 f" {layer.activation!r}; expected one for all units of a layer")  # fmt: skip
