"""Edges: the values and partials that this project promises where a function meets 0, infinity, nan or its domain.

`golden/edges.txt` holds every operation at 23 special values, all pairs of them for two operands; `golden/edges.py`
says how it was written without the package. The rows of the convention stand here as literals once more. Whatever
runs an operation is a runner below, and all of them must agree with the table and, bit for bit, with one another.
"""

# ruff: noqa: E501

import math
import operator
import struct
import sys
from itertools import groupby, product
from pathlib import Path

import pytest

import autograd_lite as ag
from autograd_lite import functions as f
from autograd_lite import nn
from autograd_lite.engine import Value, record
from autograd_lite.kernel import library
from autograd_lite.ops import ROWS, TABLE

inf, nan = math.inf, math.nan
OPERATORS = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "pow": operator.pow,
             "mod": operator.mod, "neg": operator.neg, "pos": operator.pos, "abs": operator.abs}  # fmt: skip


def operands_of(row, point):
    """Return the numbers of a point as the row takes them: lists of two, the class 0, the bias 0."""
    if row.name == "dot":
        return [[point[0]], [point[1]], 0.0]
    return [list(point), 0.0] if row.name == "cross_entropy" else [list(point)] if row.nary else list(point)


def typed(row, operands):
    """Apply an operation as it is typed."""
    return (
        OPERATORS[row.name](*operands)
        if row.name in OPERATORS
        else f.apply(row, *operands)
        if row.nary
        else getattr(f, row.name)(*operands)
    )


# A runner takes a row and points, and returns the value and the partials by the Values at each.


def eager(row, points):
    for point in points:
        node = typed(row, [[Value(x) for x in o] if isinstance(o, list) else o if row.name == "cross_entropy" else Value(o)
                           for o in operands_of(row, point)])  # fmt: skip
        yield node.data, node.partials


def recorded(row, points):
    """As the engine's one general function does it."""
    for point in points:
        flat = [x for o in operands_of(row, point) for x in (o if isinstance(o, list) else [o])]
        node = record(
            row,
            [Value(x) for x in flat[: len(flat) - (row.name == "cross_entropy")]]
            + flat[len(flat) - 1 :] * (row.name == "cross_entropy"),
        )
        yield node.data, node.partials


RUNNERS = [eager, recorded]
EXACT_ROWS = {"add", "sub", "mul", "neg", "pos", "abs", "relu", "clamp", "maximum", "minimum", "sum", "dot"}


def golden():
    lines = Path(__file__).with_name("golden").joinpath("edges.txt").read_text(encoding="utf-8").splitlines()[1:]
    cells = [[part.split() for part in line.split(" | ")] for line in lines]
    for name, rows in groupby(cells, key=lambda row: row[0][0]):
        yield name, [(tuple(map(float, row[0][1:])), row[1] + row[2]) for row in rows]


GOLDEN_TABLE = dict(golden())
NAMES = set(TABLE)  # those of the package: a doctest may add its own


def agrees(got, expected, bar):
    """Compare: nan, infinity and zeros with their sign exactly, other numbers in units of the last place."""
    if expected == "±0":
        return abs(got) <= 5e-324
    wanted = float(expected)
    if math.isnan(wanted) or math.isinf(wanted) or wanted == 0.0:
        return (
            math.isnan(got)
            if math.isnan(wanted)
            else got == wanted and math.copysign(1.0, got) == math.copysign(1.0, wanted)
        )
    return abs(got - wanted) <= bar * math.ulp(wanted) and math.copysign(1.0, got) == math.copysign(1.0, wanted)


def bits(numbers):
    """Return floats as bytes, all nans alike."""
    return [struct.pack("<d", nan if math.isnan(x) else x) for x in numbers]


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.__name__)
@pytest.mark.parametrize("name", GOLDEN_TABLE)
def test_the_table_of_edges(name, runner):
    points = [point for point, _ in GOLDEN_TABLE[name]]
    bar = 0 if name in EXACT_ROWS else 8 if name in ("gelu", "silu") else 4
    wrong = []
    for (point, expected), (value, partials), (first, firsts) in zip(
        GOLDEN_TABLE[name], runner(TABLE[name], points), eager(TABLE[name], points), strict=True
    ):
        got = [value, *partials]
        assert bits(got) == bits([first, *firsts]), point
        if len(got) != len(expected) or not all(agrees(g, e, bar) for g, e in zip(got, expected, strict=True)):
            wrong.append((point, expected, got))
    assert not wrong, f"{len(wrong)} of {len(points)}, such as {wrong[:5]}"


