"""compile: what a replay returns is what the function returns, bit for bit, whichever way it goes."""

import copy
import math
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest

import autograd_lite as ag
from autograd_lite import Value, functions, nn
from autograd_lite.coerce import number_of
from autograd_lite.ops import TABLE
from autograd_lite.replay import Compiled, arguments, compiled_function, source, source_in_parts, table
from autograd_lite.replay.consistency import same_numbers
from autograd_lite.replay.python_runner import LARGE
from autograd_lite.replay.recording import trace_function
from autograd_lite.replay.table import tables_of
from autograd_lite.replay.weighted_sums import DOT
from autograd_lite.view import View

SPECIAL = [0.0, -0.0, 5e-324, 1e-200, -1e-200, 0.5, -0.5, 1.0, -1.0, 2.0, 3.0, -1e200]
SPECIAL += [1e200, math.inf, -math.inf, math.nan]


@pytest.fixture(autouse=True)
def _without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about recording and generated Python; those of the kernel stand in their own file."""
    monkeypatch.setenv("AUTOGRAD_LITE_CC", "none")


def bits(numbers: Any) -> list[str]:
    """Return numbers so that only equal bits are equal, and a nan is a nan."""
    return ["nan" if x != x else x.hex() for x in numbers]


def eager(function: Callable[..., Any], args: list[float], parameters: list[Value]) -> list[str]:
    """Return the bits of the function's value and of its gradients, by the plain engine."""
    out = function(*map(Value, args))
    return bits([out.data, *ag.grad(out, parameters)])


def replayed(f: Any, args: list[float], parameters: list[Value]) -> list[str]:
    out = f(*args)
    return bits([out.data, *ag.grad(out, parameters)])


def random_program(rng: random.Random, parameters: list[Value], size: int) -> Callable[..., Value]:
    """Return a function of two arguments: `size` random operations on shared operands, all rows of the table."""
    rows = [row for row in TABLE.values() if row.name not in ("cross_entropy",)]
    steps: list[tuple[Any, Any]] = []
    for count in range(size):
        row = rng.choice(rows)
        places = range(len(parameters) + 2 + count)

        def pick(places: range = places) -> Any:
            return rng.choice(places) if rng.random() < 0.85 else float(rng.choice(SPECIAL[:12]))

        length = rng.randint(1, 4)
        steps.append((row, [[pick() for _ in range(length)] if is_list else pick() for is_list in row.is_list]))

    def program(x: Value, y: Value) -> Value:
        values: list[Any] = [*parameters, x, y]

        def value(operand: Any) -> Any:
            return [value(o) for o in operand] if operand.__class__ is list else (
                values[operand] if operand.__class__ is int else operand)  # fmt: skip

        for row, operands in steps:
            values.append(functions.apply(row, *map(value, operands)))
        return functions.sum([v for v in values[-6:] if isinstance(v, Value)] or [x])

    return program


@pytest.mark.parametrize("seed", range(300))
def test_random_programs_replay_bit_for_bit(seed: int) -> None:
    rng = random.Random(seed)
    parameters = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    program = random_program(rng, parameters, rng.randint(5, 40))
    f = ag.compile(program)
    for _ in range(4):
        args = [rng.choice(SPECIAL) if rng.random() < 0.2 else rng.uniform(-3, 3) for _ in range(2)]
        assert replayed(f, args, parameters) == eager(program, args, parameters)
        parameters[0].data = rng.uniform(-3, 3)
    assert f.branches == 1
    big = source_in_parts.one_row(f._specializations[2].branches[0].tape, size=7)
    assert all(source.compiled(text, "part") for part in big for text in part)


@pytest.mark.parametrize("seed", range(40))
def test_rows_sum_up_to_the_calls(seed: int) -> None:
    rng = random.Random(seed)
    parameters = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    smooth = [row for row in TABLE.values() if row.domain == "all reals" and row.name not in ("sinh", "cosh", "tan")]
    program = random_program(rng, parameters, 10) if seed < 10 else None
    if program is None:
        picks = [rng.choice([row for row in smooth if len(row.operands) == 1 and not row.nary]) for _ in range(5)]

        def program(x: Value, y: Value) -> Value:
            z = parameters[0] * x + parameters[1] * y + parameters[2]
            for row in picks:
                z = functions.apply(row, z) * parameters[0] + y
            return z + 0.01 * ag.sum([p * p for p in parameters])

    X, Y = ([rng.uniform(-1, 1) for _ in range(20)] for _ in range(2))
    f = ag.compile(program)
    mean, total = f.mean(X, Y), f.sum(X, Y)
    plain = ag.sum([program(Value(x), Value(y)) for x, y in zip(X, Y, strict=True)])
    expected = ag.grad(plain, parameters)
    size = sum(abs(program(Value(x), Value(y)).data) for x, y in zip(X, Y, strict=True))
    if math.isfinite(size):
        assert math.isclose(total.data, plain.data, rel_tol=1e-13, abs_tol=1e-13 * size)
        assert math.isclose(20 * mean.data, plain.data, rel_tol=1e-13, abs_tol=1e-13 * size)
    for got, want in zip(ag.grad(total, parameters), expected, strict=True):
        assert math.isclose(got, want, rel_tol=1e-11, abs_tol=1e-12) or not math.isfinite(want)
    assert bits(f.map(X, Y)) == bits(program(Value(x), Value(y)).data for x, y in zip(X, Y, strict=True))


@pytest.mark.parametrize("ways", [1, 2, 3])
def test_rows_that_go_several_ways_sum_up_too(ways: int) -> None:
    u, v, w = Value(2.0), Value(3.0), Value(5.0)

    def f(x: Any) -> Any:
        return u * v * x if x < 1.5 else v * x + u if x < 2.5 else w * x

    rows = [1.0, 2.0, 3.0][:ways] * 2
    compiled, plain = ag.compile(f), ag.sum([f(Value(x)) for x in rows])
    for _ in range(2):  # recorded, replayed
        total, mean = compiled.sum(rows), compiled.mean(rows)
        assert (total.data, mean.data) == (plain.data, plain.data / len(rows))
        assert ag.grad(total, [u, v, w]) == ag.grad(plain, [u, v, w])
        assert ag.grad(mean, [u, v, w]) == pytest.approx(ag.grad(plain / len(rows), [u, v, w]), rel=1e-15)
    assert compiled.branches == ways


def test_a_call_is_an_ordinary_value() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    f = ag.compile(lambda x: ag.sigmoid(w * x))
    y = f(x) * f(1.0)
    y.backward()
    plain = ag.sigmoid(w * x) * ag.sigmoid(w * 1.0)
    assert math.isclose(x.grad, ag.grad(plain, x), rel_tol=1e-14)
    assert math.isclose(w.grad, ag.grad(plain, w), rel_tol=1e-14)
    call = f(x)
    assert call.parents == (w, x) and call.op == "<lambda>" and not call.label


@pytest.mark.parametrize("gradient", [2.0, 1.000000001])
def test_a_gradient_to_start_from_reaches_the_leaves_of_a_call(gradient: float) -> None:
    w = Value(3.0)
    ag.compile(lambda x: w * x)(2.0).backward(gradient)
    assert w.grad == 2.0 * gradient


def test_backward_from_a_call_itself() -> None:
    x, w = Value(3.0), Value(2.0)
    product = ag.compile(lambda a, b: a * b)(x, x)  # one value twice
    product.backward()
    assert (x.grad, product.grad) == (6.0, 1.0)
    mean = ag.compile(lambda a: a * w).mean([1.0, 2.0])
    for times in (1.0, 2.0):
        mean.backward()
        assert (w.grad, mean.grad) == (1.5 * times, 1.0)
    inner = w * w  # a closed-over value that is no leaf
    ag.compile(lambda a: a * inner).sum([1.0, 2.0]).backward()
    assert (inner.grad, w.grad) == (3.0, 3.0 + 12.0)
    u, v = Value(5.0), Value(7.0)
    v.grad = 100.0
    mixed = ag.compile(lambda a: a * u * inner * v)(1.0)  # some of its parents are leaves, one is not
    for times in (1.0, 2.0):
        mixed.backward()
        assert (u.grad, v.grad, w.grad) == (28.0 * times, 100.0 + 20.0 * times, 15.0 + 140.0 * times)


def test_a_call_beside_other_uses_of_its_parameters() -> None:
    u, v, w = Value(2.0), Value(3.0), Value(5.0)
    call = ag.compile(lambda x: u * x + w * x)(10.0)
    y = u * v + call  # u and v are met before the call, w with it
    for times in (1.0, 2.0):
        y.backward()
        assert (u.grad, v.grad, w.grad) == (13.0 * times, 2.0 * times, 10.0 * times)


