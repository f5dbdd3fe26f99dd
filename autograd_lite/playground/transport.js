/* Play, pause, one epoch, one step; and the figures of the epoch. */

let playing = false;

/** Draw what shows numbers, at rest with finer maps. */
function drawAll() {
  computeGrid(gridSize(!playing));
  drawNet();
  drawMap();
  drawCurves();
  showFigures();
}

function showFigures() {
  const { history, epoch: count } = session, loss = history.loss.at(-1), held = history.held.at(-1);
  root.dataset.epoch = String(count);
  root.dataset.loss = full(loss);
  if (Number.isNaN(held)) delete root.dataset.validationLoss;
  else root.dataset.validationLoss = full(held);
  setText(find("#epoch"), String(count));
  setText(find("#loss"), number(loss, 4));
  find("#held").parentElement.hidden = Number.isNaN(held);
  setText(find("#held"), number(held, 4));
  find("#trouble").hidden = !session.trouble;
  setText(find("#trouble"), session.trouble ? SAY[session.trouble] : "");
}

function setPlaying(on) {
  playing = on && !session.trouble;
  const button = find("#play");
  button.setAttribute("aria-pressed", String(playing));
  setText(find("span", button), playing ? SAY.pause : SAY.play);
  if (playing) window.requestAnimationFrame(frame);
  else changed("numbers");
}

let drawn = 0;
function frame(now) {
  if (!playing) return;
  const { speed } = state.view, end = performance.now() + 10;
  for (let i = 0; (speed === "full" ? performance.now() < end : i < speed) && epoch(); i++);
  if (session.trouble) {
    setPlaying(false);
    return;
  }
  if (now - drawn > 30) {
    drawn = now;
    changed("numbers");
  }
  window.requestAnimationFrame(frame);
}

find("#play").addEventListener("click", () => setPlaying(!playing));
find("#one-epoch").addEventListener("click", () => {
  setPlaying(false);
  epoch();
  changed("numbers");
});
find("#one-step").addEventListener("click", () => {
  setPlaying(false);
  step();
  changed("numbers");
});
find("#reset").addEventListener("click", () => {
  setPlaying(false);
  changed("net");
});
find("#another").addEventListener("click", () => {
  setPlaying(false);
  state.net.seed = (state.net.seed ?? -1) + 1;
  changed("net");
});
