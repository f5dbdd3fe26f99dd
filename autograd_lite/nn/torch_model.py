"""`to_torch`: the same net as a `torch.nn.Sequential`, for a student's next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.nn.activations import ACTIVATIONS, short_name
from autograd_lite.nn.layers import Layer, inputs, outputs_of
from autograd_lite.nn.mlp import MLP, check_activations, check_parts
from autograd_lite.nn.module import Module, can_be_called
from autograd_lite.nn.sharing import shared_parts
from autograd_lite.nn.switch import switched
from autograd_lite.replay import Compiled
from autograd_lite.sweep import numbers_of

# The settings with which a module of torch computes the same as the row. Softplus is z itself beyond the threshold;
# torch's own, z = 20, would leave an error of 2e-9.
SETTINGS: dict[str, dict[str, Any]] = {"softplus": {"threshold": 40.0}, "softmax": {"dim": -1}}


def to_torch(model: Module) -> Any:
    """Return the `torch.nn.Sequential` that computes what `model.predict` does, with the parameters' numbers of now.

    Its numbers are float64. As for `predict`, `model.training` is off, and put back afterwards: what a Module of your
    own does in training only, such as dropout, is left out.

    Each layer is a `torch.nn.Linear`, followed by a module for its activation unless that is linear. Leave the last
    one off, `torch_model[:-1]`, to train with torch's `CrossEntropyLoss` or `BCEWithLogitsLoss`, which take z. The two
    nets share no number afterwards; layers with the same parameters are one `Linear` there. A Module of your own
    has a twin where it runs its nets and layers one after the other, in the order of its attributes, and does nothing
    else; TypeError where it does. ValueError for an activation that is a function of your own, and for layers that
    share some parameters and not others.

    >>> import autograd_lite.nn as nn
    >>> nn.to_torch(nn.MLP(2, [3, 1], output="sigmoid"))  # doctest: +SKIP
    ... # skipped: PyTorch need not be installed
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
      (3): Sigmoid()
    )
    """
    layers = _layers_of(model)
    check_parts(layers, "to_torch", "PyTorch has no module for that")
    check_activations(layers, "to_torch")
    for number, layer in enumerate(layers, start=1):
        if not isinstance(layer.activation, str) or layer.activation not in ACTIVATIONS:
            raise ValueError(f"to_torch: layer {number} has the activation {short_name(layer.activation)}, a function"
                             " of your own, which PyTorch does not know; expected one of"
                             f" {', '.join(ACTIVATIONS)}")  # fmt: skip
    alike = _layers_alike(layers)
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            "to_torch: PyTorch is not installed: pip install torch "
            "(the small build without GPU: --index-url https://download.pytorch.org/whl/cpu)"
        ) from error
    modules = [list(_modules(layer, torch)) for layer in layers]
    for i, j in alike.items():
        modules[i][0] = modules[j][0]
    return torch.nn.Sequential(*[module for layer in modules for module in layer])


def _layers_of(model: Any) -> list[Any]:
    """Return the layers that a model runs one after the other; TypeError if it does anything else."""
    if isinstance(model, MLP) and type(model).__call__ is MLP.__call__:
        return model.layers
    own = not isinstance(model, Layer) and can_be_called(model)
    layers: list[Any] = [*_layers_in(vars(model))] if own else [model]
    name, parts = type(model).__name__, [path for path, part in vars(model).items() if isinstance(part, MLP | Layer)]
    hint = f"; to_torch(model.{parts[0]}) is a part of it" if own and parts else ""
    if not all(isinstance(layer, Layer) for layer in layers) or not layers:
        raise TypeError(f"to_torch: expected an MLP, or a Module made of them, got {name}{hint}")
    check_parts(layers, "to_torch", "PyTorch has no module for that")
    if not own:
        return layers

    def in_turn(x: Any) -> Any:
        xs = inputs(x, None, model)
        for layer in layers:
            xs = outputs_of(layer, xs)
        return xs

    row, whole = [[0.5] * len(layers[0].neurons[0].w)], Compiled(model)
    why = "it does more than run its layers one after the other, in the order of its attributes"
    try:
        with switched(model, training=False), whole.around.random_numbers_put_back():
            if whole.rows(row).computes_as(Compiled(in_turn).rows(row)):
                return layers
    except ValueError as error:  # another number of inputs
        why = f"{why}: {error}"
    except TypeError as error:
        why = str(error)
    except RuntimeError as error:  # it comes out otherwise from run to run
        why = f"as model.predict runs it, with training off: {error}"
    raise TypeError(f"to_torch: {name} is no torch.nn.Sequential: {why}{hint}")


def _layers_in(attributes: Any) -> Iterator[Any]:
    """Yield the layers in the attributes of a module, in lists and in other modules there."""
    for part in attributes.values() if isinstance(attributes, dict) else attributes:
        if isinstance(part, Layer):
            yield part
        elif isinstance(part, Module | dict | list | tuple):
            yield from _layers_in(vars(part) if isinstance(part, Module) else part)


def _layers_alike(own: list[Any]) -> dict[int, int]:
    """Return which layer has all its parameters from an earlier one; ValueError if it has some, or elsewhere."""
    layers: dict[tuple[Value, ...], int] = {}
    alike: dict[int, int] = {}
    for i, layer in enumerate(own):
        parameters = tuple(p for neuron in layer.neurons for p in (*neuron.w, neuron.b))
        if (first := layers.setdefault(parameters, i)) != i:
            alike[i] = first
    for path, other in shared_parts(own).items():
        if int(path.split(".")[1]) not in alike:
            raise ValueError(f"to_torch: {path} is {other}, too; PyTorch's Linear can share all parameters of a layer"
                             " with another one, but not some")  # fmt: skip
    return alike


def _modules(layer: Layer, torch: Any) -> Iterator[Any]:
    """Yield a layer's weighted sums, then its activation, which has the same name in torch as in a printed net."""
    weights = torch.tensor([numbers_of(neuron.w) for neuron in layer.neurons], dtype=torch.float64)
    biases = torch.tensor(numbers_of(neuron.b for neuron in layer.neurons), dtype=torch.float64)
    linear = torch.nn.utils.skip_init(torch.nn.Linear, weights.shape[1], weights.shape[0], dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(weights)
        linear.bias.copy_(biases)
    yield linear
    if layer.activation != "linear":
        yield getattr(torch.nn, short_name(layer.activation))(**SETTINGS.get(str(layer.activation), {}))
