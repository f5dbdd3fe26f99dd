"""The fast methods of Value, generated from the table: each does the work of `engine.record` for one row.

`record` looks everything up in the row. A method made for one row contains its formulas, fills the slots of the new
node directly, and is three times as fast. An operation is still defined in one place, its row. `Value.exp??` shows the
text of a method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_lite.generated import run_text
from autograd_lite.languages.python import without_exceptions
from autograd_lite.ops import FLOAT_NAMES, Op

COMPARISONS = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

_UNARY = '''
def {method}(self{settings}):
    """Return {doc}."""
{check}    a = self._data
    node = new(Value)
    node._data = out = {formula}
    node._grad = UNREACHED
    node._operation = {row}
    node._a = self
    node._b = node._db = None
    node._da = {partial_a}
    return on_recorded(node) if open_modes else node
'''

_BINARY = '''
def {method}(self, other{modulo}):
    """Return {doc}."""
{check}    a = self._data
    node = new(Value)
    if other.__class__ is Value:
        b = other._data
        out = {formula}
        node._da = {partial_a}
        node._db = {partial_b}
    else:
        b = other if other.__class__ is float else to_float_or_none(other)
        if b is None:
            return NotImplemented
        other = b
        out = {formula}
        node._da = {partial_a}
        node._db = None
    node._data = out
    node._grad = UNREACHED
    node._operation = ROW_{name}
    node._a = self
    node._b = other
    return on_recorded(node) if open_modes else node
'''

_MODULO = """    if modulo is not None:
        raise TypeError(f"pow({self!r}, {other!r}, {modulo!r}): a third number is for ints; use pow(…, …) % {modulo!r}")
"""

_REFLECTED = '''
def {method}(self, other):
    """Return {doc}."""
    a = other if other.__class__ is float else to_float_or_none(other)
    if a is None:
        return NotImplemented
    b = self._data
    node = new(Value)
    node._data = out = {formula}
    node._grad = UNREACHED
    node._operation = ROW_{name}
    node._a = a
    node._b = self
    node._da = None
    node._db = {partial_b}
    return on_recorded(node) if open_modes else node
'''

_COMPARISON = '''
def {method}(self, other):
    """Compare the numbers."""
    b = other._data if other.__class__ is Value else to_float_or_none(other)
    return NotImplemented if b is None else on_compared(self, other, "{sign}", self._data {sign} b)
'''

_MANY = '''
def {name}_of_values(row, flat, {operands}):
    """Return {doc}: `flat` are the operands, all of them Values; the other arguments are their numbers."""
{settings}    node = new(Value)
    node._data = out = {formula}
    node._grad = UNREACHED
    node._operation = row
    node._a = node._b = flat
    node._da = ({partials})
    node._db = None
    return on_recorded(node) if open_modes else node
'''


def source_of_many(row: Op) -> str:
    """Return the text of the function that records an n-ary row whose operands are all Values."""
    star = ["*" if is_list else "" for is_list in row.is_list]
    settings = f"    {', '.join(row.setting_names)}, = row.settings\n" if row.setting_names else ""

    def join(texts: Sequence[str]) -> str:
        return ", ".join(s + t for s, t in zip(star, texts, strict=True)) + ","

    return _MANY.format(
        name=row.name, operands=", ".join(row.operands), doc=f"{row.formula}, recorded as one node",
        settings=settings, formula=without_exceptions(row.formula),
        partials=join([f"({without_exceptions(text)})" for text in row.whole_partials]),
    )  # fmt: skip


def source_of(row: Op) -> str:
    """Return the text of the methods of one row; empty for a row without a method."""
    if row.nary:
        return source_of_many(row)
    if not row.methods:
        return ""
    partials = [without_exceptions(text) for text in row.partials]
    texts = {
        "name": row.name, "formula": without_exceptions(row.formula), "doc": f"{row.formula}, recorded as one node",
        "partial_a": partials[0], "partial_b": partials[-1], "row": f"ROW_{row.name}", "settings": "", "check": "",
        "modulo": "",
    }  # fmt: skip
    if row.setting_names:
        given = list(zip(row.setting_names, row.settings, strict=True))
        texts["settings"] = "".join(f", {name}={value!r}" for name, value in given)
        names_ = ", ".join(row.setting_names)
        texts["check"] = f"    {names_}, = settings_of({row.name!r}, {names_})\n"
        default = " and ".join(f"{name} == {value!r}" for name, value in given)
        bound = ", ".join(f"{name}={name}" for name in row.setting_names)
        texts["row"] = f"ROW_{row.name} if {default} else ROW_{row.name}.bind({bound})"
    if len(row.operands) == 1:
        return _UNARY.format(method=row.methods[0], **texts)
    if row.methods[0] == "__pow__":  # of Python's operators the one that may be given a third operand
        texts |= {"modulo": ", modulo=None", "check": _MODULO}
    reflected = [_REFLECTED.format(method=name, **texts) for name in row.methods[1:] if name.startswith("__r")]
    return "".join([_BINARY.format(method=row.methods[0], **texts), *reflected])


def install(table: Mapping[str, Op], namespace: dict[str, Any], owner: type) -> dict[str, Any]:
    """Generate the methods of every row and set them on the class `owner`; return the functions of n-ary rows.

    `namespace` has the other names that the methods use: Value, new, on_recorded, open_modes, ….
    """
    text = "".join(source_of(row) for row in table.values())
    if "__lt__" not in vars(owner):
        text += "".join(_COMPARISON.format(method=method, sign=sign) for method, sign in COMPARISONS.items())
    filename = f"<methods of Value, written from {'the table' if len(table) > 1 else ', '.join(table)}>"
    namespace = {**FLOAT_NAMES, **namespace, **{f"ROW_{name}": row for name, row in table.items()}}
    found = run_text(text, filename, namespace)
    many = {name: found.pop(f"{name}_of_values") for name, row in table.items() if row.nary}
    for name, function in found.items():
        function.__qualname__ = f"{owner.__name__}.{name}"
        setattr(owner, name, function)
    for row in table.values():
        for spelling in row.methods[1:]:
            if spelling not in found:
                setattr(owner, spelling, found[row.methods[0]])
    return many
