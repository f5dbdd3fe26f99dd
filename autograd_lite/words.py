"""All words that a page, a sheet or a picture shows, in one table, `words.tsv`: another language is one more column.

`data` and `grad` on a card are the names of a Value's attributes, and operations are called as they are typed: these
stay as they are, as the messages of errors do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

_chosen = ["en"]


def language(name: str | None = None) -> str:
    """Choose the language of the pages, sheets and pictures that are made from now on; return the one that is chosen.

    English (en), German (de) and Spanish (es) are there, and known by these names, too. To add one, give `words.tsv`
    one more column, with its code at the head; a text that is not translated yet is left empty, and stays English.

    >>> language(), language("de"), say("picture.leaf"), language("en"), say("picture.leaf")
    ('en', 'de', 'Blatt', 'en', 'leaf')
    """
    if name is not None:
        _chosen[:] = [_code(name)]
    return _chosen[0]


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Choose a language for a while, or for the calls of a function that is decorated with this.

    >>> with speaking("de"):
    ...     say("picture.leaf")
    'Blatt'
    """
    before = language()
    language(name)
    try:
        yield
    finally:
        language(before)


def _code(name: str) -> str:
    """Return the code of a language that is named by it, or as the table calls it."""
    spelled = name.casefold() if isinstance(name, str) else name
    for code, texts in _table().items():
        if spelled in (code, *texts["language"].casefold().split(", ")):
            return code
    raise ValueError(f"language: expected {', '.join(languages())}, got {name!r}")


def languages() -> list[str]:
    """Return the codes of the languages that the table has."""
    return [*_table()]


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of each language by their keys."""
    text = files(__package__).joinpath("words.tsv").read_text(encoding="utf-8")
    head, *rows = [line.split("\t") for line in text.splitlines()]
    return {name: {cells[0]: cells[i] or cells[1] for cells in rows} for i, name in enumerate(head) if i}


def words() -> Mapping[str, str]:
    """Return all texts of the chosen language by their keys."""
    return _table()[_chosen[0]]


def part(name: str) -> dict[str, str]:
    """Return the texts of one part by the rest of their keys.

    >>> part("page")["undo"]
    'Undo'
    """
    return {key.removeprefix(f"{name}."): text for key, text in words().items() if key.startswith(f"{name}.")}


def say(key: str, **inside: Any) -> str:
    """Return a text with its braces filled in; of `one|several`, the form that fits `count`.

    >>> say("picture.values", count=1), say("picture.values", count=1200)
    ('1 value', '1,200 values')
    """
    return text_for(key, inside.get("count")).format(**inside)


def in_all_languages(key: str) -> list[str]:
    """Return a text in every language.

    >>> in_all_languages("class.sheet")
    ['sheet', 'Blatt', 'ficha']
    """
    return [texts[key] for texts in _table().values()]


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
