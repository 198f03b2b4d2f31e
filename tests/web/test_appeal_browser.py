"""The appeal under articles of another origin, in a real browser: isolated, still, quiet, and countable."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.access import parts_of
from app.appeals.models import AppealCount
from app.db import reading, transaction
from app.flows.supporter_token import TokenKind, note_from, sign_note
from tests.conftest import NEWSROOM
from tests.support.browser import Witness, picture
from tests.support.sites import SitePage, article, serve_site
from tests.web.conftest import make_lonely_app
from tests.web.scenes import serve

WIDTHS = (360, 1280)
HOSTILE = """
div, section, a, button, label, input, span, h2, fieldset, main > p {
  display: none !important; color: #fff !important; background: #fff !important; font: 3px cursive !important;
  position: absolute !important; opacity: 0 !important; text-transform: uppercase !important;
}
main { color: #fff !important; letter-spacing: 9px !important; text-align: right !important; direction: rtl; }
html { font-size: 4px }
article { font-size: 18px }
"""
STRICT = (
    "default-src 'none'; script-src {0}; connect-src {0}; form-action 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
MEASURE = """() => { window.moved = [];
  const note = one => one.hadRecentInput || moved.push(one.value);
  new PerformanceObserver(list => list.getEntries().forEach(note))
    .observe({ type: "layout-shift", buffered: true }); }"""


@pytest.fixture(scope="module")
def ours(product: Flask) -> Iterator[str]:
    with serve(product) as address:
        yield address


@pytest.fixture(scope="module")
def site(ours: str) -> Iterator[str]:
    with serve_site(pages_of(ours)) as address:
        yield address


def pages_of(ours: str) -> dict[str, SitePage]:
    line = f'<script src="{ours}/appeal.js" async data-campaign="spring"></script>'
    strict = {"Content-Security-Policy": STRICT.format(ours)}
    address = f"{ours}/appeal/frame?campaign=spring"
    frame = f'<iframe src="{address}" title="Appeal" width="100%" height="760"></iframe>'
    quietly = line.replace("async", "async data-silent")
    preview = line.replace("async", 'async data-variant="open"')
    return {
        "/article": SitePage(article(line)),
        "/russian": SitePage(article(line, language="ru")),
        "/by-tag": SitePage(article(line.replace("async", 'async data-language="ru"'))),
        "/short": SitePage(article(line, paragraphs=1)),
        "/hostile": SitePage(article(line, style=HOSTILE)),
        "/strict": SitePage(article(line, style=""), strict),
        "/strict-russian": SitePage(article(line, style="", language="ru"), strict),
        "/head": SitePage(article("", head=line)),
        "/twice": SitePage(article(line + line)),
        "/front": SitePage(article(quietly)),
        "/preview": SitePage(article(preview)),
        "/framed": SitePage(article(frame)),
    }


class Reader:
    """One reader's browser on the site."""

    def __init__(self, chrome: Browser, site: str, ours: str, **options: Any) -> None:
        options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options
        self.context: BrowserContext = chrome.new_context(base_url=site, **options)
        self.witness = Witness(self.context, site, ours)
        self.page: Page = self.context.new_page()
        self.told: list[str] = []
        self.context.on("request", self._note)

    def _note(self, request: Any) -> None:
        if request.url.endswith("/appeal/counts"):
            self.told.append(request.post_data or "")

    def open(self, path: str) -> Page:
        """Open a page of the site, and wait until its scripts have run."""
        self.page.goto("about:blank")
        self.page.goto(path, wait_until="networkidle")
        return self.page

    @property
    def is_asked(self) -> bool:
        """Whether the appeal stands on the page."""
        return self.page.locator("[data-small-favor]").count() == 1

    def notes(self) -> Any:
        """Return what the browser keeps for the site."""
        return self.page.evaluate("JSON.parse(localStorage.getItem('small-favor'))")


@pytest.fixture
def reader(chrome: Browser, site: str, ours: str) -> Iterator[Reader]:
    """A reader who meets the appeal; its pages may ask nobody but site and product, and keep no cookie."""
    with reading_as(chrome, site, ours) as reader:
        yield reader


@contextmanager
def reading_as(chrome: Browser, site: str, ours: str, **options: Any) -> Iterator[Reader]:
    reader = Reader(chrome, site, ours, **options)
    yield reader
    assert reader.context.cookies() == []
    reader.context.close()
    reader.witness.assert_content()


def test_what_is_chosen_leads_to_the_form(reader: Reader, ours: str) -> None:
    page = reader.open("/article")
    page.get_by_text("Once", exact=True).click()
    page.get_by_text("€50", exact=True).click()

    page.get_by_role("link", name="Continue").click()

    expect(page).to_have_url(re.compile(rf"{ours}/support\?.*campaign=spring"))
    expect(page.locator("#interval-once")).to_be_checked()
    expect(page.locator("#amount-once-3")).to_be_checked()
    expect(page.locator("input[name=campaign]")).to_have_value("spring")
    assert page.locator("input[name=variant]").get_attribute("value") in ("main", "open")
    assert page.evaluate("document.referrer") == ""


def test_another_amount_and_a_reminder_lead_on_as_well(reader: Reader) -> None:
    page = reader.open("/article")
    page.get_by_text("Other", exact=True).click()
    go = page.get_by_role("link", name="Continue").get_attribute("href") or ""
    later = page.get_by_role("link", name="Remind me later").get_attribute("href") or ""

    assert "amount=other" in go
    assert "/reminders?interval=month" in later
    page.goto(go)
    expect(page.locator("#other-amount")).to_be_visible()


def test_the_rest_opens_behind_read_more(reader: Reader) -> None:
    page = reader.open("/article")
    rest = page.get_by_text("214 requests")
    expect(rest).to_be_hidden()

    page.get_by_text("Read more").click()

    expect(rest).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/article", "/short", "/head", "/framed", "/russian"])
def test_nothing_on_the_page_moves(chrome: Browser, site: str, ours: str, width: int, path: str) -> None:
    with reading_as(chrome, site, ours, viewport={"width": width, "height": 700}) as reader:
        reader.page.add_init_script(f"({MEASURE})()")
        page = reader.open(path)
        for _ in range(30):
            page.mouse.wheel(0, 400)
            page.wait_for_timeout(20)
        page.wait_for_timeout(200)

        assert page.evaluate("moved") == []
        if path != "/framed":
            assert reader.is_asked


def test_what_measures_movement_sees_it(reader: Reader) -> None:
    page = reader.open("/front")
    page.evaluate(MEASURE)

    page.evaluate("document.body.prepend(Object.assign(document.createElement('h2'), {textContent: 'New'}))")
    page.wait_for_timeout(300)

    assert len(page.evaluate("moved")) == 1


def test_where_its_place_is_in_view_a_bar_leads_there(reader: Reader) -> None:
    page = reader.open("/short")
    host = page.locator("[data-small-favor]")
    expect(page.get_by_role("link", name="Continue")).to_be_hidden()
    assert host.evaluate("host => getComputedStyle(host).position") == "fixed"

    page.get_by_role("button", name="Support us").click()

    expect(page.get_by_role("link", name="Continue")).to_be_visible()
    assert host.evaluate("host => host.previousElementSibling.tagName") == "SCRIPT"
    assert host.evaluate("host => host.shadowRoot.activeElement.id") == "heading"


def test_a_hostile_style_sheet_changes_nothing_of_it(chrome: Browser, site: str, ours: str) -> None:
    sizes = {}
    for path in ("/article", "/hostile"):
        with reading_as(chrome, site, ours) as reader:
            page = reader.open(path + "?hostile")
            picture(page, f"appeal on {path}")
            looked = """host => [...host.shadowRoot.querySelectorAll("h2, .text p, .go, span")].map(one => {
              const seen = getComputedStyle(one);
              const looks = ["display", "color", "fontSize", "opacity", "letterSpacing", "direction"];
              return looks.map(name => seen[name]).join(" ");
            })"""
            sizes[path] = page.locator("[data-small-favor]").evaluate(looked)

    assert sizes["/hostile"] == sizes["/article"]


@pytest.mark.parametrize(("path", "said"), [("/strict", "Continue"), ("/strict-russian", "Продолжить")])
def test_the_strictest_content_policy_that_lets_the_script_in_is_enough(
    reader: Reader, path: str, said: str
) -> None:
    page = reader.open(path)
    link = page.get_by_role("link", name=said)

    link.scroll_into_view_if_needed()

    expect(link).to_be_visible()
    assert link.evaluate("link => getComputedStyle(link).backgroundColor") == "rgb(11, 74, 87)"
    page.wait_for_timeout(200)
    assert len(reader.told) == 1


@pytest.mark.parametrize(
    ("path", "said"), [("/russian", "Продолжить"), ("/by-tag", "Продолжить"), ("/article", "Continue")]
)
def test_it_speaks_the_language_of_the_tag_or_of_the_page(reader: Reader, path: str, said: str) -> None:
    page = reader.open(path)

    expect(page.get_by_role("link", name=said)).to_be_attached()
    section = page.locator("[data-small-favor] section")
    assert section.get_attribute("lang") == ("en" if said == "Continue" else "ru")


def test_whoever_closes_it_is_left_alone_for_the_newsrooms_weeks(reader: Reader) -> None:
    page = reader.open("/article")
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("Very well. We will not ask here again for some weeks.")

    asked = {}
    for days in (0, 27, 29):
        reader.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
        reader.open("/article")
        asked[days] = reader.is_asked

    assert asked == {0: False, 27: False, 29: True}


def test_putting_it_off_and_giving_already_are_remembered(reader: Reader) -> None:
    page = reader.open("/article")
    page.get_by_role("button", name="I already give").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you for supporting The Harbour Courier")

    reader.open("/article")

    assert not reader.is_asked
    assert "supporter" in reader.notes()


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


def mark(kind: str, until: str) -> str:
    """Return a note as pages of the product carry it, its signature aside: browsers cannot check it."""
    said = json.dumps({"kind": kind, "until": until}).encode()
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode() + ".c2lnbmVk"


@pytest.mark.parametrize(
    ("kind", "until", "is_asked"),
    [
        ("supporter", day(200), False),
        ("gave", day(20), False),
        ("supporter", day(-2), True),
        ("supporter", "9999-12-31", True),
        ("staff", day(20), True),
    ],
)
def test_the_way_back_from_our_pages_is_remembered_and_taken_out_of_the_address(
    reader: Reader, kind: str, until: str, is_asked: bool
) -> None:
    page = reader.open(f"/front?a=1#small-favor={mark(kind, until)}&part")
    assert page.url.endswith("/front?a=1#part")
    assert not reader.is_asked

    reader.open("/article")

    assert reader.is_asked is is_asked


def test_the_note_that_the_thanks_page_leads_back_with_is_understood(reader: Reader, product: Flask) -> None:
    today = datetime.now(UTC).date()
    note = sign_note(parts_of(product), note_from(TokenKind.gave, today, quiet_weeks=4))

    reader.open(f"/front#small-favor={note}")
    reader.open("/article")

    assert not reader.is_asked
    assert reader.notes() == {"gave": day(28)}


@pytest.mark.parametrize("garbage", ["", "x", "e30.x", "%00", "bnVsbA.x"])
def test_a_note_that_cannot_be_read_is_passed_over(reader: Reader, garbage: str) -> None:
    reader.open(f"/article#small-favor={garbage}")

    assert reader.is_asked


def test_the_same_reader_sees_the_same_words_and_readers_are_split(reader: Reader) -> None:
    seen: list[str] = []
    for _ in range(16):
        page = reader.open("/article")
        headings = set()
        for _again in range(2):
            headings.add(page.locator("[data-small-favor] h2").inner_text())
            reader.open("/article")
        assert len(headings) == 1
        seen += headings
        page.evaluate("localStorage.clear()")

    assert len(set(seen)) == 2, "sixteen readers in a row got the same words: one in 32,768"


def test_a_reader_dealt_among_other_variants_is_dealt_anew(reader: Reader) -> None:
    page = reader.open("/article")
    page.evaluate("localStorage.setItem('small-favor', JSON.stringify({variant: 'old', among: 'main,old'}))")

    reader.open("/article")

    assert reader.notes()["among"] == "main,open"
    assert reader.notes()["variant"] in ("main", "open")


def rows(product: Flask) -> list[tuple[int, int]]:
    with reading(parts_of(product).sessions) as session:
        return [(row.shown, row.continued) for row in session.scalars(sa.select(AppealCount))]


def forget_counts(product: Flask) -> None:
    with transaction(parts_of(product).sessions) as session:
        session.execute(sa.delete(AppealCount))


def test_it_is_counted_when_seen_and_once_a_day(reader: Reader, product: Flask) -> None:
    forget_counts(product)
    page = reader.open("/article")
    assert reader.told == []
    for _ in range(3):
        page.get_by_role("link", name="Continue").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        reader.open("/article")
    page.get_by_role("link", name="Continue").click()
    page.wait_for_timeout(300)

    assert rows(product) == [(1, 1)]
    assert sorted(re.sub("main|open", "V", told) for told in reader.told) == [
        "what=continued&variant=V&campaign=spring",
        "what=shown&variant=V&campaign=spring",
    ]


@pytest.mark.parametrize("signal", ["globalPrivacyControl", "doNotTrack"])
def test_whoever_asks_not_to_be_tracked_is_not_counted_and_their_pledge_bears_no_variant(
    reader: Reader, signal: str
) -> None:
    value = "true" if signal == "globalPrivacyControl" else "'1'"
    reader.page.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{value: {value}}})")
    page = reader.open("/article")
    link = page.get_by_role("link", name="Continue")
    link.scroll_into_view_if_needed()
    page.wait_for_timeout(300)

    assert reader.told == []
    assert "variant" not in (link.get_attribute("href") or "")


