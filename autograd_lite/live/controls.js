/* The leaves: each by its card, a slider, the keyboard, or a typed number. */

const ranges = new Map(); // leaf → [least, most, step] of its slider

/** Return a round number near a positive one: 1, 2 or 5 times a power of ten. */
function round125(x) {
  const power = 10 ** Math.floor(Math.log10(x)), lead = x / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

/** Return the range in which a leaf is moved: it widens where a number lies outside, until the leaf is put back. */
function rangeOf(leaf) {
  const known = ranges.get(leaf), x = value[leaf], home = DATA.start[leaf], back = !moving && Object.is(x, home);
  if (known && !back && x >= known[0] && x <= known[1]) return known;
  const size = Math.max(Math.abs(x), Math.abs(home)) || 1;
  const reach = Math.min(round125(Math.max(2 * size, 1e-6)), 1e300);
  const wide = [-reach, reach, round125(reach / 200)];
  ranges.set(leaf, wide);
  return wide;
}

/** Return a number some steps further on the grid of the slider, without the errors of binary fractions. */
function stepped(leaf, steps, from = value[leaf]) {
  const step = rangeOf(leaf)[2];
  return Number((Math.round((from + steps * step) / step) * step).toPrecision(12));
}

/** What the keys do to a leaf, in steps. */
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

function leafKey(leaf, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in STEPS) move(leaf, stepped(leaf, STEPS[event.key]));
  else if (event.key === "Backspace" || event.key === "Delete") putBack(leaf);
  else if (event.key === "Enter") rows.get(leaf).typed.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// ------------------------------------------------------------ a row for each leaf

/** Return what a leaf's field says: six digits, and all of them where it is being edited. */
const typedText = (leaf, all) =>
  all ? full(value[leaf]).replace(/[.]0$/, "") : number(value[leaf]).replaceAll("−", "-");

/** Write a leaf's number into its field; a long one is written small: without its exponent it reads as another. */
function write(leaf, typed, edited) {
  typed.value = typedText(leaf, edited);
  setAttribute(typed, "style", `--long:${typed.value.length}`);
}

const rows = new Map();
for (const leaf of LEAVES) {
  const name = names[leaf];
  const pick = Object.assign(make("button", "name", name), { type: "button" });
  const slider = Object.assign(make("input"), { type: "range" });
  slider.setAttribute("aria-label", say("slider", { name }));
  const typed = Object.assign(make("input", "typed"), { type: "text", autocomplete: "off", spellcheck: false });
  typed.setAttribute("aria-label", name);
  const slope = make("span", "grad");
  const back = Object.assign(make("button", "back", "↺"), { type: "button" });
  const label = say("put_back", { name, value: number(DATA.start[leaf]) });
  back.setAttribute("aria-label", label);
  back.title = label;
  const row = make("div", "row", pick, slider, typed, slope, back);
  rows.set(leaf, { row, pick, slider, typed, slope, back, shown: NaN });
  pick.addEventListener("click", () => {
    choose(leaf);
    settled();
  });
  row.addEventListener("focusin", () => choose(leaf));
  slider.addEventListener("input", () => {
    begin();
    set(leaf, Number(slider.value));
  });
  for (const kind of ["change", "pointerup", "pointercancel", "blur"]) slider.addEventListener(kind, end);
  slider.addEventListener("keydown", (event) => {
    if (event.key === "Backspace" || event.key === "Delete") putBack(leaf);
  });
  slider.addEventListener("dblclick", () => putBack(leaf));
  const read = () => {
    const x = readNumber(typed.value);
    const wrong = Number.isNaN(x);
    typed.setAttribute("aria-invalid", String(wrong));
    typed.title = wrong ? SAY.not_a_number : "";
    if (wrong) announce(SAY.not_a_number);
    else if (!Object.is(x, value[leaf])) move(leaf, x); // Enter gives two events: a key and a change
  };
  typed.addEventListener("change", read);
  typed.addEventListener("focus", () => {
    write(leaf, typed, true);
    typed.select();
  });
  typed.addEventListener("blur", () => write(leaf, typed, false));
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter") read();
    else if (event.key === "Escape") {
      rows.get(leaf).shown = NaN;
      refresh();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      move(leaf, stepped(leaf, STEPS[event.key]));
      event.preventDefault();
    }
  });
  back.addEventListener("click", () => putBack(leaf));
}
find("#leaves .rows").append(...[...rows.values()].map(({ row }) => row));
for (const { row } of rows.values()) sight.observe(row);

