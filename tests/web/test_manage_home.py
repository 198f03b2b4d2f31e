"""A member's first page: each support, how it stands, and the ways to change it."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.asks.models import AskKind
from app.billing.course import CHARGED_AFTER
from app.billing.models import Subscription
from app.flows.parts import Parts
from app.flows.supporter_token import FRAGMENT, SUPPORTER_DAYS, SupporterNote, TokenKind, read_note
from app.kernel.clock import local_date, utc_now
from app.kernel.formatting import format_day
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.asking import ask, stripes_day
from tests.support.cast import ADA, BEN
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import path_of, read
from tests.web.statements import statements_of

MOST_QUERIES = 22


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    """Ada gives five monthly; Ben gives, too."""
    made = World(parts, stripe)
    made.give(BEN, Money(900, "eur"))
    made.give(ADA, Money(500, "eur"))
    return made


@pytest.fixture
def ada(client: FlaskClient, world: World) -> FlaskClient:
    """A browser in which Ada is signed in."""
    member_id = support_of_ada(world).member_id
    assert member_id
    sign_in(client, world.parts, member_id)
    return client


def support_of_ada(world: World) -> Subscription:
    return world.one(Subscription, Subscription.amount_minor == 500)


def test_the_next_charge_is_told_with_its_day_and_the_ways_to_change_it(
    app: Flask, ada: FlaskClient, world: World
) -> None:
    row = support_of_ada(world)
    assert row.current_period_end
    on = local_date(row.current_period_end + CHARGED_AFTER, world.parts.newsroom.zone)

    with statements_of(app) as statements:
        shown = read(ada.get("/manage"))

    assert "€5 every month" in shown.text
    assert f"Next payment {format_day(on, 'en')}: €5" in shown.text
    paid_until = local_date(row.current_period_end, world.parts.newsroom.zone)
    assert f"You are a supporter until {format_day(paid_until, 'en')}." in shown.text
    assert "€9" not in shown.text
    paths = {path_of(one["href"]).partition("?")[0] for one in shown.all("a") if "/support/" in one["href"]}
    assert paths == {
        f"/manage/support/{row.id}/{what}" for what in ("amount", "pause", "skip", "day", "card", "end")
    }
    assert len([one for one in statements if one.startswith("SELECT")]) <= MOST_QUERIES, statements


def test_a_second_support_is_pointed_out_and_ended_from_here(ada: FlaskClient, world: World) -> None:
    """Edge 11: shown, and one click to end one, after the one on this page."""
    world.give(ADA, Money(700, "eur"))
    shown = read(ada.get("/manage"))
    assert "You support us more than once" in shown.text
    ends = [one["href"] for one in shown.all("a") if "/end?" in one["href"]]
    assert len(ends) == 2
    page = path_of(ada.get(ends[0]).location)

    ada.post(page, data=read(ada.get(page)).fields | {"what": "now"})
    world.settle()

    left = read(ada.get("/manage"))
    assert "You support us more than once" not in left.text
    assert "Ended" in left.text
    assert support_of_ada(world).ended_at is None


def test_a_pause_and_an_end_are_told(ada: FlaskClient, world: World) -> None:
    stripe_id = support_of_ada(world).stripe_subscription_id
    ask(world, AskKind.pause, stripe_id, resumes_at=stripes_day(world, 50))
    assert "Paused until" in read(ada.get("/manage")).text

    ask(world, AskKind.cancel_later, stripe_id)

    told = read(ada.get("/manage"))
    assert "Nothing more is charged." in told.text
    assert "Keep supporting" in told.text
    assert "Change the amount" not in told.text


def test_an_open_payment_is_told_with_the_way_to_pay_it(ada: FlaskClient, world: World) -> None:
    world.change_card(support_of_ada(world).stripe_subscription_id, "tok_chargeCustomerFail")
    world.advance(days=31.2)
    world.settle()

    told = read(ada.get("/manage"))

    assert "A payment of €5 is open." in told.text
    assert "Pay what is open" in told.text


def test_a_yearly_support_offers_to_put_its_payment_off(client: FlaskClient, world: World) -> None:
    world.give(BEN, Money(6000, "eur"), Interval.year)
    row = world.one(Subscription, Subscription.interval == Interval.year)
    assert row.member_id
    sign_in(client, world.parts, row.member_id)

    assert "Put the next payment off" in read(client.get("/manage")).text


def test_the_way_back_to_the_newsroom_carries_a_note_that_its_bearer_is_no_more_to_be_asked(
    ada: FlaskClient, world: World
) -> None:
    support = support_of_ada(world)
    today = local_date(utc_now(), world.parts.newsroom.zone)
    assert note_back(ada, world) == SupporterNote(
        kind=TokenKind.supporter, until=today + timedelta(days=SUPPORTER_DAYS)
    )

    ask(world, AskKind.cancel_later, support.stripe_subscription_id)
    left = note_back(ada, world)

    assert left
    assert left.kind is TokenKind.supporter
    assert today < left.until < today + timedelta(days=60)


def test_the_way_back_of_who_supports_no_more_carries_nothing(ada: FlaskClient, world: World) -> None:
    ask(world, AskKind.cancel, support_of_ada(world).stripe_subscription_id)

    with time_machine.travel(utc_now() + timedelta(days=90)):
        sign_in(ada, world.parts, support_of_ada(world).member_id or UUID(int=0))
        assert note_back(ada, world) is None


def note_back(ada: FlaskClient, world: World) -> SupporterNote | None:
    """Return the note behind the link back to the newsroom's site."""
    links = [link["href"] for link in read(ada.get("/manage")).all("a")]
    notes = [link.partition(f"{world.parts.newsroom.website}#{FRAGMENT}=")[2] for link in links]
    return next((read_note(world.parts, note) for note in notes if note), None)
