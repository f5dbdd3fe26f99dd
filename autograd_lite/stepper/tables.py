"""All steps as two tables, forward and backward: the page's script shows them one by one, without it they are read.

Every number stands in a `data` element whose `value` has all its digits. What the script needs to know besides is in
`data-` attributes: which card and arrows of the picture a row is about, and what the card shows from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd_lite.drawing.palette import LIGHT
from autograd_lite.engine import Value
from autograd_lite.explanation.steps import Contribution, Step
from autograd_lite.notation.text import number
from autograd_lite.pages import Html, element, html
from autograd_lite.stepper.walk import Walk
from autograd_lite.words import of_row, say

__all__ = ["tables"]


def tables(walk: Walk) -> Html:
    """Return the tables; they need no style sheet."""
    root, view = walk.names.root.text, walk.view
    rows = element("tbody", *(_given(walk, leaf) for leaf in view.leaves), *(_computed(walk, v) for v in walk.computed))
    forward = _head("node", "made", "in_numbers", "value")
    backward = _head("node", "upstream", "to", "local", "contribution", "total", root=root)
    title = element("caption", say("table.backward"))
    steps = html(*(_step(walk, step) for step in walk.backward))
    stale = ", ".join(walk.names(leaf).text for leaf in view.stale_leaves)
    return html(
        element("table", element("caption", say("table.forward")), forward, rows, class_="forward"),
        element("table", title, backward, steps, class_="backward", data_root=root),
        element("p", f"✎ {stale}: {say('explain.written')}") if stale else "",
    )


def _head(*columns: str, **inside: str) -> Html:
    heads = (element("th", say(f"table.{column}", **inside), scope="col") for column in columns)
    return element("thead", element("tr", *heads))


def _cells(cells: Iterable[Any]) -> Html:
    return html(*(element("td", cell) for cell in cells))


def _given(walk: Walk, leaf: Value) -> Html:
    name = element("th", walk.names(leaf).text, scope="row")
    cells = _cells([say("table.given"), "", _data(leaf.data, "value")])
    return element("tr", name, cells, class_="given", data_card=walk.card(leaf))


def _computed(walk: Walk, node: Value) -> Html:
    in_names, in_numbers = walk.formula(node)
    row, arrows = node.operation, (*walk.arrows_to(node), *walk.arrows_to(node, numbers=True))
    return element(
        "tr",
        element("th", walk.names(node).text, scope="row"),
        _cells([in_names.text, in_numbers.text, _data(node.data, "value")]),
        data_card=walk.card(node),
        data_arrows=" ".join(arrows),
        data_rule="" if row is None else of_row(row.derivative_rule) or row.name,
    )


def _step(walk: Walk, step: Step) -> Html:
    """Return the rows of one node, one for each of its contributions."""
    gifts = step.contributions
    span = {"rowspan": len(gifts)} if len(gifts) > 1 else {}
    upstream = element("td", _data(step.upstream, "upstream"), **span)
    head = html(element("th", step.name, scope="rowgroup", **span), upstream)
    rows = [element("tr", "" if i else head, _gift(gift), **_state(walk, gift.parent, gift.total, arrow))
            for i, (gift, arrow) in enumerate(zip(gifts, walk.arrows_to(step.node), strict=True))]  # fmt: skip
    rows = rows or [element("tr", head, _cells([say("steps.leaf"), "", "", ""]))]
    return element("tbody", *rows, **_state(walk, step.node, step.upstream))


def _gift(gift: Contribution) -> Html:
    rule = [] if gift.formula is None else [element("i", gift.formula.text), " = "]
    local = html(*rule, _data(gift.local, "local"))
    return _cells([gift.name, local, _data(gift.amount, "amount"), _data(gift.total, "total")])


def _state(walk: Walk, node: Value, grad: float, arrow: str = "") -> dict[str, str]:
    """Return the attributes that tell the picture a node's gradient after this step."""
    by = {"data_arrow": arrow} if arrow else {}
    shown = {"data_grad": number(grad, 3).text, "data_fill": LIGHT.by_sign(grad, walk.steepest)}
    return {"data_card": walk.card(node), **by, **shown}


def _data(x: float, kind: str) -> Html:
    """Return a number to six digits, with all of them beside it."""
    return element("data", number(x).text, class_=kind, value=repr(float(x)))
