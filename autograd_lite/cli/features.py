"""What a net reads and predicts of a table: task, numbers to standardise, texts as levels, held-out rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from autograd_lite.cli.tables import Table, number, why_not_number
from autograd_lite.nn.encoding import Column

MOST_LEVELS = 20  # different texts in a feature: each becomes an input of its own
MOST_CLASSES = 50
MOST_NUMBERED_CLASSES = 10  # a target of more different whole numbers is a quantity
HELD_OUT = 0.3  # the share of rows that a net is tested on

Cell = float | str


@dataclass(frozen=True, slots=True)
class Target:
    """The column to predict: each row's class index, with the classes' names, or its number, without any."""

    name: str
    values: tuple[float, ...]
    classes: tuple[str, ...]
    reason: str

    @property
    def task(self) -> str:
        return "classification" if self.classes else "regression"


def read_target(table: Table, name: str, task: str | None = None) -> Target:
    """Return the target; unless `task` says otherwise, texts and a few whole numbers are classes."""
    cells = [cell.strip() for cell in table.cells(name)]
    numbers = [number(cell) for cell in cells]
    different = set(cells)
    reason = "chosen by --task"
    if task is None:
        _refuse_slips(table, name, numbers)
        task, reason = _task(numbers)
    if task == "regression":
        values = _numbers(table, name)
        if len(set(values)) == 1:
            raise table.error(f"the same number, {cells[0]}, in every row: nothing to learn", column=name)
        return Target(name, tuple(values), (), reason)
    if len(different) == 1:
        raise table.error(f"one class only, {cells[0]!r}: nothing to tell apart", column=name)
    if len(different) > MOST_CLASSES:
        why = f"{len(different)} different values are too many classes, at most {MOST_CLASSES}"
        hint = "; --task regression?" if None not in numbers else ""
        raise table.error(why + hint, column=name)
    by_size = {cell: x for cell, x in zip(cells, numbers, strict=True) if x is not None}
    classes = sorted(different, key=lambda cell: (by_size.get(cell, math.inf), cell))
    index = {cell: float(i) for i, cell in enumerate(classes)}
    return Target(name, tuple(index[cell] for cell in cells), tuple(classes), reason)


def _refuse_slips(table: Table, name: str, numbers: Sequence[float | None]) -> None:
    """Raise at a cell that is no number in a target that otherwise is a quantity: not a class, but a slip."""
    known = [x for x in numbers if x is not None]
    if 2 * len(known) > len(numbers) > len(known) and _task(known)[0] == "regression":
        row, cell = next((row, cell) for row, cell in zip(table.numbers, table.cells(name), strict=True)
                         if number(cell) is None)  # fmt: skip
        raise table.error(f"{why_not_number(cell)}; or is every value a class? --task classification", row, name)


def _task(numbers: Sequence[float | None]) -> tuple[str, str]:
    if None in numbers:
        return "classification", "the target is text"
    different = {x for x in numbers if x is not None}
    few = len(different) <= MOST_NUMBERED_CLASSES and 2 * len(different) <= len(numbers)
    if few and all(x == int(x) for x in different):
        return "classification", f"the target has {len(different)} whole numbers; --task regression overrides"
    return "regression", "the target is a number; --task classification overrides"


def read_features(table: Table, names: Sequence[str], training: Sequence[int]) -> tuple[list[Column], list[list[Cell]]]:
    """Return the columns with their scaling, learnt from the training rows alone, and every row's cells."""
    columns, cells = [], []
    for name in names:
        if _is_text(table, name):
            column = Column(name, levels=_levels(table, name))
        else:
            numbers = _numbers(table, name)
            column = standardised(table, name, [numbers[i] for i in training])
        columns.append(column)
        cells.append(read_cells(table, column))
    return columns, [list(row) for row in zip(*cells, strict=True)]


def read_cells(table: Table, column: Column) -> list[Cell]:
    """Return the cells of a column that is already known; one that does not fit raises, naming its row."""
    if not column.levels:
        return list(_numbers(table, column.name))
    cells = [cell.strip() for cell in table.cells(column.name)]
    for row, cell in zip(table.numbers, cells, strict=True):
        if cell not in column.levels:
            known = ", ".join(map(repr, column.levels))
            raise table.error(f"{cell!r} was not there in training, only {known}", row, column.name)
    return list(cells)


def standardised(table: Table, name: str, numbers: Sequence[float]) -> Column:
    """Return the column that maps these numbers to mean 0 and variance 1; equal ones all to 0."""
    if min(numbers) == max(numbers):
        return Column(name, mean=numbers[0])
    n = len(numbers)
    mean = math.fsum(x / n for x in numbers)  # divided first: the sum may be too large
    scale = math.hypot(*(x - mean for x in numbers)) / math.sqrt(n)
    if not 0.0 < scale < math.inf:
        raise table.error("numbers too large, or too close together, to be standardised", column=name)
    return Column(name, mean=mean, scale=scale)


def split(target: Target, seed: int) -> tuple[list[int], list[int]]:
    """Return the places of the training rows and of the held-out ones, 30 % of each class.

    >>> training, held_out = split(Target("y", (0.0, 1.0) * 10, ("a", "b"), ""), seed=0)
    >>> len(training), len(held_out)
    (14, 6)
    """
    rng = Random(seed)
    groups: dict[float, list[int]] = {}
    for place, value in enumerate(target.values):
        groups.setdefault(value if target.classes else 0.0, []).append(place)
    training, held_out = [], []
    for _, places in sorted(groups.items()):
        rng.shuffle(places)
        count = round(HELD_OUT * len(places))
        held_out += places[:count]
        training += places[count:]
    return sorted(training), sorted(held_out)


def _is_text(table: Table, name: str) -> bool:
    """Tell whether a column is text; in one of numbers the first other cell raises."""
    cells = table.cells(name)
    others = [(row, cell) for row, cell in zip(table.numbers, cells, strict=True) if number(cell) is None]
    if others and (2 * len(others) < len(cells) or "; " in why_not_number(others[0][1])):
        row, cell = others[0]
        raise table.error(why_not_number(cell), row, name)
    return bool(others)


def _levels(table: Table, name: str) -> tuple[str, ...]:
    levels = sorted({cell.strip() for cell in table.cells(name)})
    if len(levels) > MOST_LEVELS:
        reason = f"{len(levels)} different texts, at most {MOST_LEVELS} can be one-hot encoded"
        raise table.error(f"{reason}; leave the column out: --drop {name!r}", column=name)
    if len(levels) == 1:
        raise table.error(f"the same text, {levels[0]!r}, in every row; leave it out: --drop {name!r}", column=name)
    return tuple(levels)


def _numbers(table: Table, name: str) -> list[float]:
    numbers = []
    for row, cell in zip(table.numbers, table.cells(name), strict=True):
        value = number(cell)
        if value is None:
            raise table.error(why_not_number(cell), row, name)
        numbers.append(value)
    return numbers
