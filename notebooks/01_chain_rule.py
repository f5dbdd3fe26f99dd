# %% [markdown]
# # 1 · The chain rule
#
# To train a net is to make one number small: the *cost*, which says how wrong the net is. This notebook answers one
# question, slowly: **how does the cost change when one weight changes?** At the end you will have written the
# algorithm that answers it for all weights at once, in five lines.
#
# L1, L2, … number the items of the lecture. Wherever you read **Predict**, stop and guess first.
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
# ## The cost, and its gradient
#
# Three examples, and the simplest model there is, a straight line f(x) = w x + b. It starts with w = 1 and b = 0.

# %%
xs = [1.0, 2.0, 3.0]
ys = [1.1, 1.8, 5.0]

w, b = Value(1.0, label="w"), Value(0.0, label="b")


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
# The dotted lines are the errors f(x) − y. The cost is the mean of their squares:
#
# $$C(w, b) = \frac{1}{n} \sum_{i=1}^{n} \left(f(x_i) - y_i\right)^2$$

# %%
# L1: the mean-squared cost
terms = [(predict(x) - y) ** 2 for x, y in zip(xs, ys, strict=True)]
C = ag.mean(terms)
C.label = "C"

assert math.isclose(C.data, ((-0.1) ** 2 + 0.2**2 + (-2.0) ** 2) / 3)
C

# %%
C.backward()
ag.draw(C)

# %% [markdown]
# Three times the same calculation, one for each example, and they meet in the sum. Squaring has the derivative
# 2 (f − y), so the gradient of the cost is
#
# $$\nabla C = \frac{1}{n} \sum_{i=1}^{n} 2\,\left(f(x_i) - y_i\right)\,\nabla f(x_i)$$
#
# ∇ (say "nabla") collects the derivatives by all parameters: here ∇C = (∂C/∂w, ∂C/∂b).
#
# **Predict.** For a straight line, what is ∇f(x), the pair (∂f/∂w, ∂f/∂b)?

# %%
# L2: the gradient of the cost, from the gradient of f
by_hand = [0.0, 0.0]
for x, y in zip(xs, ys, strict=True):
    f = predict(x)
    for k, df in enumerate(ag.grad(f, [w, b])):  # (x, 1)
        by_hand[k] += 2 * (f.data - y) * df / len(xs)

assert math.isclose(by_hand[0], w.grad) and math.isclose(by_hand[1], b.grad)
by_hand

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

assert math.isclose(sum(dw for dw, _ in alone), w.grad)
assert math.isclose(sum(db for _, db in alone), b.grad)

# %% [markdown]
# **Predict.** Which example moves the weight most: one that is already nearly right, or one that is badly wrong?

# %% tags=["plot"]
plt.bar(["example 1", "example 2", "example 3"], [abs(dw) for dw, _ in alone], color="C1")
plt.ylabel("size of its term in ∂C/∂w")
plt.show()

# %%
# L4: a good prediction contributes little
errors = [abs(predict(x).data - y) for x, y in zip(xs, ys, strict=True)]
pulls = [abs(dw) for dw, _ in alone]

assert errors == sorted(errors) and pulls == sorted(pulls)
assert pulls[2] / sum(pulls) > 0.9

# %% [markdown]
# Each term is *error times ∇f*: the third example, which is off by 2, says almost everything.
#
# The other factor, ∇f, does not know about the data at all. It says how *sensitive* f is to each parameter:
# at x = 3 the output follows `w` three times as fast as it follows `b`. Try it, by turning each up by 0.01:

# %%
# L5: the gradient of f says how sensitive f is to each parameter
f = predict(3.0)
f.label = "f"
moved = [ag.nudge(f, parameter, by=0.01).rows[-1].change for parameter in (w, b)]

assert math.isclose(moved[0], 0.01 * 3.0, rel_tol=1e-9)
assert math.isclose(moved[1], 0.01 * 1.0, rel_tol=1e-9)
ag.nudge(f, w, by=0.01)

# %% [markdown]
# So everything hangs on ∇f. For a line it is easy. For a net, f is a function of a function of a function, and for
# those there is the chain rule.

# %% [markdown]
# ### Exercise 1.1 The other half of the gradient
#
# The errors f(x) − y of the three examples are −0.1, 0.2 and −2.0. Compute ∂C/∂b from them (as a number or as a
# formula in Python).

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif math.isclose(answer, b.grad, abs_tol=1e-3):
    print(f"Right: 2/3 times the sum of the errors, for each ∂f/∂b is 1. That is {b.grad:.4f}.")
