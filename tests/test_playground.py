"""The playground: what a page trains is what `nn.fit` trains, every control works, and nothing on it can do harm."""

import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.playground.page import SCRIPTS, SHARED, Playground
from tests.test_explore import Viewer
from tests.test_stepper import HOSTILE, browser  # noqa: F401


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Viewer]]:  # noqa: F811
    viewers: list[Viewer] = []

    def open_page(page: Playground | str, fragment: str = "", **options: Any) -> Viewer:
        text = page if isinstance(page, str) else page.html
        viewers.append(Viewer(browser, tmp_path, text, fragment, **options))
        return viewers[-1]

    yield open_page
    for viewer in viewers:
        viewer.close()


def figures(viewer: Viewer) -> dict[str, float]:
    """Return what the root says: epoch, loss and validation loss, with all digits."""
    found = viewer.page.evaluate("({...document.documentElement.dataset})")
    return {name: float(found[name]) for name in ("epoch", "loss", "validationLoss") if name in found}


def test_no_two_files_of_the_script_give_one_name_twice() -> None:
    """They stand in one function, where the later one would take the place of the earlier one without a word."""
    names: Counter[str] = Counter()
    for room, scripts in (("live", SHARED), ("playground", SCRIPTS)):
        for script in scripts:
            text = files(f"autograd_lite.{room}").joinpath(f"{script}.js").read_text(encoding="utf-8")
            names.update(re.findall(r"^(?:function|const|let|class) +(\w+)", text, flags=re.MULTILINE))
            assert max(map(len, text.splitlines())) <= 120 or room == "live", script
    assert max(names.values()) == 1, names.most_common(3)


def test_a_page_trains_units_of_ones_own(opened: Callable[..., Viewer]) -> None:
    bump = ag.define_op("bump_p", "a * exp(-a * a)", ("(1.0 - 2.0 * a * a) * exp(-a * a)",))
    X, y = datasets.moons()

    def net() -> nn.MLP:
        return nn.MLP(2, [6, 1], activation=bump, output="sigmoid", init="he", seed=0)

    viewer = opened(nn.playground(net(), X, y, batch_size=10, seed=0), "#epochs=20")
    history = nn.fit(net(), X, y, lr=0.02, epochs=20, batch_size=10, seed=0, progress=False)
    assert math.isclose(figures(viewer)["loss"], history.loss[-1], rel_tol=1e-12)
    with pytest.raises(TypeError, match=r"layer 1 has a function as its activation, .*ag.define_op"):
        nn.playground(nn.MLP(2, [6, 1], activation=lambda z: z * z), X, [0.0] * len(X))


def test_tied_weights_are_refused() -> None:
    model = nn.MLP(2, [4, 1], output="sigmoid", seed=0)
    model.layers[0].neurons[0].w = model.layers[0].neurons[1].w
    with pytest.raises(
        ValueError, match=r"layers.0.neurons.1.w.0 is layers.0.neurons.0.w.0, too; the page would train"
    ):
        nn.playground(model)


def test_a_page_trains_as_fit_does(opened: Callable[..., Viewer]) -> None:
    X, y = datasets.moons()
    viewer = opened(nn.playground(batch_size=10, validation=0.3), "#epochs=20")
    model = nn.MLP(2, [6, 4, 1], output="sigmoid", init="he", bias=0.1, seed=0)
    history = nn.fit(model, X, y, epochs=20, batch_size=10, seed=0, validation=0.3, progress=False)
    found = figures(viewer)
    assert found["epoch"] == 20
    assert math.isclose(found["loss"], history.loss[-1], rel_tol=1e-12)
    assert math.isclose(found["validationLoss"], history.validation_loss[-1], rel_tol=1e-12)


ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "leaky_relu")
PAIRINGS = (("linear", "mse_loss"), ("sigmoid", "mse_loss"), ("sigmoid", "binary_cross_entropy_with_logits"),
            ("softmax", "cross_entropy"))  # fmt: skip
OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "sgd": lambda params, lr: nn.SGD(params, lr),
    "momentum": lambda params, lr: nn.SGD(params, lr, momentum=0.9),
    "adam": lambda params, lr: nn.Adam(params, lr),
}


def go(viewer: Viewer, fragment: str) -> None:
    """Give the page another address, and wait until it has trained as far as that asks."""
    viewer.page.evaluate("delete document.documentElement.dataset.ready")
    viewer.page.evaluate("address => { location.hash = address }", fragment)
    viewer.page.wait_for_selector("html[data-ready]", state="attached")


