"""Write a file so that a reader finds the old content or the new, never a part of it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Mapping
from typing import NamedTuple


def write_atomically(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Replace the file at `path` by `data` (text is written as UTF-8) in one step.

    The data goes to a new file in the same directory, is synced to the disk, and then takes the name of the old one.
    A crash, a full disk or Ctrl-C on the way leaves the old file unchanged. A symbolic link stays a link, and an
    existing file keeps its mode. A directory or a device is an `OSError`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = os.path.join(folder, "greeting.txt")
    ...     write_atomically(name, "hello")
    ...     print(os.listdir(folder), os.path.getsize(name))
    ['greeting.txt'] 5
    """
    write_together({path: data})


def write_together(files: Mapping[str | os.PathLike[str], str | bytes]) -> None:
    """Replace several files: all of them or none, as far as the file system allows.

    Each goes to a temporary file in its directory first. When all are on the disk, they take their names, one after the
    other; if one of these last steps fails, the earlier ones are undone.
    """
    contents = {
        os.path.realpath(path): data.encode("utf-8") if isinstance(data, str) else data  # os.replace would end a link
        for path, data in files.items()
    }
    before = {target: _existing(target, read=len(contents) > 1) for target in contents}
    temporaries = {target: os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}.tmp") for target in contents}
    begun: list[str] = []
    try:  # the loops are a function of their own: CPython may raise Ctrl-C at the jump of a loop, outside this `try`
        _replace(contents, temporaries, before, begun)
    except BaseException:
        for temporary in temporaries.values():
            with contextlib.suppress(OSError):  # the file may not be there yet, or no longer
                os.unlink(temporary)
        if len(contents) > 1:  # a single file is always the old one or the new one
            for target in begun:
                with contextlib.suppress(OSError):
                    _restore(target, before[target])
        raise


def _replace(
    contents: Mapping[str, bytes], temporaries: Mapping[str, str], before: Mapping[str, _Old], begun: list[str]
) -> None:
    """Write all temporary files, then rename them; `begun` lists the files whose renaming has begun."""
    for target, content in contents.items():
        with open(temporaries[target], "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if (mode := before[target].mode) is not None:
            os.chmod(temporaries[target], mode)
    for target, temporary in temporaries.items():
        begun.append(target)
        os.replace(temporary, target)


class _Old(NamedTuple):
    """A file before the change: its mode, None if there was no file, and its content if it was read."""

    mode: int | None
    content: bytes


def _existing(target: str, read: bool) -> _Old:
    if not os.path.lexists(target):
        if not os.path.isdir(folder := os.path.dirname(target)):
            raise FileNotFoundError(errno.ENOENT, "no such folder to write to", folder)
        return _Old(None, b"")
    mode = os.stat(target).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{target!r} is a directory: expected the name of a file to write")
    if not stat.S_ISREG(mode):
        raise OSError(f"{target!r} is a device or a pipe: expected the name of a file to write")
    content = b""
    if read:
        with open(target, "rb") as file:
            content = file.read()
    return _Old(stat.S_IMODE(mode), content)


def _restore(target: str, old: _Old) -> None:
    if old.mode is None:
        os.unlink(target)
    else:
        write_atomically(target, old.content)
