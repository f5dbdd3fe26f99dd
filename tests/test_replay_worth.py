"""Small work never waits for a kernel: the rule counts work, and a thread makes what pays later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, datasets, nn
from autograd_lite.kernel import library
from autograd_lite.ops import ROWS
from autograd_lite.replay import worth
from autograd_lite.replay.kernel_runner import KernelRunner
from autograd_lite.replay.python_runner import PythonRunner
from autograd_lite.replay.runners import Runners
from autograd_lite.replay.worth import KERNEL_FROM, LOAD, MAKE, WAIT, kernel_pays

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """As if there were a compiler, and a library that is on disk, or loaded, or neither."""
    state: dict[str, Any] = {"here": True, "loaded": False, "on disk": False, "begun": []}
    monkeypatch.setattr(library, "is_here", lambda: state["here"])
    monkeypatch.setattr(library, "is_loaded", lambda rows=(): state["loaded"])
    monkeypatch.setattr(library, "is_on_disk", lambda rows: state["on disk"])
    monkeypatch.setattr(library, "begin", state["begun"].append)
    monkeypatch.setattr(worth, "_done", [0])
    yield state


def test_a_thread_makes_a_kernel_for_as_much_work_as_python_would_do_meanwhile(compiler: dict[str, Any]) -> None:
    assert LOAD < MAKE < WAIT
    assert not kernel_pays(ROWS, LOAD) and not kernel_pays(ROWS, MAKE - LOAD - 1) and not compiler["begun"]
    assert not kernel_pays(ROWS, 1) and compiler["begun"] == [ROWS]  # with what was done before it is enough
    worth._done[0] = 0
    assert not kernel_pays(ROWS, 1, MAKE) and len(compiler["begun"]) == 2  # or with what follows
    assert worth._done[0] == 1


def test_a_call_that_takes_longer_than_compiling_waits(compiler: dict[str, Any]) -> None:
    assert kernel_pays(ROWS, WAIT) and kernel_pays(ROWS, 1, WAIT) and not compiler["begun"]


def test_one_on_disk_is_loaded_sooner(compiler: dict[str, Any]) -> None:
    compiler["on disk"] = True
    assert not kernel_pays(ROWS, LOAD - 1) and kernel_pays(ROWS, 1) and not compiler["begun"]


def test_one_that_is_loaded_is_used_for_every_large_call(compiler: dict[str, Any]) -> None:
    compiler["loaded"] = True
    assert kernel_pays(ROWS, KERNEL_FROM) and not kernel_pays(ROWS, 0)


def test_without_a_compiler_nothing_is_counted(compiler: dict[str, Any]) -> None:
    compiler["here"] = False
    assert not kernel_pays(ROWS, WAIT) and worth._done == [0]


def choices(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let `Runners.fast` note that a kernel was asked for, and run Python."""
    asked: list[Any] = []
    monkeypatch.setattr(Runners, "fast", lambda self: asked.append(self) or self.python)
    return asked


