"""Record a function: run it once on Values, watch what it does, and lay the graph down as a tape.

A comparison becomes a guard. A number that it reads without the graph (`.data` of a value that was computed) would be
the same in every replay, so it is refused.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from operator import and_
from typing import Any

from autograd_lite.anomaly import user_line
from autograd_lite.coerce import to_float_or_none
from autograd_lite.engine import Value
from autograd_lite.idioms import recorded_by_hand
from autograd_lite.modes import AS_VALUES, Mode, describe, in_mode
from autograd_lite.ops import TABLE, Op
from autograd_lite.replay.arguments import Key, flatten, rebuild
from autograd_lite.replay.numbers import Argument, mark_numbers, refusal
from autograd_lite.replay.tape import Guard, Tape
from autograd_lite.replay.weighted_sums import Draft, joined
from autograd_lite.sweep import UNREACHED

_KEPT = "Use the Value itself; as a constant for the gradient, value.detach()"


@dataclass(slots=True)
class Watch:
    """The record of a run: values made, comparisons, numbers read."""

    arguments: list[Value]
    mode: Mode = field(default_factory=lambda: Mode(made=[], refused=[]))
    comparisons: list[tuple[Any, Any, str, bool, str]] = field(default_factory=list)
    reads: list[tuple[Value, float]] = field(default_factory=list)  # numbers of closed-over values, read as numbers

    def __post_init__(self) -> None:
        self.mode.reading, self.mode.comparing = self.reading, self.comparing
        self.mode.differentiating, self.mode.computing = self.differentiating, mark_numbers

    def reading(self, value: Value, how: str = "", instead: str = _KEPT) -> None:
        inside = value.operation is not None and any(value is node for node in reversed(self.mode.made or []))
        if inside or id(value) in self.mode.detached or any(value is x for x in self.arguments):
            raise refusal(
                f"compile: {how or f'.data of {describe(value)} was read'} inside the function{user_line()}; "
                f"the number would be frozen in every replay. {instead}"
            )
        self.reads.append((value, value._data))

    def differentiating(self, value: Value, call: str) -> None:
        if call == AS_VALUES:
            return
        raise refusal(
            f"compile: {call} of {describe(value)} inside the function{user_line()}; the plain numbers that it gives "
            "would be frozen in every replay. ag.grad(…, create_graph=True) gives Values, which are computed anew"
        )

    def comparing(self, left: Any, right: Any, how: str, held: bool) -> None:
        self.comparisons.append((left, right, how, held, user_line()))


@dataclass(frozen=True, slots=True)
class Recording:
    """A function's run on some leaves: what it returned, as Values in a shape, and the tape."""

    outputs: list[Value]
    shape: Key  # of the outputs
    arguments: list[Value]  # the fresh ones that the function saw
    tape: Tape
    reads: list[tuple[Value, float]]


def trace_function(
    function: Callable[..., Any], leaves: Sequence[Any], key: Key, for_comparison: bool = False
) -> Recording:
    """Run the function on fresh Values with the numbers of these leaves, and return its tape.

    A tape `for_comparison` with another recording has no names, and does not mark the slots that a gradient reaches.
    """
    fresh: dict[int, Value] = {}  # of a Value that was given twice there is one
    arguments, live = [], []
    for x in leaves:
        live.append(x.__class__ is Value and id(x) not in fresh)
        arguments.append(fresh.setdefault(id(x), _argument(x)) if x.__class__ is Value else Argument(x))
    watch = Watch(arguments)
    positional, options = rebuild(key, arguments)
    with in_mode(watch.mode):
        try:
            result = function(*positional, **options)
        except (TypeError, AttributeError) as error:
            choices = [x for x in positional if x is None or isinstance(x, str)]
            for x in choices:
                error.add_note(f"compile: the argument {x!r:.60} is a choice, part of the structure; no number")
            if arguments and not choices and str(error) not in (watch.mode.refused or ()):
                lists = [i for i, x in enumerate(positional, start=1) if isinstance(x, list | tuple)]
                is_list = lists and any(word in str(error) for word in ("sequence", "list", "tuple"))
                error.add_note(_LIST.format(lists[0]) if is_list else _PLAIN)
            raise
        if watch.mode.refused:  # the function caught the error, and took a way that it would not take with a number
            raise TypeError(watch.mode.refused[0])
        outputs, shape = _returned(result)
    return Recording(outputs, shape, arguments, _tape(outputs, watch, live, for_comparison), watch.reads)


_LIST = (
    "compile: argument {} is a list, as a row of numbers is, of one number too; where the function expects a number, "
    "give numbers, or take one of the list's, as x[0]"
)
_PLAIN = (
    "compile: while a function is recorded, what it is given are Values, not floats. Give a number that has to be a "
    "float by name, as in f(x=1.0), or call f.function(…), where the .data of a Value is one"
)


