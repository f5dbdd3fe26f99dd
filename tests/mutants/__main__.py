"""Make mutants, run the tests on each, and tell which survived: `python -m tests.mutants`, or with names of targets.

The same seed draws the same mutants from the same sources. Two processes run side by side; a mutant takes a few
seconds. Needs a system that can fork.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.changes import Mutant, mutants_of, mutants_of_rows
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.running import SURVIVED, Job, copies_of, run_all
from tests.mutants.targets import TARGETS, Target, rows_reached

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("target", nargs="*", help=f"what to break, of {', '.join(TARGETS)}; all if none is named")
    parser.add_argument("--seed", type=int, default=0, help="draw others (default: %(default)s)")
    parser.add_argument("--times", type=float, default=1.0, help="draw so many times as many (default: %(default)s)")
    parser.add_argument("--named", default="", help="only those with this in their names, of all that can be made")
    parser.add_argument("--unbroken", action="store_true", help="run the tests on the package as it is: all must pass")
    parser.add_argument("--list", action="store_true", help="name them, and run nothing")
    parser.add_argument("--results", type=Path, metavar="FILE", help="keep results here; run what is new, or survived")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no process stays behind
    if unknown := [name for name in options.target if name not in TARGETS]:
        parser.error(f"expected {', '.join(TARGETS)}, got {', '.join(unknown)}")

    chosen: list[str] = options.target or list(TARGETS)
    if options.unbroken:
        sys.exit(_unbroken(chosen))
    every = {name: {m.name: m for m in _all_of(name)} for name in chosen}
    drawn = {name: _drawn(name, mutants, options) for name, mutants in every.items()}
    if options.list:
        print("\n".join(mutant for names in drawn.values() for mutant in names))
        return
    made = {mutant for mutants in every.values() for mutant in mutants}
    stale = [] if options.target else [name for name in EQUIVALENT if name not in made]
    counts: dict[str, Counter[str]] = {name: Counter() for name in chosen}
    target_of = {mutant: name for name, mutants in drawn.items() for mutant in mutants}
    known = _read(options.results)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        jobs = (job for name in chosen for job in _jobs(name, drawn[name]) if known.get(job.name, SURVIVED) == SURVIVED)
        for job, outcome in run_all(jobs, copies_of(ROOT, Path(folder), 2)):
            known[job.name] = outcome
            print(line := f"{outcome}: {job.name}", flush=True)
            if options.results:
                with options.results.open("a", encoding="utf-8") as results:
                    print(line, file=results)
    for mutant, name in target_of.items():
        if mutant in known and mutant not in EQUIVALENT:
            counts[name][known[mutant]] += 1
    _print_table(counts, drawn)
    for name in stale:
        print(f"equivalent.py: no such mutant any more: {name}")
    sys.exit(1 if stale or any(count[SURVIVED] for count in counts.values()) else 0)


def _read(results: Path | None) -> dict[str, str]:
    """Return what became of each mutant in earlier runs."""
    lines = results.read_text(encoding="utf-8").splitlines() if results and results.exists() else []
    return {mutant: outcome for outcome, _, mutant in (line.partition(": ") for line in lines)}


def _unbroken(chosen: list[str]) -> int:
    """Run every call of pytest on the package as it is; return how many fail."""
    calls = {(test, TARGETS[name].kernel): TARGETS[name].path for name in chosen for test in TARGETS[name].tests}
    jobs = [
        Job(f"{test}{', with the kernel' * kernel}", path, (ROOT / path).read_text(encoding="utf-8"), [test], kernel)
        for (test, kernel), path in calls.items()
        if "{rows}" not in test
    ]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        for job, outcome in run_all(jobs, copies_of(ROOT, Path(folder), 2)):
            failed += outcome != SURVIVED
            print(f"{'pass' if outcome == SURVIVED else 'FAIL'}: {job.name}", flush=True)
    return failed


def _all_of(name: str, wanted: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    make = mutants_of_rows if name == "rows" else mutants_of
    return make(TARGETS[name].path, ROOT, wanted)


def _drawn(name: str, mutants: dict[str, Mutant], options: argparse.Namespace) -> list[str]:
    """Return the names of the mutants to run: of each text of a row one, then at random; equal for one seed.

    Each name has its own lot, so an edit elsewhere in the module does not draw others.
    """
    if options.named:
        return [mutant for mutant in mutants if options.named in mutant]
    names = sorted(mutants, key=lambda mutant: random.Random(f"{options.seed} {mutant}").random())
    first: dict[str, str] = {}
    if name == "rows":
        for mutant in names:
            first.setdefault(mutant.partition(": ")[0], mutant)
    others = [mutant for mutant in names if mutant not in first.values()]
    count = round(TARGETS[name].count * options.times)
    return sorted([*first.values(), *others][: max(count, len(first))])


def _jobs(name: str, drawn: list[str]) -> Iterator[Job]:
    target: Target = TARGETS[name]
    wanted = frozenset(drawn) - EQUIVALENT.keys()
    for mutant in _all_of(name, wanted):
        if mutant.name in wanted and mutant.text:
            rows = " or ".join(rows_reached(ROOT, mutant.row or mutant.function))
            yield Job(mutant.name, target.path, mutant.text, [t.format(rows=f"'{rows}'") for t in target.tests],
                      target.kernel)  # fmt: skip


def _print_table(counts: dict[str, Counter[str]], drawn: dict[str, list[str]]) -> None:
    print("\n| target | mutants | killed | timed out | equivalent | survived |\n|---|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for name, count in counts.items():
        count["made"], count["equivalent"] = len(drawn[name]), len(EQUIVALENT.keys() & set(drawn[name]))
        total += count
        print(f"| {name} | {_cells(count)} |")
    print(f"| all | {_cells(total)} |")


def _cells(count: Counter[str]) -> str:
    return " | ".join(str(count[what]) for what in ("made", "killed", "timed out", "equivalent", "survived"))


if __name__ == "__main__":
    main()
