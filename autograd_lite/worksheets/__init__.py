"""Worksheets: exercises on the backward pass with easy numbers, their pictures and keys, and marking them.

`exercise` draws the numbers, `choice` the blanks, `sheet` puts both together, `writing` and `paper` write it, `marking`
compares answers with it, `classes` does so for a table of them.
"""

from __future__ import annotations

from autograd_lite.worksheets.classes import ClassGrades, grade_csv
from autograd_lite.worksheets.sheet import Blank, Worksheet, worksheet

__all__ = ["Blank", "ClassGrades", "Worksheet", "grade_csv", "worksheet"]
