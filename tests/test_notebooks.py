"""The course's notebooks: every item of the lecture, sources and outputs current, exercises that can tell.

The lecture's items are numbered L1 to L43. Each stands in one cell that begins `# L7: …`; what it says is asserted in
`claims.md`, which is run with the notebook. Answers in every form and silly ones are in `test_course.py`.
"""

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import autograd_lite as ag
from autograd_lite.course import EXERCISES
from tests.notebooks import (
    ROOT,
    SOURCES,
    Cell,
    attempts,
    built,
    claims,
    claims_of,
    exercises,
    notebook_cells,
    release,
    released,
    script_cells,
    seen,
    settled,
    shortened,
    stored,
)

# Where each part of the lecture stands: the number of the notebook, and its items.
PARTS = {
    "01a": range(1, 13),  # basic backpropagation, by hand
    "01b": range(13, 17),  # and as an algorithm
    "02": range(17, 21),  # several nodes in a layer
    "03": range(21, 22),  # intuition
    "04": range(22, 35),  # hidden units
    "05": range(35, 44),  # output units
}

# Right answers, to be made wrong.
BACKWARD = """def answer(root):
    root.grad = 1.0
    for node in reversed(ag.topological_order(root)):
        for parent, local in zip(node.parents, node.partials):
            parent.grad += node.grad * local
"""
SUM = """def answer(i):
    return sum(a(j, 2).grad * g_prime(j, 2) * w(i, j, 2).data for j in (1, 2))
"""

CHAIN = "def answer(w2, w3, z1, z2, z3):\n    return "
BY_UNIT = "def answer(a, g_prime):\n    return "

