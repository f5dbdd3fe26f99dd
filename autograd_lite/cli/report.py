"""The report of a training run: one page that needs no network, no script and no plotting library."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from autograd_lite.cli.charts import curves_chart, points_chart
from autograd_lite.nn import Diagnosis
from autograd_lite.nn.history import is_shown
from autograd_lite.tables import printable


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG that `draw` wrote, with what to see in it."""

    title: str
    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page shows; every text is escaped when it is written."""

    title: str
    lead: str
    figures: Mapping[str, str]  # a caption, and a number in large type
    curves: Mapping[str, Sequence[float]]  # the loss after each epoch
    classes: Sequence[str]  # empty for a regression
    confusion: Sequence[Sequence[int]]  # [true class][predicted class]
    points: Sequence[tuple[float, float]]  # (true, predicted) of a regression
    diagnosis: Diagnosis  # after the last epoch
    measured: Sequence[int]  # the epochs that were diagnosed
    gradients: Mapping[str, Sequence[float]]  # the gradient norm of layers after each of these
    pictures: Sequence[Picture]
    settings: Mapping[str, str]
    command: str  # how to use the model

    def html(self) -> str:
        """Return the page."""
        if self.classes:
            text = "Rows: the true class. Columns: what the net says. Only rows that it was not trained on."
            result = _section("Confusion matrix", text, confusion_table(self.confusion, self.classes))
        else:
            text = "Rows that the net was not trained on. On the dashed line, the prediction is exact."
            result = _section("Predicted and true", text, points_chart(self.points, "true", "predicted"))
        curve = curves_chart(self.curves) + _history(self.curves, range(1, 1 + max(map(len, self.curves.values()))))
        page = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
        return Template(page).substitute(
            title=_text(self.title),
            lead=_text(self.lead),
            figures="".join(
                f"<div><dt>{_text(caption)}</dt><dd>{_text(number)}</dd></div>"
                for caption, number in self.figures.items()
            ),
            curve=_section("Loss", "The mean over the rows, epoch by epoch.", curve),
            result=result,
            diagnosis=_section("Diagnosis", self.diagnosis.lead, self._diagnosis(), "wide"),
            pictures="".join(
                _section(p.title, p.caption, _scroll(p.title, inline(p.svg)), "wide") for p in self.pictures
            ),
            settings="".join(
                f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in self.settings.items()
            ),
            command=_text(self.command),
        )

    def _diagnosis(self) -> str:
        """Return the last epoch's table and findings, and the gradients on the way there."""
        text = "Root mean square of the loss's derivatives by the weights of a layer, after some of the epochs."
        curves = curves_chart(self.gradients, epochs=self.measured)
        chart = f"<p>{_text(text)}</p>{curves}{_history(self.gradients, self.measured)}"
        return f'<div class="pair"><div>{diagnosis_list(self.diagnosis)}</div><div>{chart}</div></div>'


def confusion_table(counts: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """Return the table of true classes against predicted ones, each cell tinted by its share of the row."""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in classes)
    lines = []
    for i, (name, row) in enumerate(zip(classes, counts, strict=True)):
        cells = "".join(
            f'<td class="{"right" if i == j else "wrong"}" style="--share:{count / max(sum(row), 1):.3f}">{count}</td>'
            for j, count in enumerate(row)
        )
        lines.append(f'<tr><th scope="row">{_text(name)}</th>{cells}</tr>')
    table = f'<table class="confusion"><tr><td></td>{head}</tr>{"".join(lines)}</table>'
    return _scroll("Confusion matrix", table)


def diagnosis_list(diagnosis: Diagnosis) -> str:
    """Return what was measured in each layer, then each finding with its remedy."""
    head, rows = diagnosis.table
    cells = "".join(f'<th scope="col">{_text(name)}</th>' for name in head)
    lines = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>{"".join(f"<td>{_text(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    findings = "".join(
        f"<dt>{_text(finding.kind)}</dt><dd>{_text(finding.verdict)}. "
        f"<strong>Remedy:</strong> {_text(finding.remedy)}.</dd>"
        for finding in diagnosis.findings
    )
    table = _scroll("What was measured in each layer", f'<table class="layers"><tr>{cells}</tr>{lines}</table>')
    return table + (f'<dl class="findings">{findings}</dl>' if findings else "")


def inline(svg: str) -> str:
    """Return an SVG file's text as it may stand inside a page: without the lines before its root element."""
    return re.sub(r"\A.*?(?=<svg\b)", "", svg, count=1, flags=re.DOTALL)


def _history(curves: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> str:
    """Return the curves as numbers, some ten epochs, for those who cannot see or want to know."""
    shown = [i for i in range(len(epochs)) if len(epochs) < 20 or is_shown(i + 1, len(epochs))]
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in ("epoch", *curves))
    lines = "".join(
        f'<tr><th scope="row">{epochs[i]}</th>'
        + "".join(f"<td>{curve[i]:.4g}</td>" for curve in curves.values())
        + "</tr>"
        for i in shown
    )
    return f"<details><summary>as numbers</summary><table><tr>{head}</tr>{lines}</table></details>"


def _section(title: str, text: str, body: str, kind: str = "") -> str:
    return f'<section class="{kind}"><h2>{_text(title)}</h2><p>{_text(text)}</p>{body}</section>\n'


def _scroll(name: str, body: str) -> str:
    """Let something wide scroll by itself, by keyboard too, so that the page never does."""
    return f'<div class="scroll" role="region" aria-label="{_text(name)}" tabindex="0">{body}</div>'


def _text(text: str) -> str:
    return escape(printable(text))
