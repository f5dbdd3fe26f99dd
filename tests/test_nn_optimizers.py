"""Optimisers: torch's paths, and steps that happen as a whole or not at all."""

# ruff: noqa: E501 (a table of messages has one line for each)

import copy
import math
import warnings
from array import array
from fractions import Fraction
from typing import Any

import pytest

from autograd_lite import nn
from autograd_lite.engine import Value
from autograd_lite.nn.moves import Move
from autograd_lite.sweep import one_step_down

START = [1.5, -2.0, 0.3]
CASES = [
    ("SGD", {"lr": 0.01}),
    ("SGD", {"lr": 0.01, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.005, "momentum": 0.9}),
    ("SGD", {"lr": 0.005, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.005, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "weight_decay": 0.3, "betas": (0.8, 0.99)}),
]


def cost(a, b, c):
    """A curved valley whose gradients differ much in size."""
    return (1.0 - a) ** 2 + 5.0 * (b - a * a) ** 2 + (c * b - 1.0) ** 2


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_the_path_is_torchs(name, settings):
    torch = pytest.importorskip("torch")
    theirs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in START]
    ours = [Value(v) for v in START]
    their_mover, our_mover = (
        getattr(torch.optim, name)(theirs, **settings),
        getattr(nn, name)(ours, **settings),
    )
    for _ in range(200):
        for mover, params in ((their_mover, theirs), (our_mover, ours)):
            mover.zero_grad()
            cost(*params).backward()
            mover.step()
        assert [p.data for p in ours] == pytest.approx([t.item() for t in theirs], rel=1e-10, abs=1e-10)


