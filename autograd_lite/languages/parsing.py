"""Texts of rows as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

_parsing = Lock()


def parsed(text: str, mode: str = "exec") -> Any:
    """Return the syntax tree of a text; one thread at a time, because CPython 3.11 counts the depth of all together."""
    with _parsing:
        return ast.parse(text, mode=mode)


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
