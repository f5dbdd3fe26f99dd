"""Neurons, layers and nets: micrograd's weights, names in the graph, widths that fit."""

import random
import re
from typing import Any

import pytest

from autograd_lite import datasets, functions, nn
from autograd_lite.engine import Value
from autograd_lite.naming import Role
from autograd_lite.nn import MLP, Layer, Neuron
from autograd_lite.tracing import trace


def test_weights_come_in_micrograds_order():
    micrograd = pytest.importorskip("micrograd.nn")
    for seed, nin, nouts in [(1337, 2, [16, 16, 1]), (0, 3, [4, 4, 2]), (5, 1, [1])]:
        random.seed(seed)
        theirs = [p.data for p in micrograd.MLP(nin, nouts).parameters()]
        state = random.getstate()
        random.seed(seed)
        assert [p.data for p in MLP(nin, nouts).parameters()] == theirs
        assert random.getstate() == state


def test_the_order_without_micrograd_at_hand():
    random.seed(1337)
    expected = [random.uniform(-1, 1) for _ in range(6)]
    random.seed(1337)
    layer = Layer(2, 3)
    assert [w.data for neuron in layer.neurons for w in neuron.w] == expected
    assert all(neuron.b.data == 0.0 for neuron in layer.neurons)


def test_outputs_and_gradients_equal_micrograds():
    micrograd = pytest.importorskip("micrograd.nn")
    random.seed(3)
    theirs = micrograd.MLP(3, [4, 4, 1])
    random.seed(3)
    ours = MLP(3, [4, 4, 1])
    x = [2.0, 3.0, -1.0]
    a, b = theirs(x), ours(x)
    a.backward()
    b.backward()
    assert b.data == pytest.approx(a.data, rel=1e-14)
    for p, q in zip(theirs.parameters(), ours.parameters(), strict=True):
        assert q.grad == pytest.approx(p.grad, rel=1e-13, abs=1e-15)


def test_reprs():
    assert repr(MLP(2, [2, 1])) == ("MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]")
    assert repr(MLP(2, [1, 2], activation="leaky_relu", output="softmax")) == (
        "MLP of [Layer of [LeakyReLUNeuron(2)], Softmax layer of [LinearNeuron(1), LinearNeuron(1)]]"
    )
    assert repr(Neuron(3, nonlin=False)) == "LinearNeuron(3)"
    assert len(MLP(2, [16, 16, 1]).parameters()) == 337


def test_one_output_is_a_value_and_several_are_a_list():
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(Neuron(2)([1.0, 2.0]), Value)
    assert len(MLP(2, [3, 2])([1.0, 2.0])) == 2
    assert isinstance(MLP(2, [3, 1, 3, 1])([1.0, 2.0]), Value)  # a hidden layer of one neuron


def test_a_neuron_is_two_nodes():
    neuron = Neuron(2, activation="sigmoid")
    a = neuron([1.0, 2.0])
    nodes, _ = trace(a)
    assert [node.op for node in nodes if node.op] == ["dot", "sigmoid"]
    *w, x1, x2, b = a.parents[0].parents
    assert w == neuron.w and b is neuron.b
    assert [(x.data, x.role) for x in (x1, x2)] == [(1.0, Role("x", 0, 1)), (2.0, Role("x", 0, 2))]
    assert Neuron(2, nonlin=False)([1.0, 2.0]).op == "dot"


def test_nodes_know_their_place():
    model = MLP(2, [3, 2], output="softmax")
    x = [Value(1.0), Value(2.0)]
    outputs = model(x)
    assert [v.role for v in x] == [Role("x", 0, 1), Role("x", 0, 2)]
    w = model.layers[1].neurons[1].w[2]
    assert w.role == Role("w", 2, 2, source=3) and model.layers[1].neurons[1].b.role == Role("b", 2, 2)
    assert [a.role for a in outputs] == [Role("a", 2, 1), Role("a", 2, 2)]
    z = outputs[0].parents
    assert [v.role for v in z] == [Role("z", 2, 1), Role("z", 2, 2)]
    assert {v.role for v in z[0].parents if v.role.symbol == "a"} == {Role("a", 1, j) for j in (1, 2, 3)}
    again = model([0.0, 0.0])
    assert again[0].role is outputs[0].role  # one object for all nodes of a neuron


