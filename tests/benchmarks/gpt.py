"""A character GPT of one layer and 4,192 scalar parameters, and a step of training on one name.

Every scalar is a node; only + * ** exp log relu are used. The program runs on any `Value` that has them; written for
`compile`, it takes softmax and cross-entropy from this package, for they decide by no comparison.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import autograd_lite as ag
from tests.benchmarks.program import Program, of_training, of_values

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
Softmax = Callable[[Vector], Vector]

NAME = "michael"


class Network:
    """The parameters, as Values of any engine, and what they compute."""

    def __init__(self, Value: Any) -> None:
        rng = random.Random(42)

        def matrix(rows: int, columns: int) -> Matrix:
            return [[Value(rng.gauss(0.0, 0.1)) for _ in range(columns)] for _ in range(rows)]

        self.tokens, self.places = matrix(VOCABULARY, WIDTH), matrix(LONGEST, WIDTH)
        self.unembed = matrix(VOCABULARY, WIDTH)
        self.query, self.key, self.value, self.mix = (matrix(WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = matrix(4 * WIDTH, WIDTH), matrix(WIDTH, 4 * WIDTH)

    def parameters(self) -> Vector:
        return [p for weights in vars(self).values() for row in weights for p in row]

    def logits(self, embedded: Vector, place: int, keys: Matrix, values: Matrix, softmax: Softmax) -> Vector:
        """Return the next token's logits, and add this place's key and value to those of the places before."""
        x = normalized(added(embedded, self.places[place]))
        attended = normalized(x)
        q = times(self.query, attended)
        keys.append(times(self.key, attended))
        values.append(times(self.value, attended))
        heads: Vector = []
        for start in range(0, WIDTH, HEAD_WIDTH):
            part = slice(start, start + HEAD_WIDTH)
            shares = softmax([product(q[part], k[part]) * HEAD_WIDTH**-0.5 for k in keys])
            heads += [product(shares, column) for column in zip(*(v[part] for v in values), strict=True)]
        x = added(x, times(self.mix, heads))
        hidden = [z.relu() for z in times(self.widen, normalized(x))]
        x = added(x, times(self.narrow, hidden))
        return times(self.unembed, x)


def encoded(name: str) -> list[int]:
    return [BOUNDARY, *map(ALPHABET.index, name), BOUNDARY]


def document_loss(network: Network, document: list[int]) -> Any:
    """Return the mean loss over the tokens of a document."""
    keys: Matrix = []
    values: Matrix = []
    losses = []
    for place, (token, following) in enumerate(pairwise(document)):
        shares = softmax(network.logits(network.tokens[token], place, keys, values, softmax))
        losses.append(shares[following].log() * -1.0)
    return sum(losses) * (1.0 / len(losses))


def training(Value: Any, name: str = NAME) -> Program:
    """Return the step of training on a name: forward, backward, and the move of the parameters."""
    network = Network(Value)
    parameters = network.parameters()

    def step() -> Any:
        loss = document_loss(network, encoded(name))
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = 0.0
        return loss

    return of_training(step)


def gradient(Value: Any, name: str = NAME) -> Program:
    """Return the same step without the move."""
    network = Network(Value)

    def step() -> Any:
        loss = document_loss(network, encoded(name))
        loss.backward()
        return loss

    return of_values(step, network.parameters())


def by_replay(name: str = NAME, anew: bool = False) -> Program:
    """Return the step without the move, written for `compile`; with `anew`, each is the first of its length."""
    return of_values(*compiled_step(name, anew))


def by_training(name: str = NAME) -> Program:
    """Return the whole step, written for `compile`, with gradients zeroed and parameters moved by hand."""
    gradient_of, parameters = compiled_step(name)

    def step() -> Any:
        for p in parameters:
            p.grad = 0
        loss = gradient_of()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss

    return of_training(step)


def compiled_step(name: str = NAME, anew: bool = False) -> tuple[Callable[[], Any], Vector]:
    """Return a compiled forward pass with its `backward()`, and the parameters.

    The rows of the embedding are looked up outside, so that the graph depends on the length of the document alone.
    """
    network = Network(ag.Value)

    def loss_of(rows: Matrix, targets: Vector) -> Any:
        keys: Matrix = []
        values: Matrix = []
        losses = [
            ag.cross_entropy(network.logits(row, place, keys, values, ag.softmax), target)
            for place, (row, target) in enumerate(zip(rows, targets, strict=True))
        ]
        return sum(losses) * (1.0 / len(losses))

    recorded = ag.compile(loss_of)
    document = encoded(name)

    def step() -> Any:
        f = ag.compile(loss_of) if anew else recorded
        loss = f([network.tokens[token] for token in document[:-1]], document[1:])
        loss.backward()
        return loss

    return step, network.parameters()


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