def kept(viewer: Viewer, what: str) -> str:
    """Return a text that can be taken along: model, python, link, history."""
    viewer.page.evaluate("document.querySelector('#keep').open = true")
    return str(
        viewer.page.wait_for_function("id => document.querySelector(id).textContent", arg=f"#{what}").json_value()
    )


def fitted(activation: str, output: str, loss: str, optimizer: str, epochs: int) -> tuple[nn.MLP, nn.History]:
    X, y = datasets.spirals(n=60, noise=0.05, seed=3)
    model = nn.MLP(2, [5, 4, 2 if output == "softmax" else 1], activation, output, init="xavier", bias=0.1, seed=7)
    made = OPTIMIZERS[optimizer](model.parameters(), 0.03)
    history = nn.fit(model, X, y, loss=loss, optimizer=made, epochs=epochs, batch_size=7, seed=5, validation=0.2,
                     progress=False)  # fmt: skip
    return model, history


def address(activation: str, output: str, loss: str, optimizer: str, epochs: int) -> str:
    return (f"#data=spirals&points=60&noise=0.05&dataseed=3&layers=5,4&activation={activation},{activation}"
            f"&output={output}&loss={loss}&init=xavier&bias=0.1&weightseed=7&optimizer={optimizer}&lr=0.03&batch=7"
            f"&seed=5&share=0.2&epochs={epochs}")  # fmt: skip


def close(found: Any, expected: Any) -> bool:
    return len(found) == len(expected) and all(map(lambda a, b: math.isclose(a, b, rel_tol=1e-12), found, expected))


def parameters(model_text: str) -> list[float]:
    """Return the numbers of a model's file in the order of `model.parameters()`."""
    layers = json.loads(model_text)["layers"]
    return [x for layer in layers for row, b in zip(layer["weights"], layer["biases"], strict=True) for x in (*row, b)]


@pytest.mark.parametrize(
    "pairs",
    [list(zip(ACTIVATIONS, (*PAIRINGS, PAIRINGS[2]), ("adam", "sgd", "momentum", "adam", "sgd"), strict=True)),
     pytest.param([(g, pair, name) for g in ACTIVATIONS for pair in PAIRINGS for name in OPTIMIZERS],
                  marks=pytest.mark.slow)],
    ids=["some", "all"],
)  # fmt: skip
def test_fifty_epochs_are_those_of_fit(opened: Callable[..., Viewer], pairs: list[Any]) -> None:
    """The loss of each of fifty epochs, and the parameters after them, with shuffled batches and rows held out."""
    viewer = opened(nn.playground())
    for activation, (output, loss), optimizer in pairs:
        setting = activation, output, loss, optimizer
        model, history = fitted(*setting, epochs=50)
        go(viewer, address(*setting, epochs=50))
        head, *lines = kept(viewer, "history").strip().split("\n")
        assert head == "epoch,loss,validation_loss"
        columns = list(zip(*(map(float, line.split(",")) for line in lines), strict=True))
        assert close(columns[1], history.loss), setting
        assert close(columns[2], history.validation_loss), setting
        assert close(parameters(kept(viewer, "model")), [p.data for p in model.parameters()]), setting


def test_weight_decay_is_that_of_fit(opened: Callable[..., Viewer]) -> None:
    """L2 in SGD, momentum and Adam, and AdamW's own, in shuffled batches, with rows held out."""
    viewer, lr, decay = opened(nn.playground()), 0.03, 0.02
    X, y = datasets.spirals(n=60, noise=0.05, seed=3)
    for name in ("sgd", "momentum", "adam", "adamw"):
        model = nn.MLP(2, [5, 4, 1], "tanh", "sigmoid", init="xavier", bias=0.1, seed=7)
        with_momentum = nn.SGD(model.parameters(), lr, momentum=0.9, weight_decay=decay)
        made = {"optimizer": with_momentum} if name == "momentum" else {"optimizer": name, "lr": lr,
                                                                        "weight_decay": decay}  # fmt: skip
        history = nn.fit(model, X, y, epochs=30, batch_size=7, seed=5, validation=0.2, progress=False, **made)  # type: ignore[arg-type]
        setting = address("tanh", "sigmoid", "binary_cross_entropy_with_logits", name, 30)
        go(viewer, f"{setting}&decay={decay}")
        losses = [float(line.split(",")[1]) for line in kept(viewer, "history").strip().split("\n")[1:]]
        assert close(losses, history.loss), name
        assert close(parameters(kept(viewer, "model")), [p.data for p in model.parameters()]), name
        without = fitted("tanh", "sigmoid", "binary_cross_entropy_with_logits", "sgd", 30)[1] if name == "sgd" else None
        assert without is None or not close(losses, without.loss)