def test_named_inputs_and_results_keep_their_names():
    named, result = Value(1.0, label="length"), Value(2.0) * 2.0
    Neuron(2)([named, result])
    assert named.role is None and result.role is None


def test_inputs_of_all_kinds():
    model = MLP(2, [3, 1], seed=0)
    expected = model([1.0, 2.0]).data
    for x in [(1, 2), iter([1, 2.0]), [True, Value(2.0)], range(1, 3)]:
        assert model(x).data == expected
    numpy = pytest.importorskip("numpy")
    assert model(numpy.array([1.0, 2.0])).data == expected
    assert type(model(numpy.array([1.0, 2.0], dtype="float32")).data) is float


@pytest.mark.parametrize("output", ["linear", "sigmoid", "relu", "softmax"])
def test_logits_are_the_last_z(output):
    model = MLP(2, [3, 2], output=output, seed=1)
    zs, outputs = model.logits([1.0, -1.0]), model([1.0, -1.0])
    assert [z.op for z in zs] == ["dot", "dot"]
    if output == "softmax":
        expected = functions.softmax(zs)
    else:
        expected = zs if output == "linear" else [getattr(functions, output)(z) for z in zs]
    assert [a.data for a in outputs] == [a.data for a in expected]
    assert isinstance(MLP(2, [1]).logits([1.0, 2.0]), Value)


def test_activations_by_layer_and_by_function():
    def cube(z):
        return z**3

    model = MLP(1, [1, 1, 1], activation=["sigmoid", cube], output=cube, init=lambda: 1.0, bias=0.5)
    assert repr(model) == ("MLP of [Layer of [SigmoidNeuron(1)], Layer of [cubeNeuron(1)], Layer of [cubeNeuron(1)]]")
    a = functions.sigmoid(1.5)
    assert model([1.0]).data == ((a + 0.5) ** 3 + 0.5) ** 3


