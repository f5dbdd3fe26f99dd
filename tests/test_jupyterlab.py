"""What a reader sees in JupyterLab: cells that ran, the notebook opened again, and the same from a stranger.

A real server, a real kernel and a real browser; skipped where one of them is not installed. JupyterLab trusts what it
has run itself. From a notebook of somebody else it removes scripts, styles and frames, and whatever is SVG.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from xml.etree import ElementTree

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from tests.test_project import ROOT
from tests.test_stepper import browser  # noqa: F401

pytestmark = pytest.mark.slow

SECONDS = 60.0  # for the server to start
SETUP = """
import autograd_lite as ag
from autograd_lite import Value, nn
x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
w1, w2, b = Value(-3.0, label="w1"), Value(1.0, label="w2"), Value(6.5, label="b")
out = (x1 * w1 + x2 * w2 + b).tanh()
out.label = "o"
out.backward()
net = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", seed=1)
X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
nn.fit(net, X, y, epochs=5, progress=False);
chain = x1
for _ in range(20): chain = chain.tanh() + w1
"""
CELLS = [
    SETUP, "out", "[out, w1], {'net': net(X[0])}", "net", "ag.draw(out)", "ag.draw_dot(out)", "ag.explain(out, wrt=w1)",
    "ag.draw(chain)",
    "ag.step_through(out)", "ag.explore(out, wrt=w1)", "nn.playground(net, X, y)", "nn.diagnose(net, X, y)",
    "ag.worksheet(out, seed=1)", "ag.check_answers(out, {'w1': 5, 'w2': 0})",
    "ag.check_gradients(lambda a, b: a * b, [2.0, 3.0])", "ag.nudge(out, w1, 0.01)",
]  # fmt: skip
WAYS = ["run", "trusted", "stranger's"]
VALUES, TABLES = CELLS[1:3], CELLS[11:]  # a net is a tree: see tests/test_nn_shown.py

# Ground and text of what stands directly in an element, for the contrast that WCAG asks for.
FAINT = """output => {
  const light = c => c.slice(0, 3).map(x => (x /= 255) <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4)
    .reduce((sum, x, i) => sum + x * [.2126, .7152, .0722][i], 0);
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const mixed = ([r, g, b, a = 1], under) => [r, g, b].map((x, i) => a * x + (1 - a) * under[i]);
  const ground = e => e ? mixed(rgb(getComputedStyle(e).backgroundColor), ground(e.parentElement)) : [255, 255, 255];
  return [...output.querySelectorAll("*")].filter(e => e.checkVisibility() && !e.closest("svg, iframe, img")
    && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).filter(e => {
      const [a, b] = [light(mixed(rgb(getComputedStyle(e).color), ground(e))), light(ground(e))].sort((x, y) => y - x);
      return (a + .05) / (b + .05) < 4.5 }).map(e => e.outerHTML);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the server finds its notebooks."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="module")
def lab(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server that knows nothing of this machine's settings; return its address."""
    pytest.importorskip("jupyterlab", reason="starts JupyterLab")
    pytest.importorskip("ipykernel", reason="starts a kernel")
    own = tmp_path_factory.mktemp("lab")
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
              "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **{name: str(own / name) for name in places}}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _write(folder / "run.ipynb", [])
    with (own / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
             f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
             f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
             "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            address, end = f"http://127.0.0.1:{port}", time.monotonic() + SECONDS
            while process.poll() is None:
                try:
                    urlopen(f"{address}/api/status", timeout=SECONDS).close()
                    break
                except URLError:
                    assert time.monotonic() < end, "JupyterLab did not start"
                    time.sleep(0.1)
            log.seek(0)
            assert process.poll() is None, log.read()
            yield address
        finally:
            process.terminate()
            process.wait()


def _write(path: Path, outputs: list[list[dict[str, Any]]], **metadata: Any) -> None:
    """Write a notebook of the cells, with the outputs of a notebook that ran."""
    cells = [{"cell_type": "code", "id": f"cell-{i}", "source": source.strip(), "metadata": {},
              "outputs": outputs[i] if outputs else [], "execution_count": i + 1 if outputs else None}
             for i, source in enumerate(CELLS)]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel, **metadata}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


class Page(HTMLParser):
    """Reads the cells of the tables in an output."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside, self.cells, self.tags = 0, [""], [""]
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside += tag in ("th", "td")

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("th", "td")

    def handle_data(self, text: str) -> None:
        self.cells.extend([text] * bool(self.inside))

    def count(self, tag: str) -> int:
        return self.tags.count(tag)


class Notebook:
    """A notebook in the browser; `complaints` collects what must not happen."""

    def __init__(self, browser: Any, lab: str, name: str) -> None:  # noqa: F811
        self.context = browser.new_context(viewport={"width": 1200, "height": 6000})  # all cells are in view
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.extend([said.text] * (said.type == "error")))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        own = (lab, "data:", "blob:", "about:")
        self.page.on("request", lambda asked: self.complaints.extend([asked.url] * (not asked.url.startswith(own))))
        self.page.set_default_timeout(20_000)
        self.page.goto(f"{lab}/doc/tree/{name}.ipynb?reset")
        self.page.locator(".jp-CodeCell").nth(len(CELLS) - 1).wait_for()

    def do(self, command: str, **arguments: Any) -> None:
        self.page.evaluate("([command, given]) => jupyterapp.commands.execute(command, given)", [command, arguments])

    def run(self) -> None:
        """Run all cells, and save: JupyterLab signs what it has run."""
        self.page.evaluate("jupyterapp.shell.currentWidget.context.sessionContext.ready")
        self.do("notebook:run-all-cells")
        self.settled()
        self.do("docmanager:save")

    def settled(self) -> None:
        """Wait for what is drawn last: the formula, and the picture or the frame of the last cells."""
        self.output(CELLS[-1]).locator("table").wait_for()
        self.output("ag.explain(out, wrt=w1)").locator("mjx-container").wait_for()

    def output(self, source: str) -> Any:
        """Return the one output of a cell."""
        return self.page.locator(".jp-CodeCell").nth(CELLS.index(source)).locator(".jp-OutputArea-output")

    def trusted(self) -> bool:
        said = self.page.evaluate("[...jupyterapp.shell.currentWidget.content.model.cells].map(cell => cell.trusted)")
        assert len(set(said)) == 1, said
        return bool(said[0])

    def pictures(self, source: str) -> list[int]:
        """Return how wide each image is that is seen in an output."""
        images = self.output(source).locator("img").all()
        return [image.evaluate("image => image.naturalWidth") for image in images if image.is_visible()]


@pytest.fixture(scope="module")
def notebooks(folder: Path, lab: str, browser: Any) -> Iterator[dict[str, Notebook]]:  # noqa: F811
    """Return the same notebook three ways: just run, opened again, and come from somebody else."""
    shown = {"run": Notebook(browser, lab, "run")}
    shown["run"].run()
    stored = [cell["outputs"] for cell in json.loads((folder / "run.ipynb").read_text(encoding="utf-8"))["cells"]]
    _write(folder / "stranger.ipynb", stored, title="never run here, so signed by nobody")
    shown["trusted"] = Notebook(browser, lab, "run")
    shown["stranger's"] = Notebook(browser, lab, "stranger")
    for notebook in shown.values():
        notebook.settled()
    yield shown
    for notebook in shown.values():
        notebook.context.close()


@pytest.fixture(params=WAYS)
def notebook(request: pytest.FixtureRequest, notebooks: dict[str, Notebook]) -> Notebook:
    return notebooks[request.param]


@pytest.fixture
def out() -> Value:
    names: dict[str, Any] = {}
    exec(SETUP, names)
    value: Value = names["out"]
    return value


def test_trust_is_what_it_is_called(notebooks: dict[str, Notebook]) -> None:
    assert [notebooks[way].trusted() for way in WAYS] == [True, True, False]


def test_a_value_prints_short_and_is_never_drawn(notebook: Notebook, out: Value) -> None:
    for source in VALUES:
        output = notebook.output(source)
        assert output.count() == 1 and output.get_attribute("data-mime-type") == "text/plain"
        assert output.locator("svg, img, iframe, table, mjx-container").count() == 0
        assert len(output.inner_text()) < 250
    assert notebook.output("out").inner_text() == repr(out) == f"Value(data={out.data}, grad=1.0, label='o')"


def test_pictures_are_shown(notebook: Notebook, out: Value) -> None:
    svg = ElementTree.fromstring(ag.draw(out).svg)
    width, names = float(svg.get("width", "")), [e.text for e in svg.iter("{http://www.w3.org/2000/svg}title")]
    for source in ("ag.draw(out)",):
        output = notebook.output(source)
        if notebook.trusted():  # in the page, where each part tells its numbers when pointed at
            assert output.locator("svg title").all_text_contents() == names and len(names) > 15
            assert output.locator("svg").bounding_box()["width"] == pytest.approx(width, abs=1)
            assert output.locator("img").count() == 0
        else:
            assert notebook.pictures(source) == [pytest.approx(width, abs=1)]
            assert output.inner_text() == ""  # and no words of a picture that was taken out
    lecture = notebook.output("ag.draw_dot(out)")  # by Graphviz's dot where there is one, else the same as above
    assert lecture.locator("svg" if notebook.trusted() else "img").bounding_box()["width"] > 300
    assert lecture.inner_text() == "" or notebook.trusted()


def test_a_wide_picture_shows_its_end(notebook: Notebook) -> None:
    """What is differentiated stands in view without a script, and the picture is not too small to read."""
    output = notebook.output("ag.draw(chain)")
    whole = output.locator("svg" if notebook.trusted() else "img").bounding_box()
    frame = output.bounding_box()
    assert whole["width"] > 1.5 * frame["width"]
    assert whole["x"] + whole["width"] == pytest.approx(frame["x"] + frame["width"], abs=30)


def test_a_derivation_is_typeset(notebook: Notebook) -> None:
    formula = notebook.output("ag.explain(out, wrt=w1)")
    assert formula.locator("mjx-container").count() == 1 and formula.locator("mjx-merror").count() == 0
    assert formula.locator("mjx-mfrac").count() == 5  # ∂o/∂w1 and the four factors of its one path
    assert "$" not in formula.inner_text() and "\\" not in formula.inner_text()


def test_steps_are_shown(notebook: Notebook, out: Value) -> None:
    source = "ag.step_through(out)"
    output, steps = notebook.output(source), list(ag.backward_steps(out))
    if not notebook.trusted():  # the picture and the table of all steps
        assert output.locator("iframe").count() == 0 and len(notebook.pictures(source)) == 1
        assert [table.is_visible() for table in output.locator("table").all()] == [True, True]
        assert output.locator("table").last.locator("tbody th").all_inner_texts() == [step.name for step in steps]
        return
    assert notebook.pictures(source) == [] and not output.locator("table").first.is_visible()
    frame = output.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count").inner_text() == "1 / 12"
    giving = [step for step in steps if step.contributions]
    for position, step in enumerate(giving, 12 - len(giving)):
        frame.locator("#slider").fill(str(position))
        seen = frame.locator(".contribution .amount").evaluate_all("all => all.map(e => Number(e.value))")
        assert seen == [c.amount for c in step.contributions]


def test_a_live_page_computes_in_the_cell(notebook: Notebook) -> None:
    source = "ag.explore(out, wrt=w1)"
    output = notebook.output(source)
    if not notebook.trusted():
        assert output.locator("iframe").count() == 0 and len(notebook.pictures(source)) == 1
        assert [table.is_visible() for table in output.locator("table").all()] == [True, True]
        return
    frame = output.frame_locator("iframe")
    field = frame.get_by_label("w1", exact=True)
    field.fill("1/2")
    field.press("Enter")
    assert frame.locator(".card[data-name=w1]").get_attribute("data-value") == "0.5"
    assert frame.locator("#slope h2").inner_text() == "o over w1"
    frame.locator(".card[data-name=w1]").press("ArrowUp")  # the page's keys, not the notebook's
    assert float(frame.locator(".card[data-name=w1]").get_attribute("data-value") or 0) > 0.5
    frame.locator("#reset").click()
    assert frame.locator(".card[data-name=w1]").get_attribute("data-value") == "-3.0"


def test_a_net_trains_in_the_cell(notebook: Notebook) -> None:
    output = notebook.output("nn.playground(net, X, y)")
    if not notebook.trusted():
        assert output.locator("iframe").count() == 0
        assert output.inner_text().strip() == "A page that trains a net; it is shown where scripts may run."
        return
    frame = output.frame_locator("iframe")
    frame.locator("#one-epoch").click()
    frame.locator("#one-epoch").press("e")  # the page's key, not the notebook's
    assert frame.locator("#epoch").inner_text() == "2"
    frame.locator("#play").click()
    frame.locator("#epoch", has_text="0").wait_for()  # 10, 20 or any other
    frame.locator("#play").click()
    assert int(frame.locator("#epoch").inner_text()) >= 10
    field = frame.locator("#unit .row input").first
    field.fill("1/4")
    field.press("Enter")
    frame.locator("#keep > summary").click()
    assert ".data = 0.25" in frame.locator("#python").inner_text()
    assert frame.locator("#link").inner_text().startswith("#")  # the frame has no address of its own


def test_tables_are_shown_whole(notebook: Notebook, out: Value) -> None:
    names: dict[str, Any] = {}
    exec(SETUP, names)
    for source in TABLES:
        expected = Page(eval(source, names)._repr_html_())
        output = notebook.output(source)
        assert [table.is_visible() for table in output.locator("table").all()] == [True] * expected.count("table")
        cells = [text for text in output.locator("th, td").all_text_contents() if text.strip()]
        assert len(cells) > 4 and "".join(cells) == "".join(expected.cells)
    assert isinstance(names["net"], nn.MLP) and "✗" in notebook.output(TABLES[2]).inner_text()


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_every_text_stands_out_from_its_ground(notebook: Notebook, theme: str) -> None:
    notebook.do("apputils:change-theme", theme=theme)
    notebook.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")
    for source in CELLS[1:]:
        assert notebook.output(source).first.evaluate(FAINT) == []


def test_nothing_is_asked_for_elsewhere_and_nothing_goes_wrong(notebook: Notebook) -> None:
    assert notebook.complaints == []
