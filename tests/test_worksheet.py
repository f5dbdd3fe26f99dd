"""Worksheets: easy numbers, blanks that can be filled in and stand nowhere else, a key that is right."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from math import isfinite
from random import Random

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing import layered
from autograd_lite.drawing.scene import FONT_SIZE
from autograd_lite.explanation import backward_steps
from autograd_lite.functions import apply
from autograd_lite.notation.text import number
from autograd_lite.ops import TABLE, Op
from autograd_lite.worksheets import Worksheet
from autograd_lite.worksheets.exercise import EASY, has_kink
from autograd_lite.worksheets.sheet import CLOSE
from tests.test_explanation import random_graph, random_net


def example() -> Value:
    a, b, c, f = (Value(x, label=label) for x, label in [(0.1, "a"), (0.2, "b"), (0.3, "c"), (0.4, "f")])
    e = a * b
    d = e + c
    out = d * f + a
    e.label, d.label, out.label = "e", "d", "L"
    return out


def leaves_of(out: Value) -> list[Value]:
    return [node for node in ag.topological_order(out) if not node.parents]


@pytest.mark.parametrize("seed", range(30))
def test_the_key_is_the_backward_pass_of_the_same_graph_at_easy_values(seed: int) -> None:
    rng = Random(seed)
    out, _ = random_net(rng) if seed % 3 == 0 else random_graph(rng)
    nodes = ag.topological_order(out)
    before = [(node.data, node.partials, node.has_grad) for node in nodes]
    sheet = ag.worksheet(out, seed)
    assert [(node.data, node.partials, node.has_grad) for node in nodes] == before
    new = ag.topological_order(sheet.out)
    assert [(n.op, n.label, n.role) for n in new] == [(n.op, n.label, n.role) for n in nodes]
    assert not {id(n) for n in new} & {id(n) for n in nodes}
    assert all(leaf.data in EASY for leaf in leaves_of(sheet.out))
    assert all(isfinite(x) for node in new for x in (node.data, *node.partials))
    sheet.out.backward()
    shown = [row for row in sheet.table if row[0].words]
    assert [row[1].value for row in shown] == [node.grad for node in reversed(new)]
    handed = [(c.local, c.amount, c.total) for step in backward_steps(sheet.out) for c in step.contributions]
    assert [tuple(cell.value for cell in row[3:]) for row in sheet.table if row[3].words] == handed


@pytest.mark.parametrize("seed", range(30))
def test_no_blank_is_answered_elsewhere(seed: int) -> None:
    sheet = ag.worksheet(example(), seed)
    assert [blank.number for blank in sheet.blanks] == list(range(1, len(sheet.blanks) + 1))
    assert {blank.column for blank in sheet.blanks} <= {
        "its gradient",
        "local derivative",
        "contribution",
        "total so far",
    }
    totals: dict[str, bool] = {}
    for name, own, to, local, amount, total in sheet.table:
        if name.words:  # a gradient is given exactly where the total that it is was given
            assert bool(own.blank) == totals.get(name.words[0].text, False)
        if to.words:
            assert local.blank or amount.blank
            assert bool(total.blank) == (bool(amount.blank) or totals.get(to.words[0].text, False))
            assert to.words[0].text in totals or total.blank == amount.blank  # the first total is the contribution
            totals[to.words[0].text] = bool(total.blank)


def test_the_sheet_holds_the_blanks_and_the_key_the_answers() -> None:
    sheet = ag.worksheet(example(), seed=0)
    last = len(sheet.blanks)
    assert sheet.markdown.count("________") == sheet.html.count('class="blank"') == len(sheet.places) > last > 10
    assert "________" not in sheet.key_markdown and 'class="blank"' not in sheet.key_html
    answers = [f"({blank.number}) **{blank.answer:g}**".replace("-", "−") for blank in sheet.blanks]
    assert all(answer in sheet.key_markdown for answer in answers)
    assert not any(answer in sheet.markdown for answer in answers)
    assert f"(1) to ({last})" in sheet.markdown and "sheet 0" in sheet.html and "answer key" in sheet.key_html
    widths = {line.count("|") for line in sheet.markdown.split("## Backward")[1].splitlines() if "|" in line}
    assert widths == {7}
    assert sheet._repr_html_() in sheet.html and str(sheet) == sheet.markdown


def test_its_own_graph_can_be_graded() -> None:
    sheet = ag.worksheet(example(), seed=4)
    right = {blank.node: blank.answer for blank in sheet.blanks if blank.column == "its gradient"}
    assert right and ag.check_answers(sheet.out, right)


def test_the_same_seed_gives_the_same_bytes() -> None:
    def texts(sheet: Worksheet) -> tuple[str, ...]:
        return sheet.markdown, sheet.key_markdown, sheet.html, sheet.key_html

    assert texts(ag.worksheet(example(), 7)) == texts(ag.worksheet(example(), 7))
    assert len({ag.worksheet(example(), seed).markdown for seed in range(20)}) == 20
    program = (
        "import hashlib, autograd_lite as ag; a, b = ag.Value(1.5, label='a'), ag.Value(2.5, label='b')\n"
        "print(hashlib.sha256(ag.worksheet(ag.tanh(a * b) + a, 3).key_html.encode()).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                       env={**os.environ, "PYTHONHASHSEED": str(i)}).stdout for i in range(2)
    }  # fmt: skip
    assert len(runs) == 1


@pytest.mark.parametrize("row", list(TABLE.values()), ids=lambda row: row.name)
def test_every_operation_is_met_within_its_domain(row: Op) -> None:
    if row.name == "cross_entropy":  # the class is an index, so a number
        out = apply(row, [Value(0.1), Value(0.2)], 1.0)
    else:
        out = apply(row, *([Value(v) for v in x] if isinstance(x, list) else Value(x) for x in row.samples[0]))
    for seed in range(3):
        new = ag.worksheet(out, seed).out
        assert isfinite(new.data) and all(map(isfinite, new.partials))
        if row.domain == "0 ≤ b ≤ 1":
            assert 0 <= new.parents[1].data <= 1
        assert new.operation is not None
        assert not has_kink(new.operation, [x.data if isinstance(x, Value) else x for x in new.operands])


def test_domains_that_depend_on_each_other_are_met() -> None:
    xs = [Value(0.1, label=f"x{i}") for i in range(6)]
    out = ag.sum([ag.arcsin(x) for x in xs])
    assert {abs(leaf.data) for leaf in leaves_of(ag.worksheet(out, 0).out)} == {0.5}
    x = Value(7.0, label="x")
    assert leaves_of(ag.worksheet(ag.log(x - 5), 0).out)[0].data in (5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0)
    own = Value(1234.0, label="own")
    assert leaves_of(ag.worksheet(ag.log(own - 1000), 0).out)[0].data == 1234.0
    with pytest.raises(ValueError, match=r"no values were found for which log .* its domain is a > 0"):
        ag.worksheet(ag.log(x * 0 - 1))


def test_the_modes_of_the_caller_do_not_matter() -> None:
    out = ag.log(Value(2.0, label="a") - Value(1.0, label="b"))
    with ag.no_grad(), ag.anomaly():
        sheet = ag.worksheet(out, 5)
    assert sheet.markdown == ag.worksheet(out, 5).markdown and sheet.out.parents


@pytest.mark.parametrize("suffix", [".md", ".html", ".tex"])
def test_save_writes_both_files_or_neither(tmp_path, monkeypatch, suffix) -> None:
    sheet = ag.worksheet(example(), seed=2)
    key = sheet.save(tmp_path / f"s{suffix}")
    pictures = ["s-key.svg", "s.svg"] if suffix == ".md" else []
    assert key == tmp_path / f"s-key{suffix}"
    assert sorted(os.listdir(tmp_path)) == sorted([*pictures, key.name, f"s{suffix}"])
    kind = {".md": "markdown", ".html": "html", ".tex": "latex"}[suffix]
    for file, text in ((tmp_path / f"s{suffix}", getattr(sheet, kind)), (key, getattr(sheet, f"key_{kind}"))):
        found = file.read_text(encoding="utf-8")
        if suffix == ".md":  # with its picture, which stands in a file of its own
            found = re.sub(rf"!\[The graph\]\({file.stem}\.svg\)\n\n[^\n]*\n\n", "", found)
        assert found == text
    replace, calls = os.replace, []

    def fail_at_the_second(old, new):
        calls.append(new)
        if len(calls) == 2:  # the first file has its new name already
            raise OSError("no")
        replace(old, new)

    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    monkeypatch.setattr(os, "replace", fail_at_the_second)
    with pytest.raises(OSError, match="no"):
        ag.worksheet(example(), seed=3).save(tmp_path / f"s{suffix}")
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    calls.clear()
    with pytest.raises(OSError, match="no"):
        sheet.save(tmp_path / f"new{suffix}")
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before


def test_refusals() -> None:
    x = Value(2.0, label="x")
    with pytest.raises(TypeError, match="expected a Value, got float"):
        ag.worksheet(2.0)
    with pytest.raises(TypeError, match="seed: expected an int, got str"):
        ag.worksheet(x * x, seed="a")
    with pytest.raises(ValueError, match="a leaf has no backward pass"):
        ag.worksheet(x)
    with pytest.raises(ValueError, match="are numbers and not a rule"):
        ag.worksheet(Value(8.0, (x,), "cubed", partials=(12.0,)) + 1)
    with pytest.raises(
        ValueError, match=r"'sheet\.doc' is no kind of file of a sheet: expected .* \.md \.html \.tex \.pdf"
    ):
        ag.worksheet(x * x).save("sheet.doc")
    with pytest.raises(ValueError, match="blanks: this sheet has room for 6, got 8"):
        ag.worksheet(x * x, blanks=8)
    with pytest.raises(ValueError, match="blanks: expected how many blanks the sheet has, an int of 1 or more, got 0"):
        ag.worksheet(x * x, blanks=0)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_no_unit_of_a_sheet_is_saturated(activation: str) -> None:
    """Of tanh −8.5 the sheet shows −1: by hand the derivative is then 0, and the key had 1.65597e-7."""
    model = nn.MLP(2, [2, 1], activation=activation, output="sigmoid", seed=1)
    loss = nn.mse_loss(model([2.0, 1.0]), 1.0)
    for seed in range(20):
        units = [n for n in ag.topological_order(ag.worksheet(loss, seed).out) if n.op in ("tanh", "sigmoid")]
        assert len(units) == 3 and all(unit.partials[0] > 0.01 for unit in units)


@pytest.mark.parametrize("widths", [[1, 1], [2, 1], [2, 2, 1]], ids=str)
def test_something_comes_back_through_the_relus_of_each_sheet(widths: list[int]) -> None:
    x1, x2 = Value(1.0, kind="input"), Value(-2.0, kind="input")
    cost = (nn.MLP(2, widths, output="sigmoid", seed=1)([x1, x2]) - 1.0) ** 2
    for seed in range(100):
        nodes = ag.topological_order(ag.worksheet(cost, seed).out)
        assert any(node.op == "relu" and node.data and ag.grad(nodes[-1], node) for node in nodes)


def test_a_graph_whose_relu_is_always_off_has_its_sheet_yet() -> None:
    x = Value(2.0)
    sheet = ag.worksheet(ag.relu(-(x * x)) + x, seed=0)
    assert sheet.out.data in EASY and sheet.blanks


@pytest.mark.parametrize("make", [lambda w, x, b: (w * x + b).exp(), lambda w, x, b: (w * x).exp() * (w * b).exp()])
def test_no_number_of_a_sheet_with_exp_is_large(make) -> None:
    out = make(Value(2.0), Value(-1.0), Value(0.5))
    for seed in range(100):
        nodes = ag.topological_order(ag.worksheet(out, seed).out)
        assert max(map(abs, [*(node.data for node in nodes), *ag.grad(nodes[-1], nodes)])) <= 1000


def test_a_graph_that_is_saturated_at_all_easy_values_has_its_sheet_yet() -> None:
    x = Value(0.01, label="x")
    assert ag.worksheet((x * x * 100.0).tanh(), seed=0).blanks


def test_a_net_of_the_course() -> None:
    model = nn.MLP(2, [2, 1], activation="sigmoid", seed=1)
    sheet = ag.worksheet(model([2.0, 1.0]), seed=0)
    assert r"$w_{12}^{(1)}$" in sheet.markdown and "w₁₂⁽¹⁾" in sheet.html
    assert "x₁" in sheet.html or "· 2" in sheet.html


# -------------------------------------------------------------------------------------------- blanks and the picture


def neuron() -> Value:
    w, x, b = (Value(0.5, label=label, kind=kind) for label, kind in (("w", "parameter"), ("x", "input"), ("b", None)))
    z = w * x + b
    z.label = "z"
    out = (ag.sigmoid(z) - 1.0) ** 2 + w
    out.label = "C"
    return out


@pytest.mark.parametrize("make", [neuron, example, lambda: nn.MLP(2, [2, 1], "tanh", seed=1)([1.0, 2.0])])
def test_as_many_blanks_as_are_asked_for(make) -> None:
    out = make()
    most = 0
    while True:
        try:
            sheet = ag.worksheet(out, seed=most, blanks=most + 1)
        except ValueError as refused:
            assert f"room for {most}, got {most + 1}" in str(refused)
            break
        most += 1
        assert len(sheet.blanks) == most
        gradients = {b.node for b in sheet.blanks if b.column == "its gradient"}
        totals = [row for row in sheet.table if row[5].blank]
        assert gradients == {row[2].words[0].text for row in totals}, "a total is left out with the gradient that it is"
    assert most > 15


def test_the_picture_has_the_numbers_of_the_sheet_and_tells_none_of_its_answers() -> None:
    for seed in range(8):
        sheet = ag.worksheet(neuron(), seed, blanks=10)
        scene = sheet.picture().scene
        kinds = {card.name: card.kind for card in scene.cards}
        assert (kinds["w"], kinds["x"], kinds["b"]) == ("parameter", "input", "leaf")
        cards = {row.gap for card in scene.cards for row in card.rows if row.gap}
        arrows = {int(edge.label[1:-1]) for edge in scene.edges if edge.label.startswith("(")}
        assert cards == {b.number for b in sheet.blanks if b.column == "its gradient"}
        assert arrows == {b.number for b in sheet.blanks if b.column == "local derivative"}
        names = {card.id: card.name for card in scene.cards}
        places = {int(e.label[1:-1]): (names[e.head], names[e.tail]) for e in scene.edges if e.label.startswith("(")}
        for blank in sheet.blanks:
            if blank.column == "local derivative":
                assert places[blank.number] == (blank.step.name, blank.contribution.name)
        key = sheet.picture(key=True)
        assert not any(row.gap for card in key.scene.cards for row in card.rows)
        assert [card.rows and card.rows[0] for card in key.scene.cards] == [c.rows and c.rows[0] for c in scene.cards]
        assert key.size == sheet.picture().size
        assert not any("=" in edge.tooltip for edge in scene.edges if edge.label.startswith("("))
        assert all(card.tooltip == card.name for card in scene.cards), "hints hold numbers"
    large = Value(1.0, label="x")
    for _ in range(70):
        large = large * 2.0
    assert "<img" not in ag.worksheet(large, blanks=3).html and "<img" in ag.worksheet(neuron()).html


def test_a_pdf_has_both_tables_and_the_picture(tmp_path) -> None:
    pytest.importorskip("reportlab", reason="the extra pictures is not installed")
    pdfplumber = pytest.importorskip("pdfplumber", reason="reads a PDF; only this test needs it")
    sheet = ag.worksheet(neuron(), 3, blanks=9)
    key = sheet.save(tmp_path / "s.pdf")
    texts = []
    for path in (tmp_path / "s.pdf", key):
        with pdfplumber.open(path) as file:
            texts.append(" ".join(page.extract_text() for page in file.pages))
            assert file.pages[0].curves and {c["fontname"].partition("+")[2] for c in file.pages[0].chars} <= {
                "AutogradLiteSans-Regular", "AutogradLiteSans-Bold"}  # fmt: skip
    assert all(f"({n}) ____" in texts[0] for n in range(1, 10)) and "____" not in texts[1]
    assert "sheet 3" in texts[0] and "answer key" in texts[1]
    again = tmp_path / "again.pdf"
    sheet.save(again)
    assert again.read_bytes() == (tmp_path / "s.pdf").read_bytes()


def test_a_heading_of_a_pdf_stands_on_the_page_of_its_table(tmp_path, monkeypatch) -> None:
    platypus = pytest.importorskip("reportlab.platypus", reason="the extra pictures is not installed")
    drawn: list[tuple[int, str]] = []
    for kind in (platypus.Paragraph, platypus.Table):

        def draw_on(self, canvas, *at, own=kind.drawOn, name=kind.__name__, **settings) -> None:
            drawn.append((canvas.getPageNumber(), self.style.name if name == "Paragraph" else name))
            own(self, canvas, *at, **settings)

        monkeypatch.setattr(kind, "drawOn", draw_on)
    w, x, b, y = (Value(1.0, label=name) for name in "wxby")
    ag.worksheet((w * x + b - y) ** 2, blanks=6).save(tmp_path / "s.pdf")
    parts = [(page, name) for page, name in drawn if name in ("h2", "Table")][:4]  # of the sheet; then its key
    assert parts == [(1, "h2"), (1, "Table"), (2, "h2"), (2, "Table")]


def test_a_number_has_as_many_digits_in_the_picture_of_a_sheet_as_in_its_tables() -> None:
    w, x, b, y = (Value(1.0, label=name) for name in "wxby")
    for out in ((w * x + b - y) ** 2, (w * x + b).sigmoid() * y):
        sheet = ag.worksheet(out)
        cells = [cell.value for row in (*sheet.given, *sheet.table) for cell in row if cell.value is not None]
        scene = sheet.picture(key=True).scene
        drawn = [row.text for card in scene.cards for row in card.rows] + [edge.label for edge in scene.edges]
        assert len(drawn) > 12 and {*drawn} - {""} <= {number(x).text for x in cells}


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX")
@pytest.mark.slow
def test_latex_is_read_by_latex(tmp_path) -> None:
    for name, out in (("neuron", neuron()), ("net", net_with_loss())):
        ag.worksheet(out, 3, blanks=12 if name == "net" else None).save(tmp_path / f"{name}.tex")
        for file in (name, f"{name}-key"):
            done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{file}.tex"],
                                  cwd=tmp_path, capture_output=True, text=True, check=False)  # fmt: skip
            assert done.returncode == 0, done.stdout[-1500:]
            assert r"Overfull" not in done.stdout, "the picture is higher than its page, or a table is wider"


def net_with_loss() -> Value:
    return (nn.MLP(2, [2, 1], "tanh", "sigmoid", seed=1)([1.0, 2.0]) - 1.0) ** 2


def test_a_picture_on_paper_is_read_and_stays_on_its_page() -> None:
    """Its ranks stand close where it would be shrunk much; a picture that fits is the one of the screen."""
    sheet = ag.worksheet(net_with_loss(), 3, blanks=12)
    assert 7.0 * sheet.picture(paper=True).size[1] < 6.0 * sheet.picture().size[1] * CLOSE / FONT_SIZE
    begin = re.search(r"\\begin\{tikzpicture\}\[x=([0-9.]+)pt", sheet.latex)
    sizes = [float(x) for x in re.findall(r"\\fontsize\{([0-9.]+)pt", sheet.latex)]
    assert begin is not None and float(begin[1]) > 0.52 and min(sizes) > 4.2 and sorted(sizes)[-10] > 6.2
    assert r"\bfseries\boldmath" in sheet.latex and r"$\wedge$" in sheet.latex and r"\ascii" not in sheet.latex
    small = ag.worksheet(neuron(), 3)
    assert small.svg(paper=True) == small.svg()


def test_two_hundred_sheets_are_all_different() -> None:
    texts = {re.sub(r"sheet \d+", "", ag.worksheet(neuron(), seed, blanks=8).markdown) for seed in range(200)}
    assert len(texts) == 200


def test_sheets_of_one_graph_are_laid_out_once() -> None:
    layered._known.cache_clear()
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    first = ag.worksheet(model([0.5, -1.0]), 0).svg(paper=True)
    made = layered._known.cache_info().misses
    others = {ag.worksheet(model([0.5, -1.0]), seed).svg(paper=True) for seed in range(1, 6)}
    assert made == 8 == layered._known.cache_info().misses  # across and down: each of three neurons, and the whole
    layered._known.cache_clear()
    assert first not in others and ag.worksheet(model([0.5, -1.0]), 5).svg(paper=True) in others


@pytest.mark.slow
def test_two_hundred_files_with_picture_and_key_are_all_different(tmp_path) -> None:
    for seed in range(200):
        ag.worksheet(neuron(), seed, blanks=8).save(tmp_path / f"sheet-{seed}.html")
    files = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert len(files) == 400 == len({re.sub(r"sheet \d+", "", text) for text in files})
    assert all("data:image/svg+xml" in text for text in files)


def first_neuron() -> Value:
    w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(0.5, label="b")
    z = w * x + b
    z.label = "z"
    return z.sigmoid()


@pytest.mark.parametrize("make, same_start, most", [(first_neuron, 12, 0.33), (lambda: nn.MLP(2, [2, 1], "sigmoid",
                         seed=1)([1.0, 2.0]), 2, 0.28)], ids=["neuron", "net"])  # fmt: skip
def test_the_sheets_of_a_class_differ_in_their_answers(make, same_start: int, most: float) -> None:
    sheets = [ag.worksheet(make(), seed, blanks=8) for seed in range(40)]
    answers = [[f"{blank.answer:.6g}" for blank in sheet.blanks] for sheet in sheets]
    starts = Counter(tuple(some[:3]) for some in answers)
    assert max(starts.values()) <= same_start
    assert sum(max(Counter(some).values()) for some in answers) / (8 * len(answers)) <= most
    leaves = Counter(tuple(leaf.data for leaf in sheet.names.view.leaves) for sheet in sheets)
    assert len(leaves) >= 30 and max(leaves.values()) <= 3
    if make is first_neuron:  # most numbers end soon
        assert sum(len(x) > 5 for some in answers for x in some) <= 0.15 * 8 * len(answers)


def test_without_a_number_of_blanks_no_answer_is_asked_for_too_often() -> None:
    shares = []
    for seed in range(40):
        answers = Counter(f"{blank.answer:.6g}" for blank in ag.worksheet(first_neuron(), seed).blanks)
        shares.append(max(answers.values()) / sum(answers.values()))
    assert sum(shares) / len(shares) <= 0.35


@pytest.mark.parametrize("blanks", [4, 6, 8])
def test_one_number_is_not_the_answer_to_most_blanks(blanks: int) -> None:
    x, w, b = Value(1.0, label="x"), Value(1.0, label="w"), Value(0.0, label="b")
    for seed in range(20):
        answers = Counter(f"{b.answer:.4g}" for b in ag.worksheet((w * x + b).sigmoid(), seed, blanks).blanks)
        assert max(answers.values()) <= max(3, blanks // 2), answers
