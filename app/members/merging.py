"""Records that are one person: which one stands for which, and what may be merged."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.kernel.ids import new_id
from app.members.models import Member, Merge, MergeMove


class WhyNot(StrEnum):
    """Why two records cannot be made one, or one cannot be made two again."""

    same = "same"
    """Both codes lead to one record already."""
    erased = "erased"
    """Nobody can say any more that they are one person: who it was is erased."""
    kept_is_nobody = "kept_is_nobody"
    """The record to keep names nobody, and the other one does: keep that one."""
    not_merged = "not_merged"
    """There is nothing to undo."""
    newer_first = "newer_first"
    """The record it was merged into was merged itself since: that one is to be undone first."""


def why_not_merge(kept: Member, merged: Member) -> WhyNot | None:
    """Return why these two cannot become one; None where they can."""
    if kept.id == merged.id:
        return WhyNot.same
    if kept.erased_at or merged.erased_at:
        return WhyNot.erased
    return WhyNot.kept_is_nobody if merged.person_id and not kept.person_id else None


def why_not_undo(session: Session, merge: Merge | None) -> WhyNot | None:
    """Return why a merge cannot be undone; None where it can."""
    if merge is None:
        return WhyNot.not_merged
    if find_merge(session, merge.kept_id):
        return WhyNot.newer_first
    return WhyNot.erased if session.get_one(Member, merge.kept_id).erased_at else None


def find_merge(session: Session, merged_id: UUID) -> Merge | None:
    """Return the merge by which a record stands for another one now."""
    return session.scalar(sa.select(Merge).where(Merge.merged_id == merged_id, Merge.undone_at.is_(None)))


def resolve(session: Session, member_id: UUID) -> UUID:
    """Return the record that is kept for a person: this one, or the one it was merged into."""
    while merge := find_merge(session, member_id):
        member_id = merge.kept_id
    return member_id


def hold(session: Session, member_id: UUID, *, alone: bool = False) -> Member:
    """Return the record that is kept for a person, whom nobody merges until the transaction's end.

    Whoever writes about a member asks here first: a merge that is under way is waited for, and the record
    it leads to is the one that is held. Args: alone: whoever else would write about them waits as well.
    """
    session.flush()
    lock = {} if alone else {"read": True, "key_share": True}
    while True:
        member = session.get_one(Member, member_id, with_for_update=lock or True, populate_existing=True)
        merge = find_merge(session, member.id)
        if merge is None:
            return member
        member_id = merge.kept_id


def list_merges(session: Session, member_id: UUID) -> list[Merge]:
    """Return the merges that stand and by which records became this one, themselves or by way of another."""
    found: list[Merge] = []
    kept = [member_id]
    while kept:
        into = sa.select(Merge).where(Merge.kept_id.in_(kept), Merge.undone_at.is_(None))
        newer = list(session.scalars(into.order_by(Merge.id)))
        found += newer
        kept = [merge.merged_id for merge in newer]
    return found


def list_ids(session: Session, member_id: UUID) -> list[UUID]:
    """Return the ids of all records that are this member: its own first, then those merged into it."""
    return [member_id, *(merge.merged_id for merge in list_merges(session, member_id))]


def list_stand_ins(session: Session, member_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, by the id of each record merged into one of these, which of these it is."""
    standing: dict[UUID, UUID] = {}
    kept = {member_id: member_id for member_id in member_ids}
    while kept:
        into = sa.select(Merge).where(Merge.kept_id.in_(kept), Merge.undone_at.is_(None))
        kept = {merge.merged_id: kept[merge.kept_id] for merge in session.scalars(into)}
        standing |= kept
    return standing


def is_kept() -> sa.ColumnElement[bool]:
    """Tell the members that stand for themselves."""
    merged = sa.select(Merge.id).where(Merge.merged_id == Member.id, Merge.undone_at.is_(None))
    return ~sa.exists(merged.correlate(Member))


def add_merge(
    session: Session, kept_id: UUID, merged_id: UUID, *, merged_by: UUID | None, now: datetime
) -> Merge:
    """Store that one record is another from now on."""
    merge = Merge(id=new_id(), kept_id=kept_id, merged_id=merged_id, merged_at=now, merged_by=merged_by)
    session.add(merge)
    session.flush()
    return merge


def note_moves(session: Session, merge: Merge, what: str, row_keys: Collection[object]) -> None:
    """Note which rows a merge moved."""
    session.add_all(MergeMove(merge_id=merge.id, what=what, row_key=str(key)) for key in row_keys)


def list_moves(session: Session, merge: Merge, what: str) -> list[str]:
    """Return the keys of the rows of a kind that a merge moved."""
    moves = sa.select(MergeMove.row_key).where(MergeMove.merge_id == merge.id, MergeMove.what == what)
    return list(session.scalars(moves.order_by(MergeMove.row_key)))
