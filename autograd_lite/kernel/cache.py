"""The user's folder for libraries that were compiled before.

A library in there runs as the user, so a folder or a file that belongs to somebody else, or that others may write to,
is not used. Files get their names when they are complete: two programs may write at once, and one that is ended while
it compiles leaves nothing behind but a temporary folder, which the next one removes when it is a day old.
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

DAY = 24 * 3600


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
        _sweep(folder)
        own = Path(tempfile.mkdtemp(prefix="tmp-", dir=folder))
    except OSError as error:
        raise CacheError(str(error)) from None
    try:
        yield own
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove the temporary folders of programs that were ended while they compiled."""
    for left in folder.glob("tmp-*"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(left, ignore_errors=True)


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
