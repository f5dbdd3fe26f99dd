"""A net at a glance: one line a layer."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_lite.nn.activations import title_of
from autograd_lite.nn.mlp import MLP

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

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("layer", "inputs", "outputs", "activation", "weights", "biases")]
        for i, layer in enumerate(self.layers, start=1):
            numbers = layer.weights, layer.biases
            rows.append((str(i), str(layer.inputs), str(layer.outputs), layer.activation, *map(str, numbers)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*lines, f"{self.parameters} parameters"])

    __repr__ = __str__


def summarize(model: MLP) -> Summary:
    """Return the table of a net's layers.

    >>> summarize(MLP(2, [16, 1], output="sigmoid"))
    layer  inputs  outputs  activation  weights  biases
        1       2       16        ReLU       32      16
        2      16        1     Sigmoid       16       1
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
