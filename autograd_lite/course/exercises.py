"""The exercises of the notebooks, one row each: the form of its answer, and the judge that knows the right one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from autograd_lite.course import graphs
from autograd_lite.course.kinds import Case, Judge, formula, function, gradients, names_in, number, range_of
from autograd_lite.course.reading import NotYet, all_parts, number_from, word_from
from autograd_lite.derivatives import grad
from autograd_lite.engine import Value
from autograd_lite.explanation import nudge
from autograd_lite.nn import diagnose, fit
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.nn.initializers import INITIALIZERS


class Exercise(NamedTuple):
    """One exercise: the form of its answer, in words, and its judge."""

    form: str
    judge: Judge


# ---------------------------------------------------------------------------------------------------- notebook 0


def a_promise() -> Sequence[Case]:
    """0.2: the change of y, if w goes from 2.0 to 1.95."""
    w, *_, y = graphs.neuron().values()
    slope, really = grad(y, w), nudge(y, w, by=-0.05).rows[-1].change
    return [
        (-0.05 * slope, f"derivative times change. y really changes by {really:+.4f}."),
        (0.05 * slope, "the size is right, the sign is not. From 2.0 to 1.95 the change is negative."),
        (slope, "that is the derivative, the change of y for each whole unit of w. w moves by much less."),
    ]


def turn_it_round(w: float) -> str:
    """0.3: a weight with which y falls when x grows."""
    nodes = graphs.neuron(w)
    slope = grad(nodes["y"], nodes["x"])
    if slope < 0:
        return f"with w = {w:g}, the derivative of y by x is {slope:.3g}."
    if w == 0:
        raise NotYet("with w = 0 nothing of x arrives at y: it neither falls nor grows. The local derivative is w.")
    if slope == 0:
        raise NotYet(f"w = {w:g} drives the neuron so far out that its derivative is rounded to 0; take a smaller w.")
    raise NotYet(f"the derivative of y by x is {slope:.3g}, so y grows. Which factor on the path has a sign?")


# ---------------------------------------------------------------------------------------------------- notebook 1


def other_half() -> Sequence[Case]:
    """1.1: ∂C/∂b of the line."""
    nodes = graphs.line()
    db = grad(nodes["C"], nodes["b"])
    return [
        (db, f"2/3 times the sum of the errors, because each ∂f/∂b is 1. That is {db:.4f}."),
        (-db, "the sign. An error is f(x) − y, not y − f(x)."),
        (db / 2, "half of it is missing. What does the square become when you differentiate it?"),
        (-db / 2, "the sign, and half of it is missing. What does the square become when you differentiate it?"),
        (db * 3, "that is the sum over the examples; the cost is their mean. (∂C/∂w happens to be the same number.)"),
        (db * 1.5, "that is the sum of the errors. Where are the 2 of the square and the mean?"),
    ]


def bias_of_the_chain() -> Iterator[tuple[Sequence[Any], Judge]]:
    """1.2: ∂f/∂b⁽¹⁾, for the numbers of the notebook and for others."""
    yield graphs.on_the_way(graphs.chain()), gradients(graphs.chain, ["b1"], SAME_PATH)
    other = partial(graphs.chain, [0.5, 0.25, 1.5, -1.0, -0.75, 0.5])
    yield graphs.on_the_way(other()), gradients(other, ["b1"], SAME_PATH)


def do_it_right(answer: Callable[[Value], Any]) -> str:
    """1.4: the backward pass."""
    if "backward" in names_in(answer):
        raise NotYet("it calls `backward`, the method that it should replace: write the loop yourself.")
    small, net = graphs.doubled(), graphs.chain()
    answer(small["c"])
    found = small["a"].grad
    if found == 6:
        raise NotYet("6 again. Something hands on more than once: go through the order, and do not call yourself.")
    if found == 0:
        raise NotYet("a gets nothing. Is root.grad set to 1, and do you start at the end? See `reversed`.")
    if found == 1:
        raise NotYet("b is used twice by c, and should have 2. What comes in is added (+=).")
    if found != 4:
        raise NotYet(f"for c = (a + a) + (a + a) the derivative should be 4, yours is {found:g}.")
    *parameters, f = net.values()
    answer(f)
    if not all(math.isclose(p.grad, right) for p, right in zip(parameters, grad(f, parameters), strict=True)):
        raise NotYet("4 is right, but the six derivatives of the net f are not. Where does the 4 come from?")
    return "4 for the doubled number, and all six derivatives of the net."


# ---------------------------------------------------------------------------------------------------- notebook 2


def own_layer() -> Sequence[Case]:
    """2.1: the last factor from the weight's own layer."""
    _, values = graphs.several()
    a, f = values[2][1], values[3][0]
    hint = "the last factor belongs to the layer before the weight, not to its own."
    return [(grad(f, a) * a.data * (1.0 - a.data) * last.data, hint) for last in values[2]]


