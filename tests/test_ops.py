"""The table of operations: every row against 50 digits, its derivatives' derivatives, its grammar, new rows.

A row without an oracle here fails: an operation comes in with its proof.
"""

# ruff: noqa: E501

import math
import random

import pytest

import autograd_lite as ag
from autograd_lite import engine, functions, numerics, ops
from autograd_lite.engine import Value, record
from autograd_lite.ops import TABLE

mpmath = pytest.importorskip("mpmath")
mp, mpf = mpmath.mp, mpmath.mpf
mp.dps = 50
EPS = 2.0**-52
TINY = 5e-324


def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def _cdf(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _pdf(x):
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def _one(value, *derivatives, terms=None, second=None, low=-1e300, high=1e300):
    return {"value": value, "partials": derivatives, "terms": terms, "low": low, "high": high}


one = mpf(1)
# value, then the partial by each operand, in exact mathematics
ORACLES = {
    "add": _one(lambda a, b: a + b, lambda a, b: one, lambda a, b: one, terms=lambda a, b: [a, b]),
    "sub": _one(lambda a, b: a - b, lambda a, b: one, lambda a, b: -one, terms=lambda a, b: [a, b]),
    "mul": _one(lambda a, b: a * b, lambda a, b: b, lambda a, b: a),
    "div": _one(lambda a, b: a / b, lambda a, b: 1 / b, lambda a, b: -a / b**2),
    "pow": _one(lambda a, b: a**b, lambda a, b: b * a ** (b - 1), lambda a, b: a**b * mpmath.log(a), low=0.0),
    "mod": _one(lambda a, b: a - b * mpmath.floor(a / b), lambda a, b: one, lambda a, b: -mpmath.floor(a / b)),
    "floor_divide": _one(lambda a, b: mpmath.floor(a / b), lambda a, b: mpf(0), lambda a, b: mpf(0)),
    "neg": _one(lambda a: -a, lambda a: -one),
    "pos": _one(lambda a: a, lambda a: one),
    "abs": _one(abs, mpmath.sign),
    "exp": _one(mpmath.exp, mpmath.exp, low=-760.0, high=720.0),
    "expm1": _one(mpmath.expm1, mpmath.exp, low=-760.0, high=720.0),
    "log": _one(mpmath.log, lambda a: 1 / a, low=0.0),
    "log1p": _one(mpmath.log1p, lambda a: 1 / (1 + a), low=-1.0),
    "sqrt": _one(mpmath.sqrt, lambda a: 1 / (2 * mpmath.sqrt(a)), low=0.0),
    "sin": _one(mpmath.sin, mpmath.cos, low=-1e15, high=1e15),
    "cos": _one(mpmath.cos, lambda a: -mpmath.sin(a), low=-1e15, high=1e15),
    "tan": _one(mpmath.tan, lambda a: 1 + mpmath.tan(a) ** 2, low=-1e15, high=1e15),
    "arcsin": _one(mpmath.asin, lambda a: 1 / mpmath.sqrt(1 - a * a), low=-1.0, high=1.0),
    "arccos": _one(mpmath.acos, lambda a: -1 / mpmath.sqrt(1 - a * a), low=-1.0, high=1.0),
    "arctan": _one(mpmath.atan, lambda a: 1 / (1 + a * a)),
    "arctan2": _one(mpmath.atan2, lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
    "hypot": _one(lambda a, b: mpmath.sqrt(a * a + b * b), lambda a, b: a / mpmath.sqrt(a * a + b * b),
                  lambda a, b: b / mpmath.sqrt(a * a + b * b)),
    "sinh": _one(mpmath.sinh, mpmath.cosh, low=-720.0, high=720.0),
    "cosh": _one(mpmath.cosh, mpmath.sinh, low=-720.0, high=720.0),
    "tanh": _one(mpmath.tanh, lambda a: mpmath.sech(a) ** 2, low=-400.0, high=400.0),
    "sech2": _one(lambda a: mpmath.sech(a) ** 2, lambda a: -2 * mpmath.tanh(a) * mpmath.sech(a) ** 2,
                  low=-400.0, high=400.0),
    "arcsinh": _one(mpmath.asinh, lambda a: 1 / mpmath.sqrt(1 + a * a)),
    "arccosh": _one(mpmath.acosh, lambda a: 1 / mpmath.sqrt(a * a - 1), low=1.0),
    "arctanh": _one(mpmath.atanh, lambda a: 1 / (1 - a * a), low=-1.0, high=1.0),
    "erf": _one(mpmath.erf, lambda a: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-a * a), low=-40.0, high=40.0),
    "erfc": _one(mpmath.erfc, lambda a: -2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-a * a), low=-40.0, high=40.0),
    "gauss": _one(lambda a: mpmath.exp(-a * a), lambda a: -2 * a * mpmath.exp(-a * a)),
    "normal_pdf": _one(_pdf, lambda a: -a * _pdf(a)),
    "gauss_times": _one(lambda a, b: a * mpmath.exp(-b * b), lambda a, b: mpmath.exp(-b * b),
                        lambda a, b: -2 * a * b * mpmath.exp(-b * b), low=-1e3, high=1e3),
    "normal_pdf_times": _one(lambda a, b: a * _pdf(b), lambda a, b: _pdf(b), lambda a, b: -a * b * _pdf(b),
                             low=-1e3, high=1e3),
    "normal_cdf": _one(_cdf, _pdf, low=-65.0, high=65.0),
    "sigmoid": _one(_sigmoid, lambda a: _sigmoid(a) * _sigmoid(-a), low=-760.0, high=760.0),
    "log_sigmoid": _one(lambda a: -mpmath.log1p(mpmath.exp(-a)), lambda a: _sigmoid(-a), low=-760.0, high=760.0),
    "softplus": _one(lambda a: mpmath.log1p(mpmath.exp(a)), _sigmoid, low=-760.0, high=760.0),
    "relu": _one(lambda a: max(a, mpf(0)), lambda a: mpf(a > 0)),
    "leaky_relu": _one(lambda a: a if a > 0 else mpf(0.01) * a, lambda a: one if a > 0 else mpf(0.01)),
    "elu": _one(lambda a: a if a > 0 else mpmath.expm1(a), lambda a: one if a > 0 else mpmath.exp(a), low=-760.0),
    "gelu": _one(lambda a: a * _cdf(a), lambda a: _cdf(a) + a * _pdf(a), low=-65.0, high=65.0,
                 terms=lambda a: [_cdf(a), a * _pdf(a)]),
    "silu": _one(lambda a: a * _sigmoid(a), lambda a: _sigmoid(a) * (1 + a * _sigmoid(-a)), low=-760.0, high=760.0,
                 terms=lambda a: [_sigmoid(a), a * _sigmoid(a) * _sigmoid(-a)]),
    "clamp": _one(lambda a: min(max(a, mpf(0)), one), lambda a: mpf(0 < a < 1)),
    "binary_cross_entropy_with_logits": _one(
        lambda z, y: (1 - y) * mpmath.log1p(mpmath.exp(z)) + y * mpmath.log1p(mpmath.exp(-z)),
        lambda z, y: (1 - y) * _sigmoid(z) - y * _sigmoid(-z), lambda z, y: -z,
        terms=lambda z, y: [(1 - y) * _sigmoid(z), y * _sigmoid(-z)]),
}  # fmt: skip


