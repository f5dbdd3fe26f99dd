"""Find a C compiler, and have it make a library of a text.

In this order: AUTOGRAD_LITE_CC (the path of a compiler, or `none`), `cc`, `gcc` and `clang` on the PATH, and the one
in the package `ziglang` (extra `fast`), for machines that have none.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from autograd_lite.languages.c import FLAGS

NAMES = ("cc", "gcc", "clang")
SECONDS = 60  # after which a compiler is taken to hang
LEVEL = "-O3"  # the level of -O2 hardly vectorises


class CompilerError(Exception):
    """A compiler that failed, and its message."""


class CompilerHangs(CompilerError):
    """A compiler that takes too long."""


def compiler() -> tuple[str, ...]:
    """Return the command that runs a C compiler; empty where there is none, or none is to be used."""
    return _found(os.environ.get("AUTOGRAD_LITE_CC", ""), os.environ.get("PATH", ""))


@cache
def _found(named: str, path: str) -> tuple[str, ...]:
    if named == "none":
        return ()
    if named:
        where = shutil.which(named)
        return (os.path.abspath(where) if where else named,)  # one that is not there fails, and that is reported
    if not _is_stub():
        for name in NAMES:
            if where := shutil.which(name):
                return (os.path.abspath(where),)
    return (sys.executable, "-m", "ziglang", "cc") if find_spec("ziglang") is not None else ()


def _is_stub() -> bool:
    """Tell whether what lies on the PATH is Apple's: it opens a dialogue where the command line tools are missing."""
    if sys.platform != "darwin":
        return False
    try:
        return subprocess.run(["xcode-select", "-p"], capture_output=True, timeout=SECONDS).returncode != 0
    except (OSError, subprocess.SubprocessError):
        return True


def command(level: str = LEVEL) -> tuple[str, ...]:
    """Return the command with all its flags: code for this processor, and no licence to change a bit."""
    position = () if sys.platform == "win32" else ("-fPIC",)
    return (*compiler(), *FLAGS, level, "-march=native", "-shared", *position, "-w")


def compile_text(text: str, library: Path, level: str = LEVEL) -> None:
    """Compile a text to a library; CompilerError if that fails or takes too long."""
    source = library.with_suffix(".c")
    source.write_text(text, encoding="utf-8")
    # In the folder, so that its name is not among what is given: zig takes no " in the name of a file.
    given = [*command(level), "-o", library.name, source.name, *(() if sys.platform == "win32" else ("-lm",))]
    try:
        _run(given, library.parent)
    except CompilerHangs:
        raise
    except CompilerError:  # one that does not know the flag, perhaps
        _run([flag for flag in given if flag != "-march=native"], library.parent)


def _run(command: Sequence[str], folder: Path) -> str:
    """Run a command in a group of its own, so that nothing that it started goes on when its time is over."""
    try:
        with _starting:
            if _ended:
                raise CompilerError("the program ends")
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
            _running.add(process)
    except OSError as error:
        raise CompilerError(str(error)) from None
    with process:
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except BaseException as error:
            _end(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise CompilerHangs(f"{command[0]} takes more than {SECONDS} s") from None
            raise
        finally:
            _running.discard(process)
    said = output.decode("utf-8", "replace")
    if process.returncode:
        raise CompilerError(f"{command[0]} failed: {said.strip()[:300] or process.returncode}")
    return said


_starting = Lock()
_running: set[subprocess.Popen[bytes]] = set()
_ended: list[bool] = []


def end_all() -> None:
    """End the compilers that threads wait for, because the program ends; no further one is started."""
    with _starting:
        _ended.append(True)
    for process in list(_running):
        _end(process)


def forget() -> None:
    """Leave the compilers of the process that this one was forked from to that process."""
    global _starting
    _starting = Lock()
    _running.clear()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and, where the system has groups, what it started."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, 9)
    except OSError:  # it has ended by itself
        pass
    process.wait()