def test_parameters_that_no_gradient_reached_stay_as_torch_leaves_them():
    torch = pytest.importorskip("torch")
    theirs = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in START[:2]]
    ours = [Value(v) for v in START[:2]]
    settings = {"lr": 0.1, "weight_decay": 0.5}
    pairs = [(torch.optim.AdamW(theirs, **settings), theirs), (nn.AdamW(ours, **settings), ours)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step in range(6):
            for mover, (p, q) in pairs:
                mover.zero_grad()
                (p * p if step % 2 else p * q).backward()
                mover.step()
            assert [p.data for p in ours] == pytest.approx([t.item() for t in theirs], rel=1e-12)


def test_steps_by_hand():
    w = Value(1.0)
    mover = nn.SGD([w], lr=0.1, momentum=0.5)
    for expected in (0.8, 0.8 - 0.1 * (0.5 * 2.0 + 1.6)):
        mover.zero_grad()
        (w * w).backward()
        mover.step()
        assert w.data == pytest.approx(expected)
    mover.lr = 0.0
    mover.step()
    assert w.data == pytest.approx(expected)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_gradient_that_is_no_number_stops_the_step_before_it_writes(name, bad):
    model = nn.MLP(2, [2, 1], seed=0)
    mover = getattr(nn, name)(model.parameters(), lr=0.5)
    model([1.0, 2.0]).backward()
    mover.step()
    state, memory = model.state_dict(), mover.memory
    model.layers[1].neurons[0].w[1].grad = bad
    message = (
        rf"parameter 8, w₂₁⁽²⁾ of 9: the gradient is {bad}; no parameter was changed\. Try a smaller learning"
        r" rate than 0.5, and for sigmoid or softmax outputs a loss of the logits"
    )
    with pytest.raises(FloatingPointError, match=message):
        mover.step()
    assert model.state_dict() == state and mover.memory is memory


def test_a_step_that_overflows_is_refused_too():
    a, b = Value(1.0), Value(1e308, label="big")
    a.grad, b.grad = 1.0, -1e308
    with pytest.raises(FloatingPointError, match=r"parameter 2 'big' of 2: the step from 1e\+308 leads to inf"):
        nn.SGD([a, b], lr=10.0).step()
    assert (a.data, b.data) == (1.0, 1e308)


@pytest.mark.parametrize("count", [1, 2])
def test_an_interrupt_behind_some_or_all_writes_takes_the_step_back(monkeypatch, count):
    params = [Value(1.0), Value(2.0)]
    mover = nn.SGD(params, lr=0.1, momentum=0.9)
    for p in params:
        p.grad = 1.0
    import autograd_lite.nn.optimizers as optimizers

    real, written = optimizers.write_numbers, []

    def interrupted_once(leaves, numbers):
        written.append(leaves)
        if len(written) == 1:
            real(leaves[:count], list(numbers)[:count])
            raise KeyboardInterrupt
        real(leaves, numbers)

    monkeypatch.setattr(optimizers, "write_numbers", interrupted_once)
    memory = mover.memory
    with pytest.raises(KeyboardInterrupt):
        mover.step()
    assert [p.data for p in params] == [1.0, 2.0] and mover.memory is memory and len(written) == 2
    mover.step()
    assert [p.data for p in params] == [0.9, 1.9] and mover.memory == [(1.0,), (1.0,)]


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_one_formula_moves_numbers_and_arrays(name, settings):
    mover = getattr(nn, name)([Value(1.0)], **settings)
    move = Move(mover)
    numbers, memories = list(START), [mover.start] * len(START)
    moved = array("d", START)
    memory = mover.start._replace(**{c: array("d", [getattr(mover.start, c)] * len(START)) for c in mover.columns})
    for gradients in ([0.5, -3.0, 1e-9], [-0.1, 7.0, 0.0], [2.0, 1.0, 1e9]):
        moved, memory = move(moved, array("d", gradients), memory)
        numbers, memories = zip(*map(mover.move, numbers, gradients, memories), strict=True)
        assert moved.tolist() == list(numbers)
        mover.lr *= 0.5


def test_what_is_not_said_is_as_in_torch():
    torch = pytest.importorskip("torch")
    for name in ("SGD", "Adam", "AdamW"):
        theirs = getattr(torch.optim, name)([torch.tensor(1.0)]).defaults
        ours = vars(getattr(nn, name)([Value(1.0)]))
        assert {setting: ours[setting] for setting in theirs if setting in ours} == {
            setting: theirs[setting] for setting in theirs if setting in ours
        } and {"lr", "weight_decay"} & ours.keys() & theirs.keys()


def test_an_optimiser_says_where_parameters_go():
    p = Value(1.0)
    p.grad = 1.0
    with pytest.raises(NotImplementedError):
        nn.optimizers.Optimizer([p], lr=0.1).step()
    assert p.data == 1.0


def test_a_forgotten_backward_is_hinted_at_once():
    model = nn.MLP(2, [2, 1], seed=0)
    mover = nn.Adam(model.parameters(), lr=0.1)
    state = model.state_dict()
    message = r"no gradient reached 9 of 9 parameters \(first: parameter 1, w₁₁⁽¹⁾\): expected loss.backward\(\)"
    with pytest.warns(UserWarning, match=message):
        mover.step()
    mover.step()  # filterwarnings = error: a second warning would fail
    assert model.state_dict() == state


def test_zero_grad():
    p = Value(1.0)
    (p * p).backward()
    nn.SGD([p], lr=0.1).zero_grad()
    assert not p.has_grad


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda p: nn.SGD([], lr=0.1), ValueError, r"params: expected the parameters to train, got none: pass model.parameters\(\)"),
        (lambda p: nn.SGD(p, lr=0.1), TypeError, r"params: expected a list of parameters, got Value; write \[value\]"),
        (lambda p: nn.SGD([p, 1.0], lr=0.1), TypeError, "params: expected Values, got float 1.0 in place 2"),
        (lambda p: nn.SGD([p, p], lr=0.1), ValueError, "params: expected each parameter once"),
        (lambda p: nn.SGD([p], lr=-1), ValueError, "lr: expected a learning rate of 0 or more, got -1"),
        (lambda p: nn.Adam([p], lr=math.nan), ValueError, "lr: .* got nan"),
        (lambda p: nn.Adam([p], lr=math.inf), ValueError, "lr: .* got inf"),
        (lambda p: nn.SGD([p], 0.1, momentum=-0.1), ValueError, "momentum: expected a number of 0 or more, got -0.1"),
        (lambda p: nn.SGD([p], 0.1, nesterov=True), ValueError, "nesterov: expected a momentum above 0 with it"),
        (lambda p: nn.SGD([p], 0.1, weight_decay=-1), ValueError, "weight_decay: .* got -1"),
        (lambda p: nn.AdamW([p], 0.1, weight_decay=-1), ValueError, "weight_decay: .* got -1"),
        (lambda p: nn.Adam([p], betas=(0.9, 1.0)), ValueError, r"betas: expected two numbers from 0 to below 1, got \(0.9, 1.0\)"),
        (lambda p: nn.Adam([p], betas=(0.9,)), ValueError, "betas: expected two numbers"),
        (lambda p: nn.Adam([p], eps=0.0), ValueError, "eps: expected a number above 0, got 0.0"),
    ],
)  # fmt: skip
def test_misuse(make, error, message):
    with pytest.raises(error, match=message):
        make(Value(1.0))


