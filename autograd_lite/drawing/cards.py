"""Cards: one value with its data and gradient, or a neuron, a layer, or the middle of a long graph."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_lite.drawing.context import Survey, grad_of, symbol_of
from autograd_lite.drawing.fold import Key
from autograd_lite.drawing.scene import UNKNOWN, Card, Row
from autograd_lite.engine import Value
from autograd_lite.notation.local_derivatives import meaning
from autograd_lite.notation.text import full, number, plural, safe

__all__ = ["Cards", "activation"]

TOLD = 8  # lines in a tooltip


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes the card of a value or a group of them."""

    survey: Survey
    steepest: float  # the largest gradient shown

    def card(self, id_: str, key: Key, members: Sequence[Value]) -> Card:
        """Return the card of the values that share a key."""
        lit = self.survey.lit is None or any(map(self.survey.is_lit, members))
        if key.kind == "value" or (len(members) == 1 and key.kind != "folded"):
            return self._value_card(id_, members[0], lit)
        output = any(value is self.survey.root for value in members)
        kind = "output" if output else key.kind
        if key.kind == "folded":
            ops = Counter(value.op for value in members)
            told = "\n".join(f"{count:,} {safe(op) or 'leaf'}" for op, count in ops.most_common(TOLD))
            return Card(id_, kind, f"⋯ {plural(len(members), 'value')}", "", (), f"folded:\n{told}", True, True, lit)
        return (self._neuron_card if key.kind == "neuron" else self._layer_card)(id_, kind, key, members, lit)

    def _value_card(self, id_: str, value: Value, lit: bool) -> Card:
        name = self.survey.title(value)
        stale = id(value) in self.survey.stale
        data = Row("data", number(value.data, 4).text + " ✎" * stale, self.survey.palette.changed if stale else "")
        rows: tuple[Row, ...] = (data, self._grad_row(value))
        if self.survey.rows is not None:
            rows = self.survey.rows.get(id(value), (data,))
        told = f"{name}: data={full(value.data)} {grad_of(value)}"
        if value.operation is not None:
            told += f"\n{value.operation.rule or value.operation.name}"
            if (means := meaning(value, self.survey.names)) is not None:
                told += f"\n{means.text}"
        if stale:
            told += "\nwritten after the graph was recorded"
        kind, symbol = self.survey.kind(value), self.survey.symbol(value)
        return Card(id_, kind, name, symbol, rows, told, self.survey.mode == "neuron", False, lit)

    def _grad_row(self, value: Value) -> Row:
        if not value.has_grad:
            return Row("grad", "–" if self.survey.mode == "neuron" else UNKNOWN)
        return Row("grad", number(value.grad, 3).text, self.survey.palette.by_sign(value.grad, self.steepest))

    def _neuron_card(self, id_: str, kind: str, key: Key, members: Sequence[Value], lit: bool) -> Card:
        _, layer, unit = key
        outs = _outputs(members)
        out = outs[-1]
        told = [f"layer {layer} · neuron {unit}" if layer else f"input {unit}"]
        if len(outs) == 1:
            rows: tuple[Row, ...] = (Row("data", number(out.data, 4).text), self._grad_row(out))
            told += [f"{self.survey.name(v)}: data={full(v.data)} {grad_of(v)}" for v in members if v.op][-2:]
        else:
            rows = (Row("data", f"{len(outs)} values"),)
        leaves = [v for v in members if not v.op and v.role and v.role.symbol in "wb"]
        told += [f"{self.survey.name(v)} = {full(v.data)} {grad_of(v)}" for v in leaves[:TOLD]]
        if len(leaves) > TOLD:
            told.append(f"and {plural(len(leaves) - TOLD, 'parameter')} more")
        kind = kind if layer or kind == "output" else "input"
        name = self.survey.title(out) if len(outs) == 1 else self.survey.names.shared(out).text
        return Card(id_, kind, name, "", rows, "\n".join(told), True, False, lit)

    def _layer_card(self, id_: str, kind: str, key: Key, members: Sequence[Value], lit: bool) -> Card:
        layer = key.at
        parameters = [v for v in members if not v.op and v.role and v.role.symbol in "wb"]
        units = {value.role.unit for value in members if value.role}
        rows = [Row("neurons" if layer else "inputs", f"{len(units):,}")]
        told = (
            f"{plural(len(units), 'neuron')}, {plural(len(parameters), 'parameter')}, {plural(len(members), 'value')}"
        )
        if parameters:
            rows.append(Row("parameters", f"{len(parameters):,}"))
            if all(value.has_grad for value in parameters):
                size = math.sqrt(sum(v.grad * v.grad for v in parameters) / len(parameters))
                rows.append(
                    Row("grad rms", number(size, 3).text, self.survey.palette.by_sign(size, max(size, self.steepest)))
                )
            else:
                rows.append(Row("grad rms", UNKNOWN))
        kind = kind if layer or kind == "output" else "input"
        return Card(
            id_, kind, f"layer {layer}" if layer else "x", activation(members), tuple(rows), told, False, False, lit
        )


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
