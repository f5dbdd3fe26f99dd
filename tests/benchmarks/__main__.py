"""Measure and print the table: `python -m tests.benchmarks`, or with names for a part of it.

Each contender runs in a fresh process with the garbage collector on, on one core unless a line says otherwise, in
turns with the others. Peers are to be installed by hand: `pip install micrograd==0.1.0 torch jax autograd casadi`;
lines whose peer is missing say so.
"""

from __future__ import annotations

import argparse
import platform

from autograd_lite import __version__
from tests.benchmarks import measure
from tests.benchmarks.measure import Result, Spread
from tests.benchmarks.races import PEERS, RACES, Line

IMPORT_BAR = 0.100  # seconds more than a bare interpreter


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parts = [*RACES, "import"]
    parser.add_argument("part", nargs="*", help=f"what to measure, of {', '.join(parts)}; all if none is named")
    parser.add_argument("--turns", type=int, metavar="N", help="N turns to warm up and N to measure, for a first look")
    options = parser.parse_args()
    chosen = options.part or parts
    if unknown := [part for part in chosen if part not in parts]:
        parser.error(f"expected {', '.join(parts)}, got {', '.join(unknown)}")

    found = {package: measure.installed(package) for package in PEERS} | {"gcc": measure.gcc()}
    print(f"{measure.machine()}\nCPython {platform.python_version()}, autograd_lite {__version__}; "
          + ", ".join(f"{name} {version or 'not installed'}" for name, version in found.items()))  # fmt: skip
    print("fresh process each, garbage collector on, one core, float64; median (range); "
          "the ratio says how many times as much the peer takes\n")  # fmt: skip
    print("| work | autograd_lite | peer | ratio | bar | reached |\n|---|---|---|---|---|---|", flush=True)
    turns = None if options.turns is None else (options.turns, options.turns)
    for key, race in RACES.items():
        if key in chosen:
            result = measure.run(key, turns)
            for line in race.lines:
                _print_row(*_cells(line, result))
    if "import" in chosen:
        extra = measure.import_time("autograd_lite")
        bar, reached = f"≤ {IMPORT_BAR * 1e3:.0f} ms", "yes" if extra.median < IMPORT_BAR else "no"
        _print_row("import, over a bare interpreter", extra.show("ms", 1e3), "", "", bar, reached)


def _cells(line: Line, result: Result) -> tuple[str, ...]:
    """Return the cells of a line: the work, ours, the peer's, the ratio, the bar, whether it was reached."""
    if line.ours in result.unavailable:
        return line.work, result.unavailable[line.ours], "", "", "", ""
    own = Spread.of(result.amounts(line.ours, line.what))
    unit, scale = ("bytes", 1.0) if line.what == "bytes" else measure.scale_of(own.median)
    bars, reached = [], []
    if line.most is not None:
        bars.append(f"≤ {line.most * scale:g} {unit}")
        reached.append(own.median <= line.most)
    if line.least is not None:
        bars.append(f"≥ {line.least:,.3g}" if line.least < 100.0 else f"≥ {line.least:,.0f}")
    peer = ratio = ""
    if line.peer in result.unavailable:
        peer = result.unavailable[line.peer]
    elif line.peer:
        other, times = Spread.of(result.amounts(line.peer, line.what)), result.ratio(line.ours, line.peer, line.what)
        peer, ratio = f"{line.peer}: {_shown(other, line.what)}", f"**{times.show('')}**"
        if line.least is not None:
            reached.append(times.median >= line.least)
    verdict = "" if not reached else "yes" if all(reached) else "no"
    return line.work, _shown(own, line.what), peer, ratio, ", ".join(bars), verdict


def _shown(spread: Spread, what: str) -> str:
    return spread.show("") if what == "bytes" else spread.show(*measure.scale_of(spread.median))


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
