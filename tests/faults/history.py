"""Random histories of several readers: what they do at Stripe, and how badly it is told to us."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import stripe
from hypothesis import strategies as st
from stripe.params import RefundCreateParams

from app.flows.give import CheckoutReady
from app.flows.sync import sync_next
from app.flows.thanks import look_at_checkout
from app.giving.forms import PledgeForm
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.vault.vault import PersonInClear
from tests.faults import banks
from tests.support.cast import (
    DEBIT_FAILED,
    DEBIT_PAID,
    DEBIT_PAID_LATER,
    DEBIT_RETURNED,
    DECLINED,
    DISPUTED_AT_ONCE,
    INSUFFICIENT_FUNDS,
    PAID,
    REFUND_FAILS,
    REFUND_PENDING,
    SAVED_THEN_DECLINED,
    THREE_D_SECURE_ALWAYS,
)
from tests.support.simulator import DoorRefused
from tests.support.world import World

READERS = (
    PersonInClear(address="ada@example.org", name="Ada Adler"),
    PersonInClear(address="ben.b@gmail.com", name=None),
    PersonInClear(address="BenB@googlemail.com", name="Ben"),
)
"""The second and the third are one person."""
AMOUNTS = (Money(200, "eur"), Money(1999, "usd"), Money(300, "jpy"), Money(1500, "kwd"))
WORKERS = 2
SLOW_SECONDS = 0.03
DUPLICATE_SHARE = 0.3
MOST_ROUNDS = 10
Step = Callable[["History"], None]

_readers = st.integers(0, len(READERS) - 1)
_cards = st.sampled_from(
    [PAID] * 6
    + [DECLINED, INSUFFICIENT_FUNDS, SAVED_THEN_DECLINED, REFUND_FAILS, REFUND_PENDING]
    + [THREE_D_SECURE_ALWAYS] * 2
    + [DISPUTED_AT_ONCE, DEBIT_PAID, DEBIT_PAID_LATER, DEBIT_FAILED, DEBIT_RETURNED]
)
"""Numbers of cards, and of bank accounts."""


@dataclass(frozen=True)
class Pledge:
    """A reader sends a form, sometimes the last one again."""

    reader: int
    amount: Money
    interval: Interval
    again: bool

    def __call__(self, history: "History") -> None:
        history.pledge(self)


@dataclass(frozen=True)
class Pay:
    """A reader pays the page opened last; 3-D Secure is passed, failed or left waiting."""

    reader: int
    card: str
    authenticates: bool | None

    def __call__(self, history: "History") -> None:
        history.pay(self)


@dataclass(frozen=True)
class AtStripe:
    """Something happens to a reader's money at Stripe."""

    what: str
    reader: int

    def __call__(self, history: "History") -> None:
        getattr(history, self.what)(self.reader)


@dataclass(frozen=True)
class Clock:
    """Days pass at Stripe: renewals, retries, expiries."""

    days: float

    def __call__(self, history: "History") -> None:
        history.world.advance(days=self.days)


@dataclass(frozen=True)
class Tell:
    """Some of what is waiting is delivered, shuffled, some of it twice; the rest is late."""

    share: float

    def __call__(self, history: "History") -> None:
        history.tell(self.share)


@dataclass(frozen=True)
class Work:
    """Two workers begin; the history goes on beside them, or waits for them."""

    wait: bool

    def __call__(self, history: "History") -> None:
        history.start_workers()
        if self.wait:
            history.join_workers()


@dataclass(frozen=True)
class Trouble:
    """Stripe answers late with an old picture, or not at all, a few times."""

    kind: str
    about: str
    times: int

    def __call__(self, history: "History") -> None:
        route = f"/v1/{self.about}/*"
        history.world.stripe.faults(
            self.kind, method="GET", route=route, count=self.times, seconds=SLOW_SECONDS
        )


