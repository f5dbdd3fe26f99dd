/* Building the net: layers and units added and removed, the activation of each layer, the output with its loss. */

const MOST_LAYERS = 12, MOST_UNITS = 64, MOST_PARAMETERS = 20000;

/** Change the shape of the net, unless it would be too large; it starts anew. */
function reshape(units, activations) {
  let count = 0, width = session.all.inputs;
  for (const n of units) {
    count += n * (width + 1);
    width = n;
  }
  if (units.length > MOST_LAYERS + 1 || units.some((n) => n > Math.max(MOST_UNITS, ...state.net.units))
    || count > Math.max(MOST_PARAMETERS, session.net.parameters.length)) {
    announce(SAY.too_large);
    return;
  }
  Object.assign(state.net, { units, activations });
  changed("net");
  announce(shapeText());
}

function addLayer() {
  const { units, activations } = state.net, last = units.length - 1;
  reshape([...units.slice(0, last), last ? units[last - 1] : 4, units[last]],
    [...activations.slice(0, last), last ? activations[last - 1] : "relu", activations[last]]);
}
function removeLayer() {
  const { units, activations } = state.net;
  if (units.length > 1) reshape(units.toSpliced(-2, 1), activations.toSpliced(-2, 1));
}
function setUnits(layer, count) {
  if (count > 0) reshape(state.net.units.with(layer, count), state.net.activations);
}
function setActivation(layer, name) {
  reshape(state.net.units, state.net.activations.with(layer, name));
}

/** Pair the output with a loss. Another loss alone goes on from where the net is, as another call of `fit`. */
function setPairing(output, loss) {
  const same = output === state.net.activations.at(-1);
  pair([output, loss]);
  changed(same && outputsFor(output, loss) === session.net.outputs ? "fit" : "net");
  announce(pairingText(output, loss));
}

const activationText = (name) => SAY[`activation_${name}`] ?? DATA.activations[name] ?? name;
const pairingText = (output, loss) => `${activationText(output)} · ${SAY[`loss_${loss}`] ?? loss}`;

function shapeText() {
  const hidden = state.net.units.length - 1;
  return say("shape", { shape: [session.all.inputs, ...state.net.units].join("-"),
    parameters: session.net.parameters.length });
}

/** Return the head of a column: the number of its units, and their activation. */
function headOf(column) {
  const { net } = session, l = column - 1, last = column === net.layers.length, key = (name) => `${name}-${column}`;
  const head = make("div", `column${column === 0 ? " first" : last ? " last" : ""}`);
  const button = (text, name, label, act) => {
    const made = Object.assign(make("button", "", text), { type: "button" });
    made.dataset.key = key(name);
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };
  const select = (name, label, options, value, act) => {
    const made = make("select");
    made.append(...options.map(([x, text]) => Object.assign(make("option", "", text), { value: x })));
    made.value = value;
    made.dataset.key = key(name);
    made.setAttribute("aria-label", label);
    made.title = made.selectedOptions[0]?.text ?? "";
    made.addEventListener("change", () => act(made.value));
    return made;
  };
  if (column === 0) head.append(make("span", "", say("inputs", { count: net.inputs })));
  else if (last) {
    const pairs = DATA.pairings.filter((pair) => fits(...pair)), now = [net.last.name, state.fit.loss];
    const known = pairs.some((pair) => pair.join() === now.join()) ? pairs : [...pairs, now];
    head.append(make("span", "", SAY.output), select("pairing", SAY.pairing,
      known.map((pair) => [pair.join(), pairingText(...pair)]), now.join(), (x) => setPairing(...x.split(","))));
  } else {
    const { count, name } = net.layers[l], options = Object.keys(DATA.activations).map((g) => [g, activationText(g)]);
    const units = make("div", "count", button("−", "less", say("fewer_units", { layer: column }),
      () => setUnits(l, count - 1)),
      make("span", "", say("units", { count })), button("+", "more", say("more_units", { layer: column }),
        () => setUnits(l, count + 1)));
    head.append(units, select("activation", say("activation_of", { layer: column }), options, name,
      (x) => setActivation(l, x)));
  }
  return head;
}

find("#more").addEventListener("click", addLayer);
find("#fewer").addEventListener("click", removeLayer);
