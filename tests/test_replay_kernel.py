"""The kernel against the eager engine and generated Python: bit for bit, over every row of the table."""

from __future__ import annotations

import math
import os
import random
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograd_lite import functions, nn
from autograd_lite.define import define_op
from autograd_lite.engine import Value
from autograd_lite.functions import apply
from autograd_lite.kernel import library
from autograd_lite.kernel.compiler import compile_text
from autograd_lite.kernel.text import COMPARISONS, text_of
from autograd_lite.ops import ROWS, TABLE, Op
from autograd_lite.replay import kernel_runner, python_runner
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.kernel_runner import KernelRunner
from autograd_lite.replay.lanes import TAKEN
from autograd_lite.replay.python_runner import PythonRunner
from autograd_lite.replay.recording import trace_function
from autograd_lite.replay.sums import CHUNK
from autograd_lite.replay.table import Matrix, columns_of
from autograd_lite.replay.tape import Tape

if not library.is_here():
    pytest.skip("no C compiler", allow_module_level=True)
library.library(ROWS)  # once, instead of a library for each tape

inf, nan = math.inf, math.nan
SPECIAL = [0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 2.0, 0.5, -3.0, 5e-324, 1e-310, 1e308, -1e308, 1e-160, 710.0, -746.0]
LOGITS = ("cross_entropy",)


def matrix(rows: Sequence[Sequence[float]]) -> Matrix:
    return Matrix.of(rows, len(rows[0]))


def normal(seed: int, count: int, width: int) -> Matrix:
    rng = random.Random(seed)
    return matrix([[rng.gauss(0, 1) for _ in range(width)] for _ in range(count)])


def tape_of(function: Callable[..., Any], arguments: Sequence[Any]) -> Tape:
    leaves, key = flatten(arguments, {})
    return trace_function(function, leaves, key).tape


def same(a: float, b: float) -> bool:
    return (a == b and math.copysign(1.0, a) == math.copysign(1.0, b)) or (a != a and b != b)


def number(rng: random.Random) -> float:
    kind = rng.random()
    if kind < 0.08:
        return rng.choice(SPECIAL)
    if kind < 0.12:
        return rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-300, 300)
    return rng.gauss(0.0, 2.0)


def program(rng: random.Random, rows: Sequence[Op], size: int) -> Callable[..., Any]:
    """Return a random function of three arguments and some closed-over values: `size` nodes, then a sum."""
    closed = [Value(number(rng)) for _ in range(3)]
    steps: list[tuple[Op, list[Any]]] = []

    def pick(n: int) -> Any:
        kind = rng.random()
        return ("constant", number(rng)) if kind < 0.1 else ("value", rng.randrange(n))

    for i in range(size):
        row = rng.choice(rows)
        n = len(closed) + 3 + i
        length = rng.randint(1, 5)
        operands: list[Any] = [[pick(n) for _ in range(length)] if s else pick(n) for s in row.is_list]
        if row.name in LOGITS:
            operands[-1] = ("constant", float(rng.randrange(length)))
        if row.name in ("softmax", "log_softmax"):
            row = row.bind(i=rng.randrange(length))
        elif row.setting_names and rng.random() < 0.5 and row.name != "pow_derivative":
            row = row.bind(**{name: rng.uniform(0.1, 2.0) for name in row.setting_names})
        steps.append((row, operands))
    last = [rng.randrange(len(closed) + 3), *(rng.randrange(len(closed) + 3 + size) for _ in range(2)), -1]

    def function(*arguments: Any) -> Any:
        values: list[Any] = [*closed, *arguments]

        def read(x: Any) -> Any:
            return [read(part) for part in x] if isinstance(x, list) else x[1] if x[0] == "constant" else values[x[1]]

        for row, operands in steps:
            values.append(apply(row, *map(read, operands)))
        return functions.sum([values[i] for i in last])

    return function


