"""The switch between training and evaluating, `model.training`, which dropout reads, for one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def switched(model: Any, training: bool) -> Iterator[bool]:
    """Have a model train, or evaluate, within a block, and put all of it back after it; yield whether that is a change.

    Nets of the package's own parts, which read no switch, are not looked through.
    """
    parts = [part for part in model.parts_with_switch() if part.training is not training]
    before = [(part, "training" in vars(part)) for part in parts]
    for part in parts:
        object.__setattr__(part, "training", training)
    try:
        yield bool(parts)
    finally:
        for part, own in before:
            if own:
                object.__setattr__(part, "training", not training)
            else:
                object.__delattr__(part, "training")
