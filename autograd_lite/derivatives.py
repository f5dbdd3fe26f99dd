"""Derivatives without a trace on the graph: grad, jacobian, hessian; and checks of them by finite differences.

`grad` is `Value.backward` with the gradients in a table of its own; on Values instead of floats, the same rows
give derivatives of derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from autograd_lite.coerce import number_in
from autograd_lite.engine import Value
from autograd_lite.functions import derivatives_as_values
from autograd_lite.graph import topological_order
from autograd_lite.modes import describe
from autograd_lite.stale import stale_leaves


def _root(out: Any, call: str) -> Value:
    if out.__class__ is Value:
        return out
    hint = "call the function first: ag.grad(f(x), x)" if callable(out) else "pass the Value to differentiate"
    raise TypeError(f"{call}: expected a Value, got {type(out).__name__}; {hint}")


def _inputs(inputs: Any, call: str) -> list[Value]:
    found = [inputs] if inputs.__class__ is Value else list(inputs) if isinstance(inputs, Sequence) else None
    if found is None or not all(x.__class__ is Value for x in found):
        raise TypeError(f"{call}: the inputs must be a Value or a list of Values, not {inputs!r:.80}")
    return found


def grad(out: Value, inputs: Any, create_graph: bool = False) -> Any:
    """Return d out / d input for a Value or a list of them; nothing is written to `.grad`.

    With `create_graph=True` the results are Values, to be differentiated again.

    >>> x = Value(3.0)
    >>> first = grad(x ** 3, x, create_graph=True)
    >>> first.data, grad(first, x)
    (27.0, 18.0)
    """
    root, wanted = _root(out, "grad"), _inputs(inputs, "grad")
    order = topological_order(root)
    if create_graph and (stale := stale_leaves(root)):
        raise ValueError(f"grad: {', '.join(map(describe, stale))} was written after the graph was recorded, so the "
                         "recorded derivatives are those of the old value; compute the result again first")  # fmt: skip
    grads: dict[int, Any] = {id(root): 1.0}
    for node in reversed(order):
        g = grads.get(id(node))
        if g is None or node.rule is None:
            continue
        partials = derivatives_as_values(node) if create_graph else node.partials
        for parent, partial in zip(node.parents, partials, strict=True):
            if create_graph:
                before = grads.get(id(parent))
                flow = _times(g, partial)
                grads[id(parent)] = flow if before is None else before + flow
            else:
                grads[id(parent)] = grads.get(id(parent), 0.0) + g * partial
    results = [grads.get(id(x), 0.0) for x in wanted]
    if create_graph:
        results = [g if g.__class__ is Value else Value(g) for g in results]
    return results[0] if inputs.__class__ is Value else results


def _times(g: Any, partial: Any) -> Any:
    """Multiply, without a node for a factor of exactly 1."""
    if g.__class__ is float and g == 1.0:
        return partial
    return g if partial.__class__ is float and partial == 1.0 else g * partial


def jacobian(outs: Sequence[Value], inputs: Sequence[Value]) -> list[list[float]]:
    """Return the rows d out_i / d input_j as floats.

    >>> x, y = Value(2.0), Value(3.0)
    >>> jacobian([x * y, x + y], [x, y])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    wanted = _inputs(inputs, "jacobian")
    return [grad(out, wanted) for out in _inputs(outs, "jacobian")]


