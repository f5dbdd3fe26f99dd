"""The libraries of this process: looked up in the cache or compiled, loaded, and kept.

All rows of the package share one library; a tape with operations that the program defined gets one for its own rows.
Whatever goes wrong on the way is a KernelError; then generated Python runs from there on, and one warning says why.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import sys
import warnings
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from itertools import repeat
from operator import truediv
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

from autograd_lite.kernel import cache as files
from autograd_lite.kernel.compiler import CompilerError, command, compile_text, compiler
from autograd_lite.kernel.text import text_of
from autograd_lite.ops import ROWS, Op


class KernelError(Exception):
    """There is no kernel, and why."""


class Library(NamedTuple):
    """The functions of a compiled text, and the rows that it knows in the order of their codes."""

    run: Callable[[Any], None]
    divide: Callable[[int, int, float], None]
    rows: tuple[Op, ...]


_loaded: dict[tuple[Op, ...], Library] = {}
_making: dict[tuple[Op, ...], Thread] = {}
_failed: list[str] = []  # why, after something went wrong
_reported: list[str] = []
_lock = Lock()


def is_here() -> bool:
    """Tell whether there is a compiler, and nothing went wrong with it."""
    return not _failed and bool(compiler())


def is_loaded(rows: Sequence[Op] = ()) -> bool:
    """Tell whether this process has a library that knows these rows; without rows, whether it has any."""
    return is_here() and (known(rows) in _loaded if rows else bool(_loaded))


def is_on_disk(rows: Sequence[Op]) -> bool:
    """Tell whether a library for these rows was compiled before, by this program or another one on this machine."""
    with suppress(files.CacheError, OSError):
        return files.found(name_of(known(rows))) is not None
    return False


def library(rows: Sequence[Op]) -> Library:
    """Return the library that knows these rows: load it, and compile it before where that was never done."""
    wanted = known(rows)
    with _lock:
        if wanted not in _loaded:
            try:
                _loaded[wanted] = _load(_made(wanted), wanted)
            except (CompilerError, files.CacheError, OSError, AttributeError) as error:
                raise KernelError(str(error)) from error
        return _loaded[wanted]


def divided(numbers: Sequence[float], by: float) -> array[float]:
    """Return numbers divided by another one, by a library if one is loaded."""
    if not _loaded:
        return array("d", map(truediv, numbers, repeat(by)))
    found = array("d", numbers)
    next(iter(_loaded.values())).divide(found.buffer_info()[0], len(found), by)
    return found


def begin(rows: Sequence[Op]) -> None:
    """Have a thread load or compile the library for these rows; `is_loaded` says when it is done."""
    wanted = known(rows)
    if wanted in _making or _failed:
        return

    def make() -> None:
        try:
            library(wanted)
        except KernelError as error:
            _failed.append(str(error))

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


def known(rows: Sequence[Op]) -> tuple[Op, ...]:
    """Return the rows of the library for these: all of the package's if they are among them."""
    return ROWS if _package.issuperset(rows) else tuple(rows)


_package = frozenset(ROWS)


@cache
def name_of(rows: tuple[Op, ...]) -> str:
    """Return the file name of a library: with another text, flag, compiler or processor it is another one.

    The text is told by what it is made from, because making it takes longer than loading the library.
    """
    own = [] if rows is ROWS else [repr([vars(row).get(name) for name in _COLUMNS]) for row in rows]
    parts = [*command(), *_identity(compiler()), processor(), platform.version(), *own]
    key = hashlib.sha256("\0".join(parts).encode())
    for path in _SOURCES:
        key.update(path.read_bytes())
    return f"kernel-{key.hexdigest()[:32]}{'.dll' if sys.platform == 'win32' else '.so'}"


_COLUMNS = ("name", "args", "formula", "partials", "fold")
_PACKAGE = Path(__file__).parent.parent
_SOURCES = sorted([
    *_PACKAGE.glob("languages/*.py"), *_PACKAGE.glob("numerics/*.py"), *_PACKAGE.glob("kernel/*.[pc]*"),
    _PACKAGE / "ops.py", _PACKAGE / "row.py", _PACKAGE / "formulas.py",
])  # fmt: skip


def _identity(command: tuple[str, ...]) -> list[str]:
    """Return what tells a compiler from the one that was there before; running it would take longer than a kernel."""
    found = []
    for path in command[:1]:
        real = os.path.realpath(path)
        with suppress(OSError):
            state = os.stat(real)
            found += [real, str(state.st_size), str(state.st_mtime_ns)]
    return found


@cache
def processor() -> str:
    """Return what tells this processor from others: code made for one may end the program on another."""
    told = [platform.machine(), platform.processor()]
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


def _made(rows: tuple[Op, ...]) -> Path:
    """Return the library of these rows from the cache; compile it where it is not there."""
    name = name_of(rows)
    path = files.found(name)
    if path is None:
        with files.workshop() as folder:
            made = folder / name
            compile_text(text_of(rows), made)
            path = files.keep(made, name)
    return path


def _load(path: Path, rows: tuple[Op, ...]) -> Library:
    try:
        functions = ctypes.CDLL(str(path))
        run, divide = functions.run, functions.divide_all
    except (OSError, AttributeError):  # no library, or one for another machine
        path.unlink(missing_ok=True)
        raise
    run.restype = divide.restype = None
    run.argtypes = [ctypes.c_void_p]
    divide.argtypes = [ctypes.c_void_p, ctypes.c_longlong, ctypes.c_double]
    return Library(run, divide, rows)


def _after_fork() -> None:
    """Forget the threads of the process that this one was forked from."""
    global _lock
    _lock = Lock()
    _making.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
