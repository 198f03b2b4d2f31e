"""A gift membership that is paid: its code, and the mail that brings it to the giver."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.gifts.keeping import find_gift_of_pledge
from app.gifts.models import Gift
from app.giving.models import Pledge
from app.kernel.clock import months_after
from app.kernel.ids import gift_code_from
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.context import Context
from app.projection.mailing import queue_mail
from app.projection.receipt import Paid

CLAIM_MONTHS = 12
"""Where the newsroom's file says nothing of gifts any more."""
KEPT_AFTER_SENDING_DAYS = 7
"""How long the outbox may try to reach the recipient; then the address is forgotten whatever became of it."""


def hand_over(session: Session, pledge: Pledge, paid: Paid, context: Context) -> bool:
    """Give a paid gift its code, once, and tell the giver; returns whether the pledge is for a gift.

    Of an old payment that a sweep comes upon nobody is told: neither the giver nor, where their day is
    past, the recipient.
    """
    gift = find_gift_of_pledge(session, pledge.id)
    if gift is None:
        return False
    if gift.paid_at is None:
        _make_code(session, gift, paid, context)
        _tell_giver(session, gift, paid, context)
        _keep_recipient(session, gift, context)
    return True


def _make_code(session: Session, gift: Gift, paid: Paid, context: Context) -> None:
    assert paid.snapshot.paid_at is not None  # noqa: S101 (only paid ones come here)
    vault, member = context.vault, paid.member
    code = gift_code_from(vault.digest(f"gift of {gift.pledge_id}"))
    terms = context.newsroom.gifts
    gift.member_id, gift.paid_at = member.id, paid.snapshot.paid_at
    gift.claim_until = months_after(gift.paid_at, terms.claim_months if terms else CLAIM_MONTHS)
    gift.code_hash = vault.digest(gift_code_text(code))
    gift.sealed_code = _seal(session, member, code, context)
    gift.sealed_words = _seal(session, member, vault.find_note(session, gift.pledge_id), context)
    session.flush()


def gift_code_text(code: str) -> str:
    """Return what is hashed to find a gift by its code."""
    return f"gift code {code}"


def _seal(session: Session, member: Member, clear: str | None, context: Context) -> bytes | None:
    """Seal a text by the giver's key; one erased meanwhile has none, and leaves nothing to be read."""
    if clear is None or member.person_id is None:
        return None
    return context.vault.seal_for_person(session, member.person_id, clear)


def _keep_recipient(session: Session, gift: Gift, context: Context) -> None:
    """Keep the recipient's address until they were written to; forget it where nobody will be."""
    if gift.send_at is None:
        return
    recipient = context.vault.find_contact(session, gift.id)
    context.vault.forget_contact(session, gift.id)
    assert gift.paid_at is not None  # noqa: S101 (set just now)
    is_news = context.may_mail(gift.paid_at) or context.now < gift.send_at
    if recipient is None or gift.sealed_code is None or not is_news:
        gift.send_at = None
        return
    days = max((gift.send_at - context.now).days, 0) + 1 + KEPT_AFTER_SENDING_DAYS
    context.vault.keep_contact(session, gift.id, recipient, now=context.now, days=days)
    if gift.send_at <= context.now:
        queue_for_recipient(session, gift, now=context.now)


def queue_for_recipient(session: Session, gift: Gift, *, now: datetime) -> bool:
    """Queue the one mail to whom a gift is for; returns whether this call did it."""
    gift.queued_at = now
    mail = Mail(
        kind=MailKind.gift_for_you,
        dedupe_key=recipient_key(gift.id),
        contact_id=gift.id,
        about_id=str(gift.id),
        language=gift.language,
    )
    return enqueue(session, mail, now=now)


def recipient_key(gift_id: UUID) -> str:
    """Return the key of the mail to whom a gift is for."""
    return f"gift-to-{gift_id}"


def _tell_giver(session: Session, gift: Gift, paid: Paid, context: Context) -> None:
    assert gift.paid_at is not None  # noqa: S101 (set just now)
    if gift.sealed_code and context.may_mail(gift.paid_at):
        queue_mail(
            session,
            MailKind.gift_code,
            key=f"gift-code-{gift.id}",
            member_id=paid.member.id,
            about_id=str(gift.id),
            context=context,
        )
