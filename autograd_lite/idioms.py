"""The names of micrograd, of the lectures on it and of microgpt, for programs that were written for them.

Such a program makes an operation of its own in one of three ways:

    out = Value(t, (x,), "exp")                      # an operation of the table: its row gives the local derivatives
    out = Value(t, (x,), "mine", partials=(d,))      # or microgpt's Value(t, (x,), (d,))
    out = Value(t, (x,), "mine")                     # with a closure, as in the lecture:
    def _backward(): x.grad += d * out.grad
    out._backward = _backward

A closure adds local derivatives times `out.grad`. So it is run once, with `out.grad` 1 and the operands' gradients 0:
afterwards these are the local derivatives, and `backward`, pictures and explanations read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import compress
from math import isclose
from typing import Any

from autograd_lite.coerce import number_of, to_float
from autograd_lite.modes import describe, is_recording
from autograd_lite.ops import BY_SPELLING, TABLE, Op
from autograd_lite.row import Opaque

BY_HAND = "given by hand"  # the derivative rule of a node that no row made


class SubclassesAreValues(type):
    """The class of Value: of a subclass's values, too, `x.__class__ is Value`, which each operation asks.

    `type(x)` and `isinstance` still give the subclass, and the engine needs no second, slower check.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        family = [part for base in bases for part in base.__mro__ if isinstance(part, SubclassesAreValues)]
        if family:
            namespace.setdefault("__class__", family[-1])  # Value, the first of them
        return super().__new__(cls, name, bases, namespace, **options)

    def __eq__(cls, other: object) -> bool:
        return _meant(cls) is (_meant(other) if isinstance(other, type) else other)

    def __hash__(cls) -> int:
        return type.__hash__(_meant(cls))


def _meant(kind: type) -> type:
    """Return the class that this one equals: an internal class of leaves equals Value."""
    meant: type = vars(kind).get("_equals", kind)
    return meant


class Idioms:
    """The names that micrograd and microgpt give a Value: `_prev`, `_op`, `_backward`, `_children`, `_local_grads`."""

    __slots__ = ()

    @property
    def _prev(self: Any) -> tuple[Any, ...]:
        """The operands in order; a number becomes a leaf, a new one at each reading."""
        return tuple([self.__class__(x) if x.__class__ is float else x for x in self.operands])

    _children = _prev

    @property
    def _local_grads(self: Any) -> tuple[float, ...]:
        """The local derivative by each of `_children`, numbers included."""
        by_values = iter(self.partials)
        known = None if has_no_formula(self) else _by_row(self._operation, self._data, self.operands)
        by_all = known if isinstance(known, list) else [0.0] * len(self.operands)
        return tuple([d if x.__class__ is float else next(by_values) for x, d in zip(self.operands, by_all)])  # noqa: B905

    @property
    def _op(self: Any) -> str:
        """The operation in micrograd's words: `ReLU`, and `**3` for a power with a number as its exponent."""
        row = self._operation
        if row is None:
            return ""
        if row.micrograd and ("{" not in row.micrograd or self.operands[-1].__class__ is float):
            return str(row.micrograd.format(*self.operands).removesuffix(".0"))
        return str(row.spelling)

    @property
    def _backward(self) -> Callable[[], None]:
        """A function that hands this node's gradient on to its parents: one step of the chain rule."""
        return self._hand_on

    @_backward.setter
    def _backward(self: Any, closure: Callable[[], Any]) -> None:
        if is_recording():
            _read_off(self, closure)

    def _hand_on(self: Any) -> None:
        for parent, partial in zip(self.parents, self.partials, strict=True):
            parent._grad += self._grad * partial


