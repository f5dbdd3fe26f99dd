"""Lessons, points by hand, one example, rewind: each shows what is computed, and nothing that is clicked breaks it."""

import contextlib
import io
import json
import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import datasets, nn
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.playground.lessons import LESSONS, Lesson
from autograd_lite.words import part
from tests.test_explore import Viewer
from tests.test_playground import figures, opened  # noqa: F401
from tests.test_stepper import HOSTILE, browser  # noqa: F401

Open = Callable[..., Viewer]


def wait_for(viewer: Viewer, test: str) -> None:
    for _ in range(400):  # the policy of the page forbids what playwright's own waiting does
        if viewer.page.evaluate(f"Boolean({test})"):
            return
        viewer.page.wait_for_timeout(50)
    raise AssertionError(f"never came: {test}")


def right(viewer: Viewer) -> float:
    return float(viewer.page.inner_text("#right").removesuffix(" %"))


def texts_kept(viewer: Viewer) -> tuple[str, str]:
    """Return the program and the model's JSON, as the page shows them."""
    viewer.page.eval_on_selector("#keep", "e => { e.open = true; e.dispatchEvent(new Event('toggle')); }")
    return viewer.page.text_content("#python") or "", viewer.page.text_content("#model") or ""


def run_program(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        exec(text, names)
    return names


def model_of(text: str, folder: Path) -> nn.MLP:
    path = folder / "model.json"
    path.write_text(text, encoding="utf-8")
    return nn.load(path)


# ---------------------------------------------------------------------------- lessons

# Of each lesson after its answer, and after each of its tries: what must be true of the figures on the page.
SHOWN = {
    "xor": (lambda f: f["right"] <= 60, {"hidden": lambda f: f["right"] >= 95}),
    "linear": (lambda f: f["right"] <= 65, {"relu": lambda f: f["right"] >= 98}),
    "vanish": (lambda f: f["loss"] > 0.69, {"relu": lambda f: f["loss"] < 0.4 and f["right"] >= 85}),
    "dead": (lambda f: f["right"] == 50 and f["loss"] > 0.69,
             {"bias": lambda f: f["right"] >= 95, "leaky": lambda f: f["right"] >= 95}),
    "too_correct": (lambda f: f["right"] < 95, {"entropy": lambda f: f["right"] == 100}),
    "stuck": (lambda f: f["loss"] > 0.49, {"entropy": lambda f: f["right"] >= 80 and f["loss"] < 1}),
    "rate": (lambda f: f["loss"] > 1e6,
             {"smaller": lambda f: f["loss"] < 0.12, "smallest": lambda f: f["loss"] > 0.15}),
    "bias": (lambda f: f["right"] == 50 and f["loss"] > 0.69, {"positive": lambda f: f["right"] >= 98}),
}  # fmt: skip


def test_every_lesson_has_its_words_and_its_facts() -> None:
    assert f"({', '.join(lesson.name for lesson in LESSONS)})" in " ".join((nn.playground.__doc__ or "").split())
    words = part("playground")
    assert {lesson.name for lesson in LESSONS} == SHOWN.keys()
    for lesson in LESSONS:
        tries = [name for name, _, _ in lesson.tries]
        assert tries == [*SHOWN[lesson.name][1]]
        for key in ("title", "question", "1", "2", "3", "answer", *tries, *(f"{name}_seen" for name in tries)):
            assert words[f"lesson_{lesson.name}_{key}"]
        assert lesson.right in (1, 2, 3)


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(x, id=x.name, marks=() if x.name == "xor" else pytest.mark.slow) for x in LESSONS],
)
def test_a_lesson_shows_what_it_says(lesson: Lesson, opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), reduced_motion="reduce")
    page, seen = viewer.page, "document.querySelector('#lesson .tries')"
    page.select_option("#lessons", lesson.name)
    assert figures(viewer)["epoch"] == 0
    page.click(f".answer >> nth={lesson.right % 3}")  # a wrong one
    wait_for(viewer, seen)
    wrong, rest = SHOWN[lesson.name]
    assert page.inner_text("#lesson .seen b") == part("playground")["lesson_wrong"]
    assert figures(viewer)["epoch"] == lesson.epochs
    assert wrong(figures(viewer) | {"right": right(viewer)})
    assert "{" not in page.inner_text("#lesson") and "nan" not in page.inner_text("#lesson .seen")
    for name, _, epochs in lesson.tries:
        page.get_by_role("button", name=part("playground")[f"lesson_{lesson.name}_{name}"], exact=True).click()
        wait_for(viewer, seen)
        assert figures(viewer)["epoch"] == epochs
        assert rest[name](figures(viewer) | {"right": right(viewer)}), (name, figures(viewer), right(viewer))
        assert "{" not in page.inner_text("#lesson") and "nan" not in page.inner_text("#lesson .seen")


