"""The command line as users type it: the main job, predictions, pictures, one clear line for a mistake."""

import csv
import html
import io
import math
import os
import random
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd_lite import nn
from autograd_lite.cli import main
from autograd_lite.cli.charts import Axis, curves_chart, points_chart
from autograd_lite.cli.gaps import fill
from autograd_lite.csv_files import LARGEST, Table, format_csv, read_table
from autograd_lite.harmless import safe

FAST = ["--epochs", "2", "--hidden", "4"]


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def small_table(rows: int = 20) -> str:
    rng = random.Random(0)
    lines = ["length,width,colour,kind"]
    for i in range(rows):
        kind = "cat" if i % 2 else "dog"
        lines.append(f"{rng.gauss(i % 2, 0.3):.3f},{rng.gauss(0, 1):.3f},{'red' if i % 3 else 'blue'},{kind}")
    return "\n".join(lines) + "\n"


def write(text: str | bytes, name: str = "data.csv") -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def error(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must fail; return its one line."""
    before = sorted(os.listdir())
    try:
        code = main(argv)
    except SystemExit as stop:  # as argparse ends
        code = stop.code
    out, err = capsys.readouterr()
    assert code == 2
    assert err.startswith("autograd-lite: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert sorted(os.listdir()) == before, "something was written"
    assert "Traceback" not in out
    return err.removeprefix("autograd-lite: ").rstrip("\n")


# ---------------------------------------------------------------------------------------------- the main job


class Checker(HTMLParser):
    """Collects what a page would fetch or run, and sees that its elements are closed."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.suspicious: list[str] = []
        self.ids: list[str] = []

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.look(tag, attributes)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.look(tag, attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def look(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "link" and dict(attributes) == {"rel": "icon", "href": "data:,"}:
            return  # an empty icon: without it a browser asks the server for one
        if tag in ("script", "link", "iframe", "img", "object", "foreignobject"):
            self.suspicious.append(tag)
        for name, text in attributes:
            if name.startswith("on") or name in ("src", "href", "xlink:href", "action"):
                self.suspicious.append(f"{tag} {name}={text}")
            if name == "id":
                self.ids.append(text or "")


def check_page(page: str) -> None:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    assert checker.suspicious == []
    assert len(set(checker.ids)) == len(checker.ids)
    assert not re.search(r"url\(|@import", page)


def test_demo_writes_net_history_pictures_and_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", "out", "--epochs", "8"]) == 0
    out = capsys.readouterr().out
    assert "150 rows, 105 to train on, 45 held out" in out
    assert "held-out rows right" in out
    names = {"model.json", "history.csv", "graph.svg", "neuron.svg", "playground.html", "report.html"}
    assert set(os.listdir("out")) == names
    assert os.listdir() == ["out"]
    model = nn.load("out/model.json")
    assert model.encoding.target.levels == ("setosa", "versicolor", "virginica")
    history = list(csv.DictReader(Path("out/history.csv").read_text().splitlines()))
    assert len(history) == 8
    assert float(history[-1]["loss"]) < float(history[0]["loss"])
    for name in ("graph.svg", "neuron.svg"):
        assert ElementTree.parse(f"out/{name}").getroot().tag.endswith("svg")
    page = Path("out/report.html").read_text(encoding="utf-8")
    check_page(page)
    for word in ("Confusion matrix", "setosa", "Held-out accuracy", "sepal_length", "Batch size", "<svg"):
        assert word in page


def test_the_report_shows_what_was_diagnosed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[nn.History] = []
    fit = nn.fit

    def kill_then_fit(model: nn.MLP, *data: object, **settings: object) -> nn.History:
        for neuron in model.layers[0].neurons[:2]:
            neuron.b.data = -1000.0
        kept.append(fit(model, *data, **settings))
        return kept[-1]

    monkeypatch.setattr(nn, "fit", kill_then_fit)
    assert main(["demo", "--out", "out", "--epochs", "3", "--hidden", "4"]) == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    check_page(page)
    text = " ".join(re.sub(r"<[^>]*>", " ", html.unescape(page)).split())
    last = kept[0].diagnoses[-1]
    assert len(kept[0].diagnoses) == 3
    assert len(last.layers[0].dead) >= 2
    assert last.lead in text
    for row in last.table[1]:
        assert " ".join(row) in text
    for finding in last.findings:
        assert f"{finding.kind} {finding.verdict}. Remedy: {finding.remedy}." in text
    assert re.search("Over 3 epochs: first layer from .* to .*, last layer from ", page)


def test_the_report_shows_gradients_at_the_epochs_that_were_measured() -> None:
    assert main(["demo", "--out", "out", "--epochs", "33", "--hidden", "4"]) == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert "Over 33 epochs: first layer from" in page
    table = page.split("<summary>as numbers</summary>")[2].split("</table>")[0]
    shown = [int(epoch) for epoch in re.findall(r'<th scope="row">(\d+)</th>', table)]
    assert shown == [1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33]
    chart = page.split("Over 33 epochs: first layer")[1].split("</svg>")[0]
    places = [float(point.split(",")[0]) for point in re.search('points="([^"]*)"', chart)[1].split()]
    assert places[2] - places[1] == pytest.approx(places[3] - places[2], abs=0.2)
    assert places[1] - places[0] == pytest.approx((places[3] - places[2]) * 2 / 3, abs=0.2)


def test_the_report_of_a_net_of_one_layer() -> None:
    data = write(small_table())
    assert main(["train", data, "--target", "kind", "--epochs", "2", "--hidden", "0", "--out", "net"]) == 0
    page = Path("net/report.html").read_text(encoding="utf-8")
    check_page(page)
    assert "last layer from" in page
    assert "first layer" not in page


def test_the_same_seed_gives_the_same_files() -> None:
    for out in ("a", "b"):
        assert main(["demo", "--out", out, "--epochs", "2", "--seed", "3"]) == 0
    for name in ("model.json", "history.csv"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


@pytest.mark.slow
def test_iris_is_learned_with_any_seed(capsys: pytest.CaptureFixture[str]) -> None:
    found = []
    for seed in range(10):
        assert main(["demo", "--out", "out", "--seed", str(seed)]) == 0
        found.append(float(re.search(r"accuracy (\d\.\d+)", capsys.readouterr().out).group(1)))
    assert sorted(found)[5] >= 0.95
    assert sorted(found)[4] >= 0.95


def test_train_then_predict(capsys: pytest.CaptureFixture[str]) -> None:
    data = write(small_table(40))
    assert main(["train", data, "--target", "kind", "--epochs", "20", "--hidden", "8", "--out", "net"]) == 0
    out = capsys.readouterr().out
    assert "target 'kind': classification (the target is text)" in out
    assert "column 'colour': text, one input for each of blue, red" in out
    assert main(["predict", "net/model.json", data]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 40
    assert list(rows[0]) == ["length", "width", "colour", "kind", "prediction"]
    assert sum(row["prediction"] == row["kind"] for row in rows) >= 34
    # the target may be missing, and columns may come in another order
    write("colour,width,length,prediction\nred,0,1.1,0\nblue,0,-0.2,0\n", "new.csv")
    assert main(["predict", "net/model.json", "new.csv"]) == 0
    assert [row["prediction_"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == [
        "cat",
        "dog",
    ]


def test_train_a_regression(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(1)
    rows = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(60)]
    data = write("a;b;price\n" + "".join(f"{a};{b};{1000 + 300 * a - 200 * b}\n" for a, b in rows))
    assert main(["train", data, "--target", "price", "--epochs", "60", "--hidden", "8", "--out", "net"]) == 0
    out = capsys.readouterr().out
    assert "regression (the target is a number" in out
    assert float(re.search(r"R² (\d\.\d+)", out).group(1)) > 0.9
    check_page(Path("net/report.html").read_text(encoding="utf-8"))
    assert main(["predict", "net/model.json", data]) == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out), delimiter=";"))
    assert all(abs(float(row["prediction"]) - float(row["price"])) < 120 for row in found)


@pytest.mark.parametrize(
    ("target", "options", "task"),
    [
        (["0", "1", "2"], [], "classification"),
        (["0.5", "1.5"], [], "regression"),
        (["0", "1", "2"], ["--task", "regression"], "regression"),
        (["0.5", "1.5"], ["--task", "classification"], "classification"),
        ([str(i) for i in range(11)], [], "regression"),
        (["yes", "no"], [], "classification"),
    ],
)
def test_the_task_is_chosen_and_said(
    target: list[str], options: list[str], task: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write("x,y\n" + "".join(f"{i},{target[i % len(target)]}\n" for i in range(44)))
    assert main(["train", data, "--target", "y", *FAST, *options]) == 0
    assert f"target 'y': {task} (" in capsys.readouterr().out
    assert Path("data-model/model.json").exists()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + small_table(),
        small_table().replace(",", ";"),
        small_table().replace(",", "\t"),
        small_table().replace("\n", "\r\n"),
        small_table().replace("red", '"red, or\nso"'),
        small_table().replace("red", '"say ""red"""'),
        small_table() + "\n\n",
    ],
    ids=["mark", "semicolon", "tab", "crlf", "quoted", "quotes", "blank lines"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_of_many_makes_are_read(text: str, encoding: str) -> None:
    data = write(text.encode(encoding))
    table = read_table(data)
    assert table.header == ("length", "width", "colour", "kind")
    assert len(table.rows) == 20
    assert main(["train", data, "--target", "kind", *FAST]) == 0


# -------------------------------------------------------------------------------------------------- mistakes

ROWS = "".join(f"{i},{i % 3},{'ab'[i % 2]}\n" for i in range(1, 13))
GOOD = "x,z,y\n" + ROWS
SEMICOLONS = GOOD.replace(",", ";")
CLASSES = "".join(f"{i},c{i}\n" for i in range(60))
HUGE = "".join(f"{i}e308,{'ab'[i > 0]}\n" for i in (-1.7, 1.7, 1.7, 1.7) * 5)
MANY = "x,name,y\n" + "".join(f"{i},n{i},{'ab'[i % 2]}\n" for i in range(40))


def test_decimal_commas_between_semicolons(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(i + 0.25, 2 * i, f"k{i % 2}") for i in range(20)]
    for name, separator, comma in (("point.csv", ",", "."), ("comma.csv", ";", ",")):
        lines = [separator.join([str(a).replace(".", comma), str(b), kind]) for a, b, kind in rows]
        Path(name).write_text("\n".join([separator.join("abk"), *lines]) + "\n")
        assert main(["train", name, "--target", "k", *FAST, "--out", name[:5]]) == 0
    assert "column 'a': decimal commas\n" in capsys.readouterr().out
    nets = [nn.load(f"{folder}/model.json").state_dict() for folder in ("point", "comma")]
    assert nets[0] == nets[1]
    assert main(["predict", "comma/model.json", "comma.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("0,25;0;k0;k")


def test_predictions_stand_beside_a_table_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    """No number in the table's own spelling is a formula: the result can be read again, and trained on."""
    lines = [f"{0.025 * (i - 20):.3f};{i};-1.0{i:02},5".replace(".", ",", 1) for i in range(40)]
    data = write("\n".join(["a;b;price", *lines, ""]))
    assert main(["train", data, "--target", "price", *FAST, "--out", "net"]) == 0
    assert main(["predict", "net/model.json", data]) == 0
    rows = capsys.readouterr().out.split("points part thousands, -1.000,5 is -1000.5\n")[-1].splitlines()[-41:]
    assert rows[0] == "a;b;price;prediction"
    assert [row.rpartition(";")[0] for row in rows[1:]] == lines
    again = write("\n".join([*rows, ""]))
    assert main(["predict", "net/model.json", again]) == 0
    assert main(["train", again, "--target", "prediction", *FAST, "--out", "second"]) == 0
    assert "column 'prediction': decimal commas\n" in capsys.readouterr().out


FLATS = [(20 + 7 * i % 90, 1.5 * i + 0.25, 300 + 41 * i) for i in range(40)]  # area, share, price: 300 to 1899


def german(flats: list[tuple[int, float, int]], price: str = "{:,}") -> str:
    lines = [f"{area};{share};".replace(".", ",") + price.format(cost).replace(",", ".") for area, share, cost in flats]
    return "\n".join(["Fläche;Anteil;Preis", *lines, ""])


def test_points_part_thousands_where_commas_are_decimal_commas(capsys: pytest.CaptureFixture[str]) -> None:
    Path("german.csv").write_text(german(FLATS), encoding="utf-8")
    Path("cents.csv").write_text(german(FLATS, "{:,};").replace(";\n", ",00\n"), encoding="utf-8")
    plain = "\n".join(["Fläche,Anteil,Preis", *[",".join(map(str, flat)) for flat in FLATS], ""])
    Path("plain.csv").write_text(plain, encoding="utf-8")
    for name in ("german", "cents", "plain"):
        assert main(["train", f"{name}.csv", "--target", "Preis", *FAST, "--out", name]) == 0
        said = capsys.readouterr().out
        if name == "german":
            assert "column 'Anteil': decimal commas\n" in said
            assert "column 'Preis': points part thousands, 1.038 is 1038\n" in said
        if name == "cents":
            assert "column 'Preis': decimal commas; points part thousands, 1.038,00 is 1038.00\n" in said
    nets = [nn.load(f"{folder}/model.json").state_dict() for folder in ("german", "cents", "plain")]
    assert nets[0] == nets[1] == nets[2]
    Path("new.csv").write_text("Fläche;Anteil\n1.038;2,5\n", encoding="utf-8")
    assert main(["predict", "german/model.json", "new.csv"]) == 0
    assert "column 'Fläche': points part thousands, 1.038 is 1038" in capsys.readouterr().err
    Path("new.csv").write_text("Fläche,Anteil\n1038,2.5\n", encoding="utf-8")
    assert main(["predict", "german/model.json", "new.csv"]) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (german(FLATS).replace("1.038", "2.08"), "row 20, column 'Preis': '2.08' is not a number here: elsewhere in the"
         " table commas are decimal commas, and points part groups of three digits; write 2,08"),
        (german(FLATS).replace(";1.038", ";0.123"), "row 20, column 'Preis': '0.123' is not a number here"),
        (german(FLATS).replace(";1.038", ";1.038 €"), "row 20, column 'Preis': '1.038 €' is not a number; leave out"),
        (german(FLATS, "{} €"), "row 2, column 'Preis': '300 €' is not a number; leave out what is written beside it:"
         " 300; or is every value a class? --task classification"),
        (german([flat for flat in FLATS if flat[0] != 20], "{}.5 €"), "column 'Preis': '341.5 €' is not a number;"),
        (re.sub(r";\d+,\d+;", ";1;", german(FLATS)), "row 20, column 'Preis': '1.038' may be 1038, or a little over 1:"
         " nothing in the table tells; write 1038 or 1.0380"),
    ],
)  # fmt: skip
def test_a_number_that_no_table_with_decimal_commas_has(
    content: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in error(["train", write(content), "--target", "Preis", *FAST], capsys)


def test_a_comma_too_many_at_the_end_of_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    for text in (GOOD.replace("y\n", "y,\n", 1), GOOD.replace("\n", ",,\n")):
        assert read_table(write(text)) == read_table(write(GOOD))
    broken = write(GOOD.replace("y\n", "y,\n", 1).replace("4,1,a", "4,1,a,7"))
    assert "row 1: column 4 has no name" in error(["train", broken, "--target", "y"], capsys)


def test_numbers_that_may_be_codes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"0{1067 + 7 * i % 50},{i % 3},{'ab'[i % 2]}" for i in range(20)]
    assert main(["train", write("\n".join(["plz,z,y", *lines, ""])), "--target", "y", *FAST]) == 0
    assert "column 'plz': 01067 is read as the number 1067; if it is a code: --drop 'plz'\n" in capsys.readouterr().out


def test_a_true_minus_sign_in_most_rows_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{'−' * (i % 5 > 0)}{i + 0.5};{i % 3};{'ab'[i % 2]}" for i in range(60)]
    path = write("\n".join(["x;z;y", *lines, ""]))
    minus = "column 'x': '−1.5' is not a number; write the minus sign as the one on the keyboard: -1.5"
    assert f"row 3, {minus}" in error(["train", path, "--target", "y", *FAST], capsys)
    assert f"row 3, {minus}" in error(["train", path, "--target", "x", *FAST], capsys)


def test_columns_of_three_decimals_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{i + 1}.{i:03};{i};{'ab'[i % 2]}" for i in range(20)]
    assert main(["train", write("\n".join(["x;z;y", *lines, ""])), "--target", "y", *FAST]) == 0
    assert "points" not in capsys.readouterr().out


@pytest.mark.parametrize("line", ["sep=;\r\n", "SEP=;\n"])
def test_the_first_line_may_name_the_delimiter(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", write(line + SEMICOLONS), "--target", "y", *FAST]) == 0
    capsys.readouterr()
    broken = line + SEMICOLONS.replace("4;1;a", "4;1")
    assert "row 5: expected 3 cells" in error(["train", write(broken), "--target", "y", *FAST], capsys)
    assert read_table(write("sep=|\na,b|c\n1|2\n", "bars.csv")).header == ("a,b", "c")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "data.csv: the file is empty; expected a header line and rows"),
        ("\n\n", "data.csv: the file is empty; expected a header line and rows"),
        ("x,z,y\n", "data.csv: a header but no rows"),
        (GOOD.replace("4,1,a", "4,1"), "data.csv: row 5: expected 3 cells, as in the header, got 2"),
        (GOOD.replace("4,1,a", "4,1,b,c"), "data.csv: row 5: expected 3 cells, as in the header, got 4"),
        (GOOD.replace("4,1,a", "4,,b"), "row 5, column 'z': a missing cell; fill it in or remove the row"),
        (GOOD.replace("4,1,a", "4,NA,b"), "data.csv: row 5, column 'z': a missing cell"),
        (GOOD.replace("4,1,a", "4,1, "), "data.csv: row 5, column 'y': a missing cell"),
        (GOOD.replace("4,1,a", ",,"), "data.csv: row 5, column 'y': a missing cell"),
        ("x,z,y\n\n1,,a\n2,2,b\n3,,a\n4,4,b\n", "row 3, column 'z': a missing cell (and in 1 more rows)"),
        (GOOD.replace("4,1,a", "four,1,b"), "data.csv: row 5, column 'x': 'four' is not a number"),
        (GOOD.replace("4,1,a", "1e999,1,b"), "data.csv: row 5, column 'x': '1e999' is too large for a float"),
        (GOOD.replace("4,1,a", "inf,1,b"), "data.csv: row 5, column 'x': 'inf' is not a number"),
        (GOOD.replace("4,1,a", "1_0,1,b"), "data.csv: row 5, column 'x': '1_0' is not a number"),
        (GOOD.replace("x,z", "x,x"), "data.csv: row 1: the column name 'x' stands there twice"),
        (GOOD.replace("x,z", "x, x "), "data.csv: row 1: the column name 'x' stands there twice"),
        (GOOD.replace("x,z", "x,"), "data.csv: row 1: column 2 has no name"),
        (GOOD.replace(",y", ",target"), "data.csv: no column 'y'; the columns are 'x', 'z', 'target'"),
        (GOOD.replace("b", "a"), "data.csv: column 'y': one class only, 'a': nothing to tell apart"),
        (MANY, "40 different texts, at most 20 can be one-hot encoded; leave the column out: --drop 'name'"),
        (GOOD.replace("4,1,a", '4,"1,a'), "data.csv: row 5: a quoted cell never ends"),
        (GOOD.replace("4,1,a", "4,1,\0b"), "data.csv: row 5: a zero byte; this is not a text file"),
        (b"x,z,y\n1,2,a\n2,\xe9,b\n", "row 3: byte 0xe9 at position 14 is not UTF-8; save"),
        (b"\xef\xbb\xbfx,y\n\xff,b\n", "data.csv: row 2: byte 0xff at position 7 is not UTF-8"),
        (b"\xff\xfex\0,\0y", "is not UTF-16"),
        (SEMICOLONS.replace("4;1;a", "4,500;1;a"), "'4,500' is not a number; write the decimal comma"),
        ("y\n1\n2\n", "data.csv: no column is left to predict 'y' from"),
        ("x,y\n1,a\n2,b\n", "2 rows are too few to hold some out; expected two or more of each class"),
        ("x,y\n" + CLASSES, "60 different values are too many classes, at most 50"),
        ("x,y\n" + HUGE, "column 'x': numbers too large"),
    ],
)  # fmt: skip
def test_broken_tables(content: str | bytes, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in error(["train", write(content), "--target", "y", *FAST], capsys)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["train", "none.csv", "--target", "y"], "none.csv: no such file"),
        (["train", ".", "--target", "y"], ".: a folder, not a file"),
        (["train", "a\0b", "--target", "y"], "cannot be read"),
        (["train", "data.csv", "--target", "Y"], "data.csv: no column 'Y'; did you mean 'y'?"),
        (["train", "data.csv", "--target", "yy"], "data.csv: no column 'yy'; did you mean 'y'?"),
        (["train", "data.csv", "--target", "y", "--drop", "q"], "data.csv: no column 'q'"),
        (
            ["train", "data.csv", "--target", "y", "--task", "regression"],
            "row 2, column 'y': 'b' is not a number",
        ),
        (
            ["train", "data.csv", "--target", "y", "--task", "other"],
            "argument --task: invalid choice: 'other'",
        ),
        (
            ["train", "data.csv", "--target", "y", "--hidden", "16x8"],
            "expected commas between the layers, 16,8; got '16x8'",
        ),
        (
            ["train", "data.csv", "--target", "y", "--hidden", "4,x"],
            "expected a whole number from 1 to 1000000",
        ),
        (
            ["train", "data.csv", "--target", "y", "--epochs", "0"],
            "expected a whole number from 1 to 1000000",
        ),
        (["train", "data.csv", "--target", "y", "--lr", "-1"], "expected a number above 0, got '-1'"),
        (
            ["train", "data.csv", "--target", "y", "--activation", "foo"],
            "argument --activation: invalid choice: 'foo'",
        ),
        (["train", "data.csv", "--target", "y", "--out", "data.csv"], "data.csv: not a folder"),
        (["train", "data.csv"], "the following arguments are required: --target"),
        (["predict", "none.json", "data.csv"], "none.json: No such file or directory"),
        (["predict", "data.csv", "data.csv"], "data.csv: line 1, column 1: expected JSON"),
        (["demo", "--out", "data.csv"], "data.csv: not a folder"),
        (["dmeo"], "invalid choice: 'dmeo'"),
        ([], "the following arguments are required: COMMAND"),
        (["draw", "x +* 2", "x=1"], "position 4: invalid syntax in 'x +* 2'"),
        (["draw", "x * z", "x=1"], "position 5: no value for 'z'; add z=1.0"),
        (["explain", "x * y", "x=1", "y=2", "--wrt", "z"], "--wrt 'z': no such variable in"),
        (["draw", "x", "x=one"], "'x=one': 'one' is not a number"),
        (["draw", "x", "x=pi/2"], "'x=pi/2': 'pi/2' is not a number; write 3.141592653589793 for pi"),
        (["draw", "x", "x"], "'x': expected name=number, such as x=2.5"),
        (["draw", "x", "x=1", "x=2"], "'x=2': 'x' is given twice"),
        (["draw", "x", "x=1", "-o", "x.gif"], "cannot save a picture as 'x.gif'"),
        (["draw", "x", "x=1", "-o", "nowhere/x.svg"], "nowhere: no such folder"),
    ],
)
def test_mistyped_commands(argv: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(GOOD)
    assert message in error(argv, capsys)


def test_a_file_that_is_too_large_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with open("big.csv", "wb") as file:
        file.truncate(LARGEST + 1)  # takes no room on the disk
    assert "big.csv: larger than 100 MB" in error(["train", "big.csv", "--target", "y"], capsys)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("length,width\n1,2\n", "new.csv: no column 'colour'"),
        ("length,width,colour\n1,2,green\n", "row 2, column 'colour': 'green' was not there in training"),
        ("length,width,colour\n1,,red\n", "new.csv: row 2, column 'width': a missing cell"),
        ("length,width,colour\n1,two,red\n", "new.csv: row 2, column 'width': 'two' is not a number"),
        ("length,width,colour\n", "new.csv: a header but no rows"),
    ],
)  # fmt: skip
def test_rows_that_a_net_cannot_read(content: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", write(small_table()), "--target", "kind", *FAST]) == 0
    capsys.readouterr()
    assert message in error(["predict", "data-model/model.json", write(content, "new.csv")], capsys)
    assert capsys.readouterr().out == ""


def test_a_net_without_columns_cannot_predict(capsys: pytest.CaptureFixture[str]) -> None:
    nn.MLP(2, [1], seed=0).save("plain.json")
    message = error(["predict", "plain.json", write(GOOD)], capsys)
    assert "plain.json: encoding: expected the columns that the net was trained on, found none" in message


def test_an_interrupt_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for module, name in (("job.nn", "fit"), ("job", "report")):
        with monkeypatch.context() as patch:
            patch.setattr(f"autograd_lite.cli.{module}.{name}", interrupt)
            assert main(["demo", "--out", "out", "--epochs", "1"]) == 130
        assert os.listdir() == []
    assert "Traceback" not in capsys.readouterr().err


def test_a_failed_write_leaves_older_files_as_they_were(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", "out", "--epochs", "1"]) == 0
    before = {name: Path("out", name).read_bytes() for name in os.listdir("out")}

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "report.html")

    monkeypatch.setattr("autograd_lite.cli.job.report", full)
    assert main(["demo", "--out", "out", "--epochs", "1", "--seed", "1"]) == 2
    assert "report.html: No space left on device" in capsys.readouterr().err
    assert {name: Path("out", name).read_bytes() for name in os.listdir("out")} == before
    assert os.listdir() == ["out"]


def test_a_folder_that_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(prefix: str, dir: Path) -> None:
        raise PermissionError(13, "Permission denied", f"{dir}/{prefix}x7d9")

    monkeypatch.setattr("autograd_lite.cli.job.tempfile.mkdtemp", refused)
    assert main(["demo", "--out", "out", "--epochs", "1"]) == 2
    message = "out: no folder can be made there (Permission denied); choose another by --out"
    assert capsys.readouterr().err.endswith(f"autograd-lite: {message}\n")


# ------------------------------------------------------------------------------------------ hostile contents


def test_csv_cells_are_no_formulas_and_numbers_stay() -> None:
    cells = ["=1+1", " =1", "+x", "-x", "@x", "\tx", "-1.5", "+2", "plain", "-1+2", "-0,025", "-1.038,5", "+"]
    found = next(csv.reader(io.StringIO(format_csv([cells]))))
    assert found == ["'=1+1", "' =1", "'+x", "'-x", "'@x", "'\tx", "-1.5", "+2", "plain", "'-1+2", *cells[-3:-1], "'+"]


def test_messages_stay_one_printable_line(capsys: pytest.CaptureFixture[str]) -> None:
    message = error(["train", "no\nsuch\x1b[31m.csv", "--target", "y"], capsys)
    assert message == "no such�[31m.csv: no such file"
    assert safe("\x00\u202e\ud800a") == "�\\u202e�a"


# ------------------------------------------------------------------------------------------------- pictures


def test_draw(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "sigmoid(w*x + b)", "w=2", "x=-1", "b=0.5", "-o", "neuron.svg"]) == 0
    out = capsys.readouterr().out
    s = 1.0 / (1.0 + math.exp(1.5))
    slope = s * (1.0 - s)
    gradients = f"d/dw = −{slope:.6g}, d/dx = {2 * slope:.6g}, d/db = {slope:.6g}"
    assert out == f"value = {s:.6g}, {gradients}; wrote neuron.svg\n"
    texts = "".join(ElementTree.parse("neuron.svg").getroot().itertext())
    for word in ("σ", "×", "w", "x", "b"):
        assert word in texts