def replayed(row, points):
    """Yield the value and the leaves' gradients at each point, from one recording and its replays."""

    def function(*xs):
        if row.name == "dot":
            return f.dot([xs[0]], [xs[1]], xs[2])
        return f.apply(row, list(xs), *([0.0] if row.name == "cross_entropy" else [])) if row.nary else typed(row, xs)

    compiled = ag.compile(function)
    for point in points:
        leaves = [Value(x) for x in (*point, *([0.0] if row.name == "dot" else []))]
        root = compiled(*leaves)
        root.backward()
        yield root.data, [leaf.grad for leaf in leaves]


@pytest.mark.parametrize("kernel", [False, True], ids=["source", "kernel"])
@pytest.mark.parametrize("name", GOLDEN_TABLE)
def test_a_replay_gives_the_same_bits_at_the_edges(name, kernel, monkeypatch):
    if kernel:
        if not library.is_here() or sys.platform == "win32":
            pytest.skip("no C compiler, or one with a C library that may round apart from the interpreter's")
        library.library(ROWS)
        monkeypatch.setattr("autograd_lite.replay.worth.KERNEL_FROM", 0)
        monkeypatch.setattr("autograd_lite.replay.worth.WAIT", 0)
    points = [point for point, _ in GOLDEN_TABLE[name]]
    for point, (value, grads), (wanted, partials) in zip(
        points, replayed(TABLE[name], points), eager(TABLE[name], points), strict=True
    ):
        # a leaf's gradient starts at 0.0, so a partial of -0.0 arrives as 0.0
        assert bits([value, *grads]) == bits([wanted, *(0.0 + partial for partial in partials)]), point


def test_every_row_that_is_typed_is_in_the_table_of_edges():
    only_derivatives = {
        "log_slope",
        "pow_derivative",
        "hypot_slope",
        "arctan2_slope",
        "gauss_times",
        "normal_pdf_times",
        "sigmoid_times",
    }
    assert NAMES - set(GOLDEN_TABLE) == only_derivatives


def test_the_table_of_edges_is_what_its_program_writes():
    pytest.importorskip("mpmath")
    from tests.golden.edges import lines

    assert (
        list(lines())
        == Path(__file__).with_name("golden").joinpath("edges.txt").read_text(encoding="utf-8").splitlines()
    )


# The rows of the convention: name, operands (Values), value, partials.
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
    ("pow", (2.0, 1024.0), inf, (inf, 1.2460659279417838e308)),
    ("pow", (0.5, inf), 0.0, (0.0, 0.0)),
    ("pow", (inf, -1.0), 0.0, (0.0, 0.0)),
    ("pow", (10.0, 400.0), inf, (inf, inf)),
    ("mod", (5.0, 3.0), 2.0, (1.0, -1.0)),
    ("mod", (-5.0, 3.0), 1.0, (1.0, 2.0)),
    ("mod", (5.0, 0.0), nan, (nan, nan)),
    ("floor_divide", (5.0, 0.0), inf, (0.0, 0.0)),
    ("floor_divide", (5.0, -0.0), -inf, (0.0, 0.0)),
    ("floor_divide", (-5.0, 0.0), -inf, (0.0, 0.0)),
    ("floor_divide", (0.0, 0.0), nan, (nan, nan)),
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
    ("softmax", (1000.0, 0.0), 1.0, (0.0, -0.0)),
    ("log_softmax", (0.0, 1000.0), -1000.0, (1.0, -1.0)),
]


def same(got, expected):
    return (
        math.isnan(got)
        if math.isnan(expected)
        else got == expected and math.copysign(1.0, got) == math.copysign(1.0, expected)
    )