elif math.isclose(answer, -b.grad, abs_tol=1e-3):
    print("Not yet: the sign. An error is f(x) - y, not y - f(x).")
elif math.isclose(answer, b.grad / 2, abs_tol=1e-3):
    print("Not yet: half of it is missing. What does the square become when you differentiate it?")
elif math.isclose(answer, b.grad * 3, abs_tol=1e-3):
    print("Not yet: that is the sum over the examples. The cost is their mean.")
else:
    print("Not yet: one term for each example, 2 (f - y) times ∂f/∂b, and then the mean. ∂f/∂b is 1.")

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
x = Value(0.8, label="x")
u = x**2
u.label = "u"
y = u.sin()
y.label = "y"
y.backward()

primes = math.cos(0.8**2) * (2 * 0.8)  # f'(g(x)) · g'(x)
(dy_du,), (du_dx,) = y.partials, u.partials  # the two local derivatives that the engine recorded

assert math.isclose(primes, dy_du * du_dx) and math.isclose(primes, x.grad)
ag.explain(y, wrt=x)

# %%
ag.draw(y, wrt=x)

# %% [markdown]
# In curves: the slope of the first at x = 0.8, then the slope of the second *at the place where the first one
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
# Three layers with one unit each. A unit takes the output a of the layer before it, computes its *raw output* z, and
# passes it through an *activation* g, here the sigmoid g(z) = σ(z) = 1 / (1 + e⁻ᶻ):
#
# $$z^{(l)} = w^{(l)}\,a^{(l-1)} + b^{(l)} \qquad a^{(l)} = g\big(z^{(l)}\big) \qquad a^{(0)} = x,\quad f = a^{(3)}$$
#
# The number in brackets above is the layer. It is not a power.

# %% tags=["plot"]
places = [i / 10 for i in range(-60, 61)]
plt.plot(places, [ag.sigmoid(z) for z in places])
plt.axhline(0, color="grey", linewidth=0.5)
plt.axhline(1, color="grey", linewidth=0.5)
plt.xlabel("z")
plt.title("the sigmoid: any number in, a number between 0 and 1 out")
plt.show()

# %%
net = nn.MLP(1, [1, 1, 1], activation="sigmoid", output="sigmoid")
(w1, b1), (w2, b2), (w3, b3) = (layer.parameters() for layer in net.layers)
w1.data, b1.data = 1.5, -0.5
w2.data, b2.data = -2.0, 1.0
w3.data, b3.data = 3.0, -1.0

x = Value(2.0, label="x")
f = net([x])
f

# %%
# L7: what each layer computes, by hand
a0 = 2.0
z1 = w1.data * a0 + b1.data
a1 = 1 / (1 + math.exp(-z1))
z2 = w2.data * a1 + b2.data
a2 = 1 / (1 + math.exp(-z2))
z3 = w3.data * a2 + b3.data
a3 = 1 / (1 + math.exp(-z3))

assert math.isclose(a3, f.data)
print(f"a(1) = {a1:.4f}   a(2) = {a2:.4f}   a(3) = f = {a3:.4f}")

# %% [markdown]
# > **A slip on the slides.** There you may read z⁽ˡ⁾ = w⁽ˡ⁾ x + b⁽ˡ⁾. That holds for l = 1 only: every later layer
# > reads the output of the layer before it, a⁽ˡ⁻¹⁾, and never sees x.

# %%
wrong_z2 = w2.data * 2.0 + b2.data
print(f"with a(1), as it should be: z(2) = {z2:.4f}     with x, as on the slide: {wrong_z2:.4f}")

# %% [markdown]
# The net has six parameters, so its gradient has six entries:
#
# $$Df = \left(\frac{\partial f}{\partial w^{(1)}},\ \frac{\partial f}{\partial b^{(1)}},\
# \frac{\partial f}{\partial w^{(2)}},\ \frac{\partial f}{\partial b^{(2)}},\
# \frac{\partial f}{\partial w^{(3)}},\ \frac{\partial f}{\partial b^{(3)}}\right)$$

# %%
# L8: the gradient of f, one entry for each parameter
f.backward()
Df = [w1.grad, b1.grad, w2.grad, b2.grad, w3.grad, b3.grad]

assert len(Df) == 6 and Df == ag.grad(f, [w1, b1, w2, b2, w3, b3])
for name, entry in zip(["w(1)", "b(1)", "w(2)", "b(2)", "w(3)", "b(3)"], Df, strict=True):
    print(f"∂f/∂{name} = {entry:+.6f}")

