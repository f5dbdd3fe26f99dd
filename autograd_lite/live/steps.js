/* The steps: forward and backward, one node at a time, with the numbers that stand there now. */

const MARKS = ["waiting", "active", "near", "growing", "grey", "forth", "back"]; // of cards and arrows at a step
const PACE = 2200, stepping = find("#stepping"), stepButton = find("#steps"), stepSlider = find("#slider");
const STEPS_OF_PASS = [
  { phase: "start" }, ...computed.map((node, i) => ({ phase: "forward", node, i: i + 1 })),
  { phase: "seed", node: ROOT }, ...computed.toReversed().map((node, i) => ({ phase: "backward", node, i: i + 1 })),
  { phase: "end" },
];
const LAST = STEPS_OF_PASS.length - 1, TURN = computed.length + 1;
const forwardAt = new Map(computed.map((node, i) => [node, i + 1]));
const backwardAt = (k) => LAST - forwardAt.get(k);
let stepAt = 0, stepTimer = 0, stepsOn = false;
stepSlider.max = LAST;
stepSlider.style.setProperty("--turn", TURN / LAST);

/** Return how far a pass has come at a step: which nodes are known, the gradients so far, which of them will grow. */
function passAt(at) {
  const sums = new Float64Array(COUNT), met = new Set();
  if (at >= TURN) {
    sums[ROOT] = 1;
    met.add(ROOT);
  }
  for (const { phase, node } of STEPS_OF_PASS.slice(TURN + 1, at + 1)) {
    if (phase === "end") break;
    for (const [slot, position] of parents[node]) {
      sums[slot] += grad[node] * local[first[node] + position];
      met.add(slot);
    }
  }
  return {
    sums,
    met: (k) => met.has(k),
    known: (k) => !forwardAt.has(k) || forwardAt.get(k) <= at,
    growing: (k) => met.has(k) && users[k].some(([user]) => backwardAt(user) > at),
    gives: (k) => backwardAt(k) === at,
    gave: (k) => backwardAt(k) <= at,
  };
}

// ------------------------------------------------------------ what a step says

/** Return a number to six digits, with all of them beside it. */
function digits(kind, x, text = number(x)) {
  const element = make("data", kind, text);
  element.value = full(x);
  return element;
}
const inside = (x) => bracketed(numeral(x)).text;
const ratio = (above, below) => fraction(`∂${above}`, `∂${below}`);

/** Return a node's formula with the numbers in it; what is positive needs no brackets. */
function inNumbers(k) {
  const { template, from } = NODES[k];
  return filled(template, (i) => number(value[from[i]]), (i) => value[from[i]] < 0);
}

/** Return the rule of a local derivative, "" where it is no more than the number. */
function ruleText(k, index) {
  const { text } = bracketed(ruleOf([k, index]));
  return text === inside(factor([k, index])) || text === number(factor([k, index])) ? "" : text;
}

/** Return what a node hands to its operands: amounts, the sums so far, and whether a sum is complete. */
function contributionsOf(k) {
  const { sums } = passAt(backwardAt(k) - 1);
  return parents[k].map(([slot, position], index) => {
    const x = local[first[k] + position], amount = grad[k] * x, before = sums[slot];
    const complete = users[slot][0][0] === k && lastOf(k, slot) === index;
    sums[slot] += amount;
    return { slot, index, local: x, amount, before, total: sums[slot], complete };
  });
}
const lastOf = (k, slot) => parents[k].findLastIndex(([other]) => other === slot);

function contributionLines(k) {
  return contributionsOf(k).map(({ slot, index, local: x, amount, before, total, complete }) => {
    const rule = ruleText(k, index), to = names[slot], upstream = number(grad[k]);
    return make("div", "contribution", make("h3", "", say("to", { name: to })),
      make("div", "", ratio(OUT, names[k]), " · ", ratio(names[k], to), " = ", rule && `${upstream} · ${rule} = `,
        digits("upstream", grad[k]), " · ", digits("local", x, inside(x)), " = ", digits("amount", amount)),
      make("div", "sum", ratio(OUT, to), ` = ${number(before)} + ${inside(amount)} = `, digits("total", total), " ",
        make("em", complete ? "done" : "more", complete ? SAY.complete : SAY.more)));
  });
}