@pytest.mark.slow
@pytest.mark.parametrize("pairing", PAIRINGS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_parameters_after_each_epoch_are_those_of_fit(
    opened: Callable[..., Viewer], activation: str, pairing: Any
) -> None:
    viewer = opened(nn.playground(), address(activation, *pairing, "adam", 0))
    model, found = fitted(activation, *pairing, "adam", epochs=0)[0], []
    for epoch in range(50):
        viewer.page.click("#one-epoch")
        found.append(parameters(kept(viewer, "model")))
        assert figures(viewer)["epoch"] == epoch + 1
    for epoch in range(1, 51) if activation == "relu" else (1, 2, 3, 10, 25, 49, 50):
        model = fitted(activation, *pairing, "adam", epochs=epoch)[0]
        assert close(found[epoch - 1], [p.data for p in model.parameters()]), epoch


@pytest.mark.parametrize(
    "name", ["xor", *(pytest.param(name, marks=pytest.mark.slow) for name in ("moons", "circles", "spirals"))]
)
def test_the_page_draws_the_points_of_the_data_sets(opened: Callable[..., Viewer], name: str) -> None:
    """A loss over all rows is equal to the last bit only for the same points, in the same order."""
    X, y = getattr(datasets, name)(n=51, noise=0.2, seed=2**40 + 1)
    viewer = opened(nn.playground(), f"#data={name}&points=51&noise=0.2&dataseed={2**40 + 1}")
    model = nn.MLP(2, [6, 4, 1], output="sigmoid", init="he", bias=0.1, seed=0)
    assert figures(viewer)["loss"] == model.evaluate(X, y)[0]


# ---------------------------------------------------------------------------- what is shown, and what can be done


def verdicts(viewer: Viewer) -> list[str]:
    viewer.page.wait_for_timeout(150)
    return viewer.page.eval_on_selector_all("#health .verdicts p", "all => all.map(e => e.textContent)")  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("fragment", "layers", "settings", "loss"),
    [
        ("layers=8,8,8,8,8,8,8,8,8&activation=sigmoid&init=xavier&bias=0", [8] * 9,
         ("sigmoid", "sigmoid", "xavier", 0.0), None),
        ("layers=8,8&bias=-1&init=he", [8, 8], ("relu", "sigmoid", "he", -1.0), None),
        ("layers=8&bias=0&init=zeros", [8], ("relu", "sigmoid", "zeros", 0.0), None),
        ("layers=8&activation=tanh&init=uniform&bias=0", [8], ("tanh", "sigmoid", "uniform", 0.0), None),
        ("layers=6&output=sigmoid&loss=mse_loss&init=normal&bias=10", [6], ("relu", "sigmoid", "normal", 10.0),
         "mse_loss"),
    ],
    ids=["vanishing", "dead", "zeros", "healthy", "confidently wrong"],
)  # fmt: skip
def test_the_verdicts_are_those_of_diagnose(
    opened: Callable[..., Viewer], fragment: str, layers: list[int], settings: Any, loss: str | None
) -> None:
    activation, output, init, bias = settings
    model = nn.MLP(2, [*layers, 1], activation, output, init, bias, seed=0)
    found = nn.diagnose(model, *datasets.moons(), loss=loss).findings
    shown = verdicts(opened(nn.playground(optimizer="sgd", lr=1e-6), f"#{fragment}&weightseed=0"))
    assert shown == ([str(finding) for finding in found] or ["Nothing wrong found."])


def test_a_net_that_learned_one_answer_for_all_is_found_in_the_page_too(
    opened: Callable[..., Viewer], tmp_path: Path
) -> None:
    fragment = f"#layers={','.join('4' * 10)}&activation=sigmoid&init=xavier&bias=0&epochs=60"
    viewer = opened(nn.playground(optimizer="sgd", lr=0.3), fragment)
    path = tmp_path / "model.json"
    path.write_text(kept(viewer, "model"), encoding="utf-8")
    (finding,) = nn.diagnose(nn.load(path), *datasets.moons()).findings
    (shown,) = verdicts(viewer)
    assert "reads differs by only" in finding.verdict and shown.startswith(f"vanishing: {finding.verdict}.")


