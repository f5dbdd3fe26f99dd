"""A character GPT of one layer and 4,192 scalar parameters, and a step of training on one name.

Every scalar is a node; only + * ** exp log relu are used. The program runs on any `Value` that has them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
BOUNDARY = len(ALPHABET)  # the token before a name and after it
VOCABULARY = len(ALPHABET) + 1
WIDTH = 16
HEADS = 4
HEAD_WIDTH = WIDTH // HEADS
LONGEST = 16  # tokens
RATE = 0.1

Vector = list[Any]
Matrix = list[Vector]


def training(Value: Any, name: str = "michael") -> Callable[[], Any]:
    """Return the step of training on a name; the step returns the loss."""
    rng = random.Random(42)

    def matrix(rows: int, columns: int) -> Matrix:
        return [[Value(rng.gauss(0.0, 0.1)) for _ in range(columns)] for _ in range(rows)]

    tokens, places, unembed = matrix(VOCABULARY, WIDTH), matrix(LONGEST, WIDTH), matrix(VOCABULARY, WIDTH)
    query, key, value, mix = (matrix(WIDTH, WIDTH) for _ in range(4))
    widen, narrow = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)
    every = (tokens, places, unembed, query, key, value, mix, widen, narrow)
    parameters = [p for weights in every for row in weights for p in row]

    def logits(token: int, place: int, keys: Matrix, values: Matrix) -> Vector:
        """Return the next token's logits, and add this place's key and value to those of the places before."""
        x = normalized(added(tokens[token], places[place]))
        attended = normalized(x)
        q = times(query, attended)
        keys.append(times(key, attended))
        values.append(times(value, attended))
        heads: Vector = []
        for start in range(0, WIDTH, HEAD_WIDTH):
            part = slice(start, start + HEAD_WIDTH)
            shares = softmax([product(q[part], k[part]) * HEAD_WIDTH**-0.5 for k in keys])
            heads += [product(shares, column) for column in zip(*(v[part] for v in values), strict=True)]
        x = added(x, times(mix, heads))
        hidden = [z.relu() for z in times(widen, normalized(x))]
        x = added(x, times(narrow, hidden))
        return times(unembed, x)

    document = [BOUNDARY, *map(ALPHABET.index, name), BOUNDARY]

    def step() -> Any:
        keys: Matrix = []
        values: Matrix = []
        losses = []
        for place, (token, following) in enumerate(pairwise(document)):
            shares = softmax(logits(token, place, keys, values))
            losses.append(shares[following].log() * -1.0)
        loss = sum(losses) * (1.0 / len(losses))
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = 0.0
        return loss

    return step


def product(a: Vector, b: Any) -> Any:
    return sum(x * y for x, y in zip(a, b, strict=True))


def times(weights: Matrix, x: Vector) -> Vector:
    return [product(row, x) for row in weights]


def added(a: Vector, b: Vector) -> Vector:
    return [x + y for x, y in zip(a, b, strict=True)]


def normalized(x: Vector) -> Vector:
    """Return x divided by the root of its mean square."""
    scale = (sum(xi * xi for xi in x) * (1.0 / len(x)) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def softmax(x: Vector) -> Vector:
    largest = max(xi.data for xi in x)
    powers = [(xi + -largest).exp() for xi in x]
    share = sum(powers) ** -1
    return [power * share for power in powers]
