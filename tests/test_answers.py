"""Grading: what is right is right, and each slip that students make is named."""

import html
import json
import math
import re
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from random import Random

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.explanation import Grade
from autograd_lite.explanation.given import given_number
from tests.test_explanation import random_graph


def neuron() -> dict[str, Value]:
    """Return C = (σ(w·x + b) − 1)², with its nodes by name."""
    w, x, b = Value(2.0, label="w"), Value(-1.5, label="x"), Value(0.5, label="b")
    z = w * x + b
    a = ag.sigmoid(z)
    cost = (a - 1) ** 2
    z.label, a.label, cost.label = "z", "a", "C"
    return {"w": w, "x": x, "b": b, "z": z, "a": a, "C": cost}


def graded(out: Value, key: object, answer: object) -> Grade:
    grades = ag.check_answers(out, {key: answer})
    (row,) = grades.rows
    assert bool(grades) == row.right
    if row.hint:
        assert row.hint in str(grades) and html.escape(row.hint) in grades._repr_html_()
    return row


@pytest.mark.parametrize("seed", range(10))
def test_the_gradients_are_right_under_every_name(seed: int) -> None:
    out, leaves = random_graph(Random(seed))
    nodes = ag.topological_order(out)
    grades = ag.check_answers(out, dict(zip(nodes, ag.grad(out, nodes), strict=True)))
    assert grades and {row.kind for row in grades.rows} == {"exact"}
    by_label = ag.check_answers(out, {x.label: ag.grad(out, x) for x in leaves if x in nodes})
    assert by_label and not any(node.has_grad for node in nodes)
    by_name = ag.check_answers(out, {row.name: row.expected for row in grades.rows})
    assert [row.node for row in by_name.rows] == nodes and by_name


def test_each_kind_of_slip_is_named() -> None:
    n = neuron()
    cost = n["C"]
    dw, dz, da = ag.grad(cost, [n["w"], n["z"], n["a"]])
    slope = n["a"].data * (1 - n["a"].data)
    cases = [
        (dw, "exact", ""),
        (dw * (1 + 1e-12), "exact", ""),
        (round(dw, 3), "rounded", ""),
        (round(dw, 2), "rounded", ""),
        (dw * 1.02, "close", "four digits"),
        (-dw, "sign", "the sign is not"),
        (round(-dw, 3), "sign", "the sign is not"),
        (dw / slope, "factor", "the factor ∂a/∂z = σ(z)·(1 − σ(z)) = 0.0701037 is left out"),
        (round(dw / slope, 3), "factor", "the factor ∂a/∂z"),
        (da * slope, "factor", "the factor ∂v1/∂w = x = −1.5 is left out"),
        (slope * -1.5, "factor", "the factor ∂C/∂v2 = 2·v2 = −1.84828 is left out"),
        (-1.5, "factor", "this is ∂z/∂w: the upstream gradient ∂C/∂z is left out"),
        (da, "node", "this is ∂C/∂a"),
        (2.0, "value", "this is the value of w"),
        (7.0, "wrong", "it is ∂C/∂v1 · x"),
        (0, "wrong", "it is ∂C/∂v1 · x"),
        (inf, "wrong", "it is ∂C/∂v1 · x"),
        (nan, "no number", "nan: some step has no result"),
        ("0.19", "rounded", ""),
        (" 0,19 ", "rounded", ""),
        ("−0,19", "sign", "the sign is not"),
        ("a fifth", "no number", "a text that spells no number"),
        ("1.234,5", "no number", "a text that spells no number"),
        ("01.02.2026", "no number", "a date, which a spreadsheet makes of a fraction such as 1/2"),
        ("1.Feb", "no number", "a date"),
        ("2-Jan", "no number", "a date"),
        ("2026-02-01", "no number", "a date"),
        ("Mrz 25", "no number", "a date"),
        ("1/2/3", "no number", "a date"),
        ("1/0", "no number", "a text that spells no number"),
        (None, "no number", "NoneType"),
        (1j, "no number", "complex"),
        (n["w"], "no number", "a Value; give the number"),
        (10**400, "no number", "too large"),
        (10**5000, "no number", "too large"),
    ]
    for answer, kind, hint in cases:
        row = graded(cost, "w", answer)
        assert (row.kind, row.expected, row.node) == (kind, dw, n["w"]), answer
        assert hint in row.hint and bool(hint) == bool(row.hint)
    assert dz == graded(cost, n["z"], dz).expected
    assert graded(cost, cost, 5.0).hint == "the gradient of the result itself is 1"