def _returned(result: Any) -> tuple[list[Value], Key]:
    """Return the result of a function as a list of Values, and its shape."""
    try:
        leaves, shape = flatten((result,), {})
    except TypeError:
        leaves = []
    if not leaves:
        inside = "; [()] takes the one in this array" if getattr(result, "ndim", None) == 0 else ""
        raise TypeError(f"compile: the function returned {result!r:.60}; expected a Value, or lists of Values{inside}")
    return [x if x.__class__ is Value else Value(x) for x in leaves], shape


def _argument(x: Value) -> Value:
    leaf = Value(x._data, label=x.label)
    if x.role is not None:
        leaf.role = x.role
    return leaf


_FRESH = object()  # marks a node of this recording that the walk has not met
_OPENED = object()  # and one whose operands are being walked


def _tape(outputs: list[Value], watch: Watch, live_argument: list[bool], for_comparison: bool) -> Tape:
    """Lay down the graph of the outputs, and of the values that were compared, in the order of `backward`.

    All that is met gets a number in the draft. Until the tape is written, nodes and arguments keep theirs in the slot
    of their gradient.
    """
    made = watch.mode.made or ()
    compared = [x for left, right, *_ in watch.comparisons for x in (left, right) if x.__class__ is Value]
    try:
        for node in made:
            node._grad = _FRESH
        walk = _Walk(len(made), watch.arguments, watch.mode.detached)
        for root in (*outputs, *compared):
            walk.below(root)
        return _written(walk, outputs, watch, live_argument, for_comparison)
    finally:
        for node in (*made, *watch.arguments):
            node._grad = UNREACHED


class _Walk:
    """The walk over a recorded graph, operands first; each node is written down as it is left."""

    def __init__(self, most: int, arguments: Sequence[Value], detached: dict[int, Any]) -> None:
        self.detached = detached
        self.draft = Draft(first_leaf=most, zero=most + len(arguments))
        self.nodes: list[Value] = []  # by number
        self.leaves: list[Any] = list(arguments)  # Values and constants by number, from the draft's `first_leaf` on
        self.parameters: dict[Value, int] = {}  # and their numbers
        self.constants: dict[Any, int] = {}
        for i, x in reversed([*enumerate(arguments)]):  # one that is there twice has its first number
            x._grad = most + i
        self.constant(-0.0)

    def number(self, x: Any) -> int:
        """Return the number of an operand that was met, or is a constant."""
        if x.__class__ is not Value:
            return self.constant(x)
        mark: Any = x._grad
        return mark if mark.__class__ is int else self.parameters[x]

    def constant(self, x: float) -> int:
        key = x if x and x == x else repr(x)  # -0.0 is not 0.0, and nan is itself
        number = self.constants.get(key)
        if number is None:
            number = self.constants[key] = self.draft.first_leaf + len(self.leaves)
            self.leaves.append(x)
        return number

    def below(self, root: Value) -> None:
        """Walk the graph of a value in the order of `Value.backward`; a closed-over value is a leaf."""
        detached, parameters, constant, draft = self.detached, self.parameters, self.constant, self.draft
        append_row, append_operand, append_start = draft.rows.append, draft.operands.append, draft.starts.append
        append_node, leaves, first_leaf = self.nodes.append, self.leaves, draft.first_leaf
        own_row: dict[Op, Op] = {}  # of the rows met so far: the row without settings
        stack = [root]
        push, pop = stack.append, stack.pop
        while stack:
            node = pop()
            mark: Any = node._grad
            if mark is _OPENED:  # its operands are written down now
                row = node._operation
                if detached and id(node) in detached:
                    draft.kept.add(len(draft.rows))
                    row, operands = DETACHED, (detached[id(node)],)
                elif row is None:
                    node._grad = constant(node._data)
                    continue
                else:
                    a, b = node._a, node._b
                    operands = a if a.__class__ is tuple else (a,) if b is None else (a, b)
                own = own_row.get(row)
                if own is None or recorded_by_hand(node):
                    own = own_row[row] = _replayable(node, row)
                node._grad = len(draft.rows)
                append_row(own)
                append_node(node)
                for x in operands:
                    if x.__class__ is Value:
                        mark = x._grad
                        append_operand(mark if mark.__class__ is int else parameters[x])
                    else:
                        append_operand(constant(x))
                for setting in row.settings:
                    append_operand(constant(setting))
                append_start(len(draft.operands))
                continue
            while mark is _FRESH:
                node._grad = _OPENED  # type: ignore[assignment]
                push(node)
                if detached and id(node) in detached:
                    a = detached[id(node)]
                else:
                    a, b = node._a, node._b
                    if b.__class__ is tuple:
                        stack.extend(reversed(b))
                    elif b.__class__ is Value:
                        push(b)
                if a.__class__ is not Value:
                    break
                node = a
                mark = a._grad
            else:
                if mark.__class__ is not int and node not in parameters:
                    parameters[node] = first_leaf + len(leaves)
                    leaves.append(node)


