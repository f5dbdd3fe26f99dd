"""Write functions in a language: `Program` collects them, `_Reader` walks the syntax tree of each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from autograd_lite import numerics
from autograd_lite.languages.expressions import Expressions
from autograd_lite.languages.language import ATOM, INTEGER, LIST, NUMBER, SUM, TRUTH, Language
from autograd_lite.languages.parsing import parsed
from autograd_lite.languages.reading import (
    Function,
    Straightened,
    composite,
    entry_partial_of,
    partial_of,
    readable,
    runs_by_entry,
    start_of,
    step_of,
    value_of,
)

if TYPE_CHECKING:
    from autograd_lite.row import Op


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
            body = _Reader(self, function).written()
            parameters = [(text, kind) for _, text, kind in function.parameters]
            self.functions[name] = self.language.define(name, parameters, function.returns, body)
        return name

    def called(self, name: str, function: Function) -> tuple[str, str]:
        """Return the name of a called function, written when it is first called, and the kind of its result."""
        found = function.names.get(name, getattr(numerics, name, None))
        if self.language.has(name):
            return self.language.primitive(name), NUMBER
        if found is None and name in function.rows:
            return self.row(function.rows[name]), NUMBER
        if not readable(found):
            return self.language.primitive(name), NUMBER
        read = composite(found)
        return self.add(f"{self.language.prefix}{name}", read), read.returns

    def row(self, row: Op) -> str:
        """Return the name of a row's function, for other rows to call it."""
        called = self.rows.setdefault(row.name, f"{self.language.prefix}row_{len(self.rows)}")
        return self.add(called, value_of(row))


@dataclass(frozen=True, slots=True)
class _Variable:
    text: str
    kind: str
    length: str = ""  # of a list


