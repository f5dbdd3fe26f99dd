/* The large map: the output, or the unit that is chosen or under the pointer, with the points of the data on it. */

const mapBox = find("#map"), mapImage = find("#map .image"), mapMarks = find("#map .marks");

/** Return where a number of an input of the map lies, in pixels of the page, and the other way round. */
function mapPlace(axis, x) {
  const [low, high] = session.range[axis], share = (x - low) / (high - low);
  return axis === session.axes[0] ? share * mapMarks.clientWidth : (1 - share) * mapMarks.clientHeight;
}
function mapNumber(axis, pixel) {
  const [low, high] = session.range[axis];
  const share = axis === session.axes[0] ? pixel / mapMarks.clientWidth : 1 - pixel / mapMarks.clientHeight;
  return low + share * (high - low);
}

const mapUnit = () => state.view.peek ?? state.view.unit;
const isFlat = () => session.all.inputs === 1;
const manyClasses = () => !mapUnit() && session.net.outputs > 1 && session.task === "classes";

/** The middle between the two classes on the scale of the output. */
function outputMiddle() {
  const { name } = session.net.last;
  return session.task === "sides" || (name === "linear" && OF_LOGITS.has(state.fit.loss)) ? 0 : 0.5;
}

/** Return the numbers of the map on its grid, with the middle and the reach of its colours. */
function mapNumbers() {
  const { net, task } = session, { mode } = state.view, unit = mapUnit();
  if (unit) return { numbers: grid.units[unit[0]][unit[1]], middle: middleOf(net.layers[unit[0]].name),
    scale: grid.scale[unit[0]] };
  const a = grid.units.at(-1)[0];
  if (task === "number") return { numbers: a, ...targetScale() };
  if (mode === "score") {
    const middle = net.last.name === "linear" ? outputMiddle() : 0;
    return { numbers: grid.z[0], middle, scale: largestIn([grid.z[0]], middle) };
  }
  const middle = outputMiddle();
  return { numbers: a, middle, scale: mode === "class" ? 1e-300 : middle || 1, line: true };
}

/** The middle and the reach of the targets; the colours of numbers count from and to these. */
function targetScale() {
  const [low, high] = spanOf(session.all.targets);
  return { middle: low / 2 + high / 2, scale: high / 2 - low / 2 || 1 };
}

function spanOf(list) {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < list.length; i++) {
    if (list[i] < low) low = list[i];
    if (list[i] > high) high = list[i];
  }
  return [low, high];
}

/** Paint the classes of a net with an output for each: their colours mixed by their shares, or the largest alone. */
function paintClasses() {
  const outputs = grid.units.at(-1), image = imageOf(mapImage, grid.size), sharp = state.view.mode === "class";
  const shares = new Float64Array(outputs.length), logits = new Float64Array(outputs.length);
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
    const part = (x) => Math.round(WHITE[0] + (x - WHITE[0]) * 0.62);
    image.words[at] = (255 << 24) | (part(b) << 16) | (part(g) << 8) | part(r);
  }
  image.context.putImageData(image.data, 0, 0);
}

function drawMap() {
  const flat = isFlat(), many = manyClasses();
  mapImage.hidden = flat;
  mapBox.classList.toggle("flat", flat);
  const shown = flat ? null : many ? null : mapNumbers();
  if (many && !flat) paintClasses();
  else if (shown) paint(mapImage, shown.numbers, grid.size, shown.middle, shown.scale);
  const [context, width, height] = cleared(mapMarks);
  if (flat) drawLine(context, width, height);
  else {
    if (shown?.line) drawBoundary(context, width / grid.size, shown.numbers, shown.middle);
    drawPoints(context, width, height);
  }
}

/** Draw the line on which the two classes are equally likely: of each cell of the grid, its crossing. */
function drawBoundary(context, pixel, numbers, middle) {
  const n = grid.size;
  context.beginPath();
  for (let row = 0; row < n - 1; row++) for (let col = 0; col < n - 1; col++) {
    const at = row * n + col, below = numbers[at] < middle;
    if (numbers[at + 1] < middle === below && numbers[at + n] < middle === below
      && numbers[at + n + 1] < middle === below) continue;
    const corners = [numbers[at], numbers[at + 1], numbers[at + n + 1], numbers[at + n]].map((x) => x - middle);
    const found = [];
    for (let k = 0; k < 4; k++) {
      const p = corners[k], q = corners[(k + 1) % 4];
      if (p < 0 === q < 0) continue;
      const t = p / (p - q), [x, y] = [[t, 0], [1, t], [1 - t, 1], [0, 1 - t]][k];
      found.push([(col + x + 0.5) * pixel, (row + y + 0.5) * pixel]);
    }
    for (let k = 0; k + 1 < found.length; k += 2) {
      context.moveTo(...found[k]);
      context.lineTo(...found[k + 1]);
    }
  }
  context.strokeStyle = "rgb(15 23 42 / .8)";
  context.lineWidth = 1.4;
  context.stroke();
}

