"""The text of every derivative proved by algebra: SymPy differentiates the formula, and the difference must be 0.

Numbers can miss a wrong rule where they do not look; a proof can not. A row with branches is proved branch by
branch. What a text calls is translated once, below, to its definition; for rows of lists the proof is for two and for
three operands. What SymPy can't prove is listed with the reason, and stands on the 50 digits of test_ops.py alone.
"""

import ast

import pytest

from autograd_lite import ops
from autograd_lite.ops import TABLE

sympy = pytest.importorskip("sympy", reason="SymPy proves the derivatives' texts; pip install sympy")
S = sympy
ALPHA = S.Symbol("alpha", positive=True)
LO, HI = S.symbols("lo hi", real=True)
CONSTANTS = {  # the floats that stand for irrational numbers
    1.1283791670955126: 2 / S.sqrt(S.pi), 57.29577951308232: 180 / S.pi, 0.017453292519943295: S.pi / 180,
    0.6931471805599453: S.log(2), 1.4426950408889634: 1 / S.log(2), 0.4342944819032518: 1 / S.log(10),
}  # fmt: skip


def sigmoid(x):
    return 1 / (1 + S.exp(-x))


def power_derivative(a, b, m, n):
    """a^b differentiated m times by a and n times by b, as SymPy does it."""
    x, y = S.symbols("x y", positive=True)
    result = x**y
    for variable, times in ((x, m), (y, n)):
        result = S.diff(result, variable, int(times)) if times else result
    return result.subs({x: a, y: b}, simultaneous=True)


def lists(function):
    """Let a function of a list be called with lists of SymPy's symbols."""
    return lambda xs, *more: function(list(xs), *more)


DEFINITIONS = {
    "exp": S.exp, "expm1": lambda x: S.exp(x) - 1, "sqrt": S.sqrt,
    "log": S.log, "log_slope": lambda x: 1 / x,
    "log2": lambda x: S.log(x, 2), "log10": lambda x: S.log(x, 10), "log1p": lambda x: S.log(1 + x),
    "sin": S.sin, "cos": S.cos, "tan": S.tan, "sinh": S.sinh, "cosh": S.cosh, "tanh": S.tanh,
    "arcsin": S.asin, "arccos": S.acos, "arctan": S.atan, "arcsinh": S.asinh, "arccosh": S.acosh, "arctanh": S.atanh,
    "erf": S.erf, "erfc": lambda x: 1 - S.erf(x), "abs": S.Abs,
    "hypot": lambda a, b: S.sqrt(a**2 + b**2), "hypot_slope": lambda a, b: a / S.sqrt(a**2 + b**2),
    "arctan2": lambda a, b: S.atan(a / b), "arctan2_slope": lambda a, b: b / (a**2 + b**2),
    "sech2": lambda x: 1 / S.cosh(x) ** 2, "one_minus_square": lambda x: 1 - x**2, "pow_derivative": power_derivative,
    "gauss": lambda x: S.exp(-(x**2)), "gauss_times": lambda a, b: a * S.exp(-(b**2)),
    "normal_pdf": lambda x: S.exp(-(x**2) / 2) / S.sqrt(2 * S.pi),
    "normal_pdf_times": lambda a, b: a * S.exp(-(b**2) / 2) / S.sqrt(2 * S.pi),
    "normal_cdf": lambda x: (1 + S.erf(x / S.sqrt(2))) / 2,
    "sigmoid": sigmoid, "sigmoid_times": lambda a, b: a * sigmoid(b), "silu": lambda x: x * sigmoid(x),
    "softplus": lambda x: S.log(1 + S.exp(x)), "log_sigmoid": lambda x: -S.log(1 + S.exp(-x)),
    "gelu": lambda x: x * (1 + S.erf(x / S.sqrt(2))) / 2,
    "binary_cross_entropy_with_logits": lambda z, y: (1 - y) * S.log(1 + S.exp(z)) + y * S.log(1 + S.exp(-z)),
    **ops.VECTOR_FUNCTIONS, "sum": lists(sum),
    "dot": lambda ws, xs, b: b + sum(w * x for w, x in zip(ws, xs, strict=True)),
    "logsumexp": lists(lambda xs: S.log(sum(map(S.exp, xs)))),
    "softmax": lists(lambda xs: [S.exp(x) / sum(map(S.exp, xs)) for x in xs]),
    "softmax_at": lists(lambda xs, i: S.exp(xs[int(i)]) / sum(map(S.exp, xs))),
    "log_softmax_at": lists(lambda xs, i: xs[int(i)] - S.log(sum(map(S.exp, xs)))),
    "cross_entropy": lists(lambda xs, i: S.log(sum(map(S.exp, xs))) - xs[int(i)]),
    "inf": S.oo, "nan": S.nan,
}  # fmt: skip

