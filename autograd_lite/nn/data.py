"""The data that a net is trained on, checked: a message names the row, the kind that was expected, and what was found.

Which targets a loss takes, and which predictions are right, are columns of the table of losses.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from autograd_lite.checks import plural, refuse_set, shown
from autograd_lite.coerce import to_float_or_none
from autograd_lite.kernel.library import count_largest

__all__ = ["ANY", "AS_GIVEN", "CLASS", "LARGEST", "ONE_HOT", "PROBABILITY", "SIGN", "Right", "SameSide", "Targets",
           "checked_rows", "checked_targets", "entry", "finite", "listed"]  # fmt: skip


ROWS = "; rows stand in a list, as in [[1, 2], [3, 4]]: a single one is [[1, 2]]"
ROWS_OF_ONE = "; a row is a list, of one number too, as in [[1], [2]]"
FILL_IN = "; where a number is missing, fill it in, or leave its row out"
LEFT_OUT = "; where a target is missing, leave its row out, or put in a number that a loss of your own leaves out"


def checked_rows(X: Any, width: int | None, where: str = "X") -> list[list[float]]:
    """Return rows of inputs as lists of floats, each of `width` numbers (None: as many as the first row).

    >>> checked_rows([[1, 2], [3, 4]], 2)
    [[1.0, 2.0], [3.0, 4.0]]
    >>> checked_rows([[1, 2], [3]], 2)
    Traceback (most recent call last):
    ValueError: X, row 2: expected 2 numbers, got 1
    """
    rows = []
    for i, row in enumerate(listed(X, where, "a list of rows"), start=1):
        numbers = listed(row, f"{where}, row {i}", "a list of numbers", ROWS_OF_ONE if width == 1 else ROWS)
        width = len(numbers) if width is None else width
        if len(numbers) != width:
            raise ValueError(f"{where}, row {i}: expected {plural(width, 'number')}, got {len(numbers)}")
        if not _FLOAT.issuperset(map(type, numbers)) or not math.isfinite(sum(numbers)):  # finite floats stay
            numbers = [finite(number, f"{where}, row {i}, number {j}") for j, number in enumerate(numbers, start=1)]
        rows.append(numbers)
    if not rows:
        raise ValueError(f"{where}: expected at least one row, got none")
    return rows


_FLOAT = {float}


def checked_targets(
    targets: list[Any], rows: int, kind: Targets, loss: str, outputs: int | None, where: str = "y"
) -> list[Any]:
    """Return one target a row, of the kind that the loss takes, for a net of so many outputs.

    `outputs` is None for a Module of the user's own; then the loss checks the targets.

    >>> checked_targets([0, 2], 2, CLASS, "cross_entropy", 2)
    Traceback (most recent call last):
    ValueError: y, row 2: expected a class index from 0 to 1 (the net has 2 outputs, classes count from 0), got 2
    """
    if len(targets) != rows:
        raise ValueError(f"{where}: expected {plural(rows, 'target')}, one for each row, got {len(targets)}")
    if outputs is None:
        return [*map(one_hot_class, targets)] if isinstance(kind, ClassIndex) else targets
    return [kind.check(target, outputs, loss, f"{where}, row {i}") for i, target in enumerate(targets, start=1)]


def finite(item: Any, where: str, missing: str = FILL_IN) -> float:
    """Return a finite real number as a float; a message about None or nan ends with what to do where it is missing."""
    try:
        number = to_float_or_none(item)
    except OverflowError as error:
        raise OverflowError(f"{where}: {error}") from None
    if number is None:
        raise TypeError(f"{where}: expected a number, got {shown(item)}{missing * (item is None)}")
    if not math.isfinite(number):
        raise ValueError(f"{where}: expected a finite number, got {number!r}{missing * math.isnan(number)}")
    return number


def listed(items: Any, where: str, expected: str, hint: str = "") -> list[Any]:
    """Return the entries of a collection, but of no text, dict or set; a message about any other ends with the hint."""
    refuse_set(where, items)
    if type(items) is list or not isinstance(items, str | bytes | dict):
        try:
            return list(items.tolist() if hasattr(items, "tolist") else items)  # an array's numbers as Python's
        except TypeError:
            pass
    raise TypeError(f"{where}: expected {expected}, got {shown(items)}{hint}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A target is a number for each output: any finite one, one of a few, or one between two."""

    expected: str = ""  # in a message
    among: tuple[float, ...] = ()
    between: tuple[float, float] = (-math.inf, math.inf)
    as_given: bool = False  # for a loss of the user's own, which meets the numbers that the user gave

    def allows(self, number: float) -> bool:
        """Tell whether a number is such a target."""
        return (not self.among or number in self.among) and self.between[0] <= number <= self.between[1]

    def check(self, target: Any, outputs: int, loss: str, where: str) -> Any:
        """Return the target of one example for a net of so many outputs, or raise and name `where` it stands."""
        one = entry(target)
        if self.as_given and one.__class__ is tuple:  # of any length: the loss knows what each number of it means
            return tuple([self.check(x, 1, loss, f"{where}, number {j}") for j, x in enumerate(one, start=1)])
        if outputs > 1 and not (self.as_given and isinstance(one, Real)):  # such as the index of a class
            numbers = listed(target, where, f"a list of {outputs} numbers, one for each output")
            if len(numbers) != outputs:
                raise ValueError(f"{where}: expected {outputs} numbers, one for each output, got {len(numbers)}")
            return [self.check(x, 1, loss, f"{where}, number {j}") for j, x in enumerate(numbers, start=1)]
        number = finite(one, where, LEFT_OUT)
        if not self.allows(number):
            raise ValueError(f"{where}: expected {self.expected} for {loss}, got {number!r}")
        return one if self.as_given else number


