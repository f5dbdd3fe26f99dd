# %% [markdown]
# # 1b · Backpropagation
#
# In [notebook 1a](01a_chain_rule.ipynb) you differentiated a chain of three sigmoid units by hand. Here the six
# formulas become one algorithm, in five lines. At the end you will have written it for *any* graph, and know why it
# must walk through the graph in a certain order.
#
# (L13, L14, … in the comments count the statements of the lecture, as in notebook 1a.)
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
# ## The net again
#
# Three layers with one sigmoid unit each, and the numbers of notebook 1a. `a[2]` is the output of layer 2, as in the
# formulas; `a[0]` is the input x, and `a[3]` is f.


# %%
def g_prime(z):
    """Return σ'(z) = σ(z) (1 − σ(z))."""
    return ag.sigmoid(z) * (1 - ag.sigmoid(z))


net = nn.MLP(1, [1, 1, 1], activation="sigmoid", output="sigmoid")
for parameter, number in zip(net.parameters(), [1.5, -0.5, -2.0, 1.0, 3.0, -1.0], strict=True):
    parameter.data = number
w = [None, *(layer.neurons[0].w[0] for layer in net.layers)]  # w[layer]; there is no layer 0
b = [None, *(layer.neurons[0].b for layer in net.layers)]

x = Value(2.0, label="x", kind="input")
a, z = [x], [None]
for layer in (1, 2, 3):
    z.append(w[layer].data * a[layer - 1].data + b[layer].data)
    a.append(net.layers[layer - 1]([a[layer - 1]]))

f = a[3]
f.backward()
Df = [p.grad for p in net.parameters()]  # by w(1), b(1), w(2), b(2), w(3), b(3)
Df

# %% [markdown]
# ## The pattern
#
# The derivatives of notebook 1a all begin alike: each has the factors of the layer after it, and then some of its own.
# Two formulas hold it all. In every layer,
#
# $$\frac{\partial f}{\partial w^{(l)}} = \frac{\partial f}{\partial a^{(l)}} \cdot
# \frac{\partial a^{(l)}}{\partial z^{(l)}} \cdot \frac{\partial z^{(l)}}{\partial w^{(l)}}$$
#
# and the same with b⁽ˡ⁾, where the last factor is 1:

# %%
# L13: the same three factors in every layer
for layer in (1, 2, 3):
    by_w = a[layer].grad * g_prime(z[layer]) * a[layer - 1].data
    by_b = a[layer].grad * g_prime(z[layer]) * 1.0
    print(f"layer {layer}   by the formula {by_w:+.6f} {by_b:+.6f}   engine {w[layer].grad:+.6f} {b[layer].grad:+.6f}")

# %% [markdown]
# And from each layer to the one before it,
#
# $$\frac{\partial f}{\partial a^{(l)}} = \frac{\partial f}{\partial a^{(l+1)}} \cdot
# \frac{\partial a^{(l+1)}}{\partial z^{(l+1)}} \cdot \frac{\partial z^{(l+1)}}{\partial a^{(l)}}$$

# %%
# L14: one step down, from layer l + 1 to layer l
for layer in (2, 1):
    by_formula = a[layer + 1].grad * g_prime(z[layer + 1]) * w[layer + 1].data
    print(f"∂f/∂a({layer})   by the formula {by_formula:+.6f}   engine {a[layer].grad:+.6f}")

# %% [markdown]
# Together they are an algorithm: begin at the end, where ∂f/∂a⁽³⁾ = 1, and walk down, **last layers first, each
# result reused** for the next. It is called *backpropagation*, and these are the five lines that were promised. What
# comes down from the layers after, ∂f/∂a⁽ˡ⁾, is called the *upstream* gradient:

# %%
# L15: last layers first, each result reused
upstream, found = 1.0, []
for layer in (3, 2, 1):
    df_dz = upstream * g_prime(z[layer])
    found = [df_dz * a[layer - 1].data, df_dz * 1.0, *found]
    upstream = df_dz * w[layer].data

found

