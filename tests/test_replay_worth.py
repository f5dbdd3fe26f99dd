"""Small work never waits for a kernel: the rule counts work, and asks neither a clock nor numba."""

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
from autograd_lite.ops import ROWS
from autograd_lite.replay import worth
from autograd_lite.replay.python_runner import StraightRunner
from autograd_lite.replay.runners import Runners
from autograd_lite.replay.worth import KERNEL_FROM, LOAD, MAKE, kernel_pays

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bool]]:
    """As if the extra were there, with a kernel that is on disk, or loaded, or neither."""
    state = {"loaded": False, "on disk": False}
    monkeypatch.delenv("AUTOGRAD_LITE_KERNEL", raising=False)
    monkeypatch.setattr(worth, "kernel_is_here", lambda: True)
    monkeypatch.setattr(worth, "kernel_is_loaded", lambda rows: state["loaded"])
    monkeypatch.setattr(worth, "kernel_is_on_disk", lambda rows: state["on disk"])
    monkeypatch.setattr(worth, "_done", [0])
    yield state


def test_a_kernel_is_made_for_as_much_work_as_python_would_do_meanwhile(installed: dict[str, bool]) -> None:
    assert LOAD < MAKE
    assert not kernel_pays(ROWS, LOAD) and not kernel_pays(ROWS, MAKE - LOAD - 1)
    assert kernel_pays(ROWS, 1)  # with what was done before it is enough
    worth._done[0] = 0
    assert kernel_pays(ROWS, MAKE)


def test_one_on_disk_is_loaded_sooner(installed: dict[str, bool]) -> None:
    installed["on disk"] = True
    assert not kernel_pays(ROWS, LOAD - 1) and kernel_pays(ROWS, 1)


def test_one_that_is_loaded_is_used_for_every_large_call(installed: dict[str, bool]) -> None:
    installed["loaded"] = True
    assert kernel_pays(ROWS, KERNEL_FROM) and not kernel_pays(ROWS, 0)


def test_the_environment_can_say_at_once(installed: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_LITE_KERNEL", "1")
    assert kernel_pays(ROWS, KERNEL_FROM) and not kernel_pays(ROWS, 0)


def test_without_the_extra_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worth, "kernel_is_here", lambda: False)
    monkeypatch.setattr(worth, "_done", [0])
    assert not kernel_pays(ROWS, MAKE) and worth._done == [0]


def choices(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let `Runners.fast` note that a kernel was asked for, and run Python."""
    asked: list[Any] = []
    monkeypatch.setattr(Runners, "fast", lambda self: asked.append(self) or self.straight)
    return asked


def test_calls_add_up_until_they_are_worth_a_kernel(
    installed: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = choices(monkeypatch)
    installed["on disk"] = True
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


def test_one_row_of_a_large_graph_adds_up_too(installed: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choices(monkeypatch)
    installed["on disk"] = True
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


def test_fit_knows_its_work_ahead(installed: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = choices(monkeypatch)
    installed["on disk"] = True
    fitted(2, seed=0)
    assert not asked and 2 * 67_500 < worth._done[0] < 2 * 67_500 + 2_000_000
    worth._done[0] = LOAD - 300_000
    fitted(1, seed=0)
    assert not asked
    fitted(5, seed=0)
    assert asked
    asked.clear()
    worth._done[0] = 0
    fitted(20, seed=0, batch_size=4)  # 2,700 a step: a kernel would not be faster
    assert not asked and worth._done[0] < 200_000  # for one example, when it was recorded


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
def test_small_programs_never_import_numba(name: str, tmp_path: Path) -> None:
    """With the extra, and nothing in any cache; the numba here ends the program that imports it."""
    for package in ("numba", "numpy"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("import os, sys; print('imported', __name__); os._exit(3)")
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    environment = {**os.environ, "PYTHONPATH": path, "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    environment.pop("AUTOGRAD_LITE_KERNEL", None)
    program = "import sys; sys.modules['tqdm'] = None\n" + PROGRAMS[name]  # it would import NumPy
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def with_kernel(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any]) -> Any:
    with monkeypatch.context() as patch:
        patch.setenv("AUTOGRAD_LITE_KERNEL", "1")
        patch.setattr(worth, "KERNEL_FROM", 0)
        return run()


def without_kernel(monkeypatch: pytest.MonkeyPatch, run: Callable[[], Any]) -> Any:
    with monkeypatch.context() as patch:
        patch.setenv("AUTOGRAD_LITE_KERNEL", "0")
        return run()


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, nn.AdamW])
@pytest.mark.parametrize("diagnose", [False, True])
def test_a_training_in_the_kernel_is_the_training_in_python(
    make: Any, diagnose: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
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

    kernel, python = with_kernel(monkeypatch, run), without_kernel(monkeypatch, run)
    assert kernel[0] == pytest.approx(python[0], rel=1e-9, abs=1e-12) and kernel[1] == python[1]


def test_lists_go_into_a_kernel_that_comes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows were laid out as lists before anybody knew that there would be arrays."""
    pytest.importorskip("numba")
    w = Value(0.5)
    f = ag.compile(lambda x, t: (ag.tanh(w * x[0] + x[1]) - t) ** 2)
    X, y = [[0.1 * i, -0.2] for i in range(20)], [0.5] * 20

    def slope() -> float:
        w.zero_grad()
        f.mean(X, y).backward()
        return w.grad

    python = slope()
    (branch,) = next(iter(f._specializations.values())).branches
    assert branch.runners.of(20).__class__ is StraightRunner
    monkeypatch.setattr("autograd_lite.replay.table.kernel_is_loaded", lambda *_: False)  # so the rows stay lists
    assert with_kernel(monkeypatch, slope) == pytest.approx(python, rel=1e-14)
    assert branch.runners._fast is branch.runners.kernel
    assert f.map(X, y) == with_kernel(monkeypatch, lambda: f.map(X, y))


def test_a_kernel_in_the_cache_is_found_without_numba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite.replay import compiled

    monkeypatch.setattr(compiled, "version", lambda name: "0.0")
    monkeypatch.setattr(compiled, "_cache_folder", lambda: tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    compiled._found.cache_clear()
    assert not compiled.is_on_disk(ROWS)
    compiled._found.cache_clear()
    name = compiled._name(compiled.text_of(compiled._known(ROWS)), "0.0")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / f"{name}.run-1.py311.nbi").touch()
    assert compiled.is_on_disk(ROWS)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "own"))
    compiled._found.cache_clear()
    assert not compiled.is_on_disk(ROWS)
    compiled._found.cache_clear()
    (tmp_path / "own" / "autograd_lite_123").mkdir(parents=True)
    (tmp_path / "own" / "autograd_lite_123" / f"{name}.run-1.py311.nbi").touch()
    assert compiled.is_on_disk(ROWS)
    compiled._found.cache_clear()
