"""A node by the name that a reader gives it: its Value, its label, or what a formula calls it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from autograd_lite.checks import instance, near_names
from autograd_lite.engine import Value
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import safe
from autograd_lite.words import say

__all__ = ["NAMED", "NodesByName", "node_of"]

NAMED = 8  # names that a message lists


class NodesByName:
    """The nodes of a graph by all their names; w₁₂⁽¹⁾ may be typed w12(1).

    >>> a = Value(2.0, label="a")
    >>> known = NodesByName(Names(a * a + a))
    >>> known.find("a") is a, known.find("v1").op
    (True, '*')
    >>> known.find("total")
    Traceback (most recent call last):
    LookupError: the names are a, v1, f
    """

    def __init__(self, names: Names) -> None:
        self.names, self.order = names, names.order
        self.known = {id(node) for node in self.order}
        self.labelled: dict[str, list[Value]] = {}  # by the label as typed, which comes first
        self.called: dict[str, list[Value]] = {}  # by all names of a node
        for node in self.order:
            if node.label:
                self.labelled.setdefault(node.label, []).append(node)
            called = names(node).text, node.label, names.root.text if node is names.view.root else ""
            for name in {_plain(name): None for name in called if name}:
                self.called.setdefault(name, []).append(node)

    def find(self, key: Any) -> Value:
        """Return the node that is meant; LookupError, with the reason, if it is not one."""
        if key.__class__ is Value:
            if id(key) not in self.known:
                raise LookupError(say("lookup.no_path", root=self.names.root.text))
            return key
        if not isinstance(key, str):
            raise LookupError(say("lookup.no_name", kind=type(key).__name__))
        found = self.labelled.get(key) or self.called.get(_plain(key)) or self.called.get(self._spelled(key), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise LookupError(say("lookup.several", count=len(found), names=self.listed(found)))
        near = near_names(_plain(key), self.called)
        listed = self.listed([self.called[name][0] for name in near] or self.order)
        raise LookupError(say("lookup.near" if near else "lookup.names", names=listed))

    def _spelled(self, key: str) -> str:
        """Return the name in a text that says it in another way: ∂f/∂a, or df/da, is a; a_1^{(2)} is a₁⁽²⁾."""
        plain = re.sub("[_^{}]", "", _plain(key))
        above, _, below = plain.partition("/")
        root = {_plain(self.names.root.text), _plain(self.names.view.root.label)}
        for d in "∂d":
            if above.startswith(d) and below.strip().startswith(d) and above[1:].strip() in root:
                return below.strip()[1:].strip()
        return plain

    def listed(self, nodes: Sequence[Value]) -> str:
        """Return the names of some nodes, for a message."""
        names = ", ".join(self.names(node).text for node in nodes[:NAMED])
        return say("lookup.more", names=names, count=len(nodes) - NAMED) if len(nodes) > NAMED else names


def node_of(call: str, key: Any, names: Names, hint: str) -> Value:
    """Return the argument of a call that is a Value, or the node that its name means; others raise, with the hint."""
    if not isinstance(key, str):
        instance(call, key, Value, hint)
        return key  # type: ignore[no-any-return]
    try:
        return NodesByName(names).find(key)
    except LookupError as refused:
        raise ValueError(f"{call} {safe(key, 40)!r}: {refused}") from None


def _plain(name: str) -> str:
    """Return a name as it is typed: w12(1) for w₁₂⁽¹⁾.

    >>> _plain("w₁₂⁽¹⁾"), _plain(" loss ")
    ('w12(1)', 'loss')
    """
    return unicodedata.normalize("NFKC", name).strip()
