"""Queued mail; the row names a member or a contact, never an address."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, IdKey, enum_type


class MailKind(StrEnum):
    """Which letter it is."""

    receipt = "receipt"
    """Thanks for a payment, with its receipt."""
    receipt_again = "receipt_again"
    """A receipt its owner asked for once more."""
    credit_note = "credit_note"
    """Money was given back: the credit note that says so."""
    payment_failed = "payment_failed"
    """A renewal failed: why, how to mend it, and what happens otherwise."""
    payment_reminder = "payment_reminder"
    """It failed again; Stripe goes on trying."""
    payment_last_notice = "payment_last_notice"
    """It failed for the last time."""
    payment_needs_action = "payment_needs_action"
    """The bank wants the member to confirm a renewal."""
    payment_recovered = "payment_recovered"
    """What had failed was paid: thanks."""
    card_expiring = "card_expiring"
    """The card will be out of date before it is charged again."""
    charge_coming = "charge_coming"
    """A yearly charge, or one of a raised amount, is near."""
    second_subscription = "second_subscription"
    """One person pays twice: which of the two shall end?"""
    support_changed = "support_changed"
    """Another amount or interval from the next charge on."""
    support_paused = "support_paused"
    support_resumed = "support_resumed"
    """It goes on: a pause is over, or its planned end was taken back."""
    support_ending = "support_ending"
    """It will end with the period paid for."""
    support_ended = "support_ended"
    """It is over, and why."""
    address_confirm = "address_confirm"
    """To a new address: is it the member's?"""
    address_changed = "address_changed"
    """To the former address: it is another from now on."""
    erased = "erased"
    """The last mail somebody has: they are forgotten, and what is kept."""
    support_unfinished = "support_unfinished"
    """Begun and not finished: the one mail with a link that its reader wished for."""
    reminder_confirm = "reminder_confirm"
    """The link that confirms a reminder."""
    reminder = "reminder"
    """What somebody wanted to be reminded of next month."""
    sign_in = "sign_in"
    """A link and a code that sign in once."""
    gift_code = "gift_code"
    """To whoever gave a membership: the code to hand over."""
    gift_for_you = "gift_for_you"
    """To the address that the giver typed: a gift waits, and this is its code."""
    gift_claim = "gift_claim"
    """To whoever claims a gift: a link and a short code that confirm the address."""
    gift_ending = "gift_ending"
    """The gift that somebody claimed is over soon."""


class MailTopic(StrEnum):
    """What members may do without; receipts, failed payments and notices of law they may not."""

    yearly_charge = "yearly_charge"
    """Before a yearly charge."""
    card_expiry = "card_expiry"
    """Before the card is out of date."""
    gift_end = "gift_end"
    """Before a gift membership is over."""


class MailRefusal(Base):
    """A topic that a member has turned off; a topic without a row is on."""

    __tablename__ = "outbox_refusals"

    member_id: Mapped[UUID] = mapped_column(sa.ForeignKey("members.id"), primary_key=True)
    topic: Mapped[MailTopic] = mapped_column(enum_type(MailTopic), primary_key=True)
    refused_at: Mapped[datetime]


class QueuedMail(Base):
    """One mail, once per `dedupe_key`, sent by the worker at least once."""

    __tablename__ = "outbox_mails"
    __table_args__ = (
        sa.CheckConstraint("(member_id IS NULL) != (contact_id IS NULL)", name="to_one"),
        sa.Index(
            "ix_outbox_mails_pending",
            "retry_at",
            sqlite_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND dropped_at IS NULL"),
        ),  # outbox.queue.take_next
        sa.Index(
            "ix_outbox_mails_dropped",
            "dropped_at",
            sqlite_where=sa.text("dropped_at IS NOT NULL"),
            postgresql_where=sa.text("dropped_at IS NOT NULL"),
        ),  # outbox.state.mail_state
        sa.Index(
            "ix_outbox_mails_with_matter",
            "created_at",
            sqlite_where=sa.text("matter IS NOT NULL"),
            postgresql_where=sa.text("matter IS NOT NULL"),
        ),  # outbox.forgetting
        sa.Index(
            "ix_outbox_mails_to_contacts",
            "created_at",
            sqlite_where=sa.text("contact_id IS NOT NULL"),
            postgresql_where=sa.text("contact_id IS NOT NULL"),
        ),  # outbox.forgetting
    )

    id: Mapped[IdKey]
    """Also the left half of the Message-ID, so that a mail sent twice is shown once."""
    dedupe_key: Mapped[str] = mapped_column(sa.String(128), unique=True)
    kind: Mapped[MailKind] = mapped_column(enum_type(MailKind))
    member_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("members.id"), index=True)
    contact_id: Mapped[UUID | None]
    """Of somebody who is no member, or not yet: the vault forgets them, and then nothing is sent."""
    receipt_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("receipts.id"))
    about_id: Mapped[str | None] = mapped_column(sa.String(255))
    """Stripe's id, or ours, of what the letter is about, looked at again before it is sent."""
    matter: Mapped[str | None] = mapped_column(sa.Text)
    """JSON: amounts and days as they were when it was queued; never a person. Forgotten some time after
    it was sent."""
    language: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(sa.String(255))
    """The error's class and the server's code; never its text, which may hold the address."""
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    """Set when there is nobody to send it to, or the server refused it for good."""