@pytest.mark.parametrize("suffix", ["dot", "mmd", "html"])
def test_draw_in_other_forms(suffix: str) -> None:
    assert main(["draw", "-x ** 2", "x=3", "-o", f"graph.{suffix}"]) == 0
    assert Path(f"graph.{suffix}").read_text(encoding="utf-8")


def test_draw_tells_of_a_variable_that_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "x", "x=1", "y=2"]) == 0
    assert capsys.readouterr().err == "autograd-lite: note: 'y' does not occur in the expression\n"


def test_draw_tells_of_a_result_that_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "z = w*2; w*3", "w=1"]) == 0
    assert capsys.readouterr().err == "autograd-lite: note: 'z' is not used in the last result\n"
    assert main(["draw", "z = w*2; a = z*3", "w=1"]) == 0
    assert not capsys.readouterr().err


def test_train_keeps_the_net_of_another_target(capsys: pytest.CaptureFixture[str]) -> None:
    lines = "\n".join(f"{i},{2 * i},{'ab'[i % 2]}" for i in range(20))
    Path("flats.csv").write_text(f"size,price,town\n{lines}\n", encoding="utf-8")
    assert main(["train", "flats.csv", "--target", "price", "--epochs", "1"]) == 0
    before = Path("flats-model/model.json").read_bytes()
    capsys.readouterr()
    assert main(["train", "flats.csv", "--target", "town", "--epochs", "1"]) == 2
    error = capsys.readouterr().err
    assert "a net that predicts price is there; choose another folder by --out" in error and "model.json" in error
    assert Path("flats-model/model.json").read_bytes() == before
    assert main(["train", "flats.csv", "--target", "price", "--epochs", "2"]) == 0  # the same target: made anew
    assert main(["train", "flats.csv", "--target", "town", "--epochs", "1", "--out", "flats-model"]) == 0  # as asked


