/* Data by hand: points are added, moved and removed while the net trains, with undo; by pointer and by keys.

   The net goes on from where it is, so the program in Python says that something was done by hand; after the next start
   the points are data like any other, and the link holds them. */

const MOST_BY_HAND = 5000, MOST_IN_LINK = 400;
const handBox = find("#hand"), handClass = find("#hand-class"), handNumber = find("#hand-number");
let tool = "pick", undone = []; // undone: the data before each change
let drag = null; // the point that is held: { at, moved, x, y }

const isFigure = () => session.task === "number";
const widthOf = (set) => set.targets.length / set.count;
const rowOf = ({ rows, inputs }, i) => rows.subarray(i * inputs, (i + 1) * inputs);
const targetOf = (set, i) => set.targets.subarray(i * widthOf(set), (i + 1) * widthOf(set));

const splitText = () => `${state.fit.share} ${state.fit.seed}`;

/** Keep the data as they are, to come back to. */
function remember() {
  const { all, train, held } = session;
  undone.push({ all, train: train.from, held: held?.from, points: state.data.points, example: state.view.example,
    split: splitText() });
  if (undone.length > 200) undone.shift();
}

/** Take other rows: `train` and `held` are their places where some are held out. */
function takeRows(all, train, held, kind = "rows") {
  session.all = all;
  session.train = train ? chosen(all, train) : all;
  session.held = held ? chosen(all, held) : session.given;
  const width = widthOf(all), list = Array.from({ length: all.count }, (_, i) => i);
  state.data.points = { rows: list.map((i) => [...rowOf(all, i)]),
    targets: list.map((i) => (width === 1 ? all.targets[i] : [...targetOf(all, i)])) };
  const fresh = session.epoch === 0 && session.steps === 0; // then these are simply the data of the run
  if (!fresh) session.edited.add("points");
  if (kind === "numbers" && session.epoch === 0) firstLosses();
  changed(fresh && kind === "rows" ? "fit" : kind);
}

/** Return the data with one row more, and with one less. */
function withRow({ rows, targets, count, inputs }, row, target) {
  const joined = (list, more) => Float64Array.from([...list, ...more]);
  return { rows: joined(rows, row), targets: joined(targets, target), count: count + 1, inputs };
}
function withoutRow({ rows, targets, count, inputs }, i) {
  const width = targets.length / count, left = (list, n) => list.filter((_, k) => Math.floor(k / n) !== i);
  return { rows: left(rows, inputs), targets: left(targets, width), count: count - 1, inputs };
}

/** Return the target of a new point. */
function newTarget() {
  const { all, task } = session, width = widthOf(all);
  if (!isFigure()) return [task === "sides" ? 2 * Number(handClass.value) - 1 : Number(handClass.value)];
  const given = readNumber(handNumber.value);
  return width === 1 && !Number.isNaN(given) ? [given] : [...targetOf(all, state.view.example)];
}

function addPoint(row, target = newTarget()) {
  const { all, train, held } = session;
  if (all.count >= MOST_BY_HAND) {
    announce(say("hand_many", { count: MOST_BY_HAND }));
    return;
  }
  remember();
  state.view.example = all.count;
  takeRows(withRow(all, row, target), train.from && [...train.from, all.count], held?.from);
  announce(say("hand_added", { point: pointText(all.count) }));
}

function removePoint(i) {
  const { all, train, held } = session, without = (list) => list?.filter((k) => k !== i).map((k) => k - Number(k > i));
  const [left, kept] = [without(train.from), without(held?.from)];
  if (all.count < 3 || left?.length === 0 || kept?.length === 0) {
    announce(SAY.hand_few);
    return;
  }
  const text = pointText(i);
  remember();
  state.view.example = Math.min(state.view.example > i ? state.view.example - 1 : state.view.example, all.count - 2);
  takeRows(withoutRow(all, i), left, kept);
  announce(say("hand_removed", { point: text }));
}

/** Put a row, a target or both in the place of those of a point. */
function setPoint(i, row, target, kind = "rows") {
  const { all, train, held } = session, next = { ...all, rows: all.rows.slice(), targets: all.targets.slice() };
  rowOf(next, i).set(row);
  if (target) targetOf(next, i).set(target);
  takeRows(next, train.from, held?.from, kind);
}

