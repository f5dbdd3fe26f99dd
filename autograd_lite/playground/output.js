/* The large map: the output, or the unit that is chosen, with the points of the data on it. */

const mapBox = find("#map"), mapImage = find("#map .image"), mapMarks = find("#map .marks");

/** Return where a number of the map's inputs lies, in pixels of the page, and the other way round. */
function mapPlace(axis, x) {
  const [low, high] = session.range[axis], share = (x - low) / (high - low);
  return axis === state.view.axes[0] ? share * mapMarks.clientWidth : (1 - share) * mapMarks.clientHeight;
}
function mapNumber(axis, pixel) {
  const [low, high] = session.range[axis];
  const share = axis === state.view.axes[0] ? pixel / mapMarks.clientWidth : 1 - pixel / mapMarks.clientHeight;
  return low + share * (high - low);
}

/** Return what the map shows: numbers on the grid, and what its colours count from and to. */
function mapNumbers() {
  const { net } = session, { unit, mode } = state.view;
  if (unit) {
    const [l, j] = unit, middle = middleOf(net.layers[l].name);
    return { numbers: grid.units[l][j], middle, scale: grid.scale[l], line: null };
  }
  const { name } = net.last, logits = name === "sigmoid";
  if (mode === "score" || session.task === "number") {
    const z = session.task === "number" ? grid.units.at(-1)[0] : grid.z[0];
    const [middle, scale] = session.task === "number" ? targetScale() : [0, largestIn([z], 0)];
    return { numbers: z, middle, scale, line: null };
  }
  const middle = session.task === "sides" || state.fit.loss === "binary_cross_entropy_with_logits" && !logits ? 0 : 0.5;
  return { numbers: grid.units.at(-1)[0], middle, scale: mode === "class" ? 1e-9 : session.task === "sides" ? 1 : 0.5, line: middle };
}

function targetScale() {
  let low = Infinity, high = -Infinity;
  for (const y of session.all.targets) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  return [(low + high) / 2, (high - low) / 2 || 1];
}

/** Paint the classes of a net with an output for each: their colours mixed by their shares, or the largest alone. */
function paintClasses() {
  const outputs = grid.units.at(-1), image = imageOf(mapImage, grid.size), sharp = state.view.mode === "class";
  const shares = new Float64Array(outputs.length), logits = Float64Array.from(outputs, () => 0);
  for (let at = 0; at < grid.count; at++) {
    for (let k = 0; k < outputs.length; k++) logits[k] = grid.z[k][at];
    FORMULAS.softmax(logits, shares);
    let best = 0, r = 0, g = 0, b = 0;
    for (let k = 0; k < shares.length; k++) if (shares[k] > shares[best]) best = k;
    for (let k = 0; k < shares.length; k++) {
      const share = sharp ? Number(k === best) : shares[k], colour = classColour(k);
      r += share * colour[0];
      g += share * colour[1];
      b += share * colour[2];
    }
    const [R, G, B] = mixed(WHITE, [r, g, b], 0.9);
    image.words[at] = (255 << 24) | (Math.round(B) << 16) | (Math.round(G) << 8) | Math.round(R);
  }
  image.context.putImageData(image.data, 0, 0);
}

const manyClasses = () => !state.view.unit && session.net.outputs > 1 && session.task === "classes";

function drawMap() {
  const flat = session.all.inputs === 1;
  mapImage.hidden = flat;
  if (!flat && manyClasses()) paintClasses();
  else if (!flat) {
    const { numbers, middle, scale } = mapNumbers();
    paint(mapImage, numbers, grid.size, middle, scale);
  }
  const [context, width, height] = cleared(mapMarks);
  if (flat) drawLine(context, width, height);
  else drawPoints(context);
}

/** Draw the points: a class by its colour and its shape, those held out hollow. */
function drawPoints(context) {
  const { all, held } = session, hollow = new Set(held?.from ?? []), many = all.count > 600, size = many ? 2.2 : 4;
  const [across, up] = state.view.axes;
  for (let i = 0; i < all.count; i++) {
    const x = mapPlace(across, all.rows[i * all.inputs + across]), y = mapPlace(up, all.rows[i * all.inputs + up]);
    drawPoint(context, x, y, i, size, hollow.has(i));
  }
  if (held && !held.from) for (let i = 0; i < held.count; i++) {
    const x = mapPlace(across, held.rows[i * all.inputs + across]), y = mapPlace(up, held.rows[i * all.inputs + up]);
    drawPoint(context, x, y, i, size, true, held);
  }
}

const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 7),
  (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (c, x, y, r) => { c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.1, y + r * 0.8); c.lineTo(x - r * 1.1, y + r * 0.8); c.closePath(); },
  (c, x, y, r) => { c.moveTo(x, y - r * 1.25); c.lineTo(x + r * 1.25, y); c.lineTo(x, y + r * 1.25); c.lineTo(x - r * 1.25, y); c.closePath(); },
];

function drawPoint(context, x, y, i, size, hollow, set = session.all) {
  const target = set.targets[(i * set.targets.length) / set.count], number = session.task === "number";
  const k = session.task === "sides" ? Number(target > 0) : target, [middle, scale] = number ? targetScale() : [0, 1];
  const colour = number ? shade((target - middle) / scale) : css(mixed(classColour(k), [0, 0, 0], 0.12));
  context.beginPath();
  SHAPES[number ? 0 : k % SHAPES.length](context, x, y, size);
  context.lineWidth = hollow ? 1.8 : 1.2;
  context.fillStyle = hollow ? "rgb(255 255 255 / .75)" : colour;
  context.strokeStyle = hollow ? colour : number ? "#334155" : "#fff";
  context.fill();
  context.stroke();
}

/** A net with one input: its output as a curve, and the points beside it. */
function drawLine(context, width, height) {
  const { all, range } = session, numbers = state.view.unit ? grid.units[state.view.unit[0]][state.view.unit[1]] : grid.units.at(-1)[0];
  let low = Infinity, high = -Infinity;
  for (const y of [...numbers, ...(state.view.unit ? [] : all.targets)]) {
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  const room = 0.1 * (high - low) || 1, place = (y) => height - (height * (y - low + room)) / (high - low + 2 * room);
  context.beginPath();
  numbers.forEach((y, i) => context.lineTo((width * (i + 0.5)) / numbers.length, place(y)));
  context.lineWidth = 2.4;
  context.strokeStyle = css(ORANGE);
  context.stroke();
  if (state.view.unit) return;
  for (let i = 0; i < all.count; i++) {
    context.beginPath();
    context.arc(((all.rows[i] - range[0][0]) / (range[0][1] - range[0][0])) * width, place(all.targets[(i * all.targets.length) / all.count]), 3.4, 0, 7);
    context.fillStyle = css(BLUE);
    context.fill();
  }
}
