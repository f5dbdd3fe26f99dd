"""A row of the table as an object: its columns, and the functions that are compiled from its texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property, lru_cache
from itertools import chain, compress
from operator import ge, gt, le, lt, ne
from typing import Any

from autograd_lite import numerics
from autograd_lite.formulas import function_of
from autograd_lite.generated import run_text
from autograd_lite.languages.parsing import names_in, with_entries
from autograd_lite.languages.python import without_exceptions
from autograd_lite.numerics import lists

# The names that the text of a row may call, on floats: `numerics`, and with `publish` the rows themselves.
FLOAT_NAMES: dict[str, Any] = {"abs": abs, **{name: getattr(numerics, name) for name in numerics.__all__}}
# Functions from a list to a list, which a text may call besides the rows. Plain operators do all, so Values serve too.
VECTOR_FUNCTIONS: dict[str, Any] = {
    name: found for name in lists.__all__ if "list" in (found := getattr(lists, name)).__annotations__["return"]
}
_COMPARED = {"<": lt, "≤": le, ">": gt, "≥": ge, "≠": ne}  # how a condition of a domain is written
TABLE: dict[str, Op] = {}  # the rows by name
BY_SPELLING: dict[str, Op] = {}  # and by what is typed: `+`, `exp`


Domain = str | tuple[tuple[str, str, float], ...]


def in_words(conditions: tuple[tuple[str, str, float], ...]) -> str:
    """Return the conditions of a domain in words.

    >>> in_words((("a", ">", -1.0), ("a", "<", 1.0))), in_words((("b", "≠", 0.0),))
    ('-1 < a < 1', 'b ≠ 0')
    """
    if len(conditions) == 2 and conditions[0][0] == conditions[1][0]:
        (name, low, a), (_, high, b) = conditions
        return f"{a:g} {low.translate({ord('>'): '<', ord('≥'): '≤'})} {name} {high} {b:g}"
    return ", ".join([f"{name} {sign} {bound:g}" for name, sign, bound in conditions])


class Op:
    """One operation: a row of the table. How to read its texts stands in `ops.py`, what the columns mean below."""

    expand = None  # see `Opaque`
    table = TABLE  # whose rows the texts may call

    def __init__(
        self,
        name: str,
        args: str,
        formula: str,
        partials: tuple[str, ...],
        typed: str = "",  # what `Value.op` says; the name if empty
        symbol: str = "",  # what a picture shows; `typed` if empty
        latex: str = "",  # the operation in LaTeX, operands as {a} {b}; \\operatorname{name}(a, b) if empty
        textbook: tuple[str, ...] = (),
        rule: str = "",  # the name of the derivative's rule; "derivative of" its symbol if empty
        domain: Domain = (),  # where it is defined and differentiable: conditions that all hold, or words; all reals
        samples: tuple[tuple[Any, ...], ...] = ((0.5,), (-1.5,)),
        fold: tuple[str, ...] = (),  # out at the start, out after an entry; the formula calls it
        kind: str = "",  # "helper": a derivative only, not public; "function": no method; else as `methods` say
        means: str = "",  # of a helper, its formula as the course writes it; in the place of a symbol, if it has none
        methods: str = "",  # on Value: one, its reflected `__r…__`, other spellings; if empty, `name` for one operand
        kinks: bool = False,  # its local derivatives, or itself, jump somewhere
        hint: str = "",  # what to do where its derivative is infinite
        target: str = "",  # of a loss from logits: the operand y in its derivative p - y
        signature: str = "",  # the parameters of its function; operands and settings if empty
        each: str = "",  # of a function that returns a list, one node an entry: the setting that numbers them
        doc: str = "",  # what its function returns
        micrograd: str = "",  # what `_op` says, {1} for a second operand that is a number; the spelling if empty
    ) -> None:
        self.name, self.args, self.formula = name, args, formula
        self.partials = tuple(["1.0" if text.startswith("ones(") else text for text in partials])
        self.spelling = typed or name
        self.symbol = symbol or self.spelling
        self.derivative_rule = rule or f"derivative of {self.symbol}"
        self.latex, self.textbook, self.samples = latex, textbook, samples
        self.means, self.nameless = means, bool(means) and not symbol
        self.kinks, self.hint, self.target, self.each, self.doc = kinks, hint, target, each, doc
        self.micrograd = micrograd
        self.conditions = () if isinstance(domain, str) else domain
        self.domain = (domain if isinstance(domain, str) else in_words(domain)) or "all reals"
        words, _, settings = args.partition("|")
        pairs = [word.split("=") for word in settings.split()]
        self.operands = tuple([word.lstrip("*") for word in words.split()])
        self.is_list = tuple([word.startswith("*") for word in words.split()])
        self.takes_lists = True in self.is_list
        self.nary = self.takes_lists or len(self.operands) > 2  # its nodes hold their operands in a tuple
        self.setting_names = tuple([pair[0] for pair in pairs])
        self.settings = tuple([float(pair[1]) for pair in pairs])
        self.all_names = (*self.operands, *self.setting_names)
        if len(partials) != len(self.operands):
            raise ValueError(
                f"operation {name!r} has {len(self.operands)} operands ({args}) "
                f"but {len(partials)} partials; give one for each operand"
            )
        unary = len(self.operands) == 1 and not self.takes_lists and kind == ""
        self.methods = tuple(methods.split()) or (name,) * unary
        self.kind = kind or ("function" if not self.methods else "operator" if "__" in methods else "method")
        given = zip(self.setting_names, self.settings, strict=True)
        self.signature = signature or ", ".join([*self.operands, *[f"{key}={value!r}" for key, value in given]])
        self.fold = tuple([without_exceptions(text) for text in fold])
        self.forward = _folded(self) if fold else function_of(", ".join(self.all_names), formula, FLOAT_NAMES)

    def __repr__(self) -> str:
        return f"Op({self.name!r}, {self.args!r}, {self.formula!r})"

    @property
    def helper(self) -> bool:
        """Tell whether this row serves as a derivative only."""
        return self.kind == "helper"

    @cached_property
    def is_weighted_sum(self) -> bool:
        """Whether the row is w·a + b: it adds the products of two lists, from its third operand on."""
        if self.is_list != (True, True, False) or self.settings:
            return False
        a, b, c = self.operands
        return self.fold == (c, f"out + {a} * {b}") and self.partials == (b, a, "1.0")

    @cached_property
    def by_entry(self) -> list[bool]:
        """For each partial, whether it is the derivative by one entry of a list: it calls no function of lists."""
        of_lists = {*lists.__all__, *[row.name for row in TABLE.values() if row.takes_lists]}
        return [not names_in(text) & of_lists for text in self.partials]

    @cached_property
    def whole_partials(self) -> list[str]:
        """The partials as they are computed: by a list, a list of the derivatives by all its entries."""
        columns = zip(self.partials, self.is_list, self.by_entry, strict=True)
        return [self._for_all(text) if is_list and by_entry else text for text, is_list, by_entry in columns]

    def _for_all(self, text: str) -> str:
        names = [*compress(self.operands, self.is_list)]
        if text in names:
            return text
        entry = with_entries(text, names, "_j")
        return f"[{entry} for _j in range(len({names[0]}))]" if "_j" in entry else f"[{entry}] * len({names[0]})"

    @cached_property
    def derivatives(self) -> list[Callable[..., Any]]:
        """The partials as functions of out, operands and settings; compiled when first asked for, to import fast."""
        names = ", ".join(("out", *self.all_names))
        return [function_of(names, text, FLOAT_NAMES) for text in self.whole_partials]

    def bind(self, **settings: float) -> Op:
        """Return this row with other values for its settings."""
        return _bind(
            self, tuple(float(settings.get(n, v)) for n, v in zip(self.setting_names, self.settings, strict=True))
        )

    def value(self, operands: Sequence[Any]) -> float:
        """Return the result for these operands, a list in the place of a starred one."""
        out: float = self.forward(*operands, *self.settings)
        return out

    def local_derivatives(self, out: Any, operands: Sequence[Any]) -> list[Any]:
        """Return the partial by each operand, a list in the place of a starred one."""
        return [partial(out, *operands, *self.settings) for partial in self.derivatives]

    def within_domain(self, numbers: Sequence[float]) -> bool:
        """Tell whether a node's operands keep to the conditions of the domain; one in words has none."""
        if not self.conditions:
            return True
        known = dict(zip(self.operands, self.group(numbers), strict=True))
        return all([_COMPARED[sign](known[name], bound) for name, sign, bound in self.conditions])

    def evaluate(self, numbers: Sequence[float]) -> tuple[float, list[float]]:
        """Return the result for a node's operands, and the partial by each of them, in one list as these are."""
        if self.takes_lists or len(numbers) != len(self.operands):
            operands = self.group(numbers)
            out = self.value(operands)
            return out, self.flat(self.local_derivatives(out, operands))
        out = self.forward(*numbers, *self.settings)
        return out, [partial(out, *numbers, *self.settings) for partial in self.derivatives]

    def group(self, flat: Sequence[Any]) -> list[Any]:
        """Return the flat operands of a node as the row's formula takes them: a list for each starred one."""
        if not self.takes_lists:
            if len(flat) != len(self.operands):
                raise ValueError(f"{self.name} takes {len(self.operands)} operands, not {len(flat)}")
            return list(flat)
        plain = len(self.is_list) - sum(self.is_list)
        length, rest = divmod(len(flat) - plain, sum(self.is_list))
        if rest:
            raise ValueError(f"{self.name} takes {self.args}; {len(flat)} operands do not divide into that")
        grouped: list[Any] = []
        start = 0
        for is_list in self.is_list:
            grouped.append(list(flat[start : start + length]) if is_list else flat[start])
            start += length if is_list else 1
        return grouped

    def flat(self, grouped: Sequence[Any]) -> list[Any]:
        """Return operands grouped as the row's formula takes them as one list: the inverse of `group`."""
        if not self.takes_lists:
            return list(grouped)
        return list(chain.from_iterable(x if s else (x,) for x, s in zip(grouped, self.is_list, strict=True)))


