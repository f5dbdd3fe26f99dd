"""One contender in a process of its own: `python -m tests.benchmarks.contender RACE NAME`.

It does its work for each line that comes in and answers with the seconds a unit; between, it waits, so contenders can
take turns. Short work is repeated, until the clock can tell and the processor's caches are as warm as in a training.
Seconds are the process's own processor time, or those on the wall if they are fewer: what else the machine does stays
out, and so does a wait that is no work. The line "memory" asks for the bytes a node instead.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tracemalloc
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

from tests.benchmarks.program import Program, Unavailable, load_kernel
from tests.benchmarks.races import RACES

SHORTEST = 0.1  # seconds that one answer takes at least


def bytes_a_node(step: Callable[[], Any]) -> tuple[float, int]:
    """Return the mean size of what a step leaves behind a loss after backward, and the number of nodes."""
    step()  # what is made once and kept is no part of a node
    gc.collect()
    tracemalloc.start()
    loss = step()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    nodes = nodes_behind(loss)
    return size / nodes, nodes


def nodes_behind(root: Any) -> int:
    """Count the nodes behind a root, the parameters among them: their share is small, for all alike."""
    seen = {root}
    stack = [root]
    while stack:
        node = stack.pop()
        names = ("children", "parents", "_prev")  # ours has the last one, too, with a new leaf for each number
        parents = next(getattr(node, name) for name in names if hasattr(node, name))
        fresh = set(parents) - seen
        seen |= fresh
        stack.extend(fresh)
    return len(seen)


class Clock:
    """Times a program's steps."""

    def __init__(self, program: Program, units: int, wall: bool) -> None:
        self.program, self.units, self.wall = program, units, wall
        self.repeats = 1
        self.result: Any = None  # as in any training loop, a step's graph lives until the next step has its own

    def seconds(self) -> float:
        """Return the seconds a unit of some steps in a row, enough of them to be timed."""
        while True:
            if self.program.before is not None:
                self.program.before()
            processor, start = process_time(), perf_counter()
            for _ in range(self.repeats):
                self.result = self.program.step()
            on_the_wall, processor = perf_counter() - start, process_time() - processor
            taken = on_the_wall if self.wall else min(on_the_wall, processor)
            if taken >= SHORTEST / 2 or self.program.before is not None:
                return taken / (self.repeats * self.units)
            self.repeats = max(2 * self.repeats, round(self.repeats * SHORTEST / max(taken, 1e-6)))


def main(race: str, name: str) -> None:
    contender = RACES[race].contenders[name]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-contender.cores :])
    load_kernel()
    try:
        program = contender.program()
        answer: Any = {"check": program.check()}
    except ModuleNotFoundError as error:
        answer = {"unavailable": f"{error.name} is not installed"}
    except Unavailable as error:
        answer = {"unavailable": str(error)}
    print(json.dumps(answer), flush=True)
    if "unavailable" in answer:
        return
    assert gc.isenabled()
    clock = Clock(program, contender.units, RACES[race].wall)
    for line in sys.stdin:
        memory = program.memory or (lambda: bytes_a_node(program.step))
        print(json.dumps(memory() if line.strip() == "memory" else clock.seconds()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
