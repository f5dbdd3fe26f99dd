"""An SVG that Graphviz's `dot` drew from DOT text of the user's own: only what is harmless stays."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree as ET

__all__ = ["cleaned"]

SVG = "{http://www.w3.org/2000/svg}"
TAGS = {"svg", "g", "path", "polygon", "polyline", "ellipse", "rect", "text", "title", "a", "defs"}
TAGS |= {"linearGradient", "radialGradient", "stop"}
ATTRIBUTES = {"id", "class", "d", "points", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "offset"}
ATTRIBUTES |= {"width", "height", "viewBox", "transform", "opacity", "fill", "fill-opacity", "stroke", "stroke-width"}
ATTRIBUTES |= {"stroke-opacity", "stroke-dasharray", "text-anchor", "font-family", "font-size", "font-weight"}
ATTRIBUTES |= {"font-style", "textLength", "lengthAdjust"}


def cleaned(picture: bytes, title: str) -> str:
    """Return the picture with a role and a title, ids of its own, and no link, script or style sheet."""
    ET.register_namespace("", SVG[1:-1])
    root = ET.fromstring(picture)
    own = f"g{uuid.uuid4().hex[:10]}-"
    stack = [root]
    while stack:
        element = stack.pop()
        for child in list(element):
            if not isinstance(child.tag, str) or child.tag.removeprefix(SVG) not in TAGS:
                element.remove(child)
            else:
                stack.append(child)
        if element.tag == SVG + "a":  # a link: what it says on hover becomes a title
            element.tag = SVG + "g"
            if hint := element.get("{http://www.w3.org/1999/xlink}title"):
                ET.SubElement(element, SVG + "title").text = hint
        for name, value in list(element.attrib.items()):
            if name not in ATTRIBUTES or "url(" in value.lower():
                del element.attrib[name]
            elif name == "id":
                element.set("id", own + value)
    root.set("role", "graphics-document")
    root.set("aria-labelledby", own + "title")
    root.set("style", "max-width:100%;height:auto")
    heading = ET.Element(SVG + "title", {"id": own + "title"})
    heading.text = title
    root.insert(0, heading)
    return ET.tostring(root, encoding="unicode")
