"""The diagnosis is right on nets that were built to fail and silent on healthy ones, and it touches nothing."""

import contextlib
import copy
import math
import random
import sys
from html.parser import HTMLParser

import pytest

import autograd_lite as ag
from autograd_lite import Value, datasets, nn
from autograd_lite.nn.diagnosis import measurement
from autograd_lite.nn.diagnosis.measurement import rms
from autograd_lite.nn.diagnosis.report import diagnoser
from autograd_lite.words import speaking

MOONS = datasets.moons(40, seed=1)
SEEDS = range(20)


def kinds(diagnosis):
    return [finding.kind for finding in diagnosis.findings]


def found(diagnosis, kind):
    (finding,) = [finding for finding in diagnosis.findings if finding.kind == kind]
    return finding


def deep(activation, init, seed):
    return nn.MLP(2, [16] * 9 + [1], activation, "sigmoid", init=init, seed=seed)


def scaled(X, factor):
    return [[factor * x for x in row] for row in X]


def pulled(model):
    """The root mean square of each layer's gradient, by the engine's own pass over the whole data."""
    twin = copy.deepcopy(model)
    nn.binary_cross_entropy_with_logits([twin.logits(x) for x in MOONS[0]], MOONS[1]).backward()
    return [rms([w.grad for neuron in layer.neurons for w in neuron.w]) for layer in twin.layers]


# --------------------------------------------------------------------------------------- nets built to fail


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_layers_of_sigmoids_vanish_and_relu_with_he_does_not(seed):
    fading = nn.diagnose(deep("sigmoid", "xavier", seed), *MOONS)
    assert kinds(fading) == ["vanishing"]
    assert fading.layers[0].ratio < 1e-3
    finding = found(fading, "vanishing")
    assert finding.layers == (1,) and 'init="he"' in finding.remedy and "ReLU" in finding.remedy
    strong = nn.diagnose(deep("relu", "he", seed), *MOONS)
    assert "vanishing" not in kinds(strong) and "exploding" not in kinds(strong)
    assert 1e-3 < strong.layers[0].ratio < 1e3


@pytest.mark.parametrize("seed", SEEDS)
def test_units_killed_by_large_negative_biases_are_counted_exactly(seed):
    rng = random.Random(seed)
    model = nn.MLP(2, [10, 10, 1], "relu", "sigmoid", init="he", bias=0.1, seed=seed)
    for layer in model.layers[:2]:
        for neuron in rng.sample(layer.neurons, rng.randrange(5)):
            neuron.b.data = -100.0
    dead = []
    rows = MOONS[0]
    for layer in model.layers[:2]:
        rows = [[a.data for a in layer(row)] for row in rows]
        dead.append(tuple(j + 1 for j in range(10) if not any(row[j] > 0.0 for row in rows)))
    diagnosis = nn.diagnose(model, *MOONS)
    assert [layer.dead for layer in diagnosis.layers] == [*dead, None]
    assert [layer.dead_share for layer in diagnosis.layers] == [*(len(units) / 10 for units in dead), None]
    alarming = tuple(number for number, units in enumerate(dead, start=1) if units)  # one of ten is enough
    assert [finding.layers for finding in diagnosis.findings if finding.kind == "dead"] == [alarming] * bool(alarming)


def test_the_alarm_for_dead_units_begins_at_ten_percent():
    model = nn.MLP(1, [11, 1], init=lambda: 1.0)
    X, y = [[1.0], [2.0]], [1.0, 2.0]
    for killed, expected in ((1, []), (2, ["dead"])):
        model.layers[0].neurons[killed].b.data = -100.0
        diagnosis = nn.diagnose(model, X, y)
        assert len(diagnosis.layers[0].dead) == killed and kinds(diagnosis) == expected
    finding = diagnosis.findings[0]
    assert finding.verdict.startswith("2 of 11 units in layer 1 (ReLU) are never active: g'(z) is 0 on all 2 examples")
    assert "bias=0.1" in finding.remedy and "leaky" in finding.remedy


@pytest.mark.parametrize("seed", SEEDS)
def test_a_whole_dead_layer_is_not_called_vanishing(seed):
    model = nn.MLP(2, [6, 6, 1], "relu", "sigmoid", init="he", bias=0.1, seed=seed)
    for neuron in model.layers[1].neurons:
        neuron.b.data = -100.0
    diagnosis = nn.diagnose(model, *MOONS)
    assert kinds(diagnosis) == ["dead"] and diagnosis.layers[0].gradient == 0.0
    assert diagnosis.table[1][0][3] == "–" and math.isnan(diagnosis.layers[0].ratio)  # 0 of 0


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("seed", SEEDS)
def test_huge_inputs_saturate(activation, seed):
    model = nn.MLP(2, [8, 1], activation, "sigmoid", init="xavier", seed=seed)
    diagnosis = nn.diagnose(model, scaled(MOONS[0], 1e4), MOONS[1])
    assert diagnosis.layers[0].saturated > 0.9
    finding = found(diagnosis, "saturated")
    assert finding.layers == (1,) and finding.remedy.startswith("inputs standardised")  # it has Xavier already
    healthy = nn.diagnose(model, *MOONS)
    assert healthy.layers[0].saturated < 0.1 and kinds(healthy) == []


