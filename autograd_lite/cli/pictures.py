"""The two pictures of a trained net: the graph of one loss, and one neuron in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd_lite import drawing, nn
from autograd_lite.cli.outcome import Outcome
from autograd_lite.drawing import draw
from autograd_lite.engine import Value, no_grad
from autograd_lite.nn.objectives import objective_of
from autograd_lite.notation.text import number


class Picture(NamedTuple):
    """A picture for a file of this name, with a caption for the report."""

    file: str
    title: str
    caption: str
    graph: drawing.Picture


def pictures(outcome: Outcome) -> tuple[Picture, Picture]:
    """Draw the held-out row with the largest loss: there, gradients are large enough to be seen."""
    with no_grad():
        losses = [_loss(outcome.model, *example).data for example in zip(*outcome.held_out, strict=True)]
    hardest = losses.index(max(losses))
    row, target = outcome.held_out[0][hardest], outcome.held_out[1][hardest]
    true, predicted = (cell if isinstance(cell, str) else number(cell).text for cell in outcome.answers[hardest])
    loss = _loss(outcome.model, _inputs(outcome.model, row), target)
    loss.label = "loss"
    return (
        Picture(
            "graph.svg", "The graph of one loss", f"The held-out row that the net finds hardest: {true}, predicted "
            f"{predicted}. Each card holds a neuron's output and the derivative of the loss by it: blue below zero, "
            "orange above.",
            _drawn(outcome.model, loss),
        ),
        Picture(
            "neuron.svg", "One neuron in full", "A hidden unit on the same row. On each edge the local derivative, in "
            "each card the product of those on the way to the output.",
            _drawn(outcome.model, _active_neuron(outcome.model, row)),
        ),
    )  # fmt: skip


def _loss(model: nn.MLP, row: Sequence[Any], target: Any) -> Value:
    """Return the loss of one example as `fit` computes it."""
    objective = objective_of(model, None)
    loss: Value = objective.loss(objective.predict(model, row), target)
    return loss


def _inputs(model: nn.MLP, row: Sequence[float]) -> list[Value]:
    """Return the inputs of a row as leaves, labelled with the names of their columns."""
    assert model.encoding is not None
    names = [
        f"{column.name} = {level}" if level else column.name
        for column in model.encoding.columns
        for level in column.levels or ("",)
    ]
    return [Value(x, label=name) for x, name in zip(row, names, strict=True)]


def _active_neuron(model: nn.MLP, row: Sequence[float]) -> Value:
    """Return the output of the first hidden neuron that passes a gradient: an inactive ReLU would show only zeros."""
    outputs: list[Value] = [neuron(_inputs(model, row)) for neuron in model.layers[0].neurons]
    return next((output for output in outputs if any(output.partials)), outputs[-1])


def _drawn(model: nn.MLP, root: Value) -> drawing.Picture:
    model.zero_grad()
    root.backward()
    return draw(root)
