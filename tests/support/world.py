"""One newsroom's product beside one local Stripe: readers act, Stripe tells, workers follow."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import sqlalchemy as sa
import stripe
import time_machine

from app.billing.models import Subscription
from app.db import Base, reading
from app.flows.give import CheckoutReady, Opening, pledge_support
from app.flows.parts import Parts
from app.flows.receive import receive_event
from app.flows.send_mail import send_next
from app.flows.sync import sync_next
from app.giving.forms import PledgeForm
from app.giving.pledges import Said
from app.inbox.models import WantedObject
from app.kernel.clock import from_timestamp, utc_now
from app.kernel.ids import new_nonce
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.members.models import Member
from app.stripe_gateway.followed import FOLLOWED_EVENTS
from app.vault.vault import PersonInClear
from tests.support.simulator import Json, SimulatorProcess

TWO_EUROS = Money(200, "eur")
TITLE = "Monthly support for The Harbour Courier"
DAY_SECONDS = 86_400
LONGEST_STEP_DAYS = 20
"""Stripe lists events for 30 days only; they are collected more often than that."""
MOST_ROUNDS = 12
Row = TypeVar("Row", bound=Base)


class World:
    """Drives one newsroom through the real flows; webhooks are Stripe's own events, signed and handed in."""

    def __init__(self, parts: Parts, simulator: SimulatorProcess) -> None:
        self.parts = parts
        self.stripe = simulator
        self.v1 = simulator.client().v1
        self.undelivered: list[Json] = []
        self.delivered: list[Json] = []
        self._newest_event: str | None = None

    def form(
        self,
        reader: PersonInClear,
        amount: Money = TWO_EUROS,
        interval: Interval = Interval.month,
        *,
        nonce: str | None = None,
        campaign: str | None = None,
        language: str = "en",
    ) -> PledgeForm:
        """Return a filled-in form, from a showing of its own unless `nonce` says otherwise."""
        return PledgeForm(
            nonce=nonce or new_nonce(),
            amount=amount,
            interval=interval,
            contact=reader,
            campaign=campaign,
            language=language,
        )

    def send(self, form: PledgeForm) -> Opening:
        """Send a form as the page does."""
        return pledge_support(self.parts, form, said=Said(title=TITLE), now=utc_now())

    def open_session(self, form: PledgeForm) -> str:
        """Send a form and return the id of the Checkout session it leads to."""
        opening = self.send(form)
        assert isinstance(opening, CheckoutReady), opening
        return opening.url.rpartition("/")[2]

    def give(
        self,
        reader: PersonInClear,
        amount: Money = TWO_EUROS,
        interval: Interval = Interval.month,
        *,
        card: str = "4242424242424242",
        campaign: str | None = None,
    ) -> str:
        """Pledge, pay and let everything come through; returns the session's id."""
        session_id = self.open_session(self.form(reader, amount, interval, campaign=campaign))
        self.pay(session_id, reader, card=card)
        self.settle()
        return session_id

    def pay(self, session_id: str, reader: PersonInClear, **fields: Any) -> Json:
        """Pay a session on its page, as this reader."""
        return self.stripe.pay(session_id, email=reader.address, name=reader.name, **fields)

    def collect(self) -> list[Json]:
        """Fetch the events that are new at Stripe; those we follow await delivery."""
        fresh: list[Json] = []
        while page := self._events_after_newest():
            self._newest_event = page[-1]["id"]
            fresh += [event for event in page if event["type"] in FOLLOWED_EVENTS]
        self.undelivered += fresh
        return fresh

    def _events_after_newest(self) -> list[Json]:
        after = f"&ending_before={self._newest_event}" if self._newest_event else ""
        page = list(self.get(f"/v1/events?limit=100{after}")["data"])[::-1]
        while self._newest_event is None and len(page) % 100 == 0 and page:
            older = list(self.get(f"/v1/events?limit=100&starting_after={page[0]['id']}")["data"])[::-1]
            if not older:
                break
            page = older + page
        return page

    def get(self, path: str) -> Json:
        """Ask Stripe's API by hand, past the product and its client."""
        request = Request(f"{self.stripe.url}{path}", headers={"Authorization": "Bearer sk_test_world"})
        with urlopen(request, timeout=20) as answer:
            found: Json = json.load(answer)
        return found

    def deliver(self, events: Iterable[Json] | None = None) -> None:
        """Deliver these events, or everything that awaits delivery, in order."""
        if events is None:
            self.collect()
            events, self.undelivered = self.undelivered, []
        for event in events:
            self.deliver_event(event)

    def deliver_event(self, event: Json) -> bool:
        """Hand in one signed event; returns whether it was new."""
        payload, header, _ = self.signed(event)
        self.delivered.append(event)
        return receive_event(self.parts, payload, header, now=utc_now())

    def signed(self, event: Json) -> tuple[bytes, str, datetime]:
        """Return an event's body, its signature header and the moment it was signed."""
        payload, at = json.dumps(event), int(time.time())
        header = stripe.WebhookSignature.generate_signature_header(
            payload, self.parts.webhook_secrets[0], timestamp=at
        )
        return payload.encode(), header, from_timestamp(at)

    def work(self) -> int:
        """Sync all that is due, as a worker does; returns how many objects that were."""
        done = 0
        while sync_next(self.parts):
            done += 1
        return done

    def send_mail(self) -> int:
        """Send all mail that is due; returns how many mails were tried."""
        done = 0
        while send_next(self.parts):
            done += 1
        return done

    def wait_and(self, act: Callable[[], object], *, hours: float) -> None:
        """Do something as if so much later: what was postponed, or held by the dead, is due then."""
        with time_machine.travel(utc_now() + timedelta(hours=hours), tick=True):
            act()

    def settle(self) -> None:
        """Deliver all that awaits delivery, and let it come through."""
        self.deliver()
        self.come_through()

    def come_through(self) -> None:
        """Sync until nothing is wanted; what was postponed is waited for by the clock."""
        self.work()
        for number in range(1, MOST_ROUNDS + 1):
            if not self.pending():
                return
            self.wait_and(self.work, hours=2 * number)
        raise AssertionError(f"still wanted: {self.pending()}")

    def pending(self) -> list[tuple[str, str, str | None]]:
        """Return what is still wanted, with the last failure."""
        with reading(self.parts.sessions) as session:
            rows = session.scalars(sa.select(WantedObject).where(WantedObject.wanted > WantedObject.done))
            return [(row.object_type.value, row.object_id, row.last_error) for row in rows]

    def advance(self, *, days: float) -> None:
        """Move Stripe's clock, collecting the events on the way."""
        left = int(days * DAY_SECONDS)
        while left > 0:
            step = min(left, LONGEST_STEP_DAYS * DAY_SECONDS)
            self.stripe.advance(seconds=step)
            self.collect()
            left -= step

    def advance_to(self, moment: datetime) -> None:
        """Move Stripe's clock to an instant, collecting the events on the way."""
        self.advance(days=(moment.timestamp() - self.stripe.now()) / DAY_SECONDS)

    def set_clock(self, moment: str) -> None:
        """Begin at this instant of UTC, with an empty Stripe."""
        self.stripe.reset(now=int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()))
        self._newest_event = None

    def rows(self, model: type[Row], *criteria: Any) -> list[Row]:
        """Return all our rows of a kind, in the order of their birth."""
        with reading(self.parts.sessions) as session:
            return list(session.scalars(sa.select(model).where(*criteria).order_by(*_by_birth(model))))

    def one(self, model: type[Row], *criteria: Any) -> Row:
        """Return the only row of a kind."""
        (row,) = self.rows(model, *criteria)
        return row

    def change_amount(self, subscription_id: str, amount: Money) -> None:
        """Change what a subscription charges, at Stripe, from the next renewal on."""
        (found,) = (one for one in self.stripe.objects("subscription") if one["id"] == subscription_id)
        (item,) = found["items"]["data"]
        self.v1.subscriptions.update(
            subscription_id,
            {
                "items": [
                    {
                        "id": item["id"],
                        "price_data": {
                            "currency": amount.currency,
                            "product": item["price"]["product"],
                            "unit_amount": amount.minor,
                            "recurring": {"interval": item["price"]["recurring"]["interval"]},
                        },
                    }
                ],
                "proration_behavior": "none",
            },
        )

    def change_card(self, subscription_id: str, token: str) -> None:
        """Charge a subscription to another card, such as `tok_visa`."""
        method = self.v1.payment_methods.create({"type": "card", "card": {"token": token}})
        self.v1.subscriptions.update(subscription_id, {"default_payment_method": method.id})

    def person_of(self, member: Member) -> PersonInClear:
        """Return who a member is."""
        assert member.person_id
        with reading(self.parts.sessions) as session:
            person = self.parts.vault.find_person(session, member.person_id)
        assert person
        return person

    def subscription_id(self) -> str:
        """Return Stripe's id of the only subscription."""
        return self.one(Subscription).stripe_subscription_id


def _by_birth(model: type[Base]) -> Sequence[Any]:
    return list(sa.inspect(model).primary_key)