function forwardLines(k) {
  const forms = [...new Set([NODES[k].formula, inNumbers(k)])].filter((form) => form !== number(value[k]));
  const kept = parents[k].map(([slot, position], index) => {
    const rule = ruleText(k, index) && ruleOf([k, index]).text, x = digits("local", local[first[k] + position]);
    return make("div", "", ratio(names[k], names[slot]), rule && ` = ${rule}`, " = ", x);
  });
  const rule = DATA.rows[NODES[k].row]?.rule, equal = forms.map((form) => ` = ${form}`).join("");
  return [make("div", "", make("b", "", names[k]), `${equal} = `, digits("value", value[k])), ...kept,
    ...(rule ? [make("em", "", rule)] : [])];
}

/** The lines of each kind of step. */
const LINES_OF = {
  start: () => LEAVES.map((leaf) => make("div", "", `${names[leaf]} = `, digits("value", value[leaf]))),
  forward: forwardLines,
  seed: () => [make("div", "", ratio(OUT, names[ROOT]), " = ", digits("upstream", 1))],
  backward: contributionLines,
  end: () => LEAVES.map((leaf) => make("div", "", ratio(OUT, names[leaf]), " = ", digits("upstream", grad[leaf]))),
};

const headOf = ({ phase, i }) => say(`at_${phase}`, { i, n: computed.length });
const textOf = ({ phase, node }) => say(`${phase}_text`, { root: OUT, name: names[node] });

/** Return a step as a screen reader says it. */
function heardStep() {
  const step = STEPS_OF_PASS[stepAt], { phase, node: k } = step, name = names[k];
  const heard = () => {
    if (phase === "forward") return say("forward_heard", { name, formula: NODES[k].formula, value: number(value[k]) });
    if (phase !== "backward") return textOf(step);
    const upstream = number(grad[k]), to = contributionsOf(k).map(({ slot, local: x, amount, total }) => {
      const said = { name: names[slot], upstream, local: number(x), amount: number(amount), total: number(total) };
      return say("contribution_heard", said);
    });
    return [say("backward_heard", { name, gradient: upstream }), ...to].join("; ");
  };
  return `${headOf(step)}: ${heard()}`;
}

// ------------------------------------------------------------ the step on the page

/** Give an element the classes of a state that hold, and take the others from it. */
function toggleAll(element, state) {
  for (const [name, on] of Object.entries(state)) element?.classList.toggle(name, Boolean(on));
}

function showStep() {
  const now = STEPS_OF_PASS[stepAt], back = stepAt >= TURN, pass = passAt(stepAt);
  const near = new Set(["forward", "backward"].includes(now.phase) ? parents[now.node].map(([slot]) => slot) : []);
  cards.forEach(({ group }, k) => {
    toggleAll(group, { waiting: !pass.known(k), active: now.node === k, near: near.has(k), growing: pass.growing(k) });
  });
  for (const { node, group, label } of arrows) {
    const forth = now.node === node && now.phase === "forward", back = pass.gives(node);
    for (const element of [group, label]) {
      toggleAll(element, { waiting: !pass.known(node), grey: !pass.gave(node), forth, back });
    }
  }
  stepping.classList.toggle("back", back);
  root.classList.toggle("turned", back);
  setText(find("h2", stepping), headOf(now));
  setText(find(".about", stepping), textOf(now));
  find(".lines", stepping).replaceChildren(...LINES_OF[now.phase](now.node));
  stepSlider.value = stepAt;
  setAttribute(stepSlider, "aria-valuetext", heardStep());
  setText(find("#count"), `${stepAt} / ${LAST}`);
  for (const [id, at] of [["first", 0], ["previous", 0], ["next", LAST], ["last", LAST]]) {
    setAttribute(find(`#${id}`), "aria-disabled", String(stepAt === at)); // still focusable: focus must not be lost
  }
}
watchers.push(() => {
  if (stepsOn) showStep();
});

