"""The rows of a data set as tables of numbers, one for each shape of row."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from autograd_lite.engine import Value
from autograd_lite.replay.arguments import Key, flatten


class Matrix:
    """Rows of numbers in one array, line by line."""

    __slots__ = ("_lists", "numbers", "width")

    def __init__(self, numbers: array[float], width: int) -> None:
        self.numbers, self.width = numbers, width
        self._lists: list[list[float]] | None = None

    @classmethod
    def of(cls, rows: Any, width: int) -> Matrix:
        """Return rows that stand in lists, or in an array of NumPy's."""
        if hasattr(rows, "dtype"):
            return cls(array("d", rows.astype("d").tobytes()), width)
        return cls(array("d", [*chain.from_iterable(rows)]), width)

    @classmethod
    def of_columns(cls, columns: Sequence[array[float]]) -> Matrix:
        """Return rows whose numbers stand in columns."""
        width = len(columns)
        numbers = array("d", bytes(8 * width * len(columns[0])))
        for i, column in enumerate(columns):
            numbers[i::width] = column
        return cls(numbers, width)

    def __len__(self) -> int:
        return len(self.numbers) // self.width if self.width else 0

    def __getitem__(self, i: int) -> list[float]:
        start = range(len(self))[i] * self.width
        return self.numbers[start : start + self.width].tolist()

    @property
    def address(self) -> int:
        """Where the numbers stand."""
        return self.numbers.buffer_info()[0]

    def at(self, places: Sequence[int]) -> Matrix:
        """Return the rows in some places."""
        width, numbers = self.width, memoryview(self.numbers)
        return Matrix(array("d", b"".join([numbers[i * width : (i + 1) * width] for i in places])), width)

    def column(self, i: int) -> array[float]:
        """Return one number of each row."""
        return self.numbers[i :: self.width]

    def tolist(self) -> list[list[float]]:
        """Return the rows as lists; they are kept."""
        if self._lists is None:
            flat, width = self.numbers.tolist(), self.width
            self._lists = [flat[i : i + width] for i in range(0, len(flat), width)]
        return self._lists


def count_of(how: str, columns: Sequence[Any]) -> int:
    """Return the number of rows, or raise for columns that do not fit together."""
    try:
        lengths = [len(column) for column in columns]
    except TypeError:
        kinds = ", ".join(type(column).__name__ for column in columns)
        raise TypeError(f"compile: {how} takes the columns of a data set, one entry a row each, not {kinds}") from None
    if not lengths or len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(f"compile: {how} needs columns of one length, with at least one row, not {lengths}")
    return lengths[0]


class Table(NamedTuple):
    """Rows of a data set that have one shape, as numbers."""

    key: Key
    rows: Any  # a list of lists, or a matrix
    indices: Sequence[int]  # of the rows, in the data set

    def at(self, places: Sequence[int]) -> Table:
        """Return some of the rows."""
        return Table(self.key, rows_at(self.rows, places), [self.indices[i] for i in places])


def tables_of(columns: Sequence[Any], options: dict[str, Any]) -> list[Table]:
    """Return the rows of a data set, a table for each shape."""
    matrix = _matrix_of(columns)
    if matrix is not None:
        return [Table(_key_of_rows(columns, options), matrix, range(len(columns[0])))]
    tables: dict[Key, Table] = {}
    for i, row in enumerate(zip(*columns, strict=True)):
        leaves, key = flatten(row, options)
        table = tables.get(key) or tables.setdefault(key, Table(key, [], []))
        table.rows.append(leaves)
        table.indices.append(i)  # type: ignore[attr-defined]
    return list(tables.values())


def _key_of_rows(columns: Sequence[Any], options: dict[str, Any]) -> Key:
    """Return the key that `flatten` gives for the first row; for arrays, it follows from their shapes."""
    if options or not all([hasattr(column, "dtype") for column in columns]):
        return flatten([column[0] for column in columns], options)[1]
    return tuple(["n" if column.ndim == 1 else ("a", column.shape[1:]) for column in columns])


def _matrix_of(columns: Sequence[Any]) -> Matrix | None:
    """Return the numbers of all rows; None where they are no numbers, or the rows differ in length."""
    mixed: list[array[float]] = []  # one number of each row
    for column in columns:
        flat = _flat(column)
        if flat is None:
            return None
        width = len(flat) // len(column)
        if len(columns) == 1:
            return Matrix(flat, width)
        mixed += [flat[i::width] for i in range(width)]
    return Matrix.of_columns(mixed)


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
    return array("d", column) if kinds <= _NUMBERS else None


_LIST, _NUMBERS = {list}, {float, int}


def rows_at(rows: Any, places: Sequence[int]) -> Any:
    return [rows[i] for i in places] if rows.__class__ is list else rows.at(places)


def leaves_of(row: Any) -> list[Any]:
    return list(row)


def columns_of(rows: Any) -> list[Any]:
    """Return the columns of rows that stand in a matrix or a list."""
    if isinstance(rows, Matrix):
        return [rows.column(i) for i in range(rows.width)]
    return [array("d", column) for column in zip(*rows, strict=True)]


def numbers_of(leaves: Sequence[Any]) -> list[float]:
    return [x._data if x.__class__ is Value else x for x in leaves]
