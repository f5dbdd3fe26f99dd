"""Arguments, checked in one way: a message names the argument, the expected values and the value it got."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from difflib import get_close_matches
from math import inf
from numbers import Real
from operator import index
from random import Random
from typing import Any, SupportsIndex

from autograd_lite.harmless import safe
from autograd_lite.harmless import shown as shown


def plural(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> plural(1, "row"), plural(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}{'s'[: count != 1]}"


def whole(name: str, x: Any, expected: str, least: int = 1) -> int:
    """Return an int of `least` or more (NumPy's too, but not a bool); `expected` describes it in a message."""
    try:
        number = least - 1 if isinstance(x, bool) else index(x)
    except TypeError:
        number = least - 1
    if number < least:
        raise ValueError(f"{name}: expected {expected}, an int of {least} or more, got {x!r}")
    return number


def is_number(x: Any) -> bool:
    """Tell whether something is a real number: True and False are answers, no numbers.

    >>> is_number(1), is_number(True), is_number("1")
    (True, False, False)
    """
    return isinstance(x, Real) and not isinstance(x, bool)


def number(name: str, x: Any, expected: str) -> Any:
    """Return a real number; TypeError if it is none."""
    if not is_number(x):
        raise TypeError(f"{name}: expected {expected}, got {shown(x)}")
    return x


def real(name: str, x: Any, expected: str, positive: bool = False) -> Any:
    """Return a finite real number that is 0 or more, or above 0 if `positive`; TypeError if it is not a number."""
    number(name, x, expected)
    if not 0.0 <= float(x) < inf or (positive and x == 0):
        raise ValueError(f"{name}: expected {expected}, got {x!r}")
    return x


def one_of(name: str, x: Any, known: Iterable[str], otherwise: str = "") -> str:
    """Return one of the known names; `otherwise` describes other arguments that the caller accepts."""
    names = list(known)
    if not isinstance(x, str) or x not in names:
        hint = did_you_mean(x, names, spelled=str) if isinstance(x, str) else ""
        expected = f"{', '.join(names)}{otherwise and f' or {otherwise}'}"
        raise ValueError(f"{name}: expected {expected}, got {x!r}{hint and f'; {hint}'}")
    return x


def read_name(name: Any, known: Collection[str]) -> Any:
    """Return the known name that a text spells with other case, spaces, hyphens or underscores, else what was given.

    >>> read_name("LeakyReLU", ["relu", "leaky_relu"]), read_name("Hinge loss", ["hinge_loss"])
    ('leaky_relu', 'hinge_loss')
    >>> read_name("rleu", ["relu"])
    'rleu'
    """
    if not isinstance(name, str) or name in known:
        return name
    spelled = _letters(name)
    return next((one for one in known if _letters(one) == spelled), name)


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three known names that a misspelt one is near to, the nearest first.

    >>> near_names("Age", ["page", "age"]), near_names("sigma", ["sign", "sigmoid"]), near_names("q", ["x"])
    (['age'], ['sigmoid', 'sign'], [])
    """
    names = list(known)
    same = [one for one in names if _letters(one) == _letters(name)]
    return same or sorted(get_close_matches(name, names, 3, 0.5), key=lambda one: not one.startswith(name[:4]))


def did_you_mean(name: str, known: Iterable[str], most: int = 1, spelled: Callable[[str], str] = repr) -> str:
    """Return a hint at the known names that a misspelt one is near to, empty if there are none.

    >>> did_you_mean("rleu", ["relu", "elu", "exp"], most=2), did_you_mean("q", ["x"])
    ("did you mean 'relu' or 'elu'?", '')
    """
    near = [spelled(safe(one, 40)) for one in near_names(name, known)[:most]]
    return f"did you mean {' or '.join(near)}?" if near else ""


def _letters(name: str) -> str:
    return re.sub("[ _-]", "", name).lower()


def instance(call: str, x: Any, kind: type, hint: str) -> None:
    """Raise a TypeError with a hint unless `x` is an instance of this class."""
    if not isinstance(x, kind):
        raise TypeError(f"{call}: expected a {kind.__name__}, got {type(x).__name__}; {hint}")


def refuse_set(where: str, x: Any) -> None:
    """Raise a TypeError for a set, whose order is by chance: it would pair numbers that do not belong together."""
    if isinstance(x, set | frozenset):
        raise TypeError(f"{where}: expected a list, got {shown(x)}: a set has no order, and numbers would be mixed up")


def seeded(seed: SupportsIndex, expected: str = "an int or None") -> Random:
    """Return a new random generator for a seed, an int.

    >>> seeded(0).random() == Random(0).random()
    True
    """
    if not isinstance(seed, SupportsIndex) or isinstance(seed, bool):
        raise TypeError(f"seed: expected {expected}, got {shown(seed)}")
    return Random(index(seed))
