"""Sets our rows against the local Stripe's own objects: the answer is a list of differences, best empty."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Customer, Invoice, Payment, Refund, Subscription
from app.db import Sessions, reading
from app.giving.models import Pledge
from app.kernel.clock import from_timestamp
from app.ledger.models import Account, Direction, Entry, Posting
from app.members.models import FactKind, Member, MembershipFact
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.addresses import normalise_address
from app.vault.models import Contact
from tests.support.simulator import Json, SimulatorProcess

Picture = Mapping[Any, object]
OF_MONEY = {"charge", "refund", "refund_failure"}


class StripeState:
    """All objects of the local Stripe, read through its own door and not through our gateway."""

    def __init__(self, stripe: SimulatorProcess) -> None:
        self._stripe = stripe
        self._kinds: dict[str, dict[str, Json]] = {}

    def all(self, kind: str) -> dict[str, Json]:
        """Every object of a kind, by id."""
        if kind not in self._kinds:
            self._kinds[kind] = {found["id"]: found for found in self._stripe.objects(kind)}
        return self._kinds[kind]

    def succeeded(self) -> list[Json]:
        """Every payment intent that was paid."""
        return [intent for intent in self.all("payment_intent").values() if intent["status"] == "succeeded"]

    def charge_of(self, intent: Json) -> Json | None:
        """The latest charge of a payment intent."""
        return self.all("charge").get(intent["latest_charge"] or "")


def differences(sessions: Sessions, simulator: SimulatorProcess) -> list[str]:
    """Return every way in which our rows differ from Stripe's objects and from our own rules."""
    stripe = StripeState(simulator)
    with reading(sessions) as session:
        return [
            *_checkouts(session, stripe),
            *_customers(session, stripe),
            *_subscriptions(session, stripe),
            *_invoices(session, stripe),
            *_payments(session, stripe),
            *_refunds(session, stripe),
            *_entries(session, stripe),
            *_balances(session, stripe),
            *_receipts(session, stripe),
            *_members(session, stripe),
            *_facts(session, stripe),
            *_mails(session),
        ]


def stripe_balance(session: Session) -> dict[str, int]:
    """Return what our ledger says Stripe holds, by currency."""
    held: dict[str, int] = defaultdict(int)
    for posting in session.scalars(sa.select(Posting).where(Posting.account == Account.stripe_balance)):
        held[posting.currency] += _signed(posting)
    return {currency: amount for currency, amount in held.items() if amount}


def _signed(posting: Posting) -> int:
    return posting.amount_minor if posting.direction is Direction.debit else -posting.amount_minor


def _unlike(kind: str, ours: Picture, theirs: Picture) -> Iterable[str]:
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key) != theirs.get(key):
            yield f"{kind} {key}: ours {ours.get(key)!r}, Stripe's {theirs.get(key)!r}"


def _checkouts(session: Session, stripe: StripeState) -> Iterable[str]:
    """A pledge is completed if any session of it was, and expired if its present one is."""
    by_pledge: dict[str, set[str]] = defaultdict(set)
    for checkout in stripe.all("checkout.session").values():
        by_pledge[checkout["metadata"]["pledge"]].add(checkout["status"])
    pledges = session.scalars(sa.select(Pledge)).all()
    kept = set(session.scalars(sa.select(Contact.pledge_id)))
    yield from _unlike(
        "pledge completed",
        {str(pledge.id): bool(pledge.completed_at) for pledge in pledges},
        {str(pledge.id): "complete" in by_pledge[str(pledge.id)] for pledge in pledges},
    )
    for pledge in pledges:
        present = stripe.all("checkout.session").get(pledge.stripe_checkout_session_id or "")
        if present and bool(pledge.expired_at) != (present["status"] == "expired"):
            yield f"pledge {pledge.id}: expired_at {pledge.expired_at}, session {present['status']}"
    # A page completed with a bank account is not paid yet, and may never be.
    paid = set(session.scalars(sa.select(Payment.pledge_id).where(Payment.paid_at.is_not(None))))
    yield from (f"pledge {key}: paid, and the contact is still kept" for key in sorted(kept & paid, key=str))


def _customers(session: Session, stripe: StripeState) -> Iterable[str]:
    rows = {row.stripe_customer_id: row for row in session.scalars(sa.select(Customer))}
    for customer_id, row in rows.items():
        gone = customer_id not in stripe.all("customer")
        if gone != bool(row.deleted_at):
            yield f"customer {customer_id}: deleted_at {row.deleted_at}, gone at Stripe {gone}"
    for intent in stripe.succeeded():
        row_of_payer = rows.get(intent["customer"] or "")
        if row_of_payer is None or row_of_payer.member_id is None:
            yield f"customer {intent['customer']}: has paid and is no member's"


