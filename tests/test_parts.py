"""Parts of a graph in pictures: groups that the user names, and values that are alike, each on one card."""

import random
from collections import Counter
from contextlib import nullcontext
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing.fold import positions_of
from autograd_lite.drawing.layout import lay_out
from autograd_lite.drawing.parts import alike, named_parts, without_cycles
from autograd_lite.drawing.recurrence import passes_of, steps_of
from autograd_lite.modes import Group
from autograd_lite.view import View


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


def second_derivative():
    w, x = Value(0.7, label="w"), Value(0.5, label="x")
    return ag.grad(ag.grad((w * x).tanh(), x, create_graph=True), x, create_graph=True)


def second_derivative_of_a_net():
    x = Value(0.5, label="x", kind="input")
    u = nn.MLP(1, [3, 1], activation="tanh", seed=0)([x])
    return ag.grad(ag.grad(u, x, create_graph=True), x, create_graph=True)


def examples_in_groups():
    model, errors = nn.MLP(2, [3, 1], activation="tanh", seed=0), []
    for i in range(8):
        with ag.group(f"example {i}"):
            x = [Value(0.1 * i + j, label=f"x{i}{j}", kind="input") for j in range(2)]
            errors.append((model(x) - 0.2 * i) ** 2)
    return ag.mean(errors)


SCREEN = 1440, 800  # pixels of a small laptop's


@pytest.mark.parametrize(
    ("make", "cards"),
    [
        (partial(network, groups=True), {"cell 0, … ×6", "u00, … ×6", "v00, … ×9", "x00, … ×12", "h0, … ×3", "f"}),
        (attention, {"q00, … ×16", "k00, … ×16", "v00, … ×16", "x00, … ×16", "×16", "f"}),
        (loss_over_eight, {"w", "b", "x0, … ×8", "×8", "8", "v41", "f"}),
        (examples_in_groups, {"example 0, … ×8", "x00, … ×16", "b₁⁽²⁾", "v17", "8", "C"}),
        (second_derivative, {"w", "x", "v1", "v2", "v3", "v4", "v5", "v6", "−2", "f"}),
    ],
)
@pytest.mark.parametrize("backward", [False, True])
def test_what_explorers_build_is_seen_on_one_screen(make, cards, backward):
    out = make()
    if backward:
        out.backward()
    picture = ag.draw(out)
    svg = ElementTree.fromstring(picture.svg)
    width, height = (float(svg.get(side).removesuffix("px")) for side in ("width", "height"))
    assert width <= SCREEN[0] and height <= SCREEN[1]
    assert {*names(picture)} >= cards and len(names(picture)) <= 13
    count = len(ag.topological_order(out))
    assert count < 30 or f"{count} values shown as {len(names(picture))} cards" in picture.scene.notes


def test_a_net_differentiated_twice_shows_units_that_are_alike_on_one_card():
    picture = ag.draw(second_derivative_of_a_net())
    assert len(names(picture)) == 14 and {"z₁⁽¹⁾, … ×3", "w₁₁⁽¹⁾, … ×3", "b₁⁽¹⁾, … ×3"} <= {*names(picture)}
    assert "sech²(z₁⁽¹⁾) = 1 − tanh(z₁⁽¹⁾)²" in picture.scene.notes


class Recurrent(nn.Module):
    def __init__(self):
        self.cell, self.out = nn.Layer(2 + 3, 3, activation="tanh"), nn.Neuron(3)

    def __call__(self, rows):
        h = [0.0] * 3
        for x in rows:
            h = self.cell([*x, *h])
        return self.out(h)


def longer_memory():
    u, v, c, h = matrix("u", 3, 5), matrix("v", 3, 5), [0.0] * 3, [0.0] * 3
    for t in range(6):
        f, i = ([ag.dot(w, [0.1 * t, 0.2, *h]).sigmoid() for w in ws] for ws in (u, v))
        c = [p * q + r for p, q, r in zip(f, c, i, strict=True)]
        h = [p.tanh() for p in c]
    return ag.sum(h)


@pytest.mark.parametrize(
    ("make", "card"),
    [
        (partial(network, groups=False), "step 1, … ×6"),
        (lambda: Recurrent()([[0.1 * t, 0.2] for t in range(6)]), "step 1, … ×6"),
        (longer_memory, "step 2, … ×5"),  # the first one begins with numbers
    ],
)
def test_the_steps_of_a_recurrent_computation_are_found(make, card):
    out = make()
    out.backward()
    picture = ag.draw(out)
    assert card in names(picture) and len(names(picture)) <= 13 and picture.size[0] <= 1500
    (steps,) = [one for one in picture.scene.cards if one.name == card]
    assert steps.rows[2].text == "each feeds the next"
    assert len(ag.draw(out, fold="none").scene.cards) > 50


def test_what_is_read_at_several_depths_is_no_step_if_others_differ():
    w, h = Value(0.5, label="w"), Value(1.0, label="h")
    for i in range(12):
        h = (w * h).tanh() if i % 4 else (w * h).exp().sigmoid()
    assert not steps_of(ag.topological_order(h))
    for _ in range(40):  # alike, and a chain
        h = (w * h).tanh()
    assert not steps_of(ag.topological_order(h))
    total = Value(0.0)
    for i in range(12):  # a loss over examples, added up
        total = total + (w * float(i) + 1.0) ** 2
    assert not steps_of(ag.topological_order(total))