def test_saturated_pairs_are_counted_by_the_derivative():
    model = nn.MLP(1, [2, 1], "sigmoid", "linear", init=lambda: 1.0)
    edge = math.log(0.0025 / 0.9975)  # σ' is 1 % of 1/4 a little inside of it
    rows = [[0.0], [edge - 0.1], [edge + 0.2], [-edge + 0.1], [1e6]]
    share = sum(ag.sigmoid(x) * ag.sigmoid(-x) < 0.01 * 0.25 for (x,) in rows) / 5
    assert nn.diagnose(model, rows, [0.0] * 5).layers[0].saturated == share == 0.6
    assert "saturated" in kinds(nn.diagnose(model, rows, [0.0] * 5))
    fewer = nn.diagnose(model, [[0.0], *rows[:4]], [0.0] * 5)
    assert fewer.layers[0].saturated == 0.4 and "saturated" not in kinds(fewer)  # an alarm from half of the pairs


@pytest.mark.parametrize("seed", SEEDS)
def test_squared_error_of_a_sigmoid_that_is_confidently_wrong(seed):
    model = nn.MLP(2, [8, 1], "relu", "sigmoid", init="he", bias=0.1, seed=seed)
    model.layers[-1].neurons[0].b.data = -30.0  # says 0 of everything
    finding = found(nn.diagnose(model, *MOONS, loss="mse"), "confidently wrong")
    assert finding.layers == (2,) and "cross-entropy instead of squared error" in finding.remedy
    assert finding.verdict.startswith("50% of the Sigmoid outputs")
    for loss in (None, "binary_cross_entropy"):
        assert "confidently wrong" not in kinds(nn.diagnose(model, *MOONS, loss=loss))
    right = nn.diagnose(model, MOONS[0], [0] * 40, loss="mse")
    assert "confidently wrong" not in kinds(right)


def test_squared_error_of_other_flat_outputs_that_are_confidently_wrong():
    wrong = [[1.0], [2.0]]
    several = nn.MLP(1, [2], output="softmax", init=lambda: 0.0)
    several.layers[0].neurons[0].b.data = 50.0
    assert kinds(nn.diagnose(several, wrong, [[0, 1], [0, 1]], loss="mse")) == ["confidently wrong"]
    assert kinds(nn.diagnose(several, wrong, [[1, 0], [1, 0]], loss="mse")) == []
    assert kinds(nn.diagnose(several, wrong, [1, 1])) == []
    own = nn.MLP(1, [1], output=lambda z: 3.0 + 2.0 * (3.0 * z).tanh(), init=lambda: 20.0)  # between 1 and 5
    assert kinds(nn.diagnose(own, wrong, [1.0, 1.0], loss="l1")) == ["confidently wrong"]
    assert kinds(nn.diagnose(own, wrong, [5.0, 5.0], loss="l1")) == []
    named = nn.MLP(1, [1], output=lambda z: z.sigmoid(), init=lambda: 8.0)  # its logarithm undoes the flat ends
    assert kinds(nn.diagnose(named, wrong, [0, 0], loss="binary_cross_entropy")) == []
    assert kinds(nn.diagnose(named, wrong, [0, 0], loss="mse")) == ["confidently wrong"]


@pytest.mark.parametrize("seed", SEEDS)
def test_too_large_a_rate_is_said_and_the_one_that_is_named_instead_does_no_harm(seed):
    model = nn.MLP(2, [8, 1], "tanh", "sigmoid", init="xavier", seed=seed)
    diagnosis = nn.diagnose(model, *MOONS, lr=300.0)
    finding = found(diagnosis, "rate")
    assert "at the rate 300 " in finding.verdict and finding.remedy.startswith("a smaller rate; ")
    smaller = float(finding.remedy.split()[3])
    assert kinds(nn.diagnose(model, *MOONS, lr=smaller)) == []
    (layer,) = finding.layers
    assert diagnosis.layers[layer - 1].update == max(row.update for row in diagnosis.layers) > 0.1


def test_a_diagnosis_is_in_one_language() -> None:
    deep = nn.MLP(2, [8] * 9 + [1], activation="sigmoid", output="sigmoid", init="xavier", seed=0)
    english = str(nn.diagnose(deep, *MOONS, lr=0.1))
    with speaking("de"):
        german = str(nn.diagnose(deep, *MOONS, lr=0.1))
        one = nn.diagnose(nn.MLP(2, [4, 1], output="sigmoid", seed=0), MOONS[0][:1], MOONS[1][:1])
    first, head, *_ = german.splitlines()
    assert first.endswith(f" bei {len(MOONS[0])} Beispielen: 1 Befund") and one.examples == 1
    assert head.split() == [
        "Schicht",
        "Aktivierung",
        "Gradient",
        "zum",
        "letzten",
        "gesättigt",
        "tot",
        "Schritt/Gewicht",
    ]
    assert [line.split()[1:] for line in german.splitlines()[2:9]] == [
        line.split()[1:] for line in english.splitlines()[2:9]
    ]
    with speaking("es"):
        assert "\ncapa " in str(one) and " en 1 ejemplo: " in str(one) and " de 4 (" in str(one)


