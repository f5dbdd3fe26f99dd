"""The decision boundary of a net with two inputs, as a picture (needs matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.engine import no_grad
from autograd_lite.nn.mlp import MLP

__all__ = ["plot_boundary", "pyplot"]


def pyplot(what: str) -> Any:
    """Return `matplotlib.pyplot`; without matplotlib, an `ImportError` that says how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError(f"{what} needs matplotlib: pip install 'autograd-lite[plot]'") from None
    return plt


def plot_boundary(model: MLP, X: Sequence[Any], y: Sequence[int], ax: Any = None, steps: int = 60) -> Any:
    """Draw what a net of two inputs answers over the plane, and a data set's points on it; return the axes.

    One output is shaded by its value: a sigmoid's side is decided at 1/2, a linear output's at 0. With
    several, each region has the colour of the largest output. `steps` is the grid's fineness.
    """
    if not isinstance(model, MLP) or model.nin != 2:
        raise ValueError(f"plot_boundary: expected an MLP with 2 inputs, to draw them as a plane, got {model!r:.60}")
    if not len(X) or len(X) != len(y):
        raise ValueError(f"plot_boundary: expected as many targets as points, one or more, got {len(X)} and {len(y)}")
    plt = pyplot("plot_boundary")
    ax = plt.subplots()[1] if ax is None else ax
    across, up = (_ticks([float(point[i]) for point in X], steps) for i in (0, 1))
    classes = model.nouts[-1]
    with no_grad():
        answers = [[_answer(model([a, b])) for a in across] for b in up]
    colours = plt.get_cmap("RdBu_r" if classes == 1 else "tab10")
    if classes == 1:
        middle = 0.5 if model.output == "sigmoid" else 0.0
        reach = max(abs(z - middle) for row in answers for z in row) or 1.0
        ax.pcolormesh(across, up, answers, cmap=colours, vmin=middle - reach, vmax=middle + reach, alpha=0.5)
        if min(map(min, answers)) < middle < max(map(max, answers)):
            ax.contour(across, up, answers, levels=[middle], colors="black", linewidths=1.0)
        top = max(y)
        shades = [colours(0.95 if label == top else 0.05) for label in y]
    else:
        ax.pcolormesh(across, up, answers, cmap=colours, vmin=-0.5, vmax=colours.N - 0.5, alpha=0.35)
        shades = [colours(int(label) % colours.N) for label in y]
    ax.scatter([p[0] for p in X], [p[1] for p in X], c=shades, edgecolors="black", linewidths=0.5, s=24)
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    return ax


def _answer(outputs: Any) -> float:
    """Return the number to colour: the only output, or the index of the largest."""
    if isinstance(outputs, list):
        data = [a.data for a in outputs]
        return float(data.index(max(data)))
    return float(outputs.data)


def _ticks(coordinates: list[float], steps: int) -> list[float]:
    """Return evenly spaced places from a little below the coordinates to a little above."""
    low, high = min(coordinates), max(coordinates)
    margin = 0.15 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (steps - 1) for i in range(steps)]
