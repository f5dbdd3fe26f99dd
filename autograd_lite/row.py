"""A row of the table as an object: its columns, and the functions that are compiled from its texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property, lru_cache
from itertools import chain, compress
from typing import Any

from autograd_lite import numerics
from autograd_lite.formulas import function_of, without_exceptions

# What the text of a row may call, on floats: `numerics`, and with `publish` the rows themselves.
NUMBERS: dict[str, Any] = {"abs": abs, **{name: getattr(numerics, name) for name in numerics.__all__}}
TABLE: dict[str, Op] = {}  # the rows by name
BY_TYPED: dict[str, Op] = {}  # and by what is typed: `+`, `exp`


class Op:
    """One operation: a row of the table. What its columns mean stands in `ops.py`."""

    expand = None  # see `Opaque`

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
        rule: str = "",  # the name of the derivative's rule
        domain: str = "all reals",
        samples: tuple[tuple[Any, ...], ...] = ((0.5,), (-1.5,)),
        helper: bool = False,  # serves as a derivative only: no method, no public function
        fold: tuple[str, ...] = (),  # out at the start, out after an entry; the formula calls it
    ) -> None:
        self.name, self.args, self.formula, self.partials = name, args, formula, partials
        self.typed = typed or name
        self.symbol = symbol or self.typed
        self.latex, self.textbook, self.rule, self.domain, self.samples = latex, textbook, rule, domain, samples
        self.helper = helper
        words, _, settings = args.partition("|")
        pairs = [word.split("=") for word in settings.split()]
        self.operands = tuple([word.lstrip("*") for word in words.split()])
        self.starred = tuple([word.startswith("*") for word in words.split()])
        self.takes_lists = True in self.starred
        self.nary = self.takes_lists or len(self.operands) > 2  # its nodes hold their operands in a tuple
        self.setting_names = tuple([pair[0] for pair in pairs])
        self.settings = tuple([float(pair[1]) for pair in pairs])
        if len(partials) != len(self.operands):
            raise ValueError(
                f"operation {name!r} has {len(self.operands)} operands ({args}) "
                f"but {len(partials)} partials; give one for each operand"
            )
        self.fold = tuple([without_exceptions(text) for text in fold])
        self.loop = _folded(self) if fold else None  # what the formula calls; others see it when it is published
        called = {**NUMBERS, self.called: self.loop} if fold else NUMBERS
        self.forward = function_of(", ".join((*self.operands, *self.setting_names)), formula, called)

    def __repr__(self) -> str:
        return f"Op({self.name!r}, {self.args!r}, {self.formula!r})"

    @property
    def called(self) -> str:
        """The name of the function that the formula of a row with a fold calls."""
        return self.formula.partition("(")[0]

    @cached_property
    def derivatives(self) -> list[Callable[..., Any]]:
        """The partials as functions of out, operands and settings; compiled when first asked for, to import fast."""
        names = ", ".join(("out", *self.operands, *self.setting_names))
        return [function_of(names, text, NUMBERS) for text in self.partials]

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

    def group(self, flat: Sequence[Any]) -> list[Any]:
        """Return the flat operands of a node as the row's formula takes them: a list for each starred one."""
        if not self.takes_lists:
            if len(flat) != len(self.operands):
                raise ValueError(f"{self.name} takes {self.args}, not {len(flat)} operands")
            return list(flat)
        plain = len(self.starred) - sum(self.starred)
        length, rest = divmod(len(flat) - plain, sum(self.starred))
        if rest:
            raise ValueError(f"{self.name} takes {self.args}; {len(flat)} operands do not divide into that")
        grouped: list[Any] = []
        start = 0
        for starred in self.starred:
            grouped.append(list(flat[start : start + length]) if starred else flat[start])
            start += length if starred else 1
        return grouped

    def flat(self, grouped: Sequence[Any]) -> list[Any]:
        """Return what stands as the row's formula takes it as one list: the inverse of `group`."""
        if not self.takes_lists:
            return list(grouped)
        return list(chain.from_iterable(x if s else (x,) for x, s in zip(grouped, self.starred, strict=True)))


class Opaque:
    """An operation without a formula: a node that a program made by hand, or the call of a compiled function.

    Its nodes hold tuples, as those of a row with lists do, and local derivatives that no text gives. What a compiled
    call stands for is computed again by `expand(node, operands)`; `leaves` says that all its parents are leaves.
    """

    formula = None
    nary = takes_lists = True
    latex, domain = "", "all reals"
    starred, operands, partials, textbook, setting_names, settings = (), (), (), (), (), ()

    def __init__(
        self, name: str, rule: str, symbol: str = "", expand: Callable[..., Any] | None = None, leaves: bool = False
    ) -> None:
        self.name = self.typed = name
        self.symbol, self.rule, self.expand, self.leaves = symbol or name, rule, expand, leaves


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
    entries = ", ".join(compress(row.operands, row.starred))
    text = _FOLD.format(
        name=row.name, operands=", ".join(row.operands), entries=entries,
        start=row.fold[0], step=row.fold[1],
    )  # fmt: skip
    found: dict[str, Any] = {}
    exec(compile(text, f"<{row.formula}>", "exec"), NUMBERS, found)
    return found[row.name]  # type: ignore[no-any-return]


@lru_cache(maxsize=4096)
def _bind(row: Op, settings: tuple[float, ...]) -> Op:
    if settings == row.settings:
        return row
    bound = copy(row)  # the functions take the settings as arguments, so they are shared
    bound.settings = settings
    return bound


def publish(row: Op) -> None:
    """Enter the row, and let later rows call it where it is a function of numbers alone."""
    TABLE[row.name] = BY_TYPED[row.typed] = row
    if row.fold:
        NUMBERS[row.called] = row.loop
    if not row.takes_lists and not row.settings:
        NUMBERS.setdefault(row.name, row.forward)


def add_row(row: Op) -> None:
    """Add a row to the table whose name and texts `define_op` has checked; what is typed already is a ValueError."""
    if row.typed in BY_TYPED:
        raise ValueError(f"an operation typed {row.typed!r} exists already; choose another")
    publish(row)
