"""Changes of a support by its member: foretold, asked once, told as they turned out."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.asks.models import Ask, AskKind
from app.billing.models import Invoice, Subscription
from app.billing.statuses import InvoiceStatus, SubscriptionStatus
from app.db import reading
from app.flows.asking.ask import AskOutcome
from app.flows.links import LinkUnknown
from app.flows.manage import changes
from app.flows.manage.changes import Asking, ChangeRefused, PageStale, Press, Preview
from app.flows.manage.support import Condition, Supported
from app.giving.agreements import fees_within
from app.giving.fees import find_total
from app.giving.models import Pledge
from app.kernel.clock import from_timestamp, months_after
from app.kernel.ids import new_id, new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import ask, charged, finish
from tests.support.cast import ADA
from tests.support.world import World

TWO, FIVE, TEN, SIXTY = (Money(minor, "eur") for minor in (200, 500, 1000, 6000))


@pytest.fixture
def monthly(world: World) -> World:
    """Ada gives ten euros a month."""
    world.give(ADA, TEN)
    return world


def now_of(world: World) -> datetime:
    return from_timestamp(world.stripe.now())


def look(world: World) -> Supported:
    row = world.one(Subscription)
    assert row.member_id
    return changes.look(world.parts, row.id, member_id=row.member_id, now=now_of(world))


def press_of(world: World, seen: Supported, nonce: str = "") -> Press:
    row = world.one(Subscription)
    assert row.member_id
    return Press(support_id=row.id, member_id=row.member_id, seen=seen.seen, nonce=nonce or new_nonce())


def make(world: World, asking: Asking) -> Preview:
    """Foretell a change, make it, and return what was foretold."""
    seen = look(world)
    foretold = changes.preview(seen, asking)
    asked = changes.ask_for_change(world.parts, press_of(world, seen), asking, now=now_of(world))
    assert asked.outcome is AskOutcome.done
    world.settle()
    return foretold


def amount(world: World, gift: Money, interval: Interval = Interval.month) -> Asking:
    return changes.another_amount(world.parts, gift, interval)


def go_on(world: World, days: float) -> None:
    world.advance(days=days)
    world.settle()


def fall_overdue(world: World) -> None:
    world.change_card(world.subscription_id(), "tok_chargeCustomerFail")
    go_on(world, 31.2)
    assert world.one(Subscription).status is SubscriptionStatus.past_due


def test_nobody_else_sees_or_changes_a_support(monthly: World) -> None:
    row = monthly.one(Subscription)

    with pytest.raises(LinkUnknown):
        changes.look(monthly.parts, row.id, member_id=new_id(), now=now_of(monthly))
    with pytest.raises(LinkUnknown):
        changes.look(monthly.parts, new_id(), member_id=new_id(), now=now_of(monthly))
    stranger = Press(support_id=row.id, member_id=new_id(), seen=look(monthly).seen, nonce=new_nonce())
    with pytest.raises(LinkUnknown):
        changes.ask_for_change(monthly.parts, stranger, changes.skip, now=now_of(monthly))
    assert monthly.rows(Ask) == []


def test_what_is_done_is_shown_before_stripe_has_told(monthly: World) -> None:
    seen = look(monthly)

    changes.ask_for_change(monthly.parts, press_of(monthly, seen), amount(monthly, FIVE), now=now_of(monthly))

    assert monthly.one(Subscription).amount_minor == 1000
    assert look(monthly).course.amount == FIVE


def test_a_double_click_asks_once(monthly: World) -> None:
    press = press_of(monthly, look(monthly))

    for _ in range(2):
        changes.ask_for_change(monthly.parts, press, amount(monthly, FIVE), now=now_of(monthly))

    assert len(monthly.rows(Ask)) == 1


def test_a_second_tab_that_shows_what_was_before_is_told_so_and_changes_nothing(monthly: World) -> None:
    seen = look(monthly)
    changes.ask_for_change(monthly.parts, press_of(monthly, seen), amount(monthly, FIVE), now=now_of(monthly))

    with pytest.raises(PageStale):
        changes.ask_for_change(
            monthly.parts, press_of(monthly, seen), amount(monthly, Money(700, "eur")), now=now_of(monthly)
        )

    monthly.settle()
    assert monthly.one(Subscription).amount_minor == 500


def test_a_page_from_before_a_renewal_is_told_so(monthly: World) -> None:
    seen = look(monthly)
    go_on(monthly, 32)

    with pytest.raises(PageStale):
        changes.ask_for_change(monthly.parts, press_of(monthly, seen), changes.skip, now=now_of(monthly))


def test_what_stripe_has_not_answered_says_so_and_is_done_later(monthly: World) -> None:
    seen, nonce = look(monthly), new_nonce()
    monthly.stripe.faults("fail_before", method="POST", route="/v1/subscriptions/*", count=20)

    asked = changes.ask_for_change(
        monthly.parts, press_of(monthly, seen, nonce), amount(monthly, FIVE), now=now_of(monthly)
    )

    assert asked.outcome is AskOutcome.waiting
    waiting = look(monthly)
    assert waiting.condition is Condition.asked
    assert changes.how_it_went(monthly.parts, waiting, nonce) is AskOutcome.waiting
    with pytest.raises(ChangeRefused):
        changes.preview(waiting, changes.skip)
    monthly.stripe.clear_faults()
    finish(monthly)
    assert changes.how_it_went(monthly.parts, look(monthly), nonce) is AskOutcome.done
    assert look(monthly).course.amount == FIVE


def test_a_lower_amount_is_foretold_for_the_payment_that_is_open(monthly: World) -> None:
    """Edge 15: while past due."""
    fall_overdue(monthly)

    foretold = make(monthly, amount(monthly, FIVE))

    assert foretold.pending == FIVE
    monthly.change_card(monthly.subscription_id(), "tok_visa")
    go_on(monthly, 35)
    assert charged(monthly) == [1000, 500, 500]


def test_a_higher_amount_leaves_the_open_payment_as_it_is(monthly: World) -> None:
    fall_overdue(monthly)

    foretold = make(monthly, amount(monthly, Money(1500, "eur")))

    assert foretold.pending == TEN
    monthly.change_card(monthly.subscription_id(), "tok_visa")
    go_on(monthly, 35)
    assert charged(monthly) == [1000, 1000, 1500]


def test_a_renewal_that_is_drafted_is_foretold_at_the_lower_amount(monthly: World) -> None:
    """Edge 15: the very next charge, also within the hour before it."""
    monthly.advance_to(look(monthly).course.next_at + timedelta(minutes=5))
    monthly.settle()

    foretold = make(monthly, amount(monthly, FIVE))

    assert foretold.pending == FIVE
    go_on(monthly, 1)
    assert charged(monthly) == [1000, 500]


def test_an_open_payment_stands_in_the_way_of_another_interval_and_another_day(monthly: World) -> None:
    fall_overdue(monthly)

    for asking in (
        amount(monthly, SIXTY, Interval.year),
        changes.another_day(monthly.parts, 15, now=now_of(monthly)),
    ):
        with pytest.raises(ChangeRefused) as refused:
            changes.preview(look(monthly), asking)
        assert refused.value.code == "overdue"


def test_a_pause_lets_the_open_payment_fall_away(monthly: World) -> None:
    fall_overdue(monthly)

    foretold = make(monthly, changes.pause(2, now=now_of(monthly)))

    assert foretold.pending_falls_away
    assert monthly.rows(Invoice)[-1].status is InvoiceStatus.void
    go_on(monthly, 55)
    assert charged(monthly) == [1000]


def test_the_amount_changes_within_a_pause_and_holds_when_it_is_over(monthly: World) -> None:
    make(monthly, changes.pause(1, now=now_of(monthly)))

    foretold = make(monthly, amount(monthly, FIVE))

    assert [one.amount for one in foretold.falls_away] == [FIVE]
    go_on(monthly, 32)
    assert charged(monthly) == [1000]
    go_on(monthly, 31)
    assert charged(monthly) == [1000, 500]


def test_nothing_is_foretold_of_support_that_ends_until_the_end_is_taken_back(monthly: World) -> None:
    ask(monthly, AskKind.cancel_later, monthly.subscription_id())

    assert look(monthly).condition is Condition.ending
    with pytest.raises(ChangeRefused) as refused:
        changes.preview(look(monthly), amount(monthly, FIVE))
    assert refused.value.code == "ending"
    ask(monthly, AskKind.take_back, monthly.subscription_id())
    assert make(monthly, amount(monthly, FIVE)).charges[0].amount == FIVE


def test_a_pause_over_the_yearly_payment_puts_it_off_and_skips_no_year(world: World) -> None:
    """Edge 13: what a reader expects of three months is three months."""
    world.give(ADA, SIXTY, Interval.year)
    due_at = look(world).course.next_at

    foretold = make(world, changes.pause(3, now=now_of(world)))

    assert foretold.falls_away == ()
    assert foretold.charges[0].due_at == months_after(due_at, 3)
    world.advance_to(foretold.charges[0].charged_at - timedelta(minutes=1))
    assert charged(world) == [6000]
    go_on(world, 0.1)
    assert charged(world) == [6000, 6000]


def test_skipping_a_yearly_payment_leaves_out_the_year_and_says_so(world: World) -> None:
    world.give(ADA, SIXTY, Interval.year)

    foretold = make(world, changes.skip)

    (skipped,) = foretold.falls_away
    assert foretold.charges[0].due_at == months_after(skipped.due_at, 12)
    go_on(world, 400)
    assert charged(world) == [6000]


def test_one_payment_is_skipped_and_the_next_is_made(monthly: World) -> None:
    foretold = make(monthly, changes.skip)

    assert len(foretold.falls_away) == 1
    with pytest.raises(ChangeRefused) as refused:
        changes.preview(look(monthly), changes.skip)
    assert refused.value.code == "paused"
    go_on(monthly, 63)
    assert charged(monthly) == [1000, 1000]


def test_a_pause_ends_sooner_when_its_member_says_so(monthly: World) -> None:
    make(monthly, changes.pause(6, now=now_of(monthly)))

    foretold = make(monthly, changes.go_on)

    assert foretold.falls_away == ()
    go_on(monthly, 32)
    assert charged(monthly) == [1000, 1000]


def test_another_day_charges_nothing_twice_and_leaves_out_nothing_more_than_it_says(monthly: World) -> None:
    paid_until = look(monthly).course.next_at
    other = 28 if paid_until.day < 27 else 12

    foretold = make(monthly, changes.another_day(monthly.parts, other, now=now_of(monthly)))

    first, second = foretold.charges
    assert paid_until < first.due_at < paid_until + timedelta(days=31)
    go_on(monthly, 75)
    assert charged(monthly)[:2] == [1000, 1000]
    paid_on = [from_timestamp(one["created"]) for one in monthly.stripe.objects("charge")][1:]
    assert paid_on[:1] == [first.charged_at]
    assert paid_on[1:2] in ([], [second.charged_at])
    assert monthly.one(Subscription).anchor_at == first.due_at


def test_a_day_that_waited_over_a_renewal_brings_no_charge_nearer(monthly: World) -> None:
    seen = look(monthly)
    asking = changes.another_day(
        monthly.parts, (seen.course.next_at + timedelta(days=3)).day, now=now_of(monthly)
    )
    monthly.stripe.faults("fail_before", method="POST", route="/v1/subscriptions/*", count=40)
    changes.ask_for_change(monthly.parts, press_of(monthly, seen), asking, now=now_of(monthly))
    monthly.advance(days=32)
    monthly.stripe.clear_faults()

    finish(monthly)

    assert monthly.one(Ask).refused_code == "charged_meanwhile"
    go_on(monthly, 20)
    assert charged(monthly) == [1000, 1000]


def test_edge_6_support_that_covers_its_fees_keeps_doing_so_and_the_total_is_charged(world: World) -> None:
    """Edge 6: gift and fees apart, the total as agreed."""
    total = find_total(world.parts.newsroom, TEN)
    assert total
    session_id = world.open_session(replace(world.form(ADA, TEN), total=total))
    world.pay(session_id, ADA)
    world.settle()
    assert look(world).gift == TEN
    assert world.one(Pledge).fees_minor == (total - TEN).minor

    foretold = make(world, amount(world, FIVE))

    covered = find_total(world.parts.newsroom, FIVE)
    assert covered
    assert foretold.charges[0].amount == covered
    assert foretold.change.fees == covered - FIVE
    go_on(world, 32)
    assert charged(world) == [total.minor, covered.minor]
    row = world.one(Subscription)
    with reading(world.parts.sessions) as session:
        kept = fees_within(
            session, covered, stripe_subscription_id=row.stripe_subscription_id, pledge_id=row.pledge_id
        )
    assert kept == covered - FIVE
    assert look(world).gift == FIVE
