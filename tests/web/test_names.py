"""Names and addresses of every kind, from the form to the last file that leaves the house."""

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import parts_of
from app.billing.models import Payout
from app.flows.parts import Parts
from app.flows.statements import draw_statement
from app.giving.forms import LONGEST_NAME
from app.giving.models import NoteKind
from app.kernel.clock import local_date, utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.receipts.models import Receipt
from app.vault.vault import PersonInClear
from tests.support.canary import dump
from tests.support.cast import ADA
from tests.support.desk import add_account, post
from tests.support.desk import sign_in as sign_in_staff
from tests.support.letters import said_in
from tests.support.mail import MailCatcher
from tests.support.pdf import text_of
from tests.support.signed_in import sign_in
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import read, send

NAMES = {
    "one word": "Sukarno",
    "one letter": "Ý",
    "very long": "Wolfeschlegelsteinhausenbergerdorff " * 3 + "Hubert B.",
    "the longest without a space": "Ж" * LONGEST_NAME,
    "cyrillic": "Пётр Ильич Щёголев-Ёлкин",
    "hebrew": "זהבה בן־גוריון",
    "arabic": "محمد بن عبد العزيز",
    "persian, with a joiner": "مهسا\u200cسادات رضایی",
    "both ways": "Ada שלום Adler",
    "emoji": "Ada 👩‍🚀 🇺🇦",
    "punctuation": "Seán O'Brien-Ó Súilleabháin, Jr. <& Sons>",
}
FORMULA = '=HYPERLINK("https://evil.example/","click")'
POSTAL_CODE = "00742"
"""A place whose code is another number, and no code at all, once it is read as a number."""


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    stripe.settings(payout_schedule="daily")
    return World(parts, stripe)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_edge_24_a_name_comes_whole_from_the_form_to_record_mail_receipt_and_file(
    app: Flask, client: FlaskClient, world: World, mails: MailCatcher, name: str
) -> None:
    """Stripe is told the address alone: a name goes from our own form into the vault, and nowhere else."""
    opened = send(client, name=name, email=ADA.address)
    world.pay(opened.headers["Location"].rpartition("/")[2], replace(ADA, name="NAME ON CARD"))
    world.settle()
    world.send_mail()

    (mail,) = mails.messages
    assert recipient_of(mail) == (name, ADA.address)
    assert name in said_in(mail)
    (pdf,) = (part.get_content() for part in mail.iter_attachments())
    assert Counter(name.replace(" ", "")) <= Counter(text_of(pdf)) or is_missing_marks_only(name, pdf)
    assert name in record_of(app, world.one(Member).code)
    told = data_file(client, world)
    assert told["you"][0]["name"] == told["receipts"][0]["name"] == name
    assert name not in json.dumps(world.stripe.requests(), ensure_ascii=False)


@pytest.mark.parametrize("name", ["x" * (LONGEST_NAME + 1), "Ж" * 5000], ids=["a letter over", "a book"])
def test_edge_24_a_name_over_the_longest_comes_back_with_what_to_do(client: FlaskClient, name: str) -> None:
    answer = send(client, name=name, email=ADA.address)

    assert answer.status_code == 422
    assert f"{LONGEST_NAME}" in read(answer).text


def test_edge_24_a_postal_code_that_stripe_knows_changes_nothing_and_is_kept_nowhere(
    world: World, database_url: str
) -> None:
    """We ask for none. Whatever Stripe's pages or staff add to a customer there, its zeros are Stripe's."""
    world.give(ADA)
    (customer,) = world.stripe.objects("customer")
    world.v1.customers.update(
        customer["id"],
        {
            "name": "Ada A. Adler",
            "address": {"line1": "7 Calle Sol", "postal_code": POSTAL_CODE, "city": "Ceiba", "country": "PR"},
        },
    )

    world.settle()
    world.advance(days=32)
    world.settle()

    (customer,) = world.stripe.objects("customer")
    assert customer["address"]["postal_code"] == POSTAL_CODE
    assert world.person_of(world.one(Member)) == ADA
    assert len(world.rows(Receipt)) == 2
    assert not re.search(rf"\b{POSTAL_CODE}\b|Ceiba|Calle", dump(database_url))


