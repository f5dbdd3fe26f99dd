# %% [markdown]
# # 4 · Hidden units: what passes through
#
# A hidden unit does two things: it adds up its inputs, $z = w_1 x_1 + \dots + w_n x_n + b$, and it bends the sum,
# $a = g(z)$. In the earlier notebooks $g$ was whatever made the formulas short. Here it is the subject.
#
# One sentence to keep in mind throughout: **on its way back, a gradient is multiplied by $g'(z)$ at every unit
# that it crosses.** If $g'(z)$ is nearly 0 there, the unit learns nearly nothing, and neither does anything before
# it.
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (L22, L23, … in the comments count the statements of the lecture, as in notebook 1a. Without matplotlib, which
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
# ## 4.1 Firing
#
# Take one unit with two inputs that are 0 or 1, both weights 10, and $b = -15$.
#
# **Predict.** For which of the four inputs is its output above one half?

# %%
# L22: a unit fires when its weighted sum is large enough
corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
net = nn.MLP(2, [1], output="sigmoid", init=lambda: 10.0, bias=-15.0)
for x in corners:
    z = net.logits(x).data
    print(f"x = {x}   10·x₁ + 10·x₂ = {z + 15:2.0f}   z = {z:3.0f}   a = {net(x).data:.4f}")

# %% [markdown]
# Only for (1, 1): the weighted sum has to be larger than 15, which is what $b = -15$ says. This unit computes *x₁ and
# x₂*. The bar is −b. With $b = -5$ it is lower, and the same weights compute *or*; with $b = 5$ it lies below 0, and
# the unit always fires.


# %% tags=["plot"]
def boundary(net, X, y, ax, title):
    """Draw what the net answers over the plane, with the points on it."""
    nn.plot_boundary(net, X, y, ax=ax)  # 0 is blue, 1 is red, undecided is white
    ax.set_title(title)
    ax.label_outer()


figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), sharey=True, layout="constrained")
for ax, bias in zip(panels, (-15.0, -5.0, 5.0), strict=True):
    net.layers[0].neurons[0].b.data = bias
    fires = [int(net(x).data > 0.5) for x in corners]
    boundary(net, corners, fires, ax, f"b = {bias:+.0f}: fires in {sum(fires)} of 4 corners")
plt.show()

# %% [markdown]
# ## 4.2 What a gradient meets on its way back
#
# The smallest net that shows it: one unit with a weight $w_1$, and a weight $w_2$ after it.
#
# $$z = w_1 x + b, \qquad a = g(z), \qquad f = w_2\,a$$


# %%
def linear(z):
    return 1.0 * z


UNITS = {"linear": linear, "sigmoid": ag.sigmoid, "ReLU": ag.relu, "leaky ReLU": ag.leaky_relu}


def small_net(g):
    """Return f and, on the way to it, a, z and the first weight."""
    x = Value(2.0, label="x", kind="input")
    w1, b, w2 = (Value(v, label=n, kind="parameter") for v, n in ((-1.5, "w1"), (1.0, "b"), (3.0, "w2")))
    z = ag.dot([w1], [x], bias=b)
    z.label = "z"
    a = g(z)
    a.label = "a"
    f = w2 * a
    f.label = "f"
    return f, a, z, w1


f, a, z, w1 = small_net(ag.sigmoid)
f.backward()
ag.explore(f, wrt=w1)

# %% [markdown]
# Drag $w_1$ from one end to the other. z runs along the sigmoid; where the curve of f is flat, the arrow from a to z
# carries a number near 0, and all that lies before it goes pale.

# %%
ag.explain(f, wrt=w1)

# %% [markdown]
# Between $w_2$, which comes from the layers after, and $x$, which comes from the layers before, stands one factor
# that belongs to the unit itself: $g'(z)$.
#
# **Predict.** Here $z = -2$. Keep all numbers and exchange only $g$: for which unit is ∂f/∂w₁ largest, for which
# exactly 0? (ReLU is max{0, z}; *leaky ReLU* is the same with a slope of 0.01 left of 0.)

