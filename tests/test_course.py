"""`check`: of every exercise the solution and its roundings, typical slips, incomplete and silly answers; each twice.

The notebooks' own way of writing the answers, in their order and after their end, is in `test_notebooks.py`.
"""

import json
import math
import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.course import EXERCISES, Check, Checked
from autograd_lite.words import speaking


def backward(root: Value) -> None:
    root.grad = 1.0
    for node in reversed(ag.topological_order(root)):
        for parent, local in zip(node.parents, node.partials, strict=True):
            parent.grad += node.grad * local


def backward_in(order: Callable[[list[Value]], Any], adds: bool = True) -> Callable[[Value], None]:
    """Return a backward pass that goes through the graph in another order, or that does not add up."""

    def answer(root: Value) -> None:
        root.grad = 1.0
        for node in order(ag.topological_order(root)):
            for parent, local in zip(node.parents, node.partials, strict=True):
                parent.grad = node.grad * local + (parent.grad if adds else 0.0)

    return answer


def naive(root: Value) -> None:
    for parent, local in zip(root.parents, root.partials, strict=True):
        parent.grad += root.grad * local
        naive(parent)


def from_one(root: Value) -> None:
    root.grad = 1.0
    naive(root)


def endless(root: Value) -> None:
    endless(root)


# The net of notebook 2, in plain numbers.
OUT_1 = [1 / (1 + math.exp(-z)) for z in (1.0 * 1 + 0.5 * -2 + 0.5, -1.0 * 1 + 0.5 * -2 + 1.0)]
W_2 = [[2.0, -1.5], [-1.0, 1.0]]  # W_2[i][j]: from unit i + 1 to unit j + 1
OUT_2 = [1 / (1 + math.exp(-(sum(W_2[i][j] * OUT_1[i] for i in (0, 1)) + b))) for j, b in enumerate((0.0, 0.5))]
F = 1 / (1 + math.exp(-(2.0 * OUT_2[0] + 3.0 * OUT_2[1] - 2.0)))
UP_2 = [F * (1 - F) * v for v in (2.0, 3.0)]
SLOPE_2 = [a * (1 - a) for a in OUT_2]


def a(i: int, layer: int) -> Value:
    """The net's activations, with gradients that an engine has computed."""
    return ag.Value(0.0)


def weight_12(a: Any, g_prime: Any) -> float:
    return a(2, 2).grad * g_prime(2, 2) * a(1, 1).data


def g_prime(z: float) -> float:
    return 1 / (1 + math.exp(-z)) * (1 - 1 / (1 + math.exp(-z)))


def bias_of_the_chain(w2: Value, w3: Value, z1: float, z2: float, z3: float) -> float:
    return g_prime(z3) * w3.data * g_prime(z2) * w2.data * g_prime(z1)


def put_back(i: int) -> float:
    return sum(UP_2[j] * SLOPE_2[j] * W_2[i - 1][j] for j in (0, 1))


# The chain of notebook 1, in plain numbers.
CHAIN_1 = 1 / (1 + math.exp(-2.5))
CHAIN_2 = 1 / (1 + math.exp(-(-2.0 * CHAIN_1 + 1.0)))
CHAIN_3 = 1 / (1 + math.exp(-(3.0 * CHAIN_2 - 1.0)))
DB1 = CHAIN_3 * (1 - CHAIN_3) * 3.0 * CHAIN_2 * (1 - CHAIN_2) * -2.0 * CHAIN_1 * (1 - CHAIN_1)
DW12 = UP_2[1] * SLOPE_2[1] * OUT_1[0]
KNOBS = nn.MLP(2, [2, 1], activation="sigmoid", output="sigmoid", seed=0)
FIVE = {"e": 8.0, "d": 8.0, "c": 8.0, "a": -24.0, "b": 16.0}
UNITS = {"rent": ("linear", 1), "spam": ("sigmoid", 1), "digit": ("softmax", 10)}
CURE = {"activation": "relu", "init": "he", "bias": 0.1}

