"""A tape as straight-line Python: the text that `source()` shows, and that runs where there is no kernel.

One statement a node, forward; then backward, from the last node to the first, one statement for the gradient of
each: the sum over its uses of (gradient of the use) · (local derivative), which is the chain rule as a lecturer
writes it on the board. The right-hand sides are the texts of the rows with names put in.

Nothing that a user wrote gets into the code: names are made from roles and numbers, labels stand in comments, as
escaped literals, the function's name without what would end its line, and the finished text may use no syntax but
what is listed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from typing import Any

from autograd_lite import numerics
from autograd_lite.coerce import number_of
from autograd_lite.generated import run_text
from autograd_lite.harmless import safe
from autograd_lite.languages.parsing import parsed
from autograd_lite.languages.python import without_exceptions
from autograd_lite.naming import Part, Role, kept_apart
from autograd_lite.ops import FLOAT_NAMES, TABLE, VECTOR_FUNCTIONS, Op
from autograd_lite.replay.sums import added
from autograd_lite.replay.tape import Guard, Tape

LONGEST = 40  # terms in one sum: a longer expression nests too deep for Python's parser


@dataclass(frozen=True, slots=True)
class Template:
    """A row's formula and partials with {0} for out, {1}, {2}, … for operands, settings after them."""

    formula: str
    partials: tuple[str, ...]


_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


@lru_cache(maxsize=512)
def template_of(row: Op) -> Template:
    """Return the texts of a row that is no loop, ready to be filled in."""
    position = {name: f"{{{i}}}" for i, name in enumerate(("out", *row.operands, *row.setting_names))}

    def fill(text: str) -> str:
        return _NAME.sub(lambda word: position.get(word[0], word[0]), without_exceptions(text))

    return Template(fill(row.fold[1] if row.fold else row.formula), tuple(map(fill, row.partials)))


def is_atom(text: str) -> bool:
    """Tell whether a factor needs no brackets: a name, a number, an entry or one call."""
    return re.fullmatch(r"[\w.]+(\[[\w.]+\]|\([^()]*\))?", text) is not None


@dataclass(slots=True)
class Lines:
    """The statements of a tape, with the names that a writer chose for the slots."""

    tape: Tape
    name: Callable[[int], str]  # of a slot's number
    slope: Callable[[int], str]  # of a slot's gradient
    table: Callable[[int], str] = "p{}".format  # of the list of a slot's partials
    contributions: dict[int, list[str]] = field(default_factory=dict)

    def forward(self, node: int) -> Iterator[str]:
        """Yield the statements that compute a node."""
        tape, row = self.tape, self.tape.rows[self.tape.row[node]]
        out, names = self.name(tape.first_node + node), list(map(self.name, tape.operands_of(node)))
        template = template_of(row)
        if not row.takes_lists:
            yield f"{out} = {template.formula.format(out, *names)}"
        elif row.fold:
            yield from self._fold(row, template, out, names)
        else:
            yield f"{out} = {template.formula.format(out, *_in_brackets(*_grouped(row, names)))}"

    def _fold(self, row: Op, template: Template, out: str, names: list[str]) -> Iterator[str]:
        """Yield a loop over entries, spelled out: a sum of terms, left to right."""
        lists = row.group(names)
        start = dict(zip(row.operands, lists, strict=True)).get(row.fold[0], row.fold[0])
        before, after = template.formula.split("{0}", 1)
        terms = [after.format("", *operands) for operands in _by_entry(row, lists)]
        so_far = start
        if start in ("-0.0", "(-0.0)") and after.startswith(" + "):  # -0.0 + a is a
            so_far, terms = terms[0].removeprefix(" + "), terms[1:]
        for i in range(0, max(len(terms), 1), LONGEST):
            yield f"{out} = {before}{so_far}{''.join(terms[i : i + LONGEST])}"
            so_far = out

    def backward(self, node: int) -> Iterator[str]:
        """Yield the statements for a node's gradient, and note its contributions to its operands."""
        tape, slot = self.tape, self.tape.first_node + node
        if not tape.live[slot]:
            return
        terms, slope = self.contributions[slot], self.slope(slot)
        if (len(terms) == 1 and terms[0].isidentifier()) or terms == ["1.0"]:  # no statement for a mere copy
            slope = self.contributions.pop(slot)[0]
        yield from self.gradient(slot, slope)
        row, slots = tape.rows[tape.row[node]], tape.operands_of(node)
        partials: list[str] = []
        if not row.takes_lists:
            names = list(map(self.name, slots))
            partials = [
                text.format(self.name(slot), *names) if tape.live[s] else ""
                for s, text in zip(slots, template_of(row).partials, strict=False)
            ]
        else:
            yield from self._partials_of_many(row, slot, slots, partials)
        for s, partial in zip(slots, partials, strict=False):
            if tape.live[s]:
                self.contributions.setdefault(s, []).append(product(slope, partial))

    def _partials_of_many(self, row: Op, slot: int, slots: Sequence[int], found: list[str]) -> Iterator[str]:
        """Find the partial by each operand of an n-ary row; yield the statements that they need first."""
        lists, settings = _grouped(row, list(map(self.name, slots)))
        out, whole = self.name(slot), _in_brackets(lists, settings)
        columns = zip(template_of(row).partials, row.is_list, row.by_entry, lists, strict=True)
        for text, is_list, by_entry, operand in columns:
            if not is_list:
                found.append(text.format(out, *whole))
            elif by_entry:
                found.extend(text.format(out, *operands, *settings) for operands in _by_entry(row, lists))
            else:
                yield f"{self.table(slot)} = {text.format(out, *whole)}"
                found.extend(f"{self.table(slot)}[{k}]" for k in range(len(operand)))

    def gradient(self, slot: int, target: str, start: str = "") -> Iterator[str]:
        """Yield the statements that add up the contributions to a slot, in their order."""
        terms = [start] * bool(start) + self.contributions.pop(slot, [])
        for i in range(0, len(terms), LONGEST):
            yield f"{target} = {' + '.join([target] * bool(i) + terms[i : i + LONGEST])}".replace(" + -", " - ")

    def start_backward(self) -> None:
        """Hand the gradient 1 on to the result, if a gradient runs through it."""
        if self.tape.live[self.tape.outputs[0]]:
            self.contributions[self.tape.outputs[0]] = ["1.0"]


