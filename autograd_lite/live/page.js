/* The size of the picture, the link and the lines of Python; then the page starts. */

// ------------------------------------------------------------ the picture: whole, or large enough to read

const LEGIBLE = 0.62, NEAR = 0.8; // smaller cannot be read: the picture is shown at this scale, and follows the steps
const wholeButton = find("#whole");
let closeUp = false;
function fit() {
  const high = (picture.clientHeight - 2) / height, room = Math.min((picture.clientWidth - 2) / width, high, 1.5);
  wholeButton.hidden = room >= LEGIBLE;
  closeUp = room < LEGIBLE && wholeButton.getAttribute("aria-pressed") !== "true";
  svg.style.maxWidth = "none";
  svg.style.width = `${Math.floor(width * (closeUp ? Math.min(Math.max(high, NEAR), 1.1) : room))}px`;
  look();
  follow();
}

/** Bring the nodes of a step into the middle of a picture that is larger than its frame. */
function follow() {
  if (!stepsOn || !closeUp) return;
  const boxOf = (k) => cards[k].group.getBoundingClientRect(), frame = picture.getBoundingClientRect();
  const first = () => LEAVES.reduce((a, b) => (boxOf(b).left < boxOf(a).left ? b : a)); // where the computation begins
  const boxes = (nodesOfStep() ?? [first()]).map(boxOf);
  const middle = (low, high, room) => {
    const from = Math.min(...boxes.map((box) => box[low])), to = Math.max(...boxes.map((box) => box[high]));
    return to - from < room ? (from + to) / 2 : (boxes[0][low] + boxes[0][high]) / 2; // too far apart: the node alone
  };
  picture.scrollTo({
    left: picture.scrollLeft + middle("left", "right", picture.clientWidth) - frame.left - picture.clientWidth / 2,
    top: picture.scrollTop + middle("top", "bottom", picture.clientHeight) - frame.top - picture.clientHeight / 2,
    behavior: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
}
wholeButton.addEventListener("click", () => {
  wholeButton.setAttribute("aria-pressed", String(wholeButton.getAttribute("aria-pressed") !== "true"));
  fit();
});
new ResizeObserver(fit).observe(picture);

// ------------------------------------------------------------ to keep: a link, and lines of Python

watchers.push(() => {
  if (!find("#keep").open) return;
  const lines = LEAVES.map((leaf) => {
    const { python } = NODES[leaf];
    return `${python ? `${python}.data` : `# ${names[leaf]}`} = ${full(value[leaf])}`;
  });
  setText(find("#python"), lines.join("\n"));
  setText(find("#link"), linkTo(fragment()));
});
find("#keep").addEventListener("toggle", () => refresh());
copyAtAClick("");

const details = find(".steps");
details.open = false;
window.addEventListener("hashchange", () => {
  readFragment(window.location.hash);
  openPrediction();
  openSteps();
});
readFragment(window.location.hash);
anchor = snapshot();
anchored = { result: value[ROOT], grad: Float64Array.from(grad) };
openPrediction();
openSteps();
refresh();
fit();
root.dataset.ready = "";
