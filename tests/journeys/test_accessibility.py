"""Every page for everyone: axe finds nothing, nothing is cut off, no page asks a stranger for anything."""

from collections.abc import Iterable, Iterator
from itertools import chain

import pytest

from tests.conftest import NEWSROOM
from tests.journeys.change_scenes import walk_change_pages
from tests.journeys.conftest import OpenPage
from tests.journeys.inspection import find_faults
from tests.journeys.manage_scenes import walk_manage_pages
from tests.journeys.scenes import (
    EVE,
    Readers,
    Scene,
    walk_desk,
    walk_first_sign_in,
    walk_local_stripe,
    walk_reader_pages,
    walk_sign_in,
    walk_without_a_role,
)
from tests.support.arabic import in_arabic
from tests.support.browser import picture
from tests.support.desk import DAN, add_account
from tests.support.stage import Stage

pytestmark = [
    pytest.mark.xdist_group("journey-accessibility"),
    pytest.mark.parametrize("stage", ["postgresql"], indirect=True),
]


@pytest.fixture(scope="module")
def staffed(stage: Stage) -> Stage:
    """The stage with Cleo, Dan who has no role, and Eve who has never signed in."""
    add_account(stage.app)
    add_account(stage.app, DAN, roles=())
    add_account(stage.app, EVE, with_second_factor=False, password_chosen=False)
    return stage


@pytest.fixture(scope="module")
def arabic(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a newsroom that speaks Arabic, its lines from right to left."""
    file = tmp_path_factory.mktemp("newsroom") / "newsroom.toml"
    file.write_text(in_arabic(NEWSROOM.read_text()))
    with stage.another_newsroom(file) as url:
        yield url


def test_reader_pages_bear_everyone(stage: Stage, open_page: OpenPage) -> None:
    page = open_page("/support")

    assert not find_in_all(walk_reader_pages(page, stage), "reader")


def test_the_pages_behind_our_mails_bear_everyone(stage: Stage, arabic: str, open_page: OpenPage) -> None:
    page = open_page("/support")
    assert not find_in_all(walk_manage_pages(page, stage), "manage")

    page = open_page("/support", base_url=arabic)
    walk = walk_manage_pages(page, stage)
    assert not find_in_all(walk, "manage-arabic", language="ar", direction="rtl")


def test_the_pages_that_change_support_bear_everyone(stage: Stage, arabic: str, open_page: OpenPage) -> None:
    page = open_page("/support")
    assert not find_in_all(walk_change_pages(page, stage, base_url=stage.url), "change")

    page = open_page("/support", base_url=arabic)
    walk = walk_change_pages(page, stage, base_url=arabic)
    assert not find_in_all(walk, "change-arabic", language="ar", direction="rtl")


def test_reader_pages_from_right_to_left_bear_everyone(
    stage: Stage, arabic: str, open_page: OpenPage
) -> None:
    page = open_page("/support", base_url=arabic)

    walk = walk_reader_pages(page, stage)

    assert not find_in_all(walk, "arabic", language="ar", direction="rtl")


def test_the_desk_bears_everyone(staffed: Stage, open_page: OpenPage) -> None:
    Readers(staffed).paid_session()
    page = open_page("/staff")

    assert not find_in_all(chain(walk_sign_in(page), walk_desk(page)), "desk")


@pytest.mark.usefixtures("staffed")
def test_the_doors_of_the_desk_bear_everyone(open_page: OpenPage) -> None:
    walks = chain(walk_first_sign_in(open_page("/staff")), walk_without_a_role(open_page("/staff")))

    assert not find_in_all(walks, "doors")


def test_the_local_stripe_bears_everyone(stage: Stage, open_page: OpenPage) -> None:
    page = open_page(stage.stripe.url, base_url=stage.stripe.url)

    assert not find_in_all(walk_local_stripe(page, stage), "stripe")


def find_in_all(scenes: Iterable[Scene], folder: str, *, language: str = "en", direction: str = "ltr") -> str:
    """Return everything wrong with any of the scenes, a line each; two scenes want two titles."""
    faults: list[str] = []
    titles: dict[str, str] = {}
    for name, page in scenes:
        found = find_faults(page, language=language, direction=direction)
        if found:
            picture(page, f"{folder}-{name}")
        faults += [f"{name}: {fault}" for fault in found]
        former = titles.setdefault(page.title(), name)
        if former != name and not name.startswith(former.partition(",")[0]):
            faults.append(f"{name}: titled like {former}")
    return "\n".join(faults)
