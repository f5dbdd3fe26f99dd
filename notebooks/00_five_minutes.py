# %% [markdown]
# # 0 · Five minutes: a number that remembers
#
# A neural net learns by asking, of every one of its numbers: *if I turn you up a little, what happens at the end?*
# The answer is a derivative, and a small program can find all of them at once. Here you see every number that it
# computes.
#
# You need school calculus (what a derivative is) and a little Python. Run the cells from top to bottom with
# Shift + Enter. Where you read **Predict**, stop and guess *before* you run the next cell; a wrong guess teaches more
# than a right one.
#
# New words are set in *italics* and explained where they stand. [The words of this course](words.md) has them on one
# page.
#
# (The notebooks run in a clone of the repository, after `pip install ".[notebook,plot]"` there. The part `plot` is
# matplotlib. Without it, skip the cells that mention `plt`; everything else runs.)

# %%
import autograd_lite as ag
from autograd_lite import Value, datasets, nn

# %% [markdown]
# ## A calculation that keeps its history
#
# A `Value` is a number. Calculate with it as with any number; it remembers how it was made. (`kind` says how a picture
# shows it: x is an *input*; w, the *weight*, and b, the *bias*, are *parameters*, the numbers that a net learns.)
# At the end, *tanh* squeezes z to between −1 and 1: tanh z = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ).

# %%
x = Value(-1.0, label="x", kind="input")
w, b = Value(2.0, label="w", kind="parameter"), Value(1.5, label="b", kind="parameter")
z = w * x + b
z.label = "z"
y = z.tanh()
y.label = "y"
ag.draw(y)

# %% [markdown]
# Read the picture from left to right: in this order the numbers were computed. The dark pill names the operation that
# made a number. On every arrow stands a *local derivative*: how fast the number at the arrow's head changes when the
# one at its tail does. At a product it is the other factor, at a sum it is 1.
#
# `grad` says *not computed*, because nobody has asked for a derivative yet.
#
# **Predict.** x is −1. If `w` grows a little, does `y` grow or fall?

# %%
y.backward()
ag.explore(y, wrt=w)

# %% [markdown]
# One call, and every number knows its derivative: ∂y/∂w = −0.786, so `y` falls. That makes sense, because `w` is
# multiplied by a negative number. Orange is plus, blue is minus: the colour and the width of an arrow show what flows
# back along it, the number on it has the colour of its own sign.
#
# The picture is live: **drag the card of `w`** or its slider (or type a number), and everything follows, the curve of
# `y` over `w` as well. Its slope, the violet line, is ∂y/∂w. Where is it steepest? Where is it nearly flat?
# Double-click the card to put `w` back. (A live picture works in a notebook that you have run yourself, or have marked
# as trusted.)
#
# Where does −0.786 come from? Multiply the numbers on the arrows from `w` to `y`. That is the *chain rule*. Here it is
# written out, with v1 for the product w · x, which has no name of its own:

# %%
ag.explain(y, wrt=w)

# %% [markdown]
# Is it true? A derivative is a promise about small changes, so turn `w` up by 0.01, a *nudge*, and look.
#
# **Predict.** By how much will `y` change?

# %%
ag.nudge(y, w, by=0.01)

# %% [markdown]
# `change` is what happens, `predicted` is what the derivative said: −0.786 · 0.01. They agree to two digits, and the
# smaller the nudge, the better they agree.
#
# ## What all this is for
#
# A net is the same thing with more numbers. Here are 100 points of two kinds, in two half moons, and a net that is to
# tell them apart. Its 33 numbers start at random.
#
# **Predict.** How many of the 100 points does a random net get right, about?

# %%
X, labels = datasets.moons(n=100, noise=0.1, seed=0)
net = nn.MLP(2, [8, 1], activation="tanh", output="sigmoid", seed=3)


def right(net):
    """Count the points for which the net's output, above or below 1/2, names the right moon."""
    return sum((net(point).data > 0.5) == (moon == 1) for point, moon in zip(X, labels, strict=True))


before, start = right(net), net.state_dict()
nn.fit(net, X, labels, epochs=150, lr=0.1, seed=0, progress=False)
print(f"{before} of 100 right at random, {right(net)} of 100 after training")

# %% tags=["plot"]
import matplotlib.pyplot as plt

untrained = nn.MLP(2, [8, 1], activation="tanh", output="sigmoid")
untrained.load_state_dict(start)
panels = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)[1]
for panel, model, title in zip(panels, (untrained, net), ("before", "after 150 rounds of small nudges"), strict=True):
    nn.plot_boundary(model, X, labels, ax=panel)
    panel.set_title(title)
plt.show()

# %% [markdown]
# Coins would get about 50. This net starts with 24, because the line that it drew at random happens to lie nearly the
# wrong way round. Then it looked at all the points 150 times. Each time it computed the derivative of its error by
# each of its 33 numbers, and turned every number a little in the direction in which the error falls.
#
# **That was it, in five minutes:** numbers that remember, derivatives for all of them in one call, and a net that
# learned from them. [Notebook 1a](01a_chain_rule.ipynb) takes the chain rule apart, one factor at a time.

# %% [markdown]
# ## When you have ten minutes more
#
# Three exercises. Each has a cell to fill in (replace the `...`), a cell that checks, and a solution to unfold. You
# can check as often as you like.

# %% [markdown]
# ### Exercise 0.1 A number used twice
#
# Below, `a` is used in two places. What is ∂f/∂a? Work it out on paper, as a number.

# %% tags=["exercise"]
a, b = Value(2.0, label="a"), Value(-3.0, label="b")
f = a * b + a
answer = ...

# %% tags=["check"]
ag.check("0.1", answer)

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
ag.check("0.2", answer)

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
ag.check("0.3", answer)

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
# All notebooks together have 24 exercises. How far are you?

# %%
ag.check

# %% [markdown]
# Each notebook begins to count anew when its program is started. To go on another day, or in the next notebook, keep
# your answers in a file: `ag.check.save("answers.json")` at the end, `ag.check.load("answers.json")` at the beginning.
