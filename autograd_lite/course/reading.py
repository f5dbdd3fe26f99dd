"""Reading an answer to an exercise: numbers, pairs and named parts in the forms in which students give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.explanation.given import given_number, no_number, shown

__all__ = ["NotYet", "all_parts", "listed", "number_from", "parts_from", "word_from"]


class NotYet(Exception):
    """Why an answer is not right yet, in words for the student."""


def number_from(answer: Any, what: str = "the answer") -> float:
    """Return an answer as a float: a real number, the text of one, or a Value, of which the data counts."""
    answer = _plain(answer.data if isinstance(answer, Value) else answer)
    found = given_number(answer)
    if found is None:
        raise NotYet(f"{what} is not a number: {no_number(answer)}.")
    return found


def parts_from(answer: Any, names: Sequence[str]) -> dict[Any, Any]:
    """Return the parts of an answer by name: of a dict, a list or tuple in the order of the names, or of one alone.

    >>> parts_from((6, -1), ["w", "b"]), parts_from({" b ": -1}, ["w", "b"]), parts_from(2, ["a"])
    ({'w': 6, 'b': -1}, {'b': -1}, {'a': 2})
    """
    answer = _plain(answer)
    if isinstance(answer, Mapping):
        parts = {(key.label if isinstance(key, Value) else key): part for key, part in answer.items()}
        return {(key.strip() if isinstance(key, str) else key): part for key, part in parts.items() if part is not ...}
    if isinstance(answer, list | tuple):
        if len(answer) != len(names):
            raise NotYet(f"it has {len(answer)} entries and asks for {len(names)}, for {listed(names)}.")
        return dict(zip(names, answer, strict=True))
    if len(names) == 1:
        return {names[0]: answer}
    raise NotYet(f"this is one answer ({type(answer).__name__}); it asks for {len(names)}: {listed(names)}.")


def _plain(answer: Any) -> Any:
    """Return a NumPy array as the number or the list that it holds, anything else as it is."""
    return answer.tolist() if type(answer).__module__ == "numpy" and hasattr(answer, "tolist") else answer


def all_parts(answer: Any, names: Sequence[str]) -> dict[Any, Any]:
    """Return the parts of an answer; NotYet unless it has each of the names, and no other."""
    parts = parts_from(answer, names)
    if missing := [name for name in names if name not in parts]:
        raise NotYet(f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing.")
    if unknown := [shown(name) for name in parts if name not in names]:
        raise NotYet(f"{listed(unknown)} {'is' if len(unknown) == 1 else 'are'} not asked for.")
    return parts


def word_from(answer: Any, what: str) -> str:
    """Return a name in lower case and without blanks: "ReLU" is "relu", "leaky ReLU" and "LeakyReLU" "leakyrelu"."""
    if not isinstance(answer, str):
        raise NotYet(f"{what}: give its name in quotes, as in 'linear'.")
    return "".join(c for c in answer.lower() if c.isalnum())


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words.

    >>> listed(["w"]), listed(["w", "x", "b"])
    ('w', 'w, x and b')
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
