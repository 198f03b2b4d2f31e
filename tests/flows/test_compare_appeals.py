"""Variants beside each other: the sums of the days, the pledges that bear them, and what came of those."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.appeals.counting import Counted
from app.appeals.difference import Verdict
from app.appeals.models import AppealCount
from app.billing.models import Payment
from app.db import transaction
from app.flows.compare_appeals import Compared, compare_appeals
from app.flows.count_appeal import Telling, count_appeal
from app.giving.models import Pledge
from app.kernel.clock import local_date, utc_now
from tests.support.cast import ADA, BEN, DECLINED
from tests.support.simulator import DoorRefused
from tests.support.world import World


def shown(world: World, variant: str, times: int, *, day: date, campaign: str = "") -> None:
    with transaction(world.parts.sessions) as session:
        row = {"day": day, "variant": variant, "campaign_slug": campaign, "shown": times, "continued": 0}
        session.execute(sa.insert(AppealCount).values(row))


def today(world: World) -> date:
    return local_date(utc_now(), world.parts.newsroom.zone)


def by_name(rows: list[Compared]) -> dict[str, Compared]:
    return {one.row.variant: one for one in rows}


def test_a_pledge_and_its_payment_are_told_from_the_pledge(world: World) -> None:
    day = today(world)
    for variant in ("main", "open"):
        shown(world, variant, 400, day=day, campaign="spring")
    paid = world.open_session(replace(world.form(ADA, campaign="spring"), variant="open"))
    declined = world.open_session(replace(world.form(BEN, campaign="spring"), variant="open"))
    with pytest.raises(DoorRefused):
        world.pay(declined, BEN, card=DECLINED)
    world.pay(paid, ADA)
    world.settle()

    found = compare_appeals(world.parts, today=day, campaign="spring")

    opened = by_name(found.rows)["open"]
    assert (opened.row.shown, opened.row.pledged, opened.row.paid) == (400, 2, 1)
    assert opened.paid_per_thousand == Decimal("2.5")
    assert opened.apart
    assert opened.apart.low < 0 < opened.apart.high
    assert opened.verdict is Verdict.not_enough
    assert by_name(found.rows)["main"].verdict is None
    assert found.campaigns == ["spring"]
    assert [payment.paid_at is None for payment in world.rows(Payment)].count(True) == 1


def test_a_renewal_makes_no_second_paid_pledge(world: World) -> None:
    day = today(world)
    shown(world, "main", 10, day=day)
    paid = world.open_session(replace(world.form(ADA), variant="main"))
    world.pay(paid, ADA)
    world.settle()
    world.advance(days=31.2)
    world.settle()

    found = compare_appeals(world.parts, today=day + timedelta(days=40))

    assert by_name(found.rows)["main"].row.paid == 1


def test_it_begins_when_the_youngest_variant_was_first_shown(world: World) -> None:
    day = today(world)
    shown(world, "main", 500, day=day - timedelta(days=30))
    shown(world, "main", 7, day=day - timedelta(days=2))
    shown(world, "open", 9, day=day - timedelta(days=2))

    found = compare_appeals(world.parts, today=day)
    older = compare_appeals(world.parts, today=day, first=day - timedelta(days=60))

    assert found.first == day - timedelta(days=2)
    assert by_name(found.rows)["main"].row.shown == 7
    assert by_name(older.rows)["main"].row.shown == 507


def test_a_variant_taken_out_of_the_file_stays_in_the_table(world: World) -> None:
    shown(world, "former", 10, day=today(world))

    found = by_name(compare_appeals(world.parts, today=today(world)).rows)

    assert found["former"].retired
    assert found["open"].row.shown == 0
    assert found["open"].apart is None


def test_campaigns_are_kept_apart(world: World) -> None:
    day = today(world)
    shown(world, "main", 10, day=day, campaign="spring")
    shown(world, "main", 5, day=day)

    spring = compare_appeals(world.parts, today=day, campaign="spring")
    everything = compare_appeals(world.parts, today=day)

    assert by_name(spring.rows)["main"].row.shown == 10
    assert by_name(everything.rows)["main"].row.shown == 15


def test_a_day_is_the_newsrooms(world: World) -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=utc_now().tzinfo)

    told = Telling(what=Counted.shown, variant="main", campaign=None, network="192.0.2.1")
    count_appeal(world.parts, told, now=late)

    assert world.one(AppealCount).day == date(2026, 11, 25)


def test_a_pledge_without_a_variant_is_nobodys(world: World) -> None:
    world.open_session(world.form(ADA))

    assert world.one(Pledge).appeal_variant is None
    assert [one.row.pledged for one in compare_appeals(world.parts, today=today(world)).rows] == [0, 0]