def _powers(xs):
    top = max(xs)
    powers = [mpmath.exp(x - top) for x in xs]
    return powers, mpmath.fsum(powers), top


def _softmax(xs):
    powers, scale, _ = _powers(xs)
    return [p / scale for p in powers]


def _one_minus(ps, i):
    """Return 1[i = j] - p_j for each j, the i-th without cancellation."""
    return [mpmath.fsum(p for k, p in enumerate(ps) if k != j) if j == i else -p for j, p in enumerate(ps)]


def _logsumexp(xs):
    _, scale, top = _powers(xs)
    return top + mpmath.log(scale)


# value, flat partials, |terms| of the value
MANY = {
    "sum": (lambda a: mpmath.fsum(a), lambda a: [one] * len(a), lambda a: a),
    "dot": (lambda a, b, c: mpmath.fsum([*map(mpmath.fmul, a, b), c]), lambda a, b, c: [*b, *a, one],
            lambda a, b, c: [*map(mpmath.fmul, a, b), c]),
    "maximum": (max, lambda a: [mpf(x == max(a)) / a.count(max(a)) for x in a], lambda a: [max(a)]),
    "minimum": (min, lambda a: [mpf(x == min(a)) / a.count(min(a)) for x in a], lambda a: [min(a)]),
    "logsumexp": (_logsumexp, _softmax, lambda a: [max(a), _logsumexp(a) - max(a)]),
    "softmax": (lambda a: _softmax(a)[0], lambda a: [_softmax(a)[0] * d for d in _one_minus(_softmax(a), 0)],
                lambda a: [_softmax(a)[0]]),
    "log_softmax": (lambda a: a[0] - _logsumexp(a), lambda a: _one_minus(_softmax(a), 0),
                    lambda a: [a[0], max(a), _logsumexp(a) - max(a)]),
    "cross_entropy": (lambda a, t: _logsumexp(a) - a[int(t)],
                      lambda a, t: [-d for d in _one_minus(_softmax(a), t)] + [mpf(0)],
                      lambda a, t: [a[int(t)], max(a), _logsumexp(a) - max(a)]),
}  # fmt: skip

