"""Pictures: what they say, that they always appear, and that no label can do harm."""

import math
import os
import re
import stat
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.draw import Graph, LayoutError, draw, draw_dot, layout, render
from autograd_lite.draw.build import build
from autograd_lite.draw.geometry import sizes
from autograd_lite.draw.svg import svg
from autograd_lite.engine import Value
from tests import lecture

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
PROGRAMS = list(render.engines())
posix = pytest.mark.skipif(sys.platform == "win32", reason="programs written as shell scripts")


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
def nothing_installed(monkeypatch, tmp_path):
    """No layout program at all."""
    monkeypatch.delenv(render.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(render.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


def program(tmp_path, script):
    path = tmp_path / "layout-program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


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
    assert rows(graph, "L") == {"data": "-8", "grad": "1"}
    assert card(graph, "e").symbol == "×" and card(graph, "a").symbol == ""
    assert {c.name: c.kind for c in graph.scene.cards}["L"] == "output"


def test_every_arrow_has_its_local_derivative():
    graph = draw(expression())
    names = {c.id: c.name for c in graph.scene.cards}
    arrows = [(names[e.tail], names[e.head], e.label) for e in graph.scene.edges]
    assert arrows == [
        ("a", "e", "-3"),
        ("b", "e", "2"),
        ("e", "d", "1"),
        ("c", "d", "1"),
        ("d", "L", "-2"),
        ("f", "L", "4"),
    ]
    assert graph.scene.edges[0].tooltip == "local derivative ∂e/∂a = -3.0, adds 6.0 to the gradient of a"
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
    assert {x.name: x.lit for x in graph.scene.cards} == {"a": True, "b": False, "c": True}
    assert [e.lit for e in graph.scene.edges] == [True, False]
    with pytest.raises(ValueError, match="does not depend"):
        draw(a, wrt=b)


def test_a_nudge_is_drawn():
    o = neuron()
    w1 = next(v for v in ag.topological_order(o) if v.label == "w1")
    graph = draw(ag.nudge(o, w1, 0.01))
    assert rows(graph, "w1")["data"] == "-3 → -2.99"
    assert set(rows(graph, "o")) == {"data", "change", "predicted"}
    assert not card(graph, "x2").lit and card(graph, "n").lit
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
    assert f"w₂₁⁽²⁾ = {weights[2].data!r} grad={weights[2].grad!r}" == arrows["a₂⁽¹⁾"]


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
    from autograd_lite.graph import Role

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


def test_one_operation_with_many_operands():
    graph = draw(ag.sum([Value(float(i)) for i in range(10_000)]))
    assert len(graph.scene.cards) < 100
    numbers = draw(ag.dot([Value(1.0, label=f"w{i}") for i in range(60)], [1.0] * 60))
    assert "60 numbers" in {c.name for c in numbers.scene.cards}


# ------------------------------------------------------------------------------------------------ every engine


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("engine", [None, *PROGRAMS], ids=lambda e: os.path.basename(e) if e else "own")
@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_all_engines_draw_the_same_parts(name, engine, rankdir):
    scene = build(GRAPHS[name](), rankdir)
    placement = layout.place(scene) if engine is None else render.placed(scene, engine)
    assert ("own" in placement.engine) == (engine is None), placement.engine
    picture = svg(scene, placement)
    root = ET.fromstring(picture)
    assert titles(picture, "card") == [c.tooltip for c in scene.cards]
    assert titles(picture, "arrow") == [e.tooltip for e in scene.edges]
    assert {c.name for c in scene.cards if c.name} <= set(texts(picture))
    assert root.get("role") == "graphics-document" and placement.engine in root.find(f"{SVG}desc").text
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
    place = layout.place(scene)
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
    from autograd_lite.graph import Role

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


def test_without_any_program(nothing_installed, tmp_path):
    assert list(render.engines()) == []
    graph = draw(neuron())
    assert "autograd_lite's own" in graph.svg
    assert set(graph._repr_mimebundle_()) == {"text/plain", "image/svg+xml", "text/html"}
    for form in ("png", "pdf"):
        with pytest.raises(LayoutError, match=r"install .*Graphviz.* \.svg") as error:
            graph.save(tmp_path / f"g.{form}")
        assert ("autograd-lite[dot]" in str(error.value)) == (form == "png")
    assert not list(tmp_path.glob("g.*"))


@posix
@pytest.mark.parametrize(
    "script, why",
    [
        ("sleep 60 & sleep 60", "took more than"),
        ("echo broken >&2; exit 3", "broken"),
        ("echo nonsense", "gave no layout"),
        ('echo \'{"bb": "0,0,1,1"}\'', "gave no layout"),
        ("exit 0", "failed"),
    ],
)
def test_a_program_that_fails_is_replaced(monkeypatch, nothing_installed, tmp_path, script, why):
    monkeypatch.setattr(render, "SECONDS", 0.5)
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv(render.VARIABLE, program(tmp_path, script))
    monkeypatch.setattr(render.shutil, "which", lambda name, path=None: name if os.sep in name else None)
    start = time.monotonic()
    description = ET.fromstring(draw(expression()).svg).find(f"{SVG}desc").text
    assert "autograd_lite's own" in description and why in description
    assert time.monotonic() - start < 8


@posix
def test_a_time_out_kills_the_children_too(tmp_path):
    mark = tmp_path / "alive"
    with pytest.raises(LayoutError, match=r"took more than 0\.3 s"):
        render.run(program(tmp_path, f"(sleep 1; touch {mark}) & sleep 5"), "svg", "digraph {}", 0.3)
    time.sleep(1.2)
    assert not mark.exists()


def test_a_program_that_is_not_there(monkeypatch, nothing_installed):
    monkeypatch.setenv(render.VARIABLE, "/no/such/program")
    assert "did not start" in draw(expression()).svg


@pytest.mark.skipif(not PROGRAMS, reason="no layout program")
def test_the_variable_comes_first(monkeypatch):
    monkeypatch.setenv(render.VARIABLE, PROGRAMS[-1])
    assert next(render.engines()) == PROGRAMS[-1]
    assert "own" not in ET.fromstring(draw(net([4, 4])).svg).find(f"{SVG}desc").text


def test_no_text_of_the_user_reaches_a_layout_program():
    from autograd_lite.draw.dot import bare

    a = Value(1.0, label="SECRET")
    assert "SECRET" not in bare(draw(a * a).scene) and "SECRET" in draw(a * a).dot


# ------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("name", ["neuron", "expression"])
def test_golden_dot(name):
    text = draw(GRAPHS[name]()).dot
    path = GOLDEN / f"{name}.dot"
    if os.environ.get("AUTOGRAD_LITE_WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "suffix, start", [("svg", "<svg"), ("dot", "digraph"), ("mmd", "flowchart LR"), ("html", "<!DOCTYPE html>")]
)
def test_save_text(tmp_path, suffix, start):
    path = tmp_path / f"g.{suffix.upper() if suffix == 'svg' else suffix}"
    draw(neuron()).save(path)
    assert path.read_text(encoding="utf-8").startswith(start)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.skipif(not PROGRAMS, reason="no layout program")
def test_save_png(tmp_path):
    draw(neuron()).save(tmp_path / "g.png")
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not any("pure" not in p for p in PROGRAMS), reason="no Graphviz")
def test_save_pdf(tmp_path):
    draw(neuron()).save(str(tmp_path / "g.pdf"))
    assert (tmp_path / "g.pdf").read_bytes().startswith(b"%PDF")


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


def test_a_wide_picture_scrolls_in_a_notebook_before_it_gets_too_small_to_read():
    """Only there: the file and the SVG are as ever, and a small picture still fits a small screen."""
    wide, small = draw(loop(60)), draw(neuron())
    for graph in (wide, small):
        forms = graph._repr_mimebundle_()
        (least,) = map(int, re.findall(r"max-width:100%;min-width:(\d+)px;height:auto", forms["text/html"]))
        width = float(ET.fromstring(graph.svg).get("width"))
        assert least == pytest.approx(0.75 * width, abs=1) and 'style="overflow-x:auto"' in forms["text/html"]
        assert forms["image/svg+xml"] == graph.svg and "min-width" not in graph.svg + graph.html
    assert float(ET.fromstring(wide.svg).get("width")) > 4000


def test_the_bundle_never_raises(monkeypatch):
    def broken(*_):
        raise RuntimeError("broken layout")

    monkeypatch.setattr(render, "placed", broken)
    forms = draw(neuron())._repr_mimebundle_()
    assert set(forms) == {"text/plain"} and "broken layout" in forms["text/plain"]


def test_draw_dot_is_a_digraph():
    graphviz = pytest.importorskip("graphviz")
    dot = draw_dot(neuron())
    assert isinstance(dot, graphviz.Digraph) and dot.format == "svg"
    assert dot.source == draw(neuron()).dot
    assert set(dot._repr_mimebundle_()) == {"text/plain", "image/svg+xml", "text/html"}
    assert "rankdir=TB" in draw_dot(neuron(), rankdir="TB").source
    assert isinstance(draw(neuron()).to_graphviz(), graphviz.Digraph)


def test_draw_dot_without_a_program(nothing_installed, tmp_path):
    dot = draw_dot(neuron())
    assert "image/svg+xml" in dot._repr_mimebundle_()
    assert dot.render(str(tmp_path / "gout")) == str(tmp_path / "gout.svg")
    ET.parse(tmp_path / "gout.svg")
    dot.node("mine", "<script>")  # what the user adds needs a program
    assert set(dot._repr_mimebundle_()) == {"text/plain"}
    with pytest.raises(LayoutError, match="needs a layout program"):
        dot.render(str(tmp_path / "gout"))


@pytest.mark.skipif(not PROGRAMS, reason="no layout program")
def test_draw_dot_goes_on_drawing_and_stays_harmless():
    dot = draw_dot(neuron())
    dot.node("mine", "a & b", href="javascript:alert(1)", tooltip="hello")
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
    picture = svg(graph.scene, layout.place(graph.scene))
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
    for path in PROGRAMS:
        picture = ET.fromstring(render.run(path, "svg", graph.dot))
        shown = " ".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text"))
        if (name := graph.scene.cards[0].name.strip()) and name.isprintable():
            assert name in shown.replace("\xa0", " ").replace("\u200b", ""), path


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
        ET.fromstring(svg(scene, layout.place(scene)))
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
        ({"rankdir": "lr"}, ValueError, "'LR', 'RL', 'TB', 'BT'"),
        ({"fold": "units"}, ValueError, "'none', 'neuron'"),
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
    assert isinstance(ag.draw(neuron()), Graph)
    assert "digraph" in ag.draw_dot(neuron()).source
    assert repr(ag.draw(expression())) == "<Graph: Computation graph of L, 7 cards, 6 arrows>"


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
    assert nn.module.parameter_name(model.parameters(), model.parameters().index(weight)).endswith(f", {name}")
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
    plus, minus = found["a", "e"].colour, found["b", "e"].colour
    assert plus != minus and found["c", "d"].colour == minus and found["f", "L"].colour == plus
    assert [found[ends].dashed for ends in (("a", "e"), ("b", "e"), ("c", "d"), ("f", "L"))] == [
        False,
        True,
        True,
        False,
    ]
    assert found["c", "d"].ink == found["f", "L"].ink != found["a", "e"].ink  # 1 and 4 beside −3
    assert found["a", "e"].width > found["c", "d"].width  # 6 flows back to a, −2 to c
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
    before = arrows(draw(y))["x", "v1"].colour
    y.backward()
    after = arrows(draw(y))["x", "v1"]
    signs = {e.colour for e in draw(expression()).scene.edges}
    assert not {before, after.colour} & signs and before != after.colour and not after.dashed


def test_in_a_nudge_the_colour_is_the_change():
    w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(0.5, label="b")
    out = (w * x + b) * -3.0
    graph = draw(ag.nudge(out, w, by=0.1))
    found = arrows(graph)
    signs = {e.colour: e for e in draw(expression()).scene.edges}
    minus = next(e.colour for e in signs.values() if e.dashed)
    # w +0.1, v1 −0.1, v2 −0.1, f +0.3
    assert found["w", "v1"].colour == found["v1", "v2"].colour == minus != found["v2", "f"].colour
    assert found["v2", "f"].colour in signs and found["b", "v2"].colour not in signs
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
    note = "✎ a: written after this was recorded, so predicted with the old derivatives"
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
