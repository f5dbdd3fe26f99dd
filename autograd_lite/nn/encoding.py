"""How a row of a table becomes the inputs of a net, and its outputs a prediction. Saved with the net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers, standardised to (x - mean) / scale, or of texts, one input for each level.

    >>> Column("length", mean=5.0, scale=2.0).encode(8.0)
    [1.5]
    >>> Column("colour", levels=("blue", "red")).encode("red")
    [0.0, 1.0]
    """

    name: str
    mean: float = 0.0
    scale: float = 1.0
    levels: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Return how many inputs the column makes."""
        return len(self.levels) or 1

    def encode(self, cell: float | str) -> list[float]:
        """Return the inputs of one cell; a text that was not there in training is a `ValueError`."""
        try:
            if not self.levels:
                return [(float(cell) - self.mean) / self.scale]
        except (TypeError, ValueError):
            raise ValueError(f"column {self.name!r}: expected a number such as 0.5, got {cell!r}") from None
        if cell not in self.levels:
            raise ValueError(f"column {self.name!r}: expected one of {', '.join(map(repr, self.levels))}, got {cell!r}")
        return [1.0 if cell == level else 0.0 for level in self.levels]

    def decode(self, output: float) -> float:
        """Return the number that a standardised one stands for."""
        return output * self.scale + self.mean


@dataclass(frozen=True, slots=True)
class Encoding:
    """The columns that a net reads, in order, and the one that it predicts.

    The levels of the target are the names of the classes; a target without any is a number (regression).
    """

    columns: tuple[Column, ...]
    target: Column

    @property
    def width(self) -> int:
        """Return how many inputs the columns make."""
        return sum(column.width for column in self.columns)

    def fits(self, outputs: int) -> bool:
        """Tell whether so many outputs predict the target: one for each class, or one for a number or two classes."""
        classes = len(self.target.levels)
        return outputs == (classes or 1) or (outputs, classes) == (1, 2)

    @property
    def task(self) -> str:
        """Return "classification" or "regression"."""
        return "classification" if self.target.levels else "regression"

    def encode(self, cells: Sequence[float | str]) -> list[float]:
        """Return the inputs of one row, whose cells come in the order of the columns; ValueError if it has others."""
        if len(cells) != len(self.columns):
            names = ", ".join([column.name for column in self.columns])
            raise ValueError(f"encode: expected a row of {len(self.columns)} cells ({names}), got {len(cells)}")
        return [x for column, cell in zip(self.columns, cells, strict=True) for x in column.encode(cell)]

    def decode(self, outputs: Any) -> float | str:
        """Return the prediction of an output, a number or a list of one for each class.

        >>> Encoding((Column("x"),), Column("y", levels=("no", "yes"))).decode(0.7)
        'yes'
        """
        names = self.target.levels
        several = isinstance(outputs, list | tuple)
        if several and (len(outputs) != len(names) or any(isinstance(x, list | tuple) for x in outputs)):
            raise ValueError("decode: expected the output for one row; for several: [decode(output) for output in …]")
        if not names:
            return self.target.decode(outputs)
        if several:
            return names[max(range(len(names)), key=outputs.__getitem__)]
        return names[1] if outputs >= 0.5 else names[0]
