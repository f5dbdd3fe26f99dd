"""Values that stand for numbers: what a compiled function is given, and what it computes from that alone.

Outside a run of the function such a one is a float. So it does what a float does, as far as a recording can remember
it: a comparison, an index, rounding.
"""

from __future__ import annotations

from math import inf
from operator import index
from typing import Any

from autograd_lite.coerce import to_float_or_none
from autograd_lite.engine import Leaf, Value
from autograd_lite.modes import describe, on_compared, on_refused

LARGEST = 2.0**53  # from here on, floats do not hold every int


def refusal(message: str) -> TypeError:
    """Return the error to raise; the recording ends with it, even if the function catches it."""
    return TypeError(on_refused(message))


class _Number:
    """A Value that stands for a number: outside a run of the function it is one, and equal to its equals.

    A comparison, or looking it up in a dict or a set, reads its digits, so a recording remembers them: a replay with
    another number goes another way.
    """

    __slots__ = ()
    __module__, _equals = Leaf.__module__, Value

    _data: float
    stands_for_number = True

    def __eq__(self, other: object) -> Any:
        is_value = other.__class__ is Value
        number = other._data if is_value else to_float_or_none(other)  # type: ignore[attr-defined]
        if number is None:
            return NotImplemented
        return on_compared(self, other if is_value else number, "==", self._data == number)

    def __index__(self) -> int:
        if self._data % 1.0 != 0.0:  # so is that of nan and inf
            raise refusal(f"compile: expected a whole number as an index or a count, got {describe(self)}; "
                          "x // 1 rounds down to one")  # fmt: skip
        self._refuse_large()
        on_compared(self, self._data, "==", True)
        return int(self._data)

    def __floor__(self: Any) -> int:
        return index(self // 1.0)

    def __ceil__(self: Any) -> int:
        return -index(-self // 1.0)

    def __trunc__(self: Any) -> int:
        return self.__floor__() if self >= 0.0 else self.__ceil__()  # type: ignore[no-any-return]

    __int__ = __trunc__

    def __round__(self: Any, ndigits: int | None = None) -> Any:
        if ndigits is not None:
            return Value.__round__(self, ndigits)
        below, rest = self.__floor__(), self % 1.0
        return below + (rest > 0.5 or (rest == 0.5 and below % 2 == 1))  # of two that are as near, the even one

    def __hash__(self) -> int:
        self._refuse_large()
        is_number = self._data == self._data
        on_compared(self, self._data if is_number else self, "==", is_number)
        return hash(self._data)

    def _refuse_large(self) -> None:
        if LARGEST <= abs(self._data) < inf:
            raise refusal(f"compile: expected a whole number below 2^53 as an index, a count or a key, got "
                          f"{describe(self)}; floats do not hold all larger ones, so it may be another")  # fmt: skip


class Argument(_Number, Leaf):
    """A number that was given to a compiled function."""

    __slots__ = ()


class Computed(_Number, Value):
    """What was computed from such numbers alone."""

    __slots__ = ()


for _kind in (Argument, Computed):
    _kind.__name__ = _kind.__qualname__ = Value.__name__  # in messages: nothing else tells them apart


def mark_numbers(node: Any) -> None:
    """Make a node one that stands for a number, if all its operands do."""
    a, b = node._a, node._b
    operands = a if a.__class__ is tuple else (a, b)
    if all([x.__class__ is not Value or x.stands_for_number for x in operands]):
        node.__class__ = Computed
