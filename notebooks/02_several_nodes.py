# %% [markdown]
# # 2 · Several units in a layer
#
# In notebooks 1a and 1b there was one way from a weight to the end. Real layers have many units, and then there are
# many ways. What happens to the chain rule? Less than one might fear: **multiply along each path, and add the paths.**
#
# (L17, L18, … in the comments count the statements of the lecture, as in notebook 1a.)
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
# ## The net, and who is who
#
# Two inputs, two *hidden* layers (those between the inputs and the output) with two units each, one output; g is the
# sigmoid everywhere. A number below counts inputs or units: $x_1$ and $x_2$ are the two inputs of *one* example. We
# compute layer by layer, to have every output at hand.

# %%
net = nn.MLP(2, [2, 2, 1], activation="sigmoid", output="sigmoid")
numbers = [1.0, 0.5, 0.5, -1.0, 0.5, 1.0]  # layer 1: two weights and a bias of unit 1, then of unit 2
numbers += [2.0, -1.0, 0.0, -1.5, 1.0, 0.5]  # layer 2
numbers += [2.0, 3.0, -2.0]  # layer 3
for parameter, number in zip(net.parameters(), numbers, strict=True):
    parameter.data = number

x1, x2 = Value(1.0, label="x1", kind="input"), Value(-2.0, label="x2", kind="input")
layer1 = net.layers[0]([x1, x2])  # a₁ and a₂ of layer 1
layer2 = net.layers[1](layer1)  # a₁ and a₂ of layer 2
f = net.layers[2](layer2)
f.data

# %% [markdown]
# A weight now needs two numbers below: $w_{ij}^{(l)}$ leads **from** unit i of layer l − 1 **to** unit j of layer l.
#
# **Predict.** How many weights and biases does the net have? How many nodes will its graph have, with a z and an a
# for each of the five units, and the two inputs?

# %%
# L17: the graph with several units
nodes, edges = ag.trace(f)
print(f"{len(net.parameters())} weights and biases, {len(nodes)} nodes, {len(edges)} arrows")

f.backward()
ag.draw(f, rankdir="TB")

# %% [markdown]
# Code counts from 0, the course from 1. So that the formulas below look like those on the blackboard, three little
# helpers: `w(2, 1, 3)` is $w_{21}^{(3)}$, its arguments in the order in which they stand below and above.


# %%
def w(i, j, layer):
    """Return the weight that leads from unit i of the layer before to unit j of the layer."""
    if min(i, j, layer) < 1:
        raise IndexError("units and layers count from 1")
    return net.layers[layer - 1].neurons[j - 1].w[i - 1]


def a(i, layer):
    """Return the output of unit i of a layer; layer 0 is the input."""
    if i < 1:
        raise IndexError("units count from 1")
    return [[x1, x2], layer1, layer2, [f]][layer][i - 1]


def g_prime(i, layer):
    """Return g'(z) at unit i of a layer: σ' = σ (1 − σ)."""
    return a(i, layer).data * (1 - a(i, layer).data)


w(2, 1, 3)

# %% [markdown]
# ## One path: still a chain
#
# Take the first unit of layer 2, and the weight $w_{11}^{(1)}$. Between them lies a single path, the one that is lit:

# %%
ag.draw(a(1, 2), wrt=w(1, 1, 1))

# %% [markdown]
# **Predict.** How many local derivatives lie on it? Name them before you go on.

# %%
# L18: the derivative of a_1(2) by w_11(1), a product of four
four = g_prime(1, 2) * w(1, 1, 2).data * g_prime(1, 1) * x1.data

ag.explain(a(1, 2), wrt=w(1, 1, 1))

# %% [markdown]
# ## Every weight has its own place
#
# From a weight it is always the same three steps to the output of its unit. So, if we know ∂f/∂a for the unit that
# the weight leads to, we are done:
#
# $$\frac{\partial f}{\partial w_{ij}^{(l)}} = \frac{\partial f}{\partial a_j^{(l)}} \cdot
# g'\big(z_j^{(l)}\big) \cdot a_i^{(l-1)}$$
#
# Where the arrow starts (unit i) gives the last factor, where it ends (unit j) the first two.

# %%
# L19: the derivative by any weight
places = [(i, j, layer) for layer in (1, 2) for i in (1, 2) for j in (1, 2)] + [(1, 1, 3), (2, 1, 3)]
for i, j, layer in places:
    by_formula = a(j, layer).grad * g_prime(j, layer) * a(i, layer - 1).data
    print(f"w({i}, {j}, {layer})   by the formula {by_formula:+.6f}   engine {w(i, j, layer).grad:+.6f}")

# %% [markdown]
# ### Exercise 2.1 Which way round?
#
# Write ∂f/∂w₁₂⁽²⁾ by this formula: a function `answer(a, g_prime)`, with `a(…).grad`, `g_prime(…)` and `a(…).data`. It
# is called with those of another net, too.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("2.1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# It leads from unit 1 of layer 1 to unit 2 of layer 2:
#
# ```python
# def answer(a, g_prime):
#     return a(2, 2).grad * g_prime(2, 2) * a(1, 1).data
# ```
# </details>

# %% [markdown]
# ## Where paths meet: the sum
#
# That leaves ∂f/∂a. In notebook 1b each a had *one* reader. Here a₁⁽¹⁾ is read by both units of layer 2. When it
# moves, both of them move, and both move f.

# %%
ag.draw(f, wrt=w(1, 1, 1), fold="neuron")