def test_it_can_be_unfolded() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    f = ag.compile(lambda x: ag.sigmoid(w * x))
    f(1.0)
    y = f(x) + w
    y.backward()
    picture = str(ag.draw(y))
    assert "σ" in picture and "grad 1.01" in picture
    assert ag.explain(y, wrt=w).value == pytest.approx(w.grad, rel=1e-14)
    assert ag.explain(y, wrt=w).path_count == 2
    assert w.grad == ag.grad(y, w)
    plain = ag.sigmoid(w * x) + w
    assert ag.hessian(y, [w, x]) == ag.hessian(plain, [w, x])
    rows = [1.0, 2.0, -1.0]
    mean, expected = f.mean(rows), ag.mean([ag.sigmoid(w * r) for r in rows])
    assert ag.hessian(mean, [w])[0][0] == pytest.approx(ag.hessian(expected, [w])[0][0], rel=1e-13)


def test_the_inside_of_a_call_keeps_labels_and_roles() -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    role = ag.naming.Role("a", 1, 1)
    call = ag.compile(lambda x: w * x)(x)
    call.label, call.role = "call", role
    above = call + 1.0
    above.label, above.role = "above", role
    (view,) = View(above).with_calls_expanded()
    root = view.root
    assert (root.label, root.role, root.data) == ("above", role, 7.0)
    inside = root.parents[0]
    assert (inside.label, inside.role, inside.parents, inside.has_grad) == ("call", role, (w, x), False)
    above.backward()
    view, other = View(above).with_calls_expanded(call)
    root = view.root
    assert (root.grad, other.grad, other.op, w.grad, x.grad) == (1.0, 1.0, "*", 3.0, 2.0)
    beside = w + x
    beside.label, beside.role = "beside", role  # no part of the call: it stays as it is
    (view,) = View(above * beside).with_calls_expanded()
    assert view.root.parents[1] is beside
    plain = View(w * x)
    assert plain.with_calls_expanded(x) == (plain, x)


def test_a_call_with_other_parameters_than_now_has_no_second_derivative() -> None:
    w = Value(2.0, label="w")
    out = ag.compile(lambda x: x * w * w)(3.0)
    w.data = 5.0
    assert ag.grad(out, w) == 12.0
    with pytest.raises(
        ValueError,
        match=r"was computed by a compiled call with other parameters, or other rows, than.*compute it again",
    ):
        ag.grad(out, w, create_graph=True)


def test_an_error_about_a_text_says_that_it_is_no_number() -> None:
    w = Value(2.0)
    with pytest.raises(TypeError) as caught:
        ag.compile(lambda x, y: x * w + y)("1.5", 2.0)
    assert caught.value.__notes__ == ["compile: the argument '1.5' is a choice, part of the structure; no number"]
    assert ag.compile(lambda x, how: x * w if how == "times" else x + w)(3.0, "times").data == 6.0


def test_parameters_are_read_at_each_call() -> None:
    w = Value(2.0)
    f = ag.compile(lambda x: w * x)
    assert [f(3.0).data, f(4.0).data] == [6.0, 8.0]
    w.data = 5.0
    out = f(4.0)
    out.backward()
    assert (out.data, w.grad) == (20.0, 4.0)


def test_a_value_given_several_times_is_one_parent_and_gets_the_sum() -> None:
    def function(*xs: Any) -> Any:
        a, b, c = xs
        return w * a.sin() + a * b * c

    w, x, y = Value(0.7), Value(0.3), Value(1.9)
    f = ag.compile(function)
    for given in [(x, y, x), (w, x, y), (x, w, w), (x, x, x), (x * y, x, y)]:
        found: list[list[float]] = []
        for run in (function, f, lambda *xs: 3.0 * f(*xs)):
            for v in (w, x, y):
                v.zero_grad()
            run(*given).backward()
            found.append([v.grad for v in (w, x, y)])
        assert found[1] == pytest.approx(found[0], rel=1e-14)
        assert found[2] == pytest.approx([3.0 * g for g in found[1]], rel=1e-14)
        call = f(*given)
        assert set(call.parents) == {w, *given} and len(call.parents) == len(set(call.parents))


def test_nested_arguments_and_new_shapes() -> None:
    w = [Value(1.0), Value(2.0)]

    @ag.compile
    def f(xs: Any, scale: Any = 1.0, kind: str = "sum") -> Any:
        total = ag.dot(w[: len(xs)], xs)
        return (total if kind == "sum" else ag.tanh(total)) * scale

    assert f([3.0, 4.0]).data == 11.0 and f((3.0, 4)).data == 11.0 and f([3.0]).data == 3.0
    assert f([3.0, 4.0], 2.0).data == 22.0 and f([0.1, 0.1], kind="tanh").data == math.tanh(0.1 + 2 * 0.1)
    assert len(f._specializations) == 5
    with pytest.warns(UserWarning, match="f was called with more than 32 shapes of arguments.*by position") as found:
        for i in range(80):
            f([1.0, 2.0], kind="sum" if i % 2 else f"no {i}")
    assert len(f._specializations) == 32 and len(found) == 1
    with pytest.raises(TypeError, match="dict"):
        f({})


def test_the_shape_used_last_is_the_one_that_is_kept_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[int] = []

    def noted(function: Any, leaves: Any, key: Any, for_comparison: bool = False) -> Any:
        if not for_comparison:
            recorded.append(len(leaves))
        return trace_function(function, leaves, key, for_comparison)

    monkeypatch.setattr("autograd_lite.replay.specialization.trace_function", noted)
    f = ag.compile(lambda xs: ag.sum(xs))
    with pytest.warns(UserWarning, match="more than 32 shapes"):
        for count in range(2, 60):
            f([1.0] * count)
            f([1.0])
    assert recorded.count(1) == 1 and len(f._specializations) == 32
    assert "def run(x1):" in f.source()


@pytest.mark.parametrize("shape", [2.0, [1.0, 2.0], [[1.0], (2.0, 3)], ([], 1.0), ["tanh", 2.0, None, True]])
def test_structure_goes_to_pieces_and_back(shape: Any) -> None:
    leaves, key = arguments.flatten((shape,), {"a": 1, "b": "x"})
    assert arguments.rebuild(key, leaves) == ([shape], {"a": 1, "b": "x"})
    assert arguments.flatten((shape,), {"a": 1, "b": "x"})[1] == key != arguments.flatten((shape,), {})[1]


def test_arrays_are_arguments_too() -> None:
    np = pytest.importorskip("numpy")
    w = [Value(1.0), Value(2.0)]
    f = ag.compile(lambda x: ag.dot(w, x))
    assert f(np.array([3.0, 4.0])).data == 11.0
    g = ag.compile(lambda x: (x * x).sum() * w[0])
    assert g(np.arange(6).reshape(2, 3)).data == 55.0
    X = np.arange(6.0).reshape(3, 2)
    assert f.mean(X).data == f.mean(X.tolist()).data == 8.0
    assert f.map(X.astype(np.float32)) == [2.0, 8.0, 14.0]
    h = ag.compile(lambda x: x.relu() * w[0])  # a number of NumPy's is a number, no array
    assert h(np.float64(3.0)).data == h(np.int64(3)).data == 3.0 and len(h._specializations) == 1


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "g", "i1", "u2", "i8"])
@pytest.mark.parametrize("shapes", [[(3,)], [(3, 2), (3,)], [(3, 2, 4), (3, 0)]])
def test_rows_of_arrays_have_the_key_of_the_first_row(dtype: str, shapes: list[tuple[int, ...]]) -> None:
    np = pytest.importorskip("numpy")
    columns = [np.ones(shape, dtype) for shape in shapes]
    ((key, rows, places),) = tables_of(columns, {}, "f")
    leaves, first = arguments.flatten([column[0] for column in columns], {})
    assert key == first and (rows.tolist(), places) == ([leaves] * 3, range(3))
    for more in [1.0, 2.0, 3.0], ["x"] * 3:
        ((key, _, _),) = tables_of([*columns, more], {}, "f")
        assert key == arguments.flatten([*(column[0] for column in columns), more[0]], {})[1]


# ------------------------------------------------------------------------------------------------------- guards


def branchy(x: Any, y: Any) -> Any:
    if x * y > 0.5:
        return x * x
    elif max(x, y) is y:
        return y - x
    while x < 4.0:
        x = x * 2.0 + 1.0
    return x * y


def test_every_way_is_recorded_and_none_mistaken() -> None:
    rng = random.Random(0)
    w = Value(0.5)
    f = ag.compile(lambda x, y: branchy(x * w, y))
    for _ in range(300):
        args = [rng.uniform(-3, 3), rng.uniform(-3, 3)]
        assert replayed(f, args, [w]) == eager(f.function, args, [w])
    assert 3 < f.branches < 20
    X, Y = ([rng.uniform(-3, 3) for _ in range(100)] for _ in range(2))
    mean, plain = f.mean(X, Y), ag.mean([f.function(Value(x), Value(y)) for x, y in zip(X, Y, strict=True)])
    assert mean.data == pytest.approx(plain.data, rel=1e-13)
    assert ag.grad(mean, w) == pytest.approx(ag.grad(plain, w), rel=1e-13)
    assert bits(f.map(X, Y)) == bits(f.function(Value(x), Value(y)).data for x, y in zip(X, Y, strict=True))