def test_units_that_stay_one_are_found_in_the_page_too(opened: Callable[..., Viewer], tmp_path: Path) -> None:
    viewer = opened(nn.playground(lr=0.05), "#layers=4,3&init=zeros&bias=0.1&epochs=30")
    path = tmp_path / "model.json"
    path.write_text(kept(viewer, "model"), encoding="utf-8")
    (finding,) = nn.diagnose(nn.load(path), *datasets.moons()).findings
    (shown,) = verdicts(viewer)
    assert finding.kind == "alike" and shown.startswith(f"alike: {finding.verdict}. Remedy: He init")


def test_a_model_goes_to_python_and_comes_back(opened: Callable[..., Viewer], tmp_path: Path) -> None:
    viewer = opened(nn.playground(), "#data=circles&layers=5&epochs=7")
    path = tmp_path / "model.json"
    path.write_text(kept(viewer, "model"), encoding="utf-8")
    X, y = datasets.circles()
    model = nn.load(path)
    nearly = viewer.page.inner_text("#right")
    right = sum((p > 0.5) == bool(t) for p, t in zip(nn.predict(model, X), y, strict=True))
    assert nearly == f"{right} %"
    other = nn.MLP(2, [3, 2, 1], "sigmoid", "sigmoid", seed=4)
    other.save(path)
    viewer.page.set_input_files("#file", path)
    viewer.page.wait_for_function("() => document.querySelector('#shape').textContent.startsWith('2-3-2-1')")
    assert parameters(kept(viewer, "model")) == [p.data for p in other.parameters()]
    assert figures(viewer)["loss"] == other.evaluate(X, y)[0]
    path.write_text('{"format": "autograd_lite model"}')
    viewer.page.set_input_files("#file", path)
    viewer.page.wait_for_selector("#trouble:not([hidden])")
    assert "no model file" in viewer.page.inner_text("#trouble")


def test_the_program_gives_the_same_net(opened: Callable[..., Viewer]) -> None:
    """Settings are changed on the way and a weight is set by hand: each is another call of fit."""
    viewer = opened(nn.playground(batch_size=20), "#epochs=5")
    viewer.page.select_option("#fit-lr", "0.1")
    viewer.page.click("#one-epoch")
    field = viewer.page.locator("#unit .row input").first
    field.fill("1/4")
    field.press("Enter")
    viewer.page.select_option("#fit-optimizer", "momentum")
    viewer.page.click("#one-epoch")
    program = kept(viewer, "python")
    assert program.count("nn.fit(") == 3 and ".data = 0.25" in program
    assert viewer.page.is_visible("#link-note")  # a link holds the settings as they are at the end
    known: dict[str, Any] = {}
    exec(program.replace("nn.fit(model", "history = nn.fit(model"), known)
    assert close(parameters(kept(viewer, "model")), [p.data for p in known["model"].parameters()])
    assert math.isclose(figures(viewer)["loss"], known["history"].loss[-1], rel_tol=1e-12)


def test_every_control_works(opened: Callable[..., Viewer]) -> None:
    viewer = opened(nn.playground())
    page = viewer.page
    page.click("#more")
    page.click('[data-key="more-1"]')
    page.select_option('[data-key="activation-2"]', "leaky_relu")
    page.select_option('[data-key="pairing-4"]', "softmax,cross_entropy")
    assert page.inner_text("#shape").startswith("2-7-4-4-2")
    for key in ("less-1", "unit-1-2", "unit-4-0"):
        page.click(f'[data-key="{key}"]')
    page.click("#fewer")
    page.click('[data-kind="xor"]')
    for kind, x in (("data-count", "50"), ("fit-share", "0.3"), ("fit-batch", "10"), ("fit-decay", "0.01")):
        page.select_option(f"#{kind}", x)
    page.click("#one-step")
    page.keyboard.press("e")
    page.click("#play")
    page.wait_for_timeout(300)
    page.click("#play")
    assert figures(viewer)["epoch"] > 1 and "validationLoss" in figures(viewer)
    for mode in ("score", "class", "probability"):
        page.click(f'[data-mode="{mode}"]')
    for button in ("#log", "#show-gradients", "#another", "#slow"):
        page.click(button)
    page.wait_for_selector("#phase:not([hidden])")
    page.wait_for_timeout(100)
    drawn = page.eval_on_selector(".wires", "e => [e.width, e.height, e.clientWidth, e.clientHeight]")
    assert drawn[:2] == drawn[2:]  # the line of the phase takes its room, and the units still stand on their maps
    page.click("#slow")
    page.locator(".wires").click(position={"x": 300, "y": 260})
    page.click("#reset")
    assert figures(viewer)["epoch"] == 0


