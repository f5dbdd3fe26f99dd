/* Start: the state that the address asks for, and the first frame. */

follow("net", buildNet);
follow("numbers", drawAll);
follow("view", drawMap);
for (const show of [showFigures, showTags, showUnit, showRewind, followHealth]) followText("numbers", show);
for (const show of [showMap, showParts, showKept, showExample, showHand, showChosen]) followText("view", show);
follow("rows", writeAddress);

buildBoxes();

let sized = "";
const sizes = new ResizeObserver(() => {
  const size = [field.clientWidth, field.clientHeight, mapMarks.clientWidth].join();
  if (size === sized || !session.net) return;
  sized = size;
  placeNet();
  if ("ready" in root.dataset) drawAll();
});
for (const element of [find("main"), field]) sizes.observe(element);

/** Train until so many epochs are done, a slice at a time: a long wait leaves the page alive. */
function trainTo(epochs, then) {
  const end = performance.now() + 200;
  while (session.epoch < epochs && !session.trouble && performance.now() < end) epoch();
  if (session.epoch < epochs && !session.trouble) window.setTimeout(trainTo, 0, epochs, then);
  else then();
}

/** Draw all anew in other colours. */
function recolour() {
  themeNow.clear();
  if ("ready" in root.dataset) changed("numbers");
}
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(event, () => {
    onPaper = paper;
    root.classList.toggle("paper", paper); // the picture of the net is as wide as a sheet
    placeNet();
    recolour();
  });
}

function open() {
  delete root.dataset.ready;
  const text = window.location.hash, epochs = readFragment(text);
  changed("data");
  noteAddress(text);
  trainTo(epochs, () => {
    changed("numbers");
    root.dataset.ready = "";
  });
}
window.addEventListener("hashchange", () => {
  setPlaying(false);
  open();
});
open();
