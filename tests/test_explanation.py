"""Explanations: the sum over paths is the gradient, the paths are counted right, the text is the derivation."""

from collections import defaultdict
from collections.abc import Sequence
from math import fsum, prod
from random import Random

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.explanation import Names, backward_steps, explain, role_name
from autograd_lite.functions import apply
from autograd_lite.naming import Role
from autograd_lite.notation.local_derivatives import derivative
from autograd_lite.ops import TABLE, Op

UNARY = ("tanh", "sigmoid", "relu", "sin", "exp", "softplus", "arctan", "abs", "gelu")


def random_graph(rng: Random) -> tuple[Value, list[Value]]:
    leaves = [Value(rng.uniform(-1.5, 1.5), label=f"x{i}") for i in range(rng.randint(1, 3))]
    nodes = list(leaves)
    for _ in range(rng.randint(2, 16)):
        a, b = rng.choice(nodes), rng.choice(nodes[-4:])
        kind = rng.randrange(6)
        if kind < 3:
            made = (a + b, a - b, a * b)[kind]
        elif kind == 3:
            made = getattr(ag, rng.choice(UNARY))(a * 0.3)
        elif kind == 4:
            made = ag.dot([a, b, a], [b, 0.5, leaves[0]], rng.choice(leaves))
        else:
            made = ag.sum([a, b, a, 2.0]) / 3.0
        nodes.append(made)
    return nodes[-1], leaves


def random_net(rng: Random) -> tuple[Value, list[Value]]:
    hidden = [rng.randint(1, 3) for _ in range(rng.randint(0, 2))]
    model = nn.MLP(2, [*hidden, 1], activation=rng.choice(["tanh", "sigmoid", "relu"]), seed=rng.randrange(999))
    return model([rng.uniform(-1, 1), rng.uniform(-1, 1)]), rng.sample(model.parameters(), 2)


def all_paths(node: Value, wrt: Value) -> list[list[float]]:
    """Walk every path, one by one, by recursion: the slow way, to compare with."""
    if node is wrt:
        return [[]]
    return [[d, *rest] for p, d in zip(node.parents, node.partials, strict=True) for rest in all_paths(p, wrt)]


@pytest.mark.parametrize("seed", range(200))
def test_the_sum_over_paths_is_the_gradient(seed: int) -> None:
    rng = Random(seed)
    out, leaves = random_net(rng) if seed % 4 == 0 else random_graph(rng)
    for w in leaves:
        e = explain(out, wrt=w)
        gradient = ag.grad(out, w)
        assert e.value == gradient
        assert abs(fsum(p.product for p in e.paths) + e.rest - gradient) <= 1e-12 * e.found.absolute
        assert e.latex.count("{") == e.latex.count("}") and str(e)
        slow = all_paths(out, w) if e.path_count < 5000 else None
        if slow is None:
            continue
        products = sorted((abs(prod(path)) for path in slow), reverse=True)
        assert e.path_count == len(slow)
        assert [abs(p.product) for p in e.paths] == pytest.approx(products[: len(e.paths)], rel=1e-9, abs=1e-300)
        assert len({p.edges for p in e.paths}) == len(e.paths) == min(6, len(slow))
        for path in e.paths:
            assert path.nodes[0] is out and path.nodes[-1] is w and len(path.factors) == len(path.nodes) - 1


def test_paths_are_counted_exactly_where_no_one_could_walk_them() -> None:
    x = a = Value(1.0, label="a")
    for _ in range(1100):
        x = x * 0.5 + x * 0.4
    e = explain(x, wrt=a)
    assert e.path_count == 2**1100
    assert len({p.edges for p in e.paths}) == 6
    assert fsum(p.product for p in e.paths) + e.rest == pytest.approx(e.value, rel=1e-12)
    assert "2^1100" not in str(e) or "more paths" in str(e)


def test_a_weight_with_thousands_of_uses_takes_no_quadratic_time() -> None:
    w, x = Value(0.5, label="w"), Value(1.0)
    for _ in range(3000):
        x = x * 0.9 + w
    e = explain(x * x, wrt=w)
    assert e.path_count == 6000 and "[2,992 more: " in str(e)
    assert fsum(p.product for p in e.paths) + e.rest == pytest.approx(e.value, rel=1e-12)