@pytest.mark.parametrize("runner", RUNNERS, ids=lambda runner: runner.__name__)
@pytest.mark.parametrize(("name", "operands", "value", "partials"), GOLDEN, ids=lambda x: str(x))
def test_the_convention(name, operands, value, partials, runner):
    ((got, slopes),) = runner(TABLE[name], [operands])
    assert same(got, value), got
    assert len(slopes) == len(partials) and all(map(same, slopes, partials)), slopes


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
    assert str(f.cross_entropy([Value(1.0)], Value(0.0)).partials) == "(0.0, 0.0)"  # no slope by the class, not -0.0


@pytest.mark.parametrize("name", [row.name for row in TABLE.values() if row.nary and row.name in NAMES])
def test_a_nan_among_the_entries_is_never_lost(name):
    row = TABLE[name]
    others = {"dot": [[1.0, 0.0, 2.0], 0.5]}
    for entries in product((nan, inf, -inf, 1.0, 2.0), repeat=3):
        if nan in entries:
            for target in (0.0, 1.0, 2.0):
                more = others.get(name, [target] if name == "cross_entropy" else [])
                assert math.isnan(row.value([list(entries), *more])), (entries, *more)


def test_the_angle_of_tiny_sides_is_within_the_bar():
    partials = f.arctan2(Value(1e-200), Value(1e-200)).partials
    assert partials == pytest.approx((5e199, -5e199), rel=4 * 2.0**-52)


def test_a_constant_operand_has_no_adjoint():
    assert (Value(-2.0) ** 2).partials == (-4.0,)
    assert (2 ** Value(3.0)).partials == (5.545177444479562,)
    assert [(0.0 ** Value(y)).partials for y in (2.0, 0.0, -1.0)] == [(0.0,), (0.0,), (-inf,)]
    assert math.isnan(((-2.0) ** Value(2.0)).partials[0])
    assert (0.0 * Value(inf)).partials == (0.0,)


# ---------------------------------------------------------------------------------------------- losses


def loss_at(loss, prediction, target):
    x = Value(prediction)
    result = loss(x, target)
    result.backward()
    return result.data, x.grad


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "value", "slope"),
    [
        (nn.binary_cross_entropy, 0.0, 1, inf, -inf),  # nothing is clamped in silence
        (nn.binary_cross_entropy, 1.0, 0, inf, inf),
        (nn.binary_cross_entropy, 5e-324, 1, 744.4400719213812, -inf),
        (nn.binary_cross_entropy, 0.25, 1, 1.3862943611198906, -4.0),
        (nn.binary_cross_entropy, 0.25, 0, 0.2876820724517809, 1.3333333333333333),
        (nn.binary_cross_entropy, 0.0, 0, 0.0, 0.0),  # at the end of the domain: the subgradient of least norm
        (nn.binary_cross_entropy, 1.0, 1, -0.0, 0.0),
        (nn.binary_cross_entropy, 0.0, 0.5, inf, -inf),
        (nn.binary_cross_entropy, 1.0, 0.5, inf, inf),
        (nn.l1_loss, 2.0, 2.0, 0.0, 0.0),
        (nn.l1_loss, -inf, 2.0, inf, -1.0),
        (nn.huber_loss, 1.0, 0.0, 0.5, 1.0),
        (nn.huber_loss, -1.0, 0.0, 0.5, -1.0),
        (nn.huber_loss, 0.0, 0.0, 0.0, 0.0),
        (nn.hinge_loss, 1.0, 1, 0.0, 0.0),  # on the margin
        (nn.hinge_loss, -1.0, -1, 0.0, 0.0),
        (nn.mse_loss, 1e200, 0.0, inf, 2e200),
    ],
)
def test_losses_at_the_edges(loss, prediction, target, value, slope):
    got = loss_at(loss, prediction, target)
    assert same(got[0], value) and same(got[1], slope), got


@pytest.mark.parametrize("p", [-0.1, 1.1, nan, inf, -5e-324])
def test_what_is_no_probability_is_named(p):
    with pytest.raises(ValueError, match=rf"expected probabilities from 0 to 1, got {p!r} \('odds'\)"):
        nn.binary_cross_entropy(Value(p, label="odds"), 1)
