"""The commands for a lecture: derivations, steps, nudges, worksheets and their grading, of an expression."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from autograd_lite.cli.expressions import expression_of, find, typed_number, why_not_typed
from autograd_lite.drawing import draw
from autograd_lite.explanation import backward_steps, explain, nudge
from autograd_lite.files import write_atomically
from autograd_lite.live import step_through
from autograd_lite.worksheets import grade_csv, worksheet

__all__ = ["add_commands", "whole_number"]

Run = Callable[[argparse.Namespace], None]
MOST = 10_000  # worksheets at once


def add_commands(command: Callable[..., Callable[..., Any]], add_expression: Callable[..., None]) -> None:
    """Add these commands to the parser; `command` makes one and returns its `add_argument`."""
    add = command("explain", run_explain, "derive a derivative of an expression by the chain rule")
    add_expression(add)
    add("--wrt", required=True, metavar="NAME", help="the variable to differentiate by")
    add("--latex", dest="form", action="store_const", const="latex", default="", help="as LaTeX")
    add("--markdown", dest="form", action="store_const", const="markdown", help="as Markdown with formulas")
    add("--frames", action="store_true", help="every state of it, from the first term to the result")
    add("-o", "--out", metavar="FILE", help=".tex (as LaTeX), .md (as Markdown) or .txt")

    add = command("steps", run_steps, "go through the backward pass of an expression, node by node")
    add_expression(add)
    add("--json", dest="form", action="store_const", const="json", default="", help="as JSON")
    add("--csv", dest="form", action="store_const", const="csv", help="as CSV")
    add("-o", "--out", metavar="FILE", help=".json, .csv, .txt, or .html: the page to step through")

    add = command("nudge", run_nudge, "change a variable of an expression a little, and see what moves")
    add_expression(add)
    add("--wrt", required=True, metavar="NAME", help="the variable to change")
    add("--by", type=_number, default=0.01, metavar="STEP", help="default: 0.01")
    add("-o", "--out", metavar="FILE", help="draw it, too: .svg .png .pdf .dot .mmd .html or .tex")

    add = command("worksheet", run_worksheet, "make worksheets on the backward pass of an expression, and their keys")
    add("expression", help='such as "relu(w*x + b)"; a sheet draws its numbers itself')
    add("numbers", nargs="*", help=argparse.SUPPRESS)
    _add_sheet(add)
    add("--count", type=partial(whole_number, most=MOST), default=1, metavar="N", help="so many: seeds S, S+1, …")
    add("-o", "--out", default="sheet.html", metavar="FILE", help=".html .md .tex or .pdf, default: sheet.html")

    add = command("grade", run_grade, "grade a CSV file of answers to worksheets of an expression")
    add("expression", help="as it was typed for the worksheets")
    add("answers", nargs="+", metavar="answers.csv", help="a line for each student, the blanks' numbers as a head")
    _add_sheet(add)
    add("--no-hints", action="store_true", help="verdicts alone")
    add("--follows", action="store_true", help="count an answer that follows from an earlier mistake as right")
    add("-o", "--out", metavar="FILE", help="a CSV file of the scores, the verdicts and the hints")


def _add_sheet(add: Callable[..., Any]) -> None:
    add("--seed", type=int, default=0, metavar="S", help="of the numbers and the blanks, default: 0")
    add("--blanks", type=partial(whole_number, most=10_000), metavar="N", help="how many blanks a sheet has")


def run_explain(arguments: argparse.Namespace) -> None:
    """Derive the derivative of an expression by one of its variables."""
    expression = expression_of(arguments)
    derived = explain(expression.value, wrt=find(expression, arguments.wrt))
    form = arguments.form or _form(arguments.out, {".tex": "latex", ".md": "markdown", ".txt": "text"}, "text")
    states: Sequence[Any] = derived.frames if arguments.frames else [derived]
    texts = [str(getattr(state, form, state)) for state in states]
    _give("\n\n".join(texts), arguments.out)


def run_steps(arguments: argparse.Namespace) -> None:
    """Go through the backward pass of an expression."""
    expression = expression_of(arguments)
    steps = backward_steps(expression.value)
    form = arguments.form or _form(arguments.out, {f".{kind}": kind for kind in ("json", "csv", "txt", "html")}, "txt")
    if form == "html":
        step_through(expression.value).save(arguments.out)
        print(f"wrote {arguments.out}")
    else:
        data = {"json": steps.to_json, "csv": steps.to_csv}
        _give(data[form]() if form in data else "\n".join(map(str, steps)), arguments.out)


def run_nudge(arguments: argparse.Namespace) -> None:
    """Follow a small change of a variable to the result."""
    expression = expression_of(arguments)
    moved = nudge(expression.value, find(expression, arguments.wrt), arguments.by)
    print(moved)
    if arguments.out:
        draw(moved).save(arguments.out)
        print(f"wrote {arguments.out}")


def run_worksheet(arguments: argparse.Namespace) -> None:
    """Write worksheets and their keys; of several, each has its seed in its name."""
    if arguments.numbers:
        raise ValueError(f"worksheet: a sheet draws its numbers itself, others for each --seed; leave "
                         f"{' '.join(arguments.numbers)} out")  # fmt: skip
    expression = expression_of(arguments, otherwise=1.0)
    out = Path(arguments.out)
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        file = out if arguments.count == 1 else out.with_name(f"{out.stem}-{seed}{out.suffix}")
        sheet = worksheet(expression.value, seed, arguments.blanks)
        out.parent.mkdir(exist_ok=True)
        key = sheet.save(file)
        if arguments.count == 1:
            print(f"wrote {file} and {key}")
    if arguments.count > 1:
        first, last = (f"{out.stem}-{seed}{out.suffix}" for seed in (arguments.seed, seed))
        where = "" if out.parent == Path() else f" to {out.parent}"
        print(f"wrote {arguments.count:,} sheets and their keys{where}: {first} to {last}")


def run_grade(arguments: argparse.Namespace) -> None:
    """Grade tables of answers."""
    expression = expression_of(arguments, otherwise=1.0)
    grades = grade_csv(expression.value, arguments.answers, arguments.out, arguments.blanks, arguments.seed,
                       not arguments.no_hints, arguments.follows)  # fmt: skip
    print(grades)
    if arguments.out:
        print(f"wrote {arguments.out}")


def _form(out: str | None, known: dict[str, str], otherwise: str) -> str:
    """Return the form that the name of a file asks for."""
    if out is None:
        return otherwise
    found = known.get(Path(out).suffix.lower())
    if found is None:
        raise ValueError(f"{out!r}: expected a name that ends in {' '.join(known)}")
    return found


def _give(text: str, out: str | None) -> None:
    """Print a text, or write it to a file."""
    if out is None:
        print(text.removesuffix("\n"))
    else:
        write_atomically(out, text.removesuffix("\n") + "\n")
        print(f"wrote {out}")


def whole_number(text: str, most: int) -> int:
    """Read an argument that counts something."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:10]) <= most:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {most}, got {text!r}")
    return int(text)


def _number(text: str) -> float:
    number = typed_number(text)
    if number is None:
        raise argparse.ArgumentTypeError(why_not_typed(text.strip()))
    return number
