"""What is measured: the programs, who runs them, and the bars.

A race is some contenders that do the same work and take turns on the clock; a line compares two of them, or one with
an amount. Loading this module loads no peer: a contender's own process does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from tests.benchmarks import epochs, gpt, lesson, million, moons, moons_step, own, scalar, starts
from tests.benchmarks.program import Program

OURS = "autograd_lite"
PEERS = ("micrograd", "torch", "jax", "autograd", "casadi", "numpy")  # whose versions are printed


@dataclass(frozen=True, slots=True)
class Contender:
    """One who runs the work, in a process of its own."""

    program: Callable[[], Program]
    units: int = 1  # rows, epochs, nodes of a step: seconds are given for one of them
    cores: int = 1  # that the process may use
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: ours beside a peer, or ours alone with the most that it may take."""

    work: str
    ours: str
    peer: str = ""
    least: float | None = None  # how many times as fast as the peer ours must be; None where that is only shown
    most: float | None = None  # the seconds or bytes a unit that ours may take
    what: str = "seconds"  # or "bytes"


@dataclass(frozen=True, slots=True)
class Race:
    """Contenders that take turns, and the lines that come of it. Those of as many units do the same work."""

    contenders: Mapping[str, Contender]
    lines: tuple[Line, ...]
    warm_up: int = 5
    measured: int = 10
    wall: bool = False  # by the clock on the wall, where threads count; else processor time


def on(program: Callable[..., Program], module: str, *names: str) -> Contender:
    """Return a program that is given an engine's own `Value`, and what else it names, as a contender."""
    return Contender(lambda: program(*(_name_in(name, module) for name in names)))


def _name_in(name: str, module: str) -> Any:
    where, _, what = name.rpartition(".")
    return getattr(import_module(f"{module}.{where}" if where else module), what)


def _epochs(name: str, batch_size: int | None, count: int, parameters: int, least: float) -> Race:
    batches = "full batch" if batch_size is None else f"batches of {batch_size}"
    ours, loop = (partial(by, name, batch_size, count) for by in (epochs.by_fit, epochs.by_torch))
    work = f"an epoch of nn.fit, {count} in all, {name} ({parameters:,} parameters), {batches}"
    contenders = {OURS: Contender(ours, count), "a loop in torch": Contender(loop, count)}
    lines = [Line(work, OURS, "a loop in torch", least)]
    if batch_size is None and parameters > 1_000:  # enough work for other threads, of which `fit` takes all there are
        contenders |= {"two cores": Contender(ours, count, cores=2), "torch, two": Contender(loop, count, cores=2)}
        lines += [Line("the same, on both cores of the machine, against torch in one thread", "two cores",
                       "a loop in torch", least),
                  Line("the same, both on two cores", "two cores", "torch, two")]  # fmt: skip
    return Race(contenders, tuple(lines), warm_up=1, measured=5)


def _own(count: int, slower: float) -> Race:
    work = f"nn.fit, {count} epochs of 442 rows, 10-8-1"
    contenders = {
        "the package's": Contender(partial(own.training, count)),
        "a lambda as loss": Contender(partial(own.training, count, own_loss=True)),
        "a Module of one's own": Contender(partial(own.training, count, own_module=True)),
        "both": Contender(partial(own.training, count, own_loss=True, own_module=True)),
    }
    first, *others = contenders
    return Race(contenders, tuple(Line(f"{work}, {name}", name, first, 1 / slower) for name in others), warm_up=2)


WITHOUT_COMPILER = {"AUTOGRAD_LITE_CC": "none"}

