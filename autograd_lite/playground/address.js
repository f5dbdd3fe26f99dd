/* The address: the settings that differ from the page's own start, as #data=xor&layers=4,2&epochs=50. */

/** The parts of the page that an address can hide, each with the key of its name in words. */
const HIDEABLE = { transport: "transport", lesson: "lesson", data: "data", training: "training", start: "start",
  net: "net", map: "map", hand: "hand", curves: "losses", rewind: "rewind", runs: "runs", parts: "parts",
  unit: "chosen", health: "health", example: "example", keep: "keep" };
const plainNumber = (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined);
const wholeNumber = (text) => (/^[0-9]{1,16}$/.test(text) && Number(text) <= MOST_SEED ? Number(text) : undefined);
const among = (list) => (text) => list.find((x) => String(x) === text);
const within = (low, high, read) => (text) => {
  const x = read(text);
  return x >= low && x <= high ? x : undefined;
};

/** The parts of an address: their name, how the state says them, and how a text is read; undefined is no such thing. */
const PARTS_OF_ADDRESS = {
  data: [() => state.data.kind, among([...(DATA.own ? ["own"] : []), ...Object.keys(DRAWN)]),
    (x) => { state.data.kind = x; }],
  points: [() => state.data.count, within(2, 5000, wholeNumber), (x) => { state.data.count = x; }],
  hand: [handText, readHand, (x) => { state.data.points = x; }],
  noise: [() => state.data.noise, within(0, 10, plainNumber), (x) => { state.data.noise = x; }],
  dataseed: [() => state.data.seed, wholeNumber, (x) => { state.data.seed = x; }],
  layers: [() => state.net.units.slice(0, -1).join(), readLayers,
    (x) => { state.net.units = [...x, state.net.units.at(-1)]; }],
  activation: [() => state.net.activations.slice(0, -1).join(), readActivations,
    (x) => { state.net.activations = [...x, state.net.activations.at(-1)]; }],
  output: [() => state.net.activations.at(-1), among(DATA.pairings.map(([output]) => output)),
    (x) => { state.net.activations = state.net.activations.with(-1, x); }],
  loss: [() => state.fit.loss, among(DATA.pairings.map(([, loss]) => loss)), (x) => { state.fit.loss = x; }],
  init: [() => state.net.init, among(Object.keys(INITIALIZERS)), (x) => { state.net.init = x; }],
  bias: [() => state.net.bias, within(-100, 100, plainNumber), (x) => { state.net.bias = x; }],
  weightseed: [() => state.net.seed ?? "given", (text) => (text === "given" ? null : wholeNumber(text)),
    (x) => { state.net.seed = x; }],
  optimizer: [() => state.fit.optimizer, among(DATA.optimizers), (x) => { state.fit.optimizer = x; }],
  lr: [() => state.fit.lr, within(0, 1e6, plainNumber), (x) => { state.fit.lr = x; }],
  momentum: [() => state.fit.momentum, within(0, 1, plainNumber), (x) => { state.fit.momentum = x; }],
  batch: [() => state.fit.batch ?? "all", (text) => (text === "all" ? null : within(1, MOST_SEED, wholeNumber)(text)),
    (x) => { state.fit.batch = x; }],
  decay: [() => state.fit.decay, within(0, 1e6, plainNumber), (x) => { state.fit.decay = x; }],
  seed: [() => state.fit.seed, wholeNumber, (x) => { state.fit.seed = x; }],
  share: [() => state.fit.share ?? "none", (text) => (text === "none" ? null : within(0.01, 0.9, plainNumber)(text)),
    (x) => { state.fit.share = x; }],
  axes: [() => (state.view.axes ?? []).map((axis) => axis + 1).join(), readAxes, (x) => { state.view.axes = x; }],
  show: [() => state.view.mode, among(MODES), (x) => { state.view.mode = x; }],
  example: [() => state.view.example + 1, within(1, MOST_SEED, wholeNumber), (x) => { state.view.example = x - 1; }],
  lesson: [() => state.view.lesson, (text) => (text === "" ? "" : among(DATA.lessons.map(({ name }) => name))(text)),
    (x) => { state.view.lesson = x; }],
  hide: [() => state.view.hide.join(), (text) => text.split(",").filter((part) => Object.hasOwn(HIDEABLE, part)),
    (x) => { state.view.hide = x; }],
};
const atStart = Object.fromEntries(Object.entries(PARTS_OF_ADDRESS).map(([name, [say]]) => [name, String(say())]));

