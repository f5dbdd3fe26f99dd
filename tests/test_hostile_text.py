"""Labels, names of functions, columns, classes and files that try to be code: in every form of output they stay text.

Each form is read by a parser of its kind and compared with what a harmless name gives: the same elements, statements,
formulas and cells. At the end a browser opens all of it and must find nothing to run and nothing to fetch.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.cli.commands import main
from autograd_lite.csv_files import format_csv
from autograd_lite.derivatives import check_gradients
from autograd_lite.drawing import draw, draw_dot
from autograd_lite.explanation import backward_steps, explain
from autograd_lite.harmless import safe

NASTY = {
    "script": "<script>pwned=1</script>",
    "image": "<img src=x onerror=pwned=1>",
    "svg": "</title></text></svg><svg onload=pwned=1>",
    "style": "</style><style>*{background:url(http://127.0.0.1:9/x)}",
    "attribute": '" onload="pwned=1" x="',
    "apostrophe": "' onmouseover='pwned=1",
    "cdata": "]]><script>pwned=1</script><![CDATA[",
    "comment": "--><script>pwned=1</script><!--",
    "entity": "&lt;script&gt; &#x3c; &amp &nbsp; &",
    "instruction": '<?xml-stylesheet href="http://127.0.0.1:9/x"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    "link": "[click](javascript:pwned=1) ![x](http://127.0.0.1:9/x)",
    "url": "javascript:pwned=1",
    "dot": '"]; evil [label="x", URL="javascript:1"]; a -> b; //',
    "record": "{a|<p>b} \\N \\G \\l \\",
    "mermaid": 'x"] --> evil["y\n%%{init: {"securityLevel": "loose"}}%%\nclick n1 "javascript:1"\nend',
    "latex": "\\input{/etc/passwd}\\write18{id}$x$%&#_^~{}\\href{javascript:1}{x}",
    "signs": "$x$ & y # % ~ ^ _ {",
    "dollars": "$$ \\] \\) $",
    "backslash": "\\",
    "bars": "|a|",
    "code": "`code`",
    "markdown": "# head\n\n| a | b |\n***\n```\n<b>",
    "formula": "=cmd|' /C calc'!A0",
    "formulas": "@SUM(1+1)*cmd|' /C calc'!A0",
    "wide formula": "＝1+1",
    "hidden formula": "\ufeff =1+1",
    "separator": 'a,"b";=1+1\t=1',
    "format": "%s %n {0} {label!r} ${title} $title",
    "python": "__import__('os').system('id')",
    "controls": "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127, 0x85, 0x9B))),
    "escape": "\x1b]0;pwned\x07\x1b[31mred",
    "zero": "a\0b",
    "lines": "a\nb\rc\r\nd\u2028e\u2029f\x0bg",
    "bidi": "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "invisible": "a\u200bb\u00adc\u2060d\ufeffe",
    "surrogate": "a\ud800b\udfff\udcff",
    "noncharacter": "\ufffe\uffff\U0010ffff\U000e0041",
    "astral": "𝛼😀\U0001f468\u200d\U0001f469",
    "combining": "Z" + "\u0335\u0310" * 500,
    "accents": "\u0301x\u0304 \u0335\u0308_\u0302y\u0302",
    "long": "x" * 100_000,
    "long markup": "<b>" * 33_334,
    "long words": "many words " * 9_000,
    "blank": " ",
    "quotes": "\"'`\\",
}
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def graph(label: str, other: str) -> tuple[Value, Value]:
    a, b = Value(2.0, label=label), Value(-3.0, label=other)
    out = (a * b + abs(a)).tanh()
    out.label = label
    out.backward()
    return a, out


MEASURES = {"class", "fill", "height", "rx", "stroke", "width", "x", "y"}


class Page(HTMLParser):
    """Reads HTML and collects what a browser would build: elements with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.suspicious: list[str] = []
        self.depth = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        size = MEASURES if tag == "rect" else set()  # a live page writes those once that many rectangles share
        self.elements[tag, tuple(sorted(name for name, _ in attrs if name not in size))] += 1
        for name, value in attrs:
            text = (value or "").strip().lower()
            if (
                name.startswith("on")
                or name == "srcdoc"
                or ("javascript:" in text and name in ("href", "src", "xlink:href"))
            ):
                self.suspicious.append(f"{tag} {name}")
            if name in ("href", "src", "xlink:href", "action", "data") and not text.startswith(
                ("#", "data:,", "data:image/svg+xml")
            ):
                self.suspicious.append(f"{tag} {name}={text[:40]}")

    def handle_pi(self, data: str) -> None:
        self.suspicious.append(f"<?{data[:40]}")


