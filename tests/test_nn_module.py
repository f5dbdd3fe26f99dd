"""Modules: parameters found by one walk through the attributes, copied in and out all or nothing."""

import copy
import math
import pickle
import warnings
from collections import deque
from types import MappingProxyType
from typing import Any

import pytest

from autograd_lite import nn
from autograd_lite.engine import Value
from autograd_lite.nn import MLP, Layer, Module, Neuron
from autograd_lite.nn.parameters import parameter_name


class Pair(Module):
    def __init__(self):
        self.first = Neuron(1)
        self.second = self.first  # shared: counts once
        self.scale = Value(2.0)
        self.latest = self.scale * 3.0  # no leaf, so no parameter
        self.note = "text"
        self.me = self


def test_names_lead_to_the_parameters():
    model = MLP(2, [2, 1])
    names = [name for name, _ in model.named_parameters()]
    assert names == [
        *("layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1", "layers.0.neurons.0.b"),
        *("layers.0.neurons.1.w.0", "layers.0.neurons.1.w.1", "layers.0.neurons.1.b"),
        *("layers.1.neurons.0.w.0", "layers.1.neurons.0.w.1", "layers.1.neurons.0.b"),
    ]
    assert dict(model.named_parameters())["layers.0.neurons.1.w.0"] is model.layers[0].neurons[1].w[0]
    assert model.parameters() == [p for _, p in model.named_parameters()]


def test_shared_parts_count_once_and_results_do_not_count():
    assert [name for name, _ in Pair().named_parameters()] == ["first.w.0", "first.b", "scale"]


def test_zero_grad_means_not_computed():
    model = MLP(2, [2, 1], seed=0)
    model([1.0, 2.0]).backward()
    assert all(p.has_grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.has_grad for p in model.parameters())


def test_state_goes_from_one_model_to_its_equal():
    a, b = MLP(3, [4, 2], seed=1), MLP(3, [4, 2], seed=2)
    assert a.state_dict() != b.state_dict()
    b.load_state_dict(a.state_dict())
    assert a.state_dict() == b.state_dict()
    assert [v.data for v in a([1, 2, 3])] == [v.data for v in b([1, 2, 3])]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            lambda s: s.pop("b"),
            ValueError,
            r"expected the 3 parameters of this model, got 2 numbers; missing: 'b'",
        ),
        (lambda s: s.update(c=1.0), ValueError, r"got 4 numbers; not in this model: 'c'"),
        (lambda s: s.update({"b": "1.0"}), TypeError, r"b: expected a number, got str '1.0'"),
        (lambda s: s.update({"b": None}), TypeError, r"b: expected a number, got NoneType None"),
        (lambda s: s.update({"b": Value(1.0)}), TypeError, r"b: expected a number, got Value"),
        (lambda s: s.update({f"n{i}": 0.0 for i in range(9)}), ValueError, r"'n0', 'n1', 'n2' and 6 more"),
    ],
)
def test_a_wrong_state_changes_nothing(change, error, message):
    neuron = Neuron(2)
    before = neuron.state_dict()
    state = {name: 9.0 for name in before}
    change(state)
    with pytest.raises(error, match=message):
        neuron.load_state_dict(state)
    assert neuron.state_dict() == before


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("output", ["linear", "sigmoid", "softmax"])
def test_copies_are_independent_and_keep_their_places(clone, output):
    model = MLP(2, [3, 2], activation="gelu", output=output, seed=0)
    twin = clone(model)
    assert twin.state_dict() == model.state_dict() and repr(twin) == repr(model)
    assert [p.role for p in twin.parameters()] == [p.role for p in model.parameters()]
    assert [v.data for v in twin([1.0, 2.0])] == [v.data for v in model([1.0, 2.0])]
    assert not {id(p) for p in twin.parameters()} & {id(p) for p in model.parameters()}


def test_parameter_names_in_messages():
    neuron = Layer(2, 3).neurons[2]
    parameters = neuron.parameters()
    assert parameter_name(parameters, 1) == "parameter 2, w₂₃⁽¹⁾"
    assert parameter_name(parameters, 2) == "parameter 3, b₃⁽¹⁾"
    neuron.b.label = "bias"
    assert parameter_name(parameters, 2) == "parameter 3 'bias'"
    assert parameter_name(MLP(1, [1, 1]).parameters(), 2) == "parameter 3, w⁽²⁾"  # as explain and draw call it


def test_nan_parameters_can_be_copied():
    neuron = Neuron(1)
    neuron.b.data = math.nan
    other = Neuron(1)
    other.load_state_dict(neuron.state_dict())
    assert math.isnan(other.b.data)


