"""Erasing who a member is, here and at Stripe; the books stay whole and name nobody."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks import queue
from app.asks.models import AskedBy, AskKind
from app.asks.rules import Wish
from app.billing.queries import list_customers, list_subscriptions
from app.db import transaction
from app.flows.gifts.forget import forget_gifts
from app.flows.parts import Parts
from app.flows.people.former import tell_former_address
from app.giving.notes import forget_notes
from app.kernel.errors import SmallFavorError
from app.members.merging import hold, list_ids
from app.members.models import Member
from app.outbox.choices import want_all
from app.outbox.models import MailKind
from app.signing_in.requests import withdraw
from app.signing_in.sessions import end_all_sessions

LAST_MAIL_DAYS = 6
"""How long the address is kept for the one mail that says it is forgotten: as long as it may be tried."""


class MemberUnknown(SmallFavorError):
    """No member has this code."""


def erase_by_code(parts: Parts, code: str, *, now: datetime) -> bool:
    """Erase who a member is, as staff do by the code. Returns: see `erase`. Raises: MemberUnknown."""
    with transaction(parts.sessions) as session:
        member = session.scalar(sa.select(Member).where(Member.code == code.upper()))
        if member is None:
            raise MemberUnknown(code)
        member_id = member.id
    return erase(parts, member_id, asked_by=AskedBy.staff, now=now)


def erase(parts: Parts, member_id: UUID, *, asked_by: AskedBy, now: datetime) -> bool:
    """Forget who a member is, end what is charged to them, and have Stripe forget them, too.

    What Stripe is to do is stored with it, and done by the worker for as long as it takes. A last mail
    says what was done; the address is kept for that mail alone.
    Returns: whether there was anyone to forget.
    """
    with transaction(parts.sessions) as session:
        member = hold(session, member_id, alone=True)
        if member.person_id is None:
            return False
        _ask_of_stripe(session, member, asked_by=asked_by, now=now)
        tell_former_address(
            session,
            parts,
            member,
            MailKind.erased,
            key=f"erased-{member.id}",
            kept_days=LAST_MAIL_DAYS,
            now=now,
        )
        for one in list_ids(session, member.id):
            _forget(session, parts, session.get_one(Member, one), now=now)
    return True


def _forget(session: Session, parts: Parts, member: Member, *, now: datetime) -> None:
    """Forget who a record is, and all that was sealed for them."""
    person_id, member.person_id, member.erased_at = member.person_id, None, now
    withdraw(session, member.id)
    want_all(session, member.id)
    session.flush()
    forget_notes(session, member.id)
    forget_gifts(session, parts, member.id)
    end_all_sessions(session, member.id)
    if person_id:
        parts.vault.erase_person(session, person_id)


def _ask_of_stripe(session: Session, member: Member, *, asked_by: AskedBy, now: datetime) -> None:
    """Ask for the end of every support first: it is what dates and explains it."""
    running = [one for one in list_subscriptions(session, member.id) if one.ended_at is None]
    known = [one for one in list_customers(session, member.id) if one.deleted_at is None]
    wanted = [(AskKind.cancel, one.stripe_subscription_id) for one in running]
    wanted += [(AskKind.forget_customer, one.stripe_customer_id) for one in known]
    for kind, object_id in wanted:
        wish = Wish(nonce=f"erase-{object_id}", kind=kind, object_id=object_id, asked_by=asked_by)
        queue.add_ask(session, wish, now=now)
