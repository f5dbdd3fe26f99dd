"""The live page: what it computes is what `Value` computes, every control works, and nothing on it can do harm."""

import math
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.graph import topological_order
from autograd_lite.notation.names import Names
from tests.lecture import neuron
from tests.test_random_graphs import random_program
from tests.test_stepper import HOSTILE, Page, browser  # noqa: F401

ERF = {"erf", "erfc", "normal_cdf", "gelu"}  # what a browser does not have; all else is equal to the bit


def shared() -> Value:
    a = Value(3.0, label="a")
    b = a + a
    b.label = "b"
    c = b * b + b
    c.label = "c"
    return c


def net_loss() -> Value:
    model = nn.MLP(2, [2, 1], activation="tanh", output="sigmoid", seed=1)
    return nn.binary_cross_entropy([model([0.5, -1.2])], [1])  # type: ignore[list-item]


def classes() -> Value:
    z = [Value(x, label=f"z{i}") for i, x in enumerate((0.0, 3.0, -2.0, 1.0), 1)]
    return -ag.softmax(z)[3].log()


def entropy() -> Value:
    return ag.cross_entropy([Value(x, label=f"z{i}") for i, x in enumerate((0.0, 3.0, -2.0, 1.0), 1)], 3)


def random_expression(seed: int) -> Value:
    program = random_program(seed)
    return program([Value(x, label=f"x{i}") for i, x in enumerate(program.leaves)])  # type: ignore[no-any-return]


def branching() -> Value:
    """Cases of many rows, by hand recorded nodes and numbers among operands."""
    x, y = Value(1.5, label="x"), Value(-0.5, label="y")
    out = x.relu() + y.leaky_relu(0.1) * ag.clamp(x, 0.0, 1.0) + ag.elu(y) + abs(x) + ag.maximum(x, y, 0.25)
    out = out + ag.dot([x, 3.0], [y, 2.0], 1.0) + Value(out.data * 2.0, (out,), "twice", partials=(2.0,))
    return out + ag.log_softmax([x, y, x])[2] + ag.atan2(x, y) if hasattr(ag, "atan2") else out


GRAPHS = {"neuron": neuron, "shared": shared, "net": net_loss, "classes": classes, "entropy": entropy,
          "branching": branching}  # fmt: skip


class Viewer:
    """A live page in the browser; `complaints` collects what it must not do."""

    def __init__(self, browser: Any, folder: Path, text: str, fragment: str = "", **options: Any) -> None:  # noqa: F811
        self.context = browser.new_context(**{"viewport": {"width": 1200, "height": 760}} | options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(8000)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        path = folder / "page.html"
        path.write_text(text, encoding="utf-8")
        self.page.on("request", lambda request: self._asked(request.url, path.as_uri()))
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def _asked(self, url: str, address: str) -> None:
        if url.partition("#")[0] not in (address, "about:srcdoc"):
            self.complaints.append(f"asked for {url}")

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []

    def put(self, name: str, text: str) -> None:
        """Type a number as a person does."""
        field = self.page.get_by_label(name, exact=True)
        field.fill(text)
        field.press("Enter")

    def cards(self) -> dict[str, list[str]]:
        """Return value and gradient by name, with all digits."""
        return self.page.eval_on_selector_all(  # type: ignore[no-any-return]
            ".card[data-name]",
            "all => Object.fromEntries(all.map(e => [e.dataset.name, [e.dataset.value, e.dataset.grad]]))",
        )

    def shown(self) -> dict[str, list[str]]:
        """Return the texts on the cards by name."""
        return self.page.eval_on_selector_all(  # type: ignore[no-any-return]
            ".card[data-name]",
            "all => Object.fromEntries(all.map(e => [e.dataset.name, [-3, -1].map(i => "
            "[...e.querySelectorAll('text')].at(i).textContent)]))",
        )

    def leaves(self) -> dict[str, float]:
        rows = self.page.eval_on_selector_all(
            ".card.held", "all => all.map(e => [e.dataset.name, Number(e.dataset.value)])"
        )
        return dict(rows)


@pytest.fixture
def live(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Viewer]]:  # noqa: F811
    opened: list[Viewer] = []

    def open_page(out: Value, fragment: str = "", wrt: Value | None = None, **options: Any) -> Viewer:
        opened.append(Viewer(browser, tmp_path, ag.explore(out, wrt=wrt).html, fragment, **options))
        return opened[-1]

    yield open_page
    for viewer in opened:
        viewer.close()


def close(got: str, expected: float, exact: bool) -> bool:
    if math.isnan(expected) or got == repr(expected):
        return math.isnan(float(got)) == math.isnan(expected)
    if exact or not (math.isfinite(expected) and math.isfinite(float(got))):
        return False
    return math.isclose(float(got), expected, rel_tol=1e-9, abs_tol=1e-12)


def agree(viewer: Viewer, make: Callable[[list[float]], Value], numbers: list[float]) -> None:
    """Compare the page with a graph that is recorded anew with these numbers."""
    assert viewer.complaints == []
    out = make(numbers)
    names, grads = Names(out), {}
    out.backward()
    cards = viewer.cards()
    exact = not {node.operation.name for node in names.order if node.operation is not None} & ERF
    for node in names.order:
        value, grad = cards[names(node).text]
        assert close(value, node.data, exact), (names(node).text, value, node.data)
        assert close(grad, node.grad, exact), (names(node).text, grad, node.grad)
        grads[names(node).text] = node.grad
    assert len(cards) == len(grads)


# ---------------------------------------------------------------------------- the numbers


def test_random_expressions_have_the_engines_numbers(
    live: Callable[..., Viewer], request: pytest.FixtureRequest
) -> None:
    slow = request.config.getoption("--run-slow")
    for seed in range(100 if slow else 12):
        program, rng = random_program(seed), random.Random(seed)

        def make(numbers: list[float], program: Any = program) -> Value:
            return program([Value(x, label=f"x{i}") for i, x in enumerate(numbers)])  # type: ignore[no-any-return]

        numbers = list(program.leaves)
        out = make(numbers)
        held = {leaf.label for leaf in topological_order(out) if leaf.operation is None}
        viewer = live(out)
        agree(viewer, make, numbers)
        for _ in range(20 if slow else 3):
            for i in range(len(numbers)):
                if f"x{i}" in held:
                    numbers[i] = rng.choice([rng.uniform(-3.0, 3.0), float(rng.randint(-2, 3)), numbers[i]])
                    viewer.put(f"x{i}", repr(numbers[i]))
            agree(viewer, make, numbers)
        viewer.context.close()