RIGHT: dict[str, list[Any]] = {
    "0.1": [-2.0, -2, "-2", "−2", "-2,0", "- 2", {"a": -2}, {"a": [-2.0]}, [-2.0], Value(-2.0), Decimal(-2), -1.99],
    "0.2": [-0.786 * (1.95 - 2.0), 0.0393, 0.039, 0.04, "0,0393", 0.0402, Value(0.0393)],
    "0.3": [-2.0, -1, "-0,5", -1e-3, -100.0, Value(-2.0)],
    "1.1": [2 * (-0.1 + 0.2 - 2.0) / 3, -1.2667, -1.267, -1.27, -1.3, "-1.27", "-1,27", Fraction(-19, 15), "-19/15"],
    "1.2": [bias_of_the_chain, lambda *a: Value(bias_of_the_chain(*a)), lambda *a: f"{bias_of_the_chain(*a):.4g}"],
    "1.3": [FIVE, (8, 8, 8, -24, 16), [8.0, 8.0, 8.0, -24.0, 16.0], {k: str(v) for k, v in FIVE.items()},
            {Value(0.0, label=k): Value(v) for k, v in FIVE.items()}, {**FIVE, "f": 1}],
    "1.4": [backward],
    "2.1": [weight_12, lambda *a: Value(weight_12(*a)), lambda *a: round(weight_12(*a), 6)],
    "2.2": [put_back, lambda i: Value(put_back(i)), lambda i: float(f"{put_back(i):.9g}")],
    "2.3": [15, 15.0, "15", 1 * 3 * 5 * 1, Value(15.0)],
    "3.1": [0.001173, 0.00117, 0.0012, "0,00117", 0.00118],
    "3.2": [0.17, "0,17", Value(0.17)],
    "3.3": [KNOBS.layers[1].neurons[0].b, "layers.1.neurons.0.b", "net.layers[1].neurons[0].b"],
    "4.1": [(6, -1), [6, -1], {"w": 6, "b": -1}, ("6", "-1"), (6.0, Value(-1.0))],
    "4.2": [{"w": -0.25, "b": 0.25}, (-0.25, 0.25), {"w": "-0,25", "b": "1/4"}, {"w": Value(-0.25), "b": 0.25},
            {"w": [-0.25], "b": "25 %"}, {"w": "-¼", "b": Decimal("0.25")}],
    "4.3": [10, 10.0, "10"],
    "4.4": [3, 2.5, 4, "2,5", 2.0001],
    "5.1": [UNITS, {k: list(v) for k, v in UNITS.items()}, {k: (v[0].title(), v[1]) for k, v in UNITS.items()},
            [("Linear", 1), ("Sigmoid", 1), ("Softmax", 10)], {k: (v[0], float(v[1])) for k, v in UNITS.items()},
            {k: (f" {v[0].upper()} ", str(v[1])) for k, v in UNITS.items()}],
    "5.2": [-1, -1.0, "-1", "−1"],
    "5.3": [{"w": -0.5, "b": -0.25}, [-0.5, -0.25], ("-0,5", "-1/4")],
    "5.4": [{"z1": 1 / 8, "z2": 2 / 8 - 1, "z3": 5 / 8}, {"z1": 0.13, "z2": -0.75, "z3": 0.63}, (0.12, -0.75, 0.62),
            {"z1": "1/8", "z2": "-3/4", "z3": "0,625"}],
    "6.1": [32, 32.0, "32", 5 * (3 + 1) + 2 * (5 + 1)],
    "6.2": [2.05, "2,05", 2 - 0.1 * -0.5],
    "6.3": [CURE, ("relu", "he", 0.1), {**CURE, "activation": "ReLU", "bias": "0,1"}, 
            {**CURE, "activation": "leaky ReLU"}, {**CURE, "activation": "LeakyReLU", "init": "He"}],
}  # fmt: skip

