"""Letters about the end of a support: planned, and come."""

from sqlalchemy.orm import Session

from app.billing.queries import find_open_invoice
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, find_support
from app.flows.letters.renewals import ENDED_BY_STRIPE
from app.flows.parts import Parts
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease


def find_ending(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support, if its end is still to come."""
    support = find_support(session, lease)
    if isinstance(support, Support) and (support.row.ended_at or not support.row.cancel_at):
        return NotNeeded("the end was taken back, or has come")
    return support


def find_ended(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support that is over, unless the last notice of a failed renewal says so."""
    support = find_support(session, lease)
    if isinstance(support, NotNeeded):
        return support
    row = support.row
    if not row.ended_at:
        return NotNeeded("the support has not ended")
    if row.cancellation_reason == ENDED_BY_STRIPE and find_open_invoice(session, row.stripe_subscription_id):
        return NotNeeded("the last notice says so")
    return support


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


def write_ended(to: Addressed, support: Support) -> Letter:
    """Return why it is over, and how to begin again."""
    words, row = to.words, support.row
    by_reason = {
        "cancellation_requested": words.gettext("It ended because that was asked for."),
        "payment_failed": words.gettext("It ended because the last payment could not be collected."),
        "payment_disputed": words.gettext(
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
