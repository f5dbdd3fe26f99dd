"""Reading an answer to an exercise: numbers, pairs and named parts, in all the forms that students use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.explanation.given import given_number, is_array, no_number, shown


class NotYet(Exception):
    """The reason why an answer is not right yet, in words for the student."""


def number_from(answer: Any, what: str = "the answer") -> float:
    """Return an answer as a float: a real number, its text, the data of a Value, or a list of one of these."""
    answer = single(answer)
    found = given_number(answer)
    if found is None:
        raise NotYet(f"{what} is not a number: {no_number(answer)}.")
    return found


def single(answer: Any) -> Any:
    """Return the data of a Value, the only entry of a list or an array; anything else unchanged."""
    answer = _plain(answer)
    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = _plain(answer[0])
    return answer.data if isinstance(answer, Value) else answer


def parts_from(answer: Any, names: Sequence[str]) -> dict[Any, Any]:
    """Return the parts of an answer by name, from a dict, from a list in the order of the names, or from a single one.

    >>> parts_from((6, -1), ["w", "b"]), parts_from({" b ": -1}, ["w", "b"]), parts_from(2, ["a"])
    ({'w': 6, 'b': -1}, {'b': -1}, {'a': 2})
    """
    answer = _plain(answer)
    if isinstance(answer, Mapping):
        parts = {(key.label if isinstance(key, Value) else key): part for key, part in answer.items()}
        known = {name.casefold(): name for name in names if len(name) > 1}  # B is not b

        def spelled(key: Any) -> Any:  # "Rent " is rent
            return known.get(key.strip().casefold(), key.strip()) if isinstance(key, str) else key

        return {spelled(key): part for key, part in parts.items() if part is not ...}
    if isinstance(answer, list | tuple):
        if len(answer) != len(names):
            entries = "entry" if len(names) == 1 else "entries"
            raise NotYet(f"expected {len(names)} {entries}, {listed(names)}; got {len(answer)}.")
        return dict(zip(names, answer, strict=True))
    if len(names) == 1:
        return {names[0]: answer}
    raise NotYet(f"expected {len(names)} answers, {listed(names)}; got one ({type(answer).__name__}).")


def _plain(answer: Any) -> Any:
    """Return an array or a tensor as a number or a list, anything else unchanged."""
    return answer.tolist() if is_array(answer) else answer


def all_parts(answer: Any, names: Sequence[str]) -> dict[Any, Any]:
    """Return the parts of an answer; NotYet unless they are exactly these."""
    parts = parts_from(answer, names)
    if missing := [name for name in names if name not in parts]:
        raise NotYet(f"{are(missing)} missing.")
    if unknown := [shown(name) for name in parts if name not in names]:
        raise NotYet(f"{are(unknown)} not asked for.")
    return parts


def word_from(answer: Any, what: str) -> str:
    """Return the letters of a name in lower case: "leaky ReLU" and "LeakyReLU" are both "leakyrelu"."""
    if not isinstance(answer, str):
        raise NotYet(f"{what}: give its name in quotes, as in 'linear'.")
    return "".join(c for c in answer.lower() if c.isalnum())


def listed(names: Sequence[str]) -> str:
    """Return names as a list in words.

    >>> listed(["w"]), listed(["w", "x", "b"])
    ('w', 'w, x and b')
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def are(names: Sequence[str]) -> str:
    """Return "w is", or "w and b are"."""
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