# Typical wrong answers, and a piece of the hint that each gets.
WRONG: dict[str, list[tuple[Any, str]]] = {
    "0.1": [(-3, "a path is missing"), (1, "a path is missing"), (2, "wrong sign"), (6, "✗ wrong"), (-1.9, "✗")],
    "0.2": [(-0.0393, "the sign is not"), (-0.04, "multiply"), (-0.786, "w moves by much less"), (0.05, "multiply")],
    "0.3": [(2.0, "so y grows"), (0, "nothing of x arrives"), (-1e6, "rounded to 0"),
            (math.nan, "the answer is not a number: nan: some step has no result.")],
    "1.1": [(1.2667, "the sign"), (1.27, "the sign"), (-0.633, "What does the square become"), (-3.8, "is their mean"),
            (-1.9, "the sum of the errors"), (-1.2, "three digits"), (0.63, "half of it"), (7, "one term for each")],
    "1.2": [(lambda *a: -bias_of_the_chain(*a), "the sign is not"), (lambda *a: 2 * DB1, "this is ∂f/∂w⁽¹⁾"),
            (lambda w2, *a: bias_of_the_chain(w2, *a) / w2.data, "= w⁽²⁾ = −2 is left out"),
            (lambda *a: DB1, "wrong for others"), (DB1, "is no function; begin with def answer(w2, w3, z1, z2, z3):")],
    "1.3": [({**FIVE, "e": 4.0}, "a path is missing"), ({**FIVE, "a": 16.0, "b": -24.0}, "this is ∂f/∂b"),
            ({**FIVE, "c": 1.0}, "the upstream gradient ∂f/∂e is left out"), ((8, 8, 8, 16, -24), "3 of 5 right")],
    "1.4": [(naive, "a gets nothing"), (from_one, "6 again"), (backward_in(list), "start at the end"),
            (backward_in(reversed, adds=False), "added (+=)"), (endless, "without end"),
            (lambda root: root.backward(), "write the loop yourself"), (lambda: None, "TypeError"),
            (lambda root: sys.exit(), "SystemExit"),
            (lambda root: setattr(ag.topological_order(root)[0], "grad", 4.0), "Where does the 4 come from"),
            (lambda root: setattr(ag.topological_order(root)[0], "grad", 5.0), "yours is 5")],
    "2.1": [(lambda a, g: a(1, 2).grad * g(1, 2) * a(2, 1).data, "this is ∂f/∂w₂₁⁽²⁾"),
            (lambda a, g: a(2, 2).grad * g(2, 2) * a(2, 2).data, "not to its own"),
            (lambda a, g: a(2, 2).grad * g(2, 2) * a(1, 2).data, "not to its own"),
            (lambda a, g: a(2, 2).grad * a(1, 1).data, "is left out"),
            (lambda a, g: a(2, 2).grad * g(0, 2) * a(1, 1).data, "IndexError: units count from 1"),
            (lambda a, g: -weight_12(a, g), "the sign is not"), (lambda a, g: DW12, "wrong for others")],
    "2.2": [(lambda i: UP_2[0] * SLOPE_2[0] * W_2[i - 1][0], "one term of two"),
            (lambda i: sum(UP_2[j] * SLOPE_2[j] * W_2[j][i - 1] for j in (0, 1)), "from unit i to unit j"),
            (lambda i: sum(UP_2[j] * W_2[i - 1][j] for j in (0, 1)), "brings a factor g'(z)"),
            (lambda i: 7.0, "then add"), (lambda i: None, "is not a number"), (lambda: 1.0, "TypeError"),
            (lambda i: a(i, 1).grad, "reads off"), (lambda i: sum(a(j, 1).grad for j in (i,)), "reads off")],
    "2.3": [(60, "the 4 does not count"), (120, "the 4 does not count"), (9, "they do not add"),
            (12, "they do not add"), (14, "follow the weight"), (15.2, "no whole number")],
    "3.1": [(-0.001173, "a change of −0.02"), (-0.0587, "each whole unit"), (0.5, "the derivative by v, times"),
            (0.0011, "nearly"), (0.001, "the derivative by v, times")],
    "3.2": [(0, "no change to compare"), (1.0, "smaller nudge"), (0.1, "larger nudge"), (-0.17, "nudge"),
            (1e300, "smaller nudge")],
    "3.3": [(KNOBS.layers[0].neurons[1].w[1], "raises C the most"), (KNOBS.layers[0].neurons[1].w[0], "is positive"),
            (KNOBS.layers[0].neurons[0].w[0], "another one does it better"), (-0.09, "answer with a parameter"),
            (Value(1.0), "answer with a parameter"), ("layers.7", "answer with a parameter")],
    "4.1": [((5, -1), "What happens to the slope"), ((6, 1), "Put x = 0 into both units"), ((6, -4), "Put x = 0")],
    "4.2": [({"w": -0.5, "b": 0.5}, "the value of a stands in the place of its"),
            ({"w": 0.25, "b": 0.25}, "the sign is not"), ({"w": -1.0, "b": 1.0}, "is left out"),
            ((0.25, -0.25), "0 of 2 right")],
    "4.3": [(9, "more than 1e-6"), (20, "What multiplies on the way back"), (11, "fewer"), (9.97, "whole number"),
            (0, "more than 1e-6"), (True, "after 1 layer 0.25 is"), (-3, "whole number")],
    "4.4": [(0.5, "still dead"), (5, "active for 3"), (2, "active for 1"), (0, "still dead"), (-1e300, "still dead")],
    "5.1": [({**UNITS, "rent": ("sigmoid", 1)}, "a rent is one number"), ({**UNITS, "rent": ("relu", 1)}, "bent"),
            ({**UNITS, "spam": ("softmax", 2)}, "one probability is"), ({**UNITS, "digit": ("softmax", 1)}, "ten prob"),
            ({**UNITS, "digit": ("softmax", 9)}, "their number is not"), ({**UNITS, "rent": "linear"}, "rent: "),
            ({**UNITS, "rent": (1, "linear")}, "give its name in quotes")],
    "5.2": [(3, "another one"), (-3, "it should cost 4"), (1e300, "it should cost 4")],
    "5.3": [({"w": 0.5, "b": 0.25}, "the sign is not"), ({"w": -0.25, "b": -0.25}, "1 of 2 right"),
            ({"w": 1.5, "b": 0.75}, "from the truth")],
    "5.4": [({"z1": 1 / 8, "z2": 2 / 8, "z3": 5 / 8}, "2 of 3 right"),
            ({"z1": -1 / 8, "z2": 6 / 8, "z3": -5 / 8}, "the sign is not"), ((0.1, -0.75, 0.6), "1 of 3 right")],
    "6.1": [(25, "Each unit has a bias"), (27, "each of the 5 units"), (31.5, "no whole number")],
    "6.2": [(1.95, "uphill"), (2.5, "the rate is missing"), (1.5, "uphill"), (0.05, "What is the weight"),
            (2.1, "by the whole rate"), (7, "w = 2")],
    "6.3": [({**CURE, "activation": "sigmoid"}, "hardly learns"), ({**CURE, "bias": -2.0}, "no gradient passes"),
            ({**CURE, "activation": "rleu"}, "no unit of that name"), ({**CURE, "init": "she"}, "there are uniform, "),
            ({**CURE, "bias": 1e300}, "start near 0"), ({**CURE, "bias": None}, "bias is not a number"),
            ({**CURE, "activation": 3}, "in quotes")],
}  # fmt: skip