# Typical wrong answers, and a piece of the hint that each must get.
WRONG: dict[str, dict[str, str]] = {
    "0.1": {"answer = -3": "a path is missing", "answer = 2": "wrong sign", "answer = 6": "✗ wrong"},
    "0.2": {"answer = 0.0393 * -1": "the sign is not", "answer = w.grad": "w moves by much less"},
    "0.3": {"answer = 2.0": "so y grows", "answer = 0": "nothing of x arrives"},
    "1.1": {
        "answer = 2 * (0.1 - 0.2 + 2.0) / 3": "the sign",
        "answer = (-0.1 + 0.2 - 2.0) / 3": "What does the square become",
        "answer = 2 * (-0.1 + 0.2 - 2.0)": "the cost is their mean",
    },
    "1.2": {
        f"{CHAIN}b1.grad": "right for the numbers of the notebook, and wrong for others",
        f"{CHAIN}df_dw1": "this is ∂f/∂w⁽¹⁾",
        f"{CHAIN}g_prime(z3) * w3.data * g_prime(z2) * g_prime(z1)": "= w⁽²⁾ = −2 is left out",
        f"{CHAIN}g_prime(z3) * w3.data * g_prime(z2) * -w2.data * g_prime(z1)": "the sign is not",
    },
    "1.3": {
        'answer = {"e": 4.0, "d": 4.0, "c": 4.0, "a": -12.0, "b": 8.0}': "a path is missing",
        'answer = {"e": 8.0, "d": 8.0, "c": 8.0, "a": 16.0, "b": -24.0}': "this is ∂f/∂b",
        'answer = {"e": 8.0, "d": 8.0, "c": 1.0, "a": -24.0, "b": 16.0}': "the upstream gradient ∂f/∂e is left out",
    },
    "1.4": {
        "def answer(root):\n    root.grad = 1.0\n    naive(root)": "6 again",
        BACKWARD.replace("reversed", "list"): "start at the end",
        BACKWARD.replace("+=", "="): "added (+=)",
    },
    "2.1": {
        f"{BY_UNIT}w(1, 2, 2).grad": "right for the numbers of the notebook, and wrong for others",
        f"{BY_UNIT}a(1, 2).grad * g_prime(1, 2) * a(2, 1).data": "this is ∂f/∂w₂₁⁽²⁾",
        f"{BY_UNIT}a(2, 2).grad * g_prime(2, 2) * a(1, 2).data": "not to its own",
        f"{BY_UNIT}a(2, 2).grad * a(1, 1).data": "is left out",
    },
    "2.2": {
        SUM.replace("(1, 2))", "[1])"): "one term of two",
        SUM.replace("w(i, j, 2)", "w(j, i, 2)"): "from unit i to unit j",
        SUM.replace("g_prime(j, 2) * ", ""): "brings a factor g'(z)",
        SUM.replace("(1, 2))", "(0, 1))"): "IndexError: units count from 1",
    },
    "2.3": {"answer = 4 * 3 * 5": "the 4 does not count", "answer = 3 + 5 + 1": "multiply, they do not add"},
    "3.1": {"answer = 0.02 * v.grad": "a change of −0.02", "answer = v.grad": "each whole unit"},
    "3.2": {"answer = 0": "no change to compare", "answer = 1.0": "smaller nudge", "answer = 0.1": "larger nudge"},
    "3.3": {
        "answer = net.layers[0].neurons[1].w[1]": "raises C the most",
        "answer = net.layers[0].neurons[1].w[0]": "its derivative is positive",
        "answer = net.layers[0].neurons[0].w[0]": "another one does it better",
        "answer = -0.09": "answer with a parameter",
    },
    "4.1": {"answer = (5, -1)": "What happens to the slope", "answer = (6, 1)": "Put x = 0 into both units"},
    "4.2": {
        'answer = {"w": 0.25, "b": 0.25}': "the sign is not",
        'answer = {"w": -1.0, "b": 1.0}': "is left out",
    },
    "4.3": {"answer = 9": "more than 1e-6", "answer = 20": "What multiplies on the way back", "answer = 11": "fewer"},
    "4.4": {"answer = 0.5": "still dead", "answer = 5": "active for 3", "answer = 2": "active for 1"},
    "5.1": {
        'answer = {"rent": ("sigmoid", 1), "spam": ("sigmoid", 1), "digit": ("softmax", 10)}': "a rent is one number",
        'answer = {"rent": ("linear", 1), "spam": ("softmax", 2), "digit": ("softmax", 10)}': "one probability is",
        'answer = {"rent": ("linear", 1), "spam": ("sigmoid", 1), "digit": ("softmax", 1)}': "ten probabilities",
    },
    "5.2": {"answer = 3": "another one", "answer = -3": "it should cost 4"},
    "5.3": {
        'answer = {"w": 0.5, "b": 0.25}': "the sign is not",
        'answer = {"w": -0.25, "b": -0.25}': "1 of 2 right",
    },
    "5.4": {
        'answer = {"z1": 1 / 8, "z2": 2 / 8, "z3": 5 / 8}': "2 of 3 right",
        'answer = {"z1": -1 / 8, "z2": 6 / 8, "z3": -5 / 8}': "the sign is not",
    },
    "6.1": {"answer = 25": "Each unit has a bias", "answer = 27": "each of the 5 units"},
    "6.2": {"answer = 1.95": "uphill", "answer = 2.5": "the rate is missing", "answer = 0.05": "What is the weight"},
    "6.3": {
        'answer = {"activation": "sigmoid", "init": "he", "bias": 0.1}': "hardly learns",
        'answer = {"activation": "relu", "init": "he", "bias": -2.0}': "no gradient passes",
    },
}

NUMBERS = ["00", "01a", "01b", "02", "03", "04", "05", "06", "07"]
GPT = next(source for source in SOURCES if source.name.startswith("07_"))
COURSE = [source for source in SOURCES if source != GPT]  # with exercises

each_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.stem)
each_of_the_course = pytest.mark.parametrize("source", COURSE, ids=lambda s: s.stem)


@cache
def cells_of(source: Path) -> list[Cell]:
    return script_cells(source.read_text(encoding="utf-8"))


def items_of(source: Path) -> dict[int, list[Cell]]:
    """Return the cells that begin with the number of an item of the lecture."""
    found: dict[int, list[Cell]] = {}
    for cell in cells_of(source):
        if cell.kind == "code" and (number := re.match(r"# L(\d+): \S", cell.source)):
            found.setdefault(int(number[1]), []).append(cell)
    return found


def number_of(source: Path) -> str:
    return source.name.split("_")[0]


def test_all_are_there() -> None:
    assert [number_of(s) for s in SOURCES] == NUMBERS


@pytest.mark.parametrize("number", range(1, 44), ids="L{}".format)
def test_every_item_of_the_lecture_stands_in_one_cell_and_is_asserted(number: int) -> None:
    places = {number_of(s): items_of(s)[number] for s in SOURCES if number in items_of(s)}
    assert [part for part, items in PARTS.items() if number in items] == list(places), f"L{number} stands elsewhere"
    (cells,) = places.values()
    assert len(cells) == 1, f"L{number} stands in {len(cells)} cells"
    assert re.search(r"^ *assert ", claims()[f"L{number}"], flags=re.MULTILINE), f"L{number} claims nothing"


