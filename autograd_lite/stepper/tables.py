"""All steps as two tables, forward and backward: the page's script shows them one by one, without it they are read.

Every number stands in a `data` element whose `value` has all its digits. What the script needs to know besides is in
`data-` attributes: which card and arrows of the picture a row is about, and what the card shows from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from autograd_lite.drawing.palette import LIGHT
from autograd_lite.engine import Value
from autograd_lite.explanation.derivation import WRITTEN
from autograd_lite.explanation.steps import Contribution, Step
from autograd_lite.notation.text import number
from autograd_lite.stepper.walk import Walk

__all__ = ["tables"]


def tables(walk: Walk) -> str:
    """Return the tables; they need no style sheet."""
    root = walk.names.root.text
    rows = "".join(_given(walk, leaf) for leaf in walk.view.leaves) + "".join(_computed(walk, v) for v in walk.computed)
    steps = "".join(_step(walk, step) for step in walk.backward)
    of = f"∂{escape(root)}/∂"
    stale = ", ".join(_name(walk, leaf) for leaf in walk.view.stale_leaves)
    note = f"<p>✎ {stale}: {WRITTEN}</p>" if stale else ""
    forward, backward = ("node", "computed as", "in numbers", "value"), (
        "node", f"{of}node (upstream)", "to", "local derivative", "contribution", f"{of}to, in all",
    )  # fmt: skip
    return (
        f'<table class="forward"><caption>Forward</caption>{_head(forward)}<tbody>{rows}</tbody></table>'
        f'<table class="backward" data-root="{escape(root)}"><caption>Backward: contribution = upstream × local '
        f"derivative</caption>{_head(backward)}{steps}</table>{note}"
    )


def _head(words: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{word}</th>' for word in words)
    return f"<thead><tr>{cells}</tr></thead>"


def _given(walk: Walk, leaf: Value) -> str:
    return (
        f'<tr class="given" data-card="{walk.card(leaf)}"><th scope="row">{_name(walk, leaf)}</th>'
        f"<td>given</td><td></td><td>{_data(leaf.data, 'value')}</td></tr>"
    )


def _computed(walk: Walk, node: Value) -> str:
    in_names, in_numbers = walk.formula(node)
    arrows = " ".join((*walk.arrows_to(node), *walk.arrows_to(node, numbers=True)))
    rule = "" if node.operation is None else node.operation.derivative_rule or node.operation.name
    return (
        f'<tr data-card="{walk.card(node)}" data-arrows="{arrows}" data-rule="{escape(rule)}">'
        f'<th scope="row">{_name(walk, node)}</th><td>{escape(in_names.text)}</td>'
        f"<td>{escape(in_numbers.text)}</td><td>{_data(node.data, 'value')}</td></tr>"
    )


def _step(walk: Walk, step: Step) -> str:
    """Return the rows of one node, one for each of its contributions."""
    count = len(step.contributions)
    span = f' rowspan="{count}"' if count > 1 else ""
    head = f'<th scope="rowgroup"{span}>{escape(step.name)}</th><td{span}>{_data(step.upstream, "upstream")}</td>'
    rows = ""
    for gift, arrow in zip(step.contributions, walk.arrows_to(step.node), strict=True):
        rows += f"<tr{_state(walk, gift.parent, gift.total, arrow)}>{'' if rows else head}{_gift(gift)}</tr>"
    if not rows:
        rows = f"<tr>{head}<td>(leaf)</td><td></td><td></td><td></td></tr>"
    return f"<tbody{_state(walk, step.node, step.upstream)}>{rows}</tbody>"


def _gift(gift: Contribution) -> str:
    rule = "" if gift.formula is None else f"<i>{escape(gift.formula.text)}</i> = "
    return (
        f"<td>{escape(gift.name)}</td><td>{rule}{_data(gift.local, 'local')}</td>"
        f"<td>{_data(gift.amount, 'amount')}</td><td>{_data(gift.total, 'total')}</td>"
    )


def _state(walk: Walk, node: Value, grad: float, arrow: str = "") -> str:
    """Return the attributes that tell the picture a node's gradient after this step."""
    by, fill = f' data-arrow="{arrow}"' if arrow else "", LIGHT.by_sign(grad, walk.steepest)
    return f' data-card="{walk.card(node)}"{by} data-grad="{number(grad, 3).text}" data-fill="{fill}"'


def _name(walk: Walk, node: Value) -> str:
    return escape(walk.names(node).text)


def _data(x: float, kind: str) -> str:
    """Return a number to six digits, with all of them beside it."""
    return f'<data class="{kind}" value="{float(x)!r}">{number(x).text}</data>'
