"""All steps as two tables, forward and backward, for readers without scripts.

A number with more digits than are shown stands in a `data` element whose `value` has all of them.
"""

from __future__ import annotations

from typing import Any

from autograd_lite.engine import Value
from autograd_lite.explanation.steps import Contribution, Step
from autograd_lite.live.walk import Walk
from autograd_lite.notation.text import number
from autograd_lite.pages import Html, element, html
from autograd_lite.words import say

__all__ = ["tables"]


def tables(walk: Walk) -> Html:
    """Return the tables; they need no style sheet."""
    root = walk.names.root.text
    given = (_row(walk, leaf, say("table.given"), "") for leaf in walk.view.leaves)
    made = (_row(walk, node, *(text.text for text in walk.formula(node))) for node in walk.computed)
    forward = _head("node", "made", "in_numbers", "value")
    backward = _head("node", "upstream", "to", "local", "contribution", "total", root=root)
    rows = element("tbody", *given, *made)
    return html(
        element("table", element("caption", say("table.forward")), forward, rows, class_="forward"),
        element("table", element("caption", say("table.backward")), backward, *map(_step, walk.backward),
                class_="backward"),
    )  # fmt: skip


def _head(*columns: str, **inside: str) -> Html:
    heads = (element("th", say(f"table.{column}", **inside), scope="col") for column in columns)
    return element("thead", element("tr", *heads))


def _cells(*cells: Any) -> Html:
    return html(*(element("td", cell) for cell in cells))


def _row(walk: Walk, node: Value, in_names: str, in_numbers: str) -> Html:
    name = element("th", walk.names(node).text, scope="row")
    return element("tr", name, _cells(in_names, in_numbers, _data(node.data)))


def _step(step: Step) -> Html:
    """Return the rows of one node, one for each of its contributions."""
    contributions = step.contributions
    span = {"rowspan": len(contributions)} if len(contributions) > 1 else {}
    head = html(element("th", step.name, scope="rowgroup", **span), element("td", _data(step.upstream), **span))
    rows = [element("tr", "" if i else head, _contribution(part)) for i, part in enumerate(contributions)]
    return element("tbody", *(rows or [element("tr", head, _cells(say("steps.leaf"), "", "", ""))]))


def _contribution(part: Contribution) -> Html:
    rule = [] if part.formula is None else [element("i", part.formula.text), " = "]
    return _cells(part.name, html(*rule, _data(part.local)), _data(part.amount), _data(part.total))


def _data(x: float) -> Html:
    """Return a number to six digits, with all of them beside it where these are not all."""
    text = number(x).text
    exact = repr(float(text.replace("−", "-"))) == repr(float(x))
    return html(text) if exact else element("data", text, value=repr(float(x)))