def test_a_nan_takes_its_own_way() -> None:
    f = ag.compile(lambda x: x if x > 0.0 else -x)
    assert [f(1.0).data, f(-2.0).data] == [1.0, 2.0]
    assert math.isnan(f(math.nan).data) and f.branches == 2


def test_an_argument_is_the_key_that_its_number_is() -> None:
    a, b = Value(10.0), Value(20.0)
    table = {1.0: a, 2.0: b}
    chosen = ag.compile(lambda x: (a if x in {1, 2} else b) * x)
    looked_up = ag.compile(lambda x: table.get(x, a + b) * x)
    for x in (3.0, 1.0, 2.0, 5.0, 1.0, math.nan, 3.0, 1.0):
        for f in (chosen, looked_up):
            assert bits([f(x).data]) == bits([f.function(Number(x)).data])
    X = [3.0, 1.0, 2.0, 3.0, 1.0]
    assert looked_up.map(X) == [90.0, 10.0, 40.0, 90.0, 10.0]
    assert looked_up.mean(X).data == 48.0


W, B = Value(1.5), Value(0.25)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: W * x if x == y else B * x,
        lambda x, y: W * x if x != x else B * y,
        lambda x, y: W * x if x + 1 == y * 2 else B * x,
        lambda x, y: W * x if x in [y, 7.0] else B * x,
        lambda x, y: W * x if [x, y] == [y, x] else B * x,
        lambda x, y: W * x if x in (W, 3.0) else B * x,
        lambda x, y: W * x if W == x else B * x,  # noqa: SIM300 (the other way round stands below)
        lambda x, y: W * x if x * 1.0 == W else B * x,
        lambda x, y: W * x if W * x == W * y else B * y,  # two Values, which are two objects
        lambda x, y: W * x if x == (y,) or x == "a" else B * y,
        lambda x, y: ag.exp(x) * W if ag.exp(x) == ag.exp(y) else B * y,
        lambda x, y: W * [x, y, x].count(x),
        lambda x, y: W * len({x, y}),
        lambda x, y: W * len({x + 1, y + 1}),
        lambda x, y: W * {3.0: 5.0}.get(x + 1, 1.0),
        lambda x, y: W * sorted([x, y]).index(x),
    ],
)
def test_numbers_are_equal_inside_where_they_are_outside(function: Callable[..., Any]) -> None:
    points = [(2.0, 2.0), (2.0, 4.0), (1.5, 2.0), (1.5, 1.5), (3.0, 2.0), (1.0, 1.0), (2.0, 3.0)]
    f, expected = ag.compile(function), [function(*point).data for point in points]
    assert [f(*point).data for point in points * 2] == expected * 2
    assert f.map(*zip(*points, strict=True)) == expected
    mean = ag.compile(function).mean(*map(list, zip(*points, strict=True)))
    assert mean.data == pytest.approx(sum(expected) / len(points), rel=1e-14)
    assert bits([f(math.nan, 1.0).data]) == bits([function(math.nan, 1.0).data])
    f.gave_up = True  # as after too many branches: it runs as it is, with the same numbers inside
    assert [f(*point).data for point in points] == expected


def test_an_argument_is_an_index_and_a_count() -> None:
    w = Value(1.5)

    def power(x: Any, n: Any) -> Any:
        for _ in range(n - 1):
            x = x * w
        return x

    f, g = ag.compile(power), ag.compile(lambda xs, i: xs[i] * w)
    for n in (3, 1, 5, 3):
        assert f(2.0, n).data == 2.0 * 1.5 ** (n - 1)
        assert g([1.0, 2.0, 4.0], n % 3).data == 1.5 * [1.0, 2.0, 4.0][n % 3]
    assert f.branches == 3
    assert g.map([[1.0, 2.0], [3.0, 4.0]], [1, 0]) == [3.0, 4.5]
    for n in (1.5, math.nan, math.inf):
        with pytest.raises(TypeError, match=r"expected a whole number as an index or a count, got Value\("):
            f(2.0, n)


@pytest.mark.parametrize("whole", [int, math.floor, math.ceil, math.trunc, round])
def test_an_argument_is_rounded(whole: Callable[[Any], int]) -> None:
    numbers = [-2.5, -1.5, -1.2, -0.5, -0.2, -0.0, 0.2, 0.49999999999999994, 0.5, 1.5, 2.5, 2.7, 3.0, -3.0, 1e15]
    w = Value(2.0)
    f, expected = ag.compile(lambda x: w * whole(x * 1.0)), [2.0 * whole(x) for x in numbers]
    assert [f(x).data for x in numbers * 2] == expected * 2 and f.map(numbers) == expected
    f.gave_up = True
    assert [f(x).data for x in numbers] == expected


