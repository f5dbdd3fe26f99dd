"""One reader of the graph: it is sorted once a request, and every sweep outside the engine agrees with the engine's."""

import sys
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.flow import dependents, flow, gradients, tangents
from autograd_lite.graph import topological_order
from autograd_lite.view import View
from tests.test_explanation import random_graph, random_net

READERS = {"autograd_lite", *(f"autograd_lite.{name}" for name in ("graph", "anomaly", "tracing", "view"))}


@pytest.fixture
def sorts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Keep the root of each topological sort, whoever asks for it."""
    roots: list[Any] = []

    def counted(root: Any) -> list[Any]:
        roots.append(root)
        return topological_order(root)

    ag.draw, ag.explain, ag.grad, ag.step_through  # the rooms are loaded when they are named  # noqa: B018
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "autograd_lite" and vars(module).get("topological_order") is topological_order:
            monkeypatch.setattr(module, "topological_order", counted)
    yield roots


def example() -> tuple[Value, Value]:
    w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(0.5, label="b")
    z = w * x + b
    y = (z * z + ag.exp(w)).log()
    y.backward()
    return y, w


def squares() -> tuple[Value, Value]:
    """Return a net's loss, and a weight: with roles, lists, numbers and shared nodes."""
    model = nn.MLP(2, [3, 1], activation="sigmoid", seed=0)
    out = nn.mse_loss([model([0.5, -1.0]), model([1.0, 2.0])], [1.0, 0.0])
    return out, model.parameters()[0]


REQUESTS: dict[str, Callable[[Value, Value], Any]] = {
    "draw": lambda v, w: ag.draw(v).svg,
    "draw, lit": lambda v, w: ag.draw(v, wrt=w).mermaid,
    "draw, folded": lambda v, w: ag.draw(v, fold="layer").svg,
    "draw_dot": lambda v, w: ag.draw_dot(v).source,
    "explain": lambda v, w: (lambda e: (str(e), e.latex, e.paths, e.rest))(ag.explain(v, wrt=w)),
    "backward_steps": lambda v, w: list(map(str, ag.backward_steps(v))),
    "step_through": lambda v, w: (lambda s: (s.html, str(s)))(ag.step_through(v)),
    "nudge": lambda v, w: (lambda n: (str(n), n._repr_html_(), ag.draw(n).svg))(ag.nudge(v, w)),
    "check_answers": lambda v, w: str(ag.check_answers(v, {w: 0.25, "nobody": 1.0}, complete=True)),
    "worksheet": lambda v, w: (lambda s: (s.markdown, s.key_html, s.blanks))(ag.worksheet(v)),
    "grad": lambda v, w: ag.grad(v, w),
    "grad as a Value": lambda v, w: ag.grad(v, w, create_graph=True),
}


@pytest.mark.parametrize("graph", [example, squares])
@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_sorts_its_graph_once(
    request_: str, graph: Callable[[], tuple[Value, Value]], sorts: list[Any]
) -> None:
    out, w = graph()
    assert REQUESTS[request_](out, w) is not None
    assert len(sorts) == 1 and sorts[0] is out


def test_a_graph_with_calls_is_sorted_with_and_without_them(sorts: list[Any]) -> None:
    w, x = Value(2.0, label="w"), Value(3.0, label="x")
    out = ag.compile(lambda x: ag.sigmoid(w * x))(x) + w
    sorts.clear()
    assert ag.explain(out, wrt=w).path_count == 2
    assert sorts[0] is out and len(sorts) == 2


def test_only_the_view_and_what_stands_below_it_sort() -> None:
    ag.draw, ag.explain, ag.grad, ag.step_through, ag.compile, ag.check  # noqa: B018
    found = {name for name, module in sys.modules.items()
             if name.split(".")[0] == "autograd_lite" and hasattr(module, "topological_order")}  # fmt: skip
    assert found <= READERS


def test_a_leaf_is_stale_where_its_number_makes_nan_now() -> None:
    x = Value(2.0)
    y = x.log()
    x.data = -1.0
    assert View(y).stale_leaves == [x]


def test_to_expand_a_call_writes_no_gradient_of_a_node_that_is_kept() -> None:
    w = Value(2.0)
    shared = w * w
    out = ag.compile(lambda a: a * shared)(3.0) + shared
    out.backward()
    shared.grad = 100.0
    View(out).with_calls_expanded()
    assert shared.grad == 100.0


def test_a_leaf_that_a_compiled_function_makes_has_its_gradient_in_the_picture() -> None:
    w = Value(2.0, label="w")
    out = ag.compile(lambda a: a * w + w * Value(5.0, label="five"))(3.0)
    out.backward()
    (view,) = View(out).with_calls_expanded()
    assert {node.label: node.grad for node in view.leaves} == {"w": 8.0, "five": 2.0}


@pytest.mark.parametrize("seed", range(40))
def test_flow_is_backward_bit_for_bit(seed: int) -> None:
    rng = Random(seed)
    out, _ = random_net(rng) if seed % 3 == 0 else random_graph(rng)
    order = topological_order(out)
    grads = {id(out): 1.0}
    sums: dict[int, float] = {}
    done: set[int] = set()
    for node, parent, partial, amount, total in flow(order, grads):
        assert id(parent) not in done  # nothing arrives at a node that has handed its gradient on
        done.add(id(node))
        assert amount == grads[id(node)] * partial and partial in node.partials
        sums[id(parent)] = sums.get(id(parent), 0.0) + amount
        assert total == sums[id(parent)] == grads[id(parent)]
    out.backward()
    assert [grads[id(node)].hex() for node in order] == [node.grad.hex() for node in order]
    view = View(out)
    assert grads == gradients(order) == view.gradients
    assert [edge for node in order for edge in view.users[id(node)]] == [
        (user, i) for node in order for user in order for i, parent in enumerate(user.parents) if parent is node
    ]


@pytest.mark.parametrize("seed", range(20))
def test_tangents_are_the_gradients_from_the_other_end(seed: int) -> None:
    out, inputs = random_graph(Random(seed))
    order = topological_order(out)
    for wrt in inputs[:3]:
        above = [node for node, _ in dependents(order, wrt)]
        slopes = tangents(order, {id(wrt): 1.0})
        assert set(slopes) == {id(wrt), *map(id, above)}
        for node in above:
            assert slopes[id(node)] == pytest.approx(ag.grad(node, wrt), rel=1e-9, abs=1e-12)
            assert node is wrt or wrt in topological_order(node)
