"""`flask stripe refund|cancel|change-amount|pause|resume`: what staff ask Stripe to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from flask import current_app

from app.access import parts_of
from app.asks.models import AskedBy, AskKind
from app.asks.rules import Wish
from app.billing.course import Charge, course_of, list_charges, list_fallen_away, paused
from app.billing.models import Subscription
from app.billing.queries import find_open_invoice
from app.billing.rows import find_payment, find_subscription
from app.cli.stripe import group
from app.db import reading
from app.flows.asking.ask import Asked, AskOutcome, ask_stripe
from app.flows.asking.refund import find_intent_of
from app.flows.parts import Parts
from app.giving.rules import AmountTooLarge, AmountTooSmall, check_bounds
from app.kernel.clock import months_after, utc_now
from app.kernel.errors import BadInput
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money, parse_money

__all__ = ["group"]

RECURRING = [Interval.month.value, Interval.year.value]
REFUSED_IN_WORDS = {
    "done_since": "Something newer was asked for and done since; that one holds.",
}


@group.command("refund")
@click.argument("payment")
@click.option("--amount", help="How much, such as 5.00; all that is left without it.")
def refund(payment: str, amount: str | None) -> None:
    """Give a PAYMENT back, named by its id or its receipt's number.

    Example: flask stripe refund HC-2026-000017 --amount 5.00
    """
    parts = parts_of(current_app)
    with reading(parts.sessions) as session:
        intent_id = find_intent_of(session, payment)
        found = find_payment(session, intent_id) if intent_id else None
    if found is None:
        raise click.ClickException(f"No payment {payment} is known here.")
    money = _read_amount(amount, found.currency) if amount else None
    asked = _ask(parts, AskKind.refund, found.stripe_payment_intent_id, amount=money)
    _say(asked, f"Refunded as {asked.result_id}.")


@group.command("cancel")
@click.argument("subscription")
@click.option("--now", "at_once", is_flag=True, help="At once, and not when the paid period is over.")
def cancel(subscription: str, at_once: bool) -> None:
    """End a SUBSCRIPTION with the period that is paid for.

    Where a payment is overdue it ends at once, and what is owed is voided.

    Example: flask stripe cancel sub_1Qabc
    """
    parts = parts_of(current_app)
    found = _subscription(parts, subscription)
    kind = AskKind.cancel if at_once else AskKind.cancel_later
    _say(_ask(parts, kind, found.stripe_subscription_id), "Stripe will charge it no more.")


@group.command("keep")
@click.argument("subscription")
def keep(subscription: str) -> None:
    """Take the planned end of a SUBSCRIPTION back.

    Example: flask stripe keep sub_1Qabc
    """
    parts = parts_of(current_app)
    found = _subscription(parts, subscription)
    _say(_ask(parts, AskKind.take_back, found.stripe_subscription_id), "It goes on.")


@group.command("change-amount")
@click.argument("subscription")
@click.argument("amount")
@click.option("--interval", type=click.Choice(RECURRING), help="Charge by another interval as well.")
def change_amount(subscription: str, amount: str, interval: str | None) -> None:
    """Charge another AMOUNT for a SUBSCRIPTION, from the next charge on.

    Example: flask stripe change-amount sub_1Qabc 7.50
    """
    parts = parts_of(current_app)
    found = _subscription(parts, subscription)
    chosen = Interval(interval) if interval else found.interval
    money = _within_bounds(parts, _read_amount(amount, found.currency), chosen)
    asked = _ask(parts, AskKind.change_amount, found.stripe_subscription_id, amount=money, interval=chosen)
    _say(asked, f"The next charge is {money.plain()} {money.currency} by the {chosen}.")


@group.command("pause")
@click.argument("subscription")
@click.option("--months", required=True, type=click.IntRange(1, 12), help="How many months from today.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def pause(subscription: str, months: int, yes: bool) -> None:
    """Charge nothing for a SUBSCRIPTION for some months; what is owed now is voided.

    Says first which charges are skipped, and asks: a yearly one is skipped for a whole year.

    Example: flask stripe pause sub_1Qabc --months 3
    """
    parts = parts_of(current_app)
    found = _subscription(parts, subscription)
    until = months_after(utc_now(), months)
    for line in _what_a_pause_skips(parts, found, until):
        click.echo(line)
    if not yes:
        click.confirm("Pause it?", abort=True)
    asked = _ask(parts, AskKind.pause, found.stripe_subscription_id, resumes_at=until)
    _say(asked, f"Paused until {_day(until)}.")


@group.command("resume")
@click.argument("subscription")
def resume(subscription: str) -> None:
    """Charge a paused SUBSCRIPTION again, from its next renewal on.

    Example: flask stripe resume sub_1Qabc
    """
    parts = parts_of(current_app)
    found = _subscription(parts, subscription)
    _say(_ask(parts, AskKind.resume, found.stripe_subscription_id), "It is charged again from now on.")


def _what_a_pause_skips(parts: Parts, row: Subscription, until: datetime) -> Iterator[str]:
    """Yield in words what is not charged for a pause until an instant, and what is charged next."""
    with reading(parts.sessions) as session:
        owed = find_open_invoice(session, row.stripe_subscription_id)
    if owed:
        yield f"Owed now, and voided: {Money(owed.amount_due, owed.currency).plain()} {owed.currency}."
    as_it_is = course_of(row)
    if as_it_is is None:
        return
    course = paused(as_it_is, until)
    skipped, following = list_fallen_away(course), list_charges(course, 1)
    yield f"Skipped until {_day(until)}, and not charged later:" if skipped else "No charge is skipped."
    yield from (f"  {_charge(one)}" for one in skipped)
    yield f"The next charge after it: {_charge(following[0])}." if following else "No charge comes after it."


def _charge(charge: Charge) -> str:
    return f"{_day(charge.due_at)}  {charge.amount.plain()} {charge.amount.currency}"


def _subscription(parts: Parts, subscription_id: str) -> Subscription:
    with reading(parts.sessions) as session:
        found = find_subscription(session, subscription_id)
    if found is None:
        raise click.ClickException(f"No subscription {subscription_id} is known here.")
    return found


def _read_amount(text: str, currency: str) -> Money:
    try:
        return parse_money(text, currency)
    except BadInput as bad:
        raise click.ClickException(f"{text} is not an amount in {currency}: {bad}.") from None


def _within_bounds(parts: Parts, amount: Money, interval: Interval) -> Money:
    try:
        return check_bounds(parts.newsroom, amount, interval)
    except (AmountTooSmall, AmountTooLarge) as out_of_bounds:
        raise click.ClickException(f"The newsroom takes {out_of_bounds}.") from None


def _ask(parts: Parts, kind: AskKind, object_id: str, **fields: Any) -> Asked:
    wish = Wish(nonce=new_nonce(), kind=kind, object_id=object_id, asked_by=AskedBy.staff, **fields)
    try:
        return ask_stripe(parts, wish, now=utc_now())
    except BadInput as refused:
        raise click.ClickException(str(refused)) from None


def _say(asked: Asked, done: str) -> None:
    """Print how it went. Raises: ClickException: it is not done."""
    if asked.outcome is AskOutcome.done:
        click.echo(done)
    elif asked.outcome is AskOutcome.waiting:
        raise click.ClickException("Stripe has not answered. It is kept, and the worker goes on asking.")
    elif asked.outcome is AskOutcome.superseded:
        raise click.ClickException("Somebody has asked for something newer meanwhile; that one holds.")
    else:
        why = REFUSED_IN_WORDS.get(asked.code or "", f"Refused: {asked.code}.")
        raise click.ClickException(f"{why} Nothing was changed.")


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
