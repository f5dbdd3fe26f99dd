"""What Python itself asks of a Value: is it equal, is it true, what is it as a float, how is it shown and copied."""

from __future__ import annotations

from typing import Any

from autograd_lite.coerce import as_number
from autograd_lite.modes import compared, describe


class Protocols:
    """Python's protocols; `< <= > >=` are written from a template in `methods.py`."""

    __slots__ = ()

    _data: float
    _grad: float

    def __eq__(self, other: object) -> Any:
        if other.__class__ is self.__class__:  # graphs are walked by identity: two nodes of equal data stay two
            return self is other
        b = as_number(other)
        return NotImplemented if b is None else compared(self, b, "==", self._data == b)

    __hash__ = object.__hash__  # so a Value can be a key

    def __bool__(self) -> bool:
        return compared(self, 0.0, "!=", self._data != 0.0)

    def __float__(self) -> float:
        raise TypeError(_refusal("float", self))

    def __int__(self) -> int:
        raise TypeError(_refusal("int", self))

    def __round__(self, ndigits: int | None = None) -> float:
        raise TypeError(_refusal("round", self))

    def __repr__(self: Any) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad + 0.0!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __reduce__(self: Any) -> tuple[Any, ...]:
        made = self.__class__ if type(self).__module__ == "autograd_lite.engine" else type(self)  # a subclass stays one
        own = getattr(self, "__dict__", None)  # attributes of the user's
        return _leaf, (self._data, self.label, self.role, made, self.kind), own or None


def _leaf(data: float, label: str, role: Any, made: Any, kind: str | None) -> Any:
    """Return a leaf: what a copy or a pickle of a Value is. A subclass's own `__init__` is not called."""
    value = made.__new__(made)
    value.__class__.__init__(value, data, label=label, kind=kind)
    if role is not None:
        value.role = role
    return value


def _refusal(name: str, value: Any) -> str:
    return (f"{name}({describe(value)}) would drop the graph in silence: use .data for the number, "
            "or ag.exp(v), ag.log(v), … instead of math's functions")  # fmt: skip
