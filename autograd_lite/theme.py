"""The colours of pages: light, dark, and on paper. A style sheet uses them by name, as `var(--ink)`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, by their purpose."""

    page: str  # behind everything
    ground: str  # cards and tables
    picture: str  # behind a picture in a page, whose colours are those of the light theme
    soft: str  # heads of tables, code
    rule: str  # borders of cards, grid lines
    border: str  # borders of tables
    line: str  # axes
    faint: str  # small print
    muted: str  # captions
    ink: str  # text and numbers
    accent: str  # the number to see first
    warning: str  # a finding; an answer
    focus: str  # around the element that has the keyboard
    blue: str  # the first of two curves; negative numbers
    orange: str  # the second; positive numbers
    forward: str  # the forward pass, step by step
    backward: str  # the backward pass
    backward_soft: str  # behind text in that colour


LIGHT = Theme(
    page="#f1f5f9", ground="#ffffff", picture="#ffffff", soft="#f1f5f9", rule="#e2e8f0", border="#cbd5e1",
    line="#94a3b8", faint="#64748b", muted="#475569", ink="#0f172a", accent="#1d4ed8", warning="#9a3412",
    focus="#93c5fd", blue="#2f6fd0", orange="#d9731a", forward="#0f766e", backward="#7c3aed",
    backward_soft="#ede9fe",
)  # fmt: skip
DARK = Theme(
    page="#0b1220", ground="#172033", picture="#ffffff", soft="#0f172a", rule="#2b384e", border="#475569",
    line="#64748b", faint="#94a3b8", muted="#b6c2d3", ink="#f1f5f9", accent="#93c5fd", warning="#fdba74",
    focus="#3b82f6", blue="#6ea8f7", orange="#f59f57", forward="#2dd4bf", backward="#a78bfa",
    backward_soft="#32255c",
)  # fmt: skip
PRINT = replace(LIGHT, page="#ffffff", rule="#cbd5e1", border="#94a3b8", faint="#475569")


def declared(theme: Theme, beside: Theme | None = None) -> str:
    """Return the colours as declarations for a style sheet; beside those of another theme, the ones that differ.

    >>> declared(LIGHT)[:32]
    '--page: #f1f5f9; --ground: #ffff'
    >>> declared(PRINT, LIGHT)
    '--page: #ffffff; --rule: #cbd5e1; --border: #94a3b8; --faint: #475569'
    """
    found = {field.name: getattr(theme, field.name) for field in fields(theme)}
    return "; ".join(f"--{name}: {x}" for name, x in found.items() if x != getattr(beside, name, None))


def colours(selector: str) -> str:
    """Return the rules that set an element's colours: light or dark like the reader's system, and light on paper."""
    return (
        f"{selector} {{ {declared(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ {selector} {{ {declared(DARK)} }} }}\n"
        f"@media print {{ {selector} {{ {declared(PRINT, LIGHT)} }} }}\n"
    )
