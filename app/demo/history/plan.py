"""Writes the newsroom's past: the same every time but for the day it ends on."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import count, cycle

from app.demo.history.people import Reader, language_of, name_of, note_of
from app.kernel.intervals import Interval
from app.kernel.money import Money
from config.newsroom import Newsroom

DAYS_A_SUPPORTER = 8
DAYS_BETWEEN_DOUBTERS = 80
CURRENCIES = "eur eur eur usd eur eur gbp eur jpy usd kwd".split()
INTERVALS = "month month month once month month year month month once".split()
UNDER_ARTICLES = "article-footer"
CAMPAIGNS = ("spring-appeal", UNDER_ARTICLES, None, "newsletter", UNDER_ARTICLES, None, None)
CARDS = (
    "4242424242424242",
    "5555555555554444",
    "4000002760000016",
    "378282246310005",
    "4000056655665556",
    "4000002500003155",
)
"""All of them pay; the last asks its bank first."""
PAUSED_FOR = timedelta(days=60)
BANK_TAKES = timedelta(days=6)
"""How long a bank thinks about a dispute; one that nobody answers is lost after eight days."""
CARD_LOST_AFTER = timedelta(days=50)
CARD_MENDED_AFTER = timedelta(days=64)
"""The third monthly payment, 59 to 62 days on, fails; Stripe tries it again for a fortnight."""


class Deed(Enum):
    """What somebody does."""

    join = auto()
    """Fills in the form and pays."""
    join_at_second_try = auto()
    """The same, after a card that was declined."""
    turn_back = auto()
    """Fills in the form and never pays."""
    change_amount = auto()
    lose_card = auto()
    """From here on the card is declined."""
    mend_card = auto()
    """Gives a new card and pays what is open."""
    cancel = auto()
    """Wants no further period."""
    refund = auto()
    """Is given the newest payment back."""
    refund_half = auto()
    pause = auto()
    """Is charged nothing for a while; it resumes by itself."""
    join_again = auto()
    """Has forgotten that they give already, and begins a second subscription."""
    dispute = auto()
    """Lets the bank take the newest payment back."""
    win_dispute = auto()
    """The bank returns it."""
    lose_dispute = auto()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One deed of one reader; `amount` is the new one where it changes."""

    at: datetime
    deed: Deed
    reader: Reader
    amount: Money | None = None


def write_plan(newsroom: Newsroom, *, since: datetime, until: datetime) -> list[Step]:
    """Return what happens between two instants, in order."""
    steps = _Author(newsroom, since, until).steps()
    return sorted((step for step in steps if step.at < until), key=lambda step: step.at)


class _Author:
    def __init__(self, newsroom: Newsroom, since: datetime, until: datetime) -> None:
        self._newsroom = newsroom
        self._since = since
        self._until = until
        self._chance = random.Random(2026)  # noqa: S311 (a story, told the same way each time)
        self._lives = count()
        self._readers = count()
        taken = [code for code in CURRENCIES if code in newsroom.currencies]
        self._currencies = cycle(taken or list(newsroom.currencies))
        self._variants = cycle(newsroom.appeal.variant_keys)
        self._intervals = cycle(Interval(name) for name in INTERVALS)

    def steps(self) -> Iterator[Step]:
        days = (self._until - self._since).days
        for day in range(1, days, DAYS_A_SUPPORTER):
            yield from self._life(self._moment(day))
        for day in range(DAYS_BETWEEN_DOUBTERS // 2, days, DAYS_BETWEEN_DOUBTERS):
            yield Step(at=self._moment(day), deed=Deed.turn_back, reader=self._reader(Interval.month))
        yield from self._end_of_the_story()

    def _life(self, joined_at: datetime) -> Iterator[Step]:
        """Tell how one supporter joins, and what becomes of it."""
        number = next(self._lives)
        reader = self._reader(next(self._intervals))
        deed = Deed.join_at_second_try if number % 13 == 5 else Deed.join
        yield Step(at=joined_at, deed=deed, reader=reader)
        if number % 17 == 3:
            back = Deed.refund if reader.interval is Interval.once else Deed.refund_half
            yield Step(at=joined_at + timedelta(days=4), deed=back, reader=reader)
        if reader.interval is Interval.month:
            yield from self._fate(reader, number, joined_at)

    def _fate(self, reader: Reader, number: int, joined_at: datetime) -> Iterator[Step]:
        later = joined_at + timedelta(days=40 + number % 60)
        match number % 14:
            case 1 | 8:
                yield Step(at=later, deed=Deed.cancel, reader=reader)
            case 2 | 10:
                raised = reader.amount + reader.amount
                yield Step(at=later, deed=Deed.change_amount, reader=reader, amount=raised)
            case 5:
                least = self._newsroom.least(reader.amount.currency, Interval.month)
                yield Step(at=later, deed=Deed.change_amount, reader=reader, amount=least)
            case 6:
                yield Step(at=later, deed=Deed.pause, reader=reader)
            case 9 | 11:
                decided = Deed.win_dispute if number % 14 == 11 else Deed.lose_dispute
                yield Step(at=later, deed=Deed.dispute, reader=reader)
                yield Step(at=later + BANK_TAKES, deed=decided, reader=reader)
            case 13:
                yield Step(at=later, deed=Deed.join_again, reader=reader)
            case 4 | 12:
                yield Step(at=joined_at + CARD_LOST_AFTER, deed=Deed.lose_card, reader=reader)
            case 0 | 7:
                yield Step(at=joined_at + CARD_LOST_AFTER, deed=Deed.lose_card, reader=reader)
                yield Step(at=joined_at + CARD_MENDED_AFTER, deed=Deed.mend_card, reader=reader)

    def _end_of_the_story(self) -> Iterator[Step]:
        """Leave somebody whose card has just failed, and two who came today."""
        unlucky, joined_at = self._reader(Interval.month), self._until - CARD_MENDED_AFTER
        if joined_at > self._since:
            yield Step(at=joined_at, deed=Deed.join, reader=unlucky)
            yield Step(at=joined_at + CARD_LOST_AFTER, deed=Deed.lose_card, reader=unlucky)
        for minutes, interval in ((150, Interval.month), (40, Interval.once)):
            today = self._until - timedelta(minutes=minutes)
            yield Step(at=today, deed=Deed.join, reader=self._reader(interval))

    def _reader(self, interval: Interval) -> Reader:
        number = next(self._readers)
        language = language_of(number)
        known = self._newsroom.languages
        campaign = CAMPAIGNS[number % len(CAMPAIGNS)]
        return Reader(
            address=f"reader-{number}@example.org",
            name=name_of(number),
            language=language if language in known else known[0],
            amount=self._amount(next(self._currencies), interval),
            interval=interval,
            campaign=campaign,
            card=CARDS[number % len(CARDS)],
            variant=next(self._variants) if campaign == UNDER_ARTICLES else None,
            note=note_of(number),
            covers_fees=number % 5 == 2,
        )

    def _amount(self, currency: str, interval: Interval) -> Money:
        """Return one of the amounts suggested, small ones more often, or now and then an own one."""
        suggested = self._newsroom.suggested(currency, interval)
        if self._chance.randrange(9) == 0:
            return suggested[0] + suggested[min(1, len(suggested) - 1)]
        return suggested[min(self._chance.randrange(len(suggested)), self._chance.randrange(len(suggested)))]

    def _moment(self, day: int) -> datetime:
        return self._since + timedelta(days=day, minutes=self._chance.randrange(24 * 60))
