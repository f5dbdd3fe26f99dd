/* Maps: every unit over the plane of two inputs, or over the line of one; and the colours that a number has. */

const grid = { size: 0, units: [], inputs: [], z: [], scale: [] };

/** Return so many points a side that a frame has time for them. */
function gridSize(rest) {
  const work = session.net.parameters.length + 30, most = session.all.inputs === 1 ? 400 : rest ? 100 : 50;
  return session.all.inputs === 1 ? most : Math.max(16,
    Math.min(most, Math.floor(Math.sqrt((rest ? 3e7 : 4e6) / work))));
}

/** Put the inputs that the map does not show where the chosen example has them. */
function loadBase() {
  load(session.net, session.all.rows, state.view.example);
}

/** Compute all units on a grid, unit by unit for all its points; rows run from the top. */
function computeGrid(size) {
  const { net, range } = session, [across, up] = session.axes, flat = net.inputs === 1;
  const count = flat ? size : size * size;
  if (grid.net !== net || grid.size !== size) {
    Object.assign(grid, { net, size, count, sum: new Float64Array(count) });
    grid.units = net.layers.map((layer) => Array.from(layer.a, () => new Float32Array(count)));
    grid.z = Array.from(net.last.z, () => new Float32Array(count));
    grid.inputs = Array.from(net.x, () => new Float32Array(count));
  }
  loadBase();
  const place = ([low, high], i) => low + ((high - low) * (i + 0.5)) / size;
  grid.inputs.forEach((list, k) => {
    if (k === across) for (let at = 0; at < count; at++) list[at] = place(range[k], at % size);
    else if (k === up) for (let at = 0; at < count; at++) list[at] = place(range[k], size - 1 - Math.floor(at / size));
    else list.fill(net.x[k]);
  });
  let xs = grid.inputs;
  net.layers.forEach((layer, l) => {
    for (let j = 0; j < layer.count; j++) gridUnit(layer, net.at(l, j), xs, grid.units[l][j],
      layer === net.last ? grid.z[j] : null);
    if (layer.name === "softmax") shareOut(grid.units[l]);
    xs = grid.units[l];
  });
  grid.scale = net.layers.map((layer, l) => largestIn(grid.units[l], middleOf(layer.name)));
}

function gridUnit({ width, g }, first, xs, to, z) {
  const { sum, count } = grid, p = session.net.parameters;
  sum.fill(p[first + width]);
  let k = 0;
  for (; k + 3 < width; k += 4) addFour(sum, p.subarray(first + k, first + k + 4), xs.slice(k, k + 4), count);
  for (; k < width; k++) addTimes(sum, p[first + k], xs[k], count);
  if (z) z.set(sum);
  if (g) for (let at = 0; at < count; at++) to[at] = g.value(sum[at]);
  else to.set(sum);
}

function addTimes(sum, w, x, count) {
  for (let at = 0; at < count; at++) sum[at] += w * x[at];
}

/** The same for four at once: each number of the sum is read and written once. */
function addFour(sum, [w0, w1, w2, w3], [x0, x1, x2, x3], count) {
  for (let at = 0; at < count; at++) sum[at] += w0 * x0[at] + w1 * x1[at] + w2 * x2[at] + w3 * x3[at];
}

/** Turn the z of a layer into its softmax, point by point. */
function shareOut(lists) {
  const z = new Float64Array(lists.length), shares = new Float64Array(lists.length);
  for (let at = 0; at < grid.count; at++) {
    for (let k = 0; k < z.length; k++) z[k] = lists[k][at];
    FORMULAS.softmax(z, shares);
    for (let k = 0; k < z.length; k++) lists[k][at] = shares[k];
  }
}

/** The number that a unit's colour counts from: a sigmoid's middle, else 0. */
const middleOf = (name) => (name === "sigmoid" ? 0.5 : 0);

