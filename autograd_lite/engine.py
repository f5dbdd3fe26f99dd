"""The engine: a `Value` is a number that remembers which operation made it, and from what.

Throughout this program we have

- *value*: a node of the computation graph, a number with a memory;
- *op*, *rule*: the operation that made it, and its row in the table (`ops.py`);
- *operands*: what it was made from, in order; *parents*: the Values among them (a number has no gradient);
- *out*: the result; *partial*: the local derivative d out / d operand, fixed when recorded;
- *grad*: d root / d value, where the *root* is the value that `backward()` was called on;
- *leaf*: a value that no operation made; *order*: all values, operands first.

`record` is the engine in one function; `Value.backward` is the chain rule in one loop. The methods `+`, `*`,
`exp`, … are `record` written out for each row (`methods.py`), for speed.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, repeat
from operator import add, attrgetter
from typing import TYPE_CHECKING, Any

from autograd_lite import methods
from autograd_lite.coerce import as_number, number_in, settings_of
from autograd_lite.graph import Role
from autograd_lite.lecture import LectureIdioms, by_hand
from autograd_lite.modes import anomaly, checked_gradients, compared, current, describe, made, modes, no_grad, observed
from autograd_lite.modes import differentiated as differentiated
from autograd_lite.ops import TABLE, Op

if TYPE_CHECKING:
    from autograd_lite.operations import Operations  # the written methods, for type checkers and editors
else:
    Operations = object

__all__ = ["Value", "anomaly", "no_grad", "record"]

new = object.__new__
UNREACHED = float("0")  # the 0.0 of a node that no backward pass has reached, told from others by its identity


class _Kind(type):
    """The class of Value: a subclass's values say `x.__class__ is Value`, which is what each operation asks of them.

    `type(x)` and `isinstance` tell the subclass as ever, and the engine needs no second, slower question.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        if any(isinstance(base, _Kind) for base in bases):
            namespace.setdefault("__class__", Value)
        return super().__new__(cls, name, bases, namespace, **options)


