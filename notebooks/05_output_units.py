# %% [markdown]
# # 5 · Output units: the question decides
#
# Hidden units we may choose freely. The output unit we may not: it has to give the kind of answer that the task asks
# for, and the loss has to punish wrong answers in a way that the unit can learn from. Unit and loss are chosen
# **together**, and this notebook shows what happens when they do not fit.
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (L35, L36, … in the comments count the statements of the lecture, as in notebook 1a. Without matplotlib, which
# `pip install ".[plot]"` brings, skip the cells that mention `plt`; everything else runs.)

# %%
import math
import random

import autograd_lite as ag
from autograd_lite import Value, datasets, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": "medium"})

# %% [markdown]
# ## 5.1 The table
#
# | task | output unit | units | loss |
# |---|---|---|---|
# | a number | linear | 1 | mean squared error |
# | yes or no | sigmoid | 1 | cross-entropy (binary) |
# | one of k classes | softmax | k | cross-entropy |
#
# `nn.fit` knows this table: without a `loss` it takes the one that belongs to the output unit. In the names of losses,
# *logits* are the z of the output units, before sigmoid or softmax: "binary_cross_entropy_with_logits" is the
# cross-entropy of σ(z), computed from z. Section 5.3 shows why.

# %%
# L35: task → output unit, number of units, loss
TABLE = {
    "a number": ("linear", 1, [0.5, 1.5, 2.5]),
    "yes or no": ("sigmoid", 1, [0, 1, 1]),
    "one of three": ("softmax", 3, [0, 1, 2]),
}
losses = []
for task, (unit, units, targets) in TABLE.items():
    net = nn.MLP(2, [4, units], output=unit, seed=0)
    history = nn.fit(net, [[0, 0], [0, 1], [1, 1]], targets, epochs=1, progress=False)
    losses.append(history.loss_name)
    print(f"{task:13} {unit:8} {units}  {history.loss_name}")

# %% [markdown]
# ### Exercise 5.1 Which unit for which task?
#
# Three tasks: the **rent** of a flat in euros; whether a mail is **spam**; which **digit** (0 to 9) a picture shows.
# For each, answer with the output unit and the number of units, like
# `{"rent": ("unit", 1), "spam": ("unit", 1), "digit": ("unit", 1)}`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("5.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# A number, a yes or no, one of ten:
#
# ```python
# answer = {"rent": ("linear", 1), "spam": ("sigmoid", 1), "digit": ("softmax", 10)}
# ```
# </details>

# %% [markdown]
# ## 5.2 Regression
#
# Forty points on a curve that we pretend not to know, with some noise. First the smallest net: one linear unit.
#
# **Predict.** $f = w x + b$, trained with mean squared error. There is also a formula for the straight line with the
# least squares. Will training come to the same line?

# %%
rng = random.Random(0)
xs = [-3 + 6 * i / 39 for i in range(40)]
ys = [math.sin(1.5 * x) + 0.3 * x + rng.gauss(0, 0.15) for x in xs]

# %%
# L36: regression: one linear unit + mean squared error
line = nn.MLP(1, [1], seed=0)
history = nn.fit(line, [[x] for x in xs], ys, lr=0.05, epochs=300, progress=False)
line_w, line_b = line.layers[0].neurons[0].w[0].data, line.layers[0].neurons[0].b.data

mean_x, mean_y = sum(xs) / 40, sum(ys) / 40
slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)
print(f"trained:        w = {line_w:.6f}   b = {line_b:.6f}")
print(f"least squares:  w = {slope:.6f}   b = {mean_y - slope * mean_x:.6f}")

# %% [markdown]
# The same: least squares, found step by step instead of by a formula. Now put eight hidden units in front of the same
# linear output. The output unit still fits a weighted sum by least squares, but no longer of $x$: of eight **features**
# $a_1(x), \dots, a_8(x)$, which are learned together with the weights.

# %%
# L37: like least squares, but with learned, non-linear features
bent = nn.MLP(1, [8, 1], activation="tanh", init="xavier", seed=0)
curved = nn.fit(bent, [[x] for x in xs], ys, lr=0.05, epochs=300, progress=False)
print(f"mean squared error: line {history.loss[-1]:.3f}, net {curved.loss[-1]:.3f} (the noise alone: {0.15**2:.3f})")

