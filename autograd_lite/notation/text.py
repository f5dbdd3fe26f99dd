"""Small pieces of text, in Unicode for terminals and in LaTeX for notebooks: names, numbers, indices.

A label of the user's may hold any character: `harmless.safe` prepares it for a terminal or a picture, `escaped` for
LaTeX and Markdown; `labels` reads those that are mathematics.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from autograd_lite.harmless import safe as safe
from autograd_lite.words import say

DIGITS = 40  # of a whole number that is written in full

# The characters that have a small form in the font of the pictures.
LOW, LOWERED = "0123456789+-=()aehklmnopstx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕₖₗₘₙₒₚₛₜₓ"
HIGH, RAISED = "0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"
_LOW, _HIGH = str.maketrans(LOWERED, LOW), str.maketrans(RAISED, HIGH)
_SUB, _SUPER = str.maketrans(LOW, LOWERED), str.maketrans(HIGH, RAISED)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of mathematics in both spellings; `loose` if it needs brackets beside a product or a power."""

    text: str
    latex: str
    loose: bool = False

    def bracketed(self) -> Text:
        """Return it in brackets where it needs them."""
        return Text(f"({self.text})", rf"\left({self.latex}\right)") if self.loose else self


def joined(pieces: Iterable[Text], text: str, latex: str) -> Text:
    """Join pieces with a sign that is spelled `text` and `latex`."""
    found = list(pieces)
    return Text(text.join(p.text for p in found), latex.join(p.latex for p in found), len(found) > 1)


def product(factors: Iterable[Text]) -> Text:
    """Return the product of the factors; negative ones and sums in brackets."""
    return joined((f.bracketed() for f in factors), " · ", r" \cdot ")


def total(terms: Iterable[Text]) -> Text:
    """Return the sum of the terms."""
    return joined(terms, " + ", " + ")


def sub(text: str) -> str:
    """Return a text with its digits, signs and some letters in their small form, lowered.

    >>> sub("12")
    '₁₂'
    """
    return text.translate(_SUB)


def sup(text: str) -> str:
    """Return a text with its digits, signs and brackets in their small form, raised."""
    return text.translate(_SUPER)


# Characters that LaTeX, Markdown or HTML would read as instructions, as signs that KaTeX and MathJax know.
_SIGNS = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"{\wedge}", "~": r"{\sim}", "<": r"\lt ", ">": r"\gt ", "|": r"\vert ", "*": r"\ast ", "`": r"\prime ",
    "[": r"\lbrack ", "]": r"\rbrack ",
}  # fmt: skip

_SPECIAL = re.escape("".join(_SIGNS))
_PIECES = re.compile(f"[{_SPECIAL}]|[^{_SPECIAL}]+")
# Accents that KaTeX does not know, and accents over nothing: either would make it refuse the whole formula.
_STRAY = re.compile(rf"(?:^|(?<=[\s{_SPECIAL}]))[\u0300-\u036f]+|[\u0305\u0309\u030d-\u0326\u0328-\u036f]")


def escaped(text: str) -> str:
    """Return a safe text in LaTeX; nothing in it is an instruction.

    >>> escaped("loss"), escaped("a$b")
    ('\\\\text{loss}', '\\\\text{a}\\\\$\\\\text{b}')
    """
    pieces = _PIECES.findall(_STRAY.sub("", text))
    return "".join(_SIGNS.get(piece) or rf"\text{{{piece}}}" for piece in pieces) or r"\text{ }"


_RUN = re.compile(f"[{LOWERED}]+[{RAISED}]*|[{RAISED}]+")
_LETTERS = {"−": "-", "×": r"\times", "·": r"\cdot", "÷": r"\div", "∂": r"\partial", "→": r"\to", "⋯": r"\cdots",
            "√": r"\surd", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "′": "'", "″": "''", "<": "<", ">": ">", "|": "|",
            "Σ": r"\Sigma", "✎": r"\ast", "^": r"\wedge"}  # fmt: skip
_ESCAPED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "–": "--",
            "…": r"\ldots{}", **{sign: f"\\{sign}" for sign in "{}$&#%_"}}  # fmt: skip


