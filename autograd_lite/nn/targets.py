"""What the targets of a loss must be, and which predictions count as right: columns of the table of losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol

from autograd_lite.checks import shown
from autograd_lite.nn.data import finite_number, listed

__all__ = ["ANY", "CLASS", "LARGEST", "PROBABILITY", "SIGN", "Right", "SameSide", "Targets"]


# ------------------------------------------------------------------------------------------- what a target must be


class Targets(Protocol):
    """What the targets of a loss must be."""

    def check(self, target: Any, outputs: int, loss: str, where: str) -> Any:
        """Return the target of one example for a net of so many outputs, or raise and say `where` it stands."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A target is a number for each output: any finite one, one of a few, or one between two."""

    among: tuple[float, ...] = ()
    between: tuple[float, float] = (-math.inf, math.inf)
    expected: str = ""  # as the message says it

    def check(self, target: Any, outputs: int, loss: str, where: str) -> Any:
        if outputs == 1:
            return self._number(target, loss, where)
        numbers = listed(target, where, f"a list of {outputs} numbers, one for each output")
        if len(numbers) != outputs:
            raise ValueError(f"{where}: expected {outputs} numbers, one for each output, got {len(numbers)}")
        return [self._number(number, loss, f"{where}, number {j}") for j, number in enumerate(numbers, start=1)]

    def _number(self, target: Any, loss: str, where: str) -> float:
        number = finite_number(target, where)
        low, high = self.between
        if (self.among and number not in self.among) or not low <= number <= high:
            raise ValueError(f"{where}: expected {self.expected} for {loss}, got {number!r}")
        return number


class ClassIndex:
    """A target is the index of the class, from 0."""

    def check(self, target: Any, outputs: int, loss: str, where: str) -> int:
        if isinstance(target, bool) or not isinstance(target, Real) or target not in range(outputs):
            found = repr(target) if isinstance(target, int | float) else shown(target)
            raise ValueError(
                f"{where}: expected a class index from 0 to {outputs - 1} (the net has {outputs} outputs, classes count"
                f" from 0), got {found}"
            )
        return int(target)  # type: ignore[call-overload, no-any-return]


ANY = Numbers()
PROBABILITY = Numbers(between=(0.0, 1.0), expected="0 or 1 (or a probability between)")
SIGN = Numbers(among=(-1.0, 1.0), expected="1 or -1")
CLASS = ClassIndex()


# ------------------------------------------------------------------------------------- which prediction is right


class Right(Protocol):
    """Whether a prediction is right: of one example, and of arrays that hold an example in each line."""

    def __call__(self, prediction: Any, target: Any) -> bool: ...
    def count(self, predictions: Any, targets: Any) -> int: ...


class Largest:
    """The largest output is that of the class."""

    def __call__(self, prediction: list[float], target: int) -> bool:
        return prediction.index(max(prediction)) == target

    def count(self, predictions: Any, targets: Any) -> int:
        return int((predictions.argmax(axis=1) == targets[:, 0]).sum())


@dataclass(frozen=True, slots=True)
class SameSide:
    """Prediction and target lie on the same side, each of its own middle."""

    middle: float
    threshold: float

    def __call__(self, prediction: Any, target: Any) -> bool:
        if isinstance(prediction, list):
            return all(map(self, prediction, target))
        return bool((prediction > self.middle) == (target > self.threshold))

    def count(self, predictions: Any, targets: Any) -> int:
        return int(((predictions > self.middle) == (targets > self.threshold)).all(axis=1).sum())


LARGEST = Largest()
