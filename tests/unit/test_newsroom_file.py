"""The newsroom's file is checked as a whole when the product starts."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.kernel.intervals import Interval
from app.kernel.money import Money
from config.newsroom import Newsroom, load_newsroom

FILE = Path(__file__).resolve().parents[2] / "config" / "newsroom.toml"


def changed(tmp_path: Path, pattern: str, replacement: str) -> Path:
    text, count = re.subn(pattern, replacement, FILE.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    path = tmp_path / "newsroom.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def newsroom() -> Newsroom:
    return load_newsroom(FILE)


def test_the_first_of_each_list_is_the_default(newsroom: Newsroom) -> None:
    assert newsroom.default_language == "en"
    assert newsroom.default_currency == "eur"
    assert list(newsroom.currencies) == ["eur", "usd", "gbp", "jpy", "kwd"]


@pytest.mark.parametrize(
    ("currency", "least", "most"),
    [
        ("eur", Money(200, "eur"), Money(1_000_000, "eur")),
        ("jpy", Money(300, "jpy"), Money(1_500_000, "jpy")),
        ("kwd", Money(700, "kwd"), Money(3_000_000, "kwd")),
    ],
)
def test_each_currency_has_bounds_of_its_own(
    newsroom: Newsroom, currency: str, least: Money, most: Money
) -> None:
    assert newsroom.least(currency, Interval.month) == least
    assert newsroom.most(currency) == most


def test_support_starts_from_just_two_a_month(newsroom: Newsroom) -> None:
    assert newsroom.suggested("eur", Interval.month)[0] == Money(200, "eur")


def test_every_suggestion_may_be_given(newsroom: Newsroom) -> None:
    for currency in newsroom.currencies:
        for interval in Interval:
            least, most = newsroom.least(currency, interval), newsroom.most(currency)
            assert all(least <= amount <= most for amount in newsroom.suggested(currency, interval))


@pytest.mark.parametrize(
    ("pattern", "replacement", "named"),
    [
        (r'^time_zone = ".*?"', 'time_zone = "Europe/Atlantis"', "time_zone"),
        (r'^time_zone = ".*?"', 'time_zone = "../../etc/passwd"', "time_zone"),
        (r"^languages = \[.*?\]", 'languages = ["en", "ru", "ka"]', "says nothing in ka"),
        (r"^languages = \[.*?\]", "languages = []", "languages"),
        (r'^key = "HC"', 'key = "hc-2026"', "legal_entity.key"),
        (r'^contact_address = ".*"', 'contact_address = "nobody"', "contact_address"),
        (r'^month = \["2"', 'month = ["1"', "currencies.eur.month: 1 is out of bounds"),
        (r'^month = \["300"', 'month = ["300.5"', "currencies.jpy holds an amount that is finer than jpy"),
        (r"^least = \{ once = \"2\", ", "least = { ", "currencies.eur.least says nothing of once"),
        (r'^most = "10000"', 'most = "lots"', "currencies.eur holds an amount that is not a number"),
        (r"^\[currencies.gbp\]", "[currencies.GBP]", "currencies.GBP"),
        (r"^\[tagline\]", "[motto]", "motto"),
        (r'^\[tagline\]\nen = ".*"', "[tagline]", "tagline says nothing in en"),
        (
            r'^month = \["2", "5", "10", "20"\]',
            'month = ["2", "3", "4", "5", "6", "7", "8", "9", "10"]',
            "currencies.eur.month suggests 9 amounts; the form has room for 8",
        ),
        (r'^month = \["2", "5"', 'month = ["5", "5.00"', "currencies.eur.month: 5 is suggested twice"),
        (r'^most = "10000"', 'most = "1"', "currencies.eur.least is more than most, once"),
        (r'^most = "10000"', 'most = "10,000"', "an amount that is either 10000 or 10.00"),
        (r'^statement_descriptor = "[^"]*"', 'statement_descriptor = "HC"', "statement_descriptor"),
        (r"^grace_days = 7", "grace_days = -1", "entitlement.grace_days"),
        (r"^grace_days = 7", "grace_days = 91", "less than or equal to 90"),
        (r"^grace_days = 7", 'grace_days = "a week"', "entitlement.grace_days"),
        (r"^grace_days", "grace", "entitlement.grace"),
        (r"^days_for_a_gift_made_once = 0", "days_for_a_gift_made_once = 3661", "days_for_a_gift_made_once"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, pattern: str, replacement: str, named: str) -> None:
    path = changed(tmp_path, pattern, replacement)

    with pytest.raises(ValidationError) as refused:
        load_newsroom(path)

    assert named in str(refused.value)


def test_a_file_that_says_nothing_of_entitlement_gives_a_week_of_grace(tmp_path: Path) -> None:
    path = changed(tmp_path, r"(?s)^\[entitlement\].*?(?=^# Currencies)", "")

    terms = load_newsroom(path).entitlement

    assert (terms.grace_days, terms.days_for_a_gift_made_once) == (7, 0)


def test_the_line_under_the_name_is_said_in_each_language(newsroom: Newsroom) -> None:
    assert newsroom.tagline_in("en") == ("Reporting that answers only to its readers", "en")
    assert newsroom.tagline_in("ru") == ("Журналистика, которая отвечает только перед читателями", "ru")


@pytest.mark.parametrize(("given", "shown"), [('tagline = "Only for you"\n', "Only for you"), ("", "")])
def test_one_line_for_all_languages_is_marked_as_the_first_ones(
    tmp_path: Path, given: str, shown: str
) -> None:
    path = changed(tmp_path, r'^\[tagline\]\nen = ".*"\nru = ".*"\n', "")
    path.write_text(given + path.read_text(encoding="utf-8"), encoding="utf-8")

    assert load_newsroom(path).tagline_in("ru") == (shown, "en")


def test_a_file_that_offers_no_currency_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, r"(?s)^\[currencies\.eur\].*\Z", "[currencies]\n")

    with pytest.raises(ValidationError, match="currencies"):
        load_newsroom(path)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "newsroom.toml"
    path.write_text("name = ", encoding="utf-8")

    with pytest.raises(tomllib.TOMLDecodeError):
        load_newsroom(path)


@pytest.mark.parametrize(
    ("pattern", "replacement", "complaint"),
    [
        (r"\[fees.eur\]", "[fees.chf]", r"fees\.chf is of a currency that is not offered"),
        (r'fixed = "0.25"', 'fixed = "0,25"', r"fees\.eur\.fixed is not an amount"),
        (r'fixed = "0.25"', 'fixed = "0.255"', r"fees\.eur\.fixed is not an amount"),
        (r'fixed = "0.25"', 'fixed = "-1"', r"fees\.eur\.fixed is not an amount"),
        (r'percent = "2.9"', 'percent = "50"', "less than 50"),
    ],
)
def test_fees_that_make_no_sense_stop_the_start(
    tmp_path: Path, pattern: str, replacement: str, complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        load_newsroom(changed(tmp_path, pattern, replacement))


def test_a_newsroom_may_say_nothing_of_fees(tmp_path: Path) -> None:
    assert not load_newsroom(changed(tmp_path, r"(?s)\[fees.eur\].*", "")).fees


def test_a_variant_says_what_it_says_and_the_rest_as_the_appeal_does(newsroom: Newsroom) -> None:
    own, open_to_all = (newsroom.appeal.words_of(key, "en") for key in newsroom.appeal.variant_keys)

    assert newsroom.appeal.variant_keys == ("main", "open")
    assert own.heading == newsroom.appeal.heading["en"]
    assert open_to_all.heading != own.heading
    assert open_to_all.more == own.more


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        (r"^\[appeal\.variants\.open\.heading\]$", "[appeal.variants.main.heading]", "main is taken"),
        (
            r"^\[appeal\.variants\.open\.heading\]$",
            "[appeal.variants.bare]\n[appeal.variants.open.heading]",
            "says nothing",
        ),
        (
            r"^\[appeal\.variants\.open\.text\]\nen",
            "[appeal.variants.open.text]\nde",
            r"open\.text says nothing in en",
        ),
        (r"^\[appeal\.more\]\nen", "[appeal.more]\nde", r"appeal\.more says nothing in en"),
        (r"^quiet_weeks = 4", "quiet_weeks = 0", "quiet_weeks"),
    ],
)
def test_a_mistake_in_the_appeals_variants_is_named(
    tmp_path: Path, pattern: str, replacement: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        load_newsroom(changed(tmp_path, pattern, replacement))


def test_a_file_without_variants_and_without_more_has_one_variant(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^\[appeal\.(more|variants\.[.\w]+)\]\n.*?(?=^\[|^#)", "", text)
    path = tmp_path / "newsroom.toml"
    path.write_text(text.replace("quiet_weeks = 4", ""), encoding="utf-8")

    appeal = load_newsroom(path).appeal

    assert appeal.variant_keys == ("main",)
    assert appeal.words_of("main", "ru").more == ""
    assert appeal.quiet_weeks == 4