BY_NUMBERS_ONLY = {
    "mod": "a jump at every multiple of b: no formula without floor",
    "floor_divide": "constant but for jumps",
    "maximum": "a choice among the operands, told by comparisons inside a function",
    "minimum": "a choice among the operands, told by comparisons inside a function",
}

# -------------------------------------------------------------------------------------------------------- branches

# Points that tell the branches apart; conditions of a text are decided there, never by algebra.
PROBES = {
    "leaky_relu": [{"a": -2.0, "alpha": 0.01}, {"a": 2.0, "alpha": 0.01}],
    "elu": [{"a": -2.0, "alpha": 1.0}, {"a": 2.0, "alpha": 1.0}],
    "clamp": [{"a": x, "lo": 0.0, "hi": 1.0} for x in (-1.0, 0.5, 2.0)],
    "sigmoid_times": [{"a": 2.0, "b": 0.5}],  # beyond ±700 one of the two factors is 1 to all digits
    "arctan": [{"a": 2.0}],  # beyond 10^10 the 1 is less than a rounding
    "arctanh": [{"a": 0.5}],
    "arccosh": [{"a": 1.5}],
    "log1p": [{"a": 0.5}],
    "log": [{"a": 0.5}],
    "log_slope": [{"a": 0.5}],
    "log2": [{"a": 0.5}],
    "log10": [{"a": 0.5}, {"a": 2.0}],  # a large or a small quotient may be a float where 1 / a is none
    "sqrt": [{"a": 0.5}],
    "hypot_slope": [{"a": 3.0, "b": 2.0}, {"a": 2.0, "b": 3.0}],
    "div": [{"a": 2.0, "b": 3.0}, {"a": 1e-300, "b": 3.0}, {"a": 1e-200, "b": 1e100}],
}
DEFAULT = [{"a": 2.0, "b": 3.0}, {"a": -2.0, "b": 3.0}]
POSITIVE = {"log", "log_slope", "sqrt", "pow", "pow_derivative", "arccosh"}


class Branch(ast.NodeTransformer):
    """Take the branch of `x if test else y` that a point takes."""

    def __init__(self, numbers):
        self.numbers = numbers

    def visit_IfExp(self, node):
        test = compile(ast.Expression(node.test), "test", "eval")
        return self.visit(node.body if eval(test, {**ops.FLOAT_NAMES, **self.numbers}) else node.orelse)


def symbolic(text, symbols, numbers):
    """Return a row's text as SymPy's, on the branch that the numbers take."""
    names = {}
    tree = Constants(names).visit(Branch(numbers).visit(ast.parse(text, mode="eval")))
    return eval(compile(ast.fix_missing_locations(tree), text, "eval"), {**DEFINITIONS, **names, **symbols})


class Constants(ast.NodeTransformer):
    """Put in exact numbers, as names: 0.5 is a half, and the float next to 2 / sqrt(pi) stands for that."""

    def __init__(self, names):
        self.names = names

    def visit_Constant(self, node):
        name = f"constant_{len(self.names)}"
        self.names[name] = CONSTANTS.get(node.value, S.Rational(node.value))
        return ast.Name(name, ast.Load())


