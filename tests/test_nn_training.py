"""Training: nets that learn, losses chosen as the course teaches, and settings answered in words."""

# ruff: noqa: E501 (a table of messages has one line for each)

import functools
import math
import random
import statistics
import sys

import pytest

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite.engine import Value
from autograd_lite.nn.evaluation import evaluate
from autograd_lite.nn.objectives import objective_of
from autograd_lite.nn.training_steps import ReplayedSteps, Task, steps_of
from autograd_lite.view import View

XOR = ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])


class StepsOnly:
    """What another library's optimiser has."""

    def step(self) -> None: ...


def small(output="sigmoid", units=1, **settings):
    return nn.MLP(2, [4, units], output=output, seed=0, **settings)


def quiet(model, X, y, **settings):
    return nn.fit(model, X, y, progress=False, **settings)


# -------------------------------------------------------------------------------------------------- it learns


def test_moons_reach_98_percent_on_held_out_points():
    X, y = datasets.moons(400, noise=0.1, seed=0)
    model = nn.MLP(2, [16, 16, 1], output="sigmoid", seed=0)
    quiet(model, X[:280], y[:280], epochs=12, batch_size=16, seed=0)
    assert evaluate(model, X[280:], y[280:])[1] >= 0.98


def standardised(rows, of):
    columns = list(zip(*of, strict=True))
    means, scales = [statistics.fmean(c) for c in columns], [statistics.pstdev(c) for c in columns]
    return [[(v - m) / s for v, m, s in zip(row, means, scales, strict=True)] for row in rows]


def test_iris_has_a_median_accuracy_of_95_percent_on_held_out_flowers():
    X, y = datasets.iris()
    accuracies = []
    for seed in range(10):
        rng = random.Random(seed)
        test = [i for start in (0, 50, 100) for i in rng.sample(range(start, start + 50), 15)]  # 30 % of each
        train = [i for i in range(150) if i not in test]
        scaled = standardised(X, [X[i] for i in train])
        model = nn.MLP(4, [16, 16, 3], "tanh", "softmax", init="xavier", seed=seed)
        settings = {"lr": 0.01, "epochs": 15, "batch_size": 16, "seed": seed}
        quiet(model, [scaled[i] for i in train], [y[i] for i in train], **settings)
        accuracies.append(evaluate(model, [scaled[i] for i in test], [y[i] for i in test])[1])
    assert statistics.median(accuracies) >= 0.95


def test_a_line_is_found_by_each_optimizer():
    X = [[x / 10.0] for x in range(-10, 11)]
    y = [3.0 * x - 1.0 for (x,) in X]
    for optimizer, lr in [("sgd", 0.5), ("adam", 0.2), ("adamw", 0.2)]:
        model = nn.MLP(1, [1], seed=0)
        history = quiet(model, X, y, optimizer=optimizer, lr=lr, epochs=100)
        assert history.loss[-1] < 1e-3 and history.accuracy == [] and history.loss_name == "mse_loss"


def test_a_step_of_fit_is_the_step_written_by_hand():
    X, y = datasets.moons(12, seed=3)
    ours, by_hand = small(), small()
    quiet(ours, X, y, epochs=5, lr=0.05)
    mover = nn.Adam(by_hand.parameters(), lr=0.05)
    for _ in range(5):
        mover.zero_grad()
        nn.binary_cross_entropy_with_logits([by_hand.logits(x) for x in X], y).backward()
        mover.step()
    assert_same(ours, by_hand)


def assert_same(model, twin):
    """Hold two nets equal, up to the order in which a replay adds the examples of a step."""
    expected = twin.state_dict()
    assert model.state_dict() == {name: pytest.approx(x, rel=1e-12, abs=1e-13) for name, x in expected.items()}


def test_a_seed_makes_the_same_net_and_leaves_the_global_random_alone():
    X, y = datasets.moons(20)
    state = random.getstate()
    nets = [small() for _ in range(3)]
    settings = {"epochs": 3, "batch_size": 4, "validation": 0.2}
    for model, seed in zip(nets, (1, 1, 2), strict=True):
        quiet(model, X, y, seed=seed, **settings)
    assert random.getstate() == state
    assert nets[0].state_dict() == nets[1].state_dict() != nets[2].state_dict()