def _grouped(row: Op, names: list[str]) -> tuple[list[Any], list[str]]:
    """Return the operands of a node as the row's formula takes them, and the settings."""
    count = len(names) - len(row.setting_names)
    return row.group(names[:count]), names[count:]


def _in_brackets(grouped: Sequence[Any], settings: list[str]) -> list[str]:
    return [f"[{', '.join(x)}]" if x.__class__ is list else x for x in grouped] + settings


def _by_entry(row: Op, grouped: Sequence[Any]) -> Iterator[list[str]]:
    """Yield the operands for each entry of the lists among them."""
    for entries in zip(*compress(grouped, row.is_list), strict=True):
        entry = iter(entries)
        yield [next(entry) if is_list else x for is_list, x in zip(row.is_list, grouped, strict=True)]


def product(slope: str, partial: str) -> str:
    """Return (gradient of the use) · (local derivative); a factor of 1 or -1 changes no bit and is left out."""
    if partial == "1.0":
        return slope
    if slope == "1.0":
        return partial if is_atom(partial) else f"({partial})"
    if partial == "-1.0":
        return f"-{slope}"
    return f"{slope} * {partial}" if is_atom(partial) else f"{slope} * ({partial})"


def literal(x: float) -> str:
    """Return a number as an operand."""
    text = repr(x)
    return f"({text})" if text[0] == "-" else text


# ------------------------------------------------------------------------------------------------------- writers


def names_of(tape: Tape) -> list[str]:
    """Return a name for each slot: from its role in a net, as in z1_2 or w1_2_1, else its kind and number."""
    taken: set[str] = set()
    names: list[str] = []
    constants = range(len(tape.parameters), tape.first_argument)
    roles = _places(tape)
    for slot in range(tape.slots):
        role = roles.get(slot)
        if slot in constants:
            names.append(literal(tape.constants[slot - constants.start]))
            continue
        if tape.first_argument <= slot < tape.first_node:
            name = f"x{slot - tape.first_argument + 1}"
        elif role is not None:
            indices = (role.layer, role.unit) if role.source is None else (role.layer, role.source, role.unit)
            name = role.symbol + "_".join(map(str, indices))
        else:
            name = f"p{slot + 1}" if slot < constants.start else f"v{slot - tape.first_node + 1}"
        names.append(f"v{slot}_" if name in taken else name)
        taken.add(names[-1])
    return names