def test_one_path_of_several_is_named() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    out = a * b + a + ag.sin(a)
    through_product, direct, through_sin = -3.0, 1.0, ag.cos(2.0)
    assert "only what comes through v1; a is used 3 times" in graded(out, "a", through_product).hint
    row = graded(out, "a", direct + through_sin)
    assert row.kind == "path" and "what comes through v1 is missing" in row.hint
    square = graded(b * b, "b", -3.0)  # the classic: one use of two
    assert square.kind == "path" and "used 2 times: add up b + b" in square.hint
    assert square.hint.startswith("only what comes through one operand of ")  # all that arrives comes through b · b
    x = Value(3.0, label="x")
    deep = x * 1.0
    deep = ag.exp(deep / 3) * ag.sin(deep)
    row = graded(deep, "x", ag.explain(deep, wrt=x).paths[0].product)
    assert row.kind == "path" and "only the path x → v1 → " in row.hint and "there are 2" in row.hint


@pytest.mark.parametrize("examples", [1, 3])
def test_a_forgotten_target_is_named_and_no_formula_given(examples: int) -> None:
    """Of softmax or sigmoid with cross-entropy, the answer p instead of p − y; before the net as well as in it."""
    inputs, targets = [0.5, -1.0, 2.0][:examples], [1, 2, 1][:examples]
    classes = nn.MLP(1, [3], init=lambda: 0.7)
    cost = nn.cross_entropy([classes([x]) for x in inputs], targets)
    forgotten = sum(x * ag.softmax([z.data for z in classes([x])])[1] for x in inputs) / examples
    rows = [graded(cost, "w12(1)", forgotten)]
    yes_or_no = nn.MLP(1, [1], init=lambda: 0.7)
    cost = nn.binary_cross_entropy_with_logits([yes_or_no([x]) for x in inputs], [t % 2 for t in targets])
    rows += [graded(cost, "w(1)", sum(x * ag.sigmoid(yes_or_no([x]).data) for x in inputs) / examples)]
    for row in rows:
        assert row.kind == "target" and "from the truth" in row.hint
        assert not re.search("[−σ]|softmax|∂", row.hint)
    z = [Value(0.3, label="z1"), Value(-0.4, label="z2")]
    assert graded(ag.functions.cross_entropy(z, 0), "z1", ag.softmax(z)[0].data).kind == "target"
    assert graded(ag.functions.cross_entropy(z, 0), "z2", ag.softmax(z)[1].data).kind == "exact"


def test_a_dead_relu_names_the_factor_0() -> None:
    w, x = Value(-1.0, label="w"), Value(2.0, label="x")
    row = graded(ag.relu(w * x) * 3, "w", 6.0)
    assert (row.kind, row.expected) == ("factor", 0.0) and "∂v2/∂v1 = 0 is left out" in row.hint
    assert graded(ag.relu(w * x), "w", 0).kind == "exact"


def test_rounding_needs_two_digits() -> None:
    x = Value(1.0, label="x")
    out = x * 0.0449
    assert [graded(out, "x", answer).kind for answer in (0.0449, 0.045, 0.04, 0.05, 0.0)] == [
        "exact", "rounded", "wrong", "wrong", "wrong"]  # fmt: skip
    assert graded(x * 1234.4, "x", 1234.0).kind == graded(x * 1234.4, "x", 1230).kind == "rounded"
    assert graded(x * nan, "x", nan).kind == "exact" and graded(x * inf, "x", inf).kind == "exact"
    assert graded(x * nan, "x", 2.0).kind == "wrong"


def test_names_of_a_net_may_be_typed() -> None:
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    f = model([2.0, 1.0])
    w = model.layers[0].neurons[1].w[0]
    for key in ("w₁₂⁽¹⁾", "w12(1)", w):
        row = graded(f, key, ag.grad(f, w))
        assert row.node is w and row.kind == "exact"
    assert graded(f, "f", 1).node is f
    assert "did you mean w₁₂⁽¹⁾" in graded(f, "w12(3)", 1).hint


