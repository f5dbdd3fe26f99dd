"""The graphs and nets that the exercises are about, small ones as in the notebooks, built again for each check."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite import functions
from autograd_lite.datasets import moons
from autograd_lite.derivatives import grad
from autograd_lite.engine import Value
from autograd_lite.nn import MLP, binary_cross_entropy_with_logits, cross_entropy

Nodes = dict[str, Value]  # by name; the last one is differentiated


def labelled(**nodes: Value) -> Nodes:
    """Return values by name, and make the names their labels."""
    for name, node in nodes.items():
        node.label = name
    return nodes


def net_of(nin: int, widths: list[int], numbers: Sequence[float]) -> MLP:
    """Return a net of sigmoid units with these parameters: of each unit the weights, then the bias."""
    net = MLP(nin, widths, activation="sigmoid", output="sigmoid", init="zeros")  # draws no random number
    for parameter, data in zip(net.parameters(), numbers, strict=True):
        parameter.data = data
    return net


# ---------------------------------------------------------------------------------------------------- notebook 0


def used_twice() -> Nodes:
    """Return f = a · b + a."""
    a, b = Value(2.0), Value(-3.0)
    product = a * b
    return labelled(a=a, b=b, **{"a · b": product}, f=product + a)


def neuron(w: float = 2.0) -> Nodes:
    """Return the neuron y = tanh(w · x + b) at x = −1, b = 1.5."""
    weight, x, b = Value(w), Value(-1.0), Value(1.5)
    return labelled(w=weight, x=x, b=b, y=(weight * x + b).tanh())


# ---------------------------------------------------------------------------------------------------- notebook 1


def line() -> Nodes:
    """Return the mean squared error of f(x) = w x + b at w = 1, b = 0 on three examples."""
    w, b = Value(1.0), Value(0.0)
    terms = [(w * x + b - y) ** 2 for x, y in ((1.0, 1.1), (2.0, 1.8), (3.0, 5.0))]
    return labelled(w=w, b=b, C=functions.mean(terms))


def chain(numbers: Sequence[float] = (1.5, -0.5, -2.0, 1.0, 3.0, -1.0)) -> Nodes:
    """Return three layers of one sigmoid unit each, at x = 2."""
    net = net_of(1, [1, 1, 1], numbers)
    parameters = dict(zip(("w1", "b1", "w2", "b2", "w3", "b3"), net.parameters(), strict=True))
    return {**parameters, "f": net([labelled(x=Value(2.0))["x"]])}


def on_the_way(nodes: Nodes) -> list[Any]:
    """Return w⁽²⁾, w⁽³⁾ and the three z of that chain, which formulas are made of."""
    a, zs = 2.0, []
    for layer in "123":
        zs.append(nodes[f"w{layer}"].data * a + nodes[f"b{layer}"].data)
        a = 1.0 / (1.0 + math.exp(-zs[-1]))
    return [nodes["w2"], nodes["w3"], *zs]


def square() -> Nodes:
    """Return f = (a · b + c)² and each node on the way to it."""
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b
    e = d + c
    return labelled(a=a, b=b, c=c, d=d, e=e, f=e * e)


def doubled() -> Nodes:
    """Return b = a + a, c = b + b."""
    a = Value(1.0)
    b = a + a
    return labelled(a=a, b=b, c=b + b)


# ---------------------------------------------------------------------------------------------------- notebook 2


def several(scale: float = 1.0) -> tuple[MLP, list[list[Value]]]:
    """Return the net 2-2-2-1 of notebook 2, its parameters times `scale`, and its values: inputs, each layer, f."""
    numbers = [1.0, 0.5, 0.5, -1.0, 0.5, 1.0, 2.0, -1.0, 0.0, -1.5, 1.0, 0.5, 2.0, 3.0, -2.0]
    numbers = [scale * number for number in numbers]
    net = net_of(2, [2, 2, 1], numbers)
    values = [[Value(1.0, label="x1"), Value(-2.0, label="x2")]]
    for layer in net.layers:
        out = layer(values[-1])
        values.append(out if isinstance(out, list) else [out])
    return net, values


def weight_12(scale: float = 1.0) -> Nodes:
    """Return w₁₂⁽²⁾ of that net, and f."""
    net, values = several(scale)
    return {"w12(2)": net.layers[1].neurons[1].w[0], "f": values[3][0]}


def by_unit(scale: float = 1.0) -> list[Callable[[int, int], Any]]:
    """Return that net's `a(i, layer)`, with gradients, and `g_prime(i, layer)`, as the notebook defines them."""
    _, values = several(scale)
    values[3][0].backward()

    def a(i: int, layer: int) -> Value:
        if i < 1:
            raise IndexError("units count from 1")  # values[layer][-1] would be the last one
        return values[layer][i - 1]

    return [a, lambda i, layer: a(i, layer).data * (1.0 - a(i, layer).data)]


def ways_back(i: int) -> tuple[list[float], list[float], list[float]]:
    """Return the contributions of layer 2 to ∂f/∂aᵢ⁽¹⁾, unit by unit: right, with w(j, i), without g'(z)."""
    net, values = several()
    (f,), layer = values[3], net.layers[1].neurons
    upstream = [u * a.data * (1.0 - a.data) for u, a in zip(grad(f, values[2]), values[2], strict=True)]
    right = [u * unit.w[i - 1].data for u, unit in zip(upstream, layer, strict=True)]
    turned = [u * layer[i - 1].w[j].data for j, u in enumerate(upstream)]
    bare = [u * unit.w[i - 1].data for u, unit in zip(grad(f, values[2]), layer, strict=True)]
    return right, turned, bare


# ---------------------------------------------------------------------------------------------------- notebook 3


def knobs() -> tuple[MLP, Value]:
    """Return the net 2-2-1 of notebook 3 and its cost for x = (1, 2), y = 0.6."""
    net = net_of(2, [2, 1], [1.0, -0.5, 0.5, 0.5, 1.0, -0.5, 1.5, -1.5, 0.0])
    return net, labelled(C=(net([1.0, 2.0]) - 0.6) ** 2)["C"]


# ------------------------------------------------------------------------------------------- notebooks 4, 5 and 6


def sigmoid_unit() -> Nodes:
    """Return a = σ(w · x + b) at z = 0."""
    w, x, b = Value(2.0), Value(-1.0), Value(2.0)
    z = w * x + b
    return labelled(w=w, x=x, b=b, z=z, a=z.sigmoid())


def yes_or_no() -> Nodes:
    """Return the cross-entropy of σ(w · x + b) = 3/4 with y = 1."""
    w, x, b = Value(0.0), Value(2.0), Value(math.log(3))
    z = functions.dot([w], [x], bias=b)
    return labelled(w=w, x=x, b=b, z=z, C=binary_cross_entropy_with_logits(z, 1))


def three_classes() -> Nodes:
    """Return the cross-entropy of the probabilities 1/8, 2/8, 5/8, if the second class is the true one."""
    z1, z2, z3 = (Value(math.log(n)) for n in (1, 2, 5))
    return labelled(z1=z1, z2=z2, z3=z3, C=cross_entropy([z1, z2, z3], 1))


def patient(activation: str, init: str, bias: float) -> tuple[MLP, list[list[float]], list[int]]:
    """Return a net of nine layers, and the two moons that it should learn."""
    X, y = moons(60, noise=0.1, seed=0)
    return MLP(2, [8] * 8 + [1], activation=activation, output="sigmoid", init=init, bias=bias, seed=1), X, y
