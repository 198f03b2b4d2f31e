"""What members do by the links in our mails: the rules behind the pages."""

from datetime import timedelta

import pytest
import time_machine

from app.asks.models import Ask, EndReason
from app.asks.queries import count_reasons
from app.billing.models import Invoice, Subscription
from app.billing.statuses import InvoiceStatus
from app.db import reading
from app.flows.links import (
    LINK_DAYS,
    LinkExpired,
    LinkKind,
    LinkUnknown,
    Way,
    read_link,
    read_return,
    sign_link,
    sign_return,
)
from app.flows.manage.again import mail_new_link
from app.flows.manage.end import EndPress, EndStanding, ask_for_end, look_at_end
from app.flows.manage.mend import Result, finish_mending, look_at_mend, open_card_page
from app.flows.manage.picture import Standing
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.kernel.ids import new_id, new_nonce
from app.outbox.models import MailKind, QueuedMail
from tests.support.cast import ADA
from tests.support.world import World

FAILS = "tok_chargeCustomerFail"


@pytest.fixture
def failing(world: World) -> World:
    """Ada's renewal has failed once."""
    world.give(ADA)
    world.change_card(world.subscription_id(), FAILS)
    world.advance(days=31.2)
    world.settle()
    return world


def token(world: World, kind: LinkKind = LinkKind.mend) -> str:
    row_id = world.one(Subscription).id
    return sign_link(world.parts, kind, row_id).rpartition("/")[2]


def give_card(world: World, card: str = "tok_visa") -> None:
    """Do at Stripe what the portal's page does: the customer's default becomes this card."""
    customer = world.one(Subscription).stripe_customer_id
    method = world.v1.payment_methods.create({"type": "card", "card": {"token": card}})
    world.v1.payment_methods.attach(method.id, {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})


def way_back(world: World, press: str = "") -> str:
    return sign_return(world.parts, world.one(Subscription).id, Way.card, press)


def press_end(button: str, nonce: str, reason: EndReason | None = None) -> EndPress:
    return EndPress(button=button, reason=reason, nonce=nonce)


def charges(world: World) -> list[bool]:
    """Whether each charge was paid, oldest first."""
    return [one["paid"] for one in world.stripe.objects("charge")]


def test_a_link_opens_what_it_was_signed_for_and_nothing_else(parts: Parts) -> None:
    row_id = new_id()
    made = sign_link(parts, LinkKind.mend, row_id).rpartition("/")[2]

    assert read_link(parts, LinkKind.mend, made) == row_id
    for kind in (LinkKind.confirm, LinkKind.end):
        with pytest.raises(LinkUnknown):
            read_link(parts, kind, made)
    other = "A" if made[-10] != "A" else "B"
    for spoiled in (made[:-10] + other + made[-9:], made[1:], made[:-1], "", "a.b.c", "ж"):
        with pytest.raises(LinkUnknown):
            read_link(parts, LinkKind.mend, spoiled)


def test_a_link_in_a_mail_is_no_way_back_from_stripe(parts: Parts) -> None:
    made = sign_link(parts, LinkKind.mend, new_id()).rpartition("/")[2]

    with pytest.raises(LinkUnknown):
        read_return(parts, made)
    with pytest.raises(LinkUnknown):
        read_link(parts, LinkKind.mend, sign_return(parts, new_id(), Way.card))


def test_links_run_out_and_ways_back_sooner(parts: Parts) -> None:
    row_id = new_id()
    link, back = sign_link(parts, LinkKind.end, row_id), sign_return(parts, row_id, Way.card)
    with time_machine.travel(utc_now() + timedelta(days=LINK_DAYS, seconds=10)):
        with pytest.raises(LinkExpired) as expired:
            read_link(parts, LinkKind.end, link.rpartition("/")[2])
        with pytest.raises(LinkUnknown):
            read_return(parts, back)

    assert expired.value.row_id == row_id


