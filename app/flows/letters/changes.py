"""Letters about a support that goes on otherwise: another amount, a pause, the end of one."""

from sqlalchemy.orm import Session

from app.billing.course import course_of, list_charges
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, find_support, matter_of
from app.flows.parts import Parts
from app.outbox.compose import Letter
from app.outbox.queue import MailLease
from app.projection.support_mail import END_TAKEN_BACK


def find_changed(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support, if it is still charged what it was changed to."""
    support, kept = _find_running(session, lease), matter_of(lease)
    if isinstance(support, NotNeeded):
        return support
    row = support.row
    if (row.amount_minor, row.currency) != (kept.get("amount_minor"), kept.get("currency")):
        return NotNeeded("it was changed once more")
    return support


def find_paused(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support, if it is still paused."""
    support = _find_running(session, lease)
    if isinstance(support, Support) and support.row.pause_behavior is None:
        return NotNeeded("it is no longer paused")
    return support


def find_resumed(session: Session, _parts: Parts, lease: MailLease) -> Support | NotNeeded:
    """Return the support, if it has not been paused again, or is to end after all."""
    support = _find_running(session, lease)
    if isinstance(support, NotNeeded):
        return support
    if _was_taken_back(lease):
        return NotNeeded("it is to end after all") if support.row.cancel_at else support
    return NotNeeded("it is paused again") if support.row.pause_behavior else support


def _was_taken_back(lease: MailLease) -> bool:
    return matter_of(lease).get("because") == END_TAKEN_BACK


def _find_running(session: Session, lease: MailLease) -> Support | NotNeeded:
    support = find_support(session, lease)
    if isinstance(support, Support) and support.row.ended_at:
        return NotNeeded("the support has ended")
    return support


def write_changed(to: Addressed, support: Support) -> Letter:
    """Return what is charged from when on."""
    words = to.words
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s has changed") % {"newsroom": to.newsroom},
        heading=words.gettext("Your support has changed"),
        opening=[
            to.hello(),
            words.gettext(
                "From the next payment on, your support for %(newsroom)s is another than before. "
                "Nothing more is charged for the time that is paid already."
            )
            % {"newsroom": to.newsroom},
        ],
        facts=facts(
            (words.gettext("Your support from now on"), support.gift(to)),
            (words.gettext("Next payment"), _next_payment(to, support)),
            (words.gettext("Charged to"), support.card(to)),
        ),
        closing=[_if_not_wanted(to)],
        quiet=support.ways(to),
    )


def write_paused(to: Addressed, support: Support) -> Letter:
    """Return until when nothing is charged."""
    words, until = to.words, support.row.paused_until
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s is paused") % {"newsroom": to.newsroom},
        heading=words.gettext("Your support is paused"),
        opening=[
            to.hello(),
            words.gettext("Nothing is charged while the pause lasts. Then your support goes on as before."),
        ],
        facts=facts(
            (words.gettext("Your support"), support.gift(to)),
            (words.gettext("Paused until"), to.day(until) if until else None),
            (words.gettext("Next payment"), _next_payment(to, support)),
        ),
        closing=[words.gettext("To go on sooner, or to change anything, follow the links below.")],
        quiet=support.ways(to),
    )


def write_resumed(to: Addressed, support: Support) -> Letter:
    """Return when the next payment is."""
    words = to.words
    return Letter(
        subject=words.gettext("Your support for %(newsroom)s goes on") % {"newsroom": to.newsroom},
        heading=words.gettext("Your support goes on"),
        opening=[to.hello(), _why_it_goes_on(to)],
        facts=facts(
            (words.gettext("Your support"), support.gift(to)),
            (words.gettext("Next payment"), _next_payment(to, support)),
            (words.gettext("Charged to"), support.card(to)),
        ),
        closing=[_if_not_wanted(to)],
        quiet=support.ways(to),
    )


def _if_not_wanted(to: Addressed) -> str:
    return to.words.gettext(
        "If that is not what you want, change it by the links below, or answer this mail."
    )


def _why_it_goes_on(to: Addressed) -> str:
    words = to.words
    if _was_taken_back(to.lease):
        return words.gettext("It was to end, and that was taken back. It is good to have you with us.")
    return words.gettext("The pause is over. It is good to have you back.")


def _next_payment(to: Addressed, support: Support) -> str | None:
    """Return the day on which it is charged next; none where it ends before."""
    course = course_of(support.row)
    following = list_charges(course, 1) if course else []
    return to.day(following[0].charged_at) if following else None
