# %% [markdown]
# # 6 · Train a net
#
# Everything is at hand: units, gradients, output units and losses. In this notebook a small net goes from nothing to
# trained, first by hand, then with `nn.fit`; we look at it while it learns, and find out why when it does not.
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (Without matplotlib, which `pip install ".[plot]"` brings, skip the cells that mention `plt`; everything else runs.)

# %%
import tempfile
from pathlib import Path

import autograd_lite as ag
from autograd_lite import Value, datasets, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": "medium"})

# %% [markdown]
# ## 6.1 Data, net, loss
#
# Sixty points in two half moons. Which moon does a point belong to? A question of yes or no, so the output is **one
# sigmoid unit**, and the loss is **cross-entropy**. No straight line separates the moons, so there are hidden units,
# and those are **ReLU**, here with He's initialisation and small positive biases (notebook 4).

# %%
X, y = datasets.moons(60, noise=0.1, seed=0)
net = nn.MLP(2, [8, 8, 1], activation="relu", output="sigmoid", init="he", bias=0.1, seed=3)
net.summary()

# %% [markdown]
# What the net does with a single point, one card for each unit (the graph behind it has a node for every number):

# %%
f = net(X[0])
f.label = "f"
ag.draw(f, fold="neuron")

# %% [markdown]
# ### Exercise 6.1 Count the parameters
#
# How many parameters has a net with 3 inputs, a hidden layer of 5 units and 2 outputs? (Count before you let the
# library count.)

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("6.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Five units with 3 weights and a bias, two with 5 weights and a bias:
#
# ```python
# answer = 5 * (3 + 1) + 2 * (5 + 1)
# ```
# </details>

# %% [markdown]
# ## 6.2 One step by hand
#
# Forward: compute the cost of all examples. Backward: the gradient. Then move every parameter a little, downhill:
#
# $$w \leftarrow w - \eta\,\frac{\partial C}{\partial w}$$
#
# $\eta$ is the *learning rate*. As in notebook 3, the promised change of $C$ is the derivative times the change, for
# each parameter: $\frac{\partial C}{\partial w} \cdot \big(-\eta \frac{\partial C}{\partial w}\big)$. Added up over
# all parameters that is $-\eta \sum (\partial C/\partial w)^2$.
#
# **Predict.** Will the cost fall by what the gradient promises, by more, or by less?


# %%
def cost_of(net):
    return nn.binary_cross_entropy_with_logits([net.logits(x) for x in X], y)


rate = 0.02
before = cost_of(net)
before.backward()
promised = -rate * sum(p.grad**2 for p in net.parameters())
for p in net.parameters():
    p.data -= rate * p.grad
after = cost_of(net)
print(f"cost {before.data:.5f} → {after.data:.5f}")
print(f"changed by {after.data - before.data:+.5f}, promised {promised:+.5f}")

# %% [markdown]
# Nearly what it promised, and a little less: the promise is exact only for vanishing steps, and this one was small.
#
# ### Many steps
#
# Do it again and again, and that is training. The parameters are *leaves* of the graph: values that were not computed
# from others. A backward pass *adds* to the gradients of the leaves, so `zero_grad` sets them back to 0 first. Without
# it, each step would follow the sum of all gradients so far.

# %%
by_hand = nn.MLP(2, [8, 8, 1], output="sigmoid", init="he", bias=0.1, seed=3)
for _ in range(20):
    by_hand.zero_grad()
    cost_of(by_hand).backward()
    for p in by_hand.parameters():
        p.data -= 0.3 * p.grad

by_fit = nn.MLP(2, [8, 8, 1], output="sigmoid", init="he", bias=0.1, seed=3)
nn.fit(by_fit, X, y, optimizer="sgd", lr=0.3, epochs=20, progress=False)

off = max(abs(p.data - q.data) for p, q in zip(by_hand.parameters(), by_fit.parameters(), strict=True))
same = "the same" if off < 1e-9 else "other"
print(f"nn.fit comes to {same} {len(by_fit.parameters())} numbers")

# %% [markdown]
# ### Exercise 6.2 One step
#
# A weight is 2, the cost's derivative by it is −0.5, and the rate is 0.1. What is the weight after one step of
# gradient descent?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("6.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# $w - \eta\,\partial C/\partial w = 2 - 0.1 \cdot (-0.5)$
#
# ```python
# answer = 2.05
# ```
# </details>

# %% [markdown]
# ## 6.3 Watch it learn
#
# Now with *Adam*, which `nn.fit` takes by default (section 6.5 says why). An epoch is one round through all the data.
# We stop after some epochs and look at the plane: how sure is the net, and of what? On the black line its answer is
# one half.
#
# **Predict.** What does the first frame look like, before any training? Which part of the moons will be right last?

# %%
net = nn.MLP(2, [8, 8, 1], output="sigmoid", init="he", bias=0.1, seed=3)
adam = nn.Adam(net.parameters(), lr=0.02)
frames, losses = {}, []
for epochs in (0, 5, 15, 40, 90):
    losses += nn.fit(net, X, y, optimizer=adam, epochs=epochs, progress=False).loss
    right = sum((net(x).data > 0.5) == (target == 1) for x, target in zip(X, y, strict=True))
    frames[len(losses)] = net.state_dict()
    print(f"after {len(losses):3} epochs: {right} of {len(X)} right")


# %% tags=["plot"]
def boundary(net, X, y, ax, title):
    """Draw what the net answers over the plane, with the points on it."""
    nn.plot_boundary(net, X, y, ax=ax)  # 0 is blue, 1 is red, undecided is white
    ax.set_title(title)
    ax.label_outer()


figure, panels = plt.subplots(2, 3, figsize=(8.6, 5), layout="constrained")
for ax, (epoch, state) in zip(panels.flat, frames.items(), strict=False):
    net.load_state_dict(state)
    boundary(net, X, y, ax, f"after {epoch} epochs")
panels[1, 2].plot(range(1, len(losses) + 1), losses, linewidth=2)
for epoch in frames:
    panels[1, 2].axvline(epoch, color="lightgrey", zorder=0)
panels[1, 2].set(title="the cost", xlabel="epoch")
plt.show()

# %% [markdown]
# First a guess, then something like a straight line, then it bends. The tips, where one moon reaches into the other,
# come last.
#
# ## 6.4 The learning rate
#
# **Predict.** Plain gradient descent from the same start, at four rates: 0.003, 0.1, 1 and 30. Which curve will be
# flat, which one the best, and what happens at 30?

# %%
descents = {}
for rate in (0.003, 0.1, 1.0, 30.0):
    trial = nn.MLP(2, [8, 8, 1], output="sigmoid", init="he", bias=0.1, seed=3)
    descents[rate] = nn.fit(trial, X, y, optimizer="sgd", lr=rate, epochs=60, progress=False).loss
    first, *_, last = descents[rate]
    print(f"rate {rate:<5g}  cost {first:.2f} → {f'{last:.2f}' if last < first else 'higher'}")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for rate, costs in descents.items():
    ax.plot(costs, linewidth=2, label=f"rate {rate:g}")
ax.set(xlabel="step", ylabel="cost", ylim=(0, 5))
ax.legend()
plt.show()

# %% [markdown]
# With too small a rate it takes very long. With too large a rate the steps jump over the valley: the cost leaves the
# picture at once, and ends higher than it started.
#
# ## 6.5 Why Adam?
#
# One rate for all parameters is a compromise. Here is the simplest landscape in which it hurts: a valley that is steep
# across ($w_2$) and nearly flat along ($w_1$). The bottom is at (0, 0).
#
# $$C = \tfrac12 w_1^2 + \tfrac{25}{2} w_2^2, \qquad \nabla C = (w_1,\ 25\,w_2)$$
#
# **Predict.** Gradient descent multiplies $w_2$ by 1 − 25 η in each step, and $w_1$ by 1 − η. From which rate on does
# $w_2$ explode? How long does $w_1$ take at such a rate?


# %%
def descend(optimizer_of, steps=40):
    """Go down the valley; return all places on the way."""
    w1, w2 = Value(-8.0, label="w1"), Value(1.5, label="w2")
    optimizer = optimizer_of([w1, w2])
    way = [(w1.data, w2.data)]
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * w1**2 + 12.5 * w2**2).backward()
        optimizer.step()
        way.append((w1.data, w2.data))
    return way


