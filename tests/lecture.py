"""The lecture's neuron, for tests of everything that shows it."""

from __future__ import annotations

from autograd_lite import Value


def neuron() -> Value:
    """Return o = tanh(x1·w1 + x2·w2 + b), every value labelled; at these numbers its derivative by n is 0.5."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2, b = Value(-3.0, label="w1"), Value(1.0, label="w2"), Value(6.8813735870195432, label="b")
    first, second = x1 * w1, x2 * w2
    first.label, second.label = "x1w1", "x2w2"
    s = first + second
    n = s + b
    o = n.tanh()
    s.label, n.label, o.label = "s", "n", "o"
    return o