RACES = {
    "moons": Race(
        {OURS: on(moons.by_hand, "autograd_lite", "Value"),
         "micrograd": on(moons.by_hand, "micrograd", "engine.Value")},
        (
            Line("eager: moons step, net by hand with + and *", OURS, "micrograd", 12.0),
            Line("eager: bytes a node after backward, the same step", OURS, "micrograd", most=170.0, what="bytes"),
        ),
    ),
    "mlp": Race(
        {OURS: on(moons.by_mlp, "autograd_lite", "Value", "nn.MLP"),
         "micrograd": on(moons.by_mlp, "micrograd", "engine.Value", "nn.MLP")},
        (Line("eager: moons step, nn.MLP", OURS, "micrograd", 50.0),),
    ),
    "gpt": Race(
        {OURS: on(gpt.training, "autograd_lite", "Value"),
         "40-line Value class": on(gpt.training, "tests.benchmarks.plain", "Value")},
        (Line("eager: GPT-like step, 60,000 nodes", OURS, "40-line Value class", 1.8),),
    ),
    "step": Race(
        {
            OURS: Contender(moons_step.by_replay),
            "with lists": Contender(partial(moons_step.by_replay, arrays=False)),
            "by hand": Contender(partial(moons_step.by_replay, hand=True)),
            "kernel": Contender(moons_step.kernel_alone),
            "no compiler": Contender(partial(moons_step.by_replay, arrays=False), environment=WITHOUT_COMPILER),
            "gcc -O3": Contender(moons_step.straight_c),
            "micrograd": Contender(moons_step.with_micrograd),
            "torch": Contender(moons_step.with_torch),
            "jax.jit": Contender(moons_step.with_jax),
        },
        (
            Line("moons step, f.mean and backward", OURS, "micrograd", 25_000.0),
            Line("the same", OURS, "torch", 3.0),
            Line("the same", OURS, "jax.jit", 1.5),
            Line("the same, data as lists instead of arrays", "with lists", "micrograd", 20_000.0),
            Line("moons step, the kernel alone", "kernel", "gcc -O3", 1 / 1.3),
            Line("the same", "kernel", "jax.jit", 1.5),
            Line("moons step, net by hand with + and *", "by hand", OURS, 1 / 1.5),
            Line("moons step, no compiler on the machine", "no compiler", "micrograd", 400.0),
        ),
        measured=20,
    ),
    "training": Race(
        {
            OURS: Contender(moons_step.by_training),
            "with nn.SGD": Contender(partial(moons_step.by_training, optimizer=True)),
            "micrograd": on(moons.by_mlp, "micrograd", "engine.Value", "nn.MLP"),
        },
        (
            Line("moons, a step of training on lists, p.grad = 0 and p.data -= lr * p.grad typed", OURS, "micrograd",
                 7_000.0),
            Line("the same with nn.SGD", "with nn.SGD", "micrograd", 12_000.0),
        ),
        measured=20,
    ),
    "rows": Race(
        {
            "100 rows": Contender(partial(moons_step.by_replay, 100), 100),
            "1,000 rows": Contender(partial(moons_step.by_replay, 1_000), 1_000),
            "100,000 rows": Contender(partial(moons_step.by_replay, 100_000), 100_000),
            "torch, 1,000 rows": Contender(partial(moons_step.with_torch, 1_000), 1_000),
        },
        (
            Line("moons step on 1,000 rows, a row", "1,000 rows", "100 rows", 1.0),
            Line("the same", "1,000 rows", "torch, 1,000 rows", 1.0),
            Line("moons step on 100,000 rows, a row", "100,000 rows", "100 rows", 1.0),
        ),
    ),
    "threads": Race(
        {
            "two threads": Contender(partial(moons_step.by_replay, 100_000), 100_000, cores=2),
            "one": Contender(partial(moons_step.by_replay, 100_000), 100_000),
            "two processes": Contender(partial(moons_step.by_processes, 100_000, 2), 100_000, cores=2),
        },
        (
            Line("moons step on 100,000 rows, two threads, a row, by the clock on the wall", "two threads", "one", 1.8),
            Line("the same, beside two processes of half the rows each: what the cores give", "two threads",
                 "two processes", 0.95),
        ),
        measured=20,
        wall=True,
    ),
    "scalar": Race(
        {
            OURS: Contender(scalar.by_replay),
            "HIPS autograd": Contender(scalar.with_autograd),
            "torch": Contender(scalar.with_torch),
            "jax.jit": Contender(scalar.with_jax),
            "CasADi": Contender(scalar.with_casadi),
        },
        (
            Line("value and gradient of a function of 20 operations, a call", OURS, "HIPS autograd", 1.0),
            Line("the same", OURS, "torch", 1.0),
            Line("the same", OURS, "jax.jit", 1.0),
            Line("the same", OURS, "CasADi"),
        ),
    ),
    "document": Race(
        {
            OURS: Contender(gpt.by_replay),
            "a new length": Contender(partial(gpt.by_replay, anew=True)),
            "an eager step": on(gpt.gradient, "autograd_lite", "Value"),
            "40-line Value class": on(gpt.gradient, "tests.benchmarks.plain", "Value"),
        },
        (
            Line("GPT-like step on one document, replayed", OURS, "40-line Value class", 150.0),
            Line("the same, the first of its length", "a new length", "an eager step", 1 / 4),
        ),
    ),
    "first-call": Race(
        {
            "in a new process": Contender(starts.first_call),
            "an eager step": on(gpt.gradient, "autograd_lite", "Value"),
        },
        (
            Line("GPT-like step on one document, the first call in a new process, warm cache", "in a new process",
                 "an eager step", 1 / 5),
        ),
        warm_up=1,
        measured=5,
        wall=True,
    ),
    "gpt-training": Race(
        {OURS: Contender(gpt.by_training), "40-line Value class": on(gpt.training, "tests.benchmarks.plain", "Value")},
        (
            Line("GPT-like step, compiled; p.grad = 0 and p.data -= lr * p.grad typed", OURS, "40-line Value class",
                 100.0),
        ),
        warm_up=10,
    ),
    "start": Race(
        {
            "empty cache": Contender(partial(starts.by_fit, 2, warm=False), cores=2),
            "warm cache": Contender(partial(starts.by_fit, 2, warm=True), cores=2),
        },
        (
            Line("a new process: import and nn.fit, 2-16-16-1, 400 rows, 2 epochs, empty cache", "empty cache",
                 most=3.0),
            Line("the same, warm cache", "warm cache", most=0.4),
        ),
        warm_up=1,
        wall=True,
    ),
    "start-2000": Race(
        {
            "empty cache": Contender(partial(starts.by_fit, 2_000, warm=False), cores=2),
            "warm cache": Contender(partial(starts.by_fit, 2_000, warm=True), cores=2),
            "no compiler": Contender(partial(starts.by_fit, 2_000, warm=False), cores=2, environment=WITHOUT_COMPILER),
        },
        (
            Line("the same with 2,000 epochs, empty cache; it may take 3 s more than a warm one", "empty cache",
                 "warm cache"),
            Line("the same, beside no compiler", "empty cache", "no compiler", 5.0),
        ),
        warm_up=0,
        measured=3,
        wall=True,
    ),
    "demo": Race(
        {
            "a compiler": Contender(starts.by_demo, cores=2),
            "no compiler": Contender(starts.by_demo, cores=2, environment=WITHOUT_COMPILER),
        },
        (Line("autograd-lite demo, empty cache", "a compiler", "no compiler", 1.0),),
        warm_up=1,
        measured=5,
        wall=True,
    ),
    "iris": _epochs("iris", None, 200, 131, 1.0),
    "iris-32": _epochs("iris", 32, 100, 131, 1.0),
    "digits": _epochs("digits", None, 100, 6_570, 1.0),
    "digits-32": _epochs("digits", 32, 10, 6_570, 1 / 2),
    "own-40": _own(40, 2.0),
    "own-400": _own(400, 1.3),
    "lesson": Race(
        {"sheets": Contender(lesson.sheets), "grades": Contender(lesson.grading)},
        (
            Line("200 worksheets of a neuron, with picture and key", "sheets", most=30.0),
            Line("the answers of 200 students, graded", "grades", most=2.0),
        ),
        warm_up=0,
        measured=3,
    ),
    "million": Race(
        {
            "recorded": Contender(million.recorded, million.NODES),
            "replayed": Contender(million.replayed, million.NODES),
            "an eager pass": Contender(million.eager, million.NODES),
        },
        (
            Line("a graph of 1,000,000 nodes, recorded, a node", "recorded", "an eager pass", 1 / 3),
            Line("the same, replayed, forward and backward, a node", "replayed", "an eager pass", most=15e-9),
            Line("the same, bytes a node that are kept", "replayed", most=60.0, what="bytes"),
        ),
        warm_up=0,
        measured=3,
    ),
    "random": Race(
        {
            "kernel": Contender(million.random_operations, million.NODES),
            "an eager pass": Contender(million.random_operations_eagerly, million.NODES),
        },
        (
            Line("1,000,000 random operations, the kernel alone, forward and backward, a node", "kernel",
                 "an eager pass"),
        ),
        warm_up=1,
        measured=3,
    ),
}  # fmt: skip