ways = {
    "gradient descent, rate 0.07": descend(lambda w: nn.SGD(w, lr=0.07)),
    "with momentum 0.8, rate 0.03": descend(lambda w: nn.SGD(w, lr=0.03, momentum=0.8)),
    "Adam, rate 0.5": descend(lambda w: nn.Adam(w, lr=0.5)),
}
for name, way in ways.items():
    print(f"{name:29} after 10 steps at ({way[10][0]:+.2f}, {way[10][1]:+.2f})")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 3, figsize=(8.6, 2.4), sharey=True, layout="constrained")
grid = [[0.5 * (x / 10) ** 2 + 12.5 * (y / 20) ** 2 for x in range(-90, 31)] for y in range(-40, 41)]
for ax, (name, way) in zip(panels, ways.items(), strict=True):
    ax.contour([x / 10 for x in range(-90, 31)], [y / 20 for y in range(-40, 41)], grid, levels=8, colors="lightgrey")
    ax.plot(*zip(*way, strict=True), "o-", markersize=3, linewidth=1)
    ax.plot([0], [0], "k+")
    ax.set_title(name, fontsize="small")
    ax.set_xlabel("w₁")
panels[0].set_ylabel("w₂")
plt.show()

# %% [markdown]
# Above 2/25 = 0.08 the steep direction explodes, so the flat one has to crawl, while $w_2$ jumps from side to side.
# Two ideas help.
#
# - **Momentum** follows a running mean of the gradients in place of the latest one. Across the valley they alternate in
#   sign and cancel, along it they add up. (It has weight, and overshoots like a ball.)
# - **Adam** keeps that running mean, $m$, and one of the *squared* gradients, $v$, and divides by the root of the
#   latter. So it does not matter in which units a parameter is measured, each gets a step of about η:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\,g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2 \qquad
# w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# ($\beta_1$ = 0.9, $\beta_2$ = 0.999. The hats divide by $1 - \beta^t$, because $m$ and $v$ start at 0 and would be too
# small in the first steps; $\varepsilon$ only keeps the division from 0/0.)
#
# **Predict.** Two parameters have the gradients 0.001 and 1000. How far does each move in Adam's first step, at the
# rate 0.1?

