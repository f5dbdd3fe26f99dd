# %% [markdown]
# # 3 · Intuition: turn a knob, and watch
#
# Formulas are one way to know a derivative; this is the other. Take one weight, turn it a little, and follow the
# change through the net: through z, a, f, down to the cost C. At every station the derivative has *promised* how
# far the needle will move. We check every promise.
#
# To install: `pip install "autograd-lite[notebook,plot]"`. The part `plot` is matplotlib; without it, skip the cells
# that mention `plt`, and everything else runs.

# %%
import math

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
net = nn.MLP(2, [2, 1], activation="sigmoid", output="sigmoid")
numbers = [1.0, -0.5, 0.5, 0.5, 1.0, -0.5, 1.5, -1.5, 0.0]  # two weights and a bias for each of the three units
for parameter, number in zip(net.parameters(), numbers, strict=True):
    parameter.data = number


def cost():
    """Return the cost of the net for the one example: x = (1, 2), y = 0.6."""
    f = net([1.0, 2.0])
    C = (f - 0.6) ** 2
    C.label = "C"
    return C


C = cost()
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
# Only what lies *between the weight and the end* moves: one z and one a in the first layer, then z, a and C. The
# other hidden unit never hears of it. In numbers:

# %%
moved

# %% [markdown]
# Read the column `predicted` from above. Each entry is the one above it, times the local derivative in between:
# that is the chain rule again, now run *forward*, with a small change in place of a 1. And read each row across:
# promise and truth agree to a few parts in a hundred.

# %%
# L21: nudge one weight, follow the change through z, a, f and C: predicted against actual
*inside, last = moved.rows

assert len(moved.rows) == 7  # w, z, a of layer 1; z, a of layer 2; the error; C
assert math.isclose(last.predicted, 0.1 * w.grad)  # the promise about C is ∂C/∂w · 0.1
for row in inside[2:]:
    assert row.change != row.predicted and math.isclose(row.change, row.predicted, rel_tol=0.05)

w.data = 1.1  # the same in earnest: `nudge` only asked what would happen
assert math.isclose(cost().data, last.after)
w.data = 1.0

# %% [markdown]
# ## How good is the promise?
#
# **Predict.** We make the nudge ten times smaller. The change becomes ten times smaller, of course. And the *error*
# of the prediction?

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
# A *hundred* times smaller: the red line is twice as steep as the blue one. The derivative keeps the straight part
# of a curve and drops the bend, and the bend goes with the square of the nudge. So a derivative is worth much for
# small changes, little for large ones. In curves:

# %% tags=["plot"]
places = [i / 10 for i in range(-60, 81)]
curve = []
for place in places:
    w.data = place
    curve.append(cost().data)
w.data = 1.0
plt.plot(places, curve, label="C, if this weight alone is turned")
plt.plot([-3, 5], [C.data + w.grad * (t - 1.0) for t in (-3, 5)], "C1", label="what the derivative at 1.0 says")
plt.plot([1.0], [C.data], "ko")
plt.xlabel("w₁₁ of layer 1")
plt.ylim(0, 0.2)
plt.legend()
plt.show()

# %% [markdown]
# ### Exercise 3.1 Promise
#
# The weight from the first hidden unit to the output, $w_{11}^{(2)}$, is in `v` below. By how much will C change,
# about, if `v` is turned *down* by 0.02? Use `v.grad`.

# %% tags=["exercise"]
v = net.layers[1].neurons[0].w[0]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif math.isclose(answer, -0.02 * v.grad, rel_tol=1e-3):
    print(f"Right. What happens: {ag.nudge(C, v, by=-0.02).rows[-1].change:+.6f}, promised: {-0.02 * v.grad:+.6f}.")
elif math.isclose(answer, 0.02 * v.grad, rel_tol=1e-3):
    print("Not yet: down is a change of -0.02. More weight lowers C here, so less weight raises it.")
elif math.isclose(answer, -0.02 * w.grad, rel_tol=1e-3):
    print("Not yet: that is the derivative by w of layer 1. The question is about v.")
elif math.isclose(answer, v.grad, rel_tol=1e-3):
    print("Not yet: the derivative is the change for each whole unit of v. v moves by -0.02 only.")
