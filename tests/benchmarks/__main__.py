"""Measure and print the table: `python -m tests.benchmarks`, or with names for a part of it.

Each contender runs in a fresh process with the garbage collector on, takes 5 steps to warm up and 10 that are
measured, in turns with the other. micrograd is a peer to be installed by hand: `pip install micrograd==0.1.0`.
"""

from __future__ import annotations

import argparse
import platform

from autograd_lite import __version__
from tests.benchmarks import measure
from tests.benchmarks.measure import MEASURED, WARM_UP, Spread, installed
from tests.benchmarks.races import OURS, RACES

IMPORT_BAR, MEMORY_BAR = 0.100, 170  # seconds more than a bare interpreter; bytes a node


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parts = [*RACES, "import", "memory"]
    parser.add_argument("part", nargs="*", help=f"what to measure, of {', '.join(parts)}; all if none is named")
    chosen = parser.parse_args().part or parts
    if unknown := [part for part in chosen if part not in parts]:
        parser.error(f"expected {', '.join(parts)}, got {', '.join(unknown)}")

    micrograd = installed("micrograd")
    print(f"{measure.machine()}\nCPython {platform.python_version()}, autograd_lite {__version__}, "
          f"micrograd {micrograd or 'not installed: pip install micrograd==0.1.0'}")  # fmt: skip
    print(f"fresh process each, garbage collector on, {WARM_UP} steps to warm up, {MEASURED} measured in turns; "
          "median (range)\n")  # fmt: skip
    print("| work | autograd_lite | peer | ratio | bar |\n|---|---|---|---|---|")
    for key, race in RACES.items():
        if key in chosen:
            if race.peer == "micrograd" and not micrograd:
                _print_row(race.title, "", "micrograd is not installed", "", f"≥ {race.bar:g}")
                continue
            seconds = measure.run(key, race)
            ours, other = (Spread.of(seconds[name]).show(1, 1e3) + " ms" for name in (OURS, race.peer))
            ratio = measure.ratios(seconds, race.peer)
            _print_row(race.title, ours, f"{race.peer}: {other}", f"**{ratio.show(1)}**", f"≥ {race.bar:g}")
    if "memory" in chosen:
        size, nodes = measure.memory("moons", OURS)
        other, ratio = "micrograd is not installed", ""
        if micrograd:
            peer_size, _ = measure.memory("moons", "micrograd")
            other, ratio = f"micrograd: {peer_size:.0f}", f"**{peer_size / size:.1f}**"
        _print_row(f"bytes a node after backward ({nodes:,} nodes)", f"{size:.0f}", other, ratio, f"≤ {MEMORY_BAR}")
    if "import" in chosen:
        extra = measure.import_time("autograd_lite")
        _print_row(
            "import, over a bare interpreter", extra.show(0, 1e3) + " ms", "", "", f"< {IMPORT_BAR * 1e3:.0f} ms"
        )


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
