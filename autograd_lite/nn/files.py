"""Model files: JSON that holds numbers and names from closed lists, never code.

    {"format": "autograd_lite model", "version": 1, "inputs": 2,
     "layers": [{"activation": "relu", "weights": [[0.5, -1.0], ...], "biases": [0.0, ...]}, ...],
     "shared": {"layers.1.neurons.0": "layers.0.neurons.0", ...},
     "encoding": {"columns": [{"name": ..., "mean": ..., "scale": ..., "levels": [...]}, ...], "target": ...},
     "checksum": "..."}

`shared` is there if a layer, a neuron or a parameter stands in the net more than once: it names each later place, and
the first; the numbers stand at both. `encoding` is there if the net was trained on a table. `checksum` is the SHA-256
of everything else: a file that was damaged without looking so is refused. One that was edited on purpose is read
without that entry.

Reading believes nothing: whatever is wrong is one `ModelFileError` that says where, and no net is made.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from typing import Any

from autograd_lite.files import write_atomically
from autograd_lite.nn.activations import ACTIVATIONS
from autograd_lite.nn.encoding import Column, Encoding
from autograd_lite.nn.layers import Layer, Neuron
from autograd_lite.nn.mlp import MLP, check_parts
from autograd_lite.nn.sharing import part_at, share, shared_parts

__all__ = ["ModelFileError", "load", "save"]

FORMAT = "autograd_lite model"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024


class ModelFileError(ValueError):
    """A model file that cannot be used: which file, where in it, what was expected and what was found."""

    def __init__(self, path: str, where: str, expected: str, found: str) -> None:
        super().__init__(path, where, expected, found)
        self.path, self.where, self.expected, self.found = path, where, expected, found

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: expected {self.expected}, found {self.found}"


def save(model: MLP, path: str | os.PathLike[str]) -> None:
    """Write a net to a JSON file; an older one is replaced in one step, or stays if anything fails.

    A net with an activation that is no name, a parameter that is nan or inf, or a name of a column that is no
    Unicode is a `ValueError`.
    """
    if not isinstance(model, MLP):
        raise TypeError(f"save: expected an MLP, got {type(model).__name__}; state_dict() gives any module's numbers")
    check_parts(model, "save", "a model file holds no code; state_dict() gives the numbers")
    for number, layer in enumerate(model.layers, start=1):
        if not isinstance(layer.activation, str):
            raise ValueError(
                f"save: layer {number} has the activation {layer.activation!r}, a function: a model file"
                f" holds no code, so only activations with a name can be saved ({', '.join(ACTIVATIONS)})"
            )
    _check_neurons(model)
    for name, data in model.state_dict().items():
        if not math.isfinite(data):
            raise ValueError(f"save: expected finite parameters, but {name} is {data}")
    content = _content(model)
    if not _is_unicode(json.dumps(content, ensure_ascii=False)):
        raise ValueError(
            "save: expected names of columns and classes in Unicode, got one with half of a surrogate pair"
        )
    write_atomically(path, json.dumps(content | {"checksum": _checksum(content)}, indent=1, allow_nan=False) + "\n")


def load(path: str | os.PathLike[str]) -> MLP:
    """Return the net in a JSON file that `save` wrote; `ModelFileError` if it holds anything else."""
    reader = _Reader(os.fsdecode(path))
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise reader.error("size", f"at most {MAX_BYTES} bytes", f"{os.fstat(file.fileno()).st_size}")
        text = file.read(MAX_BYTES + 1)  # a device has no size to ask for
    if len(text) > MAX_BYTES:
        raise reader.error("size", f"at most {MAX_BYTES} bytes", "more")
    return reader.model(reader.parsed(text))


def _content(model: MLP) -> dict[str, Any]:
    """Return everything that a file says of a net, without the checksum."""
    content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "inputs": model.nin}
    content["layers"] = [
        {
            "activation": layer.activation,
            "weights": [[w.data for w in neuron.w] for neuron in layer.neurons],
            "biases": [neuron.b.data for neuron in layer.neurons],
        }
        for layer in model.layers
    ]
    if shared := shared_parts(model):
        content["shared"] = shared
    if model.encoding is not None:
        columns = [_column(column) for column in model.encoding.columns]
        content["encoding"] = {"columns": columns, "target": _column(model.encoding.target)}
    return content


def _check_neurons(model: MLP) -> None:
    """Raise ValueError for a neuron with another activation than its layer's, which a file could not say."""
    shared = shared_parts(model)
    for i, layer in enumerate(model.layers):
        own = "linear" if layer.activation == "softmax" else layer.activation
        for j, neuron in enumerate(layer.neurons):
            path = f"layers.{i}.neurons.{j}"
            if neuron.activation != own and path not in shared and f"layers.{i}" not in shared:
                raise ValueError(
                    f"save: {path} has the activation {neuron.activation!r}, its layer {layer.activation!r}; a model"
                    " file holds one for each layer"
                )


