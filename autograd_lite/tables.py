"""Small tables of words and numbers: for a terminal, and for a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

__all__ = ["html_table", "printable", "text_table"]

LONGEST = 64  # characters of a cell: a label may be as long as a book


def printable(text: str) -> str:
    r"""Return text that any page may hold: no controls, no marks of writing direction, no lone surrogates.

    >>> printable("a\x00b\u202ec\ud800")
    'a�b�c�'
    """
    return "".join(character if character.isprintable() else "�" for character in text)


def _cell(text: str, longest: int = LONGEST) -> str:
    return printable(text if len(text) <= longest else text[:longest] + "…")


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines of aligned columns: the first to the left, the others, of numbers, to the right.

    >>> print(text_table(["name", "at"], [["w", "0.5"], ["bias", "-1"]]))
    name   at
    w     0.5
    bias   -1
    """
    table = [[_cell(text) for text in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in table
    )


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]], longest: int = LONGEST) -> str:
    """Return an HTML table that reads on a light and on a dark page; every text is escaped, and cut if too long."""
    style = "padding:2px 10px;text-align:right;color:#0f172a;background:#ffffff"

    def line(tag: str, row: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{tag} style={style!r}>{escape(_cell(text, longest))}</{tag}>' for text in row)}</tr>"

    return f"<table>{line('th', head)}{''.join(line('td', row) for row in rows)}</table>"
