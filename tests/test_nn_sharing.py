"""Tied weights stay tied: in a model file, in the count of parameters, in PyTorch."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd_lite import nn
from autograd_lite.nn.sharing import shared_parts

X, Y = [[0.1, -0.2, 0.3, 0.4], [0.5, 0.6, -0.7, 0.8], [1.0, -1.0, 0.5, 0.2]], [0.5, -0.5, 1.0]


def net(activation: str = "tanh") -> nn.MLP:
    return nn.MLP(4, [4, 4, 1], activation=activation, seed=0)


def tie_layer(model: nn.MLP) -> None:
    model.layers[1] = model.layers[0]


def tie_neurons(model: nn.MLP) -> None:
    model.layers[1].neurons = model.layers[0].neurons


def tie_neuron(model: nn.MLP) -> None:
    model.layers[1].neurons[2] = model.layers[0].neurons[3]


def tie_neuron_in_a_layer(model: nn.MLP) -> None:
    model.layers[0].neurons[2] = model.layers[0].neurons[0]


def tie_weight(model: nn.MLP) -> None:
    model.layers[2].neurons[0].w[1] = model.layers[0].neurons[0].w[3]


def tie_bias_and_weight(model: nn.MLP) -> None:
    model.layers[1].neurons[0].b = model.layers[0].neurons[0].w[0]
    model.layers[2].neurons[0].w[0] = model.layers[1].neurons[0].b


TIES = [
    (tie_layer, 25, {"layers.1": "layers.0"}),
    (tie_neurons, 25, {f"layers.1.neurons.{j}": f"layers.0.neurons.{j}" for j in range(4)}),
    (tie_neuron, 40, {"layers.1.neurons.2": "layers.0.neurons.3"}),
    (tie_neuron_in_a_layer, 40, {"layers.0.neurons.2": "layers.0.neurons.0"}),
    (tie_weight, 44, {"layers.2.neurons.0.w.1": "layers.0.neurons.0.w.3"}),
    (
        tie_bias_and_weight,
        43,
        {"layers.1.neurons.0.b": "layers.0.neurons.0.w.0", "layers.2.neurons.0.w.0": "layers.0.neurons.0.w.0"},
    ),
]


@pytest.mark.parametrize(("tie", "count", "shared"), TIES)
def test_a_file_keeps_the_tie(tie: Callable[[nn.MLP], None], count: int, shared: dict[str, str], tmp_path: Path):
    model, path = net(), tmp_path / "model.json"
    tie(model)
    assert len(model.parameters()) == count == model.summary().parameters
    assert f"{count} parameters" in str(model.summary()) and "shared" in str(model.summary())
    model.save(path)
    assert json.loads(path.read_text())["shared"] == shared
    again = nn.load(path)
    assert again.state_dict() == model.state_dict() and [*again.state_dict()] == [*model.state_dict()]
    assert repr(again) == repr(model) and [again(x).data for x in X] == [model(x).data for x in X]
    assert (
        again.summary() == model.summary()
        and shared_parts(again.layers) == shared_parts(copy.deepcopy(model).layers) == shared
    )
    for one in (model, again):  # and they are learned together
        nn.fit(one, X, Y, epochs=3, progress=False)
    assert again.state_dict() == model.state_dict()
    again.save(tmp_path / "again.json")
    model.save(path)
    assert path.read_bytes() == (tmp_path / "again.json").read_bytes()


def test_a_neuron_keeps_the_activation_of_its_first_place(tmp_path: Path):
    model = nn.MLP(4, [4, 4], activation="relu", seed=0)
    tie_neurons(model)  # layer 2 is linear, but its neurons are those of layer 1
    model.save(tmp_path / "model.json")
    again = nn.load(tmp_path / "model.json")
    assert repr(again) == repr(model) and again(X[0])[0].op == "relu"


def test_a_neuron_that_a_file_cannot_say_is_refused(tmp_path: Path):
    model = net()
    model.layers[1].neurons[2] = nn.Neuron(4, activation="relu")
    with pytest.raises(ValueError, match=r"layers\.1\.neurons\.2 has the activation 'relu', its layer 'tanh'"):
        model.save(tmp_path / "model.json")
    assert not [*tmp_path.iterdir()]


def test_a_net_without_ties_is_saved_as_ever(tmp_path: Path):
    net().save(tmp_path / "model.json")
    assert "shared" not in json.loads((tmp_path / "model.json").read_text())
    assert "shared" not in str(net().summary())


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        ([], "expected an object that names shared parts"),
        ({}, "expected an object that names shared parts"),
        ({"layers.1": "layers.9"}, "two places in this net"),
        ({"layers.1": 3}, "expected an object that names shared parts by texts"),
        ({"layers.1": None}, "expected an object that names shared parts by texts"),
        ({"layers.1.__class__": "layers.0"}, "two places in this net"),
        ({"layers.-1": "layers.0"}, "two places in this net"),
        ({"layers.1": "layers.0.neurons.0"}, "the same numbers as at"),
        ({"layers.2": "layers.0"}, "the same numbers as at"),
        ({"layers.0": "layers.1"}, "for each later place the first one"),
        ({"layers.1": "layers.1"}, "for each later place the first one"),
        ({"layers.1.neurons.0": "layers.0.neurons.0", "layers.1": "layers.0"}, "for each later place the first one"),
    ],
)
def test_a_file_with_wrong_ties_is_refused(shared: object, message: str, tmp_path: Path):
    model, path = net(), tmp_path / "model.json"
    tie_layer(model)
    model.save(path)
    content = json.loads(path.read_text()) | {"shared": shared}
    del content["checksum"]
    path.write_text(json.dumps(content))
    with pytest.raises(nn.ModelFileError, match=f"shared.*{message}"):
        nn.load(path)


def test_pytorch_shares_whole_layers():
    torch = pytest.importorskip("torch")
    model = net()
    tie_layer(model)
    twin = nn.to_torch(model)
    assert sum(p.numel() for p in twin.parameters()) == 25 and twin[0] is twin[2]
    twin(torch.tensor(X, dtype=torch.float64)).sum().backward()
    sum(model(x) for x in X).backward()
    gradients = [w.grad for neuron in model.layers[0].neurons for w in neuron.w]
    assert twin[0].weight.grad.flatten().tolist() == pytest.approx(gradients)


@pytest.mark.parametrize("tie", [tie_neuron, tie_neuron_in_a_layer, tie_weight, tie_bias_and_weight])
def test_pytorch_cannot_share_less(tie: Callable[[nn.MLP], None]):
    model = net()
    tie(model)
    with pytest.raises(ValueError, match=r"to_torch: layers\.\d\.neurons\S+ is layers\.0\.neurons\.\d\S*, too"):
        nn.to_torch(model)
