"""The numbered blanks of a worksheet, marked: each answer beside the right one, with a hint if it is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from autograd_lite.coerce import number_of
from autograd_lite.explanation.given import ROUNDED, given_number, near, no_number
from autograd_lite.explanation.grading import Grade, Grader, Grades, Slip, derivative_of, judged, same
from autograd_lite.notation.local_derivatives import ratio
from autograd_lite.notation.text import product, safe
from autograd_lite.words import say

if TYPE_CHECKING:
    from autograd_lite.worksheets.sheet import Blank, Worksheet

__all__ = ["mark", "number_of_blank"]

_NUMBER = re.compile(r"\s*\(?\s*([0-9]{1,6})\s*\)?[.:]?\s*")


def number_of_blank(key: Any) -> int | None:
    """Return the number of a blank that a key or the head of a column names, None if it names none.

    >>> number_of_blank(3), number_of_blank("(3)"), number_of_blank("3."), number_of_blank("x3")
    (3, 3, 3, None)
    """
    if isinstance(key, int) and not isinstance(key, bool):
        return key
    found = _NUMBER.fullmatch(key) if isinstance(key, str) else None
    return int(found[1]) if found else None


def mark(sheet: Worksheet, answers: Mapping[Any, Any], hints: bool, follows: bool = False) -> Grades:
    """Return the grades of all blanks in their order, then those of answers to no blank."""
    if not isinstance(answers, Mapping):
        raise TypeError(f"grade: the answers must be a dict {{1: number, …}}, not {type(answers).__name__}")
    known = {number_of_blank(key): answer for key, answer in answers.items()}
    marker = _Marker(sheet, known)
    rows = [marker.row(blank) for blank in sheet.blanks]
    if follows:
        rows = [replace(row, kind="carried") if row.kind == "follows" else row for row in rows]
    if not hints:
        rows = [replace(row, hint="") if row.kind != "no number" else row for row in rows]
    for key, answer in answers.items():
        if not 1 <= (number_of_blank(key) or 0) <= len(sheet.blanks):
            rows.append(Grade(safe(str(key)), None, answer, None, "label",
                              say("grade.no_blank", count=len(sheet.blanks))))  # fmt: skip
    return Grades(tuple(rows), what="blank")


class _Marker:
    """A sheet and the answers to its blanks."""

    def __init__(self, sheet: Worksheet, answers: Mapping[int | None, Any]) -> None:
        self.sheet, self.names, self.answers = sheet, sheet.names, answers
        self.blank_at = dict(self._blanks_by_place(sheet))
        self.given = {n: given_number(answer) for n, answer in answers.items()}
        self._grader = Grader(sheet.names)

    @staticmethod
    def _blanks_by_place(sheet: Worksheet) -> Iterator[tuple[tuple[str, int], Blank]]:
        for (i, j, kind), n in sheet.places.items():
            step = sheet.steps[i]
            yield (kind, id(step if j < 0 else step.contributions[j])), sheet.blanks[n - 1]

    def row(self, blank: Blank) -> Grade:
        """Grade one blank."""
        name, node = f"({blank.number}) {self._name(blank)}", blank.step.node
        answer = self.answers.get(blank.number)
        if answer is None or (isinstance(answer, str) and not answer.strip()):
            return Grade(name, node, None, blank.answer, "missing")
        x = self.given[blank.number]
        if x is None:
            return Grade(name, node, answer, blank.answer, "no number", no_number(answer))
        kind, hint = self._judged(blank, x)
        if kind not in ("exact", "rounded") and (earlier := self._follows(blank, x)) is not None:
            kind, hint = "follows", say("grade.hint_follows", blank=earlier)
        return Grade(name, node, x, blank.answer, kind, hint)

    def _name(self, blank: Blank) -> str:
        step, contribution = blank.step, blank.contribution
        if contribution is None:
            return ratio(self.names.root, self.names(step.node)).text
        if blank.kind == "local":
            return ratio(self.names(step.node), self.names(contribution.parent)).text
        if blank.kind == "contribution":
            return say("grade.handed", node=step.name, name=contribution.name)
        return say("grade.so_far", name=contribution.name)

    def _judged(self, blank: Blank, x: float) -> tuple[str, str]:
        if blank.kind == "gradient":
            return self._grader.judged(blank.step.node, x, blank.answer)
        return judged(x, blank.answer, self._slips(blank), lambda: self._what_it_is(blank), self._rounded(blank))

    def _rounded(self, blank: Blank) -> Callable[[float], bool]:
        """Return the test of whether rounding explains that an answer is off by so much."""
        index = [c is blank.contribution for c in blank.step.contributions].index(True) if blank.contribution else 0
        return partial(self._grader.rounding.explains, node=blank.step.node, kind=blank.kind, index=index)

    def _what_it_is(self, blank: Blank) -> str:
        step, contribution = blank.step, blank.contribution
        assert contribution is not None
        own = self.names(step.node)
        if blank.kind == "local":
            if contribution.formula is None:
                return derivative_of(step.node, contribution.name, self.names)
            return say("grade.hint_sum", sum=contribution.formula.text)
        if blank.kind == "contribution":
            factors = ratio(self.names.root, own), ratio(own, self.names(contribution.parent))
            return say("grade.hint_sum", sum=product(factors).text)
        return say("grade.hint_total")

    def _slips(self, blank: Blank) -> Iterator[Slip]:
        """Yield the wrong answers that have a reason, the likeliest first."""
        step, contribution = blank.step, blank.contribution
        assert contribution is not None
        own = self.names(step.node)
        upstream, local = ratio(self.names.root, own).text, ratio(own, self.names(contribution.parent)).text
        if blank.kind == "local":
            for other in step.contributions:
                if other is not contribution:
                    yield Slip(
                        "node", other.local, say("grade.hint_node", ratio=ratio(own, self.names(other.parent)).text)
                    )
            yield Slip("value", contribution.amount, say("grade.hint_handed"))
            yield Slip("node", step.upstream, say("grade.hint_node", ratio=upstream))
            yield Slip("value", number_of(step.node), say("grade.hint_value", name=step.name))
        elif blank.kind == "contribution":
            yield Slip("factor", contribution.local, say("grade.hint_alone", found=local, missing=upstream))
            yield Slip("factor", contribution.upstream, say("grade.hint_alone", found=upstream, missing=local))
            yield Slip("factor", contribution.local + contribution.upstream, say("grade.hint_added"))
        else:
            yield Slip("path", contribution.amount, say("grade.hint_before"))

    def _follows(self, blank: Blank, x: float) -> int | None:
        """Return the number of the blank whose wrong answer this one is right with, None if there is none."""
        step, c = blank.step, blank.contribution
        if blank.kind == "local":
            return None
        if c is None:
            last = self._total(step.node)
            used, value = [last], self._own(last, blank.answer)
        elif blank.kind == "contribution":
            used = [self.blank_at.get(("gradient", id(step))), self.blank_at.get(("local", id(c)))]
            value = self._own(used[0], c.upstream) * self._own(used[1], c.local)
        else:
            used = [
                self.blank_at.get(("contribution", id(c))),
                self._total(c.parent, c),
            ]
            value = self._own(used[0], c.amount) + self._own(used[1], c.before)
        wrong = [b.number for b in used if b is not None and not self._same(b)]
        return wrong[0] if wrong and near(x, value, ROUNDED) and value else None

    def _own(self, blank: Blank | None, otherwise: float) -> float:
        """Return the answer that was given to a blank, and the right number where there is none."""
        found = None if blank is None else self.given.get(blank.number)
        return otherwise if found is None else found

    def _same(self, blank: Blank) -> bool:
        """Tell whether the answer to a blank is all of the right number, or there is none."""
        return same(self._own(blank, blank.answer), blank.answer, self._rounded(blank))

    def _total(self, node: Any, before: Any = None) -> Blank | None:
        """Return the blank of the last total at a node, or of the last one before a contribution; None without one."""
        found = None
        for (i, j, kind), n in self.sheet.places.items():
            if kind == "total" and (c := self.sheet.steps[i].contributions[j]).parent is node:
                if c is before:
                    break
                found = self.sheet.blanks[n - 1]
        return found
