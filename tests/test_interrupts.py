"""Ctrl-C, a full memory and errors of the user's own functions, at every point: the state before or the one after.

`delivery.py` has CPython show all points at which it can raise something that the code does not ask for, in the
package and in what it calls. Here each of them is struck once; of long pieces of work a share, which is twenty times as
large by --run-slow. `strace` does the same to a save with `kill -9`.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, files, nn
from autograd_lite.engine import no_grad
from autograd_lite.files import write_atomically, write_together
from autograd_lite.modes import current, open_modes
from tests.delivery import interrupted, points_of

ERRORS = (KeyboardInterrupt, MemoryError)


@pytest.fixture(autouse=True)
def no_mode_is_left_open() -> Iterator[None]:
    yield
    assert current.get() is None and open_modes == []


def struck(
    work: Callable[[], object],
    most: int,
    request: pytest.FixtureRequest,
    before: Callable[[], object] = lambda: None,
) -> Iterator[int]:
    """Do a piece of work over and over, `before` ahead of it, struck by each error at each of its points.

    Yield the number of each point when it was struck; of more than `most` a share that is spread over all.
    """
    before()
    points = points_of(work)
    assert points > 0, "no interrupt was delivered"
    step = max(1, points * len(ERRORS) // (most * 20 if request.config.getoption("--run-slow") else most))
    for i in range(0, points * len(ERRORS), step):
        k = i // len(ERRORS) + 1
        before()
        if not interrupted(work, k, ERRORS[i % len(ERRORS)]):
            assert k > 0.9 * points, "only a few calls lose their point, when CPython specialises them"
            break
        yield k


# ------------------------------------------------------------------------------------------ forward and backward


def net() -> nn.MLP:
    return nn.MLP(2, [2, 2], activation="tanh", output="softmax", seed=0)


def numbers_of(model: nn.MLP) -> list[tuple[float, float, bool]]:
    return [(p.data, p.grad, p.has_grad) for p in model.parameters()]


def test_an_interrupted_forward_pass_leaves_no_trace(request: pytest.FixtureRequest) -> None:
    model = net()

    def forward() -> Value:
        return nn.cross_entropy(model.logits([0.5, -1.0]), 1) + sum(model([1.0, 2.0])) * 0.5  # type: ignore[return-value]

    expected, before = forward().data, numbers_of(model)
    for _ in struck(forward, 120, request):
        assert numbers_of(model) == before and current.get() is None
    loss = forward()
    loss.backward()
    assert loss.data == expected
    assert [p.grad for p in model.parameters()] == ag.grad(forward(), model.parameters())


@pytest.mark.parametrize("mode", ["plain", "anomaly", "compiled"])
def test_an_interrupted_backward_pass_has_written_all_or_nothing(mode: str, request: pytest.FixtureRequest) -> None:
    a, b = Value(0.5), Value(-1.5)

    def function(x: float) -> Value:
        return ag.dot([(a * b).tanh(), a], [b, 2.0], a) / (x + ag.softmax([a, b])[0])

    y = ag.compile(function)(1.0) if mode == "compiled" else function(1.0)
    leaves, expected = [a, b], ag.grad(y, [a, b])

    def backward() -> None:
        if mode != "anomaly":
            return y.backward()
        with ag.anomaly():
            y.backward()

    def restart() -> None:
        a.zero_grad()
        b.grad = 7.0

    reached = {True: 0, False: 0}
    for k in struck(backward, 300, request, restart):
        found = [(leaf.grad, leaf.has_grad) for leaf in leaves]
        done = found == [(expected[0], True), (7.0 + expected[1], True)]
        assert done or found == [(0.0, False), (7.0, True)], (k, found)
        assert current.get() is None and open_modes == []
        reached[done] += 1
        restart()
        y.backward()
        assert [leaf.grad for leaf in leaves] == [expected[0], 7.0 + expected[1]], "the retry"
    assert reached[False] > (5 if mode == "compiled" else 50)


@pytest.mark.parametrize("mode", [ag.no_grad, ag.anomaly])
def test_an_interrupt_never_leaves_a_mode_on(mode: Callable[[], object], request: pytest.FixtureRequest) -> None:
    a = Value(2.0)

    def inside() -> None:
        with mode():  # type: ignore[attr-defined]
            with no_grad():
                a * a
            a + 1.0

    for k in struck(inside, 10**6, request):
        assert current.get() is None and open_modes == [], k
        assert (a * a).parents == (a, a)


# ------------------------------------------------------------------------------------------ functions of the user

A, B = Value(0.5), Value(-1.5)


def of_the_user(x: float, point: Callable[[], object] = lambda: None) -> Value:
    """Compute something with a comparison; `point` stands wherever a user's own code may fail."""
    point()
    z = (A * x).tanh()
    point()
    if z > 0.0:
        z = z * B
        point()
    return z + A / B


