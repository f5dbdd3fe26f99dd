/* The slope: the root over the chosen leaf as a curve, with its tangent, and a move as predicted and as it came. */

const W = 380, H = 180, EDGE = 10, LOW = 20; // the plot, in units of its own
const WORK = 9000; // nodes that are computed for a curve
const plot = find("#slope svg");
const parts = Object.fromEntries(all("[class]", plot).map((element) => [element.classList[0], element]));
const facts = all("#slope dd");

let curve = { leaf: -1, points: [] };

/** Tell whether the root jumps between two points: in halves of halves, nearly all of the change stays in one. */
function jumps(f, [a, u], [b, v]) {
  const whole = Math.abs(v - u);
  for (let i = 0; i < 8; i++) {
    const middle = (a + b) / 2, w = f(middle);
    if (Math.abs(w - u) > Math.abs(v - w)) [b, v] = [middle, w];
    else [a, u] = [middle, w];
  }
  return Math.abs(v - u) > whole / 2;
}

/** Return the points with a gap wherever the root jumps between two of them. */
function withGaps(points, f) {
  const finite = points.map(([, y]) => y).filter(Number.isFinite);
  const much = (Math.max(...finite) - Math.min(...finite)) / 50;
  return points.flatMap((one, i) => {
    const next = points[i + 1];
    return next && Math.abs(next[1] - one[1]) > much && jumps(f, one, next) ? [one, [one[0], NaN]] : [one];
  });
}

/** Return the values over a range, [x, y] for each point; they hold while no other leaf moves. */
function sampled(leaf, least, most) {
  const others = snapshot();
  others[LEAVES.indexOf(leaf)] = most;
  if (curve.leaf === leaf && same(curve.others, others)) return curve.points;
  const f = rootOver(leaf), points = [];
  const count = Math.max(48, Math.min(240, Math.round(WORK / above(leaf).length) || 240));
  for (let i = 0; i <= count; i++) {
    const x = least + (most - least) * (i / count);
    points.push([x, f(x)]);
  }
  curve = { leaf, others, points: withGaps(points, f) };
  return curve.points;
}

/** Return the range of y that is shown: the curve's, without the poles, and with the point. */
function shownRange(ys, now) {
  const finite = ys.filter(Number.isFinite).sort((a, b) => a - b), here = Number.isFinite(now) ? now : finite[0] ?? 0;
  const at = (part) => finite[Math.min(finite.length - 1, Math.floor(part * finite.length))] ?? here;
  const [a, b] = [at(0.06), at(0.94)], middle = b - a;
  let low = Math.min(at(0), here), high = Math.max(at(1), here);
  if (high - low > 8 * middle && middle > 0) [low, high] = [Math.min(a - middle, here), Math.max(b + middle, here)];
  const room = 0.08 * (high - low) || Math.abs(high) * 0.5 || 1;
  return [Math.max(low - room, -8e307), Math.min(high + room, 8e307)]; // their difference is a number
}

/** Return the change that the tangent predicts for a whole move: the sum of slope times change over the leaves. */
function promised() {
  return LEAVES.reduce((sum, leaf, i) =>
    (value[leaf] === anchor[i] ? sum : sum + anchored.grad[leaf] * (value[leaf] - anchor[i])), 0);
}

let scale = null; // leaf, x and y ranges: they hold while a leaf is moved

/** Return the path of a curve: broken where it is not finite, or jumps across the whole plot. */
function pathOf(points, x, y) {
  let path = "", open = false, before = null;
  for (const [u, v] of points) {
    const high = y(v), jumps = before !== null && Math.abs(high - before) > 1.5 * H;
    open = open && !jumps;
    if (Number.isFinite(v)) path += `${open ? "L" : "M"}${point(x(u), high)}`;
    open = Number.isFinite(v);
    before = Number.isFinite(v) ? high : null;
  }
  return path;
}

