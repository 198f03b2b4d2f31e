"""Fees that a reader covers: on the receipt, at every renewal, and after the amount was changed at Stripe."""

from dataclasses import replace
from io import BytesIO

from pypdf import PdfReader

from app.asks.models import AskKind
from app.billing.models import Subscription
from app.db import reading, transaction
from app.flows.draw import draw_receipt
from app.flows.manage.picture import look_at_support
from app.giving.agreements import keep_agreement
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.receipts.models import Receipt
from tests.support.asking import ask, charged
from tests.support.cast import ADA
from tests.support.letters import link_in
from tests.support.mail import MailCatcher
from tests.support.world import World

FIVE, FIVE_COVERED, TEN_COVERED = Money(500, "eur"), Money(541, "eur"), Money(1056, "eur")


def give_with_fees(world: World, interval: Interval = Interval.month) -> None:
    session_id = world.open_session(replace(world.form(ADA, FIVE, interval), total=FIVE_COVERED))
    world.pay(session_id, ADA)
    world.settle()


def receipts(world: World) -> list[str]:
    files = [
        draw_receipt(world.parts, receipt.id)
        for receipt in sorted(world.rows(Receipt), key=lambda receipt: receipt.serial)
    ]
    return [
        " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(file.pdf)).pages).split())
        for file in files
    ]


def test_the_receipt_of_a_gift_made_once_names_the_fees(world: World) -> None:
    give_with_fees(world, Interval.once)

    (receipt,) = receipts(world)
    assert "€5.41" in receipt
    assert "One-off gift; €0.41 of it covers the payment fees" in receipt


def test_edge_6_the_agreed_sum_is_charged_month_by_month_and_every_receipt_names_the_fees(
    world: World,
) -> None:
    give_with_fees(world)

    world.advance(days=31)
    world.settle()

    assert charged(world) == [541, 541]
    assert all("€0.41 of it covers the payment fees" in receipt for receipt in receipts(world))


def test_edge_6_after_a_change_the_fees_agreed_with_it_are_charged_and_named(world: World) -> None:
    give_with_fees(world)
    with transaction(world.parts.sessions) as session:
        keep_agreement(
            session,
            world.subscription_id(),
            total=TEN_COVERED,
            fees=Money(56, "eur"),
            now=utc_now(),
        )
    ask(
        world,
        AskKind.change_amount,
        world.subscription_id(),
        amount=TEN_COVERED,
        interval=Interval.month,
    )

    world.advance(days=31)
    world.settle()

    assert charged(world) == [541, 1056]
    assert "€0.56 of it covers the payment fees" in receipts(world)[1]


def test_an_amount_changed_without_a_word_on_fees_is_a_gift_alone(world: World) -> None:
    give_with_fees(world)
    ask(
        world,
        AskKind.change_amount,
        world.subscription_id(),
        amount=Money(700, "eur"),
        interval=Interval.month,
    )

    world.advance(days=31)
    world.settle()

    assert "fees" not in receipts(world)[1]


def test_a_support_that_covered_the_fees_is_begun_again_with_the_gift_and_not_with_the_total(
    world: World, mails: MailCatcher
) -> None:
    give_with_fees(world)
    world.v1.subscriptions.cancel(world.subscription_id())
    world.settle()
    world.send_mail()

    assert "&amount=5&lang" in link_in(mails.messages[-1], "/support?")
    with reading(world.parts.sessions) as session:
        picture = look_at_support(session, world.parts, world.one(Subscription).id)
    assert (picture.amount, picture.gift) == (FIVE_COVERED, FIVE)
