"""The table of operations: every row against 50 digits on its whole domain, its grammar, new rows.

The bars are those of a good scalar library: 4 units in the last place for values and first derivatives (8 for GELU
and SiLU), 16 for second derivatives, nine digits for third; n-ary rows (n + 2) eps times the sum of their terms. The
exact values stand in `tests/exact.py`; a row without an entry there fails, so an operation comes in with its proof.
"""

import inspect
import math
import random

import pytest

import autograd_lite as ag
from autograd_lite import define, engine, formulas, functions, numerics, ops
from autograd_lite.engine import Value, record
from autograd_lite.ops import TABLE, Op
from autograd_lite.row import publish

mpmath = pytest.importorskip("mpmath")
from tests.exact import EPS, EXACT, HUGE, LISTS, TINY, exactly, length, pairs, points, ulps  # noqa: E402

mpf = mpmath.mpf
ROWS = list(TABLE.values())  # those of the package: a doctest may add its own
ONE_OR_TWO = [row for row in ROWS if not row.nary]
SMOOTH = [row for row in ONE_OR_TWO if EXACT.get(row.name) and EXACT[row.name].seconds]
MANY = [row for row in ROWS if row.nary]
LARGE = mpf(2) ** 1000
# points of the domain, half of them uniform in the logarithm, and points around special ones; --run-slow runs the
# second line, too
COUNTS = [(200, 60), pytest.param((20_000, 2_000), marks=pytest.mark.slow)]


def unproved(names):
    """Return the operations without exact mathematics to hold them to."""
    return sorted(set(names) - set(EXACT) - set(LISTS))


def test_every_row_is_proved():
    names = [row.name for row in ROWS]
    assert not unproved(names), f"write {unproved(names)} in exact mathematics in tests/exact.py"
    assert not {*EXACT, *LISTS} - set(names)


def operands_of(row, counts):
    oracle = EXACT[row.name]
    if len(row.operands) == 1:
        return [(x,) for x in points(oracle.low, oracle.high, *counts, row.name)]
    return list(pairs(row.name, *counts))


def differentiable_by(row, i, point):
    """Tell whether a partial exists: a power of a negative base is a number at whole exponents only."""
    return not (row.name in ("pow", "pow_derivative") and point[0] < 0.0 and i == 1)


def within_reach(*sizes):
    """Tell whether the chain rule can multiply these numbers without leaving the range of floats."""
    return all(size == 0 or 1 / LARGE < size < LARGE for size in sizes)


def worst(cases):
    """Return the largest error with the point where it occurs."""
    return max(cases, key=lambda case: case[0], default=(0.0, None))


@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize("row", ONE_OR_TWO, ids=lambda row: row.name)
def test_value_and_partials_against_50_digits(row, counts):
    oracle = EXACT[row.name]
    values, partials = [], [[] for _ in row.operands]
    for point in operands_of(row, counts):
        exact = [mpf(x) for x in point]
        out, value = row.value(point), oracle.value(*exact)
        values.append((ulps(out, value), point))
        slopes = [f(*exact) if differentiable_by(row, i, point) else None for i, f in enumerate(oracle.partials)]
        # the partials of a row that is only a derivative are somebody's second derivatives
        if not oracle.seconds and not within_reach(abs(value), *(exactly(d)[1] for d in slopes if d is not None)):
            continue
        for i, (got, slope) in enumerate(zip(row.local_derivatives(out, point), slopes, strict=True)):
            if slope is not None:
                partials[i].append((ulps(got, slope), point))
    assert len(values) > 0.8 * sum(counts)
    found = [worst(values), *map(worst, partials)]
    bar = 8.0 if row.name in ("gelu", "silu") else 4.0
    assert found[0][0] <= bar and all(error <= (bar if oracle.seconds else 8.0) for error, _ in found[1:]), found


