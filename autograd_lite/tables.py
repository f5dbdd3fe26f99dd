"""Small tables of words and numbers, for a terminal and for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from autograd_lite import pages
from autograd_lite.harmless import LONGEST, safe
from autograd_lite.pages import Html
from autograd_lite.theme import LIGHT

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]  # the head of a table, and its rows


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines of aligned columns: the first column to the left, the others (numbers) to the right.

    >>> print(text_table(["name", "at"], [["w", "0.5"], ["bias", "-1"]]))
    name   at
    w     0.5
    bias   -1
    """
    table = [[safe(text) for text in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in table
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], longest: int = LONGEST) -> Html:
    """Return an HTML table, readable on light and dark pages; every text is escaped, and cut if it is too long."""
    style = f"padding:2px 10px;text-align:right;color:{LIGHT.ink};background:{LIGHT.ground}"
    return pages.table(head, [[safe(text, longest) for text in row] for row in rows], style)


class Tabular:
    """A report in the form of a table: printed, at the prompt, and in a notebook."""

    __slots__ = ()
    longest: ClassVar[int] = LONGEST  # characters of a cell in a notebook

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, as texts."""
        raise NotImplementedError

    @property
    def notes(self) -> Sequence[str]:
        """The lines below the table."""
        return ()

    def __str__(self) -> str:
        return "\n".join([text_table(*self.table), *self.notes])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return html_table(*self.table, longest=self.longest) + "".join(pages.element("p", note) for note in self.notes)
