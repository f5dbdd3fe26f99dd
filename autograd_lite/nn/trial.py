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
    """Run calls of a net within a block, and leave its attributes and containers as they were.

    A net of the package's own parts, which write nothing, is not looked through.
    """
    holders = model.holders() if model.parts_with_switch() else []
    spaces = [vars(x) if hasattr(x, "holders") else x for x in holders]
    kept = [(space, copy(space)) for space in spaces if isinstance(space, list | dict | set | deque)]
    try:
        yield
    finally:
        for space, before in kept:
            _put_back(space, before)


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
