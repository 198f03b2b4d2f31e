"""Lives through a plan: real forms, the local Stripe's cards and clock, real webhooks, the real worker."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from app.demo import web
from app.demo.history.backlog import Backlog
from app.demo.history.form import read_form
from app.demo.history.people import Reader
from app.demo.history.plan import PAUSED_FOR, Deed, Step
from app.demo.household import Household
from app.demo.local_stripe import Json, LocalStripe, StripeSaidNo
from app.kernel.clock import utc_now

DECLINED_CARD = "4000000000000002"
FAILING_CARD = "pm_card_chargeCustomerFail"
NEW_CARD = "pm_card_visa"
DRAIN_SECONDS = 120
MOST_SENDINGS = 5
"""On a very slow machine Stripe may not answer in time; the same form again leads to the same page."""


class HistoryBroken(Exception):
    """The product did not do what it should have; the text says what was asked and what came."""


class Walk:
    """One walk through a plan."""

    def __init__(
        self, *, stripe: LocalStripe, product_url: str, backlog: Backlog, household: Household
    ) -> None:
        self._stripe = stripe
        self._product_url = product_url
        self._backlog = backlog
        self._household = household
        self._sessions: dict[str, Json] = {}
        """What each reader's Checkout session became, by address."""
        self._disputes: dict[str, str] = {}
        """Each reader's dispute, by address."""
        self._deeds: dict[Deed, Callable[[Step], None]] = {
            Deed.join: self._join,
            Deed.join_at_second_try: self._join_at_second_try,
            Deed.turn_back: self._turn_back,
            Deed.change_amount: self._change_amount,
            Deed.lose_card: self._lose_card,
            Deed.mend_card: self._mend_card,
            Deed.cancel: self._cancel,
            Deed.refund: self._refund,
            Deed.refund_half: self._refund_half,
            Deed.pause: self._pause,
            Deed.join_again: self._join,
            Deed.dispute: self._dispute,
            Deed.win_dispute: self._win_dispute,
            Deed.lose_dispute: self._lose_dispute,
        }

    def through(self, plan: Sequence[Step]) -> Iterator[str]:
        """Do every step at its time, end in the present, and let the product finish.

        Yields: a line for people after each month. Raises: HistoryBroken, and what the household raises.
        """
        month = plan[0].at
        for step in plan:
            if (step.at.year, step.at.month) != (month.year, month.month):
                yield self._told(month)
                month = step.at
            self._household.check()
            self._stripe.move_clock(step.at)
            self._deeds[step.deed](step)
        self._stripe.move_clock(utc_now())
        self._catch_up()
        yield self._told(month)
        yield f"The last of {self._backlog.mails()} mails are going out …"
        self._wait_for(lambda: self._backlog.mails() == 0, "The mail")

    def _told(self, month: datetime) -> str:
        members, receipts = self._backlog.members(), self._backlog.receipts()
        return f"{month:%B %Y}: supporters so far {members}, receipts {receipts}"

    def _join(self, step: Step) -> None:
        self._pay(step.reader, self._send_form(step.reader), card=step.reader.card)

    def _join_at_second_try(self, step: Step) -> None:
        session_id = self._send_form(step.reader)
        try:
            self._pay(step.reader, session_id, card=DECLINED_CARD)
        except StripeSaidNo as refusal:
            if not refusal.declined:
                raise
        self._pay(step.reader, session_id, card=step.reader.card)

    def _turn_back(self, step: Step) -> None:
        self._send_form(step.reader)

    def _change_amount(self, step: Step) -> None:
        """Change what the next periods cost, after the present amount is known and before they begin."""
        self._catch_up()
        subscription = self._subscription_of(step.reader)
        if subscription is None or step.amount is None:
            return
        item = subscription["items"]["data"][0]
        price = item["price"]
        self._stripe.ask("POST", f"subscriptions/{subscription['id']}", **{
            "items[0][id]": item["id"],
            "items[0][price_data][currency]": price["currency"],
            "items[0][price_data][product]": price["product"],
            "items[0][price_data][recurring][interval]": price["recurring"]["interval"],
            "items[0][price_data][unit_amount]": str(step.amount.minor),
            "proration_behavior": "none",
        })  # fmt: skip
        self._catch_up()

    def _lose_card(self, step: Step) -> None:
        self._set_card(step.reader, FAILING_CARD)

    def _mend_card(self, step: Step) -> None:
        subscription = self._set_card(step.reader, NEW_CARD)
        if subscription is None:
            return
        owed = self._stripe.ask("GET", "invoices", subscription=subscription["id"], status="open")
        for invoice in owed["data"]:
            self._stripe.ask("POST", f"invoices/{invoice['id']}/pay")

    def _cancel(self, step: Step) -> None:
        subscription = self._subscription_of(step.reader)
        if subscription:
            self._stripe.ask("POST", f"subscriptions/{subscription['id']}", cancel_at_period_end="true")

    def _refund(self, step: Step) -> None:
        payment = self._newest_payment_of(step.reader)
        self._stripe.ask("POST", "refunds", payment_intent=payment["id"], reason="requested_by_customer")

    def _refund_half(self, step: Step) -> None:
        payment = self._newest_payment_of(step.reader)
        half = str(payment["amount_received"] // 2)
        self._stripe.ask("POST", "refunds", payment_intent=payment["id"], amount=half)

    def _pause(self, step: Step) -> None:
        subscription = self._subscription_of(step.reader)
        if subscription:
            until = int((step.at + PAUSED_FOR).timestamp())
            pause = {"pause_collection[behavior]": "void", "pause_collection[resumes_at]": str(until)}
            self._stripe.ask("POST", f"subscriptions/{subscription['id']}", **pause)

    def _dispute(self, step: Step) -> None:
        charge = self._newest_payment_of(step.reader)["latest_charge"]
        opened = self._stripe.open_door("disputes", charge=charge, reason="fraudulent")
        self._disputes[step.reader.address] = opened["id"]

    def _win_dispute(self, step: Step) -> None:
        self._decide(step, won=True)

    def _lose_dispute(self, step: Step) -> None:
        self._decide(step, won=False)

    def _decide(self, step: Step, *, won: bool) -> None:
        self._stripe.open_door(f"disputes/{self._disputes[step.reader.address]}", won=won)

    def _send_form(self, reader: Reader) -> str:
        """Open the support page, fill it in and send it; returns the Checkout session it leads to."""
        wanted = {
            "amount": reader.amount.plain(),
            "interval": reader.interval.value,
            "currency": reader.amount.currency,
            "lang": reader.language,
            **({"campaign": reader.campaign} if reader.campaign else {}),
            **({"variant": reader.variant} if reader.variant else {}),
        }
        page = web.get(f"{self._product_url}/support?{urlencode(wanted)}")
        filled_in = {**read_form(page.text), "email": reader.address, "name": reader.name or ""}
        if reader.note:
            filled_in |= dict(zip(("note_kind", "note"), reader.note, strict=True))
        if reader.covers_fees:
            filled_in["cover_fees"] = "yes"
        for _ in range(MOST_SENDINGS):
            sent = web.post_form(f"{self._product_url}/support", filled_in)
            path = urlsplit(sent.location or "").path
            if path.startswith("/c/pay/"):
                return path.removeprefix("/c/pay/")
            if sent.status == HTTPStatus.OK:  # it asks for a nod to the total that covers the fees
                filled_in["agreed_total"] = read_form(sent.text).get("agreed_total", "")
        raise HistoryBroken(f"the form of {reader.address} led to {sent.status} {sent.location}")

    def _pay(self, reader: Reader, session_id: str, *, card: str) -> None:
        self._stripe.pay(session_id, card=card, address=reader.address, name=reader.name)
        self._sessions[reader.address] = self._stripe.ask("GET", f"checkout/sessions/{session_id}")
        thanks = web.get(f"{self._product_url}/support/thanks?session_id={session_id}")
        if thanks.status != 200:
            raise HistoryBroken(f"the thanks page of {reader.address} answered {thanks.status}")

    def _subscription_of(self, reader: Reader) -> Json | None:
        """Return the reader's subscription, None once it is over."""
        found = self._stripe.ask("GET", f"subscriptions/{self._sessions[reader.address]['subscription']}")
        return None if found["status"] == "canceled" else found

    def _newest_payment_of(self, reader: Reader) -> Json:
        customer = self._sessions[reader.address]["customer"]
        newest: Json = self._stripe.ask("GET", "payment_intents", customer=customer, limit="1")["data"][0]
        return newest

    def _set_card(self, reader: Reader, card: str) -> Json | None:
        subscription = self._subscription_of(reader)
        if subscription:
            method = self._stripe.ask(
                "POST", f"payment_methods/{card}/attach", customer=subscription["customer"]
            )
            self._stripe.ask(
                "POST", f"subscriptions/{subscription['id']}", default_payment_method=method["id"]
            )
        return subscription

    def _catch_up(self) -> None:
        """Wait until every event has been delivered and every object it names is synced."""
        self._wait_for(lambda: self._stripe.deliver() and self._backlog.objects() == 0, "The sync")

    def _wait_for(self, true: Callable[[], bool], what: str) -> None:
        self._household.wait_until(true, what=what, timeout_seconds=DRAIN_SECONDS)
