"""Labels that are mathematics are set as such, everywhere; all others are shown as they are typed."""

import pytest

import autograd_lite as ag
from autograd_lite import Value, nn
from autograd_lite.drawing import draw
from autograd_lite.explanation import explain
from autograd_lite.notation.labels import named, read
from autograd_lite.notation.names import Names
from autograd_lite.notation.text import number

SYMBOLS = {  # label: in Unicode, in LaTeX
    "w_11^(1)": ("w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    "w^(1)_11": ("w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    "w_{11}^{(1)}": ("w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    "w₁₁⁽¹⁾": ("w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    "w_{1,12}": ("w₁,₁₂", "w_{1,12}"),
    "w₁,₁₂": ("w₁,₁₂", "w_{1,12}"),
    "z_{11}": ("z₁₁", "z_{11}"),
    "w1": ("w1", "w_{1}"),
    "w1^(2)": ("w1⁽²⁾", "w_{1}^{(2)}"),
    "theta": ("θ", r"\theta"),
    r"\theta": ("θ", r"\theta"),
    "θ": ("θ", r"\theta"),
    "theta_1": ("θ₁", r"\theta_{1}"),
    "Sigma": ("Σ", r"\Sigma"),
    "h_{t-1}": ("hₜ₋₁", "h_{t-1}"),
    "z_out": ("z_out", r"z_{\text{out}}"),
    "x_ij": ("x_ij", "x_{ij}"),
    "x_{i-1}": ("x_{i-1}", "x_{i-1}"),
    "x^2": ("x²", "x^{2}"),
    "A^T": ("A^T", "A^{T}"),
}
TEXTS = [
    "loss_1", "x1*w1", "w__1", "w_", "_1", "^2", "w_{1", "w_1}", "w_{}", "w_1_2", "w_{1}_{2}", "w1_2", "w^1^2", "w_(1",
    "theta_gammas_1", r"\input", r"\theta\phi", r"w_{\input}", "w_<b>", "x_$", "x^{#}", "w_{1 2}", "w_1\n",
    "w_123456789", "w_{" + "1" * 1000 + "}", "a b", "thetas", "é_1",
]  # fmt: skip


@pytest.mark.parametrize("label", SYMBOLS)
def test_a_symbol_is_set_as_mathematics_everywhere(label: str) -> None:
    text, latex = SYMBOLS[label]
    a = Value(2.0, label=label)
    out = a * 3.0
    out.label = "y"
    out.backward()
    assert (named(label).text, named(label).latex) == (text, latex)
    picture = draw(out)
    assert [card.name for card in picture.scene.cards if card.kind == "leaf"] == [text]
    assert f">{text}</text>" in picture.svg and text in picture.dot.replace("\\", "") and text in str(picture)
    found = explain(out, wrt=a)
    assert latex in found.latex and latex in found.markdown and text in str(found)
    assert text in ag.step_through(out).html and latex in ag.worksheet(out).key_markdown


@pytest.mark.parametrize("label", SYMBOLS)
def test_answers_go_by_the_label_as_typed(label: str) -> None:
    a, other = Value(2.0, label=label), Value(5.0, label="other")
    out = a * other
    assert ag.check_answers(out, {label: 5.0, "other": 2.0}).score == 1.0
    assert ag.check_answers(out, {named(label).text: 5.0, "other": 2.0}).score == 1.0


@pytest.mark.parametrize("label", TEXTS)
def test_any_other_label_stays_text(label: str) -> None:
    assert read(label) is None
    assert named(label).text == label.replace("\n", " ")[:64] + "…" * (len(label) > 64)
    assert "_{" not in named(label).latex.replace(r"\_", "") and "^" not in named(label).latex


def test_two_labels_that_look_alike_are_told_apart() -> None:
    a, b, c = Value(1.0, label="w_1"), Value(2.0, label="w₁"), Value(3.0, label="w1")
    names = Names(a * b * c)
    assert len({names(v).text for v in (a, b, c)}) == 3
    assert ag.check_answers(a * b * c, {"w_1": 6.0, "w₁": 3.0, "w1": 2.0}).score == 1.0


def test_a_name_that_is_given_is_not_that_of_a_label() -> None:
    a = Value(1.0, label="v_1")
    names = Names((a * 2.0) * 3.0)
    assert len({names(v).latex for v in names.order}) == 3


@pytest.mark.parametrize(
    "x, digits, text",
    [(-0.0, 3, "0"), (999999.6, 6, "1e6"), (9.9996, 4, "10"), (1e-4, 6, "0.0001"), (1e-4, 3, "1e−4"),
     (5e-324, 3, "4.94e−324"), (123456.0, 6, "123456"), (-12345.6, 4, "−12346"),
     (float("nan"), 3, "nan"), (float("-inf"), 3, "−inf")],
)  # fmt: skip
def test_a_number_has_its_digits_and_one_minus_sign(x: float, digits: int, text: str) -> None:
    assert number(x, digits).text == text


def test_only_a_cost_is_called_c() -> None:
    model, several = nn.MLP(2, [2, 1], seed=0), nn.MLP(2, [3], seed=0)
    out, outs = model([1.0, -2.0]), several([1.0, -2.0])
    costs = [nn.mse_loss(out, 1.0), nn.hinge_loss(out, -1.0), nn.cross_entropy(outs, 2), -ag.log(ag.softmax(outs)[0]),
             nn.binary_cross_entropy_with_logits(out, 1.0), abs(out - 3.0) + 0.1 * out**2, nn.l1_loss(out, 1.0),
             nn.huber_loss(out, 4.0), (out * 2 - 1) * (out * 2 - 1), (1 - out * 2).relu(), ag.softplus(-out * 2),
             ag.logsumexp(outs) - outs[0], nn.binary_cross_entropy(out.sigmoid(), 1.0),
             -(0.3 * out.sigmoid().log() + 0.7 * (1 - out.sigmoid()).log()), ag.mean([(o - 1) ** 2 for o in outs])
             ]  # fmt: skip
    others = [out * 2, out - 1.0, -out, out.exp(), ag.sum(outs), ag.softmax(outs)[0], out, out * 2 - 1, 1 - out / 2,
              -out - 1, 2 * out.sigmoid() - 1, (outs[0] - outs[1]) / 2, ag.mean(outs) - 1, out.log(), -(out + 1) * 3
              ]  # fmt: skip
    assert [Names(root).root.text for root in costs] == ["C"] * len(costs)
    assert [Names(root).root.text for root in others] == ["f"] * len(others)
    assert ag.draw(out * 2).scene.title == ag.draw(out * 2 - 1).scene.title == "Computation graph of f"
