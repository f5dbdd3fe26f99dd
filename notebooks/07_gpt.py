# %% [markdown]
# # 7 · A GPT from numbers
#
# The programs that write text, GPT and its relatives, are nets like those of this course: units, weighted sums, ReLU,
# softmax, cross-entropy, Adam. One part is new, *attention*, and it is made of operations that you know. Here is a
# whole one, small enough to train in a minute. It learns to invent names.
#
# You need [notebook 6](06_train_a_net.ipynb) and, for softmax, [notebook 5](05_output_units.ipynb). There is nothing
# about GPTs in the lecture; this notebook is an addition of ours.
#
# (New words stand in *italics*; [the words of this course](words.md) has all of them on one page.)
#
# (Without matplotlib, which `pip install ".[plot]"` brings, skip the cells that mention `plt`; everything else runs.)

# %%
import math
import random
from collections import Counter
from itertools import pairwise

import autograd_lite as ag
from autograd_lite import Value, datasets, nn

# %% tags=["plot"]
import matplotlib.pyplot as plt

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": "medium"})

# %% [markdown]
# ## 7.1 The task: which letter comes next?
#
# 3,002 given names from the US census of 1990, which come with the package (they are in the public domain). One name
# in ten is held out: the net never trains on it.

# %%
names = datasets.names()
random.Random(0).shuffle(names)
train, held_out = names[:2700], names[2700:]
print(f"{len(train)} names to train on, {len(held_out)} held out: {', '.join(held_out[:8])}, …")

# %% [markdown]
# A net that can say which letter comes next can write a whole name: ask it again and again. So one name is several
# small tasks. A dot stands before the first letter and after the last one, so the net also learns how names begin and
# when they end.
#
# The pieces in which a language model reads text are called *tokens*. Here a token is one of 27 characters; in large
# models it is a piece of a word.

# %%
LETTERS = ".abcdefghijklmnopqrstuvwxyz"
for before, after in pairwise(".anna."):
    print(f"after {before!r} comes {after!r}")

# %% [markdown]
# It is a question with 27 answers, so notebook 5 says what to take: 27 outputs, **softmax**, and **cross-entropy**, the
# mean of −log p, where p is the probability that the net gave to the letter that really came.
#
# **Predict.** A net that knows nothing gives every letter p = 1/27. What is its cross-entropy?

# %%
print(f"−log(1/27) = {math.log(27):.3f}")

# %% [markdown]
# ## 7.2 What there is to beat: counting pairs
#
# One can guess the next letter without any net. Count how often each letter follows each other one, and take the
# shares as probabilities. This is called a *bigram* model: it looks at one letter and knows nothing of those before.
# (Each count starts at 1, or else a pair that never occurred would have the probability 0, and the cost ∞.)

# %%
pairs = Counter(pair for name in train for pair in pairwise(f".{name}."))
firsts = Counter(letter for name in train for letter in f".{name}")


def bigram(before, after):
    """Return the share of `after` among the letters that follow `before`."""
    return (pairs[before, after] + 1) / (firsts[before] + 27)


costs = [-math.log(bigram(*pair)) for name in held_out for pair in pairwise(f".{name}.")]
by_pairs = sum(costs) / len(costs)
print(f"cross-entropy of the bigram table on names held out: {by_pairs:.3f} a letter")

# %% [markdown]
# Much better than 3.296. The table has 27 · 27 numbers, and each was found by counting. To look at two letters before,
# it would take 27³ numbers, at three 27⁴: tables do not go far. A net goes further, because it may learn *what to look
# at*.
#
# ## 7.3 A letter becomes a list of numbers
#
# A net calculates with numbers. So each letter gets a list of them, 16 here, which is called its *embedding*. They
# start at random and are learned like all other parameters. Embeddings are the columns of a table, and a column is
# picked by a product: with a list that is 1 for this letter and 0 for the others (*one-hot*).