@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
def test_second_derivatives_against_50_digits(row, counts):
    """Where value and first derivatives are floats of full precision, for the chain rule multiplies them."""
    oracle = EXACT[row.name]
    errors = []
    for point in operands_of(row, counts):
        exact = [mpf(x) for x in point]
        slopes = [exactly(f(*exact))[0] for i, f in enumerate(oracle.partials) if differentiable_by(row, i, point)]
        if not within_reach(*map(abs, slopes)) or any(x in oracle.kinks for x in point):
            continue
        leaves = [Value(x) for x in point]
        firsts = ag.grad(record(row, leaves), leaves, create_graph=True)
        seconds = iter(oracle.seconds)
        for i in range(len(point)):
            for j in range(i, len(point)):
                second = next(seconds)
                if differentiable_by(row, j, point) and not LARGE < exactly(second(*exact))[1] < HUGE:
                    errors += [
                        (ulps(ag.grad(firsts[a], leaves[b]), second(*exact)), point, a, b) for a, b in {(i, j), (j, i)}
                    ]
    assert errors
    assert worst(errors)[0] <= 16.0, worst(errors)


def moderate(row, count):
    """Yield points at which no power of the operands is large or small."""
    oracle, draw = EXACT[row.name], random.Random(row.name)
    while count:
        point = tuple(draw.choice([-1.0, 1.0]) * 10.0 ** draw.uniform(-2, 1.3) for _ in row.operands)
        point = (abs(point[0]), *point[1:]) if row.name == "pow" else point
        if all(max(oracle.low, -25.0) < x < oracle.high for x in point):
            count -= 1
            yield point


