"""A member's memberships in words: how each stands and since when, by whom, and what is charged next."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.billing import queries as billing
from app.billing.models import Invoice, Payment, Subscription
from app.billing.statuses import SubscriptionStatus
from app.flows.declines import Reason, reason_of
from app.kernel.intervals import Interval
from app.members.entitlement import Entitlement, EntitlementReason
from app.members.models import FactCause, FactKind, MembershipFact, MembershipState
from app.web.staff import pages

BY_WHOM = {
    FactCause.member: "by the member",
    FactCause.staff: "by staff",
    FactCause.dunning: "by Stripe, after its last try to charge",
    FactCause.stripe: "at Stripe",
}
WHY_IT_FAILED = {
    Reason.no_money: "not enough money on the account",
    Reason.over_limit: "over a limit of the card",
    Reason.expired: "the card is out of date",
    Reason.details: "a detail of the card is wrong",
    Reason.not_supported: "the card does not take such payments",
    Reason.unconfirmed: "the bank wants the member to confirm it",
    Reason.passing: "the bank could not be reached just then",
    Reason.revoked: "the bank says that the permission was withdrawn",
    Reason.account: "the account cannot be charged",
    Reason.said_no: "the bank said no and gave no reason",
    Reason.unknown: "Stripe gave no reason that we know",
}
WHY_ENTITLED = {
    EntitlementReason.paid: "paid for",
    EntitlementReason.debit_under_way: "the bank has been asked and has not answered",
    EntitlementReason.grace: "days of grace after the last paid period",
    EntitlementReason.given_once: "gave once",
    EntitlementReason.gift: "a gift from somebody else",
    EntitlementReason.unpaid: "what was paid for is over",
    EntitlementReason.paused: "paused, and what was paid for is over",
    EntitlementReason.ended: "what was paid for is over",
    EntitlementReason.given_back: "the money went back",
    EntitlementReason.nothing: "no membership",
}


@dataclass(frozen=True, kw_only=True)
class MembershipLine:
    """One subscription as staff read it."""

    row: Subscription
    state: str
    """A badge's word."""
    words: str
    """How it stands, since when and why."""
    next_charge: str


@dataclass(frozen=True, kw_only=True)
class _Known:
    """All that is known of one subscription."""

    row: Subscription
    fact: MembershipFact | None
    """The last one."""
    since: MembershipFact | None
    """The one that led to the present state."""
    failing: Invoice | None
    payment: Payment | None
    """The newest try to pay what is failing."""


def list_memberships(
    session: Session, subscriptions: Iterable[Subscription], facts: Iterable[MembershipFact]
) -> list[MembershipLine]:
    """Return a line for each subscription; `facts` are given newest first."""
    told = list(facts)
    return [_line(_know(session, row, told)) for row in subscriptions]


def _know(session: Session, row: Subscription, told: list[MembershipFact]) -> _Known:
    theirs = [fact for fact in told if fact.stripe_subscription_id == row.stripe_subscription_id]
    last = theirs[0] if theirs else None
    changing = (fact for fact in theirs if fact.kind not in (FactKind.raised, FactKind.lowered))
    failing = billing.find_open_invoice(session, row.stripe_subscription_id)
    tries = billing.list_payments_of_invoice(session, failing.stripe_invoice_id) if failing else []
    return _Known(
        row=row,
        fact=last,
        since=next(changing, last),
        failing=failing,
        payment=tries[0] if tries else None,
    )


def _line(known: _Known) -> MembershipLine:
    state = known.fact.state.value if known.fact else known.row.status.value
    return MembershipLine(
        row=known.row, state=state, words=_state_in_words(known), next_charge=_next_charge(known)
    )


def _state_in_words(known: _Known) -> str:
    if known.fact is None or known.since is None:
        return _not_begun(known.row)
    day, by = pages.day(known.since.occurred_on), _by_whom(known.since)
    words = {
        MembershipState.active: _running(known, day),
        MembershipState.past_due: f"A renewal failed on {day}: {_why_it_failed(known)}.",
        MembershipState.lapsed: f"Unpaid; Stripe stopped trying on {day}: {_why_it_failed(known)}.",
        MembershipState.paused: f"Paused on {day}{by}, {_pause_end(known.row)}.",
        MembershipState.ended: f"Ended on {day}{by}.",
    }
    return words[known.fact.state]


def _not_begun(row: Subscription) -> str:
    if row.ended_at:
        return "Never begun: the first payment did not come."
    return "Not begun: the first payment has not come."


def _running(known: _Known, day: str) -> str:
    row = known.row
    if row.cancel_at:
        return f"Runs to {pages.local_day(row.cancel_at)} and ends then."
    if row.status is SubscriptionStatus.trialing and row.trial_end:
        rhythm = "yearly" if row.interval is Interval.year else "monthly"
        return f"Charged {rhythm} from {pages.local_day(row.trial_end)} on, and nothing before."
    begun = {
        FactKind.recovered: f"Runs; what had failed was paid on {day}.",
        FactKind.resumed: f"Runs; the pause was over on {day}.",
    }
    return begun.get(known.since.kind if known.since else FactKind.started, f"Runs since {day}.")


def _by_whom(fact: MembershipFact) -> str:
    return f" {BY_WHOM[fact.cause]}" if fact.cause else ""


def _pause_end(row: Subscription) -> str:
    return f"until {pages.local_day(row.paused_until)}" if row.paused_until else "until somebody resumes it"


def _why_it_failed(known: _Known) -> str:
    payment = known.payment
    if payment is None:
        return WHY_IT_FAILED[Reason.unknown]
    return failure_in_words(payment)


def failure_in_words(payment: Payment) -> str:
    """Return why a payment failed, as staff would say it."""
    return WHY_IT_FAILED[reason_of(payment.decline_code, payment.failure_code)]


def _next_charge(known: _Known) -> str:
    row = known.row
    state = known.fact.state if known.fact else None
    if row.ended_at or row.cancel_at or state in (None, MembershipState.lapsed):
        return "none"
    if state is MembershipState.past_due:
        again = known.failing.next_attempt_at if known.failing else None
        return f"tried again {pages.moment(again)}" if again else "overdue; no further try is planned"
    if state is MembershipState.paused:
        return "none while it is paused"
    return pages.local_day(row.current_period_end) if row.current_period_end else "–"


def entitlement_in_words(entitlement: Entitlement) -> str:
    """Return `until 8 Jan 2027: paid for`, or `no: what was paid for is over`."""
    why = WHY_ENTITLED[entitlement.reason]
    if entitlement.entitled and entitlement.until:
        return f"until {pages.local_day(entitlement.until)}: {why}"
    since = f" since {pages.local_day(entitlement.until)}" if entitlement.until else ""
    return f"no{since}: {why}"