def test_rounding_in_too_many_ways_has_another_spelling() -> None:
    w, numbers = Value(2.0), [i + 0.5 for i in range(100)]
    with pytest.warns(UserWarning, match=r"64 different ways .* x // 1 instead of int\(x\)"):
        assert [*map(number_of, map(ag.compile(lambda x: w * int(x)), numbers))] == [2.0 * i for i in range(100)]
    f = ag.compile(lambda x: w * (x // 1))
    assert f.map(numbers) == [2.0 * i for i in range(100)] and f.branches == 1


def test_numpy_rounds_an_argument() -> None:
    np, w = pytest.importorskip("numpy"), Value(2.0)
    for whole in (np.floor, np.ceil, np.trunc, np.round):
        f = ag.compile(lambda xs, whole=whole: w * whole(xs).sum())
        assert [f([x, 0.7]).data for x in (1.2, 1.7, 1.2)] == [2.0 * whole([x, 0.7]).sum() for x in (1.2, 1.7, 1.2)]


def test_what_floats_have_is_there_when_compiled() -> None:
    f = ag.compile(lambda x, y: [*divmod(x, y), x.real if x.is_integer() else x.imag])
    assert f.map([7.5, 7.0, -7.0], [2.0, 2.0, 2.0]) == [[3.0, 1.5, 0.0], [3.0, 1.0, 7.0], [-4.0, 1.0, -7.0]]


@pytest.mark.parametrize(
    "use", [float, math.isnan, lambda x: round(x, 2), lambda x: x.as_integer_ratio()[0], lambda x: len(x.hex())]
)
def test_an_argument_that_has_to_be_a_float_is_given_by_name_or_to_the_function(use: Callable[[Any], Any]) -> None:
    w = Value(2.0)

    def scaled(x: Any) -> Any:
        return w * use(x)

    f = ag.compile(scaled)
    with pytest.raises((TypeError, AttributeError)) as caught:
        f(2.75)
    told = "".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "by name, as in f(x=1.0), or call f.function(…)" in told
    assert f(x=2.75).data == f.function(2.75).data == 2.0 * use(2.75)


def test_a_value_is_rounded_as_the_refusal_says() -> None:
    for whole, typed in (
        (int, lambda v: v // 1), (math.floor, lambda v: v // 1), (math.ceil, lambda v: -(-v // 1)),
        (math.trunc, lambda v: ag.sign(v) * (abs(v) // 1)), (round, lambda v: (v + 0.5) // 1),
    ):  # fmt: skip
        with pytest.raises(TypeError, match=r"was called inside the function, at .*test_replay.py.* // 1"):
            ag.compile(lambda v, whole=whole: v * whole(v))(Value(2.75))
        f = ag.compile(lambda v, typed=typed: v * typed(v))
        assert [f(Value(x)).data for x in (2.75, 3.25)] == [x * whole(x) for x in (2.75, 3.25)]


def test_a_refusal_in_a_library_names_the_users_line() -> None:
    import statistics

    f = ag.compile(lambda xs: statistics.mean(xs))
    with pytest.raises(TypeError, match=r"inside the function, at .*test_replay.py:.*ag.mean\(vs\) instead"):
        f([1.0, 2.0])
    assert f.function([1.0, 2.0]) == ag.compile(ag.mean)([1.0, 2.0]).data


def test_an_array_of_no_dimensions_is_no_value() -> None:
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match=r"the function returned array\(.*\[\(\)\] takes the one in this array"):
        ag.compile(lambda x: np.where(x > 0, x, 0 * x))(3.0)
    assert ag.compile(lambda x: np.where(x > 0, x, 0 * x)[()])(3.0).data == 3.0


def test_a_net_that_compares_its_inputs_is_trained_as_it_is_written() -> None:
    class Same(nn.Module):
        def __init__(self) -> None:
            self.same, self.other = Value(0.0), Value(0.0)

        def __call__(self, x: Any) -> Any:
            return self.same if x[0] == x[1] else self.other

    model = Same()
    X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    nn.fit(model, X, [0.0, 1.0, 1.0, 0.0], loss="mse", optimizer="sgd", lr=0.5, epochs=20, progress=False)
    assert model.predict(X) == pytest.approx([0.0, 1.0, 1.0, 0.0], abs=1e-5)


class Number(Value):
    """A Value that is the key of a dict that its number is."""

    def __hash__(self) -> int:
        return hash(self.data)


def test_a_net_that_looks_its_inputs_up_is_trained_as_it_predicts() -> None:
    class Embedding(nn.Module):
        def __init__(self) -> None:
            self.entries, self.unknown = {1.0: Value(0.0), 2.0: Value(0.0)}, Value(0.0)

        def __call__(self, row: Any) -> Any:
            return self.entries.get(row[0], self.unknown) * 1.0

    model, X = Embedding(), [[1.0], [2.0], [3.0]]
    nn.fit(model, X, [1.0, 2.0, 20.0], loss="mse", lr=0.5, epochs=300, progress=False)
    assert model.predict(X) == pytest.approx([1.0, 2.0, 20.0], abs=0.1)


def test_comparisons_that_are_rows_are_no_guard() -> None:
    f = ag.compile(lambda x, y: ag.maximum(x, y) + ag.minimum(x, 1.0) + ag.relu(x) + abs(y))
    for x in (-1.0, 2.0, 5.0):
        assert f(x, 1.0).data == f.function(x, Value(1.0)).data
    assert f.branches == 1


def test_labels_are_no_branch() -> None:
    weights = [[Value(0.1 * i + 0.3 * j) for i in range(2)] for j in range(3)]

    def loss(x: Any, label: Any) -> Any:
        return nn.cross_entropy([ag.dot(w, x) for w in weights], label)

    f = ag.compile(loss)
    X, labels = [[1.0, 2.0], [-1.0, 0.5], [0.3, 0.3]], [0, 2, 1]
    mean = f.mean(X, labels)
    plain = nn.cross_entropy([[ag.dot(w, x) for w in weights] for x in X], labels)
    assert mean.data == pytest.approx(plain.data, rel=1e-14) and f.branches == 1
    flat = [w for row in weights for w in row]
    assert ag.grad(mean, flat) == pytest.approx(ag.grad(plain, flat), rel=1e-13)


def test_too_many_ways_end_in_the_plain_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_function, "MOST_BRANCHES", 12)
    f = ag.compile(lambda x: x if x == 0.0 else sum([x * 0.5 for i in range(20) if x > float(i)]) + x)
    with pytest.warns(UserWarning, match="12 different ways"):
        for i in range(16):
            assert f(float(i)).data == f.function(Value(float(i))).data
    assert f.branches == 12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f.mean([1.0, 2.0]).data == (1.5 + 4.0) / 2
        assert f.map([1.0, 2.0]) == [1.5, 4.0]
    g = ag.compile(f.function)
    rows = [float(i) for i in range(16)]
    with pytest.warns(UserWarning, match="12 different ways"):
        assert g.map(rows) == [f.function(Value(x)).data for x in rows]


def test_a_graph_too_large_for_generated_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_lite.replay.runners.TOO_LARGE", 1)
    f = ag.compile(lambda x: x * 2.0 + 1.0)
    with pytest.warns(UserWarning, match=r"2 operations are many for generated Python.*pip install"):
        assert f(1.0).data == 3.0


def test_a_replay_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_lite.replay.python_runner.PythonRunner.one", lambda *_: ((7.0,), []))
    f = ag.compile(lambda x: x * 2.0)
    f(1.0)
    with pytest.raises(RuntimeError, match=r"for \[2\.0\] a replay of <lambda> gives .*7\.0.*itself.*4\.0.*report it"):
        f(2.0)


# --------------------------------------------------------------------------------- never a wrong answer in silence


def test_reading_data_inside_is_refused() -> None:
    w = Value(2.0, label="w")
    for wrong in (lambda x: (w * x) * (w * x).data, lambda x: x * x.data, lambda x: x.detach().data * w):
        with pytest.raises(TypeError, match=r"\.data of .* was read inside the function, at .*test_replay.py"):
            ag.compile(wrong)(3.0)
    with pytest.raises(TypeError, match=r"\.data of .* was read inside the function"):
        ag.compile(lambda x, y: x * y.data)(3.0, 4.0)
    f = ag.compile(lambda x: x * w * (x * w).detach())
    f(1.0)
    assert ag.grad(f(3.0), w) == 18.0


def test_a_closed_over_value_that_is_detached_stays_a_parameter():
    w, v = Value(1.5, label="w"), Value(2.0, label="v")
    w.grad, v.grad = 5.0, 7.0

    def plain(x):
        return w * x * v.detach() + w.detach() * x

    f = ag.compile(plain)
    for x in (1.0, 2.0, 3.0, 4.0):
        out, expected = f(x), plain(x)
        assert out.data == expected.data
        assert out.parents == (w,)
        assert ag.grad(out, w) == ag.grad(expected, w)
        assert (w.grad, v.grad) == (5.0, 7.0)
        w.data += 1.0
        v.data -= 0.5


def test_a_parameter_read_as_a_number_is_watched() -> None:
    w, scale = Value(2.0), Value(10.0)
    f = ag.compile(lambda x: w * x * scale.data)
    assert f(1.0).data == 20.0 and f(2.0).data == 40.0
    scale.data = 100.0
    assert f(1.0).data == 200.0 and f.mean([1.0, 2.0]).data == 300.0


def test_what_is_not_recorded_is_a_constant_for_the_gradient_only() -> None:
    w = Value(2.0)

    @ag.compile
    def f(x: Any) -> Any:
        with ag.no_grad():
            fixed = x * w
        return fixed * w

    f(1.0)
    out = f(5.0)
    assert out.data == 20.0 and ag.grad(out, w) == 10.0


def test_randomness_is_found() -> None:
    w = Value(2.0)
    f = ag.compile(lambda x: w * x * random.random())
    with pytest.raises(RuntimeError, match=r"draws random numbers from random, which .* pass them as arguments$"):
        f(1.0)
    numbers = iter([4.0, 5.0])
    without_parameters = ag.compile(lambda x: x * x - next(numbers))
    without_parameters(1.0)
    with pytest.raises(RuntimeError, match=r"operation 2, sub, had the number 4\.0, and has 5\.0 now; .*an argument"):
        without_parameters(2.0)


def test_another_operation_or_another_number_of_them_is_found() -> None:
    functions = iter([ag.tanh, ag.exp])
    f = ag.compile(lambda x: next(functions)(x) + 1.0)
    f(1.0)
    with pytest.raises(RuntimeError, match=r"operation 1 was tanh, and is exp now; .*pass it as an argument"):
        f(2.0)
    lengths = iter([1, 2])
    g = ag.compile(lambda x: x * x if next(lengths) == 1 else x * x * x)
    g(1.0)
    with pytest.raises(RuntimeError, match=r"its graph has 1 operations, and 2 now, or other edges"):
        g(2.0)


def test_a_product_that_is_returned_is_no_part_of_a_joined_sum() -> None:
    def f(x: float, y: float) -> list[Value]:
        product = W * x
        return [product + V * y, product]

    assert ag.compile(f).map([1.0, 4.0], [3.0, 5.0]) == [[11.0, 2.0], [23.0, 8.0]]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: (W + W * x + V * y) * W,
        lambda x, y: (W * x + W + V * y) * W,
        lambda x, y: (x * W + W * x + V * y) * W,
        lambda x, y: (V + W * x + U * (V * y).tanh()) * V,  # V is used between the two sums
        lambda x, y: (W * x + V + U * (V * y).tanh()) * V,
    ],
)
def test_a_sum_is_not_joined_at_the_cost_of_a_bit(f: Callable[[Any, Any], Value]) -> None:
    rng = random.Random(1)
    compiled = ag.compile(f)
    for _ in range(300):
        x, y = rng.gauss(0, 1), rng.gauss(0, 1)
        assert ag.grad(compiled(x, y), [U, V, W]) == ag.grad(f(x, y), [U, V, W])


def test_every_sum_of_a_program_is_joined() -> None:
    tape = trace_function(lambda x, y: (x + y).exp() * (0.5 + W * x + V * y), [1.0, 2.0], 2).tape
    assert [row.name for row in tape.rows] == ["add", "exp", "dot", "mul"]


def test_what_stands_behind_a_joined_sum_keeps_its_name() -> None:
    def f(x: float, y: float) -> Value:
        z = 0.5 + W * x + V * y
        z.label = "z"
        out = z.tanh()
        out.label = "out"
        return out

    tape = trace_function(f, [1.0, 2.0], 2).tape
    assert [row.name for row in tape.rows] == ["dot", "tanh"]
    assert tape.labels == {tape.first_node: "z", tape.first_node + 1: "out"}


W, V, U = Value(2.0), Value(3.0), Value(-0.7)


def _margin(x: Any, number: float) -> Value:
    out: Value = W * x * 7.0 - number
    out.label = "margin"
    return out


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (lambda x: W * x, lambda x: W * x + V, "it read other Values than before"),
        (lambda x: W * x + V, lambda x: W * x, "it read other Values than before"),
        (lambda x: ag.sum([W, x]), lambda x: ag.sum([W, x, x]), "1 operations, and 1 now, or other edges"),
        (lambda x: ag.sum([W, x]) * ag.sum([V]), lambda x: ag.sum([W]) * ag.sum([x, V]), "3 operations, and 3 now"),
        (lambda x: W * x * 3.0, lambda x: W * x * W, "2 operations, and 2 now, or other edges"),
        (lambda x: W * x * W, lambda x: W * x * 3.0, "2 operations, and 2 now, or other edges"),
        (lambda x: _margin(x, 4.0), lambda x: _margin(x, 5.0), r"3, sub \('margin'\), had the number 4.0"),
    ],
)
def test_what_is_otherwise_a_second_time_is_named(first: Any, second: Any, message: str) -> None:
    ways = iter([first, second])
    f = ag.compile(lambda x: next(ways)(x))
    f(1.0)
    with pytest.raises(RuntimeError, match=f"ran otherwise a second time: .*{message}"):
        f(2.0)


