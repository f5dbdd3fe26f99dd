"""Write functions in a language: `Program` collects them, `_Reader` walks the syntax tree of each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from autograd_lite import numerics
from autograd_lite.formulas import function_of, parsed
from autograd_lite.languages.language import (
    ATOM,
    CHOICE,
    COMPARE,
    INTEGER,
    LIST,
    NUMBER,
    SIGN,
    SUM,
    TRUTH,
    Language,
)
from autograd_lite.languages.reading import (
    Function,
    composite,
    entry_partial_of,
    partial_of,
    readable,
    runs_by_entry,
    start_of,
    step_of,
    value_of,
)
from autograd_lite.ops import TABLE, Op

_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_CALLED = {ast.Div: "divide", ast.Pow: "power", ast.Mod: "mod"}  # where a language has no such operator
_CONSTANT = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)


class Program:
    """Functions written in one language, in an order in which each stands below those that it calls."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.functions: dict[str, str] = {}  # by name
        self.rows: dict[str, str] = {}  # the names of the functions of rows that texts call

    def __str__(self) -> str:
        return "\n".join([self.language.head, *self.functions.values()])

    def add(self, name: str, function: Function) -> str:
        """Write a function, and before it all that it calls; return its name."""
        if name not in self.functions:
            reader = _Reader(self, function)
            body = reader.written()
            parameters = [(text, kind) for _, text, kind in function.parameters]
            self.functions[name] = self.language.define(name, parameters, function.returns, body)
        return name

    def called(self, name: str) -> tuple[str, str]:
        """Return the function that a text calls by this name, written at its first call, and the kind of its result."""
        function = getattr(numerics, name, None)
        row = TABLE.get(name)
        if function is None and row is not None and name != "abs":
            called = self.rows.setdefault(name, f"{self.language.prefix}row_{len(self.rows)}")
            return self.add(called, value_of(row)), NUMBER
        return self.primitive_or_composite(name, function)

    def primitive_or_composite(self, name: str, function: Any) -> tuple[str, str]:
        """Return how a function of `numerics` is called, and the kind of its result."""
        if name in self.language.functions or not readable(function):
            return self.language.primitive(name), NUMBER
        read = composite(function)
        return self.add(f"{self.language.prefix}{name}", read), read.returns


@dataclass(frozen=True, slots=True)
class _Variable:
    text: str
    kind: str
    length: str = ""  # of a list