def test_a_rate_that_is_too_large_ends_in_a_word(opened: Callable[..., Viewer]) -> None:
    X = [[1e150, 0.0], [-1e150, 1.0], [3.0, 1e-300]]
    viewer = opened(nn.playground(nn.MLP(2, [4, 1], seed=0), X, [1.0, -1e10, 0.0], optimizer="sgd", lr=10.0))
    for _ in range(4):
        viewer.page.click("#one-epoch")
    assert "no finite number" in viewer.page.inner_text("#trouble")
    viewer.page.click("#reset")


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    ["one row", "many", "wide", "large", "constant", "one class", "tiny"],
)
def test_any_data_has_a_page(opened: Callable[..., Viewer], kind: str) -> None:
    rng = random.Random(0)
    data: dict[str, Any] = {
        "many": ([[rng.random(), rng.random()] for _ in range(5000)], [i % 2 for i in range(5000)]),
        "wide": ([[rng.random() for _ in range(50)] for _ in range(30)], [i % 3 for i in range(30)]),
        "large": ([[rng.random() for _ in range(50)] for _ in range(5000)], [rng.random() for _ in range(5000)]),
        "constant": ([[2.0, float(i)] for i in range(20)], [i % 2 for i in range(20)]),
        "one class": ([[float(i), 1.0] for i in range(9)], [0] * 9),
        "one row": ([[1.0]], [2.5]),
        "tiny": ([[1e-300 * i, -1e-310] for i in range(9)], [1e-200 * i for i in range(9)]),
    }
    viewer = opened(nn.playground(None, *data[kind], batch_size=None), "#epochs=1")
    assert figures(viewer)["epoch"] == 1
    assert math.isfinite(figures(viewer)["loss"])


def test_numbers_that_are_too_large_are_named(opened: Callable[..., Viewer]) -> None:
    viewer = opened(nn.playground(None, [[1e300 * i, 1e308] for i in range(9)], [1e300 * i for i in range(9)]))
    viewer.page.click("#one-epoch")
    assert "too large. Standardise" in viewer.page.inner_text("#trouble")
    viewer.page.click("#graph summary")
    assert viewer.page.inner_text("#epoch") == "0"


COUNT = """() => {
  const put = CanvasRenderingContext2D.prototype.putImageData;
  window.draws = 0;
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    window.draws += Number(this.canvas.classList.contains("wires"));
    return put.apply(this, given);
  };
}"""


@pytest.mark.slow
def test_200_epochs_and_30_draws_take_less_than_a_second(opened: Callable[..., Viewer]) -> None:
    """Of a net 2-16-16-1 on 100 rows, in processor time of the page's thread, on two speeds: load does not count."""
    page = opened(nn.playground(), "#layers=16,16").page
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(COUNT)

    def now() -> tuple[float, float, float]:
        found = {each["name"]: each["value"] for each in client.send("Performance.getMetrics")["metrics"]}
        epochs, draws = page.evaluate("[Number(document.documentElement.dataset.epoch), window.draws]")
        return found["TaskDuration"], epochs, draws

    used = []
    for speed in ("1", "10"):
        page.click(f"[data-speed='{speed}']")
        page.click("#play")
        page.wait_for_timeout(500)
        before = now()
        page.wait_for_timeout(3000)
        used.append([b - a for a, b in zip(before, now(), strict=True)])
        page.click("#play")
    (time_1, epochs_1, draws_1), (time_10, epochs_10, draws_10) = used
    epoch = (time_10 / draws_10 - time_1 / draws_1) / (epochs_10 / draws_10 - epochs_1 / draws_1)
    draw = time_1 / draws_1 - epoch * epochs_1 / draws_1
    assert 200 * epoch + 30 * draw < 1.0, f"an epoch {1e3 * epoch:.2f} ms, a draw {1e3 * draw:.1f} ms"


