"""Model files: JSON that holds numbers and names from closed lists, never code.

    {"format": "autograd_lite model", "version": 1, "inputs": 2,
     "layers": [{"activation": "relu", "weights": [[0.5, -1.0], ...], "biases": [0.0, ...]}, ...],
     "shared": {"layers.1.neurons.0": "layers.0.neurons.0", ...},
     "encoding": {"columns": [{"name": ..., "mean": ..., "scale": ..., "levels": [...]}, ...], "target": ...},
     "checksum": "..."}

`shared` is there if a layer, a neuron or a parameter stands in the net more than once: it names each later place, and
the first; the numbers stand at both. `encoding` is there if the net was trained on a table. `checksum` is the SHA-256
of everything else, so that a damaged file is refused. A file edited on purpose is read without that entry.

A Module of the user's own is saved by its parameters alone: {"format": "autograd_lite state", "version": 1, "state":
{"d.w": 2.0, ...}, "checksum": "..."}.

Reading trusts nothing: each entry is checked against `_MODEL`, and each error is a `ModelFileError` that names the
place. `MLP.save` and `load`, in mlp.py, turn a net into a `ModelFile` and back.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypedDict

from autograd_lite.files import write_atomically
from autograd_lite.nn.activations import ACTIVATIONS, UNIT_ACTIVATIONS, unit_activations
from autograd_lite.nn.encoding import Column, Encoding

FORMAT, STATE = "autograd_lite model", "autograd_lite state"
VERSION = 1
MAX_BYTES = 64 * 1024 * 1024


class ModelFileError(ValueError):
    """A model file that cannot be used: which file, where in it, what was expected and what was found."""

    def __init__(self, path: str, where: str, expected: str, found: str) -> None:
        found = found if len(found) <= 80 else found[:79] + "…"
        super().__init__(path, where, expected, found)
        self.path, self.where, self.expected, self.found = path, where, expected, found

    def __str__(self) -> str:
        return f"{self.path}: {self.where}: expected {self.expected}, found {self.found}"


class LayerEntry(TypedDict):
    """A layer in a file: the name of its activation, and a row of weights and a bias for each unit."""

    activation: str
    weights: list[list[float]]
    biases: list[float]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The content of a model file: plain numbers and names."""

    inputs: int
    layers: list[LayerEntry]
    shared: dict[str, str] = field(default_factory=dict)
    encoding: Encoding | None = None

    @property
    def content(self) -> dict[str, Any]:
        """Return the entries of the JSON file, without the checksum."""
        content: dict[str, Any] = {"format": FORMAT, "version": VERSION, "inputs": self.inputs, "layers": self.layers}
        if self.shared:
            content["shared"] = self.shared
        if self.encoding is not None:
            content["encoding"] = asdict(self.encoding)
        return content


@dataclass(frozen=True, slots=True)
class StateFile:
    """The content of a file of a Module of the user's own: its parameters by name."""

    state: dict[str, float]

    @property
    def content(self) -> dict[str, Any]:
        """Return the entries of the JSON file, without the checksum."""
        return {"format": STATE, "version": VERSION, "state": self.state}


def refuse_infinite(state: dict[str, float]) -> None:
    """Raise ValueError for a parameter that is nan or inf, which JSON can't hold."""
    for name, number in state.items():
        if not math.isfinite(number):
            raise ValueError(f"save: expected finite parameters, but {name} is {number}")


def write(file: ModelFile | StateFile, path: str | os.PathLike[str]) -> None:
    """Write a model file in one step; an older one stays if anything fails."""
    content = file.content
    if not _is_unicode(json.dumps(content, ensure_ascii=False)):
        raise ValueError("save: expected names of columns and classes in Unicode, got one with half of a surrogate"
                         " pair")  # fmt: skip
    write_atomically(path, json.dumps(content | {"checksum": _checksum(content)}, indent=1, allow_nan=False) + "\n")