def test_a_preview_shows_its_variant_and_neither_counts_nor_keeps_anything(reader: Reader) -> None:
    page = reader.open("/preview")
    page.get_by_role("link", name="Continue").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Not now").click()
    reader.open("/preview")

    assert page.locator("[data-small-favor] h2").inner_text().startswith("This article is free to read")
    assert reader.notes() is None
    assert reader.told == []


def test_two_lines_on_a_page_show_it_once(reader: Reader) -> None:
    reader.open("/twice")

    assert reader.is_asked


def test_the_keyboard_alone_is_enough(reader: Reader) -> None:
    page = reader.open("/article")
    page.locator("[data-small-favor] summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    focused = "document.querySelector('[data-small-favor]').shadowRoot.activeElement"
    assert page.evaluate(f"{focused}.innerText") == "Continue"

    page.keyboard.press("Enter")

    expect(page.locator("#interval-year")).to_be_checked()
    expect(page.locator("#amount-year-3")).to_be_checked()


def test_a_frame_does_the_same_and_needs_no_script(chrome: Browser, site: str, ours: str) -> None:
    with reading_as(chrome, site, ours, java_script_enabled=False) as reader:
        page = reader.open("/framed")
        frame = page.frame_locator("iframe")
        frame.get_by_text("Yearly", exact=True).click()
        frame.get_by_text("€120", exact=True).click()

        frame.get_by_role("button", name="Continue").click()

        expect(page.locator("#interval-year")).to_be_checked()
        expect(page.locator("#amount-year-3")).to_be_checked()
        expect(page.locator("input[name=campaign]")).to_have_value("spring")


def test_in_a_frame_the_script_remembers_who_closed_it(reader: Reader) -> None:
    page = reader.open("/framed")
    frame = page.frame_locator("iframe")
    expect(frame.locator("#plain")).to_have_count(0)

    frame.get_by_role("button", name="Not now").click()
    reader.open("/framed")

    expect(frame.get_by_role("link", name="Continue")).to_have_count(0)
    expect(frame.locator("#plain")).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("path", "scheme"), [("/article", "light"), ("/russian", "dark"), ("/short", "light")]
)
def test_it_is_open_to_everybody(
    chrome: Browser, site: str, ours: str, width: int, path: str, scheme: Any
) -> None:
    view = {"width": width, "height": 800}
    with reading_as(chrome, site, ours, viewport=view, color_scheme=scheme) as reader:
        page = reader.open(path)
        found = [one["id"] for one in Axe().run(page).response["violations"]]
        picture(page, f"appeal {path} {width} {scheme}")

        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        low = """host => [...host.shadowRoot.querySelectorAll("a, button, label, summary")]
          .map(one => one.getBoundingClientRect().height).filter(height => height && height < 43.9)"""
        assert page.locator("[data-small-favor]").evaluate(low) == []


