"""The two letters of a reminder: the link that confirms it, and the reminder itself."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.flows.entitlement import entitlement_of
from app.flows.letters.common import Addressed, NotNeeded, facts, form_link, gift_in_words
from app.flows.parts import Parts
from app.flows.remind import reminder_link
from app.kernel.clock import utc_now
from app.members.members import find_by_person
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease
from app.reminders.models import Reminder
from app.reminders.waiting import Wish, find_reminder, wish_of


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a reminder's letters are about."""

    wish: Wish
    link: str
    stop_link: str


def find_confirm(session: Session, parts: Parts, lease: MailLease) -> Matter | NotNeeded:
    """Return a reminder that waits to be confirmed."""
    reminder = _find(session, lease)
    if reminder is None or reminder.confirmed_at:
        return NotNeeded("confirmed or forgotten")
    return _matter(parts, reminder)


def find_due(session: Session, parts: Parts, lease: MailLease) -> Matter | NotNeeded:
    """Return a reminder that is due, unless its recipient supports the newsroom by now."""
    reminder = _find(session, lease)
    if reminder is None or reminder.confirmed_at is None:
        return NotNeeded("forgotten")
    if _supports_already(session, parts, reminder):
        return NotNeeded("supports already")
    return _matter(parts, reminder)


def write_confirm(to: Addressed, matter: Matter) -> Letter:
    """Return the letter whose button confirms."""
    words = to.words
    named = {"newsroom": to.newsroom}
    return Letter(
        subject=words.gettext("Shall we remind you of %(newsroom)s next month?") % named,
        heading=words.gettext("One reminder, next month"),
        opening=[
            words.gettext(
                "Somebody, most likely you, asked us to write to this address once, next month, about "
                "supporting %(newsroom)s. We do so only if you confirm it."
            )
            % named
        ],
        facts=_chosen(to, matter.wish),
        button=Button(label=words.gettext("Confirm the reminder"), link=matter.link),
        closing=[
            words.gettext(
                "If it was not you, do nothing: no reminder is sent, and your address is deleted after three "
                "days. To have it deleted now, follow the link below."
            )
        ],
        quiet=[_stop(to, matter)],
        stop_link=matter.stop_link,
    )


def write_due(to: Addressed, matter: Matter) -> Letter:
    """Return the reminder, with the way to the form as it was filled in."""
    words = to.words
    named = {"newsroom": to.newsroom}
    return Letter(
        subject=words.gettext("You asked us to remind you of %(newsroom)s") % named,
        heading=words.gettext("Here is your reminder"),
        opening=[
            words.gettext(
                "Last month you asked us to remind you of supporting %(newsroom)s. The form behind this "
                "button is filled in as you left it; nothing is charged until you confirm on the page "
                "after it."
            )
            % named
        ],
        facts=_chosen(to, matter.wish),
        button=Button(label=words.gettext("Support %(newsroom)s") % named, link=_form_link(to, matter.wish)),
        closing=[
            words.gettext("We will not remind you again. Your address is being deleted from this list.")
        ],
        stop_link=matter.stop_link,
    )


def _find(session: Session, lease: MailLease) -> Reminder | None:
    return find_reminder(session, lease.contact_id) if lease.contact_id else None


def _matter(parts: Parts, reminder: Reminder) -> Matter:
    return Matter(
        wish=wish_of(reminder),
        link=reminder_link(parts, reminder.id),
        stop_link=reminder_link(parts, reminder.id, stop=True),
    )


def _supports_already(session: Session, parts: Parts, reminder: Reminder) -> bool:
    contact = parts.vault.find_contact(session, reminder.id)
    person_id = parts.vault.find_person_id(session, contact.address) if contact else None
    member = find_by_person(session, person_id)
    if member is None:
        return False
    return entitlement_of(session, member.id, newsroom=parts.newsroom, now=utc_now()).entitled


def _chosen(to: Addressed, wish: Wish) -> list[tuple[str, str]]:
    gift = gift_in_words(wish.amount, wish.interval, to.language) if wish.amount else None
    return facts((to.words.gettext("You had chosen"), gift))


def _stop(to: Addressed, matter: Matter) -> Button:
    return Button(label=to.words.gettext("Delete my address now"), link=matter.stop_link)


def _form_link(to: Addressed, wish: Wish) -> str:
    return form_link(to, wish.interval, wish.currency, wish.amount, campaign=wish.campaign)