/** Draw the points; their picture is kept as long as they are the same. */
const pointsPicture = make("canvas");
let pointsKey = [];
function drawPoints(onto, width, height) {
  const fine = window.devicePixelRatio || 1, { all, held, range, task, axes } = session, { example } = state.view;
  const key = [all, held, range, task, ...axes, example, width, height, fine];
  if (key.some((x, i) => x !== pointsKey[i])) {
    pointsKey = key;
    Object.assign(pointsPicture, { width: Math.max(1, width * fine), height: Math.max(1, height * fine) });
    const context = pointsPicture.getContext("2d");
    context.setTransform(fine, 0, 0, fine, 0, 0);
    drawEachPoint(context);
  }
  onto.drawImage(pointsPicture, 0, 0, width, height);
}

/** Draw a class by its colour and its shape, points that are held out hollow. */
function drawEachPoint(context) {
  const { all, held } = session, hollow = new Set(held?.from ?? []), size = all.count > 600 ? 2.4 : 4.2;
  for (let i = 0; i < all.count; i++) drawPoint(context, all, i, size, hollow.has(i));
  if (held && !held.from) for (let i = 0; i < held.count; i++) drawPoint(context, held, i, size, true);
  const [x, y] = pointPlace(all, state.view.example);
  context.beginPath();
  context.arc(x, y, 9, 0, 7);
  context.lineWidth = 2.4;
  context.strokeStyle = "#0f172a";
  context.stroke();
}

const SHAPES = [
  (c, x, y, r) => c.arc(x, y, r, 0, 7),
  (c, x, y, r) => c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8),
  (c, x, y, r) => { c.moveTo(x, y - r * 1.3); c.lineTo(x + r * 1.2, y + r * 0.9); c.lineTo(x - r * 1.2, y + r * 0.9);
    c.closePath(); },
  (c, x, y, r) => { c.moveTo(x, y - r * 1.35); c.lineTo(x + r * 1.35, y); c.lineTo(x, y + r * 1.35);
    c.lineTo(x - r * 1.35, y); c.closePath(); },
];

function pointPlace(set, i) {
  const [across, up] = session.axes;
  return [mapPlace(across, set.rows[i * set.inputs + across]),
    isFlat() ? 0 : mapPlace(up, set.rows[i * set.inputs + up])];
}

/** Return the class of a target, from 0. */
const classOf = (target) => (session.task === "sides" ? Number(target > 0) : Math.round(target));
const pointColour = (k) => css(mixed(classColour(k), [0, 0, 0], 0.12));

function drawPoint(context, set, i, size, hollow) {
  const [x, y] = pointPlace(set, i), target = set.targets[(i * set.targets.length) / set.count];
  const figure = session.task === "number";
  const k = classOf(target), { middle, scale } = figure ? targetScale() : {};
  const colour = figure ? shade((target - middle) / scale) : pointColour(k);
  context.beginPath();
  SHAPES[figure ? 0 : k % SHAPES.length](context, x, y, size);
  context.lineWidth = hollow ? 1.8 : 1.2;
  context.fillStyle = hollow ? "rgb(255 255 255 / .8)" : colour;
  context.strokeStyle = hollow && !figure ? colour : figure ? (hollow ? "#64748b" : "#1e293b") : "#fff";
  context.fill();
  context.stroke();
}

/** A net with one input: its output, or a unit, as a curve, and the points beside it. */
function drawLine(context, width, height) {
  const { all, range, net } = session, unit = mapUnit(), numbers = unit ? grid.units[unit[0]][unit[1]]
    : grid.units.at(-1)[0];
  const [least, most] = spanOf(unit ? numbers : [...numbers, ...all.targets]), room = 0.08 * (most - least) || 1;
  const place = (y) => height - (height * (y - least + room)) / (most - least + 2 * room);
  session.flat = { least: least - room, most: most + room };
  context.beginPath();
  numbers.forEach((y, i) => context.lineTo((width * (i + 0.5)) / numbers.length, place(y)));
  context.lineWidth = 2.6;
  context.strokeStyle = css(ORANGE);
  context.stroke();
  if (unit || net.outputs > 1) return;
  for (let i = 0; i < all.count; i++) {
    const x = ((all.rows[i] - range[0][0]) / (range[0][1] - range[0][0])) * width;
    context.beginPath();
    context.arc(x, place(all.targets[(i * all.targets.length) / all.count]), i === state.view.example ? 5.4 : 3.4, 0,
      7);
    context.fillStyle = css(BLUE);
    context.fill();
    context.lineWidth = i === state.view.example ? 2.4 : 0.8;
    context.strokeStyle = i === state.view.example ? "#0f172a" : "#fff";
    context.stroke();
  }
}

// ------------------------------------------------------------ around the map

const MODES = ["score", "probability", "class"];
for (const mode of MODES) {
  const button = Object.assign(make("button", "", SAY[mode]), { type: "button" });
  button.dataset.mode = mode;
  find("#mode").append(button);
  button.addEventListener("click", () => {
    state.view.mode = mode;
    changed("view");
  });
}

