/* The picture: texts, colours and widths follow the numbers. */

const picture = find(".picture"), svg = find("svg", picture);

/** Return how strong a number is beside the largest of its kind, from 0 to 1. */
function share(x, largest) {
  if (Number.isNaN(x) || x === 0 || largest === 0) return 0;
  return Number.isFinite(x) ? Math.sqrt(Math.min(1, Math.abs(x) / largest)) : 1;
}

/** Give an element the colour of a number's sign. */
function colour(element, x) {
  setClass(element, "minus", x < 0);
  setClass(element, "plus", x > 0);
}

/** Give a ground the colour of a number, as strong as the number is beside the largest of its kind. */
function tint(ground, x, largest) {
  colour(ground, x);
  setAttribute(ground, "style", `--part:${Math.round(75 * share(x, largest))}%`);
}
/** Set an attribute to all digits of a number, where the number changes. */
function setDigits(element, name, x) {
  if (changes(element, name, x)) element.setAttribute(name, full(x));
}

/** Return the text of an element's number, which is written anew only where the number changes. */
function numberOf(element, x, digits) {
  if (changes(element, "#", x)) element.known.number = number(x, digits);
  return element.known.number;
}
const largestOf = (numbers) =>
  numbers.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** Return the hint of a card or an arrow. */
function titleOf(group) {
  if (!find("title", group)) group.prepend(draw("title", {}));
  group.setAttribute("role", "graphics-symbol");
  return find("title", group);
}

const whole = svg.getBoundingClientRect(), { width, height } = svg.viewBox.baseVal;

/** Return where an element lies, in units of the picture. */
function placeOf(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect(), unit = width / whole.width;
  return [left - whole.left, right - whole.left, top - whole.top, bottom - whole.top].map((x) => x * unit);
}

const TINY = 4; // times smaller than drawn, a text is a blur
const ROOM = 40; // around what is in sight: the number of an arrow lies beside it
let view = [-Infinity, Infinity, -Infinity, Infinity], unit = 1; // and how much of it fits a pixel

/** Tell whether the picture's numbers are to be written: those too small to read wait until the leaf rests. */
const readable = () => !moving || unit < TINY;

/** Note which part of the picture is in sight. */
function look() {
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = picture;
  unit = width / svg.clientWidth;
  setClass(svg, "tiny", unit >= TINY);
  view = [scrollLeft * unit - ROOM, (scrollLeft + clientWidth) * unit + ROOM,
    scrollTop * unit - ROOM, (scrollTop + clientHeight) * unit + ROOM];
  if (moving) show();
}
picture.addEventListener("scroll", look);

/** Leave out what lies out of sight while a leaf moves: to draw it would take most of a frame's time. */
function leaveOut([left, right, top, bottom], ...elements) {
  const out = moving && (right < view[0] || left > view[1] || bottom < view[2] || top > view[3]);
  for (const element of elements) setClass(element, "out", out);
  return out;
}

const cards = NODES.map((_, k) => {
  const group = document.getElementById(`n${k}`), texts = all("text", group), pill = all("rect", group).at(-1);
  return { group, title: titleOf(group), data: texts.at(-3), grad: texts.at(-1), pill, place: placeOf(group) };
});

/** Return a point and the direction in which a line that comes from another one ends there. */
function outwards({ x, y }, from) {
  const length = Math.hypot(x - from.x, y - from.y) || 1;
  return [x, y, (x - from.x) / length, (y - from.y) / length];
}

const point = (u, v) => `${u.toFixed(1)},${v.toFixed(1)}`;

/** The arrows: of which node and position, and the parts that change; a line and its head look as their group. */
const arrows = computed.flatMap((k) => parents[k].map(([slot, at], index) => {
  const group = document.getElementById(`e${NODES[k].arrows[index]}`), [line, head] = all("path", group);
  const start = line.getPointAtLength(0), end = line.getPointAtLength(line.getTotalLength());
  const found = { node: k, slot, at, index, group, head, label: document.getElementById(`${group.id}-label`),
    title: titleOf(group), tail: outwards(start, line.getPointAtLength(1)), place: placeOf(group) };
  const way = line.getAttribute("d");
  if (head) {
    const [x, y, dx, dy] = found.tip = outwards(head.getPointAtLength(0), end);
    line.setAttribute("d", `${way}L${point(x - dx * 5.9, y - dy * 5.9)}`); // under the thinnest head
  }
  group.append(draw("path", { class: "twin", d: way })); // broad and invisible, to point at
  return found;
}));
const arrowOf = new Map(arrows.map((arrow) => [`${arrow.node}:${arrow.index}`, arrow]));

