r"""Optimisers: how parameters p move along their gradients g. The formulas are PyTorch's.

A step computes every new number first and then writes them all, so nothing that goes wrong on the way
(a gradient that is nan, Ctrl-C) leaves a net half updated.
"""

from __future__ import annotations

import math
import warnings
from array import array
from collections.abc import Iterable
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

from autograd_lite.checks import is_number, plural, real
from autograd_lite.engine import Value
from autograd_lite.modes import open_modes
from autograd_lite.nn.moves import Move
from autograd_lite.nn.parameters import mark_parameters, parameter_name
from autograd_lite.sweep import (
    MANY,
    are_finite,
    clear_gradients,
    gradients_in,
    numbers_in,
    one_step_down,
    write_numbers,
)


class Optimizer:
    """Moves parameters along their gradients; each kind of optimiser says in `move` how one parameter moves."""

    start: Any = ()  # the memory of a parameter before its first step
    columns: tuple[str, ...] = ()  # the fields of the memory that have a number for each parameter
    _all: Move | None = None  # moves all parameters at once

    def __init__(self, params: Iterable[Value], lr: float) -> None:
        if isinstance(params, Value) or not isinstance(params, Iterable):
            hint = "write [value]" if isinstance(params, Value) else "pass model.parameters()"
            raise TypeError(f"params: expected a list of parameters, got {type(params).__name__}; {hint}")
        self.params = list(params)
        if not self.params:
            raise ValueError("params: expected the parameters to train, got none: pass model.parameters()")
        for i, p in enumerate(self.params, start=1):
            if not isinstance(p, Value):
                raise TypeError(f"params: expected Values, got {type(p).__name__} {p!r} in place {i}")
            if p.operation is not None:
                found = f"the result of {p.op!r} in place {i}; only leaves can be trained"
                raise ValueError(f"params: expected parameters, got {found}: pass model.parameters()")
        if len({*self.params}) < len(self.params):
            raise ValueError("params: expected each parameter once, got one of them twice")
        mark_parameters(self.params)
        self.lr = real("lr", lr, "a learning rate of 0 or more")
        self.memory = [self.start] * len(self.params)
        self._hinted = False

    @property
    def memory(self) -> list[Any]:
        """The memory of each parameter, as `move` last returned it."""
        if (kept := self._columns) is not None:  # of steps that moved all parameters at once
            count = len(self.params)
            fields = [getattr(kept, name) if name in self.columns else repeat(getattr(kept, name), count)
                      for name in kept._fields]  # fmt: skip
            self.memory = [*map(type(kept), *fields)]
        return self._memory

    @memory.setter
    def memory(self, memory: list[Any]) -> None:
        self._memory, self._columns = memory, None

    def __repr__(self) -> str:
        settings = {name: x for name, x in vars(self).items() if name != "params" and not name.startswith("_")}
        listed = [plural(len(self.params), "parameter"), *(f"{name}={x!r}" for name, x in settings.items())]
        return f"{type(self).__name__}({', '.join(listed)})"

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_all": None}  # a copy records its own

    def zero_grad(self) -> None:
        """Set every parameter's gradient back to "not computed"."""
        clear_gradients(self.params)

    def step(self) -> None:
        """Move every parameter that a gradient reached; raise before moving any if one is nan or inf."""
        if len(self.params) >= MANY and not open_modes and self._moves_all():
            return
        reached = [i for i, parameter in enumerate(self.params) if parameter.has_grad]
        if len(reached) < len(self.params) and not self._hinted:
            self._hint_at_unreached({*range(len(self.params))} - {*reached})
        parameters, memory = [self.params[i] for i in reached], list(self.memory)
        before, after = [p.data for p in parameters], []
        for i, p, data in zip(reached, parameters, before, strict=True):
            gradient = p.grad
            if not math.isfinite(gradient):
                raise self._diverged(i, f"the gradient is {gradient}")
            moved, memory[i] = self.move(data, gradient, memory[i])
            if not math.isfinite(moved):
                raise self._diverged(i, f"the step from {data!r} leads to {moved}")
            after.append(float(moved))
        try:
            write_numbers(parameters, after)
            self.memory = memory
        except BaseException:  # an interrupt may also come after the last write, while the memory is the old one
            write_numbers(parameters, before)
            raise

    def _moves_all(self) -> bool:
        """Move all parameters at once, by the replay of `move`; False, and nothing moves, where `step` has to look."""
        if not self.takes_arrays():
            return False
        gradients = gradients_in(self.params)
        if gradients is None:
            return False
        if self._all is None:
            self._all = Move(self)
        self._all.refresh()
        before = numbers_in(self.params)
        after, memory = self._all(before, gradients, self.in_arrays())
        if not are_finite(after):
            return False
        try:
            write_numbers(self.params, after)
            self.remember(memory)
        except BaseException:
            write_numbers(self.params, before)
            raise
        return True

    def move(self, p: Any, g: Any, memory: Any) -> tuple[Any, Any]:
        """Return where `p` with gradient `g` goes, and the new memory; numbers, or arrays with one formula for all."""
        raise NotImplementedError

    def takes_arrays(self) -> bool:
        """Tell whether `move` takes arrays for all parameters at once; a class of the user's own need not."""
        return False

    def in_arrays(self) -> Any:
        """Return the memory of all parameters as one, with arrays in its columns."""
        if self._columns is not None:
            return self._columns
        columns = {name: array("d", map(attrgetter(name), self._memory)) for name in self.columns}
        return self._memory[0]._replace(**columns)

    def remember(self, memory: Any) -> None:
        """Keep the memory of all parameters as one, with arrays in its columns; `memory` takes it apart when read."""
        self._columns = memory

    def _diverged(self, i: int, what: str) -> FloatingPointError:
        return FloatingPointError(
            f"{parameter_name(self.params, i)} of {len(self.params)}: {what}; no parameter was"
            f" changed. Try a smaller learning rate than {self.lr}, and for sigmoid or softmax outputs a loss of the"
            " logits (binary_cross_entropy_with_logits, cross_entropy)"
        )

    def _hint_at_unreached(self, unreached: set[int]) -> None:
        """Warn once that no gradient reached some parameters; they stay as they are, as in PyTorch."""
        self._hinted = True
        first = parameter_name(self.params, min(unreached))
        warnings.warn(
            f"no gradient reached {len(unreached)} of {len(self.params)} parameters (first: {first}):"
            " expected loss.backward() before step(), of a loss computed from these parameters;"
            " they stay as they are",
            stacklevel=3,
        )


