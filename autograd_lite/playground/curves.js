/* The losses over the epochs, training in blue and held out in orange. */

const curve = find("#curves canvas"), CURVE_LEFT = 44; // pixels

function drawCurves() {
  const [context, width, height] = cleared(curve), { loss, held, ahead } = session.history, { log } = state.view;
  const bottom = height - 16;
  const others = runs.map((run) => run.history.loss), later = ahead?.loss ?? loss;
  const finite = [loss, held, later, ...others].flat().filter((y) => Number.isFinite(y) && (!log || y > 0));
  let [low, high] = spanOf(finite.length ? finite : [1]);
  const most = 3 * spanOf([...loss, ...held].filter(Number.isFinite))[1]; // an earlier run may lie far above this one
  if (most > 0) high = Math.min(high, most);
  if (!log) low = Math.min(0, low);
  if (high <= low) high = low + (Math.abs(low) || 1);
  const scaled = log ? Math.log : (y) => y, bottomOf = scaled(low), reach = scaled(high) - bottomOf || 1;
  const place = (y) => bottom - ((bottom - 6) * (scaled(y) - bottomOf)) / reach;
  const epochs = Math.max(1, ...[later, ...others].map((list) => list.length - 1));
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = themed("faint");
  context.strokeStyle = themed("rule");
  context.lineWidth = 1;
  context.textAlign = "right";
  for (const y of log ? [low, Math.sqrt(low * high), high] : [low, (low + high) / 2, high]) {
    const at = Math.round(place(y)) + 0.5;
    context.beginPath();
    context.moveTo(CURVE_LEFT, at);
    context.lineTo(width, at);
    context.stroke();
    context.fillText(fitted(y, 2, 6), CURVE_LEFT - 6, Math.min(bottom, Math.max(10, at + 4)));
  }
  context.textAlign = "left";
  context.fillText("0", CURVE_LEFT, height - 3);
  context.textAlign = "right";
  context.fillText(say("epochs_in_all", { count: epochs }), width, height - 3);
  const drawn = [...others.map((list, i) => [list, "muted", DASHES[i]]), [later, "border", []], [held, "orange", []],
    [loss, "blue", []]];
  for (const [list, name, dashes] of drawn) {
    context.setLineDash(dashes);
    const skip = Math.max(1, Math.floor(list.length / 1200));
    context.beginPath();
    for (let i = 0; i < list.length; i += i + skip < list.length || i === list.length - 1 ? skip
      : list.length - 1 - i) {
      if (Number.isFinite(list[i]) && (!log || list[i] > 0)) context.lineTo(CURVE_LEFT
        + ((width - CURVE_LEFT) * i) / epochs, place(list[i]));
    }
    context.lineWidth = dashes.length ? 1.4 : 2;
    context.lineJoin = "round";
    context.strokeStyle = themed(name);
    context.stroke();
  }
  context.setLineDash([]);
  setAttribute(curve, "aria-label", say("curves_about",
    { first: number(loss[0], 3), last: number(loss.at(-1), 3), count: loss.length - 1 }));
}

find("#log").addEventListener("click", () => {
  state.view.log = !state.view.log;
  setAttribute(find("#log"), "aria-pressed", String(state.view.log));
  drawCurves();
});
