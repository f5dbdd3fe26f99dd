"""How wide text is in a picture."""

from __future__ import annotations

import unicodedata

__all__ = ["width"]

# Advance widths of Helvetica, in thousandths of the size, from the space to the tilde.
_HELVETICA = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 "
    "944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 "
    "500 278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTHS = dict(zip(map(chr, range(32, 127)), map(int, _HELVETICA.split()), strict=True))
_WIDTHS |= {"→": 1000, "…": 1000, "⋯": 1000, "✎": 1000, "�": 1000, "·": 280, "−": 584}


def width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of `text` in Helvetica, for the layout of cards.

    >>> width("data", 10) < width("data", 10, bold=True) < width("data", 12)
    True
    """
    total = 0
    for character in text:
        if character in _WIDTHS:
            total += _WIDTHS[character]
        elif unicodedata.east_asian_width(character) in "WF":
            total += 1000
        elif unicodedata.category(character) in ("No", "Lm"):  # raised and lowered digits
            total += 360
        elif not unicodedata.combining(character):
            total += 640
    return total * size / 1000 * (1.1 if bold else 1.0)
