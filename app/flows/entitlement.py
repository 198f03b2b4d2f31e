"""What members are entitled to: the one place to ask, for pages, commands and programs alike."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.billing.periods import BilledPeriod, list_given_once, list_kept_pledges, list_periods
from app.gifts.keeping import list_received
from app.members.entitlement import Entitlement, GiftOnce, GiftReceived, Held, Period, Terms, entitlement
from app.members.models import MembershipFact
from app.members.queries import list_last_facts
from config.newsroom import Newsroom


def entitlement_of(session: Session, member_id: UUID, *, newsroom: Newsroom, now: datetime) -> Entitlement:
    """Return whether a member is entitled, until when, and why."""
    return entitlements_of(session, [member_id], newsroom=newsroom, now=now)[member_id]


def entitlements_of(
    session: Session,
    member_ids: Collection[UUID],
    *,
    newsroom: Newsroom,
    now: datetime,
    last_facts: Mapping[UUID, list[MembershipFact]] | None = None,
) -> dict[UUID, Entitlement]:
    """Return what each of these members is entitled to, by five queries at most, however many they are.

    Args: last_facts: the last fact of each of their memberships, where they were read already.
    """
    facts = list_last_facts(session, member_ids) if last_facts is None else last_facts
    subscription_ids = [fact.stripe_subscription_id for theirs in facts.values() for fact in theirs]
    periods = list_periods(session, subscription_ids)
    terms = Terms(
        grace_days=newsroom.entitlement.grace_days,
        days_for_a_gift_made_once=newsroom.entitlement.days_for_a_gift_made_once,
    )
    gifts = _gifts(session, member_ids, terms, now=now)
    received = _received(session, member_ids)
    return {
        member_id: entitlement(
            _held(facts.get(member_id, []), periods),
            gifts.get(member_id, []),
            received=received.get(member_id, []),
            terms=terms,
            now=now,
        )
        for member_id in member_ids
    }


def _held(facts: Sequence[MembershipFact], periods: dict[str, list[BilledPeriod]]) -> list[Held]:
    return [
        Held(
            state=fact.state,
            periods=[
                Period(until=period.until, kept=period.kept, under_way=period.under_way)
                for period in periods.get(fact.stripe_subscription_id, [])
            ],
        )
        for fact in facts
    ]


def _gifts(
    session: Session, member_ids: Collection[UUID], terms: Terms, *, now: datetime
) -> dict[UUID, list[GiftOnce]]:
    """Return the gifts made once that may still entitle; none are read where none ever do."""
    days = terms.days_for_a_gift_made_once
    given = list_given_once(session, member_ids, since=now - timedelta(days=days)) if days else []
    found: dict[UUID, list[GiftOnce]] = {}
    for gift in given:
        found.setdefault(gift.member_id, []).append(GiftOnce(paid_at=gift.paid_at, kept=gift.kept))
    return found


def _received(session: Session, member_ids: Collection[UUID]) -> dict[UUID, list[GiftReceived]]:
    """Return the gift memberships that these members claimed."""
    rows = list_received(session, member_ids)
    kept = list_kept_pledges(session, [pledge_id for _, pledge_id in rows]) if rows else set()
    found: dict[UUID, list[GiftReceived]] = {}
    for period, pledge_id in rows:
        one = GiftReceived(until=period.until, kept=pledge_id in kept)
        found.setdefault(period.member_id, []).append(one)
    return found
