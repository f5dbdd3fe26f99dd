"""The rows of a data set as tables of numbers, one for each shape of row."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Sequence
from itertools import chain
from operator import is_
from typing import Any, NamedTuple

from autograd_lite.checks import refuse_set
from autograd_lite.coerce import to_float_or_none
from autograd_lite.engine import Value
from autograd_lite.replay.arguments import Key, flatten


class Matrix:
    """Rows of numbers in one array: row after row, or column after column."""

    __slots__ = ("_lists", "address", "count", "in_columns", "numbers", "steps", "width")

    def __init__(self, numbers: array[float], width: int, count: int, in_columns: bool = False) -> None:
        self.numbers, self.width, self.count, self.in_columns = numbers, width, count, in_columns
        self.address = numbers.buffer_info()[0]
        self.steps = (1, count) if in_columns else (width, 1)  # how far two rows, and two columns, stand apart
        self._lists: list[Any] | None = None

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]], width: int) -> Matrix:
        """Return rows that stand in lists."""
        return cls(array("d", [*chain.from_iterable(rows)]), width, len(rows))

    @classmethod
    def of_columns(cls, columns: Sequence[array[float]]) -> Matrix:
        """Return rows whose numbers stand in columns."""
        numbers = array("d")
        for column in columns:
            numbers += column
        return cls(numbers, len(columns), len(columns[0]), in_columns=True)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, i: int) -> list[float]:
        start = range(self.count)[i]
        if self.in_columns:
            return self.numbers[start :: self.count].tolist()
        return self.numbers[start * self.width : (start + 1) * self.width].tolist()

    def column(self, i: int) -> array[float]:
        """Return one number of each row."""
        return self.numbers[i * self.count : (i + 1) * self.count] if self.in_columns else self.numbers[i :: self.width]

    def row_by_row(self) -> Matrix:
        """Return the same rows, one after the other."""
        if not self.in_columns:
            return self
        numbers = array("d", bytes(8 * len(self.numbers)))
        for i in range(self.width):
            numbers[i :: self.width] = self.column(i)
        return Matrix(numbers, self.width, self.count)

    def at(self, indices: Sequence[int]) -> Matrix:
        """Return the rows of these indices."""
        width, numbers = self.width, memoryview(self.row_by_row().numbers)
        some = b"".join([numbers[i * width : (i + 1) * width] for i in indices])
        return Matrix(array("d", some), width, len(indices))

    def tolist(self) -> list[Any]:
        """Return the rows as lists; they are kept."""
        if self._lists is None:
            flat, width = self.row_by_row().numbers.tolist(), self.width
            self._lists = [flat[i * width : (i + 1) * width] for i in range(self.count)]
        return self._lists


def count_of(how: str, columns: Sequence[Any]) -> int:
    """Return the number of rows, or raise for columns that do not fit together."""
    for column in columns:
        refuse_set(f"compile: {how}", column)
    try:
        lengths = [*map(len, columns)]
    except TypeError:
        kinds = ", ".join(type(column).__name__ for column in columns)
        raise TypeError(f"compile: {how} takes the columns of a data set, one entry a row each, not {kinds}") from None
    if not lengths:
        raise TypeError(f"compile: {how} takes the columns of a data set by position, as in f.{how}(X, Y); got none")
    if len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(f"compile: {how} needs columns of one length, with at least one row, not {lengths}")
    return lengths[0]


class Table(NamedTuple):
    """Rows of a data set that have one shape, as numbers."""

    key: Key
    rows: Any  # a list of lists, or a matrix
    indices: Sequence[int]  # of the rows, in the data set

    def at(self, indices: Sequence[int]) -> Table:
        """Return some of the rows."""
        return Table(self.key, rows_at(self.rows, indices), [self.indices[i] for i in indices])


class Seen(NamedTuple):
    """The tables of a data set, and the content of its columns: what has not changed is not read again."""

    columns: Sequence[Any] = ()
    held: Sequence[Any] = ()
    tables: Sequence[Table] = ()

    def of(self, columns: Sequence[Any], options: dict[str, Any], title: str) -> Seen:
        """Return these tables if the columns are the same objects and hold the same, else those of the columns.

        Of columns that are no matrix, the content is not kept.
        """
        try:
            if (
                len(columns) == len(self.columns)
                and not options
                and all(map(is_, columns, self.columns))
                and [*map(_content, columns)] == self.held
            ):
                return self
        except ValueError:  # something that is no number now
            pass
        tables = tables_of(columns, options, title)
        if options or tables[0].rows.__class__ is not Matrix:
            return Seen((), (), tables)
        return Seen(columns, [*map(_content, columns)], tables)


def _content(column: Any) -> Any:
    """Return the content of a column as bits: its numbers, their types, and of lists in it their lengths.

    `marshal` reads lists three times as fast as a comparison of their entries; format 2 has no references in it.
    """
    return (column.tobytes(), column.shape, column.dtype) if hasattr(column, "dtype") else marshal.dumps(column, 2)


def tables_of(columns: Sequence[Any], options: dict[str, Any], title: str) -> list[Table]:
    """Return the rows of a data set, a table for each shape; `title` is the function's, in messages."""
    matrix = _matrix_of(columns)
    if matrix is not None:
        return [Table(_key_of_rows(columns, options), matrix, range(len(columns[0])))]
    tables: dict[Key, Table] = {}
    for i, row in enumerate(zip(*columns, strict=True)):
        try:
            leaves, key = flatten(row, options)
        except TypeError as error:
            refuse_others(title, i, row, error)
            raise
        except OverflowError as error:
            raise OverflowError(f"compile: {title}, row {i + 1}: {error}") from None
        table = tables.get(key) or tables.setdefault(key, Table(key, [], []))
        table.rows.append(leaves)
        table.indices.append(i)  # type: ignore[attr-defined]
    return list(tables.values())