def test_a_large_step_that_helps_is_no_finding():
    model = nn.MLP(1, [1], init=lambda: 0.1)
    X = [[x / 10.0] for x in range(-10, 11)]
    diagnosis = nn.diagnose(model, X, [3.0 * x for (x,) in X], lr=0.5)
    assert diagnosis.layers[0].update > 5.0 and diagnosis.healthy


def test_a_step_to_infinity_is_too_large():
    model = nn.MLP(1, [1], init=lambda: 1.0)
    assert kinds(nn.diagnose(model, [[1e150]], [0.0], lr=1e300))[0] == "rate"


@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_explode_where_weights_are_large(seed):
    model = nn.MLP(2, [16] * 9 + [1], "leaky_relu", "sigmoid", init="normal", seed=seed)
    finding = found(nn.diagnose(scaled_up(model), *MOONS), "exploding")
    assert "He initialisation" in finding.remedy and "smaller rate" in finding.remedy


def scaled_up(model):
    for p in model.parameters():
        p.data *= 3.0
    return model


def test_gradients_that_grow_on_their_way_back():
    chain = nn.MLP(1, [1, 1, 1, 1], "linear", init=lambda: 1.0)
    for layer, weight in zip(chain.layers, (1e-3, 10.0, 10.0, 10.0), strict=True):
        layer.neurons[0].w[0].data = weight
    diagnosis = nn.diagnose(chain, [[1.0], [2.0]], [1.0, 1.99])
    assert diagnosis.layers[0].ratio == pytest.approx(1e4)
    assert found(diagnosis, "exploding").verdict.endswith("to 10000 times the last layer's in layer 1")


@pytest.mark.parametrize("seed", SEEDS)
def test_signals_that_fade_on_their_way_forward_are_vanishing_too(seed):
    rng = random.Random(seed)
    model = nn.MLP(2, [8] * 5 + [1], "leaky_relu", "sigmoid", init=lambda: rng.gauss(0.0, 0.005))
    diagnosis = nn.diagnose(model, *MOONS)
    assert 1e-3 < diagnosis.layers[0].ratio < 1e3  # every layer's gradient is as small as the last one's
    assert kinds(diagnosis) == ["vanishing"] and found(diagnosis, "vanishing").remedy.startswith("He init")
    fed = nn.diagnose(
        nn.MLP(2, [8, 1], "leaky_relu", "sigmoid", init="he", seed=seed), scaled(MOONS[0], 1e-4), MOONS[1]
    )
    assert "faded" not in str(fed)  # small from the start, not faded


@pytest.mark.parametrize("seed", SEEDS)
def test_a_deep_net_that_has_learned_one_answer_for_all_is_vanishing_too(seed):
    model = nn.MLP(2, [4] * 10 + [1], "sigmoid", "sigmoid", init="xavier", seed=seed)
    nn.fit(model, *MOONS, optimizer="sgd", lr=0.3, epochs=100, progress=False)
    diagnosis = nn.diagnose(model, *MOONS)
    assert diagnosis.layers[0].gradient < 1e-3 < diagnosis.layers[0].ratio  # the last layer's gradient is gone, too
    assert "reads differs by only" in found(diagnosis, "vanishing").verdict


def test_one_example_differs_from_no_other():
    assert nn.diagnose(nn.MLP(1, [2, 1], "tanh", init="xavier", seed=0), [[1.0]], [1.0]).healthy


def test_zeros_as_weights_stop_the_gradient():
    said = {
        "sigmoid": "the gradient of layer 1 is 0, so it",
        "tanh": "what layer 2 reads has faded to 0, and all gradie",
    }
    for activation, start in said.items():
        diagnosis = nn.diagnose(nn.MLP(2, [8, 1], activation, "sigmoid", init="zeros"), [[1.0, 2.0]], [1])
        assert found(diagnosis, "vanishing").verdict.startswith(start)


@pytest.mark.parametrize("first", ["head", "body"])
def test_a_part_that_no_gradient_reaches_is_a_finding(first):
    class Net(nn.Module):
        def __init__(self):
            for name in (first, *{"head", "body"} - {first}):
                setattr(self, name, nn.MLP(2, [3, 1], "tanh", seed=0))

        def __call__(self, row):
            return self.body(row)

    (finding,) = nn.diagnose(Net(), *MOONS, loss="mse").findings
    assert (finding.kind, finding.layers) == ("unreached", (1, 2) if first == "head" else (3, 4))
    assert finding.verdict == "no gradient reaches the parts head.layers.0, head.layers.1, so they do not learn"