def _places(tape: Tape) -> Mapping[int, Role]:
    """Return the place in a net of each slot that has one; layers of the same number are kept apart."""
    roles = {slot: tape.roles[slot] for slot in sorted(tape.roles, key=tape.first_node.__gt__)}  # nodes first
    read: dict[Part | None, Hashable] = {}
    for slot, role in roles.items():
        if role.symbol == "z" and role.part is not None and role.part.alone:
            operands = tape.operands_of(slot - tape.first_node)
            read.setdefault(role.part, tuple([x for x in operands if x >= tape.first_argument]))
    return kept_apart(roles, read)


def once_and_each(tape: Tape) -> tuple[list[int], list[int]]:
    """Return the nodes that are computed once, and those that depend on the arguments, computed for each row."""
    varies = bytearray(tape.first_argument) + b"\1" * tape.arguments
    for node in range(tape.nodes):
        varies.append(any([varies[s] for s in tape.operands_of(node)]))
    nodes = [*enumerate(varies[tape.first_node :])]
    return [node for node, each in nodes if not each], [node for node, each in nodes if each]


def one_row(tape: Tape, gradient: bool = True, comments: bool = False) -> str:
    """Return the text of a function that gives the outputs and gradients for one row; None where a guard fails."""
    names = names_of(tape)
    lines = Lines(tape, names.__getitem__, lambda slot: "d" + names[slot])
    body = list(_commented(lines, comments))
    body += [f"if not {condition(lines, guard)}: return None" for guard in tape.guards]
    slopes: list[str] = []
    if gradient:
        lines.start_backward()
        body += ["", "# backward, from the result to the parameters"] if comments else []
        body += [line for node in reversed(range(tape.nodes)) for line in lines.backward(node)]
        for slot in tape.wanted:
            slopes.append("d" + names[slot] if slot in lines.contributions else "0.0")
            body += lines.gradient(slot, "d" + names[slot], "0.0" if slot in lines.contributions else "")
    body.append(f"return {_tuple(lines, tape.outputs)}, [{', '.join(slopes)}]")
    arguments = [*names[tape.first_argument : tape.first_node], *names[: len(tape.parameters)]]
    return function_text("run", arguments, body)


def many_rows(tape: Tape, gradient: bool = True) -> str:
    """Return the text of a function of many rows and the parameters.

    Without gradients it returns the outputs of each row, and whether its guards hold. With gradients it takes a list of
    rows for each partial sum (see `sums.py`). It returns the outputs in this order, and the gradients of the sum of all
    first outputs; None where a guard does not hold.
    """
    names = names_of(tape)
    lines = Lines(tape, names.__getitem__, lambda slot: "d" + names[slot])
    once_nodes, each_nodes = once_and_each(tape)
    each = [line for node in each_nodes for line in lines.forward(node)]
    each.append(f"outputs.append({_tuple(lines, tape.outputs)})")
    holds = " and ".join([condition(lines, guard) for guard in tape.guards])
    row = f"for {', '.join(names[tape.first_argument : tape.first_node]) or '_'}, in rows:"
    once = [*[line for node in once_nodes for line in lines.forward(node)], "outputs = []"]
    parameters = names[: len(tape.parameters)]
    if not gradient:
        if holds:
            each.append(f"held.append({holds})")
        body = [*once, "held = []", row, *(f"    {line}" for line in each), "return outputs, held"]
        return function_text("run", ["rows", *parameters], body)
    if holds:
        each.append(f"if not ({holds}): return None")
    lines.start_backward()
    each += [line for node in reversed(each_nodes) for line in lines.backward(node)]
    sums = [f"s{slot}_{i}" for slot, terms in lines.contributions.items() for i in range(len(terms))]
    each += summed(lines, sums)
    after: list[str] = []
    if sums:
        each = [*(f"{name} = 0.0" for name in sums), row, *(f"    {line}" for line in each)]
        each.append(f"sums.append(({', '.join(sums)},))")
        after.append(f"{', '.join(sums)}, = added(sums)")
    else:
        each = [row, *(f"    {line}" for line in each)]
    after += [line for node in reversed(once_nodes) for line in lines.backward(node)]
    slopes: list[str] = []
    for slot in range(len(tape.parameters)):
        slopes.append(f"g{slot}" if slot in lines.contributions else "0.0")
        after += lines.gradient(slot, f"g{slot}", "0.0" if slot in lines.contributions else "")
    body = [*once, "sums = []", "for rows in parts:", *(f"    {line}" for line in each), *after]
    body.append(f"return outputs, [{', '.join(slopes)}]")
    return function_text("run", ["parts", *parameters], body)