def test_bias_and_seed():
    model = MLP(2, [2, 1], bias=0.1, seed=4)
    assert {n.b.data for layer in model.layers for n in layer.neurons} == {0.1}
    state = random.getstate()
    assert MLP(2, [2, 1], bias=0.1, seed=4).state_dict() == model.state_dict()
    assert MLP(2, [2, 1], bias=0.1, seed=5).state_dict() != model.state_dict()
    assert random.getstate() == state


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLP(0, [1]), "nin: expected a number of inputs, an int of 1 or more, got 0"),
        (lambda: MLP(2.0, [1]), "nin: .* got 2.0"),
        (lambda: MLP(2, 3), r"nouts: expected the number of units of each layer, like \[16, 16, 1\], got 3"),
        (lambda: MLP(2, []), r"nouts: .* got \[\]"),
        (lambda: MLP(2, [3, 0]), "nouts: expected a number of units, an int of 1 or more, got 0"),
        (lambda: MLP(2, [3, True]), "nouts: .* got True"),
        (lambda: MLP(2, [3, 1], "rleu"), "activation: expected linear, sigmoid, .* got 'rleu'"),
        (lambda: MLP(2, [1], "rleu"), "activation: .* got 'rleu'"),
        (lambda: MLP(2, [3, 1], None), "activation: .* got None"),
        (lambda: MLP(2, [3, 1], ["relu", "relu"]), "or a list of 1 .one for each hidden layer., got"),
        (lambda: MLP(2, [3, 1], "softmax"), "softmax looks at all units of a layer"),
        (lambda: MLP(2, [3, 1], output="sigmod"), "got 'sigmod'"),
        (lambda: MLP(2, [3, 1], output="softmax"), "softmax over a single unit is always 1: use sigmoid"),
        (
            lambda: MLP(2, [1], init="xaver"),
            "init: expected uniform, xavier, he, normal, zeros .* got 'xaver'",
        ),
        (lambda: Neuron(0), "nin: .* got 0"),
        (lambda: Neuron(1, activation="softmax"), "softmax looks at all units"),
        (lambda: Layer(2, 0), "nout: expected a number of neurons, an int of 1 or more, got 0"),
    ],
)
def test_wrong_architectures(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: MLP(2, [3, 1])([1.0]),
            ValueError,
            r"MLP\(2, \[3, 1\]\): expected 2 numbers, one for each input, got 1",
        ),
        (
            lambda: MLP(2, [3, 1]).logits([1.0] * 3),
            ValueError,
            "expected 2 numbers, one for each input, got 3",
        ),
        (lambda: Layer(1, 3)([]), ValueError, r"Layer\(1, 3\): expected 1 number, one for each input, got 0"),
        (lambda: Neuron(2)([1.0]), ValueError, r"ReLUNeuron\(2\): expected 2 numbers"),
        (lambda: MLP(1, [1])(2.0), TypeError, r"MLP\(1, \[1\]\): expected a list of 1 number, got 2.0"),
        (lambda: MLP(1, [1])(Value(2.0)), TypeError, r"expected a list of 1 number, got Value\(data=2.0"),
        (lambda: MLP(1, [1])(["2.0"]), TypeError, "str"),
        (lambda: MLP(2, [1])({1.0, 2.0}), TypeError, r"MLP\(2, \[1\]\): expected a list, got set .*has no order"),
    ],
)
def test_wrong_inputs(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_wrong_input_leaves_the_model_usable():
    model = MLP(2, [3, 1], seed=0)
    expected = model([1.0, 2.0]).data
    with pytest.raises(TypeError):
        model([1.0, "x"])
    assert model([1.0, 2.0]).data == expected


def test_summary():
    summary = MLP(2, [16, 3], output="softmax").summary()
    assert summary.parameters == 2 * 16 + 16 + 16 * 3 + 3
    assert [layer.activation for layer in summary.layers] == ["ReLU", "Softmax"]
    assert str(summary).splitlines()[-1] == "99 parameters"
    assert repr(summary) == str(summary)


def test_the_activation_of_a_layer_is_that_of_its_units(tmp_path: Any) -> None:
    X, y = [[0.1, 0.2], [0.5, -0.3]], [0, 1]

    def net() -> Any:
        return nn.MLP(2, [4, 3, 1], activation="tanh", output="sigmoid", seed=0)

    model = net()
    model.layers[2].neurons[0].nonlin = False
    assert model.output == "linear" and model(X[0]).op == "dot"
    assert nn.fit(model, X, y, epochs=1, progress=False).loss_name == "mse_loss"
    model.save(tmp_path / "net.json")
    assert nn.load(tmp_path / "net.json")(X[0]).data == model(X[0]).data

    model = net()
    model.layers[0].activation = functions.relu
    assert {neuron.activation for neuron in model.layers[0].neurons} == {"relu"} == {model.layers[0].activation}
    assert model(X[0]).data == nn.load(saved(model, tmp_path))(X[0]).data != net()(X[0]).data
    model.layers[1].activation = "softmax"
    assert sum(a.data for a in model.layers[1]([1.0, 2.0, 0.5, -1.0])) == pytest.approx(1.0)
    assert model.layers[1].neurons[0].activation == "linear"
    for layer, wrong in ((0, "rleu"), (2, "softmax")):
        with pytest.raises(ValueError, match=r"did you mean relu|softmax over a single unit"):
            model.layers[layer].activation = wrong
    assert model.layers[2].activation == "sigmoid"

    model = net()
    model.layers[0].neurons[1].nonlin = False
    assert "Tanh, Linear" in str(model.summary()) and "Tanh, Linear" in str(nn.diagnose(model, X, y))
    for convert in (nn.to_torch, nn.playground, lambda model: saved(model, tmp_path)):
        with pytest.raises(
            ValueError, match=r"layers.0.neurons.1 has the activation 'linear', its layer 'tanh'; expec"
        ):
            convert(model)


X, Y = datasets.moons(30, seed=0)


def relu_by_hand(z: Value) -> Any:
    return max(0, z)


def threshold(z: Value) -> float:
    return 1.0 if z > 0 else 0.0


@pytest.mark.filterwarnings("ignore:no gradient reached")
@pytest.mark.parametrize("own", [relu_by_hand, threshold])
def test_an_activation_of_ones_own_may_give_numbers(own: Any) -> None:
    """The lecture's ReLU and threshold, as they are typed: a number where no gradient flows."""
    model, twin = (nn.MLP(2, [4, 1], activation=g, output="sigmoid", seed=0) for g in (own, "relu"))
    if own is relu_by_hand:
        assert model.predict(X * 10) == twin.predict(X * 10) == [model(x).data for x in X] * 10
        found, expected = (nn.fit(m, X, Y, epochs=3, progress=False).loss for m in (model, twin))
        assert found == pytest.approx(expected)
        (layer, _), (same, _) = nn.diagnose(model, X, Y).layers, nn.diagnose(twin, X, Y).layers
        assert (layer.dead, layer.gradient) == (same.dead, pytest.approx(same.gradient))
    else:
        layer = model.layers[0]
        inside = [[float(z > 0) for z in layer.preactivations([*map(Value, x)])] for x in X]
        assert [[a.data for a in layer(x)] for x in X] == inside
        before = model.state_dict()
        nn.fit(model, X, Y, epochs=2, progress=False)
        moved = {name.split(".")[1] for name, number in model.state_dict().items() if number != before[name]}
        assert moved == {"1"}, "no gradient passes a threshold"
        assert nn.diagnose(model, X, Y)


def test_an_activation_that_gives_no_number_is_named() -> None:
    model = nn.MLP(2, [2, 1], activation=lambda z: None)
    with pytest.raises(TypeError, match=r"^activation <lambda>: expected a Value or a number, got NoneType None"):
        model([1.0, 2.0])


class Cut(nn.Module):
    """A net that returns a number for some rows, in one way or the other."""

    def __init__(self, several: bool) -> None:
        self.net, self.several = nn.MLP(2, [3, 1], "tanh", seed=0), several

    def __call__(self, x: Any) -> Any:
        a = max(0, self.net(x))
        return (a, 1.0) if self.several else a


@pytest.mark.filterwarnings("ignore:no gradient reached")
@pytest.mark.parametrize("several", [False, True])
def test_a_module_may_give_numbers_for_some_rows(several: bool) -> None:
    model = Cut(several)
    flat = [max(0.0, model.net(x).data) for x in X]
    assert 0.0 in flat and any(flat)
    expected: Any = [[a, 1.0] for a in flat] if several else flat
    targets: Any = [[1.0, 0.5] for _ in X] if several else [1.0 for _ in X]
    assert model.predict(X) == expected and model.predict(X * 20) == expected * 20
    loss = nn.mse_loss(expected, targets)
    assert model.evaluate(X, targets, loss="mse").loss == pytest.approx(loss)
    assert nn.diagnose(model, X, targets, loss="mse").loss == pytest.approx(loss)
    history = nn.fit(model, X, targets, loss="mse", epochs=3, batch_size=1, progress=False)
    assert history.loss[-1] < history.loss[0]


def saved(model: Any, folder: Any) -> Any:
    model.save(folder / "saved.json")
    return folder / "saved.json"


@pytest.mark.parametrize("place", ["w[1]", "b"])
def test_a_number_in_the_place_of_a_parameter_is_named(place: str) -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    neuron = model.layers[0].neurons[1]
    if place == "b":
        neuron.b = 0.5
    else:
        neuron.w[1] = 0.5
    for run in (model, lambda row: model.predict([row]), lambda row: nn.fit(model, [row], [0.0], progress=False)):
        with pytest.raises(
            TypeError, match=rf"ReLUNeuron\(2\): expected a Value in {re.escape(place)}, got float 0.5; a"
        ):
            run([1.0, 2.0])
