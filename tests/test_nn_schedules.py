"""What a training is given beside its data: schedules, weight decay, clipping and a callback; torch is the oracle."""

import math

import pytest

from autograd_lite import datasets, nn
from autograd_lite.engine import Value
from autograd_lite.nn import training_steps
from autograd_lite.nn.schedules import rate_at


@pytest.fixture(params=["replayed", "eager"])
def way(request, monkeypatch):
    if request.param == "eager":
        monkeypatch.setattr(training_steps, "replayed", lambda *_: None)
    return request.param


def net():
    return nn.MLP(2, [4, 2], output="softmax", seed=0)


def in_torch(torch, model):
    twin = nn.to_torch(model)[:-1]
    return twin, lambda X, y: torch.nn.functional.cross_entropy(
        twin(torch.tensor(X, dtype=torch.float64)), torch.tensor(y)
    )


THEIR_SCHEDULES = {
    "cosine": (nn.cosine(0.1, epochs=12, lowest=0.01), lambda o, s: s.CosineAnnealingLR(o, 12, eta_min=0.01)),
    "step": (nn.step(0.1, every=5, factor=0.3), lambda o, s: s.StepLR(o, 5, gamma=0.3)),
    "warmup": (nn.warmup(0.1, epochs=4), lambda o, s: s.LinearLR(o, start_factor=0.25, total_iters=3)),
}


@pytest.mark.parametrize("name", THEIR_SCHEDULES)
def test_a_schedule_is_torchs(name):
    torch = pytest.importorskip("torch")
    ours, make = THEIR_SCHEDULES[name]
    mover = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    theirs = make(mover, torch.optim.lr_scheduler)
    for epoch in range(1, 13):
        assert ours(epoch) == pytest.approx(theirs.get_last_lr()[0], rel=1e-12)
        mover.step()
        theirs.step()


def test_a_warmup_leads_into_another_schedule():
    rate, later = nn.warmup(nn.cosine(0.1, epochs=10), epochs=4), nn.cosine(0.1, epochs=10)
    assert [rate(epoch) for epoch in (1, 2, 4, 9)] == [later(1) / 4, later(2) / 2, later(4), later(9)]
    assert nn.cosine(0.1, 3)(50) == 0.0 and nn.warmup(0.2, 3)(50) == 0.2


@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [("sgd", {}), ("adam", {}), ("adamw", {}), ("sgd", {"clip": 0.3}), ("adam", {"clip": 0.3})],
)
def test_training_with_all_of_it_goes_as_in_torch(way, optimizer, settings):
    torch = pytest.importorskip("torch")
    X, y = datasets.moons(16, seed=1)
    model, rate = net(), nn.warmup(nn.cosine(0.1, epochs=30), epochs=5)
    names = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
    twin, loss_of = in_torch(torch, model)
    mover = getattr(torch.optim, names[optimizer])(twin.parameters(), lr=0.1, weight_decay=0.03)
    losses, norms = [], []
    for epoch in range(1, 31):
        mover.param_groups[0]["lr"] = rate(epoch)
        mover.zero_grad()
        loss = loss_of(X, y)
        loss.backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(twin.parameters(), settings.get("clip", math.inf))))
        mover.step()
        losses.append(loss.item())
    history = nn.fit(
        model, X, y, optimizer=optimizer, lr=rate, weight_decay=0.03, epochs=30, progress=False, **settings
    )
    assert history.loss == pytest.approx(losses, rel=1e-9)
    ours = [p.data for layer in model.layers for n in layer.neurons for p in n.w]
    theirs = [x for p in twin.parameters() if p.dim() == 2 for x in p.detach().reshape(-1).tolist()]
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)
    assert min(norms) < 0.3 < max(norms), "some gradients are clipped, others not"


def test_a_clipped_gradient_keeps_its_direction_and_a_short_one_all_its_bits(way):
    X, y = datasets.moons(16, seed=1)

    def gradient(**settings):
        model, found = net(), []
        nn.fit(model, X, y, lr=0.0, epochs=1, progress=False, **settings,
               callback=lambda *_: found.extend(p.grad for p in model.parameters()))  # fmt: skip
        return found

    free, clipped = gradient(), gradient(clip=0.01)
    norm = math.hypot(*free)
    assert math.hypot(*clipped) == pytest.approx(0.01, rel=1e-3) and norm > 0.01
    assert clipped == pytest.approx([g * 0.01 / (norm + 1e-6) for g in free], rel=1e-12)
    assert gradient(clip=10.0 * norm) == free


def test_a_gradient_that_is_nan_is_named_with_clipping_too(way):
    model = nn.MLP(1, [1], seed=0)
    with pytest.raises(FloatingPointError, match="no parameter was changed"):
        nn.fit(model, [[1e200]], [-1e200], optimizer="sgd", clip=1.0, epochs=3, progress=False)


