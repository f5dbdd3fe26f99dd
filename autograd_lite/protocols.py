"""Python's protocols for a Value: equality, truth, what floats have, repr and format, copy and pickle."""

from __future__ import annotations

from typing import Any, NoReturn

from autograd_lite.coerce import to_float_or_none
from autograd_lite.modes import current, describe, on_compared, on_refused


class Protocols:
    """Python's protocols, except `< <= > >=`, which `methods.py` writes from a template."""

    __slots__ = ()

    _data: float
    _grad: float
    stands_for_number = False  # as an argument of a compiled function does: then it has an `__eq__` of its own

    def __eq__(self, other: object) -> Any:
        if other.__class__ is self.__class__:  # by identity: two nodes of equal data are two nodes
            return NotImplemented if other.stands_for_number else self is other
        b = to_float_or_none(other)
        return NotImplemented if b is None else on_compared(self, b, "==", self._data == b)

    __hash__ = object.__hash__  # so that a Value can be a key

    def __bool__(self) -> bool:
        return on_compared(self, 0.0, "!=", self._data != 0.0)

    def __float__(self) -> float:
        _refuse("float", self, "ag.exp(v), ag.log(v), … instead of math's functions")

    def __int__(self) -> int:
        _refuse("int", self, "v // 1, which rounds down and is a Value")

    def __floor__(self) -> int:
        _refuse("floor", self, "v // 1, which is a Value")

    def __ceil__(self) -> int:
        _refuse("ceil", self, "-(-v // 1), which is a Value")

    def __trunc__(self) -> int:
        _refuse("trunc", self, "ag.sign(v) * (abs(v) // 1), which is a Value")

    def __round__(self, ndigits: int | None = None) -> float:
        _refuse("round", self, "(v + 0.5) // 1, which is a Value")

    def rint(self) -> float:
        """Refuse `np.round`, which calls this, as `round` is refused."""
        return self.__round__()

    def as_integer_ratio(self) -> tuple[int, int]:
        """Refuse what `statistics` asks of each number."""
        _refuse("as_integer_ratio", self, "ag.mean(vs) instead of statistics.mean(vs)")

    def is_integer(self: Any) -> bool:
        """Tell whether the number is whole; a comparison, as `<` is."""
        return bool(self % 1.0 == 0.0)

    def __divmod__(self: Any, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self: Any, other: Any) -> tuple[Any, Any]:
        return other // self, other % self

    def conjugate(self) -> Any:
        """Return this value: a real number is its own conjugate; `np.var` and `np.std` ask for it."""
        return self

    real, imag = property(conjugate), 0.0

    def __repr__(self: Any) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad + 0.0!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __reduce__(self: Any) -> tuple[Any, ...]:
        made = self.__class__ if type(self).__module__ == "autograd_lite.engine" else type(self)  # a subclass stays one
        own = getattr(self, "__dict__", None)  # attributes that the user added
        return _leaf, (self._data, self.label, self.role, made, self.kind), own or None


def _leaf(data: float, label: str, role: Any, made: Any, kind: str | None) -> Any:
    """Return a leaf: copies and pickles of a Value are leaves. A subclass's own `__init__` is not called."""
    value = made.__new__(made)
    value.__class__.__init__(value, data, label=label, kind=kind)
    if role is not None:
        value.role = role
    return value


def _refuse(name: str, value: Any, instead: str) -> NoReturn:
    """Raise for a call that asks for the number of a value; a recording that watches it says more."""
    call, mode = f"{name}({describe(value)})", current.get()
    if mode is not None and mode.reading is not None:
        plain = ("give the number by name, as in f(x=1.0), or call f.function(…): there it is a float"
                 if value.stands_for_number else "call f.function(…), and use .data there")  # fmt: skip
        mode.reading(value, f"{call} was called", f"Use {instead}; or {plain}")
    raise TypeError(on_refused(f"{call} would silently drop the graph: use .data for the number, or {instead}"))
