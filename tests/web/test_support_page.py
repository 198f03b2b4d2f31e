"""The form as it is shown; none of these tests has a database or a Stripe to turn to."""

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.kernel.intervals import Interval
from config.newsroom import MOST_SUGGESTED
from tests.conftest import NEWSROOM, make_settings
from tests.web.conftest import NO_DATABASE, NOWHERE, make_lonely_app
from tests.web.reader import fill, read, send

BUDGET_BYTES = 60_000


def test_the_front_door_leads_to_the_form(reader: FlaskClient) -> None:
    answer = reader.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/support")


def test_a_fresh_form_offers_three_intervals_and_has_monthly_chosen(reader: FlaskClient) -> None:
    page = read(reader.get("/support"))

    assert page.offered["interval"] == ["once", "month", "year"]
    assert page.fields["interval"] == "month"
    assert page.offered["amount_month"] == ["2", "5", "10", "20", "other"]
    assert page.offered["amount_once"] == ["10", "25", "50", "100", "other"]
    assert page.offered["amount_year"] == ["24", "60", "120", "240", "other"]
    assert "€2" in page.text


def test_the_form_needs_no_script_and_holds_nothing_inline(reader: FlaskClient) -> None:
    answer = reader.get("/support")

    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert "<style" not in answer.text
    assert not re.search(r" on[a-z]+=", answer.text)


def test_the_page_says_who_receives_it_what_the_bank_shows_and_what_the_risk_is(reader: FlaskClient) -> None:
    text = read(reader.get("/support")).text

    assert "Stand with independent reporting" in text
    assert "starting from just \u2068€2\u2069." in text, "isolated, for lines that run the other way"
    assert "Harbour Courier Foundation gGmbH" in text
    assert "HARBOUR COURIER" in text
    assert "support@harbour-courier.example" in text
    assert "please do not pay from a card issued there" in text
    assert text.index("please do not pay from a card") < text.index("You give €5 every month")
    assert "anonymous" not in text.lower()


def test_every_amount_says_what_choosing_it_means(reader: FlaskClient) -> None:
    page = read(reader.get("/support"))

    assert "You give €5 every month, until you stop. We send a receipt each time." in page.text
    assert "You give €25 once. We send one receipt, and nothing repeats." in page.text
    for radio in page.all("input"):
        if radio.get("name", "").startswith("amount_"):
            assert page.by_id(radio["aria-describedby"])


@pytest.mark.parametrize(
    ("currency", "monthly"),
    [
        ("eur", ["2", "5", "10", "20"]),
        ("usd", ["2", "5", "10", "20"]),
        ("gbp", ["2", "5", "10", "20"]),
        ("jpy", ["300", "800", "1500", "3000"]),
        ("kwd", ["0.700", "1.500", "3", "6"]),
    ],
)
def test_every_currency_has_its_own_amounts(reader: FlaskClient, currency: str, monthly: list[str]) -> None:
    page = read(reader.get(f"/support?currency={currency}"))

    assert page.fields["currency"] == currency
    assert page.offered["amount_month"] == [*monthly, "other"]


def test_the_address_fills_the_form_in(reader: FlaskClient) -> None:
    page = read(reader.get("/support?amount=60&interval=year&currency=usd&campaign=spring-2026&lang=ru"))

    assert page.fields["interval"] == "year"
    assert page.fields["amount_year"] == "60"
    assert page.fields["currency"] == "usd"
    assert page.fields["campaign"] == "spring-2026"
    assert page.fields["lang"] == "ru"
    assert page.all("html")[0]["lang"] == "ru"


def test_an_amount_that_is_not_suggested_stands_as_typed(reader: FlaskClient) -> None:
    page = read(reader.get("/support?amount=7,50"))

    assert page.fields["amount_month"] == "other"
    assert page.fields["other_amount"] == "7.50"


