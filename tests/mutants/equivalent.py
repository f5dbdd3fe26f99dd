"""Mutants that compute the same as the package, so that no test can tell: the name of each, and why."""

# ruff: noqa: E501 (a name is as long as it is)

EQUIVALENT = {
    # rows
    "autograd_lite/ops.py::cross_entropy, partial by b: 0.0 → 1.000000001 * (0.0)": "a multiple of 0 is 0",
    "autograd_lite/ops.py::floor_divide, partial by a: 0.0 if abs(out) >= 0.0 else nan → 2.0 * (0.0 if abs(out) >= 0.0 else nan)":
        "twice 0 is 0, twice nan is nan",
    "autograd_lite/ops.py::sign, partial by a: 0.0 if abs(a) >= 0.0 else nan → 1.000000001 * (0.0 if abs(a) >= 0.0 else nan)":
        "a multiple of 0 is 0, and of nan nan",
    "autograd_lite/ops.py::arctan, partial by a: 1.0 / (1.0 + a * a) if abs(a) < 1e10 else 1.0 / a / a → 1.0 / (1.0 + a * a) if abs(a) < 10000000010.0 else 1.0 / a / a":
        "around the threshold the 1 is far below the last digit of a * a, and either form as exact",
    "autograd_lite/ops.py::elu, partial by a: alpha * exp(a) if a <= 0.0 else 1.0 if a > 0.0 else a → alpha * exp(a) if a <= 0.0 else 1.0 if a >= 0.0 else a":
        "0 is answered by the first condition: the second tells numbers from nan",
    # numerics
    "autograd_lite/numerics/accurate.py::normal_pdf_times: 37.0 → 37.00000003700001":
        "around the threshold either form is as exact: the density is subnormal from 37.6 on",
    "autograd_lite/numerics/accurate.py::gelu: 1.0 → 1.000000001 #5":
        "a billionth of a term that is below 15 / 37**6 is beyond the last digit",
    "autograd_lite/numerics/accurate.py::pow_derivative: a < 0.0 → a <= 0.0 #2":
        "a derivative by b at a = 0 is answered above, or log(0) makes its factor infinite: the zeros of b (b - 1) … are simple",
    "autograd_lite/numerics/accurate.py::pow_derivative: b - h → b":
        "where nothing was lost by rounding, the correction that follows is a factor of exactly 1: it only saves that",
    "autograd_lite/numerics/accurate.py::_high_part: 134217729.0 → 268435458.0":
        "the upper half comes out a bit shorter, and its square as exact: another last digit now and then, no larger error",
    "autograd_lite/numerics/accurate.py::module: 4.833646656726457e-17 → 4.833646661560104e-17":
        "a billionth of a correction of one unit in the last place at most",
    # what a number is, modes
    "autograd_lite/coerce.py::to_float_or_none: data.__class__ is int or isinstance(data, Real) → isinstance(data, Real)":
        "an int is a Real: asking for it first is quicker",
    "autograd_lite/flow.py::dependents: True → False":
        "`strict` of a zip of parents and partials, which are equally many: it states that",
    "autograd_lite/view.py::_fits: True → False #2":
        "`strict` of a zip of partials then and now, of the same Values among the same operands: it states that",
    "autograd_lite/view.py::View.with_calls_expanded.again: row is None or all((old is new for old, new in zip(node.operands, operands, strict=True))) → all((old is new for old, new in zip(node.operands, operands, strict=True)))":
        "a leaf has no operands, so none of them is new: asking for it first is quicker",
    "autograd_lite/view.py::View.with_calls_expanded.again: True → False":
        "`strict` of a zip of a node's operands then and now, which are equally many: it states that",
    # engine
    "autograd_lite/engine.py::Value.data: number + 0.0 → number - 0.0":
        "of an int, either makes the same float",
    "autograd_lite/engine.py::Value.backward: open_modes and (mode := on_differentiated(self, 'backward')) is not None and mode.anomaly → (mode := on_differentiated(self, 'backward')) is not None and mode.anomaly":
        "an empty `open_modes` says that there is no current mode: it only saves the look-up",
    "autograd_lite/sweep.py::in_order: if node._operation.expand is not None: fresh = [v for v in b if v._a is None and v._grad … → if not node._operation.expand is not None: fresh = [v for v in b if v._a is None and v._g…":
        "the leaves of a node all at once, or each when its turn comes: they are written alike, but faster",
    "autograd_lite/sweep.py::in_order: node._operation.expand is not None → node._operation.expand is None":
        "the leaves of a node all at once, or each when its turn comes: they are written alike, but faster",
    "autograd_lite/sweep.py::in_order: write_gradients(fresh, repeat(done)) → pass":
        "then each of them is listed again when its turn comes, with the same number before: it only saves the turn",
    "autograd_lite/sweep.py::in_order: for v in reversed(b) if v._grad is not done → for v in reversed(b)":
        "a closed node on the stack is taken off again: it only saves the push",
    "autograd_lite/sweep.py::is_call_on_leaves: return operation.leaves or all([p._a is None for p in root._b]) → return None":
        "the general way comes to the same for a call on leaves, but slower",
    "autograd_lite/sweep.py::is_call_on_leaves: operation.leaves or all([p._a is None for p in root._b]) → operation.leaves and all([p._a is None for p in root._b])":
        "the general way comes to the same for a call on leaves, but slower",
    "autograd_lite/sweep.py::is_call_on_leaves: operation.leaves or all([p._a is None for p in root._b]) → all([p._a is None for p in root._b])":
        "the general way comes to the same for a call on leaves, but slower",
    "autograd_lite/sweep.py::is_call_on_leaves: operation.leaves or all([p._a is None for p in root._b]) → operation.leaves":
        "the general way comes to the same for a call on leaves, but slower",
    "autograd_lite/sweep.py::_finish: 0 → 1": "the loop in C would keep its last None",
    # derivatives
    "autograd_lite/derivatives.py::check_gradients: forward - backward → backward - forward": "the sign is dropped",
    # the tape
    "autograd_lite/replay/weighted_sums.py::_chains: 2 → 3":
        "any count but 1 says that somebody else needs the node",
    "autograd_lite/replay/weighted_sums.py::_chains.grown: end >= limit → end > limit":
        "the sum itself reads a factor only as its start; then the next product is refused, as its sum comes later",
    "autograd_lite/replay/weighted_sums.py::_chains: last is None and start in single and (uses[start] == 1) → start in single and uses[start] == 1":
        "what is in `single` ends no chain",
    "autograd_lite/replay/weighted_sums.py::joined: MUL in draft.rows and (ADD in draft.rows or SUM in draft.rows) → MUL in draft.rows or (ADD in draft.rows or SUM in draft.rows)":
        "without products, or without sums, there are no chains: it only saves looking for them",
    "autograd_lite/replay/weighted_sums.py::joined: MUL in draft.rows and (ADD in draft.rows or SUM in draft.rows) → ADD in draft.rows or SUM in draft.rows":
        "without products, or without sums, there are no chains: it only saves looking for them",
    "autograd_lite/replay/weighted_sums.py::joined: MUL in draft.rows and (ADD in draft.rows or SUM in draft.rows) → MUL in draft.rows":
        "without products, or without sums, there are no chains: it only saves looking for them",
    "autograd_lite/replay/weighted_sums.py::joined: 1 → 2":
        "a number of a node that is gone: any below 0",
    "autograd_lite/replay/weighted_sums.py::_chains: chains.pop(start, None) → pass":
        "the place it leaves is one of its parts, and gone: it only saves going over the parts again",
    "autograd_lite/replay/consistency.py::difference: _identical(old.parameters, new.parameters) → _identical(new.parameters, old.parameters)":
        "the same either way round",
    "autograd_lite/replay/consistency.py::difference: _identical(old.rows, new.rows) → _identical(new.rows, old.rows)":
        "the same either way round",
    "autograd_lite/replay/consistency.py::difference: same_bits(before, now) → same_bits(now, before)":
        "the same either way round",
    "autograd_lite/replay/consistency.py::same_numbers: array('d', some).tobytes() == array('d', others).tobytes() or all(map(same_bits, some, ot… → all(map(same_bits, some, others))":
        "what has the same bytes is the same number by number: it only saves looking at each",
    "autograd_lite/replay/source.py::Lines._fold: 1 → 2 #3":
        "the least count of terms, taken 40 at a time: one step for 1 as for 2",
    "autograd_lite/replay/recording.py::_mark_live: end - start → start - end #2":
        "what is written for two operands is the case of many, but faster",
    # losses, steps
    "autograd_lite/nn/losses.py::l1_loss: p - y → y - p": "the size of a difference, and its slope by p, are the same",
    "autograd_lite/nn/losses.py::huber_loss.huber: p - y → y - p":
        "the loss of a difference and of its opposite, and the slope by p, are the same",
    "autograd_lite/nn/optimizers.py::Optimizer.remember: True → False #2":
        "`strict` of a zip of the columns' names and a row of their numbers, which are equally many: it states that",
    "autograd_lite/nn/training_steps.py::ReplayedSteps._right: 0 → 1":
        "where no answer is right or wrong, nobody reads how many were",
    "autograd_lite/nn/losses.py::_binary_entropy: 1.0 → 2.0 #3":
        "the lower end of a clamp of a probability: any end below 0 clamps nothing",
    "autograd_lite/nn/losses.py::_binary_entropy: 2.0 → 4.0":
        "the upper end of a clamp of a probability: any end above 1 clamps nothing",
}  # fmt: skip
