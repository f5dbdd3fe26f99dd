# %% [markdown]
# # 1a · The chain rule, by hand
#
# To train a net is to make one number small: the *cost*, which says how wrong the net is. Notebooks 1a and 1b answer
# one question, slowly: **how does the cost change when one weight changes?** At the end of this one you will have all
# six derivatives of a small net, worked out by hand. In 1b they become an algorithm of five lines.
#
# The numbers L1, L2, … in the comments count the statements of the lecture in their order. They are ours; the slides
# have no such numbers. Wherever you read **Predict**, stop and guess first.
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (Without matplotlib, which `pip install ".[plot]"` brings, skip the cells that mention `plt`; everything else runs.)

# %%
import math

import autograd_lite as ag
from autograd_lite import Value, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "figure.figsize": (6, 3.4)})

# %% [markdown]
# ## The cost, and its gradient
#
# Three *examples*, each an input x with the answer y that it should get, and the simplest model there is, a straight
# line f(x) = w x + b. Its *parameters*, the numbers that training may change, are the weight w and the bias b. They
# start at w = 1 and b = 0.

# %%
xs = [1.0, 2.0, 3.0]
ys = [1.1, 1.8, 5.0]

w, b = Value(1.0, label="w", kind="parameter"), Value(0.0, label="b", kind="parameter")


def predict(x):
    """Return f(x), the line's answer for one input."""
    return w * x + b


# %% tags=["plot"]
plt.plot([0.5, 3.5], [predict(0.5).data, predict(3.5).data], label="f(x) = w x + b")
plt.plot(xs, ys, "o", label="the examples")
for x, y in zip(xs, ys, strict=True):
    plt.plot([x, x], [predict(x).data, y], "C3:")
plt.xlabel("x")
plt.legend()
plt.show()

# %% [markdown]
# The dotted lines are the errors f(x) − y. The cost is the mean of their squares. The i-th example is $x^{(i)}$ with
# $y^{(i)}$, and n = 3. (A number in brackets above is never a power. At an x or y it is the example; at a weight,
# further down, it is the layer.)
#
# $$C(w, b) = \frac{1}{n} \sum_{i=1}^{n} \left(f(x^{(i)}) - y^{(i)}\right)^2$$

# %%
# L1: the mean-squared cost
terms = [(predict(x) - y) ** 2 for x, y in zip(xs, ys, strict=True)]
C = ag.mean(terms)
C.label = "C"
print(f"C = {C.data:.4f}")

# %%
C.backward()
ag.draw(C)  # every value with its derivative

# %% [markdown]
# Three times the same calculation, one for each example, and they meet in the sum. Squaring has the derivative
# 2 (f − y), so the gradient of the cost is
#
# $$\nabla C = \frac{1}{n} \sum_{i=1}^{n} 2\,\left(f(x^{(i)}) - y^{(i)}\right)\,\nabla f(x^{(i)})$$
#
# ∇ (say "nabla") collects the derivatives by all parameters, which is called the *gradient*: here
# ∇C = (∂C/∂w, ∂C/∂b).
#
# **Predict.** For a straight line, what is ∇f(x), the pair (∂f/∂w, ∂f/∂b)?

# %%
# L2: the gradient of the cost, from the gradient of f
by_hand = [0.0, 0.0]
for x, y in zip(xs, ys, strict=True):
    f = predict(x)
    for k, df in enumerate(ag.grad(f, [w, b])):  # (x, 1)
        by_hand[k] += 2 * (f.data - y) * df / len(xs)

print(f"by the formula: {by_hand[0]:+.4f} {by_hand[1]:+.4f}")
print(f"by the engine:  {w.grad:+.4f} {b.grad:+.4f}")

# %% [markdown]
# ∇f(x) = (x, 1). The formula is a sum with **one term for each example**, and nothing else. So we may take the
# examples one by one and add up what they say, in any order. That is what makes training on millions of examples
# possible.

# %%
# L3: one term for each example
alone = [ag.grad(term / len(terms), [w, b]) for term in terms]
for number, (dw, db) in enumerate(alone, start=1):
    print(f"example {number} pulls with  ({dw:+.3f}, {db:+.3f})")
print(f"in all                ({w.grad:+.3f}, {b.grad:+.3f})")

# %% [markdown]
# **Predict.** Which example moves the weight most: one that is already nearly right, or one that is badly wrong?