def test_labels_that_name_no_node_or_several() -> None:
    a, twin, stranger = Value(1.0, label="a"), Value(2.0, label="a"), Value(3.0, label="s")
    out = a * twin
    grades = ag.check_answers(out, {"a": 1, "a[1]": 2, "nope": 3, stranger: 0, 7: 1, 10**5000: 2})
    assert [row.kind for row in grades.rows] == ["label", "exact", "label", "label", "label", "label"] and not grades
    hints = [row.hint for row in grades.rows]
    assert hints[0] == "2 nodes are called so: a[1], a[2]"
    assert hints[2].startswith("the names are ") and hints[3] == "no path leads from it to f"
    assert hints[4] == "a node is named by its label or its Value, not by int"
    assert [row.expected for row in grades.rows] == [None, 2.0, None, None, None, None]
    assert str(grades).endswith("1 of 6 right")


def test_a_written_leaf_is_told() -> None:
    x = Value(2.0, label="x")
    y = x * x
    x.data = 5.0
    grades = ag.check_answers(y, {"x": 4})
    assert grades and "✎ written after recording" in str(grades) and ": x" in grades._repr_html_()


def test_refusals() -> None:
    x = Value(1.0, label="x")
    with pytest.raises(TypeError, match="expected a Value, got float"):
        ag.check_answers(1.0, {"x": 1})
    with pytest.raises(TypeError, match="must be a dict"):
        ag.check_answers(x, [1.0])
    assert not ag.check_answers(x, {}) and str(ag.check_answers(x, {})).endswith("0 of 0 right")
    assert graded(x, "x", 1).kind == "exact"


def test_a_half_may_be_rounded_up_or_down() -> None:
    """1/8 as 0.13 and 5/8 as 0.63 are the same rounding, so they get the same verdict."""
    x = Value(1.0, label="x")
    for eighths in (1, 3, 5, 7, -1, -5):
        exact = eighths / 8
        for answer in (exact - 0.005, exact + 0.005):
            two_digits = round(answer, 2)
            assert graded(x * exact, "x", two_digits).kind == "rounded", (exact, two_digits)
            assert graded(x * (exact * (1 - 1e-16)), "x", f"{two_digits}").kind == "rounded"
    assert graded(x * 0.125, "x", 0.14).kind == "wrong" and graded(x * 0.625, "x", 0.64).kind == "close"


def test_completeness_can_be_demanded() -> None:
    n = neuron()
    cost = n["C"]
    dw, dx, db, dz = ag.grad(cost, [n["w"], n["x"], n["b"], n["z"]])
    assert ag.check_answers(cost, {"w": dw})
    grades = ag.check_answers(cost, {"w": dw}, complete=True)
    assert not grades and [(row.name, row.kind) for row in grades.rows] == [
        ("w", "exact"), ("x", "missing"), ("b", "missing")]  # fmt: skip
    assert "✗ not answered" in str(grades) and str(grades).endswith("1 of 3 right")
    assert ag.check_answers(cost, {"w": dw, "x": dx, n["b"]: db}, complete=True)
    assert ag.check_answers(cost, {"w": dw, "z": dz}, complete=["w", n["z"]])
    assert not ag.check_answers(cost, {"w": dw}, complete=["w", "z"]) and not ag.check_answers(cost, {}, complete=["z"])
    with pytest.raises(ValueError, match="complete: did you mean"):
        ag.check_answers(cost, {"w": dw}, complete=["w1"])


def test_what_is_missing_comes_in_the_order_of_the_sheet() -> None:
    net = nn.MLP(2, [2, 1], activation="tanh", seed=3)
    grades = ag.check_answers(nn.mse_loss(net([Value(1.0, "x1"), Value(2.0, "x2")]), 1.0), {}, complete=True)
    layers = [row.name[-2] for row in grades.rows if row.name.endswith("⁾")]
    assert layers == ["¹"] * 6 + ["²"] * 3


def test_grades_are_data() -> None:
    class Silent:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    n = neuron()
    answers = {"w": "0,1944", "x": -1.0, "b": Silent(), "z": nan, "a": None, "nope": 1 + 2j}
    grades = ag.check_answers(n["C"], answers, complete=True)
    data = json.loads(json.dumps(grades.to_dict(), allow_nan=False))
    assert data["right"] == 1 and data["of"] == 6 and data["score"] == grades.score == 1 / 6
    assert [row["verdict"] for row in data["rows"]][:3] == ["right, rounded", "wrong", "not a number"]
    assert data["rows"][0]["answer"] == 0.1944 and data["rows"][2]["answer"] == "Silent"
    assert ag.check_answers(n["C"], {}).score == 0.0