def test_axis_ticks_are_round_and_inside() -> None:
    for low, high in ((0.0, 1.0), (-3.0, 17.5), (1e-9, 2e-9), (0.0, 1e12), (99.0, 100.0)):
        ticks = Axis(low, high, 0.0, 1.0).ticks()
        assert 3 <= len(ticks) <= 10
        assert all(low <= tick <= high for tick in ticks)
    for low, high in ((1e-8, 1.0), (0.02, 3.0)):
        assert 3 <= len(Axis(low, high, 0.0, 1.0, True).ticks()) <= 12


@pytest.mark.parametrize("curve", [[], [1.0], [0.0, 0.0], [5.0] * 3, [1e300, 1e-300], [math.nan, 1.0], [math.inf]])
def test_any_curve_can_be_drawn(curve: list[float]) -> None:
    ElementTree.fromstring(curves_chart({"<a>": curve}, range(1, len(curve) + 1)))
    ElementTree.fromstring(points_chart([(x, -x) for x in curve], "a", "b"))


def test_no_number_of_an_axis_is_cut_off_at_the_right() -> None:
    chart = ElementTree.fromstring(points_chart([(200.0, 220.0), (1334.0, 1350.0)], "true", "predicted"))
    below = {part.text: float(part.get("x", "nan")) for part in chart.iter() if part.get("text-anchor") == "middle"}
    assert below["1400"] + 4 * len("1400") <= 520