def test_one_nan_is_as_good_as_another_a_second_time() -> None:
    numbers = iter([math.nan, -math.nan])
    f = ag.compile(lambda x: W * x * next(numbers))
    assert math.isnan(f(1.0).data) and math.isnan(f(2.0).data)
    assert next(numbers, None) is None


def test_numbers_are_the_same_bit_for_bit_and_nan_is_nan() -> None:
    assert same_numbers([0.5, math.inf], [0.5, math.inf]) and same_numbers([0.5, math.nan], [0.5, -math.nan])
    assert not same_numbers([0.5, 0.0], [0.5, -0.0]) and not same_numbers([0.5, 1.0], [0.5, math.nextafter(1.0, 2.0)])


def test_a_name_that_had_no_value_yet_is_watched_too() -> None:
    f = ag.compile(lambda x: later * x)
    later = 2.0
    assert f(3.0).data == 6.0
    later = 3.0
    assert f(3.0).data == 9.0
    around: dict[str, Any] = {}
    g = ag.compile(eval("lambda x: later * x", around))
    for number in (2.0, 3.0):
        around["later"] = number
        assert g(3.0).data == 3.0 * number


def test_a_name_bound_anew_ends_the_tapes() -> None:
    rate, w = 2.0, Value(1.0)

    def f(x: Any) -> Any:
        return w * x * rate

    compiled = ag.compile(f)
    assert [compiled(1.0).data, compiled(2.0).data] == [2.0, 4.0]
    rate = 10.0
    assert compiled(2.0).data == 20.0
    w = Value(5.0)
    assert compiled(2.0).data == 100.0


def test_other_values_than_before_are_found() -> None:
    values = iter([Value(2.0), Value(3.0)])
    f = ag.compile(lambda x: next(values) * x)
    f(1.0)
    with pytest.raises(RuntimeError, match=r"read other Values than before.*write p\.data"):
        f(2.0)


def test_recorded_by_hand_is_refused() -> None:
    f = ag.compile(lambda x: Value(x._data + 1.0, (x,), "shift", partials=(1.0,)))
    with pytest.raises(TypeError, match=r"recorded by hand.*define_op"):
        f(1.0)
    g = ag.compile(lambda x: Value((x + x)._data, (x, x), "+") + (x + x))
    with pytest.raises(TypeError, match=r"recorded by hand.*define_op"):
        g(1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: ag.compile(3), "expected a function, got int 3"),
        (lambda f: f.mean(), r"takes the columns of a data set by position, as in f.mean\(X, Y\); got none"),
        (lambda f: f.mean([]), r"at least one row"),
        (lambda f: f.mean([1.0], [1.0, 2.0]), r"not \[1, 2\]"),
        (lambda f: f.mean(3.0), "columns of a data set.*not float"),
        (lambda f: f.mean({1.0, 2.0}), r"mean: expected a list, got set \{1.0, 2.0\}: a set has no order"),
        (lambda f: f.source(), "has not been called yet"),
        (lambda f: ag.compile(lambda x: [x, x])(1.0), "returns 2 numbers.*use map"),
        (lambda f: ag.compile(lambda x: [x, x]).mean([1.0]), "returns 2 numbers.*use map"),
        (lambda f: ag.compile(lambda x: None)(1.0), "returned None; expected a Value"),
        (lambda f: f([{}]), "is a dict; expected numbers, Values"),
        (lambda f: ag.compile(lambda x: {"a": x})(1.0), "returned {'a': .*}; expected a Value"),
        (lambda f: ag.compile(lambda x: [])(1.0), r"returned \[\]; expected a Value"),
    ],
)
def test_misuse_is_told(call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call(ag.compile(lambda x: x))


class Unhashable:
    __hash__ = None

    def __repr__(self) -> str:
        return "thing"


@pytest.mark.parametrize("how", ["mean", "sum", "map"])
@pytest.mark.parametrize("anomaly", [False, True])
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([1.0, None], [1.0, 2.0]), "row 2: column 1 holds None, which is no number: .*NoneType.*fill it in, or leave"),
        (([1.0, 2.0, 3.0], [1.0, 2.0, None]), "row 3: column 2 holds None, which is no number"),
        (([1.0, "2.5"], [1.0, 2.0]), r"row 2: column 1 holds '2.5', which is no number: .*pass float\(…\) of a text"),
        (([Unhashable()], [1.0]), "row 1: column 1 holds thing, which is no number"),
        (([1.0, {}], [1.0, 2.0]), "row 2: column 1 holds {}, which is no number"),
        (([[1.0, 2.0], [1.0, [None]]], [1.0, 2.0]), "row 2: column 1, number 2, number 1 holds None"),
        (([1.0, object], [1.0, 2.0]), "row 2: column 1 holds <class 'object'>, which is no number"),
    ],
)
def test_what_is_no_number_in_a_row_is_named(how: str, anomaly: bool, columns: Any, message: str) -> None:
    @ag.compile
    def error(x: Any, y: Any) -> Any:
        return (W * (x if x.__class__ is not list else x[0] + x[1]) - y) ** 2

    with ag.anomaly() if anomaly else nullcontext(), pytest.raises(TypeError, match=f"^compile: error, {message}"):
        getattr(error, how)(*columns)


def test_what_is_no_number_in_an_array_is_named() -> None:
    np = pytest.importorskip("numpy")
    f = ag.compile(lambda x, y: W * x - y)
    with pytest.raises(TypeError, match=r"^compile: <lambda>, row 2: column 1 holds None, which"):
        f.mean(np.array([1.0, None]), np.array([1.0, 2.0]))


def test_a_text_in_a_row_may_be_a_choice() -> None:
    f = ag.compile(lambda name, x: {"w": W, "b": B}[name] * x)
    assert f.map(["w", "b", "w"], [1.0, 2.0, 3.0]) == [W.data, 2.0 * B.data, 3.0 * W.data]
    with pytest.raises(KeyError):
        f.map(["w", "c"], [1.0, 2.0])
    with pytest.raises(TypeError, match=r"^unsupported operand"):  # of rows of numbers, the error is the function's own
        ag.compile(lambda x: x * None).mean([1.0, 2.0])


def test_large_ints_are_rounded_as_those_of_a_value_are_and_are_no_index() -> None:
    f = ag.compile(lambda x: W * x)
    assert f(2**53 + 1).data == (W * (2**53 + 1)).data == f.map([2**53 + 1])[0]
    for use in (lambda x: range(2**60)[x], lambda x: W * {2**53: 1.0}.get(x, 2.0)):
        with pytest.raises(
            TypeError, match=r"expected a whole number below 2\^53 as an index.*got Value\(9007199254740992"
        ):
            ag.compile(lambda x, use=use: W * use(x))(2**53 + 1)
    assert ag.compile(lambda x: W * range(2**60)[x])(2**53 - 1).data == W.data * (2**53 - 1)
    with pytest.raises(OverflowError, match=r"^compile: <lambda>, row 2: int too large for a float: beyond 1.8e308"):
        f.mean([1, 10**400])


def test_a_named_tuple_is_one_inside_and_its_numbers_are_arguments() -> None:
    class Point(NamedTuple):
        a: Any
        b: Any

    f = ag.compile(lambda p: Point(W * p.a, p.b + len(p)))
    assert f.map([Point(1.0, 2), Point(3.0, 4.0)]) == [Point(W.data, 4.0), Point(3.0 * W.data, 6.0)]
    assert type(f.map([Point(1.0, 2.0)])[0]) is Point and f.branches == 1
    x = Value(2.0)
    g = ag.compile(lambda p: p.a * p.a * p.b)
    assert ag.grad(g(Point(x, 3.0)), x) == 12.0


