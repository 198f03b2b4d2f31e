"""Daily sums of the appeal: one row for each variant and campaign, however often it is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from app.appeals.counting import MOST_CAMPAIGNS_A_DAY, Counted, Place, count
from app.appeals.models import AppealCount
from app.db import Sessions, transaction
from app.flows.count_appeal import Telling, count_appeal
from app.flows.limits import MOST_TOLD_BY_A_NETWORK_AN_HOUR, TooOftenAsked
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.signing_in.models import CountedBy, TryCounter
from tests.support.canary import dump
from tests.support.world import World

DAY = date(2026, 11, 25)


def test_a_hundred_showings_are_one_row(sessions: Sessions, world: World) -> None:
    place = Place(day=DAY, variant="main", campaign="spring")
    with transaction(sessions) as session:
        for _ in range(100):
            count(session, Counted.shown, place)
        count(session, Counted.continued, place)

    row = world.one(AppealCount)
    assert (row.shown, row.continued) == (100, 1)


def test_variants_campaigns_and_days_have_rows_of_their_own(sessions: Sessions, world: World) -> None:
    places = [
        Place(day=DAY, variant="main", campaign="spring"),
        Place(day=DAY, variant="open", campaign="spring"),
        Place(day=DAY, variant="main", campaign=""),
        Place(day=date(2026, 11, 26), variant="main", campaign="spring"),
    ]
    with transaction(sessions) as session:
        for place in places:
            count(session, Counted.shown, place)

    assert [row.shown for row in world.rows(AppealCount)] == [1, 1, 1, 1]


def test_made_up_campaigns_do_not_fill_the_table(sessions: Sessions, world: World) -> None:
    with transaction(sessions) as session:
        for number in range(MOST_CAMPAIGNS_A_DAY + 20):
            count(session, Counted.shown, Place(day=DAY, variant="main", campaign=f"made-up-{number}"))

    rows = world.rows(AppealCount)
    assert len(rows) == MOST_CAMPAIGNS_A_DAY + 1
    assert sum(row.shown for row in rows) == MOST_CAMPAIGNS_A_DAY + 20


def test_one_network_cannot_make_up_more_than_people_do(parts: Parts, world: World) -> None:
    told = Telling(what=Counted.shown, variant="main", campaign=None, network="192.0.2.1")
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=False):
        for _ in range(MOST_TOLD_BY_A_NETWORK_AN_HOUR):
            count_appeal(parts, told, now=utc_now())
        with pytest.raises(TooOftenAsked):
            count_appeal(parts, told, now=utc_now())
        count_appeal(parts, replace(told, network="192.0.2.2"), now=utc_now())
        count_appeal(parts, told, now=utc_now() + timedelta(hours=1))

    assert world.one(AppealCount).shown == MOST_TOLD_BY_A_NETWORK_AN_HOUR + 2


def test_counting_a_network_keeps_no_address_and_leaves_the_cells_for_signing_in_alone(
    parts: Parts, world: World, database_url: str
) -> None:
    told = Telling(what=Counted.shown, variant="main", campaign=None, network="198.51.100.77")

    count_appeal(parts, told, now=utc_now())

    assert "198.51.100.77" not in str(dump(database_url))
    assert {cell.counted_by for cell in world.rows(TryCounter, TryCounter.asked > 0)} == {CountedBy.appeal}
