"""The main job: a table in; a trained net, its history, two pictures and a report out."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_lite import nn
from autograd_lite.cli.features import (
    Cell,
    Target,
    read_cells,
    read_features,
    read_target,
    split,
    standardised,
)
from autograd_lite.cli.report import Picture, Report
from autograd_lite.cli.tables import Table, format_csv
from autograd_lite.draw import Graph, draw
from autograd_lite.engine import Value, no_grad
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.nn.steps import outputs_of


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


def train(
    table: Table,
    target_name: str,
    settings: Settings,
    task: str | None = None,
    dropped: Sequence[str] = (),
    say: Callable[[str], None] = print,
) -> Outcome:
    """Train a net to predict one column of a table from the others, with 30 % of the rows held out."""
    for name in dropped:
        table.index(name)
    target = read_target(table, target_name, task)
    names = [name for name in table.header if name != target_name and name not in dropped]
    if not names:
        raise table.error(f"no column is left to predict {target_name!r} from")
    training, held_out = split(target, settings.seed)
    if not held_out:
        raise table.error(f"{len(table.rows)} rows are too few to hold some out; expected two or more of each class")
    columns, rows = read_features(table, names, training)

    say(f"{table.path}: {len(table.rows)} rows, {len(training)} to train on, {len(held_out)} held out")
    say(f"target {target.name!r}: {target.task} ({target.reason})")
    for column in columns:
        if column.levels:
            say(f"column {column.name!r}: text, one input for each of {', '.join(column.levels)}")

    goal = Column(target.name, levels=target.classes)
    if not target.classes:
        goal = standardised(table, target.name, [target.values[i] for i in training])
    encoding = Encoding(tuple(columns), goal)
    X = [encoding.encode(row) for row in rows]
    y = list(target.values) if target.classes else [goal.encode(value)[0] for value in target.values]

    classes = len(target.classes)
    model = nn.MLP(
        len(X[0]),
        [*settings.hidden, classes if classes > 2 else 1],
        activation=settings.activation,
        output="softmax" if classes > 2 else "sigmoid" if classes else "linear",
        init="he" if "relu" in settings.activation else "xavier",
        seed=settings.seed,
    )
    model.encoding = encoding
    validation = [X[i] for i in held_out], [y[i] for i in held_out]
    history = nn.fit(
        model,
        [X[i] for i in training],
        [y[i] for i in training],
        lr=settings.lr,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        validation=validation,
        diagnose=True,
    )
    true = tuple(target.classes[int(target.values[i])] if classes else target.values[i] for i in held_out)
    predicted = tuple(_predictions(model, validation[0]))
    return Outcome(table, target, model, history, settings, len(training), true, predicted, validation)


def predict(model: nn.MLP, path: str, table: Table) -> str:
    """Return the table as CSV text with a last column of predictions; `path` is the model's, for messages."""
    if model.encoding is None:
        raise nn.ModelFileError(path, "encoding", "the columns that the net was trained on", "none")
    cells = [read_cells(table, column) for column in model.encoding.columns]
    rows = [model.encoding.encode(row) for row in zip(*cells, strict=True)]
    found = [cell if isinstance(cell, str) else repr(cell) for cell in _predictions(model, rows)]
    name = "prediction"
    while name in table.header:
        name += "_"
    body = [[*cells, cell] for cells, cell in zip(table.rows, found, strict=True)]
    return format_csv([[*table.header, name], *body])


def write(outcome: Outcome, folder: Path) -> list[str]:
    """Write model.json, history.csv, graph.svg, neuron.svg and report.html; return their names.

    All are made in a folder beside the one asked for, which gets them only when the last is complete.
    """
    example = _hardest(outcome)
    pictures = {"graph.svg": _graph(outcome, example), "neuron.svg": _neuron(outcome, example)}
    with _complete(folder) as new:
        outcome.model.save(new / "model.json")
        outcome.history.to_csv(new / "history.csv")
        for name, picture in pictures.items():
            picture.save(new / name)
        page = _report(outcome, example, [picture.svg for picture in pictures.values()], folder)
        (new / "report.html").write_text(page, encoding="utf-8", newline="\n")
        return sorted(os.listdir(new))