# %% [markdown]
# The same six numbers as above; and what is left in `upstream` at the end is ∂f/∂x.
#
# Here is the same, step by step, as the engine does it: each node waits until its gradient is complete, then hands it
# on to its *parents* (the nodes that it was computed from), times the local derivative. Use the buttons or the arrow
# keys.

# %%
ag.step_through(f)

# %% [markdown]
# How much does reusing save? Written out, the derivative by w⁽ˡ⁾ in a net of L layers has 2 (L − l) + 2 factors, so
# layers far from the end cost most.
#
# **Predict.** A hundred layers in place of ten: how many times as many multiplications, written out? And reused?

# %% tags=["plot"]
depths = range(1, 101)
plt.plot(depths, [sum(2 * (n - layer) + 1 for layer in range(1, n + 1)) for n in depths], label="each written out")
plt.plot(depths, [3 * n for n in depths], label="each result reused")
plt.xlabel("layers")
plt.ylabel("multiplications")
plt.legend()
plt.show()

# %% [markdown]
# Written out, a hundred times as many, 10,000. Reused, ten times as many, 300. And a chain is the harmless case: where
# paths part and meet again, the difference is that between a moment and the age of the universe, as you will see
# below.
#
# To learn it, do it once by hand. Here is a small graph, f = (a · b + c)²:

# %%
p, q, r = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
d = p * q
d.label = "d"
e = d + r
e.label = "e"
table = e * e
table.label = "f"
ag.draw(table)

# %% [markdown]
# ### Exercise 1.3 The table
#
# Fill in the gradients: ∂f/∂e first, then ∂f/∂d and ∂f/∂c, then ∂f/∂a and ∂f/∂b. All five are asked.

# %% tags=["exercise"]
answer = ...  # {"e": …, "d": …, "c": …, "a": …, "b": …}

# %% tags=["check"]
ag.check("1.3", answer)

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
# And now against the machine. Press **Predict first**, and it asks before it shows: which way will f move, how far,
# which leaf has the largest gradient? (A *leaf* is a value that was not computed from others: a, b and c.) It counts
# how often you are right.
#
# In its chain rule, ∂f/∂e|direct is the derivative of the last step alone. e is used twice by f = e · e, so ∂f/∂e is
# the sum of two such terms.

# %%
ag.explore(table)

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


first, second, c = doubled(2)  # b = a + a, c = b + b
c

# %% [markdown]
# **Predict.** c is four times a. What is ∂c/∂a, and what will `naive` say?

# %%
c.grad = 1.0
naive(c)
ag.draw(c)

# %%
wrong = first.grad
c.zero_grad()
c.backward()
print(f"∂c/∂a: naive says {wrong:g}, backward {first.grad:g}")

# %% [markdown]
# `naive` came to b twice, because c = b + b uses it twice. The first time b had a gradient of 1, and handed it on. The
# second time it had 2, and handed on all of it, also the 1 that it had already given away: 1 + 1 + 2 + 2 = 6.
#
# So a node has to **wait until everything that uses it has paid in**, and then hand on once. For that we put the nodes
# in a row in which each one comes after its *operands* (the values it was computed from). Such a row is called a
# *topological order*. The backward pass goes through it from the end.

# %%
for node in reversed(ag.topological_order(c)):
    print(node.label, "hands on", node.grad)

# %% [markdown]
# **Predict.** How does the mistake grow if the doubling is repeated ten times?

# %% tags=["plot"]
wrong, right = [], []
for times in range(1, 11):
    bottom, *_, top = doubled(times)
    right.append(ag.grad(top, bottom))
    top.grad = 1.0
    naive(top)
    wrong.append(bottom.grad)
plt.semilogy(range(1, 11), wrong, "o-", color="C3", label="naive")
plt.semilogy(range(1, 11), right, "o-", color="C0", label="in the right order")
plt.xlabel("doublings")
plt.ylabel("the derivative it finds")
plt.legend()
plt.show()

# %% [markdown]
# One could repair `naive`: let it carry along the product of the path that it is on, and add only that. Then the
# numbers are right, but it walks every path by itself. How many are there, after a hundred doublings?

