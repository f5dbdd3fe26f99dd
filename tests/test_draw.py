"""Pictures: what they say, that they always appear, and that no label can do harm."""

import math
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import graphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.drawing import Picture, draw, draw_dot, image, layout
from autograd_lite.drawing.build import build
from autograd_lite.drawing.geometry import sizes, width
from autograd_lite.drawing.lines import lines_of
from autograd_lite.drawing.palette import LIGHT
from autograd_lite.drawing.svg import svg
from autograd_lite.engine import Value
from autograd_lite.notation.text import full
from tests import lecture

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
DOT = shutil.which("dot")
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of files")


def neuron():
    o = lecture.neuron()
    o.backward()
    return o


def expression():
    a, b, c, f = (Value(data, label=label) for data, label in zip((2.0, -3.0, 10.0, -2.0), "abcf", strict=True))
    e = a * b
    d = e + c
    out = d * f
    e.label, d.label, out.label = "e", "d", "L"
    out.backward()
    return out


def net(hidden, examples=1, inputs=(0.5, -1.2)):
    model = nn.MLP(2, [*hidden, 1], activation="tanh", seed=1)
    out = Value(0.0)
    for _ in range(examples):
        out = out + (model(list(inputs)) - 1.0) ** 2
    out.label = "loss"
    out.backward()
    return out


def loop(steps):
    a, x = Value(0.0, label="a"), Value(1.0, label="x")
    for _ in range(steps):
        a = a + x
    a.backward()
    return a


GRAPHS = {
    "neuron": neuron,
    "expression": expression,
    "net": lambda: net([4, 4]),
    "folded": lambda: net([16, 16]),
    "loop": lambda: loop(200),
}


@pytest.fixture
def no_dot(monkeypatch, tmp_path):
    """No program of Graphviz."""
    monkeypatch.setenv("PATH", str(tmp_path))


def titles(picture, kind):
    """Return the tooltip of every card or arrow of an SVG text."""
    root = ET.fromstring(picture)
    return [g.find(f"{SVG}title").text for g in root.iter(f"{SVG}g") if g.get("class", "").split()[:1] == [kind]]


def texts(picture):
    return [text.text for text in ET.fromstring(picture).iter(f"{SVG}text")]


def card(graph, name):
    return next(card for card in graph.scene.cards if card.name == name)


def rows(graph, name):
    return {row.caption: row.text for row in card(graph, name).rows}


# -------------------------------------------------------------------------------------------------- what it says


def test_every_value_has_a_card_with_data_and_gradient():
    graph = draw(expression())
    assert [c.name for c in graph.scene.cards] == ["a", "b", "e", "c", "d", "f", "L"]
    assert rows(graph, "a") == {"data": "2", "grad": "6"}
    assert rows(graph, "L") == {"data": "−8", "grad": "1"}
    assert card(graph, "e").symbol == "×" and card(graph, "a").symbol == ""
    assert {c.name: c.kind for c in graph.scene.cards}["L"] == "output"


def test_every_arrow_has_its_local_derivative():
    graph = draw(expression())
    names = {c.id: c.name for c in graph.scene.cards}
    arrows = [(names[e.tail], names[e.head], e.label) for e in graph.scene.edges]
    assert arrows == [
        ("a", "e", "−3"),
        ("b", "e", "2"),
        ("e", "d", "1"),
        ("c", "d", "1"),
        ("d", "L", "−2"),
        ("f", "L", "4"),
    ]
    assert graph.scene.edges[0].tooltip == "local derivative ∂e/∂a = −3.0, adds 6.0 to the gradient of a"
    assert not any(e.label for e in draw(expression(), partials=False).scene.edges)


def test_kinds_of_the_lecture_neuron():
    kinds = {c.name: c.kind for c in draw(neuron()).scene.cards}
    assert [kinds[name] for name in ("x1", "w1", "b", "n", "o")] == ["input", "parameter", "parameter", "op", "output"]


def test_an_operand_used_twice_has_two_arrows():
    a = Value(3.0, label="a")
    square, double = a * a, a + a
    assert [e.label for e in draw(square).scene.edges] == ["3", "3"]
    assert [e.label for e in draw(double).scene.edges] == ["1", "1"]
    assert "operand 2 of 2" in draw(square).scene.edges[1].tooltip


def test_operands_keep_their_order_and_numbers_are_chips():
    a = Value(3.0, label="a")
    graph = draw(2.0 - a)
    names = {c.id: c.name for c in graph.scene.cards}
    assert [names[e.tail] for e in graph.scene.edges] == ["2", "a"]
    chip = card(graph, "2")
    assert chip.kind == "constant" and chip.rows == ()


def test_not_computed_is_not_zero():
    x = Value(-1.0, label="x")
    y = x.relu()
    assert rows(draw(y), "x")["grad"] == "not computed"
    assert "call backward()" in draw(y).svg
    y.backward()
    assert rows(draw(y), "x")["grad"] == "0"
    assert "not computed" not in draw(y).svg


def test_blue_is_negative_and_orange_positive():
    graph = draw(expression())
    fill = {c.name: c.rows[-1].fill for c in graph.scene.cards}

    def red_minus_blue(colour):
        return int(colour[1:3], 16) - int(colour[5:7], 16)

    assert red_minus_blue(fill["a"]) > 0 > red_minus_blue(fill["b"])


def test_infinite_and_nan_values_are_drawn():
    x = Value(0.0, label="x")
    y = x.log() * math.nan
    y.backward()
    assert rows(draw(y), "x")["grad"] == "nan"
    ET.fromstring(draw(y).svg)


def test_a_leaf_written_later_is_marked():
    x = Value(3.0, label="x")
    y = x * x
    x.data = 10.0
    graph = draw(y)
    assert rows(graph, "x")["data"] == "10 ✎"
    assert [e.label for e in graph.scene.edges] == ["3", "3"]  # as recorded
    assert any("written after" in note for note in graph.scene.notes)


def test_wrt_lights_up_its_paths():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c = a * b
    c.label = "c"
    graph = draw(c, wrt=a)
    assert {x.name: x.highlighted for x in graph.scene.cards} == {"a": True, "b": False, "c": True}
    assert [e.highlighted for e in graph.scene.edges] == [True, False]
    with pytest.raises(ValueError, match="does not depend"):
        draw(a, wrt=b)


def test_a_nudge_is_drawn():
    o = neuron()
    w1 = next(v for v in ag.topological_order(o) if v.label == "w1")
    graph = draw(ag.nudge(o, w1, 0.01))
    assert rows(graph, "w1")["data"] == "−3 → −2.99"
    assert set(rows(graph, "o")) == {"data", "change", "predicted"}
    assert not card(graph, "x2").highlighted and card(graph, "n").highlighted
    ET.fromstring(graph.svg)


# ------------------------------------------------------------------------------------------------------- folding


