"""Run a tape as generated straight-line Python: nothing but the standard library, one row after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any

from autograd_lite.replay import source, source_in_parts
from autograd_lite.replay.sums import added, parts_of, total_of
from autograd_lite.replay.tape import Batch, Tape

LARGE = 3_000  # nodes from which a graph is written in parts (`source_in_parts`)
TOO_LARGE = 200_000  # nodes from which writing and compiling it takes longer than anyone waits


class PythonRunner:
    """The generated functions of one tape, each written when first needed."""

    def __init__(self, tape: Tape, title: str) -> None:
        self.tape, self.title = tape, title
        self._functions: dict[tuple[str, bool], Callable[..., Any]] = {}

    @staticmethod
    def table(rows: Any) -> list[list[float]]:
        """Return rows of numbers as `many` takes them."""
        return rows if rows.__class__ is list else rows.tolist()

    def one(
        self, parameters: Sequence[float], arguments: Sequence[float], gradient: bool
    ) -> tuple[tuple[float, ...], list[float]] | None:
        """Return the outputs, and the first one's gradients by `tape.wanted`; None where a guard does not hold."""
        run = self._functions.get(("one", gradient)) or self._function("one", gradient)
        return run(*arguments, *parameters)  # type: ignore[no-any-return]

    def many(self, parameters: Sequence[float], rows: Sequence[Sequence[float]], gradient: bool) -> Batch:
        """Return the outputs of each row, and the sum and its gradient by each parameter over the rows that held."""
        gradients: list[float] = []
        if gradient and (found := self._sums(parameters, rows)) is not None:
            outputs, gradients = found
            return Batch(outputs, None, total_of([line[0] for line in outputs]), gradients)
        outputs, held = self._function("many", False)(rows, *parameters)
        if all(held):
            return Batch(outputs, None, total_of([line[0] for line in outputs]), gradients)
        if gradient:
            gradients = self._sums(parameters, [*compress(rows, held)])[1]
        return Batch(outputs, held, total_of([line[0] for line in compress(outputs, held)]), gradients)

    def _sums(self, parameters: Sequence[float], rows: Sequence[Sequence[float]]) -> Any:
        """Return the outputs of each row and the gradients of the sum; None where a guard does not hold."""
        parts = parts_of(len(rows))
        found = self._function("many", True)([rows[part] for part in parts], *parameters)
        if found is None:
            return None
        outputs: list[tuple[float, ...]] = [()] * len(rows)
        start = 0
        for part in parts:
            end = start + len(rows[part])
            outputs[part], start = found[0][start:end], end
        return outputs, found[1]

    def _function(self, kind: str, gradient: bool) -> Callable[..., Any]:
        """Return a function of the tape, written when first needed."""
        if (kind, gradient) not in self._functions:
            self._functions[kind, gradient] = self._written(kind, gradient)
        return self._functions[kind, gradient]

    def _written(self, kind: str, gradient: bool) -> Callable[..., Any]:
        if self.tape.nodes > LARGE:
            return self._one_in_parts(gradient) if kind == "one" else self._many_in_parts(gradient)
        text = source.one_row(self.tape, gradient) if kind == "one" else source.many_rows(self.tape, gradient)
        return source.compiled(text, f"{self.title}, {kind}")

    def _compiled(self, texts: Iterable[str]) -> list[Callable[..., Any]]:
        return [source.compiled(text, f"{self.title}, part") for text in texts]

    def _one_in_parts(self, gradient: bool) -> Callable[..., Any]:
        tape = self.tape
        forward, backward = map(self._compiled, source_in_parts.one_row(tape, gradient))
        conditions = source.compiled(source_in_parts.conditions(tape), f"{self.title}, guards")

        def run(*numbers: float) -> tuple[tuple[float, ...], list[float]] | None:
            arguments, parameters = numbers[: tape.arguments], numbers[tape.arguments :]
            v = [*parameters, *tape.constants, *arguments, *[0.0] * tape.nodes]
            g = [0.0] * len(v)
            tables: dict[int, list[float]] = {}
            for part in forward:
                part(v, g, tables, ())
            if not conditions(v):
                return None
            for part in backward:
                part(v, g, tables, ())
            return tuple([v[slot] for slot in tape.outputs]), [g[s] for s in tape.wanted] if gradient else []

        return run

    def _many_in_parts(self, gradient: bool) -> Callable[..., Any]:
        """Return the same function as `source.many_rows` generates, for a tape too large for that."""
        tape = self.tape
        texts, uses = source_in_parts.many_rows(tape)
        once, each, each_backward, once_backward = map(self._compiled, texts)
        conditions = source.compiled(source_in_parts.conditions(tape), f"{self.title}, guards")

        def run(rows: Any, *parameters: float) -> Any:
            v = [*parameters, *tape.constants, *[0.0] * (tape.arguments + tape.nodes)]
            g = [0.0] * len(v)
            tables: dict[int, list[float]] = {}
            outputs: list[tuple[float, ...]] = []
            held: list[bool] = []
            sums: list[list[float]] = []
            for part in once:
                part(v, g, tables, ())
            for some in rows if gradient else [rows]:
                sums.append([0.0] * uses)
                for row in some:
                    v[tape.first_argument : tape.first_node] = row
                    for part in each:
                        part(v, g, tables, ())
                    outputs.append(tuple([v[slot] for slot in tape.outputs]))
                    held.append(conditions(v))
                    if gradient and not held[-1]:
                        return None
                    for part in each_backward if gradient else ():
                        part(v, g, tables, sums[-1])
            if not gradient:
                return outputs, held
            total = added(sums)
            for part in once_backward:
                part(v, g, tables, total)
            return outputs, g[: len(parameters)]

        return run
