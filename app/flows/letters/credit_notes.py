"""The letter that carries a credit note: money was given back."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.draw import draw_credit_note
from app.flows.letters.common import Addressed, NotNeeded, Support, find_support_of
from app.flows.parts import Parts
from app.flows.receipts import receipt_link
from app.kernel.formatting import format_day, format_money_exactly
from app.kernel.money import Money
from app.outbox.compose import Attachment, Button, Letter
from app.outbox.queue import MailLease
from app.receipts.models import CreditNote, NoteKind, Receipt
from app.receipts.queries import list_notes


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a credit note's letter is about."""

    note: CreditNote
    receipt: Receipt
    support: Support | None
    """What the payment was of, where it recurs."""

    @property
    def amount(self) -> Money:
        """What was given back."""
        return Money(self.note.amount_minor, self.note.currency)


def find(session: Session, _parts: Parts, lease: MailLease) -> Matter | NotNeeded:
    """Return the credit note, unless the refund it answers has failed meanwhile."""
    note = session.get(CreditNote, UUID(lease.about_id)) if lease.about_id else None
    if note is None:
        return NotNeeded("the credit note is not known")
    for told in list_notes(session, [note.receipt_id]):
        if told.kind is NoteKind.refund_failed and told.stripe_object_id == note.stripe_refund_id:
            return NotNeeded("the refund did not arrive")
    receipt = session.get_one(Receipt, note.receipt_id)
    return Matter(note=note, receipt=receipt, support=find_support_of(session, receipt.payment_id))


def write(to: Addressed, matter: Matter) -> Letter:
    """Return the letter, with the credit note's PDF."""
    words, note = to.words, matter.note
    drawn = draw_credit_note(to.parts, note.id)
    named = {"amount": format_money_exactly(matter.amount, to.language), "number": note.number}
    opening = words.gettext(
        "We have given %(amount)s back to you. The credit note that says so is attached as a PDF."
    )
    subject = words.gettext("%(amount)s given back: credit note %(number)s")
    return Letter(
        subject=subject % named,
        heading=words.gettext("Money given back to you"),
        opening=[to.hello(), opening % named, *_of_the_support(to, matter.support)],
        facts=_facts(to, matter, named["amount"]),
        button=Button(label=words.gettext("Download the credit note"), link=receipt_link(to.parts, note.id)),
        closing=[
            words.gettext(
                "The money goes back the way it came, and takes five to ten working days to arrive."
            ),
            words.gettext("Please keep the credit note with your receipt, which now names it too."),
        ],
        attachment=Attachment(name=drawn.file_name, content=drawn.pdf),
        quiet=matter.support.ways(to) if matter.support and matter.support.goes_on else [],
    )


def _of_the_support(to: Addressed, support: Support | None) -> list[str]:
    """Return how the support stands whose payment was given back: that is another matter."""
    if support is None:
        return []
    words, row = to.words, support.row
    named = {"gift": support.gift(to), "day": to.day(row.cancel_at) if row.cancel_at else ""}
    if row.ended_at:
        said = words.gettext("Your support of %(gift)s has ended; nothing more is charged.")
    elif row.cancel_at:
        said = words.gettext("Your support of %(gift)s ends on %(day)s; nothing more is charged.")
    elif row.pause_behavior:
        said = words.gettext("Your support of %(gift)s is paused, and goes on when the pause is over.")
    else:
        said = words.gettext("Your support of %(gift)s is not changed by this: it goes on.")
    return [said % named]


def _facts(to: Addressed, matter: Matter, amount: str) -> list[tuple[str, str]]:
    words, note, receipt = to.words, matter.note, matter.receipt
    given = format_money_exactly(Money(receipt.amount_minor, receipt.currency), to.language)
    return [
        (words.gettext("Credit note"), note.number),
        (words.gettext("Given back"), amount),
        (words.gettext("Given back on"), format_day(note.refunded_on, to.language)),
        (words.gettext("Receipt it answers"), receipt.number),
        (words.gettext("You had given"), given),
    ]