WIDE = {"gelu": 8, "silu": 8}  # in ulp; 4 for all others
SPECIAL = [0.5, 1.0, 2.0, 3.0, 1.0 + EPS, 1e-200, 2.0**-1022, TINY, 1e200, 20.0, 40.0, 37.0, 1.278, 0.7518, 710.0, 0.9999999999]


def points(low, high, count, seed):
    """Return numbers of the open domain, uniform in the logarithm of the distance to 0 and to its ends."""
    draw = random.Random(seed)
    found = [x for s in SPECIAL for x in (s, -s)]
    span = min(high, 1e300)
    while len(found) < count:
        size = 10.0 ** draw.uniform(-300 if draw.random() < 0.2 else -18, math.log10(span))
        sign = draw.choice([-1.0, 1.0])
        around = draw.choice([0.0, 0.0, 0.0, low if abs(low) < 2 else 0.0, high if abs(high) < 2 else 0.0, 1.0])
        found += [around + sign * size, draw.uniform(max(low, -50.0), min(high, 50.0))]
    return [x for x in found if low < x < high][:count]


def ulps(got, exact, terms=()):
    """Return the error in units of the last place of the exact result, or of eps x the largest term near a zero."""
    size = abs(exact)
    if size > mpf(1.7976931348623157e308):
        return 0.0 if math.isinf(got) and (got > 0) == (exact > 0) else math.inf
    if not math.isfinite(got):
        return 0.0 if size > mpf(1.797693134862315e308) else math.inf
    unit = max(mpf(math.ulp(float(size))), *(EPS * abs(t) for t in terms)) if terms else mpf(math.ulp(float(size)))
    return float(abs(mpf(got) - exact) / unit)


def worst(cases):
    """Return the largest error with the point where it occurs."""
    return max(cases, key=lambda case: case[0], default=(0.0, None))


ONE_OR_TWO = [row for row in TABLE.values() if not row.nary]
LISTS = [row for row in TABLE.values() if row.nary]


