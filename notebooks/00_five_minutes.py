# %% [markdown]
# # 0 · Five minutes: a number that remembers
#
# A neural net learns by asking, for every one of its numbers: *if I turn you up a little, what happens at the end?*
# The answer is a derivative, and a small program can find all of them at once. That program is on these pages; you
# will see every number it computes.
#
# You need school calculus (what a derivative is) and a little Python. Run the cells from top to bottom with
# Shift + Enter. Where you read **Predict**, stop, and guess *before* you look at the next cell; a wrong guess teaches
# more than a right one.
#
# To install: `pip install "autograd-lite[notebook,plot]"`. The part `plot` is matplotlib; without it, skip the cells
# that mention `plt`, and everything else runs.

# %%
import autograd_lite as ag
from autograd_lite import Value, datasets, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.figsize": (6, 3.4)})

# %% [markdown]
# ## A calculation that keeps its history
#
# A `Value` is a number. Calculate with it as with any number; it remembers how it was made.

# %%
w, x, b = Value(2.0, label="w"), Value(-1.0, label="x"), Value(1.5, label="b")
z = w * x + b
z.label = "z"
y = z.tanh()
y.label = "y"
y

# %%
ag.draw(y)

# %% [markdown]
# Read the picture from left to right: that is the order in which the numbers were computed. The dark pill says which
# operation made a number. On every arrow stands a *local derivative*: how fast the number at the arrow's head changes
# when the one at its tail does. At a product it is the other factor, at a sum it is 1.
#
# `grad` says *not computed*: nobody has asked for a derivative yet.
#
# **Predict.** x is −1. If `w` grows a little, does `y` grow or fall?

# %%
y.backward()
ag.draw(y)

# %% [markdown]
# One call, and every number knows its derivative. ∂y/∂w is negative: `y` falls. That makes sense, for `w` is
# multiplied by a negative number. Orange is plus, blue is minus; the thicker an arrow, the more flows back along it.
#
# ## Where does −0.786 come from?
#
# Multiply what stands on the arrows from `w` to `y`. That is the chain rule, and here it is written out:

# %%
ag.explain(y, wrt=w)

# %% [markdown]
# (v1 is the product w · x, which has no name of its own.)
#
# ## One step at a time
#
# How did `backward` do it? Step through it with the buttons or the arrow keys: first forward, number by number; then
# back, from `y`, whose derivative by itself is 1.

# %%
ag.step_through(y)

# %% [markdown]
# ## Is it true?
#
# A derivative is a promise about small changes. Let us hold it to that: turn `w` up by 0.01.
#
# **Predict.** By how much will `y` change? Take ∂y/∂w from above.

# %%
ag.draw(ag.nudge(y, w, by=0.01))

# %% [markdown]
# `change` is what happens, `predicted` is what the derivative said: −0.786 · 0.01. They agree to two digits or more,
# and the smaller the nudge, the better they agree. Notebook 3 is about nothing else.
#
# ## What all this is for
#
# A net is the same thing with more numbers. Here are two moons, 100 points of two kinds, and a net with two inputs,
# eight hidden units and one output. Its 33 weights start at random.
#
# **Predict.** How many of the points does a random net get right, about?

# %%
X, labels = datasets.moons(n=100, noise=0.1, seed=0)
net = nn.MLP(2, [8, 1], activation="tanh", output="sigmoid", seed=3)


def right(net):
    """Count the points on whose side of 1/2 the net's output is the correct one."""
    return sum((net(point).data > 0.5) == (kind == 1) for point, kind in zip(X, labels, strict=True))


print(len(net.parameters()), "weights,", right(net), "of 100 points right")

# %% tags=["plot"]
before, after = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)[1]
nn.plot_boundary(net, X, labels, ax=before)
before.set_title("before")
history = nn.fit(net, X, labels, epochs=150, lr=0.1, seed=0, progress=False)
nn.plot_boundary(net, X, labels, ax=after)
after.set_title("after 150 rounds of small nudges")
plt.show()

# %% [markdown]
# Nobody told the net what a moon is. 150 times it looked at all the points, computed the derivative of its error by
# each of its 33 weights, and turned every weight a little in the direction in which the error falls.

# %% tags=["plot"]
history.plot()
plt.show()

# %% [markdown]
# ## Your turn
#
# Each exercise has a cell to fill in (replace the `...`), a cell that checks, and a solution to unfold.

# %% [markdown]
# ### Exercise 0.1 A number used twice
#
# Below, `a` is used in two places. What is ∂f/∂a? Work it out on paper, as a number.

# %% tags=["exercise"]
a, b = Value(2.0, label="a"), Value(-3.0, label="b")
f = a * b + a
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif ag.check_answers(f, {"a": answer}):
    print("Right: the path through the product brings b, the one straight to the sum brings 1, and both add up.")
else:
    print(ag.check_answers(f, {"a": answer}))

# %% [markdown]
# <details><summary>Solution</summary>
#
# f = a · b + a, so ∂f/∂a = b + 1 = −3 + 1.
#
# ```python
# answer = -2.0
# ```
# </details>

# %% [markdown]
# ### Exercise 0.2 A promise about small changes
#
# For the neuron above, ∂y/∂w was about −0.786. By how much will `y` change, about, if `w` goes from 2.0 to 1.95?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
change = 1.95 - 2.0
if answer is ...:
    print("not answered yet")
elif abs(answer - w.grad * change) < 0.001:
    print(f"Right: derivative times change. y really changes by {ag.nudge(y, w, by=-0.05).rows[-1].change:+.4f}.")
elif abs(answer + w.grad * change) < 0.001:
    print("Not yet: the size is right, the sign is not. From 2.0 to 1.95 the change is negative.")
elif abs(answer - w.grad) < 0.001:
    print("Not yet: that is the derivative, the change of y for each whole unit of w. w moves by much less.")
else:
    print("Not yet: multiply the derivative by the change of w, which is 1.95 - 2.0.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# The change of y is about ∂y/∂w times the change of w.
#
# ```python
# answer = -0.786 * (1.95 - 2.0)
# ```
# </details>

# %% [markdown]
# ### Exercise 0.3 Turn it round
#
# Choose a weight `w` for the neuron y = tanh(w · x + b) so that `y` *falls* when `x` grows.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
else:
    slope = ag.grad(ag.tanh(answer * x + 1.5), x)
    if slope < 0:
        print(f"Right: with w = {answer}, the derivative of y by x is {slope:.3g}.")
    elif slope == 0:
        print("Not yet: with that w nothing of x arrives at y, it neither falls nor grows. The local derivative is w.")
    else:
        print(f"Not yet: the derivative of y by x is {slope:.3g}, so y grows. Which factor on the path has a sign?")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ∂y/∂x = (1 − y²) · w, and 1 − y² is never negative: any negative `w` will do.
#
# ```python
# answer = -2.0
# ```
# </details>

# %% [markdown]
# **Next:** notebook 1 takes the chain rule apart, one factor at a time.