class Opaque:
    """An operation without a formula: a node that a program made by hand, or the call of a compiled function.

    Its nodes hold tuples, as those of a row with lists do, and local derivatives that no text gives. The graph that a
    compiled call stands for is recorded by `expand(node, operands)`; `leaves` says that all its parents are leaves.
    """

    formula = None
    nary = takes_lists = True
    is_weighted_sum = False
    latex, means, domain, hint, target, micrograd = "", "", "all reals", "", "", ""
    nameless = False
    is_list, operands, partials, textbook, setting_names, settings = (), (), (), (), (), ()

    def __init__(
        self, name: str, rule: str, symbol: str = "", expand: Callable[..., Any] | None = None, leaves: bool = False
    ) -> None:
        self.name = self.spelling = name
        self.symbol, self.derivative_rule, self.expand, self.leaves = symbol or name, rule, expand, leaves


_FOLD = """
def {name}({operands}):
    out = {start}
    for {entries}, in zip({entries}):
        out = {step}
    return out
"""


def _folded(row: Op) -> Callable[..., float]:
    """Write the function of a row that is a loop over its lists, left to right.

    Left to right, so that every run rounds alike: builtin `sum` compensates since Python 3.12.
    """
    entries = ", ".join(compress(row.operands, row.is_list))
    text = _FOLD.format(
        name=row.name, operands=", ".join(row.operands), entries=entries,
        start=row.fold[0], step=row.fold[1],
    )  # fmt: skip
    return run_text(text, f"<{row.formula}>", FLOAT_NAMES)[row.name]  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def _bind(row: Op, settings: tuple[float, ...]) -> Op:
    if settings == row.settings:
        return row
    bound = copy(row)  # the functions take the settings as arguments, so they are shared
    bound.settings = settings
    return bound


def publish(row: Op) -> None:
    """Enter the row, and let later rows call it where it has no settings."""
    if row.name in names_in(row.formula) and row.name not in FLOAT_NAMES and not row.fold:
        raise ValueError(f"operation {row.name!r}: the formula {row.formula!r} calls the operation itself; write it "
                         "with others, or add a function of this name to numerics")  # fmt: skip
    TABLE[row.name] = BY_SPELLING[row.spelling] = row
    if not row.settings:
        FLOAT_NAMES.setdefault(row.name, row.forward)


def add_row(row: Op) -> None:
    """Add a row whose name and texts `define_op` has checked; ValueError if its spelling is in use."""
    if row.spelling in BY_SPELLING:
        raise ValueError(f"an operation typed {row.spelling!r} exists already; choose another")
    publish(row)
