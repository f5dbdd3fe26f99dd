"""Layers of a Module of one's own, and nets that follow each other, have names and cards of their own."""

from __future__ import annotations

import copy
import pickle
import re
from random import Random
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing.layout import lay_out
from autograd_lite.nn.parameters import parameter_name
from autograd_lite.notation.names import Names


class Two(nn.Module):
    def __init__(self) -> None:
        rng = Random(0)
        self.l1 = nn.Layer(2, 2, activation="tanh", rng=rng)
        self.l2 = nn.Layer(2, 1, activation="sigmoid", rng=rng)

    def __call__(self, x: Any) -> Any:
        return self.l2(self.l1(x))


class Neurons(nn.Module):
    """A layer as in micrograd, of single neurons."""

    def __init__(self, nin: int, nout: int) -> None:
        self.neurons = [nn.Neuron(nin, rng=Random(j)) for j in range(nout)]

    def __call__(self, x: Any) -> Any:
        return [neuron(x) for neuron in self.neurons]


class Recurrent(nn.Module):
    """Two layers that are used at each step: one reads the input, one the state."""

    def __init__(self) -> None:
        rng = Random(1)
        self.read, self.again, self.out = (nn.Layer(2, n, False, rng=rng) for n in (2, 2, 1))

    def __call__(self, rows: Any) -> Any:
        h = [Value(0.1), Value(0.2)]
        for x in rows:
            h = [ag.tanh(a + b) for a, b in zip(self.read(x), self.again(h), strict=True)]
        return self.out(h)


def z_names(root: Value) -> list[str]:
    names = Names(root)
    return [names(v).text for v in names.order if v.op == "dot"]


def test_two_layers_of_a_module_are_layer_1_and_layer_2() -> None:
    model = Two()
    y = model([1.0, 2.0])
    assert z_names(y) == ["z₁⁽¹⁾", "z₂⁽¹⁾", "z₁⁽²⁾"]
    names = Names(y)
    called = {name: names(p).text for name, p in model.named_parameters()}
    assert called["l1.neurons.1.w.0"] == "w₁₂⁽¹⁾" and called["l2.neurons.0.w.1"] == "w₂₁⁽²⁾"
    assert not any("[" in names(v).text for v in names.order)  # nothing shares a name
    assert "∂a₁⁽²⁾/∂w₁₁⁽¹⁾ = ∂a₁⁽²⁾/∂z₁⁽²⁾" in str(ag.explain(y, wrt=model.l1.neurons[0].w[0]))


def test_pictures_keep_two_layers_apart() -> None:
    y = Two()([1.0, 2.0])
    panels = [cluster.title for cluster in ag.draw(y).scene.clusters]
    assert panels == ["layer 1 · neuron 1", "layer 1 · neuron 2", "layer 2 · neuron 1"]
    by_neuron = ag.draw(y, fold="neuron").scene
    assert {card.name for card in by_neuron.cards} == {"x₁", "x₂", "a₁⁽¹⁾", "a₂⁽¹⁾", "a₁⁽²⁾"}
    assert [c.title for c in by_neuron.clusters] == ["inputs", "layer 1 · tanh", "layer 2 · σ"]
    by_layer = {card.name: [row.text for row in card.rows][:2] for card in ag.draw(y, fold="layer").scene.cards}
    assert by_layer == {"x": ["2"], "layer 1": ["2", "6"], "layer 2": ["1", "3"]}


def test_a_net_after_a_net_goes_on_counting() -> None:
    encoder, decoder = nn.MLP(2, [3, 2], seed=0), nn.MLP(2, [3, 2], seed=1)
    root = ag.sum(decoder(encoder([1.0, 2.0])))
    assert [name[-3:] for name in z_names(root)] == ["⁽¹⁾"] * 3 + ["⁽²⁾"] * 2 + ["⁽³⁾"] * 3 + ["⁽⁴⁾"] * 2
    assert z_names(ag.sum(encoder([1.0, 2.0]))) == z_names(root)[:5]  # a part of it has the same names