class _Reader:
    """Reads the body of one function and writes it."""

    def __init__(self, program: Program, function: Function) -> None:
        self.program, self.language, self.function = program, program.language, function
        self.variables = {
            name: _Variable(text, kind, self.language.length(text) if kind == LIST else "")
            for name, text, kind in function.parameters
        }
        self.declared: dict[str, list[str]] = {}  # by kind
        self.before: list[str] = []  # what must be computed before the statement that is read
        self.count = 0

    def written(self) -> list[str]:
        """Return the statements of the function."""
        body = self.statements(self.function.body)
        return [*[self.language.declared(names, kind) for kind, names in self.declared.items()], *body]

    def new(self, name: str) -> str:
        """Return a name that is not in use."""
        self.count += 1
        return f"{name}_{self.count}"

    # ------------------------------------------------------------------------------------------- statements

    def statements(self, body: Sequence[ast.stmt]) -> list[str]:
        lines: list[str] = []
        for statement in body:
            outside, self.before = self.before, []
            written = self.statement(statement)
            lines += [*self.before, *written]
            self.before = outside
        return lines

    def statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.Assign(targets=[target], value=value):
                return self.assignment(target, value)
            case ast.AugAssign(target=target, op=op, value=value):
                left = ast.copy_location(parsed(ast.unparse(target), mode="eval").body, target)
                return self.assignment(target, ast.BinOp(left, op, value))
            case ast.If(test=test, body=body, orelse=orelse):
                return self.language.branch(self.text(test), self.statements(body), self.statements(orelse))
            case ast.For(target=ast.Name(id=name), iter=iterable, body=body):
                return self.each(name, iterable, lambda: self.statements(body))
            case ast.Return(value=ast.expr() as value) if self.function.returns == LIST:
                return [*self.filled("to", value), f"return{self.language.returned_list};"]
            case ast.Return(value=ast.expr() as value):
                return [f"return {self.text(value)};"]
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")

    def assignment(self, target: ast.expr, value: ast.expr) -> list[str]:
        if isinstance(target, ast.Subscript):
            return [f"{self.text(target)} = {self.text(value)};"]
        assert isinstance(target, ast.Name)
        name, kind = target.id, self.kind(value)
        if kind == LIST:
            self.variables[name] = _Variable(name, LIST, self.language.length(name))
            return [self.language.new_list(name, self.count_of(value)), *self.filled(name, value)]
        text = self.text(value)
        if name not in self.variables:
            self.variables[name] = _Variable(name, kind)
            self.declared.setdefault(kind, []).append(self.variables[name].text)
        return [f"{self.variables[name].text} = {text};"]

    def each(self, name: str, iterable: ast.expr, body: Callable[[], list[str]], index: str = "") -> list[str]:
        """Write a loop over a range or a list; `body` writes what is done for each."""
        index = index or self.new("k")
        start, stop, down, entry = "0", "", False, _Variable(index, INTEGER)
        match iterable:
            case ast.Call(func=ast.Name(id="range"), args=[count]):
                stop = self.text(count)
            case ast.Call(func=ast.Name(id="range"), args=[first, last]):
                start, stop = self.text(first), self.text(last)
            case ast.Call(func=ast.Name(id="range"), args=[first, last, ast.UnaryOp(op=ast.USub())]):
                start, stop, down = self.text(first), self.text(last), True
            case _:
                listed = self.listed(iterable)
                stop, entry = listed.length, _Variable(self.language.entry(listed.text, index), NUMBER)
        hidden = self.variables.get(name)
        self.variables[name] = entry
        outside, self.before = self.before, []
        lines = body()
        lines, self.before = [*self.before, *lines], outside
        del self.variables[name]
        if hidden:
            self.variables[name] = hidden
        return self.language.loop(index, start, stop, down, lines)

    # ------------------------------------------------------------------------------------------------ lists

    def filled(self, to: str, node: ast.expr, first: str = "") -> list[str]:
        """Write the statements that fill a list with what an expression gives, from the entry `first` on."""

        def at(index: str) -> str:
            return self.language.entry(to, f"{first} + {index}" if first else index)

        match node:
            case ast.List(elts=elements):
                return [f"{at(str(i))} = {self.text(element)};" for i, element in enumerate(elements)]
            case ast.BinOp(left=ast.List(elts=[element]), op=ast.Mult(), right=count):
                index, value = self.new("k"), self.text(element)
                return self.language.loop(index, "0", self.text(count), False, [f"{at(index)} = {value};"])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [*self.filled(to, left, first), *self.filled(to, right, self.count_of(left))]
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=ast.Name(id=name), iter=iterable)]):
                index = self.new("k")
                return self.each(name, iterable, lambda: [f"{at(index)} = {self.text(element)};"], index)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                test_text = self.text(test)
                return self.language.branch(test_text, self.apart(to, body), self.apart(to, orelse))
            case ast.Name(id=name):
                listed, index = self.variables[name], self.new("k")
                copied = f"{at(index)} = {self.language.entry(listed.text, index)};"
                return self.language.loop(index, "0", listed.length, False, [copied])
            case ast.Call(func=ast.Name(id=name)):
                called, _ = self.resolved(name)
                return [f"{called}({', '.join([*self.arguments(node), to])});"]
        raise TypeError(f"{ast.unparse(node)!r} is no list that is read")

    def apart(self, to: str, node: ast.expr) -> list[str]:
        """Write the filling of a list in a branch, with all that it needs inside of it."""
        outside, self.before = self.before, []
        lines = self.filled(to, node)
        lines, self.before = [*self.before, *lines], outside
        return lines

    def listed(self, node: ast.expr) -> _Variable:
        """Return a list as a variable, computed before the statement where it is no name."""
        if isinstance(node, ast.Name):
            return self.variables[node.id]
        name = self.new("list")
        filled = self.filled(name, node)
        self.before += [self.language.new_list(name, self.count_of(node)), *filled]
        return _Variable(name, LIST, self.language.length(name))

    def count_of(self, node: ast.expr) -> str:
        """Return how many entries a list has."""
        match node:
            case ast.List(elts=elements):
                return str(len(elements))
            case ast.BinOp(left=ast.List(elts=[_]), op=ast.Mult(), right=count):
                return self.text(count)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return f"{self.count_of(left)} + {self.count_of(right)}"
            case ast.ListComp(generators=[ast.comprehension(iter=ast.Call(func=ast.Name(id="range"), args=[count]))]):
                return self.text(count)
            case ast.ListComp(generators=[ast.comprehension(iter=iterable)]):
                return self.count_of(iterable)
            case ast.Name(id=name):
                return self.variables[name].length
            case ast.IfExp(body=body):
                return self.count_of(body)
            case ast.Call(args=arguments):
                return self.count_of(next(a for a in arguments if self.kind(a) == LIST))
        raise TypeError(f"{ast.unparse(node)!r} is no list that is read")

    # ------------------------------------------------------------------------------------------ expressions

    def text(self, node: ast.expr, least: int = CHOICE) -> str:
        """Return an expression, in brackets if it holds its operands less firmly than asked."""
        text, strength = self.expression(node)
        return f"({text})" if strength < least else text

    def expression(self, node: ast.expr) -> tuple[str, int]:
        """Return an expression and how firmly it holds its operands."""
        match node:
            case ast.Constant(value=int(x)):
                return str(x), ATOM
            case ast.Constant(value=float(x)):
                return self.number(x)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(x))):
                return self.number(-x)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.text(operand, SIGN + 1)}", SIGN
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                sign, strength = self.language.operators[ast.Not]
                return f"{sign}{self.text(operand, strength + 1)}", strength
            case ast.BinOp():
                return self.arithmetic(node)
            case ast.BoolOp(op=op, values=values):
                sign, strength = self.language.operators[type(op)]
                return f" {sign} ".join([self.text(value, COMPARE) for value in values]), strength
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                parts = self.text(test, CHOICE + 1), self.text(body, CHOICE + 1), self.text(orelse)
                return self.language.choice(*parts), CHOICE
            case ast.Subscript(value=value, slice=index):
                return self.language.entry(self.listed(value).text, self.text(index)), ATOM
            case ast.Call():
                return self.call(node), ATOM
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")

    def number(self, x: float) -> tuple[str, int]:
        text = self.language.number(x) if isfinite(x) else self.language.constants[repr(abs(x))]
        text = f"-{text}" if x == -numerics.inf else text
        return text, SIGN if text.startswith("-") else ATOM

    def name(self, name: str) -> tuple[str, int]:
        if name in self.variables:
            return self.variables[name].text, ATOM
        return self.number(self.function.names[name])

    def arithmetic(self, node: ast.BinOp) -> tuple[str, int]:
        match node:
            case ast.BinOp(op=ast.Pow()) if all(isinstance(part, _CONSTANT) for part in ast.walk(node)):
                return self.number(function_of("", ast.unparse(node), vars(numerics))())
        if type(node.op) not in self.language.operators:
            name = _CALLED[type(node.op)]
            called, _ = self.program.primitive_or_composite(name, getattr(numerics, name))
            return f"{called}({self.text(node.left)}, {self.text(node.right)})", ATOM
        sign, strength = self.language.operators[type(node.op)]
        return f"{self.text(node.left, strength)} {sign} {self.text(node.right, strength + 1)}", strength

    def comparison(self, node: ast.Compare) -> tuple[str, int]:
        """Write a comparison; of a < b < c, b stands in two, so it is computed before if it is more than a name."""
        operands = [node.left, *node.comparators]
        middle = [self.once(operand) for operand in operands[1:-1]]
        texts = [self.text(operands[0], SUM), *middle, self.text(operands[-1], SUM)]
        signs = [_COMPARISONS[type(op)] for op in node.ops]
        pairs = [f"{texts[i]} {sign} {texts[i + 1]}" for i, sign in enumerate(signs)]
        both, strength = self.language.operators[ast.And]
        return (pairs[0], COMPARE) if len(pairs) == 1 else (f" {both} ".join(pairs), strength)

    def once(self, node: ast.expr) -> str:
        """Return the name of a number that is computed before the statement."""
        if isinstance(node, ast.Name | ast.Constant):
            return self.text(node)
        name = self.new("t")
        self.declared.setdefault(self.kind(node), []).append(name)
        text = self.text(node)
        self.before.append(f"{name} = {text};")
        return name

    def call(self, node: ast.Call) -> str:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)  # math.copysign
        if name == "len":
            return self.listed(node.args[0]).length
        if name == "int":
            return self.language.integer(self.text(node.args[0], ATOM))
        called, _ = self.resolved(name)
        return f"{called}({', '.join(self.arguments(node))})"

    def arguments(self, node: ast.Call) -> list[str]:
        return [self.language.given(self.listed(a).text) if self.kind(a) == LIST else self.text(a) for a in node.args]

    def resolved(self, name: str) -> tuple[str, str]:
        """Return the name of a called function in the text, and the kind of its result."""
        own = self.function.names.get(name)
        return self.program.called(name) if own is None else self.program.primitive_or_composite(name, own)

    def kind(self, node: ast.expr) -> str:
        """Return the kind of an expression."""
        match node:
            case ast.Constant(value=int()):
                return INTEGER
            case ast.Name(id=name):
                return self.variables[name].kind if name in self.variables else NUMBER
            case ast.List() | ast.ListComp():
                return LIST
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return TRUTH
            case ast.UnaryOp(operand=operand):
                return self.kind(operand)
            case ast.IfExp(body=body):
                return self.kind(body)
            case ast.BinOp(left=left, op=op, right=right):
                kinds = {self.kind(left), self.kind(right)}
                both = kinds == {INTEGER} and not isinstance(op, ast.Div)
                return LIST if LIST in kinds else INTEGER if both else NUMBER
            case ast.Call(func=ast.Name(id="len" | "int")):
                return INTEGER
            case ast.Call(func=ast.Name(id=name)) if name not in self.variables:
                return self.resolved(name)[1]
        return NUMBER


