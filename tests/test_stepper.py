"""The stepper: every number on the page is the engine's, every control works, and nothing on it can do harm."""

import base64
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing.context import largest
from autograd_lite.drawing.palette import LIGHT
from autograd_lite.notation.text import full, number
from tests.lecture import neuron

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</data></table></main><!--",
    "]]></svg><style>*{display:none}</style>",
    "$title ${alert(1)} {{7*7}}",
    """x="1" d="M1,2L3,4" fill="none" aria-label="a"></td>""",
    "&lt;b&gt; &amp; &#0;",
    "two\nlines\tand nul \x00",
    "\u202egnp.txe \ud800",
    "x" * 1000,
]
VOID = {"meta", "link", "input", "img", "br", "hr"}
ENDED_BY = {"td": {"td", "th", "tr", "tbody", "table"}, "th": {"td", "th", "tr", "tbody", "thead", "table"},
            "tr": {"tr", "tbody", "table"}, "thead": {"tbody"}, "tbody": {"tbody", "table"}}  # fmt: skip


def net() -> Value:
    out = nn.MLP(2, [4, 1], activation="tanh", seed=1)([0.5, -1.2])
    assert isinstance(out, Value)
    return out


def shared() -> Value:
    a = Value(3.0, label="a")
    b = a + a
    b.label = "b"
    c = b * b + b
    c.label = "c"
    return c


def mixed() -> Value:
    """Numbers among the operands, functions of a list, a dead ReLU, a repeated operand, inf."""
    x, y = Value(1.5, label="x"), Value(-0.5, label="y")
    dead = (y * 2.0).relu()
    many = ag.maximum(x, y, 0.25) + ag.softmax([x, y, 1.0])[1] + ag.clamp(x, 0.0, 1.0) + ag.sum([x, y, x, 3.0])
    return 1.0 / (dead + 0.0) * 0.5 + many**2.0 - ag.leaky_relu(y) + ag.dot([x, y], [2.0, x], 0.0)


GRAPHS = {"neuron": neuron, "net": net, "shared": shared, "mixed": mixed}
graphs = pytest.mark.parametrize("name", GRAPHS)


