"""The same program gives the same bits: in every process, under every hash seed, on every run."""

import os
import subprocess
import sys

import pytest

from autograd_lite import datasets, nn

PROGRAM = """
import random
import autograd_lite as ag
from autograd_lite import Value, datasets, nn

draw = random.Random(7)
nodes = [Value(draw.uniform(-2, 2), label=f"leaf {i}") for i in range(5)]
for _ in range(200):
    a, b, c = (draw.choice(nodes) for _ in range(3))
    nodes.append(draw.choice([
        lambda: (a * b).tanh(), lambda: a + b * c, lambda: ag.dot([a, b], [b, c], 0.5).sigmoid(),
        lambda: ag.softmax([a, b, c])[1], lambda: ag.logsumexp([a, b, c]), lambda: ag.maximum(a, b) - c,
        lambda: (a * a + 1.0) ** -0.5, lambda: ag.sum([a, b, c]).gelu(),
    ])())
root = ag.mean(nodes[-20:])
root.backward()
print([node.grad.hex() for node in nodes], root.data.hex())
print([[x.hex() for x in row] for row in ag.hessian(root, nodes[:5])])
print([id(a) == id(b) for a, b in zip(ag.topological_order(root), ag.topological_order(root))].count(False))
print([(node.op, node.data.hex()) for node in ag.topological_order(root)])

a, b = nodes[:2]
small = (a * b + a).tanh() + ag.softmax([a, b])[0]
print(ag.draw(small).dot, ag.explain(small, wrt=a), sep="\\n")

X, y = datasets.moons(n=40, noise=0.1, seed=3)
model = nn.MLP(2, [6, 4, 1], output="sigmoid", seed=11)
history = nn.fit(model, X, y, epochs=5, batch_size=8, seed=5, validation=0.25, progress=False)
print([p.data.hex() for p in model.parameters()], [x.hex() for x in history.loss])
"""


def run(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"}  # σ and − on Windows, too
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_program_gives_the_same_bits_under_any_hash_seed():
    first = run("0")
    assert len(first.splitlines()) > 10
    for seed in ("1", "4294967295", "random"):
        assert run(seed) == first


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_fit_with_a_seed_gives_the_same_net_on_every_run(optimizer):
    X, y = datasets.circles(n=40, noise=0.1, seed=1)
    nets = []
    for seed in (2, 2, 3):
        model = nn.MLP(2, [5, 1], output="sigmoid", seed=4)
        history = nn.fit(
            model, X, y, optimizer=optimizer, lr=0.05, epochs=4, batch_size=7, seed=seed, validation=0.2, progress=False
        )
        nets.append(([p.data for p in model.parameters()], history.loss, history.accuracy))
    assert nets[0] == nets[1]
    assert nets[0] != nets[2]  # another seed, other batches


def test_a_net_with_a_seed_starts_the_same_whatever_was_drawn_before():
    import random

    nets = []
    for _ in range(2):
        random.random()
        nets.append(nn.MLP(3, [4, 2], init="he", seed=9).state_dict())
    assert nets[0] == nets[1]
