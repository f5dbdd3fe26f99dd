"""Python that the package writes: run, and known to `linecache`, so debuggers, tracebacks and `Value.exp??` show it."""

from __future__ import annotations

import linecache
from typing import Any

filenames: set[str] = set()  # of all texts so far


def run_text(text: str, filename: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a text of definitions, which may use these names, and return the definitions by name.

    >>> run_text("def twice(x):\\n    return two * x", "<an example>", {"two": 2.0})["twice"](3.0)
    6.0
    """
    filenames.add(filename)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    found: dict[str, Any] = {}
    exec(compile(text, filename, "exec"), names, found)
    return found
