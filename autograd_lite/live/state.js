/* The state of the page: the numbers of the leaves, the chosen leaf, the moves before; and the address. */

const start = Float64Array.from(LEAVES, (leaf) => DATA.start[leaf]);
const past = [], future = [];
let chosen = DATA.chosen;
let anchor = snapshot(); // the numbers that the last move started from
let anchored = { result: 0, grad: new Float64Array(COUNT) };
const watchers = []; // what follows each change
let moving = false; // then only what is in sight is written; the rest follows when the leaf rests

function snapshot() {
  return Float64Array.from(LEAVES, (leaf) => value[leaf]);
}
const same = (a, b) => a.every((x, i) => Object.is(x, b[i]));

/** Let all parts of the page follow. */
function show() {
  for (const watch of watchers) watch();
}

/** Compute everything, and show it. */
function refresh() {
  forward();
  backward();
  show();
}

/** While a question is open, no leaf moves: the answer would show. */
const locked = () => root.classList.contains("asking");

/** Begin a move: remember the numbers before it, from which the tangent predicts. */
function begin() {
  if (moving || locked()) return;
  moving = true;
  anchor = snapshot();
  anchored = { result: value[ROOT], grad: Float64Array.from(grad) };
}

/** Give a leaf another number, in the course of a move. */
function set(leaf, x) {
  if (locked()) return;
  value[leaf] = x;
  refresh();
}

/** End a move: it can be undone if it changed something. */
function end() {
  if (!moving) return;
  moving = false;
  if (!same(anchor, snapshot())) {
    past.push(anchor);
    future.length = 0;
  }
  settled();
}

/** Move a leaf in one go. */
function move(leaf, x) {
  begin();
  set(leaf, x);
  end();
}

/** Set all leaves in one go, as a move that can be undone. */
function moveAll(numbers) {
  if (locked()) return;
  begin();
  LEAVES.forEach((leaf, i) => { value[leaf] = numbers[i]; });
  refresh();
  end();
}

function goBack(from, to) {
  if (!from.length || locked()) return false;
  to.push(snapshot());
  const numbers = from.pop();
  anchor = snapshot();
  anchored = { result: value[ROOT], grad: Float64Array.from(grad) };
  LEAVES.forEach((leaf, i) => { value[leaf] = numbers[i]; });
  refresh();
  settled();
  return true;
}
const undo = () => goBack(past, future) && announce(SAY.undone);
const redo = () => goBack(future, past) && announce(SAY.redone);
function reset() {
  moveAll(start);
  announce(SAY.all_reset);
}
const putBack = (leaf) => move(leaf, DATA.start[leaf]);

/** Choose a leaf: the slope and the derivation are by it. */
function choose(leaf) {
  if (leaf === chosen) return;
  chosen = leaf;
  show();
}

/** Return what is chosen, in words to be heard; without its gradient where that is to be found out. */
function heard() {
  const name = names[chosen], result = number(value[ROOT]);
  if (secret()) return `${name} = ${number(value[chosen])}; ${OUT} = ${result}`;
  if (stepsOn) return heardStep();
  return say("chosen", { name, value: number(value[chosen]), grad: number(grad[chosen]), root: OUT, result });
}

/** After a move: say what is chosen, and keep the state in the address. */
function settled() {
  unknown = [];
  show();
  announce([heard(), troubleText()].filter(Boolean).join("; "));
  if (window === window.top) {
    try {
      window.history.replaceState(null, "", fragment());
    } catch {
      return; // an address that may not be written
    }
  }
}

// ------------------------------------------------------------ the address: #w=0.5&hide=gradients,derivation&step=3

const RESERVED = new Set(["step", "hide", "predict", "explore"]);
const keyOf = (leaf) => (RESERVED.has(names[leaf]) ? `.${names[leaf]}` : names[leaf]);
const asTyped = (name) => name.normalize("NFKC").replace(/[_^{}]/g, "").trim();

/** Return the number of the leaf of this name, as it is shown or as it is typed: w₁₁⁽¹⁾ is w11(1), or w_11^(1). */
function leafCalled(name) {
  const exact = LEAVES.findIndex((leaf) => keyOf(leaf) === name);
  if (exact >= 0 || RESERVED.has(name)) return exact;
  const alike = [...LEAVES.keys()].filter((i) => asTyped(names[LEAVES[i]]) === asTyped(name));
  return alike.length === 1 ? alike[0] : -1;
}

const HIDEABLE = ["gradients", "slope", "derivation", "downhill", "keep", "steps", "leaves"];
let hidden = [];
let unknown = []; // parts of the address that mean nothing here
let page = {}; // what else the address says

/** Tell whether a part of the page is to be seen; of a frame that has just opened, a browser does not know it yet. */
const isShown = (part) => !hidden.includes(part) && !root.matches(".asking, .stepping");

/** The parts that are out of sight, beyond the edge of what scrolls. */
const unseen = new WeakSet();
const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) unseen[isIntersecting ? "delete" : "add"](target);
  if (moving) show();
});

/** Tell whether a part waits until the leaf rests. */
const waits = (part) => moving && unseen.has(part);

/** Tell whether gradients are to be found out: while a question is open, or where the address hides them. */
const secret = () => locked() || hidden.includes("gradients");

/** Return the state as a fragment: the leaves that were moved, and what else it held. */
function fragment() {
  const moved = LEAVES.filter((leaf, i) => !Object.is(value[leaf], start[i]));
  const pairs = moved.map((leaf) => `${encodeURIComponent(keyOf(leaf))}=${full(value[leaf])}`);
  if (hidden.length) pairs.push(`hide=${hidden.join(",")}`);
  for (const [name, text] of Object.entries(page)) pairs.push(text ? `${name}=${text}` : name);
  return `#${pairs.join("&")}`;
}

/** Read a fragment; a number alone is a step. */
function readFragment(text) {
  const numbers = Float64Array.from(start);
  hidden = [];
  unknown = [];
  page = {};
  for (const pair of text.replace(/^#/, "").split("&").filter(Boolean)) {
    const [name, given = ""] = pair.split("=").map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
    const leaf = leafCalled(name);
    if (leaf >= 0 && !Number.isNaN(readNumber(given))) numbers[leaf] = readNumber(given);
    else if (name === "hide") hidden = given.split(",").map((part) => part.trim().toLowerCase());
    else if (name === "predict" || name === "explore") page[name] = "";
    else if (/^[0-9]+$/.test(name) || (name === "step" && /^[0-9]+$/.test(given))) page.step = given || name;
    else unknown.push(pair);
  }
  unknown.push(...hidden.filter((part) => part && !HIDEABLE.includes(part)));
  hidden = hidden.filter((part) => HIDEABLE.includes(part));
  LEAVES.forEach((leaf, i) => { value[leaf] = numbers[i]; });
  document.documentElement.dataset.hide = hidden.join(" ");
  root.classList.toggle("secret", secret());
  refresh();
}
