/* The steps: forward and backward, one node at a time, with the numbers that stand there now. */

const PACE = 2200, stepping = find("#stepping"), stepButton = find("#steps"), stepSlider = find("input", stepping);
const STEPS_OF_PASS = [{ phase: "start" }, ...computed.map((node, i) => ({ phase: "forward", node, i: i + 1 })), { phase: "seed", node: ROOT },
  ...computed.toReversed().map((node, i) => ({ phase: "backward", node, i: i + 1 })), { phase: "end" }];
const LAST = STEPS_OF_PASS.length - 1, TURN = computed.length + 1;
let stepAt = 0, stepTimer = 0, stepsOn = false;
stepSlider.max = LAST;

/** Return a node's formula with the numbers in it; what is positive needs no brackets. */
function inNumbers(k) {
  const { template, from } = NODES[k];
  const put = (text, i) => number(value[from[i]]);
  return template.replace(/([^0-9A-Za-z\u0370-\u03ff\u2080-\u209c]|^)[(]−[{]([0-9]+)[}][)]/g,
    (text, before, i) => before + (value[from[i]] < 0 ? `(${put(text, i)})` : put(text, i))).replace(/−[{]([0-9]+)[}]/g, put);
}

/** Return the gradients so far, and which nodes have any. */
function gradientsSoFar(at) {
  const sums = new Float64Array(COUNT), met = new Set();
  if (at >= TURN) {
    sums[ROOT] = 1;
    met.add(ROOT);
  }
  for (const { node } of STEPS_OF_PASS.slice(TURN + 1, at + 1)) {
    if (node === undefined) continue;
    for (const [slot, position] of parents[node]) {
      sums[slot] += grad[node] * local[first[node] + position];
      met.add(slot);
    }
  }
  return [sums, met];
}

/** Return the lines of a gift: upstream times local derivative, and the sum so far. */
function giftLines(k) {
  const [before] = gradientsSoFar(stepAt - 1), sums = Float64Array.from(before);
  const last = (slot, index) => {
    const [user, position] = users[slot][0]; // the use that comes last on the way back
    return user === k && position === index;
  };
  return parents[k].map(([slot, position], index) => {
    const x = local[first[k] + position], amount = grad[k] * x, was = sums[slot];
    sums[slot] += amount;
    const named = (above, below) => fraction(`∂${above}`, `∂${below}`), root = DATA.root[0];
    const inside = (y) => bracketed(numeral(y)).text;
    return make("div", "gift", named(root, names[k]), " · ", named(names[k], names[slot]), ` = ${number(grad[k])} · ${inside(x)} = `, make("b", "", number(amount)),
      make("br"), named(root, names[slot]), ` = ${number(was)} + ${inside(amount)} = `, make("b", "", number(sums[slot])), " ",
      make("em", "", last(slot, index) ? SAY.complete : SAY.more));
  });
}

/** Return what a step says: a head, a sentence, and lines. */
function spokenStep({ phase, node, i }) {
  const root = DATA.root[0], name = names[node], n = computed.length;
  const head = say(`at_${phase}`, { i, n }), text = say(`${phase}_text`, { root, name });
  if (phase === "forward") {
    const forms = [...new Set([NODES[node].formula, inNumbers(node), number(value[node])])];
    const kept = parents[node].map(([slot, position]) => make("div", "", fraction(`∂${name}`, `∂${names[slot]}`), ` = ${number(local[first[node] + position])}`));
    return [head, text, [make("div", "", make("b", "", name), ` = ${forms.join(" = ")}`), ...kept]];
  }
  if (phase === "backward") return [head, text, giftLines(node)];
  if (phase === "seed") return [head, text, [make("div", "", fraction(`∂${root}`, `∂${names[ROOT]}`), " = 1")]];
  return [head, text, LEAVES.slice(0, 40).map((leaf) => (phase === "start" ? make("div", "", `${names[leaf]} = ${number(value[leaf])}`)
    : make("div", "", fraction(`∂${root}`, `∂${names[leaf]}`), ` = ${number(grad[leaf])}`)))];
}

