"""Model files: what was saved comes back; what was damaged is refused with a reason (more in test_hostile_models)."""

# ruff: noqa: E501 (a table of messages has one line for each)

import json
import math
import os
import random
import time

import pytest

from autograd_lite import nn
from autograd_lite.nn import MLP, ModelFileError, files
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.nn.encoding import Column, Encoding

FLOWERS = Encoding(
    columns=(Column("length", 5.8, 0.8), Column("colour", levels=("blue", "rötlich"))),
    target=Column("species", levels=("setosa", "versicolor")),
)


def net():
    model = MLP(3, [2, 2], activation="gelu", output="softmax", seed=3)
    model.encoding = FLOWERS
    return model


def content_of(path):
    return json.loads(path.read_text(encoding="utf-8"))


def equal(a, b):
    return repr(a) == repr(b) and a.state_dict() == b.state_dict() and a.encoding == b.encoding


@pytest.mark.parametrize("hidden", [name for name in ACTIVATIONS if name != "softmax"])
def test_round_trip(tmp_path, hidden):
    path = tmp_path / "model.json"
    model = MLP(2, [3, 1, 2], activation=[hidden, "relu"], output="softmax", seed=0)
    model.save(path)
    assert equal(nn.load(path), model)
    assert [a.data for a in nn.load(str(path))([1.0, 2.0])] == [a.data for a in model([1.0, 2.0])]


def test_numbers_come_back_bit_for_bit(tmp_path):
    model = MLP(50, [20], output="linear", seed=0)
    rng = random.Random(0)
    numbers = [0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1e22]
    numbers += [rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 300) for _ in range(1014)]
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    model.save(tmp_path / "model.json")
    back = [p.data for p in nn.load(tmp_path / "model.json").parameters()]
    assert list(map(float.hex, back)) == list(map(float.hex, numbers))


def test_encoding_is_kept(tmp_path):
    model = net()
    model.save(tmp_path / "model.json")
    assert nn.load(tmp_path / "model.json").encoding == FLOWERS
    assert FLOWERS.task == "classification" and FLOWERS.encode([6.6, "rötlich"]) == pytest.approx([1.0, 0.0, 1.0])


def test_loading_draws_nothing_from_random(tmp_path):
    net().save(tmp_path / "model.json")
    state = random.getstate()
    nn.load(tmp_path / "model.json")
    assert random.getstate() == state


def test_a_model_with_a_function_of_its_own_is_not_saved(tmp_path):
    model = MLP(1, [2, 1], activation=lambda z: z)
    with pytest.raises(ValueError, match=r"layer 1 has the activation <function .*a model file holds no code"):
        model.save(tmp_path / "model.json")
    model = MLP(1, [1])
    model.layers[0].neurons[0].b.data = math.nan
    with pytest.raises(ValueError, match=r"expected finite parameters, but layers.0.neurons.0.b is nan"):
        model.save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == []


def test_a_net_that_computes_in_a_way_of_its_own_comes_back_as_such(tmp_path):
    class Doubled(MLP):
        def __call__(self, x):
            return super().__call__(x) * 2.0

    model, again = Doubled(2, [2, 1], seed=0), Doubled(2, [2, 1], seed=1)
    model.save(tmp_path / "model.json")
    again.load_state_dict(nn.load(tmp_path / "model.json"))
    assert again([1.0, 2.0]).data == model([1.0, 2.0]).data != MLP(2, [2, 1], seed=0)([1.0, 2.0]).data


def test_a_failed_save_keeps_the_old_file(tmp_path):
    path = tmp_path / "model.json"
    model = net()
    model.save(path)
    old = path.read_bytes()
    model.layers[0].neurons[0].b.data = math.inf
    with pytest.raises(ValueError):
        model.save(path)
    assert path.read_bytes() == old


def test_an_edited_file_is_read_without_its_checksum(tmp_path):
    path = tmp_path / "model.json"
    MLP(1, [1], init="zeros").save(path)
    content = content_of(path)
    content["layers"][0]["biases"] = [7]
    path.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match=r"checksum: expected the SHA-256 of the content \(remove the entry if"):
        nn.load(path)
    del content["checksum"]
    path.write_text(json.dumps(content))
    assert nn.load(path)([0.0]).data == 7.0


def change(*keys, to):
    def apply(content):
        for key in keys[:-1]:
            content = content[key]
        if to is DELETED:
            del content[keys[-1]]
        else:
            content[keys[-1]] = to

    return apply