# %%
# L23: ∂f/∂w₁ contains g'(z): the activation decides what passes
for name, g in UNITS.items():
    f, a, z, w1 = small_net(g)
    f.backward()
    slope = ag.grad(a, z)
    print(f"{name:10}  g'({z.data:g}) = {slope:<6.3g}  w₂ g'(z) x = {3.0 * slope * 2.0:<6.3g}  ∂f/∂w₁ = {w1.grad:.3g}")

# %% [markdown]
# Same data, same weights, same task, and four different gradients for $w_1$: the linear unit lets all of it pass, the
# sigmoid a tenth, the leaky ReLU a hundredth, and the ReLU nothing at all.
#
# ## 4.3 Four shapes, four slopes
#
# Each curve below is a unit's output (blue), and its derivative (orange), both computed by the engine.


# %%
def curve(g, zs):
    """Return g and its derivative at every z."""
    inputs = [Value(z) for z in zs]
    outputs = [g(z) for z in inputs]
    return [a.data for a in outputs], [ag.grad(a, z) for a, z in zip(outputs, inputs, strict=True)]


zs = [i / 20 for i in range(-120, 121)]

# %% tags=["plot"]
figure, panels = plt.subplots(1, 4, figsize=(8.6, 2.4), sharey=True, layout="constrained")
for ax, (name, g) in zip(panels, UNITS.items(), strict=True):
    heights, slopes = curve(g, zs)
    ax.plot(zs, heights, color="C0", linewidth=2, label="g(z)")
    ax.plot(zs, slopes, color="C1", linestyle="--", linewidth=2, label="g'(z)")
    ax.set(title=name, xlabel="z", ylim=(-1.2, 2.2))
    ax.axhline(0, color="lightgrey", zorder=0)
panels[1].legend(loc="upper left")
plt.show()

# %% [markdown]
# ## 4.4 Linear units: healthy and useless

# %%
# L25: a linear unit's derivative is 1 everywhere
heights, slopes = curve(linear, zs)
print("all the slopes that were found:", set(slopes))

# %% [markdown]
# Nothing is lost on the way back: as healthy as it gets. Then why not build everything of linear units?
#
# **Predict.** Two linear units in a row: $a = 2x + 1$ and then $f = 3a - 4$. What curve is $f$ as a function of $x$?

# %% [markdown]
# ### Exercise 4.1 Two units in a row
#
# Write the net of the prediction as a single linear unit, $f = w x + b$. Answer with the pair `(w, b)`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("4.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Put the first into the second: $f = 3(2x + 1) - 4 = 6x + 3 - 4 = 6x - 1$.
#
# ```python
# answer = (6, -1)
# ```
# </details>

# %% [markdown]
# It is the same with any number of units and layers. Here is a net with 105 parameters, all of its units linear.
# Three numbers, read off at three points, say everything that it can say.

# %%
# L26: layers of linear units compose to one linear function
deep = nn.MLP(2, [8, 8, 1], activation="linear", seed=0)
b = deep([0, 0]).data
w1, w2 = deep([1, 0]).data - b, deep([0, 1]).data - b
print(f"{len(deep.parameters())} parameters, and yet f(x) = {w1:.3f}·x₁ {w2:+.3f}·x₂ {b:+.3f} everywhere")

circles, ring = datasets.circles(80, noise=0.08, seed=0)
off = max(abs(deep([x1, x2]).data - (w1 * x1 + w2 * x2 + b)) for x1, x2 in circles)
print(f"on {len(circles)} points the two differ by {off:.0e} at most")

# %% [markdown]
# So its *decision boundary*, the line on which it is undecided, is straight, however long we train. The same net with
# ReLU in its hidden layers can bend it. (`init="he"`, *He's initialisation*, draws the first weights just large enough
# that ReLU layers neither blow up nor shrink what passes. An *epoch* is one round through all the data. *Loss* is
# another word for the cost.)

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
for ax, activation in zip(panels, ("linear", "relu"), strict=True):
    net = nn.MLP(2, [8, 8, 1], activation=activation, output="sigmoid", init="he", seed=0)
    history = nn.fit(net, circles, ring, epochs=60, lr=0.05, progress=False)
    boundary(net, circles, ring, ax, f"hidden units {activation}: {history.accuracy[-1]:.0%} right")
