"""Layout programs: where they are, what they are asked, and what happens when they fail or take too long.

The only file that imports graphviz. A program is started without a shell, reads only what is piped to it, and is
stopped with all its children after 10 seconds. It places bare boxes; svg.py draws the picture.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from autograd_lite.draw import layout
from autograd_lite.draw.dot import bare, body
from autograd_lite.draw.geometry import Box, Placement, Point, Route, framed
from autograd_lite.draw.scene import Scene
from autograd_lite.files import write_atomically

__all__ = ["SECONDS", "LayoutError", "digraph", "engines", "image", "lecture_digraph", "placed", "run"]

SECONDS = 10.0
VARIABLE = "AUTOGRAD_LITE_DOT"
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF"}  # graphviz-pure answers a complaint where it knows no pdf


class LayoutError(RuntimeError):
    """No layout program could do what was asked."""


def engines() -> Iterator[str]:
    """Yield the path of every layout program there is: the user's choice, graphviz-pure, the system's dot."""
    if chosen := os.environ.get(VARIABLE):
        yield shutil.which(chosen) or chosen
    # The folders of this interpreter, too: notebook kernels often lack them on PATH.
    near = [os.path.dirname(sys.executable or ""), sysconfig.get_path("scripts"), os.environ.get("PATH", "")]
    if pure := shutil.which("graphviz-pure", path=os.pathsep.join(filter(None, near))):
        yield pure
    if system := shutil.which("dot"):
        yield system


def run(program: str, form: str, source: str, seconds: float | None = None) -> bytes:
    """Return what a layout program makes of DOT text; a crash, a complaint or a time-out is a LayoutError."""
    limit = SECONDS if seconds is None else seconds
    try:
        process = subprocess.Popen(
            [program, f"-T{form}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",  # a process group, to be stopped as a whole
        )
    except (OSError, ValueError) as error:
        raise LayoutError(f"{program} did not start: {error}") from error
    try:
        out, complaint = process.communicate(source.encode(), timeout=limit)
    except BaseException as error:  # Ctrl-C, too, must leave no program behind
        _stop(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise LayoutError(f"{_short(program)} took more than {limit:g} s") from None
        raise
    if process.returncode or not out:
        said = complaint.decode(errors="replace").strip().splitlines()
        raise LayoutError(f"{_short(program)} failed: {said[0] if said else f'exit code {process.returncode}'}")
    return out


def _stop(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def placed(scene: Scene, program: str | None = None) -> Placement:
    """Lay out a scene with the first program that can, else with the project's own layout."""
    failures = []
    if program is None and scene.clusters and not os.environ.get(VARIABLE):
        return layout.place(scene)  # layout programs scatter the panels of a net over a page four times as large
    for path in engines() if program is None else [program]:
        try:
            return _placement(scene, json.loads(run(path, "json0", bare(scene))), _version(path))
        except (LayoutError, ValueError, KeyError, TypeError, IndexError) as error:
            failures.append(str(error) if isinstance(error, LayoutError) else f"{_short(path)} gave no layout")
    own = layout.place(scene)
    if not failures:
        return own
    return Placement(own.w, own.h, own.cards, own.routes, own.clusters, f"{own.engine} ({'; '.join(failures)})")


def image(source: str, form: str) -> bytes:
    """Return DOT text as an image, png or pdf say."""
    failures = []
    for path in engines():
        try:
            made = run(path, form, source)
        except LayoutError as error:
            failures.append(str(error))
            continue
        if made.startswith(MAGIC.get(form, b"")):
            return made
        failures.append(f"{_short(path)} cannot write {form}")
    why = f" ({'; '.join(failures)})" if failures else ""
    both = "the extra dot (pip install autograd-lite[dot]) or Graphviz (https://graphviz.org/download)"
    need = both.partition(" or ")[2] if form == "pdf" else both
    raise LayoutError(
        f"a .{form} picture needs a layout program{why}: install {need}, "
        "or save a drawn graph as .svg, which always works"
    )


