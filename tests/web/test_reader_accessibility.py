"""The reader's pages in a real browser: axe finds nothing, nothing sticks out, all of it can be touched."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route

from app.access import parts_of
from app.factory import create_app
from app.kernel.clock import utc_now
from tests.conftest import NEWSROOM, make_settings
from tests.support.databases import Databases
from tests.support.simulator import SimulatorProcess
from tests.web.conftest import make_lonely_app
from tests.web.scenes import FORMS, play_scenes, serve

PHONE_PX = 360
WIDTHS = (320, 360, 768, 1280)
RECEIPT_KEPT = timedelta(days=31)
TARGETS = (
    "button.go, a.go, .quiet, .segment label, .tile label, .field input:not([type=checkbox]), .check label, "
    "select, textarea, .currencies button, .instead button, .languages a, summary, .mistakes a"
)

CALIPERS = """targets => {
  const root = document.documentElement, found = [], wide = root.scrollWidth - root.clientWidth;
  if (wide > 0) found.push(`sticks out by ${wide} px`);
  for (const target of document.querySelectorAll(targets)) {
    const height = target.getBoundingClientRect().height;
    if (height > 0 && height < 43.9) found.push(`too low to touch: ${target.innerText} ${height} px`);
  }
  return found;
}"""
"""Nothing may stick out, and what is pressed is 44 px high."""


@pytest.fixture(scope="module")
def scenes(databases: Databases, stripe_process: SimulatorProcess) -> Iterator[dict[str, str]]:
    """Every page by its name, as a whole address."""
    url = databases.create("sqlite")
    stripe_process.reset()
    app = create_app(make_settings(url, stripe_url=stripe_process.url, smtp_url="smtp://127.0.0.1:1"))
    with serve(app) as address:
        yield {name: address + path for name, path in play_scenes(app, stripe_process).items()}
    parts_of(app).sessions.kw["bind"].dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def arabic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a newsroom whose pages run from right to left."""
    text = NEWSROOM.read_text(encoding="utf-8").replace('languages = ["en", "ru"]', 'languages = ["ar"]')
    newsroom: Path = tmp_path_factory.mktemp("arabic") / "newsroom.toml"
    text = re.sub(r"(?m)^ru = .*\n", "", re.sub(r"(?m)^en = ", "ar = ", text))
    newsroom.write_text(text, encoding="utf-8")
    with serve(make_lonely_app(newsroom)) as address:
        yield address


def open_page(chrome: Browser, *, scheme: str = "light") -> tuple[BrowserContext, Page]:
    context = chrome.new_context(
        viewport={"width": PHONE_PX, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.route("**/*checking=1*", hold_still)
    return context, context.new_page()


def hold_still(route: Route) -> None:
    """Keep the waiting page from going on while it is being looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)


def complaints_of(page: Page) -> list[str]:
    """Return what axe and a pair of calipers find on the page that is open, on a phone and wider."""
    found = [f"axe: {violation['id']} {violation['help']}" for violation in axe_violations(page)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"at {width} px: {complaint}" for complaint in page.evaluate(CALIPERS, TARGETS)]
    page.set_viewport_size({"width": PHONE_PX, "height": 800})
    return found


def axe_violations(page: Page) -> list[dict[str, str]]:
    return list(Axe().run(page).response["violations"])


SCENES = [*FORMS, "paid", "not paid", "unfinished", "checking", "forgotten", "nothing there"]


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ru", "dark")])
def test_every_page_is_open_to_everybody(
    chrome: Browser, scenes: dict[str, str], language: str, scheme: str
) -> None:
    context, page = open_page(chrome, scheme=scheme)
    found: dict[str, list[str]] = {}

    for name in SCENES:
        page.goto(f"{scenes[name]}lang={language}")
        found[name] = complaints_of(page)

    assert found == {name: [] for name in SCENES}
    context.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_form_with_every_mistake_on_it_is_open_to_everybody(
    chrome: Browser, scenes: dict[str, str], language: str
) -> None:
    context, page = open_page(chrome)
    page.goto(f"{scenes['form']}lang={language}")
    page.locator("label[for=amount-month-other]").click()
    page.locator("#other-amount").fill("1")
    page.locator("#name").fill("A" * 121)
    page.locator("#email").fill("ada")

    page.locator("#send").click()

    assert page.locator(".mistakes li").count() == 3
    page.locator(".mistakes:focus").wait_for()
    assert complaints_of(page) == []
    context.close()


def test_an_old_receipt_link_is_open_to_everybody(chrome: Browser, scenes: dict[str, str]) -> None:
    context, page = open_page(chrome)
    found = []

    with time_machine.travel(utc_now() + RECEIPT_KEPT):
        page.goto(scenes["receipt"])
        found += complaints_of(page)
        page.locator("button.go").click()
        found += complaints_of(page)

    assert "Your receipt is on its way" in page.title()
    assert found == []
    context.close()


@pytest.mark.parametrize("path", ["/support", "/support?currency=kwd&amount=1.250", "/nowhere"])
def test_pages_that_run_from_right_to_left_are_open_to_everybody(
    chrome: Browser, arabic: str, path: str
) -> None:
    context, page = open_page(chrome)

    page.goto(arabic + path)

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert complaints_of(page) == []
    context.close()


def test_on_a_wide_page_the_form_stands_at_the_end_of_the_line(
    chrome: Browser, scenes: dict[str, str], arabic: str
) -> None:
    context, page = open_page(chrome)
    page.set_viewport_size({"width": 1280, "height": 800})
    sides = {}

    for name, address in (("ltr", scenes["form"]), ("rtl", f"{arabic}/support")):
        page.goto(address)
        form, appeal = page.locator(".pledge").bounding_box(), page.locator(".appeal").bounding_box()
        assert form
        assert appeal
        sides[name] = "right" if form["x"] > appeal["x"] else "left"

    assert sides == {"ltr": "right", "rtl": "left"}
    context.close()
