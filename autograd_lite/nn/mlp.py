"""Nets of fully connected layers: `MLP(2, [16, 16, 1])`, as in micrograd."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.checks import seeded
from autograd_lite.engine import Value
from autograd_lite.nn.activations import Activation, function_of, read_activation
from autograd_lite.nn.initializers import Initializer
from autograd_lite.nn.layers import Layer, Row, check_count, computes_itself, inputs, outputs_of, unwrapped
from autograd_lite.nn.module import Module

if TYPE_CHECKING:
    from autograd_lite.nn.encoding import Encoding
    from autograd_lite.nn.summary import Summary

__all__ = ["MLP"]


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

    def __init__(
        self,
        nin: int,
        nouts: Iterable[int],
        activation: Activation | Sequence[Activation] = "relu",
        output: Activation = "linear",
        init: Initializer = "uniform",
        bias: float = 0.0,
        seed: int | None = None,
    ) -> None:
        nin = check_count("nin", "inputs", nin)
        sizes = list(nouts) if isinstance(nouts, Iterable) and not isinstance(nouts, str | Value) else []
        if not sizes:
            raise ValueError(f"nouts: expected the number of units of each layer, like [16, 16, 1], got {nouts!r}")
        sizes = [check_count("nouts", "units", size) for size in sizes]
        self.encoding: Encoding | None = None  # how rows of a table become inputs, where the net was trained on one
        output = read_activation(output)
        if output != "softmax":
            function_of(output, "output")
        activations = [*_hidden_activations(activation, len(sizes) - 1), output]
        rng = None if seed is None else seeded(seed)
        self.layers = [
            Layer(before, after, activation=g, init=init, bias=bias, rng=rng)
            for before, after, g in zip([nin, *sizes], sizes, activations, strict=False)
        ]
        for number, layer in enumerate(self.layers, start=1):
            layer.place(number, last=layer is self.layers[-1])

    @property
    def nin(self) -> Any:
        """Return the number of inputs; None where the first layer is a function or a class of the user's own."""
        return _width(self.layers[0])

    @property
    def nouts(self) -> list[Any]:
        """Return the number of units of each layer; None for one of the user's own."""
        return [len(layer.neurons) if isinstance(layer, Layer) else None for layer in self.layers]

    @property
    def output(self) -> Any:
        """Return the activation of the last layer; where that computes in a way of its own, the layer itself."""
        last = self.layers[-1]
        return last if computes_itself(last) else last.activation

    def __call__(self, x: Row) -> Any:
        return unwrapped(self._through(self.layers, x))

    def _through(self, layers: Sequence[Any], x: Row) -> list[Any]:
        """Return what comes out of some of the layers, from the first one on."""
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
        return unwrapped(last.raw(self._through(hidden, x)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the net to a JSON file, which `nn.load` reads; an older file is replaced in one step."""
        from autograd_lite.nn.files import save  # files.py builds nets, so it imports this module

        save(self, path)

    def summary(self) -> Summary:
        """Return a table of the layers: sizes, activations and numbers of parameters."""
        from autograd_lite.nn.summary import summarize

        return summarize(self)

    @property
    def title(self) -> str:
        """Return what a message calls the net, without listing its neurons."""
        return f"MLP({self.nin}, {self.nouts})"

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def _width(layer: Any) -> int | None:
    """Return how many inputs a layer reads; None for one of the user's own, which may read any number."""
    return len(layer.neurons[0].w) if isinstance(layer, Layer) and hasattr(layer.neurons[0], "w") else None


def check_parts(model: MLP, what: str, why: str) -> None:
    """Raise ValueError if a layer or a neuron of the net computes in a way of its own."""
    for number, layer in enumerate(model.layers, start=1):
        if computes_itself(layer):
            units = [unit for unit in getattr(layer, "neurons", ()) if computes_itself(unit)]
            part = units[0] if units else layer
            name = getattr(part, "__name__", type(part).__name__)
            raise ValueError(f"{what}: layer {number} computes in a way of its own ({name}); {why}")


def _hidden_activations(activation: Activation | Sequence[Activation], hidden: int) -> list[Activation]:
    """Return one activation for each hidden layer."""
    if not isinstance(activation, list | tuple):
        function_of(activation)  # type: ignore[arg-type]  # refuse a wrong name even where no layer uses it
        return [activation] * hidden  # type: ignore[list-item]
    activations = list(activation)
    if len(activations) != hidden:
        raise ValueError(
            f"activation: expected one name, or a list of {hidden} (one for each hidden layer), got {activation!r}"
        )
    for g in activations:
        function_of(g)
    return activations
