"""`define_op`: a new operation for a program, checked before it can be used.

The row is built, its texts are checked, and its derivatives are compared with differences. Only then does it enter the
table, the class Value and the functions that other rows may call, so a refused operation leaves no trace.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from keyword import iskeyword
from math import isfinite
from typing import Any

from autograd_lite import functions, numerics
from autograd_lite.coerce import to_float
from autograd_lite.engine import Value, install
from autograd_lite.formulas import TEXTBOOK, check_text, parse_text
from autograd_lite.ops import FLOAT_NAMES, TABLE, VECTOR_FUNCTIONS, Op
from autograd_lite.row import Domain, add_row

COLUMNS = {"typed", "symbol", "latex", "textbook", "rule", "domain", "samples", "fold", "kinks", "hint"}
_defined: dict[str, tuple[Any, Callable[..., Any]]] = {}  # by name: an operation as it was given, and its function
SIGNS = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "≠": "≠"}  # and each of them read from the other side


def define_op(
    name: str,
    formula: str,
    partials: str | Sequence[str],
    *,
    args: str | None = None,
    check: bool = True,
    **details: Any,
) -> Callable[..., Any]:
    """Add a row to the table and return its function: drawn, explained, checked and differentiated like any other.

    `args` names the operands ("x y" for two, "*a" for a list, "a | k=2.0" for a setting); without it they are
    a, b, c, …, as many as there are partials. The partial by a list is the derivative by a single entry, which has the
    list's name, or a function of the whole list: "softmax(a)". `details` are other columns of a row: symbol, latex,
    textbook, rule, domain ("a > 0"), kinks, hint, samples; and `fold` for a loop over a list, whose formula is the
    operation's own name with its operands.

    Each partial is compared with differences, unless `check=False`: at the `samples`, or without them at points where
    the formula is finite. ValueError if one is not the derivative, if the name is taken, or if a text is no formula.
    The same definition once more, as when a cell of a notebook runs again, returns the function that there is.

    >>> cube = define_op("cube", "a * a * a", ("3.0 * a * a",))
    >>> x = Value(2.0)
    >>> y = cube(x); y.backward(); (y.data, x.grad, y.op)
    (8.0, 12.0, 'cube')
    >>> length2 = define_op("length2", "length2(a)", "2.0 * a", args="*a", fold=("0.0", "out + a * a"))
    >>> length2([Value(3.0), Value(-4.0)]).partials
    (6.0, -8.0)
    >>> define_op("quart", "a * a * a * a", ("4.0 * a * a",))
    Traceback (most recent call last):
    ValueError: define_op: the partial of quart by a is not its derivative: at a = 0.53 it is 1.1236, \
