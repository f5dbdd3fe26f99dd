"""The table of words: whole in every language, and no page, sheet or picture says a word that is not in it."""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn, words
from autograd_lite.nn.activations import UNIT_ACTIVATIONS
from autograd_lite.nn.initializers import INITIALIZERS
from tests.lecture import neuron
from tests.test_stepper import browser, mixed  # noqa: F401

PACKAGE = Path(__file__).parent.parent / "autograd_lite"
TABLE = [line.split("\t") for line in files("autograd_lite").joinpath("words.tsv").read_text("utf-8").splitlines()]
# What is written alike in every language: names of attributes and operations, numbers, keys, and the labels below.
NAMES = {"data", "grad", "tanh", "log", "max", "ReLU", "leaky", "softmax", "clamp", "inf", "nan", "sigmoid", "loss",
         "Ctrl", "model", "layers", "neurons", "softplus", "mul", "dot", "div"}  # fmt: skip


def test_every_language_has_every_text_with_the_same_braces_and_forms() -> None:
    (_, *languages), *rows = TABLE
    assert "en" in languages
    assert len({row[0] for row in rows}) == len(rows)
    for key, *texts in rows:
        assert len(texts) == len(languages), key
        assert all(text.strip() for text in texts), key
        braces = [sorted(set(re.findall(r"\{(\w+)[^{}]*\}", text))) for text in texts]
        assert all(found == braces[0] for found in braces), key
        forms = {len(text.split("|")) for text in texts}
        assert forms <= {1, 2}, key


def test_a_language_is_chosen_for_all_that_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_chosen", ["en"])
    shown = {}
    for name in ("en", "de", "es"):
        assert ag.language(name) == ag.language() == name
        out = neuron()
        sheet = ag.worksheet(out, blanks=4)
        made = [ag.draw(out).svg, sheet.html, str(ag.check_answers(out, {"w1": 0.123})), ag.explore(out).html]
        assert f'<html lang="{name}">' in made[1] and f'<html lang="{name}">' in made[3]
        shown[name] = " ".join(made)
    assert "lokale Ableitung" in shown["de"] and "derivada local" in shown["es"]
    assert "local derivative" not in re.sub(r"<script.*?</script>", "", shown["de"] + shown["es"], flags=re.DOTALL)
    assert "Lücken" in shown["de"] and "huecos" in shown["es"] and "falsch" in shown["de"]
    with pytest.raises(ValueError, match="language: expected en, de, es, got 'fr'"):
        ag.language("fr")
    assert ag.language() == "es"


def test_the_font_of_the_pictures_has_every_letter() -> None:
    font = PACKAGE / "drawing" / "font" / "characters.txt"
    known = {*font.read_text(encoding="utf-8"), "\n"}
    pictured = [text for key, *texts in TABLE[1:] for text in texts if key.startswith(("picture.", "sheet.", "nudge."))]
    assert set("".join(pictured)) <= known


