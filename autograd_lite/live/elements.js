/* Elements and texts: every text is set as text, never as markup. */

const root = document.documentElement;
root.classList.add("live");
root.classList.toggle("framed", window !== window.top);

const SAY = DATA.words;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Return one of the page's texts, its braces filled in; of one|several, the form that fits the count. */
function say(key, inside = {}) {
  const [one, several = one] = SAY[key].split("|"), text = String(inside.count) === "1" ? one : several;
  return text.replace(/[{]([a-z]+)[}]/g, (whole, name) => inside[name] ?? whole);
}

function make(tag, kind = "", ...inside) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.append(...inside);
  return element;
}

/** Set a text or an attribute only where it changes: most of a frame's time goes into these. */
function changes(element, name, text) {
  const known = element.known ??= {}, is = !Object.is(known[name], text);
  known[name] = text;
  return is;
}
function setText(element, text) {
  if (!changes(element, "", text)) return;
  const node = element.firstChild;
  if (text && node?.data && !node.nextSibling) node.data = text; // the node stays, and with it its style
  else element.textContent = text;
}
function setAttribute(element, name, text) {
  if (changes(element, name, text)) element.setAttribute(name, text);
}
function setClass(element, name, on) {
  if (changes(element, `.${name}`, on)) element.classList.toggle(name, on);
}

const SVG = find("svg").namespaceURI;
function draw(tag, attributes, ...inside) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, text] of Object.entries(attributes)) element.setAttribute(name, text);
  element.append(...inside);
  return element;
}

/** Return a ratio as a fraction; its text is that of one line. */
function fraction(above, below) {
  return make("span", "fraction", make("span", "", above), make("span", "slash", "/"), make("span", "", below));
}

/** Announce a text to screen readers. */
function announce(text) {
  if ("ready" in root.dataset) setText(find("#status"), text);
}

/** Return a link to a state of the page; in a frame, which has no address of its own, the fragment alone. */
function linkTo(state) {
  return window === window.top ? window.location.href.replace(/#.*/, "") + state : state;
}

/** Let the buttons of #keep copy the text that each names; where that is forbidden, select it and say `otherwise`. */
function copyAtAClick(otherwise) {
  for (const button of all("#keep [data-copies]")) {
    button.addEventListener("click", async () => {
      const text = find(`#${button.dataset.copies}`);
      window.getSelection().selectAllChildren(text);
      try {
        await navigator.clipboard.writeText(text.textContent);
        announce(SAY.copied);
        button.classList.add("done");
      } catch {
        announce(otherwise); // the text is selected: it can be copied by hand
      }
    });
  }
}
