"""The letter that carries a receipt, the first time or again."""

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.billing.returned import went_back
from app.flows.draw import draw_receipt
from app.flows.letters.common import Addressed, NotNeeded, Support, find_support_of
from app.flows.parts import Parts
from app.flows.receipts import receipt_link
from app.kernel.formatting import format_day, format_money_exactly
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.outbox.compose import Attachment, Button, Letter
from app.outbox.models import MailKind
from app.outbox.queue import MailLease
from app.receipts.models import Receipt
from app.receipts.wording import purpose_of


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a receipt letter is about."""

    receipt: Receipt
    entity_name: str
    support: Support | None
    """What the payment was of, where it recurs."""


def find(session: Session, _parts: Parts, lease: MailLease) -> Matter | NotNeeded:
    """Return the receipt; nobody is thanked for a payment of which nothing is left."""
    receipt = session.get(Receipt, lease.receipt_id) if lease.receipt_id else None
    if receipt is None:
        return NotNeeded("the receipt is not known")
    if lease.kind is MailKind.receipt and went_back(session, receipt.payment_id):
        return NotNeeded("the money went back")
    return Matter(
        receipt=receipt,
        entity_name=json.loads(receipt.wording)["entity_name"],
        support=find_support_of(session, receipt.payment_id),
    )


def write(to: Addressed, matter: Matter) -> Letter:
    """Return the letter, with the receipt's PDF."""
    receipt = matter.receipt
    drawn = draw_receipt(to.parts, receipt.id)
    amount = format_money_exactly(Money(receipt.amount_minor, receipt.currency), to.language)
    subject, opening = _beginning(to, receipt, amount)
    return Letter(
        subject=subject,
        heading=_thanks(to),
        opening=[opening],
        facts=_facts(to, matter, amount),
        button=Button(
            label=to.words.gettext("Download the receipt"), link=receipt_link(to.parts, receipt.id)
        ),
        closing=_closing(to, matter),
        quiet=matter.support.ways(to) if matter.support and matter.support.goes_on else [],
        attachment=Attachment(name=drawn.file_name, content=drawn.pdf),
    )


def _beginning(to: Addressed, receipt: Receipt, amount: str) -> tuple[str, str]:
    words = to.words
    named = {"newsroom": to.newsroom, "amount": amount, "number": receipt.number}
    if to.lease.kind is MailKind.receipt_again:
        subject = words.gettext("Your receipt %(number)s")
        opening = words.gettext("Here is the receipt you asked for. It is attached as a PDF.")
    else:
        subject = words.gettext("Thank you for supporting %(newsroom)s: receipt %(number)s")
        opening = words.gettext("Your payment of %(amount)s has arrived. Your receipt is attached as a PDF.")
    return subject % named, opening % named


def _thanks(to: Addressed) -> str:
    if not to.recipient.name:
        return to.words.gettext("Thank you")
    return to.words.gettext("Thank you, %(name)s") % {"name": to.recipient.name}


def _facts(to: Addressed, matter: Matter, amount: str) -> list[tuple[str, str]]:
    words, receipt, language = to.words, matter.receipt, to.language
    return [
        (words.gettext("Receipt"), receipt.number),
        (words.gettext("Amount"), amount),
        (words.gettext("For"), purpose_of(receipt, language)),
        (words.gettext("Paid on"), format_day(receipt.paid_on, language)),
        (words.gettext("Received by"), matter.entity_name),
    ]


def _closing(to: Addressed, matter: Matter) -> list[str]:
    words = to.words
    link = words.gettext("The link works for 30 days; after that it offers to send the receipt to you again.")
    if matter.receipt.interval is Interval.once:
        return [link, words.gettext("This was a single payment: nothing will be charged again.")]
    if not (matter.support and matter.support.goes_on):
        return [link]
    return [link, words.gettext("Change or end your support whenever you like, by the links below.")]
