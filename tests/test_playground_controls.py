"""Every control of the playground, by mouse and by keys: each must change what is shown, and none may be forgotten."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograd_lite import nn
from autograd_lite.words import part, speaking
from tests.test_explore import Viewer
from tests.test_playground import figures, kept, opened  # noqa: F401
from tests.test_stepper import browser  # noqa: F401

Open = Callable[..., Viewer]

# All that can be clicked, dragged, typed into or reached by Tab, each with a name that stays when the net changes.
LISTED = """() => [...document.querySelectorAll("button, select, input, summary, [tabindex], [role=button], a[href]")]
  .map((e, i) => {
    e.dataset.number = i;
    const data = ["tool", "mode", "speed", "kind", "copies", "unit"].find((name) => name in e.dataset);
    const name = e.id ? `#${e.id}` : e.dataset.key ? e.dataset.key.replace(/[0-9]+/g, "N") : data ? `[${data}]`
      : `#${e.closest("[id]").id} ${e.tagName.toLowerCase()}`;
    return [name, i, e.checkVisibility() && !e.disabled];
  })"""

# How each is used. "press": by mouse, and by Space; "choose": another option; "type": a number; "slide": by mouse and
# by arrows; "read": a text or a table that scrolls, reached by Tab; the others have a test of their own.
USED = {
    "press": {"#reset", "#play", "#one-epoch", "#one-step", "#slow", "[speed]", "#another", "#fewer", "#more", "less-N",
              "more-N", "unit-N-N", "#show-gradients", "[mode]", "[tool]", "#undo", "#put-back", "#log", "#forget-runs",
              "#unchoose", "#example-before", "#example-after", "#unfold", "[unit]", "[kind]", "#leave",
              "#lesson button", "#graph summary", "#listed summary", "#keep summary", "#hiding summary",
              "#hiding input", "[copies]"},
    "choose": {"#lessons", "#data-count", "#fit-share", "#fit-optimizer", "#fit-lr", "#fit-momentum", "#fit-batch",
               "#fit-decay", "#net-init", "#net-bias", "activation-N", "pairing-N", "#map select", "#hand-class"},
    "type": {"#data-seed", "#fit-seed", "#net-seed", "#which", "#unit input", "#hand-number"},
    "slide": {"#data-noise", "#rewind input"},
    "read": {"#net div", "#graph div", "#listed div", "#model", "#python", "#link", "#history"},
    "own test": {"#map canvas", "#weight input", "#file", "#download"},
}  # fmt: skip

# Pages in which all of them are seen.
SCENES = {
    "net": ("#epochs=2&optimizer=momentum&weightseed=3", None),
    "points": ("#epochs=2&layers=2", "points"),
    "lesson": ("#lesson=xor", "lesson"),
    "inputs": ("#epochs=1", "inputs"),
}

# What a control changes is seen in the texts, the settings, the pictures, or in what is announced.
SHOWN = """() => {
  const root = document.documentElement, all = (s) => [...document.querySelectorAll(s)];
  const pictures = all("#net canvas, #map canvas, #curves canvas").map((e) => e.toDataURL());
  return JSON.stringify([{ ...root.dataset }, document.body.innerText, pictures, getSelection().toString(),
    all("input, select").map((e) => e.value + e.checked), all("[aria-pressed]").map((e) => e.ariaPressed),
    all("details").map((e) => e.open), document.querySelector("#status").textContent]);
}"""


def prepared(opened: Open, name: str) -> Viewer:  # noqa: F811
    fragment, kind = SCENES[name]
    X = [[i / 10, (i % 3) / 2, -i / 20, 0.5] for i in range(20)]
    page = nn.playground() if kind != "inputs" else nn.playground(None, X, [x[0] + x[1] for x in X])
    viewer = opened(page, fragment, reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"])
    for selector in ("#graph summary", "#listed summary", "#keep summary"):
        viewer.page.click(selector)
    if kind in ("points", "inputs"):
        viewer.page.click("[data-tool=add]")
        viewer.page.locator("#map .marks").press("a")
        viewer.page.click("#hiding summary")
    if kind == "points":
        for selector in ("#another", "#one-epoch", "#another", "[data-key=unit-1-0]"):
            viewer.page.click(selector)
    if kind == "lesson":
        viewer.page.click(".answer >> nth=0")
        viewer.page.wait_for_selector("#lesson .tries")
        viewer.page.wait_for_timeout(400)
    return viewer


def test_every_control_is_known(opened: Open) -> None:  # noqa: F811
    found = {name for name, _, _ in prepared(opened, "lesson").page.evaluate(LISTED)}
    found |= {name for name, _, _ in prepared(opened, "inputs").page.evaluate(LISTED)}
    assert found == set().union(*USED.values())


def use(viewer: Viewer, name: str, kind: str, numbers: list[int]) -> None:
    """Use a control by mouse and by keys, the first and the last of its kind: each way must change what is shown."""
    page, number = viewer.page, numbers[-1]
    control, first = (page.locator(f"[data-number='{i}']") for i in (number, numbers[0]))
    control.scroll_into_view_if_needed()

    def by(way: Callable[[], Any], what: str) -> None:
        before = page.evaluate(SHOWN)
        way()
        page.wait_for_timeout(60)
        assert page.evaluate(SHOWN) != before, f"{name} does nothing, {what}"

    if kind == "press":
        control.focus()
        by(lambda: page.keyboard.press("Space"), "by keys")
        if name == "#reset":
            page.keyboard.press("e")
        if first.is_visible() and first.is_enabled():
            by(first.click, "by mouse")
    elif kind == "choose":
        now = control.input_value()
        values = control.locator("option").evaluate_all("all => all.filter(e => !e.disabled).map(e => e.value)")
        if others := [value for value in values if value not in (now, "")]:
            by(lambda: control.select_option(others[0]), "chosen")
    elif kind == "type":
        by(lambda: control.fill("7" if control.input_value() != "7" else "8"), "typed")
        control.press("Enter")
    elif kind == "slide":
        control.focus()
        way = "ArrowLeft" if float(control.input_value()) > float(control.get_attribute("min") or 0) else "ArrowRight"
        by(lambda: page.keyboard.press(way), "by keys")
        box = control.bounding_box()
        assert box is not None
        to = box["x"] + box["width"] * (0.9 if way == "ArrowLeft" else 0.1)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        by(lambda: page.mouse.move(to, box["y"] + box["height"] / 2, steps=3), "dragged")
        page.mouse.up()
    else:
        control.focus()
        assert page.evaluate("document.activeElement.dataset.number") == str(number), name


@pytest.mark.slow
def test_every_control_does_something(opened: Open) -> None:  # noqa: F811
    kinds = {name: kind for kind, names in USED.items() for name in names}
    used = set(USED["own test"])
    for scene in SCENES:
        viewer = prepared(opened, scene)
        seen = {name for name, _, visible in viewer.page.evaluate(LISTED) if visible}
        for name in sorted(seen - used - {"#leave", "#lessons"}) + sorted({"#leave", "#lessons"} & seen - used):
            listed = viewer.page.evaluate(LISTED)
            if found := [number for other, number, visible in listed if other == name and visible]:
                use(viewer, name, kinds[name], found)
                used.add(name)
        viewer.close()
    assert used == kinds.keys()


@pytest.mark.slow
def test_every_control_has_a_name(opened: Open) -> None:  # noqa: F811
    """In the tree that a screen reader reads; and Tab comes to all of them and out again."""
    page = prepared(opened, "points").page
    client = page.context.new_cdp_session(page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "combobox", "slider", "spinbutton", "textbox", "checkbox", "img", "region", "group"}
    nameless = [node["role"]["value"] for node in nodes if not node["ignored"] and node["role"]["value"] in roles
                and not node.get("name", {}).get("value")]  # fmt: skip
    assert set(nameless) <= {"group"}, nameless
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(200):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.number ?? null"))
    visible = {str(number) for name, number, shown in page.evaluate(LISTED) if shown and name != "#leave"}
    reached = set()
    for _ in range(len(visible) + 8):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.number ?? ''"))
    assert visible <= reached


@pytest.mark.slow
def test_a_weight_by_a_click_on_its_line(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#layers=&weightseed=1")
    page = viewer.page
    ends = page.evaluate(
        "['unit-0-0', 'unit-1-0'].map(key => document.querySelector(`[data-key=${key}]`).getBoundingClientRect())"
        ".map(({ left, right, top, height }) => [left, right, top + height / 2])"
    )
    x, y = (ends[0][1] + ends[1][0]) / 2, (ends[0][2] + ends[1][2]) / 2
    page.mouse.move(x, y)
    assert "∂C/∂w" in page.inner_text("#tip")
    page.mouse.click(x, y)
    page.keyboard.press("Control+a")
    page.keyboard.type("1/8")
    page.keyboard.press("Enter")
    assert page.is_hidden("#weight")
    assert json.loads(kept(viewer, "model"))["layers"][0]["weights"][0][0] == 0.125
    page.mouse.click(x, y)
    page.keyboard.press("Escape")
    assert page.is_hidden("#weight")


DROP = """(text) => {
  const data = new DataTransfer();
  data.items.add(new File([text], "model.json", { type: "application/json" }));
  for (const type of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""


@pytest.mark.slow
def test_a_model_file_is_dropped_on_the_page_and_saved_from_it(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), accept_downloads=True)
    other = opened(nn.playground(), "#layers=3&activation=tanh&weightseed=9&epochs=4")
    text = kept(other, "model")
    viewer.page.evaluate(DROP, text)
    viewer.page.wait_for_timeout(300)
    assert viewer.page.inner_text("#shape").startswith("2-3-1")
    assert json.loads(kept(viewer, "model")) == json.loads(text)
    assert not viewer.page.evaluate("document.body.classList.contains('dropping')")
    viewer.page.evaluate(DROP, "{}")
    viewer.page.wait_for_selector("#trouble:not([hidden])")
    viewer.page.evaluate("document.querySelector('#keep').open = true")
    with viewer.page.expect_download() as saved:
        viewer.page.click("#download")
    assert json.loads(saved.value.path().read_text(encoding="utf-8")) == json.loads(text)


def test_boxes_make_a_link_that_hides(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#data=xor&epochs=2")
    page = viewer.page
    page.click("#keep summary")
    page.click("#hiding summary")
    for name in ("health", "keep", "unit"):
        page.check(f"#hiding input[value={name}]")
    page.uncheck("#hiding input[value=unit]")
    link = page.text_content("#link") or ""
    assert page.is_visible("#health") and page.is_hidden("#link-note")
    page.evaluate("delete document.documentElement.dataset.ready")
    page.evaluate("address => { location.hash = address }", link.partition("#")[2])
    page.wait_for_selector("html[data-ready]", state="attached")
    assert not page.is_visible("#health") and not page.is_visible("#keep") and page.is_visible("#unit")
    assert figures(viewer)["epoch"] == 2 and page.get_attribute("[data-kind=xor]", "aria-pressed") == "true"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper(opened: Open, scheme: str) -> None:  # noqa: F811
    """The pictures are drawn anew in the colours of paper, and nothing is cut off at the side."""
    viewer = opened(nn.playground(), "#epochs=3", color_scheme=scheme)
    page = viewer.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    corner = """(() => {
      const copy = new OffscreenCanvas(2, 2).getContext("2d", { willReadFrequently: true });
      copy.drawImage(document.querySelector(".wires"), 0, 0);
      return [...copy.getImageData(1, 1, 1, 1).data];
    })()"""
    assert page.evaluate(corner) == [255, 255, 255, 255]
    page.emulate_media(media="print")
    assert page.is_hidden(".controls") and page.is_hidden("#keep") and page.is_visible("#net")
    sizes = "[...document.querySelectorAll('.wires, .field')].map(e => [e.width ?? 660, e.clientWidth, e.clientHeight])"
    assert page.evaluate(sizes) == [[660, 660, 440]] * 2  # the units stand where their lines end
    page.emulate_media(media="screen", color_scheme=scheme)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert (page.evaluate(corner) == [255, 255, 255, 255]) is (scheme == "light")


@pytest.mark.slow
def test_a_server_that_sandboxes_the_page(browser: Any) -> None:  # noqa: F811
    """As Jupyter's file server does: no origin, no storage, no clipboard."""
    context = browser.new_context()
    page, trouble = context.new_page(), []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda message: trouble.append(message.text))
    policy = {"Content-Security-Policy": "sandbox allow-scripts"}
    page.route("http://page.test/**", lambda route: route.fulfill(body=nn.playground().html, content_type="text/html",
                                                                  headers=policy))  # fmt: skip
    page.goto("http://page.test/page.html#epochs=3")
    page.wait_for_selector("html[data-ready]", state="attached")
    page.click("#one-epoch")
    page.click("#keep summary")
    page.click("[data-copies=model]")
    page.select_option("#lessons", "dead")
    page.click("#leave")
    assert page.inner_text("#lessons option:checked") == part("playground")["lesson_none"]
    assert trouble == []
    context.close()


# ---------------------------------------------------------------------------- addresses and wide tables


def noted(viewer: Viewer) -> str:
    return viewer.page.inner_text("#noted") if viewer.page.is_visible("#noted") else ""


def test_an_address_that_is_not_understood_is_noted(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#data=xor&layers=2")
    assert viewer.page.inner_text("#shape").startswith("2-2-1,")
    assert "one hidden layer of 2 units; layers=2,2 are two" in noted(viewer)
    viewer.page.click("#more")
    assert noted(viewer) == ""
    for fragment, unknown in {
        "layer=4,4&data=flowers&hide=health,heatlh&epochs=many": "layer=4,4, data=flowers, heatlh, epochs=many",
        "lesson=birds&<b>=1&__proto__=2": "lesson=birds, <b>=1, __proto__=2",
        "layers=4,2&activation=relu,tanh&hand=&lesson=&axes=&weightseed=0&batch=all&share=none&epochs=1": "",
    }.items():
        viewer.page.evaluate("fragment => { location.hash = fragment }", fragment)
        viewer.page.wait_for_selector("html[data-ready]", state="attached")
        viewer.page.wait_for_timeout(100)
        assert noted(viewer).endswith(f"{unknown}." if unknown else ""), noted(viewer)
        assert bool(noted(viewer)) == bool(unknown)


def test_the_map_opens_on_two_inputs_that_tell_the_classes_apart(opened: Open) -> None:  # noqa: F811
    """The first column never changes, the second has two values, and the fifth is the third once more."""
    labels = [i % 11 for i in range(110)]
    rows = [[3.0, float(k > 4), k + 0.01 * (i % 7), (i * 7919 % 13) / 13, 2.0 * (k + 0.01 * (i % 7)), k * 0.5 + i % 3]
            for i, k in enumerate(labels)]  # fmt: skip
    viewer = opened(nn.playground(nn.MLP(6, [11], output="softmax", seed=0), rows, labels), "#epochs=1")
    choices = viewer.page.locator("#map .axes select")
    assert [choices.nth(k).input_value() for k in range(2)] == ["2", "5"]
    output = viewer.page.locator("#example dd").nth(2).inner_text()
    assert output.count(":") == 11 and "10: " in output
    choices.nth(0).select_option("3")
    assert viewer.page.evaluate("location.hash").endswith("axes=4,6")
    viewer.page.click("[data-kind=xor]")
    assert viewer.page.locator("#map .axes select").count() == 0


def test_one_region_speaks(opened: Open) -> None:  # noqa: F811
    """Two that speak at once are not understood; what is on the page is announced in one place."""
    viewer = opened(nn.playground(), "#lesson=xor")
    live = "[aria-live], [role=alert], [role=log], [role=status], output"
    spoken = "all => all.filter(e => e.ariaLive !== 'off').map(e => e.id)"
    assert viewer.page.eval_on_selector_all(live, spoken) == ["status"]
    viewer.page.click("#slow")
    assert viewer.page.inner_text("#status").startswith("Forward: the inputs of example")
    viewer.page.click("#slow")


def test_a_unit_that_is_reached_by_keys_shows_its_numbers(opened: Open) -> None:  # noqa: F811
    page = opened(nn.playground()).page
    page.focus("[data-key=unit-0-1]")
    page.keyboard.press("Tab")
    assert page.inner_text("#tip").startswith("a₁⁽¹⁾\nb₁⁽¹⁾ = 0.1\n∂C/∂b₁⁽¹⁾ = ")
    page.keyboard.press("Shift+Tab")
    assert page.inner_text("#tip") == "x₂"
    page.focus("#log")
    assert page.is_hidden("#tip")


# ---------------------------------------------------------------------------- by touch, on a phone

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Place = tuple[float, float]


def swipe(viewer: Viewer, begin: Place, end: Place) -> None:
    client = viewer.page.context.new_cdp_session(viewer.page)
    for part_of in range(10):
        kind, t = ("touchMove" if part_of else "touchStart"), part_of / 9
        points = [{"x": begin[0] + (end[0] - begin[0]) * t, "y": begin[1] + (end[1] - begin[1]) * t}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        viewer.page.wait_for_timeout(16)
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    viewer.page.wait_for_timeout(120)


def at(viewer: Viewer, selector: str, across: float, down: float) -> Place:
    """Return a place in an element, which is brought to the middle of the screen."""
    viewer.page.eval_on_selector(selector, "e => e.scrollIntoView({ block: 'center' })")
    viewer.page.wait_for_timeout(100)
    box = viewer.page.locator(selector).bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


@pytest.mark.slow
def test_taps_do_what_clicks_do(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#epochs=2", **PHONE)
    page = viewer.page
    for selector in ("#one-epoch", "#one-step", "#slow", "#slow", "[data-speed='10']", "[data-mode=score]", "#log",
                     "#more", "#show-gradients", "#fewer", "[data-kind=xor]", "#another", "#example-after", "#reset",
                     "[data-key=unit-1-2]", "#graph summary", "[data-unit='0.1']", "[data-tool=add]"):  # fmt: skip
        before = page.evaluate(SHOWN)
        page.eval_on_selector(selector, "e => e.scrollIntoView({ block: 'center' })")
        page.tap(selector)
        page.wait_for_timeout(150)
        assert page.evaluate(SHOWN) != before, selector
        assert page.is_hidden("#tip"), selector
    page.tap("[data-tool=pick]")
    at(viewer, "#net .wires", 0.5, 0.5)
    ends = [page.locator(f"[data-key=unit-{c}-0]").bounding_box() for c in range(2)]
    x, y = (sum(end[place] + end[size] / 2 for end in ends) / 2 for place, size in (("x", "width"), ("y", "height")))
    page.touchscreen.tap(x, y)  # on the line between the two
    page.fill("#weight input", "1/2")
    page.press("#weight input", "Enter")
    assert page.inner_text("#status").endswith("= 0.5")
    small = """() => [...document.querySelectorAll("button:not(.unit), select, input, summary")]
      .filter(e => e.checkVisibility() && Math.min(e.offsetWidth, e.offsetHeight) < 24).map(e => e.outerHTML)"""
    assert page.evaluate(small) == []


def says(viewer: Viewer, text: str) -> None:
    """Wait until the page announces it: what a tap does comes some time after it."""
    viewer.page.locator("#status", has_text=text).wait_for(state="attached")


@pytest.mark.slow
def test_a_finger_drags_points_and_sliders_and_scrolls_the_rest(opened: Open) -> None:  # noqa: F811
    viewer = opened(nn.playground(), f"#epochs=30&layers={','.join('4' * 10)}", **PHONE)
    page = viewer.page
    swipe(viewer, at(viewer, "#rewind input", 0.97, 0.5), at(viewer, "#rewind input", 0.4, 0.5))
    assert 8 < figures(viewer)["epoch"] < 16

    def tap(selector: str) -> None:
        page.eval_on_selector(selector, "e => e.scrollIntoView({ block: 'center' })")
        page.tap(selector)

    tap("[data-tool=add]")
    says(viewer, "Click where a point is to be")
    page.touchscreen.tap(*at(viewer, "#map .marks", 0.95, 0.95))
    says(viewer, "added 101")
    swipe(viewer, at(viewer, "#map .marks", 0.95, 0.95), at(viewer, "#map .marks", 0.05, 0.05))
    says(viewer, "moved 101: x₁ = −1.3")
    page.wait_for_timeout(500)  # Chromium takes a tap right behind a swipe for a part of it
    tap("[data-tool=remove]")
    says(viewer, "Click a point to remove it")
    page.touchscreen.tap(*at(viewer, "#map .marks", 0.05, 0.05))
    says(viewer, "removed 101")
    tap("#undo")
    says(viewer, "undone")
    tap("[data-tool=pick]")
    says(viewer, "Click a point to see")
    sideways = "document.querySelector('#net .scroll').scrollLeft"
    for selector, by, scrolled in (("#map .marks", (0, -250), "scrollY"), ("#net .scroll", (-150, 0), sideways)):
        x, y = at(viewer, selector, 0.8, 0.8)
        before = page.evaluate(scrolled)
        swipe(viewer, (x, y), (x + by[0], y + by[1]))
        assert page.evaluate(scrolled) > before + 50
    tap("#put-back")
    says(viewer, "as they were drawn")
    swipe(viewer, at(viewer, "#data-noise", 0.2, 0.5), at(viewer, "#data-noise", 0.9, 0.5))
    assert float(page.input_value("#data-noise")) > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 860, 1280])
def test_numbers_with_three_digits_in_their_exponent_are_whole(opened: Open, width: int) -> None:  # noqa: F811
    viewer = opened(nn.playground(), "#lesson=rate&epochs=400", viewport={"width": width, "height": 844})
    cut = """() => [...document.querySelectorAll("main *")].filter(e => e.checkVisibility() && !e.childElementCount
      && (e.value || e.textContent.trim()) && getComputedStyle(e).overflow !== "visible" && e.clientWidth
      && e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML)"""
    assert viewer.page.evaluate(cut) == []
    shown = viewer.page.locator("#unit .row").first
    assert shown.locator("input").input_value().endswith("e122") and shown.inner_text().endswith("e123")
    assert "e245" in viewer.page.inner_text("#loss") and "e12" in viewer.page.inner_text("#parts .total")


@pytest.mark.parametrize("language", ["de", "en", "es"])
def test_a_seed_that_was_given_is_said_in_full(opened: Open, language: str) -> None:  # noqa: F811
    """In Chromium the arrows of a number take room from its placeholder; a script sees the rule alone."""
    with speaking(language):
        viewer = opened(nn.playground(nn.MLP(2, [3, 1], seed=1), [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0]))
    are_hidden, size, room, text = viewer.page.evaluate("""() => {
        const field = document.querySelector("#net-seed"), pen = document.createElement("canvas").getContext("2d");
        const size = getComputedStyle(field, "::placeholder").fontSize;
        pen.font = `${size} ${getComputedStyle(field).fontFamily}`;
        const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.cssText));
        return [rules.some((rule) => /placeholder-shown.*inner-spin-button.*appearance: none/.test(rule)), size,
          field.clientWidth - 12, pen.measureText(field.placeholder).width];
    }""")
    assert are_hidden and 0 < text < room, (size, room, text)
