"""Missing cells of a table: rows left out or cells filled in, as the user chose; and a column that counts rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from autograd_lite.checks import plural
from autograd_lite.csv_files import Table, is_gap, read_number

WAYS = ("drop", "mean")  # what --missing takes


def drop_rows(table: Table, names: Sequence[str], how: str | None) -> Table:
    """Return the table without rows in which one of these columns has no value, and print how many they are.

    TableError for the first such row if the user has not chosen a way; and if all rows are such.
    """
    indices = [table.index(name) for name in names]
    kept = [i for i, row in enumerate(table.rows) if not any(is_gap(row[index]) for index in indices)]
    if len(kept) == len(table.rows):
        return table
    columns = zip(names, indices, strict=True)
    gaps = {name: [i for i, row in enumerate(table.rows) if is_gap(row[index])] for name, index in columns}
    name, found = next((name, rows) for name, rows in gaps.items() if rows)
    if how is None:
        more = f" (and in {len(found) - 1} more rows)" if len(found) > 1 else ""
        ways = "fill it in or remove the row, or let --missing drop or --missing mean do it"
        raise table.error(f"a missing cell{more}; {ways}", table.row_numbers[found[0]], name)
    if not kept:
        raise table.error("a missing cell in every row; leave columns out by --drop", column=name)
    where = ", ".join(repr(name) for name, rows in gaps.items() if rows)
    rows = plural(len(table.rows) - len(kept), "row")
    print(f"{table.path}: {rows} of {len(table.rows)} left out, with a missing cell in {where}")
    return replace(
        table, rows=tuple([table.rows[i] for i in kept]), row_numbers=tuple([table.row_numbers[i] for i in kept])
    )


def fill(table: Table, names: Sequence[str], training: Sequence[int]) -> Table:
    """Return the table with missing cells filled in: by the mean of the training rows, or their most frequent text."""
    rows = [list(row) for row in table.rows]
    for name in names:
        index = table.index(name)
        gaps = [i for i, row in enumerate(rows) if is_gap(row[index])]
        known = [rows[i][index].strip() for i in training if not is_gap(rows[i][index])]
        if not gaps:
            continue
        if not known:
            raise table.error("a missing cell in every row to train on; leave the column out by --drop", column=name)
        numbers = [number for cell in known if (number := read_number(cell)) is not None]
        filled, what = Counter(known).most_common(1)[0][0], "most frequent text"
        if len(numbers) == len(known):
            filled, what = repr(fmean(numbers)), "mean"
        print(f"column {name!r}: {plural(len(gaps), 'missing cell')} filled in with the {what}, {filled:.20}")
        for i in gaps:
            rows[i][index] = filled
    return replace(table, rows=tuple(map(tuple, rows)))


def counts_rows(cells: Sequence[str]) -> bool:
    """Tell whether the cells of a column count the rows, from any whole number on.

    >>> counts_rows(["1", "2", "3"]), counts_rows(["7.0", "8", "9"]), counts_rows(["1", "2", "2"])
    (True, True, False)
    """
    numbers = [read_number(cell) for cell in cells]
    first = numbers[0]
    return first is not None and first.is_integer() and numbers == [first + i for i in range(len(numbers))]
