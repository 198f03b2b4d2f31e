"""Tells members in time of what is about to be charged: once a day, by one worker."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from app.billing.renewing import Renewing, list_renewing
from app.db import reading, transaction
from app.flows.duties import turn_of
from app.flows.parts import Parts
from app.kernel.clock import local_date
from app.kernel.intervals import Interval
from app.outbox.models import MailKind
from app.projection.context import Context
from app.projection.mailing import queue_mail
from config.newsroom import Notices

log = structlog.get_logger()

TURN = "notices"
EVERY = timedelta(days=1)
A_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to be told before a charge, once for its key."""

    kind: MailKind
    key: str
    matter: dict[str, object]


def give_notice_daily(parts: Parts, *, now: datetime) -> int:
    """Queue the day's notices, if no worker has done so within a day; returns how many are new.

    A worker that dies at it leaves the rest to the next day: every notice is due for days.
    """
    with turn_of(parts, TURN, every=EVERY, now=now) as is_ours:
        return give_notice(parts, now=now) if is_ours else 0


def give_notice(parts: Parts, *, now: datetime, most_at_once: int = A_BATCH) -> int:
    """Queue every notice that is due and was not given yet, a batch in each transaction."""
    given = 0
    for batch in _batches(parts, now=now, most_at_once=most_at_once):
        due = [
            (renewing, notice)
            for renewing in batch
            for notice in notices_about(renewing, parts.newsroom.notices, zone=parts.newsroom.zone, now=now)
        ]
        if due:
            given += _queue(parts, due, now=now)
    if given:
        log.info("notices.given", count=given)
    return given


def _batches(parts: Parts, *, now: datetime, most_at_once: int) -> Iterator[list[Renewing]]:
    """Yield all that is charged before the longest notice is over, in the order of the charges."""
    terms = parts.newsroom.notices
    until = now + timedelta(days=max(terms.yearly_days, terms.raised_days, terms.card_days))
    after: tuple[datetime, UUID | None] = (now, None)
    while True:
        with reading(parts.sessions) as session:
            batch = list_renewing(session, after=after, until=until, limit=most_at_once)
        yield batch
        if len(batch) < most_at_once:
            return
        after = (batch[-1].charge_at, batch[-1].id)


def _queue(parts: Parts, due: list[tuple[Renewing, Notice]], *, now: datetime) -> int:
    """Queue notices; what changed since they were found out is seen right before they are sent."""
    context = Context(now=now, newsroom=parts.newsroom, vault=parts.vault)
    with transaction(parts.sessions) as session:
        return sum(
            queue_mail(
                session,
                notice.kind,
                key=notice.key,
                member_id=renewing.member_id,
                about_id=renewing.stripe_subscription_id,
                matter=notice.matter,
                context=context,
            )
            for renewing, notice in due
        )


def notices_about(renewing: Renewing, terms: Notices, *, zone: ZoneInfo, now: datetime) -> Iterator[Notice]:
    """Yield what is to be told of the next charge of one subscription by now."""
    left = renewing.charge_at - now
    good_until = renewing.card_good_until
    charge_on = local_date(renewing.charge_at, zone)
    if good_until and good_until < charge_on and left <= timedelta(days=terms.card_days):
        yield Notice(
            kind=MailKind.card_expiring,
            key=f"card-{renewing.stripe_subscription_id}-{good_until}",
            matter={"expires_on": good_until.isoformat()},
        )
    if _is_no_everyday_charge(renewing, terms, left):
        yield Notice(
            kind=MailKind.charge_coming,
            key=f"charge-{renewing.stripe_subscription_id}-{charge_on}",
            matter={"charge_at": renewing.charge_at.isoformat()},
        )


def _is_no_everyday_charge(renewing: Renewing, terms: Notices, left: timedelta) -> bool:
    if renewing.interval is Interval.year:
        return left <= timedelta(days=terms.yearly_days)
    raised = renewing.last_paid is not None and renewing.last_paid < renewing.amount
    return raised and left <= timedelta(days=terms.raised_days)
