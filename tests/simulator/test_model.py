"""Whatever is done to an account, in whatever order: its books, states and events hold."""

import os
from collections.abc import Callable
from typing import Any

import stripe
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.simulator.audit import Account, faults_of
from tests.simulator.shop import DAY, Shop
from tests.support.simulator import DoorRefused, Json, SimulatorProcess

REFUSALS = {400, 402, 404}
LIVES = os.environ.get("SF_LIVES")
"""How many lives to lead, each new; without it the same 60 each time, so that a change alone can fail."""
EXAMPLES = int(LIVES or "60")
STEPS = 40
CARDS = st.sampled_from(("visa", "mastercard", "chargeCustomerFail", "authenticationRequired"))
NUMBERS = st.sampled_from(
    (
        "4242424242424242",  # pays
        "4000000000000002",  # is declined
        "4000002500003155",  # asks for 3-D Secure
        "4000000000000077",  # is available at once
        "4000000000007726",  # is refunded slowly
        "4000000000005126",  # cannot be refunded
        "4000000000000259",  # is disputed
        "4000000000001976",  # is asked about
    )
)
IBANS = st.sampled_from(
    (
        "DE89370400440532013000",  # pays
        "DE62370400440532013001",  # fails
        "DE08370400440532013003",  # pays late
        "DE35370400440532013002",  # pays, and is disputed
    )
)
EVIDENCE = st.sampled_from(("winning_evidence", "losing_evidence", ""))
SCHEDULES = st.sampled_from(("manual", "daily", "weekly", "monthly"))
MODES = st.sampled_from(("payment", "subscription"))
AMOUNTS = st.sampled_from((200, 500, 1234, 99_900))
INTERVALS = st.sampled_from(("week", "month", "year"))
PRORATIONS = st.sampled_from(("none", "create_prorations", "always_invoice"))
PAUSES = st.sampled_from(("void", "keep_as_draft", "mark_uncollectible", ""))
PICK = st.integers(0, 50)


def test_after_any_sequence_of_operations_the_account_holds_together(simulator: SimulatorProcess) -> None:
    class Life(AccountLife):
        def __init__(self) -> None:
            super().__init__(simulator)

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=(Phase.generate,),
            derandomize=LIVES is None,
        ),
    )


