"""The surroundings of a function: all that it may read besides its arguments, found by walking from its code.

From a function the walk goes to the names and the attributes in its code, its closure and its defaults, from an object
to its attributes and its class, from a list to its elements, from a method to the object it belongs to; into the
functions and classes of the user, not into those of installed libraries. An attribute is followed if code that was
reached names it, or if such code reads attributes in ways that can't be seen, as `getattr` does.

Values are where the walk ends: their numbers are read anew at each call.
"""

from __future__ import annotations

import dis
import pickle
import random
import sys
import types
from array import array
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.naming import Role
from autograd_lite.ops import Op
from autograd_lite.replay.snapshot import BYTES_AN_ENTRY, Elements, Snapshot, attribute_of, kinds_of

MOST = 10_000  # entries that are watched at each call, which takes some 0.15 ms; the others at growing distances

_ATOMS = {bool, int, float, complex, str, bytes, type(None), type(...), range, slice, Fraction, Decimal, types.CodeType}
_ATOMS |= {Op, Role}
_LEAF = type(Value(0.0))  # equals Value; followed only if it has attributes of the user's
_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
# Names that read attributes whose names do not stand in the code.
_ANY_ATTRIBUTE = {"getattr", "vars", "dir", "eval", "exec", "__dict__", "attrgetter", "__getattribute__", "asdict",
                  "astuple", "fields", "named_parameters"}  # fmt: skip
_ANY_NAME = {"globals", "eval", "exec"}
_MAKING = ("__init__", "__new__", "__post_init__", "__setattr__")  # run where the class is called, by its name
_SILENT = {*_MAKING, "__init_subclass__", "__del__", "__delattr__", "__reduce__", "__repr__", "__doc__", "__module__",
           "__dict__", "__weakref__", "__slots__", "__annotations__", "__annotations_cache__", "__annotate__",
           "__annotate_func__", "__firstlineno__", "__static_attributes__"}  # fmt: skip
# What is visited where one of these is reached.
_PARTS: dict[type, tuple[str, ...]] = {
    types.MethodType: ("__func__", "__self__"), types.BuiltinFunctionType: ("__self__",),
    types.MethodWrapperType: ("__self__",), staticmethod: ("__func__",), classmethod: ("__func__",),
    property: ("fget",), cached_property: ("func",),
}  # fmt: skip
_PLAIN_BASES = {"builtins", "abc", "typing", "enum", "collections.abc", "_collections_abc"}
_HERE = __name__.partition(".")[0]


class Surroundings:
    """What a function may read besides its arguments, as it was when this was made."""

    def __init__(self, *roots: Any) -> None:
        self.always, self.seldom = Snapshot(), Snapshot()
        self.generators: list[tuple[str, Any]] = []  # of random numbers, each with the way to it
        self._calls, self._looked, self._due = 1, 1, 2  # the call that records is the first
        _Walk(self).run(roots)
        self.always.flatten()
        self.seldom.flatten()

    def changed(self) -> str:
        """Return the name of something that changed, empty if nothing did.

        RuntimeError where it is found late, so that earlier calls may have used what was there before.
        """
        self._calls += 1
        changed = self.always.changed()
        return self._late() if not changed and self.seldom.size and self._calls >= self._due else changed

    def _late(self) -> str:
        first, last = self._looked + 1, self._calls - 1
        changed = self.seldom.changed()
        self._looked, self._due = self._calls, 2 * self._calls
        if changed and first <= last:
            calls = f"call {first}" if first == last else f"calls {first} to {last}"
            raise RuntimeError(
                f"compile: {changed} changed; it is part of {self.seldom.size} entries, too many to be looked at in "
                f"each call, so {calls} since the recording may have used what was there before. Pass it as an argument"
            )
        return changed

    @contextmanager
    def random_numbers_put_back(self) -> Iterator[None]:
        """Leave the generators of random numbers as they were: Python's, NumPy's, and those that were found here."""
        put_back = self._random_states()
        try:
            yield
        finally:
            for _, call in put_back:
                call()

    def random_numbers(self) -> list[tuple[str, bytes]]:
        """Return the state of each of these generators, with its name: another one when a number was drawn."""
        return [(name, pickle.dumps(call.args[-1])) for name, call in self._random_states()]

    def drawn_since(self, before: list[tuple[str, bytes]]) -> str:
        """Return the name of a generator that has another state than `before`; empty if none has."""
        now = self.random_numbers()
        return next((name for (name, state), (_, old) in zip(now, before, strict=False) if state != old), "")

    def _random_states(self) -> list[tuple[str, partial[Any]]]:
        """Return calls, each of which puts a generator back to the state that it has now, with their names."""
        put_back = [("random", partial(random.setstate, random.getstate()))]
        for path, generator in self.generators:
            name = type(generator).__name__ if path == "self" else path  # of a method that is called without it
            if isinstance(generator, random.Random):
                call = partial(generator.setstate, generator.getstate())
            elif hasattr(generator, "set_state"):
                call = partial(generator.set_state, generator.get_state(legacy=False))
            else:
                bits = generator.bit_generator
                call = partial(setattr, bits, "state", bits.state)
            put_back.append((name, call))
        if (numpy := sys.modules.get("numpy.random")) is not None:  # the last: it may be imported at any time
            put_back.append(("numpy.random", partial(numpy.set_state, numpy.get_state(legacy=False))))
        return put_back


