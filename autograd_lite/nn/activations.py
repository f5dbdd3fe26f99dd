"""The activations by name: one closed table, from a name to a function of `autograd_lite.functions`.

No formula stands here; each is a row of the operation table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite import functions
from autograd_lite.checks import number, one_of, read_name
from autograd_lite.engine import Value

Activation = str | Callable[[Value], Value]

# name -> the name of its neurons when a net is printed
UNIT_ACTIVATIONS = {
    "linear": "Linear",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "softplus": "Softplus",
    "gelu": "GELU",
    "silu": "SiLU",
}
# An activation of a whole layer takes the z of all its units; it is for the output only.
LAYER_FUNCTIONS: dict[str, Callable[[list[Any]], list[Any]]] = {"softmax": functions.softmax}
ACTIVATIONS = UNIT_ACTIVATIONS | {"softmax": "Softmax"}


def unit_activations() -> dict[str, str]:
    """Return the names of the activations of single units, those that `define_op` added among them."""
    return UNIT_ACTIVATIONS | {name: name for name in functions.defined()}


def read_activation(activation: Activation) -> Activation:
    """Return the name in the table for one in any of its spellings, or for its function; anything else stays as it is.

    >>> read_activation("LeakyReLU"), read_activation(functions.sigmoid)
    ('leaky_relu', 'sigmoid')
    """
    if callable(activation):
        rows = {name: getattr(functions, name) for name in UNIT_ACTIVATIONS if name != "linear"} | functions.defined()
        return next((name for name, function in rows.items() if function is activation), activation)
    return read_name(activation, ACTIVATIONS | unit_activations())  # type: ignore[no-any-return]


def function_of(activation: Activation, output: bool = False) -> Callable[[Value], Value] | None:
    """Return the function of one unit, None for "linear" and for an `output` that takes a whole layer.

    >>> function_of("linear")
    >>> function_of("relu") is functions.relu
    True
    >>> function_of("rleu")
    Traceback (most recent call last):
    ValueError: activation: expected linear, sigmoid, tanh, relu, leaky_relu, elu, softplus, gelu, silu \
or a function of one Value, got 'rleu'; did you mean relu?
    """
    if callable(activation):
        return activation
    activation = read_activation(activation)
    if layer_function_of(activation) and not output:
        raise ValueError(f"activation: {activation} looks at all units of a layer: use it as the output of an MLP or a"
                         " Layer")  # fmt: skip
    if isinstance(activation, str) and (own := functions.defined().get(activation)):
        return own
    known = ACTIVATIONS if output else UNIT_ACTIVATIONS
    name = one_of("output" if output else "activation", activation, known, "a function of one Value")
    return None if name == "linear" or name in LAYER_FUNCTIONS else getattr(functions, name)


def applied(function: Callable[[Value], Any], z: Value) -> Value:
    """Return the activation of z as a Value: a function of the user's own gives a number where `max(0, z)` does.

    >>> applied(lambda z: max(0, z), Value(-1.0))
    Value(data=0.0, grad=0.0)
    """
    a = function(z)
    return a if a.__class__ is Value else Value(number(f"activation {short_name(function)}", a, "a Value or a number"))


def layer_function_of(activation: Activation) -> Callable[[list[Any]], list[Any]] | None:
    """Return the function of the z of all units for softmax, None for an activation of single units."""
    return LAYER_FUNCTIONS.get(activation) if isinstance(activation, str) else None


def short_name(activation: Activation) -> str:
    """Return the name of an activation's neurons: "ReLU" for "relu"; of a function its own name."""
    if isinstance(activation, str):
        return (ACTIVATIONS | unit_activations())[str(read_activation(activation))]
    return getattr(activation, "__name__", type(activation).__name__)