def check_one(function: Callable[..., Any], arguments: list[Value]) -> None:
    """Compare one row, value and every gradient, with the eager engine."""
    tape = tape_of(function, arguments)
    out = function(*arguments)
    out.backward()
    leaves = [*tape.parameters, *arguments]
    expected = [x.grad for x in leaves]
    found = KernelRunner(tape).one([p.data for p in tape.parameters], [x.data for x in arguments], True)
    assert found is not None
    assert same(found[0][0], out.data)
    assert all(map(same, found[1], expected)), (found[1], expected)
    for leaf in leaves:
        leaf.zero_grad()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_eager_bit_for_bit(row: Op) -> None:
    rng = random.Random(row.name)
    for _ in range(60):
        check_one(program(rng, [row], 1), [Value(number(rng)) for _ in range(3)])


@pytest.mark.parametrize("count", [400, pytest.param(4000, marks=pytest.mark.slow)])
def test_random_graphs_are_eager_bit_for_bit(count: int) -> None:
    rng = random.Random(count)
    for _ in range(count):
        check_one(program(rng, ROWS, rng.randint(2, 12)), [Value(number(rng)) for _ in range(3)])


def sum_of_ones(runner: KernelRunner, parameters: list[float], rows: Any) -> tuple[float, list[float], list[float]]:
    found = [runner.one(parameters, row, True) for row in rows.tolist()]
    held = [row for row in found if row is not None]
    totals = [math.fsum(column) for column in zip(*(gradients for _, gradients in held), strict=True)]
    sizes = [math.fsum(map(abs, column)) for column in zip(*(gradients for _, gradients in held), strict=True)]
    return math.fsum(outputs[0] for outputs, _ in held), totals, sizes


SMOOTH = [row for row in ROWS if row.name not in ("mod", "floor_divide", "pow", "pow_derivative", "arctan2_slope")]


def test_many_rows_are_the_sum_of_single_rows() -> None:
    rng = random.Random(1)
    compared = 0
    for _ in range(300):
        tape = tape_of(program(rng, SMOOTH, rng.randint(2, 12)), [rng.gauss(0, 1) for _ in range(3)])
        runner = KernelRunner(tape)
        parameters = [rng.gauss(0, 1) for _ in tape.parameters]
        rows = matrix([[rng.gauss(0, 1) for _ in range(3)] for _ in range(rng.choice((1, 5, 64, 70)))])
        singles = [runner.one(parameters, row, True) for row in rows.tolist()]
        batch = runner.many(parameters, rows, True)
        assert batch.held is None
        assert all(same(a, s[0][0]) for a, s in zip(columns_of(batch.outputs)[0], singles, strict=True) if s)
        columns = [[s[0][0] for s in singles if s], *zip(*(s[1] for s in singles if s), strict=True)]
        for got, column in zip([batch.total, *batch.gradients.tolist()], columns, strict=True):
            size = sum(map(abs, column))
            if size < inf:
                compared += 1
                assert got == pytest.approx(math.fsum(column), rel=0, abs=1e-13 * size)
            else:
                assert not math.isfinite(got)
    assert compared > 500


