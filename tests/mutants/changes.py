"""Mutants: every way to change one place of a module, or of the text of a row of the table, that a test should see."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

NEARLY_ONE = 1.000000001
ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
              ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}  # fmt: skip
COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
               ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In}  # fmt: skip
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}
# What tells a reader or a type checker something, and no program: texts of messages, annotations, imports.
UNCHANGED = (ast.JoinedStr, ast.Raise, ast.Assert, ast.Import, ast.ImportFrom)
UNCHANGED_FIELDS = ("annotation", "returns", "decorator_list", "op", "ops", "ctx")
PROBES = {"isinstance", "getattr", "hasattr", "setattr", "zip", "map", "repeat", "range", "add"}


@dataclass(frozen=True)
class Mutant:
    """One changed place of a module."""

    name: str
    row: str  # the row of the table that was changed, if it was one
    function: str  # else the function
    text: str  # of the whole module, if it is wanted


@dataclass(frozen=True)
class Place:
    """Where a node hangs in its tree."""

    parent: ast.AST
    field: str
    index: int | None
    scope: str

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of_rows(path: str, root: Path, wanted: Collection[str] = ()) -> Iterator[Mutant]:
    """Yield the mutants of the texts in the table of operations: formulas, partials, folds."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    assigned = {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}
    for call in assigned["ROWS"].elts:  # type: ignore[attr-defined]
        name, operands = call.args[0].value, call.args[1].value
        names = [word.lstrip("*") for word in operands.partition("|")[0].split()]
        starred = [word.startswith("*") for word in operands.partition("|")[0].split()]
        fold = [word.value for word in call.keywords if word.arg == "fold"]
        texts = [("formula", call.args[2], False)] * (not fold)
        texts += [(f"partial by {n}", text, s) for n, text, s in zip(names, call.args[3].elts, starred, strict=True)]
        texts += [("fold", text, False) for parts in fold for text in parts.elts]
        for what, constant, is_list in texts:
            before = constant.value
            for after in changed_texts(before, names, is_list):
                constant.value = after
                mutant = f"{path}::{name}, {what}: {before} → {after}"
                yield Mutant(mutant, name, "", ast.unparse(tree) if mutant in wanted else "")
            constant.value = before


def changed_texts(text: str, operands: list[str], is_list: bool) -> Iterator[str]:
    """Yield what a slip of the pen makes of a formula."""
    tree = ast.parse(text, mode="eval")
    if not is_list:
        number = isinstance(tree.body, ast.Constant)
        yield f"-({text})" if not number else repr(-float(text))
        yield f"2.0 * ({text})"
        yield f"{NEARLY_ONE} * ({text})"
    for place, node in places(tree, ""):
        found = list(alternatives(node))
        if isinstance(node, ast.Name) and node.id in operands:
            found += [ast.Name(other, ast.Load()) for other in operands if other != node.id]
        for other in found:
            place.put(other)
            yield ast.unparse(tree)
        place.put(node)


def mutants_of(path: str, root: Path, wanted: Collection[str] = ()) -> Iterator[Mutant]:
    """Yield the mutants of a module of the package."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"))
    seen: dict[str, int] = {}
    for place, node in places(tree, ""):
        before = shown(node)
        for other in alternatives(node):
            place.put(other)
            name = f"{path}::{place.scope or 'module'}: {before} → {shown(other)}"
            seen[name] = seen.get(name, 0) + 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            text = ast.unparse(ast.fix_missing_locations(tree)) if name in wanted else ""
            yield Mutant(name, "", place.scope, text)
        place.put(node)


def shown(node: ast.AST) -> str:
    """Return the head of a node's text, on one line."""
    text = " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())
    return text if len(text) <= 90 else text[:89] + "…"


def places(tree: ast.AST, scope: str) -> Iterator[tuple[Place, ast.AST]]:
    """Yield every node below another that may be changed, with its place."""
    for field, content in ast.iter_fields(tree):
        if field in UNCHANGED_FIELDS:
            continue
        for index, node in enumerate(content) if isinstance(content, list) else [(None, content)]:
            if not isinstance(node, ast.AST) or isinstance(node, UNCHANGED) or _is_text(node):
                continue
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                continue
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("ROWS", "__all__", "__slots__"):
                continue
            named = isinstance(node, ast.FunctionDef | ast.ClassDef)
            inner = f"{scope}.{node.name}".lstrip(".") if named else scope  # type: ignore[attr-defined]
            yield Place(tree, field, index, inner), node
            yield from places(node, inner)


def _is_text(node: ast.AST) -> bool:
    """Tell whether a statement is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand wrongly in the place of a node."""
    match node:
        case ast.BinOp(left, op, right) if not _of_texts(node):
            if type(op) in ARITHMETIC:
                yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
                yield left
                yield right
            if isinstance(op, ast.Sub | ast.Div | ast.Pow):
                yield ast.BinOp(right, op, left)
        case ast.Compare(left, [op], [right]) if type(op) in COMPARISONS:
            yield ast.Compare(left, [COMPARISONS[type(op)]()], [right])
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for i in range(len(values)):
                rest = values[:i] + values[i + 1 :]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.While(test, body, orelse):
            yield ast.While(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(float() as value) if isfinite(value):
            yield ast.Constant(value * NEARLY_ONE if value else 1.0)
            if value:
                yield ast.Constant(value * 2.0)
        case ast.AugAssign(target, op, value) if type(op) in ARITHMETIC:
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), value)
            yield ast.Assign([target], value)
        case ast.Expr(ast.Call()) | ast.Assign([ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
        case ast.Return(value) if value is not None and not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Call(ast.Name(name), [a, b], []) if name not in PROBES | TWINS.keys():
            yield ast.Call(ast.Name(name, ast.Load()), [b, a], [])
        case ast.Call(ast.Name("reversed" | "sorted"), [argument]):
            yield argument
        case ast.Call(ast.Name(name), arguments, keywords) if name in TWINS:
            yield ast.Call(ast.Name(TWINS[name], ast.Load()), arguments, keywords)
        case ast.comprehension(target, source, [_, *_], is_async):
            yield ast.comprehension(target, source, [], is_async)


def _of_texts(node: ast.BinOp) -> bool:
    """Tell whether an operator joins texts or types, not numbers."""
    parts = [part for part in ast.walk(node) if isinstance(part, ast.JoinedStr | ast.Constant)]
    return any(isinstance(part, ast.JoinedStr) or isinstance(part.value, str) for part in parts)
