"""All that is held about a member as one file to take away."""

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from defusedcsv import csv

from app.flows.people.everything import Held, Row
from app.kernel.catalogues import translations
from app.kernel.formatting import format_day
from app.kernel.money import Money

BYTE_ORDER_MARK = "\ufeff"
"""So that spreadsheets read the table as UTF-8."""
COLUMNS = ("paid_at", "amount", "currency", "given_back", "interval", "status", "method", "method_last4")


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """The file as it is handed out."""

    file_name: str
    content: bytes


def pack(held: Held, *, newsroom: str, language: str) -> DataFile:
    """Return a ZIP: all of it for programs, the payments as a table, and a page that says what is what."""
    written = io.BytesIO()
    everything = json.dumps(held.sections, ensure_ascii=False, indent=1, default=_plain)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read-me.txt", _guide(held, newsroom, language))
        archive.writestr("everything.json", everything)
        archive.writestr("payments.csv", _table(held.sections["payments"]))
    return DataFile(file_name=f"everything-{held.on}.zip", content=written.getvalue())


def _plain(value: object) -> str:
    """Write what JSON has no type for: instants and days as ISO 8601, ids and rates as text."""
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _table(payments: list[Row]) -> str:
    """Return the payments for a spreadsheet, amounts in the main unit; no cell is ever a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for payment in payments:
        writer.writerow([_cell(value) for value in _cells(payment)])
    return BYTE_ORDER_MARK + written.getvalue()


def _cells(payment: Row) -> list[object]:
    currency = payment["currency"]
    return [
        payment["paid_at"],
        Money(payment["amount_minor"], currency).plain(),
        currency,
        Money(payment["amount_refunded_minor"], currency).plain(),
        payment["interval"],
        payment["status"],
        payment["method"],
        payment["method_last4"],
    ]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.value if isinstance(value, StrEnum) else _plain(value)


def _guide(held: Held, newsroom: str, language: str) -> str:
    """Return what each part of the file is, in the reader's language; the names stand as in the file."""
    words = translations(language)
    explained = {
        "you": words.gettext("who you are: code, name, address, language"),
        "supports": words.gettext("what is or was charged regularly, as Stripe showed it last"),
        "facts_of_support": words.gettext("what happened to your support, and when"),
        "pledges": words.gettext("what you sent by our form"),
        "words_you_sent": words.gettext("dedications and messages to the newsroom"),
        "gifts_you_gave": words.gettext("memberships you paid for somebody else, never whose they became"),
        "gifts_you_claimed": words.gettext("the time that gifts gave you, never from whom"),
        "payments": words.gettext("every payment and every try"),
        "invoices": words.gettext("what was asked for each period"),
        "refunds": words.gettext("what was given back"),
        "disputes": words.gettext("what a bank took back"),
        "receipts": words.gettext("what your receipts say"),
        "credit_notes": words.gettext("what the documents about refunds say"),
        "remarks_on_receipts": words.gettext("what became of payments later"),
        "entries_in_the_books": words.gettext("which lines of our books are about your payments"),
        "asked_of_stripe_for_you": words.gettext("what was asked of Stripe: changes, ends, refunds"),
        "customers_at_stripe": words.gettext("under which numbers Stripe knows you"),
        "changes_of_address": words.gettext("when another address was asked for"),
        "browsers_signed_in": words.gettext("when a browser was signed in, and last used"),
        "wishes_to_sign_in": words.gettext("when somebody asked to sign in as you"),
        "mails_you_do_without": words.gettext("which reminders you have turned off"),
        "mails_to_you": words.gettext("which mails we sent, and when; not their text"),
        "records_made_one": words.gettext("which other records turned out to be yours, and since when"),
    }
    lines = [
        words.gettext("All that %(newsroom)s holds about you, put together on %(day)s.")
        % {"newsroom": newsroom, "day": format_day(held.on, language)},
        words.gettext(
            "everything.json holds all of it; payments.csv the payments once more, for a spreadsheet."
        ),
        words.gettext("Amounts ending in _minor are in the smallest unit: 250 is 2.50."),
        "",
        *(f"{name}: {explained[name]}" for name in held.sections),
        "",
        words.gettext(
            "Stripe, our payment service, holds more about your payments; ask us, and we ask Stripe."
        ),
    ]
    return "\n".join(lines) + "\n"