def test_a_net_folds_to_a_card_for_each_neuron():
    graph = draw(net([16, 16]))
    neurons = [c for c in graph.scene.cards if c.name.startswith(("a", "z"))]
    assert len(neurons) == 33
    assert "values shown as" in graph.scene.notes[0]
    assert [c.title for c in graph.scene.clusters] == ["inputs", "layer 1 · tanh", "layer 2 · tanh", "layer 3"]


def test_a_folded_arrow_is_the_weight():
    root = net([3, 2])
    weights = {
        v.role.source: v
        for v in ag.topological_order(root)
        if v.role and v.role.symbol == "w" and (v.role.layer, v.role.unit) == (2, 1)
    }
    graph = draw(root, fold="neuron")
    names = {c.id: c.name for c in graph.scene.cards}
    arrows = {names[e.tail]: e.tooltip for e in graph.scene.edges if names[e.head] == "a₁⁽²⁾"}
    assert set(arrows) == {"a₁⁽¹⁾", "a₂⁽¹⁾", "a₃⁽¹⁾"}
    assert f"w₂₁⁽²⁾ = {full(weights[2].data)} grad={full(weights[2].grad)}" == arrows["a₂⁽¹⁾"]


def test_inputs_of_a_net_are_named():
    numbers = {c.name for c in draw(net([16, 16])).scene.cards}
    values = {c.name for c in draw(net([16, 16], inputs=(Value(0.5), Value(-1.2)))).scene.cards}
    assert {"x₁", "x₂"} <= numbers & values


def test_by_layer():
    graph = draw(net([16, 16]), fold="layer")
    assert rows(graph, "layer 2")["neurons"] == "16" and rows(graph, "layer 2")["parameters"] == "272"
    assert {"layer 1", "layer 2", "layer 3"} <= {c.name for c in graph.scene.cards}


def test_a_wide_net_folds_to_layers_by_itself():
    assert "layer 1" in {c.name for c in draw(net([80, 80])).scene.cards}


def test_a_small_net_is_drawn_in_full_with_a_panel_for_each_neuron():
    graph = draw(net([3, 2]))
    assert graph.scene.clusters[0].title == "layer 1 · neuron 1"
    assert len([c for c in graph.scene.cards if c.kind == "parameter"]) == 3 * 3 + 4 * 2 + 3


def test_many_examples_fold_their_loss():
    graph = draw(net([4, 4], examples=50))
    assert len(graph.scene.cards) < 150
    assert any(c.kind == "folded" for c in graph.scene.cards)


def test_steps_inside_a_neuron_belong_to_it():
    from autograd_lite.naming import Role

    w, b, x = Value(2.0), Value(1.0), Value(3.0)
    w.role, b.role, x.role = Role("w", 1, 1, 1), Role("b", 1, 1), Role("x", 0, 1)
    z = w * x + b
    z.role = Role("z", 1, 1)
    a = z.tanh()
    a.role = Role("a", 1, 1)
    assert [c.name for c in draw(a, fold="neuron").scene.cards] == ["a₁⁽¹⁾", "x₁"]


@pytest.mark.parametrize("steps", [1_000, 100_000])
def test_a_graph_without_a_net_loses_its_middle_honestly(steps):
    start = time.process_time()
    graph = draw(loop(steps))
    ET.fromstring(graph.svg)
    assert time.process_time() - start < 15
    hidden = next(c for c in graph.scene.cards if c.kind == "folded")
    shown = sum(c.kind in ("leaf", "op", "output") and not c.dashed for c in graph.scene.cards)
    assert f"{steps + 2 - shown:,} values" in hidden.name
    assert f"{steps + 2:,} values shown as" in graph.scene.notes[0]


def test_a_leaf_used_along_a_long_chain_is_drawn_once_per_use():
    graph = draw(loop(100), fold="none")
    copies = [c for c in graph.scene.cards if c.name == "x" and c.dashed]
    assert len(copies) == 99 and len([c for c in graph.scene.cards if c.name == "x"]) == 100
    assert any("x (used 100 times)" in note for note in graph.scene.notes)


def test_the_legend_has_dashes_where_the_arrows_have_them():
    few, crowd = nn.MLP(2, [2, 1], seed=3), nn.MLP(8, [16, 1], seed=3)
    for net, dashed in ((few, True), (crowd, False)):
        out = net([1.0] * len(net.layers[0].neurons[0].w))
        out.backward()
        scene = draw(out, fold="neuron").scene
        minus = [edge for edge in scene.edges if edge.stroke.colour == LIGHT.minus]
        assert minus and all(edge.stroke.dashed is dashed for edge in minus)
        drawn = draw(out, fold="neuron").svg
        assert ("blue and dashed is minus" in drawn) is dashed and ('stroke-dasharray="6 3"' in drawn) is dashed


def test_of_a_leaf_drawn_once_per_use_the_card_stands_where_the_computation_begins():
    w, u, h = Value(0.8, label="w"), Value(0.5, label="u"), Value(0.0, label="h0")
    for t in range(1, 7):
        h = (u * Value(0.1 * t, label=f"x{t}") + w * h).tanh()
    scene = draw(h).scene
    cards = {c.name: c.id for c in scene.cards if not c.dashed}
    heads = {name: [e.head for e in scene.edges if e.tail == cards[name]] for name in ("u", "w", "x1", "h0")}
    assert heads["u"] == heads["x1"] and heads["w"] == heads["h0"]  # the first step, not the last


def test_many_arrows_between_the_same_two_cards_become_one():
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    total = ag.sum([x] * 4000 + [y])
    weighed = ag.dot([x] * 5, [1.0, 2.0, 3.0, 4.0, 5.0])
    total.label, weighed.label = "total", "weighed"
    out = total * weighed
    out.backward()
    start = time.process_time()
    graph = draw(out)
    assert graph.svg and time.process_time() - start < 5.0
    names = {c.id: c.name for c in graph.scene.cards}
    arrows = {(names[e.tail], names[e.head]): e for e in graph.scene.edges}
    assert arrows["x", "total"].label == "4,000 × 1" and arrows["x", "weighed"].label == "5 uses: Σ 15"
    assert "4,000 uses" in arrows["x", "total"].tooltip
    assert f"adds {4000.0 * total.grad!r} to the gradient of x" in arrows["x", "total"].tooltip
    assert f"= 15.0 in all, adds {15.0 * weighed.grad!r} to the gradient of x" in arrows["x", "weighed"].tooltip
    assert len([e for e in graph.scene.edges if names[e.tail] == "x"]) == 2
    plain = {e.label for e in draw(out, partials=False).scene.edges}
    assert plain == {"", "4,000 uses", "5 uses"}
    four = draw(ag.sum([x] * 4)).scene.edges
    assert [e.label for e in four] == ["1"] * 4


