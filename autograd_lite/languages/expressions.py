"""Write an expression in a language: one case for each form of the grammar."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import reduce
from math import isfinite

from autograd_lite import numerics
from autograd_lite.languages.language import ATOM, CALLED, CHOICE, COMPARE, SIGN, SUM, Language

_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class Expressions:
    """Writes expressions whose names stand for themselves."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def text(self, node: ast.expr, least: int = CHOICE) -> str:
        """Return an expression, in brackets if it holds its operands less firmly than asked."""
        text, strength = self.expression(node)
        return f"({text})" if strength < least else text

    def expression(self, node: ast.expr) -> tuple[str, int]:
        """Return an expression and how firmly it holds its operands."""
        match node:
            case ast.Constant(value=int(x)):
                return str(x), ATOM
            case ast.Constant(value=float(x)):
                return self.number(x)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(x))):
                return self.number(-x)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=op, operand=operand):
                return self.operator(type(op), [operand], 1)
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                base, exponent = _constant(left), _constant(right)
                if base is not None and exponent is not None:
                    return self.number(numerics.power(base, exponent))
                return self.operator(ast.Pow, [left, right], 1, 0)
            case ast.BinOp(left=left, op=op, right=right):
                return self.operator(type(op), [left, right], 0, 1)
            case ast.BoolOp(op=op, values=[*values, last]):
                return self.operator(type(op), [values[0] if len(values) == 1 else ast.BoolOp(op, values), last], 0, 1)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.operator(ast.IfExp, [test, body, orelse], 1, 1, 0)
            case ast.Compare():
                return self.comparison(node)
            case ast.Call(func=function, args=arguments):
                name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)  # math.copysign
                return self.call(name, arguments), ATOM
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")

    def name(self, name: str) -> tuple[str, int]:
        """Return a variable or a constant by its name."""
        return name, ATOM

    def number(self, x: float) -> tuple[str, int]:
        """Return a constant; a negative one has a sign before it."""
        text = self.language.number(x) if isfinite(x) else self.language.constants[repr(abs(x))]
        text = f"-{text}" if x == -numerics.inf else text
        return text, SIGN if text.startswith("-") else ATOM

    def operator(self, kind: type, operands: Sequence[ast.expr], *tighter: int) -> tuple[str, int]:
        """Return an operator with its operands; those that must be `tighter` by 1 have brackets if as loose as it."""
        return self.joined(kind, [self.expression(operand) for operand in operands], tighter)

    def joined(self, kind: type, operands: Sequence[tuple[str, int]], tighter: Sequence[int]) -> tuple[str, int]:
        """Return an operator with operands that are written already; a call where the language does not have it."""
        if kind not in self.language.operators:
            return f"{self.function(CALLED[kind])}({', '.join([text for text, _ in operands])})", ATOM
        pattern, strength = self.language.operators[kind]
        pairs = zip(operands, tighter, strict=True)
        return pattern.format(
            *[f"({text})" if held < strength + more else text for (text, held), more in pairs]
        ), strength

    def comparison(self, node: ast.Compare) -> tuple[str, int]:
        """Return a comparison; of a < b < c, b stands in two where the language knows no chains."""
        signs = [_COMPARISONS[type(op)] for op in node.ops]
        whole = len(signs) == 1 or self.language.chains
        middle = [self.text(x, SUM) if whole else self.once(x) for x in node.comparators[:-1]]
        texts = [self.text(node.left, SUM), *middle, self.text(node.comparators[-1], SUM)]
        if whole:
            return " ".join([texts[0], *[f"{s} {x}" for s, x in zip(signs, texts[1:], strict=True)]]), COMPARE
        pairs = [(f"{a} {sign} {b}", COMPARE) for a, sign, b in zip(texts, signs, texts[1:], strict=False)]
        return reduce(lambda left, right: self.joined(ast.And, [left, right], (0, 1)), pairs)

    def once(self, node: ast.expr) -> str:
        """Return an expression that is written twice."""
        return self.text(node, SUM)

    def function(self, name: str) -> str:
        """Return the name of a function in the text."""
        return self.language.primitive(name)

    def call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        """Return the call of a function."""
        return f"{self.function(name)}({', '.join([self.text(argument) for argument in arguments])})"


def _constant(node: ast.expr) -> float | None:
    """Return the number that stands in an expression, with its sign; None if it is more than a number."""
    match node:
        case ast.Constant(value=float(x)):
            return x
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(x) | float(x))):
            return -float(x)
    return None
