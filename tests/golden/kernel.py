"""Write the C text of a kernel for a few rows: `python -m tests.golden.kernel`."""

from pathlib import Path

from autograd_lite.kernel.text import text_of
from autograd_lite.ops import TABLE

if __name__ == "__main__":
    text = text_of([TABLE[name] for name in ("mul", "relu", "dot", "logsumexp")])
    Path(__file__).with_suffix(".c").write_text(text, encoding="utf-8")
