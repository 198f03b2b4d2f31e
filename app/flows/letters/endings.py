"""Letters about the end of a support: planned, and come."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.billing.queries import find_open_invoice
from app.billing.returned import given_back_of_period
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, find_support
from app.flows.letters.renewals import ENDED_BY_STRIPE
from app.flows.parts import Parts
from app.kernel.formatting import format_money
from app.kernel.money import Money
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease

TAKEN_BY_BANK = "payment_disputed"
"""Stripe's word for an end because a bank took a payment back."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A support that is over."""

    support: Support
    given_back: Money | None
    """Of what was paid for the period it was cut off in; None where none of a paid period was left."""


def find_ending(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support, if its end is still to come."""
    support = find_support(session, lease)
    if isinstance(support, Support) and (support.row.ended_at or not support.row.cancel_at):
        return NotNeeded("the end was taken back, or has come")
    return support


def find_ended(session: Session, _parts: Parts, lease: MailLease) -> Ended | NotNeeded:
    """Return the support that is over, unless the last notice of a failed renewal says so."""
    support = find_support(session, lease)
    if isinstance(support, NotNeeded):
        return support
    row = support.row
    if not row.ended_at:
        return NotNeeded("the support has not ended")
    if row.cancellation_reason == ENDED_BY_STRIPE and find_open_invoice(session, row.stripe_subscription_id):
        return NotNeeded("the last notice says so")
    was_asked_for = row.cancellation_reason not in (ENDED_BY_STRIPE, TAKEN_BY_BANK)
    return Ended(support=support, given_back=given_back_of_period(session, row) if was_asked_for else None)


def write_ending(to: Addressed, support: Support) -> Letter:
    """Return the day, and how to take the end back."""
    words, at = to.words, support.row.cancel_at
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s will end") % {"newsroom": to.newsroom},
        heading=words.gettext("Your support will end"),
        opening=[
            to.hello(),
            words.gettext(
                "Your support runs to the end of what is paid, and nothing more is charged. "
                "Thank you for all the reporting you have made possible."
            ),
        ],
        facts=facts(
            (words.gettext("Your support"), support.gift(to)),
            (words.gettext("Ends on"), to.day(at) if at else None),
        ),
        button=Button(label=words.gettext("Keep supporting"), link=support.end_link(to)),
        closing=[
            words.gettext("Until that day you can take the end back, by the button and one more press.")
        ],
    )


def write_ended(to: Addressed, ended: Ended) -> Letter:
    """Return why it is over, whether money comes back, and how to begin again."""
    words, support, row = to.words, ended.support, ended.support.row
    by_reason = {
        "cancellation_requested": words.gettext("It ended because that was asked for."),
        ENDED_BY_STRIPE: words.gettext("It ended because the last payment could not be collected."),
        TAKEN_BY_BANK: words.gettext(
            "It ended because your bank took a payment back. If you did not ask it to, please write to us."
        ),
    }
    why = by_reason.get(row.cancellation_reason or "", by_reason["cancellation_requested"])
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s has ended") % {"newsroom": to.newsroom},
        heading=words.gettext("Your support has ended"),
        opening=[
            to.hello(),
            why,
            words.gettext(
                "Nothing more will be charged. Thank you for all the reporting you have made possible."
            ),
            *_of_the_money(to, ended),
        ],
        facts=facts(
            (words.gettext("Your support"), support.gift(to)),
            (words.gettext("Ended on"), to.day(row.ended_at) if row.ended_at else None),
        ),
        button=support.begin_again(to),
        closing=[
            words.gettext("If you would like to go on, the form behind the button is filled in for you.")
        ],
    )


def _of_the_money(to: Addressed, ended: Ended) -> list[str]:
    """Return whether any of the last payment comes back, where that is not plain."""
    words, money = to.words, ended.given_back
    if money is None:
        return []
    if money.minor:
        said = words.gettext(
            "Of your last payment, %(amount)s goes back to you the way it came; a mail of its own says more."
        )
        return [said % {"amount": format_money(money, to.language)}]
    return [
        words.gettext(
            "What you have paid already is not given back by this. If you would like it back, simply answer "
            "this mail."
        )
    ]
