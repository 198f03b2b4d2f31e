"""3-D Secure of a renewal: the page, and the way to Stripe."""

from flask import redirect
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.links import LinkKind
from app.flows.manage.confirm import find_confirmation, look_at_confirm
from app.kernel.clock import utc_now
from app.web.languages import speak
from app.web.reader.manage.pages import or_expired, page
from app.web.reader.manage.presses import take_press


@or_expired(LinkKind.confirm)
def show_confirm(token: str) -> ResponseReturnValue:
    """Show what waits for the member's word, and the button; changes nothing and asks Stripe nothing."""
    wanted = look_at_confirm(parts(), token)
    return page("reader/manage/confirm.html", wanted.picture, token=token, is_open=wanted.is_open)


@or_expired(LinkKind.confirm)
def go_confirm(token: str) -> ResponseReturnValue:
    """Lead to the page at Stripe on which the bank asks; where nothing is open any more, say so."""
    speak(look_at_confirm(parts(), token).picture.language)
    take_press(token)
    address = find_confirmation(parts(), token, now=utc_now())
    return redirect(address, 303) if address else show_confirm(token)
