"""Decimal commas, and points that part thousands: 2.088 is 2088 where 2,5 is two and a half.

Where commas part the cells, a point is a decimal point. Elsewhere the whole table decides: one column of numbers that
can be read in no other way makes all its commas decimal commas, and all its points part groups of three digits.
"""

from __future__ import annotations

import re
from dataclasses import replace

from autograd_lite.csv_files import DECIMAL_COMMA, Table, is_gap, read_number

GROUP = r"[+-]?[1-9]\d{0,2}\.\d{3}"
KINDS = {  # of a cell; the first that fits
    "whole": re.compile(r"[+-]?\d+", re.ASCII),
    "either": re.compile(rf"{GROUP}|[+-]?[1-9]\d{{0,2}},\d{{3}}", re.ASCII),  # 2.088, 1,500
    "sure": re.compile(rf"{GROUP}(?:\.\d{{3}})+|{GROUP}(?:\.\d{{3}})*,\d+|{DECIMAL_COMMA.pattern}", re.ASCII),
}


def with_points(table: Table, names: list[str]) -> tuple[Table, list[str]]:
    """Return a table with the numbers of some columns as Python writes them, and what was read in which column.

    TableError for a point that fits no such table, and for one that may be both.

    >>> table = Table("t.csv", ("a", "b", "c"), (("1,5", "2.088", "x,1"), ("2", "918", "")), (2, 3), ";")
    >>> found, notes = with_points(table, ["a", "b", "c"])
    >>> found.rows
    (('1.5', '2088', 'x,1'), ('2', '918', ''))
    >>> print(*notes, sep="\\n")
    column 'a': decimal commas
    column 'b': points part thousands, 2.088 is 2088
    """
    if table.delimiter == ",":
        return table, []
    for name in names:
        table.index(name)  # TableError for one that is not there
    columns = {name: [cell.strip() for cell in cells]
               for name, cells in zip(table.header, zip(*table.rows, strict=True), strict=True)}  # fmt: skip
    kinds = {name: [_kind(cell) for cell in cells] for name, cells in columns.items()}
    if not any(map(_has_commas, kinds.values())):
        if not any("point" in found for found in kinds.values()):
            for name in names:
                _refuse_what_may_be_both(table, name, kinds[name])
        return table, []
    notes = []
    for name in names:
        cells, found = columns[name], kinds[name]
        if not _is_of_numbers(found):
            continue
        if "point" in found:
            at = found.index("point")
            raise table.error(f"{cells[at]!r} is not a number here: elsewhere in the table commas are decimal commas, "
                              f"and points part groups of three digits; write {cells[at].replace('.', ',')}",
                              table.row_numbers[at], name)  # fmt: skip
        columns[name] = [cell if kind in ("text", "gap") else cell.replace(".", "").replace(",", ".")
                         for cell, kind in zip(cells, found, strict=True)]  # fmt: skip
        read = [(old, new) for old, new in zip(cells, columns[name], strict=True) if old != new]
        said = ["decimal commas"] if any("," in old for old, _ in read) else []
        said += [f"points part thousands, {old} is {new}" for old, new in read if "." in old][:1]
        if said:
            notes.append(f"column {name!r}: {'; '.join(said)}")
    return replace(table, rows=tuple(zip(*columns.values(), strict=True))), notes


def _kind(cell: str) -> str:
    if is_gap(cell):
        return "gap"
    otherwise = "text" if read_number(cell) is None else "point"
    return next((kind for kind, pattern in KINDS.items() if pattern.fullmatch(cell)), otherwise)


def _is_of_numbers(kinds: list[str]) -> bool:
    """Tell whether most cells of a column are numbers: any other is a slip, and is named later."""
    return 2 * kinds.count("text") < len(kinds) - kinds.count("gap")


def _has_commas(kinds: list[str]) -> bool:
    return _is_of_numbers(kinds) and kinds.count("sure") > kinds.count("point")


def _refuse_what_may_be_both(table: Table, name: str, kinds: list[str]) -> None:
    """Raise at a number like 2.088 if the others are whole, and so nothing tells what its point means."""
    cells = [row[table.index(name)].strip() for row in table.rows]
    pointed = [i for i, cell in enumerate(cells) if kinds[i] == "either" and "." in cell]
    if pointed and len(pointed) == kinds.count("either") and {*kinds} - {"gap"} == {"whole", "either"}:
        cell = cells[pointed[0]]
        large = cell.replace(".", "")
        raise table.error(f"{cell!r} may be {large}, or a little over {cell.partition('.')[0]}: nothing in the table "
                          f"tells; write {large} or {cell}0", table.row_numbers[pointed[0]], name)  # fmt: skip