watchers.push(() => {
  const steepest = largestOf(LEAVES.map((leaf) => grad[leaf]));
  for (const [leaf, entry] of rows) {
    const { row, pick, slider, typed, slope, back } = entry;
    setClass(row, "far", waits(row));
    if (waits(row)) continue;
    const [least, most, step] = rangeOf(leaf);
    setClass(row, "chosen", leaf === chosen);
    setAttribute(pick, "aria-pressed", String(leaf === chosen));
    setText(slope, number(grad[leaf], number(grad[leaf], 4).length > 10 ? 3 : 4));
    if (!moving) setAttribute(slope, "title", full(grad[leaf]));
    tint(slope, grad[leaf], steepest);
    setClass(back, "idle", Object.is(value[leaf], DATA.start[leaf]));
    const group = cards[leaf].group, wider = entry.most !== most;
    if (wider) {
      entry.most = most;
      Object.assign(slider, { min: least, max: most, step });
      group.setAttribute("aria-valuemin", least);
      group.setAttribute("aria-valuemax", most);
    }
    if (!wider && Object.is(entry.shown, value[leaf])) continue;
    entry.shown = value[leaf];
    slider.value = value[leaf];
    slider.setAttribute("aria-valuetext", number(value[leaf]));
    write(leaf, typed, document.activeElement === typed);
    typed.setAttribute("aria-invalid", "false");
    group.setAttribute("aria-valuenow", value[leaf]);
  }
});

// ------------------------------------------------------------ the cards

const PIXELS = 2.5; // that a pointer moves for one step

for (const leaf of LEAVES) {
  const { group } = cards[leaf];
  group.classList.add("held");
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", "slider");
  group.setAttribute("aria-label", say("card", { name: names[leaf] }));
  let hand = null;
  group.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    hand = { x: event.clientX, from: value[leaf], moved: false };
    try {
      group.setPointerCapture(event.pointerId);
    } catch {
      hand.free = true; // the pointer has left already
    }
    choose(leaf);
    group.focus({ preventScroll: true });
    event.preventDefault();
  });
  group.addEventListener("pointermove", (event) => {
    if (!hand) return;
    const steps = Math.round((event.clientX - hand.x) / PIXELS);
    if (!steps && !hand.moved) return;
    hand.moved = true;
    begin();
    const x = steps ? stepped(leaf, steps, hand.from) : hand.from;
    if (!Object.is(x, value[leaf])) set(leaf, x);
  });
  const drop = () => {
    if (hand?.moved) end();
    else if (hand) settled();
    hand = null;
  };
  group.addEventListener("pointerup", drop);
  group.addEventListener("pointercancel", drop);
  group.addEventListener("dblclick", () => putBack(leaf));
  group.addEventListener("focus", () => choose(leaf));
  group.addEventListener("keydown", (event) => leafKey(leaf, event));
}

// ------------------------------------------------------------ undo, redo, reset

for (const [id, act] of Object.entries({ undo, redo, reset })) find(`#${id}`).addEventListener("click", act);
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase(), back = key === "z" && !event.shiftKey;
  const forth = key === "y" || (key === "z" && event.shiftKey);
  if (!back && !forth) return;
  event.preventDefault();
  if (back) undo();
  else redo();
});
watchers.push(() => {
  const off = { undo: !past.length, redo: !future.length, reset: same(snapshot(), start) };
  for (const [id, is] of Object.entries(off)) {
    setAttribute(find(`#${id}`), "aria-disabled", String(is));
  }
});