def read(path: str | os.PathLike[str]) -> ModelFile | StateFile:
    """Return the checked content of a model file; `ModelFileError` if it holds anything else."""
    reader = _Reader(os.fsdecode(path))
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        text = file.read(MAX_BYTES + 1) if size <= MAX_BYTES else b""  # a device reports no size
    if size > MAX_BYTES or len(text) > MAX_BYTES:
        raise reader.error("size", f"at most {MAX_BYTES} bytes", str(max(size, len(text))))
    content = reader.parsed(text)
    is_state = isinstance(content, dict) and content.get("format") == STATE
    return reader.state(content) if is_state else reader.model(content)


def _checksum(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be written in UTF-8: JSON can hold half a character, which cannot be printed."""
    return not re.search("[\ud800-\udfff]", text)


class _Kind(NamedTuple):
    """A schema of one value: the words of a message, the test, and the conversion."""

    expected: str
    accepts: Callable[[Any], bool]
    convert: Callable[[Any], Any] = lambda x: x


def _is_number(x: Any) -> bool:
    return type(x) in (int, float) and abs(x) <= sys.float_info.max  # True is an int to isinstance


def _is_text(x: Any) -> bool:
    return isinstance(x, str) and _is_unicode(x)


def _are_names(x: Any) -> bool:
    return isinstance(x, dict) and bool(x) and all(map(_is_text, x.values()))


def _are_levels(x: Any) -> bool:
    return isinstance(x, list) and all(map(_is_text, x)) and len(set(x)) == len(x) != 1


# A dict is the schema of an object (an entry with a question mark may be missing), [x] that of a list of one x or more.
_NUMBER = _Kind("a finite number", _is_number, float)
_COLUMN = {
    "name": _Kind("a text in Unicode", _is_text),
    "mean": _NUMBER,
    "scale": _Kind("a number above 0", lambda x: _is_number(x) and x > 0.0, float),
    "levels": _Kind("two or more different texts in Unicode, or none", _are_levels, tuple),
}


def _is_state(x: Any) -> bool:
    return isinstance(x, dict) and all(map(_is_text, x)) and all(map(_is_number, x.values()))


_ACTIVATION = _Kind(
    f"one of {', '.join(ACTIVATIONS)}, or an operation that define_op added before",
    lambda x: isinstance(x, str) and (x in ACTIVATIONS or x in unit_activations()),
)
_MODEL = {
    "format": _Kind(repr(FORMAT), lambda x: isinstance(x, str) and x == FORMAT),
    "version": _Kind(f"{VERSION} (a newer version of this library may be needed)", lambda x: repr(x) == str(VERSION)),
    "inputs": _Kind("a number of inputs, 1 or more", lambda x: type(x) is int and x >= 1),
    "layers": [{"activation": _ACTIVATION, "weights": [[_NUMBER]], "biases": [_NUMBER]}],
    "shared?": _Kind("an object that names shared parts by texts", _are_names),
    "encoding?": {"columns": [_COLUMN], "target": _COLUMN},
    "checksum?": _Kind("anything", lambda x: True),
}
_STATE = {
    "format": _Kind(repr(STATE), lambda x: True),
    "version": _MODEL["version"],
    "state": _Kind("an object of finite numbers by name", _is_state, lambda x: {k: float(v) for k, v in x.items()}),
    "checksum?": _MODEL["checksum?"],
}


class _Reader:
    """The checks of one file; each error names the file and the place in it."""

    def __init__(self, path: str) -> None:
        self.error = partial(ModelFileError, path)

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
            where = f"line {problem.lineno}, column {problem.colno}"
            raise self.error(where, "JSON", f"an error ({problem.msg})") from None
        except RecursionError:
            raise self.error("content", "lists in lists in entries", "far deeper nesting") from None
        except ValueError:  # Python refuses to read integers of thousands of digits
            raise self.error("content", "finite numbers", "a number of thousands of digits") from None

    def checked(self, item: Any, schema: Any, where: str = "") -> Any:
        """Return a JSON value that fits a schema, with its numbers as floats."""
        if isinstance(schema, dict):
            return self.entries(item, schema, where)
        if isinstance(schema, list):
            if not isinstance(item, list) or not item:
                raise self.error(where, "one or more in a list", _shown(item))
            if schema[0] is _NUMBER and {float}.issuperset(map(type, item)) and math.isfinite(sum(item)):
                return item  # finite floats, as nearly always
            return [self.checked(x, schema[0], f"{where}[{i}]") for i, x in enumerate(item)]
        if not schema.accepts(item):
            raise self.error(where, schema.expected, _shown(item))
        return schema.convert(item)

    def entries(self, item: Any, schema: dict[str, Any], where: str) -> dict[str, Any]:
        """Return an object with the entries of a schema, and no others."""
        kinds = {name.rstrip("?"): kind for name, kind in schema.items()}
        needed = [name for name in schema if name in kinds]
        if not isinstance(item, dict):
            raise self.error(where or "content", f"entries {', '.join(needed)}", _shown(item))
        for name in needed:
            if name not in item:
                raise self.error(where or "content", f"an entry {name!r}", "none")
        for name in item:
            if name not in kinds:
                raise self.error(where or "content", f"only the entries {', '.join(kinds)}", repr(name))
        path = f"{where}." if where else ""
        return {name: self.checked(item[name], kind, path + name) for name, kind in kinds.items() if name in item}

    def model(self, content: Any) -> ModelFile:
        """Return the checked content of a file."""
        entries = self.checked(content, _MODEL)
        width = entries["inputs"]
        for i, layer in enumerate(entries["layers"]):
            units, where = len(layer["biases"]), f"layers[{i}]"
            if len(layer["weights"]) != units:
                raise self.error(f"{where}.weights", str(units), str(len(layer["weights"])))
            for j, row in enumerate(layer["weights"]):
                if len(row) != width:
                    raise self.error(f"{where}.weights[{j}]", str(width), str(len(row)))
            name, may_take_layer = layer["activation"], units > 1 and layer is entries["layers"][-1]
            if name not in unit_activations() and not may_take_layer:
                raise self.error(f"{where}.activation", f"one of {', '.join(UNIT_ACTIVATIONS)}", repr(name))
            width = units
        encoding = self.encoding(entries["encoding"], entries["inputs"], width) if "encoding" in entries else None
        file = ModelFile(entries["inputs"], entries["layers"], entries.get("shared", {}), encoding)
        self.check_sum(entries, file)
        return file

    def state(self, content: Any) -> StateFile:
        """Return the checked content of a file of parameters by name."""
        entries = self.checked(content, _STATE)
        file = StateFile(entries["state"])
        self.check_sum(entries, file)
        return file

    def check_sum(self, entries: dict[str, Any], file: ModelFile | StateFile) -> None:
        """Raise if the file has a checksum, and that of another content."""
        if "checksum" in entries and entries["checksum"] != _checksum(file.content):
            expected = "the SHA-256 of the content (remove the entry if you edited the file)"
            raise self.error("checksum", expected, _shown(entries["checksum"]))

    def encoding(self, entries: dict[str, Any], inputs: int, outputs: int) -> Encoding:
        encoding = Encoding(tuple(Column(**column) for column in entries["columns"]), Column(**entries["target"]))
        if encoding.width != inputs:
            found = f"columns that make {encoding.width}"
            raise self.error("encoding.columns", f"columns that make {inputs} inputs", found)
        if not encoding.fits(outputs):
            found = f"{len(encoding.target.levels)} for {outputs} outputs"
            raise self.error("encoding.target.levels", "one class for each output, or two for one", found)
        return encoding


def _shown(item: Any) -> str:
    """Show a number or a text in a message; of anything else its kind, because it may be deep."""
    if item is None or isinstance(item, bool):
        return "null" if item is None else str(item).lower()
    if isinstance(item, list):
        return "a list" if any(isinstance(x, list | dict) for x in item) else repr(item)
    if isinstance(item, dict):
        return "an object"
    return repr(item) if isinstance(item, str) or _is_number(item) else "one too large for a float"
