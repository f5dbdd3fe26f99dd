"""Derivatives without a trace on the graph: grad, jacobian, hessian; and checks of them by finite differences.

`grad` is `Value.backward` with the gradients in a table of its own; on Values instead of floats, the same rows
give derivatives of derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from autograd_lite import flow, functions
from autograd_lite.checks import instance, is_number
from autograd_lite.coerce import number_of, to_float
from autograd_lite.engine import Value
from autograd_lite.flow import gradients
from autograd_lite.functions import derivatives_as_values
from autograd_lite.modes import AS_VALUES, describe, on_differentiated, open_modes, recorded
from autograd_lite.notation.text import minus, number
from autograd_lite.tables import Rows, Tabular
from autograd_lite.view import View


def _root(out: Any, call: str) -> Value:
    hint = "call the function first: ag.grad(f(x), x)" if callable(out) else "pass the Value to differentiate"
    instance(call, out, Value, hint)
    return out  # type: ignore[no-any-return]


def _inputs(inputs: Any, call: str, what: str = "inputs") -> list[Value]:
    found = [inputs] if inputs.__class__ is Value else list(inputs) if isinstance(inputs, Sequence) else None
    if found is None or not all(x.__class__ is Value for x in found):
        raise TypeError(f"{call}: the {what} must be a Value or a list of Values, not {inputs!r:.80}")
    return found


def grad(out: Value, inputs: Any, create_graph: bool = False) -> Any:
    """Return d out / d input for a Value or a list of them; nothing is written to `.grad`.

    With `create_graph=True` the results are Values, to be differentiated again, inside `no_grad` too. What was computed
    there is a leaf, and its derivatives are a RuntimeError there.

    >>> x = Value(3.0)
    >>> first = grad(x ** 3, x, create_graph=True)
    >>> first.data, grad(first, x)
    (27.0, 18.0)
    """
    view, wanted = View(_root(out, "grad")), _inputs(inputs, "grad")
    results: list[Any]
    if open_modes:
        on_differentiated(out, AS_VALUES if create_graph else "grad")
    if create_graph:
        with recorded():
            results = _as_values(view, wanted)
    else:
        results = [view.gradients.get(id(x), 0.0) for x in wanted]
    return results[0] if inputs.__class__ is Value else results


def _as_values(view: View, wanted: Sequence[Value]) -> list[Value]:
    """Return the derivatives of the root of a graph as Values, the inside of compiled calls differentiated too."""
    out = view.root
    view, *wanted = view.with_calls_expanded(*wanted, whole=True)
    new, old = number_of(view.root), number_of(out)
    if not (isclose(new, old, rel_tol=1e-9) or new == old or old != old):
        raise ValueError(f"grad: {describe(out)} was computed by a compiled call with other parameters, or other rows, "
                         "than it has now; compute it again first")  # fmt: skip
    if view.stale_leaves:
        raise ValueError(f"grad: {', '.join(map(describe, view.stale_leaves))} was written after the graph was "
                         "recorded, so the recorded derivatives are those of the old value; compute the result again "
                         "first")  # fmt: skip
    grads = gradients(view.order, *IN_VALUES)
    results = [grads.get(id(x), 0.0) for x in wanted]
    return [g if g.__class__ is Value else Value(g) for g in results]


class _Nothing:
    """The sum of no contributions: the first one is added to it without a node."""

    def __add__(self, amount: Any) -> Any:
        return amount


def _times(g: Any, partial: Any) -> Any:
    """Multiply, without a node for a factor of exactly 1."""
    if g.__class__ is float and g == 1.0:
        return partial
    return g if partial.__class__ is float and partial == 1.0 else g * partial


IN_VALUES = derivatives_as_values, _times, _Nothing()  # what `flow` takes to compute with Values


def jacobian(outs: Sequence[Value], inputs: Sequence[Value]) -> list[list[float]]:
    """Return the rows d out_i / d input_j as floats.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jacobian([x * y, x + y], [x, y])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    wanted = _inputs(inputs, "jacobian")
    return [grad(out, wanted) for out in _inputs(outs, "jacobian", "outputs")]


