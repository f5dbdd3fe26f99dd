"""C: rows as `static inline` functions of doubles, with the bits of the package's own.

Compile with `FLAGS`: a fused multiply-add rounds once where two operations round twice, and a compiler that knows
`exp` works out `exp(1.0)` itself, an ulp away from the library's. Lists are a pointer and a length; a function that
returns a list fills the last of its pointers. Lists between two functions lie on the stack, long ones on the heap.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from autograd_lite.languages.language import INTEGER, LIST, NUMBER, TRUTH, Language, indented

FLAGS = ("-std=gnu11", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-fno-builtin")

_HEAD = """
#include <math.h>
#include <stdlib.h>

typedef struct { double *at, near[32]; } list_room;

static inline void discard(list_room *room) { if (room->at != room->near) free(room->at); }

#define LIST(name, length) \\
    const long n_##name = (length); \\
    __attribute__((cleanup(discard))) list_room room_of_##name; \\
    double *const name = room_of_##name.at = \\
        n_##name <= 32 ? room_of_##name.near : (double *)malloc((size_t)n_##name * sizeof(double))

static inline double power(double a, double b) { return b == 2.0 ? a * a : pow(a, b); }

static inline double mod(double a, double b) {
    const double rest = fmod(a, b);
    return rest == 0.0 ? __builtin_copysign(0.0, b) : (b < 0.0) != (rest < 0.0) ? rest + b : rest;
}

static inline double floor_divide(double a, double b) {
    const double rest = fmod(a, b);
    const double quotient = (a - rest) / b - (rest != 0.0 && (b < 0.0) != (rest < 0.0) ? 1.0 : 0.0);
    const double whole = __builtin_floor(quotient);
    if (b == 0.0) return a / b;
    return quotient == 0.0 ? __builtin_copysign(0.0, a / b) : quotient - whole > 0.5 ? whole + 1.0 : whole;
}

static inline double divide(double a, double b) { return a / b; }
"""


class C(Language):
    """The rules of C."""

    functions: ClassVar = {
        "abs": "__builtin_fabs", "sqrt": "__builtin_sqrt", "copysign": "__builtin_copysign", "arcsin": "asin",
        "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh",
        "arctanh": "atanh", "power": "power", "mod": "mod", "floor_divide": "floor_divide", "divide": "divide",
    }  # fmt: skip
    constants: ClassVar = {"inf": "INFINITY", "nan": "NAN"}
    kinds: ClassVar = {NUMBER: "double", INTEGER: "long", TRUTH: "int"}
    prefix = "ag_"
    head = _HEAD

    def number(self, x: float) -> str:
        if x.is_integer() and abs(x) < 2.0**53:
            return repr(x)
        return re.sub(r"\.?0*p", "p", x.hex())

    def integer(self, x: str) -> str:
        return f"(long){x}"

    def length(self, name: str) -> str:
        return f"n_{name}"

    def given(self, name: str) -> str:
        return f"{name}, n_{name}"

    def new_list(self, name: str, length: str) -> str:
        return f"LIST({name}, {length});"

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        given = [f"const double *{p}, long n_{p}" if kind == LIST else f"{self.kinds[kind]} {p}"
                 for p, kind in parameters]  # fmt: skip
        result = "void" if returns == LIST else self.kinds[returns]
        head = f"static inline {result} {name}({', '.join([*given, *(['double *to'] if returns == LIST else [])])})"
        return "\n".join([f"{head} {{", *indented(body), "}\n"])
