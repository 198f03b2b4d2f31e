"""What every projection is given besides its snapshot."""

from dataclasses import dataclass
from datetime import datetime

from app.inbox.events import Wanted
from app.kernel.errors import SmallFavorError
from app.vault.vault import Vault
from config.newsroom import Newsroom


@dataclass(frozen=True, kw_only=True)
class Context:
    """The moment, the newsroom's rules and the keeper of names."""

    now: datetime
    newsroom: Newsroom
    vault: Vault
    silent_before: datetime | None = None
    """Set by a sweep, which mails nobody about old things."""

    restoring: bool = False
    """Whether a restored database catches up: numbers given before the loss are put back into their holes."""

    def may_mail(self, occurred_at: datetime) -> bool:
        """Whether what happened at an instant is still news to anybody."""
        return self.silent_before is None or occurred_at >= self.silent_before


class NeedsFirst(SmallFavorError):
    """Another object must be projected before this one."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted[0])
        self.wanted = wanted
