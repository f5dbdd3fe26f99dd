"""A local derivative as its rule says it: the text of a row with the names of a node's operands in it.

The text is parsed (the grammar of a row is small), the numbers among the operands and settings are put in, and the
result is simplified (2·x¹ is 2·x) and printed, in Unicode and in LaTeX. A helper of the table that has no symbol is
written out: 6·w, not the name of its function.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from operator import add, mul
from operator import sub as minus
from typing import Any

from autograd_lite.coerce import number_of
from autograd_lite.engine import Value
from autograd_lite.idioms import has_no_formula
from autograd_lite.languages.parsing import names_in, parsed
from autograd_lite.notation.mathematics import Mathematics, called
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import Text, escaped, joined, number, product, safe, sub, total
from autograd_lite.ops import FLOAT_NAMES, TABLE, Op

SHOWN = 4  # operands of a function of a list that are shown
TERMS = 6  # terms of a sum that are shown


def derivative(node: Value, parent_index: int, names: Names, taken: bool = True) -> Text:
    """Return the local derivative of a node by its parent number `parent_index`, as the row's textbook says it.

    Of `x if test else y` the branch `taken` is shown, or else all of them. What was given by hand is a number.

    >>> x = Value(3.0, label="x")
    >>> derivative(x ** 2, 0, Names(x ** 2)).text, derivative(1 / x, 0, Names(1 / x)).text
    ('2·x', '−1 / x²')
    """
    return Derivatives(node, names)(parent_index, taken)


class Derivatives:
    """All local derivatives of a node; their common parts are found once, because there may be 100,000 of them."""

    __slots__ = ("arguments", "by_hand", "names", "node", "positions", "row")

    def __init__(self, node: Value, names: Names) -> None:
        assert node.operation is not None
        self.node, self.names, self.row = node, names, node.operation
        self.by_hand = has_no_formula(node)
        self.positions = [i for i, x in enumerate(node.operands) if x.__class__ is Value]  # of the parents
        self.arguments = [] if self.by_hand else list(_arguments(self.row, node.operands))

    def __call__(self, parent_index: int, taken: bool = True) -> Text:
        """Return the one by parent number `parent_index`, see `derivative`."""
        found = self._found(parent_index)
        if found is None:
            return number(self.node.partials[parent_index])
        tree, known, numbers, constants = found
        if taken:
            tree = _Taken({**numbers, "out": number_of(self.node)}).visit(tree)
        return Mathematics(known).text(_Folded(constants).visit(tree))

    def branches(self, parent_index: int) -> list[Text]:
        """Return the one by a parent in each case of `x if test else y`; none where it is only a number.

        >>> x = Value(3.0, label="x")
        >>> [branch.text for branch in Derivatives(x.relu(), Names(x.relu())).branches(0)]
        ['1', '0']
        """
        if (found := self._found(parent_index)) is None:
            return []
        tree, known, _, constants = found
        written = Mathematics(known)
        return [written.text(_Folded(constants).visit(branch)) for branch in _branches_of(tree)]

    def _found(self, parent_index: int) -> tuple[ast.expr, dict[str, Text], dict[str, float], dict[str, float]] | None:
        """Return the text by a parent as a tree, the names in it, the numbers and constants behind them, if it has one.

        A share among equal largest has no text, nor has a derivative that was given by hand.
        """
        node, row, names = self.node, self.row, self.names
        if self.by_hand:
            return None
        position = self.positions[parent_index]
        argument = next(i for i, (_, _, operands) in enumerate(self.arguments) if position in operands)
        entry = position - self.arguments[argument][2].start
        text = (row.textbook or row.partials)[argument]
        known: dict[str, Text] = {"out": names(node)}
        numbers: dict[str, float] = dict(zip(row.setting_names, row.settings, strict=True))
        constants = dict(numbers)
        for i, (name, is_list, operands) in enumerate(self.arguments):
            at = operands.start + min(entry, len(operands) - 1) if is_list else operands.start
            known[name] = names.operand(node, at)
            operand = node.operands[at]
            numbers[name] = number_of(operand)
            if operand.__class__ is not Value and not is_list and known[name] == number(operand):
                constants[name] = operand
            if is_list and i == argument and "(" in text:  # it may call a function of the whole list
                whole = [names.operand(node, k) for k in operands]
                known.update({f"{r.name}()": _entry_of(r, entry, whole) for r in TABLE.values() if r.each})
        if (
            row.is_list[argument]
            and not (row.textbook or row.by_entry[argument])
            and text.partition("(")[0] + "()" not in known
        ):
            return None
        tree = parsed(text, mode="eval").body
        if row.is_list[argument]:
            tree = _Taken({**numbers, "j": float(entry)}, entry=True).visit(tree)
        return tree, known, numbers, constants


def _branches_of(tree: ast.expr) -> Iterator[ast.expr]:
    """Yield x and y of `x if test else y`, and so on in y; any other expression as it is."""
    while isinstance(tree, ast.IfExp):
        yield tree.body
        tree = tree.orelse
    yield tree


def formula(node: Value, say: Callable[[int], Text]) -> Text:
    """Return the formula of a node in its operands; `say(i)` spells operand number i, by its name or its number.

    >>> x = Value(3.0, label="x")
    >>> node = 2 - x * 5
    >>> formula(node, lambda i: Names(node).operand(node, i)).text, formula(node, lambda i: number(i - 1.0)).text
    ('2 − v1', '−1 − 0')
    """
    row = node.operation
    assert row is not None
    operands = [say(i) for i in range(len(node.operands))]
    if has_no_formula(node):
        return _applied(Text(safe(row.symbol), rf"\operatorname{{{escaped(safe(row.symbol))}}}"), operands)
    if row.nameless:
        numbers = {name: x for name, x in zip(row.operands, node.operands, strict=True) if x.__class__ is float}
        constants = {**numbers, **dict(zip(row.setting_names, row.settings, strict=True))}
        tree = _Folded(constants).visit(parsed(f"{row.name}({', '.join(row.all_names)})", mode="eval").body)
        return Mathematics(dict(zip(row.operands, operands, strict=True))).text(tree)
    if row.fold and row.fold[1].startswith("out + "):
        return _sum_of(list(_terms(row, node, operands)))
    tree = parsed(row.formula, mode="eval").body
    if isinstance(tree, ast.BinOp | ast.UnaryOp | ast.Name):
        return Mathematics(dict(zip(row.operands, operands, strict=True))).text(tree)
    if not row.takes_lists:
        return called(row.name, operands)
    if row.each:
        return _entry_of(row, int(dict(zip(row.setting_names, row.settings, strict=True))[row.each]), operands, TERMS)
    return _applied(Text(row.symbol, rf"\operatorname{{{row.symbol}}}"), operands)


def _entry_of(row: Op, entry: int, operands: Sequence[Text], shown: int = SHOWN) -> Text:
    """Return one entry of a row that gives a list, as in softmax₂(z₁, z₂, z₃)."""
    unit = str(entry + 1)
    name = Text(row.symbol + sub(unit), rf"\operatorname{{{row.symbol}}}_{{{unit}}}")
    return _applied(name, operands, shown)


def _terms(row: Op, node: Value, operands: Sequence[Text]) -> Iterator[Text]:
    """Yield the terms of a row that is a sum: a product for each entry of its lists, then the start."""
    start, step = row.fold
    added: Any = parsed(step, mode="eval").body
    factors = _factors(added.right)
    grouped = dict(zip(row.operands, row.group(operands), strict=True))
    lists = [*compress(row.operands, row.is_list)]
    for i, entries in enumerate(zip(*[grouped[name] for name in lists], strict=True)):
        known = {**grouped, **dict(zip(lists, entries, strict=True))}
        found = [Mathematics(known).text(factor) for factor in factors]
        yield product(found) if len(found) > 1 else found[0].bracketed() if i else found[0]
    first = dict(zip(row.operands, row.group(node.operands), strict=True)).get(start)
    if first is not None and (first.__class__ is Value or first):
        yield grouped[start]


def _factors(tree: ast.expr) -> list[ast.expr]:
    """Return the factors of a product."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return [*_factors(tree.left), *_factors(tree.right)]
    return [tree]