plt.show()

# %% [markdown]
# This is what hidden units are for: without a bend, depth buys nothing.
#
# ## 4.5 The sigmoid
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# **A slip of the slides.** They say that the sigmoid comes "very close to 1 or −1". Those are the limits of tanh. The
# sigmoid's are 1 and **0**:

# %%
# L27: the sigmoid's limits are 1 and 0 (those of tanh are 1 and -1)
for z in (-20.0, -5.0, 0.0, 5.0, 20.0):
    print(f"z = {z:3.0f}   σ(z) = {ag.sigmoid(z):.9f}   tanh(z) = {ag.tanh(z):+.9f}")

# %% [markdown]
# Its derivative needs no new exponential; the unit's own output is enough: $\sigma' = \sigma\,(1 - \sigma)$. As a
# curve over $\sigma$ that is a parabola with its top in the middle, at $\tfrac12 \cdot \tfrac12 = \tfrac14$.

# %%
# L28: σ' = σ(1 − σ), never more than 1/4
heights, slopes = curve(ag.sigmoid, zs)
print(f"the largest slope is {max(slopes)}, at z = {zs[slopes.index(max(slopes))]:g}")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(4.5, 2.8), layout="constrained")
ax.plot(heights, slopes, color="C1", linewidth=2)
ax.plot([0.5], [0.25], "o", color="black")
ax.annotate("z = 0", (0.5, 0.25), (0.55, 0.253))
ax.set(xlabel="σ(z), the output", ylabel="σ'(z), what passes back", ylim=(0, 0.28))
plt.show()

# %% [markdown]
# Believe no formula, neither a slide's nor ours: compare it with plain differences:

# %%
ag.check_gradients(ag.sigmoid, [Value(-2.0, label="z")])

# %% [markdown]
# Now you. Here is a sigmoid unit, without its derivatives:

# %%
x = Value(-1.0, label="x", kind="input")
w, b = Value(2.0, label="w", kind="parameter"), Value(2.0, label="b", kind="parameter")
z = w * x + b
z.label = "z"
a = ag.sigmoid(z)
a.label = "a"
ag.draw(a, partials=False)

# %% [markdown]
# ### Exercise 4.2 Through a sigmoid
#
# Find ∂a/∂w and ∂a/∂b by hand, and answer with `{"w": ..., "b": ...}`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("4.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# $z = 2 \cdot (-1) + 2 = 0$, so $\sigma'(z) = \tfrac12 (1 - \tfrac12) = 0.25$. The last factor is
# $\partial z / \partial w = x = -1$ for $w$, and $\partial z / \partial b = 1$ for $b$.
#
# ```python
# answer = {"w": -0.25, "b": 0.25}
# ```
# </details>

# %% [markdown]
# ### Saturation
#
# Far from 0 the curve is flat. A unit there is *saturated*: its output is nearly 0 or nearly 1, and the gradient that
# comes from the next layers is multiplied by almost nothing.
#
# **Predict.** σ'(0) is 0.25. About how much is σ'(10)?

# %%
# L29: saturation: far from 0, σ' is nearly 0
for z in (0.0, 2.0, 5.0, 10.0, -10.0):
    slope = curve(ag.sigmoid, [z])[1][0]
    print(f"σ'({z:3.0f}) = {slope:.6f}   {slope / 0.25:8.3%} of the most that can pass")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
wide = [i / 10 for i in range(-120, 121)]
heights, slopes = curve(ag.sigmoid, wide)
ax.plot(wide, heights, linewidth=2, label="σ(z)")
ax.plot(wide, slopes, "--", linewidth=2, label="σ'(z)")
ax.axvspan(-12, -6, color="lightgrey", alpha=0.5, label="saturated: under 1 % of the most passes")
ax.axvspan(6, 12, color="lightgrey", alpha=0.5)
ax.set(xlabel="z")
ax.legend(loc="upper left", fontsize="small")
plt.show()

