"""Dedications and words to the newsroom, from the form to the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.giving.models import Note, NoteKind
from app.kernel.ids import new_id


@dataclass(frozen=True, kw_only=True)
class SealedNote:
    """A note as it is stored: its words are sealed by the member's key."""

    id: UUID
    member_id: UUID
    kind: NoteKind
    sealed_text: bytes
    created_at: datetime
    read_at: datetime | None


def pack_note(kind: NoteKind, text: str) -> str:
    """Return kind and words as the one text that the vault keeps until the pledge is paid."""
    return f"{kind}\n{text}"


def unpack_note(packed: str) -> tuple[NoteKind, str]:
    """Return the kind and the words again."""
    kind, _, text = packed.partition("\n")
    return NoteKind(kind), text


def add_note(
    session: Session, pledge_id: UUID, *, member_id: UUID, kind: NoteKind, sealed_text: bytes, now: datetime
) -> None:
    """Store the note of a paid pledge, once."""
    values = {
        "id": new_id(),
        "pledge_id": pledge_id,
        "member_id": member_id,
        "kind": kind,
        "sealed_text": sealed_text,
        "created_at": now,
    }
    insert_once(session, Note, values)


def list_notes(session: Session, *, unread_only: bool, before: UUID | None, limit: int) -> list[SealedNote]:
    """Return notes, newest first, from the one before `before` on."""
    statement = sa.select(Note).order_by(Note.id.desc()).limit(limit)
    if unread_only:
        statement = statement.where(Note.read_at.is_(None))
    if before:
        statement = statement.where(Note.id < before)
    return [_sealed(note) for note in session.scalars(statement)]


def list_notes_of(session: Session, member_ids: Collection[UUID]) -> list[SealedNote]:
    """Return the notes of a member, newest first; of all records that are one person."""
    statement = sa.select(Note).where(Note.member_id.in_(member_ids)).order_by(Note.id.desc())
    return [_sealed(note) for note in session.scalars(statement)]


def mark_read(session: Session, note_id: UUID, *, now: datetime) -> bool:
    """Mark a note as read; returns whether there is such a note and it was not yet."""
    unread = sa.update(Note).where(Note.id == note_id, Note.read_at.is_(None))
    return bool(changed_rows(session, unread.values(read_at=now)))


def forget_notes(session: Session, member_id: UUID) -> None:
    """Delete what a member wrote, as when they are erased; without their key nobody could read it."""
    session.execute(sa.delete(Note).where(Note.member_id == member_id))


def _sealed(note: Note) -> SealedNote:
    return SealedNote(
        id=note.id,
        member_id=note.member_id,
        kind=note.kind,
        sealed_text=note.sealed_text,
        created_at=note.created_at,
        read_at=note.read_at,
    )
