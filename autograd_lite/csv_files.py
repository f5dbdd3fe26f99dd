"""CSV files as tables of text cells. Every defect is an error that names the file, the row and the column.

Rows are numbered as in a spreadsheet: the header is row 1, and empty lines count.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from autograd_lite.checks import did_you_mean

LARGEST = 100 * 1024**2  # bytes; beyond it a net of Python scalars is the wrong tool
DELIMITERS = ",;\t"  # in the order preferred
MISSING = ("", "?", "na", "n/a", "#n/a", "nan", "null")  # cells without a value, in any letter case
# Errors of the csv module, and plainer words for them.
REASONS = {
    "end of data": "a quoted cell never ends",
    "expected after": 'text behind the closing quote of a cell; inside a quoted cell, " is written twice',
    "field limit": f"a cell of more than {csv.field_size_limit():,} characters; is a quote missing?",
}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DELIMITER_LINE = re.compile(r"sep=([,;\t|])\r?(?:\n|$)", re.IGNORECASE)  # Excel's own; it shows no such row
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d*|(?:,\d{3}){2,})", re.ASCII)
_SPELLED = re.compile(r"[+-]?[.,]*\d[\d.,]*(?:[eE][+-]?\d+)?", re.ASCII)  # points, commas of any meaning
_WITH_UNIT = re.compile(r"([€$£¥]?)\s*([+-]?\d[\d.,]*)(\s+[^\W\d]{1,4}|\s*[€$£¥%°]|)")  # 953.6 €, $5, 12 kg


class TableError(ValueError):
    """A table that cannot be used: `data.csv: row 3, column 'age': reason`."""

    def __init__(self, path: str, reason: str, row: int | None = None, column: str | None = None) -> None:
        where = [f"row {row}"] if row is not None else []
        where += [f"column {column!r}"] if column is not None else []
        super().__init__(": ".join(filter(None, (path, ", ".join(where), reason))))


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of equally many cells; `row_numbers[i]` is the number of `rows[i]` in the file."""

    path: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    row_numbers: tuple[int, ...]
    delimiter: str = ","

    def index(self, column: str) -> int:
        """Return the index of a column; an unknown name raises, with similar names as a hint."""
        if column in self.header:
            return self.header.index(column)
        listed = ", ".join(map(repr, self.header[:12])) + (", …" if len(self.header) > 12 else "")
        hint = did_you_mean(column, self.header, most=3) or f"the columns are {listed}"
        raise self.error(f"no column {column!r}; {hint}")

    def cells(self, column: str) -> list[str]:
        """Return the cells of a column; a missing one raises, with its row."""
        index = self.index(column)
        cells = [row[index] for row in self.rows]
        gaps = [row for row, cell in zip(self.row_numbers, cells, strict=True) if is_gap(cell)]
        if gaps:
            more = f" (and in {len(gaps) - 1} more rows)" if len(gaps) > 1 else ""
            raise self.error(f"a missing cell{more}; fill it in or remove the row", gaps[0], column)
        return cells

    def error(self, reason: str, row: int | None = None, column: str | None = None) -> TableError:
        """Return the error to raise."""
        return TableError(self.path, reason, row, column)


def is_gap(cell: str) -> bool:
    """Tell whether a cell has no value."""
    return cell.strip().lower() in MISSING


def read_number(cell: str) -> float | None:
    """Return the number in a cell, or None; only plain decimal notation counts, and only finite numbers.

    >>> read_number(" -1.5e3 "), read_number("1_000"), read_number("inf"), read_number("1e999"), read_number("yes")
    (-1500.0, None, None, None, None)
    """
    text = cell.strip()
    value = float(text) if _NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def why_not_number(cell: str) -> str:
    """Return the reason why a cell is not read as a number.

    >>> why_not_number("2,5")
    "'2,5' is not a number; write the decimal comma as a point: 2.5"
    >>> why_not_number("1,500.00")
    "'1,500.00' is not a number; write it without commas: 1500.00"
    """
    text = cell.strip()
    if DECIMAL_COMMA.fullmatch(text):
        return f"{cell!r} is not a number; write the decimal comma as a point: {text.replace(',', '.')}"
    if _THOUSANDS.fullmatch(text):
        return f"{cell!r} is not a number; write it without commas: {text.replace(',', '')}"
    if text.startswith("−") and without_unit(text):
        return f"{cell!r} is not a number; write the minus sign as the one on the keyboard: {without_unit(text)}"
    if number := without_unit(text):
        return f"{cell!r} is not a number; leave out what is written beside it: {number}"
    return f"{cell!r} is {'too large for a float' if _NUMBER.fullmatch(text) else 'not a number'}"


