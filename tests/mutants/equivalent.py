"""Mutants that compute the same as the package, so that no test can tell: the name of each, and why."""

# ruff: noqa: E501 (a name is as long as it is)

EQUIVALENT = {
    # rows
    "autograd_lite/ops.py::cross_entropy, partial by b: 0.0 → 1.000000001 * (0.0)": "a multiple of 0 is 0",
    "autograd_lite/ops.py::floor_divide, partial by a: 0.0 if abs(out) >= 0.0 else nan → 2.0 * (0.0 if abs(out) >= 0.0 else nan)":
        "twice 0 is 0, twice nan is nan",
    # engine
    "autograd_lite/engine.py::Value.backward: modes and (mode := current.get()) is not None and mode.anomaly → (mode := current.get()) is not None and mode.anomaly":
        "an empty `modes` says that there is no current mode: it only saves the look-up",
    "autograd_lite/engine.py::Value.backward: b.__class__ is Value and b._grad is not closed → b.__class__ is Value":
        "a closed node on the stack is taken off again: it only saves the push",
    "autograd_lite/engine.py::Value.backward: 0 → 1":
        "a deque that drinks an iterator may keep the last of it",
    # the tape
    "autograd_lite/replay/chains.py::_chains: 0 → 1":
        "a chain has a product before it, so none ends at node 0",
    "autograd_lite/replay/source.py::many_rows: tape.live[slot] and slot not in tape.live_arguments → tape.live[slot]":
        "rows that hold Values run one by one, so a tape that is run for many has no live arguments",
    "autograd_lite/replay/recording.py::_mark_live: end - start → start - end #2":
        "what is written for two operands is the case of many, but faster",
    # losses
    "autograd_lite/nn/losses.py::_binary_entropy: 1.0 → 2.0 #3":
        "the lower end of a clamp of a probability: any end below 0 clamps nothing",
}  # fmt: skip