def which_way_round() -> Iterator[tuple[Sequence[Any], Judge]]:
    """2.1: ∂f/∂w₁₂⁽²⁾, for the net of the notebook and for another one."""
    yield graphs.by_unit(), gradients(graphs.weight_12, ["w12(2)"], FROM_TO, own_layer)
    yield graphs.by_unit(0.5), gradients(partial(graphs.weight_12, 0.5), ["w12(2)"], FROM_TO)


def put_the_sum_back(answer: Callable[[int], Any]) -> str:
    """2.2: ∂f/∂a of both units of layer 1."""
    if "grad" in (read := names_in(answer)) and read <= {"a", "grad", "range", "sum"}:
        raise NotYet(
            "it reads off what the engine computed; start from `a(j, 2).grad`, and multiply by what lies between."
        )
    hints = []
    for i in (1, 2):
        found = number_from(answer(i), f"the result of answer({i})")
        right, turned, bare = graphs.ways_back(i)
        if math.isclose(found, sum(right), rel_tol=1e-6):
            continue
        if any(math.isclose(found, term, rel_tol=1e-6) for term in right):
            hint = "that is one term of two, as on the slide. Both units of layer 2 read a(i, 1)."
        elif math.isclose(found, sum(turned), rel_tol=1e-6):
            hint = "the weights lead from unit i to unit j, so it is w(i, j, 2)."
        elif math.isclose(found, sum(bare), rel_tol=1e-6):
            hint = "each way back passes an activation, which brings a factor g'(z)."
        else:
            hint = "for each unit j of layer 2: its ∂f/∂a, times g'(z), times the weight; then add."
        hints.append(f"unit {i}: {hint}")
    if hints:
        raise NotYet("\n".join(hints))
    return "for both units."


def count_the_paths() -> Sequence[Case]:
    """2.3: the paths from a weight of the first layer, in a net with layers of 4, 3, 5 and 1 units."""
    wrong_sum = "the ways multiply, they do not add: each unit of one layer leads to every one of the next."
    one_unit = "w₁₁ leads to one unit of the first layer only, so the 4 does not count."
    praise = "to one unit, then to each of the next layer, from each of these to each of the one after."
    slips = {4 * 3 * 5: one_unit, 2 * 4 * 3 * 5: one_unit, **dict.fromkeys((8, 9, 12, 13), wrong_sum)}
    return [(3 * 5, praise), *slips.items()]


# ---------------------------------------------------------------------------------------------------- notebook 3


def knob_down() -> Sequence[Case]:
    """3.1: the change of C, if w₁₁⁽²⁾ is turned down by 0.02."""
    net, C = graphs.knobs()
    v, w = net.layers[1].neurons[0].w[0], net.layers[0].neurons[0].w[0]
    by_v, by_w = grad(C, [v, w])
    happens = nudge(C, v, by=-0.02).rows[-1].change
    return [
        (-0.02 * by_v, f"what happens: {happens:+.6f}, promised: {-0.02 * by_v:+.6f}."),
        (0.02 * by_v, "down is a change of −0.02. More weight lowers C here, so less weight raises it."),
        (-0.02 * by_w, "that is the derivative by w of layer 1. The question is about v."),
        (by_v, "the derivative is the change for each whole unit of v. v moves by −0.02 only."),
    ]


