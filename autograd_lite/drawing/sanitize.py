"""An SVG that Graphviz's `dot` drew from DOT text of the user's own: only what is harmless stays."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}title"
_TAGS = "svg g path polygon polyline ellipse rect text title a defs linearGradient radialGradient stop"
_ATTRIBUTES = (
    "id class d points x y x1 y1 x2 y2 cx cy r rx ry offset width height viewBox transform opacity fill fill-opacity "
    "stroke stroke-width stroke-opacity stroke-dasharray text-anchor font-family font-size font-weight font-style "
    "textLength lengthAdjust"
)
TAGS, ATTRIBUTES = set(_TAGS.split()), set(_ATTRIBUTES.split())


def cleaned(picture: bytes, title: str) -> str:
    """Return the picture with a role and a title, ids of its own, and no link, script or style sheet."""
    ET.register_namespace("", SVG[1:-1])
    root = ET.fromstring(picture)
    own = f"g{uuid.uuid4().hex[:10]}-"
    for element in list(root.iter()):
        for child in list(element):
            if not isinstance(child.tag, str) or child.tag.removeprefix(SVG) not in TAGS:
                element.remove(child)
        if element.tag == f"{SVG}a":  # a link: its hint becomes a title
            element.tag = f"{SVG}g"
            if hint := element.get(LINK):
                ET.SubElement(element, f"{SVG}title").text = hint
        kept = {n: x for n, x in element.items() if n in ATTRIBUTES and "url(" not in x.lower()}
        element.attrib = kept | ({"id": own + kept["id"]} if "id" in kept else {})
    look = {"role": "graphics-document", "aria-labelledby": f"{own}title", "style": "max-width:100%;height:auto"}
    root.attrib |= look
    heading = ET.Element(f"{SVG}title", {"id": f"{own}title"})
    heading.text = title
    root.insert(0, heading)
    return ET.tostring(root, encoding="unicode")