# ------------------------------------------------------------------------------------------- as a program


def program(*argv: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parent.parent))
    return subprocess.run(
        [sys.executable, "-m", "autograd_lite", *argv],
        capture_output=True,
        text=True,
        env=environment,
        **options,
    )


def test_python_m_is_the_same_program() -> None:
    done = program("draw", "x*x", "x=3")
    assert (done.returncode, done.stdout) == (0, "value = 9, d/dx = 6; wrote graph.svg\n")
    done = program("--help")
    assert done.returncode == 0
    for command in ("demo", "train", "predict", "draw"):
        assert command in done.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_is_written_is_utf_8_whatever_the_system_speaks(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    done = program("explain", "tanh(w*x)", "w=2", "x=-1", "--wrt", "w", encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("∂f/∂w = ")
    table = write(small_table().replace("cat", "katze σ"))
    done = program("train", table, "--target", "kind", *FAST, encoding="utf-8")
    assert done.returncode == 0
    done = program("predict", "data-model/model.json", table, encoding="utf-8")
    assert done.returncode == 0 and ",katze σ," in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="closes a pipe as POSIX shells do")
def test_a_closed_pipe_is_no_error() -> None:
    write(small_table(3000))
    assert main(["train", write(small_table(), "small.csv"), "--target", "kind", *FAST]) == 0
    environment = dict(os.environ, PYTHONPATH=str(Path(__file__).parent.parent))
    command = f"{sys.executable} -m autograd_lite predict small-model/model.json data.csv | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "length,width,colour,kind,prediction\n"
    assert (done.returncode, done.stderr) == (0, "")


def test_explain_derives_the_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sigmoid(w*x + b)", "w=2", "x=-1", "b=0.5", "--wrt", "w"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("∂f/∂w = ") and "= −0.149146" in "\n".join(lines)


# ------------------------------------------------------------------------------------------- missing cells, row numbers


def x(i: int) -> str:
    return "" if i in (4, 9) else str(i % 5)


GAPS = "id,x,colour,y\n" + "".join(
    f"{i},{x(i)},{'' if i == 7 else 'red' if i % 3 else 'blue'},{'NA' if i == 12 else 'ab'[i % 2]}\n"
    for i in range(1, 25)
)


def test_missing_cells_are_dropped_or_filled_in_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "row 13, column 'y': a missing cell; fill it in or remove the row, or let --missing" in error(
        ["train", write(GAPS), "--target", "y", *FAST], capsys
    )
    assert main(["train", write(GAPS), "--target", "y", "--missing", "drop", *FAST]) == 0
    out = capsys.readouterr().out
    assert "4 rows of 24 left out, with a missing cell in 'y', 'x', 'colour'" in out and "20 rows, " in out
    assert main(["train", write(GAPS), "--target", "y", "--missing", "mean", *FAST]) == 0
    out = capsys.readouterr().out
    assert "1 row of 24 left out, with a missing cell in 'y'" in out
    assert "column 'x': 2 missing cells filled in with the mean, " in out
    assert "column 'colour': 1 missing cell filled in with the most frequent text, red" in out
    assert "column 'id': counts the rows, and is an input" not in out  # row 12 is gone


def test_the_mean_of_the_training_rows_is_filled_in() -> None:
    table = Table("t", ("x",), (("1",), ("",), ("3",), ("100",)), (2, 3, 4, 5))
    assert fill(table, ["x"], [0, 1, 2]).rows == (("1",), ("2.0",), ("3",), ("100",))
    with pytest.raises(ValueError, match="column 'x': a missing cell in every row to train on; leave the column out"):
        fill(table, ["x"], [1])


def test_a_column_that_counts_the_rows_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    full = "id,x,y\n" + "".join(f"{i},{i % 5},{'ab'[i % 2]}\n" for i in range(1, 25))
    assert main(["train", write(full), "--target", "y", *FAST]) == 0
    assert (
        "column 'id': counts the rows, and is an input; if it is no more than that: --drop 'id'"
        in capsys.readouterr().out
    )
    assert main(["train", write(full), "--target", "y", "--drop", "id", *FAST]) == 0
    assert "counts the rows" not in capsys.readouterr().out