SLOW = pytest.mark.slow  # the rest of a sample


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_only_shown(opened: Callable[..., Viewer], text: str) -> None:
    model = nn.MLP(3, [2, 3], output="softmax", seed=0)
    model.encoding = Encoding(
        (Column(text), Column("b", levels=(text, "other"))), Column(text, levels=(text, "c", "d"))
    )
    X, y = [[0.5, 1.0, 0.0], [1.5, 0.0, 1.0], [0.0, 0.0, 1.0]], [0, 1, 2]
    viewer = opened(nn.playground(model, X, y))
    assert viewer.page.evaluate("document.querySelectorAll('script, img').length") == 1
    viewer.page.evaluate("document.querySelector('#keep').open = true")


def test_the_page_is_one_line_under_a_policy_and_small(opened: Callable[..., Viewer]) -> None:
    page = nn.playground().html
    script = re.search("<script>(.*?)</script>", page, re.DOTALL)
    assert script and "\n" not in script[1] and "eval(" not in script[1] and "http" not in script[1]
    assert "script-src 'sha256-" in page and len(page.encode()) <= 250_000
    framed = nn.playground()._repr_html_()
    assert 'sandbox="allow-scripts"' in framed and "allow-same-origin" not in framed
    viewer = opened("<!DOCTYPE html><html data-ready><body>" + framed + "</body></html>")
    frame = viewer.page.frame_locator("iframe")
    frame.locator("#one-epoch").click()
    frame.locator("html[data-epoch='1']").wait_for(state="attached")


