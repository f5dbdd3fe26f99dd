/* To take along: the model as a file, the program that gives the same net, a link, the history; and a file to open. */

/** Return the net as the JSON that `nn.load` reads. */
function modelText() {
  const { net } = session, { parameters } = net, list = (numbers) => `[${numbers.map(full).join(", ")}]`;
  const layers = net.layers.map(({ count, width, name }, l) => {
    const rows = Array.from({ length: count }, (_, j) =>
      Array.from(parameters.subarray(net.at(l, j), net.at(l, j) + width + 1)));
    const weights = rows.map((row) => list(row.slice(0, -1))).join(",\n               ");
    const biases = list(rows.map((row) => row.at(-1)));
    return `  {"activation": "${name}",\n   "weights": [${weights}],\n   "biases": ${biases}}`;
  });
  const encoding = DATA.encoding && state.data.kind === "own" && net.inputs === DATA.net.inputs
    && net.outputs === DATA.outputs ? `,\n "encoding": ${DATA.encoding}` : "";
  const head = `"format": "autograd_lite model", "version": 1, "inputs": ${net.inputs}`;
  return `{${head},\n "layers": [\n${layers.join(",\n")}\n ]${encoding}}\n`;
}

const listed = (x) => (Array.isArray(x) ? `[${x.map(listed).join(", ")}]` : Number.isInteger(x) ? String(x) : full(x));
const quoted = (text) => `"${text}"`;

/** Whether steps were taken of an epoch that has not ended. */
const isHalfWay = () => session.order !== null && session.at > 0;

/** Return the program that gives the same net. */
function pythonText() {
  const { data, net } = state, own = data.kind === "own", hidden = net.activations.slice(0, -1);
  const lines = ["from autograd_lite import datasets, nn", ""];
  if (own || data.points) lines[0] = "from autograd_lite import nn";
  if (data.points) lines.push(`X = ${listed(data.points.rows)}`, `y = ${listed(data.points.targets)}`);
  else if (own) lines.push(`# X, y: the ${session.all.count} rows that the page was made with`);
  else lines.push(`X, y = datasets.${data.kind}(n=${data.count}, noise=${full(data.noise)}, seed=${data.seed})`);
  const load = 'nn.load("model.json")', note = "  # the net that the page was made with", given = startsAsGiven();
  if (given && hasGivenUnits()) lines.push(`model = ${load}${note}`);
  else {
    const activation = hidden.length === 0 ? "" : new Set(hidden).size === 1 ? `activation=${quoted(hidden[0])}, `
      : `activation=[${hidden.map(quoted).join(", ")}], `;
    const output = `output=${quoted(net.activations.at(-1))}`;
    lines.push(`model = nn.MLP(${session.all.inputs}, [${net.units.join(", ")}], ${activation}${output}`
      + (given ? ")" : ","));
    lines.push(given ? `model.load_state_dict(${load}.state_dict())${note}`
      : `               init=${quoted(net.init)}, bias=${full(net.bias)}, seed=${net.seed ?? 0})`);
  }
  for (const call of session.calls) lines.push(...setLines(call.sets), ...(call.epochs ? [fitLine(call)] : []));
  if (session.edited.size || isHalfWay()) lines.push(`# ${SAY.not_in_program}`);
  return `${lines.join("\n")}\n`;
}

function setLines(sets) {
  return [...sets].map(([at, x]) => {
    const { net } = session, l = net.layers.findLastIndex(({ first }) => first <= at);
    const { first, width } = net.layers[l], j = Math.floor((at - first) / (width + 1)), k = (at - first) % (width + 1);
    return `model.layers[${l}].neurons[${j}].${k === width ? "b" : `w[${k}]`}.data = ${full(x)}`;
  });
}

function fitLine({ fit, epochs }) {
  const { optimizer, lr, momentum, decay, batch, seed, share, loss } = fit, options = [`loss=${quoted(loss)}`];
  const made = { momentum: "SGD", adamw: "AdamW" }[optimizer] ?? (DATA.fit.own && optimizer === DATA.fit.optimizer
    ? DATA.fit.own.name : "");
  if (made) {
    const settings = [`lr=${full(lr)}`, ...(optimizer === "momentum" ? [`momentum=${full(momentum)}`] : []),
      ...(decay || optimizer === "adamw" ? [`weight_decay=${full(decay)}`] : [])];
    if (DATA.fit.own && optimizer === DATA.fit.optimizer) settings.push(...DATA.fit.own.settings);
    options.push(`optimizer=nn.${made}(model.parameters(), ${settings.join(", ")})`);
  } else options.push(`optimizer=${quoted(optimizer)}`, `lr=${full(lr)}`,
    ...(decay ? [`weight_decay=${full(decay)}`] : []));
  options.push(`epochs=${epochs}`, ...(batch === null ? [] : [`batch_size=${batch}`]), `seed=${seed}`);
  if (session.given) options.push("validation=(X_held, y_held)");
  else if (share !== null) { // of two rows, one is left to train on
    const { count } = session.all;
    options.push(`validation=${full(roundHalfEven(share * count) < count ? share : (count - 1) / count)}`);
  }
  return `nn.fit(model, X, y, ${options.join(", ")})`;
}

