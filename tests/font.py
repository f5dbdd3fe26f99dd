"""Make the font that .png and .pdf pictures are set in, from Liberation Sans; run by hand, needs fonttools.

    python tests/font.py /usr/share/fonts/truetype/liberation2

Liberation Sans has the widths of Helvetica, which `drawing/geometry.py` counts with, but no raised brackets,
raised zero or pencil: those are made here, mostly from its own glyphs. Its licence (OFL 1.1) asks a changed font for
another name.
"""

import sys
from pathlib import Path

from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

NAME = "Autograd Lite Sans"
FOLDER = Path(__file__).parent.parent / "autograd_lite" / "drawing" / "font"
KEPT = [(0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2010, 0x2044), (0x2070, 0x209F)]
KEPT += [(0x2190, 0x2195), (0x2200, 0x22FF)]
SMALL = {"₊": "+", "₋": "−", "₌": "=", "₍": "(", "₎": ")", "⁺": "+", "⁻": "−", "⁼": "=", "⁽": "(", "⁾": ")", "⁰": "0"}
SMALL |= {"ₕ": "h", "ₖ": "k", "ₗ": "l", "ₘ": "m", "ₙ": "n", "ₚ": "p", "ₛ": "s", "ₜ": "t"}


def drawn(contours: list[list[tuple[float, float]]]) -> TTGlyphPen:
    pen = TTGlyphPen(None)
    for contour in contours:
        pen.moveTo(contour[0])
        for point in contour[1:]:
            pen.lineTo(point)
        pen.closePath()
    return pen


def add(font: TTFont, character: str, pen: TTGlyphPen, advance: int) -> None:
    name = f"uni{ord(character):04X}"
    if name not in font.getGlyphOrder():
        font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (advance, 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(character)] = name


def complete(font: TTFont) -> None:
    """Add the characters that the mathematics of a picture needs and the font lacks."""
    glyphs, names = font.getGlyphSet(), font.getBestCmap()

    def placed(source: str, transform: tuple[float, ...], pen: TTGlyphPen | None = None) -> TTGlyphPen:
        pen = pen or TTGlyphPen(None)
        outline = DecomposingRecordingPen(glyphs)
        glyphs[names[ord(source)]].draw(outline)
        outline.replay(TransformPen(pen, transform))
        return pen

    for character, source in SMALL.items():
        raised = character in "⁺⁻⁼⁽⁾⁰"
        pen = placed(source, (0.62, 0, 0, 0.62, 0, 560 if raised else -180))
        add(font, character, pen, round(0.62 * font["hmtx"][names[ord(source)]][0]))
    dots = TTGlyphPen(None)
    for i in range(3):
        placed("·", (1, 0, 0, 1, 60 + 600 * i, 0), dots)
    add(font, "⋯", dots, 2048)
    add(font, "∘", placed("°", (1, 0, 0, 1, 60, -500)), 940)
    add(font, "∇", placed("Δ", (1, 0, 0, -1, 0, 1409)), font["hmtx"][names[ord("Δ")]][0])
    point, end, feather = (150, 60), [(310, 500), (1430, 1300), (1650, 1000), (530, 200)], 110
    pencil = [[point, *end], [(150 + feather, 60 + 90), (560, 310), (400, 440)]]
    pencil += [[(1500, 1350), (1610, 1430), (1830, 1130), (1720, 1050)]]
    add(font, "✎", drawn(pencil), 2048)
    mark = placed("?", (0.62, 0, 0, 0.62, 660, 300), drawn([[(1024, -250), (1988, 730), (1024, 1710), (60, 730)]]))
    add(font, "�", mark, 2048)


def main(folder: str) -> None:
    for style in ("Regular", "Bold"):
        font = TTFont(Path(folder) / f"LiberationSans-{style}.ttf")
        options = Options(
            hinting=False, layout_features=[], name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True
        )
        options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "DSIG", "FFTM"]
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in KEPT for code in range(first, last + 1)])
        subsetter.subset(font)
        complete(font)
        for record in font["name"].names:
            text = {1: NAME, 3: f"{NAME} {style}", 4: f"{NAME} {style}", 6: f"{NAME.replace(' ', '')}-{style}"}
            if record.nameID in text:
                record.string = text[record.nameID]
        FOLDER.mkdir(exist_ok=True)
        font.save(FOLDER / f"{style.lower()}.ttf")
        characters = "".join(sorted(map(chr, font.getBestCmap())))
        (FOLDER / "characters.txt").write_text(characters, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