def test_the_remedy_of_relu_units_that_start_at_zero_cures_them():
    """A bias moves all of them alike, and leaky ReLU of 0 is 0: only other weights tell them apart."""
    losses = []
    for init in ("zeros", "he"):
        model = nn.MLP(2, [8, 1], "relu", "sigmoid", init, seed=0)
        diagnosis = nn.diagnose(model, *MOONS)
        if init == "zeros":
            assert found(diagnosis, "dead").remedy == 'He initialisation (init="he")'
        losses.append(nn.fit(model, *MOONS, epochs=60, progress=False).loss[-1])
    assert losses[0] == pytest.approx(math.log(2.0)) and losses[1] < 0.3


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_units_that_start_as_one_and_learn_as_one_are_found(activation):
    model = nn.MLP(2, [6, 4, 1], activation, "sigmoid", init="zeros", bias=0.1)
    assert "alike" not in kinds(nn.diagnose(model, *MOONS))  # no gradient passes yet: one finding is enough
    nn.fit(model, *MOONS, epochs=60, lr=0.05, progress=False)
    finding = found(nn.diagnose(model, *MOONS), "alike")
    assert finding.layers == (1, 2) and finding.verdict.startswith("in each of the layers 1, 2 all units have the same")
    assert finding.remedy == {"relu": 'He initialisation (init="he")',
                              "tanh": 'Xavier initialisation (init="xavier")'}[activation]  # fmt: skip
    model.layers[1].neurons[0].b.data += 0.1
    assert found(nn.diagnose(model, *MOONS), "alike").verdict.startswith("all units of layer 1 have the same weights")
    model.layers[1].neurons[0].w[0].data += 0.1  # the gradients of the units before it are different now
    assert "alike" not in kinds(nn.diagnose(model, *MOONS))
    assert "alike" not in kinds(nn.diagnose(nn.MLP(2, [1, 1], activation, init="zeros", bias=0.1), *MOONS))


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_numbers_that_are_none(broken):
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    model.layers[1].neurons[0].b.data = broken
    finding = found(nn.diagnose(model, *MOONS, lr=0.1), "not finite")
    assert "anomaly" in finding.remedy and 1 in finding.layers
    with ag.anomaly():  # tells of it rather than raising
        assert kinds(nn.diagnose(model, *MOONS)) == ["not finite"]


# --------------------------------------------------------------------------------------------- healthy nets


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("activation", "init", "output"),
    [
        ("tanh", "xavier", "sigmoid"),
        ("sigmoid", "xavier", "sigmoid"),
        ("leaky_relu", "he", "sigmoid"),
        ("relu", "he", "sigmoid"),
        ("tanh", "xavier", "linear"),
        ("tanh", "xavier", "softmax"),
    ],
)
def test_a_healthy_net_gets_no_alarm(activation, init, output, seed):
    units = 2 if output == "softmax" else 1
    model = nn.MLP(2, [16, units], activation, output, init=init, bias=0.1, seed=seed)
    diagnosis = nn.diagnose(model, *MOONS, lr=0.1)
    assert diagnosis.healthy and diagnosis.findings == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_net_that_learns_stays_without_alarm(seed):
    model = nn.MLP(2, [8, 8, 1], "tanh", "sigmoid", init="xavier", seed=seed)
    history = nn.fit(model, *MOONS, epochs=12, batch_size=8, seed=seed, progress=False, diagnose=True)
    assert history.loss[-1] < 0.7 * history.loss[0]
    assert [kinds(diagnosis) for diagnosis in history.diagnoses] == [[]] * 12


# ----------------------------------------------------------------------------------------- what is measured


@pytest.mark.parametrize("activation", ["relu", "tanh", lambda z: z.softplus()])
def test_gradient_norms_are_those_of_the_whole_loss(activation):
    model = nn.MLP(2, [5, 4, 1], activation, "sigmoid", init="xavier", seed=3)
    diagnosis = nn.diagnose(model, *MOONS)
    norms = pulled(model)
    assert [layer.gradient for layer in diagnosis.layers] == pytest.approx(norms, rel=1e-12)
    assert [layer.ratio for layer in diagnosis.layers] == pytest.approx([g / norms[-1] for g in norms], rel=1e-12)
    loss = nn.binary_cross_entropy_with_logits([model.logits(x) for x in MOONS[0]], MOONS[1])
    assert diagnosis.loss == pytest.approx(loss.data, rel=1e-12)


def test_a_loss_of_ones_own_is_seen_whole_with_its_penalty():
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    seen = []

    def loss(predictions, targets):
        seen.append(len(predictions))
        return nn.mse_loss(predictions, targets) + 0.5 * ag.sum([p * p for p in model.parameters()])

    diagnosis = nn.diagnose(model, *MOONS, loss=loss)
    assert seen == [40] and diagnosis.loss_name == "loss"
    weights = [w for neuron in model.layers[0].neurons for w in neuron.w]
    expected = ag.grad(loss([model(x) for x in MOONS[0]], MOONS[1]), weights)
    assert diagnosis.layers[0].gradient == pytest.approx(rms(expected), rel=1e-12)


