"""The move of many parameters at once: an optimiser's formula for one of them, recorded and replayed."""

from __future__ import annotations

from array import array
from copy import copy
from struct import pack
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.recording import trace_function
from autograd_lite.replay.runners import Runners
from autograd_lite.replay.table import Matrix, columns_of


class Move:
    """An optimiser's formula, recorded for one parameter, and replayed with all of them as its rows.

    The learning rate, and what the optimiser remembers of all parameters together, are the parameters of the tape.
    """

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer
        self.rate = Value(optimizer.lr)
        self.common = {name: Value(0.0) for name in optimizer.start._fields if name not in optimizer.columns}
        self._record()

    def _record(self) -> None:
        self.settings = self._current_settings()
        recorded = copy(self.optimizer)
        recorded.lr = self.rate

        def moved(number: Any, gradient: Any, *columns: Any) -> list[Any]:
            memory = recorded.start._replace(**self.common, **dict(zip(recorded.columns, columns, strict=True)))
            to, memory = recorded.move(number, gradient, memory)
            return [to, *[getattr(memory, name) for name in recorded.columns]]

        self.width = 2 + len(recorded.columns)
        leaves, key = flatten([0.0] * self.width, {})
        self.runners = Runners(trace_function(moved, leaves, key).tape, f"a step of {type(recorded).__name__}")
        names = {self.rate: "lr", **{value: name for name, value in self.common.items()}}
        self.given = [names[p] for p in self.runners.tape.parameters]

    def _current_settings(self) -> dict[str, Any]:
        return {key: x for key, x in vars(self.optimizer).items() if key[0] != "_" and key not in ("params", "lr")}

    def refresh(self) -> None:
        """Record the formula anew if a setting changed."""
        if self._current_settings() != self.settings:
            self._record()

    def __call__(self, numbers: Any, gradients: Any, memory: Any) -> tuple[array[float], Any]:
        """Return where all parameters go, and the new memory."""
        optimizer, count = self.optimizer, len(numbers)
        if numbers.__class__ is gradients.__class__ is array:
            given = numbers + gradients
        else:
            given = array("d", pack(f"{2 * count}d", *numbers, *gradients))  # sooner made than one of a list
        for name in optimizer.columns:
            given += getattr(memory, name)
        rows = Matrix(given, self.width, count, in_columns=True)
        runner = self.runners.of(len(rows))
        settings = [optimizer.lr if name == "lr" else float(getattr(memory, name)) for name in self.given]
        to, *columns = columns_of(runner.many(settings, runner.table(rows), False).outputs)
        steps = {name: getattr(memory, name) + 1 for name in self.common}  # their number is all that is common
        return to, memory._replace(**steps, **dict(zip(optimizer.columns, columns, strict=True)))
