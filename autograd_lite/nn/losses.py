r"""Losses: how wrong a net's predictions are. Each takes (predictions, targets) and returns the mean over examples.

One prediction and one target, or a list of each (nested lists where an example has several outputs).

| task                    | output unit | loss                                                             |
|-------------------------|-------------|------------------------------------------------------------------|
| a number                | linear      | `mse_loss`; `l1_loss` and `huber_loss` mind outliers less         |
| yes or no (1 or 0)      | sigmoid     | `binary_cross_entropy_with_logits` of z, never of $\sigma(z)$     |
| yes or no (1 or -1)     | linear      | `hinge_loss`                                                     |
| one of several classes  | softmax     | `cross_entropy` of the logits z, never of the softmax            |

Why of z? The logarithm undoes the exponential in sigmoid and softmax, so the derivative by z is
$\sigma(z) - y$ or $p_i - y_i$, and digits that rounding $\sigma(z)$ to 1 has destroyed are not needed.

`LOSSES`, at the end, is the table that `fit` and `diagnose` read: to add a loss, add its function and its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from autograd_lite import functions
from autograd_lite.checks import is_number
from autograd_lite.engine import Value
from autograd_lite.nn.data import ANY, CLASS, LARGEST, PROBABILITY, SIGN, Numbers, Right, SameSide, Targets, listed


def mse_loss(predictions: Any, targets: Any) -> Value:
    r"""$\frac1n \sum (f_i - y_i)^2$: the mean squared error.

    >>> mse_loss([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return _mean("mse_loss", predictions, targets, lambda p, y: _square(p - y))


def _square(d: Any) -> Any:
    return d**2 if isinstance(d, Value) else functions.pow(d, 2.0)  # inf where Python's ** raises OverflowError


def l1_loss(predictions: Any, targets: Any) -> Value:
    r"""$\frac1n \sum |f_i - y_i|$: the mean absolute error.

    >>> l1_loss([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    return _mean("l1_loss", predictions, targets, lambda p, y: abs(p - y))


def huber_loss(predictions: Any, targets: Any, delta: float = 1.0) -> Value:
    r"""$\frac1n \sum \frac12 d_i^2$ where $|d_i| \le \delta$, else $\delta (|d_i| - \frac12 \delta)$.

    $d_i$ is $f_i - y_i$. Squared near the target, straight far from it, so that an
    outlier cannot pull the whole net.

    >>> huber_loss(3.0, 0.0), huber_loss(0.5, 0.0)
    (2.5, 0.125)
    """
    if not is_number(delta) or not delta > 0:
        raise ValueError(f"huber_loss: expected a delta above 0, got {delta!r}")

    def huber(p: Any, y: Any) -> Any:
        d = p - y
        c = functions.clamp(d, -delta, delta)
        return c * (d - 0.5 * c)  # both cases in one formula, without a branch

    return _mean("huber_loss", predictions, targets, huber)


def hinge_loss(predictions: Any, targets: Any) -> Value:
    r"""$\frac1n \sum \max(0, 1 - y_i f_i)$ for targets 1 and -1: 0 beyond the margin.

    >>> hinge_loss([2.0, 0.5, 0.5], [1, 1, -1])
    0.6666666666666666
    """
    return _mean("hinge_loss", predictions, targets, lambda p, y: functions.relu(1.0 - y * p), SIGN)


def binary_cross_entropy(predictions: Any, targets: Any) -> Value:
    r"""$-\frac1n \sum (y_i \log p_i + (1 - y_i) \log(1 - p_i))$ for predictions that are probabilities p.

    For a net with a sigmoid output, `binary_cross_entropy_with_logits` of its z keeps all digits.

    >>> binary_cross_entropy([0.5, 0.25], [1, 0])
    0.4904146265058631
    """
    return _mean("binary_cross_entropy", predictions, targets, _binary_entropy, PROBABILITY)


def _binary_entropy(p: Any, y: Any) -> Any:
    # Comparisons of a Value, rather than reads of its data, so that a recording replays them.
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"binary_cross_entropy: expected probabilities from 0 to 1, got {_shown(p)}; for outputs that"
                         " are not probabilities use binary_cross_entropy_with_logits")  # fmt: skip
    # A term of weight 0 is left out, not multiplied: 0 * log(0) would be nan.
    if isinstance(y, Value):
        return -(y * functions.log(p) + (1.0 - y) * functions.log1p(-p))
    # A certain and right prediction is a minimum at the end of the domain: clamp makes its derivative 0.
    if y == 1:
        return -functions.log(functions.clamp(p, -1.0, 1.0))
    if y == 0:
        return -functions.log1p(-functions.clamp(p, 0.0, 2.0))
    return -(float(y) * functions.log(p) + (1.0 - float(y)) * functions.log1p(-p))


def binary_cross_entropy_with_logits(predictions: Any, targets: Any) -> Value:
    r"""$\frac1n \sum ((1 - y_i) \operatorname{softplus}(z_i) + y_i \operatorname{softplus}(-z_i))$.

    The binary cross-entropy of $\sigma(z)$ without computing it; the derivative by z is $\sigma(z) - y$.

    >>> z = Value(-10.0)
    >>> binary_cross_entropy_with_logits(z, 1).backward()
    >>> z.grad
    -0.9999546021312976
    """
    name = "binary_cross_entropy_with_logits"

    def entropy(z: Any, y: Any) -> Any:
        _refuse(name, z, "sigmoid", "pass z (model.logits(x)), or use binary_cross_entropy")
        return functions.binary_cross_entropy_with_logits(z, y)

    return _mean(name, predictions, targets, entropy, PROBABILITY)


def cross_entropy(predictions: Any, targets: Any) -> Value:
    r"""$-\frac1n \sum \log p_t$, p the softmax of an example's logits, t the index of its class, from 0.

    In a list of targets, a list of one 1 and 0 elsewhere stands for an index, too.
    The derivative by a logit is $p_i - y_i$, $y_i$ 1 for the class and 0 for the others.

    >>> logits = [Value(0.0), Value(3.0), Value(-2.0), Value(1.0)]
    >>> loss = cross_entropy(logits, 3)
    >>> loss.backward()
    >>> loss.data, round(logits[3].grad, 6)
    (2.1755153626167147, -0.88645)
    """
    if _is_number(targets):
        return _class_entropy(predictions, targets, "cross_entropy")
    if isinstance(targets, str) or not isinstance(targets, Iterable):
        raise TypeError(f"cross_entropy: expected a class index, or a list of one for each example, got {targets!r}")
    rows = enumerate(_zipped("cross_entropy", "", "rows of logits", predictions, targets), start=1)
    return _mean_of([_class_entropy(row, index, f"cross_entropy: example {i}") for i, (row, index) in rows])


def _class_entropy(row: Any, index: Any, where: str) -> Value:
    if _is_number(row):
        raise TypeError(f"{where}: expected a list of logits, one for each class, got {_shown(row)}")
    logits = list(row)
    for z in logits:
        _refuse("cross_entropy", z, "softmax", "pass the logits z (model.logits(x))")
    if not isinstance(index, Value):
        index = CLASS.check(index, len(logits), "cross_entropy", where)
    return functions.cross_entropy(logits, index)  # type: ignore[no-any-return]


def _mean(name: str, predictions: Any, targets: Any, loss: Callable[..., Any], kind: Numbers = ANY) -> Value:
    """Return the mean of `loss` over all pairs of a prediction and a target, once the targets are checked."""
    pairs = _pairs(name, predictions, targets)
    if kind is not ANY:
        for _, y in pairs:
            if not isinstance(y, Value) and not kind.allows(y):
                hint = "; 2 * y - 1 makes them of 1 and 0" if kind is SIGN else ""
                raise ValueError(f"{name}: expected targets of {kind.expected}, got {y!r}{hint}")
    return _mean_of([loss(p, y) for p, y in pairs])


def _mean_of(losses: list[Any]) -> Value:
    """Return the mean; of a single loss, the loss itself."""
    return losses[0] if len(losses) == 1 else functions.mean(losses)  # type: ignore[no-any-return]


def _pairs(name: str, predictions: Any, targets: Any, where: str = "") -> list[tuple[Any, Any]]:
    """Return (prediction, target) pairs of two numbers or two lists, nested alike."""
    if _is_number(predictions) and _is_number(targets):
        return [(predictions, targets)]
    if _is_number(predictions) or _is_number(targets):
        raise ValueError(f"{name}: {where}expected one prediction and one target, or a list of each, got"
                         f" {_shown(predictions)} and {_shown(targets)}")  # fmt: skip
    pairs = enumerate(_zipped(name, where, "predictions", predictions, targets), start=1)
    return [
        pair for i, (p, y) in pairs
        for pair in ([(p, y)] if _is_number(p) and _is_number(y) else _pairs(name, p, y, where or f"example {i}: "))
    ]  # fmt: skip


def _zipped(name: str, where: str, noun: str, predictions: Any, targets: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of two lists of one length, at least 1."""
    ps, ys = (listed(items, name, "numbers or lists of them") for items in (predictions, targets))
    if not ps and not ys:
        raise ValueError(f"{name}: expected at least one example, got none")
    if len(ps) != len(ys):
        found = f"{len(ps)} {noun} and {len(ys)} targets"
        raise ValueError(f"{name}: {where}expected as many targets as {noun}, got {found}")
    return list(zip(ps, ys, strict=True))


def _refuse(name: str, value: Any, op: str, remedy: str) -> None:
    """Refuse a value that `op` made: the loss would apply it a second time, and the net would learn badly."""
    if isinstance(value, Value) and value.op == op:
        raise ValueError(f"{name}: got {_shown(value)}, which {op} made, but {name} computes the {op} itself: {remedy}")


def _is_number(x: Any) -> bool:
    return x.__class__ is Value or x.__class__ is float or isinstance(x, Real)  # the usual ones first


def _shown(x: Any) -> str:
    """Show a value with its label in a message."""
    if isinstance(x, Value):
        return f"{x.data!r}" + (f" ({x.label!r})" if x.label else "")
    return repr(x) if _is_number(x) else f"a {type(x).__name__}"


@dataclass(frozen=True, slots=True)
class Loss:
    """A row of the table: a loss, the output units that it belongs to, its targets, and what counts as right."""

    function: Callable[..., Value]
    targets: Targets = ANY
    right: Right | None = None  # None where the answer is a number, no class
    chosen_for: str = ""  # the output unit for which `fit` chooses this loss by itself
    logits_of: tuple[str, ...] = ()  # computed from z, for a net that ends in one of these units; () from any output
    of_logits: str = ""  # the loss that is the same computed from z, which `fit` takes after a sigmoid
    undoes_saturation: bool = False  # its slope is large where the slope of a saturated output is small

    @property
    def name(self) -> str:
        """The name of the function, as `fit` takes it."""
        return self.function.__name__


LOSSES = {row.name: row for row in (
    Loss(mse_loss, chosen_for="linear"),
    Loss(l1_loss),
    Loss(huber_loss),
    Loss(hinge_loss, SIGN, SameSide(0.0, 0.0)),
    Loss(binary_cross_entropy, PROBABILITY, SameSide(0.5, 0.5), of_logits="binary_cross_entropy_with_logits",
         undoes_saturation=True),
    Loss(binary_cross_entropy_with_logits, PROBABILITY, SameSide(0.0, 0.5), chosen_for="sigmoid",
         logits_of=("sigmoid", "linear")),
    Loss(cross_entropy, CLASS, LARGEST, chosen_for="softmax", logits_of=("softmax", "linear")),
)}  # fmt: skip
