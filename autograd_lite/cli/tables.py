"""CSV files as tables of text cells: read with suspicion, answered with file, row and column.

A row's number is the one a spreadsheet shows: the header is row 1, and an empty line counts.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

LARGEST = 100 * 1024**2  # bytes; beyond it a net of Python scalars is the wrong tool
DELIMITERS = ",;\t"  # in the order preferred
MISSING = frozenset({"", "?", "na", "n/a", "#n/a", "nan", "null"})
# What the csv module says, and what that means.
REASONS = {
    "end of data": "a quoted cell never ends",
    "expected after": 'text behind the closing quote of a cell; inside a quoted cell, " is written twice',
    "field limit": f"a cell of more than {csv.field_size_limit():,} characters; is a quote missing?",
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)


class TableError(ValueError):
    """A table that cannot be used: the file, the place and the reason in one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of equally many cells; `numbers[i]` is the place of `rows[i]` in the file."""

    path: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]

    def index(self, column: str) -> int:
        """Return the place of a column; a name that is not there raises, with names that are near."""
        if column in self.header:
            return self.header.index(column)
        by_case = [name for name in self.header if name.lower() == column.lower()]
        near = by_case or get_close_matches(column, self.header, n=3, cutoff=0.5)
        if near:
            raise self.error(f"no column {column!r}; did you mean {' or '.join(map(repr, near))}?")
        listed = ", ".join(map(repr, self.header[:12])) + (", …" if len(self.header) > 12 else "")
        raise self.error(f"no column {column!r}; the columns are {listed}")

    def cells(self, column: str) -> list[str]:
        """Return a column's cells; a missing one raises, naming its row."""
        place = self.index(column)
        cells = [row[place] for row in self.rows]
        gaps = [number for number, cell in zip(self.numbers, cells, strict=True) if is_missing(cell)]
        if gaps:
            more = f" (and in {len(gaps) - 1} more rows)" if len(gaps) > 1 else ""
            raise self.error(f"a missing cell{more}; fill it in or remove the row", gaps[0], column)
        return cells

    def error(self, reason: str, row: int | None = None, column: str | None = None) -> TableError:
        """Return the error to raise: `data.csv: row 3, column 'age': reason`."""
        row_text = None if row is None else f"row {row}"
        column_text = None if column is None else f"column {column!r}"
        place = ", ".join(part for part in (row_text, column_text) if part)
        return TableError(": ".join(part for part in (self.path, place, reason) if part))


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no value.

    >>> [is_missing(cell) for cell in ("", " NA ", "0")]
    [True, True, False]
    """
    return cell.strip().lower() in MISSING


def number(cell: str) -> float | None:
    """Return the number that a cell spells, or None; only plain decimal notation counts, and only finite.

    >>> number(" -1.5e3 "), number("1_000"), number("inf"), number("1e999"), number("yes")
    (-1500.0, None, None, None, None)
    """
    text = cell.strip()
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def why_not_number(cell: str) -> str:
    """Say what is wrong with a cell that should be a number.

    >>> why_not_number("2,5")
    "'2,5' is not a number; write the decimal comma as a point: 2.5"
    """
    text = cell.strip()
    if _DECIMAL_COMMA.fullmatch(text):
        return f"{cell!r} is not a number; write the decimal comma as a point: {text.replace(',', '.')}"
    if _NUMBER.fullmatch(text):
        return f"{cell!r} is too large for a float"
    return f"{cell!r} is not a number"


def read_table(path: str | Path) -> Table:
    """Read a CSV file: UTF-8 or UTF-16, with or without byte-order mark, delimiter `,` `;` or tab.

    Every way in which the file can be broken is a `TableError`; no cell is guessed, none is dropped.
    """
    name = str(path)
    text = _decode(name, _read(name, Path(path)))
    records = _records(name, text, _delimiter(text))
    if not records:
        raise TableError(f"{name}: the file is empty; expected a header line and rows")
    (first, header), *body = records
    blank = [i for i, column in enumerate(header, 1) if not column]
    if blank:
        raise TableError(f"{name}: row {first}: column {blank[0]} has no name")
    twice = min((column for column, uses in Counter(header).items() if uses > 1), default=None)
    if twice is not None:
        raise TableError(f"{name}: row {first}: the column name {twice!r} stands there twice")
    for place, cells in body:
        if len(cells) != len(header):
            expected = f"expected {len(header)} cells, as in the header, got {len(cells)}"
            raise TableError(f"{name}: row {place}: {expected}")
    if not body:
        raise TableError(f"{name}: a header but no rows")
    return Table(name, header, tuple(cells for _, cells in body), tuple(place for place, _ in body))


def format_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text in which no cell can act as a spreadsheet's formula.

    A text cell that begins like a formula gets an apostrophe before it; a number stays as it is.

    >>> format_csv([("a", "b"), ("-1.5", "=1+1")])
    "a,b\\n-1.5,'=1+1\\n"
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    # Spreadsheets skip blanks and byte-order marks, and some read the full-width signs of East Asia, too.
    bare = cell.lstrip().lstrip("\ufeff").lstrip()
    formula = bare.startswith(tuple("=+-@＝＋－＠")) or cell.startswith(("\t", "\r", "\n"))
    return "'" + cell if formula and number(cell) is None else cell


def _read(name: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = b"" if size > LARGEST else file.read(LARGEST + 1)  # a device has no size to ask for
    except FileNotFoundError:
        raise TableError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise TableError(f"{name}: a folder, not a file") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = "a folder, not a file" if path.is_dir() else getattr(error, "strerror", None) or str(error)
        raise TableError(f"{name}: cannot be read: {reason}") from None
    if max(size, len(data)) > LARGEST:
        raise TableError(f"{name}: larger than {LARGEST // 1024**2} MB, too much for scalars in Python; take a sample")
    return data


def _decode(name: str, data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        position = error.start + len(data) - len(error.object)  # the mark does not count as text, but as bytes
        row = data.count(b"\n", 0, position) + 1
        raise TableError(
            f"{name}: row {row}: byte {data[position]:#04x} at position {position} is not "
            f"{encoding.removesuffix('-sig').upper()}; save the file as UTF-8"
        ) from None
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise TableError(f"{name}: row {row}: a zero byte; this is not a text file")
    return text.removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines alike, then the one that splits the header into most columns.

    >>> _delimiter("a;b\\n1,5;2\\n"), _delimiter("a,b: p; q; r\\n1,2\\n"), _delimiter("a")
    (';', ',', ',')
    """

    def columns(delimiter: str) -> tuple[bool, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        widths: list[int] = []
        with contextlib.suppress(csv.Error):  # told when the whole file is read
            widths.extend(len(cells) for cells in islice(filter(None, reader), 20))
        header = widths[0] if widths else 0
        return header > 1 and set(widths) == {header}, header

    return max(DELIMITERS, key=columns)


def _records(name: str, text: str, delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return (row number, cells) for every line that is not empty, header first; names are stripped."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, tuple[str, ...]]] = []
    row = 0
    try:
        for row, cells in enumerate(reader, 1):
            if len(cells) > 1 or "".join(cells).strip():
                records.append((row, tuple(cells if records else (cell.strip() for cell in cells))))
    except csv.Error as error:
        reason = next((ours for theirs, ours in REASONS.items() if theirs in str(error)), str(error))
        raise TableError(f"{name}: row {row + 1}: {reason}") from None
    return records
