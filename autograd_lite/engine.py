"""The engine: a `Value` is a number that remembers which operation made it, and from what.

Words used throughout:

- *value*: a node of the computation graph, a number with a memory;
- *operation*: what made it, a *row* of the table (`ops.py`); *n-ary*: of lists, or of more than two operands;
- *operands*: what it was made from, in order; *parents*: the Values among them (a number has no gradient);
- *out*: the result; *partial*: the local derivative d out / d operand, fixed when recorded;
- *grad*: d root / d value, where the *root* is the value that `backward()` was called on; leaves sum it over calls;
- *leaf*: a value that no operation made; *order*: all values below a root, operands first.

`record` is the engine in one function; the chain rule is one loop in `Value._chain_rule`. Read `graph.py` next, then
the table in `ops.py`. The methods `+`, `*`, `exp`, … are `record` generated for each row (`methods.py`), for speed;
`sweep.py` finds the order fast. Lines with `open_modes` serve `no_grad`, `anomaly` and `compile` (`modes.py`): skip
them at first. See also `naming.py` (labels), `protocols.py` (`==`, truth) and `idioms.py` (micrograd's idioms).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from itertools import compress, repeat
from operator import add
from typing import TYPE_CHECKING, Any

from autograd_lite import methods
from autograd_lite.anomaly import anomaly
from autograd_lite.coerce import settings_of, to_float, to_float_or_none, to_operand
from autograd_lite.idioms import Idioms, SubclassesAreValues, by_hand
from autograd_lite.modes import current, no_grad, on_compared, on_created, on_differentiated, on_recorded, open_modes
from autograd_lite.naming import Named
from autograd_lite.ops import TABLE, Op
from autograd_lite.protocols import Protocols
from autograd_lite.row import Opaque
from autograd_lite.sweep import UNREACHED, add_to_gradients, get_gradients, in_order, is_call_on_leaves, write_gradients

if TYPE_CHECKING:
    from autograd_lite.operations import Operations  # signatures of the generated methods, for editors
else:
    Operations = object

__all__ = ["Value", "anomaly", "no_grad", "record"]

new = object.__new__
ZERO = 0  # CPython has one such object


class Value(Idioms, Named, Protocols, Operations, metaclass=SubclassesAreValues):
    """A number that remembers which operation made it from which operands.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b + a
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    # One object a node, and no tuple, closure or set beside it for the garbage collector to scan.
    #
    #             leaf                   one or two operands               n-ary, or made by hand (`idioms.py`)
    # _operation  None                   the row                           the row
    # _a, _b      None                   1st operand; 2nd, or None         the tuple of operands; the tuple of parents
    # _da         its kind               partial by _a; None if a number   the partials by the parents
    # _db         True once assigned to  the same for _b                   None; of a compiled call: `sweep.rows_of`
    #
    # So a float in _da or _db says that there is a gradient to hand on. _label, _role and _group may be unset.
    __slots__ = ("_a", "_b", "_da", "_data", "_db", "_grad", "_group", "_label", "_operation", "_role")

    _a: Any
    _b: Any
    _db: Any
    _operation: Any  # an Op or an Opaque (see row.py), None for a leaf

    def __new__(cls, *_: Any, **__: Any) -> Value:
        return new(Leaf if cls is Value else cls)  # its `__class__` is Value all the same: see `Leaf`

    def __init__(self, data: Any, _children: Sequence[Any] | str = (), _op: str | Sequence[float] = "", label: str = "",
                 partials: Sequence[float] | None = None, *, kind: str | None = None) -> None:  # fmt: skip
        if _children.__class__ is str:  # a label as the second argument
            label, _children = label or _children, ()
        self._data = to_float(data, label)
        self._grad = UNREACHED  # a 0.0 known by its identity: no backward pass has come here
        self._operation = None
        self._a = self._b = self._da = self._db = None
        if label:
            self.label = label
        if _children or partials is not None:
            by_hand(self, _children, _op, partials)
        if kind is not None:
            self.kind = kind
        if open_modes:
            on_created(self)

    # ------------------------------------------------------------------------------------------- what it holds

    @property
    def data(self) -> float:
        """The number. Assigning makes it a float, and changes no result or local derivative recorded before."""
        if open_modes:
            mode = current.get()
            if mode is not None and mode.reading is not None:
                mode.reading(self)
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        cls = number.__class__
        self._data = number if cls is float else number + 0.0 if cls is int else to_float(number, self.label)
        if self._operation is None:
            self._db = True  # assigned to: what was computed from it may be stale (`View.stale_leaves`)

    def item(self) -> float:
        """Return the number, as in PyTorch."""
        return self.data

    @property
    def grad(self) -> float:
        """d root / d this value: of the latest pass; of a leaf, the sum over passes; 0.0 before (see `has_grad`)."""
        if open_modes:
            on_differentiated(self, ".grad")
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        self._grad = (  # most often 0
            0.0 if number is ZERO else number if number.__class__ is float else to_float(number, self.label, "grad")
        )

    @property
    def has_grad(self) -> bool:
        """Whether a gradient was computed (or written) since the last `zero_grad`: 0.0 may be either."""
        return self._grad is not UNREACHED

    @property
    def operation(self) -> Op | None:
        """The row of the operation that made this value; None for a leaf."""
        return self._operation  # type: ignore[no-any-return]

    @property
    def operands(self) -> tuple[Any, ...]:
        """All operands in order and with repetition; numbers as floats."""
        if self._operation is None:
            return ()
        if self._a.__class__ is tuple:
            return self._a
        return (self._a,) if self._b is None else (self._a, self._b)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values among the operands, in order and with repetition: `a * a` has two."""
        a, b = self._a, self._b
        if a.__class__ is Value:
            return (a, b) if b.__class__ is Value else (a,)
        return b if b.__class__ is tuple else (b,) if b.__class__ is Value else ()

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative by each parent, fixed when recorded."""
        a, b = self._a, self._b
        if a.__class__ is Value:
            return (self._da, self._db) if b.__class__ is Value else (self._da,)
        return tuple(self._da) if b.__class__ is tuple else (self._db,) if b.__class__ is Value else ()

    # ---------------------------------------------------------------------------------------- the chain rule

    def backward(self, gradient: float | None = 1.0, *, retain_graph: Any = None, create_graph: bool = False) -> None:
        """Add d self / d leaf to the `.grad` of every leaf, by the chain rule, node by node.

        Inner nodes hold the gradient of the latest pass, leaves the sum over passes. A pass that is interrupted has
        added to all leaves or to none. `gradient` is the root's own, 1 unless given; all others are multiples of it.
        `retain_graph` is there for programs written for PyTorch, and ignored: a graph is always kept.
        """
        if create_graph:
            raise ValueError("backward(create_graph=True): gradients in .grad are numbers; for ones that can be "
                             "differentiated again, use ag.grad(out, inputs, create_graph=True)")  # fmt: skip
        start = 1.0 if gradient is None else to_float(gradient, what="backward")
        if open_modes and (mode := on_differentiated(self, "backward")) is not None and mode.anomaly:
            grads = mode.anomaly.gradients(self, start)
            sums = [g + (v._grad if v._operation is None else 0.0) for v, g in grads]
            return write_gradients([v for v, _ in grads], sums)
        if is_call_on_leaves(self):  # a compiled call with leaves only as parents: its partials are the gradients
            self._grad = start
            return add_to_gradients(self._b, self._da if start == 1.0 else [start * d for d in self._da])
        leaves: list[Value] = []
        before: list[float] = []
        try:  # the loop is a method of its own: Ctrl-C at the jump of a loop would slip past a `try` around it
            self._chain_rule(start, leaves, before)
        except BaseException:
            write_gradients(leaves, before)
            raise

    def _chain_rule(self, start: float, leaves: list[Value], before: list[float]) -> None:
        """Hand gradients on from the root to the leaves; list the leaves, and what each of them held before."""
        order = in_order(self, leaves, before)  # operands first, as `graph.topological_order`; sets gradients to 0
        self._grad = start
        for node in reversed(order):  # so each node's gradient is complete before it is handed on
            grad, da, db = node._grad, node._da, node._db
            if da.__class__ is float:  # the first operand is a Value
                node._a._grad += grad * da
            if db.__class__ is float:  # and the second
                node._b._grad += grad * db
            elif node._b.__class__ is tuple:  # n-ary
                for parent, partial in zip(node._b, da):  # noqa: B905
                    parent._grad += grad * partial
        write_gradients(leaves, list(map(add, before, map(get_gradients, leaves))))  # leaves add up over passes

    def zero_grad(self) -> None:
        """Reset `.grad` on every node that this one depends on."""
        leaves: list[Value] = []
        write_gradients([*in_order(self, leaves, []), *leaves], repeat(UNREACHED))

    def detach(self) -> Value:
        """Return a leaf with the same data: a constant for what follows."""
        leaf = Value(self._data, label=self.label, kind=self.kind)
        if open_modes:
            on_created(leaf, self)
        return leaf


