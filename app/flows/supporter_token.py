"""A note for the newsroom's own site: whoever carries it need not be asked for support for a while.

It rides behind the `#` of a link back to the newsroom, which no server ever sees, and names nobody: a kind
and a last day. It is `base64url(JSON).signature`, so that a script reads it without a key, and whoever holds
ours can tell that we wrote it. It is no proof of what anybody is entitled to: it says when not to ask.
"""

import base64
import json
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, Signer

from app.flows.parts import Parts
from app.kernel.errors import SmallFavorError

FRAGMENT = "small-favor"
SUPPORTER_DAYS = 365
"""Support goes on until it is ended, and each link back brings a newer note; so long an old one is heeded."""


class TokenKind(StrEnum):
    """Why its bearer is not asked."""

    supporter = "supporter"
    """Their support goes on."""
    gave = "gave"
    """They gave once, a short while ago."""


class NoteUnknown(SmallFavorError):
    """The note is altered, cut short or not ours."""


@dataclass(frozen=True, kw_only=True)
class SupporterNote:
    """What the note says: ask nobody who bears it before the day after `until`."""

    kind: TokenKind
    until: date


def note_from(kind: TokenKind, today: date, *, quiet_weeks: int) -> SupporterNote:
    """Return the note to be given today.

    Args: quiet_weeks: for how long the newsroom asks nobody who gave once.
    """
    days = SUPPORTER_DAYS if kind is TokenKind.supporter else 7 * quiet_weeks
    return SupporterNote(kind=kind, until=today + timedelta(days=days))


def sign_note(parts: Parts, note: SupporterNote) -> str:
    """Return the note as one word that is safe in an address."""
    said = json.dumps({"kind": note.kind, "until": note.until.isoformat()}, separators=(",", ":"))
    return _signer(parts).sign(base64.urlsafe_b64encode(said.encode()).rstrip(b"=")).decode()


def read_note(parts: Parts, token: str) -> SupporterNote:
    """Return what a note says, if we wrote it. Raises: NoteUnknown."""
    try:
        said = _signer(parts).unsign(token)
        fields = json.loads(base64.urlsafe_b64decode(said + b"=" * (-len(said) % 4)))
        return SupporterNote(kind=TokenKind(fields["kind"]), until=date.fromisoformat(fields["until"]))
    except (BadSignature, ValueError, KeyError, TypeError):
        raise NoteUnknown("note") from None


def way_back(parts: Parts, note: SupporterNote | None) -> str:
    """Return the address of the newsroom's site, with the note behind it where there is one."""
    website = parts.newsroom.website
    return f"{website.partition('#')[0]}#{FRAGMENT}={sign_note(parts, note)}" if note else website


def _signer(parts: Parts) -> Signer:
    return Signer(parts.signers, salt="supporter note", sep=".")
