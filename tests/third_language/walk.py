"""Run in a copy of the product by `test_third_language`: whatever is said outside of the marks is a fault."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.access import parts_of
from app.billing.models import Subscription
from app.factory import create_app
from app.flows.parts import Parts
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from tests.conftest import make_settings
from tests.support.browser import chromium
from tests.support.cast import ADA
from tests.support.databases import Databases
from tests.support.every_letter import EveryLetter
from tests.support.letters import LINK, said_in
from tests.support.mail import MailCatcher
from tests.support.signed_in import sign_in, sign_in_browser
from tests.support.simulator import SimulatorProcess
from tests.support.untranslated import SAID_IN
from tests.support.world import World
from tests.third_language.copying import BEGIN, END, LANGUAGE
from tests.web.reader import fill, path_of
from tests.web.scenes import serve

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORD = re.compile(r"[A-Za-zА-Яа-яЁё]{2,}")
CODES = re.compile(r"\b[A-Z]{2,8}-\d{4}-\d+\b|\S+@\S+|[A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z]{2}[$£¥]|xxx+|yyy+")
"""Numbers of documents, addresses, codes, signs of currencies, and what these tests type."""
NO_PAGES = frozenset(
    """
    reader.show_script reader.show_words reader.fetch_receipt reader.fetch_credit_note reader.show_receipt
    reader.show_statement
    """.split()
)
"""Scripts and documents, which `documents.py` reads."""
LED_ELSEWHERE = frozenset("reader.front_door reader.show_support_card reader.show_support_end".split())
"""They lead on at once."""
FRAMES = frozenset({"page-has-heading-one"})
"""What axe wants of a page, and a frame within one has not."""


@pytest.fixture
def app(databases: Databases, stripe: SimulatorProcess, mails: MailCatcher) -> Iterator[Flask]:
    url = databases.create("sqlite")
    created = create_app(make_settings(url, stripe_url=stripe.url, smtp_url=mails.url))
    created.testing = True
    yield created
    parts_of(created).sessions.kw["bind"].dispose()
    databases.drop(url)


@pytest.fixture
def world(parts: Parts, stripe: SimulatorProcess) -> World:
    return World(parts, stripe)


SILENT = ("script", "style", "code")
"""What they hold is for machines."""


class Said(HTMLParser):
    """All that a page says, attributes that are read out among it, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is said of an element, and where it leads."""
        values = {name: value or "" for name, value in attrs}
        self._silent += tag in SILENT
        self.words += [values[name] for name in values if name in SAID_IN]
        if tag == "input" and values.get("type") == "submit":
            self.words.append(values.get("value", ""))
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not said."""
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        """Note words."""
        if not self._silent:
            self.words.append(data)


def unmarked(text: str, world: World) -> list[str]:
    """Return the words outside of all marks, but for names, addresses, codes and numbers."""
    outside, depth = [], 0
    for character in text:
        depth -= character == END and depth > 0
        if depth == 0:
            outside.append(" " if character in (BEGIN, END) else character)
        depth += character == BEGIN
    left = LINK.sub(" ", "".join(outside))
    for name in sorted(filter(None, names_in(world)), key=len, reverse=True):
        left = left.replace(name, " ")
    return WORD.findall(CODES.sub(" ", left))


def names_in(world: World) -> list[str]:
    """Return what is called the same in every language."""
    entity = world.parts.newsroom.legal_entity
    return [
        entity.name,
        *entity.address,
        entity.registration,
        world.parts.newsroom.name,
        world.parts.newsroom.contact_address,
        world.parts.newsroom.statement_descriptor,
        *(code.upper() for code in world.parts.newsroom.currencies),
        "main",
        *world.parts.newsroom.appeal.variants,
        str(ADA.name),
        ADA.address,
        "English",
        "Русский",
        "Visa",
        "PDF",
        *(member.code for member in world.rows(Member)),
    ]


