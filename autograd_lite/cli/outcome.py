"""The result of a training run in numbers and words: the content of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd_lite import nn
from autograd_lite.cli.features import Cell, Target
from autograd_lite.csv_files import Table
from autograd_lite.nn.diagnosis.measurement import rms, spread
from autograd_lite.nn.encoding import Encoding
from autograd_lite.notation.text import minus, number


@dataclass(frozen=True, slots=True)
class Settings:
    """How to build and train a net."""

    hidden: tuple[int, ...]
    activation: str
    epochs: int
    lr: float
    batch_size: int
    seed: int


Examples = tuple[list[list[float]], list[float]]  # inputs and targets of a net


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table as a net reads it: the rows to train on, those that are held out, and the truth about these."""

    table: Table
    target: Target
    encoding: Encoding
    examples: Examples
    held_out: Examples
    true: list[Cell]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trained net and its predictions for the rows that it was not trained on."""

    table: Table
    target: Target
    model: nn.MLP
    history: nn.History
    settings: Settings
    examples: Examples  # that it was trained on
    held_out: Examples
    answers: tuple[tuple[Cell, Cell], ...]  # (true, predicted) of each held-out row

    @property
    def trained_on(self) -> int:
        """How many rows the net was trained on."""
        return len(self.examples[0])

    @property
    def points(self) -> list[tuple[float, float]]:
        """The answers of a regression."""
        return [] if self.target.classes else [(float(a), float(b)) for a, b in self.answers]

    @property
    def error(self) -> float:
        """The root mean squared error of a regression."""
        return rms([a - b for a, b in self.points])

    @property
    def score(self) -> float:
        """The accuracy, or R² of a regression."""
        if self.target.classes:
            return sum(a == b for a, b in self.answers) / len(self.answers)
        spread_of_truth = spread([[a] for a, _ in self.points])
        return 1.0 - (self.error / spread_of_truth) ** 2 if spread_of_truth else float("nan")

    @property
    def confusion(self) -> list[list[int]]:
        """How often each class was predicted (columns) for each true class (rows)."""
        counts = Counter(self.answers)
        return [[counts[a, b] for b in self.target.classes] for a in self.target.classes]

    @property
    def verdict(self) -> str:
        """How good the net is, in one line."""
        rows = len(self.answers)
        if self.target.classes:
            return f"accuracy {self.score:.3f}: {round(self.score * rows)} of {rows} held-out rows right"
        r2, error = minus(f"{self.score:.3f}"), number(self.error).text
        return f"R² {r2}, root mean squared error {error} on {rows} held-out rows"

    @property
    def units(self) -> str:
        """The numbers of inputs and units, layer by layer."""
        return " – ".join(map(str, (self.model.nin, *self.model.nouts)))

    @property
    def lead(self) -> str:
        """The target and how well it is predicted, in two sentences."""
        return (
            f"A net of {self.units} units learned {self.target.name} from {self.trained_on} rows of "
            f"{Path(self.table.path).name}. {self.verdict[0].upper()}{self.verdict[1:]}."
        )

    @property
    def figures(self) -> Mapping[str, str]:
        """The numbers to see first, by their captions."""
        history, score = self.history, self.score
        kind, shown = ("accuracy", f"{score:.1%}") if self.target.classes else ("R²", minus(f"{score:.3f}"))
        return {
            f"Held-out {kind}": shown,
            "Final training loss": number(history.loss[-1], 3).text,
            "Final held-out loss": number(history.validation_loss[-1], 3).text,
            "Parameters": f"{len(self.model.parameters()):,}",
        }

    @property
    def gradients(self) -> Mapping[str, Sequence[float]]:
        """The gradients of the first and the last layer, after each epoch that was diagnosed."""
        layers = list(zip(*([layer.gradient for layer in d.layers] for d in self.history.diagnoses), strict=True))
        return {"first layer": layers[0], "last layer": layers[-1]} if len(layers) > 1 else {"last layer": layers[0]}

    @property
    def facts(self) -> Mapping[str, str]:
        """How the net was built and trained, by name."""
        settings, target, loss = self.settings, self.target, self.history.loss_name.replace("_", " ")
        return {
            "Data": f"{self.table.path}, {len(self.table.rows)} rows",
            "Task": f"{target.task} ({target.reason})",
            "Rows": f"{self.trained_on} to train on, {len(self.answers)} held out",
            "Units": self.units,
            "Hidden activation": settings.activation,
            "Output": str(self.model.output),
            "Loss": loss if target.classes else f"{loss}, of the standardised target",
            "Optimiser": f"Adam, learning rate {number(settings.lr).text}",
            "Epochs": str(settings.epochs),
            "Batch size": str(settings.batch_size),
            "Seed": str(settings.seed),
        }
