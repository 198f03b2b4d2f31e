"""Ids sort by birth; what is public cannot be guessed."""

import re

from app.kernel.ids import new_id, new_member_code, new_nonce


def test_ids_are_version_seven_and_sort_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(5000)]

    assert {one.version for one in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_member_code_has_no_letters_that_look_alike() -> None:
    codes = [new_member_code() for _ in range(2000)]

    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    assert not set("".join(codes)) & set("01ILOU")
    assert len(set(codes)) == len(codes)


def test_a_nonce_is_128_bits_that_an_address_can_hold() -> None:
    nonces = [new_nonce() for _ in range(2000)]

    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", nonce) for nonce in nonces)
    assert len(set(nonces)) == len(nonces)
