"""Expressions typed on the command line, such as `exp(w*x + b)`, as graphs of Values.

The grammar is closed: numbers, names, `+ - * / ** %`, parentheses, and calls of the table's functions; semicolons part
results with names, as in `z = w*x; z + b`. Python's parser reads the text into a tree, and this module walks the tree;
nothing is run as Python.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import unicodedata
import warnings
from collections.abc import Mapping
from itertools import islice
from keyword import iskeyword
from typing import NamedTuple

from autograd_lite.checks import did_you_mean
from autograd_lite.csv_files import read_number, why_not_number
from autograd_lite.engine import Value
from autograd_lite.functions import apply
from autograd_lite.harmless import safe
from autograd_lite.languages.parsing import how_to_write, parsed
from autograd_lite.ops import TABLE, Op
from autograd_lite.view import View

LONGEST = 2000  # characters
DEEPEST = 200  # operations inside each other: few enough to recurse
TOO_DEEP = f"too deep; at most {DEEPEST} operations inside each other are read"
GRAMMAR = "only numbers, names, + - * / ** %, parentheses and calls such as exp(x) are read"
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.Mod: "mod",
    ast.UAdd: "pos", ast.USub: "neg",
}  # fmt: skip
# a number, a name or a bracket that ends, with an operand right behind it
_BESIDE = re.compile(r"((?<![\w.])(?:\.?\d[\d.]*+(?:[eE][+-]?\d++)?|[^\W\d]\w*+)|\))\s*(?=([^\W\d]\w*|\d[\d.]*))")
PI = ("pi", "π")
AS_PRINTED = str.maketrans("·⋅×−", "***-")  # a character for each, so that positions stay
SPELLED = {"σ": "sigmoid", "ln": "log", "swish": "silu"}  # calls as textbooks and pictures have them
SIGNS = {"^": "a power as **", "²": "x² as x**2", "³": "x³ as x**3", "√": "√x as sqrt(x)", "|": "|x| as abs(x)"}
_ENDS_IN_E = re.compile(r"(?<!\w)e\s*$")
_NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")  # the beginning of a statement that gives a name


class ExpressionError(ValueError):
    """An expression that cannot be read: the position, counted from 1, and the reason, in one line."""


class Expression(NamedTuple):
    """The value of an expression, its leaves by name, in the order of their use, and its named results."""

    value: Value
    leaves: Mapping[str, Value]
    results: Mapping[str, Value]


def read_expression(text: str, variables: Mapping[str, float], otherwise: float | None = None) -> Expression:
    """Compute an expression; every variable in it becomes one labelled leaf, however often it occurs.

    Results may have names: `z = w*x + b; z**2`. A variable that is not given is `otherwise`, if there is one.

    >>> e = read_expression("x*x + 3*y", {"x": 2.0, "y": 5.0})
    >>> e.value.data, list(e.leaves)
    (19.0, ['x', 'y'])
    >>> read_expression("z = w*x; a = z**2", {"w": 3.0}, 1.0).value
    Value(data=9.0, grad=0.0, label='a')
    >>> read_expression("2 * z", {"x": 2.0})
    Traceback (most recent call last):
    autograd_lite.cli.expressions.ExpressionError: position 5: no value for 'z'; add z=1.0
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"{len(text)} characters; at most {LONGEST} are read")
    reader = _Reader(text, {normal(name): number for name, number in variables.items()}, otherwise)
    value = reader.statements()
    if not isinstance(value, Value):
        raise ExpressionError("no variable in it, so nothing to differentiate; write for example 'x * 2' x=3")
    return Expression(value, reader.leaves, {n: x for n, x in reader.results.items() if isinstance(x, Value)})


def find(expression: Expression, name: str) -> Value:
    """Return a leaf or a named result of an expression."""
    known = {**expression.leaves, **expression.results}
    if normal(name) not in known:
        listed = ", ".join(expression.leaves) or "none"
        raise ValueError(f"--wrt {name!r}: no such variable in the expression; it has {listed}")
    return known[normal(name)]


def expression_of(arguments: argparse.Namespace, otherwise: float | None = None) -> Expression:
    """Read the expression of a command and its `name=number` arguments."""
    variables: dict[str, float] = {}
    for assignment in getattr(arguments, "variables", ()):
        name, equals, text = assignment.partition("=")
        name, number = normal(name.strip()), typed_number(text)
        if not equals or not name.isidentifier():
            raise ExpressionError(f"{assignment!r}: expected name=number, such as x=2.5")
        if number is None:
            raise ExpressionError(f"{assignment!r}: {why_not_typed(text)}")
        if name in variables:
            raise ExpressionError(f"{assignment!r}: {name!r} is given twice")
        variables[name] = number
    expression = read_expression(arguments.expression, variables, otherwise)
    for name in variables.keys() - expression.leaves.keys():
        print(f"autograd-lite: note: {name!r} does not occur in the expression", file=sys.stderr)
    used = {id(node) for node in View(expression.value).order}
    for name, result in expression.results.items():
        if id(result) not in used:
            print(f"autograd-lite: note: {name!r} is not used in the last result", file=sys.stderr)
    return expression


