"""What is sealed opens with the right key, beside the row it was sealed for, and in no other way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vault.sealing import KEY_ID_BYTES, CannotUnseal, Keyring, new_key, seal_with, unseal_with

OLD, NEW, OTHER = "old-" * 8, "new-" * 8, "other-" * 8
secrets = st.text(min_size=1, max_size=64)
texts = st.binary(max_size=300)
places = st.binary(max_size=32)


@given(texts, places, secrets)
def test_what_is_sealed_is_opened_again(clear: bytes, place: bytes, secret: str) -> None:
    keyring = Keyring([secret])

    assert keyring.unseal(keyring.seal(clear, bound_to=place), bound_to=place) == clear


@given(texts, places)
def test_after_a_rotation_the_old_is_read_and_the_new_is_written(clear: bytes, place: bytes) -> None:
    before = Keyring([OLD]).seal(clear, bound_to=place)
    rotated = Keyring([NEW, OLD])

    after = rotated.seal(clear, bound_to=place)

    assert rotated.unseal(before, bound_to=place) == clear
    assert not rotated.is_current(before)
    assert rotated.is_current(after)
    assert Keyring([NEW]).unseal(after, bound_to=place) == clear


def test_once_the_old_key_is_gone_what_it_sealed_is_too() -> None:
    sealed = Keyring([OLD]).seal(b"Ada", bound_to=b"row")

    with pytest.raises(CannotUnseal, match="do not hold"):
        Keyring([NEW]).unseal(sealed, bound_to=b"row")


@given(texts, st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]))
def test_a_sealed_text_moved_to_another_row_does_not_open(clear: bytes, pair: tuple[bytes, bytes]) -> None:
    sealed = Keyring([OLD]).seal(clear, bound_to=pair[0])

    with pytest.raises(CannotUnseal):
        Keyring([OLD]).unseal(sealed, bound_to=pair[1])


@given(st.data())
def test_one_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(Keyring([OLD]).seal(b"Ada Adler", bound_to=b"row"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(CannotUnseal):
        Keyring([OLD]).unseal(bytes(sealed), bound_to=b"row")


@given(st.binary(max_size=80))
def test_bytes_that_were_never_sealed_are_refused_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(CannotUnseal):
        Keyring([OLD]).unseal(noise, bound_to=b"row")


def test_noise_under_a_true_key_id_is_refused_and_nothing_else() -> None:
    true_head = Keyring([OLD]).seal(b"", bound_to=b"row")[: 1 + KEY_ID_BYTES]

    for length in range(40):
        with pytest.raises(CannotUnseal):
            Keyring([OLD]).unseal(true_head + b"\x00" * length, bound_to=b"row")


def test_the_same_text_sealed_twice_does_not_look_the_same() -> None:
    keyring = Keyring([OLD])

    assert keyring.seal(b"Ada", bound_to=b"row") != keyring.seal(b"Ada", bound_to=b"row")


def test_neither_text_nor_key_is_seen_in_what_is_sealed() -> None:
    sealed = Keyring([OLD]).seal(b"Ada Adler", bound_to=b"row")

    assert b"Ada" not in sealed
    assert OLD.encode() not in sealed


def test_a_persons_own_key_opens_only_what_is_theirs() -> None:
    adas, bens = new_key(), new_key()
    sealed = seal_with(adas, b"Ada Adler", bound_to=b"ada")

    assert unseal_with(adas, sealed, bound_to=b"ada") == b"Ada Adler"
    for key, place in ((bens, b"ada"), (adas, b"ben")):
        with pytest.raises(CannotUnseal):
            unseal_with(key, sealed, bound_to=place)


def test_a_hash_depends_on_the_key_and_every_key_finds_its_own() -> None:
    rotated = Keyring([NEW, OLD])

    assert rotated.hash_text("ada@example.org") == Keyring([NEW]).hash_text("ada@example.org")
    assert rotated.hashes_of("ada@example.org") == [
        Keyring([NEW]).hash_text("ada@example.org"),
        Keyring([OLD]).hash_text("ada@example.org"),
    ]
    assert Keyring([OTHER]).hash_text("ada@example.org") not in rotated.hashes_of("ada@example.org")


def test_sealing_and_hashing_use_different_keys_of_one_secret() -> None:
    keyring = Keyring([OLD])

    sealed = keyring.seal(b"ada@example.org", bound_to=b"")

    assert keyring.hash_text("ada@example.org") not in sealed.hex()


def test_a_persons_name_never_shows_in_a_repr() -> None:
    from app.vault.vault import PersonInClear

    assert "Ada" not in repr(PersonInClear(address="Ada@example.org", name="Ada Adler"))
