"""The one letter about a pledge that was not finished, to a reader who wished for it."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.flows.letters.common import Addressed, NotNeeded, facts, gift_in_words
from app.flows.parts import Parts
from app.giving.models import Pledge
from app.giving.pledges import list_siblings
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.members import find_by_person
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """What was promised, and the last part of the link that goes on with it."""

    charged: Money
    interval: Interval
    resume_key: str


def find(session: Session, parts: Parts, lease: MailLease) -> Unfinished | NotNeeded:
    """Return the pledge, if there is still something to finish."""
    return find_unfinished(session, parts, lease.contact_id) if lease.contact_id else NotNeeded("no contact")


def find_unfinished(session: Session, parts: Parts, pledge_id: UUID) -> Unfinished | NotNeeded:
    """Return a pledge, unless it was finished, its reader has paid otherwise since, or is forgotten."""
    pledge = session.get(Pledge, pledge_id)
    contact = parts.vault.find_contact(session, pledge_id)
    if pledge is None or contact is None:
        return NotNeeded("nobody to send it to")
    if any(one.completed_at for one in (pledge, *list_siblings(session, pledge))):
        return NotNeeded("it was finished")
    if _has_paid_since(session, parts, pledge, contact.address):
        return NotNeeded("paid by another pledge since")
    return Unfinished(
        charged=Money(pledge.amount_minor, pledge.currency),
        interval=pledge.interval,
        resume_key=pledge.resume_key,
    )


def _has_paid_since(session: Session, parts: Parts, pledge: Pledge, address: str) -> bool:
    member = find_by_person(session, parts.vault.find_person_id(session, address))
    if member is None:
        return False
    since = pledge.created_at.replace(microsecond=0)  # Stripe tells seconds alone
    paid = sa.select(Payment.id).where(Payment.member_id == member.id, Payment.paid_at >= since)
    return session.scalar(paid.limit(1)) is not None


def write(to: Addressed, unfinished: Unfinished) -> Letter:
    """Return where to go on, and that this is the only mail about it."""
    words, link = to.words, f"{to.parts.public_base_url}/support/resume/{unfinished.resume_key}"
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s is not finished yet")
        % {"newsroom": to.newsroom},
        heading=words.gettext("Here is your link"),
        opening=[
            to.hello(),
            words.gettext(
                "You began to support %(newsroom)s and asked for a mail in case you did not finish. "
                "Nothing was charged. The link takes you on from where you stopped."
            )
            % {"newsroom": to.newsroom},
        ],
        facts=facts(
            (
                words.gettext("Your support"),
                gift_in_words(unfinished.charged, unfinished.interval, to.language),
            ),
        ),
        button=Button(label=words.gettext("Go on"), link=link),
        closing=[
            words.gettext(
                "If you have changed your mind, you need do nothing: this is the only mail about it, "
                "and within a few days we forget your address."
            )
        ],
    )