class _Owner:
    """Something whose attributes are followed as they turn out to be named: an object, a class, a module."""

    def __init__(self, walk: _Walk, path: str, attributes: Any, kind: str) -> None:
        self.walk, self.path, self.attributes, self.kind, self.late = walk, path, attributes, kind, walk.late
        self.followed: set[str] = set()

    def relevant(self, name: str) -> bool:
        """Tell whether some code that was reached may read this attribute."""
        if self.kind == "library":
            return True
        if self.kind == "class" and name[:2] == "__" and name not in _SILENT:
            return True  # what an operator calls
        return name in self.walk.names or (self.walk.any_attribute and self.kind != "module")


class _Walk:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.names: set[str] = set()  # of attributes, in the code that was reached
        self.any_attribute = False  # whether such code reads attributes by other ways
        self.late = False  # whether the thing visited, or one around it, is too large to be watched at each call
        self.queue: deque[tuple[Any, str, bool]] = deque()
        self.later: deque[tuple[Any, str, bool]] = deque()  # after all that is not late
        self.owners: list[_Owner] = []
        self.classes: set[type] = set()
        self.met: dict[int, Any] = {}  # by id; kept, so that no other object gets this id

    def run(self, roots: Iterable[Any]) -> None:
        """Visit the roots, and all that is reached from them."""
        for root in roots:
            if _is_ours(root):
                self._function(root, root.__name__)
            else:
                self.push(root, getattr(root, "__name__", "self"))
        while self.queue or self.later or self._follow():
            if waiting := self.queue or self.later:
                thing, path, self.late = waiting.popleft()
                if id(thing) not in self.met:
                    self.met[id(thing)] = thing
                    self._visit(thing, path)
        self.met.clear()

    def push(self, thing: Any, path: str) -> None:
        """Have something visited."""
        kind = type(thing)
        if _attributes_of(thing) if kind is Value or kind is _LEAF else kind not in _ATOMS:
            (self.later if self.late else self.queue).append((thing, path, self.late))

    def _follow(self) -> bool:
        """Push the attributes that are known to be read by now; return whether there were any."""
        before = len(self.names), self.any_attribute
        found = False
        for owner in self.owners:
            self.late = owner.late
            for name, thing in [*owner.attributes.items()]:
                if name in owner.followed or not owner.relevant(name):
                    continue
                owner.followed.add(name)
                found = True
                path = f"{owner.path}.{name}"
                if owner.kind == "module":
                    self._snapshot(2).name(path, owner.attributes, name)
                if owner.kind == "class" and _is_ours(thing):
                    self._learn(thing)
                else:
                    self.push(thing, path)
        return found or before != (len(self.names), self.any_attribute)

    def _snapshot(self, size: int) -> Snapshot:
        """Return the snapshot that watches a thing of this size; all that is found in a late one is late, too."""
        self.late = self.late or self.around.always.size + size > MOST
        return self.around.seldom if self.late else self.around.always

    def _own(self, path: str, attributes: Any, kind: str) -> None:
        owner = _Owner(self, path, attributes, kind)
        self.owners.append(owner)
        if kind != "module":
            self._snapshot(len(attributes)).attributes(path, attributes, owner.relevant)

    # --------------------------------------------------------------------------------------- kinds of things

    def _visit(self, thing: Any, path: str) -> None:
        kind = type(thing)
        if kind is property:
            self._learn(thing.fget)
        if kind in _PARTS:
            for name in _PARTS[kind]:
                part = getattr(thing, name)
                if name != "__self__":
                    self.push(part, path)
                elif not isinstance(part, types.ModuleType):
                    self.push(part, path.rpartition(".")[0] or "self")
        elif kind is types.FunctionType:
            if not _is_ours(thing):
                self._function(thing, path)
        elif isinstance(thing, types.ModuleType):
            self._own(thing.__name__, vars(thing), "module")
        elif isinstance(thing, type):
            self._class(thing)
            for part in thing.__mro__:
                for name in _MAKING:
                    self.push(vars(part).get(name), f"{part.__qualname__}.{name}")
        else:
            self._container(thing, path)
            if kind.__module__ != "builtins":
                self._object(thing, path)

    def _container(self, thing: Any, path: str) -> None:
        if isinstance(thing, partial):
            self.push(thing.func, path)
            self.push(thing.args, path)
            self.push(thing.keywords, path)
        elif isinstance(thing, tuple):
            self._elements(thing, path)
        elif isinstance(thing, list | deque | set | frozenset):
            base = next(c for c in (list, deque, set, frozenset) if isinstance(thing, c))
            elements = thing if type(thing) is base else Elements(base.__iter__, thing)
            self._snapshot(len(thing)).elements(path, elements)
            self._elements(elements, path)
        elif isinstance(thing, dict | types.MappingProxyType):
            mapping: Any = next(c for c in (OrderedDict, dict, types.MappingProxyType) if isinstance(thing, c))
            values = thing.values() if type(thing).values is mapping.values else Elements(mapping.values, thing)
            self._snapshot(2 * len(thing)).entries(path, thing, values)
            if not {*map(type, mapping.values(thing)), *map(type, mapping.keys(thing))} <= _ATOMS:
                for key, value in mapping.items(thing):
                    self.push(key, path)
                    self.push(value, f"{path}[{key!r:.60}]")
        elif isinstance(thing, bytearray | array | memoryview) or _is_numpy(thing, "numpy", "ndarray"):
            size = 20 + (thing.nbytes if hasattr(thing, "nbytes") else memoryview(thing).nbytes) // BYTES_AN_ENTRY
            self._snapshot(size).array(path, thing, size)
            if getattr(getattr(thing, "dtype", None), "hasobject", False):
                self.push(tuple(thing.ravel().tolist()), path)
        elif isinstance(thing, ContextVar):
            held = Elements(_held, thing)
            self._snapshot(1).elements(path, held)
            self._elements(held, path)
        elif _draws_numbers(thing):
            self.around.generators.append((path, thing))

    def _elements(self, elements: Any, path: str) -> None:
        if not _ATOMS.issuperset(kinds_of(elements)):
            for i, element in enumerate(elements):
                self.push(element, f"{path}[{i}]")

    def _object(self, thing: Any, path: str) -> None:
        kind = type(thing)
        for part in kind.__mro__:
            if not is_library(part.__module__) and not issubclass(_LEAF, part):
                for name, member in vars(part).items():
                    if type(member) is types.MemberDescriptorType:
                        self._snapshot(2).attribute(f"{path}.{name}", thing, name)
                        self.push(getattr(thing, name, None), f"{path}.{name}")
                    elif _top(type(member).__module__) == _HERE and hasattr(member, "__get__"):  # a compiled method
                        member.__get__(thing, kind)  # the object keeps it from its first use on: before it is watched
        attributes = _attributes_of(thing)
        if attributes is not None:
            if _top(kind.__module__) == _HERE and "__wrapped__" in attributes:  # another compiled function
                return self.push(attributes["__wrapped__"], path)
            library = any(is_library(c.__module__) for c in kind.__mro__ if c.__module__ not in _PLAIN_BASES)
            self._own(path, attributes, "library" if library else "object")
        if not is_library(kind.__module__):
            self._snapshot(2).attribute(path, thing, "__class__")
            if attributes is not None:
                self._snapshot(2).attribute(path, thing, "__dict__")
        self._class(kind)

    def _class(self, kind: type) -> None:
        for part in kind.__mro__:
            if part not in self.classes and not is_library(part.__module__) and not issubclass(_LEAF, part):
                self.classes.add(part)
                self._own(part.__qualname__, vars(part), "class")
        if type(kind) is not type:
            self._class(type(kind))

    def _learn(self, function: Any) -> None:
        """Take up the names of attributes in the code of a function."""
        if type(function) is types.FunctionType:
            names, attributes = _names_in(function.__code__)
            self.names |= attributes
            self.any_attribute = self.any_attribute or not _ANY_ATTRIBUTE.isdisjoint(names | attributes)

    def _function(self, function: types.FunctionType, path: str) -> None:
        """Follow the objects that a function reads; of a library's function, only those of the user's that it holds."""
        code, space = function.__code__, function.__globals__
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self._snapshot(2).attribute(name, cell, "cell_contents")
            self.push(attribute_of(cell, "cell_contents"), name)
        self.push(function.__dict__.get("__wrapped__"), path)
        if is_library(space.get("__name__")):
            return
        self._learn(function)
        names, attributes = _names_in(code)
        for name in names if names.isdisjoint(_ANY_NAME) else {*names, *(attributes & space.keys())}:
            self._snapshot(2).name(name, space, name)
            self.push(space.get(name), name)
        for name in attributes & sys.modules.keys():  # imported inside
            self.push(sys.modules[name], name)
        for name in ("__code__", "__defaults__", "__kwdefaults__"):
            self._snapshot(2).attribute(path, function, name)
        self.push(function.__defaults__, f"{path}.__defaults__")
        self.push(function.__kwdefaults__, f"{path}.__kwdefaults__")
        self._own(path, function.__dict__, "object")