def _applied(function: Text, operands: Sequence[Text], shown: int = TERMS) -> Text:
    """Return function(a, b, …)."""
    more = [Text("…", r"\ldots")] if len(operands) > shown else []
    inner = joined([*operands[:shown], *more], ", ", ", ")
    return Text(f"{function.text}({inner.text})", f"{function.latex}({inner.latex})")


def _sum_of(terms: Sequence[Text]) -> Text:
    """Return a + b + …; of a long sum its two ends."""
    if len(terms) <= TERMS:
        return total(terms)
    return total([*terms[: TERMS - 2], Text("…", r"\cdots"), *terms[-2:]])


def meaning(node: Value, names: Names) -> Text | None:
    """Return the textbook's definition of a helper that has a symbol of its own (sech²), None of any other node.

    >>> x = Value(0.5, label="x")
    >>> from autograd_lite.engine import record
    >>> meaning(record(TABLE["sech2"], (x,)), Names(x)).text[:12]
    'sech²(x) = 1'
    """
    row = node.operation
    if row is None or row.nameless or not row.means:
        return None
    spelled = {name: names.operand(node, i) for i, name in enumerate(row.operands)}
    forms = [Mathematics(spelled).text(parsed(form, mode="eval").body) for form in (row.formula, row.means)]
    return Text(" = ".join(f.text for f in forms), " = ".join(f.latex for f in forms))