# %% [markdown]
# ## 4.6 Ten layers
#
# One flat spot is a nuisance. Ten layers multiply ten slopes.

# %% [markdown]
# ### Exercise 4.3 How deep?
#
# A chain of sigmoid units, each with weight 1. Even if every unit sits at its best spot, z = 0, how many layers
# does it take until **less than one millionth** of the gradient is left? Answer with a whole number.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("4.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Each layer lets at most σ'(0) = 1/4 pass. $0.25^9 = 3.8 \cdot 10^{-6}$ is still too much,
# $0.25^{10} = 9.5 \cdot 10^{-7}$ is below one millionth.
#
# ```python
# answer = 10
# ```
# </details>

# %% [markdown]
# Now let the engine do it. Ten units in a row, all weights 1, all biases 0; how much of ∂f/∂a⁽¹⁰⁾ = 1 is left at the
# input?

# %%
# L30: a ReLU passes everything where it is active: ten factors of 1
left_over = {}
for name, g in UNITS.items():
    a = Value(-1.0 if name == "leaky ReLU" else 1.0)  # the leaky unit on its bad side
    chain = [a]
    for _ in range(10):
        a = g(a)
        chain.append(a)
    a.backward()
    left_over[name] = [node.grad for node in chain]
    print(f"{name:10}  {left_over[name][0]:.2g} of 1 arrives at the input")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for name, gradients in left_over.items():
    style = "--" if name == "ReLU" else "-"
    ax.plot(range(11), gradients, style, marker="o", label=name + (", z < 0" if name == "leaky ReLU" else ""))
ax.set(yscale="log", xlabel="layer (0 is the input)", ylabel="∂f/∂a⁽ˡ⁾", xticks=range(11))
ax.legend()
plt.show()

# %% [markdown]
# Linear and ReLU lie on top of each other at 1. The leaky line is that unit's worst case, z < 0 in all ten layers;
# where z > 0 it, too, would stay at 1.
#
# ### And in a real net
#
# Two nets for the same data, ten hidden layers of eight units each: one with sigmoid units, one with ReLU. Each starts
# with the initialisation that is made for its units (`"xavier"`, *Xavier's initialisation*, does for sigmoid what
# `"he"` does for ReLU). We train both for 30 steps, and ask by what share of its size each layer's weights have moved.
#
# **Predict.** Which bars of the sigmoid net will you be able to see?


# %%
def weights(net):
    """Return the numbers of each layer's weights."""
    return [[w.data for unit in layer.neurons for w in unit.w] for layer in net.layers]


def moved(net, X, y):
    """Train a little; return how far each layer's weights moved, as a share of their size."""
    before = weights(net)
    nn.fit(net, X, y, optimizer="sgd", lr=0.1, epochs=30, progress=False)
    return [math.dist(now, then) / math.hypot(*then) for now, then in zip(weights(net), before, strict=True)]


X, y = datasets.moons(60, noise=0.1, seed=0)
sigmoids = nn.MLP(2, [8] * 10 + [1], activation="sigmoid", output="sigmoid", init="xavier", seed=1)
relus = nn.MLP(2, [8] * 10 + [1], activation="relu", output="sigmoid", init="he", seed=1)

# %%
# L24: vanishing gradients: the far layers of the sigmoid net hardly move
shares = {"sigmoid": moved(sigmoids, X, y), "ReLU": moved(relus, X, y)}
for name, share in shares.items():
    print(f"{name:8} first layer moved by {share[0]:.2g} of its size, last layer by {share[-1]:.2g}")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 2.8), sharey=True, layout="constrained")
for ax, (name, share) in zip(panels, shares.items(), strict=True):
    ax.bar(range(1, 12), [100 * s for s in share], color="C0" if name == "sigmoid" else "C2")
    ax.set(title=name, xlabel="layer", xticks=range(1, 12))