class AccountLife(RuleBasedStateMachine):
    """What readers, staff and the clock do to an account; what Stripe refuses is part of it."""

    def __init__(self, simulator: SimulatorProcess) -> None:
        super().__init__()
        simulator.reset(now="2027-01-31T10:00:00")
        self.simulator = simulator
        self.shop = Shop(simulator)
        self.v1 = self.shop.v1
        self.deleted: set[str] = set()

    def teardown(self) -> None:
        """Check all of it once the life is over."""
        assert faults_of(Account(self.simulator)) == []

    @rule(card=CARDS, amount=AMOUNTS, interval=INTERVALS, trial=st.sampled_from((0, 0, 3)))
    def subscribe(self, card: str, amount: int, interval: str, trial: int) -> None:
        customer = self.shop.customer(None).id
        method = self.v1.payment_methods.attach(f"pm_card_{card}", {"customer": customer})
        given: Any = {
            "customer": customer,
            "items": [{"price": self.shop.price(amount, interval=interval).id}],
            "default_payment_method": method.id,
        }
        allow(self.v1.subscriptions.create, given | ({"trial_period_days": trial} if trial else {}))

    @rule(mode=MODES, amount=AMOUNTS, passes=st.booleans(), card=NUMBERS)
    def check_out(self, mode: str, amount: int, passes: bool, card: str) -> None:
        session = self.shop.session(mode, amount, "eur")
        allow(self.simulator.pay, session.id, card, complete_3ds=passes)

    @rule(mode=MODES, amount=AMOUNTS, iban=IBANS)
    def check_out_by_bank(self, mode: str, amount: int, iban: str) -> None:
        session = self.shop.session(mode, amount, "eur")
        allow(self.simulator.pay, session.id, iban=iban, name="Ada")

    @rule(days=st.sampled_from((0, 1, 2, 4, 8, 31)), hours=st.integers(0, 23))
    def wait(self, days: int, hours: int) -> None:
        self.simulator.advance(seconds=days * DAY + hours * 3600)

    @rule(card=CARDS, pick=PICK)
    @precondition(lambda self: self.picked("subscription", 0))
    def change_the_card(self, card: str, pick: int) -> None:
        subscription = self.picked("subscription", pick)
        if subscription["customer"] in self.deleted:
            return
        method = self.v1.payment_methods.attach(f"pm_card_{card}", {"customer": subscription["customer"]})
        self.change(subscription, default_payment_method=method.id)

    @rule(pick=PICK, amount=AMOUNTS, interval=INTERVALS, proration=PRORATIONS)
    @precondition(lambda self: self.picked("subscription", 0))
    def change_what_is_given(self, pick: int, amount: int, interval: str, proration: str) -> None:
        subscription = self.picked("subscription", pick)
        item = subscription["items"]["data"][0]["id"]
        price = self.shop.price(amount, subscription["currency"], interval)
        self.change(subscription, items=[{"id": item, "price": price.id}], proration_behavior=proration)

    @rule(pick=PICK, behavior=PAUSES)
    @precondition(lambda self: self.picked("subscription", 0))
    def pause(self, pick: int, behavior: str) -> None:
        collection: Any = {"behavior": behavior} if behavior else ""
        self.change(self.picked("subscription", pick), pause_collection=collection)

    @rule(pick=PICK, ends=st.booleans())
    @precondition(lambda self: self.picked("subscription", 0))
    def end_with_the_period(self, pick: int, ends: bool) -> None:
        self.change(self.picked("subscription", pick), cancel_at_period_end=ends)

    @rule(pick=PICK)
    @precondition(lambda self: self.picked("subscription", 0))
    def cancel(self, pick: int) -> None:
        allow(self.v1.subscriptions.cancel, self.picked("subscription", pick)["id"])

    @rule(pick=PICK, how=st.sampled_from(("pay", "void_invoice", "mark_uncollectible", "finalize_invoice")))
    @precondition(lambda self: self.picked("invoice", 0))
    def handle_an_invoice(self, pick: int, how: str) -> None:
        allow(getattr(self.v1.invoices, how), self.picked("invoice", pick)["id"])

    @rule(pick=PICK, share=st.sampled_from((1, 2, 3)))
    @precondition(lambda self: self.picked("charge", 0))
    def refund(self, pick: int, share: int) -> None:
        charge = self.picked("charge", pick)
        allow(self.v1.refunds.create, {"charge": charge["id"], "amount": charge["amount"] // share})

    @rule(pick=PICK, evidence=EVIDENCE)
    @precondition(lambda self: self.picked("dispute", 0))
    def answer_a_dispute(self, pick: int, evidence: str) -> None:
        dispute = self.picked("dispute", pick)["id"]
        if evidence:
            allow(self.v1.disputes.update, dispute, {"evidence": {"uncategorized_text": evidence}})
        else:
            allow(self.v1.disputes.close, dispute)

    @rule(schedule=SCHEDULES, failure=st.sampled_from((None, "account_closed")))
    def choose_when_to_be_paid_out(self, schedule: str, failure: str | None) -> None:
        self.simulator.settings(payout_schedule=schedule, payout_failure=failure)

    @rule(amount=AMOUNTS, currency=st.sampled_from(("eur", "usd")))
    def pay_out(self, amount: int, currency: str) -> None:
        allow(self.v1.payouts.create, {"amount": amount, "currency": currency})

    @rule(pick=PICK, how=st.sampled_from(("cancel", "reverse")))
    @precondition(lambda self: self.picked("payout", 0))
    def take_a_payout_back(self, pick: int, how: str) -> None:
        allow(getattr(self.v1.payouts, how), self.picked("payout", pick)["id"])

    @rule(pick=PICK, share=st.sampled_from((1, 3)), to=st.sampled_from(("refund", "credit", "out_of_band")))
    @precondition(lambda self: self.picked("invoice", 0))
    def credit_an_invoice(self, pick: int, share: int, to: str) -> None:
        invoice = self.picked("invoice", pick)
        amount = invoice["total"] // share
        given: Any = {"invoice": invoice["id"], "amount": amount}
        ways = {f"{to}_amount": amount} if invoice["status"] == "paid" else {}
        allow(self.v1.credit_notes.create, given | ways)

    @rule(pick=PICK)
    @precondition(lambda self: self.picked("customer", 0))
    def delete_a_customer(self, pick: int) -> None:
        customer = self.picked("customer", pick)["id"]
        allow(self.v1.customers.delete, customer)
        self.deleted.add(customer)

    def change(self, subscription: Json, **fields: Any) -> None:
        """Update a subscription, if Stripe lets us."""
        allow(self.v1.subscriptions.update, subscription["id"], fields)

    def picked(self, kind: str, number: int) -> Json:
        """One of the objects of a kind, an empty one where there is none."""
        found = self.simulator.objects(kind)
        return found[number % len(found)] if found else {}


def allow(do: Callable[..., object], *given: Any, **named: Any) -> None:
    """Do it; a refusal in Stripe's own words is fine, a breakdown is not."""
    try:
        do(*given, **named)
    except stripe.StripeError as error:
        if error.http_status not in REFUSALS:
            raise
    except DoorRefused as refused:
        if refused.status not in REFUSALS:
            raise