# %%
gentle, steep = Value(0.0, label="gentle"), Value(0.0, label="steep")
first_step = nn.Adam([gentle, steep], lr=0.1)
(0.001 * gentle + 1000.0 * steep).backward()
first_step.step()
print(f"gentle moves by {gentle.data:+.4f}, steep by {steep.data:+.4f}")

# %% [markdown]
# Both by the whole rate: only the signs are left. Does that help a net? We measure the second input of the moons in
# other units, so that its numbers are 20 times as large, and train with eight rates.

# %%
rates = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
stretched = [[x1, 20 * x2] for x1, x2 in X]
reached = {}
for optimizer in ("sgd", "adam"):
    for rows, units in ((X, "as they are"), (stretched, "x₂ times 20")):
        for rate in rates:
            trial = nn.MLP(2, [8, 8, 1], output="sigmoid", init="he", bias=0.1, seed=3)
            history = nn.fit(trial, rows, y, optimizer=optimizer, lr=rate, epochs=60, progress=False)
            reached[optimizer, units, rate] = history.loss[-1]
        best = min(rates, key=lambda rate: reached[optimizer, units, rate])
        print(f"{optimizer:5} {units:12} best rate {best:<5g} cost {reached[optimizer, units, best]:.3f}")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 2.8), sharey=True, layout="constrained")
for ax, units in zip(panels, ("as they are", "x₂ times 20"), strict=True):
    for optimizer, colour in (("sgd", "C1"), ("adam", "C0")):
        ax.semilogx(rates, [reached[optimizer, units, r] for r in rates], "o-", color=colour, label=optimizer)
    ax.set(title=f"inputs {units}", xlabel="rate")