def test_updates_are_those_of_the_optimiser():
    for make in (lambda p: nn.SGD(p, lr=0.1, momentum=0.9), lambda p: nn.Adam(p, lr=0.02)):
        model = nn.MLP(2, [4, 1], "tanh", "sigmoid", seed=0)
        mover = make(model.parameters())
        nn.fit(model, *MOONS, optimizer=mover, epochs=3, progress=False)
        objective = nn.training.objective_of(model, None)
        diagnosis = diagnoser(model, objective, *MOONS, mover)()
        before = model.state_dict()
        nn.fit(model, *MOONS, optimizer=mover, epochs=1, progress=False)
        for layer, row in zip(model.layers, diagnosis.layers, strict=True):
            number = row.layer - 1
            pairs = [
                (v, before[k])
                for k, v in model.state_dict().items()
                if k.startswith(f"layers.{number}.") and ".w." in k
            ]
            expected = rms([a - b for a, b in pairs]) / rms([b for _, b in pairs])
            assert row.update == pytest.approx(expected, rel=1e-9) and len(pairs) == len(layer.neurons) * len(
                layer.neurons[0].w
            )


def test_kinds_of_units_are_read_off_their_derivatives():
    own = [
        lambda z: z.tanh(),
        lambda z: ag.maximum(z, 0.0),
        lambda z: z.clamp(0.0, 6.0) if hasattr(z, "clamp") else ag.clamp(z, 0.0, 6.0),
        lambda z: z * z,
    ]
    names = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu", "linear"]
    expected = {"sigmoid": "saturates", "tanh": "saturates", "relu": "dies"}
    for activation in names:
        row = nn.diagnose(nn.MLP(2, [3, 1], activation, seed=0), *MOONS).layers[0]
        assert ("saturates" if row.saturated is not None else "dies" if row.dead is not None else None) == expected.get(
            activation
        )
    rows = [nn.diagnose(nn.MLP(2, [3, 1], g, seed=0), *MOONS).layers[0] for g in own]
    assert [(row.saturated is not None, row.dead is not None) for row in rows] == [
        (True, False), (False, True), (True, True), (False, False),
    ]  # fmt: skip


def test_a_unit_that_passes_a_negative_slope_is_not_dead():
    falling = nn.diagnose(nn.MLP(1, [1, 1], lambda z: -z.relu(), init=lambda: 1.0), [[1.0], [-1.0]], [0.0, 0.0])
    assert falling.layers[0].dead == ()


def test_a_function_of_the_users_may_refuse_what_its_net_never_meets():
    def careful(z):
        if abs(z.data) > 50.0:
            raise ValueError("too far out")
        return z.tanh()

    assert nn.diagnose(nn.MLP(2, [3, 1], careful, seed=0), *MOONS).layers[0].activation == "careful"
    with pytest.raises(ValueError, match="too far out"):
        nn.diagnose(nn.MLP(2, [3, 1], careful, seed=0), scaled(MOONS[0], 1e3), MOONS[1])


def test_the_last_derivative_is_not_looked_at_where_the_loss_starts_from_z():
    model = nn.MLP(2, [3, 1], "tanh", "sigmoid", seed=0)
    assert nn.diagnose(model, *MOONS).layers[-1].saturated is None
    assert nn.diagnose(model, *MOONS, loss="mse").layers[-1].saturated == 0.0


# ------------------------------------------------------------------------------------------ nothing is written


def snapshot(model, X, y):
    return (
        [(p.data, p.grad, p.has_grad, p.label, p.role, p._db) for p in model.parameters()],
        copy.deepcopy((X, y)),
        random.getstate(),
    )


def noisy(z):
    return z * (1.0 + 0.1 * random.random())


@pytest.mark.parametrize("activation", ["relu", "tanh", noisy])
@pytest.mark.parametrize("loss", ["mse", lambda p, y: nn.mse_loss(p, y), lambda p, y: 1 / 0])
def test_nothing_is_written_even_on_an_error(activation, loss):
    X, y = copy.deepcopy(MOONS)
    model = nn.MLP(2, [4, 1], activation, seed=0)
    model.layers[0].neurons[0].w[0].label = "slope"
    model.layers[0].neurons[0].w[0].grad = 7.0
    before = snapshot(model, X, y)
    with contextlib.suppress(ZeroDivisionError):
        nn.diagnose(model, X, y, loss=loss, lr=1e3)
    assert snapshot(model, X, y) == before


def test_an_activation_with_a_parameter_of_its_own_keeps_its_gradient():
    slope = Value(0.25)
    model = nn.MLP(2, [4, 1], lambda z: ag.maximum(z, slope * z), seed=0)
    nn.diagnose(model, *MOONS, lr=1e3)
    assert not slope.has_grad and slope.data == 0.25


def test_inside_no_grad_it_sees_the_same():
    model = nn.MLP(2, [4, 1], "tanh", "sigmoid", seed=0)
    with ag.no_grad():
        inside = nn.diagnose(model, *MOONS, lr=0.1)
        assert (model([1.0, 2.0]) * 2.0).parents == ()
    assert inside == nn.diagnose(model, *MOONS, lr=0.1)


# ----------------------------------------------------------------------------------------------------- history


def test_fit_keeps_a_diagnosis_for_each_epoch_and_trains_as_without():
    nets = [nn.MLP(2, [4, 1], noisy, "sigmoid", seed=0) for _ in range(2)]
    histories = []
    for model, diagnose in zip(nets, (False, True), strict=True):
        random.seed(5)
        histories.append(
            nn.fit(model, *MOONS, epochs=4, batch_size=8, validation=0.25, progress=False, diagnose=diagnose)
        )
    assert nets[0].state_dict() == nets[1].state_dict()
    assert histories[0].diagnoses == [] and histories[0].columns == histories[1].columns
    assert [d.examples for d in histories[1].diagnoses] == [30] * 4  # those that it is trained on