def operands_of(row, count):
    oracle = ORACLES[row.name]
    first = points(oracle["low"], oracle["high"], count, row.name)
    if len(row.operands) == 1:
        return [(x,) for x in first]
    if row.name == "binary_cross_entropy_with_logits":
        draw = random.Random(1)
        return [(x, draw.choice([0.0, 1.0, 0.5, draw.random()])) for x in points(-700.0, 700.0, count, "z")]
    if row.name == "pow":
        draw = random.Random(2)
        return [(x, draw.choice([2.0, 3.0, -1.0, 0.5, -0.5, 1.5, draw.uniform(-5, 5)])) for x in first if 1e-60 < x < 1e60]
    second = points(oracle["low"], oracle["high"], count, row.name + "second")
    random.Random(3).shuffle(second)
    if row.name in ("mod", "floor_divide"):  # the quotient must be a whole number a float can hold
        return [(a, b) for a, b in zip(first, second, strict=False) if 1e-3 < abs(b) < 1e3 and 1e-3 < abs(a) < 1e9]
    keep = lambda a, b: 1e-150 < abs(a) < 1e150 and 1e-150 < abs(b) < 1e150  # noqa: E731
    return [p for p in zip(first, second, strict=False) if row.name != "div" or keep(*p)]


@pytest.mark.parametrize("row", ONE_OR_TWO, ids=lambda row: row.name)
def test_value_and_partials_against_50_digits(row):
    assert row.name in ORACLES, f"give {row.name!r} its exact value and partials in ORACLES"
    oracle = ORACLES[row.name]
    terms = oracle["terms"]
    values, partials = [], [[] for _ in row.operands]
    for point in operands_of(row, 2000):
        exactly = [mpf(x) for x in point]
        out = row.value(point)
        near = terms(*exactly) if terms else ()
        values.append((ulps(out, oracle["value"](*exactly), near if row.name in ("add", "sub") else ()), point))
        for i, (got, exact) in enumerate(zip(row.local_derivatives(out, point), oracle["partials"], strict=True)):
            partials[i].append((ulps(got, exact(*exactly), near), point))
    bar = WIDE.get(row.name, 4)
    assert len(values) > 200
    found = [worst(values), *map(worst, partials)]
    assert all(error <= bar for error, _ in found), found


def lists_for(row, count):
    draw = random.Random(row.name)
    for _ in range(count):
        n = draw.choice([1, 2, 3, 10, 40])
        scale = 10.0 ** draw.uniform(-3, 2.8)
        xs = [draw.uniform(-scale, scale) for _ in range(n)]
        if draw.random() < 0.2:
            xs[-1] = xs[0]
        if row.name == "dot":
            yield [xs, [draw.gauss(0, 1) for _ in xs], draw.gauss(0, 1)]
        elif row.name == "cross_entropy":
            yield [xs, float(draw.randrange(n))]
        else:
            yield [xs]


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.name)
def test_lists_against_50_digits(row):
    assert row.name in MANY, f"give {row.name!r} its exact value and partials in MANY"
    value, flat_partials, terms = MANY[row.name]
    exactly = lambda x: [mpf(v) for v in x] if isinstance(x, list) else mpf(x)  # noqa: E731
    for operands in lists_for(row, 300):
        exact = list(map(exactly, operands))
        n = len(operands[0])
        # softmax's relative error is that of its exponent: the rounding of x - max
        spread = max(operands[0]) - min(operands[0]) if row.name not in ("sum", "dot", "maximum", "minimum") else 0.0
        bar = (n + 2 + spread) * EPS
        out = row.value(operands)
        size = mpmath.fsum(map(abs, terms(*exact)))
        assert abs(mpf(out) - value(*exact)) <= bar * size + TINY, operands
        got = [d for p, s in zip(row.local_derivatives(out, operands), row.starred, strict=True) for d in (p if s else [p])]
        for d, e in zip(got, flat_partials(*exact), strict=True):
            assert abs(mpf(d) - e) <= bar * abs(e) + TINY, (operands, d, e)


# Second derivatives, by mpmath's differences of the exact first ones (200 digits of room: no rounding to speak of).


