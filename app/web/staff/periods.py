"""Which days and which currency a page is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.kernel.errors import BadInput
from app.reports.money import FIGURES, MonthRow

MONTHS_SHOWN = 12
LONGEST_YEARS = 50
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)
_DAYS_A_YEAR = 366


class PeriodNotUnderstood(BadInput):
    """The days asked for are not days, or the wrong way round."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Some days, both ends included."""

    first: date
    last: date


def last_months(today: date, months: int = MONTHS_SHOWN) -> Period:
    """Return the current month up to today and the full months before it: `months` in all."""
    return Period(first=month_starts(today, months)[0], last=today)


def month_starts(last: date, months: int) -> list[date]:
    """Return the first days of `months` months, ending with the month of `last`."""
    starts = [last.replace(day=1)]
    while len(starts) < months:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    return starts[::-1]


def read_period(arguments: Mapping[str, str], *, today: date) -> Period:
    """Return the days asked for by `from` and `to`, the last twelve months where neither is given.

    Raises: PeriodNotUnderstood: the message names the field and says what to do.
    """
    usual = last_months(today)
    last = _read_day(arguments, "to", usual.last)
    first = _read_day(arguments, "from", min(usual.first, month_starts(last, MONTHS_SHOWN)[0]))
    if last < first:
        raise PeriodNotUnderstood("“From” is later than “to”. Swap the two days.")
    if (last - first).days > LONGEST_YEARS * _DAYS_A_YEAR:
        raise PeriodNotUnderstood(f"That is more than {LONGEST_YEARS} years. Choose a shorter period.")
    return Period(first=first, last=last)


def _read_day(arguments: Mapping[str, str], field: str, usual: date) -> date:
    text = arguments.get(field, "").strip()
    if not text:
        return usual
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodNotUnderstood(f"“{field.capitalize()}” is not a day. Write it as 2026-11-23.") from None
    if not EARLIEST <= day <= LATEST:
        raise PeriodNotUnderstood(f"“{field.capitalize()}” is not a day the desk knows. Choose one near now.")
    return day


def choose_currency(asked: str | None, known: Sequence[str], usual: str) -> str:
    """Return the currency asked for if the ledger knows it, else the newsroom's own, else any it knows."""
    for wanted in (asked, usual, *known):
        if wanted in known:
            return str(wanted)
    return usual


def every_month(rows: Sequence[MonthRow], *, period: Period, currency: str) -> list[MonthRow]:
    """Return a row for every month of the period, empty where nothing was booked."""
    booked = {row.month: row for row in rows if row.currency == currency}
    months = (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1
    return [booked.get(month) or _nothing_in(month, currency) for month in month_starts(period.last, months)]


def _nothing_in(month: date, currency: str) -> MonthRow:
    return MonthRow(month=month, currency=currency, **dict.fromkeys(FIGURES, 0))
