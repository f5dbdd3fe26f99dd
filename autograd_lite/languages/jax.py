"""JAX: rows as pure functions, to be jitted, mapped over rows, differentiated, spread over devices.

Each row has its own derivative (a custom Jacobian-vector product from its partials; sums and products have JAX's), so
that kinks and extremes come out as they do here. JAX evaluates both sides of a condition and chooses after: functions
are read without branches. What is known before the run (settings, lengths) stays a number of Python's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_lite.languages.language import LIST, NUMBER, PRODUCT, SIGN, SUM, Language, indented
from autograd_lite.languages.reading import (
    Function,
    entry_partial_of,
    partial_of,
    runs_by_entry,
    start_of,
    step_of,
    value_of,
)
from autograd_lite.languages.writing import Program

if TYPE_CHECKING:
    from autograd_lite.row import Op

UNROLLED = 32  # turns of a loop that are written one after the other


class Jax(Language):
    """The rules of Python for JAX."""

    operators: ClassVar = {
        ast.Add: ("{} + {}", SUM), ast.Sub: ("{} - {}", SUM), ast.Mult: ("{} * {}", PRODUCT), ast.USub: ("-{}", SIGN),
    }  # fmt: skip
    functions: ClassVar = {name: name for name in ("power", "floor_divide", "erf", "erfc", "choose", "both", "either",
                                                   "negated")}  # fmt: skip
    constants: ClassVar = {"inf": "jnp.inf", "nan": "jnp.nan"}
    branches = False

    def primitive(self, name: str) -> str:
        return self.functions.get(name, f"jnp.{name}")

    def integer(self, x: str) -> str:
        return f"integer({x})"

    def length(self, name: str) -> str:
        return f"len({name})"

    def declared(self, names: Sequence[str], kind: str) -> list[str]:
        return []

    def assigned(self, name: str, value: str) -> str:
        return f"{name} = {value}"

    def entry_assigned(self, name: str, index: str, value: str) -> str:
        return f"{name} = {name}.at[{index}].set({value})"

    def returned(self, value: str) -> str:
        return f"return {value}"

    def new_list(self, name: str, length: str) -> str:
        return f"{name} = jnp.zeros({length})"

    def filled(self, to: str, first: str, index: str, count: str, body: Sequence[str], value: str) -> list[str]:
        entry = [f"def entry_{index}({index}):", *indented([*body, f"return {value}"])]
        return [*entry, f"{to} = filled({to}, {first or 0}, {count}, entry_{index})"]

    def filled_by(self, to: str, function: str, arguments: Sequence[str]) -> str:
        return f"{to} = {function}({', '.join(arguments)})"

    def list_returned(self) -> str:
        return "return to"

    def loop(
        self, index: str, start: str, stop: str, down: bool, body: Sequence[str], carried: Sequence[str]
    ) -> list[str]:
        state = "".join(f"{name}, " for name in carried).strip()
        turn = [f"{state} = state", *body, f"return {state}"]
        return [f"def turn_{index}({index}, state):", *indented(turn),
                f"{state} = loop(turn_{index}, {start}, {stop}, {down}, ({state}))"]  # fmt: skip

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        lists = [text for text, kind in parameters if kind == LIST]
        made = [self.new_list("to", self.length(lists[0]))] if returns == LIST else []
        return "\n".join([f"def {name}({', '.join([text for text, _ in parameters])}):", *indented([*made, *body]), ""])


class _Partials(Program):
    """A program whose functions call rows as operations, so that derivatives have derivatives."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.operations: dict[str, Callable[..., Any]] = {}

    def called(self, name: str, function: Function) -> tuple[str, str]:
        row = function.rows.get(name)
        if row is None or row.each:
            return super().called(name, function)
        count = len(row.operands)
        called = self.rows.setdefault(name, f"operation_{len(self.rows)}")
        self.operations[called] = lambda *given: operation(row, given[count:])(*row.flat(given[:count]))
        return called, NUMBER


