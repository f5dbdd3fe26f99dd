"""One scalar function of three numbers and 20 operations: its value and its gradient, called from Python."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import autograd_lite as ag
from tests.benchmarks.program import Program, evidence, of_values

POINT = (0.5, 1.5, -0.7)


def formula(m: ModuleType, x: Any, y: Any, z: Any) -> Any:
    """Return the function's value; `m` has exp, log, sqrt, sin, cos and tanh for these numbers."""
    a = x * y + m.sin(z)
    b = m.exp(-a) + m.tanh(x - z)
    c = m.sqrt(b * b + 1.0)
    e = m.cos(a)
    return m.log(c + y * y) / (1.0 + e * e) * z - b


def by_replay() -> Program:
    f = ag.compile(lambda x, y, z: formula(ag, x, y, z))
    point = [ag.Value(number) for number in POINT]

    def step() -> Any:
        out = f(*point)
        out.backward()
        return out

    return of_values(step, point)


def with_autograd() -> Program:
    import autograd
    import autograd.numpy as numpy

    run = autograd.value_and_grad(lambda x, y, z: formula(numpy, x, y, z), argnum=(0, 1, 2))
    return Program(lambda: run(*POINT), lambda: evidence(*run(*POINT)))


def with_torch() -> Program:
    import torch

    torch.set_num_threads(1)
    point = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in POINT]

    def step() -> Any:
        out = formula(torch, *point)
        out.backward()
        return out

    return Program(step, lambda: evidence(step().item(), [x.grad.item() for x in point]))


def with_jax() -> Program:
    import jax
    import jax.numpy as jnp

    run = jax.jit(jax.value_and_grad(lambda x, y, z: formula(jnp, x, y, z), argnums=(0, 1, 2)))
    point = [jnp.array(number) for number in POINT]
    return Program(lambda: jax.block_until_ready(run(*point)), lambda: evidence(*run(*point)))


def with_casadi() -> Program:
    import casadi

    xs = casadi.SX.sym("x", 3)
    out = formula(casadi, *casadi.vertsplit(xs))
    run = casadi.Function("f", [xs], [out, casadi.gradient(out, xs)])
    point = casadi.DM(POINT)

    def check() -> list[float]:
        value, gradient = run(point)
        return evidence(value, gradient.full().ravel())

    return Program(lambda: run(point), check)
