"""What the desk shows: the overview, the list of members, one member's record, money."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.asks.models import AskedBy, AskKind, EndReason
from app.asks.queue import add_ask
from app.asks.rules import Wish
from app.billing.statuses import SubscriptionStatus
from app.db import Sessions, transaction
from app.flows.parts import Parts
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.desk import add_account, post, sign_in
from tests.support.ledger_rows import Rows
from tests.web.statements import statements_of
from tests.web.tables import Write, rows_of, texts_of

NAME, ADDRESS = "Ada Canary-Lovelace", "ada.canary@mail.example"


def a_supporter(rows: Rows) -> str:
    """Ada gives 5 monthly, was paid back once, and has a receipt; returns her code."""
    now = rows.now
    ada = rows.member(ADDRESS, name=NAME, joined_at=now - timedelta(minutes=5))
    subscription = rows.subscription(ada, Money(500, "eur"), started_at=now - timedelta(minutes=5))
    payment = rows.payment(
        ada, Money(500, "eur"), fee_minor=45, paid_at=now - timedelta(minutes=5), subscription=subscription
    )
    rows.refund(payment, Money(200, "eur"), at=now - timedelta(minutes=2))
    rows.receipt(payment)
    rows.event("customer.subscription.created", ObjectType.subscription, subscription.stripe_subscription_id)
    rows.event("payment_intent.succeeded", ObjectType.payment_intent, payment.stripe_payment_intent_id)
    return ada.code


def everyone(rows: Rows) -> dict[str, str]:
    """One member of each standing; returns their codes."""
    long_ago = rows.now - timedelta(days=90)
    active = rows.member("active@mail.example", joined_at=long_ago)
    rows.subscription(active, Money(500, "eur"), started_at=long_ago)
    late = rows.member("late@mail.example", joined_at=long_ago)
    rows.subscription(late, Money(700, "eur"), started_at=long_ago, status=SubscriptionStatus.past_due)
    ended = rows.member("ended@mail.example", joined_at=long_ago)
    rows.end(rows.subscription(ended, Money(900, "eur"), started_at=long_ago), rows.now)
    lapsed = rows.member("lapsed@mail.example", joined_at=long_ago)
    rows.subscription(lapsed, Money(800, "eur"), started_at=long_ago, status=SubscriptionStatus.unpaid)
    paused = rows.member("paused@mail.example", joined_at=long_ago)
    rows.pause(rows.subscription(paused, Money(600, "eur"), started_at=long_ago), rows.now)
    once = rows.member("once@mail.example", joined_at=long_ago)
    rows.payment(once, Money(2500, "eur"), paid_at=long_ago)
    standing = {"active": active, "past_due": late, "paused": paused, "lapsed": lapsed, "ended": ended}
    return {name: one.code for name, one in (standing | {"one_off": once}).items()}


def test_the_overview_shows_todays_and_this_months_support_and_who_is_active(
    desk: FlaskClient, write: Write
) -> None:
    write(a_supporter)

    page = desk.get("/staff").text

    assert _cards(page) == [
        ["Given today", "€5.00", "1 payment · €2.55 net"],
        ["Given this month", "€5.00", "1 payment · €2.55 net"],
        ["Active members", "1", "1 monthly"],
    ]


def test_the_day_turns_over_in_the_newsrooms_time_zone(
    app: Flask, client: FlaskClient, parts: Parts, sessions: Sessions
) -> None:
    before_midnight_in_berlin = datetime(2026, 6, 30, 21, 59, tzinfo=UTC)
    with transaction(sessions) as session:
        rows = Rows(session, parts, now=before_midnight_in_berlin)
        rows.payment(rows.member(ADDRESS), Money(500, "eur"), paid_at=before_midnight_in_berlin)
    add_account(app)

    with time_machine.travel(before_midnight_in_berlin):
        sign_in(client)
        before = _cards(client.get("/staff").text)
    with time_machine.travel(before_midnight_in_berlin + timedelta(minutes=2)):
        after = _cards(client.get("/staff").text)

    assert before[0][1] == before[1][1] == "€5.00"
    assert after[0][1:] == ["Nothing yet today."]
    assert after[1][1:] == ["Nothing yet this month."]


def test_the_overview_shows_twelve_months_of_one_currency_at_a_time(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> None:
        ada = rows.member(ADDRESS)
        rows.payment(ada, Money(500, "eur"), paid_at=rows.now)
        rows.payment(ada, Money(3000, "jpy"), fee_minor=100, paid_at=rows.now)

    write(story)

    euro, yen = desk.get("/staff").text, desk.get("/staff?currency=jpy").text

    assert euro.count("data-value") == yen.count("data-value") == 12 * 5 + 13
    assert "€4.70" in _table(euro, "money-table")
    assert "¥2,900" in _table(yen, "money-table")
    assert "¥" not in _table(euro, "money-table")


def test_the_overview_counts_why_support_was_ended(desk: FlaskClient, sessions: Sessions) -> None:
    assert "Why support was ended" not in desk.get("/staff").text
    reasons = (EndReason.money, None, EndReason.money, EndReason.safety, None, None)
    with transaction(sessions) as session:
        for number, reason in enumerate(reasons):
            wish = Wish(
                nonce=f"end-{number}",
                kind=AskKind.cancel_later,
                object_id=f"sub_{number}",
                asked_by=AskedBy.member,
                reason=reason,
            )
            add_ask(session, wish, now=utc_now())

    shown = desk.get("/staff").text

    assert rows_of(shown, caption="reasons-caption") == [
        ["It is too much just now", "2"],
        ["It does not feel safe any more", "1"],
        ["Chose no reason", "3"],
    ]


@pytest.mark.parametrize("standing", ["active", "past_due", "paused", "lapsed", "ended", "one_off"])
def test_members_are_listed_by_where_they_stand(desk: FlaskClient, write: Write, standing: str) -> None:
    codes = write(everyone)

    page = desk.get(f"/staff/members?status={standing}").text

    assert _codes(page) == [codes[standing]]


def test_the_list_says_what_each_member_gives_and_gave(desk: FlaskClient, write: Write) -> None:
    write(a_supporter)

    [row] = rows_of(desk.get("/staff/members").text)

    assert row[1] == "Active"
    assert row[2:4] == ["€5.00 monthly", "€3.00"]


def test_a_member_who_stops_and_begins_again_is_active(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> str:
        ada = rows.member(ADDRESS)
        rows.end(rows.subscription(ada, Money(500, "eur"), started_at=rows.now - timedelta(days=9)), rows.now)
        rows.subscription(ada, Money(2400, "eur"), interval=Interval.year, started_at=rows.now)
        return ada.code

    code = write(story)

    assert _codes(desk.get("/staff/members?status=active").text) == [code]
    assert _codes(desk.get("/staff/members?status=ended").text) == []


def test_pages_of_members_follow_each_other_without_gap_or_repeat(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> list[str]:
        return [rows.member(f"reader{number}@mail.example").code for number in range(120)]

    codes = write(story)

    seen, path = [], "/staff/members"
    while path:
        page = desk.get(path).text
        seen += _codes(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found.group(1).replace("&amp;", "&") if found else ""

    assert seen == codes[::-1]


def test_the_list_asks_as_many_questions_for_fifty_members_as_for_one(
    app: Flask, desk: FlaskClient, write: Write
) -> None:
    write(a_supporter)
    with statements_of(app) as for_one:
        desk.get("/staff/members")

    def story(rows: Rows) -> None:
        for number in range(49):
            member = rows.member(f"reader{number}@mail.example")
            rows.subscription(member, Money(500, "eur"))
            rows.payment(member, Money(500, "eur"))

    write(story)
    with statements_of(app) as for_fifty:
        page = desk.get("/staff/members")

    assert len(_codes(page.text)) == 50
    assert len(for_fifty) == len(for_one) <= 9


def test_a_member_is_found_by_code_stripe_id_and_receipt_number(desk: FlaskClient, write: Write) -> None:
    found: dict[str, str] = {}

    def story(rows: Rows) -> None:
        ada = rows.member(ADDRESS)
        subscription = rows.subscription(ada, Money(500, "eur"))
        payment = rows.payment(ada, Money(500, "eur"), subscription=subscription)
        refund = rows.refund(payment, Money(100, "eur"))
        found.update(
            code=ada.code,
            bare=ada.code.replace("-", "").lower(),
            sub=subscription.stripe_subscription_id,
            pi=payment.stripe_payment_intent_id,
            ch=str(payment.stripe_charge_id),
            txn=str(payment.stripe_balance_transaction_id),
            re=refund.stripe_refund_id,
            receipt=rows.receipt(payment).number.lower(),
        )

    write(story)

    for asked in found.values():
        answer = desk.get("/staff/members", query_string={"q": asked})
        assert answer.location == f"/staff/members/{found['code']}", asked


def test_the_beginning_of_a_code_lists_those_who_share_it(desk: FlaskClient, write: Write) -> None:
    codes = write(everyone)
    beginning = codes["ended"][:6]

    assert codes["ended"] in _codes(desk.get(f"/staff/members?q={beginning}").text)


@pytest.mark.parametrize("asked", ["%", "_", "nobody", "cus_unknown", "xyz_1", "ада", "' OR 1=1", "A" * 5000])
def test_a_search_that_finds_nobody_says_what_to_type(desk: FlaskClient, write: Write, asked: str) -> None:
    write(a_supporter)

    answer = desk.get("/staff/members", query_string={"q": asked})

    assert answer.status_code == 200
    assert _codes(answer.text) == []
    assert "Nobody is found" in answer.text
    assert "Show all members" in answer.text


@pytest.mark.parametrize("query", ["status=lapsed", "status=doubled", "status=contested"])
def test_a_list_filtered_without_hits_says_so_and_leads_back_to_all(
    desk: FlaskClient, write: Write, query: str
) -> None:
    write(a_supporter)

    page = desk.get(f"/staff/members?{query}").text

    assert "No members match." in page
    assert '<a href="/staff/members">Show all members</a>' in page
    assert "No members here yet" not in page


def test_a_newsroom_without_members_says_that_there_are_none_yet(desk: FlaskClient) -> None:
    page = desk.get("/staff/members").text

    assert "No members here yet." in page
    assert "No members match" not in page


def test_a_record_tells_payments_receipts_subscriptions_and_events(desk: FlaskClient, write: Write) -> None:
    code = write(a_supporter)

    page = desk.get(f"/staff/members/{code}").text

    [payment] = rows_of(page, caption="payments-caption")
    assert payment[1:7] == ["€5.00", "€5.00", "€0.45", "€2.55", "€2.00", "Visa ··4242"]
    assert payment[7].startswith("HC-")
    [subscription] = rows_of(page, caption="subscriptions-caption")
    assert subscription[1] == "€5.00 monthly"
    assert subscription[2].startswith("Active Runs since ")
    assert [row[1] for row in rows_of(page, caption="facts-caption")] == ["Started"]
    [happened] = rows_of(page, caption="events-caption")
    for told in ("Subscription begun", "Payment succeeded", "payment_intent.succeeded"):
        assert told in happened[1]


def test_a_receipt_is_handed_out_as_its_owner_has_it(desk: FlaskClient, write: Write) -> None:
    code = write(a_supporter)
    link = re.search(r'href="(/staff/receipts/[^"]+)"', desk.get(f"/staff/members/{code}").text)
    assert link

    answer = desk.get(link.group(1))

    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="receipt-HC-')


def test_who_a_member_is_shows_on_a_click_alone_and_the_click_is_on_record(
    desk: FlaskClient, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    code = write(a_supporter)
    before = desk.get(f"/staff/members/{code}").text
    assert NAME not in before
    assert ADDRESS not in before

    with structlog.testing.capture_logs() as lines:
        shown = post(desk, f"/staff/members/{code}", {}).text

    assert NAME in shown
    assert ADDRESS in shown
    [line] = [line for line in lines if line["event"] == "person_shown"]
    assert line["member_code"] == code
    assert line["staff_id"]
    written = json.dumps(lines) + capsys.readouterr().err
    assert NAME not in written
    assert ADDRESS not in written


def test_an_erased_person_is_nobody(
    desk: FlaskClient, write: Write, parts: Parts, sessions: Sessions
) -> None:
    code = write(a_supporter)
    with transaction(sessions) as session:
        person_id = parts.vault.find_person_id(session, ADDRESS)
        assert person_id
        parts.vault.erase_person(session, person_id)

    page = post(desk, f"/staff/members/{code}", {}).text

    assert "Nobody: the person was erased" in page
    assert "€5.00" in page


def test_seeing_who_it_is_wants_a_recent_password(app: Flask, client: FlaskClient, write: Write) -> None:
    code = write(a_supporter)
    add_account(app)
    sign_in(client)

    with time_machine.travel(utc_now() + timedelta(hours=2)):
        led = post(client, f"/staff/members/{code}", {})

    assert led.location.startswith("/staff/confirm")
    assert NAME not in led.text


@pytest.mark.parametrize(
    "path", ["/staff/members/NONE-NONE", "/staff/receipts/018f0000-0000-7000-8000-000000000000.pdf"]
)
def test_what_the_desk_does_not_have_is_a_plain_404(desk: FlaskClient, path: str) -> None:
    answer = desk.get(path)

    assert answer.status_code == 404
    assert "Not here" in answer.text


def test_money_of_a_period_by_month_and_currency_adds_up(desk: FlaskClient, write: Write) -> None:
    def story(rows: Rows) -> None:
        ada = rows.member(ADDRESS)
        for month in (1, 2, 4):
            rows.payment(ada, Money(1000, "eur"), fee_minor=50, paid_at=datetime(2026, month, 15, tzinfo=UTC))
        rows.payment(ada, Money(700, "kwd"), fee_minor=10, paid_at=datetime(2026, 2, 15, tzinfo=UTC))

    write(story)

    page = desk.get("/staff/money?from=2026-01-01&to=2026-03-31").text

    assert rows_of(page, caption="money-eur-caption") == [
        ["Jan 2026", "1", "€10.00", "€0.50", *["€0.00"] * 4, "€9.50"],
        ["Feb 2026", "1", "€10.00", "€0.50", *["€0.00"] * 4, "€9.50"],
        ["Mar 2026", "0", *["€0.00"] * 7],
        ["In all", "2", "€20.00", "€1.00", *["€0.00"] * 4, "€19.00"],
    ]
    assert rows_of(page, caption="money-kwd-caption")[-1][2] == "KWD\u00a00.700"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=2026-13-01", "“From” is not a day"),
        ("to=yesterday", "“To” is not a day"),
        ("from=2026-02-01&to=2026-01-01", "“From” is later than “to”"),
        ("from=1970-01-01&to=2026-01-01", "more than 50 years"),
        ("to=0001-01-01", "not a day the desk knows"),
    ],
)
def test_days_that_are_none_are_named_and_explained(desk: FlaskClient, query: str, says: str) -> None:
    answer = desk.get(f"/staff/money?{query}")

    assert answer.status_code == 400
    assert says in answer.text
    assert desk.get(f"/staff/money/export.csv?{query}").status_code == 400


def _cards(page: str) -> list[list[str]]:
    sections = re.findall(r'<section class="card">(.*?)</section>', page, re.S)
    return [texts_of(r"<(?:h2|p)[^>]*>(.*?)</(?:h2|p)>", section) for section in sections]


def _codes(page: str) -> list[str]:
    return re.findall(r'<a class="code" href="/staff/members/([^"]+)"', page)


def _table(page: str, table_id: str) -> str:
    return page.partition(f'id="{table_id}"')[2].partition("</table>")[0]
