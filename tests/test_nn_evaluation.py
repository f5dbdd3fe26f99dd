"""What a trained net gives on data: outputs, the loss, the share of right answers; of any Module."""

# ruff: noqa: E501 (a table of messages has one line for each)

import contextlib
import re
import tracemalloc
import warnings

import pytest

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite.engine import Value

X, Y = datasets.moons(150, seed=1)


class Line(nn.Module):
    def __init__(self):
        self.w, self.b = Value(0.5), Value(-0.25)

    def __call__(self, x):
        return self.w * x[0] + self.b


class Logits(nn.Module):
    def __init__(self):
        self.m = nn.MLP(2, [3, 2], seed=0)

    def __call__(self, x):
        return self.m(x)


@pytest.mark.parametrize("count", [3, 150])
@pytest.mark.parametrize("make", [Line, Logits, lambda: nn.MLP(2, [3, 2], "tanh", "softmax", seed=0)])
def test_predictions_are_the_outputs_row_by_row(make, count):
    model = make()
    expected = [[a.data for a in out] if isinstance(out := model(x), list) else out.data for x in X[:count]]
    assert model.predict(X[:count]) == nn.predict(model, X[:count]) == expected


def test_an_evaluation_is_what_fit_measures():
    for model, loss in (
        (nn.MLP(2, [4, 1], output="sigmoid", seed=0), None),
        (Logits(), "cross_entropy"),
        (Line(), "mse"),
    ):
        history = nn.fit(model, X, Y, loss=loss, lr=0.0, epochs=1, progress=False)
        found = model.evaluate(X, Y, loss)
        assert found.loss == pytest.approx(history.loss[0]) and [found.accuracy] == (history.accuracy or [None])
        if found.accuracy is not None:
            predictions = model.predict(X)
            assert nn.accuracy(predictions, Y) == found.accuracy


def test_a_loss_of_ones_own_is_evaluated_on_all_rows():
    model = Line()
    loss = model.evaluate(X, Y, lambda p, y: (sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)) ** 0.5)
    assert loss.loss == pytest.approx((sum((model(x).data - y) ** 2 for x, y in zip(X, Y, strict=True)) / 150) ** 0.5)


class Slope(nn.Module):
    """The derivative of a net by its first input; `kind` says what a replay makes of it."""

    def __init__(self, kind):
        self.net, self.kind = nn.MLP(2, [3, 1], "tanh", seed=0), kind

    def __call__(self, x):
        a, b = (x if isinstance(x, Value) else Value(x) for x in x)
        if self.kind == "refused":
            b = Value(b.data)
        if self.kind == "of several ways" and b > 0.3:
            a = 2.0 * a
        return ag.grad(self.net([a, b]), a, create_graph=True)


