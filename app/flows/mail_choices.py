"""Which mails members get: chosen on their pages, or by the link that reminders carry."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from app.db import reading, transaction
from app.flows.links import LinkUnknown
from app.flows.parts import Parts
from app.members.merging import resolve
from app.members.models import Member
from app.outbox import choices
from app.outbox.models import MailTopic


def read_choices(parts: Parts, member_id: UUID) -> frozenset[MailTopic]:
    """Return the topics that a member is written to about."""
    with reading(parts.sessions) as session:
        return frozenset(MailTopic) - frozenset(choices.list_refused(session, member_id))


def save_choices(
    parts: Parts, member_id: UUID, *, wanted: Collection[MailTopic], language: str, now: datetime
) -> None:
    """Keep which topics a member wants, and the language of all their mails from now on.

    Args: language: one of the newsroom's; another is left aside.
    """
    with transaction(parts.sessions) as session:
        for topic in MailTopic:
            if topic in wanted:
                choices.want(session, member_id, topic)
            else:
                choices.refuse(session, member_id, topic, now=now)
        if language in parts.newsroom.languages:
            session.get_one(Member, member_id).language = language


def stop_link(parts: Parts, member_id: UUID, topic: MailTopic, *, language: str) -> str:
    """Return the address that turns a topic off for one member, and does nothing else, for ever.

    All it takes stands in the address itself, signed; mail programs post there without anybody signed in
    (https://www.rfc-editor.org/rfc/rfc8058).
    """
    token = _serializer(parts).dumps([member_id.hex, topic.value])
    return f"{parts.public_base_url}/manage/mails/off/{token}?lang={language}"


def read_stop_link(parts: Parts, token: str) -> tuple[UUID, MailTopic]:
    """Return whose mails a link is about, and which. Raises: LinkUnknown."""
    try:
        member, topic = _serializer(parts).loads(token)
        return UUID(hex=member), MailTopic(topic)
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown("stop") from None


def is_stopped(parts: Parts, token: str) -> bool:
    """Tell whether what a link turns off is off. Raises: LinkUnknown."""
    member_id, topic = read_stop_link(parts, token)
    with reading(parts.sessions) as session:
        return choices.is_refused(session, resolve(session, member_id), topic)


def turn(parts: Parts, token: str, *, off: bool, now: datetime) -> MailTopic:
    """Turn off, or on again, what a link is about; returns what that is. Raises: LinkUnknown."""
    member_id, topic = read_stop_link(parts, token)
    with transaction(parts.sessions) as session:
        if session.get(Member, member_id) is None:
            raise LinkUnknown("stop")
        member_id = resolve(session, member_id)
        if off:
            choices.refuse(session, member_id, topic, now=now)
        else:
            choices.want(session, member_id, topic)
    return topic


def _serializer(parts: Parts) -> URLSafeSerializer:
    return URLSafeSerializer(parts.signers, salt="turn mails off")