def test_every_claim_is_about_one_cell() -> None:
    held = [heading for s in SOURCES for found in claims_of(s, cells_of(s)).values() for heading, _ in found]
    assert sorted(held) == sorted(claims())


@each_notebook
def test_a_reader_meets_no_assert(source: Path) -> None:
    for cell in cells_of(source):
        assert cell.kind == "markdown" or not re.search(r"^ *assert ", cell.source, flags=re.MULTILINE), cell.source


@each_notebook
def test_links_between_the_notebooks(source: Path) -> None:
    for cell in cells_of(source):
        for target in re.findall(r"\]\(([^)#:]+)\)", cell.source if cell.kind == "markdown" else ""):
            page = source.parent / target
            assert page.suffix == ".md" or page.with_suffix(".py").is_file(), target  # from it the notebook is built
            assert page.is_file(), target


def words_of_the_course() -> list[tuple[str, str]]:
    """Return the words of notebooks/words.md, each with the file of the notebook that it names."""
    page = (ROOT / "notebooks" / "words.md").read_text(encoding="utf-8")
    return re.findall(r"^\| ([^|]+) \| [^|]+ \| \[\d[ab]?\]\(([\w.]+)\) \|$", page, flags=re.MULTILINE)


@pytest.mark.parametrize(("word", "notebook"), words_of_the_course(), ids=lambda text: text.replace(" ", "-"))
def test_a_word_is_explained_where_it_is_first_met(word: str, notebook: str) -> None:
    """It stands in italics or bold there, and in the prose of no notebook before."""
    letters = re.escape(word).replace(r"\ ", r"\s+")
    place = [s.with_suffix(".ipynb").name for s in SOURCES].index(notebook)
    prose = ["\n".join(c.source for c in cells_of(s) if c.kind == "markdown") for s in SOURCES[: place + 1]]
    assert re.search(rf"\*{letters}\w*\*", prose[-1], flags=re.IGNORECASE)
    for text, source in zip(prose[:-1], SOURCES, strict=False):
        assert not re.search(rf"(?<![\w`]){letters}\b(?!`)", text, flags=re.IGNORECASE), source.name


def test_the_words_stand_in_the_order_of_the_notebooks() -> None:
    found = words_of_the_course()
    assert len(found) == len({word for word, _ in found}) >= 50
    assert [notebook for _, notebook in found] == sorted(notebook for _, notebook in found)


@each_notebook
def test_no_cell_stands_under_a_number_that_the_lecture_does_not_have(source: Path) -> None:
    assert set(items_of(source)) <= set(range(1, 44))


@each_notebook
def test_nbgrader_can_release_and_grade_it(source: Path) -> None:
    """The metadata are those of nbgrader's schema 3 (its own validator runs where it is installed)."""
    asked, notebook = exercises(cells_of(source)), released(source)
    marked = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    graded = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in marked}
    assert list(graded) == [f"{kind}-{e.name.replace('.', '-')}" for e in asked for kind in ("answer", "check")]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", grade_id) for grade_id in graded)
    for exercise, answer, check in zip(asked, *[list(graded.values())[i::2] for i in (0, 1)], strict=True):
        assert exercise.solution in answer["source"].split("### BEGIN SOLUTION")[1].split("### END SOLUTION")[0]
        printed = io.StringIO()
        with (
            contextlib.redirect_stdout(printed),
            pytest.raises(AssertionError, match=f"exercise {exercise.name} is open"),
        ):
            exec(check["source"], {"ag": ag, "answer": ...})
        assert printed.getvalue().startswith("Not answered yet")
        assert isinstance(ast.parse(check["source"]).body[-1], ast.Assert)  # a last value would be taken for the points
        for cell, (grade, points) in ((answer, (False, None)), (check, (True, 1))):
            metadata = cell["metadata"]["nbgrader"]
            assert (metadata["grade"], metadata.get("points")) == (grade, points)
            assert metadata["locked"] is not metadata["solution"] and metadata["schema_version"] == 3
    assert "<summary>Solution</summary>" not in "".join(cell["source"] for cell in notebook["cells"])
    with contextlib.suppress(ImportError):
        from nbformat import from_dict
        from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

        MetadataValidatorV3().validate_nb(from_dict(notebook))


