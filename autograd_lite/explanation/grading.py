"""Grading: an answer beside d out / d node, and the slip behind a wrong one.

A hint names the slip (a sign, a factor that was left out, one path of several, the derivative of another node) and
leaves the right number to the student; it stands in `Grade.expected`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, isfinite
from typing import Any, NamedTuple

from autograd_lite.coerce import number_of
from autograd_lite.engine import Value
from autograd_lite.explanation.given import (
    CLOSE,
    EXACT,
    ROUNDED,
    given_number,
    is_nan,
    near,
    no_number,
    right_digits,
    shown,
)
from autograd_lite.explanation.paths import find_paths, sum_of, to_input
from autograd_lite.explanation.rounding import Rounding
from autograd_lite.modes import describe
from autograd_lite.notation.local_derivatives import Derivatives, formula, ratio
from autograd_lite.notation.lookup import NAMED, NodesByName
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, count, number, product, safe, total
from autograd_lite.tables import Rows, Tabular, text_table
from autograd_lite.view import Edge, View
from autograd_lite.words import say

__all__ = ["Grade", "Grades", "check_answers"]

PATHS = 32  # paths that are compared with an answer
HINT = 1000  # characters of a hint, in which labels are cut already


@dataclass(frozen=True, slots=True)
class Grade:
    """One answer: `kind` names the verdict in the table of words, `expected` is None where no node was found."""

    name: str
    node: Value | None = field(repr=False)
    answer: Any
    expected: float | None
    kind: str
    hint: str = ""

    @property
    def right(self) -> bool:
        """Whether the answer is the derivative, exactly or rounded, or counts as if it were."""
        return self.kind in ("exact", "rounded", "carried")

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return say(f"grade.is_{self.kind.replace(' ', '_')}")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grades(Tabular):
    """All answers, graded; true if there are some and all are right."""

    longest = HINT
    rows: tuple[Grade, ...]
    stale: tuple[str, ...] = ()  # leaves that were written after the graph was recorded
    what: str = "node"  # the key of the word for the things that were asked

    def __bool__(self) -> bool:
        return bool(self.rows) and all(row.right for row in self.rows)

    @property
    def score(self) -> float:
        """The share of the rows that are right, from 0.0 to 1.0; 0.0 where there are none."""
        return self.right / self.asked if self.rows else 0.0

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(row.right for row in self.rows)

    @property
    def following(self) -> int:
        """How many answers follow from an earlier mistake, and do not count as right."""
        return sum(row.kind == "follows" for row in self.rows)

    @property
    def asked(self) -> int:
        """How many answers there should be: a name that no node has was meant for one that is missing."""
        kinds = [row.kind for row in self.rows]
        return len(kinds) - min(kinds.count("label"), kinds.count("missing"))

    def to_dict(self) -> dict[str, Any]:
        """Return the grades as numbers and texts, for JSON and for tables; what is no finite number is a text."""
        rows = [{"name": row.name, "answer": _plain_data(row.answer), "expected": _plain_data(row.expected),
                 "right": row.right, "verdict": row.verdict, "hint": row.hint} for row in self.rows]  # fmt: skip
        return {"score": self.score, "right": self.right, "of": self.asked, "rows": rows, "stale": list(self.stale)}

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, one an answer."""
        rows = []
        for g in self.rows:
            answer = "" if g.kind == "missing" else shown(g.answer)
            rows.append([g.name, answer, f"{'✓' if g.right else '✗'} {g.verdict}", g.hint])
        return [say(f"grade.{column}") for column in (self.what, "answer", "verdict", "hint")], rows

    @property
    def notes(self) -> list[str]:
        """The score, and a warning where leaves were written."""
        return [
            say("grade.score", right=self.right, of=self.asked),
            *([say("grade.following", count=following)] if (following := self.following) else []),
            *(f"✎ {say('explain.written')}: {leaf}" for leaf in self.stale),
        ]

    def __str__(self) -> str:
        head, rows = self.table
        lines = text_table(head[:3], [row[:3] for row in rows]).splitlines()
        hints = ["", *(f"  {row[3]}" if row[3] else "" for row in rows)]
        return "\n".join([*(line + hint for line, hint in zip(lines, hints, strict=True)), *self.notes])


