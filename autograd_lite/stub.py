"""Write `operations.pyi` from the table, for type checkers and editors: `python -m autograd_lite.stub`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from autograd_lite.methods import COMPARISONS
from autograd_lite.ops import TABLE, Op


def stub(table: Mapping[str, Op]) -> str:
    """Return the text of `operations.pyi`: the signatures of the generated methods and functions."""
    lines = ['"""Written from the table by `python -m autograd_lite.stub`: what type checkers and editors see."""', "",
             "from typing import Any", "", "from autograd_lite.engine import Value", ""]  # fmt: skip
    names = sorted(table, key=lambda name: re.sub(r"\d+", lambda n: n[0].zfill(9), name))
    lines += ["__all__ = [", *(f'    "{name}",' for name in names), "]", "", "class Operations:"]
    for row in table.values():
        settings = "".join(f", {n}: float = {v!r}" for n, v in zip(row.setting_names, row.settings, strict=True))
        other = ", other: Any" if len(row.operands) == 2 else ""
        lines += [f"    def {name}(self{other}{settings}) -> Value: ..." for name in row.methods]
    lines += [f"    def {name}(self, other: Any) -> bool: ..." for name in COMPARISONS]
    lines.append("")
    for row in table.values():
        words = [word.partition("=") for word in row.signature.split(", ")]
        signature = [f"{name}: {'float' if name in row.setting_names else 'Any'}{' = ' * bool(default)}{default}"
                     for name, _, default in words]  # fmt: skip
        lines.append(f"def {row.name}({', '.join(signature)}) -> {'list[Any]' if row.each else 'Any'}: ...")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("operations.pyi").write_text(stub(TABLE), encoding="utf-8")
