"""What is broken, how often, and which tests are to notice: quick ones first, for the first to fail ends a run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """A module, the number of its mutants that are drawn, and the tests in the order in which they run.

    `{rows}` stands for the rows of the table that a mutant reaches: `-k` picks the tests that bear their names.
    """

    path: str
    count: int
    tests: tuple[str, ...]
    kernel: bool = False  # whether the compiled kernel takes part; without it, every run is plain Python


def _target(name: str, count: int, *tests: str, kernel: bool = False) -> Target:
    return Target(f"autograd_lite/{name}.py", count, tests, kernel)


ORACLES = ("tests/test_edges.py -k {rows}", "tests/test_ops.py -k {rows}", "tests/test_edges.py tests/test_numerics.py",
           "tests/test_ops.py")  # fmt: skip
CORE = ("tests/test_engine.py tests/test_functions.py tests/test_derivatives.py -k 'not million'",
        "tests/test_misuse.py tests/test_types.py")  # fmt: skip
REPLAY = ("tests/test_replay.py tests/test_replay_gradients.py -k 'not too_many_ways and not big_graph'",
          "tests/test_replay.py -k 'too_many_ways or big_graph'")  # fmt: skip
TAPE = (*REPLAY, "tests/test_misuse.py -k compile", "tests/test_edges.py -k replay")

TARGETS = {
    "rows": Target("autograd_lite/ops.py", 150, ORACLES),
    "primitives": _target("numerics/ieee", 6, *ORACLES),
    "formulas of numerics": _target("numerics/accurate", 18, *ORACLES),
    "functions of lists": _target("numerics/lists", 10, *ORACLES),
    "formulas": _target("formulas", 3, "tests/test_ops.py -k 'row or grammar'", "autograd_lite/formulas.py", *CORE),
    "row": _target("row", 4, "tests/test_ops.py -k 'row or settings or grammar'", "autograd_lite/row.py", *CORE,
                   "tests/test_idioms.py"),
    "graph": _target("graph", 6, "autograd_lite/graph.py", *CORE),
    "coerce": _target("coerce", 4, "tests/test_types.py", *CORE),
    "modes": _target("modes", 6, *CORE, *REPLAY, "tests/test_parts.py -k 'group or panels or nest'"),
    "methods": _target("methods", 5, "tests/test_engine.py tests/test_ops.py -k 'not 50 and not million'", *CORE),
    "engine": _target("engine", 20, *CORE, "tests/test_idioms.py", "tests/test_interrupts.py -k backward", *REPLAY),
    "sweep": _target("sweep", 12, *CORE, "tests/test_interrupts.py -k backward", *REPLAY,
                     "tests/test_nn_optimizers.py"),
    "idioms": _target("idioms", 12, "tests/test_idioms.py", *CORE, *REPLAY),
    "protocols": _target("protocols", 4, "tests/test_idioms.py", *CORE, *REPLAY),
    "anomaly": _target("anomaly", 4, *CORE, *REPLAY),
    "flow": _target("flow", 4, "tests/test_view.py", *CORE, "tests/test_explanation.py"),
    "view": _target("view", 8, "autograd_lite/view.py tests/test_view.py", *CORE, *TAPE,
                    "tests/test_explanation.py tests/test_answers.py tests/test_stepper.py tests/test_draw.py"
                    " -k 'leaf or hand or given'"),
    "functions": _target("functions", 8, *CORE, "tests/test_ops.py"),
    "derivatives": _target("derivatives", 10, "autograd_lite/derivatives.py tests/test_derivatives.py", *CORE),
    "compiled function": _target("replay/compiled_function", 10, *TAPE, "tests/test_nn_training.py",
                                 "tests/test_replay_surroundings.py", "tests/test_replay_jax.py"),
    "weighted sums": _target("replay/weighted_sums", 12, *TAPE),
    "consistency": _target("replay/consistency", 4, *TAPE),
    "recording": _target("replay/recording", 12, *TAPE),
    "numbers": _target("replay/numbers", 4, *TAPE),
    "source": _target("replay/source", 14, *TAPE, "autograd_lite/replay/source.py"),
    "Python runner": _target("replay/python_runner", 4, *TAPE, "tests/test_nn_training.py"),
    "arguments": _target("replay/arguments", 4, *TAPE, "autograd_lite/replay/arguments.py"),
    "table": _target("replay/table", 3, *TAPE, "tests/test_replay_kernel.py", kernel=True),
    "tape": _target("replay/tape", 2, *TAPE),
    "optimizers": _target("nn/optimizers", 35, "tests/test_nn_optimizers.py autograd_lite/nn/optimizers.py",
                          "tests/test_misuse.py"),
    "losses": _target("nn/losses", 30, "tests/test_nn_losses.py autograd_lite/nn/losses.py",
                      "tests/test_edges.py -k 'loss or probability'", "tests/test_misuse.py", *REPLAY,
                      "tests/test_nn_evaluation.py -k 'not module and not net'"),
    "training steps": _target("nn/training_steps", 6, "tests/test_nn_training.py", "tests/test_nn_own_loss.py",
                              "tests/test_nn_steps.py", "tests/test_replay_worth.py -k ahead", *REPLAY, kernel=True),
}  # fmt: skip


# ---------------------------------------------------------------------------------------- the rows that it reaches

_WORD = re.compile(r"[a-z_]\w*", re.IGNORECASE)


@cache
def _texts(root: Path) -> dict[str, str]:
    """Return the texts of each row of the table, as one."""
    tree = ast.parse((root / "autograd_lite/ops.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Op"]
    return {call.args[0].value: f"{ast.unparse(call.args[2])} {ast.unparse(call.args[3])}"
            for call in calls if isinstance(call.args[0], ast.Constant)}  # fmt: skip


@cache
def _functions(root: Path) -> dict[str, set[str]]:
    """Return the names in the body of each function of `numerics`."""
    files = (root / "autograd_lite/numerics").glob("*.py")
    body = [node for path in files for node in ast.parse(path.read_text(encoding="utf-8")).body]
    return {node.name: {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
            for node in body if isinstance(node, ast.FunctionDef)}  # fmt: skip


def rows_reached(root: Path, name: str) -> list[str]:
    """Return the rows whose numbers depend on a row, or on a function of `numerics`."""
    reached = {name}
    while True:
        more = {caller for caller, names in _functions(root).items() if names & reached}
        more |= {row for row, text in _texts(root).items() if set(_WORD.findall(text)) & reached}
        more |= {"div"} & ({row for row in _texts(root)} if "divide" in reached else set())
        if more <= reached:
            break
        reached |= more
    return sorted(reached & _texts(root).keys()) or [name]