def skeleton(text: str) -> str:
    """Return a program's text without what stands in quotes or between tags, and without numbers: places and sizes."""
    text = re.sub(r"(?m)^ *(accTitle:|title) .*$", "", text)  # Mermaid's, a line that has no quotes
    bare = re.sub(r">[^<>]*<", "><", re.sub(r'"(?:[^"\\]|\\.)*"', '""', text))
    return re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "0", bare)


def outline(markdown: str) -> list[tuple[str, int, int]]:
    """Return of each line of Markdown what it begins with, and how many cells and formulas it has."""
    return [
        (re.match(r"[#>\-+*`~\s|]*", line)[0], line.count("|"), len(re.findall(r"(?<!\\)\$", line)))  # type: ignore[index]
        for line in markdown.split("\n")
    ]


def checked_text(text: str) -> str:
    text.encode("utf-8")
    assert not FORBIDDEN.search(text), FORBIDDEN.search(text)
    return text


@pytest.mark.parametrize("name", NASTY)
def test_pictures_have_the_elements_of_a_harmless_name(name: str) -> None:
    _, out = graph(NASTY[name], NASTY[name] + "'")
    _, plain = graph("a", "b")
    picture, harmless = draw(out), draw(plain)

    def elements(svg: str) -> Counter[tuple[str, tuple[str, ...]]]:
        tree = ElementTree.fromstring(checked_text(svg).encode())
        return Counter((e.tag, tuple(sorted(set(e.attrib) - {"transform"}))) for e in tree.iter())

    assert set(elements(picture.svg)) <= set(elements(harmless.svg))
    assert len(picture.svg) < 2 * len(harmless.svg) + 10_000
    page = Page(checked_text(picture.html))
    assert page.suspicious == [] and {tag for tag, _ in page.elements} <= {
        tag for tag, _ in Page(harmless.html).elements
    }
    for form in ("dot", "mermaid"):
        assert skeleton(checked_text(getattr(picture, form))) == skeleton(getattr(harmless, form)), form
    assert len(checked_text(str(picture)).splitlines()) == len(str(harmless).splitlines())
    bundle = picture._repr_mimebundle_()
    assert Page(checked_text(bundle["text/html"])).elements == Page(harmless._repr_mimebundle_()["text/html"]).elements
    assert skeleton(checked_text(draw_dot(out).source)) == skeleton(draw_dot(plain).source)