class _Reader(Expressions):
    """Reads the body of one function and writes it."""

    def __init__(self, program: Program, function: Function) -> None:
        super().__init__(program.language)
        self.program, self.read = program, function
        self.variables = {
            name: _Variable(text, kind, self.language.length(text) if kind == LIST else "")
            for name, text, kind in function.parameters
        }
        self.declared: dict[str, list[str]] = {}  # by kind
        self.before: list[str] = []  # what must be computed before the statement that is read
        self.count = 0

    def written(self) -> list[str]:
        """Return the statements of the function."""
        body = self.statements(self.read.body if self.language.branches else Straightened(self.read).body)
        declarations = [self.language.declared(names, kind) for kind, names in self.declared.items()]
        return [*[line for lines in declarations for line in lines], *body]

    def new(self, name: str) -> str:
        """Return a name that is not in use."""
        self.count += 1
        return f"{name}_{self.count}"

    # ------------------------------------------------------------------------------------------- statements

    def statements(self, body: Sequence[ast.stmt]) -> list[str]:
        return [line for statement in body for line in self.apart(partial(self.statement, statement))]

    def apart(self, write: Callable[[], list[str]]) -> list[str]:
        """Return the lines that `write` gives, below those that they need."""
        outside, self.before = self.before, []
        lines = write()
        lines, self.before = [*self.before, *lines], outside
        return lines

    def statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.Assign(targets=[target], value=value):
                return self.assignment(target, value)
            case ast.AugAssign(target=target, op=op, value=value):
                left: ast.expr = parsed(ast.unparse(target), mode="eval").body
                return self.assignment(target, ast.BinOp(left, op, value))
            case ast.If(test=test, body=body, orelse=orelse):
                return self.language.branch(self.text(test), self.statements(body), self.statements(orelse))
            case ast.For(target=ast.Name(id=name), iter=iterable, body=body):
                return self.loop(name, iterable, body)
            case ast.Return(value=ast.expr() as value) if self.read.returns == LIST:
                return [*self.filled("to", value), self.language.list_returned()]
            case ast.Return(value=ast.expr() as value):
                return [self.language.returned(self.text(value))]
        raise TypeError(f"{ast.unparse(node)!r} is not in the subset that is read")

    def assignment(self, target: ast.expr, value: ast.expr) -> list[str]:
        if isinstance(target, ast.Subscript):
            listed, index = self.listed(target.value), self.text(target.slice)
            return [self.language.entry_assigned(listed.text, index, self.text(value))]
        assert isinstance(target, ast.Name)
        name, kind = target.id, self.kind(value)
        if kind == LIST:
            lines = [self.language.new_list(name, self.count_of(value)), *self.filled(name, value)]
            self.variables[name] = _Variable(name, LIST, self.language.length(name))
            return lines
        text = self.text(value)
        if name not in self.variables:
            self.variables[name] = _Variable(name, kind)
            self.declared.setdefault(kind, []).append(name)
        return [self.language.assigned(name, text)]

    def loop(self, name: str, iterable: ast.expr, body: Sequence[ast.stmt]) -> list[str]:
        index, entry, start, stop, down = self.iterated(iterable)
        targets = [node.value if isinstance(node, ast.Subscript) else node for statement in body
                   for part in ast.walk(statement) if isinstance(part, ast.Assign | ast.AugAssign)
                   for node in (part.targets if isinstance(part, ast.Assign) else [part.target])]  # fmt: skip
        names = dict.fromkeys(node.id for node in targets if isinstance(node, ast.Name))
        carried = [self.variables[name].text for name in names if name in self.variables]
        lines = self.within(name, entry, lambda: self.statements(body))
        return self.language.loop(index, start, stop, down, lines, carried)

    def iterated(self, iterable: ast.expr) -> tuple[str, _Variable, str, str, bool]:
        """Return a loop's index, what stands for an entry in it, where it starts and stops, whether it counts down."""
        index = self.new("k")
        match iterable:
            case ast.Call(func=ast.Name(id="range"), args=[count]):
                return index, _Variable(index, INTEGER), "0", self.text(count), False
            case ast.Call(func=ast.Name(id="range"), args=[first, last, *step]):
                return index, _Variable(index, INTEGER), self.text(first), self.text(last), bool(step)
        listed = self.listed(iterable)
        return index, _Variable(self.language.entry(listed.text, index), NUMBER), "0", listed.length, False

    def within(self, name: str, entry: _Variable, write: Callable[[], list[str]]) -> list[str]:
        """Return the lines that `write` gives in a loop, where a name stands for an entry."""
        hidden = self.variables.get(name)
        self.variables[name] = entry
        lines = self.apart(write)
        del self.variables[name]
        self.variables |= {name: hidden} if hidden else {}
        return lines

    # ------------------------------------------------------------------------------------------------ lists

    def filled(self, to: str, node: ast.expr, first: str = "") -> list[str]:
        """Return the statements that fill a list with what an expression gives, from the entry `first` on."""
        match node:
            case ast.List(elts=elements):
                return [self.language.entry_assigned(to, f"{first} + {i}" if first else str(i), self.text(element))
                        for i, element in enumerate(elements)]  # fmt: skip
            case ast.BinOp(left=ast.List(elts=[element]), op=ast.Mult(), right=times):
                return self.language.filled(to, first, self.new("k"), self.text(times), [], self.text(element))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [*self.filled(to, left, first), *self.filled(to, right, self.count_of(left))]
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=ast.Name(id=name), iter=iterable)]):
                index, entry, _, count, _ = self.iterated(iterable)
                *needed, value = self.within(name, entry, lambda: [self.text(element)])
                return self.language.filled(to, first, index, count, needed, value)
            case ast.IfExp(test=test, body=body, orelse=orelse) if self.language.branches:
                sides = [self.apart(partial(self.filled, to, side)) for side in (body, orelse)]
                return self.language.branch(self.text(test), *sides)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                both = [(self.listed(side).text, ATOM) for side in (body, orelse)]
                chosen, _ = self.operator(ast.IfExp, [self.expression(test), *both])
                return [self.language.assigned(to, chosen)]
            case ast.Name(id=name):
                listed, index = self.variables[name], self.new("k")
                same = self.language.entry(listed.text, index)
                return self.language.filled(to, first, index, listed.length, [], same)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return [self.language.filled_by(to, self.function(name), self.arguments(arguments))]
        raise TypeError(f"{ast.unparse(node)!r} is no list that is read")

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

    def expression(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Subscript(value=value, slice=index):
                return self.language.entry(self.listed(value).text, self.text(index)), ATOM
        return super().expression(node)

    def name(self, name: str) -> tuple[str, int]:
        return (self.variables[name].text, ATOM) if name in self.variables else self.number(self.read.names[name])

    def once(self, node: ast.expr) -> str:
        """Return a name for a number that is computed before the statement, where it is more than a name."""
        if isinstance(node, ast.Name | ast.Constant):
            return self.text(node, SUM)
        name = self.new("t")
        self.declared.setdefault(self.kind(node), []).append(name)
        text = self.text(node)
        self.before.append(self.language.assigned(name, text))
        return name

    def function(self, name: str) -> str:
        return self.program.called(name, self.read)[0]

    def call(self, name: str, arguments: Sequence[ast.expr]) -> tuple[str, int]:
        if name == "len":
            return self.listed(arguments[0]).length, ATOM
        if name == "int":
            return self.language.integer(self.text(arguments[0], ATOM)), ATOM
        return f"{self.function(name)}({', '.join(self.arguments(arguments))})", ATOM

    def arguments(self, nodes: Iterable[ast.expr]) -> list[str]:
        return [self.language.given(self.listed(a).text) if self.kind(a) == LIST else self.text(a) for a in nodes]

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
            case ast.Call(func=ast.Name(id=name)):
                return self.program.called(name, self.read)[1]
        return NUMBER


def row_functions(language: Language, rows: Iterable[Op]) -> str:
    """Return the functions of rows, and all that they call, as one text.

    Row number i has `value_i(a0, a1, …, s0, …)` and for each operand j `partial_i_j(out, a0, a1, …, s0, …)`, which
    gives a list for one that is a list. A row that `runs_by_entry` has `start_i`, a function of the operands that are
    no lists; `step_i(out, a0, a1, …)`, the next `out`, of an entry of each list; and its partials are by entry, too.

    >>> from autograd_lite.languages.c import C
    >>> from autograd_lite.ops import TABLE
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
    add_rows(program, rows)
    return str(program)


def add_rows(program: Program, rows: Iterable[Op]) -> None:
    """Write the functions of rows into a program, see `row_functions`."""
    for i, row in enumerate(rows):
        if by_entry := runs_by_entry(row):
            program.add(f"start_{i}", start_of(row))
            program.add(f"step_{i}", step_of(row))
        else:
            program.add(f"value_{i}", value_of(row))
        for j in range(len(row.partials)):
            program.add(f"partial_{i}_{j}", entry_partial_of(row, j) if by_entry else partial_of(row, j))
