"""Pages drawn once and filled for each answer: plain or compressed, the same bytes."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.reader.holed_page import HoledPage, hole

WORDS = st.text(max_size=400)
VALUES = st.text(alphabet=st.characters(codec="utf-8"), max_size=90)


@given(st.lists(WORDS, min_size=1, max_size=4), VALUES, VALUES)
def test_the_compressed_page_unpacks_to_the_plain_one(parts: list[str], nonce: str, campaign: str) -> None:
    html = hole("nonce").join(parts) + hole("campaign") + parts[0]
    values = {"nonce": nonce, "campaign": campaign}
    page = HoledPage(html)

    plain = page.fill(values)

    assert plain.decode() == html.replace(hole("nonce"), nonce).replace(hole("campaign"), campaign)
    assert gzip.decompress(page.fill_gzipped(values)) == plain


def test_the_compressed_page_is_one_member_that_every_browser_reads_to_its_end() -> None:
    page = HoledPage(f"<p>before</p>{hole('nonce')}<p>after</p>" * 50)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)

    unpacked = unpacker.decompress(page.fill_gzipped({"nonce": "n" * 22}))

    assert unpacker.eof
    assert unpacker.unused_data == b""
    assert unpacked == page.fill({"nonce": "n" * 22})


def test_a_page_without_holes_is_itself() -> None:
    page = HoledPage("<p>whole</p>")

    assert page.fill({}) == b"<p>whole</p>"
    assert gzip.decompress(page.fill_gzipped({})) == b"<p>whole</p>"


def test_a_hole_left_empty_is_a_fault_of_ours_and_no_silent_gap() -> None:
    with pytest.raises(KeyError):
        HoledPage(hole("nonce")).fill({})
