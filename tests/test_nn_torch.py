"""to_torch: the same net in PyTorch, with the same outputs and gradients (needs PyTorch, but for the last test)."""

import random
import sys
from typing import Any

import pytest

from autograd_lite import Value, nn
from autograd_lite.nn.activations import ACTIVATIONS

# (activation, output): each name in a hidden layer, and each at the output
NETS = [(name, "linear") for name in ACTIVATIONS if name != "softmax"] + [("relu", name) for name in ACTIVATIONS]
SCALES = (1.0, 1e-3, 30.0)  # of the inputs; the large one saturates units, on both sides


def close(numbers: Any, theirs: Any) -> bool:
    return bool(numbers == pytest.approx(theirs, rel=1e-12, abs=1e-12))


def gradients_of(torch_model: Any) -> list[float]:
    """Return torch's gradients in the order of `model.parameters()`: unit by unit, weights and then the bias."""
    found: list[float] = []
    linears = [module for module in torch_model if hasattr(module, "bias")]
    for linear in linears:
        for weights, bias in zip(linear.weight.grad.tolist(), linear.bias.grad.tolist(), strict=True):
            found += [*weights, bias]
    return found


@pytest.mark.parametrize(("activation", "output"), NETS)
def test_outputs_and_gradients_are_equal(activation: str, output: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the net to compare with; pip install torch")
    draw = random.Random(f"{activation} {output}")
    model = nn.MLP(3, [5, 4, 3], activation, output, init="xavier", bias=0.1, seed=2)
    torch_model = nn.to_torch(model)
    assert {parameter.dtype for parameter in torch_model.parameters()} == {torch.float64}
    for scale in SCALES:
        X = [[draw.gauss(0.0, scale) for _ in range(3)] for _ in range(8)]
        shares = [draw.uniform(-1.0, 1.0) for _ in range(3)]
        model.zero_grad()
        torch_model.zero_grad()
        outputs = [model(x) for x in X]
        loss = sum((a * s for row in outputs for a, s in zip(row, shares, strict=True)), Value(0.0))
        loss.backward()
        theirs = torch_model(torch.tensor(X, dtype=torch.float64))
        (theirs * torch.tensor(shares, dtype=torch.float64)).sum().backward()
        for row, their_row in zip(outputs, theirs.tolist(), strict=True):
            assert close([a.data for a in row], their_row)
        assert close([p.grad for p in model.parameters()], gradients_of(torch_model))


def test_the_nets_share_no_number() -> None:
    pytest.importorskip("torch", reason="PyTorch is the net to compare with; pip install torch")
    model = nn.MLP(1, [1], seed=0)
    torch_model = nn.to_torch(model)
    before = torch_model[0].weight.item()
    model.parameters()[0].data = 7.0
    assert torch_model[0].weight.item() == before
    assert nn.to_torch(model)[0].weight.item() == 7.0


def test_without_its_last_module_a_classifier_gives_logits() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the net to compare with; pip install torch")
    X, y = [[0.3, -1.0], [2.0, 0.5]], [2, 0]
    model = nn.MLP(2, [4, 3], output="softmax", seed=3)
    logits = nn.to_torch(model)[:-1](torch.tensor(X, dtype=torch.float64))
    ours = nn.cross_entropy([model.logits(x) for x in X], y).data
    assert close(ours, torch.nn.functional.cross_entropy(logits, torch.tensor(y)).item())


def test_what_has_no_equal_is_refused() -> None:
    def bent(z: Value) -> Value:
        return z * z

    with pytest.raises(ValueError, match=r"layer 1 has the activation bent, a function of your own.*expected one of"):
        nn.to_torch(nn.MLP(1, [2, 1], activation=bent))
    with pytest.raises(TypeError, match="expected an MLP, or a Module made of them, got Neuron"):
        nn.to_torch(nn.Neuron(2))


class InTurn(nn.Module):
    """Nets and layers one after the other, in a Module of one's own that is called in its own way."""

    def __init__(self) -> None:
        self.first = nn.MLP(3, [4, 2], "tanh", "relu", bias=0.1, seed=1)
        self.blocks = [nn.Layer(2, 3), nn.Layer(3, 3)]
        self.last = {"net": nn.MLP(3, [2, 1], "elu", output="sigmoid", seed=2)}

    def __call__(self, x: Any) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.last["net"](x)


class Nested(nn.Module):
    def __init__(self) -> None:
        self.inner, self.top = InTurn(), nn.MLP(1, [1], seed=4)

    def __call__(self, x: Any) -> Any:
        return self.top([self.inner(x)])


class OwnCall(nn.MLP):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x)


