"""Marking: every answer of a key is right, each slip is named, and a class is a table that becomes a table."""

import csv
import io
import json

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.words import speaking
from autograd_lite.worksheets import Worksheet
from tests.test_worksheet import example, neuron


@pytest.mark.parametrize("seed", range(6))
def test_the_key_is_right_and_rounded_answers_are(seed: int) -> None:
    sheet = ag.worksheet(example() if seed % 2 else neuron(), seed)
    grades = sheet.grade({blank.number: blank.answer for blank in sheet.blanks})
    assert grades and grades.score == 1.0 and {row.kind for row in grades.rows} == {"exact"}
    rounded = sheet.grade({f"({b.number})": f"{b.answer:.4g}".replace(".", ",") for b in sheet.blanks})
    assert rounded and rounded.score == 1.0
    assert not sheet.grade({}) and {row.kind for row in sheet.grade({}).rows} == {"missing"}
    assert json.loads(json.dumps(grades.to_dict()))["of"] == len(sheet.blanks)


def blank_of(sheet: Worksheet, column: str, node: str, to: str = ""):
    wanted = column, node, to or None
    return next(b for b in sheet.blanks if (b.column, b.node, b.contribution and b.contribution.name) == wanted)


def full() -> Worksheet:
    """A sheet all of whose numbers are blanks: f = a·b + a, v1 = a·b."""
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    return ag.worksheet(a * b + a, seed=9, blanks=12)


def test_each_slip_is_named() -> None:
    sheet = full()
    a, b = (node.data for node in sheet.names.view.leaves)
    local, handed = blank_of(sheet, "local derivative", "v1", "a"), blank_of(sheet, "contribution", "v1", "a")
    total, gradient = blank_of(sheet, "total so far", "v1", "a"), blank_of(sheet, "its gradient", "a")
    assert (local.answer, handed.answer, total.answer, gradient.answer) == (b, b, b + 1.0, b + 1.0)
    cases = [
        (local, a, "node", "this is ∂v1/∂b"),
        (local, -b, "sign", "the sign is not"),
        (local, a * b, "value", "this is the value of v1"),
        (local, 17.0, "wrong", "it is b"),
        (blank_of(sheet, "local derivative", "f", "v1"), 17.0, "wrong", "the derivative of v1 + a by v1, a constant"),
        (local, "b", "no number", "a text that spells no number"),
        (handed, 1.0, "factor", "this is ∂f/∂v1 alone: multiply by ∂v1/∂a"),
        (handed, b + 1.0, "factor", "multiplied, not added"),
        (handed, 17.0, "wrong", "it is ∂f/∂v1 · ∂v1/∂a"),
        (total, b, "path", "this is the contribution alone: add what had arrived before"),
        (total, 17.0, "wrong", "it is the total before and this contribution"),
        (gradient, b, "path", "only what comes through v1"),
    ]
    for blank, answer, kind, hint in cases:
        row = sheet.grade({blank.number: answer}).rows[blank.number - 1]
        assert (row.kind, row.expected) == (kind, blank.answer) and hint in row.hint, (blank, answer, row)
        assert f"({blank.number})" in row.name and not row.right
        bare = sheet.grade({blank.number: answer}, hints=False).rows[blank.number - 1]
        assert bare.hint == (row.hint if kind == "no number" else "")


def test_what_is_right_with_an_earlier_mistake_follows_from_it() -> None:
    sheet = full()
    a, b = (node.data for node in sheet.names.view.leaves)
    answers = {blank.number: blank.answer for blank in sheet.blanks}
    local = blank_of(sheet, "local derivative", "v1", "a").number
    chain = [blank_of(sheet, "contribution", "v1", "a"), blank_of(sheet, "total so far", "v1", "a"),
             blank_of(sheet, "its gradient", "a")]  # fmt: skip
    wrong = 7.5
    answers |= {local: wrong, chain[0].number: wrong, chain[1].number: wrong + 1.0, chain[2].number: wrong + 1.0}
    grades = sheet.grade(answers)
    rows = [grades.rows[blank.number - 1] for blank in chain]
    assert {row.kind for row in rows} == {"follows"} and grades.rows[local - 1].kind == "wrong"
    assert f"right with the answer to ({local})" in rows[0].hint
    assert sum(row.right for row in grades.rows) == len(grades.rows) - 4 and a != b
    assert str(grades).splitlines()[-1] == "3 follow from an earlier mistake"
    counted = sheet.grade(answers, follows=True)
    assert counted.right == grades.right + 3 and "follow from" not in str(counted)
    assert [row.kind for row in counted.rows].count("carried") == 3


