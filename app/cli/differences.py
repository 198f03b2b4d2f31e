"""What a comparison with Stripe found, in words."""

from collections.abc import Iterator

from app.flows.reconcile.command import Outcome
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
