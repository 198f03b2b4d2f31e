"""The small pages that change one support: choose, see what it comes to, press, and be told what happened.

Choosing is a GET and changes nothing; only the button under the preview acts, once, and only while what the
preview said still holds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.asking.ask import AskOutcome
from app.flows.links import LinkKind, LinkUnknown, sign_link
from app.flows.manage import changes
from app.flows.manage.changes import Asking, ChangeRefused, PageStale, Press, Preview
from app.flows.manage.support import Condition, Supported
from app.giving.forms import NONCE
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.web.languages import current_language
from app.web.reader.manage import choices
from app.web.reader.manage.change_words import refusal_in_words
from app.web.reader.manage.pages import day_here
from app.web.reader.manage.presses import take_press
from app.web.reader.manage.visitor import Visitor, member_page, signed_in
from app.web.reader.offer import gift_in_words
from app.web.reader.waiting import look_again, read_look

Reader = Callable[[choices.Fields, Supported, datetime], Asking | None]
READERS: dict[str, Reader] = {
    "amount": choices.read_amount,
    "pause": choices.read_pause,
    "skip": choices.read_skip,
    "resume": choices.read_resume,
    "day": choices.read_day,
}
"""The pages, by the last word of their address, and how what was chosen on them is read."""
CHOSEN = ("amount", "interval", "months", "day")
LOOKS_ITSELF = (Condition.asked, Condition.under_way)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What one showing of a page says."""

    preview: Preview | None = None
    refusal: str | None = None
    outcome: AskOutcome | None = None
    stale: bool = False


@signed_in
def show_change(visitor: Visitor, support_id: UUID, what: str) -> ResponseReturnValue:
    """Show the choice, or what was chosen as it will be charged; asks Stripe nothing."""
    support = _look(visitor, support_id)
    press = request.args.get("press", "")
    if NONCE.fullmatch(press):
        outcome = changes.how_it_went(parts(), support, press)
        if outcome:
            return _page(visitor, support, what, Shown(outcome=outcome))
    return _page(visitor, support, what, _foretell(support, what, request.args))


@signed_in
def send_change(visitor: Visitor, support_id: UUID, what: str) -> ResponseReturnValue:
    """Have a change made that was shown; one that would come to something else by now is shown again."""
    nonce, seen = request.form.get("press", ""), request.form.get("seen", "")
    if not NONCE.fullmatch(nonce):
        abort(400)
    support = _look(visitor, support_id)
    take_press(f"{support_id}-{what}")
    now = utc_now()
    press = Press(support_id=support_id, member_id=visitor.member_id, seen=seen, nonce=nonce)
    try:
        asking = READERS[what](request.form, support, now)
        if asking is None:
            abort(400)
        changes.ask_for_change(parts(), press, asking, now=now)
    except (PageStale, ChangeRefused):
        again = _look(visitor, support_id)
        shown = _foretell(again, what, request.form, stale=True)
        return _page(visitor, again, what, shown, 409)
    back = url_for(
        "reader.show_change", support_id=support_id, what=what, press=nonce, lang=request.form.get("lang")
    )
    return redirect(back, 303)


@signed_in
def show_support_card(visitor: Visitor, support_id: UUID) -> ResponseReturnValue:
    """Lead to the page that takes another card and pays what is open."""
    return _lead(visitor, support_id, LinkKind.mend)


@signed_in
def show_support_end(visitor: Visitor, support_id: UUID) -> ResponseReturnValue:
    """Lead to the page that ends this support, or takes its end back."""
    return _lead(visitor, support_id, LinkKind.end)


def _lead(visitor: Visitor, support_id: UUID, kind: LinkKind) -> ResponseReturnValue:
    _look(visitor, support_id)
    language = request.args.get("lang")
    address = sign_link(parts(), kind, support_id)
    return redirect(f"{address}?lang={language}" if language else address, 302)


def _look(visitor: Visitor, support_id: UUID) -> Supported:
    try:
        support = changes.look(parts(), support_id, member_id=visitor.member_id, now=utc_now())
    except LinkUnknown:
        abort(404)
    return support


def _foretell(support: Supported, what: str, fields: choices.Fields, *, stale: bool = False) -> Shown:
    if support.condition is not Condition.changeable:
        return Shown(stale=stale)
    try:
        asking = READERS[what](fields, support, utc_now())
        foretold = changes.preview(support, asking) if asking else None
    except ChangeRefused as refused:
        return Shown(refusal=refusal_in_words(refused.code, support, fields), stale=stale)
    return Shown(preview=foretold, stale=stale)


def _page(visitor: Visitor, support: Supported, what: str, shown: Shown, status: int = 200) -> Response:
    language = current_language()
    values: dict[str, Any] = {
        "what": what,
        "support": support,
        "picture": support.picture,
        "shown": shown,
        "preview": shown.preview,
        "gift": gift_in_words(support.course.amount, support.course.interval, language),
        "chosen": {name: request.values[name] for name in CHOSEN if name in request.values},
        "press": new_nonce(),
        "look_again_address": _this_page(support, what),
        "now_charged": changes.next_charges(support),
        "days": choices.DAYS,
        "months": choices.MONTHS,
        "on": day_here,
    }
    response = member_page("reader/manage/change.html", visitor, status, **values)
    if support.condition not in LOOKS_ITSELF and shown.outcome is not AskOutcome.waiting:
        return response
    look = read_look(request.args.get("look", "")) or 1
    return look_again(response, look=look, address=_this_page(support, what, look=look + 1))


def _this_page(support: Supported, what: str, *, look: int | None = None) -> str:
    """Return the address that tells how things stand by then, the press it is about with it."""
    return url_for(
        "reader.show_change",
        support_id=support.picture.subscription_id,
        what=what,
        press=request.args.get("press"),
        lang=request.args.get("lang"),
        look=look,
    )