@pytest.mark.parametrize("make", [InTurn, Nested, lambda: OwnCall(3, [4, 2], "tanh", seed=0)])
def test_a_module_that_runs_its_layers_in_turn_has_a_twin(make: Any) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the net to compare with; pip install torch")
    random.seed(3)
    model = make()
    torch_model = nn.to_torch(model)
    for row in ([0.3, -1.0, 2.0], [-0.4, 0.9, 0.1]):
        outputs = model(row)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        theirs = torch_model(torch.tensor(row, dtype=torch.float64))
        assert close([a.data for a in outputs], theirs.tolist())
        model.zero_grad()
        torch_model.zero_grad()
        sum(outputs, Value(0.0)).backward()
        theirs.sum().backward()
        assert close([p.grad for p in model.parameters()], gradients_of(torch_model))


class DropsInTraining(InTurn):
    def __call__(self, x: Any) -> Any:
        return super().__call__([a * (random.random() < 0.5) * 2.0 for a in x] if self.training else x)


class ScaledInTraining(InTurn):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x) * 3.0 if self.training else super().__call__(x)


@pytest.mark.parametrize("kind", [DropsInTraining, ScaledInTraining])
@pytest.mark.parametrize("training", [True, False])
def test_the_twin_computes_what_predict_does(kind: Any, training: bool) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the net to compare with; pip install torch")
    model, rows = kind().train(training), [[0.3, -1.0, 2.0], [-0.4, 0.9, 0.1]]
    torch_model = nn.to_torch(model)
    theirs = torch_model(torch.tensor(rows, dtype=torch.float64))
    assert all(map(close, [[a] for a in model.predict(rows)], theirs.tolist()))
    assert [part.training for part in model.modules()] == [training] * len(model.modules())


class OnlyInTraining(InTurn):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x) if self.training else 2.0 * super().__call__(x)


class OtherOrder(nn.Module):
    def __init__(self) -> None:
        self.last, self.first = nn.MLP(2, [3], seed=0), nn.MLP(3, [2], seed=1)

    def __call__(self, x: Any) -> Any:
        return self.last(self.first(x))


class Twice(InTurn):
    def __call__(self, x: Any) -> Any:
        return 2.0 * super().__call__(x)


class Without(InTurn):
    def __call__(self, x: Any) -> Any:
        return self.last["net"](self.blocks[0](self.first(x)))


class Decides(InTurn):
    def __call__(self, x: Any) -> Any:
        return -y if (y := super().__call__(x)) > 0.5 else y


class Scaled(nn.MLP):
    def __call__(self, x: Any) -> Any:
        return super().__call__(x) * 3.0


class Dropping(InTurn):
    def __call__(self, x: Any) -> Any:
        return super().__call__([a * (random.random() < 2.0) for a in x])


class Bare(nn.Module):
    def __init__(self) -> None:
        self.w = Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.w * x[0]


@pytest.mark.parametrize(("model", "why"), [
    *((kind(), "it does more than run its layers one after the other") for kind in (Twice, Without, OnlyInTraining)),
    (OtherOrder(), "it does more than run .*, in the order of its attributes: .* expected 3 numbers"),
    (Dropping(), "as model.predict runs it, with training off: compile: Dropping draws random numbers from random"),
    (Scaled(2, [2, 1]), "it does more than run its layers one after the other"),
    (Decides(), "decides by >, at .*: return -y if"),
], ids=lambda value: type(value).__name__)  # fmt: skip
def test_a_module_that_does_more_is_refused_by_name(model: nn.Module, why: str) -> None:
    before = random.getstate()
    with pytest.raises(TypeError, match=rf"to_torch: {type(model).__name__} is no torch.nn.Sequential: .*{why}"):
        nn.to_torch(model)
    assert random.getstate() == before
    with pytest.raises(TypeError, match="expected an MLP, or a Module made of them, got Bare"):
        nn.to_torch(Bare())


def test_without_pytorch_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # what makes an import fail
    with pytest.raises(ImportError, match="pip install torch"):
        nn.to_torch(nn.MLP(1, [1]))
