"""What pictures of a subscription leave in our rows: itself, and the facts of the membership it carries."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.billing.models import Subscription
from app.billing.statuses import SubscriptionStatus
from app.inbox.models import InboxEvent, ObjectType
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, FactKind, MembershipFact, MembershipState
from app.projection.context import Context
from app.projection.invoice import project_invoice
from app.projection.payment import project_payment
from app.projection.subscription import project_subscription
from app.stripe_gateway.snapshots import MethodSnapshot
from tests.projection.rows import add_member, add_pledge, all_of, only, values
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, HOUR, MONTH_ON, NOW

SIX = Money(600, "eur")
HELD: dict[str, Any] = {"pause_behavior": "void"}


def look(session: Session, setting: Context, at: datetime = NOW, **changed: Any) -> None:
    """Project one picture of the subscription, taken at an instant."""
    assert project_subscription(session, pictures.subscription(**changed), replace(setting, now=at)) == []


def facts(session: Session) -> list[tuple[FactKind, MembershipState, FactCause | None]]:
    found = sorted(all_of(session, MembershipFact), key=lambda fact: fact.occurred_at)
    return [(fact.kind, fact.state, fact.cause) for fact in found]


def newest(session: Session) -> MembershipFact:
    return max(all_of(session, MembershipFact), key=lambda fact: fact.occurred_at)


def report(session: Session, at: datetime, kind: str = "customer.subscription.updated") -> None:
    """Have an event of Stripe's come in that tells of a change."""
    fields = {"livemode": False, "object_type": ObjectType.subscription, "object_id": "sub_1"}
    session.add(InboxEvent(stripe_event_id=new_id().hex, type=kind, occurred_at=at, received_at=at, **fields))
    session.flush()


def test_a_subscription_is_kept_as_stripe_shows_it(session: Session, setting: Context) -> None:
    pledge = add_pledge(session)
    at = [BEGUN + timedelta(days=day) for day in range(7)]
    shown = pictures.subscription(
        status="canceled",
        pledge_id=pledge.id,
        cancel_at=at[0],
        canceled_at=at[1],
        ended_at=at[2],
        trial_end=at[3],
        paused_until=at[4],
        current_period_end=at[5],
        anchor_at=at[6],
        pause_behavior="void",
        cancellation_reason="cancellation_requested",
        cancellation_feedback="too_expensive",
        method=MethodSnapshot(kind="visa", last4="4242", expires_on=date(2027, 3, 31)),
    )
    project_subscription(session, shown, setting)

    assert values(only(session, Subscription)) == {
        "stripe_subscription_id": "sub_1",
        "stripe_customer_id": "cus_1",
        "member_id": None,
        "pledge_id": pledge.id,
        "status": SubscriptionStatus.canceled,
        "amount_minor": 500,
        "currency": "eur",
        "interval": Interval.month,
        "started_at": BEGUN,
        "current_period_end": at[5],
        "anchor_at": at[6],
        "cancel_at": at[0],
        "canceled_at": at[1],
        "ended_at": at[2],
        "cancellation_reason": "cancellation_requested",
        "cancellation_feedback": "too_expensive",
        "trial_end": at[3],
        "pause_behavior": "void",
        "paused_until": at[4],
        "method": "visa",
        "method_last4": "4242",
        "method_expires_on": date(2027, 3, 31),
        "synced_at": NOW,
    }


def test_one_without_a_means_of_payment_has_none(session: Session, setting: Context) -> None:
    look(session, setting, method=None)

    row = only(session, Subscription)
    assert (row.method, row.method_last4, row.method_expires_on) == (None,) * 3


def test_nothing_has_started_before_somebody_paid(session: Session, setting: Context) -> None:
    look(session, setting)

    assert only(session, Subscription).member_id is None
    assert all_of(session, MembershipFact) == []


def test_once_paid_the_membership_has_started_and_is_its_members(session: Session, setting: Context) -> None:
    member = add_member(session, setting)
    look(session, setting)
    look(session, setting, NOW + HOUR)

    assert only(session, Subscription).member_id == member.id
    assert values(only(session, MembershipFact)) == {
        "member_id": member.id,
        "stripe_subscription_id": "sub_1",
        "kind": FactKind.started,
        "occurred_at": BEGUN,
        "occurred_on": date(2026, 11, 3),
        "amount_minor": 500,
        "currency": "eur",
        "interval": Interval.month,
        "state": MembershipState.active,
        "cause": None,
    }


def test_a_member_whose_payment_went_elsewhere_has_started_nothing(
    session: Session, setting: Context
) -> None:
    add_member(session, setting, invoice=None)
    look(session, setting)

    assert all_of(session, MembershipFact) == []


