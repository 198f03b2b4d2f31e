"""Money and dates as people read them, by Babel."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_symbol

from app.kernel.currencies import exponent
from app.kernel.money import Money


def format_money(money: Money, language: str) -> str:
    """Return `€2`, `€2.50`, `¥300`, `KWD 0.500`: decimals only where there are any."""
    places = 0 if money.major == money.major.to_integral_value() else exponent(money.currency)
    return format_money_exactly(money, language, places=places)


def format_money_exactly(money: Money, language: str, *, places: int | None = None) -> str:
    """Return an amount with all of its currency's decimals, as books and receipts print it."""
    decimals = exponent(money.currency) if places is None else places
    pattern = "¤#,##0" + ("." + "0" * decimals if decimals else "")
    if language == "ru":
        pattern = pattern.removeprefix("¤") + "\u00a0¤"
    elif get_currency_symbol(money.currency.upper(), language)[-1].isalpha():
        pattern = pattern.replace("¤", "¤\u00a0")
    return format_currency(
        money.major, money.currency.upper(), pattern, locale=language, currency_digits=False
    )


def format_day(day: date, language: str) -> str:
    """Return a date in words: `3 November 2026`, `3 ноября 2026 г.`."""
    return format_date(day, format="d MMMM y" if language == "en" else "long", locale=language)
