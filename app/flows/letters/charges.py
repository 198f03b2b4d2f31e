"""Letters sent before something is charged: the card will not do, or the charge is no everyday one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.billing.rows import is_charged_next
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, find_support, matter_of
from app.flows.mail_choices import stop_link
from app.flows.parts import Parts
from app.kernel.formatting import format_day, format_money
from app.kernel.intervals import Interval
from app.outbox.choices import is_refused
from app.outbox.compose import Button, Letter
from app.outbox.models import MailTopic
from app.outbox.queue import MailLease


@dataclass(frozen=True, kw_only=True)
class Charge:
    """The next charge of a support that goes on."""

    support: Support
    at: datetime
    card_good_until: date | None

    @property
    def is_yearly(self) -> bool:
        """Whether it comes once a year; the notice before another, of a raised amount, is not optional."""
        return self.support.row.interval is Interval.year


def find_expiry(session: Session, _parts: Parts, lease: MailLease) -> Charge | NotNeeded:
    """Return the next charge, if it still goes to the card that runs out."""
    if is_refused(session, lease.member_id, MailTopic.card_expiry):
        return NotNeeded("the member does without these")
    charge = _find_charge(session, lease)
    if isinstance(charge, NotNeeded):
        return charge
    expires_on = charge.card_good_until
    if expires_on is None or expires_on.isoformat() != matter_of(lease).get("expires_on"):
        return NotNeeded("it is charged to another card by now")
    return charge


def find_coming(session: Session, _parts: Parts, lease: MailLease) -> Charge | NotNeeded:
    """Return the next charge, if it is still the one the letter was queued for."""
    charge = _find_charge(session, lease)
    if isinstance(charge, NotNeeded):
        return charge
    if charge.at.isoformat() != matter_of(lease).get("charge_at"):
        return NotNeeded("the next charge is another by now")
    if charge.is_yearly and is_refused(session, lease.member_id, MailTopic.yearly_charge):
        return NotNeeded("the member does without these")
    return charge


def _find_charge(session: Session, lease: MailLease) -> Charge | NotNeeded:
    support = find_support(session, lease)
    if isinstance(support, NotNeeded):
        return support
    at = support.row.current_period_end
    if at is None or not is_charged_next(support.row):
        return NotNeeded("nothing is charged next")
    return Charge(support=support, at=at, card_good_until=support.row.method_expires_on)


def write_expiry(to: Addressed, charge: Charge) -> Letter:
    """Return the letter that asks for another card in time."""
    words, support = to.words, charge.support
    until = charge.card_good_until
    return Letter(
        subject=words.gettext("The card of your support for %(newsroom)s runs out")
        % {"newsroom": to.newsroom},
        heading=words.gettext("Your card will soon be out of date"),
        opening=[
            to.hello(),
            words.gettext(
                "Thank you for supporting %(newsroom)s with %(gift)s. By the day of the next payment, "
                "the card it is charged to will no longer be valid."
            )
            % {"newsroom": to.newsroom, "gift": support.gift(to)},
        ],
        facts=facts(
            (words.gettext("Card"), support.card(to)),
            (words.gettext("Valid until"), format_day(until, to.language) if until else None),
            (words.gettext("Next payment"), to.day(charge.at)),
        ),
        button=Button(label=words.gettext("Give us another card"), link=support.mend_link(to)),
        closing=[
            words.gettext(
                "The button needs no password and works for 30 days. Please do not pass this mail on."
            ),
            words.gettext(
                "Some banks pass a new card on to us by themselves. If yours does, or if you do nothing, "
                "we try the payment all the same, and write to you should it fail."
            ),
        ],
        quiet=support.ways(to, with_card=False),
        stop_link=_stop_link(to, MailTopic.card_expiry),
        stop_label=words.gettext("No more mails before a card runs out"),
    )


def write_coming(to: Addressed, charge: Charge) -> Letter:
    """Return the notice before a yearly charge, or before the first of a raised amount."""
    words, support = to.words, charge.support
    named = {
        "newsroom": to.newsroom,
        "amount": format_money(support.amount, to.language),
        "day": to.day(charge.at),
    }
    once_a_year = words.gettext(
        "Once a year your support for %(newsroom)s is charged, and that day is near. Thank you for "
        "standing by us."
    )
    raised = words.gettext(
        "You raised your support for %(newsroom)s, thank you. Soon the new amount is charged for the "
        "first time."
    )
    return Letter(
        subject=words.gettext("%(amount)s for %(newsroom)s on %(day)s") % named,
        heading=words.gettext("Your next payment is near"),
        opening=[to.hello(), (once_a_year if charge.is_yearly else raised) % named],
        facts=facts(
            (words.gettext("Amount"), named["amount"]),
            (words.gettext("Day"), named["day"]),
            (words.gettext("Charged to"), support.card(to)),
        ),
        button=Button(label=words.gettext("Use another card"), link=support.mend_link(to)),
        closing=[
            words.gettext(
                "If all is as it should be, you need do nothing. The receipt comes by mail that day."
            ),
            words.gettext("To give another amount, follow the links below."),
        ],
        quiet=support.ways(to, with_card=False),
        stop_link=_stop_link(to, MailTopic.yearly_charge) if charge.is_yearly else None,
        stop_label=words.gettext("No more mails before a yearly payment") if charge.is_yearly else None,
    )


def _stop_link(to: Addressed, topic: MailTopic) -> str | None:
    member_id = to.lease.member_id
    return stop_link(to.parts, member_id, topic, language=to.language) if member_id else None
