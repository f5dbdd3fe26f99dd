"""The command line's expressions: the closed grammar, every refusal with its position, and fuzzing."""

# ruff: noqa: E501 (a list of pieces to fuzz with)

import contextlib
import math
import re
import string
import sys
import time
from collections.abc import Iterator
from random import Random

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
from autograd_lite.ops import FLOAT_NAMES

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


def test_functions_may_be_spelled_as_in_pictures_and_textbooks() -> None:
    assert read_expression("σ(x)", {"x": 0.0}).value.op == "sigmoid" and value("ln(x)") == value("log(x)")
    assert value("swish(x)") == value("silu(x)")
    assert read_expression("σ = 2 * x; σ * σ(σ)", {"x": 0.0}, 1.0).value.data == 0.0


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
        ("sin(pi*x)", "position 5: no value for 'pi'; write 3.141592653589793 for pi"),
        ("x + Pi", "position 5: no value for 'Pi'; write 3.141592653589793 for Pi"),
        ("π*x", "position 1: no value for 'π'; write 3.141592653589793 for π"),
        ("x*tau", "no value for 'tau'; write 6.283185307179586 for tau; for a variable, add tau=1.0"),
        (
            "e*x",
            "position 1: no value for 'e'; write exp(x) for e to the power of x, 2.718281828459045 for e alone;"
            " for a variable, add e=1.0",
        ),
        ("e^x", "position 2: write exp(x) for e to the power of x"),
        ("2 * e ^ x", "position 7: write exp(x) for e to the power of x"),
        ("one^2", "position 4: write a power as **"),
        ("x + e**-x", "position 5: write exp(x) for e to the power of x"),
        ("y + 2x", "position 5: write a product with *: 2*x"),
        ("x + .5y", "position 5: write a product with *: .5*y"),
        ("2e3x", "position 1: write a product with *: 2e3*x"),
        ("x y", "position 1: write a product with *: x*y"),
        ("(x + 1) y", "position 7: write a product with *: )*y"),
        ("2 (x + 1)", "position 1: write a product with *, as in 2*(x + 1)"),
        ("y * sin x", "position 5: 'sin' is a function; call it: sin(...)"),
        ("x if y", "position 1: expected 'else'"),
        ("softmax(x, y)", "position 1: 'softmax' takes or gives lists of values, and is not read here; in"),
        ("2 * dot(x, y)", "position 5: 'dot' takes or gives lists of values"),
        ("sech2(x)", "position 1: no function 'sech2'"),
        ("sigma(x)", "position 1: no function 'sigma'; did you mean 'sigmoid'?"),
        ("mean(x, y)", "position 1: write mean(a, b) as (a + b)/2"),
        ("2*x²", "position 4: write x² as x**2"),
        ("(x + 1)³", "position 8: write x³ as x**3"),
        ("√x", "position 1: write √x as sqrt(x)"),
        ("2*|x|", "position 3: write |x| as abs(x)"),
        ("x # y", "position 3: '#' has no meaning here"),
        ("x + \x00", "position 5: '\\x00' has no meaning here"),
        ("x + \u202e", "position 5: '\\u202e' has no meaning here"),
        ("(x + y", "position 1: '(' was never closed"),
        ("x +", "invalid syntax"),
        ("y = x", "position 1: 'y' has a value already"),
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


def test_an_expression_may_be_typed_as_it_is_printed() -> None:
    assert value("σ(x·y − 1)") == value("sigmoid(x*y - 1)") and value("x × y ⋅ w1") == value("x*y*w1")


def test_constants_are_no_variables_of_a_worksheet() -> None:
    for text, message in {"sin(pi*x)": "write 3.141592653589793 for pi", "e**(2*x)": "write exp(x) for e"}.items():
        with pytest.raises(ExpressionError, match=re.escape(message)):
            read_expression(text, {}, 1.0)
    assert [*read_expression("e**2 + tau*x", {}, 1.0).leaves] == ["e", "tau", "x"]
    assert read_expression("e**x", {"e": 2.0, "x": 3.0}).value.data == 8.0
    assert read_expression("e = x - 1; e**x", {"x": 3.0}).value.data == 8.0
    assert read_expression("x ** pi", {"pi": 2.0, "x": 3.0}).value.data == 9.0


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


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=30).map("".join))
def test_any_row_of_words_is_a_value_or_an_error(text: str) -> None:
    try:
        assert isinstance(read_expression(text, VARIABLES).value, Value)
    except ExpressionError as error:
        assert "\n" not in str(error)


