/* The graph as a tape: numbers in typed arrays, one loop forward, one back. The rows are written by the translator. */

const NODES = DATA.nodes.map(([name, text, rules, arrows, from, row = 0, length, prime, given, formula]) => (from
  ? { name, template: text, rules, arrows, from, row, length, prime, given, formula } : { name, python: text }));
const COUNT = NODES.length, LEAVES = DATA.leaves, ROOT = COUNT - 1;
const value = Float64Array.from([...DATA.start, ...DATA.numbers]);
const grad = new Float64Array(COUNT);
const names = NODES.map((node) => [node.name].flat()[0]), OUT = [DATA.root].flat()[0]; // a list marks a loose one

/** Fill the gaps of a template; the brackets around one go where they are no function's and the number needs none. */
function filled(template, textOf, needs = () => false) {
  const bracketed = /([^0-9A-Za-z\u0370-\u03ff\u2080-\u209c]|^)[(](−[{]([0-9]+)[}])[)]/g;
  return template.replace(bracketed, (text, before, gap, i) => (needs(i) ? text : before + gap))
    .replace(/−[{]([0-9]+)[}]/g, (text, i) => textOf(i));
}
for (const node of NODES) if (node.from) node.formula ??= filled(node.template, (i) => names[node.from[i]]);

/** Where the local derivatives of each node begin. */
const first = new Int32Array(COUNT + 1);
NODES.forEach((node, k) => { first[k + 1] = first[k] + (node.from?.length ?? 0); });
const local = new Float64Array(first[COUNT]);
const scratch = new Float64Array(Math.max(1, ...NODES.map((node) => node.from?.length ?? 0)));

/** The operands of each node that are nodes, as [operand, position]. */
const parents = NODES.map((node) => (node.from ?? []).map((slot, at) => [slot, at]).filter(([slot]) => slot < COUNT));
const computed = NODES.map((_, k) => k).filter((k) => NODES[k].from);

/** The uses of each node, operands first, as [node, number of the parent, position]. */
const users = NODES.map(() => []);
for (const k of computed) parents[k].forEach(([slot, at], index) => users[slot].push([k, index, at]));

function load(k, v) {
  const from = NODES[k].from;
  for (let i = 0; i < from.length; i++) scratch[i] = v[from[i]];
}

/** Return the value of a node; one without a formula moves as its given derivatives predict. */
function valueOf(k, v) {
  const node = NODES[k];
  if (node.given) {
    let sum = DATA.start[k];
    node.from.forEach((slot, i) => {
      const change = v[slot] - DATA.start[slot];
      if (change !== 0) sum += change * node.given[i];
    });
    return sum;
  }
  load(k, v);
  return ROWS[node.row].value(scratch, node.length);
}

/** Compute nodes, operands first. */
function forward(nodes = computed, v = value) {
  for (const k of nodes) v[k] = valueOf(k, v);
}

/** Compute all local derivatives and gradients. */
function backward() {
  grad.fill(0);
  grad[ROOT] = 1;
  for (const k of computed) {
    const node = NODES[k], to = local.subarray(first[k], first[k + 1]);
    if (node.given) {
      to.set(node.given);
      continue;
    }
    load(k, value);
    ROWS[node.row].slopes(value[k], scratch, node.length, to);
  }
  for (let k = ROOT; k >= 0; k--) {
    for (const [slot, at] of parents[k]) grad[slot] += grad[k] * local[first[k] + at];
  }
}

/** The nodes that depend on a leaf, operands first. */
const dependents = new Map();
function above(leaf) {
  if (!dependents.has(leaf)) {
    const met = new Set([leaf]);
    dependents.set(leaf, computed.filter((k) => parents[k].some(([slot]) => met.has(slot)) && met.add(k)));
  }
  return dependents.get(leaf);
}

const trial = new Float64Array(value.length);

/** Return a function: the root's value where a leaf has another number and all others have theirs. */
function rootOver(leaf) {
  const nodes = above(leaf);
  trial.set(value);
  return (x) => {
    trial[leaf] = x;
    forward(nodes, trial);
    return trial[ROOT];
  };
}

/** Return the first node that is not finite though its operands are, or -1. */
function firstTrouble() {
  const finite = (slot) => Number.isFinite(value[slot]);
  return computed.find((k) => !finite(k) && NODES[k].from.every(finite)) ?? -1;
}
