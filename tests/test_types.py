"""Wrong types: every operator and every function, with everything that is no number, on either side."""

from __future__ import annotations

import operator
import re
import traceback
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, functions
from autograd_lite.define import define_op
from autograd_lite.ops import ROWS, TABLE
from autograd_lite.stub import stub

WRONG: list[Any] = [
    "3",
    b"3",
    None,
    [1.0],
    (1.0,),
    {"a": 1.0},
    {1.0},
    Decimal(3),
    1 + 2j,
    object(),
    len,
    float,
    ...,
    range(3),
    type("bool_", (), {})(),  # not NumPy's
]
NAMES = [type(wrong).__name__ for wrong in WRONG]

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "%": operator.mod,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def refused(call: Callable[[], object]) -> tuple[str, str]:
    """Return the message of the TypeError that a call raises, and the file whose line raised it."""
    with pytest.raises(TypeError) as caught:
        call()
    return str(caught.value), traceback.extract_tb(caught.value.__traceback__)[-1].filename


@pytest.mark.parametrize(
    ("attributes", "hint"),
    [({"item": None}, "pass an int"), ({"ndim": 0}, "pass an int"), ({"item": None, "ndim": 0}, "use .item()"),
     ({"item": None, "ndim": 1}, "make a Value of each")],
)  # fmt: skip
def test_an_array_is_known_by_both_of_its_marks(attributes: dict[str, Any], hint: str) -> None:
    with pytest.raises(TypeError, match=re.escape(hint)):
        Value(type("Box", (), attributes)())


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("symbol", OPERATORS)
@pytest.mark.parametrize("wrong", WRONG, ids=NAMES)
def test_an_operator_names_itself_and_the_type_at_the_line_of_the_user(wrong: Any, symbol: str, side: str) -> None:
    a = Value(2.0, label="a")
    if symbol == "%" and side == "left" and isinstance(wrong, str | bytes):
        return  # that is the formatting of a text, which takes a Value like anything else
    left, right = (wrong, a) if side == "left" else (a, wrong)
    message, filename = refused(lambda: OPERATORS[symbol](left, right))
    name = type(wrong).__name__
    # Python's sequences answer for themselves, in words instead of signs.
    own = {"+": "concat", "*": "multiply sequence by non-int of type 'Value'"}.get(symbol, symbol)
    assert (symbol in message and name in message) or own in message, message
    assert filename == __file__
    assert (a * 3.0).data == 6.0 and a.parents == ()


def test_equality_with_anything_else_is_no_error_but_false() -> None:
    a = Value(2.0)
    for wrong in WRONG:
        assert (a == wrong, wrong == a, a != wrong, wrong != a) == (False, False, True, True)


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.nary and name.isidentifier()])
def test_a_function_names_itself_and_the_type(name: str) -> None:
    function, operands = getattr(functions, name), TABLE[name].operands
    for wrong in WRONG:
        for place in range(len(operands)):
            for other in (Value(0.5), 0.5):
                given = [other] * len(operands)
                given[place] = wrong
                message, _ = refused(lambda given=given: function(*given))  # type: ignore[misc]
                assert message.startswith(f"{name}: ") and f"not {type(wrong).__name__} (" in message, message


LISTS = ("sum", "mean", "logsumexp", "softmax", "log_softmax")


@pytest.mark.parametrize("name", [*LISTS, "maximum", "minimum", "dot", "dot by", "dot bias", "cross_entropy"])
def test_a_function_of_a_list_names_itself_and_the_type(name: str) -> None:
    calls: dict[str, Callable[[list[Any]], object]] = {
        "maximum": lambda xs: ag.maximum(*xs),
        "minimum": lambda xs: ag.minimum(*xs),
        "dot": lambda xs: ag.dot(xs, [1.0, 2.0]),
        "dot by": lambda xs: ag.dot([1.0, 2.0], xs),
        "dot bias": lambda xs: ag.dot([1.0], [2.0], xs[-1]),
        "cross_entropy": lambda xs: ag.cross_entropy(xs, 0),
    }
    call = calls.get(name) or getattr(ag, name)
    rule = name.partition(" ")[0]
    for wrong in WRONG:
        message, _ = refused(lambda wrong=wrong: call([Value(1.0), wrong]))  # type: ignore[misc]
        assert message.startswith(f"{rule}: ") and f"not {type(wrong).__name__} (" in message, message
    if name in LISTS:
        for wrong in (None, 3.0, Value(1.0), len):
            message, _ = refused(lambda wrong=wrong: call(wrong))  # type: ignore[misc]
            assert (
                message == f"{name} takes a list of Values or numbers, not {type(wrong).__name__}: {name}([x1, x2, …])"
            )


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.setting_names and not row.nary])
def test_a_setting_is_a_plain_number(name: str) -> None:
    row, function = TABLE[name], getattr(functions, name)
    for wrong in [*WRONG, Value(1.0)]:
        for x in (Value(0.5), 0.5):
            operands = [x] * len(row.operands)
            message, _ = refused(
                lambda operands=operands, wrong=wrong: function(*operands, **{row.setting_names[0]: wrong})
            )  # type: ignore[misc]
            assert message.startswith(f"{name}: a setting must be a plain number, not {type(wrong).__name__}"), message


def test_an_operation_of_the_user_is_as_strict() -> None:
    cube = define_op("cube_of_test_types", "a * a * a", ("3.0 * a * a",))
    for wrong in WRONG:
        message, _ = refused(lambda wrong=wrong: cube(wrong))  # type: ignore[misc]
        assert message.startswith("cube_of_test_types: operands must be Values or real numbers, not ")


def test_editors_and_type_checkers_see_the_table_as_it_is() -> None:
    written = Path(ag.__file__).with_name("operations.pyi").read_text(encoding="utf-8")
    assert written == stub({row.name: row for row in ROWS}), "write it anew: python -m autograd_lite.stub"