def how_far(by: float) -> str:
    """3.2: a nudge for which the promise is off by 5 to 6 % of the actual change."""
    net, C = graphs.knobs()
    end = nudge(C, net.layers[0].neurons[0].w[0], by=by).rows[-1]
    if by == 0 or end.change == 0:
        raise NotYet("with that nudge C does not change, so there is no change to compare the promise with.")
    off = abs(end.change - end.predicted) / abs(end.change)
    if 0.05 <= off <= 0.06:
        return f"off by {off:.2%}."
    if off > 0.06:
        raise NotYet(f"off by {100 * off:.3g}%. Too far: try a smaller nudge.")
    raise NotYet(f"off by {100 * off:.3g}%. You can go further: try a larger nudge.")


def best_knob(answer: Any) -> str:
    """3.3: the parameter that lowers C the most when it is turned up, by its place in the net or its name."""
    net, C = graphs.knobs()
    parameters = dict(net.named_parameters())
    grads = dict(zip(parameters, grad(C, list(parameters.values())), strict=True))
    if isinstance(answer, str):
        name = answer.strip().removeprefix("net.").replace("[", ".").replace("]", "")
    else:
        role = getattr(answer, "role", None) if isinstance(answer, Value) else None
        name = next((name for name, p in parameters.items() if role is not None and p.role == role), "")
    if name not in grads:
        raise NotYet("answer with a parameter of the net, as in net.layers[0].neurons[1].b")
    if grads[name] == min(grads.values()):
        change = nudge(C, parameters[name], by=0.01).rows[-1].change
        return f"its derivative is the most negative. C changes by {change:+.6f}."
    if grads[name] == max(grads.values()):
        raise NotYet("its derivative is the largest, so turning it up raises C the most.")
    if grads[name] > 0:
        raise NotYet("its derivative is positive. Turning it up raises C.")
    raise NotYet("that lowers C, but another one does it better. Look for the most negative derivative in the list.")


# ---------------------------------------------------------------------------------------------------- notebook 4


def one_unit(answer: Any) -> str:
    """4.1: f = 3 (2 x + 1) − 4 as one unit."""
    parts = all_parts(answer, ["w", "b"])
    w, b = (number_from(parts[name], name) for name in ("w", "b"))
    if w != 3 * 2:
        raise NotYet("x is multiplied by 2, and the result by 3. What happens to the slope?")
    if b != 3 * (2 * 0 + 1) - 4:
        raise NotYet("the slope is right. Put x = 0 into both units, one after the other: the result is b.")
    return "f = 6x − 1. One unit does the work of two."


def layers_needed(layers: float) -> str:
    """4.3: the number of sigmoid layers after which less than a millionth is left."""
    if layers % 1 != 0 or layers < 0:
        raise NotYet(f"{layers:g} is not a number of layers; give a whole number.")
    left = 0.25**layers
    if left >= 1e-6:
        raise NotYet(f"after {layers:g} layer{'s'[: layers != 1]} {left:.2g} is left, which is more than 1e-6.")
    if layers == 10:
        return f"{left:.2g} is left after 10 layers, and that is the very best case."
    if layers == 20:
        raise NotYet("that many if each layer passed σ(0) = 1/2. What multiplies on the way back is σ'(0).")
    raise NotYet(f"fewer are enough; after {layers:g} layers only {left:.2g} is left.")


def alive_for_two(b: float) -> str:
    """4.4: a bias with which relu(b − x) is active for two of x = 1, 2, 4."""
    active = [x for x in (1, 2, 4) if b - x > 0]
    if len(active) == 2:
        return f"with b = {b:g} the unit is active for x = 1 and x = 2."
    if not active:
        raise NotYet(f"with b = {b:g} the unit is still dead: z = −x + b is at most {b - 1:g}.")
    raise NotYet(f"with b = {b:g} it is active for {len(active)} of the three, x = {', '.join(map(str, active))}.")


# ---------------------------------------------------------------------------------------------------- notebook 5

