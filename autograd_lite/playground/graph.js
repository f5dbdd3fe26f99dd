/* The graph of the chosen example, layer by layer: a card for each unit; a unit that is unfolded shows its products. */

const MOST_UNFOLDED = 150; // values up to which all units may be unfolded at once
const CARD = { width: 142, wide: 196, unit: 42, product: 58, gap: 9, across: 62 };
const graphSvg = find("#graph svg"), graphBox = find("#graph .scroll");
let unfolded = new Set(), built = "", refreshers = []; // refreshers: they write the numbers into the picture

/** Return how many values the whole graph has: inputs, weights, biases, products, z, a, and the loss. */
const valuesInGraph = () => {
  const { layers, inputs } = session.net;
  return layers.reduce((sum, { count, width }) => sum + count * (2 * width + 3), inputs + 1);
};
const isUnfolded = (l, j) => unfolded.has(`${l}.${j}`);

function toggleUnit(l, j) {
  const key = `${l}.${j}`, was = unfolded.has(key);
  if (valuesInGraph() > MOST_UNFOLDED) unfolded.clear();
  if (was) unfolded.delete(key);
  else unfolded.add(key);
  showExample();
  find(`[data-unit="${key}"]`, graphSvg)?.focus({ preventScroll: true });
}

/** Show the graph; it is laid out anew only where its shape has changed. */
function showGraph(found) {
  const { net, columns } = session, many = valuesInGraph() > MOST_UNFOLDED;
  const key = [columns, net.units, net.activations, state.fit.loss, [...unfolded]].join(":");
  if (key !== built) {
    built = key;
    buildGraph();
  }
  found.steepest = largestOf(found.layers.flatMap(({ dz }) => dz)) || 1;
  for (const refresh of refreshers) refresh(found);
  find("#unfold").hidden = many;
  setText(find("#graph .hint"), say(many ? "graph_hint_one" : "graph_hint", { count: valuesInGraph() }));
}

// ------------------------------------------------------------ laid out

/** Return the blocks of a layer with their places: of each unit its height, and where its middle lies. */
function stacked(heights, room) {
  const whole = heights.reduce((sum, h) => sum + h + CARD.gap, -CARD.gap);
  let top = (room - whole) / 2;
  return heights.map((h) => {
    const place = { top, middle: top + h / 2 };
    top += h + CARD.gap;
    return place;
  });
}

function buildGraph() {
  const { net } = session, rows = ({ width }) => (Math.min(width, SHOWN) + 1) * (CARD.product + 4);
  const blocks = net.layers.map((layer, l) => {
    const count = Math.min(layer.count, SHOWN);
    return Array.from({ length: count }, (_, j) => (isUnfolded(l, j) ? rows(layer) : CARD.unit));
  });
  const inputs = new Array(Math.min(net.inputs, SHOWN)).fill(CARD.unit);
  const tall = (list) => list.reduce((sum, h) => sum + h + CARD.gap, 0);
  const room = Math.max(tall(inputs), ...blocks.map(tall)) + 16, step = CARD.width + CARD.across;
  graphSvg.replaceChildren();
  refreshers = [];
  const arrows = draw("g", {}), cards = draw("g", {});
  graphSvg.append(arrows, cards);
  let x = 8, from = stacked(inputs, room).map(({ middle }, k) => {
    card(cards, x, middle, session.columns[k], ({ x: numbers }) => [numbers[k], null], "leaf");
    return { x: x + CARD.width, y: middle };
  });
  net.layers.forEach((layer, l) => {
    const open = blocks[l].some((_, j) => isUnfolded(l, j)), places = stacked(blocks[l], room);
    const products = x + step, sums = products + CARD.wide + 52, at = open ? sums + step : x + step;
    from = places.map((place, j) => (isUnfolded(l, j)
      ? unfoldUnit(cards, arrows, l, j, place, from, { products, sums, at })
      : foldUnit(cards, arrows, l, j, place.middle, from, at)));
    x = at;
  });
  const end = x + step, middle = room / 2;
  card(cards, end, middle, "C", ({ cost }) => [cost, 1], "loss");
  from.forEach((point, j) => arrow(arrows, point, { x: end, y: middle }, ({ layers }) => slopeOf(layers.at(-1), j)));
  setAttribute(graphSvg, "viewBox", `0 0 ${end + CARD.width + 8} ${room}`);
  graphSvg.style.width = `${end + CARD.width + 8}px`;
}

