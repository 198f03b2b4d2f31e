"""What every page must bear: axe, narrow phones, large text, fingers, and the words around the content."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe().axe_script
NARROWEST_WIDTH = 320
LEAST_TARGET_PIXELS = 24
RULES: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@dataclass(frozen=True)
class Look:
    """A screen and the reader's wish for light or dark."""

    width: int
    scheme: Literal["light", "dark"]


# Colours do not depend on the width, nor structure on the colours: two looks show all four.
LOOKS = (Look(360, "light"), Look(1280, "dark"))


def find_faults(page: Page, *, language: str, direction: str) -> list[str]:
    """Return everything wrong with a page, in words, at every look."""
    return [
        *_find_by_axe(page),
        *_find_by_width(page),
        *page.evaluate(STRUCTURE, {"language": language, "direction": direction}),
        *page.evaluate(TARGETS, LEAST_TARGET_PIXELS),
    ]


def _find_by_axe(page: Page) -> Iterator[str]:
    page.evaluate(AXE)
    for look in LOOKS:
        # Without motion, lest a colour is measured on its way from one scheme to the other.
        page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": look.width, "height": 800})
        found = page.evaluate(f"axe.run({json.dumps(RULES)})")
        for violation in found["violations"]:
            for node in violation["nodes"]:
                where = f"{look.width} {look.scheme}: {violation['id']} {node['target']}"
                yield f"{where} {node['failureSummary']}"


def _find_by_width(page: Page) -> Iterator[str]:
    """Look for what does not fit: on the narrowest phone, and with letters twice as large."""
    page.set_viewport_size({"width": NARROWEST_WIDTH, "height": 640})
    yield from (f"at {NARROWEST_WIDTH} pixels: {fault}" for fault in page.evaluate(OVERFLOW))
    for width in (1280, 2 * NARROWEST_WIDTH):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        yield from (f"{width}, letters at 200 %: {fault}" for fault in page.evaluate(OVERFLOW))
        page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 360, "height": 800})


# Charts are drawn anew some frames after the width has changed.
OVERFLOW = """async () => {
  const shown = (element) => element.outerHTML.slice(0, 120);
  const root = document.documentElement;
  const faults = [];
  for (let frame = 0; frame < 60 && root.scrollWidth > root.clientWidth; frame++)
    await new Promise(requestAnimationFrame);
  if (root.scrollWidth > root.clientWidth) faults.push(`scrolls sideways, ${root.scrollWidth} pixels wide`);
  for (const element of document.querySelectorAll("button, label, h1, h2, p, dd, dt, legend, summary")) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || style.clipPath !== "none" || style.display.startsWith("inline")) continue;
    if (element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${shown(element)}`);
  }
  return faults;
}"""

STRUCTURE = """({language, direction}) => {
  const root = document.documentElement;
  const faults = [];
  if (root.lang !== language) faults.push(`lang is ${root.lang}`);
  if ((root.dir || "ltr") !== direction) faults.push(`dir is ${root.dir}`);
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (!document.title.trim()) faults.push("no title");
  for (const field of document.querySelectorAll("input:not([type=hidden]):not([hidden]), select, textarea")) {
    const named = [...field.labels].some((label) => label.textContent.trim());
    if (!named && !field.ariaLabel) faults.push(`no label: ${field.outerHTML.slice(0, 120)}`);
  }
  return faults;
}"""

# A link in a sentence is as high as its line; everything else must be hit by a finger.
TARGETS = """(least) => {
  const inSentence = (link) => link.tagName === "A" && getComputedStyle(link).display === "inline"
    && [...link.parentElement.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const faults = [];
  for (const target of document.querySelectorAll("a[href], button, summary, select, textarea, input")) {
    const box = target.getBoundingClientRect();
    const style = getComputedStyle(target);
    const unseen = !box.width || style.clipPath !== "none" || box.right < 0 || box.bottom < 0;
    if (unseen || inSentence(target) || Math.min(box.width, box.height) >= least) continue;
    const size = `${box.width.toFixed()} by ${box.height.toFixed()}`;
    faults.push(`a small target, ${size}: ${target.outerHTML.slice(0, 120)}`);
  }
  return faults;
}"""
