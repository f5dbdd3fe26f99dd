"""Derivatives that write nothing: grad, jacobian, hessian, check_gradients; and what they refuse."""

import json
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


def test_a_function_may_give_a_number_at_some_points():
    report = ag.check_gradients(lambda a: max(0, a), [-1.0])
    assert report and report.rows[0].analytic == 0.0 and ag.check_gradients(lambda a: max(0, a), [2.0])
    assert not ag.check_gradients(lambda a: a.data**2, [2.0]), "the graph is lost"


def test_inside_no_grad_no_derivative_is_0_in_silence():
    x = Value(3.0, label="x")
    cube = x**3
    with ag.no_grad():
        inside = x**3
        calls = [ag.grad(cube, x), ag.hessian(cube, [x]), ag.hvp(cube, x, 2.0), ag.jvp(lambda a: a**3, 3.0, 1.0)]
        assert calls == [27.0, [[18.0]], 36.0, (27.0, 27.0)]
        assert ag.grad(ag.grad(cube, x, create_graph=True), x) == 18.0
        assert ag.check_gradients(lambda a: ag.grad(a**3, a, create_graph=True), [3.0])
        for call in (
            lambda: ag.grad(inside, x),
            lambda: ag.grad(inside, x, create_graph=True),
            lambda: ag.jacobian([inside], [x]),
            lambda: ag.hessian(inside, [x]),
            lambda: ag.hvp(inside, x, 1.0),
        ):
            with pytest.raises(RuntimeError, match=r"grad.*: Value\(27\.0\) was not recorded: .* outside of"):
                call()
        assert (x * x).parents == ()


def test_derivatives_of_any_order():
    x = Value(0.5)
    y, expected = x.exp() * x.sin(), [math.e**0.5 * math.sin(0.5)]
    for order in range(1, 7):  # the n-th derivative is 2^(n/2) e^x sin(x + n pi / 4)
        y = ag.grad(y, x, create_graph=True)
        expected = 2 ** (order / 2) * math.exp(0.5) * math.sin(0.5 + order * math.pi / 4)
        assert y.data == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "end", "limits", "outside"),
    [("log", 0.0, (math.inf, -math.inf, math.inf), -1.0), ("log", -0.0, (math.inf, -math.inf, math.inf), -5e-324),
     ("log2", 0.0, (math.inf, -math.inf, math.inf), -1.0), ("log10", -0.0, (math.inf, -math.inf, math.inf), -1.0),
     ("log1p", -1.0, (math.inf, -math.inf, math.inf), -2.0), ("sqrt", 0.0, (math.inf, -math.inf, math.inf), -1.0),
     ("sqrt", -0.0, (math.inf, -math.inf, math.inf), -1e300), ("arcsin", 1.0, (math.inf,) * 3, 2.0),
     ("arcsin", -1.0, (math.inf, -math.inf, math.inf), -2.0), ("arccos", 1.0, (-math.inf,) * 3, 2.0),
     ("arccosh", 1.0, (math.inf, -math.inf, math.inf), 0.5), ("arctanh", 1.0, (math.inf,) * 3, 2.0),
     ("arctanh", -1.0, (math.inf, -math.inf, math.inf), -2.0)],
)  # fmt: skip
def test_derivatives_of_any_order_are_limits_at_the_end_of_a_domain_and_nan_outside(name, end, limits, outside):
    for at, expected in ((end, limits), (outside, (math.nan,) * 3)):
        x = Value(at)
        y = getattr(ag, name)(x)
        for order, slope in enumerate(expected, start=1):
            y = ag.grad(y, x, create_graph=True)
            assert y.data == slope or (y.data != y.data and slope != slope), (at, order)


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
        ag.check_gradients(lambda a: "1.0", [1.0])


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


# ----------------------------------------------------------------------------------- forward mode, Hessian times vector


def tangled(x, y, z):
    a = (x * y).tanh() + z
    return a * a / (1.0 + x * x) + ag.maximum(y, z) * a.sin()


def test_forward_mode_is_the_gradient_times_the_direction():
    at, along = [0.3, -0.7, 1.1], [0.5, 2.0, -1.0]
    inputs = [Value(x) for x in at]
    value, slope = ag.jvp(tangled, inputs, along)
    out = tangled(*inputs)
    assert value == out.data
    assert slope == pytest.approx(sum(g * t for g, t in zip(ag.grad(out, inputs), along, strict=True)), rel=1e-14)
    assert (value, slope) == ag.jvp(tangled, at, along)


