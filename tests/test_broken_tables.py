"""Broken CSV files, and what each is told: in one line the file, the row, the column, and what to do.

All of them go through `autograd-lite train`, which must write nothing and end with exit code 2.
"""

# ruff: noqa: E501 (a table of messages has one line for each)
# fmt: off

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograd_lite.cli.commands import main
from autograd_lite.csv_files import LARGEST, read_table


def with_row(row: str) -> str:
    """Return a good table, but for the fifth line of the file."""
    return ("x,z,y\n" + "".join(f"{i},{i % 3},{'ab'[i % 2]}\n" for i in range(1, 13))).replace("4,1,a", row)


def rows(lines: Iterable[str]) -> str:
    return "x,y\n" + "".join(line + "\n" for line in lines)


BROKEN = [
    (b"", "the file is empty; expected a header line and rows"),
    (b"\n\n\n", "the file is empty; expected a header line and rows"),
    (b"   \n \n", "the file is empty; expected a header line and rows"),
    (b"\xef\xbb\xbf", "the file is empty; expected a header line and rows"),
    (b"\xff\xfe", "the file is empty; expected a header line and rows"),
    ("x,z,y\n", "a header but no rows"),
    ("\n\nx,z,y\n\n", "a header but no rows"),
    ("x", "a header but no rows"),
    (",,\n1,2,a\n", "row 1: column 1 has no name"),
    ("x,,y\n1,2,a\n", "row 1: column 2 has no name"),
    ("x, ,y\n1,2,a\n", "row 1: column 2 has no name"),
    ("x,z,x\n1,2,a\n", "row 1: the column name 'x' stands there twice"),
    (" x,z,x \n1,2,a\n", "row 1: the column name 'x' stands there twice"),
    ("y,y\n1,2\n", "row 1: the column name 'y' stands there twice"),
    (with_row("4,1"), "row 5: expected 3 cells, as in the header, got 2"),
    (with_row("4"), "row 5: expected 3 cells, as in the header, got 1"),
    (with_row("4,1,b,c"), "row 5: expected 3 cells, as in the header, got 4"),
    (with_row("4,1,a,"), "row 5: expected 3 cells, as in the header, got 4"),
    (with_row("4;1;a"), "row 5: expected 3 cells, as in the header, got 1"),
    (with_row("4\t1\ta"), "row 5: expected 3 cells, as in the header, got 1"),
    (with_row(",1,b"), "row 5, column 'x': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,1,"), "row 5, column 'y': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row(",,"), "row 5, column 'y': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,NA,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,#N/A,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,NaN,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,null,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,?,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4, ,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("4,\u00a0,b"), "row 5, column 'z': a missing cell; fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row(",1,b").replace("7,1,b", ",1,b"), "row 5, column 'x': a missing cell (and in 1 more rows); fill it in or remove the row, or let --missing drop or --missing mean do it"),
    (with_row("four,1,b"), "row 5, column 'x': 'four' is not a number"),
    (with_row("4x,1,b"), "row 5, column 'x': '4x' is not a number"),
    (with_row("0x4,1,b"), "row 5, column 'x': '0x4' is not a number"),
    (with_row("1_0,1,b"), "row 5, column 'x': '1_0' is not a number"),
    (with_row("inf,1,b"), "row 5, column 'x': 'inf' is not a number"),
    (with_row("-Infinity,1,b"), "row 5, column 'x': '-Infinity' is not a number"),
    (with_row("1e999,1,b"), "row 5, column 'x': '1e999' is too large for a float"),
    (with_row("4 000,1,b"), "row 5, column 'x': '4 000' is not a number"),
    (with_row("4.000.000,1,b"), "row 5, column 'x': '4.000.000' is not a number"),
    (with_row("\u0664,1,b"), "row 5, column 'x': '٤' is not a number"),
    (with_row("\u22124,1,b"), "row 5, column 'x': '−4' is not a number; write the minus sign as the one on the keyboard: -4"),
    (with_row("--4,1,b"), "row 5, column 'x': '--4' is not a number"),
    (with_row("=4,1,b"), "row 5, column 'x': '=4' is not a number"),
    (with_row("4%,1,b"), "row 5, column 'x': '4%' is not a number; leave out what is written beside it: 4"),
    (with_row("$4,1,b"), "row 5, column 'x': '$4' is not a number; leave out what is written beside it: 4"),
    (with_row("True,1,b"), "row 5, column 'x': 'True' is not a number"),
    (with_row("2024-01-01,1,b"), "row 5, column 'x': '2024-01-01' is not a number"),
    (with_row("\u202e4,1,b"), "row 5, column 'x': '\\u202e4' is not a number"),
    (with_row("4,1,b").replace(",", ";").replace("4;1;b", "4,500;1;b"), "row 5, column 'x': '4,500' is not a number; write the decimal comma as a point: 4.500"),
    (with_row("4,1,b").replace(",", ";").replace("4;1;b", "4,5x;1;b"), "row 5, column 'x': '4,5x' is not a number"),
    (with_row('"4,5",1,b'), "row 5, column 'x': '4,5' is not a number; write the decimal comma as a point: 4.5"),
    (with_row('4,"1,a'), "row 5: a quoted cell never ends"),
    (with_row('"4,1,a'), "row 5: a quoted cell never ends"),
    (with_row('4,1,"a'), "row 5: a quoted cell never ends"),
    (with_row('4,"1"x,a'), 'row 5: text behind the closing quote of a cell; inside a quoted cell, " is written twice'),
    ("x,y\n" + "z" * 200_000 + ",a\n", "row 2: a cell of more than 131,072 characters; is a quote missing?"),
    (with_row("4,1,\0b"), "row 5: a zero byte; this is not a text file"),
    (b"\0\0\0\0", "row 1: a zero byte; this is not a text file"),
    (b"x,z,y\n1,2,a\n2,\xe9,b\n", "row 3: byte 0xe9 at position 14 is not UTF-8; save the file as UTF-8"),
    (b"\xef\xbb\xbfx,y\n\xff,b\n", "row 2: byte 0xff at position 7 is not UTF-8; save the file as UTF-8"),
    (b"\xff\xfex\0,\0y", "row 1: byte 0x79 at position 6 is not UTF-16; save the file as UTF-8"),
    ("x,y\n1,a\n".encode("utf-32-le"), "row 1: a zero byte; this is not a text file"),
    (b"\xff\xfex\0,\0y\0\n\0\0\xd8", "row 2: byte 0x00 at position 10 is not UTF-16; save the file as UTF-8"),
    (b"x,y\r\n1,\x80\r\n", "row 2: byte 0x80 at position 7 is not UTF-8; save the file as UTF-8"),
    (b"PK\x03\x04\x14\x00\x06\x00", "row 1: a zero byte; this is not a text file"),
    (b"%PDF-1.7\n%\xe2\xe3", "row 2: byte 0xe2 at position 10 is not UTF-8; save the file as UTF-8"),
    (b"\x89PNG\r\n\x1a\n\0", "row 1: byte 0x89 at position 0 is not UTF-8; save the file as UTF-8"),
    (b"\x1f\x8b\x08\0", "row 1: byte 0x8b at position 1 is not UTF-8; save the file as UTF-8"),
    (b"\x80\x04\x95", "row 1: byte 0x80 at position 0 is not UTF-8; save the file as UTF-8"),
    (b"x,y\n\xed\xa0\x80,a\n", "row 2: byte 0xed at position 4 is not UTF-8; save the file as UTF-8"),
    (b"x,y\n\xc0\x80,a\n", "row 2: byte 0xc0 at position 4 is not UTF-8; save the file as UTF-8"),
    ("<html><body>404</body></html>", "a header but no rows"),
    ('{"x": 1}', "a header but no rows"),
    (with_row("4,1,b").replace("b\n", "a\n"), "column 'y': one class only, 'a': nothing to tell apart"),
    (rows(f"{i},c{i}" for i in range(60)), "column 'y': 60 different values are too many classes, at most 50"),
    (rows(["1,a", "2,b"]), "2 rows are too few to hold some out; expected two or more of each class"),
    (rows(["1,a"]), "column 'y': one class only, 'a': nothing to tell apart"),
    ("y\n1\n2\n", "no column is left to predict 'y' from"),
    ("x,z,target\n1,2,a\n", "no column 'y'; the columns are 'x', 'z', 'target'"),
    ("x,z,Y\n1,2,a\n", "no column 'y'; did you mean 'Y'?"),
    (rows(f"n{i},{'ab'[i % 2]}" for i in range(40)), "column 'x': 40 different texts, at most 20 can be one-hot encoded; leave the column out: --drop 'x'"),
    (rows(f"red,{'ab'[i % 2]}" for i in range(40)), "column 'x': the same text, 'red', in every row; leave the column out: --drop 'x'"),
    (rows(f"{x}e308,{'ab'[x > 0]}" for x in (-1.7, 1.7, 1.7, 1.7) * 5), "column 'x': numbers too large, or too close together, to be standardised"),
    (rows(f"{i},5.5" for i in range(20)), "column 'y': the same number, 5.5, in every row: nothing to learn"),
    (rows(f"{i},{i}.5" if i != 7 else "7,7.5x" for i in range(20)), "row 9, column 'y': '7.5x' is not a number; or is every value a class? --task classification"),
    (rows(f"{i},{i % 7}.5" if i != 7 else "7,7;5" for i in range(20)), "row 9, column 'y': '7;5' is not a number; or is every value a class? --task classification"),
]
# fmt: on


