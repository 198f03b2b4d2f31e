"""Staff merge two records by command: told first what is done, asked, and able to take it back."""

import pytest

from app.cli.members import TABLES
from app.flows.people.merge import MOVED
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member, Merge
from app.vault.vault import PersonInClear
from tests.cli.conftest import Run
from tests.support.cast import ADA
from tests.support.world import World

AT_WORK = PersonInClear(address="ada@work.example", name=None)


@pytest.fixture
def codes(world: World) -> tuple[str, str]:
    world.give(ADA)
    world.give(AT_WORK, Money(1000, "eur"), Interval.month)
    ada, at_work = world.rows(Member)
    return ada.code, at_work.code


def test_a_dry_run_says_all_and_does_nothing(run: Run, world: World, codes: tuple[str, str]) -> None:
    said = run("members", "merge", *codes, "--dry-run")

    assert said.exit_code == 0, said.output
    assert f"{codes[1]} becomes another name of {codes[0]}." in said.output
    assert "1 subscriptions move" in said.output
    assert "Both are charged" in said.output
    assert said.output.endswith("Nothing was changed.\n")
    assert "example" not in said.output
    assert world.rows(Merge) == []


def test_every_table_that_moves_has_a_name_that_staff_know() -> None:
    assert set(TABLES) == {model.__tablename__ for model in MOVED}


def test_it_asks_before_it_merges_and_before_it_takes_that_back(
    run: Run, world: World, codes: tuple[str, str]
) -> None:
    assert run("members", "merge", *codes, input="n\n").exit_code == 1
    assert world.rows(Merge) == []

    assert run("members", "merge", *codes, input="y\n").exit_code == 0
    assert world.one(Merge).undone_at is None
    assert run("members", "unmerge", codes[1], "--dry-run").output.endswith("Nothing was changed.\n")
    assert world.one(Merge).undone_at is None
    said = run("members", "unmerge", codes[1], "--yes")

    assert said.output.endswith("They are two records again.\n")
    assert world.one(Merge).undone_at


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("merge", "{0}", "{0}"), "one record already"),
        (("merge", "{0}", "ZZZZ-ZZZZ"), "No member has the code ZZZZ-ZZZZ."),
        (("unmerge", "{0}"), "was not merged"),
    ],
)
def test_what_cannot_be_done_is_said_with_status_1(
    run: Run, codes: tuple[str, str], words: tuple[str, ...], told: str
) -> None:
    said = run("members", *(word.format(*codes) for word in words))

    assert said.exit_code == 1
    assert told in said.output
