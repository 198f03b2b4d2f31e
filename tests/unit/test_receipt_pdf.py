"""Receipts as PDF: what is printed, how it is tagged, and what a hostile name cannot do."""

import io
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from app.receipts.pdf import ReceiptDocument, ReceiptNotDrawn, render_receipt

ROOT = Path(__file__).parents[2]

ENGLISH = ReceiptDocument(
    number="HC-2026-000123",
    issued_on=date(2026, 11, 3),
    paid_on=date(2026, 11, 1),
    language="en",
    entity_name="Harbour Courier Foundation gGmbH",
    entity_address=("Speicherstadt 12", "20457 Hamburg", "Germany"),
    entity_registration="Hamburg HRB 123456",
    newsroom_name="The Harbour Courier",
    tax_wording="Recognised as a charity. Please keep this receipt.\nAsk your tax office whether it counts.",
    goods_wording="No goods or services were given in return.",
    supporter_name="Ada Lovelace",
    supporter_code="K7QM-3F2P",
    amount_minor=1550,
    currency="eur",
    purpose="Monthly support, 1 November to 30 November 2026",
    payment_method="Visa ending 4242",
    payment_reference="0199c1f4-7d02",
)
RUSSIAN = replace(
    ENGLISH,
    language="ru",
    newsroom_name="Портовый курьер",
    tax_wording="Сохраните эту квитанцию.",
    goods_wording="Товары или услуги взамен не предоставлялись.",
    supporter_name="Анна Ковалёва-Щедрина",
    amount_minor=123456789,
    currency="usd",
    purpose="Ежемесячная поддержка, 1–30 ноября 2026 г.",
    payment_method="Visa, оканчивается на 4242",
)
HOSTILE = (
    '=HYPERLINK("x")',
    '#panic() #import "a.typ" #sys.inputs',
    "*bold* _italic_ `raw` $x^2$ @ref <label>",
    "\"quoted\" 'single' back\\slash \\u{41} \\",
    "{{ 7*7 }} // comment /* block */ = Heading - list + 1. / term:",
    "](){}[]<>|~--- ...",
    "%s {0} {number} {page}",
    "Madonna",
    "Ж",
)


def pages_of(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def lines_of(pdf: bytes) -> list[str]:
    return [
        line
        for page in PdfReader(io.BytesIO(pdf)).pages
        for line in page.extract_text().replace("\u200b", "").splitlines()
    ]


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(lines_of(pdf)).split())


def named(name: str | None) -> bytes:
    return render_receipt(replace(ENGLISH, supporter_name=name))


