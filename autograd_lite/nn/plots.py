"""The plots of this room: a training's history, a diagnosis, a decision boundary (they need matplotlib)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite.checks import whole
from autograd_lite.nn.data import classes_in, one_hot_class
from autograd_lite.nn.diagnosis.verdicts import VANISHING
from autograd_lite.nn.evaluation import predict
from autograd_lite.nn.mlp import MLP
from autograd_lite.nn.objectives import classes_of

if TYPE_CHECKING:
    from autograd_lite.nn.diagnosis.report import Diagnosis
    from autograd_lite.nn.history import History

BAND = 0.15  # height of the legend's band above a history, in heights of the curves
ROW = {"ncols": 4, "frameon": False, "fontsize": "small", "columnspacing": 0.8}  # a legend in one narrow row
ROW |= {"handlelength": 1.2, "handletextpad": 0.4, "borderpad": 0.2}
NO, YES = "#1f5fbf", "#d62728"  # points of the lower and of the higher target
SHADES = ("#6ea4e8", "#bcd5f4", "#ffffff", "#f8c4bc", "#ee8074")  # the ground: from no over undecided to yes
TINT = 0.4  # of a class's colour in its region


def _pyplot(caller: str) -> Any:
    """Return `matplotlib.pyplot`; without matplotlib, an `ImportError` that says how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError(f"{caller} needs matplotlib: pip install 'autograd-lite[plot]'") from None
    return plt


def plot_history(history: History, ax: Any = None) -> Any:
    """Draw the loss (and the accuracy, on a scale of its own) over the epochs; return the axes.

    Each curve has the colour of its scale; validation is dashed.
    """
    ax = ax or _pyplot("History.plot").subplots(layout="constrained")[1]
    ax.set_xlabel("epoch")
    scales = {"loss": (ax, "C0")}
    if history.accuracy:
        scales["accuracy"] = ax.twinx(), "C1"
        scales["accuracy"][0].set_ylim(0.0, 1.02)
    for name, figures in history.columns.items():
        axes, colour = scales[name.rpartition("_")[2]]
        style = "--" if name.startswith("validation") else "-"
        axes.plot(range(1, len(figures) + 1), figures, style, color=colour, label=name.replace("_", " "))
    for name, (axes, colour) in scales.items():
        axes.set_ylabel(history.loss_name.replace("_", " ") or name if axes is ax else name, color=colour)
        axes.tick_params(axis="y", labelcolor=colour)
    if history.validation_loss:
        _style_legend([axes for axes, _ in scales.values()])
    return ax


def _style_legend(scales: list[Any]) -> None:
    """Name the two styles of line in a band above the highest curve: there it covers none, of either scale."""
    from matplotlib.lines import Line2D

    for axes in scales:
        low, high = axes.get_ylim()
        axes.set_yticks([tick for tick in axes.get_yticks() if low <= tick <= high])
        axes.set_ylim(low, high + BAND * (high - low))
    styles: dict[str, Any] = {"training": "-", "validation": "--"}  # grey, of either colour
    handles = [Line2D([], [], color="0.3", linestyle=style, label=name) for name, style in styles.items()]
    scales[-1].legend(handles=handles, loc="upper right", ncols=2, frameon=False, fontsize="small")


def plot_diagnosis(diagnosis: Diagnosis, ax: Any = None) -> Any:
    """Draw each layer's gradient, and its shares of saturated and dead units; return the axes."""
    ax = ax or _pyplot("Diagnosis.plot").subplots(layout="constrained")[1]
    numbers = [layer.layer for layer in diagnosis.layers]
    handles = _plot_shares(diagnosis, ax)
    drawn = [layer.gradient if 0.0 < layer.gradient < math.inf else math.nan for layer in diagnosis.layers]
    (curve,) = ax.plot(numbers, drawn, "o-", color="C0", label="gradient")
    if drawn[-1] > 0.0:
        ax.axhline(VANISHING * drawn[-1], color="C3", linestyle=":", label="vanishing below this")
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0.0)
    ax.set_xticks(numbers)
    ax.set_xlim(0.4, numbers[-1] + 0.6)
    ax.set_xlabel("layer")
    ax.set_ylabel(r"gradient: root mean square of $\partial C / \partial w$")
    handles = [*ax.get_legend_handles_labels()[0], *handles]
    handles = handles if any(norm > 0.0 for norm in drawn) else [h for h in handles if h is not curve]
    # Between the axes and the title, because bars and curve may be anywhere.
    ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), **ROW)
    ax.set_title(", ".join(dict.fromkeys(f.kind for f in diagnosis.findings)) or "nothing wrong found", pad=24.0)
    return ax