hidden, (output,) = (layer.neurons for layer in bent.layers)
features = [unit([1.0]).data for unit in hidden]
weighted = sum(v.data * a for v, a in zip(output.w, features, strict=True)) + output.b.data
print(f"at x = 1 the net says {bent([1.0]).data:.6f}, the weighted sum of its features is {weighted:.6f}")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), layout="constrained")
panels[0].plot(xs, [line_w * x + line_b for x in xs], color="C3", linewidth=2, label="one unit")
panels[0].plot(xs, [bent([x]).data for x in xs], color="C0", linewidth=2, label="8 hidden units")
panels[0].scatter(xs, ys, s=14, color="black", zorder=3)
panels[0].legend(fontsize="small")
for unit, v in zip(hidden, output.w, strict=True):
    panels[1].plot(xs, [unit([x]).data for x in xs])
    panels[2].plot(xs, [v.data * unit([x]).data for x in xs])
titles = ("the fit f", "eight features a(x)", "a(x) times weight: f is the sum")
for ax, title in zip(panels, titles, strict=True):
    ax.set(title=title, xlabel="x")
plt.show()

# %% [markdown]
# Remember the gradient of the cost as a sum over examples. At the minimum it is 0, and for the output's weight $v_j$
# that says $\frac1n \sum_i 2\,(f(x^{(i)}) - y^{(i)})\,a_j(x^{(i)}) = 0$: the *normal equations* of least squares, with
# features in place of $x$. How near are the two nets to it?

# %%
for name, model in (("line", line), ("net", bent)):
    cost = nn.mse_loss([model([x]) for x in xs], ys)
    model.zero_grad()
    cost.backward()
    print(f"{name}: largest |∂C/∂v| = {max(abs(v.grad) for v in model.layers[-1].neurons[0].w):.1e}")

# %% [markdown]
# The line has reached its minimum. The net has come near it, and would come nearer with more epochs.
#
# ## 5.3 Yes or no
#
# A hundred irises of two species, versicolor (0) and virginica (1), and one measurement, the width of the petals. The
# measurement is *standardised*: in $x$, the mean is 0 and the standard deviation 1.

# %%
rows, species = datasets.iris()
widths = [row[3] for row, kind in zip(rows, species, strict=True) if kind > 0]
y = [kind - 1 for kind in species if kind > 0]
mean = sum(widths) / 100
deviation = math.sqrt(sum((width - mean) ** 2 for width in widths) / 100)
X = [[(width - mean) / deviation] for width in widths]


def share_right(net, X, y):
    """Count an output above one half as a yes."""
    return sum((net(x).data > 0.5) == (target == 1) for x, target in zip(X, y, strict=True)) / len(X)


# %% [markdown]
# Why not do what we did before, fit 0 and 1 by least squares, and cut at one half?

# %%
# L38: a linear output with a threshold works; a sigmoid is better
linear = nn.MLP(1, [1], output="linear", seed=0)
nn.fit(linear, X, y, epochs=200, lr=0.05, progress=False)
sigmoid = nn.MLP(1, [1], output="sigmoid", seed=0)
nn.fit(sigmoid, X, y, epochs=200, lr=0.05, progress=False)
print(f"right: linear {share_right(linear, X, y):.0%}, sigmoid {share_right(sigmoid, X, y):.0%}")

answers = {name: [net(x).data for x in X] for name, net in (("linear", linear), ("sigmoid", sigmoid))}
for name, given in answers.items():
    print(f"the answers of the {name} unit lie between {min(given):.2f} and {max(given):.2f}")


# %% tags=["plot"]
def plot_fit(ax, net, X, y, colour, label):
    """Draw the answers of a net with one input over that input, and where they cross one half."""
    across = [min(X)[0] - 1 + (max(X)[0] - min(X)[0] + 2) * i / 200 for i in range(201)]
    answers = [net([x]).data for x in across]
    ax.plot(across, answers, color=colour, linewidth=2, label=label)
    for x, left, right in zip(across, answers, answers[1:], strict=False):
        if (left > 0.5) != (right > 0.5):
            ax.axvline(x, color=colour, linestyle=":", linewidth=1.5)
    jitter = random.Random(0)
    ax.scatter([x[0] for x in X], [t + jitter.uniform(-0.04, 0.04) for t in y], s=10, color="grey", zorder=0)
    ax.set(xlabel="petal width (standardised)", ylabel="f", ylim=(-0.6, 1.6))


figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
plot_fit(ax, linear, X, y, "C3", "linear")
plot_fit(ax, sigmoid, X, y, "C0", "sigmoid")
ax.legend()
plt.show()