def root_of(pdf: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", PdfReader(io.BytesIO(pdf)).root_object)


def metadata_of(pdf: bytes) -> str:
    """Return both of a PDF's descriptions of itself: the XMP packet and the information dictionary."""
    packet: bytes = root_of(pdf)["/Metadata"].get_data()
    return packet.decode() + str(PdfReader(io.BytesIO(pdf)).metadata)


def embedded_fonts(pdf: bytes) -> set[str]:
    """Return the embedded fonts; one that is not embedded fails."""
    resources = cast("dict[str, Any]", PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"])
    found = set()
    for font in resources["/Font"].values():
        (descendant,) = font["/DescendantFonts"]
        descriptor = descendant.get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & descriptor.keys()
        found.add(font["/BaseFont"].partition("+")[2])
    return found


def tags_of(pdf: bytes) -> list[str]:
    return _tags(root_of(pdf)["/StructTreeRoot"])


def _tags(node: object) -> list[str]:
    if isinstance(node, list):
        return [tag for child in node for tag in _tags(child.get_object())]
    if not isinstance(node, DictionaryObject):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (_tags(node["/K"]) if "/K" in node else [])


def test_an_english_receipt_prints_everything() -> None:
    text = text_of(render_receipt(ENGLISH))

    for words in (
        "The Harbour Courier",
        "Receipt",
        "HC-2026-000123",
        "Issued on 3 November 2026",
        "€15.50",
        "Fifteen euros and fifty cents",
        "Monthly support, 1 November to 30 November 2026",
        "Paid on",
        "1 November 2026",
        "Received from",
        "Ada Lovelace",
        "Supporter K7QM-3F2P",
        "Visa ending 4242",
        "Payment reference",
        "0199c1f4-7d02",
        "Issued by Harbour Courier Foundation gGmbH",
        "Speicherstadt 12 20457 Hamburg Germany Hamburg HRB 123456",
        "Recognised as a charity. Please keep this receipt. Ask your tax office whether it counts.",
        "No goods or services were given in return.",
        "Page 1 of 1",
    ):
        assert words in text


def test_a_russian_receipt_prints_everything_in_russian() -> None:
    text = text_of(render_receipt(RUSSIAN))

    for words in (
        "Портовый курьер",
        "Квитанция № HC-2026-000123",
        "Выдана 3 ноября 2026 г.",
        "1 234 567,89 $",
        "Один миллион двести тридцать четыре тысячи пятьсот шестьдесят семь долларов США",
        "восемьдесят девять центов",
        "Ежемесячная поддержка, 1–30 ноября 2026 г.",
        "1 ноября 2026 г.",
        "Анна Ковалёва-Щедрина",
        "Жертвователь K7QM-3F2P",
        "Visa, оканчивается на 4242",
        "Товары или услуги взамен не предоставлялись.",
        "Страница 1 из 1",
    ):
        assert words in text
    assert not re.search(r"Receipt|Issued|Paid|Amount|Supporter", text)


@pytest.mark.parametrize(
    ("minor", "currency", "figures", "words"),
    [
        (1234567, "jpy", "¥1,234,567", "Japanese yen"),
        (1234567890, "kwd", "KWD 1,234,567.890", "Kuwaiti dinars and eight hundred and ninety fils"),
        (50, "gbp", "£0.50", "Zero pounds sterling and fifty pence"),
        (1550, "chf", "CHF 15.50", "Fifteen CHF and 50/100"),
        (99999999999, "kwd", "KWD 99,999,999.999", "Kuwaiti dinars"),
    ],
)
def test_an_amount_is_printed_with_its_currencys_own_decimals(
    minor: int, currency: str, figures: str, words: str
) -> None:
    pdf = render_receipt(replace(ENGLISH, amount_minor=minor, currency=currency))

    assert text_of(pdf).count(figures) == 2  # large, and in the table
    assert words in text_of(pdf)
    assert figures in [line.replace("\u00a0", " ") for line in lines_of(pdf)]


def test_one_file_declares_pdf_a_2a_and_pdf_ua_1() -> None:
    metadata = metadata_of(render_receipt(ENGLISH))

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


@pytest.mark.parametrize(
    ("document", "language", "title"),
    [(ENGLISH, "en", "Receipt HC-2026-000123"), (RUSSIAN, "ru", "Квитанция № HC-2026-000123")],
)
def test_a_reader_program_is_told_the_title_and_language(
    document: ReceiptDocument, language: str, title: str
) -> None:
    pdf = render_receipt(document)

    assert root_of(pdf)["/Lang"] == language
    assert root_of(pdf)["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert f">{title}<" in metadata_of(pdf)
    assert f"'/Title': '{title}'" in metadata_of(pdf)
    assert "'/CreationDate': 'D:20261103000000Z'" in metadata_of(pdf)


def test_no_person_stands_in_the_files_metadata() -> None:
    metadata = metadata_of(render_receipt(ENGLISH))

    assert "Lovelace" not in metadata
    assert "K7QM" not in metadata


def test_headings_and_table_headers_are_tagged() -> None:
    tags = tags_of(render_receipt(ENGLISH))

    assert [tag for tag in tags if tag.startswith("/H")] == ["/H1", "/H2", "/H2"]
    assert (tags.count("/Table"), tags.count("/TH"), tags.count("/TD")) == (2, 6, 6)


def test_without_a_payment_method_its_column_is_left_out() -> None:
    pdf = render_receipt(replace(ENGLISH, payment_method=None))

    assert "Paid with" not in text_of(pdf)
    assert tags_of(pdf).count("/TH") == 5


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("Zoë Ñandú Nguyễn Ọlá Ħamid", "NotoSans-Regular"),
        ("Ӱлӧмӓ Ғани Ҷамшед", "NotoSans-Regular"),
        ("Ζωή Παπαδοπούλου", "NotoSans-Regular"),
        ("გიორგი მაისურაძე", "NotoSansGeorgian-Regular"),
        ("Արամ Խաչատրյան", "NotoSansArmenian-Regular"),
        ("สมชาย ใจดี", "NotoSansThai-Regular"),
        ("王小明", "DroidSansFallback"),
        ("さくら ヤマダ", "DroidSansFallback"),
        ("김철수", "DroidSansFallback"),
        ("Ada 😀", "NotoEmoji-Regular"),
        ("Ada 👩‍🚀 ❤️ 🇺🇦", "NotoEmoji-Regular"),
    ],
)
def test_a_name_is_printed_in_its_own_script(name: str, font: str) -> None:
    pdf = named(name)

    assert name in text_of(pdf)
    assert font in embedded_fonts(pdf)


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("זהבה בן־גוריון (תל אביב)", "NotoSansHebrew-Regular"),
        ("محمد بن عبد العزيز (بيروت) 123", "Vazirmatn-Regular"),
        ("زهرا گلشیری", "Vazirmatn-Regular"),
    ],
)
def test_a_right_to_left_name_keeps_its_letters_and_its_neighbours(name: str, font: str) -> None:
    pdf = named(name)

    # Extractors give right-to-left lines in an order of their own: the letters are what is compared.
    line = lines_of(pdf)[lines_of(pdf).index("Supporter K7QM-3F2P") - 1]
    assert sorted(line.replace(" ", "")) == sorted(name.replace(" ", ""))
    assert font in embedded_fonts(pdf)
    assert "Visa ending 4242 0199c1f4-7d02" in text_of(pdf)


