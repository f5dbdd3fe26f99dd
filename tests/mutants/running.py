"""One mutant in a process of its own: forked from one that has imported the test tools, so that it starts at once."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

SECONDS = 90  # of processor time for one call of pytest, which takes a tenth of that where nothing is broken
PATIENCE = 1200  # seconds by the clock, for what waits and computes nothing
MEMORY = 8 << 30
TOOLS = ["pytest", "_pytest.doctest", "hypothesis", "mpmath", "numpy", "sympy", "torch"]
SURVIVED, KILLED, TIMED_OUT = "survived", "killed", "timed out"

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(TOOLS)


@dataclass
class Job:
    """A mutant under test."""

    name: str
    path: str
    text: str
    commands: list[str]  # the arguments of pytest, one call after the other
    kernel: bool


def copies_of(root: Path, folder: Path, count: int) -> list[Path]:
    """Copy what the tests need, once for each process that runs beside others."""
    found = []
    for i in range(count):
        copy = folder / f"copy{i}"
        copy.mkdir(parents=True)
        for part in ("autograd_lite", "tests"):
            shutil.copytree(root / part, copy / part)
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / part, copy / part)
        found.append(copy)
    return found


def run_all(jobs: Iterable[Job], copies: list[Path]) -> Iterator[tuple[Job, str]]:
    """Run jobs side by side, one in each copy; yield each with what became of it."""
    waiting, idle = iter(jobs), list(copies)
    running: dict[int, tuple[BaseProcess, Job, Path, list[str], str]] = {}

    def start(job: Job, copy: Path, commands: list[str], original: str) -> None:
        process = context.Process(target=_test, args=(copy, commands[0], job.kernel))
        process.start()
        running[process.sentinel] = process, job, copy, commands, original

    try:
        while True:
            while idle and (job := next(waiting, None)) is not None:
                copy = idle.pop()
                module = copy / job.path
                original = module.read_text(encoding="utf-8")
                _write(module, job.text)
                start(job, copy, job.commands, original)
            if not running:
                return
            done = wait(list(running), timeout=PATIENCE)
            for sentinel in done or list(running):
                process, job, copy, commands, original = running.pop(sentinel)  # type: ignore[index]
                if not done:
                    process.kill()
                process.join()
                outcome = _outcome(process.exitcode) if done else TIMED_OUT
                if outcome == SURVIVED and len(commands) > 1:
                    start(job, copy, commands[1:], original)
                    continue
                _write(copy / job.path, original)
                idle.append(copy)
                yield job, outcome
    finally:
        for process, *_ in running.values():
            process.kill()


def _write(module: Path, text: str) -> None:
    """Write a module; its old bytecode goes, for two texts of one length in one second look alike to Python."""
    for old in (module.parent / "__pycache__").glob(f"{module.stem}.*"):
        old.unlink()
    module.write_text(text, encoding="utf-8")


def _outcome(code: int | None) -> str:
    if code == 4:
        raise SystemExit("pytest could not be called; see the lines above")
    if code in (-24, -9):  # SIGXCPU, SIGKILL
        return TIMED_OUT
    return SURVIVED if code in (0, 5) else KILLED  # 5: no test of that name


def _test(copy: Path, command: str, kernel: bool) -> None:
    """Run pytest in a copy, and end with its verdict."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if place not in ("", str(Path(__file__).parents[2])))]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "autograd_lite")]:
        del sys.modules[name]
    os.environ |= {"PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OMP_NUM_THREADS": "1"}
    if not kernel:
        os.environ["AUTOGRAD_LITE_CC"] = "none"
    import pytest

    arguments = ["-x", "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider"]
    with (copy / "last.log").open("w", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        code = int(pytest.main([*arguments, *shlex.split(command)]))
    os._exit(code)
