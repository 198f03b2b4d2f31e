"""Members, and what their recurring support amounted to over time."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, CurrencyCode, IdKey, Minor, StripeId, enum_type
from app.kernel.intervals import Interval


class FactKind(StrEnum):
    """What happened to a membership."""

    started = "started"
    """The first period was paid."""
    raised = "raised"
    """A higher amount a month than before."""
    lowered = "lowered"
    """A lower amount a month than before."""
    paused = "paused"
    """Nothing is charged for a while."""
    resumed = "resumed"
    """Charged again after a pause."""
    past_due = "past_due"
    """A renewal failed; Stripe tries it again."""
    recovered = "recovered"
    """What had failed was paid after all."""
    lapsed = "lapsed"
    """Stripe tries no more, and the subscription stands unpaid."""
    ended = "ended"
    """No further period will be charged and the last one is over, or support was cut off."""


class MembershipState(StrEnum):
    """How a membership stands after a fact."""

    active = "active"
    past_due = "past_due"
    lapsed = "lapsed"
    paused = "paused"
    ended = "ended"


class FactCause(StrEnum):
    """Who or what brought a fact about."""

    member = "member"
    staff = "staff"
    dunning = "dunning"
    """Stripe, after its last try to charge."""
    stripe = "stripe"
    """Somebody in Stripe's dashboard, or Stripe itself."""


class Member(Base):
    """A person who has paid at least once or claimed a gift, known by a random code; the vault knows who."""

    __tablename__ = "members"

    id: Mapped[IdKey]
    code: Mapped[str] = mapped_column(sa.String(9), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("vault_persons.id", ondelete="SET NULL"), unique=True
    )
    language: Mapped[str] = mapped_column(sa.String(8))
    joined_at: Mapped[datetime]
    """When the first payment succeeded, or the first gift was claimed."""
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
    """When who it is was erased; for the list that is gone through after a restore."""


class AddressChange(Base):
    """A member wants another address: the vault's contact under this id, until it is confirmed from there."""

    __tablename__ = "member_address_changes"

    id: Mapped[IdKey]
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), index=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    """When the button behind the mailed link was pressed."""


class Merge(Base):
    """Two records turned out to be one person: the merged one is another name of the kept one from then on.

    What is frozen or sealed stays with the record it was made for and is read through this row; what goes
    on at Stripe moves, each row noted, so that it can be undone.
    """

    __tablename__ = "member_merges"
    __table_args__ = (
        sa.CheckConstraint("merged_id != kept_id", name="of_two"),
        sa.Index(
            "ix_member_merges_standing",
            "merged_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),  # members.merging.resolve
    )

    id: Mapped[IdKey]
    merged_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"))
    kept_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[UUID | None]
    """The account of staff that asked for it; null where it was asked for by a command."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]


class MergeMove(Base):
    """One row that a merge moved, or one thing it changed, by the name of its table and its key."""

    __tablename__ = "member_merge_moves"

    merge_id: Mapped[UUID] = mapped_column(sa.ForeignKey("member_merges.id"), primary_key=True)
    what: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    row_key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


class MembershipFact(Base):
    """One dated fact of one membership; facts are added, never changed."""

    __tablename__ = "membership_facts"
    __table_args__ = (
        sa.UniqueConstraint("stripe_subscription_id", "kind", "occurred_at"),
        sa.CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        sa.Index(None, "member_id", "occurred_at"),  # members.queries.list_facts
        sa.Index(None, "occurred_on"),  # reports.members.count_active
    )

    id: Mapped[IdKey]
    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"))
    stripe_subscription_id: Mapped[StripeId]
    kind: Mapped[FactKind] = mapped_column(enum_type(FactKind))
    occurred_at: Mapped[datetime]
    occurred_on: Mapped[date]
    """The day in the newsroom's time zone."""
    amount_minor: Mapped[Minor]
    """What each interval is charged from here on; 0 once ended."""
    currency: Mapped[CurrencyCode]
    interval: Mapped[Interval] = mapped_column(enum_type(Interval))
    state: Mapped[MembershipState] = mapped_column(
        enum_type(MembershipState), server_default=MembershipState.active
    )
    """What the membership is from here on."""
    cause: Mapped[FactCause | None] = mapped_column(enum_type(FactCause))
    """Null where nobody in particular brought it about."""