@pytest.mark.parametrize(
    ("content", "message"), BROKEN, ids=[f"{i}: {told[:60]}" for i, (_, told) in enumerate(BROKEN)]
)
def test_a_broken_file_is_told_in_one_line(
    content: str | bytes,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert main(["train", "data.csv", "--target", "y", "--epochs", "1", "--hidden", "2"]) == 2
    assert capsys.readouterr().err == f"autograd-lite: data.csv: {message}\n"
    assert os.listdir() == ["data.csv"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "data.csv"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    path.write_bytes((mark + "größe,σ\n1,ü\n2,𝛼\n").encode(encoding))
    table = read_table(path)
    assert (table.header, table.rows) == (("größe", "σ"), (("1", "ü"), ("2", "𝛼")))


def test_200_megabytes_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with open("big.csv", "wb") as file:
        file.truncate(200 * 1024**2)  # takes no room on the disk
    start = time.process_time()
    assert main(["train", "big.csv", "--target", "y"]) == 2
    assert time.process_time() - start < 0.5
    told = "autograd-lite: big.csv: larger than 100 MB, too much for scalars in Python; take a sample\n"
    assert capsys.readouterr().err == told and os.listdir() == ["big.csv"]
    assert LARGEST == 100 * 1024**2


def test_a_hundred_thousand_columns_take_no_quadratic_time(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"c{i}" for i in range(100_000)]
    path.write_text(",".join([*names, names[-1]]) + "\n")
    start = time.process_time()
    with pytest.raises(ValueError, match="the column name 'c99999' stands there twice"):
        read_table(path)
    assert time.process_time() - start < 5.0
