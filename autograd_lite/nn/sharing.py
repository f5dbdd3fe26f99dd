"""Layers, neurons and parameters that stand in a net more than once: tied weights, which are learned together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from autograd_lite.nn.mlp import MLP

__all__ = ["part_at", "share", "shared_parts"]

_PATH = re.compile(r"layers\.(\d{1,9})(?:\.neurons\.(\d{1,9})(?:\.(b|w\.(\d{1,9})))?)?")


def shared_parts(model: MLP) -> dict[str, str]:
    """Return the path of each part that stands in a net again, with the path at which it stands first.

    Of a shared layer its neurons are not named again, nor the parameters of a shared neuron.

    >>> model = MLP(2, [2, 2, 1], seed=0)
    >>> model.layers[1].neurons[0] = model.layers[0].neurons[1]
    >>> shared_parts(model)
    {'layers.1.neurons.0': 'layers.0.neurons.1'}
    """
    first: dict[int, str] = {}
    shared: dict[str, str] = {}

    def walk(part: Any, path: str) -> None:
        if id(part) in first:
            shared[path] = first[id(part)]
            return
        first[id(part)] = path
        for name, inner in _inner(part):
            walk(inner, f"{path}.{name}")

    for i, layer in enumerate(model.layers):
        walk(layer, f"layers.{i}")
    return shared


def _inner(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a layer or a neuron by name; a parameter has none."""
    if hasattr(part, "neurons"):
        yield from ((f"neurons.{j}", neuron) for j, neuron in enumerate(part.neurons))
    elif hasattr(part, "w"):
        yield from ((f"w.{k}", w) for k, w in enumerate(part.w))
        yield "b", part.b


def part_at(model: MLP, path: str) -> Any:
    """Return the layer, the neuron or the parameter at a path; LookupError if there is none.

    >>> part_at(MLP(2, [2, 1], seed=0), "layers.0.neurons.1.w.0").data
    -0.15885683833831
    """
    found = _PATH.fullmatch(path)
    if not found:
        raise LookupError(path)
    layer, neuron, parameter, weight = found.groups()
    part: Any = model.layers[int(layer)]
    if neuron is not None:
        part = part.neurons[int(neuron)]
    if parameter is not None:
        part = part.b if weight is None else part.w[int(weight)]
    return part


def share(model: MLP, path: str, first: str) -> None:
    """Put the part that stands at `first` at `path`, too."""
    holder, _, name = path.rpartition(".")
    part = part_at(model, first)
    if name == "b":
        part_at(model, holder).b = part
        return
    holder, _, kind = holder.rpartition(".")
    parts = model.layers if not holder else getattr(part_at(model, holder), kind)
    parts[int(name)] = part