COMMANDS = {
    *"{}$&#_%\\",
    "prime",
    *("begin", "end", "frac", "partial", "cdot", "quad", "text", "tanh", "operatorname", "infty", "ldots", "cdots"),
    *(
        "left",
        "right",
        "backslash",
        "ast",
        "sim",
        "hat",
        "lt",
        "gt",
        "vert",
        "lbrack",
        "rbrack",
        "mathrm",
        "wedge",
        "mid",
        "star",
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_explanations_are_formulas_and_nothing_else(name: str) -> None:
    a, out = graph(NASTY[name], NASTY[name] + "'")
    explanation = explain(out, wrt=a)
    for text in (str(explanation), explanation.latex, explanation.markdown):
        assert len(checked_text(text)) < 20_000
    steps = [checked_text(str(step)) for step in backward_steps(out)]
    assert len(steps) == 6 and all(len(step) < 1000 and len(step.splitlines()) == 1 for step in steps)
    latex = explanation.latex
    commands = set(re.findall(r"\\([A-Za-z]+|.)", latex))
    assert commands <= COMMANDS, commands - COMMANDS
    assert not re.search(r"[<>`]|\\text\{[^{}]*[\\#%&_^~$]", latex)
    assert latex.count(r"\begin") == latex.count(r"\end") == 1
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert re.fullmatch(r"\$\$\n(?:[^$]|\\\$)*\n\$\$", explanation.markdown)


@pytest.mark.parametrize("name", NASTY)
def test_tables_have_the_cells_of_a_harmless_name(name: str) -> None:
    def pages(label: str) -> list[str]:
        a, out = graph(label, "b")
        report = check_gradients(lambda x: x * x, [Value(2.0, label=label)])
        return [ag.nudge(out, a)._repr_html_(), report._repr_html_()]

    for page, harmless in zip(pages(NASTY[name]), pages("a"), strict=True):
        assert len(checked_text(page)) < 2 * len(harmless)
        assert Page(page).elements == Page(harmless).elements and Page(page).suspicious == []


@pytest.mark.parametrize("name", NASTY)
def test_the_page_of_steps_has_the_elements_of_a_harmless_name(name: str) -> None:
    found, harmless = (ag.step_through(replayed(text)[1]) for text in (NASTY[name], "a"))
    page = Page(checked_text(found.html))
    assert page.elements == Page(harmless.html).elements and page.suspicious == []
    assert len(checked_text(str(found)).splitlines()) == len(str(harmless).splitlines())
    frame = Page(checked_text(found._repr_html_()))
    assert frame.elements == Page(harmless._repr_html_()).elements and frame.suspicious == ["iframe srcdoc"]


@pytest.mark.parametrize("name", NASTY)
def test_worksheets_have_the_blanks_and_formulas_of_a_harmless_name(name: str) -> None:
    found, harmless = (ag.worksheet(graph(text, text + "'")[1], seed=1) for text in (NASTY[name], "a"))
    for form in ("html", "key_html"):
        page = Page(checked_text(getattr(found, form)))
        assert page.elements == Page(getattr(harmless, form)).elements and page.suspicious == []
    for form in ("markdown", "key_markdown"):
        text = checked_text(getattr(found, form))
        assert outline(text) == outline(getattr(harmless, form))
        assert not re.search(r"[<>`\[\]]", re.sub(r"\[\d\]", "", text))  # but for the [1] of a name that is shared


@pytest.mark.parametrize("name", NASTY)
def test_markdown_has_the_elements_of_a_harmless_name(name: str) -> None:
    """For a reader that knows formulas, and for one to which they are words."""
    reader = pytest.importorskip("markdown_it", reason="needs markdown-it-py").MarkdownIt
    formulas = pytest.importorskip("mdit_py_plugins.dollarmath", reason="needs mdit-py-plugins").dollarmath_plugin
    words = reader("commonmark", {"html": True}).enable("table")
    both = [words, reader("commonmark", {"html": True}).enable("table").use(formulas)]

    def pages(label: str) -> list[list[Page]]:
        a, out = graph(label, label + "'")
        sheet = ag.worksheet(out, seed=1)
        texts = [sheet.markdown, sheet.key_markdown, explain(out, wrt=a).markdown]
        return [[Page(parser.render(text)) for text in texts] for parser in both]

    for found, harmless in zip(pages(NASTY[name]), pages("a"), strict=True):
        assert [page.elements for page in found] == [page.elements for page in harmless]
        assert all(page.suspicious == [] for page in found)


@pytest.mark.parametrize("name", NASTY)
def test_grades_have_the_cells_and_lines_of_a_harmless_name(name: str) -> None:
    def graded(text: str) -> Any:
        a, out = graph(text, text + "'")
        return ag.check_answers(out, {a: 7, out: text, text * 2: 1, out.parents[0]: 0.5})

    found, harmless = graded(NASTY[name]), graded("a")
    page = Page(checked_text(found._repr_html_()))
    assert page.elements == Page(harmless._repr_html_()).elements and page.suspicious == []
    assert len(checked_text(str(found)).splitlines()) == len(str(harmless).splitlines())
    assert not found and [row.kind for row in found.rows][:3] == ["wrong", "no number", "label"]


def replayed(text: str) -> tuple[Callable[..., Value], Value]:
    """Return a compiled function with hostile names, its own among them, and the result of a replay."""
    a, b = Value(2.0, label=text), Value(-3.0, label=text + "'")

    def function(x: float) -> Value:
        out = (a * b + a * x).tanh()
        out.label = text
        return out

    function.__name__ = text
    compiled = ag.compile(function)
    compiled(1.0)
    return compiled, compiled(0.5)


@pytest.mark.parametrize("name", NASTY)
def test_generated_source_has_the_statements_of_a_harmless_name(name: str) -> None:
    (found, out), (harmless, plain) = replayed(NASTY[name]), replayed("a")
    text = checked_text(found.source())
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(harmless.source()))
    assert len(text.splitlines()) == len(harmless.source().splitlines())
    outside = {}
    exec(text, outside)
    assert outside["run"](0.5, 2.0, -3.0)[0] == (out.data,) == (plain.data,)
    for form in ("dot", "mermaid"):  # the name of the function is the operation's in a picture
        assert skeleton(checked_text(getattr(draw(out), form))) == skeleton(getattr(draw(plain), form)), form
    ElementTree.fromstring(checked_text(draw(out).svg).encode())


def test_cells_are_no_formulas() -> None:
    cells = [text for text in NASTY.values() if "\ud800" not in text and "\0" not in text]
    rows = list(csv.reader(io.StringIO(format_csv([cells]), newline="")))
    assert len(rows) == 1
    for cell, written in zip(cells, rows[0], strict=True):
        assert written in (cell, "'" + cell)
        assert not unicodedata.normalize("NFKC", written).strip("\ufeff \t\r\n").startswith(("=", "+", "-", "@"))


# ------------------------------------------------------------------------------------------------- the command line

TABLE_TEXTS = [name for name, text in NASTY.items() if not re.search("[\0\ud800-\udfff]", text) and text.strip()]
FILES = [
    "<img src=x onerror=pwned=1>.csv",
    "=cmd.csv",
    "a'\"&b.csv",
    "$title.csv",
    "\u202egpj.csv",
    "-x.csv",
    "a b.csv",
]


def trained(folder: Path, data: str, column: str, level: str, target: str, kind: str) -> str:
    """Train on a table whose every text is an enemy's; return the report."""
    with open(data, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", column, target])
        writer.writerows([i, (level, "plain")[i % 3 == 0], (kind, "other")[i % 2]] for i in range(12))
    options = ["--target", target, "--epochs", "1", "--hidden", "2", "--out", str(folder)]
    assert main(["train", "./" + data, *options]) == 0
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLE_TEXTS)
def test_a_report_has_the_elements_of_a_harmless_table(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = NASTY[name].strip()
    page = trained(Path("evil"), FILES[len(name) % len(FILES)], f"c{text}", f"l{text}", f"t{text}", f"k{text}")
    checked_text(page)
    found, harmless = Page(page), Page(trained(Path("plain"), "plain.csv", "c", "l", "t", "k"))
    assert found.suspicious == [] and {tag for tag, _ in found.elements} <= {tag for tag, _ in harmless.elements}
    for picture in ("graph.svg", "neuron.svg"):
        ElementTree.fromstring(checked_text(Path("evil", picture).read_text(encoding="utf-8")).encode())
    capsys.readouterr()
    assert main(["predict", "evil/model.json", "./" + FILES[len(name) % len(FILES)]]) == 0
    told = capsys.readouterr()
    rows = list(csv.reader(io.StringIO(told.out, newline="")))
    assert len(rows) == 13 and {len(row) for row in rows} == {4}
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert rows[0][-1] == "prediction" and {row[-1] for row in rows[1:]} <= {f"k{text}", "other"}
    assert json.loads(Path("evil/model.json").read_text())["encoding"]["target"]["name"] == f"t{text}"


@pytest.mark.parametrize("name", NASTY)
def test_an_error_is_one_harmless_line(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = NASTY[name]
    for argv in (
        ["train", text, "--target", "y"],
        ["predict", text, text],
        ["draw", text, "x=1"],
        ["draw", "x", text],
        ["explain", "x", "x=1", "--wrt", text],
        ["draw", "x*x", "x=1", "-o", str(tmp_path / "f") + text[:60]],
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            try:
                code = main(argv)
            except SystemExit as stop:
                code = int(str(stop.code))
        told = capsys.readouterr()
        assert code == 2, argv[0]
        line = told.err.removesuffix("\n")
        assert line.startswith("autograd-lite: ") and safe(line, None) == line and "\n" not in line


# ------------------------------------------------------------------------------------------------------- a browser

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_finds_nothing_to_run_and_nothing_to_fetch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    monkeypatch.chdir(tmp_path)
    pages = []
    for i, (name, text) in enumerate(NASTY.items()):
        a, out = graph(text, text + "'")
        picture = draw(out, wrt=a)
        for suffix in ("html", "svg")[: 1 + (i % 4 == 0)]:
            picture.save(f"{name.replace(' ', '_')}.{suffix}")
            pages.append(f"{name.replace(' ', '_')}.{suffix}")
        ag.step_through(replayed(text)[1]).save(f"steps-{i}.html")
        pages.append(f"steps-{i}.html")
        if i % 8 == 0:  # all of them stand in the notebook
            ag.worksheet(out).save(f"sheet-{i}.html")
            pages += [f"sheet-{i}.html", f"sheet-{i}-key.html"]
    notebook = "".join(draw(graph(text, text)[1])._repr_mimebundle_()["text/html"] for text in NASTY.values())
    for text in NASTY.values():
        a, out = graph(text, "b")
        notebook += ag.nudge(out, a)._repr_html_() + ag.check_answers(out, {a: 7, text: text})._repr_html_()
        notebook += ag.worksheet(out)._repr_html_()
    for name in ("script", "svg", "attribute", "style", "format"):
        notebook += ag.step_through(replayed(NASTY[name])[1])._repr_html_()
    Path("notebook.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{notebook}", encoding="utf-8")
    for name in ("script", "svg", "attribute", "style", "format"):
        trained(Path(f"run-{name}"), "data.csv", *(f"{kind}{NASTY[name]}" for kind in "clkt"))
        pages.append(f"run-{name}/report.html")
    asked, said = [], []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            page = browser.new_page()
            page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("request", lambda request: asked.append(request.url))
            for name in [*pages, "notebook.html"]:
                asked.clear()
                page.goto((tmp_path / name).as_uri())
                page.evaluate("for (const e of document.querySelectorAll('*')) "
                              "for (const kind of ['load', 'error', 'mouseover', 'click', 'focus']) "
                              "e.dispatchEvent(new Event(kind))")  # fmt: skip
                assert page.evaluate("window.pwned === undefined"), name
                fetched = [url for url in asked if not url.startswith(("file:", "data:image/svg+xml", "blob:"))]
                assert fetched == [] and len([url for url in asked if url.startswith("file:")]) == 1, name
                assert said == [], name
                assert page.evaluate("document.querySelectorAll('parsererror').length") == 0, name
                own = name.startswith("steps-")  # the page that steps has a script of its own
                if name != "notebook.html":
                    assert page.evaluate("document.querySelectorAll('script').length") == own, name
        finally:
            browser.close()