@pytest.mark.parametrize("kind", ["replayed", "of several ways", "refused"])
@pytest.mark.parametrize("count", [4, 150])
def test_a_module_that_differentiates_inside_is_evaluated_as_it_is_trained(kind, count):
    model, rows, targets = Slope(kind), X[:count], [0.5] * count
    own = lambda p, y: nn.mse_loss(p, y).sqrt()  # noqa: E731
    expected = [model(x).data for x in rows]
    error = nn.mse_loss(expected, targets)
    assert all(expected)
    for around in (contextlib.nullcontext, ag.no_grad):
        with around():
            assert model.predict(rows) == pytest.approx(expected, rel=1e-12)
            assert model.evaluate(rows, targets, loss="mse").loss == pytest.approx(error)
            assert model.evaluate(rows, targets, loss=own).loss == pytest.approx(error**0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no gradient reaches the last bias
        for loss in ("mse", own):
            history = nn.fit(
                Slope(kind), rows, targets, loss=loss, validation=(rows, targets), epochs=2, progress=False
            )
            assert history.validation_loss[0] == pytest.approx(history.loss[1])


def test_rows_of_several_shapes_of_a_module_that_differentiates_inside():
    class Sum(nn.Module):
        def __init__(self):
            self.w = Value(2.0)

        def __call__(self, xs):
            leaves = [x if isinstance(x, Value) else Value(x) for x in xs]
            return ag.sum(ag.grad(ag.sum([self.w * x * x for x in leaves]), leaves, create_graph=True))

    assert Sum().predict([[1.0], [1.0, 2.0]]) == [4.0, 12.0]


def test_many_rows_without_a_replay_keep_no_graph():
    class Long(nn.Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            a = self.w * float(x[0])  # refused by a replay
            for _ in range(5000):
                a = a * 1.0
            return a

    tracemalloc.start()
    try:
        assert Long().predict([[1.0]] * 20) == [1.0] * 20
        assert Long().evaluate([[1.0]] * 20, [1.0] * 20, loss="mse").loss == 0.0
        assert tracemalloc.get_traced_memory()[1] < 4 * 160 * 5000  # the graphs of four rows
    finally:
        tracemalloc.stop()


def test_accuracies():
    assert nn.accuracy([[1.0, 3.0], [2.0, 1.0]], [1, 1]) == 0.5
    assert nn.accuracy([[1.0, 3.0], [2.0, 1.0]], [[0, 1], [1, 0]]) == 1.0
    assert nn.accuracy([0.2, -0.2, 3.0], [1, -1, -1]) == pytest.approx(2 / 3)
    assert nn.accuracy([0.2, 0.7], [False, True]) == 1.0
    assert nn.accuracy([[0.2], [0.7], [0.9]], [0, 1, 0]) == pytest.approx(2 / 3)
    assert nn.accuracy([[-0.2], [0.7]], [[-1], [1]]) == 1.0
    assert nn.accuracy([Value(0.2), Value(0.7)], [0, 1]) == 1.0
    assert nn.accuracy([[Value(1.0), Value(3.0)], (2.0, Value(1.0))], [1, 0]) == 1.0
    numpy = pytest.importorskip("numpy")
    assert nn.accuracy(numpy.array([[1.0, 3.0], [2.0, 1.0]]), numpy.array([1, 0])) == 1.0
    assert nn.accuracy(numpy.array([[0.2], [0.7]]), numpy.array([[0], [1]])) == 1.0


class Probability(nn.Module):
    def __init__(self):
        self.w = Value(1.0)

    def __call__(self, x):
        return (self.w * x[0]).sigmoid()


def test_a_probability_is_right_on_its_side_of_one_half():
    found = Probability().evaluate([[1.0], [0.1], [-0.1], [-3.0], [0.3]], [1, 1, 0, 0, 0], loss="binary_cross_entropy")
    assert found.accuracy == 0.8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.accuracy([0.5], [0, 1]), "expected a target for each of one or more predictions, got 1 prediction and 2 targets"),
        (lambda: nn.accuracy([], []), "got 0 predictions and 0 targets"),
        (lambda: nn.accuracy([0.5], [2.5]), "accuracy, target 1: expected 0 or 1, or 1 and -1, got float 2.5"),
        (lambda: nn.accuracy([0, 2], [1, 2]), "got int 2; of three classes or more, a prediction is the list of the outputs, as model.predict"),
        (lambda: nn.accuracy([[0.5, 0.5]], ["setosa"]), "expected a class index from 0, got str 'setosa'; model.evaluate(X, y) reads names of classes"),
        (lambda: nn.accuracy([[0.5, 0.5]], [[0.5, 0.5]]), "accuracy, target 1: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got list [0.5, 0.5]"),
        (lambda: nn.accuracy([[0.9, 0.1], [0.1, 0.9]], [1, 2]), "accuracy, target 2: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got 2"),
        (lambda: nn.accuracy([[0.9, 0.1]], [[0, 0, 1]]), "accuracy, target 1: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got list [0, 0, 1]"),
        (lambda: nn.accuracy([None], [0]), "accuracy, prediction 1: expected a list of outputs, got NoneType None"),
        (lambda: Line().evaluate(X, Y), "loss: expected one to be given"),
        (lambda: Line().predict([1.0, 2.0]), "X, row 1: expected a list of numbers, got float 1.0"),
        (lambda: nn.MLP(2, [1]).predict([[1.0]]), "X, row 1: expected 2 numbers, got 1"),
        (lambda: nn.MLP(2, [1])(X), "MLP(2, [1]): expected a list of 2 numbers, got 150 rows; model.predict(X) gives their outputs, [model(x) for x in X] Values"),
    ],
)  # fmt: skip
def test_misuse(call, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()


def test_rows_in_an_array():
    numpy = pytest.importorskip("numpy")
    model = nn.MLP(2, [1], seed=0)
    with pytest.raises(TypeError, match=r"got 3 rows; model\.predict"):
        model(numpy.zeros((3, 2)))
    assert model.predict(numpy.array(X)) == model.predict(X)


# ------------------------------------------------------------------------------------- a Module of ones own, kept


class Residual(nn.Module):
    def __init__(self, seed=0):
        self.net, self.d = nn.MLP(2, [3, 2], "tanh", seed=seed), {"w": Value(2.0), "v": [Value(-1.0)]}

    def __call__(self, x):
        return sum(a * b for a, b in zip(self.net(x), x, strict=True)) * self.d["w"] + self.d["v"][0]


def test_a_module_is_kept_by_its_parameters(tmp_path):
    model, other = Residual(), Residual(seed=1)
    model.save(tmp_path / "state.json")
    other.load_state_dict(nn.load(tmp_path / "state.json"))
    assert other.state_dict() == model.state_dict() and other([1.0, 2.0]).data == model([1.0, 2.0]).data
    with pytest.raises(ValueError, match="not in this model: 'net"):
        Line().load_state_dict(nn.load(tmp_path / "state.json"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"d.w": 2.0', '"d.w": "2"', "state: expected an object of finite numbers by name, found an object"),
        ('"d.w": 2.0', '"d.w": 3.0', "checksum: expected the SHA-256 of the content"),
        ('"version": 1', '"version": 2', "version: expected 1"),
        ('"state": {', '"states": {', "content: expected an entry 'state', found none"),
        ("2.0", "NaN", "content: expected finite numbers, found NaN"),
        ("autograd_lite state", "autograd_lite net", "content: expected an entry 'inputs', found none"),
    ],
)
def test_a_damaged_file_of_a_module_is_refused(tmp_path, old, new, message):
    path = tmp_path / "state.json"
    Residual().save(path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(nn.ModelFileError, match=re.escape(message)):
        nn.load(path)


def test_a_module_that_holds_nan_is_not_saved(tmp_path):
    model = Line()
    model.w.data = float("nan")
    with pytest.raises(ValueError, match="save: expected finite parameters, but w is nan"):
        model.save(tmp_path / "state.json")
    assert not [*tmp_path.iterdir()]


def test_the_parts_of_a_module():
    assert str(Residual().summary()).splitlines() == [
        "part          parameters", "net.layers.0           9", "net.layers.1           8", "d                      2",
        "19 parameters",
    ]  # fmt: skip


def test_a_module_is_diagnosed_part_by_part():
    model = Residual()
    loss = lambda p, y: sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)  # noqa: E731
    for chosen in ("mse", loss):
        found = nn.diagnose(model, X[:20], Y[:20], chosen, lr=0.1)
        model.zero_grad()
        loss([model(x) for x in X[:20]], Y[:20]).backward()
        parts = [model.net.layers[0].parameters(), model.net.layers[1].parameters(), [model.d["w"], model.d["v"][0]]]
        sizes = [(sum(p.grad**2 for p in part) / len(part)) ** 0.5 for part in parts]
        moves = [
            0.1 * s / (sum(p.data**2 for p in part) / len(part)) ** 0.5 for s, part in zip(sizes, parts, strict=True)
        ]
        assert [layer.gradient for layer in found.layers] == pytest.approx(sizes)
        assert [layer.update for layer in found.layers] == pytest.approx(moves)
    assert "net.layers.1" in str(found) and "part" in str(found).splitlines()[1]
    for p in model.net.layers[0].parameters():
        p.data *= 1e-6
    model.net.layers[1].neurons[0].w[0].data = 1e4
    kinds = [finding.kind for finding in nn.diagnose(model, X[:20], Y[:20], "mse").findings]
    assert kinds == ["exploding"]
    history = nn.fit(Residual(), X, Y, loss="mse", epochs=3, progress=False, diagnose=True)
    assert [d.epoch for d in history.diagnoses] == [1, 2, 3]


def test_a_layer_and_the_parts_of_a_module_have_a_twin_in_torch():
    torch = pytest.importorskip("torch")
    layer, row = nn.Layer(2, 3, activation="tanh"), [0.5, -1.0]
    assert nn.to_torch(layer)(torch.tensor(row, dtype=torch.float64)).tolist() == pytest.approx(
        [a.data for a in layer(row)]
    )
    with pytest.raises(TypeError, match=r"Residual is no torch.nn.Sequential: it does more .*to_torch\(model.net\)"):
        nn.to_torch(Residual())


def test_an_operation_of_ones_own_is_an_activation_by_name(tmp_path):
    ag.define_op("softsign_unit", "a / (1.0 + abs(a))", ("1.0 / (1.0 + abs(a)) ** 2.0",))
    model = nn.MLP(2, [3, 1], "softsign_unit", output="sigmoid", seed=0)
    assert model.layers[0].neurons[0]([1.0, 1.0]).op == "softsign_unit"
    history = nn.fit(model, X, Y, epochs=3, progress=False)
    assert history.loss[-1] < history.loss[0]
    model.save(tmp_path / "model.json")
    again = nn.load(tmp_path / "model.json")
    assert again.predict(X) == model.predict(X) and "softsign_unitNeuron(2)" in repr(again)
    with pytest.raises(ValueError, match="softsign_unit, a function of your own, which PyTorch does not know"):
        nn.to_torch(model)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("softsign_unit", "hardsign_unit"))
    with pytest.raises(nn.ModelFileError, match="or an operation that define_op added before, found 'hardsign_unit'"):
        nn.load(path)
