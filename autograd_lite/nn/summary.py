"""A net at a glance: one line a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd_lite.nn.activations import title_of
from autograd_lite.nn.layers import Layer, Neuron, computes_itself
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.module import Module
from autograd_lite.tables import Rows, Tabular

__all__ = ["LayerSummary", "Summary", "summarize"]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer: how many numbers come in and go out, and how many are learned."""

    inputs: int | None  # None for a layer of the user's own
    outputs: int | None
    activation: str
    weights: int
    biases: int
    shared: int = 0  # of these, how many stand in an earlier place of the net, too, and are learned there


@dataclass(frozen=True, slots=True, repr=False)
class Summary(Tabular):
    """The layers of a net; printed, a table."""

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """Return the number of all weights and biases."""
        return sum(layer.weights + layer.biases - layer.shared for layer in self.layers)

    @property
    def table(self) -> Rows:
        """Return the head of the table and its rows, one a layer, as texts."""
        head = ["layer", "inputs", "outputs", "activation", "weights", "biases", "shared"]
        rows = [
            [str(i), str(layer.inputs or ""), str(layer.outputs or ""), layer.activation, str(layer.weights),
             str(layer.biases), str(layer.shared)]
            for i, layer in enumerate(self.layers, start=1)
        ]  # fmt: skip
        if not any(layer.shared for layer in self.layers):
            return head[:-1], [row[:-1] for row in rows]
        return head, rows

    @property
    def notes(self) -> list[str]:
        """Return the number of parameters in words."""
        return [f"{self.parameters} parameters"]


def _title(layer: Layer) -> str:
    """Return a layer's activation; where it computes in a way of its own, the names of the classes that do so."""
    if not computes_itself(layer):
        return title_of(layer.activation)
    own: list[Any] = [neuron for neuron in layer.neurons if computes_itself(neuron)] or [layer]
    return ", ".join(dict.fromkeys(type(part).__name__ for part in own))


def summarize(model: MLP) -> Summary:
    """Return the table of a net's layers.

    >>> summarize(MLP(2, [16, 1], output="sigmoid"))
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
        parameters = [p for neuron in layer.neurons for p in (*neuron.w, neuron.b)]
        before = len(met)
        met.update(map(id, parameters))
        return LayerSummary(
            inputs=len(layer.neurons[0].w),
            outputs=len(layer.neurons),
            activation=_title(layer),
            weights=len(parameters) - len(layer.neurons),
            biases=len(layer.neurons),
            shared=len(parameters) - (len(met) - before),
        )

    return Summary(tuple(map(summary, model.layers)))
