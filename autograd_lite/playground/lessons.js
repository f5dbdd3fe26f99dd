/* Lessons: a net that is set up to show one thing. The student answers a question first, then the page trains it. */

const lessonBox = find("#lesson"), lessonList = find("#lessons");
let lesson = null, showing = 0, begun = NaN; // begun: the gradient of the first layer beside the last, before training
let before = null; // the page as it was when the first lesson was opened

for (const { name, items } of DATA.lessons) {
  lessonList.append(Object.assign(make("option", "", `${SAY[`lesson_${name}_title`]} (${items})`), { value: name }));
}

/** Return a fragment with the settings of its lesson in front of its own. */
function withLesson(text) {
  const name = /(?:^|[#&])lesson=([a-z_]+)/.exec(text)?.[1], found = DATA.lessons.find((each) => each.name === name);
  return found ? `${found.start}&${text.replace(/^#/, "")}` : text;
}

/** Set the page to a fragment; hidden parts stay hidden. Return the number of epochs that it asks for. */
function setTo(text) {
  setPlaying(false);
  const epochs = readFragment(`${text}&hide=${state.view.hide.join()}`);
  changed("data");
  return epochs;
}

function openLesson(name) {
  before ??= { text: fragment(), parameters: Float64Array.from(session.net.parameters) };
  setTo(`lesson=${name}`);
  ask();
  find(".answer", lessonBox)?.focus({ preventScroll: true });
}

/** Put the page back as it was before the lessons, weights set by hand and all. */
function leaveLessons() {
  showing += 1;
  const { text, parameters } = before ?? { text: "" }, epochs = setTo(text);
  before = null;
  trainTo(epochs, () => {
    const { net } = session;
    if (parameters?.length === net.parameters.length && parameters.some((x, i) => !Object.is(x, net.parameters[i]))) {
      net.parameters.set(parameters);
      session.edited.add("step");
    }
    changed("numbers");
  });
}

// ------------------------------------------------------------ the question and the answer

/** Return the numbers that an answer may name. */
function lessonFigures() {
  const { net, history, train, epoch: epochs } = session, { layers } = measure();
  const relus = layers.filter(({ activation }) => activation === DATA.activations.relu);
  const sum = (count) => relus.reduce((whole, layer) => whole + count(layer), 0);
  return { epochs, right: `${number(100 * shareRight(train), 3)} %`, loss: number(history.loss.at(-1), 3),
    start: number(history.loss[0], 3), ratio: number(begun, 2), weight: number(net.parameters[0], 2),
    silent: sum(({ dead }) => dead?.length ?? 0), units: sum(({ units }) => units) };
}

function lessonButton(text, kind, act) {
  const button = Object.assign(make("button", kind, text), { type: "button" });
  button.addEventListener("click", act);
  return button;
}

function ask() {
  const { name, items } = lesson, text = (part) => SAY[`lesson_${name}_${part}`];
  showing += 1;
  const choices = [1, 2, 3].map((k) => lessonButton(text(k), "answer", () => answer(k)));
  find(".seen", lessonBox).replaceChildren();
  const head = make("h2", "", text("title"), " ", make("small", "", say("lesson_items", { items })));
  find(".asked", lessonBox).replaceChildren(head, make("p", "", text("question")), make("div", "answers", ...choices));
}

function answer(choice) {
  const { right, epochs, name } = lesson, found = choice === right;
  all(".answer", lessonBox).forEach((button, i) => {
    button.setAttribute("aria-pressed", String(i + 1 === choice));
    button.disabled = true;
  });
  setTo(`lesson=${name}`);
  show(epochs, () => {
    all(".answer", lessonBox).forEach((button, i) => button.classList.toggle("correct", i + 1 === right));
    showSeen(found ? SAY.lesson_right : SAY.lesson_wrong, `lesson_${name}_answer`);
  });
}

function tryIt([key, change, epochs]) {
  const { name } = lesson;
  setTo(`lesson=${name}&${change}`);
  show(epochs, () => showSeen("", `lesson_${name}_${key}_seen`));
}

/** Describe the training that was seen, in words and numbers, and offer the next tries. */
function showSeen(verdict, key) {
  const { name, tries } = lesson, text = say(key, lessonFigures());
  const buttons = tries.map((each) => lessonButton(SAY[`lesson_${name}_${each[0]}`], "", () => tryIt(each)));
  const again = lessonButton(SAY.lesson_again, "", () => {
    setTo(`lesson=${name}`);
    ask();
  });
  const line = verdict ? [make("b", "", verdict), " ", text] : [text];
  find(".seen", lessonBox).replaceChildren(make("p", "", ...line), make("div", "tries", ...buttons, again));
  announce(`${verdict} ${text}`);
}

/** Train so many epochs before the student's eyes, in about a second and a half; then do something. */
function show(epochs, then) {
  const mine = ++showing, pace = Math.max(1, Math.ceil(epochs / 60)), last = session.epoch + epochs;
  begun = measure().layers[0].ratio;
  find(".seen", lessonBox).replaceChildren(make("p", "", say("lesson_training", { count: epochs })));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const next = () => {
    if (mine !== showing || playing) return;
    for (let i = 0; i < (still ? epochs : pace) && session.epoch < last && !session.trouble; i++) epoch();
    changed("numbers");
    if (session.epoch < last && !session.trouble) window.requestAnimationFrame(next);
    else then();
  };
  next();
}

/** Follow the state: the lesson that it names is open. */
function showLesson() {
  const found = DATA.lessons.find(({ name }) => name === state.view.lesson) ?? null, isNew = found !== lesson;
  lesson = found;
  lessonBox.hidden = !lesson;
  lessonList.value = lesson?.name ?? "";
  if (lesson && isNew) ask();
}

follow("data", showLesson);
lessonList.addEventListener("change", () => (lessonList.value ? openLesson(lessonList.value) : leaveLessons()));
find("#leave").addEventListener("click", leaveLessons);