@pytest.mark.parametrize("row", ONE_OR_TWO, ids=lambda row: row.name)
def test_second_derivatives_at_the_samples(row):
    if row.name in ("mod", "floor_divide"):
        pytest.skip("pieces of straight lines")
    oracle = ORACLES[row.name]
    for point in row.samples:
        leaves = [Value(x) for x in point]
        node = record(row, leaves)
        firsts = ag.grad(node, leaves, create_graph=True)
        for i, first in enumerate(firsts):
            for j, got in enumerate(ag.grad(first, leaves)):
                exactly = [mpf(x) for x in point]
                h = mpf(10) ** -15 * max(abs(exactly[j]), mpf(10) ** -300)

                def shifted(by, i=i, j=j, exactly=exactly):
                    return oracle["partials"][i](*[x + by if k == j else x for k, x in enumerate(exactly)])

                exact = (shifted(h) - shifted(-h)) / (2 * h)
                if abs(exact) > mpf(1e308):
                    continue  # more than a float holds
                # the first derivative's own size over the operand bounds the terms that cancel
                near = [oracle["partials"][i](*exactly) / max(abs(exactly[j]), mpf(1))]
                assert ulps(got, exact, near) <= 16.0, (point, i, j, got, exact)


@pytest.mark.parametrize("row", LISTS, ids=lambda row: row.name)
def test_second_derivatives_of_lists(row):
    _, flat_partials, _ = MANY[row.name]
    for operands in [o for o in row.samples if len(o[0]) > 1]:
        leaves = [[Value(x) for x in o] if isinstance(o, list) else o for o in operands]
        flat = [x for o in leaves if isinstance(o, list) for x in o]
        hessian = ag.hessian(functions.apply(row, *leaves), flat)
        shape = [len(o) if isinstance(o, list) else 1 for o in operands]
        exactly = [mpf(x) for o in operands for x in (o if isinstance(o, list) else [o])]

        def regroup(xs, shape=shape, operands=operands):
            xs = iter(xs)
            return [[next(xs) for _ in range(n)] if isinstance(o, list) else next(xs) for n, o in zip(shape, operands, strict=True)]

        h = mpf(10) ** -15
        for j in range(len(flat)):
            up, down = ([x + s * h if k == j else x for k, x in enumerate(exactly)] for s in (1, -1))
            if row.name in ("maximum", "minimum"):
                assert hessian[j] == [0.0] * len(flat)
                continue
            ups, downs = flat_partials(*regroup(up)), flat_partials(*regroup(down))
            for i in range(len(flat)):
                exact = (ups[i] - downs[i]) / (2 * h)
                assert abs(mpf(hessian[i][j]) - exact) <= 16 * EPS * max(abs(exact), mpf("1e-3")) + TINY


def test_third_derivatives_to_nine_digits():
    for name in ("exp", "log", "sin", "tanh", "sigmoid", "softplus", "gelu", "silu", "erf", "arctan", "sqrt", "sinh"):
        x = Value(0.7)
        y = getattr(functions, name)(x)
        for _ in range(2):
            y = ag.grad(y, x, create_graph=True)
        exact = mpmath.diff(ORACLES[name]["value"], mpf(0.7), 3)
        assert ag.grad(y, x) == pytest.approx(float(exact), rel=1e-9)


