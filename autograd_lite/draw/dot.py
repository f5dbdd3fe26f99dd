"""A scene as DOT text: once in full, to read, keep and paste elsewhere, and once as bare boxes, for a layout program.

The bare form holds no text of the user: a layout program only ever sees ids that are written here, and sizes.
"""

from __future__ import annotations

from html import escape

from autograd_lite.draw.geometry import pill_width, sizes
from autograd_lite.draw.palette import DIM, FAINT, INK, KINDS, MUTED, PANEL, RULE, by_sign, mix
from autograd_lite.draw.scene import Card, Edge, Scene
from autograd_lite.draw.text import width

__all__ = ["bare", "body", "dot"]

_PLAIN = 'BORDER="0" CELLBORDER="0" CELLSPACING="0"'


def dot(scene: Scene) -> str:
    """Return the scene as a DOT program."""
    return "digraph computation {\n" + "".join(body(scene)) + "}\n"


def body(scene: Scene) -> list[str]:
    """Return the lines between the braces."""
    graph = {
        "bgcolor": "white",
        "fontname": "Helvetica",
        "fontsize": "10",
        "label": _legend(scene),
        "labelloc": "b",
        "nodesep": "0.18",
        "pad": "0.2",
        "rankdir": scene.rankdir,
        "ranksep": "1.2" if scene.columns else "0.42",
        "splines": "line" if scene.columns else "true",
        "tooltip": _plain(scene.title),
    }
    lines = [
        f"\tgraph [{_attributes(graph)}]\n",
        f'\tnode [fontcolor="{INK}" fontname=Helvetica fontsize=12 shape=plain]\n',
        f'\tedge [arrowsize=0.55 fontcolor="{FAINT}" fontname=Helvetica fontsize=9]\n',
    ]
    lines += [f"\t{card.id} [{_attributes(_card(card))}]\n" for card in scene.cards]
    if scene.columns:
        lines += _columns(scene)
    for cluster in () if scene.columns else scene.clusters:
        style = {
            "label": _plain(cluster.title),
            "labeljust": "l",
            "style": "rounded,filled",
            "color": RULE,
            "fillcolor": PANEL,
            "fontcolor": FAINT,
            "tooltip": _plain(cluster.title),
        }
        lines.append(f"\tsubgraph cluster_{cluster.id} {{ graph [{_attributes(style)}] {'; '.join(cluster.cards)} }}\n")
    for edge in scene.edges:
        lines.append(
            f"\t{edge.tail}{':e' * scene.columns} -> {edge.head}{':w' * scene.columns} [{_attributes(_edge(edge))}]\n"
        )
    return lines


def bare(scene: Scene) -> str:
    """Return a DOT program of boxes and arrows without text, in which only sizes matter."""
    lines = [
        "digraph {\n",
        f"graph [nodesep={0.16 if scene.columns else 0.2} rankdir={scene.rankdir} "
        f"ranksep={2 if scene.columns else 0.5} splines={'line' if scene.columns else 'true'}]\n",
        'node [shape=box fixedsize=true label=""]\nedge [arrowsize=0.1 fontname=Helvetica fontsize=9]\n',
    ]
    blank = '<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="{}" HEIGHT="10"><TR><TD></TD></TR></TABLE>>'
    for id_, (w, h) in sizes(scene).items():
        lines.append(f"{id_} [width={w / 72:.4f} height={h / 72:.4f}]\n")
    if scene.columns:
        lines += _columns(scene)
    for cluster in () if scene.columns else scene.clusters:
        # The margin leaves room for a title of one line.
        style = f"margin=12 labelloc=b label={blank.format(30)}"
        lines.append(f"subgraph cluster_{cluster.id} {{ {style} {'; '.join(cluster.cards)} }}\n")
    sides = (":e", ":w") if scene.columns and scene.rankdir == "LR" else ("", "")
    for edge in scene.edges:
        label = f" label={blank.format(round(width(edge.label, 9)) + 4)}" if edge.label else ""
        lines.append(f"{edge.tail}{sides[0]} -> {edge.head}{sides[1]} [id={edge.id}{label}]\n")
    return "".join(lines) + "}\n"


def _columns(scene: Scene) -> list[str]:
    """Keep the cards of each column on one rank and in their order, which a panel around them would undo."""
    return [f"\t{{ rank=same; edge [style=invis weight=100]; {' -> '.join(c.cards)} }}\n" for c in scene.clusters]


def _card(card: Card) -> dict[str, str]:
    return {"id": card.id, "class": card.kind, "label": f"<{_table(card)}>", "tooltip": _plain(card.tooltip)}


def _edge(edge: Edge) -> dict[str, str]:
    colour = edge.colour if edge.lit else mix(edge.colour, "#ffffff", DIM)
    found = {"id": edge.id, "color": colour, "penwidth": f"{edge.width:.2f}", "tooltip": _plain(edge.tooltip)}
    if edge.label:
        found |= {"label": f"{edge.label} ", "labeltooltip": _plain(edge.tooltip)}
    return found | ({} if edge.arrow else {"arrowhead": "none"})