def test_forward_mode_of_several_results_closed_over_values_and_compiled_calls():
    w = Value(3.0)
    compiled = ag.compile(lambda x: w * x.sin())
    values, slopes = ag.jvp(lambda x, y: [w * x, compiled(x) * y, 2.0 * w], [0.5, 2.0], [1.0, 10.0])
    assert values == [1.5, 6.0 * math.sin(0.5), 6.0]
    assert slopes == pytest.approx([3.0, 6.0 * math.cos(0.5) + 30.0 * math.sin(0.5), 0.0], rel=1e-14)
    assert ag.jvp(lambda x: x, 2.0, 5.0) == (2.0, 5.0) and not w.has_grad


def test_forward_mode_and_hessian_products_are_torchs():
    torch = pytest.importorskip("torch")
    at, along = [0.3, -0.7], [0.5, 2.0]

    def f(m):
        return lambda x, y: (x * y).tanh() * (x.exp() if m is ag else torch.exp(x)) + y**3

    primals, tangents = (tuple(torch.tensor(v, dtype=torch.float64) for v in vs) for vs in (at, along))
    expected = torch.autograd.functional.jvp(f(torch), primals, tangents)
    assert ag.jvp(f(ag), at, along) == pytest.approx([t.item() for t in expected], rel=1e-13)
    inputs = [Value(x) for x in at]
    _, products = torch.autograd.functional.hvp(f(torch), primals, tangents)
    assert ag.hvp(f(ag)(*inputs), inputs, along) == pytest.approx([t.item() for t in products], rel=1e-12)


def test_the_hessian_times_a_vector_is_that():
    inputs, along = [Value(x) for x in (0.3, -0.7, 1.1)], [0.5, 2.0, -1.0]
    out = tangled(*inputs)
    rows = ag.hessian(out, inputs)
    expected = [sum(h * v for h, v in zip(row, along, strict=True)) for row in rows]
    assert ag.hvp(out, inputs, along) == pytest.approx(expected, rel=1e-12)
    assert ag.hvp(inputs[0] ** 3, inputs[0], 2.0) == pytest.approx(2.0 * 6.0 * 0.3)
    assert ag.hvp(3.0 * inputs[0], inputs[:2], [1.0, 1.0]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: ag.jvp(x * x, x, 1.0), TypeError, r"jvp: expected a function, got Value; jvp\(lambda x"),
        (lambda x: ag.jvp(tangled, [1.0, 2.0], [1.0]), ValueError, "a tangent for each of the 2 inputs, got 1"),
        (lambda x: ag.jvp(lambda a, b: a, [x, x], [1.0, 2.0]), ValueError, "expected each Value once"),
        (lambda x: ag.jvp(abs, ["a"], [1.0]), TypeError, "jvp: input"),
        (lambda x: ag.hvp(x * x, [x], [1.0, 2.0]), ValueError, "a number for each of the 1 inputs, got 2"),
        (lambda x: ag.hvp(abs, [x], [1.0]), TypeError, r"hvp: expected a Value, got .*; call the function first"),
    ],
)
def test_forward_mode_misused(call, error, message):
    with pytest.raises(error, match=message):
        call(Value(2.0))


def test_a_graph_as_json():
    a, b = Value(2.0, label="a"), Value(-3.0, kind="input")
    out = a * b + a**2.0
    out.backward()
    (a / 0.0).backward()
    trace = ag.trace(out)
    nodes = json.loads(trace.to_json())["nodes"]
    assert [node["id"] for node in nodes] == [*range(len(trace.nodes))]
    met = []
    for node, entry in zip(trace.nodes, nodes, strict=True):
        assert (entry["op"], entry["data"], entry["label"]) == (node.op, node.data, node.label)
        assert entry["local"] == list(node.partials)
        assert entry["grad"] == (node.grad if math.isfinite(node.grad) else "inf")
        operands = [trace.nodes[x] if isinstance(x, int) else x["number"] for x in entry["operands"]]
        assert all(x is y or x == y for x, y in zip(operands, node.operands, strict=True))
        met += [(x, node) for x in operands if isinstance(x, Value)]
    assert nodes[0]["label"] == "a" and nodes[1]["kind"] == "input" and met == trace.edges
