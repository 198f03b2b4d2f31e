"""What banks do in a history: they take money back, decide, and are paid out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.support.simulator import DoorRefused, Json

if TYPE_CHECKING:
    from tests.faults.history import History

REASONS = ("fraudulent", "duplicate", "debit_not_authorized")


@dataclass(frozen=True)
class Account:
    """How the newsroom's account at Stripe is set up: paid out when, and settled in what."""

    payout_schedule: str
    settlement_currency: str | None
    payout_failure: str | None

    def __call__(self, history: "History") -> None:
        history.world.stripe.settings(**vars(self))


@dataclass(frozen=True)
class Dispute:
    """A bank takes a payment back, in part or all of it, or only asks."""

    part: bool
    inquiry: bool

    def __call__(self, history: "History") -> None:
        paid = [one for one in history.world.stripe.objects("charge") if one["status"] == "succeeded"]
        if paid:
            charge = history.chance.choice(paid)
            body = {"charge": charge["id"], "reason": history.chance.choice(REASONS), "inquiry": self.inquiry}
            _ask(history, "disputes", body | ({"amount": 10} if self.part else {}))


@dataclass(frozen=True)
class Decide:
    """A bank decides what it was asked, or gives up asking."""

    won: bool

    def __call__(self, history: "History") -> None:
        found = history.world.stripe.objects("dispute")
        if found:
            history.world.stripe.advance(seconds=1)
            _ask(history, f"disputes/{history.chance.choice(found)['id']}", {"won": self.won})


def _ask(history: "History", door: str, body: Json) -> None:
    """The bank may be told no: all of it is refunded, or decided already."""
    try:
        history.world.stripe.door(door, body)
    except DoorRefused:
        return


accounts = st.builds(
    Account,
    st.sampled_from(["manual", "daily", "weekly"]),
    st.sampled_from([None, "eur", "usd"]),
    st.sampled_from([None, None, "account_closed"]),
)
deeds = st.one_of(
    st.builds(Dispute, st.booleans(), st.sampled_from([False, False, True])),
    st.builds(Decide, st.booleans()),
    st.builds(Account, st.just("daily"), st.none(), st.sampled_from([None, "declined"])),
)