def _plot_shares(diagnosis: Diagnosis, ax: Any) -> list[Any]:
    """Draw the shares of units as bars on a scale of their own, if there are any; return the handles for the legend."""
    saturated = {layer.layer: layer.saturated for layer in diagnosis.layers if layer.saturated}
    dead = {layer.layer: layer.dead_share for layer in diagnosis.layers if layer.dead_share}
    if not saturated and not dead:
        return []
    shares = ax.twinx()
    shares.set_ylabel("share of units")
    shares.set_ylim(0.0, 1.02)
    for name, colour, bars in (("saturated", "C1", saturated), ("dead", "C7", dead)):
        if bars:
            shares.bar([*bars], [*bars.values()], width=0.4, color=colour, alpha=0.45, label=name)
    ax.set_zorder(shares.get_zorder() + 1)  # the curve in front of the bars
    ax.patch.set_visible(False)
    return list(shares.get_legend_handles_labels()[0])


def plot_boundary(model: MLP, X: Sequence[Any], y: Sequence[Any], ax: Any = None, steps: int = 100) -> Any:
    """Draw the outputs of a net of two inputs over the plane, with the points of a data set; return the axes.

    One output is shaded by its value, white where the net is undecided, with a line where it changes sides: a
    sigmoid's at 1/2, any other output's at 0, or at 1/2 where the targets are 0 and 1. The full colours stand for the
    targets, not for the largest answers: a net that says 0.50001 everywhere looks undecided. With several outputs,
    each region has the colour of the largest. Classes may be given by their names. `steps` is the grid's fineness.
    """
    if not isinstance(model, MLP) or model.nin != 2:
        raise ValueError(f"plot_boundary: expected an MLP with 2 inputs, to draw them as a plane, got {model!r:.60}")
    if not len(X) or len(X) != len(y):
        raise ValueError(f"plot_boundary: expected as many targets as points, one or more, got {len(X)} and {len(y)}")
    y = _numbered(model, y)
    whole("plot_boundary: steps", steps, "the fineness of a grid", 2)
    plt = _pyplot("plot_boundary")
    ax = plt.subplots()[1] if ax is None else ax
    across, up = (_ticks([float(point[i]) for point in X], steps) for i in (0, 1))
    outputs = predict(model, [[a, b] for b in up for a in across])
    if model.nouts[-1] == 1:
        middle = 0.5 if model.output == "sigmoid" or set(y) == {0, 1} else 0.0
        _shade(ax, across, up, _rows(outputs, steps), middle, max(abs(target - middle) for target in y) or 1.0)
        colours = [YES if target > middle else NO for target in y]
    else:
        palette = plt.get_cmap("tab10")
        _regions(ax, across, up, outputs, palette)
        colours = [palette(int(target) % palette.N) for target in y]
    ax.scatter([p[0] for p in X], [p[1] for p in X], c=colours, edgecolors="black", linewidths=0.5, s=24, zorder=2)
    ax.set_xlabel("$x_1$")
    ax.set_ylabel("$x_2$")
    return ax


def _numbered(model: MLP, y: Sequence[Any]) -> list[Any]:
    """Return targets in which the names of classes are indices: of those that the net knows, else of those here."""
    known = classes_of(model)
    names = known if any(target in known for target in y) else classes_in(y)
    for i, target in enumerate(y, start=1):
        if isinstance(target, str) and target not in names:
            expected = f"one of the classes {', '.join(names)}" if names else "a number"
            raise ValueError(f"plot_boundary: y, row {i}: expected {expected}, got {target!r}")
    return [names.index(target) if isinstance(target, str) else one_hot_class(target) for target in y]


def _shade(ax: Any, across: list[float], up: list[float], rows: Any, middle: float, reach: float) -> None:
    """Colour the plane by the only output, in full where it is as far from the middle as a target is."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("boundary", SHADES)
    # Smooth between the points of the grid, and one image instead of thousands of triangles.
    style = {"cmap": colours, "shading": "gouraud", "rasterized": True}
    ax.pcolormesh(across, up, rows, vmin=middle - reach, vmax=middle + reach, **style)
    _edge(ax, across, up, rows, middle)


def _regions(ax: Any, across: list[float], up: list[float], outputs: Sequence[list[float]], palette: Any) -> None:
    """Paint each class's region over those before it, where its output is larger: no gap is left where three meet."""
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
    """Return evenly spaced numbers from a little below the coordinates to a little above."""
    low, high = min(coordinates), max(coordinates)
    margin = 0.15 * (high - low) or 1.0
    return [low - margin + (high - low + 2.0 * margin) * i / (steps - 1) for i in range(steps)]
