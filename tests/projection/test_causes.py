"""Whose doing a change of a membership was, by the asks that came through us."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.asks.models import Ask, AskedBy, AskKind
from app.asks.rules import MATTERS
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import FactCause, MembershipFact
from app.projection.context import Context
from app.projection.subscription import project_subscription
from tests.projection.rows import add_member, all_of
from tests.support import pictures
from tests.support.pictures import BEGUN, DAY, HOUR, NOW

HELD: dict[str, Any] = {"pause_behavior": "void"}
OVER: dict[str, Any] = {"status": "canceled", "ended_at": NOW + HOUR}
SIX, FOUR = Money(600, "eur"), Money(400, "eur")
LATER = NOW + HOUR


@pytest.fixture
def support(session: Session, setting: Context) -> Context:
    """A membership that has started; returns the setting an hour later."""
    add_member(session, setting)
    project_subscription(session, pictures.subscription(), setting)
    return replace(setting, now=LATER)


def add_ask(session: Session, kind: AskKind, by: AskedBy = AskedBy.member, **changed: Any) -> Ask:
    """Add an ask that was tried once."""
    fields: dict[str, Any] = {
        "nonce": new_id().hex,
        "stripe_object_id": "sub_1",
        "created_at": NOW,
        "retry_at": NOW,
        "attempt": 1,
        "tries": 1,
        **changed,
    }
    ask = Ask(id=new_id(), kind=kind, matter=MATTERS[kind], asked_by=by, **fields)
    session.add(ask)
    session.flush()
    return ask


def change_to(session: Session, amount: Money, by: AskedBy = AskedBy.member, **changed: Any) -> Ask:
    wanted = {"amount_minor": amount.minor, "currency": amount.currency, "interval": Interval.month}
    return add_ask(session, AskKind.change_amount, by, **wanted, **changed)


def look(session: Session, setting: Context, **changed: Any) -> None:
    project_subscription(session, pictures.subscription(**changed), setting)


def cause(session: Session) -> FactCause | None:
    return max(all_of(session, MembershipFact), key=lambda fact: fact.occurred_at).cause


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        (AskedBy.member, FactCause.member),
        (AskedBy.staff, FactCause.staff),
        (AskedBy.system, FactCause.staff),
    ],
)
@pytest.mark.parametrize("amount", [SIX, FOUR])
def test_another_amount_is_the_doing_of_whoever_asked_for_just_this_amount(
    session: Session, support: Context, amount: Money, by: AskedBy, whose: FactCause
) -> None:
    ask = change_to(session, amount, by)
    look(session, support, amount=amount)

    assert cause(session) is whose
    assert ask.explained_at == LATER


def test_another_amount_than_was_asked_for_was_changed_at_stripe(session: Session, support: Context) -> None:
    ask = change_to(session, SIX)
    look(session, support, amount=Money(700, "eur"))

    assert cause(session) is FactCause.stripe
    assert ask.explained_at is None


@pytest.mark.parametrize("changed", [{"tries": 0}, {"stripe_object_id": "sub_else"}])
def test_an_ask_that_was_not_tried_or_is_of_another_explains_nothing(
    session: Session, support: Context, changed: dict[str, Any]
) -> None:
    change_to(session, SIX, **changed)
    look(session, support, amount=SIX)

    assert cause(session) is FactCause.stripe


def test_an_ask_explains_one_change_and_no_other(session: Session, support: Context) -> None:
    change_to(session, SIX)
    look(session, support, amount=SIX)
    look(session, replace(support, now=LATER + HOUR), amount=FOUR)
    look(session, replace(support, now=LATER + 2 * HOUR), amount=SIX)

    assert cause(session) is FactCause.stripe


@pytest.mark.parametrize("kind", [AskKind.cancel, AskKind.cancel_later])
def test_an_end_that_was_asked_for_is_whose_it_is(session: Session, support: Context, kind: AskKind) -> None:
    add_ask(session, kind, AskedBy.staff)
    look(session, support, **OVER)

    assert cause(session) is FactCause.staff


def test_an_end_for_want_of_payment_is_stripes_whoever_asked_for_one(
    session: Session, support: Context
) -> None:
    add_ask(session, AskKind.cancel_later)
    look(session, support, **OVER, cancellation_reason="payment_failed")

    assert cause(session) is FactCause.dunning


def test_a_pause_and_its_end_are_whose_they_are(session: Session, support: Context) -> None:
    add_ask(session, AskKind.pause, resumes_at=BEGUN + 60 * DAY)
    look(session, support, **HELD)
    paused_by = cause(session)
    add_ask(session, AskKind.resume, AskedBy.staff)
    look(session, replace(support, now=LATER + HOUR))

    assert (paused_by, cause(session)) == (FactCause.member, FactCause.staff)


def test_a_failed_charge_is_nobodys_doing_whatever_was_asked_for(session: Session, support: Context) -> None:
    add_ask(session, AskKind.pause, resumes_at=BEGUN + 60 * DAY)
    look(session, support, status="past_due")

    assert cause(session) is None


def test_what_came_before_the_first_look_is_nobodys_doing(session: Session, setting: Context) -> None:
    change_to(session, Money(500, "eur"))
    add_member(session, setting)
    look(session, setting)

    assert cause(session) is None
