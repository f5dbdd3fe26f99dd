"""What is measured: the programs, who runs them, and how many times as fast ours must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tests.benchmarks import gpt, moons

OURS = "autograd_lite"


@dataclass(frozen=True, slots=True)
class Race:
    """One program on two engines. A contender makes its step when its process asks for it."""

    title: str
    peer: str
    contenders: dict[str, Callable[[], Callable[[], Any]]]
    bar: float


def name_in(module: str, name: str) -> Any:
    """Import one name; only the process of a contender loads its package."""
    return getattr(import_module(module), name)


RACES = {
    "moons": Race(
        "moons step, net by hand with + and *",
        "micrograd",
        {
            OURS: lambda: moons.by_hand(name_in("autograd_lite", "Value")),
            "micrograd": lambda: moons.by_hand(name_in("micrograd.engine", "Value")),
        },
        bar=12.0,
    ),
    "mlp": Race(
        "moons step, nn.MLP",
        "micrograd",
        {
            OURS: lambda: moons.by_mlp(name_in("autograd_lite", "Value"), name_in("autograd_lite.nn", "MLP")),
            "micrograd": lambda: moons.by_mlp(name_in("micrograd.engine", "Value"), name_in("micrograd.nn", "MLP")),
        },
        bar=50.0,
    ),
    "gpt": Race(
        "GPT-like step, 60,000 nodes",
        "40-line Value class",
        {
            OURS: lambda: gpt.training(name_in("autograd_lite", "Value")),
            "40-line Value class": lambda: gpt.training(name_in("tests.benchmarks.plain", "Value")),
        },
        bar=1.8,
    ),
}
