"""The rows of the table as functions: `exp(x)`, `dot(ws, xs)`, `softmax(xs)`, on Values and on plain numbers.

Functions of one or two operands are written from the table; those of lists stand here, for a list may be given
in more than one way. Each of them records one node, with all its operands as parents.

>>> exp(0.0), relu(-2.0), hypot(3.0, 4.0), maximum(1.0, 5.0, 3.0)
(1.0, 0.0, 5.0, 5.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from autograd_lite import numerics
from autograd_lite.coerce import as_number, settings_of
from autograd_lite.engine import Value, of_values, record
from autograd_lite.formulas import function_of
from autograd_lite.ops import TABLE, VECTOR_FUNCTIONS, Op

if TYPE_CHECKING:
    from autograd_lite.operations import *  # noqa: F403  (the written functions, for type checkers and editors)


_VALUES_ONLY = {Value}
_kind = attrgetter("__class__")  # of a subclass's Value, too, this is Value


def apply(row: Op, *operands: Any) -> Any:
    """Apply a row: a node if any operand is a Value (a list stands for a starred operand), else a number.

    >>> apply(TABLE["mul"], 2.0, 3.0)
    6.0
    """
    flat: list[Any] = []
    for operand, starred in zip(operands, row.starred, strict=True):
        flat.extend(operand) if starred else flat.append(operand)
    kinds = set(map(_kind, flat))
    if kinds == _VALUES_ONLY and row.nary:
        numbers = [[x._data for x in o] if s else o._data for o, s in zip(operands, row.starred, strict=True)]
        return of_values[row.name](row, tuple(flat), *numbers)
    node = record(row, flat)
    return node if Value in kinds else node._data


def _bound(row: Op, *settings: Any) -> Op:
    """Return the row with these settings; TypeError for one that is no plain number."""
    return row.bind(**dict(zip(row.setting_names, settings_of(row.name, *settings), strict=True)))


def _function(row: Op) -> Callable[..., Any]:
    """Write the function of a row, with its operands and settings as its parameters."""
    settings = list(zip(row.setting_names, row.settings, strict=True))
    signature = ", ".join([*row.operands, *(f"{n}={v!r}" for n, v in settings)])
    bound = f"bound(row, {', '.join(row.setting_names)})" if settings else "row"
    body = f"apply({bound}, {', '.join(row.operands)})"
    if len(row.operands) == 1 and hasattr(Value, row.name):
        body = f"a.{row.name}({', '.join(row.setting_names)}) if a.__class__ is Value else {body}"
    function = function_of(signature, body, {"apply": apply, "bound": _bound, "row": row, "Value": Value})
    function.__name__ = function.__qualname__ = row.name
    function.__module__ = __name__
    function.__doc__ = f"Return {row.formula} as one node; local derivatives: {', '.join(row.partials)}."
    return function


def _numbers_or_values(xs: Iterable[Any], what: str) -> list[Any]:
    """Return the list of operands; an empty one is a ValueError, one that is no list a TypeError."""
    if xs.__class__ is list and xs:  # the common case, without a copy
        return xs
    if isinstance(xs, Value) or not isinstance(xs, Iterable):
        raise TypeError(f"{what} takes a list of Values or numbers, not {type(xs).__name__}: {what}([x1, x2, …])")
    found = list(xs)
    if not found:
        raise ValueError(f"{what} of an empty list: it needs at least one operand")
    return found


def dot(ws: Iterable[Any], xs: Iterable[Any], bias: Any = 0.0) -> Any:
    """Return $w_1 x_1 + … + w_n x_n + b$ as one node: the weighted sum of a neuron.

    >>> dot([2.0, 3.0], [10.0, 1.0], 0.5)
    23.5
    """
    ws = _numbers_or_values(ws, "dot")
    xs = _numbers_or_values(xs, "dot")
    if len(ws) != len(xs):
        raise ValueError(f"dot of {len(ws)} weights with {len(xs)} inputs: the two lists must have one length")
    return apply(TABLE["dot"], ws, xs, bias)


_DOT = TABLE["dot"]
_dot_of_values = of_values["dot"]


def weighted_sum(ws: list[Value], xs: list[Value], numbers: list[float], bias: Value) -> Value:
    """Return what `dot` returns, for checked lists of Values and the numbers of `xs`, which a layer's units share.

    This is where an MLP's step spends its time.
    """
    return _dot_of_values(_DOT, (*ws, *xs, bias), [w._data for w in ws], numbers, bias._data)


def sum(xs: Iterable[Any]) -> Any:
    """Return $x_1 + … + x_n$ as one node, added left to right."""
    return apply(TABLE["sum"], _numbers_or_values(xs, "sum"))


def mean(xs: Iterable[Any]) -> Any:
    """Return $(x_1 + … + x_n) / n$: a sum, then a division."""
    found = _numbers_or_values(xs, "mean")
    return apply(TABLE["div"], sum(found), float(len(found)))


def maximum(*xs: Any) -> Any:
    """Return the largest operand; equal ones share the gradient evenly, and a nan makes nan.

    >>> a = Value(3.0)
    >>> maximum(a, 1.0, a).partials
    (0.5, 0.5)
    """
    return apply(TABLE["maximum"], _numbers_or_values(xs, "maximum"))


def minimum(*xs: Any) -> Any:
    """Return the smallest operand; equal ones share the gradient evenly, and a nan makes nan."""
    return apply(TABLE["minimum"], _numbers_or_values(xs, "minimum"))


def logsumexp(xs: Iterable[Any]) -> Any:
    """Return $log(e^{x_1} + … + e^{x_n})$ as one node, without overflow."""
    return apply(TABLE["logsumexp"], _numbers_or_values(xs, "logsumexp"))


def softmax(xs: Iterable[Any]) -> list[Any]:
    """Return $e^{x_i} / (e^{x_1} + … + e^{x_n})$ for each i, each one node with all operands as parents."""
    found = _numbers_or_values(xs, "softmax")
    return [apply(TABLE["softmax"].bind(i=i), found) for i in range(len(found))]


def log_softmax(xs: Iterable[Any]) -> list[Any]:
    """Return $x_i - log(e^{x_1} + … + e^{x_n})$ for each i, each one node with all operands as parents."""
    found = _numbers_or_values(xs, "log_softmax")
    return [apply(TABLE["log_softmax"].bind(i=i), found) for i in range(len(found))]


def cross_entropy(logits: Iterable[Any], target: Any) -> Any:
    """Return $-log softmax(z)_t$ as one node; its partials are $p_i - 1[i = t]$.

    ValueError for a target that is no class index of these logits.
    """
    found = _numbers_or_values(logits, "cross_entropy")
    number = target._data if target.__class__ is Value else as_number(target)
    if number is None:
        raise TypeError(f"cross_entropy: expected a class index, not {type(target).__name__} ({target!r:.60})")
    if not 0 <= number < len(found) or number != int(number):
        raise ValueError(f"cross_entropy: target {number!r} is no class index; {len(found)} logits have the classes "
                         f"0 to {len(found) - 1}")  # fmt: skip
    return apply(TABLE["cross_entropy"], found, target if target.__class__ is Value else float(target))


# What the text of a row may call, on Values: the functions of the rows, and the vector functions.
VALUES: dict[str, Any] = {**VECTOR_FUNCTIONS, "inf": numerics.inf, "nan": numerics.nan, "total": sum,
                          "softmax": softmax, "abs": abs}  # fmt: skip


def publish(row: Op) -> Callable[..., Any]:
    """Return the function of a row, which the texts of other rows may call on Values from now on."""
    function = _function(row)
    VALUES.setdefault(row.name, function)
    return function


def derivatives_as_values(node: Value) -> list[Any]:
    """Return the local derivative of a node by each of its parents as Values: the partials' text on its operands."""
    row = node.operation
    assert row is not None
    if row.formula is None:
        raise TypeError(f"{row.name!r} was recorded by hand, with numbers for its local derivatives, so they can't be "
                        "differentiated again; add the operation with define_op")  # fmt: skip
    names = ", ".join(("out", *row.operands, *row.setting_names))
    operands = row.group(node.operands)
    found: list[Any] = []
    for text, starred, operand in zip(row.partials, row.starred, operands, strict=True):
        partial = _on_values(names, text)(node, *operands, *row.settings)
        pairs = zip(operand, partial, strict=True) if starred else [(operand, partial)]
        found.extend(d for x, d in pairs if x.__class__ is Value)
    return found


_compiled: dict[tuple[str, str], Callable[..., Any]] = {}


def _on_values(names: str, text: str) -> Callable[..., Any]:
    """Compile the text of a partial for Values: the operators of Value, the functions of this module."""
    key = names, text
    if key not in _compiled:
        _compiled[key] = function_of(names, text, VALUES, raises=True)
    return _compiled[key]


__all__ = ["apply", "cross_entropy", "dot", "log_softmax", "logsumexp", "maximum", "mean", "minimum",
           "softmax"]  # fmt: skip
for _row in TABLE.values():
    if _row.name not in globals():
        globals()[_row.name] = publish(_row)
        __all__.append(_row.name)
