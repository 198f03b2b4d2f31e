"""Another address for a member: verified from there, then known here and at Stripe, and the old one told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.asks import queue
from app.asks.models import AskedBy, AskKind
from app.asks.rules import Wish
from app.billing.queries import list_customers
from app.db import reading, transaction
from app.flows.links import LinkKind, LinkUnknown, read_link
from app.flows.parts import Parts
from app.flows.people.former import tell_former_address
from app.kernel.ids import new_id
from app.members.members import find_by_person
from app.members.merging import resolve
from app.members.models import AddressChange, Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.mailing import language_of
from app.signing_in.requests import withdraw
from app.vault.vault import PersonInClear

CHANGE_HOURS = 24
"""How long the link in the mail to the new address works."""
CONTACT_DAYS = 7
"""How long the former address is kept for the mail that tells it."""


class AddressStanding(StrEnum):
    """How a change of address stands."""

    waiting = "waiting"
    """The button behind the link has not been pressed."""
    done = "done"
    late = "late"
    """The link is old, or the member is erased: nothing changes by it any more."""
    taken = "taken"
    """The address belongs to another record by now: only staff can make two people one."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of address as its page shows it."""

    standing: AddressStanding
    new_address: str | None
    """While it is kept: until it is confirmed, or a day."""
    language: str


def ask_for_address(parts: Parts, member_id: UUID, address: str, *, now: datetime) -> None:
    """Store the wish and mail the new address; says nothing of whether somebody has it already.

    The address must have been checked (`vault.addresses.check_address`). A newer wish takes the place of
    the older ones.
    """
    with transaction(parts.sessions) as session:
        member = session.get_one(Member, member_id)
        change = AddressChange(id=new_id(), member_id=member_id, asked_at=now)
        session.add(change)
        person = parts.vault.find_person(session, member.person_id) if member.person_id else None
        wanted = PersonInClear(address=address, name=person.name if person else None)
        parts.vault.keep_contact(session, change.id, wanted, now=now, days=1)
        mail = Mail(
            kind=MailKind.address_confirm,
            dedupe_key=f"address-confirm-{change.id}",
            contact_id=change.id,
            about_id=str(change.id),
            language=language_of(member, parts.newsroom),
        )
        enqueue(session, mail, now=now)


def look_at_change(parts: Parts, token: str, *, now: datetime) -> Change:
    """Return what the page behind the link shows; changes nothing. Raises: LinkUnknown, LinkExpired."""
    change_id = read_link(parts, LinkKind.address, token)
    with reading(parts.sessions) as session:
        change, member = _find(session, change_id)
        wanted = parts.vault.find_contact(session, change.id)
        return Change(
            standing=_standing(parts, session, change, member, wanted, now=now),
            new_address=wanted.address if wanted else None,
            language=language_of(member, parts.newsroom),
        )


def confirm_address(parts: Parts, token: str, *, now: datetime) -> Change:
    """Make the address the member's, here at once and at Stripe as soon as it answers; once.

    Raises: LinkUnknown, LinkExpired.
    """
    change_id = read_link(parts, LinkKind.address, token)
    with transaction(parts.sessions) as session:
        change, member = _find(session, change_id, lock=True)
        wanted = parts.vault.find_contact(session, change.id)
        standing = _standing(parts, session, change, member, wanted, now=now)
        if standing is AddressStanding.waiting and wanted and member.person_id:
            tell_former_address(
                session,
                parts,
                member,
                MailKind.address_changed,
                key=f"address-changed-{change.id}",
                kept_days=CONTACT_DAYS,
                about_id=str(change.id),
                now=now,
            )
            _write_address(session, parts, member.person_id, wanted.address)
            parts.vault.forget_contact(session, change.id)
            change.confirmed_at = now
            withdraw(session, member.id)
            _ask_of_stripe(session, change, now=now)
            standing = AddressStanding.done
        return Change(
            standing=standing,
            new_address=wanted.address if wanted else None,
            language=language_of(member, parts.newsroom),
        )


def _find(session: Session, change_id: UUID, *, lock: bool = False) -> tuple[AddressChange, Member]:
    """Return a change and whose it is; two presses at once take turns by the member's row."""
    change = session.get(AddressChange, change_id)
    if change is None:
        raise LinkUnknown(LinkKind.address)
    member = session.get_one(Member, change.member_id, with_for_update=lock or None)
    session.refresh(change)
    return change, member


def _standing(
    parts: Parts,
    session: Session,
    change: AddressChange,
    member: Member,
    wanted: PersonInClear | None,
    *,
    now: datetime,
) -> AddressStanding:
    if change.confirmed_at:
        return AddressStanding.done
    old = change.asked_at + timedelta(hours=CHANGE_HOURS) <= now
    if old or wanted is None or member.person_id is None or not _is_newest(session, change):
        return AddressStanding.late
    owner = find_by_person(session, parts.vault.find_person_id(session, wanted.address))
    is_free = owner is None or owner.id == resolve(session, member.id)
    return AddressStanding.waiting if is_free else AddressStanding.taken


def _write_address(session: Session, parts: Parts, person_id: UUID, address: str) -> None:
    """Write a person's address; where it is another of their own since a merge, the two change places."""
    owner_id = parts.vault.find_person_id(session, address)
    if owner_id in (None, person_id):
        parts.vault.change_address(session, person_id, address)
    else:
        parts.vault.swap_addresses(session, person_id, owner_id)


def _is_newest(session: Session, change: AddressChange) -> bool:
    newer = sa.select(AddressChange.id).where(
        AddressChange.member_id == change.member_id, AddressChange.id > change.id
    )
    return session.scalar(newer.limit(1)) is None


def _ask_of_stripe(session: Session, change: AddressChange, *, now: datetime) -> None:
    for customer in list_customers(session, change.member_id):
        if customer.deleted_at is None:
            wish = Wish(
                nonce=f"address-{change.id}-{customer.stripe_customer_id}",
                kind=AskKind.move_customer,
                object_id=customer.stripe_customer_id,
                asked_by=AskedBy.member,
            )
            queue.add_ask(session, wish, now=now)