def is_slip(cell: str) -> bool:
    """Tell whether a cell is a number, but for its commas, or for its minus sign."""
    text = cell.strip()
    is_minus = text.startswith("−") and bool(without_unit(text))
    return is_minus or bool(DECIMAL_COMMA.fullmatch(text) or _THOUSANDS.fullmatch(text))


def without_unit(cell: str) -> str:
    """Return the number in a cell that is one with a unit, a currency or a percent sign beside it; else nothing.

    >>> without_unit("953.6 €"), without_unit("$5"), without_unit("12 kg"), without_unit("5"), without_unit("B 12")
    ('953.6', '5', '12', '', '')
    """
    text = cell.strip()
    found = _WITH_UNIT.fullmatch(text.replace("−", "-", 1))
    return found[2] if found and (found[1] or found[3] or "−" in text) else ""


def read_table(path: str | Path) -> Table:
    """Read a CSV file: UTF-8 or UTF-16, with or without byte-order mark, delimiter `,` `;` or tab.

    A first line `sep=;`, as Excel writes it, names the delimiter, and counts as no row.

    A broken file is a `TableError`; no cell is guessed, none is dropped.
    """
    name = str(path)
    text = _decoded(name, _content(name, Path(path)))
    named = _DELIMITER_LINE.match(text)
    text = text[named.end() :] if named else text
    delimiter = named[1] if named else _delimiter(text)
    records = _records(name, text, delimiter)
    if not records:
        raise TableError(name, "the file is empty; expected a header line and rows")
    (first, header), *body = records
    while header and not header[-1] and not any("".join(cells[len(header) - 1 :]).strip() for _, cells in body):
        header = header[:-1]  # a comma too many at the end of the head, and perhaps of each row
        body = [(row, cells[: len(header)]) for row, cells in body]
    if "" in header:
        raise TableError(name, f"column {header.index('') + 1} has no name", first)
    if repeated := [column for column, uses in Counter(header).items() if uses > 1]:
        raise TableError(name, f"the column name {min(repeated)!r} stands there twice", first)
    if not body:
        raise TableError(name, "a header but no rows")
    for row, cells in body:
        if len(cells) != len(header):
            raise TableError(name, f"expected {len(header)} cells, as in the header, got {len(cells)}", row)
    return Table(name, header, tuple(cells for _, cells in body), tuple(row for row, _ in body), delimiter)


def format_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return rows as CSV text in which no cell can act as a spreadsheet's formula.

    A text cell that begins like a formula gets an apostrophe before it; a number stays as it is, however it is spelled.

    >>> format_csv([("a", "b"), ("-1.5", "=1+1")]), format_csv([("-1,5", "+")], ";")
    ("a,b\\n-1.5,'=1+1\\n", "-1,5;'+\\n")
    """
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [_harmless(cell) for cell in row] for row in rows
    )
    return out.getvalue()


def _harmless(cell: str) -> str:
    # Spreadsheets skip blanks and byte-order marks, and some read the full-width signs of East Asia, too.
    bare = cell.lstrip().lstrip("\ufeff").lstrip()
    formula = bare.startswith(tuple("=+-@＝＋－＠")) or cell.startswith(("\t", "\r", "\n"))
    return "'" + cell if formula and not _SPELLED.fullmatch(cell.strip()) else cell


def _content(name: str, path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)  # a device may give bytes without end
    except FileNotFoundError:
        raise TableError(name, "no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise TableError(name, "a folder, not a file" if path.is_dir() else reason) from None
    if len(data) > LARGEST:
        raise TableError(name, f"larger than {LARGEST // 1024**2} MB, too much for scalars in Python; take a sample")
    return data


def _decoded(name: str, data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        position = error.start + len(data) - len(error.object)  # the decoder does not count the byte-order mark
        reason = f"byte {data[position]:#04x} at position {position} is not {encoding.removesuffix('-sig').upper()}"
        row = data.count(b"\n", 0, position) + 1
        raise TableError(name, f"{reason}; save the file as UTF-8", row) from None
    if "\0" in text:
        raise TableError(name, "a zero byte; this is not a text file", text.count("\n", 0, text.index("\0")) + 1)
    return text.removeprefix("\ufeff")


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines alike, then the one that splits the header into most columns.

    >>> _delimiter("a;b\\n1,5;2\\n"), _delimiter("a,b: p; q; r\\n1,2\\n"), _delimiter("a")
    (';', ',', ',')
    """

    def columns(delimiter: str) -> tuple[bool, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        widths: list[int] = []
        with contextlib.suppress(csv.Error):  # `_records` reports it, with its row
            widths.extend(len(cells) for cells in islice(filter(None, reader), 20))
        header = (widths or [0])[0]
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
        reason = next((plainer for text, plainer in REASONS.items() if text in str(error)), str(error))
        raise TableError(name, reason, row + 1) from None
    return records
