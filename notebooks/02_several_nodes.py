# %% [markdown]
# # 2 · Several units in a layer
#
# In notebook 1 there was one way from a weight to the end. Real layers have many units, and then there are many ways.
# What happens to the chain rule? Less than one might fear: **multiply along each path, and add the paths.**
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
# ## The net, and who is who
#
# Two inputs, two hidden layers with two units each, one output; g is the sigmoid everywhere. We build it layer by
# layer, to have every output at hand.

# %%
net = nn.MLP(2, [2, 2, 1], activation="sigmoid", output="sigmoid")
numbers = [1.0, 0.5, 0.5, -1.0, 0.5, 1.0]  # layer 1: two weights and a bias of unit 1, then of unit 2
numbers += [2.0, -1.0, 0.0, -1.5, 1.0, 0.5]  # layer 2
numbers += [2.0, 3.0, -2.0]  # layer 3
for parameter, number in zip(net.parameters(), numbers, strict=True):
    parameter.data = number

x1, x2 = Value(1.0, label="x1"), Value(-2.0, label="x2")
layer1 = net.layers[0]([x1, x2])  # a₁ and a₂ of layer 1
layer2 = net.layers[1](layer1)  # a₁ and a₂ of layer 2
f = net.layers[2](layer2)
f

# %% [markdown]
# A weight now needs two numbers below: $w_{ij}^{(l)}$ leads **from** unit i of layer l − 1 **to** unit j of layer l.
#
# **Predict.** How many weights and biases does the net have? How many nodes will its graph have, with a z and an a
# for each of the five units, and the two inputs?

# %%
# L17: the graph with several units
nodes, edges = ag.trace(f)

assert len(net.parameters()) == (2 * 2 + 2) + (2 * 2 + 2) + (2 + 1)
assert len(nodes) == 15 + 2 * 5 + 2
f.backward()
ag.draw(f, rankdir="TB")

# %% [markdown]
# Code counts from 0, the course from 1. So that the formulas below look like those on the blackboard, three little
# helpers: `w(2, 1, 3)` is $w_{21}^{(3)}$, its arguments in the order in which they stand below and above.


# %%
def w(i, j, layer):
    """Return the weight that leads from unit i of the layer before to unit j of the layer."""
    return net.layers[layer - 1].neurons[j - 1].w[i - 1]


def a(i, layer):
    """Return the output of unit i of a layer; layer 0 is the input."""
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

assert math.isclose(four, ag.grad(a(1, 2), w(1, 1, 1)))
ag.explain(a(1, 2), wrt=w(1, 1, 1))

# %% [markdown]
# (The engine calls f whatever it was asked to explain. Here that is a₁⁽²⁾ itself, hence the 1 in front.)
#
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
    assert math.isclose(w(i, j, layer).grad, a(j, layer).grad * g_prime(j, layer) * a(i, layer - 1).data)

assert len(places) == 10  # all ten weights of the net

# %% [markdown]
# ### Exercise 2.1 Which way round?
#
# Write ∂f/∂w₁₂⁽²⁾ by this formula, with `a(…)`, `g_prime(…)` and `.grad`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif ag.check_answers(f, {w(1, 2, 2): answer}):
    print("Right: from unit 1 of layer 1, to unit 2 of layer 2.")
elif math.isclose(answer, a(2, 2).grad * g_prime(2, 2) * a(1, 2).data):
    print("Not yet: the last factor belongs to the layer before the weight, not to its own.")
else:
    print(ag.check_answers(f, {w(1, 2, 2): answer}))

# %% [markdown]
# <details><summary>Solution</summary>
#
# It leads from unit 1 of layer 1 to unit 2 of layer 2:
#
# ```python
# answer = a(2, 2).grad * g_prime(2, 2) * a(1, 1).data
# ```
# </details>

# %% [markdown]
# ## Where paths meet: the sum
#
# That leaves ∂f/∂a. In notebook 1 each a had *one* reader. Here a₁⁽¹⁾ is read by both units of layer 2. When it
# moves, both of them move, and both move f.

# %%
ag.draw(f, wrt=w(1, 1, 1), fold="neuron")

# %% [markdown]
# (The same net, each unit folded into one card: its output and ∂f/∂a. On the arrows stand the weights.)
#
# > **A slip on the slides.** There you find ∂f/∂aᵢ⁽ˡ⁾ = ∂f/∂aⱼ⁽ˡ⁺¹⁾ · g′(zⱼ⁽ˡ⁺¹⁾) · wᵢⱼ⁽ˡ⁺¹⁾, with a j that nobody
# has
# > chosen. What is missing is the sum over all units j of the next layer.
#
# **Predict.** Does it matter? Below are both terms. Guess the sign of the truth.

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
plt.bar(["unit 1 only\n(slide, j = 1)", "unit 2 only\n(slide, j = 2)", "the sum", "asked by\ndifferences"],
        [*via, sum(via), asked], color=["C7", "C7", "C0", "C2"])  # fmt: skip
