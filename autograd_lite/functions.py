"""The rows of the table as functions: `exp(x)`, `dot(ws, xs)`, `softmax(xs)`, on Values and on plain numbers.

Functions of one or two operands are written from the table. Those of lists are written here, because a list can be
given in more than one way. Each of them records one node, with all its operands as parents.

>>> exp(0.0), relu(-2.0), hypot(3.0, 4.0), maximum(1.0, 5.0, 3.0)
(1.0, 0.0, 5.0, 5.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import compress
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from autograd_lite import numerics
from autograd_lite.coerce import number_of, settings_of, to_float_or_none, to_operand
from autograd_lite.engine import Value, of_values, record
from autograd_lite.formulas import function_of
from autograd_lite.generated import run_text
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
    for operand, is_list in zip(operands, row.is_list, strict=True):
        flat.extend(operand) if is_list else flat.append(operand)
    kinds = set(map(_kind, flat))
    if kinds == _VALUES_ONLY and row.nary:
        numbers = [[x._data for x in o] if s else o._data for o, s in zip(operands, row.is_list, strict=True)]
        return of_values[row.name](row, tuple(flat), *numbers)
    node = record(row, flat)
    return node if Value in kinds else number_of(node)


def _bound(row: Op, *settings: Any) -> Op:
    """Return the row with these settings; TypeError for one that is no plain number."""
    return row.bind(**dict(zip(row.setting_names, settings_of(row.name, *settings), strict=True)))


_TEXT = '''
def {name}({signature}):
    """Return {doc}."""
{checks}    return {result}
'''


def _function(row: Op) -> Callable[..., Any]:
    """Write the function of a row: it checks lists and an index among them, binds settings, and applies the row."""
    names = [word.lstrip("*").partition("=")[0] for word in row.signature.split(", ")]
    given = ", ".join(names[: len(row.operands)])
    lists = [*compress(names, row.is_list)]
    checks = [f"{name} = listed({row.name!r}, {name})" for name in lists]
    if len(lists) > 1:
        checks.append(f"of_one_length({row.name!r}, {', '.join(lists)})")
    if row.takes_lists and row.target:
        index = names[row.operands.index(row.target)]
        checks.append(f"{index} = class_index({row.name!r}, {index}, len({names[0]}))")
    settings = ", ".join(row.setting_names)
    result = f"apply({f'bound(row, {settings})' if settings else 'row'}, {given})"
    if row.each:
        result = f"[apply(row.bind({row.each}=entry), {given}) for entry in range(len({names[0]}))]"
    elif len(row.operands) == 1 and row.name in row.methods:
        result = f"{given}.{row.name}({settings}) if {given}.__class__ is Value else {result}"
    text = _TEXT.format(
        name=row.name, signature=row.signature, checks="".join(f"    {check}\n" for check in checks), result=result,
        doc=row.doc or f"{row.formula} as one node; local derivatives: {', '.join(row.partials)}",
    )  # fmt: skip
    used = {"__name__": __name__, "row": row, **_CALLED}
    return run_text(text, f"<the function {row.name}, written from the table>", used)[row.name]  # type: ignore[no-any-return]


def _listed(name: str, xs: Iterable[Any]) -> list[Any]:
    """Return the list of operands; an empty one is a ValueError, one that is no list a TypeError."""
    if xs.__class__ is list and xs:  # the common case, without a copy
        return xs
    if isinstance(xs, Value) or not isinstance(xs, Iterable):
        raise TypeError(f"{name} takes a list of Values or numbers, not {type(xs).__name__}: "
                        f"{name}([x1, x2, …])")  # fmt: skip
    found = list(xs)
    if not found:
        raise ValueError(f"{name} of an empty list: it needs at least one operand")
    return found


def _check_lengths(name: str, first: list[Any], *others: list[Any]) -> None:
    for other in others:
        if len(first) != len(other):
            raise ValueError(f"{name} of lists of {len(first)} and {len(other)} operands: the lists must have "
                             "one length")  # fmt: skip


def _class_index(name: str, target: Any, count: int) -> Any:
    """Return the index of a class as a number or a Value; ValueError for one that none of the logits has."""
    number = number_of(target) if target.__class__ is Value else to_float_or_none(target)
    if number is None:
        raise TypeError(f"{name}: expected a class index, not {type(target).__name__} ({target!r:.60})")
    if not 0 <= number < count or number != int(number):
        raise ValueError(f"{name}: target {number!r} is no class index; {count} logits have the classes "
                         f"0 to {count - 1}")  # fmt: skip
    return target if target.__class__ is Value else float(target)


_CALLED: dict[str, Any] = {"apply": apply, "bound": _bound, "listed": _listed, "of_one_length": _check_lengths,
                           "class_index": _class_index, "Value": Value}  # fmt: skip

# The names that the text of a row may call, on Values: the functions of lists, and with `publish` the rows.
VALUE_NAMES: dict[str, Any] = {"inf": numerics.inf, "nan": numerics.nan, "abs": abs}
VALUE_NAMES.update({name: found for name, found in VECTOR_FUNCTIONS.items() if name not in TABLE})


def publish(row: Op) -> Callable[..., Any]:
    """Return the function of a row, which the texts of other rows may call on Values from now on."""
    function = _function(row)
    VALUE_NAMES.setdefault(row.name, (lambda xs: function(*xs)) if row.signature.startswith("*") else function)
    return function


__all__ = ["apply", "mean"]
for _row in TABLE.values():
    globals()[_row.name] = publish(_row)
    __all__.append(_row.name)


def defined() -> dict[str, Callable[[Any], Any]]:
    """Return the functions of one operand that `define_op` added, by name."""
    return {name: VALUE_NAMES[name] for name, row in TABLE.items() if name not in __all__ and row.is_list == (False,)}


def mean(xs: Iterable[Any]) -> Any:
    """Return $(x_1 + … + x_n) / n$: a sum, then a division."""
    found = _listed("mean", xs)
    try:
        return sum(found) / float(len(found))
    except TypeError:
        for x in found:
            x.__class__ is Value or to_operand(x, "mean")  # its own name in the message
        raise


_DOT = TABLE["dot"]
_dot_of_values = of_values["dot"]


def weighted_sum(ws: list[Value], xs: list[Value], numbers: list[float], bias: Value) -> Value:
    """Return `dot(ws, xs, bias)` for checked lists of Values and the numbers of `xs`, which a layer's units share.

    This is where an MLP's step spends its time.
    """
    return _dot_of_values(_DOT, (*ws, *xs, bias), [w._data for w in ws], numbers, bias._data)


def derivatives_as_values(node: Value) -> list[Any]:
    """Return the local derivative of a node by each of its parents as Values: the partials' text on its operands."""
    row = node.operation
    assert row is not None
    if row.formula is None:
        raise TypeError(f"{row.name!r} was recorded by hand, with numbers for its local derivatives, so they can't be "
                        "differentiated again; add the operation with define_op")  # fmt: skip
    names = ", ".join(("out", *row.all_names))
    operands = row.group(node.operands)
    found: list[Any] = []
    for text, is_list, operand in zip(row.whole_partials, row.is_list, operands, strict=True):
        partial = _on_values(names, text)(node, *operands, *row.settings)
        pairs = zip(operand, partial, strict=True) if is_list else [(operand, partial)]
        found.extend(d for x, d in pairs if x.__class__ is Value)
    return found


@cache
def _on_values(names: str, text: str) -> Callable[..., Any]:
    """Compile the text of a partial for Values: the operators of Value, the functions of this module."""
    return function_of(names, text, VALUE_NAMES, raises=True)
