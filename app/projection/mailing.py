"""Queues what a member is told of, in the transaction that learns of it."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.context import Context
from config.newsroom import Newsroom


def queue_mail(
    session: Session,
    kind: MailKind,
    *,
    key: str,
    member_id: UUID,
    about_id: str,
    matter: dict[str, object] | None = None,
    context: Context,
) -> bool:
    """Queue a mail once per key, in its member's language; returns whether this call did it.

    Args: matter: amounts and days as they are now; never a person.
    """
    mail = Mail(
        kind=kind,
        dedupe_key=key,
        member_id=member_id,
        about_id=about_id,
        matter=matter,
        language=language_of(session.get_one(Member, member_id), context.newsroom),
    )
    return enqueue(session, mail, now=context.now)


def language_of(member: Member, newsroom: Newsroom) -> str:
    """Return the language a member is written to in: their own, where the newsroom speaks it."""
    return member.language if member.language in newsroom.languages else newsroom.default_language
