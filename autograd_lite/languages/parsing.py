"""Texts of rows as syntax trees."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

_parsing = Lock()


def parsed(text: str, mode: str = "exec") -> Any:
    """Return the syntax tree of a text; one thread at a time, because CPython 3.11 counts the depth of all together."""
    with _parsing:
        return ast.parse(text, mode=mode)


CONSTANTS = {"pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau}


def how_to_write(name: str) -> str:
    """Return the way to write a constant of mathematics, none of which has a name here; empty for any other name.

    >>> how_to_write("pi"), how_to_write("e"), how_to_write("x")
    ('write 3.141592653589793 for pi', 'write exp(x) for e to the power of x, 2.718281828459045 for e alone', '')
    """
    if name == "e":
        return f"write exp(x) for e to the power of x, {math.e} for e alone"
    number = CONSTANTS.get(name.lower())
    return f"write {number} for {name}" if number else ""


def names_in(text: str) -> set[str]:
    """Return all names in a text.

    >>> sorted(names_in("sigmoid(a) * b"))
    ['a', 'b', 'sigmoid']
    """
    return {node.id for node in ast.walk(parsed(text)) if isinstance(node, ast.Name)}


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return an expression with other names in the place of some.

    >>> renamed("exp(a) - a", {"a": "x1"})
    'exp(x1) - x1'
    """
    tree = parsed(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.unparse(tree)


def with_entries(text: str, lists: Iterable[str], index: str) -> str:
    """Return a text with an entry of each list in the place of its name.

    >>> with_entries("a * b + c", ("a", "b"), "j")
    'a[j] * b[j] + c'
    """
    return renamed(text, {name: f"{name}[{index}]" for name in lists})
