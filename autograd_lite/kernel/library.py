"""The libraries of this process: looked up in the cache or compiled, loaded, and kept.

A thread beside the program compiles one for all rows of the package. A call that has to wait has one compiled for the
rows of its tape before that, which takes a third of the time; a tape with operations that the program defined has one
for its own. Whatever goes wrong on the way is a KernelError; then generated Python runs, and one warning says why.
"""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import os
import sys
import warnings
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import repeat
from operator import eq, truediv
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

from autograd_lite.kernel import cache as files
from autograd_lite.kernel import compiler as compilers
from autograd_lite.kernel.compiler import CompilerError, command, compile_text, compiler
from autograd_lite.kernel.text import text_of
from autograd_lite.ops import ROWS, Op

Rows = tuple[Op, ...]


class KernelError(Exception):
    """There is no kernel, and why."""


class Library(NamedTuple):
    """The functions of a compiled text, and the rows that it knows in the order of their codes."""

    run: Callable[[Any], None]
    divide: Callable[[int, int, float], None]
    add: Callable[[int, int, int], None]
    count_largest: Callable[[Any, int, int, int], int]
    rows: Rows
    handle: int  # of the library, for other functions in it


_loaded: dict[frozenset[Op], Library] = {}
_locks: dict[Rows, Lock] = {}
_making: dict[Rows, Thread] = {}
_failed: list[str] = []  # why, after something went wrong
_reported: list[str] = []
_package = frozenset(ROWS)


def is_here() -> bool:
    """Tell whether there is a compiler, and nothing went wrong with it."""
    return not _failed and bool(compiler())


def is_loaded(rows: Sequence[Op]) -> bool:
    """Tell whether this process has a library that knows these rows."""
    return bool(_loaded) and is_here() and _loaded_for(rows) is not None


def is_on_disk(rows: Sequence[Op]) -> bool:
    """Tell whether a library for these rows was compiled before, by this program or another one on this machine."""
    with suppress(files.CacheError, OSError):
        return any([files.found(name_of(some)) is not None for some in _choices(rows)])
    return False


def library(rows: Sequence[Op]) -> Library:
    """Return a library that knows these rows: load it, and compile it before where that was never done."""
    if found := _loaded_for(rows):
        return found
    every, own = _choices(rows)
    if every is own or is_on_disk(every):
        return _made(every)
    found = _made(own)
    begin(every)  # for tapes of other rows
    return found


def begin(rows: Sequence[Op]) -> None:
    """Have a thread load or compile a library for these rows; `is_loaded` says when it is done."""
    wanted = _choices(rows)[0]
    if wanted in _making or _failed:
        return

    def make() -> None:
        try:
            _made(wanted)
        except KernelError as error:
            give_up(error)

    _making[wanted] = Thread(target=make, name="autograd_lite compiles", daemon=True)
    _making[wanted].start()


def give_up(error: KernelError) -> None:
    """Use generated Python from now on."""
    _failed.append(str(error))


def report(stacklevel: int = 2) -> None:
    """Say once why there is no kernel, if something went wrong."""
    if _failed and not _reported:
        _reported.append(_failed[0])
        warnings.warn(f"compile: no kernel; generated Python runs instead. {_failed[0]}", stacklevel=stacklevel + 1)


def divided(numbers: Sequence[float], by: float) -> array[float]:
    """Return numbers divided by another one, by a library if one is loaded."""
    if not _loaded:
        return array("d", map(truediv, numbers, repeat(by)))
    found = array("d", numbers)
    next(iter(_loaded.values())).divide(found.buffer_info()[0], len(found), by)
    return found


def count_largest(columns: Sequence[Any], places: array[float]) -> int:
    """Count the rows whose largest number, the first of several, stands in the column of this place."""
    if not _loaded:
        return sum(map(eq, [line.index(max(line)) for line in zip(*columns, strict=True)], places))
    given = (ctypes.c_void_p * len(columns))(*[column.buffer_info()[0] for column in columns])
    return next(iter(_loaded.values())).count_largest(given, len(columns), places.buffer_info()[0], len(places))


# ------------------------------------------------------------------------------------------ which library, by name


def _loaded_for(rows: Sequence[Op]) -> Library | None:
    return next((found for known, found in list(_loaded.items()) if known.issuperset(rows)), None)


def _choices(rows: Sequence[Op]) -> tuple[Rows, Rows]:
    """Return the rows of two libraries that would do: all of the package, and these alone."""
    if not _package.issuperset(rows):
        return tuple(rows), tuple(rows)
    return ROWS, tuple(sorted(rows, key=lambda row: row.name)) if rows is not ROWS else ROWS


