"""A real browser for the local Stripe's pages, and what its tests ask of a page."""

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
ANSWER_SECONDS = 10
AXE = Axe().axe_script
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def without_scripts(browser: Browser, **options: Any) -> BrowserContext:
    """Somebody on a phone who has JavaScript switched off."""
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, **options)
    context.set_default_timeout(ANSWER_SECONDS * 1000)
    return context


def violations(page: Page) -> list[str]:
    """What axe finds, on a phone by day and on a desktop by night, and what is wider than its screen."""
    found: list[str] = []
    page.evaluate(AXE)
    for viewport, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        ran = page.evaluate(f"axe.run({json.dumps(RULES)})")
        found += [f"{scheme} {one['id']}: {one['nodes'][0]['html']}" for one in ran["violations"]]
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{scheme}: scrolls sideways"] if width > viewport["width"] else []
    return found
