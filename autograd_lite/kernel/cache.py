"""The user's folder for libraries that were compiled before.

A library in there runs as the user, so a folder or a file that belongs to somebody else, or that others may write to,
is not used. Files get their names when they are complete, so two programs may write at once. Each compiles in a
temporary folder, its *workshop*, and holds a lock on it. A program that ends while it compiles removes its workshop;
one that is killed cannot, and the next one that finds no lock on the folder does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # Windows
    flock = None  # type: ignore[assignment]

YOUNG = 24 * 3600 if flock is None else 1  # seconds in which a workshop may have no lock, and somebody in it


class CacheError(Exception):
    """A folder that cannot be used, and why."""


def cache_folder() -> Path:
    """Return the folder for what can be computed again, as each system has it."""
    try:
        home = Path.home()
    except RuntimeError as error:
        raise CacheError(str(error)) from None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "autograd_lite"


def found(name: str) -> Path | None:
    """Return the library of this name, if it is in the cache and may be used."""
    path = cache_folder() / name
    try:
        refuse_strangers(path.parent)
        refuse_strangers(path)
    except OSError:
        return None
    return path


def refuse_strangers(path: Path) -> None:
    """Raise CacheError for a folder or a file that belongs to somebody else, or that others may write to."""
    held = os.lstat(path)
    if stat.S_ISLNK(held.st_mode):
        raise CacheError(f"{path} is a link")
    if sys.platform == "win32":  # a user's folder there is the user's by its list of rights
        return
    if held.st_uid != os.geteuid():
        raise CacheError(f"{path} belongs to another user")
    if held.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CacheError(f"others may write to {path}")


@contextlib.contextmanager
def workshop() -> Iterator[Path]:
    """Make a temporary folder in the cache, to compile in; it is removed at the end."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_strangers(folder)
        with _opening:
            if _closed:
                raise CacheError("the program ends")
            own = Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))
            _open[own] = _lock_on(own)
    except OSError as error:
        raise CacheError(str(error)) from None
    try:
        yield own
    finally:
        _remove(own, _open.pop(own, None))


_opening = Lock()
_open: dict[Path, int | None] = {}  # the workshops of this process, and what holds the lock on each
_closed: list[bool] = []


def _lock_on(folder: Path) -> int | None:
    """Take the lock on a folder and return what holds it until this process ends; None where that can't be done."""
    if flock is None:
        return None
    held = os.open(folder, os.O_RDONLY)
    try:
        flock(held, LOCK_EX | LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held


def _remove(folder: Path, held: int | None) -> None:
    for _ in range(9):  # a thread that still works in it may write a file meanwhile
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    if held is not None:
        os.close(held)


def close_all() -> None:
    """Remove the workshops that threads work in, because the program ends; no further one is made."""
    with _opening:
        _closed.append(True)
    while _open:
        _remove(*_open.popitem())


def forget() -> None:
    """Leave the workshops of the process that this one was forked from to that process."""
    global _opening
    _opening = Lock()
    while _open:
        _, held = _open.popitem()
        if held is not None:
            os.close(held)  # that process has the lock all the same


def sweep() -> None:
    """Remove the workshops of programs that were killed while they compiled."""
    for left in cache_folder().glob("tmp-*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - YOUNG:
                held = _lock_on(left)
                if held is not None or flock is None:
                    _remove(left, held)


def keep(made: Path, name: str) -> Path:
    """Let a library that was compiled in a workshop take its name; another one's of the same name is as good."""
    target = cache_folder() / name
    try:
        os.chmod(made, 0o700)
        with open(made, "rb+") as file:  # a file that a crash cuts off would end the program that loads it
            os.fsync(file.fileno())
        os.replace(made, target)
    except OSError as error:
        if found(name) is None:  # Windows does not replace a library that a program has loaded
            raise CacheError(str(error)) from None
    return target
