# %% [markdown]
# # 3 · Intuition: turn a knob, and watch
#
# Formulas are one way to know a derivative; this is the other. Take one weight, turn it a little, and follow the
# change through the net: through z, a, f, down to the cost C. At every node the derivative has *promised* how far the
# number will move. We check every promise. (L21 in a comment counts the statements of the lecture, as in notebook 1a.)
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (Without matplotlib, which `pip install ".[plot]"` brings, skip the cells that mention `plt`; everything else runs.)

# %%
import autograd_lite as ag
from autograd_lite import Value, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.figsize": (6, 3.4)})

# %% [markdown]
# ## One weight
#
# Two inputs, two hidden units, one output, one example. The cost is the squared error.


# %%
def new_net():
    """Return the net: two weights and a bias for each of its three units."""
    net = nn.MLP(2, [2, 1], activation="sigmoid", output="sigmoid")
    for parameter, number in zip(net.parameters(), [1, -0.5, 0.5, 0.5, 1, -0.5, 1.5, -1.5, 0], strict=True):
        parameter.data = number
    return net


def cost(net):
    """Return the cost of a net for the one example: x = (1, 2), y = 0.6."""
    C = (net([1.0, 2.0]) - 0.6) ** 2
    C.label = "C"
    return C


net = new_net()
C = cost(net)
C.backward()
ag.draw(C, rankdir="TB")

# %%
w = net.layers[0].neurons[0].w[0]
print(f"w₁₁ of layer 1 is {w.data}, and ∂C/∂w₁₁ = {w.grad:.5f}")

# %% [markdown]
# **Predict.** We turn w₁₁⁽¹⁾ up by 0.1. Which cards of the picture will move, and which will stay? Will C grow or
# fall?

# %%
moved = ag.nudge(C, w, by=0.1)
ag.draw(moved, rankdir="TB")

# %% [markdown]
# Here the colour is the change: orange went up, blue went down, and the thicker an arrow, the larger the change. Only
# what lies *between the weight and the end* moves: one z and one a in the first layer, then z and a of the output, the
# error v1, and C. Nothing changes in the other hidden unit. In numbers:

# %%
moved

# %% [markdown]
# Read the column `predicted` from top to bottom. Each entry is the one above it, times the local derivative in between:
# the chain rule again, but run *forward*, from the small change. Then read each row from left to right: `change` and
# `predicted` differ by a few percent at most.

# %%
# L21: nudge one weight, follow the change through z, a, f and C: predicted against actual
*inside, last = moved.rows
print(f"∂C/∂w · 0.1 = {w.grad * 0.1:+.6f}   predicted for C {last.predicted:+.6f}   it changed by {last.change:+.6f}")

w.data = 1.1  # `nudge` only asked what would happen; now we really turn the weight
really = cost(net).data
w.data = 1.0
print(f"nudge said that C would be {last.after:.6f}; it is {really:.6f}")

# %% [markdown]
# ## How good is the promise?
#
# **Predict.** We make the nudge ten times smaller. The change becomes about ten times smaller. And how far is the
# prediction off?

# %%
sizes = [10.0**-k for k in range(5)]
misses = []
for by in sizes:
    end = ag.nudge(C, w, by=by).rows[-1]
    misses.append(abs(end.change - end.predicted))
    print(f"nudge {by:<7g} change of C {end.change:+.3e}   off by {misses[-1]:.1e}")

# %% tags=["plot"]
plt.loglog(sizes, [abs(w.grad) * by for by in sizes], "o-", label="predicted change of C")
plt.loglog(sizes, misses, "o-", color="C3", label="how far it is off")
plt.xlabel("nudge of the weight")
plt.legend()
plt.show()

# %% [markdown]
# A *hundred* times less: the red line is twice as steep as the blue one. The derivative keeps the straight part of a
# curve and leaves out the bend, and what it leaves out is proportional to the square of the nudge. So a derivative says
# much about small changes, little about large ones. Drag w₁₁⁽¹⁾ and compare *predicted* with *actual*, or put the point
# where the curve bends most:

# %%
ag.explore(C, wrt=w)

# %% [markdown]
# ### Exercise 3.1 Promise
#
# The weight from the first hidden unit to the output, $w_{11}^{(2)}$, is in `v` below. By how much will C change,
# about, if `v` is turned *down* by 0.02? Use `v.grad`.

# %% tags=["exercise"]
v = net.layers[1].neurons[0].w[0]
answer = ...

