"""The text of a row: how it is checked, and compiled to a function.

A row's formula and partials are expressions in a small grammar (see `ops.py`). `languages` parses and translates them;
`notation` shows them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from typing import Any

from autograd_lite.languages.parsing import how_to_write, parsed
from autograd_lite.languages.python import without_exceptions

GRAMMAR = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Load,
           ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.Lt, ast.Gt, ast.LtE, ast.GtE)  # fmt: skip

TEXTBOOK = (*GRAMMAR, ast.Eq)  # where j is the entry asked for: `x if j == i else y`


def function_of(args: str, text: str, namespace: dict[str, Any], raises: bool = False) -> Callable[..., Any]:
    """Compile a text to a function of `args`. It gives inf or nan where Python raises, unless `raises` is asked for.

    >>> from autograd_lite import numerics
    >>> function_of("a, b", "a / b", vars(numerics))(1.0, 0.0)
    inf
    """
    body = text if raises else without_exceptions(text)
    return eval(compile(f"lambda {args}: {body}", f"<{text}>", "eval"), namespace)  # type: ignore[no-any-return]


def parse_text(name: str, text: str) -> ast.Expression:
    """Return the syntax tree of a row's text; ValueError if it is no expression."""
    try:
        return parsed(text, mode="eval")  # type: ignore[no-any-return]
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ValueError(f"operation {name!r}: {text!r} is not an expression: {error}") from None


def check_text(name: str, text: str, allowed: set[str], grammar: tuple[type[ast.AST], ...] = GRAMMAR,
               unsaid: Collection[str] = ()) -> None:  # fmt: skip
    """Raise ValueError unless the text keeps to the grammar of a row and calls and names only what is allowed."""
    tree = parse_text(name, text)
    for node in ast.walk(tree):
        if not isinstance(node, grammar) or (isinstance(node, ast.Constant) and type(node.value) is not float):
            what = repr(node.value) if isinstance(node, ast.Constant) else type(node).__name__
            raise ValueError(
                f"operation {name!r}: {what} in {text!r} is not allowed; a row uses + - * / **, numbers "
                "with a point, calls of the table's functions, and x if test else y with < > <= >="
            )
        if isinstance(node, ast.Name) and node.id not in allowed:
            many = "there are as many operands, a, b, …, as partials" if len(node.id) == 1 else ""
            why = "; ".join(
                filter(
                    None, [how_to_write(node.id), many, f"known are {', '.join(sorted(allowed.difference(unsaid)))}"]
                )
            )
            raise ValueError(f"operation {name!r}: unknown name {node.id!r} in {text!r}; {why}")
