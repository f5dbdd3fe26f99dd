/* The terms of the output's z at the chosen example, one of each unit of the last hidden layer, and their sum. */

function showParts() {
  const { net, all } = session, { width } = net.last, [layer, unit] = shownUnit();
  const output = layer === net.layers.length - 1 ? unit : 0;
  load(net, all.rows, state.view.example);
  net.forward();
  const from = net.layers.length > 1 ? net.layers.at(-2).a : net.x, first = net.at(net.layers.length - 1, output);
  const parts = Array.from({ length: Math.min(width, SHOWN) },
    (_, k) => [net.layers.length > 1 ? unitName(net.layers.length - 2, k) : session.columns[k],
    net.parameters[first + k] * from[k]]);
  parts.push([SAY.one_bias, net.parameters[first + width]]);
  const total = net.last.z[output], most = largestOf([...parts.map(([, x]) => x), total]) || 1;
  setText(find("#parts .hint"), say("parts_hint", { example: state.view.example + 1 }));
  const bars = find("#parts .bars");
  const rows = [...parts, ["z", total]];
  while (bars.children.length > rows.length) bars.lastChild.remove();
  while (bars.children.length < rows.length) bars.append(make("div", "part", make("span"), make("i", "", make("b")),
    silentOutput()));
  rows.forEach(([name, x], i) => {
    const [label, bar, figure] = bars.children[i].children, share = Number.isFinite(x) ? (50 * Math.abs(x)) / most : 0;
    bars.children[i].classList.toggle("total", i === rows.length - 1);
    setText(label, name);
    setText(figure, number(x, 4));
    label.title = name;
    const [side, colour] = x < 0 ? ["right", BLUE] : ["left", ORANGE];
    setAttribute(bar.firstChild, "style", `${side}:50%;background:${css(colour)};width:${share.toFixed(2)}%`);
  });
}
