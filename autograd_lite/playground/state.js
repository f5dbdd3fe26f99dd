/* The state that all parts of the page share: `state` holds the settings, `session` the results.

   A part that changes a setting calls `changed` with its kind; a part that shows something has called `follow`. The
   kinds stand in the order in which one brings about the next: new data bring a new net, a new net a new training, and
   so on. */

const KINDS = ["data", "net", "fit", "rows", "numbers", "view"];

const state = {
  // kind: "own" are the rows that the page was made with; the others are drawn by `datasets`
  // points: { rows, targets } that were changed by hand and stand in their place
  data: { kind: DATA.own ? "own" : "moons", count: 100, noise: 0.1, seed: 0, points: null },
  // hidden layers and the output; without a seed the net starts from the numbers that the page was made with
  net: { units: DATA.net.units, activations: DATA.net.activations, init: DATA.net.init, bias: DATA.net.bias,
    seed: DATA.net.seed },
  // share: of the rows, held out
  fit: { loss: DATA.fit.loss, optimizer: DATA.fit.optimizer, lr: DATA.fit.lr, momentum: DATA.fit.momentum,
    decay: DATA.fit.decay, batch: DATA.fit.batch, seed: DATA.fit.seed, share: DATA.fit.share },
  // unit: [layer, unit] or null for the output; peek: that under the pointer; axes: the inputs of the map, or null for
  // those that the page chooses; example: a row of session.all; speed: epochs a frame, or "full"
  view: { unit: null, peek: null, axes: null, example: 0, mode: "probability", lesson: "", log: false,
    gradients: true, speed: 1, hide: [] },
};

const session = {
  all: null, // every row: { rows, targets, count, inputs }
  train: null, // those that the net is trained on
  held: null, // those that it is not, or null
  columns: [], classes: [], task: "two", range: [], axes: [0, 1], // range: of each input; axes: of the map
  net: null,
  memory: [], steps: 0, rng: null, order: null, at: 0, sum: 0, // the optimiser's; of the epoch that has begun
  epoch: 0, // since the net started
  history: { loss: [], held: [] }, // of the epochs; entry 0 is before the first
  sets: new Map(), // parameters that were set by hand since the last call of fit: index → number
  calls: [], // the program that leads here: { sets, fit, epochs }, one for each call of fit
  edited: new Set(), // changes that such a program lacks: "points", "step"
  trouble: "",
};

const followers = Object.fromEntries(KINDS.map((kind) => [kind, []]));
const readers = Object.fromEntries(KINDS.map((kind) => [kind, []]));

/** Have a function called after each change of a kind, and of those before it that bring it about. */
function follow(kind, f) {
  followers[kind].push(f);
}

/** The same for one that writes texts: while the net plays, it is called as often as one can read. */
function followText(kind, f) {
  readers[kind].push(f);
}

const RENEW = { data: renewData, net: renewNet, fit: renewFit, rows: renewRows, numbers: null, view: null };

/** Compute the results that follow from a setting of this kind, and let all parts of the page follow. */
function changed(kind, withTexts = true) {
  const from = KINDS.slice(KINDS.indexOf(kind));
  for (const each of from) RENEW[each]?.();
  for (const each of from) for (const f of followers[each]) f();
  if (withTexts) for (const each of from) for (const f of readers[each]) f();
}

// ------------------------------------------------------------ data

/** Lay rows and targets out in arrays. */
function laidOut({ rows, targets }) {
  const inputs = rows[0]?.length ?? session.all?.inputs ?? 0;
  return { rows: Float64Array.from(rows.flat()), targets: Float64Array.from(targets.flat()), count: rows.length,
    inputs };
}

function renewData() {
  const { kind, count, noise, seed } = state.data, own = kind === "own";
  const drawn = own ? DATA.own : pointsOf(kind, count, noise, seed), inputs = drawn.rows[0].length;
  session.given = own && DATA.own.held ? laidOut(DATA.own.held) : null;
  session.task = own ? DATA.task : DATA.task === "classes" && DATA.outputs === 2 ? "classes" : "two";
  session.columns = Array.from({ length: inputs }, (_, k) => (own && DATA.columns[k]) || `x${subscript(k + 1)}`);
  const known = session.task === "number" ? 0 : session.task === "classes" && own ? DATA.outputs : 2;
  session.classes = Array.from({ length: known }, (_, k) => (own && DATA.classes[k])
    || String(session.task === "sides" ? 2 * k - 1 : k));
  state.data.points = fittingPoints(state.data.points, inputs, [drawn.targets[0]].flat().length, session.task, known);
  session.all = laidOut(state.data.points ?? drawn);
  session.axes = state.view.axes?.every((axis) => axis < inputs) ? state.view.axes : tellingAxes(session.all);
  state.view.example = Math.min(state.view.example, session.all.count - 1);
}

/** Return the two inputs that tell most about the targets: those whose squared correlations with them are largest. */
function tellingAxes({ rows, targets, count, inputs }) {
  if (inputs < 3) return [0, inputs - 1];
  const column = (list, width, k) => Array.from({ length: count }, (_, i) => list[i * width + k]);
  const first = column(targets, targets.length / count, 0);
  const classes = DATA.task === "classes" ? [...Array(DATA.outputs).keys()] : [];
  const wanted = classes.length ? classes.map((k) => deviationsOf(first.map((y) => Number(y === k))))
    : [deviationsOf(first)];
  const every = Array.from({ length: inputs }, (_, axis) => {
    const numbers = column(rows, inputs, axis), far = deviationsOf(numbers);
    return { axis, far, two: new Set(numbers).size < 3, told: wanted.reduce((sum, y) => sum + shared(far, y), 0) };
  }).sort((a, b) => a.two - b.two || b.told - a.told); // on a map, points of two values lie on two lines
  const other = every.find(({ far }, i) => i && shared(far, every[0].far) < 0.999) ?? every[1]; // no copy of the first
  return [every[0].axis, other.axis].sort((a, b) => a - b);
}

