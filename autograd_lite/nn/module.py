"""What every part of a net can do: name its parameters, reset their gradients, copy them in and out."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from itertools import product
from numbers import Real
from types import FunctionType, ModuleType
from typing import Any, ClassVar, Self, TypeGuard

from autograd_lite.checks import plural
from autograd_lite.engine import Value
from autograd_lite.nn.evaluation import Evaluation, evaluate, predict
from autograd_lite.nn.files import StateFile, refuse_infinite, write
from autograd_lite.nn.objectives import LossFunction, rows_for
from autograd_lite.nn.parameters import mark_parameters
from autograd_lite.sweep import clear_gradients, write_numbers
from autograd_lite.tables import Rows, Tabular


class Module:
    """A part of a net. Its parameters are found by looking through its attributes; nothing is registered.

    A parameter is a leaf `Value` in an attribute, or in a list, tuple, dict, array or module there. Its name is the
    path to it. A shared one counts once, under its first name. A set of Values has no order and is a `TypeError`; an
    object that is no module and holds Values is passed over with a warning.

    >>> class Line(Module):
    ...     def __init__(self): self.slopes, self.offset = [Value(2.0), Value(3.0)], Value(0.5)
    >>> [(name, p.data) for name, p in Line().named_parameters()]
    [('slopes.0', 2.0), ('slopes.1', 3.0), ('offset', 0.5)]
    >>> class Named(Module):
    ...     def __init__(self): self.d = {"w": Value(2.0), "my bias": [Value(3.0)]}
    >>> Named().state_dict()
    {'d.w': 2.0, "d['my bias'].0": 3.0}
    """

    training: bool = True  # whether it is in training: what a part like dropout asks
    in_layers: ClassVar[bool] = False  # whether it is a net of layers, with `nin`, `nouts`, `output` and `logits`

    def __setattr__(self, name: str, item: Any) -> None:
        """Set an attribute; a picture shows its leaves as parameters, also before anything is trained."""
        object.__setattr__(self, name, item)
        mark_parameters(item.values() if isinstance(item, dict) else _items_of(item))

    def __call__(self, *_: Any) -> Any:
        """Compute the output for a row of inputs: a class of your own says how."""
        raise TypeError(f"{type(self).__name__} cannot be called{to_be_called(self)}")

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return (name, parameter) pairs in the order in which the attributes were first set."""
        found: dict[Value, str] = {}
        objects: list[tuple[str, Any]] = []
        _collect(self, "", found, set(), objects)
        _warn_of_others(self, objects, found)
        if len(set(found.values())) < len(found):
            name = Counter(found.values()).most_common(1)[0][0]
            raise ValueError(f"{type(self).__name__}: two parameters have the name {name}; rename an attribute or key")
        mark_parameters(found)
        return [(name, parameter) for parameter, name in found.items()]

    def parameters(self) -> list[Value]:
        """Return all parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set every parameter's gradient back to "not computed"."""
        clear_gradients(self.parameters())

    def __repr__(self) -> str:
        found: dict[Value, str] = {}
        try:
            _collect(self, "", found, set(), [])
        except TypeError:  # a set of Values, which has no order
            return object.__repr__(self)
        parts = ", ".join(dict.fromkeys(map(part_of, found.values())))
        return f"{type(self).__name__}({plural(len(found), 'parameter')}{f': {parts}' if parts else ''})"

    def modules(self) -> list[Module]:
        """Return this module and all modules in it, each once."""
        return [holder for holder in self.holders() if isinstance(holder, Module)]

    def holders(self) -> list[Any]:
        """Return this module, all modules in it, and the containers that they keep, each once."""
        found: dict[int, Any] = {}
        waiting: deque[Any] = deque([self])
        while waiting:
            holder = waiting.popleft()
            if id(holder) in found:
                continue
            found[id(holder)] = holder
            kind = _kind(holder.__class__)
            items = vars(holder).values() if kind == "module" else holder.values() if kind == "dict" else holder
            if kind != "set":  # most items are Values, and `_kind` looks its argument up
                waiting.extend([x for x in items if x.__class__ is not Value and _kind(x.__class__) in _HOLDERS])
        return [*found.values()]

    def train(self, mode: bool = True) -> Self:
        """Switch `training` on, or off, in this module and all modules in it; return this module.

        `fit` switches by itself: on for its steps, off for validation data, as `predict`, `evaluate` and `diagnose` do.

        >>> class Dropout(Module):
        ...     def __call__(self, xs): return [x * (random() < 0.5) * 2.0 for x in xs] if self.training else xs
        >>> Dropout().eval()([1.0, 2.0])
        [1.0, 2.0]
        """
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Switch `training` off in this module and all modules in it; return this module."""
        return self.train(False)

    def parts_with_switch(self) -> list[Module]:
        """Return the modules that may read `training`."""
        return self.modules()

    def state_dict(self) -> dict[str, float]:
        """Return a copy of all parameters as plain numbers, by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set all parameters from numbers by name, or none of them and raise `ValueError` or `TypeError`."""
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: expected a dict of numbers by name, as state_dict() gives, "
                            f"got {type(state).__name__}")  # fmt: skip
        own = dict(self.named_parameters())
        missing = _some("missing", [name for name in own if name not in state])
        unknown = _some("not in this model", [name for name in state if name not in own])
        if missing or unknown:
            raise ValueError(f"load_state_dict: expected the {len(own)} parameters of this model, got {len(state)} "
                             f"numbers{missing}{unknown}")  # fmt: skip
        for name, number in state.items():
            if number.__class__ is not float and not isinstance(number, Real):
                raise TypeError(f"load_state_dict: {name}: expected a number, got {type(number).__name__} {number!r}")
        write_numbers([*own.values()], [float(state[name]) for name in own])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters by name to a JSON file: `model.load_state_dict(nn.load(path))` reads them.

        ValueError if one is nan or inf.
        """
        state = self.state_dict()
        refuse_infinite(state)
        write(StateFile(state), path)

    def summary(self) -> Tabular:
        """Return a table of the parts that hold parameters, and how many.

        >>> class Named(Module):
        ...     def __init__(self): self.d = {"w": Value(2.0), "bias": Value(3.0)}
        >>> Named().summary()
        part  parameters
        d              2
        2 parameters
        """
        return Parts(tuple(Counter(part_of(name) for name, _ in self.named_parameters()).items()))

    def predict(self, X: Sequence[Any]) -> list[Any]:
        """Return the output for each row of inputs as a number, or as a list of numbers where there are several.

        Of classes that `fit` was given by name, `history.classes` has the names in the order of the outputs; a single
        output is the probability of the second.

        >>> class Line(Module):
        ...     def __init__(self): self.w = Value(2.0)
        ...     def __call__(self, x): return self.w * x[0]
        >>> Line().predict([[1.0], [3.0]])
        [2.0, 6.0]
        """
        return predict(self, rows_for(self, X))

    def evaluate(self, X: Sequence[Any], y: Sequence[Any], loss: str | LossFunction | None = None) -> Evaluation:
        """Return the loss and the accuracy on data, with the loss that `fit` would take.

        >>> class Line(Module):
        ...     def __init__(self): self.w = Value(2.0)
        ...     def __call__(self, x): return self.w * x[0]
        >>> Line().evaluate([[1.0], [3.0]], [2.0, 5.0], loss="mse")
        Evaluation(loss=0.5, accuracy=None)
        """
        return evaluate(self, X, y, loss)