@pytest.mark.parametrize("count", [25, pytest.param(2_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
def test_third_derivatives_to_nine_digits(row, count):
    oracle = EXACT[row.name]
    n = len(row.operands)
    for point in moderate(row, count):
        leaves, exact = [Value(x) for x in point], [mpf(x) for x in point]
        firsts = ag.grad(record(row, leaves), leaves, create_graph=True)
        places = [(i, j) for i in range(n) for j in range(i, n)]
        for (i, j), second in zip(places, oracle.seconds, strict=True):
            thirds = ag.grad(ag.grad(firsts[i], leaves[j], create_graph=True), leaves)
            for k, got in enumerate(thirds):
                h = abs(exact[k]) * mpf(10) ** -15
                up, down = ([x + s * h if m == k else x for m, x in enumerate(exact)] for s in (1, -1))
                third = (exactly(second(*up))[0] - exactly(second(*down))[0]) / (2 * h)
                scale = max(abs(third), exactly(second(*exact))[1] / max(abs(exact[k]), 1))
                assert abs(mpf(got) - third) <= 1e-9 * scale + TINY, (point, i, j, k, got, third)


def test_the_angle_of_tiny_sides_has_second_derivatives():
    a, b = Value(1e-200), Value(1e-200)
    assert ag.hessian(ag.arctan2(a, b), [a, b]) == [[-math.inf, 0.0], [0.0, math.inf]]
    curvature = float(1 / (2 * length(mpf(1e-200), mpf(1e-200))))
    for row in ag.hessian(ag.hypot(a, b), [a, b]):
        assert list(map(abs, row)) == pytest.approx([curvature, curvature], rel=16 * EPS)


def test_a_power_has_derivatives_of_every_order():
    for a, b in [(2.5, -0.5), (0.3, 3.0), (7.0, 2.5), (1e-3, 0.1)]:
        for m in range(4):
            for n in range(4):
                if m + n > 0:
                    exact = mpmath.diff(lambda x, y: x**y, (mpf(a), mpf(b)), (m, n))
                    assert numerics.pow_derivative(a, b, float(m), float(n)) == pytest.approx(float(exact), rel=1e-12)
    x = Value(0.0)
    cube = x**3
    for expected in (0.0, 0.0, 6.0, 0.0):  # a whole exponent's zeros win over the infinite powers of 0
        cube = ag.grad(cube, x, create_graph=True)
        assert cube.data == expected
    assert numerics.pow_derivative(math.inf, 2.0, 1.0, 1.0) == math.inf


@pytest.mark.parametrize("b", [2.0**53 + 2.0, 2.0**53 + 6.0, -(2.0**53) - 2.0])
def test_a_power_whose_exponent_rounds_keeps_its_digits(b):
    """b - 1 is no float here; what rounding takes from it is worth hundreds of units in the last place."""
    for a in (1.0 + 3e-14, 1.0 - 3e-14):
        exact = b * mpf(a) ** (mpf(b) - 1)
        assert ulps(numerics.pow_derivative(a, b, 1.0, 0.0), exact) <= 4


# --------------------------------------------------------------------------------------------------- rows of lists


def lists_for(row, count):
    draw = random.Random(row.name)
    for i in range(count):
        n = draw.choice([1, 2, 3, 10, 40])
        scale = 10.0 ** (draw.uniform(-3, 2.9) if i % 2 else draw.uniform(-300, 300))
        xs = [draw.uniform(-scale, scale) for _ in range(n)]
        if i % 5 == 0:  # apart by any amount
            xs = [x * 10.0 ** draw.uniform(-20, 0) for x in xs]
        elif i % 5 == 1:  # a tie
            xs[-1] = xs[0]
        elif i % 5 == 2:  # close together, far from 0
            xs = [scale + x * 1e-3 for x in xs]
        if row.name == "dot":
            yield [xs, [draw.gauss(0, 1) for _ in xs], draw.gauss(0, 1)]
        elif row.name == "cross_entropy":
            yield [xs, float(draw.randrange(n))]
        else:
            yield [xs]


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("row", MANY, ids=lambda row: row.name)
def test_lists_against_50_digits(row, count):
    terms, partials = LISTS[row.name].terms, LISTS[row.name].partials
    for operands in lists_for(row, count):
        exact = [[mpf(v) for v in x] if isinstance(x, list) else mpf(x) for x in operands]
        bar = (len(operands[0]) + 2) * EPS
        out = row.value(operands)
        parts = terms(*exact)
        assert abs(mpf(out) - mpmath.fsum(parts)) <= bar * mpmath.fsum(map(abs, parts)) + TINY, operands
        got = [
            d for p, s in zip(row.local_derivatives(out, operands), row.is_list, strict=True) for d in (p if s else [p])
        ]
        for d, e in zip(got, partials(*exact), strict=True):
            assert abs(mpf(d) - e) <= bar * abs(e) + TINY, (operands, d, e)


@pytest.mark.parametrize("row", MANY, ids=lambda row: row.name)
def test_second_derivatives_of_lists(row):
    seconds = LISTS[row.name].seconds
    draw = random.Random(row.name)
    for n in (1, 2, 2, 3, 3, 5):
        xs = [draw.uniform(-1.0, 1.0) * 10.0 ** draw.uniform(-1, 2.5) for _ in range(n)]
        more = {"dot": [[draw.gauss(0, 1) for _ in xs], 0.5], "cross_entropy": [draw.randrange(n)]}.get(row.name, [])
        leaves = [Value(x) for x in xs]
        hessian = ag.hessian(functions.apply(row, leaves, *more), leaves)
        for i in range(n):
            for j in range(n):
                exact, size = exactly(seconds([mpf(x) for x in xs], *more, i, j) if seconds else mpf(0))
                assert abs(mpf(hessian[i][j]) - exact) <= 16 * (n + 2) * EPS * size + TINY, (
                    xs,
                    i,
                    j,
                    hessian[i][j],
                    exact,
                )


# ------------------------------------------------------------------------------------------ the text of a row


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_the_text_of_a_row_keeps_to_the_grammar(row):
    allowed = {*row.operands, *row.setting_names, "inf", "nan", *ops.VECTOR_FUNCTIONS}
    primitives = {name for name in ops.FLOAT_NAMES if not name.startswith("_")}
    formulas.check_text(row.name, row.formula, allowed | primitives)
    for text in row.partials:  # closed under differentiation: a partial calls rows only
        formulas.check_text(row.name, text, allowed | {"out"} | set(TABLE))
    for text in row.textbook:
        formulas.check_text(row.name, text, allowed | {"out", "j"} | set(TABLE), formulas.TEXTBOOK)
    assert row.derivative_rule and row.symbol and row.samples
    assert all(len(point) == len(row.operands) for point in row.samples)
    assert row.latex == "" or row.latex.format(a="a", b="b", c="c")


def test_a_written_method_can_be_read():
    lines = inspect.getsource(Value.tanh).splitlines()
    assert lines[0] == "def tanh(self):" and "    node._data = out = tanh(a)" in lines


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.textbook], ids=lambda row: row.name)
def test_the_textbooks_formula_says_the_same(row):
    for point in row.samples:
        if point == (1e-200, 1e-200):
            continue  # where the textbook's squares underflow
        out = row.value(point)
        names = ", ".join(["out", "j", *row.all_names])
        known = {**ops.FLOAT_NAMES, **{other.name: other.forward for other in TABLE.values() if other.each}}
        for text, accurate in zip(row.textbook, row.local_derivatives(out, point), strict=True):
            for j, entry in enumerate(accurate if isinstance(accurate, list) else [accurate]):
                own = formulas.function_of(names, text, known)(out, j, *point, *row.settings)
                assert own == pytest.approx(entry, rel=1e-12)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.means], ids=lambda row: row.name)