# %% [markdown]
# It works: the dotted lines, where the answers cross one half, nearly coincide. But the straight line leaves the range
# from 0 to 1, so it cannot be read as a probability. That is a blemish. The next thing is worse.
#
# ### "Too correct"
#
# **Predict.** The truth is $y = 1$. A linear output says $f = 3$: a very firm yes. How large is its squared error, and
# does the next step move f up or down?

# %%
# L39: squared error on a linear output punishes "too correct": f = 3 for y = 1 costs 4
f = Value(3.0, label="f")
cost = nn.mse_loss(f, 1)
cost.backward()
print(f"f = 3, y = 1:  C = {cost.data},  ∂C/∂f = {f.grad}: the step pulls f down")

# %% [markdown]
# ### Exercise 5.2 Just as cheap
#
# Still $y = 1$, squared error, linear output. Which other answer $f$ costs exactly as much as $f = 3$?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("5.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# $(f - 1)^2 = 4$ for $f = 3$ and for $f = 1 - 2$.
#
# ```python
# answer = -1
# ```
# </details>

# %% [markdown]
# **A slip of the slides.** They bring up "too correct" beside the sigmoid. But a sigmoid's output never leaves the
# range from 0 to 1, and cannot be too correct. The complaint belongs to the **linear** output. (The sigmoid with
# squared error has a fault of its own, below.)

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 2.8), layout="constrained")
fs = [-2 + i / 20 for i in range(121)]
panels[0].plot(fs, [nn.mse_loss(f, 1) for f in fs], color="C3", linewidth=2)
panels[0].plot([3, -1], [4, 4], "o", color="black")
panels[0].annotate("firm yes", (3, 4), (3.1, 3.2))
panels[0].annotate("firm no", (-1, 4), (-0.9, 4.2))
panels[0].set(title="linear + squared error, y = 1", xlabel="f", ylabel="C")
zs = [-6 + i / 10 for i in range(121)]
panels[1].plot(zs, [nn.binary_cross_entropy_with_logits(z, 1) for z in zs], color="C0", linewidth=2)
panels[1].set(title="sigmoid + cross-entropy, y = 1", xlabel="z (firm no ← → firm yes)", ylabel="C")
plt.show()

# %% [markdown]
# What harm does it do? Let us add twelve giant virginicas, with petals five times as wide as usual. They are the
# clearest cases of all.
#
# **Predict.** What will they do to the straight line's answers for the *other* flowers?

# %%
giants = X + [[(5 * 2.0 - mean) / deviation]] * 12
giant_y = y + [1] * 12

linear_after = nn.MLP(1, [1], output="linear", seed=0)
nn.fit(linear_after, giants, giant_y, epochs=200, lr=0.05, progress=False)
sigmoid_after = nn.MLP(1, [1], output="sigmoid", seed=0)
nn.fit(sigmoid_after, giants, giant_y, epochs=200, lr=0.05, progress=False)
for name, before, after in (("linear", linear, linear_after), ("sigmoid", sigmoid, sigmoid_after)):
    print(f"{name:8} right before: {share_right(before, X, y):.0%}, now: {share_right(after, X, y):.0%}")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(8.6, 3), layout="constrained")
plot_fit(ax, linear_after, giants, giant_y, "C3", "linear")
plot_fit(ax, sigmoid_after, giants, giant_y, "C0", "sigmoid")
ax.legend()
plt.show()

# %% [markdown]
# The line becomes flatter, so as not to be "too correct" about the giants, and gets ordinary flowers wrong. The sigmoid
# says 1 for the giants, which costs nothing, and stays as it was.
#
# ### The right unit with the wrong loss
#
# So take the sigmoid, but keep squared error: $C = (\sigma(z) - y)^2$. By the chain rule
#
# $$\frac{\partial C}{\partial z} = 2\,(\sigma(z) - y)\;\sigma'(z)$$
#
# **Predict.** $y = 1$ and $z = -10$: the net is sure, and wrong. A good loss would push hard now. Does this one?

# %%
# L40: squared error on a sigmoid saturates
z = Value(-10.0, label="z")
squared = nn.mse_loss(z.sigmoid(), 1)
entropy = nn.binary_cross_entropy_with_logits(z, 1)
print(f"squared error:  C = {squared.data:.4f},  ∂C/∂z = {ag.grad(squared, z):.2g}")
print(f"cross-entropy:  C = {entropy.data:.4f}, ∂C/∂z = {ag.grad(entropy, z):.2g}")

