"""The pages of gift memberships: the giver's form, the card, the claim, and what members see of them."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.flows.gifts.look import card_link
from app.flows.housekeeping import keep_house
from app.flows.parts import Parts
from app.flows.supporter_token import FRAGMENT, read_note
from app.gifts.models import Gift, GiftClaim, GiftPeriod
from app.giving.models import Pledge
from app.kernel.clock import months_after, utc_now
from app.kernel.ids import new_nonce
from app.outbox.models import MailKind, QueuedMail
from app.vault.models import Contact
from tests.conftest import NEWSROOM
from tests.support.cast import ADA, BEN, DAN
from tests.support.gifts import CODE, claim, claim_token_in, give_gift, member_of, open_gift_session
from tests.support.letters import link_in, said_in
from tests.support.mail import MailCatcher
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.conftest import make_lonely_app
from tests.web.statements import statements_of

MOST_TO_OPEN = 6
MOST_AT_HOME = 20


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


def fields(**typed: str) -> dict[str, str]:
    usual = {"nonce": new_nonce(), "lang": "en", "currency": "eur", "months": "6", "email": ADA.address}
    return {**usual, **typed}


def text_of(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_the_form_shows_each_length_and_what_it_costs(client: FlaskClient) -> None:
    page = client.get("/support/gift?lang=en").text

    for months, price in ((3, "€15"), (6, "€30"), (12, "€60")):
        assert re.search(rf"{months} months<bdi class=\"price\">{price}</bdi>", page)
    assert "You pay €30 once for 6 months. Nothing repeats." in page


def test_a_quiet_line_on_the_form_of_support_leads_there(client: FlaskClient) -> None:
    assert 'href="/support/gift?lang=en">Give it as a gift</a>' in client.get("/support?lang=en").text


def test_a_newsroom_without_gifts_offers_none(tmp_path: Path) -> None:
    words = NEWSROOM.read_text(encoding="utf-8")
    start, end = words.index("[gifts]"), words.index("# Currencies in the order")
    without = tmp_path / "newsroom.toml"
    without.write_text(words[:start] + words[end:], encoding="utf-8")
    client = make_lonely_app(without).test_client()

    assert client.get("/support/gift").status_code == 404
    assert client.post("/support/gift", data=fields()).status_code == 404
    assert "/support/gift" not in client.get("/support?lang=en").text


def test_a_sent_form_leads_to_stripe_for_just_that_sum(client: FlaskClient, world: World) -> None:
    answer = client.post("/support/gift", data=fields(words="For you", campaign="spring"))

    assert answer.status_code == 303
    (session,) = world.stripe.objects("checkout.session")
    assert (session["mode"], session["amount_total"], session["currency"]) == ("payment", 3000, "eur")
    pledge = world.one(Pledge)
    assert pledge.title == "A gift: 6 months of The Harbour Courier"
    assert pledge.campaign_slug == "spring"
    assert world.one(Gift).months == 6


def test_the_fees_are_covered_if_the_giver_wishes(client: FlaskClient, world: World) -> None:
    page = client.get("/support/gift?lang=en").text

    client.post("/support/gift", data=fields(cover_fees="yes"))

    pledge = world.one(Pledge)
    assert pledge.fees_minor > 0
    assert pledge.amount_minor - pledge.fees_minor == 3000
    assert f"€{pledge.amount_minor / 100:.2f} instead of €30" in page


def test_another_currency_keeps_what_was_typed(client: FlaskClient) -> None:
    answer = client.post("/support/gift", data=fields(change_currency="jpy", words="For you", months="12"))

    assert answer.status_code == 200
    assert "¥9,600" in answer.text
    assert "For you</textarea>" in answer.text
    assert re.search(r'value="12"[^>]* checked', answer.text)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"months": "5"}, "months", "Choose how long the gift shall last."),
        ({"currency": "chf"}, "currency", "We do not take this currency."),
        ({"email": ""}, "email", "Type your e-mail address"),
        ({"recipient": "nobody"}, "recipient", "name@example.org"),
        ({"send_on": "2027-01-31"}, "recipient", "Type the address to write to on that day"),
        ({"recipient": BEN.address, "send_on": "soon"}, "send-on", "Write the day as 2027-01-31"),
        ({"recipient": BEN.address, "send_on": "2020-01-31"}, "send-on", "This day is over."),
        ({"recipient": BEN.address, "send_on": "2099-01-31"}, "send-on", "within the next eleven months"),
        ({"words": "x" * 281}, "words", "at most 280 characters"),
        ({"name": "x" * 300}, "name", "Please shorten it"),
        ({"nonce": ""}, "send", "had lost its number"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_is_lost(
    client: FlaskClient, typed: dict[str, str], field: str, said: str
) -> None:
    answer = client.post("/support/gift", data=fields(**typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}' in answer.text
    if typed.get("email", "x"):
        assert f'value="{ADA.address}"' in answer.text


def test_the_thanks_page_shows_the_code_and_the_card(client: FlaskClient, world: World) -> None:
    session_id = open_gift_session(world, ADA, words="For your train rides")
    world.pay(session_id, ADA)
    world.settle()

    page = client.get(f"/support/thanks?session_id={session_id}").text
    (code,) = set(CODE.findall(text_of(page)))
    address = re.search(r'href="http://localhost(/gift/card/[^"]+)"', page)
    assert address
    card = client.get(address[1])

    assert code in text_of(card.text)
    assert "For your train rides" in card.text
    assert f"/gift/claim/{code}" in card.text
    assert card.headers["Cache-Control"] == "no-store"
    assert "Would a small monthly amount suit you?" not in page


def test_an_unfinished_gift_is_taken_up_again_as_a_gift(client: FlaskClient, world: World) -> None:
    open_gift_session(world, ADA)
    key = world.one(Pledge).resume_key

    page = client.get(f"/support/resume/{key}").text

    assert "6 months" in text_of(page)
    assert "/support/gift?months=6&amp;currency=eur&amp;lang=en" in page


def test_a_gift_is_claimed_by_pages_alone(client: FlaskClient, world: World, mails: MailCatcher) -> None:
    code = give_gift(world, ADA, words="For your train rides")

    page = client.get(f"/gift/claim/{code}?lang=en")
    assert f'value="{code}"' in page.text
    opened = client.post("/gift", data={"code": code.lower(), "lang": "en"})
    assert "6 months of The Harbour Courier, for you" in text_of(opened.text)
    assert "For your train rides" in opened.text
    asked = client.post("/gift", data={"code": code, "email": BEN.address, "lang": "en"})
    assert "Check your mail" in asked.text
    world.send_mail()
    path = link_in(mails.messages[-1], "/gift/confirm/").removeprefix("http://localhost")
    assert "Claim the gift" in client.get(path).text
    assert world.rows(GiftPeriod) == []
    done = client.post(path)

    assert done.status_code == 200
    assert "Nothing, ever" in text_of(done.text)
    pressed_twice = client.post(path)
    assert "If it was you who claimed it, all is well" in pressed_twice.text
    assert "/manage/sign-in?lang=en" in pressed_twice.text
    period = world.one(GiftPeriod)
    assert period.member_id == member_of(world, BEN).id
    note = re.search(rf"#{FRAGMENT}=([^\"]+)", done.text)
    assert note
    assert read_note(world.parts, note[1]).until == period.until.astimezone(world.parts.newsroom.zone).date()


def test_the_short_code_claims_on_the_page_that_asked(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    asked = client.post("/gift", data={"code": code, "email": BEN.address, "lang": "en"}).text
    page_token = re.search(r'name="claim" value="([^"]+)"', asked)
    assert page_token
    world.send_mail()
    short = said_in(mails.messages[-1]).partition("Code: ")[2][:9]

    wrong = client.post("/gift/claim", data={"claim": page_token[1], "short_code": "ABCD-EFGH"})
    done = client.post("/gift/claim", data={"claim": page_token[1], "short_code": short.lower()})

    assert wrong.status_code == 422
    assert "This is not the code from the newest mail" in wrong.text
    assert "It is yours" in done.text
    assert client.post("/gift/claim", data={"claim": "forged", "short_code": short}).status_code == 404


@pytest.mark.parametrize("state", ["wrong", "used", "expired", "refunded"])
def test_a_code_that_claims_nothing_is_answered_kindly_and_in_one_shape(
    client: FlaskClient, world: World, mails: MailCatcher, state: str
) -> None:
    code = give_gift(world, ADA, words="Zoraida, read this")
    later = timedelta(0)
    if state == "wrong":
        code = "K7QM-3F2P-9XTB"
    if state == "used":
        claim(world, mails, code, BEN)
    if state == "expired":
        later = months_after(utc_now(), 12) - utc_now() + timedelta(days=1)
    if state == "refunded":
        (intent,) = world.stripe.objects("payment_intent")
        world.v1.refunds.create({"payment_intent": intent["id"]})
        world.settle()

    said = {
        "wrong": "Мы не знаем такого кода.",
        "used": "Этот подарок уже приняли.",
        "expired": "Срок, когда можно было принять этот подарок, прошёл.",
        "refunded": "Принять этот подарок больше нельзя.",
    }
    with time_machine.travel(utc_now() + later):
        for form in ({"code": code}, {"code": code, "email": DAN.address}):
            answer = client.post("/gift", data={**form, "lang": "ru"})
            assert answer.status_code == 410
            assert said[state] in answer.text
            assert "Здесь принять подарок нельзя" in answer.text
            assert "Zoraida" not in answer.text
            assert "example.org" not in text_of(answer.text)
    assert MailKind.gift_claim not in [mail.kind for mail in world.rows(QueuedMail)][2 + (state == "used") :]


def test_a_network_that_guesses_is_answered_with_429(client: FlaskClient) -> None:
    answers = [client.post("/gift", data={"code": "K7QM-3F2P-9XTB"}).status_code for _ in range(61)]

    assert answers == [410] * 60 + [429]


def test_an_address_that_mail_cannot_reach_comes_back_with_the_gift(
    client: FlaskClient, world: World
) -> None:
    code = give_gift(world, ADA)

    answer = client.post("/gift", data={"code": code, "email": "nobody", "lang": "en"})

    assert answer.status_code == 422
    assert "name@example.org" in answer.text
    assert 'value="nobody"' in answer.text
    assert "6 months of The Harbour Courier, for you" in text_of(answer.text)


def test_a_form_that_another_site_sent_claims_nothing(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    client.post("/gift", data={"code": code, "email": BEN.address})
    world.send_mail()
    path = f"/gift/confirm/{claim_token_in(mails.messages[-1])}"

    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert (
        client.post("/gift", data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    )
    assert world.rows(GiftPeriod) == []


def test_a_card_says_so_once_its_gift_is_claimed(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    path = card_link(world.parts, world.one(Gift).id, language="en").removeprefix("http://localhost")
    claim(world, mails, code, BEN)

    answer = client.get(path)

    assert answer.status_code == 410
    assert code not in answer.text
    assert client.get("/gift/card/forged").status_code == 404


def test_no_code_of_the_asking_page_and_no_address_stays_after_two_days(
    client: FlaskClient, world: World
) -> None:
    code = give_gift(world, ADA)
    client.post("/gift", data={"code": code, "email": BEN.address})
    assert len(world.rows(Contact)) == 1

    with time_machine.travel(utc_now() + timedelta(days=2, minutes=1)):
        keep_house(world.parts)

    assert world.rows(Contact) == []
    assert world.rows(GiftClaim) == []


def test_the_pages_of_a_gift_ask_few_questions_of_the_database(
    app: Flask, client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA, words="For you")
    with statements_of(app) as statements:
        client.get("/support/gift?lang=en")
        client.get(f"/gift/claim/{code}")
    assert statements == []
    with statements_of(app) as statements:
        client.post("/gift", data={"code": code})
    assert len([one for one in statements if one.startswith("SELECT")]) <= MOST_TO_OPEN, statements
    claim(world, mails, code, BEN)
    sign_in(client, world.parts, member_of(world, BEN).id)
    with statements_of(app) as statements:
        assert "A gift to you runs until" in client.get("/manage?lang=en").text
    assert len([one for one in statements if one.startswith("SELECT")]) <= MOST_AT_HOME, statements


def test_the_giver_sees_that_it_was_claimed_and_can_have_the_code_again_until_then(
    client: FlaskClient, world: World, mails: MailCatcher
) -> None:
    code = give_gift(world, ADA)
    world.send_mail()
    token = sign_in(client, world.parts, member_of(world, ADA).id)
    path = f"/manage/gifts/{world.one(Gift).id}/again"
    assert "Not claimed yet" in client.get("/manage?lang=en").text

    assert client.post(path, data=token).status_code == 303
    world.send_mail()
    assert code in said_in(mails.messages[-1])
    claim(world, mails, code, BEN)

    home = client.get("/manage?lang=en").text
    assert "Claimed on" in home
    assert BEN.address not in home
    assert member_of(world, BEN).code not in home
    assert client.post(path, data=token).status_code == 404
