"""A class of 200: a worksheet for each student, with its picture and its key in files, and all answers graded."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import autograd_lite as ag
from autograd_lite import Value
from tests.benchmarks.program import Program

STUDENTS, BLANKS = 200, 8


def neuron() -> Value:
    w, b, x = Value(2.0, label="w"), Value(0.5, label="b"), Value(-1.0, label="x")
    z = w * x + b
    z.label = "z"
    return z.sigmoid()


def sheets() -> Program:
    out, folder = neuron(), TemporaryDirectory()

    def step() -> set[str]:
        for seed in range(STUDENTS):
            ag.worksheet(out, seed, blanks=BLANKS).save(Path(folder.name) / f"sheet-{seed}.html")
        return {path.read_text(encoding="utf-8") for path in Path(folder.name).iterdir()}

    return Program(step, lambda: [len(step()) / 2.0])  # a sheet and a key each, all different


def grading() -> Program:
    out, folder = neuron(), TemporaryDirectory()
    numbers = ",".join(map(str, range(1, BLANKS + 1)))
    lines = [f"student {seed},{seed},{','.join(['0.25'] * BLANKS)}" for seed in range(STUDENTS)]
    text = "\n".join([f"name,sheet,{numbers}", *lines, ""])

    def step() -> list[str]:
        answers, grades = Path(folder.name) / "answers.csv", Path(folder.name) / "grades.csv"
        answers.write_text(text, encoding="utf-8")
        ag.grade_csv(out, answers, grades, blanks=BLANKS)
        return grades.read_text(encoding="utf-8").splitlines()

    return Program(step, lambda: [len(step()) - 1.0])  # below its head, a line a student