# %%
def times(table, x):
    """Return the weighted sums of x, one for each row of the table: a layer of linear units without biases."""
    return [ag.dot(row, x) for row in table]


def one_hot(letter):
    """Return 27 numbers, 1 for this letter and 0 for all others."""
    return [float(letter == other) for other in LETTERS]


small = [[0.5, 2.0, 3.0], [0.1, -1.0, 7.0]]  # a table of two numbers for each of three letters
times(small, [0.0, 1.0, 0.0])  # the numbers of the second letter

# %% [markdown]
# Where a letter stands matters, too: a name may end on *a*, but hardly begins on *x*. So each of the nine places gets
# 16 numbers of its own, which are added to those of the letter.
#
# ## 7.4 Attention: which of the earlier letters counts?
#
# Each place now has a list of 16 numbers, x. To guess what follows *ch* the net has to know both letters; after a *q*
# it may forget the rest. **Attention** lets each place choose. From its x, by three tables of weights,
# each place computes three lists:
#
# - a **query**: what am I looking for?
# - a **key**: what have I got?
# - a **value**: what do I hand over, if I am chosen?
#
# The query of the current place is multiplied with the key of every place so far. The products, one number for each
# place, go through a softmax: shares that add up to 1. With these shares the values are added up. That is all.


# %%
def shares(query, keys):
    """Return how much each place counts: the softmax of the products of its key with the query."""
    return ag.softmax([ag.dot(query, key) / math.sqrt(len(query)) for key in keys])


def attention(query, keys, values):
    """Return the mean of the values, each weighted by the share of its place."""
    weights = shares(query, keys)
    return [ag.dot(weights, column) for column in zip(*values, strict=True)]


# %% [markdown]
# (The division by the root of the length keeps the products from growing with it; softmax saturates where they are
# large, as a sigmoid does.)
#
# Here it is for three places, with queries and keys of two numbers and values of one. The query looks for keys whose
# *first* number is large.
#
# **Predict.** Which place will get the largest share? And which way does the output go when the second number of its
# key grows?


# %%
def leaves(name, numbers):
    return [Value(number, label=f"{name}{i}", kind="input") for i, number in enumerate(numbers, start=1)]


query = leaves("q", [2.0, 0.0])
keys = [leaves("k1", [0.0, 1.0]), leaves("k2", [2.0, 0.0]), leaves("k3", [0.5, 0.5])]
values = [leaves("value1", [-1.0]), leaves("value2", [1.0]), leaves("value3", [0.0])]
(out,) = attention(query, keys, values)
out.label = "out"
for place, share in enumerate(shares(query, keys), start=1):
    print(f"place {place} gets {share.data:.0%}")

# %%
out.backward()
ag.draw(out)

# %% [markdown]
# The second place, whose key fits the query, gets most, so the output is near its value, 1. The second number of its
# key, `k22` in the picture, has the gradient 0, because the query has a 0 there: it does not ask for it. Everything in
# the picture has a derivative, so everything can be learned: what to look for (query), how to be found (key), and what
# to hand over (value).
#
# ## 7.5 The whole net
#
# Now put it together. `HEADS` = 4 means that attention is done four times side by side, each with a quarter of the
# numbers, so that a place can look for four things at once. After it comes a hidden layer of ReLU units, as in every
# net of this course. What attention and the hidden layer find out is *added* to x. So a gradient has a straight way
# back around both of them, with the factor 1 (notebook 1b had such an arrow that goes around a unit).

# %%
WIDTH, HEADS, HIDDEN, PLACES = 16, 4, 32, 9
EACH = WIDTH // HEADS  # numbers that one head looks at
rng = random.Random(1)


def table(rows, columns):
    """Return a table of parameters that start near 0."""
    return [[Value(rng.gauss(0.0, 0.2), kind="parameter") for _ in range(columns)] for _ in range(rows)]