@pytest.fixture(scope="module")
def slow_code(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The kernel, compiled with hardly any optimisation."""
    path = tmp_path_factory.mktemp("O1") / "kernel.so"
    compile_text(text_of(ROWS), path, "-O1")
    return library.load(path, ROWS).run


@pytest.mark.parametrize(
    ("seed", "turns"), [(3, 40), *(pytest.param(seed, 200, marks=pytest.mark.slow) for seed in range(4, 14))]
)
def test_the_same_bits_from_python_and_from_any_code_in_any_number_of_threads(
    seed: int, turns: int, slow_code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    for turn in range(turns):
        tape = tape_of(program(rng, ROWS, rng.randint(1, 12)), [rng.gauss(0, 1) for _ in range(3)])
        parameters = [rng.gauss(0, 1) for _ in tape.parameters]
        few, many = (1, 7, 8, 9, 64, 127, rng.randint(1, 300)), (CHUNK, CHUNK + 1, rng.randint(300, 5000))
        count = rng.choice(few if turn % 10 else many)
        rows = matrix([[number(rng) if turn % 3 == 0 else rng.gauss(0, 1) for _ in range(3)] for _ in range(count)])
        found = []
        with monkeypatch.context() as patch:
            patch.setattr(python_runner, "LARGE", 0 if turn % 4 == 1 else 3000)
            found.append(PythonRunner(tape, "f").many(parameters, rows.tolist(), True))
        for call, threads in (None, 1), (None, 2), (slow_code, 1):
            runner = KernelRunner(tape)
            runner.call = call or runner.call
            with monkeypatch.context() as patch:
                patch.setattr(kernel_runner, "_threads", lambda threads=threads: threads)
                patch.setattr(kernel_runner, "SHARED", 0)
                found.append(runner.many(parameters, rows, True))
        numbers = [[*columns_of(batch.outputs)[0], batch.total, *batch.gradients] for batch in found]
        assert all(all(map(same, numbers[0], other)) for other in numbers[1:])
        assert len({len(some) for some in numbers}) == 1


def net(nin: int, nouts: list[int]) -> tuple[Callable[..., Any], Any]:
    model = nn.MLP(nin, nouts, activation="tanh", seed=0)
    parameters = model.parameters()

    def loss(*row: Any) -> Any:
        penalty = functions.dot(parameters, parameters)
        return (1.0 - row[-1] * model(list(row[:-1]))).relu() + 1e-4 * penalty

    rows = normal(0, 9000, nin + 1)
    return loss, rows


def test_bits_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    loss, rows = net(2, [8, 8, 1])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    found = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(kernel_runner, "_threads", lambda threads=threads: threads)
        monkeypatch.setattr(kernel_runner, "SHARED", 0)
        batch = runner.many(parameters, rows, True)
        found.append((batch.total, batch.gradients.tobytes(), batch.outputs.numbers.tobytes()))
    assert found[0] == found[1] == found[2]


def test_threads_that_are_busy_elsewhere_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    loss, rows = net(2, [4, 1])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    expected = runner.many(parameters, rows, True)
    monkeypatch.setattr(kernel_runner, "_threads", lambda: 3)
    monkeypatch.setattr(kernel_runner, "SHARED", 0)
    free = threading.Event()
    busy = [kernel_runner._pool(2).submit(free.wait) for _ in range(2)]
    try:
        batch = runner.many(parameters, rows, True)
    finally:
        free.set()
    assert (batch.total, batch.gradients.tobytes()) == (expected.total, expected.gradients.tobytes())
    assert all(task.result(timeout=60) for task in busy)


def test_other_threads_are_woken_for_much_work_only(monkeypatch: pytest.MonkeyPatch) -> None:
    loss, rows = net(2, [4, 1])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters, work = [p.data for p in runner.tape.parameters], len(rows) * len(runner.tape.operands)
    pools, found = [], []
    pool = kernel_runner._pool
    monkeypatch.setattr(kernel_runner, "_threads", lambda: 64)
    monkeypatch.setattr(kernel_runner, "_pool", lambda threads: pools.append(threads) or pool(threads))
    for least in (work + 1, work):
        monkeypatch.setattr(kernel_runner, "SHARED", least)
        pools.clear()
        found.append(runner.many(parameters, rows, True).gradients.tobytes())
        chunks = -(-len(rows) // CHUNK)
        assert chunks > 1 and pools == ([] if least > work else [chunks - 1] * (chunks - 1))
    assert found[0] == found[1]


@pytest.mark.parametrize("where", ["here", "in another thread"])
def test_an_error_in_one_thread_ends_them_all(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loss, rows = net(2, [4, 1])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    expected = runner.many(parameters, rows, True)
    monkeypatch.setattr(kernel_runner, "_threads", lambda: 2)
    monkeypatch.setattr(kernel_runner, "SHARED", 0)
    call, met = runner.call, threading.Barrier(2)  # both threads have a chunk before one of them fails
    begun = set()

    def failing(pointer: Any) -> None:
        thread = threading.current_thread()
        if pointer._obj.begin < pointer._obj.end and thread not in begun:
            begun.add(thread)
            met.wait(timeout=60)
            if (thread is threading.main_thread()) == (where == "here"):
                raise KeyboardInterrupt
        call(pointer)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "call", failing)
        with pytest.raises(KeyboardInterrupt):
            runner.many(parameters, rows, True)
    batch = runner.many(parameters, rows, True)
    assert (batch.total, batch.gradients.tobytes()) == (expected.total, expected.gradients.tobytes())


def test_what_no_row_changes_is_differentiated_once_and_counted_for_each_row() -> None:
    loss, rows = net(2, [4, 1])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    batch = runner.many(parameters, rows.at(range(1500)), True)
    total, gradients, sizes = sum_of_ones(runner, parameters, rows.at(range(1500)))
    assert batch.total == pytest.approx(total, rel=1e-13)
    for got, expected, size in zip(batch.gradients.tolist(), gradients, sizes, strict=True):
        assert abs(got - expected) <= 1e-13 * size


def between(terms: list[Any], hidden: list[Value]) -> list[Any]:
    return [*terms[:2], functions.tanh(hidden[1]), *terms[2:]]


@pytest.mark.parametrize(
    ("weights", "inputs", "changed", "together"),
    [
        pytest.param(lambda u, j: 3 * u + j, [0, 1, 2], None, [10, *[0] * 9], id="a layer"),
        pytest.param(lambda u, j: 3 * u + j, [0, 1, 2], between, [2, 0, 8, *[0] * 7], id="use between"),
        pytest.param(lambda u, j: 9 - u + j, [0, 1, 2], None, [10, *[0] * 9], id="weights in common"),
        pytest.param(lambda u, j: 3 * u + j, [0, 1, 0], None, [], id="an input twice"),
    ],
)
@pytest.mark.parametrize("weights_first", [True, False])
def test_a_layer_changes_no_bit_of_a_single_row(
    weights: Any, inputs: list[int], changed: Any, together: list[int], weights_first: bool
) -> None:
    rng = random.Random(5)
    ws = [Value(rng.gauss(0, 1)) for _ in range(30)]
    firsts, biases = ([Value(rng.gauss(0, 1)) for _ in range(n)] for n in (3, 10))

    def loss(*xs: Any) -> Any:
        hidden = [w * x for w, x in zip(firsts, xs, strict=True)]
        read = [hidden[i] for i in inputs]
        terms = []
        for u, bias in enumerate(biases):
            own = [ws[weights(u, j)] for j in range(3)]
            z = functions.dot(own, read, bias) if weights_first else functions.dot(read, own, bias)
            terms.append(z * z)
        return functions.sum(changed(terms, hidden) if changed else terms)

    rows = matrix([[rng.gauss(0, 1) for _ in range(3)] for _ in range(200)])
    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    assert [0 if units == TAKEN else units for units in runner._lanes[0].units if units] == together
    for row in rows:
        batch, one = runner.many(parameters, matrix([row]), True), runner.one(parameters, row, True)
        assert one is not None and same(batch.total, one[0][0]) and all(map(same, batch.gradients.tolist(), one[1]))
    check_one(loss, [Value(x) for x in rows[0]])
    total, gradients, sizes = sum_of_ones(runner, parameters, rows)
    batch = runner.many(parameters, rows, True)
    singles = [runner.one(parameters, row, False) for row in rows.tolist()]
    assert all(same(a, s[0][0]) for a, s in zip(columns_of(batch.outputs)[0], singles, strict=True) if s)
    assert batch.total == pytest.approx(total, rel=1e-13)
    assert all(abs(a - b) <= 1e-13 * c for a, b, c in zip(batch.gradients.tolist(), gradients, sizes, strict=True))


@pytest.mark.parametrize("count", [1, 2, 4, 5, 7])
def test_a_layer_reads_any_number_of_inputs(count: int) -> None:
    rng = random.Random(count)
    neurons = [([Value(rng.gauss(0, 1)) for _ in range(count)], Value(rng.gauss(0, 1))) for _ in range(6)]

    def layer(*xs: Any) -> list[Any]:
        sums = [functions.dot(ws, list(xs), b) for ws, b in neurons]
        return [functions.sum([z.tanh() for z in sums]), *sums]

    rows = matrix([[number(rng) for _ in range(count)] for _ in range(150)])
    runner = KernelRunner(tape_of(layer, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    batch = runner.many(parameters, rows, True)
    for row, outputs in zip(rows.tolist(), batch.outputs.tolist(), strict=True):
        one = runner.one(parameters, row, True)
        assert one is not None and all(map(same, outputs, one[0]))
        alone = runner.many(parameters, matrix([row]), True)
        assert all(map(same, alone.gradients.tolist(), one[1]))


def test_outputs_may_be_arguments_parameters_or_constants() -> None:
    w = Value(3.0)
    runner = KernelRunner(tape_of(lambda x, y: [w, x, x * y, Value(2.0)], [1.0, 2.0]))
    batch = runner.many([3.0], matrix([[1.0, 2.0], [5.0, 7.0]]), True)
    assert batch.outputs.tolist() == [[3.0, 1.0, 2.0, 2.0], [3.0, 5.0, 35.0, 2.0]]
    assert (batch.total, batch.gradients.tolist()) == (6.0, [2.0])
    assert runner.one([3.0], [5.0, 7.0], False) == ((3.0, 5.0, 35.0, 2.0), [])


def test_a_fold_hands_on_alike_whichever_of_its_operands_vary_and_are_asked_for() -> None:
    rng = random.Random(4)
    ws = [Value(rng.gauss(0, 1)) for _ in range(6)]
    rows = matrix([[rng.gauss(0, 1) for _ in range(6)] for _ in range(70)])

    def loss(*xs: Any) -> Any:
        hidden = [x * ws[0] for x in xs]
        lists = ws, list(xs), hidden, [0.5, -1.0, 2.0, 0.25, 3.0, 1.0], [ws[0], xs[1], *hidden[2:]]
        return functions.sum([functions.dot(a, b, c) for a in lists for b in lists for c in (0.0, ws[1], xs[2])])

    runner = KernelRunner(tape_of(loss, rows[0]))
    parameters = [p.data for p in runner.tape.parameters]
    batch = runner.many(parameters, rows, True)
    singles = [runner.one(parameters, row, True) for row in rows.tolist()]
    assert all(same(a, s[0][0]) for a, s in zip(columns_of(batch.outputs)[0], singles, strict=True) if s)
    _, gradients, sizes = sum_of_ones(runner, parameters, rows)
    for got, expected, size in zip(batch.gradients.tolist(), gradients, sizes, strict=True):
        assert abs(got - expected) <= 1e-13 * size
    check_one(loss, [Value(x) for x in rows[0]])


def test_a_long_tape_takes_fewer_rows_at_a_time_and_sums_the_same() -> None:
    w = Value(0.9)

    def loss(x: Any) -> Any:
        for _ in range(600):
            x = functions.tanh(w * x)
        return x

    runner = KernelRunner(tape_of(loss, [0.5]))
    rows = normal(1, 300, 1)
    batch = runner.many([0.9], rows, True)
    assert runner._lanes[0].width == 24  # of 120
    total, (gradient,), (size,) = sum_of_ones(runner, [0.9], rows)
    assert batch.total == pytest.approx(total, rel=1e-13) and abs(batch.gradients[0] - gradient) <= 1e-13 * size


def test_there_are_as_many_threads_as_the_environment_lets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    ours = kernel_runner._threads()
    assert 1 <= ours <= (os.cpu_count() or 1)
    for named, expected in {"1": 1, "0": 1, "1000": ours, "": ours, "all": ours}.items():
        monkeypatch.setenv("OMP_NUM_THREADS", named)
        assert kernel_runner._threads() == expected


def test_no_rows_sum_to_nothing() -> None:
    w = Value(3.0)
    runner = KernelRunner(tape_of(lambda x: w * x, [1.0]))
    batch = runner.many([3.0], Matrix(array("d"), 1, 0), True)
    assert (batch.outputs.tolist(), batch.total, batch.gradients.tolist()) == ([], 0.0, [0.0])


@pytest.mark.parametrize("how", COMPARISONS)
def test_a_row_that_a_guard_refuses_leaves_no_trace(how: str) -> None:
    w = Value(2.0)
    compare = eval(f"lambda x: x {how} 1.0")

    def function(x: Any) -> Any:
        return w / (x - 5.0) if compare(x) else w * x

    rng = random.Random(2)
    xs = [rng.choice((0.0, 1.0, 1.5, 2.0, 5.0)) for _ in range(200)]  # 5 divides by 0
    for first in (0.5, 1.0, 3.0):
        runner = KernelRunner(tape_of(function, [first]))
        taken = compare(first)
        held = [compare(x) == taken for x in xs]
        batch = runner.many([2.0], Matrix(array("d", xs), 1, len(xs)), True)
        assert (batch.held is None) == all(held)
        if batch.held is not None:
            assert batch.held == held
        singles = [runner.one([2.0], [x], True) for x in xs]
        assert [s is not None for s in singles] == held
        expected = sum(s[1][0] for s in singles if s is not None)
        assert batch.total == pytest.approx(2.0 * expected, rel=1e-13, nan_ok=True)
        assert batch.gradients[0] == pytest.approx(expected, rel=1e-13, nan_ok=True)


def test_rows_without_a_gradient_write_none() -> None:
    w = Value(2.0)
    runner = KernelRunner(tape_of(lambda x: w * x, [1.0]))
    batch = runner.many([2.0], matrix([[1.0], [4.0]]), False)
    assert (batch.outputs.tolist(), batch.total, batch.gradients.tolist()) == ([[2.0], [8.0]], 10.0, [0.0])


@pytest.fixture(scope="module")
def own_rows() -> list[Op]:
    """Rows of a program's own, whose names of operands and settings are those that the kernels use."""
    define_op("kernel_cube", "n * n * n", ("3.0 * n * n",), args="n")
    define_op("kernel_wave", "k * sin(s / m) + kernel_cube(s)", ("k * cos(s / m) / m + 3.0 * s ** 2.0",),
              args="s | m=2.0 k=0.5")  # fmt: skip
    define_op(
        "kernel_share", "logsumexp(v) * g", ("softmax(v)", "logsumexp(v)"), args="*v g", check=False
    )  # times g would need a product of a list
    define_op(
        "kernel_folds", "dot(v, v, g) - g", ("softmax(v)", "0.0"), args="*v g", check=False
    )  # no derivative, but a fold
    define_op("run_rows", "a * sin(a)", ("sin(a) + a * cos(a)",))  # the kernels' own name
    define_op("kernel_caller", "run_rows(a) + 1.0", ("sin(a) + a * cos(a)",))
    define_op("kernel_fma", "a * b + c", ("b", "a", "1.0"))
    define_op("kernel_lerp", "a + sigmoid(t) * (b - a)", ("1.0 - sigmoid(t)", "sigmoid(t)",
              "sigmoid(t) * sigmoid(-t) * (b - a)"), args="a b t")  # fmt: skip
    names = ("kernel_cube", "kernel_wave", "kernel_share", "kernel_folds", "run_rows", "kernel_caller",
             "kernel_fma", "kernel_lerp")  # fmt: skip
    return [TABLE[name] for name in names]


def test_rows_of_the_program_are_compiled_like_the_others(own_rows: list[Op]) -> None:
    w = Value(0.4)

    def function(x: Any, y: Any, z: Any) -> Any:
        results = [apply(row, *([x, y, w] if is_list else z for is_list in row.is_list)) for row in own_rows]
        return functions.dot(results, [x, y, z, w, 2.0, 0.5, x, y]).tanh()

    check_one(function, [Value(0.3), Value(-0.7), Value(1.1)])
    tape = tape_of(function, [0.1, 0.2, 0.3])
    assert {*tape.rows} >= {*own_rows}
    runner = KernelRunner(tape)
    parameters = [p.data for p in tape.parameters]
    data = normal(0, 70, 3)
    total, gradients, sizes = sum_of_ones(runner, parameters, data)
    batch = runner.many(parameters, data, True)
    assert batch.total == pytest.approx(total, rel=1e-13, nan_ok=True)
    for got, expected, size in zip(batch.gradients.tolist(), gradients, sizes, strict=True):
        assert not size < inf or abs(got - expected) <= 1e-13 * size


@pytest.mark.slow
def test_a_million_nodes_run_in_linear_time_and_room() -> None:
    from autograd_lite.replay.tape import array

    size = 1_000_000
    add = TABLE["add"]
    flat = array("i", [slot for i in range(size) for slot in (0 if not i else i + 1, 0)])
    tape = Tape((Value(1.0),), array("d"), 1, (add,), array("H", [0]) * size, array("i", range(0, 2 * size + 1, 2)),
                flat, bytearray(b"\1" * (size + 2)), (size + 1,))  # fmt: skip
    runner = KernelRunner(tape)
    best = inf
    for _ in range(5):
        begin = time.perf_counter()
        found = runner.one([1.0], [0.0], True)
        best = min(best, time.perf_counter() - begin)
    assert found == ((size + 1.0,), array("d", [size + 1.0]))
    assert best < 1.0