/** Give an arrow width and colour of what flows along it; its head grows with the line, and turns for a step back. */
function stroke(arrow, flow, largest, back) {
  const { group, head, tip, tail } = arrow, wide = (0.9 + 2.4 * share(flow, largest)).toFixed(1);
  colour(group, flow);
  setAttribute(group, "stroke-width", wide);
  if (!head || !changes(arrow, "head", `${wide} ${back}`)) return;
  const [x, y, dx, dy] = back ? tail : tip, long = 6 + Number(wide), half = 2.2 + 0.75 * wide;
  const ex = x - dx * long, ey = y - dy * long, u = dy * half, v = dx * half;
  setAttribute(head, "d", `M${point(x, y)}L${point(ex - u, ey + v)}L${point(ex + u, ey - v)}Z`);
}

/** Return an operation with its operands, as in log(a = −0.2 (margin)). */
function callOf(k) {
  const node = NODES[k], row = DATA.rows[node.row];
  if (!row) return node.formula;
  const shown = node.from.slice(0, 6).map((slot, i) => {
    const name = row.list ? `${i + 1}` : row.operands[i];
    return name && `${name} = ${number(value[slot])}${slot < COUNT ? ` (${names[slot]})` : ""}`;
  });
  return `${row.name}(${shown.filter(Boolean).join(", ")}${node.from.length > 6 ? ", …" : ""})`;
}

/** Return what is not finite, and why; "" where all numbers are finite. */
function troubleText() {
  const k = firstTrouble(), bad = grad.findIndex((x) => !Number.isFinite(x));
  if (k < 0) return bad < 0 ? "" : say("grad_trouble", { name: names[bad], result: number(grad[bad]) });
  const { domain, hint } = DATA.rows[NODES[k].row] ?? {};
  const text = say("trouble", { name: names[k], call: callOf(k), result: number(value[k]) });
  return [text, domain && say("domain", { domain }), hint].filter(Boolean).join("; ");
}

const troubleBox = find("#trouble");
function showTrouble() {
  const strange = unknown.length ? say("address_unknown", { parts: unknown.join(", ").slice(0, 200) }) : "";
  const text = [strange, troubleText()].filter(Boolean).join("; ");
  if (troubleBox.hidden === Boolean(text)) troubleBox.hidden = !text; // the layout of the whole page follows it
  setText(troubleBox, text);
}

watchers.push(() => {
  const steepest = largestOf(grad), pass = stepsOn ? passAt(stepAt) : null;
  cards.forEach(({ group, data, grad: text, pill, place }, k) => {
    setDigits(group, "data-value", value[k]);
    setDigits(group, "data-grad", grad[k]);
    if (leaveOut(place, group)) return;
    const slope = pass ? pass.sums[k] : grad[k], met = !pass || pass.met(k);
    if (readable()) {
      setText(data, !pass || pass.known(k) ? numberOf(data, value[k], 4) : "?");
      setText(text, met ? numberOf(text, slope, 3) : "");
    }
    tint(pill, met ? slope : 0, steepest);
    setClass(group, "broken", !Number.isFinite(value[k]) || !Number.isFinite(grad[k]));
    setClass(group, "chosen", k === chosen);
  });
  const flows = arrows.map(({ node, at }) => grad[node] * local[first[node] + at]), most = largestOf(flows);
  arrows.forEach((arrow, i) => {
    const { node, at, group, label, place } = arrow, x = local[first[node] + at], back = Boolean(pass?.gives(node));
    setDigits(group, "data-local", x);
    if (leaveOut(place, group, ...(label ? [label] : []))) return;
    stroke(arrow, secret() ? 0 : flows[i], most, back);
    if (!label || !readable()) return;
    setText(label, back ? `× ${numberOf(label, x, 3)}` : numberOf(label, x, 3));
    colour(label, x);
  });
  showTrouble();
  if (!moving) describe(flows, pass);
});

/** Write the hints of cards and arrows, which are read when nothing moves. */
function describe(flows, pass) {
  cards.forEach(({ group, title }, k) => {
    const name = names[k] + (NODES[k].formula ? ` = ${NODES[k].formula}` : "");
    const known = !pass || pass.known(k), met = !pass || pass.met(k);
    const slope = `grad=${full(pass ? pass.sums[k] : grad[k])}${pass?.growing(k) ? ` ${SAY.so_far}` : ""}`;
    const lines = [name, known ? `data=${full(value[k])}` : SAY.not_computed, known && DATA.rows[NODES[k].row]?.rule,
      secret() ? "" : met ? slope : SAY.grad_not_computed];
    setText(title, lines.filter(Boolean).join("\n").replaceAll("-", "−"));
    const shown = secret() ? number(value[k]) : `${number(value[k])}, ${SAY.gradient} ${number(grad[k])}`;
    if (NODES[k].from) setAttribute(group, "aria-label", title.textContent);
    else setAttribute(group, "aria-valuetext", shown);
  });
  arrows.forEach(({ node, slot, at, group, title }, i) => {
    const slope = `∂${names[node]}/∂${names[slot]} = ${full(local[first[node] + at])}`;
    const text = secret() ? slope : `${slope}, ${full(flows[i])} → ${names[slot]}`;
    setText(title, text.replaceAll("-", "−"));
    setAttribute(group, "aria-label", title.textContent);
  });
}
cards.forEach(({ group }, k) => { group.dataset.name = names[k]; });