def _subscriptions(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_subscription_id: (
            row.stripe_customer_id,
            row.status.value,
            row.amount_minor,
            row.currency,
            row.interval.value,
            str(row.pledge_id),
            row.started_at,
            row.current_period_end,
            row.cancel_at,
            row.canceled_at,
            row.ended_at,
        )
        for row in session.scalars(sa.select(Subscription))
    }
    theirs = {key: _subscription(found) for key, found in stripe.all("subscription").items()}
    yield from _unlike("subscription", ours, theirs)


def _subscription(found: Json) -> tuple[object, ...]:
    (item,) = found["items"]["data"]
    return (
        found["customer"],
        found["status"],
        item["price"]["unit_amount"] * item["quantity"],
        item["price"]["currency"],
        item["price"]["recurring"]["interval"],
        found["metadata"]["pledge"],
        _at(found["start_date"]),
        _at(item["current_period_end"]),
        _at(found["cancel_at"]),
        _at(found["canceled_at"]),
        _at(found["ended_at"]),
    )


def _invoices(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_invoice_id: (
            row.stripe_subscription_id,
            row.stripe_customer_id,
            str(row.pledge_id),
            row.status.value,
            row.billing_reason,
            row.amount_due,
            row.amount_paid,
            row.currency,
            row.period_start,
            row.period_end,
        )
        for row in session.scalars(sa.select(Invoice))
    }
    theirs = {key: _invoice(found) for key, found in stripe.all("invoice").items()}
    yield from _unlike("invoice", ours, theirs)


def _invoice(found: Json) -> tuple[object, ...]:
    details = found["parent"]["subscription_details"]
    period = found["lines"]["data"][0]["period"]
    return (
        details["subscription"],
        found["customer"],
        details["metadata"]["pledge"],
        found["status"],
        found["billing_reason"],
        found["amount_due"],
        found["amount_paid"],
        found["currency"],
        _at(period["start"]),
        _at(period["end"]),
    )


def _payments(session: Session, stripe: StripeState) -> Iterable[str]:
    """A payment nobody has tried yet need not have a row; every other one is as Stripe has it."""
    ours = {
        row.stripe_payment_intent_id: (
            row.stripe_customer_id,
            row.stripe_invoice_id,
            row.status.value,
            row.amount_minor,
            row.currency,
            row.amount_refunded_minor,
            row.stripe_charge_id,
            row.stripe_balance_transaction_id,
            row.settled_gross_minor,
            row.settled_fee_minor,
            row.settled_currency,
            row.paid_at,
            row.failure_code,
        )
        for row in session.scalars(sa.select(Payment))
    }
    paid_for = {
        one["payment"]["payment_intent"]: one["invoice"] for one in stripe.all("invoice_payment").values()
    }
    theirs = {
        key: _payment(found, paid_for.get(key), stripe)
        for key, found in stripe.all("payment_intent").items()
        if key in ours or found["latest_charge"] or found["status"] == "canceled"
    }
    yield from _unlike("payment", ours, theirs)


def _payment(intent: Json, invoice_id: str | None, stripe: StripeState) -> tuple[object, ...]:
    charge = stripe.charge_of(intent) or {}
    paid = charge.get("status") == "succeeded"
    balance = stripe.all("balance_transaction").get(charge.get("balance_transaction") or "", {})
    return (
        intent["customer"],
        invoice_id,
        intent["status"],
        intent["amount"],
        intent["currency"],
        charge.get("amount_refunded", 0),
        charge.get("id"),
        balance.get("id"),
        balance.get("amount"),
        balance.get("fee"),
        balance.get("currency"),
        _at(charge["created"]) if paid else None,
        charge.get("failure_code"),
    )


def _refunds(session: Session, stripe: StripeState) -> Iterable[str]:
    ours = {
        row.stripe_refund_id: (
            row.stripe_payment_intent_id,
            row.status.value,
            row.reason,
            row.amount_minor,
            row.currency,
            row.stripe_balance_transaction_id,
        )
        for row in session.scalars(sa.select(Refund))
    }
    theirs = {
        key: (
            found["payment_intent"],
            found["status"],
            found["reason"],
            found["amount"],
            found["currency"],
            found["balance_transaction"],
        )
        for key, found in stripe.all("refund").items()
    }
    yield from _unlike("refund", ours, theirs)


def _entries(session: Session, stripe: StripeState) -> Iterable[str]:
    """One balanced entry for each balance transaction, moving the balance by its net."""
    lines: dict[Any, list[Posting]] = defaultdict(list)
    for posting in session.scalars(sa.select(Posting)):
        lines[posting.entry_id].append(posting)
    entries = session.scalars(sa.select(Entry)).all()
    for entry in entries:
        if sum(_signed(line) for line in lines[entry.id]):
            yield f"entry {entry.id}: not balanced"
    ours = {
        entry.stripe_balance_transaction_id: (
            entry.kind.value.replace("payment", "charge"),
            _moved(lines[entry.id], Account.stripe_balance),
            _moved(lines[entry.id], Account.processing_fees),
            entry.currency,
            entry.occurred_at,
        )
        for entry in entries
    }
    theirs = {
        key: (
            found["reporting_category"],
            found["net"],
            found["fee"],
            found["currency"],
            _at(found["created"]),
        )
        for key, found in stripe.all("balance_transaction").items()
        if found["reporting_category"] in OF_MONEY
    }
    yield from _unlike("entry", ours, theirs)


