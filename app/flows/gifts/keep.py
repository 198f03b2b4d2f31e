"""What is kept of a gift before it is paid: its length, and, as contacts, words and addresses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.parts import Parts
from app.gifts import keeping
from app.gifts.rules import GiftWish, send_at
from app.giving.forms import PledgeForm
from app.vault.vault import PersonInClear

UNPAID_DAYS = 21
"""Longer than with other pledges: a bank debit takes up to two weeks, and the words and the address that go
with the code would be forgotten meanwhile."""


def keep_gift(
    session: Session, parts: Parts, pledge_id: UUID, form: PledgeForm, *, gift: GiftWish, now: datetime
) -> None:
    """Store what a new pledge is for; until it is paid, the words lie with the giver's own contact."""
    vault = parts.vault
    vault.keep_contact(session, pledge_id, form.contact, now=now, days=UNPAID_DAYS, note=gift.words)
    gift_id = keeping.add_gift(
        session,
        pledge_id,
        months=gift.months,
        language=form.language,
        send_at=send_at(gift, parts.newsroom.zone, now=now),
        now=now,
    )
    if gift.recipient:
        recipient = PersonInClear(address=gift.recipient, name=None)
        vault.keep_contact(session, gift_id, recipient, now=now, days=UNPAID_DAYS)
