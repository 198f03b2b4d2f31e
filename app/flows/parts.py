"""What the flows work with, joined once by the factory and passed on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.db import Sessions
from app.mailer.mailer import Mailer
from app.stripe_gateway.gateway import StripeGateway
from app.stripe_gateway.keepsakes import Kept
from app.vault.vault import Vault
from config.newsroom import Newsroom


class Watch(Protocol):
    """Knows whether this database may act; `app.flows.watch` says how. Here only what is asked of it."""

    has_other_account: bool

    def check(self, *, anew: bool = False) -> None:
        """Make sure that it may act. Raises: StripeMuted, StripeOtherAccount, StripeUnavailable."""

    def is_muted(self) -> bool:
        """Whether nothing may be sent, as far as is known without asking Stripe."""

    def look(self) -> Kept | None:
        """Fetch what Stripe keeps of us. Raises: StripeOtherAccount, StripeUnavailable, StripeRefused."""

    def mute(self) -> bool:
        """Mute the database; returns whether it was not muted before."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The joined parts of one process."""

    sessions: Sessions
    gateway: StripeGateway
    watch: Watch
    vault: Vault
    mailer: Mailer
    newsroom: Newsroom
    public_base_url: str
    mail_from: str
    signing_keys: tuple[str, ...] = field(repr=False)
    """First signs, all verify."""
    webhook_secrets: tuple[str, ...] = field(repr=False)
    livemode: bool
    restoring_since: datetime | None = None
    """Set while a restored database catches up: mails nobody about what is older, and puts numbers back."""

    @property
    def signers(self) -> list[str]:
        """The signing keys in the order of itsdangerous, which signs with the last."""
        return list(reversed(self.signing_keys))
