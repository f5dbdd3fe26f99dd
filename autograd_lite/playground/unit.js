/* The chosen unit: its weights and its bias as numbers that can be set, each with its gradient beside it. */

const unitBox = find("#unit .rows"), MOST_ROWS = 200;
let unitRows = []; // { at, typed, slope, name }

/** Give a parameter another number; training goes on from there, as after another call of `fit`. */
function setParameter(at, x, name) {
  session.net.parameters[at] = x;
  session.sets.set(at, x);
  changed("fit");
  announce(`${name} = ${number(x, 6)}`);
}

/** Read a typed number into a parameter; false where it is none. */
function readParameter(control, at, name) {
  const x = readNumber(control.value), wrong = Number.isNaN(x);
  control.setAttribute("aria-invalid", String(wrong));
  if (wrong) announce(SAY.not_a_number);
  else if (!Object.is(x, session.net.parameters[at])) setParameter(at, x, name);
  return !wrong;
}

/** An output that changes too often to be read aloud each time. */
const silentOutput = () => Object.assign(make("output"), { ariaLive: "off" });

/** Return a number to so many digits, or to fewer where it would be longer than its place. */
function fitted(x, digits, most) {
  const text = number(x, digits);
  return text.length > most && digits > 1 ? fitted(x, digits - 1, most) : text;
}

const shownUnit = () => state.view.unit ?? [session.net.layers.length - 1, 0];

function buildUnit() {
  const { net } = session, [l, j] = shownUnit(), { width } = net.layers[l], first = net.at(l, j);
  setText(find("#unit h2"), say("weights_of", { name: state.view.unit || net.outputs > 1 ? unitName(l, j)
    : SAY.output }));
  find("#unchoose").hidden = !state.view.unit;
  unitRows = Array.from({ length: Math.min(width, MOST_ROWS) + 1 }, (_, i) => {
    const bias = i === Math.min(width, MOST_ROWS), at = bias ? first + width : first + i;
    const name = bias ? biasName(l, j) : weightName(l, j, i), from = bias ? SAY.one_bias : l ? unitName(l - 1, i)
      : session.columns[i];
    const typed = Object.assign(make("input", "typed"),
      { type: "text", inputMode: "text", autocomplete: "off", spellcheck: false });
    typed.setAttribute("aria-label", say("set_weight", { name, from }));
    const slope = silentOutput(), row = make("div", "row", make("span", "", `${name} · ${from}`), typed, slope);
    row.firstChild.title = `${name} · ${from}`;
    typed.addEventListener("change", () => readParameter(typed, at, name));
    typed.addEventListener("focus", () => {
      typed.value = full(session.net.parameters[at]);
      typed.select();
    });
    typed.addEventListener("blur", () => showUnit());
    return { at, typed, slope, row };
  });
  unitBox.replaceChildren(...unitRows.map(({ row }) => row));
  showUnit();
}

function showUnit() {
  const { parameters, gradients } = session.net;
  for (const { at, typed, slope } of unitRows) {
    if (document.activeElement !== typed) {
      typed.value = fitted(parameters[at], 5, 9).replaceAll("−", "-");
      setAttribute(typed, "aria-invalid", "false");
    }
    setText(slope, `∂ ${fitted(gradients[at], 3, 8)}`);
  }
}

function showChosen() {
  const { unit } = state.view, [l, j] = shownUnit(), key = `${l}.${j}.${session.net.units}`;
  tiles.forEach((column, c) => column.forEach(({ button }, j) => {
    if (c) setAttribute(button, "aria-pressed", String(Boolean(unit) && same(unit, [c - 1, j])));
  }));
  if (key === builtFor) return;
  builtFor = key;
  buildUnit();
}

let builtFor = "";
follow("net", () => { builtFor = ""; });
find("#unchoose").addEventListener("click", () => {
  state.view.unit = null;
  changed("view");
});

// ------------------------------------------------------------ a line that was clicked

const weightForm = find("#weight"), weightTyped = find("#weight input");
let weightLine = null;

field.addEventListener("click", (event) => {
  if (event.target !== field && event.target !== wires) return;
  const line = lineAt(event);
  if (!line) {
    weightForm.hidden = true;
    return;
  }
  weightLine = line;
  const name = weightName(line.l, line.j, line.k);
  setText(find("#weight span"), name);
  weightTyped.value = full(session.net.parameters[line.at]).replace(/[.]0$/, "");
  weightTyped.setAttribute("aria-label", say("set_weight",
    { name, from: line.l ? unitName(line.l - 1, line.k) : session.columns[line.k] }));
  weightForm.hidden = false;
  const within = (at, room) => `${Math.max(8, Math.min(at, room - 8))}px`;
  weightForm.style.left = within(event.clientX - 30, window.innerWidth - weightForm.offsetWidth);
  weightForm.style.top = within(event.clientY + 12, window.innerHeight - weightForm.offsetHeight);
  hideTip();
  weightTyped.select();
  weightTyped.focus();
});
weightForm.addEventListener("submit", (event) => {
  event.preventDefault();
  if (weightLine && readParameter(weightTyped, weightLine.at,
    weightName(weightLine.l, weightLine.j, weightLine.k))) weightForm.hidden = true;
});
weightForm.addEventListener("keydown", (event) => {
  if (event.key === "Escape") weightForm.hidden = true;
});
follow("net", () => {
  weightForm.hidden = true;
  weightLine = null;
});
