"""Mathematics on floats: IEEE results where `math` raises, sums left to right."""

import ast
import inspect
import math

import pytest

from autograd_lite import numerics as n
from autograd_lite.numerics import accurate, ieee, lists
from autograd_lite.ops import TABLE

inf, nan = math.inf, math.nan


def test_nothing_raises():
    assert (n.exp(710.0), n.log(0.0), n.divide(1.0, -0.0), n.power(0.0, -1.0), n.power(-0.0, -3.0)) == (
        inf, -inf, -inf, inf, -inf)  # fmt: skip
    assert n.power(-1e200, 3.0) == -inf and n.power(-1e200, 4.0) == inf and n.sinh(-1000.0) == -inf
    assert all(map(math.isnan, (n.power(-8.0, 1 / 3), n.divide(0.0, 0.0), n.log(-1.0), n.sin(inf), n.mod(1.0, 0.0))))


def test_lengths_neither_overflow_nor_underflow():
    assert math.isclose(n.hypot(3e200, 4e200), 5e200, rel_tol=4e-16) and math.isclose(
        n.hypot(3e-200, 4e-200), 5e-200, rel_tol=4e-16
    )
    assert n.hypot(nan, inf) == inf and n.hypot(inf, nan) == inf and math.isnan(n.hypot(nan, 1.0))


def test_a_one_for_each_entry():
    assert n.ones([5.0, inf]) == [1.0, 1.0]


def test_sums_run_left_to_right():
    assert n.total([1e16, 1.0, -1e16]) == 0.0  # builtin sum gives 1.0 since Python 3.12
    assert TABLE["dot"].forward([1e16, 1.0], [1.0, 1.0], -1e16) == 1.0


def test_shifted_sums_of_powers():
    assert n.logsumexp([1000.0, 1000.0]) == 1000.0 + math.log(2.0)
    assert n.softmax([inf, 0.0]) == [1.0, 0.0] and n.softmax([710.0, 710.0]) == [0.5, 0.5]
    assert n.softmax_at([0.0, 0.0], 1.0) == 0.5 and n.cross_entropy([1000.0, 0.0], 0.0) == 0.0


def test_the_far_ends_of_gelu_and_a_class_that_is_none():
    assert n.gelu(-40.0) == 0.0 and n.gelu(-37.5) < 0.0 and abs(n.gelu(-38.0)) < abs(n.gelu(-37.5)) < 1e-304
    assert all(math.isnan(n.cross_entropy([1.0, 2.0], target)) for target in (nan, -1.0, 2.0))


def test_a_tail_that_underflows_wins_over_an_infinite_factor():
    for factor in (inf, -inf, 1e308, 1.0):
        assert n.gauss_times(factor, 40.1) == n.gauss_times(factor, -1e200) == 0.0
        assert n.normal_pdf_times(factor, 60.1) == n.normal_pdf_times(factor, -inf) == 0.0
        assert n.sigmoid_times(factor, -1500.1) == n.sigmoid_times(factor, -inf) == 0.0


@pytest.mark.parametrize("row", ieee.PRIMITIVES.values(), ids=lambda row: row.name)
def test_a_primitive_is_maths_function_where_that_does_not_raise(row):
    own, maths = getattr(n, row.name), getattr(math, row.function)
    operands = [(x,) for x in (-1e9, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 1e9, inf, -inf, nan)]
    operands = [(x, y) for (x,) in operands for (y,) in operands] if row.name == "arctan2" else operands
    for xs in operands:
        try:
            expected = maths(*xs)
        except OverflowError:
            expected = eval(row.overflow, {"x": xs[0], "inf": inf})
        except ValueError:
            expected = eval(row.undefined, {"x": xs[0], "inf": inf, "nan": nan})
        assert repr(own(*xs)) == repr(expected), xs
    assert own.__doc__ and (own is maths) == (not row.overflow and not row.undefined)


# What other languages can be translated from: see `numerics.accurate`.
SUBSET = (ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.Expr,
          ast.Name, ast.Load, ast.Store, ast.Constant, ast.Call, ast.Compare, ast.BoolOp, ast.IfExp, ast.BinOp,
          ast.UnaryOp, ast.List, ast.Subscript, ast.And, ast.Or, ast.Not, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq,
          ast.NotEq, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.USub)  # fmt: skip
FORMULAS = [f for name, f in vars(accurate).items() if inspect.isfunction(f) and f.__module__ == accurate.__name__]


@pytest.mark.parametrize("function", FORMULAS, ids=lambda function: function.__name__)
def test_a_formula_keeps_to_what_other_languages_have(function):
    tree = ast.parse(inspect.getsource(function)).body[0]
    known = {*ieee.__all__, *(f.__name__ for f in FORMULAS), "abs", "int", "range", "copysign"}
    for node in ast.walk(tree):
        assert isinstance(node, SUBSET), ast.unparse(node)
        if isinstance(node, ast.Call):
            assert isinstance(node.func, ast.Name) and node.func.id in known and not node.keywords, ast.unparse(node)
        if isinstance(node, ast.For):
            assert isinstance(node.iter, ast.Call) and ast.unparse(node.iter.func) == "range" and not node.orelse
            assert isinstance(node.target, ast.Name)
        if isinstance(node, ast.Assign):
            assert len(node.targets) == 1
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            ast.literal_eval(ast.unparse(node.right)), ast.literal_eval(ast.unparse(node.left))  # 2.0**600
    assert isinstance(tree, ast.FunctionDef) and not tree.args.defaults and not tree.decorator_list
    last = tree.body[-1]
    assert isinstance(last, ast.Return), "every way through a formula ends in a return"


def test_every_name_of_the_room_is_listed_once():
    assert len({*n.__all__}) == len(n.__all__)
    for part in (ieee, accurate, lists):
        made = {name for name, x in vars(part).items() if getattr(x, "__module__", "") == part.__name__}
        public = {name for name in made if not name.startswith("_")} - {"Primitive", "F"}
        assert public <= {*part.__all__} | {"PRIMITIVES"}