class ClassIndex:
    """A target is the index of the class, from 0, or a list with a 1 at that place and 0 elsewhere."""

    def check(self, target: Any, outputs: int, loss: str, where: str) -> int:
        """Return the target of one example for a net of so many outputs, or raise and name `where` it stands."""
        target = one_hot_class(entry(target), outputs)
        if (isinstance(target, bool) and outputs != 2) or not isinstance(target, Real) or target not in range(outputs):
            found = repr(target) if isinstance(target, int | float) else shown(target)
            raise ValueError(f"{where}: expected a class index from 0 to {outputs - 1} (the net has {outputs} outputs,"
                             f" classes count from 0), got {found}")  # fmt: skip
        return int(target)  # type: ignore[call-overload, no-any-return]


class OneHot:
    """A target is a number for each output, or the index of a class, which stands for a 1 there and 0 elsewhere."""

    def check(self, target: Any, outputs: int, loss: str, where: str) -> list[float]:
        """Return the target of one example for a net of so many outputs, or raise and name `where` it stands."""
        if not isinstance(entry(target), Real):
            return ANY.check(target, outputs, loss, where)  # type: ignore[no-any-return]
        index = CLASS.check(target, outputs, loss, where)
        return [float(i == index) for i in range(outputs)]


def entry(target: Any) -> Any:
    """Return the number in a row of a column of targets, a list of one; of anything else, that itself."""
    is_row = isinstance(target, list | tuple) or getattr(target, "ndim", 0) == 1
    return target[0] if is_row and len(target) == 1 else target


def one_hot_class(target: Any, outputs: int | None = None) -> Any:
    """Return the index of the 1 in a list of one 1 and 0 elsewhere; of anything else, that itself.

    >>> one_hot_class([0, 0, 1]), one_hot_class(2), one_hot_class([0.5, 0.5])
    (2, 2, [0.5, 0.5])
    """
    if isinstance(target, Real | str) or not isinstance(target, Iterable):
        return target
    if getattr(target, "ndim", 1) == 0:
        return target.item()  # type: ignore[attr-defined]
    numbers = [*target]
    is_one_hot = all(isinstance(x, Real) for x in numbers) and sorted(numbers) == [0] * (len(numbers) - 1) + [1]
    return numbers.index(1) if is_one_hot and outputs in (None, len(numbers)) else target


def classes_in(targets: Sequence[Any]) -> tuple[str, ...]:
    """Return the classes where all targets are texts, numbers by their size, then by the alphabet; else none.

    >>> classes_in(["virginica", "setosa", "setosa"]), classes_in(["10", "9"]), classes_in([0, 1])
    (('setosa', 'virginica'), ('9', '10'), ())
    """
    if not targets or not all(isinstance(target, str) for target in targets):
        return ()

    def order(text: str) -> tuple[float, str]:
        try:
            return float(text), text
        except ValueError:
            return math.inf, text

    return tuple(sorted({str(target) for target in targets}, key=order))


Targets = Numbers | ClassIndex | OneHot
ANY, AS_GIVEN, CLASS, ONE_HOT = Numbers(), Numbers(as_given=True), ClassIndex(), OneHot()
PROBABILITY = Numbers("0 or 1 (or a probability between)", between=(0.0, 1.0))
SIGN = Numbers("1 or -1", among=(-1.0, 1.0))


Columns = Sequence[Sequence[float]]  # one for each output, with a number for each example


class Largest:
    """A prediction is right if its largest output is that of the class."""

    def __call__(self, prediction: Sequence[float], target: float) -> bool:
        return prediction.index(max(prediction)) == target

    def prepared(self, targets: Columns) -> Any:
        """Return targets as `count` takes them."""
        return array("d", targets[0])

    def count(self, predictions: Columns, targets: Any) -> int:
        """Return how many predictions are right."""
        return count_largest(predictions, targets)


@dataclass(frozen=True, slots=True)
class SameSide:
    """A prediction is right if it and the target lie on the same side, each of its own middle."""

    middle: float
    threshold: float

    def __call__(self, prediction: Any, target: Any) -> bool:
        if isinstance(prediction, list):
            return all(map(self, prediction, target))
        return bool((prediction > self.middle) == (target > self.threshold))

    def prepared(self, targets: Columns) -> Any:
        """Return targets as `count` takes them."""
        return [_above(self.threshold, column) for column in targets]

    def count(self, predictions: Columns, targets: Any) -> int:
        """Return how many predictions are right."""
        wrong = 0
        for column, sides in zip(predictions, targets, strict=True):
            wrong |= _above(self.middle, column) ^ sides
        return len(predictions[0]) - wrong.bit_count()


def _above(middle: float, numbers: Sequence[float]) -> int:
    """Return an integer with a byte for each number, 1 if it lies above the middle: all are compared at once."""
    return int.from_bytes(bytes(map(middle.__lt__, numbers)), "little")


Right = Largest | SameSide
LARGEST = Largest()
