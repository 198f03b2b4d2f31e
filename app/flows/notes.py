"""Dedications and words to the newsroom, opened for those who may read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.giving.models import NoteKind
from app.giving.notes import SealedNote
from app.members.queries import find_member
from app.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class NoteInClear:
    """One note and the code of its giver; the words are kept out of every repr."""

    id: UUID
    member_code: str
    kind: NoteKind
    text: str = field(repr=False)
    created_at: datetime
    read_at: datetime | None


def open_notes(session: Session, vault: Vault, sealed: Iterable[SealedNote]) -> list[NoteInClear]:
    """Return notes in clear, in their order; those of people who were erased cannot be opened any more."""
    return [opened for note in sealed if (opened := _open(session, vault, note))]


def _open(session: Session, vault: Vault, note: SealedNote) -> NoteInClear | None:
    member = find_member(session, note.member_id)
    text = vault.unseal_for_person(session, member.person_id, note.sealed_text) if member else None
    if member is None or text is None:
        return None
    return NoteInClear(
        id=note.id,
        member_code=member.code,
        kind=note.kind,
        text=text,
        created_at=note.created_at,
        read_at=note.read_at,
    )