def test_the_last_diagnosis_is_that_of_the_net_as_it_is():
    model = nn.MLP(2, [4, 1], "tanh", "sigmoid", seed=0)
    history = nn.fit(model, *MOONS, optimizer="sgd", lr=0.5, epochs=3, progress=False, diagnose=True)
    assert history.diagnoses[-1] == nn.diagnose(model, *MOONS, lr=0.5)
    assert [d.loss for d in history.diagnoses[:-1]] == pytest.approx(history.loss[1:])  # taken after the epoch


def test_fit_says_that_a_rate_is_too_large():
    model = nn.MLP(2, [8, 1], "tanh", "sigmoid", init="xavier", seed=0)
    history = nn.fit(model, *MOONS, optimizer="sgd", lr=300.0, epochs=3, progress=False, diagnose=True)
    assert any("rate" in kinds(d) for d in history.diagnoses)


# ----------------------------------------------------------------------- remedies that the net does not have yet


def dead_units(lr=None, **started):
    model = nn.MLP(2, [6, 1], "relu", "sigmoid", seed=0, **started)
    for neuron in model.layers[0].neurons[:3]:
        neuron.b.data = -1000.0
    return found(nn.diagnose(model, *MOONS, lr=lr), "dead").remedy


def test_small_biases_are_not_prescribed_to_a_net_that_started_with_them():
    assert dead_units(init="he").startswith("small positive biases at the start (bias=0.1), or leaky ReLU")
    leaky = 'leaky ReLU (activation="leaky_relu")'
    assert dead_units(init="he", bias=0.1) == f"{leaky}; the biases started at 0.1 already"
    assert dead_units(init="he", bias=0.1, lr=0.1) == f"{leaky}, or a smaller rate; the biases started at 0.1 already"


def test_an_initialisation_is_not_prescribed_to_a_net_that_started_with_it(tmp_path):
    xavier, uniform = (
        nn.MLP(2, [8] * 9 + [1], "sigmoid", "sigmoid", init=init, seed=0) for init in ("Xavier", "uniform")
    )
    remedy = found(nn.diagnose(xavier, *MOONS), "vanishing").remedy
    assert remedy == 'ReLU hidden units with He initialisation (activation="relu", init="he"), or fewer layers'
    assert found(nn.diagnose(uniform, *MOONS), "vanishing").remedy == (
        remedy + ' with Xavier initialisation (init="xavier")'
    )
    xavier.save(tmp_path / "model.json")  # which does not say how the net started
    again = nn.diagnose(nn.load(tmp_path / "model.json"), *MOONS)
    assert found(again, "vanishing").remedy == remedy + ' with Xavier initialisation (init="xavier")'
    large = scaled_up(scaled_up(scaled_up(nn.MLP(2, [8, 8, 1], "tanh", "sigmoid", init="xavier", seed=0))))
    assert found(nn.diagnose(large, *MOONS), "saturated").remedy == (
        'ReLU hidden units with He initialisation (activation="relu", init="he"), or a smaller rate'
        " (the weights started as Xavier's)"
    )
    he = scaled_up(scaled_up(nn.MLP(2, [16] * 9 + [1], "leaky_relu", "sigmoid", init="he", seed=0)))
    assert found(nn.diagnose(he, *MOONS), "exploding").remedy == "a smaller rate"
    flat = found(nn.diagnose(he, scaled(MOONS[0], 1e3), MOONS[1]), "exploding")
    assert flat.remedy == "inputs standardised, and a smaller rate"
    steep = nn.MLP(2, [4, 1], "relu", init="he", seed=0)
    assert found(nn.diagnose(steep, MOONS[0], [1e6 * y for y in MOONS[1]]), "exploding").remedy == (
        "targets standardised, and a smaller rate"
    )


# ------------------------------------------------------------------------------------------------- overfitting


def overfitted(**settings):
    X, y = ag.datasets.moons(80, noise=0.35, seed=1)
    model = nn.MLP(2, [16, 16, 1], "relu", "sigmoid", init="he", bias=0.1, seed=1)
    settings = {"lr": 0.03, "validation": 0.4} | settings
    return nn.fit(model, X, y, epochs=60, batch_size=16, seed=1, progress=False, diagnose=True, **settings)


def test_overfitting_is_found_with_remedies():
    history = overfitted()
    assert history.loss[-1] < 0.1 < 0.5 < history.validation_loss[-1]
    finding = found(history.diagnoses[-1], "overfitting")
    best = history.best_epoch
    assert f"has risen from {history.validation_loss[best - 1]:.3g} after epoch {best} to" in finding.verdict
    assert f"training loss fell from {history.loss[best - 1]:.3g} to {history.loss[-1]:.3g}" in finding.verdict
    assert finding.remedy.startswith(f"stop near epoch {best} (epochs={best}, or patience=")
    assert "weight decay" in finding.remedy and "more examples" in finding.remedy
    assert "overfitting" not in kinds(history.diagnoses[0])  # nothing has risen yet