def check_answers(
    out: Value, answers: Mapping[Any, Any], complete: bool | Iterable[Any] = False, hints: bool = True
) -> Grades:
    """Grade a student's answers for d out / d node, with a hint for each wrong one.

    A node is named by its Value, by its label, or as `explain` calls it; w₁₂⁽¹⁾ may be typed w12(1). An answer is a
    real number, or a text that spells one ("0.25", "0,25", "1/4"). What is no number or no node of the graph is
    listed as such. With `complete=True` every leaf has to be answered, with a list of nodes each of these; what is
    missing is a row that is not right. With `hints=False` the verdicts stand alone.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> print(check_answers(a * b + a, {"a": -3, b: 2, "c": 1}))
    node  answer              verdict
    a         −3  ✗ a path is missing  only what comes through v1; a is used 2 times: add up ∂f/∂v1 · b + 1
    b          2              ✓ right
    c          1       ✗ no such node  the names are a, b, v1, f
    1 of 3 right
    """
    if out.__class__ is not Value:
        raise TypeError(f"check_answers: expected a Value, got {type(out).__name__}; call it as check_answers(out, "
                        "{'w': 0.5})")  # fmt: skip
    if not isinstance(answers, Mapping):
        raise TypeError("check_answers: the answers must be a dict {label or Value: number}, not "
                        f"{type(answers).__name__}")  # fmt: skip
    wanted = () if isinstance(complete, bool) else tuple(complete)
    view, *keys = View(out).with_calls_expanded(*answers, *wanted)
    keys, wanted = keys[: len(answers)], tuple(keys[len(answers) :])
    grader = Grader(Names(view))
    rows = [grader.grade(key, answer) for key, answer in zip(keys, answers.values(), strict=True)]
    answered = {id(row.node) for row in rows}
    rows += [row for row in grader.demanded(wanted, complete is True) if id(row.node) not in answered]
    if not hints:
        rows = [replace(row, hint="") if row.node is not None and row.kind != "no number" else row for row in rows]
    return Grades(tuple(rows), tuple(grader.names(leaf).text for leaf in view.stale_leaves))


class Slip(NamedTuple):
    """A wrong answer that has a reason."""

    kind: str
    value: float
    hint: str


def same(x: float, expected: float, rounded: Callable[[float], bool]) -> bool:
    """Tell whether an answer is all of the right number; `rounded` tells what rounding explains of a difference."""
    return x == expected or near(x, expected, EXACT) or rounded(abs(x - expected))


def judged(
    x: float, expected: float, slips: Iterable[Slip], otherwise: Callable[[], str], rounded: Callable[[float], bool]
) -> tuple[str, str]:
    """Return the kind of an answer, and a hint: that of the slip behind it, else the one of `otherwise`."""
    if same(x, expected, rounded):
        return "exact", ""
    if right_digits(x, expected):
        return "rounded", ""
    if near(x, -expected, EXACT):
        return "sign", say("grade.hint_sign")
    known = list(slips) if x else []  # 0 is what many slips give
    for slip in known:
        if near(x, slip.value, EXACT):
            return slip.kind, slip.hint
    if near(x, expected, CLOSE):
        return "close", say("grade.hint_close")
    if right_digits(x, -expected):
        return "sign", say("grade.hint_sign")
    for slip in known:
        if near(x, slip.value, ROUNDED):
            return slip.kind, slip.hint
    return "wrong", otherwise()


