"""All that a function reads besides its arguments, kept as it was, and compared at each call.

The comparison asks whether the same objects stand in the same places, for all things together in a few loops of C.
Python's `==` on lists and dicts is the fastest of them, 3 to 12 ns an entry: it looks at identity first. But 0.0
equals -0.0, and 1 equals True, so entries that are compared by value are looked at once more, by `is`. Only where the
loops find a difference, each thing is looked at by itself: a number bound anew that has the same type and the same
bits is no change, and neither is an attribute that no code reads.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from operator import getitem, is_
from types import MethodType
from typing import Any

from autograd_lite import sweep
from autograd_lite.engine import Value
from autograd_lite.modes import Mode, current, open_modes
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
    """Tell whether an object of this class equals only itself, or an object that no code can tell from it.

    A Value equals a number, too; that comparison is noticed.
    """
    return kind.__eq__ in _BY_IDENTITY or kind is str or kind is Role


def kinds_of(things: Iterable[Any]) -> Iterable[type]:
    """Return the classes of some things, each once; by identity, for a Value's class takes long to hash."""
    return {id(kind): kind for kind in map(type, things)}.values()


def _are_themselves(things: Iterable[Any]) -> bool:
    return all(map(_is_itself, kinds_of(things)))


class _Watched:
    """Something that is watched, with its content when it was looked at last."""

    def __init__(self, path: str, thing: Any, elements: Any = None) -> None:
        self.path, self.thing = path, thing
        self.elements = thing if elements is None else elements
        self.old: Any = self.look()

    def look(self) -> Any:
        """Return its content as it is now."""
        return [*self.elements]

    def difference(self, old: Any, now: Any) -> str:
        """Return the name of something that differs; empty if code can tell no difference."""
        if len(now) != len(old):
            return self.path
        return next((f"{self.path}[{i}]" for i, (a, b) in enumerate(zip(old, now, strict=True)) if not same(a, b)), "")

    def changed(self) -> str:
        """Return the name of something that changed; if nothing did, keep the content of now."""
        now = self.look()
        if not (name := self.difference(self.old, now)):
            self.old = now
        return name


class _Dict(_Watched):
    """The entries of a dict, in their order."""

    def look(self) -> tuple[list[Any], list[Any]]:
        return [*self.thing], [*self.elements]

    def difference(self, old: Any, now: Any) -> str:
        before, after = (dict(zip(*entries, strict=True)) for entries in (old, now))
        for key in {**before, **after}:
            if not same(before.get(key, MISSING), after.get(key, MISSING)):
                return f"{self.path}[{key!r:.60}]"
        return "" if all(map(same, old[0], now[0])) else self.path  # their order, or True in the place of 1


class _Attributes(_Watched):
    """The attributes of an object or a class; those are relevant that some code may read."""

    relevant: Callable[[str], bool]

    def look(self) -> dict[str, Any]:
        return dict(self.thing)

    def difference(self, old: Any, now: Any) -> str:
        for name in {**old, **now}:
            if not same(old.get(name, MISSING), now.get(name, MISSING)) and self.relevant(name):
                return f"{self.path}.{name}"
        return ""


class _One(_Watched):
    """One thing: a name in a module, an attribute, the content of a cell of a closure, the bits of an array."""

    def __init__(self, path: str, thing: Any, name: str, look: Callable[[Any, str], Any]) -> None:
        self.name, self.look_at = name, look
        super().__init__(path, thing)

    def look(self) -> Any:
        return self.look_at(self.thing, self.name)

    def difference(self, old: Any, now: Any) -> str:
        return "" if same(old, now) else self.path