def test_a_helper_means_its_formula(row):
    formulas.check_text(row.name, row.means, {*row.operands, *row.setting_names} | set(TABLE), formulas.TEXTBOOK)
    for settings in [(m, n) for m in range(3) for n in range(3) if m + n] if row.settings else [()]:
        for point in row.samples:
            means = formulas.function_of(", ".join(row.all_names), row.means, ops.FLOAT_NAMES)(*point, *settings)
            assert means == pytest.approx(row.forward(*point, *settings), rel=1e-12)


def test_a_helper_has_a_symbol_or_a_meaning():
    helpers = [row for row in TABLE.values() if row.helper]
    assert all(row.symbol != row.spelling or row.nameless for row in helpers) and len(helpers) > 5


def test_settings_are_bound_and_plain_numbers():
    x = Value(-2.0)
    assert x.leaky_relu(0.1).data == -0.2 and x.leaky_relu(alpha=0.1).partials == (0.1,)
    assert ag.leaky_relu(-2.0, 0.1) == -0.2 and ag.clamp(5.0, -1.0, 3.0) == 3.0
    assert x.elu(2.0).data == pytest.approx(2 * math.expm1(-2)) and x.elu(2).operation.settings == (2.0,)
    assert TABLE["leaky_relu"].bind(alpha=0.1) is TABLE["leaky_relu"].bind(alpha=0.1)
    assert math.copysign(1.0, ag.elu(0.0, -2.0)) == -1.0  # at its kink, the left side
    with pytest.raises(TypeError, match="leaky_relu: a setting must be a plain number"):
        x.leaky_relu(Value(0.1))


# ------------------------------------------------------------------------------------------------ a user's row


@pytest.fixture
def undefine():
    """Take the rows of a test out of the tables again."""
    tables = (ops.TABLE, ops.BY_SPELLING, ops.FLOAT_NAMES, functions.VALUE_NAMES, engine.of_values)
    before = [dict(table) for table in tables]
    methods = set(vars(Value))
    yield
    for table, content in zip(tables, before, strict=True):
        table.clear()
        table.update(content)
    for name in set(vars(Value)) - methods:
        delattr(Value, name)


def test_a_new_row_has_every_right(undefine):
    cube = ag.define_op("hyper_cube", "a * a * a", ("3.0 * a * a",), symbol="a³")
    x = Value(2.0, label="x")
    y = cube(x)
    y.backward()
    assert (y.data, x.grad, y.op, y.operation.symbol, x.hyper_cube().data, cube(2.0)) == (
        8.0,
        12.0,
        "hyper_cube",
        "a³",
        8.0,
        8.0,
    )
    first = ag.grad(y, x, create_graph=True)
    second = ag.grad(first, x, create_graph=True)
    assert (first.data, second.data, ag.grad(second, x)) == (12.0, 12.0, 6.0)
    assert ag.check_gradients(lambda x: cube(x) + cube(2 * x), [1.5])
    on_it = ag.define_op(
        "twice_cubed", "hyper_cube(a) * k", ("3.0 * a * a * k",), args="a | k=2.0"
    )  # rows may call rows
    assert on_it(x).data == 16.0 and on_it(x, k=3.0).partials == (36.0,)
    free = Value(5.0)
    two = ag.define_op("product_plus", "a * b + a", ("b + 1.0", "a"), args="a b")
    assert {"hyper_cube", "product_plus", "twice_cubed"} <= set(unproved(TABLE))  # in the package, they would fail
    assert two(x, 5.0).partials == (6.0,) and ag.hessian(two(x, free), [x, free]) == [[0.0, 1.0], [1.0, 0.0]]
    assert Value(8.0, (x,), "hyper_cube").partials == (12.0,)
    with pytest.raises(ValueError, match=r"an operation typed '\+' exists already"):
        ag.define_op("plus", "a + b", ("1.0", "1.0"), args="a b", typed="+")
    draw = pytest.importorskip("autograd_lite.drawing")
    assert "a³" in draw.draw(y).svg


