"""The variants of the appeal beside each other, and what may honestly be said of them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.appeals.difference import Interval, Share, Verdict, deviations_for, difference, judge
from app.db import reading
from app.flows.parts import Parts
from app.reports.appeals import Period, VariantRow, by_variant, first_days, list_campaigns
from config.appeal import MAIN

A_THOUSAND = Decimal(1000)
_TENTH = Decimal("0.1")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One variant, per thousand shown, beside the appeal's own words."""

    row: VariantRow
    paid_per_thousand: Decimal | None
    """None where it was never shown."""
    apart: Interval | None = None
    """How many more, or fewer, pay per thousand shown; None for the appeal's own words."""
    verdict: Verdict | None = None
    retired: bool = False
    """No longer in the newsroom's file."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All variants in one period."""

    first: date
    last: date
    campaign: str | None
    campaigns: list[str]
    rows: list[Compared]


def compare_appeals(
    parts: Parts,
    *,
    today: date,
    first: date | None = None,
    last: date | None = None,
    campaign: str | None = None,
) -> Comparison:
    """Compare the variants between two days.

    Args: first: without it, the first day on which all variants of the file had been shown: before it one of
        them had readers whom the others never met.
    """
    with reading(parts.sessions) as session:
        begun = first_days(session)
        present = [begun[key] for key in parts.newsroom.appeal.variant_keys if key in begun]
        end = last or today
        begin = min(first or max(present, default=end), end)
        period = Period(first=begin, last=end, zone=parts.newsroom.zone, campaign=campaign)
        rows, campaigns = by_variant(session, period), list_campaigns(session)
    return Comparison(
        first=begin,
        last=end,
        campaign=campaign,
        campaigns=campaigns,
        rows=_compared(rows, parts.newsroom.appeal.variant_keys),
    )


def _compared(rows: dict[str, VariantRow], keys: tuple[str, ...]) -> list[Compared]:
    main = rows.get(MAIN, VariantRow(variant=MAIN))
    others = [rows.get(key, VariantRow(variant=key)) for key in keys if key != MAIN]
    retired = [row for key, row in rows.items() if key not in keys]
    return [
        Compared(row=main, paid_per_thousand=_per_thousand(main)),
        *(_beside(main, row, comparisons=len(others)) for row in others),
        *(Compared(row=row, paid_per_thousand=_per_thousand(row), retired=True) for row in retired),
    ]


def _beside(main: VariantRow, row: VariantRow, *, comparisons: int) -> Compared:
    mine, theirs = Share(row.paid, row.shown), Share(main.paid, main.shown)
    return Compared(
        row=row,
        paid_per_thousand=_per_thousand(row),
        apart=_apart(mine, theirs, comparisons) if row.shown and main.shown else None,
        verdict=judge(mine, theirs, comparisons=comparisons),
    )


def _apart(mine: Share, theirs: Share, comparisons: int) -> Interval:
    found = difference(mine, theirs, deviations=deviations_for(comparisons))
    return Interval(low=_rounded(found.low), high=_rounded(found.high))


def _per_thousand(row: VariantRow) -> Decimal | None:
    return _rounded(Share(row.paid, row.shown).value) if row.shown else None


def _rounded(share: Decimal) -> Decimal:
    return (share * A_THOUSAND).quantize(_TENTH)