def test_hints_can_be_left_out() -> None:
    """They may give the solution away; what is no node or no number is said all the same."""
    n = neuron()
    with_hints = ag.check_answers(n["C"], {"w": 7.0, "nope": 1, "b": "x"})
    without = ag.check_answers(n["C"], {"w": 7.0, "nope": 1, "b": "x"}, hints=False)
    assert (
        [row.kind for row in with_hints.rows] == [row.kind for row in without.rows] == ["wrong", "label", "no number"]
    )
    assert [bool(row.hint) for row in with_hints.rows] == [True] * 3
    assert [bool(row.hint) for row in without.rows] == [False, True, True]


def test_what_goes_straight_to_the_result_comes_through_no_other_node() -> None:
    s = Value(2.0, label="s")
    y = s * s + s
    y.label = "y"
    assert ag.check_answers(y, {"s": 1}).rows[0].hint.startswith("only what goes straight to y; s is used 3 times")
    assert ag.check_answers(y, {"s": 4}).rows[0].hint.startswith("what goes straight to y is missing; ")
    assert ag.check_answers(y, {"s": 2}).rows[0].hint.startswith("only what comes through v1; ")


@pytest.mark.parametrize(
    "text, number",
    [("- 2", -2.0), ("− 0,5", -0.5), ("½", 0.5), ("-½", -0.5), ("−2 ¾", -2.75), ("1⁄8", 0.125), ("⅓", 1 / 3),
     ("4%", 0.04), ("12,5 %", 0.125), ("1/4 %", 0.0025)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: float) -> None:
    assert given_number(text) == number


@pytest.mark.parametrize("text", ["%", "--2", "- -2", "2²", "1 2", "½½", "1/½", "1%%", "2%3", "٣½", "⅟", "1/0%", "½x"])
def test_what_could_mean_two_numbers_is_none(text: str) -> None:
    assert given_number(text) is None


def test_numbers_of_other_libraries() -> None:
    assert given_number(Decimal("-0.25")) == -0.25 and given_number(Fraction(1, 4)) == 0.25
    assert given_number(Decimal("nan")) is given_number(Decimal("sNaN")) is None
    np = pytest.importorskip("numpy")
    ones = np.array(0.25), np.array([0.25]), np.array([["0,25"]]), np.float32(0.25)
    assert [given_number(x) for x in ones] == [0.25] * 4
    assert [given_number(x) for x in (np.array([1.0, 2.0]), np.array([]), np.array([1j]), np.array(nan))] == [None] * 4
    torch = pytest.importorskip("torch")
    assert given_number(torch.tensor([0.25], requires_grad=True)) == 0.25
    assert given_number(torch.tensor([1.0, 2.0])) is None


def test_a_hint_at_a_constant_does_not_give_it_away() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    assert graded(x * 0.0123 + 1, "v1", 7).hint == "it is the derivative of v1 + 1 by v1, a constant"
    assert graded(x * 0.0123, "x", 7).hint == "it is the derivative of x·0.0123 by x, a constant"
    assert graded(x * y, "x", 7).hint == "it is y" and graded((x + 1) * 2, "x", 7).hint == "it is ∂f/∂v1 · 1"


@pytest.mark.parametrize("right", [2.0, -2.0, 0.5, 1000.0])
def test_half_a_percent_counts_upwards_as_it_does_downwards(right: float) -> None:
    x = Value(1.0, label="x")
    for share, kind in ((1.005, "rounded"), (0.995, "rounded"), (1.006, "close"), (0.994, "close")):
        assert graded(x * right, "x", round(right * share, 6)).kind == kind


@pytest.mark.parametrize("text", ["inf", "∞", "+Infinity", " INF "])
def test_infinity_and_nan_are_spelled(text: str) -> None:
    q = Value(0.0, label="q")
    kinds = {
        answer: ag.check_answers(q.sqrt(), {"q": answer}).rows[0].kind
        for answer in (text, f"−{text.strip(' +')}", "nan")
    }
    assert list(kinds.values()) == ["exact", "sign", "no number"]
    undefined = (q - q) / q
    assert ag.check_answers(undefined, {"q": " NaN "}) and ag.check_answers(undefined, {"q": nan})
    assert not ag.check_answers(undefined, {"q": text}) and given_number("inf/inf") is None


def vanishing() -> tuple[Value, Value]:
    """Return tanh(20·x) at 1 and its x: the derivative is 3.4e-16."""
    x = Value(1.0, label="x")
    return ag.tanh(x * 20.0), x


def test_a_vanishing_gradient_is_judged_by_its_own_size() -> None:
    out, x = vanishing()
    slope = ag.grad(out, x)
    assert slope == pytest.approx(3.3986834042e-16, rel=1e-9, abs=0.0)
    for answer, kind in ((slope, "exact"), ("3.4e-16", "rounded"), (slope * 1.02, "close"), (-slope, "sign"),
                         (2 * slope, "wrong"), (0, "wrong"), (1e-13, "wrong"), (slope / 20, "factor")):  # fmt: skip
        assert graded(out, "x", answer).kind == kind, answer
    deep = x
    for i in range(60):
        deep = ag.sigmoid(deep * (0.5 + i / 60))
    assert 0 < abs(ag.grad(deep, x)) < 1e-30
    assert graded(deep, "x", 0).kind == "wrong" and graded(deep, "x", -ag.grad(deep, x)).kind == "sign"


def test_what_rounding_leaves_of_0_may_be_answered_with_0() -> None:
    def kinds(out: Value, *answers: float) -> list[str]:
        return [graded(out, "x", answer).kind for answer in answers]

    x, large = Value(0.1, label="x"), Value(0.3e10, label="x")
    rest = x + x + x - 0.3  # 5.6e-17
    assert ag.grad(rest**2, x) != 0.0 and kinds(rest**2, 0, 1e-16, 1e-13) == ["exact", "exact", "wrong"]
    cancelled = large * large - 2 * large * 0.3e10 + large / 3 - large * 0.1 - large * (1 / 3 - 0.1)
    assert kinds(cancelled, 0, 1e-7, 1e-3) == ["exact", "exact", "wrong"]  # its terms are of the size 1e10
    x.data = math.pi / 2
    assert ag.grad(ag.sin(x), x) != 0.0 and kinds(ag.sin(x), 0, 1e-13) == ["exact", "wrong"]
    x.data = 1e20
    assert kinds(ag.sin(x), 0) == ["wrong"]  # a number that is meant to the last digit
    x.data = 2.0
    assert kinds(x * 0.0, 0, 1e-17, 1e-300) == ["exact", "wrong", "wrong"]  # no terms, nothing to round
    by_hand = Value(0.2, (x,), "mine", partials=(0.1,)) + x * 0.2 - x * 0.3  # no second derivative: by its paths alone
    assert ag.grad(by_hand, x) != 0.0 and kinds(by_hand, 0, 1e-13) == ["exact", "wrong"]


def test_rounding_is_known_in_every_mode_and_leaves_no_trace() -> None:
    x = Value(math.pi / 2, label="x")
    out = ag.sin(x)
    with ag.no_grad():
        assert graded(out, "x", 0).kind == "exact"
    with ag.anomaly():
        assert graded(out, "x", 0).kind == "exact"
    assert not x.has_grad


@pytest.mark.parametrize("key", ["∂f/∂a", "df/da", " ∂f / ∂a ", "dout/da", "∂out/∂a"])
def test_a_derivative_is_named_in_full_too(key: str) -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    out = a * b
    if "out" in key:
        out.label = "out"
    assert graded(out, key, "–3").kind == "exact"  # with the dash of a word processor
    assert graded(out, key.replace("a", "b"), 2).kind == "exact"
    assert graded(out, "dg/da", -3).kind == graded(out, "da", -3).kind == "label"


def test_a_name_may_be_typed_as_in_latex() -> None:
    net = nn.MLP(2, [2, 1], seed=0)
    cost = net([1.0, 2.0]) ** 2
    right = ag.grad(cost, net.layers[0].neurons[1].w[0])
    for key in ("w_12^(1)", "w_{12}^{(1)}", "w12(1)", "w₁₂⁽¹⁾"):
        assert graded(cost, key, right).kind == "exact", key


def test_gradients_of_several_passes_are_told_from_the_derivative() -> None:
    n = neuron()
    for passes in range(1, 4):
        n["C"].backward()
        grade = graded(n["C"], "w", n["w"].grad)
        assert grade.right == (passes == 1)
    assert (grade.kind, grade.hint) == (
        "wrong",
        "this is .grad, 3 times the derivative: backward() adds to it until zero_grad()",
    )
    assert "zero_grad" not in graded(n["C"], "w", 2 * n["w"].grad).hint
    n["w"].zero_grad()
    assert "zero_grad" not in graded(n["C"], "w", 3 * ag.grad(n["C"], n["w"])).hint
