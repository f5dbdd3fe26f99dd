"""What is translated: the functions of a row, by its texts, and those of `numerics`, by their own source.

The subset of Python that can be read: assignments, if and else, for over a range or a list, return (not in a loop);
arithmetic, comparisons, the conditional expression, calls; lists as `[x] * n`, a sum of such, or a comprehension.
Annotations say which parameters are lists, integers and numbers. A function that returns a list returns one as long as
its first list. Functions are pure, so any part of an expression may be computed before the statement it stands in.

Nothing that a user wrote enters a text: a row's operands are a0, a1, …, its settings s0, s1, ….
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from types import FunctionType
from typing import TYPE_CHECKING, Any

from autograd_lite import numerics
from autograd_lite.languages.language import INTEGER, LIST, NUMBER
from autograd_lite.languages.parsing import names_in, parsed, with_entries
from autograd_lite.numerics import ieee

if TYPE_CHECKING:
    from autograd_lite.row import Op

NAMES: dict[str, Any] = {"inf": numerics.inf, "nan": numerics.nan, "abs": abs}  # that the text of a row may use


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it is read: `parameters` are its name in the source, its name in the text, and its kind."""

    parameters: tuple[tuple[str, str, str], ...]
    body: Sequence[ast.stmt]
    returns: str
    names: Mapping[str, Any]  # what else the body may name: functions and constants
    rows: Mapping[str, Op]  # and the rows it may call


def readable(function: Any) -> bool:
    """Tell whether a function of `numerics` is a composite, to be read; a primitive is only called."""
    return isinstance(function, FunctionType) and function.__module__ != ieee.__name__


@cache
def _source(function: FunctionType) -> ast.FunctionDef:
    definition = parsed(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef), f"{function.__name__} is no def"
    return definition


@cache
def composite(function: FunctionType) -> Function:
    """Return a function of `numerics` as it is read; its annotations are the kinds."""
    source = _source(function)
    parameters = tuple((a.arg, a.arg, _annotated(a.annotation)) for a in source.args.args)
    body = [part for part in source.body if not isinstance(part, ast.Expr)]  # the docstring
    return Function(parameters, body, _annotated(source.returns), function.__globals__, {})


