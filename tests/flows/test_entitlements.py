"""What members are entitled to, asked of the rows that months of Stripe's clock leave."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from app.asks.models import AskKind
from app.billing.models import Dispute, Invoice, Payment, Subscription
from app.billing.statuses import DisputeStatus, SubscriptionStatus
from app.db import reading, transaction
from app.flows.entitlement import entitlement_of, entitlements_of
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.entitlement import Entitlement
from app.members.entitlement import EntitlementReason as Why
from app.members.models import Member
from config.newsroom import EntitlementTerms
from tests.support.asking import ask
from tests.support.cast import ADA, BEN
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def ada(world: World) -> UUID:
    """Ada gives monthly; returns the member."""
    world.give(ADA)
    return world.one(Member).id


def of(world: World, member_id: UUID, *, at: datetime | None = None) -> Entitlement:
    """Return what a member is entitled to at an instant, now by Stripe's clock unless named."""
    now = at or datetime.fromtimestamp(world.stripe.now(), UTC)
    with reading(world.parts.sessions) as session:
        return entitlement_of(session, member_id, newsroom=world.parts.newsroom, now=now)


def paid_until(world: World) -> datetime:
    return max(row.period_end for row in world.rows(Invoice) if row.status == "paid")


def test_a_paid_month_entitles_through_it_and_its_grace(world: World, ada: UUID) -> None:
    end = paid_until(world)

    assert of(world, ada) == Entitlement(entitled=True, until=end + 7 * DAY, paid_until=end, reason=Why.paid)
    assert of(world, ada, at=end).reason is Why.grace
    assert not of(world, ada, at=end + 7 * DAY).entitled


def test_a_failed_renewal_keeps_its_grace_and_a_paid_one_starts_the_next_month(
    world: World, ada: UUID
) -> None:
    end = paid_until(world)
    world.change_card(world.subscription_id(), "tok_chargeCustomerFail")
    world.advance(days=32)
    world.settle()
    assert world.one(Subscription).status is SubscriptionStatus.past_due
    assert (of(world, ada).reason, of(world, ada).until) == (Why.grace, end + 7 * DAY)

    world.change_card(world.subscription_id(), "tok_visa")
    world.advance(days=8)
    world.settle()

    assert of(world, ada).reason is Why.paid
    assert paid_until(world) > end + 25 * DAY


def test_one_that_is_ended_keeps_what_is_paid_for_and_no_grace(world: World, ada: UUID) -> None:
    end = paid_until(world)

    ask(world, AskKind.cancel, world.subscription_id())

    assert (of(world, ada).reason, of(world, ada).until) == (Why.paid, end)
    assert of(world, ada, at=end).reason is Why.ended


def test_one_that_is_paused_keeps_what_is_paid_for(world: World, ada: UUID) -> None:
    end = paid_until(world)

    ask(world, AskKind.pause, world.subscription_id(), resumes_at=end + 60 * DAY)

    assert (of(world, ada).reason, of(world, ada).until) == (Why.paid, end)
    world.advance(days=40)
    world.settle()
    assert (of(world, ada).entitled, of(world, ada).reason) == (False, Why.paused)


@pytest.mark.parametrize(("minor", "why"), [(199, Why.paid), (200, Why.given_back)])
def test_only_a_payment_that_went_back_whole_no_longer_counts(
    world: World, ada: UUID, minor: int, why: Why
) -> None:
    intent = world.one(Payment).stripe_payment_intent_id

    world.v1.refunds.create({"payment_intent": intent, "amount": minor})
    world.settle()

    assert of(world, ada).reason is why


@pytest.mark.parametrize(
    ("withdrawn", "returned", "why"),
    [(False, False, Why.paid), (True, False, Why.given_back), (True, True, Why.paid)],
)
def test_a_payment_a_bank_has_taken_back_does_not_count_until_the_dispute_is_won(
    world: World, ada: UUID, withdrawn: bool, returned: bool, why: Why
) -> None:
    payment = world.one(Payment)
    with transaction(world.parts.sessions) as session:
        dispute = Dispute(
            id=new_id(),
            stripe_dispute_id="du_1",
            stripe_payment_intent_id=payment.stripe_payment_intent_id,
            status=DisputeStatus.needs_response,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            withdrawn_at=payment.paid_at if withdrawn else None,
            returned_at=payment.paid_at if returned else None,
            created_at=payment.created_at,
            synced_at=payment.created_at,
        )
        session.add(dispute)

    assert of(world, ada).reason is why


def test_a_gift_made_once_entitles_only_where_the_newsroom_says_so(world: World) -> None:
    world.give(BEN, Money(2500, "eur"), Interval.once)
    ben = world.one(Member).id
    assert of(world, ben).reason is Why.nothing
    terms = EntitlementTerms(days_for_a_gift_made_once=30)
    generous = world.parts.newsroom.model_copy(update={"entitlement": terms})
    paid_at = world.one(Payment).paid_at
    assert paid_at

    with reading(world.parts.sessions) as session:
        during = entitlement_of(session, ben, newsroom=generous, now=paid_at + 29 * DAY)
        over = entitlement_of(session, ben, newsroom=generous, now=paid_at + 30 * DAY)

    assert (during.entitled, during.reason) == (True, Why.given_once)
    assert not over.entitled


def test_many_are_answered_as_each_would_be(world: World, ada: UUID) -> None:
    world.give(BEN, Money(2500, "eur"), Interval.once)
    ids = [member.id for member in world.rows(Member)]
    now = datetime.fromtimestamp(world.stripe.now(), UTC)

    with reading(world.parts.sessions) as session:
        together = entitlements_of(session, ids, newsroom=world.parts.newsroom, now=now)

    assert together == {member_id: of(world, member_id, at=now) for member_id in ids}
    assert together[ada].entitled
