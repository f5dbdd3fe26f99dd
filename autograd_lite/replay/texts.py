"""The texts of the table for compiled code: the functions that rows call, and names that cannot collide.

The functions are `numerics`' own, with two changes: compiled code does not raise, so of each `try` only what it tries
is left; and the lists that they compute are arrays, which are several times as fast there. A row that other rows call
is a function by its text, with `row_` before its name.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from functools import cache
from itertools import compress

from autograd_lite.formulas import names_in, parsed, without_exceptions
from autograd_lite.numerics import accurate, ieee, lists
from autograd_lite.ops import TABLE, Op


def spelled(row: Op, text: str) -> str:
    """Return a text of a row with the row's own names spelled apart from the kernels', and total functions."""
    return ast.unparse(_Spelled(row).visit(parsed(without_exceptions(text), mode="eval")))


class _Spelled(ast.NodeTransformer):
    """Spell operands `a_`, rows that are called `row_name`."""

    def __init__(self, row: Op) -> None:
        self.row = row

    def visit_Name(self, node: ast.Name) -> ast.AST:
        own = node.id in self.row.operands or node.id in self.row.setting_names
        return ast.Name(node.id + "_") if own else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = ast.unparse(node.func)
        if name in TABLE and name != "abs" and name not in _numerics():
            name = f"row_{name}"
        return ast.Call(ast.Name(name), [self.visit(argument) for argument in node.args], [])


class _ForNumba(ast.NodeTransformer):
    """Leave of each `try` what it tries, make lists arrays, drop what only readers need: docstrings, annotations."""

    def visit_Try(self, node: ast.Try) -> list[ast.stmt]:
        return node.body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
        node.body = [part for part in node.body if not isinstance(part, ast.Expr)]
        return node

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        if isinstance(node.value, ast.ListComp):
            return [*_filled("entries", node.value), ast.Return(ast.Name("entries"))]
        self.generic_visit(node)
        return [node]

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        if isinstance(node.value, ast.ListComp):
            return _filled(ast.unparse(node.targets[0]), node.value)
        self.generic_visit(node)
        return [node]

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return _expression(f"np.array({ast.unparse(node)})")

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.left, ast.List) and isinstance(node.op, ast.Mult):
            return _expression(f"np.full({ast.unparse(node.right)}, {ast.unparse(node.left.elts[0])})")
        return node  # other sums of lists stay lists

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        return ast.Assign([node.target], node.value) if node.value else None


def _filled(name: str, comprehension: ast.ListComp) -> list[ast.stmt]:
    """Write a comprehension as the loop that fills an array: numba would grow a list where the entry branches."""
    (loop,) = comprehension.generators
    entries = ast.unparse(loop.iter)
    body: list[ast.stmt] = parsed(
        f"{name} = np.empty(len({entries}))\n"
        f"for place, {ast.unparse(loop.target)} in enumerate({entries}):\n"
        f"    {name}[place] = {ast.unparse(comprehension.elt)}"
    ).body
    return body


def _expression(text: str) -> ast.expr:
    body: ast.expr = parsed(text, mode="eval").body
    return body


@cache
def _numerics() -> dict[str, str]:
    """Return the text of everything in `numerics`, by name: primitives are `math`'s functions."""
    texts = [f"{name} = math.{row.function}" for name, row in ieee.PRIMITIVES.items()]
    parts = (ieee.divide, ieee.power, ieee.mod, ieee.floor_divide, accurate, lists)
    texts += [inspect.getsource(part) for part in parts]
    found = {"copysign": "\n\ncopysign = math.copysign\n"}
    for part in _ForNumba().visit(parsed("\n".join(texts))).body:
        text = ast.unparse(ast.fix_missing_locations(part))
        if isinstance(part, ast.FunctionDef):
            found[part.name] = f"\n\n@function\n{text}\n"
        elif isinstance(part, ast.Assign):
            found[ast.unparse(part.targets[0])] = f"\n\n{text}\n"
    return found


def _row_function(row: Op) -> str:
    """Return the text of a row as a function, for rows that call it."""
    arguments = ", ".join(f"{name}_" for name in (*row.operands, *row.setting_names))
    if not row.fold:
        return f"\n\n@function\ndef row_{row.name}({arguments}):\n    return {spelled(row, row.formula)}\n"
    start, step = (spelled(row, text) for text in row.fold)
    lists = [f"{name}_" for name in compress(row.operands, row.is_list)]
    heads = [f"{name}_s" if is_list else f"{name}_" for name, is_list in zip(row.operands, row.is_list, strict=True)]
    entries = "".join([f"        {name} = {name}s[k]\n" for name in lists])
    return (f"\n\n@function\ndef row_{row.name}({', '.join(heads)}):\n    out = {start}\n"
            f"    for k in range(len({lists[0]}s)):\n{entries}        out = {step}\n    return out\n")  # fmt: skip


def functions_of(rows: Iterable[Op]) -> list[str]:
    """Return the text of the functions that the texts of these rows call, and of those that they call in turn."""
    found: dict[str, str] = {}
    names = {name for row in rows for text in _texts(row) for name in names_in(spelled(row, text))}
    while names:
        name = names.pop()
        row = TABLE.get(name.removeprefix("row_"))
        if name in found:
            continue
        if name in _numerics() and name not in ("inf", "nan"):
            found[name] = _numerics()[name]
        elif name.startswith("row_") and row is not None:
            found[name] = _row_function(row)
        else:
            continue
        names |= names_in(found[name])
    order = {name: i for i, name in enumerate(_numerics())}
    return [found[name] for name in sorted(found, key=lambda name: (order.get(name, len(order)), name))]


def _texts(row: Op) -> list[str]:
    """Return all texts of a row that are computed with."""
    return [*(row.fold or [row.formula]), *row.partials]
