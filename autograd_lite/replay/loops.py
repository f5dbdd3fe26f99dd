"""The text of the kernels: the loops over a tape, around the arms that `arms.py` writes for each row.

There are two ways to run the nodes of a tape. What runs once, all of them for one row of numbers, reads the numbers
of the slots from `v`, and their gradients from `g`. What runs for many rows side by side tells slots apart: one that
*varies* from row to row has a line of *lanes* in V and in G, one lane a row; a *uniform* one (parameters, constants,
and what is computed from these alone, once) stays a single number in `v` and `g`. The *place* of an operand says
which: a line above 0, or `~slot` below.

`to` says where the gradient of an operand goes. It is the operand's slot or place, or *nowhere*, where none is asked
for: one row adds it to an unused slot, many rows skip a place of 0.

Throughout, `s` is where a node's operands start, `count` how many they are, `n` the length of its lists; `o` is the
line of the node at hand, `l` a lane, `m` the number of lanes in use; `xs` and `ds` are room for the operands and the
partials of one node. The `way` of a weighted sum is which of its lists varies, 1 or 2, where the other is uniform, its
weights; else 0. `units` is how many nodes of its layer (`layers.py`) run with a node, 0 for those that another one
takes along.
"""

HEAD = '''
"""The kernels that replay a tape, written by autograd_lite from its table of operations."""

import math

import numpy as np
from numba import njit

inf = math.inf
nan = math.nan
part = dict(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
function = njit(**part)
inlined = njit(forceinline=True, **part)  # a call would count references to the arrays
summing = njit(fastmath={{"reassoc", "contract"}}, **part)  # a sum over lanes may take any order; nothing else may
kernel = njit(error_model="numpy", nogil=True, cache=CACHED)

SHORT = {short}  # rows with a code below take no lists
OPERANDS = {operands}  # lines of V for operands that are uniform,
SHARES = {shares}  # and for what a node without lists hands on to each operand
'''

LISTS = '''

@function
def value(code, count, xs):
    """Return the result of a row of lists on its flat operands."""
{value}
    return nan


@function
def partials(code, count, out, xs, ds):
    """Put the local derivatives of a row of lists by its flat operands into ds."""
{partials}
'''

COMPARE = """

@function
def compare(how, a, b):
{}
    return False
"""

SPREAD = '''

@kernel
def spread(codes, starts, operands, first, varies, ways):
    """Mark the slots that vary from row to row, given which of the arguments do; and the way in which a fold does."""
    for node in range(len(codes)):
        code = codes[node]
        s = starts[node]
        for k in range(s, starts[node + 1]):
            if varies[operands[k]]:
                varies[first + node] = True
        way = 0
{ways}
        ways[node] = way
'''

ONE = '''

@function
def forward_once(ranges, codes, starts, operands, first, v, xs):
    """Compute the nodes of some ranges, from the first to the last."""
    for i in range(len(ranges)):
        for node in range(ranges[i, 0], ranges[i, 1]):
            code = codes[node]
            s = starts[node]
{forward}
            else:
                count = starts[node + 1] - s
                for k in range(count):
                    xs[k] = v[operands[s + k]]
                out = value(code, count, xs)
            v[first + node] = out


@function
def backward_once(ranges, codes, starts, operands, to, first, v, g, xs, ds):
    """Hand the gradients of the nodes of some ranges on, from the last to the first.

    It leaves none on the nodes, so that they are clean for the next run.
    """
    nowhere = len(g) - 1
    for i in range(len(ranges) - 1, -1, -1):
        for node in range(ranges[i, 1] - 1, ranges[i, 0] - 1, -1):
            out = v[first + node]
            grad = g[first + node]
            g[first + node] = 0.0
            code = codes[node]
            s = starts[node]
{backward}
            else:
                count = starts[node + 1] - s
                for k in range(count):
                    xs[k] = v[operands[s + k]]
                partials(code, count, out, xs, ds)
                for k in range(count):
                    g[to[s + k]] += grad * ds[k]


@inlined
def line_of(place, spare, m, v, V):
    """Return the line of an operand; a uniform one's number fills a spare line."""
    if place > 0:
        return place
    number = v[~place]
    for l in range(m):
        V[spare, l] = number
    return spare


@summing
def summed(total, grad, partial):
    """Return a sum over lanes, with the next lane's share in it."""
    return total + grad * partial


@summing
def sum_of(V, q, m):
    """Return the sum of the lanes of line q."""
    total = 0.0
    for l in range(m):
        total += V[q, l]
    return total
'''