def test_what_is_no_blank_is_listed() -> None:
    sheet = ag.worksheet(neuron(), blanks=3)
    grades = sheet.grade({1: sheet.blanks[0].answer, 4: 1.0, "x": 2.0})
    assert [row.kind for row in grades.rows] == ["exact", "missing", "missing", "label", "label"]
    assert "no such blank; they are (1) to (3)" in str(grades) and "<th" in grades._repr_html_()
    with pytest.raises(TypeError, match=r"the answers must be a dict \{1: number, …\}, not list"):
        sheet.grade([1.0])


# ------------------------------------------------------------------------------------------------------------ a class


def table_of_answers(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_grades_are_in_the_language_that_was_chosen() -> None:
    ag.language("de")
    try:
        texts = str(full().grade({1: "a"})), str(ag.check_answers(full().out, {"q": 1, "a": "viel"}))
    finally:
        ag.language("en")
    assert "ein Text, der keine Zahl ist" in texts[0] and "die Namen sind a, b, v1, f" in texts[1]
    assert "spells" not in "".join(texts)


def test_a_class_has_its_heads_in_the_language_too(tmp_path) -> None:
    (tmp_path / "answers.csv").write_text("name,1\nAda,1\n", encoding="utf-8")
    with speaking("de"):
        grades = ag.grade_csv(neuron(), tmp_path / "answers.csv", blanks=1)
        assert grades.table[0] == ["name", "Blatt", "richtig", "von", "Anteil"]
        assert grades.csv.startswith("name,Blatt,richtig,von,Anteil,(1)\n")
    assert grades.table[0] == ["name", "sheet", "right", "of", "score"]


def test_a_class_with_a_sheet_each(tmp_path) -> None:
    out, rows = neuron(), []
    for i, name in enumerate(["Ada", "Blaise", "=Carl"]):
        answers = {str(b.number): f"{b.answer:.5g}" for b in ag.worksheet(out, i + 5, blanks=6).blanks}
        answers[str(i + 1)] = "" if i == 2 else "99"
        rows.append({"name": name, "sheet": str(i + 5), **answers})
    (tmp_path / "answers.csv").write_text(table_of_answers(rows), encoding="utf-8")
    grades = ag.grade_csv(out, tmp_path / "answers.csv", tmp_path / "grades.csv", blanks=6)
    assert [row.grades.score for row in grades.rows] == [pytest.approx(5 / 6)] * 3 == [grades.score] * 3
    written = list(csv.DictReader((tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["name"] for row in written] == ["Ada", "Blaise", "'=Carl"]  # no formula for a spreadsheet
    assert [row["right"] for row in written] == ["5"] * 3 and written[0]["(2)"] == "right"
    assert written[0]["(1)"].startswith("wrong: ") and written[2]["(3)"] == "not answered"
    bare = ag.grade_csv(out, [tmp_path / "answers.csv"] * 2, blanks=6, hints=False)
    assert len(bare.rows) == 6 and "wrong: " not in bare.csv
    assert "Blaise" in str(grades) and "score" in grades._repr_html_()


def test_a_sheet_may_have_a_negative_seed(tmp_path) -> None:
    (tmp_path / "answers.csv").write_text("sheet,1\n-1,1\n−1,1\n", encoding="utf-8")
    grades = ag.grade_csv(neuron(), tmp_path / "answers.csv", blanks=1)
    assert [row.sheet for row in grades.rows] == [-1, -1]
    assert grades.rows[0].grades.rows[0].expected == ag.worksheet(neuron(), -1, blanks=1).blanks[0].answer


@pytest.mark.parametrize("head", ["sheet", "Sheets", "Seed", "sheet no.", "Blatt", "Blatt-Nr.", "HOJA", "ficha"])
def test_the_column_of_sheets_is_known_in_each_language_whichever_is_chosen(tmp_path, head: str) -> None:
    right = {n: ag.worksheet(neuron(), n, blanks=12) for n in (0, 3)}
    answers = {str(b.number): str(b.answer) for b in right[3].blanks}
    assert right[0].grade({b.number: b.answer for b in right[3].blanks}).score < 1  # the wrong sheet would be seen
    path = tmp_path / "answers.csv"
    path.write_text(table_of_answers([{"name": "Ada", head: "3", **answers}]), encoding="utf-8")
    grades = ag.grade_csv(neuron(), path, blanks=12)
    assert grades.score == 1 and grades.rows[0].sheet == 3 and grades.notes == []
    assert grades.table == (["name", "sheet", "right", "of", "score"], [["Ada", "3", "12", "12", "1"]])


def test_a_table_without_a_column_of_sheets_is_noted(tmp_path) -> None:
    for name, text in (("one", "name,1\nAda,1\n"), ("two", "sheet,1\n4,1\n"), ("three", "blatter,1\n7,1\n")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    paths = [tmp_path / f"{name}.csv" for name in ("one", "two", "three")]
    grades = ag.grade_csv(neuron(), paths, blanks=1, seed=6)
    assert [row.sheet for row in grades.rows] == [6, 4, 6]
    assert grades.notes == [f"{path} has no column “sheet”: all its rows are marked as sheet 6" for path in paths[::2]]
    assert "no column “sheet”" in str(grades) and "no column “sheet”" in grades._repr_html_()


def test_a_class_is_doubted_where_the_sheets_may_be_those_of_another_expression(tmp_path) -> None:
    w, x, b = Value(2.0, label="w"), Value(3.0, label="x"), Value(1.0, label="b")
    made, typed, path = (w * x + b).sigmoid(), (b + x * w).sigmoid(), tmp_path / "answers.csv"
    rows = []
    for seed in range(4):
        answers = {str(blank.number): str(blank.answer) for blank in ag.worksheet(made, seed, 8).blanks}
        rows.append({"sheet": str(seed), **answers})
    path.write_text(table_of_answers(rows), encoding="utf-8")
    assert ag.grade_csv(made, path, blanks=8).notes == []
    grades = ag.grade_csv(typed, path, blanks=8)
    assert grades.score < 0.5 and "the expression as it was typed for the sheets" in str(grades)
    path.write_text(table_of_answers([{**row, "8": "7"} for row in rows]), encoding="utf-8")
    assert ag.grade_csv(made, path, blanks=8).notes == []


def test_a_head_may_have_a_point_and_a_blank_without_a_column_is_told(tmp_path) -> None:
    path, cells = tmp_path / "answers.csv", ",".join(str(b.answer) for b in ag.worksheet(neuron(), 0, blanks=4).blanks)
    path.write_text(f"name,1.,(2).,3:,4\nAda,{cells}\n", encoding="utf-8")
    assert ag.grade_csv(neuron(), path, blanks=4).score == 1
    path.write_text(f"name,1,2,Aufgabe 3,4\nAda,{cells}\n", encoding="utf-8")
    with pytest.warns(UserWarning, match=r"no column for \(3\), .*no number of a blank: 'name', 'Aufgabe 3'"):
        assert ag.grade_csv(neuron(), path, blanks=4).score == 0.75


@pytest.mark.parametrize(
    "text, message",
    [
        ("name,sheet\nAda,1\n", r"answers\.csv: no column of answers; the head of each is the number of its blank"),
        ("1,(1)\n2,3\n", r"answers\.csv: two columns have the number of one blank"),
        ("Blatt,seed,1\n3,4,1\n", r"answers\.csv: two columns hold the number of the sheet: 'Blatt', 'seed'"),
        ("sheet,1\nx,2\n", r"answers\.csv: row 2, column 'sheet': 'x' is no number of a sheet"),
        ("1,9\n2,3\n", r"answers\.csv: row 2, column '9': sheet 0 has the blanks 1 to 4"),
        ("1,2\n2\n", r"answers\.csv: row 2: expected 2 cells"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(tmp_path, text: str, message: str) -> None:
    (tmp_path / "answers.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        ag.grade_csv(neuron(), tmp_path / "answers.csv", tmp_path / "grades.csv", blanks=4)
    assert not (tmp_path / "grades.csv").exists()


def test_a_class_is_told_what_follows_and_may_have_it_counted(tmp_path) -> None:
    sheet = ag.worksheet(neuron(), 0, blanks=10)
    for blank in sheet.blanks:
        answers = {b.number: b.answer for b in sheet.blanks} | {blank.number: 7.0}
        last = blank.number + 1
        if last <= 10 and sheet.grade({**answers, last: 7.0}).rows[last - 1].kind == "follows":
            break
    answers[last] = 7.0
    path = tmp_path / "answers.csv"
    path.write_text(table_of_answers([{str(n): str(x) for n, x in answers.items()}]), encoding="utf-8")
    strict, kind = (ag.grade_csv(neuron(), path, blanks=10, follows=follows) for follows in (False, True))
    assert str(strict).endswith("follows from an earlier mistake") and "follow" not in str(kind)
    assert kind.rows[0].grades.right == strict.rows[0].grades.right + 1


def test_blanks_of_vanishing_numbers_are_judged_by_their_own_size() -> None:
    x = Value(1.0, label="x")
    sheet = ag.worksheet((x * 20.0).tanh() * 3.0 + x * 1e-16, seed=0)
    small = [blank for blank in sheet.blanks if 0 < abs(blank.answer) < 1e-12]
    assert {blank.kind for blank in small} >= {"local", "contribution", "total"}
    for blank in small:
        verdicts = {}
        for answer in (blank.answer, -blank.answer, 3 * blank.answer, 0.0, 1e-13):
            (row,) = [r for r in sheet.grade({blank.number: answer}).rows if r.name.startswith(f"({blank.number})")]
            verdicts[answer] = row.right
        assert [*verdicts.values()] == [True, False, False, False, False], blank


def test_a_blank_in_which_terms_cancel_may_be_answered_with_0() -> None:
    x = Value(1.0, label="x")
    sheet = ag.worksheet(x * 0.1 + x * 0.2 - x * 0.3, seed=0)
    rest = [blank for blank in sheet.blanks if 0 < abs(blank.answer) < 1e-12]
    assert rest and sheet.grade({**{b.number: b.answer for b in sheet.blanks}, **{b.number: 0 for b in rest}})


def test_a_student_in_two_rows_is_named_and_a_sheet_may_be_a_decimal(tmp_path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("name,sheet,1\nAda,3.0,1\nBlaise,3,1\nAda,3,2\nEmmy,4,1\nEmmy,5.,1\n", encoding="utf-8")
    graded = ag.grade_csv(example(), path, blanks=1)
    assert [row.sheet for row in graded.rows] == [3, 3, 3, 4, 5]
    assert graded.notes[0] == "in more than one row with the same sheet, and each is marked: Ada"
    path.write_text("name,sheet,1\nAda,3.5,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"'3\.5' is no number of a sheet"):
        ag.grade_csv(example(), path, blanks=1)


def test_a_class_with_an_empty_row_and_a_student_without_a_sheet(tmp_path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("name,sheet,1,2,\nAda,1,1.5,3,\nBlaise,,7,1,\n,,,,\nKurt,1,1.5,3,\n")
    with pytest.warns(UserWarning, match="row 3, column 'sheet': no number of a sheet; the row is left out"):
        graded = ag.grade_csv(example(), path, blanks=2)
    assert [row.about["name"] for row in graded.rows] == ["Ada", "Kurt"]
    with pytest.raises(ValueError, match=r"class\.csv' holds the answers; give the grades another name"):
        ag.grade_csv(example(), path, path, blanks=2)
    assert path.read_text().startswith("name,sheet,1,2,")
    path.write_text("name,sheet,1,2\nBlaise,,7,1\n")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="no row with answers to a sheet"):
        ag.grade_csv(example(), path, blanks=2)
