"""The newsroom's file: who it is, what it asks for, what its receipts say."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    EmailStr,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from app.kernel.currencies import exponent
from app.kernel.intervals import Interval
from app.kernel.money import AmountNotUnderstood, Money, parse_money
from config.appeal import Appeal
from config.gifts import GiftTerms
from config.wording import Part as _Part
from config.wording import Text, Wording

MOST_SUGGESTED = 8
"""The form's style sheet shows what each of so many amounts means, without a script."""


class LegalEntity(_Part):
    """Who gives the receipts."""

    key: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    name: Text
    address: list[Text] = Field(min_length=1, max_length=6)
    registration: str = ""


class ReceiptWording(_Part):
    """What receipts say, by language."""

    tax_wording: Wording
    goods_wording: Wording


class Notices(_Part):
    """How long before, or after, people are told of what is charged, or waits for them."""

    yearly_days: int = Field(default=14, ge=1, le=60)
    """Before a yearly charge."""
    raised_days: int = Field(default=7, ge=1, le=60)
    """Before the first charge of a raised amount."""
    card_days: int = Field(default=30, ge=1, le=90)
    """Before a charge to a card that will be out of date by then."""
    retries_days: int = Field(default=15, ge=1, le=60)
    """How long Stripe goes on trying to collect a failed renewal, as it is set up there."""
    unfinished_hours: int = Field(default=3, ge=1, le=72)
    """After a pledge was begun and not finished, where the reader wished for a mail with a link."""
    gift_days: int = Field(default=14, ge=1, le=60)
    """Before the end of a gift membership, to whoever claimed it."""


class StatementTerms(_Part):
    """Which year the yearly statement is of."""

    first_month: int = Field(default=1, ge=1, le=12)
    """1: the calendar year; 4: a fiscal year that begins in April."""


class CurrencyOffer(_Part):
    """What may be given in one currency, as texts in its main unit."""

    least: dict[Interval, str]
    most: str
    once: list[str]
    month: list[str]
    year: list[str]


class FeeTerms(_Part):
    """What Stripe keeps of each payment in one currency, as agreed with Stripe."""

    percent: Decimal = Field(ge=0, lt=50, max_digits=5, decimal_places=3)
    """Of all that is charged."""
    fixed: str
    """Besides, as a text in the currency's main unit; may be finer than what can be charged."""


class EntitlementTerms(_Part):
    """How long support entitles beyond what is paid for."""

    grace_days: int = Field(default=7, ge=0, le=90)
    """After a membership's last paid period, while a renewal is tried again."""
    days_for_a_gift_made_once: int = Field(default=0, ge=0, le=3660)


