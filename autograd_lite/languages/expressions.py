"""Write an expression of the grammar in a language."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import reduce
from math import isfinite
from typing import Generic, TypeVar

from autograd_lite import numerics
from autograd_lite.languages.language import ATOM, CALLED, CHOICE, COMPARE, SIGN, SUM, Language

T = TypeVar("T")

_COMPARISONS: dict[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


class Walker(Generic[T]):
    """Walks an expression and puts together what `T` holds of its parts; one case for each form of the grammar."""

    def expression(self, node: ast.expr) -> T:
        """Return an expression, written."""
        match node:
            case ast.Constant(value=int() | float() as x):
                return self.number(x)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(x))):
                return self.number(-x)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=op, operand=operand):
                return self.operator(type(op), [self.expression(operand)])
            case ast.BinOp():
                return self.arithmetic(node)
            case ast.BoolOp(op=op, values=values):
                parts = [self.expression(value) for value in values]
                return reduce(lambda left, right: self.operator(type(op), [left, right]), parts)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.operator(ast.IfExp, [self.expression(part) for part in (test, body, orelse)])
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self.comparison([type(op) for op in ops], [left, *others])
            case ast.Call(func=function, args=arguments):
                name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)  # math.copysign
                return self.call(name, arguments)
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")

    def arithmetic(self, node: ast.BinOp) -> T:
        """Write an operation; of a + b + … a loop writes the terms, as there may be more than calls can be nested."""
        chain = [node]
        while isinstance(first := chain[-1].left, ast.BinOp) and not isinstance(first.op, ast.Pow):
            chain.append(first)
        done = self.expression(first)
        for part in reversed(chain):
            done = self.operator(type(part.op), [done, self.expression(part.right)])
        return done

    def number(self, x: float) -> T:
        """Write a constant."""
        raise NotImplementedError

    def name(self, name: str) -> T:
        """Write a variable or a constant by its name."""
        raise NotImplementedError

    def operator(self, kind: type, operands: Sequence[T]) -> T:
        """Write an operator between its operands; the conditional expression has its test first."""
        raise NotImplementedError

    def comparison(self, kinds: Sequence[type], operands: Sequence[ast.expr]) -> T:
        """Write a comparison, or a chain of some."""
        raise NotImplementedError

    def call(self, name: str, arguments: Sequence[ast.expr]) -> T:
        """Write the call of a function."""
        raise NotImplementedError


class Expressions(Walker[tuple[str, int]]):
    """Writes code: a text, and how firmly it holds its operands. Names stand for themselves."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def text(self, node: ast.expr, least: int = CHOICE) -> str:
        """Return an expression, in brackets if it holds its operands less firmly than asked."""
        return _bracketed(self.expression(node), least)

    def expression(self, node: ast.expr) -> tuple[str, int]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            base, exponent = _constant(node.left), _constant(node.right)
            if base is not None and exponent is not None:
                return self.number(numerics.power(base, exponent))
        return super().expression(node)

    def number(self, x: float) -> tuple[str, int]:
        """Return a constant; a negative one has a sign before it."""
        if isinstance(x, int):
            return str(x), ATOM
        text = self.language.number(x) if isfinite(x) else self.language.constants[repr(abs(x))]
        text = f"-{text}" if x == -numerics.inf else text
        return text, SIGN if text.startswith("-") else ATOM

    def name(self, name: str) -> tuple[str, int]:
        return name, ATOM

    def operator(self, kind: type, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
        """Return an operator with its operands; a call where the language does not have it.

        An operand that holds as firmly needs brackets too, but for the last of a choice and the first of all others.
        """
        if kind not in self.language.operators:
            return f"{self.function(CALLED[kind])}({', '.join([text for text, _ in operands])})", ATOM
        pattern, strength = self.language.operators[kind]
        free = len(operands) - 1 if kind is ast.IfExp else 0 if len(operands) > 1 else None
        return pattern.format(*[_bracketed(x, strength + (i != free)) for i, x in enumerate(operands)]), strength

    def comparison(self, kinds: Sequence[type], operands: Sequence[ast.expr]) -> tuple[str, int]:
        """Return a comparison; of a < b < c, b stands in two where the language knows no chains."""
        signs = [_COMPARISONS[kind] for kind in kinds]
        whole = len(signs) == 1 or self.language.chains
        middle = [self.text(x, SUM) if whole else self.once(x) for x in operands[1:-1]]
        texts = [self.text(operands[0], SUM), *middle, self.text(operands[-1], SUM)]
        if whole:
            return " ".join([texts[0], *[f"{s} {x}" for s, x in zip(signs, texts[1:], strict=True)]]), COMPARE
        pairs = [(f"{a} {sign} {b}", COMPARE) for a, sign, b in zip(texts, signs, texts[1:], strict=False)]
        return reduce(lambda left, right: self.operator(ast.And, [left, right]), pairs)

    def once(self, node: ast.expr) -> str:
        """Return an expression that is written twice."""
        return self.text(node, SUM)

    def function(self, name: str) -> str:
        """Return the name of a function in the text."""
        return self.language.primitive(name)

    def call(self, name: str, arguments: Sequence[ast.expr]) -> tuple[str, int]:
        return f"{self.function(name)}({', '.join([self.text(argument) for argument in arguments])})", ATOM


def _bracketed(written: tuple[str, int], least: int) -> str:
    text, strength = written
    return f"({text})" if strength < least else text


def _constant(node: ast.expr) -> float | None:
    """Return the number that stands in an expression, with its sign; None if it is more than a number."""
    match node:
        case ast.Constant(value=float(x)):
            return x
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(x) | float(x))):
            return -float(x)
    return None
