"""Start contenders in fresh processes, let them take turns, and keep what they answer."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.benchmarks.races import OURS, Race

ROOT = Path(__file__).parents[2]
WARM_UP, MEASURED = 5, 10


@dataclass(frozen=True, slots=True)
class Spread:
    """Some measurements; printed, the median and the range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Spread:
        found = sorted(numbers)
        return cls(median(found), found[0], found[-1])

    def show(self, digits: int = 0, factor: float = 1.0) -> str:
        """Return "12 (11-14)", every number times `factor`."""
        middle, low, high = (f"{n * factor:,.{digits}f}" for n in (self.median, self.low, self.high))
        return f"{middle} ({low}-{high})"


class Contender:
    """A process that makes a step whenever it is asked."""

    def __init__(self, race: str, name: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.contender", race, name]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def ask(self, what: str = "step") -> Any:
        assert self.process.stdin
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a contender ended early: {' '.join(map(str, self.process.args))}")  # type: ignore[arg-type]
        return json.loads(line)

    def __enter__(self) -> Contender:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its input, which ends its loop


def run(key: str, race: Race) -> dict[str, list[float]]:
    """Return the seconds of each contender's measured steps; they take turns, step by step.

    That all of them compute the same loss is asserted: nobody may win by doing less.
    """
    seconds: dict[str, list[float]] = {name: [] for name in race.contenders}
    with ExitStack() as stack:
        processes = {name: stack.enter_context(Contender(key, name)) for name in race.contenders}
        for turn in range(WARM_UP + MEASURED):
            losses = []
            for name, process in processes.items():
                taken, loss = process.ask()
                losses.append(loss)
                if turn >= WARM_UP:
                    seconds[name].append(taken)
            assert all(math.isclose(loss, losses[0], rel_tol=1e-9) for loss in losses), losses
    return seconds


def ratios(seconds: dict[str, list[float]], peer: str) -> Spread:
    """Return how many times as fast ours is: the ratio of the medians, and the range over pairs of turns."""
    ours, other = seconds[OURS], seconds[peer]
    pairs = Spread.of(b / a for a, b in zip(ours, other, strict=True))
    return Spread(median(other) / median(ours), pairs.low, pairs.high)


def memory(key: str, name: str) -> tuple[float, int]:
    """Return the bytes a node after backward, and the number of nodes."""
    with Contender(key, name) as contender:
        size, nodes = contender.ask("memory")
    return size, nodes


def import_time(package: str, runs: int = 15) -> Spread:
    """Return the processor seconds that `import package` adds to a bare interpreter, the two taking turns."""
    bare, loaded = (f"import time{name}; print(time.process_time())" for name in ("", f", {package}"))
    with TemporaryDirectory() as cache:  # bytecode is kept, as a user's Python does, whatever is set here
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""}

        def seconds(program: str) -> float:
            command = [sys.executable, "-c", program]
            done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
            return float(done.stdout)

        seconds(loaded)  # writes the bytecode
        pairs = [(seconds(bare), seconds(loaded)) for _ in range(runs)]
    middle = median(b for _, b in pairs) - median(a for a, _ in pairs)
    extra = Spread.of(b - a for a, b in pairs)
    return Spread(middle, extra.low, extra.high)


def installed(package: str) -> str:
    """Return the version of a package, empty if it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def machine() -> str:
    """Return what the figures were measured on."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{name}, {os.cpu_count()} cores{load}; {platform.system()} {platform.machine()}"