def test_punctuation_that_ends_a_right_to_left_name_stands_at_its_left() -> None:
    lines = lines_of(named("دانا!"))

    # What is drawn leftmost comes first in the page's stream.
    assert lines[lines.index("Supporter K7QM-3F2P") - 1].strip() == "!دانا"


@pytest.mark.parametrize("name", ["नरेंद्र", "x" + "\u0301" * 119, "דָּוִד", "ڪراچيءَ"])
def test_letters_and_marks_drawn_as_one_shape_are_printed(name: str) -> None:
    # Extractors differ on such clusters: what is compared is that a line stands before the code.
    lines = lines_of(named(name))

    assert "Received from" not in lines[lines.index("Supporter K7QM-3F2P") - 1]


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_and_formulas_in_a_name_are_printed_as_typed(name: str) -> None:
    pdf = named(name)

    assert name in text_of(pdf)
    assert tags_of(pdf) == tags_of(render_receipt(ENGLISH))


def test_controls_and_bidi_overrides_are_dropped_from_a_name() -> None:
    pdf = named("\u202eAda\x00\x07\r\n\u2028Love\u2066lace\ue000\u00ad\ufeff\t Byron\ud800")

    assert "Ada Lovelace Byron Supporter" in text_of(pdf)


@pytest.mark.parametrize("letter", ["W", "Щ", "ﷺ", "ლ", "😀", "王", "م", "-"])
def test_the_longest_name_without_a_space_stays_in_its_column(letter: str) -> None:
    pdf = named(letter * 120)

    lengths = [line.count(letter) for line in lines_of(pdf) if line.count(letter) > 1]
    assert pages_of(pdf) == 1
    assert len(lengths) > 1
    assert sum(lengths) >= 120


def test_the_longest_name_with_spaces_is_printed_whole() -> None:
    name = ("Maximiliana Bartholomew-Featherstonehaugh Wolfeschlegelsteinhausenbergerdorff " * 2)[
        :120
    ].strip()

    text = text_of(named(name)).replace("- ", "-")

    assert name in text


def test_a_name_too_tall_for_the_page_gives_way_to_the_code() -> None:
    pdf = named("﷽" * 120)

    assert pages_of(pdf) == 1
    assert "﷽" not in text_of(pdf)
    assert "Received from Paid with Payment reference Supporter K7QM-3F2P" in text_of(pdf)


