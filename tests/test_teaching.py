"""Slides and the shell: derivations in states, steps as data, and the commands for a lecture."""

import csv
import json
import os
import re
import warnings
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.cli import main
from autograd_lite.cli.expressions import ExpressionError, read_expression
from tests.test_worksheet import example, neuron

NEURON = ["z = w*x + b; a = tanh(z)", "w=2", "x=-1", "b=0.5"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shell(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(list(argv)) == 0
    return capsys.readouterr().out


# ----------------------------------------------------------------------------------------------------------- slides


@pytest.mark.parametrize("make", [neuron, example])
def test_frames_grow_to_the_whole_sum_and_keep_their_size(make) -> None:
    out = make()
    for wrt in [node for node in ag.topological_order(out) if not node.op]:
        derived = ag.explain(out, wrt=wrt)
        frames = derived.frames
        assert frames[-1].text.splitlines() == str(derived).partition("\ngrouped")[0].splitlines()[: len(
            frames[-1].text.splitlines())]  # fmt: skip
        bare = {re.sub(r"\\phantom\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", r"\1", frame.latex) for frame in frames}
        assert bare == {frames[-1].latex} and "phantom" not in frames[-1].latex
        assert len({frame.text for frame in frames}) == len(frames)
        shown = [frame.latex.count("phantom") for frame in frames]
        assert shown == sorted(shown, reverse=True) and frames[0].markdown.startswith("$$")


def test_a_frame_lights_its_path_in_a_picture_that_stays() -> None:
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    out = a * b + a
    through, direct, *rest = map(ag.draw, ag.explain(out, wrt=a).frames)
    names = {card.id: card.name for card in through.scene.cards}

    def lit(picture) -> set[str]:
        return {names[e.tail] + names[e.head] for e in picture.scene.edges if e.highlighted}

    assert (lit(through), lit(direct)) == ({"av1", "v1f"}, {"af"}) and lit(rest[-1]) == {"av1", "v1f", "af"}
    assert {ET.fromstring(p.svg).get("viewBox") for p in (through, direct, *rest)} == {through.svg.split('"')[3]}
    assert [row.text for card in direct.scene.cards if card.name == "a" for row in card.rows] == ["2", "−2"]
    assert ag.draw(ag.explain(out, wrt=out).frames[0], theme="dark", title="f").svg
    assert not a.has_grad


def test_steps_are_data_and_are_gone_through_as_ever() -> None:
    out = neuron()
    steps = ag.backward_steps(out)
    listed = list(steps)
    assert next(steps).node is listed[0].node is out and [s.name for s in steps] == [s.name for s in listed]
    data = json.loads(steps.to_json())
    assert data["root"] == "C" and [s["node"] for s in data["steps"]] == [s.name for s in listed]
    rows = list(csv.DictReader(steps.to_csv().splitlines()))
    gifts = [(s.name, c.name, repr(c.amount), repr(c.total)) for s in listed for c in s.contributions]
    assert [(r["node"], r["to"], r["amount"], r["total"]) for r in rows if r["to"]] == gifts
    assert len(rows) == len(gifts) + sum(not s.contributions for s in listed)
    infinite = json.loads(ag.backward_steps(ag.sqrt(Value(0.0, label="=x"))).to_json())["steps"]
    assert infinite[0]["contributions"][0]["amount"] == "inf"
    assert "'=x" in ag.backward_steps(Value(1.0, label="=x") * 2.0).to_csv()  # no formula for a spreadsheet


# -------------------------------------------------------------------------------------------------------- expressions


def test_results_have_names() -> None:
    e = read_expression(" z = w*x + b ; a=tanh(z); k = 2; k * a + z;", {"w": 2.0, "x": -1.0, "b": 0.5})
    assert list(e.leaves) == ["w", "x", "b"] and list(e.results) == ["z", "a"]
    assert e.results["z"].label == "z" and e.value.label == "" and e.value.data == 2 * e.results["a"].data - 1.5
    same = read_expression("y = x; y * y", {"x": 3.0})
    assert same.results["y"] is same.leaves["x"] and same.leaves["x"].label == "x" and same.value.data == 9.0
    assert read_expression("w * x", {"w": 2.0}, otherwise=1.0).value.data == 2.0


@pytest.mark.parametrize(
    "text, message",
    [
        ("z = w*; a", "position 5: invalid syntax in 'w*'"),
        ("z = w; z = w", "position 8: 'z' has a value already"),
        ("w = 3", "position 1: 'w' has a value already"),
        ("exp = w", "position 1: 'exp' is a function"),
        ("a = w;; b", "position 7: an expression is missing here"),
        ("z = ", "position 4: an expression is missing here"),
        ("z = w; y", "position 8: no value for 'y'"),
        ("L = a**2; a = tanh(w)", "position 5: 'a' has no value yet; define it before it is used"),
        ("z = z + w", "position 5: 'z' has no value yet"),
        ("a = w; a = a + w", "position 8: 'a' has a value already"),
        ("z == w", "position 1: only numbers, names"),
        ("2 = w", "position 3: "),
        ("z = 3; z", "no variable in it"),
    ],
)
def test_a_mistake_has_its_place(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(message)):
        read_expression(text, {"w": 2.0})


# ------------------------------------------------------------------------------------------------------------ the shell


def test_explain(capsys) -> None:
    text = shell(capsys, "explain", *NEURON, "--wrt", "w")
    assert text.splitlines()[-1] == "      = −0.180707"
    latex = shell(capsys, "explain", *NEURON, "--wrt", "w", "--latex")
    assert latex.startswith("\\begin{aligned}") and "-0.180707" in latex
    assert shell(capsys, "explain", *NEURON, "--wrt", "z", "--markdown").startswith("$$\n")
    assert shell(capsys, "explain", *NEURON, "--wrt", "w", "-o", "e.tex") == "wrote e.tex\n"
    assert Path("e.tex").read_text(encoding="utf-8") == latex
    states = shell(capsys, "explain", *NEURON, "--wrt", "w", "--frames").split("\n\n")
    assert len(states) == 4 and states[-1] + "" == text


def test_steps_and_nudge(capsys) -> None:
    assert "hands" not in (text := shell(capsys, "steps", *NEURON)) and text.startswith("a: gradient 1")
    assert json.loads(shell(capsys, "steps", *NEURON, "--json"))["root"] == "a"
    assert shell(capsys, "steps", *NEURON, "--csv").startswith("node,gradient,to")
    for name in ("s.json", "s.csv", "s.txt", "s.html"):
        assert shell(capsys, "steps", *NEURON, "-o", name) == f"wrote {name}\n"
    assert Path("s.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    table = shell(capsys, "nudge", *NEURON, "--wrt", "w", "--by", "-0.5", "-o", "n.svg")
    assert re.search(r"^w +2 +1.5 +−0.5 +−0.5$", table, flags=re.MULTILINE) and table.endswith("wrote n.svg\n")
    drawn = shell(capsys, "draw", *NEURON, "--blank", "z,w", "--theme", "dark", "--title", "T", "-o", "d.svg")
    assert drawn == "wrote d.svg\n"  # no number that a gap asks for
    assert ">(3)<" in Path("d.svg").read_text(encoding="utf-8")
    assert shell(capsys, "draw", *NEURON, "--wrt", "x", "-o", "x.svg")
    assert "lit: the paths from x" in Path("x.svg").read_text(encoding="utf-8")


def test_sheets_and_grades_in_the_shell(capsys) -> None:
    squared = "z = w*x + b; C = (z - y)**2"
    made = shell(capsys, "worksheet", squared, "--blanks", "5", "--seed", "3", "--count", "3", "-o", "s.md")
    assert made == "wrote 3 sheets and their keys: s-3.md to s-5.md\n"
    assert {f"s-{i}{key}.{end}" for i in (3, 4, 5) for key in ("", "-key") for end in ("md", "svg")} == set(
        os.listdir()
    )
    assert shell(capsys, "worksheet", squared, "-o", "one.html") == "wrote one.html and one-key.html\n"
    key = dict(re.findall(r"\((\d+)\) \*\*([^*]*)\*\*", Path("s-4-key.md").read_text(encoding="utf-8")))
    Path("answers.csv").write_text(f"name,sheet,{','.join(key)}\nAda,4,{','.join(key.values())}\n", encoding="utf-8")
    printed = shell(capsys, "grade", squared, "answers.csv", "--blanks", "5", "-o", "grades.csv")
    assert re.search(r"^Ada +4 +5 +5 +1$", printed, flags=re.MULTILINE)
    assert next(csv.DictReader(Path("grades.csv").read_text(encoding="utf-8").splitlines()))["score"] == "1"
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["grade", squared, "answers.csv", "--blanks", "6"]) == 0
    told = "autograd-lite: grade_csv: answers.csv has columns for the blanks 1 to 5, the sheets have 6; were they made "
    assert capsys.readouterr().err == told + "with blanks=5 (in the shell --blanks 5)?\n"


def test_worksheets_make_their_folder(capsys) -> None:
    assert shell(capsys, "worksheet", *NEURON[:1], "--count", "2", "-o", "sheets/sheet.md")
    assert sorted(path.name for path in Path("sheets").glob("*.md")) == [
        "sheet-0-key.md", "sheet-0.md", "sheet-1-key.md", "sheet-1.md"]  # fmt: skip
    assert main(["worksheet", "w*x", "--blanks", "9000", "-o", "none/sheet.md"]) == 2 and not Path("none").exists()


def test_options_stand_anywhere_behind_the_command(capsys) -> None:
    for argv in (["--theme", "dark", *NEURON], [NEURON[0], "--theme", "dark", *NEURON[1:]],
                 [*NEURON[:2], "--language=de", "-odrawn.svg", *NEURON[2:]]):  # fmt: skip
        assert shell(capsys, "draw", *argv).startswith("value = −0.905148, d/dw = −0.180707")
    assert Path("drawn.svg").exists()
    for step in ("-1/10", "-0.1"):
        assert "0.9" in shell(capsys, "nudge", "--wrt", "x", "--by", step, "-x * 2", "x=1")
    assert shell(capsys, "explain", "--wrt", "w", "-w*x", "w=2", "x=3").startswith("∂f/∂w = ")
    assert shell(capsys, "worksheet", "--blanks", "3", "--seed", "-2", "-w*x", "-o", "s.md")
    Path("a.csv").write_text("sheet,1,2,3\n-2,1,1,1\n", encoding="utf-8")
    assert shell(capsys, "grade", "--blanks", "3", "-w*x", "a.csv")
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0 and capsys.readouterr().out == f"autograd-lite {ag.__version__}\n"


def test_the_shell_speaks_other_languages(capsys) -> None:
    assert shell(capsys, "worksheet", *NEURON[:1], "--blanks", "3", "--language", "de", "-o", "s.md")
    assert "Lücken" in Path("s.md").read_text(encoding="utf-8")
    assert shell(capsys, "draw", *NEURON, "--language", "es", "--font-size", "20", "-o", "d.svg")
    assert shell(capsys, "draw", *NEURON, "--no-legend", "-o", "e.svg") and ag.language() == "en"
    sizes = [len(Path(name).read_text(encoding="utf-8")) for name in ("d.svg", "e.svg")]
    assert "derivada local" in Path("d.svg").read_text(encoding="utf-8") and sizes[1] < sizes[0]


@pytest.mark.parametrize(
    "argv, message",
    [
        (["explain", *NEURON, "--wrt", "v"], "--wrt 'v': no such variable in the expression; it has w, x, b"),
        (["explain", *NEURON, "--wrt", "w", "-o", "e.pdf"], "'e.pdf': expected a name that ends in .tex .md .txt"),
        (["worksheet", "w*x", "--blanks", "99"], "blanks: this sheet has room for 6, got 99"),
        (
            ["worksheet", "w*x", "w=2", "x=-1"],
            "a sheet draws its numbers itself, others for each --seed; leave w=2 x=-1 out",
        ),
        (["worksheet", "w*x", "-o", "s.doc"], "'s.doc' is no kind of file of a sheet"),
        (["grade", "w*x", "none.csv"], "none.csv: no such file"),
        (["--language", "de", "steps", *NEURON], "write --language behind the command, as in draw"),
        (["draw", *NEURON, "--titel", "T"], "unrecognized arguments: --titel T"),
        (["nudge", *NEURON, "--wrt", "w", "--by", "x"], "argument --by: 'x' is not a number"),
    ],
)
def test_one_line_for_a_mistake(capsys, argv: list[str], message: str) -> None:
    try:
        code = main(argv)
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2 and message in err and err.count("\n") == 1 and not os.listdir()


def test_the_shell_reads_fractions_and_explains_a_decimal_comma(capsys) -> None:
    moved = shell(capsys, "nudge", "x*x", "x=1/10", "--wrt", "x", "--by", "1/10").splitlines()
    assert moved[1].split() == ["x", "0.1", "0.2", "+0.1", "+0.1"]
    for step in ("-1/10", "-0.1", "-.1", "-1e-1"):
        moved = shell(capsys, "nudge", "-x*x", "x=1", "--wrt", "x", "--by", step).splitlines()
        assert moved[1].split() == ["x", "1", "0.9", "−0.1", "−0.1"]
    for arguments, said in (
        (("--by", "-0,1"), "'-0,1' is not a number; write the decimal comma as a point: -0.1"),
        (("--by", "-o"), "'-o' is not a number"),
        (("--by", "0,1"), "'0,1' is not a number; write the decimal comma as a point: 0.1"),
        (("--by", "1/0"), "'1/0' is not a number"),
        (("--by", "pi/2"), "'pi/2' is not a number; write 3.141592653589793 for pi"),
    ):
        with pytest.raises(SystemExit):
            main(["nudge", "x*x", "x=1", "--wrt", "x", *arguments])
        assert said in capsys.readouterr().err
