"""The switch between training and evaluating, `model.training`, which dropout reads, for one."""

from __future__ import annotations

from typing import Any


class switched:
    """Have a model train, or evaluate, within a block, and put all of it back after it; tell whether that is a change.

    Nets of the package's own parts, which read no switch, are not looked through; a `training` of the user's own, such
    as a list of rows or a property, stays.
    """

    def __init__(self, model: Any, training: bool) -> None:
        self.training = training
        self.parts = model.parts_with_switch()
        if self.parts:
            switches = [part for part in self.parts if isinstance(type(part).training, bool)]
            self.parts = [(p, "training" in vars(p)) for p in switches if p.training is (not training)]

    def __enter__(self) -> bool:
        for part, _ in self.parts:
            object.__setattr__(part, "training", self.training)
        return bool(self.parts)

    def __exit__(self, *raised: object) -> None:
        for part, own in self.parts:
            if own:
                object.__setattr__(part, "training", not self.training)
            else:
                object.__delattr__(part, "training")
