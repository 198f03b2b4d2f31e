"""After Stripe's page: the truth at once, whether or not the webhook has come."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.flows.parts import Parts
from app.flows.supporter_token import SupporterNote, TokenKind, read_note
from app.kernel.clock import local_date, utc_now
from tests.support.cast import DEBIT_FAILED
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import ADA, PageReader, open_sessions, path_of, read, send


def thanks_of(stripe: SimulatorProcess) -> str:
    """Return the address to which Stripe's page leads at its end."""
    session = open_sessions(stripe)[0]
    return path_of(str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"]))


def test_a_paid_month_is_thanked_before_any_webhook(client: FlaskClient, stripe: SimulatorProcess) -> None:
    send(client, name="Ada Lovelace")
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA)

    answer = client.get(thanks_of(stripe))

    page = read(answer)
    assert answer.status_code == 200
    assert "Thank you" in page.text
    assert "€5 every month" in page.text
    assert "Next payment" in page.text
    assert "HARBOUR COURIER" in page.text
    assert "change, pause or end your support by yourself" in page.text
    assert any(link["href"].startswith("/manage/sign-in") for link in page.all("a"))
    assert "Refresh" not in answer.headers


def test_the_receipt_is_one_click_away(client: FlaskClient, stripe: SimulatorProcess) -> None:
    send(client)
    stripe.pay(open_sessions(stripe)[0]["id"])

    page = read(client.get(thanks_of(stripe)))
    link = next(link["href"] for link in page.all("a") if "/receipts/" in link.get("href", ""))
    pdf = client.get(path_of(link))

    assert "HC-" in page.text
    assert pdf.content_type == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")


def test_a_single_gift_is_said_to_be_single(client: FlaskClient, stripe: SimulatorProcess) -> None:
    send(client, interval="once")
    stripe.pay(open_sessions(stripe)[0]["id"])

    text = read(client.get(thanks_of(stripe))).text

    assert "€25 once" in text
    assert "nothing will be charged again" in text
    assert "Next payment" not in text


def test_the_page_names_nobody_and_is_kept_by_nobody(client: FlaskClient, stripe: SimulatorProcess) -> None:
    send(client, name="Ada Lovelace")
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA, name="Ada Lovelace")

    answer = client.get(thanks_of(stripe))

    assert "ada" not in answer.text.lower()
    assert "lovelace" not in answer.text.lower()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


def test_who_has_not_paid_is_offered_the_way_on(client: FlaskClient, stripe: SimulatorProcess) -> None:
    send(client, "/support?lang=ru")

    answer = client.get(thanks_of(stripe))

    page = read(answer)
    assert "Ещё не оплачено" in page.text
    assert "Ничего не списано." in page.text
    (form,) = page.all("form")
    assert form["method"] == "post"
    assert client.post(form["action"]).headers["Location"] == open_sessions(stripe)[0]["url"]


