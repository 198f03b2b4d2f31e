"""Daily sums of the appeal: one row for each variant and campaign, however often it is shown."""

from datetime import date

from app.appeals.counting import MOST_CAMPAIGNS_A_DAY, Counted, Place, count
from app.appeals.models import AppealCount
from app.db import Sessions, transaction
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