class Snapshot:
    """Things that are watched, with their content when they were looked at last."""

    def __init__(self) -> None:
        self.size = 0  # in entries
        self._names: list[_One] = []
        self._singles: list[_One] = []
        self._equal: list[_Watched] = []  # lists and attributes for which `==` is enough, or nearly so
        self._lists: list[_Watched] = []  # that are compared by identity, entry by entry; and dicts
        self._arrays: list[_One] = []
        self._known: set[tuple[int, str]] = set()
        self._mode = Mode(comparing=self._compared)
        self._differs = False
        self._same: Callable[[], bool] | None = None

    def elements(self, path: str, elements: Any) -> None:
        """Watch the elements of a list or the like."""
        thing = _Watched(path, elements)
        simple = type(elements) is list and _are_themselves(elements)
        (self._equal if simple else self._lists).append(thing)
        self.size += (len(thing.old) // 4 if simple else len(thing.old)) + 2

    def entries(self, path: str, mapping: Any, values: Any) -> None:
        """Watch the entries of a mapping whose values `values` iterates over."""
        thing = _Dict(path, mapping, values)
        self._lists.append(thing)
        self.size += 2 * len(thing.old[1]) + 1
        if not {*map(type, thing.old[0])} <= {str}:
            self.elements(path, Elements(iter, mapping))

    def attributes(self, path: str, mapping: Any, relevant: Callable[[str], bool]) -> None:
        """Watch the attributes of something."""
        thing = _Attributes(path, mapping)
        thing.relevant = relevant
        self._equal.append(thing)
        self.size += len(mapping) + 2

    def attribute(self, path: str, owner: Any, name: str) -> None:
        """Watch one attribute of an object."""
        self._single(self._singles, path, owner, name, attribute_of)

    def name(self, path: str, space: dict[str, Any], name: str) -> None:
        """Watch one name in a module, whether it is there or not."""
        self._single(self._names, path, space, name, _named)

    def _single(self, where: Any, path: str, owner: Any, name: str, look: Callable[[Any, str], Any]) -> None:
        if (id(owner), name) not in self._known:
            self._known.add((id(owner), name))
            where.append(_One(path, owner, name, look))
            self.size += 2

    def array(self, path: str, array: Any, size: int) -> None:
        """Watch an array: its bits, its shape and its type; of an array of objects, which objects they are."""
        self._arrays.append(_One(path, array, "", bits_of))
        self.size += size

    def flatten(self) -> None:
        """Lay out the contents that were kept, for loops in C to compare."""
        # names, and attributes that are compared by value: mapping, name, content
        entries = [(x.thing, x.name, x.old) for x in self._names if x.old is not MISSING]
        for x in self._equal:
            if isinstance(x, _Attributes):
                by_value = [(name, content) for name, content in x.old.items() if not _are_themselves((content,))]
                entries += [(x.thing, name, content) for name, content in by_value if x.relevant(name)]
        absent = [x for x in self._names if x.old is MISSING]
        self._absent = [x.thing for x in absent], [x.name for x in absent]
        self._objects = [x.thing for x in self._singles if x.name == "__class__"]  # many, and `type` is sooner asked
        self._types = [*map(type, self._objects)]
        others = [x for x in self._singles if x.name != "__class__"]
        self._attributes = [x.thing for x in others], [x.name for x in others]
        self._entries = [mapping for mapping, *_ in entries], [name for _, name, _ in entries]
        self._kept = [x.old for x in others] + [content for *_, content in entries]
        dicts = [x for x in self._lists if isinstance(x, _Dict)]
        kept = [x.old[1] if isinstance(x, _Dict) else x.old for x in self._lists]
        self._elements, self._lengths = [x.elements for x in self._lists], [*map(len, kept)]
        self._kept_elements = [*chain.from_iterable(kept)]
        self._ordered, self._order = [x.thing for x in dicts], [*chain.from_iterable([x.old[0] for x in dicts])]
        self._now, self._before = [x.thing for x in self._equal], [x.old for x in self._equal]
        values = [x.old.values() if isinstance(x, _Attributes) else x.old for x in self._equal]
        self._has_values = any(isinstance(x, Value) for some in values for x in some)
        self._bits = [x.old for x in self._arrays]
        self._same = None

    def _holds(self) -> bool:
        """Tell whether the same objects stand in the same places."""
        try:
            return (
                ((self._same is not None and self._same()) or self._same_objects())
                and not any(map(dict.__contains__, *self._absent))
                and (not self._lists or self._same_lists())
                and (not self._arrays or self._bits == [bits_of(x.thing) for x in self._arrays])
            )
        except MemoryError:
            raise
        except Exception:  # an empty cell, an attribute that is gone, a dict that another thread writes to
            return False

    def _same_objects(self) -> bool:
        holds = (
            self._types == [*map(type, self._objects)]
            and all(map(is_, self._kept, chain(map(getattr, *self._attributes), map(getitem, *self._entries))))
            and (self._equal_and_no_number() if self._has_values else self._now == self._before)
        )
        if holds and self._same is None:  # laid out once: what is bound anew and equal in each call is compared here
            self._same = self._in_c()
        return holds

    def _in_c(self) -> Callable[[], bool] | None:
        """Return a function in C that tells whether all objects are those of now; None where there is none."""
        if sweep.in_c is None:
            return None
        lists = [x for x in self._now if type(x) is list]
        mappings = [x for x in self._now if type(x) is not list]
        dicts = [x if type(x) is dict else gc.get_referents(x)[0] for x in mappings]  # of a class, the dict behind it
        inside = {id(x) for x in mappings}  # they are looked through
        entries = [pair for pair in zip(*self._entries, strict=True) if id(pair[0]) not in inside]
        spaces, names = [space for space, _ in entries], [name for _, name in entries]
        return sweep.in_c.watch(self._objects, self._attributes, (spaces, names), lists, dicts)  # type: ignore[no-any-return]

    def _same_lists(self) -> bool:
        return (
            self._lengths == [*map(len, self._elements)]
            and all(map(is_, self._kept_elements, chain.from_iterable(self._elements)))
            and self._order == [*chain.from_iterable(self._ordered)]
        )

    def _equal_and_no_number(self) -> bool:
        """Tell whether things are equal, and no number stands in the place of a Value."""
        outer = current.get()
        try:  # as `in_mode` does, in a fifth of its time
            self._differs = False
            open_modes.append(self._mode)
            current.set(self._mode)
            return self._now == self._before and not self._differs
        finally:
            try:
                current.set(outer)
            finally:
                if self._mode in open_modes:
                    open_modes.remove(self._mode)

    def _compared(self, *_: Any) -> None:
        """Notice that a Value is compared with something that is not the same object."""
        self._differs = True

    def changed(self) -> str:
        """Return the name of something that changed; empty if nothing did, or nothing that can be distinguished."""
        if self._holds():
            return ""
        for thing in (*self._names, *self._singles, *self._equal, *self._lists, *self._arrays):
            if name := thing.changed():
                return name
        self.flatten()
        return ""


def attribute_of(owner: Any, name: str) -> Any:
    """Return an attribute of an object, or MISSING."""
    try:
        return getattr(owner, name)
    except (AttributeError, ValueError):  # a slot that is not set, an empty cell
        return MISSING


def _named(space: dict[str, Any], name: str) -> Any:
    return space.get(name, MISSING)


def bits_of(array: Any, _: str = "") -> tuple[Any, ...]:
    data = array.tobytes() if hasattr(array, "tobytes") else bytes(array)
    return data, getattr(array, "shape", None), getattr(array, "dtype", None)
