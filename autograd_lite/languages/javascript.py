"""JavaScript: rows as functions of numbers, with the package's own bits wherever the engine's `Math` has them.

A list is anything with a length and entries; a function that returns a list returns a Float64Array, or fills what it
is given last. `**` is never written: `-a ** 2` is an error there, and 1 to the power of infinity is not 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from autograd_lite.languages.language import INTEGER, LIST, NUMBER, TRUTH, Language, indented

if TYPE_CHECKING:
    pass

# erf and erfc: the rational approximations of Sun Microsystems' s_erf.c (1993), .9 and 2.6 units in the last place.
_HEAD = """
"use strict";

function power(a, b) {
    if (b === 2) return a * a;
    return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b);
}

function copysign(a, b) { return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a); }

function mod(a, b) {
    const rest = a % b;
    return rest === 0 ? copysign(0, b) : (b < 0) !== (rest < 0) ? rest + b : rest;
}

function floor_divide(a, b) {
    if (b === 0) return a / b;
    const rest = a % b;
    const quotient = (a - rest) / b - (rest !== 0 && (b < 0) !== (rest < 0) ? 1 : 0);
    const whole = Math.floor(quotient);
    return quotient === 0 ? copysign(0, a / b) : quotient - whole > 0.5 ? whole + 1 : whole;
}

function divide(a, b) { return a / b; }

function polynomial(x, ...coefficients) {
    let sum = 0;
    for (const c of coefficients.reverse()) sum = sum * x + c;
    return sum;
}

function erf_near_0(x) { // (erf(x) - x) / x
    const z = x * x;
    return polynomial(z, 1.28379167095512558561e-1, -3.25042107247001499370e-1, -2.84817495755985104766e-2,
                      -5.77027029648944159157e-3, -2.37630166566501626084e-5) /
           polynomial(z, 1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3,
                      1.32494738004321644526e-4, -3.96022827877536812320e-6);
}

const ERF_1 = 8.45062911510467529297e-1;

function erf_near_1(x) { // erf(x) - ERF_1, for x > 0
    const z = x - 1;
    return polynomial(z, -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1,
                      3.18346619901161753674e-1, -1.10894694282396677476e-1, 3.54783043256182359371e-2,
                      -2.16637559486879084300e-3) /
           polynomial(z, 1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2,
                      1.26171219808761642112e-1, 1.36370839120290507362e-2, 1.19844998467991074170e-2);
}

function erfc_beyond(x) { // erfc(x) for x >= 1.25
    const z = 1 / (x * x), high = Math.fround(x);
    const ratio = x < 1 / 0.35
        ? polynomial(z, -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1,
                     -6.23753324503260060396e1, -1.62396669462573470355e2, -1.84605092906711035994e2,
                     -8.12874355063065934246e1, -9.81432934416914548592) /
          polynomial(z, 1, 1.96512716674392571292e1, 1.37657754143519042600e2, 4.34565877475229228821e2,
                     6.45387271733267880336e2, 4.29008140027567833386e2, 1.08635005541779435134e2,
                     6.57024977031928170135, -6.04244152148580987438e-2)
        : polynomial(z, -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1,
                     -1.60636384855821916062e2, -6.37566443368389627722e2, -1.02509513161107724954e3,
                     -4.83519191608651397019e2) /
          polynomial(z, 1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3,
                     3.19985821950859553908e3, 2.55305040643316442583e3, 4.74528541206955367215e2,
                     -2.24409524465858183362e1);
    return Math.exp(-high * high - 0.5625) * Math.exp((high - x) * (high + x) + ratio) / x;
}

function erf(x) {
    const size = Math.abs(x);
    if (size < 0.84375) return x + x * erf_near_0(x);
    const value = size < 1.25 ? ERF_1 + erf_near_1(size) : size < 6 ? 1 - erfc_beyond(size) : size >= 6 ? 1 : NaN;
    return x < 0 ? -value : value;
}

function erfc(x) {
    const size = Math.abs(x);
    if (size < 0.84375) {
        const rest = x * erf_near_0(x);
        return x < 0.25 ? 1 - (x + rest) : 0.5 - (x - 0.5 + rest);
    }
    if (size < 1.25) return x < 0 ? 1 + (ERF_1 + erf_near_1(size)) : 1 - ERF_1 - erf_near_1(size);
    const value = size < 28 ? erfc_beyond(size) : size >= 28 ? 0 : NaN;
    return x < 0 ? 2 - value : value;
}
"""


class JavaScript(Language):
    """The rules of JavaScript."""

    functions: ClassVar = {
        "arcsin": "Math.asin", "arccos": "Math.acos", "arctan": "Math.atan", "arctan2": "Math.atan2",
        "arcsinh": "Math.asinh", "arccosh": "Math.acosh", "arctanh": "Math.atanh",
        **{name: name for name in ("power", "mod", "floor_divide", "divide", "copysign", "erf", "erfc")},
    }  # fmt: skip
    constants: ClassVar = {"inf": "Infinity", "nan": "NaN"}
    kinds: ClassVar = {NUMBER: "let", INTEGER: "let", TRUTH: "let"}
    head = _HEAD

    def primitive(self, name: str) -> str:
        return self.functions.get(name, f"Math.{name}")

    def integer(self, x: str) -> str:
        return f"Math.trunc({x})"

    def length(self, name: str) -> str:
        return f"{name}.length"

    def new_list(self, name: str, length: str) -> str:
        return f"const {name} = new Float64Array({length});"

    def list_returned(self) -> str:
        return "return to;"

    def define(self, name: str, parameters: Sequence[tuple[str, str]], returns: str, body: Sequence[str]) -> str:
        given = [p for p, _ in parameters]
        if returns == LIST:
            first = next(p for p, kind in parameters if kind == LIST)
            given.append(f"to = new Float64Array({first}.length)")
        return "\n".join([f"function {name}({', '.join(given)}) {{", *indented(body), "}\n"])