def _replayable(node: Value, row: Op) -> Op:
    """Return the table's row of a node, or raise for one that was recorded by hand."""
    own = TABLE.get(row.name)
    if own is None or row.formula is None or recorded_by_hand(node):
        raise TypeError(f"compile: {describe(node)} was recorded by hand, as Value(…, _op={row.spelling!r}), and can"
                        " not be replayed; use the operation itself, or add it with define_op")  # fmt: skip
    return own


NAMED = 100_000  # operations up to which a tape keeps roles and labels: the source of a longer one is too long to read
DETACHED = next(
    row for row in TABLE.values() if row.formula == "a"
)  # passes the number of a detached value on, and no gradient


def _written(walk: _Walk, outputs: list[Value], watch: Watch, live_argument: list[bool], for_comparison: bool) -> Tape:
    """Return the tape: weighted sums joined, numbers of the draft replaced by slots."""
    results, first_leaf = list(map(walk.number, outputs)), walk.draft.first_leaf
    guards: dict[tuple[str, int, int, bool], str] = {}
    for left, right, how, held, line in watch.comparisons:
        a, b = (walk.number(x if x.__class__ is Value else to_float_or_none(x)) for x in (left, right))
        if any([x < first_leaf or walk.leaves[x - first_leaf].__class__ is Value for x in (a, b)]):
            guards[how, a, b, held] = line
    detached = set(walk.draft.kept)
    walk.draft.kept.update(results, *((a, b) for _, a, b, _ in guards))
    draft, number = joined(walk.draft)

    arguments = range(first_leaf, first_leaf + len(watch.arguments))
    leaves = [*walk.parameters.values(), *walk.constants.values(), *arguments]  # in the order of their slots
    count = first_leaf + len(walk.leaves)
    slots: list[int] = [*range(len(leaves), len(leaves) + count)]  # by number: right for nodes, not yet for leaves
    for slot, leaf in enumerate(leaves):
        slots[leaf] = slot

    def slot_of(x: int) -> int:
        """Return the slot of the node or leaf that had this number in the walk."""
        return slots[x] if x >= first_leaf else slots[number[x]]

    rows = {row: i for i, row in enumerate(dict.fromkeys(draft.rows))}
    tape = Tape(
        parameters=tuple(walk.parameters),
        constants=array("d", [walk.leaves[x - first_leaf] for x in walk.constants.values()]),
        arguments=len(arguments),
        rows=tuple(rows),
        row=array("H", map(rows.__getitem__, draft.rows)),
        starts=array("i", draft.starts),
        operands=array("i", map(slots.__getitem__, draft.operands)),
        live=bytearray(len(leaves) + len(draft.rows)),
        outputs=tuple(map(slot_of, results)),
        guards=tuple([Guard(how, slot_of(a), slot_of(b), held, line) for (how, a, b, held), line in guards.items()]),
        live_arguments=tuple([slot_of(x) for x, live in zip(arguments, live_argument, strict=True) if live]),
    )
    if for_comparison:
        return tape
    _mark_live(tape, set(map(slot_of, detached)))
    if tape.nodes <= NAMED:
        nodes = compress(walk.nodes, [n >= 0 for n in number])
        for slot, x in enumerate((*walk.parameters, *tape.constants, *watch.arguments, *nodes)):
            if (role := getattr(x, "_role", None)) is not None:
                tape.roles[slot] = role
            if label := getattr(x, "_label", ""):
                tape.labels[slot] = label
    return tape


def _mark_live(tape: Tape, detached: set[int]) -> None:
    """Mark the slots that a gradient runs through: from the first output to parameters and Value arguments."""
    live, first, starts, operands = tape.live, tape.first_node, tape.starts, tape.operands
    live[: len(tape.parameters)] = b"\1" * len(tape.parameters)
    for slot in tape.live_arguments:
        live[slot] = 1
    start = 0
    for slot, end in enumerate(islice(starts, 1, None), start=first):
        if end - start == 1:
            live[slot] = live[operands[start]]
        elif end - start == 2:
            live[slot] = live[operands[start]] | live[operands[start + 1]]
        else:
            live[slot] = any(map(live.__getitem__, operands[start:end]))
        if slot in detached:
            live[slot] = 0
        start = end
    if len(tape.outputs) == 1 and not tape.guards and not detached:
        return  # all nodes were reached from the one output
    reached = bytearray(len(live))
    reached[tape.outputs[0]] = 1
    for node in range(tape.nodes - 1, -1, -1):
        if reached[first + node] and live[first + node]:
            for s in operands[starts[node] : starts[node + 1]]:
                reached[s] = 1
    live[:] = bytes(map(and_, live, reached))
