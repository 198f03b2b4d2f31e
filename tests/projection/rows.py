"""Reads what a projection left, and adds what one needs beforehand."""

import json
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.db import Base
from app.giving.models import Pledge
from app.kernel.ids import new_id
from app.kernel.intervals import Interval
from app.members.models import Member
from app.outbox.models import MailKind, QueuedMail
from app.projection.context import Context
from app.projection.payment import project_payment
from tests.support import pictures
from tests.support.pictures import BEGUN

Row = TypeVar("Row", bound=Base)


def all_of(session: Session, model: type[Row], *criteria: Any) -> list[Row]:
    """Return the rows of a kind as they are in the database now, in the order of their birth."""
    session.expire_all()
    return list(session.scalars(sa.select(model).where(*criteria).order_by(*sa.inspect(model).primary_key)))


def only(session: Session, model: type[Row], *criteria: Any) -> Row:
    """Return the one row of a kind."""
    (row,) = all_of(session, model, *criteria)
    return row


def values(row: Base, *without: str) -> dict[str, Any]:
    """Return all a row holds but its own id."""
    left_out = {"id", *without}
    return {
        name: getattr(row, name)
        for name in [column.key for column in row.__mapper__.columns]
        if name not in left_out
    }


def letters(session: Session, kind: MailKind | None = None) -> list[dict[str, Any]]:
    """Return what the queued mails are about, in the order they were queued; receipts only if asked for."""
    mails = all_of(session, QueuedMail)
    wanted = [one for one in mails if (one.kind is kind if kind else one.kind is not MailKind.receipt)]
    return [
        {
            "kind": one.kind,
            "key": one.dedupe_key,
            "to": one.member_id,
            "about": one.about_id,
            "receipt": one.receipt_id,
            "matter": json.loads(one.matter or "{}"),
            "language": one.language,
            "queued_at": one.created_at,
        }
        for one in wanted
    ]


def add_member(session: Session, setting: Context, **changed: Any) -> Member:
    """Have the first payment come through; returns the member it made."""
    project_payment(session, pictures.payment(**changed), setting)
    return only(session, Member)


def add_pledge(session: Session, **changed: Any) -> Pledge:
    """Add a pledge of five euros a month, made in Russian."""
    fields: dict[str, Any] = {
        "form_nonce": new_id().hex,
        "form_digest": "digest",
        "amount_minor": 500,
        "fees_minor": 0,
        "currency": "eur",
        "interval": Interval.month,
        "campaign_slug": None,
        "language": "ru",
        "created_at": BEGUN,
        "title": "Monthly support",
        "resume_key": new_id().hex,
        "attempt": 1,
        **changed,
    }
    pledge = Pledge(id=new_id(), **fields)
    session.add(pledge)
    session.flush()
    return pledge