panels[0].set_ylabel("cost after 60 epochs")
panels[0].legend()
plt.show()

# %% [markdown]
# After the same number of epochs Adam is lower at nearly every rate up to 0.1, and its best rate, 0.1, stays the same
# when the units change. The best rate of plain gradient descent moves, and a little above it all units die: 0.693. So
# Adam is a good first choice, with 0.01 to 0.1 for small nets like ours. It does not make standardised inputs needless:
# both do better with the inputs as they are.
#
# ## 6.6 Has it learned, or memorised?
#
# What counts is how a net does on points that it has *not* seen. So *hold some out*. Here are forty noisy points to
# train on, and two hundred others to test on.
#
# **Predict.** The net is large for forty points. What will the losses on the two sets do while it trains?

# %%
noisy, label = datasets.moons(540, noise=0.35, seed=2)
few, many, held_out = (noisy[:40], label[:40]), (noisy[:340], label[:340]), (noisy[340:], label[340:])
large = nn.MLP(2, [16, 16, 1], output="sigmoid", init="he", bias=0.1, seed=0)
history = nn.fit(large, *few, validation=held_out, epochs=120, lr=0.05, progress=False)
print(f"training loss at the end: {history.loss[-1]:.2f}")
print(f"held-out loss at its best: {min(history.validation_loss):.2f}, at the end: {history.validation_loss[-1]:.2f}")

# %% tags=["plot"]
history.plot()
plt.show()

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
boundary(large, *few, ax, "what it made of the points it saw")
plt.show()

# %% [markdown]
# The training loss keeps falling; the held-out loss turns and rises. From there on the net learns its forty points by
# heart: it fits their noise, and gets worse on new points. That is called *overfitting*. What helps?
#
# - **A smaller net** has less to learn by heart with.
# - **Weight decay** adds to each gradient a small multiple of the weight itself, so that weights shrink unless the data
#   holds them up: large weights are what makes a boundary sharp and winding.
# - **Stop in time**: with a *patience* of 10, `nn.fit` stops when the held-out loss has not improved for ten epochs,
#   and gives back the best parameters.
# - **More data** leaves less that is noise.
#
# **Predict.** Which of the four will help most?

# %%
remedies = {
    "as it was": ([16, 16], few, {}),
    "a smaller net": ([4], few, {}),
    "weight decay": ([16, 16], few, {"weight_decay": 0.03}),
    "stopped in time": ([16, 16], few, {"patience": 10}),
    "more data": ([16, 16], many, {}),
}
outcome = {}
for remedy, (hidden, data, settings) in remedies.items():
    trial = nn.MLP(2, [*hidden, 1], output="sigmoid", init="he", bias=0.1, seed=0)
    nn.fit(trial, *data, validation=held_out, epochs=120, lr=0.05, progress=False, **settings)
    outcome[remedy] = trial, data, trial.evaluate(*held_out).loss
    print(f"{remedy:16} training loss {trial.evaluate(*data).loss:.2f}   held-out loss {outcome[remedy][2]:.2f}")

# %% tags=["plot"]
figure, panels = plt.subplots(1, 5, figsize=(9.4, 2.4), sharey=True, layout="constrained")
for ax, (remedy, (trial, data, lost)) in zip(panels, outcome.items(), strict=True):
    boundary(trial, *data, ax, f"{remedy}\nheld out {lost:.2f}")
plt.show()

# %% [markdown]
# All four help, and more data helps most: then training and held-out loss are nearly the same. The boundaries say why:
# without help it bends around single points, and the net is sure everywhere (deep colours), also where it is wrong.
# With weight decay, or stopped in time, the net is less sure where the moons overlap (pale colours). No net can come to
# a loss of 0 here, because in the overlap a point may belong to either moon.
#
# (Patience chooses the parameters by the held-out loss, so these have learned a little from the held-out points, too.
# For a result to publish, keep a third set, by which nothing was chosen.)
#
# Here is the same net on a page, with both losses as it trains. Press play; then try weight decay, fewer units, another
# rate.