@pytest.mark.slow
def test_a_chain_of_a_million_nodes() -> None:
    x = a = Value(0.5, label="a")
    for i in range(1_000_000):
        x = x + 1e-9 if i % 2 else x * 0.999999
    e = explain(x, wrt=a)
    assert e.path_count == 1 and e.value == ag.grad(x, a) and len(e.paths[0].factors) == 1_000_000
    assert "[999,976 more factors]" in str(e) and len(e.latex) < 5000


def test_paths_are_counted_where_their_number_has_thousands_of_digits() -> None:
    x = a = Value(1.0, label="a")
    for _ in range(4000):
        x = x * 0.5 + x * 0.5
    assert explain(x, wrt=a).path_count == 2**4000


def test_the_rest_is_no_difference() -> None:
    """One path of 1e20 hides a sum of others that a subtraction would lose."""
    x = Value(1.0, label="x")
    out = ag.sum([x * 1e20, *(x * (0.25 + i / 64) for i in range(8))])
    e = explain(out, wrt=x, paths=1)
    assert e.paths[0].product == 1e20
    assert e.rest == sum(0.25 + i / 64 for i in range(8))


def test_dead_and_broken_paths() -> None:
    x = Value(-2.0, label="x")
    e = explain(ag.relu(x) * 3 + ag.relu(x), wrt=x)
    assert (e.value, e.path_count, e.rest) == (0.0, 2, 0.0)
    y = Value(0.0, label="y")
    assert str(explain(1 / y * y, wrt=y))
    assert explain(y, wrt=y).value == 1.0 and explain(y, wrt=y).path_count == 1
    assert explain(y * 2, wrt=x).value == 0.0 and explain(y * 2, wrt=x).path_count == 0


def chain(activation: str = "sigmoid") -> tuple[nn.MLP, Value]:
    model = nn.MLP(1, [1, 1, 1], activation=activation, output=activation, seed=3, bias=0.5)
    return model, model([2.0])


def test_the_chain_of_the_lecture() -> None:
    model, f = chain()
    e = explain(f, wrt=model.layers[0].neurons[0].w[0])
    lines = str(e).splitlines()
    assert lines[0] == ("∂f/∂w⁽¹⁾ = ∂f/∂a⁽³⁾ · ∂a⁽³⁾/∂z⁽³⁾ · ∂z⁽³⁾/∂a⁽²⁾ · ∂a⁽²⁾/∂z⁽²⁾"
                        " · ∂z⁽²⁾/∂a⁽¹⁾ · ∂a⁽¹⁾/∂z⁽¹⁾ · ∂z⁽¹⁾/∂w⁽¹⁾")  # fmt: skip
    assert lines[1].strip() == "= 1 · σ'(z⁽³⁾) · w⁽³⁾ · σ'(z⁽²⁾) · w⁽²⁾ · σ'(z⁽¹⁾) · x"
    assert "  σ'(z⁽³⁾) = σ(z⁽³⁾)·(1 − σ(z⁽³⁾))" in lines
    assert e.path_count == 1 and e.value == ag.grad(f, model.layers[0].neurons[0].w[0])
    assert r"\frac{\partial a^{(3)}}{\partial z^{(3)}}" in e.latex


def test_sigma_is_the_sigmoid_only() -> None:
    model, f = chain("relu")
    said = str(explain(f, wrt=model.layers[0].neurons[0].w[0]))
    assert "σ" not in said and "g'(z⁽³⁾)" in said


def test_several_units_are_grouped_by_the_recursion() -> None:
    model = nn.MLP(2, [2, 2, 1], activation="sigmoid", seed=1)
    e = explain(model([2.0, 1.0]), wrt=model.layers[0].neurons[0].w[1])
    assert e.path_count == 2
    assert "∂f/∂w₂₁⁽¹⁾ = ∂f/∂a₁⁽¹⁾ · ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₂₁⁽¹⁾" in str(e)
    assert "= ∂f/∂a₁⁽¹⁾ · σ'(z₁⁽¹⁾) · x₂" in str(e)


