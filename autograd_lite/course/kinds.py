"""The kinds of exercises: each makes, of a setting that holds the truth, a judge that takes an answer.

A judge returns what to say of a right answer, and raises `NotYet` with a hint for any other. It computes its truth
from the setting each time, so it depends on nothing that a notebook has done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from autograd_lite.course.reading import NotYet, listed, number_from, parts_from
from autograd_lite.engine import Value
from autograd_lite.explanation import Grades, check_answers
from autograd_lite.explanation.given import CLOSE, EXACT, near, right_digits

__all__ = ["Case", "Graded", "Judge", "function", "gradients", "number", "range_of"]

Judge = Callable[[Any], str]
Case = tuple[float, str]  # a value, and what to say where the answer is that value


class Graded(NotYet):
    """An answer of several parts that is not right yet, with a grade for each part."""

    def __init__(self, hint: str, grades: Grades) -> None:
        super().__init__(hint)
        self.grades = grades


def number(cases: Callable[[], Sequence[Case]], otherwise: str, within: float = 0.0, whole: bool = False) -> Judge:
    """Ask for one number. The first case is the right one, the others are typical slips, each with its hint.

    Two or three digits are enough, or a relative error `within`; a `whole` number is a count, and has to be exact.
    """

    def judge(answer: Any) -> str:
        x = number_from(answer)
        if whole and x % 1 != 0:
            raise NotYet(f"{x:g} is no whole number.")
        (truth, praise), *slips = cases()
        exactly = [said for value, said in slips if near(x, value, EXACT)]
        if near(x, truth, EXACT):
            return praise
        if exactly:
            raise NotYet(exactly[0])
        if whole:
            raise NotYet(otherwise)
        if right_digits(x, truth) or near(x, truth, within):
            return praise
        for value, said in slips:
            if right_digits(x, value):
                raise NotYet(said)
        if near(x, truth, 2 * CLOSE):
            raise NotYet("nearly. Rounded too early, or too far: give three digits.")
        raise NotYet(otherwise)

    return judge


def range_of(decide: Callable[[float], str]) -> Judge:
    """Ask for any number with some property: `decide` returns praise, or raises NotYet."""

    def judge(answer: Any) -> str:
        x = number_from(answer)
        if not isfinite(x):
            raise NotYet("an infinite number is of no use here; give a finite one.")
        return decide(x)

    return judge


def gradients(
    setting: Callable[[], dict[str, Value]],
    parts: Sequence[str],
    praise: str,
    slips: Callable[[], Sequence[Case]] = tuple,
) -> Judge:
    """Ask for the derivatives of the setting's last value by the values that `parts` names; of one part, a number."""

    def judge(answer: Any) -> str:
        given = parts_from(answer, parts)
        if len(parts) == 1 and list(given) == list(parts):
            x = number_from(given[parts[0]])
            for value, said in slips():
                if right_digits(x, value):
                    raise NotYet(said)
        nodes = setting()
        *_, out = nodes.values()
        known = {nodes.get(name, name): part.data if isinstance(part, Value) else part for name, part in given.items()}
        grades = check_answers(out, known, complete=[nodes[name] for name in parts])
        if grades:
            return praise
        missing = [row.name for row in grades.rows if row.kind == "missing"]
        said = f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing." if missing else ""
        raise Graded(said, grades)

    return judge


def function(run: Callable[[Callable[..., Any]], str], signature: str) -> Judge:
    """Ask for a function; `run` calls it, and returns praise or raises NotYet. What it raises itself is a hint."""

    def judge(answer: Any) -> str:
        if not callable(answer):
            raise NotYet(f"{type(answer).__name__} is no function; begin with def {signature}:")
        try:
            return run(answer)
        except NotYet:
            raise
        except RecursionError:
            raise NotYet("the function calls itself without end.") from None
        except (Exception, SystemExit) as error:
            raise NotYet(f"the function ends with {type(error).__name__}: {_message(error)}") from None

    return judge


def _message(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except Exception:  # an error of the student's own may raise when it is written
        return "(without words)"
