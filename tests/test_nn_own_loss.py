"""Losses and Modules of the user's own: replayed where that is safe, else as they are typed, to the same numbers."""

import math
import random
import re
import statistics
import time

import pytest

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite import functions as f
from autograd_lite.engine import Value
from autograd_lite.nn import training_steps

X, Y = datasets.moons(24, noise=0.2, seed=1)


class Residual(nn.Module):
    def __init__(self):
        self.first, self.second = nn.MLP(2, [3, 2], "tanh", seed=1), nn.MLP(2, [1], output="sigmoid", seed=2)

    def __call__(self, x):
        return self.second([a + b for a, b in zip(self.first(x), x, strict=True)])


class Pair(nn.Module):
    """Two outputs, in a tuple."""

    def __init__(self):
        self.d = {"w": Value(0.3), "v": Value(-0.2)}

    def __call__(self, x):
        return self.d["w"] * x[0], self.d["v"] * x[1] + self.d["w"]


def mlp():
    return nn.MLP(2, [4, 1], "tanh", output="sigmoid", seed=0)


def by_hand(p, y):
    return sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)


def entropy(p, y):
    return -f.mean([b * f.log(a) + (1 - b) * f.log(1 - a) for a, b in zip(p, y, strict=True)])


def root(p, y):
    return by_hand(p, y).sqrt()


def summed(p, y):
    return sum((a - b) ** 2 for a, b in zip(p, y, strict=True))


def hardest(p, y):
    return sum(sorted(((a - b) ** 2 for a, b in zip(p, y, strict=True)), key=lambda v: -v.data)[:5]) / min(len(p), 5)


def weighted(p, y):
    share = {c: list(y).count(c) for c in y}
    return sum((a - b) ** 2 / share[b] for a, b in zip(p, y, strict=True)) / len(share)


def centred(p, y):
    mean = statistics.fmean(y)
    return sum((a - (b - mean)) ** 2 for a, b in zip(p, y, strict=True)) / len(p)


def capped(p, y):
    return sum(a * a if b > 0 else 2.0 * a for a, b in zip(p, y, strict=True)) / len(p)