/** The gradient of C by a unit's output; where C is a loss of z, that by z. */
const slopeOf = ({ da, dz }, j) => da[j] ?? dz[j];

/** A unit as one card; a click unfolds it. */
function foldUnit(cards, arrows, l, j, y, from, x) {
  const { net } = session, first = net.at(l, j);
  unitCard(cards, l, j, x, y);
  const flow = (k) => ({ layers }) => layers[l].dz[j] * net.parameters[first + k];
  from.forEach((point, k) => arrow(arrows, point, { x, y }, flow(k)));
  return { x: x + CARD.width, y };
}

/** A unit in its parts: weight × input for each input, the bias, their sum z, and a = g(z). */
function unfoldUnit(cards, arrows, l, j, { top, middle }, from, { products, sums, at }) {
  const { net } = session, { width, name: activation } = net.layers[l];
  const count = Math.min(width, SHOWN), { wide } = CARD;
  for (let k = 0; k <= count; k++) {
    const bias = k === count, index = net.at(l, j) + (bias ? width : k), y = top + (k + 0.5) * (CARD.product + 4);
    const input = ({ x, layers }) => (l ? layers[l - 1].a[k] : x[k]), w = bias ? biasName(l, j) : weightName(l, j, k);
    const name = bias ? w : `${w} · ${l ? unitName(l - 1, k) : shortened(session.columns[k], 8)}`;
    product(cards, products, y, wide, name, (found) => {
      const p = net.parameters[index], x = bias ? 0 : input(found);
      return [bias ? number(p, 4) : `${number(p, 3)} · ${number(x, 3)} = ${number(p * x, 3)}`, found.gradients[index]];
    }, w);
    if (!bias) arrow(arrows, from[k], { x: products, y }, ({ layers }) => layers[l].dz[j] * net.parameters[index]);
    arrow(arrows, { x: products + wide, y }, { x: sums, y: middle }, ({ layers }) => layers[l].dz[j]);
  }
  card(cards, sums, middle, `z${subscript(j + 1)}${inLayer(l)}`, ({ layers }) => [layers[l].z[j], layers[l].dz[j]]);
  unitCard(cards, l, j, at, middle);
  const logits = l === net.layers.length - 1 && OF_LOGITS.has(state.fit.loss);
  const label = logits || activation === "softmax" ? null : ({ layers }) => `g′ ${number(layers[l].slope[j], 2)}`;
  arrow(arrows, { x: sums + CARD.width, y: middle }, { x: at, y: middle }, ({ layers }) => layers[l].dz[j], label);
  return { x: at + CARD.width, y: middle };
}

// ------------------------------------------------------------ cards and arrows

/** Return a name, or as much of it as there is room for. */
const shortened = (name, most) => ([...name].length > most ? `${[...name].slice(0, most - 1).join("")}…` : name);

function texts(group, x, y, width, kinds) {
  return kinds.map(([kind, dx, dy, anchor]) => {
    const text = draw("text", { class: kind, y: y + dy, x: anchor === "end" ? x + width - dx : x + dx });
    text.setAttribute("text-anchor", anchor ?? "start");
    group.append(text);
    return text;
  });
}

