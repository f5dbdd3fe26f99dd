"""Scalar mathematics on floats that never raises: every result is IEEE-754's, as in PyTorch, NumPy and C.

Python's own `math` raises where a tensor library returns inf or nan (`exp(710)`, `log(0)`, `1/0`), and
`(-8.0) ** (1/3)` is a complex number. `ieee` holds the primitives, `accurate` the formulas made of them, `lists` the
functions of any number of operands.
"""

from autograd_lite.numerics import accurate, ieee, lists
from autograd_lite.numerics.accurate import *  # noqa: F403
from autograd_lite.numerics.ieee import *  # noqa: F403
from autograd_lite.numerics.lists import *  # noqa: F403

__all__: list[str] = []
__all__ += ieee.__all__
__all__ += accurate.__all__
__all__ += lists.__all__
