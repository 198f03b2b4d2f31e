"""From the form to Stripe's page: what is agreed is what is asked, and it is asked once."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine

from app.flows.give import (
    AlreadyCompleted,
    CheckoutReady,
    CheckoutUncertain,
    ContactForgotten,
    open_pledge,
    pledge_support,
)
from app.flows.housekeeping import keep_house
from app.giving.models import Campaign, Pledge
from app.giving.pledges import PledgeUnknown, Said
from app.kernel.clock import utc_now
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.ledger.models import Entry
from app.members.models import Member
from app.outbox.models import QueuedMail
from app.stripe_gateway.errors import StripeRefused
from app.vault.models import Contact
from tests.support.cast import ADA, BEN, CANARY, DAN
from tests.support.simulator import Json
from tests.support.world import TITLE, World

LEAST = (Money(200, "eur"), Money(250, "usd"), Money(1999, "gbp"), Money(301, "jpy"), Money(1500, "kwd"))


def creations(world: World) -> list[Json]:
    return [one for one in world.stripe.requests() if one["path"] == "/v1/checkout/sessions"]


@pytest.mark.parametrize("amount", LEAST, ids=lambda amount: amount.currency)
@pytest.mark.parametrize("interval", list(Interval))
def test_checkout_is_opened_for_exactly_what_was_agreed(
    world: World, amount: Money, interval: Interval
) -> None:
    world.open_session(world.form(ADA, amount, interval, campaign="autumn", language="ru"))

    pledge = world.one(Pledge)
    (asked,) = creations(world)
    price: Json = {
        "currency": amount.currency,
        "unit_amount": str(amount.minor),
        "product_data": {"name": TITLE},
    }
    named = {"pledge": str(pledge.id)}
    once = {
        "customer_creation": "always",
        "submit_type": "donate",
        "payment_intent_data": {"metadata": named},
    }
    if interval is not Interval.once:
        price["recurring"] = {"interval": interval.value}
        once = {"subscription_data": {"metadata": named}}
    assert asked["params"] == {
        "ui_mode": "hosted_page",
        "mode": "payment" if interval is Interval.once else "subscription",
        "line_items": [{"quantity": "1", "price_data": price}],
        "customer_email": ADA.address,
        "success_url": "http://localhost/support/thanks?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": f"http://localhost/support/resume/{pledge.resume_key}",
        "locale": "ru",
        "metadata": named,
        **once,
    }
    assert asked["idempotency_key"] == f"pledge-{pledge.id}-1"


def test_a_pledge_makes_no_member_no_entry_and_no_mail(world: World) -> None:
    session_id = world.open_session(world.form(DAN))
    world.settle()

    assert world.rows(Member) == []
    assert world.rows(Entry) == []
    assert world.rows(QueuedMail) == []
    assert world.one(Pledge).stripe_checkout_session_id == session_id
    assert world.rows(Campaign) == []


def test_the_same_form_sent_twice_opens_one_session(world: World) -> None:
    form = world.form(ADA)

    first, second = world.send(form), world.send(form)

    assert first == second
    assert len(creations(world)) == 1
    assert len(world.stripe.objects("checkout.session")) == 1
    assert len(world.rows(Pledge)) == 1


def test_the_same_form_from_two_tabs_leads_to_the_same_page(world: World) -> None:
    nonce = "a-nonce-of-one-showing"

    tabs = [world.send(world.form(ADA, nonce=nonce)) for _ in range(2)]

    assert tabs[0] == tabs[1]
    assert len(world.stripe.objects("checkout.session")) == 1


def test_two_showings_of_the_form_are_two_pledges(world: World) -> None:
    world.send(world.form(ADA))
    world.send(world.form(ADA))

    assert len(world.rows(Pledge)) == 2
    assert len(world.stripe.objects("checkout.session")) == 2


def test_a_changed_amount_on_the_same_form_expires_the_older_session_at_stripe(world: World) -> None:
    nonce = "a-nonce-of-one-showing"
    older = world.open_session(world.form(ADA, Money(200, "eur"), nonce=nonce))

    newer = world.open_session(world.form(ADA, Money(500, "eur"), nonce=nonce))

    status = {one["id"]: one["status"] for one in world.stripe.objects("checkout.session")}
    assert status == {older: "expired", newer: "open"}
    world.settle()
    assert [bool(pledge.expired_at) for pledge in world.rows(Pledge)] == [True, False]


def test_a_changed_mind_after_paying_leaves_what_was_paid(world: World) -> None:
    nonce = "a-nonce-of-one-showing"
    paid = world.open_session(world.form(ADA, Money(200, "eur"), nonce=nonce))
    world.pay(paid, ADA)

    world.open_session(world.form(ADA, Money(500, "eur"), nonce=nonce))

    world.settle()
    assert [bool(pledge.completed_at) for pledge in world.rows(Pledge)] == [True, False]


def test_an_expired_session_is_followed_by_a_new_attempt(world: World) -> None:
    form = world.form(ADA)
    first = world.open_session(form)
    world.v1.checkout.sessions.expire(first)
    world.settle()

    second = world.open_session(form)

    assert second != first
    assert world.one(Pledge).attempt == 2
    assert [one["idempotency_key"][-2:] for one in creations(world)] == ["-1", "-2"]
    world.pay(second, ADA)
    world.settle()
    assert len(world.rows(Member)) == 1


def test_no_new_attempt_is_opened_when_the_former_session_was_paid_after_all(world: World) -> None:
    form = world.form(ADA)
    first = world.open_session(form)
    world.pay(first, ADA)

    with time_machine.travel(utc_now() + timedelta(days=2), tick=True):  # its page has run out for us
        opening = world.send(form)

    assert opening == AlreadyCompleted(session_id=first)
    assert len(world.stripe.objects("checkout.session")) == 1


def test_a_completed_pledge_leads_to_its_thanks(world: World) -> None:
    form = world.form(ADA)
    session_id = world.open_session(form)
    world.pay(session_id, ADA)
    world.settle()

    assert world.send(form) == AlreadyCompleted(session_id=session_id)


def test_a_resumed_pledge_asks_for_the_same_thing_even_if_the_title_has_changed(world: World) -> None:
    form = world.form(ADA)
    world.stripe.faults("lost_answer", method="POST", route="/v1/checkout/sessions", count=2)
    assert isinstance(world.send(form), CheckoutUncertain)

    opening = pledge_support(world.parts, form, said=Said(title="Another title"), now=utc_now())

    assert isinstance(opening, CheckoutReady)
    assert len(world.stripe.objects("checkout.session")) == 1


def test_a_pledge_whose_address_is_forgotten_wants_the_form_again(world: World) -> None:
    form = world.form(ADA)
    session_id = world.open_session(form)
    world.v1.checkout.sessions.expire(session_id)
    world.settle()
    with time_machine.travel(utc_now() + timedelta(days=8), tick=True):
        keep_house(world.parts)

    with pytest.raises(ContactForgotten):
        open_pledge(world.parts, world.one(Pledge).id)

    assert world.rows(Contact) == []
    assert world.one(Pledge).opening_token is None


def test_what_stripe_refuses_is_refused_and_can_be_tried_again(world: World) -> None:
    too_little = world.form(ADA, Money(1, "eur"), Interval.once)

    with pytest.raises(StripeRefused) as refused:
        world.send(too_little)

    assert refused.value.code == "amount_too_small"
    assert world.one(Pledge).opening_token is None


def test_an_unknown_pledge_is_named_so(world: World) -> None:
    with pytest.raises(PledgeUnknown):
        open_pledge(world.parts, new_id())


def test_stripes_metadata_carries_the_pledge_alone(world: World) -> None:
    world.give(CANARY, campaign="secret-campaign")
    world.give(BEN, Money(2500, "eur"), Interval.once, campaign="secret-campaign")

    kinds = "checkout.session payment_intent charge subscription customer invoice".split()
    written = [one["metadata"] for kind in kinds for one in world.stripe.objects(kind)]
    assert {key for metadata in written for key in metadata} == {"pledge"}
    assert {str(UUID(metadata["pledge"])) for metadata in written if metadata} == {
        str(pledge.id) for pledge in world.rows(Pledge)
    }
    sent = str([one["params"] for one in creations(world)])
    assert "secret-campaign" not in sent
    assert "Quillfeather" not in sent


def test_a_page_that_expired_before_we_knew_whose_it_is_does_not_stay_open(world: World) -> None:
    """The answer was lost, the page expired and Stripe told so; the same key then shows it as it was."""
    form = world.form(ADA)
    world.stripe.faults("lost_answer", method="POST", route="/v1/checkout/sessions", count=2)
    assert isinstance(world.send(form), CheckoutUncertain)
    (opened,) = world.stripe.objects("checkout.session")
    world.v1.checkout.sessions.expire(opened["id"])
    world.settle()

    world.send(form)
    world.settle()

    assert world.one(Pledge).stripe_checkout_session_id == opened["id"]
    assert world.one(Pledge).expired_at is not None
    assert isinstance(world.send(form), CheckoutReady)
    assert [one["status"] for one in world.stripe.objects("checkout.session")] == ["expired", "open"]