@pytest.mark.parametrize("width", [360, pytest.param(800, marks=SLOW), pytest.param(1280, marks=SLOW)])
def test_the_page_is_as_wide_as_the_screen(opened: Callable[..., Viewer], width: int) -> None:
    viewer = opened(nn.playground(), "#layers=8,8,8,8", viewport={"width": width, "height": 700})
    assert viewer.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X": [[1.0]], "y": ["a"]}, "playground: y, row 1"),
        ({"X": [[1.0]]}, "expected targets y"),
        ({"y": [1]}, "expected rows X"),
        ({"model": nn.MLP(3, [1])}, "this net reads 3: pass X and y"),
        ({"optimizer": "adagrad"}, "optimizer: expected sgd"),
        ({"loss": lambda p, y: p[0]}, "playground, loss"),
        ({"validation": ([[1.0]], [1])}, "pass X and y"),
        ({"X": [[0.0] * 1001] * 1000, "y": [0, 1] * 500}, "at most 1,000,000 numbers"),
    ],
)
def test_a_page_that_cannot_be_made_says_why(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.playground(**arguments)


def same_in_python(viewer: Viewer, **known: Any) -> list[str]:
    """Run the program that the page shows, it must give the same net. Return the arguments of fit."""
    program = kept(viewer, "python")
    exec(program.replace("nn.fit(model, X, y,", "nn.fit(model, X, y, progress=False,"), known)
    expected = pytest.approx([p.data for p in known["model"].parameters()], rel=1e-9, abs=1e-14)
    assert parameters(kept(viewer, "model")) == expected, program
    return re.findall(r"nn\.fit\((.*)\)", program)


def pages() -> dict[str, tuple[list[Any], list[Any], dict[str, Any]]]:
    """Return data of each kind, with arguments for a page."""
    X = [[math.sin(3.0 * i), math.cos(5.0 * i)] for i in range(12)]
    sides = nn.MLP(2, [3, 1], output="tanh", seed=1)
    return {
        "drawn": ([], [], {}),
        "classes": (X, [i % 3 for i in range(12)], {}),
        "number": (X, [a + b for a, b in X], {}),
        "sides": (X, [2 * (i % 2) - 1 for i in range(12)], {"model": sides, "loss": "hinge"}),
    }


@pytest.mark.parametrize("kind", ["drawn", "classes", "number", "sides"])
def test_any_pairing_in_an_address_trains_as_its_program(
    opened: Callable[..., Viewer], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not fit is named, and another one taken."""
    monkeypatch.chdir(tmp_path)
    X, y, arguments = pages()[kind]
    if "model" in arguments:
        arguments["model"].save("model.json")
    viewer = opened(nn.playground(X=X or None, y=y or None, **arguments))
    losses = ["mse_loss", "binary_cross_entropy_with_logits", "cross_entropy", *["hinge_loss"] * (kind == "sides")]
    for output in ("", "linear", "sigmoid", "softmax", *["tanh"] * (kind == "sides")):
        for loss in ("", *losses):
            for data in ("", *["xor"] * (kind != "drawn")):
                asked = {"output": output, "loss": loss, "data": data}
                go(viewer, "#" + "&".join(f"{name}={x}" for name, x in asked.items() if x) + "&epochs=2")
                (fit,) = same_in_python(viewer, X=X, y=y)
                program, note = kept(viewer, "python"), viewer.page.inner_text("#noted")
                assert math.isfinite(figures(viewer)["loss"]) and ("do not go together here" in note) == bool(note)
                is_given = not output or f'output="{output}"' in program or "model = nn.load" in program
                assert note or (loss in fit and is_given), asked


def test_a_pairing_that_does_not_fit_is_named(opened: Callable[..., Viewer]) -> None:
    viewer = opened(nn.playground())
    for fragment, wanted, taken in [
        ("loss=cross_entropy", "output=sigmoid, loss=cross_entropy", "output=softmax, loss=cross_entropy"),
        ("output=softmax", "output=softmax, loss=binary_cross_entropy_with_logits",
         "output=softmax, loss=cross_entropy"),
        ("output=sigmoid&loss=cross_entropy", "output=sigmoid, loss=cross_entropy",
         "output=sigmoid, loss=binary_cross_entropy_with_logits"),
        ("output=softmax&loss=mse_loss", "output=softmax, loss=mse_loss", "output=softmax, loss=cross_entropy"),
    ]:  # fmt: skip
        go(viewer, f"#{fragment}&epochs=3")
        said = f"In the address, {wanted} do not go together here; the page takes {taken}."
        assert viewer.page.inner_text("#noted") == said
        assert math.isfinite(figures(viewer)["loss"]) and not viewer.page.is_visible("#trouble")
    go(viewer, "#output=softmax&loss=cross_entropy&epochs=3")
    assert not viewer.page.is_visible("#noted")


def test_any_option_of_any_select_trains_as_its_program(opened: Callable[..., Viewer]) -> None:
    viewer = opened(nn.playground(), "#points=20")
    page = viewer.page
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true }")
    ids = page.evaluate("selector => [...document.querySelectorAll(selector)].map(({ id, dataset }) =>"
                        " (id ? `#${id}` : `[data-key=${dataset.key}]`))",
                        "select[data-key], #data select, #training select, #start select")  # fmt: skip
    assert len(ids) >= 11, ids
    for select in ids:
        options = page.evaluate("select => [...document.querySelector(select).options].map((o) => o.value)", select)
        for option in options:
            choose = "([id, x]) => { const made = document.querySelector(id); made.value = x; %s }"
            page.evaluate(choose % "made.dispatchEvent(new Event('change', { bubbles: true }));", [select, option])
            page.click("#one-epoch")
            same_in_python(viewer)


@pytest.mark.parametrize(
    "fragment",
    ["optimizer=momentum&momentum=1", "optimizer=momentum&momentum=0", "lr=0", "decay=2", "batch=7&seed=9", "layers=",
     "points=2&share=0.9", "points=3", "noise=10", "bias=-100&layers=64", "weightseed=9007199254740991", "share=0.01",
     "dataseed=9007199254740991", "optimizer=sgd&lr=1000000&output=linear&loss=mse_loss", "activation=tanh,relu",
     "optimizer=adam&decay=1", "data=spirals&points=7", "data=xor&points=5", "data=circles&points=9"],
)  # fmt: skip
def test_the_ends_of_an_address_train_as_their_program(opened: Callable[..., Viewer], fragment: str) -> None:
    viewer = opened(nn.playground(), f"#{fragment}&epochs=2")
    assert same_in_python(viewer) and not viewer.page.is_visible("#noted")


def test_a_net_that_was_given_and_changed_is_the_same_in_python(
    opened: Callable[..., Viewer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another activation keeps the numbers that the page was made with."""
    monkeypatch.chdir(tmp_path)
    X, y, arguments = pages()["sides"]
    arguments["model"].save("model.json")
    viewer = opened(nn.playground(X=X, y=y, **arguments), "#activation=relu&output=linear&epochs=2")
    same_in_python(viewer, X=X, y=y)
    assert "model.load_state_dict(nn.load(" in kept(viewer, "python")
    go(viewer, "#epochs=2")
    same_in_python(viewer, X=X, y=y)
    assert 'model = nn.load("model.json")' in kept(viewer, "python")
