"""What a history and a net look like: a table of five lines, a tree that opens."""

import re
from html.parser import HTMLParser

from autograd_lite import datasets, nn
from autograd_lite.replay import Compiled


def test_a_history_is_a_table_of_five_lines():
    history = nn.History("mse_loss", [1.0 / i for i in range(1, 31)])
    assert str(history) == repr(history) and len(str(history).splitlines()) == 5
    assert [line.split()[0] for line in str(history).splitlines()] == ["epoch", "1", "10", "20", "30"]
    history.validation_loss, history.best_epoch = [abs(i - 17.0) for i in range(30)], 18
    assert [line.split()[0] for line in str(history).splitlines()] == ["epoch", "1", "10", "18", "30"]
    assert "18 (best)  0.05556                0" in str(history) and "<table" in history._repr_html_()
    for count in range(5):
        assert len(str(nn.History("mse_loss", [0.5] * count)).splitlines()) == 1 + count


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.titles, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.titles += [text for name, text in attrs if name == "title"]

    def handle_data(self, text):
        self.texts.append(text)


def test_a_net_is_a_tree_with_a_line_a_layer_and_a_square_a_weight():
    model = nn.MLP(2, [3, 1], "tanh", "sigmoid", seed=0)
    model.layers[1].neurons[0].w[1].data = -0.5
    model([1.0, 2.0]).backward()
    found = Elements(model._repr_html_())
    assert {*found.tags} == {"details", "summary", "div", "span", "code"} and found.tags.count("details") == 3
    assert found.texts[0] == "MLP(2, [3, 1]), 13 parameters"
    assert {"Layer 2 → 3 Tanh, 9 parameters ", "Layer 3 → 1 Sigmoid, 4 parameters "} <= {*found.texts}
    named = {f"layers[{i}].neurons[{j}].{key}" for i, n in enumerate((3, 1)) for j in range(n)
             for key in (*(f"w[{k}]" for k in range((2, 3)[i])), "b")}  # fmt: skip
    assert {title.split(" = ")[0] for title in found.titles} == named
    w = model.layers[1].neurons[0].w[1]
    (title, again) = [title for title in found.titles if title.startswith("layers[1].neurons[0].w[1]")]
    assert title == again and re.fullmatch(r".* = −0\.5, grad .*", title)
    path = title.split(" = ")[0]
    assert eval(f"model.{path}", {"model": model}) is w  # what is copied is what is typed


def test_parts_show_themselves_too():
    layer, neuron = nn.Layer(2, 2), nn.Neuron(3)
    assert Elements(layer._repr_html_()).texts[0] == "Layer 2 → 2 ReLU, 6 parameters "
    found = Elements(neuron._repr_html_())
    assert found.texts[0] == "ReLUNeuron(3): 4 parameters"
    assert found.titles[-1] == "b = 0.0, no gradient computed" and "0" in found.texts


def test_nets_with_other_layers_infinite_weights_and_many_units():
    model = nn.MLP(2, [2, 2, 1], seed=0)

    def doubled(xs):
        return [2.0 * x for x in xs]

    model.layers[1] = doubled
    model.layers[0].neurons[0].w[0].data = float("inf")
    model.layers[0].neurons[0].w[1].data = float("nan")
    found = Elements(model._repr_html_())
    assert "doubled" in found.texts and any("= nan" in title for title in found.titles)
    large = nn.MLP(64, [64, 10], seed=0)._repr_html_()
    assert "… and 48 neurons more" in large and len(large) < 250_000
    assert "<script" not in large and "<style" not in large


def test_a_fit_that_diagnoses_records_its_example_once(monkeypatch):
    rows, made = Compiled.rows, []

    def counted(self, *columns):
        made.append(self)
        return rows(self, *columns)

    monkeypatch.setattr(Compiled, "rows", counted)
    X, y = datasets.moons(20)
    model, twin = (nn.MLP(2, [4, 1], output="sigmoid", seed=0) for _ in range(2))
    history = nn.fit(model, X, y, epochs=4, progress=False, diagnose=True)
    assert len(made) == 1 and [d.epoch for d in history.diagnoses] == [1, 2, 3, 4]
    nn.fit(twin, X, y, epochs=4, progress=False)
    assert model.state_dict() == twin.state_dict()
    now, before = nn.diagnose(twin, X, y).layers, history.diagnoses[-1].layers
    assert [layer.gradient for layer in before] == [layer.gradient for layer in now]
