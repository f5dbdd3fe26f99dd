"""The main job: a table in; a trained net, its history, two pictures and a report out."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograd_lite import nn
from autograd_lite.cli.features import Cell, read_cells, read_features, read_target, split, standardised
from autograd_lite.cli.outcome import Outcome, Settings
from autograd_lite.cli.pictures import pictures
from autograd_lite.cli.report import report
from autograd_lite.cli.tables import Table, format_csv
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.nn.training_steps import outputs_of

__all__ = ["Settings", "predict", "train", "write"]


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
    drawn = pictures(outcome)
    with _complete(folder) as new:
        outcome.model.save(new / "model.json")
        outcome.history.to_csv(new / "history.csv")
        for picture in drawn:
            picture.graph.save(new / picture.file)
        page = report(outcome, drawn, f"autograd-lite predict {folder / 'model.json'} data.csv")
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
