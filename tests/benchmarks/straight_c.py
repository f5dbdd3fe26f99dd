"""A tape as straight-line C, one statement an operation: what a compiler makes of the same graph.

The formulas are the table's own text, translated. What no row changes is computed once, outside the loop over the
rows, as the kernels do; a gradient's first contribution is stored, the others are added.
"""

from __future__ import annotations

import ast
import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograd_lite.ops import Op
from autograd_lite.replay.tape import Tape
from tests.benchmarks.program import Unavailable

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
KNOWN = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh", "erf")  # of the same name in C
FUNCTIONS = {"abs": "fabs", **dict(zip(KNOWN, KNOWN, strict=True))}
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "-", ast.UAdd: "+",
             ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}  # fmt: skip

PROGRAM = """
#include <math.h>

double run(long count, const double *restrict rows, const double *restrict p, double *restrict g)
{{
    double total = 0.0;
    for (long k = 0; k < {parameters}; k++) g[k] = 0.0;
    {once}
    for (long row = 0; row < count; row++) {{
        const double *restrict x = rows + row * {arguments};
        {forward}
        total += {result};
        {backward}
    }}
    {once_backward}
    return total;
}}
"""


def built(tape: Tape) -> Any:
    """Return the compiled function of (rows, their numbers, parameters, gradients to fill); it returns the sum."""
    gcc = shutil.which("gcc")
    if gcc is None:
        raise Unavailable("gcc is not installed")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "tape.c"), Path(folder, "tape.so")
        source.write_text(text_of(tape), encoding="utf-8")
        subprocess.run([gcc, *FLAGS, "-o", str(library), str(source), "-lm"], check=True)
        run = ctypes.CDLL(str(library)).run
    run.restype = ctypes.c_double
    run.argtypes = [ctypes.c_long, *[ctypes.POINTER(ctypes.c_double)] * 3]
    return run


def text_of(tape: Tape) -> str:
    """Return the program of a tape."""
    first_argument, first = tape.first_argument, tape.first_node
    varies = [False] * first_argument + [True] * tape.arguments
    for node in range(tape.nodes):
        varies.append(any(varies[slot] for slot in tape.operands_of(node)))
    number, gradient = _numbers(tape), [_gradient(tape, slot) for slot in range(tape.slots)]
    result = tape.outputs[0]
    stored = {*range(len(tape.parameters)), *[s for s in range(first, tape.slots) if not varies[s]]}  # not for a row

    once, forward, backward, once_backward = [], [], [], []  # type: ignore[var-annotated]
    for node in range(tape.nodes):
        slot, row = first + node, tape.rows[tape.row[node]]
        names = _operands(row, [number[s] for s in tape.operands_of(node)])
        (forward if varies[slot] else once).append(f"const double v{slot} = {_result(row, names)};")
        if not varies[slot]:
            once.append(f"double d{slot} = 0.0;")
    for node in range(tape.nodes - 1, -1, -1):
        slot, row = first + node, tape.rows[tape.row[node]]
        if not tape.live[slot]:
            continue
        lines = backward if varies[slot] else once_backward
        if slot == result:
            backward.append(f"{gradient[slot]} += 1.0;" if slot in stored else f"double {gradient[slot]} = 1.0;")
            stored.add(slot)
        operands = list(tape.operands_of(node))
        names = {**_operands(row, [number[s] for s in operands]), "out": f"v{slot}"}
        for operand, partial in zip(operands, _partials(row, names), strict=False):  # settings have none
            if tape.live[operand]:
                term = gradient[slot] if partial == "(1.0)" else f"{gradient[slot]} * {partial}"
                lines.append(f"{gradient[operand]} += {term};" if operand in stored
                             else f"double {gradient[operand]} = {term};")  # fmt: skip
                stored.add(operand)
    return PROGRAM.format(
        parameters=len(tape.parameters),
        arguments=tape.arguments,
        once="\n    ".join(once),
        forward="\n        ".join(forward),
        result=number[result],
        backward="\n        ".join(backward),
        once_backward="\n    ".join(once_backward),
    )


def _numbers(tape: Tape) -> list[str]:
    """Return how the program calls the number of each slot."""
    parameters = [f"p[{k}]" for k in range(len(tape.parameters))]
    constants = [f"({constant!r})" for constant in tape.constants]
    arguments = [f"x[{k}]" for k in range(tape.arguments)]
    return [*parameters, *constants, *arguments, *[f"v{slot}" for slot in range(tape.first_node, tape.slots)]]


def _gradient(tape: Tape, slot: int) -> str:
    return f"g[{slot}]" if slot < len(tape.parameters) else f"d{slot}"


Names = Mapping[str, Any]  # of a row's operands: an expression, or a list of them for a starred one


def _operands(row: Op, flat: Sequence[str]) -> dict[str, Any]:
    """Return the expressions of a node's operands and settings under the row's names."""
    own = len(flat) - len(row.setting_names)
    return dict(zip((*row.operands, *row.setting_names), (*row.group(flat[:own]), *flat[own:]), strict=True))


def _result(row: Op, names: Names) -> str:
    if not row.nary:
        return translated(row.formula, names)
    if not row.fold:
        raise Unavailable(f"{row.name} is not written in C here")
    start, step = row.fold
    out = translated(start, names)
    starred = [name for name, many in zip(row.operands, row.is_list, strict=True) if many]
    for entries in zip(*(names[name] for name in starred), strict=True):
        out = translated(step, {**names, **dict(zip(starred, entries, strict=True)), "out": out})
    return out


def _partials(row: Op, names: Names) -> Iterator[str]:
    """Yield the local derivative by each operand; a starred one has a list: of another's entries, or of ones."""
    for operand, many, text in zip(row.operands, row.is_list, row.partials, strict=True):
        if not many:
            yield translated(text, names)
        elif text in names:
            yield from names[text]
        elif text == "1.0":
            yield from ["(1.0)"] * len(names[operand])
        else:
            raise Unavailable(f"the derivative of {row.name} is not written in C here")


def translated(text: str, names: Names) -> str:
    """Return an expression of the table in C, with these expressions for its names.

    >>> translated("0.0 if a <= 0.0 else a ** b", {"a": "v1", "b": "p[2]"})
    '((v1 <= (0.0)) ? (0.0) : pow(v1, p[2]))'
    """

    def written(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=number):
                return f"({float(number)!r})"  # type: ignore[arg-type]
            case ast.Name(id=name) if isinstance(names.get(name), str):
                return str(names[name])
            case ast.Name(id="inf" | "nan" as name):
                return {"inf": "INFINITY", "nan": "NAN"}[name]
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return f"pow({written(a)}, {written(b)})"
            case ast.BinOp(left=a, op=op, right=b):
                return f"({written(a)} {OPERATORS[type(op)]} {written(b)})"
            case ast.UnaryOp(op=op, operand=a):
                return f"({OPERATORS[type(op)]}{written(a)})"
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"({written(a)} {OPERATORS[type(op)]} {written(b)})"
            case ast.IfExp(test=test, body=a, orelse=b):
                return f"({written(test)} ? {written(a)} : {written(b)})"
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
                return f"{FUNCTIONS[name]}({', '.join(map(written, arguments))})"
        raise Unavailable(f"{ast.unparse(node)} is not written in C here")

    return written(ast.parse(text, mode="eval").body)
