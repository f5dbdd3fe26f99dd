"""Checks of arguments: the message names the argument, what was expected and what came."""

import math
from fractions import Fraction
from typing import Any

import pytest

from autograd_lite.checks import did_you_mean, instance, near_names, number, one_of, plural, real, seeded, shown, whole
from autograd_lite.engine import Value


@pytest.mark.parametrize("bad", [0, True, 2.0, "3", None])
def test_a_count_is_an_int_and_no_bool(bad: Any) -> None:
    assert whole("n", 1, "a number of rows") == 1
    with pytest.raises(ValueError, match=r"^n: expected a number of rows, an int of 1 or more, got "):
        whole("n", bad, "a number of rows")


def test_a_real_number_is_finite_and_not_negative() -> None:
    assert real("lr", Fraction(1, 2), "a rate") == 0.5 and real("lr", 0, "a rate") == 0
    for bad in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match=rf"^lr: expected a rate, got {bad}"):
            real("lr", bad, "a rate")
    with pytest.raises(ValueError, match="got 0"):
        real("eps", 0, "a number above 0", positive=True)
    for bad, shown_as in (("0.1", "str '0.1'"), (True, "bool True"), (None, "NoneType None")):
        for check in (real, number):
            with pytest.raises(TypeError, match=rf"^lr: expected a rate, got {shown_as}"):
                check("lr", bad, "a rate")


def test_a_name_is_one_of_a_list() -> None:
    assert one_of("fold", "all", ["all", "none"]) == "all"
    with pytest.raises(ValueError, match=r"^fold: expected all, none or a function, got 'al'; did you mean all\?$"):
        one_of("fold", "al", ["all", "none"], "a function")
    with pytest.raises(ValueError, match=r"^fold: expected all, none, got 1$"):
        one_of("fold", 1, ["all", "none"])


def test_names_near_a_misspelt_one() -> None:
    assert near_names("Petal width", ["petal_length", "petal_width"]) == ["petal_width"]
    assert {*near_names("w3", ["w1", "w2", "b"])} == {"w1", "w2"}
    assert did_you_mean("x" * 50, ["x" * 51]) == f"did you mean '{'x' * 40}…'?"
    assert did_you_mean("ags", ["age", "ages"], most=2, spelled=str) == "did you mean ages or age?"


def test_a_value_and_a_seed() -> None:
    instance("draw", Value(1.0), Value, "pass a result")
    with pytest.raises(TypeError, match=r"^draw: expected a Value, got float; pass a result"):
        instance("draw", 1.0, Value, "pass a result")
    with pytest.raises(TypeError, match=r"^seed: expected an int, got list \[1\]"):
        seeded([1], "an int")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^seed: expected an int or None, got bool True"):
        seeded(True)


def test_messages_are_short_and_count_right() -> None:
    assert len(shown("x" * 1000)) < 70 and shown(1) == "int 1"
    assert [plural(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
