"""The report of a training run: one page that needs no network, no script and no plotting library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from autograd_lite.cli.charts import curves_chart, points_chart
from autograd_lite.cli.outcome import Outcome
from autograd_lite.cli.pictures import Picture
from autograd_lite.nn.history import is_shown
from autograd_lite.notation.text import number
from autograd_lite.pages import Html, element, html, page, table


def report(outcome: Outcome, pictures: Iterable[Picture], command: str, live: str) -> str:
    """Return the page; `command` uses the model, `live` is the page beside it that trains on, or ""."""
    title = f"Predicting {outcome.target.name}"
    losses = {"training": outcome.history.loss, "held out": outcome.history.validation_loss}
    epochs = range(1, len(outcome.history.loss) + 1)
    sections = [
        _section("Loss", "The mean over the rows, epoch by epoch.", _curves(losses, epochs)),
        _result(outcome),
        _diagnosis(outcome),
        *(_section(p.title, p.caption, _scroll(p.title, _inline(p.graph.svg)), class_="wide") for p in pictures),
        _section("Settings", "", _pairs("settings", outcome.facts), class_="wide"),
        _section("Use the model", "On a file with the same columns, the target left out or not:",
                 element("code", command), class_="wide"),
        *[_section("Train it further", "Beside this report lies a page that trains the net, every weight visible:",
                   element("code", live), class_="wide")] * bool(live),
    ]  # fmt: skip
    body = html(
        element("header", element("h1", title), element("p", outcome.lead)),
        element("main", _pairs("figures", outcome.figures), *sections),
        element("footer", "Written by autograd_lite, which computes with single numbers: every value above is a node "
                          "of a graph."),
    )  # fmt: skip
    return page(title, body, files(__package__).joinpath("report.css").read_text(encoding="utf-8"))


def _result(outcome: Outcome) -> Html:
    """Return a comparison of true and predicted: a chart, or a table of classes, tinted by the share of the row."""
    classes = outcome.target.classes
    if not classes:
        text = "Rows that the net was not trained on. On the dashed line, the prediction is exact."
        return _section("Predicted and true", text, points_chart(outcome.points, "true", "predicted"))
    rows = [
        [classes[i], *(element("span", count, class_="right" if i == j else "wrong",
                               style=f"--share:{count / max(sum(row), 1):.3f}") for j, count in enumerate(row))]
        for i, row in enumerate(outcome.confusion)
    ]  # fmt: skip
    text = "Rows: the true class. Columns: the net's prediction. Only rows that it was not trained on."
    cells = table(["", *classes], rows, class_="confusion")
    return _section("Confusion matrix", text, _scroll("Confusion matrix", cells))


def _diagnosis(outcome: Outcome) -> Html:
    """Return the last epoch's table and findings, and the gradients on the way there."""
    last = outcome.history.diagnoses[-1]
    findings = [
        html(element("dt", f.kind), element("dd", f"{f.verdict}. ", element("strong", "Remedy:"), f" {f.remedy}."))
        for f in last.findings
    ]
    measured = html(
        _scroll("Measurements in each layer", table(*last.table, class_="layers")),
        element("dl", *findings, class_="findings") if findings else "",
    )
    text = "Root mean square of the loss's derivatives by the weights of a layer, after some of the epochs."
    curves = _curves(outcome.gradients, [diagnosis.epoch or 0 for diagnosis in outcome.history.diagnoses])
    pair = element("div", element("div", measured), element("div", element("p", text), curves), class_="pair")
    return _section("Diagnosis", last.lead, pair, class_="wide")


def _curves(curves: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Html:
    """Return a chart, and some ten epochs of it as numbers: to look up, or for readers who cannot see it."""
    shown = [i for i in range(len(epochs)) if len(epochs) < 20 or is_shown(i + 1, len(epochs))]
    rows = [[epochs[i], *(number(curve[i], 4).text for curve in curves.values())] for i in shown]
    numbers = element("details", element("summary", "as numbers"), table(["epoch", *curves], rows))
    return html(curves_chart(curves, epochs), numbers)


def _section(title: str, text: str, *body: Any, **attributes: str) -> Html:
    return element("section", element("h2", title), element("p", text) if text else "", *body, **attributes)


def _pairs(kind: str, texts: Mapping[str, str]) -> Html:
    return element("dl", *(element("div", element("dt", k), element("dd", x)) for k, x in texts.items()), class_=kind)


def _scroll(name: str, body: Html) -> Html:
    """Let something wide scroll by itself, by keyboard too, so that the page never does."""
    return element("div", body, class_="scroll", role="region", aria_label=name, tabindex=0)


def _inline(svg: str) -> Html:
    """Return an SVG without the lines before its root element, so that a page can contain it."""
    return Html(svg[svg.index("<svg") :])