@contextlib.contextmanager
def _complete(folder: Path) -> Iterator[Path]:
    """Give a temporary folder whose files move into `folder` at the end, unless anything raises before."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield new
        folder.mkdir(exist_ok=True)
        for name in os.listdir(new):
            os.replace(new / name, folder / name)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _predictions(model: nn.MLP, rows: Sequence[list[float]]) -> list[Cell]:
    """Return what the net says of rows of inputs: a number, or the name of a class."""
    assert model.encoding is not None
    return [model.encoding.decode(numbers) for numbers in outputs_of(model, rows)]


def _hardest(outcome: Outcome) -> int:
    """Return which held-out row has the largest loss: there, gradients are large enough to be seen."""
    with no_grad():
        losses = [_loss(outcome, *example).data for example in zip(*outcome.held_out, strict=True)]
    return losses.index(max(losses))


def _loss(outcome: Outcome, row: Sequence[Any], target: float) -> Value:
    """Return the loss of one example as `fit` computes it."""
    logits = outcome.model.logits(row)
    if isinstance(logits, list):
        return nn.cross_entropy(logits, int(target))
    loss = nn.binary_cross_entropy_with_logits if outcome.target.classes else nn.mse_loss
    return loss(logits, target)


def _inputs(outcome: Outcome, row: Sequence[float]) -> list[Value]:
    """Return a row's inputs as leaves, named after their columns."""
    assert outcome.model.encoding is not None
    names = [
        f"{column.name} = {level}" if level else column.name
        for column in outcome.model.encoding.columns
        for level in column.levels or ("",)
    ]
    return [Value(x, label=name) for x, name in zip(row, names, strict=True)]


def _graph(outcome: Outcome, example: int) -> Graph:
    """Draw the loss of one held-out row, with the gradient of every node."""
    loss = _loss(outcome, _inputs(outcome, outcome.held_out[0][example]), outcome.held_out[1][example])
    loss.label = "loss"
    return _drawn(outcome.model, loss)


def _neuron(outcome: Outcome, example: int) -> Graph:
    """Draw a neuron, node by node: what it adds up, and how its output moves with each weight.

    It is the first hidden one that passes a gradient, for a ReLU unit at rest would show nothing but zeros.
    """
    row = outcome.held_out[0][example]
    for neuron in outcome.model.layers[0].neurons:
        output = neuron(_inputs(outcome, row))
        if any(output.partials):
            break
    return _drawn(outcome.model, output)


def _drawn(model: nn.MLP, root: Value) -> Graph:
    model.zero_grad()
    root.backward()
    return draw(root)


def _gradients(diagnoses: Sequence[nn.Diagnosis]) -> dict[str, list[float]]:
    """Return the gradient norms of the first and the last layer, after each epoch that was diagnosed."""
    ends = {"last layer": -1} if len(diagnoses[-1].layers) == 1 else {"first layer": 0, "last layer": -1}
    return {name: [diagnosis.layers[i].gradient for diagnosis in diagnoses] for name, i in ends.items()}


def _report(outcome: Outcome, example: int, pictures: Sequence[str], folder: Path) -> str:
    settings, history, target = outcome.settings, outcome.history, outcome.target
    sizes = " – ".join(map(str, (outcome.model.nin, *outcome.model.nouts)))
    name = "Held-out accuracy" if target.classes else "Held-out R²"
    pair = outcome.true[example], outcome.predicted[example]
    true, predicted = (cell if isinstance(cell, str) else f"{cell:.6g}" for cell in pair)
    captions = (
        (
            "The graph of one loss",
            f"The held-out row that the net finds hardest: {true}, predicted {predicted}. Each card holds a "
            "neuron's output and the derivative of the loss by it: blue below zero, orange above.",
        ),
        (
            "One neuron in full",
            "A hidden unit on the same row. On each edge the local derivative, in each card the product of "
            "those on the way to the output.",
        ),
    )
    return Report(
        title=f"Predicting {target.name}",
        lead=f"A net of {sizes} units learned {target.name} from {outcome.trained_on} rows of "
        f"{Path(outcome.table.path).name}. {outcome.verdict[0].upper()}{outcome.verdict[1:]}.",
        figures={
            name: f"{outcome.score:.1%}" if target.classes else f"{outcome.score:.3f}",
            "Final training loss": f"{history.loss[-1]:.3g}",
            "Final held-out loss": f"{history.validation_loss[-1]:.3g}",
            "Parameters": f"{len(outcome.model.parameters()):,}",
        },
        curves={"training": history.loss, "held out": history.validation_loss},
        classes=target.classes,
        confusion=outcome.confusion,
        points=outcome.points,
        diagnosis=history.diagnoses[-1],
        measured=[diagnosis.epoch or 0 for diagnosis in history.diagnoses],
        gradients=_gradients(history.diagnoses),
        pictures=[Picture(*caption, svg) for caption, svg in zip(captions, pictures, strict=True)],
        settings={
            "Data": f"{outcome.table.path}, {len(outcome.table.rows)} rows",
            "Task": f"{target.task} ({target.reason})",
            "Rows": f"{outcome.trained_on} to train on, {len(outcome.true)} held out",
            "Units": sizes,
            "Hidden activation": settings.activation,
            "Output": str(outcome.model.output),
            "Loss": history.loss_name.replace("_", " ") + ("" if target.classes else ", of the standardised target"),
            "Optimiser": f"Adam, learning rate {settings.lr:g}",
            "Epochs": str(settings.epochs),
            "Batch size": str(settings.batch_size),
            "Seed": str(settings.seed),
        },
        command=f"autograd-lite predict {folder / 'model.json'} data.csv",
    ).html()
