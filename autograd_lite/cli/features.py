"""A table as examples for a net: the task, inputs from numbers and texts, and the split into training and test rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from autograd_lite.csv_files import Table, is_slip, read_number, why_not_number, without_unit
from autograd_lite.nn.encoding import Column

MOST_LEVELS = 20  # different texts in a column: each becomes an input of its own
MOST_CLASSES = 50
MOST_NUMBERED_CLASSES = 10  # a target of more different whole numbers is a quantity
HELD_OUT = 0.3  # the share of rows that a net is tested on

Cell = float | str


@dataclass(frozen=True, slots=True)
class Target:
    """The column to predict: the index of each row's class and the names of the classes, or numbers and no names."""

    name: str
    values: tuple[float, ...]
    classes: tuple[str, ...]
    reason: str  # for the task

    @property
    def task(self) -> str:
        return "classification" if self.classes else "regression"


def read_target(table: Table, name: str, task: str | None = None) -> Target:
    """Return the target; unless `task` is given, texts and a few whole numbers are classes."""
    cells = [cell.strip() for cell in table.cells(name)]
    numbers = {cell: read_number(cell) for cell in cells}
    reason = "chosen by --task"
    if task is None:
        _refuse_slips(table, name)
        task, reason = _task([numbers[cell] for cell in cells])
    if task == "regression":
        values = _numbers(table, name)
        if len(set(values)) == 1:
            raise table.error(f"the same number, {cells[0]}, in every row: nothing to learn", column=name)
        return Target(name, tuple(values), (), reason)
    if len(numbers) == 1:
        raise table.error(f"one class only, {cells[0]!r}: nothing to tell apart", column=name)
    if len(numbers) > MOST_CLASSES:
        texts = [cell for cell, number in numbers.items() if number is None]
        with_comma = [f"; or {why_not_number(cell)}" for cell in texts if "," in cell]
        hint = with_comma[0] if with_comma else "" if texts else "; --task regression?"
        reason = f"{len(numbers)} different values are too many classes, at most {MOST_CLASSES}{hint}"
        raise table.error(reason, column=name)
    size = {cell: math.inf if number is None else number for cell, number in numbers.items()}
    classes = sorted(numbers, key=lambda cell: (size[cell], cell))
    return Target(name, tuple(float(classes.index(cell)) for cell in cells), tuple(classes), reason)


def _refuse_slips(table: Table, name: str) -> None:
    """Raise at a cell that is no number if most are numbers of a quantity: it is a slip, not a class."""
    others = _not_numbers(table, name)
    numbers = [number for cell in table.cells(name) if (number := read_number(cell)) is not None]
    is_quantity = len(numbers) > len(others) and _task(numbers)[0] == "regression"
    if others and (is_quantity or _have_units(others, MOST_NUMBERED_CLASSES)):
        row, cell = others[0]
        raise table.error(f"{why_not_number(cell)}; or is every value a class? --task classification", row, name)


def _task(numbers: Sequence[float | None]) -> tuple[str, str]:
    different = set(numbers)
    if None in different:
        return "classification", "the target is text"
    few = len(different) <= MOST_NUMBERED_CLASSES and 2 * len(different) <= len(numbers)
    if few and all(x == int(x) for x in different if x is not None):
        return "classification", f"the target has {len(different)} whole numbers; --task regression overrides"
    return "regression", "the target is a number; --task classification overrides"


def read_features(table: Table, names: Sequence[str], training: Sequence[int]) -> tuple[list[Column], list[list[Cell]]]:
    """Return the columns, scaled by the training rows alone, and the cells of every row."""
    columns = []
    for name in names:
        if _is_text(table, name):
            columns.append(Column(name, levels=_levels(table, name)))
        else:
            numbers = _numbers(table, name)
            columns.append(standardised(table, name, [numbers[i] for i in training]))
    cells = [read_cells(table, column) for column in columns]
    return columns, [list(row) for row in zip(*cells, strict=True)]


def read_cells(table: Table, column: Column) -> list[Cell]:
    """Return the cells of a known column; a text that is none of its levels raises, with its row."""
    if not column.levels:
        return list(_numbers(table, column.name))
    cells = [cell.strip() for cell in table.cells(column.name)]
    for row, cell in zip(table.row_numbers, cells, strict=True):
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
    """Return the indices of the training rows and of the held-out rows, 30 % of each class.

    >>> training, held_out = split(Target("y", (0.0, 1.0) * 10, ("a", "b"), ""), seed=0)
    >>> len(training), len(held_out)
    (14, 6)
    """
    rng = Random(seed)
    groups: dict[float, list[int]] = {}
    for i, value in enumerate(target.values):
        groups.setdefault(value if target.classes else 0.0, []).append(i)
    training, held_out = [], []
    for _, indices in sorted(groups.items()):
        rng.shuffle(indices)
        count = round(HELD_OUT * len(indices))
        held_out += indices[:count]
        training += indices[count:]
    return sorted(training), sorted(held_out)


def _is_text(table: Table, name: str) -> bool:
    """Tell whether a column is text; in a column of numbers, the first other cell raises."""
    others = _not_numbers(table, name)
    few = 2 * len(others) < len(table.rows)
    if others and (few or is_slip(others[0][1]) or _have_units(others, MOST_LEVELS)):
        _numbers(table, name)
    return bool(others)


def _have_units(cells: Sequence[tuple[int, str]], most: int) -> bool:
    """Tell whether most of these cells are numbers with a unit, too many different ones to be classes."""
    found = [cell for _, cell in cells if without_unit(cell)]
    return 2 * len(found) > len(cells) and len(set(found)) > most


def _levels(table: Table, name: str) -> tuple[str, ...]:
    levels = sorted({cell.strip() for cell in table.cells(name)})
    if 1 < len(levels) <= MOST_LEVELS:
        return tuple(levels)
    reason = f"the same text, {levels[0]!r}, in every row"
    if len(levels) > 1:
        reason = f"{len(levels)} different texts, at most {MOST_LEVELS} can be one-hot encoded"
    raise table.error(f"{reason}; leave the column out: --drop {name!r}", column=name)


def _not_numbers(table: Table, name: str) -> list[tuple[int, str]]:
    """Return (row number, cell) of every cell that is not a number."""
    cells = zip(table.row_numbers, table.cells(name), strict=True)
    return [(row, cell) for row, cell in cells if read_number(cell) is None]


def _numbers(table: Table, name: str) -> list[float]:
    """Return the numbers of a column; the first cell that is not a number raises, with its row."""
    for row, cell in _not_numbers(table, name):
        raise table.error(why_not_number(cell), row, name)
    return [float(cell) for cell in table.cells(name)]
