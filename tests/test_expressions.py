"""The command line's expressions: the closed grammar, every refusal with its position, and fuzzing."""

import contextlib
import math
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite.cli.expressions import (
    DEEPEST,
    LONGEST,
    ExpressionError,
    known_functions,
    read_expression,
)
from autograd_lite.engine import Value

VARIABLES = {"x": 2.0, "y": -3.0, "w1": 0.5}


def value(text: str) -> float:
    return read_expression(text, VARIABLES).value.data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", 2.0),
        ("-x", -2.0),
        ("+x", 2.0),
        ("x + y", -1.0),
        ("x - y", 5.0),
        ("x * y", -6.0),
        ("x / y", 2.0 / -3.0),
        ("x ** 3", 8.0),
        ("2 ** x", 4.0),
        ("-x ** 2", -4.0),
        ("y % x", 1.0),
        ("(x + 1) * (y - 1)", -12.0),
        ("2 * 3 + x", 8.0),
        ("1e2 * x", 200.0),
        (".5 * x", 1.0),
        ("exp(x)", math.exp(2.0)),
        ("asin(w1)", math.asin(0.5)),
        ("arcsin(w1)", math.asin(0.5)),
        ("atan2(y, x)", math.atan2(-3.0, 2.0)),
        ("arctan2(y, x)", math.atan2(-3.0, 2.0)),
        ("hypot(x, y)", math.hypot(2.0, 3.0)),
        ("max(x, y, 1)", 2.0),
        ("minimum(x, y, 1)", -3.0),
        ("sum(x, y, 1)", 0.0),
        ("abs(y)", 3.0),
        ("leaky_relu(y)", -0.03),
        ("leaky_relu(y, 0.5)", -1.5),
        ("clamp(y, -1, 1)", -1.0),
        ("1 / 0 * x", math.inf),  # IEEE results, as everywhere in the package
        ("  x\n +\ty ", -1.0),
    ],
)
def test_values(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected, rel=1e-15)


def test_every_operator_typed_is_one_node_and_every_variable_one_leaf() -> None:
    expression = read_expression("exp(w1*x + y) - x", VARIABLES)
    expression.value.backward()
    assert list(expression.leaves) == ["w1", "x", "y"]
    assert expression.value.op == "-"
    assert expression.leaves["x"].label == "x"
    assert expression.leaves["x"].grad == pytest.approx(0.5 * math.exp(-2.0) - 1.0)


def test_names_are_read_as_python_reads_them() -> None:
    assert read_expression("ﬁ * σ", {"fi": 2.0, "σ": 3.0}).value.data == 6.0
    assert read_expression("fi * σ", {"ﬁ": 2.0, "σ": 3.0}).value.data == 6.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the expression is empty"),
        ("  ", "the expression is empty"),
        ("3 + 4", "no variable in it"),
        ("x + z", "position 5: no value for 'z'; add z=1.0"),
        ("x + w2", "position 5: no value for 'w2'; did you mean 'w1'?"),
        ("éé + é * z", "position 1: no value for 'éé'"),
        ("x*é", "position 3: no value for 'é'"),
        ("  x * zz", "position 7: no value for 'zz'"),
        ("epx(x)", "position 1: no function 'epx'; did you mean 'exp'?"),
        ("x + exp", "position 5: 'exp' is a function; call it: exp(...)"),
        ("sin(x, y)", "position 1: sin(a) got 2 arguments"),
        ("hypot(x)", "position 1: hypot(a, b) got 1 arguments"),
        ("sum()", "position 1: sum(a) got 0 arguments"),
        ("leaky_relu(x, y)", "position 1: leaky_relu: alpha must be plain numbers"),
        ("x ^ 2", "position 3: write a power as **"),
        ("x # y", "position 3: '#' has no meaning here"),
        ("x + \x00", "position 5: '\\x00' has no meaning here"),
        ("x + \u202e", "position 5: '\\u202e' has no meaning here"),
        ("(x + y", "position 1: '(' was never closed"),
        ("x +", "invalid syntax"),
        ("y = x", "position 3: "),
        ("x y", "invalid syntax"),
        ("1e999 * x", "position 1: the number is too large for a float"),
        ("9" * 400 + " * x", "position 1: the number is too large for a float"),
        ("x + 2j", "position 5: only numbers, names"),
        ("x + True", "position 5: only numbers, names"),
        ("x + 'a'", "position 5: only numbers, names"),
        ("x.real", "position 1: only numbers, names"),
        ("x[0]", "position 1: only numbers, names"),
        ("[x][0]", "position 1: only numbers, names"),
        ("x if x else y", "position 1: only numbers, names"),
        ("x < y", "position 1: only numbers, names"),
        ("x and y", "position 1: only numbers, names"),
        ("x // y", "position 1: only numbers, names"),
        ("not x", "position 1: only numbers, names"),
        ("(z := x)", "position 2: only numbers, names"),
        ("lambda: x", "position 1: only numbers, names"),
        ("exp(a=x)", "position 1: only numbers, names"),
        ("exp(*x)", "position 5: only numbers, names"),
        ("exp(x)(y)", "position 1: only numbers, names"),
        ("x.__class__()", "position 1: only numbers, names"),
        ("f'{x}'", "position 1: only numbers, names"),
        ("__import__('os').getcwd()", "position 1: only numbers, names"),
        ("eval(x)", "position 1: no function 'eval'"),
        ("(" * 300 + "x" + ")" * 300, "too many nested parentheses"),
        ("-" * (DEEPEST + 1) + "x", f"too deep; at most {DEEPEST} operations"),
        ("-" * 1900 + "x", f"too deep; at most {DEEPEST} operations"),
        ("x" * (LONGEST + 1), f"at most {LONGEST} are read"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_expression(text, VARIABLES)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_long_sums_are_read() -> None:
    assert value(" + ".join(["x"] * DEEPEST)) == 2.0 * DEEPEST


WORDS = st.sampled_from(
    [
        *VARIABLES,
        *sorted(known_functions()),
        *"()+-*/%,. ",
        "**",
        "1",
        "2.5",
        "1e9",
        "z",
        "[",
        "\n",
        "=",
        "if",
        "é",
    ]
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(WORDS, max_size=30).map("".join))
def test_any_row_of_words_is_a_value_or_an_error(text: str) -> None:
    try:
        assert isinstance(read_expression(text, VARIABLES).value, Value)
    except ExpressionError as error:
        assert "\n" not in str(error)


@settings(max_examples=500, deadline=None)
@given(st.text(st.characters(codec=None) | st.sampled_from(string.printable), max_size=80))
def test_any_text_is_a_value_or_an_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        assert isinstance(read_expression(text, VARIABLES).value, Value)


@settings(max_examples=300, deadline=None)
@given(st.recursive(
    st.sampled_from(["x", "y", "w1", "3.0", "0.25"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
    max_leaves=12,
))  # fmt: skip
def test_arithmetic_is_python_s(text: str) -> None:
    try:
        expected = eval(text, {}, dict(VARIABLES))
    except ZeroDivisionError:
        return
    try:
        assert value(text) == expected
    except ExpressionError as error:
        assert "no variable" in str(error)