letters, places = table(WIDTH, 27), table(PLACES, WIDTH)
to_query, to_key, to_value, mix = (table(WIDTH, WIDTH) for _ in range(4))
widen, narrow = table(HIDDEN, WIDTH), table(WIDTH, HIDDEN)
to_answer = table(27, WIDTH)
tables = [letters, places, to_query, to_key, to_value, mix, widen, narrow, to_answer]
parameters = [p for rows in tables for row in rows for p in row]
print(len(parameters), "parameters")


# %%
def added(a, b):
    return [p + q for p, q in zip(a, b, strict=True)]


def embedded(letter, place):
    """Return the numbers of a letter (one-hot) at a place."""
    return added(times(letters, letter), places[place])


def gpt(name):
    """Return, for each place of a name, the z of the 27 letters that may follow."""
    keys, values, answers = [], [], []
    for place, letter in enumerate(name):
        x = embedded(letter, place)
        query = times(to_query, x)
        keys.append(times(to_key, x))
        values.append(times(to_value, x))
        found = []
        for head in range(HEADS):
            part = slice(EACH * head, EACH * (head + 1))
            found += attention(query[part], [key[part] for key in keys], [value[part] for value in values])
        x = added(x, times(mix, found))
        hidden = [z.relu() for z in times(widen, x)]
        x = added(x, times(narrow, hidden))
        answers.append(times(to_answer, x))
    return answers


# %% [markdown]
# Twenty lines, and it is a GPT. A place sees its own letter and those before, because at its turn there are no other
# keys yet. So all letters of a name can be asked for in one pass, and none sees the answer.
#
# ## 7.6 Training
#
# The cost of a name is the sum of the cross-entropies of its letters. All names are filled up with dots to nine
# places, so that they share one graph, and `counts` is 0 for what was filled in. `ag.compile` records that graph once
# and replays it for all names (notebook 6's `nn.fit` does the same).


# %%
@ag.compile
def cost(name, following, counts):
    """Return the sum of the cross-entropies of the letters that count."""
    losses = [nn.cross_entropy(z, letter) for z, letter in zip(gpt(name), following, strict=True)]
    return ag.dot(counts, losses)


def example(name):
    """Return the letters of a name, those that follow, and which of them count."""
    full = f".{name}".ljust(PLACES + 1, ".")
    counts = [float(place <= len(name)) for place in range(PLACES)]
    return [one_hot(letter) for letter in full[:PLACES]], [LETTERS.index(letter) for letter in full[1:]], counts


def columns(names):
    """Return the examples of many names, column by column, and how many letters count."""
    rows = list(zip(*map(example, names), strict=True))
    return rows, sum(sum(counts) for counts in rows[2])


def held_out_cost():
    """Return the mean cross-entropy of a letter, over the names that were held out."""
    rows, count = columns(held_out)
    return sum(cost.map(*rows)) / count


print(f"before training: {held_out_cost():.3f} a letter")

# %% [markdown]
# Each step takes 16 names. The rate falls to 0 towards the end, so that the last steps only tidy up.
#
# **Predict.** Which will the net learn first: which letters are frequent, or which follow each other?

# %% tags=["parameters"]
STEPS = 120

