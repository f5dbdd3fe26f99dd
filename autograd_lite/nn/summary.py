"""A net at a glance: one line a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.nn.layers import Layer, Neuron, computes_itself
from autograd_lite.nn.module import Module
from autograd_lite.tables import Rows, Tabular


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer: how many numbers come in and go out, and how many are learned."""

    inputs: int | None  # None for a layer of the user's own
    outputs: int | None
    activation: str
    weights: int
    biases: int
    shared: int = 0  # of these, how many stand at an earlier place of the net, too, and are counted there


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Tabular):
    """The layers of a net; printed, a table."""

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """The number of all weights and biases."""
        return sum(layer.weights + layer.biases - layer.shared for layer in self.layers)

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, one a layer, as texts."""
        names = ["inputs", "outputs", "activation", "weights", "biases", "shared"]
        names = names if any(layer.shared for layer in self.layers) else names[:-1]
        cells = [[getattr(layer, name) for name in names] for layer in self.layers]
        rows = [[str(i), *("" if x is None else str(x) for x in row)] for i, row in enumerate(cells, start=1)]
        return ["layer", *names], rows

    @property
    def notes(self) -> list[str]:
        """The number of parameters in words."""
        return [f"{self.parameters} parameters"]


def summarize(layers: Sequence[Any]) -> Summary:
    """Return the table of a net's layers.

    >>> summarize([Layer(2, 16), Layer(16, 1, activation="sigmoid")])
    layer  inputs  outputs  activation  weights  biases
    1           2       16        ReLU       32      16
    2          16        1     Sigmoid       16       1
    65 parameters
    """
    met: set[int] = set()

    def summary(layer: Any) -> LayerSummary:
        if not isinstance(layer, Layer) or not all(isinstance(neuron, Neuron) for neuron in layer.neurons):
            own = [p for p in layer.parameters() if id(p) not in met] if isinstance(layer, Module) else []
            met.update(map(id, own))
            return LayerSummary(None, None, getattr(layer, "__name__", type(layer).__name__), len(own), 0)
        parameters = [id(p) for neuron in layer.neurons for p in (*neuron.w, neuron.b)]
        fresh = {*parameters} - met
        met.update(fresh)
        parts: list[Any] = [neuron for neuron in layer.neurons if computes_itself(neuron)] or [layer]
        kinds = ", ".join(dict.fromkeys(type(part).__name__ for part in parts))
        inputs, outputs = len(layer.neurons[0].w), len(layer.neurons)
        return LayerSummary(inputs, outputs, kinds if computes_itself(layer) else layer.activation_names,
                            len(parameters) - outputs, outputs, len(parameters) - len(fresh))  # fmt: skip

    return Summary(tuple(map(summary, layers)))