def test_a_row_takes_any_number_of_operands(undefine):
    fma = ag.define_op("fused", "a * b + c", ("b", "a", "1.0"))
    a, b, c = Value(2.0, label="a"), Value(3.0, label="b"), Value(4.0, label="c")
    y = fma(a, b, c)
    y.backward()
    assert (y.data, y.op, y.parents, y.partials) == (10.0, "fused", (a, b, c), (3.0, 2.0, 1.0))
    assert (a.grad, b.grad, c.grad, fma(1.0, 2.0, 3.0)) == (3.0, 2.0, 1.0, 5.0)
    assert fma(a, 2.0, c).operands == (a, 2.0, c) and fma(a, 2.0, c).partials == (2.0, 1.0)
    assert ag.hessian(fma(a, a, c), [a, c]) == [[2.0, 0.0], [0.0, 0.0]]
    assert ag.check_gradients(fma, [1.5, -2.0, 0.25])
    assert Value(10.0, (a, b, c), "fused").partials == (3.0, 2.0, 1.0) and "fused" in ag.draw(y).svg
    assert "= b" in str(ag.explain(y, wrt=a)) and ag.check_answers(y, {"a": 3.0, "b": 2.0, "c": 1.0})
    f = ag.compile(lambda x: fma(a, x, c) ** 2)
    assert [f(x).data for x in (1.0, 3.0)] == [36.0, 100.0] and "p1 * x1 + p2" in f.source()
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        fma(a, b)
    with pytest.raises(ValueError, match="derivative"):
        ag.define_op("four", "a * b * c * d", ("b * c * d", "a * c * d", "a * b * d", "a * b"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tanh", "a", ("1.0",)), "'tanh' exists already"),
        (("sech2", "a", ("1.0",)), "exists already"),
        (("divide", "a", ("1.0",)), "exists already"),
        (("no name", "a", ("1.0",)), "must be an identifier"),
        (("_hidden", "a", ("1.0",)), "must be an identifier"),
        (("mine", "a * ", ("1.0",)), "not an expression"),
        (("mine", "a.real", ("1.0",)), "Attribute"),
        (("mine", "__import__('os')", ("1.0",)), "not allowed|unknown name"),
        (("mine", "[a for a in a]", ("1.0",)), "not allowed"),
        (("mine", "a * True", ("1.0",)), "True in"),
        (("mine", "a * b", ("1.0",)), "unknown name 'b'"),
        (("mine", "pi * a", ("pi",)), "unknown name 'pi' in 'pi . a'; write 3.141592653589793 for pi; known are a"),
        (("mine", "e ** a", ("e ** a",)), "unknown name 'e' in 'e .. a'; write exp.x. for e to the power of x"),
        (("mine", "open(a)", ("1.0",)), "unknown name 'open'"),
        (
            ("mine", "a", ("of(a)",)),
            r"known are a, abs, (?!.*(slope|times)).*floor_divide, gelu, .*pow, rad2deg",
        ),
        (("mine", "a", ("1.0", "1.0"), {"args": "a"}), "1 operands .* but 2 partials"),
        (("lambda", "a", ("1.0",)), "'lambda' is a keyword of Python; choose another name, such as lambda_"),
        (("out", "a", ("1.0",)), "'out' is the result"),
        (("backward", "a", ("1.0",)), r"every Value has a \.backward already"),
        (("data", "a", ("1.0",)), r"every Value has a \.data already"),
        (("mean", "a", ("1.0",)), "'mean' exists already"),
        (("mine", "a", ("1.0",), {"args": "a b="}), r"args='a b=': 'b=' can't be the name of an operand"),
        (("mine", "a", ("1.0",), {"args": "a | k"}), "expected a setting with its value, like k=2.0"),
        (("mine", "a", ("1.0", "1.0"), {"args": "a a"}), "a name is there twice"),
        (("mine", "lambda + 1.0", ("1.0",), {"args": "lambda"}), "'lambda' can't be the name of an operand"),
        (("mine", "a", ("1.0",), {"args": ""}), "expected operands"),
        (("mine", "a", ("1.0",), {"latex": "{b}"}), r"latex '{b}' must name the operands in braces"),
        (("mine", "a", ("1.0",), {"samples": ((1.0, 2.0),)}), r"samples: expected tuples of the operands 'a'"),
        (("mine", "hypot(a)", ("1.0",)), "can't be computed"),
        (("mine", "exp(a)", ("ones(a)",), {"args": "*a", "fold": ("0.0", "out + a")}), r"whose formula is 'mine\(a\)'"),
        (("mine", "mine(a)", ("ones(a)",), {"args": "*a", "fold": ("0.0", "out + print(a)")}), "unknown name 'print'"),
        (("mine", "mine(a)", ("ones(a)",), {"args": "*a", "fold": ("a", "out + a")}), "unknown name 'a'"),
        (("mine", "mine(a)", ("ones(a)",), {"args": "*a", "fold": ("0.0", "out.real + a")}), "Attribute"),
        (("mine", "mine(a)", ("ones(a)",), {"args": "*a", "fold": ("0.0",)}), "out at the start, out after an entry"),
        (("mine", "mine(a)", ("a",), {"args": "*a", "fold": ("0.0", "2.0 * out + a")}), "with out nowhere else"),
        (("mine", "mine(a)", ("a",), {"args": "*a", "fold": ("0.0", "out * out")}), "with out nowhere else"),
        (("mine", "mine(a, b)", ("a", "b"), {"args": "*a b", "fold": ("b + 1.0", "out + a")}), "the start must be"),
        (("mine", "mine(a)", ("1.0",), {"args": "a", "fold": ("0.0", "out + a")}), "a row with lists"),
        (
            ("mine", "a * a * a", ("3.0 * a",)),
            r"at a = 0.53 it is 1.59, differences give 0.8427; mend it, or pass check",
        ),
        (
            ("mine", "a * b", ("b", "b")),
            r"partial of mine by b .* at a = 0.53, b = -1.47 it is -1.47, differences give 0.53",
        ),
        (("mine", "k * a", ("1.0",), {"args": "a | k=1.0"}), r"at a = 0.53, k = 2.0 it is 1, differences give 2"),
        (("mine", "0.0 if a <= 0.0 else a", ("1.0",)), "at a = -1.47 it is 1, differences give 0"),
        (("mine", "log(a)", ("1.0 / (a * a)",)), "at a = 0.53"),
        (("mine", "exp(a)", ("nan",)), "it is nan"),
        (
            ("mine", "mine(a)", ("ones(a)",), {"args": "*a", "fold": ("0.0", "out + a * a")}),
            r"at a = \[0.53, -1.47, 2.21\]",
        ),
        (("mine", "logsumexp(a)", ("1.0",), {"args": "*a"}), r"at a = \[0.53, -1.47, 2.21\] it is 1"),
        (("mine", "logsumexp(a)", ("logsumexp(a)",), {"args": "*a"}), "can't be computed"),
        (("mine", "logsumexp(a)", ("softmax(a)",), {"args": "*a", "textbook": ("print(j)",)}), "unknown name 'print'"),
        (("mine", "a", ("lambda: a",)), "not allowed"),
        (("mine", "a), (print(a)", ("1.0",)), "not an expression"),
    ],
)
def test_a_bad_row_is_refused_and_leaves_no_trace(undefine, arguments, message):
    tables = (ops.TABLE, ops.BY_SPELLING, ops.FLOAT_NAMES, functions.VALUE_NAMES, engine.of_values)
    before = [*map(dict, tables), dict(vars(Value)), dict(vars(functions)), dict(vars(numerics))]
    name, formula, partials, *details = arguments
    with pytest.raises(ValueError, match=message):
        ag.define_op(name, formula, partials, **(details[0] if details else {}))
    assert [*map(dict, tables), dict(vars(Value)), dict(vars(functions)), dict(vars(numerics))] == before
    assert ag.exp(1.0) == math.e and ag.sum([1.0, 2.0]) == 3.0


