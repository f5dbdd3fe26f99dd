"""Derivatives that write nothing: grad, jacobian, hessian, check_gradients; and what they refuse."""

import math

import pytest

import autograd_lite as ag
from autograd_lite.engine import Value
from autograd_lite.sweep import write_numbers
from autograd_lite.view import View


def test_grad_takes_one_or_a_list_and_writes_nothing():
    x, y = Value(2.0), Value(3.0)
    inner = x * y
    out = inner * x
    assert ag.grad(out, x) == 12.0 and ag.grad(out, [x, y, inner]) == [12.0, 4.0, 2.0]
    assert ag.grad(out, Value(1.0)) == 0.0 and ag.grad(x, x) == 1.0
    assert not any(v.has_grad for v in (x, y, inner, out))
    constant = ag.grad(x + y, x, create_graph=True)
    assert isinstance(constant, Value) and constant.data == 1.0


def test_derivatives_of_any_order():
    x = Value(0.5)
    y, expected = x.exp() * x.sin(), [math.e**0.5 * math.sin(0.5)]
    for order in range(1, 7):  # the n-th derivative is 2^(n/2) e^x sin(x + n pi / 4)
        y = ag.grad(y, x, create_graph=True)
        expected = 2 ** (order / 2) * math.exp(0.5) * math.sin(0.5 + order * math.pi / 4)
        assert y.data == pytest.approx(expected, rel=1e-12)


def test_a_gradients_gradient_runs_backward_too():
    x, w = Value(2.0), Value(3.0)
    slope = ag.grad((w * x) ** 2, x, create_graph=True)
    (slope**2).backward()
    assert w.grad == 2 * (2 * 9 * 2) * (2 * 2 * 3 * 2)


def test_jacobian_and_hessian():
    x, y = Value(2.0), Value(3.0)
    assert ag.jacobian([x * y, x + y, x], [x, y]) == [[3.0, 2.0], [1.0, 1.0], [1.0, 0.0]]
    assert ag.hessian(x**2 * y, [x, y]) == [[6.0, 4.0], [4.0, 0.0]]
    assert ag.hessian(x + y, [x, y]) == [[0.0, 0.0], [0.0, 0.0]]


def test_a_function_is_refused_with_the_right_call():
    x = Value(2.0)
    with pytest.raises(TypeError, match=r"function.*ag\.grad\(f\(x\), x\)"):
        ag.grad(lambda v: v * v, x)
    with pytest.raises(TypeError, match="expected a Value, got float"):
        ag.grad(2.0, x)
    for wrong in (2.0, [2.0], [x, "x"], None):
        with pytest.raises(TypeError, match="inputs must be"):
            ag.grad(x * x, wrong)


def test_a_leaf_written_since_is_named():
    x, y = Value(2.0, label="speed"), Value(3.0)
    out = x * x * y
    x.data = 2.0  # the same number fits
    assert ag.grad(out, x, create_graph=True).data == 12.0
    x.data = 5.0
    assert ag.grad(out, x) == 12.0  # what was recorded
    with pytest.raises(ValueError, match=r"speed was written after"):
        ag.grad(out, x, create_graph=True)
    with pytest.raises(ValueError, match=r"speed"):
        ag.hessian(out, [x, y])


def test_check_gradients_finds_a_wrong_rule_and_a_kink():
    report = ag.check_gradients(lambda a, b: (a * b).tanh() + a / b, [Value(0.5, label="speed"), 2.0])
    assert report and "speed" in str(report) and "x2" in str(report) and "<table>" in report._repr_html_()

    def wrong(a):
        return Value(math.sin(a.data), (a,), "half_wrong", partials=(0.5,))

    assert not ag.check_gradients(wrong, [0.3]) and "WRONG" in str(ag.check_gradients(wrong, [0.3]))
    one_of_two = ag.check_gradients(lambda a, b: wrong(a) + b, [0.3, 2.0])
    assert [row.passed for row in one_of_two.rows] == [False, True] and not one_of_two
    kink = ag.check_gradients(lambda a: a.relu(), [0.0])
    assert kink.rows[0].kink and "near a kink" in str(kink)
    with pytest.raises(TypeError, match="f must be a function, not Value"):
        ag.check_gradients(Value(1.0), [1.0])
    with pytest.raises(TypeError, match="result of f"):
        ag.check_gradients(lambda a: 1.0, [1.0])


@pytest.mark.parametrize(("slope", "passes"), [(0.9e-9, True), (1.1e-9, False)])
def test_check_gradients_measures_small_slopes_against_a_thousandth(slope, passes):
    flat = ag.check_gradients(lambda a: Value(slope * a.data, (a,), "flat", partials=(0.0,)), [0.3])
    assert bool(flat) is passes and flat.rows[0].error == pytest.approx(slope / 1e-3, rel=1e-6)


def test_numbers_written_at_once_are_written_as_each_by_itself() -> None:
    x, y = Value(2.0), Value(3.0)
    product = x * y
    write_numbers([x, y], [5.0, 7.0])
    assert [x.data, y.data] == [5.0, 7.0] and View(product).stale_leaves == [x, y]


def test_a_leaf_written_by_one_bit_is_stale() -> None:
    x = Value(2.0)
    y = x * x
    x.data = math.nextafter(2.0, 3.0)
    assert View(y).stale_leaves == [x]
    with pytest.raises(ValueError, match="written after the graph was recorded"):
        ag.grad(y, x, create_graph=True)
