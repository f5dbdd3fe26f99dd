/* The paths from the root down to a leaf: the largest few, and the sum over all others. */

const SHOWN = 6, HUGE = 1e12;
const sizeOf = (x) => (Number.isFinite(x) ? (x ? Math.log(Math.abs(x)) : -HUGE) : HUGE);
const factor = ([k, index]) => local[first[k] + parents[k][index][1]];
const below = ([k, index]) => parents[k][index][0];
const productOf = (edges) => edges.reduce((product, edge) => product * factor(edge), 1);

/** Return for each node above a leaf its derivative by it and the size of the largest path. */
function toLeaf(leaf) {
  const found = new Map([[leaf, { slope: 1, best: 0 }]]);
  for (const k of above(leaf)) {
    let slope = 0, best = -Infinity;
    parents[k].forEach(([slot], index) => {
      const way = found.get(slot);
      if (!way) return;
      const d = factor([k, index]);
      slope += d * way.slope;
      best = Math.max(best, sizeOf(d) + way.best);
    });
    found.set(k, { slope, best });
  }
  return found;
}

/** Return the largest paths, each as its steps from the root down, and the sum over the others. */
function findPaths(leaf) {
  const found = toLeaf(leaf);
  if (!found.has(ROOT)) return { shown: [], rest: 0 };
  const known = new Map();
  const turns = (k) => {
    if (!known.has(k)) {
      const ways = parents[k].map(([slot], index) => [slot, index]).filter(([slot]) => found.has(slot));
      const { best } = found.get(k), sizeBy = ([slot, index]) => sizeOf(factor([k, index])) + found.get(slot).best;
      const losses = ways.map((way) => [best - sizeBy(way), way[1]]);
      known.set(k, losses.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    }
    return known.get(k);
  };
  const onward = (k) => {
    const edges = [];
    while (k !== leaf) {
      edges.push([k, parents[k].length === 1 ? 0 : turns(k)[0][1]]);
      k = below(edges.at(-1));
    }
    return edges;
  };
  const shown = [], heap = [];
  let next = { loss: 0, edges: onward(ROOT), fixed: 0 }, tie = 0;
  while (next && shown.length < SHOWN) {
    const { loss, edges, fixed } = next;
    shown.push(edges);
    const detours = [];
    for (let at = fixed; at < edges.length; at++) {
      for (const [more, index] of turns(edges[at][0]).slice(1)) detours.push({ loss: loss + more, at, index });
    }
    detours.sort((a, b) => a.loss - b.loss || a.at - b.at || a.index - b.index);
    for (const detour of detours.slice(0, SHOWN - shown.length)) heap.push({ ...detour, edges, tie: tie++ });
    heap.sort((a, b) => a.loss - b.loss || a.tie - b.tie);
    const turn = heap.shift();
    if (!turn) break;
    const turned = [turn.edges[turn.at][0], turn.index], path = [...turn.edges.slice(0, turn.at), turned];
    next = { loss: turn.loss, edges: [...path, ...onward(below(turned))], fixed: turn.at + 1 };
  }
  return { shown, rest: restOf(shown, found) };
}

/** Return the sum over all other paths, in bundles that branch off from the shown ones: nothing is subtracted. */
function restOf(shown, found) {
  let rest = 0;
  const follow = (k, product, together, depth) => {
    if (!together.length) rest += product * found.get(k).slope;
    else if (depth < together[0].length) {
      parents[k].forEach(([slot], index) => {
        if (!found.has(slot)) return;
        const agreeing = together.filter((edges) => edges[depth][1] === index);
        follow(slot, product * factor([k, index]), agreeing, depth + 1);
      });
    }
  };
  follow(ROOT, 1, shown, 0);
  return rest;
}