def _moved(lines: list[Posting], account: Account) -> int:
    return sum(_signed(line) for line in lines if line.account is account)


def _balances(session: Session, stripe: StripeState) -> Iterable[str]:
    theirs: dict[str, int] = defaultdict(int)
    for found in stripe.all("balance_transaction").values():
        theirs[found["currency"]] += found["net"]
    yield from _unlike("balance", stripe_balance(session), {k: v for k, v in theirs.items() if v})


def _receipts(session: Session, stripe: StripeState) -> Iterable[str]:
    """One receipt for each paid payment, numbered from 1 without a gap in each year."""
    receipts = session.scalars(sa.select(Receipt)).all()
    intents = {
        row.id: row.stripe_payment_intent_id for row in session.scalars(sa.select(Payment)) if row.paid_at
    }
    yield from _unlike(
        "receipt",
        {intents[row.payment_id]: (row.amount_minor, row.currency) for row in receipts},
        {intent["id"]: (intent["amount"], intent["currency"]) for intent in stripe.succeeded()},
    )
    yield from gaps(receipts)


def gaps(receipts: Iterable[Receipt]) -> list[str]:
    """Return which years of which legal entity are not numbered 1, 2, 3 …, and numbers given twice."""
    serials: dict[tuple[str, int], list[int]] = defaultdict(list)
    for receipt in receipts:
        serials[receipt.legal_entity, receipt.year].append(receipt.serial)
    return [
        f"receipts of {entity} {year}: {sorted(given)}"
        for (entity, year), given in serials.items()
        if sorted(given) != list(range(1, len(given) + 1))
    ]


def _members(session: Session, stripe: StripeState) -> Iterable[str]:
    """As many members as mailboxes that paid, and each payment with its payer's member."""
    mailbox = {
        checkout["customer"]: normalise_address(checkout["customer_details"]["email"])
        for checkout in stripe.all("checkout.session").values()
        if checkout["customer"]
    }
    member_of: dict[str, set[Any]] = defaultdict(set)
    for payment in session.scalars(sa.select(Payment).where(Payment.member_id.is_not(None))):
        member_of[mailbox[payment.stripe_customer_id or ""]].add(payment.member_id)
    yield from (
        f"mailbox of {len(ids)} members: {sorted(map(str, ids))}"
        for ids in member_of.values()
        if len(ids) != 1
    )
    members = set(session.scalars(sa.select(Member.id)))
    if members != {next(iter(ids)) for ids in member_of.values()}:
        yield f"{len(members)} members, {len(member_of)} mailboxes have paid"


def _facts(session: Session, stripe: StripeState) -> Iterable[str]:
    """A membership started once paid, ended if Stripe ended it, and stands at its price."""
    facts: dict[str, list[MembershipFact]] = defaultdict(list)
    for fact in session.scalars(
        sa.select(MembershipFact).order_by(MembershipFact.occurred_at, MembershipFact.id)
    ):
        facts[fact.stripe_subscription_id].append(fact)
    paid = {
        one["parent"]["subscription_details"]["subscription"]
        for one in stripe.all("invoice").values()
        if one["status"] == "paid"
    }
    yield from _unlike(
        "membership",
        {key: _standing(found) for key, found in facts.items()},
        {key: _expected_standing(found) for key, found in stripe.all("subscription").items() if key in paid},
    )


def _standing(facts: list[MembershipFact]) -> tuple[object, ...]:
    kinds = [fact.kind for fact in facts]
    return (
        kinds.count(FactKind.started),
        kinds[0],
        kinds.count(FactKind.ended),
        facts[-1].amount_minor,
        facts[0].occurred_at,
        facts[-1].occurred_at.replace(microsecond=0) if facts[-1].kind is FactKind.ended else None,
    )


def _expected_standing(found: Json) -> tuple[object, ...]:
    (item,) = found["items"]["data"]
    ended = found["ended_at"] is not None
    amount = 0 if ended else item["price"]["unit_amount"] * item["quantity"]
    return (1, FactKind.started, int(ended), amount, _at(found["start_date"]), _at(found["ended_at"]))


def _mails(session: Session) -> Iterable[str]:
    """One mail for each receipt."""
    mails = session.scalars(sa.select(QueuedMail).where(QueuedMail.kind == MailKind.receipt)).all()
    receipts = set(session.scalars(sa.select(Receipt.id)))
    if len(mails) != len(receipts) or {mail.receipt_id for mail in mails} != receipts:
        yield f"{len(mails)} receipt mails for {len(receipts)} receipts"


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_timestamp(seconds)