def faults(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return where something was found."""
    return {where: what for where, what in found.items() if what}


def ada_supports(world: World, client: FlaskClient) -> dict[str, str]:
    """Ada gives monthly and gave once; returns the hidden field of her forms."""
    for amount, interval in ((Money(2500, "eur"), Interval.once), (Money(500, "eur"), Interval.month)):
        session_id = world.open_session(world.form(ADA, amount, interval, language=LANGUAGE))
        world.pay(session_id, ADA)
        world.settle()
    return sign_in(client, world.parts, world.one(Member).id)


def seeds(world: World, app: Flask) -> list[str]:
    session_id = world.stripe.objects("checkout.session")[-1]["id"]
    support_id = world.one(Subscription).id
    changes = [f"/manage/support/{support_id}/{what}" for what in ("amount", "pause", "skip", "day", "end")]
    plain = [rule.rule for rule in open_rules(app)]
    thanks = [f"/support/thanks?session_id={session_id}", "/support/thanks?session_id=cs_nothing"]
    forms = ["/support?interval=once&amount=25", "/support?interval=year", "/nowhere"]
    return [*plain, *changes, *thanks, *forms]


def crawl(client: FlaskClient, first: list[str]) -> dict[str, str]:
    """Return every page that can be reached from these by links of ours, by its path."""
    waiting, pages, tried = list(first), {}, set()
    while waiting:
        path = in_language(waiting.pop())
        if path in tried:
            continue
        tried.add(path)
        answer = client.get(path)
        if answer.status_code in (302, 303):
            waiting += [path_of(answer.location)] if is_ours(answer.location) else []
        elif answer.status_code != 405 and answer.mimetype == "text/html":
            pages[path] = answer.text
            waiting += [path_of(link) for link in Said(answer.text).links if is_ours(link)]
    return pages


def in_language(path: str) -> str:
    kept = re.sub(r"([?&])lang=\w+&?", r"\1", path).rstrip("?&")
    return f"{kept}{'&' if '?' in kept else '?'}lang={LANGUAGE}"


def is_ours(address: str) -> bool:
    """Whether an address is a page of the reader's on this host, but for the way out."""
    split = urlsplit(address)
    if split.netloc not in ("", "localhost") or not split.path.startswith("/"):
        return False
    return not split.path.startswith(("/static", "/staff")) and not split.path.endswith(".pdf")


def test_every_page(app: Flask, client: FlaskClient, world: World) -> None:
    ada_supports(world, client)

    pages = crawl(app.test_client(), seeds(world, app)) | crawl(client, seeds(world, app))

    assert faults({path: unmarked(" ".join(Said(html).words), world) for path, html in pages.items()}) == {}
    seen = {endpoint_of(app, path) for path in pages} | NO_PAGES | LED_ELSEWHERE
    asked = {rule.endpoint for rule in open_rules(app) if "GET" in (rule.methods or ())}
    assert asked - seen == set(), "further ones want an id, and are reached by links where there are any"


def open_rules(app: Flask) -> list[Rule]:
    """Return the addresses of readers' pages that name no object."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("reader.")]
    return [rule for rule in rules if not rule.arguments]


def endpoint_of(app: Flask, path: str) -> str:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(path).path)[0])
    except HTTPException:
        return "nothing there"


def test_every_mistake(client: FlaskClient, world: World) -> None:
    hidden = ada_supports(world, client)
    support = f"/manage/support/{world.one(Subscription).id}"
    wrong = fill(client, in_language("/support")) | {"lang": LANGUAGE}
    sent = {
        "amount": ("/support", wrong | {"amount": "other", "other_amount": "0.5", "email": "ada"}),
        "too much": ("/support", wrong | {"amount": "other", "other_amount": "999999999"}),
        "no amount": ("/support", wrong | {"amount": "other", "other_amount": "two"}),
        "name": ("/support", wrong | {"name": "x" * 500, "note": "y" * 5000, "email": ""}),
        "stale": ("/support", wrong | {"nonce": "short", "currency": "xxx", "interval": "never"}),
        "reminder": ("/reminders", {"email": "ada"}),
        "sign in": ("/manage/sign-in", {"email": "ada"}),
        "code": ("/manage/sign-in/code", {"email": ADA.address, "code": "AAAA-AAAA"}),
        "address": ("/manage/address", hidden | {"email": "ada"}),
        "erase": ("/manage/erase", hidden),
        "change": (f"{support}/amount", hidden | {"amount": "0.01", "interval": "month"}),
        "pause": (f"{support}/pause", hidden | {"months": "99"}),
        "day": (f"{support}/day", hidden | {"day": "99"}),
        "no form": ("/manage/data", {}),
    }

    answers = {name: client.post(in_language(path), data=data) for name, (path, data) in sent.items()}

    said = {name: unmarked(" ".join(Said(answer.text).words), world) for name, answer in answers.items()}
    assert faults(said) == {}
    assert sum(answer.status_code in (400, 422) for answer in answers.values()) >= 10, {
        name: answer.status_code for name, answer in answers.items()
    }


def test_every_letter(client: FlaskClient, world: World, mails: MailCatcher) -> None:
    letters = EveryLetter(world, mails, ADA, LANGUAGE).write()
    said: dict[str, list[str]] = {}

    for kind, mail in letters.items():
        html = Said(str(mail.get_body(("html",)).get_content()))  # type: ignore[union-attr]
        said[f"{kind} text"] = unmarked(f"{mail['Subject']} {said_in(mail)}", world)
        said[f"{kind} html"] = unmarked(" ".join(html.words), world)
        assert mail["Content-Language"] == LANGUAGE
        assert 'dir="rtl"' in str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
        for link in filter(is_ours, html.links):
            page = client.get(in_language(path_of(link)), follow_redirects=True)
            said[f"{kind} {urlsplit(link).path[:16]}"] = unmarked(" ".join(Said(page.text).words), world)

    assert faults(said) == {}


def test_from_right_to_left(app: Flask, client: FlaskClient, world: World) -> None:
    """Every page runs from right to left on a phone, and nothing sticks out of it or is closed to anybody."""
    ada_supports(world, client)
    walks = {True: crawl(client, seeds(world, app)), False: crawl(app.test_client(), ["/manage/sign-in"])}
    found: dict[str, list[str]] = {}

    with serve(app) as address, chromium() as browser:
        for is_signed_in, pages in walks.items():
            context = browser.new_context(viewport={"width": 360, "height": 800}, reduced_motion="reduce")
            if is_signed_in:
                sign_in_browser(context, world.parts, world.one(Member).id, base_url=address)
            page = context.new_page()
            for path in pages:
                page.goto(f"{address}{path}")
                found[path] = complaints_of(page, is_frame="/frame" in path)
            context.close()

    assert len(found) > 20
    assert faults(found) == {}


def complaints_of(page: Page, *, is_frame: bool) -> list[str]:
    """Return what is wrong with the page that is open."""
    found = {violation["id"] for violation in Axe().run(page).response["violations"]}
    wide = page.evaluate(TOO_WIDE)
    if page.locator("html").get_attribute("dir") != "rtl":
        found.add("runs from left to right")
    if wide > 0:
        found.add(f"sticks out by {wide} px")
    return sorted(found - FRAMES if is_frame else found)
