"""Find the layers of a tape: weighted sums of the same inputs, of which the kernel runs several together.

Not a bit may change. Units that run together hand their gradients on at the place of the first of them, so one joins
only if no other node between the two uses its inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_lite.replay.tape import Tape

if TYPE_CHECKING:
    import numpy as np

UNITS = 4  # of a layer that run together


def in_layers(tape: Tape, nodes: np.ndarray, ways: np.ndarray, varies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return these nodes in the order in which they run, and how many run with each: UNITS, then 0 for the others.

    A weighted sum has a way other than 0: some of the slots that it reads vary, its inputs.
    """
    import numpy as np

    operands = np.array(tape.operands)
    before = _used_before(operands, np.repeat(np.arange(tape.nodes), np.diff(tape.starts)))
    first = np.arange(tape.nodes)  # of those that run with a node
    units = np.ones(tape.nodes, np.int32)
    begun: dict[Any, list[int]] = {}  # units that wait for more, by what they have in common
    for node in np.flatnonzero(ways).tolist():
        own = slice(tape.starts[node], tape.starts[node + 1])
        reads, users = operands[own], before[own]
        inputs = varies[reads]
        key = tape.row[node], ways[node], len(reads), tape.live[tape.first_node + node], reads[inputs].tobytes()
        layer = begun.get(key)
        if not layer or (users[inputs] != layer[-1]).any() or (users[~inputs] >= layer[0]).any():
            begun[key] = [node]
            continue
        layer.append(node)
        if len(layer) == UNITS:
            first[layer] = layer[0]
            units[layer] = UNITS, *[0] * (UNITS - 1)
            del begun[key]
    order = nodes[np.argsort(first[nodes], kind="stable")]
    return order, units[order]


def _used_before(operands: np.ndarray, users: np.ndarray) -> np.ndarray:
    """Return for each operand the node that used the same slot last before, or -1."""
    import numpy as np

    uses = np.argsort(operands, kind="stable")
    again = operands[uses[1:]] == operands[uses[:-1]]
    before = np.full(len(operands), -1)
    before[uses[1:][again]] = users[uses[:-1][again]]
    return before
