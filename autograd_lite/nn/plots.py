"""What every plot of this room needs: matplotlib, or a word how to get it."""

from __future__ import annotations

from typing import Any

__all__ = ["pyplot"]


def pyplot(what: str) -> Any:
    """Return `matplotlib.pyplot`; without matplotlib, an `ImportError` that says how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError(f"{what} needs matplotlib: pip install 'autograd-lite[plot]'") from None
    return plt