def test_while_stripe_is_silent_the_page_says_so_and_looks_again(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    send(client)
    stripe.pay(open_sessions(stripe)[0]["id"])
    address = thanks_of(stripe)
    stripe.faults("fail_before", route="*", count=99)

    answer = client.get(address)

    assert "Your payment is on its way" in read(answer).text
    assert "you will not be charged twice" in read(answer).text
    stripe.clear_faults()
    again = client.get(answer.headers["Refresh"].partition("url=")[2])
    assert "Thank you" in read(again).text


@pytest.mark.parametrize(
    "query", ["", "session_id=", "session_id=cs_test_nobody", "session_id=%00", "session_id=" + "a" * 999]
)
def test_an_unknown_session_is_kindly_not_found(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/support/thanks?{query}")

    page = read(answer)
    assert answer.status_code == 404
    assert any(link.get("href", "").startswith("/support?") for link in page.all("a"))


def test_a_debit_that_failed_after_all_is_told_and_tried_again_with_the_form_filled_in(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    send(client, interval="once")
    thanks = thanks_of(stripe)
    stripe.pay(open_sessions(stripe)[0]["id"], iban=DEBIT_FAILED, name="Ada Lovelace", email=ADA)
    assert "on its way" in read(client.get(thanks)).text

    stripe.advance(seconds=3600)

    answer = client.get(thanks)
    page = read(answer)
    assert "The payment failed" in page.text
    assert "Nothing was charged" in page.text
    assert "Refresh" not in answer.headers
    again = next(link["href"] for link in page.all("a") if "amount=" in link.get("href", ""))
    assert "€25" in read(client.get(again)).text


def test_a_first_month_refused_by_the_bank_can_be_paid_another_way_by_the_link_on_the_page(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    send(client)
    thanks = thanks_of(stripe)
    stripe.pay(open_sessions(stripe)[0]["id"], iban=DEBIT_FAILED, name="Ada Lovelace", email=ADA)
    stripe.advance(seconds=3600)

    page = read(client.get(thanks))
    mend = next(link["href"] for link in page.all("a") if "/manage/mend/" in link.get("href", ""))

    assert "It will be tried once more on" in page.text
    assert client.get(path_of(mend)).status_code == 200


def test_a_gift_that_was_refunded_is_not_thanked_for_but_answered_by_its_documents(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    send(client, interval="once")
    thanks = thanks_of(stripe)
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA)
    client.get(thanks)
    (intent,) = stripe.objects("payment_intent")
    stripe.client().v1.refunds.create({"payment_intent": intent["id"]})
    World(parts, stripe).settle()

    page = read(client.get(thanks))

    assert "This payment went back" in page.text
    assert "Thank you" not in page.text
    links = [path_of(link["href"]) for link in page.all("a") if "/receipts/" in link.get("href", "")]
    names = [client.get(link).headers["Content-Disposition"] for link in links]
    assert ["receipt-HC-" in names[0], "credit-note-HC-CN-" in names[1]] == [True, True]


def note_of(parts: Parts, page: PageReader) -> SupporterNote:
    """Return the note behind the link back to the newsroom."""
    address = next(link["href"] for link in page.all("a") if "#small-favor=" in link.get("href", ""))
    return read_note(parts, address.partition("#small-favor=")[2])


def test_who_gave_once_is_asked_whether_a_small_monthly_amount_would_suit(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    send(client, interval="once", amount_once="50")
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA)

    page = read(client.get(thanks_of(stripe)))

    assert "Would a small monthly amount suit you?" in page.text
    assert "€5 a month comes to €60 a year" in page.text
    link = next(link["href"] for link in page.all("a") if "interval=month" in link.get("href", ""))
    form = read(client.get(link)).fields
    assert (form["interval"], form["amount_month"], form["currency"]) == ("month", "5", "eur")


def test_who_supports_already_is_not_asked_for_a_monthly_amount(
    client: FlaskClient, stripe: SimulatorProcess, parts: Parts
) -> None:
    send(client, email=ADA)
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA)
    first = read(client.get(thanks_of(stripe)))
    known = {session["id"] for session in open_sessions(stripe)}
    send(client, interval="once", email=ADA)
    second_id = next(one["id"] for one in open_sessions(stripe) if one["id"] not in known)
    stripe.pay(second_id, email=ADA)

    page = read(client.get(f"/support/thanks?session_id={second_id}"))

    for shown in (first, page):
        assert "small monthly amount" not in shown.text
        assert note_of(parts, shown).kind is TokenKind.supporter


def test_the_way_back_tells_the_appeal_of_a_gift_made_once_and_of_nobody(
    client: FlaskClient, stripe: SimulatorProcess, parts: Parts
) -> None:
    send(client, interval="once", email=ADA)
    stripe.pay(open_sessions(stripe)[0]["id"], email=ADA)

    note = note_of(parts, read(client.get(thanks_of(stripe))))

    today = local_date(utc_now(), parts.newsroom.zone)
    assert note == SupporterNote(kind=TokenKind.gave, until=today + timedelta(weeks=4))


def test_the_fees_that_were_covered_are_told_with_the_thanks(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    send(client, cover_fees="yes")
    stripe.pay(open_sessions(stripe)[0]["id"])

    text = read(client.get(thanks_of(stripe))).text

    assert "€5.41 every month" in text
    assert "Of it for the payment fees €0.41" in text