def hessian(out: Value, inputs: Sequence[Value]) -> list[list[float]]:
    """Return d² out / d input_i d input_j as floats.

    >>> x, y = Value(2.0), Value(3.0)
    >>> hessian(x * x * y, [x, y])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    wanted = _inputs(inputs, "hessian")
    return [grad(first, wanted) for first in grad(out, wanted, create_graph=True)]


# ------------------------------------------------------------------------------------------------------ tables


def _text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = ["  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
             for row in [head, *rows]]  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def _html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cell = "padding:2px 10px;text-align:right;color:#0f172a;background:#ffffff"
    body = [f"<tr>{''.join(f'<{tag} style={cell!r}>{escape(c)}</{tag}>' for c in row)}</tr>"
            for tag, row in [("th", head), *(("td", row) for row in rows)]]  # fmt: skip
    return f"<table>{''.join(body)}</table>"


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


@dataclass(frozen=True, slots=True)
class GradientReport:
    """What `check_gradients` found; true if every input passed."""

    rows: tuple[GradientCheck, ...]

    def __bool__(self) -> bool:
        return all(row.passed for row in self.rows)

    def _table(self) -> tuple[list[str], list[list[str]]]:
        head = ["input", "at", "analytic", "forward difference", "central difference", "relative error", "verdict"]
        verdict = {True: "ok", False: "WRONG"}
        rows = [[r.name, f"{r.at:.6g}", f"{r.analytic:.9g}", f"{r.forward:.9g}", f"{r.central:.9g}", f"{r.error:.1e}",
                 "near a kink" if r.kink else verdict[r.passed]] for r in self.rows]  # fmt: skip
        return head, rows

    def __str__(self) -> str:
        return _text_table(*self._table())

    def _repr_html_(self) -> str:
        return _html_table(*self._table())


def check_gradients(f: Callable[..., Any], inputs: Sequence[Any], tolerance: float = 1e-6) -> GradientReport:
    """Compare the engine's derivatives of `f(*inputs)` with forward and central differences.

    Differences know about half of a float's digits: they find a wrong rule, not a wrong last digit. Where the two
    one-sided slopes disagree there is a kink (ReLU at 0), and no verdict is due.

    >>> bool(check_gradients(lambda a, b: a * b + a.sin(), [2.0, 3.0]))
    True
    """
    if not callable(f):
        raise TypeError(f"check_gradients(f, inputs): f must be a function, not {type(f).__name__}")
    given = [inputs] if isinstance(inputs, (Value, int, float)) else list(inputs)
    points = [x._data if x.__class__ is Value else number_in(x, "input") for x in given]
    names = [(x.label if x.__class__ is Value else "") or f"x{i + 1}" for i, x in enumerate(given)]
    values = [Value(x, label=name) for x, name in zip(points, names, strict=True)]
    analytic = grad(_root(f(*values), "check_gradients (the result of f)"), values)

    def at(i: int, x: float) -> float:
        result = f(*[Value(x if j == i else p) for j, p in enumerate(points)])
        return float(result._data)

    rows = []
    for i, x in enumerate(points):
        h = max(abs(x), 1.0) * 2.0**-18  # near the cube root of the rounding error: best for the central difference
        left, here, right = at(i, x - h), at(i, x), at(i, x + h)
        forward, backward, central = (right - here) / h, (here - left) / h, (right - left) / (2.0 * h)
        scale = max(abs(analytic[i]), abs(central), 1e-3)
        error = abs(analytic[i] - central) / scale
        kink = abs(forward - backward) > 0.01 * max(abs(forward), abs(backward))  # a smooth f: of the order of h
        rows.append(GradientCheck(names[i], x, analytic[i], forward, central, error, kink, kink or error <= tolerance))
    return GradientReport(tuple(rows))


# ------------------------------------------------------------------------------------------------------- nudge


@dataclass(frozen=True, slots=True)
class Moved:
    """One node that a nudge moves, and what its derivative predicted."""

    node: Value
    name: str
    before: float
    after: float
    predicted: float

    @property
    def change(self) -> float:
        """The actual change."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Nudge:
    """How a small change of one value travels through the graph: what moves, and how far it was predicted to."""

    root: Value
    wrt: Value
    by: float
    rows: tuple[Moved, ...]

    def _table(self) -> tuple[list[str], list[list[str]]]:
        rows = [[r.name, f"{r.before:.6g}", f"{r.after:.6g}", f"{r.change:+.6g}", f"{r.predicted:+.6g}"]
                for r in self.rows]  # fmt: skip
        return ["node", "before", "after", "change", "predicted"], rows

    def __str__(self) -> str:
        return _text_table(*self._table())

    def _repr_html_(self) -> str:
        return _html_table(*self._table())


def nudge(out: Value, w: Value, by: float = 0.01) -> Nudge:
    """Change `w` by a little and follow the change to `out`: predicted by the derivatives against actual.

    Predicted is d node / d w · by, carried forward along the edges. Nothing is written.

    >>> w = Value(2.0, label="w")
    >>> print(nudge(w * w, w, by=0.5))
    node   before  after  change  predicted
    w           2    2.5    +0.5       +0.5
    w * w       4   6.25   +2.25         +2
    """
    root, step = _root(out, "nudge"), number_in(by, "by")
    order = topological_order(root)
    if not any(node is w for node in order):
        raise ValueError(f"nudge: {describe(w)} is no part of the graph of {describe(root)}")
    after: dict[int, float] = {id(w): w._data + step}
    slope: dict[int, float] = {id(w): 1.0}
    names: dict[int, str] = {}
    rows = []
    for index, node in enumerate(order):
        key = id(node)
        names[key] = node.label or _name(node, names, index)
        if node is not w and any(id(p) in after for p in node.parents):
            row = node.rule
            assert row is not None
            numbers = [after.get(id(x), x._data) if x.__class__ is Value else x for x in node.operands]
            after[key] = row.value(row.group(numbers))
            slope[key] = 0.0
            for parent, partial in zip(node.parents, node.partials, strict=True):
                if id(parent) in slope:
                    slope[key] += slope[id(parent)] * partial
        if key in after:
            rows.append(Moved(node, names[key], node._data, after[key], slope[key] * step))
    return Nudge(root, w, step, tuple(rows))


def _name(node: Value, names: dict[int, str], index: int) -> str:
    """Return a short readable name for a node without a label."""
    role, row = node.role, node.rule
    if role is not None:
        return f"{role.symbol}{'' if role.source is None else role.source}{role.unit}({role.layer})"
    if row is not None and len(node.operands) <= 2:
        shown = [names[id(x)] if x.__class__ is Value else f"{x:g}" for x in node.operands]
        infix = not row.typed.isidentifier()
        text = f" {row.typed} ".join(shown) if infix and len(shown) == 2 else f"{row.typed}({', '.join(shown)})"
        if len(text) <= 12:
            return text
    return f"v{index + 1}"
