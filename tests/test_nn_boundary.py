"""Decision boundaries: drawn where matplotlib is, else a word how to get it."""

import sys

import pytest

from autograd_lite import datasets, nn


@pytest.fixture
def axes():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot.subplots()[1]
    pyplot.close("all")


@pytest.mark.parametrize(("nouts", "output"), [([1], "sigmoid"), ([1], "linear"), ([3, 2], "softmax")])
def test_a_boundary_is_drawn(axes, nouts, output):
    X, y = datasets.moons(20)
    model = nn.MLP(2, nouts, output=output, seed=0)
    before = model.state_dict()
    assert nn.plot_boundary(model, X, y, ax=axes, steps=8) is axes
    assert len(axes.collections) >= 2
    assert model.state_dict() == before and not any(p.has_grad for p in model.parameters())


def test_a_constant_net_has_no_boundary_to_draw(axes):
    nn.plot_boundary(nn.MLP(2, [1], init="zeros"), [[0.0, 0.0]], [1], ax=axes, steps=4)


def test_without_axes_new_ones_are_made(axes):
    X, y = datasets.moons(4)
    assert nn.plot_boundary(nn.MLP(2, [1], seed=0), X, y, steps=4) is not axes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((nn.MLP(3, [1], seed=0), [[1.0, 2.0]], [1]), r"expected an MLP with 2 inputs, .* got MLP of"),
        ((nn.Neuron(2), [[1.0, 2.0]], [1]), r"expected an MLP with 2 inputs, .* got ReLUNeuron"),
        ((nn.MLP(2, [1], seed=0), [], []), "expected as many targets as points, one or more, got 0 and 0"),
        ((nn.MLP(2, [1], seed=0), [[1.0, 2.0]], []), "got 1 and 0"),
    ],
)
def test_misuse(arguments, message):
    with pytest.raises(ValueError, match=message):
        nn.plot_boundary(*arguments)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"plot_boundary needs matplotlib: pip install 'autograd-lite\[plot\]'"):
        nn.plot_boundary(nn.MLP(2, [1], seed=0), [[1.0, 2.0]], [1])
    with pytest.raises(ImportError, match=r"History.plot needs matplotlib"):
        nn.History().plot()