def test_a_change_is_dated_by_what_stripe_reported_since_the_last_look(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    look(session, setting)
    report(session, NOW + HOUR)
    look(session, setting, NOW + 2 * HOUR, amount=SIX)

    raised = newest(session)
    assert (raised.kind, raised.occurred_at, raised.amount_minor) == (FactKind.raised, NOW + HOUR, 600)
    assert facts(session)[1] == (FactKind.raised, MembershipState.active, FactCause.stripe)


def test_what_was_reported_before_the_last_look_dates_nothing_new(session: Session, setting: Context) -> None:
    add_member(session, setting)
    report(session, NOW - timedelta(minutes=1))
    look(session, setting)
    look(session, setting, NOW + 2 * HOUR, amount=SIX)

    assert newest(session).occurred_at == NOW + 2 * HOUR


def test_a_look_past_the_period_it_shows_is_dated_by_that_periods_end(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    look(session, setting)
    look(session, setting, MONTH_ON + DAY, amount=SIX)

    assert newest(session).occurred_at == MONTH_ON


def test_a_change_without_a_period_is_dated_by_the_look(session: Session, setting: Context) -> None:
    add_member(session, setting)
    look(session, setting)
    look(session, setting, MONTH_ON + DAY, amount=SIX, current_period_end=None)

    assert newest(session).occurred_at == MONTH_ON + DAY


def test_a_renewal_that_fails_is_overdue_since_its_invoice(session: Session, setting: Context) -> None:
    add_member(session, setting)
    look(session, setting)
    failed = pictures.invoice(
        id="in_2", status="open", billing_reason="subscription_cycle", finalized_at=MONTH_ON + HOUR
    )
    project_invoice(session, failed, replace(setting, now=MONTH_ON + HOUR))
    look(session, setting, MONTH_ON + 3 * HOUR, status="past_due", current_period_start=MONTH_ON)

    assert facts(session)[-1] == (FactKind.past_due, MembershipState.past_due, None)
    assert newest(session).occurred_at == MONTH_ON + HOUR


def test_one_seen_overdue_before_its_invoice_is_so_since_its_period_at_the_earliest(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    look(session, setting)
    report(session, BEGUN + DAY)
    period = {"current_period_start": MONTH_ON, "current_period_end": MONTH_ON + 31 * DAY}
    look(session, setting, MONTH_ON + HOUR, status="past_due", **period)

    assert newest(session).occurred_at == MONTH_ON


def test_what_was_owed_recovers_with_the_payment(session: Session, setting: Context) -> None:
    add_member(session, setting)
    period = {"current_period_start": MONTH_ON, "current_period_end": MONTH_ON + 31 * DAY}
    look(session, setting)
    look(session, setting, MONTH_ON + HOUR, status="past_due", **period)
    add_second_payment(session, setting, MONTH_ON + 2 * HOUR)
    look(session, setting, MONTH_ON + 3 * HOUR, **period)

    assert facts(session)[-1] == (FactKind.recovered, MembershipState.active, None)
    assert newest(session).occurred_at == MONTH_ON + 2 * HOUR


def add_second_payment(session: Session, setting: Context, at: datetime) -> None:
    renewal = pictures.invoice(id="in_2", billing_reason="subscription_cycle")
    paid = pictures.payment(id="pi_2", charge_id="ch_2", balance=None, paid_at=at, invoice=renewal)
    project_payment(session, paid, setting)


def test_a_pause_that_runs_out_was_ended_by_nobody(session: Session, setting: Context) -> None:
    add_member(session, setting)
    look(session, setting)
    look(session, setting, NOW + HOUR, **HELD, paused_until=BEGUN + DAY)
    look(session, setting, NOW + 2 * DAY)

    assert facts(session)[1:] == [
        (FactKind.paused, MembershipState.paused, FactCause.stripe),
        (FactKind.resumed, MembershipState.active, None),
    ]
    assert newest(session).occurred_at == BEGUN + DAY


def test_a_pause_that_is_cut_short_was_ended_by_somebody(session: Session, setting: Context) -> None:
    add_member(session, setting)
    look(session, setting)
    look(session, setting, NOW + HOUR, **HELD, paused_until=BEGUN + 9 * DAY)
    look(session, setting, NOW + 2 * DAY)

    assert facts(session)[-1] == (FactKind.resumed, MembershipState.active, FactCause.stripe)
    assert newest(session).occurred_at == NOW + 2 * DAY


def test_one_that_fails_while_a_pause_holds_was_not_resumed_first(session: Session, setting: Context) -> None:
    add_member(session, setting)
    look(session, setting)
    look(session, setting, NOW + HOUR, **HELD)
    look(session, setting, NOW + DAY, **HELD, status="past_due")

    assert [kind for kind, _, _ in facts(session)] == [FactKind.started, FactKind.paused, FactKind.past_due]


@pytest.mark.parametrize(
    ("reason", "feedback", "cause"),
    [
        ("payment_failed", None, FactCause.dunning),
        ("payment_disputed", None, FactCause.stripe),
        ("cancellation_requested", "too_expensive", FactCause.member),
        ("cancellation_requested", None, FactCause.stripe),
        (None, None, FactCause.stripe),
    ],
)
def test_the_end_is_somebodys_by_stripes_own_word(
    session: Session, setting: Context, reason: str | None, feedback: str | None, cause: FactCause
) -> None:
    add_member(session, setting)
    look(session, setting)
    over = {"cancellation_reason": reason, "cancellation_feedback": feedback, "ended_at": NOW + HOUR}
    look(session, setting, NOW + DAY, status="canceled", **over)

    ended = newest(session)
    assert facts(session)[-1] == (FactKind.ended, MembershipState.ended, cause)
    assert (ended.occurred_at, ended.amount_minor) == (NOW + HOUR, 0)


def test_a_fact_at_night_is_of_the_newsrooms_day(session: Session, setting: Context) -> None:
    late = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    add_member(session, setting, paid_at=late)
    look(session, setting, started_at=late)

    assert only(session, MembershipFact).occurred_on == date(2026, 11, 4)
