"""Letters about who a member is: another address, and the last one of all."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.letters.common import Addressed, NotNeeded
from app.flows.links import LinkKind, sign_link
from app.flows.parts import Parts
from app.members.models import AddressChange
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease


def find_change(session: Session, _parts: Parts, lease: MailLease) -> AddressChange | NotNeeded:
    """Return the change of address that waits for a press, if it still does."""
    change = session.get(AddressChange, UUID(lease.about_id)) if lease.about_id else None
    if change is None or change.confirmed_at:
        return NotNeeded("the address is confirmed, or its change unknown")
    return change


def find_nothing(_session: Session, _parts: Parts, _lease: MailLease) -> None:
    """Return nothing: what has been done stays true."""


def write_confirm(to: Addressed, change: AddressChange) -> Letter:
    """Return the question whether this address is the member's."""
    words = to.words
    return Letter(
        subject=words.gettext("Is this your new address?"),
        heading=words.gettext("Is this your new address?"),
        opening=[
            to.hello(),
            words.gettext(
                "Somebody who supports %(newsroom)s wants mail about it to come here. "
                "If that is you, press the button; the page asks once more. It works for one day."
            )
            % {"newsroom": to.newsroom},
        ],
        button=Button(
            label=words.gettext("Use this address"),
            link=sign_link(to.parts, LinkKind.address, change.id),
        ),
        closing=[
            words.gettext(
                "If it is not, do nothing: nothing changes, and this address is forgotten tomorrow."
            )
        ],
    )


def write_changed(to: Addressed, _nothing: None) -> Letter:
    """Return the news to the former address that it is the member's no more."""
    words = to.words
    return Letter(
        subject=words.gettext("Your address for %(newsroom)s has changed") % {"newsroom": to.newsroom},
        heading=words.gettext("Your address has changed"),
        opening=[
            to.hello(),
            words.gettext(
                "Mail about your support for %(newsroom)s goes to another address from now on. "
                "It was confirmed from there. This is the last mail to this one."
            )
            % {"newsroom": to.newsroom},
        ],
        closing=[
            words.gettext(
                "If it was not you who changed it, answer this mail at once: somebody else may have read "
                "your mail to sign in."
            )
        ],
    )


def write_erased(to: Addressed, _nothing: None) -> Letter:
    """Return the last mail: what is forgotten, what is kept and why."""
    words = to.words
    return Letter(
        subject=words.gettext("You are forgotten at %(newsroom)s") % {"newsroom": to.newsroom},
        heading=words.gettext("You are forgotten"),
        opening=[
            to.hello(),
            words.gettext(
                "Your name, your address and all that was sealed with them are erased from our records, "
                "and nothing will be charged any more. We have asked Stripe, our payment service, to delete "
                "its record of you as well."
            ),
            words.gettext(
                "What the law makes us keep stays, without your name: the amounts you gave, the days, and "
                "the numbers of the receipts. Stripe keeps of the payments what it must. A refund that was "
                "on its way still arrives."
            ),
        ],
        closing=[
            words.gettext(
                "Thank you for having stood with us. This is our last mail; the address goes with it."
            )
        ],
    )