differences give 0.595508; mend it, or pass check=False
    """
    partials = (partials,) if isinstance(partials, str) else tuple(partials)
    definition = formula, partials, args, details.copy()
    if name in TABLE and name in _defined and _defined[name][0] == definition:
        return _defined[name][1]
    _check_name(name)
    for text in (formula, *partials):
        if not isinstance(text, str):
            raise TypeError(f"define_op: formula and partials must be strings such as 'a * a', not {text!r:.60}")
    if unknown := details.keys() - COLUMNS:
        raise TypeError(f"define_op: {min(unknown)!r} is no column of a row: {', '.join(sorted(COLUMNS))}")
    for column in ("typed", "symbol", "latex", "rule", "domain", "hint"):
        if not isinstance(details.get(column, ""), str):
            raise TypeError(f"define_op: {column} must be a string, not {details[column]!r:.60}")
    formula, partials = _with_points(formula), tuple(map(_with_points, partials))
    details |= {column: tuple(map(_with_points, details[column])) for column in {"fold", "textbook"} & {*details}}
    args = " ".join("abcdefghijklm"[: max(len(partials), 1)]) if args is None else args
    _check_args(name, args)
    _check_texts(name, args, formula, partials, tuple(details.get("fold", ())), tuple(details.get("textbook", ())))
    details["domain"] = _domain(details.get("domain", ""), args)
    details.setdefault("kinks", any(" if " in text or "_share(" in text for text in partials))
    row = Op(name, args, formula, partials, **details)
    try:
        row.latex.format(**dict.fromkeys(row.operands, "x"))
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"operation {name!r}: latex {row.latex!r} must name the operands in braces, like {{a}}, and "
                         f"double all other braces ({error})") from None  # fmt: skip
    if check:
        _check_derivatives(row, _samples(row) if "samples" in details else _points(row))
    add_row(row)
    install({name: row})
    function = functions.publish(row)
    _defined[name] = definition, function
    return function


def _with_points(text: str) -> str:
    """Return a text with its whole numbers as floats, which all languages of a row compute with.

    >>> _with_points("2*a**3 + 1e-5*x2 + 0.5")
    '2.0*a**3.0 + 1e-5*x2 + 0.5'
    """
    return re.sub(r"(?<![\w.])(?<!\d[eE][-+])\d{1,300}(?![\w.])", r"\g<0>.0", text)


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"define_op: the name must be an identifier, not {name!r}")
    if iskeyword(name) or name == "out":
        what = "a keyword of Python" if iskeyword(name) else "the result in the text of a row"
        raise ValueError(f"define_op: {name!r} is {what}; choose another name, such as {name}_")
    if name in TABLE and name in _defined:
        raise ValueError(f"operation {name!r} exists already, with the formula {TABLE[name].formula!r}; graphs may "
                         f"hold it, so it stays as it is: give another one another name, such as {name}_2")  # fmt: skip
    if name in functions.__all__ or name in TABLE or name in numerics.__all__:
        raise ValueError(f"operation {name!r} exists already; choose another name")
    if hasattr(Value, name):
        raise ValueError(f"define_op: every Value has a .{name} already; choose another name")


def _domain(text: str, args: str) -> Domain:
    """Return a domain such as "-1 < a ≤ 1" as conditions on one operand; other words as they are, "all reals" as none.

    >>> _domain("-1 < a ≤ 1", "a b"), _domain("b whole", "a b"), _domain("", "a")
    ((('a', '>', -1.0), ('a', '≤', 1.0)), 'b whole', '')
    """
    words = text.split()
    found: list[tuple[str, str, float]] = []
    for left, sign, right in zip(words[::2], words[1::2], words[2::2], strict=False):
        name, sign, bound = (left, sign, right) if left in args.split() else (right, SIGNS.get(sign, ""), left)
        if name not in args.split() or sign not in SIGNS:
            return text
        try:
            found.append((name, sign, float(bound)))
        except ValueError:
            return text
    return tuple(found) if len(words) == 2 * len(found) + 1 and found else "" if text == "all reals" else text


def _check_args(name: str, args: str) -> None:
    """Raise ValueError unless `args` reads like "a b", "*a b" or "a | k=2.0"."""
    operands, _, settings = args.partition("|")
    names = [word.removeprefix("*") for word in operands.split()]
    for word in settings.split():
        key, _, number = word.partition("=")
        try:
            float(number)
        except ValueError:
            raise ValueError(f"operation {name!r}: {word!r} in args={args!r}: expected a setting with its value, "
                             "like k=2.0") from None  # fmt: skip
        names.append(key)
    bad = next((n for n in names if not n.isidentifier() or iskeyword(n) or n.startswith("_") or n == "out"), None)
    if bad is not None or len(set(names)) < len(names) or not operands.split():
        why = "expected operands, like 'a b'" if bad is None else f"{bad!r} can't be the name of an operand"
        why = "a name is there twice" if bad is None and len(set(names)) < len(names) else why
        raise ValueError(f"operation {name!r}: args={args!r}: {why}")


def _check_texts(
    name: str, args: str, formula: str, partials: Sequence[str], fold: Sequence[str], textbook: Sequence[str]
) -> None:
    """Raise ValueError unless all texts of a new row keep to the grammar and call only functions of the table."""
    operands, _, settings = args.partition("|")
    own = {word.lstrip("*") for word in operands.split()} | {word.partition("=")[0] for word in settings.split()}
    allowed = own | {"inf", "nan"} | {name for name in TABLE if name in FLOAT_NAMES}
    helpers = [name for name in allowed if name in TABLE and TABLE[name].helper]  # no word for a user
    check = partial(check_text, name, unsaid={*helpers, *VECTOR_FUNCTIONS} - {"ones", "softmax"})
    if fold:
        lists = {word[1:] for word in operands.split() if word.startswith("*")}
        called = f"{name}({', '.join(word.lstrip('*') for word in operands.split())})"
        if len(fold) != 2 or not lists or settings or formula != called:
            raise ValueError(f"operation {name!r}: fold is (out at the start, out after an entry) of a row with lists "
                             f"and no settings, whose formula is {called!r}, not {formula!r}")  # fmt: skip
        check(fold[0], allowed - lists)
        check(fold[1], allowed | {"out"})
        step = parse_text(name, fold[1]).body
        chained = isinstance(step, ast.BinOp) and ast.unparse(step.left) == "out" and isinstance(
            step.op, ast.Add | ast.Sub | ast.Mult) and "out" not in {
            node.id for node in ast.walk(step.right) if isinstance(node, ast.Name)}  # fmt: skip
        if not chained or not (fold[0] in own or fold[0].lstrip("-").replace(".", "").isdecimal()):
            raise ValueError(f"operation {name!r}: fold={tuple(fold)!r}: the start must be a number or an operand that "
                             "is no list, the step 'out + …' or 'out * …', with out nowhere else")  # fmt: skip
    else:
        check(formula, allowed)
    for text in partials:
        check(text, allowed | {"out", *VECTOR_FUNCTIONS})
    for text in textbook:
        check(text, allowed | {"out", "j", *VECTOR_FUNCTIONS}, TEXTBOOK)


# ------------------------------------------------------------------------------------------- differences

PROBES = (0.53, -1.47, 2.21, 0.17, -0.38, 1.13, 3.37, -2.71, 0.89)  # no usual function has a kink at one of them


def _check_derivatives(row: Op, points: Iterable[list[Any]]) -> None:
    """Raise ValueError at the first point where a partial differs from the difference quotients of the formula.

    Settings are tried at their defaults and at other numbers: a partial that forgets a setting is right where it is 1.
    """
    points = list(points)
    for settings in (row.settings, tuple(x + 1.0 for x in row.settings)) if row.settings else ((),):
        bound = row.bind(**dict(zip(row.setting_names, settings, strict=True)))
        for point in points:
            _check_at(bound, point)


def _samples(row: Op) -> Iterator[list[Any]]:
    """Yield the samples of a row; ValueError for one that does not fit its operands."""
    for sample in row.samples:
        if not isinstance(sample, tuple) or [isinstance(x, list | tuple) for x in sample] != list(row.is_list):
            raise ValueError(f"operation {row.name!r}: samples: expected tuples of the operands {row.args!r}, "
                             f"a list for each starred one, not {sample!r:.60}")  # fmt: skip
        yield [[to_float(v) for v in x] if s else to_float(x) for x, s in zip(sample, row.is_list, strict=True)]


def _points(row: Op) -> Iterator[list[Any]]:
    """Yield points to check a row at: one number for each operand, three for a list."""
    for start in range(len(PROBES)):
        numbers = iter(PROBES[start:] + PROBES[:start])
        yield [[next(numbers) for _ in range(3)] if s else next(numbers) for s in row.is_list]


def _check_at(row: Op, point: list[Any]) -> None:
    flat = [float(x) for x in row.flat(point)]

    def value(i: int, x: float) -> float:
        return row.value(row.group([*flat[:i], x, *flat[i + 1 :]]))

    try:
        out = row.value(point)
        given = row.flat(row.local_derivatives(out, point))
        quotients = [_slope(lambda x, i=i: value(i, x), x, out) for i, x in enumerate(flat)]  # type: ignore[misc]
    except (ArithmeticError, IndexError):  # outside the domain of the formula
        return
    except TypeError as error:  # a call with the wrong operands, or a number in the place of a list
        raise ValueError(f"operation {row.name!r} can't be computed: {error}") from None
    if len(given) != len(flat):
        raise ValueError(f"define_op: the partials of {row.name} by {row.args} are {len(given)} numbers for {len(flat)}"
                         " operands; a list has one for each of its entries")  # fmt: skip
    columns = zip(row.operands, row.is_list, point, strict=True)
    names = chain.from_iterable([name] * len(x) if is_list else [name] for name, is_list, x in columns)
    for name, own, found in zip(names, given, quotients, strict=True):
        if found is None:
            continue
        slope, uncertain = found
        if not abs(own - slope) <= 1e-5 * max(abs(own), abs(slope)) + 20.0 * uncertain:
            shown = zip((*row.operands, *row.setting_names), (*point, *row.settings), strict=True)
            at = ", ".join(f"{n} = {x}" for n, x in shown)
            raise ValueError(f"define_op: the partial of {row.name} by {name} is not its derivative: at {at} it is "
                             f"{own:.6g}, differences give {slope:.6g}; mend it, or pass check=False")  # fmt: skip


def _slope(f: Callable[[float], float], x: float, out: float) -> tuple[float, float] | None:
    """Return the derivative by extrapolated central differences, and its error; None at a kink, a jump or an edge.

    If the function is smooth, a quarter of the step gives a quarter of the bend; half a step, a quarter of the error.
    """
    steps = [2.0**-k * max(abs(x), 0.25) for k in (8, 9, 10)]
    above, below = [f(x + h) for h in steps], [f(x - h) for h in steps]
    if not all(map(isfinite, (out, *above, *below))):
        return None
    size = max(map(abs, (out, *above, *below)))
    noise = 1e-14 * size / steps[-1]
    bends = [abs((p - out) / h - (out - m) / h) for p, m, h in zip(above, below, steps, strict=True)]
    if bends[2] > 0.4 * bends[0] + 4.0 * noise:
        return None
    one, two, three = ((p - m) / (2.0 * h) for p, m, h in zip(above, below, steps, strict=True))
    if abs(three - two) > 0.4 * abs(two - one) + 4.0 * noise:
        return None
    first, second = two + (two - one) / 3.0, three + (three - two) / 3.0
    best = second + (second - first) / 15.0
    return best, abs(best - second) + noise
