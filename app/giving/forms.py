"""What a reader promises, checked against the newsroom's file."""

import re
from dataclasses import dataclass, field

from app.giving.models import NoteKind
from app.kernel.intervals import Interval
from app.kernel.money import Money
from app.vault.vault import PersonInClear

CAMPAIGN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
LONGEST_NAME = 120
LONGEST_NOTE = 280


@dataclass(frozen=True, kw_only=True)
class PledgeForm:
    """One filled-in form; every field has been checked."""

    nonce: str
    amount: Money
    """The gift itself."""
    total: Money | None = None
    """All that is to be charged, where the reader covers the fees."""
    interval: Interval
    contact: PersonInClear
    campaign: str | None
    language: str
    variant: str | None = None
    """Of the appeal whose words led here, where it was counted."""
    note: str | None = field(default=None, repr=False)
    """A dedication or a word to the newsroom, kept out of every repr as the contact is."""
    note_kind: NoteKind = NoteKind.word
    asks_for_mail: bool = False
    """Whether one mail may go out, should the pledge not be finished."""
    what_for: str = field(default="", repr=False)
    """What else was typed, where the pledge is for something: a gift to somebody."""

    @property
    def charged(self) -> Money:
        """All that is to be charged."""
        return self.total or self.amount

    def typed(self) -> str:
        """Return all that was typed as one text: the same text is the same pledge."""
        parts = (self.amount.minor, self.amount.currency, self.interval, self.contact.address)
        origin = (self.campaign or "", self.variant or "", self.language)
        added = (self.charged.minor, self.note_kind, self.note or "", self.asks_for_mail)
        rest = (self.contact.name or "", *origin, *added)
        what_for = (self.what_for,) if self.what_for else ()
        return "\x1f".join(map(str, (*parts, *rest, *what_for)))
