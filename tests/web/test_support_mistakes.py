"""Mistakes on the form: all of them found, named and explained before anything is kept or asked of Stripe.

None of these tests has a database or a Stripe to turn to, so nothing can have been done.
"""

import pytest
from flask.testing import FlaskClient

from tests.web.reader import ADA, fill, read, send


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"amount": "1.99"}, "other-amount", "The least we can take monthly is €2. Type that or more."),
        ({"amount": "0"}, "other-amount", "The least we can take monthly is €2. Type that or more."),
        (
            {"amount": "299", "currency": "jpy", "interval": "once"},
            "other-amount",
            "The least we can take once is ¥300. Type that or more.",
        ),
        (
            {"amount": "6.990", "currency": "kwd", "interval": "year"},
            "other-amount",
            "The least we can take yearly is KWD 7. Type that or more.",
        ),
        (
            {"amount": "10000.01"},
            "other-amount",
            "The most this page takes is €10,000. To give more, please write to",
        ),
        ({"amount": "ten"}, "other-amount", "Type the amount as a number, such as 2."),
        ({"amount": "-5"}, "other-amount", "Type the amount as a number, such as 2."),
        (
            {"amount": "5.001"},
            "other-amount",
            "This can be read as 5001 or as 5.00. Type the one you mean, without a dot or comma",
        ),
        (
            {"amount": "1,500", "currency": "kwd"},
            "other-amount",
            "This can be read as 1500 or as 1.500. Type the one you mean",
        ),
        (
            {"amount": "1.000", "lang": "ru"},
            "other-amount",
            "Это можно прочесть как 1000 или как 1.00. Введите ту сумму, которую имеете в виду",
        ),
        ({"amount": "5.0012"}, "other-amount", "Type the amount as a number, such as 2."),
        ({"amount": "800.5", "currency": "jpy"}, "other-amount", "Type the amount as a number, such as 300."),
        ({"amount": "NaN"}, "other-amount", "Type the amount as a number, such as 2."),
        (
            {"amount_month": "other", "other_amount": ""},
            "other-amount",
            "Choose an amount, or type your own.",
        ),
        ({"email": ""}, "email", "Type your e-mail address: the receipt goes there."),
        ({"email": "ada"}, "email", "No mail can reach this address."),
        ({"name": "A" * 121}, "name", "A name may have at most 120 characters."),
        ({"interval": "week"}, "interval-month", "Choose once, monthly or yearly."),
        ({"currency": "xxx"}, "currency", "We do not take this currency."),
    ],
)
def test_a_mistake_brings_the_form_back_with_what_to_do(
    reader: FlaskClient, typed: dict[str, str], field: str, message: str
) -> None:
    form = fill(reader, name="Ada Lovelace") | typed

    answer = reader.post("/support", data=form)

    page = read(answer)
    assert answer.status_code == 422
    assert message in page.text
    assert f"#{field}" in [link.get("href") for link in page.all("a")]
    assert page.by_id(field)


def test_what_was_typed_comes_back_with_the_form(reader: FlaskClient) -> None:
    answer = send(
        reader,
        "/support?campaign=spring&lang=ru",
        interval="year",
        amount_year="other",
        other_amount="7 рублей",
        currency="usd",
        email="ada at example",
        name='Ada "<b>" Лавлейс',
    )

    fields = read(answer).fields
    assert answer.status_code == 422
    assert fields["interval"] == "year"
    assert (fields["amount_year"], fields["other_amount"]) == ("other", "7 рублей")
    assert (fields["email"], fields["name"]) == ("ada at example", 'Ada "<b>" Лавлейс')
    assert (fields["currency"], fields["campaign"], fields["lang"]) == ("usd", "spring", "ru")
    assert "<b>" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_field_names_itself_to_those_who_cannot_see_it(reader: FlaskClient) -> None:
    page = read(send(reader, email="ada", amount_month="other", other_amount="1"))

    for field in ("email", "other-amount"):
        attributes = page.by_id(field)
        assert attributes["aria-invalid"] == "true"
        for described in attributes["aria-describedby"].split():
            assert page.by_id(described)
    assert page.all("title")
    assert page.text.startswith("Please look again:")
    assert any(attributes.get("role") == "alert" for _, attributes in page.tags)


def test_mending_a_mistake_keeps_the_forms_number(reader: FlaskClient) -> None:
    form = fill(reader, email="ada")

    answer = reader.post("/support", data=form)

    assert read(answer).fields["nonce"] == form["nonce"]


@pytest.mark.parametrize("nonce", ["", "short", "x" * 65, "spaces in it are wrong", "\x00" * 22])
def test_a_lost_number_brings_the_form_back_with_a_new_one(reader: FlaskClient, nonce: str) -> None:
    answer = send(reader, nonce=nonce, name="Ada")

    fields = read(answer).fields
    assert answer.status_code == 422
    assert fields["nonce"] not in ("", nonce)
    assert (fields["email"], fields["name"]) == (ADA, "Ada")


def test_an_empty_post_is_answered_by_the_form(reader: FlaskClient) -> None:
    assert reader.post("/support").status_code == 422


def test_another_currency_keeps_all_that_was_typed_and_writes_none_of_it_into_an_address(
    reader: FlaskClient,
) -> None:
    form = fill(reader, "/support?campaign=spring", name="Ada", email="half typed") | {
        "change_currency": "jpy"
    }

    answer = reader.post("/support", data=form)

    page = read(answer)
    assert answer.status_code == 200
    assert page.fields["currency"] == "jpy"
    assert page.offered["amount_month"][:-1] == ["300", "800", "1500", "3000"]
    assert (page.fields["email"], page.fields["name"]) == ("half typed", "Ada")
    assert (page.fields["campaign"], page.fields["nonce"]) == ("spring", form["nonce"])
    assert "No mail can reach" not in page.text


def test_enter_in_a_text_field_continues_and_does_not_change_the_currency(reader: FlaskClient) -> None:
    first = read(reader.get("/support")).all("button")[0]

    assert "name" not in first