def row_functions(language: Language, rows: Iterable[Op]) -> str:
    """Return the functions of rows, and all that they call, as one text.

    Row number i has `value_i(a0, a1, …, s0, …)` and for each operand j `partial_i_j(out, a0, a1, …, s0, …)`, which
    gives a list for one that is a list. A row that `runs_by_entry` has `start_i`, a function of the operands that are
    no lists; `step_i(out, a0, a1, …)`, the next `out`, of an entry of each list; and its partials are by entry, too.

    >>> from autograd_lite.languages.c import C
    >>> print(row_functions(C(), [TABLE["mul"]]).removeprefix(C.head).strip())
    static inline double value_0(double a0, double a1) {
        return a0 * a1;
    }
    <BLANKLINE>
    static inline double partial_0_0(double out, double a0, double a1) {
        return a1;
    }
    <BLANKLINE>
    static inline double partial_0_1(double out, double a0, double a1) {
        return a0;
    }
    """
    program = Program(language)
    for i, row in enumerate(rows):
        if by_entry := runs_by_entry(row):
            program.add(f"start_{i}", start_of(row))
            program.add(f"step_{i}", step_of(row))
        else:
            program.add(f"value_{i}", value_of(row))
        for j in range(len(row.partials)):
            program.add(f"partial_{i}_{j}", entry_partial_of(row, j) if by_entry else partial_of(row, j))
    return str(program)
