/* Start: the parts that are left, and the first frame. */

// ------------------------------------------------------------ the picture: whole, or large enough to read

const LEGIBLE = 0.62, { width, height } = svg.viewBox.baseVal;
const wholeButton = find("#whole");
function fit() {
  const room = Math.min((picture.clientWidth - 2) / width, (picture.clientHeight - 2) / height, 1.5);
  const small = room < LEGIBLE;
  wholeButton.hidden = !small;
  svg.style.maxWidth = "none";
  svg.style.width = `${Math.floor(width * (small && wholeButton.getAttribute("aria-pressed") !== "true" ? 0.8 : room))}px`;
}
wholeButton.addEventListener("click", () => {
  wholeButton.setAttribute("aria-pressed", String(wholeButton.getAttribute("aria-pressed") !== "true"));
  fit();
});
new ResizeObserver(fit).observe(picture);

// ------------------------------------------------------------ to keep: a link, and lines of Python

watchers.push(() => {
  if (!find("#keep").open) return;
  const lines = LEAVES.map((leaf) => (NODES[leaf].python ? `${NODES[leaf].python}.data = ${full(value[leaf])}` : `# ${names[leaf]} = ${full(value[leaf])}`));
  setText(find("#python"), lines.join("\n"));
  setText(find("#link"), window === window.top ? window.location.href.replace(/#.*/, "") + fragment() : fragment());
});
find("#keep").addEventListener("toggle", () => refresh());
for (const button of all("#keep button")) {
  button.addEventListener("click", async () => {
    const text = find(`#${button.dataset.copies}`);
    window.getSelection().selectAllChildren(text);
    try {
      await navigator.clipboard.writeText(text.textContent);
      announce(SAY.copied);
      button.classList.add("done");
    } catch {
      announce(""); // the text is selected: it can be copied by hand
    }
  });
}

const details = find(".steps");
details.open = false;
window.addEventListener("beforeprint", () => { find("#derivation").scrollTop = 0; });
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