def test_overfitting_does_not_prescribe_what_is_done():
    assert "patience" not in found(overfitted(patience=12).diagnoses[-1], "overfitting").remedy
    parameters = nn.MLP(2, [16, 16, 1], "relu", "sigmoid", init="he", bias=0.1, seed=1)
    mover = nn.AdamW(parameters.parameters(), lr=0.03)
    X, y = ag.datasets.moons(80, noise=0.35, seed=1)
    history = nn.fit(parameters, X, y, optimizer=mover, epochs=60, batch_size=16, seed=1, validation=0.4,
                     progress=False, diagnose=True)  # fmt: skip
    assert "decay" not in found(history.diagnoses[-1], "overfitting").remedy


def test_without_held_out_data_nothing_is_said_of_overfitting():
    assert all("overfitting" not in kinds(d) for d in overfitted(validation=None).diagnoses)


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_a_net_that_learns_what_holds_elsewhere_does_not_overfit(seed):
    X, y = ag.datasets.iris()
    model = nn.MLP(4, [8, 3], "tanh", "softmax", init="xavier", seed=seed)
    history = nn.fit(model, X, y, batch_size=16, epochs=50, seed=seed, validation=0.3, progress=False, diagnose=True)
    assert all("overfitting" not in kinds(d) for d in history.diagnoses)


# --------------------------------------------------------------------------- a training that is diagnosed is fast


def test_ten_or_so_epochs_are_diagnosed_the_first_and_the_last_among_them():
    model = nn.MLP(2, [4, 1], "tanh", "sigmoid", seed=0)
    history = nn.fit(model, *MOONS, epochs=33, progress=False, diagnose=True)
    assert [d.epoch for d in history.diagnoses] == [1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33]
    history = overfitted(patience=12)
    assert history.diagnoses[-1].epoch == len(history.loss) < 60


@pytest.mark.parametrize("make", [nn.SGD, nn.Adam, nn.AdamW])
@pytest.mark.parametrize(
    ("output", "activation", "loss"),
    [("sigmoid", "relu", None), ("softmax", "gelu", None), ("sigmoid", "leaky_relu", "mse"), ("linear", "elu", None)],
)
def test_what_is_replayed_is_what_the_eager_engine_gives(output, activation, loss, make, monkeypatch):
    def diagnoses(eager):
        with monkeypatch.context() as patch:
            if eager:
                patch.setattr(measurement, "replayed", lambda *_: None)
            model = nn.MLP(2, [5, 4, 2 if output == "softmax" else 1], activation, output, init="he", seed=0)
            mover = make(model.parameters(), lr=0.7)  # so large that the loss after a step is looked at, too
            return nn.fit(model, *MOONS, loss=loss, optimizer=mover, epochs=3, progress=False, diagnose=True).diagnoses

    for replay, eager in zip(diagnoses(False), diagnoses(True), strict=True):
        assert replay.loss == pytest.approx(eager.loss, rel=1e-12) and kinds(replay) == kinds(eager)
        for a, b in zip(replay.layers, eager.layers, strict=True):
            assert (a.saturated, a.dead, a.activation) == (b.saturated, b.dead, b.activation)
            assert (a.gradient, a.ratio, a.update) == pytest.approx((b.gradient, b.ratio, b.update), rel=1e-9)


def test_measuring_takes_about_as_long_as_some_epochs(monkeypatch):
    """Counted, for a clock would depend on the machine: no value is recorded for each example."""
    model = nn.MLP(2, [8, 8, 1], "tanh", "sigmoid", init="xavier", seed=0)
    X, y = ag.datasets.moons(400)
    made = []
    monkeypatch.setattr(measurement, "batch_loss", lambda *_: made.append(1))
    monkeypatch.setattr(
        measurement, "_response", lambda f, z: made.append(1) or (math.tanh(z), 1.0 - math.tanh(z) ** 2)
    )
    nn.fit(model, X, y, epochs=20, progress=False, diagnose=True)
    assert len(made) < 12 * 3 * 90  # looking at the activations themselves, not 12 * 400 * 17


# ------------------------------------------------------------------------------------------------- how it looks


def failing():
    model = nn.MLP(2, [8, 4, 1], ["sigmoid", "relu"], "sigmoid", init="xavier", seed=0)
    model.layers[1].neurons[2].b.data = -100.0
    return nn.diagnose(model, scaled(MOONS[0], 1e4), MOONS[1], loss="mse", lr=0.1)


def test_printed_it_is_a_table_and_a_line_for_each_finding():
    diagnosis = failing()
    lines = str(diagnosis).splitlines()
    assert repr(diagnosis) == str(diagnosis)
    assert lines[0].startswith("mse_loss 0.") and lines[0].endswith(
        f"on 40 examples: {len(diagnosis.findings)} findings"
    )
    assert lines[1].split() == ["layer", "activation", "gradient", "to", "last", "saturated", "dead", "update/data"]
    assert [line.split()[:2] for line in lines[2:5]] == [["1", "Sigmoid"], ["2", "ReLU"], ["3", "Sigmoid"]]
    assert [line.partition(":")[0] for line in lines[5:]] == kinds(diagnosis) and "saturated" in kinds(diagnosis)
    assert all(". Remedy: " in line and line.endswith(".") for line in lines[5:])