# %% [markdown]
# Nearly the largest cost that it can have, and a gradient of −0.00009. The slope of the saturated sigmoid,
# $\sigma'(-10)$, is a factor of the product, and makes it vanish, as in notebook 4.

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
points = [Value(-12 + i / 5) for i in range(106)]
for label, colour, loss in (
    ("sigmoid + squared error", "C1", lambda z: nn.mse_loss(z.sigmoid(), 1)),
    ("sigmoid + cross-entropy", "C0", lambda z: nn.binary_cross_entropy_with_logits(z, 1)),
):
    ax.plot([z.data for z in points], [ag.grad(loss(z), z) for z in points], color=colour, linewidth=2, label=label)
ax.axhline(0, color="lightgrey", zorder=0)
ax.set(xlabel="z, with y = 1 (left: sure and wrong; right: sure and right)", ylabel="∂C/∂z, what drives the step")
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# ### Cross-entropy
#
# This *cross-entropy* is the mean of $-\log p$, where $p$ is the probability that the answer gave to the truth: $f$
# for a yes, $1 - f$ for a no.
#
# $$C = -\frac1n \sum_i \begin{cases} \log f(x^{(i)}) & \text{if } y^{(i)} = 1 \\
# \log\,(1 - f(x^{(i)})) & \text{if } y^{(i)} = 0 \end{cases}$$

# %%
# L41: cross-entropy: −1/n Σ {log f | log(1 − f)}
net = nn.MLP(1, [1], output="sigmoid", seed=3)
fs = [net(x).data for x in X]
by_hand = -sum(math.log(f) if target == 1 else math.log(1 - f) for f, target in zip(fs, y, strict=True)) / len(y)
library = nn.binary_cross_entropy_with_logits([net.logits(x) for x in X], y)
print(f"by hand {by_hand:.12f}, library {library.data:.12f}")

# %% [markdown]
# Why the logarithm? Look at the three factors of ∂C/∂z for a single example with $y = 1$:

# %%
z = Value(-2.0, label="z")
a = z.sigmoid()
a.label = "a"
log_a = a.log()
log_a.label = "log a"
C = -log_a
C.label = "C"
ag.explain(C, wrt=z)

# %% [markdown]
# The sigmoid multiplies by $a\,(1 - a)$, which is what vanishes; the logarithm divides by $a$. What is left is
# $-(1 - a) = \sigma(z) - y$. **The logarithm undoes the sigmoid's exponential**, and the gradient is the plain error.

# %%
# L42: the logarithm undoes the exponential: ∂C/∂z = σ(z) − y
for target in (0, 1):
    for z in map(Value, (-10.0, -1.0, 0.0, 1.0, 10.0)):
        gradient = ag.grad(nn.binary_cross_entropy_with_logits(z, target), z)
        print(f"y = {target}  z = {z.data:5.1f}   ∂C/∂z = {gradient:+.6f}   σ(z) = {ag.sigmoid(z).data:.6f}")

# %% [markdown]
# That is also why libraries compute this loss from $z$ and not from $f$. At $z = -800$, $\sigma(z)$ is rounded to 0
# and its logarithm is $-\infty$; computed from $z$ the cost is 800, as it should be:

# %%
print(nn.binary_cross_entropy(ag.sigmoid(-800.0), 1), nn.binary_cross_entropy_with_logits(-800.0, 1))

# %% [markdown]
# One more example, for you to differentiate by hand. The target is $y = 1$, and $b = \log 3$ was chosen so that
# $\sigma(z) = \tfrac34$.

# %%
x = Value(2.0, label="x", kind="input")
w, b = Value(0.0, label="w", kind="parameter"), Value(math.log(3), label="b", kind="parameter")
z = ag.dot([w], [x], bias=b)
z.label = "z"
cost = nn.binary_cross_entropy_with_logits(z, 1)
cost.label = "C"
ag.draw(cost, partials=False)

# %% [markdown]
# ### Exercise 5.3 The plain error
#
# Find ∂C/∂w and ∂C/∂b, and answer with `{"w": ..., "b": ...}`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("5.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# $\partial C/\partial z = \sigma(z) - y = \tfrac34 - 1 = -\tfrac14$. Then $\partial z/\partial w = x = 2$ and
# $\partial z/\partial b = 1$.
#
# ```python
# answer = {"w": -0.5, "b": -0.25}
# ```
# </details>

