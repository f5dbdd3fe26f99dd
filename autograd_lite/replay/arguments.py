"""What a compiled function was called with: the numbers in its arguments, and the shape that they stand in.

A *key* describes the shape: "n" a number, "v" a Value, ("[", …) a list of these, ("(", …) a tuple, ("f", k) a list
of k numbers, (T, …) a named tuple of type T, ("a", shape) an array, ("same", i, …) where each Value stands first,
("=", type, x) something that is part of the shape: no number, or given by name.
Two calls with one key can be answered by one tape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Number
from typing import Any

from autograd_lite.coerce import to_float_or_none
from autograd_lite.engine import Value

Key = Any
_FLOAT = {float}


def flatten(args: Sequence[Any], options: Mapping[str, Any]) -> tuple[list[Any], Key]:
    """Return the leaves of the arguments, floats and Values in order, and the key of their shape.

    >>> flatten([2.0, [1, 2]], {})
    ([2.0, 1.0, 2.0], ('n', ('[', 'n', 'n')))
    """
    leaves: list[Any] = []
    if not options and set(map(type, args)) == _FLOAT:
        return list(args), len(args)
    key = tuple([_key_of(x, leaves) for x in args])
    if options:
        key = (*key, ("**", *((name, _constant(x, f"{name}=")) for name, x in sorted(options.items()))))
    values = [id(x) for x in leaves if x.__class__ is Value]
    if len(set(values)) < len(values):  # one Value given twice: `x == y` inside the function is another answer then
        key = (*key, ("same", *map(values.index, values)))
    return leaves, key


def _key_of(x: Any, leaves: list[Any]) -> Key:
    kind = x.__class__
    if kind is float:
        leaves.append(x)
        return "n"
    if kind is Value:
        leaves.append(x)
        return "v"
    if kind is list or kind is tuple:
        if kind is list and set(map(type, x)) == _FLOAT:
            leaves.extend(x)
            return "f", len(x)
        return "[" if kind is list else "(", *[_key_of(part, leaves) for part in x]
    if issubclass(kind, tuple) and hasattr(kind, "_make"):
        return kind, *[_key_of(part, leaves) for part in x]
    if kind.__name__ == "ndarray" and not x.ndim and x.dtype.kind in "fiu":
        x = x.item()
    if type(x).__module__ == "numpy" and hasattr(x, "ravel") and x.ndim:
        parts = x.ravel().tolist()
        if x.dtype.char == "d":
            leaves.extend(parts)
            return "a", x.shape
        kinds = [_key_of(part, leaves) for part in parts]
        return ("a", x.shape) if set(kinds) == {"n"} else ("a", x.shape, *kinds)
    number = None if kind is bool else to_float_or_none(x)
    if number is None:
        return _constant(x, "")
    leaves.append(number)
    return "n"


def _constant(x: Any, name: str) -> Key:
    """Return the key of an argument that is no number: it is part of the shape, and compared by equality."""
    try:
        hash(x)
    except TypeError:
        raise TypeError(
            f"compile: argument {name}{x!r:.60} is a {type(x).__name__}; expected numbers, Values, or lists, tuples "
            "and arrays of them" + (" as positional arguments" if name else "")
        ) from None
    if isinstance(x, Number):  # 0.0 is not -0.0
        return "=", type(x), x, repr(x)
    return "=", type(x), x


_PLAIN = {str, bytes, type(None), bool}


def objects_in(key: Key) -> list[Any]:
    """Return the objects that a key compares by equality and that may hold more than equality shows."""
    if key.__class__ is not tuple:
        return []
    if key[:1] != ("=",):
        return [x for part in key for x in objects_in(part)]
    return [] if key[1] in _PLAIN or len(key) > 3 else [key[2]]


def rebuild(key: Key, leaves: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of this shape with these leaves in it: the inverse of `flatten`."""
    if isinstance(key, int):
        return list(leaves), {}
    rest = iter(leaves)
    positional = [part for part in key if not (part.__class__ is tuple and part[0] in ("**", "same"))]
    named = [part for part in key if part.__class__ is tuple and part[0] == "**"]
    options = {name: constant[2] for part in named for name, constant in part[1:]}
    return [_built(part, rest) for part in positional], options


def _built(key: Key, leaves: Iterator[Any]) -> Any:
    if key in ("n", "v"):
        return next(leaves)
    kind = key[0]
    if kind == "f":
        return [next(leaves) for _ in range(key[1])]
    if kind == "[":
        return [_built(part, leaves) for part in key[1:]]
    if kind == "(":
        return tuple([_built(part, leaves) for part in key[1:]])
    if kind == "=":
        return key[2]
    if kind.__class__ is not str:
        return kind._make([_built(part, leaves) for part in key[1:]])
    import numpy as np

    shape, kinds = key[1], key[2:]
    array = np.empty(shape, dtype=object)
    for i in range(array.size):
        array.flat[i] = _built(kinds[i], leaves) if kinds else next(leaves)
    return array


def has_values(key: Key) -> bool:
    """Tell whether a Value is among the leaves."""
    return key == "v" or (key.__class__ is tuple and key[:1] != ("=",) and any(map(has_values, key)))
