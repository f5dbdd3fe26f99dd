"""What a trained net gives on data: outputs, the loss, the share of right answers; of any Module."""

# ruff: noqa: E501 (a table of messages has one line for each)

import re

import pytest

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


def test_accuracies():
    assert nn.accuracy([[1.0, 3.0], [2.0, 1.0]], [1, 1]) == 0.5
    assert nn.accuracy([[1.0, 3.0], [2.0, 1.0]], [[0, 1], [1, 0]]) == 1.0
    assert nn.accuracy([0.2, -0.2, 3.0], [1, -1, -1]) == pytest.approx(2 / 3)
    assert nn.accuracy([0.2, 0.7], [False, True]) == 1.0
    numpy = pytest.importorskip("numpy")
    assert nn.accuracy(numpy.array([[1.0, 3.0], [2.0, 1.0]]), numpy.array([1, 0])) == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.accuracy([0.5], [0, 1]), "expected a target for each of one or more predictions, got 1 prediction and 2 targets"),
        (lambda: nn.accuracy([], []), "got 0 predictions and 0 targets"),
        (lambda: nn.accuracy([0.5], [2.5]), "accuracy, target 1: expected 0 or 1, or 1 and -1, got float 2.5"),
        (lambda: nn.accuracy([[0.5, 0.5]], ["setosa"]), "expected a class index from 0, got str 'setosa'; model.evaluate(X, y) reads names of classes"),
        (lambda: nn.accuracy([[0.5, 0.5]], [[0.5, 0.5]]), "accuracy, target 1: expected a class index from 0, got list [0.5, 0.5]"),
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
