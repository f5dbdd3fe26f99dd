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


@pytest.mark.parametrize(("nouts", "output", "names"), [([1], "sigmoid", "no yes"), ([2], "softmax", "down up")])
@pytest.mark.parametrize("epochs", [0, 1])
def test_classes_may_be_names(axes, nouts, output, names, epochs):
    X, y = datasets.moons(20)
    named = [names.split()[target] for target in y]
    model = nn.MLP(2, nouts, output=output, seed=0)
    nn.fit(model, X, named, epochs=epochs, progress=False)
    nn.plot_boundary(model, X, named, ax=axes, steps=4)
    with_names = axes.collections[-1].get_facecolors().tolist()
    nn.plot_boundary(model, X, y, ax=axes, steps=4)
    assert axes.collections[-1].get_facecolors().tolist() == with_names
    if epochs:
        with pytest.raises(
            ValueError, match=f"^plot_boundary: y, row 20: expected one of the classes {', '.join(names.split())}"
        ):
            nn.plot_boundary(model, X, [*named[:-1], "other"], ax=axes, steps=4)


def test_a_constant_net_has_no_boundary_to_draw(axes):
    nn.plot_boundary(nn.MLP(2, [1], init="zeros"), [[0.0, 0.0]], [1], ax=axes, steps=4)


def ground(axes):
    """Return the colour of each answer on the plane, and the answers."""
    shading = axes.collections[0]
    return shading.to_rgba(shading.get_array()), shading.get_array(), shading.get_clim()


def test_an_undecided_net_looks_undecided(axes):
    """A sigmoid that says 0.50001 everywhere is white, though every answer is on the same side."""
    X, y = datasets.moons(20)
    net = nn.MLP(2, [1], output="sigmoid", init="zeros")
    net.layers[0].neurons[0].b.data = 4e-5
    nn.plot_boundary(net, X, y, ax=axes, steps=4)
    colours, answers, limits = ground(axes)
    assert limits == (0.0, 1.0)
    assert abs(answers - 0.50001).max() < 1e-6 and colours.min() > 0.99


@pytest.mark.parametrize(
    ("targets", "limits"),
    [([0, 1], (0.0, 1.0)), ([-1, 1], (-1.0, 1.0)), ([2.0, -3.0], (-3.0, 3.0)), ([0, 0], (-1.0, 1.0))],
)
def test_a_linear_output_is_cut_between_its_targets(axes, targets, limits):
    """The line stands where the answer is in the middle of the targets; both have their point's colour."""
    net = nn.MLP(2, [1], init=lambda: 1.0)
    net.layers[0].neurons[0].w[1].data = 0.0  # f = x1
    nn.plot_boundary(net, [[-4.0, 0.0], [4.0, 1.0]], targets, ax=axes, steps=5)
    assert ground(axes)[2] == limits
    (line,) = axes.collections[1].get_paths()
    assert line.vertices[:, 0] == pytest.approx(sum(limits) / 2.0)


def test_points_have_the_colour_of_their_side(axes):
    nn.plot_boundary(nn.MLP(2, [1], seed=0), [[0.0, 0.0], [1.0, 1.0]], [0, 1], ax=axes, steps=4)
    (blue, red) = axes.collections[-1].get_facecolors()
    assert blue[2] > 0.6 > blue[0] and red[0] > 0.6 > red[2]


def test_every_place_has_the_colour_of_the_largest_output(axes):
    """Three regions without a gap; their edges are exact up to a square of the grid, where all three meet."""
    net = nn.MLP(2, [3])
    for unit, (neuron, w) in enumerate(zip(net.layers[0].neurons, [(1, 0), (-1, 1), (0, -1)], strict=True)):
        neuron.load_state_dict({"w.0": w[0], "w.1": w[1], "b": 0.02 * unit})
    nn.plot_boundary(net, [[-1.0, -1.0], [1.0, 1.0]], [0, 1], ax=axes, steps=60)
    regions = [c for c in axes.collections if getattr(c, "filled", False)]
    assert len(regions) == 3
    for place in [(i / 50 + 0.003, j / 50 + 0.007) for i in range(-60, 60) for j in range(-60, 60)]:
        answers = [output.data for output in net(list(place))]
        painted = [unit for unit, region in enumerate(regions) if region.get_paths()[0].contains_point(place)]
        assert answers[painted[-1]] == pytest.approx(max(answers), abs=2.6 / 59)


def test_a_class_that_never_leads_has_no_region(axes):
    net = nn.MLP(2, [2], init="zeros")
    net.layers[0].neurons[0].b.data = 1.0
    nn.plot_boundary(net, [[0.0, 0.0]], [0], ax=axes, steps=4)
    assert len([c for c in axes.collections if getattr(c, "filled", False)]) == 1


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