function showSlope() {
  const leaf = chosen, [least, most] = rangeOf(leaf), now = value[leaf], result = value[ROOT], slope = grad[leaf];
  const points = sampled(leaf, least, most);
  if (!scale || scale.leaf !== leaf || !moving || scale.least !== least) {
    scale = { leaf, least, y: shownRange(points.map(([, v]) => v), result) };
  }
  const here = Math.max(-8e307, Math.min(8e307, Number.isFinite(result) ? result : scale.y[0]));
  const [low, high] = scale.y = [Math.min(scale.y[0], here), Math.max(scale.y[1], here)];
  const near = (at) => Math.max(-9 * W, Math.min(9 * W, at)); // far outside is far enough
  const x = (u) => near(EDGE + (u - least) / (most - least) * (W - 2 * EDGE));
  const y = (v) => near(H - LOW - (v - low) / (high - low) * (H - LOW - EDGE));
  const known = Number.isFinite(result), flat = Number.isFinite(slope) && known;
  const anew = [points, low, high].map((is, i) => changes(parts.curve, i, is));
  if (anew.includes(true)) parts.curve.setAttribute("d", pathOf(points, x, y));
  const tangent = (u) => point(x(u), y(result + slope * (u - now)));
  setAttribute(parts.tangent, "d", flat ? `M${tangent(least)}L${tangent(most)}` : "");
  const was = anchor[LEAVES.indexOf(leaf)], before = anchored.result, promise = promised(), end = before + promise;
  const away = now !== was && Number.isFinite(end) && known, to = point(x(now), y(end));
  setAttribute(parts.promise, "d", away ? `M${point(x(was), y(before))}L${to}` : "");
  setAttribute(parts.gap, "d", away ? `M${to}V${y(result).toFixed(1)}` : "");
  const level = low < 0 && high > 0 ? `M${point(0, y(0))}H${W}` : "";
  setAttribute(parts.zero, "d", `${level}${least < 0 && most > 0 ? `M${point(x(0), 0)}V${H - LOW}` : ""}`);
  setAttribute(parts.point, "visibility", known ? "inherit" : "hidden");
  setAttribute(parts.point, "cx", x(now).toFixed(1));
  if (known) setAttribute(parts.point, "cy", y(result).toFixed(1));
  setText(parts.left, number(least, 3));
  setText(parts.right, number(most, 3));
  setText(parts.top, number(high, 3));
  setText(parts.bottom, number(low, 3));
  const name = names[leaf], heading = say("slope", { root: OUT, name });
  const seen = { root: OUT, name, value: number(now), result: number(result), grad: number(slope) };
  setText(find("#slope h2"), heading);
  setAttribute(plot, "aria-label", secret() ? heading : say("slope_about", seen));
  setText(facts[0], number(slope));
  setText(facts[1], signed(now - was));
  setText(facts[2], signed(promise));
  setText(facts[3], signed(result - before));
  setText(find("#slope .moved"), say("moved", { name }));
  setClass(find("#slope dl"), "still", now === was);
}
sight.observe(plot);
watchers.push(() => {
  if (isShown("slope") && !waits(plot)) showSlope();
});

/** The point of the curve can be dragged, too. */
let pulling = false;
const pull = (event) => {
  const box = plot.getBoundingClientRect(), [least, most, step] = rangeOf(chosen);
  const at = ((event.clientX - box.left) / box.width * W - EDGE) / (W - 2 * EDGE);
  const x = Math.round((least + Math.min(1, Math.max(0, at)) * (most - least)) / step) * step;
  set(chosen, Number(x.toPrecision(12)));
};
plot.addEventListener("pointerdown", (event) => {
  if (event.button > 0) return;
  pulling = true;
  plot.setPointerCapture(event.pointerId);
  begin();
  pull(event);
});
plot.addEventListener("pointermove", (event) => pulling && pull(event));
for (const kind of ["pointerup", "pointercancel"]) {
  plot.addEventListener(kind, () => {
    if (pulling) end();
    pulling = false;
  });
}
plot.addEventListener("dblclick", () => putBack(chosen));
