"""What `Value.backward` needs besides the chain rule: an order found fast, and gradients set for all nodes or none.

Everything here works on the slots of `Value` (see `engine.py`). CPython writes a slot fastest in a plain loop, but lets
Ctrl-C in between two turns of it; `deque(map(setattr, …))` is a loop in C, in which Ctrl-C waits, and three times as
slow. So the plain loops are functions of their own, and after an interrupt one in C does the rest. Once a kernel is
loaded, its library has loops for many leaves, too.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from math import isfinite, nan
from operator import attrgetter
from typing import Any

UNREACHED = float("0")  # the gradient of a node that no backward pass has reached: a 0.0 compared by identity
MANY = 32  # leaves, from which on the loops of a kernel are faster
get_gradients = attrgetter("_grad")
in_c: Any = None  # these loops, once a kernel is loaded: `replay/slots.py`


def in_order(root: Any, leaves: list[Any], before: list[float]) -> list[Any]:
    """Return the inner nodes below a root in topological order, and set the gradients of all nodes to 0.

    The leaves go to a list of their own, with the gradients that they held `before`.

    Each `float("0")` is an object of its own. Two new ones, put into `_grad`, mark a node as visiting (its operands are
    being walked) and as done: no set of visited nodes is needed, and the marks are the zeros that gradients start from.
    """
    visiting, done = float("0"), float("0")
    order: list[Any] = []
    stack = [root]
    push, pop, append = stack.append, stack.pop, order.append
    while stack:
        node = pop()
        mark = node._grad
        if mark is visiting:  # its operands stand in the order now
            node._grad = done
            append(node)
            continue
        while mark is not done:  # down the first operands; the second ones wait on the stack
            a, b = node._a, node._b
            if a is None:  # a leaf
                leaves.append(node)
                before.append(mark)
                node._grad = done
                break
            node._grad = visiting
            push(node)
            if node._db.__class__ is float:
                if b._grad is not done:
                    push(b)
            elif b.__class__ is tuple:
                if node._operation.expand is not None:  # a compiled call: its many leaves at once, by loops in C
                    fresh = [v for v in b if v._a is None and v._grad is not done]
                    leaves += fresh
                    before += map(get_gradients, fresh)
                    write_gradients(fresh, repeat(done))
                stack += [v for v in reversed(b) if v._grad is not done]
            if node._da.__class__ is not float:
                break
            node = a
            mark = a._grad
    return order


def is_call_on_leaves(root: Any) -> bool:
    """Tell whether this is a compiled call whose parents are leaves, each there once: the usual case."""
    operation = root._operation
    if operation is None or operation.expand is None:
        return False
    return operation.leaves or all([p._a is None for p in root._b])


def rows_of(node: Any) -> Callable[[], Any] | None:
    """Return the function that computes a compiled call over a data set node by node; None for any other node."""
    operation = node._operation
    rows: Callable[[], Any] | None = node._db if operation is not None and operation.expand is not None else None
    return rows


def numbers_of(values: Iterable[Any]) -> list[float]:
    """Return the numbers of several Values; unlike `.data`, this does not report to a recording."""
    return [value._data for value in values]


def numbers_in(values: Sequence[Any]) -> Sequence[float]:
    """Return the same, in an array where a loop in C makes one."""
    found: Sequence[float] | None = in_c.numbers(values) if _are_many(values) else None
    return numbers_of(values) if found is None else found


def gradients_in(values: Sequence[Any]) -> Sequence[float] | None:
    """Return the gradients of several Values, or None where no backward pass reached one of them."""
    found: Sequence[float] | None = in_c.gradients(values) if _are_many(values) else None
    if found is None:
        found = [value._grad for value in values]
        if any([gradient is UNREACHED for gradient in found]):
            return None
    return found


def one_step_down(leaves: Sequence[Any], rate: float, decay: float) -> Sequence[float]:
    """Return where gradient descent moves leaves: p - rate * (g + decay * p); nan where no gradient reached one."""
    found: Sequence[float] | None = in_c.moved(leaves, rate, decay) if _are_many(leaves) else None
    if found is not None:
        return found
    if not decay:  # the same bits in two thirds of the time: 0 * p is a zero, and moves nothing
        return [nan if g is UNREACHED else leaf._data - rate * g for leaf in leaves for g in (leaf._grad,)]
    return [
        nan if g is UNREACHED else p - rate * (g + decay * p)
        for leaf in leaves for p in (leaf._data,) for g in (leaf._grad,)
    ]  # fmt: skip


def are_finite(numbers: Sequence[float]) -> bool:
    """Tell whether no number is infinite or nan."""
    if in_c is not None and numbers.__class__ is array:
        return bool(in_c.are_finite(numbers))
    return isfinite(sum(numbers)) or all(map(isfinite, numbers))


def _are_many(leaves: Any) -> bool:
    return in_c is not None and leaves.__class__ in (list, tuple) and len(leaves) >= MANY


def _after(done: int, things: Iterable[Any]) -> Iterator[Any]:
    return islice(things, done, None) if done else iter(things)


def was_written(leaf: Any) -> bool:
    """Tell whether `.data` of a leaf was assigned to after the leaf was made."""
    return leaf._db is True


def write_gradients(values: Iterable[Any], grads: Iterable[float]) -> None:
    """Set the gradients of several values: all of them, also if an interrupt comes between two, and is raised then."""
    left = iter(values), iter(grads)
    try:
        _write_gradients(*left)
    except BaseException:
        _finish("_grad", *left)
        raise


def _write_gradients(values: Iterator[Any], grads: Iterator[float]) -> None:
    for value, grad in zip(values, grads):  # noqa: B905  (these may go on for ever)
        value._grad = grad


def clear_gradients(values: Iterable[Any]) -> None:
    """Set the gradients of several values back to "not computed", as `write_gradients` does."""
    done = in_c.clear(values) if _are_many(values) else 0
    if done and done == len(values):  # type: ignore[arg-type]
        return
    left = _after(done, values)
    try:
        _clear_gradients(left)
    except BaseException:
        _finish("_grad", left, repeat(UNREACHED))
        raise


def _clear_gradients(values: Iterator[Any]) -> None:
    for value in values:
        value._grad = UNREACHED


def add_to_gradients(leaves: Sequence[Any], partials: Iterable[float]) -> None:
    """Add to the gradients of leaves: to all of them, also if an interrupt comes between two, and is raised then."""
    done = in_c.add(leaves, partials) if partials.__class__ is array and _are_many(leaves) else 0
    if done and done == len(leaves):
        return
    pairs = _after(done, zip(leaves, partials))  # noqa: B905
    try:
        _add_each(pairs)
    except BaseException:
        rest = list(pairs)
        write_gradients([leaf for leaf, _ in rest], [leaf._grad + partial for leaf, partial in rest])
        raise


def _add_each(pairs: Iterable[tuple[Any, float]]) -> None:
    for leaf, partial in pairs:
        leaf._grad = leaf._grad + partial  # sooner done than +=


def write_numbers(leaves: Iterable[Any], numbers: Iterable[float]) -> None:
    """Set the data of several leaves, as writing `.data` does: of all of them, as `write_gradients` does."""
    done = in_c.write(leaves, numbers) if numbers.__class__ is array and _are_many(leaves) else 0
    if done and done == len(leaves):  # type: ignore[arg-type]
        return
    left = _after(done, leaves), _after(done, numbers)
    try:
        _write_numbers(*left)
    except BaseException:
        rest = list(left[0])
        _finish("_db", iter(rest), repeat(True))
        _finish("_data", iter(rest), left[1])
        raise


def _write_numbers(leaves: Iterator[Any], numbers: Iterator[float]) -> None:
    for leaf, number in zip(leaves, numbers):  # noqa: B905
        leaf._data = number
        leaf._db = True


def _finish(slot: str, values: Iterator[Any], contents: Iterator[Any]) -> None:
    deque(map(setattr, values, repeat(slot), contents), maxlen=0)
