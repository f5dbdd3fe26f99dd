"""The kinds of exercises. Each function here returns a judge, which takes an answer.

A judge returns praise for a right answer and raises `NotYet`, with a hint, for any other. It computes the truth anew
for each answer, so nothing that a notebook did before can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import isfinite
from typing import Any

from autograd_lite.course.reading import NotYet, are, number_from, parts_from, single
from autograd_lite.engine import Value
from autograd_lite.explanation import Grades, check_answers
from autograd_lite.explanation.given import CLOSE, EXACT, is_cut, near, right_digits

Judge = Callable[[Any], str]
Case = tuple[float, str]  # a possible answer, and the praise or the hint for it


class Graded(NotYet):
    """An answer of several parts that is not right yet, with a grade for each part."""

    def __init__(self, hint: str, grades: Grades) -> None:
        super().__init__(hint)
        self.grades = grades


def number(cases: Callable[[], Sequence[Case]], otherwise: str, within: float = 0.0, whole: bool = False) -> Judge:
    """Ask for one number. The first case is right, with its praise; the others are typical slips, with hints.

    Two or three digits are enough, or a relative error of `within`; a `whole` number is a count and must be exact.
    """

    exact = partial(near, tolerance=EXACT)

    def judge(answer: Any) -> str:
        x = number_from(answer)
        if whole and x % 1 != 0:
            raise NotYet(f"{x:g} is no whole number.")
        (truth, praise), *slips = cases()
        for same in (exact,) if whole else (exact, right_digits):
            if same(x, truth) or (same is right_digits and near(x, truth, within)):
                return praise
            for value, hint in slips:
                if same(x, value):
                    raise NotYet(hint)
        if not whole and (near(x, truth, 2 * CLOSE) or is_cut(x, truth)):
            raise NotYet("nearly. Rounded too early or too far, or cut off: give three digits.")
        raise NotYet(otherwise)

    return judge


def range_of(decide: Callable[[float], str]) -> Judge:
    """Ask for any number with a certain property: `decide` returns praise, or raises NotYet."""

    def judge(answer: Any) -> str:
        x = number_from(answer)
        if not isfinite(x):
            raise NotYet("infinity is no answer here; give a finite number.")
        return decide(x)

    return judge


def gradients(
    graph: Callable[[], dict[str, Value]],
    parts: Sequence[str],
    praise: str,
    slips: Callable[[], Sequence[Case]] = tuple,
) -> Judge:
    """Ask for the derivatives of a graph's last value by the values named in `parts`; for one part, a number."""

    def judge(answer: Any) -> str:
        given = parts_from(answer, parts)
        if len(parts) == 1 and list(given) == list(parts):
            x = number_from(given[parts[0]])
            for value, hint in slips():
                if right_digits(x, value):
                    raise NotYet(hint)
        nodes = graph()
        *_, out = nodes.values()
        known = {nodes.get(name, name): single(part) for name, part in given.items()}
        grades = check_answers(out, known, complete=[nodes[name] for name in parts])
        if grades:
            return praise
        missing = [row.name for row in grades.rows if row.kind == "missing"]
        raise Graded(f"{are(missing)} missing." if missing else "", grades)

    return judge


def function(run: Callable[[Callable[..., Any]], str], signature: str) -> Judge:
    """Ask for a function; `run` calls it, and returns praise or raises NotYet. An error of the answer's is a hint."""

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


def formula(calls: Callable[[], Iterable[tuple[Sequence[Any], Judge]]], signature: str) -> Judge:
    """Ask for a formula, as a function of what stands in it.

    `calls` gives its arguments and the judge of its result: first those of the notebook, then others, for which what
    the notebook computed is wrong.
    """

    def run(answer: Callable[..., Any]) -> str:
        praise = ""
        for arguments, judge in calls():
            found = number_from(answer(*arguments), f"the result of {signature}")
            try:
                praise = judge(found)
            except NotYet:
                if not praise:
                    raise
                raise NotYet("right for the numbers of the notebook, and wrong for others: some number in it was "
                             "computed there. Use the arguments only.") from None  # fmt: skip
        return praise

    return function(run, signature)


def names_in(answer: Callable[..., Any]) -> set[str]:
    """Return the names that a student's function reads: of variables that are not its own, and of attributes."""
    codes = [getattr(answer, "__code__", None)]
    names: set[str] = set()
    while codes:
        if (code := codes.pop()) is not None:
            names.update(code.co_names)
            codes += [inner for inner in code.co_consts if inner.__class__ is code.__class__]  # in a comprehension
    return names


def _message(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except Exception:  # a student's own error class may raise in __str__
        return "(without a message)"
