"""Signing in without a password: what is asked for, what is sent, what it opens.

Nothing of it is logged, and whoever asks learns nothing: not whether an address is a member's, not how
often somebody else has asked for it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.db import reading, transaction
from app.flows.limits import count_network
from app.flows.parts import Parts
from app.kernel.ids import new_sign_in_code, read_code
from app.members.members import find_named
from app.members.merging import resolve
from app.members.models import Member
from app.outbox.models import MailKind
from app.outbox.queue import Mail, enqueue
from app.signing_in import requests, sessions
from app.signing_in.counting import count, hour_of
from app.signing_in.models import CountedBy
from app.vault.addresses import normalise_address

MOST_MAILS_AN_HOUR = 5
"""To one address. More are not sent, and the answer is the same: it must not tell that others asked."""
_TOKEN_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who asks, as far as it matters: an address as typed and checked, and the network it came from."""

    address: str
    network: str
    next_page: str = ""
    """One of a member's pages that the mail's link leads on to; empty for their first."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What a mail carries; only hashes of it are kept."""

    token: str
    code: str


def ask_to_sign_in(parts: Parts, asking: Asking, *, language: str, now: datetime) -> None:
    """Queue a mail with a link and a code, if the address is a member's; else leave no trace.

    Raises: TooOftenAsked.
    """
    count_network(parts, asking.network, purpose="sign-in", now=now)
    with transaction(parts.sessions) as session:
        asked = _count(session, parts, CountedBy.address, normalise_address(asking.address), now=now)
        member = _find_member(session, parts, asking.address)
        if member and asked <= MOST_MAILS_AN_HOUR:
            request_id = requests.ask(session, member.id, now=now)
            mail = _mail(member.id, request_id, language, next_page=asking.next_page)
            enqueue(session, mail, now=now)


def make_keys(parts: Parts, request_id: UUID, *, now: datetime) -> Keys:
    """Make the link's token and the code for a mail that is being written, and keep their hashes."""
    keys = Keys(token=secrets.token_urlsafe(_TOKEN_BYTES), code=new_sign_in_code())
    with transaction(parts.sessions) as session:
        requests.arm(
            session,
            request_id,
            link_hash=sessions.hash_key(keys.token),
            code_hash=parts.vault.digest(f"sign-in code {keys.code}"),
            now=now,
        )
    return keys


def is_link_good(parts: Parts, token: str, *, now: datetime) -> bool:
    """Tell whether a link would sign in; changes nothing, for mail scanners open links, too."""
    with reading(parts.sessions) as session:
        return requests.is_good(session, sessions.hash_key(token), now=now)


def sign_in_by_link(parts: Parts, token: str, *, now: datetime) -> str | None:
    """Use a link up, and return the key for the browser's cookie; None where it is not good any more."""
    with transaction(parts.sessions) as session:
        member_id = requests.take_by_link(session, sessions.hash_key(token), now=now)
        return sessions.start_session(session, resolve(session, member_id), now=now) if member_id else None


def sign_in_by_code(parts: Parts, asking: Asking, typed: str, *, now: datetime) -> str | None:
    """Use a code up, in whatever browser, and return the key for its cookie; None where it is wrong.

    Raises: TooOftenAsked.
    """
    count_network(parts, asking.network, purpose="sign-in", now=now)
    code_hash = parts.vault.digest(f"sign-in code {read_code(typed)}")
    with transaction(parts.sessions) as session:
        member = _find_member(session, parts, asking.address)
        if member and requests.take_by_code(session, member.id, [code_hash], now=now):
            return sessions.start_session(session, resolve(session, member.id), now=now)
    return None


def find_signed_in(parts: Parts, key: str, *, now: datetime) -> Member | None:
    """Return the member who is signed in under a key; nobody once the person is erased."""
    with reading(parts.sessions) as session:
        row = sessions.find_session(session, key, now=now)
        member = session.get(Member, row.member_id) if row else None
        is_due = row is not None and sessions.wants_noting(row, now=now)
    if member is None or member.person_id is None:
        return None
    if is_due:
        with transaction(parts.sessions) as session:
            sessions.note_seen(session, key, now=now)
    return member


def sign_out(parts: Parts, key: str) -> None:
    """Sign one browser out."""
    with transaction(parts.sessions) as session:
        sessions.end_session(session, key)


def sign_out_everywhere(parts: Parts, member_id: UUID) -> None:
    """Sign a member out of every browser, and make void what was sent for signing in."""
    with transaction(parts.sessions) as session:
        sessions.end_all_sessions(session, member_id)
        requests.withdraw(session, member_id)


def _find_member(session: Session, parts: Parts, address: str) -> Member | None:
    """Return the record with this address: a mail goes there, though it opens what that was merged into."""
    return find_named(session, parts.vault.find_person_id(session, address))


def _mail(member_id: UUID, request_id: UUID, language: str, *, next_page: str) -> Mail:
    return Mail(
        kind=MailKind.sign_in,
        dedupe_key=f"sign-in-{request_id}",
        member_id=member_id,
        about_id=str(request_id),
        language=language,
        matter={"next": next_page} if next_page else None,
    )


def _count(session: Session, parts: Parts, counted_by: CountedBy, what: str, *, now: datetime) -> int:
    """Count under a hash that is another one each hour, so that no cell follows anybody."""
    digest = parts.vault.digest(f"sign-in {counted_by} {hour_of(now)} {what}")
    return count(session, counted_by, digest, now=now)
