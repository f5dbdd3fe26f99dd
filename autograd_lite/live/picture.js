/* The picture: texts, colours and widths follow the numbers. */

const picture = find(".picture"), svg = find("svg", picture);
const COLOUR = DATA.colours;

/** Return how strong a number is beside the largest of its kind, from 0 to 1. */
function share(x, largest) {
  if (Number.isNaN(x) || x === 0 || largest === 0) return 0;
  return Number.isFinite(x) ? Math.sqrt(Math.min(1, Math.abs(x) / largest)) : 1;
}

const channelsOf = (colour) => [1, 3, 5].map((i) => Number.parseInt(colour.slice(i, i + 2), 16));
const MINUS = channelsOf(COLOUR.minus), PLUS = channelsOf(COLOUR.plus), GROUND = channelsOf(COLOUR.soft);

/** Return a whole number, a half rounded to the even one. */
function whole(x) {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 ? up - 1 : up;
}
const hex = (x) => whole(x).toString(16).padStart(2, "0");
const mix = (colour, part) => `#${colour.map((x, i) => hex(x * part + GROUND[i] * (1 - part))).join("")}`;
const bySign = (x, largest) => mix(x < 0 ? MINUS : PLUS, 0.75 * share(x, largest));
const inkOf = (x) => (x < 0 ? COLOUR.minus_ink : x > 0 ? COLOUR.plus_ink : COLOUR.faint);
const largestOf = (numbers) =>
  numbers.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** Return the hint of a card or an arrow. */
function titleOf(group) {
  if (!find("title", group)) group.prepend(draw("title", {}));
  group.setAttribute("role", "graphics-symbol");
  return find("title", group);
}

const cards = NODES.map((_, k) => {
  const group = document.getElementById(`n${k}`), texts = all("text", group);
  return { group, title: titleOf(group), data: texts.at(-3), grad: texts.at(-1), pill: all("rect", group).at(-1) };
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
    title: titleOf(group), tail: outwards(start, line.getPointAtLength(1)) };
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
  const width = Number.isNaN(flow) ? 1.2 : 0.9 + 2.4 * share(flow, largest), colour = COLOUR[Number.isNaN(flow) ? "line"
    : flow === 0 ? "border" : flow < 0 ? "minus" : "plus"];
  const { group, head, tip, tail } = arrow, look = `${colour} ${width.toFixed(2)} ${back}`;
  if (arrow.look === look) return;
  arrow.look = look;
  setAttribute(group, "color", colour);
  setAttribute(group, "stroke-width", width.toFixed(2));
  setAttribute(group, "stroke-dasharray", flow < 0 ? "6 3" : "none");
  if (!head) return;
  const [x, y, dx, dy] = back ? tail : tip, long = 6 + width, half = 2.2 + 0.75 * width;
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
  const text = troubleText();
  troubleBox.hidden = !text;
  setText(troubleBox, text);
}

watchers.push(() => {
  const steepest = largestOf(grad), pass = stepsOn ? passAt(stepAt) : null;
  cards.forEach(({ group, data, grad: text, pill }, k) => {
    const slope = pass ? pass.sums[k] : grad[k], met = !pass || pass.met(k);
    setText(data, !pass || pass.known(k) ? number(value[k], 4) : "?");
    setText(text, met ? number(slope, 3) : "");
    setAttribute(pill, "fill", met ? bySign(slope, steepest) : COLOUR.soft);
    group.classList.toggle("broken", !Number.isFinite(value[k]) || !Number.isFinite(grad[k]));
    group.classList.toggle("chosen", k === chosen);
    setAttribute(group, "data-value", full(value[k]));
    setAttribute(group, "data-grad", full(grad[k]));
  });
  const flows = arrows.map(({ node, at }) => grad[node] * local[first[node] + at]), most = largestOf(flows);
  arrows.forEach((arrow, i) => {
    const { node, at, group, label } = arrow, x = local[first[node] + at], back = Boolean(pass?.gives(node));
    stroke(arrow, secret() ? NaN : flows[i], most, back);
    setAttribute(group, "data-local", full(x));
    if (!label) return;
    setText(label, back ? `× ${number(x, 3)}` : number(x, 3));
    setAttribute(label, "fill", inkOf(x));
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