# Answers of which a part is missing, and what is said of it.
INCOMPLETE: dict[str, list[tuple[Any, str]]] = {
    "1.3": [({name: FIVE[name] for name in "edca"}, "b is missing"), ({"e": 8}, "d, c, a and b are missing"),
            ({**{name: FIVE[name] for name in "edca"}, "f": 1}, "b is missing"), ({}, "e, d, c, a and b are missing"),
            ((8, 8), "expected 5"), (8.0, "expected 5")],
    "4.1": [({"w": 6}, "b is missing"), ((6,), "expected 2"), (6, "expected 2"), ({}, "w and b are missing")],
    "4.2": [({"w": -0.25}, "b is missing"), ({"b": 0.25, "w": ...}, "w is missing"), ({}, "are missing"),
            ({"w": -0.25, "x": 0.5}, "b is missing"), (-0.25, "expected 2"), ({"w": -0.25, "B": 0.25}, "no such node")],
    "5.1": [({"rent": ("linear", 1)}, "spam and digit are missing"), ({**UNITS, "rent": ("linear",)}, "expected 2"),
            ({**UNITS, "tax": ("linear", 1)}, "not asked for")],
    "5.3": [({"z": -0.25}, "w and b are missing"), ({"b": -0.25}, "w is missing"), ({"w": -0.5}, "b is missing")],
    "5.4": [({"z1": 0.125}, "z2 and z3 are missing"), ((0.125, -0.75), "expected 3")],
    "6.3": [({"activation": "relu"}, "init and bias are missing"), ({}, "missing"),
            ({**CURE, "seed": 1}, "not asked for"), ("relu", "expected 3")],
}  # fmt: skip


