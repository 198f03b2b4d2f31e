"""Amounts of money as a receipt prints them: in figures and in words."""

from collections.abc import Mapping
from typing import NamedTuple

from babel import Locale

from app.kernel.currencies import WHOLE_IN_TWO_DECIMALS, exponent
from app.kernel.formatting import format_money, format_money_exactly
from app.kernel.money import Money


class _Unit(NamedTuple):
    """A unit of money as it is counted: its forms by Babel's plural category."""

    forms: Mapping[str, str]
    feminine: bool = False


class _Currency(NamedTuple):
    """The unit and, unless the currency has none, its fraction."""

    unit: _Unit
    fraction: _Unit | None = None


def format_amount(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount in figures with all of its currency's decimals: `€15.00`, `15,00 €`, `¥300`.

    Currencies Stripe counts in hundredths but charges whole have none: `ISK 500`.
    """
    money = Money(amount_minor, currency)
    if currency in WHOLE_IN_TWO_DECIMALS:
        return format_money(money, language)
    return format_money_exactly(money, language)


def amount_in_words(amount_minor: int, currency: str, language: str) -> str:
    """Return an amount in words: `fifteen euros and fifty cents`, `пятнадцать евро пятьдесят центов`.

    Args: amount_minor: not negative; currency: Stripe's lowercase code; language: "en" or "ru".
    Returns: lowercase words; a currency without words of its own is named by its code, and its
        fraction is written as one: `fifteen CHF and 50/100`.
    Raises: ValueError: a negative amount, or a language without words.
    """
    if amount_minor < 0:
        raise ValueError("a receipt's amount is not negative")
    if language not in SPELLED:
        raise ValueError(f"no words for amounts in {language!r}")
    whole, part = divmod(amount_minor, 10 ** exponent(currency))
    unit, fraction = _CURRENCIES[language].get(currency, (None, None))
    words = [_counted(whole, unit, language) if unit else f"{_spelled(whole, language)} {currency.upper()}"]
    if part:
        words.append(_counted(part, fraction, language) if fraction else _as_fraction(part, currency))
    return _JOINERS[language].join(words)


def _counted(count: int, unit: _Unit, language: str) -> str:
    form = unit.forms[Locale(language).plural_form(count)]
    return f"{_spelled(count, language, feminine=unit.feminine)} {form}"


def _spelled(count: int, language: str, *, feminine: bool = False) -> str:
    # Imported here, because it loads sixty languages: 0.1 s and 7 MB few processes ever need.
    from num2words import num2words  # noqa: PLC0415

    words = str(num2words(count, lang=language))
    if not feminine:
        return words
    # num2words' own `gender` turns the millions as well ("одна миллион"); only the last word agrees.
    before, space, last = words.rpartition(" ")
    return before + space + _FEMININE.get(last, last)


def _as_fraction(part: int, currency: str) -> str:
    decimals = exponent(currency)
    return f"{part:0{decimals}d}/{10**decimals}"


_FEMININE = {"один": "одна", "два": "две"}
_JOINERS = {"en": " and ", "ru": " "}


def _english(one: str, other: str) -> _Unit:
    return _Unit({"one": one, "other": other})


def _russian(one: str, few: str, many: str, *, feminine: bool = False) -> _Unit:
    return _Unit({"one": one, "few": few, "many": many}, feminine)


_CURRENCIES: Mapping[str, Mapping[str, _Currency]] = {
    "en": {
        "eur": _Currency(_english("euro", "euros"), _english("cent", "cents")),
        "usd": _Currency(_english("US dollar", "US dollars"), _english("cent", "cents")),
        "gbp": _Currency(_english("pound sterling", "pounds sterling"), _english("penny", "pence")),
        "jpy": _Currency(_english("Japanese yen", "Japanese yen")),
        "kwd": _Currency(_english("Kuwaiti dinar", "Kuwaiti dinars"), _english("fils", "fils")),
    },
    "ru": {
        "eur": _Currency(_russian("евро", "евро", "евро"), _russian("цент", "цента", "центов")),
        "usd": _Currency(
            _russian("доллар США", "доллара США", "долларов США"),
            _russian("цент", "цента", "центов"),
        ),
        "gbp": _Currency(
            _russian("фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"),
            _russian("пенс", "пенса", "пенсов"),
        ),
        "jpy": _Currency(_russian("японская иена", "японские иены", "японских иен", feminine=True)),
        "kwd": _Currency(
            _russian("кувейтский динар", "кувейтских динара", "кувейтских динаров"),
            _russian("филс", "филса", "филсов"),
        ),
    },
}
SPELLED = frozenset(_CURRENCIES)
"""The languages that amounts are written out in; a receipt in another has them in figures alone."""
