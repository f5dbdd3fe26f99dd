"""What a function reads besides its arguments, kept as it was, to be compared with what it is at each call.

The comparison asks whether the same objects stand in the same places, for all things together in a few loops of C.
Python's `==` on lists and dicts is the fastest of them, 3 to 12 ns an entry, for it looks at identity first; but 0.0
equals -0.0, and 1 equals True, so entries that are compared by value are looked at once more, by `is`. Only where the
loops find a difference, each thing is looked at by itself: a number bound anew that has the same type and the same
bits is no change, and neither is an attribute that no code reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from operator import getitem, is_
from types import MethodType
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.modes import Mode, current, modes
from autograd_lite.naming import Role
from autograd_lite.replay.consistency import same_bits

MISSING: Any = object()  # stands for a name, an attribute or an entry that is not there
BYTES_AN_ENTRY = 128  # of an array: they are compared in the time of one entry of a list
_COMPARED_BY_VALUE = (bool, int, str, bytes, type(None))


def same(a: Any, b: Any) -> bool:
    """Tell whether two things are one, or equal numbers, texts or tuples of them that no code can tell apart.

    >>> same(0.5, 1.0 / 2.0), same(0.0, -0.0), same(1, True), same((1, 2.0), (1, 2.0))
    (True, False, False, True)
    """
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b):
        return False
    if kind is float:
        return same_bits(a, b)
    if kind is tuple:
        return len(a) == len(b) and all(map(same, a, b))
    if kind is MethodType:
        return a.__func__ is b.__func__ and a.__self__ is b.__self__
    return kind in _COMPARED_BY_VALUE and bool(a == b)


class Elements:
    """The elements of a container whose class may iterate in a way of its own."""

    def __init__(self, iterate: Callable[[Any], Any], thing: Any) -> None:
        self.iterate, self.thing = iterate, thing

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterate(self.thing))

    def __len__(self) -> int:
        return len([*iter(self)])


_BY_IDENTITY: tuple[Any, ...] = (object.__eq__, Value.__eq__)


@lru_cache(maxsize=1024)
def _is_itself(kind: Any) -> bool:
    """Tell whether an object of this class equals nothing but itself, or what no code can tell from it.

    A Value equals a number, too; that comparison is noticed.
    """
    return kind.__eq__ in _BY_IDENTITY or kind is str or kind is Role


def _are_themselves(things: Iterable[Any]) -> bool:
    return all(map(_is_itself, {*map(type, things)}))


class _List:
    """The elements of a list, a set, a deque."""

    def __init__(self, path: str, elements: Any) -> None:
        self.path, self.elements = path, elements
        self.old = [*elements]

    def changed(self) -> str:
        """Return the name of what changed; if nothing did, keep what it is now."""
        now = [*self.elements]
        if len(now) != len(self.old):
            return self.path
        for i, (a, b) in enumerate(zip(self.old, now, strict=True)):
            if not same(a, b):
                return f"{self.path}[{i}]"
        self.old = now
        return ""


class _Dict:
    """The entries of a dict, in their order."""

    def __init__(self, path: str, mapping: Mapping[Any, Any], values: Any) -> None:
        self.path, self.mapping, self.elements = path, mapping, values
        self.keys, self.old = [*mapping], [*values]

    def changed(self) -> str:
        """Return the name of what changed; if nothing did, keep what it is now."""
        keys, values = [*self.mapping], [*self.elements]
        before, after = dict(zip(self.keys, self.old, strict=True)), dict(zip(keys, values, strict=True))
        for key in {**before, **after}:
            if not same(before.get(key, MISSING), after.get(key, MISSING)):
                return f"{self.path}[{key!r:.60}]"
        if not all(map(same, self.keys, keys)):  # their order, or True in the place of 1
            return self.path
        self.keys, self.old = keys, values
        return ""


class _Attributes:
    """The attributes of an object or a class; those are relevant that some code may read."""

    def __init__(self, path: str, mapping: Mapping[str, Any], relevant: Callable[[str], bool]) -> None:
        self.path, self.mapping, self.relevant = path, mapping, relevant
        self.old = dict(mapping)

    def changed(self) -> str:
        """Return the name of what changed; if nothing did, keep what it is now."""
        now = dict(self.mapping)
        for name in {**self.old, **now}:
            if not same(self.old.get(name, MISSING), now.get(name, MISSING)) and self.relevant(name):
                return f"{self.path}.{name}"
        self.old = now
        return ""


class _Single:
    """One name in a module, or one attribute: a slot, what a cell of a closure holds, the class of an object."""

    def __init__(self, path: str, owner: Any, name: str, look: Callable[[Any, str], Any]) -> None:
        self.path, self.owner, self.name, self.look = path, owner, name, look
        self.old = look(owner, name)

    def changed(self) -> str:
        """Return the name of what changed; if nothing did, keep what it is now."""
        now = self.look(self.owner, self.name)
        if not same(self.old, now):
            return self.path
        self.old = now
        return ""


class _Array:
    """The bits of an array, its shape and its type; of an array of objects, which objects they are."""

    def __init__(self, path: str, array: Any) -> None:
        self.path, self.array = path, array
        self.old = _bits(array)

    def changed(self) -> str:
        """Return the name of the array if it changed."""
        return "" if _bits(self.array) == self.old else self.path


class Snapshot:
    """Things with what they held when they were looked at last."""

    def __init__(self) -> None:
        self.size = 0  # in entries
        self._lists: list[_List | _Dict] = []  # that are compared by identity, entry by entry
        self._equal: list[_List | _Attributes] = []  # for which `==` is enough, or nearly so
        self._singles: list[_Single] = []
        self._names: list[_Single] = []
        self._arrays: list[_Array] = []
        self._known: set[tuple[int, str]] = set()
        self._mode = Mode(comparing=self._compared)
        self._differs = False

    def elements(self, path: str, elements: Any) -> None:
        """Watch the elements of a list or the like."""
        thing = _List(path, elements)
        simple = type(elements) is list and _are_themselves(elements)
        (self._equal if simple else self._lists).append(thing)
        self.size += (len(thing.old) // 4 if simple else len(thing.old)) + 2

    def entries(self, path: str, mapping: Any, values: Any) -> None:
        """Watch the entries of a mapping whose values `values` iterates over."""
        thing = _Dict(path, mapping, values)
        self._lists.append(thing)
        self.size += 2 * len(thing.old) + 1
        if not {*map(type, thing.keys)} <= {str}:
            self.elements(path, Elements(iter, mapping))

    def attributes(self, path: str, mapping: Any, relevant: Callable[[str], bool]) -> None:
        """Watch the attributes of something."""
        self._equal.append(_Attributes(path, mapping, relevant))
        self.size += len(mapping) + 2

    def attribute(self, path: str, owner: Any, name: str) -> None:
        """Watch one attribute of an object."""
        self._single(self._singles, path, owner, name, _attribute)

    def name(self, path: str, space: dict[str, Any], name: str) -> None:
        """Watch one name in a module, whether it is there or not."""
        self._single(self._names, path, space, name, _named)

    def _single(self, where: Any, path: str, owner: Any, name: str, look: Callable[[Any, str], Any]) -> None:
        if (id(owner), name) not in self._known:
            self._known.add((id(owner), name))
            where.append(_Single(path, owner, name, look))
            self.size += 2

    def array(self, path: str, array: Any, size: int) -> None:
        """Watch an array."""
        self._arrays.append(_Array(path, array))
        self.size += size

    def flatten(self) -> None:
        """Lay out what was kept for the comparison by loops in C."""
        entries: list[tuple[Any, Any, Any]] = []  # mapping, key, value: of names, and of attributes compared by value
        entries += [(s.owner, s.name, s.old) for s in self._names if s.old is not MISSING]
        for thing in self._equal:
            if isinstance(thing, _Attributes):
                by_value = [(name, x) for name, x in thing.old.items() if not _are_themselves((x,))]
                entries += [(thing.mapping, name, x) for name, x in by_value if thing.relevant(name)]
        self._mappings, self._keys = [mapping for mapping, _, _ in entries], [key for _, key, _ in entries]
        self._owners, self._attribute = [s.owner for s in self._singles], [s.name for s in self._singles]
        self._kept = [s.old for s in self._singles] + [value for _, _, value in entries]
        absent = [s for s in self._names if s.old is MISSING]
        self._absent = [s.owner for s in absent], [s.name for s in absent]
        self._elements = [thing.elements for thing in self._lists]
        self._kept_elements = [*chain.from_iterable([thing.old for thing in self._lists])]
        self._lengths = [len(thing.old) for thing in self._lists]
        self._ordered = [thing.mapping for thing in self._lists if isinstance(thing, _Dict)]
        self._order = [key for thing in self._lists if isinstance(thing, _Dict) for key in thing.keys]
        self._now = [x.elements if isinstance(x, _List) else x.mapping for x in self._equal]
        self._before = [x.old for x in self._equal]
        values = [x.old if isinstance(x, _List) else x.old.values() for x in self._equal]
        self._has_values = any(isinstance(x, Value) for some in values for x in some)
        self._bits = [array.old for array in self._arrays]

    def _holds(self) -> bool:
        """Tell whether the same objects stand in the same places."""
        try:
            return (
                all(map(is_, self._kept, chain(map(getattr, self._owners, self._attribute),
                                               map(getitem, self._mappings, self._keys))))
                and not any(map(dict.__contains__, *self._absent))
                and (not self._lists or self._same_lists())
                and (self._equal_and_no_number() if self._has_values else self._now == self._before)
                and (not self._arrays or self._bits == [_bits(array.array) for array in self._arrays])
            )  # fmt: skip
        except Exception:  # an empty cell, an attribute that is gone, a dict that another thread writes to
            return False

    def _same_lists(self) -> bool:
        return (
            self._lengths == [*map(len, self._elements)]
            and all(map(is_, self._kept_elements, chain.from_iterable(self._elements)))
            and self._order == [*chain.from_iterable(self._ordered)]
        )

    def _equal_and_no_number(self) -> bool:
        """Tell whether things are equal, and no number stands in the place of a Value."""
        outer = current.get()
        try:  # as `modes.entered` does, in a fifth of its time
            self._differs = False
            modes.append(self._mode)
            current.set(self._mode)
            return self._now == self._before and not self._differs
        finally:
            try:
                current.set(outer)
            finally:
                if self._mode in modes:
                    modes.remove(self._mode)

    def _compared(self, *_: Any) -> None:
        """Notice that a Value is compared with something that is not the same object."""
        self._differs = True

    def changed(self) -> str:
        """Return the name of something that changed; empty if nothing did, or nothing that can be told apart."""
        if self._holds():
            return ""
        for thing in (*self._names, *self._singles, *self._equal, *self._lists, *self._arrays):
            if name := thing.changed():
                return name
        self.flatten()
        return ""


def _attribute(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except (AttributeError, ValueError):  # a slot that is not set, an empty cell
        return MISSING


def _named(space: dict[str, Any], name: str) -> Any:
    return space.get(name, MISSING)


def _bits(array: Any) -> tuple[Any, ...]:
    data = array.tobytes() if hasattr(array, "tobytes") else bytes(array)
    return data, getattr(array, "shape", None), getattr(array, "dtype", None)
