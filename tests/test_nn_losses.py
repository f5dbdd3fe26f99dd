"""Losses: torch's numbers, stable tails, and a clear word for every misuse."""

# ruff: noqa: E501 (a table of messages has one line for each)

import math

import pytest

import autograd_lite as ag
from autograd_lite import functions, nn
from autograd_lite.engine import Value
from autograd_lite.nn import losses
from autograd_lite.nn.objectives import objective_of
from autograd_lite.nn.training_steps import replayed

SCORES = [0.3, -1.7, 2.2, -0.4]
CASES = [
    (nn.mse_loss, "mse_loss", SCORES, [0.5, -1.0, 3.5, 0.0]),
    (nn.l1_loss, "l1_loss", SCORES, [0.5, -1.0, 3.5, 0.0]),
    (nn.huber_loss, "huber_loss", SCORES, [0.5, -1.0, 3.5, 4.0]),
    (nn.binary_cross_entropy, "binary_cross_entropy", [0.3, 0.9, 0.5, 0.01], [0.0, 1.0, 0.25, 0.0]),
    (nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits", SCORES, [0.0, 1.0, 0.25, 1.0]),
]


@pytest.mark.parametrize(("ours", "name", "predictions", "targets"), CASES)
def test_value_and_gradient_are_torchs(ours, name, predictions, targets):
    torch = pytest.importorskip("torch")
    p = torch.tensor(predictions, dtype=torch.float64, requires_grad=True)
    loss = getattr(torch.nn.functional, name)(p, torch.tensor(targets, dtype=torch.float64))
    loss.backward()
    values = [Value(v) for v in predictions]
    own = ours(values, targets)
    own.backward()
    assert own.data == pytest.approx(loss.item(), rel=1e-14)
    assert [v.grad for v in values] == pytest.approx(p.grad.tolist(), rel=1e-13)
    assert ours(predictions, targets) == pytest.approx(own.data, rel=1e-15)  # on plain numbers, too


def test_cross_entropy_is_torchs():
    torch = pytest.importorskip("torch")
    rows, classes = [[0.1, 2.0, -1.0], [3.0, -3.0, 0.5]], [2, 0]
    t = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(t, torch.tensor(classes))
    loss.backward()
    values = [[Value(v) for v in row] for row in rows]
    own = nn.cross_entropy(values, classes)
    own.backward()
    assert own.data == pytest.approx(loss.item(), rel=1e-14)
    assert [[v.grad for v in row] for row in values] == [pytest.approx(row, rel=1e-13) for row in t.grad.tolist()]


def test_hinge_is_micrograds():
    scores = [Value(s) for s in SCORES]
    targets = [1, 1, -1, -1]
    assert nn.hinge_loss(scores, targets).data == pytest.approx((0.7 + 2.7 + 3.2 + 0.6) / 4)
    nn.hinge_loss([Value(1.5)], [1]).backward()  # beyond the margin nothing is punished


@pytest.mark.parametrize("delta", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("d", [-5.0, -1.0, -0.3, 0.0, 0.5, 3.0, 1e200])
def test_huber_has_its_two_cases(d, delta):
    p = Value(d)
    loss = nn.huber_loss(p, 0.0, delta)
    loss.backward()
    inside = abs(d) <= delta
    assert loss.data == pytest.approx(0.5 * d * d if inside else delta * (abs(d) - 0.5 * delta))
    assert p.grad == pytest.approx(d if inside else math.copysign(delta, d))


def test_one_example_lists_and_nested_lists():
    assert nn.mse_loss(Value(3.0), 1.0).data == 4.0
    assert nn.mse_loss([Value(3.0)], [1.0]).data == 4.0
    assert nn.mse_loss([[Value(3.0), 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]).data == 1.0
    logits = [Value(0.0), Value(0.0)]
    assert nn.cross_entropy(logits, 1).data == nn.cross_entropy([logits], [1]).data == math.log(2.0)
    assert nn.cross_entropy(logits, 1.0).data == math.log(2.0)  # from a table of floats
    numpy = pytest.importorskip("numpy")
    assert nn.cross_entropy([logits, logits], numpy.array([1, 0])).data == math.log(2.0)
    z = [[Value(0.3), Value(-1.0)], [Value(2.0), Value(0.5)]]
    for one_hot in ([[0, 1], [1, 0]], numpy.array([[0.0, 1.0], [1.0, 0.0]]), [(0, 1), numpy.array(0)]):
        assert nn.cross_entropy(z, one_hot).data == nn.cross_entropy(z, [1, 0]).data
    assert nn.mse_loss(numpy.array([1.0, 2.0]), numpy.array([1, 4])) == 2.0
    assert nn.mse_loss([Value(1.0), Value(2.0)], numpy.array([1.0, 4.0])).data == 2.0


def test_targets_may_be_values():
    y = Value(1.0)
    nn.mse_loss([Value(3.0)], [y]).backward()
    assert y.grad == -4.0
    assert nn.binary_cross_entropy(Value(0.5), Value(1.0)).data == math.log(2.0)
    assert nn.hinge_loss(Value(0.5), Value(-1.0)).data == 1.5
    p, y = Value(0.3), Value(0.25)
    loss = nn.binary_cross_entropy(p, y)
    loss.backward()
    assert loss.data == pytest.approx(-(0.25 * math.log(0.3) + 0.75 * math.log(0.7)), rel=1e-15)
    assert (p.grad, y.grad) == pytest.approx((0.75 / 0.7 - 0.25 / 0.3, math.log(0.7) - math.log(0.3)), rel=1e-14)


def test_tails_keep_their_digits():
    z = Value(1000.0)
    loss = nn.binary_cross_entropy_with_logits(z, 0)
    loss.backward()
    assert (loss.data, z.grad) == (1000.0, 1.0)
    z = Value(40.0)
    loss = nn.binary_cross_entropy_with_logits(z, 1)
    loss.backward()
    assert loss.data == pytest.approx(math.exp(-40.0)) and z.grad == pytest.approx(-math.exp(-40.0))
    logits = [Value(1000.0), Value(-1000.0)]
    loss = nn.cross_entropy(logits, 1)
    loss.backward()
    assert (loss.data, [v.grad for v in logits]) == (2000.0, [1.0, -1.0])


def test_certain_probabilities_are_no_nan():
    assert nn.binary_cross_entropy([1.0, 0.0], [1, 0]) == 0.0
    assert nn.binary_cross_entropy(Value(0.0), 1).data == math.inf
    p = Value(1.0)
    nn.binary_cross_entropy(p, 1).backward()
    assert p.grad == 0.0  # the subgradient of least norm at the end of the domain


def test_squared_error_on_a_sigmoid_saturates_and_cross_entropy_does_not():
    z = Value(-10.0)
    nn.mse_loss(functions.sigmoid(z), 1.0).backward()
    assert z.grad == pytest.approx(-9.1e-5, rel=0.01)
    z = Value(-10.0)
    nn.binary_cross_entropy_with_logits(z, 1).backward()
    assert z.grad == pytest.approx(-1.0, rel=1e-4)


def made_by(op):
    v = Value(0.3)
    v = functions.sigmoid(v) if op == "sigmoid" else functions.softmax([v, 0.1])[0]
    v.label = "p"
    return v


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.mse_loss([1.0], [1.0, 2.0]), "mse_loss: expected as many targets as predictions, got 1 predictions and 2 targets"),
        (lambda: nn.mse_loss([], []), "mse_loss: expected at least one example, got none"),
        (lambda: nn.mse_loss(1.0, [1.0]), "one prediction and one target, or a list of each, got 1.0 and a list"),
        (lambda: nn.mse_loss([[1.0, 2.0]], [1.0]), "example 1: expected one prediction and one target"),
        (lambda: nn.mse_loss([[1.0, 2.0]], [[1.0]]), "got 2 predictions and 1 targets"),
        (lambda: nn.mse_loss([[1.0, [1.0, 2.0]]], [[1.0, [1.0]]]), "mse_loss: example 1: expected as many targets"),
        (lambda: nn.huber_loss(1.0, 1.0, 0.0), "huber_loss: expected a delta above 0, got 0.0"),
        (lambda: nn.huber_loss(1.0, 1.0, math.nan), "got nan"),
        (lambda: nn.hinge_loss([1.0], [0]), r"hinge_loss: expected targets of 1 or -1, got 0; 2 \* y - 1 makes them"),
        (lambda: nn.binary_cross_entropy([0.5], [2]), "binary_cross_entropy: expected targets of 0 or 1 .*, got 2"),
        (lambda: nn.binary_cross_entropy([0.5], [-1]), "targets of 0 or 1 .*, got -1"),
        (lambda: nn.binary_cross_entropy([0.5], [math.nan]), "targets of 0 or 1 .*, got nan"),
        (lambda: nn.binary_cross_entropy(Value(1.5, label="margin"), 1), r"probabilities from 0 to 1, got 1.5 \('margin'\); for"),
        (lambda: nn.binary_cross_entropy(-0.1, 1), "probabilities from 0 to 1, got -0.1"),
        (lambda: nn.binary_cross_entropy(math.nan, 1), "probabilities from 0 to 1, got nan"),
        (lambda: nn.binary_cross_entropy_with_logits([0.5], [1.5]), "with_logits: expected targets of 0 or 1 .*, got 1.5"),
        (lambda: nn.binary_cross_entropy_with_logits(made_by("sigmoid"), 1), r"got 0.57.* \('p'\), which sigmoid made, but .* computes the sigmoid itself: pass z"),
        (lambda: nn.cross_entropy([made_by("softmax"), 1.0], 1), r"got 0.5.* \('p'\), which softmax made, but cross_entropy computes the softmax itself"),
        (lambda: nn.cross_entropy([1.0, 2.0], 2), r"expected a class index from 0 to 1 \(the net has 2 outputs, classes count from 0\), got 2"),
        (lambda: nn.cross_entropy([1.0, 2.0], -1), "class index from 0 to 1 .* got -1"),
        (lambda: nn.cross_entropy([1.0, 2.0], 0.5), "class index from 0 to 1 .* got 0.5"),
        (lambda: nn.cross_entropy([1.0, 2.0, 3.0], True), "class index from 0 to 2 .* got True"),
        (lambda: nn.cross_entropy([[1.0, 2.0]] * 2, [0, 7]), "example 2: expected a class index from 0 to 1 .* got 7"),
        (lambda: nn.cross_entropy([[1.0, 2.0]], [0, 1]), "as many targets as rows of logits, got 1 rows of logits and 2"),
        (lambda: nn.cross_entropy([], []), "expected at least one example, got none"),
    ],
)  # fmt: skip
def test_misuse_is_a_value_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.mse_loss("1", "2"), "mse_loss: expected numbers or lists of them, got str '1'"),
        (lambda: nn.mse_loss(b"1", b"2"), "mse_loss: expected numbers or lists of them, got bytes b'1'"),
        (lambda: nn.mse_loss([None], [None]), "mse_loss: expected numbers or lists of them, got NoneType None"),
        (lambda: nn.cross_entropy([1.0, 2.0], [0, 1]), "cross_entropy: example 1: expected a list of logits, .* got 1.0"),
        (lambda: nn.cross_entropy([1.0, 2.0], None), "expected a class index, or a list of one for each example, got None"),
        (lambda: nn.cross_entropy(Value(1.0), 0), "expected a list of logits, one for each class, got 1.0"),
    ],
)  # fmt: skip
def test_wrong_types_are_a_type_error(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# ------------------------------------------------------------------------------------------------------ the table


def log_cosh_loss(predictions, targets):
    """The mean of log cosh(f - y): a loss that the package does not have."""
    return ag.mean([ag.log(ag.cosh(p - y)) for p, y in zip(predictions, targets, strict=True)])


def test_a_loss_is_added_in_one_place(monkeypatch):
    X, y = [[x / 10] for x in range(20)], [0.3 * x / 10 - 0.1 for x in range(20)]
    eager = nn.fit(nn.MLP(1, [1], seed=0), X, y, loss=log_cosh_loss, epochs=30, progress=False)
    monkeypatch.setitem(losses.LOSSES, "log_cosh_loss", losses.Loss(log_cosh_loss))
    model = nn.MLP(1, [1], seed=0)
    history = nn.fit(model, X, y, loss="log cosh", epochs=30, progress=False)
    assert history.loss_name == "log_cosh_loss" and history.loss[-1] < history.loss[0] / 2
    assert history.loss == pytest.approx(eager.loss, rel=1e-12)
    objective = objective_of(model, "log_cosh_loss")
    assert replayed(objective, model, (X, y)) is not None, "a loss of the table is replayed"
    assert nn.diagnose(model, X, y, loss="log_cosh_loss").loss == pytest.approx(history.loss[-1], rel=0.5)


def test_the_columns_of_a_new_loss_hold(monkeypatch):
    row = losses.Loss(log_cosh_loss, targets=losses.SIGN, right=losses.SameSide(0.0, 0.0), logits_of=("sigmoid",))
    monkeypatch.setitem(losses.LOSSES, "log_cosh_loss", row)
    model = nn.MLP(1, [1], output="sigmoid", seed=0)
    history = nn.fit(model, [[1.0], [-1.0]], [1, -1], loss="log_cosh", lr=0.1, epochs=50, progress=False)
    assert history.accuracy[-1] == 1.0
    with pytest.raises(ValueError, match=r"y, row 2: expected 1 or -1 for log_cosh_loss, got 0\.5"):
        nn.fit(model, [[1.0], [-1.0]], [1, 0.5], loss="log_cosh", progress=False)
    with pytest.raises(ValueError, match="log_cosh_loss belongs to a sigmoid output, but this net's is linear"):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1], loss="log_cosh", progress=False)


def test_every_loss_has_a_row():
    assert {name for name in nn.__all__ if name in losses.LOSSES} == set(losses.LOSSES)
    assert [row.chosen_for for row in losses.LOSSES.values() if row.chosen_for] == ["linear", "sigmoid", "softmax"]
