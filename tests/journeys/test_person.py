"""What members do about who they are, in a browser: statements, another address, data, being forgotten."""

import json
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.members.models import Member
from tests.journeys.conftest import OpenPage
from tests.journeys.inspection import find_faults
from tests.journeys.steps import mails_to
from tests.journeys.ways import each_way
from tests.support.browser import picture
from tests.support.cast import reader
from tests.support.letters import link_in
from tests.support.signed_in import sign_in_browser
from tests.support.stage import Stage
from tests.support.world import World

pytestmark = pytest.mark.xdist_group("journey-person")

PAGES = ("/manage/statements", "/manage/address", "/manage/address?sent=1", "/manage/data", "/manage/erase")


def wait_for_mail(stage: Stage, address: str, subject: str) -> None:
    """Wait until a mail to an address bears these words in its subject."""
    stage.wait_until(
        lambda: [mail for mail in mails_to(stage, address)() if subject in mail["Subject"]], what=subject
    )


class Somebody:
    """A new supporter who is signed in in a browser of their own."""

    number = 900

    def __init__(self, stage: Stage, open_page: OpenPage, **way: Any) -> None:
        Somebody.number += 1
        self.stage, self.world = stage, World(stage.parts, stage.stripe)
        self.person = reader(Somebody.number, name="Ada Adler")
        known = {row.id for row in self.world.rows(Member)}
        self.world.pay(self.world.open_session(self.world.form(self.person)), self.person)
        stage.wait_until(lambda: {row.id for row in self.world.rows(Member)} - known, what="a new member")
        (self.member_id,) = {row.id for row in self.world.rows(Member)} - known
        self.page: Page = open_page("/support", **way)
        sign_in_browser(self.page.context, stage.parts, self.member_id, base_url=stage.url)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.stage.url}{path}")
        return self.page


@each_way
def test_a_statement_of_the_year_is_downloaded(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    page = Somebody(stage, open_page, **way).go("/manage/statements")

    with page.expect_download() as download:
        page.get_by_role("link", name="as PDF").click()

    assert download.value.suggested_filename.startswith("statement-")
    assert download.value.path().read_bytes().startswith(b"%PDF")


@each_way
def test_edge_21_another_address_from_the_wish_to_the_old_one_told(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    ada = Somebody(stage, open_page, **way)
    new = f"new{Somebody.number}@example.net"
    page = ada.go("/manage/address")

    page.get_by_label("Your new address").fill(new)
    page.get_by_role("button", name="Mail me the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your new mailbox")
    stage.wait_until(mails_to(stage, new), what="the mail to the new address")
    page.goto(link_in(mails_to(stage, new)()[0], "/manage/address/"))
    page.get_by_role("button", name="Use this address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is your address now")

    stage.wait_until(
        lambda: [one for one in stage.stripe.objects("customer") if one["email"] == new],
        what="the new address at Stripe",
    )
    wait_for_mail(stage, ada.person.address, "has changed")


@each_way
def test_all_data_is_downloaded(stage: Stage, open_page: OpenPage, way: dict[str, Any]) -> None:
    ada = Somebody(stage, open_page, **way)
    page = ada.go("/manage/data")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything").click()

    with zipfile.ZipFile(download.value.path()) as archive:
        told = json.loads(archive.read("everything.json"))
    assert told["you"][0]["address"] == ada.person.address


@each_way
def test_edge_26_who_is_forgotten_is_told_first_what_is_kept(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    ada = Somebody(stage, open_page, **way)
    page = ada.go("/manage/data")
    page.get_by_role("link", name="See what that means").click()
    expect(page.get_by_text("without your name")).to_be_visible()

    page.get_by_role("button", name="Forget me").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick the box first")
    page.get_by_label("I understand that this cannot be undone").check()
    page.get_by_role("button", name="Forget me").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("You are forgotten")
    assert ada.world.one(Member, Member.id == ada.member_id).person_id is None
    stage.wait_until(
        lambda: [one for one in stage.stripe.objects("subscription") if one["status"] == "canceled"],
        what="the end of the support at Stripe",
    )
    wait_for_mail(stage, ada.person.address, "forgotten")


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_bear_everyone(stage: Stage, open_page: OpenPage, path: str) -> None:
    ada = Somebody(stage, open_page)
    for language in ("en", "ru"):
        page = ada.go(f"{path}{'&' if '?' in path else '?'}lang={language}")
        picture(page, f"person {path} {language}")
        assert not find_faults(page, language=language, direction="ltr")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.emulate_media(color_scheme="dark")
        picture(page, f"person {path} {language} wide dark")
        page.emulate_media(color_scheme="light")