TASKS = {
    "rent": ("linear", 1, "a rent is one number of any size: the output should be z itself, neither bent nor squeezed"),
    "spam": ("sigmoid", 1, "a yes or no: one probability is enough, because the other is what is left"),
    "digit": ("softmax", 10, "one of ten classes: ten probabilities that share 1 among them"),
}


UNITS = {name.replace("_", "") for name in ACTIVATIONS}
SAME_UNIT = {"logistic": "sigmoid", "identity": "linear", "sigmoidal": "sigmoid"}


def three_tasks(answer: Any) -> str:
    """5.1: the output unit and the number of units for each task."""
    parts = all_parts(answer, list(TASKS))
    hints = []
    for task, (unit, units, hint) in TASKS.items():
        try:
            pair = all_parts(parts[task], ["unit", "units"])
            word = word_from(pair["unit"], "the unit").removesuffix("unit")
            given = SAME_UNIT.get(word, word), number_from(pair["units"], "the number of units")
            if given[0] not in UNITS:
                raise NotYet("no unit of that name; notebook 5 has linear, sigmoid and softmax.")
        except NotYet as refused:
            hints.append(f"{task}: {refused}")
            continue
        if given != (unit, units):
            right = "the unit is right, their number is not; " if given[0] == unit else ""
            hints.append(f"{task}: {right}{hint}.")
    if hints:
        raise NotYet("\n".join(hints))
    return "all three."


def as_cheap(f: float) -> str:
    """5.2: the other answer that costs as much as f = 3 for y = 1."""
    cost = (f - 1.0) * (f - 1.0)
    if f == 3:
        raise NotYet("another one than f = 3, please. A parabola has two sides.")
    if cost == 4.0:
        return "f = −1, a firm NO, is as cheap as the firm yes."
    raise NotYet(f"that one costs ({f:g} − 1)² = {cost:g}, and it should cost 4.")


# ---------------------------------------------------------------------------------------------------- notebook 6


def parameters_of_a_net() -> Sequence[Case]:
    """6.1: the parameters of a net 3-5-2."""
    return [
        (5 * (3 + 1) + 2 * (5 + 1), "and the library counts the same."),
        (3 * 5 + 5 * 2, "these are the weights. Each unit has a bias, too."),
    ]


def one_step() -> Sequence[Case]:
    """6.2: w = 2 after a step with the gradient −0.5 and the rate 0.1."""
    return [
        (2 + 0.05, "the cost falls as w grows, so w grows."),
        (2 - 0.05, "that is a step uphill. Mind the two minus signs."),
        (2 + 0.5, "right direction, but the rate is missing."),
        (2 - 0.5, "the rate is missing, and that is a step uphill. Mind the two minus signs."),
        (2 + 0.1, "that moves w by the whole rate. The step is the rate times the derivative; give three digits."),
        (0.05, "that is the step. What is the weight after it?"),
        (2, "w is 2 before the step. Where is it afterwards?"),
    ]


def doctor(answer: Any) -> str:
    """6.3: hidden units with which a deep net learns."""
    parts = all_parts(answer, ["activation", "init", "bias"])
    word, init = word_from(parts["activation"], "activation"), word_from(parts["init"], "init")
    activation = {name.replace("_", ""): name for name in ACTIVATIONS if name != "softmax"}.get(word)
    if activation is None:
        raise NotYet("activation: no unit of that name; notebook 4 has linear, sigmoid, relu and leaky_relu.")
    if init not in INITIALIZERS:
        raise NotYet(f"init: no initialisation of that name; there are {', '.join(INITIALIZERS)}.")
    bias = number_from(parts["bias"], "bias")
    if abs(bias) > 100:
        raise NotYet("a bias that large leaves no unit where it can learn; start near 0.")
    accuracy, verdicts = _treated(activation, init, bias)
    if accuracy > 0.95:
        return f"{accuracy:.0%} after 60 epochs."
    raise NotYet("\n".join([f"{accuracy:.0%} after 60 epochs.", *verdicts]))


