"""The main job: from a table to a trained net, its history, two pictures and a report."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_lite import nn
from autograd_lite.cli.commas import with_points
from autograd_lite.cli.features import read_cells, read_features, read_target, split, standardised
from autograd_lite.cli.gaps import counts_rows, drop_rows, fill
from autograd_lite.cli.outcome import Outcome, Prepared, Settings
from autograd_lite.cli.pictures import pictures
from autograd_lite.cli.report import report
from autograd_lite.csv_files import Table, format_csv
from autograd_lite.nn.encoding import Column, Encoding

__all__ = ["Settings", "predict", "train", "write"]


def prepare(table: Table, target_name: str, seed: int, task: str | None, dropped: Sequence[str],
            missing: str | None) -> Prepared:  # fmt: skip
    """Read a table for a net that predicts one column from the others, with 30 % of the rows held out.

    `missing` is what becomes of rows with missing cells: "drop", "mean" to fill them in, or None for an error.
    """
    for name in dropped:
        table.index(name)
    names = [name for name in table.header if name != target_name and name not in dropped]
    table = drop_rows(table, [target_name] if missing == "mean" else [target_name, *names], missing)
    table, notes = with_points(table, [target_name, *names])
    target = read_target(table, target_name, task)
    if not names:
        raise table.error(f"no column is left to predict {target_name!r} from")
    training, held_out = split(target, seed)
    if not held_out:
        raise table.error(f"{len(table.rows)} rows are too few to hold some out; expected two or more of each class")
    table = fill(table, names, training)
    columns, cells = read_features(table, names, training)

    for note in notes:
        print(note)
    print(f"{table.path}: {len(table.rows)} rows, {len(training)} to train on, {len(held_out)} held out")
    print(f"target {target.name!r}: {target.task} ({target.reason})")
    for column in columns:
        codes = [] if column.levels else [c for c in table.cells(column.name) if re.fullmatch("0[0-9]+", c.strip())]
        if codes:
            read = f"{codes[0].strip()} is read as the number {float(codes[0]):g}"
            print(f"column {column.name!r}: {read}; if it is a code: --drop {column.name!r}")
        if not column.levels and len(table.rows) > 2 and counts_rows(table.cells(column.name)):
            print(f"column {column.name!r}: counts the rows, and is an input; if it is no more than that: --drop"
                  f" {column.name!r}")  # fmt: skip
        if column.levels:
            print(f"column {column.name!r}: text, one input for each of {', '.join(column.levels)}")

    goal = Column(target.name, levels=target.classes)
    if not target.classes:
        goal = standardised(table, target.name, [target.values[i] for i in training])
    encoding = Encoding(tuple(columns), goal)
    X = [encoding.encode(row) for row in cells]
    y = [value if target.classes else goal.encode(value)[0] for value in target.values]
    examples, tests = (([X[i] for i in rows], [y[i] for i in rows]) for rows in (training, held_out))
    true = [target.classes[int(target.values[i])] if target.classes else target.values[i] for i in held_out]
    return Prepared(table, target, encoding, examples, tests, true)


def train(data: Prepared, settings: Settings) -> Outcome:
    """Train a net on the rows of a table."""
    model = untrained(data, settings)
    history = nn.fit(
        model, *data.examples, lr=settings.lr, epochs=settings.epochs, batch_size=settings.batch_size,
        seed=settings.seed, validation=data.held_out, diagnose=True,
    )  # fmt: skip
    predicted = map(data.encoding.decode, nn.predict(model, data.held_out[0]))
    answers = tuple(zip(data.true, predicted, strict=True))
    return Outcome(data.table, data.target, model, history, settings, data.examples, data.held_out, answers)


def playground(model: nn.MLP, data: Prepared | Outcome, settings: Settings) -> Any:
    """Return the page that trains a net on the rows of a table by itself."""
    return nn.playground(model, *data.examples, lr=settings.lr, batch_size=settings.batch_size, seed=settings.seed,
                         validation=data.held_out)  # fmt: skip


def untrained(data: Prepared, settings: Settings) -> nn.MLP:
    """Return an untrained net for the target, with the columns that it reads."""
    model = net(len(data.examples[0][0]), len(data.target.classes), settings)
    model.encoding = data.encoding
    return model


def net(inputs: int, classes: int, settings: Settings) -> nn.MLP:
    """Return an untrained net for so many classes, or for a number if there are none."""
    output = "softmax" if classes > 2 else "sigmoid" if classes else "linear"
    init = "he" if "relu" in settings.activation else "xavier"
    widths = [*settings.hidden, classes if classes > 2 else 1]
    return nn.MLP(inputs, widths, settings.activation, output, init, seed=settings.seed)


def predict(model: nn.MLP, path: str, table: Table) -> str:
    """Return the table as CSV text with a last column of predictions, in the spelling of its own numbers.

    `path` is the model's, for messages.
    """
    if model.encoding is None:
        raise nn.ModelFileError(path, "encoding", "the columns that the net was trained on", "none")
    numbers, notes = with_points(table, [column.name for column in model.encoding.columns])
    for note in notes:
        print(note, file=sys.stderr)
    columns = [read_cells(numbers, column) for column in model.encoding.columns]
    inputs = [model.encoding.encode(row) for row in zip(*columns, strict=True)]
    name = "prediction"
    while name in table.header:
        name += "_"
    cells = map(model.encoding.decode, nn.predict(model, inputs))
    point = "." if numbers is table else ","
    predictions = (cell if isinstance(cell, str) else repr(cell).replace(".", point) for cell in cells)
    rows = ([*row, prediction] for row, prediction in zip(table.rows, predictions, strict=True))
    return format_csv([[*table.header, name], *rows], table.delimiter)


def write(outcome: Outcome, folder: Path) -> list[str]:
    """Write model.json, history.csv, graph.svg, neuron.svg, playground.html and report.html; return their names.

    Data or a net that are too large for a page have none to train in.
    """
    drawn = pictures(outcome)
    try:
        live = playground(outcome.model, outcome, outcome.settings)
    except ValueError as too_large:
        print(f"no playground.html: {too_large}")
        live = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:  # it names the folder that is made first, under another name
        raise OSError(error.errno, f"no folder can be made there ({error.strerror}); choose another by --out",
                      os.fspath(folder)) from None  # fmt: skip
    try:  # the files move into the folder when all of them are complete
        outcome.model.save(new / "model.json")
        outcome.history.to_csv(new / "history.csv")
        for picture in drawn:
            picture.graph.save(new / picture.file)
        if live is not None:
            live.save(new / "playground.html")
        command = f"autograd-lite predict {folder / 'model.json'} data.csv"
        page = report(outcome, drawn, command, "" if live is None else "playground.html")
        (new / "report.html").write_text(page, encoding="utf-8", newline="\n")
        folder.mkdir(exist_ok=True)
        names = sorted(os.listdir(new))
        for name in names:
            os.replace(new / name, folder / name)
        return names
    finally:
        shutil.rmtree(new, ignore_errors=True)
