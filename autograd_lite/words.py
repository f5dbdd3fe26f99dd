"""All words that a page, a sheet or a picture shows, in one table, `words.tsv`: another language is one more column.

`data` and `grad` on a card are the names of a Value's attributes, and operations are called as they are typed: these
stay as they are, as the messages of errors do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words(language: str = "en") -> Mapping[str, str]:
    """Return all texts of a language by their keys."""
    head, *rows = files(__package__).joinpath("words.tsv").read_text(encoding="utf-8").splitlines()
    column = head.split("\t").index(language)
    return {cells[0]: cells[column] for cells in (row.split("\t") for row in rows)}


def part(name: str) -> dict[str, str]:
    """Return the texts of one part by the rest of their keys.

    >>> part("page")["undo"]
    'Undo'
    """
    return {key.removeprefix(f"{name}."): text for key, text in words().items() if key.startswith(f"{name}.")}


def say(key: str, **inside: Any) -> str:
    """Return a text with what its braces name; of `one|several`, the form that fits `count`.

    >>> say("picture.values", count=1), say("picture.values", count=1200)
    ('1 value', '1,200 values')
    """
    return text_for(key, inside.get("count")).format(**inside)


def of_row(text: str) -> str:
    """Return a text of a row of the table of operations: its rule, domain or hint. One that users wrote stays.

    >>> of_row("product rule"), of_row("derivative of cube"), of_row("my own")
    ('product rule', 'derivative of cube', 'my own')
    """
    known, start = words(), "derivative of "
    if f"row.{text}" not in known and text.startswith(start):
        return say("row.derivative", name=text.removeprefix(start))
    return known.get(f"row.{text}", text)


def text_for(key: str, count: Any) -> str:
    """Return the form of a text that fits a count, its braces still empty."""
    one, _, several = words()[key].partition("|")
    return several if several and str(count) != "1" else one
