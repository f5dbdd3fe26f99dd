/* One example: its numbers forward, its loss, and its own gradient by each weight, before any mean over the batch. */

const exampleBox = find("#example"), exampleTyped = find("#which"), MOST_LISTED = 400, MOST_OUTPUTS = 20;

function chooseExample(i) {
  state.view.example = i;
  changed("numbers");
  announce(pointText(i));
}

/** Return all numbers of the chosen example, computed anew: of each layer z, a and the slopes by them. */
function exampleNumbers() {
  const { net, all } = session, i = state.view.example, { loss } = state.fit, copy = (list) => Array.from(list);
  load(net, all.rows, i);
  net.forward();
  const cost = lossOf(net, loss, all.targets, i);
  lossSlopes(net, loss, all.targets, i);
  net.sums.fill(0, 0, net.parameters.length);
  net.backward(0);
  const layers = net.layers.map(({ z, a, dz, da, g }, l) => ({ z: copy(z), a: copy(a), dz: copy(dz),
    da: l === net.layers.length - 1 ? lastSlopes(i) : copy(da),
    slope: copy(z).map((x, j) => (g ? g.slope(a[j], x) : 1)) }));
  return { x: copy(net.x), layers, cost, gradients: net.sums.slice(0, net.parameters.length) };
}

/** Return the slopes of the loss by the outputs, where it is a loss of them and not of their z. */
function lastSlopes(i) {
  const { net, all } = session, { a, count } = net.last, { loss } = state.fit;
  if (OF_LOGITS.has(loss)) return Array.from(a, () => null);
  return Array.from(a, (x, j) => FORMULAS.losses[loss].slope(x, all.targets[i * count + j]) / count);
}

/** Show the example: its inputs, its target, the output and the loss, and the details that are open. */
function showExample() {
  if (exampleBox.hidden || !session.net) return;
  const { all, columns, net } = session, i = state.view.example, found = exampleNumbers(), more = columns.length > 8;
  const inputs = columns.slice(0, 8).map((name, k) => `${name} = ${number(found.x[k], 4)}`);
  const called = (j) => (net.outputs > 1 ? `${session.classes[j] ?? j + 1}: ` : "");
  const outputs = found.layers.at(-1).a.slice(0, MOST_OUTPUTS).map((a, j) => called(j) + number(a, 4));
  if (document.activeElement !== exampleTyped) exampleTyped.value = String(i + 1);
  exampleTyped.max = String(all.count);
  setText(find(".of", exampleBox), say("example_of", { count: all.count }));
  const held = session.held?.from?.includes(i), facts = [
    [inputs.join(", ") + (more ? ", …" : ""), SAY.example_inputs],
    [targetText(all, i), SAY.example_target],
    [outputs.join(", ") + (net.outputs > MOST_OUTPUTS ? ", …" : ""), SAY.output],
    [number(found.cost, 5), SAY.example_loss]];
  const list = find("dl", exampleBox);
  while (list.children.length < facts.length) list.append(make("div", "", make("dt"), make("dd")));
  facts.forEach(([text, name], k) => {
    setText(list.children[k].firstChild, name);
    setText(list.children[k].lastChild, text);
  });
  setAttribute(exampleBox, "data-loss", full(found.cost));
  find(".note", exampleBox).hidden = !held;
  if (find("#graph").open) showGraph(found);
  if (find("#listed").open) showListed(found);
}

/** List all numbers: units with z, a and ∂C/∂z; weights with their gradients. */
function showListed({ layers, gradients }) {
  const { net } = session, units = [], weights = [];
  net.layers.forEach((layer, l) => {
    for (let j = 0; j < layer.count; j++) {
      if (units.length < MOST_LISTED) units.push([unitName(l, j), layers[l].z[j], layers[l].a[j], layers[l].dz[j]]);
      for (let k = 0; k <= layer.width && weights.length < MOST_LISTED; k++) {
        const at = net.at(l, j) + k;
        weights.push([k === layer.width ? biasName(l, j) : weightName(l, j, k), net.parameters[at], gradients[at]]);
      }
    }
  });
  fillTable(find("#units-listed"), [SAY.listed_unit, "z", "a", "∂C/∂z"], units);
  fillTable(find("#weights-listed"), [SAY.listed_weight, "w", "∂C/∂w"], weights);
}

/** Put rows of numbers into a table; its cells stay where there are enough of them. */
function fillTable(table, head, rows) {
  const body = table.tBodies[0] ?? table.createTBody();
  const cell = (scope, text = "") => Object.assign(make("th", "", text), { scope });
  if (!table.tHead) table.createTHead().append(make("tr", "", ...head.map((text) => cell("col", text))));
  while (body.rows.length > rows.length) body.lastChild.remove();
  while (body.rows.length < rows.length) {
    body.append(make("tr", "", cell("row"), ...head.slice(1).map(() => make("td"))));
  }
  rows.forEach(([name, ...numbers], i) => {
    setText(body.rows[i].cells[0], name);
    numbers.forEach((x, k) => setText(body.rows[i].cells[k + 1], number(x, 4)));
  });
}

const stepExample = (by) => chooseExample((state.view.example + session.all.count + by) % session.all.count);
find("#example-before").addEventListener("click", () => stepExample(-1));
find("#example-after").addEventListener("click", () => stepExample(1));
exampleTyped.addEventListener("change", () => {
  const i = Number(exampleTyped.value) - 1, wrong = !(Number.isInteger(i) && i >= 0 && i < session.all.count);
  exampleTyped.setAttribute("aria-invalid", String(wrong));
  if (wrong) announce(say("example_no", { count: session.all.count }));
  else chooseExample(i);
});
exampleTyped.addEventListener("blur", () => {
  exampleTyped.setAttribute("aria-invalid", "false");
  exampleTyped.value = String(state.view.example + 1);
});
for (const details of all("details", exampleBox)) details.addEventListener("toggle", showExample);
