"""The decision boundary of a net with two inputs, as a picture (needs matplotlib)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.plots import pyplot
from autograd_lite.nn.training_steps import outputs_of

__all__ = ["plot_boundary"]


NO, YES = "#1f5fbf", "#d62728"  # points of the lower and of the higher target
SHADES = ("#6ea4e8", "#bcd5f4", "#ffffff", "#f8c4bc", "#ee8074")  # the ground: from no over undecided to yes
TINT = 0.4  # of a class's colour in its region


def plot_boundary(model: MLP, X: Sequence[Any], y: Sequence[int], ax: Any = None, steps: int = 100) -> Any:
    """Draw what a net of two inputs answers over the plane, and a data set's points on it; return the axes.

    One output is shaded by its value, white where the net is undecided, with a line where it changes sides: a
    sigmoid's at 1/2, any other output's at 0, or at 1/2 where the targets are 0 and 1. The full colours stand for the
    targets, not for the largest answers: a net that says 0.50001 everywhere looks undecided. With several outputs,
    each region has the colour of the largest. `steps` is the grid's fineness.
    """
    if not isinstance(model, MLP) or model.nin != 2:
        raise ValueError(f"plot_boundary: expected an MLP with 2 inputs, to draw them as a plane, got {model!r:.60}")
    if not len(X) or len(X) != len(y):
        raise ValueError(f"plot_boundary: expected as many targets as points, one or more, got {len(X)} and {len(y)}")
    if not isinstance(steps, int) or steps < 2:
        raise ValueError(f"plot_boundary: steps: expected an int of 2 or more, got {steps!r}")
    plt = pyplot("plot_boundary")
    ax = plt.subplots()[1] if ax is None else ax
    across, up = (_ticks([float(point[i]) for point in X], steps) for i in (0, 1))
    outputs = outputs_of(model, [[a, b] for b in up for a in across])
    if model.nouts[-1] == 1:
        middle = 0.5 if model.output == "sigmoid" or set(y) == {0, 1} else 0.0
        _shade(ax, across, up, outputs, middle, max(abs(target - middle) for target in y) or 1.0)
        colours = [YES if target > middle else NO for target in y]
    else:
        palette = plt.get_cmap("tab10")
        _regions(ax, across, up, outputs, palette)
        colours = [palette(int(target) % palette.N) for target in y]
    ax.scatter([p[0] for p in X], [p[1] for p in X], c=colours, edgecolors="black", linewidths=0.5, s=24, zorder=2)
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    return ax


def _shade(
    ax: Any, across: list[float], up: list[float], outputs: Sequence[float], middle: float, reach: float
) -> None:
    """Colour the plane by the only output, in full where it is as far from the middle as a target is."""
    from matplotlib.colors import LinearSegmentedColormap

    answers = _rows(outputs, len(across))
    ax.pcolormesh(
        across,
        up,
        answers,
        cmap=LinearSegmentedColormap.from_list("boundary", SHADES),
        vmin=middle - reach,
        vmax=middle + reach,
        shading="gouraud",  # smooth between the points of the grid
        rasterized=True,  # one image, not thousands of triangles
    )
    _edge(ax, across, up, answers, middle)


def _regions(ax: Any, across: list[float], up: list[float], outputs: Sequence[list[float]], palette: Any) -> None:
    """Give each class its region, painted over those before it wherever its output is larger than theirs.

    So no gap is left where three regions meet.
    """
    for unit in range(len(outputs[0])):
        lead = [o[unit] - max(o[:unit]) if unit else 1.0 for o in outputs]  # over the classes painted so far
        top = max(lead)
        if not top > 0.0:
            continue
        rows, colour = _rows(lead, len(across)), palette(unit % palette.N)
        tint = [1.0 - TINT * (1.0 - channel) for channel in colour[:3]]  # opaque: it covers what is below
        ax.contourf(across, up, rows, levels=[0.0, top], colors=[tint], zorder=1)
        _edge(ax, across, up, rows, 0.0)


def _edge(ax: Any, across: list[float], up: list[float], rows: list[list[float]], level: float) -> None:
    """Draw the line where the numbers change sides, if there is one."""
    if min(map(min, rows)) < level < max(map(max, rows)):
        ax.contour(across, up, rows, levels=[level], colors="black", linewidths=1.0, zorder=1)


def _rows(numbers: Sequence[float], width: int) -> list[list[float]]:
    """Cut a list into rows of the grid."""
    return [list(numbers[i : i + width]) for i in range(0, len(numbers), width)]


def _ticks(coordinates: list[float], steps: int) -> list[float]:
    """Return evenly spaced places from a little below the coordinates to a little above."""
    low, high = min(coordinates), max(coordinates)
    margin = 0.15 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (steps - 1) for i in range(steps)]
