"""What is translated: the functions of a row, by its texts, and those of `numerics`, by their own source.

The subset of Python that can be read: assignments, if and else, for over a range or a list, return; arithmetic,
comparisons, the conditional expression, calls; lists as `[x] * n`, a sum of such, or a comprehension. Annotations say
which parameters are lists, integers and numbers. A function that returns a list returns one as long as its first list.
Functions are pure, so any part of an expression may be computed before the statement in which it stands.

Nothing that a user wrote enters a text: a row's operands are a0, a1, …, its settings s0, s1, ….
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any

from autograd_lite import numerics
from autograd_lite.formulas import parsed, with_entries
from autograd_lite.languages.language import INTEGER, LIST, NUMBER
from autograd_lite.ops import Op


@dataclass(frozen=True, slots=True)
class Function:
    """A function as it is read: `parameters` are its name in the source, its name in the text, and its kind."""

    parameters: tuple[tuple[str, str, str], ...]
    body: Sequence[ast.stmt]
    returns: str
    names: Mapping[str, Any]  # what else the body may name: functions and constants


def readable(function: Any) -> bool:
    """Tell whether a function of `numerics` is a composite, to be read; a primitive is only called."""
    return (
        isinstance(function, FunctionType)
        and function.__closure__ is None
        and not any(isinstance(node, ast.Try) for node in ast.walk(_source(function)))
    )


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
    return Function(parameters, body, _annotated(source.returns), function.__globals__)


def _annotated(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation else ""
    return LIST if text.lower().startswith(("sequence", "list")) else INTEGER if text == "int" else NUMBER


CONSTANTS = {"inf": numerics.inf, "nan": numerics.nan}


def _names(row: Op) -> tuple[tuple[str, str, str], ...]:
    """Return the parameters of a row's functions: the operands, then the settings."""
    operands = [(name, f"a{i}", LIST if starred else NUMBER)
                for i, (name, starred) in enumerate(zip(row.operands, row.starred, strict=True))]  # fmt: skip
    return (*operands, *((name, f"s{i}", NUMBER) for i, name in enumerate(row.setting_names)))


def _result(text: str) -> list[ast.stmt]:
    return [ast.Return(parsed(text, mode="eval").body)]


def value_of(row: Op) -> Function:
    """Return the function of a row's operands and settings that is its result."""
    return Function(_names(row), _loop(row) if row.fold else _result(row.formula), NUMBER, CONSTANTS)


def partial_of(row: Op, operand: int) -> Function:
    """Return the function of out, operands and settings that is a local derivative; a list for a starred operand."""
    returns = LIST if row.starred[operand] else NUMBER
    return Function((("out", "out", NUMBER), *_names(row)), _result(row.whole_partials[operand]), returns, CONSTANTS)


def _loop(row: Op) -> list[ast.stmt]:
    """Return the body of a row that is a loop over its lists."""
    lists = [name for name, starred in zip(row.operands, row.starred, strict=True) if starred]
    step = with_entries(row.fold[1], lists, "_k")
    text = f"out = {row.fold[0]}\nfor _k in range(len({lists[0]})):\n    out = {step}\nreturn out"
    return parsed(text).body  # type: ignore[no-any-return]


def runs_by_entry(row: Op) -> bool:
    """Tell whether a row is a loop over its lists whose partials are expressions of an entry of each."""
    calls = (
        node for text in row.partials for node in ast.walk(parsed(text, mode="eval")) if isinstance(node, ast.Call)
    )
    return bool(row.fold) and all(ast.unparse(call.func) in ("abs", "divide") for call in calls)


def start_of(row: Op) -> Function:
    """Return the function of the operands that are no lists that a fold starts from."""
    plain = tuple(p for p in _names(row) if p[2] != LIST)
    return Function(plain, _result(row.fold[0]), NUMBER, CONSTANTS)


def step_of(row: Op) -> Function:
    """Return the function of out and an entry of each list (and the other operands) that is the next out of a fold."""
    return Function(_entrywise(row), _result(row.fold[1]), NUMBER, CONSTANTS)


def entry_partial_of(row: Op, operand: int) -> Function:
    """Return the function of out and an entry of each list that is a fold's partial by an entry, or by an operand."""
    return Function(_entrywise(row), _result(row.partials[operand]), NUMBER, CONSTANTS)


def _entrywise(row: Op) -> tuple[tuple[str, str, str], ...]:
    return (("out", "out", NUMBER), *((name, text, NUMBER) for name, text, _ in _names(row)))
