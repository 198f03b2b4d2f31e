"""Another card for a support, and the payment of what is open.

The page shows; a press of its button leads to Stripe, and Stripe leads back under a token that only that
press made. So what is done on the way back is done for somebody who pressed, and once.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.asks.models import AskedBy, AskKind
from app.asks.queries import find_ask_by_nonce
from app.asks.rules import Wish
from app.db import reading
from app.flows.asking.ask import Asked, AskOutcome, ask_stripe, carry_out
from app.flows.links import LinkKind, Return, Way, read_link, read_return, sign_link, sign_return
from app.flows.manage.picture import OpenInvoice, Picture, Standing, look_at_support
from app.flows.parts import Parts
from app.flows.sync import sync_at_once
from app.inbox.models import ObjectType
from app.kernel.clock import utc_now
from app.stripe_gateway.cards import CardPage
from app.stripe_gateway.errors import StripeUnavailable


class Result(StrEnum):
    """What came of the way to Stripe and back."""

    paid = "paid"
    saved = "saved"
    """The card is noted, and nothing was open."""
    on_its_way = "on_its_way"
    declined = "declined"
    to_confirm = "to_confirm"
    unsure = "unsure"
    """Stripe does not answer; it is tried again, and nothing is charged twice."""
    ended = "ended"


@dataclass(frozen=True, kw_only=True)
class Mended:
    """What truly happened, how the support stands now, and fresh links to what may be needed next."""

    result: Result
    picture: Picture
    mend_link: str
    confirm_link: str | None


def look_at_mend(parts: Parts, token: str) -> Picture:
    """Return what the page shows; asks Stripe nothing. Raises: LinkUnknown, LinkExpired."""
    subscription_id = read_link(parts, LinkKind.mend, token)
    with reading(parts.sessions) as session:
        return look_at_support(session, parts, subscription_id)


def open_card_page(parts: Parts, token: str, *, language: str) -> str:
    """Return the address of Stripe's page for another card.

    Raises: LinkUnknown, LinkExpired, StripeUnavailable, StripeRefused.
    """
    picture = look_at_mend(parts, token)
    back = f"{parts.public_base_url}/manage/mend/{token}?lang={language}"
    return parts.gateway.cards.open_card_page(
        CardPage(
            customer_id=picture.stripe_customer_id,
            language=language,
            back_url=back,
            done_url=_way_back(parts, picture.subscription_id, Way.card, language=language),
        )
    )


def way_to_try_again(parts: Parts, token: str, *, press: str, language: str) -> str:
    """Return where the card on record is tried once more; the same press leads to the same try."""
    picture = look_at_mend(parts, token)
    return _way_back(parts, picture.subscription_id, Way.again, language=language, press=press)


def _way_back(parts: Parts, subscription_id: UUID, way: Way, *, language: str, press: str = "") -> str:
    token = sign_return(parts, subscription_id, way, press)
    return f"{parts.public_base_url}/manage/mend/{token}/done?lang={language}"


def finish_mending(parts: Parts, return_token: str, *, now: datetime) -> Mended:
    """Charge the new card from now on, pay what is open, and tell what truly happened.

    Opened again, it does nothing a second time and tells how things stand by then. Raises: LinkUnknown.
    """
    back = read_return(parts, return_token)
    picture = _look(parts, back)
    if picture.standing is Standing.ended:
        return _mended(parts, Result.ended, picture)
    try:
        asked = _do(parts, back, picture, now=now)
    except StripeUnavailable:
        return _mended(parts, Result.unsure, picture)
    after = _look(parts, back)
    return _mended(parts, _result(asked, after), after)


def confirm_link(parts: Parts, picture: Picture) -> str | None:
    """Return the address of the page on which an open payment is confirmed."""
    return sign_link(parts, LinkKind.confirm, picture.invoice.row_id) if picture.invoice else None


def _mended(parts: Parts, result: Result, picture: Picture) -> Mended:
    return Mended(
        result=result,
        picture=picture,
        mend_link=sign_link(parts, LinkKind.mend, picture.subscription_id),
        confirm_link=confirm_link(parts, picture),
    )


def _do(parts: Parts, back: Return, picture: Picture, *, now: datetime) -> Asked | None:
    """Do what this press has not done yet; returns what came of the payment, None where none was open."""
    nonce = f"mend-{back.press}"
    with reading(parts.sessions) as session:
        known = find_ask_by_nonce(session, nonce)
    if known is None and back.way is Way.card:
        parts.gateway.cards.charge_newest(
            picture.stripe_subscription_id, picture.stripe_customer_id, press=back.press
        )
    invoice = picture.invoice
    asked = carry_out(parts, known.id) if known else None
    if known is None and invoice and picture.standing is not Standing.on_its_way:
        asked = ask_stripe(parts, _wish_to_pay(invoice, nonce), now=now)
    if asked and invoice:
        _follow(parts, invoice)
    return asked


def _wish_to_pay(invoice: OpenInvoice, nonce: str) -> Wish:
    return Wish(
        nonce=nonce, kind=AskKind.pay_invoice, object_id=invoice.stripe_invoice_id, asked_by=AskedBy.member
    )


def _follow(parts: Parts, invoice: OpenInvoice) -> None:
    """Bring in at once what the payment did; where a worker is at it, the page looks again."""
    for intent_id in invoice.payment_intent_ids:
        sync_at_once(parts, (ObjectType.payment_intent, intent_id), now=utc_now())
    sync_at_once(parts, (ObjectType.invoice, invoice.stripe_invoice_id), now=utc_now())


def _result(asked: Asked | None, after: Picture) -> Result:
    if after.standing is Standing.on_its_way:
        return Result.on_its_way
    if after.standing is Standing.fine:
        return Result.paid if asked and asked.outcome is not AskOutcome.refused else Result.saved
    if asked is None or asked.outcome is not AskOutcome.refused:
        return Result.unsure
    return Result.to_confirm if after.standing is Standing.to_confirm else Result.declined


def _look(parts: Parts, back: Return) -> Picture:
    with reading(parts.sessions) as session:
        return look_at_support(session, parts, back.subscription_id)