# %% tags=["check"]
ag.check("3.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = v.grad * -0.02
# ```
# </details>

# %% [markdown]
# ## Where the promise fails
#
# A *ReLU*, max{0, z}, has a kink. Just below it the unit is off, and its derivative is 0: *turn me, and nothing
# happens.*
#
# **Predict.** Here z = −0.05. We turn the bias up by 0.1. What does the derivative promise, and what will happen?

# %%
b = Value(-2.05, label="b", kind="parameter")
z = 2.0 * Value(1.0, label="x", kind="input") + b
z.label = "z"
a = z.relu()
a.label = "a"
ag.draw(ag.nudge(a, b, by=0.1))

# %%
ag.explore(a, wrt=b)

# %% [markdown]
# The promise was 0, and a moved by 0.05. In the live picture, drag b slowly upwards: at −2 the line jumps from flat to
# steep. A derivative knows the curve only where it stands, and nothing of a kink
# beyond. Notebook 4 has more to say about units that stay off.

# %% [markdown]
# ### Exercise 3.2 How far may one go?
#
# Back to the net and its weight `w`. Find a nudge for which the promise about C is off by 5 % to 6 % of the actual
# change. (The error shrinks with the nudge; the table above and `ag.nudge(C, w, by=…)` help.)

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("3.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Relative to the change, the error is about proportional to the nudge. At 0.1 it is 3.2 %, so try 0.1 · 5.5 / 3.2:
#
# ```python
# answer = 0.17
# ```
# </details>

# %% [markdown]
# ## All knobs at once
#
# So far we turned one weight. The gradient holds a promise for each. Turn every weight *against* its derivative, by the
# derivative times a small number, the *learning rate*. Each turn by $-\text{rate} \cdot \frac{\partial C}{\partial w}$
# promises a change of C by $\frac{\partial C}{\partial w}$ times that, which is never positive:
#
# $$w \;\leftarrow\; w - \text{rate} \cdot \frac{\partial C}{\partial w} \qquad\text{promised change of } C:\quad
# -\,\text{rate} \cdot \sum \Big(\frac{\partial C}{\partial w}\Big)^2$$
#
# **Predict.** Is it true for any rate?


# %%
def step(rate):
    """Turn all parameters of a new net against the gradient; return the actual change of C."""
    turned = new_net()
    for p, q in zip(turned.parameters(), net.parameters(), strict=True):
        p.data -= rate * q.grad
    return cost(turned).data - C.data


squared = sum(p.grad**2 for p in net.parameters())
for rate in (0.1, 1.0, 3.0, 10.0):
    print(f"rate {rate:<5} promised {-rate * squared:+.5f}   happened {step(rate):+.5f}")

# %% tags=["plot"]
rates = [i / 10 for i in range(151)]
plt.plot(rates, [C.data + step(rate) for rate in rates], label="C after one step")
plt.plot(rates, [max(0.0, C.data - rate * squared) for rate in rates], "C1--", label="promised")
plt.xlabel("learning rate")
plt.legend()
plt.show()

# %% [markdown]
# For a small rate, the promise is kept. For a larger one, C falls by less than promised; and from some rate on it
# *rises*: the step has jumped over the bottom of the valley and up the other side. (The promise ends at 0, because C is
# a square and never negative.) So one takes small steps, and computes the gradient anew after each. That is training:

# %% tags=["plot"]
for rate in (1.0, 3.0, 10.0):
    trained, costs = new_net(), []
    for _ in range(15):
        now = cost(trained)
        costs.append(now.data)
        trained.zero_grad()
        now.backward()
        for p in trained.parameters():
            p.data -= rate * p.grad
    plt.plot(costs, "o-", label=f"rate {rate:g}")
plt.xlabel("step")
plt.ylabel("C")
plt.legend()
plt.show()

# %% [markdown]
# ### Exercise 3.3 The best knob
#
# You may turn **one** of the nine parameters **up** by 0.01. Which one lowers C the most? Answer with the parameter
# itself; the one we turned all the time would be `net.layers[0].neurons[0].w[0]`. The list shows the derivative of C by
# each.

# %% tags=["exercise"]
import re

course = ["w₁₁⁽¹⁾", "w₂₁⁽¹⁾", "b₁⁽¹⁾", "w₁₂⁽¹⁾", "w₂₂⁽¹⁾", "b₂⁽¹⁾", "w₁₁⁽²⁾", "w₂₁⁽²⁾", "b₁⁽²⁾"]
for symbol, (name, p) in zip(course, net.named_parameters(), strict=True):
    code = "net." + re.sub(r"\.(\d)", r"[\1]", name)
    print(f"{symbol:<8}{code:<32}{p.grad:+.5f}")

answer = ...

# %% tags=["check"]
ag.check("3.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The promise is ∂C/∂p · 0.01, so look for the most negative derivative.
#
# ```python
# answer = net.layers[1].neurons[0].b
# ```
# </details>

# %% [markdown]
# **Next:** [notebook 4](04_hidden_units.ipynb) asks what the units in the middle let through.