def hessian(out: Value, inputs: Sequence[Value]) -> list[list[float]]:
    """Return d² out / d input_i d input_j as floats.

    >>> x, y = Value(2.0), Value(3.0)
    >>> hessian(x * x * y, [x, y])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    wanted = _inputs(inputs, "hessian")
    firsts = grad(out, wanted, create_graph=True)
    with recorded():
        return [grad(first, wanted) for first in firsts]


def jvp(f: Callable[..., Any], inputs: Any, tangents: Any) -> tuple[Any, Any]:
    r"""Return `f(*inputs)` and its derivative along `tangents` t: $\sum_j \partial f / \partial x_j \cdot t_j$.

    Forward mode: each node's tangent is computed after its operands', from the same local derivatives, so one walk
    gives the derivatives of all results along one direction (`backward` gives those of one result by all inputs).
    Inputs are numbers or Values, a list of them or one; `f` returns a Value, or a list of them and so do both results.

    >>> jvp(lambda x, y: x * x * y, [2.0, 3.0], [1.0, 0.0])
    (12.0, 12.0)
    >>> jvp(lambda x: [x.sin(), x * x], 0.0, 1.0)
    ([0.0, 0.0], [1.0, 0.0])
    """
    if not callable(f):
        raise TypeError(f"jvp: expected a function, got {type(f).__name__}; jvp(lambda x: x * x, 3.0, 1.0)")
    points = inputs if isinstance(inputs, list | tuple) else [inputs]
    directions = tangents if isinstance(tangents, list | tuple) else [tangents]
    if len(points) != len(directions):
        raise ValueError(f"jvp: expected a tangent for each of the {len(points)} inputs, got {len(directions)}")
    values = [x if x.__class__ is Value else Value(to_float(x, what="jvp: input")) for x in points]
    start = {id(x): to_float(t, what="jvp: tangent") for x, t in zip(values, directions, strict=True)}
    if len(start) < len(values):
        raise ValueError("jvp: expected each Value once among the inputs")
    with recorded():
        result = f(*values)
        outs = result if isinstance(result, list | tuple) else [result]
        outs = [out if out.__class__ is Value else Value(to_float(out, what="jvp: result of f")) for out in outs]
        for out in outs if open_modes else ():
            on_differentiated(out, "jvp")
    slopes = [flow.tangents(View(out).order, start).get(id(out), 0.0) for out in outs]
    numbers = [number_of(out) for out in outs]
    return (numbers, slopes) if isinstance(result, list | tuple) else (numbers[0], slopes[0])


def hvp(out: Value, inputs: Any, vector: Any) -> Any:
    r"""Return the Hessian times a vector: $\sum_j \partial^2 f / \partial x_i \partial x_j \cdot v_j$.

    It is the gradient of the gradient's product with the vector: two backward passes, whatever the number of inputs.

    >>> x, y = Value(2.0), Value(3.0)
    >>> hvp(x * x * y, [x, y], [1.0, 10.0])
    [46.0, 4.0]
    """
    wanted = _inputs(inputs, "hvp")
    numbers = [to_float(v, what="hvp: vector") for v in (vector if isinstance(vector, list | tuple) else [vector])]
    if len(numbers) != len(wanted):
        raise ValueError(f"hvp: expected a number for each of the {len(wanted)} inputs, got {len(numbers)}")
    firsts = grad(_root(out, "hvp"), wanted, create_graph=True)
    with recorded():
        found = grad(functions.dot(firsts, numbers), wanted)
    return found[0] if inputs.__class__ is Value else found


# ------------------------------------------------------------------------------------------------------ tables


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """One input of `check_gradients`: the engine's derivative beside two numeric ones."""

    name: str
    at: float
    analytic: float
    forward: float
    central: float
    error: float
    kink: bool
    passed: bool


@dataclass(frozen=True, slots=True, repr=False)
class GradientReport(Tabular):
    """What `check_gradients` found; true if every input passed."""

    rows: tuple[GradientCheck, ...]

    def __bool__(self) -> bool:
        return all(row.passed for row in self.rows)

    @property
    def table(self) -> Rows:
        """Return the head of the table and its rows, one an input, as texts."""
        head = ["input", "at", "analytic", "forward difference", "central difference", "relative error", "verdict"]
        verdict = {True: "ok", False: "WRONG"}
        rows = [
            [r.name, number(r.at).text, *(number(x, 9).text for x in (r.analytic, r.forward, r.central)),
             minus(f"{r.error:.1e}"), "near a kink" if r.kink else verdict[r.passed]]
            for r in self.rows
        ]  # fmt: skip
        return head, rows


def check_gradients(f: Callable[..., Any], inputs: Sequence[Any], tolerance: float = 1e-6) -> GradientReport:
    """Compare the engine's derivatives of `f(*inputs)` with forward and central differences.

    Differences know about half of a float's digits: they find a wrong rule, not a wrong last digit. The error is
    relative to the derivative, but to no less than 0.001. Where the two one-sided slopes disagree there is a kink
    (ReLU at 0), and no verdict is due.

    >>> bool(check_gradients(lambda a, b: a * b + a.sin(), [2.0, 3.0]))
    True
    """
    if not callable(f):
        raise TypeError(f"check_gradients(f, inputs): f must be a function, not {type(f).__name__}")
    given = [inputs] if isinstance(inputs, (Value, int, float)) else inputs
    if not isinstance(given, Iterable):
        raise TypeError(f"check_gradients(f, inputs): inputs must be a list of numbers, one for each argument of f, "
                        f"not {type(inputs).__name__}")  # fmt: skip
    given = list(given)
    points = [number_of(x) if x.__class__ is Value else to_float(x, what=f"check_gradients: input {i}")
              for i, x in enumerate(given, 1)]  # fmt: skip
    names = [(x.label if x.__class__ is Value else "") or f"x{i + 1}" for i, x in enumerate(given)]
    values = [Value(x, label=name) for x, name in zip(points, names, strict=True)]
    with recorded():
        result = f(*values)
        root = _root(Value(result) if is_number(result) else result, "check_gradients (the result of f)")
        here, analytic = number_of(root), grad(root, values)

    def at(i: int, x: float) -> float:
        with recorded():
            result = f(*[Value(x if j == i else p) for j, p in enumerate(points)])
            return number_of(result if result.__class__ is Value else to_float(result))

    rows = []
    for i, x in enumerate(points):
        h = max(abs(x), 1.0) * 2.0**-18  # near the cube root of the rounding error: best for the central difference
        left, right = at(i, x - h), at(i, x + h)
        forward, backward, central = (right - here) / h, (here - left) / h, (right - left) / (2.0 * h)
        scale = max(abs(analytic[i]), abs(central), 1e-3)
        error = abs(analytic[i] - central) / scale
        kink = abs(forward - backward) > 0.01 * max(abs(forward), abs(backward))  # a smooth f: of the order of h
        rows.append(GradientCheck(names[i], x, analytic[i], forward, central, error, kink, kink or error <= tolerance))
    return GradientReport(tuple(rows))