def test_a_part_that_names_its_parameters_itself_is_read_by_these_names():
    class Frozen(Module):
        def __init__(self):
            self.kept, self.trained = Value(1.0), Value(2.0)

        def named_parameters(self):
            return [("t", self.trained)]

    part = Frozen()
    assert part.parameters() == [part.trained] and part.state_dict() == {"t": 2.0}
    part.load_state_dict({"t": 5.0})
    assert (part.kept.data, part.trained.data) == (1.0, 5.0)


class Held(nn.Module):
    """A module with one attribute."""

    def __init__(self, d: Any) -> None:
        self.d = d

    def __call__(self, x: Any) -> Any:
        return self.d["w"] * x[0] + self.d["b"]


def names(d: Any) -> list[str]:
    return [name for name, _ in Held(d).named_parameters()]


def test_parameters_in_a_dict_are_collected_and_trained():
    model = Held({"w": Value(1.0), "b": Value(0.0)})
    assert model.state_dict() == {"d.w": 1.0, "d.b": 0.0}
    history = nn.fit(model, [[1.0], [2.0], [3.0]], [3.0, 5.0, 7.0], loss="mse", lr=0.2, epochs=200, progress=False)
    assert history.loss[-1] < 1e-3 and model.d["w"].data == pytest.approx(2.0, abs=0.1)
    again = Held({"w": Value(0.0), "b": Value(0.0)})
    again.load_state_dict(model.state_dict())
    assert again.state_dict() == model.state_dict()


def test_names_in_nested_dicts_lists_and_modules():
    one, two = Value(1.0), Value(2.0)
    assert names({"a": [one, (two,)], "net": {"n": nn.Neuron(1)}}) == ["d.a.0", "d.a.1.0", "d.net.n.w.0", "d.net.n.b"]
    assert names(deque([one, [two]])) == ["d.0", "d.1.0"]
    assert names(MappingProxyType({"w": one})) == ["d.w"]
    assert names({"a": one, "b": one, "c": one * two}) == ["d.a"]  # a result is no parameter; shared counts once
    mine: dict[str, Any] = {"w": one}
    mine["me"] = mine
    assert names(mine) == ["d.w"]


def test_hostile_keys_make_names_that_differ():
    class Key:
        def __repr__(self) -> str:
            raise RuntimeError("not to be asked")

    keys = [
        "a",
        "a.b",
        "a b",
        "",
        "1",
        1,
        "]",
        "['x']",
        True,
        None,
        1.5,
        (1, "x"),
        b"a",
        Key(),
        Key(),
        "ключ",
        "\ud800",
    ]
    d = {key: Value(float(i)) for i, key in enumerate(keys) if key is not True} | {
        "nested": {"b": Value(0.5), True: Value(1)}
    }
    d |= {"lists": {"a": {"b": Value(1.0)}}}
    model = Held(d)
    state = model.state_dict()
    assert len(state) == len(model.parameters()) == len(keys) - 1 + 3
    assert {"d.a", "d['a.b']", "d['']", "d['1']", "d.1", "d[(1, 'x')]", "d[Key, key 12]", "d.nested[True]"} <= set(
        state
    )
    model.load_state_dict({name: number + 1.0 for name, number in state.items()})
    assert model.state_dict() == {name: number + 1.0 for name, number in state.items()}


def test_two_parameters_of_one_name_are_an_error():
    model = Held([Value(1.0)])
    setattr(model, "d.0", Value(2.0))
    with pytest.raises(ValueError, match=r"Held: two parameters have the name d\.0; rename"):
        model.state_dict()


def test_a_set_of_values_is_refused():
    for values in ({Value(1.0)}, frozenset([Value(1.0)]), {Value(1.0): 0}.keys()):
        with pytest.raises(TypeError, match=r"d: a \w+ of Values has no order.*keep them in a list or a dict"):
            Held(values).parameters()
    assert Held({1.0, "a"}).parameters() == []


def test_an_object_that_is_no_module_is_said():
    class Block:
        def __init__(self) -> None:
            self.name, self.weights = "block", [Value(1.0)]

    with pytest.warns(UserWarning, match=r"Held: d.0.weights is a Value, but no parameter: Block is no module; derive"):
        assert Held([Block()]).parameters() == []
    model = Held([Value(1.0)])
    model.mover = nn.Adam(model.parameters(), lr=0.1)  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.parameters()) == 1


def test_parameters_in_arrays():
    numpy = pytest.importorskip("numpy")
    weights = numpy.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]], dtype=object)
    assert names(weights) == ["d.0.0", "d.0.1", "d.1.0", "d.1.1"]
    assert names({"w": weights[0], "x": numpy.zeros(3), "one": numpy.array(Value(1.0))}) == ["d.w.0", "d.w.1", "d.one"]


def test_a_module_is_shown_with_its_parts() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.w, self.net = [Value(1.0), Value(2.0)], nn.MLP(2, [3, 1], seed=0)

    assert repr(Net()) == "Net(15 parameters: w, net.layers.0, net.layers.1)"
    assert repr(nn.Module()) == "Module(0 parameters)"
