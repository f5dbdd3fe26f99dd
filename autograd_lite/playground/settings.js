/* The settings: a table with a row for each, and its control. */

const LADDER = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02, 0.03, 0.1, 0.3, 1, 3, 10];
const SETTINGS = [
  { panel: "data", kind: "data", group: "data", key: "count", options: [20, 50, 100, 200, 500, 1000], drawn: true },
  { panel: "data", kind: "data", group: "data", key: "noise", range: [0, 0.5, 0.05], drawn: true },
  { panel: "data", kind: "data", group: "data", key: "seed", whole: true, drawn: true },
  { panel: "data", kind: "fit", group: "fit", key: "share", options: [null, 0.1, 0.2, 0.3, 0.4, 0.5] },
  { panel: "training", kind: "fit", group: "fit", key: "optimizer", options: DATA.optimizers },
  { panel: "training", kind: "fit", group: "fit", key: "lr", options: LADDER },
  { panel: "training", kind: "fit", group: "fit", key: "momentum", options: [0.5, 0.9, 0.95, 0.99],
    shown: () => state.fit.optimizer === "momentum" },
  { panel: "training", kind: "fit", group: "fit", key: "batch", options: [null, 1, 2, 5, 10, 20, 50, 100] },
  { panel: "training", kind: "fit", group: "fit", key: "decay",
    options: [0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] },
  { panel: "training", kind: "fit", group: "fit", key: "seed", whole: true },
  { panel: "start", kind: "net", group: "net", key: "init", options: Object.keys(INITIALIZERS) },
  { panel: "start", kind: "net", group: "net", key: "bias", options: [-1, 0, 0.01, 0.1, 0.5, 1] },
  { panel: "start", kind: "net", group: "net", key: "seed", whole: true },
];

const MOST_SEED = 2 ** 53 - 1;

/** Return how an option of a setting reads. */
const optionText = (key, x) => SAY[`${key}_${x}`] ?? (typeof x === "number" ? number(x, 4) : String(x));

for (const setting of SETTINGS) {
  const { panel, group, key, options, range, whole } = setting, name = SAY[`${group}_${key}`] ?? SAY[key];
  const control = range ? Object.assign(make("input"), { type: "range", min: range[0], max: range[1], step: range[2] })
    : whole ? Object.assign(make("input", "typed"), { type: "number", min: 0, max: MOST_SEED, step: 1 })
      : make("select");
  control.id = `${group}-${key}`;
  if (options) control.append(...options.map((x) => Object.assign(make("option", "", optionText(key, x)),
    { value: String(x) })));
  setting.label = make("label", "", make("span", "", name), control);
  if (range) setting.label.append(silentOutput());
  setting.control = control;
  find(`#${panel} .settings`).append(setting.label);
  control.addEventListener(range ? "input" : "change", () => {
    const option = options?.find((one) => String(one) === control.value); // null is one, too
    const x = option === undefined ? Number(control.value) : option;
    const wrong = whole && !(control.value !== "" && Number.isInteger(x) && x >= 0 && x <= MOST_SEED);
    control.setAttribute("aria-invalid", String(wrong));
    if (wrong) {
      announce(SAY.not_a_seed);
      return;
    }
    state[group][key] = x;
    if (setting.kind === "data") state.data.points = null;
    changed(setting.kind);
    announce(`${name}: ${optionText(key, x)}`);
  });
}

/** Show the settings as they are. */
function showSettings() {
  for (const { group, key, options, range, control, label, drawn, shown } of SETTINGS) {
    const x = state[group][key];
    label.hidden = Boolean((drawn && (state.data.kind === "own" || state.data.points)) || (shown && !shown())
      || (key === "share" && session.given));
    if (options && !options.some((option) => Object.is(option, x))
      && ![...control.options].some((o) => o.value === String(x))) {
      control.append(Object.assign(make("option", "", optionText(key, x)), { value: String(x) }));
    }
    if (key === "optimizer" && control.options.length > 3 && x !== "adamw") find('[value="adamw"]', control)?.remove();
    control.value = x === null && !options ? "" : String(x);
    if (x === null && !options) control.placeholder = SAY.as_given;
    if (range) setText(find("output", label), number(x, 3));
  }
  for (const button of all(".sets button")) setAttribute(button, "aria-pressed",
    String(button.dataset.kind === state.data.kind && !state.data.points));
}
follow("rows", showSettings);

// ------------------------------------------------------------ the sets of data

for (const kind of [...(DATA.own ? ["own"] : []), ...Object.keys(DRAWN)]) {
  const canvas = make("canvas"), button = Object.assign(make("button", "", canvas, SAY[`set_${kind}`]),
    { type: "button" });
  button.dataset.kind = kind;
  canvas.width = canvas.height = 96;
  find(".sets").append(button);
  button.addEventListener("click", () => {
    Object.assign(state.data, { kind, points: null });
    changed("data");
    announce(SAY[`set_${kind}`]);
  });
  drawThumbnail(canvas.getContext("2d"), kind === "own" ? DATA.own : pointsOf(kind, 90, 0.05, 0));
}

function drawThumbnail(context, { rows, targets }) {
  const [first, second] = tellingAxes(laidOut({ rows, targets }));
  const some = rows.length > 200 ? rows.filter((_, i) => i % Math.ceil(rows.length / 200) === 0) : rows;
  const step = Math.ceil(rows.length / some.length);
  const flat = rows[0].length === 1, xs = some.map((row) => row[first]);
  const ys = some.map((row, i) => (flat ? [targets[i * step]].flat()[0] : row[second]));
  const place = (list) => {
    const low = Math.min(...list), high = Math.max(...list);
    return list.map((x) => 10 + (76 * (x - low)) / (high - low || 1));
  };
  const across = place(xs), up = place(ys), plain = targets.every((y) => Number.isInteger(y) && y >= 0);
  some.forEach((_, i) => {
    context.fillStyle = css(plain && !flat ? classColour(targets[i * step]) : BLUE);
    context.beginPath();
    context.arc(across[i], 96 - up[i], 4, 0, 7);
    context.fill();
  });
}

find("#another").addEventListener("click", () => {
  state.net.seed = (state.net.seed ?? -1) + 1;
  changed("net");
  announce(say("seed_is", { seed: state.net.seed }));
});