def figures(f: Callable[..., Value]) -> list[float]:
    """Return values and gradients of calls and means, on both sides of the comparison."""
    outs = [f(0.25), f(-0.5), f(0.75), f.mean([0.1, -0.2, 0.3]) if hasattr(f, "mean") else f(0.1)]
    return [number for out in outs for number in (out.data, *ag.grad(out, [A, B]))]


def test_an_interrupted_recording_or_replay_leaves_a_function_that_works(request: pytest.FixtureRequest) -> None:
    expected = figures(ag.compile(of_the_user))
    compiled: list[Callable[..., Value]] = [ag.compile(of_the_user)]

    def restart() -> None:
        compiled[0] = ag.compile(of_the_user)

    for k in struck(lambda: figures(compiled[0]), 60, request, restart):
        assert figures(compiled[0]) == expected and compiled[0].branches == 2, k  # type: ignore[attr-defined]
        assert not A.has_grad and not B.has_grad and current.get() is None


@pytest.mark.parametrize("error", [*ERRORS, ZeroDivisionError])
@pytest.mark.parametrize("way", ["plain", "compiled", "differentiated", "checked"])
def test_an_error_in_a_function_of_the_user_leaves_no_trace(way: str, error: type[BaseException]) -> None:
    calls, stop = iter(count(1)), 0  # no list and no number: a function that changes what it reads is not replayed

    def point() -> None:
        if next(calls) == stop:
            raise error

    def function(x: Any) -> Value:
        return of_the_user(x, point)

    def work() -> object:
        if way == "checked":
            return ag.check_gradients(function, [Value(0.25)]).rows
        if way == "differentiated":
            x = Value(0.25)
            return ag.hessian(function(x) * function(x), [x, A])
        return figures(compiled if way == "compiled" else function)

    compiled = ag.compile(function)
    expected = work()
    for stop in range(1, next(calls)):
        compiled, calls = ag.compile(function), iter(count(1))
        with pytest.raises(error):
            work()
        assert next(calls) == stop + 1 and not A.has_grad and not B.has_grad and current.get() is None
        assert (A.data, B.data) == (0.5, -1.5)
        assert work() == expected, "the retry"


# --------------------------------------------------------------------------------------------- step, load, fit


@pytest.mark.parametrize("make", [
    lambda p: nn.SGD(p, lr=0.1),
    lambda p: nn.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    lambda p: nn.Adam(p, lr=0.1),
    lambda p: nn.AdamW(p, lr=0.1),
])  # fmt: skip
def test_an_interrupted_step_has_moved_all_parameters_or_none(make, request: pytest.FixtureRequest) -> None:  # type: ignore[no-untyped-def]
    params = [Value(1.0), Value(-2.0), Value(0.5)]
    optimizer = make(params)

    def state() -> tuple[list[float], list[tuple[float, ...]]]:
        return [p.data for p in params], list(optimizer.memory)

    def restart() -> None:
        for p, (data, grad) in zip(params, [(1.0, 0.5), (-2.0, 0.25), (0.5, -1.0)], strict=True):
            p.data, p.grad = data, grad
        optimizer.memory = [optimizer.start] * 3
        optimizer.step()

    restart()
    before = state()
    optimizer.step()
    after = state()
    assert before != after
    for k in struck(optimizer.step, 10**6, request, restart):
        assert state() in (before, after), k


