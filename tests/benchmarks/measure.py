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

from tests.benchmarks.races import RACES

ROOT = Path(__file__).parents[2]


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

    def show(self, unit: str, factor: float = 1.0) -> str:
        """Return "12.0 ms (11.5-14.2)", every number times `factor`."""
        middle, low, high = (_short(n * factor) for n in (self.median, self.low, self.high))
        spread = "" if self.low == self.high else f" ({low}-{high})"
        return f"{middle}{unit and ' '}{unit}{spread}"


def _short(number: float) -> str:
    """Return a number with three digits, or all of those before the point."""
    digits = 0 if number >= 100.0 else 1 if number >= 10.0 else 2
    return f"{number:,.{digits}f}"


def scale_of(seconds: float) -> tuple[str, float]:
    """Return the unit in which a time is read best, and how many of it a second has."""
    return next(((unit, scale) for unit, scale in SCALES if seconds * scale >= 1.0), SCALES[-1])


SCALES = (("s", 1.0), ("ms", 1e3), ("µs", 1e6), ("ns", 1e9))


class Runner:
    """A contender's process, which does its work whenever it is asked."""

    def __init__(self, race: str, name: str) -> None:
        contender = RACES[race].contenders[name]
        settings = {"OMP_NUM_THREADS": str(contender.cores), "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}
        settings |= contender.environment
        command = [sys.executable, "-m", "tests.benchmarks.contender", race, name]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started = self._answer()
        self.unavailable: str = started.get("unavailable", "")
        self.check: list[float] = started.get("check", [])

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

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its input, which ends its loop


@dataclass(frozen=True, slots=True)
class Result:
    """What a race gave."""

    seconds: dict[str, list[float]]  # of each contender's measured turns, a unit
    bytes: dict[str, float]  # a node, of those that were asked
    unavailable: dict[str, str]  # who could not run, and why

    def amounts(self, name: str, what: str) -> list[float]:
        return self.seconds[name] if what == "seconds" else [self.bytes[name]]

    def ratio(self, ours: str, peer: str, what: str) -> Spread:
        """Return how many times as much the peer takes: the ratio of medians, and the range over pairs of turns."""
        mine, other = self.amounts(ours, what), self.amounts(peer, what)
        pairs = Spread.of(b / a for a, b in zip(mine, other, strict=True))
        return Spread(median(other) / median(mine), pairs.low, pairs.high)


def run(key: str, turns: tuple[int, int] | None = None) -> Result:
    """Let the contenders of a race take turns; `turns` replaces its own number to warm up and to measure.

    That those who do the same work find the same numbers is made sure before: nobody may win by doing less.
    """
    race = RACES[key]
    warm_up, measured = turns or (race.warm_up, race.measured)
    result = Result({}, {}, {})
    with ExitStack() as stack:
        print(f"{key}: {', '.join(race.contenders)} get ready", file=sys.stderr, flush=True)
        started = {name: stack.enter_context(Runner(key, name)) for name in race.contenders}
        result.unavailable.update({name: runner.unavailable for name, runner in started.items() if runner.unavailable})
        runners = {name: runner for name, runner in started.items() if not runner.unavailable}
        for units in {race.contenders[name].units for name in runners}:
            _compare({name: runner.check for name, runner in runners.items() if race.contenders[name].units == units})
        for turn in range(warm_up + measured):
            print(f"{key}: turn {turn + 1} of {warm_up + measured}", file=sys.stderr, flush=True)
            for name, runner in runners.items():
                seconds = runner.ask()
                if turn >= warm_up:
                    result.seconds.setdefault(name, []).append(seconds)
        for name in {name for line in race.lines if line.what == "bytes" for name in (line.ours, line.peer)}:
            if name in runners:
                result.bytes[name], _ = runners[name].ask("memory")
    return result


def _compare(checks: dict[str, list[float]]) -> None:
    (first, expected), *others = checks.items()
    for name, found in others:
        same = len(found) == len(expected) and all(
            math.isclose(a, b, rel_tol=1e-9) for a, b in zip(found, expected, strict=True)
        )
        if not same:
            raise SystemExit(f"{first} finds {expected}, {name} {found}: they do not do the same work")


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


def gcc() -> str:
    """Return the version of gcc, empty if it is not there."""
    try:
        done = subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def machine() -> str:
    """Return what the figures were measured on."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        name = models[0].partition(":")[2].strip() if models else name
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{name}, {os.cpu_count()} cores{load}; {platform.system()} {platform.machine()}"
