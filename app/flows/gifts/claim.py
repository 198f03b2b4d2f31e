"""Claiming a gift: whoever holds the code types an address, confirms it by mail, and is never charged.

Nothing of it reaches Stripe, where the gift is one payment of its giver's and nothing else.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.billing.doubled import list_charged
from app.db import reading, transaction
from app.flows.gifts.look import is_kept, list_received, unseal
from app.flows.limits import TooOftenAsked, count_network
from app.flows.links import LinkUnknown
from app.flows.parts import Parts
from app.flows.sign_in import Keys
from app.gifts import claims, keeping
from app.gifts.models import Gift, GiftClaim
from app.gifts.rules import GiftStanding, span_of, standing_of
from app.kernel.ids import new_sign_in_code, read_code
from app.members.members import get_or_add_member
from app.members.merging import hold
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.projection.gift import gift_code_text
from app.signing_in.counting import count, hour_of
from app.signing_in.models import CountedBy
from app.signing_in.sessions import hash_key
from app.vault.vault import PersonInClear

PURPOSE = "gift"
MOST_MAILS_AN_HOUR = 5
"""For one gift, whatever addresses are typed."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class OpenedGift:
    """A gift as whoever types its code sees it."""

    months: int
    words: str | None = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClosedGift:
    """Why a code opens nothing."""

    why: GiftStanding | None
    """None where there is no such code."""


@dataclass(frozen=True, kw_only=True)
class ClaimedGift:
    """What somebody has from now on."""

    months: int
    starts_at: datetime
    until: datetime
    supports: bool
    """Whether they support the newsroom themselves, which goes on as it is."""


def open_gift(parts: Parts, typed: str, *, network: str, now: datetime) -> OpenedGift | ClosedGift:
    """Return what a code claims, or why it claims nothing. Raises: TooOftenAsked."""
    count_network(parts, network, purpose=PURPOSE, now=now)
    with reading(parts.sessions) as session:
        gift = _find(session, parts, typed)
        return _opened(session, parts, gift, now=now)


def ask_to_claim(
    parts: Parts, typed: str, address: str, *, language: str, network: str, now: datetime
) -> str | ClosedGift:
    """Keep an address for a day or two, and mail it the link and the short code that confirm it.

    Returns: a token for the page that takes the short code; or why the gift cannot be claimed.
    Raises: TooOftenAsked.
    """
    count_network(parts, network, purpose=PURPOSE, now=now)
    with transaction(parts.sessions) as session:
        gift = _find(session, parts, typed)
        why = _standing(session, gift, now=now)
        if gift is None or why is not GiftStanding.open:
            return ClosedGift(why=why)
        digest = parts.vault.digest(f"{PURPOSE} {hour_of(now)} {gift.id}")
        too_often = count(session, CountedBy.address, digest, now=now) > MOST_MAILS_AN_HOUR
        if not too_often:
            claim_id = _ask(session, parts, gift, address, language=language, now=now)
    if too_often:
        raise TooOftenAsked
    return str(_serializer(parts).dumps(claim_id.hex))


def make_claim_keys(parts: Parts, claim_id: UUID, *, now: datetime) -> Keys:
    """Make the link's token and the code for a mail that is being written, and keep their hashes."""
    keys = Keys(token=secrets.token_urlsafe(_TOKEN_BYTES), code=new_sign_in_code())
    with transaction(parts.sessions) as session:
        code_hash = _short_code_hash(parts, keys.code)
        claims.arm(session, claim_id, link_hash=hash_key(keys.token), code_hash=code_hash, now=now)
    return keys


def look_at_claim(parts: Parts, token: str, *, now: datetime) -> OpenedGift | ClosedGift:
    """Return what a mailed link would claim; changes nothing, for mail scanners open links, too."""
    with reading(parts.sessions) as session:
        claim = claims.find_claim_by_link(session, hash_key(token), now=now)
        gift = keeping.find_gift(session, claim.gift_id) if claim else None
        return _opened(session, parts, gift, now=now)


def claim_by_link(parts: Parts, token: str, *, now: datetime) -> ClaimedGift | ClosedGift:
    """Claim a gift by the button behind the mailed link, once."""
    with transaction(parts.sessions) as session:
        claim = claims.take_by_link(session, hash_key(token), now=now)
        return _claim(session, parts, claim, now=now)


