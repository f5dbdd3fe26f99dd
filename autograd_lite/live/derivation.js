/* The derivation: the chain rule for the chosen leaf, as explain writes it, with the numbers that stand there now.

A piece is { text, loose, edge }: loose ones need brackets beside a product; those of an edge light its arrow up. */

const LONGEST = 24, LINES = 8, WIDTH = 100;
const bracketed = (piece) => (piece.loose ? { ...piece, text: `(${piece.text})`, loose: false } : piece);
const plain = (text, edge) => ({ text: [text].flat()[0], loose: Array.isArray(text), edge });
const numeral = (x, edge) => ({ text: number(x), loose: x < 0, edge });
const nameOf = (k) => plain(NODES[k].name);
const rootName = plain(DATA.root);

function ratioOf(top, bottom, edge, mark = "") {
  return { text: `∂${bracketed(top).text}/∂${bracketed(bottom).text}${mark}`, loose: false, edge };
}

/** How a factor is written: as a symbol, as its rule, as a number. */
const SPELLINGS = {
  symbols(edge) {
    const direct = !DATA.alias && edge[0] === ROOT && users[below(edge)].length > 1;
    return ratioOf(nameOf(edge[0]), nameOf(below(edge)), edge, direct ? `|${SAY.direct}` : "");
  },
  rules(edge, named) {
    const node = NODES[edge[0]];
    if (!node.prime) return ruleOf(edge);
    const [prime, rule] = node.prime.map((text) => plain(text, edge));
    if (named.size < LINES || named.has(prime.text)) named.set(prime.text, [prime, rule, numeral(factor(edge), edge)]);
    return prime;
  },
  numbers: (edge) => numeral(factor(edge), edge),
};

/** Return the rule of a local derivative; of several cases, the one that holds. */
function ruleOf(edge) {
  const [k, index] = edge, node = NODES[k], cases = node.rules[index];
  if (!cases.length) return numeral(factor(edge), edge);
  const position = parents[k][index][1], choice = ROWS[node.row].choices?.[position];
  if (cases.length === 1 || !choice) return plain(cases[0], edge);
  load(k, value);
  return plain(cases[choice(value[k], ...scratch)], edge);
}

/** Write each edge of a chain; of a long chain, the two ends. */
function each(spell, edges) {
  if (edges.length <= LONGEST) return edges.map(spell);
  const half = LONGEST / 2, gap = { text: `[${say("more_factors", { count: edges.length - LONGEST })}]`, loose: false };
  return [...edges.slice(0, half).map(spell), gap, ...edges.slice(-half).map(spell)];
}

/** A sum is a list of terms, a term a list of factors; each knows whether it stands alone. */
const textOfTerm = (factors) =>
  factors.length === 1 ? factors[0].text : factors.map((f) => bracketed(f).text).join(" · ");
const term = (factors) => (factors.length ? factors.map(bracketed) : [numeral(1)]);
const sumOf = (terms) => ({ terms, text: terms.map(textOfTerm).join(" + ") });
function sumFrom(products, more) {
  const alone = !more.length && products.length === 1 && products[0].length === 1;
  return sumOf(alone ? products : [...products.map(term), ...more]);
}

const once = (forms) => forms.filter((form, i) => forms.findIndex(({ text }) => text === form.text) === i);

function sumOverPaths(leaf, named) {
  const { shown, rest } = findPaths(leaf), count = DATA.counts[LEAVES.indexOf(leaf)], left = wholeOf(leaf);
  const others = Number(count.replaceAll(",", "")) - shown.length;
  if (!shown.length) return { left, forms: [{ kind: "result", ...sumOf([[{ text: SAY.no_path }]]) }] };
  const many = others > 0 ? others.toLocaleString("en") : Number.isNaN(others) ? count : "";
  const remaining = many ? [[{ text: `[${say("more_paths", { count: many })}]` }]] : [];
  const forms = [];
  if (shown.some((edges) => edges.length)) {
    for (const [kind, spell] of Object.entries(SPELLINGS)) {
      const head = DATA.alias ? [kind === "symbols" ? ratioOf(rootName, nameOf(ROOT)) : numeral(1)] : [];
      const products = shown.map((edges) => [...head, ...each((edge) => spell(edge, named), edges)]);
      forms.push({ kind, ...sumFrom(products, remaining) });
    }
  }
  if (shown.length > 1 || many) {
    const sums = [...shown.map(productOf), ...(many ? [rest] : [])];
    forms.push({ kind: "sum", ...sumOf(sums.map((x) => [bracketed(numeral(x))])) });
  }
  forms.push({ kind: "result", ...sumOf([[numeral(grad[leaf])]]) });
  return { left, forms: once(forms).filter((form) => form.text !== left.text) };
}
const wholeOf = (k) => ratioOf(rootName, nameOf(k));

/** Return the size of the term of a chain. */
const amountOf = (chain) => Math.abs(grad[chain[0][0]] * productOf(chain));