def test_what_rows_can_not_be() -> None:
    f = ag.compile(lambda x: ag.sum(x) if x.__class__ is list else x)
    assert repr(f) == "compile(<lambda>)"
    rows = f.rows([[1.0, 2.0], [3.0, 4.0]])
    numbers: list[float] = []
    assert rows.run(numbers, range(2), False).total == 10.0 == f.sum([[1.0, 2.0], [3.0, 4.0]]).data
    assert rows.of([[1.0, 1.0]]).run(numbers, range(1), False).total == 2.0
    assert rows.run(numbers, [1], False).total == 7.0
    with pytest.raises(TypeError, match=r"expected rows of the shape .* got"):
        rows.of([1.0])
    for columns in ([[1.0, 2.0], 3.0], [Value(1.0)]):
        with pytest.raises(TypeError, match="differ in shape, or hold Values"):
            f.rows(columns)
    with pytest.raises(TypeError, match=r"branchy decides by >, at .*test_replay.py:\d+: .*may go another way"):
        ag.compile(branchy).rows([1.0, 2.0], [1.0, 2.0])
    with ag.anomaly(), pytest.raises(TypeError, match=r"inside anomaly\(\)"):
        f.rows([1.0])


@pytest.mark.parametrize("as_row", [list, tuple])
def test_rows_take_other_numbers_into_their_last_column(as_row: Any) -> None:
    f = ag.compile(lambda x, seeds: ag.dot(seeds, [W * x[0], B * x[1]]))
    X, before = [as_row([1.0 * i, 2.0]) for i in range(5)], [[0.0, 0.0]] * 5
    rows = f.rows(X, before)
    for some in (range(5), [3, 1]):
        seeds = [[i + 1.0, 0.5] for i in some]
        found = rows.with_last(seeds, some).run([W.data, B.data], range(len(some)), True)
        assert found.total == f.sum([X[i] for i in some], seeds).data
    assert rows.run([W.data, B.data], range(5), False).total == 0.0


def test_lists_come_back_from_map() -> None:
    w = Value(2.0)
    f = ag.compile(lambda x: [x * w, (x, [x + w])])
    assert f.map([1.0, 3.0]) == [[2.0, (1.0, [3.0])], [6.0, (3.0, [5.0])]]


# ------------------------------------------------------------------------------------------- modes, and one another


def test_a_method_is_compiled_for_each_object() -> None:
    class Line(nn.Module):
        def __init__(self, slope: float) -> None:
            self.w, self.scale = Value(slope), 1.0

        @ag.compile
        def loss(self, x: Any, y: Any) -> Any:
            return (self.w * x - y) ** 2 * self.scale

        twice = ag.compile(lambda self, x: self.w * x * 2.0)

    a, b = Line(2.0), Line(3.0)
    for _ in range(5):
        assert (a.loss(3.0, 1.0).data, b.loss(3.0, 1.0).data, a.twice(1.0).data) == (25.0, 64.0, 4.0)
    assert a.loss.mean([1.0, 2.0], [0.0, 0.0]).data == 10.0
    assert a.loss is a.loss is not b.loss and a.loss.branches == a.twice.branches == 1
    assert isinstance(Line.loss, Compiled) and [name for name, _ in a.named_parameters()] == ["w"]
    a.scale = 10.0
    assert a.loss(3.0, 1.0).data == 250.0
    other = copy.deepcopy(a)
    other.w.data = 0.0
    assert (other.loss(3.0, 1.0).data, a.loss(3.0, 1.0).data) == (10.0, 250.0)


def test_a_method_that_a_class_was_given_later_overwrites_nothing() -> None:
    class Line:
        def __init__(self) -> None:
            self.step = 2.0

    def step(self: Any, x: Any) -> Any:
        return x * self.step

    Line.loss = ag.compile(step)  # type: ignore[attr-defined]
    line: Any = Line()
    assert [line.loss(3.0).data for _ in range(3)] == [6.0] * 3 and line.step == 2.0


def test_a_compiled_function_inside_another() -> None:
    w = Value(0.5)
    inner = ag.compile(lambda x: ag.tanh(w * x))
    outer = ag.compile(lambda x: inner(x) * inner(x * 2.0))
    for x in (1.0, 2.0, -3.0):
        assert replayed(outer, [x], [w]) == eager(lambda x: ag.tanh(w * x) * ag.tanh(w * (x * 2.0)), [x], [w])


def test_the_inside_of_nested_calls_is_differentiated_again_and_drawn() -> None:
    w, x = Value(1.5, label="w"), Value(2.0, label="x")
    cube = ag.compile(lambda x: (w * x) ** 3)
    outer = ag.compile(lambda x: cube(x) * w)
    twice = ag.compile(lambda x: outer(x) + x)

    def plain(x: Any) -> Value:
        return (w * x) ** 3 * w + x

    for _ in range(2):
        y, expected = twice(x), plain(x)
        assert ag.hessian(y, [w, x]) == ag.hessian(expected, [w, x])
        firsts = ag.grad(y, [w, x], create_graph=True)
        assert [g.data for g in firsts] == ag.grad(expected, [w, x])
    mean, expected = twice.mean([1.0, 2.0]), (plain(1.0) + plain(2.0)) / 2.0
    assert ag.hessian(mean, [w]) == ag.hessian(expected, [w])
    y.backward()
    assert str(ag.draw(y)).count("<title>") == str(ag.draw(plain(x))).count("<title>") and "grad" in str(ag.draw(y))


@pytest.mark.parametrize("before", [0, 3])
def test_fit_replays_a_module_with_compiled_methods(before: int, capsys: pytest.CaptureFixture[str]) -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.net = nn.MLP(1, [3, 1], seed=0)

        @ag.compile
        def __call__(self, row: Any) -> Any:
            return self.net(row).tanh()

    class Inner(nn.Module):
        def __init__(self) -> None:
            self.net = nn.MLP(1, [3, 1], seed=0)

        @ag.compile
        def output(self, row: Any) -> Any:
            return self.net(row).tanh()

        def __call__(self, row: Any) -> Any:
            return self.output(row)

    for model in (Net(), Inner()):
        assert len({model([0.5]).data for _ in range(before)}) < 2
        nn.fit(model, [[0.1], [0.7]], [0.2, 0.4], loss="mse", epochs=2)
        assert "is recorded once, and replayed" in capsys.readouterr().out
    model = Net()
    assert [model([0.5]).data for _ in range(3)] and type(model).__call__.__get__(model).branches == 1


def test_rows_of_one_number_are_told_and_arrays_of_no_dimension_are_numbers() -> None:
    w = Value(2.0)
    f = ag.compile(lambda x, y: (w * x - y) ** 2)
    for call in (f.mean, f.map):
        with pytest.raises(TypeError, match="multiply sequence") as caught:
            call([[1.0], [2.0]], [1.0, 2.0])
        assert "argument 1 is a list, as a row of numbers is, of one number too" in caught.value.__notes__[0]
    with pytest.raises(TypeError, match="'list'") as caught:
        f.mean([1.0, 2.0], [[1.0], [2.0]])
    assert "argument 2 is a list" in caught.value.__notes__[0]
    np = pytest.importorskip("numpy")
    for one in (np.array(3.0), np.array(3)):
        assert f(one, np.array(1.0)).data == f(3.0, 1.0).data == 25.0


def test_no_grad_and_anomaly() -> None:
    w = Value(2.0)
    f = ag.compile(lambda x: ag.log(w * x))
    f(1.0)
    with ag.no_grad():
        assert f(2.0).parents == () and f.mean([1.0, 2.0]).parents == ()
        assert f(2.0).data == f.function(2.0).data
    with ag.anomaly(), pytest.raises(FloatingPointError, match="log"):
        f(-1.0)


def test_values_in_rows_run_one_by_one() -> None:
    w, x = Value(2.0), Value(3.0)
    f = ag.compile(lambda x: w * x)
    mean = f.mean([x, 1.0])
    mean.backward()
    assert (mean.data, w.grad, x.grad) == (4.0, 2.0, 1.0)


def test_unused_parameters_and_constants() -> None:
    w, unused = Value(2.0), Value(7.0)
    f = ag.compile(lambda x: w * x if unused > 0.0 else x)
    f(1.0)
    out = f(2.0)
    assert out.parents == (w,)
    constant = ag.compile(lambda x: 3.0)
    assert constant(1.0).data == 3.0 and constant.mean([1.0, 2.0]).data == 3.0
    itself = ag.compile(lambda x: w)
    assert itself(1.0).data == 2.0 and ag.grad(itself(2.0), w) == 1.0 and ag.grad(itself.sum([1.0, 2.0]), w) == 2.0