class Leaf(Value):
    """The type of a value that `Value(…)` makes: it holds attributes of the user's. Its `__class__` is Value."""

    __slots__ = ("__dict__",)
    _equals = Value  # `type(x) == Value` of leaves and results alike


Leaf.__name__ = Leaf.__qualname__ = "Value"  # in messages: nothing else tells the two apart


# ------------------------------------------------------------------------------------------------------ recording


def record(operation: Op, operands: Sequence[Any]) -> Value:
    """Return the Value of one operation: its result, its operands, and its local derivatives, fixed now.

    >>> record(TABLE["mul"], (Value(2.0), Value(3.0))).partials
    (3.0, 2.0)
    """
    operands, numbers = _operands_and_numbers(operands, operation)
    out, partials = operation.evaluate(numbers)
    is_value = [x.__class__ is Value for x in operands]  # a partial by a number is dropped
    if operation.nary:
        parents, by_parents = (tuple(compress(each, is_value)) for each in (operands, partials))
        return record_precomputed(operation, out, operands, parents, by_parents)
    node = new(Value)
    node._data = out
    node._grad = UNREACHED
    node._operation = operation
    node._a, node._b = (*operands, None)[:2]  # None: no second operand
    node._da, node._db = (*[d if kept else None for d, kept in zip(partials, is_value, strict=True)], None)[:2]
    return on_recorded(node) if open_modes else node


