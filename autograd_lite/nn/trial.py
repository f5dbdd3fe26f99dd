"""A trial run of a net: what its own code writes to attributes, lists and dicts is put back after it.

A recording runs a Module of the user's own on Values, once more than its training does. A running mean that it keeps
must see neither the Values nor the additional run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any


@contextmanager
def trial(model: Any) -> Iterator[None]:
    """Run calls of a net within a block, and leave its attributes as they were; those of its Values are not kept."""
    kept = [(space, copy(space)) for space in _spaces(model)] if model.parts_with_switch() else []
    try:
        yield
    finally:
        for space, before in kept:
            _put_back(space, before)


def _spaces(model: Any) -> list[Any]:
    """Return the attributes of a net and its parts, and the containers in them, that calls may write to."""
    holders = model.holders()
    return [*map(vars, model.modules()), *[x for x in holders if isinstance(x, list | dict | set | deque)]]


def _put_back(space: Any, before: Any) -> None:
    if isinstance(space, list):
        space[:] = before
    elif isinstance(space, dict):  # never empty in between: an interrupt loses no parameter
        space.update(before)
        for key in [key for key in space if key not in before]:
            del space[key]
    elif space != before:
        space.clear()
        (space.extend if isinstance(space, deque) else space.update)(before)
