"""What happened in training: the figures of each epoch, kept (`History`) and shown as they come."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd_lite.files import write_atomically
from autograd_lite.nn.plots import plot_history
from autograd_lite.notation.text import minus, number
from autograd_lite.tables import Rows, Tabular

if TYPE_CHECKING:
    from autograd_lite.nn.diagnosis.report import Diagnosis


@dataclass(slots=True, repr=False)
class History(Tabular):
    """What happened, epoch by epoch; printed, a table. Accuracies stay empty where the answer is a number.

    Training figures are means over the epoch, while the parameters move; validation figures are taken
    after it.
    """

    loss_name: str = ""
    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    best_epoch: int | None = None  # of the smallest validation loss, counted from 1
    diagnoses: list[Diagnosis] = field(default_factory=list)  # of the epochs that progress shows, where fit diagnoses
    classes: tuple[str, ...] = ()  # their names in the order of their indices, where the targets are texts

    @property
    def columns(self) -> dict[str, list[float]]:
        """Return the figures that there are, by name."""
        names = ("loss", "accuracy", "validation_loss", "validation_accuracy")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def table(self) -> Rows:
        """The head of the table, and a row for each of four epochs: the first, the last, two between; the best is one.

        >>> print(History("mse_loss", [0.5, 0.25, 0.125, 0.0625, 0.03], [], [3.0, 2.0, 1.5, 1.75, 2.0], [], 3))
        epoch       loss  validation loss
        1            0.5                3
        2           0.25                2
        3 (best)   0.125              1.5
        5           0.03                2
        """
        count, best = len(self.loss), self.best_epoch
        between = [(count + 2) // 3, (2 * count + 2) // 3]
        if best is not None and best not in (1, count, *between):
            between[abs(best - between[1]) <= abs(best - between[0])] = best
        epochs = sorted({1, count, *between} & {*range(1, count + 1)})
        names = [f"{epoch} (best)" if epoch == best else str(epoch) for epoch in epochs]
        figures = [[number(column[epoch - 1], 4).text for column in self.columns.values()] for epoch in epochs]
        head = ["epoch", *(name.replace("_", " ") for name in self.columns)]
        return head, [[name, *row] for name, row in zip(names, figures, strict=True)]

    def add_validation(self, loss: float, accuracy: float | None) -> None:
        """Add the validation figures of an epoch, and remember the best."""
        best = None if self.best_epoch is None else self.validation_loss[self.best_epoch - 1]
        if not math.isnan(loss) and (best is None or loss < best):
            self.best_epoch = len(self.loss)
        self.validation_loss.append(loss)
        if accuracy is not None:
            self.validation_accuracy.append(accuracy)

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a CSV file, one line an epoch."""
        lines = [",".join(["epoch", *self.columns])]
        for epoch, row in enumerate(zip(*self.columns.values(), strict=True), start=1):
            lines.append(",".join([str(epoch), *map(repr, row)]))
        write_atomically(path, "\n".join(lines) + "\n")

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss (and the accuracy, on a scale of its own) over the epochs; return the axes."""
        return plot_history(self, ax)


def is_shown(epoch: int, epochs: int) -> bool:
    """Tell whether an epoch is one of the ten or so that stand for a training: the first, every tenth part, the last.

    >>> [epoch for epoch in range(1, 51) if is_shown(epoch, 50)]
    [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]
    """
    return epoch % max(1, epochs // 10) == 0 or epoch in (1, epochs)


@contextmanager
def reporter(epochs: int, progress: bool) -> Iterator[Callable[[History], object]]:
    """Give a function that shows the latest epoch: on a bar where tqdm is installed, else in ten lines."""
    if not progress:
        yield lambda history: None
        return
    try:
        from tqdm import tqdm
    except ImportError:

        def show_line(history: History) -> None:
            epoch = len(history.loss)
            if is_shown(epoch, epochs):
                print(f"epoch {epoch:>{len(str(epochs))}}/{epochs}  {_latest(history)}", flush=True)

        yield show_line
        return
    with tqdm(total=epochs, unit="epoch") as bar:
        yield lambda history: (bar.set_postfix_str(_latest(history), refresh=False), bar.update())


def _latest(history: History) -> str:
    columns = history.columns.items()
    return minus("  ".join(f"{name.replace('_', ' ')} {figures[-1]:.4f}" for name, figures in columns))