@pytest.mark.parametrize("name", [None, "", " \n", "\u202e\x07", "အောင်ဆန်း", "Ada အောင်"])
def test_a_name_that_cannot_be_drawn_whole_gives_way_to_the_code(name: str | None) -> None:
    text = text_of(named(name))

    assert "Received from Paid with Payment reference Supporter K7QM-3F2P" in text
    assert "Ada" not in text


def test_a_symbol_no_font_has_is_left_out_of_a_name() -> None:
    text = text_of(named("Zoë 𝄞 Müller 1\ufe0f\u20e3"))

    assert "Zoë Müller 1 Supporter" in text


def test_a_newsroom_whose_own_name_cannot_be_drawn_is_told_so_without_the_persons_name() -> None:
    with pytest.raises(ReceiptNotDrawn) as caught:
        render_receipt(replace(ENGLISH, newsroom_name="ကခ", supporter_name="Ada Lovelace"))

    assert "က" in str(caught.value)
    assert "Ada" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_language_without_labels_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'de'"):
        render_receipt(replace(ENGLISH, language="de"))


def test_long_tax_wording_flows_on_to_further_pages_and_loses_nothing() -> None:
    wording = " ".join(f"Sentence {number} of the tax wording." for number in range(200))

    text = text_of(render_receipt(replace(ENGLISH, tax_wording=wording)))

    assert "Page 2 of " in text
    assert text.count("Sentence") == 200


def test_the_same_document_gives_the_same_bytes_in_another_process_place_and_time_zone(
    tmp_path: Path,
) -> None:
    script = f"""
        import sys; from datetime import date; sys.path.insert(0, {str(ROOT)!r})
        from app.receipts.pdf import ReceiptDocument, render_receipt
        import datetime
        sys.stdout.buffer.write(render_receipt({ENGLISH!r}))
    """

    other = _run(script, cwd=tmp_path, env={"TZ": "Pacific/Kiritimati", "LANG": "C"})

    assert render_receipt(ENGLISH) == render_receipt(replace(ENGLISH)) == other


def test_two_documents_that_differ_give_files_that_differ() -> None:
    assert render_receipt(ENGLISH) != render_receipt(replace(ENGLISH, payment_reference="0199c1f4-7d03"))


def test_threads_that_draw_at_once_each_get_their_own_receipt() -> None:
    documents = [replace(ENGLISH, number=f"HC-2026-{serial:06}") for serial in range(24)]

    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(render_receipt, documents))

    assert [document.number in text_of(pdf) for document, pdf in zip(documents, drawn, strict=True)] == [
        True
    ] * len(documents)


def test_a_process_forked_after_drawing_is_refused_instead_of_waiting_for_ever() -> None:
    script = f"""
        import datetime, os, sys; sys.path.insert(0, {str(ROOT)!r})
        from app.receipts.pdf import ReceiptDocument, render_receipt
        document = {ENGLISH!r}
        render_receipt(document)
        child = os.fork()
        if child == 0:
            try:
                render_receipt(document)
            except RuntimeError as error:
                os.write(1, str(error).encode())
            os._exit(0)
        os.waitpid(child, 0)
    """

    assert b"before forking" in _run(script)


def _run(script: str, *, cwd: Path | None = None, env: dict[str, str] | None = None) -> bytes:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        cwd=cwd,
        env=env,
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout


@settings(deadline=None, max_examples=60)
@given(
    name=st.text(
        st.one_of(st.characters(), st.sampled_from('#$\\"*_`<@=/[]{}﷽\u202e\u0301\u200d')), max_size=120
    )
)
@example(name="\ud800")
@example(name="\U0010ffff" * 120)
@example(name="\u0e33" * 120)
def test_no_name_breaks_a_receipt_or_takes_it_to_a_second_page(name: str) -> None:
    pdf = named(name)

    assert pages_of(pdf) == 1
    assert "Supporter K7QM-3F2P" in text_of(pdf)
    assert "Hamburg HRB 123456" in text_of(pdf)
