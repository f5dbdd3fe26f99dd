"""The C text of a kernel: `loops.c`, with `layers.c` in it, and an arm for each row of the table in its two loops.

The formulas are functions that the translator writes from the rows (`languages.c`); an arm says which numbers go in,
and where the result goes. Those of `mul`, row number 2: forward and backward, for one row of numbers; and for many,

    case 2: { /* mul */
        out = value_2(X(0), X(1));
        break; }

    case 2: { /* mul */
        HAND_ON(0, partial_2_0(out, X(0), X(1)));
        HAND_ON(1, partial_2_1(out, X(0), X(1)));
        break; }

    VALUE(lanes_2, value_2(a[0][l], a[1][l]))
    PARTIAL(lanes_2_0, partial_2_0(out[l], a[0][l], a[1][l]))
    PARTIAL(lanes_2_1, partial_2_1(out[l], a[0][l], a[1][l]))

The text for a few rows stands in `tests/golden/kernel.c`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from autograd_lite.languages.c import C
from autograd_lite.languages.reading import runs_by_entry
from autograd_lite.languages.writing import row_functions
from autograd_lite.ops import ROWS, Op

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")  # a guard's code is the place here


def text_of(rows: Sequence[Op]) -> str:
    """Return the text of a kernel for these rows; the code of a row is its place among them."""
    text, layers = (Path(__file__).with_name(f"{name}.c").read_text(encoding="utf-8") for name in ("loops", "layers"))
    parts = {
        "LAYERS": layers,
        "FUNCTIONS": row_functions(_Apart(), rows),
        "FORWARD": _arms(rows, _forward),
        "BACKWARD": _arms(rows, _backward),
        "LANES": "".join([line + "\n" for i, row in enumerate(rows) for line in _lanes(i, row)]),
        "TABLE": "".join([f"    {{{_described(i, row)}}},{_comment(row)}\n" for i, row in enumerate(rows)]),
        "COMPARISONS": "".join([f"    case {i}: return a {how} b;\n" for i, how in enumerate(COMPARISONS)]),
    }
    for name, part in parts.items():
        text = text.replace(f"/*{name}*/\n", part)
    text += Path(__file__).with_name("slots.c").read_text(encoding="utf-8")
    return text.replace("OPERANDS", str(max([1, *(len(_kinds(row)) for row in rows)])))


class _Apart(C):
    """C whose functions are put into their callers only if they are one expression without a call: to compile fast."""

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        text = super().define(name, parameters, returns, body)
        short = len(body) == 1 and not re.search(r"\b(?!__builtin)\w+\(", body[0])
        return text if short else text.replace("static inline", "FUNCTION", 1)


def _arms(rows: Sequence[Op], arm: Callable[[int, Op], list[str]]) -> str:
    lines = []
    for i, row in enumerate(rows):
        lines += [f"case {i}: {{{_comment(row)}", *[f"    {line}" for line in arm(i, row)], "    break; }"]
    return "".join([f"        {line}\n" for line in lines])


def _comment(row: Op) -> str:
    """Return the row's name; that of a row of the program's own is not to enter the text."""
    return f" /* {row.name} */" if row in ROWS else ""


def _kinds(row: Op) -> str:
    """Return the kind of each operand, a list (*) or a number (.); settings are numbers, too."""
    return "".join(["*" if starred else "." for starred in row.is_list]) + "." * len(row.settings)


def _is_whole(row: Op) -> bool:
    """Tell whether a row takes its lists as a whole; others that have lists run entry by entry."""
    return row.takes_lists and not runs_by_entry(row)


def _places(row: Op) -> list[str]:
    """Return where each operand of a node stands, or starts, among the flat ones; n is the length of a list."""
    places, lists, numbers = [], 0, 0
    for kind in _kinds(row):
        places.append(f"{lists} * n + {numbers}" if lists else str(numbers))
        lists, numbers = lists + (kind == "*"), numbers + (kind == ".")
    return places


def _length(row: Op) -> str:
    return f"const long n = (count - {_kinds(row).count('.')}) / {_kinds(row).count('*')};"


def _given(row: Op, entries: bool = True) -> str:
    """Return the operands as arguments, entry k of the lists among them; outside of the loop over entries, 0."""
    return ", ".join([f"X({place})" if kind == "." else f"X({place} + k)" if entries else "0.0"
                      for kind, place in zip(_kinds(row), _places(row), strict=True)])  # fmt: skip


def _numbers(row: Op) -> str:
    return ", ".join([f"X({place})" for kind, place in zip(_kinds(row), _places(row), strict=True) if kind == "."])


# ------------------------------------------------------------------------------------------------------ one row


def _forward(i: int, row: Op) -> list[str]:
    """Write the arm that computes `out` from the operands."""
    if not row.takes_lists:
        return [f"out = value_{i}({_given(row)});"]
    if _is_whole(row):
        return [_length(row), "GATHER;", f"out = value_of_lists_{i}(xs, n);"]
    step = f"for (long k = 0; k < n; k++) out = step_{i}(out, {_given(row)});"
    return [_length(row), f"out = start_{i}({_numbers(row)});", step]


def _backward(i: int, row: Op) -> list[str]:
    """Write the arm that hands `grad` on to the operands, in their order."""
    lines = [_length(row)] if row.takes_lists else []
    if _is_whole(row):
        share = "for (long k = 0; k < count; k++) HAND_ON(k, xs[count + k]);"
        return [*lines, "GATHER;", f"partials_of_lists_{i}(out, xs, n, xs + count);", share]
    for j, (starred, place, text) in enumerate(zip(row.is_list, _places(row), row.partials, strict=False)):
        how = "HAND_ON_SLOW" if "(" in text.replace("abs(", "").replace("ones(", "") else "HAND_ON"
        partial = f"partial_{i}_{j}(out, {_given(row, entries=starred)})"
        each = f"for (long k = 0; k < n; k++) {how}({place} + k, {partial});"
        lines.append(each if starred else f"{how}({place}, {partial});")
    return lines


# ---------------------------------------------------------------------------------------------------- many rows


def _lanes(i: int, row: Op) -> list[str]:
    """Write the functions of lines, or those of all operands of one lane at once."""
    kinds, places = _kinds(row), _places(row)
    if _is_whole(row):
        given = ", ".join([f"xs + {place}, n" if kind == "*" else f"xs[{place}]"
                           for kind, place in zip(kinds, places, strict=True)])  # fmt: skip
        slopes = [f"partial_{i}_{j}(out, {given}, slopes + {place});" if starred
                  else f"slopes[{place}] = partial_{i}_{j}(out, {given});"
                  for j, (starred, place) in enumerate(zip(row.is_list, places, strict=False))]  # fmt: skip
        return [
            f"static double value_of_lists_{i}(const double *xs, long n) {{ return value_{i}({given}); }}",
            f"static void partials_of_lists_{i}(double out, const double *xs, long n, double *slopes) {{",
            *[f"    {line}" for line in slopes],
            "}",
        ]
    given = ", ".join([f"a[{j}][l]" for j in range(len(kinds))])
    numbers = ", ".join([f"a[{j}][l]" for j, kind in enumerate(kinds) if kind == "."])
    values = [f"VALUE(lanes_{i}, {f'start_{i}({numbers})' if row.takes_lists else f'value_{i}({given})'})"]
    if row.takes_lists:
        values.append(f"VALUE(step_lanes_{i}, step_{i}(out[l], {given}))")
    return values + [f"PARTIAL(lanes_{i}_{j}, partial_{i}_{j}(out[l], {given}))" for j in range(len(row.partials))]


def _described(i: int, row: Op) -> str:
    """Write the row's entry in the table of functions."""
    kinds = _kinds(row)
    head = f'"{kinds}", {len(row.operands)}, {kinds.count("*")}, {kinds.count(".")}, '
    if _is_whole(row):
        return head + f"0, 0, {{0}}, value_of_lists_{i}, partials_of_lists_{i}"
    partials = ", ".join([f"lanes_{i}_{j}" for j in range(len(row.partials))])
    return head + f"lanes_{i}, {f'step_lanes_{i}' if row.takes_lists else 0}, {{{partials}}}, 0, 0"
