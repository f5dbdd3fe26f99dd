"""The exercises of the course: `check` says whether an answer is right, and gives a hint if it is not.

`exercises` has one row for each exercise, `settings` the small graphs and nets that they are about (no options).
`reading` reads answers, `kinds` compares them with the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd_lite.course.exercises import EXERCISES
from autograd_lite.course.kinds import Graded
from autograd_lite.course.reading import NotYet
from autograd_lite.explanation import Grades
from autograd_lite.harmless import safe
from autograd_lite.pages import Html, element, html

__all__ = ["Checked", "check"]

_COLOURS = {"Right": "#15803d", "Not yet": "#b45309", "Not answered yet": "#64748b"}


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of `check`: true if the answer is right; with `grades` if it has several parts."""

    exercise: str
    verdict: str  # "Right", "Not yet" or "Not answered yet"
    hint: str
    grades: Grades | None = None

    def __bool__(self) -> bool:
        return self.verdict == "Right"

    def __str__(self) -> str:
        text = f"{self.verdict}: {self.hint}".rstrip()
        return text if self.grades is None else f"{text}\n{self.grades}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = Html("<br>".join(map(html, self.hint.split("\n"))))
        style = f"border-left:4px solid {_COLOURS[self.verdict]};padding:2px 10px"
        table = "" if self.grades is None else self.grades._repr_html_()
        return element("div", element("b", self.verdict), ": ", lines, style=style) + table


def check(exercise: str, answer: Any = ...) -> Checked:
    """Check the answer to an exercise of the notebooks, given by its number, at any time; it never raises.

    A number may be rounded to two or three digits, and be a text or a Value. Parts may be a dict, a list or a tuple.

    >>> check("1.1", -1.27)
    Right: 2/3 times the sum of the errors, because each ∂f/∂b is 1. That is -1.2667.
    >>> bool(check("4.2", {"w": -0.25}))
    False
    >>> check("4.2")
    Not answered yet: expected {"w": …, "b": …}.
    """
    try:
        name = exercise if isinstance(exercise, str) else repr(exercise)
        row = EXERCISES[name.strip()]
    except Exception:  # the argument may be any object
        return Checked("", "Not yet", f"there is no such exercise; they are {', '.join(EXERCISES)}.")
    if answer is ... or answer is None:
        return Checked(name, "Not answered yet", f"expected {row.form}.")
    try:
        return Checked(name, "Right", row.judge(answer))
    except NotYet as refused:
        hint = "\n".join([safe(line, None) for line in str(refused).split("\n")])  # an answer may be part of it
        return Checked(name, "Not yet", hint, refused.grades if isinstance(refused, Graded) else None)
    except Exception:  # an answer may be any object, and raise anything when it is read
        return Checked(name, "Not yet", f"this answer cannot be read; expected {row.form}.")
