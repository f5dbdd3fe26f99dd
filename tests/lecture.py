"""The lecture's neuron, for tests of everything that shows it."""

from __future__ import annotations

from autograd_lite import Value


def neuron() -> Value:
    """Return o = tanh(x1·w1 + x2·w2 + b), every value labelled; at these numbers its derivative by n is 0.5."""
    x1, x2 = (Value(data, label=name, kind="input") for data, name in ((2.0, "x1"), (0.0, "x2")))
    weights = ((-3.0, "w1"), (1.0, "w2"), (6.8813735870195432, "b"))
    w1, w2, b = (Value(data, label=name, kind="parameter") for data, name in weights)
    first, second = x1 * w1, x2 * w2
    first.label, second.label = "x1w1", "x2w2"
    s = first + second
    n = s + b
    o = n.tanh()
    s.label, n.label, o.label = "s", "n", "o"
    return o
