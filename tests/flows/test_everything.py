"""All that is held about a member, in one file: nothing left out, and nothing of anybody else."""

import csv
import io
import json
import zipfile
from typing import Any

from app.flows.people.address import ask_for_address
from app.flows.people.data_file import BYTE_ORDER_MARK, COLUMNS, pack
from app.flows.people.erase import erase_by_code
from app.flows.people.everything import SECTIONS, collect
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.schema import metadata
from tests.support.cast import ADA, BEN
from tests.support.world import World


def file_of(world: World, language: str = "en") -> dict[str, str]:
    """Ada's file, part by part."""
    held = collect(world.parts, world.rows(Member)[0].id, now=utc_now())
    packed = pack(held, newsroom="The Harbour Courier", language=language)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def everything_of(world: World) -> dict[str, list[dict[str, Any]]]:
    return dict(json.loads(file_of(world)["everything.json"]))


def test_every_table_with_rows_of_a_member_is_in_it() -> None:
    by_member = {table.name for table in metadata.sorted_tables if "member_id" in table.columns}
    told = {model.__tablename__ for model, _ in SECTIONS.values()}

    assert by_member <= told


def test_it_says_who_the_member_is_and_what_they_gave(world: World) -> None:
    world.give(ADA)
    world.give(ADA, Money(2500, "usd"), Interval.once)

    told = everything_of(world)

    (you,) = told["you"]
    assert (you["name"], you["address"]) == ("Ada Adler", "ada@example.org")
    assert [one["amount_minor"] for one in told["payments"]] == [200, 2500]
    assert len(told["receipts"]) == 2
    assert told["receipts"][0]["name"] == "Ada Adler"
    assert [one["kind"] for one in told["facts_of_support"]] == ["started"]
    assert [one["kind"] for one in told["mails_to_you"]] == ["receipt", "receipt"]


def test_nothing_of_anybody_else_is_in_it(world: World) -> None:
    world.give(ADA)
    world.give(BEN)

    ada = file_of(world)["everything.json"]

    for secret in ("ben@example.org", world.rows(Member)[1].code, str(world.rows(Member)[1].id)):
        assert secret not in ada


def test_what_tells_processes_and_browsers_apart_is_not_in_it(world: World) -> None:
    world.give(ADA)
    ask_for_address(world.parts, world.one(Member).id, "new@example.org", now=utc_now())

    names = {name for rows in everything_of(world).values() for row in rows for name in row}

    assert not names & {"lease_token", "resume_key", "form_nonce", "address_digest", "nonce"}
    assert not any(name.startswith("sealed_") for name in names)


def test_the_table_of_payments_opens_in_a_spreadsheet_and_runs_nothing(world: World) -> None:
    world.give(ADA, Money(2550, "eur"), Interval.once)

    table = file_of(world)["payments.csv"]

    assert table.startswith(BYTE_ORDER_MARK)
    head, payment = csv.reader(io.StringIO(table.removeprefix(BYTE_ORDER_MARK)))
    assert tuple(head) == COLUMNS
    assert payment[1:4] == ["25.50", "eur", "0"]


def test_the_guide_explains_every_part_in_both_languages(world: World) -> None:
    world.give(ADA)

    for language, said in (("en", "All that The Harbour Courier holds about you"), ("ru", "Всё, что")):
        guide = file_of(world, language)["read-me.txt"]
        assert said in guide
        for name in ("you", *SECTIONS):
            assert f"\n{name}: " in guide


def test_edge_26_once_erased_the_file_holds_no_person(world: World) -> None:
    world.give(ADA)
    erase_by_code(world.parts, world.one(Member).code, now=utc_now())

    told = file_of(world)["everything.json"]

    assert "ada@example.org" not in told
    assert "Ada Adler" not in told