@pytest.mark.parametrize("fold", ["none", "neuron", "layer"])
def test_the_legend_says_what_is_on_the_arrows(fold):
    root = net([3])
    assert "local derivative" in draw(root, fold=fold).scene.legend
    graph = draw(root, fold=fold, partials=False)
    assert "derivative" not in graph.scene.legend and graph.scene.legend in graph.svg
    assert all(not e.label or e.label.isdigit() for e in graph.scene.edges)


def test_a_dense_net_has_no_numbers_on_its_arrows_and_its_legend_speaks_of_none():
    root = nn.MLP(2, [8, 8, 1], seed=0)([1.0, 2.0])
    dense, sparse = draw(root, fold="neuron"), draw(nn.MLP(2, [2, 1], seed=0)([1.0, 2.0]), fold="neuron")
    assert not any(edge.label for edge in dense.scene.edges)
    assert "number:" not in dense.svg.lower() and "number: weight" in sparse.svg


def test_one_operation_with_many_operands():
    graph = draw(ag.sum([Value(float(i)) for i in range(10_000)]))
    assert len(graph.scene.cards) < 100
    numbers = draw(ag.dot([Value(1.0, label=f"w{i}") for i in range(60)], [1.0] * 60))
    assert "60 numbers" in {c.name for c in numbers.scene.cards}


# ------------------------------------------------------------------------------------------------------ layout


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_all_parts_are_drawn(name, rankdir):
    scene = build(GRAPHS[name](), rankdir)
    placement = layout.lay_out(scene)
    picture = svg(scene, placement)
    root = ET.fromstring(picture)
    assert titles(picture, "card") == [c.tooltip for c in scene.cards]
    assert titles(picture, "arrow") == [e.tooltip for e in scene.edges]
    assert {c.name for c in scene.cards if c.name} <= set(texts(picture))
    assert root.get("role") == "graphics-document"
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids)) and set(root.get("aria-labelledby").split()) <= set(ids)
    _, _, w, h = map(float, root.get("viewBox").split())
    for box in [*placement.cards.values(), *placement.clusters.values()]:
        assert box.x - box.w / 2 > -17 and box.x + box.w / 2 < w + 17
        assert box.y - box.h / 2 > -17 and box.y + box.h / 2 < h + 17


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
@pytest.mark.parametrize("name", GRAPHS)
def test_own_layout_overlaps_nothing_and_runs_forward(name, rankdir):
    scene = build(GRAPHS[name](), rankdir)
    place = layout.lay_out(scene)
    boxes = list(place.cards.values())
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert abs(a.x - b.x) > (a.w + b.w) / 2 - 0.01 or abs(a.y - b.y) > (a.h + b.h) / 2 - 0.01
    for cluster in scene.clusters:
        panel = place.clusters[cluster.id]
        for id_, box in place.cards.items():
            inside = abs(box.x - panel.x) < panel.w / 2 and abs(box.y - panel.y) < panel.h / 2
            assert inside == (id_ in cluster.cards)
    for edge in scene.edges:
        tail, head = place.cards[edge.tail], place.cards[edge.head]
        ahead = {"LR": head.x - tail.x, "RL": tail.x - head.x, "TB": head.y - tail.y, "BT": tail.y - head.y}[rankdir]
        assert ahead > 0
    assert {id_: (b.w, b.h) for id_, b in place.cards.items()} == {
        id_: pytest.approx(size) for id_, size in sizes(scene).items()
    }


def test_a_net_that_reads_its_own_output_is_drawn():
    from autograd_lite.naming import Role

    a = Value(0.5, label="start")
    w = Value(0.9)
    w.role = Role("w", 1, 1, 1)
    other = Value(0.3)
    other.role = Role("w", 2, 1, 1)
    for _ in range(3):  # two neurons that feed each other: a circle of cards
        a = (w * a).tanh()
        a.role = Role("a", 1, 1)
        a = (other * a).tanh()
        a.role = Role("a", 2, 1)
    ET.fromstring(draw(a, fold="neuron").svg)


def heights(graph, *names):
    """Return how far down the cards with these names stand."""
    place = layout.lay_out(graph.scene)
    return [place.cards[card(graph, name).id].y for name in names]


def sum_of_products(n, plus):
    terms = [Value(0.1 * i, label=f"w{i}") * Value(float(i), label=f"x{i}") for i in range(1, n + 1)]
    for i, term in enumerate(terms, 1):
        term.label = f"t{i}"
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total if plus else ag.sum(terms)


def test_operands_stand_in_their_order():
    xs = [Value(float(i), label=f"x{i}") for i in range(3)]
    for root in (ag.softmax(xs)[1], ag.sum(xs), xs[0] * xs[1] + xs[2], ag.softmax(xs)[0].log()):
        down = heights(draw(root), "x0", "x1", "x2")
        assert down == sorted(down)
    names = [f"{letter}{i}" for i in range(1, 31) for letter in ("t",)]
    down = heights(draw(sum_of_products(30, plus=False)), *names)
    assert down == sorted(down)
    graph = draw(sum_of_products(30, plus=True))
    place = layout.lay_out(graph.scene)
    across = [place.cards[card(graph, name).id].x for name in names[1:]]
    assert across == sorted(across)  # each beside the plus that adds it


def test_a_term_stands_beside_the_plus_that_adds_it():
    """A chain of 30 sums, an RNN: no arrow runs through the whole picture, which is no higher than a few cards."""
    for root in (sum_of_products(30, plus=True), recurrent(8)):
        scene = draw(root).scene
        place = layout.lay_out(scene)
        lengths = [place.cards[e.head].x - place.cards[e.tail].x for e in scene.edges]
        assert max(lengths) < 300 and place.h < 1300
    assert layout.lay_out(draw(recurrent(8)).scene).h < 450


def recurrent(steps):
    w, u, b = (Value(data, label=label) for data, label in ((0.5, "w"), (-0.8, "u"), (0.1, "b")))
    h = Value(0.0, label="h0")
    for t in range(steps):
        h = (w * h + u * Value(0.3 * t, label=f"x{t + 1}") + b).tanh()
    return h


@pytest.mark.parametrize("name", ["neuron", "expression", "recurrent"])
@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_label_covers_an_arrow_a_card_or_a_label(name, rankdir):
    """Before, a label stood on its arrow, which took the place of its minus sign."""
    scene = build(recurrent(5) if name == "recurrent" else GRAPHS[name](), rankdir)
    place = layout.lay_out(scene)
    labels = [(*place.routes[e.id].label, width(e.label, 9, bold=True) / 2, 4.0) for e in scene.edges if e.label]
    others = [(box.x, box.y, box.w / 2, box.h / 2) for box in place.cards.values()]
    for i, (x, y, w, h) in enumerate(labels):
        for x1, y1, w1, h1 in others + labels[:i]:
            assert abs(x - x1) >= w + w1 - 0.01 or abs(y - y1) >= h + h1 - 0.01
        for route in place.routes.values():
            for j in range(0, len(route.points) - 3, 3):
                for k in range(9):
                    px, py = layout.on(route.points[j : j + 4], k / 8)
                    assert abs(px - x) > w or abs(py - y) > h