def symbols_for(row, numbers):
    """Return SymPy's symbols for operands and settings, with the sign of the probe: that decides |a|."""
    sign = {True: {"positive": True}, False: {"negative": True}}
    symbols = {name: S.Symbol(name, **sign[numbers.get(name, 1.0) > 0.0]) for name in row.operands}
    return {**symbols, "alpha": ALPHA, "lo": LO, "hi": HI, "m": 1, "n": 0, "i": 0}


def is_zero(difference):
    """Tell whether an expression is 0 by one of SymPy's ways of simplifying it."""
    ways = (S.simplify, lambda e: S.simplify(e.rewrite(S.exp)), lambda e: S.simplify(S.expand(e, force=True)),
            lambda e: S.simplify(S.powsimp(S.expand_power_base(e, force=True), force=True)))  # fmt: skip
    return difference == 0 or any(way(difference) == 0 for way in ways)


NAMES = set(TABLE)  # those of the package: a doctest may add its own
ONE_OR_TWO = [row for row in TABLE.values() if not row.nary and row.name not in BY_NUMBERS_ONLY]
MANY = [row for row in TABLE.values() if row.nary and row.name not in BY_NUMBERS_ONLY]


def probes(row):
    return PROBES.get(row.name, DEFAULT[: 1 if row.name in POSITIVE else 2])


@pytest.mark.parametrize("row", ONE_OR_TWO, ids=lambda row: row.name)
def test_partials_and_textbook_are_the_derivatives(row):
    for numbers in probes(row):
        numbers = {**dict(zip(row.setting_names, row.settings, strict=True)), **numbers}
        symbols = symbols_for(row, numbers)
        out = row.value([numbers[name] for name in row.operands])
        formula = symbolic(row.formula, symbols, numbers)
        for texts in filter(None, (row.partials, row.textbook)):
            for name, text in zip(row.operands, texts, strict=True):
                partial = symbolic(text, {**symbols, "out": formula}, {**numbers, "out": out})
                difference = S.diff(formula, symbols[name]) - partial
                assert is_zero(difference), f"{row.name} by {name} at {numbers}: {text} is off by {difference}"


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("row", MANY, ids=lambda row: row.name)
def test_partials_of_lists_are_the_derivatives(row, count):
    symbols = {name: S.symbols(f"{name}:{count}", real=True) if is_list else S.Symbol(name, real=True)
               for name, is_list in zip(row.operands, row.is_list, strict=True)}  # fmt: skip
    symbols |= {"i": 1, "b": 1} if row.name == "cross_entropy" else {"i": 1}
    formula = symbolic(row.formula, symbols, {})
    for name, is_list, text in zip(row.operands, row.is_list, row.whole_partials, strict=True):
        if row.name == "cross_entropy" and name == "b":
            continue  # an index has no derivative
        partial = symbolic(text, {**symbols, "out": formula}, {})
        pairs = zip(symbols[name], partial, strict=True) if is_list else [(symbols[name], partial)]
        for variable, slope in pairs:
            assert is_zero(S.diff(formula, variable) - slope), f"{row.name} by {variable}: {slope}"


def test_every_row_is_proved_or_has_a_reason():
    proved = {row.name for row in (*ONE_OR_TWO, *MANY)}
    assert proved | set(BY_NUMBERS_ONLY) == NAMES


def test_a_wrong_text_is_not_proved():
    a = S.Symbol("a", positive=True)
    assert not is_zero(S.diff(S.tanh(a), a) - symbolic("1.0 - tanh(a)", {"a": a}, {"a": 2.0}))
    assert not is_zero(S.diff(S.exp(a), a) - symbolic("1.0000001 * exp(a)", {"a": a}, {"a": 2.0}))
