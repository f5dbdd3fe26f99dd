"""The slots of many Values at once, in C: once a kernel is loaded, `sweep.py` leaves its loops to these.

A slot is a pointer that stands at one place in each Value. The place is found by looking: a mark is put into the slot,
and its address searched in the memory of the Value. The loops hold Python's lock and know only what they were shown:
the two types of `engine.py`, floats in the slots. At anything else they stop, and Python does the rest.
"""

from __future__ import annotations

import ctypes
import sys
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from operator import getitem
from struct import calcsize, pack, unpack
from typing import Any

from autograd_lite import sweep
from autograd_lite.engine import Leaf, Value

# What `struct python` in slots.c consists of, besides the places.
_FUNCTIONS = (
    "PyFloat_FromDouble", "Py_IncRef", "Py_DecRef", "PyList_GetItem", "PyTuple_GetItem",
    "PyList_Size", "PyDict_Size", "PyDict_Next", "PyObject_GetAttr", "PyObject_GetItem", "PyErr_Clear",
)  # fmt: skip
_OBJECTS = (list, float, Value, Leaf, True, sweep.UNREACHED)
_SLOTS = ("_data", "_grad", "_db")

_ZERO = array("d", [0.0])
_POINTER = calcsize("P")

Things = Sequence[Any]


class Watched(ctypes.Structure):
    """Objects, and what stands where in them now: the struct of the same name in slots.c."""

    _fields_ = (
        *[(name, ctypes.c_longlong) for name in ("objects", "attributes", "entries", "lists", "dicts")],
        *[(name, ctypes.c_void_p) for name in (
            "object", "type", "owner", "name", "attribute", "mapping", "key", "entry",
            "list", "element", "dict", "content", "length", "size")],
    )  # fmt: skip

    def __init__(self, objects: Things, attributes: tuple[Things, Things], entries: tuple[Things, Things],
                 lists: Things, dicts: Things) -> None:  # fmt: skip
        things = (
            objects, [*map(type, objects)], *attributes, [*map(getattr, *attributes)],
            *entries, [*map(getitem, *entries)], lists, [element for some in lists for element in some],
            dicts, [part for some in dicts for pair in some.items() for part in pair],
        )  # fmt: skip
        columns = [array("q", map(id, some)) for some in things] + [array("q", map(len, x)) for x in (lists, dicts)]
        self.kept = things, columns  # so that no other object gets one of these addresses
        counts = [len(some) for some in (objects, attributes[0], entries[0], lists, dicts)]
        super().__init__(*counts, *map(_address, columns))


class Slots:
    """The loops of a library. Those that write tell how many Values they went through."""

    def __init__(self, handle: int) -> None:
        self._library = library = ctypes.PyDLL("kernel", handle=handle)
        thing, count, number = ctypes.c_void_p, ctypes.c_longlong, ctypes.c_double
        for name in ("read_numbers", "read_gradients", "write_numbers", "add_to_gradients"):
            getattr(library, name).argtypes = [thing, count, thing]
        library.clear_gradients.argtypes = [thing, count]
        library.step_down.argtypes = [thing, count, number, number, thing]
        library.all_finite.argtypes = [thing, count]
        library.all_same.argtypes = [ctypes.POINTER(Watched)]
        addresses = [ctypes.cast(getattr(ctypes.pythonapi, name), thing).value or 0 for name in _FUNCTIONS]
        table = [*addresses, *map(id, _OBJECTS), *_places()]
        library.meet_python((count * len(table))(*table))

    def numbers(self, values: Sequence[Value]) -> array[float] | None:
        """Return the numbers of Values; None where the loop stopped."""
        return _filled(self._library.read_numbers, values)

    def gradients(self, values: Sequence[Value]) -> array[float] | None:
        """Return the gradients of Values; None where the loop stopped, as it does at one that was not computed."""
        return _filled(self._library.read_gradients, values)

    def moved(self, values: Sequence[Value], rate: float, decay: float) -> array[float] | None:
        """Return where gradient descent moves Values; None where the loop stopped."""
        return _filled(self._library.step_down, values, rate, decay)

    def write(self, values: Sequence[Value], numbers: array[float]) -> int:
        """Write numbers, and that they were assigned."""
        return int(self._library.write_numbers(id(values), min(len(values), len(numbers)), _address(numbers)))

    def add(self, values: Sequence[Value], shares: array[float]) -> int:
        """Add to gradients."""
        return int(self._library.add_to_gradients(id(values), min(len(values), len(shares)), _address(shares)))

    def clear(self, values: Sequence[Value]) -> int:
        """Set gradients back to "not computed"."""
        return int(self._library.clear_gradients(id(values), len(values)))

    def are_finite(self, numbers: array[float]) -> bool:
        """Tell whether no number is infinite or nan."""
        return bool(self._library.all_finite(_address(numbers), len(numbers)))

    def watch(self, *watched: Any) -> Callable[[], bool]:
        """Return a function that tells whether the same objects stand in the same places (see `Watched`)."""
        return partial(self._library.all_same, Watched(*watched))


def _address(numbers: array[Any]) -> int:
    return numbers.buffer_info()[0]


def _filled(loop: Callable[..., int], values: Sequence[Value], *given: float) -> array[float] | None:
    found = _ZERO * len(values)
    return found if loop(id(values), len(values), *given, _address(found)) == len(values) else None


def _places() -> list[int]:
    """Return where the type of an object stands in its memory, the number in a float, and in a Value each slot."""
    value, marks = Value(0.0), [object() for _ in _SLOTS]
    for slot, mark in zip(_SLOTS, marks, strict=True):
        setattr(value, slot, mark)
    number = 0.1
    kind, digits = map(_words(number).index, (id(float), unpack("Q", pack("d", number))[0]))
    if _words(value).index(id(Leaf)) != kind:
        raise ValueError("objects have their types in two places")
    return [place * _POINTER for place in (kind, digits, *map(_words(value).index, map(id, marks)))]


def _words(thing: Any) -> Sequence[int]:
    """Return the memory of an object as addresses."""
    size = type(thing).__basicsize__
    return unpack(f"{size // _POINTER}P", ctypes.string_at(id(thing), size))


def lend(handle: int) -> None:
    """Let `sweep.py` use the loops of a library; not where objects may be laid out, or locked, in another way."""
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    if sweep.in_c is None and sys.implementation.name == "cpython" and has_lock and _POINTER == 8:
        with suppress(AttributeError, ValueError):
            sweep.in_c = Slots(handle)
