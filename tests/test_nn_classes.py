"""Targets as people have them: names of classes, lists of one 1 and 0 elsewhere; of nets and of Modules."""

# ruff: noqa: E501 (a table of messages has one line for each)

import math
import re

import pytest

import autograd_lite as ag
from autograd_lite import cli, datasets, nn

X, Y = datasets.iris()
NAMES = ["setosa", "versicolor", "virginica"]


def net(units=3, output="softmax"):
    return nn.MLP(4, [4, units], "tanh", output, seed=0)


class Own(nn.Module):
    def __init__(self):
        self.m = nn.MLP(4, [4, 3], "tanh", seed=0)

    def __call__(self, x):
        return self.m(x)


def forms(y):
    """The same targets as indices, names, lists and tuples of one 1, and arrays."""
    yield y
    yield [NAMES[i] for i in y]
    yield [[int(j == i) for j in range(3)] for i in y]
    yield [tuple(float(j == i) for j in range(3)) for i in y]
    if numpy := pytest.importorskip("numpy"):
        yield numpy.array([NAMES[i] for i in y])
        yield numpy.eye(3)[y]


def own_entropy(p, y):
    """The cross-entropy as a student writes it, with the index of each class."""
    return ag.mean([-line[t].log() for line, t in zip(p, y, strict=True)])


@pytest.mark.parametrize("classes", [Y, [NAMES[i] for i in Y]], ids=["indices", "names"])
def test_a_loss_of_ones_own_gets_the_index_of_the_class(classes):
    own, twin = net(), net()
    own_history = nn.fit(own, X, classes, loss=own_entropy, epochs=3, validation=(X, classes), progress=False)
    history = nn.fit(twin, X, classes, epochs=3, validation=(X, classes), progress=False)
    assert own_history.loss == pytest.approx(history.loss, rel=1e-9)
    assert own_history.validation_loss == pytest.approx(history.validation_loss, rel=1e-9)
    assert own.evaluate(X, classes, own_entropy).loss == pytest.approx(twin.evaluate(X, classes).loss)
    assert list(own_history.classes) == (NAMES if classes is not Y else [])


def test_a_loss_of_ones_own_gets_0_and_1_for_two_names():
    two, names = X[:100], [NAMES[i] for i in Y[:100]]
    entropy = lambda p, y: ag.mean([-(t * a.log() + (1 - t) * (1 - a).log()) for a, t in zip(p, y, strict=True)])  # noqa: E731
    own, twin = (nn.MLP(4, [3, 1], output="sigmoid", seed=0) for _ in range(2))
    found = nn.fit(own, two, names, loss=entropy, epochs=3, progress=False)
    assert found.loss == pytest.approx(nn.fit(twin, two, names, epochs=3, progress=False).loss, rel=1e-9)


def test_a_loss_of_ones_own_of_several_outputs_may_take_one_number():
    """A mean and the logarithm of a variance for each row."""
    likelihood = lambda p, y: ag.mean([(a - t) ** 2 * (-s).exp() + s for (a, s), t in zip(p, y, strict=True)])  # noqa: E731
    model = net(2, "linear")
    history = nn.fit(model, X, [x[0] - 5.5 for x in X], loss=likelihood, epochs=40, lr=0.05, progress=False)
    assert history.loss[-1] < 0.3 * history.loss[0]
    with pytest.raises(ValueError, match="y, row 1: expected a finite number, got nan; where a target is missing"):
        nn.fit(model, X, [math.nan] * 150, loss=likelihood)


@pytest.mark.parametrize("loss", ["mse", "l1", nn.huber_loss])
def test_a_class_is_a_1_in_its_place_for_a_loss_of_numbers_after_a_softmax(loss):
    losses = [
        nn.fit(net(), X, y, loss=loss, epochs=2, progress=False).loss
        for y in (Y, [NAMES[i] for i in Y], [[float(i == c) for i in range(3)] for c in Y])
    ]
    assert losses[0] == losses[1] == losses[2]
    with pytest.raises(ValueError, match=r"y, row 1: expected a class index from 0 to 2 \(the net has 3 outputs"):
        nn.fit(net(), X, [3] * 150, loss=loss)
    with pytest.raises(TypeError, match="y, row 1: expected a list of 3 numbers, one for each output, got int 0"):
        nn.fit(net(output="linear"), X, Y, loss=loss)


@pytest.mark.parametrize("make", [net, Own])
def test_before_any_training_a_diagnosis_reads_names_and_an_evaluation_says_who_knows_them(make):
    names, loss = [NAMES[i] for i in Y], "cross_entropy"
    assert nn.diagnose(make(), X, names, loss).loss == nn.diagnose(make(), X, Y, loss).loss
    with pytest.raises(
        ValueError, match=r"y, row 1: expected a number, got str 'setosa'; the net has learned no names"
    ):
        make().evaluate(X, names, loss)
    model = make()
    nn.fit(model, X, names, loss, epochs=1, progress=False)
    assert model.evaluate(X, names, loss) == model.evaluate(X, Y, loss)


def test_a_loss_of_ones_own_of_a_module_reads_the_texts_themselves():
    seen = set()

    def loss(p, y):
        seen.update(y)
        return ag.mean([line[0] ** 2 for line in p])

    nn.fit(Own(), X, [NAMES[i] for i in Y], loss=loss, epochs=1, progress=False)
    assert {*NAMES} <= seen


