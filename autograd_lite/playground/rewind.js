/* Rewind: the training as it was after earlier epochs; and the last runs beside the present one. */

const MOST_KEPT = 240, KEPT_BYTES = 3e7, RUNS = 3, rewindSlider = find("#rewind input"), runsBox = find("#runs");
let kept = [], stride = 1; // kept: the net and all that training goes on from, one entry for every `stride` epochs
let now = null, runs = []; // now: the present run, { history, settings, mixed, asked }; runs: those before it

/** After an epoch: keep the state of training, and know the settings that it ran with. */
function keepEpoch() {
  const { history } = session;
  delete history.ahead;
  if (now?.history === history && now.asked) {
    Object.assign(now, { settings: settingsNow(), mixed: history.loss.length > 2, asked: false });
  }
  keepState();
}

/** Keep the state of training, in place of those of this epoch and later ones: training took another course. */
function keepState() {
  const { net, memory, epoch: count, steps, rng, calls, edited } = session, { parameters } = net;
  while (kept.length && kept.at(-1).epoch >= count) kept.pop();
  if (count % stride) return;
  const size = 8 * parameters.length * (1 + memory.length) + 3000;
  if (kept.length >= Math.max(8, Math.min(MOST_KEPT, KEPT_BYTES / size))) {
    stride *= 2;
    kept = kept.filter((each) => each.epoch % stride === 0);
    if (count % stride) return;
  }
  kept.push({ epoch: count, parameters: parameters.slice(), memory: memory.map((list) => list.slice()), steps,
    fit: { ...state.fit }, rng: { state: rng.state.slice(), at: rng.at, next: rng.next },
    calls: calls.map((call) => ({ ...call })), edited: new Set(edited) });
}

/** Go back, or forward, to the kept epoch that is nearest; training goes on from there as it did. */
function rewindTo(count) {
  const far = (each) => Math.abs(each.epoch - count);
  const found = kept.reduce((best, each) => (far(each) < far(best) ? each : best), kept[0]);
  if (!found) return;
  const { epoch: at, parameters, memory, steps, rng, calls, edited } = found, { history } = session;
  const ahead = history.ahead ?? { loss: history.loss, held: history.held };
  session.net.parameters.set(parameters);
  const byHand = session.edited.has("points") ? ["points"] : [];
  Object.assign(session, { epoch: at, steps, at: 0, order: null, trouble: "", sets: new Map(),
    edited: new Set([...edited, ...byHand]), calls: calls.map((call) => ({ ...call })) });
  // on with other settings: as another call of fit
  if (JSON.stringify(found.fit) !== JSON.stringify(state.fit)) renewFit();
  else {
    memory.forEach((list, i) => session.memory[i].set(list));
    Object.assign(session.rng, { state: rng.state.slice(), at: rng.at, next: rng.next });
  }
  Object.assign(history, { loss: ahead.loss.slice(0, at + 1), held: ahead.held.slice(0, at + 1), ahead });
}

function showRewind() {
  const last = kept.at(-1)?.epoch ?? 0;
  rewindSlider.max = String(Math.max(last, session.epoch));
  rewindSlider.step = "1";
  if (document.activeElement !== rewindSlider || playing) rewindSlider.value = String(session.epoch);
  rewindSlider.disabled = kept.length < 2;
  setAttribute(rewindSlider, "aria-valuetext", say("rewind_at", { epoch: session.epoch }));
  setText(find("#rewind output"), String(session.epoch));
  find("#rewind").hidden = kept.length < 2;
}

rewindSlider.addEventListener("input", () => {
  setPlaying(false);
  stopSlow();
  rewindTo(Number(rewindSlider.value));
  changed("numbers");
});
rewindSlider.addEventListener("change", () => {
  rewindSlider.value = String(session.epoch);
  announceEpoch();
});

follow("net", () => {
  kept = [];
  stride = 1;
});
follow("fit", () => {
  if (session.order === null) keepState();
  if (now?.history === session.history) now.asked = true; // its settings are those of the next epoch
});

// ------------------------------------------------------------ the last runs

/** Settings of a run: their name in the address, and the key of their name in words. */
const RUN_SETTINGS = { data: "data", points: "count", noise: "noise", dataseed: "data_seed", hand: "hand",
  layers: "run_layers", activation: "activation", output: "output", loss: "loss", init: "init", bias: "bias",
  weightseed: "net_seed", optimizer: "optimizer", lr: "lr", momentum: "momentum", batch: "batch", decay: "decay",
  seed: "fit_seed", share: "share" };
const DASHES = [[7, 4], [2, 3], [9, 3, 2, 3]];

const settingNow = (name) => String(PARTS_OF_ADDRESS[name][0]());
const settingsNow = () => Object.fromEntries(Object.keys(RUN_SETTINGS).map((name) => [name, settingNow(name)]));

function settingText(name, text) {
  if (name === "hand") return text ? SAY.hand_changed : SAY.hand_as_drawn;
  if (text === "") return SAY.run_none;
  if (name === "layers") return text.replaceAll(",", "-");
  if (name === "activation" || name === "output") return [...new Set(text.split(","))].map(activationText).join(", ");
  const known = { none: "null", all: "null" }[text] ?? text;
  return SAY[`${{ data: "set" }[name] ?? name}_${known}`] ?? text;
}

/** Return the settings of a run that are not those of the present one, in words. */
function differing({ settings }) {
  const used = (name) => name !== "momentum" || settings.optimizer === "momentum";
  const found = Object.keys(RUN_SETTINGS).filter((name) => settings[name] !== settingNow(name) && used(name));
  const texts = found.map((name) => `${SAY[RUN_SETTINGS[name]]} ${settingText(name, settings[name])}`);
  return texts.join(", ") || SAY.run_same;
}

/** A run ends where another history begins. */
function followRuns() {
  if (now?.history !== session.history) {
    if (now && now.history.loss.length > 1) runs = [now, ...runs].slice(0, RUNS);
    now = { history: session.history, settings: settingsNow(), mixed: false, asked: false };
  }
  showRuns();
}

function showRuns() {
  runsBox.hidden = runs.length === 0;
  find("ul", runsBox).replaceChildren(...runs.map((run, i) => {
    const line = draw("path", { d: "M0 3H30", "stroke-dasharray": DASHES[i].join(" ") }), { loss } = run.history;
    const text = `${differing(run)}${run.mixed ? ` (${SAY.run_mixed})` : ""}`;
    const ending = say("run_end", { loss: number(loss.at(-1), 3), count: loss.length - 1 });
    const mark = draw("svg", { viewBox: "0 0 30 6", "aria-hidden": "true" }, line);
    return make("li", "", mark, make("span", "", text), make("small", "", ending));
  }));
}

follow("rows", followRuns);
find("#forget-runs").addEventListener("click", () => {
  runs = [];
  showRuns();
  drawCurves();
  announce(SAY.run_forgotten);
});