def summed(lines: Lines, sums: Sequence[str]) -> list[str]:
    """Return the statements that add a row's contributions to sums, one for each use of a slot that all rows share.

    From then on the sums stand for these contributions.
    """
    names = iter(sums)
    statements = []
    for slot, terms in lines.contributions.items():
        own = [next(names) for _ in terms]
        statements += [
            f"{name} = {name} + {term}".replace(" + -", " - ") for name, term in zip(own, terms, strict=True)
        ]
        lines.contributions[slot] = own
    return statements


def readable(tape: Tape, title: str) -> str:
    """Return the forward and backward pass of one row as a program that a student can read and run."""
    text = one_row(tape, comments=True)
    called = {ast.unparse(node.func) for node in ast.walk(parsed(text)) if isinstance(node, ast.Call)}
    called |= {name for name in ("inf", "nan") if re.search(rf"\b{name}\b", text)}
    known = sorted(name for name in called if name in numerics.__all__)
    names = names_of(tape)
    head = [f"# {safe(title, None)}: its value, and its derivative by each parameter, recorded once and written out."]
    head += [f"from autograd_lite.numerics import {', '.join(known)}\n"] if known else [""]
    parameters = [f"{names[i]}={literal(number_of(p)).strip('()')}" for i, p in enumerate(tape.parameters)]
    return "\n".join([*head, text, f"# the parameters, when this was written: {', '.join(parameters) or 'none'}", ""])


def function_text(name: str, arguments: Sequence[str], body: Iterable[str]) -> str:
    return f"def {name}({', '.join(arguments)}):\n" + "".join(f"    {line}\n" if line else "\n" for line in body)


def _tuple(lines: Lines, slots: Iterable[int]) -> str:
    return f"({''.join(f'{lines.name(slot)}, ' for slot in slots).rstrip()})"


def condition(lines: Lines, guard: Guard) -> str:
    test = f"{lines.name(guard.left)} {guard.how} {lines.name(guard.right)}"
    return f"({test})" if guard.held else f"(not {test})"


def _commented(lines: Lines, comments: bool) -> Iterator[str]:
    """Yield the forward pass, with a comment at the head of each layer and a user's labels beside the lines."""
    tape, layer = lines.tape, None
    roles = _places(tape)
    for node in range(tape.nodes):
        slot = tape.first_node + node
        role, label = roles.get(slot), tape.labels.get(slot)
        if comments and role is not None and role.layer != layer:
            layer = role.layer
            yield f"# layer {layer}"
        for line in lines.forward(node):
            yield line + (f"  # {label[:60]!a}" if comments and label else "")


# ------------------------------------------------------------------------------------------------ from text to code

_SYNTAX = {
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.For, ast.If, ast.Continue,
    ast.Expr, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.List, ast.Subscript, ast.Call, ast.BinOp,
    ast.UnaryOp, ast.BoolOp, ast.And, ast.Compare, ast.IfExp, ast.Add, ast.Sub, ast.Mult, ast.USub, ast.Not, ast.Lt,
    ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq,
}  # fmt: skip


def checked(text: str, functions: Iterable[str]) -> None:
    """Raise ValueError for any syntax, or call, that generated code has no use for."""
    nodes: list[ast.AST] = [parsed(text)]
    known = {*functions}
    for node in nodes:  # which become more: `ast.walk` in a third of its time
        appends = isinstance(node, ast.Attribute) and node.attr == "append" and ast.unparse(node.value) in _LISTS
        if node.__class__ not in _SYNTAX and not appends:
            raise ValueError(f"generated code may not contain {type(node).__name__}: {ast.unparse(node)[:80]}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in known:
            raise ValueError(f"generated code may not call {node.func.id}")
        for part in vars(node).values():
            if part.__class__ is list:
                nodes += part
            elif isinstance(part, ast.AST):
                nodes.append(part)


_LISTS = ("outputs", "held", "sums")


def compiled(text: str, title: str) -> Callable[..., Any]:
    """Return the function that a text defines, known to tracebacks and debuggers by its title."""
    namespace = {"__builtins__": {}, **FLOAT_NAMES, **VECTOR_FUNCTIONS, "added": added}
    namespace.update(
        {name: row.forward for name, row in TABLE.items() if name not in namespace and not row.takes_lists}
    )
    checked(text, namespace)
    found = run_text(text, f"<{safe(title, None)}, written by autograd_lite>", namespace)
    return next(iter(found.values()))  # type: ignore[no-any-return]