@pytest.mark.parametrize(
    "query",
    [
        "amount=1",
        "amount=99999999",
        "amount=abc",
        "amount=%00",
        "amount=-5",
        "amount=1e3",
        "interval=week",
        "currency=xxx",
        "currency=%D0%B5%D0%B2%D1%80%D0%BE",
        "campaign=%3Cscript%3E",
        "lang=xx",
        "amount=5&amount=6&interval=",
        "%FF=%FE",
    ],
)
def test_what_is_of_no_use_in_the_address_is_passed_over(reader: FlaskClient, query: str) -> None:
    answer = reader.get(f"/support?{query}")
    page = read(answer)

    assert answer.status_code == 200
    assert page.fields["interval"] == "month"
    assert page.fields["amount_month"] == "5"
    assert page.fields["campaign"] == ""
    assert "<script" not in answer.text


def test_every_showing_has_a_nonce_of_its_own_and_no_other_answers_campaign(reader: FlaskClient) -> None:
    first = read(reader.get("/support?campaign=spring")).fields
    second = read(reader.get("/support?campaign=autumn")).fields
    third = read(reader.get("/support")).fields

    assert len({first["nonce"], second["nonce"], third["nonce"]}) == 3
    assert all(re.fullmatch(r"[\w-]{22}", fields["nonce"]) for fields in (first, second, third))
    assert [fields["campaign"] for fields in (first, second, third)] == ["spring", "autumn", ""]


def test_the_campaign_goes_along_to_another_language(reader: FlaskClient) -> None:
    links = [link.get("href", "") for link in read(reader.get("/support?campaign=spring&amount=10")).all("a")]

    assert any(
        link.startswith("/support?")
        and "campaign=spring" in link
        and "amount=10" in link
        and "lang=ru" in link
        for link in links
    )


def test_the_compressed_page_is_the_plain_page(reader: FlaskClient) -> None:
    zipped = reader.get("/support?campaign=spring", headers={"Accept-Encoding": "gzip"})
    plain = reader.get("/support?campaign=spring")
    unzipped = gzip.decompress(zipped.data).decode()

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert read(plain).fields["campaign"] == "spring"
    nonce = r'name="nonce" value="[\w-]{22}"'
    assert re.sub(nonce, "", unzipped) == re.sub(nonce, "", plain.text)
    assert "eloh" not in plain.text


def test_no_cookie_is_set_by_opening_a_page_or_sending_the_form(reader: FlaskClient) -> None:
    for address in ("/support", "/support?lang=ru", "/support?currency=usd", "/nowhere"):
        assert "Set-Cookie" not in reader.get(address).headers
    assert "Set-Cookie" not in send(reader, email="not an address").headers


def test_a_press_on_another_currency_is_remembered_and_nothing_else_is(reader: FlaskClient) -> None:
    answer = reader.post("/support", data=fill(reader, change_currency="jpy", name="Ada"))

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert re.fullmatch(
        r"currency=jpy; Expires=[^;]+; Max-Age=15552000; HttpOnly; Path=/support; SameSite=Lax", cookie
    )
    assert read(reader.get("/support")).fields["currency"] == "jpy"
    assert read(reader.get("/support")).offered["amount_month"][0] == "300"


def test_an_address_counts_before_what_is_remembered(reader: FlaskClient) -> None:
    reader.set_cookie("currency", "jpy", path="/support")

    assert read(reader.get("/support?currency=usd")).fields["currency"] == "usd"
    assert read(reader.get("/support?interval=once")).fields["currency"] == "jpy"


def test_readers_who_remember_another_currency_do_not_change_each_others_page(reader: FlaskClient) -> None:
    yen, euro = reader.application.test_client(), reader.application.test_client()
    yen.set_cookie("currency", "jpy", path="/support")

    shown = [read(client.get("/support")).fields["currency"] for client in (yen, euro, yen, euro)]

    assert shown == ["jpy", "eur", "jpy", "eur"]


def test_the_press_that_goes_back_to_the_first_currency_takes_the_cookie_away(reader: FlaskClient) -> None:
    reader.post("/support", data=fill(reader, change_currency="jpy"))

    answer = reader.post("/support", data=fill(reader, change_currency="eur"))

    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert reader.get_cookie("currency", path="/support") is None
    assert read(reader.get("/support")).fields["currency"] == "eur"