# %% [markdown]
# Where do these numbers come from? First, the calculation as a graph. It gets wide, so we let it run from top to
# bottom. (A picture writes both ends of a weight: w₁₁⁽²⁾ leads from unit 1 of layer 1 to unit 1 of layer 2. Here
# every layer has one unit only, and the course writes w⁽²⁾.)

# %%
# L9: the computation graph
nodes, edges = ag.trace(f)

assert len(nodes) == 1 + 3 * 4  # x; then w, b, z and a of each layer
assert len(edges) == 3 * 4  # three arrows into each z, one into each a
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

assert math.isclose(df_dw3, w3.grad)
ag.explain(f, wrt=w3)

# %% [markdown]
# The engine writes one factor more, ∂f/∂a⁽³⁾ = 1, for f is just another name of a⁽³⁾.
#
# **Predict.** What is ∂z⁽³⁾/∂a⁽²⁾, the factor that leads one layer further down? (z⁽³⁾ = w⁽³⁾ a⁽²⁾ + b⁽³⁾.)

# %%
# L11: the derivative by w(2)
df_da2 = df_dz3 * w3.data  # the way down from z(3) is over a(2)
df_dz2 = df_da2 * g_prime(z2)
df_dw2 = df_dz2 * a1

assert math.isclose(df_dw2, g_prime(z3) * w3.data * g_prime(z2) * a1)
assert math.isclose(df_dw2, w2.grad)
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
df_dw1 = df_dz1 * x.data

assert math.isclose(
    df_dw1,
    g_prime(z3) * w3.data * g_prime(z2) * w2.data * g_prime(z1) * x.data,
)
assert math.isclose(df_dw1, w1.grad)
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
# small. Notebook 4 will make a drama of that.

# %% [markdown]
# > **A slip on the slides.** Under ∂z⁽¹⁾/∂w⁽¹⁾ they have w⁽¹⁾; right is x, for z⁽¹⁾ = w⁽¹⁾ x + b⁽¹⁾.
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
# Three ways to the same numbers: symbols on paper, the engine, and finite differences. `ag.check_gradients` puts the
# last two side by side, for all six at once:

# %%
names = ["w(1)", "b(1)", "w(2)", "b(2)", "w(3)", "b(3)"]
report = ag.check_gradients(chain, [Value(p.data, label=n) for p, n in zip(net.parameters(), names, strict=True)])
assert report
assert all(math.isclose(row.analytic, entry) for row, entry in zip(report.rows, Df, strict=True))
report

# %% [markdown]
# Why not always use differences, then? They need two runs of the whole net *for each parameter*, and they are right
# to some digits only. What we are building needs one run for all.

# %% [markdown]
# ### Exercise 1.2 A bias
#
# Write ∂f/∂b⁽¹⁾ as a formula, with the names from above (`g_prime`, `z1` … `z3`, `w2.data`, `w3.data`). What takes
# the place of the last factor, x?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif ag.check_answers(f, {b1: answer}):
    print("Right: the same path as for w(1), with another last factor.")
else:
    print(ag.check_answers(f, {b1: answer}))

# %% [markdown]
# <details><summary>Solution</summary>
#
# The path is the one of w⁽¹⁾; only its last step differs: ∂z⁽¹⁾/∂b⁽¹⁾ = 1.
#
# ```python
# answer = g_prime(z3) * w3.data * g_prime(z2) * w2.data * g_prime(z1) * 1
# ```
# </details>

# %% [markdown]
# ## The pattern
#
# Look at the three derivatives again: each begins as the one before it. Two formulas hold it all. In every layer,
#
# $$\frac{\partial f}{\partial w^{(l)}} = \frac{\partial f}{\partial a^{(l)}} \cdot
# \frac{\partial a^{(l)}}{\partial z^{(l)}} \cdot \frac{\partial z^{(l)}}{\partial w^{(l)}}$$
#
# and the same with b⁽ˡ⁾, where the last factor is 1:

# %%
# L13: the same three factors in every layer
a, z = [x.data, a1, a2, a3], [None, z1, z2, z3]  # a[layer] and z[layer], as in the formulas
weights, biases = [None, w1, w2, w3], [None, b1, b2, b3]
df_da = [None, df_da1, df_da2, df_da3]

for layer in (1, 2, 3):
    assert math.isclose(weights[layer].grad, df_da[layer] * g_prime(z[layer]) * a[layer - 1])
    assert math.isclose(biases[layer].grad, df_da[layer] * g_prime(z[layer]) * 1.0)

