"""The exercises of the course: `check` says whether an answer is right, and gives a hint if it is not.

`check.save` and `check.load` keep the answers of a session in a file.

`exercises` has one row for each exercise, `graphs` the small graphs and nets that they are about.
`reading` reads answers, `kinds` compares them with the truth; `keeping` is the file of answers.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from autograd_lite.course import keeping
from autograd_lite.course.exercises import EXERCISES
from autograd_lite.course.kinds import Graded
from autograd_lite.course.reading import NotYet
from autograd_lite.explanation import Grades
from autograd_lite.harmless import safe
from autograd_lite.pages import Html, element, html
from autograd_lite.words import speaking

__all__ = ["Check", "Checked", "check"]

_HYPHEN = re.compile(r"(?<!\w)-(?=\d)")  # before a number that Python wrote: its minus sign
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

    @speaking("en")  # as the notebooks are
    def __str__(self) -> str:
        text = f"{self.verdict}: {self.hint}".rstrip()
        return text if self.grades is None else f"{text}\n{self.grades}"

    __repr__ = __str__

    @speaking("en")
    def _repr_html_(self) -> str:
        lines = Html("<br>".join(map(html, self.hint.split("\n"))))
        style = f"border-left:4px solid {_COLOURS[self.verdict]};padding:2px 10px"
        table = "" if self.grades is None else self.grades._repr_html_()
        return element("div", element("b", self.verdict), ": ", lines, style=style) + table


class Check:
    """Check the answer to an exercise of the notebooks, given by its number, at any time; it never raises.

    A number may be rounded to two or three digits, and be a text or a Value. Parts may be a dict, a list or a tuple.

    >>> check("1.1", -1.27)
    Right: 2/3 times the sum of the errors, because each ∂f/∂b is 1. That is −1.2667.
    >>> bool(check("4.2", {"w": -0.25}))
    False
    >>> check("4.2")
    Not answered yet: expected {"w": …, "b": …}.

    `check` itself shows how far you are. `check.save("answers.json")` keeps the answers of this session, and
    `check.load("answers.json")` in another session goes on from there; what this one has answered right stays.

    >>> session = Check()
    >>> _ = session("1.1", -1.27), session("4.3", 10)
    >>> session
    2 of 24 done; open: 0.1, 0.2, 0.3, 1.2, 1.3, 1.4, 2.1, 2.2, 2.3, 3.1, 3.2, 3.3, 4.1, 4.2, 4.4, 5.1, ...
    """

    def __init__(self) -> None:
        self._kept: dict[str, keeping.Kept] = {}

    def __call__(self, exercise: str = "", answer: Any = ...) -> Checked:
        """Return the verdict on an answer, with praise or a hint."""
        found = _checked(exercise, answer)
        if found.exercise and found.verdict != "Not answered yet":
            self._keep(found.exercise, keeping.Kept(bool(found), keeping.plain(answer)))
        return found

    def _keep(self, exercise: str, one: keeping.Kept) -> None:
        """Remember an answer, unless there is a right one already and this is not."""
        if one.right or exercise not in self._kept or not self._kept[exercise].right:
            self._kept[exercise] = one

    @property
    def progress(self) -> keeping.Progress:
        """The exercises that are done, and those that are open."""
        return keeping.progress(self._kept)

    def __repr__(self) -> str:
        return str(self.progress)

    def save(self, path: str | os.PathLike[str]) -> keeping.Progress:
        """Write the answers of this session to a JSON file, with those that are there already; return how far they go.

        ValueError for another file of that name, which stays as it is.
        """
        if os.path.exists(path):  # yesterday's, in a session that has not loaded it
            self.load(path)
        keeping.write(path, self._kept)
        return self.progress

    def load(self, path: str | os.PathLike[str]) -> keeping.Progress:
        """Go on from a file of answers: each is checked anew, and added to those of this session.

        ValueError for a file that `save` has not written; then nothing is added.
        """
        for exercise, one in keeping.read(path).items():
            right = one.right if one.answer is None else bool(_checked(exercise, one.answer))
            self._keep(exercise, keeping.Kept(right, one.answer))
        return self.progress


check = Check()


@speaking("en")
def _checked(exercise: str, answer: Any) -> Checked:
    try:
        name = exercise if isinstance(exercise, str) else repr(exercise)
        row = EXERCISES[name.strip()]
    except Exception:  # the argument may be any object
        return Checked("", "Not yet", f"there is no such exercise; they are {', '.join(EXERCISES)}.")
    if answer is ... or answer is None:
        return Checked(name, "Not answered yet", f"expected {row.form}.")
    try:
        return Checked(name, "Right", _HYPHEN.sub("−", row.judge(answer)))
    except NotYet as refused:
        lines = _HYPHEN.sub("−", str(refused)).split("\n")
        hint = "\n".join([safe(line, None) for line in lines])  # an answer may be part of it
        return Checked(name, "Not yet", hint, refused.grades if isinstance(refused, Graded) else None)
    except Exception:  # an answer may be any object, and raise anything when it is read
        return Checked(name, "Not yet", f"this answer cannot be read; expected {row.form}.")