def test_an_interrupted_load_state_dict_has_set_all_or_nothing(request: pytest.FixtureRequest) -> None:
    model = nn.MLP(1, [2, 1], seed=0)
    before, after = model.state_dict(), nn.MLP(1, [2, 1], seed=1).state_dict()
    for k in struck(lambda: model.load_state_dict(after), 100, request, lambda: model.load_state_dict(before)):
        assert model.state_dict() in (before, after), k


def test_an_interrupted_fit_keeps_the_parameters_of_a_whole_step(request: pytest.FixtureRequest) -> None:
    X, y = [[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 4.0, 9.0]
    model = nn.MLP(1, [2, 1], activation="tanh", seed=0)
    start = model.state_dict()
    optimizers: list[nn.SGD] = []

    def fit(**options: object) -> None:
        optimizers[:] = [nn.SGD(model.parameters(), lr=0.05, momentum=0.9)]
        nn.fit(model, X, y, optimizer=optimizers[0], epochs=2, batch_size=2, seed=0, validation=(X, y), patience=2,
               progress=False, **options)  # type: ignore[arg-type]  # fmt: skip

    class Watched(nn.SGD):
        def step(self) -> None:
            super().step()
            whole.append((model.state_dict(), list(self.memory)))

    whole = [(start, [nn.SGD.start] * len(start))]
    nn.fit(model, X, y, optimizer=Watched(model.parameters(), lr=0.05, momentum=0.9), epochs=2, batch_size=2, seed=0,
           progress=False)  # fmt: skip
    assert len(whole) == 5
    model.load_state_dict(start)
    state = random.getstate()

    def restart() -> None:
        model.load_state_dict(start)
        model.zero_grad()
        optimizers.clear()

    for k in struck(fit, 40, request, restart):
        found = model.state_dict(), (optimizers[0].memory if optimizers else [nn.SGD.start] * len(start))
        # With patience the parameters of the best epoch come back at the end: the memory is then that of the last.
        assert found in whole or (found[1] == whole[-1][1] and found[0] in [data for data, _ in whole]), k
        assert current.get() is None and open_modes == [] and random.getstate() == state
        before = [p.grad if p.has_grad else 0.0 for p in model.parameters()]
        loss = nn.mse_loss([model(x) for x in X], y)
        loss.backward()
        slopes = ag.grad(loss, model.parameters())
        assert [p.grad for p in model.parameters()] == [b + s for b, s in zip(before, slopes, strict=True)], "the retry"


@pytest.mark.parametrize("error", [*ERRORS, ZeroDivisionError])
def test_an_error_in_a_function_of_the_user_leaves_a_whole_step(error: type[BaseException]) -> None:
    calls = 0

    def bent(z: Value) -> Value:
        nonlocal calls
        calls += 1
        if calls == stop:
            raise error
        return z.tanh()

    def loss(predictions: list[Value], targets: list[float]) -> Value:
        bent(predictions[0])
        return nn.mse_loss(predictions, targets)

    X, y = [[0.0], [1.0]], [0.0, 1.0]
    stop, whole = 0, []
    model = nn.MLP(1, [2, 1], activation=bent, seed=0)
    start = model.state_dict()
    for epochs in range(3):
        model.load_state_dict(start)
        calls = 0
        nn.fit(model, X, y, loss=loss, optimizer="sgd", epochs=epochs, progress=False)
        whole.append(model.state_dict())
    steps, calls_of_two_epochs = [], calls
    for at in range(1, calls_of_two_epochs + 1):
        model.load_state_dict(start)
        calls, stop = 0, at
        with pytest.raises(error):
            nn.fit(model, X, y, loss=loss, optimizer="sgd", epochs=2, progress=False)
        assert model.state_dict() in whole[:2], at
        steps.append(whole.index(model.state_dict()))
    assert steps == sorted(steps) and set(steps) == {0, 1}, "the first step was taken, and stays"


# -------------------------------------------------------------------------------------------------------- save


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # a file that the interrupt left to be closed
def test_an_interrupted_save_leaves_the_old_file_or_the_new(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "model.json"
    models = [nn.MLP(1, [1, 1], seed=seed) for seed in (0, 1)]
    old, new = (m.state_dict() for m in models)
    found = {True: 0, False: 0}
    for k in struck(lambda: models[1].save(path), 200, request, lambda: models[0].save(path)):
        loaded = nn.load(path).state_dict()
        assert loaded in (old, new) and os.listdir(tmp_path) == ["model.json"], k
        found[loaded == new] += 1
    assert found[False] > 20


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupted_load_gives_no_model_and_leaves_no_trace(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "model.json"
    nn.MLP(1, [1, 1], seed=0).save(path)
    whole = path.read_bytes()
    for _ in struck(lambda: nn.load(path), 100, request):
        assert path.read_bytes() == whole


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_interrupted_files_are_written_together_or_not_at_all(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    paths = [tmp_path / name for name in ("sheet.html", "answers.html")]

    def write(text: str) -> None:
        write_together(dict.fromkeys(paths, text))

    for k in struck(lambda: write("new"), 300, request, lambda: write("old")):
        assert len({path.read_text() for path in paths}) == 1 and len(os.listdir(tmp_path)) == 2, k


# The module that writes files needs nothing but the standard library, so a process of its own starts fast.
SAVE = """
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location("files", sys.argv[1])
files = importlib.util.module_from_spec(spec)
spec.loader.exec_module(files)
new = "new" * 100_000
os.getppid()  # the mark in the list of calls
files.write_atomically("model.json", new)
os._exit(0)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a program of Linux")
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_save_killed_at_any_system_call_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    log, path = tmp_path / "log", tmp_path / "work" / "model.json"
    path.parent.mkdir()

    def save(*options: str) -> int:
        path.write_text("old")
        command = ["strace", "-o", str(log), *options, sys.executable, "-I", "-S", "-c", SAVE, files.__file__]
        run = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
        if "ptrace" in run.stderr:
            pytest.skip(f"strace may not trace here: {run.stderr[-200:]}")
        return run.returncode

    save()  # Python keeps the compiled module for the next time
    assert save() == 0 and path.read_text() == "new" * 100_000
    calls = [line.partition("(")[0] for line in log.read_text().splitlines() if "(" in line]
    begin = calls.index("getppid") + 1
    states = []
    for i, name in enumerate(calls[begin:-1], start=begin):
        code = save("-e", f"inject={name}:signal=SIGKILL:when={calls[: i + 1].count(name)}")
        memory = name in ("brk", "mmap", "munmap", "mremap")  # the allocator's own, not the same on every run
        assert code == -9 or (memory and code == 0), name
        states.append(path.read_text())
    assert set(states) == {"old", "new" * 100_000} and states == sorted(states, reverse=True), (
        "old, from one call on new"
    )
    assert {"write", "fsync", "close", "chmod"} <= set(calls[begin:]) and len(states) >= 12


STEPS = [
    "builtins.open",
    "os.path.realpath",
    "os.path.lexists",
    "os.stat",
    "os.urandom",
    "os.fsync",
    "os.chmod",
    "os.replace",
]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("step", STEPS)
def test_a_save_killed_before_or_behind_a_step(tmp_path: Path, step: str, behind: bool) -> None:
    path = tmp_path / "model.json"
    write_atomically(path, "old")
    module, _, name = step.rpartition(".")
    program = f"""
import builtins, os, signal, sys
sys.path[:0] = {sys.path!r}
from autograd_lite.files import write_atomically
real = {step}
def die(*a, **k):
    if {behind}:
        real(*a, **k)
    os.kill(os.getpid(), signal.SIGKILL)
{module}.{name} = die
write_atomically({str(path)!r}, "new")
"""
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == -9, run.stderr
    assert path.read_text() == ("new" if step == "os.replace" and behind else "old")