def typed_number(text: str) -> float | None:
    """Return the number that an argument spells, also as a fraction; None if it spells none that is finite.

    >>> typed_number("-2.5"), typed_number("1/8"), typed_number("0,1"), typed_number("1/0"), typed_number("1/2/3")
    (-2.5, 0.125, None, None, None)
    """
    top, *bottom = map(read_number, text.split("/", 1))
    if not bottom or top is None:
        return top if not bottom else None
    return read_number(repr(top / bottom[0])) if bottom[0] else None


def why_not_typed(text: str) -> str:
    """Return the reason why an argument spells no number.

    >>> why_not_typed("pi/2")
    "'pi/2' is not a number; write 3.141592653589793 for pi"
    """
    constants = filter(None, map(how_to_write, re.findall(r"[^\W\d]\w*", text)))
    return "; ".join([why_not_number(text), *islice(constants, 1)])


def known_functions() -> dict[str, Op]:
    """Return the operations by every name that an expression may call them by: `asin` and `arcsin` are one.

    >>> known = known_functions()
    >>> known["exp"].name, known["asin"].name, known["max"].name
    ('exp', 'arcsin', 'maximum')
    """
    own = {name: row for name, row in TABLE.items() if not row.helper and (not row.takes_lists or _takes_one_list(row))}
    spellings = {name.replace("arc", "a", 1): row for name, row in own.items() if name.startswith("arc")}
    return {"max": own["maximum"], "min": own["minimum"], **spellings, **own}


def _takes_one_list(row: Op) -> bool:
    return row.is_list == (True,) and not row.setting_names


def normal(name: str) -> str:
    """Return a name as Python's parser spells it: it reads the ligature 'ﬁ' as 'fi'."""
    return unicodedata.normalize("NFKC", name)


