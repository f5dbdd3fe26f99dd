"""What the current context asks of every operation: `no_grad`, `anomaly`, and the watching of a recording.

A mode belongs to a thread or task (contextvars). The list `modes` holds those open anywhere; while it is empty,
an operation looks no further.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from autograd_lite.graph import topological_order


def number(x: Any) -> float:
    """Return the number of an operand, a Value or a float."""
    return x if x.__class__ is float else x._data


def describe(node: Any) -> str:
    """Return a value's name for a message: its label, else its number."""
    return node.label or f"Value({node._data!r})" if hasattr(node, "label") else repr(node)


@dataclass(slots=True, eq=False)
class Mode:
    """What the current context asks of every operation."""

    recording: bool = True
    anomaly: bool = False
    reading: Callable[[Any], None] | None = None  # called when `.data` is read
    differentiating: Callable[[Any, str], None] | None = None  # called when gradients are wanted as numbers
    comparing: Callable[[Any, Any, str, bool], None] | None = None  # called when a comparison decides
    made: list[Any] | None = None  # every value that is made, in order
    detached: dict[int, Any] = field(default_factory=dict)  # with `made`: id of a leaf cut off -> what it was cut from
    places: dict[int, tuple[Any, str]] = field(default_factory=dict)  # anomaly: the user's line of each node


current: ContextVar[Mode | None] = ContextVar("autograd_lite mode", default=None)
modes: list[Mode] = []  # open in any thread; empty, it saves each operation the look-up of its own thread's mode


@contextmanager
def entered(mode: Mode) -> Iterator[Mode]:
    """Run a block in a mode; threads and tasks beside it keep theirs."""
    outer = current.get()
    try:  # a signal may arrive behind any call: each is made where an interrupt finds the way to what undoes it
        modes.append(mode)
        current.set(mode)
        yield mode
    finally:
        try:
            if outer is None or outer in modes:  # an interrupt may leave a block open until the one around it is left
                current.set(outer)
        finally:
            if mode in modes:
                modes.remove(mode)


def no_grad() -> Any:
    """Record nothing inside the block: results are leaves.

    >>> from autograd_lite import Value
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     print((a * a).parents)
    ()
    """
    return entered(replace(current.get() or Mode(), recording=False))


def anomaly() -> Any:
    """Raise FloatingPointError at the first operation that makes nan or inf from finite operands.

    It names the operation, its operands with their labels, and the line of your program; in `backward()` it
    raises at the first gradient that turns so.
    """
    return entered(replace(current.get() or Mode(), anomaly=True, places={}))


def compared(left: Any, right: Any, how: str, result: bool) -> bool:
    """Return the result of a comparison, after showing it to the mode that asked to see it."""
    if modes:
        mode = current.get()
        if mode is not None and mode.comparing is not None:
            mode.comparing(left, right, how, result)
    return result


def differentiated(value: Any, call: str) -> Mode | None:
    """Return the current mode, after showing it that gradients are wanted as numbers, if it asked to see that."""
    mode = current.get()
    if mode is not None and mode.differentiating is not None:
        mode.differentiating(value, call)
    return mode


def observed(node: Any) -> Any:
    """Return a freshly recorded node as the current mode wants it."""
    mode = current.get()
    if mode is None:
        return node
    if mode.anomaly:
        _refuse_nonfinite(node, mode)
    if mode.made is not None:
        mode.made.append(node)
    if not mode.recording:
        if mode.made is not None:
            twin = mode.detached[id(node)] = _twin(node)
            mode.made.append(twin)
        node._operation = node._a = node._b = node._da = node._db = None
    return node


def _twin(node: Any) -> Any:
    """Return a node recorded like this one."""
    twin = object.__new__(type(node))
    for slot in ("_data", "_grad", "_operation", "_a", "_b", "_da", "_db"):
        setattr(twin, slot, getattr(node, slot))
    return twin


def made(leaf: Any, source: Any = None) -> None:
    """Show a new leaf, or what it was detached from, to the mode that keeps what is made."""
    mode = current.get()
    if mode is not None and mode.made is not None:
        if source is None:
            mode.made.append(leaf)
        else:
            mode.detached[id(leaf)] = source


def _refuse_nonfinite(node: Any, mode: Mode) -> None:
    place = user_line()
    mode.places[id(node)] = node, place
    finite = all(isfinite(number(x)) for x in node.operands)
    if finite and not isfinite(node._data):
        raise FloatingPointError(f"{_call(node)} is {node._data!r}, though its operands are finite{place}"
                                 f"{_hint(node.operation)}")  # fmt: skip
    for parent, partial in zip(node.parents, node.partials, strict=True):
        if finite and not isfinite(partial):
            raise FloatingPointError(f"{_call(node)} has the local derivative {partial!r} by {describe(parent)}, "
                                     f"though its operands are finite{place}{_hint(node.operation)}")  # fmt: skip


def _call(node: Any) -> str:
    """Return an operation with its operands, as in `log(a = -0.2 ('margin'))`."""
    rule = node.operation
    names = [f"operand {i + 1}" for i in range(len(node.operands))] if rule.takes_lists else rule.operands
    labels = [f" ({x.label!r})" if x.__class__ is not float and x.label else "" for x in node.operands]
    shown = [f"{n} = {number(x)!r}{label}" for n, x, label in zip(names, node.operands, labels, strict=True)]
    return f"{rule.name}({', '.join(shown[:6])}{', …' if len(shown) > 6 else ''})"


def _hint(rule: Any) -> str:
    domain = "" if rule.domain == "all reals" else f"; its domain is {rule.domain}"
    return domain + (f"; {rule.hint}" if rule.hint else "")


def user_line() -> str:
    """Return ", at file:line: source" of the innermost frame outside this package, or nothing."""
    here = os.path.dirname(os.path.abspath(__file__)) + os.sep
    frame = sys._getframe()
    while frame is not None:
        filename = frame.f_code.co_filename
        if not filename.startswith(here) and not filename.startswith("<methods of Value"):
            text = linecache.getline(filename, frame.f_lineno).strip()
            return f", at {filename}:{frame.f_lineno}" + (f": {text}" if text else "")
        frame = frame.f_back  # type: ignore[assignment]
    return ""  # pragma: no cover — only a thread that starts in this package has no line of its user's


def checked_gradients(root: Any, mode: Mode, seed: float) -> list[tuple[Any, float]]:
    """Return what `Value.backward` would compute for each node; raise at the first gradient that is not finite."""
    order = topological_order(root)
    grads = {id(node): 0.0 for node in order}
    grads[id(root)] = seed
    for node in reversed(order):
        grad = grads[id(node)]
        for parent, partial in zip(node.parents, node.partials, strict=True):
            grads[id(parent)] += grad * partial
            if isfinite(grad) and isfinite(partial) and not isfinite(grads[id(parent)]):
                place = mode.places.get(id(node), (node, ""))[1]
                raise FloatingPointError(
                    f"backward: the gradient of {describe(parent)} becomes {grads[id(parent)]!r} at {_call(node)}: "
                    f"{grad!r} times the local derivative {partial!r}{place}")  # fmt: skip
    return [(node, grads[id(node)]) for node in order]
