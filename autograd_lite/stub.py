"""Write `operations.pyi` from the table, for type checkers and editors: `python -m autograd_lite.stub`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from autograd_lite.methods import COMPARISONS, FUNCTIONS_ONLY, OPERATORS, SPELLINGS
from autograd_lite.ops import TABLE, Op


def stub(table: Mapping[str, Op]) -> str:
    """Return the text of `operations.pyi`: the signatures of the generated methods and functions."""
    lines = ['"""Written from the table by `python -m autograd_lite.stub`: what type checkers and editors see."""', "",
             "from typing import Any", "", "from autograd_lite.engine import Value", ""]  # fmt: skip
    functions = [row for row in table.values() if not row.takes_lists]
    names = sorted((row.name for row in functions), key=lambda name: re.sub(r"\d+", lambda n: n[0].zfill(9), name))
    lines += ["__all__ = [", *(f'    "{name}",' for name in names), "]", "", "class Operations:"]
    for row in functions:
        settings = "".join(f", {n}: float = {v!r}" for n, v in zip(row.setting_names, row.settings, strict=True))
        if not (row.helper or row.nary or row.name in FUNCTIONS_ONLY):
            other = ", other: Any" if len(row.operands) == 2 else ""
            names_ = OPERATORS.get(row.name, (row.name,))
            for name in (*names_, *(spelling for spelling, name in SPELLINGS.items() if name in names_)):
                lines.append(f"    def {name}(self{other}{settings}) -> Value: ...")
    lines += [f"    def {name}(self, other: Any) -> bool: ..." for name in COMPARISONS]
    lines.append("")
    for row in functions:
        settings = "".join(f", {n}: float = {v!r}" for n, v in zip(row.setting_names, row.settings, strict=True))
        lines.append(f"def {row.name}({', '.join(f'{n}: Any' for n in row.operands)}{settings}) -> Any: ...")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("operations.pyi").write_text(stub(TABLE), encoding="utf-8")