class Unknown:
    """Local derivatives that are not known yet: to use them is an error."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __iter__(self) -> Iterator[float]:
        raise ValueError(self.message)

    __len__ = __iter__


def by_hand(node: Any, children: Any, op: Any, partials: Sequence[float] | None) -> None:
    """Make a leaf the result of an operation that its maker computed: `Value(data, children, op)`."""
    if not isinstance(children, Iterable):
        raise TypeError(f"Value(…, _children): expected a tuple of operands, as (a, b), not {children!r:.60}")
    if op.__class__ is tuple or op.__class__ is list:  # microgpt's third argument
        op, partials = "", op
    if not isinstance(op, str):
        raise TypeError(
            f"Value(…, _op): expected the name of an operation, or a tuple of its local derivatives, not {op!r:.60}"
        )
    operands = tuple([x if isinstance(x, Idioms) else to_float(x, op) for x in children])
    name, _, exponent = op.partition("**")  # micrograd writes the exponent into the name: "**3"
    if not name and exponent:
        op, operands = "**", (*operands, to_float(float(exponent), op))
    if not is_recording():
        return
    given: list[float] | None = None
    if partials is not None:
        given = [to_float(d, op) for d in partials]
        values = [x.__class__ is not float for x in operands]
        if len(given) == len(operands):
            given = [*compress(given, values)]
        if len(given) != sum(values):
            raise ValueError(f"Value(…, _op={op!r}): {sum(values)} operands that are Values, but {len(given)} "
                             "partials; give one local derivative for each")  # fmt: skip
    _settle(node, operands, op, given)


def _settle(node: Any, operands: tuple[Any, ...], op: str, given: Sequence[float] | None) -> None:
    """Give a node its operands, its row, and its partials: those given, else those of the row, else unknown ones."""
    values = [x.__class__ is not float for x in operands]
    row: Any = BY_SPELLING.get(op) or TABLE.get(op) or TABLE.get(op.lower())
    known = _by_row(row, node._data, operands)
    by_row = [*compress(known, values)] if isinstance(known, list) else None
    partials: Any = by_row if given is None else given
    if by_row is None or not all(map(_close, partials, by_row)):
        if partials is None:
            partials = Unknown(
                f"Value(…, _op={op!r}): {known}, so its local derivatives are unknown; give "
                "partials=(…), one for each operand, or set its _backward, or add the operation with define_op"
            )
        row = _opaque(op or "by hand", "" if row is None else row.symbol)
    node._operation = row
    node._a = operands
    node._b = tuple(compress(operands, values))
    node._da = partials if partials.__class__ is Unknown else tuple(partials)
    node._db = None


@cache
def _opaque(name: str, symbol: str) -> Opaque:
    """Return the row of an operation that has no formula."""
    return Opaque(name, BY_HAND, symbol)


def has_no_formula(node: Any) -> bool:
    """Tell whether no row gives the local derivatives of a node: it was made by hand, or by a compiled call.

    >>> from autograd_lite import Value
    >>> x = Value(3.0)
    >>> has_no_formula(x * x), has_no_formula(Value(9.0, (x, x), "*", partials=(6.0, 0.0)))
    (False, True)
    """
    return node._operation is not None and node._operation.formula is None


def recorded_by_hand(node: Any) -> bool:
    """Tell whether `Value(data, children, op)` made a node of one or two operands: it holds them in a tuple."""
    return node._a.__class__ is tuple and node._operation is not None and not node._operation.nary


def _by_row(row: Op | None, out: float, operands: Sequence[Any]) -> list[float] | str:
    """Return a row's partial by each operand; or why it has none: it takes other operands, or gives another result."""
    if row is None:
        return "no operation of that name is in the table"
    numbers = [number_of(x) for x in operands]
    try:
        result, partials = row.evaluate(numbers)
    except ValueError as error:  # another number of operands, or lists of different lengths
        return str(error)
    if _close(out, result):
        return partials
    return f"{row.name} of {', '.join(map(repr, numbers[:4]))}{', …' if numbers[4:] else ''} is {result!r}, not {out!r}"


def _close(given: float, exact: float) -> bool:
    """Tell whether two numbers are equal, up to the rounding of a textbook's formula."""
    return (given != given and exact != exact) or isclose(given, exact, rel_tol=1e-9, abs_tol=1e-12)


# ------------------------------------------------------------------------------------------- closures


def _read_off(node: Any, closure: Callable[[], Any]) -> None:
    """Run a closure with 1 in the node's gradient and 0 in all others that it sees, and keep the sums that it adds.

    The gradients are put back as they were, whatever happens.
    """
    if not callable(closure):
        raise TypeError(f"{describe(node)}._backward: expected a function without arguments, not {closure!r:.60}")
    parents = {id(x): x for x in node.parents}
    seen = {**{id(x): x for x in _values_seen_by(closure)}, **parents, id(node): node}
    before = [x._grad for x in seen.values()]
    try:
        for x in seen.values():
            x._grad = 0.0
        node._grad = 1.0
        closure()
        found = {key: x._grad for key, x in seen.items()}
    finally:
        for x, grad in zip(seen.values(), before, strict=True):
            x._grad = grad
    for key, x in seen.items():
        if key not in parents and key != id(node) and found[key] != 0.0:
            raise ValueError(f"{describe(node)}._backward adds to the gradient of {describe(x)}, which is not among "
                             "its operands; name them all: Value(data, (a, b), 'name')")  # fmt: skip
    if parents:
        _settle(node, node.operands, node._operation.spelling, _shared_out(node, found))


def _shared_out(node: Any, found: dict[int, float]) -> list[float]:
    """Return a partial for each parent in order; of one that is there twice, the first has all if no row gives them."""
    row = node._operation
    known = None if has_no_formula(node) else _by_row(row, node._data, node.operands)
    if isinstance(known, list):
        by_row = [*compress(known, [x.__class__ is not float for x in node.operands])]
        totals = dict.fromkeys(found, 0.0)
        for parent, d in zip(node.parents, by_row, strict=True):
            totals[id(parent)] += d
        if all(_close(found[id(parent)], totals[id(parent)]) for parent in node.parents):
            return by_row
    rest = dict(found)
    shares = []
    for parent in node.parents:
        shares.append(rest[id(parent)])
        rest[id(parent)] = 0.0
    return shares


def _values_seen_by(closure: Any) -> list[Any]:
    """Return the Values that a function holds in its variables, defaults and object, and in lists of them there."""
    held = [getattr(closure, "__self__", None), *(getattr(closure, "__defaults__", None) or ())]
    held += [*(getattr(closure, "args", None) or ()), getattr(closure, "func", None)]  # of functools.partial
    for cell in getattr(closure, "__closure__", None) or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:  # not set so far
            continue
    flat = [x for item in held for x in (item if isinstance(item, list | tuple) else [item])]
    return [x for x in flat if isinstance(x, Idioms)]
