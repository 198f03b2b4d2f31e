"""The letter to somebody who is found to pay twice."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.billing.doubled import list_charged
from app.flows.letters.common import Addressed, NotNeeded, Support, facts, support_of
from app.flows.parts import Parts
from app.outbox.compose import Button, Choice, Letter
from app.outbox.queue import MailLease


@dataclass(frozen=True, kw_only=True)
class Doubles:
    """All the supports of one member that go on, the oldest first."""

    supports: list[Support]


def find(session: Session, _parts: Parts, lease: MailLease) -> Doubles | NotNeeded:
    """Return the member's supports, if there are still several."""
    running = list_charged(session, lease.member_id) if lease.member_id else []
    if len(running) < 2:
        return NotNeeded("only one support goes on by now")
    return Doubles(supports=[support_of(session, row) for row in running])


def write(to: Addressed, doubles: Doubles) -> Letter:
    """Return the letter that shows each, with a way to end it."""
    words = to.words
    return Letter(
        subject=words.gettext("You support %(newsroom)s more than once") % {"newsroom": to.newsroom},
        heading=words.gettext("You support us more than once"),
        opening=[
            to.hello(),
            words.gettext(
                "Each of these is charged by itself. If that is what you want, thank you, and you need "
                "do nothing. If one came about by mistake, end it here; for what was charged too much, "
                "answer this mail, and we give it back."
            ),
        ],
        choices=[_choice(to, support) for support in doubles.supports],
        closing=[
            words.gettext(
                "The buttons need no password and work for 30 days. Please do not pass this mail on."
            )
        ],
    )


def _choice(to: Addressed, support: Support) -> Choice:
    words, row = to.words, support.row
    return Choice(
        title=support.gift(to),
        facts=facts(
            (words.gettext("Since"), to.day(row.started_at)),
            (
                words.gettext("Next payment"),
                to.day(row.current_period_end) if row.current_period_end else None,
            ),
            (words.gettext("Charged to"), support.card(to)),
        ),
        button=Button(label=words.gettext("End this support"), link=support.end_link(to)),
    )
