"""Make the animated picture at the top of the README: a weight of the lecture's neuron, dragged on a live page.

    python -m tests.animation

Run by hand; needs playwright, Pillow and Chromium.
"""

from __future__ import annotations

import io
import math
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

import autograd_lite as ag
from tests.lecture import neuron

TARGET = Path(__file__).parent.parent / ".github" / "drag.gif"
WIDTH, HEIGHT, FRAMES, PACE = 1060, 668, 44, 90  # pixels; frames, and milliseconds of each
FAR = 40.0  # pixels that the hand moves to either side
LOOK = """body { background: #f1f5f9 } .live main { min-height: 0 }
#hand { position: fixed; width: 22px; height: 22px; z-index: 9; margin: -2px 0 0 -2px; pointer-events: none }"""
HAND = """() => document.body.insertAdjacentHTML("beforeend", `<svg id="hand" viewBox="0 0 22 22"><path stroke="#fff"
  stroke-width="1.5" d="M3 2l0 15 4-4 3 7 3-1-3-7 6 0z"/></svg>`)"""


def main() -> None:
    """Write the picture: every frame a picture of the page, with the hand that holds the card."""
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
        path = Path(folder) / "page.html"
        out = neuron()
        leaf = next(node for node in ag.topological_order(out) if node.label == "w1")
        ag.explore(out, wrt=leaf).save(path)
        page.goto(f"{path.as_uri()}#hide=downhill,keep,steps")
        page.wait_for_selector("html[data-ready]", state="attached")
        page.add_style_tag(content=LOOK)
        page.evaluate(HAND)
        frames = list(dragged(page))
        browser.close()
    colours = Image.new("RGB", (WIDTH, HEIGHT * 3))
    for i in range(3):  # one palette for all frames, from three of them
        colours.paste(frames[i * FRAMES // 3], (0, HEIGHT * i))
    palette = colours.quantize(192, dither=Image.Dither.NONE)
    images = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    images[0].save(TARGET, save_all=True, append_images=images[1:], duration=PACE, loop=0, optimize=True)
    print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB, {len(images)} frames")


def dragged(page: Any) -> Iterator[Image.Image]:
    """Yield the frames: the hand takes the card, moves it to both sides and back to where it was."""
    box = page.locator(".card[data-name=w1]").bounding_box()
    x, y = box["x"] + box["width"] * 0.55, box["y"] + 14
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(FRAMES):
        at = x + FAR * math.sin(2 * math.pi * i / FRAMES) + FAR * 0.5 * (1 - math.cos(2 * math.pi * i / FRAMES))
        page.mouse.move(at, y)
        page.evaluate(
            "([x, y]) => { document.querySelector('#hand').style.inset = `${y}px auto auto ${x}px` }", [at, y]
        )
        yield Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.mouse.up()


if __name__ == "__main__":
    main()
