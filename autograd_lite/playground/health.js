/* Health: the gradient of each layer, its saturated and dead units, and the findings of `nn.diagnose`. */

const SMALL_SLOPE = DATA.limits.small_slope, LARGE_UPDATE = DATA.limits.large_update;

function rms(list) {
  let most = 0, sum = 0;
  for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i]));
  if (!(most > 0) || most === Infinity) return list.some(Number.isNaN) ? NaN : most;
  for (let i = 0; i < list.length; i++) sum += (list[i] / most) ** 2;
  return most * Math.sqrt(sum / list.length);
}

/** Return the root mean square of what differs between rows: of each number minus its column's mean. */
function spread(list, width) {
  const means = new Float64Array(width);
  for (let i = 0; i < list.length; i++) means[i % width] += (list[i] * width) / list.length;
  return rms(list.map((x, i) => x - means[i % width]));
}

/** Look at an activation's derivative near 0, where units should work, and far out. */
const shapes = new Map();
function shapeOf(name) {
  if (!shapes.has(name)) shapes.set(name, name === "softmax" ? { steepest: 0.25, saturates: true, zero: false,
    middle: 0.5 } : lookedAt(FORMULAS.activations[name]));
  return shapes.get(name);
}
function lookedAt(g) {
  const value = (z) => (g ? g.value(z) : z), slope = (z) => (g ? g.slope(g.value(z), z) : 1);
  const slopes = Array.from({ length: 81 }, (_, i) => slope(0.25 * (i - 40)));
  const steepest = largestOf(slopes.filter(Number.isFinite));
  return { steepest, saturates: Math.max(Math.abs(slope(-1000)), Math.abs(slope(1000))) < SMALL_SLOPE * steepest,
    zero: slopes.some((d, i) => i && d === 0 && slopes[i - 1] === 0), middle: (value(-1000) + value(1000)) / 2 };
}

/** Measure the net on its training rows, as `nn.diagnose` does, and the next step of the optimiser. */
function measure() {
  const { net, train, memory, steps } = session, { fit } = state, { loss } = fit, logits = OF_LOGITS.has(loss);
  const before = run(net, loss, train, null, true), last = net.layers.length - 1;
  const felt = !logits && shapeOf(net.last.name).saturates;
  const counts = net.layers.map(({ count }) => ({ small: new Float64Array(count), active: new Uint8Array(count) }));
  const width = last ? net.layers[last - 1].a.length : net.inputs, readByLast = new Float64Array(train.count * width);
  let wrong = 0;
  for (let i = 0; i < train.count; i++) {
    load(net, train.rows, i);
    net.forward();
    net.layers.forEach(({ name, g, a, z }, l) => {
      const limit = SMALL_SLOPE * shapeOf(name).steepest;
      for (let j = 0; j < a.length; j++) {
        const slope = name === "softmax" ? a[j] * (1 - a[j]) : g ? g.slope(a[j], z[j]) : 1;
        if (Math.abs(slope) < limit) counts[l].small[j] += 1;
        if (slope !== 0) counts[l].active[j] = 1;
        if (l === last && felt && Math.abs(slope) < limit
          && (a[j] > shapeOf(name).middle) !== (wanted(train, i, j) > shapeOf(name).middle)) wrong += 1;
      }
    });
    readByLast.set(last ? net.layers[last - 1].a : net.x, i * width);
  }
  const moved = net.parameters.slice();
  FORMULAS.optimizers[fit.optimizer].move(moved, net.gradients, memory.map((column) => column.slice()),
    { ...fit, steps });
  const layers = net.layers.map(({ count, width, name }, l) => {
    const at = Array.from({ length: count * width }, (_, k) => net.at(l, Math.floor(k / width)) + (k % width));
    const isAlike = (p) => p.subarray(net.at(l, 0), net.at(l, count)).every((x, k) =>
      x === p[net.at(l, 0) + (k % (width + 1))]);
    const shape = shapeOf(name), looked = !(logits && l === last), weights = rms(at.map((k) => net.parameters[k]));
    const step = rms(at.map((k) => moved[k] - net.parameters[k]));
    return { layer: l + 1, activation: name === "softmax" ? "Softmax" : DATA.activations[name], units: count,
      gradient: rms(at.map((k) => net.gradients[k])),
      saturated: looked && shape.saturates ? counts[l].small.reduce((sum, n) => sum + n / train.count, 0) / count
        : null,
      dead: looked && shape.zero ? [...counts[l].active].flatMap((active, j) => (active ? [] : [j])) : null,
      update: weights ? step / weights : step ? Infinity : NaN,
      alike: l < last && count > 1 && [net.parameters, net.gradients].every(isAlike) };
  });
  for (const layer of layers) layer.ratio = layers[last].gradient ? layer.gradient / layers[last].gradient
    : layer.gradient ? Infinity : NaN;
  const large = layers.some(({ update }) => update > LARGE_UPDATE);
  return { layers, loss: before, examples: train.count, wrong: felt ? wrong / (train.count * net.outputs) : null,
    after: large ? lossAt(moved) : null, inputs: rms(train.rows), targets: session.task === "number"
      || loss === "mse_loss" ? rms(train.targets) : null,
    read: rms(readByLast), inputSpread: spread(train.rows, net.inputs), readSpread: spread(readByLast, width) };
}