/** A card with a name, a number, and its gradient; `find` returns both from the numbers of the example. */
function card(parent, x, y, name, read, kind = "") {
  const group = draw("g", { class: `node ${kind}` }), high = CARD.unit;
  group.append(draw("rect", { x, y: y - high / 2, width: CARD.width, height: high, rx: 8 }));
  const kinds = [["name", 9, -5], ["value", 9, 13], ["slope", 9, 13, "end"]];
  const [title, value, slope] = texts(group, x, y, CARD.width, kinds);
  title.textContent = shortened(name, 15);
  if (title.textContent !== name) group.append(draw("title", {}, name));
  parent.append(group);
  refreshers.push((found) => {
    const [a, d] = read(found);
    setText(value, number(a, 3));
    setText(slope, d === null || d === undefined ? "" : `∂ ${number(d, 2)}`);
  });
  return group;
}

function unitCard(parent, l, j, x, y) {
  const open = isUnfolded(l, j), last = l === session.net.layers.length - 1, name = unitName(l, j);
  const read = ({ layers }) => [layers[l].a[j], slopeOf(layers[l], j)];
  const title = last && session.net.outputs === 1 ? `f = ${name}` : name;
  const group = card(parent, x, y, title, read, open ? "unit-card open" : "unit-card");
  const attributes = { tabindex: "0", role: "button", "aria-expanded": String(open), "data-unit": `${l}.${j}` };
  for (const [key, text] of Object.entries(attributes)) group.setAttribute(key, text);
  group.append(texts(group, x, y, CARD.width, [["sign", 9, -5, "end"]])[0]);
  group.lastChild.textContent = open ? "−" : "+";
  refreshers.push(({ layers }) => {
    const { a, z, dz } = layers[l];
    const inside = { name, value: number(a[j], 4), z: number(z[j], 4), slope: number(dz[j], 3) };
    setAttribute(group, "aria-label", say("graph_unit", inside));
  });
  group.addEventListener("click", () => toggleUnit(l, j));
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    toggleUnit(l, j);
  });
}

/** A card of three lines: the factors by name, by their numbers, and the gradient by the weight. */
function product(parent, x, y, wide, name, read, weight) {
  const group = draw("g", { class: "node product" }), high = CARD.product;
  group.append(draw("rect", { x, y: y - high / 2, width: wide, height: high, rx: 8 }));
  const [title, value, slope] = texts(group, x, y, wide, [["name", 9, -13], ["value", 9, 4], ["slope", 9, 21]]);
  title.textContent = name;
  parent.append(group);
  refreshers.push((found) => {
    const [text, d] = read(found);
    setText(value, text);
    setText(slope, `∂C/∂${weight} = ${number(d, 2)}`);
  });
}

/** An arrow, its colour the sign and its width the size of the gradient that flows back along it. */
function arrow(parent, from, to, flow, label = null) {
  if (!from) return;
  const mid = (from.x + to.x) / 2, way = `M${from.x} ${from.y}C${mid} ${from.y} ${mid} ${to.y} ${to.x} ${to.y}`;
  const path = draw("path", { class: "flow", d: way });
  parent.append(path);
  let text = null;
  if (label) {
    text = draw("text", { class: "value", x: mid, y: from.y - 6, "text-anchor": "middle" });
    parent.append(text);
  }
  refreshers.push((found) => {
    const d = flow(found), share = Math.min(1, Math.sqrt(Math.abs(d) / found.steepest));
    setAttribute(path, "class", `flow ${d < 0 ? "minus" : d > 0 ? "plus" : ""}`);
    setAttribute(path, "stroke-width", Number.isFinite(d) ? (0.6 + 2.6 * share).toFixed(2) : "1");
    if (text) setText(text, label(found));
  });
}

find("#unfold").addEventListener("click", () => {
  const every = session.net.layers.flatMap(({ count }, l) => Array.from({ length: count }, (_, j) => `${l}.${j}`));
  unfolded = unfolded.size === every.length ? new Set() : new Set(every);
  showExample();
});
follow("net", () => {
  const { net } = session, inside = ([l, j]) => l < net.layers.length && j < net.units[l];
  unfolded = new Set([...unfolded].filter((key) => inside(key.split(".").map(Number))));
  if (valuesInGraph() > MOST_UNFOLDED && unfolded.size > 1) unfolded = new Set([...unfolded].slice(0, 1));
});