@cache
def _treated(activation: str, init: str, bias: float) -> tuple[float, tuple[str, ...]]:
    """Return the accuracy of a net after its training, and the verdicts on it before."""
    net, X, y = graphs.patient(activation, init, bias)
    verdicts = tuple(finding.verdict for finding in diagnose(net, X, y).findings)
    try:
        return fit(net, X, y, epochs=60, lr=0.02, progress=False).accuracy[-1], verdicts
    except ValueError as refused:  # it diverged
        return 0.0, (*verdicts, str(refused))


A_NUMBER = "a number"
COUNT = "a whole number"
CHAIN, BY_UNIT = "answer(w2, w3, z1, z2, z3)", "answer(a, g_prime)"
TABLE = '{"e": …, "d": …, "c": …, "a": …, "b": …}'
ABOUT = 0.03  # relative: the question says "about", so the actual change is an answer, too

BY_CHANGE = "multiply the derivative by the change of w, which is 1.95 − 2.0."
TERMS = "one term for each example, 2 (f − y) times ∂f/∂b, and then the mean. ∂f/∂b is 1."
SAME_PATH = "the same path as for w⁽¹⁾, with another last factor."
FROM_TO = "from unit 1 of layer 1, to unit 2 of layer 2."
FOLLOW = "follow the weight to its one unit, and multiply by the number of units of each layer after it."
EACH_UNIT = "each of the 5 units has 3 weights and a bias; each of the 2 has how many?"
BOTH_PATHS = "the path through the product brings b, the one straight to the sum brings 1, and both add up."

EXERCISES = {
    "0.1": Exercise(A_NUMBER, gradients(graphs.used_twice, ["a"], BOTH_PATHS)),
    "0.2": Exercise(A_NUMBER, number(a_promise, BY_CHANGE, within=ABOUT)),
    "0.3": Exercise(A_NUMBER, range_of(turn_it_round)),
    "1.1": Exercise(A_NUMBER, number(other_half, TERMS)),
    "1.2": Exercise(f"a function {CHAIN}", formula(bias_of_the_chain, CHAIN)),
    "1.3": Exercise(TABLE, gradients(graphs.square, ["e", "d", "c", "a", "b"], "the whole table.")),
    "1.4": Exercise("a function answer(root)", function(do_it_right, "answer(root)")),
    "2.1": Exercise(f"a function {BY_UNIT}", formula(which_way_round, BY_UNIT)),
    "2.2": Exercise("a function answer(i)", function(put_the_sum_back, "answer(i)")),
    "2.3": Exercise(COUNT, number(count_the_paths, FOLLOW, whole=True)),
    "3.1": Exercise(A_NUMBER, number(knob_down, "the derivative by v, times the change of v.", within=ABOUT)),
    "3.2": Exercise(A_NUMBER, range_of(how_far)),
    "3.3": Exercise("a parameter of the net", best_knob),
    "4.1": Exercise("a pair (w, b)", one_unit),
    "4.2": Exercise('{"w": …, "b": …}', gradients(graphs.sigmoid_unit, ["w", "b"], "both.")),
    "4.3": Exercise(COUNT, range_of(layers_needed)),
    "4.4": Exercise(A_NUMBER, range_of(alive_for_two)),
    "5.1": Exercise('{"rent": ("unit", 1), "spam": ("unit", 1), "digit": ("unit", 1)}', three_tasks),
    "5.2": Exercise(A_NUMBER, range_of(as_cheap)),
    "5.3": Exercise('{"w": …, "b": …}', gradients(graphs.yes_or_no, ["w", "b"], "both.")),
    "5.4": Exercise('{"z1": …, "z2": …, "z3": …}', gradients(graphs.three_classes, ["z1", "z2", "z3"], "all three.")),
    "6.1": Exercise(COUNT, number(parameters_of_a_net, EACH_UNIT, whole=True)),
    "6.2": Exercise(A_NUMBER, number(one_step, "w − rate · ∂C/∂w, with w = 2.")),
    "6.3": Exercise('{"activation": …, "init": …, "bias": …}', doctor),
}  # fmt: skip
