"""Expressions typed on the command line, such as `exp(w*x + b)`, as graphs of Values.

The grammar is closed: numbers, names, `+ - * / ** %`, parentheses, and calls of the operation table's
functions. Python's parser reads the text into a tree, and this module walks the tree; nothing runs as Python.
"""

from __future__ import annotations

import ast
import math
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from autograd_lite.engine import Value
from autograd_lite.functions import apply
from autograd_lite.ops import TABLE, Op

LONGEST = 2000  # characters
DEEPEST = 200  # operations inside each other: few enough to recurse

Term = Value | float

OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Pow: "pow",
    ast.Mod: "mod",
    ast.UAdd: "pos",
    ast.USub: "neg",
}
GRAMMAR = "only numbers, names, + - * / ** %, parentheses and calls such as exp(x) are read"


class ExpressionError(ValueError):
    """An expression outside the grammar: the position (counted from 1) and the reason in one line."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression's value and the leaves that it was computed from, by name, in the order of their use."""

    value: Value
    leaves: Mapping[str, Value]


def read_expression(text: str, variables: Mapping[str, float]) -> Expression:
    """Compute an expression; every variable in it becomes one labelled leaf, however often it occurs.

    >>> e = read_expression("x*x + 3*y", {"x": 2.0, "y": 5.0})
    >>> e.value.data, list(e.leaves)
    (19.0, ['x', 'y'])
    >>> read_expression("2 * z", {"x": 2.0})
    Traceback (most recent call last):
    autograd_lite.cli.expressions.ExpressionError: position 5: no value for 'z'; add z=1.0
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"{len(text)} characters; at most {LONGEST} are read")
    reader = _Reader(text, {normal(name): number for name, number in variables.items()})
    value = reader.read(reader.tree())
    if not isinstance(value, Value):
        raise ExpressionError("no variable in it, so nothing to differentiate; write for example 'x * 2' x=3")
    return Expression(value, reader.leaves)


def known_functions() -> dict[str, Op]:
    """Return the operations by every name that an expression may call them by: `asin` and `arcsin` are one.

    >>> known = known_functions()
    >>> known["exp"].name, known["asin"].name, known["max"].name
    ('exp', 'arcsin', 'maximum')
    """
    own = {name: row for name, row in TABLE.items() if not row.helper and (not row.takes_lists or _takes_one_list(row))}
    spellings = {name.replace("arc", "a", 1): row for name, row in own.items() if name.startswith("arc")}
    return {"max": own["maximum"], "min": own["minimum"], **spellings, **own}


def _takes_one_list(row: Op) -> bool:
    return row.starred == (True,) and not row.setting_names


def normal(name: str) -> str:
    """Return a name as Python's parser spells it, for it takes the ligature 'ﬁ' and 'fi' for one name."""
    return unicodedata.normalize("NFKC", name)


def _shortened(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"


class _Reader:
    """One walk over one expression."""

    def __init__(self, text: str, variables: Mapping[str, float]) -> None:
        # A line break or a tab means no more than a space; every character keeps its place.
        self.text = "".join(" " if character.isspace() else character for character in text)
        self.indent = len(self.text) - len(self.text.lstrip())
        self.variables = variables
        self.leaves: dict[str, Value] = {}
        self.functions = known_functions()

    def error(self, reason: str, place: int) -> ExpressionError:
        return ExpressionError(f"position {place + 1}: {reason}")

    def error_at(self, node: ast.expr, reason: str) -> ExpressionError:
        before = self.text.strip().encode()[: node.col_offset]  # the parser counts bytes
        return self.error(reason, self.indent + len(before.decode()))

    def tree(self) -> ast.expr:
        """Return the text as Python's parser sees it; what it refuses raises, as do comments and controls."""
        if not self.text.strip():
            raise ExpressionError("the expression is empty")
        for place, character in enumerate(self.text):
            if character == "^":
                raise self.error("write a power as **", place)
            if character in "#\\" or not character.isprintable():
                raise self.error(f"{character!r} has no meaning here", place)
        try:
            with warnings.catch_warnings():  # such as "invalid decimal literal" for `2if`
                warnings.simplefilter("ignore")
                return ast.parse(self.text.strip(), mode="eval").body
        except SyntaxError as error:
            place = min(max((error.offset or 1) - 1, 0), len(self.text.strip()))
            raise self.error(error.msg.partition(". ")[0], self.indent + place) from None
        except (RecursionError, MemoryError, ValueError):  # the parser's own limits
            raise ExpressionError(f"too deep; at most {DEEPEST} operations inside each other are read") from None

    def read(self, node: ast.expr, depth: int = 0) -> Term:
        """Return what a node of the tree stands for."""
        if depth > DEEPEST:
            raise ExpressionError(f"too deep; at most {DEEPEST} operations inside each other are read")
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return self.number(node, number)
            case ast.Name(id=name):
                return self.leaf(node, name)
            case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in OPERATORS:
                row, operands = TABLE[OPERATORS[type(symbol)]], [left, right]
            case ast.UnaryOp(op=symbol, operand=operand) if type(symbol) in OPERATORS:
                row, operands = TABLE[OPERATORS[type(symbol)]], [operand]
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=[]):
                row = self.function(node, name)
            case _:
                raise self.error_at(node, GRAMMAR)
        return self.apply(node, row, [self.read(operand, depth + 1) for operand in operands])

    def number(self, node: ast.expr, number: float) -> float:
        try:
            value = float(number)
        except OverflowError:  # an int beyond all floats
            value = math.inf
        if value == math.inf:
            raise self.error_at(node, "the number is too large for a float")
        return value

    def leaf(self, node: ast.expr, name: str) -> Value:
        if name in self.leaves:
            return self.leaves[name]
        if name in self.variables:
            return self.leaves.setdefault(name, Value(self.variables[name], label=name))
        if name in self.functions:
            raise self.error_at(node, f"{name!r} is a function; call it: {name}(...)")
        near = get_close_matches(name, self.variables, n=1, cutoff=0.5)
        shown = _shortened(name)
        hint = f"did you mean {_shortened(near[0])!r}?" if near else f"add {shown}=1.0"
        raise self.error_at(node, f"no value for {shown!r}; {hint}")

    def function(self, node: ast.expr, name: str) -> Op:
        if name in self.functions:
            return self.functions[name]
        near = get_close_matches(name, self.functions, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(self.functions))}"
        raise self.error_at(node, f"no function {_shortened(name)!r}; {hint}")

    def apply(self, node: ast.expr, row: Op, terms: list[Term]) -> Term:
        """Apply a row: one node, or a number if no Value is among the operands."""
        if _takes_one_list(row) and terms:
            return apply(row, terms)  # type: ignore[no-any-return]
        count = len(row.operands)
        settings = [term for term in terms[count:] if not isinstance(term, Value)]
        if not count <= len(terms) <= count + len(row.setting_names):
            signature = ", ".join((*row.operands, *(f"{name}=..." for name in row.setting_names)))
            raise self.error_at(node, f"{row.name}({signature}) got {len(terms)} arguments")
        if len(settings) < len(terms) - count:
            names = " and ".join(row.setting_names)
            raise self.error_at(
                node, f"{row.name}: {names} must be plain numbers, for they are constants of the operation"
            )
        bound = row.bind(**dict(zip(row.setting_names, settings, strict=False))) if settings else row
        return apply(bound, *terms[:count])  # type: ignore[no-any-return]
