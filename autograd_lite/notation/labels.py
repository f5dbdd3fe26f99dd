"""Labels that are mathematics: `w_11^(1)`, `z_{11}`, `\\theta`, `theta` and `w₁₁⁽¹⁾` are set as a textbook sets them.

A symbol is one letter, Latin or Greek, with an index below it, above it, or both. Any other label (`loss_1`, `x1*w1`)
is the user's own text: it is shown as typed, and nothing in it is an instruction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from autograd_lite.notation.text import HIGH, LOW, LOWERED, RAISED, Text, escaped, safe, sub, sup

_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi "
    "psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
_LATEX = {letter: f"\\{name}" for name, letter in GREEK.items()}

_LETTER = rf"(?P<letter>[A-Za-z{''.join(_LATEX)}])|\\?(?P<greek>{'|'.join(GREEK)})"
_INSIDE = r"[0-9A-Za-z+,-]{1,8}"
_INDEX = rf"([_^])(?:\{{({_INSIDE}|\({_INSIDE}\))\}}|([0-9A-Za-z]{{1,8}}|\({_INSIDE}\)))"
_SYMBOL = re.compile(rf"(?:{_LETTER})(?P<digits>[0-9]{{0,8}})(?P<indices>(?:{_INDEX}){{0,2}})")

_TYPED = str.maketrans({**dict(zip(LOWERED, LOW, strict=True)), **dict(zip(RAISED, HIGH, strict=True))})
_SMALL = re.compile(f"([{LOWERED}]+(?:,[{LOWERED}]+)*)|([{RAISED}]+)")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter with what stands below and above it; digits typed right behind the letter count as below."""

    letter: str
    low: str = ""
    high: str = ""
    joined: bool = False  # typed as w1

    @property
    def text(self) -> str:
        """The symbol in Unicode; w1 stays w1 there, because it is found by that name in the code."""
        low = self.low if self.joined else _set(self.low, "_", sub(self.low))
        return self.letter + low + _set(self.high, "^", sup(self.high))

    @property
    def latex(self) -> str:
        """The symbol in LaTeX."""
        low, high = (re.sub("[A-Za-z]{3,}", r"\\text{\g<0>}", index) for index in (self.low, self.high))
        below, above = f"_{{{low}}}" if low else "", f"^{{{high}}}" if high else ""
        return _LATEX.get(self.letter, self.letter) + below + above


def read(label: str) -> Symbol | None:
    r"""Return the symbol that a label is, None if it is none.

    >>> read("w_11^(1)") == read("w₁₁⁽¹⁾") == read("w^{(1)}_{11}") == Symbol("w", "11", "(1)")
    True
    >>> read(r"\theta") == read("theta") == Symbol("θ"), read("h_{t-1}"), read("loss_1")
    (True, Symbol(letter='h', low='t-1', high='', joined=False), None)
    """
    typed = _SMALL.sub(lambda found: f"{'_' if found[1] else '^'}{{{found[0].translate(_TYPED)}}}", label)
    found = _SYMBOL.fullmatch(typed)
    if found is None:
        return None
    indices = {sign: braced or bare for sign, braced, bare in re.findall(_INDEX, found["indices"])}
    digits, low = found["digits"], indices.get("_", "")
    if len(indices) < len(re.findall(_INDEX, found["indices"])) or (digits and low):
        return None
    letter = found["letter"] or GREEK[found["greek"]]
    return Symbol(letter, low or digits, indices.get("^", ""), bool(digits))


@lru_cache(maxsize=1024)
def named(label: str) -> Text:
    r"""Return a label as a name, in Unicode and in LaTeX; loose if it reads like a calculation.

    >>> [named(label).text for label in ("w_11^(1)", r"\theta", "h_{t-1}", "x_i", "w1", "loss_1")]
    ['w₁₁⁽¹⁾', 'θ', 'hₜ₋₁', 'x_i', 'w1', 'loss_1']
    """
    symbol = read(label)
    if symbol is not None:
        return Text(symbol.text, symbol.latex, symbol.high != "" and not symbol.high.startswith("("))
    text = safe(label)
    return Text(text, escaped(text), not text.replace("_", "a").isalnum())


def _set(index: str, sign: str, small: str) -> str:
    """Return an index in its small form where all of it has one, else as it is typed."""
    if not set(small.replace(",", "")) & set(index):
        return small
    return sign + (index if index.isalnum() or index.startswith("(") else f"{{{index}}}")