/** Show the map's title, the ends of its axes, its legend. */
function showMap() {
  const { range, columns, classes, task } = session, unit = mapUnit(), [across, up] = session.axes, flat = isFlat();
  setText(find("#map h2"), unit ? unitName(...unit) : SAY.output);
  find("#mode").hidden = task === "number" || flat || Boolean(unit);
  for (const button of all("#mode button")) setAttribute(button, "aria-pressed",
    String(button.dataset.mode === state.view.mode));
  const name = unit ? unitName(...unit) : SAY.output, ends = (selector, [low, high], called) => {
    const box = find(selector), texts = [number(low, 3), called, number(high, 3)];
    if (changes(box, "", texts.join())) box.replaceChildren(...texts.map((text) => make("span", "", text)));
  };
  ends("#map .across", range[across], columns[across]);
  if (flat) ends("#map .up", [session.flat.least, session.flat.most], name);
  else ends("#map .up", range[up], columns[up]);
  const parts = legend(), shown = find("#map .legend");
  if (changes(shown, "", parts.map(({ outerHTML }) => outerHTML).join())) shown.replaceChildren(...parts);
  setAttribute(mapMarks, "aria-label", say("map_about",
    { what: unit ? unitName(...unit) : SAY.output, inputs: [...new Set([across, up])].map((k) => columns[k]).join(", "),
    classes: classes.join(", ") }));
}

function legend() {
  if (isFlat()) return [];
  const unit = mapUnit(), ramp = unit || session.task === "number" || state.view.mode === "score";
  if (ramp) {
    const { middle, scale } = manyClasses() ? { middle: 0, scale: 1 } : mapNumbers(), strip = make("i");
    strip.style.background = `linear-gradient(90deg, ${[-1, -0.5, 0, 0.5, 1].map(shade).join(",")})`;
    return [make("span", "ramp", number(middle - scale, 3), strip, number(middle + scale, 3))];
  }
  return session.classes.map((name, k) => {
    const mark = draw("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" });
    const shapes = [["circle", { cx: 6, cy: 6, r: 5 }], ["rect", { x: 1.5, y: 1.5, width: 9, height: 9 }],
      ["path", { d: "M6 0.5 11.5 10.5H.5z" }], ["path", { d: "M6 0 12 6 6 12 0 6z" }]];
    mark.append(draw(shapes[k % 4][0], { ...shapes[k % 4][1], fill: pointColour(k) }));
    return make("span", "", mark, name);
  });
}

/** Choose the inputs of the map where there are more than two. */
function buildAxes() {
  const box = find("#map .axes");
  box.replaceChildren();
  if (session.all.inputs < 3) return;
  session.axes.forEach((axis, which) => {
    const select = make("select");
    select.append(...session.columns.map((name, k) => Object.assign(make("option", "", name), { value: String(k) })));
    select.value = String(axis);
    select.addEventListener("change", () => {
      const other = session.axes[1 - which], to = Number(select.value);
      state.view.axes = session.axes = other === to ? session.axes.toReversed() : session.axes.with(which, to);
      changed("rows");
      buildAxes();
    });
    box.append(make("label", "", which ? SAY.axis_up : SAY.axis_across, select));
  });
}
follow("data", buildAxes);

/** Return the row of the data whose point is nearest to a place on the map, within so many pixels; else -1. */
function nearestPoint(x, y, within) {
  let best = -1, least = within;
  for (let i = 0; i < session.all.count; i++) {
    const [px, py] = pointPlace(session.all, i), far = isFlat() ? Math.abs(px - x) : Math.hypot(px - x, py - y);
    if (far < least) {
      least = far;
      best = i;
    }
  }
  return best;
}

mapMarks.addEventListener("pointermove", (event) => {
  const box = mapMarks.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  const [across, up] = session.axes;
  const { net, columns } = session;
  loadBase();
  net.x[across] = mapNumber(across, x);
  if (!isFlat()) net.x[up] = mapNumber(up, y);
  net.forward();
  const unit = mapUnit(), lines = [...new Set(isFlat() ? [across] : [across, up])].map((axis) =>
    `${columns[axis]} = ${number(net.x[axis], 3)}`);
  const outputs = unit ? [[unitName(...unit), net.layers[unit[0]].a[unit[1]]]] : Array.from(net.last.a, (a, k) =>
    [net.outputs > 1 ? session.classes[k] ?? unitName(net.layers.length - 1, k) : SAY.output, a]);
  const largest = outputs.toSorted(([, a], [, b]) => b - a).slice(0, 6), texts = outputs.filter((each) =>
    largest.includes(each)).map(([name, a]) => `${name} = ${number(a, 4)}`);
  showTip(event, [...lines, ...texts, ...(outputs.length > 6 ? ["…"] : [])].join("\n"));
});
mapMarks.addEventListener("pointerleave", hideTip);