def test_a_layer_that_takes_the_place_of_another_has_its_number() -> None:
    model = nn.MLP(2, [2, 2, 1], seed=0)
    model.layers[1] = nn.Layer(2, 2, rng=Random(0))
    assert z_names(model([1.0, 2.0])) == ["z₁⁽¹⁾", "z₂⁽¹⁾", "z₁⁽²⁾", "z₂⁽²⁾", "z₁⁽³⁾"]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_kept_apart_too(again: Any) -> None:
    first = nn.Layer(2, 2, rng=Random(0))
    second = again(first)
    assert z_names(ag.sum(second(first([1.0, 2.0])))) == ["z₁⁽¹⁾", "z₂⁽¹⁾", "z₁⁽²⁾", "z₂⁽²⁾"]


def test_single_neurons_that_read_the_same_are_one_layer() -> None:
    first, second = Neurons(2, 2), Neurons(2, 2)
    assert z_names(ag.sum(second(first([1.0, 2.0])))) == ["z₁⁽¹⁾", "z₂⁽¹⁾", "z₁⁽²⁾", "z₂⁽²⁾"]
    compiled = ag.compile(lambda x: ag.sum(second(first(x))))
    compiled([1.0, 2.0])
    assert re.findall(r"(z\d_\d) =", compiled.source())[:4] == ["z1_1", "z1_2", "z2_1", "z2_2"]


def test_a_nets_names_are_as_they_were() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    names = Names(model([1.0, 2.0]))
    assert all(names.view.roles[id(v)] is v.role for v in names.order if v.role is not None)


def test_source_and_messages_keep_layers_apart() -> None:
    model = Two()
    compiled = ag.compile(model)
    compiled([1.0, 2.0])
    text = compiled.source()
    assert re.findall(r"# (layer \d)\n    (z\d_\d) =", text) == [("layer 1", "z1_1"), ("layer 2", "z2_1")]
    assert parameter_name(model.parameters(), 7) == "parameter 8, w₂₁⁽²⁾"


def test_a_page_writes_no_program_for_a_net_that_has_no_such_layer() -> None:
    def programs(root: Value) -> list[str]:
        return re.findall(r'"(model\.[^"]*)"', ag.explore(root).html)

    assert "model.layers[0].neurons[0].b" in programs(nn.MLP(2, [2, 1], seed=0)([1.0, 2.0]))
    assert not [text for text in programs(Two()([1.0, 2.0])) if "layers" in text]


def test_the_steps_of_a_recurrent_net_have_the_same_number_in_all_units() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    root = Recurrent()(rows)
    names = Names(root)
    read = {names(v).text: [x.data for x in v.operands[2:4]] for v in names.order if "⁽¹⁾" in names(v).text and v.op}
    assert read == {f"z{'₁₂'[j]}⁽¹⁾[{t}]": row for t, row in enumerate(rows, start=1) for j in (0, 1)}


def test_panels_of_layers_side_by_side_do_not_overlap() -> None:
    heads = [nn.Layer(2, 2, activation=g, rng=Random(0)) for g in ("sigmoid", "tanh", "relu")]
    body = nn.Layer(2, 2, rng=Random(1))

    def rated(x: list[float]) -> Value:
        h = body(x)
        return ag.sum([y for head in heads for y in head(h)])

    panels = [*lay_out(ag.draw(rated([1.0, 2.0]), fold="neuron").scene).clusters.values()]
    assert len(panels) == 5
    for i, a in enumerate(panels):
        for b in panels[:i]:
            assert abs(a.x - b.x) >= (a.w + b.w) / 2 or abs(a.y - b.y) >= (a.h + b.h) / 2


def test_values_in_groups_are_numbered_from_the_first_group_on() -> None:
    w, u, h = Value(0.5, label="w"), Value(0.9, label="u"), Value(0.1, label="h0")
    inside: dict[int, list[Value]] = {}
    for t in range(1, 5):
        with ag.group(f"cell {t}"):
            inside[t] = [w * Value(float(t), label=f"x{t}"), u * h]
            inside[t].append(inside[t][0] + inside[t][1])
            h = ag.tanh(inside[t][2])
            h.label = f"h{t}"
    names = Names(h)
    assert [names(v).text for values in inside.values() for v in values] == [f"v{i}" for i in range(1, 13)]