DELETED = object()
L0, TARGET = ("layers", 0), ("encoding", "target")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (change("format", to="keras"), "format: expected 'autograd_lite model', found 'keras'"),
        (change("version", to=2), "version: expected 1 .a newer version of this library may be needed., found 2"),
        (change("version", to=1.0), "version: .* found 1.0"),
        (change("version", to=True), "version: .* found true"),
        (change("version", to=DELETED), "content: expected an entry 'version', found none"),
        (change("code", to="import os"), "content: expected only the entries format, .* found 'code'"),
        (change("inputs", to=0), "inputs: expected a number of inputs, 1 or more, found 0"),
        (change("inputs", to=10**9), r"layers\[0\].weights\[0\]: expected 1000000000, found 3"),
        (change("layers", to=[]), "layers: expected one or more in a list, found \\[\\]"),
        (change("layers", to={}), "layers: expected one or more in a list, found an object"),
        (change("layers", 0, to=None), r"layers\[0\]: expected entries activation, weights, biases, found null"),
        (change(*L0, "activation", to="softmax"), r"layers\[0\].activation: expected one of linear, .*, found 'softmax'"),
        (change(*L0, "activation", to="os.system"), r"layers\[0\].activation: .*, found 'os.system'"),
        (change(*L0, "activation", to=["relu"]), r"layers\[0\].activation: .*, found \["),
        (change(*L0, "biases", to=[1.0]), r"layers\[0\].weights: expected 1, found 2"),
        (change(*L0, "biases", to=[]), r"layers\[0\].biases: expected one or more in a list, found \[\]"),
        (change(*L0, "weights", 1, to=[1.0] * 4), r"layers\[0\].weights\[1\]: expected 3, found 4"),
        (change(*L0, "weights", 1, 2, to="1.0"), r"layers\[0\].weights\[1\]\[2\]: expected a finite number, found '1.0'"),
        (change(*L0, "weights", 1, 2, to=True), r"weights\[1\]\[2\]: expected a finite number, found true"),
        (change(*L0, "weights", 1, 2, to=10**400), r"weights\[1\]\[2\]: expected a finite number, found one too large"),
        (change(*L0, "rate", to=1.0), r"layers\[0\]: expected only the entries activation, weights, biases, found 'rate'"),
        (change("encoding", to=None), "encoding: expected entries columns, target, found null"),
        (change("encoding", "columns", to=[]), "encoding.columns: expected one or more in a list, found \\[\\]"),
        (change("encoding", "columns", 0, "scale", to=0), r"encoding.columns\[0\].scale: expected a number above 0, found 0"),
        (change("encoding", "columns", 0, "name", to=3), r"encoding.columns\[0\].name: expected a text in Unicode, found 3"),
        (change("encoding", "columns", 1, "levels", to=["a"]), "levels: expected two or more different texts"),
        (change("encoding", "columns", 1, "levels", to=["a", "a"]), "levels: expected two or more different texts"),
        (change("encoding", "columns", 1, "levels", to="ab"), "levels: expected two or more different texts in Unicode, or none, found 'ab'"),
        (change("encoding", "columns", 1, "levels", to=[]), "columns: expected columns that make 3 inputs, found columns that make 2"),
        (change(*TARGET, "levels", to=["a", "b", "c"]), "levels: expected one class for each output, or two for one, found 3 for 2"),
        (change(*TARGET, "levels", to=[]), "levels: expected one class for each output, or two for one, found 0 for 2"),
        (change("checksum", to=None), "checksum: expected the SHA-256 of the content"),
    ],
)  # fmt: skip
def test_wrong_content_is_named(tmp_path, damage, message):
    path = tmp_path / "model.json"
    net().save(path)
    content = content_of(path)
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(ModelFileError, match=message) as caught:
        nn.load(path)
    assert str(path) in str(caught.value) and caught.value.path == str(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "line 1, column 1: expected JSON, found an error"),
        (b"{", "line 1, column 2: expected JSON"),
        (b"\x80\x04\x95", "byte 0: expected UTF-8 text, found other bytes"),  # how a pickle starts
        (b"\xef\xbb\xbf{}", "expected JSON"),
        (b"[]", r"content: expected entries format, version, inputs, layers, found \[\]"),
        (b"null", "content: expected entries .* found null"),
        (b'{"format": 1, "format": 1}', "content: expected each entry once, found 'format' twice"),
        (b"[NaN]", "content: expected finite numbers, found NaN"),
        (b"[-Infinity]", "content: expected finite numbers, found -Infinity"),
        (b"9" * 5000, "expected finite numbers, found a number of thousands of digits"),
        (b"[" * 100_000, "content: expected lists in lists in entries, found far deeper nesting"),
        (b'{"a":' * 100_000, "found far deeper nesting"),
    ],
)
def test_what_is_no_model_file(tmp_path, text, message):
    path = tmp_path / "model.json"
    path.write_bytes(text)
    with pytest.raises(ModelFileError, match=message):
        nn.load(path)


def test_numbers_beyond_floats_are_refused(tmp_path):
    path = tmp_path / "model.json"
    MLP(1, [1], init="zeros").save(path)
    text = path.read_text()
    path.write_text(text.replace("0.0", "1e999", 1))
    with pytest.raises(ModelFileError, match=r"expected a finite number, found one too large for a float"):
        nn.load(path)


def test_huge_files_are_refused_by_their_size(tmp_path):
    path = tmp_path / "model.json"
    with open(path, "wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    start = time.process_time()
    with pytest.raises(ModelFileError, match="size: expected at most 67108864 bytes, found 67108865"):
        nn.load(path)
    assert time.process_time() - start < 1.0
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "nowhere.json")


def test_the_error_can_be_pickled():
    import pickle

    error = ModelFileError("m.json", "layers[1].weights row 3", "4 numbers", "3")
    assert str(pickle.loads(pickle.dumps(error))) == "m.json: layers[1].weights row 3: expected 4 numbers, found 3"
    assert isinstance(error, ValueError)