class Momentum(NamedTuple):
    """What SGD remembers of a parameter, or of all of them in arrays."""

    velocity: Any = -0.0  # added to a first gradient, it leaves every bit of it


class Moments(NamedTuple):
    """What Adam remembers of a parameter, or of all of them in arrays."""

    mean: Any = 0.0  # of the gradient
    square: Any = 0.0  # the mean of its square
    steps: int = 0  # one number, in arrays too


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

    start, columns = Momentum(), ("velocity",)

    def __init__(self, params: Iterable[Value], lr: float = 1e-3, momentum: float = 0.0, nesterov: bool = False,
                 weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(params, lr)
        self.momentum = real("momentum", momentum, "a number of 0 or more")
        self.weight_decay = real("weight_decay", weight_decay, "a number of 0 or more")
        if nesterov and momentum == 0.0:
            raise ValueError("nesterov: expected a momentum above 0 with it, got momentum=0")
        self.nesterov = nesterov

    def move(self, p: Any, g: Any, memory: Momentum) -> tuple[Any, Momentum]:
        g = g + self.weight_decay * p
        if not self.momentum:
            return p - self.lr * g, memory
        velocity = self.momentum * memory.velocity + g
        along = g + self.momentum * velocity if self.nesterov else velocity
        return p - self.lr * along, Momentum(velocity)

    def takes_arrays(self) -> bool:
        return type(self) is SGD

    def _moves_all(self) -> bool:
        """Without momentum, move as `move` says in one loop: its replay takes three times as long."""
        if self.momentum or not self.takes_arrays():
            return super()._moves_all()
        after = one_step_down(self.params, float(self.lr), float(self.weight_decay))
        if not are_finite(after):
            return False
        write_numbers(self.params, after)
        return True


class Adam(Optimizer):
    r"""$p \leftarrow p - \eta \hat m / (\sqrt{\hat v} + \epsilon)$: the mean gradient over its usual size.

    The means are $m \leftarrow \beta_1 m + (1 - \beta_1) g$ and $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$;
    $\hat m = m / (1 - \beta_1^t)$ and $\hat v = v / (1 - \beta_2^t)$ make up for their start at 0.
    Weight decay $\lambda$ adds $\lambda p$ to the gradient; `AdamW` keeps the two apart.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> Adam([w], lr=0.1).step()
    >>> round(w.data, 6)
    0.9
    """

    start, columns = Moments(), ("mean", "square")

    def __init__(self, params: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(params, lr)
        pair = isinstance(betas, tuple | list) and len(betas) == 2
        if not pair or not all(is_number(beta) and 0.0 <= beta < 1.0 for beta in betas):
            raise ValueError(f"betas: expected two numbers from 0 to below 1, got {betas!r}")
        self.betas = betas
        self.eps = real("eps", eps, "a number above 0", positive=True)
        self.weight_decay = real("weight_decay", weight_decay, "a number of 0 or more")

    def move(self, p: Any, g: Any, memory: Moments) -> tuple[Any, Moments]:
        return self._adapted(p, g + self.weight_decay * p if self.weight_decay else g, memory)

    def _adapted(self, p: Any, g: Any, memory: Moments) -> tuple[Any, Moments]:
        (beta1, beta2), (m, v, t) = self.betas, memory
        t, m, v = t + 1, beta1 * m + (1.0 - beta1) * g, beta2 * v + (1.0 - beta2) * g * g
        mean, square = m / (1.0 - beta1**t), v / (1.0 - beta2**t)
        return p - self.lr * mean / (_sqrt(square) + self.eps), Moments(m, v, t)

    def takes_arrays(self) -> bool:
        one_count = self._columns is not None or len({memory.steps for memory in self._memory}) == 1
        return type(self) in (Adam, AdamW) and one_count


class AdamW(Adam):
    r"""Adam with weight decay apart from the gradient: $p \leftarrow p - \eta \lambda p$ before each step.

    >>> w = Value(1.0)
    >>> (w * w).backward()
    >>> AdamW([w], lr=0.1, weight_decay=0.5).step()
    >>> round(w.data, 6)
    0.85
    """

    def __init__(self, params: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.01) -> None:  # fmt: skip
        super().__init__(params, lr, betas, eps, weight_decay)

    def move(self, p: Any, g: Any, memory: Moments) -> tuple[Any, Moments]:
        return self._adapted(p * (1.0 - self.lr * self.weight_decay), g, memory)


def _sqrt(x: Any) -> Any:
    return math.sqrt(x) if isinstance(x, float) else x.sqrt()
