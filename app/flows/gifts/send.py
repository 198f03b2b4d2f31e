"""Mails about gifts: to recipients on their day, to givers once more, and before a gift is over."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.billing.periods import list_kept_pledges
from app.db import reading, transaction
from app.flows.duties import turn_of
from app.flows.entitlement import entitlement_of, entitlements_of
from app.flows.gifts.look import is_kept
from app.flows.parts import Parts
from app.gifts import keeping
from app.gifts.models import Gift, GiftPeriod
from app.gifts.rules import GiftStanding, standing_of
from app.kernel.errors import SmallFavorError
from app.members.entitlement import Entitlement
from app.members.merging import list_ids
from app.outbox.models import MailKind
from app.outbox.queue import find_mails
from app.projection.context import Context
from app.projection.gift import KEPT_AFTER_SENDING_DAYS, queue_for_recipient, recipient_key
from app.projection.mailing import queue_mail

log = structlog.get_logger()

TURN = "gifts"
EVERY = timedelta(minutes=5)
A_BATCH = 100


class GiftNotOpen(SmallFavorError):
    """There is no such gift of theirs, or nobody can claim it any more."""


def look_after_gifts(parts: Parts, *, now: datetime) -> int:
    """Queue what is due about gifts, and forget recipients who were written to; returns how many mails."""
    with turn_of(parts, TURN, every=EVERY, now=now) as is_ours:
        if not is_ours:
            return 0
        forget_recipients(parts, now=now)
        queued = send_gifts(parts, now=now) + tell_endings(parts, now=now)
    if queued:
        log.info("gifts.queued", count=queued)
    return queued


def send_gifts(parts: Parts, *, now: datetime) -> int:
    """Queue the mails to recipients whose day has come, once for each gift; returns how many.

    A gift that cannot be claimed any more is passed over for good: its giver's money came back.
    """
    queued = 0
    while True:
        with transaction(parts.sessions) as session:
            due = keeping.list_due(session, now=now, limit=A_BATCH)
            queued += sum(_send(session, gift, now=now) for gift in due)
        if len(due) < A_BATCH:
            return queued


def _send(session: Session, gift: Gift, *, now: datetime) -> bool:
    if standing_of(gift, kept=is_kept(session, gift), now=now) is not GiftStanding.open:
        gift.queued_at = now
        return False
    return queue_for_recipient(session, gift, now=now)


def forget_recipients(parts: Parts, *, now: datetime) -> None:
    """Forget the addresses of those whose mail went out or was dropped; the vault forgets the rest."""
    since = now - timedelta(days=KEPT_AFTER_SENDING_DAYS + 1)
    with reading(parts.sessions) as session:
        sent = [gift.id for gift in keeping.list_sent(session, since=since)]
    for first in range(0, len(sent), A_BATCH):
        _forget(parts, sent[first : first + A_BATCH])


def _forget(parts: Parts, gift_ids: list[UUID]) -> None:
    with transaction(parts.sessions) as session:
        mails = find_mails(session, [recipient_key(gift_id) for gift_id in gift_ids])
        waiting = {mail.dedupe_key for mail in mails if not (mail.sent_at or mail.dropped_at)}
        over = [gift_id for gift_id in gift_ids if recipient_key(gift_id) not in waiting]
        parts.vault.forget_contacts(session, over)


def tell_endings(parts: Parts, *, now: datetime) -> int:
    """Queue one notice to each member whose gift is over soon and who has nothing after it.

    Whoever was told is left aside at once, and the others are looked at together: this is done every few
    minutes, for all gifts of some weeks.
    """
    until = now + timedelta(days=parts.newsroom.notices.gift_days)
    with reading(parts.sessions) as session:
        ending = keeping.list_ending(session, after=now, until=until)
    return sum(
        _tell(parts, ending[first : first + A_BATCH], now=now) for first in range(0, len(ending), A_BATCH)
    )


def _tell(parts: Parts, ending: list[tuple[GiftPeriod, UUID]], *, now: datetime) -> int:
    with reading(parts.sessions) as session:
        due = _list_untold(session, parts, ending, now=now)
    if not due:
        return 0
    context = Context(now=now, newsroom=parts.newsroom, vault=parts.vault)
    with transaction(parts.sessions) as session:
        return sum(
            queue_mail(
                session,
                MailKind.gift_ending,
                key=_ending_key(period),
                member_id=period.member_id,
                about_id=str(period.id),
                matter={"until": period.until.isoformat()},
                context=context,
            )
            for period in due
        )


def _list_untold(
    session: Session, parts: Parts, ending: list[tuple[GiftPeriod, UUID]], *, now: datetime
) -> list[GiftPeriod]:
    told = {mail.dedupe_key for mail in find_mails(session, [_ending_key(one) for one, _ in ending])}
    untold = [(one, pledge_id) for one, pledge_id in ending if _ending_key(one) not in told]
    if not untold:
        return []
    kept = list_kept_pledges(session, [pledge_id for _, pledge_id in untold])
    periods = [one for one, pledge_id in untold if pledge_id in kept]
    members = {one.member_id for one in periods}
    entitled = entitlements_of(session, members, newsroom=parts.newsroom, now=now)
    return [one for one in periods if not _goes_on(entitled[one.member_id], one.until)]


def goes_on_after(session: Session, parts: Parts, member_id: UUID, until: datetime, *, now: datetime) -> bool:
    """Whether a member stays entitled beyond an instant: by support of their own, or by another gift."""
    return _goes_on(entitlement_of(session, member_id, newsroom=parts.newsroom, now=now), until)


def _goes_on(entitled: Entitlement, until: datetime) -> bool:
    return entitled.entitled and entitled.until is not None and entitled.until > until


def _ending_key(period: GiftPeriod) -> str:
    return f"gift-ending-{period.id}"


def send_code_again(parts: Parts, gift_id: UUID, *, member_id: UUID, now: datetime) -> bool:
    """Queue the giver's mail with the code once more, at most once a day; returns whether this call did it.

    Raises: GiftNotOpen.
    """
    with transaction(parts.sessions) as session:
        gift = keeping.find_gift(session, gift_id)
        if gift is None or gift.member_id not in list_ids(session, member_id):
            raise GiftNotOpen(str(gift_id))
        if standing_of(gift, kept=is_kept(session, gift), now=now) is not GiftStanding.open:
            raise GiftNotOpen(str(gift_id))
        return queue_mail(
            session,
            MailKind.gift_code,
            key=f"gift-code-{gift_id}-{now.date().isoformat()}",
            member_id=member_id,
            about_id=str(gift_id),
            context=Context(now=now, newsroom=parts.newsroom, vault=parts.vault),
        )