@pytest.mark.parametrize("make", [net, Own])
def test_all_forms_of_a_class_train_alike(make):
    states = []
    for y in forms(Y):
        model = make()
        history = nn.fit(model, X, y, loss="cross_entropy", epochs=3, batch_size=40, seed=0, progress=False,
                         validation=(X[::7], y[::7]))  # fmt: skip
        states.append((model.state_dict(), history.loss, history.accuracy, history.validation_loss))
        assert history.classes == (tuple(NAMES) if isinstance(y[0], str) else ())
        assert model.evaluate(X, y, "cross_entropy") == model.evaluate(X, Y, "cross_entropy")
    assert all(state == states[0] for state in states[1:])


def test_names_stay_with_a_net_and_its_file(tmp_path, capsys):
    y = [NAMES[i] for i in Y]
    model = net()
    nn.fit(model, X, y, epochs=20, lr=0.1)
    assert "fit: classes setosa, versicolor, virginica" in capsys.readouterr().out
    model.save(tmp_path / "model.json")
    again = nn.load(tmp_path / "model.json")
    assert again.evaluate(X, y) == model.evaluate(X, y)
    assert again.encoding.decode(again.predict(X[:1])[0]) == "setosa"
    nn.fit(again, X[:60], y[:60], epochs=1, progress=False)  # two of the classes that it knows
    assert again.encoding.target.levels == tuple(NAMES)
    table = tmp_path / "new.csv"
    table.write_text("x1,x2,x3,x4\n" + ",".join(map(str, X[0])) + "\n")
    assert cli.main(["predict", str(tmp_path / "model.json"), str(table)]) == 0
    assert capsys.readouterr().out.splitlines()[1].endswith(",setosa")


def test_two_names_for_a_sigmoid():
    X2, y = datasets.moons(30)
    states = []
    for targets in (y, [("no", "yes")[i] for i in y]):
        model = nn.MLP(2, [3, 1], output="sigmoid", seed=0)
        history = nn.fit(model, X2, targets, epochs=3, progress=False)
        states.append((model.state_dict(), history.accuracy))
    assert states[0] == states[1] and history.classes == ("no", "yes")


def test_numbers_in_texts_are_in_their_order():
    model = nn.MLP(1, [3], output="softmax", seed=0)
    assert nn.fit(model, [[0.0], [1.0], [2.0]], ["10", "9", "2"], epochs=1, progress=False).classes == ("2", "9", "10")


@pytest.mark.parametrize(
    ("model", "y", "message"),
    [
        (net(), ["a", "b"], "y, row 1: expected a class index from 0 to 2 (the net has 3 outputs, classes count from 0), or 3 different names of classes in all rows, got str 'a'; y has 2 names: a, b"),
        (net(1, "sigmoid"), ["a", "b", "c"], "y, row 1: expected 0 or 1, or 2 different names of classes in all rows, got str 'a'; y has 3 names: a, b, c"),
        (net(), ["setosa", None, "virginica"], "y, row 1: expected a class index from 0 to 2 (the net has 3 outputs, classes count from 0), got str 'setosa'"),
        (net(), [[0, 1, 1], [1, 0, 0]], "y, row 1: expected a class index from 0 to 2 (the net has 3 outputs, classes count from 0), got list [0, 1, 1]"),
        (net(), [[0, 1], [1, 0]], "classes count from 0), got list [0, 1]"),
        (nn.MLP(4, [1]), ["a", "b"], "y, row 1: expected a number, got str 'a'"),
    ],
)  # fmt: skip
def test_what_names_no_class(model, y, message):
    before = model.state_dict()
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.fit(model, X[: len(y)], y, progress=False)
    assert model.state_dict() == before and model.encoding is None


def test_other_classes_in_the_place_of_known_ones_are_not_taken_without_a_word():
    model = net(units=1, output="sigmoid")
    nn.fit(model, X[:20], ["up", "down"] * 10, epochs=1, progress=False)
    with pytest.warns(UserWarning, match=r"the classes down, up; A, B take their places: what it knows of down"):
        nn.fit(model, X[:20], ["B", "A"] * 10, epochs=1, progress=False)
    nn.fit(model, X[:20], ["A", "B"] * 10, epochs=1, progress=False)


def test_a_page_takes_names_of_classes_of_an_untrained_net():
    page = nn.playground(net(), X, [NAMES[y] for y in Y])
    assert '"classes": ["setosa", "versicolor", "virginica"]' in page.html.replace('":["', '": ["').replace(
        '","', '", "'
    )


def test_a_name_that_was_not_there_is_named():
    model, y = net(), [NAMES[i] for i in Y]
    nn.fit(model, X, y, epochs=1, progress=False)
    message = "y, row 2: expected one of the classes setosa, versicolor, virginica, got 'vrginica'"
    with pytest.raises(ValueError, match=message):
        model.evaluate(X[:2], ["setosa", "vrginica"])
    with pytest.raises(ValueError, match=f"validation {message}"):
        nn.fit(net(), X, y, epochs=1, progress=False, validation=(X[:2], ["setosa", "vrginica"]))
    assert math.isfinite(model.evaluate(X, Y).loss)


def test_true_and_false_are_the_classes_of_two_outputs_too():
    X = [[0.0], [1.0], [0.2], [0.9]]

    class Own(nn.Module):
        def __init__(self):
            self.net = nn.MLP(1, [2], output="softmax", seed=0)

        def __call__(self, x):
            return self.net.logits(x)

    for make in (lambda: nn.MLP(1, [2], output="softmax", seed=0), Own):
        trained = []
        for targets in ([0, 1, 0, 1], [False, True, False, True]):
            model = make()
            nn.fit(model, X, targets, loss="cross_entropy", epochs=3, lr=0.1, progress=False)
            trained.append([p.data for p in model.parameters()])
        assert trained[0] == trained[1]
    with pytest.raises(ValueError, match=r"expected a class index from 0 to 2 .*, got True"):
        nn.fit(nn.MLP(1, [3], output="softmax"), X, [True] * 4, progress=False)
