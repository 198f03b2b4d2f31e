"""A mail to an address that stops being a member's in this very transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.flows.parts import Parts
from app.kernel.ids import new_id
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.mailing import language_of


def tell_former_address(
    session: Session,
    parts: Parts,
    member: Member,
    kind: MailKind,
    *,
    key: str,
    kept_days: int,
    about_id: str | None = None,
    now: datetime,
) -> None:
    """Queue a mail to the address on record, which is kept for that mail alone; call it before it changes.

    Args: kept_days: until the address is forgotten, sent or not.
    """
    person = parts.vault.find_person(session, member.person_id) if member.person_id else None
    if person is None:
        return
    contact_id = new_id()
    parts.vault.keep_contact(session, contact_id, person, now=now, days=kept_days)
    mail = Mail(
        kind=kind,
        dedupe_key=key,
        contact_id=contact_id,
        about_id=about_id,
        language=language_of(member, parts.newsroom),
    )
    enqueue(session, mail, now=now)
