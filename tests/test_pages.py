"""HTML pages: what is not HTML already is escaped, and every colour comes from the theme."""

import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograd_lite import nn, worksheet
from autograd_lite.derivatives import check_gradients
from autograd_lite.engine import Value
from autograd_lite.pages import Html, element, html, page, table
from autograd_lite.tables import Rows, Tabular
from autograd_lite.theme import DARK, LIGHT, PRINT, Theme, colours, declared

PACKAGE = Path(__file__).parent.parent / "autograd_lite"
EVIL = "\"'><script>\0</script>&amp;"


class Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.texts.extend(x or "" for _, x in attributes)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_any_text_is_escaped_wherever_it_is_put() -> None:
    shown = EVIL.replace("\0", "�")
    for found, tags in (
        (html(EVIL), []),
        (element("p", EVIL, title=EVIL), ["p"]),
        (table([EVIL], [[EVIL], [EVIL]]), ["table", "thead", "tr", "th", "tbody", "tr", "th", "tr", "th"]),
    ):
        read = Reader(found)
        assert read.tags == tags and read.texts.count(shown) >= 1 and "\0" not in found
    whole = page(EVIL, html(EVIL))
    assert Reader(whole).tags.count("script") == 0 and shown in Reader(whole).texts


def test_html_is_not_escaped_twice() -> None:
    assert html(element("b", "<"), Html("<br>")) == "<b>&lt;</b><br>"


def test_a_row_without_a_name_has_no_head() -> None:
    assert Reader(table(["a", "b"], [["", "1"], ["x", "2"]])).tags[-5:] == ["td", "td", "tr", "th", "td"]


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
               for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True))  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_can_be_read_on_every_ground(theme: Theme) -> None:
    """The contrast is that which WCAG asks of small text."""
    for ground in (theme.page, theme.ground, theme.soft):
        for text in (theme.ink, theme.muted, theme.accent, theme.warning):
            low, high = sorted((luminance(ground), luminance(text)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ground, text)


def test_a_page_is_light_dark_or_printed() -> None:
    light, dark, paper = (re.findall(r"--(\w+): (#\w+)", rule) for rule in colours(":root").splitlines())
    for found, theme in (
        (light, LIGHT),
        (dark, DARK),
        (light + paper, PRINT),
    ):  # on paper some of the light ones differ
        assert dict(found) == asdict(theme)
    w = Value(2.0, label="w")
    for text in (page("title", html("body")), worksheet(w * w).html):
        assert "prefers-color-scheme: dark" in text and "@media print" in text


def test_style_sheets_name_their_colours_by_the_theme() -> None:
    """No colour is typed into a style sheet that the theme serves, and each name in one is a colour of the theme."""
    known = set(re.findall(r"--(\w+):", declared(LIGHT))) | {"share", "now", "turn", "at"}
    for name in (
        "cli/report.css",
        "cli/report.py",
        "cli/charts.py",
        "worksheets/writing.py",
        "tables.py",
        "pages.py",
        "drawing/picture.py",
    ):
        text = (PACKAGE / name).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-f]{3,8}\b", text), name
        assert {*re.findall(r"var\(--(\w+)\)", text)} <= known, name


class Report(Tabular):
    __slots__ = ()

    @property
    def table(self) -> Rows:
        return ["name", "at"], [["<w>", "0.5"]]

    @property
    def notes(self) -> list[str]:
        return ["a < b"]


def test_a_report_is_its_table_and_its_notes_everywhere() -> None:
    report = Report()
    assert str(report) == repr(report) == "name   at\n<w>   0.5\na < b"
    assert Reader(report._repr_html_()).texts[-1] == "a < b" and "<p>a &lt; b</p>" in report._repr_html_()


def test_summary_and_gradient_check_show_their_table_at_the_prompt() -> None:
    checked = check_gradients(lambda a: a * a, [2.0])
    assert repr(checked) == str(checked) and repr(checked).startswith("input  at  analytic")
    assert repr(nn.MLP(2, [1]).summary()).endswith("\n3 parameters")
