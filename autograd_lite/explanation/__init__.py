"""Why a gradient is what it is: `explain` derives it path by path, `backward_steps` walks through the pass.

`paths` finds and counts the paths, `expression` says a local derivative as its rule does, `names` and `text` spell
it all in the course's notation, in Unicode and in LaTeX.
"""

from __future__ import annotations

from autograd_lite.explanation.derivation import Explanation, Line, explain
from autograd_lite.explanation.names import Names, role_name
from autograd_lite.explanation.paths import Path
from autograd_lite.explanation.steps import Contribution, Step, backward_steps
from autograd_lite.explanation.text import Text

__all__ = ["Contribution", "Explanation", "Line", "Names", "Path", "Step", "Text", "backward_steps", "explain",
           "role_name"]  # fmt: skip
