"""The one way in: looks once more whether a letter is still true, and has its family write it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.letters import (
    changes,
    charges,
    credit_notes,
    doubles,
    endings,
    gifts,
    people,
    receipts,
    reminders,
    renewals,
    sign_in,
    unfinished,
)
from app.flows.letters.common import Addressed, NotNeeded
from app.flows.parts import Parts
from app.members.merging import resolve
from app.members.models import Member
from app.outbox.compose import Letter
from app.outbox.models import MailKind
from app.outbox.queue import MailLease
from app.vault.vault import PersonInClear


@dataclass(frozen=True, kw_only=True)
class Family:
    """How letters of a kind are made.

    `find` reads, inside a transaction, what the letter is about, and says NotNeeded where it is no
    longer true; `write` makes the letter of what was found, outside of any transaction.
    """

    find: Callable[[Session, Parts, MailLease], Any]
    write: Callable[[Addressed, Any], Letter]


_RECEIPTS = Family(find=receipts.find, write=receipts.write)
_FAILURES = Family(find=renewals.find_failure, write=renewals.write_failure)
FAMILIES: dict[MailKind, Family] = {
    MailKind.receipt: _RECEIPTS,
    MailKind.receipt_again: _RECEIPTS,
    MailKind.credit_note: Family(find=credit_notes.find, write=credit_notes.write),
    MailKind.payment_failed: _FAILURES,
    MailKind.payment_reminder: _FAILURES,
    MailKind.payment_last_notice: _FAILURES,
    MailKind.payment_needs_action: _FAILURES,
    MailKind.payment_recovered: Family(find=renewals.find_recovery, write=renewals.write_recovery),
    MailKind.card_expiring: Family(find=charges.find_expiry, write=charges.write_expiry),
    MailKind.charge_coming: Family(find=charges.find_coming, write=charges.write_coming),
    MailKind.second_subscription: Family(find=doubles.find, write=doubles.write),
    MailKind.support_changed: Family(find=changes.find_changed, write=changes.write_changed),
    MailKind.support_paused: Family(find=changes.find_paused, write=changes.write_paused),
    MailKind.support_resumed: Family(find=changes.find_resumed, write=changes.write_resumed),
    MailKind.support_ending: Family(find=endings.find_ending, write=endings.write_ending),
    MailKind.support_ended: Family(find=endings.find_ended, write=endings.write_ended),
    MailKind.address_confirm: Family(find=people.find_change, write=people.write_confirm),
    MailKind.address_changed: Family(find=people.find_nothing, write=people.write_changed),
    MailKind.erased: Family(find=people.find_nothing, write=people.write_erased),
    MailKind.support_unfinished: Family(find=unfinished.find, write=unfinished.write),
    MailKind.reminder_confirm: Family(find=reminders.find_confirm, write=reminders.write_confirm),
    MailKind.reminder: Family(find=reminders.find_due, write=reminders.write_due),
    MailKind.sign_in: Family(find=sign_in.find, write=sign_in.write),
    MailKind.gift_code: Family(find=gifts.find_code, write=gifts.write_code),
    MailKind.gift_for_you: Family(find=gifts.find_code, write=gifts.write_for_you),
    MailKind.gift_claim: Family(find=gifts.find_claim_of, write=gifts.write_claim),
    MailKind.gift_ending: Family(find=gifts.find_ending, write=gifts.write_ending),
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Whom a letter goes to, and what it is about."""

    recipient: PersonInClear
    matter: Any


def find_matter(session: Session, parts: Parts, lease: MailLease) -> Found | NotNeeded:
    """Look again, right before sending, at what a letter is about."""
    recipient = _find_recipient(session, parts, lease)
    if recipient is None:
        return NotNeeded("nobody to send it to")
    matter = FAMILIES[lease.kind].find(session, parts, lease)
    return matter if isinstance(matter, NotNeeded) else Found(recipient=recipient, matter=matter)


def _find_recipient(session: Session, parts: Parts, lease: MailLease) -> PersonInClear | None:
    if lease.contact_id:
        return parts.vault.find_contact(session, lease.contact_id)
    member = session.get_one(Member, _whose(session, lease))
    return parts.vault.find_person(session, member.person_id) if member.person_id else None


def _whose(session: Session, lease: MailLease) -> UUID:
    """Return who a mail is for by now; one for signing in goes to the address that was typed."""
    assert lease.member_id is not None  # noqa: S101 (a mail is to a contact or to a member)
    return lease.member_id if lease.kind is MailKind.sign_in else resolve(session, lease.member_id)


def write_letter(parts: Parts, lease: MailLease, found: Found) -> Letter:
    """Return the letter as it goes out."""
    to = Addressed(parts=parts, lease=lease, recipient=found.recipient)
    return FAMILIES[lease.kind].write(to, found.matter)