class Page(HTMLParser):
    """Reads a page: fails on a tag that does not match, and keeps ids, attributes, `data` values and texts.

    Cells and rows are ended by the next one, as HTML allows.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.text = text
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice: {attrs}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._end_before(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def _end_before(self, tag: str) -> None:
        while self.open and tag in ENDED_BY.get(self.open[-1], ()):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] != [tag]:
            self._end_before(tag)
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, kind: str) -> list[float]:
        """Return the numbers of one kind in the two tables of all steps."""
        forward, backward = re.findall(r"<table.*?</table>", self.text, flags=re.DOTALL)
        if kind == "value":
            return [_number(row[-1]) for row in _cells(forward)]
        rows = [row for row in _cells(backward) if row[-1] or kind == "upstream"]
        if kind == "upstream":  # in the first row of a node
            return [_number(row[0]) for row in rows if len(row) == 5]
        return [_number(row[("local", "amount", "total").index(kind) - 3]) for row in rows]


def _cells(table: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)(?=<tr>|<tbody>|</table>)", table.partition("<tbody>")[2])
    return [re.findall(r"<td[^>]*>(.*?)(?=<t[dh]|</t|$)", row) for row in rows]


def _number(cell: str) -> float:
    """Return the number of a cell: all its digits stand beside it, or are shown."""
    found = re.search(r'<data value="?([^">]*)', cell)
    return float(found[1] if found else cell.rpartition("= ")[2].replace("−", "-"))


def expected(out: Value) -> list[tuple[str, float, list[tuple[str, float, float, float]]]]:
    """Return what the page must say of the backward pass, from the steps of the engine."""
    return [(s.name, s.upstream, [(c.name, c.local, c.amount, c.total) for c in s.contributions])
            for s in ag.backward_steps(out)]  # fmt: skip


def same(a: Any, b: Any) -> bool:
    """Compare to the last bit; nan is nan."""
    return repr(a) == repr(b)


# ---------------------------------------------------------------------------- the text of the page


@graphs
def test_every_number_of_both_passes_is_in_the_tables(name: str) -> None:
    out = GRAPHS[name]()
    page = Page(ag.step_through(out).html)
    order = ag.topological_order(out)
    leaves = dict.fromkeys(p for v in order for p in v.parents if not p.op)  # in the order of their first use
    values = [v.data for v in leaves] + [v.data for v in order if v.op]
    assert same(page.values("value"), values)
    steps = expected(out)
    assert same(page.values("upstream"), [upstream for _, upstream, _ in steps])
    for i, kind in enumerate(("local", "amount", "total"), 1):
        assert same(page.values(kind), [gift[i] for _, _, gifts in steps for gift in gifts])


@graphs
def test_the_last_totals_are_what_backward_computes_and_nothing_is_written(name: str) -> None:
    out = GRAPHS[name]()
    order = ag.topological_order(out)
    page = Page(ag.step_through(out).html)
    assert not any(v.has_grad for v in order)
    out.backward()
    assert same(page.values("upstream"), [v.grad for v in reversed(order)])


def test_gradients_are_those_of_this_pass_alone() -> None:
    out = shared()
    before = ag.step_through(out).html
    out.backward()
    out.backward()
    assert next(iter(ag.topological_order(out))).grad == 52.0
    assert ag.step_through(out).html == before


@pytest.mark.parametrize("make", [*GRAPHS.values(), lambda: Value(2.0)])
def test_a_page_is_well_formed_and_needs_nothing_from_elsewhere(make: Callable[[], Value]) -> None:
    text = ag.step_through(make()).html
    page = Page(text)
    assert not any("opacity" in a for _, a in page.tags)  # nothing is dimmed: the script does that
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {tag for tag, _ in page.tags} & {"iframe", "object", "embed", "base", "a", "form", "use", "image"} == set()
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "xlink:href", "action", "data"):
            assert attributes.get(name, "data:").startswith("data:")
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w[^\"'\s<]*", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"}
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|eval\(", text)


def test_only_the_pages_own_script_may_run() -> None:
    text = ag.step_through(neuron()).html
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'" in text


def hostile() -> Value:
    leaves = [Value(float(i), label=label) for i, label in enumerate(HOSTILE, 1)]
    out = ag.sum([leaf * 2.0 for leaf in leaves])
    out = Value(out.data, (out,), "</pill><script>alert(2)</script>\ud800", label="<b>out</b>", partials=(1.0,))
    return out * leaves[1]


def test_hostile_labels_stay_text() -> None:
    tame = [tag for tag, _ in Page(ag.step_through(neuron()).html).tags]
    page = Page(ag.step_through(hostile()).html)
    assert {tag for tag, _ in page.tags} <= {*tame, "p"}
    assert [tag for tag, _ in page.tags].count("script") == 1
    said = "".join(page.texts)
    for label in HOSTILE[:8]:
        assert label in said
    assert "\x00" not in said and "\u202e" not in said and "\ud800" not in said
    assert "x" * 65 not in said


def chain(nodes: int) -> Value:
    x = Value(0.5, label="x")
    out = x
    for _ in range(nodes - 1):
        out = out + x
    return out


def test_a_leaf_drawn_once_per_use_is_still_one_value() -> None:
    out = chain(40)
    page = Page(ag.step_through(out).html)
    assert page.values("total")[-1] == 40.0
    assert sum(" again, one of its 40 uses" in text for text in page.texts) == 39


def test_too_big_a_graph_is_refused_with_a_way_out() -> None:
    with pytest.raises(ValueError, match=r"200 values and 398 arrows are too many .*at most 150 .*draw\(out\)"):
        ag.step_through(chain(200))
    ag.step_through(chain(200), max_nodes=200)
    with pytest.raises(ValueError, match="2 values and 5,000 arrows"):
        ag.step_through(ag.sum([Value(1.0)] * 5000))
    for wrong in (0, 1001, 2.5, True):
        with pytest.raises(ValueError, match="max_nodes must be a whole number from 1 to 1000"):
            ag.step_through(neuron(), max_nodes=wrong)  # type: ignore[arg-type]


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a Value, got list; pass one of its elements"):
        ag.step_through([neuron()])  # type: ignore[arg-type]


def test_a_written_leaf_is_marked() -> None:
    y = Value(3.0, label="y")
    out = y * y
    y.data = 10.0
    steps = ag.step_through(out)
    assert "f = y·y = 10 ✎·10 ✎ = 9" in str(steps)
    assert "y: written after recording" in steps.html


def test_save_writes_the_page_at_once(tmp_path: Path) -> None:
    steps = ag.step_through(neuron())
    steps.save(tmp_path / "steps.html")
    assert (tmp_path / "steps.html").read_text(encoding="utf-8") == steps.html
    with pytest.raises(ValueError, match=r"ends in \.html"):
        steps.save(tmp_path / "steps.png")
    assert [p.name for p in tmp_path.iterdir()] == ["steps.html"]


def test_it_prints_as_text() -> None:
    steps = ag.step_through(neuron())
    lines = str(steps).splitlines()
    assert lines[:5] == [
        "x1w1 = x1·w1 = 2·(−3) = −6",
        "x2w2 = x2·w2 = 0·1 = 0",
        "s = x1w1 + x2w2 = −6 + 0 = −6",
        "n = s + b = −6 + 6.88137 = 0.881374",
        "o = tanh(n) = tanh(0.881374) = 0.707107",
    ]
    assert lines[5:] == [str(step) for step in ag.backward_steps(neuron())]
    assert repr(steps).startswith("<Stepper: The steps to o and back")


def test_a_node_is_computed_as_its_row_says() -> None:
    x, y, w = Value(2.0, label="x"), Value(-1.0, label="y"), Value(0.5, label="w")
    said = {
        "x·y = 2·(−1) = −2": x * y,
        "x + y = 2 + (−1) = 1": x + y,
        "x − y = 2 − (−1) = 3": x - y,
        "1 / x = 1 / 2 = 0.5": 1 / x,
        "x³ = 2³ = 8": x**3,
        "−y = −(−1) = 1": -y,
        "|y| = |−1| = 1": abs(y),
        "ReLU(y) = ReLU(−1) = 0": y.relu(),
        "leaky ReLU(y) = leaky ReLU(−1) = −0.01": y.leaky_relu(),
        "max(x, 1, y) = max(2, 1, −1) = 2": ag.maximum(x, 1.0, y),
        "softmax₂(y, y) = softmax₂(−1, −1) = 0.5": ag.softmax([y, y])[1],
        "x + y + w = 2 + (−1) + 0.5 = 1.5": ag.sum([x, y, w]),
        "x · y + 3 · w = 2 · (−1) + 3 · 0.5 = −0.5": ag.dot([x, 3.0], [y, w]),
        "x · y + w = 2 · (−1) + 0.5 = −1.5": ag.dot([x], [y], w),
        "x + x + x + x + … + x + x = 2 + 2 + 2 + 2 + … + 2 + 2 = 20": ag.sum([x] * 10),
    }
    for line, node in said.items():
        assert str(ag.step_through(node)).splitlines()[0] == f"f = {line}"


def test_a_notebook_that_is_not_trusted_shows_the_picture_and_the_steps() -> None:
    """JupyterLab removes `iframe`, `style` and `script`, keeps images and tables: what stays tells everything."""
    html = ag.step_through(neuron())._repr_html_()
    frame, style, rest = re.fullmatch(r"(<iframe .*?></iframe>)(<style>.*?</style>)(<div .*)", html, re.DOTALL).groups()  # type: ignore[union-attr]
    assert 'sandbox="allow-scripts"' in frame
    page = Page(rest)
    assert {tag for tag, _ in page.tags} <= {
        "div",
        "img",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "data",
        "i",
    }
    assert same(page.values("upstream"), [step.upstream for step in ag.backward_steps(neuron())])
    (picture,) = [a["src"] for tag, a in page.tags if tag == "img"]
    assert b"<svg" in base64.b64decode(picture.removeprefix("data:image/svg+xml;base64,"))
    (own,) = [a["class"] for _, a in page.tags if a.get("class", "").startswith("autograd-lite-")]
    assert style == f"<style>.{own}{{display:none}}</style>"


def test_the_page_is_shipped() -> None:
    for name in ("page.html", "page.css", "page.js"):
        assert files("autograd_lite.live").joinpath(name).is_file()


# ---------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="drives a browser")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} was found")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Viewer:
    """A page in the browser; `complaints` collects what it must not do."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1100, "height": 640}} | options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.address = ""
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        self.page.on("request", self._asked)
        self.page.set_default_timeout(8000)

    def _asked(self, request: Any) -> None:
        if request.url not in (self.address, "about:srcdoc"):
            self.complaints.append(f"asked for {request.url}")

    def open(self, text: str, folder: Path, step: str = "") -> "Viewer":
        path = folder / "steps.html"
        path.write_text(text, encoding="utf-8")
        self.address = path.as_uri()
        self.page.goto(self.address + step)
        return self

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []

    def at(self) -> int:
        shown, _, last = self.page.inner_text("#count").partition(" / ")
        slider = self.page.locator("#slider")
        assert (slider.input_value(), slider.get_attribute("max")) == (shown, last)
        return int(shown)

    def numbers(self, kind: str) -> list[float]:
        return [float(v) for v in self.page.eval_on_selector_all(f"#stepping .{kind}", "all => all.map(e => e.value)")]

    def card(self, name: str) -> list[str]:
        """Return the hint of a card, line by line: name, data, rule, gradient."""
        text = "all => all.map(e => [e.dataset.name, ...e.querySelector('title').textContent.split('\\n')])"
        (found,) = [hint[1:] for hint in self.page.eval_on_selector_all(".card[data-name]", text) if hint[0] == name]
        assert found[0].split(" = ")[0] == name
        return found  # type: ignore[no-any-return]

    def shown(self, name: str) -> list[str]:
        """Return what is to be seen on a card: data, gradient and the ground of its pill."""
        cards = self.page.eval_on_selector_all(
            ".card[data-name]",
            "all => all.map(e => [e.dataset.name,"
            " [...e.querySelectorAll('text')].at(-3)?.textContent, [...e.querySelectorAll('text')].at(-1).textContent,"
            " '#' + getComputedStyle([...e.querySelectorAll('rect')].at(-1)).fill.match(/[.0-9]+/g)"
            ".map(x => Math.round(255 * x).toString(16).padStart(2, '0')).join('')])",
        )
        (found,) = [card[1:] for card in cards if card[0] == name]
        return found  # type: ignore[no-any-return]

    def lit(self, kind: str) -> set[str]:
        return set(self.page.eval_on_selector_all(f".card.{kind}", "all => all.map(e => e.dataset.name)"))


