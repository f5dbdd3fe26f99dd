"""Cards: one value with its data and gradient, or a neuron, a layer, or the middle of a long graph."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.drawing.context import Context, symbol_of
from autograd_lite.drawing.fold import Key
from autograd_lite.drawing.geometry import PILL, width
from autograd_lite.drawing.parts import part_of
from autograd_lite.drawing.scene import Card, Row
from autograd_lite.drawing.shown import data_row, grad_of
from autograd_lite.engine import Value
from autograd_lite.notation.local_derivatives import meaning
from autograd_lite.notation.text import full, number, safe
from autograd_lite.words import of_row, say

__all__ = ["Cards", "activation"]

LINES = 8  # in a tooltip


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes the card of a value or a group of them."""

    context: Context
    steepest: float  # the largest gradient shown

    def card(self, id_: str, key: Key, members: Sequence[Value]) -> Card:
        """Return the card of the values that share a key."""
        highlighted = self.context.highlighted is None or any(map(self.context.is_highlighted, members))
        if key.kind == "value" or (len(members) == 1 and key.kind not in ("folded", "group")):
            return self._value_card(id_, members[0], highlighted)
        if key.kind == "folded":
            return self._folded_card(id_, members, highlighted)
        if key.kind == "group":
            return self._group_card(id_, key, members, highlighted)
        if key.kind == "alike":
            return self._alike_card(id_, members, highlighted)
        kind = key.kind if key.at else "input"
        if any(value is self.context.root for value in members):
            kind = "output"
        return (self._neuron_card if key.kind == "neuron" else self._layer_card)(id_, kind, key, members, highlighted)

    def _value_card(self, id_: str, value: Value, highlighted: bool) -> Card:
        context, name = self.context, self.context.title(value)
        stale = id(value) in context.stale
        data = data_row(number(value.data, 4).text, stale, context.palette)
        rows: tuple[Row, ...] = (context.shown.row(value, data), self._grad_row(value))
        if context.rows is not None:
            rows = context.rows.get(id(value), (data,))
        lines = [": ".join(filter(None, (name, context.shown.numbers(value))))]
        if value.operation is not None:
            lines.append(of_row(value.operation.derivative_rule) or value.operation.name)
        if (means := meaning(value, context.names)) is not None:
            lines.append(means.text)
        if stale:
            lines.append(say("picture.written"))
        kind, symbol, compact = context.kind(value), context.symbol(value), context.mode == "neuron"
        return Card(id_, kind, name, symbol, rows, "\n".join(lines), compact=compact, highlighted=highlighted)

    def _grad_row(self, value: Value) -> Row:
        row = Row("grad", "–") if self.context.mode == "neuron" else self._unknown("grad")
        if value.has_grad:
            text = number(value.grad, 3).text
            if self.context.mode == "neuron":  # as many digits as its narrow field holds
                texts = [text, number(value.grad, 2).text, number(value.grad, 1).text]
                text = next((t for t in texts if width(t, 11) <= PILL - 7), texts[-1])
            row = Row("grad", text, self.context.palette.by_sign(value.grad, self.steepest))
        return self.context.shown.row(value, row)

    def _unknown(self, caption: str) -> Row:
        return Row(caption, say("picture.not_computed"), small=True)

    def _folded_card(self, id_: str, members: Sequence[Value], highlighted: bool) -> Card:
        kind = "output" if any(value is self.context.root for value in members) else "folded"
        ops = Counter(value.op for value in members)
        lines = [
            say("picture.folded_values"),
            *(f"{count:,} {safe(op) or say('picture.leaf')}" for op, count in ops.most_common(LINES)),
        ]
        name = f"⋯ {say('picture.values', count=len(members))}"
        return Card(id_, kind, name, "", (), "\n".join(lines), compact=True, dashed=True, highlighted=highlighted)

    def _group_card(self, id_: str, key: Key, members: Sequence[Value], highlighted: bool) -> Card:
        """Return the card of equal parts, which the user named or which are steps: their results and operations."""
        context, inside = self.context, {id(value) for value in members}

        def apart(value: Value, parent: Value) -> bool:
            """Tell whether two results on the card are in parts of their own."""
            parts = (part_of(v, key.unit) if v.group else context.steps.get(id(v)) for v in (value, parent))
            return bool(parent.op) and len({*parts}) > 1

        results: dict[int, Value] = {id(value): value for value in members if value is context.root}
        in_turn = False
        for value in context.order:
            for parent in value.parents:
                if id(parent) in inside and (id(value) not in inside or apart(value, parent)):
                    results[id(parent)] = parent
                    in_turn = in_turn or id(value) in inside
        rows = self._ranges([value for value in members if id(value) in results])
        rows += (Row("", say("picture.in_turn"), small=True),) * in_turn
        ops = Counter(value.op for value in members if value.op)
        lines = [say("picture.values", count=len(members)), *(f"{n:,} {safe(op)}" for op, n in ops.most_common(LINES))]
        kind = "output" if context.root is members[-1] else "neuron"
        return Card(id_, kind, _names(key.names), "", rows, "\n".join(lines), highlighted=highlighted)

    def _alike_card(self, id_: str, members: Sequence[Value], highlighted: bool) -> Card:
        """Return the card of values that are made and used alike: how many, and from where to where they go."""
        context, first = self.context, members[0]
        name = _names([value.label or (context.name(value) if value.role else "") for value in members])
        lines = [f"{context.name(value)}: {context.shown.numbers(value)}" for value in members[:LINES]]
        kind, symbol, rows = context.kind(first), context.symbol(first), self._ranges(members)
        return Card(id_, kind, name, symbol, rows, "\n".join(lines), highlighted=highlighted)

    def _ranges(self, values: Sequence[Value]) -> tuple[Row, ...]:
        """Return the rows of some values: from where to where their data and gradients go."""
        first, grads = values[0], [value.grad for value in values if value.has_grad]
        if len(values) == 1:
            return self.context.shown.row(first, Row("data", number(first.data, 4).text)), self._grad_row(first)
        return (
            self.context.shown.row(first, Row("data", _range([value.data for value in values]))),
            self.context.shown.row(first, Row("grad", _range(grads)) if grads else self._unknown("grad")),
        )

    def _neuron_card(self, id_: str, kind: str, key: Key, members: Sequence[Value], highlighted: bool) -> Card:
        context, outs = self.context, _outputs(members)
        out = outs[-1]
        where = "picture.layer_neuron" if key.at else "picture.input_number"
        lines = [say(where, layer=key.at, unit=key.unit)]
        if len(outs) == 1:
            rows: tuple[Row, ...] = (context.shown.row(out, Row("data", number(out.data, 4).text)), self._grad_row(out))
            name = context.title(out)
            results = [v for v in members if v.op][-2:] if context.shown.everything else []
            lines += [f"{context.name(v)}: {context.shown.numbers(v)}" for v in results]
        else:
            name, rows = context.names.shared(out).text, (Row("data", say("picture.values", count=len(outs))),)
        parameters = _parameters(members) if context.shown.everything else []
        lines += [f"{context.name(v)} = {full(v.data)} {grad_of(v)}" for v in parameters[:LINES]]
        if len(parameters) > LINES:
            lines.append(say("picture.more_parameters", count=len(parameters) - LINES))
        return Card(id_, kind, name, "", rows, "\n".join(lines), compact=True, highlighted=highlighted)

    def _layer_card(self, id_: str, kind: str, key: Key, members: Sequence[Value], highlighted: bool) -> Card:
        roles = self.context.names.view.roles
        parameters, units = _parameters(members), {roles[id(v)].unit for v in members if id(v) in roles}
        rows = [Row(say("picture.row_neurons" if key.at else "picture.row_inputs"), f"{len(units):,}")]
        if parameters:
            rows.append(Row(say("picture.row_parameters"), f"{len(parameters):,}"))
            rms = math.sqrt(sum(v.grad * v.grad for v in parameters) / len(parameters))
            fill = self.context.palette.by_sign(rms, max(rms, self.steepest))
            row = Row(say("picture.row_rms"), number(rms, 3).text, fill)
            known = all(value.has_grad for value in parameters)
            rows.append(self.context.shown.row(parameters[0], row if known else self._unknown(row.caption)))
        counts = ("neurons", units), ("parameters", parameters), ("values", members)
        tooltip = ", ".join(say(f"picture.{noun}", count=len(some)) for noun, some in counts)
        name = say("picture.layer_number", layer=key.at) if key.at else "x"
        return Card(id_, kind, name, activation(members), tuple(rows), tooltip, highlighted=highlighted)


