r"""Optimisers: how parameters p move along their gradients g. The formulas are PyTorch's.

A step computes every new number first and then writes them all, so nothing that goes wrong on the way
(a gradient that is nan, Ctrl-C) leaves a net half updated.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from numbers import Real
from typing import Any

from autograd_lite.checks import real
from autograd_lite.engine import Value
from autograd_lite.nn.module import mark_parameters, parameter_name
from autograd_lite.sweep import clear_gradients, write_numbers

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]


class Optimizer:
    """What all optimisers share. One of them only says, in `move`, where a single parameter goes."""

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        if isinstance(params, Value):
            raise TypeError("params: expected a list of parameters, got a single Value: write [value]")
        if not isinstance(params, Iterable):
            found = f"{type(params).__name__}; pass model.parameters()"
            raise TypeError(f"params: expected a list of parameters, got {found}")
        self.params = list(params)
        if not self.params:
            raise ValueError("params: expected the parameters to train, got none: pass model.parameters()")
        for i, p in enumerate(self.params, start=1):
            if not isinstance(p, Value):
                raise TypeError(f"params: expected Values, got {type(p).__name__} {p!r} in place {i}")
            if p._operation is not None:
                found = f"the result of {p.op!r} in place {i}; only leaves can be trained"
                raise ValueError(f"params: expected parameters, got {found}: pass model.parameters()")
        if len({id(p) for p in self.params}) < len(self.params):
            raise ValueError("params: expected each parameter once, got one of them twice")
        mark_parameters(self.params)
        self.lr = real("lr", lr, "a learning rate of 0 or more")
        # What the optimiser remembers of each parameter between steps, as `move` last returned it.
        self.memory: list[tuple[Any, ...]] = [()] * len(self.params)
        self._hinted = False

    def zero_grad(self) -> None:
        """Set every parameter's gradient back to "not computed"."""
        clear_gradients(self.params)

    def step(self) -> None:
        """Move every parameter that a gradient reached; raise before moving any if one is nan or inf."""
        self._hint_at_unreached()
        data: dict[Value, float] = {}
        memory = list(self.memory)
        for i, parameter in enumerate(self.params):
            if not parameter.has_grad:
                continue
            gradient = parameter.grad
            if not math.isfinite(gradient):
                raise FloatingPointError(self._diverged(i, f"the gradient is {gradient}"))
            data[parameter], memory[i] = self.move(parameter.data, gradient, memory[i])
            if not math.isfinite(data[parameter]):
                raise FloatingPointError(
                    self._diverged(i, f"the step from {parameter.data!r} leads to {data[parameter]}")
                )
        before = {parameter: parameter.data for parameter in data}
        try:
            write_numbers([*data], data.values())
            self.memory = memory
        except BaseException:  # an interrupt may also arrive when all is written, and the memory is the old one
            write_numbers([*before], before.values())
            raise

    def move(self, p: Any, g: Any, memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        """Return where `p` with gradient `g` goes, and what to remember of it (`()` before a first step).

        Numbers, or arrays of them with one formula for all.
        """
        raise NotImplementedError

    def _diverged(self, i: int, what: str) -> str:
        return (
            f"{parameter_name(self.params, i)} of {len(self.params)}: {what}; no parameter was"
            f" changed. Try a smaller learning rate than {self.lr}, and for sigmoid or softmax outputs a loss of the"
            " logits (binary_cross_entropy_with_logits, cross_entropy)"
        )

    def _hint_at_unreached(self) -> None:
        """Warn once if no gradient reached some parameters; they stay as they are, as in PyTorch."""
        unreached = [i for i, parameter in enumerate(self.params) if not parameter.has_grad]
        if not unreached or self._hinted:
            return
        self._hinted = True
        first = parameter_name(self.params, unreached[0])
        warnings.warn(
            f"no gradient reached {len(unreached)} of {len(self.params)} parameters (first: {first}):"
            " expected loss.backward() before step(), of a loss computed from these parameters;"
            " they stay as they are",
            stacklevel=3,
        )


class SGD(Optimizer):
    r"""Step down the gradient: $p \leftarrow p - \eta g$.

    With momentum the step is along the running sum $v \leftarrow \mu v + g$ instead of $g$; with
    Nesterov along $g + \mu v$. Weight decay $\lambda$ adds $\lambda p$ to the gradient.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = real("momentum", momentum, "a number of 0 or more")
        self.weight_decay = real("weight_decay", weight_decay, "a number of 0 or more")
        if nesterov and momentum == 0.0:
            raise ValueError("nesterov: expected a momentum above 0 with it, got momentum=0")
        self.nesterov = nesterov

    def move(self, p: Any, g: Any, memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.lr * g, ()
        velocity = self.momentum * memory[0] + g if memory else g
        along = g + self.momentum * velocity if self.nesterov else velocity
        return p - self.lr * along, (velocity,)


class Adam(Optimizer):
    r"""$p \leftarrow p - \eta \hat m / (\sqrt{\hat v} + \epsilon)$: the mean gradient over its usual size.

    The means are $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$;
    $\hat m = m / (1 - \beta_1^t)$ and $\hat v = v / (1 - \beta_2^t)$ make up for their start at 0.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.data, 6)
    0.9
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        super().__init__(params, lr)
        pair = isinstance(betas, tuple | list) and len(betas) == 2
        if not pair or not all(isinstance(beta, Real) and 0.0 <= beta < 1.0 for beta in betas):
            raise ValueError(f"betas: expected two numbers from 0 to below 1, got {betas!r}")
        self.betas = betas
        self.eps = real("eps", eps, "a number above 0", positive=True)

    def move(self, p: Any, g: Any, memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        (beta1, beta2), (t, m, v) = self.betas, memory or (0, 0.0, 0.0)
        t, m, v = t + 1, beta1 * m + (1.0 - beta1) * g, beta2 * v + (1.0 - beta2) * g * g
        mean, square = m / (1.0 - beta1**t), v / (1.0 - beta2**t)
        return p - self.lr * mean / (_sqrt(square) + self.eps), (t, m, v)


class AdamW(Adam):
    r"""Adam with weight decay apart from the gradient: $p \leftarrow p - \eta \lambda p$ before each step.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> AdamW([w], lr=0.1, weight_decay=0.5).step()
    >>> round(w.data, 6)
    0.85
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps)
        self.weight_decay = real("weight_decay", weight_decay, "a number of 0 or more")

    def move(self, p: Any, g: Any, memory: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        return super().move(p * (1.0 - self.lr * self.weight_decay), g, memory)


def _sqrt(x: Any) -> Any:
    return math.sqrt(x) if isinstance(x, float) else x**0.5