def refuse_others(title: str, i: int, row: Sequence[Any], error: Exception) -> None:
    """Raise TypeError if a row that a function failed for holds something else than numbers: most often it is why."""
    others = [pair for j, x in enumerate(row, start=1) for pair in _others(x, f"column {j}")]
    if others:
        held = ", ".join([f"{place} holds {x!r:.60}" for place, x in others[:3]])
        do = "pass float(…) of a text" if isinstance(others[0][1], str) else "fill it in, or leave its row out"
        raise TypeError(f"compile: {title}, row {i + 1}: {held}, which is no number: {error}; where a number is "
                        f"expected, {do}") from error  # fmt: skip


def _others(x: Any, place: str) -> list[tuple[str, Any]]:
    """Return the things in an entry of a row that are no numbers, each after its place."""
    if isinstance(x, list | tuple) or getattr(x, "ndim", False):
        return [pair for j, part in enumerate(x, start=1) for pair in _others(part, f"{place}, number {j}")]
    return [] if isinstance(x, Value) or to_float_or_none(x) is not None else [(place, x)]


def _key_of_rows(columns: Sequence[Any], options: dict[str, Any]) -> Key:
    """Return the key that `flatten` gives for the first row; for arrays, it follows from their shapes."""
    if options or not all([hasattr(column, "dtype") for column in columns]):
        return flatten([column[0] for column in columns], options)[1]
    return tuple(["n" if column.ndim == 1 else ("a", column.shape[1:]) for column in columns])


def _matrix_of(columns: Sequence[Any]) -> Matrix | None:
    """Return the numbers of all rows; None where they are no numbers, or the rows differ in length."""
    count = len(columns[0])
    mixed: list[array[float]] = []  # one number of each row
    for column in columns:
        flat = _flat(column)
        if flat is None:
            return None
        width = len(flat) // count
        if len(columns) == 1:
            return Matrix(flat, width, count)
        mixed += [flat[i::width] for i in range(width)]
    return Matrix.of_columns(mixed).row_by_row() if mixed else Matrix(array("d"), 0, count)


def _flat(column: Any) -> array[float] | None:
    """Return the numbers of a column, row by row; None where it holds something else, or rows of several lengths."""
    if hasattr(column, "dtype"):
        return array("d", column.astype("d").tobytes()) if column.dtype.kind in "fiu" else None
    if column.__class__ is not list and column.__class__ is not tuple:
        return None
    kinds = set(map(type, column))
    if kinds == _LIST:
        if len(set(map(len, column))) > 1:
            return None
        column = [*chain.from_iterable(column)]
        kinds = set(map(type, column))
    try:
        return array("d", column) if kinds <= _NUMBERS else None
    except OverflowError:  # an int that is too large
        return None


_LIST, _NUMBERS = {list}, {float, int}


def as_matrix(rows: Any) -> Matrix:
    """Return rows of numbers in one array."""
    return Matrix.of(rows, len(rows[0])) if rows.__class__ is list else rows


def rows_at(rows: Any, indices: Sequence[int]) -> Any:
    return [rows[i] for i in indices] if rows.__class__ is list else rows.at(indices)


def columns_of(rows: Any) -> list[Any]:
    """Return the columns of rows that stand in a matrix or a list."""
    if isinstance(rows, Matrix):
        return [rows.column(i) for i in range(rows.width)]
    return [array("d", column) for column in zip(*rows, strict=True)]


def numbers_of(leaves: Sequence[Any]) -> list[float]:
    return [x._data if x.__class__ is Value else x for x in leaves]
