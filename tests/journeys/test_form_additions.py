"""What a reader may add on the form, in a browser: with and without scripts, on a phone and on a desk."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.db import transaction
from app.flows.supporter_token import TokenKind, read_note
from app.flows.unfinished import mail_unfinished
from app.giving.models import ResumeWish
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from tests.journeys.conftest import OpenPage
from tests.journeys.steps import choose, fact, fill_in, pay, send, session_of, sign_in, wait_for_mails
from tests.support.desk import add_account
from tests.support.letters import links_in
from tests.support.stage import Stage

pytestmark = pytest.mark.xdist_group("journey-form-additions")

WAYS: dict[str, dict[str, Any]] = {
    "phone, no script": {"java_script_enabled": False},
    "desk": {"viewport": {"width": 1280, "height": 900}},
}


@pytest.fixture(params=WAYS, ids=lambda name: name.replace(", ", "-").replace(" ", "-"))
def way(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Options of a browser."""
    return WAYS[request.param]


def address_of(way: dict[str, Any], name: str) -> str:
    return f"{name}-{len(way.get('viewport', ''))}@example.org"


def test_the_fees_are_covered_by_one_tick_and_the_sum_is_the_same_all_the_way(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = open_page("/support", **way)
    choose(page, Interval.month, "€10")
    expect(page.locator("#cover-fees")).not_to_be_checked()
    expect(page.locator("#fees-hint p:visible")).to_have_text(
        "€10.56 instead of €10: then the whole €10 reaches us."
    )

    page.locator("label[for=cover-fees]").click()

    expect(page.locator(".says p:visible")).to_have_text(
        "You pay €10.56 every month, until you stop: €10 for us, €0.56 for the fees. "
        "We send a receipt each time."
    )
    fill_in(page, address_of(way, "fees"))
    send(page)
    expect(page.locator("body")).to_contain_text(
        "As agreed: €10.56 in all, €10 of it for The Harbour Courier"
    )
    session_id = session_of(page)
    pay(page)
    expect(fact(page, "Of it for the payment fees")).to_have_text("€0.56")
    paid = next(one for one in stage.stripe.objects("checkout.session") if one["id"] == session_id)
    assert paid["amount_total"] == 1056


def test_a_typed_amount_is_agreed_to_after_its_exact_sum_was_shown(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = open_page("/support?interval=once&amount=7", **way)
    page.locator("label[for=cover-fees]").click()
    fill_in(page, address_of(way, "typed"))

    page.locator("#send").click()

    expect(page.locator(".agree")).to_be_visible()
    expect(page.locator(".says p:visible")).to_contain_text("You pay €7.47 once")
    send(page)
    session_id = session_of(page)
    opened = next(one for one in stage.stripe.objects("checkout.session") if one["id"] == session_id)
    assert opened["amount_total"] == 747


def test_a_chosen_currency_is_there_again_on_the_next_visit(open_page: OpenPage, way: dict[str, Any]) -> None:
    page = open_page("/support", **way)
    assert page.context.cookies() == []
    page.locator("#currency summary").click()
    page.get_by_role("button", name="Japanese Yen").click()

    page.goto("/support?interval=once")

    expect(page.locator("label[for=amount-once-1]")).to_have_text("¥1,500")
    assert [cookie.get("value") for cookie in page.context.cookies()] == ["jpy"]
    page.locator("#currency summary").click()
    page.get_by_role("button", name="Euro").click()
    assert page.context.cookies() == []


def test_who_gives_once_is_shown_a_little_monthly_and_one_press_switches(
    open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = open_page("/support", **way)
    expect(page.locator(".instead p:visible")).to_have_count(0)
    choose(page, Interval.once, "€50")
    page.locator("#email").fill("kept@example.org")
    expect(page.locator(".instead p:visible")).to_contain_text("€5 a month comes to €60 a year.")

    page.locator(".instead button:visible").click()

    expect(page.locator("#interval-month")).to_be_checked()
    expect(page.locator("#amount-month-2")).to_be_checked()
    expect(page.locator("#email")).to_have_value("kept@example.org")


def test_after_a_gift_made_once_a_monthly_one_is_suggested_and_the_way_back_carries_a_note(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = open_page("/support", **way)
    choose(page, Interval.once, "€50")
    fill_in(page, address_of(way, "once"))
    send(page)
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    back = page.get_by_role("link", name="Back to The Harbour Courier").get_attribute("href") or ""
    page.get_by_role("link", name="See the form with €5 a month").click()

    assert read_note(stage.parts, back.partition("#small-favor=")[2]).kind is TokenKind.gave
    expect(page.locator("#interval-month")).to_be_checked()
    expect(page.locator("#amount-month-2")).to_be_checked()


def test_a_dedication_reaches_the_desk_and_is_marked_as_read(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    words = f"For Nana, who read every issue {len(way.get('viewport', ''))}"
    page = open_page("/support", **way)
    expect(page.locator("#note")).to_be_hidden()
    page.locator(".more summary").click()
    page.locator("#note-kind").select_option("memory")
    page.locator("#note").fill(words)
    fill_in(page, address_of(way, "note"))
    send(page)
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")

    desk = _desk(stage, open_page)
    desk.goto("/staff/notes")
    row = desk.get_by_role("row").filter(has_text=words)
    expect(row).to_contain_text("In memory of")
    row.get_by_role("button", name=re.compile("Mark as read")).click()

    expect(desk.get_by_role("row").filter(has_text=words)).to_have_count(0)


def _desk(stage: Stage, open_page: OpenPage) -> Page:
    name = f"staff-{new_id().hex}@harbour-courier.example"
    add_account(stage.app, name)
    desk = open_page("/staff", viewport={"width": 1280, "height": 900})
    sign_in(desk, name)
    return desk


def test_who_ticks_the_box_and_leaves_gets_a_link_that_goes_on_to_payment(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    address = address_of(way, "unfinished")
    page = open_page("/support", **way)
    expect(page.locator("#mail-me")).not_to_be_checked()
    page.locator("label[for=mail-me]").click()
    choose(page, Interval.month, "€10")
    fill_in(page, address)
    send(page)
    left = session_of(page)
    _let_hours_pass(stage)

    (mail,) = wait_for_mails(stage, address)
    (link,) = links_in(mail)
    page.goto(link)
    expect(fact(page, "Your support")).to_have_text("€10 every month")
    page.get_by_role("button", name="Continue to payment").click()

    expect(page).to_have_url(re.compile(left))
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def _let_hours_pass(stage: Stage) -> None:
    """Do what the worker does by the clock, whose every minute would be a long wait here."""
    with transaction(stage.parts.sessions) as session:
        session.execute(sa.update(ResumeWish).values(due_at=utc_now()))
    assert mail_unfinished(stage.parts, now=utc_now()) == 1
