"""Picture and style sheet of a page, written short: the page holds one picture, and its looks repeat."""

from __future__ import annotations

import re

__all__ = ["compact", "tight"]

_LOOK = re.compile(r' (font-size|font-weight|text-anchor|rx|fill|stroke|stroke-width|stroke-dasharray)="([^"]*)"')
_STILL = re.compile(r"<(?:text|rect)(?! id=)[^>]*?(?=/?>)")  # what the script finds by its id changes its look
_PILL = 'height="18.5"'  # the ground of a gradient changes, too
_LENGTHS = {"font-size", "rx", "stroke-width"}


def compact(svg: str) -> tuple[str, str]:
    """Return a picture whose looks are classes, and the rules of these; its ids go without what tells pictures apart.

    >>> compact('<svg><g id="g0a-n0"><rect rx="6" fill="#fff"/><rect rx="6" fill="#fff"/></g></svg>')
    ('<svg><g id="n0"><rect class="l0"/><rect class="l0"/></g></svg>', '.l0 { rx: 6px; fill: #fff }')
    """
    looks: dict[str, str] = {}

    def classed(found: re.Match[str]) -> str:
        tag = found[0]
        look = "; ".join(f"{name}: {value}{'px' * (name in _LENGTHS)}" for name, value in _LOOK.findall(tag))
        if not look or _PILL in tag:
            return tag
        name = looks.setdefault(look, f"l{len(looks)}")
        return f'{_LOOK.sub("", tag)} class="{name}"'

    own = re.search(r'id="(g[0-9a-f]+-)', svg)
    text = re.sub(r' aria-label="[^"]*"', "", _STILL.sub(classed, svg.replace(own[1], "") if own else svg))
    text = text.replace(' fill="none"', "")  # by the style sheet
    return text, " ".join(f".{name} {{ {look} }}" for look, name in looks.items())


def tight(style: str) -> str:
    """Return a style sheet without comments, and without spaces that mean nothing.

    >>> tight("/* a */ p { color: red; margin: 0 auto }\\n.a > b, i :is(u) { top: calc(1px - 2px) }")
    'p{color:red;margin:0 auto}.a>b,i :is(u){top:calc(1px - 2px)}'
    """
    plain = re.sub(r"/\*.*?\*/|\s+", " ", style, flags=re.DOTALL)
    return re.sub(r"(: ) *", ":", re.sub(r" *([{};,>]) *", r"\1", plain)).strip()
