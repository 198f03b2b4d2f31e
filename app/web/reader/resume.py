"""An unfinished pledge, again: by the link Stripe sends the reader back to, or while Stripe is silent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access import parts
from app.db import reading
from app.flows.give import CheckoutUncertain, ContactForgotten, open_pledge
from app.gifts.keeping import find_gift_of_pledge
from app.giving.forms import NONCE
from app.giving.models import Pledge
from app.giving.pledges import find_pledge_by_resume_key
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.stripe_gateway.errors import StripeRefused
from app.web.languages import current_language, speak
from app.web.reader.form_page import form_address
from app.web.reader.offer import gift_in_words, months_in_words
from app.web.reader.onward import onward
from app.web.reader.private import PRIVATE
from app.web.reader.typed import Typed, with_money
from app.web.reader.waiting import look_again, read_look


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """A pledge as this page needs it, without its person."""

    id: UUID
    resume_key: str
    amount: Money
    """All that is to be charged."""
    fees: Money
    """The part of it that covers the fees; zero where the reader covers none."""
    interval: Interval
    campaign: str | None
    variant: str | None
    language: str
    completed_session_id: str | None
    being_opened: bool
    """Another request is asking Stripe at this moment."""
    gift_months: int | None
    """Of a membership for somebody else."""
    forgotten: bool
    """Too old: the address typed with it is no longer kept."""


def show_pledge(resume_key: str) -> ResponseReturnValue:
    """Show what was promised and the button that goes on.

    Opening this link changes nothing and asks Stripe nothing, for mail scanners open links too. The
    exception is an address with `checking` in it: our own redirect leads there after Stripe has not
    answered, and no mail ever carries it. From the second look on it asks Stripe, under the pledge's own
    idempotency key; a stranger who opened it would charge nobody, and open nothing twice.
    """
    pledge = _find(resume_key)
    speak(pledge.language)
    if pledge.completed_session_id:
        return redirect(url_for("reader.show_thanks", session_id=pledge.completed_session_id), 303)
    if pledge.forgotten:
        return _page(pledge, "forgotten")
    look = read_look(request.args.get("checking", ""))
    if look > 1:
        return _open(pledge, look=look)
    if look or pledge.being_opened:
        return _checking(pledge, look=look)
    return _page(pledge, "unfinished")


def go_on(resume_key: str) -> ResponseReturnValue:
    """Open Stripe's page for a pledge, the same one where it is still open."""
    pledge = _find(resume_key)
    speak(pledge.language)
    return _open(pledge, look=1)


def _open(pledge: Unfinished, *, look: int) -> ResponseReturnValue:
    try:
        opening = open_pledge(parts(), pledge.id)
    except ContactForgotten:
        return _page(pledge, "forgotten")
    except StripeRefused:
        return _page(pledge, "refused", 422)
    return _checking(pledge, look=look) if isinstance(opening, CheckoutUncertain) else onward(opening)


def _checking(pledge: Unfinished, *, look: int) -> Response:
    """Return the waiting page; where the reader came by a plain link, the next look is as harmless."""
    following = look + 1 if look else None
    address = url_for("reader.show_pledge", resume_key=pledge.resume_key, checking=following)
    return look_again(_page(pledge, "checking"), look=max(look, 1), address=address)


def _find(resume_key: str) -> Unfinished:
    if not NONCE.fullmatch(resume_key):
        abort(404)
    with reading(parts().sessions) as session:
        pledge = find_pledge_by_resume_key(session, resume_key)
        if pledge is None:
            abort(404)
        return _picture(session, pledge, now=utc_now())


def _picture(session: Session, pledge: Pledge, *, now: datetime) -> Unfinished:
    known = parts().vault.find_contact(session, pledge.id) is not None
    gift = find_gift_of_pledge(session, pledge.id)
    return Unfinished(
        id=pledge.id,
        resume_key=pledge.resume_key,
        amount=Money(pledge.amount_minor, pledge.currency),
        fees=Money(pledge.fees_minor, pledge.currency),
        interval=pledge.interval,
        campaign=pledge.campaign_slug,
        variant=pledge.appeal_variant,
        language=pledge.language,
        completed_session_id=pledge.stripe_checkout_session_id if pledge.completed_at else None,
        being_opened=bool(pledge.opening_until and now < pledge.opening_until),
        gift_months=gift.months if gift else None,
        forgotten=not known,
    )


def _page(pledge: Unfinished, state: str, status: int = 200) -> Response:
    page = render_template(
        "reader/resume.html",
        state=state,
        gift=gift_in_words(pledge.amount, pledge.interval, current_language()),
        fees=pledge.fees,
        resume_key=pledge.resume_key,
        gift_months=months_in_words(pledge.gift_months) if pledge.gift_months else None,
        form_address=_form_address(pledge),
    )
    return Response(page, status, headers=PRIVATE)


def _form_address(pledge: Unfinished) -> str:
    """Return the form the pledge came from, filled in as it was, open for one more parameter."""
    currency = pledge.amount.currency
    if pledge.gift_months:
        months = pledge.gift_months
        return url_for("reader.show_gift_form", months=months, currency=currency) + "&"
    blank = Typed(
        interval=pledge.interval,
        currency=currency,
        amount=None,
        campaign=pledge.campaign,
        variant=pledge.variant,
    )
    return form_address(with_money(blank, pledge.amount - pledge.fees, parts().newsroom))