def _annotated(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation else ""
    return LIST if text.lower().startswith(("sequence", "list")) else INTEGER if text == "int" else NUMBER


# ------------------------------------------------------------------------------------------------ the functions of rows


def _parameters(row: Op, by_entry: bool = False) -> tuple[tuple[str, str, str], ...]:
    """Return the parameters of a row's functions: the operands, then the settings."""
    operands = [(name, f"a{i}", LIST if starred and not by_entry else NUMBER)
                for i, (name, starred) in enumerate(zip(row.operands, row.is_list, strict=True))]  # fmt: skip
    return (*operands, *((name, f"s{i}", NUMBER) for i, name in enumerate(row.setting_names)))


_OUT = ("out", "out", NUMBER)


def _expression(text: str) -> ast.expr:
    body: ast.expr = parsed(text, mode="eval").body
    return body


def _given(row: Op, parameters: tuple[tuple[str, str, str], ...], text: str, returns: str = NUMBER) -> Function:
    """Return the function of these parameters that is a text of a row."""
    return Function(parameters, [ast.Return(_expression(text))], returns, NAMES, row.table)


def value_of(row: Op) -> Function:
    """Return the function of a row's operands and settings that is its result."""
    if not row.fold:
        return _given(row, _parameters(row), row.formula)
    lists = [*compress(row.operands, row.is_list)]
    start, step = row.fold[0], with_entries(row.fold[1], lists, "_k")
    loop = f"out = {start}\nfor _k in range(len({lists[0]})):\n    out = {step}\nreturn out"
    return Function(_parameters(row), parsed(loop).body, NUMBER, NAMES, row.table)


def partial_of(row: Op, operand: int) -> Function:
    """Return the function of out, operands and settings that is a local derivative; a list for a starred operand."""
    return text_of(row, row.whole_partials[operand], LIST if row.is_list[operand] else NUMBER)


def text_of(row: Op, text: str, returns: str = NUMBER) -> Function:
    """Return the function of out, operands and settings that is a text in their names."""
    return _given(row, (_OUT, *_parameters(row)), text, returns)


def runs_by_entry(row: Op) -> bool:
    """Tell whether a row is a loop over its lists whose partials are expressions of an entry of each."""
    lists = {*compress(row.operands, row.is_list)}
    columns = zip(row.partials, row.is_list, row.by_entry, strict=True)
    return bool(row.fold) and all(by_entry if starred else not names_in(text) & lists
                                  for text, starred, by_entry in columns)  # fmt: skip


def start_of(row: Op) -> Function:
    """Return the function of the operands that are no lists that a fold starts from."""
    return _given(row, tuple(p for p in _parameters(row) if p[2] != LIST), row.fold[0])


def step_of(row: Op) -> Function:
    """Return the function of out and an entry of each list (and the other operands) that is the next out of a fold."""
    return _given(row, (_OUT, *_parameters(row, by_entry=True)), row.fold[1])


def entry_partial_of(row: Op, operand: int) -> Function:
    """Return the function of out and an entry of each list that is a fold's partial by an entry, or by an operand."""
    return _given(row, (_OUT, *_parameters(row, by_entry=True)), row.partials[operand])


# --------------------------------------------------------------------------------------------------- without branches


class Straightened:
    """The statements of a function without `if` and with one return, for languages that evaluate both sides.

    A test has a name; an assignment under it keeps the old value where it fails; results are chosen at the end, the
    first whose test holds.
    """

    def __init__(self, function: Function) -> None:
        self.known = {name for name, _, _ in function.parameters}
        self.results: list[tuple[ast.expr | None, ast.expr]] = []
        self.count = 0
        self.body = self.statements(function.body, None)
        (_, last), *earlier = reversed(self.results)
        for test, result in earlier:
            assert test is not None
            last = ast.IfExp(test, result, last)
        self.body.append(ast.Return(last))

    def named(self, role: str, value: ast.expr) -> tuple[ast.Assign, ast.Name]:
        """Return an assignment to a new name, and the name."""
        self.count += 1
        name = f"{role}_{self.count}"
        return ast.Assign([ast.Name(name, ast.Store())], value), ast.Name(name, ast.Load())

    def statements(self, body: Iterable[ast.stmt], live: ast.expr | None) -> list[ast.stmt]:
        """Return statements that have an effect where `live` is true."""
        return [done for statement in body for done in self.statement(statement, live)]

    def statement(self, node: ast.stmt, live: ast.expr | None) -> list[ast.stmt]:
        match node:
            case ast.If(test=test, body=body, orelse=orelse):
                assigned, name = self.named("test", test if live is None else ast.BoolOp(ast.And(), [live, test]))
                done = [assigned, *self.statements(body, name)]
                if orelse:
                    other: ast.expr = ast.UnaryOp(ast.Not(), name)
                    other = other if live is None else ast.BoolOp(ast.And(), [live, other])
                    assigned, name = self.named("test", other)
                    done += [assigned, *self.statements(orelse, name)]
                return done
            case ast.Return(value=ast.expr() as value):
                assigned, name = self.named("result", value)
                self.results.append((live, name))
                return [assigned]
            case ast.For(target=target, iter=iterable, body=body):
                return [ast.For(target, iterable, self.statements(body, live), [])]
            case ast.AugAssign(target=ast.Name() | ast.Subscript() as target, op=op, value=value):
                return self.statement(
                    ast.Assign([target], ast.BinOp(_expression(ast.unparse(target)), op, value)), live
                )
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.Assign(targets=[target], value=value):
                old = ast.unparse(target)
                if live is not None and (old in self.known or isinstance(target, ast.Subscript)):
                    value = ast.IfExp(live, value, _expression(old))
                self.known.add(old)
                return [ast.Assign([target], value)]
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")
