"""The main job, from the form to the books: a reader pledges 2 a month, is charged, and staff see it."""

import re
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from itertools import groupby

import pypdf
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.db import reading
from app.inbox.models import WantedObject
from app.kernel.clock import local_date
from app.kernel.formatting import format_money
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.reports import money
from tests.journeys.conftest import OpenPage
from tests.journeys.steps import (
    THANKS,
    choose,
    fact,
    fill_in,
    mails_to,
    pay,
    receipt_number,
    send,
    sign_in,
    wait_for_mails,
)
from tests.support.databases import BOTH
from tests.support.desk import add_account
from tests.support.stage import Stage

pytestmark = [
    pytest.mark.xdist_group("journey-main-job"),
    pytest.mark.parametrize("stage", BOTH, indirect=True),
]

ADA = "ada@example.org"
NAME = "Аделаида Козьминична Лебедева"
MONTH_SECONDS = 31 * 86_400


def test_from_the_pledge_to_a_year_of_support(stage: Stage, open_page: OpenPage) -> None:
    add_account(stage.app)
    stage.stripe.webhook_faults(hold=True)
    told_at_start = _told(stage)

    reader = open_page("/support")
    number = _give_two_a_month(reader)
    assert _told(stage) == told_at_start, "the thanks page knows without any webhook"
    mail = _one_mail_with_a_receipt(stage, number)
    stage.stripe.clear_faults()
    _settle(stage)
    assert len(mails_to(stage, ADA)()) == 1
    _the_link_opens_the_receipt(reader, mail)

    desk = open_page("/staff", viewport={"width": 1280, "height": 800})
    _the_desk_shows_the_first_payment(desk, number)
    _live_through_a_year(stage)
    _thirteen_receipts_without_a_gap(stage)
    _the_desk_agrees_with_stripe(desk, stage)


def _give_two_a_month(page: Page) -> str:
    """Pledge and pay on a phone; returns the receipt's number, known before any webhook has come."""
    expect(page.locator("#interval-month")).to_be_checked()
    choose(page, Interval.month, "€2")
    fill_in(page, ADA, NAME)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Monthly support for The Harbour Courier")
    expect(page.locator(".figure")).to_have_text(re.compile(r"€\s?2\.00"))
    pay(page)

    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    expect(fact(page, "You gave")).to_have_text("€2 every month")
    return receipt_number(page)


def _told(stage: Stage) -> set[str]:
    """The events that have reached us; the deployment's own mark may be told of before the hold."""
    return {one["event"] for one in stage.stripe.deliveries() if one["status"] == "succeeded"}


def _one_mail_with_a_receipt(stage: Stage, number: str) -> EmailMessage:
    [mail] = wait_for_mails(stage, ADA)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain
    assert rich
    for part in (plain.get_content(), rich.get_content()):
        for fact_told in (number, "€2.00", NAME, "Harbour Courier Foundation gGmbH", "/receipts/", "30 days"):
            assert fact_told in part, fact_told
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == f"receipt-{number}.pdf"
    assert number in _text_of(attached.get_payload(decode=True))
    return mail


def _text_of(content: object) -> str:
    assert isinstance(content, bytes)
    return "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)


def _the_link_opens_the_receipt(page: Page, mail: EmailMessage) -> None:
    plain = mail.get_body(("plain",))
    assert plain
    link = re.search(r"http\S+/receipts/\S+", plain.get_content())
    assert link
    answer = page.request.get(link.group())
    assert answer.headers["content-type"] == "application/pdf"
    assert NAME in _text_of(answer.body())
    expect(page).to_have_url(THANKS)
    with page.expect_download() as download:
        page.locator("dl a[href*='/receipts/']").click()
    assert download.value.suggested_filename == _file_name(mail)


def _file_name(mail: EmailMessage) -> str | None:
    return next(mail.iter_attachments()).get_filename()


def _the_desk_shows_the_first_payment(page: Page, number: str) -> None:
    sign_in(page)
    for heading in ("Given today", "Given this month"):
        card = page.locator(".card", has=page.get_by_role("heading", name=heading))
        expect(card).to_contain_text("€2.00")
        expect(card).to_contain_text("1 payment")
    expect(page.locator(".card", has_text="Active members")).to_contain_text("1")

    page.get_by_role("link", name="Members").click()
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Active")
    assert NAME not in page.content()
    assert ADA not in page.content()
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    happened = page.get_by_role("region", name="As Stripe told it")
    expect(happened).to_contain_text("Stripe’s payment page finished")
    expect(happened).to_contain_text("Payment succeeded")
    expect(happened).to_contain_text("invoice.paid")
    page.get_by_role("button", name="Show who this is").click()
    expect(fact(page, "Name")).to_have_text(NAME)


def _live_through_a_year(stage: Stage) -> None:
    for month in range(1, 13):
        stage.stripe.advance(seconds=MONTH_SECONDS)
        wait_for_mails(stage, ADA, 1 + month)
    _settle(stage)


def _settle(stage: Stage) -> None:
    """Wait until every webhook has come and all that it made us want is fetched."""
    stage.stripe.deliver_now()
    stage.wait_until(lambda: not _wanted(stage), what="nothing is wanted")


def _wanted(stage: Stage) -> int:
    with reading(stage.parts.sessions) as session:
        behind = WantedObject.wanted > WantedObject.done
        return session.scalar(sa.select(sa.func.count()).where(behind)) or 0


def _thirteen_receipts_without_a_gap(stage: Stage) -> None:
    mails = mails_to(stage, ADA)()
    numbers = sorted(str(_file_name(mail)).removeprefix("receipt-").removesuffix(".pdf") for mail in mails)
    assert len(set(numbers)) == len(mails) == 13
    for _, of_one_year in groupby(numbers, key=lambda number: number.rpartition("-")[0]):
        serials = [int(number.rpartition("-")[2]) for number in of_one_year]
        assert serials == list(range(1, len(serials) + 1))


def _the_desk_agrees_with_stripe(page: Page, stage: Stage) -> None:
    balance = _balance_of_stripe(stage)
    assert _net_of_the_ledger(stage) == balance
    page.goto(f"/staff/money?from=2020-01-01&to={_stripe_today(stage) + timedelta(days=40)}")
    total = page.locator("tfoot tr")
    expect(total.locator("td").first).to_have_text("13")
    expect(total.locator("td").nth(1)).to_have_text("€26.00")
    expect(total.locator("td").last).to_have_text(format_money(balance, "en"))

    page.goto("/staff/members")
    page.locator("tbody tr").get_by_role("link").click()
    expect(fact(page, "Payments")).to_have_text("13")
    expect(page.locator("a[href*='/receipts/']")).to_have_count(13)


def _balance_of_stripe(stage: Stage) -> Money:
    balance = stage.stripe.client().v1.balance.retrieve()
    parts = [*balance["available"], *balance["pending"]]
    assert {part["currency"] for part in parts} == {"eur"}
    return Money(sum(part["amount"] for part in parts), "eur")


def _net_of_the_ledger(stage: Stage) -> Money:
    last = _stripe_today(stage) + timedelta(days=40)
    with reading(stage.parts.sessions) as session:
        [row] = money.takings(session, first=last - timedelta(days=800), last=last)
    return Money(row.net, row.currency)


def _stripe_today(stage: Stage) -> date:
    return local_date(datetime.fromtimestamp(stage.stripe.now(), UTC), stage.parts.newsroom.zone)