/** The target of an output: of several, 1 for that of the class. */
function wanted(set, i, j) {
  const width = set.targets.length / set.count;
  return width > 1 ? set.targets[i * width + j] : session.net.outputs > 1 ? Number(set.targets[i] === j)
    : set.targets[i];
}

function lossAt(moved) {
  const { net } = session, kept = net.parameters.slice();
  if (!moved.every(Number.isFinite)) return Infinity;
  net.parameters.set(moved);
  const loss = lossOver(session.train);
  net.parameters.set(kept);
  return loss;
}

// ------------------------------------------------------------ the table and the findings

/** Return the width of a bar on a scale of powers of ten, from a billionth to a thousand. */
const barShare = (x) => (x > 0 ? Math.max(2, Math.min(100, (100 * (Math.log10(x) + 9)) / 12)) : 0);

function showHealth() {
  const measured = measure(), head = ["layer", "activation", "gradient", "", "to_last", "saturated", "dead", "update"];
  const rows = measured.layers.map(({ layer, activation, gradient, ratio, saturated, dead, units, update }) => {
    const bar = make("td", "bar", make("i"));
    bar.firstChild.style.width = `${barShare(gradient)}%`;
    const texts = [String(layer), activation, number(gradient, 2), null, Number.isNaN(ratio) ? "–" : number(ratio, 2),
      saturated === null ? "–" : percent(saturated),
      dead === null ? "–" : say("dead_of", { dead: dead.length, units }),
        Number.isNaN(update) ? "–" : number(update, 2)];
    return make("tr", "", ...texts.map((text) => (text === null ? bar : make("td", "", text))));
  });
  const top = make("tr", "", ...head.map((key) => Object.assign(make("th", "", key && SAY[key]), { scope: "col" })));
  find("#health table").replaceChildren(make("thead", "", top), make("tbody", "", ...rows));
  tiles.forEach((column, c) => column.forEach(({ button }, j) => button.classList.toggle("dead",
    Boolean(c && measured.layers[c - 1].dead?.includes(j)))));
  const found = findings(measured), text = found.map(({ kind, verdict, remedy }) =>
    `${kind}: ${verdict}. ${sayVerdict("remedy")}: ${remedy}.`);
  const box = find("#health .verdicts");
  if (!changes(box, "verdicts", text.join("\n"))) return;
  box.replaceChildren(...(found.length ? found.map(({ kind, verdict, remedy }) => make("p", "", make("b", "", kind),
    `: ${verdict}. `, make("b", "", sayVerdict("remedy")), `: ${remedy}.`)) : [make("p", "fine", SAY.fine)]));
}

const percent = (share) => `${fixed(100 * share, 0)}%`;

let measuring = 0, measuredAt = 0;
/** Measure at rest, and now and then while the net is trained: it takes another pass over the rows. */
function followHealth() {
  window.clearTimeout(measuring);
  const now = performance.now(), heavy = session.train.count * session.net.parameters.length > 2e6;
  if (playing && (heavy || now - measuredAt < 250)) return;
  measuring = window.setTimeout(() => {
    measuredAt = performance.now();
    showHealth();
  }, playing ? 0 : 30);
}
