/* Predict first: a question, an answer, and only then what happens; a hint names the slip. */

const game = { on: false, question: null, right: 0, asked: 0 };
const predictButton = find("#predict"), panel = find("#prediction");
const KINDS = ["way", "far", "largest"];

/** Return a question of the next kind; the leaves take turns, and each moves by ten of its steps. */
function ask() {
  const kind = KINDS[game.asked % KINDS.length], many = LEAVES.filter((leaf) => above(leaf).length);
  const turn = Math.floor(game.asked / KINDS.length) % many.length;
  const leaf = kind === "far" && game.question ? game.question.leaf : many[turn] ?? LEAVES[0];
  const [, , step] = rangeOf(leaf), next = stepped(leaf, 10), tried = rootOver(leaf)(next);
  return { kind, leaf, next, by: next - value[leaf], step, before: value[ROOT], after: tried,
    grads: Float64Array.from(grad), done: false };
}

/** Tell whether two numbers differ by no more than a relative tolerance, or by what rounding explains. */
const near = (x, y, tolerance, rounding = 0) => Math.abs(x - y) <= Math.max(tolerance * Math.abs(y), rounding);

/** Return how far rounding alone may put a promised change off: where paths cancel, and beside the change itself. */
function roundingOf(q) {
  const { shown, rest } = findPaths(q.leaf), sizes = [...shown.map(productOf), rest].map(Math.abs);
  const terms = sizes.reduce((sum, size) => sum + size, 0) * Math.abs(q.by);
  return 4 * Number.EPSILON * terms + 1e-12 * Math.abs(q.after - q.before);
}

/** Return the hint for a wrong number: the slip it comes from, as in grading. */
function hintFor(q, x) {
  const name = names[q.leaf], promised = q.grads[q.leaf] * q.by, close = (y) => near(x, y, 0.03) && y !== 0;
  if (close(-promised)) return SAY.hint_sign;
  if (close(q.grads[q.leaf])) return say("hint_slope", { name });
  if (close(q.by)) return say("hint_move", { name });
  const paths = findPaths(q.leaf).shown;
  if (paths.length > 1 && paths.some((edges) => close(productOf(edges) * q.by))) {
    return say("hint_path", { name, count: users[q.leaf].length });
  }
  if (users[q.leaf].some(([k, index]) => close(factor([k, index]) * q.by))) return SAY.hint_upstream;
  const factors = paths.flatMap((edges) => edges.map((edge) => productOf(edges) / factor(edge)));
  if (factors.some((y) => close(y * q.by))) return say("hint_factor", { root: OUT });
  return say("hint_far", { root: OUT });
}

function judge(given) {
  const q = game.question, name = names[q.leaf], promised = q.grads[q.leaf] * q.by;
  if (q.kind === "largest") {
    const most = Math.max(...LEAVES.map((leaf) => Math.abs(q.grads[leaf]) || 0));
    const right = Math.abs(q.grads[given]) === most;
    return [right, right ? "" : say("hint_largest", { root: OUT, name: names[given], grad: number(q.grads[given]) })];
  }
  if (q.kind === "way") {
    const way = q.after > q.before ? "up" : q.after < q.before ? "down" : "stays";
    return [given === way, given === way ? "" : say("hint_way", { root: OUT, name })];
  }
  const right = near(given, promised, 0.05, roundingOf(q)) || near(given, q.after - q.before, 0.05);
  return [right, right ? "" : hintFor(q, given)];
}

function answer(given, note) {
  const q = game.question;
  if (q.done) return;
  const [right, hint] = judge(given);
  if (!q.tried) {
    game.asked += 1;
    game.right += right ? 1 : 0;
  }
  q.tried = true;
  note.className = `verdict ${right ? "right" : "wrong"}`;
  setText(note, `${right ? SAY.right : SAY.wrong} ${hint}`);
  announce(note.textContent);
  showScore();
  if (right) reveal();
}

/** Show what happens: the leaf moves, and what was hidden appears again. */
function reveal() {
  const q = game.question, name = names[q.leaf];
  q.done = true;
  asking(false);
  if (q.kind !== "largest") move(q.leaf, q.next);
  else refresh();
  const best = LEAVES.reduce((a, b) => (Math.abs(q.grads[b]) > Math.abs(q.grads[a]) ? b : a));
  const text = q.kind === "largest"
    ? say("shown_largest", { root: OUT, name: names[best], grad: number(q.grads[best]) })
    : say("shown", { root: OUT, before: number(q.before), after: number(q.after), change: signed(q.after - q.before),
      grad: number(q.grads[q.leaf]), move: number(q.by), predicted: signed(q.grads[q.leaf] * q.by), name });
  setText(find(".outcome", panel), text);
  find(".answers", panel).toggleAttribute("inert", true);
  find("#show").hidden = true;
  find("#again").hidden = false;
  find("#again").focus();
}

/** Hide what would give the answer away, and lock the leaves. */
function asking(on) {
  root.classList.toggle("asking", on);
  root.classList.toggle("secret", secret());
  find("#leaves").toggleAttribute("inert", on);
}

function showScore() {
  setText(find(".score", panel), game.asked ? say("score", { right: game.right, asked: game.asked }) : "");
}

function pose() {
  const q = game.question = ask(), note = find(".verdict", panel), name = names[q.leaf];
  choose(q.leaf);
  asking(true);
  const button = (text, given) => {
    const made = Object.assign(make("button", "", text), { type: "button" });
    made.addEventListener("click", () => answer(given, note));
    return made;
  };
  const texts = { name, value: number(value[q.leaf]), next: number(q.next), root: OUT };
  let text = say("question_way", texts), answers;
  if (q.kind === "way") answers = ["up", "down", "stays"].map((way) => button(SAY[way], way));
  else if (q.kind === "largest") {
    text = SAY.question_largest;
    answers = LEAVES.slice(0, 24).map((leaf) => button(names[leaf], leaf));
  } else {
    text = say("question_far", texts);
    const typed = Object.assign(make("input", "typed"), { type: "text", autocomplete: "off" });
    typed.setAttribute("aria-label", text);
    const done = Object.assign(make("button", "", SAY.answer), { type: "button" });
    const give = () => {
      const x = readNumber(typed.value);
      if (Number.isNaN(x)) setText(note, SAY.not_a_number);
      else answer(x, note);
    };
    done.addEventListener("click", give);
    typed.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would click the button that has the focus then
      give();
    });
    answers = [typed, done];
  }
  note.className = "verdict";
  setText(note, "");
  setText(find(".question", panel), text);
  setText(find(".outcome", panel), "");
  find(".answers", panel).replaceChildren(...answers);
  find(".answers", panel).removeAttribute("inert");
  find("#show").hidden = false;
  find("#again").hidden = true;
  showScore();
  announce(text);
  refresh();
}

function predicting(on) {
  game.on = on;
  if (on && stepsOn) showSteps(false);
  panel.hidden = !on;
  predictButton.setAttribute("aria-pressed", String(on));
  asking(on);
  if (on) {
    page.predict = "";
    pose();
  } else {
    delete page.predict;
    refresh();
  }
}
predictButton.addEventListener("click", () => predicting(!game.on));
find("#show").addEventListener("click", () => {
  const q = game.question;
  if (!q.tried) game.asked += 1;
  q.tried = true;
  showScore();
  reveal();
});
find("#again").addEventListener("click", pose);

/** Open the page in this mode where its address says so. */
function openPrediction() {
  if ("predict" in page !== game.on) predicting("predict" in page);
}
