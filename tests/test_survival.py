"""Graphs of 100,000 or a million nodes, 2^1100 paths, 10,000 training steps, eight threads: all of it is survived.

The large graphs are built in a process of their own with an 8 MB stack and the default recursion limit, and no test
looks at the clock on the wall: work is counted in steps of the interpreter, or as a ratio of processor times.
"""

import contextlib
import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from random import Random

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.modes import current, open_modes

# ------------------------------------------------------------------------------------------------------- shapes


def chain(n: int) -> tuple[Value, Value]:
    """Return (input, root) of n nodes in a row."""
    x = y = Value(1.0, label="x")
    for _ in range(n - 1):
        y = y + 1.0
    return x, y


def long_sum(n: int) -> tuple[Value, Value]:
    """Return (input, root) of the builtin sum of n / 2 leaves: one addition for each."""
    x = Value(1.0, label="x")
    return x, sum([x, *(Value(1.0) for _ in range(n // 2 - 1))])


def ladder(n: int) -> tuple[Value, Value]:
    """Return (input, root) of n / 3 rungs, each of which doubles the paths and keeps the value."""
    x = y = Value(1.0, label="x")
    for _ in range(n // 3):
        y = y * 0.5 + y * 0.5
    return x, y


def star(n: int) -> tuple[Value, Value]:
    """Return (input, root) of one operation with n operands."""
    x = Value(1.0, label="x")
    return x, ag.sum([x, *(Value(1.0) for _ in range(n - 1))])


SHAPES: dict[str, Callable[[int], tuple[Value, Value]]] = {
    shape.__name__: shape for shape in (chain, long_sum, ladder, star)
}


# The first half of this file is the program that the process of its own runs.
LIMITED = """
import sys
assert sys.getrecursionlimit() == 1000
try:
    import resource
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 8 << 20))
except ImportError:  # Windows: the stack of a main thread has 1 MB
    pass
sys.path[:0] = {path!r}
import copy, importlib.util, json, pickle
spec = importlib.util.spec_from_file_location("survival", {file!r})
survival = importlib.util.module_from_spec(spec)
spec.loader.exec_module(survival)
import autograd_lite as ag
x, y = survival.SHAPES[{shape!r}]({n})
found = dict(data=y.data)
y.backward()
found["grad"] = x.grad
{then}
del x, y
print(json.dumps(found))
"""
DIFFERENTIATED = """
found["again"] = ag.grad(y, x)
for twin in (copy.copy(y), copy.deepcopy([y])[0], pickle.loads(pickle.dumps(y))):
    assert twin.data == y.data and twin.parents == ()
found["repr"] = repr(y)
y.zero_grad()
assert not x.has_grad and not y.has_grad
"""
SHOWN = """
e = ag.explain(y, wrt=x)
found.update(paths=str(e.path_count) if e.path_count < 10 else e.path_count.bit_length(), shown=len(e.paths),
             value=e.value, said=max(map(len, (str(e), e.latex, e.markdown))))
picture = ag.draw(y, wrt=x)
found.update(cards=len(picture.scene.cards), svg=len(picture.svg),
             texts=max(map(len, (picture.dot, picture.mermaid, str(picture)))))
"""


def survived(shape: str, n: int, then: str) -> dict[str, object]:
    """Return what a process with a small stack found out about a large graph."""
    program = LIMITED.format(path=sys.path, file=__file__, shape=shape, n=n, then=then)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, object] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("n", [10**5, pytest.param(10**6, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shape", ["chain", "long_sum", "ladder", "star"])
def test_large_graphs_are_built_differentiated_copied_and_freed(shape: str, n: int) -> None:
    n = min(n, 10**5) if shape == "star" else n
    found = survived(shape, n, DIFFERENTIATED)
    data = {"chain": float(n), "long_sum": n / 2, "ladder": 1.0, "star": float(n)}[shape]
    assert (found["data"], found["grad"], found["again"]) == (data, 1.0, 1.0)
    assert found["repr"] == f"Value(data={data!r}, grad=1.0)"


def check_shown(found: dict[str, object], paths: object) -> None:
    """Hold that a large graph is explained by its largest paths and drawn folded: in texts that stay short."""
    assert (found["paths"], found["value"]) == (paths, 1.0)
    assert found["shown"] == (1 if paths == "1" else 6)
    for name, most in {"said": 30_000, "cards": 160, "svg": 400_000, "texts": 60_000}.items():
        size = found[name]
        assert isinstance(size, int) and 0 < size < most, name


@pytest.mark.parametrize(
    ("shape", "n", "paths"),
    [("chain", 10**4, "1"), ("long_sum", 10**4, "1"), ("ladder", 3 * 1100, 1101), ("star", 10**5, "1")],
)
def test_large_graphs_are_explained_and_drawn_folded(shape: str, n: int, paths: object) -> None:
    check_shown(survived(shape, n, SHOWN), paths)


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "paths"), [("chain", "1"), ("long_sum", "1"), ("ladder", 333_334)])
def test_a_million_nodes_are_explained_and_drawn_folded(shape: str, paths: object) -> None:
    check_shown(survived(shape, 10**6, SHOWN), paths)


def test_2_to_the_1100_paths_are_counted_exactly() -> None:
    x, y = ladder(3 * 1100)
    assert ag.explain(y, wrt=x).path_count == 2**1100
    assert ag.grad(y, x) == 1.0


# ------------------------------------------------------------------------------------------- how the work grows


def steps_of(work: Callable[[], object]) -> int:
    """Return how many steps of the interpreter a piece of work takes: the same on any machine."""
    counted = 0

    def step(frame, event, argument):  # type: ignore[no-untyped-def]
        nonlocal counted
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counted += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


WORK: dict[str, Callable[[Value, Value], object]] = {
    "backward": lambda x, y: y.backward(),
    "grad": lambda x, y: ag.grad(y, x),
    "zero_grad": lambda x, y: y.zero_grad(),
    "explain": lambda x, y: str(ag.explain(y, wrt=x)),
    "draw": lambda x, y: ag.draw(y).scene,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("work", ["build", *WORK])
def test_ten_times_the_nodes_are_ten_times_the_steps(shape: str, work: str) -> None:
    def steps(n: int) -> int:
        if work == "build":
            return steps_of(lambda: SHAPES[shape](n))
        x, y = SHAPES[shape](n)
        return steps_of(lambda: WORK[work](x, y))

    steps(30)  # what is imported or compiled once
    few, many = steps(300), steps(3000)
    assert many <= 11 * few, (few, many)


def test_time_per_node_is_that_of_a_small_graph_without_the_collector() -> None:
    def seconds_per_node(n: int, repeats: int) -> float:
        best = float("inf")
        for _ in range(repeats):
            start = time.process_time()
            _, y = chain(n)
            y.backward()
            del y
            best = min(best, (time.process_time() - start) / n)
        return best

    gc.collect()
    gc.disable()
    try:
        small, large = seconds_per_node(1000, 50), seconds_per_node(10**6, 2)
    finally:
        gc.enable()
    # A million nodes do not fit into the processor's caches; a search for a node would cost a thousandfold.
    assert large < 6 * small, (small, large)


# ------------------------------------------------------------------------------------------------------- memory

TRAINING = """
import gc, sys
sys.path[:0] = {path!r}
from autograd_lite import Value, nn
gc.enable() if {collector} else gc.disable()
model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
optimizer = nn.Adam(model.parameters(), lr=0.01)
def steps(n):
    for _ in range(n):
        optimizer.zero_grad()
        loss = nn.mse_loss([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, -1.0])
        loss.backward()
        optimizer.step()
steps(500)
gc.collect()
before = sys.getallocatedblocks()
steps(10_000)
print(sys.getallocatedblocks() - before, gc.collect())
"""


@pytest.mark.parametrize("collector", [True, False])
def test_10000_training_steps_keep_nothing(collector: bool) -> None:
    program = TRAINING.format(path=sys.path, collector=collector)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    blocks, unreachable = map(int, run.stdout.split())
    assert blocks < 1000, "pieces of memory that 10,000 steps left behind: not one in ten steps"
    assert unreachable == 0, "nothing waits for the collector"


# ------------------------------------------------------------------------------------------------------ threads


def in_threads(work: Callable[[int], object], n: int = 8) -> dict[int, object]:
    """Return the results of `work(0)`, …, `work(n - 1)`, run at the same time, with a change of thread at any step."""
    found: dict[int, object] = {}
    start = threading.Barrier(n)

    def run(i: int) -> None:
        start.wait(30)
        try:
            found[i] = work(i)
        except BaseException as error:
            found[i] = error

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    finally:
        sys.setswitchinterval(before)
    return found


def test_eight_threads_train_what_they_train_one_after_the_other() -> None:
    def work(seed: int) -> list[str]:
        rng = Random(seed)
        X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(8)]
        y = [int(a > b) for a, b in X]
        model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", seed=seed)
        nn.fit(model, X, y, epochs=6, batch_size=4, seed=seed, validation=0.25, progress=False)
        x = Value(X[0][0])
        second = ag.grad(ag.grad((x * x).tanh() / (x.exp() + 1.0), x, create_graph=True), x)
        return [p.data.hex() for p in model.parameters()] + [float(second).hex()]

    assert in_threads(work) == {seed: work(seed) for seed in range(8)}


def test_each_thread_has_the_modes_that_it_opened() -> None:
    def work(i: int) -> list[str]:
        wrong = []
        for turn in range(150):
            kind = (i + turn) % 3
            with [contextlib.nullcontext, ag.no_grad, ag.anomaly][kind]():
                y = Value(2.0) * 3.0
                if bool(y.parents) != (kind != 1):
                    wrong.append(f"{kind}: recorded {y.parents}")
                try:
                    Value(-1.0).log()
                    raised = False
                except FloatingPointError:
                    raised = True
                if raised != (kind == 2):
                    wrong.append(f"{kind}: raised {raised}")
            if current.get() is not None:
                wrong.append("a mode stays open")
        return wrong

    assert in_threads(work) == {i: [] for i in range(8)}
    assert open_modes == []
