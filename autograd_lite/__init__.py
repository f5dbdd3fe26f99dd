"""autograd_lite: scalar reverse-mode automatic differentiation to read, to see, and to trust.

>>> import autograd_lite as ag
>>> w, x = ag.Value(2.0, label="w"), ag.Value(-1.0, label="x")
>>> y = ag.exp(w * x)
>>> y.backward()
>>> round(w.grad, 6)
-0.135335
"""

from __future__ import annotations

import builtins
from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd_lite import functions as _functions
from autograd_lite.define import define_op
from autograd_lite.engine import Value, anomaly, no_grad
from autograd_lite.functions import sum as sum
from autograd_lite.graph import topological_order
from autograd_lite.modes import group
from autograd_lite.ops import TABLE
from autograd_lite.tracing import trace

if TYPE_CHECKING:
    from autograd_lite import datasets, nn
    from autograd_lite.course import check
    from autograd_lite.derivatives import check_gradients, grad, hessian, hvp, jacobian, jvp
    from autograd_lite.drawing import draw, draw_dot
    from autograd_lite.explanation import backward_steps, check_answers, explain, nudge
    from autograd_lite.functions import *  # noqa: F403
    from autograd_lite.live import explore, step_through
    from autograd_lite.operations import *  # noqa: F403
    from autograd_lite.words import language
    from autograd_lite.worksheets import grade_csv, worksheet

__version__ = "0.1.0"

# Rooms that a program may never enter are loaded when they are first named.
_LAZY = {
    "nn": "autograd_lite.nn", "datasets": "autograd_lite.datasets",
    **{n: f"autograd_lite.derivatives:{n}" for n in ("check_gradients", "grad", "hessian", "hvp", "jacobian", "jvp")},
    **{n: f"autograd_lite.explanation:{n}"
       for n in ("backward_steps", "check_answers", "explain", "nudge")},
    "check": "autograd_lite.course:check",
    "compile": "autograd_lite.replay:compile",
    "draw": "autograd_lite.drawing:draw", "draw_dot": "autograd_lite.drawing:draw_dot",
    **{n: f"autograd_lite.live:{n}" for n in ("explore", "step_through")},
    "language": "autograd_lite.words:language",
    **{n: f"autograd_lite.worksheets:{n}" for n in ("grade_csv", "worksheet")},
}  # fmt: skip

_KIND = {name: TABLE[name].kind if name in TABLE else "function" for name in _functions.__all__ if name != "apply"}
_PUBLIC = [name for name, kind in _KIND.items() if kind != "helper"]
for _name in _PUBLIC:
    globals()[_name] = getattr(_functions, _name)

# A star import shadows no builtin (`sum`, `abs`, `pow` stay out) and brings no operator as a function.
_STARRED = [name for name in _PUBLIC if not hasattr(builtins, name) and _KIND[name] != "operator"]
__all__ = ["Value", "anomaly", "backward_steps", "check", "check_answers", "check_gradients", "datasets", "define_op",
           "draw", "draw_dot", "explain", "explore", "grad", "grade_csv", "group", "hessian", "hvp", "jacobian", "jvp",
           "language", "nn", "no_grad", "nudge", "step_through", "topological_order", "trace", "worksheet",
           *_STARRED]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}")
    module, _, attribute = _LAZY[name].partition(":")
    found = import_module(module)
    found = getattr(found, attribute) if attribute else found
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, *_PUBLIC, *_LAZY, "sum", *(name for name in globals() if name.startswith("__"))})