def can_be_called(model: Any) -> TypeGuard[Module]:
    """Tell whether a model is a Module that has an output."""
    return isinstance(model, Module) and type(model).__call__ is not Module.__call__


def to_be_called(model: Any) -> str:
    """Return the end of a message about a model that cannot be called."""
    return "; name its forward(self, x) __call__" if hasattr(model, "forward") else "; it needs a __call__(self, x)"


@dataclass(frozen=True, slots=True, repr=False)
class Parts(Tabular):
    """The parts of a Module with their numbers of parameters; printed, a table."""

    parts: tuple[tuple[str, int], ...]

    @property
    def table(self) -> Rows:
        """The head of the table and its rows, one a part, as texts."""
        return ["part", "parameters"], [[name, str(count)] for name, count in self.parts]

    @property
    def notes(self) -> list[str]:
        """The number of parameters in words."""
        return [plural(sum(count for _, count in self.parts), "parameter")]


def part_of(name: str) -> str:
    """Return the part that a parameter belongs to: an attribute, the number in a list of modules, the layer of a net.

    >>> part_of("blocks.2.layers.0.neurons.1.b"), part_of("net.layers.1.neurons.0.b"), part_of("w.3")
    ('blocks.2.layers.0', 'net.layers.1', 'w')
    """
    return name[: _PART.match(name).end()]  # type: ignore[union-attr]


