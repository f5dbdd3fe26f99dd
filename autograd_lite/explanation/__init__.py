"""Why a gradient is what it is: `explain` derives it path by path, `backward_steps` walks through the pass.

`nudge` follows a small change to the result, and `check_answers` grades answers. Files: `derivation` (the text of
`explain`), `paths` (finds and counts them), `steps`, `nudging`, `grading` with `given` (reads an answer). Names are
spelled in `notation`.
"""

from __future__ import annotations

from autograd_lite.explanation.derivation import Explanation, Line, explain
from autograd_lite.explanation.grading import Grade, Grades, check_answers
from autograd_lite.explanation.nudging import Nudge, NudgedNode, nudge
from autograd_lite.explanation.paths import Path
from autograd_lite.explanation.steps import Contribution, Step, backward_steps
from autograd_lite.notation.names import Names, role_name
from autograd_lite.notation.text import Text

__all__ = ["Contribution", "Explanation", "Grade", "Grades", "Line", "Names", "Nudge", "NudgedNode", "Path",
           "Step", "Text", "backward_steps", "check_answers", "explain", "nudge", "role_name"]  # fmt: skip
