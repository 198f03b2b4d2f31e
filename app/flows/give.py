"""From the form to Stripe's page: store the pledge, then open Checkout for exactly what was agreed."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.gifts.keep import keep_gift
from app.flows.parts import Parts
from app.gifts.rules import GiftWish
from app.giving import pledges
from app.giving.forms import PledgeForm
from app.giving.models import Pledge
from app.giving.notes import pack_note
from app.giving.pledges import Said
from app.giving.wishes import wish_for_mail
from app.inbox.intake import want
from app.inbox.models import ObjectType
from app.inbox.pages import find_known
from app.kernel.clock import utc_now
from app.kernel.errors import SmallFavorError
from app.kernel.money import Money
from app.stripe_gateway.errors import StripeAnswerSpoiled, StripeRefused, StripeUnavailable
from app.stripe_gateway.gateway import CheckoutOrder
from app.stripe_gateway.snapshots import CheckoutSnapshot

PATIENCE_SECONDS = 8
GLANCE_SECONDS = 0.1


class ContactForgotten(SmallFavorError):
    """The address typed with this pledge is no longer kept: the form has to be filled in again."""


@dataclass(frozen=True, kw_only=True)
class CheckoutReady:
    """Send the reader to `url`, Stripe's page."""

    url: str


@dataclass(frozen=True, kw_only=True)
class CheckoutUncertain:
    """Stripe has not answered: the reader waits at the resume link and is not charged twice."""

    resume_key: str


@dataclass(frozen=True, kw_only=True)
class AlreadyCompleted:
    """The reader has been through Stripe's page: show the thanks page of this session."""

    session_id: str


Opening = CheckoutReady | CheckoutUncertain | AlreadyCompleted


def pledge_support(
    parts: Parts, form: PledgeForm, *, said: Said, gift: GiftWish | None = None, now: datetime
) -> Opening:
    """Store what was promised and open Stripe's page for it; the same form twice opens it once.

    Args: gift: what is paid for, where it is a membership for somebody else.
    Raises: StripeRefused: Stripe will not take this amount or address; nothing was charged.
    """
    with transaction(parts.sessions) as session:
        digest = parts.vault.digest(form.typed())
        pledge, is_new = pledges.add_pledge(session, form, said=said, digest=digest, now=now)
        if is_new:
            _keep_what_was_typed(session, parts, pledge.id, form, gift=gift, now=now)
        pledge_id = pledge.id
    return open_pledge(parts, pledge_id)


def _keep_what_was_typed(
    session: Session,
    parts: Parts,
    pledge_id: UUID,
    form: PledgeForm,
    *,
    gift: GiftWish | None,
    now: datetime,
) -> None:
    note = pack_note(form.note_kind, form.note) if form.note else None
    if gift:
        keep_gift(session, parts, pledge_id, form, gift=gift, now=now)
    else:
        parts.vault.keep_contact(session, pledge_id, form.contact, now=now, note=note)
    if form.asks_for_mail:
        digest = parts.vault.address_digests(form.contact.address)[0]
        due_at = now + timedelta(hours=parts.newsroom.notices.unfinished_hours)
        wish_for_mail(session, pledge_id, address_digest=digest, due_at=due_at)


