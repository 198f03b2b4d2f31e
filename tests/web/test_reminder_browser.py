"""Remind me in a real browser, without scripts: from the form to the day it is stopped, open to everybody."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.access import parts_of
from app.db import reading
from app.flows.remind import reminder_link
from app.reminders.models import Reminder
from tests.support.browser import Witness, picture
from tests.web.reader import path_of
from tests.web.scenes import serve

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOW = """[...document.querySelectorAll("button, a.go, .quiet, .field input")]
  .map(one => one.getBoundingClientRect().height).filter(height => height && height < 43.9)"""


@pytest.fixture(scope="module")
def address(product: Flask) -> Iterator[str]:
    with serve(product) as address:
        yield address


def link_of_the_only_reminder(product: Flask) -> str:
    with reading(parts_of(product).sessions) as session:
        reminder = session.scalars(sa.select(Reminder)).one()
    return path_of(reminder_link(parts_of(product), reminder.id))


def assert_open_to_everybody(page: Page, name: str) -> None:
    """Keep a picture; and where scripts run, measure, and ask axe."""
    picture(page, name)
    assert page.evaluate(WIDE) <= 0
    assert page.evaluate(LOW) == []
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("width", "language", "scheme"), [(360, "en", "light"), (1280, "ru", "dark")])
def test_from_the_article_to_a_reminder_that_is_stopped_again(
    chrome: Browser, product: Flask, address: str, width: int, language: str, scheme: Any, script: bool
) -> None:
    context = chrome.new_context(
        base_url=address,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        java_script_enabled=script,
    )
    witness = Witness(context, address)
    page = context.new_page()
    seen = f"reminder {width} {language}"

    def look(at: str) -> None:
        if script:
            assert_open_to_everybody(page, f"{seen} {at}")

    page.goto(f"/reminders?amount=10&interval=month&currency=eur&campaign=spring&lang={language}")
    look("form")
    page.locator("#email").fill("ada")
    page.locator("button.go").click()
    expect(page.locator("#email-wrong")).to_be_visible()
    look("mistake")
    page.locator("#email").fill("ada@example.org")
    page.keyboard.press("Enter")
    expect(page.locator("#email")).to_have_count(0)
    look("asked")
    page.goto(link_of_the_only_reminder(product))
    look("confirm")
    page.locator("button.go").click()
    expect(page.locator(".stamp")).to_be_visible()
    look("set")
    page.goto(link_of_the_only_reminder(product) + "/stop")
    look("stop")
    page.locator("button.go").click()
    expect(page.locator("h1")).to_have_text(
        "There is no reminder here" if language == "en" else "Здесь нет напоминания"
    )
    look("gone")

    assert context.cookies() == []
    context.close()
    witness.assert_content()