# %% [markdown]
# ### Three ways from the same start
#
# One unit, the hundred irises, plain *gradient descent* (`nn.SGD`: each step against the gradient) at the same rate,
# and the same start: $w = -10$, $b = 0$, sure and wrong about nearly every flower.
#
# **Predict.** Which of the three recovers, and which first?

# %%
ways = {
    "linear + squared error": ("linear", "mse"),
    "sigmoid + squared error": ("sigmoid", "mse"),
    "sigmoid + cross-entropy": ("sigmoid", None),
}
nets, recovery = {}, {}
for way, (unit, loss) in ways.items():
    net = nets[way] = nn.MLP(1, [1], output=unit, init=lambda: -10.0)
    descent = nn.SGD(net.parameters(), lr=0.3)
    recovery[way] = [share_right(net, X, y)]
    for _ in range(80):
        nn.fit(net, X, y, loss=loss, optimizer=descent, epochs=1, progress=False)
        recovery[way].append(share_right(net, X, y))
    print(f"{way:24} {recovery[way][0]:.0%} right at the start, {recovery[way][-1]:.0%} after 80 steps")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 3.2), layout="constrained")
for colour, (way, net) in zip(("C3", "C1", "C0"), nets.items(), strict=True):
    panels[0].plot([100 * share for share in recovery[way]], color=colour, linewidth=2, label=way)
    plot_fit(panels[1], net, X, y, colour, way)
panels[0].set(xlabel="step", ylabel="right (%)", ylim=(0, 102))
figure.legend(handles=panels[0].lines, loc="outside upper center", ncols=3)
panels[1].set_title("what they say after 80 steps")
plt.show()

# %% [markdown]
# The linear unit is fast, because its loss is a plain bowl, but you have seen what giants do to it. The sigmoid with
# squared error has hardly moved: its gradient is nearly 0. The sigmoid with cross-entropy has the largest gradient
# where it is most wrong, and gets there.
#
# Watch it yourself. The page starts as the second of the three did: sigmoid, squared error, $w = -10$. Press play and
# wait. Then choose *sigmoid · cross-entropy* as the output, and play again.

# %%
nn.playground(nn.MLP(1, [1], output="sigmoid", init=lambda: -10.0), X, y, loss="mse", optimizer="sgd", lr=0.3)

# %% [markdown]
# ## 5.4 One of several classes
#
# One output for each class, and **softmax** to turn their $z$ into probabilities:
#
# $$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
#
# The exponential makes all of them positive, and the division makes their sum 1. (The slides only name this task; the
# section is an addition of ours.)
#
# **Predict.** The scores are z = (2, 0.5, −1). What happens to the probabilities if all three grow by 10? And if all
# are doubled?

# %%
scores = [2.0, 0.5, -1.0]
changed = {
    "as they are": scores,
    "each 10 more": [z + 10 for z in scores],
    "doubled": [2 * z for z in scores],
    "a tenth": [z / 10 for z in scores],
}
for how, zs in changed.items():
    print(f"{how:13} z = {zs!s:21} p = {', '.join(f'{p:.3f}' for p in ag.softmax(zs))}")

# %% [markdown]
# Ten more for each changes nothing: **only differences count**, because $p_1 / p_2 = e^{z_1 - z_2}$. Larger differences
# make it surer; all z alike give equal shares. It is a soft way to say which one is the *max*imum, hence the name.
#
# With two classes, softmax is the sigmoid: divide both parts of the fraction by $e^{z_1}$, and
# $p_1 = 1 / (1 + e^{-(z_1 - z_2)}) = \sigma(z_1 - z_2)$. So the table of section 5.1 has one idea for both tasks.

# %%
print(f"softmax(2, 0.5): {ag.softmax([2.0, 0.5])[0]:.6f}    σ(2 − 0.5): {ag.sigmoid(1.5):.6f}")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
across = [i / 10 for i in range(-60, 61)]
rows_of_p = [ag.softmax([z, 0.5, -1.0]) for z in across]
for i, colour in enumerate(("C0", "C1", "C2")):
    ax.plot(across, [p[i] for p in rows_of_p], color=colour, linewidth=2, label=f"p{'₁₂₃'[i]}")
ax.set(xlabel="z₁, with z₂ = 0.5 and z₃ = −1", ylabel="probability")
ax.legend()
plt.show()

# %% [markdown]
# $p_1$ over $z_1$ is a sigmoid. The other two go down with each other, in their fixed ratio. So **each output depends
# on each score**, and there are nine local derivatives: $p_i\,(1 - p_i)$ by the own score (as for the sigmoid),
# $-p_i\,p_j$ by another one:

