"""A large graph as Python, in parts: one function of all its lines would take too long to compile.

Each part is a function of lists: values v, gradients g, tables t of local derivatives, sums s over rows.
"""

from __future__ import annotations

from autograd_lite.replay.source import Lines, condition, function_text, literal, once_and_each, summed
from autograd_lite.replay.tape import Tape


def one_row(tape: Tape, gradient: bool = True, size: int = 1000) -> tuple[list[str], list[str]]:
    """Return the parts of the forward pass, and those of the backward pass."""
    lines = _on_lists(tape)
    forward = [line for node in range(tape.nodes) for line in lines.forward(node)]
    backward: list[str] = []
    if gradient:
        lines.start_backward()
        backward = [line for node in reversed(range(tape.nodes)) for line in lines.backward(node)]
        for slot in tape.wanted:
            backward += lines.gradient(slot, f"g[{slot}]", "0.0")
    return _parts(forward, size), _parts(backward, size)


def many_rows(tape: Tape) -> tuple[list[list[str]], int]:
    """Return the parts for many rows, and how many sums over the rows there are.

    There are four lists of parts: forward once, forward for each row, backward for each row, backward once.
    """
    lines, (once_nodes, each_nodes) = _on_lists(tape), once_and_each(tape)
    forward = [[line for node in nodes for line in lines.forward(node)] for nodes in (once_nodes, each_nodes)]
    lines.start_backward()
    each = [line for node in reversed(each_nodes) for line in lines.backward(node)]
    uses = sum(map(len, lines.contributions.values()))
    each += summed(lines, [f"s[{i}]" for i in range(uses)])
    once = [line for node in reversed(once_nodes) for line in lines.backward(node)]
    for slot in range(len(tape.parameters)):
        once += lines.gradient(slot, f"g[{slot}]", "0.0")
    return [_parts(statements) for statements in (*forward, each, once)], uses


def _on_lists(tape: Tape) -> Lines:
    constants = {len(tape.parameters) + i: literal(x) for i, x in enumerate(tape.constants)}
    return Lines(tape, lambda s: constants.get(s) or f"v[{s}]", "g[{}]".format, "t[{}]".format)


def _parts(statements: list[str], size: int = 1000) -> list[str]:
    starts = range(0, len(statements), size)
    return [function_text("part", ["v", "g", "t", "s"], statements[i : i + size]) for i in starts]


def conditions(tape: Tape) -> str:
    """Return the text of a function of the list v: whether all guards hold."""
    lines = Lines(tape, "v[{}]".format, "g[{}]".format)
    tests = [condition(lines, guard) for guard in tape.guards]
    return function_text("conditions", ["v"], [f"return {' and '.join(tests) or 'True'}"])
