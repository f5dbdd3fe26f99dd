"""The tape: a recorded graph as flat lists of numbers, which a loop can run without looking at one object.

A *slot* is the place of one number. The slots of a tape are, in this order,

- the parameters: the values that the function closes over, read anew at each call;
- the constants: plain numbers, and the settings of operations (leaky ReLU's alpha);
- the arguments: the numbers that the function was called with;
- the nodes: one for each recorded operation, operands before results.

A node is a row of the table and the slots of its operands. Running the tape forward fills the nodes' slots from
the first to the last; running it backward walks them from the last to the first, and hands each one's gradient
on to the slots of its operands: what `Value.backward` does, with indices in the place of objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from autograd_lite.engine import Value
from autograd_lite.naming import Role
from autograd_lite.ops import Op


@dataclass(frozen=True, slots=True)
class Guard:
    """A comparison that the recorded function decided by: a replay on which it comes out otherwise is not its own."""

    how: str  # < <= > >= == !=
    left: int  # slots
    right: int
    held: bool  # how it came out
    line: str  # the user's own, for messages


@dataclass(frozen=True, slots=True)
class Tape:
    """A recorded graph: for node i, its row, its operands' slots, and whether a gradient runs through it."""

    parameters: tuple[Value, ...]
    constants: array[float]
    arguments: int  # how many
    rows: tuple[Op, ...]  # the rows that occur, each once
    row: array[int]  # of node i: its index in `rows`
    starts: array[int]  # of node i: where its operands start; one more at the end
    operands: array[int]  # slots; a row's settings follow its operands, as constants
    live: bytearray  # of each slot: 1 if the gradient of the first output by it is asked for on the way
    outputs: tuple[int, ...]  # slots of what the function returned; the first is what is differentiated
    guards: tuple[Guard, ...] = ()
    live_arguments: tuple[int, ...] = ()  # slots of the arguments that were Values
    roles: dict[int, Role] = field(default_factory=dict)  # of slots that have one
    labels: dict[int, str] = field(default_factory=dict)

    @property
    def first_argument(self) -> int:
        return len(self.parameters) + len(self.constants)

    @property
    def first_node(self) -> int:
        return self.first_argument + self.arguments

    @property
    def nodes(self) -> int:
        """The number of recorded operations."""
        return len(self.row)

    @property
    def slots(self) -> int:
        return self.first_node + len(self.row)

    @property
    def wanted(self) -> list[int]:
        """The slots whose gradients are asked for: the parameters, then the arguments that were Values."""
        return [*range(len(self.parameters)), *self.live_arguments]

    def operands_of(self, node: int) -> Sequence[int]:
        """Return the slots of node i's operands and settings."""
        return self.operands[self.starts[node] : self.starts[node + 1]]


class Batch(NamedTuple):
    """The result of a run over many rows: lists, or a matrix and an array from the kernel."""

    outputs: Any  # of each row: a line of numbers
    held: list[bool] | None  # of each row: whether all guards held; None where they did for all
    total: float  # the sum of the first output, over the rows that held
    gradients: Any  # its gradient by each parameter


class Runner(Protocol):
    """Something that runs a tape: generated Python, or a kernel."""

    def one(
        self, parameters: Sequence[float], arguments: Sequence[float], gradient: bool
    ) -> tuple[tuple[float, ...], Sequence[float]] | None:
        """Run one row of numbers: the outputs, and the gradients of the first by the tape's `wanted`.

        None where a guard does not hold; no gradients where none are asked for.
        """

    def table(self, rows: Any) -> Any:
        """Return rows of numbers, a list of lists or an array, as `many` takes them."""

    def many(self, parameters: Any, rows: Any, gradient: bool) -> Batch:
        """Run rows laid out by `table`; those that a guard does not hold for count in no sum."""