def test_whole_numbers_in_a_row_stand_for_floats(undefine):
    for name, formula, partial in (
        ("sq", "a*a", "2*a"),
        ("cu", "2 * a**3 + 1e-3", "6*a**2"),
        ("over", "1/a", "-a**-2"),
    ):
        own, x = ag.define_op(name, formula, (partial,)), Value(-1.5)
        y = own(x)
        y.backward()
        assert (y.data, x.grad) == (eval(formula, {"a": -1.5}), eval(partial, {"a": -1.5}))
        assert ag.compile(own)(-1.5).data == y.data
    twice = ag.define_op("twice_all", "twice_all(a)", ("2",), args="*a", fold=("0", "out + 2*a"))
    assert twice([Value(1.0), Value(2.0)]).data == 6.0
    with pytest.raises(ValueError, match=r"True in 'a \* True' is not allowed"):
        ag.define_op("mine", "a * True", ("1",))


def test_a_wrong_derivative_can_be_insisted_on(undefine):
    """A straight-through estimator has one: the slope of a line for the value of a step."""
    step = ag.define_op("straight_through", "1.0 if a > 0.0 else 0.0", ("1.0",), check=False)
    x = Value(-2.0)
    step(x).backward()
    assert (step(x).data, x.grad) == (0.0, 1.0)


