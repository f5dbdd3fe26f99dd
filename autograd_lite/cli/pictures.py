"""The two pictures of a trained net: the graph of one loss, and one neuron in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite import nn
from autograd_lite.cli.outcome import Outcome
from autograd_lite.drawing import Graph, draw
from autograd_lite.engine import Value, no_grad


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a file of this name, with what to see in it."""

    file: str
    title: str
    caption: str
    graph: Graph


def pictures(outcome: Outcome) -> tuple[Picture, Picture]:
    """Draw the held-out row that the net finds hardest."""
    example = _hardest(outcome)
    pair = outcome.true[example], outcome.predicted[example]
    true, predicted = (cell if isinstance(cell, str) else f"{cell:.6g}" for cell in pair)
    return (
        Picture(
            "graph.svg",
            "The graph of one loss",
            f"The held-out row that the net finds hardest: {true}, predicted {predicted}. Each card holds a "
            "neuron's output and the derivative of the loss by it: blue below zero, orange above.",
            _graph(outcome, example),
        ),
        Picture(
            "neuron.svg",
            "One neuron in full",
            "A hidden unit on the same row. On each edge the local derivative, in each card the product of "
            "those on the way to the output.",
            _neuron(outcome, example),
        ),
    )


def _hardest(outcome: Outcome) -> int:
    """Return which held-out row has the largest loss: there, gradients are large enough to be seen."""
    with no_grad():
        losses = [_loss(outcome, *example).data for example in zip(*outcome.held_out, strict=True)]
    return losses.index(max(losses))


def _loss(outcome: Outcome, row: Sequence[Any], target: float) -> Value:
    """Return the loss of one example as `fit` computes it."""
    logits = outcome.model.logits(row)
    if isinstance(logits, list):
        return nn.cross_entropy(logits, int(target))
    loss = nn.binary_cross_entropy_with_logits if outcome.target.classes else nn.mse_loss
    return loss(logits, target)


def _inputs(outcome: Outcome, row: Sequence[float]) -> list[Value]:
    """Return a row's inputs as leaves, named after their columns."""
    assert outcome.model.encoding is not None
    names = [
        f"{column.name} = {level}" if level else column.name
        for column in outcome.model.encoding.columns
        for level in column.levels or ("",)
    ]
    return [Value(x, label=name) for x, name in zip(row, names, strict=True)]


def _graph(outcome: Outcome, example: int) -> Graph:
    """Draw the loss of one held-out row, with the gradient of every node."""
    loss = _loss(outcome, _inputs(outcome, outcome.held_out[0][example]), outcome.held_out[1][example])
    loss.label = "loss"
    return _drawn(outcome.model, loss)


def _neuron(outcome: Outcome, example: int) -> Graph:
    """Draw a neuron, node by node: what it adds up, and how its output moves with each weight.

    It is the first hidden one that passes a gradient, for a ReLU unit at rest would show nothing but zeros.
    """
    row = outcome.held_out[0][example]
    for neuron in outcome.model.layers[0].neurons:
        output = neuron(_inputs(outcome, row))
        if any(output.partials):
            break
    return _drawn(outcome.model, output)


def _drawn(model: nn.MLP, root: Value) -> Graph:
    model.zero_grad()
    root.backward()
    return draw(root)
