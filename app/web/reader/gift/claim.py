"""Claiming a gift: its code, the address, the mail that confirms it; and the card that carries the code.

Opening an address changes nothing, for mail scanners open links, too. Whatever is wrong with a code is
answered on one page, in one shape, and says nothing of anybody.
"""

from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.gifts.claim import (
    ClaimedGift,
    ClosedGift,
    OpenedGift,
    ask_to_claim,
    claim_by_code,
    claim_by_link,
    look_at_claim,
    open_gift,
)
from app.flows.gifts.look import claim_link, look_at_card
from app.flows.limits import TooOftenAsked
from app.flows.supporter_token import SupporterNote, TokenKind, way_back
from app.gifts.rules import GiftStanding
from app.giving.rules import tidy_line
from app.kernel.clock import local_date, utc_now
from app.vault.addresses import LONGEST_ADDRESS, AddressNotUsable, check_address
from app.web.languages import current_language, speak
from app.web.languages import translate as _
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.manage.pages import day_here
from app.web.reader.manage.visitor import refuse_other_sites
from app.web.reader.network import network_of_request
from app.web.reader.offer import months_in_words
from app.web.reader.private import PRIVATE

LONGEST_CODE = 40
GONE = 410


def show_code_form() -> Response:
    """Ask for a gift's code."""
    return _page("reader/gift/code.html", code="")


def show_gift_of_link(code: str) -> Response:
    """Show the code of a link and a button; nothing is looked up before that is pressed."""
    return _page("reader/gift/code.html", code=code[:LONGEST_CODE], is_filled=True)


def take_code() -> ResponseReturnValue:
    """Open a gift by its code; with an address, mail the link that claims it."""
    refuse_other_sites()
    code = tidy_line(request.form.get("code", ""))[:LONGEST_CODE]
    if "email" in request.form:
        return _take_address(code)
    return _open(code)


def take_short_code() -> ResponseReturnValue:
    """Claim by the short code in the mail, in whatever browser the page is open."""
    refuse_other_sites()
    page_token = request.form.get("claim", "")
    typed = tidy_line(request.form.get("short_code", ""))[:LONGEST_CODE]
    network, now = network_of_request(), utc_now()
    try:
        claimed = claim_by_code(parts(), page_token, typed, network=network, now=now)
    except TooOftenAsked:
        abort(429)
    if isinstance(claimed, ClaimedGift):
        return _claimed(claimed)
    if claimed.why is None:
        return _page("reader/gift/asked.html", 422, claim=page_token, is_wrong=True)
    return _closed(claimed)


def show_claim(token: str) -> Response:
    """Show the button behind the mailed link."""
    gift = look_at_claim(parts(), token, now=utc_now())
    if isinstance(gift, ClosedGift):
        return _link_over(gift)
    return _page("reader/gift/confirm.html", token=token, **_words_of(gift))


def press_claim(token: str) -> Response:
    """Claim the gift."""
    refuse_other_sites()
    claimed = claim_by_link(parts(), token, now=utc_now())
    return _claimed(claimed) if isinstance(claimed, ClaimedGift) else _link_over(claimed)


def show_card(token: str) -> Response:
    """Show the sheet to print or to forward: what is given, the giver's words, and the code."""
    gift = look_at_card(parts(), token)
    if gift is None:
        abort(404)
    speak(gift.language)
    if gift.code is None:
        return _closed(ClosedGift(why=gift.standing))
    language = current_language()
    return _page(
        "reader/gift/card.html",
        code=gift.code,
        months=months_in_words(gift.months),
        words=gift.words,
        until=day_here(gift.claim_until) if gift.claim_until else None,
        address=claim_link(parts(), gift.code, language=language),
        plain_address=claim_link(parts(), language=language).partition("?")[0],
    )


def _take_address(code: str) -> ResponseReturnValue:
    typed = tidy_line(request.form.get("email", ""))[:LONGEST_ADDRESS]
    language, network = current_language(), network_of_request()
    try:
        address = check_address(typed)
    except AddressNotUsable:
        return _open(code, email=typed)
    try:
        asked = ask_to_claim(parts(), code, address, language=language, network=network, now=utc_now())
    except TooOftenAsked:
        abort(429)
    if isinstance(asked, ClosedGift):
        return _closed(asked, code)
    return _page("reader/gift/asked.html", claim=asked, is_wrong=False)


def _open(code: str, *, email: str | None = None) -> Response:
    """Return the opened gift with the field for an address; with one that is wrong, say so."""
    try:
        gift = open_gift(parts(), code, network=network_of_request(), now=utc_now())
    except TooOftenAsked:
        abort(429)
    if isinstance(gift, ClosedGift):
        return _closed(gift, code)
    wrong = ""
    if email is not None:
        wrong = no_such_address() if email else _("Type your e-mail address: the gift is kept under it.")
    status = 422 if wrong else 200
    return _page(
        "reader/gift/opened.html", status, code=code, email=email or "", wrong=wrong, **_words_of(gift)
    )


def _words_of(gift: OpenedGift) -> dict[str, Any]:
    return {"months": months_in_words(gift.months), "words": gift.words}


def _closed(gift: ClosedGift, code: str = "") -> Response:
    """Say why a code claims nothing: in one shape, whatever it is."""
    said = {
        None: _("We do not know this code. Please look at it once more: it has twelve letters and digits."),
        GiftStanding.claimed: _("This gift was claimed already. Each code works once."),
        GiftStanding.expired: _(
            "The time to claim this gift is over. Please write to us, or ask whoever gave it to you."
        ),
    }
    otherwise = _("This gift cannot be claimed any more. Please ask whoever gave it to you.")
    is_taken = gift.why is GiftStanding.claimed
    return _page(
        "reader/gift/closed.html", GONE, said=said.get(gift.why, otherwise), code=code, is_taken=is_taken
    )


def _link_over(gift: ClosedGift) -> Response:
    if gift.why is not None:
        return _closed(gift)
    said = _("This link was used already, or is older than a day. With the code of the gift you get another.")
    return _page("reader/gift/closed.html", GONE, said=said, code="", is_taken=True)


def _claimed(gift: ClaimedGift) -> Response:
    until = local_date(gift.until, parts().newsroom.zone)
    later = gift.starts_at > utc_now()
    return _page(
        "reader/gift/claimed.html",
        months=months_in_words(gift.months),
        starts=day_here(gift.starts_at) if later else None,
        until=until,
        supports=gift.supports,
        back_address=way_back(parts(), SupporterNote(kind=TokenKind.supporter, until=until)),
        own_pages=url_for("reader.show_sign_in", lang=current_language()),
    )


def _page(template: str, status: int = 200, **words: Any) -> Response:
    return Response(render_template(template, **words), status, headers=PRIVATE)
