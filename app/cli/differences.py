"""What a comparison with Stripe found, in words."""

from collections.abc import Iterator

from app.flows.reconcile.command import Outcome
from app.kernel.formatting import format_money_exactly
from app.kernel.money import Money
from app.reconciliation.balances import Balance
from app.reconciliation.models import DriftKind

IN_WORDS = {
    DriftKind.missing: "had never been seen",
    DriftKind.differs: "differed",
    DriftKind.unposted: "had no entry in the ledger",
    DriftKind.gone: "is gone at Stripe",
}


def lines_of(outcome: Outcome) -> Iterator[str]:
    """Yield what was seen, what differed, and what is left."""
    yield f"{outcome.seen} objects compared, {sum(outcome.differed.values())} differed."
    for (object_type, kind), count in outcome.differed.items():
        yield f"  {object_type}: {count} {IN_WORDS[kind]}"
    for shape in outcome.unsupported:
        yield f"  not followed: {shape}"
    for object_type, object_id in outcome.still_waiting:
        yield f"  not mended: {object_type.value} {object_id}"
    for balance in outcome.balances:
        yield f"  Balance in {balance.currency}: {_compared(balance)}"


def _compared(balance: Balance) -> str:
    theirs = format_money_exactly(Money(balance.theirs_minor, balance.currency), "en")
    if not balance.difference_minor:
        return f"{theirs}, in the books and at Stripe."
    ours = format_money_exactly(Money(balance.ours_minor, balance.currency), "en")
    return f"{ours} in the books, {theirs} at Stripe."
