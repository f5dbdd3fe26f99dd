/* Pixels that the page paints by itself: the lines and maps of a net are too many for a canvas to draw in each frame.

   Places and sizes are those of the page; `pixels.fine` pixels make one of them. */

const pixels = { canvas: null, fine: 1, width: 0, height: 0, data: null, words: null };

/** Return a colour as a word of the picture, from "#rrggbb" or from its three parts. */
function wordOf(colour) {
  const [r, g, b] = typeof colour === "string" ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) : colour;
  return (255 << 24) | (b << 16) | (g << 8) | r;
}

/** Begin a picture as large as the canvas is on the page. */
function beginPixels(canvas, ground) {
  const fine = window.devicePixelRatio || 1, width = Math.max(1, Math.round(canvas.clientWidth * fine));
  const height = Math.max(1, Math.round(canvas.clientHeight * fine));
  if (pixels.canvas !== canvas || pixels.width !== width || pixels.height !== height || canvas.width !== width) {
    Object.assign(canvas, { width, height });
    const data = new ImageData(width, height);
    Object.assign(pixels, { canvas, width, height, data, words: new Int32Array(data.data.buffer) });
  }
  pixels.fine = fine;
  pixels.words.fill(wordOf(ground));
}

/** Show the pixels; return the context to draw above them. */
function endPixels() {
  const { canvas, data, fine } = pixels, context = canvas.getContext("2d");
  context.putImageData(data, 0, 0);
  context.setTransform(fine, 0, 0, fine, 0, 0);
  return context;
}

// ------------------------------------------------------------ a line from one unit to another

/** The shape of all lines that are so many pixels wide: in each column the share of the rise, and the slope. */
const lineShapes = new Map();
function lineShape(columns) {
  if (lineShapes.has(columns)) return lineShapes.get(columns);
  const share = new Float64Array(columns), slope = new Float64Array(columns);
  for (let i = 0; i < columns; i++) {
    const u = (i + 0.5) / columns;
    let t = u; // where on the curve: its x is 1.5 t − 1.5 t² + t³
    for (let turn = 0; turn < 6; turn++) t -= (t * (1.5 + t * (t - 1.5)) - u) / (1.5 + t * (3 * t - 3));
    share[i] = t * t * (3 - 2 * t);
    slope[i] = (6 * t * (1 - t)) / ((1.5 + t * (3 * t - 3)) * columns);
  }
  const shape = { share, slope };
  lineShapes.set(columns, shape);
  return shape;
}

/** Paint a line, column by column; at its edges it fades over as many pixels as it climbs in a column. */
function paintLine(x0, y0, x1, y1, thick, colour, alpha, dashed) {
  const { words, width, height, fine } = pixels, first = Math.round(x0 * fine);
  const columns = Math.round(x1 * fine) - first, word = wordOf(colour), dash = 7 * fine, pitch = 10 * fine;
  if (columns < 1 || first < 0 || first + columns > width) return;
  const { share, slope } = lineShape(columns), rise = (y1 - y0) * fine, redBlue = word & 0xff00ff;
  const green = word & 0xff00;
  let along = 0;
  for (let i = 0; i < columns; i++) {
    const tilt = rise * slope[i], stretch = Math.sqrt(1 + tilt * tilt), fade = Math.max(1, Math.abs(tilt));
    along += stretch;
    if (along > pitch) along -= pitch * Math.floor(along / pitch);
    if (dashed && along > dash) continue;
    const y = y0 * fine + rise * share[i] - 0.5, half = 0.5 * thick * fine * stretch, reach = half + fade / 2;
    const full256 = 256 * alpha, most = Math.min(full256, (2 * full256 * half) / fade), each = full256 / fade;
    const end = Math.min(height - 1, Math.floor(y + reach)), begin = Math.max(0, Math.ceil(y - reach));
    for (let row = begin, at = begin * width + first + i; row <= end; row++, at += width) {
      const far = row > y ? row - y : y - row, found = (reach - far) * each, part = (found < most ? found : most) | 0;
      const under = words[at], rest = 256 - part;
      const inRedBlue = (Math.imul(redBlue, part) + Math.imul(under & 0xff00ff, rest)) >>> 8;
      const inGreen = (Math.imul(green, part) + Math.imul(under & 0xff00, rest)) >>> 8;
      words[at] = 0xff000000 | (inRedBlue & 0xff00ff) | (inGreen & 0xff00);
    }
  }
}

// ------------------------------------------------------------ the map of a unit

/** Paint numbers on a grid as a square with round corners, (x − middle) / scale in colour. */
function paintSquare({ numbers, middle, scale, left, top }, size, side) {
  const { words, width, height, fine } = pixels, count = Math.round(side * fine), round = 5 * fine;
  const x = Math.round(left * fine), y = Math.round(top * fine), factor = 256 / scale;
  const source = Int32Array.from({ length: count }, (_, i) => ((i + 0.5) * size) / count);
  for (let row = 0; row < count; row++) {
    const off = round - Math.min(row, count - 1 - row) - 0.5, line = source[row] * size;
    const inset = off > 0 ? Math.ceil(round - Math.sqrt(round * round - off * off)) : 0;
    if (y + row < 0 || y + row >= height) continue;
    for (let col = inset, at = (y + row) * width + x + inset; col < count - inset; col++, at++) {
      const t = (numbers[line + source[col]] - middle) * factor;
      words[at] = SHADES[t >= -256 ? (t < 256 ? (t + 256.5) | 0 : 512) : t < -256 ? 0 : 513];
    }
  }
}