def test_edge_25_a_formula_is_text_in_every_file_that_leaves_the_desk(
    app: Flask, desk: FlaskClient, world: World
) -> None:
    """Whatever can be exported is: a new export is walked by itself."""
    give_with_formulas(world)

    files = {path: desk.get(path) for path in exports(app, world)}

    assert len(files) >= 10
    assert {answer.status_code for answer in files.values()} == {200}
    cells = [cell for path, answer in files.items() for cell in cells_of(path, answer.data)]
    assert FORMULA.strip() in "".join(cells), "no export holds what was typed: the walk proves nothing"
    assert [cell for cell in cells if would_run(cell)] == []


def test_edge_25_a_formula_is_text_in_the_file_of_all_data_and_on_a_statement(
    client: FlaskClient, world: World
) -> None:
    give_with_formulas(world)
    member = world.one(Member)

    told, table = data_file(client, world), data_table(client, world)
    year = local_date(utc_now(), world.parts.newsroom.zone).year
    statement = draw_statement(world.parts, member.id, year, language="en", now=utc_now())

    assert told["you"][0]["name"] == FORMULA
    assert [cell for row in csv.reader(io.StringIO(table)) for cell in row if would_run(cell)] == []
    assert FORMULA in text_of(statement.pdf)


def give_with_formulas(world: World) -> None:
    """Ada types formulas wherever she can; her money is paid out."""
    ada = PersonInClear(address="=1+1@example.org", name=FORMULA)
    form = world.form(ada, Money(2500, "eur"), Interval.once, campaign="a-campaign")
    world.pay(world.open_session(replace(form, note=FORMULA, note_kind=NoteKind.word)), ada)
    world.settle()
    world.advance(days=6)
    world.settle()


def exports(app: Flask, world: World) -> Iterator[str]:
    """Return the path of every export of the desk, in both kinds."""
    payout_id = world.rows(Payout)[-1].stripe_payout_id
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "export" in rule.rule:
                assert rule.arguments <= {"kind", "stripe_payout_id"}, rule.rule
                for kind in ("csv", "xlsx"):
                    values = {"kind": kind, "stripe_payout_id": payout_id}
                    built = rule.build({name: values[name] for name in rule.arguments})
                    assert built
                    yield built[1]


def cells_of(path: str, data: bytes) -> list[str]:
    """Return every cell of a file; of a workbook, a formula as the spreadsheet would have it."""
    if path.endswith("csv"):
        return [cell for row in csv.reader(io.StringIO(data.decode())) for cell in row]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    return [f"'{cell.value}" for cell in cells]


def would_run(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula; a negative amount is a number."""
    return cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not re.fullmatch(r"-\d+(\.\d+)?", cell)


def is_missing_marks_only(name: str, pdf: bytes) -> bool:
    """Whether what an extractor lost of a name are joiners and the spelling of shapes, not letters."""
    lost = Counter(name.replace(" ", "")) - Counter(text_of(pdf))
    return not [character for character in lost if character.isalnum()]


def recipient_of(mail: EmailMessage) -> tuple[str, str]:
    """Return name and address as the standard reads them; Python's newer reader puts spaces into names."""
    written = mail.as_bytes(policy=policy.default.clone(refold_source="none"))
    unfolded = message_from_bytes(written, policy=policy.compat32)["To"].replace("\n ", " ")
    name, _, address = str(make_header(decode_header(unfolded))).rpartition(" <")
    return name.strip('"'), address.rstrip(">")


def record_of(app: Flask, code: str) -> str:
    """Return the words of a record with its person, as staff see them after a deliberate click."""
    staff = app.test_client()
    add_account(app)
    sign_in_staff(staff)
    return read(post(staff, f"/staff/members/{code}", {})).text


def data_file(client: FlaskClient, world: World) -> dict[str, list[dict[str, Any]]]:
    return dict(json.loads(data_part(client, world, "everything.json")))


def data_table(client: FlaskClient, world: World) -> str:
    return data_part(client, world, "payments.csv").removeprefix("\ufeff")


def data_part(client: FlaskClient, world: World, name: str) -> str:
    """Return a part of the file that the member takes away."""
    fields = sign_in(client, parts_of(client.application), world.one(Member).id)
    sent = client.post("/manage/data", data=fields)
    with zipfile.ZipFile(io.BytesIO(sent.data)) as archive:
        return archive.read(name).decode()