def test_a_card_replaced_while_an_invoice_is_open_pays_it(failing: World) -> None:
    """Edge 12: the invoice is paid, and the page says what truly happened."""
    assert look_at_mend(failing.parts, token(failing)).standing is Standing.open
    give_card(failing)

    mended = finish_mending(failing.parts, way_back(failing), now=utc_now())

    assert mended.result is Result.paid
    assert mended.picture.invoice is None
    assert charges(failing) == [True, False, True]
    failing.settle()
    assert {row.status for row in failing.rows(Invoice)} == {InvoiceStatus.paid}
    (subscription,) = failing.stripe.objects("subscription")
    (customer,) = failing.stripe.objects("customer")
    assert subscription["default_payment_method"] == customer["invoice_settings"]["default_payment_method"]


def test_the_way_back_opened_again_pays_nothing_twice(failing: World) -> None:
    give_card(failing)
    back = way_back(failing)

    results = [finish_mending(failing.parts, back, now=utc_now()).result for _ in range(3)]

    assert results == [Result.paid] * 3
    assert charges(failing) == [True, False, True]


def test_a_card_that_is_declined_is_said_to_be_and_tried_once_a_press(failing: World) -> None:
    give_card(failing, FAILS)
    back = way_back(failing)

    results = [finish_mending(failing.parts, back, now=utc_now()).result for _ in range(2)]

    assert results == [Result.declined] * 2
    assert charges(failing) == [True, False, False]
    assert finish_mending(failing.parts, way_back(failing), now=utc_now()).result is Result.declined
    assert charges(failing) == [True, False, False, False]


def test_a_failed_try_of_the_members_own_is_not_mailed_about(failing: World) -> None:
    give_card(failing, FAILS)
    finish_mending(failing.parts, way_back(failing), now=utc_now())
    failing.settle()

    told = failing.rows(QueuedMail, QueuedMail.kind != MailKind.receipt)
    assert [mail.kind for mail in told] == [MailKind.payment_failed]


def test_a_card_the_bank_wants_confirmed_leads_on_to_the_confirmation(failing: World) -> None:
    give_card(failing, "tok_authenticationRequired")

    mended = finish_mending(failing.parts, way_back(failing), now=utc_now())

    assert mended.result is Result.to_confirm
    assert mended.confirm_link


def test_while_stripe_is_away_the_page_is_unsure_and_then_tells_the_truth(failing: World) -> None:
    give_card(failing)
    back = way_back(failing)
    failing.stripe.faults("fail_before", route="*", count=200)
    assert finish_mending(failing.parts, back, now=utc_now()).result is Result.unsure
    failing.stripe.clear_faults()

    assert finish_mending(failing.parts, back, now=utc_now()).result is Result.paid
    assert charges(failing) == [True, False, True]


@pytest.mark.parametrize("method", ["lost_answer", "fail_after"])
def test_an_answer_lost_while_paying_charges_once(failing: World, method: str) -> None:
    give_card(failing)
    back = way_back(failing)
    failing.stripe.faults(method, method="POST", route="/v1/invoices/*/pay", count=2)

    results = {finish_mending(failing.parts, back, now=utc_now()).result for _ in range(2)}

    assert results <= {Result.paid, Result.unsure}
    assert charges(failing) == [True, False, True]


def test_with_nothing_open_the_card_is_saved_and_nothing_charged(world: World) -> None:
    world.give(ADA)
    give_card(world)

    mended = finish_mending(world.parts, way_back(world), now=utc_now())

    assert mended.result is Result.saved
    assert charges(world) == [True]


def test_the_cards_page_needs_no_portal_set_up_by_hand_and_one_configuration_does(world: World) -> None:
    world.give(ADA)
    addresses = {open_card_page(world.parts, token(world), language="en") for _ in range(3)}

    assert len(addresses) == 3
    assert len(world.stripe.objects("billing_portal.configuration")) == 1
    (features,) = (one["features"] for one in world.stripe.objects("billing_portal.configuration"))
    assert [name for name, feature in features.items() if feature["enabled"]] == ["payment_method_update"]


