"""The derivation of one derivative: as symbols, as the rules say it, as numbers, and the result.

d out / d w is a sum over the paths from w to out of products of local derivatives. `Explanation` holds the paths
and says them in Unicode, LaTeX and Markdown; where they meet and part again, the same sum is also written grouped,
by the recursion over the next layer's nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from autograd_lite.checks import instance, whole
from autograd_lite.engine import Value
from autograd_lite.explanation.paths import Path, Paths, find_paths, sum_of
from autograd_lite.modes import describe
from autograd_lite.notation.local_derivatives import derivative, prime, ratio
from autograd_lite.notation.lookup import node_of
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, count, number, product, total
from autograd_lite.view import Edge, View
from autograd_lite.words import say, text_for

PATHS = 6  # how many paths are shown
LONGEST = 24  # factors of a path that are shown
WIDTH = 100  # a sum that is longer has one line for each term
LINES = 8  # lines of the grouped form, and terms in a line of it

Terms = tuple[Text, ...]  # a sum
Spell = Callable[[Edge], Text]  # how a factor is written: as a symbol, as its rule, as a number


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a derivation: its left side, and the right sides, one form after the other."""

    left: Text
    right: tuple[Terms, ...]

    def _rows(self) -> Iterator[tuple[str, Text]]:
        """Yield each sum with the sign before it; each term of a long sum has a row of its own."""
        for terms in self.right:
            if sum(len(term.text) for term in terms) > WIDTH:
                yield from (("+" if i else "=", term) for i, term in enumerate(terms))
            else:
                yield "=", total(terms)

    def in_text(self, indent: str) -> list[str]:
        """Return the line as lines of text."""
        found, left = [], indent + self.left.text
        for sign, form in self._rows():
            found.append(f"{left} {sign} {form.text}")
            left = " " * len(left)
        return found

    def until(self, terms: int, forms: int) -> tuple[str, str]:
        """Return the first terms, or the first forms, in text and in LaTeX; in LaTeX the others take up their room."""
        shown = [self.right[0][:terms] if forms == 1 else self.right[0], *self.right[1:forms]]
        text = "\n".join(Line(self.left, tuple(shown)).in_text(""))
        rows = []
        for i, form in enumerate(self.right):
            seen = len(shown[i]) if i < len(shown) else 0
            pieces = [f"{'+' if j else '='} {term.latex}" for j, term in enumerate(form)]
            pieces = [piece if j < seen else rf"\phantom{{{piece}}}" for j, piece in enumerate(pieces)]
            long = sum(len(term.text) for term in form) > WIDTH
            rows += [f"&{row}" for row in (pieces if long else [" ".join(pieces)])]
        rows[0] = f"{self.left.latex} {rows[0]}"
        return text, "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def in_latex(self) -> list[str]:
        """Return the line as rows of an `aligned` block."""
        found, left = [], self.left.latex
        for sign, form in self._rows():
            found.append(f"{left} &{sign if sign == '=' else chr(92) + 'quad +'} {form.latex}")
            left = ""
        return found