def _column(column: Column) -> dict[str, Any]:
    return {"name": column.name, "mean": column.mean, "scale": column.scale, "levels": list(column.levels)}


def _checksum(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class _Reader:
    """The checks of one file, each with the place that a message names."""

    def __init__(self, path: str) -> None:
        self.path = path

    def error(self, where: str, expected: str, found: str) -> ModelFileError:
        return ModelFileError(self.path, where, expected, found if len(found) <= 80 else found[:79] + "…")

    def parsed(self, text: bytes) -> Any:
        """Return the JSON value of a file's bytes."""

        def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            content: dict[str, Any] = {}
            for name, item in pairs:
                if name in content:
                    raise self.error("content", "each entry once", f"{name!r} twice")
                content[name] = item
            return content

        def no_constant(name: str) -> Any:
            raise self.error("content", "finite numbers", name)

        try:
            return json.loads(text.decode("utf-8"), object_pairs_hook=without_repetition, parse_constant=no_constant)
        except ModelFileError:
            raise
        except UnicodeDecodeError as problem:
            raise self.error(f"byte {problem.start}", "UTF-8 text", "other bytes") from None
        except json.JSONDecodeError as problem:
            place = f"line {problem.lineno}, column {problem.colno}"
            raise self.error(place, "JSON", f"an error ({problem.msg})") from None
        except RecursionError:
            raise self.error("content", "lists in lists in entries", "far deeper nesting") from None
        except ValueError:  # Python refuses to read integers of thousands of digits
            raise self.error("content", "finite numbers", "a number of thousands of digits") from None

    def model(self, content: Any) -> MLP:
        """Return the net that a file's content describes."""
        entries = self.entries(content, "content", ("format", "version", "inputs", "layers"),
                               ("shared", "encoding", "checksum"))  # fmt: skip
        if entries["format"] != FORMAT:
            raise self.error("format", repr(FORMAT), _shown(entries["format"]))
        if type(entries["version"]) is not int or entries["version"] != VERSION:
            expected = f"{VERSION} (a newer version of this library may be needed)"
            raise self.error("version", expected, _shown(entries["version"]))
        nin = entries["inputs"]
        if type(nin) is not int or nin < 1:
            raise self.error("inputs", "a number of inputs, 1 or more", _shown(nin))

        layers, width = [], nin
        listed = self.listed(entries["layers"], "layers")
        for i, layer in enumerate(listed):
            layers.append(self.layer(layer, f"layers[{i}]", width, last=i == len(listed) - 1))
            width = len(layers[-1][2])
        encoding = self.encoding(entries["encoding"], nin, width) if "encoding" in entries else None

        names = [activation for activation, _, _ in layers]
        nouts = [len(biases) for _, _, biases in layers]
        model = MLP(nin, nouts, names[:-1], names[-1], init="zeros")
        for layer, (_, weights, biases) in zip(model.layers, layers, strict=True):
            layer.init = layer.initial_bias = None  # of which a file says nothing
            for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
                for w, number in zip(neuron.w, row, strict=True):
                    w.data = number
                neuron.b.data = bias
        if "shared" in entries:
            self.share(model, entries["shared"])
        model.encoding = encoding
        if "checksum" in entries and entries["checksum"] != _checksum(_content(model)):
            expected = "the SHA-256 of the content (remove the entry if you edited the file)"
            raise self.error("checksum", expected, _shown(entries["checksum"]))
        return model

    def share(self, model: MLP, shared: Any) -> None:
        """Tie the parts of a net that a file calls one."""
        if not isinstance(shared, dict) or not shared:
            raise self.error("shared", "an object that names shared parts", _kind(shared) if shared else "none")
        for path, first in shared.items():
            where = f"shared, {path!r:.60}"
            try:
                part, target = part_at(model, path), part_at(model, first)
            except (LookupError, TypeError):
                raise self.error(where, "two places in this net", _shown(first)) from None
            if type(part) is not type(target) or _numbers_of(part) != _numbers_of(target):
                raise self.error(where, f"the same numbers as at {first}", "others")
            share(model, path, first)
        if shared_parts(model) != shared:
            raise self.error("shared", "for each later place the first one, each once", "other places")

    def layer(self, layer: Any, where: str, width: int, last: bool) -> tuple[str, list[list[float]], list[float]]:
        """Return (activation, weights, biases) of a layer that reads `width` inputs."""
        entries = self.entries(layer, where, ("activation", "weights", "biases"))
        biases = self.numbers(entries["biases"], f"{where}.biases")
        rows = self.listed(entries["weights"], f"{where}.weights", len(biases))
        weights = [self.numbers(row, f"{where}.weights row {i}", width) for i, row in enumerate(rows, start=1)]
        names = [name for name in ACTIVATIONS if name != "softmax" or (last and len(biases) > 1)]
        if not isinstance(entries["activation"], str) or entries["activation"] not in names:
            raise self.error(f"{where}.activation", f"one of {', '.join(names)}", _shown(entries["activation"]))
        return entries["activation"], weights, biases

    def encoding(self, encoding: Any, nin: int, nout: int) -> Encoding:
        entries = self.entries(encoding, "encoding", ("columns", "target"))
        listed = self.listed(entries["columns"], "encoding.columns")
        columns = tuple(self.column(column, f"encoding.columns[{i}]") for i, column in enumerate(listed))
        target = self.column(entries["target"], "encoding.target")
        if (width := sum(column.width for column in columns)) != nin:
            raise self.error("encoding.columns", f"columns that make {nin} inputs", f"columns that make {width}")
        classes = len(target.levels)
        if nout != (classes if classes > 2 else nout if classes == 2 and nout <= 2 else 1):
            found = f"{classes} for {nout} outputs"
            raise self.error("encoding.target.levels", "one class for each output, or two for one", found)
        return Encoding(columns, target)

    def column(self, column: Any, where: str) -> Column:
        entries = self.entries(column, where, ("name", "mean", "scale", "levels"))
        name = self.text(entries["name"], f"{where}.name")
        mean, scale = self.numbers([entries["mean"], entries["scale"]], f"{where}.mean and .scale", 2)
        if not scale > 0.0:
            raise self.error(f"{where}.scale", "a number above 0", repr(scale))
        if not isinstance(entries["levels"], list):
            raise self.error(f"{where}.levels", "a list", _kind(entries["levels"]))
        levels = tuple(self.text(level, f"{where}.levels") for level in entries["levels"])
        if len(set(levels)) < len(levels) or len(levels) == 1:
            raise self.error(f"{where}.levels", "two or more different texts, or none", repr(list(levels)))
        return Column(name, mean, scale, levels)

    # ------------------------------------------------------------------------------------- the kinds of value

    def entries(
        self, content: Any, where: str, needed: tuple[str, ...], allowed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        if not isinstance(content, dict):
            raise self.error(where, f"entries {', '.join(needed)}", _kind(content))
        for name in needed:
            if name not in content:
                raise self.error(where, f"an entry {name!r}", "none")
        for name in content:
            if name not in needed + allowed:
                raise self.error(where, f"only the entries {', '.join(needed + allowed)}", repr(name))
        return content

    def listed(self, items: Any, where: str, length: int | None = None) -> list[Any]:
        if not isinstance(items, list):
            raise self.error(where, "a list", _kind(items))
        if not items or (length is not None and len(items) != length):
            raise self.error(where, "one or more" if length is None else f"{length}", f"{len(items)}")
        return items

    def numbers(self, items: Any, where: str, length: int | None = None) -> list[float]:
        numbers = []
        for i, item in enumerate(self.listed(items, where, length), start=1):
            if type(item) not in (int, float):  # True is an int to isinstance
                raise self.error(f"{where}, number {i}", "a number", _kind(item))
            try:
                number = float(item)
            except OverflowError:
                number = math.inf
            if not math.isfinite(number):
                raise self.error(f"{where}, number {i}", "a finite number", "one too large for a float")
            numbers.append(number)
        return numbers

    def text(self, item: Any, where: str) -> str:
        if not isinstance(item, str):
            raise self.error(where, "a text", _kind(item))
        if not _is_unicode(item):
            raise self.error(where, "a text in Unicode", f"{item!r}, with half of a surrogate pair")
        return item


def _numbers_of(part: Any) -> Any:
    """Return the numbers of a layer, with its activation, of a neuron or of a parameter."""
    if isinstance(part, Layer):
        return part.activation, [_numbers_of(neuron) for neuron in part.neurons]
    return [p.data for p in (*part.w, part.b)] if isinstance(part, Neuron) else part.data


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be written in UTF-8: JSON may spell half a character, which nothing can print."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _shown(item: Any) -> str:
    """Show a JSON value in a message if it is a number or a text, else name its kind: it may be deep."""
    return _kind(item) if isinstance(item, list | dict) else repr(item)


def _kind(item: Any) -> str:
    """Name a JSON value in a message; its content may be long or strange."""
    if item is None or isinstance(item, bool):
        return "null" if item is None else str(item).lower()
    names: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}
    return names.get(type(item), "a number")