def test_a_row_of_lists_has_every_right(undefine):
    """Evaluated, differentiated twice, drawn, explained, checked and replayed as Python, each added in one place."""
    squares = ag.define_op("squares_of", "squares_of(a)", "2.0 * a", args="*a", fold=("0.0", "out + a * a"))
    length = ag.define_op("length_of", "sqrt(squares_of(a))", "a / out", args="*a", symbol="‖·‖", domain="not all 0")
    xs = [Value(x, label=label) for x, label in ((3.0, "a"), (-4.0, "b"), (12.0, "c"))]
    for row, value, slopes, bends in (
        (squares, 169.0, [6.0, -8.0, 24.0], [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]),
        (length, 13.0, [x / 13 for x in (3, -4, 12)],
         [[(i == j) / 13 - x * y / 13**3 for j, y in enumerate((3, -4, 12))] for i, x in enumerate((3, -4, 12))]),
    ):  # fmt: skip
        out = row(xs)
        assert row([3.0, -4.0, 12.0]) == out.data == value and out.operands == tuple(xs)
        assert list(out.partials) == pytest.approx(slopes)
        for found, expected in zip(ag.hessian(row(xs), xs), bends, strict=True):
            assert found == pytest.approx(expected)
        assert ag.check_gradients(lambda *xs, row=row: row(xs), [3.0, -4.0, 12.0])
        assert out.operation.symbol in ag.draw(out).svg
        assert {"squares_of": "= 2·a", "length_of": "= a / f"}[out.op] in str(ag.explain(out, wrt=xs[0]))
        assert ag.check_answers(out, dict(zip("abc", slopes, strict=True)))
        assert ag.worksheet(out, seed=1) and ag.nudge(out, xs[1])
        f = ag.compile(lambda x, row=row: row([x, *xs[1:]]) * x)
        for x in (3.0, 0.5, 5.0):
            for p in xs:
                p.grad = 0.0
            eager = row([x, *xs[1:]]) * x
            eager.backward()
            slopes_of_eager = [p.grad for p in xs[1:]]
            for p in xs:
                p.grad = 0.0
            replayed = f(x)
            replayed.backward()
            assert (replayed.data, [p.grad for p in xs[1:]]) == (eager.data, slopes_of_eager)
        assert "def " in f.source()
        with pytest.raises(ValueError, match="empty"):
            row([])
        with pytest.raises(TypeError, match="takes a list"):
            row(xs[0])