@cache
def operation(row: Op, settings: tuple[float, ...]) -> Callable[..., Any]:
    """Return a row with these settings as a JAX function of its flat operands."""
    import jax
    import jax.numpy as jnp

    by_entry = runs_by_entry(row)
    formula = _folded(row) if by_entry else _compiled(Program(Jax()), value_of(row))
    partials = [_compiled(_Partials(Jax()), entry_partial_of(row, j) if by_entry else partial_of(row, j))
                for j in range(len(row.partials))]  # fmt: skip

    def grouped(flat: Sequence[Any]) -> list[Any]:
        given = row.group(flat)
        return (
            given if by_entry else [jnp.stack(list(map(jnp.asarray, x))) if x.__class__ is list else x for x in given]
        )

    def slopes(out: Any, given: Sequence[Any]) -> list[Any]:
        if not by_entry:
            return row.flat([partial(out, *given, *settings) for partial in partials])
        entries = [_entry(row, given, i) for i in range(len(given[row.is_list.index(True)]))]
        found = [[partial(out, *entry) for entry in entries] if starred else partial(out, *entries[0])
                 for partial, starred in zip(partials, row.is_list, strict=True)]  # fmt: skip
        return row.flat(found)

    def plain(*flat: Any) -> Any:
        return formula(*grouped(flat), *settings)

    text = " ".join(row.fold or [row.formula])
    if re.fullmatch(r"[\w .+*-]+", text) and "**" not in text:
        return plain  # JAX's derivative of sums and products is the row's, and sooner compiled
    run = jax.custom_jvp(plain)

    @run.defjvp
    def _(flat: Any, tangents: Any) -> Any:
        out = run(*flat)
        terms = [d * t for d, t in zip(slopes(out, grouped(flat)), tangents, strict=True)]
        return out, reduce(lambda a, b: a + b, terms)

    return run


def _entry(row: Op, given: Sequence[Any], i: int) -> list[Any]:
    """Return entry number i of each list, and the other operands."""
    return [x[i] if starred else x for x, starred in zip(given, row.is_list, strict=True)]


def _folded(row: Op) -> Callable[..., Any]:
    """Return a loop over lists: the row's start and step."""
    start, step = _compiled(Program(Jax()), start_of(row)), _compiled(Program(Jax()), step_of(row))

    def formula(*given: Any) -> Any:
        out = start(*[x for x, starred in zip(given, row.is_list, strict=True) if not starred])
        for i in range(len(given[row.is_list.index(True)])):
            out = step(out, *_entry(row, given, i))
        return out

    return formula


def _compiled(program: Program, function: Function) -> Callable[..., Any]:
    """Return a function, run with those that it calls."""
    program.add("function", function)
    namespace = {**_namespace(), **getattr(program, "operations", {})}
    exec(compile(str(program), "<rows for JAX>", "exec"), namespace)
    return namespace["function"]


@cache
def _namespace() -> dict[str, Any]:
    """Return the names that the texts use besides the functions that they define."""
    import jax
    import jax.numpy as jnp
    from jax.scipy import special

    def choose(test: Any, body: Any, other: Any) -> Any:
        return (body if test else other) if test.__class__ is bool else jnp.where(test, body, other)

    def integer(x: Any) -> Any:
        return int(x) if isinstance(x, int | float) else jnp.asarray(x).astype(int)

    def loop(turn: Callable[..., Any], start: Any, stop: Any, down: bool, state: Any) -> Any:
        """Run a loop: turn by turn if it is short, and its length known."""
        count, step = (start - stop, -1) if down else (stop - start, 1)
        if isinstance(count, int) and count <= UNROLLED:
            for k in range(start, stop, step):
                state = turn(k, state)
            return state
        return jax.lax.fori_loop(0, count, lambda k, state: turn(start + step * k, state), state)

    def filled(to: Any, first: int, count: int, entry: Callable[[Any], Any]) -> Any:
        """Fill entries of a list, all at once."""
        entries = jax.vmap(lambda k: jnp.asarray(entry(k), to.dtype))(jnp.arange(count)) if count else to[:0]
        return entries if count == len(to) else to.at[first : first + count].set(entries)

    return {
        "jnp": jnp, "choose": choose, "integer": integer, "loop": loop, "filled": filled,
        "both": lambda a, b: a & b, "either": lambda a, b: a | b,
        "negated": lambda a: not a if a.__class__ is bool else ~a,
        "power": lambda a, b: jnp.where(jnp.asarray(b) == 2.0, a * a, jnp.power(a, b)),
        "floor_divide": lambda a, b: jnp.where(jnp.asarray(b) == 0.0, a / b, jnp.floor_divide(a, b)),
        "erf": special.erf, "erfc": special.erfc,
    }  # fmt: skip
