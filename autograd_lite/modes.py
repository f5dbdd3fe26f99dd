"""Modes, which change or watch every operation in a `with` block: `no_grad`, `anomaly`, a recording by `compile`.

A mode belongs to a thread or task (contextvars). The list `open_modes` holds those of all threads; while it is empty,
an operation looks no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any


def describe(node: Any) -> str:
    """Return a value's name for a message: its label, else its number."""
    return node.label or f"Value({node._data!r})" if hasattr(node, "label") else repr(node)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A named part of a graph, inside another one or not; each `with` block makes one of its own."""

    name: str
    outer: Group | None = None

    @property
    def path(self) -> tuple[Group, ...]:
        """This part with all those that it lies in, the outermost first."""
        return (*(self.outer.path if self.outer else ()), self)


@dataclass(slots=True, eq=False)
class Mode:
    """The requests of the current context to every operation."""

    recording: bool = True
    anomaly: Any = None  # checks each recorded node and each gradient, see `anomaly.py`
    reading: Callable[..., None] | None = None  # called when `.data` is read, or a call asks for the number
    differentiating: Callable[[Any, str], None] | None = None  # called when gradients are wanted, see `AS_VALUES`
    comparing: Callable[[Any, Any, str, bool], None] | None = None  # called when a comparison decides
    computing: Callable[[Any], None] | None = None  # called with each node that an operation makes
    refused: list[str] | None = None  # what was refused: the function may have caught the error
    made: list[Any] | None = None  # every value that is made, in order
    detached: dict[int, Any] = field(default_factory=dict)  # with `made`: id of a leaf cut off -> what it was cut from
    group: Group | None = None  # the part of a graph to which new nodes belong


AS_VALUES = "grad(…, create_graph=True)"  # the call that gives gradients as Values; all others give numbers

current: ContextVar[Mode | None] = ContextVar("autograd_lite mode", default=None)
open_modes: list[Mode] = []  # open in any thread; while it is empty, no operation looks up its own thread's mode


@contextmanager
def in_mode(mode: Mode) -> Iterator[Mode]:
    """Run a block in a mode; threads and tasks beside it keep theirs."""
    outer = current.get()
    try:  # Ctrl-C may come after any call, so these two stand where `finally` undoes them
        open_modes.append(mode)
        current.set(mode)
        yield mode
    finally:
        try:
            # An interrupt may leave a block open until the one around it is left.
            if outer is None or outer in open_modes:
                current.set(outer)
        finally:
            if mode in open_modes:
                open_modes.remove(mode)


def is_recording() -> bool:
    """Tell whether operations are recorded: not inside `no_grad`."""
    mode = current.get()
    return mode is None or mode.recording


def no_grad() -> Any:
    """Record nothing inside the block: results are leaves. There the gradient of a leaf is a RuntimeError.

    >>> from autograd_lite import Value
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     print((a * a).parents)
    ()
    """
    return in_mode(replace(current.get() or Mode(), recording=False))


def recorded() -> Any:
    """Record inside the block, also within `no_grad`: what it computes is differentiated there."""
    return nullcontext() if is_recording() else in_mode(replace(current.get() or Mode(), recording=True))


def group(name: str) -> Any:
    """Name what is computed in the block as a part of the graph: a panel, or a card, in pictures.

    >>> from autograd_lite import Value
    >>> a = Value(2.0)
    >>> with group("square"):
    ...     b = a * a
    >>> b.group.name
    'square'
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"group: expected a name, a text, got {name!r}")
    outer = current.get() or Mode()
    return in_mode(replace(outer, group=Group(name, outer.group)))


def on_compared(left: Any, right: Any, how: str, result: bool) -> bool:
    """Return the result of a comparison, after showing it to the mode that asked to see it."""
    if open_modes:
        mode = current.get()
        if mode is not None and mode.comparing is not None:
            mode.comparing(left, right, how, result)
    return result


def on_refused(message: str) -> str:
    """Return the message of a refusal, after noting it in the mode that keeps them."""
    mode = current.get()
    if mode is not None and mode.refused is not None:
        mode.refused.append(message)
    return message


def on_differentiated(value: Any, call: str) -> Mode | None:
    """Return the current mode, after showing it that gradients are wanted, if it asked to see that."""
    mode = current.get()
    if call != ".grad" and mode is not None and not mode.recording and value._operation is None:
        raise RuntimeError(f"{call}: {describe(value)} was not recorded: inside no_grad() nothing is, so no gradient "
                           "can be handed on; compute it outside of the block")  # fmt: skip
    if mode is not None and mode.differentiating is not None:
        mode.differentiating(value, call)
    return mode


def on_recorded(node: Any) -> Any:
    """Return a freshly recorded node as the current mode wants it."""
    mode = current.get()
    if mode is None:
        return node
    if mode.anomaly:
        mode.anomaly.check(node)
    if mode.group is not None:
        node._group = mode.group
    if mode.computing is not None:
        mode.computing(node)
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


def on_created(leaf: Any, source: Any = None) -> None:
    """Show a new leaf to the mode that keeps all that is made, with the `source` that it was detached from."""
    mode = current.get()
    if mode is not None and mode.made is not None:
        if source is None:
            mode.made.append(leaf)
        else:
            mode.detached[id(leaf)] = source
