"""The parts of a run over the rows of a data set: rows that a branch replayed (`Replayed`), and eager ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autograd_lite.engine import Value
from autograd_lite.kernel.library import divided
from autograd_lite.replay.arguments import flatten, rebuild
from autograd_lite.replay.specialization import Replayed, summed
from autograd_lite.replay.table import numbers_of


class Eager(NamedTuple):
    """Rows of a data set for which the function itself ran, without a replay."""

    returned: list[Any]  # Values, or numbers where no gradient is asked for
    indices: Sequence[int]

    def results(self) -> Iterator[tuple[int, Any]]:
        """Yield the index of each row, and the function's result."""
        return zip(self.indices, self.returned, strict=True)


def in_numbers(result: Any) -> Any:
    """Return the result of a function, a Value or lists of them, in numbers."""
    leaves, shape = flatten((result,), {})
    return rebuild(shape, numbers_of(leaves))[0][0]


def added(replays: Sequence[Replayed], scale: float) -> tuple[float, tuple[Value, ...], Sequence[float]]:
    """Return the sum over all rows, the parameters that it depends on, and its gradients; divided by the scale."""
    if len(replays) == 1:
        branch, batch, _ = replays[0]
        slopes = batch.gradients if scale == 1.0 else divided(batch.gradients, scale)
        return batch.total / scale, branch.live_parameters, branch.live_of(slopes)
    total = 0.0
    for part in replays:
        total += part.batch.total
    sums = summed([(part.branch.live_parameters, part.branch.live_of(part.batch.gradients)) for part in replays])
    return total / scale, tuple(sums), tuple([slope / scale for slope in sums.values()])