def name_of(rows: Rows) -> str:
    """Return the file name of a library: with another text, flag, compiler or processor it is another one."""
    return _name(rows, command(), processor())


@cache
def _name(rows: Rows, command: tuple[str, ...], processor: str) -> str:
    # Writing the text of all rows takes longer than loading the library, so what it is made from stands for it.
    text = b"".join([path.read_bytes() for path in _SOURCES]) if _package.issuperset(rows) else text_of(rows).encode()
    told = [*command, *_identity(command[0]), processor, *[row.name for row in rows]]
    key = hashlib.sha256(text + "\0".join(told).encode()).hexdigest()[:32]
    return f"kernel-{key}{'.dll' if sys.platform == 'win32' else '.so'}"


_PACKAGE = Path(__file__).parent.parent
_SOURCES = sorted([
    *_PACKAGE.glob("languages/*.py"), *_PACKAGE.glob("numerics/*.py"), *_PACKAGE.glob("kernel/*.[pc]*"),
    _PACKAGE / "ops.py", _PACKAGE / "row.py", _PACKAGE / "formulas.py",
])  # fmt: skip


def _identity(path: str) -> list[str]:
    """Return the path, size and date of a compiler: asking for its version takes longer than a kernel."""
    with suppress(OSError):
        real = os.path.realpath(path)
        state = os.stat(real)
        return [real, str(state.st_size), str(state.st_mtime_ns)]
    return []


@cache
def processor() -> str:
    """Return the model and features of this processor: code made for another one may end the program."""
    told = [os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_IDENTIFIER", "")]
    keys = ("vendor_id", "cpu family", "model", "flags", "Features", "CPU ", "isa", "uarch")
    with suppress(OSError):
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").partition("\n\n")[0]
        told += [line for line in first.splitlines() if line.startswith(keys)]
    if sys.platform == "darwin":
        size = ctypes.c_size_t(256)
        brand = ctypes.create_string_buffer(size.value)
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).sysctlbyname(b"machdep.cpu.brand_string", brand, ctypes.byref(size), None, 0)
        told.append(brand.value.decode("utf-8", "replace"))
    return "\n".join(told)


# ------------------------------------------------------------------------------------------------ from text to code


def _made(rows: Rows) -> Library:
    """Load the library of these rows, compiled before where it is not in the cache; one thread does, others wait."""
    with _locks.setdefault(rows, Lock()):
        if found := _loaded.get(frozenset(rows)):
            return found
        try:
            files.sweep()
            name = name_of(rows)
            path = files.found(name)
            found = _kept(path, rows) if path is not None else None
            found = _loaded[frozenset(rows)] = found or load(_compiled(rows, name), rows)
            return found
        except (CompilerError, files.CacheError, OSError, AttributeError) as error:
            raise KernelError(str(error)) from error


def _kept(path: Path, rows: Rows) -> Library | None:
    """Load a library from the cache; None where the file is none, or one that is cut off."""
    with suppress(OSError, AttributeError):
        return load(path, rows)
    return None


def _compiled(rows: Rows, name: str) -> Path:
    text = text_of(rows)
    with files.workshop() as folder:
        compile_text(text, folder / name)
        return files.keep(folder / name, name)


def load(path: Path, rows: Rows) -> Library:
    """Load a library; a file that is none, or one for another machine, is removed."""
    try:
        functions = ctypes.CDLL(str(path))
        run, divide, add, count = functions.run, functions.divide_all, functions.add_all, functions.count_largest
    except (OSError, AttributeError):
        with suppress(OSError):
            path.unlink()
        raise
    address, whole = ctypes.c_void_p, ctypes.c_longlong
    run.restype, run.argtypes = None, [address]
    divide.restype, divide.argtypes = None, [address, whole, ctypes.c_double]
    add.restype, add.argtypes = None, [address, address, whole]
    count.restype, count.argtypes = whole, [address, whole, address, whole]
    return Library(run, divide, add, count, rows, functions._handle)


@atexit.register
def _end() -> None:
    """End the compilers that threads wait for, and remove what they left: nothing goes on without the program."""
    compilers.end_all()
    files.close_all()


def _after_fork() -> None:
    """Forget the threads of the process that this one was forked from, and leave its work to it."""
    _locks.clear()
    _making.clear()
    compilers.forget()
    files.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
