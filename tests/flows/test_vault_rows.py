"""A person is one sealed row: found by any spelling, read by us alone, gone with the row."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.db import Sessions, reading, transaction
from app.kernel.ids import new_id
from app.members.models import Member
from app.receipts.issuing import issue_receipt
from app.receipts.models import Receipt
from app.vault.models import Contact, Person
from app.vault.sealing import CannotUnseal, Keyring
from app.vault.vault import CONTACT_KEPT_DAYS, PersonInClear, Vault
from tests.support.cast import ADA, BEN, CANARY
from tests.support.crowd import all_at_once, opened
from tests.support.records import NOW, add_member, add_payment, receipt_facts

OLD, NEW = "old-vault-" * 4, "new-vault-" * 4
NAMES = [
    "Ada",
    "Áda Ödön-O'Neill",
    "Анна Ахматова",
    "محمد بن سلمان آل سعود",
    "孙中山",
    "Ben 🏳️\u200d🌈",
    "x" * 120,
    "=HYPERLINK(1)",
    "00501",
]


@pytest.fixture
def sessions(database_url: str) -> Iterator[Sessions]:
    with opened(database_url) as made:
        yield made


@pytest.fixture
def vault() -> Vault:
    return Vault(Keyring([OLD]))


def add(sessions: Sessions, vault: Vault, person: PersonInClear) -> UUID:
    with transaction(sessions) as session:
        return vault.get_or_add_person(session, person, now=NOW)


def find(sessions: Sessions, vault: Vault, person_id: UUID) -> PersonInClear | None:
    with reading(sessions) as session:
        return vault.find_person(session, person_id)


def every_byte(sessions: Sessions) -> bytes:
    """Return all that the vault's tables hold, as a thief of the database would see it."""
    with reading(sessions) as session:
        rows = [
            *session.execute(sa.select(Person.__table__)),
            *session.execute(sa.select(Contact.__table__)),
        ]
    return b"|".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_as_it_was_given(sessions: Sessions, vault: Vault, name: str) -> None:
    person_id = add(sessions, vault, PersonInClear(address=ADA.address, name=name))

    found = find(sessions, vault, person_id)

    assert found == PersonInClear(address=ADA.address, name=name)


def test_nobody_is_read_from_the_rows_alone(sessions: Sessions, vault: Vault) -> None:
    add(sessions, vault, CANARY)
    with transaction(sessions) as session:
        vault.keep_contact(session, new_id(), CANARY, now=NOW)

    seen = every_byte(sessions)

    assert len(seen) > 300
    for word in (b"canary", b"example.org", b"Zoraida", b"Quillfeather"):
        assert word not in seen


def test_spellings_of_one_address_are_one_person(sessions: Sessions, vault: Vault) -> None:
    first = add(sessions, vault, PersonInClear(address="a.da+news@gmail.com", name=None))

    again = add(sessions, vault, PersonInClear(address="ADA@googlemail.com", name=None))

    assert again == first
    found = find(sessions, vault, first)
    assert found is not None
    assert found.address == "a.da+news@gmail.com"


def test_a_name_fills_an_empty_one_and_never_replaces_one(sessions: Sessions, vault: Vault) -> None:
    person_id = add(sessions, vault, PersonInClear(address=ADA.address, name=None))
    add(sessions, vault, ADA)
    add(sessions, vault, PersonInClear(address=ADA.address, name="Somebody Else"))

    assert find(sessions, vault, person_id) == ADA


def test_of_many_who_add_a_person_at_once_all_get_the_same_one(sessions: Sessions, vault: Vault) -> None:
    ids = all_at_once(8, lambda _: add(sessions, vault, ADA))

    assert len(set(ids)) == 1
    assert find(sessions, vault, ids[0]) == ADA


