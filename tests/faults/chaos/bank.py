"""What banks do: take payments back, decide about them, take payouts or send them back."""

from app.kernel.money import Money
from tests.faults.chaos.dashboard import NOBODYS, Dashboard, Deed, NothingThereError

REASONS = ("fraudulent", "product_not_received", "duplicate")
OPEN = ("needs_response", "warning_needs_response")
SCHEDULES = ("daily", "weekly", "monthly", "manual")
FAILURES = (None, None, None, "account_closed")
SHARE_OF_INQUIRIES = 0.3


def dispute(at: Dashboard, customer_id: str) -> None:
    """Take a payment back, or only ask about it."""
    found = at.one("charge", customer_id, status="succeeded", disputed=False)
    inquiry = at.chance.random() < SHARE_OF_INQUIRIES
    at.stripe.door(
        "disputes", {"charge": found["id"], "reason": at.chance.choice(REASONS), "inquiry": inquiry}
    )


def answer(at: Dashboard, _customer_id: str) -> None:
    """Send evidence, good or bad, or accept what the bank says."""
    found = at.one("dispute", NOBODYS, status=at.chance.choice(OPEN))
    evidence = at.chance.choice(("winning_evidence", "losing_evidence", ""))
    if evidence:
        at.v1.disputes.update(found["id"], {"evidence": {"uncategorized_text": evidence}})
    else:
        at.v1.disputes.close(found["id"])


def decide(at: Dashboard, _customer_id: str) -> None:
    """Decide a dispute without having been answered."""
    found = at.one("dispute", NOBODYS, status="needs_response")
    at.stripe.door(f"disputes/{found['id']}", {"won": at.chance.random() < 0.5})


def change_schedule(at: Dashboard, _customer_id: str) -> None:
    """Pay out at other times, and let what is paid out arrive, or not."""
    at.stripe.settings(payout_schedule=at.chance.choice(SCHEDULES), payout_failure=at.chance.choice(FAILURES))


def pay_out(at: Dashboard, _customer_id: str) -> None:
    """Pay out a part of what there is, by hand."""
    available = at.v1.balance.retrieve().available
    some = [Money(part.amount, part.currency) for part in available if part.amount > 1000]
    if not some:
        raise NothingThereError
    part = at.chance.choice(some)
    at.v1.payouts.create({"amount": part.minor // 20 * 10, "currency": part.currency})


def take_payout_back(at: Dashboard, _customer_id: str) -> None:
    """Cancel a payout that is on its way, or reverse one that has arrived."""
    found = at.one("payout", NOBODYS, automatic=False)
    undo = at.v1.payouts.cancel if found["status"] == "pending" else at.v1.payouts.reverse
    undo(found["id"])


DEEDS: tuple[Deed, ...] = (
    dispute,
    dispute,
    answer,
    answer,
    decide,
    change_schedule,
    pay_out,
    take_payout_back,
)
