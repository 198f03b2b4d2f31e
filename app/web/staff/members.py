"""Members by their codes: the list, the search, and the list as a file."""

import re
from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access import parts
from app.billing.queries import find_member_id as find_by_stripe_id
from app.db import reading
from app.flows.parts import Parts
from app.kernel.clock import local_date, utc_now
from app.members.models import Member
from app.members.queries import find_by_code, find_member, list_page
from app.receipts.queries import find_member_id as find_by_receipt
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.exports import Kind, Line, plain_amount, send_file
from app.web.staff.log import log
from app.web.staff.standing import Attention, MemberLine, Standing, criteria_for, list_lines

PAGE_LENGTH = 50
BATCH_LENGTH = 500
HEADER = (
    "member",
    "status",
    "supporter_since",
    "memberships",
    "amount",
    "currency",
    "interval",
    "entitled_until",
    "given_in_all",
    "given_currency",
)
_CODE = re.compile(r"[0-9A-Z]{4}-?[0-9A-Z]{4}")
_BEGINNING_OF_CODE = re.compile(r"[0-9A-Z]{2,4}(-[0-9A-Z]{0,4})?")


@blueprint.get("/members")
def members() -> ResponseReturnValue:
    """Show members, newest first; a search that means one of them goes straight to the record."""
    asked = request.args.get("q", "").strip()
    standing = _read_standing()
    with reading(parts().sessions) as session:
        found = _find_one(session, asked) if asked else None
        if found:
            return redirect(url_for("staff.member", code=found.code))
        criteria = criteria_for(standing) + _code_begins_with(asked)
        page = list_page(session, *criteria, after=_read_after(), limit=PAGE_LENGTH + 1)
        lines = list_lines(session, page[:PAGE_LENGTH], newsroom=parts().newsroom, now=utc_now())
    return render_template(
        "staff/members.html",
        lines=lines,
        asked=asked,
        standing=standing,
        after=lines[-1].id if len(page) > PAGE_LENGTH else None,
        is_first_page=_read_after() is None,
    )


@blueprint.get("/members/export.<any(csv, xlsx):kind>")
def members_export(kind: Kind) -> ResponseReturnValue:
    """Hand out codes, standings and amounts as a file; no names."""
    standing = _read_standing()
    log.info("staff_exported", what="members", kind=kind, staff_id=pages.staff_id())
    return send_file(kind, f"members-{pages.today()}", HEADER, _batches(parts(), standing))


def _find_one(session: Session, asked: str) -> Member | None:
    upper = asked.upper()
    if _CODE.fullmatch(upper):
        return find_by_code(session, f"{upper[:4]}-{upper[-4:]}")
    member_id = find_by_stripe_id(session, asked) if "_" in asked else find_by_receipt(session, upper)
    return find_member(session, member_id) if member_id else None


def _code_begins_with(asked: str) -> list[sa.ColumnElement[bool]]:
    """Return what picks the members whose code begins so; none where this cannot begin a code."""
    if not asked:
        return []
    if _BEGINNING_OF_CODE.fullmatch(asked.upper()):
        return [Member.code.startswith(asked.upper(), autoescape=True)]
    return [sa.false()]


def _read_standing() -> Standing | Attention | None:
    asked = request.args.get("status", "")
    if asked in list(Attention):
        return Attention(asked)
    return Standing(asked) if asked in list(Standing) else None


def _read_after() -> UUID | None:
    try:
        return UUID(request.args.get("after", ""))
    except ValueError:
        return None


def _batches(joined: Parts, standing: Standing | Attention | None) -> Iterator[list[Line]]:
    """Yield every member's lines; each batch is read by itself, so that no lock is held meanwhile."""
    after = None
    while True:
        with reading(joined.sessions) as session:
            page = list_page(session, *criteria_for(standing), after=after, limit=BATCH_LENGTH)
            lines = list_lines(session, page, newsroom=joined.newsroom, now=utc_now())
        if not lines:
            return
        yield [row for line in lines for row in _rows(line, joined.newsroom.zone)]
        after = lines[-1].id


def _rows(line: MemberLine, zone: ZoneInfo) -> Iterator[Line]:
    """Yield a row for each currency given in; the membership stands in the first alone, so that
    a column can be added up."""
    since = local_date(line.joined_at, zone)
    who = (line.code, line.standing.value, f"{since}")
    gives = (
        (str(line.memberships), plain_amount(line.amount), line.amount.currency, str(line.interval))
        if line.amount
        else ("0", "", "", "")
    )
    until = line.entitlement.until if line.entitlement.entitled else None
    membership: Line = (*gives, f"{local_date(until, zone)}" if until else "")
    sums = [(plain_amount(money), money.currency) for money in line.kept]
    for given in sums or [("", "")]:
        yield (*who, *membership, *given)
        membership = ("",) * len(membership)