function historyText() {
  const { loss, held } = session.history, some = held.some((y) => !Number.isNaN(y));
  const rows = loss.slice(1).map((y, i) => [i + 1, full(y), ...(some ? [full(held[i + 1])] : [])]);
  return `${[["epoch", "loss", ...(some ? ["validation_loss"] : [])], ...rows].join("\n")}\n`;
}

const keepBox = find("#keep");
function showKept() {
  if (!keepBox.open || playing) return;
  setText(find("#model"), modelText());
  setText(find("#python"), pythonText());
  setText(find("#history"), historyText());
  showLink();
}
keepBox.addEventListener("toggle", showKept);

/** Show the link to this state; the boxes that are ticked name the parts that it hides. */
function showLink() {
  const hide = all("#hiding input").filter(({ checked }) => checked).map(({ value }) => value);
  setText(find("#link"), linkTo(fragment(true, [...new Set([...state.view.hide, ...hide])])));
  const begun = session.calls.filter(({ epochs, sets }) => epochs || sets.size), [first] = begun;
  find("#link-note").hidden = !(begun.length > 1 || first?.sets.size || session.edited.size || isHalfWay());
}

function buildBoxes() {
  find("#hiding .boxes").replaceChildren(...Object.entries(HIDEABLE).map(([value, key]) => {
    const box = Object.assign(make("input"), { type: "checkbox", value });
    box.addEventListener("change", showLink);
    return make("label", "", box, " ", SAY[key]);
  }));
}

copyAtAClick(SAY.select_hint);
find("#download").addEventListener("click", () => {
  const link = make("a");
  link.href = `data:application/json;charset=utf-8,${encodeURIComponent(modelText())}`;
  link.download = "model.json";
  link.click();
});

// ------------------------------------------------------------ a model's file

/** Return the net in a model's file, or throw an Error that says what is wrong with it. */
function readModel(text) {
  const fail = (key, inside) => { throw new Error(say(key, inside)); };
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    fail("file_no_json");
  }
  if (file?.format !== "autograd_lite model" || file.version !== 1 || !Array.isArray(file.layers)
    || !file.layers.length) fail("file_no_model");
  if (file.inputs !== session.all.inputs) fail("file_inputs",
    { found: String(file.inputs), expected: session.all.inputs });
  if (file.layers.length > MOST_LAYERS + 1) fail("too_large");
  let width = file.inputs;
  const numbers = [], units = [], activations = [];
  file.layers.forEach((layer, l) => {
    const { activation, weights, biases } = layer ?? {}, last = l === file.layers.length - 1;
    const known = activation in DATA.activations || (activation === "softmax" && last);
    const rows = Array.isArray(weights) && Array.isArray(biases) && weights.length === biases.length
      && weights.length > 0;
    if (!known || !rows || !weights.every((row) => Array.isArray(row) && row.length === width)) fail("file_layer",
      { layer: l + 1 });
    weights.forEach((row, j) => numbers.push(...row, biases[j]));
    if (numbers.length > MOST_PARAMETERS) fail("too_large");
    units.push(width = weights.length);
    activations.push(activation);
  });
  if (!numbers.every((x) => typeof x === "number" && Number.isFinite(x))) fail("file_numbers");
  const output = activations.at(-1), pair = [[output, state.fit.loss],
    ...DATA.pairings].find(([unit, loss]) => unit === output && fits(unit, loss) && outputsFor(unit, loss) === width);
  if (!pair) fail("file_output", { output: activationText(output), count: width });
  return { units, activations, numbers, loss: pair[1] };
}

async function openFile(file) {
  try {
    if (file.size > 5e6) throw new Error(SAY.too_large);
    const { units, activations, numbers, loss } = readModel(await file.text());
    given = { inputs: session.all.inputs, units, activations, numbers };
    Object.assign(state.net, { units, activations, seed: null });
    state.fit.loss = loss;
    setPlaying(false);
    changed("net");
    announce(SAY.file_opened);
  } catch (problem) {
    session.trouble = `${file.name.slice(0, 80)}: ${problem.message}`;
    changed("view");
    showFigures();
  }
}

find("#file").addEventListener("change", (event) => {
  if (event.target.files[0]) openFile(event.target.files[0]);
  event.target.value = "";
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dropping");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  if (event.dataTransfer.files[0]) openFile(event.dataTransfer.files[0]);
});