@dataclass(frozen=True, slots=True)
class Frame:
    """One state of a derivation as it is written on a board; `ag.draw(frame)` lights the paths that it speaks of."""

    text: str
    latex: str  # as large as in the last frame: terms still to come take up room, and are not seen
    names: Names = field(repr=False)
    lit: frozenset[tuple[int, int]] = field(repr=False)  # the edges of the paths, by the ids of result and operand

    @property
    def markdown(self) -> str:
        """The state as Markdown, with a formula between dollar signs."""
        return f"$$\n{self.latex}\n$$"


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """d out / d wrt, derived; `print` it, or show it as the last line of a notebook cell."""

    out: Value
    wrt: Value
    value: float  # the gradient, bit for bit as `grad` computes it
    found: Paths = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)  # the sum over the paths: symbols, rules, numbers, result
    grouped: tuple[Line, ...] = field(repr=False)  # the same by the recursion, where paths meet and part again
    rules: tuple[Line, ...] = field(repr=False)  # each factor that the lines only name
    stale: tuple[Text, ...] = field(repr=False)  # the leaves that were written since
    names: Names = field(repr=False)

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
        blocks = (("", self.lines), (say("explain.grouped"), self.grouped), (say("explain.where"), self.rules))
        return [(head, lines) for head, lines in blocks if lines]

    def __str__(self) -> str:
        found = [f"✎ {say('explain.written')}: {leaf.text}" for leaf in self.stale]
        for head, lines in self._blocks():
            found.extend([head] if head else [])
            for line in lines:
                found.extend(line.in_text("  " if head else ""))
        return "\n".join(found)

    @property
    def latex(self) -> str:
        """The derivation in LaTeX, for KaTeX and MathJax: one `aligned` block, without dollar signs."""
        rows = [rf"&\text{{{say('explain.written')}: }}{leaf.latex}" for leaf in self.stale]
        for head, lines in self._blocks():
            rows.extend([rf"&\text{{{head}}}"] if head else [])
            for line in lines:
                rows.extend(line.in_latex())
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    @property
    def markdown(self) -> str:
        """The derivation as Markdown with formulas between dollar signs."""
        return f"$$\n{self.latex}\n$$"

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The sum over the paths as successive states, for overlays: a term for each path, then a form after the other.

        >>> a = Value(2.0, label="a")
        >>> for frame in explain(a * a + a, wrt=a).frames[:2]:
        ...     print(frame.text)
        ∂f/∂a = ∂f/∂v1 · ∂v1/∂a
        ∂f/∂a = ∂f/∂v1 · ∂v1/∂a + ∂f/∂v1 · ∂v1/∂a
        """
        paths = [frozenset((id(e.node), id(e.parent)) for e in path.edges) for path in self.paths]
        line, every = self.lines[0], frozenset[tuple[int, int]]().union(*paths)
        first = len(line.right[0]) if line.right and len(paths) > 1 else 1
        states = [
            (i + 1, 1, paths[i] if first > 1 and i < len(paths) else every) for i in range(first if line.right else 0)
        ]
        states += [(first, forms, every) for forms in range(2, len(line.right) + 1)]
        return tuple(Frame(*line.until(terms, forms), self.names, lit) for terms, forms, lit in states)

    def _repr_markdown_(self) -> str:
        return self.markdown

    _repr_latex_ = _repr_markdown_


def explain(out: Value, wrt: Value | str, paths: int = PATHS) -> Explanation:
    """Derive d out / d wrt: a sum over paths of products of local derivatives. `wrt` is a Value, or its label.

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
    hint = "call it as explain(out, wrt=w)"
    instance("explain, out", out, Value, hint)
    whole("explain, paths", paths, "a number of paths")
    view, wrt = View(out).with_calls_expanded(wrt)
    names = Names(view)
    wrt = node_of("explain, wrt", wrt, names, hint)
    if id(wrt) not in view.gradients:
        name = Names(wrt)(wrt) if wrt.label or wrt.role else Text(describe(wrt), r"\text{input}")
        zero = Text(say("explain.no_path"), rf"0 \quad \text{{{say('explain.no_path_latex')}}}")
        line = Line(ratio(names.root, name), ((zero,),))
        return Explanation(view.root, wrt, 0.0, Paths((), 0, 0.0, 0.0), (line,), (), (), (), names)
    found = find_paths(view.order, wrt, paths)
    writer = _Writer(names, wrt, found)
    lines = (writer.sum_over_paths(),)
    meet = found.count > max(1, len(view.users[id(wrt)]))  # else each use is a path of its own: nothing to group
    grouped = tuple(writer.grouped()) if meet else ()
    stale = tuple(map(names, view.stale_leaves))
    value = view.gradients[id(wrt)]
    return Explanation(view.root, wrt, value, found, lines, grouped, writer.rules(), stale, names)