class Value(LectureIdioms, Operations, metaclass=_Kind):
    """A number that remembers which operation made it from which operands.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = a * b + a
    >>> c.backward()
    >>> c.data, a.grad, b.grad
    (-4.0, -2.0, 2.0)
    """

    # One object a node, and no tuple, closure or set beside it for the garbage collector to scan: a unary or
    # binary node has its operands in _a and _b, its partials in _da and _db. An n-ary node has the tuple of its
    # operands in _a, of its parents in _b, of its partials in _da. A leaf has None in _a and _b, its kind
    # in _da. The partial by a number is None, so that a float in _da or _db says that there is a gradient to hand on.
    # _label and _role are set only where there is one.
    __slots__ = ("_a", "_b", "_da", "_data", "_db", "_grad", "_label", "_role", "_rule")

    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _data: float
    _grad: float
    _rule: Op | None
    _label: str
    _role: Role

    def __new__(cls, *_: Any, **__: Any) -> Value:
        return new(Leaf if cls is Value else cls)

    def __init__(self, data: Any, _children: Sequence[Any] | str = (), _op: str | Sequence[float] = "", label: str = "",
                 partials: Sequence[float] | None = None, *, kind: str | None = None) -> None:  # fmt: skip
        if _children.__class__ is str:  # a label as the second argument
            label, _children = label or _children, ()
        self._data = number_in(data, label)
        self._grad = UNREACHED
        self._rule = None
        self._a = self._b = self._da = self._db = None
        if label:
            self.label = label
        if _children or partials is not None:
            by_hand(self, _children, _op, partials)
        if kind is not None:
            self.kind = kind
        if modes:
            made(self)

    # ------------------------------------------------------------------------------------------- what it holds

    @property
    def data(self) -> float:
        """The number. Writing it coerces to float and leaves what was recorded as it was."""
        if modes:
            mode = current.get()
            if mode is not None and mode.reading is not None:
                mode.reading(self)
        return self._data

    @data.setter
    def data(self, number: Any) -> None:
        self._data = number if number.__class__ is float else number_in(number, self.label)
        if self._rule is None:
            self._db = True  # a leaf that was written: `stale_leaves` compares what was recorded with it

    def item(self) -> float:
        """Return the number, as in PyTorch."""
        return self.data

    @property
    def grad(self) -> float:
        """The derivative of the latest root by this value; 0.0 until a pass reaches it (see `has_grad`)."""
        if modes:
            differentiated(self, ".grad")
        return self._grad

    @grad.setter
    def grad(self, number: Any) -> None:
        if number is None:
            raise TypeError(f"{describe(self)}.grad = None: use zero_grad(), or write 0.0")
        self._grad = number if number.__class__ is float else number_in(number, self.label, "grad")

    @property
    def has_grad(self) -> bool:
        """Whether a gradient was computed (or written) since the last `zero_grad`: 0.0 may be either."""
        return self._grad is not UNREACHED

    @property
    def label(self) -> str:
        """The name shown in pictures, explanations and errors."""
        label: str = getattr(self, "_label", "")
        return label

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"label must be a str, not {type(text).__name__} ({text!r})")
        self._label = text

    @property
    def role(self) -> Role | None:
        """The place of this value in a net, where `nn` made it."""
        role: Role | None = getattr(self, "_role", None)
        return role

    @role.setter
    def role(self, role: Role) -> None:
        self._role = role

    @property
    def kind(self) -> str | None:
        """What a leaf is, "input" or "parameter"; None where nothing says it, and for the result of an operation.

        It is what `Value(…, kind=…)` says; a net, any `Module` and an optimiser say it of what they hold.
        """
        if self._rule is not None:
            return None
        role = self.role
        return self._da or (None if role is None else "input" if role.symbol == "x" else "parameter")

    @kind.setter
    def kind(self, kind: str | None) -> None:
        if kind not in (None, "input", "parameter") or self._rule is not None:
            raise ValueError(f"kind: expected 'input' or 'parameter', of a leaf; got {kind!r} of {describe(self)}")
        self._da = kind

    @property
    def rule(self) -> Op | None:
        """The row of the operation that made this value; None for a leaf."""
        return self._rule

    @property
    def op(self) -> str:
        """The operation as it is typed, `+` or `exp`; empty for a leaf."""
        return "" if self._rule is None else self._rule.typed

    @property
    def operands(self) -> tuple[Any, ...]:
        """All operands in order and with repetition; numbers as floats."""
        if self._rule is None:
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

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self._data!r}, grad={self._grad + 0.0!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    # ---------------------------------------------------------------------------------------- the chain rule

    def backward(self, gradient: float | None = 1.0, *, retain_graph: Any = None, create_graph: bool = False) -> None:
        """Add d self / d leaf to the `.grad` of every leaf, by the chain rule, node by node.

        Inner nodes hold the gradient of the latest pass. Each call adds exactly one gradient to the leaves; if
        anything interrupts it, to all of them or to none. `gradient` is what to start from, and multiplies all.
        A graph is always kept, whatever `retain_graph` says.

        The order is that of `graph.topological_order` (which tells why there must be one), found here while
        the gradients are set to zero: 0.0 is not one object, so two fresh ones mark the nodes as opened and
        as closed, and no set of visited nodes is needed.
        """
        if create_graph:
            raise ValueError("backward(create_graph=True): gradients in .grad are numbers; for ones that can be "
                             "differentiated again, use ag.grad(out, inputs, create_graph=True)")  # fmt: skip
        seed = 1.0 if gradient is None else number_in(gradient, what="backward")
        if modes and (mode := differentiated(self, "backward")) is not None and mode.anomaly:
            grads = checked_gradients(self, mode, seed)
            return write_gradients([v for v, _ in grads], [g + (v._grad if v._rule is None else 0.0) for v, g in grads])
        if self._calls_on_leaves():
            self._grad = seed
            return add_to_gradients(self._b, self._da if seed == 1.0 else [seed * d for d in self._da])
        leaves: list[Value] = []
        before: list[float] = []
        try:  # around a call: CPython has jumps back of loops, and comprehensions, that no `try` around them covers
            self._sweep(seed, leaves, before)
        except BaseException:
            write_gradients(leaves, before)
            raise

    def _sweep(self, seed: float, leaves: list[Value], before: list[float]) -> None:
        """Do the work of `backward`, and list the leaves, with what they held before, ahead of writing to them."""
        opened, closed = float("0"), float("0")
        order: list[Value] = []
        stack = [self]
        push, pop, append = stack.append, stack.pop, order.append
        while stack:
            node = pop()
            mark = node._grad
            if mark is opened:  # its operands stand in the order now
                node._grad = closed
                append(node)
                continue
            while mark is not closed:  # down the first operands; the second ones wait on the stack
                a, b = node._a, node._b
                if a is None:  # a leaf
                    leaves.append(node)
                    before.append(mark)
                    node._grad = closed
                    break
                node._grad = opened
                push(node)
                if node._db.__class__ is float:
                    if b._grad is not closed:
                        push(b)
                elif b.__class__ is tuple:
                    if node._rule.expand is not None:  # type: ignore[union-attr]
                        # a compiled call: its many leaves at once, by loops in C
                        fresh = [v for v in b if v._a is None and v._grad is not closed]
                        leaves += fresh
                        before += map(_get_grad, fresh)
                        write_gradients(fresh, repeat(closed))
                    stack += [v for v in reversed(b) if v._grad is not closed]
                if node._da.__class__ is not float:
                    break
                node = a
                mark = a._grad
        self._grad = seed
        for node in reversed(order):
            grad, da, db = node._grad, node._da, node._db
            if da.__class__ is float:
                node._a._grad += grad * da
            if db.__class__ is float:
                node._b._grad += grad * db
            elif node._b.__class__ is tuple:
                for parent, partial in zip(node._b, da):  # noqa: B905
                    parent._grad += grad * partial
        write_gradients(leaves, list(map(add, before, map(_get_grad, leaves))))

    def _calls_on_leaves(self) -> bool:
        """Tell whether this is a compiled call all of whose parents, each there once, are leaves: most often so."""
        rule = self._rule
        return rule is not None and rule.expand is not None and (rule.leaves or all([p._a is None for p in self._b]))

    def zero_grad(self) -> None:
        """Reset `.grad` on every node that this one depends on."""
        seen = {id(self)}
        stack = [self]
        while stack:
            node = stack.pop()
            node._grad = UNREACHED
            for parent in node.parents:
                if id(parent) not in seen:
                    seen.add(id(parent))
                    stack.append(parent)

    def detach(self) -> Value:
        """Return a leaf with the same data: a constant for what follows."""
        leaf = Value(self._data, label=self.label, kind=self.kind)
        if modes:
            made(leaf, self)
        return leaf

    # ------------------------------------------------------------------------- comparisons, copies, refusals

    def __eq__(self, other: object) -> Any:
        if other.__class__ is Value:  # graphs are walked by identity: two nodes of equal data stay two
            return self is other
        b = as_number(other)
        return NotImplemented if b is None else compared(self, b, "==", self._data == b)

    __hash__ = object.__hash__  # so a Value can be a key

    def __bool__(self) -> bool:
        return compared(self, 0.0, "!=", self._data != 0.0)

    def __float__(self) -> float:
        raise TypeError(_refusal("float", self))

    def __int__(self) -> int:
        raise TypeError(_refusal("int", self))

    def __round__(self, ndigits: int | None = None) -> float:
        raise TypeError(_refusal("round", self))

    def __reduce__(self) -> tuple[Any, ...]:
        made = type(self) if type(self) is not Leaf else Value
        own = getattr(self, "__dict__", None)  # attributes of the user's
        return _leaf, (self._data, self.label, self.role, made, self.kind), own or None


class Leaf(Value):
    """The class of what `Value(…)` makes: it can hold attributes of one's own; a result of an operation can not."""

    __slots__ = ("__dict__",)


Leaf.__name__ = Leaf.__qualname__ = "Value"  # in messages: nothing else tells the two apart


def _refusal(name: str, value: Value) -> str:
    return (f"{name}({describe(value)}) would drop the graph in silence: use .data for the number, "
            "or ag.exp(v), ag.log(v), … instead of math's functions")  # fmt: skip


def _leaf(data: float, label: str, role: Role | None, made: type[Value] = Value,
          kind: str | None = None) -> Value:  # fmt: skip
    """Return a leaf: what a copy or a pickle of a Value is. A subclass's own `__init__` is not called."""
    value: Value = made.__new__(made)
    Value.__init__(value, data, label=label, kind=kind)
    if role is not None:
        value.role = role
    return value


# Slots are read and written by loops in C: no signal handler runs inside one, so Ctrl-C finds all written, or none.
_get_grad = attrgetter("_grad")


def write_gradients(values: Sequence[Value], grads: Iterable[float]) -> None:
    """Set the gradients of several values."""
    deque(map(setattr, values, repeat("_grad"), grads), maxlen=0)


def add_to_gradients(leaves: Sequence[Value], partials: Iterable[float]) -> None:
    """Add to the gradients of leaves: to all of them, also if an interrupt comes between two, and is raised then."""
    pairs = zip(leaves, partials)  # noqa: B905
    try:
        _add_each(pairs)
    except BaseException:
        rest = list(pairs)
        write_gradients([leaf for leaf, _ in rest], [leaf._grad + partial for leaf, partial in rest])
        raise


def _add_each(pairs: Iterable[tuple[Value, float]]) -> None:
    for leaf, partial in pairs:
        leaf._grad += partial


def write_numbers(leaves: Sequence[Value], numbers: Iterable[float], marked: bool = False) -> None:
    """Set the data of several leaves, as writing `.data` does; those written so before are `marked` already."""
    if not marked:
        deque(map(setattr, leaves, repeat("_db"), repeat(True)), maxlen=0)
    deque(map(setattr, leaves, repeat("_data"), numbers), maxlen=0)


# ------------------------------------------------------------------------------------------------------ recording


def record(rule: Op, operands: Sequence[Any]) -> Value:
    """Return the Value of one operation: its result, its operands, and its local derivatives, fixed now.

    >>> record(TABLE["mul"], (Value(2.0), Value(3.0))).partials
    (3.0, 2.0)
    """
    operands, data = _numbers(operands, rule)
    numbers = rule.group(data)
    out = rule.value(numbers)
    partials = rule.local_derivatives(out, numbers)
    node = new(Value)
    node._data = out
    node._grad = UNREACHED
    node._rule = rule
    if rule.nary:
        _link_many(node, operands, tuple(rule.flat(partials)))
    else:
        by_values = [d if x.__class__ is Value else None for x, d in zip(operands, partials, strict=True)]
        node._a, node._b = (*operands, None)[:2]
        node._da, node._db = (*by_values, None)[:2]
    return observed(node) if modes else node


def link(rule: Op, data: float, operands: tuple[Any, ...], parents: tuple[Value, ...], partials: Sequence[float],
         context: Any = None) -> Value:  # fmt: skip
    """Return the Value of an n-ary operation whose result and local derivatives the caller computed.

    An array of derivatives is kept as one: they become objects one by one, when they are handed on.
    """
    node = new(Value)
    node._data = data
    node._grad = UNREACHED
    node._rule = rule
    node._a = operands
    node._b = parents
    node._da = partials if partials.__class__ is array else tuple(partials)
    node._db = context
    return observed(node) if modes else node


def _numbers(operands: Sequence[Any], rule: Op) -> tuple[tuple[Any, ...], list[float]]:
    """Return the operands, anything but a Value as a float, and the number of each."""
    operands = tuple([x if x.__class__ is Value or x.__class__ is float else _operand(x, rule) for x in operands])
    return operands, [x._data if x.__class__ is Value else x for x in operands]


def _operand(x: Any, rule: Op) -> float:
    number = x if x.__class__ is float else as_number(x)
    if number is None:
        raise TypeError(f"{rule.name}: operands must be Values or real numbers, not {type(x).__name__} ({x!r:.60})")
    return number


def _link_many(node: Value, operands: tuple[Any, ...], partials: tuple[float, ...]) -> None:
    """Give an n-ary node its operands, and its parents with their partials: those by numbers are dropped."""
    values = [x.__class__ is Value for x in operands]
    node._a = operands
    node._b = tuple(compress(operands, values))
    node._da = tuple(compress(partials, values))
    node._db = None


def recorded_by_hand(node: Value) -> bool:
    """Tell whether `Value(data, children, op)` made a node of one or two operands: it holds them in a tuple."""
    return node._a.__class__ is tuple and node._rule is not None and not node._rule.nary


# ------------------------------------------------------------------------------------------- the written methods


of_values: dict[str, Callable[..., Value]] = {}  # the written functions of the n-ary rows


def install(table: dict[str, Op]) -> None:
    """Give Value the methods of these rows, and `of_values` the functions of those that take lists."""
    names = {"Value": Value, "new": new, "UNREACHED": UNREACHED, "modes": modes, "observed": observed,
             "as_number": as_number, "compared": compared, "settings_of": settings_of}  # fmt: skip
    of_values.update(methods.install(table, names, Value))


install(TABLE)
