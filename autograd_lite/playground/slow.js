/* Slow motion: one step in phases, shown for one example of the batch: forward, loss, backward, update. */

const SLOWEST = 1100; // milliseconds for a phase
let phases = [], phase = -1, clock = 0;

function stopSlow() {
  if (phase < 0) return;
  window.clearTimeout(clock);
  phase = -1;
  field.classList.remove("slow", "back");
  for (const { button } of tiles.flat()) button.classList.remove("now", "done");
  find("#phase").hidden = true;
  find("#slow").setAttribute("aria-pressed", "false");
  changed("numbers");
}

/** Return the phases of the next step, with the numbers that each shows. */
function nextPhases() {
  const batch = nextBatch(), { net, train } = session, example = batch[0], last = net.layers.length - 1;
  load(net, train.rows, example);
  net.forward();
  const loss = lossOf(net, state.fit.loss, train.targets, example);
  lossSlopes(net, state.fit.loss, train.targets, example);
  net.sums.fill(0);
  net.backward(0);
  const forth = net.layers.map(({ a }) => Array.from(a)), back = net.layers.map(({ dz }) => Array.from(dz));
  const x = Array.from(net.x);
  const where = train.from ? train.from[example] : example;
  state.view.example = where;
  return [
    { column: 0, values: x, text: say("phase_input", { example: where + 1 }) },
    ...forth.map((values, l) => ({ column: l + 1, values,
      text: say("phase_forward", { layer: l + 1, activation: activationText(net.layers[l].name) }) })),
    { column: last + 1, values: forth[last], text: say("phase_loss",
      { loss: number(loss, 5), target: targetText(train, example) }) },
    ...back.map((values, l) => ({ column: l + 1, back: true, values,
      text: say(l === last ? "phase_backward_last" : "phase_backward", { layer: l + 1, above: l + 2 }) })).reverse(),
    { update: true, back: true, text: say(batch.length === 1 ? "phase_update_one" : "phase_update",
      { count: batch.length, rate: number(state.fit.lr, 3) }) },
  ];
}

function targetText(set, i) {
  const width = set.targets.length / set.count, target = set.targets[i * width];
  return session.task === "number" || session.task === "sides" ? number(target, 4)
    : session.classes[target] ?? number(target, 4);
}

function showPhase() {
  const { column, values, back, update, text } = phases[phase];
  field.classList.add("slow");
  field.classList.toggle("back", Boolean(back));
  tiles.forEach((list, c) => list.forEach(({ button, tag }, j) => {
    button.classList.toggle("now", c === column || Boolean(update));
    button.classList.toggle("done", back ? c > column : c < column);
    if (c !== column) return;
    setAttribute(tag, "class", `tag ${back ? "back" : "forth"}`);
    setText(tag, `${back ? "∂ " : ""}${number(values[j], 3)}`);
  }));
  const line = find("#phase");
  line.hidden = false;
  line.classList.toggle("back", Boolean(back));
  setText(line, text);
  announce(text);
}

function nextPhase() {
  phase += 1;
  if (phase >= phases.length) {
    phases = nextPhases();
    phase = 0;
    changed("view");
  }
  if (phases[phase].update) {
    step();
    changed("numbers");
    if (session.trouble) {
      stopSlow();
      return;
    }
  }
  showPhase();
  clock = window.setTimeout(nextPhase, SLOWEST);
}

find("#slow").addEventListener("click", () => {
  if (phase >= 0) {
    stopSlow();
    return;
  }
  setPlaying(false);
  find("#slow").setAttribute("aria-pressed", "true");
  phases = [];
  nextPhase();
});
follow("fit", stopSlow);
