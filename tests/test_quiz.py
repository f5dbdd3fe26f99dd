"""Quiz pictures: numbers that are hidden or numbered gaps are so everywhere, and nothing moves because of them."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing import Picture, layout
from autograd_lite.drawing.palette import PALETTES

FORMS = ("svg", "dot", "mermaid", "outline", "html")


def neuron() -> dict[str, Value]:
    """Return a = tanh(w·x + b), with its nodes by name; no two of its numbers are spelled alike."""
    w, x, b = Value(2.03125, label="w"), Value(-1.015625, label="x"), Value(0.53125, label="b")
    z = w * x + b
    a = ag.tanh(z)
    z.label, a.label = "z", "a"
    return {"w": w, "x": x, "b": b, "v1": z.parents[0], "z": z, "a": a}


def places(picture: Picture) -> object:
    """Return where all cards and panels stand, and how large the picture is."""
    placed = layout.lay_out(picture.scene)
    root = ET.fromstring(picture.svg)
    return placed.cards, placed.clusters, {k: r.points for k, r in placed.routes.items()}, root.get("viewBox")


def gaps(picture: Picture) -> list[tuple[str, str, int]]:
    return [(card.name, row.caption, row.gap) for card in picture.scene.cards for row in card.rows if row.gap]


@pytest.mark.parametrize("hidden", [1, 4])
def test_nothing_moves_whatever_is_shown(hidden: int) -> None:
    for out, options in (
        (neuron()["a"], {}),
        (nn.MLP(2, [hidden, 1], activation="tanh", seed=1)([0.5, -1.2]), {"fold": "none"}),
        (nn.MLP(2, [hidden, 1], activation="tanh", seed=1)([0.5, -1.2]), {"fold": "neuron", "rankdir": "TB"}),
    ):
        before = places(ag.draw(out, **options))
        out.backward()
        nodes = [
            node for node in ag.topological_order(out) if node.op and (node.role is None or node.role.symbol == "a")
        ]
        shown = [{}, {"values": False}, {"grads": False}, {"partials": False}, {"blank": nodes}, {"theme": "dark"}]
        shown += [{"values": False, "grads": False, "partials": False}, {"blank": dict.fromkeys(nodes, "grad")}]
        for settings in shown:
            assert places(ag.draw(out, **options, **settings)) == before, settings


def test_blanks_are_numbered_as_they_are_worked_out() -> None:
    n = neuron()
    n["a"].backward()
    picture = ag.draw(n["a"], blank={"z", "w", n["a"]})
    # the values forward, then the gradients from the result down; the value of a leaf is given
    assert gaps(picture) == [("w", "grad", 5), ("z", "data", 1), ("z", "grad", 4), ("a", "data", 2), ("a", "grad", 3)]
    assert gaps(ag.draw(n["a"], blank={"z": "grad", n["w"]: "grad"})) == [("w", "grad", 2), ("z", "grad", 1)]
    assert gaps(ag.draw(n["a"], blank=["z", "w"], grads=False)) == [("z", "data", 1)]
    for form in FORMS:
        assert "(5)" in re.sub("#40;5#41;", "(5)", getattr(picture, form))
    assert not gaps(ag.draw(n["a"]))


def numbers(node: Value) -> tuple[str, str]:
    return f"{node.data:.4g}".replace("-", "−"), f"{node.grad:.3g}".replace("-", "−")


@pytest.mark.parametrize("theme", PALETTES)
def test_what_is_left_out_stands_nowhere(theme: str) -> None:
    n = neuron()
    n["a"].backward()
    blank = {"z", "w", "v1"}
    quiz, key = ag.draw(n["a"], blank=blank, theme=theme), ag.draw(n["a"], theme=theme)
    secret = [numbers(n["z"])[0], numbers(n["v1"])[0], numbers(n["w"])[1]]
    secret += [x.replace("-", "−") for x in map(repr, (n["z"].data, n["v1"].data, n["w"].grad))]
    for form in FORMS:
        assert all(text in getattr(key, form) for text in secret[: 3 if form != "svg" else 6]), form
        assert not any(text in getattr(quiz, form) for text in secret), form
    colours = {edge.stroke.colour for edge in quiz.scene.edges if edge.tail != "n1"}
    assert colours == {PALETTES[theme].theme.line}, "an arrow's colour is the sign of a contribution"
    none = ag.draw(n["a"], values=False, grads=False, partials=False, theme=theme)
    for form in ("dot", "outline"):
        assert not re.search(r"\d\.\d|data|grad", getattr(none, form).replace("digraph", "")), form
    hints = " ".join(g.text for g in ET.fromstring(none.svg).iter("{http://www.w3.org/2000/svg}title"))
    assert not re.search(r"\d\.\d", hints), "nor in what is shown when it is pointed at"


def test_a_frame_of_a_derivation_has_gaps_too() -> None:
    n = neuron()
    frame = ag.explain(n["a"], wrt=n["w"]).frames[0]
    quiz, key = ag.draw(frame, blank={"v1", "w"}), ag.draw(frame)
    assert gaps(quiz) == [("w", "grad", 3), ("v1", "data", 1), ("v1", "grad", 2)]
    secret = f"{n['v1'].data:.4g}".replace("-", "−"), f"{ag.grad(n['a'], n['w']):.3g}".replace("-", "−")
    for form in FORMS:
        assert all(text in getattr(key, form) for text in secret), form
        assert not any(text in getattr(quiz, form) for text in secret), form
    none = ag.draw(frame, values=False, grads=False, partials=False)
    for form in ("dot", "outline"):
        assert not re.search(r"\d\.\d|data|grad", getattr(none, form).replace("digraph", "")), form
    assert places(none) == places(quiz) == places(key)
    with pytest.raises(ValueError, match="blank: str 'nope': the names are w, x, v1, b, z, a"):
        ag.draw(frame, blank={"nope"})
    with pytest.raises(ValueError, match="draw: wrt does not apply to a frame of explain; draw the value itself"):
        ag.draw(frame, wrt=n["w"])


@pytest.mark.parametrize("option", [{"blank": {"z"}}, {"values": False}, {"grads": False}, {"partials": False},
                                    {"wrt": "w"}, {"fold": "layer"}])  # fmt: skip
def test_a_nudge_shows_all_its_numbers(option: dict[str, object]) -> None:
    nudged = ag.nudge(neuron()["a"], "w")
    with pytest.raises(ValueError, match=f"draw: {next(iter(option))} does not apply to a nudge; draw the value its"):
        ag.draw(nudged, **option)  # type: ignore[arg-type]
    assert ag.draw(nudged, fold="none", blank=()).svg == ag.draw(nudged).svg


def test_a_folded_picture_has_gaps_on_its_cards_or_says_that_it_cannot() -> None:
    out = nn.MLP(2, [2, 1], activation="tanh", output="tanh", seed=1)([0.5, -1.2])
    out.backward()
    picture = ag.draw(out, fold="neuron", blank={"a1(1)"})
    assert [entry[1:] for entry in gaps(picture)] == [("data", 1), ("grad", 2)]
    assert not any("grad=" in card.tooltip for card in picture.scene.cards if card.kind in ("neuron", "output"))
    with pytest.raises(ValueError, match="no card of their own"):
        ag.draw(out, fold="neuron", blank={"w11(1)"})


def test_compiled_calls_are_opened_for_their_blanks() -> None:
    w = Value(2.0, label="w")
    loss = ag.compile(lambda x: ag.tanh(w * x))(0.5)
    loss.label = "loss"
    assert gaps(ag.draw(loss, blank={loss: "data", w: "grad"})) == [("w", "grad", 2), ("loss", "data", 1)]


def test_for_slides() -> None:
    n = neuron()
    n["a"].backward()
    plain, bare = ag.draw(n["a"]), ag.draw(n["a"], legend=False, title="A neuron <1>")
    assert "colour and width" in plain.svg and "legend" not in plain.svg
    assert ">input<" not in bare.svg and ">A neuron &lt;1&gt;</text>" in bare.svg and bare.scene.title == "A neuron <1>"
    assert layout.lay_out(bare.scene) == layout.lay_out(plain.scene)
    large = ET.fromstring(ag.draw(n["a"], font_size=24).svg)
    width, zoomed = float(large.get("viewBox").split()[2]), float(large.get("width"))
    assert zoomed == pytest.approx(2 * width, abs=0.1) and width < float(ET.fromstring(plain.svg).get("width"))
    dark = ag.draw(ag.nudge(n["a"], n["w"]), theme="dark", title="A nudge", legend=False)
    assert PALETTES["dark"].theme.picture in dark.svg and "A nudge" in dark.svg


def test_png_and_pdf_at_their_size(tmp_path) -> None:
    pytest.importorskip("resvg_py", reason="the extra pictures is not installed")
    pytest.importorskip("reportlab", reason="the extra pictures is not installed")
    pillow = pytest.importorskip("PIL.Image", reason="reads a PNG; only this test needs it")
    picture = ag.draw(neuron()["a"], font_size=18, blank={"z"}, theme="print")
    size = [float(ET.fromstring(picture.svg).get(side)) for side in ("width", "height")]
    for scale in (1, 2, 3.5):
        picture.save(tmp_path / "g.png", scale=scale)
        with pillow.open(tmp_path / "g.png") as image:
            assert image.size == tuple(pytest.approx(scale * side, abs=1) for side in size)
    picture.save(tmp_path / "g.pdf")
    (box,) = set(re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+)", (tmp_path / "g.pdf").read_bytes()))
    assert [float(side) for side in box] == pytest.approx(size, abs=0.1)
    with pytest.raises(ValueError, match=r"scale: a \.pdf picture has no pixels"):
        picture.save(tmp_path / "g.pdf", scale=2)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    dark, light = sorted([luminance(a), luminance(b)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_every_word_of_a_theme_can_be_read(palette) -> None:
    theme = palette.theme
    for x, y in pairwise([-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0]):
        assert contrast(theme.ink, palette.by_sign(x, 1.0)) > 4.5
        assert palette.by_sign(x, 1.0) != palette.by_sign(y, 1.0)
    for paint in palette.kinds.values():
        assert contrast(paint.name, paint.ground) > 4.5 and contrast(theme.picture, paint.name) > 4.5
        assert contrast(theme.ink, paint.ground) > 4.5 and contrast(theme.muted, paint.ground) > 4.5
    for ink in (palette.minus_ink, palette.plus_ink, theme.faint):
        assert contrast(ink, theme.picture) > 4.5


@pytest.mark.parametrize(
    "settings, kind, message",
    [
        ({"blank": "z"}, TypeError, r"blank: expected a set of labels or Values, such as \{'z', 'w'\}, got str 'z'"),
        ({"blank": {"y"}}, ValueError, "blank: str 'y': the names are w, x, v1, b, z, a"),
        ({"blank": {Value(1.0)}}, ValueError, "no path leads from it to a"),
        ({"blank": {"z": "value"}}, ValueError, "blank: expected 'data' or 'grad' of str 'z', got str 'value'"),
        ({"theme": "blue"}, ValueError, "theme: expected light, dark, print, got 'blue'"),
        ({"font_size": 0}, ValueError, "font_size: expected points, a number above 0, got 0"),
        ({"title": 3}, TypeError, "title: expected a str, got int"),
    ],
)
def test_refusals(settings: dict, kind: type, message: str) -> None:
    with pytest.raises(kind, match=message):
        ag.draw(neuron()["a"], **settings)
