"""CSV tables: any bytes are a table or one clear error, and what is written is read back."""

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite.cli.features import read_features, read_target, split, standardised
from autograd_lite.csv_files import MISSING, Table, TableError, format_csv, read_number, read_table


def read(content: bytes) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(content)
        return read_table(path)


def table(**columns: list[object]) -> Table:
    rows = tuple(zip(*([str(cell) for cell in cells] for cells in columns.values()), strict=True))
    return Table("t.csv", tuple(columns), rows, tuple(range(2, len(rows) + 2)))


PIECES = st.sampled_from(
    [b"a", b"1", b",", b";", b"\t", b'"', b"\n", b"\r\n", b"\r", b" ", b"\xff", b"\0", b"\xc3\xa9"]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=40).map(b"".join)))
def test_any_bytes_are_a_table_or_one_error(content: bytes) -> None:
    try:
        found = read(content)
    except TableError as error:
        assert "t.csv: " in str(error)
        return
    assert found.rows
    assert len(set(found.header)) == len(found.header)
    assert {len(row) for row in found.rows} == {len(found.header)}
    assert list(found.row_numbers) == sorted(set(found.row_numbers))


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6))
def test_what_is_written_is_read_back_and_no_cell_is_a_formula(rows: list[tuple[str, str]]) -> None:
    text = format_csv([("first", "second"), *rows])
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    for cells, written in zip(rows, found, strict=True):
        for cell, out in zip(cells, written, strict=True):
            assert out in (cell, "'" + cell)
            number = re.fullmatch(r"[+-]?[.,]*[0-9][0-9.,]*([eE][+-]?[0-9]+)?", out.strip())
            assert number or not out.lstrip().startswith(("=", "+", "-", "@"))


def test_row_numbers_are_a_spreadsheet_s() -> None:
    found = read(b'a,b\n1,"x\ny"\n\n2,z\n')
    assert found.row_numbers == (2, 4)
    assert found.rows == (("1", "x\ny"), ("2", "z"))


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "null", "?"])
def test_missing(cell: str) -> None:
    assert cell.strip().lower() in MISSING


@pytest.mark.parametrize("cell", ["0x1", "1_0", "١", "inf", "nan", "1e400", "1.2.3", "--1", "1e", ".", "+", "True"])
def test_what_is_no_number(cell: str) -> None:
    assert read_number(cell) is None


@pytest.mark.parametrize(("cell", "value"), [("1", 1), ("-.5", -0.5), (" 1. ", 1), ("1E-3", 1e-3), ("-0", 0)])
def test_what_is_a_number(cell: str, value: float) -> None:
    assert read_number(cell) == value


def test_scaling_is_learnt_from_the_training_rows_alone() -> None:
    found = table(x=[0.0, 2.0, 100.0], y=["a", "b", "a"])
    (column,), rows = read_features(found, ["x"], [0, 1])
    assert (column.mean, column.scale) == (1.0, 1.0)
    assert rows == [[0.0], [2.0], [100.0]]


def test_standardised_numbers_have_mean_0_and_variance_1() -> None:
    numbers = [1e300, 3e300, -2e300, 7e299]
    column = standardised(table(), "x", numbers)
    scaled = [column.encode(x)[0] for x in numbers]
    assert sum(scaled) == pytest.approx(0.0, abs=1e-12)
    assert sum(x * x for x in scaled) / 4 == pytest.approx(1.0)
    assert standardised(table(), "x", [0.1] * 3).encode(0.1) == [0.0]


def test_every_class_is_trained_on_and_the_split_is_its_seed_s() -> None:
    target = read_target(table(y=["a"] * 30 + ["b"] * 10 + ["c"]), "y")
    training, held_out = split(target, seed=4)
    assert sorted(training + held_out) == list(range(41))
    assert {target.values[i] for i in training} == {0.0, 1.0, 2.0}
    assert [sum(target.values[i] == k for i in held_out) for k in (0, 1, 2)] == [9, 3, 0]
    assert split(target, seed=4) == (training, held_out)
    assert split(target, seed=5) != (training, held_out)


def test_numbered_classes_are_in_the_order_of_their_numbers() -> None:
    assert read_target(table(y=[10, 9, 2, 10, 9, 2]), "y").classes == ("2", "9", "10")