plt.axhline(0, color="black", linewidth=0.5)
plt.ylabel("∂f/∂a₁ of layer 1")
plt.show()

# %%
# L20: with the sum over the next layer's units, and why it is needed
for i in (1, 2):
    terms = [a(j, 2).grad * g_prime(j, 2) * w(i, j, 2).data for j in (1, 2)]
    assert math.isclose(a(i, 1).grad, sum(terms))

assert math.isclose(a(1, 1).grad, asked, rel_tol=1e-8)
assert via[0] > 0 > a(1, 1).grad  # one term alone, and even the sign is wrong
ag.explain(f, wrt=w(1, 1, 1))

# %% [markdown]
# That is the whole story, and the explanation tells it twice: first as a sum over the two *paths*; then *grouped*, as
# one computes it, where ∂f/∂a₁⁽¹⁾ is added up once, and what follows is multiplied once.

# %% [markdown]
# ### Exercise 2.2 Put the sum back
#
# Write a function `answer(i)` that returns ∂f/∂a of unit i of layer 1, from layer 2: with `a(…).grad`, `g_prime(…)`
# and `w(…).data`, but without looking at `a(i, 1).grad`.

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
if answer is ...:
    print("not answered yet")
elif all(math.isclose(answer(i), a(i, 1).grad) for i in (1, 2)):
    print("Right, for both units.")
else:
    for i in (1, 2):
        terms = [a(j, 2).grad * ag.grad(a(j, 2), a(i, 1)) for j in (1, 2)]
        if math.isclose(answer(i), a(i, 1).grad):
            print(f"Unit {i}: yes.")
        elif any(math.isclose(answer(i), term) for term in terms):
            print(f"Unit {i}: not yet. That is one term of two, as on the slide. Both units of layer 2 read a(i, 1).")
        elif math.isclose(answer(i), sum(terms[j - 1] / w(i, j, 2).data * w(j, i, 2).data for j in (1, 2))):
            print(f"Unit {i}: not yet. The weights lead from unit i to unit j, so it is w(i, j, 2).")
        elif math.isclose(answer(i), sum(terms[j - 1] / g_prime(j, 2) for j in (1, 2))):
            print(f"Unit {i}: not yet. Each way back passes an activation, which costs a factor g'(z).")
        else:
            print(f"Unit {i}: not yet. For each unit j of layer 2: its ∂f/∂a, times g'(z), times the weight; then add.")

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
# **Predict.** Layers of ten units each, and one output. How many paths are there from one first-layer weight to f, if
# there are five such layers?

# %%
depths = (1, 2, 3, 4, 5)
paths, products = [], []
for depth in depths:
    wide = nn.MLP(2, [10] * depth + [1], activation="sigmoid", seed=0)
    out = wide([1.0, -2.0])
    paths.append(ag.explain(out, wrt=wide.layers[0].neurons[0].w[0]).path_count)
    products.append(len(ag.trace(out)[1]))  # one multiplication for each arrow of the graph

assert paths == [10 ** (depth - 1) for depth in depths]
paths

# %% tags=["plot"]
plt.semilogy(depths, paths, "o-", label="paths from one weight to f")
plt.semilogy(depths, products, "o-", label="products of backpropagation, for all weights")
plt.xlabel("layers of ten units")
plt.xticks(depths)
plt.legend()
plt.show()

# %% [markdown]
# With each layer there are ten times as many paths, and some two hundred arrows more. Going backward and adding up at
# every node, one computes the sum over all paths, for all weights, without ever walking one of them.

# %% [markdown]
# ### Exercise 2.3 Count
#
# A net has two inputs and layers of 4, 3 and 5 units, then one output: `nn.MLP(2, [4, 3, 5, 1])`. How many paths lead
# from $w_{11}^{(1)}$ to f?

# %% tags=["exercise"]
answer = ...

# %% tags=["check"]
model = nn.MLP(2, [4, 3, 5, 1])
count = ag.explain(model([1.0, 1.0]), wrt=model.layers[0].neurons[0].w[0]).path_count
if answer is ...:
    print("not answered yet")
elif answer == count:
    print("Right: to one unit, then to each of the next layer, from each of these to each of the one after.")
elif answer in (4 * count, 2 * 4 * count):
    print("Not yet: w₁₁ leads to one unit of the first layer only, so the 4 does not count.")
elif answer in (3 + 5, 1 + 3 + 5, 3 + 5 + 1, 4 + 3 + 5, 4 + 3 + 5 + 1):
    print("Not yet: the ways multiply, they do not add: each unit of one layer leads to every one of the next.")
else:
    print("Not yet: follow the weight to its one unit, and multiply by the number of units of each layer after it.")

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
# **Next:** notebook 3 looks at the same thing the other way round. We turn a weight, and watch.
