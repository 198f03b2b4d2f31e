"""What a reader may add on the form: the fees, a little monthly instead, a word, the wish for a mail."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.db import reading
from app.flows.parts import Parts
from app.giving.models import NoteKind, Pledge, ResumeWish
from app.giving.notes import unpack_note
from tests.conftest import NEWSROOM
from tests.support.simulator import SimulatorProcess
from tests.web.conftest import make_lonely_app
from tests.web.reader import PageReader, fill, open_sessions, read, send

SEVEN = {"interval": "once", "amount_once": "other", "other_amount": "7", "cover_fees": "yes"}


def only_pledge(parts: Parts) -> Pledge:
    with reading(parts.sessions) as session:
        pledge = session.scalars(sa.select(Pledge)).one()
        session.expunge_all()
    return pledge


def ticked(page: PageReader) -> list[str]:
    return [box["id"] for box in page.all("input") if box.get("type") == "checkbox" and "checked" in box]


def test_nothing_that_may_be_added_is_chosen_beforehand(reader: FlaskClient) -> None:
    for query in ("", "?cover_fees=yes&mail_me=yes", "?interval=once&amount=25"):
        assert ticked(read(reader.get(f"/support{query}"))) == []


def test_the_exact_sum_with_the_fees_stands_beside_every_amount(reader: FlaskClient) -> None:
    text = read(reader.get("/support")).text

    assert "€2.32 instead of €2: then the whole €2 reaches us." in text
    assert "€5.41 instead of €5: then the whole €5 reaches us." in text
    assert "You pay €5.41 every month, until you stop: €5 for us, €0.41 for the fees." in text
    assert "You pay €26 once: €25 for us, €1 for the fees." in text


@pytest.mark.parametrize(
    ("currency", "sentence"),
    [
        ("jpy", "¥350 instead of ¥300"),
        ("kwd", "KWD\u00a00.820 instead of KWD\u00a00.700"),
    ],
)
def test_the_exact_sum_is_one_that_its_currency_allows(
    reader: FlaskClient, currency: str, sentence: str
) -> None:
    assert sentence.replace("\u00a0", " ") in read(reader.get(f"/support?currency={currency}")).text


def test_where_the_newsroom_names_no_fees_nobody_is_asked_to_cover_them(tmp_path: Path) -> None:
    file = tmp_path / "newsroom.toml"
    file.write_text(NEWSROOM.read_text(encoding="utf-8").partition("[fees.eur]")[0], encoding="utf-8")

    page = read(make_lonely_app(file).test_client().get("/support"))

    assert "cover_fees" not in page.offered


def test_covered_fees_are_charged_to_the_cent_and_named_on_stripes_page(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    send(client, amount_month="5", cover_fees="yes")

    (opened,) = open_sessions(stripe)
    pledge = only_pledge(parts)
    assert opened["amount_total"] == 541
    assert opened["custom_text"]["submit"]["message"] == (
        "As agreed: €5.41 in all, €5 of it for The Harbour Courier, €0.41 for the payment fees."
    )
    assert (pledge.amount_minor, pledge.fees_minor) == (541, 41)


def test_the_box_left_alone_charges_the_gift_and_says_nothing_of_fees(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    send(client, amount_month="5")

    (opened,) = open_sessions(stripe)
    assert opened["amount_total"] == 500
    assert not opened["custom_text"]["submit"]
    assert only_pledge(parts).fees_minor == 0


def test_a_typed_amount_is_answered_with_its_exact_sum_before_anything_is_agreed(
    client: FlaskClient, stripe: SimulatorProcess
) -> None:
    answer = send(client, **SEVEN)

    page = read(answer)
    assert answer.status_code == 200
    assert open_sessions(stripe) == []
    assert "You pay €7.47 once: €7 for us, €0.47 for the fees." in page.text
    assert page.fields["agreed_total"] == "7.47"
    assert "cover-fees" in ticked(page)


def test_the_second_press_agrees_to_just_that_sum(client: FlaskClient, stripe: SimulatorProcess) -> None:
    shown = read(send(client, **SEVEN)).fields

    answer = client.post("/support", data=shown)

    assert answer.status_code == 303
    assert [one["amount_total"] for one in open_sessions(stripe)] == [747]


def test_another_amount_typed_meanwhile_is_shown_anew(client: FlaskClient, stripe: SimulatorProcess) -> None:
    shown = read(send(client, **SEVEN)).fields

    answer = client.post("/support", data=shown | {"other_amount": "8"})

    assert answer.status_code == 200
    assert read(answer).fields["agreed_total"] == "8.50"
    assert open_sessions(stripe) == []


def test_who_unticks_the_box_again_pays_the_gift_alone(client: FlaskClient, stripe: SimulatorProcess) -> None:
    shown = read(send(client, **SEVEN)).fields
    shown.pop("cover_fees")

    client.post("/support", data=shown)

    assert [one["amount_total"] for one in open_sessions(stripe)] == [700]


def test_one_press_switches_a_gift_made_once_to_a_little_monthly(reader: FlaskClient) -> None:
    form = fill(reader, "/support?campaign=spring", interval="once", email="half typed", name="Ada")

    page = read(reader.post("/support", data=form | {"instead": "5"}))

    assert (page.fields["interval"], page.fields["amount_month"]) == ("month", "5")
    assert (page.fields["email"], page.fields["name"]) == ("half typed", "Ada")
    assert page.fields["campaign"] == "spring"


def test_the_monthly_amount_offered_says_what_it_comes_to_in_a_year(reader: FlaskClient) -> None:
    page = read(reader.get("/support?interval=once"))

    offered = [button["value"] for button in page.all("button") if button.get("name") == "instead"]
    assert offered == ["2", "2", "5", "10", "2"]
    assert "€5 a month comes to €60 a year." in page.text


def test_a_monthly_amount_of_no_use_changes_only_the_interval(reader: FlaskClient) -> None:
    page = read(reader.post("/support", data=fill(reader, interval="once") | {"instead": "much"}))

    assert (page.fields["interval"], page.fields["amount_month"]) == ("month", "5")


def test_a_dedication_is_sealed_until_it_is_paid_and_goes_nowhere_else(
    client: FlaskClient, parts: Parts, stripe: SimulatorProcess
) -> None:
    send(client, note_kind="memory", note="For  Nana\r\nwho read every issue")

    with reading(parts.sessions) as session:
        packed = parts.vault.find_note(session, only_pledge(parts).id)
    assert unpack_note(packed or "") == (NoteKind.memory, "For Nana\nwho read every issue")
    assert "Nana" not in str(stripe.objects("checkout.session"))


def test_281_characters_are_too_many_and_come_back(reader: FlaskClient) -> None:
    answer = send(reader, note="я" * 281)

    assert answer.status_code == 422
    assert "at most 280 characters" in read(answer).text
    assert "я" * 281 in answer.text


def test_280_characters_with_formulas_and_emoji_are_taken(client: FlaskClient, parts: Parts) -> None:
    words = '=HYPERLINK("x") 👩🏽‍🚀 שלום ' + "я" * 253

    assert send(client, note=words[:280]).status_code == 303

    with reading(parts.sessions) as session:
        packed = parts.vault.find_note(session, only_pledge(parts).id)
    assert unpack_note(packed or "")[1] == words[:280].strip()


def test_a_wish_for_a_mail_is_kept_only_where_the_box_was_ticked(client: FlaskClient, parts: Parts) -> None:
    send(client)
    send(client, email="ben@example.org", mail_me="yes")

    with reading(parts.sessions) as session:
        wish = session.scalars(sa.select(ResumeWish)).one()
        pledge = session.get_one(Pledge, wish.pledge_id)
        contact = parts.vault.find_contact(session, pledge.id)
    assert contact is not None
    assert contact.address == "ben@example.org"
    assert wish.due_at - pledge.created_at == timedelta(hours=3)


def test_two_forms_of_one_mailbox_are_one_wish_for_the_newer(client: FlaskClient, parts: Parts) -> None:
    send(client, mail_me="yes")
    send(client, mail_me="yes", email="ADA@example.org", amount_month="10")

    with reading(parts.sessions) as session:
        wish = session.scalars(sa.select(ResumeWish)).one()
        assert session.get_one(Pledge, wish.pledge_id).amount_minor == 1000