class Hostile:
    """An answer that raises whatever is done with it."""

    def _refuse(self, *_: object) -> Any:
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __bool__ = __float__ = __len__ = __iter__ = __call__ = __getitem__ = _refuse
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def mute(*_: object) -> None:
    raise Mute


SILLY: list[Any] = [
    "", "text", "nan", "inf", "1e999", "1/0", "0x10", "½", "1" * 5000, b"1", math.nan, math.inf, -math.inf, 1j,
    10**5000, (),
    (1, 2, 3, 4, 5, 6), [[1]], [None, None], {}, {"nope": 1}, {None: None}, {1: 2}, {"w": "x", "b": Hostile()},
    {"w": math.nan, "b": math.inf}, set(), object(), Hostile(), [Hostile()], {"a": Hostile()}, Value(math.nan), Value,
    int, len, print, mute, lambda *a: Hostile(), Exception("x"), True,
    range(3), float("-0.0"), NotImplemented, ag,
    "\x00\u202e",
    {"rent": Hostile(), "spam": None, "digit": ((), ())}, {"activation": "softmax", "init": "he", "bias": 0},
    {"activation": mute, "init": mute, "bias": mute}, {Hostile(): 1}, ("w", "b"),
]  # fmt: skip

each_exercise = pytest.mark.parametrize("exercise", EXERCISES)


def asked(exercise: str, answer: Any) -> Checked:
    """Check an answer twice: the second time says the same."""
    first, second = ag.check(exercise, answer), ag.check(exercise, answer)
    assert str(first) == str(second) == repr(first) and bool(first) == bool(second)
    html = first._repr_html_()
    assert first.verdict in str(first) and first.verdict in html and "<script" not in html
    return first


def test_all_24_are_there() -> None:
    counts = {0: 3, 1: 4, 2: 3, 3: 3, 4: 4, 5: 4, 6: 3}
    assert list(EXERCISES) == [f"{n}.{i + 1}" for n, count in counts.items() for i in range(count)]
    assert list(RIGHT) == list(WRONG) == list(EXERCISES) and sum(counts.values()) == 24


@each_exercise
def test_the_solution_in_every_form(exercise: str) -> None:
    for answer in RIGHT[exercise]:
        said = asked(exercise, answer)
        assert said and str(said).startswith("Right: "), (answer, str(said))


@each_exercise
def test_wrong_and_incomplete_answers_get_their_hint(exercise: str) -> None:
    for answer, hint in WRONG[exercise] + INCOMPLETE.get(exercise, []):
        said = asked(exercise, answer)
        assert not said and str(said).startswith("Not yet:") and hint in str(said), (answer, str(said))


@each_exercise
def test_silly_answers_are_answered_kindly(exercise: str) -> None:
    for answer in SILLY:
        said = asked(exercise, answer)
        assert said.verdict == "Not yet" or exercise in ("0.3", "4.4", "3.2"), (type(answer), str(said))
        assert "Traceback" not in str(said)
    for answer in (..., None):
        assert str(asked(exercise, answer)) == f"Not answered yet: expected {EXERCISES[exercise].form}."
    assert not ag.check(exercise)


