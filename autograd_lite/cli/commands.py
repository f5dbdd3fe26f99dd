"""The commands and their options. Every failure is one line on standard error and exit code 2."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from importlib.resources import as_file, files
from itertools import pairwise, starmap
from pathlib import Path
from typing import Any, NoReturn

import autograd_lite
from autograd_lite import nn
from autograd_lite.checks import read_name
from autograd_lite.cli import job
from autograd_lite.cli.expressions import expression_of, find
from autograd_lite.cli.gaps import WAYS
from autograd_lite.cli.outcome import Prepared
from autograd_lite.cli.teaching import add_commands, whole_number
from autograd_lite.csv_files import Table, read_number, read_table
from autograd_lite.drawing import draw
from autograd_lite.drawing.palette import PALETTES
from autograd_lite.drawing.scene import FONT_SIZE
from autograd_lite.harmless import safe
from autograd_lite.live import explore
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.notation.text import number
from autograd_lite.words import language, languages

PROGRAM = "autograd-lite"
HIDDEN = [name for name in ACTIVATIONS if name != "softmax"]
OF_EXPRESSIONS = ("draw", "explore", "explain", "steps", "nudge", "worksheet", "grade")
TASKS = ("classification", "regression")
_OPTION = re.compile(r"--($|[a-z])|-[oh]$|-o.*\.[a-z]")  # and no expression


class Parser(argparse.ArgumentParser):
    """A parser that reports a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {_line(message)}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0, 2 after an error, 130 after Ctrl-C.

    >>> main(["predict", "no-such-model.json", "data.csv"])
    2
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # the same text on every system: encodings of Windows lack σ and ∂
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = _parsed(_readable(sys.argv[1:] if argv is None else list(argv)))
    before = language()
    try:
        language(getattr(arguments, "language", before))
        with warnings.catch_warnings():
            warnings.showwarning = _warn
            arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError, ArithmeticError, ImportError) as error:
        print(f"{PROGRAM}: {_line(error)}", file=sys.stderr)
        return 2
    finally:
        language(before)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line: one sub-parser for each command, whose `run` carries it out."""
    top = Parser(prog=PROGRAM, description="Train small nets, and see every derivative in them.")
    top.add_argument("--version", action="version", version=f"{PROGRAM} {autograd_lite.__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None], help: str, **defaults: Any) -> Callable[..., Any]:
        added = commands.add_parser(name, help=help)
        added.set_defaults(run=run, **defaults)
        if name in (*OF_EXPRESSIONS, "playground"):
            added.add_argument(
                "--language", default="en", metavar="|".join(languages()), help="of its words, default: en"
            )
        return added.add_argument

    add = command("demo", run_train, "train on built-in data (iris): net, pictures and report",
                  data=None, target="species", task=None, drop=(), missing=None)  # fmt: skip
    _add_training_options(add, Path("autograd-lite-demo"))

    add = command("train", run_train, "train on a CSV file: net, pictures and report")
    add("data", help="a CSV file with a header line")
    add("--target", required=True, metavar="COLUMN", help="the column to predict")
    _add_reading(add)
    _add_training_options(add)

    add = command("predict", run_predict, "apply a trained net to a CSV file; writes CSV to standard output")
    add("model", help="the model.json that demo or train wrote")
    add("data", help="a CSV file with the columns that the net was trained on")

    add = command("draw", run_draw, "draw an expression with its values and derivatives")
    _add_expression(add)
    add("-o", "--out", default="graph.svg", metavar="FILE", help=".svg .png .pdf .dot .mmd .html or .tex")
    add("--blank", type=lambda text: text.split(","), default=[], metavar="z,w", help="leave numbered gaps there")
    add("--wrt", metavar="NAME", help="light up the paths from this variable")
    add("--theme", choices=list(PALETTES), default="light", help="default: light")
    add("--title", default="", help="above the picture")
    add("--font-size", type=partial(whole_number, most=100), default=FONT_SIZE, metavar="N", help="in points")
    add("--no-legend", dest="legend", action="store_false", help="leave the legend out")

    add = command("explore", run_explore, "make a page in which every number of an expression can be dragged")
    _add_expression(add)
    add("--wrt", metavar="NAME", help="the variable that is chosen first")
    add("-o", "--out", default="page.html", metavar="FILE", help="a name that ends in .html, default: page.html")

    add = command("playground", run_playground, "make a page that trains a net, on drawn data or a CSV file", epochs=0)
    add("data", nargs="?", help="a CSV file with a header line; without one the page draws its data")
    add("--target", metavar="COLUMN", help="the column to predict")
    _add_reading(add)
    _add_settings(add, "6,4")
    add("-o", "--out", default="playground.html", metavar="FILE", help="a name that ends in .html")

    add_commands(command, _add_expression)
    return top


def _add_reading(add: Callable[..., Any]) -> None:
    add("--task", type=partial(read_name, known=TASKS), choices=TASKS, help="default: chosen by the target")
    add("--drop", action="append", default=[], metavar="COLUMN", help="leave a column out")
    add("--missing", choices=WAYS, help="rows with missing cells: leave them out, or fill in the column's mean")


def _add_training_options(add: Callable[..., Any], out: Path | None = None) -> None:
    add("--out", type=Path, default=out, metavar="DIR", help="the folder to write to")
    add("--epochs", type=_count, default=50, metavar="N", help="default: 50")
    _add_settings(add, "16,16")


def _add_settings(add: Callable[..., Any], hidden: str) -> None:
    add("--hidden", type=_sizes, default=_sizes(hidden), metavar=hidden, help="units of the hidden layers; 0 for none")
    add("--activation", type=partial(read_name, known=HIDDEN), choices=HIDDEN, default="relu",
        help="of the hidden layers")  # fmt: skip
    add("--lr", type=_rate, default=0.01, metavar="RATE", help="Adam's learning rate, default: 0.01")
    add("--batch-size", type=_count, default=16, metavar="N", help="rows a step, default: 16")
    add("--seed", type=int, default=0, metavar="S", help="of the weights and the split, default: 0")


def _add_expression(add: Callable[..., Any]) -> None:
    add("expression", help='such as "relu(w*x + b)" or "z = w*x + b; a = relu(z)"')
    add("variables", nargs="*", metavar="name=number", help="such as w=2 x=-1 b=0.5")


def run_train(arguments: argparse.Namespace) -> None:
    """Train on a CSV file, or on the irises that ship with the package, and write the files."""
    with as_file(files("autograd_lite.datasets").joinpath("iris.csv")) as irises:
        table = read_table(arguments.data) if arguments.data else replace(read_table(irises), path="iris.csv")
    out: Path = arguments.out or Path(f"{Path(table.path).stem}-model")
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(out))  # better now than after training
    prepared, settings = _prepared(table, arguments), _settings(arguments)
    if not arguments.out:
        _refuse_another_net(out / "model.json", prepared.encoding.target.name)
    outcome = job.train(prepared, settings)
    print(outcome.verdict)
    for name in job.write(outcome, out):
        print(f"wrote {out / name}")


def _refuse_another_net(path: Path, target: str) -> None:
    """Raise FileExistsError where the folder that is chosen by itself has the net of another target."""
    try:
        encoding = nn.load(path).encoding
    except (OSError, ValueError, AttributeError):  # none, or one that is replaced as before
        return
    if encoding is not None and encoding.target.name != target:
        found = f"a net that predicts {encoding.target.name} is there; choose another folder by --out"
        raise FileExistsError(errno.EEXIST, found, str(path))


def _prepared(table: Table, arguments: argparse.Namespace) -> Prepared:
    return job.prepare(table, arguments.target, arguments.seed, arguments.task, arguments.drop, arguments.missing)


def _settings(arguments: argparse.Namespace) -> job.Settings:
    return job.Settings(**{field.name: getattr(arguments, field.name) for field in fields(job.Settings)})


def run_predict(arguments: argparse.Namespace) -> None:
    """Print the rows of a CSV file with a last column of predictions."""
    model = nn.load(arguments.model)
    if not isinstance(model, nn.MLP):
        raise nn.ModelFileError(arguments.model, "format", "a net that train wrote", "the parameters of a Module")
    text = job.predict(model, arguments.model, read_table(arguments.data))
    if isinstance(sys.stdout, io.TextIOWrapper):  # the same bytes on every system
        sys.stdout.reconfigure(newline="")
    sys.stdout.write(text)


def run_draw(arguments: argparse.Namespace) -> None:
    """Draw an expression after a backward pass."""
    expression = expression_of(arguments)
    expression.value.backward()
    wrt = arguments.wrt and find(expression, arguments.wrt)
    picture = draw(expression.value, wrt=wrt, blank=arguments.blank, theme=arguments.theme, title=arguments.title,
                   font_size=arguments.font_size, legend=arguments.legend)  # fmt: skip
    picture.save(arguments.out)
    numbers = [f"value = {number(expression.value.data).text}"]
    numbers += [f"d/d{name} = {number(leaf.grad).text}" for name, leaf in expression.leaves.items()]
    said = "" if arguments.blank else f"{', '.join(numbers)}; "  # they may be what a gap asks for
    print(f"{said}wrote {arguments.out}")


def run_explore(arguments: argparse.Namespace) -> None:
    """Write the live page of an expression."""
    expression = expression_of(arguments)
    explore(expression.value, arguments.wrt and find(expression, arguments.wrt)).save(arguments.out)
    print(f"wrote {arguments.out}")


def run_playground(arguments: argparse.Namespace) -> None:
    """Write the page that trains a net, on data that it draws or on a CSV file."""
    settings = _settings(arguments)
    if arguments.data is None:
        if arguments.target or arguments.task or arguments.drop or arguments.missing:
            raise ValueError(
                "playground: --target, --task, --drop and --missing belong to a CSV file: name it before them"
            )
        model = job.net(2, 2, settings)
        page = nn.playground(model, lr=settings.lr, batch_size=settings.batch_size, seed=settings.seed)
    else:
        if arguments.target is None:
            raise ValueError("playground: expected --target COLUMN, the column to predict")
        data = _prepared(read_table(arguments.data), arguments)
        page = job.playground(job.untrained(data, settings), data, settings)
    page.save(arguments.out)
    print(f"wrote {arguments.out}")


_count = partial(whole_number, most=1_000_000)


def _rate(text: str) -> float:
    rate = read_number(text)
    if rate is None or rate <= 0.0:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return rate


def _sizes(text: str) -> tuple[int, ...]:
    if re.fullmatch(r"\d+([x-]\d+)+", text):
        raise argparse.ArgumentTypeError(
            f"expected commas between the layers, {re.sub('[x-]', ',', text)}; got {text!r}"
        )
    return () if text == "0" else tuple(_count(size.strip()) for size in text.split(","))


def _readable(argv: list[str]) -> list[str]:
    """Put a space before an expression such as `-x` and a step such as `-1/10`, which are not options."""

    def read(before: str, text: str) -> str:
        return f" {text}" if text.startswith("-") and (before == "--by" or not _OPTION.match(text)) else text

    return [*starmap(read, pairwise(["", *argv]))] if argv and argv[0] in OF_EXPRESSIONS else argv


def _parsed(argv: list[str]) -> argparse.Namespace:
    """Read the arguments of a command; numbers may stand before and behind its options."""
    top = parser()
    if argv and argv[0].startswith("--") and argv[0] not in ("--help", "--version"):
        top.error(f'write {argv[0]} behind the command, as in draw --theme dark "w*x" w=2 x=3')
    arguments, left = top.parse_known_args(argv)
    if "variables" in arguments and not any(text.startswith("-") for text in left):
        arguments.variables += left
    elif left:
        top.error(f"unrecognized arguments: {' '.join(left)}")
    return arguments


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as errors are printed, without a line of Python."""
    print(f"{PROGRAM}: {_line(message)}", file=sys.stderr)


def _line(error: object) -> str:
    """Return an error as one harmless line: it may quote texts of the user."""
    if isinstance(error, OSError) and error.filename is not None:
        error = f"{error.filename}: {error.strerror}"
    return safe(" ".join(str(error).split()), None)
