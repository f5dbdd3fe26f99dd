"""Parts of a graph in pictures: groups that the user names, and values that are alike, each on one card."""

import random
from contextlib import nullcontext

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.drawing.parts import alike, named_parts, without_cycles
from autograd_lite.modes import Group


def matrix(name, rows, columns):
    rng = random.Random(name)
    return [
        [Value(rng.uniform(-1, 1), label=f"{name}{i}{j}", kind="parameter") for j in range(columns)]
        for i in range(rows)
    ]


def network(groups):
    """A recurrent net of six steps."""
    u, v, h = matrix("u", 3, 2), matrix("v", 3, 3), [Value(0.0, label=f"h{i}") for i in range(3)]
    for t in range(6):
        x = [Value(0.1 * t + j, label=f"x{t}{j}", kind="input") for j in range(2)]
        with ag.group(f"cell {t}") if groups else nullcontext():
            h = [(ag.dot(a, x) + ag.dot(b, h)).tanh() for a, b in zip(u, v, strict=True)]
    return ag.sum(h)


def attention():
    rows, keys = [matrix("x", 4, 4), *(matrix(name, 4, 4) for name in "qkv")], []
    x, *weights = rows
    for w in weights:
        keys.append([[ag.dot(line, row) for line in w] for row in x])
    q, k, v = keys
    outs = []
    for a in q:
        shares = ag.softmax([ag.dot(a, b) / 2.0 for b in k])
        outs += [ag.dot(shares, [row[c] for row in v]) for c in range(4)]
    return ag.sum([out * out for out in outs])


def loss_over_eight():
    w, b = Value(0.5, label="w"), Value(0.1, label="b")
    return ag.mean([((w * Value(float(i), label=f"x{i}") + b).tanh() - 0.3 * i) ** 2 for i in range(8)])


def names(picture):
    return [card.name for card in picture.scene.cards]


def assert_one_screen(out, most):
    out.backward()
    picture = ag.draw(out)
    assert len(picture.scene.cards) <= most
    assert f"{len(ag.topological_order(out))} values shown as {len(picture.scene.cards)} cards" in picture.scene.notes
    return picture


def test_what_explorers_build_fits_a_screen():
    cells = assert_one_screen(network(groups=True), 16)
    assert sorted(name for name in names(cells) if name.startswith("cell")) == [f"cell {t}" for t in range(6)]
    assert "u00, … ×6" in names(cells) and "x50, … ×2" in names(cells)
    assert_one_screen(network(groups=False), 36)
    head = assert_one_screen(attention(), 14)
    assert {"q00, … ×16", "k00, … ×16", "v00, … ×16", "x00, … ×16", "×16"} <= {*names(head)}
    loss = assert_one_screen(loss_over_eight(), 11)
    assert {"w", "b", "x0, … ×8", "×8"} <= {*names(loss)}
    w, x = Value(0.7, label="w"), Value(0.5, label="x")
    second = ag.grad(ag.grad((w * x).tanh(), x, create_graph=True), x, create_graph=True)
    assert len(ag.draw(second).scene.cards) < 20


def test_a_card_of_what_is_alike_shows_from_where_to_where_the_numbers_go():
    out = loss_over_eight()
    out.backward()
    (card,) = [card for card in ag.draw(out).scene.cards if card.name == "×8" and card.symbol == "tanh"]
    values = [v for v in ag.topological_order(out) if v.op == "tanh"]
    assert [row.text for row in card.rows] == ["0.0997 … 0.999", "−0.275 … 0.0593"]
    assert round(min(v.data for v in values), 4) == 0.0997 and round(max(v.grad for v in values), 4) == 0.0593
    assert "not computed" in str(ag.draw(loss_over_eight()))


def test_a_small_graph_has_panels():
    a, b, c = (Value(x, label=name) for x, name in ((2.0, "a"), (3.0, "b"), (-1.0, "c")))
    with ag.group("one"):
        d = (a * b + c).tanh()
    with ag.group("two"):
        e = d * a
        with ag.group("inner"):
            f = e + b
    scene = ag.draw(f * f).scene
    assert [(panel.title, len(panel.cards)) for panel in scene.clusters] == [("one", 3), ("two", 1), ("two · inner", 1)]
    assert d.group.name == "one" and f.group.path[0] is e.group and a.group is None


def test_a_group_with_one_result_shows_it():
    x = Value(0.3, label="x", kind="input")
    with ag.group("long"):
        y, w = x, Value(2.0)
        for _ in range(40):
            y = (y * w).sin()
    out = y + 1.0
    out.backward()
    long = next(card for card in ag.draw(out).scene.cards if card.name == "long")
    assert [row.caption for row in long.rows] == ["data", "grad"] and "40 sin" in long.tooltip
    assert {"x", "long", "1"} < {*names(ag.draw(out))} and len(names(ag.draw(out))) == 4  # its own w lies in it


def test_a_group_that_is_left_and_entered_again_is_two_cards():
    x = Value(0.5, label="x", kind="input")
    with ag.group("outer"):
        first = x * 2.0
        with ag.group("inner"):
            second = first.tanh()
        third = second * first
    first._group = third._group = Group("a")  # as if the block in the middle were none of its own
    second._group = Group("b")
    order = ag.topological_order(third + 1.0)
    parts = named_parts(order)
    assert len({parts[id(v)] for v in (first, second, third)}) == 3 and without_cycles(order, parts) == parts


def test_parts_that_feed_each_other_in_a_circle_are_not_folded():
    x, a, b = Value(0.5), Group("a"), Group("b")
    from_a, from_b = x.sin(), x.cos()
    to_a, to_b = from_b.tanh(), from_a.exp()
    from_a._group = to_a._group = a
    from_b._group = to_b._group = b
    c = x.exp()
    with ag.group("c"):
        d = c.sin() * c
    assert {*named_parts(ag.topological_order(to_a + to_b + d))} == {id(d), id(d.parents[0])}


def test_no_grad_and_groups_nest():
    x = Value(0.5)
    with ag.group("a"):
        with ag.no_grad():
            assert x.sin().parents == ()
        y = x.sin()
    with ag.no_grad(), ag.group("b"):
        assert x.sin().parents == ()
    assert y.group.name == "a" and y.parents == (x,) and x.sin().group is None


def test_alike_means_made_and_used_alike():
    a, b, c, d = (Value(float(i)) for i in range(4))
    p, q, r = a * b, c * d, a.exp()
    kinds = alike(ag.topological_order(ag.sum([p, q, r])))
    assert kinds[id(p)] == kinds[id(q)] and id(r) not in kinds and kinds[id(b)] == kinds[id(d)]
    assert id(a) not in kinds  # exp uses it, too
    p.label = "p"
    assert id(p) not in alike(ag.topological_order(ag.sum([p, q, r])))  # a result with a label keeps its card


def test_groups_and_compiled_functions():
    w = Value(2.0, label="w")

    @ag.compile
    def f(x):
        with ag.group("square"):
            y = w * x
            return y * y

    with ag.group("call"):
        out = f(3.0)
    assert out.data == 36.0 and out.group.name == "call"
    out.backward()
    assert w.grad == 36.0 and "square" in ag.draw(out).dot
    assert f.mean([1.0, 2.0]).data == 10.0


@pytest.mark.parametrize("name", [3, "", None])
def test_a_group_needs_a_name(name):
    with pytest.raises(TypeError, match="group: expected a name, a text, got"), ag.group(name):
        pass
