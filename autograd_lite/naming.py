"""How a value is called and drawn: its label, its role in a net, and whether it is an input or a parameter."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from autograd_lite.modes import Group, describe

K = TypeVar("K")


class Part:
    """One layer of a net, or a neuron `alone`, in no layer: the same object for all places in it, and no others."""

    __slots__ = ("alone",)

    def __init__(self, alone: bool = False) -> None:
        self.alone = alone


@dataclass(frozen=True, slots=True)
class Role:
    """The place of a value in a net, in the course's notation: `Role("w", 2, 3, 1)` is $w_{13}^{(2)}$.

    `symbol` is x, w, b, z or a; layers count from 1 (x is layer 0) and units from 1; a weight leads from unit
    `source` of the layer before to unit `unit` of this one. `output` marks the last layer of a
    net with one output: its parameters, and f itself. `part` keeps two layers of the same number apart.
    """

    symbol: str
    layer: int
    unit: int
    source: int | None = None
    output: bool = False
    part: Part | None = field(default=None, compare=False, repr=False)


def kept_apart(roles: Mapping[K, Role], read: Mapping[Part | None, Hashable] = {}) -> Mapping[K, Role]:
    """Return places in nets, the layers numbered anew in the order given where two have the same number.

    Two layers of a `Module`, each the first of its own, become layers 1 and 2; a net after a net goes on counting.
    `read` says of neurons that are in no layer what they read: those that read the same are one layer.

    >>> one, two = Role("z", 1, 1, part=Part()), Role("z", 1, 1, part=Part())
    >>> [role.layer for role in kept_apart({"first": one, "second": two, "again": one}).values()]
    [1, 2, 1]
    """
    # The parts of each layer, with the number of units that stand before them: one part, or neurons in no layer.
    layers: dict[tuple[Hashable, int], dict[Part | None, int]] = {}
    for role in roles.values():
        if role.layer:
            parts = layers.setdefault((read.get(role.part, role.part), role.layer), {})
            parts.setdefault(role.part, len(parts))
    if len({number for _, number in layers}) == len(layers) and all(len(parts) == 1 for parts in layers.values()):
        return roles
    places = {
        (part, layer): (number, before)
        for number, ((_, layer), parts) in enumerate(layers.items(), start=1)
        for part, before in parts.items()
    }

    def placed(role: Role) -> Role:
        if not role.layer:
            return role
        number, before = places[role.part, role.layer]
        return replace(role, layer=number, unit=role.unit + before, output=role.output and number == len(layers))

    return {key: placed(role) for key, role in roles.items()}


class Named:
    """The names of a Value in pictures, explanations and errors; the slots are those of `Value`."""

    __slots__ = ()

    _da: Any
    _label: str
    _role: Role
    _operation: Any

    @property
    def label(self) -> str:
        """The name shown in pictures, explanations and errors."""
        label: str = getattr(self, "_label", "")
        return label

    @label.setter
    def label(self: Any, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"label must be a str, not {type(text).__name__} ({text!r})")
        self._label = text

    @property
    def op(self) -> str:
        """The operation as it is typed, `+` or `exp`; empty for a leaf."""
        return "" if self._operation is None else str(self._operation.spelling)

    @property
    def role(self) -> Role | None:
        """The place of this value in a net, where `nn` made it."""
        role: Role | None = getattr(self, "_role", None)
        return role

    @role.setter
    def role(self: Any, role: Role) -> None:
        self._role = role

    @property
    def group(self) -> Group | None:
        """The part of the graph that this value was computed in, a block of `with ag.group(name)`."""
        group: Group | None = getattr(self, "_group", None)
        return group

    @property
    def kind(self) -> str | None:
        """The kind of a leaf, "input" or "parameter"; None where it is not known, and for the result of an operation.

        `Value(…, kind=…)` sets it; a net, any `Module` and an optimiser set it for the values that they hold.
        """
        if self._operation is not None:
            return None
        role = self.role
        kind: str | None = self._da
        return kind or (None if role is None else "input" if role.symbol == "x" else "parameter")

    @kind.setter
    def kind(self, kind: str | None) -> None:
        if kind not in (None, "input", "parameter") or self._operation is not None:
            raise ValueError(f"kind: expected 'input' or 'parameter', of a leaf; got {kind!r} of {describe(self)}")
        self._da = kind
