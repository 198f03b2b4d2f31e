"""Receipts by their signed link: for their owner, for thirty days, then by mail to the known address."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from app.billing.models import Payment
from app.db import reading
from app.flows.parts import Parts
from app.flows.receipts import receipt_link
from app.kernel.clock import utc_now
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import CreditNote
from tests.support.cast import ADA
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import open_sessions, path_of, read, send


@pytest.fixture
def receipt_path(client: FlaskClient, stripe: SimulatorProcess) -> str:
    """The link to the receipt of Ada's first payment."""
    send(client)
    session_id = open_sessions(stripe)[0]["id"]
    stripe.pay(session_id)
    page = read(client.get(f"/support/thanks?session_id={session_id}"))
    return path_of(next(link["href"] for link in page.all("a") if "/receipts/" in link.get("href", "")))


@pytest.fixture
def credit_note_path(parts: Parts, stripe: SimulatorProcess) -> str:
    """The link to the credit note of what Ada was given back."""
    world = World(parts, stripe)
    world.give(ADA)
    world.v1.refunds.create({"payment_intent": world.one(Payment).stripe_payment_intent_id})
    world.settle()
    return path_of(receipt_link(parts, world.one(CreditNote).id))


def mails_of(parts: Parts, kind: MailKind) -> int:
    with reading(parts.sessions) as session:
        counted = sa.select(sa.func.count()).select_from(QueuedMail).where(QueuedMail.kind == kind)
        return session.scalar(counted) or 0


def test_the_link_hands_out_the_pdf_by_its_number(client: FlaskClient, receipt_path: str) -> None:
    answer = client.get(receipt_path)

    year = utc_now().year
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="receipt-HC-{year}-000001.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_old_link_opens_nothing_but_mails_it_to_the_known_address(
    client: FlaskClient, parts: Parts, receipt_path: str
) -> None:
    with time_machine.travel(utc_now() + timedelta(days=31)):
        shown = client.get(receipt_path)
        (form,) = read(shown).all("form")
        asked = [client.post(form["action"]) for _ in range(3)]

    assert shown.status_code == 410
    assert "This receipt link has run out" in read(shown).text
    assert all(answer.status_code == 200 for answer in asked)
    assert "Your receipt is on its way" in read(asked[0]).text
    assert mails_of(parts, MailKind.receipt_again) == 1


@pytest.mark.parametrize(
    ("language", "run_out", "on_its_way"),
    [
        ("en", "This credit note link has run out", "Your credit note is on its way"),
        ("ru", "Срок действия ссылки на кредит-ноту истёк", "Кредит-нота в пути"),
    ],
)
def test_an_old_link_to_a_credit_note_speaks_of_a_credit_note(
    client: FlaskClient, parts: Parts, credit_note_path: str, language: str, run_out: str, on_its_way: str
) -> None:
    with time_machine.travel(utc_now() + timedelta(days=31)):
        shown = read(client.get(f"{credit_note_path}?lang={language}"))
        (form,) = shown.all("form")
        asked = read(client.post(form["action"], data={"lang": language}))

    assert run_out in shown.text
    assert on_its_way in asked.text
    for page in (shown, asked):
        assert "receipt" not in page.text.lower()
        assert "квитанци" not in page.text.lower()
    assert mails_of(parts, MailKind.credit_note) == 2, "the first, and the one asked for"


def test_looking_at_an_old_link_mails_nothing(client: FlaskClient, parts: Parts, receipt_path: str) -> None:
    with time_machine.travel(utc_now() + timedelta(days=31)):
        client.get(receipt_path)
        client.head(receipt_path)

    assert mails_of(parts, MailKind.receipt_again) == 0


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "%D0%B6", "x" * 2000])
def test_a_link_that_is_not_ours_is_kindly_not_found(client: FlaskClient, token: str) -> None:
    for answer in (client.get(f"/receipts/{token}"), client.post(f"/receipts/{token}/again")):
        assert answer.status_code == 404
        assert "There is nothing at this address" in read(answer).text


def test_an_altered_link_is_not_found(client: FlaskClient, receipt_path: str) -> None:
    # Not the last letter: of its six bits four count, and another letter may spell the same signature.
    other = "A" if receipt_path[-10] != "A" else "B"
    assert client.get(receipt_path[:-10] + other + receipt_path[-9:]).status_code == 404
