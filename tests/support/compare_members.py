"""Members, the facts of their memberships and the mail they get, against who paid at Stripe."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.billing.models import Payment
from app.gifts.models import GiftPeriod
from app.members.merging import is_kept
from app.members.models import FactKind, Member, MembershipFact, MembershipState
from app.members.transitions import leads_to
from app.outbox.models import MailKind, QueuedMail
from app.receipts.models import Receipt
from app.vault.addresses import normalise_address
from tests.support.compare_state import Comparison, StripeState, at, unlike
from tests.support.simulator import Json


def _members(session: Session, stripe: StripeState) -> Iterable[str]:
    """As many members as mailboxes that paid, and each payment with its payer's.

    Records that were merged count as none, and whoever claimed a gift need not have paid.
    """
    mailbox = _mailboxes(stripe)
    member_of: dict[str, set[Any]] = defaultdict(set)
    for payment in session.scalars(sa.select(Payment).where(Payment.member_id.is_not(None))):
        member_of[mailbox[payment.stripe_customer_id or ""]].add(payment.member_id)
    yield from (
        f"mailbox of {len(ids)} members: {sorted(map(str, ids))}"
        for ids in member_of.values()
        if len(ids) != 1
    )
    members = set(session.scalars(sa.select(Member.id).where(is_kept())))
    claimed = set(session.scalars(sa.select(GiftPeriod.member_id)))
    if members - claimed != {member_id for ids in member_of.values() for member_id in ids} - claimed:
        yield f"{len(members)} members, {len(member_of)} mailboxes have paid"


def _mailboxes(stripe: StripeState) -> dict[str, str]:
    """Return the mailbox of each customer; one whose address was changed at Stripe stands by itself.

    Whoever gives from the old address after that is somebody else, and before that was not.
    """
    typed = {
        checkout["customer"]: normalise_address(checkout["customer_details"]["email"])
        for checkout in stripe.all("checkout.session").values()
        if checkout["customer"]
    }
    changed = {
        typed[event["data"]["object"]["id"]]
        for event in stripe.all("event").values()
        if event["type"] == "customer.updated" and "email" in event["data"]["previous_attributes"]
    }
    return {customer: customer if box in changed else box for customer, box in typed.items()}


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
    yield from unlike(
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
        facts[-1].state.value,
        facts[-1].amount_minor,
        facts[0].occurred_at,
        facts[-1].occurred_at.replace(microsecond=0) if facts[-1].kind is FactKind.ended else None,
        _is_legal(facts),
    )


def _is_legal(facts: list[MembershipFact]) -> bool:
    """Whether each fact may follow the one before it and leads where it says."""
    state: MembershipState | None = None
    for fact in facts:
        try:
            state = leads_to(fact.kind, state)
        except ValueError:
            return False
        if state is not fact.state:
            return False
    return True


def _expected_standing(found: Json) -> tuple[object, ...]:
    (item,) = found["items"]["data"]
    ended = found["ended_at"] is not None
    amount = 0 if ended else item["price"]["unit_amount"] * item["quantity"]
    started_at, ended_at = at(found["start_date"]), at(found["ended_at"])
    return (1, FactKind.started, int(ended), _expected_state(found), amount, started_at, ended_at, True)


def _expected_state(found: Json) -> str:
    """Return how a membership stands whose subscription looks so at Stripe."""
    if found["ended_at"] is not None:
        return "ended"
    owing = {"past_due": "past_due", "unpaid": "lapsed"}.get(found["status"])
    paused = found["pause_collection"] is not None or found["status"] == "paused"
    return owing or ("paused" if paused else "active")


def receipt_mails(session: Session, *, silent_since: datetime | None = None) -> Iterable[str]:
    """One mail for each receipt, and none for nothing.

    Args: silent_since: from then on receipts came to light that may be too old to be news.
    """
    mails = session.scalars(sa.select(QueuedMail.receipt_id).where(QueuedMail.kind == MailKind.receipt))
    count = Counter(mails)
    for receipt in session.scalars(sa.select(Receipt)):
        found_late = silent_since is not None and receipt.created_at >= silent_since
        mailed = count.pop(receipt.id, 0)
        if mailed != 1 and not (found_late and mailed == 0):
            yield f"receipt {receipt.number}: {mailed} mails"
    yield from (f"{number} mails of no receipt, {receipt_id}" for receipt_id, number in count.items())


COMPARISONS: tuple[Comparison, ...] = (_members, _facts)
