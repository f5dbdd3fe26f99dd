"""The formulas of a page's engine in JavaScript: activations, losses and optimisers, from the table of operations.

A loss and an optimiser's move are recorded with Values, as `ag.compile` does it, and each node of the recording is
written as a call of its row: the page computes the same as `fit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any

from autograd_lite import functions, numerics
from autograd_lite.engine import Value
from autograd_lite.languages.javascript import JavaScript
from autograd_lite.languages.reading import composite, runs_by_entry
from autograd_lite.languages.writing import Program, add_rows
from autograd_lite.nn.activations import function_of
from autograd_lite.nn.losses import LOSSES, Loss
from autograd_lite.nn.optimizers import SGD, Adam, AdamW, Optimizer
from autograd_lite.ops import Op
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.recording import trace_function
from autograd_lite.replay.tape import Tape

# name -> the optimiser as a page starts with it; one that a user gives takes the place of its kind
OPTIMIZERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "sgd": lambda params: SGD(params, lr=0.1),
    "momentum": lambda params: SGD(params, lr=0.1, momentum=0.9),
    "adam": lambda params: Adam(params, lr=0.02),
    "adamw": lambda params: AdamW(params, lr=0.02),
}


def is_by_entry(loss: Loss) -> bool:
    """Tell whether a loss is a mean over single outputs, as a page computes it: from logits where it can be."""
    return loss.chosen_for != "softmax" and not loss.of_logits


def formulas(activations: Iterable[str], own: dict[str, Optimizer]) -> str:
    """Return an expression of JavaScript: an object with activations, losses, optimisers, softmax and cross-entropy.

    The activations are given by their names; `own` are optimisers of the user's own, by the name whose place they take.
    """
    writer = _Writer()
    optimizers = {name: make([Value(0.0)]) for name, make in OPTIMIZERS.items()} | own
    parts = {
        "activations": writer.table(activations, writer.activation),
        "losses": writer.table((name for name, loss in LOSSES.items() if is_by_entry(loss)), writer.loss),
        "optimizers": writer.table(OPTIMIZERS, lambda name: writer.move(optimizers[name])),
        "entropy": writer.entropy(),
    }  # fmt: skip
    program = Program(JavaScript())
    add_rows(program, writer.rows)
    parts["softmax"] = program.add("softmax", composite(numerics.softmax))
    return f"(() => {{ {program} return {{ {', '.join(f'{name}: {text}' for name, text in parts.items())} }}; }})()"


class _Writer:
    """Writes functions as calls of rows, and keeps the rows that they call."""

    def __init__(self) -> None:
        self.rows: list[Op] = []
        self.index: dict[Any, int] = {}  # by the function of a row, which those with other settings share

    def row(self, row: Op) -> int:
        """Return the number of a row in the program."""
        if row.forward not in self.index:
            self.index[row.forward] = len(self.rows)
            self.rows.append(row)
        return self.index[row.forward]

    def table(self, names: Iterable[str], write: Callable[[str], str]) -> str:
        """Return an object with an entry for each name."""
        return f"{{ {', '.join(f'{name}: {write(name)}' for name in names)} }}"

    def activation(self, name: str) -> str:
        """Return an activation: its value at z, and its slope for a = g(z) and z; null where it is linear."""
        function = function_of(name)
        if function is None:
            return "null"
        row = function(Value(0.5)).operation
        assert isinstance(row, Op)
        settings = "".join(f", {x!r}" for x in row.settings)
        i = self.row(row)
        return f"{{ value: (z) => value_{i}(z{settings}), slope: (a, z) => partial_{i}_0(a, z{settings}) }}"

    def loss(self, name: str) -> str:
        """Return a loss: its value for an output p and a target y, and its derivative by p."""
        tape = _recorded(LOSSES[name].function, [Value(0.3), 1.0])
        lines, names = self.forward(tape, ["p", "y"], {})
        value = f"{' '.join(lines)} return {names[tape.outputs[0]]};"
        back, slope = self.backward(tape, names)
        return (
            f"{{ value: (p, y) => {{ {value} }}, slope: (p, y) => {{ {' '.join([*lines, *back])} return {slope}; }} }}"
        )

    def entropy(self) -> str:
        """Return the cross-entropy of logits: its value, and its slopes into `to`."""
        node: Value = functions.cross_entropy([Value(0.0), Value(1.0)], 0)
        assert isinstance(node.operation, Op)
        i = self.row(node.operation)
        return f"{{ value: (z, y) => value_{i}(z, y), slopes: (z, y, to) => partial_{i}_0(0, z, y, to) }}"

    def move(self, optimizer: Optimizer) -> str:
        """Return an optimiser: how its memory starts, and a move of all parameters by the settings in `s`."""
        settings = {"lr": Value(0.1), "decay": Value(0.01)}
        recorded = copy(optimizer)
        recorded.lr = settings["lr"]
        if getattr(recorded, "momentum", 0.0):
            settings["momentum"] = recorded.momentum = Value(0.9)  # type: ignore[attr-defined]
        common = {name: Value(1.0) for name in recorded.start._fields if name not in recorded.columns}
        settings |= common
        recorded.weight_decay = settings["decay"]  # type: ignore[attr-defined]

        def moved(number: Any, gradient: Any, *columns: Any) -> list[Any]:
            memory = recorded.start._replace(**common, **dict(zip(recorded.columns, columns, strict=True)))
            to, memory = recorded.move(number, gradient, memory)
            return [to, *[getattr(memory, name) for name in recorded.columns]]

        tape = _recorded(moved, [0.0] * (2 + len(recorded.columns)))
        known = {value: f"s.{name}" for name, value in settings.items()}
        columns = [f"c{i}" for i in range(len(recorded.columns))]
        lines, names = self.forward(tape, ["p[i]", "g[i]", *(f"{c}[i]" for c in columns)], known)
        to = [f"{place}[i] = {names[slot]};" for place, slot in zip(["p", *columns], tape.outputs, strict=True)]
        start = [repr(getattr(optimizer.start, name)) for name in optimizer.columns]
        once, each = _parted(tape, lines)
        return (f"{{ start: [{', '.join(start)}], move: (p, g, [{', '.join(columns)}], s) => {{ {' '.join(once)} "
                f"for (let i = 0; i < p.length; i++) {{ {' '.join([*each, *to])} }} }} }}")  # fmt: skip

    def forward(self, tape: Tape, arguments: Sequence[str], known: dict[Value, str]) -> tuple[list[str], list[str]]:
        """Return the statements of a tape's nodes, and what each slot is called."""
        names = [known[parameter] for parameter in tape.parameters]
        names += [f"({x!r})" for x in tape.constants] + list(arguments)
        lines = []
        for node in range(tape.nodes):
            out, given = f"v{len(names)}", [names[slot] for slot in tape.operands_of(node)]
            row = tape.rows[tape.row[node]]
            lines.append(f"const {out} = {self._value(row, given)};")
            names.append(out)
        return lines, names

    def _value(self, row: Op, given: list[str]) -> str:
        i = self.row(row)
        if not runs_by_entry(row):
            return f"value_{i}({', '.join(given)})"
        count = (len(given) - len(row.operands) + sum(row.is_list)) // sum(row.is_list)
        groups = [[given.pop(0) for _ in range(count if starred else 1)] for starred in row.is_list]
        text = f"start_{i}({', '.join(g[0] for g, starred in zip(groups, row.is_list, strict=True) if not starred)})"
        for k in range(count):
            entry = [g[k] if starred else g[0] for g, starred in zip(groups, row.is_list, strict=True)]
            text = f"step_{i}({', '.join([text, *entry])})"
        return text

    def backward(self, tape: Tape, names: Sequence[str]) -> tuple[list[str], str]:
        """Return the statements for the gradients of a tape, and that by its one live argument."""
        terms: dict[int, list[str]] = {tape.outputs[0]: ["1"]}
        lines = []
        for node in range(tape.nodes - 1, -1, -1):
            slot, row = tape.first_node + node, tape.rows[tape.row[node]]
            if not tape.live[slot]:
                continue
            lines.append(f"const g{slot} = {' + '.join(terms[slot])};")
            given = tape.operands_of(node)
            numbers = ", ".join([names[slot], *(names[s] for s in given)])
            for j, s in enumerate(given[: len(row.operands)]):
                if tape.live[s]:
                    terms.setdefault(s, []).append(f"g{slot} * partial_{self.row(row)}_{j}({numbers})")
        (argument,) = tape.live_arguments
        return lines, " + ".join(terms[argument])


def _recorded(function: Callable[..., Any], arguments: list[Any]) -> Tape:
    leaves, key = flatten(arguments, {})
    return trace_function(function, leaves, key).tape


def _parted(tape: Tape, lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the statements that are the same for all parameters, and those of each."""
    varying = set(range(tape.first_argument, tape.first_node))
    parts: tuple[list[str], list[str]] = [], []
    for node, line in enumerate(lines):
        varies = not varying.isdisjoint(tape.operands_of(node))
        varying |= {tape.first_node + node} if varies else set()
        parts[varies].append(line)
    return parts
