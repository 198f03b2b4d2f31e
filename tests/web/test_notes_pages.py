"""What readers write with their support: on the desk, on the record, in files; gone with the person."""

import csv
import io
from dataclasses import replace

import openpyxl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.db import reading
from app.flows.parts import Parts
from app.flows.people.erase import erase_by_code
from app.giving.models import Note, NoteKind
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.vault.vault import PersonInClear
from tests.support.cast import ADA, BEN
from tests.support.simulator import SimulatorProcess
from tests.support.world import World
from tests.web.reader import read

FORMULA = '=HYPERLINK("https://elsewhere.example")'
LONG_NAMES = "Ἀριστοτέλης בן־גוריון Салтыков-Щедрин 🏳️‍🌈\nand all of us"


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


def write(world: World, reader: PersonInClear, text: str, kind: NoteKind = NoteKind.word) -> None:
    """Give once with a note, and let everything come through."""
    form = world.form(reader, Money(2500, "eur"), Interval.once)
    world.pay(world.open_session(replace(form, note=text, note_kind=kind)), reader)
    world.settle()


def code_of(world: World, number: int = 0) -> str:
    return world.rows(Member)[number].code


def test_staff_read_what_came_with_a_paid_pledge(desk: FlaskClient, world: World) -> None:
    write(world, ADA, "For Nana, who read every issue", NoteKind.memory)

    listed = read(desk.get("/staff/notes")).text
    record = read(desk.get(f"/staff/members/{code_of(world)}")).text

    for text in (listed, record):
        assert "In memory of For Nana, who read every issue" in text
    assert code_of(world) in listed


def test_what_was_never_paid_reaches_nobody_and_is_forgotten_with_the_contact(
    desk: FlaskClient, world: World
) -> None:
    world.open_session(replace(world.form(BEN), note="I did not finish"))

    assert "I did not finish" not in desk.get("/staff/notes?show=all").text
    assert not world.rows(Note)


def test_a_mark_takes_a_note_from_the_unread(desk: FlaskClient, world: World) -> None:
    write(world, ADA, "Keep going")

    token = read(desk.get("/staff/notes")).fields["csrf_token"]

    answer = desk.post(f"/staff/notes/{world.one(Note).id}/read", data={"csrf_token": token})

    assert answer.status_code == 302
    assert world.one(Note).read_at
    assert "Keep going" not in desk.get("/staff/notes").text
    assert "Keep going" in desk.get("/staff/notes?show=all").text


def test_a_note_is_stored_once_however_often_its_payment_is_looked_at(world: World) -> None:
    write(world, ADA, "Keep going")

    world.deliver(list(world.delivered))
    world.settle()

    assert len(world.rows(Note)) == 1


def test_edge_24_names_of_every_script_are_shown_as_they_were_written(
    desk: FlaskClient, world: World
) -> None:
    write(world, ADA, LONG_NAMES, NoteKind.honour)

    assert LONG_NAMES in desk.get("/staff/notes").text


def test_edge_25_a_formula_stays_text_in_every_file(desk: FlaskClient, world: World) -> None:
    write(world, ADA, FORMULA)

    as_csv = list(csv.reader(io.StringIO(desk.get("/staff/notes/export.csv").text)))
    sheet = openpyxl.load_workbook(io.BytesIO(desk.get("/staff/notes/export.xlsx").data)).active

    assert as_csv[1][3] == f"'{FORMULA}"
    assert sheet is not None
    assert (sheet["D2"].value, sheet["D2"].data_type) == (FORMULA, "s")


def test_markup_in_a_note_is_shown_and_not_run(desk: FlaskClient, world: World) -> None:
    write(world, ADA, "<script>alert(1)</script>")

    answer = desk.get("/staff/notes")

    assert "<script>alert" not in answer.text
    assert "<script>alert(1)</script>" in read(answer).text


def test_whoever_is_erased_takes_their_words_along(desk: FlaskClient, world: World, parts: Parts) -> None:
    write(world, ADA, "For Nana")
    code = code_of(world)
    erase_by_code(parts, code, now=utc_now())

    for page in ("/staff/notes?show=all", f"/staff/members/{code}", "/staff/notes/export.csv"):
        answer = desk.get(page)
        assert answer.status_code == 200
        assert "For Nana" not in answer.text
    assert not world.rows(Note)


def test_the_words_stand_in_no_row_no_log_and_nowhere_at_stripe(
    world: World, parts: Parts, capsys: pytest.CaptureFixture[str]
) -> None:
    write(world, ADA, "zq-nana-4417")

    with reading(parts.sessions) as session:
        row = session.execute(sa.select(Note.__table__)).one()
    assert b"zq-nana" not in row.sealed_text
    assert "zq-nana" not in str(row)
    assert "zq-nana" not in "".join(capsys.readouterr())
    for kind in ("checkout.session", "payment_intent", "customer", "charge", "event"):
        assert "zq-nana" not in str(world.stripe.objects(kind))