def record_precomputed(operation: Op | Opaque, data: float, operands: tuple[Any, ...], parents: tuple[Value, ...],
         partials: Sequence[float], in_full: Any = None) -> Value:  # fmt: skip
    """Return the Value of an n-ary operation whose result and local derivatives the caller computed.

    Partials in an `array` stay there until `backward` hands them on. `in_full`: see `sweep.rows_of`.
    """
    node = new(Value)
    node._data = data
    node._grad = UNREACHED
    node._operation = operation
    node._a = operands
    node._b = parents
    node._da = partials if partials.__class__ is array else tuple(partials)
    node._db = in_full
    return on_recorded(node) if open_modes else node


def _operands_and_numbers(operands: Sequence[Any], operation: Op) -> tuple[tuple[Any, ...], list[float]]:
    """Return the operands, anything but a Value as a float, and the number of each."""
    name = operation.name
    operands = tuple([x if x.__class__ is Value or x.__class__ is float else to_operand(x, name) for x in operands])
    return operands, [x._data if x.__class__ is Value else x for x in operands]


# ------------------------------------------------------------------------------------------- the generated methods

of_values: dict[str, Callable[..., Value]] = {}  # by n-ary row: its function of Values alone, generated


def install(table: dict[str, Op]) -> None:
    """Give Value the methods of these rows, and `of_values` the functions of those that take lists."""
    names = {"Value": Value, "new": new, "UNREACHED": UNREACHED, "open_modes": open_modes, "on_recorded": on_recorded,
             "to_float_or_none": to_float_or_none, "on_compared": on_compared, "settings_of": settings_of}  # fmt: skip
    of_values.update(methods.install(table, names, Value))


install(TABLE)