def _table(card: Card) -> str:
    """Return a card as the table that an HTML-like label is made of."""
    paint = KINDS[card.kind]
    fade = (lambda colour: colour) if card.lit else (lambda colour: mix(colour, "#ffffff", DIM))
    style = "rounded,dashed" if card.dashed else "rounded"
    size = "11" if card.kind == "constant" else "13"
    name = f'<FONT COLOR="{fade(paint.name)}" POINT-SIZE="{size}"><B>{_html(card.name)}</B></FONT>' if card.name else ""
    cells = []
    if card.symbol:
        wide = round(pill_width(card.symbol))
        sign = f'<FONT COLOR="#ffffff" POINT-SIZE="11"><B>{_html(card.symbol)}</B></FONT>'
        inner = f'<TD FIXEDSIZE="TRUE" WIDTH="{wide - 2}" HEIGHT="18">{sign}</TD>'
        pill = f'<TABLE {_PLAIN} CELLPADDING="0" STYLE="rounded" BGCOLOR="{fade(paint.pill)}"><TR>{inner}</TR></TABLE>'
        cells.append(f'<TD FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="20">{pill}</TD>')
    if name or not cells:
        cells.append(f'<TD HEIGHT="18" WIDTH="20">{name or " "}</TD>')
    lines = [f'<TABLE {_PLAIN} CELLPADDING="1"><TR>{"".join(cells)}</TR></TABLE>']
    for row in card.rows:
        caption = f'<FONT COLOR="{fade(MUTED)}" POINT-SIZE="9">{_html(row.caption)}</FONT>'
        left = "" if card.compact else f'<TD ALIGN="LEFT" WIDTH="26">{caption}</TD>'
        right = f'<TD ALIGN="RIGHT" WIDTH="44"><FONT COLOR="{fade(INK)}">{_html(row.text)}</FONT></TD>'
        ground = fade(row.fill or paint.ground)
        lines.append(
            f'<TABLE {_PLAIN} CELLPADDING="3" STYLE="rounded" BGCOLOR="{ground}"><TR>{left}{right}</TR></TABLE>'
        )
    between = "" if card.compact else "</TR><TR>"
    inside = f"<TR>{between.join(f'<TD>{line}</TD>' for line in lines)}</TR>"
    return (
        f'<TABLE BORDER="1.4" COLOR="{fade(paint.border)}" CELLBORDER="0" CELLSPACING="2" CELLPADDING="1" '
        f'STYLE="{style}" BGCOLOR="{fade(paint.ground)}">{inside}</TABLE>'
    )


def _legend(scene: Scene) -> str:
    kinds = {card.kind for card in scene.cards}
    cells = []
    for kind, paint in KINDS.items():
        if kind in kinds and kind not in ("neuron", "layer"):
            cells.append(
                f'<TD><TABLE BORDER="1" COLOR="{paint.border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1" '
                f'STYLE="rounded" BGCOLOR="{paint.ground}"><TR><TD WIDTH="12" HEIGHT="9"></TD></TR></TABLE></TD>'
            )
            cells.append(_small(f"{paint.word}  "))
    scale = "".join(f'<TD WIDTH="12" HEIGHT="9" BGCOLOR="{by_sign(i, 3.0)}"></TD>' for i in range(-3, 4))
    cells.append(_small("−"))
    cells.append(f'<TD><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{scale}</TR></TABLE></TD>')
    cells.append(_small(f"+   {scene.legend}"))
    notes = "".join(f'<TR><TD COLSPAN="{len(cells)}">{_font(note)}</TD></TR>' for note in scene.notes)
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="0"><TR>{"".join(cells)}</TR>{notes}</TABLE>>'
    )


def _small(text: str) -> str:
    return f"<TD>{_font(text)}</TD>"


def _font(text: str) -> str:
    return f'<FONT COLOR="{FAINT}" POINT-SIZE="9">{_html(text)}</FONT>'


def _html(text: str) -> str:
    """Return text for an HTML-like label, in which `\\N` and the like are expanded even so."""
    return escape(text).replace("\\", "&#92;&#8203;")


def _plain(text: str) -> str:
    """Return text for a quoted attribute: backslashes doubled, no entity left to expand."""
    return text.replace("\\", "\\\\").replace("&", "&amp;").replace("\n", "\\n")


def _attributes(pairs: dict[str, str]) -> str:
    return " ".join(
        f"{key}={value if _bare_word(value) or _markup(value) else _quoted(value)}" for key, value in pairs.items()
    )


def _bare_word(value: str) -> bool:
    return (
        value.isascii()
        and value.isidentifier()
        and value.lower() not in ("node", "edge", "graph", "digraph", "subgraph", "strict")
    )


def _markup(value: str) -> bool:
    return value.startswith("<<") and value.endswith(">>")


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '\\"') + '"'