# %%
# L4: a good prediction contributes little
errors = [abs(predict(x).data - y) for x, y in zip(xs, ys, strict=True)]
pulls = [abs(dw) for dw, _ in alone]
for error, pull in zip(errors, pulls, strict=True):
    print(f"off by {error:.1f}: {pull / sum(pulls):4.0%} of what all of them say about w")

# %% [markdown]
# Each term is the error times ∇f, times 2/n. The third example, which is off by 2, says almost everything.
#
# The other factor, ∇f, does not depend on the truth y. It says how *sensitive* f is to each parameter: at x = 3 the
# output follows `w` three times as fast as it follows `b`. Try it, by turning each up by 0.01:

# %%
# L5: the gradient of f says how sensitive f is to each parameter
f = predict(3.0)
f.label = "f"
moved = [ag.nudge(f, parameter, by=0.01).rows[-1].change for parameter in (w, b)]
print(f"w up by 0.01: f changes by {moved[0]:+.4f}")
print(f"b up by 0.01: f changes by {moved[1]:+.4f}")

# %% [markdown]
# So all depends on ∇f. For a line it is easy. For a net, f is a function of a function of a function, and for
# those there is the chain rule.

# %% [markdown]
# ### Exercise 1.1 The other half of the gradient
#
# The errors f(x) − y of the three examples are −0.1, 0.2 and −2.0. Compute ∂C/∂b from them (as a number or as a
# formula in Python).

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("1.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ∂f/∂b = 1, so each example contributes 2 (f − y), and the mean of the three is
#
# ```python
# answer = 2 * (-0.1 + 0.2 - 2.0) / 3
# ```
# </details>

# %% [markdown]
# ## The chain rule
#
# Let u = g(x) = x², and y = f(u) = sin u. How fast does y change with x?
#
# A small step dx makes a step in u that is g′(x) times as large. That step makes one in y that is f′(u) times as
# large. Rates multiply. Written in two ways that mean the same:
#
# $$\big(f(g(x))\big)' = f'(g(x)) \cdot g'(x) \qquad\qquad \frac{df}{dx} = \frac{df}{dg} \cdot \frac{dg}{dx}$$

# %%
# L6: the chain rule, in both spellings
x = Value(0.8, label="x", kind="input")
u = x**2
u.label = "u"
y = u.sin()
y.label = "y"
y.backward()

primes = math.cos(0.8**2) * (2 * 0.8)  # f'(g(x)) · g'(x)
(dy_du,), (du_dx,) = y.partials, u.partials  # the two local derivatives that the engine recorded

ag.explain(y, wrt=x)

# %%
ag.explore(y, wrt=x)

# %% [markdown]
# Drag x. At each place the slope of y over x is the product of the two numbers on the arrows. **Predict** before you
# drag: for which x > 0 does y stop growing? (There one of the two factors is 0. Which one?)
#
# As two curves: the slope of the first at x = 0.8, then the slope of the second *at the place where the first one
# landed*.

# %% tags=["plot"]
left, right = plt.subplots(1, 2, figsize=(9, 3.4))[1]
places = [i / 50 for i in range(81)]
for axes, curve, at, slope, names in (
    (left, lambda t: t * t, x.data, du_dx, ("x", "u = x²")),
    (right, math.sin, u.data, dy_du, ("u", "y = sin u")),
):
    axes.plot(places, [curve(t) for t in places])
    axes.plot([at - 0.3, at + 0.3], [curve(at) - 0.3 * slope, curve(at) + 0.3 * slope], "C1", linewidth=3)
    axes.plot([at], [curve(at)], "ko")
    axes.set(xlabel=names[0], ylabel=names[1], title=f"slope {slope:.3f}")
plt.show()

# %% [markdown]
# ## A net that is a chain
#
# Three *layers* with one *unit* each. A unit takes the output a of the layer before it, computes its *raw output* z,
# and passes it through an *activation* g, here the *sigmoid* g(z) = σ(z) = 1 / (1 + e⁻ᶻ):
#
# $$z^{(l)} = w^{(l)}\,a^{(l-1)} + b^{(l)} \qquad a^{(l)} = g\big(z^{(l)}\big) \qquad a^{(0)} = x,\quad f = a^{(3)}$$
#
# The sigmoid takes any number and gives one between 0
# and 1; notebook 4 looks at its curve.

# %%
net = nn.MLP(1, [1, 1, 1], activation="sigmoid", output="sigmoid")
(w1, b1), (w2, b2), (w3, b3) = (layer.parameters() for layer in net.layers)
w1.data, b1.data = 1.5, -0.5
w2.data, b2.data = -2.0, 1.0
w3.data, b3.data = 3.0, -1.0

x0 = Value(2.0, label="x", kind="input")
f = net([x0])
f.data

# %%
# L7: what each layer computes, by hand
a0 = 2.0
z1 = w1.data * a0 + b1.data
a1 = 1 / (1 + math.exp(-z1))
z2 = w2.data * a1 + b2.data
a2 = 1 / (1 + math.exp(-z2))
z3 = w3.data * a2 + b3.data
a3 = 1 / (1 + math.exp(-z3))

print(f"a(1) = {a1:.4f}   a(2) = {a2:.4f}   a(3) = f = {a3:.4f}")

# %% [markdown]
# > **A slip on the slides.** There you may read z⁽ˡ⁾ = w⁽ˡ⁾ x + b⁽ˡ⁾. That holds for l = 1 only: every later layer
# > reads the output of the layer before it, a⁽ˡ⁻¹⁾, and never sees x.

# %% [markdown]
# The net has six parameters, so its gradient has six entries. (The lecture writes Df for ∇f, and lists the weights
# first; we go layer by layer, as the program does.)
#
# $$Df = \left(\frac{\partial f}{\partial w^{(1)}},\ \frac{\partial f}{\partial b^{(1)}},\
# \frac{\partial f}{\partial w^{(2)}},\ \frac{\partial f}{\partial b^{(2)}},\
# \frac{\partial f}{\partial w^{(3)}},\ \frac{\partial f}{\partial b^{(3)}}\right)$$

# %%
# L8: the gradient of f, one entry for each parameter
f.backward()
Df = [w1.grad, b1.grad, w2.grad, b2.grad, w3.grad, b3.grad]

for name, entry in zip(["w(1)", "b(1)", "w(2)", "b(2)", "w(3)", "b(3)"], Df, strict=True):
    print(f"∂f/∂{name} = {entry:+.6f}")

# %% [markdown]
# Where do these numbers come from? First, the calculation as a graph; each card is a *node* of it. It is a long chain,
# so we let it run from top to bottom. (In notebook 2, where layers have several units, a weight gets two numbers
# below that name the units at its ends. Here w⁽²⁾ is enough.)

# %%
# L9: the computation graph
nodes, edges = ag.trace(f)

ag.draw(f, rankdir="TB")

# %% [markdown]
# ## One derivative, line by line
#
# Start near the end, with w⁽³⁾. It changes z⁽³⁾, and z⁽³⁾ changes f. Two steps, two factors:
#
# $$\frac{\partial f}{\partial w^{(3)}} = \frac{\partial a^{(3)}}{\partial z^{(3)}} \cdot
# \frac{\partial z^{(3)}}{\partial w^{(3)}} = g'\big(z^{(3)}\big)\, a^{(2)}$$


# %%
def g_prime(z):
    """Return σ'(z) = σ(z) (1 − σ(z))."""
    a = 1 / (1 + math.exp(-z))
    return a * (1 - a)


# %%
# L10: the derivative by w(3), line by line
df_da3 = 1.0  # f is a(3)
df_dz3 = df_da3 * g_prime(z3)  # a(3) = g(z(3))
df_dw3 = df_dz3 * a2  # z(3) = w(3) a(2) + b(3)

ag.explain(f, wrt=w3)

# %% [markdown]
# The engine writes one factor more, ∂f/∂a⁽³⁾ = 1, because f is just another name of a⁽³⁾.
#
# **Predict.** What is ∂z⁽³⁾/∂a⁽²⁾, the factor that leads one layer further down? (z⁽³⁾ = w⁽³⁾ a⁽²⁾ + b⁽³⁾.)

# %%
# L11: the derivative by w(2)
df_da2 = df_dz3 * w3.data  # the way down from z(3) is over a(2)
df_dz2 = df_da2 * g_prime(z2)
df_dw2 = df_dz2 * a1

ag.explain(f, wrt=w2)

# %% [markdown]
# And once more, down to the first layer:
#
# $$\frac{\partial f}{\partial w^{(1)}} = g'\big(z^{(3)}\big)\,w^{(3)}\;g'\big(z^{(2)}\big)\,w^{(2)}\;
# g'\big(z^{(1)}\big)\,x$$

# %%
# L12: the derivative by w(1)
df_da1 = df_dz2 * w2.data
df_dz1 = df_da1 * g_prime(z1)
df_dw1 = df_dz1 * a0  # a(0) is x

ag.explain(f, wrt=w1)

# %% [markdown]
# Six factors lie on the way from f down to w⁽¹⁾. Multiply them one after the other, and watch what is left of the 1
# that we started with:

# %% tags=["plot"]
left_over = [1.0]
for factor in ag.explain(f, wrt=w1).paths[0].factors:
    left_over.append(left_over[-1] * factor)
places = ["f", "z(3)", "a(2)", "z(2)", "a(1)", "z(1)", "w(1)"]
plt.bar(places, left_over, color=["C1" if value > 0 else "C0" for value in left_over])
plt.axhline(0, color="black", linewidth=0.5)
plt.ylabel("derivative of f by …")
plt.show()

# %% [markdown]
# An activation always makes it smaller here, a weight can make it larger or turn its sign. What arrives at w⁽¹⁾ is
# small. In deep nets that becomes a problem, which notebook 4 is about.

# %% [markdown]
# > **A slip on the slides.** Under ∂z⁽¹⁾/∂w⁽¹⁾ they have w⁽¹⁾; right is x, because z⁽¹⁾ = w⁽¹⁾ x + b⁽¹⁾.
#
# How can one tell who is right, if a slide and a program disagree? Ask the function. Turn w⁽¹⁾ a little up and a
# little down, and see what f does: a *finite difference*. It needs no theory at all.


# %%
def chain(w1, b1, w2, b2, w3, b3):
    """Return f(2) as a function of the six parameters."""
    a = 2.0
    for w, b in ((w1, b1), (w2, b2), (w3, b3)):
        a = ag.sigmoid(w * a + b)
    return a


def difference(h=1e-5):
    """Return the slope of f by w(1), from two values of f."""
    rest = [p.data for p in (b1, w2, b2, w3, b3)]
    return (chain(w1.data + h, *rest) - chain(w1.data - h, *rest)) / (2 * h)


slide = df_dz1 * w1.data
print(f"last factor x (ours):        {df_dw1:+.8f}")
print(f"last factor w(1) (slide):    {slide:+.8f}")
print(f"what f does when asked:      {difference():+.8f}")

# %% [markdown]
# Three ways to the same number: symbols on paper, the engine, and finite differences. `ag.check_gradients` puts the
# last two side by side, for all six parameters at once:

# %%
names = ["w(1)", "b(1)", "w(2)", "b(2)", "w(3)", "b(3)"]
report = ag.check_gradients(chain, [Value(p.data, label=n) for p, n in zip(net.parameters(), names, strict=True)])
report

# %% [markdown]
# Why not always use differences, then? They need two runs of the whole net *for each parameter*, and they are right
# to some digits only. The way of notebook 1b needs one run forward and one back for all of them.

# %% [markdown]
# ### Exercise 1.2 A bias
#
# Write ∂f/∂b⁽¹⁾ as a formula: a function `answer(w2, w3, z1, z2, z3)`, with `g_prime(…)`, `w2.data` and `w3.data`. It
# is called with other numbers, too. What takes the place of the last factor, x?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("1.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# The path is the one of w⁽¹⁾; only its last step differs: ∂z⁽¹⁾/∂b⁽¹⁾ = 1.
#
# ```python
# def answer(w2, w3, z1, z2, z3):
#     return g_prime(z3) * w3.data * g_prime(z2) * w2.data * g_prime(z1) * 1
# ```
# </details>

# %% [markdown]
# ## What you have now
#
# With this exercise the six derivatives of the net are complete. Each is the product of the local derivatives from f
# down to its parameter. Here they are by hand, beside what the engine found:

# %%
steps = {"w(3)": df_dz3 * a2, "b(3)": df_dz3, "w(2)": df_dz2 * a1, "b(2)": df_dz2, "w(1)": df_dz1 * a0, "b(1)": df_dz1}
engine = dict(zip(names, Df, strict=True))
for name, by_hand in steps.items():
    print(f"∂f/∂{name}   by hand {by_hand:+.6f}   engine {engine[name]:+.6f}")

# %% [markdown]
# You needed few multiplications for them, because `df_dz2` was computed from `df_dz3`, and `df_dz1` from `df_dz2`:
# nothing was computed twice. **Next:** [notebook 1b](01b_backpropagation.ipynb) makes an algorithm of that.
