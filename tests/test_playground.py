"""The playground: what a page trains is what `nn.fit` trains, every control works, and nothing on it can do harm."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import datasets, nn
from autograd_lite.playground.page import SCRIPTS, SHARED, Playground
from tests.test_explore import Viewer
from tests.test_stepper import browser  # noqa: F401


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
    assert max(names.values()) == 1, names.most_common(3)


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


@pytest.mark.parametrize("name", ["moons", "circles", "xor", "spirals"])
def test_the_page_draws_the_points_of_the_data_sets(opened: Callable[..., Viewer], name: str) -> None:
    """A loss over all rows is equal to the last bit only for the same points, in the same order."""
    X, y = getattr(datasets, name)(n=51, noise=0.2, seed=2**40 + 1)
    viewer = opened(nn.playground(), f"#data={name}&points=51&noise=0.2&dataseed={2**40 + 1}")
    model = nn.MLP(2, [6, 4, 1], output="sigmoid", init="he", bias=0.1, seed=0)
    assert figures(viewer)["loss"] == model.evaluate(X, y)[0]
