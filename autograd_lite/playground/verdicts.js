/* The findings on a net that was measured, by the limits and in the texts of `nn.diagnose`. */

/** Return a text of a diagnosis; its braces are filled in. */
function sayVerdict(key, inside = {}) {
  const [one, several = one] = DATA.diagnose[key].split("|");
  return (String(inside.count) === "1" ? one : several).replace(/[{]([a-z]+)[}]/g,
    (whole, name) => inside[name] ?? whole);
}

const joinedBy = (parts) => parts.filter(Boolean).reduce((first, second) =>
  (first ? sayVerdict("and", { first, second }) : second), "");
const activationsOf = (layers) => joinedBy([...new Set(layers.map(({ activation }) => activation))]);
const standardisedText = ({ inputs }) => sayVerdict("standardised", { size: number(inputs, 3) });

/** Whether hidden units have flat ends, as those of the sigmoid. */
const haveFlatEnds = ({ layers }) => layers.slice(0, -1).some(({ saturated }) => saturated !== null);

function initialisation(measured) {
  const name = haveFlatEnds(measured) ? "xavier" : "he";
  return state.net.init === name ? "" : sayVerdict(name);
}

/** The checks, each with a verdict and a remedy, or null where all is well. */
const CHECKS = {
  rate({ layers, loss, after }) {
    if (after === null || after <= loss) return null;
    const { update, layer } = layers.reduce((a, b) => ((b.update || 0) >= (a.update || 0) ? b : a));
    const finite = Number.isFinite(update), { lr } = state.fit;
    const size = finite ? sayVerdict("by_times", { update: number(update, 3) }) : sayVerdict("away");
    return [sayVerdict("rate", { rate: number(lr, 6), layer, size, before: number(loss, 3), after: number(after, 3) }),
      finite ? sayVerdict("hundredth", { rate: number((0.01 * lr) / update, 1) }) : sayVerdict("smaller_rate")];
  },
  "confidently wrong"({ layers, wrong }) {
    if (wrong === null || wrong < DATA.limits.saturated_wrong) return null;
    return [sayVerdict("wrong", { share: percent(wrong), activation: layers.at(-1).activation }),
      sayVerdict("wrong_remedy")];
  },
  dead(measured) {
    const found = measured.layers.filter(({ dead, units }) => dead !== null && dead.length >= DATA.limits.dead * units);
    if (!found.length) return null;
    const counts = found.map(({ dead, units, layer }) => sayVerdict("dead_in",
      { dead: dead.length, units, layer })).join(", "), leaky = sayVerdict("leaky");
    const verdict = sayVerdict("dead", { counts, activations: activationsOf(found), examples: measured.examples });
    if (state.net.init === "zeros") return [verdict, sayVerdict("he")];
    if (!(state.net.bias > 0)) return [verdict, sayVerdict("or", { first: sayVerdict("positive"), second: leaky })];
    const large = measured.inputs > DATA.limits.large_input;
    const [first, second] = large ? [standardisedText(measured), leaky] : [leaky, sayVerdict("smaller_rate")];
    const remedy = large || state.fit.lr ? sayVerdict("or", { first, second }) : leaky;
    return [verdict, sayVerdict("started_at", { remedy, bias: number(state.net.bias, 6) })];
  },
  saturated(measured) {
    const found = measured.layers.slice(0, -1).filter(({ saturated }) => saturated !== null
      && saturated >= DATA.limits.saturated);
    if (!found.length) return null;
    const shares = found.map(({ saturated, layer }) => sayVerdict("saturated_in",
      { share: percent(saturated), layer })).join(", ");
    const large = found[0].layer === 1 && measured.inputs > DATA.limits.large_input;
    const remedy = joinedBy([state.net.init === "xavier" ? "" : sayVerdict("xavier"),
      large ? standardisedText(measured) : ""]);
    return [sayVerdict("saturated", { shares, activations: activationsOf(found) }),
      remedy || sayVerdict("saturated_remedy", { relu: sayVerdict("relu") })];
  },
  exploding(measured) {
    const first = measured.layers[0], largest = measured.layers.reduce((a, b) => (b.gradient > a.gradient ? b : a));
    let verdict = "";
    if (largest.gradient >= DATA.limits.exploding) verdict = sayVerdict("large",
      { layer: largest.layer, size: number(largest.gradient, 2) });
    else if (first.ratio >= DATA.limits.exploding && first.ratio < Infinity) verdict = sayVerdict("grows",
      { ratio: number(first.ratio, 2) });
    else return null;
    const large = joinedBy([measured.inputs > DATA.limits.large_input ? sayVerdict("inputs") : "",
      (measured.targets ?? 0) > DATA.limits.large_input ? sayVerdict("targets") : ""]);
    const others = [initialisation(measured), large && sayVerdict("are_standardised",
      { what: large })].filter(Boolean).join(", ");
    return [verdict, others ? sayVerdict("and_smaller_rate", { others }) : sayVerdict("smaller_rate")];
  },
  vanishing(measured) {
    const first = measured.layers[0], last = measured.layers.at(-1);
    if (first === last || measured.layers.some(({ dead, units }) => dead?.length === units)) return null;
    let verdict = "";
    if (first.gradient < DATA.limits.vanishing * last.gradient) verdict = sayVerdict("vanishing",
      { share: first.gradient ? sayVerdict("share_of_last", { ratio: number(first.ratio, 2) }) : "0" });
    else if (measured.read < DATA.limits.vanishing * Math.min(measured.inputs, 1)) verdict = sayVerdict("faded",
      { layer: last.layer, size: number(measured.read, 2) });
    else if (measured.readSpread < DATA.limits.vanishing * Math.min(measured.inputSpread,
      1)) verdict = sayVerdict("alike", { layer: last.layer, size: number(measured.readSpread, 2) });
    else return null;
    const start = initialisation(measured), key = start ? "fewer_layers_with" : "fewer_layers";
    if (haveFlatEnds(measured)) return [verdict, sayVerdict(key, { relu: sayVerdict("relu"), initialisation: start })];
    return [verdict, start || sayVerdict("fewer_layers_he")];
  },
  alike(measured) {
    const found = measured.layers.filter(({ alike, gradient }) => alike && gradient).map(({ layer }) => layer);
    return found.length ? [sayVerdict("one", { count: found.length, layers: found.join(", ") }),
      initialisation(measured) || sayVerdict("he")] : null;
  },
  overfitting() {
    const { fit } = state, [loss, held] = [session.history.loss.slice(1), session.history.held.slice(1)];
    if (held.length <= DATA.limits.lasting || !held.every(Number.isFinite)) return null;
    const best = held.indexOf(spanOf(held)[0]), { risen } = DATA.limits;
    const rises = spanOf(held.slice(-DATA.limits.lasting))[0] > risen * held[best] && held.at(-1) > loss.at(-1);
    if (!rises || !(risen * loss.at(-1) < loss[best])) return null;
    const verdict = sayVerdict("overfitting", { low: number(held[best], 3), epoch: best + 1,
      high: number(held.at(-1), 3), before: number(loss[best], 3), now: number(loss.at(-1), 3) });
    const remedies = [sayVerdict("stop", { epoch: best + 1 }), sayVerdict(fit.decay > 0 ? "fewer_units" : "decay")];
    return [verdict, remedies.join("; ")];
  },
};

/** Return the findings on a net; none if it is healthy. */
function findings(measured) {
  const broken = measured.layers.filter(({ gradient }) => !Number.isFinite(gradient)).map(({ layer }) => layer);
  if (broken.length || !Number.isFinite(measured.loss)) {
    const what = broken.length ? sayVerdict("gradient_in", { count: broken.length, layers: broken.join(", ") })
      : sayVerdict("loss_is", { loss: number(measured.loss, 3) });
    return [{ kind: sayVerdict("kind_not finite"), verdict: sayVerdict("not_finite", { what }),
      remedy: sayVerdict("not_finite_remedy") }];
  }
  return Object.entries(CHECKS).flatMap(([kind, check]) => {
    const found = check(measured);
    return found ? [{ kind: sayVerdict(`kind_${kind}`), verdict: found[0], remedy: found[1] }] : [];
  });
}
