"""Yearly statements: every gift of the year, with what went back of it taken off."""

from datetime import date
from uuid import UUID

import pytest

from app.billing.models import Dispute, Payment
from app.db import reading
from app.flows.people.erase import erase_by_code
from app.flows.statements import NothingGiven, StatementYear, draw_statement, list_statement_years
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.receipts.models import CreditNote, Receipt
from app.receipts.statements import list_gifts
from tests.support.cast import ADA, BEN, DISPUTED_AT_ONCE, REFUND_FAILS
from tests.support.pdf import text_of
from tests.support.world import World

LONG_AGO, FAR_AHEAD = date(2000, 1, 1), date(2100, 1, 1)


def give(world: World, minor: int = 2500, currency: str = "eur", **fields: str) -> None:
    world.give(ADA, Money(minor, currency), Interval.once, **fields)


def member_id(world: World) -> UUID:
    return world.rows(Member)[0].id


def sums(world: World) -> list[tuple[int, int, int, str]]:
    """Ada's gifts: given, gone back, kept."""
    with reading(world.parts.sessions) as session:
        gifts = list_gifts(session, [member_id(world)], LONG_AGO, FAR_AHEAD)
    return [(one.given.minor, one.back.minor, one.kept.minor, one.given.currency) for one in gifts]


def years(world: World) -> list[StatementYear]:
    with reading(world.parts.sessions) as session:
        return list_statement_years(session, member_id(world), world.parts, now=utc_now())


def refund(world: World, minor: int) -> None:
    intent_id = world.one(Payment).stripe_payment_intent_id
    world.v1.refunds.create({"payment_intent": intent_id, "amount": minor})
    world.settle()


def this_year(world: World) -> int:
    return local_date(utc_now(), world.parts.newsroom.zone).year


def test_a_year_holds_every_gift_and_its_total_by_currency(world: World) -> None:
    give(world)
    give(world, 1000)
    give(world, 3000, "jpy")

    (year,) = years(world)

    assert [(total.given, total.kept) for total in year.totals] == [
        (Money(3500, "eur"), Money(3500, "eur")),
        (Money(3000, "jpy"), Money(3000, "jpy")),
    ]
    assert year.under_way


def test_edge_5_a_refund_after_the_statement_is_taken_off_the_next_one_drawn(world: World) -> None:
    give(world)
    before = draw_statement(world.parts, member_id(world), this_year(world), language="en", now=utc_now())
    refund(world, 1000)
    refund(world, 200)

    after = draw_statement(world.parts, member_id(world), this_year(world), language="en", now=utc_now())

    assert "went back" not in text_of(before.pdf)
    assert "€12.00 of this went back" in text_of(after.pdf)
    assert sums(world) == [(2500, 1200, 1300, "eur")]


def test_a_refund_that_failed_takes_nothing_off(world: World) -> None:
    give(world, card=REFUND_FAILS)
    refund(world, 2500)
    world.advance(days=0.1)
    world.settle()

    assert world.one(CreditNote)
    assert sums(world) == [(2500, 0, 2500, "eur")]


@pytest.mark.parametrize(("won", "kept"), [(True, 2500), (False, 0)])
def test_what_a_bank_took_back_is_off_until_it_returns(world: World, won: bool, kept: int) -> None:
    give(world, card=DISPUTED_AT_ONCE)
    assert sums(world) == [(2500, 2500, 0, "eur")]

    world.stripe.advance(seconds=60)
    world.stripe.door(f"disputes/{world.one(Dispute).stripe_dispute_id}", {"won": won})
    world.settle()

    assert sums(world) == [(2500, 2500 - kept, kept, "eur")]


def test_the_pdf_names_every_receipt_the_giver_and_the_period(world: World) -> None:
    give(world)
    give(world, 1000)
    year = this_year(world)

    drawn = draw_statement(world.parts, member_id(world), year, language="en", now=utc_now())

    text = text_of(drawn.pdf)
    assert drawn.file_name == f"statement-{year}.pdf"
    assert f"Your support in {year}" in text
    assert f"1 January {year} to 31 December {year}" in text
    assert "Ada Adler" in text
    assert "€35.00" in text
    for receipt in world.rows(Receipt):
        assert receipt.number in text


def test_a_russian_statement_is_russian_throughout(world: World) -> None:
    give(world)

    drawn = draw_statement(world.parts, member_id(world), this_year(world), language="ru", now=utc_now())

    text = text_of(drawn.pdf)
    assert "Ваша поддержка" in text
    assert "25,00" in text
    assert "Given" not in text


def test_another_members_gifts_are_on_no_statement_of_mine(world: World) -> None:
    give(world)
    world.give(BEN, Money(7700, "eur"), Interval.once)

    drawn = draw_statement(world.parts, member_id(world), this_year(world), language="en", now=utc_now())

    assert "77.00" not in text_of(drawn.pdf)


def test_there_is_no_statement_of_a_year_without_a_gift(world: World) -> None:
    give(world)

    with pytest.raises(NothingGiven):
        draw_statement(world.parts, member_id(world), this_year(world) - 1, language="en", now=utc_now())


def test_a_gift_of_new_year_belongs_to_the_year_of_the_newsrooms_calendar(world: World) -> None:
    world.give(ADA)
    world.advance(days=400)
    world.settle()

    assert len(years(world)) > 1
    for year in years(world):
        assert sum(total.given.minor for total in year.totals) > 0
    assert sum(total.given.minor for year in years(world) for total in year.totals) == 200 * len(
        world.rows(Receipt)
    )


def test_edge_26_after_an_erasure_the_statement_bears_the_code_alone(world: World) -> None:
    give(world)
    code = world.one(Member).code
    erase_by_code(world.parts, code, now=utc_now())

    drawn = draw_statement(world.parts, member_id(world), this_year(world), language="en", now=utc_now())

    assert code in text_of(drawn.pdf)
    assert "Ada Adler" not in text_of(drawn.pdf)
