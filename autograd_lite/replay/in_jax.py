"""A tape as a pure function for JAX: to be jitted, mapped over rows, differentiated, spread over devices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_lite.languages.jax import operation
from autograd_lite.replay.tape import Tape


def jax_function(tape: Tape, title: str) -> Callable[[Any, Any], Any]:
    """Return a function of the parameters (one array, in the order of its `.parameters`) and the arguments."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        raise ImportError("to_jax needs JAX: pip install jax") from None
    if tape.guards:
        guard = tape.guards[0]
        raise TypeError(f"to_jax: {title} decides by {guard.how}{guard.line}; a pure function can't choose between "
                        "two graphs: use ag.maximum, ag.relu or ag.clamp instead of if")  # fmt: skip

    def apart(numbers: Any) -> list[Any]:
        """Return the numbers of an array; one after the other, each would have a slice, and a sum in the gradient."""
        sizes = (1,) * len(numbers)
        return [jnp.reshape(x, ()) for x in jax.lax.split(jnp.asarray(numbers), sizes)] if sizes else []

    def function(parameters: Any, arguments: Any) -> Any:
        leaves = [jnp.ravel(jnp.asarray(leaf)) for leaf in jax.tree_util.tree_leaves(arguments)]
        numbers = jnp.concatenate(leaves) if leaves else jnp.zeros(0)
        starts = jnp.asarray(parameters)
        if starts.shape != (len(tape.parameters),) or len(numbers) != tape.arguments:
            found = starts if starts.ndim == 0 else len(starts)
            raise ValueError(
                f"{title}: expected {len(tape.parameters)} parameters and {tape.arguments} numbers as arguments, in an "
                f"array and a tuple: j(parameters, (1.0, …)); got {found} and {len(numbers)}"
            )
        slots = [*apart(starts), *tape.constants, *apart(numbers)]
        for node in range(tape.nodes):
            row, given = tape.rows[tape.row[node]], [slots[s] for s in tape.operands_of(node)]
            count = len(given) - len(row.setting_names)
            out = operation(row, tuple(given[count:]))(*given[:count])
            slots.append(out if tape.live[tape.first_node + node] else jax.lax.stop_gradient(out))
        outputs = [jnp.asarray(slots[s]) for s in tape.outputs]
        return outputs[0] if len(outputs) == 1 else outputs

    function.parameters = tape.parameters  # type: ignore[attr-defined]
    function.__name__ = title if title.isidentifier() else "function"
    return function
