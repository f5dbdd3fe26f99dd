/* A net on typed arrays: one example forward and back, and the sums over a batch in the order that `fit` keeps.

   Its parameters stand in the order of `model.parameters()`: unit by unit, the weights and then the bias. */

const CHUNK = 2048, PARTS = 8; // row i of a chunk goes to partial sum i mod 8; the eight are added, then the chunks

class Net {
  constructor(inputs, units, activations) {
    Object.assign(this, { inputs, units: [...units], activations: [...activations] });
    let first = 0;
    this.layers = units.map((count, l) => {
      const width = l ? units[l - 1] : inputs, name = activations[l], start = first;
      first += count * (width + 1);
      const z = new Float64Array(count), linear = name === "linear";
      return { count, width, first: start, name, g: name === "softmax" ? null : FORMULAS.activations[name], z,
        a: linear ? z : new Float64Array(count), dz: new Float64Array(count), da: new Float64Array(count) };
    });
    this.last = this.layers.at(-1);
    this.outputs = this.last.count;
    this.x = new Float64Array(inputs);
    this.parameters = new Float64Array(first);
    this.gradients = new Float64Array(first); // of the mean loss of the batch that was looked at last
    this.sums = new Float64Array(PARTS * first);
    this.total = new Float64Array(first);
  }

  /** Where the weights of a unit begin; its bias follows them. Layers and units count from 0. */
  at(layer, unit) {
    return this.layers[layer].first + unit * (this.layers[layer].width + 1);
  }

  /** Draw all weights from a seed as `nn.MLP` does, and set the biases. */
  start(init, bias, seed) {
    const rng = new Random(seed), p = this.parameters;
    for (const { count, width, first } of this.layers) {
      const draw = INITIALIZERS[init](rng, width, count);
      for (let j = 0, at = first; j < count; j++) {
        for (let k = 0; k < width; k++) p[at++] = draw();
        p[at++] = bias;
      }
    }
  }

  /** Compute every unit for the inputs in `x`. */
  forward() {
    const { parameters: p, layers } = this;
    let x = this.x;
    for (let l = 0; l < layers.length; l++) {
      const { count, width, first, z, a, g } = layers[l];
      for (let j = 0, at = first; j < count; j++, at += width + 1) {
        let sum = p[at + width];
        for (let k = 0; k < width; k++) sum += p[at + k] * x[k];
        z[j] = sum;
      }
      if (g) for (let j = 0; j < count; j++) a[j] = g.value(z[j]);
      else if (a !== z) FORMULAS.softmax(z, a);
      x = a;
    }
    return x;
  }

  /** Hand the gradient by the last layer's z on to all others, and add each parameter's to one of the partial sums. */
  backward(part) {
    const p = this.parameters, sums = this.sums, base = part * p.length;
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { count, width, first, dz } = this.layers[l], below = l ? this.layers[l - 1] : null;
      const x = below ? below.a : this.x, da = below ? below.da : null;
      if (da) da.fill(0);
      for (let j = count - 1; j >= 0; j--) { // the last unit's share first, as in the backward pass of Values
        const d = dz[j], at = first + j * (width + 1), to = base + at;
        sums[to + width] += d;
        if (!da) for (let k = 0; k < width; k++) sums[to + k] += d * x[k];
        else for (let k = 0; k < width; k++) {
          sums[to + k] += d * x[k];
          da[k] += d * p[at + k];
        }
      }
      if (!below) return;
      const { g, a, z } = below;
      for (let k = 0; k < width; k++) below.dz[k] = g ? da[k] * g.slope(a[k], z[k]) : da[k];
    }
  }
}

const INITIALIZERS = {
  uniform: (rng) => () => rng.uniform(-1, 1),
  xavier: (rng, nin, nout) => () => rng.uniform(-1, 1) * Math.sqrt(6 / (nin + nout)),
  he: (rng, nin) => () => rng.gauss(0, Math.sqrt(2 / nin)),
  normal: (rng) => () => rng.gauss(0, 1),
  zeros: () => () => 0,
};

// ------------------------------------------------------------ a loss of a net's outputs, or of its logits

const OF_LOGITS = new Set(["binary_cross_entropy_with_logits", "cross_entropy"]);

/** Return the loss of the example that was computed last, with target number `at`. */
function lossOf(net, loss, targets, at) {
  const { z, a, count } = net.last;
  if (loss === "cross_entropy") return FORMULAS.entropy.value(z, targets[at]);
  const f = OF_LOGITS.has(loss) ? z : a, { value } = FORMULAS.losses[loss];
  if (count === 1) return value(f[0], targets[at]);
  let sum = 0;
  for (let j = 0; j < count; j++) sum += value(f[j], targets[at * count + j]);
  return sum / count;
}

/** Write the derivative of that loss by each z of the last layer. */
function lossSlopes(net, loss, targets, at) {
  const { z, a, dz, count, g } = net.last;
  if (loss === "cross_entropy") {
    FORMULAS.entropy.slopes(z, targets[at], dz);
    return;
  }
  const logits = OF_LOGITS.has(loss), f = logits ? z : a, { slope } = FORMULAS.losses[loss], share = 1 / count;
  for (let j = 0; j < count; j++) {
    const d = count === 1 ? slope(f[0], targets[at]) : share * slope(f[j], targets[at * count + j]);
    dz[j] = g && !logits ? d * g.slope(a[j], z[j]) : d;
  }
}

/** Put an example into the net's inputs. */
function load(net, rows, at) {
  for (let k = 0, from = at * net.inputs; k < net.inputs; k++) net.x[k] = rows[from + k];
}

/** Return the mean loss of some examples of a set { rows, targets, count }; with `gradient`, leave it in the net. */
function run(net, loss, set, indices, gradient) {
  const n = indices ? indices.length : set.count, { total, sums } = net, size = total.length;
  const parts = new Float64Array(PARTS);
  let whole = 0;
  if (gradient) total.fill(0);
  for (let begin = 0; begin < n; begin += CHUNK) {
    const end = Math.min(begin + CHUNK, n);
    parts.fill(0);
    if (gradient) sums.fill(0);
    for (let i = begin; i < end; i++) {
      const at = indices ? indices[i] : i, part = (i - begin) % PARTS;
      load(net, set.rows, at);
      net.forward();
      parts[part] += lossOf(net, loss, set.targets, at);
      if (!gradient) continue;
      lossSlopes(net, loss, set.targets, at);
      net.backward(part);
    }
    whole += parts.reduce((a, b) => a + b, 0);
    if (!gradient) continue;
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let part = 0, at = k; part < PARTS; part++, at += size) sum += sums[at];
      total[k] += sum;
    }
  }
  if (gradient) for (let k = 0; k < size; k++) net.gradients[k] = total[k] / n;
  return whole / n;
}