def test_arrays_and_numbers_of_numpy() -> None:
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    assert ag.check("1.1", np.float32(-1.2667)) and ag.check("1.1", np.array(-1.27)) and ag.check("2.3", np.int64(15))
    assert ag.check("4.1", np.array([6, -1])) and ag.check("5.4", np.array([0.125, -0.75, 0.625]))
    assert ag.check("4.2", {"w": np.array([-0.25]), "b": np.array(0.25)}) and ag.check("4.3", np.array([10]))
    assert not ag.check("4.2", {"w": np.array([-0.25, 1.0]), "b": 0.25})
    assert not ag.check("4.1", np.array([6, -1, 0])) and not ag.check("1.1", np.array(["a"]))


def test_tensors_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    assert ag.check("1.1", torch.tensor(-1.27)) and ag.check("4.1", torch.tensor([6.0, -1.0]))
    assert ag.check("4.2", {"w": torch.tensor([-0.25], requires_grad=True), "b": torch.tensor(0.25)})


def test_the_number_of_an_exercise() -> None:
    assert ag.check(" 1.1 ", -1.27) and ag.check(1.1, -1.27)  # type: ignore[arg-type]
    for name in ("9.9", "", "1", None, 7, [], Hostile()):
        said = ag.check(name, 1)  # type: ignore[arg-type]
        assert not said and "there is no such exercise; they are 0.1, 0.2" in str(said)
        assert said._repr_html_() and str(ag.check()) == str(said)


def test_what_is_said_is_safe_on_a_page() -> None:
    said = ag.check("5.1", {"<script>alert(1)</script>": 1, **UNITS})
    assert "<script" not in said._repr_html_() and "&lt;script" in said._repr_html_()
    assert "\x00" not in str(ag.check("4.1", {"\x00": 1, "w": 1, "b": 2}))


def test_a_check_leaves_no_trace() -> None:
    """Neither in the chance that a notebook draws, nor in the values that it is given."""
    state, w = random.getstate(), Value(-0.25, label="w")
    for exercise, answers in RIGHT.items():
        ag.check(exercise, answers[0])
    ag.check("4.2", {w: w, "b": 0.25})
    assert random.getstate() == state and w.data == -0.25 and not w.has_grad
    assert all(not p.has_grad for p in KNOBS.parameters())


def test_a_check_in_a_shell_prints_what_it_says() -> None:
    program = "import autograd_lite as ag, sys; sys.displayhook(ag.check('1.1', 1.27)); print(ag.check('1.1'))"
    command = [sys.executable, "-X", "utf8", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines() == [
        "Not yet: the sign. An error is f(x) − y, not y − f(x).", "Not answered yet: expected a number."]  # fmt: skip


def test_grades_of_an_exercise_are_data() -> None:
    said = ag.check("5.4", {"z1": 0.125})
    assert said.grades is not None and said.grades.score == 1 / 3
    assert json.dumps(said.grades.to_dict(), allow_nan=False)


def test_answers_are_kept_in_a_file_and_loaded(tmp_path: Path) -> None:
    first, path = Check(), tmp_path / "answers.json"
    for exercise in EXERCISES:
        first(exercise, RIGHT[exercise][0])
        first(exercise, "later, something wrong")  # what was right stays
    assert str(first) == repr(first) == str(first.save(path)) == "24 of 24 done" and not first.progress.open
    again = Check()
    assert again.load(path) == first.progress
    assert again.save(tmp_path / "copy.json") == first.progress
    assert (tmp_path / "copy.json").read_bytes() == path.read_bytes()
    kept = json.loads(path.read_text(encoding="utf-8"))["answers"]
    assert kept["3.3"] == {"right": True, "answer": "layers.1.neurons.0.b"}
    functions = [name for name, one in kept.items() if one["answer"] is None]  # no code is kept
    assert functions == ["1.2", "1.4", "2.1", "2.2"]
    assert all(ag.check(name, one["answer"]) for name, one in kept.items() if one["answer"] is not None)


def test_fourteen_of_twenty_four(tmp_path: Path) -> None:
    session, path = Check(), tmp_path / "answers.json"
    for exercise in list(EXERCISES)[:14]:
        session(exercise, RIGHT[exercise][0])
    session("4.2", {"w": 0.25, "b": 0.25})
    session("4.3")
    session("9.9", 1)
    assert str(session.save(path)).startswith("14 of 24 done; open: 4.2, 4.3, 4.4, 5.1,")
    later = Check()
    later("4.2", RIGHT["4.2"][0])
    later.load(path)
    assert str(later).startswith("15 of 24 done; open: 4.3, 4.4,")  # a wrong answer of before replaces no right one
    assert Check().progress.done == ()


def test_what_is_loaded_is_checked_anew(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    answers = {"1.1": {"right": True, "answer": 7}, "4.3": {"right": False, "answer": 10}, "9.9": {"right": True,
               "answer": 1}, "1.4": {"right": "yes", "answer": None}}  # fmt: skip
    path.write_text(json.dumps({"format": "autograd_lite answers", "version": 1, "answers": answers}), encoding="utf-8")
    assert Check().load(path).done == ("4.3",)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "7", "null", "x", "\ufeff{}", '{"format": "autograd_lite model", "version": 1}', "[" * 100_000,
     '{"format": "autograd_lite answers", "version": 2, "answers": {}}', "1" * 2_000_000,
     '{"format": "autograd_lite answers", "version": 1, "answers": [1]}',
     '{"format": "autograd_lite answers", "version": 1, "answers": {"1.1": 7}}'],
)  # fmt: skip
def test_a_file_without_answers_is_refused_and_changes_nothing(text: str, tmp_path: Path) -> None:
    session, path = Check(), tmp_path / "answers.json"
    session("4.3", 10)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"answers\.json: expected a file that ag\.check\.save has written"):
        session.load(path)
    assert session.progress.done == ("4.3",)
    with pytest.raises(FileNotFoundError):
        session.load(tmp_path / "none.json")


