/* The losses over the epochs. */

const curve = find("#curves canvas");

function drawCurves() {
  const [context, width, height] = cleared(curve), { loss, held } = session.history;
  const finite = [...loss, ...held].filter(Number.isFinite), high = finite.reduce((a, b) => Math.max(a, b), 0) || 1;
  for (const [list, colour] of [[loss, BLUE], [held, ORANGE]]) {
    context.beginPath();
    list.forEach((y, i) => { if (Number.isFinite(y)) context.lineTo((width * i) / Math.max(1, list.length - 1), height - 3 - ((height - 6) * y) / high); });
    context.lineWidth = 1.8;
    context.strokeStyle = css(colour);
    context.stroke();
  }
}
