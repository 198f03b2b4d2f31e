"""A browser and the whole product behind it, shared by the tests of a module."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import Witness, chromium, picture
from tests.support.databases import Databases
from tests.support.stage import Stage

PHONE = {"width": 360, "height": 740}
USUAL: dict[str, Any] = {"viewport": PHONE, "locale": "en-GB", "reduced_motion": "reduce"}
ANSWER_SECONDS = 30
FAILED = pytest.StashKey[bool]()
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Chromium, closed with the module: its loop must not outlive the browser's tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Stage]:
    """Every process of the product, on SQLite unless the module asks for another database."""
    url = databases.create(getattr(request, "param", "sqlite"))
    with Stage(url) as running:
        yield running
    databases.drop(url)


@pytest.fixture
def open_page(chrome: Browser, stage: Stage, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Opens pages, each for a person with a browser of their own.

    In the end every fault ordered is taken back, and no page may have asked a stranger or complained.
    """
    opened: list[tuple[BrowserContext, Witness]] = []

    def open_one(path: str = "/support", **options: Any) -> Page:
        options = {"base_url": stage.url, **USUAL, **options}
        context = chrome.new_context(**options)
        context.set_default_timeout(ANSWER_SECONDS * 1000)
        opened.append((context, Witness(context, options["base_url"], stage.url, stage.stripe.url)))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_one
    stage.stripe.clear_faults()
    for context, _ in opened:
        if request.node.stash.get(FAILED, False):
            for number, page in enumerate(context.pages):
                picture(page, f"{request.node.name}-{number}")
        context.close()
    for _, witness in opened:
        witness.assert_content()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report