panels[0].set_ylabel("moved by (%)")
plt.show()

# %% [markdown]
# The sigmoid net trains its last layers only. Those before them stay as random as they started. (`nn.diagnose`, in
# notebook 6, finds this in any net.)
#
# ## 4.7 ReLU
#
# $$\mathrm{ReLU}(z) = \max\{0, z\}$$
#
# Where it is active, its slope is exactly 1: no tenth power hurts. The price is on the other side.

# %%
# L31: a dead ReLU: where z < 0 nothing passes (at 0 we take 0)
f, a, z, w1 = small_net(ag.relu)
f.backward()
ag.draw(f)

# %% [markdown]
# Look at $w_1$: its gradient *has been* computed, and is 0. If this example were all the data, no step would ever
# move $w_1$ or $b$ again, and the unit would stay at 0 for ever: **dead**. With many examples, a unit is dead if $z
# \le 0$ for all of them.
#
# Let us kill all eight units of a net with biases of −5, and try to train it anyway.


# %%
def silent(net, X):
    """Count the units of the first layer that are positive on no example."""
    with ag.no_grad():
        return sum(all(unit(x).data <= 0 for x in X) for unit in net.layers[0].neurons)


def start(activation, bias):
    """Return a net with these hidden biases; its weights are always the same."""
    net = nn.MLP(2, [8, 1], activation=activation, output="sigmoid", init="he", seed=0)
    for unit in net.layers[0].neurons:
        unit.b.data = bias
    return net


dead = start("relu", -5.0)
before = silent(dead, X)
deadly = nn.fit(dead, X, y, epochs=150, lr=0.1, progress=False)
print(f"dead units before: {before} of 8, after 150 epochs: {silent(dead, X)} of 8, loss {deadly.loss[-1]:.3f}")

# %% [markdown]
# ### Cure 1: small positive biases
#
# Start the biases of ReLU units slightly above 0, so that they are active at first for most examples.

# %%
# L32: cure: small positive biases
biased = start("relu", 0.1)
before = silent(biased, X)
cured_by_bias = nn.fit(biased, X, y, epochs=150, lr=0.1, progress=False)
print(f"dead before: {before} of 8, after: {silent(biased, X)} of 8, loss {cured_by_bias.loss[-1]:.3f}")

# %% [markdown]
# ### Cure 2: leaky ReLU
#
# Leave a small slope on the left: $\max\{\alpha z, z\}$ with $0 \le \alpha < 1$, usually 0.01. We start from **the
# same bad biases of −5**; now a gradient arrives, and training can bring the units back.

# %%
# L33: cure: leaky ReLU, max{αz, z}
print(f"leaky ReLU of −3 is {ag.leaky_relu(-3.0):g}, of 3 it is {ag.leaky_relu(3.0):g}")

leaky = start("leaky_relu", -5.0)
before = silent(leaky, X)
cured_by_leak = nn.fit(leaky, X, y, epochs=150, lr=0.1, progress=False)
print(f"never positive before: {before} of 8, after: {silent(leaky, X)} of 8, loss {cured_by_leak.loss[-1]:.3f}")

# %% tags=["plot"]
trained = {
    "dead: biases −5": (dead, deadly),
    "cure 1: biases +0.1": (biased, cured_by_bias),
    "cure 2: leaky, biases −5": (leaky, cured_by_leak),
}
figure, ax = plt.subplots(figsize=(7, 2.8), layout="constrained")
for name, (_, history) in trained.items():
    ax.plot(history.loss, linewidth=2, label=name)
ax.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.9))
ax.legend()
plt.show()

# %% tags=["plot"]
figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.8), sharey=True, layout="constrained")
for ax, (name, (net, _)) in zip(panels, trained.items(), strict=True):
    boundary(net, X, y, ax, name)
plt.show()