def in_latex(text: str) -> str:
    """Return a line of text, with indices and signs in Unicode, for LaTeX itself; nothing in it is an instruction.

    >>> print(in_latex("w₁₂⁽¹⁾ = −0.5"), in_latex("50% of x_1"), in_latex("θ²"))
    w$_{12}^{(1)}$ = $-$0.5 50\\% of x\\_1 $\\theta$$^{2}$
    """

    def small(found: re.Match[str]) -> str:
        low, high = (found[0].translate(typed) for typed in (_LOW, _HIGH))
        below = "".join(c for c, was in zip(low, found[0], strict=True) if was in LOWERED)
        above = "".join(c for c, was in zip(high, found[0], strict=True) if was in RAISED)
        return f"\0{f'_{{{below}}}' if below else ''}{f'^{{{above}}}' if above else ''}\0"

    pieces = _RUN.sub(small, text).split("\0")
    return "".join(f"${piece}$" if i % 2 else "".join(map(_letter, piece)) for i, piece in enumerate(pieces))


def _letter(character: str) -> str:
    if character in _LETTERS:
        return f"${_LETTERS[character]}$"
    if "α" <= character <= "ω" or character in "ΓΔΘΛΞΠΥΦΨΩ":
        name = unicodedata.name(character).rpartition(" ")[2].lower()
        name = {"lamda": "lambda", "omicron": "o"}.get(name, name)
        return f"${name if len(name) == 1 else chr(92) + (name if character.islower() else name.title())}$"
    return _ESCAPED.get(character, character)


def number(x: float, digits: int = 6) -> Text:
    """Return a number to so many significant digits, with an exponent where it would be long without one.

    >>> number(-0.25).text, number(1.5e-7).latex, number(3.0).text, number(float("-inf")).text
    ('−0.25', '1.5 \\\\cdot 10^{-7}', '3', '−inf')
    >>> [number(x, 3).text for x in (0.70710678, 12345.6, -2e5, -1.5e-4)]
    ['0.707', '12346', '−2e5', '−1.5e−4']
    """
    if not math.isfinite(x):
        text, latex = ("nan", r"\text{nan}") if x != x else ("inf", r"\infty")
        return Text(text, latex) if not x < 0.0 else Text("−inf", r"-\infty", True)
    mantissa, _, after = f"{x + 0.0:.{digits - 1}e}".partition("e")
    exponent = int(after)
    if -max(3, digits - 2) <= exponent < max(5, digits):
        mantissa, exponent = f"{x + 0.0:.{max(0, digits - 1 - exponent)}f}", 0
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    latex = mantissa + (rf" \cdot 10^{{{exponent}}}" if exponent else "")
    return Text(minus(mantissa + (f"e{exponent}" if exponent else "")), latex, x < 0.0)


def full(x: float) -> str:
    """Return a number with every digit, for a tooltip.

    >>> full(0.1 + 0.2), full(-3.0)
    ('0.30000000000000004', '−3.0')
    """
    return minus(repr(float(x)))


def minus(text: str) -> str:
    """Return a number that Python wrote with the minus sign that people read; code and CSV keep the hyphen."""
    return text.replace("-", "−")


def count(n: int) -> Text:
    """Return a whole number, however large: in full, or as a power of two minus a small number, or roughly.

    >>> count(1234).text, count(2 ** 50 - 6).text, count(2 ** 1100).text, count(2 ** 1100 - 6).text
    ('1,234', '1,125,899,906,842,618', '2^1100', '2^1100 − 6')
    >>> count(3 ** 1000).text
    'about 1.322e477'
    """
    if n < 10**DIGITS:
        return Text(f"{n:,}", f"{n:,}".replace(",", "{,}"))
    exponent = (n - 1).bit_length()
    if (missing := (1 << exponent) - n) < 10**6:
        less = f" − {missing:,}" if missing else ""
        latex = less.replace("−", "-").replace(",", "{,}")
        return Text(f"2^{exponent}{less}", f"2^{{{exponent}}}{latex}", bool(missing))
    shift = max(0, n.bit_length() - 60)
    digits = math.log10(n >> shift) + shift * math.log10(2.0)
    mantissa, power = f"{10 ** (digits % 1.0):.3f}", int(digits)
    about = say("explain.about")
    return Text(f"{about} {mantissa}e{power}", rf"\text{{{about} }} {mantissa} \cdot 10^{{{power}}}")