def test_the_optimisers_own_weight_decay_stays_where_none_is_given():
    X, y = datasets.moons(8)
    fits = [{}, {"weight_decay": 0.01}, {"weight_decay": 0}]
    models = [net() for _ in fits]
    for model, settings in zip(models, fits, strict=True):
        nn.fit(model, X, y, optimizer="adamw", epochs=3, progress=False, **settings)
    default, same, none = [model.state_dict() for model in models]
    assert default == same != none


def test_an_optimiser_of_ones_own_takes_a_schedule(way):
    X, y = datasets.moons(8)
    by_function, by_hand = net(), net()
    movers = [nn.SGD(model.parameters(), lr=9.0, momentum=0.9) for model in (by_function, by_hand)]
    nn.fit(by_function, X, y, optimizer=movers[0], lr=lambda epoch: 0.1 / epoch, epochs=3, progress=False)
    for epoch in (1, 2, 3):
        movers[1].lr = 0.1 / epoch
        nn.fit(by_hand, X, y, optimizer=movers[1], epochs=1, progress=False)
    assert by_function.state_dict() == by_hand.state_dict() and movers[0].lr == 0.1 / 3


def test_a_callback_sees_every_epoch_and_may_stop(way):
    X, y = datasets.moons(8)
    model, seen = net(), []

    def callback(epoch, history):
        assert len(history.loss) == epoch and all(p.has_grad for p in model.parameters())
        seen.append(model.state_dict())
        return epoch == 3

    history = nn.fit(model, X, y, epochs=9, progress=False, callback=callback, diagnose=True)
    assert len(history.loss) == len(seen) == 3 and seen[0] != seen[1] != seen[2] == model.state_dict()
    assert [d.epoch for d in history.diagnoses] == [1, 2, 3]
    silent = net()
    nn.fit(silent, X, y, epochs=3, progress=False)
    assert silent.state_dict() == model.state_dict()


def test_a_callback_may_change_the_net_and_the_rate(way):
    X, y = datasets.moons(8)
    model, w = net(), None

    def callback(epoch, history):
        nonlocal w
        w = model.layers[0].neurons[0].w[0]
        w.data = float(epoch)
        mover.lr = 0.0

    mover = nn.Adam(model.parameters(), lr=0.1)
    nn.fit(model, X, y, optimizer=mover, epochs=3, progress=False, callback=callback)
    assert w.data == 3.0


@pytest.mark.parametrize("returned", [1.0, "True loss", [0], 7, None, False])
def test_a_callback_stops_by_true_alone(returned):
    """One that hands back what it looked at does not."""
    history = nn.fit(net(), *datasets.moons(8), epochs=3, progress=False, callback=lambda *_: returned)
    assert len(history.loss) == 3


def test_patience_and_a_callback_both_stop_and_the_best_come_back():
    X, y = datasets.moons(20, noise=0.5, seed=0)
    other = datasets.moons(20, noise=0.5, seed=9)
    model = nn.MLP(2, [8, 1], output="sigmoid", seed=0)
    settings = {"lr": 0.1, "validation": other, "patience": 50, "progress": False}
    history = nn.fit(model, X, y, epochs=90, callback=lambda epoch, h: epoch == h.best_epoch + 4, **settings)
    assert len(history.loss) == history.best_epoch + 4
    assert model.evaluate(*other).loss == min(history.validation_loss)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"clip": 0}, ValueError, "clip: expected a largest norm of the gradient, above 0, got 0"),
        ({"clip": "1"}, TypeError, "clip: expected a largest norm of the gradient, above 0, got str '1'"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay: expected a number of 0 or more, got -1.0"),
        ({"callback": 3}, TypeError, r"callback: expected a function of \(epoch, history\), got int 3"),
        ({"lr": lambda epoch: 2.0 - epoch}, ValueError, "lr, epoch 3: expected a learning rate of 0 or more, got -1.0"),
        ({"lr": lambda epoch: None}, TypeError, "lr, epoch 1: expected a learning rate of 0 or more, got None"),
        ({"optimizer": nn.SGD([Value(1.0)], lr=0.5), "weight_decay": 0.1}, ValueError,
         r"weight_decay: expected none beside an optimiser that has its own \(0.0\), got 0.1"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(settings, error, message):
    with pytest.raises(error, match=message):
        nn.fit(net(), *datasets.moons(8), epochs=5, progress=False, **settings)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.cosine(-1.0, 3), "lr: expected a learning rate of 0 or more, got -1.0"),
        (lambda: nn.cosine(0.1, 0), "epochs: expected a number of epochs, an int of 1 or more, got 0"),
        (lambda: nn.step(0.1, 2.5), "every: expected a number of epochs, an int of 1 or more, got 2.5"),
        (lambda: nn.warmup("fast"), "lr: expected a learning rate of 0 or more, got str 'fast'"),
    ],
)  # fmt: skip
def test_schedules_that_make_no_sense(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_a_number_is_a_rate_for_every_epoch():
    assert rate_at(0.1, 7) == 0.1
