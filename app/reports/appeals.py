"""What each variant of the appeal did: shown and followed by the daily sums, pledged and paid by pledges."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.appeals.models import AppealCount
from app.billing.models import Payment
from app.giving.models import Pledge


@dataclass(frozen=True, kw_only=True)
class Period:
    """Some of the newsroom's days, both ends included, under one campaign or all."""

    first: date
    last: date
    zone: ZoneInfo
    campaign: str | None = None


@dataclass(frozen=True, kw_only=True)
class VariantRow:
    """The sums of one variant."""

    variant: str
    shown: int = 0
    continued: int = 0
    pledged: int = 0
    """Forms sent by readers who came from it."""
    paid: int = 0
    """Those of them for which money came, whatever became of it later."""


def by_variant(session: Session, period: Period) -> dict[str, VariantRow]:
    """Return the sums of every variant that was shown or pledged by in a period."""
    counted = {row.variant: row for row in session.execute(_counts(period))}
    promised = {str(row.variant): row for row in session.execute(_pledges(period))}
    return {
        variant: VariantRow(
            variant=variant,
            shown=counted[variant].shown if variant in counted else 0,
            continued=counted[variant].continued if variant in counted else 0,
            pledged=promised[variant].pledged if variant in promised else 0,
            paid=promised[variant].paid if variant in promised else 0,
        )
        for variant in sorted(counted.keys() | promised.keys())
    }


def first_days(session: Session) -> dict[str, date]:
    """Return the day on which each variant was first shown."""
    first = sa.func.min(AppealCount.day).label("first")
    rows = session.execute(sa.select(AppealCount.variant, first).group_by(AppealCount.variant))
    return {row.variant: row.first for row in rows}


def list_campaigns(session: Session) -> list[str]:
    """Return the campaigns under which the appeal was shown, by name."""
    named = sa.select(AppealCount.campaign_slug).where(AppealCount.campaign_slug != "").distinct()
    return list(session.scalars(named.order_by(AppealCount.campaign_slug)))


def _counts(period: Period) -> sa.Select[str, int, int]:
    statement = (
        sa.select(
            AppealCount.variant,
            sa.func.sum(AppealCount.shown).label("shown"),
            sa.func.sum(AppealCount.continued).label("continued"),
        )
        .where(AppealCount.day.between(period.first, period.last))
        .group_by(AppealCount.variant)
    )
    return statement.where(AppealCount.campaign_slug == period.campaign) if period.campaign else statement


def _pledges(period: Period) -> sa.Select[str | None, int, int]:
    paid = sa.exists().where(Payment.pledge_id == Pledge.id, Payment.paid_at.is_not(None))
    statement = (
        sa.select(
            Pledge.appeal_variant.label("variant"),
            sa.func.count().label("pledged"),
            sa.func.sum(sa.case((paid, 1), else_=0)).label("paid"),
        )
        .where(
            Pledge.appeal_variant.is_not(None),
            Pledge.created_at >= _midnight(period.first, period.zone),
            Pledge.created_at < _midnight(period.last + timedelta(days=1), period.zone),
        )
        .group_by(Pledge.appeal_variant)
    )
    return statement.where(Pledge.campaign_slug == period.campaign) if period.campaign else statement


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)
