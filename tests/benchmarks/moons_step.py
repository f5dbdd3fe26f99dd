"""The moons step without the move of the parameters, hinge loss and L2 term, forward and backward, on every peer.

Nobody zeroes gradients between two steps: the engines and torch add to what is there, JAX returns its own. Data
and, where they are arrays, parameters are made before the clock starts.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from array import array
from contextlib import suppress
from typing import Any

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.datasets import moons
from autograd_lite.replay import Compiled
from autograd_lite.replay.arguments import flatten
from autograd_lite.replay.kernel_runner import KernelRunner
from autograd_lite.replay.recording import trace_function
from autograd_lite.replay.tape import Tape
from tests.benchmarks.moons import RATE, SEED, SIZES, STRENGTH
from tests.benchmarks.program import Program, evidence, load_kernel, of_training, of_values


def data(count: int) -> tuple[list[list[float]], list[float]]:
    X, classes = moons(count, 0.1, seed=SEED)
    return X, [2.0 * label - 1.0 for label in classes]


def as_arrays(count: int) -> Any:
    import numpy as np

    return [np.array(column) for column in data(count)]


def model() -> nn.MLP:
    random.seed(SEED)
    return nn.MLP(SIZES[0], list(SIZES[1:]))


def by_replay(rows: int = 100, hand: bool = False, arrays: bool = True) -> Program:
    """Return the step as a user writes it: `loss = f.mean(X, Y); loss.backward()`."""
    f, parameters = compiled(hand)
    X, Y = as_arrays(rows) if arrays else data(rows)

    def step() -> Any:
        loss = f.mean(X, Y)
        loss.backward()
        return loss

    return of_values(step, parameters)


def by_training(optimizer: bool = False) -> Program:
    """Return a whole step of training on lists, with gradients zeroed and parameters moved, as users type it."""
    f, parameters = compiled()
    X, Y = data(100)
    mover = nn.SGD(parameters, lr=RATE)

    def typed() -> Any:
        for p in parameters:
            p.grad = 0
        loss = f.mean(X, Y)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss

    def with_optimizer() -> Any:
        mover.zero_grad()
        loss = f.mean(X, Y)
        loss.backward()
        mover.step()
        return loss

    return of_training(with_optimizer if optimizer else typed)


def compiled(hand: bool = False) -> tuple[Compiled, list[ag.Value]]:
    """Return the loss of one example as a compiled function, and the net's parameters."""
    net = model()
    parameters = net.parameters()
    predict = written_out(net) if hand else net

    @ag.compile
    def f(x: Any, y: Any) -> Any:
        return ag.relu(1.0 - y * predict(x)) + STRENGTH * ag.sum([p * p for p in parameters])

    return f, parameters


def written_out(net: nn.MLP) -> Any:
    """Return the same net with its weighted sums written by hand, one + and one * at a time."""

    def predict(xs: Any) -> Any:
        for layer in net.layers:
            outputs = []
            for neuron in layer.neurons:
                z = neuron.b
                for w, x in zip(neuron.w, xs, strict=True):
                    z = z + w * x
                outputs.append(z.relu() if neuron.nonlin else z)
            xs = outputs
        return xs[0]

    return predict


def by_processes(rows: int, processes: int) -> Program:
    """Return the step with its rows shared out among processes: as much as the cores give, for nothing is shared."""
    context = multiprocessing.get_context("spawn")
    ends = []
    for i in range(processes):
        ours, theirs = context.Pipe()
        context.Process(target=_answer, args=(theirs, rows, i, processes), daemon=True).start()
        ends.append(ours)

    def asked(what: str) -> list[Any]:
        for end in ends:
            end.send(what)
        return [end.recv() for end in ends]

    def check() -> list[float]:
        losses, gradients = zip(*asked("gradient"), strict=True)
        return evidence(sum(losses) / processes, [sum(gs) / processes for gs in zip(*gradients, strict=True)])

    return Program(lambda: asked("step"), check)


