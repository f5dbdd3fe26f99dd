"""Text of users, made harmless: a label, a name of a file or a message may hold any character."""

from __future__ import annotations

import re
from typing import Any

LONGEST = 64  # characters of a label that are shown

_BREAK = re.compile("[\t\n\r]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Characters that reorder or hide the text around them: shown as an escape, so that a reader sees that they are there.
_INVISIBLE = re.compile(
    "[\xad\u0085\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def safe(text: str, longest: int | None = LONGEST) -> str:
    r"""Return a text on one line, cut if it is too long, without characters that a terminal obeys or XML refuses.

    >>> safe("two\nlines"), safe("\x1b[31m"), safe("\u202eabc"), len(safe("a" * 1000)), len(safe("a" * 1000, None))
    ('two lines', '\ufffd[31m', '\\u202eabc', 65, 1000)
    """
    line = _UNPRINTABLE.sub("\ufffd", _BREAK.sub(" ", text[:longest]))
    line = _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
    if longest is None or (len(text) <= longest and len(line) <= longest):
        return line
    return line[:longest] + "…"


def shown(item: Any) -> str:
    """Return the type and the repr of an unexpected object, for a message.

    >>> shown(1), len(shown("x" * 1000)) < 70
    ('int 1', True)
    """
    return f"{type(item).__name__} {safe(repr(item), 60)}"