def test_it_runs_from_right_to_left(chrome: Browser, tmp_path: Any) -> None:
    text = NEWSROOM.read_text(encoding="utf-8").replace('languages = ["en", "ru"]', 'languages = ["ar"]')
    text = re.sub(r"(?m)^ru = .*\n", "", re.sub(r"(?m)^en = ", "ar = ", text))
    newsroom = tmp_path / "newsroom.toml"
    newsroom.write_text(text, encoding="utf-8")
    with serve(make_lonely_app(newsroom)) as ours, serve_site(pages_of(ours)) as site:
        context = chrome.new_context(base_url=site, viewport={"width": 360, "height": 800})
        page = context.new_page()
        page.goto("/preview", wait_until="networkidle")
        section = page.locator("[data-small-favor] section")

        assert section.evaluate("section => getComputedStyle(section).direction") == "rtl"
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        picture(page, "appeal from right to left")
        page.goto(f"{ours}/appeal", wait_until="networkidle")
        assert [one["id"] for one in Axe().run(page).response["violations"]] == []
        context.close()


def test_where_motion_is_to_be_reduced_nothing_glides(chrome: Browser, site: str, ours: str) -> None:
    glides = "link => getComputedStyle(link).transitionDuration"
    found = {}
    for motion in ("reduce", "no-preference"):
        with reading_as(chrome, site, ours, reduced_motion=motion) as reader:
            found[motion] = reader.open("/article").get_by_role("link", name="Continue").evaluate(glides)

    assert found["reduce"] == "0s"
    assert found["no-preference"] != "0s"


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ru", "dark")])
def test_the_sample_page_is_open_to_everybody(
    chrome: Browser, ours: str, language: str, scheme: Any, script: bool
) -> None:
    for width in WIDTHS:
        context = chrome.new_context(
            base_url=ours,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        witness = Witness(context, ours)
        page = context.new_page()
        page.goto(f"/appeal?lang={language}", wait_until="networkidle")
        picture(page, f"sample {language} {width} {scheme} {'with' if script else 'without'} script")
        if script:
            assert [one["id"] for one in Axe().run(page).response["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            expect(page.locator("[data-small-favor]")).to_have_count(1)
        else:
            expect(page.locator("iframe")).to_be_visible()
        context.close()
        witness.assert_content()
