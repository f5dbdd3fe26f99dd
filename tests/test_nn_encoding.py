"""Encodings: from cells to inputs, from outputs to predictions."""

import pytest

from autograd_lite.nn.encoding import Column, Encoding


def test_rows_become_inputs_in_the_order_of_the_columns():
    encoding = Encoding((Column("a", 1.0, 2.0), Column("b", levels=("x", "y", "z"))), Column("t", 10.0, 5.0))
    assert encoding.encode([3.0, "y"]) == [1.0, 0.0, 1.0, 0.0]
    assert [column.width for column in encoding.columns] == [1, 3]
    assert encoding.task == "regression" and encoding.decode(2.0) == 20.0
    with pytest.raises(ValueError, match="column 'b': expected one of 'x', 'y', 'z', got 'w'"):
        encoding.encode([3.0, "w"])
    with pytest.raises(ValueError):
        encoding.encode([3.0])


def test_outputs_become_class_names():
    three = Encoding((Column("a"),), Column("t", levels=("p", "q", "r")))
    assert three.task == "classification" and three.decode([0.2, 0.1, 0.7]) == "r"
    two = Encoding((Column("a"),), Column("t", levels=("no", "yes")))
    assert [two.decode(p) for p in (0.2, 0.5, 0.9)] == ["no", "yes", "yes"]


def test_what_is_no_row_and_no_output_of_one_is_told() -> None:
    numbers = Encoding((Column("area", mean=1.0), Column("yes", levels=("False", "True"))), Column("y"))
    for row, message in (
        ([1.0], r"encode: expected a row of 2 cells \(area, yes\), got 1"),
        (["0,5", "True"], "column 'area': expected a number such as 0.5, got '0,5'"),
        ([0.5, True], "column 'yes': expected one of 'False', 'True', got True"),
    ):
        with pytest.raises(ValueError, match=message):
            numbers.encode(row)
    classes = Encoding((Column("x"),), Column("y", levels=("A", "B", "C")))
    assert classes.decode([0.1, 0.7, 0.2]) == "B"
    for encoding, outputs in ((classes, [[0.1, 0.7, 0.2]] * 3), (classes, [0.1, 0.2]), (numbers, [1.0, 2.0])):
        with pytest.raises(ValueError, match="decode: expected the output for one row"):
            encoding.decode(outputs)