def test_an_end_with_the_paid_period_can_be_taken_back_until_then(world: World) -> None:
    world.give(ADA)
    made = token(world, LinkKind.end)
    assert look_at_end(world.parts, made).standing is EndStanding.running

    ask_for_end(world.parts, made, press_end("later", new_nonce()), now=utc_now())
    assert look_at_end(world.parts, made).standing is EndStanding.ending
    world.wait_and(world.settle, hours=1)
    ending = look_at_end(world.parts, made)
    assert (ending.standing, ending.on) == (
        EndStanding.ending,
        world.one(Subscription).current_period_end,
    )

    ask_for_end(world.parts, made, press_end("keep", new_nonce()), now=utc_now() + timedelta(hours=1))
    world.wait_and(world.settle, hours=2)
    assert look_at_end(world.parts, made).standing is EndStanding.running
    assert world.one(Subscription).cancel_at is None


def test_an_end_at_once_is_seen_at_once(world: World) -> None:
    """Edge 11: one click to end one."""
    world.give(ADA)
    made, press = token(world, LinkKind.end), new_nonce()

    for _ in range(3):
        ask_for_end(world.parts, made, press_end("now", press), now=utc_now())

    assert look_at_end(world.parts, made).standing is EndStanding.ended
    world.wait_and(world.settle, hours=1)
    assert world.one(Subscription).ended_at
    cancels = [one for one in world.stripe.requests() if one["method"] == "DELETE"]
    assert len(cancels) == 1


def test_ending_an_overdue_support_ends_it_at_once_and_asks_for_nothing_more(failing: World) -> None:
    made = token(failing, LinkKind.end)
    assert look_at_end(failing.parts, made).overdue

    ask_for_end(failing.parts, made, press_end("now", new_nonce()), now=utc_now())
    failing.wait_and(failing.settle, hours=1)

    assert look_at_end(failing.parts, made).standing is EndStanding.ended
    assert sorted(row.status for row in failing.rows(Invoice)) == [InvoiceStatus.paid, InvoiceStatus.void]


def test_while_stripe_is_away_an_end_is_written_down_and_done_later(world: World) -> None:
    world.give(ADA)
    made = token(world, LinkKind.end)
    world.stripe.faults("fail_before", route="*", count=200)
    ask_for_end(world.parts, made, press_end("now", new_nonce()), now=utc_now())
    assert look_at_end(world.parts, made).standing is EndStanding.asked
    assert world.one(Subscription).ended_at is None


def test_a_new_link_is_mailed_only_while_something_is_open_and_once_a_day(failing: World) -> None:
    made = token(failing)
    for _ in range(3):
        mail_new_link(failing.parts, LinkKind.mend, made, now=utc_now())
    again = failing.rows(QueuedMail, QueuedMail.kind == MailKind.payment_reminder)
    assert len(again) == 1

    give_card(failing)
    finish_mending(failing.parts, way_back(failing), now=utc_now())
    failing.settle()
    mail_new_link(failing.parts, LinkKind.mend, made, now=utc_now() + timedelta(days=2))
    assert len(failing.rows(QueuedMail, QueuedMail.kind == MailKind.payment_reminder)) == 1


def test_why_support_ends_is_counted_and_never_more_than_a_word_of_our_list(world: World) -> None:
    world.give(ADA)
    made, begun = token(world, LinkKind.end), utc_now()

    ask_for_end(world.parts, made, press_end("later", new_nonce(), EndReason.money), now=utc_now())
    ask_for_end(world.parts, made, press_end("keep", new_nonce(), EndReason.money), now=utc_now())
    ask_for_end(world.parts, made, press_end("now", new_nonce()), now=utc_now())

    assert [row.reason for row in world.rows(Ask)] == [EndReason.money, None, None]
    with reading(world.parts.sessions) as session:
        counted = count_reasons(session, since=begun, until=utc_now())
        assert count_reasons(session, since=utc_now(), until=utc_now()) == {}
    assert counted == {EndReason.money: 1, None: 1}