def test_calls_add_up_until_they_are_worth_a_kernel(compiler: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choices(monkeypatch)
    compiler["on disk"] = True
    w = Value(0.5)
    f = ag.compile(lambda x: ag.sum([w * x] * 100))
    X = [float(i) for i in range(1000)]
    calls = 0
    while not asked:
        f.mean(X)
        calls += 1
        assert calls < 1000
    each = len(f._last_tape("count").operands) * len(X)
    assert LOAD // each - 2 <= calls <= LOAD // each + 1
    few = ag.compile(lambda x: w * x)
    before = list(worth._done)
    assert few.mean([1.0, 2.0]).data == 0.75 and worth._done == before  # a small call is none of a kernel's


def test_one_row_of_a_large_graph_adds_up_too(compiler: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choices(monkeypatch)
    compiler["on disk"] = True
    monkeypatch.setattr(worth, "LOAD", 10_000_000)
    w = [Value(0.01 * i) for i in range(2500)]
    f = ag.compile(lambda x: ag.sum([v * x for v in w]))
    for _ in range(3):
        assert f(1.0).data == f(1.0).data
    assert not asked and 0 < worth._done[0] < worth.LOAD
    worth._done[0] = worth.LOAD
    f(2.0)
    assert asked


def fitted(epochs: int, **settings: Any) -> nn.History:
    X, y = datasets.moons(100)
    return nn.fit(nn.MLP(2, [16, 16, 1], output="sigmoid", seed=0), X, y, epochs=epochs, progress=False, **settings)


def test_fit_knows_its_work_ahead(compiler: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choices(monkeypatch)
    monkeypatch.setattr(worth, "MAKE", MAKE // 8)
    fitted(2, seed=0)
    assert not asked and not compiler["begun"]
    worth._done[0] = 0
    done: list[int] = []
    monkeypatch.setattr(library, "begin", lambda rows: done.append(worth._done[0]))
    fitted(40, seed=0)
    assert done[0] < worth.MAKE // 2 and not asked  # before the first step, not when Python has done as much
    worth._done[0] = 0
    monkeypatch.setattr(library, "begin", compiler["begun"].append)
    monkeypatch.setattr(worth, "MAKE", MAKE)
    fitted(3, seed=0, batch_size=4)  # 2,700 a step: a kernel would not be faster
    assert not compiler["begun"]


PROGRAMS: dict[str, str] = {
    "README": """
import autograd_lite as ag
from autograd_lite import nn, datasets
X, y = datasets.moons(100)
model = nn.MLP(2, [16, 16, 1], activation="relu", output="sigmoid", init="he", bias=0.1, seed=0)
nn.fit(model, X, y, lr=0.05, epochs=100, seed=0, validation=0.2, diagnose=True, progress=False)
f = ag.compile(lambda x, t: (model(x) - t) ** 2)
f.mean(X, y).backward()
nn.diagnose(model, X, y)
""",
    "demo": """
from autograd_lite.cli import main
assert main(["demo", "--out", "out"]) == 0
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_small_programs_never_wait_for_a_compiler(name: str, tmp_path: Path) -> None:
    """With nothing in any cache, and a compiler that never ends."""
    hanging = tmp_path / "cc"
    hanging.write_text("#!/bin/sh\nsleep 600\n")
    hanging.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path),
                   "LOCALAPPDATA": str(tmp_path), "AUTOGRAD_LITE_CC": str(hanging)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[name]], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr
    assert [*(tmp_path / "autograd_lite").glob("*")] == []


def with_kernel(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any]) -> Any:
    if not library.is_here():
        pytest.skip("no C compiler")
    with monkeypatch.context() as patch:
        patch.setattr(worth, "KERNEL_FROM", 0)
        patch.setattr(worth, "WAIT", 0)
        return run()


def without_kernel(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any]) -> Any:
    with monkeypatch.context() as patch:
        patch.setenv("AUTOGRAD_LITE_CC", "none")
        return run()


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, nn.AdamW])
@pytest.mark.parametrize("diagnose", [False, True])
def test_a_training_in_the_kernel_is_the_training_in_python(
    make: Any, diagnose: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, y = datasets.moons(40, seed=1)

    def run() -> tuple[Any, ...]:
        model = nn.MLP(2, [5, 1], "tanh", "sigmoid", seed=0)
        mover = make(model.parameters(), lr=0.05)
        history = nn.fit(model, X, y, optimizer=mover, epochs=3, batch_size=15, seed=1, validation=(X, y), patience=5,
                         progress=False, diagnose=diagnose)  # fmt: skip
        again = nn.fit(model, X, y, optimizer=mover, epochs=2, progress=False)  # goes on with what is remembered
        memory = [x for one in mover.memory for x in one]
        figures = [*history.loss, *history.validation_loss, *again.loss, *memory]
        updates = [layer.update for d in history.diagnoses for layer in d.layers]
        return [*figures, *(p.data for p in mover.params), *(p.grad for p in mover.params), *updates], history.accuracy

    assert with_kernel(monkeypatch, run) == without_kernel(monkeypatch, run)


def test_a_kernel_that_comes_late_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows were laid out as lists before anybody knew that there would be arrays."""
    w = Value(0.5)
    f = ag.compile(lambda x, t: (ag.tanh(w * x[0] + x[1]) - t) ** 2)
    X, y = [[0.1 * i, -0.2] for i in range(20)], [0.5] * 20

    def slope() -> float:
        w.zero_grad()
        f.mean(X, y).backward()
        return w.grad

    python = slope()
    (branch,) = next(iter(f._specializations.values())).branches
    assert branch.runners.of(20).__class__ is PythonRunner
    assert with_kernel(monkeypatch, slope) == python
    assert branch.runners._fast.__class__ is KernelRunner
    assert f.map(X, y) == with_kernel(monkeypatch, lambda: f.map(X, y))


def test_a_library_is_made_beside_the_program_that_will_use_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not library.is_here():
        pytest.skip("no C compiler")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    cube = ag.define_op("worth_cube", "a * a * a", ("3.0 * a * a",))
    w = Value(0.5)
    f = ag.compile(lambda x: cube(w * x))
    X = [0.001 * i for i in range(3000)]
    with monkeypatch.context() as patch:
        patch.setattr(worth, "MAKE", 0)
        first = f.mean(X).data
    (branch,) = next(iter(f._specializations.values())).branches
    rows = branch.tape.rows
    library._making[rows].join(timeout=120)
    assert library.is_loaded(rows) and library.is_on_disk(rows)
    assert f.mean(X).data == first and branch.runners._fast.__class__ is KernelRunner
