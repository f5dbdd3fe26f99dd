/* The picture of the net: a map for each unit; weights as lines, their width the size and their colour the sign, and
   beside each its gradient. What is under the pointer shows its numbers; a click on a line sets its weight. */

const field = find("#net .field"), wires = find("#net .wires");
const HEAD = 66, FOOT = 26, SHOWN = 40; // pixels above and below the units; units of a column that are drawn
let tiles = []; // [column][unit]: { button, canvas, tag, x, y }, the inputs first
let heads = [];
let lines = []; // the weights that are drawn: { l, j, k, at, from, to }
let tileSize = 40;

const superscript = (n) => String(n).replace(/[0-9]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);
const inLayer = (l) => `⁽${superscript(l + 1)}⁾`;
const unitName = (l, j) => `a${subscript(j + 1)}${inLayer(l)}`;
const biasName = (l, j) => `b${subscript(j + 1)}${inLayer(l)}`;
const weightName = (l, j, k) => `w${subscript(k + 1)}${k > 8 || j > 8 ? "," : ""}${subscript(j + 1)}${inLayer(l)}`;

function buildNet() {
  const { net } = session, focused = document.activeElement?.dataset?.key;
  for (const element of [...tiles.flat().map((tile) => tile.button), ...heads]) element.remove();
  const columns = [Array.from(net.x, (_, k) => session.columns[k]), ...net.layers.map(({ a }, l) => Array.from(a, (_, j) => unitName(l, j)))];
  tiles = columns.map((names, c) => names.slice(0, SHOWN).map((name, j) => tileFor(c, j, name)));
  heads = columns.map((_, c) => headOf(c));
  columns.forEach((names, c) => {
    if (names.length > SHOWN) heads[c].append(make("span", "", say("first_shown", { count: SHOWN })));
  });
  field.append(...heads, ...tiles.flat().map((tile) => tile.button));
  lines = net.layers.flatMap((_, l) => tiles[l + 1].flatMap((to, j) => tiles[l].map((from, k) => ({ l, j, k, at: net.at(l, j) + k, from, to }))));
  setText(find("#layers"), say("layers", { count: net.layers.length - 1 }));
  find("#fewer").disabled = net.layers.length === 1;
  setText(find("#shape"), shapeText());
  placeNet();
  if (focused) find(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function tileFor(c, j, name) {
  const canvas = make("canvas"), tag = make("span", "tag"), button = Object.assign(make("button", "unit", canvas, tag), { type: "button" });
  button.dataset.key = `unit-${c}-${j}`;
  const kind = c ? activationText(session.net.layers[c - 1].name) : "";
  button.setAttribute("aria-label", c ? say("unit", { name, layer: c, activation: kind }) : say("input", { name }));
  const unit = c ? [c - 1, j] : null;
  const peek = (on) => {
    if (!unit) return;
    state.view.peek = on ? unit : null;
    changed("view");
  };
  button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && peek(true));
  button.addEventListener("pointerleave", () => {
    peek(false);
    hideTip();
  });
  button.addEventListener("pointermove", (event) => showTip(event, tileText(c, j, name)));
  button.addEventListener("click", () => {
    if (!unit) return;
    state.view.unit = same(state.view.unit ?? [], unit) ? null : unit;
    changed("view");
    announce(tileText(c, j, name));
  });
  return { button, canvas, tag, x: 0, y: 0 };
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

function tileText(c, j, name) {
  if (!c) return name;
  const { net } = session, bias = net.at(c - 1, j) + net.layers[c - 1].width;
  return `${name}\n${biasName(c - 1, j)} = ${number(net.parameters[bias], 4)}\n∂C/∂${biasName(c - 1, j)} = ${number(net.gradients[bias], 3)}`;
}

/** Put the columns side by side, the units of each below one another. */
function placeNet() {
  field.style.minWidth = `${tiles.length * 124}px`;
  const width = field.clientWidth, height = field.clientHeight, room = height - HEAD - FOOT, most = Math.max(...tiles.map((column) => column.length));
  const pitch = (width - 20) / tiles.length;
  tileSize = Math.max(10, Math.min(48, Math.floor(room / most) - (room / most > 34 ? 18 : 3), Math.floor(pitch) - 34));
  tiles.forEach((column, c) => {
    const x = tiles.length === 1 ? width / 2 : tileSize / 2 + 14 + ((width - tileSize - 28) * c) / (tiles.length - 1);
    heads[c].style.left = `${c === 0 ? 0 : c === tiles.length - 1 ? width : x}px`;
    const step = Math.min(room / column.length, tileSize + 34);
    column.forEach((tile, j) => {
      tile.x = x;
      tile.y = HEAD + room / 2 + (j - (column.length - 1) / 2) * step;
      tile.button.style.cssText = `left:${tile.x - tileSize / 2}px;top:${tile.y - tileSize / 2}px;width:${tileSize}px;height:${tileSize}px`;
    });
  });
}

function drawNet() {
  const { net, range } = session;
  tiles.forEach((column, c) => column.forEach(({ canvas, tag }, j) => {
    const layer = net.layers[c - 1], numbers = c ? grid.units[c - 1][j] : grid.inputs[j];
    if (net.inputs === 1) {
      const [low, high] = c ? [middleOf(layer.name) - grid.scale[c - 1], middleOf(layer.name) + grid.scale[c - 1]] : range[0];
      drawCurve(canvas, numbers, low, high, css(c ? ORANGE : BLUE));
    } else if (c) paint(canvas, numbers, grid.size, middleOf(layer.name), grid.scale[c - 1]);
    else paint(canvas, numbers, grid.size, (range[j][0] + range[j][1]) / 2, (range[j][1] - range[j][0]) / 2);
    if (field.classList.contains("slow")) return;
    tag.className = "tag";
    const roomy = tileSize >= 24;
    setText(tag, c ? (roomy ? `b ${number(net.parameters[net.at(c - 1, j) + layer.width], 2)}` : "") : roomy || column.length < 3 ? session.columns[j].slice(0, 14) : "");
  }));
  drawWires();
}

// ------------------------------------------------------------ the lines

const curveOf = ({ from, to }) => [from.x + tileSize / 2, from.y, to.x - tileSize / 2, to.y];

/** Return a point of a line, a share t of the way along it. */
function alongLine(line, t) {
  const [x0, y0, x1, y1] = curveOf(line), s = 1 - t, near = s * s * s, far = t * t * t, out = 3 * s * s * t, back = 3 * s * t * t;
  return [near * x0 + (out + back) * ((x0 + x1) / 2) + far * x1, (near + out) * y0 + (back + far) * y1];
}

const themed = (name) => getComputedStyle(root).getPropertyValue(`--${name}`);

function drawWires() {
  const { net } = session, [context] = cleared(wires), p = net.parameters, g = net.gradients, few = lines.length <= 30;
  const most = largestOf(p) || 1, steepest = largestOf(g) || 1, violet = themed("backward"), shown = state.view.gradients;
  for (const line of lines) {
    const w = p[line.at], share = Math.abs(w) / most, [x0, y0, x1, y1] = curveOf(line), mid = (x0 + x1) / 2;
    const width = 0.5 + 5 * share, stroke = (shift) => {
      context.beginPath();
      context.moveTo(x0, y0 + shift);
      context.bezierCurveTo(mid, y0 + shift, mid, y1 + shift, x1, y1 + shift);
      context.stroke();
    };
    context.lineWidth = width;
    context.strokeStyle = css(w < 0 ? BLUE : ORANGE);
    context.globalAlpha = 0.25 + 0.65 * share;
    context.setLineDash(w < 0 ? [7, 3] : []);
    stroke(0);
    const slope = Math.abs(g[line.at]) / steepest;
    if (!shown || !(slope > 0.03)) continue;
    context.lineWidth = 0.4 + 2.4 * slope;
    context.strokeStyle = violet;
    context.globalAlpha = 0.35 + 0.6 * slope;
    context.setLineDash([]);
    stroke(width / 2 + 1 + context.lineWidth / 2);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (few) writeNumbers(context, p, g, shown, violet);
}

function largestOf(list) {
  let most = 0;
  for (let i = 0; i < list.length; i++) if (Math.abs(list[i]) > most) most = Math.abs(list[i]);
  return most;
}

/** Write each weight, and its gradient, where its line has room for them: in a small net. */
function writeNumbers(context, p, g, shown, violet) {
  const ink = themed("ink"), ground = themed("ground"), taken = [], height = shown ? 26 : 14;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  for (const line of lines) {
    const texts = [[number(p[line.at], 2), ink], ...(shown ? [[`∂ ${number(g[line.at], 2)}`, violet]] : [])];
    const width = Math.max(...texts.map(([text]) => context.measureText(text).width)) + 6;
    const places = [0.5, 0.38, 0.62, 0.3, 0.7, 0.22, 0.78].map((t) => alongLine(line, t));
    const place = places.find(([x, y]) => !taken.some(([a, b, w]) => Math.abs(a - x) < (w + width) / 2 && Math.abs(b - y) < height));
    if (!place) continue;
    const [x, y] = place;
    taken.push([x, y, width]);
    context.fillStyle = ground;
    context.globalAlpha = 0.86;
    context.fillRect(x - width / 2, y - height / 2, width, height);
    context.globalAlpha = 1;
    texts.forEach(([text, colour], i) => {
      context.fillStyle = colour;
      context.fillText(text, x, y + (shown ? 12 * i - 2 : 4));
    });
  }
}

/** Return the line that a pointer is on, or undefined. */
function lineAt(event) {
  const box = wires.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best, least = event.pointerType === "touch" ? 14 : 7;
  for (const line of lines) {
    const [x0, , x1] = curveOf(line);
    if (x < x0 || x > x1) continue;
    for (let t = 0.02; t < 1; t += 0.02) {
      const [px, py] = alongLine(line, t), far = Math.hypot(px - x, py - y);
      if (far < least) {
        least = far;
        best = line;
      }
    }
  }
  return best;
}

const tip = find("#tip");
function showTip(event, text) {
  setText(tip, text);
  tip.hidden = false;
  tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8)}px`;
}
function hideTip() {
  tip.hidden = true;
}

field.addEventListener("pointermove", (event) => {
  if (event.target !== field && event.target !== wires) return;
  const line = lineAt(event), { net } = session;
  field.style.cursor = line ? "pointer" : "";
  if (!line) hideTip();
  else {
    const name = weightName(line.l, line.j, line.k);
    showTip(event, `${name} = ${number(net.parameters[line.at], 6)}\n∂C/∂${name} = ${number(net.gradients[line.at], 4)}`);
  }
});
field.addEventListener("pointerleave", hideTip);
find("#show-gradients").addEventListener("click", () => {
  state.view.gradients = !state.view.gradients;
  setAttribute(find("#show-gradients"), "aria-pressed", String(state.view.gradients));
  drawWires();
});
