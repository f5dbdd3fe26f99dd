"""What a training run came to, as numbers and words: all that a report says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd_lite import nn
from autograd_lite.cli.features import Cell, Target
from autograd_lite.cli.tables import Table


@dataclass(frozen=True, slots=True)
class Settings:
    """How to build and train a net."""

    hidden: tuple[int, ...]
    activation: str
    epochs: int
    lr: float
    batch_size: int
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A trained net and how it did on the rows that it was not trained on."""

    table: Table
    target: Target
    model: nn.MLP
    history: nn.History
    settings: Settings
    trained_on: int
    true: tuple[Cell, ...]
    predicted: tuple[Cell, ...]
    held_out: tuple[list[list[float]], list[float]]  # inputs and targets, as the net sees them

    @property
    def score(self) -> float:
        """Return the accuracy, or R² of a regression."""
        if self.target.classes:
            return sum(a == b for a, b in zip(self.true, self.predicted, strict=True)) / len(self.true)
        mean = sum(a for a, _ in self.points) / len(self.points)
        total = sum((a - mean) ** 2 for a, _ in self.points)
        return 1.0 - sum((a - b) ** 2 for a, b in self.points) / total if total else float("nan")

    @property
    def points(self) -> list[tuple[float, float]]:
        """Return (true, predicted) of a regression."""
        pairs = zip(self.true, self.predicted, strict=True)
        return [] if self.target.classes else [(float(a), float(b)) for a, b in pairs]

    @property
    def confusion(self) -> list[list[int]]:
        """Return how often each true class was taken for each class."""
        counts = Counter(zip(self.true, self.predicted, strict=True))
        return [[counts[a, b] for b in self.target.classes] for a in self.target.classes]

    @property
    def verdict(self) -> str:
        """Say in one line how good the net is."""
        if not self.target.classes:
            error = (sum((a - b) ** 2 for a, b in self.points) / len(self.points)) ** 0.5
            return f"R² {self.score:.3f}, root mean squared error {error:.6g} on {len(self.true)} held-out rows"
        right = round(self.score * len(self.true))
        return f"accuracy {self.score:.3f}: {right} of {len(self.true)} held-out rows right"

    @property
    def units(self) -> str:
        """Return how many inputs and units the net has, layer by layer."""
        return " – ".join(map(str, (self.model.nin, *self.model.nouts)))

    @property
    def lead(self) -> str:
        """Say in two sentences what was learned, and how well."""
        return (
            f"A net of {self.units} units learned {self.target.name} from {self.trained_on} rows of "
            f"{Path(self.table.path).name}. {self.verdict[0].upper()}{self.verdict[1:]}."
        )

    @property
    def figures(self) -> Mapping[str, str]:
        """Return the numbers to see first, by their captions."""
        classes, history = self.target.classes, self.history
        return {
            "Held-out accuracy" if classes else "Held-out R²": f"{self.score:.1%}" if classes else f"{self.score:.3f}",
            "Final training loss": f"{history.loss[-1]:.3g}",
            "Final held-out loss": f"{history.validation_loss[-1]:.3g}",
            "Parameters": f"{len(self.model.parameters()):,}",
        }

    @property
    def gradients(self) -> Mapping[str, Sequence[float]]:
        """Return the gradients of the first and the last layer, after each epoch that was diagnosed."""
        diagnoses = self.history.diagnoses
        ends = {"last layer": -1} if len(diagnoses[-1].layers) == 1 else {"first layer": 0, "last layer": -1}
        return {name: [diagnosis.layers[i].gradient for diagnosis in diagnoses] for name, i in ends.items()}

    @property
    def facts(self) -> Mapping[str, str]:
        """Return how the net was built and trained, by name."""
        settings, target, loss = self.settings, self.target, self.history.loss_name.replace("_", " ")
        return {
            "Data": f"{self.table.path}, {len(self.table.rows)} rows",
            "Task": f"{target.task} ({target.reason})",
            "Rows": f"{self.trained_on} to train on, {len(self.true)} held out",
            "Units": self.units,
            "Hidden activation": settings.activation,
            "Output": str(self.model.output),
            "Loss": loss if target.classes else f"{loss}, of the standardised target",
            "Optimiser": f"Adam, learning rate {settings.lr:g}",
            "Epochs": str(settings.epochs),
            "Batch size": str(settings.batch_size),
            "Seed": str(settings.seed),
        }