@pytest.fixture
def view(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Viewer]]:
    opened: list[Viewer] = []

    def open_page(text: str, step: str = "", **options: Any) -> Viewer:
        opened.append(Viewer(browser, **options))
        return opened[-1].open(text, tmp_path, step)

    yield open_page
    for viewer in opened:
        viewer.close()


def coloured(ground: str, x: float, steepest: float) -> bool:
    """Tell whether a ground is that of a gradient; a browser rounds the halves of its channels in a way of its own."""
    theirs, ours = ([int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in (ground, LIGHT.by_sign(x, steepest)))
    return all(abs(a - b) <= 1 for a, b in zip(theirs, ours, strict=True))


@graphs
def test_every_step_shows_the_numbers_of_the_engine(name: str, view: Callable[..., Viewer]) -> None:
    out = GRAPHS[name]()
    viewer = view(ag.step_through(out).html, reduced_motion="reduce")
    order, steps = ag.topological_order(out), expected(out)
    names = {id(step.node): step.name for step in ag.backward_steps(out)}
    leaves = dict.fromkeys(p for v in order for p in v.parents if not p.op)  # in the order of their first use
    assert same(viewer.numbers("value"), [v.data for v in leaves])
    assert viewer.lit("waiting") == {names[id(v)] for v in order if v.op}
    position = 0

    def following() -> None:
        nonlocal position
        viewer.page.keyboard.press("ArrowRight")
        position += 1
        assert viewer.at() == position

    for v in order:  # forward
        if v.op:
            following()
            assert viewer.lit("active") == {names[id(v)]}
            assert viewer.lit("near") == {names[id(p)] for p in v.parents}
            assert same(viewer.numbers("value"), [v.data])
            assert same(viewer.numbers("local"), list(v.partials))
            assert viewer.card(names[id(v)])[1] == f"data={full(v.data)}"
            assert viewer.card(names[id(v)])[-1] == "grad not computed"
    assert viewer.lit("waiting") == set()
    following()  # the output's own gradient
    assert viewer.numbers("upstream") == [1.0]
    sums = {names[id(out)]: 1.0}
    for node, upstream, gifts in steps:  # backward
        if not gifts:
            continue
        following()
        assert viewer.lit("active") == {node}
        assert viewer.lit("near") == {gift[0] for gift in gifts}
        to = [text.removeprefix("to ") for text in viewer.page.locator(".contribution h3").all_inner_texts()]
        assert to == [gift[0] for gift in gifts]
        assert same(viewer.numbers("upstream"), [upstream] * len(gifts))
        for i, kind in enumerate(("local", "amount", "total"), 1):
            assert same(viewer.numbers(kind), [gift[i] for gift in gifts])
        sums.update({gift[0]: gift[3] for gift in gifts})
        for parent, total in {gift[0]: sums[gift[0]] for gift in gifts}.items():
            assert viewer.card(parent)[-1].removesuffix(" so far") == f"grad={full(total)}"
    following()  # the end
    steepest = largest(sums.values())
    for node in order:
        total = sums[names[id(node)]]
        assert viewer.card(names[id(node)])[-1] == f"grad={full(total)}"
        *texts, ground = viewer.shown(names[id(node)])
        assert texts == [number(node.data, 4).text, number(total, 3).text]
        assert coloured(ground, total, steepest)
    assert same(viewer.numbers("upstream"), [sums[names[id(v)]] for v in leaves])
    assert viewer.lit("growing") == set()
    viewer.page.keyboard.press("ArrowRight")
    assert viewer.at() == position


def test_what_is_not_complete_says_so(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(shared()).html, "#5")  # c hands 1 to v1 and 1 to b
    assert viewer.page.locator("#stepping em").all_inner_texts() == ["complete", "more to come"]
    assert viewer.card("b")[-1] == "grad=1.0 so far"
    *texts, ground = viewer.shown("b")
    assert texts == ["6", "1"] and coloured(ground, 1.0, 26.0)
    assert viewer.shown("a") == ["3", "", "#f1f5f9"]
    assert viewer.lit("growing") == {"b"}
    viewer.page.click("#next")  # v1 hands 6 to b, twice
    assert viewer.page.locator("#stepping em").all_inner_texts() == ["more to come", "complete"]
    assert [text.split("=")[1].strip() for text in viewer.page.locator("#stepping .sum").all_inner_texts()] == [
        "1 + 6",
        "7 + 6",
    ]
    assert viewer.card("b")[-1] == "grad=13.0"
    assert viewer.page.locator("text.back").all_text_contents() == ["× 6", "× 6"]  # upstream times this, on the arrows
    assert viewer.page.locator(".arrow.back").count() == 2
    viewer.page.click("#previous")
    assert viewer.card("b")[-1] == "grad=1.0 so far"
    viewer.page.click("#first")
    assert viewer.card("b")[1:] == ["not computed", "grad not computed"]
    assert viewer.shown("b") == ["?", "", "#f1f5f9"]


def test_buttons_slider_and_keys(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(neuron()).html)
    page = viewer.page
    moves = [("#last", 12), ("#previous", 11), ("#first", 0), ("#previous", 0), ("#next", 1)]
    for button, then in moves:
        page.click(button, force=True)  # at its end a button is marked as disabled
        assert viewer.at() == then
    page.fill("#slider", "7")
    assert viewer.at() == 7
    page.focus("#slider")
    for key, then in [("ArrowLeft", 6), ("ArrowRight", 7), ("Home", 0), ("End", 12)]:  # the slider's own
        page.keyboard.press(key)
        assert viewer.at() == then
    for place in ("body", ".picture", ".lines", "#play"):
        page.locator(place).focus()
        for key, then in [("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 12)]:
            page.keyboard.press(key)
            assert viewer.at() == then
    for key in ("Alt+ArrowRight", "Control+Home", "Shift+ArrowLeft", "ArrowDown", "a"):
        page.locator(".lines").focus()
        page.keyboard.press(key)
        assert viewer.at() == 12
    page.locator(".card", has_text="x1w1").first.click()  # to its step of the backward pass
    assert page.inner_text("#stepping h2") == "Backward 5 of 5"
    page.click("#first")
    page.locator(".card", has_text="x1w1").first.click()
    assert page.inner_text("#stepping h2") == "Forward 1 of 5"


def test_play_and_pause(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(neuron()).html)
    page = viewer.page
    page.clock.install()
    page.reload()
    play = page.locator("#play")
    play.click()
    assert (viewer.at(), play.get_attribute("aria-label")) == (1, "Pause")
    page.clock.run_for(4500)
    assert viewer.at() == 3
    play.click()
    page.clock.run_for(9000)
    assert (viewer.at(), play.get_attribute("aria-label")) == (3, "Play")
    page.locator(".lines").focus()
    page.keyboard.press("Space")
    page.clock.run_for(2300)
    assert viewer.at() == 5
    page.keyboard.press("ArrowLeft")  # taking over stops it
    page.clock.run_for(9000)
    assert (viewer.at(), play.get_attribute("aria-label")) == (4, "Play")
    play.click()
    page.clock.run_for(60_000)
    assert (viewer.at(), play.get_attribute("aria-label")) == (12, "Play")
    play.click()  # from the end it starts again
    assert viewer.at() == 0


def test_it_opens_at_the_step_that_the_address_names(view: Callable[..., Viewer]) -> None:
    text = ag.step_through(neuron()).html
    viewer = view(text, "#7")
    assert viewer.at() == 7
    for given, then in [("#99", 12), ("#-1", 0), ("#3", 3), ("#" + quote("<b>"), 0)]:
        viewer.page.evaluate("hash => { location.hash = hash }", given)
        viewer.page.wait_for_function(f"document.querySelector('#slider').value === '{then}'")


def test_screen_readers_hear_each_step_and_every_control_has_a_name(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(neuron()).html)
    page = viewer.page
    assert page.inner_text("#status") == ""  # nothing is said before something is done
    page.click("#next")
    assert page.text_content("#status") == "Forward 1 of 5: x1w1 is x1·w1, which is −6"
    page.fill("#slider", "8")
    each = "0.5 times 1 is 0.5, in all 0.5"
    said = f"Backward 2 of 5: the gradient of n is 0.5; to s: {each}; to b: {each}"
    assert page.text_content("#status") == said == page.get_attribute("#slider", "aria-valuetext")
    assert page.get_attribute("#status", "aria-live") == "polite"
    names = ["First step", "Previous step", "Play", "Next step", "Last step"]
    assert [page.get_by_role("button", name=name, exact=True).count() for name in names] == [1] * 5
    assert page.get_by_role("slider", name="Step").count() == 1
    page.click("#last")
    assert page.evaluate("document.activeElement.id") == "last"  # a button at its end keeps the focus
    assert page.get_attribute("#next", "aria-disabled") == "true"


def test_the_focus_is_seen(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(net()).html, "#5", reduced_motion="reduce")
    seen = []
    for _ in range(200):
        viewer.page.keyboard.press("Tab")
        focused = viewer.page.evaluate(
            "(() => { const e = document.activeElement, card = e.matches('.card') && e.querySelector('rect');"
            " const s = getComputedStyle(card || e);"
            " return [e.id || e.className || e.localName, card ? 'solid' : s.outlineStyle,"
            " parseFloat(card ? s.strokeWidth : s.outlineWidth)] })()"
        )
        if focused[0] == "body":
            break
        assert focused[1] == "solid" and focused[2] >= 2, focused
        seen.append(focused[0].split()[0])
    controls = ["undo", "redo", "reset", "steps", "predict", "whole", "picture"]
    assert seen[:7] == controls and seen[-1] == "summary"
    step = seen.index("first")
    assert seen[step : step + 7] == ["first", "previous", "play", "next", "last", "slider", "lines"]


def test_reduced_motion_stops_all_movement(view: Callable[..., Viewer]) -> None:
    moving = (
        "(() => document.getAnimations().filter(a => a.playState === 'running').length"
        " + [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length)()"
    )
    text = ag.step_through(neuron()).html
    assert view(text, "#8").page.evaluate(moving) > 0
    assert view(text, "#8", reduced_motion="reduce").page.evaluate(moving) == 0


CONTRAST = """() => {
  const light = ([r, g, b]) => { const f = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
    return .2126 * f(r) + .7152 * f(g) + .0722 * f(b) };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
  const found = [];
  const texts = "h1, h2, h3, small, p, b, td, th, em, data, dt, dd, summary, output, button";
  for (const e of document.querySelectorAll(texts)) {
    if (!e.checkVisibility() || e.id === "status" || !e.textContent.trim() || e.ariaDisabled === "true") continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) found.push(`${e.localName}.${e.className} ${e.textContent} ${ratio}`);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 600, 1100])
def test_it_reads_on_light_and_dark_and_narrow_pages(scheme: str, width: int, view: Callable[..., Viewer]) -> None:
    text = ag.step_through(shared()).html
    viewer = view(text, color_scheme=scheme, viewport={"width": width, "height": 700}, reduced_motion="reduce")
    viewer.page.click(".steps summary")
    ground = "getComputedStyle(document.querySelector('.picture')).backgroundColor"
    assert viewer.page.evaluate(ground) == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 32, 51)"}[scheme]
    viewer.page.emulate_media(media="print")
    assert viewer.page.evaluate(ground) == "rgb(255, 255, 255)"
    viewer.page.emulate_media(media="screen")
    for step in (0, 2, 4, 5, 8):
        viewer.page.fill("#slider", str(step))
        assert viewer.page.evaluate(CONTRAST) == []
        assert viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_too_big_to_read_is_followed(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(net()).html, reduced_motion="reduce")
    page = viewer.page
    inside = """() => { const f = document.querySelector(".picture").getBoundingClientRect();
      return [...document.querySelectorAll(".card.active")].every(card => { const c = card.getBoundingClientRect();
        return c.left >= f.left && c.right <= f.right && c.top >= f.top && c.bottom <= f.bottom }) }"""
    scale = "() => document.querySelector('.picture svg').getBoundingClientRect().width"
    page.click("#whole")
    whole = page.evaluate(scale)
    page.click("#whole")
    assert page.evaluate(scale) > whole  # from the first frame on
    for _ in range(19):
        page.keyboard.press("ArrowRight")
        assert page.evaluate(inside)
        assert page.evaluate(scale) > whole
    page.click("#whole")
    assert (page.evaluate(scale), page.get_attribute("#whole", "aria-pressed")) == (whole, "true")
    page.click("#whole")
    assert page.evaluate(scale) > whole


def test_the_first_frame_of_a_long_chain_shows_where_it_begins(view: Callable[..., Viewer]) -> None:
    w, u, h = Value(0.8, label="w"), Value(0.5, label="u"), Value(0.0, label="h0")
    for t in range(1, 7):  # u · x6 is the first that is computed, at the far end
        h = (u * Value(0.1 * t, label=f"x{t}") + w * h).tanh()
    page = view(ag.step_through(h).html, reduced_motion="reduce").page
    for key in ("Home", "End"):
        page.keyboard.press(key)
        assert page.evaluate("() => document.querySelector('.picture').scrollLeft") == 0


def test_on_paper_every_number_is_known(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(neuron()).html)
    unknown = "() => [...document.querySelectorAll('.card text')].filter(text => text.textContent === '?').length"
    assert viewer.page.evaluate(unknown) > 0
    viewer.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert viewer.page.evaluate(unknown) == 0
    viewer.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert viewer.page.evaluate(unknown) > 0 and viewer.at() == 0


def test_hostile_labels_do_no_harm_in_a_browser(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(hostile()).html)
    for _ in range(int(viewer.page.get_attribute("#slider", "max"))):
        viewer.page.keyboard.press("ArrowRight")
        assert viewer.page.locator("script, img, style").count() == 2  # the page's own style and script
        assert viewer.page.is_visible("#stepping h2")
    for label in HOSTILE[:5]:
        assert viewer.page.locator("#stepping").get_by_text(label).count() > 0


def test_without_script_the_picture_and_all_steps_are_there(view: Callable[..., Viewer]) -> None:
    viewer = view(ag.step_through(neuron()).html, java_script_enabled=False)
    page = viewer.page
    assert not page.is_visible(".controls") and not page.is_visible("#stepping")
    assert page.is_visible(".picture svg")
    table = page.locator("table.backward")
    assert table.is_visible() and len(table.locator("tbody").all()) == 10
    assert page.locator(".card.waiting").count() == 0


def test_on_paper_there_are_the_picture_and_all_steps(view: Callable[..., Viewer]) -> None:
    page = view(ag.step_through(neuron()).html).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.is_visible(".picture svg") and page.is_visible("table.backward")
    assert not page.is_visible(".controls")


def test_two_in_one_notebook_keep_apart(view: Callable[..., Viewer]) -> None:
    outputs = [ag.step_through(make())._repr_html_() for make in (neuron, shared, neuron)]
    viewer = view(f'<!DOCTYPE html><meta charset="utf-8"><title>n</title>{"".join(outputs)}')
    frames = [viewer.page.frame_locator("iframe").nth(i) for i in range(3)]
    frames[0].locator("#next").click()
    frames[1].locator("#last").click()
    assert [frame.locator("#count").inner_text() for frame in frames] == ["1 / 12", "8 / 8", "0 / 12"]
    frames[1].locator("body").press("Home")
    assert frames[1].locator("#stepping h2").inner_text() == "Start"
    assert not any(image.is_visible() for image in viewer.page.locator("img").all())


def test_nbconvert_shows_it(browser: Any, tmp_path: Path) -> None:
    pytest.importorskip("nbconvert", reason="converts a notebook")
    from nbconvert import HTMLExporter
    from nbformat import v4

    cells = []
    for show in (ag.step_through, ag.explore):
        data = {"text/html": show(neuron())._repr_html_()}
        output = v4.new_output("execute_result", data, execution_count=1)
        cells.append(v4.new_code_cell(f"ag.{show.__name__}(o)", outputs=[output], execution_count=1))
    html, _ = HTMLExporter().from_notebook_node(v4.new_notebook(cells=cells))
    (tmp_path / "notebook.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.route(re.compile("^https?://"), lambda route: route.abort())  # nbconvert's own page loads MathJax
    page.goto((tmp_path / "notebook.html").as_uri(), wait_until="domcontentloaded")
    live = page.frame_locator("iframe >> nth=1")
    live.locator("#once").click()
    assert live.locator("#downhill").get_attribute("data-last") == "fell"
    frame = page.frame_locator("iframe >> nth=0")
    frame.locator("#next").click()
    for _ in range(7):
        frame.locator("body").press("ArrowRight")
    assert frame.locator("#stepping h2").inner_text() == "Backward 2 of 5"
    values = frame.locator(".contribution .amount").evaluate_all("all => all.map(e => Number(e.value))")
    assert values == [c.amount for c in list(ag.backward_steps(neuron()))[1].contributions]
    assert not any(image.is_visible() for image in page.locator("img").all())
    page.close()