def test_every_text_is_used() -> None:
    """The end of a key stands in the code, or where keys are put together, each of its words does."""
    sources = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js", ".html")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    known = set(re.findall("[a-z]+", code))
    for key, *_ in TABLE[1:]:
        end = key.partition(".")[2]
        assert end in code or set(re.findall("[a-z]+", end)) <= known, key


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words of a language without Latin letters."""

    def strange(text: str) -> str:
        parts = re.split(r"(\{[^{}]*\})", text)
        return "".join(part if i % 2 else re.sub("[A-Za-z]", "ж", part) for i, part in enumerate(parts))

    table = {key: strange(text) for key, text in words.words().items()}
    monkeypatch.setattr(words, "words", lambda: table)


def english(text: str) -> set[str]:
    """Return the words that are left."""
    return {word for word in re.findall(r"[A-Za-z]{3,}", text) if word not in NAMES}


def written() -> Value:
    """A graph whose leaf was written after it was recorded, with a number that is used often and a repeated operand."""
    x = Value(3.0, label="x")
    out = (x * x + ag.maximum(x, 2.0, 0.5) + ag.sum([x] * 9)) / 2.0
    x.data = 4.0
    return out


def net() -> Value:
    model = nn.MLP(2, [3, 2, 1], "tanh", "sigmoid", seed=1)
    return nn.binary_cross_entropy([model([0.5, -1.2])], [1])  # type: ignore[list-item]


def texts_of(markup: str) -> str:
    """Return all that a reader sees or hears of HTML or SVG."""
    shown = re.sub(r"<(style|script)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    heard = re.findall(r'(?:aria-label|title|alt|aria-valuetext)="([^"]*)"', shown)
    return re.sub(r"&[a-z]+;|&#x?\w+;", " ", " ".join([re.sub(r"<[^<>]*>", " ", shown), *heard]))


def pictures() -> Iterator[str]:
    foldings: tuple[dict[str, Any], ...] = ({}, {"fold": "neuron"}, {"fold": "layer"}, {"max_nodes": 5})
    for make in (mixed, written, net):
        for options in foldings[: 4 if make is net else 1]:
            out = make()
            if make is not written:
                out.backward()
            yield from _shown(ag.draw(out, **options))
    out = neuron()
    leaf = next(node for node in ag.topological_order(out) if node.label == "w1")
    yield from _shown(ag.draw(out, wrt=leaf))
    nudged = ag.nudge(out, leaf)
    yield str(nudged)
    yield from _shown(ag.draw(nudged))


def _shown(picture: Any) -> Iterator[str]:
    yield texts_of(picture.svg)
    yield re.sub(r"#\d+;", " ", "\n".join(re.findall(r'"([^"]*)"', picture.mermaid))).replace("<br/>", " ")
    yield picture.outline


def test_pictures_say_no_word_that_is_not_in_the_table(foreign: None) -> None:
    for text in pictures():
        assert english(text) == set(), text


def test_sheets_steps_and_explanations_say_no_word_that_is_not_in_the_table(foreign: None) -> None:
    for make in (neuron, mixed, written, net):
        out = make()
        sheet = ag.worksheet(make() if make is not written else neuron(), seed=1)
        found = [sheet.markdown, sheet.key_markdown, texts_of(sheet.html), texts_of(sheet.key_html)]
        steps = ag.step_through(out)
        found += [str(steps), texts_of(steps._repr_html_().split("</iframe>")[1])]
        leaves = [node for node in ag.topological_order(out) if not node.op][:2]
        explained = [ag.explain(out, wrt=leaf) for leaf in leaves]
        found += [str(e) for e in explained] + [" ".join(re.findall(r"\\text\{([^}]*)", e.latex)) for e in explained]
        grades = ag.check_answers(out, {leaf: x for leaf, x in zip(leaves, (0.123, 5.0), strict=False)}, complete=True)
        found += [str(grades)]
        for text in found:
            assert english(re.sub(r"\$[^$]*\$", " ", text)) == set(), text


def test_a_template_says_no_word_of_its_own() -> None:
    for path in PACKAGE.rglob("*.html"):
        text = re.sub(r"\$\w+", "", path.read_text(encoding="utf-8"))
        assert english(texts_of(text)) == set(), path


def test_a_page_says_no_word_that_is_not_in_the_table(foreign: None, browser: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "page.html").write_text(ag.explore(neuron()).html, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(8000)
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")

    def check() -> None:
        assert english(page.evaluate(SEEN)) == set()

    for act in acts(page):
        act()
        check()
    page.close()


def test_a_playground_says_no_word_that_is_not_in_the_table(foreign: None, browser: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "page.html").write_text(nn.playground(validation=0.2).html, encoding="utf-8")
    page = browser.new_page()
    page.set_default_timeout(8000)
    page.goto((tmp_path / "page.html").as_uri() + "#lesson=dead&epochs=2")
    page.wait_for_selector("html[data-ready]", state="attached")
    typed = english(" ".join([*INITIALIZERS, *UNIT_ACTIVATIONS.values()]))  # written as in Python
    for act in ("#one-step", "#slow", "[data-tool=add]", "#graph summary", ".answer >> nth=0"):
        page.click(act)
        assert english(page.evaluate(SEEN)) <= typed, act
    page.close()


SEEN = """() => {
  const found = [document.title];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node.nodeType === 3) { if (!["STYLE", "SCRIPT"].includes(node.parentNode.tagName)) found.push(node.data); }
    else for (const name of ["aria-label", "title", "aria-valuetext", "alt", "placeholder"]) {
      if (node.hasAttribute(name)) found.push(node.getAttribute(name));
    }
  }
  return found.join("\\n").replace(/file:[^\\n]*/g, "");
}"""


def acts(page: Any) -> list[Callable[[], Any]]:
    """Return what a person does, one after the other: each state of the page is looked at."""
    steps = [lambda: page.click("#next")] * 4 + [lambda: page.click("#last")]
    return [
        lambda: None,
        lambda: page.locator(".row .typed").first.fill("no number"),
        lambda: page.locator(".row .typed").first.press("Enter"),
        lambda: page.locator(".row .typed").first.fill("0.25"),
        lambda: page.locator(".row .typed").first.press("Enter"),
        lambda: page.click("#undo"),
        lambda: page.click("#redo"),
        lambda: page.click("#keep summary"),
        lambda: page.click("#once"),
        lambda: page.fill("#rate", "1e300"),
        lambda: page.click("#once"),
        lambda: page.click("#once"),
        lambda: page.click("#reset"),
        lambda: page.click("#steps"),
        *steps,
        lambda: page.click("#previous"),
        lambda: page.click("#play"),
        lambda: page.click("#predict"),
        lambda: page.locator(".answers button").nth(0).click(),
        lambda: page.locator(".answers button").nth(1).click(),
        lambda: page.evaluate("location.hash = '#step=1'"),
        lambda: page.evaluate("location.hash = '#predict'"),
        lambda: page.locator(".answers input").fill("7"),
        lambda: page.locator(".answers button").click(),
        lambda: page.click("#show"),
        lambda: page.click("#again"),
        lambda: page.locator(".answers button").first.click(),
        lambda: page.locator("#show, #again").locator("visible=true").click(),
    ]


@pytest.mark.parametrize("name", ["de", "DE", "German", "deutsch"])
def test_a_language_is_known_by_its_names(name: str) -> None:
    try:
        assert ag.language(name) == "de"
    finally:
        ag.language("en")
    with pytest.raises(ValueError, match=r"^language: expected en, de, es, got 'Deu'$"):
        ag.language("Deu")
