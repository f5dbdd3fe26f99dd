"""Tied weights: layers, neurons and parameters that stand in a net more than once, and are learned together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograd_lite.nn.layers import Layer, Neuron

_PATH = re.compile(r"layers\.(\d{1,9})(?:\.neurons\.(\d{1,9})(?:\.(b|w\.(\d{1,9})))?)?")


def shared_parts(layers: list[Any]) -> dict[str, str]:
    """Return the path of each part that stands in a net again, with the path at which it stands first.

    Of a shared layer its neurons are not named again, nor the parameters of a shared neuron.

    >>> layers = [Layer(2, 2), Layer(2, 2)]
    >>> layers[1].neurons[0] = layers[0].neurons[1]
    >>> shared_parts(layers)
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

    for i, layer in enumerate(layers):
        walk(layer, f"layers.{i}")
    return shared


def _inner(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a layer or a neuron by name; a parameter has none."""
    if hasattr(part, "neurons"):
        yield from ((f"neurons.{j}", neuron) for j, neuron in enumerate(part.neurons))
    elif hasattr(part, "w"):
        yield from ((f"w.{k}", w) for k, w in enumerate(part.w))
        yield "b", part.b


def tie(layers: list[Any], shared: Mapping[str, str], error: Callable[[str, str, str], Exception]) -> None:
    """Make those parts of a net one that a model file says are one; else raise `error(where, expected, found)`."""
    for path, first in shared.items():
        where = f"shared, {path!r:.60}"
        try:
            (holder, key), (first_holder, first_key) = _place(layers, path), _place(layers, first)
            part, target = holder[key], first_holder[first_key]
        except LookupError:
            raise error(where, "two places in this net", repr(first)) from None
        if type(part) is not type(target) or _numbers_of(part) != _numbers_of(target):
            raise error(where, f"the same numbers as at {first}", "others")
        holder[key] = target
    if shared and shared_parts(layers) != shared:
        raise error("shared", "for each later place the first one, each once", "other places")


def _place(layers: list[Any], path: str) -> tuple[Any, Any]:
    """Return the object that holds the layer, the neuron or the parameter at a path, and its index or name there."""
    found = _PATH.fullmatch(path)
    if not found:
        raise LookupError(path)
    layer, neuron, parameter, weight = found.groups()
    if neuron is None:
        return layers, int(layer)
    neurons = layers[int(layer)].neurons
    if parameter is None:
        return neurons, int(neuron)
    part = neurons[int(neuron)]
    return (vars(part), "b") if weight is None else (part.w, int(weight))


def _numbers_of(part: Any) -> Any:
    """Return the numbers of a layer, with its activation, of a neuron or of a parameter."""
    if isinstance(part, Layer):
        return part.activation, [_numbers_of(neuron) for neuron in part.neurons]
    return [p.data for p in (*part.w, part.b)] if isinstance(part, Neuron) else part.data
