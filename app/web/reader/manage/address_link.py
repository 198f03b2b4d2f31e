"""The link mailed to a new address: it shows a button, and the press makes the address the member's."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.links import LinkExpired
from app.flows.people.address import AddressStanding, Change, confirm_address, look_at_change
from app.kernel.clock import utc_now
from app.web.languages import speak
from app.web.reader.manage.presses import take_press
from app.web.reader.private import PRIVATE

GONE = 410
NOT_POSSIBLE = 409
_STATUSES = {AddressStanding.late: GONE, AddressStanding.taken: NOT_POSSIBLE}


def show_address_link(token: str) -> ResponseReturnValue:
    """Show the address and the button; changes nothing, for mail scanners open links, too."""
    try:
        change = look_at_change(parts(), token, now=utc_now())
    except LinkExpired:
        return _page(None, token)
    return _page(change, token)


def go_address_link(token: str) -> ResponseReturnValue:
    """Make the address the member's, once, and say so."""
    take_press(token)
    try:
        return _page(confirm_address(parts(), token, now=utc_now()), token)
    except LinkExpired:
        return _page(None, token)


def _page(change: Change | None, token: str) -> Response:
    standing = change.standing if change else AddressStanding.late
    if change:
        speak(change.language)
    words = render_template(
        "reader/manage/address_link.html",
        standing=standing.value,
        address=change.new_address if change else None,
        token=token,
    )
    return Response(words, _STATUSES.get(standing, 200), headers=PRIVATE)