# ----------------------------------------------------------------------------------------------- what things are


@lru_cache(maxsize=4096)
def _names_in(code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """Return the global names that code reads, and the names of attributes, with texts that may be names of some."""
    names: set[str] = set()
    attributes: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opcode in dis.hasname and instruction.opname.startswith(("LOAD_", "IMPORT_")):
            (names if instruction.opname in _GLOBAL else attributes).add(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            inner = _names_in(constant)
            names |= inner[0]
            attributes |= inner[1]
        elif isinstance(constant, str | tuple | frozenset):
            texts = [constant] if isinstance(constant, str) else [x for x in constant if isinstance(x, str)]
            attributes.update(part for text in texts if len(text) < 200 for part in text.split("."))
    return frozenset(names), frozenset(attributes)


def _top(module: str | None) -> str:
    return str(module).partition(".")[0]


@lru_cache(maxsize=4096)
def is_library(module: str | None) -> bool:
    """Tell whether a module belongs to Python or to an installed library other than this package.

    >>> is_library("math"), is_library("__main__"), is_library("autograd_lite.nn")
    (True, False, False)
    """
    top = _top(module)
    file = str(getattr(sys.modules.get(top), "__file__", None))
    installed = "site-packages" in file or "dist-packages" in file
    return top not in (_HERE, "__main__") and (top in sys.stdlib_module_names or installed)


def _is_ours(thing: Any) -> bool:
    """Tell whether something is a function of this package: of its names, only those of attributes count."""
    return type(thing) is types.FunctionType and _top(thing.__globals__.get("__name__", thing.__module__)) == _HERE


def _attributes_of(thing: Any) -> dict[str, Any] | None:
    try:
        found = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def _held(variable: ContextVar[Any]) -> list[Any]:
    try:
        return [variable.get()]
    except LookupError:
        return []


def _draws_numbers(thing: Any) -> bool:
    """Tell whether something is a generator of random numbers whose state can be read, Python's or NumPy's."""
    own = isinstance(thing, random.Random) and not isinstance(thing, random.SystemRandom)
    return own or any(_is_numpy(thing, "numpy.random", kind) for kind in ("Generator", "RandomState"))


def _is_numpy(thing: Any, module: str, kind: str) -> bool:
    """Tell whether something is of a class of NumPy, without importing it."""
    found = sys.modules.get(module)
    return found is not None and isinstance(thing, getattr(found, kind))