# ------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["neuron", "expression"])
def test_golden_dot(name):
    text = draw(GRAPHS[name]()).dot
    path = GOLDEN / f"{name}.dot"
    if os.environ.get("AUTOGRAD_LITE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def network():
    loss = (nn.MLP(2, [16, 16, 1], activation="tanh", seed=1)([0.5, -1.2]) - 1.0) ** 2
    loss.label = "loss"
    loss.backward()
    return loss


@pytest.mark.parametrize("make", [neuron, network])
def test_the_pictures_of_the_readme_are_those_that_are_drawn(make):
    """Written anew with AUTOGRAD_LITE_WRITE_GOLDEN=1; last digits, which a machine's libm decides, are not compared."""
    path = Path(__file__).parent.parent / ".github" / f"{make.__name__}.svg"
    text = draw(make()).svg
    if os.environ.get("AUTOGRAD_LITE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    seen = [
        re.sub(r'<title.*?</title>|aria-label="[^"]*"|\bg[0-9a-f]{10}\b', "", picture, flags=re.DOTALL)
        for picture in (text, path.read_text(encoding="utf-8"))
    ]
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    "suffix, start", [("svg", "<svg"), ("dot", "digraph"), ("mmd", "flowchart LR"), ("html", "<!DOCTYPE html>")]
)
def test_save_text(tmp_path, suffix, start):
    path = tmp_path / f"g.{suffix.upper() if suffix == 'svg' else suffix}"
    draw(neuron()).save(path)
    assert path.read_text(encoding="utf-8").startswith(start)
    assert os.listdir(tmp_path) == [path.name]


def places_of_words(graph):
    """Return the words of an SVG with where the line that each is on begins, ends or has its middle."""
    found = []

    def walk(element, x, y, anchor):
        anchor = element.get("text-anchor", anchor)
        dx, dy = map(float, re.findall(r"-?[\d.]+", element.get("transform", "0 0")))
        for child in element:
            walk(child, x + dx, y + dy, anchor)
        if element.tag == f"{SVG}text" and element.text:
            at = x + float(element.get("x")), y + float(element.get("y"))
            found.append((element.text, *at, anchor))

    walk(ET.fromstring(graph.svg), 0.0, 0.0, None)
    return found


@pytest.mark.parametrize("name", ["neuron", "net", "folded"])
def test_a_pdf_is_the_picture_in_vectors_with_its_font(tmp_path, name):
    pytest.importorskip("reportlab", reason="the extra pictures is not installed")
    pdfplumber = pytest.importorskip("pdfplumber", reason="reads a PDF; only this test needs it")
    graph = draw(GRAPHS[name]())
    graph.save(tmp_path / "g.pdf")
    with pdfplumber.open(tmp_path / "g.pdf") as file:
        (page,) = file.pages
        size = tuple(map(float, ET.fromstring(graph.svg).get("viewBox").split()[2:]))
        assert (float(page.width), float(page.height)) == pytest.approx(size, abs=0.01)
        assert {c["fontname"].partition("+")[2] for c in page.chars} <= {
            "AutogradLiteSans-Regular",
            "AutogradLiteSans-Bold",
        }
        assert not page.images and len(page.curves) >= len(graph.scene.edges)
        lines = {}
        for c in page.chars:
            lines.setdefault(round(float(c["matrix"][5]), 2), []).append(c)
        for text, x, y, anchor in places_of_words(graph):
            base = size[1] - y
            line = min(lines, key=lambda b: abs(b - base))
            assert abs(line - base) < 0.06
            chars = [c for at in lines if abs(at - base) < 0.06 for c in lines[at]]
            if anchor == "middle":
                reach = width(text, 13, bold=True) / 2 + 3
                assert set(text.replace(" ", "")) <= {c["text"] for c in chars if abs(c["x0"] - x) < reach}, text
            else:
                end, letter = ("x1", text[-1]) if anchor == "end" else ("x0", text[0])
                assert any(c["text"] == letter and abs(c[end] - x) < 0.5 for c in chars), text


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB"])
def test_a_wide_picture_is_a_png_of_several_lines(tmp_path, rankdir):
    pytest.importorskip("resvg_py", reason="the extra pictures is not installed")
    pillow = pytest.importorskip("PIL.Image", reason="reads a PNG; only this test needs it")
    x = Value(1.0, label="x")
    chain = x
    for _ in range(30):
        chain = chain * 1.01 + x
    graph = draw(chain, rankdir=rankdir)
    place = layout.lay_out(graph.scene)
    parts = lines_of(graph.scene, place)
    assert len(parts) == (1 if rankdir == "TB" else 5)
    for card in place.cards.values():  # each is in one line, and whole
        (home,) = (part for part in parts if abs(card.x - part.x) < part.w / 2)
        assert abs(card.x - home.x) + card.w / 2 < home.w / 2 and abs(card.y - home.y) + card.h / 2 < home.h / 2
    firsts = [part.x for part in parts]
    assert firsts == sorted(firsts, reverse=rankdir == "RL")  # the picture begins in the first line
    graph.save(tmp_path / "g.png", scale=1)
    with pillow.open(tmp_path / "g.png") as image:
        assert image.width == pytest.approx(max(part.w for part in parts) + 24, abs=17)
        assert image.height > sum(part.h for part in parts)
    assert graph.svg.count("<svg") == 1  # a page scrolls
    assert len(lines_of(draw(neuron()).scene, layout.lay_out(draw(neuron()).scene))) == 1


def test_a_pdf_leaves_the_settings_of_reportlab_as_they_were(tmp_path):
    config = pytest.importorskip("reportlab.rl_config", reason="the extra pictures is not installed")
    before = config.useA85
    draw(neuron()).save(tmp_path / "g.pdf")
    assert config.useA85 == before == 1 and b"ASCII85" not in (tmp_path / "g.pdf").read_bytes()


@pytest.mark.parametrize("name", ["neuron", "net", "folded"])
def test_a_png_is_the_picture_in_pixels(tmp_path, name):
    """Both have the grounds of the cards, and paper between them, at the same places."""
    pytest.importorskip("resvg_py", reason="the extra pictures is not installed")
    pillow = pytest.importorskip("PIL.Image", reason="reads a PNG; only this test needs it")
    graph = draw(GRAPHS[name]())
    graph.save(tmp_path / "g.png")
    with pillow.open(tmp_path / "g.png") as opened:
        pixels = opened.convert("RGB")
    root = ET.fromstring(graph.svg)
    w, h = map(float, root.get("viewBox").split()[2:])
    assert pixels.size == (pytest.approx(2 * w, abs=1), pytest.approx(2 * h, abs=1))
    (left, top) = map(float, re.findall(r"[\d.]+", root.find(f"{SVG}g").get("transform")))
    place = layout.lay_out(graph.scene)
    for c in graph.scene.cards:
        box, paint = place.cards[c.id], LIGHT.kinds[c.kind]
        x, y = round(2 * (left + box.x - box.w / 2)), round(2 * (top + box.y))
        border = tuple(int(paint.border[i : i + 2], 16) for i in (1, 3, 5))
        near = [pixels.getpixel((x + d, y)) for d in range(-2, 3)]
        assert any(sum(abs(a - b) for a, b in zip(pixel, border, strict=True)) < 40 for pixel in near), c


