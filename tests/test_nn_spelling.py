"""Names are read as they are printed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from autograd_lite import nn
from autograd_lite.checks import read_name
from autograd_lite.cli import main
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.nn.initializers import INITIALIZERS

X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1]


@pytest.mark.parametrize(("name", "title"), ACTIVATIONS.items())
def test_an_activation_is_read_as_it_is_printed(name, title):
    typed, printed = (nn.MLP(2, [3, 2], output=spelled, seed=0) for spelled in (name, title))
    assert repr(typed) == repr(printed) and typed.output == printed.output == name
    assert [a.data for a in typed([1.0, 2.0])] == [a.data for a in printed([1.0, 2.0])]
    assert typed.summary().table == printed.summary().table
    if name != "softmax":
        hidden = nn.MLP(2, [3, 3, 1], activation=[title, title.upper()], seed=0)
        assert [layer.activation for layer in hidden.layers] == [name, name, "linear"]
        assert nn.MLP(2, [3, 1], activation=title, seed=0).layers[0].activation == name
        assert nn.Neuron(2, activation=title).activation == name
    assert nn.Layer(2, 2, activation=title).activation == name


def test_a_model_file_keeps_the_name_of_the_table(tmp_path: Path):
    model = nn.MLP(2, [3, 2], activation="LeakyReLU", output="Softmax", seed=0)
    model.save(tmp_path / "model.json")
    assert '"leaky_relu"' in (tmp_path / "model.json").read_text()
    assert nn.load(tmp_path / "model.json").output == "softmax"


def test_what_is_no_name_is_still_refused():
    for wrong in ("rleu", "", "re.lu", 3):
        with pytest.raises(ValueError, match="activation: expected linear, sigmoid"):
            nn.MLP(2, [3, 1], activation=wrong)
    with pytest.raises(ValueError, match="softmax looks at all units"):
        nn.MLP(2, [3, 1], activation="Softmax")
    with pytest.raises(ValueError, match="softmax over a single unit"):
        nn.MLP(2, [1], output="Softmax")


@pytest.mark.parametrize("name", INITIALIZERS)
def test_an_initialisation_is_read_as_it_is_printed(name):
    """A diagnosis says "Xavier initialisation"."""
    random.seed(1)
    typed = nn.MLP(2, [3, 1], init=name).state_dict()
    random.seed(1)
    assert nn.MLP(2, [3, 1], init=name.title()).state_dict() == typed


@pytest.mark.parametrize("optimizer", ["Adam", "adam", "ADAM"])
@pytest.mark.parametrize("loss", ["mse_loss", "mse", "MSE loss", "mse loss"])
def test_losses_and_optimisers(loss, optimizer):
    model = nn.MLP(2, [1], seed=0)
    history = nn.fit(model, X, Y, loss=loss, optimizer=optimizer, epochs=1, progress=False)
    assert history.loss_name == "mse_loss"
    with pytest.raises(ValueError, match="loss: expected"):
        nn.fit(model, X, Y, loss="ms", epochs=1, progress=False)


def test_the_name_of_a_loss_is_read_as_a_plot_prints_it():
    model = nn.MLP(2, [1], output="Sigmoid", seed=0)
    history = nn.fit(model, X, Y, optimizer="SGD", epochs=1, progress=False)
    again = nn.fit(model, X, Y, loss=history.loss_name.replace("_", " "), epochs=1, progress=False)
    assert again.loss_name == history.loss_name


def test_the_command_line(tmp_path: Path):
    data = tmp_path / "data.csv"
    data.write_text("x,y\n" + "".join(f"{i},{2 * i + 0.5}\n" for i in range(12)))
    options = ["--target", "y", "--task", "Regression", "--hidden", "2", "--epochs", "1", "--out", str(tmp_path / "a")]
    assert main(["train", str(data), "--activation", "LeakyReLU", *options]) == 0
    assert nn.load(tmp_path / "a" / "model.json").layers[0].activation == "leaky_relu"
    with pytest.raises(SystemExit):
        main(["train", str(data), "--activation", "rleu", *options])


def test_read_name_leaves_what_it_does_not_know():
    assert read_name(None, ["a"]) is None and read_name("b", ["a"]) == "b"
