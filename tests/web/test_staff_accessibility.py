"""The desk in a real browser: axe finds nothing, the policy stops nothing, the keyboard is enough."""

import re
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, StorageState, sync_playwright
from werkzeug.serving import make_server

from app.access import parts_of
from app.db import transaction
from app.factory import create_app
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.money import Money
from tests.conftest import make_settings
from tests.support.databases import Databases
from tests.support.desk import CLEO, PASSWORD, add_account, code_at
from tests.support.ledger_rows import Rows

CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = [
    "/staff",
    "/staff/members",
    "/staff/members?q=nobody",
    "/staff/members/{code}",
    "/staff/money",
    "/staff/money?from=nonsense",
    "/staff/payouts",
    "/staff/notes?show=all",
    "/staff/payouts/po_test_odd",
    "/staff/payouts/po_test_by_hand",
    "/staff/appeals",
    "/staff/appeals?from=nonsense",
    "/staff/health",
    "/staff/nowhere-at-all",
    "/staff/password",
    "/staff/second-factor",
    "/staff/recovery-codes",
    "/staff/confirm",
]


@pytest.fixture(scope="module")
def desk_app(databases: Databases) -> Iterator[Flask]:
    """The product on a database of its own, with one supporter; nothing else is asked for by the desk."""
    url = databases.create("sqlite")
    nowhere = "127.0.0.1:1"
    app = create_app(make_settings(url, stripe_url=f"http://{nowhere}", smtp_url=f"smtp://{nowhere}"))
    add_account(app)
    with transaction(parts_of(app).sessions) as session:
        rows = Rows(session, parts_of(app), now=utc_now())
        ada = rows.member("ada@mail.example", name="Ada")
        subscription = rows.subscription(ada, Money(500, "eur"), started_at=utc_now())
        paid = rows.payment(ada, Money(500, "eur"), paid_at=utc_now(), subscription=subscription)
        rows.receipt(paid)
        rows.payout("po_test_odd", [paid])
        rows.payout("po_test_by_hand", [])
        rows.dispute(paid)
        rows.event("payment_intent.succeeded", ObjectType.payment_intent, paid.stripe_payment_intent_id)
        app.config["ADA"] = ada.code
    yield app
    parts_of(app).sessions.kw["bind"].dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def address(desk_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, desk_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def cleos_state(chromium: Browser, address: str) -> StorageState:
    """The cookies of a browser in which Cleo signed in, by the keyboard alone."""
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/staff")
    page.locator("#email:focus").wait_for()
    page.keyboard.type(CLEO)
    page.keyboard.press("Tab")
    page.locator("#password:focus").wait_for()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#code:focus").wait_for()
    page.keyboard.type(code_at())
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"^[^?]+/staff$"))
    state = context.storage_state()
    context.close()
    return state


def test_axe_finds_nothing_on_any_page_in_light_and_dark_wide_and_narrow(
    chromium: Browser, address: str, cleos_state: StorageState, desk_app: Flask
) -> None:
    refused: list[str] = []
    context = chromium.new_context(base_url=address, storage_state=cleos_state)
    stranger, page = chromium.new_page(base_url=address), context.new_page()
    page.on("console", lambda line: refused.append(line.text) if "Content Security" in line.text else None)

    problems = _look(stranger, "/staff/sign-in")
    for path in PAGES:
        problems += _look(page, path.format(code=desk_app.config["ADA"]))
    problems += _look_at_the_menu_and_the_picture(page)

    assert problems == []
    assert refused == []
    stranger.close()
    context.close()


def test_on_a_phone_a_wide_table_shows_that_it_goes_on_and_keeps_its_first_column_in_sight(
    chromium: Browser, address: str, cleos_state: StorageState, desk_app: Flask
) -> None:
    context = chromium.new_context(
        base_url=address, storage_state=cleos_state, viewport={"width": 375, "height": 740}
    )
    page = context.new_page()
    page.goto(f"/staff/members/{desk_app.config['ADA']}")
    table = page.get_by_role("region", name="Payments and their receipts")
    day = table.locator("tbody th").first
    table.scroll_into_view_if_needed()
    at_first, shaded = day.bounding_box(), table.screenshot()

    table.evaluate("region => region.style.background = 'none'")
    bare = table.screenshot()
    table.evaluate("region => region.scrollLeft = 200")

    assert table.evaluate("region => region.scrollLeft") == 200
    assert shaded != bare
    assert day.bounding_box() == at_first
    context.close()


def test_charts_are_drawn_from_the_tables_and_the_tables_stand_without_them(
    chromium: Browser, address: str, cleos_state: StorageState
) -> None:
    with_script, without = (
        chromium.new_context(java_script_enabled=enabled, base_url=address, storage_state=cleos_state)
        for enabled in (True, False)
    )
    drawn, plain = with_script.new_page(), without.new_page()
    drawn.goto("/staff")
    plain.goto("/staff")

    assert drawn.locator("figure canvas[role=img]").count() == 2
    assert plain.locator("figure canvas").count() == 0
    assert plain.locator("#money-table tbody tr").count() == 12
    assert plain.locator("figure.chart").first.is_hidden()
    with_script.close()
    without.close()


def _look(page: Page, path: str) -> list[str]:
    page.goto(path)
    return _looks_of(page)


def _look_at_the_menu_and_the_picture(page: Page) -> list[str]:
    page.goto("/staff")
    page.focus(".account summary")
    page.keyboard.press("Enter")
    found = _looks_of(page)
    page.goto("/staff/second-factor")
    page.click("main button")
    found += _looks_of(page)
    page.goto("/staff/recovery-codes")
    page.click("main button")
    return found + _looks_of(page)


def _looks_of(page: Page) -> list[str]:
    """Return what axe finds, and whether the page is wider than the window, in all four looks."""
    found = []
    for width in (1280, 360):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            # Without motion, lest axe measures a colour on its way from dark to light.
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            results = Axe().run(page)
            where = f"{page.url} {width} {scheme}"
            found += [f"{where}: {violation['id']}" for violation in results.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{page.url} {width}: wider than the window")
    return found
