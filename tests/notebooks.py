"""The course's notebooks: read them, run them, build them anew.

    python -m tests.notebooks            build every notebook from its source, with outputs
    python -m tests.notebooks 01a 05     build some of them

`notebooks/NN_name.py` is the source that people edit and review, cell by cell in the percent format of jupytext;
`NN_name.ipynb` beside it is built from it and stored with its outputs. Building twice gives the same bytes: it runs in
a fresh kernel that knows nothing of this machine's settings, and nothing of time or chance is kept. It needs
`pip install ".[all]"`; reading the cells and checking the exercises needs nothing.

What a cell says is held by `claims.md`: asserts that the tests run in the notebook's names, right after the cell.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import math
import os
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "notebooks").glob("[0-9][0-9]*_*.py"))
CLAIMS = Path(__file__).parent / "claims.md"
SECONDS = 180  # for one cell, at most


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook, as its author wrote it."""

    kind: str  # "code" or "markdown"
    source: str
    tags: frozenset[str] = frozenset()


# ---------------------------------------------------------------------------------------------------------- read


def script_cells(text: str) -> list[Cell]:
    """Read a script in the percent format.

    >>> script_cells('# %% [markdown]\\n# One\\n# %% tags=["exercise"]\\nanswer = ...')[1].tags
    frozenset({'exercise'})
    """
    head, *parts = re.split(r"^# %%(.*)\n", text, flags=re.MULTILINE)
    assert not head.strip(), f"text before the first cell: {head.strip():.60}"
    cells = []
    for marker, body in zip(parts[::2], parts[1::2], strict=True):
        form = re.fullmatch(r"(?P<markdown> \[markdown\])?( tags=(?P<tags>\[.*\]))?", marker.rstrip())
        assert form, f"a cell begins with '# %%', [markdown] and tags=[...], not '# %%{marker}'"
        tags = frozenset(json.loads(form["tags"] or "[]"))
        lines = body.strip("\n").split("\n")
        if form["markdown"]:
            assert all(re.match(r"#( |$)", line) for line in lines), f"a line without '# ' in: {lines[0]}"
            cells.append(Cell("markdown", "\n".join(line[2:] for line in lines), tags))
        else:
            cells.append(Cell("code", "\n".join(lines), tags))
    return cells


def stored(source: Path) -> dict[str, Any]:
    """Return the stored notebook of a source, as JSON holds it."""
    found: dict[str, Any] = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    return found


def notebook_cells(notebook: dict[str, Any]) -> list[Cell]:
    """Read the cells of a stored notebook."""
    return [
        Cell(cell["cell_type"], "".join(cell["source"]), frozenset(cell["metadata"].get("tags", ())))
        for cell in notebook["cells"]
    ]


