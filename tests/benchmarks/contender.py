"""One contender in a process of its own: `python -m tests.benchmarks.contender RACE NAME`.

It makes one step for each line that comes in and answers with the seconds and the loss; between its steps it
waits, so two contenders can take turns. Seconds are the process's own processor time: all contenders are
single-threaded, and what else the machine does stays out. The line "memory" asks for the bytes a node instead.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Any

from tests.benchmarks.races import RACES


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
        parents = node.children if hasattr(node, "children") else node._prev
        fresh = set(parents) - seen
        seen |= fresh
        stack.extend(fresh)
    return len(seen)


def main(race: str, name: str) -> None:
    assert gc.isenabled()
    step = RACES[race].contenders[name]()
    print(json.dumps("ready"), flush=True)
    loss = None  # as in any training loop, a step's graph lives until the next step has its own
    for line in sys.stdin:
        if line.strip() == "memory":
            answer: Any = bytes_a_node(step)
        else:
            start = process_time()
            loss = step()
            answer = process_time() - start, loss.data
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
