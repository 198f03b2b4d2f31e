"""Asks in, and one at a time out: who may carry out which."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.asks.models import Ask, AskKind, AskMatter
from app.asks.rules import MATTERS, NonceTaken, Wish
from app.db import changed_rows, insert_once
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money

LEASE_SECONDS = 120
"""Longer than all the calls of one ask together may take."""
FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class AskLease:
    """The right to carry out one ask, as long as the token stands in its row."""

    token: UUID
    ask_id: UUID
    attempt: int
    tries: int
    kind: AskKind
    object_id: str
    amount: Money | None
    interval: Interval | None
    resumes_at: datetime | None
    charge_at: datetime | None


def add_ask(session: Session, wish: Wish, *, now: datetime) -> UUID:
    """Store what is wanted, once for each nonce; returns the ask, the old one where there was one.

    Raises: NonceTaken: the nonce stands for another wish.
    """
    values = {
        "id": new_id(),
        "nonce": wish.nonce,
        "kind": wish.kind,
        "matter": MATTERS[wish.kind],
        "stripe_object_id": wish.object_id,
        "amount_minor": wish.amount.minor if wish.amount else None,
        "currency": wish.amount.currency if wish.amount else None,
        "interval": wish.interval,
        "resumes_at": wish.resumes_at,
        "charge_at": wish.charge_at,
        "reason": wish.reason,
        "asked_by": wish.asked_by,
        "staff_id": wish.staff_id,
        "created_at": now,
        "attempt": 1,
        "tries": 0,
        "retry_at": now,
    }
    insert_once(session, Ask, values)
    return find_same(session, wish) or _refuse(wish)


def find_same(session: Session, wish: Wish) -> UUID | None:
    """Return the ask that was made under the nonce of this wish. Raises: NonceTaken: for another wish."""
    ask = session.scalar(sa.select(Ask).where(Ask.nonce == wish.nonce))
    if ask is None:
        return None
    if (ask.kind, ask.stripe_object_id) != (wish.kind, wish.object_id):
        raise NonceTaken(wish.kind)
    return ask.id


def _refuse(wish: Wish) -> UUID:
    raise NonceTaken(wish.kind)


def take_next(session: Session, *, now: datetime) -> AskLease | None:
    """Take the lease of the ask that has waited longest, or None where nothing is due."""
    due = sa.select(Ask.id).where(_open(Ask), Ask.retry_at <= now, _free(Ask, now), ~_in_the_way(now))
    first = session.scalar(due.order_by(Ask.retry_at).limit(1).with_for_update(skip_locked=True))
    return _take(session, first, waits=False, now=now) if first else None


def take_one(session: Session, ask_id: UUID, *, now: datetime) -> AskLease | None:
    """Take the lease of one ask, due or not.

    The older ones of its matter are superseded first: whoever is taking one of them at this moment
    is waited for, and then seen. Returns: None while somebody carries out this one or an older one,
    and where it is over or a newer one stands.
    """
    return _take(session, ask_id, waits=True, now=now)


def _take(session: Session, ask_id: UUID, *, waits: bool, now: datetime) -> AskLease | None:
    """Take a lease; without waiting, None where another process is just taking an ask of its matter."""
    if not _supersede_older(session, ask_id, waits=waits, now=now):
        return None
    token, until = new_id(), now + timedelta(seconds=LEASE_SECONDS)
    taken = session.execute(
        sa.update(Ask)
        .where(Ask.id == ask_id, _open(Ask), _free(Ask, now), ~_in_the_way(now))
        .values(lease_token=token, lease_until=until, tries=Ask.tries + 1)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, sa.CursorResult)  # noqa: S101 (what DML always gives; for the type checker)
    return _lease_of(session.get_one(Ask, ask_id, populate_existing=True), token) if taken.rowcount else None


def _lease_of(ask: Ask, token: UUID) -> AskLease:
    return AskLease(
        token=token,
        ask_id=ask.id,
        attempt=ask.attempt,
        tries=ask.tries,
        kind=ask.kind,
        object_id=ask.stripe_object_id,
        amount=amount_of(ask),
        interval=ask.interval,
        resumes_at=ask.resumes_at,
        charge_at=ask.charge_at,
    )


def amount_of(ask: Ask) -> Money | None:
    """Return the amount an ask is about, if it is about one."""
    return None if ask.amount_minor is None or ask.currency is None else Money(ask.amount_minor, ask.currency)


def _supersede_older(session: Session, ask_id: UUID, *, waits: bool, now: datetime) -> bool:
    """Supersede the older asks of a matter; False where one of them is locked and not waited for.

    All are locked first, oldest to newest, this one last: whoever waits holds only what is older than that
    which it waits for, so that no two wait for each other. Who holds this one already must not wait.
    """
    ask = session.get_one(Ask, ask_id)
    of_matter = sa.and_(
        Ask.stripe_object_id == ask.stripe_object_id,
        Ask.matter == ask.matter,
        Ask.matter != AskMatter.refund,
        Ask.id <= ask_id,
        _open(Ask),
    )
    in_order = sa.select(Ask.id).where(of_matter).order_by(Ask.id)
    locked = session.scalars(in_order.with_for_update(skip_locked=not waits)).all()
    if not waits and len(locked) < len(session.scalars(in_order).all()):
        return False
    values = {"superseded_at": now, "lease_token": None, "lease_until": None}
    older = sa.and_(Ask.id.in_(locked), Ask.id != ask_id, _open(Ask), _free(Ask, now))
    superseded = sa.update(Ask).where(older).values(values)
    session.execute(superseded, execution_options={"synchronize_session": False})
    return True


def _in_the_way(now: datetime) -> sa.ColumnElement[bool]:
    """Tell whether a newer ask of the same matter waits, or an older one is being carried out."""
    other = aliased(Ask)
    same = sa.and_(
        other.stripe_object_id == Ask.stripe_object_id,
        other.matter == Ask.matter,
        Ask.matter != AskMatter.refund,
    )
    waits_or_runs = sa.or_(other.id > Ask.id, sa.and_(other.id < Ask.id, ~_free(other, now)))
    return sa.exists(sa.select(other.id).where(same, _open(other), waits_or_runs).correlate(Ask))


def _open(ask: type[Ask]) -> sa.ColumnElement[bool]:
    return sa.and_(ask.done_at.is_(None), ask.refused_at.is_(None), ask.superseded_at.is_(None))


def _free(ask: type[Ask], now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(ask.lease_until.is_(None), ask.lease_until < now)


def mark_done(session: Session, lease: AskLease, *, result_id: str | None, now: datetime) -> bool:
    """Record that Stripe has done it; False where the lease was lost meanwhile."""
    return _write(session, lease, done_at=now, stripe_result_id=result_id, last_error=None)


def mark_refused(session: Session, lease: AskLease, *, code: str, now: datetime) -> bool:
    """Record that it was not done and will not be."""
    return _write(session, lease, refused_at=now, refused_code=code[:64], last_error=None)


def postpone(session: Session, lease: AskLease, *, error: str, now: datetime) -> bool:
    """Record a failure after which it may or may not be done; it is looked at again later."""
    return _write(session, lease, last_error=error[:255], retry_at=now + retry_delay(lease.tries))


def begin_next_attempt(session: Session, lease: AskLease, *, error: str, now: datetime) -> bool:
    """Let the next try ask under another key, since this one repeats its failure."""
    values: dict[str, Any] = {"attempt": lease.attempt + 1, "retry_at": now + retry_delay(lease.tries)}
    return _write(session, lease, last_error=error[:255], **values)


def retry_delay(tries: int) -> timedelta:
    """Return 5, 10, 20 … seconds, at most half an hour."""
    return timedelta(seconds=min(FIRST_RETRY_SECONDS * 2 ** min(tries - 1, 20), LONGEST_RETRY_SECONDS))


def _write(session: Session, lease: AskLease, **values: Any) -> bool:
    held = sa.and_(Ask.id == lease.ask_id, Ask.lease_token == lease.token)
    statement = sa.update(Ask).where(held).values(lease_token=None, lease_until=None, **values)
    return changed_rows(session, statement.execution_options(synchronize_session=False)) == 1
