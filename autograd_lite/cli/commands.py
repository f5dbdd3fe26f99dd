"""The commands and their options; whatever goes wrong is one line on standard error and exit code 2."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import NoReturn

from autograd_lite import nn
from autograd_lite.cli import job
from autograd_lite.cli.expressions import Expression, ExpressionError, normal, read_expression
from autograd_lite.cli.tables import Table, number, read_table, why_not_number
from autograd_lite.drawing import draw
from autograd_lite.explanation import explain
from autograd_lite.harmless import safe
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.nn.spelling import read_name

PROGRAM = "autograd-lite"
HIDDEN_ACTIVATIONS = [name for name in ACTIVATIONS if name != "softmax"]
TASKS = ("classification", "regression")
EXPRESSION_COMMANDS = ("draw", "explain")


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {_line(message)}; see {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0, 2 after an error, 130 after Ctrl-C.

    >>> main(["predict", "no-such-model.json", "data.csv"])
    2
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # the same text on every system: a file of Windows knows no σ, no ∂
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = parser().parse_args(_with_expression(sys.argv[1:] if argv is None else list(argv)))
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (ValueError, OSError, ArithmeticError, ImportError) as error:
        print(f"{PROGRAM}: {_line(error)}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line: one sub-parser a command, whose `run` carries it out."""
    top = Parser(prog=PROGRAM, description="Train small nets, and see every derivative in them.")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    command = commands.add_parser("demo", help="train on built-in data (iris): net, pictures and report")
    _add_training_options(command)
    command.set_defaults(run=run_demo, out=Path("autograd-lite-demo"))

    command = commands.add_parser("train", help="train on a CSV file: net, pictures and report")
    command.add_argument("data", help="a CSV file with a header line")
    command.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    command.add_argument("--task", type=_spelled(TASKS), choices=TASKS, help="default: chosen by the target")
    command.add_argument("--drop", action="append", default=[], metavar="COLUMN", help="leave a column out")
    _add_training_options(command)
    command.set_defaults(run=run_train, out=None)

    command = commands.add_parser("predict", help="apply a trained net to a CSV file; writes CSV to standard output")
    command.add_argument("model", help="the model.json that demo or train wrote")
    command.add_argument("data", help="a CSV file with the columns that the net was trained on")
    command.set_defaults(run=run_predict)

    command = commands.add_parser("draw", help="draw an expression with its values and derivatives")
    _add_expression_arguments(command)
    command.add_argument("-o", "--out", default="graph.svg", metavar="FILE", help=".svg .png .pdf .dot .mmd or .html")
    command.set_defaults(run=run_draw)

    command = commands.add_parser("explain", help="derive a derivative of an expression by the chain rule")
    _add_expression_arguments(command)
    command.add_argument("--wrt", required=True, metavar="NAME", help="the variable to differentiate by")
    command.set_defaults(run=run_explain)
    return top


def run_demo(arguments: argparse.Namespace) -> None:
    """Train on the irises that ship with the package."""
    with as_file(files("autograd_lite.datasets").joinpath("iris.csv")) as path:
        table = replace(read_table(path), path="iris.csv")
    _train_and_write(table, "species", arguments)


def run_train(arguments: argparse.Namespace) -> None:
    """Train on a CSV file."""
    arguments.out = arguments.out or Path(f"{Path(arguments.data).stem}-model")
    _train_and_write(read_table(arguments.data), arguments.target, arguments, arguments.task, arguments.drop)


def run_predict(arguments: argparse.Namespace) -> None:
    """Print a CSV file's rows with a last column of predictions."""
    model = nn.load(arguments.model)
    text = job.predict(model, arguments.model, read_table(arguments.data))
    if isinstance(sys.stdout, io.TextIOWrapper):  # the same bytes on every system
        sys.stdout.reconfigure(newline="")
    sys.stdout.write(text)


def run_draw(arguments: argparse.Namespace) -> None:
    """Draw an expression after a backward pass."""
    expression = _read(arguments)
    expression.value.backward()
    draw(expression.value).save(arguments.out)
    gradients = "".join(f", d/d{name} = {leaf.grad:.6g}" for name, leaf in expression.leaves.items())
    print(f"value = {expression.value.data:.6g}{gradients}; wrote {arguments.out}")