@pytest.mark.parametrize(
    ("make", "settings"),
    [(nn.SGD, {"weight_decay": 0.1}), (nn.SGD, {"momentum": 0.5, "weight_decay": 0.1}), (nn.Adam, {"betas": (0.5, 0.9), "eps": 0.1}),
     (nn.AdamW, {"weight_decay": 0.2})],
)  # fmt: skip
def test_many_parameters_move_as_one_does(make: Any, settings: dict[str, Any]) -> None:
    """All at once or one by one: the same bits, also after the user wrote a setting or a rate, and after a copy."""
    many = [Value(0.1 * i - 2.0) for i in range(40)]
    ones = [Value(p.data) for p in many]
    together, alone = make(many, lr=0.1), [make([p], lr=0.1) for p in ones]
    for step in range(6):
        for i, (p, q) in enumerate(zip(many, ones, strict=True)):
            p.grad = q.grad = 0.3 * step - 0.01 * i
        if step == 2:
            for optimizer in (together, *alone):
                vars(optimizer).update(settings)
                optimizer.lr = 0.05
        if step == 4:
            assert together.memory == [optimizer.memory[0] for optimizer in alone]
        together.step()
        for optimizer in alone:
            optimizer.step()
        assert [p.data for p in many] == [q.data for q in ones], step
    assert copy.copy(together).memory == together.memory


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam])
def test_many_parameters_are_looked_at_as_one_is(make: Any) -> None:
    """One that no gradient reached stays, and one whose gradient is nan or too large keeps all from moving."""
    params = [Value(0.5 * i) for i in range(40)]
    mover = make(params, lr=0.1)
    for p in params[1:]:
        p.grad = 1.0
    with pytest.warns(UserWarning, match=r"no gradient reached 1 of 40 parameters \(first: parameter 1\)"):
        mover.step()
    assert params[0].data == 0.0 and not params[0].has_grad
    assert all(p.data < 0.5 * i for i, p in enumerate(params[1:], start=1))
    before = [p.data for p in params]
    for bad in (math.nan, -math.inf):
        params[7].grad = bad
        with pytest.raises(FloatingPointError, match="parameter 8 of 40: the gradient is"):
            mover.step()
        assert [p.data for p in params] == before


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("make", [nn.SGD, nn.Adam])
def test_a_rate_of_another_type_leaves_floats(make: Any, count: int) -> None:
    params = [Value(1.0) for _ in range(count)]
    for p in params:
        p.grad = 2
    make(params, lr=Fraction(1, 2)).step()
    assert {type(p.data) for p in params} == {float}
    np = pytest.importorskip("numpy")
    make(params, lr=np.float64(0.5)).step()
    assert {type(p.data) for p in params} == {float}


def test_an_optimiser_is_shown_with_its_settings() -> None:
    params = [Value(1.0), Value(2.0)]
    assert repr(nn.SGD(params, lr=0.1)) == "SGD(2 parameters, lr=0.1, momentum=0.0, weight_decay=0.0, nesterov=False)"
    assert repr(nn.Adam(params)).startswith("Adam(2 parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-08")


def test_fit_refuses_the_optimiser_of_another_net() -> None:
    old, new = nn.MLP(2, [1], seed=0), nn.MLP(2, [1], seed=0)
    with pytest.raises(ValueError, match=r"^optimizer: expected one of this model's parameters, nn.Adam\(model.param"):
        nn.fit(new, [[1.0, 2.0]], [1.0], optimizer=nn.Adam(old.parameters()), progress=False)


def test_a_schedule_is_asked_once_an_epoch() -> None:
    asked = []

    def rate(epoch: int) -> float:
        asked.append(epoch)
        return 0.1

    nn.fit(nn.MLP(2, [1], seed=0), [[1.0, 2.0]], [1.0], lr=rate, epochs=3, progress=False)
    assert asked == [1, 2, 3]


@pytest.mark.parametrize("decay", [0.0, 0.25])
def test_descent_moves_all_at_once_and_marks_what_no_gradient_reached(decay):
    moved, unreached = Value(2.0), Value(3.0)
    moved.grad = 4.0
    after = one_step_down([moved, unreached], 0.5, decay)
    assert after[0] == 2.0 - 0.5 * (4.0 + decay * 2.0)
    assert math.isnan(after[1])
