"""The letter that signs its reader in: a link and a code, made when it is written."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.letters.common import Addressed, NotNeeded, matter_of
from app.flows.parts import Parts
from app.flows.sign_in import make_keys
from app.kernel.clock import utc_now
from app.outbox.compose import Button, Letter
from app.outbox.queue import MailLease
from app.signing_in.requests import GOOD_MINUTES, WORTH_SENDING, find_request


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A request that still stands."""

    request_id: UUID


def find(session: Session, _parts: Parts, lease: MailLease) -> Wanted | NotNeeded:
    """Return the request, unless a newer one has taken its place or nobody waits for it any more."""
    request = find_request(session, UUID(lease.about_id)) if lease.about_id else None
    if request is None:
        return NotNeeded("another sign-in was asked for by now")
    if utc_now() - request.asked_at > WORTH_SENDING:
        return NotNeeded("the sign-in was asked for long ago")
    return Wanted(request_id=request.id)


def write(to: Addressed, wanted: Wanted) -> Letter:
    """Return the letter, with keys that were never anywhere before and are good for ten minutes."""
    words, keys = to.words, make_keys(to.parts, wanted.request_id, now=utc_now())
    query = urlencode({"lang": to.language, **matter_of(to.lease)})
    link = f"{to.parts.public_base_url}/manage/sign-in/{keys.token}?{query}"
    return Letter(
        subject=words.gettext("Sign in to your support of %(newsroom)s") % {"newsroom": to.newsroom},
        heading=words.gettext("Sign in to your support"),
        opening=[
            to.hello(),
            words.gettext(
                "Press the button, or type the code on the page where you asked for it. Either signs you in "
                "once, in any browser, and is good for %(minutes)s minutes."
            )
            % {"minutes": GOOD_MINUTES},
        ],
        button=Button(label=words.gettext("Sign in"), link=link),
        code=(words.gettext("Code"), keys.code),
        closing=[
            words.gettext(
                "If you did not ask for this, somebody typed your address by mistake. Nothing has happened, "
                "and you need do nothing. Never give the code to anybody: we shall not ask you for it."
            )
        ],
    )
