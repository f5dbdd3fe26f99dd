/* The picture of the net: a map for each unit, weights as lines, in the width of their size and the colour of their sign. */

const field = find("#net .field"), wires = find("#net .wires");
let tiles = []; // [layer][unit]: { button, canvas, x, y }, the inputs first
let tileSize = 40;

function buildNet() {
  const { net } = session;
  for (const tile of tiles.flat()) tile.button.remove();
  const columns = [Array.from(net.x, (_, k) => session.columns[k]), ...net.layers.map(({ a }, l) => Array.from(a, (_, j) => unitName(l, j)))];
  tiles = columns.map((names, c) => names.map((name, j) => {
    const canvas = make("canvas"), button = Object.assign(make("button", "unit", canvas), { type: "button" });
    button.setAttribute("aria-label", c ? say("unit", { name, layer: c, activation: DATA.activations[net.layers[c - 1].name] ?? net.layers[c - 1].name }) : name);
    field.append(button);
    return { button, canvas, x: 0, y: 0 };
  }));
  placeNet();
}

const unitName = (l, j) => `a${subscript(j + 1)}⁽${superscript(l + 1)}⁾`;
const superscript = (n) => String(n).replace(/[0-9]/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

/** Put the columns side by side, the units of each below one another. */
function placeNet() {
  const width = field.clientWidth, height = field.clientHeight, most = Math.max(...tiles.map((column) => column.length));
  tileSize = Math.max(12, Math.min(46, Math.floor((height - 12) / most) - 6, Math.floor(width / tiles.length) - 24));
  tiles.forEach((column, c) => column.forEach((tile, j) => {
    const step = Math.min((height - 12) / column.length, tileSize * 1.5);
    tile.x = tiles.length === 1 ? width / 2 : tileSize / 2 + 8 + ((width - tileSize - 16) * c) / (tiles.length - 1);
    tile.y = height / 2 + (j - (column.length - 1) / 2) * step;
    tile.button.style.cssText = `left:${tile.x - tileSize / 2}px;top:${tile.y - tileSize / 2}px;width:${tileSize}px;height:${tileSize}px`;
  }));
}

function drawNet() {
  const { net } = session;
  tiles.forEach((column, c) => column.forEach(({ canvas }, j) => {
    const numbers = c ? grid.units[c - 1][j] : grid.inputs[j], layer = net.layers[c - 1];
    if (net.inputs === 1) {
      const [low, high] = c ? [-grid.scale[c - 1], grid.scale[c - 1]] : session.range[0];
      drawCurve(canvas, numbers, low, high, css(c ? ORANGE : BLUE));
    } else if (c) paint(canvas, numbers, grid.size, middleOf(layer.name), grid.scale[c - 1]);
    else paint(canvas, numbers, grid.size, (session.range[j][0] + session.range[j][1]) / 2, (session.range[j][1] - session.range[j][0]) / 2);
  }));
  drawWires();
}

function drawWires() {
  const { net } = session, [context] = cleared(wires), p = net.parameters;
  let most = 0;
  for (let i = 0; i < p.length; i++) most = Math.max(most, Math.abs(p[i]));
  net.layers.forEach((layer, l) => {
    for (let j = 0; j < layer.count; j++) for (let k = 0; k < layer.width; k++) {
      const w = p[net.at(l, j) + k], from = tiles[l][k], to = tiles[l + 1][j], x0 = from.x + tileSize / 2, x1 = to.x - tileSize / 2;
      context.beginPath();
      context.moveTo(x0, from.y);
      context.bezierCurveTo((x0 + x1) / 2, from.y, (x0 + x1) / 2, to.y, x1, to.y);
      context.lineWidth = 0.4 + (5 * Math.abs(w)) / (most || 1);
      context.strokeStyle = w < 0 ? css(BLUE) : css(ORANGE);
      context.globalAlpha = 0.3 + (0.6 * Math.abs(w)) / (most || 1);
      context.stroke();
    }
  });
  context.globalAlpha = 1;
}
