/* Play, pause, one epoch, one step; and the figures of the epoch. */

const A_DRAW = 1000 / 32, READ_AFTER = 90; // milliseconds from draw to draw, and from text to text, while the net plays
let playing = false, due = 0, read = 0, cost = 0, resting = 0; // cost: milliseconds of the draw before

/** Draw the pictures of the net as it is; the maps are finer at rest. */
function drawAll() {
  const { net, train } = session;
  const small = train.count * net.parameters.length < 2e5;
  if (!playing || small) run(net, state.fit.loss, train, null, true); // ∂C/∂w of the net as it is
  computeGrid(gridSize(false));
  drawNet();
  drawCurves();
  markEpoch();
  window.clearTimeout(resting);
  if (!playing && grid.size < gridSize(true)) resting = window.setTimeout(refine, 120);
}

/** Draw the maps once more, on a finer grid: the net is at rest. */
function refine() {
  if (playing) return;
  computeGrid(gridSize(true));
  drawNet();
  drawMap();
}

/** Return which share of a set the net gets right, or null where the answer is a number. */
function shareRight(set) {
  const { net, task } = session;
  if (task === "number" || !set?.count) return null;
  let right = 0;
  for (let i = 0; i < set.count; i++) {
    load(net, set.rows, i);
    const a = net.forward(), target = set.targets[i];
    if (a.length > 1) right += Number(a.indexOf(spanOf(a)[1]) === target);
    else right += Number((a[0] > outputMiddle()) === (target > (task === "sides" ? 0 : 0.5)));
  }
  return right / set.count;
}

/** Say on the page's root, with all digits, how far the training is. */
function markEpoch() {
  const { history, epoch: count } = session, held = history.held.at(-1);
  root.dataset.epoch = String(count);
  root.dataset.loss = full(history.loss.at(-1));
  if (Number.isNaN(held)) delete root.dataset.validationLoss;
  else root.dataset.validationLoss = full(held);
}

function showFigures() {
  const { history, epoch: count, trouble } = session, loss = history.loss.at(-1), held = history.held.at(-1);
  const found = shareRight(session.held ?? session.train);
  setText(find("#epoch"), String(count));
  setText(find("#loss"), number(loss, 4));
  find("#held").parentElement.hidden = Number.isNaN(held);
  setText(find("#held"), number(held, 4));
  find("#right").parentElement.hidden = found === null;
  setText(find("#right"), found === null ? "" : `${number(100 * found, 3)} %`);
  const box = find("#trouble"), text = trouble ? SAY[trouble] ?? trouble : "", isNew = text !== box.textContent;
  box.hidden = !trouble;
  setText(box, text);
  if (trouble && isNew) announce(text);
}

/** Announce how far the training is, unless it cannot go on: the page has announced why. */
function announceEpoch() {
  const { trouble, epoch: count, history } = session;
  if (!trouble) announce(say("at_epoch", { epoch: count, loss: number(history.loss.at(-1), 4) }));
}

function setPlaying(on) {
  if (on === playing) return;
  playing = on && !session.trouble;
  const button = find("#play");
  button.setAttribute("aria-pressed", String(playing));
  button.setAttribute("aria-label", playing ? SAY.pause : SAY.play);
  if (playing) window.requestAnimationFrame(frame);
  else {
    changed("numbers");
    announceEpoch();
  }
}

/** Train, and draw some thirty times a second: epochs get the time that a draw leaves. */
function frame(now) {
  if (!playing) return;
  const most = state.view.speed === "full" ? Infinity : state.view.speed;
  const end = performance.now() + Math.max(4, A_DRAW - 6 - cost);
  for (let i = 0; i < most && (i === 0 || performance.now() < end); i++) if (!epoch()) break;
  if (session.trouble) {
    setPlaying(false);
    return;
  }
  if (now >= due) {
    const withTexts = now - read > READ_AFTER, begun = performance.now();
    due = Math.max(due, now - A_DRAW / 2) + A_DRAW; // a draw that waited for its frame does not put off the next one
    if (withTexts) read = now;
    changed("numbers", withTexts);
    cost = performance.now() - begun;
  }
  window.requestAnimationFrame(frame);
}

/** Stop playing, do something to the net, and show it. */
function once(act) {
  setPlaying(false);
  stopSlow();
  act();
  changed("numbers");
  announceEpoch();
}

find("#play").addEventListener("click", () => {
  stopSlow();
  setPlaying(!playing);
});
find("#one-epoch").addEventListener("click", () => once(epoch));
find("#one-step").addEventListener("click", () => once(step));
find("#reset").addEventListener("click", () => once(() => changed("net")));

for (const speed of [1, 10, "full"]) {
  const button = Object.assign(make("button", "", SAY[`speed_${speed}`]), { type: "button" });
  button.setAttribute("aria-pressed", String(speed === state.view.speed));
  button.dataset.speed = speed;
  find("#speed").append(button);
  button.addEventListener("click", () => {
    state.view.speed = speed;
    for (const other of all("#speed button")) other.setAttribute("aria-pressed", String(other === button));
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === " " && event.target.closest("button, summary")) return; // it presses that
  const act = { " ": "#play", e: "#one-epoch", s: "#one-step", r: "#reset" }[event.key];
  if (!act || !find(act).checkVisibility()) return; // a control that is hidden has no key either
  event.preventDefault();
  find(act).click();
});
