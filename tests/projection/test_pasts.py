"""What is told of a membership that was never looked at before, from the invoices that were paid."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, FactKind, MembershipFact
from app.projection.context import Context
from app.projection.history import past_of
from app.projection.invoice import project_invoice
from app.projection.subscription import project_subscription
from tests.projection.rows import add_member, all_of
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY

MONTH = timedelta(days=30)
YEAR = timedelta(days=365)


def paid(session: Session, setting: Context, number: int, minor: int, **changed: Any) -> None:
    """Keep a paid invoice of the so-manieth month."""
    fields: dict[str, Any] = {
        "id": f"in_{number}",
        "billing_reason": "subscription_cycle",
        "amount_paid": Money(minor, "eur"),
        "period_start": BEGUN + number * MONTH,
        "period_end": BEGUN + (number + 1) * MONTH,
        "payment_intent_ids": (),
        **changed,
    }
    project_invoice(session, pictures.invoice(**fields), setting)


def told(session: Session) -> list[tuple[FactKind, int, Interval, float]]:
    """Return kind, amount, interval and month of each fact."""
    return [
        (
            change.kind,
            change.standing.amount.minor,
            change.standing.interval,
            (change.occurred_at - BEGUN) / MONTH,
        )
        for change in past_of(session, pictures.subscription())
    ]


def test_each_change_of_the_amount_is_dated_by_the_period_it_was_first_paid_for(
    session: Session, setting: Context
) -> None:
    for number, minor in enumerate((500, 500, 800, 800, 300)):
        paid(session, setting, number, minor)

    assert told(session) == [
        (FactKind.started, 500, Interval.month, 0),
        (FactKind.raised, 800, Interval.month, 2),
        (FactKind.lowered, 300, Interval.month, 4),
    ]


def test_where_every_period_cost_the_same_there_is_nothing_to_tell(
    session: Session, setting: Context
) -> None:
    assert told(session) == []
    for number in range(3):
        paid(session, setting, number, 500)

    assert told(session) == []


def test_invoices_are_told_in_the_order_of_their_periods_not_of_their_coming(
    session: Session, setting: Context
) -> None:
    for number, minor in ((2, 800), (0, 500), (1, 600)):
        paid(session, setting, number, minor, id=f"in_{9 - number}")

    assert [minor for _, minor, _, _ in told(session)] == [500, 600, 800]


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "open"},
        {"status": "void"},
        {"subscription_id": "sub_else"},
        {"billing_reason": "subscription_update"},
        {"billing_reason": "manual"},
        {"amount_paid": Money(0, "eur")},
        {"period_end": BEGUN + MONTH + timedelta(days=100)},
        {"period_end": BEGUN + MONTH + timedelta(days=33)},
        {"period_end": BEGUN + MONTH + timedelta(days=359)},
    ],
)
def test_what_is_no_paid_whole_period_of_it_says_nothing(
    session: Session, setting: Context, changed: dict[str, Any]
) -> None:
    paid(session, setting, 0, 500)
    paid(session, setting, 1, 800, **changed)

    assert told(session) == []


def test_even_one_cent_was_an_amount(session: Session, setting: Context) -> None:
    paid(session, setting, 0, 500, billing_reason="subscription_create")
    paid(session, setting, 1, 1)

    assert [kind for kind, _, _, _ in told(session)] == [FactKind.started, FactKind.lowered]


@pytest.mark.parametrize("days", [360, 365, 366])
def test_a_year_for_twelve_times_as_much_is_not_less(session: Session, setting: Context, days: int) -> None:
    paid(session, setting, 0, 500)
    paid(session, setting, 1, 6000, period_end=BEGUN + MONTH + timedelta(days=days))

    assert told(session)[1:] == [(FactKind.raised, 6000, Interval.year, 1)]


@pytest.mark.parametrize("days", [28, 31, 32])
def test_any_length_of_a_month_is_a_month(session: Session, setting: Context, days: int) -> None:
    paid(session, setting, 0, 500)
    paid(session, setting, 1, 800, period_end=BEGUN + MONTH + timedelta(days=days))

    assert told(session)[1:] == [(FactKind.raised, 800, Interval.month, 1)]


def test_a_year_is_compared_with_twelve_months(session: Session, setting: Context) -> None:
    paid(session, setting, 0, 500)
    paid(session, setting, 1, 5999, period_end=BEGUN + MONTH + YEAR)

    assert told(session)[1:] == [(FactKind.lowered, 5999, Interval.year, 1)]


def test_two_amounts_of_one_instant_are_two_facts_one_after_the_other(
    session: Session, setting: Context
) -> None:
    paid(session, setting, 0, 500)
    paid(session, setting, 1, 800, period_start=BEGUN, period_end=BEGUN + MONTH)

    started, raised = past_of(session, pictures.subscription())
    assert (started.occurred_at, raised.occurred_at) == (BEGUN, BEGUN + timedelta(microseconds=1))


def test_the_past_is_recorded_before_what_is_seen_now_and_is_nobodys_doing(
    session: Session, setting: Context
) -> None:
    for number, minor in enumerate((500, 800)):
        paid(session, setting, number, minor)
    add_member(session, setting)
    now = pictures.subscription(amount=Money(900, "eur"), current_period_end=BEGUN + 61 * DAY)
    project_subscription(session, now, replace(setting, now=BEGUN + 40 * DAY))

    facts = sorted(all_of(session, MembershipFact), key=lambda fact: fact.occurred_at)
    assert [(fact.kind, fact.amount_minor, fact.cause) for fact in facts] == [
        (FactKind.started, 500, None),
        (FactKind.raised, 800, None),
        (FactKind.raised, 900, FactCause.stripe),
    ]


def test_a_past_that_leads_to_what_is_seen_now_is_all_there_is_to_tell(
    session: Session, setting: Context
) -> None:
    for number, minor in enumerate((500, 600, 700, 800)):
        paid(session, setting, number, minor)
    add_member(session, setting)
    project_subscription(session, pictures.subscription(amount=Money(800, "eur")), setting)

    facts = sorted(all_of(session, MembershipFact), key=lambda fact: fact.occurred_at)
    assert [fact.amount_minor for fact in facts] == [500, 600, 700, 800]


def test_nothing_is_told_of_the_past_of_one_that_was_looked_at_before(
    session: Session, setting: Context
) -> None:
    add_member(session, setting)
    project_subscription(session, pictures.subscription(), setting)
    for number, minor in enumerate((400, 500)):
        paid(session, setting, number, minor)
    project_subscription(session, pictures.subscription(), setting)

    assert [fact.kind for fact in all_of(session, MembershipFact)] == [FactKind.started]
