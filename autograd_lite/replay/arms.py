"""The arms of the kernels: what each row of the table does to a node, written from the row's own text.

An arm fetches the operands and then is the row's text, so a formula stands in the table and nowhere else. A row's
*code* is its place when the kinds of rows stand in this order:

- *written* rows, whose arithmetic is written into the loops (`loops.py`): `a * b`;
- *called* ones, functions of a few numbers that the loops call: `exp(a)`; those of as many numbers are a *group*;
- *folds*, written into the loops too, as a loop over entries: `dot`, a *weighted sum*. Several weighted sums of the
  same inputs, units of a layer, run together;
- *listed* ones, functions of lists that the loops call: `logsumexp(a)`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress, groupby
from operator import not_

from autograd_lite.formulas import names_in, parsed, renamed
from autograd_lite.ops import Op
from autograd_lite.replay import loops
from autograd_lite.replay.layers import UNITS
from autograd_lite.replay.texts import functions_of, spelled

HOWS = ("<", "<=", ">", ">=", "==", "!=")  # how a guard compares; its code is the place here


def in_order(rows: Iterable[Op]) -> tuple[Op, ...]:
    """Return the rows in the order of their codes."""
    return tuple(sorted(rows, key=lambda row: _read(row).kind))


def text_of(rows: Sequence[Op]) -> str:
    """Return the text of a module with the kernels for these rows, which stand in order."""
    read = list(enumerate(map(_read, rows)))
    written, called, folds, listed = [[(c, row) for c, row in read if row.kind[0] == kind] for kind in range(4)]
    groups = [_Group(count, list(some)) for count, some in groupby(called, lambda pair: pair[1].count)]
    short = [row for _, row in (*written, *called)]

    def arms(numbers: Callable[[_Row], list[str]], group: Callable[[_Group], list[str]],
             fold: Callable[[_Row], list[str]], depth: int) -> str:  # fmt: skip
        return "\n".join(_indented(_switch(written, numbers) + [line for some in groups for line in group(some)]
                                   + _cases(folds, fold), depth))  # fmt: skip

    def alone(rows: Sequence[tuple[int, _Row]], arm: Callable[[_Row], list[str]], depth: int = 1) -> str:
        return "\n".join(_indented(_switch(rows, arm), depth))

    return "".join([
        loops.HEAD.lstrip().format(operands=max([2, *(len(row.offsets) for _, row in read)]), short=len(short),
                                   shares=max([1, *(len(row.partials) for row in short)])),
        *functions_of(rows),
        *[group.functions() for group in groups],
        loops.LISTS.format(value=alone(listed, _value), partials=alone(listed, _partials)),
        loops.COMPARE.format("\n".join(f"    if how == {i}:\n        return a {how} b" for i, how in enumerate(HOWS))),
        loops.SPREAD.format(ways=alone([(c, row) for c, row in folds if row.weighted], _ways, 2)),
        loops.ONE.format(forward=arms(_forward, _Group.forward, _forward, 3),
                         backward=arms(_backward, _Group.backward, _backward, 3)),
        *[_fold_backward(row) for _, row in folds],
        loops.ROWS.format(forward=arms(_forward_lanes, _Group.forward_lanes, _fold_lanes, 4),
                          backward=arms(_backward_lanes, _Group.backward_lanes, _call_fold_backward, 3)),
    ])  # fmt: skip


def _cases(rows: Iterable[tuple[int, _Row]], arm: Callable[[_Row], list[str]]) -> list[str]:
    """Write the arms of the rows one below the other, each behind the question whether it is the node's."""
    return [line for code, row in rows for line in (f"elif code == {code}:  # {row.name}", *_indented(arm(row)))]


def _switch(rows: Iterable[tuple[int, _Row]], arm: Callable[[_Row], list[str]]) -> list[str]:
    return ["if code < 0:", "    pass", *_cases(rows, arm)]