# ------------------------------------------------------------------------------------------------------ chains


def tape_of(function: Callable[..., Any], *args: Any) -> Any:
    return trace_function(function, *arguments.flatten(args, {})).tape


def names(tape: Any) -> list[str]:
    return [tape.rows[i].name for i in tape.row]


def test_weighted_sums_by_hand_are_dots() -> None:
    w, x, b = [Value(0.1), Value(0.2), Value(0.3)], [Value(1.0), Value(2.0), Value(3.0)], Value(4.0)
    by_hand = [
        lambda: sum((wi * xi for wi, xi in zip(w, x, strict=True)), b),
        lambda: b + w[0] * x[0] + w[1] * x[1] + w[2] * x[2],
        lambda: w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + b,
        lambda: ag.sum([wi * xi for wi, xi in zip(w, x, strict=True)]) + b,
    ]
    for function in by_hand:
        tape = tape_of(lambda s, function=function: function() * s, 1.0)
        assert names(tape).count("dot") == 1 and "add" not in names(tape)[:1] and len(names(tape)) <= 3
    alone = tape_of(lambda s: ag.sum([wi * xi for wi, xi in zip(w, x, strict=True)]) * s, 1.0)
    assert names(alone) == ["dot", "mul"]
    for total in (
        lambda: w[0] * x[0] + b + w[1] * x[1] + w[2] * x[2],
        lambda: w[0] * x[0] + (w[1] * x[1] + (w[2] * x[2] + b)),
    ):
        assert names(tape_of(lambda s, total=total: total() * s, 1.0)) == ["dot", "mul"]
    nested = tape_of(lambda s: (b + w[0] * s + w[1] * s).tanh() * w[2] + w[0] * w[1] + s, 1.0)
    assert "mul" in names(nested)  # s twice in one sum: its gradient adds up in another order, so it stays


def test_a_chain_is_not_joined_where_an_order_would_change() -> None:
    a, b, c = Value(0.1), Value(0.7), Value(1.3)

    def f(x: Any) -> Any:
        first = a * b
        return (x + first + a.tanh() * c) * a + first  # `first` is used twice

    tape = tape_of(f, 1.0)
    assert DOT not in tape.rows
    compiled = ag.compile(f)
    for x in (1.0, 2.0, 3.3):
        assert replayed(compiled, [x], [a, b, c]) == eager(f, [x], [a, b, c])


def test_what_the_tape_remembers() -> None:
    x, role = Value(3.0, label="x"), ag.naming.Role("a", 1, 2)
    x.role = role
    found = trace_function(lambda x: x if Value(1.0) > 0.5 else -x, [x], ("v",))
    (argument,) = found.arguments
    assert (argument.role, argument.label, argument is x) == (role, "x", False)
    place = found.tape.first_argument
    assert (found.tape.guards, found.tape.roles, found.tape.labels) == ((), {place: role}, {place: "x"})
    w = Value(2.0, label="w")
    tape = tape_of(lambda x: w * x, 1.0)
    assert (tape.labels, tape.roles, tape.parameters, tape.live_arguments) == ({0: "w"}, {}, (w,), ())
    assert list(tape.operands) == [0, tape.first_argument] and list(tape.constants) == [0.0]
    again = tape_of(lambda x: (x * math.nan + float("nan")) * 0.0 * -0.0, 1.0)
    assert bits(again.constants) == bits([-0.0, math.nan, 0.0])  # each once


def test_no_gradient_runs_through_what_only_decides() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        return [w * x if ag.exp(w * x + 1.0) > 1.0 else x, ag.tanh(w + x) * 2.0]

    tape = tape_of(f, 1.0)
    assert [name for i, name in enumerate(names(tape)) if tape.live[tape.first_node + i]] == ["mul"]
    compiled = ag.compile(lambda x: f(x)[0])
    for x in (1.0, 3.0, -5.0):
        assert replayed(compiled, [x], [w]) == eager(compiled.function, [x], [w])


@pytest.mark.parametrize("seed", range(200))
def test_random_sums_of_products_keep_their_bits(seed: int) -> None:
    rng = random.Random(seed)
    parameters = [Value(rng.uniform(-2, 2)) for _ in range(4)]

    def f(x: Value, y: Value) -> Value:
        rng = random.Random(seed)
        values: list[Any] = [*parameters, x, y]
        for _ in range(25):
            a, b, c = (rng.choice(values) for _ in range(3))
            values.append(rng.choice([lambda a=a, b=b, c=c: c + a * b, lambda a=a, b=b, c=c: a * b + c * a,
                                      lambda a=a, b=b, c=c: a * b, lambda a=a: a.tanh()])())  # fmt: skip
        return ag.sum(values[-3:])

    compiled = ag.compile(f)
    for _ in range(3):
        args = [rng.uniform(-1, 1), rng.uniform(-1, 1)]
        assert replayed(compiled, args, parameters) == eager(f, args, parameters)


# ------------------------------------------------------------------------------------------------------ source


def test_the_source_runs_by_itself() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", seed=0)
    f = ag.compile(lambda x: model(x))
    out = f([0.5, -1.0])
    text = f.source()
    assert "z1_1 = b1_1 + w1_1_1 * x1 + w1_2_1 * x2" in text and "# layer 2" in text
    assert "dz2_1 = " in text and "da1_3 = dz2_1 * w2_3_1" in text
    parameters = [p.data for p in out.parents]
    program = f"{text}\nprint(run({', '.join(map(repr, [0.5, -1.0, *parameters]))}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(((out.data,), ag.grad(out, list(out.parents))))


def test_generated_code_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    titles = []
    compiled = source.compiled

    def counted(text: str, title: str) -> Any:
        titles.append(title)
        return compiled(text, title)

    monkeypatch.setattr(source, "compiled", counted)
    f = ag.compile(lambda x: x * 2.0)
    for x in (1.0, 2.0, 3.0):
        assert f(x).data == f.sum([x]).data == 2.0 * x
    assert titles == ["<lambda>, one", "<lambda>, many"]


def test_a_long_tape_keeps_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Value(2.0, label="weight")

    def f(x: Any) -> Any:
        y = w * x
        y.label = "product"
        return y.tanh()

    short = ag.compile(f)
    short(1.0)
    monkeypatch.setattr("autograd_lite.replay.recording.NAMED", 1)
    long = ag.compile(f)
    long(1.0)
    assert "# 'product'" in short.source() and "# 'product'" not in long.source()
    assert long.source().replace("  # 'product'", "") == short.source().replace("  # 'product'", "")


def test_the_source_is_that_of_the_last_shape_that_was_recorded() -> None:
    w = Value(2.0)

    @ag.compile
    def f(x: Any) -> Any:
        if isinstance(x, list):
            raise ZeroDivisionError
        return w * x

    f(1.0)
    before = f.source()
    with pytest.raises(ZeroDivisionError):
        f([1.0, 2.0])
    assert f.source() == before


def test_generated_code_may_hold_nothing_else() -> None:
    for text in ("import os", "def f(x): return x.y", "def f(x): return open(x)", "def f(x): return lambda: x"):
        with pytest.raises(ValueError, match="generated code may not"):
            source.checked(text, {"exp"})


def test_user_defined_operations_are_compiled() -> None:
    cube = ag.define_op("replay_cube", "a * a * a", ("3.0 * a * a",))
    w = Value(2.0)
    f = ag.compile(lambda x: cube(w * x))
    f(1.0)
    out = f(2.0)
    assert out.data == 64.0 and ag.grad(out, w) == 96.0
    assert "replay_cube" not in f.source() and "* v1 * v1" in f.source()


@pytest.mark.parametrize(("name", "args", "formula", "partials"), [
    ("replay_scaled", "*a | k=2.0", "k * sum(a)", ("k",)),
    ("replay_product", "*a *b | k=2.0", "k * dot(a, b, 0.0)", ("k * b", "k * a")),
])  # fmt: skip
def test_a_list_operation_with_a_setting_is_replayed(name: str, args: str, formula: str, partials: Any) -> None:
    scaled = ag.define_op(name, formula, partials, args=args)
    w, one = Value(0.5), [1.0, 1.0, 1.0]
    f = ag.compile(lambda x, y, z: scaled([x * w, y * w, z * w], *[one] * (len(partials) - 1), k=3.0))
    for row in ((1.0, 2.0, 4.0), (-1.0, 7.0, 2.0)):
        out = f(*row)
        assert (out.data, ag.grad(out, w)) == (1.5 * sum(row), 3.0 * sum(row))


