"""Another address: asked for here, confirmed by a link that is mailed there."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.flows.people.address import ask_for_address
from app.giving.rules import tidy_line
from app.kernel.clock import utc_now
from app.members.models import Member
from app.vault.addresses import AddressNotUsable, check_address
from app.web.languages import current_language
from app.web.reader.address_mistakes import no_such_address
from app.web.reader.manage.presses import take_press
from app.web.reader.manage.visitor import Visitor, member_page, signed_in

NOT_VALID = 422


@signed_in
def show_address(visitor: Visitor) -> ResponseReturnValue:
    """Show the address on record, and the field for another."""
    return _page(visitor, sent=request.args.get("sent") == "1")


@signed_in
def send_address(visitor: Visitor) -> ResponseReturnValue:
    """Mail the new address a link; says the same whether or not somebody has it already."""
    typed = tidy_line(request.form.get("email", ""))
    try:
        address = check_address(typed)
    except AddressNotUsable:
        return _page(visitor, typed=typed, wrong=no_such_address(), status=NOT_VALID)
    take_press(f"address {visitor.member_id}")
    ask_for_address(parts(), visitor.member_id, address, now=utc_now())
    return redirect(url_for("reader.show_address", sent=1, lang=current_language()), 303)


def _page(
    visitor: Visitor, *, typed: str = "", wrong: str | None = None, sent: bool = False, status: int = 200
) -> ResponseReturnValue:
    with reading(parts().sessions) as session:
        member = session.get_one(Member, visitor.member_id)
        person = parts().vault.find_person(session, member.person_id) if member.person_id else None
    return member_page(
        "reader/manage/address.html",
        visitor,
        status,
        address=person.address if person else None,
        typed=typed,
        wrong=wrong,
        messages={"email": wrong} if wrong else {},
        sent=sent,
    )