def test_erasing_one_row_makes_all_that_was_sealed_for_the_person_unreadable(
    sessions: Sessions, vault: Vault
) -> None:
    ada, ben = add(sessions, vault, ADA), add(sessions, vault, BEN)
    receipts = {person_id: _receipt(sessions, vault, person_id, "Printed Name") for person_id in (ada, ben)}
    assert _printed_name(sessions, vault, ada, receipts[ada]) == "Printed Name"

    with transaction(sessions) as session:
        vault.erase_person(session, ada)

    assert find(sessions, vault, ada) is None
    assert _printed_name(sessions, vault, ada, receipts[ada]) is None
    assert _printed_name(sessions, vault, ben, receipts[ben]) == "Printed Name"
    with reading(sessions) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Receipt)) == 2
        assert session.scalar(sa.select(sa.func.count()).where(Member.person_id == ada)) == 0


def test_a_person_who_comes_back_after_erasure_is_a_new_one_who_reads_nothing_old(
    sessions: Sessions, vault: Vault
) -> None:
    before = add(sessions, vault, ADA)
    receipt = _receipt(sessions, vault, before, "Printed Name")
    with transaction(sessions) as session:
        vault.erase_person(session, before)

    after = add(sessions, vault, ADA)

    assert after != before
    with pytest.raises(CannotUnseal):
        _printed_name(sessions, vault, after, receipt)


def test_what_was_sealed_for_one_person_does_not_open_for_another(sessions: Sessions, vault: Vault) -> None:
    ada, ben = add(sessions, vault, ADA), add(sessions, vault, BEN)
    receipt = _receipt(sessions, vault, ada, "Printed Name")

    with pytest.raises(CannotUnseal):
        _printed_name(sessions, vault, ben, receipt)


def test_after_a_rotation_people_are_found_read_and_sealed_anew(sessions: Sessions, vault: Vault) -> None:
    person_id = add(sessions, vault, ADA)
    receipt = _receipt(sessions, vault, person_id, "Printed Name")
    rotated = Vault(Keyring([NEW, OLD]))
    assert add(sessions, rotated, ADA) == person_id

    with transaction(sessions) as session:
        rotated.reseal(session, session.get_one(Person, person_id))

    only_new = Vault(Keyring([NEW]))
    assert find(sessions, only_new, person_id) == ADA
    assert _printed_name(sessions, only_new, person_id, receipt) == "Printed Name"
    with reading(sessions) as session:
        assert only_new.find_person_id(session, ADA.address) == person_id
    with pytest.raises(CannotUnseal):
        find(sessions, vault, person_id)


def test_what_was_typed_on_a_form_is_kept_for_a_week_and_no_longer(sessions: Sessions, vault: Vault) -> None:
    pledge_id = new_id()
    with transaction(sessions) as session:
        vault.keep_contact(session, pledge_id, ADA, now=NOW)
    week = timedelta(days=CONTACT_KEPT_DAYS)

    with transaction(sessions) as session:
        assert vault.forget_stale_contacts(session, now=NOW + week - timedelta(seconds=1)) == 0
        assert vault.find_contact(session, pledge_id) == ADA
        assert vault.forget_stale_contacts(session, now=NOW + week) == 1

    with reading(sessions) as session:
        assert vault.find_contact(session, pledge_id) is None


def test_what_was_typed_first_with_a_pledge_stands(sessions: Sessions, vault: Vault) -> None:
    pledge_id = new_id()
    with transaction(sessions) as session:
        vault.keep_contact(session, pledge_id, ADA, now=NOW)
        vault.keep_contact(session, pledge_id, BEN, now=NOW)

        assert vault.find_contact(session, pledge_id) == ADA


def _receipt(sessions: Sessions, vault: Vault, person_id: UUID, name: str) -> UUID:
    with transaction(sessions) as session:
        member_id = add_member(session, person_id)
        sealed = vault.seal_for_person(session, person_id, name)
        facts = receipt_facts(add_payment(session, member_id), member_id, name=sealed)
        return issue_receipt(session, facts, now=NOW).id


def _printed_name(sessions: Sessions, vault: Vault, person_id: UUID, receipt_id: UUID) -> str | None:
    with reading(sessions) as session:
        sealed = session.get_one(Receipt, receipt_id).sealed_name
        return vault.unseal_for_person(session, person_id, sealed)
