"""Programs from the first second on: a new process with its import, and with the compiler where the cache is empty.

A step is a whole process, by the clock on the wall; the first call of a compiled function is timed in a process that
has made all that it needs before.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks import gpt
from tests.benchmarks.program import Program, evidence

ROOT = Path(__file__).parents[2]
BYTECODE = TemporaryDirectory()

FIT = """
from autograd_lite import datasets, nn
X, y = datasets.moons(400, 0.1, seed=0)
model = nn.MLP(2, [16, 16, 1], output="sigmoid", seed=0)
print(nn.fit(model, X, y, epochs={epochs}, seed=0, progress=False).loss[-1])
"""
LOAD = "from tests.benchmarks.program import load_kernel; load_kernel()"


def by_fit(epochs: int, warm: bool) -> Program:
    """Return the training of a net 2-16-16-1 on 400 rows; the cache is empty at each start, or warm."""
    kept = TemporaryDirectory()

    def step() -> str:
        program = FIT.format(epochs=epochs)
        return _python("-c", program, home=kept.name) if warm else _python("-c", program)

    def check() -> list[float]:
        _python("-c", LOAD, home=kept.name)
        return [float(step())]

    return Program(step, check)


def by_demo() -> Program:
    """Return `autograd-lite demo` with an empty cache."""
    return Program(lambda: _python("-m", "autograd_lite", "demo", "--out", "demo"), lambda: [])


def _python(*arguments: str, home: str = "") -> str:
    """Run Python with a home folder, a new one if none is given, and return what it printed."""
    with TemporaryDirectory() as new:
        home = home or new
        places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), home)
        bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": BYTECODE.name}  # as an installation has it
        environment = {**os.environ, **places, **bytecode, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, cwd=home, check=True, capture_output=True, text=True)
    return done.stdout


def first_call() -> Program:
    """Return the first call of the compiled GPT-like function, each in a process of its own, which waits for it."""
    context = multiprocessing.get_context("spawn")
    ends: list[Any] = []

    def before() -> None:
        ours, theirs = context.Pipe()
        context.Process(target=_call, args=(theirs,), daemon=True).start()
        ours.recv()
        ends.append(ours)

    def step() -> Any:
        ends[-1].send("call")
        return ends[-1].recv()

    def check() -> list[float]:
        before()
        step()
        ends[-1].send("evidence")
        return list(ends[-1].recv())

    return Program(step, check, before=before)


def _call(end: Any) -> None:
    """Make the net and the function, wait to be asked, and make one call."""
    step, parameters = gpt.compiled_step()
    end.send("ready")
    end.recv()
    loss = step()
    end.send("done")
    with suppress(EOFError):  # the one who asks has ended
        if end.recv() == "evidence":
            end.send(evidence(loss.data, [p.grad for p in parameters]))