def test_a_definition_may_run_again_and_another_one_of_the_name_is_refused():
    """As a cell of a notebook does."""
    first, again = (ag.define_op("run_again", "a * a", ("2*a",), symbol="a²") for _ in range(2))
    assert again is first and again(Value(3.0)).partials == (6.0,)
    for formula, details in (("a * a * a", {}), ("a * a", {"symbol": "q"})):
        with pytest.raises(ValueError, match=r"'run_again' exists already, with the formula 'a \* a'; .* run_again_2"):
            ag.define_op("run_again", formula, ("2*a",), **details)


def test_the_functions_of_lists_are_known_to_new_rows(undefine):
    """`ones`, `softmax` and what else gives the partials of all entries."""
    total = ag.define_op("total_of", "sum(a)", "ones(a)", args="*a")
    top = ag.define_op("top", "logsumexp(a)", "softmax(a)", args="*a", textbook=("softmax(a, j)",))
    xs = [Value(1.0, label="x"), Value(2.0, label="y")]
    assert total(xs).partials == (1.0, 1.0) and top(xs).partials == ag.logsumexp(xs).partials
    assert ag.hessian(top(xs), xs) == ag.hessian(ag.logsumexp(xs), xs)
    assert "softmax₁(x, y)" in str(ag.explain(top(xs), wrt=xs[0]))
    with pytest.raises(TypeError, match="'methods' is no column of a row"):
        ag.define_op("mine", "a", "1.0", methods="__add__")


def test_a_fold_of_ones_own(undefine):
    products = ag.define_op("affine", "affine(a, b, c)", ("b", "a", "1.0"), args="*a *b c", fold=("c", "out - -a * b"))
    xs, ws, c = [Value(1.0), Value(2.0)], [Value(3.0), Value(-1.0)], Value(0.5)
    out = products(xs, ws, c)
    assert (out.data, out.partials) == (1.5, (3.0, -1.0, 1.0, 2.0, 1.0))
    f = ag.compile(lambda a, b: products([a, b], ws, c))
    assert [f(1.0, x).data for x in (2.0, 3.0, 4.0)] == [1.5, 0.5, -0.5]


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_no_right_derivative_is_refused(row):
    """Kinks, domains, lists and settings: every row of the table passes where it is defined, with its samples."""
    define._check_derivatives(row, define._samples(row))
    if row.name != "cross_entropy":  # whose b is an index
        define._check_derivatives(row, define._points(row))


KINKS = {
    "abs": [[0.0], [1e-4], [-1e-5]], "relu": [[0.0], [1e-3]], "clamp": [[0.0], [1.0], [0.999]],
    "sign": [[0.0], [-1e-9]],
    "mod": [[4.0, 2.0], [5.999, 3.0]], "maximum": [[[1.0, 1.0, 0.0]]], "sqrt": [[0.0], [1e-9]], "log": [[0.0], [1e-12]],
    "elu": [[0.0]], "floor_divide": [[4.0, 2.0]], "pow": [[0.0, 0.5], [0.0, 2.0], [-2.0, 3.0], [1e-8, 0.5]],
    "arcsin": [[1.0], [0.9999]], "arccosh": [[1.0], [1.001]], "hypot": [[0.0, 0.0], [1e-9, 1e-9]], "exp": [[709.0]],
    "reciprocal": [[0.0], [1e-9], [1e9]], "sin": [[1e6]], "tan": [[1.5707963]], "gauss": [[20.0]],
    "sigmoid": [[-700.0]],
}  # fmt: skip


@pytest.mark.parametrize("name", KINKS)
def test_nor_is_one_at_a_kink_a_jump_or_an_edge(name):
    define._check_derivatives(TABLE[name], KINKS[name])


def test_a_row_that_calls_itself_is_refused() -> None:
    before = dict(TABLE)
    with pytest.raises(ValueError, match=r"the formula 'own_root\(a\)' calls the operation itself; write it"):
        publish(Op("own_root", "a", "own_root(a)", ("0.5 / out",)))
    assert before == TABLE