def test_a_cost_is_called_C_and_its_examples_are_numbered() -> None:
    model = nn.MLP(1, [1], activation="linear", seed=1)
    outs = [model([x]) for x in (1.0, 2.0)]
    cost = ag.mean([(f - 1.0) ** 2 for f in outs])
    said = str(explain(cost, wrt=model.parameters()[0]))
    assert said.startswith("∂C/∂w⁽¹⁾ = ") and "∂z⁽¹⁾[1]/∂w⁽¹⁾" in said and "x[2]" in said


def test_only_the_output_of_a_net_is_called_f() -> None:
    """Of an inner unit, and of one output among several, the name in the course is the name."""
    model = nn.MLP(1, [2, 2, 1], activation="sigmoid", output="sigmoid", seed=3)
    w, x = model.layers[0].neurons[0].w[0], [2.0]
    hidden = model.layers[0](x)
    assert str(explain(hidden[0], wrt=w)).startswith("∂a₁⁽¹⁾/∂w₁₁⁽¹⁾ = ∂a₁⁽¹⁾/∂z₁⁽¹⁾ · ∂z₁⁽¹⁾/∂w₁₁⁽¹⁾\n")
    assert str(explain(hidden[0].parents[0], wrt=w)).startswith("∂z₁⁽¹⁾/∂w₁₁⁽¹⁾ = x₁\n")
    assert str(explain(model.logits(x), wrt=w)).startswith("∂z₁⁽³⁾/∂w₁₁⁽¹⁾ = ")
    assert str(explain(model(x), wrt=w)).startswith("∂f/∂w₁₁⁽¹⁾ = ∂f/∂a₁⁽³⁾ · ∂a₁⁽³⁾/∂z₁⁽³⁾ · ")
    linear = nn.MLP(1, [1], seed=3)
    assert str(explain(linear(x), wrt=linear.parameters()[0])).startswith("∂f/∂w⁽¹⁾ = ∂f/∂z⁽¹⁾ · ∂z⁽¹⁾/∂w⁽¹⁾\n")
    classes = nn.MLP(1, [2, 3], output="softmax", seed=3)
    parts = str(explain(classes(x)[1], wrt=classes.parameters()[0])).splitlines()
    assert parts[0].startswith("∂a₂⁽²⁾/∂w₁₁⁽¹⁾ = ∂a₂⁽²⁾/∂z")


def test_a_step_straight_to_the_result_is_told_from_the_whole() -> None:
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    e = explain(x * y + x, wrt=x)
    assert str(e).startswith("∂f/∂x = ∂f/∂v1 · ∂v1/∂x + ∂f/∂x|direct\n      = 1 · y + 1\n")
    assert r"+ \left.\frac{\partial f}{\partial x}\right|_{\text{direct}} \\" in e.latex
    assert "direct" not in str(explain(x * y, wrt=x)) + str(explain(x * y + x, wrt=y))
    v = x * y
    v.label = "v"
    inner = str(explain(v * ag.sin(v), wrt=x)).splitlines()
    assert "∂f/∂v|direct · ∂v/∂x" in inner[0] and "  ∂f/∂x = ∂f/∂v · ∂v/∂x" in inner