_pledges = st.builds(
    Pledge,
    _readers,
    st.sampled_from(AMOUNTS),
    st.sampled_from(Interval),
    st.sampled_from([False] * 3 + [True]),
)
_payments = st.builds(Pay, _readers, _cards, st.sampled_from([True, False, None]))
_changes = st.builds(
    AtStripe,
    st.sampled_from(
        "cancel cancel_later refund refund_part change_amount change_card expire thank".split() * 2
        + ["delete"]
    ),
    _readers,
)
_clocks = st.builds(Clock, st.sampled_from([0.05, 1.0, 4.0, 31.0, 31.0, 62.0]))
_tellings = st.builds(Tell, st.sampled_from([0.3, 0.6, 1.0]))
_works = st.builds(Work, st.booleans())
_troubles = st.builds(
    Trouble,
    st.sampled_from(["hang", "hang", "hang", "fail_before", "429", "reset"]),
    st.sampled_from(
        "subscriptions payment_intents invoices refunds checkout/sessions customers disputes payouts".split()
    ),
    st.integers(1, 3),
)
_first = st.tuples(_pledges, _payments)
_more = st.one_of(
    _first, st.tuples(_payments), st.tuples(_changes), st.tuples(banks.deeds),
    st.tuples(_clocks), st.tuples(_tellings),
    st.tuples(_works), st.tuples(_troubles),
)  # fmt: skip
histories = st.builds(
    lambda account, first, more: [account, *(step for some in (first, *more) for step in some)],
    banks.accounts,
    _first,
    st.lists(_more, min_size=4, max_size=14),
)
"""Lists of steps, one reader having paid at first."""


def _means(number: str) -> str:
    return "iban" if number.startswith("DE") else "card"


def _payer(step: Pay) -> PersonInClear:
    """A bank account is never without its holder's name."""
    payer = READERS[step.reader]
    return payer if payer.name else PersonInClear(address=payer.address, name="Ben")