def test_links_between_assignments_lead_to_files(tmp_path: Path, capsys) -> None:
    release(tmp_path)
    assert len(capsys.readouterr().out.splitlines()) == len(SOURCES)
    for folder in tmp_path.iterdir():
        for file in folder.iterdir():
            links = re.findall(r"\]\(([\w./]+\.(?:ipynb|md))\)", file.read_text(encoding="utf-8"))
            assert links and all((folder / link).is_file() for link in links), (file, links)


@each_notebook
def test_source_and_stored_notebook_have_the_same_cells(source: Path) -> None:
    assert notebook_cells(stored(source)) == cells_of(source), "build it anew: python -m tests.notebooks"


@pytest.mark.parametrize("source", [*COURSE, pytest.param(GPT, marks=pytest.mark.slow)], ids=lambda source: source.stem)
def test_outputs_are_current(source: Path) -> None:
    """Run it from a clean kernel: no error, and what is stored is what a reader gets."""
    for module in ("jupytext", "nbclient", "ipykernel", "matplotlib"):
        pytest.importorskip(module, reason=f"{module} is not installed: pip install 'autograd-lite[notebook,plot]'")
    for old, new in zip(stored(source)["cells"], built(source)["cells"], strict=True):
        assert seen(old) == seen(new), f"build it anew: python -m tests.notebooks {number_of(source)}"


def test_pieces_of_a_stream_are_joined() -> None:
    def streams(*pieces: str) -> list[dict[str, object]]:
        return [{"output_type": "stream", "name": "stderr", "text": piece} for piece in pieces]

    shown = {"output_type": "stream", "name": "stdout", "text": "b"}
    cells = [{"outputs": [*streams("a", "\n"), shown]}, {}]
    assert settled({"cells": cells})["cells"] == [{"outputs": [*streams("a\n"), shown]}, {}]


@each_of_the_course
def test_exercises(source: Path) -> None:
    """The folded solution is accepted, typical wrong answers get the right hint, and no answer is no error."""
    cells = cells_of(source)
    found = exercises(cells)
    assert found and all(len(WRONG.get(e.name, {})) >= 2 for e in found), "each needs two wrong answers in the table"
    said = attempts(source, cells, {e.name: [e.solution, *WRONG[e.name]] for e in found})
    for e in found:
        right, *wrong, unanswered = said[e.name]
        assert accepted(right), f"exercise {e.name} refuses its own solution: {right}"
        for (answer, hint), text in zip(WRONG[e.name].items(), wrong, strict=True):
            assert not accepted(text) and hint in text, f"exercise {e.name}, {answer!r}: {text}"
        assert unanswered.startswith("Not answered yet") and not accepted(unanswered)


def test_the_gpt_learns_from_its_first_steps() -> None:
    """Its claims hold for any number of steps; these few are what a run of all tests has time for."""
    cells = shortened(cells_of(GPT), "STEPS = 10")
    assert not exercises(cells)
    attempts(GPT, cells, {})


@pytest.mark.slow
def test_the_gpt_beats_the_table_in_two_minutes_without_a_compiler() -> None:
    """The time is the processor's, so that a busy machine does not fail it."""
    program = """
import sys, time
from pathlib import Path
from tests.notebooks import Session, script_cells
cells = script_cells(Path(sys.argv[1]).read_text(encoding="utf-8"))
session = Session(cells)
for index in range(len(cells)):
    session.run(index)
n = session.names
print(n["checked"][n["STEPS"]], n["by_pairs"], len({*n["invented"]} - {*n["names"]}), time.process_time())
"""
    command = [sys.executable, "-c", program, str(GPT)]
    environment = {**os.environ, "AUTOGRAD_LITE_CC": "none", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    held_out, by_pairs, invented, seconds = map(float, done.stdout.split())
    assert held_out < 2.3 and held_out < by_pairs - 0.1
    assert invented > 8  # names that are in no list
    assert seconds < 120


def test_the_exercises_stand_in_their_order() -> None:
    names = [e.name for source in SOURCES for e in exercises(cells_of(source))]
    assert names == list(EXERCISES)
    for source in SOURCES:
        assert all(e.name.startswith(f"{int(number_of(source)[:2])}.") for e in exercises(cells_of(source)))


def accepted(said: str) -> bool:
    """Tell whether a check is content."""
    return said.startswith("Right")