# %% [markdown]
# and from each layer to the one before it,
#
# $$\frac{\partial f}{\partial a^{(l)}} = \frac{\partial f}{\partial a^{(l+1)}} \cdot
# \frac{\partial a^{(l+1)}}{\partial z^{(l+1)}} \cdot \frac{\partial z^{(l+1)}}{\partial a^{(l)}}$$

# %%
# L14: one step down, from layer l + 1 to layer l
for layer in (2, 1):
    assert math.isclose(df_da[layer], df_da[layer + 1] * g_prime(z[layer + 1]) * weights[layer + 1].data)

# %% [markdown]
# Together they are an algorithm: begin at the end, where ∂f/∂a⁽³⁾ = 1, and walk down, **last layers first, each
# result reused** for the next. It is called backpropagation, and these are the five lines that were promised:

# %%
# L15: last layers first, each result reused
upstream, found = 1.0, []
for layer in (3, 2, 1):
    df_dz = upstream * g_prime(z[layer])
    found = [df_dz * a[layer - 1], df_dz * 1.0, *found]
    upstream = df_dz * weights[layer].data

assert all(math.isclose(mine, engine) for mine, engine in zip(found, Df, strict=True))
assert math.isclose(upstream, x.grad)  # and what is left over at the end is ∂f/∂x
found

# %% [markdown]
# Here is the same, step by step, as the engine does it: each node waits until its gradient is complete, then hands it
# on to its parents, times the local derivative. Use the buttons or the arrow keys.

# %%
ag.step_through(f)

# %% [markdown]
# How much does reusing save? Written out, the derivative by w⁽ˡ⁾ in a net of L layers has 2 (L − l) + 2 factors.
# Count the multiplications for all the weights:
#
# **Predict.** Ten layers need some number of multiplications. A hundred layers: ten times as many, or more?

# %% tags=["plot"]
depths = range(1, 101)
plt.plot(depths, [sum(2 * (n - layer) + 1 for layer in range(1, n + 1)) for n in depths], label="each written out")
plt.plot(depths, [3 * n for n in depths], label="each result reused")
plt.xlabel("layers")
plt.ylabel("multiplications")
plt.legend()
plt.show()

# %% [markdown]
# Each written out, it is a hundred times as many, 10,000; each result reused, it is ten times as many, 300. And a
# chain is the harmless case. Where paths part and meet again, the difference is that between a moment and the age
# of the universe, as you will see below.
#
# To learn it, do it once by hand. Here is a small graph, f = (a · b + c)²:

# %%
a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
d = a * b
d.label = "d"
e = d + c
e.label = "e"
table = e * e
table.label = "f"
ag.draw(table)

# %% [markdown]
# ### Exercise 1.3 The table
#
# Fill in the gradients: ∂f/∂e first, then ∂f/∂d and ∂f/∂c, then ∂f/∂a and ∂f/∂b.