def test_a_big_graph_is_written_in_parts() -> None:
    w = Value(0.5)

    def f(x: Any) -> Any:
        for _ in range(LARGE // 3 + 10):
            x = ag.tanh(x * w) + 0.1
        return x

    compiled = ag.compile(f)
    for x in (1.0, 2.0):
        assert replayed(compiled, [x], [w]) == eager(f, [x], [w])
    mean = compiled.mean([1.0, 2.0])
    assert mean.data == pytest.approx((f(Value(1.0)).data + f(Value(2.0)).data) / 2, rel=1e-14)


def test_parts_obey_guards_as_the_whole_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_lite.replay.python_runner.LARGE", 1)
    rng, w = random.Random(2), Value(0.5)
    f = ag.compile(lambda x, y: branchy(x * w, y) + ag.logsumexp([x, y, w]) + ag.dot([x, w], [y, y], 1.0))
    for _ in range(60):
        args = [rng.uniform(-3, 3), rng.uniform(-3, 3)]
        assert replayed(f, args, [w]) == eager(f.function, args, [w])
    assert 3 < f.branches < 20
    X, Y = ([rng.uniform(-3, 3) for _ in range(30)] for _ in range(2))
    plain = ag.sum([f.function(Value(x), Value(y)) for x, y in zip(X, Y, strict=True)])
    assert ag.grad(f.sum(X, Y), w) == pytest.approx(ag.grad(plain, w), rel=1e-13)
    with ag.no_grad():
        assert f.sum(X, Y).data == pytest.approx(plain.data, rel=1e-13)
        assert bits([f(x, y).data for x, y in zip(X, Y, strict=True)]) == bits(f.map(X, Y))


def test_rows_of_two_lengths() -> None:
    f = ag.compile(lambda xs: ag.sum(xs) * 2.0)
    assert f.map([[1.0], [1.0, 2.0], [5.0]]) == [2.0, 6.0, 10.0]
    assert ag.compile(lambda x, kind: x).map([1.0, 2.0], ["a", "b"]) == [1.0, 2.0]


@pytest.fixture
def moons() -> Iterator[tuple[list[list[float]], list[float]]]:
    rng = random.Random(1)
    yield [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(30)], [rng.choice([-1.0, 1.0]) for _ in range(30)]


def test_training_by_replay_is_training(moons: tuple[list[list[float]], list[float]]) -> None:
    X, y = moons
    one, two = nn.MLP(2, [8, 1], seed=3), nn.MLP(2, [8, 1], seed=3)

    def loss(model: Any, x: Any, target: Any) -> Any:
        return ag.relu(1.0 - target * model(x)) + 1e-3 * ag.sum([p * p for p in model.parameters()])

    f = ag.compile(lambda x, target: loss(one, x, target))
    assert isinstance(f, Compiled)
    for _ in range(20):
        for model, value in ((one, f.mean(X, y)), (two, ag.mean([loss(two, x, t) for x, t in zip(X, y, strict=True)]))):
            model.zero_grad()
            value.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
    for p, q in zip(one.parameters(), two.parameters(), strict=True):
        assert p.data == pytest.approx(q.data, rel=1e-12, abs=1e-13)


def test_the_truth_of_a_value_is_a_guard() -> None:
    w = Value(3.0)
    f = ag.compile(lambda x: w * 2.0 if x else w * 5.0)
    assert [f(x).data for x in (0.5, 1.0, 0.0, -0.0, 2.0)] == [6.0, 6.0, 15.0, 15.0, 6.0]


def test_one_value_given_twice_is_one_object_inside() -> None:
    f = ag.compile(lambda x, y, xs: x * 3.0 + y if x == y or x in xs else x * y)
    a, b, c = Value(2.0), Value(2.0), Value(5.0)
    for given in [(a, b, [c]), (a, a, [c]), (a, b, [c]), (a, c, [c, a]), (c, c, [a, a]), (b, c, [a, a])] * 2:
        for v in (a, b, c):
            v.grad = 0.0
        out = f(*given)
        out.backward()
        grads = [v.grad for v in (a, b, c)]
        expected = f.function(*given)
        assert out.data == expected.data and grads == ag.grad(expected, [a, b, c]), given
        assert len(set(out.parents)) == len(out.parents)


# ------------------------------------------------------------------------------------- the data set of the last call


def changed_rows() -> list[Any]:
    def put(x: Any) -> Callable[[Any, Any], None]:
        return lambda X, y: X[1].__setitem__(0, x)

    def exchange(X: Any, y: Any) -> None:  # the same numbers in the same order
        X[0], X[1] = X[0] + X[1][:1], X[1][1:]

    def lengthen(X: Any, y: Any) -> None:
        X.append([1.0, 1.0])
        y.append(0.0)

    return [
        pytest.param(put(7.0), id="a number"), pytest.param(put(-0.0), id="-0.0"), pytest.param(put(True), id="True"),
        pytest.param(put(Value(0.0)), id="a Value"), pytest.param(lambda X, y: X[1].append(1.0), id="a longer row"),
        pytest.param(lambda X, y: X.__setitem__(1, [5.0, 6.0]), id="another row"),
        pytest.param(lambda X, y: X.__setitem__(1, (0.0, 2.0)), id="a tuple"),
        pytest.param(lambda X, y: X.reverse(), id="another order"),
        pytest.param(lambda X, y: y.__setitem__(2, 3.0), id="a target"), pytest.param(exchange, id="other lengths"),
        pytest.param(lengthen, id="a row more"),
    ]  # fmt: skip


@pytest.mark.parametrize("change", changed_rows())
def test_a_change_in_lists_that_were_seen_before_is_seen(change: Callable[[Any, Any], None]) -> None:
    w = Value(0.5)

    def signed(x: Any, t: Any) -> Any:
        return w / (x[0] + 1.0) + w * x[-1] + 1.0 / (2.0 + ag.arctan2(x[0], -1.0)) + t * len(x)

    X, y = [[1.0, 2.0], [0.0, 2.0], [3.0, 2.0]], [0.0, 1.0, 2.0]
    f = ag.compile(signed)
    for _ in range(2):
        f.mean(X, y)
    change(X, y)
    assert f.mean(X, y).data == ag.compile(signed).mean([*X], [*y]).data
    assert f.map(X, y) == ag.compile(signed).map([*X], [*y])


def test_the_same_data_set_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Any] = []
    monkeypatch.setattr(table, "tables_of", lambda *given: laid_out.append(given) or tables_of(*given))
    w = Value(0.5)
    f = ag.compile(lambda x, t: (w * x[0] + x[1] - t) ** 2)
    X, y = [[0.1 * i, -0.2] for i in range(20)], [0.5] * 20
    found = {f.mean(X, y).data for _ in range(3)}
    assert len(laid_out) == 1 and found == {ag.compile(f.function).mean(X, y).data}
    assert f.sum([*X], y).data == f.sum(X, y).data and len(laid_out) == 4  # other lists, then these again
    g = ag.compile(lambda x, t, k: w * x[0] + t * k)
    one = g.mean(X, y, [1.0] * 20).data
    assert f.mean(X, y).data in found and g.mean(X, y, [1.0] * 20).data == one


def test_a_change_in_an_array_that_was_seen_before_is_seen() -> None:
    np = pytest.importorskip("numpy")
    w = Value(0.5)
    f = ag.compile(lambda x: ag.sum([w * xi for xi in (x if hasattr(x, "__len__") else [x])]))
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert (f.sum(X).data, f.sum(X).data) == (5.0, 5.0)
    X[0, 0] = 3.0
    assert f.sum(X).data == 6.0
    X.shape = (4,)
    assert f.mean(X).data == 1.5


@pytest.mark.parametrize(
    "function",
    [
        lambda x, y: W * 1.0 if B == x * 2.0 else B * y,  # noqa: SIM300 (which side it stands on is the matter)
        lambda x, y: W * 1.0 if B != abs(x) else B * y,  # noqa: SIM300 (which side it stands on is the matter)
        lambda x, y: W * (2.0 if x * 2.0 in [B] else 3.0),
        lambda x, y: W * (2.0 if [B] == [x * 2.0] else 3.0),  # noqa: SIM300 (which side it stands on is the matter)
        lambda x, y: W * [B, W, 3.0, x * 2.0].index(x * 2.0),
    ],
)
def test_a_value_equals_what_is_computed_from_numbers_on_either_side(function: Callable[..., Any]) -> None:
    points = [(0.125, 3.0), (1.0, 3.0), (0.25, 2.0), (0.75, 1.0)]
    f, expected = ag.compile(function), [function(*point).data for point in points]
    assert [f(*point).data for point in points * 2] == expected * 2
    assert f.map(*zip(*points, strict=True)) == expected


@pytest.mark.parametrize("read", [float, math.log, lambda x: x.data, lambda x: [1.0, 2.0][x]])
def test_a_refusal_that_the_function_catches_is_raised_all_the_same(read: Callable[[Any], Any]) -> None:
    def f(x: Any) -> Any:
        try:
            return W * read(x)
        except Exception:
            return W * 0.0

    with pytest.raises(TypeError, match=r"float\(.*\) was called inside|\.data of .* was read inside|a whole number"):
        ag.compile(f)(0.5)
