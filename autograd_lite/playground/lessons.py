"""The lessons: nets that are set up to show one thing, each with a question before it trains and an answer after.

A lesson is a link: `start` is the fragment of the page before, and a try changes some parts of it. Its question
and its answers stand in `words.tsv` under `playground.lesson_NAME_…`: `title`, `question`, the choices `1`, `2` and
`3`, the `answer`, and for each try `NAME_TRY` on its button and `NAME_TRY_seen` after it.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Lesson:
    """One question, and the settings under which the page answers it."""

    name: str
    items: str  # of the lecture
    start: str  # the fragment of the page
    epochs: int  # that show the answer
    right: int  # which of the three choices, from 1
    tries: tuple[tuple[str, str, int], ...] = ()  # name, the parts of the fragment that change, epochs


def _far_points() -> str:
    """Two classes side by side, and ten points of the right one far to the right: the fragment's `hand=`."""
    rng = random.Random(0)
    centres = [(-1.0, 0)] * 20 + [(1.0, 1)] * 10 + [(9.0, 1)] * 10
    return ",".join(f"{rng.gauss(x, 0.3):.2f}_{rng.gauss(0, 1):.2f}_{label}" for x, label in centres)


_ENTROPY = "output=sigmoid&loss=binary_cross_entropy_with_logits"
_SQUARED = "loss=mse_loss"
_ADAM = "optimizer=adam&lr=0.1&batch=all&decay=0&share=none&seed=0"
_SGD = "optimizer=sgd&lr=0.3&batch=all&decay=0&share=none&seed=0"
_MOONS = "data=moons&points=100&noise=0.1&dataseed=0"
_TEN = ",".join(["4"] * 10)

LESSONS = (
    Lesson("xor", "L26, L38", "data=xor&points=100&noise=0.05&dataseed=0&layers="
           f"&{_ENTROPY}&init=xavier&bias=0&weightseed=0&{_ADAM}", 200, 1,
           (("hidden", "layers=4&activation=tanh", 200),)),
    Lesson("linear", "L25, L26", "data=circles&points=100&noise=0.1&dataseed=0&layers=8,8&activation=linear,linear"
           f"&{_ENTROPY}&init=xavier&bias=0&weightseed=0&{_ADAM}&lr=0.03", 200, 1,
           (("relu", "activation=relu,relu&init=he&bias=0.1", 200),)),
    Lesson("vanish", "L24, L28", f"{_MOONS}&layers={_TEN}&activation=sigmoid&{_ENTROPY}&init=xavier&bias=0"
           f"&weightseed=0&{_SGD}", 100, 3, (("relu", "activation=relu&init=he&bias=0.1", 200),)),
    Lesson("dead", "L31–L33", f"{_MOONS}&layers=8&activation=relu&{_ENTROPY}&init=he&bias=-3&weightseed=0&{_ADAM}",
           200, 3, (("bias", "bias=0.1", 200), ("leaky", "activation=leaky_relu", 200))),
    Lesson("too_correct", "L39", f"data=moons&hand={_far_points()}&layers=&output=linear&{_SQUARED}&init=xavier&bias=0"
           f"&weightseed=0&{_ADAM}", 300, 2, (("entropy", _ENTROPY, 300),)),
    Lesson("stuck", "L40–L42", f"{_MOONS}&layers=&output=sigmoid&{_SQUARED}&init=zeros&bias=-10&weightseed=0"
           f"&{_SGD}&lr=1", 200, 1, (("entropy", _ENTROPY, 200),)),
    Lesson("rate", "L21", f"{_MOONS}&layers=&output=linear&{_SQUARED}&init=xavier&bias=0&weightseed=0&{_SGD}&lr=1",
           20, 3, (("smaller", "lr=0.3", 20), ("smallest", "lr=0.003", 20))),
    Lesson("bias", "L32", f"{_MOONS}&layers=3,3,3,3&activation=relu&{_ENTROPY}&init=he&bias=0&weightseed=5"
           f"&{_ADAM}&lr=0.03", 200, 1, (("positive", "bias=0.1", 200),)),
)  # fmt: skip


def as_data() -> list[dict[str, Any]]:
    """Return the lessons for the script."""
    return [asdict(lesson) for lesson in LESSONS]
