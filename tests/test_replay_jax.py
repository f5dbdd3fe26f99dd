"""to_jax: the same rows as a pure JAX function, with the same value and gradient (needs JAX)."""

import math
import random
import sys
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, functions, nn
from autograd_lite.ops import TABLE

jax = pytest.importorskip("jax")
import jax.numpy as jnp  # noqa: E402

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


@pytest.fixture(autouse=True)
def _without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_LITE_CC", "none")


def close(got: Any, expected: float) -> bool:
    got = float(got)
    return (math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, rel_tol=1e-12, abs_tol=1e-300)


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_every_row_is_the_same_in_jax(row: Any) -> None:
    for sample in row.samples:
        lists = [operand if is_list else [operand] for operand, is_list in zip(sample, row.is_list, strict=True)]
        flat = [x for operands in lists for x in operands]
        values = [Value(x) for x in flat]

        def program(scale: Any, values: list[Value] = values, row: Any = row) -> Any:
            return functions.apply(row, *row.group(values)) * scale

        f = ag.compile(program)
        out = f(1.5)
        expected = ag.grad(out, values)
        function = f.to_jax()
        order = [next(i for i, v in enumerate(values) if v is p) for p in function.parameters]
        value, slopes = jax.value_and_grad(function)(jnp.array([flat[i] for i in order]), (1.5,))
        assert close(value, out.data), (sample, value, out.data)
        for place, slope in zip(order, slopes, strict=True):
            assert close(slope, expected[place]), (sample, place, slope, expected[place])


def test_second_derivatives_jit_and_vmap() -> None:
    w = Value(0.3)
    f = ag.compile(lambda x: ag.tanh(w * x) * ag.gelu(x) + ag.sigmoid(w) ** 2.0)
    f(1.0)
    function = f.to_jax()
    p = jnp.array([0.3])
    twice = jax.jit(jax.hessian(function))(p, (1.2,))
    assert close(twice[0, 0], ag.hessian(f.function(Value(1.2)), [w])[0][0])
    rows = jnp.array([0.1, -2.0, 3.0])
    mapped = jax.jit(jax.vmap(function, in_axes=(None, 0)))(p, (rows,))
    assert all(close(a, f(float(x)).data) for a, x in zip(mapped, rows, strict=True))


def test_two_devices_share_the_rows() -> None:
    if len(jax.devices()) < 2:
        pytest.skip("one device here; XLA_FLAGS=--xla_force_host_platform_device_count=2 simulates two")
    rng = random.Random(0)
    model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    f = ag.compile(lambda x, y: (model(x) - y) ** 2.0)
    X = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(64)]
    y = [rng.uniform(-1, 1) for _ in range(64)]
    mean = f.mean(X, y)
    function = f.to_jax()
    mesh = jax.sharding.Mesh(jax.devices()[:2], "rows")
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
    columns = jax.device_put((jnp.array(X), jnp.array(y)), spread)

    def loss(parameters: Any, columns: Any) -> Any:
        return jnp.mean(jax.vmap(function, in_axes=(None, 0))(parameters, columns))

    parameters = jnp.array([p.data for p in function.parameters])
    value, slopes = jax.jit(jax.value_and_grad(loss))(parameters, columns)
    assert math.isclose(float(value), mean.data, rel_tol=1e-12)
    for slope, expected in zip(slopes, ag.grad(mean, list(function.parameters)), strict=True):
        assert math.isclose(float(slope), expected, rel_tol=1e-11, abs_tol=1e-14)


def test_what_cannot_be_pure_is_refused() -> None:
    f = ag.compile(lambda x: x if x > 0.0 else -x)
    with pytest.raises(ValueError, match="has not been called yet"):
        f.to_jax()
    f(1.0)
    with pytest.raises(TypeError, match=r"decides by >.*ag\.maximum"):
        f.to_jax()
    g = ag.compile(lambda x: x * 2.0)
    g(1.0)
    with pytest.raises(ValueError, match="expected 0 parameters and 1 numbers"):
        g.to_jax()(jnp.zeros(2), (1.0,))


def test_it_is_called_with_parameters_and_a_tuple_of_arguments() -> None:
    """As README and its docstring say; a call like that of the compiled function says how."""
    w = Value(3.0)
    f = ag.compile(lambda x, y: (w * x - y) ** 2)
    out = f(1.0, 2.0)
    j = f.to_jax()
    assert close(j([p.data for p in j.parameters], (1.0, 2.0)), out.data)
    with pytest.raises(
        ValueError, match=r"expected 1 parameters .* an array and a tuple: j\(parameters, \(1\.0, …\)\)"
    ):
        j(1.0, 2.0)


def test_without_jax_it_says_what_to_install(monkeypatch):
    f = ag.compile(lambda x: x * 2.0)
    f(1.0)
    monkeypatch.setitem(sys.modules, "jax", None)  # importing it is an ImportError now
    with pytest.raises(ImportError, match="to_jax needs JAX: pip install jax"):
        f.to_jax()
