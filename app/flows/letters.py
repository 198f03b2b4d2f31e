"""What each letter says."""

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.flows.parts import Parts
from app.flows.receipts import draw_receipt, receipt_link
from app.kernel.catalogues import translations
from app.kernel.formatting import format_day, format_money_exactly
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.outbox.compose import Attachment, Letter
from app.outbox.models import MailKind
from app.outbox.queue import MailLease
from app.receipts.models import Receipt
from app.receipts.wording import purpose
from app.vault.vault import PersonInClear


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a receipt letter is about."""

    recipient: PersonInClear
    receipt: Receipt
    entity_name: str


def find_matter(session: Session, parts: Parts, lease: MailLease) -> Matter | None:
    """Return recipient and receipt, or None once the person is erased."""
    member = session.get_one(Member, lease.member_id)
    receipt = session.get(Receipt, lease.receipt_id) if lease.receipt_id else None
    recipient = parts.vault.find_person(session, member.person_id) if member.person_id else None
    if receipt is None or recipient is None:
        return None
    entity_name = json.loads(receipt.wording)["entity_name"]
    return Matter(recipient=recipient, receipt=receipt, entity_name=entity_name)


def receipt_letter(parts: Parts, lease: MailLease, matter: Matter) -> Letter:
    """Return the letter that carries a receipt, the first time or again."""
    receipt, language = matter.receipt, lease.language
    drawn = draw_receipt(parts, receipt.id)
    words = translations(language)
    amount = format_money_exactly(Money(receipt.amount_minor, receipt.currency), language)
    named = {"newsroom": parts.newsroom.name, "amount": amount, "number": receipt.number}
    if lease.kind is MailKind.receipt_again:
        subject = words.gettext("Your receipt %(number)s") % named
        opening = words.gettext("Here is the receipt you asked for. It is attached as a PDF.")
    else:
        subject = words.gettext("Thank you for supporting %(newsroom)s: receipt %(number)s") % named
        opening = (
            words.gettext("Your payment of %(amount)s has arrived. Your receipt is attached as a PDF.")
            % named
        )
    return Letter(
        template="receipt",
        subject=subject,
        words={
            "greeting": _greeting(matter.recipient, language),
            "opening": opening,
            "rows": _rows(matter, amount, language),
            "link": receipt_link(parts, receipt.id),
            "closing": _closing(receipt.interval, language),
        },
        attachment=Attachment(name=drawn.file_name, content=drawn.pdf),
    )


def _greeting(recipient: PersonInClear, language: str) -> str:
    words = translations(language)
    if not recipient.name:
        return words.gettext("Thank you")
    return words.gettext("Thank you, %(name)s") % {"name": recipient.name}


def _rows(matter: Matter, amount: str, language: str) -> list[tuple[str, str]]:
    words, receipt = translations(language), matter.receipt
    what_for = purpose(receipt.interval, receipt.period_start_on, receipt.period_end_on, language)
    return [
        (words.gettext("Receipt"), receipt.number),
        (words.gettext("Amount"), amount),
        (words.gettext("For"), what_for),
        (words.gettext("Paid on"), format_day(receipt.paid_on, language)),
        (words.gettext("Received by"), matter.entity_name),
    ]


def _closing(interval: Interval, language: str) -> list[str]:
    words = translations(language)
    link = words.gettext("The link works for 30 days; after that it offers to send the receipt to you again.")
    if interval is Interval.once:
        return [link, words.gettext("This was a single payment: nothing will be charged again.")]
    return [link, words.gettext("To change or end your support, simply answer this mail.")]
