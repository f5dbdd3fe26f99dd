"""Why does a net not learn? `diagnose` measures each layer, says what is wrong and what the course does about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_lite.harmless import shown
from autograd_lite.nn.diagnosis.measurement import LayerDiagnosis, Sample, measure
from autograd_lite.nn.diagnosis.verdicts import Finding, Training, findings
from autograd_lite.nn.mlp import MLP, check_parts
from autograd_lite.nn.module import Module, can_be_called
from autograd_lite.nn.objectives import LossFunction, Objective, checked_data, classes_of, named_classes, objective_of
from autograd_lite.nn.optimizers import SGD, Optimizer
from autograd_lite.nn.plots import plot_diagnosis
from autograd_lite.nn.switch import switched
from autograd_lite.nn.trial import trial
from autograd_lite.notation.text import number
from autograd_lite.pages import element, html
from autograd_lite.replay import Rows as RecordedRows
from autograd_lite.tables import Rows, Tabular, html_table
from autograd_lite.words import say


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Tabular):
    """The figures of each layer, and what is wrong; printed, a table."""

    loss_name: str
    loss: float
    examples: int
    layers: tuple[LayerDiagnosis, ...]
    findings: tuple[Finding, ...]
    epoch: int | None = field(default=None, compare=False)  # of a training, after which it was measured
    by_part: bool = field(default=False, compare=False)  # of a Module of the user's own, which has parts, no layers

    @property
    def healthy(self) -> bool:
        """Tell whether nothing was found wrong."""
        return not self.findings

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, one a layer, as texts."""
        columns = "layer", "activation", "gradient", "to_last", "saturated", "dead"
        head = [*[say(f"playground.{name}") for name in columns], say("diagnose.update")]
        if self.by_part:
            head[:2] = ["", say("diagnose.part")]
        return head, [
            [
                str(layer.layer), layer.activation, number(layer.gradient, 2).text,
                "–" if math.isnan(layer.ratio) else number(layer.ratio, 2).text,
                "–" if layer.saturated is None else f"{layer.saturated:.1%}",
                "–" if layer.dead is None else f"{_dead(layer)} ({layer.dead_share:.0%})",
                "–" if layer.update is None else number(layer.update, 2).text,
            ]
            for layer in self.layers
        ]  # fmt: skip

    @property
    def lead(self) -> str:
        """The line above the table: the loss, the examples, and whether anything was found."""
        count, loss = len(self.findings), f"{self.loss_name} {number(self.loss, 4).text}"
        found = say("diagnose.found", count=count) if count else say("diagnose.fine")
        return f"{say('diagnose.on', loss=loss, count=self.examples)}: {found}"

    @property
    def notes(self) -> list[str]:
        """The findings, a line each."""
        return [*map(str, self.findings)]

    def __str__(self) -> str:
        return f"{self.lead}\n{Tabular.__str__(self)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        remedy = element("b", say("diagnose.remedy"))
        items = [
            element("li", element("b", f.name), f": {f.verdict}. ", remedy, f": {f.remedy}.") for f in self.findings
        ]
        return html(element("p", self.lead), html_table(*self.table), *[element("ul", *items)] * bool(items))

    def plot(self, ax: Any = None) -> Any:
        """Draw each layer's gradient, and its shares of saturated and dead units; return the axes."""
        return plot_diagnosis(self, ax)


def _dead(layer: LayerDiagnosis) -> str:
    return say("playground.dead_of", dead=len(layer.dead or ()), units=layer.units)


def diagnose(model: Module, X: Sequence[Any], y: Sequence[Any], loss: str | LossFunction | None = None,
             lr: float | None = None) -> Diagnosis:  # fmt: skip
    r"""Look for what keeps a net from learning on data; nothing is written, to the net or to its gradients.

    For each layer: the root mean square of $\partial C / \partial w$ and its ratio to the last layer's; the share of
    (unit, example) pairs that are saturated, $g'(z)$ under 1 % of its maximum; the units, ReLU's for one, that let no
    gradient pass on any example; units that stay alike; and with the rate `lr` of gradient descent, the root mean
    square of the next step over that of the weights. Each finding comes with a verdict and the course's remedy, which
    leaves out what the net was made with (`init`, `bias`). Overfitting shows only over time: `fit` with validation data
    and `diagnose=True` looks for it. A Module of your own is measured part by part, by its gradients and steps.

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
    objective = objective_of(_checked(model), loss)
    with switched(model, training=False):
        classes = classes_of(model) or named_classes(model, objective, y)  # those that `fit` would teach it
        rows, targets = checked_data(model, objective, X, y, classes=classes)
        return diagnoser(model, objective, rows, targets, None if lr is None else SGD(model.parameters(), lr))()


def diagnoser(model: Module, objective: Objective, rows: list[Any], targets: list[Any],
              optimizer: Optimizer | None, replay: RecordedRows | None = None) -> Callable[..., Diagnosis]:  # fmt: skip
    """Return a function that diagnoses a net as it is then, on checked data; and how its training went.

    `replay` is the data under an example that is recorded already.
    """
    sample = Sample(_checked(model), objective, rows, targets, replay)

    def diagnosis(training: Training | None = None) -> Diagnosis:
        with trial(model):
            measured = measure(sample, optimizer)
        found = findings(measured, training)
        epoch = None if training is None else len(training.loss)
        by_part = not isinstance(model, MLP)
        return Diagnosis(objective.name, measured.loss, measured.examples, measured.layers, found, epoch, by_part)

    return diagnosis


def _checked(model: Any) -> Module:
    if not can_be_called(model):
        raise TypeError(f"model: expected an MLP, whose layers can be looked into, or a Module, got {shown(model)}")
    if isinstance(model, MLP):
        check_parts(model.layers, "diagnose", "only the package's own layers can be looked into")
    return model
