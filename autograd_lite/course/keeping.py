"""The answers of a session: how far a student is, and a file from which the next session goes on.

    {"format": "autograd_lite answers", "version": 1, "answers": {"1.1": {"right": true, "answer": -1.27}, ...}}

An answer stands in the file as a number, a text, a list or a dict of these; a function, which is code, as null. What is
loaded is checked anew; of an answer that is not in the file, `right` counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

from autograd_lite.course.exercises import EXERCISES
from autograd_lite.engine import Value
from autograd_lite.explanation.given import is_array
from autograd_lite.files import write_atomically
from autograd_lite.harmless import safe

FORMAT, VERSION = "autograd_lite answers", 1
LONGEST = 1_000_000  # bytes


class Kept(NamedTuple):
    """The answer to an exercise, as a file holds it, and whether it was right."""

    right: bool
    answer: Any


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: the exercises that are done, and those that are open."""

    done: tuple[str, ...]
    open: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{len(self.done)} of {len(self.done) + len(self.open)} done"
        return f"{text}; open: {', '.join(self.open)}" if self.open else text

    __repr__ = __str__


def progress(kept: Mapping[str, Kept]) -> Progress:
    """Return how far these answers go."""
    done = [name for name in EXERCISES if name in kept and kept[name].right]
    return Progress(tuple(done), tuple([name for name in EXERCISES if name not in done]))


def plain(answer: Any) -> Any:
    """Return an answer as a file may hold it; None if it may not.

    >>> plain({"w": Value(-0.25), "b": "1/4"}), plain((6, -1)), plain(len)
    ({'w': -0.25, 'b': '1/4'}, [6, -1], None)
    """
    try:
        found = _plain(answer, 0)
        json.dumps(found)
    except Exception:  # an answer may be any object, and raise anything when it is read
        return None
    return found


def _plain(answer: Any, depth: int) -> Any:
    if isinstance(answer, Value):
        return _name(answer) or _plain(answer.data, depth)
    if is_array(answer):
        return _plain(answer.tolist(), depth)
    if isinstance(answer, str | bool | int) or (isinstance(answer, float) and isfinite(answer)):
        return answer
    if isinstance(answer, list | tuple) and depth < 3:
        return [_plain(part, depth + 1) for part in answer]
    if isinstance(answer, dict) and depth < 3:
        names = {(name.label if isinstance(name, Value) else name): part for name, part in answer.items()}
        return {str(name): _plain(part, depth + 1) for name, part in names.items()}
    raise TypeError(f"no data: {type(answer).__name__}")


def _name(parameter: Value) -> str:
    """Return the place of a parameter in its net, as "layers.0.neurons.1.b"; "" for any other value."""
    role = parameter.role
    if role is None or role.symbol not in ("w", "b"):
        return ""
    which = "b" if role.source is None else f"w.{role.source - 1}"
    return f"layers.{role.layer - 1}.neurons.{role.unit - 1}.{which}"


def write(path: str | os.PathLike[str], kept: Mapping[str, Kept]) -> None:
    """Write the answers of a session to a file."""
    answers = {name: kept[name]._asdict() for name in EXERCISES if name in kept}
    data = {"format": FORMAT, "version": VERSION, "answers": answers}
    write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def read(path: str | os.PathLike[str]) -> dict[str, Kept]:
    """Read the answers of a session; ValueError, with what is wrong, if the file holds none."""
    with open(path, "rb") as file:
        text = file.read(LONGEST + 1)
    try:
        data = json.loads(text.decode("utf-8"))
        if data["format"] != FORMAT or data["version"] != VERSION or len(text) > LONGEST:
            raise ValueError("another format")
        found = {name: Kept(entry["right"] is True, entry["answer"]) for name, entry in data["answers"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        where = safe(os.fsdecode(path), None)
        raise ValueError(f"{where}: expected a file that ag.check.save has written, found another one") from None
    return {name: one for name, one in found.items() if name in EXERCISES}