def _placement(scene: Scene, found: dict[str, Any], engine: str) -> Placement:
    """Read the answer of a layout program; its y runs upwards."""
    left, low, right, top = map(float, found["bb"].split(","))
    objects = {thing["name"]: thing for thing in found.get("objects", ())}
    arrows = {thing["id"]: thing for thing in found.get("edges", ()) if "id" in thing}

    def point(text: str) -> Point:
        x, y = map(float, text.split(","))
        return x - left, top - y

    cards, routes, clusters = {}, {}, {}
    for card in scene.cards:
        thing = objects[card.id]
        cards[card.id] = Box(*point(thing["pos"]), 72 * float(thing["width"]), 72 * float(thing["height"]))
    for edge in scene.edges:
        thing = arrows[edge.id]
        tip, *points = map(point, thing["pos"].removeprefix("e,").split())
        # The line of a layout program ends where its arrow head begins: ours is drawn up to the tip.
        routes[edge.id] = Route((*points[:-1], tip), point(thing["lp"]) if "lp" in thing else None)
    for cluster in () if scene.columns else scene.clusters:
        x0, y0, x1, y1 = map(float, objects[f"cluster_{cluster.id}"]["bb"].split(","))
        clusters[cluster.id] = Box((x0 + x1) / 2 - left, top - (y0 + y1) / 2, x1 - x0, y1 - y0)
    whole = Placement(right - left, top - low, cards, routes, clusters, engine)
    return framed(whole, {cluster.id: cluster.cards for cluster in scene.clusters}) if scene.columns else whole


def _short(program: str) -> str:
    return os.path.splitext(os.path.basename(program))[0] or program


@lru_cache(maxsize=8)
def _version(program: str) -> str:
    """Return the name of a layout program and what it says its version is."""
    try:
        done = subprocess.run([program, "-V"], capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return _short(program)
    said = (done.stderr or done.stdout).decode(errors="replace").strip()
    number = next((word for word in said.split() if word[:1].isdigit() and "." in word), "")
    return f"{_short(program)} {number}".strip()


def digraph(scene: Scene) -> Any:
    """Return the scene as a plain `graphviz.Digraph`."""
    import graphviz

    return graphviz.Digraph("computation", body=body(scene))


@lru_cache(maxsize=1)
def lecture_digraph() -> Any:
    """Return the class of what `draw_dot` makes: a `graphviz.Digraph` that shows itself with our layout engines."""
    import graphviz

    class DrawnDigraph(graphviz.Digraph):  # type: ignore[misc]
        """A `graphviz.Digraph`; a notebook shows it without a `dot` program, too."""

        picture: Any = None  # the Graph that it was made from

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, str]:
            return shown(self, include, exclude)

        def render(self, filename: Any = None, **options: Any) -> str:
            try:
                return str(super().render(filename, **options))
            except graphviz.ExecutableNotFound:
                form = options.get("format") or self.format
                drawn = self.picture is not None and self.source == self.picture.dot
                made = self.picture.svg if form == "svg" and drawn else image(self.source, form)
                path = f"{self.save(filename, directory=options.get('directory'))}.{form}"
                write_atomically(path, made)
                return path

    return DrawnDigraph


def shown(drawn: Any, include: Any, exclude: Any) -> dict[str, str]:
    """Return what a notebook shows of a DrawnDigraph; never raises."""
    from autograd_lite.draw.foreign import cleaned
    from autograd_lite.draw.graph_view import bundle

    picture = drawn.picture
    if picture is not None and drawn.source == picture.dot:
        return dict(picture._repr_mimebundle_(include, exclude))
    forms = {"text/plain": drawn.source}
    for path in engines():  # the user went on drawing: only a layout program can read that
        try:
            svg = cleaned(run(path, "svg", drawn.source), drawn.name or "graph")
        except (LayoutError, SyntaxError):  # what is no XML is a SyntaxError to ElementTree
            continue
        forms |= bundle(svg, drawn.name or "graph")
        break
    return {k: v for k, v in forms.items() if (not include or k in include) and k not in (exclude or ())}
