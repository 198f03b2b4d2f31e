"""The documentation says what the code does: every name in one is in the other."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from pydantic import BaseModel

from app.factory import create_app
from app.outbox.models import MailKind
from app.schema import metadata
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from config.gifts import GiftTerms
from config.newsroom import CurrencyOffer, Newsroom
from config.settings import Settings
from tests.conftest import make_settings

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FLASKS_OWN = {"run", "routes", "shell"}
HOSTS = re.compile(
    r"127\.0\.0\.1|[\w.]*example(\.org)?|docs\.stripe\.com|dashboard\.stripe\.com|(www\.)?w3\.org"
)
"""Where addresses may lead: this machine, made-up hosts, and what rules the matter."""
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.])/(?:home|root|tmp|Users)/")
LARGEST_PICTURE_BYTES = 200_000
NEVER_PROMISED = re.compile(r"\banonym\w*|\buntraceable\b|\b(?:is|are|be|stay|keeps?(?: \w+)?) safe\b", re.I)


@pytest.fixture(scope="module")
def product() -> Flask:
    return create_app(
        make_settings("sqlite://", stripe_url="http://127.0.0.1:1", smtp_url="smtp://127.0.0.1")
    )


def first_column(name: str) -> list[str]:
    """What stands in code in the first cell of each row of a reference page's tables."""
    return re.findall(r"^\| `([^`]+)`", text_of(name), re.M)


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_every_variable_is_in_the_environment_reference() -> None:
    assert sorted(first_column("environment.md")) == sorted(name.upper() for name in Settings.model_fields)


def test_every_variable_is_in_the_example_file() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^#?([A-Z][A-Z_]+)=", lines, re.M)) == sorted(
        name.upper() for name in Settings.model_fields
    )


def test_the_example_file_shows_the_defaults() -> None:
    shown = re.findall(r"^#([A-Z][A-Z_]+)=(.+)", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M)

    assert shown == [(name, str(Settings.model_fields[name.lower()].default)) for name, _ in shown]


def test_every_part_of_the_newsrooms_file_is_in_its_reference() -> None:
    assert sorted(first_column("newsroom-file.md")) == sorted(newsroom_keys())


def newsroom_keys() -> Iterator[str]:
    for name, field in Newsroom.model_fields.items():
        if name == "currencies":
            yield name
            yield from (f"currencies.eur.{part}" for part in CurrencyOffer.model_fields)
        elif name == "gifts":
            yield name
            yield from (f"gifts.{part}" for part in GiftTerms.model_fields)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (f"{name}.{part}" for part in field.annotation.model_fields)
        else:
            yield name


def test_every_route_is_on_the_page_of_pages(product: Flask) -> None:
    written = re.findall(r"^\| ([A-Z, ]+) \| `([^`]+)`", text_of("pages.md"), re.M)
    answered = [
        (", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})), plain(rule.rule))
        for rule in product.url_map.iter_rules()
    ]

    assert sorted((methods, plain(path)) for methods, path in written) == sorted(answered)


def plain(rule: str) -> str:
    """A route without its converters: `<uuid:receipt_id>` is `<receipt_id>`."""
    return re.sub(r"<[^<>]*:(\w+)>", r"<\1>", rule)


def test_every_command_is_in_the_reference_with_its_options(product: Flask) -> None:
    sections = dict(
        re.findall(r"^### flask ([a-z -]+?)(?: [A-Z.\[\]]+)*\n(.*?)(?=^##|\Z)", commands(), re.M | re.S)
    )
    written = {name: set(re.findall(r"^\| `(--[a-z-]+)`", body, re.M)) for name, body in sections.items()}

    assert written == dict(own_commands(product))


def commands() -> str:
    return text_of("commands.md")


def own_commands(product: Flask) -> Iterator[tuple[str, set[str]]]:
    for name, command in product.cli.commands.items():
        if name not in FLASKS_OWN:
            yield from leaves(command, name)


def leaves(command: click.Command, path: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from leaves(inner, f"{path} {name}")
    else:
        options = [one for one in command.params if isinstance(one, click.Option)]
        yield path, {spelling for option in options for spelling in option.opts}


def test_every_command_says_what_it_does_and_gives_an_example(product: Flask) -> None:
    for name, command in product.cli.commands.items():
        if name not in FLASKS_OWN:
            for path, leaf in with_objects(command, name):
                assert "Example:" in (leaf.help or ""), path


def with_objects(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from with_objects(inner, f"{path} {name}")
    else:
        yield path, command


def test_every_make_command_is_in_the_reference() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    written = re.findall(r"^\| `make ([a-z-]+)`", commands(), re.M)

    assert sorted(written) == sorted(re.findall(r"^([a-z-]+):.*## ", makefile, re.M))


def test_every_event_we_follow_is_in_the_reference() -> None:
    assert sorted(first_column("webhook-events.md")) == sorted(FOLLOWED_EVENTS)


def test_every_table_is_in_the_reference() -> None:
    assert sorted(first_column("database.md")) == sorted([*metadata.tables, "alembic_version"])


def test_of_every_table_is_said_how_long_its_rows_last() -> None:
    page = (ROOT / "docs" / "explanation" / "what-is-kept.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+`) \|", page, re.M)

    said = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]

    assert sorted(said) == sorted([*metadata.tables, "alembic_version"])


def test_every_mail_is_in_the_reference() -> None:
    assert sorted(first_column("mails.md")) == sorted(kind.value for kind in MailKind)


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_resolves(document: Path) -> None:
    assert broken_links(document) == []


def broken_links(document: Path) -> list[str]:
    targets = re.findall(r"\]\(([^()\s]+)\)", document.read_text(encoding="utf-8"))
    return [target for target in targets if "://" not in target and not resolves(document, target)]


def resolves(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = (document.parent / path) if path else document
    return found.exists() and (not anchor or anchor in anchors(found))


def anchors(document: Path) -> set[str]:
    """The addresses of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_a_link_to_nowhere_would_be_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n[a](#here) [b](#gone) [c](gone.md) [d](page.md#here) ![e](gone.png)\n")

    assert broken_links(page) == ["#gone", "gone.md", "gone.png"]


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^()\s]+)\)", contents)}
    own = {page for page in PAGES if page.is_relative_to(ROOT / "docs") and page.parent.name != "adr"}

    assert own - linked == {ROOT / "docs" / "README.md"}


@pytest.mark.parametrize(
    "document", [*PAGES, ROOT / ".env.example"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_addresses_and_folders_are_nobodys_own(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://(?:[^/\s@]+@)?([\w.-]+)", text))

    assert [host for host in hosts if not HOSTS.fullmatch(host)] == []
    assert SOMEBODYS_FOLDER.findall(text) == []


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_promises_a_reader_what_software_cannot_keep(document: Path) -> None:
    assert NEVER_PROMISED.findall(document.read_text(encoding="utf-8")) == []


def test_every_picture_is_small_and_shown() -> None:
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    for picture in (ROOT / "docs" / "images").glob("*"):
        assert picture.stat().st_size < LARGEST_PICTURE_BYTES, picture.name
        assert picture.name in shown