ROWS = '''

@function
def run_rows(rows, begin, end, gradient, nodes, places, to, results, guards, v, g, V, G, xs, ds, outputs, held):
    """Run the rows from `begin` to `end` in blocks of lanes; return the sum of their first outputs."""
    grand = 0.0
    arguments = OPERANDS + SHARES
    top = arguments + rows.shape[1]
    result = results[0]
    at = np.empty(OPERANDS, np.int64)
    for start in range(begin, end, V.shape[1]):
        m = min(V.shape[1], end - start)
        for x in range(rows.shape[1]):
            for l in range(m):
                V[arguments + x, l] = rows[start + l, x]
        for turn in range(2):
            for i in range(len(nodes)):
                code, s, count, way, units = nodes[i, 0], nodes[i, 1], nodes[i, 2], nodes[i, 3], nodes[i, 5]
                if units == 0:
                    continue
                o = top + i
                if code < SHORT:
                    for j in range(count):
                        at[j] = line_of(places[s + j], j, m, v, V)
{forward}
                else:
                    for l in range(m):
                        for k in range(count):
                            q = places[s + k]
                            xs[k] = V[q, l] if q > 0 else v[~q]
                        V[o, l] = value(code, count, xs)
            if turn == 1:
                break
            for j in range(len(results)):
                q = line_of(results[j], 0, m, v, V)
                for l in range(m):
                    outputs[start + l, j] = V[q, l]
            if guards.shape[1] == 0:
                break
            for j in range(guards.shape[1]):
                p = line_of(guards[1, j], 0, m, v, V)
                q = line_of(guards[2, j], 1, m, v, V)
                for l in range(m):
                    if compare(guards[0, j], V[p, l], V[q, l]) != guards[3, j]:
                        held[start + l] = False
            kept = 0
            for l in range(m):
                if held[start + l]:
                    for x in range(rows.shape[1]):
                        V[arguments + x, kept] = rows[start + l, x]
                    kept += 1
            if kept == m:
                break
            m = kept  # once more without the others, which must leave no trace, not even 0 * inf
        for l in range(m):
            grand += V[result, l] if result > 0 else v[~result]
        if not gradient:
            continue
        for p in range(arguments, V.shape[0]):
            for l in range(m):
                G[p, l] = 0.0
        if result > 0:
            for l in range(m):
                G[result, l] = 1.0
        else:
            g[~result] += m
        for i in range(len(nodes) - 1, -1, -1):
            code, s, count, way, units = nodes[i, 0], nodes[i, 1], nodes[i, 2], nodes[i, 3], nodes[i, 5]
            if units == 0 or not nodes[i, 4]:
                continue
            o = top + i
            if code < SHORT:
                for j in range(count):
                    at[j] = line_of(places[s + j], j, m, v, V)
{backward}
            else:
                for l in range(m):
                    for k in range(count):
                        q = places[s + k]
                        xs[k] = V[q, l] if q > 0 else v[~q]
                    partials(code, count, V[o, l], xs, ds)
                    for k in range(count):
                        q = to[s + k]
                        if q > 0:
                            G[q, l] += G[o, l] * ds[k]
                        elif q < 0:
                            g[~q] += G[o, l] * ds[k]
            if code < SHORT:
                for j in range(count):
                    q = to[s + j]
                    if q > 0:
                        for l in range(m):
                            G[q, l] += V[OPERANDS + j, l]
                    elif q < 0:
                        g[~q] += sum_of(V, OPERANDS + j, m)
    return grand


@kernel
def run(forward, backward, ranges, seed, codes, starts, operands, to, guards,
        rows, begin, end, nodes, places, targets, results, guards_of_rows, v, g, lists, lanes, outputs, held):
    """Run ranges of nodes once, and the others for the rows from `begin` to `end`; forward, backward, or both.

    Return whether the guards hold for what ran once, and the sum of the rows' first outputs. Forward clears the
    gradients of what is no node; backward starts with a gradient of 1 at the slot `seed`, or below 0 with those that
    are there and those of the rows.
    """
    first = len(g) - 1 - len(codes)
    xs, ds = lists[0], lists[1]
    total = 0.0
    if forward:
        g[:first] = 0.0
        forward_once(ranges, codes, starts, operands, first, v, xs)
        for i in range(guards.shape[1]):
            if compare(guards[0, i], v[guards[1, i]], v[guards[2, i]]) != guards[3, i]:
                return False, total
        if begin < end:
            total = run_rows(rows, begin, end, backward, nodes, places, targets, results, guards_of_rows,
                             v, g, lanes[0], lanes[1], xs, ds, outputs, held)
    if backward:
        if seed >= 0:
            g[seed] = 1.0
        backward_once(ranges, codes, starts, operands, to, first, v, g, xs, ds)
    return True, total
'''
