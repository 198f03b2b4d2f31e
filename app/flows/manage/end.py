"""The end of one support, at once or with what is paid, and the way back until then."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from app.asks.models import Ask, AskedBy, AskKind, AskMatter, EndReason
from app.asks.queries import find_last_ask
from app.asks.rules import Wish
from app.billing.models import Subscription
from app.db import reading
from app.flows.asking.ask import Asked, ask_stripe
from app.flows.links import LinkKind, read_link
from app.flows.manage.picture import Picture, Standing, look_at_support
from app.flows.parts import Parts


class EndStanding(StrEnum):
    """How the end of a support stands."""

    running = "running"
    ending = "ending"
    """It ends with what is paid; until then that can be taken back."""
    ended = "ended"
    asked = "asked"
    """Written down, and Stripe has not answered; it will be done as soon as it does."""


ASKS = {"later": AskKind.cancel_later, "now": AskKind.cancel, "keep": AskKind.take_back}
"""The buttons of the page, by the value they send."""
_AFTER = {
    AskKind.cancel: EndStanding.ended,
    AskKind.cancel_later: EndStanding.ending,
    AskKind.take_back: EndStanding.running,
}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A support and how its end stands; `on` is the day of an end that is planned or has come."""

    picture: Picture
    standing: EndStanding
    on: datetime | None
    overdue: bool
    """A payment is open: there is no paid time left to run to."""


def look_at_end(parts: Parts, token: str) -> Ending:
    """Return what the page shows; asks Stripe nothing. Raises: LinkUnknown, LinkExpired."""
    subscription_id = read_link(parts, LinkKind.end, token)
    with reading(parts.sessions) as session:
        picture = look_at_support(session, parts, subscription_id)
        row = session.get_one(Subscription, subscription_id)
        return _ending(session, row, picture)


@dataclass(frozen=True, kw_only=True)
class EndPress:
    """One press on the page: which button, why where the member said so, and the number of the showing."""

    button: str
    reason: EndReason | None
    nonce: str


def ask_for_end(parts: Parts, token: str, press: EndPress, *, now: datetime) -> Asked:
    """Ask Stripe for what a button says, once for each showing of the page.

    Raises: LinkUnknown, LinkExpired, NonceTaken; KeyError: no such button.
    """
    ending = look_at_end(parts, token)
    kind = ASKS[press.button]
    wish = Wish(
        nonce=f"end-{press.nonce}",
        kind=kind,
        object_id=ending.picture.stripe_subscription_id,
        asked_by=AskedBy.member,
        reason=press.reason if kind is not AskKind.take_back else None,
    )
    return ask_stripe(parts, wish, now=now)


def _ending(session: Session, row: Subscription, picture: Picture) -> Ending:
    """Return what our row says, or what was asked for since Stripe last showed it."""
    overdue = picture.standing in (Standing.open, Standing.to_confirm)
    ask = find_last_ask(session, row.stripe_subscription_id, AskMatter.end)
    standing, on = _of_row(row)
    if ask and standing is not EndStanding.ended and _is_news(ask, row):
        standing = _AFTER[_meant(ask, overdue=overdue)] if ask.done_at else EndStanding.asked
        on = {EndStanding.ending: row.current_period_end, EndStanding.ended: ask.done_at}.get(standing)
    return Ending(picture=picture, standing=standing, on=on, overdue=overdue)


def _of_row(row: Subscription) -> tuple[EndStanding, datetime | None]:
    if row.ended_at:
        return EndStanding.ended, row.ended_at
    return (EndStanding.ending, row.cancel_at) if row.cancel_at else (EndStanding.running, None)


def _is_news(ask: Ask, row: Subscription) -> bool:
    return ask.done_at is None or ask.done_at > row.synced_at


def _meant(ask: Ask, *, overdue: bool) -> AskKind:
    """Return what an ask amounts to: with a payment open, the later end is one at once."""
    return AskKind.cancel if overdue and ask.kind is AskKind.cancel_later else ask.kind
