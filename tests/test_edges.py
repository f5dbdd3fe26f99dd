"""Edges: the values and partials that this project promises where a function meets 0, infinity, nan or its domain."""

# ruff: noqa: E501

import math

import pytest

from autograd_lite import functions as f
from autograd_lite.engine import Value
from autograd_lite.ops import TABLE

inf, nan = math.inf, math.nan

# name, operands (Values), value, partials; compared exactly, zeros by sign only where written -0.0
GOLDEN = [
    ("add", (inf, -inf), nan, (1.0, 1.0)),
    ("mul", (0.0, inf), nan, (inf, 0.0)),
    ("div", (1.0, 0.0), inf, (inf, -inf)),
    ("div", (1.0, -0.0), -inf, (-inf, -inf)),
    ("div", (0.0, 0.0), nan, (nan, nan)),
    ("div", (inf, inf), nan, (nan, nan)),
    ("div", (1e-200, 1e-200), 1.0, (1e200, -1e200)),
    ("pow", (0.0, 0.0), 1.0, (0.0, 0.0)),
    ("pow", (0.0, 0.5), 0.0, (inf, 0.0)),
    ("pow", (0.0, 1.0), 0.0, (1.0, 0.0)),
    ("pow", (0.0, 1.5), 0.0, (0.0, 0.0)),
    ("pow", (0.0, 2.0), 0.0, (0.0, 0.0)),
    ("pow", (0.0, -1.0), inf, (-inf, -inf)),
    ("pow", (-0.0, -1.0), -inf, (-inf, inf)),
    ("pow", (0.0, -2.0), inf, (-inf, -inf)),
    ("pow", (-2.0, 2.0), 4.0, (-4.0, nan)),
    ("pow", (-2.0, 3.0), -8.0, (12.0, nan)),
    ("pow", (-2.0, -1.0), -0.5, (-0.25, nan)),
    ("pow", (-2.0, 0.0), 1.0, (0.0, nan)),
    ("pow", (-8.0, 1 / 3), nan, (nan, nan)),
    ("pow", (-2.0, 0.5), nan, (nan, nan)),
    ("pow", (2.0, 3.0), 8.0, (12.0, 5.545177444479562)),
    ("pow", (nan, 0.0), 1.0, (0.0, nan)),
    ("pow", (inf, 0.0), 1.0, (0.0, inf)),
    ("pow", (1.0, nan), 1.0, (nan, 0.0)),
    ("pow", (1.0, inf), 1.0, (inf, 0.0)),
    ("pow", (2.0, 1024.0), inf, (inf, inf)),
    ("pow", (10.0, 400.0), inf, (inf, inf)),
    ("mod", (5.0, 3.0), 2.0, (1.0, -1.0)),
    ("mod", (-5.0, 3.0), 1.0, (1.0, 2.0)),
    ("mod", (5.0, 0.0), nan, (nan, nan)),
    ("exp", (710.0,), inf, (inf,)),
    ("exp", (1000.0,), inf, (inf,)),
    ("exp", (-1000.0,), 0.0, (0.0,)),
    ("expm1", (-50.0,), -1.0, (1.9287498479639178e-22,)),
    ("log", (0.0,), -inf, (inf,)),
    ("log", (-0.0,), -inf, (inf,)),
    ("log", (-1.0,), nan, (nan,)),
    ("log", (inf,), inf, (0.0,)),
    ("log1p", (-2.0,), nan, (nan,)),
    ("log1p", (-1.0,), -inf, (inf,)),
    ("sqrt", (0.0,), 0.0, (inf,)),
    ("sqrt", (-0.0,), -0.0, (inf,)),
    ("sqrt", (-1.0,), nan, (nan,)),
    ("abs", (0.0,), 0.0, (0.0,)),
    ("abs", (-0.0,), 0.0, (0.0,)),
    ("abs", (nan,), nan, (nan,)),
    ("abs", (-inf,), inf, (-1.0,)),
    ("sin", (inf,), nan, (nan,)),
    ("tan", (math.pi / 2,), 1.633123935319537e16, (2.6670937881135714e32,)),
    ("arcsin", (1.0,), 1.5707963267948966, (inf,)),
    ("arccos", (1.0,), 0.0, (-inf,)),
    ("arccosh", (1.0,), 0.0, (inf,)),
    ("arctanh", (1.0,), inf, (inf,)),
    ("arcsin", (2.0,), nan, (nan,)),
    ("arccos", (-2.0,), nan, (nan,)),
    ("arccosh", (0.5,), nan, (nan,)),
    ("arctanh", (2.0,), nan, (nan,)),
    ("tanh", (1000.0,), 1.0, (0.0,)),
    ("tanh", (-1000.0,), -1.0, (0.0,)),
    ("tanh", (20.0,), 1.0, (1.6993417021166355e-17,)),
    ("sigmoid", (1000.0,), 1.0, (0.0,)),
    ("sigmoid", (-1000.0,), 0.0, (0.0,)),
    ("sigmoid", (40.0,), 1.0, (4.248354255291589e-18,)),
    ("softplus", (1000.0,), 1000.0, (1.0,)),
    ("softplus", (-1000.0,), 0.0, (0.0,)),
    ("softplus", (20.5,), 20.500000001250154, (0.9999999987498471,)),
    ("softplus", (inf,), inf, (1.0,)),
    ("log_sigmoid", (-inf,), -inf, (1.0,)),
    ("log_sigmoid", (inf,), 0.0, (0.0,)),
    ("silu", (-inf,), 0.0, (0.0,)),
    ("silu", (inf,), inf, (1.0,)),
    ("gelu", (-inf,), 0.0, (0.0,)),
    ("gelu", (inf,), inf, (1.0,)),
    ("relu", (0.0,), 0.0, (0.0,)),
    ("relu", (nan,), nan, (nan,)),
    ("clamp", (0.0,), 0.0, (0.0,)),
    ("clamp", (1.0,), 1.0, (0.0,)),
    ("leaky_relu", (0.0,), 0.0, (0.01,)),
    ("elu", (0.0,), 0.0, (1.0,)),
    ("arctan2", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("arctan2", (0.0, -0.0), math.pi, (0.0, 0.0)),
    ("hypot", (0.0, 0.0), 0.0, (0.0, 0.0)),
    ("maximum", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("minimum", (1.0, 1.0), 1.0, (0.5, 0.5)),
    ("maximum", (nan, 1.0), nan, (nan, nan)),
    ("maximum", (1.0, nan), nan, (nan, nan)),
    ("logsumexp", (-inf, -inf), -inf, (nan, nan)),
    ("logsumexp", (-inf, 0.0), 0.0, (0.0, 1.0)),
    ("logsumexp", (inf, 0.0), inf, (1.0, 0.0)),
    ("logsumexp", (inf, inf), inf, (nan, nan)),
    ("logsumexp", (1000.0, 1000.0), 1000.6931471805599, (0.5, 0.5)),
    ("softmax", (1000.0, 0.0), 1.0, (0.0, 0.0)),
    ("log_softmax", (0.0, 1000.0), -1000.0, (1.0, -1.0)),
]


def exactly(got, expected):
    if math.isnan(expected):
        return math.isnan(got)
    return got == expected and (repr(expected) != "-0.0" or repr(got) == "-0.0")


@pytest.mark.parametrize(("name", "operands", "value", "partials"), GOLDEN, ids=lambda x: str(x))
def test_golden(name, operands, value, partials):
    row = TABLE[name]
    leaves = [Value(x) for x in operands]
    node = f.apply(row, leaves) if row.nary else f.__dict__[name](*leaves)
    assert exactly(node.data, value), node.data
    assert all(map(exactly, node.partials, partials)) and len(node.partials) == len(partials), node.partials


def bce(z, y):
    v = Value(z)
    node = f.binary_cross_entropy_with_logits(v, y)
    return node.data, node.partials[0]


def test_losses_from_logits_at_the_edges():
    assert [bce(z, y) for z, y in [(1000.0, 1.0), (1000.0, 0.0), (-1000.0, 0.0), (-1000.0, 1.0)]] == [
        (0.0, 0.0), (1000.0, 1.0), (0.0, 0.0), (1000.0, -1.0)]  # fmt: skip
    assert (bce(inf, 1.0), bce(-inf, 0.0), bce(inf, 0.0), bce(-inf, 1.0)) == ((0, 0), (0, 0), (inf, 1.0), (inf, -1.0))
    wrong, right = ([Value(-inf), Value(0.0)], 0), ([Value(inf), Value(0.0)], 0)
    node = f.cross_entropy(*wrong)
    assert (node.data, node.partials) == (inf, (-1.0, 1.0))
    node = f.cross_entropy(*right)
    assert (node.data, node.partials) == (0.0, (0.0, 0.0))


def test_the_angle_of_tiny_sides_is_within_the_bar():
    partials = f.arctan2(Value(1e-200), Value(1e-200)).partials
    assert partials == pytest.approx((5e199, -5e199), rel=4 * 2.0**-52)


def test_a_constant_operand_has_no_adjoint():
    assert (Value(-2.0) ** 2).partials == (-4.0,)
    assert (2 ** Value(3.0)).partials == (5.545177444479562,)
    assert [(0.0 ** Value(y)).partials for y in (2.0, 0.0, -1.0)] == [(0.0,), (0.0,), (-inf,)]
    assert math.isnan(((-2.0) ** Value(2.0)).partials[0])
    assert (0.0 * Value(inf)).partials == (0.0,)


SPECIAL = [s * x for x in (0.0, 5e-324, 2.2250738585072014e-308, 1e-200, 0.5, 1.0, 1.0 + 2.0**-52, 2.0, 3.0, 1e200,
                           1.7976931348623157e308, inf) for s in (1.0, -1.0)] + [nan]  # fmt: skip
ARITHMETIC = {"add", "sub", "mul", "neg", "pos", "gauss_times", "normal_pdf_times"}  # sums and products


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if not row.nary])
def test_no_operation_raises_and_nan_spreads_to_its_partials(name):
    row = TABLE[name]
    for x in SPECIAL:
        for point in [(x,)] if len(row.operands) == 1 else [(x, y) for y in SPECIAL]:
            out = row.value(point)
            partials = row.local_derivatives(out, point)
            assert {type(v) for v in (out, *partials)} == {float}
            if math.isnan(out) and (name != "pow" or not any(map(math.isnan, point))) and name not in {*ARITHMETIC, "floor_divide", "binary_cross_entropy_with_logits"}:  # nan ** 1 keeps its 1
                assert all(map(math.isnan, partials)), point
