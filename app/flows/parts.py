"""What the flows work with, joined once by the factory and passed on."""

from dataclasses import dataclass, field
from datetime import datetime

from app.db import Sessions
from app.mailer.mailer import Mailer
from app.stripe_gateway.gateway import StripeGateway
from app.vault.vault import Vault
from config.newsroom import Newsroom


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The joined parts of one process."""

    sessions: Sessions
    gateway: StripeGateway
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
