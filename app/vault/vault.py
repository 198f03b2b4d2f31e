"""People, in and out of their sealed rows."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import changed_rows, insert_once
from app.kernel.ids import new_id
from app.vault.addresses import normalise_address
from app.vault.models import Contact, Person
from app.vault.sealing import Keyring, new_key, seal_with, unseal_with

CONTACT_KEPT_DAYS = 7
NOTE = b" note"
"""Bound to a sealed note besides its owner, so that none can be passed off as a name."""


@dataclass(frozen=True, kw_only=True)
class PersonInClear:
    """A name and an address, kept out of every repr and so out of every log."""

    address: str = field(repr=False)
    name: str | None = field(repr=False)


class Vault:
    """Seals and unseals people; the only holder of the keys."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def digest(self, text: str) -> str:
        """Return a keyed hash of any text, for comparing without keeping."""
        return self._keyring.hash_text(text)

    def digests(self, text: str) -> list[str]:
        """Return the keyed hash of any text under every key, the present one first."""
        return self._keyring.hashes_of(text)

    def keep_contact(
        self,
        session: Session,
        owner_id: UUID,
        person: PersonInClear,
        *,
        now: datetime,
        days: int = CONTACT_KEPT_DAYS,
        note: str | None = None,
    ) -> None:
        """Keep what somebody typed, under the id of the row it belongs to, for so many days at most."""
        bound = owner_id.bytes
        values = {
            "owner_id": owner_id,
            "sealed_address": self._keyring.seal(person.address.encode(), bound_to=bound),
            "sealed_name": self._keyring.seal(person.name.encode(), bound_to=bound) if person.name else None,
            "sealed_note": self._keyring.seal(note.encode(), bound_to=bound + NOTE) if note else None,
            "forget_at": now + timedelta(days=days),
        }
        insert_once(session, Contact, values)

    def find_contact(self, session: Session, owner_id: UUID) -> PersonInClear | None:
        """Return what was typed with a pledge, a reminder …, unless it is forgotten."""
        contact = session.get(Contact, owner_id)
        if contact is None:
            return None
        bound = owner_id.bytes
        return PersonInClear(
            address=self._keyring.unseal(contact.sealed_address, bound_to=bound).decode(),
            name=self._keyring.unseal(contact.sealed_name, bound_to=bound).decode()
            if contact.sealed_name
            else None,
        )

    def find_note(self, session: Session, owner_id: UUID) -> str | None:
        """Return the other words typed with a pledge, unless there were none or all is forgotten."""
        contact = session.get(Contact, owner_id)
        if contact is None or contact.sealed_note is None:
            return None
        return self._keyring.unseal(contact.sealed_note, bound_to=owner_id.bytes + NOTE).decode()

    def forget_contact(self, session: Session, owner_id: UUID) -> None:
        """Forget what was typed with a pledge, a reminder …."""
        session.execute(sa.delete(Contact).where(Contact.owner_id == owner_id))

    def forget_contacts(self, session: Session, owner_ids: Collection[UUID]) -> None:
        """Forget what was typed with each of these."""
        session.execute(sa.delete(Contact).where(Contact.owner_id.in_(owner_ids)))

    def forget_stale_contacts(self, session: Session, *, now: datetime) -> int:
        """Forget all contacts whose time is over; returns how many."""
        return changed_rows(session, sa.delete(Contact).where(Contact.forget_at <= now))

    def get_or_add_person(self, session: Session, person: PersonInClear, *, now: datetime) -> UUID:
        """Return the id of the person with this address, made if new; a name fills an empty one."""
        row = self._find_row(session, person.address)
        if row is None:
            insert_once(session, Person, self._new_row(person, now=now))
            row = self._find_row(session, person.address)
            assert row is not None  # noqa: S101 (inserted above, by us or by another)
        if person.name and row.sealed_name is None:
            row.sealed_name = self._seal_for(row, person.name)
        return row.id

    def find_person_id(self, session: Session, address: str) -> UUID | None:
        """Return the id of the person with this address."""
        row = self._find_row(session, address)
        return row.id if row else None

    def address_digests(self, address: str) -> list[str]:
        """Return the keyed hash of a mailbox under every key, the present one first.

        Tells that an address is another than before, without keeping either.
        """
        return self._keyring.hashes_of(normalise_address(address))

    def change_address(self, session: Session, person_id: UUID, address: str) -> None:
        """Let a person be found by, and written to at, another address.

        Whoever calls has seen that it is nobody else's: see `find_person_id`.
        """
        row = session.get_one(Person, person_id)
        row.address_hash = self._keyring.hash_text(normalise_address(address))
        row.sealed_address = self._seal_for(row, address)
        session.flush()

    def swap_addresses(self, session: Session, one_id: UUID, other_id: UUID) -> None:
        """Let two rows of one person change places: each is found by, and written to at, the other's."""
        one, other = session.get_one(Person, one_id), session.get_one(Person, other_id)
        addresses = [self._unseal_for(row, row.sealed_address) for row in (one, other)]
        one.address_hash = self._keyring.hash_text(f"making room for {other.id}")
        session.flush()
        self.change_address(session, other_id, addresses[0])
        self.change_address(session, one_id, addresses[1])

    def find_person(self, session: Session, person_id: UUID) -> PersonInClear | None:
        """Return a person in clear, unless erased."""
        row = session.get(Person, person_id)
        if row is None:
            return None
        return PersonInClear(
            address=self._unseal_for(row, row.sealed_address),
            name=self._unseal_for(row, row.sealed_name) if row.sealed_name else None,
        )

    def seal_for_person(self, session: Session, person_id: UUID, clear: str) -> bytes | None:
        """Seal a text with a person's own key; None once the person is erased."""
        row = session.get(Person, person_id)
        return self._seal_for(row, clear) if row else None

    def unseal_for_person(self, session: Session, person_id: UUID | None, sealed: bytes | None) -> str | None:
        """Unseal a text of a person's; None once the person is erased."""
        row = session.get(Person, person_id) if person_id else None
        return self._unseal_for(row, sealed) if row and sealed else None

    def erase_person(self, session: Session, person_id: UUID) -> None:
        """Delete the one row: nothing sealed for the person can be read again."""
        session.execute(sa.delete(Person).where(Person.id == person_id))

    def reseal(self, session: Session, row: Person) -> None:
        """Seal a person's key and hash their address by the first key, as after a rotation."""
        key = self._keyring.unseal(row.sealed_key, bound_to=row.id.bytes)
        address = self._unseal_for(row, row.sealed_address)
        row.sealed_key = self._keyring.seal(key, bound_to=row.id.bytes)
        row.address_hash = self._keyring.hash_text(normalise_address(address))
        session.flush()

    def is_current(self, row: Person) -> bool:
        """Whether the first key sealed this person."""
        return self._keyring.is_current(row.sealed_key)

    def _find_row(self, session: Session, address: str) -> Person | None:
        hashes = self._keyring.hashes_of(normalise_address(address))
        return session.scalar(sa.select(Person).where(Person.address_hash.in_(hashes)))

    def _new_row(self, person: PersonInClear, *, now: datetime) -> dict[str, object]:
        person_id, key = new_id(), new_key()
        return {
            "id": person_id,
            "address_hash": self._keyring.hash_text(normalise_address(person.address)),
            "sealed_key": self._keyring.seal(key, bound_to=person_id.bytes),
            "sealed_address": seal_with(key, person.address.encode(), bound_to=person_id.bytes),
            "sealed_name": None,
            "created_at": now,
        }

    def _seal_for(self, row: Person, clear: str) -> bytes:
        key = self._keyring.unseal(row.sealed_key, bound_to=row.id.bytes)
        return seal_with(key, clear.encode(), bound_to=row.id.bytes)

    def _unseal_for(self, row: Person, sealed: bytes) -> str:
        key = self._keyring.unseal(row.sealed_key, bound_to=row.id.bytes)
        return unseal_with(key, sealed, bound_to=row.id.bytes).decode()