def _indented(lines: Iterable[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line for line in lines]


# ------------------------------------------------------------------------------------ a row, as the arms read it


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with its names spelled apart from those of the kernels: `a_` for a, so `n` may be a setting's name."""

    name: str
    kind: tuple[int, int]  # in the order above, and of called rows the count
    lists: tuple[str, ...]  # the operands that are lists
    numbers: tuple[str, ...]  # the others and the settings
    offsets: dict[str, str]  # where each of these starts among a node's operands; n is the length of the lists
    by_entry: set[str]  # the operands whose partials are written for an entry
    partials: dict[str, str]  # by operand; of a fold, those by one entry of a list
    formula: str
    start: str  # of a fold
    step: str

    @property
    def weighted(self) -> bool:
        """Tell whether a fold is a weighted sum: its two lists are the factors of products, and may change places."""
        if len(self.lists) != 2:
            return False
        (a, b), partials = self.lists, self.partials
        return (self.step, partials[a], partials[b]) == (f"out + {a} * {b}", b, a)

    @property
    def count(self) -> int:
        """Return how many numbers the row takes, settings and all, lists apart."""
        return len(self.numbers)

    @property
    def length(self) -> str:
        """The text of the length of the lists, given the count of all operands."""
        return f"(count - {self.count}) // {len(self.lists)}"

    def index(self, name: str) -> str:
        """Return the text of the index of an operand, or of the start of a list, among the flat operands."""
        return self.offsets[name].removeprefix(" + ") or "0"

    def at(self, name: str) -> str:
        """Return the text of the index of an operand, or of the entry of a list that k stands at."""
        return f"{'k' if name in self.lists else 's'}{self.offsets[name]}"


@cache
def _read(row: Op) -> _Row:
    """Return the row as the arms read it."""
    offsets: dict[str, str] = {}
    lists = single = 0
    starred = [*row.is_list, *(False for _ in row.setting_names)]
    for name, is_list in zip((*row.operands, *row.setting_names), starred, strict=True):
        offsets[f"{name}_"] = (f" + {lists} * n" if lists else "") + (f" + {single}" if single else "")
        lists, single = lists + is_list, single + (not is_list)
    texts = [spelled(row, text) for text in (row.formula, *row.partials, *row.fold)]
    plain = not any(isinstance(node, ast.Call) and ast.unparse(node.func) not in ("abs", "divide")
                    for text in texts[1 if row.fold else 0 :] for node in ast.walk(parsed(text)))  # fmt: skip
    kind = 2 if row.fold and plain else 3 if lists else 0 if plain else 1
    n = len(row.partials)
    return _Row(
        name=row.name,
        kind=(kind, single if kind == 1 else 0),
        lists=tuple(compress(offsets, starred)),
        numbers=tuple(compress(offsets, map(not_, starred))),
        offsets=offsets,
        partials=dict(zip(offsets, texts[1 : 1 + n], strict=False)),
        by_entry={*compress(offsets, row.by_entry)},
        formula=texts[0],
        start=texts[-2] if row.fold else "",
        step=texts[-1] if row.fold else "",
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The called rows of as many numbers: one function for their values, and one for their partials by each operand."""

    count: int
    rows: list[tuple[int, _Row]]

    @property
    def test(self) -> str:
        return f"elif code <= {self.rows[-1][0]}:  # functions of {self.count}"

    @property
    def operands(self) -> int:
        """Return how many of the numbers a gradient may be asked for by."""
        return max(len(row.partials) for _, row in self.rows)

    @property
    def xs(self) -> str:
        return ", ".join(f"x{i}" for i in range(self.count))

    def functions(self) -> str:
        """Write the function of the values, and those of the partials."""
        values = [(code, row, row.formula) for code, row in self.rows]
        text = self._function(f"value_{self.count}(code, {self.xs})", values)
        for i in range(self.operands):
            slopes = [(c, row, [*row.partials.values()][i]) for c, row in self.rows if i < len(row.partials)]
            text += self._function(f"slope_{self.count}_{i}(code, out, {self.xs})", slopes)
        return text

    def _function(self, head: str, texts: Iterable[tuple[int, _Row, str]]) -> str:
        lines = ["if code < 0:", "    pass"]
        for code, row, text in texts:
            fetch = [f"{name} = x{i}" for i, name in enumerate(row.numbers) if name in names_in(text)]
            lines += [f"elif code == {code}:  # {row.name}", *_indented([*fetch, f"return {text}"])]
        return "\n".join(["\n\n@function", f"def {head}:", *_indented([*lines, "return nan"]), ""])

    def forward(self) -> list[str]:
        xs = ", ".join(f"v[operands[s + {i}]]" for i in range(self.count))
        return [self.test, f"    out = value_{self.count}(code, {xs})"]

    def backward(self) -> list[str]:
        arm = [f"x{i} = v[operands[s + {i}]]" for i in range(self.count)]
        for i in range(self.operands):
            share = f"grad * slope_{self.count}_{i}(code, out, {self.xs})"
            arm += [f"if to[s + {i}] != nowhere:", f"    g[to[s + {i}]] += {share}"]
        return [self.test, *_indented(arm)]

    def forward_lanes(self) -> list[str]:
        places = [f"q{i} = at[{i}]" for i in range(self.count)]
        xs = ", ".join(f"V[q{i}, l]" for i in range(self.count))
        return [self.test, *_indented([*places, "for l in range(m):", f"    V[o, l] = value_{self.count}(code, {xs})"])]

    def backward_lanes(self) -> list[str]:
        arm = [f"q{i} = at[{i}]" for i in range(self.count)]
        xs = ", ".join(f"V[q{i}, l]" for i in range(self.count))
        for i in range(self.operands):
            share = f"G[o, l] * slope_{self.count}_{i}(code, V[o, l], {xs})"
            arm += [f"if to[s + {i}] != 0:", "    for l in range(m):", f"        V[OPERANDS + {i}, l] = {share}"]
        return [self.test, *_indented(arm)]


# ------------------------------------------------------------------------------------------- one row of numbers


def _fetch(row: _Row) -> list[str]:
    """Write how a row finds its operands among flat numbers."""
    ends = {name: f"{row.index(name)} : {row.index(name)} + n" for name in row.lists}
    return [f"n = {row.length}", *[f"{name} = xs[{ends.get(name, row.index(name))}]" for name in row.offsets]]


def _value(row: _Row) -> list[str]:
    """Write the arm that returns a row's result, by its formula."""
    return [*_fetch(row), f"return {row.formula}"]


def _partials(row: _Row) -> list[str]:
    """Write the arm that computes a row's local derivatives."""
    arm = _fetch(row)
    for name, partial in row.partials.items():
        if name in row.lists:
            whole = name not in row.by_entry
            entry = "shares[k]" if whole else renamed(partial, {other: f"{other}[k]" for other in row.lists})
            arm += [f"shares = {partial}"] * whole + ["for k in range(n):", f"    ds[k{row.offsets[name]}] = {entry}"]
        else:
            arm += [f"ds[{row.index(name)}] = {partial}"]
    return arm


def _length(row: _Row) -> list[str]:
    """Write how long the lists of a node are."""
    return ["count = starts[node + 1] - s", f"n = {row.length}"] if row.lists else []


def _number_fetch(row: _Row, names: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Write the fetching of those of the operands that occur in the texts."""
    called = set().union(*map(names_in, texts))
    return [f"{name} = v[operands[{row.at(name)}]]" for name in names if name in called]


def _forward(row: _Row) -> list[str]:
    """Write the arm that computes `out` from the slots of the operands."""
    if not row.lists:
        return [*_number_fetch(row, row.numbers, [row.formula]), f"out = {row.formula}"]
    step = [*_number_fetch(row, row.lists, [row.step]), f"out = {row.step}"]
    return [*_length(row), *_number_fetch(row, row.numbers, [row.start, row.step]),
            f"out = {row.start}", "for k in range(s, s + n):", *_indented(step)]  # fmt: skip


def _backward(row: _Row) -> list[str]:
    """Write the arm that hands `grad` on to each operand, in order."""
    arm = [*_length(row), *_number_fetch(row, row.numbers, row.partials.values())]
    for name, partial in row.partials.items():
        share = f"g[to[{row.at(name)}]] += grad * ({partial})"
        entry = ["for k in range(s, s + n):", *_indented([*_number_fetch(row, row.lists, [partial]), share])]
        arm += entry if name in row.lists else [share]
    return arm


# -------------------------------------------------------------------------------------------- rows side by side


def _at(row: _Row, called: set[str]) -> tuple[list[str], list[str]]:
    """Write the fetching of the lines of those operands that are called, and of a lane from each."""
    wanted = [(i, name) for i, name in enumerate(row.numbers) if name in called]
    lanes = [f"{name} = V[{name}line, l]" for _, name in wanted] + (["out = V[o, l]"] if "out" in called else [])
    return [f"{name}line = at[{i}]" for i, name in wanted], lanes


def _forward_lanes(row: _Row) -> list[str]:
    """Write the arm that computes line o from the lines of the operands."""
    places, lanes = _at(row, names_in(row.formula))
    return [*places, "for l in range(m):", *_indented([*lanes, f"V[o, l] = {row.formula}"])]


def _backward_lanes(row: _Row) -> list[str]:
    """Write the arm that computes what line o's gradients hand on to each operand."""
    called = set().union(*map(names_in, row.partials.values()))
    places, lanes = _at(row, called)
    shares = [f"V[OPERANDS + {i}, l] = G[o, l] * ({partial})" for i, partial in enumerate(row.partials.values())]
    return [*places, "for l in range(m):", *_indented([*lanes, *shares])]


def _ways(row: _Row) -> list[str]:
    """Write the arm that finds which list of a weighted sum is the only one that varies, counted from 1."""
    first, second = (f"varies[operands[{row.at(name)}]]" for name in row.lists)
    return [*_length(row), "way1 = way2 = True", "for k in range(s, s + n):",
            f"    way1 = way1 and {first} and not {second}", f"    way2 = way2 and {second} and not {first}",
            "way = 1 if way1 else 2 if way2 else 0"]  # fmt: skip


def _line(row: _Row, name: str, at: str) -> str:
    """Write the finding of the line of an operand, a number or an entry, given its index."""
    return f"{name}line = line_of(places[{at}], {list(row.offsets).index(name)}, m, v, V)"


def _on_lanes(row: _Row, text: str, o: str = "o") -> str:
    """Return a text of the operands as one of a lane of each."""
    return renamed(text, {name: f"V[{name}line, l]" for name in row.offsets} | {"out": f"V[{o}, l]"})


def _fold_lanes(row: _Row) -> list[str]:
    """Write the arm that computes line o by the steps of a fold, and its layer's lines with it."""
    lines = [_line(row, name, row.at(name)) for name in row.lists]
    step = ["for l in range(m):", f"    V[o, l] = {_on_lanes(row, row.step)}"]
    steps = ["for k in range(s, s + n):", *_indented([*lines, *step])]
    if row.weighted:
        steps = ["if way == 0:", *_indented(steps), "else:", *_indented(_steps(row, 1, 4))]
    arm = [*_started(row, "s", "o"), *steps]
    if row.weighted:
        starts = [f"for unit in range({UNITS}):", *_indented(_started(row, "nodes[i + unit, 1]", "o + unit"))]
        arm = ["if units == 1:", *_indented(arm), "else:", *_indented([*starts, *_steps(row, UNITS, 2)])]
    return [f"n = {row.length}", *arm]


def _started(row: _Row, s: str, o: str) -> list[str]:
    """Write the start of a line of a fold, given where its operands start."""
    lines = [_line(row, name, f"{s}{row.offsets[name]}") for name in row.numbers]
    return [*lines, "for l in range(m):", f"    V[{o}, l] = {_on_lanes(row, row.start, o)}"]


def _weights(units: int) -> list[str]:
    """Write the finding of where the list that varies starts, the inputs x, and each unit's other list, its weights."""
    return ["shift = n if way == 1 else 0", "x = s + n - shift",
            *[f"w{u} = nodes[i + {u}, 1] + shift" for u in range(units)]]  # fmt: skip


def _steps(row: _Row, units: int, width: int) -> list[str]:
    """Write the loops over the entries of weighted sums, which take `width` of them in one pass over the lanes.

    The order of the steps is the same; lines are read and written less often.
    """
    weight, x = row.lists

    def entries(which: str, width: int) -> list[str]:
        fetch = [f"x{j} = places[x + k + {j}]" for j in range(width)]
        sums = []
        for u in range(units):
            fetch += [f"a{u}_{j} = v[~places[w{u} + k + {j}]]" for j in range(width)]
            out = f"V[o + {u}, l]"
            for j in range(width):
                out = renamed(row.step, {"out": f"({out})", weight: f"a{u}_{j}", x: f"V[x{j}, l]"})
            sums.append(f"V[o + {u}, l] = {out}")
        return [f"for k in range({which}):", *_indented([*fetch, "for l in range(m):", *_indented(sums)])]

    return [*_weights(units), *entries(f"0, n - {width - 1}, {width}", width), *entries(f"n - n % {width}, n", 1)]


def _call_fold_backward(row: _Row) -> list[str]:
    return [f"shares_of_{row.name}(i, s, count, way, units, o, m, nodes, places, to, v, V, G, g)"]


def _fold_backward(row: _Row) -> str:
    """Write the function that hands the gradients of line o on to the operands of a fold, and of its layer's lines.

    It calls nothing for an entry that is part of a layer: a call counts references, which takes longer than the lanes.
    """
    body = []
    for name in row.lists:
        lines = [_line(row, other, row.at(other)) for other in row.lists if other in names_in(row.partials[name])]
        body += ["for k in range(s, s + n):", *_indented([*lines, *_handed_on(row, name, row.at(name), "o")])]
    if row.weighted:
        one, layer = ([*_weights(units), *_shares(row, units)] for units in (1, UNITS))
        body = ["if way == 0:", *_indented(body), "elif units == 1:", *_indented(one), "else:", *_indented(layer)]
    for name in row.numbers:
        each = _handed_on(row, name, f"nodes[unit, 1]{row.offsets[name]}", "o + unit - i")
        body += ["for unit in range(i + units - 1, i - 1, -1):", *_indented(each)]
    head = f"def shares_of_{row.name}(i, s, count, way, units, o, m, nodes, places, to, v, V, G, g):"
    return "\n".join(["\n\n@function", head, f"    n = {row.length}", *_indented(body), ""])


def _handed_on(row: _Row, name: str, at: str, o: str) -> list[str]:
    """Write how an operand gets its share of a line's gradients: lane by lane, or their sum if it is uniform."""
    partial = _on_lanes(row, row.partials[name])
    return [f"target = to[{at}]",
            "if target > 0:", "    for l in range(m):", f"        G[target, l] += G[{o}, l] * ({partial})",
            "elif target < 0:", "    total = 0.0", "    for l in range(m):",
            f"        total = summed(total, G[{o}, l], {partial})", "    g[~target] += total"]  # fmt: skip


def _shares(row: _Row, units: int) -> list[str]:
    """Write the loop over the entries of a layer's weighted sums: one pass over an input's lanes for all units.

    The input gets its share of each unit's gradients, last unit first, and each unit's weight a sum over the lanes.
    """
    weight, x = row.lists
    fetch, sums, both, add = ["line = places[x + k]", "target = to[x + k]"], ["input = V[line, l]"], [], []
    for u in reversed(range(units)):
        fetch += [f"a{u} = v[~places[w{u} + k]]", f"total{u} = 0.0"]
        by_weight, by_input = (renamed(row.partials[name], {weight: f"a{u}", x: "input"}) for name in row.lists)
        sums += [f"total{u} = summed(total{u}, G[o + {u}, l], {by_weight})"]
        both += [f"share += G[o + {u}, l] * ({by_input})"]
        add += [f"g[~to[w{u} + k]] += total{u}"]
    return ["for k in range(n):", *_indented([
        *fetch,
        "if target > 0:", "    for l in range(m):",
        *_indented(["share = G[target, l]", *sums, *both, "G[target, l] = share"], 2),
        "else:", "    for l in range(m):", *_indented(sums, 2),
        *add,
    ])]  # fmt: skip