def prime(node: Value, names: Names) -> Text:
    """Return g'(z) for the output a of a unit; σ' where g is the sigmoid."""
    row, z = node.operation, names(node.parents[0])
    g = ("σ", r"\sigma") if row is not None and row.symbol == "σ" else ("g", "g")
    return Text(f"{g[0]}'({z.text})", f"{g[1]}'({z.latex})")


def ratio(above: Text, below: Text) -> Text:
    """Return ∂above/∂below."""
    top, bottom = above.bracketed(), below.bracketed()
    return Text(f"∂{top.text}/∂{bottom.text}", rf"\frac{{\partial {above.latex}}}{{\partial {below.latex}}}")


def _arguments(row: Op, operands: Sequence[Any]) -> Iterator[tuple[str, bool, range]]:
    """Yield each argument of a row: its name, whether it is a list, and which of the operands belong to it."""
    start = 0
    for name, is_list, group in zip(row.operands, row.is_list, row.group(operands), strict=True):
        stop = start + (len(group) if is_list else 1)
        yield name, is_list, range(start, stop)
        start = stop


class _Taken(ast.NodeTransformer):
    """Of `x if test else y`, leave the branch that the numbers take; of an `entry` only where the test names j."""

    def __init__(self, numbers: Mapping[str, float], entry: bool = False) -> None:
        self.numbers, self.entry = numbers, entry

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        if self.entry and "j" not in names_in(ast.unparse(node.test)):
            return self.generic_visit(node)
        test = compile(ast.fix_missing_locations(ast.Expression(node.test)), "<test>", "eval")
        holds = eval(test, FLOAT_NAMES | {"__builtins__": {}}, dict(self.numbers))
        found: ast.AST = self.visit(node.body if holds else node.orelse)
        return found


class _Filled(ast.NodeTransformer):
    """Put expressions in the place of names."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.known.get(node.id, node)


_COMPUTED: dict[type, Callable[[float, float], float]] = {ast.Add: add, ast.Sub: minus, ast.Mult: mul}


class _Folded(ast.NodeTransformer):
    """Put numbers in the place of constants, write out helpers without a symbol, and simplify: 2·x¹ becomes 2·x."""

    def __init__(self, constants: Mapping[str, float]) -> None:
        self.constants = constants

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(self.constants[node.id]) if node.id in self.constants else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        row = TABLE.get(ast.unparse(node.func))
        if row is None or not row.nameless:
            return node
        arguments = dict(zip(row.all_names, node.args, strict=True))
        numbers = {name: x for name, found in arguments.items() if (x := _constant(found)) is not None}
        written = _Taken(numbers).visit(parsed(row.means, mode="eval").body)
        return _Folded({}).visit(_Filled(arguments).visit(written))  # type: ignore[no-any-return]

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = _constant(node.left), _constant(node.right)
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() as op) if left is not None and right is not None:
                return ast.Constant(_COMPUTED[type(op)](left, right))
            case ast.BinOp(op=ast.Pow()) if right in (0.0, 1.0):
                return node.left if right else ast.Constant(1.0)
            case ast.BinOp(op=ast.Mult()) if 0.0 in (left, right):
                return ast.Constant(0.0)
            case ast.BinOp(op=ast.Mult()) if 1.0 in (left, right):
                return node.right if left == 1.0 else node.left
            case ast.BinOp(op=ast.Add() | ast.Sub()) if right == 0.0:
                return node.left
            case ast.BinOp(op=ast.Mult() as op, right=ast.BinOp(left=b, op=ast.Mult(), right=c)):  # a (b c) = a b c
                return self.visit_BinOp(ast.BinOp(ast.BinOp(node.left, op, b), op, c))
            case ast.BinOp(ast.BinOp(a, ast.Sub(), ast.Constant(float(b))), ast.Sub() as op) if right:
                return ast.BinOp(a, op, ast.Constant(b + right))
        return node


def _constant(node: ast.AST) -> float | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, float) else None