@pytest.mark.parametrize(
    "cookies", ["currency=xxx", "currency=", "mycurrency=jpy", "currency=jpyy", "a" * 5000]
)
def test_a_cookie_of_no_use_is_passed_over(reader: FlaskClient, cookies: str) -> None:
    answer = reader.get("/support", headers={"Cookie": cookies})

    assert read(answer).fields["currency"] == "eur"


def test_the_cookie_travels_encrypted_where_the_product_does() -> None:
    settings = make_settings(NO_DATABASE, stripe_url=NOWHERE, smtp_url="smtp://127.0.0.1:1")
    app = create_app(settings.model_copy(update={"public_base_url": "https://support.courier.example"}))
    reader = app.test_client()

    answer = reader.post("/support", data=fill(reader, change_currency="jpy"))

    assert "; Secure" in answer.headers["Set-Cookie"]


def test_the_desks_cookie_is_neither_read_nor_sent_to_readers_pages(reader: FlaskClient) -> None:
    reader.set_cookie("session", "forged")

    answer = reader.get("/support")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert reader.application.config["SESSION_COOKIE_PATH"] == "/staff"


def test_the_form_is_not_kept_by_caches_between_readers(reader: FlaskClient) -> None:
    answer = reader.get("/support")

    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_first_view_stays_under_its_budget(reader: FlaskClient, language: str) -> None:
    zipped = {"Accept-Encoding": "gzip"}
    answer = reader.get(f"/support?lang={language}", headers=zipped)
    page = gzip.decompress(answer.data).decode()
    style = re.search(r'href="(/static/reader\.css[^"]*)"', page)
    icon = re.search(r'href="(/static/icon\.svg[^"]*)"', page)
    assert style
    assert icon
    fonts = [f"/static/{path}" for path in re.findall(r'vendor/[^")]+woff2', reader.get(style[1]).text)]
    assets = [style[1], icon[1], *fonts]

    sizes = [len(reader.get(asset, headers=zipped).data) for asset in assets]

    assert len(fonts) == 2
    assert len(answer.data) + sum(sizes) < BUDGET_BYTES


def test_the_page_asks_nothing_of_other_hosts(reader: FlaskClient) -> None:
    page = read(reader.get("/support"))

    fetched = [tag.get("src", "") for name, tag in page.tags if name in ("img", "script", "iframe")]
    fetched += [link["href"] for link in page.all("link")]
    assert fetched
    assert all(address.startswith("/static/") for address in fetched)


def test_a_newsroom_that_writes_from_right_to_left_gets_its_direction(tmp_path: Path) -> None:
    text = NEWSROOM.read_text(encoding="utf-8").replace('languages = ["en", "ru"]', 'languages = ["ar"]')
    arabic = tmp_path / "newsroom.toml"
    arabic.write_text(re.sub(r"(?m)^ru = .*\n", "", re.sub(r"(?m)^en = ", "ar = ", text)), encoding="utf-8")

    answer = make_lonely_app(arabic).test_client().get("/support", headers={"Accept-Language": "en"})

    page = read(answer)
    assert page.all("html")[0] == {"lang": "ar", "dir": "rtl", "class": "borrowed"}
    assert "How often would you like to give?" in page.text


def test_the_line_under_the_name_speaks_the_readers_language(reader: FlaskClient) -> None:
    answer = reader.get("/support?lang=ru")

    assert '<p class="tagline" lang="ru">Журналистика, которая отвечает' in answer.text


def test_every_tile_that_may_be_shown_has_its_sentence_in_the_style_sheet(reader: FlaskClient) -> None:
    style = reader.get("/static/reader.css").text

    for interval in Interval:
        for tile in (*range(1, MOST_SUGGESTED + 1), "other"):
            assert f"#amount-{interval}-{tile}:checked) .for-{interval} .say-{tile}" in style
