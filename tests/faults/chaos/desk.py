"""What staff and members ask for through our product; its workers have it done."""

import random
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

import sqlalchemy as sa

from app.asks.models import Ask, AskedBy, AskKind
from app.asks.rules import AskRefused, Wish
from app.billing.models import Payment, Subscription
from app.db import reading
from app.flows.asking.ask import carry_out_next, place_ask
from app.flows.parts import Parts
from app.kernel.clock import from_timestamp, utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from tests.support.simulator import Json
from tests.support.world import World

KINDS = (AskKind.change_amount, AskKind.cancel_later, AskKind.take_back, AskKind.pause, AskKind.resume)
SHARE_OF_REFUNDS = 0.4
Row = TypeVar("Row", Payment, Subscription)
LONGEST_WAIT_HOURS = (0.1, 1, 3, 9, 27)
PAUSE_SECONDS = 40 * 86_400
FACTORS = (2, 3)


class Desk:
    """Places one wish after another; what cannot be done is refused, and that is part of it.

    Attributes: asked: how often each was placed, or refused.
    """

    def __init__(self, parts: Parts, chance: random.Random) -> None:
        self._parts = parts
        self._chance = chance
        self.asked: Counter[str] = Counter()

    def act(self, *, now_at_stripe: int) -> None:
        """Ask for something about a payment or a subscription that our rows know."""
        wish = self._refund() if self._chance.random() < SHARE_OF_REFUNDS else self._change(now_at_stripe)
        if wish is None:
            return
        try:
            place_ask(self._parts, wish, now=utc_now())
        except AskRefused as refused:
            self.asked[f"{wish.kind.value}: {refused.code}"] += 1
        else:
            self.asked[wish.kind.value] += 1

    def _refund(self) -> Wish | None:
        payment = self._any(Payment, Payment.paid_at.is_not(None))
        if payment is None:
            return None
        part = Money(payment.amount_minor // 30 * 10, payment.currency)
        whole = self._chance.random() < 0.5 or not part.minor
        return Wish(
            nonce=new_nonce(),
            kind=AskKind.refund,
            object_id=payment.stripe_payment_intent_id,
            asked_by=AskedBy.staff,
            amount=None if whole else part,
        )

    def _change(self, now_at_stripe: int) -> Wish | None:
        support = self._any(Subscription, Subscription.ended_at.is_(None))
        if support is None:
            return None
        kind = self._chance.choice(KINDS)
        changes, pauses = kind is AskKind.change_amount, kind is AskKind.pause
        amount = Money(support.amount_minor * self._chance.choice(FACTORS) // 2 * 2, support.currency)
        return Wish(
            nonce=new_nonce(),
            kind=kind,
            object_id=support.stripe_subscription_id,
            asked_by=AskedBy.member,
            amount=amount if changes else None,
            interval=Interval(support.interval) if changes else None,
            resumes_at=from_timestamp(now_at_stripe + PAUSE_SECONDS) if pauses else None,
        )

    def _any(self, model: type[Row], which: sa.ColumnElement[bool]) -> Row | None:
        with reading(self._parts.sessions) as session:
            rows = session.scalars(sa.select(model).where(which)).all()
        return self._chance.choice(rows) if rows else None


def finish_asks(afterwards: World) -> None:
    """Have everything done that is still to be asked of Stripe."""

    def carry_out() -> None:
        while carry_out_next(afterwards.parts):
            continue

    for hours in LONGEST_WAIT_HOURS:
        afterwards.wait_and(carry_out, hours=hours)


def ask_faults(asks: Iterable[Ask], refunds: Iterable[Json]) -> Iterable[str]:
    """Every ask came to an end, and each that gave money back made one refund."""
    made = Counter(refund["metadata"].get("ask") for refund in refunds)
    for ask in asks:
        if not (ask.done_at or ask.refused_at or ask.superseded_at):
            yield f"ask {ask.id} {ask.kind}: still open, {ask.last_error}"
        if ask.kind is AskKind.refund and made[str(ask.id)] != int(ask.done_at is not None):
            yield f"ask {ask.id}: {made[str(ask.id)]} refunds, done_at {ask.done_at}"