function goTo(wanted) {
  stepAt = Math.min(LAST, Math.max(0, wanted));
  page.step = String(stepAt);
  settled();
  find(".lines", stepping).scrollTop = 0;
  follow();
}

/** Return the nodes that a step is about: its own and its operands. */
function nodesOfStep() {
  const { phase, node } = STEPS_OF_PASS[stepAt];
  if (phase === "start") return null;
  if (phase === "end") return [LEAVES[0]];
  return phase === "seed" ? [node] : [node, ...parents[node].map(([slot]) => slot)];
}

function playing(on) {
  clearInterval(stepTimer);
  stepTimer = on ? setInterval(() => (stepAt < LAST ? goTo(stepAt + 1) : playing(false)), PACE) : 0;
  const button = find("#play");
  button.classList.toggle("playing", on);
  setAttribute(button, "aria-label", on ? SAY.pause : SAY.play);
}
function togglePlay() {
  if (!stepTimer) goTo(stepAt < LAST ? stepAt + 1 : 0);
  playing(!stepTimer);
}
function turnTo(wanted) {
  playing(false);
  goTo(wanted);
}

/** Enter the steps, or leave them; a page that opens in its steps notes in its address that they were left. */
function showSteps(on) {
  stepsOn = on;
  playing(false);
  stepping.hidden = !on;
  stepButton.setAttribute("aria-pressed", String(on));
  root.classList.toggle("stepping", on);
  delete page.explore;
  if (on) {
    if (game.on) predicting(false);
    goTo(stepAt);
    return;
  }
  delete page.step;
  if (DATA.steps) page.explore = "";
  root.classList.remove("turned");
  for (const element of all(MARKS.map((mark) => `.${mark}`).join(), svg)) element.classList.remove(...MARKS);
  settled();
}

const TURNS = { first: () => 0, previous: () => stepAt - 1, next: () => stepAt + 1, last: () => LAST };
const TURN_KEYS = { Home: "first", ArrowLeft: "previous", ArrowRight: "next", End: "last" };
for (const [id, to] of Object.entries(TURNS)) find(`#${id}`).addEventListener("click", () => turnTo(to()));
find("#play").addEventListener("click", togglePlay);
stepSlider.addEventListener("input", () => turnTo(Number(stepSlider.value)));
stepButton.addEventListener("click", () => showSteps(!stepsOn));
document.addEventListener("keydown", (event) => {
  if (!stepsOn || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { tagName } = event.target;
  if (event.key in TURN_KEYS && tagName !== "INPUT") turnTo(TURNS[TURN_KEYS[event.key]]());
  else if (event.key === " " && !["INPUT", "BUTTON", "SUMMARY"].includes(tagName)) togglePlay();
  else return;
  event.preventDefault();
});

/** A click on a card leads to its step, of the pass that is on. */
svg.addEventListener("click", (event) => {
  const group = event.target.closest(".card"), k = cards.findIndex((card) => card.group === group);
  if (stepsOn && forwardAt.has(k)) turnTo(stepAt < TURN ? forwardAt.get(k) : backwardAt(k));
});

/** On paper all numbers are known, whatever the step; the table opens where its numbers are those of now. */
let seen = 0;
window.addEventListener("beforeprint", () => {
  find("#derivation").scrollTop = 0;
  find(".steps").open = same(snapshot(), start);
  seen = stepAt;
  if (stepsOn) turnTo(LAST);
});
window.addEventListener("afterprint", () => stepsOn && goTo(seen));

/** Open the page at the step that its address names. */
function openSteps() {
  const on = page.step !== undefined || (DATA.steps && !("explore" in page) && !("predict" in page));
  if (!on) {
    if (stepsOn) showSteps(false);
    return;
  }
  stepAt = Math.min(LAST, Number(page.step ?? 0));
  showSteps(true);
}
