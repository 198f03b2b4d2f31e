"""The inspection of pages sees what is planted; else its silence would prove nothing."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.inspection import find_faults
from tests.support.browser import Witness

pytestmark = pytest.mark.xdist_group("journey-inspection")

SOUND = (
    '<!doctype html><html lang="en"><head><title>Sound</title></head><body><main>{body}</main></body></html>'
)
HEADING = "<h1>Sound</h1>"
PLANTED = {
    "scrolls sideways": f'{HEADING}<div style="inline-size: 700px">wide</div>',
    "cut off": f'{HEADING}<p style="inline-size: 3rem; white-space: nowrap">a long sentence</p>',
    "not one h1": "<p>No heading</p>",
    "no label": f'{HEADING}<input style="block-size: 3rem">',
    "a small target": f'{HEADING}<button style="block-size: 12px; font-size: 5px; padding: 0">Press</button>',
    "color-contrast": f'{HEADING}<p style="color: #aaa; background: #fff">faint</p>',
    "image-alt": f'{HEADING}<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
}


@pytest.mark.parametrize("sign", PLANTED)
def test_a_planted_fault_is_found(chrome: Browser, sign: str) -> None:
    with chrome.new_context() as context:
        page = context.new_page()
        page.set_content(SOUND.format(body=PLANTED[sign]))

        faults = find_faults(page, language="en", direction="ltr")

        assert sign in "\n".join(faults)


def test_a_sound_page_is_left_in_peace(chrome: Browser) -> None:
    with chrome.new_context() as context:
        page = context.new_page()
        page.set_content(SOUND.format(body=HEADING))

        assert find_faults(page, language="en", direction="ltr") == []


def test_another_language_or_direction_than_the_pages_own_is_told(chrome: Browser) -> None:
    with chrome.new_context() as context:
        page = context.new_page()
        page.set_content(SOUND.format(body=HEADING))

        assert find_faults(page, language="ar", direction="rtl") == ["lang is en", "dir is "]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<img src="http://127.0.0.1:9/stranger.png">', "stranger.png"),
        ("<script>throw new Error('planted')</script>", "planted"),
        ("<script>console.error('planted')</script>", "planted"),
        (
            '<meta http-equiv="Content-Security-Policy" content="style-src \'none\'">'
            '<p style="color: red">planted</p>',
            "Content Security Policy",
        ),
    ],
)
def test_the_witness_tells_of_strangers_and_complaints(chrome: Browser, body: str, told: str) -> None:
    with chrome.new_context() as context:
        witness = Witness(context, "http://ours.example")
        context.new_page().set_content(SOUND.format(body=body))

        with pytest.raises(AssertionError, match=told):
            witness.assert_content()