def open_pledge(parts: Parts, pledge_id: UUID) -> Opening:
    """Return the open Checkout page of a pledge, asking Stripe for it where there is none.

    One request asks; the others wait for its answer.
    Raises: StripeRefused; ContactForgotten; PledgeUnknown.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with reading(parts.sessions) as session:
            pledge = pledges.get_pledge(session, pledge_id)
            opening = _known_opening(pledge, now=utc_now())
            resume_key = pledge.resume_key
        if opening:
            return opening
        token = _take_opening(parts, pledge_id)
        if token:
            return _ask_stripe(parts, pledge_id, token)
        if time.monotonic() > deadline:
            return CheckoutUncertain(resume_key=resume_key)
        time.sleep(GLANCE_SECONDS)


def _take_opening(parts: Parts, pledge_id: UUID) -> UUID | None:
    with transaction(parts.sessions) as session:
        return pledges.take_opening(session, pledge_id, now=utc_now())


def _known_opening(pledge: Pledge, *, now: datetime) -> Opening | None:
    if pledge.completed_at and pledge.stripe_checkout_session_id:
        return AlreadyCompleted(session_id=pledge.stripe_checkout_session_id)
    if pledge.checkout_url and pledges.is_payable(pledge, now=now):
        return CheckoutReady(url=pledge.checkout_url)
    return None


def _ask_stripe(parts: Parts, pledge_id: UUID, token: UUID) -> Opening:
    try:
        completed = _look_at_former_session(parts, pledge_id)
        if completed:
            _release(parts, pledge_id, token)
            return completed
        order = _next_order(parts, pledge_id, token)
        opened = parts.gateway.open_checkout(order)
    except StripeAnswerSpoiled:
        return CheckoutUncertain(resume_key=_give_up_attempt(parts, pledge_id, token))
    except StripeUnavailable:
        return CheckoutUncertain(resume_key=_release(parts, pledge_id, token))
    except (StripeRefused, ContactForgotten):
        _release(parts, pledge_id, token)
        raise
    opening = _store_session(parts, pledge_id, token, opened)
    _close_siblings(parts, pledge_id, now=utc_now())
    return opening


def _look_at_former_session(parts: Parts, pledge_id: UUID) -> AlreadyCompleted | None:
    """Ask Stripe whether a session we believe closed was paid after all, before opening another."""
    with reading(parts.sessions) as session:
        former_id = pledges.get_pledge(session, pledge_id).stripe_checkout_session_id
    if former_id and parts.gateway.fetch_checkout(former_id).status == "complete":
        return AlreadyCompleted(session_id=former_id)
    return None


def _next_order(parts: Parts, pledge_id: UUID, token: UUID) -> CheckoutOrder:
    with transaction(parts.sessions) as session:
        pledge = pledges.get_held_pledge(session, pledge_id, token)
        if pledge.stripe_checkout_session_id:
            pledges.begin_next_attempt(pledge)
        contact = parts.vault.find_contact(session, pledge_id)
        if contact is None:
            raise ContactForgotten(str(pledge_id))
        return CheckoutOrder(
            pledge_id=pledge.id,
            attempt=pledge.attempt,
            amount=Money(pledge.amount_minor, pledge.currency),
            interval=pledge.interval,
            title=pledge.title,
            agreed=pledge.agreed_words,
            address=contact.address,
            language=pledge.language,
            thanks_url=f"{parts.public_base_url}/support/thanks?session_id={{CHECKOUT_SESSION_ID}}",
            back_url=f"{parts.public_base_url}/support/resume/{pledge.resume_key}",
        )


def _store_session(parts: Parts, pledge_id: UUID, token: UUID, opened: CheckoutSnapshot) -> Opening:
    with transaction(parts.sessions) as session:
        pledge = pledges.get_pledge(session, pledge_id)
        pledge.stripe_checkout_session_id = opened.id
        pledge.checkout_url = opened.url
        pledge.checkout_until = opened.expires_at
        pledges.release_opening(session, pledge_id, token)
        resume_key = pledge.resume_key
        _look_again_if_told_before(session, opened.id)
    if opened.status == "complete":
        return AlreadyCompleted(session_id=opened.id)
    return CheckoutReady(url=opened.url) if opened.url else CheckoutUncertain(resume_key=resume_key)


def _look_again_if_told_before(session: Session, session_id: str) -> None:
    """Ask for the newest picture of a session of which Stripe told before we knew whose it is.

    Whoever asked first may have died before storing it; the answer kept under the key shows it as it was
    then, while it may have expired since.
    """
    if find_known(session, [session_id]):
        want(session, (ObjectType.checkout_session, session_id), now=utc_now())


def _release(parts: Parts, pledge_id: UUID, token: UUID) -> str:
    with transaction(parts.sessions) as session:
        pledges.release_opening(session, pledge_id, token)
        return pledges.get_pledge(session, pledge_id).resume_key


def _give_up_attempt(parts: Parts, pledge_id: UUID, token: UUID) -> str:
    """Let the next look ask under a new key.

    A session that Stripe may have made under the old one is harmless: nobody has its address.
    """
    with transaction(parts.sessions) as session:
        pledges.begin_next_attempt(pledges.get_held_pledge(session, pledge_id, token))
    return _release(parts, pledge_id, token)


def _close_siblings(parts: Parts, pledge_id: UUID, *, now: datetime) -> None:
    """Close the sessions that the same showing of the form opened before the reader changed their mind."""
    with reading(parts.sessions) as session:
        pledge = pledges.get_pledge(session, pledge_id)
        open_ids = [
            sibling.stripe_checkout_session_id
            for sibling in pledges.list_siblings(session, pledge)
            if sibling.stripe_checkout_session_id and pledges.is_payable(sibling, now=now)
        ]
    for session_id in open_ids:
        try:
            parts.gateway.expire_checkout(session_id)
        except StripeRefused:
            continue  # paid meanwhile: Stripe's page showed what it charged
        except StripeUnavailable:
            return  # the reader waits for us: the rest is left to its own expiry