def dearer(p, y):
    """A loss with an `if` on the number of a target."""
    return sum((3.0 if b == 1 else 1.0) * (a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(p)


def bent(p, y):
    """A loss with an `if` on Values: its derivative is 2 |a - b| below a half, and 1 beyond."""
    total = 0.0
    for a, b in zip(p, y, strict=True):
        error = abs(a - b)
        if error < 0.5:
            error = error * error + 0.25
        total = total + error
    return total / len(p)


def gated(p, y):
    """A loss with an `if` on the loss of the whole step."""
    return loss if (loss := by_hand(p, y)) > 0.2 else 0.5 * loss


def eagerly(model, loss, monkeypatch, **settings):
    with monkeypatch.context() as patch:
        patch.setattr(training_steps, "_rows_of", lambda *_: None)
        return nn.fit(model, X, Y, loss=loss, lr=0.05, epochs=6, progress=False, seed=0, **settings)


def lines(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("fit:")]


LOSSES = {loss: "mean over examples" for loss in (by_hand, entropy)}
LOSSES |= {
    loss: "runs as it is typed" for loss in (root, summed, hardest, weighted, centred, capped, dearer, bent, gated)
}


@pytest.mark.parametrize("settings", [{}, {"batch_size": 7}, {"validation": 0.25, "clip": 0.1}], ids=str)
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_a_loss_of_ones_own_gives_the_numbers_of_an_eager_run(loss, settings, monkeypatch, capsys):
    model, twin = mlp(), mlp()
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    found = nn.fit(model, X, Y, loss=loss, lr=0.05, epochs=6, seed=0, **settings)
    (line,) = lines(capsys)
    assert line.startswith(f"fit: {loss.__name__} ") and LOSSES[loss] in line
    expected = eagerly(twin, loss, monkeypatch, **settings)
    assert found.loss == pytest.approx(expected.loss, rel=1e-9)
    assert found.validation_loss == pytest.approx(expected.validation_loss, rel=1e-9)
    assert [*model.state_dict().values()] == pytest.approx([*twin.state_dict().values()], rel=1e-8, abs=1e-11)


@pytest.mark.parametrize(("loss", "line"), [
    (dearer, "decides by ==, at .*: return sum.*if b == 1"), (bent, "decides by <, at .*: if error < 0.5:"),
])  # fmt: skip
def test_a_loss_that_decides_names_the_line(loss, line, capsys):
    nn.fit(mlp(), X, Y, loss=loss, epochs=2)
    (said,) = lines(capsys)
    why = f"fit: {loss.__name__} runs as it is typed, on the outputs of a net that is replayed: compile: .*{line}"
    assert re.match(why, said) and said.endswith(
        "may go another way (ag.maximum, ag.relu, ag.clamp are one way for all)"
    )


def test_a_penalty_on_the_parameters_is_part_of_either_way(monkeypatch):
    for inner in (by_hand, root):
        models = [mlp(), mlp()]

        def penalised(model, inner=inner):
            return lambda p, y: inner(p, y) + 0.1 * sum(w * w for w in model.parameters())

        nn.fit(models[0], X, Y, loss=penalised(models[0]), lr=0.05, epochs=6, progress=False, seed=0)
        eagerly(models[1], penalised(models[1]), monkeypatch)
        assert [*models[0].state_dict().values()] == pytest.approx([*models[1].state_dict().values()], rel=1e-8)


def test_a_penalty_on_the_derivatives_of_the_outputs_gets_them_with_the_net(monkeypatch, capsys):
    def sloped(model, asked):
        def loss(p, y):
            if len(asked) >= 3:  # not from the first step on
                slopes = [ag.grad(out, model.parameters(), create_graph=True) for out in p]
                return by_hand(p, y) + 0.01 * sum(d * d for line in slopes for d in line)
            asked.append(y)
            return root(p, y)

        return loss

    for validation in (None, 0.25):
        models = [mlp(), mlp()]
        asked = [[], []]
        settings = dict(lr=0.05, epochs=6, seed=0, validation=validation)
        found = nn.fit(models[0], X, Y, loss=sloped(models[0], asked[0]), **settings)
        assert "fit: loss calls grad(…, create_graph=True), so this net runs without a replay" in lines(capsys)[-1]
        monkeypatch.setattr(training_steps, "_rows_of", lambda *_: None)
        expected = nn.fit(models[1], X, Y, loss=sloped(models[1], asked[1]), **settings)
        monkeypatch.undo()
        assert [*models[0].state_dict().values()] == pytest.approx([*models[1].state_dict().values()], rel=1e-8)
        assert (found.loss, found.validation_loss) == (
            pytest.approx(expected.loss), pytest.approx(expected.validation_loss)
        )  # fmt: skip


def test_a_net_whose_outputs_are_all_alike_does_not_pass_for_a_mean(capsys):
    """All losses are one number at first, and so are all their roots and weighted means."""
    for loss in (root, weighted):
        model = nn.MLP(2, [1], init="zeros")
        nn.fit(model, X, [1.0, -1.0] * 12, loss=loss, epochs=2)
        assert "runs as it is typed" in lines(capsys)[0]


@pytest.mark.parametrize("loss", ["binary_cross_entropy", by_hand, root, lambda p, y: nn.mse_loss(p, y)])
def test_a_module_of_ones_own_gives_the_numbers_of_an_eager_run(loss, monkeypatch):
    model, twin = Residual(), Residual()
    found = nn.fit(model, X, Y, loss=loss, lr=0.05, epochs=6, progress=False, seed=0, batch_size=10)
    expected = eagerly(twin, loss, monkeypatch, batch_size=10)
    assert (found.loss, found.accuracy) == (pytest.approx(expected.loss, rel=1e-9), expected.accuracy)
    assert [*model.state_dict().values()] == pytest.approx([*twin.state_dict().values()], rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("loss", ["mse", lambda p, y: nn.mse_loss(p, y), lambda p, y: nn.mse_loss(p, y).sqrt()])
def test_a_module_with_several_outputs(loss, monkeypatch):
    targets = [[a - b, a * b] for a, b in X]
    models = [Pair(), Pair()]
    found = nn.fit(models[0], X, targets, loss=loss, epochs=5, progress=False)
    monkeypatch.setattr(training_steps, "_rows_of", lambda *_: None)
    expected = nn.fit(models[1], X, targets, loss=loss, epochs=5, progress=False)
    assert found.loss == pytest.approx(expected.loss, rel=1e-9)
    assert [*models[0].state_dict().values()] == pytest.approx([*models[1].state_dict().values()], rel=1e-9)


def test_a_module_says_which_way_it_runs(capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    nn.fit(Residual(), X, Y, loss="mse", epochs=2)
    assert lines(capsys) == ["fit: Residual is recorded once, and replayed"]

    class Branching(Residual):
        def __call__(self, x):
            a = super().__call__(x)
            return a if a > 0.5 else 0.5 * a

    class Reading(Residual):
        def __call__(self, x):
            return super().__call__(x) * math.tanh(self.first.layers[0].neurons[0](x).data)

    for kind, why in (
        (Branching, "Branching decides by >, at .*: return a if a > 0.5"),
        (Reading, ".data of .* was read inside the function"),
    ):
        nn.fit(kind(), X, Y, loss="mse", epochs=2)
        (line,) = lines(capsys)
        assert re.match(f"fit: this net runs without a replay, operation by operation: compile: .*{why}", line), line


def test_a_net_whose_output_is_no_list_of_values_is_told_by_its_output(capsys):
    class Heads(Residual):
        def __call__(self, x):
            return self.heads(super().__call__(x))

    for heads, first in ((lambda p: {"a": p}, lambda p: p["a"]), (lambda p: ([p, p], 1.0), lambda p: p[0][0])):
        model = Heads()
        model.heads = heads
        nn.fit(model, X, Y, loss=lambda P, T, of=first: by_hand([*map(of, P)], T), epochs=2)
        (line,) = lines(capsys)
        assert re.search(
            "operation: a replay gives one Value or a list .*; the output of this net is (dict|list)", line
        )


def test_a_module_that_drops_out_at_random_trains_as_ever(monkeypatch):
    class Dropout(Residual):
        training = True

        def __call__(self, x):
            keep = [2.0 * (random.random() < 0.5) for _ in x] if self.training else [1.0, 1.0]
            return super().__call__([a * k for a, k in zip(x, keep, strict=True)])

    states = []
    for way in (nn.fit, None):
        for loss in ("mse", by_hand):
            random.seed(5)
            model = Dropout()
            if way:
                nn.fit(model, X, Y, loss=loss, lr=0.05, epochs=6, progress=False, seed=0)
            else:
                eagerly(model, loss, monkeypatch)
            states.append((model.state_dict(), random.random()))
    assert states[:2] == states[2:]


def test_a_flag_that_a_callback_changes_is_seen():
    class Switched(Residual):
        doubled = False

        def __call__(self, x):
            return super().__call__(x) * (2.0 if self.doubled else 1.0)

    losses = []
    for loss in ("mse", by_hand, root):
        model = Switched()

        def callback(epoch, history, model=model):
            model.doubled = epoch >= 3

        nn.fit(model, X, Y, loss=loss, lr=0.0, epochs=6, progress=False, callback=callback)
        losses.append(nn.fit(model, X, Y, loss=loss, lr=0.0, epochs=1, progress=False).loss[0])
        model.doubled = False
        found = nn.fit(model, X, Y, loss=loss, lr=0.0, epochs=5, progress=False, callback=callback).loss
        assert found[:3] == [found[0]] * 3 != found[3:] and found[3:] == pytest.approx([losses[-1]] * 2)


def test_a_factor_that_a_callback_changes_is_seen():
    factor = 1.0

    def loss(p, y):
        return factor * by_hand(p, y)

    def callback(epoch, history):
        nonlocal factor
        factor = 1.0 if epoch < 4 else 3.0

    found = nn.fit(mlp(), X, Y, loss=loss, lr=0.0, epochs=6, progress=False, callback=callback).loss
    assert found == pytest.approx([found[0]] * 4 + [3.0 * found[0]] * 2)


def test_a_loss_with_random_numbers_runs_as_it_is_typed(capsys):
    rng = random.Random(0)

    def noisy(p, y):
        return by_hand(p, y) * rng.random()

    found = nn.fit(mlp(), X, Y, loss=noisy, lr=0.0, epochs=4)
    again = random.Random(0)
    assert found.loss == pytest.approx([by := found.loss[0], *[by / random.Random(0).random() * x for x in
                                        [again.random() for _ in range(4)][1:]]])  # fmt: skip
    assert "noisy runs as it is typed" in lines(capsys)[0]


@pytest.mark.slow
def test_what_is_ones_own_trains_about_as_fast_as_what_is_ours():
    rng = random.Random(0)
    rows = [[rng.gauss(0.0, 1.0) for _ in range(10)] for _ in range(442)]
    targets = [sum(row) + rng.gauss(0.0, 0.1) for row in rows]

    class Net(nn.Module):
        def __init__(self):
            self.m = nn.MLP(10, [8, 1], "tanh", seed=0)

        def __call__(self, x):
            return self.m(x)

    def ours():
        return nn.MLP(10, [8, 1], "tanh", seed=0)

    ways = [(ours, "mse"), (ours, lambda p, y: nn.mse_loss(p, y)), (ours, by_hand), (Net, "mse"), (Net, by_hand)]
    for epochs, bar in ((40, 2.0), (400, 1.3)):
        times = [[] for _ in ways]
        for _ in range(7):
            for (make, loss), taken in zip(ways, times, strict=True):
                start = time.process_time()
                nn.fit(make(), rows, targets, loss=loss, epochs=epochs, progress=False)
                taken.append(time.process_time() - start)
        base, *others = map(min, times)
        assert all(other <= bar * base for other in others), (epochs, base, others)


@pytest.mark.parametrize("outputs", [6, 1])
def test_a_loss_of_ones_own_decides_what_its_targets_are(outputs, monkeypatch):
    """A tuple need not have a number for each output: here it is a class and a weight, beside six outputs or one."""

    def loss(p, y):
        assert {len(pair) for pair in y} == {2}
        sums = [f.sum(outs) if isinstance(outs, (list, tuple)) else outs for outs in p]
        return f.mean([weight * (a - kind) ** 2 for a, (kind, weight) in zip(sums, y, strict=True)])

    nets = [nn.MLP(1, [3, outputs], "tanh", seed=0) for _ in range(2)]
    data = [[0.1], [0.2], [0.4]], [(1, 0.5), (0, 2.0), (1, 0.25)]
    settings = {"loss": loss, "lr": 0.01, "epochs": 4, "progress": False}
    found = nn.fit(nets[0], *data, **settings).loss
    with monkeypatch.context() as patch:
        patch.setattr(training_steps, "_rows_of", lambda *_: None)
        assert found == pytest.approx(nn.fit(nets[1], *data, **settings).loss, rel=1e-9)
    assert found[-1] < found[0]
    with pytest.raises(ValueError, match="y, row 2, number 2: expected a finite number, got nan"):
        nn.fit(nets[0], [[0.1], [0.2]], [(1, 0.5), (0, float("nan"))], **settings)