# %%
start = result = Value(1.0, label="a")
for _ in range(100):
    result = result + result
paths = ag.explain(result, wrt=start).path_count

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
ag.check("1.4", answer)

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
# ## The other order: forward
#
# ∂f/∂w⁽¹⁾ is a product of six factors, and a product may be worked out from either end. Backpropagation begins at f.
# *Forward mode* begins at the parameter.

# %%
factors = ag.explain(f, wrt=w[1]).paths[0].factors
from_f, from_w = [1.0], [1.0]
for factor, other in zip(factors, reversed(factors), strict=True):
    from_f.append(from_f[-1] * factor)
    from_w.append(from_w[-1] * other)
print("from f:   ", "  ".join(f"{product:+.4f}" for product in from_f))
print("from w(1):", "  ".join(f"{product:+.4f}" for product in from_w))

# %% [markdown]
# Both rows end with the same number, but what stands on the way is not the same. From f it is *the derivative of f* by
# z⁽³⁾, a⁽²⁾, z⁽²⁾, …: on its way down it can branch off to every parameter. From w⁽¹⁾ it is the derivative of z⁽¹⁾,
# a⁽¹⁾, z⁽²⁾, … *by w⁽¹⁾*: how fast each value moves when w⁽¹⁾ does, which is of no use for any other parameter.
#
# `ag.jvp` goes forward through the same graph, with the same local derivatives. It takes a function, its inputs, and
# for each input how fast it moves.
#
# **Predict.** How many passes does it need for the six derivatives of f?


# %%
def chain(w1, b1, w2, b2, w3, b3):
    """Return f(2) as a function of the six parameters."""
    a1 = ag.sigmoid(w1 * 2.0 + b1)
    a2 = ag.sigmoid(w2 * a1 + b2)
    return ag.sigmoid(w3 * a2 + b3)


numbers = [p.data for p in net.parameters()]
forward = []
for k in range(6):
    only_one_moves = [float(i == k) for i in range(6)]
    value, slope = ag.jvp(chain, numbers, only_one_moves)
    forward.append(slope)
    print(f"moving {only_one_moves}   f moves by {slope:+.6f}   backward found {Df[k]:+.6f}")

# %% [markdown]
# Six: one for each parameter, where one pass backward gives all of them. A net has one cost and thousands of
# parameters, so it goes backward. With one input and thousands of results it is the other way round.

# %% [markdown]
# ## Other nets, other formulas

# %% [markdown]
# The derivatives of this notebook belong to a chain of three sigmoid units. Change the net, and the formulas change.

# %%
# L16: the formulas depend on the architecture
deeper = nn.MLP(1, [1, 1, 1, 1], activation="tanh", output="linear", seed=0)
factors = ag.explain(deeper([x]), wrt=deeper.layers[0].neurons[0].w[0]).paths[0].factors

start = Value(2.0, label="x", kind="input")
around, through = 0.5 * start, ag.sigmoid(1.5 * start - 0.5)  # the input also goes around the unit
around.label, through.label = "s", "a"
skipping = through + around
skipping.label = "f"
print(f"the deeper chain: {len(factors)} factors, where the chain above has 6")
ag.explain(skipping, wrt=start)

# %% [markdown]
# One layer more brings two factors, and a linear output has no g′ to bring: 6 + 2 − 1 = 7. And if the input also goes
# around a unit, there are two paths. Another activation, another layer, an arrow that skips one: each changes the
# formulas, and one has to work them out anew. Nobody does that by hand today. The two rules stay the same, *multiply
# along a path* and *add where paths meet*, and a program that follows the recorded graph applies them to any
# architecture:

# %%
skipping.backward()
ag.draw(skipping, wrt=start)

# %% [markdown]
# You have backpropagation now: the rule (upstream gradient times local derivative, added up), the order, and a program
# of your own that does it for any graph. **Next:** in [notebook 2](02_several_nodes.ipynb) a layer has several units,
# and paths part and meet everywhere.