/** Return the deviations from the mean as a vector of length 1, or of zeros where all numbers are alike. */
function deviationsOf(numbers) {
  const most = largestOf(numbers) || 1, small = numbers.map((x) => x / most);
  const mean = small.reduce((sum, x) => sum + x / small.length, 0), far = small.map((x) => x - mean);
  const length = Math.sqrt(far.reduce((sum, x) => sum + x * x, 0));
  return far.map((x) => (length > 1e-12 ? x / length : 0));
}

/** The squared correlation of two columns. */
const shared = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0) ** 2;

const subscript = (n) => String(n).replace(/[0-9]/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

/** Return the output units that the task needs with this output. */
function outputsFor(output, loss) {
  if (session.task === "number" || session.task === "sides") return state.data.kind === "own" ? DATA.outputs : 1;
  return output === "softmax" || loss === "cross_entropy" ? Math.max(session.classes.length, 2) : 1;
}

/** Tell whether this pairing of an output and a loss is one, and fits the data. */
function fits(output, loss) {
  if (!DATA.outputs_of[loss].includes(output)) return false;
  const classes = output === "softmax" || loss === "cross_entropy";
  if (session.task === "number") return !classes && loss !== "binary_cross_entropy_with_logits"
    && loss !== "hinge_loss";
  if (session.task === "sides") return !classes && loss !== "binary_cross_entropy_with_logits";
  if (session.classes.length > 2) return classes;
  return loss !== "hinge_loss";
}

/** Set the output and the loss. */
function pair([output, loss]) {
  state.net.activations = state.net.activations.with(-1, output);
  state.fit.loss = loss;
}

// ------------------------------------------------------------ the net

let given = DATA.net; // that a net without a seed starts from

/** Tell whether the net starts from numbers that are given, not drawn. */
const startsAsGiven = () => state.net.seed === null && given.inputs === session.all.inputs
  && given.units.join() === state.net.units.join();
const hasGivenUnits = () => given.activations.join() === state.net.activations.join();

function renewNet() {
  const { net, fit } = state;
  if (!fits(net.activations.at(-1), fit.loss)) pair(DATA.pairings.find((pairing) => fits(...pairing)));
  net.units = [...net.units.slice(0, -1), outputsFor(net.activations.at(-1), fit.loss)];
  session.net = new Net(session.all.inputs, net.units, net.activations);
  if (startsAsGiven()) session.net.parameters.set(given.numbers);
  else session.net.start(net.init, net.bias, net.seed ?? 0);
  Object.assign(session, { epoch: 0, at: 0, order: null, sets: new Map(), calls: [], trouble: "" });
  session.edited.clear();
  if (state.view.unit && !(state.view.unit[1] < net.units[state.view.unit[0]])) state.view.unit = null;
}

// ------------------------------------------------------------ a training, as a call of `fit` begins one

function renewFit() {
  const { fit } = state, { all, net } = session;
  session.rng = new Random(fit.seed);
  session.train = all;
  session.held = session.given;
  if (fit.share !== null) {
    const order = session.rng.shuffle([...Array(all.count).keys()]);
    const held = Math.min(Math.max(1, roundHalfEven(fit.share * all.count)), all.count - 1);
    session.train = chosen(all, order.slice(held).sort((a, b) => a - b));
    session.held = held > 0 ? chosen(all, order.slice(0, held).sort((a, b) => a - b)) : null;
  }
  session.memory = FORMULAS.optimizers[fit.optimizer].start.map((x) => new Float64Array(net.parameters.length).fill(x));
  if (session.order !== null && session.at > 0) session.edited.add("step"); // an epoch that is left half way
  Object.assign(session, { steps: 0, order: null, trouble: "" });
  const last = session.calls.at(-1);
  if (last && !last.epochs) {
    session.sets = new Map([...last.sets, ...session.sets]);
    session.calls.pop();
  }
  session.calls.push({ sets: session.sets, fit: { ...fit }, epochs: 0 });
  session.sets = new Map();
}

function roundHalfEven(x) {
  const low = Math.floor(x), rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2) ? low + 1 : low;
}

/** Return some rows of a set. */
function chosen({ rows, targets, count, inputs }, indices) {
  const width = targets.length / count;
  const picked = { rows: new Float64Array(indices.length * inputs), targets: new Float64Array(indices.length * width),
    count: indices.length, inputs, from: indices };
  indices.forEach((at, i) => {
    picked.rows.set(rows.subarray(at * inputs, (at + 1) * inputs), i * inputs);
    picked.targets.set(targets.subarray(at * width, (at + 1) * width), i * width);
  });
  return picked;
}

/** After the rows changed: the ranges of the map, the epoch that has begun, and the losses before the first one. */
function renewRows() {
  const { all } = session;
  session.order = null;
  session.trouble = "";
  session.range = session.columns.map((_, k) => {
    let low = Infinity, high = -Infinity;
    for (let at = k; at < all.rows.length; at += all.inputs) {
      low = Math.min(low, all.rows[at]);
      high = Math.max(high, all.rows[at]);
    }
    const room = 0.12 * (high - low) || Math.max(1, Math.abs(high) / 10) || 1;
    return [low - room, high + room];
  });
  if (session.epoch === 0) firstLosses();
}

function firstLosses() {
  session.history = { loss: [lossOver(session.train)], held: [session.held ? lossOver(session.held) : NaN] };
}

/** Return the mean loss over a set as the net is now. */
const lossOver = (set) => run(session.net, state.fit.loss, set, null, false);
