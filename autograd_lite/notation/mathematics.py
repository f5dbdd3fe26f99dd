r"""Mathematics: the text of a row in Unicode and in LaTeX, read as any other language is.

>>> from autograd_lite.languages.parsing import parsed
>>> text = Mathematics({"a": Text("x", "x")}).text(parsed("exp(-a) / a ** 2.0", "eval").body)
>>> text.text, text.latex
('exp(−x) / x²', '\\frac{{e^{-x}}}{x^{2}}')
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache

from autograd_lite.languages.expressions import Walker
from autograd_lite.notation.text import Text, number, sup
from autograd_lite.ops import TABLE
from autograd_lite.words import say

_SIGNS: dict[type, tuple[str, str]] = {
    ast.Add: (" + ", " + "), ast.Sub: (" − ", " - "), ast.Mult: ("·", r" \cdot "), ast.Div: (" / ", " / "),
}  # fmt: skip
_COMPARED: dict[type, tuple[str, str]] = {
    ast.Lt: ("<", r"\lt"), ast.Gt: (">", r"\gt"), ast.LtE: ("≤", r"\le"), ast.GtE: ("≥", r"\ge"),
}  # fmt: skip
_BETWEEN = {"|·|": "|{0}|", "⌊÷⌋": "⌊{1}/{2}⌋"}  # symbols around their operands: all of them, or each
_CASES = r"\begin{cases} ", r" \end{cases}"

# A piece of mathematics, and the operator that it is, None for a name or a call. A number counts as a sign.
Piece = tuple[Text, type | None]


class Mathematics(Walker[Piece]):
    """Writes mathematics; `known` has the names of operands, and under "f()" the text of a call of f."""

    def __init__(self, known: Mapping[str, Text]) -> None:
        self.known = known

    def text(self, node: ast.expr) -> Text:
        """Return an expression."""
        return self.expression(node)[0]

    def number(self, x: float) -> Piece:
        return number(x), ast.USub

    def name(self, name: str) -> Piece:
        return self.known.get(name) or Text(name, name), None

    def operator(self, kind: type, operands: Sequence[Piece]) -> Piece:
        if kind is ast.IfExp:
            return _cases(*[text for text, _ in operands]), kind
        if kind is ast.USub:
            ((inner, held),) = operands
            inner = inner.bracketed() if held in (ast.Add, ast.Sub) or inner.text.startswith("−") else inner
            return Text(f"−{inner.text}", f"-{inner.latex}", True), kind
        (a, left), (b, _) = operands
        if kind is ast.Pow:
            return _power(a, b), kind
        sign = _SIGNS[kind]
        if kind in (ast.Add, ast.Sub):
            b = b.bracketed() if b.text.startswith("−") or (kind is ast.Sub and b.loose) else b
        elif kind is ast.Div:
            top = a.bracketed() if left in _SIGNS else a
            return Text(f"{top.text} / {b.bracketed().text}", rf"\frac{{{a.latex}}}{{{b.latex}}}", True), kind
        else:
            a, b = a if left in (ast.USub, ast.Mult) else a.bracketed(), b.bracketed()
        return Text(f"{a.text}{sign[0]}{b.text}", f"{a.latex}{sign[1]}{b.latex}", True), kind

    def comparison(self, kinds: Sequence[type], operands: Sequence[ast.expr]) -> Piece:
        first, *others = [self.text(operand) for operand in operands]
        pairs = [(_COMPARED[kind], other) for kind, other in zip(kinds, others, strict=True)]
        text = first.text + "".join([f" {sign[0]} {other.text}" for sign, other in pairs])
        return Text(text, first.latex + "".join([f" {sign[1]} {other.latex}" for sign, other in pairs])), ast.Compare

    def call(self, name: str, arguments: Sequence[ast.expr]) -> Piece:
        known = self.known.get(f"{name}()")
        return known or called(name, [self.text(argument) for argument in arguments]), None


def _power(base: Text, exponent: Text) -> Text:
    base = base.bracketed()
    whole = re.fullmatch("[0-9]+", exponent.text)
    text = sup(exponent.text) if whole else f"^{exponent.bracketed().text}"
    raised = base.latex if re.fullmatch(r"[A-Za-z]|\\[A-Za-z]+|\\left.*", base.latex) else rf"\left({base.latex}\right)"
    return Text(base.text + text, f"{raised}^{{{exponent.latex}}}")


def _cases(test: Text, body: Text, other: Text) -> Text:
    """Return `x if a > 0 else y` as x where a > 0, else y; more cases follow if y is one of this kind."""
    begin, end = _CASES
    more = other.latex.startswith(begin)
    otherwise = "" if more else f"{say('explain.else')} "
    text = f"{body.text} {say('explain.if')} {test.text}, {otherwise}{other.text}"
    rest = (
        other.latex.removeprefix(begin).removesuffix(end)
        if more
        else rf"{other.latex} & \text{{{say('explain.else')}}}"
    )
    return Text(text, rf"{begin}{body.latex} & \text{{{say('explain.if')} }} {test.latex} \\ {rest}{end}", True)


@cache
def _enclosed(latex: str, name: str) -> bool:
    """Tell whether a row's LaTeX holds an operand between brackets of its own."""
    return re.search(r"[({|] ?\{" + name + r"\}[^{]*[)}|]", latex) is not None


def called(name: str, args: Sequence[Text]) -> Text:
    """Return the call of a row or of a function of `numerics`, as the row says it."""
    row = TABLE.get(name)
    symbol = row.symbol if row is not None else name
    inner = ", ".join(a.text for a in args)
    between = _BETWEEN.get(symbol)
    text = between.format(inner, *[a.bracketed().text for a in args]) if between else f"{symbol}({inner})"
    if row is None or not row.latex:
        return Text(text, rf"\operatorname{{{name.replace('_', ' ')}}}({', '.join(a.latex for a in args)})")
    spelled = {
        key: a.latex if _enclosed(row.latex, key) else a.bracketed().latex
        for key, a in zip(row.operands, args, strict=False)
    }
    return Text(text, rf"{{{row.latex.format(**spelled)}}}" if " - " not in row.latex and " + " not in row.latex
                else rf"\left({row.latex.format(**spelled)}\right)")  # fmt: skip
