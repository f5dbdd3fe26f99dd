"""Python on floats: a row's text with calls that never raise. On Values, a row's text is Python as it stands.

>>> without_exceptions("-out / b")
'divide(-out, b)'
"""

from __future__ import annotations

import ast
from typing import ClassVar

from autograd_lite.languages.expressions import Expressions
from autograd_lite.languages.language import ATOM, CHOICE, PRODUCT, SIGN, SUM, Language
from autograd_lite.languages.parsing import parsed


class Python(Language):
    """The rules of Python; `/` and `**` are missing."""

    operators: ClassVar = {
        ast.Add: ("{} + {}", SUM), ast.Sub: ("{} - {}", SUM), ast.Mult: ("{} * {}", PRODUCT), ast.USub: ("-{}", SIGN),
        ast.IfExp: ("{1} if {0} else {2}", CHOICE),
    }  # fmt: skip
    constants: ClassVar = {"inf": "inf", "nan": "nan"}
    chains = True


class _WithLists(Expressions):
    """Writes lists, too, which Python has in expressions."""

    def expression(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Subscript(value=value, slice=index):
                return f"{self.text(value, ATOM)}[{self.text(index)}]", ATOM
            case ast.List(elts=elements):
                return f"[{', '.join([self.text(element) for element in elements])}]", ATOM
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=target, iter=iterable)]):
                return f"[{self.text(element)} for {self.text(target)} in {self.text(iterable)}]", ATOM
        return super().expression(node)


def without_exceptions(text: str) -> str:
    """Return the text with `/` and `**` written as the calls of `numerics` that never raise."""
    if "/" not in text and "**" not in text:
        return text
    return _WithLists(Python()).text(parsed(text, mode="eval").body)