def test_silly_answers_can_be_kept(tmp_path: Path) -> None:
    session, path = Check(), tmp_path / "answers.json"
    for exercise in EXERCISES:
        for answer in SILLY:
            session(exercise, answer)
        session.save(path)
    assert Check().load(path) == session.progress


def test_an_answer_without_a_step_a_list_of_one_and_another_language() -> None:
    assert "w is 2 before the step" in str(ag.check("6.2", 2.0)) and ag.check("6.2", 2.05)
    assert (
        ag.check("6.1", [32])
        and ag.check("6.1", (Value(32.0),))
        and not ag.check("6.1", [[32]])
        and not ag.check("6.1", [3, 2])
    )
    endless: list = []
    endless.append(endless)
    assert "not a number: list" in str(ag.check("6.1", endless))
    said = [str(ag.check(name, answer)) for name, answer in (("1.1", "x"), ("4.2", {"w": 0.25}))]
    with speaking("de"):
        assert [str(ag.check(name, answer)) for name, answer in (("1.1", "x"), ("4.2", {"w": 0.25}))] == said
        assert ag.language() == "de"
    assert "only what goes straight to f; a is used 2 times" in str(ag.check("0.1", 1))


def test_to_save_keeps_the_answers_that_are_in_the_file_already(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    yesterday, today = Check(), Check()
    for exercise in list(EXERCISES)[:4]:
        yesterday(exercise, RIGHT[exercise][0])
    yesterday.save(path)
    today("4.3", 10)
    assert len(today.save(path).done) == 5 and len(Check().load(path).done) == 5
    other = tmp_path / "other.json"
    other.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"expected a file that ag\.check\.save has written, found another one"):
        today.save(other)
    assert other.read_text(encoding="utf-8") == "[1, 2]"


def test_units_have_the_names_that_students_give_them() -> None:
    answer = {"Rent": ("linear unit", 1), "spam ": ("logistic", 1), "DIGIT": ("Softmax", 10)}
    assert ag.check("5.1", answer)
    wrong = str(ag.check("5.1", {**answer, "Rent": ("straight", 1)}))
    assert "rent: no unit of that name; notebook 5 has linear, sigmoid and softmax." in wrong
    assert "neither bent nor squeezed" in str(ag.check("5.1", {**answer, "Rent": ("relu", 1)}))
