"""Have numba compile the kernels, once on a machine: their text goes to a file in the user's cache.

All rows of the package share one text; a tape with operations that the program defined gets one for its own rows.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

from autograd_lite.files import write_atomically
from autograd_lite.ops import ROWS, Op
from autograd_lite.replay.arms import in_order, text_of

SECONDS = 35  # what compiling takes, about


class Kernels:
    """The functions of a kernel module; the first use of one that is still to be compiled says so."""

    announced = False

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if not Kernels.announced and hasattr(found, "stats") and not _on_disk(found):
            Kernels.announced = True
            print(f"autograd_lite: compiling the kernels, once on this machine (about {SECONDS} s)", file=sys.stderr)
        setattr(self, name, found)
        return found


def _on_disk(function: Any) -> bool:
    folder = function.stats.cache_path
    return folder is not None and any(Path(folder).glob(f"*{function.__module__}.{function.__name__}-*.nbi"))


def is_loaded(rows: Sequence[Op]) -> bool:
    """Tell whether kernels that know these rows were made in this process; without rows, whether any were."""
    return _known(rows) in _made if rows else bool(_made)


def is_on_disk(rows: Sequence[Op]) -> bool:
    """Tell whether such kernels are in the user's cache, without importing numba."""
    return _found(_known(rows))


@cache
def _found(rows: tuple[Op, ...]) -> bool:
    try:
        name = _name(text_of(rows), version("numba"))
        folder = _cache_folder()
    except (PackageNotFoundError, RuntimeError):  # numba without its metadata; a system without a home
        return False
    own = os.environ.get("NUMBA_CACHE_DIR")
    places = Path(own).glob(f"*/*{name}.run-*.nbi") if own else (folder / "__pycache__").glob(f"*{name}.run-*.nbi")
    return any(places)


def _known(rows: Sequence[Op]) -> tuple[Op, ...]:
    return in_order(ROWS if set(rows) <= set(ROWS) else rows)


def _name(text: str, numba: str) -> str:
    key = hashlib.sha256(f"{text} {numba} {sys.version}".encode()).hexdigest()[:16]
    return f"autograd_lite_kernels_{key}"


def kernels_for(rows: Sequence[Op]) -> tuple[Kernels, list[int]]:
    """Return kernels that know these rows, and the code of each."""
    known = _known(rows)
    return _kernels(known), [known.index(row) for row in rows]


_made: set[tuple[Op, ...]] = set()


@cache
def _kernels(rows: tuple[Op, ...]) -> Kernels:
    os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")  # Intel's vector functions round apart from the C library's
    import numba

    text = text_of(rows)
    name = _name(text, numba.__version__)
    _made.add(rows)
    try:
        return Kernels(_imported(_cache_folder() / f"{name}.py", text))
    except (OSError, RuntimeError):  # numba raises RuntimeError where it finds no folder to write to
        module = ModuleType(name)
        module.__dict__["CACHED"] = False
        exec(compile(text, f"<{name}>", "exec"), module.__dict__)
        return Kernels(module)


def _imported(path: Path, text: str) -> ModuleType:
    """Import the text as a module from a file, because numba stores compiled code beside the file."""
    from importlib.util import module_from_spec, spec_from_file_location

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module  # where numba looks it up when it loads what it has compiled
    module.__dict__["CACHED"] = True
    spec.loader.exec_module(module)
    return module


def _cache_folder() -> Path:
    """Return the folder for what can be computed again, as each system has it."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "autograd_lite"
