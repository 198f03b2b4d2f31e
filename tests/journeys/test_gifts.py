"""A gift membership, from its form to whoever claims it: on a phone, at a desk, with a script and without."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from app.billing.models import Subscription
from app.db import reading
from app.flows.entitlement import entitlement_of
from app.gifts.models import Gift
from app.kernel.clock import utc_now
from app.members.entitlement import EntitlementReason
from tests.journeys.conftest import OpenPage
from tests.journeys.inspection import find_faults
from tests.journeys.steps import CHECKOUT, fact, mails_to, pay
from tests.journeys.ways import WAYS, each_way
from tests.support.browser import picture
from tests.support.cast import reader
from tests.support.gifts import CODE, member_of
from tests.support.letters import link_in, links_in, said_in
from tests.support.signed_in import sign_in_browser
from tests.support.stage import Stage
from tests.support.world import World

pytestmark = pytest.mark.xdist_group("journey-gifts")


def look(page: Page, name: str, *, language: str = "en") -> None:
    """Keep a picture of a page, and find nothing wrong with it; the inspection itself needs a script."""
    picture(page, f"gift {name}")
    if "no script" not in name:
        assert find_faults(page, language=language, direction="ltr") == []


def fill_in_gift(page: Page, address: str, *, recipient: str = "") -> None:
    page.locator("label[for=months-2]").click()
    page.locator("#words").fill("For your train rides.\nA friend")
    page.locator("#recipient").fill(recipient)
    page.locator("#email").fill(address)


def newest_mail(stage: Stage, address: str, path: str) -> Any:
    """Return the newest mail to an address with a link to such a path, once it is there."""

    def found() -> list[Any]:
        return [mail for mail in mails_to(stage, address)() if links_in(mail, path)]

    stage.wait_until(found, what=f"a mail with {path}")
    return found()[-1]


def look_with_the_widest_code(page: Page, name: str) -> str:
    """Look at the page as if its code were the widest there is; returns the code that it shows."""
    shown = page.locator(".gift-code .code")
    code = shown.inner_text()
    shown.evaluate("(element, widest) => { element.textContent = widest }", "WWWW-WWWW-WWWW")
    look(page, name)
    return code


@each_way
def test_a_gift_is_given_paid_and_claimed_by_somebody_who_is_never_charged(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    number = 3000 + 10 * WAYS.index(way)
    giver, claimer = reader(number), reader(number + 1)
    name = f"{way['viewport']['width']}{'' if way.get('java_script_enabled', True) else ' no script'}"
    page = open_page("/support", **way)
    page.get_by_role("link", name="Give it as a gift").click()
    fill_in_gift(page, giver.address)
    look(page, f"form {name}")
    page.locator("#send").click()
    page.wait_for_url(CHECKOUT)
    expect(page.locator(".figure")).to_have_text(re.compile(r"€\s?30\.00"))
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    expect(fact(page, "The gift")).to_have_text("6 months")
    code = look_with_the_widest_code(page, f"thanks {name}")
    page.get_by_role("link", name="Open the card").click()
    look(page, f"card {name}")
    assert CODE.findall(page.locator("main").inner_text()) == [code]
    assert code in said_in(newest_mail(stage, giver.address, "/gift/claim/"))

    other = open_page(f"/gift/claim/{code}", **way)
    look(other, f"code {name}")
    other.get_by_role("button", name="Open the gift").click()
    expect(other.locator("blockquote")).to_contain_text("For your train rides.")
    look(other, f"opened {name}")
    other.get_by_label("Your e-mail address").fill(claimer.address)
    other.get_by_role("button", name="Continue").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Check your mail")
    look(other, f"asked {name}")
    link = link_in(newest_mail(stage, claimer.address, "/gift/confirm/"), "/gift/confirm/")
    other.goto(f"{urlsplit(link).path}?lang=en")
    look(other, f"confirm {name}")
    other.get_by_role("button", name="Claim the gift").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("It is yours")
    expect(fact(other, "Charged to you")).to_have_text("Nothing, ever")
    look(other, f"claimed {name}")

    world = World(stage.parts, stage.stripe)
    member = member_of(world, claimer)
    with reading(stage.parts.sessions) as session:
        answer = entitlement_of(session, member.id, newsroom=stage.parts.newsroom, now=utc_now())
    assert (answer.entitled, answer.reason) == (True, EntitlementReason.gift)
    assert world.rows(Subscription, Subscription.member_id == member.id) == []
    for kind in ("customer", "checkout.session", "charge"):
        assert claimer.address not in str(stage.stripe.objects(kind))
    sign_in_browser(other.context, stage.parts, member.id, base_url=stage.url)
    other.goto("/manage?lang=en")
    expect(other.get_by_text("A gift to you runs until")).to_be_visible()
    look(other, f"claimer home {name}")
    sign_in_browser(page.context, stage.parts, member_of(world, giver).id, base_url=stage.url)
    page.goto("/manage?lang=en")
    expect(page.get_by_text("Claimed on")).to_be_visible()
    look(page, f"giver home {name}")


@each_way
def test_a_recipient_claims_from_the_mail_we_send_by_the_short_code(
    stage: Stage, open_page: OpenPage, way: dict[str, Any]
) -> None:
    number = 3100 + 10 * WAYS.index(way)
    giver, recipient = reader(number), reader(number + 1)
    page = open_page("/support/gift", **way)
    fill_in_gift(page, giver.address, recipient=recipient.address)
    page.locator("#send").click()
    page.wait_for_url(CHECKOUT)
    pay(page)
    expect(page.get_by_text("We mail it to the address you gave")).to_be_visible()

    link = link_in(newest_mail(stage, recipient.address, "/gift/claim/"), "/gift/claim/")
    other = open_page(f"{urlsplit(link).path}?lang=en", **way)
    other.get_by_role("button", name="Open the gift").click()
    other.get_by_label("Your e-mail address").fill(recipient.address)
    other.get_by_role("button", name="Continue").click()
    mail = newest_mail(stage, recipient.address, "/gift/confirm/")
    for typed in ("AAAA-AAAA", said_in(mail).partition("Code: ")[2].partition(" ")[0].lower()):
        other.get_by_label("Code from the mail").fill(typed)
        other.get_by_role("button", name="Claim the gift").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("It is yours")

    world = World(stage.parts, stage.stripe)
    assert world.one(Gift, Gift.member_id == member_of(world, giver).id).claimed_at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_mistake_and_a_wrong_code_look_as_they_should(
    open_page: OpenPage, scheme: str, language: str
) -> None:
    page = open_page(f"/support/gift?lang={language}", color_scheme=scheme)
    look(page, f"form {language} {scheme}", language=language)
    page.locator("#send-on").fill("2020-01-31")
    page.locator("#send").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.locator("#email")).to_have_attribute("aria-invalid", "true")
    look(page, f"mistakes {language} {scheme}", language=language)

    page.goto(f"/gift?lang={language}")
    page.locator("#code").fill("K7QM-3F2P-9XTB")
    page.locator("#code").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, f"wrong code {language} {scheme}", language=language)
