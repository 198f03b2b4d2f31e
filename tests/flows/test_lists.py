"""Stripe's lists give the very pictures that single fetches give, or every sweep would find differences."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.flows.parts import Parts
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.digests import digest_of
from app.stripe_gateway.gateway import StripeGateway
from app.stripe_gateway.lists import Page, Part, StripeLists
from tests.support.cast import ADA, BEN, DECLINED, reader
from tests.support.world import World

Kind = tuple[Callable[[StripeLists, Part], Page], Callable[[StripeGateway, str], Any]]
KINDS: dict[str, Kind] = {
    "checkouts": (StripeLists.checkouts, StripeGateway.fetch_checkout),
    "customers": (StripeLists.customers, StripeGateway.fetch_customer),
    "subscriptions": (StripeLists.subscriptions, StripeGateway.fetch_subscription),
    "invoices": (StripeLists.invoices, StripeGateway.fetch_invoice),
    "payments": (StripeLists.payments, StripeGateway.fetch_payment),
    "refunds": (StripeLists.refunds, StripeGateway.fetch_refund),
    "disputes": (StripeLists.disputes, StripeGateway.fetch_dispute),
    "payouts": (StripeLists.payouts, StripeGateway.fetch_payout),
}


def lead_lives(world: World) -> None:
    """Leave every kind of object at Stripe, paid, failed, refunded, disputed and paid out."""
    world.stripe.settings(payout_schedule="daily", settlement_currency="usd")
    world.give(ADA)
    world.give(BEN, Money(9_000, "eur"), Interval.once)
    world.give(reader(1), Money(2_000, "usd"), Interval.year)
    world.change_card(world.stripe.objects("subscription")[0]["id"], "tok_chargeCustomerFail")
    first, second, *_ = world.stripe.objects("charge")
    world.v1.refunds.create({"charge": first["id"], "amount": 50})
    world.stripe.door("disputes", {"charge": second["id"], "reason": "fraudulent", "amount": 100})
    unpaid = world.open_session(world.form(reader(2)))
    with pytest.raises(Exception, match="declined"):
        world.pay(unpaid, reader(2), card=DECLINED)
    world.stripe.advance(seconds=40 * 86_400)


def test_every_list_gives_the_pictures_that_single_fetches_give(world: World) -> None:
    lead_lives(world)

    for name, (listing, fetch) in KINDS.items():
        page = listing(world.parts.gateway.lists, Part())
        assert page.listed, name
        for listed in page.listed:
            fetched = fetch(world.parts.gateway, listed.id)
            assert digest(world.parts, listed.snapshot) == digest(world.parts, fetched), (name, fetched)


LEFT_OUT = {
    "payments": {"invoice", "customer_address", "receipt_number"},
    "refunds": {"note_number"},
    "payouts": {"lines", "intent_ids"},
}


def test_a_digest_sees_every_field_but_what_is_left_out(world: World) -> None:
    lead_lives(world)

    for name, (listing, _) in KINDS.items():
        snapshot = listing(world.parts.gateway.lists, Part()).listed[0].snapshot
        unseen = {field for field in vars(snapshot) if not sees(world.parts, snapshot, field)}
        assert unseen == LEFT_OUT.get(name, set()), name


def sees(parts: Parts, snapshot: Any, field: str) -> bool:
    """Whether a digest differs where one field does."""
    other = "somebody@else.example" if field == "address" else "other"
    return digest(parts, snapshot) != digest(parts, replace(snapshot, **{field: other}))


def test_a_list_is_read_page_by_page(world: World) -> None:
    for number in range(103):
        world.v1.customers.create({"email": f"somebody{number}@example.org"})

    first = world.parts.gateway.lists.customers(Part())
    second = world.parts.gateway.lists.customers(Part(after=first.go_on_after))

    assert (len(first.listed), len(second.listed)) == (100, 3)
    assert second.go_on_after is None
    assert not {one.id for one in first.listed} & {one.id for one in second.listed}


def digest(parts: Parts, snapshot: Any) -> str:
    return digest_of(snapshot, parts.vault.digest)