# %% [markdown]
# The dead net stays at log 2 ≈ 0.693: so much does the cost for yes or no (notebook 5) charge for an answer that is
# always one half. Its plane is white: undecided everywhere. The two cures learn; the leaky net more slowly, because it
# had a long way back.
#
# Here is the dead net on a page that trains by itself. Press play: neither the map nor the loss moves, and the
# gradient beside each weight (∂, in violet) is 0. Now choose *leaky ReLU* above the hidden units, or set some
# biases by hand, and play again.

# %%
nn.playground(start("relu", -5.0), X, y, lr=0.1)

# %% [markdown]
# Biases of −5 were our doing. But units die without help, too: when the inputs are all positive, like the brightness of
# pixels, a ReLU whose weights both start negative is dead from the start.

# %%
rng = random.Random(0)
pixels = [[rng.random(), rng.random()] for _ in range(40)]
biases = (0.0, 0.1, 0.2, 0.3)
born_dead = []
for bias in biases:
    nets = [nn.MLP(2, [8, 1], init="he", bias=bias, seed=seed) for seed in range(50)]
    born_dead.append(sum(silent(net, pixels) for net in nets) / 400)
    print(f"bias {bias}: {born_dead[-1]:.0%} of 400 units dead from the start")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(5, 2.6), layout="constrained")
bars = ax.bar([f"{b:g}" for b in biases], [100 * share for share in born_dead], color="C3")
ax.bar_label(bars, fmt="%.0f %%")
ax.set(
    xlabel="bias at the start",
    ylabel="dead from the start (%)",
    title="400 ReLU units, two positive inputs",
    ylim=(0, 35),
)
plt.show()

# %% [markdown]
# With bias 0 about a quarter: each of the two weights is negative with probability one half, so both are with
# probability one quarter. (A few more are dead because a weight that is only slightly positive does not make up for one
# that is strongly negative.) A larger bias leaves fewer of them dead.

# %% [markdown]
# ### Exercise 4.4 Back to life
#
# A ReLU unit with one input and $w = -1$ sees three examples, x = 1, 2 and 4. With $b = 0$ it is dead. Choose a bias
# for which it is active for **exactly two** of the three.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("4.4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# $z = -x + b > 0$ means $x < b$. Two of the three inputs lie below $b$ for every $2 < b \le 4$.
#
# ```python
# answer = 3
# ```
# </details>

# %% [markdown]
# ## 4.8 Which one, then?
#
# One task, four hidden layers of six units, four kinds of unit. **Predict** the order in which they finish.

# %%
# L34: ReLU as the default
finish = {}
for activation, init in {"linear": "xavier", "sigmoid": "xavier", "relu": "he", "leaky_relu": "he"}.items():
    net = nn.MLP(2, [6] * 4 + [1], activation=activation, output="sigmoid", init=init, seed=0)
    finish[activation] = nn.fit(net, X, y, epochs=80, lr=0.03, progress=False)
    print(f"{activation:10}  loss {finish[activation].loss[-1]:.3f}, {finish[activation].accuracy[-1]:.0%} right")


# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for activation, history in finish.items():
    ax.plot(history.loss, linewidth=2, label=activation)
ax.set(xlabel="epoch", ylabel="loss")
ax.legend()
plt.show()

# %% [markdown]
# | unit | good | bad |
# |---|---|---|
# | linear | g' = 1 everywhere | many layers can do no more than one |
# | sigmoid | smooth; an output that reads as a probability | saturates; at most a quarter passes, layer by layer |
# | ReLU | g' = 1 where active; cheap; bends | dead where z < 0 |
# | leaky ReLU | never quite dead | passes little where z < 0, one more number to choose |
#
# Both kinds of ReLU get every point right. Which of the two ends lower depends on the random start: here it is the
# leaky one, with other seeds the plain one.
#
# **ReLU is the default for hidden units**, with He's initialisation and small positive biases. Should units die
# nevertheless, try the leaky one. The sigmoid keeps its place at the *output*, for questions of yes or no, and that is
# [notebook 5](05_output_units.ipynb).