class _Writer:
    """Writes the lines, and remembers which factors they named without their rule."""

    def __init__(self, names: Names, wrt: Value, found: Paths) -> None:
        self.names, self.wrt, self.found = names, wrt, found
        self.out, self.users, self.grads = names.view.root, names.view.users, names.view.gradients
        self.alias = names.root != names(self.out)  # f is another name of the last unit: ∂f/∂a comes first, and is 1
        self.named: dict[str, Line] = {}

    def whole(self, node: Value) -> Text:
        """Return ∂f/∂node."""
        return ratio(self.names.root, self.names(node))

    def symbol(self, edge: Edge) -> Text:
        """Return ∂node/∂parent, the root under its name; marked where ∂f/∂parent is more than this one step."""
        step = ratio(self.names(edge.node), self.names(edge.parent))
        if self.alias or edge.node is not self.out or len(self.users[id(edge.parent)]) == 1:
            return step
        direct = say("explain.direct")
        return Text(f"{step.text}|{direct}", rf"\left.{step.latex}\right|_{{\text{{{direct}}}}}")

    def rule(self, edge: Edge) -> Text:
        """Return the factor as its rule has it; a unit's activation is g', which a line below explains."""
        node = edge.node
        if node.role is None or node.role.symbol != "a" or len(node.parents) != 1:
            return derivative(node, edge.parent_index, self.names)
        name = prime(node, self.names)
        if name.text not in self.named and len(self.named) < LINES:
            rule = derivative(node, edge.parent_index, self.names, taken=False)
            self.named[name.text] = Line(name, tuple(dict.fromkeys([(rule,), (number(edge.factor),)])))
        return name

    def rules(self) -> tuple[Line, ...]:
        """Return the factors that were named, each with its rule."""
        return tuple(self.named.values())

    def sum_over_paths(self) -> Line:
        """Write the derivative as the sum over the shown paths, and the remaining ones as one number."""
        left, forms = self.whole(self.wrt), list[Terms]()
        shown, one = self.found.shown, number(1.0)
        if any(path.edges for path in shown):
            for spell, first in ((self.symbol, self.whole(self.out)), (self.rule, one), (_number, one)):
                head = [first] if self.alias else []
                forms.append(_sum([[*head, *_each(spell, path.edges)] for path in shown], self.remaining()))
        if len(shown) > 1 or self.found.count > len(shown):
            forms.append((*(number(path.product).bracketed() for path in shown), *self.remaining(as_number=True)))
        forms.append((number(self.grads[id(self.wrt)]),))
        return Line(left, tuple(form for form in dict.fromkeys(forms) if form != (left,)))

    def remaining(self, as_number: bool = False) -> Terms:
        """Return the term for the paths that are not shown: their number, or their sum."""
        left = self.found.count - len(self.found.shown)
        if not left:
            return ()
        if as_number:
            return (number(self.found.rest).bracketed(),)
        return (_remark("explain.more_paths", count=count(left)),)

    def grouped(self) -> list[Line]:
        """Write the recursion: each node's derivative from those of the nodes that use it (L19 and L20)."""
        queue, seen, lines = [self.wrt], {id(self.wrt)}, list[Line]()
        while queue and len(lines) < LINES:
            node = queue.pop(0)
            chains = sorted(map(self._chain, self.users[id(node)][:LINES]), key=self._size)  # as the paths above
            for end in [chain[0].node for chain in chains]:
                if end is not self.out and id(end) not in seen:
                    seen.add(id(end))
                    queue.append(end)
            more = self._more(self.users[id(node)][LINES:])
            forms = [_sum([self._term(chain, spell) for chain in chains], more)
                     for spell in (self.symbol, self.rule, _number)]  # fmt: skip
            lines.append(Line(self.whole(node), tuple(dict.fromkeys([*forms, (number(self.grads[id(node)]),)]))))
        return lines

    def _chain(self, edge: Edge) -> list[Edge]:
        """Return the edges from one use of a node up to where paths part again, the highest first."""
        chain = [edge]
        while chain[-1].node is not self.out and len(users := self.users[id(chain[-1].node)]) == 1:
            chain += users
        return chain[::-1]

    def _size(self, chain: Sequence[Edge]) -> float:
        """Return the amount of a term for sorting, the largest first."""
        return -abs(self.grads[id(chain[0].node)] * prod(edge.factor for edge in chain))

    def _term(self, chain: Sequence[Edge], spell: Spell) -> list[Text]:
        end = chain[0].node
        first = number(self.grads[id(end)]) if spell is _number else self.whole(end)
        return [*([first] if end is not self.out or self.alias else []), *_each(spell, chain)]

    def _more(self, edges: Sequence[Edge]) -> Terms:
        """Return the sum of the terms that are not shown."""
        if not edges:
            return ()
        amount = number(sum_of([self.grads[id(e.node)] * e.factor for e in edges]))
        return (_remark("explain.more_terms", count=count(len(edges)), sum=amount),)


def _remark(key: str, **inside: Text) -> Text:
    """Return some words in square brackets, with formulas in their braces."""
    pieces = re.split(r"\{(\w+)\}", text_for(key, inside["count"].text))  # words and names in turns
    texts = [inside[piece].text if i % 2 else piece for i, piece in enumerate(pieces)]
    latex = [inside[piece].latex if i % 2 else rf"\text{{{piece}}}" for i, piece in enumerate(pieces) if piece]
    return Text(f"[{''.join(texts)}]", f"[{''.join(latex)}]")


def _number(edge: Edge) -> Text:
    return number(edge.factor)


def _each(spell: Spell, edges: Sequence[Edge]) -> list[Text]:
    """Write each edge of a chain; of a long one its two ends."""
    if len(edges) <= LONGEST:
        return list(map(spell, edges))
    half = LONGEST // 2
    gap = _remark("explain.more_factors", count=count(len(edges) - 2 * half))
    return [*map(spell, edges[:half]), gap, *map(spell, edges[-half:])]


def _sum(products: Sequence[Sequence[Text]], more: Terms) -> Terms:
    """Return each product as a term, and `more` terms; a factor with nothing beside it needs no brackets."""
    if not more and len(products) == len(products[0]) == 1:
        return tuple(products[0])
    terms = [product(factors) if factors else number(1.0) for factors in products]
    return (*(Text(term.text, term.latex) for term in terms), *more)