def run_explain(arguments: argparse.Namespace) -> None:
    """Derive the derivative of an expression by one of its variables."""
    expression = _read(arguments)
    if arguments.wrt not in expression.leaves:
        known = ", ".join(expression.leaves) or "none"
        raise ValueError(f"--wrt {arguments.wrt!r}: no such variable in the expression; it has {known}")
    print(explain(expression.value, wrt=expression.leaves[arguments.wrt]))


def _train_and_write(
    table: Table,
    target: str,
    arguments: argparse.Namespace,
    task: str | None = None,
    dropped: Sequence[str] = (),
) -> None:
    out: Path = arguments.out
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(out))  # better now than after training
    names = ("hidden", "activation", "epochs", "lr", "batch_size", "seed")
    settings = job.Settings(**{name: getattr(arguments, name) for name in names})
    outcome = job.train(table, target, settings, task, dropped)
    print(outcome.verdict)
    for name in job.write(outcome, out):
        print(f"wrote {out / name}")


def _read(arguments: argparse.Namespace) -> Expression:
    """Read an expression and its `name=number` arguments."""
    variables: dict[str, float] = {}
    for assignment in arguments.variables:
        name, equals, text = assignment.partition("=")
        name, value = normal(name.strip()), number(text)
        if not equals or not name.isidentifier():
            raise ExpressionError(f"{assignment!r}: expected name=number, such as x=2.5")
        if value is None:
            raise ExpressionError(f"{assignment!r}: {why_not_number(text)}")
        if name in variables:
            raise ExpressionError(f"{assignment!r}: {name!r} is given twice")
        variables[name] = value
    expression = read_expression(arguments.expression, variables)
    for name in variables.keys() - expression.leaves.keys():
        print(f"{PROGRAM}: note: {name!r} does not occur in the expression", file=sys.stderr)
    return expression


def _add_training_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, metavar="DIR", help="the folder to write to")
    command.add_argument(
        "--hidden",
        type=_sizes,
        default=(16, 16),
        metavar="16,16",
        help="units of the hidden layers; 0 for none",
    )
    command.add_argument("--activation", type=_spelled(HIDDEN_ACTIVATIONS), choices=HIDDEN_ACTIVATIONS,
                         default="relu", help="of the hidden layers")  # fmt: skip
    command.add_argument("--epochs", type=_count, default=50, metavar="N", help="default: 50")
    command.add_argument("--lr", type=_rate, default=0.01, metavar="RATE", help="Adam's learning rate, default: 0.01")
    command.add_argument("--batch-size", type=_count, default=16, metavar="N", help="rows a step, default: 16")
    command.add_argument("--seed", type=int, default=0, metavar="S", help="of the weights and the split, default: 0")


def _add_expression_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("expression", help='such as "relu(w*x + b)"')
    command.add_argument("variables", nargs="*", metavar="name=number", help="such as w=2 x=-1 b=0.5")


def _spelled(known: Sequence[str]) -> Callable[[str], str]:
    """Return what reads one of the known names, spelled as it is printed ("ReLU") or typed ("relu")."""
    return lambda text: read_name(text, known)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 1000000, got {text!r}")
    return int(text)


def _rate(text: str) -> float:
    rate = number(text)
    if rate is None or rate <= 0.0:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return rate


def _sizes(text: str) -> tuple[int, ...]:
    return () if text == "0" else tuple(_count(size.strip()) for size in text.split(","))


def _with_expression(argv: list[str]) -> list[str]:
    """Keep an expression such as `-x` from being taken for an option, by a blank before it."""
    if (
        len(argv) > 1
        and argv[0] in EXPRESSION_COMMANDS
        and argv[1] not in ("-h", "--help", "-o", "--out")
        and argv[1].startswith("-")
    ):
        return [argv[0], " " + argv[1], *argv[2:]]
    return argv


def _line(error: object) -> str:
    """Say what went wrong in one line, whatever the texts of the user that are quoted in it."""
    if isinstance(error, OSError) and error.filename is not None:
        error = f"{error.filename}: {error.strerror}"
    return safe(" ".join(str(error).split()), None)
