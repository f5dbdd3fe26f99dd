"""Names from closed lists, read as they are printed: "ReLU" is relu, "Adam" is adam, "cross entropy" cross_entropy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["read_name"]


def read_name(name: Any, known: Iterable[str]) -> Any:
    """Return the known name that a text spells in its own way, else what was given.

    Letter case, spaces, hyphens and underscores make no difference.

    >>> read_name("LeakyReLU", ["relu", "leaky_relu"]), read_name("Hinge loss", ["hinge_loss"])
    ('leaky_relu', 'hinge_loss')
    >>> read_name("rleu", ["relu"])
    'rleu'
    """
    if not isinstance(name, str):
        return name
    spelled = _letters(name)
    return next((one for one in known if _letters(one) == spelled), name)


def _letters(name: str) -> str:
    return name.translate(_WITHOUT).lower()


_WITHOUT = str.maketrans("", "", " -_")