function undoHand() {
  const last = undone.pop();
  if (!last) return;
  state.view.example = last.example;
  takeRows(last.all, last.train, last.held, last.split === splitText() ? "rows" : "fit");
  state.data.points = last.points;
  changed("view");
  announce(SAY.hand_undone);
}

function pointText(i) {
  const { all, columns } = session, row = rowOf(all, i);
  const where = [...new Set(session.axes)].map((axis) => `${columns[axis]} = ${number(row[axis], 3)}`);
  return `${i + 1}: ${where.join(", ")}, ${targetText(all, i)}`;
}

// ------------------------------------------------------------ by pointer

/** Return the place of a pointer on the map, kept within it. */
function placeOf(event) {
  const box = mapMarks.getBoundingClientRect(), inside = (x, size) => Math.min(size, Math.max(0, x));
  return [inside(event.clientX - box.left, box.width), inside(event.clientY - box.top, box.height)];
}

const short = (x) => Number(x.toPrecision(4));

/** Return the row at a place of the map; its other inputs are those of a point. */
function rowAt([x, y], like) {
  const row = [...rowOf(session.all, like)], [across, up] = session.axes;
  row[across] = short(mapNumber(across, x));
  if (!isFlat()) row[up] = short(mapNumber(up, y));
  return row;
}

/** Return the target at a place: a net with one input has it upwards. */
function targetAt([, y]) {
  if (!isFlat() || !isFigure() || widthOf(session.all) > 1) return undefined;
  const { least, most } = session.flat;
  return [short(most - (y / mapMarks.clientHeight) * (most - least))];
}

/** Return the point under a pointer, or -1. */
function pointUnder([x, y], within) {
  if (!isFlat()) return nearestPoint(x, y, within);
  const { all, flat } = session, height = mapMarks.clientHeight;
  let best = -1, least = within;
  for (let i = 0; i < all.count; i++) {
    const up = height - (height * (targetOf(all, i)[0] - flat.least)) / (flat.most - flat.least);
    const far = isFigure() ? Math.hypot(pointPlace(all, i)[0] - x, up - y) : Math.abs(pointPlace(all, i)[0] - x);
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

mapMarks.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  const place = placeOf(event), at = pointUnder(place, event.pointerType === "touch" ? 22 : 10);
  drag = { at: tool === "add" ? at : -1, moved: false, place };
  if (drag.at >= 0) mapMarks.setPointerCapture(event.pointerId);
});
mapMarks.addEventListener("pointermove", (event) => {
  if (!drag || drag.at < 0) return;
  const place = placeOf(event);
  if (!drag.moved && Math.hypot(place[0] - drag.place[0], place[1] - drag.place[1]) < 4) return;
  if (!drag.moved) remember();
  drag.moved = true;
  state.view.example = drag.at;
  setPoint(drag.at, rowAt(place, drag.at), targetAt(place), "numbers");
});
mapMarks.addEventListener("pointerup", (event) => {
  const held = drag, place = placeOf(event);
  drag = null;
  if (!held) return;
  if (held.moved) {
    changed("rows");
    announce(say("hand_moved", { point: pointText(held.at) }));
    return;
  }
  const at = pointUnder(place, tool === "pick" ? 60 : event.pointerType === "touch" ? 22 : 10);
  if (tool === "remove" && at >= 0) removePoint(at);
  else if (tool === "add" && at < 0) addPoint(rowAt(place, state.view.example), targetAt(place));
  else if (tool !== "remove" && at >= 0) chooseExample(at);
});
mapMarks.addEventListener("pointercancel", () => {
  if (drag?.moved) changed("rows");
  drag = null;
});