def test_in_a_notebook_it_is_a_table_and_a_list():
    class Text(HTMLParser):
        def __init__(self):
            super().__init__()
            self.tags, self.text = [], ""

        def handle_starttag(self, tag, attributes):
            self.tags.append(tag)

        def handle_data(self, data):
            self.text += data

    diagnosis = failing()
    page = Text()
    page.feed(diagnosis._repr_html_())
    assert page.tags.count("tr") == 4 and page.tags.count("li") == len(diagnosis.findings)
    assert all(f.verdict in page.text and f.remedy in page.text for f in diagnosis.findings)
    healthy = nn.diagnose(nn.MLP(2, [4, 1], "tanh", "sigmoid", init="xavier", seed=0), *MOONS)
    assert "<ul>" not in healthy._repr_html_() and "nothing wrong found" in str(healthy)


def test_the_name_of_a_function_does_no_harm():
    def g(z):
        return z.tanh()

    g.__name__ = "<script>alert(1)</script>"
    page = nn.diagnose(nn.MLP(2, [2, 1], g, seed=0), *MOONS)._repr_html_()
    assert "<script" not in page and "&lt;script&gt;" in page


def test_the_plot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    diagnosis = failing()
    ax = diagnosis.plot()
    assert list(ax.get_lines()[0].get_ydata()) == [layer.gradient for layer in diagnosis.layers]
    assert ax.get_yscale() == "log" and "saturated" in ax.get_title()
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["gradient", "vanishing below this", "saturated", "dead"]
    own = pyplot.subplots()[1]
    dull = nn.diagnose(nn.MLP(2, [1], init="zeros"), [[0.0, 0.0]], [0.0])  # no gradient, no share to draw
    assert dull.plot(own) is own and own.get_title() == "nothing wrong found"
    assert not own.get_legend().get_texts()
    pyplot.close("all")


def test_the_plot_has_a_scale_for_shares_only_where_there_are_some():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    sound = nn.diagnose(nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", seed=0), *MOONS)
    labels = []
    for diagnosis in (sound, failing()):
        figure = diagnosis.plot().figure
        labels.append([ax.get_ylabel() for ax in figure.axes])
    (alone,) = labels[0]
    assert alone.startswith("gradient: root mean square") and labels[1] == [alone, "share of units"]
    pyplot.close("all")


def test_the_legend_of_the_plot_names_what_there_is_and_covers_none_of_it():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    sound = nn.diagnose(nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", seed=0), *MOONS)
    assert [layer.saturated for layer in sound.layers] == [0.0, None]
    for diagnosis, bars in ((sound, []), (failing(), ["saturated", "dead"])):
        figure, ax = pyplot.subplots(figsize=(4.3, 3.0), layout="constrained")
        legend = diagnosis.plot(ax).get_legend()
        assert [text.get_text() for text in legend.get_texts()] == ["gradient", "vanishing below this", *bars]
        figure.draw_without_rendering()
        box, title = legend.get_window_extent(), ax.title.get_window_extent()
        assert ax.get_window_extent().y1 <= box.y0 and box.y1 <= title.y0
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1
    pyplot.close("all")


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    diagnosis = failing()
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"Diagnosis.plot needs matplotlib: pip install 'autograd-lite\[plot\]'"):
        diagnosis.plot()


# ------------------------------------------------------------------------------------------------------ misuse


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "message"),
    [
        (([], []), {}, ValueError, "X: expected at least one row, got none"),
        (([[1.0]], [1]), {}, ValueError, "X, row 1: expected 2 numbers, got 1"),
        (([[1.0, math.nan]], [1]), {}, ValueError, "X, row 1, number 2: expected a finite number, got nan"),
        (([[1.0, 2.0]], [3]), {}, ValueError, "y, row 1: expected 0 or 1"),
        (MOONS, {"loss": "mean"}, ValueError, "loss: expected mse_loss, .*got 'mean'|loss: expected"),
        (MOONS, {"loss": lambda p, y: 0.5}, TypeError, "expected the loss to be a Value, got float 0.5"),
        (MOONS, {"lr": -1.0}, ValueError, "lr: expected a learning rate of 0 or more, got -1.0"),
        (MOONS, {"lr": math.nan}, ValueError, "lr: expected a learning rate of 0 or more, got nan"),
        (MOONS, {"lr": "0.1"}, TypeError, "lr: expected a learning rate of 0 or more, got str '0.1'"),
        (MOONS, {"lr": True}, TypeError, "lr: expected a learning rate of 0 or more, got bool True"),
    ],
)
def test_what_makes_no_sense(arguments, settings, error, message):
    with pytest.raises(error, match=message):
        nn.diagnose(nn.MLP(2, [2, 1], output="sigmoid", seed=0), *arguments, **settings)


def test_models_that_are_no_modules():
    with pytest.raises(TypeError, match=r"model: expected an MLP, whose layers can .*, or a Module, got func"):
        nn.diagnose(lambda x: x, [[1.0]], [1.0], loss="mse")