# ------------------------------------------------------------------------------------------ the text of a row


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_the_text_of_a_row_keeps_to_the_grammar(row):
    allowed = {*row.operands, *row.setting_names, "inf", "nan", *ops.VECTOR_FUNCTIONS}
    primitives = {name for name in vars(numerics) if not name.startswith("_")} | {"abs"}
    ops.check_text(row.name, row.formula, allowed | primitives)
    for text in row.partials:  # closed under differentiation: a partial calls rows only
        ops.check_text(row.name, text, allowed | {"out"} | set(TABLE))
    for text in row.textbook:
        ops.check_text(row.name, text, allowed | set(TABLE))
    assert row.rule and row.symbol and row.samples
    assert all(len(point) == len(row.operands) for point in row.samples)
    assert row.latex == "" or row.latex.format(a="a", b="b", c="c")


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.textbook], ids=lambda row: row.name)
def test_the_textbooks_formula_says_the_same(row):
    for point in row.samples:
        if point == (1e-200, 1e-200):
            continue  # where the textbook's squares underflow
        out = row.value(point)
        names = ", ".join(["out", *row.operands, *row.setting_names])
        texts = zip(row.textbook, row.local_derivatives(out, point), strict=True)
        for text, accurate in texts:
            own = ops.function_of(names, text, ops.NUMBERS)(out, *point, *row.settings)
            assert own == pytest.approx(accurate, rel=1e-12)


def test_settings_are_bound_and_plain_numbers():
    x = Value(-2.0)
    assert x.leaky_relu(0.1).data == -0.2 and x.leaky_relu(alpha=0.1).partials == (0.1,)
    assert ag.leaky_relu(-2.0, 0.1) == -0.2 and ag.clamp(5.0, -1.0, 3.0) == 3.0
    assert x.elu(2.0).data == pytest.approx(2 * math.expm1(-2)) and x.elu(2).rule.settings == (2.0,)
    assert TABLE["leaky_relu"].bind(alpha=0.1) is TABLE["leaky_relu"].bind(alpha=0.1)
    with pytest.raises(TypeError, match="leaky_relu: a setting must be a plain number"):
        x.leaky_relu(Value(0.1))


# ------------------------------------------------------------------------------------------------ a user's row


@pytest.fixture
def undefine():
    """Take the rows of a test out of the tables again."""
    tables = (ops.TABLE, ops.BY_TYPED, ops.NUMBERS, functions.VALUES, engine.of_values)
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
    assert (y.data, x.grad, y.op, y.rule.symbol, x.hyper_cube().data, cube(2.0)) == (8.0, 12.0, "hyper_cube", "a³", 8.0, 8.0)
    first = ag.grad(y, x, create_graph=True)
    second = ag.grad(first, x, create_graph=True)
    assert (first.data, second.data, ag.grad(second, x)) == (12.0, 12.0, 6.0)
    assert ag.check_gradients(lambda x: cube(x) + cube(2 * x), [1.5])
    on_it = ag.define_op("twice_cubed", "hyper_cube(a) * k", ("3.0 * a * a * k",), args="a | k=2.0")  # rows may call rows
    assert on_it(x).data == 16.0 and on_it(x, k=3.0).partials == (36.0,)
    free = Value(5.0)
    two = ag.define_op("product_plus", "a * b + a", ("b + 1.0", "a"), args="a b")
    assert two(x, 5.0).partials == (6.0,) and ag.hessian(two(x, free), [x, free]) == [[0.0, 1.0], [1.0, 0.0]]
    assert Value(8.0, (x,), "hyper_cube").partials == (12.0,)
    with pytest.raises(ValueError, match="3 operands"):
        ag.define_op("three", "a * b * c", ("b * c", "a * c", "a * b"), args="a b c")
    draw = pytest.importorskip("autograd_lite.draw")
    assert "a³" in draw.draw(y).svg


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
        (("mine", "a * 3", ("1.0",)), "3 in"),
        (("mine", "a * b", ("1.0",)), "unknown name 'b'"),
        (("mine", "open(a)", ("1.0",)), "unknown name 'open'"),
        (("mine", "a", ("1.0", "1.0")), "1 operands .* but 2 partials"),
        (("mine", "a", ("lambda: a",)), "not allowed"),
        (("mine", "a), (print(a)", ("1.0",)), "not an expression"),
    ],
)
def test_a_bad_row_is_refused(undefine, arguments, message):
    with pytest.raises(ValueError, match=message):
        ag.define_op(*arguments)
    assert "mine" not in TABLE and not hasattr(Value, "mine")
