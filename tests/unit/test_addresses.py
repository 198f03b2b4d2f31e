"""Which texts are addresses, and which spellings are one mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vault.addresses import LONGEST_ADDRESS, AddressNotUsable, check_address, normalise_address

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
addresses = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.text(LETTERS + ".+-_", min_size=1, max_size=20),
    st.sampled_from(
        [
            "gmail.com",
            "GoogleMail.com",
            "Example.org",
            "bücher.example",
            "почта.example",
            "xn--bcher-kva.example",
        ]
    ),
)


@given(addresses)
def test_normalising_twice_is_normalising_once(address: str) -> None:
    once = normalise_address(address)

    assert normalise_address(once) == once


@given(addresses)
def test_case_and_space_around_never_make_another_person(address: str) -> None:
    assert normalise_address(f"  {address.swapcase()} ") == normalise_address(address)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.org", "ada@example.org"),
        ("a.d.a+news@gmail.com", "ada@googlemail.com"),
        ("ADA@GMAIL.COM", "a.da@gmail.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@bücher.example"),
    ],
)
def test_spellings_of_one_mailbox_are_one_person(one: str, other: str) -> None:
    assert normalise_address(one) == normalise_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada+news@example.org", "ada@example.org"),
        ("a.da@example.org", "ada@example.org"),
        ("ada@gmail.com", "ada@gmail.co"),
        ("ada@example.org", "ada@example.com"),
        ("ada@straße.example", "ada@strasse.example"),
        ("ada@βόλος.example", "ada@βόλοσ.example"),
    ],
)
def test_dots_and_tags_tell_people_apart_where_the_provider_does(one: str, other: str) -> None:
    assert normalise_address(one) != normalise_address(other)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ada@Example.ORG ", "ada@example.org"),
        ("Ada.Adler@example.org", "Ada.Adler@example.org"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_we_write_to_the_address_as_typed_but_for_its_domain_which_every_server_takes(
    typed: str, kept: str
) -> None:
    assert check_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@@example.org",
        "ada@example",
        "ada example@example.org",
        "ada@example..org",
        "ада@example.org",
        "ada@example.org, ben@example.org",
        "ada@example.org\nBcc: ben@example.org",
        "Ada <ada@example.org>",
        f"{'a' * 64}@{'b' * LONGEST_ADDRESS}.org",
    ],
)
def test_what_mail_cannot_reach_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(AddressNotUsable) as refused:
        check_address(typed)

    assert not typed or typed not in str(refused.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_is_refused_and_nothing_else(text: str) -> None:
    try:
        address = check_address(text)
    except AddressNotUsable:
        return
    assert normalise_address(address)


@given(addresses)
def test_every_address_we_accept_can_be_normalised(address: str) -> None:
    try:
        checked = check_address(address)
    except AddressNotUsable:
        return
    assert normalise_address(checked) == normalise_address(address)


@pytest.mark.parametrize(
    "address", ["ada@example", "ада@почта.example", "ada@-.example", "@", "ada", "ada@ü..x"]
)
def test_an_address_we_would_not_take_but_stripe_has_is_found_again(address: str) -> None:
    assert normalise_address(address) == normalise_address(f" {address.upper()} ")