class Grader:
    """The gradients and the names of a graph, and the slips that a wrong answer is compared with."""

    def __init__(self, names: Names) -> None:
        self.names, self.view = names, names.view
        self.root, self.order, self.grads = self.view.root, self.view.order, self.view.gradients
        self.rules: dict[int, Derivatives] = {}  # of the nodes that were asked about
        self.nodes = NodesByName(names)
        self.rounding = Rounding(self.view)

    def grade(self, key: Any, answer: Any) -> Grade:
        """Grade one answer."""
        try:
            node = self.nodes.find(key)
        except LookupError as refused:
            name = describe(key) if key.__class__ is Value else key if isinstance(key, str) else shown(key)
            return Grade(safe(name), None, answer, None, "label", str(refused))
        name, expected = self.names(node).text, self.grads[id(node)]
        if is_nan(answer) and expected != expected:
            return Grade(name, node, answer, expected, "exact")
        found = given_number(answer)
        if found is None:
            return Grade(name, node, answer, expected, "no number", no_number(answer))
        kind, hint = self.judged(node, found, expected)
        return Grade(name, node, found, expected, kind, hint)

    def demanded(self, wanted: Iterable[Any], leaves: bool) -> list[Grade]:
        """Return a row for each node that has to be answered, as if it were not; ValueError if one is no node."""
        try:
            nodes = [self.nodes.find(key) for key in wanted] + (self.view.leaves if leaves else [])
        except LookupError as refused:
            raise ValueError(f"check_answers: complete: {refused}") from None
        return [Grade(self.names(node).text, node, None, self.grads[id(node)], "missing") for node in nodes]

    def judged(self, node: Value, x: float, expected: float) -> tuple[str, str]:
        """Return the kind of an answer, and a hint."""
        rounded = partial(self.rounding.explains, node=node)
        return judged(x, expected, self._slips(node, expected), lambda: self._what_it_is(node), rounded)

    def _what_it_is(self, node: Value) -> str:
        """Return where the gradient comes from, not its number."""
        uses = self.view.users[id(node)]
        if node is self.root:
            return say("grade.hint_root")
        if all(use.node is self.root and self._rule(use).text == number(use.factor).text for use in uses):
            return derivative_of(self.root, self.names(node).text, self.names)
        return say("grade.hint_sum", sum=self._sum(node))

    def _slips(self, node: Value, expected: float) -> Iterator[Slip]:
        """Yield the wrong answers that have a reason, the likeliest first."""
        times = node.grad / expected if expected and node.operation is None else 0.0
        if 1.5 < times < inf and near(times, round(times), EXACT):  # backward() has run so many times
            yield Slip("wrong", node.grad, say("grade.hint_passes", count=round(times)))
        reach, _ = to_input(self.order, node)
        above = [other for other in self.order if id(other) in reach and other is not node]
        edges = [Edge(other, i) for other in above for i, p in enumerate(other.parents) if id(p) in reach]
        forgotten = [_target(edge) * self.grads[id(edge.node)] * reach[id(edge.parent)].slope for edge in edges]
        if any(forgotten):
            yield Slip("target", expected + sum_of(forgotten), say("grade.hint_target"))
        yield from self._paths(node, self.view.users[id(node)], expected)
        for edge in edges:  # from the node upwards
            up, rest = self.grads[id(edge.node)], reach[id(edge.parent)].slope
            if edge.factor != 1.0 and not (edge.node is self.root and edge.parent is node):  # a 1 that says nothing
                without = expected + (1.0 - edge.factor) * up * rest  # as if the factor were 1
                yield Slip("factor", without, say("grade.hint_factor", factor=self._local(edge)))
            if len(edge.node.operands) == 1:  # σ(z) where σ'(z) belongs
                swapped = expected + (number_of(edge.node) - edge.factor) * up * rest
                name = self.names(edge.node).text
                yield Slip("factor", swapped, say("grade.hint_output", name=name, factor=self._local(edge)))
        for other in reversed(above):
            if other is not self.root:
                hint = say("grade.hint_upstream", ratio=self._ratio(other, node), upstream=self._whole(other))
                yield Slip("factor", reach[id(other)].slope, hint)
        for other in self.order[:-1]:
            if other is not node:
                yield Slip("node", self.grads[id(other)], say("grade.hint_node", ratio=self._whole(other)))
        yield Slip("value", number_of(node), say("grade.hint_value", name=self.names(node).text))

    def _paths(self, node: Value, uses: Sequence[Edge], expected: float) -> Iterator[Slip]:
        """Yield the gradients through one use of a node, through all uses but one, and along one path."""
        if len(uses) > 1:
            add_up = say("grade.hint_used", name=self.names(node).text, count=len(uses), sum=self._sum(node))
            alone = all(edge.node is uses[0].node for edge in uses)  # b in b · b: all that arrives comes through it
            through = [
                (say("grade.one_operand", name=self.names(edge.node).text) if alone else self.names(edge.node).text,
                 "_straight" if edge.node is self.root and not alone else "", self.grads[id(edge.node)] * edge.factor)
                for edge in uses
            ]  # fmt: skip
            for name, how, amount in through:
                yield Slip("path", amount, f"{say(f'grade.hint_only{how}', name=name)}; {add_up}")
            for name, how, amount in through:
                yield Slip("path", expected - amount, f"{say(f'grade.hint_missing{how}', name=name)}; {add_up}")
        found = find_paths(self.order, node, PATHS)
        if found.count > 1:
            for path in found.shown:
                way = [self.names(n).text for n in reversed(path.nodes)]
                nodes = " → ".join(way if len(way) <= NAMED else [*way[: NAMED // 2], "…", *way[-NAMED // 2 :]])
                yield Slip("path", path.product, say("grade.hint_path", path=nodes, count=count(found.count).text))

    def _ratio(self, above: Value, below: Value) -> str:
        return ratio(self.names(above), self.names(below)).text

    def _whole(self, node: Value) -> str:
        return ratio(self.names.root, self.names(node)).text

    def _local(self, edge: Edge) -> str:
        """Return ∂node/∂parent = rule = number."""
        rule, x = self._rule(edge).text, number(edge.factor).text
        return " = ".join(dict.fromkeys([self._ratio(edge.node, edge.parent), rule, x]))

    def _rule(self, edge: Edge) -> Text:
        """Return the local derivative as its rule says it."""
        if id(edge.node) not in self.rules:
            self.rules[id(edge.node)] = Derivatives(edge.node, self.names)
        return self.rules[id(edge.node)](edge.parent_index)

    def _sum(self, node: Value) -> str:
        """Return the sum over the uses of a node: upstream gradient times local derivative, in symbols."""
        uses = self.view.users[id(node)]
        terms = []
        for edge in uses[:NAMED]:
            upstream = [] if edge.node is self.root else [ratio(self.names.root, self.names(edge.node))]
            terms.append(product([*upstream, self._rule(edge)]))
        more = f" + … ({say('grade.terms', count=len(uses))})" if len(uses) > NAMED else ""
        return total(terms).text + more


def derivative_of(node: Value, name: str, names: Names) -> str:
    """Return the hint at a local derivative that is a number: what is differentiated by what."""
    return say("grade.hint_constant", made=formula(node, lambda i: names.operand(node, i)).text, name=name)


def _target(edge: Edge) -> float:
    """Return y where the local derivative is p − y, of a loss that takes logits: 0 elsewhere, as for another class."""
    operands, row = edge.node.operands, edge.node.operation
    if row is None or not row.target:
        return 0.0
    *logits, target = operands
    position = [i for i, x in enumerate(operands) if x.__class__ is Value][edge.parent_index]
    if position == len(logits):  # the derivative by the target
        return 0.0
    y = number_of(target)
    return float(position == y) if row.takes_lists else y


def _plain_data(answer: Any) -> Any:
    """Return an answer as JSON holds it: a finite number or None as it is, the rest as text."""
    return answer if answer is None or (isinstance(answer, float) and isfinite(answer)) else shown(answer)
