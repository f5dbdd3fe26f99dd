"""A class at once: a table of answers, a line a student, becomes a table of scores and hints."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from autograd_lite.checks import instance
from autograd_lite.csv_files import Table, format_csv, read_table
from autograd_lite.engine import Value
from autograd_lite.explanation.grading import Grades
from autograd_lite.files import write_atomically
from autograd_lite.notation.text import safe
from autograd_lite.tables import Rows, Tabular
from autograd_lite.words import in_all_languages, say
from autograd_lite.worksheets.marking import number_of_blank
from autograd_lite.worksheets.sheet import Worksheet, worksheet

__all__ = ["ClassGrades", "grade_csv"]


@dataclass(frozen=True, slots=True)
class Graded:
    """One line: what the student wrote beside the answers (a name, a number), the sheet, and the grades."""

    about: dict[str, str]
    sheet: int
    grades: Grades


@dataclass(frozen=True, slots=True, repr=False)
class ClassGrades(Tabular):
    """The grades of a class, a row a student; `.csv` is the whole table, with a hint for each wrong answer."""

    rows: tuple[Graded, ...]
    about: tuple[str, ...] = field(default=())  # heads of the columns that are passed on
    assumed: Mapping[str, int] = field(default_factory=dict)  # tables without a column of sheets, and their sheet

    @property
    def score(self) -> float:
        """The mean of the scores."""
        return sum(row.grades.score for row in self.rows) / len(self.rows)

    @property
    def table(self) -> Rows:
        """The head of the table and its rows: who, which sheet, how many are right, the score."""
        rows = [[*(row.about.get(name, "") for name in self.about), str(row.sheet), *_result(row.grades)]
                for row in self.rows]  # fmt: skip
        return [*self.about, *[say(f"class.{name}") for name in ("sheet", "right", "of", "score")]], rows

    @property
    def notes(self) -> list[str]:
        """The tables without a column of sheets, who stands there twice, how many answers follow, doubt about all."""
        following = sum(row.grades.following for row in self.rows)
        assumed = [say("class.assumed", table=safe(table, None), sheet=sheet) for table, sheet in self.assumed.items()]
        others = sum(map(_answered, self.rows)) > 3 and all(2 * row.grades.right <= _answered(row) for row in self.rows)
        lines = Counter((" ".join(row.about.values()).strip(), row.sheet) for row in self.rows)
        if twice := [safe(who, None) for (who, _), count in lines.items() if who and count > 1]:
            assumed.append(say("class.twice", names=", ".join(twice[:8]) + ", …" * (len(twice) > 8)))
        return [*assumed, *[say("grade.following", count=following)] * bool(following), *[say("class.others")] * others]

    @property
    def csv(self) -> str:
        """The table as CSV, with a column for each blank: the verdict, and a hint where it is wrong."""
        head, rows = self.table
        most = max(len(row.grades.rows) for row in self.rows)
        blanks = [[f"{g.verdict}: {g.hint}" if g.hint else g.verdict for g in row.grades.rows] for row in self.rows]
        lines = [[*row, *said, *[""] * (most - len(said))] for row, said in zip(rows, blanks, strict=True)]
        return format_csv([[*head, *(f"({n})" for n in range(1, most + 1))], *lines])


def grade_csv(
    out: Value,
    answers: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    grades: str | os.PathLike[str] | None = None,
    blanks: int | None = None,
    seed: int = 0,
    hints: bool = True,
    follows: bool = False,
) -> ClassGrades:
    """Grade a table of answers to worksheets of `out`, or several tables, and write the scores to the file `grades`.

    A column whose head is a number, 3 or (3), holds the answers to that blank; the column `sheet`, or "Blatt" or
    "ficha", the number of each student's sheet, its seed. Without it all have the sheet `seed`, and a note says so.
    All other columns, such as a name, are passed on.
    `blanks` is what the sheets were made with; a warning says if a blank has no column. An empty cell is not
    answered. An answer that follows from an earlier mistake counts as right with `follows=True` only.
    ValueError names file, row and column.

    >>> import os, tempfile
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "answers.csv")
    ...     with open(path, "w") as file:
    ...         _ = file.write("name,sheet,1,2\\nAda,1,1,3\\nBlaise,1,7,\\n")
    ...     print(grade_csv(a * b + a, path, blanks=2))
    name    sheet  right  of  score
    Ada         1      2   2      1
    Blaise      1      0   2      0
    """
    instance("grade_csv", out, Value, "pass the result that the worksheets are about")
    paths = [answers] if isinstance(answers, str | os.PathLike) else list(answers)
    if not paths:
        raise ValueError("grade_csv: no file of answers")
    for path in paths:
        if grades is not None and os.path.exists(grades) and os.path.samefile(grades, path):
            raise ValueError(f"grade_csv: {os.fsdecode(path)!r} holds the answers; give the grades another name")
    made = cache(lambda number: worksheet(out, number, blanks))
    rows: list[Graded] = []
    about: dict[str, None] = {}
    assumed: dict[str, int] = {}
    for path in paths:
        table = read_table(os.fspath(path))
        columns = _Columns(table)
        about |= dict.fromkeys(columns.about)
        assumed |= {table.path: seed} if columns.sheet is None else {}
        rows += columns.graded(made, seed, hints, follows)
    if not rows:
        raise ValueError(f"grade_csv: {', '.join(map(os.fsdecode, paths))}: no row with answers to a sheet")
    found = ClassGrades(tuple(rows), tuple(about), assumed)
    if grades is not None:
        write_atomically(grades, found.csv)
    return found


class _Columns:
    """A table of answers: what each of its columns is."""

    def __init__(self, table: Table) -> None:
        self.table = table
        numbers = [number_of_blank(name) for name in table.header]
        known = {word for texts in in_all_languages("class.heads") for word in texts.casefold().split(", ")}
        sheets = [name for name in table.header if _first_word(name) in known]
        self.sheet = sheets[0] if sheets else None
        self.blanks = {i: n for i, n in enumerate(numbers) if n is not None}
        self.about = [name for name, n in zip(table.header, numbers, strict=True) if n is None and name != self.sheet]
        if not self.blanks:
            raise table.error("no column of answers; the head of each is the number of its blank: 1, 2, …")
        if len(set(self.blanks.values())) < len(self.blanks):
            raise table.error("two columns have the number of one blank")
        if len(sheets) > 1:
            raise table.error(f"two columns hold the number of the sheet: {sheets[0]!r}, {sheets[1]!r}")

    def graded(self, made: Any, seed: int, hints: bool, follows: bool) -> Iterator[Graded]:
        """Yield the rows, graded."""
        table, blanks = self.table, 0
        for number, cells in zip(table.row_numbers, table.rows, strict=True):
            if not "".join(cells).strip():  # an empty row of a spreadsheet
                continue
            if self.sheet is not None and not cells[table.header.index(self.sheet)].strip():
                missing = table.error("no number of a sheet; the row is left out", number, self.sheet)
                warnings.warn(f"grade_csv: {missing}", stacklevel=4)
                continue
            about = {name: cells[table.header.index(name)] for name in self.about}
            which = seed if self.sheet is None else self._sheet(cells[table.header.index(self.sheet)], number)
            sheet: Worksheet = made(which)
            for i, n in self.blanks.items():
                if not 1 <= n <= len(sheet.blanks) and cells[i].strip():
                    raise table.error(f"sheet {which} has the blanks 1 to {len(sheet.blanks)}", number, table.header[i])
            blanks = max(blanks, len(sheet.blanks))
            answers = {n: cells[i] for i, n in self.blanks.items() if n <= len(sheet.blanks)}
            yield Graded(about, which, sheet.grade(answers, hints, follows))
        most, without = max(self.blanks.values()), sorted({*range(1, blanks + 1)} - {*self.blanks.values()})
        if without and without[0] > most:
            asked = f"were they made with blanks={most} (in the shell --blanks {most})?"
            warnings.warn(f"grade_csv: {table.path} has columns for the blanks 1 to {most}, the sheets have {blanks}; "
                          + asked, stacklevel=4)  # fmt: skip
        elif without:
            blank, heads = ", ".join(f"({n})" for n in without), ", ".join(map(repr, self.about)) or "none"
            warnings.warn(f"grade_csv: {table.path} has no column for {blank}, which counts as not answered; heads "
                          f"that are no number of a blank: {heads}", stacklevel=4)  # fmt: skip

    def _sheet(self, cell: str, row: int) -> int:
        text = cell.strip().replace("−", "-")
        if not re.fullmatch("[+-]?[0-9]+([.]0*)?", text):  # 3.0 is what a program made of 3
            raise self.table.error(f"{cell!r} is no number of a sheet: expected a whole number", row, self.sheet)
        return int(text.partition(".")[0])


def _answered(row: Graded) -> int:
    return sum(grade.kind != "missing" for grade in row.grades.rows)


def _first_word(head: str) -> str:
    """Return the first word of a head: that of "Sheet no." is "sheet"."""
    found = re.match(r"[^\W\d_]+", head.strip())
    return found[0].casefold() if found else ""


def _result(grades: Grades) -> list[str]:
    return [str(grades.right), str(grades.asked), f"{grades.score:.4g}"]