@pytest.mark.slow
def test_a_lesson_by_its_link_and_back_to_the_own_net(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#lesson=dead&hide=health,keep")
    assert viewer.page.is_visible("#lesson") and not viewer.page.is_visible("#health")
    assert viewer.page.eval_on_selector("#start-bias, #net-bias", "e => e.value") == "-3"
    viewer.page.click("#leave")
    assert not viewer.page.is_visible("#lesson") and not viewer.page.is_visible("#keep")
    viewer.close()
    viewer = opened(nn.playground())
    for _ in range(3):
        viewer.page.click("#one-epoch")
    viewer.page.fill("#unit .row >> nth=0 >> input", "0.25")
    viewer.page.press("#unit .row >> nth=0 >> input", "Enter")
    before = texts_kept(viewer)[1]
    viewer.page.select_option("#lessons", "xor")
    viewer.page.click(".answer >> nth=0")
    wait_for(viewer, "document.querySelector('#lesson .tries')")
    assert viewer.page.inner_text("#lesson .seen b") == part("playground")["lesson_right"]
    viewer.page.click("#leave")
    wait_for(viewer, "document.querySelector('#epoch').textContent === '3'")
    assert json.loads(texts_kept(viewer)[1]) == json.loads(before)


# ---------------------------------------------------------------------------- points by hand


def box(viewer: Viewer) -> dict[str, float]:
    viewer.page.locator("#map .marks").scroll_into_view_if_needed()
    found = viewer.page.locator("#map .marks").bounding_box()
    assert found is not None
    return {**found}


def rows_in(viewer: Viewer) -> tuple[list[list[float]], list[float]]:
    """Return the data by the program of the page."""
    lines = texts_kept(viewer)[0].splitlines()
    names = run_program("\n".join(line for line in lines if line.startswith(("from", "X", "y = "))))
    return names["X"], names["y"]


@pytest.mark.slow
def test_points_by_pointer(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(validation=0.3))
    page = viewer.page
    page.click("[data-tool=add]")
    page.select_option("#hand-class", "1")
    page.click("#speed button >> nth=0")
    page.click("#play")  # while it trains
    at = box(viewer)
    x, y = at["x"] + 5, at["y"] + 5
    page.mouse.click(x, y)
    X, labels = rows_in_after_pause(viewer)
    assert len(X) == 101 and labels[-1] == 1
    page.mouse.move(*place(viewer, X[-1]))
    page.mouse.down()
    page.mouse.move(at["x"] + 80, at["y"] + 60, steps=4)
    page.mouse.up()
    moved, _ = rows_in(viewer)
    assert len(moved) == 101 and moved[-1] != X[-1] and moved[:-1] == X[:-1]
    page.click("[data-tool=remove]")
    page.mouse.click(*place(viewer, moved[-1]))
    assert len(rows_in(viewer)[0]) == 100
    page.click("#undo")
    assert rows_in(viewer) == (moved, labels)
    page.click("#undo")
    assert rows_in(viewer)[0] == X
    page.click("#undo")
    assert rows_in(viewer) == tuple(datasets.moons())
    assert page.is_disabled("#undo")
    assert page.evaluate("document.documentElement.dataset.validationLoss") is not None


def rows_in_after_pause(viewer: Viewer) -> tuple[list[list[float]], list[float]]:
    viewer.page.click("#play")
    return rows_in(viewer)


def place(viewer: Viewer, point: list[float]) -> tuple[float, float]:
    """Return where a point lies on the screen, by the ends of the axes that the map shows, which are rounded."""
    at = box(viewer)
    X = rows_in(viewer)[0]
    shares = []
    for k in (0, 1):
        low, high = min(row[k] for row in X), max(row[k] for row in X)
        room = 0.12 * (high - low)
        shares.append((point[k] - low + room) / (high - low + 2 * room))
    return at["x"] + shares[0] * at["width"], at["y"] + (1 - shares[1]) * at["height"]


def test_points_by_keys_and_the_program_and_the_link_that_hold_them(opened: Open, tmp_path: Path) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#points=20&batch=5")
    page = viewer.page
    page.focus("#map .marks")
    X, labels = datasets.moons(n=20)
    for key in ("n", "n", "ArrowLeft", "Shift+ArrowUp", "a", "ArrowRight", "1", "p"):
        page.keyboard.press(key)
    rows, targets = rows_in(viewer)
    assert len(rows) == 21 and targets[20] == 0
    assert rows[2][0] < X[2][0] and rows[2][1] > X[2][1] and rows[20][0] > rows[2][0]
    page.focus("#map .marks")
    page.keyboard.press("Control+z")
    assert rows_in(viewer)[1] == [*labels, 1]
    page.focus("#map .marks")
    page.keyboard.press("Delete")
    rows, targets = rows_in(viewer)
    assert len(rows) == 20
    page.click("#reset")
    for _ in range(4):
        page.click("#one-epoch")
    program, model = texts_kept(viewer)
    names = run_program(program)
    found = model_of(model, tmp_path)
    for a, b in zip(found.parameters(), names["model"].parameters(), strict=True):
        assert math.isclose(a.data, b.data, rel_tol=1e-10, abs_tol=1e-12)
    link, loss = page.text_content("#link") or "", figures(viewer)["loss"]
    viewer.close()
    assert figures(opened(nn.playground(), "#" + link.partition("#")[2]))["loss"] == loss


@pytest.mark.slow
def test_points_of_a_curve_and_of_rows_with_many_inputs(opened: Open) -> None:  # noqa: F811
    X = [[i / 10] for i in range(20)]
    viewer = opened(nn.playground(None, X, [math.sin(row[0]) for row in X]))
    viewer.page.click("[data-tool=add]")
    at = box(viewer)
    viewer.page.mouse.click(at["x"] + 8, at["y"] + 8)
    rows, targets = rows_in(viewer)
    assert len(rows) == 21 and targets[-1] > max(targets[:-1]) and rows[-1][0] < 0
    viewer.close()
    wide = [[float(i), float(i % 3), float(-i), 0.5] for i in range(12)]
    viewer = opened(nn.playground(None, wide, [i % 3 for i in range(12)]))
    viewer.page.click("[data-tool=add]")
    viewer.page.select_option("#hand-class", "2")
    at = box(viewer)
    viewer.page.mouse.click(at["x"] + 8, at["y"] + 8)
    rows, targets = rows_in(viewer)
    assert len(rows) == 13 and targets[-1] == 2 and rows[-1][2:] == wide[0][2:]


# ---------------------------------------------------------------------------- one example


PAIRS = (("sigmoid", "binary_cross_entropy_with_logits"), ("sigmoid", "mse_loss"), ("linear", "mse_loss"),
         ("softmax", "cross_entropy"))  # fmt: skip


@pytest.mark.parametrize(
    ("output", "loss"), [PAIRS[0], *(pytest.param(*pair, marks=pytest.mark.slow) for pair in PAIRS[1:])]
)
def test_the_numbers_of_one_example(output: str, loss: str, opened: Open) -> None:  # noqa: F811
    X, y = datasets.moons(n=30)
    model = nn.MLP(2, [3, 2 if output == "softmax" else 1], activation="tanh", output=output, seed=2)
    viewer = opened(nn.playground(model, X, y, loss=loss))
    viewer.page.fill("#which", "7")
    viewer.page.press("#which", "Enter")
    viewer.page.click("#listed summary")
    viewer.page.click("#graph summary")
    moved = nn.MLP(2, [3, 2 if output == "softmax" else 1], activation="tanh", output=output, seed=2)
    history = nn.fit(moved, [X[6]], [y[6]], loss=loss, optimizer="sgd", lr=1.0, epochs=1, progress=False)
    slopes = [a.data - b.data for a, b in zip(model.parameters(), moved.parameters(), strict=True)]
    assert math.isclose(float(viewer.page.get_attribute("#example", "data-loss") or ""), history.loss[0], rel_tol=1e-12)
    shown = viewer.page.eval_on_selector_all(
        "#weights-listed tbody tr", "all => all.map(e => [...e.cells].map(c => c.textContent))"
    )
    assert len(shown) == len(slopes)
    for (_, weight, slope), p, expected in zip(shown, model.parameters(), slopes, strict=True):
        assert math.isclose(float(weight.replace("−", "-")), p.data, rel_tol=1e-3, abs_tol=1e-9)
        assert math.isclose(float(slope.replace("−", "-")), expected, rel_tol=1e-3, abs_tol=1e-9)
    cards = viewer.page.locator("#graph .node")
    folded = cards.count()
    viewer.page.locator("#graph [data-unit='0.1']").press("Enter")
    assert cards.count() == folded + 4  # two products, the bias, z
    viewer.page.click("#unfold")
    assert cards.count() == folded + 3 * 4 + (5 * 2 if output == "softmax" else 5)


@pytest.mark.slow
def test_a_large_graph_unfolds_one_unit_at_a_time(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(nn.MLP(2, [16, 16, 1], output="sigmoid", seed=0)))
    viewer.page.click("#graph summary")
    viewer.page.locator("#graph [data-unit='0.3']").click()
    viewer.page.locator("#graph [data-unit='1.3']").click()
    assert viewer.page.locator("#graph .unit-card.open").count() == 1
    assert viewer.page.is_hidden("#unfold")


@pytest.mark.slow
def test_a_click_on_the_map_chooses_the_example(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground())
    X, _ = datasets.moons()
    viewer.page.evaluate("document.querySelector('#keep').open = true")
    viewer.page.mouse.click(*place(viewer, X[41]))
    assert math.dist(X[int(viewer.page.input_value("#which")) - 1], X[41]) < 0.05


# ---------------------------------------------------------------------------- rewind and runs


def test_rewind_and_on_again(opened: Open) -> None:  # noqa: F811
    X, y = datasets.moons()
    viewer = opened(nn.playground(batch_size=20), "#epochs=30")
    end = figures(viewer)["loss"]
    history = nn.fit(nn.MLP(2, [6, 4, 1], output="sigmoid", init="he", bias=0.1, seed=0), X, y, epochs=30,
                     batch_size=20, seed=0, progress=False)  # fmt: skip
    viewer.page.fill("#rewind input", "12")
    assert figures(viewer)["epoch"] == 12
    assert math.isclose(figures(viewer)["loss"], history.loss[11], rel_tol=1e-12)
    assert "epochs=12" in texts_kept(viewer)[0]
    viewer.page.fill("#rewind input", "29")
    assert math.isclose(figures(viewer)["loss"], history.loss[28], rel_tol=1e-12)
    viewer.page.fill("#rewind input", "5")
    for _ in range(25):
        viewer.page.click("#one-epoch")
    assert figures(viewer) == {"epoch": 30, "loss": end}


@pytest.mark.slow
def test_rewind_to_train_on_with_another_rate(opened: Open, tmp_path: Path) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#epochs=10")
    viewer.page.select_option("#fit-lr", "0.1")
    viewer.page.click("#one-epoch")
    viewer.page.fill("#rewind input", "4")
    viewer.page.click("#one-epoch")
    program, model = texts_kept(viewer)
    assert "epochs=4" in program and "epochs=1," in program and "by hand" not in program
    names, found = run_program(program), model_of(model, tmp_path)
    for a, b in zip(found.parameters(), names["model"].parameters(), strict=True):
        assert math.isclose(a.data, b.data, rel_tol=1e-10, abs_tol=1e-13)


@pytest.mark.slow
def test_many_epochs_are_thinned_and_runs_are_compared(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#epochs=700&points=20")
    viewer.page.fill("#rewind input", "333")
    assert abs(figures(viewer)["epoch"] - 333) <= 4
    viewer.page.select_option("#fit-lr", "0.3")
    viewer.page.click("#reset")
    viewer.page.click("#one-epoch")
    text = viewer.page.inner_text("#runs li")
    assert text.startswith("rate 0.02\n")
    assert viewer.page.locator("#runs li").count() == 1
    viewer.page.click("#forget-runs")
    assert viewer.page.is_hidden("#runs")


# ---------------------------------------------------------------------------- teachers, hostile names, random sessions


@pytest.mark.slow
def test_every_part_can_be_hidden(opened: Open) -> None:  # noqa: F811
    parts = {"data": "#data", "training": "#training", "start": "#start", "map": "#map", "curves": "#curves",
             "unit": "#unit", "health": "#health", "parts": "#parts", "keep": "#keep", "transport": ".controls",
             "net": "#net", "lesson": "#choose-lesson", "example": "#example", "hand": "#hand", "rewind": "#rewind",
             "runs": "#runs"}  # fmt: skip
    viewer = opened(nn.playground(), f"#epochs=2&hide={','.join(parts)}")
    assert [name for name, selector in parts.items() if viewer.page.is_visible(selector)] == []
    viewer.page.keyboard.press("e")
    assert figures(viewer)["epoch"] == 2
    viewer.close()
    viewer = opened(nn.playground(), "#hide=hand")
    before = rows_in(viewer)
    for key in ("ArrowLeft", "a", "1", "Delete"):
        viewer.page.locator("#map .marks").press(key)
    assert rows_in(viewer) == before
    viewer.close()
    viewer = opened(nn.playground(), "#epochs=2")
    hidden = [name for name, selector in parts.items() if not viewer.page.is_visible(selector)]
    assert hidden == ["runs"]  # there is none yet


def test_hostile_names_are_only_texts(opened: Open) -> None:  # noqa: F811
    names = [name for name in HOSTILE if "\ud800" not in name]
    columns = tuple(Column(name) for name in (*names[:3], "__proto__"))
    model = nn.MLP(4, [3, len(names)], output="softmax", seed=0)
    model.encoding = Encoding(columns, Column("class", levels=tuple(names)))
    X = [[float(i), float(i % 3), float(-i), 0.5] for i in range(18)]
    viewer = opened(nn.playground(model, X, [i % len(names) for i in range(18)]))
    page = viewer.page
    for key in ("n", "a", "ArrowLeft", "3", "Delete", "Control+z"):
        page.focus("#map .marks")
        page.keyboard.press(key)
    for selector in ("#graph summary", "#listed summary", "[data-tool=add]"):
        page.click(selector)
    page.locator("#graph [data-unit='0.1']").press("Enter")
    page.click("#one-epoch")
    page.set_input_files("#file", {"name": HOSTILE[1] + ".json", "mimeType": "text/plain", "buffer": b"{}"})
    wait_for(viewer, "!document.querySelector('#trouble').hidden")
    assert HOSTILE[1] in page.inner_text("#trouble")
    assert page.locator("main script, main img, main iframe").count() == 0
    assert page.locator("#hand-class option").all_text_contents()[:2] == names[:2]


# ---------------------------------------------------------------------------- random sessions

CLICKS = ("#one-epoch", "#one-step", "#reset", "#another", "#more", "#fewer", "#log", "#show-gradients", "#undo",
          "#put-back", "#example-before", "#example-after", "#unchoose", "#forget-runs", "#unfold", "#leave",
          "[data-tool=pick]", "[data-tool=add]", "[data-tool=remove]", "#graph summary", "#listed summary")  # fmt: skip
ONE_OF = (".unit", ".answer", ".tries button", ".sets button", "#mode button", "#speed button", ".column .count button",
          "#graph .unit-card")  # fmt: skip
KEYS = ("n", "p", "a", "Delete", "1", "2", "ArrowLeft", "Shift+ArrowUp", "Control+z", "e", "s")


def act(viewer: Viewer, rng: random.Random) -> str:
    """Do something that a user could do now, and name it."""
    page, kind = viewer.page, rng.randrange(9)
    if kind < 2:
        selector = rng.choice(CLICKS)
        if page.is_visible(selector) and page.is_enabled(selector):
            page.click(selector)
        return selector
    if kind == 2:
        found = page.locator(rng.choice(ONE_OF)).locator("visible=true")
        if (count := found.count()) and (chosen := found.nth(rng.randrange(count))).is_enabled():
            chosen.dispatch_event("click")
        return "one of several"
    if kind == 3:
        selects = page.locator("select").locator("visible=true")
        chosen = selects.nth(rng.randrange(selects.count()))
        values = [x for x in chosen.locator("option").evaluate_all("all => all.map(e => e.value)") if x not in HEAVY]
        if values:
            chosen.select_option(rng.choice(values))
        return "a select"
    if kind in (4, 5):
        at = box(viewer)
        x, y = (at["x"] + rng.uniform(2, at["width"] - 2) for _ in "xy"), rng.uniform(2, at["height"] - 2)
        page.mouse.move(next(x), at["y"] + y)
        page.mouse.down()
        if kind == 5:
            page.mouse.move(next(x), at["y"] + at["height"] / 2, steps=2)
        page.mouse.up()
        return "the map"
    if kind == 6:
        page.focus("#map .marks")
        page.keyboard.press(rng.choice(KEYS))
        return "a key"
    if kind == 7:
        rows = page.locator("#unit input")
        chosen = rows.nth(rng.randrange(rows.count()))
        chosen.fill(rng.choice(["0.5", "-2", "1/3", "1e3", "nonsense", "-0"]))
        chosen.press("Enter")
        return "a weight"
    if page.is_visible("#rewind input"):
        page.fill("#rewind input", str(rng.randrange(1 + int(page.get_attribute("#rewind input", "max") or 0))))
    elif page.get_attribute("#play", "aria-pressed") == "false":
        page.click("#play")
        page.wait_for_timeout(20)
        page.click("#play")
    return "rewind or play"


HEAVY = ("500", "1000", "10", "3")  # points, or rates, that tell nothing new


def agree(viewer: Viewer, folder: Path) -> None:
    """What the page shows is what Python computes from the model, the rows and the program that it exports."""
    page = viewer.page
    if page.get_attribute("#play", "aria-pressed") == "true":
        page.click("#play")
    page.mouse.move(0, 0)
    assert viewer.complaints == []
    program, text = texts_kept(viewer)
    X, y = rows_in(viewer)
    model = model_of(text, folder)
    output, loss = page.eval_on_selector("[data-key^=pairing]", "e => e.value").split(",")
    i = int(page.input_value("#which")) - 1
    history = nn.fit(
        model_of(text, folder), [X[i]], [y[i]], loss=loss, optimizer="sgd", lr=0.0, epochs=1, progress=False
    )
    shown = float(page.get_attribute("#example", "data-loss") or "nan")
    assert math.isclose(shown, history.loss[0], rel_tol=1e-12, abs_tol=1e-300), (shown, history.loss[0])
    outputs = [found.data for found in (model(X[i]) if isinstance(model(X[i]), list) else [model(X[i])])]  # type: ignore[union-attr]
    if len(outputs) == 1 and page.eval_on_selector("#fit-share", "e => e.value") == "null":
        middle = 0.0 if output == "linear" and "logits" in loss else 0.5
        rows_right = sum((model(x).data > middle) == (target > 0.5) for x, target in zip(X, y, strict=True))  # type: ignore[union-attr]
        assert abs(right(viewer) - 100 * rows_right / len(y)) < 0.06
    assert page.inner_text("#epoch") == str(int(figures(viewer)["epoch"])) == page.inner_text("#rewind output")
    if "by hand" not in program and page.is_hidden("#trouble"):
        again = run_program(program)["model"]
        for a, b in zip(model.parameters(), again.parameters(), strict=True):
            assert math.isclose(a.data, b.data, rel_tol=1e-9, abs_tol=1e-12), program


@pytest.fixture(scope="module")
def reused(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:  # noqa: F811
    """One page for many sessions."""
    viewer = Viewer(browser, tmp_path_factory.mktemp("page"), nn.playground().html, reduced_motion="reduce")
    yield viewer
    viewer.close()


def session(seed: int, count: int, viewer: Viewer, folder: Path) -> None:
    rng = random.Random(seed)
    address = viewer.page.url.partition("#")[0]
    viewer.complaints.clear()
    viewer.page.goto("about:blank")
    viewer.page.goto(f"{address}#points=20")
    viewer.page.wait_for_selector("html[data-ready]", state="attached")
    done: list[str] = []
    for turn in range(count):
        done.append(act(viewer, rng))
        assert viewer.complaints == [], (seed, done)
        if turn % 20 == 19:
            try:
                agree(viewer, folder)
            except AssertionError as error:
                raise AssertionError(f"session {seed}: {done}") from error


def test_a_random_session(reused: Viewer, tmp_path: Path) -> None:
    session(0, 20, reused, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 31))
def test_random_sessions(seed: int, reused: Viewer, tmp_path: Path) -> None:
    session(seed, 100, reused, tmp_path)