function largestIn(lists, middle) {
  let most = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) {
    const size = Math.abs(list[i] - middle);
    if (size > most && size < Infinity) most = size;
  }
  return most || 1;
}

// ------------------------------------------------------------ colours

/** Return a colour of the page's theme; on paper, of that for print. */
const themeNow = new Map();
let onPaper = false;
function themed(name) {
  if (onPaper) return DATA.paper[name];
  if (!themeNow.has(name)) themeNow.set(name, getComputedStyle(root).getPropertyValue(`--${name}`));
  return themeNow.get(name);
}

const BLUE = [47, 111, 208], ORANGE = [217, 115, 26], WHITE = [250, 250, 250];
const CLASS_COLOURS = [BLUE, ORANGE, [15, 150, 120], [139, 92, 246], [219, 39, 119], [101, 133, 20], [14, 165, 200],
  [180, 83, 9], [100, 116, 139], [190, 18, 60]];
const classColour = (k) => CLASS_COLOURS[k % CLASS_COLOURS.length];
const css = ([r, g, b]) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
const mixed = (a, b, t) => a.map((x, i) => x + (b[i] - x) * t);

/** The colours from −1 to 1: blue, white, orange; the last entry is that of numbers that are not finite. */
const SHADES = new Uint32Array(514);
for (let i = 0; i < 513; i++) {
  const t = i / 256 - 1, [r, g, b] = mixed(WHITE, t < 0 ? BLUE : ORANGE, Math.abs(t) ** 0.85 * 0.92);
  SHADES[i] = (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
}
SHADES[513] = (255 << 24) | (0x99 << 16) | (0x99 << 8) | 0x99;

const shadeAt = (t) => (t >= -1 ? Math.min(512, Math.round((t + 1) * 256)) : t < -1 ? 0 : 513);

/** Return the colour of a number from −1 to 1, for a style sheet. */
function shade(t) {
  const c = SHADES[shadeAt(t)];
  return css([c & 255, (c >> 8) & 255, (c >> 16) & 255]);
}

/** Paint numbers on a canvas of their size, (x − middle) / scale in colour. */
function paint(canvas, numbers, size, middle, scale) {
  const image = imageOf(canvas, size), out = image.words;
  for (let i = 0; i < numbers.length; i++) {
    const t = (numbers[i] - middle) / scale;
    out[i] = SHADES[t >= -1 ? (t < 1 ? ((t + 1) * 256 + 0.5) | 0 : 512) : t < -1 ? 0 : 513];
  }
  image.context.putImageData(image.data, 0, 0);
}

const images = new WeakMap();
function imageOf(canvas, size) {
  let image = images.get(canvas);
  if (image?.size !== size) {
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d"), data = context.createImageData(size, size);
    image = { size, context, data, words: new Uint32Array(data.data.buffer) };
    images.set(canvas, image);
  }
  return image;
}

/** Prepare a canvas to be drawn on in pixels of the page; return its context, and its width and height. */
function cleared(canvas) {
  const width = canvas.clientWidth, height = canvas.clientHeight, fine = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * fine) || canvas.height !== Math.round(height * fine)) {
    canvas.width = Math.round(width * fine);
    canvas.height = Math.round(height * fine);
  }
  const context = canvas.getContext("2d");
  context.setTransform(fine, 0, 0, fine, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width, height];
}

/** Draw a unit of a net with one input as a curve, on white. */
function drawCurve(context, { numbers, middle, scale, left, top, colour }, side) {
  const low = top + side - 2, flat = 2 * scale || 1;
  context.fillStyle = "#fff";
  context.fillRect(left, top, side, side);
  context.lineWidth = 1.6;
  context.strokeStyle = css(colour);
  context.beginPath();
  numbers.forEach((y, i) => {
    const share = Math.min(1, Math.max(0, (y - middle + scale) / flat));
    context.lineTo(left + (side * (i + 0.5)) / numbers.length, low - (side - 4) * share);
  });
  context.stroke();
}