def shortened(cells: list[Cell], settings: str) -> list[Cell]:
    """Return the cells with other settings in the one that is tagged `parameters`: a shorter training."""
    assert sum("parameters" in cell.tags for cell in cells) == 1
    return [Cell(cell.kind, settings, cell.tags) if "parameters" in cell.tags else cell for cell in cells]


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise: its number and title, where its cells stand, and what its folded solution says."""

    name: str  # "1.2"
    title: str
    question: int  # the index of the cell tagged `exercise`; the next one is tagged `check`
    solution: str

    @property
    def check(self) -> int:
        return self.question + 1


def exercises(cells: list[Cell]) -> list[Exercise]:
    """Find the exercises: heading, cell to fill in, check, folded solution, in this order."""
    found = []
    for i, cell in enumerate(cells):
        heading = re.match(r"### Exercise (\d+\.\d+) (\S.*)\n", cell.source) if cell.kind == "markdown" else None
        if not heading:
            continue
        name = heading[1]
        kinds = [(c.kind, c.tags) for c in cells[i + 1 : i + 4]]
        expected = [("code", {"exercise"}), ("code", {"check"}), ("markdown", frozenset())]
        assert kinds == expected, f"exercise {name}: expected a cell to fill in, a check, a solution; found {kinds}"
        fold = re.fullmatch(
            r"<details><summary>Solution</summary>\n\n(?:.*\n\n)?```python\n(.*?)\n```\n(?:.*\n)?\n?</details>",
            cells[i + 3].source,
            flags=re.DOTALL,
        )
        assert fold, f"exercise {name}: the solution is no <details> block with ```python in it"
        assert cells[i + 2].source == f'ag.check("{name}", answer)', f"exercise {name}: the check is more than a call"
        found.append(Exercise(name, heading[2], i + 1, fold[1]))
    tagged = [i for i, cell in enumerate(cells) if cell.tags & {"exercise", "check"}]
    assert tagged == [i for e in found for i in (e.question, e.check)], "a tagged cell without a heading before it"
    return found


def claims() -> dict[str, str]:
    """Read what the cells of all notebooks claim: asserts by the number of an item of the lecture, or by a cell.

    `## L7` is the cell that begins `# L7: …`, `## 01b: c = b + b` the one of notebook 01b in which that line stands.
    """
    parts = re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)```", CLAIMS.read_text(encoding="utf-8"), flags=re.M | re.S)
    assert len(dict(parts)) == len(parts), "two claims with one heading"
    return dict(parts)


def claims_of(source: Path, cells: list[Cell]) -> dict[int, list[tuple[str, str]]]:
    """Return the claims about a notebook by the cell after which they hold: their heading and their asserts."""
    found: dict[int, list[tuple[str, str]]] = {}
    for heading, asserts in claims().items():
        notebook, _, line = heading.partition(": ")
        for index, cell in enumerate(cells):
            here = cell.source.startswith(f"# {heading}: ") if not line else line in cell.source.split("\n")
            if cell.kind == "code" and here and (not line or source.name.startswith(f"{notebook}_")):
                found.setdefault(index, []).append((heading, asserts))
    return found


# ----------------------------------------------------------------------------------------------- run, no Jupyter


class Session:
    """The cells of one notebook, run in order as plain Python: no kernel, no pictures on a screen.

    Where matplotlib is missing, the cells tagged `plot` are left out, as the first cell tells the reader to do.
    """

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, index: int, source: str | None = None) -> str:
        """Run one cell, or another text in its place; return what it prints."""
        cell = self.cells[index]
        if cell.kind != "code" or ("plot" in cell.tags and not find_spec("matplotlib")):
            return ""
        code = compile(cell.source if source is None else source, f"<cell {index}>", "exec")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), _quiet_plots():
            exec(code, self.names)
        return printed.getvalue()

    def checked(self, exercise: Exercise, answer: str) -> str:
        """Fill in an exercise and run its check, twice; return what it says."""
        self.run(exercise.question, f"{self.cells[exercise.question].source}\n{answer}")
        first, second = (str(eval(self.cells[exercise.check].source, self.names)) for _ in range(2))
        assert first == second, f"exercise {exercise.name} is judged otherwise the second time"
        return first

    def hold(self, index: int, heading: str, asserts: str) -> None:
        """Run the asserts about a cell that has run, in the notebook's names and `math`; no name is left there."""
        if "plot" in self.cells[index].tags and not find_spec("matplotlib"):
            return
        exec(compile(asserts, f"{CLAIMS.name}, ## {heading}", "exec"), {**self.names, "math": math})


