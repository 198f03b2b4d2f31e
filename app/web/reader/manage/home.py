"""What a member sees after signing in."""

from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.billing.course import list_charges
from app.flows.declines import reason_in_words
from app.flows.manage.history import list_history
from app.flows.manage.home import Supports, list_supports, look_at_account
from app.flows.manage.support import Condition, Supported
from app.flows.supporter_token import SupporterNote, TokenKind, note_from, way_back
from app.kernel.clock import utc_now
from app.kernel.formatting import format_day
from app.members.entitlement import Entitlement, EntitlementReason
from app.receipts.wording import method_in_words
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.manage.gifts import read_gifts
from app.web.reader.manage.history import history_words
from app.web.reader.manage.pages import day_here
from app.web.reader.manage.paths import data_links
from app.web.reader.manage.visitor import Visitor, member_page, signed_in
from app.web.reader.offer import gift_in_words

LATEST = 3


@signed_in
def show_home(visitor: Visitor) -> ResponseReturnValue:
    """Show all of a member's support."""
    now = utc_now()
    supports = list_supports(parts(), visitor.member_id, now=now)
    given, received = read_gifts(visitor.member_id)
    account = look_at_account(parts(), visitor.member_id, now=now)
    return member_page(
        "reader/manage/home.html",
        visitor,
        supports=supports,
        standing=_standing(account.entitlement),
        code=account.code,
        back_address=way_back(parts(), _note(supports, account.entitlement, today=day_here(now))),
        history=list_history(parts(), visitor.member_id, size=LATEST),
        data_links=data_links(),
        given=given,
        received=received,
        is_sent=request.args.get("sent") == "1",
        **_words(),
        **history_words(),
    )


def _standing(entitlement: Entitlement) -> str:
    """Return until when somebody is a supporter, in words; empty where that says nothing.

    Days of grace are told only once they have begun: nobody reads a day after that of the next payment.
    """
    is_paid = entitlement.reason is EntitlementReason.paid
    until = entitlement.paid_until if is_paid else entitlement.until
    if until is None:
        return ""
    day = format_day(day_here(until), current_language())
    if entitlement.entitled:
        return _("You are a supporter until %(day)s.", day=day)
    return _("You were a supporter until %(day)s. Thank you for all you gave.", day=day)


def _note(supports: Supports, entitlement: Entitlement, *, today: date) -> SupporterNote | None:
    """Return the note by which the newsroom's appeal leaves a supporter alone; None for who is none."""
    if any(one.picture.cancel_at is None for one in supports.running):
        quiet_weeks = parts().newsroom.appeal.quiet_weeks
        return note_from(TokenKind.supporter, today, quiet_weeks=quiet_weeks)
    if entitlement.entitled and entitlement.until:
        return SupporterNote(kind=TokenKind.supporter, until=day_here(entitlement.until))
    return None


def _words() -> dict[str, Any]:
    """Return what the template says of a support with."""
    language = current_language()
    return {
        "on": day_here,
        "gift_of": lambda support: gift_in_words(support.course.amount, support.course.interval, language),
        "card_of": lambda support: method_in_words(support.picture.method, language),
        "reason_of": lambda support: reason_in_words(support.picture.invoice.reason, language),
        "next_of": _next_of,
    }


def _next_of(support: Supported) -> list[Any]:
    """Return the next charge, while one can be told."""
    return list_charges(support.course, 1) if support.condition is Condition.changeable else []