# %% tags=["exercise"]
answer = ...  # {"e": …, "d": …, "c": …, "a": …, "b": …}

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
else:
    grades = ag.check_answers(table, answer)
    print(grades)
    if grades and len(answer) == 5:
        print("Right, the whole table.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# f = e · e, so ∂f/∂e = e + e = 8. The sum hands 8 on to both d and c. The product hands 8 · b to a, and 8 · a to b.
#
# ```python
# answer = {"e": 8.0, "d": 8.0, "c": 8.0, "a": -24.0, "b": 16.0}
# ```
# </details>

# %% [markdown]
# ## Why the order matters
#
# Walking backward seems to need no plan: give each parent its part, and go on from there. In four lines:


# %%
def naive(node):
    """Hand the gradient on to each parent and go on from there. It looks right."""
    for parent, local in zip(node.parents, node.partials, strict=True):
        parent.grad += node.grad * local
        naive(parent)


def doubled(times):
    """Return (a, the sum a + a, that plus itself, and so on)."""
    nodes = [Value(1.0, label="a")]
    for letter in "bcdefghijklm"[:times]:
        nodes.append(nodes[-1] + nodes[-1])
        nodes[-1].label = letter
    return nodes


a, b, c = doubled(2)  # b = a + a, c = b + b
c

# %% [markdown]
# **Predict.** c is four times a. What is ∂c/∂a, and what will `naive` say?

# %%
c.grad = 1.0
naive(c)
ag.draw(c)

# %%
assert (c.grad, b.grad, a.grad) == (1, 2, 6)  # 6, not 4

c.zero_grad()
c.backward()
assert (c.grad, b.grad, a.grad) == (1, 2, 4)
ag.draw(c)

# %% [markdown]
# `naive` came to b twice, for c = b + b uses it twice. The first time b had a gradient of 1, and handed it on. The
# second time it had 2, and handed on all of it, also the 1 that it had already given away: 1 + 1 + 2 + 2 = 6.
#
# So a node has to **wait until everybody who uses it has paid in**, and then hand on once. An order in which this
# works is one that has every node after its operands, read backward. It is called a topological order.

# %%
for node in reversed(ag.topological_order(c)):
    print(node.label, "hands on", node.grad)

# %% [markdown]
# **Predict.** How does the mistake grow if the doubling is repeated ten times?

# %% tags=["plot"]
wrong, right = [], []
for times in range(1, 11):
    first, *_, last = doubled(times)
    right.append(ag.grad(last, first))
    last.grad = 1.0
    naive(last)
    wrong.append(first.grad)
plt.semilogy(range(1, 11), wrong, "o-", color="C3", label="naive")
plt.semilogy(range(1, 11), right, "o-", color="C0", label="in the right order")
plt.xlabel("doublings")
plt.ylabel("the derivative it finds")
plt.legend()
plt.show()

# %% [markdown]
# One could repair `naive` by carrying along each path's own product, instead of the sum. Then the numbers are right,
# but it walks every path by itself. How many are there, after a hundred doublings?

# %%
start = result = Value(1.0, label="a")
for _ in range(100):
    result = result + result
paths = ag.explain(result, wrt=start).path_count

assert paths == 2**100
print(f"{paths:.3g} paths: at a billion a second, {paths / 1e9 / 3.15e7:.0e} years. In the right order: 200 products.")

# %% [markdown]
# The universe is about 10¹⁰ years old. The engine needs less than a thousandth of a second.

# %% [markdown]
# ### Exercise 1.4 Do it right
#
# Write a function `answer(root)` that does what `root.backward()` does: set `root.grad` to 1, then let every node
# hand its gradient on *once*, when it is complete. (`ag.topological_order(root)` has every node after its operands.
# You can take the two lines of the loop over the parents from `naive`.)

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
else:
    a, b, c = doubled(2)
    answer(c)
    f.zero_grad()
    answer(f)
    same = all(math.isclose(p.grad, entry) for p, entry in zip(net.parameters(), Df, strict=True))
    if a.grad == 4 and same:
        print("Right: 4 for the doubled number, and all six derivatives of the net.")
    elif a.grad == 4:
        print("Not yet: 4 is right, but the six derivatives of the net f are not. Where does the 4 come from?")
    elif a.grad == 6:
        print("Not yet: 6 again. Something hands on more than once: go through the order, and do not call yourself.")
    elif a.grad == 0:
        print("Not yet: a gets nothing. Is root.grad set to 1, and do you start at the end? See `reversed`.")
    elif a.grad == 1:
        print("Not yet: b is used twice by c, and should have 2. What comes in is added (+=).")
    else:
        print(f"Not yet: for c = (a + a) + (a + a) the derivative should be 4, yours is {a.grad}.")

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def answer(root):
#     root.grad = 1.0
#     for node in reversed(ag.topological_order(root)):
#         for parent, local in zip(node.parents, node.partials, strict=True):
#             parent.grad += node.grad * local
# ```
# </details>

# %% [markdown]
# ## Other nets, other formulas

# %% [markdown]
# The derivatives of this notebook belong to a chain of three sigmoid units. Change the net, and the formulas change.

# %%
# L16: the formulas depend on the architecture
deeper = nn.MLP(1, [1, 1, 1, 1], activation="tanh", output="linear", seed=0)
factors = ag.explain(deeper([x]), wrt=deeper.layers[0].neurons[0].w[0]).paths[0].factors
assert len(factors) == 7  # one layer more brings two factors; a linear output has no g' to bring

start = Value(2.0, label="x")
around, through = 0.5 * start, ag.sigmoid(1.5 * start - 0.5)  # the input also goes around the unit
around.label, through.label = "s", "a"
skipping = through + around
skipping.label = "f"
assert ag.explain(f, wrt=x).path_count == 1
assert ag.explain(skipping, wrt=start).path_count == 2
ag.explain(skipping, wrt=start)

# %% [markdown]
# Another activation, another layer, an arrow that skips one: each changes the formulas, and one has to work them out
# anew. Nobody does that by hand today. The two rules stay the same, *multiply along a path* and *add where paths
# meet*, and a program that follows the recorded graph applies them to any architecture:

# %%
skipping.backward()
ag.draw(skipping, wrt=start)

# %% [markdown]
# **Next:** in notebook 2 a layer has several units, and paths part and meet everywhere.
