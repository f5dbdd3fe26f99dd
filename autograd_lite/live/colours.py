"""The colours of the picture in a page, by name: its style sheet gives them for light and for dark surroundings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from autograd_lite.drawing.palette import DARK, LIGHT, Paint, Palette, share
from autograd_lite.theme import Theme

__all__ = ["NAMED", "declared"]


class _Named(Palette):
    """A palette whose colours are variables of a style sheet."""

    __slots__ = ()

    def by_sign(self, x: float, largest: float) -> str:
        colour = self.minus if x < 0.0 else self.plus
        return f"color-mix(in srgb,{self.theme.soft},{colour} {75 * share(x, largest):.0f}%)"


def _variable(name: str) -> str:
    return f"var(--{name})"


NAMED = _Named(
    theme=Theme(*(_variable(field.name) for field in fields(Theme))),
    **{name: _variable(name) for name in ("minus", "plus", "minus_ink", "plus_ink", "panel", "changed")},
    kinds={
        kind: Paint(*(_variable(f"{kind}_{part}") for part in ("ground", "border", "name"))) for kind in LIGHT.kinds
    },
)


def declared(kinds: Collection[str]) -> str:
    """Return the rules that give the colours of a picture with cards of some kinds; on paper they are the light ones.

    >>> declared(["op"])[:66]
    ':root { --picture: #ffffff; --minus: #5b93d0; --plus: #e8974f; --m'
    """
    light, dark = (f":root {{ {_declarations(palette, kinds)} }}" for palette in (LIGHT, DARK))
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{ {dark} }}\n"


def _declarations(palette: Palette, kinds: Collection[str]) -> str:
    found = {"picture": palette.theme.picture}
    found |= {name: getattr(palette, name) for name in ("minus", "plus", "minus_ink", "plus_ink", "panel")}
    for kind, paint in palette.kinds.items():
        if kind in kinds:
            found |= {f"{kind}_{part.name}": getattr(paint, part.name) for part in fields(Paint)}
    return "; ".join(f"--{name}: {colour}" for name, colour in found.items())
