"""The exercises of the course: `check` tells whether an answer is right, and if not, what to look at.

`exercises` has one row for each exercise, `settings` the small graphs and nets in which they play, `kinds` and
`reading` what exercises have in common: how an answer is read, and compared with the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from autograd_lite.course.exercises import EXERCISES
from autograd_lite.course.kinds import Graded
from autograd_lite.course.reading import NotYet
from autograd_lite.explanation import Grades
from autograd_lite.harmless import safe

__all__ = ["Checked", "check"]

_COLOURS = {"Right": "#15803d", "Not yet": "#b45309", "Not answered yet": "#64748b"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` says of an answer: true if it is right; `grades` where it has several parts."""

    exercise: str
    verdict: str  # "Right", "Not yet" or "Not answered yet"
    hint: str
    grades: Grades | None = None

    def __bool__(self) -> bool:
        return self.verdict == "Right"

    def __str__(self) -> str:
        said = f"{self.verdict}: {self.hint}".rstrip()
        return said if self.grades is None else f"{said}\n{self.grades}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        said = f"<b>{self.verdict}</b>: {escape(self.hint)}"
        style = f"border-left:4px solid {_COLOURS[self.verdict]};padding:2px 10px"
        table = "" if self.grades is None else self.grades._repr_html_()
        return f'<div style="{style}">{said.replace(chr(10), "<br>")}</div>{table}'


def check(exercise: str, answer: Any = ...) -> Checked:
    """Check the answer to an exercise of the notebooks, named by its number, at any time; it never raises.

    A number may be rounded to two or three digits, and be a text or a Value; parts may be a dict, a list or a tuple.

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
    except Exception:  # whatever was given as a number
        return Checked("", "Not yet", f"there is no such exercise; they are {', '.join(EXERCISES)}.")
    if answer is ... or answer is None:
        return Checked(name, "Not answered yet", f"expected {row.form}.")
    try:
        return Checked(name, "Right", row.judge(answer))
    except NotYet as refused:
        hint = "\n".join([safe(line, None) for line in str(refused).split("\n")])  # an answer may be part of it
        return Checked(name, "Not yet", hint, refused.grades if isinstance(refused, Graded) else None)
    except Exception:  # an answer may be any object, and raise whatever it likes when it is looked at
        return Checked(name, "Not yet", f"this answer cannot be read; expected {row.form}.")
