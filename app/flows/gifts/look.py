"""Gifts as pages and letters show them: to whoever gave, to whoever holds the code, to whoever claimed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from app.billing.periods import list_kept_pledges
from app.db import reading
from app.flows.links import LinkUnknown
from app.flows.parts import Parts
from app.gifts import keeping
from app.gifts.models import Gift
from app.gifts.rules import GiftStanding, standing_of
from app.kernel.clock import utc_now
from app.members.merging import list_ids
from app.members.models import Member


@dataclass(frozen=True, kw_only=True)
class GivenGift:
    """A gift as its giver sees it: never who claimed it."""

    id: UUID
    months: int
    language: str
    standing: GiftStanding
    paid_at: datetime | None
    claim_until: datetime | None
    claimed_at: datetime | None
    send_at: datetime | None
    """When we are to write to the recipient, or were; None where the giver hands the code over."""
    queued_at: datetime | None
    code: str | None = field(default=None, repr=False)
    """While it can be claimed."""
    words: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class ReceivedGift:
    """The time a claimed gift gave, as whoever claimed it sees it: never who gave it."""

    claimed_at: datetime
    starts_at: datetime
    until: datetime
    kept: bool


def look_at_given(session: Session, parts: Parts, gift: Gift, *, now: datetime) -> GivenGift:
    """Return a gift as its giver sees it."""
    return _given(session, parts, [gift], now=now)[0]


def list_given(session: Session, parts: Parts, member_id: UUID, *, now: datetime) -> list[GivenGift]:
    """Return the gifts a member has given, by whichever of their records, the newest first."""
    gifts = keeping.list_given(session, list_ids(session, member_id))
    return _given(session, parts, gifts, now=now)


def list_received(session: Session, member_id: UUID) -> list[ReceivedGift]:
    """Return the time that gifts gave a member, the earliest end first."""
    rows = keeping.list_received(session, [member_id])
    kept = list_kept_pledges(session, [pledge_id for _, pledge_id in rows]) if rows else set()
    return [
        ReceivedGift(
            claimed_at=one.claimed_at,
            starts_at=one.starts_at,
            until=one.until,
            kept=pledge_id in kept,
        )
        for one, pledge_id in rows
    ]


def card_link(parts: Parts, gift_id: UUID, *, language: str) -> str:
    """Return the address of the sheet to print or to forward: it opens for whoever has it."""
    return f"{parts.public_base_url}/gift/card/{_serializer(parts).dumps(gift_id.hex)}?lang={language}"


def claim_link(parts: Parts, code: str = "", *, language: str) -> str:
    """Return the address of the page that opens a gift, with its code filled in."""
    return f"{parts.public_base_url}/gift/claim{'/' if code else ''}{code}?lang={language}"


def look_at_card(parts: Parts, token: str) -> GivenGift | None:
    """Return the gift that a sheet is about. Raises: LinkUnknown."""
    try:
        gift_id = UUID(hex=_serializer(parts).loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown("gift") from None
    with reading(parts.sessions) as session:
        gift = keeping.find_gift(session, gift_id)
        return look_at_given(session, parts, gift, now=utc_now()) if gift else None


def is_kept(session: Session, gift: Gift) -> bool:
    """Whether any of a gift's money stayed."""
    return bool(list_kept_pledges(session, [gift.pledge_id]))


def unseal(session: Session, parts: Parts, gift: Gift, sealed: bytes | None) -> str | None:
    """Return what was sealed with a gift; None once it was claimed, or its giver erased."""
    giver = session.get(Member, gift.member_id) if gift.member_id else None
    return parts.vault.unseal_for_person(session, giver.person_id, sealed) if giver else None


def _given(session: Session, parts: Parts, gifts: Sequence[Gift], *, now: datetime) -> list[GivenGift]:
    kept = list_kept_pledges(session, [one.pledge_id for one in gifts]) if gifts else set()
    return [_seen(session, parts, one, kept=one.pledge_id in kept, now=now) for one in gifts]


def _seen(session: Session, parts: Parts, gift: Gift, *, kept: bool, now: datetime) -> GivenGift:
    standing = standing_of(gift, kept=kept, now=now)
    is_open = standing is GiftStanding.open
    return GivenGift(
        id=gift.id,
        months=gift.months,
        language=gift.language,
        standing=standing,
        paid_at=gift.paid_at,
        claim_until=gift.claim_until,
        claimed_at=gift.claimed_at,
        send_at=gift.send_at,
        queued_at=gift.queued_at,
        code=unseal(session, parts, gift, gift.sealed_code) if is_open else None,
        words=unseal(session, parts, gift, gift.sealed_words) if is_open else None,
    )


def _serializer(parts: Parts) -> URLSafeSerializer:
    return URLSafeSerializer(parts.signers, salt="gift card")