@contextlib.contextmanager
def _quiet_plots() -> Iterator[None]:
    """Let `plt.show()` pass where there is no screen, and keep no figure."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
        yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


def attempts(source: Path, cells: list[Cell], answers: dict[str, list[str]]) -> dict[str, list[str]]:
    """Run a notebook and, at each exercise, every answer given for it; return what its check says of each.

    An answer is written below what the cell holds already, as a student would, and checked twice. The last one of each
    exercise is none at all; with it the rest of the notebook is run. After its end all of them are given once more, in
    the same order, to whoever goes back. The claims are asserted where they belong.
    """
    session, said = Session(cells), dict[str, list[str]]()
    asked, claimed = {e.question: e for e in exercises(cells)}, claims_of(source, cells)

    def attempt(exercise: Exercise) -> list[str]:
        return [session.checked(exercise, answer) for answer in [*answers.get(exercise.name, ()), ""]]

    for index, cell in enumerate(cells):
        if exercise := asked.get(index):
            said[exercise.name] = attempt(exercise)
        elif "check" not in cell.tags:
            session.run(index)
        for heading, asserts in claimed.get(index, ()):
            session.hold(index, heading, asserts)
    for exercise in asked.values():
        again = attempt(exercise)
        assert again == said[exercise.name], f"exercise {exercise.name} is judged otherwise after the notebook's end"
    return said


# --------------------------------------------------------------------------------------------------------- build


def built(source: Path) -> dict[str, Any]:
    """Run a source in a fresh kernel; return the notebook with its outputs."""
    import jupytext
    import nbformat
    from nbclient import NotebookClient

    notebook = jupytext.read(source, fmt="py:percent")
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(cell.source.encode()).hexdigest()[:8]  # an id that survives new cells elsewhere
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    client = NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", record_timing=False)
    client.resources = {"metadata": {"path": str(source.parent)}}
    with tempfile.TemporaryDirectory() as folder:
        client.execute(env=_environment(Path(folder)))
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    nbformat.validate(notebook)
    return settled(json.loads(nbformat.writes(notebook)))


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of a kernel that takes this checkout and nobody's settings; plots as SVG."""
    (folder / "matplotlibrc").write_text("svg.hashsalt: autograd_lite\n", encoding="utf-8")
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(
        'c.InlineBackend.figure_formats = {"svg"}\n'
        'c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}\n',
        encoding="utf-8",
    )
    kept = {k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTHONSTARTUP")}
    own = {"IPYTHONDIR": str(folder), "MATPLOTLIBRC": str(folder / "matplotlibrc"), "PYTHONHASHSEED": "0"}
    return {**kept, **own, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))}


def settled(notebook: dict[str, Any]) -> dict[str, Any]:
    """Join the pieces in which streams arrived, and number what is named at random."""
    names: dict[str, str] = {}
    for cell in notebook["cells"]:
        joined: list[dict[str, Any]] = []
        for output in cell.get("outputs", ()):
            if joined and output["output_type"] == "stream" and output.get("name") == joined[-1].get("name"):
                joined[-1]["text"] += output["text"]
            else:
                joined.append(output)
        if "outputs" in cell:
            text = json.dumps(joined)
            for name in re.findall(r"autograd-lite-[0-9a-f]{12}\b", text):
                text = text.replace(name, names.setdefault(name, f"autograd-lite-{len(names) + 1}"))
            cell["outputs"] = json.loads(text)
    return notebook


def written(notebook: dict[str, Any]) -> str:
    """Return a notebook as the text of its file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


# ------------------------------------------------------------------------------------------------------- compare


def seen(cell: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return what a reader sees below a cell: texts as they are, pictures by the words and numbers in them.

    Where things stand in a picture is up to the layout program and to matplotlib's version; what it says is not. Of a
    number with more than 13 decimals the others are dropped: a trained parameter comes from sums over many rows, whose
    last digits depend on the processor's width.
    """
    found: list[tuple[str, Any]] = []
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            found.append((output["name"], re.sub(r"(\.\d{13})\d+", r"\1", "".join(output["text"]))))
        for form, content in output.get("data", {}).items():
            found.append((form, _content(form, content if isinstance(content, dict) else "".join(content))))
    return found


def _content(form: str, text: Any) -> Any:
    if form == "image/svg+xml":
        return _words_of_svg(text)
    if form == "text/html":
        image = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
        return _words_of_svg(base64.b64decode(image[1]).decode()) if image else _words_of_html(text)
    return text