function showStep() {
  const now = STEPS_OF_PASS[stepAt], back = stepAt >= TURN, [sums, met] = gradientsSoFar(stepAt), steepest = largestOf(grad);
  const known = new Set(LEAVES);
  for (const { phase, node } of STEPS_OF_PASS.slice(0, stepAt + 1)) if (phase === "forward") known.add(node);
  const near = new Set(now.phase === "forward" || now.phase === "backward" ? parents[now.node].map(([slot]) => slot) : []);
  cards.forEach(({ group, data, grad: text, pill }, k) => {
    if (!known.has(k)) setText(data, "?");
    setText(text, met.has(k) ? number(sums[k], 3) : "");
    setAttribute(pill, "fill", met.has(k) ? bySign(sums[k], steepest) : COLOUR.soft);
    for (const [name, on] of [["waiting", !known.has(k)], ["active", now.node === k], ["near", near.has(k)]]) group.classList.toggle(name, on);
  });
  for (const { node, group, label } of arrows) {
    const here = now.node === node, given = back && STEPS_OF_PASS.findIndex((s) => s.phase === "backward" && s.node === node) <= stepAt;
    const state = [["waiting", !known.has(node)], ["grey", !given], ["forth", here && now.phase === "forward"], ["gives", here && now.phase === "backward"]];
    for (const element of [group, label].filter(Boolean)) for (const [name, on] of state) element.classList.toggle(name, on);
  }
  const [head, text, lines] = spokenStep(now);
  stepping.classList.toggle("back", back);
  root.classList.toggle("turned", back);
  setText(find("h2", stepping), head);
  setText(find(".about", stepping), text);
  find(".lines", stepping).replaceChildren(...lines);
  stepSlider.value = stepAt;
  stepSlider.setAttribute("aria-valuetext", head);
}
watchers.push(() => {
  if (stepsOn) showStep();
});

function goTo(wanted) {
  stepAt = Math.min(LAST, Math.max(0, wanted));
  page.step = String(stepAt);
  settled();
  announce(`${find("h2", stepping).textContent}: ${find(".about", stepping).textContent} ${find(".lines", stepping).textContent}`);
}

function playing(on) {
  clearInterval(stepTimer);
  stepTimer = on ? setInterval(() => (stepAt < LAST ? goTo(stepAt + 1) : playing(false)), PACE) : 0;
  const button = find("[data-to=play]", stepping);
  setText(button, on ? SAY.pause : SAY.play);
  button.setAttribute("aria-pressed", String(on));
}

function showSteps(on) {
  stepsOn = on;
  playing(false);
  stepping.hidden = !on;
  stepButton.setAttribute("aria-pressed", String(on));
  root.classList.toggle("stepping", on);
  if (on) {
    if (game.on) predicting(false);
    goTo(stepAt);
    return;
  }
  delete page.step;
  root.classList.remove("turned");
  for (const element of all(".waiting, .active, .near, .grey, .forth, .gives", svg)) element.classList.remove("waiting", "active", "near", "grey", "forth", "gives");
  settled();
}

const TO = { first: () => 0, previous: () => stepAt - 1, next: () => stepAt + 1, last: () => LAST };
for (const button of all("[data-to]", stepping)) {
  button.addEventListener("click", () => {
    const to = TO[button.dataset.to], again = !to && !stepTimer;
    playing(false);
    if (to) goTo(to());
    else if (again) {
      goTo(stepAt < LAST ? stepAt + 1 : 0);
      playing(true);
    }
  });
}
stepSlider.addEventListener("input", () => {
  playing(false);
  goTo(Number(stepSlider.value));
});
stepButton.addEventListener("click", () => showSteps(!stepsOn));
const TURNS = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" };
document.addEventListener("keydown", (event) => {
  if (!stepsOn || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.target.tagName === "INPUT") return;
  if (!(event.key in TURNS)) return;
  event.preventDefault();
  playing(false);
  goTo(TO[TURNS[event.key]]());
});

/** Open the page at the step that its address names. */
function openSteps() {
  if (page.step === undefined) {
    if (stepsOn) showSteps(false);
    return;
  }
  stepAt = Math.min(LAST, Number(page.step));
  showSteps(true);
}