def _names(names: Sequence[str]) -> str:
    """Return the name of a card for several things: the first, and how many there are."""
    first, several = safe(min(names, key=lambda name: (len(name), name))), len(set(names)) > 1
    times = f"×{len(names)}" if len(names) > 1 else ""
    return " ".join(filter(None, (f"{first}, …" if first and several else first, times)))


def _range(numbers: Sequence[float]) -> str:
    """Return the smallest and the largest of some numbers; the number, if they are all the same."""
    low, high = number(min(numbers), 3).text, number(max(numbers), 3).text
    return low if low == high else f"{low} … {high}"


def _parameters(members: Sequence[Value]) -> list[Value]:
    return [value for value in members if not value.op and value.role and value.role.symbol in "wb"]


def _outputs(members: Sequence[Value]) -> list[Value]:
    """Return the outputs of a neuron, one for each example: its a, or z where it has no a."""
    for symbol in "azx":
        found = [value for value in members if value.role and value.role.symbol == symbol]
        if found:
            return found
    return [members[-1]]


def activation(members: Sequence[Value]) -> str:
    """Return the symbol of the activation that all neurons share, "" if they share none."""
    symbols = {symbol_of(value) for value in members if value.op and value.role and value.role.symbol == "a"}
    return symbols.pop() if len(symbols) == 1 else ""
