"""The script of a page on one line: the rows of a graph in JavaScript, the data of the graph, and the page's own files.

A front-end that folds line breaks leaves a script of one line without comments as it is, and its hash in the policy.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from autograd_lite.languages.javascript import JavaScript
from autograd_lite.languages.parsing import parsed
from autograd_lite.languages.reading import runs_by_entry, text_of
from autograd_lite.languages.writing import Program, add_rows
from autograd_lite.ops import Op

__all__ = ["literal", "one_line", "rows_in_javascript", "source"]

_PIECES = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|\s+|`', re.DOTALL)
_LOOSE = re.compile(r" ?([{}()\[\];,=<>?:&|!*%/]|(?<![+-] )[+-](?! [+-])) ?")  # beside these no space is needed
_ALONE = re.compile(r"(?<=[(,=:?&|{;])\((\w+)\)=>")  # a parameter needs no brackets
_UNSAFE = re.compile(
    "[<\ud800-\udfff\u0080-\u009f\u2028\u2029\ufeff]"
)  # what a file or a reader may change, or HTML read
_WHOLE = re.compile(r"(?<![\w.])([0-9]+)[.]0(?![\w.])")  # a whole number needs no point
# A row of numbers; a function leaves out what it is given beyond its own operands and settings.
_PLAIN = ("const plain = (f, ...slopes) => ({ value: (x) => f(NUMBERS), "
          "slopes: (out, x, n, to) => slopes.forEach((slope, i) => { to[i] = slope(out, NUMBERS); }) });")  # fmt: skip
_RETURNED = re.compile(r"function \w+(\([^)]*\)) \{\n +return ([^{};]*);\n\}\n")
_NAMED = re.compile(r"\b[a-z]+_[0-9_]+\b(?!\()")  # a function of a row that is not called there
_IN_TEMPLATE = re.compile(r"\\.|`|\$\{", re.DOTALL)


def one_line(text: str) -> str:
    """Return JavaScript on one line, without comments; strings stay as they are. It must end statements by itself.

    >>> one_line('let a = 1; // one\\nf("a  // b", `{ ${a ? `[ ]` : ""} }`)')
    'let a=1;f("a  // b",`{ ${a ? `[ ]` : ""} }`)'
    """
    kept: list[str] = []
    pieces: list[str] = []
    start = 0
    while (found := _PIECES.search(text, start)) is not None:
        pieces.append(text[start : found.start()])
        start = found.end()
        if found[0] == "`":
            start = _end_of_template(text, start)
        if found[0][0] in '"`':
            kept.append(text[found.start() : start])
            pieces.append(f"\0{len(kept) - 1}\0")
        else:
            pieces.append(" ")
    line = re.sub(" +", " ", "".join(pieces) + text[start:]).strip()
    tight = _ALONE.sub(r"\1=>", _LOOSE.sub(r"\1", line).replace(";}", "}"))
    return re.sub("\0([0-9]+)\0", lambda found: kept[int(found[1])], tight)


def _end_of_template(text: str, start: int) -> int:
    """Return where a template ends that began before `start`; in its braces there may be others."""
    while (found := _IN_TEMPLATE.search(text, start)) is not None:
        start = found.end()
        if found[0] == "`":
            return start
        while found[0] == "${" and text[start] != "}":
            start = _end_of_template(text, start + 1) if text[start] == "`" else start + 1
    return len(text)


def literal(data: Any) -> str:
    """Return data as a literal of JavaScript that ends no script and holds no comment.

    >>> literal({"a": [float("inf"), -0.0, "</script>", "http://é"]})
    '{"a":[Infinity,-0.0,"\\\\u003c\\\\/script>","http:\\\\/\\\\/é"]}'
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def source(name: str) -> str:
    """Return a file of this room."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def rows_in_javascript(rows: Sequence[Op]) -> str:
    """Return an expression: a list with the functions of each row.

    `value(x, n)` is the result for the operands and settings in x, where lists have n entries; `slopes(out, x, n, to)`
    fills `to` with the local derivatives; of a derivative with cases, `choices[j](out, ...x)` is the one that holds.
    """
    program = Program(JavaScript())
    add_rows(program, rows)
    table = ", ".join([_entry(program, i, row) for i, row in enumerate(rows)])
    functions = {name: _RETURNED.sub(r"\1 => \2", text) for name, text in program.functions.items()}
    short = {name for name in _NAMED.findall(table) if " => " in functions[name]}
    written = "\n".join([text for name, text in program.functions.items() if name not in short])
    table = _NAMED.sub(lambda found: functions[found[0]] if found[0] in short else found[0], table)
    most = max((len(_places(row)) for row in rows if not row.takes_lists), default=0)
    plain = _PLAIN.replace("NUMBERS", ", ".join(f"x[{i}]" for i in range(most)))
    code = f"{written} {plain} return [{table}];"
    for block in reversed(JavaScript.head.split("\n\n")):  # each stands below those that it calls
        name = re.match(r"(?:function|const) (\w+)", block)
        if name and re.search(rf"\b{name[1]}\b", code):
            code = f"{block} {code}"
    return _WHOLE.sub(r"\1", f"(() => {{ {code} }})()")


def _entry(program: Program, i: int, row: Op) -> str:
    """Return the functions of a row as an object."""
    ends = _places(row)
    if not row.takes_lists:
        functions = [f"value_{i}", *(f"partial_{i}_{j}" for j in range(len(row.operands)))]
        plain = f"plain({', '.join(functions)})"
        choices = [_choice(program, i, j, row) for j in range(len(row.operands))]
        return plain if {*choices} == {"null"} else f"{{ ...{plain}, choices: [{', '.join(choices)}] }}"
    lists = [f"x.subarray({place}, {end})" if starred else f"x[{place}]" for place, end, starred in ends]
    if runs_by_entry(row):
        entry = [f"x[{place} + k]" if starred else f"x[{place}]" for place, _, starred in ends]
        start = ", ".join(f"x[{place}]" for place, _, starred in ends if not starred)
        step = ", ".join(["out", *entry])
        value = (f"{{ let out = start_{i}({start}); for (let k = 0; k < n; k++) {{ out = step_{i}({step}); }} "
                 "return out; }")  # fmt: skip
        slopes = [_slope(i, j, place, starred, ", ".join(["out", *(entry if starred else [e.replace(" + k", "")
                  for e in entry])])) for j, (place, _, starred) in enumerate(ends[: len(row.operands)])]  # fmt: skip
    else:
        value = f"value_{i}({', '.join(lists)})"
        given = ", ".join(["out", *lists])
        slopes = [f"partial_{i}_{j}({given}, to.subarray({place}, {end}));" if starred
                  else f"to[{place}] = partial_{i}_{j}({given});"
                  for j, (place, end, starred) in enumerate(ends[: len(row.operands)])]  # fmt: skip
    return f"{{ value: (x, n) => {value}, slopes: (out, x, n, to) => {{ {' '.join(slopes)} }} }}"


def _slope(i: int, j: int, place: str, starred: bool, given: str) -> str:
    if starred:
        return f"for (let k = 0; k < n; k++) {{ to[{place} + k] = partial_{i}_{j}({given}); }}"
    return f"to[{place}] = partial_{i}_{j}({given});"


def _places(row: Op) -> list[tuple[str, str, bool]]:
    """Return where each operand and setting of a row begins among its flat numbers, where it ends, if it is a list."""
    found = []
    lists = plain = 0
    for starred in (*row.is_list, *[False for _ in row.settings]):
        first = _place(lists, plain)
        lists, plain = lists + starred, plain + (not starred)
        found.append((first, _place(lists, plain), starred))
    return found


def _place(lists: int, plain: int) -> str:
    entries = "n" if lists == 1 else f"{lists} * n" if lists else ""
    return " + ".join(filter(None, [entries, str(plain or "")])) or "0"


def _choice(program: Program, i: int, j: int, row: Op) -> str:
    """Return a function that tells which branch of a local derivative's text holds; null where there is one."""
    tree = parsed((row.textbook or row.partials)[j], mode="eval").body
    if not isinstance(tree, ast.IfExp):
        return "null"
    return program.add(f"choice_{i}_{j}", text_of(row, ast.unparse(_numbered(tree))))


def _numbered(tree: ast.expr, index: int = 0) -> ast.expr:
    """Return `0.0 if test else 1.0 if …`: which branch holds, in the place of the branches."""
    if isinstance(tree, ast.IfExp):
        return ast.IfExp(tree.test, ast.Constant(float(index)), _numbered(tree.orelse, index + 1))
    return ast.Constant(float(index))


def joined(parts: Iterable[str]) -> str:
    """Return the parts of a program as one function that is called at once, on one line."""
    return one_line('"use strict"; (() => { ' + "\n".join(parts) + " })();")