def test_training_goes_as_in_torch():
    torch = pytest.importorskip("torch")
    X, y = datasets.moons(16, seed=1)
    model = nn.MLP(2, [4, 2], output="softmax", seed=0)
    layers = [torch.nn.Linear(2, 4, dtype=torch.float64), torch.nn.Linear(4, 2, dtype=torch.float64)]
    with torch.no_grad():
        for theirs, ours in zip(layers, model.layers, strict=True):
            theirs.weight.copy_(torch.tensor([[w.data for w in n.w] for n in ours.neurons], dtype=torch.float64))
            theirs.bias.copy_(torch.tensor([n.b.data for n in ours.neurons], dtype=torch.float64))
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
    mover = torch.optim.Adam(net.parameters(), lr=0.02)
    losses = []
    for _ in range(100):
        mover.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(X, dtype=torch.float64)), torch.tensor(y))
        loss.backward()
        mover.step()
        losses.append(loss.item())
    assert quiet(model, X, y, epochs=100).loss == pytest.approx(losses, rel=1e-9)


# ------------------------------------------------------------------------------------------------ the choices


@pytest.mark.parametrize(
    ("output", "given", "name", "from_logits"),
    [
        ("linear", None, "mse_loss", False),
        ("sigmoid", None, "binary_cross_entropy_with_logits", True),
        ("softmax", None, "cross_entropy", True),
        ("sigmoid", "binary_cross_entropy", "binary_cross_entropy_with_logits", True),
        ("sigmoid", nn.binary_cross_entropy, "binary_cross_entropy_with_logits", True),
        ("sigmoid", nn.binary_cross_entropy_with_logits, "binary_cross_entropy_with_logits", True),
        ("linear", "binary_cross_entropy_with_logits", "binary_cross_entropy_with_logits", True),
        ("linear", "cross_entropy", "cross_entropy", True),
        ("sigmoid", "mse", "mse_loss", False),
        ("linear", nn.hinge_loss, "hinge_loss", False),
    ],
)
def test_the_loss_fits_the_output(output, given, name, from_logits):
    objective = objective_of(nn.MLP(2, [2], output=output), given)
    assert (objective.name, objective.from_logits) == (name, from_logits)


def test_a_saturated_sigmoid_still_learns_for_the_loss_starts_from_z():
    model = nn.MLP(1, [1], output="sigmoid", init=lambda: 800.0)
    assert model([1.0]).data == 1.0
    history = quiet(model, [[1.0]], [0], optimizer="sgd", lr=1.0, epochs=1)
    assert history.loss == [800.0] and model.layers[0].neurons[0].w[0].data == 799.0


