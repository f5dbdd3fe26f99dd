"""Why does a net not learn? `diagnose` measures each layer, says what is wrong and what the course does about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from numbers import Real
from typing import Any

from autograd_lite.checks import shown
from autograd_lite.nn.diagnosis.measurement import LayerDiagnosis, Sample, measure
from autograd_lite.nn.diagnosis.verdicts import VANISHING, Finding, Training, findings
from autograd_lite.nn.mlp import MLP, check_parts
from autograd_lite.nn.objectives import LossFunction, Objective, checked_data, objective_of
from autograd_lite.nn.optimizers import SGD, Optimizer
from autograd_lite.nn.plots import pyplot
from autograd_lite.tables import html_table, text_table

__all__ = ["Diagnosis", "diagnose", "examiner"]

LEGEND = {"ncols": 4, "frameon": False, "fontsize": "small", "columnspacing": 0.8}  # one row, as narrow as can be
LEGEND |= {"handlelength": 1.2, "handletextpad": 0.4, "borderpad": 0.2}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was measured in each layer, and what is wrong; printed, a table."""

    loss_name: str
    loss: float
    examples: int
    layers: tuple[LayerDiagnosis, ...]
    findings: tuple[Finding, ...]
    epoch: int | None = field(default=None, compare=False)  # of a training, after which it was measured

    @property
    def healthy(self) -> bool:
        """Tell whether nothing was found wrong."""
        return not self.findings

    @property
    def table(self) -> tuple[list[str], list[list[str]]]:
        """Return the head of the table and its rows, one a layer, as texts."""
        head = ["layer", "activation", "gradient", "to last", "saturated", "dead", "update/data"]
        return head, [
            [
                str(layer.layer),
                layer.activation,
                f"{layer.gradient:.2g}",
                "–" if math.isnan(layer.ratio) else f"{layer.ratio:.2g}",
                "–" if layer.saturated is None else f"{layer.saturated:.1%}",
                "–" if layer.dead is None else f"{len(layer.dead)} of {layer.units} ({layer.dead_share:.0%})",
                "–" if layer.update is None else f"{layer.update:.2g}",
            ]
            for layer in self.layers
        ]

    @property
    def lead(self) -> str:
        """Say what was looked at, and whether anything was found."""
        count = len(self.findings)
        found = "nothing wrong found" if not count else f"{count} finding{'s'[: count != 1]}"
        return f"{self.loss_name} {self.loss:.4g} on {self.examples} example{'s'[: self.examples != 1]}: {found}"

    def __str__(self) -> str:
        return "\n".join([self.lead, text_table(*self.table), *map(str, self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{escape(f.kind)}</b>: {escape(f.verdict)}. <b>Remedy:</b> {escape(f.remedy)}.</li>"
            for f in self.findings
        )
        return f"<p>{escape(self.lead)}</p>{html_table(*self.table)}" + (f"<ul>{items}</ul>" if items else "")

    def plot(self, ax: Any = None) -> Any:
        """Draw each layer's gradient, and its shares of saturated and dead units; return the axes."""
        ax = pyplot("Diagnosis.plot").subplots(layout="constrained")[1] if ax is None else ax
        numbers = [layer.layer for layer in self.layers]
        handles = self._plot_shares(ax)
        drawn = [layer.gradient if 0.0 < layer.gradient < math.inf else math.nan for layer in self.layers]
        (curve,) = ax.plot(numbers, drawn, "o-", color="C0", label="gradient")
        if drawn[-1] > 0.0:
            ax.axhline(VANISHING * drawn[-1], color="C3", linestyle=":", label="vanishing below this")
            ax.set_yscale("log")
        else:
            ax.set_ylim(bottom=0.0)
        ax.set_xticks(numbers)
        ax.set_xlim(0.4, numbers[-1] + 0.6)
        ax.set_xlabel("layer")
        ax.set_ylabel(r"gradient: root mean square of $\partial C / \partial w$")
        handles = [*ax.get_legend_handles_labels()[0], *handles]
        ax.legend(
            handles=handles if any(norm > 0.0 for norm in drawn) else [h for h in handles if h is not curve],
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),  # between the axes and the title: bars and curve may be anywhere
            **LEGEND,
        )
        ax.set_title(", ".join(dict.fromkeys(f.kind for f in self.findings)) or "nothing wrong found", pad=24.0)
        return ax

    def _plot_shares(self, ax: Any) -> list[Any]:
        """Draw the shares of units as bars on a scale of their own, if there are any; return what the legend names."""
        groups = {
            (name, colour): [(n, share) for n, share in enumerate(found, start=1) if share]
            for name, colour, found in (
                ("saturated", "C1", [layer.saturated for layer in self.layers]),
                ("dead", "C7", [layer.dead_share for layer in self.layers]),
            )
        }
        if not any(groups.values()):
            return []
        shares = ax.twinx()
        shares.set_ylabel("share of units")
        shares.set_ylim(0.0, 1.02)
        for (name, colour), bars in groups.items():
            if bars:
                shares.bar(*zip(*bars, strict=True), width=0.4, color=colour, alpha=0.45, label=name)
        ax.set_zorder(shares.get_zorder() + 1)  # the curve in front of the bars
        ax.patch.set_visible(False)
        return list(shares.get_legend_handles_labels()[0])


def diagnose(
    model: MLP, X: Sequence[Any], y: Sequence[Any], loss: str | LossFunction | None = None, lr: float | None = None
) -> Diagnosis:
    r"""Look for what keeps a net from learning on data; nothing is written, to the net or to its gradients.

    For each layer: the root mean square of $\partial C / \partial w$ and its ratio to the last layer's; the share
    of (unit, example) pairs that are saturated, $g'(z)$ under 1 % of its maximum; the units, ReLU's for one, that
    let no gradient pass on any example; and with the rate `lr` of gradient descent, the root mean square of the
    next step over that of the weights. Each finding comes with a verdict and the course's remedy; what the net was
    made with (`init`, `bias`) is not prescribed again. Overfitting shows only over time: `fit` with validation data
    and `diagnose=True` looks for it.

    >>> from autograd_lite import datasets
    >>> X, y = datasets.moons(50)
    >>> deep = MLP(2, [8] * 9 + [1], activation="sigmoid", output="sigmoid", init="xavier", seed=0)
    >>> [finding.kind for finding in diagnose(deep, X, y).findings]
    ['vanishing']
    >>> diagnose(MLP(2, [8, 1], output="sigmoid", init="he", bias=0.1, seed=0), X, y, lr=0.1)
    binary_cross_entropy_with_logits 0.6669 on 50 examples: nothing wrong found
    layer  activation  gradient  to last  saturated         dead  update/data
    1            ReLU     0.056      0.4          –  0 of 8 (0%)       0.0065
    2         Sigmoid      0.14        1          –            –        0.019
    """
    if lr is not None and (isinstance(lr, bool) or not isinstance(lr, Real)):
        raise TypeError(f"lr: expected a learning rate, a number, or None, got {shown(lr)}")
    objective = objective_of(_checked(model), loss)
    rows, targets = checked_data(model, objective, X, y)
    mover = None if lr is None else SGD(model.parameters(), lr)
    return examiner(model, objective, rows, targets, mover)()


def examiner(
    model: MLP, objective: Objective, rows: list[list[float]], targets: list[Any], mover: Optimizer | None
) -> Callable[..., Diagnosis]:
    """Return a function that diagnoses a net as it is then, on data that were checked; also by how training went."""
    sample = Sample(_checked(model), objective, rows, targets)

    def examine(training: Training | None = None) -> Diagnosis:
        measured = measure(sample, mover)
        found = findings(measured, training)
        epoch = None if training is None else len(training.loss)
        return Diagnosis(objective.name, measured.loss, measured.examples, measured.layers, found, epoch)

    return examine


def _checked(model: Any) -> MLP:
    if not isinstance(model, MLP):
        raise TypeError(f"model: expected an MLP, whose layers can be looked into, got {shown(model)}")
    check_parts(model, "diagnose", "only the package's own layers can be looked into")
    return model
