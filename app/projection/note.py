"""The dedication or message of a pledge, once it is paid: from the contact to its giver's own key."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.giving.notes import add_note, unpack_note
from app.members.models import Member
from app.projection.context import Context


def keep_note(session: Session, pledge_id: UUID, member: Member, context: Context) -> None:
    """Seal what was written with a pledge by its giver's key, once; one erased meanwhile left nothing."""
    packed = context.vault.find_note(session, pledge_id)
    if packed is None or member.person_id is None:
        return
    kind, text = unpack_note(packed)
    sealed = context.vault.seal_for_person(session, member.person_id, text)
    if sealed:
        add_note(session, pledge_id, member_id=member.id, kind=kind, sealed_text=sealed, now=context.now)