def claim_by_code(
    parts: Parts, page_token: str, typed: str, *, network: str, now: datetime
) -> ClaimedGift | ClosedGift:
    """Claim a gift by the short code in the mail; a wrong one is counted.

    Raises: TooOftenAsked; LinkUnknown: the page's own token is not ours, or days old.
    """
    count_network(parts, network, purpose=PURPOSE, now=now)
    try:
        claim_id = UUID(hex=_serializer(parts).loads(page_token, max_age=claims.KEPT_DAYS * 86_400))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise LinkUnknown(PURPOSE) from None
    with transaction(parts.sessions) as session:
        code_hash = _short_code_hash(parts, read_code(typed))
        claim = claims.take_by_code(session, claim_id, code_hash, now=now)
        return _claim(session, parts, claim, now=now)


def _find(session: Session, parts: Parts, typed: str) -> Gift | None:
    text = gift_code_text(read_code(typed))
    return keeping.find_gift_by_code(session, parts.vault.digests(text))


def _standing(session: Session, gift: Gift | None, *, now: datetime) -> GiftStanding | None:
    return standing_of(gift, kept=is_kept(session, gift), now=now) if gift else None


def _opened(session: Session, parts: Parts, gift: Gift | None, *, now: datetime) -> OpenedGift | ClosedGift:
    why = _standing(session, gift, now=now)
    if gift is None or why is not GiftStanding.open:
        return ClosedGift(why=why)
    return OpenedGift(months=gift.months, words=unseal(session, parts, gift, gift.sealed_words))


def _ask(session: Session, parts: Parts, gift: Gift, address: str, *, language: str, now: datetime) -> UUID:
    claim_id, older = claims.ask(session, gift.id, language=language, now=now)
    if older:
        parts.vault.forget_contact(session, older)
    person = PersonInClear(address=address, name=None)
    parts.vault.keep_contact(session, claim_id, person, now=now, days=claims.KEPT_DAYS)
    mail = Mail(
        kind=MailKind.gift_claim,
        dedupe_key=f"gift-claim-{claim_id}",
        contact_id=claim_id,
        about_id=str(claim_id),
        language=language,
    )
    enqueue(session, mail, now=now)
    return claim_id


def _claim(
    session: Session, parts: Parts, claim: GiftClaim | None, *, now: datetime
) -> ClaimedGift | ClosedGift:
    person = parts.vault.find_contact(session, claim.id) if claim else None
    gift = keeping.find_gift(session, claim.gift_id) if claim else None
    why = _standing(session, gift, now=now)
    if claim is None or person is None or gift is None or why is not GiftStanding.open:
        return ClosedGift(why=why)
    if not keeping.take_gift(session, gift.id, now=now):
        return ClosedGift(why=GiftStanding.claimed)
    member = _member(session, parts, person, claim.language, now=now)
    for contact_id in (claim.id, gift.id):
        parts.vault.forget_contact(session, contact_id)
    return _begin(session, gift, member, now=now)


def _member(session: Session, parts: Parts, person: PersonInClear, language: str, *, now: datetime) -> Member:
    """Return who claims, a member from now on if they were none, held until the transaction's end."""
    person_id = parts.vault.get_or_add_person(session, person, now=now)
    member = get_or_add_member(session, person_id, language=language, joined_at=now, now=now)
    return hold(session, member.id, alone=True)


def _begin(session: Session, gift: Gift, member: Member, *, now: datetime) -> ClaimedGift:
    running = max((one.until for one in list_received(session, member.id) if one.kept), default=None)
    span = span_of(gift.months, running_until=running, now=now)
    keeping.add_period(session, gift.id, member.id, span=span, now=now)
    return ClaimedGift(
        months=gift.months,
        starts_at=span[0],
        until=span[1],
        supports=bool(list_charged(session, member.id)),
    )


def _short_code_hash(parts: Parts, code: str) -> str:
    return parts.vault.digest(f"gift claim code {code}")


def _serializer(parts: Parts) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts.signers, salt="gift claim page")
