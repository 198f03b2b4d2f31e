"""Another card, and the payment of what is open: the page, the way to Stripe, and the way back."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.flows.links import LinkKind
from app.flows.manage.mend import (
    Mended,
    Result,
    confirm_link,
    finish_mending,
    look_at_mend,
    open_card_page,
    way_to_try_again,
)
from app.giving.forms import NONCE
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.web.languages import current_language, speak
from app.web.reader.manage.pages import or_expired, page
from app.web.reader.manage.presses import take_press
from app.web.reader.waiting import look_again, read_look

LOOKS_ITSELF = (Result.unsure, Result.on_its_way)


@or_expired(LinkKind.mend)
def show_mend(token: str) -> ResponseReturnValue:
    """Show what is open, and the buttons; changes nothing and asks Stripe nothing."""
    picture = look_at_mend(parts(), token)
    return page(
        "reader/manage/mend.html",
        picture,
        token=token,
        press=new_nonce(),
        confirm_address=confirm_link(parts(), picture),
    )


@or_expired(LinkKind.mend)
def go_mend(token: str) -> ResponseReturnValue:
    """Lead to Stripe's page for another card, or try the one on record once more."""
    picture = look_at_mend(parts(), token)
    speak(picture.language)
    take_press(token)
    language, press = current_language(), request.form.get("press", "")
    if request.form.get("way") == "again" and NONCE.fullmatch(press):
        return redirect(way_to_try_again(parts(), token, press=press, language=language), 303)
    return redirect(open_card_page(parts(), token, language=language), 303)


def show_mended(token: str) -> ResponseReturnValue:
    """Do what the press of the button was for, once, and tell what truly happened.

    This address is in no mail: only a press of the button, on our page, makes its token.
    """
    take_press(token)
    mended = finish_mending(parts(), token, now=utc_now())
    response = page(
        "reader/manage/mended.html",
        mended.picture,
        503 if mended.result is Result.unsure else 200,
        result=mended.result.value,
        again_address=url_for("reader.show_mended", token=token, lang=request.args.get("lang")),
        mend_address=mended.mend_link,
        confirm_address=mended.confirm_link,
    )
    return _look_again(response, mended, token)


def _look_again(response: Response, mended: Mended, token: str) -> Response:
    if mended.result not in LOOKS_ITSELF:
        return response
    look = read_look(request.args.get("look", "")) or 1
    address = url_for("reader.show_mended", token=token, look=look + 1, lang=request.args.get("lang"))
    return look_again(response, look=look, address=address)
