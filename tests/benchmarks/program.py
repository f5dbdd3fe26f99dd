"""What a contender hands to the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from autograd_lite.kernel import library
from autograd_lite.ops import ROWS


@dataclass(frozen=True, slots=True)
class Program:
    """One step of work, and the numbers by which contenders show that they do the same work."""

    step: Callable[[], Any]  # what is timed
    check: Callable[[], list[float]]  # called once, before; all contenders of a race must give the same
    memory: Callable[[], tuple[float, int]] | None = None  # the bytes a node, and the number of nodes
    before: Callable[[], Any] | None = None  # called before each step, while the clock stands; then one is timed alone


class Unavailable(Exception):
    """A contender can not run here, and why."""


def evidence(loss: Any, gradients: Iterable[Any]) -> list[float]:
    """Return the loss and the sum of the squares of its gradient, which no order of parameters changes."""
    return [float(loss), sum([float(g) ** 2 for g in gradients])]


def of_values(step: Callable[[], Any], parameters: Iterable[Any]) -> Program:
    """Return the program of a step that ends in `backward()` and returns its loss, a Value of any engine."""

    def check() -> list[float]:
        loss = step()
        return evidence(loss.data, [p.grad for p in parameters])

    return Program(step, check)


def of_training(step: Callable[[], Any]) -> Program:
    """Return the program of a step that moves the parameters: the losses of three steps show where they went."""
    return Program(step, lambda: [step().data for _ in range(3)])


def load_kernel() -> None:
    """Load the kernel at once, as it is there in a program's later calls; what that costs is measured by itself."""
    if library.is_here():
        library.library(ROWS)
