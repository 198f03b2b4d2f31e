"""What receipt a picture of a paid payment brings about, and the mail that carries it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.giving.agreements import keep_agreement
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.payment import project_payment
from app.projection.refund import project_refund
from app.receipts.models import CreditNote, Receipt
from app.vault.vault import PersonInClear
from tests.projection.rows import add_member, add_pledge, all_of, letters, only, values
from tests.support import pictures
from tests.support.pictures import BEGUN, HOUR, NOW


def test_a_receipt_prints_what_was_paid_for_whom_and_on_which_days(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)

    receipt = only(session, Receipt)
    assert values(receipt, "sealed_name", "wording") == {
        "legal_entity": "HC",
        "year": 2026,
        "serial": 1,
        "number": "HC-2026-000001",
        "payment_id": only(session, Payment).id,
        "member_id": member.id,
        "paid_on": date(2026, 11, 3),
        "language": "en",
        "amount_minor": 500,
        "currency": "eur",
        "interval": Interval.month,
        "period_start_on": date(2026, 11, 3),
        "period_end_on": date(2026, 12, 2),
        "payment_method": "visa 4242",
        "created_at": NOW,
    }
    newsroom = setting.newsroom
    assert json.loads(receipt.wording) == {
        "newsroom_name": "The Harbour Courier",
        "entity_name": "Harbour Courier Foundation gGmbH",
        "entity_address": ["Speicherstadt 12", "20457 Hamburg", "Germany"],
        "entity_registration": "Hamburg HRB 123456",
        "tax_wording": newsroom.receipt.tax_wording["en"],
        "goods_wording": newsroom.receipt.goods_wording["en"],
    }


@pytest.mark.parametrize("by_invoice", [False, True])
def test_the_fees_agreed_to_with_a_pledge_stand_on_its_receipt(
    session: Session, setting: Context, by_invoice: bool
) -> None:
    pledge = add_pledge(session, fees_minor=33)
    by_way = {"invoice": pictures.invoice(pledge_id=pledge.id)} if by_invoice else {"pledge_id": pledge.id}
    add_member(session, setting, **by_way)

    assert json.loads(only(session, Receipt).wording)["fees_minor"] == 33


def test_the_fees_agreed_to_later_go_before_those_of_the_pledge(session: Session, setting: Context) -> None:
    pledge = add_pledge(session, fees_minor=33)
    keep_agreement(session, "sub_1", total=pictures.FIVE, fees=Money(40, "eur"), now=NOW)
    add_member(session, setting, pledge_id=pledge.id)

    assert json.loads(only(session, Receipt).wording)["fees_minor"] == 40


def test_a_single_gift_covers_the_fees_its_own_pledge_says(session: Session, setting: Context) -> None:
    pledge = add_pledge(session, fees_minor=33)
    add_member(session, setting, pledge_id=pledge.id, invoice=None)

    assert json.loads(only(session, Receipt).wording)["fees_minor"] == 33


@pytest.mark.parametrize(("spoken", "printed"), [("ru", "ru"), ("fr", "en")])
def test_a_receipt_is_in_the_members_language_where_the_newsroom_speaks_it(
    session: Session, setting: Context, spoken: str, printed: str
) -> None:
    pledge = add_pledge(session, language=spoken)
    add_member(session, setting, pledge_id=pledge.id)

    receipt = only(session, Receipt)
    assert receipt.language == printed
    assert json.loads(receipt.wording)["tax_wording"] == setting.newsroom.receipt.tax_wording[printed]


def test_what_a_receipt_says_is_kept_in_its_own_letters_and_in_one_order(
    session: Session, setting: Context
) -> None:
    newsroom = setting.newsroom.model_copy(update={"name": "Портовый курьер"})
    project_payment(session, pictures.payment(), replace(setting, newsroom=newsroom))
    project_refund(session, pictures.refund(), replace(setting, newsroom=newsroom))

    for document in (only(session, Receipt), only(session, CreditNote)):
        kept = list(json.loads(document.wording))
        assert "Портовый курьер" in document.wording
        assert kept == sorted(kept)


def test_days_on_a_receipt_are_the_newsrooms_days(session: Session, setting: Context) -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    one_day = pictures.invoice(period_start=late, period_end=late + HOUR)
    project_payment(session, pictures.payment(paid_at=late, invoice=one_day), setting)

    receipt, new_year = only(session, Receipt), date(2027, 1, 1)
    assert (receipt.paid_on, receipt.year, receipt.number) == (new_year, 2027, "HC-2027-000001")
    assert (receipt.period_start_on, receipt.period_end_on) == (new_year, new_year)


@pytest.mark.parametrize(
    ("method", "last4", "printed"),
    [("visa", "4242", "visa 4242"), ("link", None, "link"), (None, "4242", "4242"), (None, None, None)],
)
def test_a_receipt_tells_as_much_of_the_means_as_stripe_does(
    session: Session, setting: Context, method: str | None, last4: str | None, printed: str | None
) -> None:
    project_payment(session, pictures.payment(method=method, last4=last4), setting)

    assert only(session, Receipt).payment_method == printed


def test_the_name_on_a_receipt_is_sealed_for_its_person(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    typed = PersonInClear(address="ada@example.org", name="Ada Adler")
    setting.vault.keep_contact(session, pledge.id, typed, now=NOW)
    member = add_member(session, setting, pledge_id=pledge.id)

    sealed = only(session, Receipt).sealed_name
    assert sealed
    assert member.person_id
    assert setting.vault.unseal_for_person(session, member.person_id, sealed) == "Ada Adler"


def test_a_receipt_is_mailed_once_however_often_its_payment_is_seen(
    session: Session, setting: Context
) -> None:
    member = add_member(session, setting)
    project_payment(session, pictures.payment(), replace(setting, now=NOW + HOUR))

    receipt = only(session, Receipt)
    (mail,) = letters(session, MailKind.receipt)
    assert (mail["to"], mail["key"], mail["language"]) == (member.id, f"receipt-{receipt.id}", "en")
    assert (mail["receipt"], mail["queued_at"]) == (receipt.id, NOW)


@pytest.mark.parametrize(("silence_ends", "mails"), [(BEGUN + HOUR, 0), (BEGUN, 1), (BEGUN - HOUR, 1)])
def test_of_a_payment_older_than_a_sweeps_silence_no_mail_goes_out(
    session: Session, setting: Context, silence_ends: datetime, mails: int
) -> None:
    project_payment(session, pictures.payment(), replace(setting, silent_before=silence_ends))
    project_payment(session, pictures.payment(), setting)

    assert len(letters(session, MailKind.receipt)) == mails
    assert len(all_of(session, Receipt)) == 1


def test_a_payment_takes_back_the_number_stripe_keeps_for_its_receipt(
    session: Session, setting: Context
) -> None:
    project_payment(session, pictures.payment(receipt_number="HC-2026-000005"), setting)
    other = pictures.payment(id="pi_2", charge_id="ch_2", customer_id="cus_2", balance=None)
    restored = replace(other, id="pi_3", charge_id="ch_3")
    project_payment(session, other, setting)
    project_payment(session, restored, replace(setting, restoring=True))

    numbers = [row.number for row in sorted(all_of(session, Receipt), key=lambda row: row.id)]
    assert numbers == ["HC-2026-000005", "HC-2026-000006", "HC-2026-000001"]
