"""The parameters in training: their numbers stay in their Values, or in one array that is written back when read."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import hypot, isfinite
from operator import attrgetter, is_
from typing import Any

from autograd_lite.engine import Value
from autograd_lite.kernel.library import divided
from autograd_lite.nn.moves import Move
from autograd_lite.sweep import are_finite, numbers_of, write_gradients, write_numbers


class InValues:
    """Parameters that stay in their Values, moved by the optimiser's `step`."""

    def __init__(self, parameters: list[Value], optimizer: Any, clip: float | None) -> None:
        self.parameters, self.optimizer, self.clip = parameters, optimizer, clip

    @property
    def numbers(self) -> Any:
        """The parameters' numbers, as the replay takes them."""
        return numbers_of(self.parameters)

    def step(self, sums: Sequence[float], count: int) -> None:
        """Move all parameters, or none, by the gradients summed over so many examples."""
        self.optimizer.zero_grad()
        for parameter, gradient in zip(self.parameters, sums, strict=True):
            parameter.grad = gradient / count
        clip_gradient(self.optimizer.params, self.clip)
        self.optimizer.step()

    def write_back(self) -> None:
        """Write the numbers to the Values."""

    def hand_over(self) -> None:
        """Write the gradients, and what the optimiser remembers."""

    def are_written(self) -> bool:
        """Tell whether the Values still hold the numbers that were read or written last; true before the next write."""
        return True


_get_data = attrgetter("_data")


class InArrays(InValues):
    """Parameters in one array, moved by the replay of the optimiser's formula."""

    numbers: Any = None

    def __init__(self, parameters: list[Value], optimizer: Any, clip: float | None) -> None:
        super().__init__(parameters, optimizer, clip)
        self.written = numbers_of(parameters)
        self.numbers = self.latest = array("d", self.written)  # and those that were written back last
        index = {p: i for i, p in enumerate(optimizer.params)}
        order = [index[p] for p in parameters]
        self.back = sorted(range(len(order)), key=order.__getitem__)  # from the order here to the optimiser's
        self.memory = self._arranged(optimizer.in_arrays(), order)
        self.move = Move(optimizer)
        self.gradients: Any = None

    def step(self, sums: Sequence[float], count: int) -> None:
        self.gradients = divided(sums, count)
        if self.clip is not None and (factor := _factor(self.gradients, self.clip)) < 1.0:
            self.gradients = array("d", [gradient * factor for gradient in self.gradients])
        numbers, memory = self.move(self.numbers, self.gradients, self.memory)
        if not are_finite(numbers):
            self.write_back()
            self.hand_over()
            self.optimizer.step()  # raises, and names the parameter
        self.numbers, self.memory = numbers, memory

    def write_back(self) -> None:
        if self.numbers is not self.latest:
            numbers = self.numbers.tolist()
            every = zip(numbers, map(_get_data, self.parameters), self.written, strict=True)
            kept = [number if held is before else held for number, held, before in every]  # set by others: kept
            write_numbers(self.parameters, kept)
            self.written, self.latest = numbers, self.numbers

    def hand_over(self) -> None:
        if self.gradients is not None:
            write_gradients(self.parameters, self.gradients)
            self.optimizer.remember(self._arranged(self.memory, self.back))
            self.gradients = None

    def _arranged(self, memory: Any, order: Sequence[int]) -> Any:
        """Return the memory of all parameters with its columns in another order of the parameters."""
        columns = {name: array("d", map(getattr(memory, name).__getitem__, order)) for name in self.optimizer.columns}
        return memory._replace(**columns)

    def are_written(self) -> bool:
        self.move.refresh()
        return self.numbers is not self.latest or all(map(is_, map(_get_data, self.parameters), self.written))


def clip_gradient(parameters: Sequence[Value], largest: float | None) -> None:
    """Make the gradient by all parameters shorter, in its direction, where its norm is above the largest."""
    reached = [p for p in parameters if p.has_grad] if largest is not None else []
    gradients = [p.grad for p in reached]
    if largest is not None and (factor := _factor(gradients, largest)) < 1.0:
        write_gradients(reached, [gradient * factor for gradient in gradients])


def _factor(gradients: Sequence[float], largest: float) -> float:
    """Return the factor of torch's `clip_grad_norm_`, at most 1; 1 for a gradient that an optimiser refuses."""
    norm = hypot(*gradients)
    return min(1.0, largest / (norm + 1e-6)) if isfinite(norm) else 1.0