else:
    print("Not yet: the derivative by v, times the change of v.")

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
# A ReLU, max{0, z}, has a kink. Just below it the unit is off, and its derivative is 0: *turn me, and nothing
# happens.*
#
# **Predict.** Here z = −0.05. We turn the bias up by 0.1. What does the derivative promise, and what will happen?

# %%
b = Value(-2.05, label="b")
z = 2.0 * Value(1.0, label="x") + b
z.label = "z"
a = z.relu()
a.label = "a"
ag.draw(ag.nudge(a, b, by=0.1))

# %% tags=["plot"]
places = [i / 100 for i in range(-20, 21)]
plt.plot(places, [ag.relu(t) for t in places], label="a = max{0, z}")
plt.plot([-0.05, 0.05], [0.0, 0.05], "ko", label="before and after")
plt.plot([-0.2, 0.2], [0.0, 0.0], "C1--", label="promised at z = −0.05")
plt.xlabel("z")
plt.legend()
plt.show()

# %% [markdown]
# The promise was 0, and a moved by 0.05. No derivative can see round a corner. Notebook 4 has more to say about units
# that stay off.

# %% [markdown]
# ### Exercise 3.2 How far may one go?
#
# Back to the net and its weight `w`. Find a nudge for which the promise about C is off by *between 5 % and 6 %* of
# the actual change. (The error shrinks with the nudge; the table above and `ag.nudge(C, w, by=…)` help.)

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif answer == 0:
    print("Not yet: with no nudge there is no change to be off from.")
else:
    end = ag.nudge(C, w, by=answer).rows[-1]
    off = abs(end.change - end.predicted) / abs(end.change)
    if 0.05 <= off <= 0.06:
        print(f"Right: off by {off:.2%}.")
    elif off > 0.06:
        print(f"Not yet: off by {off:.1%}. Too far: try a smaller nudge.")
    else:
        print(f"Not yet: off by {off:.3%}. You can go further: try a larger nudge.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# Relative to the change, the error goes with the nudge itself, so one can start from any and scale:
#
# ```python
# answer = 0.17
# ```
# </details>

# %% [markdown]
# ## All knobs at once
#
# So far we turned one weight. The gradient holds a promise for each. Turn every weight *against* its derivative, by
# the derivative times a small number (the learning rate), and each turn lowers C:
#
# $$w \;\leftarrow\; w - \text{rate} \cdot \frac{\partial C}{\partial w} \qquad\text{promised change of } C:\quad
# -\,\text{rate} \cdot \sum \Big(\frac{\partial C}{\partial w}\Big)^2$$
#
# **Predict.** Is it true for any rate?


# %%
start = net.state_dict()


def step(rate):
    """Turn all parameters against the gradient; return the actual change of C, and put them back."""
    for p in net.parameters():
        p.data -= rate * p.grad
    change = cost().data - C.data
    net.load_state_dict(start)
    return change


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
# *rises*: the step has jumped over the bottom of the valley and up the other side. (The promise could not be true
# anyway: no square is negative.) So one takes small steps, computes the gradient anew after each, and that is
# training:

# %% tags=["plot"]
for rate in (1.0, 3.0, 10.0):
    net.load_state_dict(start)
    costs = []
    for _ in range(15):
        now = cost()
        costs.append(now.data)
        net.zero_grad()
        now.backward()
        for p in net.parameters():
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
# itself; the one we turned all the time would be `net.layers[0].neurons[0].w[0]`. The list shows ∂C/∂p for each.

# %% tags=["exercise"]
net.load_state_dict(start)
net.zero_grad()
C = cost()
C.backward()
for name, p in net.named_parameters():
    print(f"{name:<24}{p.grad:+.5f}")

answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif not any(answer is p for p in net.parameters()):
    print("Not yet: answer with a parameter of the net, as in net.layers[0].neurons[1].b")
elif answer.grad == min(p.grad for p in net.parameters()):
    change = ag.nudge(C, answer, by=0.01).rows[-1].change
    print(f"Right: its derivative is the most negative. C changes by {change:+.6f}.")
elif answer.grad == max(p.grad for p in net.parameters()):
    print("Not yet: its derivative is the largest, so turning it up raises C the most.")
elif answer.grad > 0:
    print("Not yet: its derivative is positive. Turning it up raises C.")
else:
    print("Not yet: that lowers C, but another one does it better. Look for the most negative derivative in the list.")

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
# **Next:** notebook 4 asks what the units in the middle let through.
