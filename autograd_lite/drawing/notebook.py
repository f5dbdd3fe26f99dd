"""How a notebook shows a picture: as an image, and where scripts run as the SVG itself, in a frame that scrolls."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Collection
from html import escape

__all__ = ["bundle", "chosen", "scrolled"]

READABLE = 0.75  # a picture is shrunk down to this share of its size: its small print has 7 pixels then
TALL = 900  # pixels; what is taller is shrunk, down to that share

# Where scripts run, the image makes way for the same SVG in the page, whose parts then tell their numbers when
# pointed at. A notebook that is not trusted strips the script and shows the image.
_UPGRADE = (
    '(()=>{const box=document.getElementById("%s"),img=box&&box.querySelector("img");if(!img)return;'
    'const bytes=Uint8Array.from(atob(img.src.split(",")[1]),c=>c.charCodeAt(0));'
    'const svg=new DOMParser().parseFromString(new TextDecoder().decode(bytes),"image/svg+xml").documentElement;'
    'if(svg.nodeName!=="svg")return;svg.style.maxHeight=img.style.maxHeight;'
    "img.replaceWith(document.importNode(svg,true))})()"
)


def chosen(forms: dict[str, str], include: Collection[str] | None, exclude: Collection[str] | None) -> dict[str, str]:
    """Return the forms that a notebook asks for."""
    return {k: v for k, v in forms.items() if (not include or k in include) and k not in (exclude or ())}


def bundle(picture: str, title: str, rankdir: str = "LR") -> dict[str, str]:
    """Return an SVG document as a notebook shows it, trusted or not."""
    own = f"autograd-lite-{uuid.uuid4().hex[:12]}"
    data = base64.b64encode(picture.encode()).decode()
    image = (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(title)}" '
        f'style="max-width:100%;max-height:{_size(picture, 1)}px;height:auto">'
    )
    html = f"{scrolled(image, picture, rankdir, own)}<script>{_UPGRADE % own}</script>"
    return {"image/svg+xml": picture, "text/html": html}


def _size(picture: str, axis: int) -> int:
    """Return the width or height of a picture below which it is not shrunk."""
    found = re.search(r' width="([\d.]+)(?:pt)?" height="([\d.]+)', picture)
    least = round(READABLE * float(found[axis + 1])) if found else 0
    return max(TALL, least) if axis else least


def scrolled(content: str, picture: str, rankdir: str, own: str) -> str:
    """Return a picture in a frame that scrolls where it is too wide, its end in view.

    A frame of text that runs from right to left starts at its right end; no script is needed for that.
    """
    start = ' dir="rtl"' if rankdir == "LR" else ""
    return (
        f'<div id="{own}"{start} style="overflow-x:auto">'
        f'<div dir="ltr" style="min-width:{_size(picture, 0)}px">{content}</div></div>'
    )