# Pieces of what the grammar knows, of what Python knows beyond it, and of what an enemy would try.
PIECES = [*VARIABLES, *sorted(known_functions()), *"()()()+-*/%,., ", "**", "//", "1", "2.5", "1e9", "1e999", "0x1f", "1_0", "1j",
          "9" * 400, "z", "[", "]", "{", "}", ":", ":=", "=", "==", "<", "->", "@", "~", "&", "|", "!", "if", " if ", " else ",
          " and ", " not ", " in ", " is ", "lambda x:", " for x in ", "await ", "yield ", "True", "None", "...", "'", '"', '"""',
          "f'{x}'", "b''", "#", "\\", "\n", "\t", "\x00", "\x1b[31m", "\u202e", "\ud800", "é", "σ", "ﬁ", "𝛼", "١", "`", "$", "?", ";",
          "__import__", "os", ".system", "eval(", "open(", "__class__", ".__subclasses__()", "exec", "globals()"]  # fmt: skip


def expressions(rng: Random, count: int) -> Iterator[str]:
    """Yield rows of pieces, good expressions with a few characters changed, and deep or long ones."""

    def good(depth: int) -> str:
        if depth <= 0 or rng.random() < 0.2:
            return rng.choice(["x", "y", "w1", "2.0", "1", ".5"])
        kind = rng.randrange(4)
        if kind == 0:
            return f"{rng.choice(names)}({', '.join(good(depth - 1) for _ in range(rng.choice((1, 1, 1, 2, 3))))})"
        if kind == 1:
            return f"{rng.choice('-+')}{good(depth - 1)}"
        return f"({good(depth - 1)} {rng.choice(('+', '-', '*', '/', '**', '%'))} {good(depth - 1)})"

    names = sorted(known_functions())
    for _ in range(count):
        kind = rng.randrange(10)
        if kind < 4:
            yield "".join(rng.choices(PIECES, k=rng.randint(1, 25)))
        elif kind < 7:
            yield good(5)
        elif kind < 9:
            text = list(good(4))
            for _ in range(rng.randint(1, 4)):
                text[rng.randrange(len(text))] = rng.choice(PIECES)
            yield "".join(text)
        else:
            depth = rng.choice((50, 199, 200, 201, 500, 990))
            yield rng.choice(("-" * depth + "x", "(" * depth + "x" + ")" * depth, "exp(" * depth + "x" + ")" * depth,
                              "x" + "**x" * depth, "x" + "+x" * depth, "[" * depth, "x" * depth * 3))  # fmt: skip


def fuzz(count: int) -> None:
    """Hold that each input is a value or one short line that names the position, and that nothing runs or is opened."""
    did: list[str] = []
    watching = True

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("import", "open", "os.system", "os.exec", "subprocess.Popen", "socket.connect"):
            did.append(event)
        if watching and event == "exec":  # but the table's own texts are compiled when they are first needed
            names.update(getattr(arguments[0], "co_names", ()))

    names: set[str] = set()
    sys.addaudithook(audit)
    read = refused = 0
    for text in expressions(Random(count), count):
        start = time.process_time()
        try:
            found = read_expression(text, VARIABLES)
        except ExpressionError as error:
            refused += 1
            message = str(error)
            assert "\n" not in message and len(message) < 1000, text
        else:
            read += 1
            assert found.value.__class__ is Value and set(found.leaves) <= {*VARIABLES}, text
        assert time.process_time() - start < 1.0, text
    watching = False
    assert not did and names <= {*FLOAT_NAMES}, names
    assert read > count / 10 and refused > count / 3


def test_3000_expressions_are_a_value_or_one_line_each() -> None:
    read_expression("max(x, leaky_relu(y, 0.5))", VARIABLES).value.backward()  # what is loaded once
    fuzz(3_000)


@pytest.mark.slow
def test_100000_expressions_are_a_value_or_one_line_each() -> None:
    read_expression("max(x, leaky_relu(y, 0.5))", VARIABLES).value.backward()
    fuzz(100_000)


@settings(max_examples=200, deadline=None)
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
