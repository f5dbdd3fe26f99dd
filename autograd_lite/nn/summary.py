"""A net at a glance: one line a layer."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_lite.nn.activations import title_of
from autograd_lite.nn.mlp import MLP
from autograd_lite.tables import html_table, text_table

__all__ = ["LayerSummary", "Summary", "summarize"]


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """One layer: how many numbers come in and go out, and how many are learned."""

    inputs: int
    outputs: int
    activation: str
    weights: int
    biases: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The layers of a net; printed, a table."""

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """Return the number of all weights and biases."""
        return sum(layer.weights + layer.biases for layer in self.layers)

    @property
    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return the head of the table and its rows, one a layer, as texts."""
        return ["layer", "inputs", "outputs", "activation", "weights", "biases"], [
            [str(i), str(layer.inputs), str(layer.outputs), layer.activation, str(layer.weights), str(layer.biases)]
            for i, layer in enumerate(self.layers, start=1)
        ]

    def __str__(self) -> str:
        return f"{text_table(*self.table)}\n{self.parameters} parameters"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"{html_table(*self.table)}<p>{self.parameters} parameters</p>"


def summarize(model: MLP) -> Summary:
    """Return the table of a net's layers.

    >>> summarize(MLP(2, [16, 1], output="sigmoid"))
    layer  inputs  outputs  activation  weights  biases
    1           2       16        ReLU       32      16
    2          16        1     Sigmoid       16       1
    65 parameters
    """
    return Summary(
        tuple(
            LayerSummary(
                inputs=len(layer.neurons[0].w),
                outputs=len(layer.neurons),
                activation=title_of(layer.activation),
                weights=sum(len(neuron.w) for neuron in layer.neurons),
                biases=len(layer.neurons),
            )
            for layer in model.layers
        )
    )
