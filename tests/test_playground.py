"""The playground: what a page trains is what `nn.fit` trains, every control works, and nothing on it can do harm."""

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