class _Reader:
    """One walk over one expression."""

    def __init__(self, text: str, variables: Mapping[str, float], otherwise: float | None) -> None:
        text = text.translate(AS_PRINTED)
        self.text = "".join(" " if character.isspace() else character for character in text)  # positions stay
        self.part, self.indent = "", 0  # the statement that is being read, and where it begins
        self.variables, self.otherwise = variables, otherwise
        self.leaves: dict[str, Value] = {}
        self.results: dict[str, Value | float] = {}
        self.open: set[str] = set()  # the names of this statement and those to come
        self.functions = known_functions()

    def error(self, where: int | ast.expr, reason: str) -> ExpressionError:
        """Return the error at an index of the text, or at a node."""
        if isinstance(where, ast.expr):
            before = self.part.encode()[: where.col_offset]  # the parser counts bytes
            where = self.indent + len(before.decode())
        return ExpressionError(f"position {where + 1}: {reason}")

    def statements(self) -> Value | float:
        """Return the value of the last of the statements, which semicolons part; each may give a name to its result."""
        if not self.text.strip():
            raise ExpressionError("the expression is empty")
        for i, character in enumerate(self.text):
            if character in SIGNS or character in "#\\" or not character.isprintable():
                known = SIGNS.get(character)
                reason = f"write {known}" if known else f"{character!r} has no meaning here"
                of_e = character == "^" and _ENDS_IN_E.search(self.text[:i]) and "e" not in self.variables
                raise self.error(i, how_to_write("e") if of_e else reason)
        value: Value | float = 0.0
        start = 0
        parts = self.text.rstrip().removesuffix(";").split(";")
        self.open = {normal(named[1]) for part in parts if (named := _NAMED.match(part))}
        for part in parts:
            named = _NAMED.match(part)
            name = normal(named[1]) if named else ""
            inside = part[named.end() :] if named else part
            self.part = inside.strip()
            self.indent = start + len(part) - len(inside.lstrip())
            if not self.part:
                raise self.error(start + len(part.rstrip()), "an expression is missing here")
            value = self.read(self.tree())
            if name:
                self.define(start + len(part) - len(part.lstrip()), name, value)
            start += len(part) + 1
        return value

    def define(self, where: int, name: str, value: Value | float) -> None:
        """Give a name to a result, which is its label, too."""
        if name in self.results or name in self.leaves or name in self.variables:
            raise self.error(where, f"{name!r} has a value already")
        if name in self.functions:
            raise self.error(where, f"{name!r} is a function")
        self.results[name] = value
        self.open.discard(name)
        if isinstance(value, Value) and value.op and not value.label:
            value.label = name

    def tree(self) -> ast.expr:
        """Return the statement as Python's parser reads it."""
        text = self.part
        try:
            with warnings.catch_warnings():  # such as "invalid decimal literal" for `2if`
                warnings.simplefilter("ignore")
                return parsed(text, mode="eval").body  # type: ignore[no-any-return]
        except SyntaxError as error:
            if hint := self.beside():
                raise hint from None
            column = min(max((error.offset or 1) - 1, 0), len(text))
            reason = f"{error.msg.partition('. ')[0]} in {safe(text, 40)!r}"
            raise self.error(self.indent + column, reason) from None
        except (RecursionError, MemoryError, ValueError):  # the parser's own limits
            raise ExpressionError(TOO_DEEP) from None

    def beside(self) -> ExpressionError | None:
        """Return the error at two operands that stand side by side, if there are some."""
        for found in _BESIDE.finditer(self.part):
            left, right = found.groups()
            if not iskeyword(left) and not iskeyword(right):
                called = f"{left!r} is a function; call it: {left}(...)"
                hint = called if left in self.functions else f"write a product with *: {left}*{right}"
                return self.error(self.indent + found.start(), hint)
        return None

    def read(self, node: ast.expr, depth: int = 0) -> Value | float:
        """Return the value of a node of the tree."""
        if depth > DEEPEST:
            raise ExpressionError(TOO_DEEP)
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number > sys.float_info.max:
                    raise self.error(node, "the number is too large for a float")
                return float(number)
            case ast.Name(id=name):
                return self.leaf(node, name)
            case ast.BinOp(left=ast.Name(id="e"), op=ast.Pow(), right=power) if self.is_constant_e(power):
                raise self.error(node, how_to_write("e"))
            case ast.BinOp(op=symbol) | ast.UnaryOp(op=symbol) if type(symbol) in OPERATORS:
                row = TABLE[OPERATORS[type(symbol)]]
                operands = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
            case ast.Call(func=ast.Name(id=name), args=operands, keywords=[]):
                name = SPELLED.get(name, name)
                if name not in self.functions:
                    raise self.error(node, self.no_function(name))
                row = self.functions[name]
            case ast.Call(func=ast.Constant() | ast.BinOp()):
                raise self.error(node, "write a product with *, as in 2*(x + 1)")
            case _:
                raise self.error(node, GRAMMAR)
        return self.apply(node, row, [self.read(operand, depth + 1) for operand in operands])

    def is_constant_e(self, power: ast.expr) -> bool:
        """Tell whether e to this power is meant as exp: as a variable it is squared, or cubed."""
        known = {*self.variables, *self.results, *self.open}
        return "e" not in known and not isinstance(power, ast.Constant)

    def no_function(self, name: str) -> str:
        """Return why a name cannot be called."""
        if name == "mean":
            return "write mean(a, b) as (a + b)/2"
        if name in TABLE and not TABLE[name].helper:
            return f"{name!r} takes or gives lists of values, and is not read here; in Python it is ag.{name}"
        hint = did_you_mean(name, self.functions) or f"known are {', '.join(sorted(self.functions))}"
        return f"no function {safe(name, 40)!r}; {hint}"

    def leaf(self, node: ast.expr, name: str) -> Value | float:
        if name in self.results:
            return self.results[name]
        if name in self.open and name not in self.variables:
            raise self.error(node, f"{name!r} has no value yet; define it before it is used")
        is_taken = name in self.functions or name.lower() in PI  # e may be an error, and tau a time
        given = self.variables.get(name, None if is_taken else self.otherwise)
        if name not in self.leaves and given is not None:
            self.leaves[name] = Value(given, label=name)
        if name in self.leaves:
            return self.leaves[name]
        if name in self.functions:
            raise self.error(node, f"{name!r} is a function; call it: {name}(...)")
        add, constant = f"add {safe(name, 40)}=1.0", how_to_write(name)
        hint = constant or did_you_mean(name, self.variables) or add
        if constant and not is_taken:
            hint += f"; for a variable, {add}"
        raise self.error(node, f"no value for {safe(name, 40)!r}; {hint}")

    def apply(self, node: ast.expr, row: Op, terms: list[Value | float]) -> Value | float:
        """Apply a row: one node, or a number if no Value is among the operands."""
        if _takes_one_list(row) and terms:
            return apply(row, terms)  # type: ignore[no-any-return]
        count = len(row.operands)
        operands, settings = terms[:count], terms[count:]
        if len(operands) < count or len(settings) > len(row.setting_names):
            signature = ", ".join((*row.operands, *(f"{name}=..." for name in row.setting_names)))
            raise self.error(node, f"{row.name}({signature}) got {len(terms)} arguments")
        if any(isinstance(setting, Value) for setting in settings):
            names = " and ".join(row.setting_names)
            raise self.error(node, f"{row.name}: {names} must be plain numbers: they are constants of the operation")
        try:
            bound = row.bind(**dict(zip(row.setting_names, settings, strict=False)))  # type: ignore[arg-type]
        except ValueError as error:
            raise self.error(node, str(error)) from None
        return apply(bound, *operands)  # type: ignore[no-any-return]
