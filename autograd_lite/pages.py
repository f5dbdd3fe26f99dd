"""HTML: elements, tables and pages. Every text is escaped, unless it is `Html` already."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from typing import Any

from autograd_lite.harmless import safe
from autograd_lite.theme import colours
from autograd_lite.words import language

_BASE = """body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif }
"""


class Html(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


def html(*parts: Any) -> Html:
    """Join parts to HTML; a part that is not `Html` is escaped.

    >>> html("a < b", Html("<br>"), 3)
    'a &lt; b<br>3'
    """
    return Html("".join(part if part.__class__ is Html else escape(safe(str(part), None)) for part in parts))


def element(tag: str, *parts: Any, **attributes: Any) -> Html:
    """Return an element. Underscores in attribute names become hyphens; one at the end (`class_`) is dropped.

    >>> element("td", "a < b", class_="right")
    '<td class="right">a &lt; b</td>'
    """
    written = "".join(f' {name.rstrip("_").replace("_", "-")}="{html(x)}"' for name, x in attributes.items())
    return Html(f"<{tag}{written}>{html(*parts)}</{tag}>")


def table(head: Sequence[Any], rows: Iterable[Sequence[Any]], cell: str = "", **attributes: Any) -> Html:
    """Return a table whose first column names the rows; `cell` is an inline style for all cells, if there is one.

    >>> table(["", "at"], [["w", 0.5]])
    '<table><thead><tr><th scope="col"></th><th scope="col">at</th></tr></thead><tbody>\
<tr><th scope="row">w</th><td>0.5</td></tr></tbody></table>'
    """
    style = {"style": cell} if cell else {}

    def line(row: Sequence[Any]) -> Html:
        first = element("th", row[0], scope="row", **style) if row[0] != "" else element("td", **style)
        return element("tr", first, *(element("td", x, **style) for x in row[1:]))

    top = element("tr", *(element("th", x, scope="col", **style) for x in head))
    return element("table", element("thead", top), element("tbody", *map(line, rows)), **attributes)


def page(title: str, body: Html, style: str = "", script: str = "") -> str:
    """Return a complete page that loads nothing and runs this script only; its style uses the theme's colours."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    if script:
        policy += f"; script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
    return f"""<!DOCTYPE html>
<html lang="{language()}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
{element("title", title)}
<style>
{colours(":root")}{_BASE}{style}</style>
</head>
<body>
{body}
{f"<script>{script}</script>" if script else ""}</body>
</html>
"""


def framed(page: str, title: str, height: int, behind: Html) -> str:
    """Return a page in a frame of its own, where its script can reach nothing around it.

    What stands `behind` it is hidden by a style sheet. What removes the frame, as JupyterLab does where it does not
    trust a notebook, removes the style sheet, too.
    """
    own = f"autograd-lite-{sha256(page.encode()).hexdigest()[:12]}"
    text = page.replace("&", "&amp;").replace("'", "&#39;")  # in single quotes: a page is full of double ones
    return (
        f'<iframe title="{html(title)}" sandbox="allow-scripts" srcdoc=\'{text}\' '
        f'style="display:block;width:100%;height:{height}px;border:0"></iframe>'
        f'<style>.{own}{{display:none}}</style><div class="{own}">{behind}</div>'
    )