# %%
adam = nn.Adam(parameters, lr=0.03)
batches, trained, checked = [], [], {}
for step in range(STEPS):
    batches = batches or rng.sample(train, len(train))  # all names, in a new order
    rows, count = columns(batches[:16])
    batches = batches[16:]
    adam.zero_grad()
    loss = cost.sum(*rows) / count
    loss.backward()
    adam.lr = 0.03 * (1 - step / STEPS)
    adam.step()
    trained.append(loss.data)
    if (step + 1) % (STEPS // 4) == 0:
        checked[step + 1] = held_out_cost()
        print(f"after {step + 1:4} steps: {checked[step + 1]:.3f} a letter on names held out")

# %% tags=["plot"]
figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(trained, color="lightgrey", label="each batch")
ax.plot(list(checked), list(checked.values()), "o-", color="C0", linewidth=2, label="held out")
ax.axhline(by_pairs, color="C3", linestyle="--", label="bigram table, held out")
ax.set(xlabel="step", ylabel="cross-entropy a letter")
ax.legend()
plt.show()

# %% [markdown]
# First it learns which letters are frequent, which is quick; then which follow each other, and the curve reaches the
# table's line; then what no table of pairs can know.

# %%
print(f"knows nothing {math.log(27):.2f}   bigram table {by_pairs:.2f}   GPT {checked[STEPS]:.2f}")

# %% [markdown]
# ## 7.7 What it looks at
#
# Each square is the share that the place of its row gives to the place of its column, in one of the four heads.


# %%
def looks(name, head):
    """Return the shares of all places so far, for each place of a name."""
    xs = [embedded(one_hot(letter), place) for place, letter in enumerate(name)]
    part = slice(EACH * head, EACH * (head + 1))
    keys = [times(to_key, x)[part] for x in xs]
    return [[share.data for share in shares(times(to_query, x)[part], keys[: place + 1])] for place, x in enumerate(xs)]


# %% tags=["plot"]
name = ".michelle"
figure, panels = plt.subplots(1, 4, figsize=(8.6, 2.6), sharey=True, layout="constrained")
for head, ax in enumerate(panels):
    square = [row + [0.0] * (len(name) - len(row)) for row in looks(name, head)]
    ax.imshow(square, cmap="Blues", vmin=0, vmax=1)
    ax.set(title=f"head {head + 1}", xticks=range(len(name)), xticklabels=name, yticks=range(len(name)))
    ax.set(yticklabels=name, xlabel="looks at")
panels[0].set_ylabel("when it stands at")
plt.show()

# %% [markdown]
# At the beginning of a name each head has its favourites; further on it spreads its look over many places. No line of
# the program says what a head should look at: they found it because it lowers the cost.
#
# ## 7.8 It writes
#
# Begin with the dot, ask for the 27 probabilities, draw a letter by them, append it, ask again, until it draws a dot.


# %%
def invent(rng):
    """Return a name, drawn letter by letter from the net's probabilities."""
    name = "."
    while len(name) < PLACES:
        with ag.no_grad():
            probabilities = ag.softmax(gpt([one_hot(letter) for letter in name])[-1])
        letter = rng.choices(LETTERS, [p.data for p in probabilities])[0]
        if letter == ".":
            break
        name += letter
    return name[1:]


rng = random.Random(3)
invented = [invent(rng) for _ in range(16)]
for name in invented:
    print(name, "(a real one)" if name in names else "")

# %% [markdown]
# Beside them, what the bigram table writes, which knows only the letter before:

# %%
for _ in range(8):
    name = "."
    while len(name) < PLACES:
        letter = rng.choices(LETTERS, [bigram(name[-1], after) for after in LETTERS])[0]
        if letter == ".":
            break
        name += letter
    print(name[1:])

# %% [markdown]
# ## 7.9 From here to the large ones
#
# A large language model is this program with larger numbers: dozens of such layers one after the other in place of one,
# thousands of numbers for each token in place of 16, a hundred thousand tokens in place of 27, and most of the text of
# the internet in place of names. In each layer the numbers x are also brought to one size before they are used
# (*normalisation*), so that many layers can stand in a row. Tensors in place of single numbers make it fast. But each
# number in it has its gradient for the same reason as here: it is multiplied along each path, and added where paths
# meet.
#
# Things to try:
#
# - Make it better: 2,000 steps, or twice the width. When does the held-out cost turn?
# - Take the heads away (`x = added(x, times(mix, found))` out): a net that sees one letter. How near does it come to
#   the bigram table?
# - Divide the z by 0.5 before the softmax in `invent`, then by 2. This number is called the *temperature*.
# - Train on names of your own: some three thousand words of at most eight letters from a to z.