_PART = re.compile(r"[^.\[]*(\.\d+(?=\.))?(\.layers\.\d+)?")


def _collect(holder: Any, name: str, found: dict[Value, str], seen: set[int], objects: list[tuple[str, Any]]) -> None:
    """Name the parameters in a container or a module; each object is looked at once.

    Objects that are neither go to `objects`, with the way to them.
    """
    seen.add(id(holder))
    for path, item in _items(holder, name):
        if isinstance(item, Value):
            if item.operation is None:
                found.setdefault(item, path)
            continue
        kind = _kind(item.__class__)
        if kind is None or id(item) in seen:
            continue
        if kind == "object":
            objects.append((path, item))
        elif kind == "set":
            if any(map(_is_leaf, item)):
                raise TypeError(f"{path}: a {type(item).__name__} of Values has no order, and so no names for its"
                                " parameters: keep them in a list or a dict")  # fmt: skip
        elif kind != "array" or item.dtype == object:
            _collect(item, path, found, seen, objects)


def _items(holder: Any, name: str) -> Iterable[tuple[str, Any]]:
    """Return the items of a container or a module, each with its path."""
    kind = _kind(holder.__class__)
    if kind == "list":
        return [(f"{name}.{i}", item) for i, item in enumerate(holder)]
    if kind == "dict":
        return [(name + _key(key, i), item) for i, (key, item) in enumerate(holder.items())]
    if kind == "array":
        indices = product(*map(range, holder.shape))
        return [(name + "".join([f".{i}" for i in index]), x) for index, x in zip(indices, holder.flat, strict=True)]
    return [(f"{name}.{attribute}" if name else attribute, item) for attribute, item in vars(holder).items()]


def _key(key: Any, position: int) -> str:
    """Return the part of a name that a key of a dict makes; no two keys of one dict make the same."""
    if type(key) is int or (type(key) is str and key.isidentifier()):
        return f".{key}"
    if type(key) in _LASTING or (type(key) is tuple and _LASTING.issuperset(map(type, key))):
        return f"[{key!r}]"
    return f"[{type(key).__name__}, key {position}]"  # its text may differ from run to run


_LASTING = {str, bytes, int, float, bool, type(None)}


_HOLDERS = ("module", "list", "dict", "set")


@cache
def _kind(kind: type) -> str | None:
    """Return how the Values in an instance of this class are found; None where there can be none."""
    if issubclass(kind, Module):
        return "module"
    for name, types in (("list", list | tuple | deque), ("dict", Mapping), ("set", Set)):
        if issubclass(kind, types):
            return name
    if hasattr(kind, "dtype") and hasattr(kind, "tolist"):  # NumPy's, which need not be installed
        return "array"
    return "object" if kind.__dictoffset__ and not issubclass(kind, FunctionType | ModuleType | type) else None


def _warn_of_others(module: Module, objects: list[tuple[str, Any]], found: Mapping[Value, str]) -> None:
    """Say which objects hold leaves that are no parameters: their author may take them for parameters."""
    for path, item in objects:
        leaves = ((name, x) for name, held in vars(item).items() for x in _items_of(held) if _is_leaf(x))
        if missed := [name for name, leaf in leaves if leaf not in found]:
            warnings.warn(
                f"{type(module).__name__}: {path}.{missed[0]} is a Value, but no parameter: {type(item).__name__} is no"
                " module; derive that class from nn.Module",
                stacklevel=4,
            )


def _items_of(item: Any) -> Iterable[Any]:
    return item if isinstance(item, list | tuple) else (item,)


def _is_leaf(x: Any) -> bool:
    return isinstance(x, Value) and x.operation is None


def _some(what: str, names: list[str]) -> str:
    """Name up to three of `names`, for a message."""
    if not names:
        return ""
    return f"; {what}: {', '.join(map(repr, names[:3]))}" + (f" and {len(names) - 3} more" if names[3:] else "")