# %%
nn.playground(nn.MLP(2, [16, 16, 1], output="sigmoid", init="he", bias=0.1, seed=0), *few, lr=0.05, validation=held_out)

# %% [markdown]
# ## 6.7 When it does not learn: `nn.diagnose`
#
# Nine hidden layers of sigmoid units, much as in notebook 4. We train, and next to nothing happens. Why? `nn.diagnose`
# looks at every layer, and says what it finds and what helps. The size of a layer's gradient is given as a *root mean
# square*: the square root of the mean of its squared entries.


# %%
def deep(activation, init, bias):
    return nn.MLP(2, [8] * 9 + [1], activation=activation, output="sigmoid", init=init, bias=bias, seed=1)


patient = deep("sigmoid", "xavier", 0.0)
stuck = nn.fit(patient, X, y, epochs=30, lr=0.02, progress=False)
print(f"cost {stuck.loss[0]:.3f} → {stuck.loss[-1]:.3f}")
nn.diagnose(patient, X, y)

# %% [markdown]
# Read the column *to last* from the bottom up: it is what is left of the gradient on its way back.
#
# The first remedy, ReLU with He's initialisation, at the same depth:

# %%
cured = deep("relu", "he", 0.1)
better = nn.diagnose(cured, X, y)
freed = nn.fit(cured, X, y, epochs=30, lr=0.02, progress=False)
print(f"cost {freed.loss[0]:.3f} → {freed.loss[-1]:.3f}")
better

# %% [markdown]
# It learns. The gradient arrives. Some units are dead from the start, as often in narrow, deep ReLU nets, and the net
# learns without them. To have every unit at work, take leaky ReLU:

# %%
leaky = deep("leaky_relu", "he", 0.1)
healthy = nn.diagnose(leaky, X, y)
print(healthy)

# %% tags=["plot"]
figure, panels = plt.subplots(1, 2, figsize=(8.6, 3.2), layout="constrained")
nn.diagnose(patient, X, y).plot(ax=panels[0])
healthy.plot(ax=panels[1])
plt.show()

# %% [markdown]
# ### Exercise 6.3 You are the doctor
#
# A net of nine layers with these hidden units is no better than a coin after 60 epochs:
# `{"activation": "sigmoid", "init": "xavier", "bias": 0.0}`. Change what has to be changed, so that more than 95 %
# are right. Answer with all three entries.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("6.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The course's default for hidden units:
#
# ```python
# answer = {"activation": "relu", "init": "he", "bias": 0.1}
# ```
# </details>

# %% [markdown]
# ## 6.8 Keep it
#
# A trained net is a list of numbers. It is saved as JSON, which you can open and read, and loaded again:

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "moons.json"
    net.save(path)
    print(path.read_text(encoding="utf-8")[:200], "…")
    loaded = nn.load(path)

# %% [markdown]
# ## 6.9 Where to go next
#
# You have seen every number of this net. Real nets have millions, and nobody looks at single ones; libraries like
# PyTorch compute with whole arrays at a time, on graphics cards. But the words are the same, and so are the
# gradients. This is our net there:
#
# ```python
# import torch
# from torch import nn
#
# net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
# adam = torch.optim.Adam(net.parameters(), lr=0.02)
# inputs, targets = torch.tensor(X), torch.tensor(y, dtype=torch.float32)
#
# for epoch in range(150):
#     adam.zero_grad()
#     z = net(inputs).squeeze(1)
#     loss = nn.functional.binary_cross_entropy_with_logits(z, targets)
#     loss.backward()
#     adam.step()
# ```
#
# Read it line by line: you have done by hand what each of them does. Things to try from here:
#
# - [Notebook 7](07_gpt.ipynb): a GPT, of the same numbers.
# - `datasets.spirals()` is harder than the moons. How few hidden units can do it?
# - Train on a table of your own from the command line: `autograd-lite train data.csv --target price`.
# - Write an operation of your own with `ag.define_op`, and train a net that uses it.
# - Read `engine.py`. It is the whole backward pass, and short.