def test_the_operands_of_a_node_are_sorted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not again for each of them: 100,000 operands in one node take seconds then, not minutes."""
    calls, group = 0, Op.group

    def counted(row: Op, flat: Sequence[object]) -> list[object]:
        nonlocal calls
        calls += 1
        return group(row, flat)

    shared = Value(1.0, label="x")
    out = ag.dot([shared] * 500, [Value(float(i)) for i in range(500)])
    monkeypatch.setattr(Op, "group", counted)
    assert sum(len(step.contributions) for step in backward_steps(out)) == 1000
    assert not ag.check_answers(out, {"x": -0.123}) and not ag.check_answers(out, {"x": 77.5})
    assert calls <= 3


@pytest.mark.parametrize("row", list(TABLE.values()), ids=lambda row: row.name)
def test_every_row_is_said(row: Op) -> None:
    operands = [[Value(v) for v in x] if isinstance(x, list) else Value(x) for x in row.samples[0]]
    y = apply(row, *operands)
    names = Names(y)
    for place in range(len(y.parents)):
        for taken in (True, False):
            said = derivative(y, place, names, taken)
            assert said.text and said.latex.count("{") == said.latex.count("}")


def test_names_are_unique() -> None:
    a, twin, taken = Value(1.0, label="a"), Value(2.0, label="a"), Value(3.0, label="v1")
    indexed, root_like = Value(4.0, label="a[1]"), Value(5.0, label="f")
    out = (a + twin) * taken - indexed * root_like
    names = Names(out)
    found = [names(node).text for node in ag.topological_order(out)]
    assert len(set(found)) == len(found)
    assert role_name(Role("w", 1, 12, 3)).latex == "w_{3,12}^{(1)}"


def test_a_written_leaf_is_marked_and_the_record_is_shown() -> None:
    x = Value(2.0, label="x")
    y = x * x
    x.data = 10.0
    e = explain(y, wrt=x)
    told = "written after recording; derivatives are those of the old value: "
    assert e.value == 4.0 and str(e).splitlines()[:2] == [f"✎ {told}x", "∂f/∂x = ∂f/∂x|direct + ∂f/∂x|direct"]
    assert rf"&\text{{{told}}}x \\" in e.latex and e.latex in e.markdown
    assert "= x + x" in str(e)  # the formulas are those of then, and so are the numbers
    assert told not in explain(x * x, wrt=x).latex


def test_derivatives_given_by_hand_are_not_said_by_a_rule() -> None:
    x = Value(2.0, label="x")
    y = Value(8.0, (x,), "cubed", label="y", partials=(12.0,))
    assert " ".join(str(explain(y, wrt=x)).split()) == "∂y/∂x = 12"


@pytest.mark.parametrize("written", [False, True])
def test_nor_are_those_given_for_an_operation_of_the_table(written: bool) -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    if written:
        a.data = b.data = 4.0  # before it is recorded
    own = Value(a.data * b.data, (a, b), "*", partials=(7.0, 0.5))
    assert " ".join(str(explain(own, wrt=a)).split()) == "∂f/∂a = 7"
    assert "[a]" not in "".join(map(str, backward_steps(own)))
    odd = Value(99.0, (Value(1.0), Value(2.0, label="q")), "dot", partials=(5.0, 6.0))
    assert str(explain(odd, wrt=odd.parents[1])).endswith("= 6")
    the_rows = Value(a.data * b.data, (a, b), "*", partials=(b.data, a.data))
    assert str(explain(the_rows, wrt=a)).startswith("∂f/∂a = b\n")
    t = ag.tanh(a).data
    assert "1 − tanh(a)²" in str(explain(Value(t, (a,), "tanh", partials=(1 - t * t,)), wrt=a))


@pytest.mark.parametrize("seed", range(20))
def test_the_steps_are_the_pass(seed: int) -> None:
    out, leaves = random_graph(Random(seed))
    steps = list(backward_steps(out))
    assert not any(leaf.has_grad for leaf in leaves)
    assert [s.node for s in steps] == ag.topological_order(out)[::-1]
    out.backward()
    totals: dict[int, float] = defaultdict(float)
    for step in steps:
        assert step.upstream == step.node.grad and str(step)
        for c in step.contributions:
            assert c.amount == step.upstream * c.local and c.before == totals[id(c.parent)]
            totals[id(c.parent)] = c.total


def test_a_label_names_the_value_to_differentiate_by() -> None:
    w, x = Value(2.0, label="w"), Value(-1.0, label="x")
    z = w * x
    z.label = "z"
    out = z * z + w
    assert str(explain(out, wrt="w")) == str(explain(out, wrt=w)) and explain(out, "z").wrt is z
    assert str(ag.nudge(out, "w", 0.5)) == str(ag.nudge(out, w, 0.5)) and ag.nudge(out, "z").wrt is z
    assert ag.draw(out, wrt="w").svg == ag.draw(out, wrt=w).svg != ag.draw(out).svg
    compiled = ag.compile(lambda x: (w * x).tanh())
    assert explain(compiled(3.0), wrt="w").value == explain(compiled(3.0), wrt=w).value != 0.0
    model = ag.nn.MLP(2, [2, 1], seed=0)
    assert explain(model([2.0, 1.0]), "w21(1)").wrt is model.layers[0].neurons[0].w[1]
    for call in (
        lambda name: explain(out, name),
        lambda name: ag.nudge(out, name),
        lambda name: ag.draw(out, wrt=name),
    ):
        with pytest.raises(ValueError, match=r"(wrt|nudge, w) 'total': the names are w, x, z, v1, f"):
            call("total")
    twice = Value(1.0, label="a") * Value(2.0, label="a")
    with pytest.raises(ValueError, match="explain, wrt 'a': 2 nodes are called so"):
        explain(twice, "a")


def test_refusals() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match="wrt: expected a Value, got float"):
        explain(x, wrt=1.0)
    with pytest.raises(ValueError, match="paths: expected a number of paths"):
        explain(x, wrt=x, paths=0)
    with pytest.raises(TypeError, match="backward_steps: expected a Value"):
        backward_steps([x])


def test_nudge_predicts_and_writes_nothing() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    out = w * x + x
    moved = ag.nudge(out, w, by=0.5)
    assert [(r.before, r.after, r.change, r.predicted) for r in moved.rows] == [
        (2.0, 2.5, 0.5, 0.5), (6.0, 7.5, 1.5, 1.5), (9.0, 10.5, 1.5, 1.5)]  # fmt: skip
    assert w.data == 2.0 and not w.has_grad and "v1 = w·x" in str(moved) and "<table>" in moved._repr_html_()
    with pytest.raises(ValueError, match="lost is no part of the graph"):
        ag.nudge(out, Value(1.0, label="lost"))
    with pytest.raises(TypeError):
        ag.nudge(out, w, by="1")


def test_nudge_names_what_moves_as_the_explanation_does() -> None:
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    out, w = model([1.0, 2.0]), model.layers[0].neurons[0].w[1]
    moved = ag.nudge((out - 1.0) ** 2, w)
    assert [row.name for row in moved.rows] == ["w₂₁⁽¹⁾", "z₁⁽¹⁾", "a₁⁽¹⁾", "z₁⁽²⁾", "v1", "C"]
    assert "v1 = z₁⁽²⁾ − 1" in str(moved) and "C = v1²" in str(moved)
    assert [row.name for row in ag.nudge(out, w).rows][-1] == "f"


def test_a_nudge_follows_what_a_compiled_function_does_inside() -> None:
    w, b = Value(2.0, label="w"), Value(0.5, label="b")
    f = ag.compile(lambda x: ag.tanh(w * x + b) ** 2)
    inside, outside = ag.nudge(f(0.3), w), ag.nudge(f.function(0.3), w)
    assert len(inside.rows) == 5 and str(inside) == str(outside) and w.data == 2.0


@pytest.mark.parametrize(
    "doublings, said", [(50, "[1,125,899,906,842,618 more paths]"), (1100, "[2^1100 − 6 more paths]")]
)
def test_the_number_of_paths_is_said_exactly(doublings, said):
    x = Value(1.0, label="x")
    out = x
    for _ in range(doublings):
        out = out + out
    assert said in str(ag.explain(out, wrt=x))


def test_leaves_come_in_the_order_of_their_use():
    model = nn.MLP(1, [1, 1, 1], activation="tanh", seed=1)
    out = model([0.5])
    used = ["w⁽¹⁾", "x", "b⁽¹⁾", "w⁽²⁾", "b⁽²⁾", "w⁽³⁾", "b⁽³⁾"]
    assert [leaf.text for leaf in map(Names(out), Names(out).view.leaves)] == used
    page = ag.worksheet(out).markdown
    first, second = page.index(r"w^{(1)}"), page.index(r"w^{(2)}")
    assert first < second
    listed = ag.step_through(out).html
    assert [listed.index(f"<th scope=row>{leaf}<td>given") for leaf in used] == sorted(
        listed.index(f"<th scope=row>{leaf}<td>given") for leaf in used
    )


def test_a_factor_that_stands_alone_has_no_brackets() -> None:
    x = Value(2.0, label="x")
    assert str(explain(1 / x, x)) == "∂f/∂x = −1 / x²\n      = −0.25"
    assert str(explain(-x, x)) == "∂f/∂x = −1"
    assert "= 1 · (3·x²) + 1 · (1 / x)" in str(explain(x**3 + x.log(), x))


def test_a_nudge_runs_the_rows_of_a_compiled_call_again() -> None:
    w = Value(0.5, label="w")
    v = w * 2.0
    error = ag.compile(lambda x, y: (x * v - y) ** 2)
    for call in (error.mean, error.sum):
        out = call([1.0, 2.0], [3.0, 4.0])
        last = ag.nudge(out, w, by=1.0).rows[-1]
        assert last.node is out
        assert last.after == call.__func__(ag.compile(lambda x, y: (x * 3.0 - y) ** 2), [1.0, 2.0], [3.0, 4.0]).data
        assert last.predicted == pytest.approx(ag.grad(out, w))


def test_a_nudge_says_where_there_is_no_formula() -> None:
    x = Value(2.0, label="x")
    out = Value(4.0, (x,), "sq", "y", partials=(4.0,))
    found = ag.nudge(out, x, by=1.0)
    assert found.rows[-1].after == 8.0
    assert str(found).endswith("it moves along its tangent.")


def test_a_second_derivative_is_written_out() -> None:
    """A helper that the table names is a formula for the reader: in the derivation, on its card, in a nudge."""
    w, x = Value(0.5, label="w"), Value(3.0, label="x")

    def twice(out: Value) -> Value:
        return ag.grad(out, w, create_graph=True)

    g = twice(w**3)
    found = explain(g, wrt=w)
    assert str(found) == "∂f/∂w = 6·w\n      = 3" and r"&= 6 \cdot w \\" in found.latex
    assert "f [3·w²]" in str(ag.draw(g)) and str(ag.draw(twice(2**w))).splitlines()[1].startswith("f [2^w·log(2)]")
    assert str(explain(twice(twice(w**3)), w)) == "∂f/∂w = 6" and str(explain(twice(twice(w**2)), w)) == "∂f/∂w = 0"
    assert "= 2^w·log(2)²\n" in str(explain(twice(2**w), w))
    assert "= x·(x − 1)·(x − 2)·w^(x − 3)\n" in str(explain(twice(twice(w**x)), w))
    assert "= x·w^(x − 1)·log(w) + w^(x − 1)\n" in str(explain(twice(w**x), x))
    assert "= 1 · φ(w) + 1 · φ(w) + 1 · (−w·w·φ(w))\n" in str(explain(twice(w.gelu()), w))
    assert "[x / (w² + x²)]" in str(ag.draw(twice(ag.arctan2(w, x))))


def test_a_derivative_of_the_remainder_is_read_as_mathematics() -> None:
    x, z = Value(7.0, label="x"), Value(2.0, label="z")
    assert str(explain(x % (z + 1), z)).splitlines()[1].strip() == "= (−⌊x/v1⌋) · 1"
    assert str(explain(x % z, z)) == "∂f/∂z = −⌊x/z⌋\n      = −3"


def test_the_grouped_terms_stand_in_the_order_of_the_paths() -> None:
    x, w1, w2 = Value(1.0, label="x"), Value(0.5, label="w1"), Value(-3.0, label="w2")
    z = (w1 * x).tanh() + (w2 * x).exp() * 100
    z.label = "z"
    said = str(explain(z * z, wrt=x)).splitlines()
    above, below = "".join(said[:4]), said[said.index("grouped") + 1]
    assert [part.count("v2/") for part in above.split("+ ")] == [0, 0, 1, 1]
    assert [part.count("v2/") for part in below.split(" + ")] == [0, 1]


def test_paths_that_do_not_meet_are_not_grouped() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    net = nn.MLP(1, [2, 1], activation="tanh", seed=0)([Value(1.0, label="x")])
    for out, leaf, count in ((a * a + a, a, 3), (a.exp() + a.tanh(), a, 2), (net, "x", 2), (a, a, 1)):
        e = explain(out, wrt=leaf)
        assert e.path_count == count and not e.grouped and "grouped" not in str(e) + e.latex
    c = a * b
    assert explain(c * c, wrt=a).grouped