/** Write the recursion: each node's derivative from those of the nodes that use it. */
function grouped(leaf, named) {
  const queue = [leaf], seen = new Set(queue), lines = [];
  while (queue.length && lines.length < LINES) {
    const k = queue.shift(), uses = users[k].map(([user, index]) => [user, index]);
    const chains = uses.slice(0, LINES).map((edge) => {
      const chain = [edge];
      for (let [at] = edge; at !== ROOT && users[at].length === 1; [at] = chain.at(-1)) {
        chain.push(users[at][0].slice(0, 2));
      }
      return chain.reverse();
    }).sort((a, b) => amountOf(b) - amountOf(a)); // as the paths above
    for (const [[end]] of chains) {
      if (end !== ROOT && !seen.has(end)) {
        seen.add(end);
        queue.push(end);
      }
    }
    const late = uses.slice(LINES), sum = late.reduce((total, edge) => total + grad[edge[0]] * factor(edge), 0);
    const more = late.length ? [[{ text: `[${say("more_terms", { count: late.length, sum: number(sum) })}]` }]] : [];
    const forms = Object.entries(SPELLINGS).map(([kind, spell]) => ({ kind, ...sumFrom(chains.map((chain) => {
      const end = chain[0][0], head = kind === "numbers" ? numeral(grad[end]) : wholeOf(end);
      return [...(end !== ROOT || DATA.alias ? [head] : []), ...each((edge) => spell(edge, named), chain)];
    }), more) }));
    lines.push({ left: wholeOf(k), forms: once([...forms, { kind: "result", ...sumOf([[numeral(grad[k])]]) }]) });
  }
  return lines;
}

// ------------------------------------------------------------ on the page

const NUMERAL = /^[(]?−?([0-9.]+(e−?[0-9]+)?|inf|nan)[)]?$/;
let numerals = []; // the elements that hold numbers, in their order, and the line of each
let pattern = ""; // everything that is written except the numbers

function pieceOf({ text, edge }) {
  const parts = text.match(/^∂(.+)[/]∂([^|]+)([|].+)?$/);
  const [, top, bottom, mark] = parts ?? [];
  const inside = parts ? [fraction(`∂${top}`, `∂${bottom}`), ...(mark ? [make("sub", "", mark)] : [])] : [text];
  const piece = make("span", edge ? "factor" : "", ...inside);
  if (edge) piece.dataset.edge = edge.slice(0, 2).join(":");
  if (NUMERAL.test(text)) numerals.push({ piece });
  return piece;
}

function formOf({ kind, terms, text }) {
  const rows = text.length > WIDTH && terms.length > 1 ? terms.map((factors) => [factors]) : [terms];
  return rows.map((some, i) => {
    const written = some.map((factors) =>
      make("span", "term", ...factors.flatMap((f, n) => [...(n ? [" · "] : []), pieceOf(f)])));
    const sum = written.flatMap((term, j) => [...(j ? [" + "] : []), term]);
    const line = make("div", `form ${kind}`, make("span", "sign", i ? "+" : "="), make("span", "sum", ...sum));
    if (!i && SAY[kind]) line.title = SAY[kind];
    return line;
  });
}

function lineOf({ left, forms }) {
  return make("div", "line", make("div", "left", pieceOf(left)), make("div", "forms", ...forms.flatMap(formOf)));
}

/** Return all numbers of some lines, and all else that is written in them. */
function readLines(lines) {
  const found = [], rest = [];
  for (const { left, forms } of lines) {
    rest.push(left.text);
    for (const { kind, terms, text } of forms) {
      rest.push(kind, text.length > WIDTH);
      for (const factors of terms) {
        for (const { text: written, edge } of factors) {
          if (NUMERAL.test(written)) found.push(written);
          rest.push(NUMERAL.test(written) ? "#" : written, edge?.[0]);
        }
        rest.push("+");
      }
    }
    rest.push("=");
  }
  return [found, rest.join(" ")];
}

const board = find("#derivation .board");
let openGroup = false;
function showDerivation() {
  const named = new Map(), sum = sumOverPaths(chosen, named);
  const uses = users[chosen].length.toLocaleString("en"); // where each of them is a path, there is nothing to group
  const meet = !["0", "1", uses].includes(DATA.counts[LEAVES.indexOf(chosen)]);
  const recursion = meet && openGroup ? grouped(chosen, named) : [];
  const wheres = [...named.values()].map(([left, ...forms]) =>
    ({ left, forms: once(forms.map((form) => ({ kind: "where", ...sumOf([[form]]) }))) }));
  const [found, rest] = readLines([sum, ...wheres, ...recursion]);
  if (pattern === rest + meet) { // only numbers change: most frames of a move
    found.forEach((text, i) => {
      if (!waits(numerals[i].line)) setText(numerals[i].piece, text);
    });
    return;
  }
  pattern = rest + meet;
  numerals = [];
  const blocks = [lineOf(sum)];
  if (wheres.length) blocks.push(make("div", "wheres", make("small", "", SAY.where), ...wheres.map(lineOf)));
  if (meet) {
    const more = make("details", "", make("summary", "", SAY.grouped), ...recursion.map(lineOf));
    more.open = openGroup;
    more.addEventListener("toggle", () => {
      openGroup = more.open;
      showDerivation();
    });
    blocks.push(more);
  }
  board.replaceChildren(...blocks);
  for (const numeral of numerals) {
    numeral.line = numeral.piece.closest(".form");
    sight.observe(numeral.line);
  }
  for (const piece of all(".form.symbols .factor", board)) piece.tabIndex = 0;
}
sight.observe(board);
watchers.push(() => {
  if (isShown("derivation") && !waits(board)) showDerivation();
});

/** A factor and its arrow light up together. */
function light(key, on) {
  const arrow = arrowOf.get(key);
  if (!arrow) return;
  for (const element of [arrow.group, arrow.label].filter(Boolean)) element.classList.toggle("lit", on);
  for (const factor of all(".factor", board)) if (factor.dataset.edge === key) factor.classList.toggle("lit", on);
}
for (const [kind, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]]) {
  board.addEventListener(kind, (event) => {
    const key = event.target.closest?.(".factor")?.dataset.edge;
    if (key) light(key, on);
  });
}
for (const [key, { group }] of arrowOf) {
  group.addEventListener("pointerenter", () => light(key, true));
  group.addEventListener("pointerleave", () => light(key, false));
}