def test_text_appears_without_any_font_of_the_machine(monkeypatch):
    """Every character that the package itself writes is in the font beside it; a letter that is not shows a box."""
    resvg_py = pytest.importorskip("resvg_py", reason="the extra pictures is not installed")

    def inked(character):
        text = f'<text x="5" y="30" font-size="24">{character}</text>'
        return image.png(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" font-family="x">{text}</svg>')

    ours = "₁₂⁽¹⁾∂σθ′″−×·→≤✎÷√Σφ²³⋯…éÅłŽЖ"
    monkeypatch.setattr(
        resvg_py, "svg_to_bytes", lambda draw=resvg_py.svg_to_bytes, **o: draw(**o | {"skip_system_fonts": True})
    )
    box, blank = inked("\u4e2d"), inked(" ")
    shown = {inked(character) for character in ours}
    assert len(shown) == len(ours) and not shown & {box, blank}
    folder = Path(image.__file__).parent / "font"
    known = (folder / "characters.txt").read_text(encoding="utf-8")
    ttfonts = pytest.importorskip("reportlab.pdfbase.ttfonts", reason="the extra pictures is not installed")
    for style in ("regular", "bold"):
        assert set(map(ord, known)) == set(ttfonts.TTFontFile(folder / f"{style}.ttf").charToGlyph) - {0xFFFF}
        assert set(ours) <= set(known)
    assert "SIL Open Font License" in (folder / "LICENSE.txt").read_text(encoding="utf-8")


def test_pictures_need_the_extra_and_say_so(tmp_path, monkeypatch):
    for name in ("resvg_py", "reportlab", "reportlab.pdfbase", "reportlab.pdfgen.canvas"):
        monkeypatch.setitem(sys.modules, name, None)
    for form in ("png", "pdf"):
        with pytest.raises(ImportError, match=rf"a \.{form} picture needs the extra pictures: .*pictures.*\.svg"):
            draw(neuron()).save(tmp_path / f"g.{form}")
    assert not list(tmp_path.iterdir())


def test_a_very_large_picture_is_still_one(tmp_path):
    pytest.importorskip("resvg_py", reason="the extra pictures is not installed")
    pytest.importorskip("reportlab", reason="the extra pictures is not installed")
    graph = draw(loop(140), fold="none")
    assert float(ET.fromstring(graph.svg).get("width")) > 14_400
    graph.save(tmp_path / "g.png")
    graph.save(tmp_path / "g.pdf")
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    (box,) = set(re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ", (tmp_path / "g.pdf").read_bytes()))
    assert float(box) == pytest.approx(14_400)


def test_save_refuses_what_it_cannot_do(tmp_path):
    graph = draw(neuron())
    for name in ("g.gif", "g", "g.svg.bak"):
        with pytest.raises(ValueError, match=r"\.svg \.png \.pdf \.dot \.mmd \.html"):
            graph.save(tmp_path / name)
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(IsADirectoryError):
        graph.save(tmp_path / "folder.svg")


@posix
def test_save_keeps_mode_and_link_and_the_old_file_on_error(tmp_path, monkeypatch):
    real, link = tmp_path / "real.svg", tmp_path / "link.svg"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    draw(neuron()).save(link)
    assert link.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o640
    real.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        draw(neuron()).save(link)
    assert real.read_text() == "old" and sorted(os.listdir(tmp_path)) == ["link.svg", "real.svg"]


# ---------------------------------------------------------------------------------------------------- notebooks


def test_the_bundle():
    forms = draw(neuron())._repr_mimebundle_()
    assert set(forms) == {"text/plain", "image/svg+xml", "text/html"}
    assert "x1w1 [×]" in forms["text/plain"]
    assert '<img src="data:image/svg+xml;base64,' in forms["text/html"]
    assert forms["text/html"] != draw(neuron())._repr_mimebundle_()["text/html"]  # ids of its own
    assert set(draw(neuron())._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert "text/html" not in draw(neuron())._repr_mimebundle_(exclude=["text/html"])


def test_a_wide_picture_scrolls_in_a_notebook_with_its_end_in_view():
    """It scrolls before it gets too small to read; the file and the SVG are as ever, a small picture fits a screen."""
    wide, small = draw(loop(60)), draw(neuron())
    for graph in (wide, small):
        forms = graph._repr_mimebundle_()
        frame = r'<div id="[\w-]+" dir="rtl" style="overflow-x:auto"><div dir="ltr" style="min-width:(\d+)px"><img '
        (least,) = map(int, re.findall(frame, forms["text/html"]))
        assert least == pytest.approx(0.75 * float(ET.fromstring(graph.svg).get("width")), abs=1)
        assert forms["image/svg+xml"] == graph.svg and "min-width" not in graph.svg
        assert 'dir="rtl"' in graph.html and f"min-width:{least}px" in graph.html
    assert float(ET.fromstring(wide.svg).get("width")) > 4000
    assert 'dir="rtl"' not in draw(neuron(), rankdir="RL")._repr_mimebundle_()["text/html"]  # its end is on the left
    assert "max-height:900px" in draw(neuron(), rankdir="TB")._repr_mimebundle_()["text/html"]


def test_the_bundle_never_raises(monkeypatch):
    def broken(*_):
        raise RuntimeError("broken layout")

    monkeypatch.setattr(layout, "lay_out", broken)
    forms = draw(neuron())._repr_mimebundle_()
    assert set(forms) == {"text/plain"} and "broken layout" in forms["text/plain"]


def test_draw_dot_is_a_digraph_in_the_lectures_look():
    dot = draw_dot(expression())
    assert isinstance(dot, graphviz.Digraph) and dot.format == "svg"
    assert dot.source == draw(expression()).dot == draw(expression()).to_graphviz().source
    lines = [line.strip() for line in dot.source.splitlines()]
    for line in (
        'n0 [label="{ a | data 2 | grad 6 }"]',
        'n2 [label="{ e | data −6 | grad −2 }"]',
        'n2_op [label="×" shape=ellipse]',
        "n2_op -> n2",
        'n0 -> n2_op [label="−3"]',
    ):
        assert line in lines
    assert "rankdir=TB" in draw_dot(neuron(), rankdir="TB").source
    assert all(name in dot.source for name in "abcdefL") and "<TABLE" not in dot.source


def test_draw_dot_without_a_program(no_dot, tmp_path):
    dot = draw_dot(neuron())
    ours = draw(neuron()).svg
    assert dot._repr_mimebundle_()["image/svg+xml"] == ours
    assert dot.render(str(tmp_path / "gout")) == str(tmp_path / "gout.svg")
    assert (tmp_path / "gout.svg").read_text(encoding="utf-8") == ours
    dot.node("mine", "<script>")  # what the user adds needs the program
    assert dot._repr_mimebundle_() == {"text/plain": dot.source}
    with pytest.raises(graphviz.ExecutableNotFound, match="dot"):
        dot.render(str(tmp_path / "gout"))


@pytest.mark.skipif(not DOT, reason="no Graphviz")
def test_draw_dot_asks_dot_goes_on_drawing_and_stays_harmless(tmp_path):
    dot = draw_dot(neuron())
    assert set(dot._repr_mimebundle_()) == {"text/plain", "image/svg+xml", "text/html"}
    assert {"x1", "data 2", "tanh"} <= set(texts(dot._repr_mimebundle_()["image/svg+xml"]))
    assert dot.render(str(tmp_path / "gout"), format="png") == str(tmp_path / "gout.png")
    dot.node("mine", "a &amp; b", href="javascript:alert(1)", tooltip="hello")
    picture = dot._repr_mimebundle_()["image/svg+xml"]
    assert "javascript" not in picture and "a & b" in texts(picture)
    assert "hello" in {title.text for title in ET.fromstring(picture).iter(f"{SVG}title")}
    assert not list(ET.fromstring(picture).iter(f"{SVG}a"))


# ------------------------------------------------------------------------------------------------------ harmless

TAGS = {"svg", "g", "title", "desc", "rect", "path", "text"}
ATTRIBUTES = {
    "role",
    "aria-labelledby",
    "aria-label",
    "id",
    "class",
    "viewBox",
    "width",
    "height",
    "style",
    "font-family",
    "font-size",
    "font-weight",
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-opacity",
    "stroke-linejoin",
    "paint-order",
    "opacity",
    "transform",
    "x",
    "y",
    "rx",
    "d",
    "text-anchor",
}
NASTY = [
    "<script>alert(1)</script>",
    '"]; n9 -> n1 [label="',
    "a\\Nb\\l\\",
    "{a|b}<p>",
    "]]>",
    "<!--",
    "&amp;&#65;",
    "\x00\x1b\x7f",
    "\ud800",
    "\ufffe",
    "\u202eabc\u2066",
    "two\nlines\r\n",
    "%%{init}%%\nend",
    "n1 --> n2",
    "x" * 500,
    " ",
    "#quot;",
    "javascript:alert(1)",
    "\x85\u2028\x0b",
]


def harmless(label):
    a = Value(1.0, label=label)
    out = a * 2.0
    out.label = label
    graph = draw(out)
    picture = svg(graph.scene, layout.lay_out(graph.scene))
    for element in ET.fromstring(picture.encode()).iter():
        assert element.tag.removeprefix(SVG) in TAGS
        assert set(element.attrib) <= ATTRIBUTES
    assert len(graph.dot.split("\n")) == len(draw(Value(1.0, label="a") * 2.0).dot.split("\n"))
    flow = graph.mermaid.split("\n")
    assert len(flow) == len(draw(Value(1.0, label="a") * 2.0).mermaid.split("\n"))
    for text in (picture, graph.dot, graph.mermaid, str(graph), graph.html):
        text.encode()
        assert not any(c in text for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    assert len(card(graph, graph.scene.cards[0].name).name.removesuffix("[1]")) <= 65
    return graph


@pytest.mark.parametrize("label", NASTY)
def test_a_nasty_label_in_every_form(label):
    graph = harmless(label)
    if DOT:
        picture = ET.fromstring(
            subprocess.run([DOT, "-Tsvg"], input=graph.dot.encode(), capture_output=True, check=True).stdout
        )
        shown = " ".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
        if (name := graph.scene.cards[0].name.strip()) and name.isprintable():
            assert name in shown.replace("\xa0", " ")


@pytest.mark.parametrize("label", NASTY)
def test_a_nasty_label_in_pixels_and_on_paper(label, tmp_path):
    pytest.importorskip("resvg_py", reason="the extra pictures is not installed")
    pytest.importorskip("reportlab", reason="the extra pictures is not installed")
    graph = draw(Value(1.0, label=label) * 2.0)
    graph.save(tmp_path / "g.png")
    graph.save(tmp_path / "g.pdf")
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")
    made = (tmp_path / "g.pdf").read_bytes()
    assert made.startswith(b"%PDF") and not re.search(rb"/(JS|JavaScript|URI|Launch|OpenAction)\b", made)


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=400, deadline=None)
def test_no_label_can_do_harm(label):
    harmless(label)


@given(st.lists(st.tuples(st.sampled_from("+*-t"), st.integers(0, 99), st.integers(0, 99)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_graph_is_drawn(steps):
    values = [Value(1.0, label="a"), Value(2.0)]
    for op, i, j in steps:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(a + b if op == "+" else a * b if op == "*" else a - 2.0 if op == "-" else a.tanh())
    values[-1].backward()
    for mode in ("auto", "none"):
        scene = build(values[-1], mode=mode, max_nodes=12)
        ET.fromstring(svg(scene, layout.lay_out(scene)))
        assert all(c.id.isalnum() for c in scene.cards)


# -------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("bad", [3.0, "x", None, [Value(1.0)], (1, 2)])
def test_what_is_no_value_is_refused_by_name(bad):
    for call in (draw, draw_dot):
        with pytest.raises(TypeError, match=f"expected a Value, got {type(bad).__name__}"):
            call(bad)


@pytest.mark.parametrize(
    "options, error, told",
    [
        ({"rankdir": "lr"}, ValueError, "LR, RL, TB, BT"),
        ({"fold": "units"}, ValueError, "none, neuron"),
        ({"max_nodes": 0}, ValueError, "max_nodes"),
        ({"max_nodes": 1.5}, ValueError, "max_nodes"),
        ({"max_nodes": True}, ValueError, "max_nodes"),
        ({"wrt": 3.0}, TypeError, "wrt: expected a Value"),
        ({"rankdir": ["LR"]}, ValueError, "rankdir"),
    ],
)
def test_options_are_checked(options, error, told):
    with pytest.raises(error, match=told):
        draw(neuron(), **options)


def test_the_package_offers_both():
    assert isinstance(ag.draw(neuron()), Picture)
    assert "digraph" in ag.draw_dot(neuron()).source
    assert repr(ag.draw(expression())) == "<Picture: Computation graph of L, 7 cards, 6 arrows>"


# --------------------------------------------------------------------------------------- names, kinds and colours


def arrows(graph):
    """Return the arrows by the names of their ends."""
    names = {c.id: c.name for c in graph.scene.cards}
    return {(names[e.tail], names[e.head]): e for e in graph.scene.edges}


def test_cards_have_the_names_of_the_formulas():
    w, x, b = Value(2.0, label="w"), Value(-1.0), Value(0.5, label="b")
    out = (w * x + b).tanh() * w
    names = {c.name for c in draw(out).scene.cards}
    assert names == {"w", "v1", "v2", "v3", "b", "v4", "f"}
    assert {step.name for step in ag.backward_steps(out)} == names
    assert {row.name for row in ag.nudge(out, w).rows} <= names
    assert all(name in names for name in re.findall(r"v\d", str(ag.explain(out, wrt=w))))
    assert draw(out).scene.title == "Computation graph of f"


@pytest.mark.parametrize("sizes", [[1, 1, 1], [2, 1]])
@pytest.mark.parametrize("fold", ["none", "neuron"])
def test_a_weight_has_one_name_everywhere(sizes, fold):
    model = nn.MLP(1, sizes, activation="tanh", seed=1)
    out = model([0.5])
    weight = model.layers[1].neurons[0].w[0]
    name = "w⁽²⁾" if sizes[0] == 1 else "w₁₁⁽²⁾"
    assert str(ag.explain(out, wrt=weight)).startswith(f"∂f/∂{name} =")
    assert nn.parameters.parameter_name(model.parameters(), model.parameters().index(weight)).endswith(f", {name}")
    assert f"{name} = " in draw(out, fold=fold).svg if fold == "neuron" else name in texts(draw(out).svg)
    assert any(c.name.startswith("f = a") or c.name.startswith("f = z") for c in draw(out, fold=fold).scene.cards)


def test_a_name_that_a_label_has_is_not_given_again():
    f, g = Value(1.0, label="f"), Value(2.0, label="g")
    assert [c.name for c in draw(f * g).scene.cards] == ["f", "g", "out"]


def test_examples_are_told_apart_as_in_explain():
    names = {c.name for c in draw(net([2], examples=2), fold="none").scene.cards}
    assert {"z₁⁽¹⁾[1]", "z₁⁽¹⁾[2]", "x₁[1]", "x₁[2]", "w₁₁⁽¹⁾"} <= names
    assert "a₁⁽¹⁾" in {c.name for c in draw(net([2], examples=2), fold="neuron").scene.cards}


class Line(nn.Module):
    def __init__(self):
        self.slopes, self.offset = [Value(1.0, label="q")], {"b": Value(0.5, label="b")}

    def __call__(self, x):
        return self.slopes[0] * x + self.offset["b"]


def test_a_leaf_is_what_it_is_said_to_be_and_never_what_its_letter_suggests():
    kind = {
        c.name: c.kind for c in draw(Value(2.0, label="w") * Value(1.0, label="x") + Value(0.5, label="b")).scene.cards
    }
    assert kind["w"] == kind["x"] == kind["b"] == "leaf"
    said = Value(2.0, label="x", kind="parameter") * Value(1.0, label="w", kind="input")
    assert {c.name: c.kind for c in draw(said).scene.cards} == {"x": "parameter", "w": "input", "f": "output"}
    x = Value(3.0, label="x")
    assert {c.name: c.kind for c in draw(Line()(x)).scene.cards} == {
        "q": "parameter", "x": "leaf", "v1": "op", "b": "parameter", "f": "output"
    }  # fmt: skip
    nn.Adam([x])
    assert card(draw(x * 2), "x").kind == "parameter"


def test_inputs_of_a_net_are_inputs_and_its_weights_parameters():
    x = Value(0.5, label="height")
    kinds = {c.name: c.kind for c in draw(nn.MLP(1, [1])([x])).scene.cards}
    assert (kinds["height"], kinds["w⁽¹⁾"], kinds["b⁽¹⁾"]) == ("input", "parameter", "parameter")


def test_the_colour_of_an_arrow_is_what_flows_and_of_its_number_its_own_sign():
    found = arrows(draw(expression()))
    # d is handed −2 by L, and c and e are handed 1 times that: plus on a minus arrow
    plus, minus = found["a", "e"].stroke.colour, found["b", "e"].stroke.colour
    assert plus != minus and found["c", "d"].stroke.colour == minus and found["f", "L"].stroke.colour == plus
    assert [found[ends].stroke.dashed for ends in (("a", "e"), ("b", "e"), ("c", "d"), ("f", "L"))] == [
        False,
        True,
        True,
        False,
    ]
    assert found["c", "d"].ink == found["f", "L"].ink != found["a", "e"].ink  # 1 and 4 beside −3
    assert found["a", "e"].stroke.width > found["c", "d"].stroke.width  # 6 flows back to a, −2 to c
    picture = draw(expression()).svg
    assert "colour and width of an arrow: what flows back to the operand's gradient" in texts(picture)
    assert "number: local derivative, in the colour of its sign" in texts(picture)
    about = ET.fromstring(picture).find(f"{SVG}desc").text
    assert "orange is plus, blue and dashed is minus" in about and "Number: local derivative" in about
    assert picture.count('stroke-dasharray="6 3"') == 1 + 4  # in the legend, and four arrows
    dashed = [line for line in draw(expression()).mermaid.split("\n") if "stroke-dasharray:6 3" in line]
    assert len(dashed) == 4 and all(f"stroke:{minus}" in line for line in dashed)


def test_zero_and_unknown_flow_are_neither_plus_nor_minus():
    x = Value(-1.0, label="x")
    y = x.relu() * 3.0
    before = arrows(draw(y))["x", "v1"].stroke.colour
    y.backward()
    after = arrows(draw(y))["x", "v1"]
    signs = {e.stroke.colour for e in draw(expression()).scene.edges}
    assert not {before, after.stroke.colour} & signs and before != after.stroke.colour and not after.stroke.dashed


def test_in_a_nudge_the_colour_is_the_change():
    w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(0.5, label="b")
    out = (w * x + b) * -3.0
    graph = draw(ag.nudge(out, w, by=0.1))
    found = arrows(graph)
    signs = {e.stroke.colour: e for e in draw(expression()).scene.edges}
    minus = next(e.stroke.colour for e in signs.values() if e.stroke.dashed)
    # w +0.1, v1 −0.1, v2 −0.1, f +0.3
    assert found["w", "v1"].stroke.colour == found["v1", "v2"].stroke.colour == minus != found["v2", "f"].stroke.colour
    assert found["v2", "f"].stroke.colour in signs and found["b", "v2"].stroke.colour not in signs
    assert "passes on a change of about 0.3" in found["v2", "f"].tooltip
    assert "colour and width of an arrow: the change that it passes on to the result" in texts(graph.svg)
    assert not any("gradient" in text for text in texts(graph.svg))


def test_a_sum_of_products_is_called_by_its_names_and_has_no_bias_that_nobody_gave():
    q, k = ([Value(float(i), label=f"{name}{i}") for i in (1, 2)] for name in "qk")
    graph = draw(ag.dot(q, k))
    assert card(graph, "f").symbol == "q·k" and not any(c.kind == "constant" for c in graph.scene.cards)
    assert card(draw(ag.dot(q, k, Value(1.0, label="c"))), "f").symbol == "q·k + c"
    assert card(draw(ag.dot(q, [1.0, 2.0], 3.0)), "f").symbol == "dot + 3"
    assert {c.symbol for c in draw(nn.MLP(1, [1, 1], "tanh")([1.0])).scene.cards} == {"", "w·x + b", "w·a + b", "tanh"}


def test_a_function_known_as_a_derivative_is_explained():
    x = Value(0.5, label="x")
    graph = draw(ag.grad(x.tanh(), x, create_graph=True))
    assert "sech²(x) = 1 − tanh(x)²" in texts(graph.svg)
    assert "sech²(x) = 1 − tanh(x)²" in card(graph, "f").tooltip
    assert not any("=" in note for note in draw(x.tanh()).scene.notes)


def test_a_stale_leaf_is_marked_in_a_nudge():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c = a * b
    a.data = 10.0
    nudged = ag.nudge(c, a)
    assert [(row.before, round(row.change, 9), row.predicted) for row in nudged.rows] == [
        (10.0, 0.01, 0.01), (30.0, 0.03, 0.03)
    ]  # fmt: skip
    note = "✎ a: written after recording; predicted with the old derivatives"
    assert "a ✎ " in str(nudged) and note in str(nudged) and note in nudged._repr_html_()
    assert rows(draw(nudged), "a")["data"] == "10 → 10.01 ✎"
    assert "✎" in str(ag.nudge(c, b)) and "✎" not in str(ag.nudge(a * b, a))


def batch(examples, hidden=4):
    model = nn.MLP(2, [hidden, 1], activation="tanh", seed=1)
    loss = nn.mse_loss([model([0.1 * i, -0.2 * i]) for i in range(examples)], [1.0] * examples)
    loss.backward()
    return loss


def test_examples_that_share_a_net_fold_it_by_themselves():
    assert [c.kind for c in draw(batch(8)).scene.cards].count("neuron") == 5
    assert len(draw(batch(8)).scene.cards) < 50 < len(draw(batch(8), fold="none").scene.cards)
    assert draw(batch(8)).scene == draw(batch(8), fold="neuron").scene
    assert not any(c.kind == "neuron" for c in draw(batch(1)).scene.cards)
    assert not any(c.kind == "neuron" for c in draw(batch(2, hidden=2)).scene.cards)  # still a picture to read
    assert any(c.kind == "neuron" for c in draw(batch(3, hidden=2)).scene.cards)


def test_the_steps_of_a_recurrent_net_are_no_examples():
    cell = nn.Neuron(2, activation="tanh")
    h = 0.0
    for i in range(9):
        h = cell([0.1 * i, h])
    assert len(ag.topological_order(h)) > 30
    assert not any(c.kind == "neuron" for c in draw(h).scene.cards)


def test_outputs_of_softmax_follow_the_units_that_they_read() -> None:
    model = nn.MLP(3, [4, 3], output="softmax", seed=0)
    scene = draw(-ag.log(model([1.0, 2.0, 3.0])[0]), fold="neuron").scene
    names = [card.name for card in scene.cards]
    assert {"z₁⁽²⁾", "z₂⁽²⁾", "z₃⁽²⁾", "a₁⁽²⁾"} <= {*names}
    ids = {card.name: card.id for card in scene.cards}
    into = {edge.tail for edge in scene.edges if edge.head == ids["a₁⁽²⁾"]}
    assert into == {ids[name] for name in ("z₁⁽²⁾", "z₂⁽²⁾", "z₃⁽²⁾")}


def test_a_net_of_very_many_weights_is_folded_by_layer() -> None:
    model = nn.MLP(64, [32, 10], output="softmax", seed=0)
    scene = draw(-ag.log(model([1.0] * 64)[0])).scene
    assert {card.name for card in scene.cards} == {"x", "layer 1", "layer 2", "v1", "C"}


@pytest.mark.parametrize(("grad", "text"), [(-1.78e-21, "−1.8e−21"), (-1.78e-210, "−2e−210"), (0.1234, "0.123")])
def test_a_narrow_card_leaves_room_between_its_numbers(grad: float, text: str) -> None:
    x = Value(0.0)
    y = nn.MLP(1, [2, 1], seed=0)([x])
    y.backward()
    x.grad = grad
    card = next(card for card in draw(y, fold="neuron").scene.cards if card.name == "x₁")
    assert card.rows[1].text == text


def test_gradients_of_another_result_are_said_to_be_so() -> None:
    a = Value(2.0, label="a")
    b = a * 3.0
    b.label = "b"
    C = b * b
    C.backward()
    note = "gradients: of a backward() that began elsewhere, not at b"
    assert note in draw(b).scene.notes and note not in draw(b, grads=False).scene.notes
    assert not any("elsewhere" in note for note in draw(C).scene.notes)
    b.backward()
    assert note not in draw(b).scene.notes


def test_gradients_of_an_earlier_pass_are_said_to_be_so() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    y = model([1.0, 2.0])
    assert not any("earlier" in note for note in draw(y).scene.notes)
    y.backward()
    assert "gradients that are shown: of an earlier backward()" in draw(model([1.0, 2.0])).scene.notes
    y = model([1.0, 2.0])
    y.backward()
    assert not any("earlier" in note for note in draw(y).scene.notes)


def test_gradients_that_are_not_the_sum_of_their_arrows_are_noted() -> None:
    w, x = Value(2.0, label="w"), Value(1.0, label="x")
    note = "gradients that are not the sum of their arrows: w; backward() adds to them until zero_grad()"
    for passes in (1, 2):
        out = (w - 1) ** 2 + 0.1 * x
        out.backward()
        assert (note in draw(out).scene.notes) == (passes == 2)
        assert note not in draw(out, grads=False).scene.notes and note not in draw(out, blank={"w"}).scene.notes
        x.grad = 0.0
    out.zero_grad()
    out.backward()
    assert not draw(out).scene.notes
    net, loss = nn.MLP(2, [2, 1], seed=0), Value(0.0)
    for _ in range(2):
        loss = net([1.0, 2.0]) ** 2
        loss.backward()
    assert len([note for note in draw(loss).scene.notes if "and others; backward() adds" in note]) == 1


def test_the_value_of_a_leaf_is_a_gap_where_it_is_asked_for_by_itself() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    quiz = draw(a * b, blank={"b": "data"}, partials=False)
    assert "data (1) ____" in str(quiz).splitlines()[3] and ">3<" not in quiz.svg and "data=3" not in quiz.svg
    assert "data 3" in str(draw(a * b, blank={"b"}))
