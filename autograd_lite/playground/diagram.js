/* The picture of the net: a map for each unit; weights as lines, their width the size and their colour the sign, and
   beside each its gradient. The line under the pointer shows its numbers; a click on a line sets its weight. */

const field = find("#net .field"), wires = find("#net .wires");
const FOOT = 26, SHOWN = 40; // pixels below the units; units of a column that are drawn
let tiles = []; // [column][unit]: { button, tag, x, y }, the inputs first
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
  const columns = [Array.from(net.x, (_, k) => session.columns[k]),
    ...net.layers.map(({ a }, l) => Array.from(a, (_, j) => unitName(l, j)))];
  tiles = columns.map((names, c) => names.slice(0, SHOWN).map((name, j) => tileFor(c, j, name)));
  heads = columns.map((_, c) => headOf(c));
  columns.forEach((names, c) => {
    if (names.length > SHOWN) heads[c].append(make("span", "", say("first_shown", { count: SHOWN })));
  });
  field.append(...heads, ...tiles.flat().map((tile) => tile.button));
  lines = net.layers.flatMap((_, l) => tiles[l + 1].flatMap((to, j) =>
    tiles[l].map((from, k) => ({ l, j, k, at: net.at(l, j) + k, from, to }))));
  setText(find("#layers"), say("layers", { count: net.layers.length - 1 }));
  find("#fewer").disabled = net.layers.length === 1;
  setText(find("#shape"), shapeText());
  placeNet();
  if (focused) find(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function tileFor(c, j, name) {
  const tag = make("span", "tag"), button = Object.assign(make("button", "unit", tag), { type: "button" });
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
  button.addEventListener("focus", () => {
    if (!button.matches(":focus-visible")) return; // reached by keys
    const { right, top } = button.getBoundingClientRect();
    showTip({ clientX: right, clientY: top }, tileText(c, j, name));
  });
  button.addEventListener("blur", hideTip);
  button.addEventListener("click", () => {
    if (!unit) return;
    state.view.unit = same(state.view.unit ?? [], unit) ? null : unit;
    changed("view");
    announce(tileText(c, j, name));
  });
  return { button, tag, x: 0, y: 0 };
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

function tileText(c, j, name) {
  if (!c) return name;
  const { net } = session, bias = net.at(c - 1, j) + net.layers[c - 1].width;
  const b = biasName(c - 1, j);
  return `${name}\n${b} = ${number(net.parameters[bias], 4)}\n∂C/∂${b} = ${number(net.gradients[bias], 3)}`;
}

/** Put the columns side by side, the units of each below one another. */
function placeNet() {
  const each = field.parentElement.clientWidth / tiles.length, narrow = each < 124;
  const dense = each < (window.matchMedia("(pointer: coarse)").matches ? 76 : 62);
  field.classList.toggle("narrow", narrow); // the controls of a column stand below one another
  field.classList.toggle("dense", dense); // and those of every second column below its neighbours'
  field.style.minWidth = `${tiles.length * (dense ? 43 : 62)}px`;
  const width = field.clientWidth, height = field.clientHeight, pitch = (width - 20) / tiles.length;
  const most = Math.max(...tiles.map((column) => column.length));
  const low = heads.at(-1).offsetWidth > pitch + 14; // the control of the output has a row of its own
  field.classList.toggle("low", low);
  field.style.setProperty("--pitch", `${Math.round(pitch) - 16}px`);
  const head = (narrow ? 104 : 66) + (dense ? 88 : 0) + (low ? 34 : 0), room = height - head - FOOT;
  const between = Math.floor(room / most) - (room / most > 34 ? 18 : 3), beside = Math.floor(pitch) - (dense ? 24 : 34);
  tileSize = Math.max(10, Math.min(48, between, beside));
  tiles.forEach((column, c) => {
    const x = tiles.length === 1 ? width / 2 : tileSize / 2 + 14 + ((width - tileSize - 28) * c) / (tiles.length - 1);
    heads[c].style.top = dense && c % 2 ? "88px" : "0";
    heads[c].style.left = `${c === 0 ? 0 : c === tiles.length - 1 ? width : x}px`;
    const step = Math.min(room / column.length, tileSize + 34);
    column.forEach((tile, j) => {
      tile.roomy = tileSize >= 24 && step >= tileSize + 14 && !dense; // for its tag
      tile.x = Math.round(x - tileSize / 2) + tileSize / 2; // on whole pixels
      tile.y = Math.round(head + room / 2 + (j - (column.length - 1) / 2) * step - tileSize / 2) + tileSize / 2;
      const left = tile.x - tileSize / 2, top = tile.y - tileSize / 2;
      tile.button.style.cssText = `left:${left}px;top:${top}px;width:${tileSize}px;height:${tileSize}px`;
    });
  });
}

/** Draw the picture: the lines, and the map of each unit over them. */
function drawNet() {
  const { net, range } = session, flat = net.inputs === 1;
  beginPixels(wires, themed("ground"));
  paintLines();
  const shown = tiles.flatMap((column, c) => column.map(({ x, y }, j) => {
    const numbers = c ? grid.units[c - 1][j] : grid.inputs[j], [low, high] = range[c ? 0 : j];
    const middle = c ? middleOf(net.layers[c - 1].name) : (low + high) / 2;
    const scale = c ? grid.scale[c - 1] : (high - low) / 2;
    return { numbers, middle, scale, left: x - tileSize / 2, top: y - tileSize / 2, colour: c ? ORANGE : BLUE };
  }));
  if (!flat) for (const tile of shown) paintSquare(tile, grid.size, tileSize);
  const context = endPixels();
  if (flat) for (const tile of shown) drawCurve(context, tile, tileSize);
  if (lines.length <= 30) writeNumbers(context);
}

/** Write under each unit its bias, under each input its name. */
function showTags() {
  const { net, columns } = session;
  if (field.classList.contains("slow")) return;
  tiles.forEach((column, c) => column.forEach(({ tag, roomy }, j) => {
    setAttribute(tag, "class", c ? "tag" : "tag name");
    if (!c) setText(tag, roomy || column.length < 3 ? columns[j] : "");
    else setText(tag, roomy ? `b ${number(net.parameters[net.at(c - 1, j) + net.layers[c - 1].width], 2)}` : "");
  }));
}

// ------------------------------------------------------------ the lines

const curveOf = ({ from, to }) => [from.x + tileSize / 2, from.y, to.x - tileSize / 2, to.y];

/** Return a point of a line, a share t of the way along it. */
function alongLine(line, t) {
  const [x0, y0, x1, y1] = curveOf(line), s = 1 - t, near = s * s * s, far = t * t * t, out = 3 * s * s * t;
  const back = 3 * s * t * t;
  return [near * x0 + (out + back) * ((x0 + x1) / 2) + far * x1, (near + out) * y0 + (back + far) * y1];
}

/** Paint the weights, and beside each its gradient: the size as width, the sign as colour. */
function paintLines() {
  const { parameters: p, gradients: g } = session.net, most = largestOf(p) || 1, steepest = largestOf(g) || 1;
  const violet = themed("backward"), shown = state.view.gradients;
  for (const line of lines) {
    const w = p[line.at], share = Math.abs(w) / most, [x0, y0, x1, y1] = curveOf(line), width = 0.5 + 5 * share;
    paintLine(x0, y0, x1, y1, width, w < 0 ? BLUE : ORANGE, 0.25 + 0.65 * share, w < 0);
    const slope = Math.abs(g[line.at]) / steepest, thick = 0.4 + 2.4 * slope, by = (width + thick) / 2 + 1;
    if (shown && slope > 0.03) paintLine(x0, y0 + by, x1, y1 + by, thick, violet, 0.35 + 0.6 * slope, false);
  }
}

function largestOf(list) {
  let most = 0;
  for (let i = 0; i < list.length; i++) if (Math.abs(list[i]) > most) most = Math.abs(list[i]);
  return most;
}

/** Write each weight, and its gradient, where its line has room for them: in a small net. */
function writeNumbers(context) {
  const { parameters: p, gradients: g } = session.net, shown = state.view.gradients, height = shown ? 26 : 14;
  const ink = themed("ink"), ground = themed("ground"), violet = themed("backward"), taken = [];
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  for (const line of lines) {
    const texts = [[number(p[line.at], 2), ink], ...(shown ? [[`∂ ${number(g[line.at], 2)}`, violet]] : [])];
    const width = Math.max(...texts.map(([text]) => context.measureText(text).width)) + 6;
    const places = [0.5, 0.38, 0.62, 0.3, 0.7, 0.22, 0.78].map((t) => alongLine(line, t));
    const place = places.find(([x, y]) => !taken.some(([a, b, w]) => Math.abs(a - x) < (w + width) / 2
      && Math.abs(b - y) < height));
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
    const w = number(net.parameters[line.at], 6), slope = number(net.gradients[line.at], 4);
    showTip(event, `${name} = ${w}\n∂C/∂${name} = ${slope}`);
  }
});
field.addEventListener("pointerleave", hideTip);
find("#show-gradients").addEventListener("click", () => {
  state.view.gradients = !state.view.gradients;
  setAttribute(find("#show-gradients"), "aria-pressed", String(state.view.gradients));
  drawNet();
});