def _words_of_svg(text: str) -> list[str]:
    if "Created with matplotlib" in text:  # letters are drawn; what they spell stands in comments
        return sorted(re.findall(r"<!-- (.*?) -->", text))
    told = [e.text or "" for e in ElementTree.fromstring(text).iter() if not e.tag.endswith(("desc", "style"))]
    return sorted(word.strip() for word in told if word.strip())


def _words_of_html(text: str) -> list[str]:
    words: list[str] = []
    reader = HTMLParser()
    reader.handle_data = lambda data: words.extend(data.split())  # type: ignore[method-assign]
    reader.feed(text)
    return words


# ------------------------------------------------------------------------------------------------------- command


def released(source: Path) -> dict[str, Any]:
    """Return a notebook as a course's source for nbgrader, which releases, collects and grades it.

    Of each exercise the cell to fill in holds the solution between nbgrader's marks, so that students get an empty one,
    and the folded solution is left out; the check is locked and worth a point. It fails, after it has shown what it
    found, where the answer is not right: so students who validate their notebook see what is open, and grading needs
    no test that is hidden. Nothing stands last in the cell, because nbgrader reads a last value as the points.
    """
    cells = script_cells(source.read_text(encoding="utf-8"))
    asked = {e.question: e for e in exercises(cells)}
    made: list[dict[str, Any]] = []
    for i, cell in enumerate(cells):
        if i - 2 in asked:
            continue
        text, grading = cell.source, {}
        if i in asked:
            text = f"{text}\n### BEGIN SOLUTION\n{asked[i].solution}\n### END SOLUTION"
            grading = {"grade_id": f"answer-{_id(asked[i])}", "grade": False, "solution": True, "locked": False}
        elif i - 1 in asked:
            text = f'verdict = {text}\nprint(verdict)\nassert verdict, "exercise {asked[i - 1].name} is open"'
            grading = {"grade_id": f"check-{_id(asked[i - 1])}", "grade": True, "solution": False, "locked": True,
                       "points": 1}  # fmt: skip
        metadata: dict[str, Any] = {"tags": sorted(cell.tags)} if cell.tags else {}
        if grading:
            metadata["nbgrader"] = {"schema_version": 3, "task": False, **grading}
        empty = {"execution_count": None, "outputs": []} if cell.kind == "code" else {}
        made.append({"cell_type": cell.kind, "id": f"cell-{i}", "metadata": metadata, "source": text, **empty})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _id(exercise: Exercise) -> str:
    return exercise.name.replace(".", "-")  # nbgrader allows no point in it


def release(folder: Path) -> None:
    """Write the course's notebooks to `folder`, an assignment each, as nbgrader's `source` has them.

    An assignment is a folder of its own, so links lead to the folder of the next one, and each has the page of words.
    """
    words = (ROOT / "notebooks" / "words.md").read_text(encoding="utf-8")
    for source in SOURCES:
        path = folder / source.stem / f"{source.stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_in_folders(written(released(source))), encoding="utf-8")
        (path.parent / "words.md").write_text(_in_folders(words), encoding="utf-8")
        print(path)


def _in_folders(text: str) -> str:
    """Return a text whose links to notebooks lead to the folders of these."""
    return re.sub(r"\]\((\w+)\.ipynb\)", r"](../\1/\1.ipynb)", text)


def main() -> None:
    if sys.argv[1:2] == ["--nbgrader"]:
        if len(sys.argv) != 3:
            sys.exit("usage: python -m tests.notebooks --nbgrader FOLDER")
        release(Path(sys.argv[2]))
        return
    chosen = [s for s in SOURCES if not sys.argv[1:] or s.name.startswith(tuple(sys.argv[1:]))]
    if not chosen:
        sys.exit(f"no such notebook: expected the start of one of {', '.join(s.stem for s in SOURCES)}")
    for source in chosen:
        start = time.perf_counter()
        text = written(built(source))
        source.with_suffix(".ipynb").write_text(text, encoding="utf-8")
        print(f"{source.stem}  {time.perf_counter() - start:.1f} s  {len(text) / 1e6:.1f} MB", flush=True)


if __name__ == "__main__":
    main()
