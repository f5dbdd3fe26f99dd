"""Run a tape as generated straight-line Python: nothing but the standard library, one row after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.replay import source
from autograd_lite.replay.tape import Batch, Tape

LARGE = 3_000  # nodes from which a graph is written in parts: one function of so many lines compiles slowly
TOO_LARGE = 200_000  # nodes from which writing and compiling it takes longer than anyone waits


class StraightRunner:
    """The generated functions of one tape, each written when first needed."""

    def __init__(self, tape: Tape, title: str) -> None:
        self.tape, self.title = tape, title
        self._functions: dict[tuple[str, bool], Callable[..., Any]] = {}

    @staticmethod
    def table(rows: Any) -> list[Any]:
        """Return rows of numbers as `many` takes them."""
        return rows if rows.__class__ is list else rows.tolist()

    def one(
        self, parameters: Sequence[float], arguments: Sequence[float], gradient: bool
    ) -> tuple[tuple[float, ...], list[float]] | None:
        """Return the outputs, and the first one's gradients by `tape.wanted`; None where a guard does not hold."""
        run = self._functions.get(("one", gradient)) or self._written("one", gradient)
        return run(*arguments, *parameters)  # type: ignore[no-any-return]

    def many(self, parameters: Sequence[float], rows: Sequence[Sequence[float]], gradient: bool) -> Batch:
        """Return the outputs of each row, and the sum and its gradient by each parameter over the rows that held."""
        if self.tape.nodes > LARGE:
            return self._one_by_one(parameters, rows, gradient)
        run = self._functions.get(("many", gradient)) or self._written("many", gradient)
        outputs, held, total, gradients = run(rows, *parameters)
        return Batch(outputs, None if all(held) else held, total, gradients)

    def _one_by_one(self, parameters: Sequence[float], rows: Sequence[Sequence[float]], gradient: bool) -> Batch:
        found = [self.one(parameters, row, gradient) for row in rows]
        results = [result for result in found if result is not None]
        total = 0.0
        sums = [0.0] * len(parameters)
        for outputs, gradients in results:
            total += outputs[0]
            sums = [s + g for s, g in zip(sums, gradients)]  # noqa: B905  (those of live arguments are not asked for)
        held = None if len(results) == len(rows) else [result is not None for result in found]
        return Batch([result[0] if result else () for result in found], held, total, sums if gradient else [])

    def _written(self, kind: str, gradient: bool) -> Callable[..., Any]:
        if kind == "one" and self.tape.nodes > LARGE:
            run: Callable[..., Any] = self._in_parts(gradient)
        else:
            text = source.one_row(self.tape, gradient) if kind == "one" else source.many_rows(self.tape, gradient)
            run = source.compiled(text, f"{self.title}, {kind}")
        self._functions[kind, gradient] = run
        return run

    def _in_parts(self, gradient: bool) -> Callable[..., Any]:
        tape = self.tape
        texts = source.in_parts(tape, gradient)
        forward, backward = ([source.compiled(text, f"{self.title}, part") for text in part] for part in texts)
        conditions = source.compiled(source.conditions(tape), f"{self.title}, guards")
        constants = list(tape.constants)

        def run(*numbers: float) -> tuple[tuple[float, ...], list[float]] | None:
            arguments, parameters = numbers[: tape.arguments], numbers[tape.arguments :]
            v = [*parameters, *constants, *arguments, *[0.0] * tape.nodes]
            g = [0.0] * len(v)
            tables: dict[int, list[float]] = {}
            for part in forward:
                part(v, g, tables)
            if not conditions(v):
                return None
            for part in backward:
                part(v, g, tables)
            return tuple([v[slot] for slot in tape.outputs]), [g[s] for s in tape.wanted] if gradient else []

        return run