@dataclass
class History:
    """One run of a list of steps."""

    world: World
    chance: random.Random
    forms: dict[int, PledgeForm] = field(default_factory=dict)
    sessions: dict[int, str] = field(default_factory=dict)
    workers: list[threading.Thread] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def run(self, steps: list[Step]) -> None:
        """Do every step, then tell all that is left and let it come through."""
        for step in steps:
            self.world.stripe.advance(seconds=1)
            step(self)
        self.world.stripe.clear_faults()
        self.tell(1.0)
        self.work()
        self.come_through()

    def come_through(self) -> None:
        """Let what was postponed become due, until nothing is wanted."""
        for number in range(1, MOST_ROUNDS + 1):
            if not self.world.pending():
                return
            self.world.wait_and(self.work, hours=2 * number)
        raise AssertionError(f"still wanted: {self.world.pending()}")

    def pledge(self, step: Pledge) -> None:
        """Send a form; the same one again leads to the same page, a new attempt or the thanks."""
        form = self.forms.get(step.reader) if step.again else None
        form = form or self.world.form(READERS[step.reader], step.amount, step.interval)
        self.forms[step.reader] = form
        opening = self.world.send(form)
        if isinstance(opening, CheckoutReady):
            self.sessions[step.reader] = opening.url.rpartition("/")[2]

    def pay(self, step: Pay) -> None:
        """Pay on the page, if it is still open."""
        session_id = self.sessions.get(step.reader)
        if session_id is None:
            return
        fields = {} if step.authenticates is None else {"complete_3ds": step.authenticates}
        try:
            self.world.pay(session_id, _payer(step), **{_means(step.card): step.card}, **fields)
        except DoorRefused:
            return  # declined, or the page is closed: what the reader is shown

    def tell(self, share: float) -> None:
        """Deliver a share of the waiting events in any order, some of them twice, old ones again."""
        self.world.collect()
        waiting = self.world.undelivered
        self.chance.shuffle(waiting)
        count = round(len(waiting) * share)
        told, self.world.undelivered = waiting[:count], waiting[count:]
        again = [one for one in told + self.world.delivered if self.chance.random() < DUPLICATE_SHARE / 2]
        told = told + again
        self.chance.shuffle(told)
        self.world.deliver(told)

    def start_workers(self) -> None:
        """Let two workers drain what is due, at the same time, beside whatever else goes on."""
        self.join_workers()
        self.workers = [threading.Thread(target=self._drain) for _ in range(WORKERS)]
        for worker in self.workers:
            worker.start()

    def work(self) -> None:
        """Let the workers do all that is due."""
        self.start_workers()
        self.join_workers()

    def join_workers(self) -> None:
        """Wait until they have nothing more to do."""
        for worker in self.workers:
            worker.join(timeout=120)
        self.workers = []
        if self.faults:
            raise self.faults[0]

    def _drain(self) -> None:
        try:
            while sync_next(self.world.parts):
                continue
        except BaseException as fault:  # told to the test, which fails
            self.faults.append(fault)
            raise

    def cancel(self, reader: int) -> None:
        """Cancel a subscription at once."""
        self._with_subscription(reader, self.world.v1.subscriptions.cancel)

    def cancel_later(self, reader: int) -> None:
        """Cancel a subscription at the end of its period."""
        self._with_subscription(
            reader, lambda found: self.world.v1.subscriptions.update(found, {"cancel_at_period_end": True})
        )

    def change_amount(self, reader: int) -> None:
        """Raise or lower what a subscription charges."""
        self._with_subscription(
            reader,
            lambda found: self.world.change_amount(
                found, Money(self.chance.choice((2000, 3000, 5000)), self._currency(reader))
            ),
        )

    def change_card(self, reader: int) -> None:
        """Charge a subscription to another card, good or bad."""
        token = self.chance.choice(("tok_visa", "tok_chargeCustomerFail", "tok_authenticationRequired"))
        self._with_subscription(reader, lambda found: self.world.change_card(found, token))

    def refund(self, reader: int) -> None:
        """Refund what is left of a payment."""
        self._refund(reader, None)

    def refund_part(self, reader: int) -> None:
        """Refund a part of a payment."""
        self._refund(reader, 10)

    def expire(self, reader: int) -> None:
        """Close the page opened last."""
        session_id = self.sessions.get(reader)
        if session_id:
            self._tolerating(lambda: self.world.v1.checkout.sessions.expire(session_id))

    def delete(self, reader: int) -> None:
        """Delete the customer of the session paid last."""
        customer = self._checkout(reader).get("customer")
        if customer:
            self._tolerating(lambda: self.world.v1.customers.delete(customer))

    def thank(self, reader: int) -> None:
        """Come back to the thanks page, which syncs its session at once."""
        session_id = self.sessions.get(reader)
        if session_id:
            look_at_checkout(self.world.parts, session_id)

    def _refund(self, reader: int, amount: int | None) -> None:
        customer = self._checkout(reader).get("customer")
        paid = [
            charge
            for charge in self.world.stripe.objects("charge")
            if charge["customer"] == customer and charge["status"] == "succeeded"
        ]
        if paid:
            params: RefundCreateParams = {"payment_intent": self.chance.choice(paid)["payment_intent"]}
            if amount:
                params["amount"] = amount
            self._tolerating(lambda: self.world.v1.refunds.create(params))

    def _with_subscription(self, reader: int, act: Callable[[str], object]) -> None:
        subscription = self._checkout(reader).get("subscription")
        if subscription:
            self._tolerating(lambda: act(subscription))

    def _currency(self, reader: int) -> str:
        return str(self._checkout(reader)["currency"])

    def _checkout(self, reader: int) -> dict[str, str]:
        session_id = self.sessions.get(reader)
        known = {one["id"]: one for one in self.world.stripe.objects("checkout.session")}
        return known[session_id] if session_id else {}

    def _tolerating(self, act: Callable[[], object]) -> None:
        """Stripe may refuse: refunded already, ended already, deleted already."""
        try:
            act()
        except stripe.InvalidRequestError:
            return