// ------------------------------------------------------------ by keys, on the map

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Move the chosen point by a share of the map's width and height. */
function nudge([across, up], far) {
  const { all, range } = session, i = state.view.example, row = [...rowOf(all, i)], axes = session.axes;
  const shifted = (x, [low, high], by) => short(x + by * far * (high - low));
  row[axes[0]] = shifted(row[axes[0]], range[axes[0]], across);
  let target;
  if (!isFlat()) row[axes[1]] = shifted(row[axes[1]], range[axes[1]], up);
  else if (isFigure() && widthOf(all) === 1) {
    target = [shifted(targetOf(all, i)[0], [session.flat.least, session.flat.most], up)];
  }
  remember();
  setPoint(i, row, target);
  announce(say("hand_moved", { point: pointText(i) }));
}

mapMarks.tabIndex = 0;
mapMarks.addEventListener("keydown", (event) => {
  const { all } = session, i = state.view.example, { key } = event;
  if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "z") undoHand();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (key === "n" || key === "p") chooseExample((i + (key === "n" ? 1 : all.count - 1)) % all.count);
  else if (!handBox.checkVisibility()) return;
  else if (key in STEPS) nudge(STEPS[key], event.shiftKey ? 0.1 : 0.02);
  else if (key === "a") addPoint([...rowOf(all, i)]);
  else if (key === "Delete" || key === "Backspace") removePoint(i);
  else if (/^[1-9]$/.test(key) && Number(key) <= session.classes.length) {
    remember();
    setPoint(i, rowOf(all, i), [session.task === "sides" ? 2 * Number(key) - 3 : Number(key) - 1]);
    announce(pointText(i));
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

// ------------------------------------------------------------ the controls

for (const button of all("[data-tool]", handBox)) {
  button.addEventListener("click", () => {
    tool = button.dataset.tool;
    showHand();
    announce(SAY[`hand_${tool}_hint`]);
  });
}
find("#undo").addEventListener("click", undoHand);
find("#put-back").addEventListener("click", () => {
  state.data.points = null;
  changed("data");
  announce(SAY.hand_put_back);
});

function showHand() {
  for (const button of all("[data-tool]", handBox)) {
    setAttribute(button, "aria-pressed", String(button.dataset.tool === tool));
  }
  mapBox.classList.toggle("editing", tool !== "pick");
  setText(find(".hint", handBox), SAY[`hand_${tool}_hint`]);
  find("#undo").disabled = undone.length === 0;
  find("#put-back").hidden = state.data.points === null;
  handClass.parentElement.hidden = tool !== "add" || isFigure();
  handNumber.parentElement.hidden = tool !== "add" || !isFigure() || isFlat() || widthOf(session.all) > 1;
}

follow("data", () => {
  undone = [];
  drag = null;
  const options = session.classes.map((name, k) => Object.assign(make("option", "", name), { value: String(k) }));
  handClass.replaceChildren(...options);
  handClass.value = session.classes.length > 1 ? "1" : "0";
  if (isFigure()) handNumber.value = number(targetScale().middle, 3).replace("−", "-");
});

// ------------------------------------------------------------ in a link: x_y_class, a comma between points

function handText() {
  const { points } = state.data;
  if (!points || points.rows.length > MOST_IN_LINK) return "";
  const text = (x) => (Number.isInteger(x) ? String(x) : full(x));
  return points.rows.map((row, i) => [...row, ...[points.targets[i]].flat()].map(text).join("_")).join();
}

function readHand(text) {
  if (text === "") return null;
  const rows = text.split(",").map((point) => point.split("_").map(plainNumber));
  const same = rows.every((row) => row.length === rows[0].length && row.length > 1 && !row.includes(undefined));
  return same && rows.length > 1 && rows.length <= MOST_BY_HAND ? { joined: rows } : null;
}

/** Take the points of a link apart where they fit the data; else leave them. */
function fittingPoints(points, inputs, width, task, classes) {
  if (!points?.joined) return points;
  const { joined } = points, rows = joined.map((row) => row.slice(0, inputs));
  const targets = joined.map((row) => (width === 1 ? row[inputs] : row.slice(inputs)));
  const known = (y) => (task === "sides" ? Math.abs(y) === 1 : Number.isInteger(y) && y >= 0 && y < classes);
  const fit = joined.every((row) => row.length === inputs + width) && (task === "number" || targets.every(known));
  return fit ? { rows, targets } : null;
}
