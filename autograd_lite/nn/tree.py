"""A net in a notebook: a tree that opens, a line a layer, a square a weight with sign and size; it runs no script.

It is made of elements that viewers which trust nothing leave as they are: `details`, `summary`, and `span` with a
`title`. The sign stands in a square as text, the size is the strength of its colour; the paths can be copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_lite.checks import plural
from autograd_lite.engine import Value
from autograd_lite.notation.text import full
from autograd_lite.pages import Html, element, html

MOST_SQUARES, MOST_LINES = 32, 16
RGB = {True: "217,115,26", False: "47,111,208"}  # of plus and minus, as in pictures

_LINE = "margin-left:1.5em;white-space:nowrap"
_MONO = "font-family:monospace;white-space:nowrap"


def net_tree(title: str, layers: Iterable[tuple[str, Any]]) -> Html:
    """Return the tree of a net, given the name of each layer and the layer."""
    layers = list(layers)
    values = [p for _, layer in layers for _, part in neurons_in(layer) for p in _parameters(part)]
    largest = _largest(values)
    return _details(
        title, *(layer_tree(name, layer, f"layers[{i}]", largest) for i, (name, layer) in enumerate(layers))
    )


def layer_tree(title: str, layer: Any, path: str = "", largest: float | None = None) -> Html:
    """Return the tree of a layer, a line a neuron; the title alone if it has no neurons."""
    neurons = neurons_in(layer)
    if not neurons:
        return element("div", title, style=_LINE)
    weights = [p for _, neuron in neurons for p in _parameters(neuron)]
    largest = _largest(weights) if largest is None else largest
    start = f"{path}." if path else ""
    lines = [neuron_line(neuron, f"{start}{name}", largest) for name, neuron in neurons[:MOST_LINES]]
    if len(neurons) > MOST_LINES:
        lines.append(element("div", f"… and {plural(len(neurons) - MOST_LINES, 'neuron')} more", style=_LINE))
    strip = _strip([(f"{start}{name}.{key}", p) for name, n in neurons for key, p in _named(n)], largest)
    return _details(html(title, " ", strip), *lines, is_open=not path)


def neuron_line(neuron: Any, path: str = "", largest: float | None = None) -> Html:
    """Return the line of a neuron: the path to it, the squares of its weights, and that of its bias."""
    largest = _largest(_parameters(neuron)) if largest is None else largest
    start = f"{path}." if path else ""
    weights = [(f"{start}w[{i}]", w) for i, w in enumerate(neuron.w)]
    head = [element("code", path), " "] if path else []
    return element("div", *head, "w ", _strip(weights, largest), " b ", _strip([(f"{start}b", neuron.b)], largest),
                   style=_LINE)  # fmt: skip


def neurons_in(layer: Any) -> list[tuple[str, Any]]:
    """Return the neurons of a layer that have weights and a bias, with their paths in it."""
    found = enumerate(getattr(layer, "neurons", ()))
    return [(f"neurons[{i}]", neuron) for i, neuron in found if hasattr(neuron, "w") and hasattr(neuron, "b")]


def _parameters(neuron: Any) -> list[Value]:
    return [*neuron.w, neuron.b]


def _named(neuron: Any) -> list[tuple[str, Value]]:
    return [*((f"w[{i}]", w) for i, w in enumerate(neuron.w)), ("b", neuron.b)]


def _largest(values: Sequence[Value]) -> float:
    return max((abs(p.data) for p in values if abs(p.data) < float("inf")), default=0.0)


def _strip(parameters: Sequence[tuple[str, Value]], largest: float) -> Html:
    """Return a square for each parameter: its sign as text, its size as the strength of the colour."""
    squares = [_square(path, p, largest) for path, p in parameters[:MOST_SQUARES]]
    more = [element("span", f" +{len(parameters) - MOST_SQUARES}")] if len(parameters) > MOST_SQUARES else []
    return element("span", *squares, *more, style=_MONO)


def _square(path: str, p: Value, largest: float) -> Html:
    sign = "0" if p.data == 0.0 else "+" if p.data > 0.0 else "−" if p.data < 0.0 else "?"
    strength = 0.1 + 0.5 * min(1.0, abs(p.data) / largest) if largest and p.data == p.data else 0.0  # the sign is read
    grad = f"grad {full(p.grad)}" if p.has_grad else "no gradient computed"
    colour = f"background:rgba({RGB[p.data > 0.0]},{strength:.2f})" if p.data else ""
    style = {"style": colour} if colour else {}
    return element("span", sign, title=f"{path} = {full(p.data)}, {grad}", **style)


def _details(summary: Any, *lines: Html, is_open: bool = True) -> Html:
    opened = {"open": "open"} if is_open else {}
    return element("details", element("summary", summary), *lines, style="margin-left:1em", **opened)
