"""Losses, optimisers and whole training runs against PyTorch: float64, the same start, 200 steps, ten digits."""

import random

import pytest

from autograd_lite import nn
from autograd_lite.engine import Value

torch = pytest.importorskip("torch", reason="PyTorch is the second opinion; pip install torch")
F = torch.nn.functional
STEPS = 200

# our loss, torch's, a prediction and a target
LOSSES = {
    "mse_loss": (nn.mse_loss, F.mse_loss, lambda d: d.gauss(0, 2), lambda d: d.gauss(0, 2)),
    "l1_loss": (nn.l1_loss, F.l1_loss, lambda d: d.gauss(0, 2), lambda d: d.gauss(0, 2)),
    "huber_loss": (nn.huber_loss, F.huber_loss, lambda d: d.gauss(0, 2), lambda d: d.gauss(0, 2)),
    "hinge_loss": (nn.hinge_loss, lambda f, y: torch.relu(1 - y * f).mean(), lambda d: d.gauss(0, 1),
                   lambda d: d.choice([-1.0, 1.0])),
    "binary_cross_entropy": (nn.binary_cross_entropy, F.binary_cross_entropy, lambda d: d.uniform(0.01, 0.99),
                             lambda d: d.choice([0.0, 1.0, 0.3])),
    "binary_cross_entropy_with_logits": (nn.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits,
                                         lambda d: d.gauss(0, 5), lambda d: d.choice([0.0, 1.0, 0.3])),
}  # fmt: skip


def tensor(numbers, **more):
    return torch.tensor(numbers, dtype=torch.float64, **more)


def close(numbers, theirs):
    return numbers == pytest.approx(theirs, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    ours, theirs, prediction, target = LOSSES[name]
    draw = random.Random(name)
    for _ in range(STEPS):
        count = draw.randint(1, 6)
        predictions, targets = [prediction(draw) for _ in range(count)], [target(draw) for _ in range(count)]
        values, xs = [Value(p) for p in predictions], tensor(predictions, requires_grad=True)
        own, loss = ours(values, targets), theirs(xs, tensor(targets))
        own.backward()
        loss.backward()
        assert close(own.data, loss.item()), (predictions, targets)
        assert close([v.grad for v in values], xs.grad.tolist()), (predictions, targets)


def test_cross_entropy():
    draw = random.Random(3)
    for _ in range(STEPS):
        rows = [[draw.gauss(0, 5) for _ in range(4)] for _ in range(draw.randint(1, 5))]
        classes = [draw.randrange(4) for _ in rows]
        values, xs = [[Value(z) for z in row] for row in rows], tensor(rows, requires_grad=True)
        own, loss = nn.cross_entropy(values, classes), F.cross_entropy(xs, torch.tensor(classes))
        own.backward()
        loss.backward()
        assert close(own.data, loss.item())
        for row, theirs in zip(values, xs.grad.tolist(), strict=True):
            assert close([z.grad for z in row], theirs)


# ------------------------------------------------------------------------------------------------- training

ACTIVATIONS = {
    "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU, "elu": torch.nn.ELU, "leaky_relu": torch.nn.LeakyReLU, "softplus": torch.nn.Softplus,
}  # fmt: skip
# activation, output, optimizer, its settings
RUNS = [
    ("tanh", "linear", "SGD", {"lr": 0.05}),
    ("relu", "sigmoid", "SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    ("sigmoid", "softmax", "SGD", {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.01}),
    ("gelu", "sigmoid", "Adam", {"lr": 0.01}),
    ("silu", "softmax", "Adam", {"lr": 0.02, "betas": (0.8, 0.99), "eps": 1e-6}),
    ("elu", "linear", "AdamW", {"lr": 0.01}),
    ("leaky_relu", "softmax", "AdamW", {"lr": 0.02, "weight_decay": 0.1}),
    ("softplus", "sigmoid", "Adam", {"lr": 0.01}),
]


def pair_of_nets(activation, output):
    """Return a net and torch's net of the same weights."""
    ours = nn.MLP(3, [4, 3, 3 if output == "softmax" else 1], activation, output, init="xavier", seed=1)
    modules = []
    for layer in ours.layers:
        linear = torch.nn.Linear(len(layer.neurons[0].w), len(layer.neurons), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(tensor([[w.data for w in neuron.w] for neuron in layer.neurons]))
            linear.bias.copy_(tensor([neuron.b.data for neuron in layer.neurons]))
        modules += [linear, ACTIVATIONS[activation]()]
    return ours, torch.nn.Sequential(*modules[:-1])


def data_for(output):
    draw = random.Random(5)
    X = [[draw.gauss(0, 1) for _ in range(3)] for _ in range(5)]
    y = {"linear": [x[0] * x[1] - x[2] for x in X], "sigmoid": [int(x[0] > x[1]) for x in X],
         "softmax": [x.index(max(x)) for x in X]}  # fmt: skip
    return X, y[output]


def parameters_of(net):
    """Return torch's parameters as our `parameters()` orders them: neuron by neuron, weights and then the bias."""
    found = []
    for linear in [module for module in net if isinstance(module, torch.nn.Linear)]:
        for weights, bias in zip(linear.weight.tolist(), linear.bias.tolist(), strict=True):
            found += [*weights, bias]
    return found


@pytest.mark.parametrize(("activation", "output", "optimizer", "settings"), RUNS)
def test_training_runs(activation, output, optimizer, settings):
    by_hand, by_fit = (pair_of_nets(activation, output)[0] for _ in range(2))
    theirs = pair_of_nets(activation, output)[1]
    X, y = data_for(output)
    rows = tensor(X)
    targets = torch.tensor(y) if output == "softmax" else tensor(y)
    measure = {"linear": F.mse_loss, "sigmoid": F.binary_cross_entropy_with_logits, "softmax": F.cross_entropy}[output]
    mover = getattr(torch.optim, optimizer)(theirs.parameters(), **settings)
    losses = []
    for _ in range(STEPS):
        mover.zero_grad()
        outputs = theirs(rows)
        loss = measure(outputs if output == "softmax" else outputs.squeeze(1), targets)
        loss.backward()
        mover.step()
        losses.append(loss.item())
    chosen = {"linear": nn.mse_loss, "sigmoid": nn.binary_cross_entropy_with_logits, "softmax": nn.cross_entropy}
    our_mover, own = getattr(nn, optimizer)(by_hand.parameters(), **settings), []
    for _ in range(STEPS):
        our_mover.zero_grad()
        result = chosen[output]([by_hand.logits(x) for x in X], y)
        result.backward()
        our_mover.step()
        own.append(result.data)
    assert close(own, losses)
    assert close([p.data for p in by_hand.parameters()], parameters_of(theirs))
    our_mover = getattr(nn, optimizer)(by_fit.parameters(), **settings)
    assert close(nn.fit(by_fit, X, y, optimizer=our_mover, epochs=STEPS, progress=False).loss, losses)
    assert close([p.data for p in by_fit.parameters()], parameters_of(theirs))
