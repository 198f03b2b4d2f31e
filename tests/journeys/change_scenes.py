"""Every page on which a member changes a support, in every state."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from playwright.sync_api import Page

from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from tests.journeys.manage_scenes import Managed
from tests.journeys.scenes import LAST_LOOK, Scene
from tests.support.signed_in import sign_in_browser
from tests.support.stage import Stage


class Changing:
    """A browser in which the member of one support is signed in."""

    def __init__(self, page: Page, stage: Stage, *, base_url: str) -> None:
        self.page = page
        self.managed = Managed(stage)
        row = self.managed.row()
        assert row.member_id
        sign_in_browser(page.context, stage.parts, row.member_id, base_url=base_url)
        self._path = f"/manage/support/{row.id}"

    def show(self, name: str, what: str, **chosen: str) -> Scene:
        """Open a page, with something chosen."""
        self.page.goto(f"{self._path}/{what}?{urlencode(chosen)}")
        return name, self.page


def walk_change_pages(page: Page, stage: Stage, *, base_url: str) -> Iterator[Scene]:
    """Show every page that changes a support; a scene is named for what its title says."""
    changing = Changing(page, stage, base_url=base_url)
    page.goto("/manage")
    yield "home", page
    yield from _walk_choices(changing)
    yield from _walk_what_stands_in_the_way(changing)
    yield from _walk_presses(changing, stage)


def _walk_choices(changing: Changing) -> Iterator[Scene]:
    yield changing.show("amount", "amount")
    yield changing.show("amount, wrong", "amount", amount="a lot", interval="month")
    yield changing.show("look over the amount", "amount", amount="60", interval="year")
    yield changing.show("pause", "pause")
    yield changing.show("look over the pause", "pause", months="3")
    yield changing.show("look over skipping", "skip")
    yield changing.show("day", "day")
    yield changing.show("look over the day", "day", day="31")
    changing.managed.set(interval=Interval.year)
    yield changing.show("put off", "pause")
    yield changing.show("look over skipping, yearly", "skip")
    changing.managed.set(interval=Interval.month)


def _walk_what_stands_in_the_way(changing: Changing) -> Iterator[Scene]:
    managed, later = changing.managed, utc_now() + timedelta(days=20)
    managed.fail()
    yield changing.show("day, overdue", "day", day="15")
    yield changing.show("look over the amount, overdue", "amount", amount="2.50", interval="month")
    managed.forget_failure()
    managed.set(cancel_at=later)
    yield changing.show("ending", "amount")
    managed.set(cancel_at=None, pause_behavior="void", paused_until=later)
    yield changing.show("pause, paused", "pause")
    yield changing.show("look over going on", "resume")
    managed.set(pause_behavior=None, paused_until=None, ended_at=utc_now())
    yield changing.show("ended", "amount")
    managed.set(ended_at=None)


def _walk_presses(changing: Changing, stage: Stage) -> Iterator[Scene]:
    page = changing.page
    changing.show("", "amount", amount="5", interval="month")
    changing.managed.set(amount_minor=300)
    page.locator("button.go").click()
    yield "look over the amount, stale", page
    stage.stripe.faults("fail_before", method="POST", route="/v1/subscriptions/*", count=1000)
    page.locator("button.go").click()
    page.wait_for_url("**press=**")
    # A page that looks again by itself would be gone while it is looked at.
    page.goto(f"{page.url}&look={LAST_LOOK}")
    yield "written down", page
    stage.stripe.clear_faults()
