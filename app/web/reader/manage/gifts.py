"""Gifts on the pages of a member who is signed in: those they gave, and those they claimed."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.flows.gifts.look import GivenGift, ReceivedGift, card_link, list_given, list_received
from app.flows.gifts.send import GiftNotOpen, send_code_again
from app.gifts.rules import GiftStanding
from app.kernel.clock import utc_now
from app.kernel.formatting import format_day
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.manage.pages import day_here
from app.web.reader.manage.visitor import Visitor, signed_in
from app.web.reader.offer import months_in_words


@dataclass(frozen=True, kw_only=True)
class GivenLine:
    """A gift as its giver reads of it."""

    gift: GivenGift
    months: str
    state: str
    sending: str
    """How the code gets to whom it is for."""
    card_address: str | None
    """Of the sheet with the code, while it can be claimed."""


def read_gifts(member_id: UUID) -> tuple[list[GivenLine], list[str]]:
    """Return the gifts a member gave, and, in sentences, those they claimed."""
    now = utc_now()
    with reading(parts().sessions) as session:
        given = list_given(session, parts(), member_id, now=now)
        received = list_received(session, member_id)
    return [given_in_words(gift) for gift in given], [_received_line(one) for one in received]


@signed_in
def send_gift_again(visitor: Visitor, gift_id: UUID) -> ResponseReturnValue:
    """Mail the giver the code once more: once a day, and to the address on record alone."""
    try:
        send_code_again(parts(), gift_id, member_id=visitor.member_id, now=utc_now())
    except GiftNotOpen:
        abort(404)
    return redirect(url_for("reader.show_home", sent=1, lang=current_language()) + "#gifts", 303)


def given_in_words(gift: GivenGift) -> GivenLine:
    """Return a gift as its giver reads of it."""
    return GivenLine(
        gift=gift,
        months=months_in_words(gift.months),
        state=_state(gift),
        sending=_sending(gift),
        card_address=card_link(parts(), gift.id, language=current_language()) if gift.code else None,
    )


def _state(gift: GivenGift) -> str:
    language = current_language()
    if gift.standing is GiftStanding.claimed and gift.claimed_at:
        return _("Claimed on %(day)s.", day=format_day(day_here(gift.claimed_at), language))
    if gift.standing is GiftStanding.taken_back:
        return _("Its payment went back, and the gift with it.")
    until = format_day(day_here(gift.claim_until), language) if gift.claim_until else ""
    if gift.standing is GiftStanding.expired:
        return _("Nobody claimed it by %(day)s.", day=until)
    return _("Not claimed yet; the code is good until %(day)s.", day=until)


def _sending(gift: GivenGift) -> str:
    if gift.send_at is None:
        return _("You hand the code over: print the card, forward it, or tell the code.")
    if gift.queued_at or gift.send_at <= utc_now():
        return _("We mail it to the address you gave; you need do nothing more.")
    day = format_day(day_here(gift.send_at), current_language())
    return _("On %(day)s we mail it to the address you gave.", day=day)


def _received_line(received: ReceivedGift) -> str:
    language, now = current_language(), utc_now()
    until = format_day(day_here(received.until), language)
    if not received.kept:
        return _("A gift to you was taken back.")
    if received.until <= now:
        return _("A gift to you ran until %(day)s.", day=until)
    if received.starts_at > now:
        starts = format_day(day_here(received.starts_at), language)
        return _("A gift to you begins on %(starts)s and runs until %(day)s.", starts=starts, day=until)
    return _(
        "A gift to you runs until %(day)s. It ends by itself, and you are never charged for it.", day=until
    )
