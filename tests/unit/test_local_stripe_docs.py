"""The local Stripe's reference says what its code does: every name in one is in the other."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from app.simulator.delivery.orders import Orders
from app.simulator.engine.cards import BY_NUMBER
from app.simulator.engine.sepa import KINDS
from app.simulator.http.doors import SETTINGS, Doors
from app.simulator.pages.forms import OFFERED, OFFERED_ACCOUNTS
from app.simulator.pages.words import SENTENCES, WORDS
from tests.support.local_stripe_tables import PAGE, TABLES, renewed

ROOT = Path(__file__).resolve().parents[2]


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    """What stands in code in the first cell of each row under a heading."""
    section = text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)`", section, re.M)


def test_the_tables_are_those_of_the_code() -> None:
    assert [name for name in TABLES if f"<!-- {name} -->" not in text()] == []
    assert renewed(text()) == text(), "renew them: python -m tests.support.local_stripe_tables"


def test_a_table_that_lags_behind_would_be_seen() -> None:
    assert renewed(text().replace("| `4242424242424242` |", "| `4242` |")) == text()


def test_every_option_of_the_command_is_there() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "app.simulator", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout

    options = set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", told, re.M)) - {"--help"}

    assert set(first_column("Command")) == options


def test_every_door_is_there() -> None:
    written = {
        (method.lower(), re.split(r"[/?]", path)[0])
        for method, path in re.findall(r"^\| `(GET|POST|DELETE) /_sim/([^`]+)`", text(), re.M)
    }
    built = {
        tuple(name.split("_", 1)) for name in vars(Doors) if name.split("_")[0] in {"get", "post", "delete"}
    }

    assert written == built


def test_every_setting_is_there() -> None:
    assert sorted(first_column("Settings")) == sorted(SETTINGS)


def test_every_order_for_webhooks_is_there() -> None:
    assert sorted(first_column("Faults of webhooks")) == sorted(one.name for one in fields(Orders))


def test_the_pages_offer_cards_and_accounts_that_are_there() -> None:
    assert set(OFFERED) <= BY_NUMBER.keys()
    assert OFFERED_ACCOUNTS.keys() <= set(KINDS)


def test_every_language_of_the_pages_has_every_word_and_every_hole() -> None:
    english = {word: holes(said) for word, said in WORDS["en"].items()}

    for lang, words in WORDS.items():
        assert {word: holes(said) for word, said in words.items()} == english, lang
    assert SENTENCES.keys() == WORDS.keys() - {"en"}
    assert SENTENCES["ru"].keys() == SENTENCES["ar"].keys()


def holes(said: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", said))