# %%
zs = [Value(z, label=f"z{i}") for i, z in enumerate(scores, start=1)]
for row in ag.jacobian(ag.softmax(zs), zs):
    print("   ".join(f"{slope:+.3f}" for slope in row), f"   sum {abs(sum(row)):.3f}")

# %% [markdown]
# Each row adds up to 0, because a change that is the same for all scores changes nothing. And a softmax saturates, as
# a sigmoid does: if one p is near 1, all nine are near 0. Here, too, the logarithm in the cost undoes it. The cost is
# $-\log p$ of the true class, and the gradient is the plain error again, unit by unit:
#
# $$\frac{\partial C}{\partial z_i} = p_i - y_i$$
#
# where $y_i$ is 1 for the true class and 0 for the others.

# %%
# L43: several classes: softmax + cross-entropy, ∂C/∂z_i = p_i − y_i
logits = [Value(2.0, label="z1"), Value(0.5, label="z2"), Value(-1.0, label="z3")]
probabilities = [p.data for p in ag.softmax(logits)]
truth = 1  # the second class; code counts from 0
cost = nn.cross_entropy(logits, truth)
cost.backward()

for i, (z, p) in enumerate(zip(logits, probabilities, strict=True)):
    print(f"z = {z.data:4.1f}   p = {p:.4f}   y = {int(i == truth)}   ∂C/∂z = {z.grad:+.4f}")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
places = range(3)
ax.bar([i - 0.25 for i in places], probabilities, 0.25, label="p, what the net says")
ax.bar(places, [float(i == truth) for i in places], 0.25, color="lightgrey", label="y, the truth")
ax.bar([i + 0.25 for i in places], [z.grad for z in logits], 0.25, color="C1", label="∂C/∂z = p − y")
ax.axhline(0, color="black", linewidth=0.8)
ax.set(xticks=places, xticklabels=["class 1", "class 2", "class 3"])
ax.legend(fontsize=8)
plt.show()

# %% [markdown]
# A step goes against the orange bars: down with classes 1 and 3, up with class 2. And the three bars sum to 0: what
# one class gains, the others lose.
#
# Take hold of the scores: drag $z_2$ up until the net is sure and right. What becomes of the three gradients? And when
# it is sure and wrong?

# %%
cost.label = "C"
ag.explore(cost, wrt=logits[1])

# %% [markdown]
# Your turn, with logits made for working by hand: $e^{z}$ is 1, 2 and 5. The true class is the second.

# %%
logits = [Value(math.log(n), label=f"z{i}") for i, n in enumerate((1, 2, 5), start=1)]
cost = nn.cross_entropy(logits, 1)
cost.label = "C"
print(f"C = {cost.data:.4f}")

# %% [markdown]
# ### Exercise 5.4 Three classes
#
# Find the three derivatives, and answer with `{"z1": ..., "z2": ..., "z3": ...}`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("5.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The exponentials sum to 8, so p = (1/8, 2/8, 5/8). Take 1 off the second.
#
# ```python
# answer = {"z1": 1 / 8, "z2": 2 / 8 - 1, "z3": 5 / 8}
# ```
# </details>

# %% [markdown]
# ### Three irises
#
# All 150 flowers, all three species. For a picture we use two measurements, the length and the width of the petals.

# %%
petals = [[row[2] - 3.8, row[3] - 1.2] for row in rows]  # roughly centred
net = nn.MLP(2, [8, 3], output="softmax", init="he", bias=0.1, seed=0)
history = nn.fit(net, petals, species, epochs=120, lr=0.05, progress=False)
print(f"{history.loss_name}: {history.accuracy[-1]:.0%} right")

# %% tags=["plot"]
ax = nn.plot_boundary(net, petals, species)
ax.set(title="which species?", xlabel="petal length − 3.8 cm", ylabel="petal width − 1.2 cm")
plt.show()

# %%
unsure = min(petals, key=lambda x: max(p.data for p in net(x)))
print(f"The flower about which the net is least sure, {unsure[0] + 3.8:.1f} by {unsure[1] + 1.2:.1f} cm:")
for kind, p in zip(datasets.IRIS_CLASSES, net(unsure), strict=True):
    print(f"  {kind:10} {p.data:.0%}")

# %% [markdown]
# A useful answer: not only a name, but how sure the net is of it.
#
# In [notebook 6](06_train_a_net.ipynb) we put everything together, and train a net from nothing.
