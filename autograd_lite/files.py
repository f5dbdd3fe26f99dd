"""Write a file so that a reader finds the old content or the new, never a part of it."""

import contextlib
import os
import stat

__all__ = ["write_atomically"]


def write_atomically(path: str | os.PathLike[str], data: str | bytes) -> None:
    """Replace the file at `path` by `data` (text is written as UTF-8) in one step.

    The data goes to a new file in the same directory, down to the disk, and then takes the name
    over. A crash, a full disk or Ctrl-C on the way leaves the old file as it was. A symbolic link
    stays a link, and an existing file keeps its mode. A directory or a device is an `OSError`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     name = os.path.join(folder, "greeting.txt")
    ...     write_atomically(name, "hello")
    ...     print(os.listdir(folder), os.path.getsize(name))
    ['greeting.txt'] 5
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    target = os.path.realpath(path)  # os.replace would put a file in the place of a link
    mode = None
    if os.path.lexists(target):
        mode = os.stat(target).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(
                f"{os.fspath(path)!r} is a directory: expected the name of a file to write"
            )
        if not stat.S_ISREG(mode):
            raise OSError(f"{os.fspath(path)!r} is a device or a pipe: expected the name of a file to write")
    temporary = os.path.join(os.path.dirname(target), f".{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):  # the file may not be there yet, or no longer
            os.unlink(temporary)
        raise
