"""Members change their support by themselves: amount, pause, day, end; with a script and without."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.asks.models import Ask, EndReason
from app.billing.models import Subscription
from app.billing.statuses import SubscriptionStatus
from app.kernel.formatting import format_day
from app.kernel.money import Money
from tests.journeys.conftest import OpenPage
from tests.journeys.steps import type_card
from tests.journeys.ways import NAMES, WAYS
from tests.support.cast import PAID, reader
from tests.support.signed_in import sign_in_browser
from tests.support.stage import Stage
from tests.support.world import World

pytestmark = pytest.mark.xdist_group("journey-changing-support")

each_giver = pytest.mark.parametrize("giver", WAYS, ids=NAMES, indirect=True)
FIVE = Money(500, "eur")


class Giver:
    """Somebody with a running support of five euros a month, signed in in a browser."""

    number = 700

    def __init__(self, stage: Stage, open_page: OpenPage, way: dict[str, Any]) -> None:
        self._stage = stage
        self.world = World(stage.parts, stage.stripe)
        Giver.number += 1
        person = reader(Giver.number, name="Ada Adler")
        session_id = self.world.open_session(self.world.form(person, FIVE))
        self.world.pay(session_id, person)
        made = [one for one in stage.stripe.objects("checkout.session") if one["id"] == session_id]
        self._of_it = Subscription.stripe_subscription_id == made[0]["subscription"]
        stage.wait_until(self._member_id, what="a running support")
        self.page = open_page("/support", **way)
        sign_in_browser(self.page.context, stage.parts, self._member_id(), base_url=stage.url)

    @property
    def row(self) -> Subscription:
        """The support as it is known."""
        return self.world.one(Subscription, self._of_it)

    def open(self, what: str) -> Page:
        """Open one of the support's pages."""
        self.page.goto(f"/manage/support/{self.row.id}/{what}")
        return self.page

    def wait_for(self, what: str, **values: object) -> None:
        """Wait until Stripe has told of a change."""
        self._stage.wait_until(lambda: self._is(values), what=what)

    def _is(self, values: dict[str, object]) -> bool:
        row = self.row
        return all(getattr(row, name) == value for name, value in values.items())

    def _member_id(self) -> Any:
        rows = self.world.rows(Subscription, self._of_it)
        return rows[0].member_id if rows else None


@pytest.fixture
def giver(stage: Stage, open_page: OpenPage, request: pytest.FixtureRequest) -> Giver:
    return Giver(stage, open_page, request.param)


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def fact(page: Page, label: str) -> Any:
    """Return the first value under a label."""
    return page.locator(".facts > div").filter(has=page.locator("dt", has_text=label)).first.locator("dd")


@each_giver
def test_the_amount_is_changed_as_it_was_shown(giver: Giver) -> None:
    page = giver.open("amount")
    page.get_by_label("Your amount").fill("7")
    page.get_by_role("button", name="Show what that comes to").click()
    expect(fact(page, "Next payment")).to_contain_text("€7")
    expect(fact(page, "Instead of")).to_contain_text("€5")

    page.get_by_role("button", name="Yes, change it so").click()

    expect(heading(page)).to_have_text("It is changed")
    expect(fact(page, "Your support")).to_have_text("€7 every month")
    giver.wait_for("another amount", amount_minor=700)


@each_giver
def test_support_becomes_yearly_when_what_is_paid_is_over(giver: Giver) -> None:
    page, paid_until = giver.open("amount"), giver.row.current_period_end
    page.locator("label[for=interval-year]").click()
    page.get_by_label("Your amount").fill("50")
    page.get_by_role("button", name="Show what that comes to").click()
    assert paid_until
    on = (paid_until + timedelta(hours=1)).astimezone(giver.world.parts.newsroom.zone).date()
    expect(fact(page, "Next payment")).to_have_text(f"{format_day(on, 'en')}: €50")

    page.get_by_role("button", name="Yes, change it so").click()

    expect(fact(page, "Your support")).to_have_text("€50 every year")
    giver.wait_for("yearly support", amount_minor=5000, current_period_end=paid_until)


@each_giver
def test_support_is_paused_and_resumed(giver: Giver) -> None:
    page = giver.open("pause")
    page.get_by_label("For how long?").select_option(label="12 months")
    page.get_by_role("button", name="Show what that comes to").click()
    expect(page.locator("del")).to_have_count(12)
    page.get_by_role("button", name="Yes, change it so").click()
    expect(heading(page)).to_have_text("It is changed")
    giver.wait_for("a pause", pause_behavior="void")

    giver.open("pause").get_by_role("link", name="End the pause and go on").click()
    page.get_by_role("button", name="Go on with it").click()

    expect(heading(page)).to_have_text("It is changed")
    giver.wait_for("no pause", pause_behavior=None)


@each_giver
def test_one_payment_is_skipped(giver: Giver) -> None:
    page = giver.open("skip")
    expect(page.locator("del")).to_have_count(1)

    page.get_by_role("button", name="Skip it").click()

    expect(heading(page)).to_have_text("It is changed")
    giver.wait_for("a pause over one payment", pause_behavior="void")


@each_giver
def test_the_day_is_changed(giver: Giver) -> None:
    page, paid_until = giver.open("day"), giver.row.current_period_end
    assert paid_until
    day = 12 if paid_until.day > 20 else 25
    page.get_by_label("Day of the month").select_option(str(day))
    page.get_by_role("button", name="Show what that comes to").click()
    expect(fact(page, "Next payment")).to_have_text(re.compile(rf"^{day} "))

    page.get_by_role("button", name="Yes, change it so").click()

    expect(heading(page)).to_have_text("It is changed")
    giver.wait_for("another day", status=SubscriptionStatus.trialing)
    assert giver.row.anchor_at
    assert giver.row.anchor_at.day == day


@each_giver
def test_support_ends_in_two_clicks_and_that_is_taken_back(giver: Giver) -> None:
    page = giver.open("end")
    expect(page.get_by_role("link", name="Give a smaller amount")).to_be_visible()
    page.get_by_text("Would you tell us why?").click()
    page.get_by_label("I read it less than I used to").check()

    page.get_by_role("button", name="End it when what is paid is over").click()

    expect(heading(page)).to_have_text("Your support will end")
    expect(page.get_by_role("link", name="Give a smaller amount")).to_have_count(0)
    (ask,) = giver.world.rows(Ask, Ask.stripe_object_id == giver.row.stripe_subscription_id)
    assert ask.reason is EndReason.reading_less
    page.get_by_role("button", name="Keep supporting").click()
    expect(heading(page)).to_have_text("Your support goes on")
    giver.wait_for("no end", cancel_at=None)


@each_giver
def test_the_card_is_changed_on_stripes_page_and_the_way_leads_back(giver: Giver) -> None:
    page = giver.open("card")
    page.get_by_role("button", name="Use another card").click()
    page.wait_for_url(re.compile(r"/p/session/"))
    type_card(page, PAID)
    page.locator("button.pay").click()
    page.wait_for_url(re.compile(r"/manage/mend/[^/]+/done"))

    expect(heading(page)).to_have_text("Your card is saved")


def test_in_russian_too(stage: Stage, open_page: OpenPage) -> None:
    giver = Giver(stage, open_page, {"locale": "ru-RU"})
    page = giver.open("amount?lang=ru")
    page.get_by_label("Ваша сумма").fill("7")
    page.get_by_role("button", name="Показать, что получится").click()

    page.get_by_role("button", name="Да, изменить так").click()

    expect(heading(page)).to_have_text("Готово, изменено")
