"""Parameters among other Values: marked as such for pictures, and named in messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.naming import kept_apart
from autograd_lite.notation.names import is_chain, role_name


def mark_parameters(items: Iterable[Any]) -> None:
    """Make the leaves among the items parameters, unless they were given another kind (see `Value.kind`)."""
    for item in items:
        if isinstance(item, Value) and item.kind is None and item.operation is None:
            item.kind = "parameter"


def parameter_name(parameters: Sequence[Value], i: int) -> str:
    """Return the name of a parameter for a message: its position, and its label or its name in the course's notation.

    >>> parameter_name([Value(2.0), Value(1.0, label="slope")], 1), parameter_name([Value(1.0)], 0)
    ("parameter 2 'slope'", 'parameter 1')
    """
    label, role = parameters[i].label, parameters[i].role
    if label or role is None:
        return f"parameter {i + 1}" + (f" {label!r}" if label else "")
    roles = kept_apart({j: p.role for j, p in enumerate(parameters) if p.role is not None})
    return f"parameter {i + 1}, {role_name(roles[i], is_chain({*roles.values()})).text}"
