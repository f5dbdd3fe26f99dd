"""The activations by name: one closed table, from a name to a function of `autograd_lite.functions`.

No formula stands here; each is a row of the operation table.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd_lite import functions
from autograd_lite.checks import one_of
from autograd_lite.engine import Value
from autograd_lite.nn.spelling import read_name

__all__ = ["ACTIVATIONS", "Activation", "function_of", "read_activation", "title_of"]

Activation = str | Callable[[Value], Value]

# name -> how a neuron that uses it is called when a net is printed
ACTIVATIONS = {
    "linear": "Linear",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "softplus": "Softplus",
    "gelu": "GELU",
    "silu": "SiLU",
    "softmax": "Softmax",  # of a whole layer, so of the output only
}


def read_activation(activation: Activation) -> Activation:
    """Return the name in the table for one in any of its spellings; what is no such name stays as it is.

    >>> read_activation("LeakyReLU"), read_activation("Sigmoid")
    ('leaky_relu', 'sigmoid')
    """
    return read_name(activation, ACTIVATIONS)  # type: ignore[no-any-return]


def function_of(activation: Activation, where: str = "activation") -> Callable[[Value], Value] | None:
    """Return the function of one unit, None for "linear", which leaves z as it is.

    >>> function_of("linear")
    >>> function_of("relu") is functions.relu
    True
    >>> function_of("rleu")
    Traceback (most recent call last):
    ValueError: activation: expected linear, sigmoid, tanh, relu, leaky_relu, elu, softplus, gelu, silu \
or a function of one Value, got 'rleu'
    """
    if callable(activation):
        return activation
    activation = read_activation(activation)
    if activation == "softmax":
        raise ValueError(f"{where}: softmax looks at all units of a layer: use it as the output of an MLP or a Layer")
    names = [name for name in ACTIVATIONS if name != "softmax" or where == "output"]
    name = one_of(where, activation, names, "a function of one Value")
    if name == "linear":
        return None
    function: Callable[[Value], Value] = getattr(functions, name)
    return function


def title_of(activation: Activation) -> str:
    """Return how the neurons of an activation are called: "ReLU" for "relu", its own name for a function."""
    if isinstance(activation, str):
        return ACTIVATIONS[str(read_activation(activation))]
    return getattr(activation, "__name__", type(activation).__name__)
