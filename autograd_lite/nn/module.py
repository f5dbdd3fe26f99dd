"""What every part of a net can do: name its parameters, reset their gradients, copy them in and out."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

from autograd_lite.engine import Value, write_numbers

__all__ = ["Module", "parameter_name"]


class Module:
    """A part of a net. Its parameters are found by looking through its attributes; nothing is registered.

    A parameter is a leaf `Value` in an attribute, in a list or tuple of one, or in a module there;
    its name is the way to it. A parameter met twice (shared) counts once, under its first name.

    >>> class Line(Module):
    ...     def __init__(self): self.slopes, self.offset = [Value(2.0), Value(3.0)], Value(0.5)
    >>> [(name, p.data) for name, p in Line().named_parameters()]
    [('slopes.0', 2.0), ('slopes.1', 3.0), ('offset', 0.5)]
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return (name, parameter) pairs in the order in which the attributes were first set."""
        found: dict[Value, str] = {}
        _collect(self, "", found, set())
        return [(name, parameter) for parameter, name in found.items()]

    def parameters(self) -> list[Value]:
        """Return all parameters, in the order of `named_parameters`."""
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set every parameter's gradient back to "not computed"."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """Return a copy of all parameters as plain numbers, by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set all parameters from numbers by name, or none of them and raise `ValueError` or `TypeError`."""
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: expected a dict of numbers by name, as state_dict() gives, "
                            f"got {type(state).__name__}")  # fmt: skip
        own = dict(self.named_parameters())
        missing = [name for name in own if name not in state]
        unknown = [name for name in state if name not in own]
        if missing or unknown:
            raise ValueError(
                f"load_state_dict: expected the {len(own)} parameters of this model, got {len(state)} numbers"
                + _some("missing", missing)
                + _some("not in this model", unknown)
            )
        for name, number in state.items():
            if number.__class__ is not float and not isinstance(number, Real):
                raise TypeError(f"load_state_dict: {name}: expected a number, got {type(number).__name__} {number!r}")
        write_numbers([*own.values()], [float(state[name]) for name in own])


def parameter_name(parameter: Value, position: int) -> str:
    """Return what a message calls a parameter: its label, its name in the course's notation, or its position.

    >>> parameter_name(Value(1.0, label="slope"), 3), parameter_name(Value(1.0), 3)
    ("parameter 3 'slope'", 'parameter 3')
    """
    if parameter.label:
        return f"parameter {position} {parameter.label!r}"
    role = parameter.role
    if role is None:
        return f"parameter {position}"
    comma = "," if role.source is not None and max(role.source, role.unit) > 9 else ""
    units = f"{'' if role.source is None else role.source}{comma}{role.unit}".translate(_BELOW)
    return f"parameter {position}, {role.symbol}{units}⁽{str(role.layer).translate(_ABOVE)}⁾"


_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _collect(holder: Any, name: str, found: dict[Value, str], seen: set[int]) -> None:
    """Name the parameters in a list, a tuple or a module; what was met already does not count again."""
    seen.add(id(holder))
    for key, item in enumerate(holder) if isinstance(holder, list | tuple) else vars(holder).items():
        path = f"{name}.{key}" if name else str(key)
        if isinstance(item, Value):
            if item._rule is None:
                found.setdefault(item, path)
        elif isinstance(item, list | tuple | Module) and id(item) not in seen:
            _collect(item, path, found, seen)


def _some(what: str, names: list[str]) -> str:
    """Name up to three of `names`, for a message."""
    if not names:
        return ""
    return f"; {what}: {', '.join(map(repr, names[:3]))}" + (f" and {len(names) - 3} more" if names[3:] else "")