# %% [markdown]
# (The same net, each unit folded into one card: its output and ∂f/∂a. On the arrows stand the weights.)
#
# > **A slip on the slides.** There ∂f/∂a of a layer is *one* product, written without numbers of units:
# >
# > $$\frac{\partial f}{\partial a^{(l)}} = \frac{\partial f}{\partial a^{(l+1)}} \cdot
# > g'\big(z^{(l+1)}\big) \cdot w^{(l+1)}$$
# >
# > If the next layer has several units, there is one such product for each of them, and their sum is missing.
#
# **Predict.** Does it matter? Below are the products for both units of layer 2. Which sign has ∂f/∂a₁⁽¹⁾?

# %%
via = [a(j, 2).grad * g_prime(j, 2) * w(1, j, 2).data for j in (1, 2)]
print(f"the term of unit 1: {via[0]:+.5f}")
print(f"the term of unit 2: {via[1]:+.5f}")

# %% [markdown]
# Let us ask the function. We turn a₁⁽¹⁾ up and down a little, and compute the rest of the net from there:


# %%
def rest_of_the_net(first):
    """Return f, if unit 1 of layer 1 gave `first`."""
    return net.layers[2](net.layers[1]([first, layer1[1].data])).data


h = 1e-5
asked = (rest_of_the_net(a(1, 1).data + h) - rest_of_the_net(a(1, 1).data - h)) / (2 * h)
asked

# %% tags=["plot"]
plt.bar(["through unit 1", "through unit 2", "the sum", "by differences"], [*via, sum(via), asked])
plt.axhline(0, color="black", linewidth=0.5)
plt.ylabel("∂f/∂a₁ of layer 1")
plt.show()

# %%
# L20: with the sum over the next layer's units, and why it is needed
for i in (1, 2):
    terms = [a(j, 2).grad * g_prime(j, 2) * w(i, j, 2).data for j in (1, 2)]
    print(f"∂f/∂a of unit {i} in layer 1   sum {sum(terms):+.6f}   engine {a(i, 1).grad:+.6f}")

ag.explain(f, wrt=w(1, 1, 1))

# %% [markdown]
# Without the sum even the sign would be wrong: the product through unit 1 is positive, ∂f/∂a₁⁽¹⁾ is negative. With i
# and j written out:
#
# $$\frac{\partial f}{\partial a_i^{(l)}} = \sum_j \frac{\partial f}{\partial a_j^{(l+1)}} \cdot
# g'\big(z_j^{(l+1)}\big) \cdot w_{ij}^{(l+1)}$$
#
# The explanation says it twice: first as a sum over the two *paths*; then *grouped*, as one computes it, where
# ∂f/∂a₁⁽¹⁾ is added up once, and what follows is multiplied once.
#
# Take hold of it. Drag $w_{11}^{(1)}$, and watch two arrows leave a₁⁽¹⁾, one orange, one blue: they pull in opposite
# directions. Then find a value of $w_{12}^{(2)}$ at which the two cancel, so that ∂f/∂w₁₁⁽¹⁾ is about 0.

# %%
ag.explore(f, wrt=w(1, 1, 1))

# %% [markdown]
# ### Exercise 2.2 Put the sum back
#
# Write a function `answer(i)` that returns ∂f/∂a of unit i of layer 1. Compute it from layer 2, with `a(…).grad`,
# `g_prime(…)` and `w(…).data`; do not read it off `a(i, 1).grad`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("2.2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# def answer(i):
#     return sum(a(j, 2).grad * g_prime(j, 2) * w(i, j, 2).data for j in (1, 2))
# ```
# </details>

# %% [markdown]
# ## How many paths?
#
# From w₁₁⁽¹⁾ it goes to one unit of layer 1. From there to *each* unit of layer 2, from each of these to each of
# layer 3, and so on: the widths of the layers after the first multiply.
#
# **Predict.** Five layers of ten units each, then one output. How many paths lead from one weight of the first layer to
# f?

# %%
depths = (1, 2, 3, 4, 5)
paths, products = [], []
for depth in depths:
    wide = nn.MLP(2, [10] * depth + [1], activation="sigmoid", seed=0)
    out = wide([1.0, -2.0])
    paths.append(ag.explain(out, wrt=wide.layers[0].neurons[0].w[0]).path_count)
    products.append(len(ag.trace(out)[1]))  # one multiplication for each arrow of the graph

paths

# %% tags=["plot"]
plt.semilogy(depths, paths, "o-", label="paths from one weight to f")
plt.semilogy(depths, products, "o-", label="products of backpropagation, for all weights")
plt.xlabel("layers of ten units")
plt.xticks(depths)
plt.legend()
plt.show()

# %% [markdown]
# With each layer there are ten times as many paths, but only some two hundred arrows more. Backpropagation adds up at
# every node. So it computes the sum over all paths, for all weights, and walks each arrow once.

# %% [markdown]
# ### Exercise 2.3 Count
#
# A net has two inputs and layers of 4, 3 and 5 units, then one output: `nn.MLP(2, [4, 3, 5, 1])`. How many paths lead
# from $w_{11}^{(1)}$ to f?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
ag.check("2.3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# One unit of the first layer, each of 3, each of 5, one output.
#
# ```python
# answer = 1 * 3 * 5 * 1
# ```
# </details>

# %% [markdown]
# **Next:** [notebook 3](03_intuition.ipynb) looks at the same thing the other way round. We turn a weight, and watch.
