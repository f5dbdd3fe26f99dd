"""The derivation of one derivative: as symbols, as the rules say it, as numbers, and the result.

d out / d w is a sum over the paths from w to out of products of local derivatives. `Explanation` holds the paths
and says them in Unicode, LaTeX and Markdown; where they part and meet again, the same sum is also written grouped,
by the recursion over the next layer's nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.checks import instance, whole
from autograd_lite.engine import Value
from autograd_lite.explanation.local_derivatives import derivative, prime, ratio
from autograd_lite.explanation.paths import Edge, Path, Paths, find_paths, sum_of
from autograd_lite.graph import gradients
from autograd_lite.modes import describe
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, count, number, product, total
from autograd_lite.stale import stale_leaves
from autograd_lite.unfold import unfolded

PATHS = 6  # how many paths are shown
LONGEST = 24  # factors of a path that are shown
WIDTH = 100  # a sum that is longer has one line for each term
WRITTEN = "written after this was recorded, so shown with its old derivatives"
LINES = 8  # lines of the grouped form, and terms in a line of it


Terms = tuple[Text, ...]  # a sum


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation: what it is about, and what that equals, one form after the other."""

    left: Text
    right: tuple[Terms, ...]

    def in_text(self, indent: str) -> list[str]:
        """Return the line as lines of text; each term of a long sum has its own."""
        found, left = [], indent + self.left.text
        for terms in self.right:
            long = sum(len(t.text) for t in terms) > WIDTH
            for i, said in enumerate([t.text for t in terms] if long else [total(terms).text]):
                found.append(f"{left} {'+' if i else '='} {said}")
                left = " " * len(left)
        return found

    def in_latex(self) -> list[str]:
        """Return the line as rows of an `aligned` block."""
        found, left = [], self.left.latex
        for terms in self.right:
            long = sum(len(t.text) for t in terms) > WIDTH
            for i, said in enumerate([t.latex for t in terms] if long else [total(terms).latex]):
                found.append(rf"{left} &\quad + {said}" if i else f"{left} &= {said}")
                left = ""
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """d out / d wrt, derived; `print` it, or show it as the last line of a notebook cell."""

    out: Value
    wrt: Value
    value: float  # the gradient, bit for bit as `grad` computes it
    found: Paths = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)  # the sum over the paths: symbols, rules, numbers, result
    grouped: tuple[Line, ...] = field(repr=False)  # the same by the recursion, where there are several paths
    rules: tuple[Line, ...] = field(repr=False)  # each factor that the lines only name
    stale: tuple[Text, ...] = field(repr=False)  # the leaves that were written since

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths of largest |product|, largest first."""
        return self.found.shown

    @property
    def path_count(self) -> int:
        """The number of all paths, exactly."""
        return self.found.count

    @property
    def rest(self) -> float:
        """The sum over the paths that are not in `paths`, added up on its own."""
        return self.found.rest

    def _blocks(self) -> list[tuple[str, tuple[Line, ...]]]:
        blocks = (("", self.lines), ("grouped", self.grouped), ("where", self.rules))
        return [(head, lines) for head, lines in blocks if lines]

    def __str__(self) -> str:
        found = [f"✎ {WRITTEN}: {leaf.text}" for leaf in self.stale]
        for head, lines in self._blocks():
            found.extend([head] if head else [])
            for line in lines:
                found.extend(line.in_text("  " if head else ""))
        return "\n".join(found)

    @property
    def latex(self) -> str:
        """The derivation in LaTeX, for KaTeX and MathJax: one `aligned` block, without dollar signs."""
        rows = [rf"&\text{{{WRITTEN}: }}{leaf.latex}" for leaf in self.stale]
        for head, lines in self._blocks():
            rows.extend([rf"&\text{{{head}}}"] if head else [])
            for line in lines:
                rows.extend(line.in_latex())
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    @property
    def markdown(self) -> str:
        """The derivation as Markdown with formulas between dollar signs."""
        return f"$$\n{self.latex}\n$$"

    def _repr_markdown_(self) -> str:
        return self.markdown

    _repr_latex_ = _repr_markdown_


def explain(out: Value, wrt: Value, paths: int = PATHS) -> Explanation:
    """Derive d out / d wrt: a sum over paths of products of local derivatives.

    Where a node has more than one way to f, ∂f/∂z|direct is the local derivative, of one step; ∂f/∂z is all of it.

    >>> w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(0.5, label="b")
    >>> z = w * x + b
    >>> z.label = "z"
    >>> print(explain(z * z, wrt=w))
    ∂f/∂w = ∂f/∂z|direct · ∂z/∂v1 · ∂v1/∂w + ∂f/∂z|direct · ∂z/∂v1 · ∂v1/∂w
          = z · 1 · x + z · 1 · x
          = (−1.5) · 1 · (−1) + (−1.5) · 1 · (−1)
          = 1.5 + 1.5
          = 3
    grouped
      ∂f/∂w = ∂f/∂z · ∂z/∂v1 · ∂v1/∂w
            = ∂f/∂z · 1 · x
            = (−3) · 1 · (−1)
            = 3
      ∂f/∂z = ∂f/∂z|direct + ∂f/∂z|direct
            = z + z
            = (−1.5) + (−1.5)
            = −3
    """
    for what, given in (("out", out), ("wrt", wrt)):
        instance(f"explain, {what}", given, Value, "call it as explain(out, wrt=w)")
    whole("explain, paths", paths, "a number of paths")
    out, wrt = unfolded(out, wrt)
    names = Names(out)
    below = next((True for node in names.order if node is wrt), False)
    if not below:
        left = ratio(names.root, _stranger(wrt))
        line = Line(left, ((Text("0, because no path leads there", r"0 \quad \text{(no path leads there)}"),),))
        return Explanation(out, wrt, 0.0, Paths((), 0, 0.0, 0.0), (line,), (), (), ())
    found = find_paths(names.order, wrt, paths)
    grads = gradients(names.order)
    writer = _Writer(names, out, wrt, found, grads)
    stale = tuple(names(leaf) for leaf in stale_leaves(out, names.order))
    lines = (writer.sum_over_paths(),)
    grouped = tuple(writer.grouped()) if found.count > 1 else ()
    return Explanation(out, wrt, grads.get(id(wrt), 0.0), found, lines, grouped, writer.rules(), stale)


def _stranger(wrt: Value) -> Text:
    return Names(wrt)(wrt) if wrt.label or wrt.role else Text(describe(wrt), r"\text{input}")


class _Writer:
    """Writes the lines, and remembers which factors they named without saying them."""

    def __init__(self, names: Names, out: Value, wrt: Value, found: Paths, grads: dict[int, float]) -> None:
        self.names, self.out, self.wrt, self.found, self.grads = names, out, wrt, found, grads
        self.alias = names.root != names(out)  # f is another name of the last unit: ∂f/∂a comes first, and is 1
        self.uses = Counter(id(parent) for node in names.order for parent in node.parents)
        self.named: dict[str, Line] = {}

    def whole(self, node: Value) -> Text:
        """Return ∂f/∂node."""
        return ratio(self.names.root, self.names(node))

    def symbol(self, edge: Edge) -> Text:
        """Return ∂node/∂parent, the root under its name; marked where ∂f/∂parent is more than this one step."""
        said = ratio(self.names(edge.node), self.names(edge.parent))
        if self.alias or edge.node is not self.out or self.uses[id(edge.parent)] == 1:
            return said
        return Text(f"{said.text}|direct", rf"\left.{said.latex}\right|_{{\text{{direct}}}}")

    def rule(self, edge: Edge) -> Text:
        """Return the factor as its rule says it; a unit's activation is g', said below."""
        node = edge.node
        if node.role is None or node.role.symbol != "a" or len(node.parents) != 1:
            return derivative(node, edge.place, self.names)
        said = prime(node, self.names)
        if said.text not in self.named and len(self.named) < LINES:
            rule = derivative(node, edge.place, self.names, taken=False)
            self.named[said.text] = Line(said, tuple(dict.fromkeys([(rule,), (number(edge.factor),)])))
        return said

    def rules(self) -> tuple[Line, ...]:
        """Return the factors that were named, each with what it is."""
        return tuple(self.named.values())

    def sum_over_paths(self) -> Line:
        """Write the derivative as the sum over the shown paths, and the rest as one number."""
        left, forms = self.whole(self.wrt), list[Terms]()
        shown = self.found.shown
        if any(path.edges for path in shown):
            one = number(1.0)
            for say, first in ((self.symbol, self.whole(self.out)), (self.rule, one), (_numeral, one)):
                head = [first] if self.alias else []
                said = [[*head, *_each(say, path.edges)] for path in shown]
                forms.append((*_sum(said, alone=not self.folded()), *self.folded()))
        if len(shown) > 1 or self.found.count > len(shown):
            forms.append((*(number(path.product).bracketed() for path in shown), *self.folded(True)))
        forms.append((number(self.grads[id(self.wrt)]),))
        return Line(left, tuple(form for form in dict.fromkeys(forms) if form != (left,)))

    def folded(self, as_number: bool = False) -> list[Text]:
        """Return what stands for the paths that are not shown: their number, or their sum."""
        left = self.found.count - len(self.found.shown)
        if not left:
            return []
        if as_number:
            return [number(self.found.rest).bracketed()]
        what, plural = count(left), "" if left == 1 else "s"
        return [Text(f"[{what.text} more path{plural}]", rf"[{what.latex}\text{{ more path{plural}}}]")]

    def grouped(self) -> list[Line]:
        """Write the recursion: each node's derivative from those of the nodes that use it (L19 and L20)."""
        users = self._users()
        queue, seen, lines = [self.wrt], {id(self.wrt)}, list[Line]()
        while queue and len(lines) < LINES:
            node = queue.pop(0)
            lines.append(self._recursion(node, users, queue, seen))
        return lines

    def _users(self) -> dict[int, list[Edge]]:
        """Return the edges out of each node on a path, from the input's side."""
        users: dict[int, list[Edge]] = {id(self.wrt): []}
        for node in self.names.order:
            if node is self.wrt:
                continue
            for place, parent in enumerate(node.parents):
                if id(parent) in users:
                    users[id(parent)].append(Edge(node, place))
                    users.setdefault(id(node), [])
        return users

    def _recursion(self, node: Value, users: dict[int, list[Edge]], queue: list[Value], seen: set[int]) -> Line:
        """Write ∂f/∂node as a sum over its users, each followed up to where paths part again."""
        terms = []
        for edge in users[id(node)][:LINES]:
            chain = [edge]
            while chain[-1].node is not self.out and len(users[id(chain[-1].node)]) == 1:
                chain.append(users[id(chain[-1].node)][0])
            end = chain[-1].node
            terms.append((end, chain[::-1]))
            if end is not self.out and id(end) not in seen:
                seen.add(id(end))
                queue.append(end)
        more = self._more(users[id(node)][LINES:])
        forms: list[Terms] = [
            (*_sum([self._term(end, chain, say) for end, chain in terms], alone=not more), *more)
            for say in (self.symbol, self.rule, _numeral)
        ]
        return Line(self.whole(node), tuple(dict.fromkeys([*forms, (number(self.grads[id(node)]),)])))

    def _term(self, end: Value, chain: Sequence[Edge], say: Any) -> list[Text]:
        leads = end is not self.out or self.alias
        first = number(self.grads[id(end)]) if say is _numeral else self.whole(end)
        return [*([first] if leads else []), *_each(say, chain)]

    def _more(self, edges: Sequence[Edge]) -> list[Text]:
        """Return the sum of the terms that are not shown."""
        if not edges:
            return []
        amounts = [self.grads[id(edge.node)] * edge.factor for edge in edges]
        sum_, what = number(sum_of(amounts)), count(len(edges))
        return [Text(f"[{what.text} more: {sum_.text}]", rf"[{what.latex}\text{{ more: }}{sum_.latex}]")]


def _numeral(edge: Edge) -> Text:
    return number(edge.factor)


def _each(say: Any, edges: Sequence[Edge]) -> list[Text]:
    """Say each edge of a chain; of a long one its two ends."""
    if len(edges) <= LONGEST:
        return [say(edge) for edge in edges]
    half = LONGEST // 2
    left = count(len(edges) - 2 * half)
    gap = Text(f"[{left.text} more factors]", rf"[{left.latex}\text{{ more factors}}]")
    return [*map(say, edges[:half]), gap, *map(say, edges[-half:])]


def _sum(terms: Sequence[Sequence[Text]], alone: bool) -> list[Text]:
    """Return each term as the product of its factors; a factor with nothing beside it needs no brackets."""
    if alone and len(terms) == len(terms[0]) == 1:
        return [*terms[0]]
    return [_cut(factors) for factors in terms]


def _cut(factors: Sequence[Text]) -> Text:
    said = product(factors)
    return Text(said.text, said.latex) if factors else number(1.0)