def _answer(end: Any, rows: int, place: int, processes: int) -> None:
    """Run a process's share of the rows in one thread, whenever asked to."""
    os.environ["OMP_NUM_THREADS"] = "1"
    load_kernel()
    f, parameters = compiled()
    share = slice(rows * place // processes, rows * (place + 1) // processes)
    X, Y = (column[share] for column in as_arrays(rows))
    with suppress(EOFError):  # the one who asks has ended
        while what := end.recv():
            loss = f.mean(X, Y)
            loss.backward()
            end.send((loss.data, [p.grad for p in parameters]) if what == "gradient" else None)


# ------------------------------------------------------------------------------------------- the kernel and C


def tape_and_data(rows: int) -> tuple[Tape, list[list[float]]]:
    """Return one example's tape, and the numbers of each row as it takes them."""
    X, Y = data(rows)
    table = [[*x, y] for x, y in zip(X, Y, strict=True)]
    leaves, key = flatten([X[0], Y[0]], {})
    return trace_function(compiled()[0].function, leaves, key).tape, table


def kernel_alone(rows: int = 100) -> Program:
    tape, table = tape_and_data(rows)
    runner = KernelRunner(tape)
    parameters, numbers = array("d", [p.data for p in tape.parameters]), runner.table(table)

    def check() -> list[float]:
        batch = runner.many(parameters, numbers, True)
        return evidence(batch.total / rows, [g / rows for g in batch.gradients])

    return Program(lambda: runner.many(parameters, numbers, True), check)


def straight_c(rows: int = 100) -> Program:
    from ctypes import c_double

    from tests.benchmarks.straight_c import built

    tape, table = tape_and_data(rows)
    run = built(tape)
    parameters = (c_double * len(tape.parameters))(*[p.data for p in tape.parameters])
    numbers = (c_double * (rows * tape.arguments))(*[x for row in table for x in row])
    gradients = (c_double * len(tape.parameters))()

    def step() -> float:
        return float(run(rows, numbers, parameters, gradients))

    return Program(step, lambda: evidence(step() / rows, [g / rows for g in gradients]))


# ------------------------------------------------------------------------------------------------------ peers


def with_micrograd(rows: int = 100) -> Program:
    from micrograd.nn import MLP

    random.seed(SEED)
    net = MLP(SIZES[0], list(SIZES[1:]))
    X, Y = data(rows)

    def step() -> Any:
        losses = [(1.0 + -y * net(x)).relu() for x, y in zip(X, Y, strict=True)]
        loss = sum(losses) * (1.0 / rows) + STRENGTH * sum(p * p for p in net.parameters())
        loss.backward()
        return loss

    return of_values(step, net.parameters())


def with_torch(rows: int = 100) -> Program:
    import torch

    torch.set_num_threads(1)
    net = nn.to_torch(model())
    parameters = list(net.parameters())
    X, Y = (torch.tensor(column, dtype=torch.float64) for column in data(rows))

    def step() -> Any:
        loss = torch.relu(1.0 - Y * net(X).squeeze(1)).mean() + STRENGTH * sum((p * p).sum() for p in parameters)
        loss.backward()
        return loss

    def check() -> list[float]:
        loss = step().item()
        return evidence(loss, [g for p in parameters for g in p.grad.flatten().tolist()])

    return Program(step, check)


def with_jax(rows: int = 100) -> Program:
    import jax
    import jax.numpy as jnp

    parameters = [
        (jnp.array([[w.data for w in neuron.w] for neuron in layer.neurons]).T,
         jnp.array([neuron.b.data for neuron in layer.neurons]))
        for layer in model().layers
    ]  # fmt: skip
    X, Y = map(jnp.array, data(rows))

    def loss_of(parameters: Any, X: Any, Y: Any) -> Any:
        activations = X
        for weights, biases in parameters[:-1]:
            activations = jax.nn.relu(activations @ weights + biases)
        weights, biases = parameters[-1]
        scores = (activations @ weights + biases)[:, 0]
        l2 = sum((p * p).sum() for layer in parameters for p in layer)
        return jax.nn.relu(1.0 - Y * scores).mean() + STRENGTH * l2

    run = jax.jit(jax.value_and_grad(loss_of))

    def step() -> Any:
        return jax.block_until_ready(run(parameters, X, Y))

    def check() -> list[float]:
        loss, gradients = step()
        return evidence(loss, [g for layer in gradients for part in layer for g in part.ravel().tolist()])

    return Program(step, check)