class Newsroom(_Part):
    """One newsroom's choices, checked as a whole when the product starts."""

    name: Text
    tagline: Wording | str = ""
    """By language; or one text, in the first language, for all."""
    languages: list[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]] = Field(min_length=1)
    time_zone: str
    website: str
    contact_address: EmailStr
    statement_descriptor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 .-]{5,22}$")]
    legal_entity: LegalEntity
    receipt: ReceiptWording
    appeal: Appeal
    notices: Notices = Notices()
    fees: dict[str, FeeTerms] = Field(default_factory=dict)
    """By currency; where nothing is said of one, nobody is asked to cover its fees."""
    entitlement: EntitlementTerms = EntitlementTerms()
    statement: StatementTerms = StatementTerms()
    gifts: GiftTerms | None = None
    """Memberships to pay for somebody else; where nothing is said of them, none are offered."""
    currencies: dict[Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")], CurrencyOffer] = Field(
        min_length=1
    )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of receipt dates and report periods."""
        return ZoneInfo(self.time_zone)

    @property
    def default_language(self) -> str:
        """The first language of the list."""
        return self.languages[0]

    @property
    def default_currency(self) -> str:
        """The first currency of the file."""
        return next(iter(self.currencies))

    def tagline_in(self, language: str) -> tuple[str, str]:
        """Return the line under the name, empty where there is none, and the language it is in."""
        if isinstance(self.tagline, str):
            return self.tagline, self.default_language
        return self.tagline[language], language

    def suggested(self, currency: str, interval: Interval) -> list[Money]:
        """Return the amounts offered, in the file's order."""
        return [parse_money(text, currency) for text in getattr(self.currencies[currency], interval)]

    def least(self, currency: str, interval: Interval) -> Money:
        """Return the smallest gift accepted."""
        return parse_money(self.currencies[currency].least[interval], currency)

    def most(self, currency: str) -> Money:
        """Return the largest gift accepted."""
        return parse_money(self.currencies[currency].most, currency)

    def fixed_fee(self, currency: str) -> Money:
        """Return the fixed part of the fee on a payment in a currency that `fees` names."""
        return Money(int(_fixed_minor(self.fees[currency].fixed, currency)), currency)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"{value} is not a time zone such as Europe/Berlin") from unknown
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Newsroom":
        self._check_wordings()
        self._check_fees()
        for currency in self.currencies:
            try:
                for interval in Interval:
                    self._check_offer(currency, interval)
            except AmountNotUnderstood as wrong:
                raise ValueError(f"currencies.{currency} holds an amount that is {wrong}") from wrong
        self._check_gifts()
        return self

    def _check_wordings(self) -> None:
        wordings = {
            "receipt.tax_wording": self.receipt.tax_wording,
            "receipt.goods_wording": self.receipt.goods_wording,
            **dict(self.appeal.wordings()),
        }
        if not isinstance(self.tagline, str):
            wordings["tagline"] = self.tagline
        for where, wording in wordings.items():
            missing = [language for language in self.languages if language not in wording]
            if missing:
                raise ValueError(f"{where} says nothing in {', '.join(missing)}")

    def _check_fees(self) -> None:
        for currency, terms in self.fees.items():
            if currency not in self.currencies:
                raise ValueError(f"fees.{currency} is of a currency that is not offered")
            if not _is_whole(_fixed_minor(terms.fixed, currency)):
                raise ValueError(f"fees.{currency}.fixed is not an amount such as 0.25")

    def _check_gifts(self) -> None:
        for currency in self.gifts.monthly if self.gifts else ():
            if currency not in self.currencies:
                raise ValueError(f"gifts.monthly.{currency} is of a currency that is not offered")
            self._check_gift_prices(currency)

    def _check_gift_prices(self, currency: str) -> None:
        assert self.gifts is not None  # noqa: S101 (the caller has gifts)
        try:
            prices = {months: self.gifts.price(months, currency) for months in self.gifts.months}
        except AmountNotUnderstood as wrong:
            raise ValueError(f"gifts.monthly.{currency} is {wrong}") from wrong
        least, most = self.least(currency, Interval.once), self.most(currency)
        for months, price in prices.items():
            if price < least or most < price:
                raise ValueError(f"gifts.monthly.{currency}: {months} months are out of bounds")

    def _check_offer(self, currency: str, interval: Interval) -> None:
        if interval not in self.currencies[currency].least:
            raise ValueError(f"currencies.{currency}.least says nothing of {interval}")
        least, most = self.least(currency, interval), self.most(currency)
        if most < least:
            raise ValueError(f"currencies.{currency}.least is more than most, {interval}")
        where = f"currencies.{currency}.{interval}"
        _check_suggested(self.suggested(currency, interval), where, least=least, most=most)


def _fixed_minor(text: str, currency: str) -> Decimal:
    """Return minor units; not a number where the text is no plain one, such as `0.25`."""
    plain = re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text)
    return Decimal(text).scaleb(exponent(currency)) if plain else Decimal("NaN")


def _is_whole(minor: Decimal) -> bool:
    return minor.is_finite() and minor == minor.to_integral_value()


def _check_suggested(suggested: list[Money], where: str, *, least: Money, most: Money) -> None:
    if len(suggested) > MOST_SUGGESTED:
        raise ValueError(f"{where} suggests {len(suggested)} amounts; the form has room for {MOST_SUGGESTED}")
    for amount in suggested:
        if amount < least or most < amount:
            raise ValueError(f"{where}: {amount.plain()} is out of bounds")
        if suggested.count(amount) > 1:
            raise ValueError(f"{where}: {amount.plain()} is suggested twice")


def load_newsroom(path: Path) -> Newsroom:
    """Read and check a newsroom's file.

    Raises: OSError: no such file. ValueError: what is wrong in it, by name.
    """
    return Newsroom.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
