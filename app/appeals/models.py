"""Daily sums: how often a variant of the appeal was shown, and how often it led to the form."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AppealCount(Base):
    """What one variant did on one day, under one campaign: sums, and nothing of any reader.

    What was pledged and paid is not counted here: the pledge itself bears its variant.
    """

    __tablename__ = "appeal_counts"
    __table_args__ = (sa.CheckConstraint("shown >= 0 AND continued >= 0", name="not_negative"),)

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    """In the newsroom's time zone."""
    variant: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    campaign_slug: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Empty where there was none."""
    shown: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    continued: Mapped[int] = mapped_column(sa.BigInteger, default=0)