function readLayers(text) {
  const units = text === "" ? [] : text.split(",").map(within(1, MOST_UNITS, wholeNumber));
  return units.length <= MOST_LAYERS && !units.includes(undefined) ? units : undefined;
}
function readAxes(text) {
  const axes = text.split(",").map(within(1, MOST_SEED, wholeNumber)).map((axis) => axis - 1);
  return text === "" ? null : axes.length === 2 && axes[0] !== axes[1] && !axes.some(Number.isNaN) ? axes : undefined;
}
function readActivations(text) {
  const names = text === "" ? [] : text.split(",");
  return names.length <= MOST_LAYERS && names.every((name) => name in DATA.activations) ? names : undefined;
}

/** Return the state as a fragment. */
function fragment(withEpochs = true, hide = state.view.hide) {
  const textOf = (name, say) => (name === "hide" ? hide.join() : String(say()));
  const texts = Object.entries(PARTS_OF_ADDRESS).map(([name, [say]]) => [name, textOf(name, say)]);
  const pairs = texts.filter(([name, text]) => text !== atStart[name]);
  if (withEpochs && session.epoch) pairs.push(["epochs", String(session.epoch)]);
  return `#${pairs.map(([name, text]) => `${name}=${encodeURIComponent(text).replaceAll("%2C", ",")}`).join("&")}`;
}

/** Take a fragment apart: a list of [name, text]. */
function partsOf(fragment) {
  return fragment.replace(/^#/, "").split("&").filter(Boolean).map((pair) => pair.split("=").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }));
}

const readEpochs = (text) => (/^[0-9]{1,7}$/.test(text) ? Number(text) : undefined);

/** Read a fragment into the state, beginning from the page's own start; return how many epochs it asks for. */
function readFragment(text) {
  const found = { ...atStart }, parts = partsOf(withLesson(text));
  let epochs = 0;
  for (const [name, given = ""] of parts) {
    if (name === "epochs") epochs = readEpochs(given) ?? epochs;
    else if (name in found) found[name] = given;
  }
  for (const [name, [, read, set]] of Object.entries(PARTS_OF_ADDRESS)) {
    const x = read(found[name]) ?? (found[name] === "given" || found[name] === "none" || found[name] === "all" ? null
      : read(atStart[name]));
    if (x !== undefined) set(x);
  }
  const { net, fit } = state, output = net.activations.at(-1);
  if (!DATA.outputs_of[fit.loss].includes(output)) { // the output that was asked for, or else the loss, is kept
    const byOutput = parts.some(([name]) => name === "output");
    pair(DATA.pairings.findLast(([unit, loss]) => (byOutput ? unit === output : loss === fit.loss)));
  }
  const hidden = net.units.length - 1, names = net.activations.slice(0, -1);
  net.activations = [...Array.from({ length: hidden }, (_, l) => names[l] ?? names.at(-1) ?? "relu"),
    net.activations.at(-1)];
  root.dataset.hide = state.view.hide.join(" ");
  return epochs;
}

/** Return a word on the pairing of output and loss that a fragment asks for, if the page takes another one. */
function pairingInVain(text) {
  const asked = Object.fromEntries(partsOf(text)), names = ["output", "loss"];
  const spelled = (of) => names.map((name) => `${name}=${of(name)}`).join(", ");
  const wanted = spelled((name) => PARTS_OF_ADDRESS[name][1](asked[name]) ?? atStart[name]);
  const taken = spelled((name) => PARTS_OF_ADDRESS[name][0]());
  return names.some((name) => name in asked) && wanted !== taken ? say("address_pairing", { wanted, taken }) : "";
}

/** Note what a fragment asks for in vain, and the meaning of a single number of units. */
function noteAddress(text) {
  const lines = [], unknown = partsOf(text).flatMap(([name, given = ""]) => {
    if (name === "hide") return given.split(",").filter((part) => part && !Object.hasOwn(HIDEABLE, part));
    const known = name === "epochs" || Object.hasOwn(atStart, name);
    const read = name === "epochs" ? readEpochs : PARTS_OF_ADDRESS[name]?.[1];
    return known && read(given) !== undefined ? [] : [given ? `${name}=${given}` : name];
  });
  if (unknown.length) lines.push(say("address_unknown", { parts: unknown.join(", ").slice(0, 200) }));
  lines.push(...[pairingInVain(text)].filter(Boolean));
  const count = /(?:^|[#&])layers=([0-9]+)(?:&|$)/.exec(text)?.[1];
  if (count > 1 && count <= MOST_LAYERS) lines.push(say("address_layers", { units: count }));
  setText(find("#noted"), lines.join(" "));
  find("#noted").hidden = lines.length === 0;
}
follow("net", () => { find("#noted").hidden = true; });

/** Keep the state in the address of a page of its own. */
function writeAddress() {
  if (window !== window.top || !("ready" in root.dataset)) return;
  try {
    window.history.replaceState(null, "", fragment(false));
  } catch {
    return; // an address that may not be written
  }
}
