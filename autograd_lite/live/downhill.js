/* Downhill: all parameters take a step against their gradients; the root falls, or the rate is too large. */

const parameters = (() => {
  const found = LEAVES.filter((leaf) => cards[leaf].group.classList.contains("parameter"));
  return found.length ? found : LEAVES.filter((leaf) => !cards[leaf].group.classList.contains("input"));
})();
const moved = parameters.length ? parameters : LEAVES;
let results = []; // of the root, after each step
let expected = null; // the numbers that the last step left

function stepDown(times) {
  const rate = readNumber(find("#rate").value), note = find("#downhill .note");
  find("#rate").setAttribute("aria-invalid", String(!(rate > 0)));
  if (!(rate > 0)) {
    setText(note, SAY.not_a_number);
    return;
  }
  if (!expected || !same(expected, snapshot())) results = [value[ROOT]];
  const before = value[ROOT];
  begin();
  let stuck = false;
  for (let i = 0; i < times && !stuck; i++) {
    stuck = moved.some((leaf) => !Number.isFinite(grad[leaf]) || !Number.isFinite(value[leaf] - rate * grad[leaf]));
    if (stuck) break;
    for (const leaf of moved) value[leaf] -= rate * grad[leaf];
    forward();
    backward();
    results.push(value[ROOT]);
  }
  refresh();
  end();
  expected = snapshot();
  const key = stuck ? "stuck" : value[ROOT] < before ? "fell" : value[ROOT] > before ? "rose" : "same";
  const text = say(key, { root: OUT, before: number(before), after: number(value[ROOT]) });
  setText(note, text);
  find("#downhill").dataset.last = key;
  announce(text);
  showHistory();
}

function showHistory() {
  const chart = find("#downhill svg"), finite = results.filter(Number.isFinite);
  chart.toggleAttribute("hidden", results.length < 2);
  if (results.length < 2 || !finite.length) return;
  const low = Math.min(...finite), high = Math.max(...finite), span = high - low || 1, last = results.length - 1;
  const x = (i) => 8 + i / last * 364, y = (v) => 78 - (v - low) / span * 66;
  find("path", chart).setAttribute("d", pathOf(results.map((v, i) => [i, v]), x, y));
  find("g", chart).replaceChildren(...results.slice(-60).map((v, i, some) => (Number.isFinite(v)
    ? draw("circle", { cx: x(last - some.length + 1 + i).toFixed(1), cy: y(v).toFixed(1), r: 2.4 }) : "")));
  setText(find(".high", chart), number(high, 4));
  setText(find(".low", chart), number(low, 4));
  const late = results.slice(-12).map((v) => number(v, 4));
  chart.setAttribute("aria-label", `${say("history", { root: OUT })}: ${late.join(", ")}`);
}

const movedNames = [...moved.slice(0, 8).map((leaf) => names[leaf]), ...(moved.length > 8 ? ["…"] : [])];
setText(find("#downhill .hint"), say("downhill_hint", { names: movedNames.join(", ") }));
find("#once").addEventListener("click", () => stepDown(1));
find("#tentimes").addEventListener("click", () => stepDown(10));
find("#rate").addEventListener("keydown", (event) => {
  if (event.key === "Enter") stepDown(1);
});