def test_the_choice_is_printed(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    nn.fit(small(), *XOR, epochs=20)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fit: loss=binary_cross_entropy_with_logits, which belongs to a sigmoid output"
    assert lines[1].startswith("epoch  1/20  loss 0.") and lines[-1].startswith("epoch 20/20  loss 0.")
    assert len(lines) == 12 and "accuracy" in lines[1]
    nn.fit(small(), *XOR, epochs=3, progress=False)
    assert capsys.readouterr().out == ""


def test_tqdm_shows_the_progress_where_it_is_installed(capsys):
    pytest.importorskip("tqdm")
    nn.fit(small(), *XOR, epochs=4, loss="binary_cross_entropy")
    captured = capsys.readouterr()
    assert "4/4" in captured.err and "loss 0." in captured.err and captured.out == ""


def test_a_loss_of_ones_own_sees_the_whole_batch():
    model = small("linear")
    seen = []

    def loss(predictions, targets):
        seen.append((len(predictions), list(targets)))
        return nn.mse_loss(predictions, targets) + 0.1 * sum(p * p for p in model.parameters())

    history = quiet(model, *XOR, loss=loss, epochs=2, batch_size=3, seed=0)
    assert [n for n, _ in seen] == [3, 1, 3, 1]
    assert history.loss_name == "loss" and history.accuracy == []


def test_accuracies():
    X = [[1.0, 0.0], [-1.0, 0.0]]
    settings = {"init": "zeros"}
    model = nn.MLP(2, [1], output="linear", **settings)
    model.layers[0].neurons[0].w[0].data = 1.0
    assert evaluate(model, X, [1, -1], "hinge")[1] == 1.0
    assert evaluate(model, X, [1, 0], "binary_cross_entropy_with_logits")[1] == 1.0
    assert evaluate(model, X, [0, 0], "binary_cross_entropy_with_logits")[1] == 0.5
    assert evaluate(model, X, [1.0, -1.0]) == (0.0, None)
    both = nn.MLP(2, [2], output="sigmoid", **settings)
    both.layers[0].neurons[0].w[0].data = both.layers[0].neurons[1].w[0].data = 1.0
    assert evaluate(both, X, [[1, 1], [0, 1]])[1] == 0.5


def test_several_outputs_of_numbers():
    history = quiet(small("linear", 2), XOR[0], [[0.0, 1.0]] * 4, epochs=2)
    assert len(history.loss) == 2


def test_a_module_that_is_no_mlp_needs_a_loss():
    class Line(nn.Module):
        def __init__(self):
            self.w = Value(0.0)

        def __call__(self, x):
            return self.w * x[0]

    line = Line()
    history = quiet(line, [[1.0], [2.0]], [2.0, 4.0], loss="mse", lr=0.1, epochs=200)
    assert line.w.data == pytest.approx(2.0, abs=1e-3) and history.loss[-1] < 1e-5
    with pytest.raises(ValueError, match="loss: expected one to be given"):
        quiet(line, [[1.0]], [2.0])


def test_an_optimizer_of_ones_own():
    model = small()
    mover = nn.SGD(model.parameters(), lr=0.5, momentum=0.9)
    before = model.state_dict()
    quiet(model, *XOR, optimizer=mover, epochs=1)
    assert model.state_dict() != before and mover.memory[0]


def step_by_hand(model, mover):
    mover.zero_grad()
    nn.cross_entropy([model.logits(x) for x in XOR[0]], XOR[1]).backward()
    mover.step()


def assert_trained_alike(by_fit, by_hand, movers):
    """Hold equal what one net learns in two epochs of `fit`, another in two steps by hand, and what is remembered."""
    quiet(by_fit, *XOR, optimizer=movers[0], epochs=2)
    for _ in range(2):
        step_by_hand(by_hand, movers[1])
    for found, expected in zip(movers[0].memory, movers[1].memory, strict=True):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert_same(by_fit, by_hand)


@pytest.mark.parametrize("make", [nn.Adam, nn.SGD, functools.partial(nn.SGD, momentum=0.9)])
@pytest.mark.parametrize("begun", [False, True])
def test_fit_goes_on_where_an_optimizer_is_and_leaves_it_where_steps_by_hand_would(make, begun):
    nets = [small("softmax", 2), small("softmax", 2)]
    movers = [make(model.parameters(), lr=0.1) for model in nets]
    if begun:
        for model, mover in zip(nets, movers, strict=True):
            step_by_hand(model, mover)
    assert_trained_alike(*nets, movers)


def test_fit_goes_on_with_an_optimizer_that_has_moved_some_of_its_parameters():
    nets = [small("softmax", 2), small("softmax", 2)]
    movers = [nn.Adam(model.parameters(), lr=0.1) for model in nets]
    for model, mover in zip(nets, movers, strict=True):
        for p in model.layers[1].parameters():
            p.grad = 1.0
        with pytest.warns(UserWarning, match="no gradient reached"):
            mover.step()
    assert_trained_alike(*nets, movers)


def test_fit_moves_only_what_its_optimizer_has():
    nets = [small("softmax", 2), small("softmax", 2)]
    movers = [nn.Adam(model.layers[1].parameters(), lr=0.1) for model in nets]
    before = nets[0].layers[0].state_dict()
    assert_trained_alike(*nets, movers)
    assert nets[0].layers[0].state_dict() == before


def test_what_was_computed_before_a_training_is_stale_after_it():
    model = small(activation="tanh")
    out = model([0.5, -1.0])
    quiet(model, *XOR, epochs=2)
    assert set(View(out).stale_leaves) == set(model.parameters())


def test_no_epochs_train_nothing():
    model = small()
    before = model.state_dict()
    assert quiet(model, *XOR, epochs=0).loss == [] and model.state_dict() == before


# ------------------------------------------------------------------------------------ validation and patience


def test_validation_by_share_and_by_pair():
    X, y = datasets.moons(20)
    history = quiet(small(), X, y, epochs=3, validation=0.25, seed=0)
    assert [len(c) for c in history.columns.values()] == [3, 3, 3, 3]
    history = quiet(small(), X, y, epochs=3, validation=(X, y))
    assert history.best_epoch == 3 and history.validation_loss[-1] < history.loss[-1]


def test_patience_stops_and_brings_the_best_parameters_back():
    X, y = datasets.moons(20, noise=0.5, seed=0)
    model = nn.MLP(2, [8, 1], output="sigmoid", seed=0)
    other = datasets.moons(20, noise=0.5, seed=9)
    history = quiet(model, X, y, epochs=300, lr=0.1, validation=other, patience=5)
    assert len(history.loss) == history.best_epoch + 5 < 300
    assert evaluate(model, *other)[0] == min(history.validation_loss)


def test_an_error_leaves_the_parameters_of_the_last_whole_step():
    X, y = datasets.moons(20)
    model, twin = small(), small()
    count = 0

    def loss(predictions, targets):
        nonlocal count
        count += 1
        if count == 4:
            raise KeyboardInterrupt
        return nn.mse_loss(predictions, targets)

    with pytest.raises(KeyboardInterrupt):
        quiet(model, X, y, loss=loss, epochs=9, lr=0.1)
    quiet(twin, X, y, loss=nn.mse_loss, epochs=3, lr=0.1)
    assert_same(model, twin)


def test_a_net_that_diverges_is_stopped_with_finite_parameters():
    model = nn.MLP(1, [1], seed=0)
    with pytest.raises(FloatingPointError, match=r"no parameter was changed. Try a smaller learning rate than 1e"):
        quiet(model, [[1e3]], [1.0], optimizer="sgd", lr=1e100, epochs=50)
    assert all(math.isfinite(p.data) for p in model.parameters())


def test_nets_and_losses_of_this_package_are_replayed():
    model, data = small(), datasets.moons(20)
    steps = [steps_of(Task(objective_of(model, loss), model, data)) for loss in (None, "mse_loss")]
    assert [type(each) for each in steps] == [ReplayedSteps, ReplayedSteps]


def test_a_step_that_fails_amid_an_epoch_keeps_the_steps_before_it():
    rows, targets = [[1.0 + i / 40] for i in range(40)], [0.0] * 40
    kept = []
    for loss in (nn.mse_loss, lambda f, y: nn.mse_loss(f, y)):  # by replay, eagerly
        model = nn.MLP(1, [1], seed=0)
        with pytest.raises(FloatingPointError, match="no parameter was changed"):
            quiet(model, rows, targets, loss=loss, optimizer="sgd", lr=1e3, batch_size=1, epochs=9, seed=0)
        kept.append([p.data for p in model.parameters()])
    assert kept[0] == pytest.approx(kept[1], rel=1e-12) and min(map(abs, kept[0])) > 1e300


# ---------------------------------------------------------------------------------------------------- history


def test_history_as_csv(tmp_path):
    history = nn.History("mse_loss", [0.5, 0.25], [], [1.0, 2.0])
    history.to_csv(tmp_path / "history.csv")
    assert (tmp_path / "history.csv").read_bytes() == b"epoch,loss,validation_loss\n1,0.5,1.0\n2,0.25,2.0\n"
    nn.History().to_csv(tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text() == "epoch\n"


@pytest.fixture
def pyplot():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_history_as_a_plot(pyplot):
    ax = nn.History("cross_entropy", [0.5, 0.25], [0.5, 1.0], [0.6, 0.3], [0.4, 0.9]).plot()
    left, right = ax.figure.axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("cross entropy", "accuracy")
    told = {(line.get_label(), line.get_color(), line.get_linestyle()) for axes in (left, right) for line in axes.lines}
    assert told == {
        *(("loss", "C0", "-"), ("validation loss", "C0", "--")),
        *(("accuracy", "C1", "-"), ("validation accuracy", "C1", "--")),
    }
    assert [axes.yaxis.label.get_color() for axes in (left, right)] == ["C0", "C1"]
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["training", "validation"]
    nn.History().plot()


@pytest.mark.parametrize("size", [(6.4, 4.8), (3.6, 2.6)])
def test_the_legend_of_a_history_covers_nothing(pyplot, size):
    """Whatever the curves do; and it is drawn last, so that nothing is drawn over it."""
    high = [0.9] * 9
    for figures in (high, [1.0] * 9, [0.1 * i for i in range(9)]):
        figure, ax = pyplot.subplots(figsize=size, layout="constrained")
        nn.History("mse_loss", high, figures, high, figures).plot(ax)
        figure.draw_without_rendering()
        legend = figure.axes[-1].get_legend().get_window_extent()
        for axes in figure.axes:
            for line in axes.lines:
                points = axes.transData.transform(line.get_xydata())
                assert all(y + line.get_linewidth() < legend.y0 for _, y in points)


# ----------------------------------------------------------------------------------------------------- misuse


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": -1}, ValueError, "epochs: expected a number of epochs, an int of 0 or more, got -1"),
        ({"epochs": 2.5}, ValueError, "epochs: .* got 2.5"),
        ({"epochs": None}, ValueError, "epochs: .* got None"),
        ({"epochs": True}, ValueError, "epochs: .* got True"),
        ({"batch_size": 0}, ValueError, "batch_size: expected a number of examples, an int of 1 or more, got 0"),
        ({"batch_size": "8"}, ValueError, "batch_size: .* got '8'"),
        ({"patience": 0, "validation": 0.5}, ValueError, "patience: expected a number of epochs, an int of 1 or more, got 0"),
        ({"patience": 3}, ValueError, "patience: expected validation data with it"),
        ({"validation": 1.0}, ValueError, r"validation: expected a share between 0 and 1, or a pair \(X, y\), got 1.0"),
        ({"validation": 0.9}, ValueError, "expected a share that leaves examples to train on, got 0.9 of 4"),
        ({"validation": "20%"}, TypeError, "validation: .* got str '20%'"),
        ({"validation": ([[1.0]], [0])}, ValueError, "validation X, row 1: expected 2 numbers, got 1"),
        ({"validation": ([[1.0, 2.0]], [5])}, ValueError, "validation y, row 1: expected 0 or 1 .* got 5"),
        ({"optimizer": "adm"}, ValueError, "optimizer: expected sgd, adam, adamw or one that is made, got 'adm'"),
        ({"optimizer": nn.SGD}, ValueError, "optimizer: expected sgd, adam, adamw or one that is made, got <class"),
        ({"optimizer": StepsOnly()}, TypeError, r"got StepsOnly; derive that class from nn.SGD, with its formula in move\("),
        ({"lr": -1.0}, ValueError, "lr: expected a learning rate of 0 or more, got -1.0"),
        ({"optimizer": nn.SGD([Value(1.0)], lr=0.5), "lr": 0.1}, ValueError, "that has its own .0.5., got 0.1"),
        ({"loss": "mean squared"}, ValueError, "loss: expected .*mse_loss or a function, got 'mean squared'"),
        ({"loss": 3}, TypeError, r"loss: expected a name, a function of \(predictions, targets\) or None, got 3"),
        ({"loss": "cross_entropy"}, ValueError, "cross_entropy belongs to a softmax or linear output, but this net's is sigmoid"),
        ({"loss": lambda p, y: 0.5}, TypeError, "expected the loss to be a Value, got float 0.5 from <lambda>"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense(settings, error, message):
    model = small()
    before = model.state_dict()
    with pytest.raises(error, match=message):
        quiet(model, *XOR, **settings)
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("output", "X", "y", "error", "message"),
    [
        ("linear", [], [], ValueError, "X: expected at least one row, got none"),
        ("linear", [[1.0, 2.0]], [], ValueError, "y: expected 1 target, one for each row, got 0"),
        ("linear", [[1.0, 2.0]] * 2, [1.0], ValueError, "y: expected 2 targets, one for each row, got 1"),
        ("linear", [[1.0, 2.0], [1.0]], [1.0, 1.0], ValueError, "X, row 2: expected 2 numbers, got 1"),
        ("linear", [1.0, 2.0], [1.0, 1.0], TypeError, "X, row 1: expected a list of numbers, got float 1.0"),
        ("linear", [[1.0, "2"]], [1.0], TypeError, "X, row 1, number 2: expected a number, got str '2'"),
        ("linear", [[1.0, math.nan]], [1.0], ValueError, "X, row 1, number 2: expected a finite number, got nan"),
        ("linear", "data.csv", [1.0], TypeError, "X: expected a list of rows, got str 'data.csv'"),
        ("linear", 3, [1.0], TypeError, "X: expected a list of rows, got int 3"),
        ("linear", [[1.0, 2.0]], 1.0, TypeError, "y: expected a list of targets, got float 1.0"),
        ("linear", [[1.0, 2.0]], ["a"], TypeError, "y, row 1: expected a number, got str 'a'"),
        ("linear", [[1.0, 2.0]], [math.inf], ValueError, "y, row 1: expected a finite number, got inf"),
        ("linear", [[1.0, 2.0]], [[1.0, 2.0]], TypeError, r"y, row 1: expected a number, got list \[1.0, 2.0\]"),
        ("sigmoid", [[1.0, 2.0]], [2], ValueError, r"y, row 1: expected 0 or 1 \(or a probability between\) for binary"),
        ("softmax", [[1.0, 2.0]] * 2, [0, 3], ValueError, r"y, row 2: expected a class index from 0 to 2 \(the net has 3 outputs, classes count from 0\), got 3"),
        ("softmax", [[1.0, 2.0]], [-1], ValueError, "class index from 0 to 2 .* got -1"),
        ("softmax", [[1.0, 2.0]], ["setosa"], ValueError, "class index from 0 to 2 .* got str 'setosa'"),
        ("softmax", [[1.0, 2.0]], [0.5], ValueError, "class index from 0 to 2 .* got 0.5"),
    ],
)  # fmt: skip
def test_data_that_does_not_fit_names_the_row(output, X, y, error, message):
    model = small(output, 3 if output == "softmax" else 1)
    with pytest.raises(error, match=message):
        quiet(model, X, y)


def test_data_for_several_outputs():
    with pytest.raises(TypeError, match=r"y, row 1: expected a list of 2 numbers, one for each output, got float 1.0"):
        quiet(small("linear", 2), [[1.0, 2.0]], [1.0])
    with pytest.raises(ValueError, match="y, row 1: expected 2 numbers, one for each output, got 3"):
        quiet(small("linear", 2), [[1.0, 2.0]], [[1.0, 2.0, 3.0]])
    with pytest.raises(ValueError, match=r"y, row 1: expected 1 or -1 for hinge_loss, got 0.0"):
        quiet(small("linear"), [[1.0, 2.0]], [0], loss="hinge")


def test_models_that_are_none():
    with pytest.raises(TypeError, match="model: expected an MLP, or a Module that can be called, got function"):
        quiet(lambda x: x, *XOR)
    with pytest.raises(ValueError, match="an output that is a function of its own; by itself fit knows only linear"):
        quiet(nn.MLP(2, [1], output=lambda z: z), *XOR)
    with pytest.raises(ValueError, match="loss: expected one to be given, such as loss='mse', for a relu output"):
        quiet(small("relu"), *XOR)


def test_a_module_with_the_forward_of_pytorch_is_told_its_name_here():
    class Line(nn.Module):
        def forward(self, x):
            return x

    with pytest.raises(TypeError, match=r"name its forward\(self, x\) __call__"):
        nn.fit(Line(), [[1.0]], [1.0])
    for call in (Line(), nn.Module(), Line().predict):
        with pytest.raises(TypeError, match=r"(Line|Module) cannot be called; .*__call__"):
            call([[1.0]])


@pytest.mark.parametrize("loss", ["mse", lambda P, Y: nn.mse_loss(P, Y)])
def test_the_first_backward_pass_after_fit_begins_anew(loss):
    model = small("linear")
    for options in ({}, {"optimizer": nn.SGD(model.parameters(), lr=0.1), "callback": lambda *_: None}):
        quiet(model, *XOR, loss=loss, epochs=3, **options)
        cost = model(XOR[0][0]) ** 2
        cost.backward()
        assert [p.grad for p in model.parameters()] == pytest.approx(ag.grad(cost, model.parameters()), abs=0.0)


def test_numpy_data():
    numpy = pytest.importorskip("numpy")
    a, b = small(), small()
    quiet(a, *XOR, epochs=2)
    quiet(b, numpy.array(XOR[0]), numpy.array(XOR[1]), epochs=2)
    assert a.state_dict() == b.state_dict()


@pytest.mark.parametrize("output, y", [("linear", [0.5, -1.0]), ("sigmoid", [1, 0]), ("softmax", [2, 0])])
def test_targets_may_stand_in_a_column(output, y):
    def trained(targets):
        model = nn.MLP(2, [3, 3 if output == "softmax" else 1], output=output, seed=0)
        return nn.fit(model, [[1.0, 2.0], [0.5, -1.0]], targets, epochs=3, progress=False).loss

    assert trained([[target] for target in y]) == trained([(target,) for target in y]) == trained(y)
    with (
        pytest.raises(TypeError, match="row 1: expected a number, got list")
        if output != "softmax"
        else (pytest.raises(ValueError, match="row 1: expected a class index"))
    ):
        trained([[target, target] for target in y])


def test_targets_of_numpy_and_of_an_iterator():
    np = pytest.importorskip("numpy")
    X, y = [[1.0, 2.0], [0.5, -1.0]], [1, 0]

    def trained(X, y):
        return nn.fit(small(), X, y, epochs=3, progress=False).loss

    flags = np.array(y) == 1
    assert trained(X, flags) == trained(np.array(X), [*flags]) == trained(iter(X), iter(y)) == trained(X, y)
    assert small().evaluate(X, flags) == small().evaluate(X, y)
    assert nn.accuracy([0.7, 0.2], flags) == 1.0


def test_a_module_without_parameters_is_named():
    class Later(nn.Module):
        def __call__(self, x):
            return Value(1.0) * x[0]

    with pytest.raises(ValueError, match="model: Later has no parameters to train; expected Values in its attributes"):
        nn.fit(Later(), [[1.0]], [1.0], loss="mse", progress=False)


def test_classes_from_1_are_named_as_such():
    model = nn.MLP(2, [3], output="softmax", seed=0)
    with pytest.raises(
        ValueError, match=r"y, row 3: expected a class index from 0 to 2 .*classes count from 0\), got 3"
    ):
        nn.fit(model, [[0.0, 1.0]] * 3, [1, 2, 3], progress=False)


def test_a_loss_for_numbers_raises_an_error_that_says_that_it_gets_lists():
    model = nn.MLP(2, [1], seed=0)
    message = (
        r"fit: <lambda> gets two lists, the predictions and the targets .* returns one Value.*: unsupported operand"
    )
    with pytest.raises(TypeError, match=message):
        nn.fit(model, *XOR, loss=lambda p, y: (p - y) ** 2, progress=False)

    def broken(predictions, targets):
        raise TypeError("something else")

    with pytest.raises(TypeError, match=r"^something else$"):
        nn.fit(model, *XOR, loss=broken, progress=False)
