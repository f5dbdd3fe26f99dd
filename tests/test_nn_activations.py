"""Activations: each name stands for the function of the same name."""

import pytest

from autograd_lite import functions
from autograd_lite.nn import MLP
from autograd_lite.nn.activations import ACTIVATIONS, function_of, short_name


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in ("linear", "softmax")])
@pytest.mark.parametrize("z", [-2.0, 0.0, 1.5])
def test_a_name_is_the_function_of_that_name(name, z):
    assert function_of(name) is getattr(functions, name)
    model = MLP(1, [1], output=name, init=lambda: 1.0)
    assert model([z]).data == getattr(functions, name)(z)
    assert model([z]).op == name


def test_every_name_of_the_documentation_is_there():
    assert set(ACTIVATIONS) == {
        *("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu", "softmax")
    }


def test_titles():
    class Swish:
        def __call__(self, z):
            return z

    assert short_name("silu") == "SiLU"
    assert short_name(functions.relu) == "relu"
    assert MLP(1, [2, 1], activation=functions.relu).layers[0].activation == "relu"  # so that a file can name it
    assert short_name(Swish()) == "Swish"


@pytest.mark.parametrize("wrong", ["", "Re.LU", "__class__", None, 3, ["relu"]])
def test_unknown_names_list_the_known(wrong):
    with pytest.raises(ValueError, match=r"expected linear, sigmoid, .* or a function of one Value, got"):
        function_of(wrong)