def test_equal_groups_in_turn_show_where_their_results_and_gradients_go():
    out = network(groups=True)
    out.backward()
    (card,) = [card for card in ag.draw(out).scene.cards if card.name == "cell 0, … ×6"]
    results = [v for v in ag.topological_order(out) if v.op == "tanh"]
    assert len(results) == 18
    for row, numbers in zip(card.rows, ([v.data for v in results], [v.grad for v in results]), strict=False):
        low, high = (float(text.replace("−", "-")) for text in row.text.split(" … "))
        assert low == pytest.approx(min(numbers), rel=0.005) and high == pytest.approx(max(numbers), rel=0.005)
    assert card.rows[2].text == "each feeds the next" and card.tooltip.startswith("72 values")
    text = str(ag.draw(out))  # a number of uses is no local derivative
    assert "each feeds the next   3 uses\n" in text and "   36 uses\n" in text and "∂" not in text
    arrows = ag.draw(out).scene.edges
    assert not [edge for edge in arrows if edge.tail == edge.head]
    assert len(ag.draw(out, fold="none").scene.clusters) == 6  # every one of them can still be seen


def chain(*blocks, start=0.5):
    """Return a chain of named blocks, each of some operations: `("a 1", "sin cos")`."""
    x = Value(start, label="x", kind="input")
    y = x
    for name, operations in blocks:
        with ag.group(name):
            for operation in operations.split():
                y = getattr(y, operation)() * 1.5
    return y + 1.0


def cards_of_groups(out):
    return sorted(name for name in names(ag.draw(out)) if any(letter in name for letter in "abc"))


LONG = "sin cos tanh exp sin cos tanh exp"


def test_equal_means_the_same_operations_and_names_that_differ_in_numbers():
    assert cards_of_groups(chain(("a 1", LONG), ("a 2", LONG), ("a 3", LONG))) == ["a 1, … ×3"]
    assert cards_of_groups(chain(("a", LONG), ("a", LONG))) == ["a ×2"]
    assert cards_of_groups(chain(("a 9", LONG), ("a 10", LONG))) == ["a 9, … ×2"]
    assert cards_of_groups(chain(("a", LONG), ("b", LONG))) == ["a", "b"]
    assert cards_of_groups(chain(("a 1", LONG), ("a 2", LONG + " sin"))) == ["a 1", "a 2"]
    assert cards_of_groups(chain(("a 1", LONG), ("a 2", LONG.replace("tanh exp", "exp tanh")))) == ["a 1", "a 2"]


def test_equal_groups_with_others_between_them_stay_apart():
    out = chain(("a 1", LONG), ("b 1", LONG), ("a 2", LONG), ("b 2", LONG))
    picture = ag.draw(out)
    assert [card.name for card in picture.scene.cards if card.name[0] in "ab"].count("a 1, … ×2") == 0
    assert {"a 1", "b 1", "a 2"} <= {*names(picture)}
    y = Value(0.5, label="x", kind="input")
    for i in range(4):
        with ag.group(f"block {i}"):
            for name in ("attention", "mlp"):
                with ag.group(name):
                    y = (y * 1.5).sin().cos().tanh().exp()
    assert {"x", "block 0, … ×4"} < {*names(ag.draw(y + 1.0))}


def test_a_hundred_equal_steps_are_one_card():
    picture = ag.draw(chain(*((f"a {i}", "sin cos") for i in range(100))))
    assert names(picture) == ["x", "a 0, … ×100", "f", "1"]


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
    parts = {i: part.number for i, part in named_parts(order).items()}
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


class Elman(nn.Module):
    """Two units that read an input and themselves, one step later; then one unit."""

    def __init__(self, activation: str) -> None:
        self.cell, self.last = nn.Layer(3, 2, activation=activation), nn.Neuron(2)

    def __call__(self, xs: list[float]) -> Value:
        state: list[Any] = [0.0, 0.0]
        for x in xs:
            state = self.cell([x, *state])
        return self.last(state)


@pytest.mark.parametrize("activation", ["tanh", "linear"])
@pytest.mark.parametrize(("fold", "panels"), [("neuron", 6 + 6 + 1), ("none", 2 * 6 + 1)])
def test_an_arrow_of_a_recurrent_net_goes_forward(activation: str, fold: str, panels: int) -> None:
    scene = ag.draw(Elman(activation)([0.1 * i for i in range(1, 7)]), fold=fold).scene
    place = lay_out(scene)
    for edge in scene.edges:
        tail, head = place.cards[edge.tail], place.cards[edge.head]
        assert tail.x + tail.w / 2 < head.x - head.w / 2, (edge.tail, edge.head)
    assert len(scene.clusters) == panels and {"step 1", "step 6"} <= {c.title.split(" · ")[-1] for c in scene.clusters}
    if fold == "neuron":  # a card for each unit in each step, and its weights are on the arrows to it, not cards
        assert len(scene.cards) == 8 + 2 * 6 + 1
        assert Counter(edge.head for edge in scene.edges).most_common(1)[0][1] == 3


def test_examples_side_by_side_and_layers_one_after_the_other_are_no_steps() -> None:
    model = nn.MLP(2, [3, 3, 2], output="softmax", seed=0)
    outs = model([1.0, 2.0])
    for root in (ag.sum([-outs[0].log(), -model([0.5, -1.0])[1].log()]), outs[0]):
        assert {*passes_of(ag.topological_order(root), positions_of(View(root))).values()} == {0}
    again = nn.MLP(2, [2, 2], seed=0)
    passes = passes_of(ag.topological_order(root := ag.sum(again(again([1.0, 2.0])))), positions_of(View(root)))
    assert {*passes.values()} == {0, 1}
