"use strict";
(() => {
  const PACE = 2200; // milliseconds for a step while playing
  const LEGIBLE = 0.62; // a picture that would have to be smaller is followed instead of shown whole,
  const NEAR = 0.8; // at this scale, or larger where there is room
  const BUSY = new Set(["INPUT", "BUTTON", "SUMMARY"]); // what Space works on by itself

  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const html = document.documentElement;
  html.classList.add("live");
  html.classList.toggle("framed", window !== window.top);

  // ------------------------------------------------------------ writing: text only, never markup

  const make = (tag, kind = "", ...inside) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...inside);
    return element;
  };
  const bold = (name) => make("b", "", name);
  const copy = (data) => data.cloneNode(true);

  /** Return ∂above/∂below as a fraction. */
  function ratio(above, below) {
    const math = (tag, ...inside) => {
      const element = document.createElementNS("http://www.w3.org/1998/Math/MathML", tag);
      element.append(...inside);
      return element;
    };
    return math("math", math("mfrac", math("mtext", `∂${above}`), math("mtext", `∂${below}`)));
  }

  function table(kind, heads, rows) {
    const row = (cells) => make("tr", "", ...cells.map((cell, i) => {
      const element = make(i ? "td" : "th", "", ...[cell].flat());
      if (!i) element.scope = "row";
      return element;
    }));
    const head = heads.map((word) => Object.assign(make("th", "", word), { scope: "col" }));
    const body = rows.length ? [make("tbody", "", ...rows.map(row))] : [];
    return make("table", kind, make("thead", "", make("tr", "", ...head)), ...body);
  }

  // ------------------------------------------------------------ reading: the tables of all steps

  const backwardTable = find("table.backward"), root = backwardTable.dataset.root;

  /** What a row hands to a card: the parent, by which arrow, how much, and the card's gradient from then on. */
  const giftOf = (row) => ({
    card: row.dataset.card,
    arrow: row.dataset.arrow,
    grad: row.dataset.grad,
    fill: row.dataset.fill,
    name: row.cells[row.cells.length - 4].textContent,
    rule: find("i", row)?.textContent ?? "",
    local: find(".local", row),
    amount: find(".amount", row),
    total: find(".total", row),
  });
  const backward = all("tbody", backwardTable).map((body) => ({
    card: body.dataset.card,
    grad: body.dataset.grad,
    fill: body.dataset.fill,
    name: find("th", body).textContent,
    upstream: find(".upstream", body),
    gifts: all("tr[data-arrow]", body).map(giftOf),
  }));
  const forward = all("table.forward tbody tr").map((row) => ({
    card: row.dataset.card,
    given: row.className === "given",
    arrows: (row.dataset.arrows ?? "").split(" "),
    rule: row.dataset.rule,
    name: row.cells[0].textContent,
    inNames: row.cells[1].textContent,
    inNumbers: row.cells[2].textContent,
    value: find(".value", row),
  }));

  const total = new Map(); // card → its gradient so far, to say what a gift is added to
  const lastGift = new Map(); // card → the gift that completes its gradient
  for (const gift of backward.flatMap((node) => node.gifts)) {
    gift.before = total.get(gift.card)?.textContent ?? "0";
    total.set(gift.card, gift.total);
    lastGift.set(gift.card, gift);
  }
  const passed = new Map(backward.map((node) => [node.card, node]));
  const leaves = forward.filter((row) => row.given);

  // ------------------------------------------------------------ the steps

  /** A step: what it says, which cards and arrows take part, and what becomes of gradients. */
  const step = (phase, head, count, said, body, { cards = [], near = [], arrows = [], gifts = [] } = {}) =>
    ({ phase, head, count, said: `${head}${count && ` ${count}`}: ${said}`, body, cards, near, arrows, gifts });

  const start = step("start", "Start", "", `the leaves of ${root} are given`, () => [
    make("p", "", "The ", bold("leaves"), " are given: the inputs and parameters that ", bold(root), " is computed from."),
    ...all(".tables > p").map((note) => note.cloneNode(true)),
    table("list", ["leaf", "value"], leaves.map((leaf) => [leaf.name, copy(leaf.value)])),
  ], { cards: leaves.map((leaf) => leaf.card) });

  const forwardStep = (row, i, { length }) => {
    const { gifts } = passed.get(row.card);
    const lines = [[bold(row.name), ` = ${row.inNames}`], [`= ${row.inNumbers}`], ["= ", copy(row.value)]];
    if ([row.inNames, row.value.textContent].includes(row.inNumbers)) lines.splice(1, 1);
    const kept = gifts.map((gift) => [ratio(row.name, gift.name), [gift.rule && `= ${gift.rule} `, "= ", copy(gift.local)]]);
    const said = `${row.name} is ${row.inNames}, which is ${row.value.textContent}`;
    return step("forward", "Forward", `${i + 1} of ${length}`, said, () => [
      make("p", "", bold(row.name), " is computed:"),
      make("div", "lines", ...lines.map((line) => make("div", "", ...line))),
      make("p", "", `Noted for the way back (${row.rule}): how fast `, bold(row.name), " changes with each operand."),
      table("list", ["local derivative", ""], kept),
    ], { cards: [row.card], near: gifts.map((gift) => gift.card), arrows: row.arrows });
  };

  const out = backward[0];
  const seed = step("seed", "Backward", "", `the derivative of ${root} by itself is 1`, () => [
    make("p", "", "Now back. ", bold(root), " changes exactly as fast as itself",
      ...(out.name === root ? [] : [" (", bold(root), " is ", bold(out.name), ")"]), ":"),
    make("div", "lines", make("div", "", ratio(root, out.name), " = ", copy(out.upstream))),
    make("p", "", "Every other gradient starts at 0 and collects what the nodes that use it hand back."),
  ], { cards: [out.card], gifts: [{ ...out, total: out.upstream }] });

  /** The lines of one gift: upstream × local derivative = contribution, in symbols, in numbers, and the sum so far. */
  function giftLines(node, gift) {
    const line = (kind, ...cells) => make("tr", kind, ...cells.map((cell) => make("td", "", ...cell)));
    const to = Object.assign(make("th", "", "to ", bold(gift.name)), { scope: "rowgroup", colSpan: 3 });
    const complete = lastGift.get(gift.card) === gift;
    const sum = make("td", "", ratio(root, gift.name), ` = ${gift.before} + `,
      gift.amount.textContent.startsWith("−") ? `(${gift.amount.textContent})` : gift.amount.textContent, " = ",
      copy(gift.total), " ", make("em", complete ? "done" : "more", complete ? "complete" : "more to come"));
    sum.colSpan = 3;
    return make("tbody", "", make("tr", "", to),
      line("symbols", [ratio(root, node.name)], [ratio(node.name, gift.name)], []),
      ...(gift.rule ? [line("rule", [], [`= ${gift.rule}`], [])] : []),
      line("numbers", [copy(node.upstream)], [copy(gift.local)], [copy(gift.amount)]),
      make("tr", "sum", sum));
  }

  const backwardStep = (node, i, { length }) => {
    const spoken = node.gifts.map((gift) => `; to ${gift.name}: ${node.upstream.textContent} times `
      + `${gift.local.textContent} is ${gift.amount.textContent}, in all ${gift.total.textContent}`);
    const said = `the gradient of ${node.name} is ${node.upstream.textContent}${spoken.join("")}`;
    return step("backward", "Backward", `${i + 1} of ${length}`, said, () => {
      const gifts = table("gifts", ["upstream", "local derivative", "contribution"], []);
      gifts.append(...node.gifts.map((gift) => giftLines(node, gift)));
      return [
        make("p", "", "The gradient of ", bold(node.name), " is complete: ", ratio(root, node.name), " = ",
          copy(node.upstream), `. It hands ${node.gifts.length > 1 ? "each operand" : "its operand"} a share:`),
        gifts,
      ];
    }, { cards: [node.card], near: node.gifts.map((gift) => gift.card), gifts: node.gifts });
  };

  const end = step("end", "Done", "", "every gradient is complete", () => [
    make("p", "", "Every gradient is complete. Raise ", bold(leaves[0].name), " a little, by ", make("i", "", "h"), ", and ",
      bold(root), " changes by about ", ratio(root, leaves[0].name), " · ", make("i", "", "h"), "; so with each leaf."),
    table("list", ["leaf", "value", "gradient"], leaves.map((leaf) =>
      [leaf.name, copy(leaf.value), [ratio(root, leaf.name), " = ", copy(passed.get(leaf.card).upstream)]])),
  ]);

  const steps = [start, ...forward.filter((row) => !row.given).map(forwardStep), seed,
    ...backward.filter((node) => node.gifts.length).map(backwardStep), end];
  const last = steps.length - 1, turn = steps.indexOf(seed);

  // ------------------------------------------------------------ the picture

  const picture = find(".picture"), svg = find("svg", picture), panel = find(".step");
  const firstCard = find(".card", svg).id, prefix = firstCard.slice(0, firstCard.lastIndexOf("-") + 1);
  const cards = new Map(forward.map(({ card }) => {
    const group = document.getElementById(prefix + card), texts = all("text", group), title = find("title", group);
    return [card, {
      group,
      title,
      hint: title.textContent.split("\n"), // name, data, rule, grad
      data: texts.at(-3),
      shown: texts.at(-3).textContent,
      grad: texts.at(-1),
      pill: all("rect", group).at(-1),
    }];
  }));
  const arrows = all(".arrow", svg).map((group) => {
    const label = document.getElementById(`${group.id}-label`), head = find("path:not([stroke-width])", group);
    return {
      id: group.id.slice(prefix.length),
      parts: [group, label].filter(Boolean),
      label,
      local: label?.textContent,
      line: find("path", group),
      head,
      tip: head?.getAttribute("d"),
    };
  });

  /** Turn an arrow round while a gradient goes back along it, and say what that is multiplied by. */
  function turnRound({ label, local, line, head, tip }, back) {
    if (label) label.textContent = back ? `× ${local}` : local;
    if (!head) return;
    const { x, y } = line.getPointAtLength(0), { x: u, y: v } = line.getPointAtLength(9);
    const [dx, dy] = [(v - y) / 2, (x - u) / 2]; // across the arrow
    head.setAttribute("d", back ? `M${x},${y}L${u + dx},${v + dy}L${u - dx},${v - dy}Z` : tip);
  }

  function paint({ group, title, hint, data, shown, grad, pill }, { known, gift, active, near, back }) {
    const growing = Boolean(gift?.arrow) && lastGift.get(gift.card) !== gift;
    for (const [name, on] of Object.entries({ waiting: !known, active, near, back, growing })) group.classList.toggle(name, on);
    data.textContent = known ? shown : "?";
    grad.textContent = gift ? gift.grad : "";
    pill.setAttribute("fill", gift ? gift.fill : "#f1f5f9");
    const gradient = gift ? `grad=${gift.total.value.replaceAll("-", "−")}${growing ? " so far" : ""}` : "grad not computed";
    title.textContent = [hint[0], ...(known ? hint.slice(1, -1) : ["not computed"]), gradient].join("\n");
    group.setAttribute("aria-label", title.textContent);
  }

  // ------------------------------------------------------------ one step

  const slider = find("#slider"), count = find("#count"), status = find("#status"), whole = find("#whole");
  let now = 0;

  function show(wanted) {
    now = Math.min(Math.max(wanted, 0), last);
    const current = steps[now], done = steps.slice(0, now + 1);
    const computed = new Set(done.filter(({ phase }) => phase === "start" || phase === "forward").flatMap((s) => s.cards));
    const open = new Set(done.flatMap((s) => s.arrows));
    const grads = new Map(done.flatMap((s) => s.gifts).map((gift) => [gift.card, gift]));
    const used = new Set(done.flatMap((s) => s.gifts).map((gift) => gift.arrow));
    for (const [id, card] of cards) paint(card, {
      known: computed.has(id),
      gift: grads.get(id),
      active: current !== start && current.cards.includes(id),
      near: current.near.includes(id),
      back: now >= turn,
    });
    const forth = new Set(current.arrows), back = new Set(current.gifts.map((gift) => gift.arrow));
    for (const arrow of arrows) {
      const { id, parts } = arrow;
      const state = { waiting: !open.has(id), passed: used.has(id), forth: forth.has(id), back: back.has(id) };
      turnRound(arrow, state.back);
      for (const part of parts) for (const [name, on] of Object.entries(state)) part.classList.toggle(name, on);
    }
    const title = make("h2", "", current.head, ...(current.count ? [" ", make("small", "", current.count)] : []));
    panel.className = `step ${current.phase}`;
    panel.replaceChildren(title, ...current.body());
    panel.scrollTop = 0;
    slider.value = now;
    slider.setAttribute("aria-valuetext", current.said);
    count.textContent = `${now} / ${last}`;
    for (const [id, at] of [["first", 0], ["previous", 0], ["next", last], ["last", last]]) {
      find(`#${id}`).setAttribute("aria-disabled", String(now === at)); // still focusable: focus must not be lost
    }
    resize();
  }

  function go(wanted) {
    show(wanted);
    status.textContent = steps[now].said;
  }

  // ------------------------------------------------------------ the picture: whole, or following the step

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const { width, height } = svg.viewBox.baseVal;

  /** Fit the picture in, or go near to the step where it would be too small to read. */
  function resize() {
    const high = (picture.clientHeight - 2) / height, fit = Math.min((picture.clientWidth - 2) / width, high, 1.5);
    whole.hidden = fit >= LEGIBLE;
    const near = fit < LEGIBLE && whole.getAttribute("aria-pressed") !== "true";
    svg.style.maxWidth = "none";
    svg.style.width = `${Math.floor(width * (near ? Math.min(Math.max(high, NEAR), 1.1) : fit))}px`;
    // At the start, where the computation begins; at the end, where the gradients have arrived.
    const edge = ({ card }) => cards.get(card).group.getBoundingClientRect().left;
    const outermost = () => leaves.reduce((a, b) => (edge(b) < edge(a) ? b : a)).card;
    if (near) follow(now === 0 ? { cards: [outermost()], near: steps[1].cards }
      : now === last ? { cards: [leaves[0].card], near: [] } : steps[now]);
  }

  function follow({ cards: own, near }) {
    const boxes = [...own, ...near].map((id) => cards.get(id).group.getBoundingClientRect());
    const frame = picture.getBoundingClientRect();
    const middle = (low, high, room) => {
      const from = Math.min(...boxes.map((box) => box[low])), to = Math.max(...boxes.map((box) => box[high]));
      return to - from < room ? (from + to) / 2 : (boxes[0][low] + boxes[0][high]) / 2; // too far apart: the node itself
    };
    picture.scrollTo({
      left: picture.scrollLeft + middle("left", "right", picture.clientWidth) - frame.left - picture.clientWidth / 2,
      top: picture.scrollTop + middle("top", "bottom", picture.clientHeight) - frame.top - picture.clientHeight / 2,
      behavior: calm.matches ? "auto" : "smooth",
    });
  }

  // ------------------------------------------------------------ controls

  const button = find("#play");
  let timer = 0;

  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(() => (now < last ? go(now + 1) : play(false)), PACE) : 0;
    button.classList.toggle("playing", on);
    button.setAttribute("aria-label", on ? "Pause" : "Play");
  }

  function togglePlay() {
    if (!timer) go(now < last ? now + 1 : 0);
    play(!timer);
  }

  function move(wanted) {
    play(false);
    go(wanted);
  }

  const moves = { first: () => 0, previous: () => now - 1, next: () => now + 1, last: () => last };
  const keys = { Home: "first", ArrowLeft: "previous", ArrowRight: "next", End: "last" };
  for (const name of Object.keys(moves)) find(`#${name}`).addEventListener("click", () => move(moves[name]()));
  button.addEventListener("click", togglePlay);
  slider.addEventListener("input", () => move(Number(slider.value)));
  whole.addEventListener("click", () => {
    whole.setAttribute("aria-pressed", String(whole.getAttribute("aria-pressed") !== "true"));
    resize();
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key in keys && event.target !== slider) move(moves[keys[event.key]]()); // the slider does it by itself
    else if (event.key === " " && !BUSY.has(event.target.tagName)) togglePlay();
    else return;
    event.preventDefault();
  });

  // A click on a card leads to its step, of the pass that is on.
  svg.addEventListener("click", (event) => {
    const id = event.target.closest(".card")?.id.slice(prefix.length);
    const at = (phase) => steps.findIndex((s) => s.phase === phase && s.cards.includes(id));
    const found = now < turn ? [at("forward")] : [at("backward"), at("forward")];
    const wanted = found.find((i) => i >= 0);
    if (wanted !== undefined) move(wanted);
  });

  // steps.html#7 opens at step 7.
  const named = () => Number.parseInt(window.location.hash.slice(1), 10) || 0;
  window.addEventListener("hashchange", () => move(named()));

  const details = find("details");
  details.open = false;
  // On paper everything is known, whatever the step.
  let seen = 0;
  window.addEventListener("beforeprint", () => {
    details.open = true;
    seen = now;
    show(last);
  });
  window.addEventListener("afterprint", () => show(seen));
  slider.max = last;
  find(".track").style.setProperty("--turn", turn / last);
  show(named());
  new ResizeObserver(resize).observe(picture);
})();
