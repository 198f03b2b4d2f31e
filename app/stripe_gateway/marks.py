"""How what we asked for is known again at Stripe: our idempotency keys, and ids of ours in metadata."""

from dataclasses import dataclass
from uuid import UUID

from app.stripe_gateway.reading import ASK_KEY


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Whose doing a write is: the ask, and how often it was asked for under another key."""

    ask_id: UUID
    attempt: int
    matter: str

    def key(self, *step: str) -> str:
        """Return the idempotency key of the ask, or of one of its further steps."""
        return "-".join(("ask", str(self.ask_id), str(self.attempt), *step))

    @property
    def on_refund(self) -> dict[str, str]:
        """The metadata a refund is made with."""
        return {ASK_KEY: str(self.ask_id)}

    @property
    def on_subscription(self) -> dict[str, str]:
        """The metadata a subscription is changed with: the newest ask, and the newest of this matter.

        Without the second, an ask of another matter would wipe out the mark that this one was done.
        """
        return {ASK_KEY: str(self.ask_id), **dict([self.on_matter])}

    @property
    def on_matter(self) -> tuple[str, str]:
        """The key and value that tell that this ask was the last of its matter."""
        return f"{ASK_KEY}_{self.matter}", str(self.ask_id)

    @property
    def on_end(self) -> str:
        """The comment a subscription is ended with: what is deleted takes no metadata."""
        return f"ask {self.ask_id}"
