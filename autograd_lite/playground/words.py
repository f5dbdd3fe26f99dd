"""All words of a page, one table: another language is another table."""

from __future__ import annotations

__all__ = ["words"]

# fmt: off
WORDS = {
    "title": "Playground",
    "behind": "A page that trains a net; it is shown where scripts may run.",
    # ------------------------------------------------------------------------- training
    "transport": "Training",
    "play": "Play",
    "pause": "Pause",
    "epoch": "One epoch",
    "step": "One step",
    "reset": "Start again",
    "reset_hint": "The same start: weights from the same seed",
    "another": "Other weights",
    "another_hint": "Start again from another seed",
    "speed": "Speed",
    "speed_slow": "slow",
    "speed_1": "1 epoch",
    "speed_10": "10 epochs",
    "speed_full": "full",
    "epochs": "epoch",
    "loss": "loss",
    "held_loss": "held out",
    "right": "right",
    "diverged": "A gradient or a step is no finite number, so no parameter was changed. Try a smaller rate.",
    # ------------------------------------------------------------------------- the net
    "net": "Net",
    "picture": "Picture of the net",
    "inputs": "inputs",
    "output": "output",
    "unit": "{name}: {activation} unit, layer {layer}",
    # ------------------------------------------------------------------------- the output
    "map": "Map",
    "score": "score",
    "probability": "probability",
    "class": "class",
    "losses": "Loss",
}
# fmt: on


def words() -> dict[str, str]:
    """Return the words of a page by their keys.

    >>> words()["play"]
    'Play'
    """
    return dict(WORDS)
