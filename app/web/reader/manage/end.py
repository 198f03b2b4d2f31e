"""The end of one support: two clicks from the mail, and taken back as easily until it has come."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.asks.models import EndReason
from app.asks.rules import NonceTaken
from app.flows.links import LinkKind
from app.flows.manage.end import ASKS, EndPress, EndStanding, ask_for_end, look_at_end
from app.giving.forms import NONCE
from app.kernel.clock import utc_now
from app.kernel.ids import new_nonce
from app.web.languages import speak
from app.web.languages import translate as _
from app.web.reader.manage.pages import or_expired, page
from app.web.reader.manage.presses import take_press
from app.web.reader.waiting import look_again, read_look


@or_expired(LinkKind.end)
def show_end(token: str) -> ResponseReturnValue:
    """Show the support, and the buttons; changes nothing and asks Stripe nothing."""
    ending = look_at_end(parts(), token)
    response = page(
        "reader/manage/end.html",
        ending.picture,
        ending=ending,
        token=token,
        press=new_nonce(),
        reasons=reasons_in_words(),
        is_kept=request.args.get("said") == "keep" and ending.standing is EndStanding.running,
    )
    if ending.standing is not EndStanding.asked:
        return response
    look = read_look(request.args.get("look", "")) or 1
    said, language = request.args.get("said"), request.args.get("lang")
    address = url_for("reader.show_end", token=token, look=look + 1, said=said, lang=language)
    return look_again(response, look=look, address=address)


@or_expired(LinkKind.end)
def go_end(token: str) -> ResponseReturnValue:
    """Do what the button says, and come back to the page that tells how it stands."""
    speak(look_at_end(parts(), token).picture.language)
    button, press = request.form.get("what", ""), request.form.get("press", "")
    if button not in ASKS or not NONCE.fullmatch(press):
        abort(400)
    take_press(token)
    try:
        wanted = EndPress(button=button, reason=_reason(), nonce=press)
        ask_for_end(parts(), token, wanted, now=utc_now())
    except NonceTaken:
        abort(400)
    said = button if button == "keep" else None
    return redirect(url_for("reader.show_end", token=token, said=said, lang=request.form.get("lang")), 303)


def reasons_in_words() -> dict[str, str]:
    """Return the reasons a member may choose from, none of which is asked for."""
    return {
        EndReason.money.value: _("It is too much for me just now"),
        EndReason.safety.value: _("It does not feel safe to me any more"),
        EndReason.content.value: _("The reporting is no longer what I want to support"),
        EndReason.reading_less.value: _("I read it less than I used to"),
        EndReason.elsewhere.value: _("I give in another way, or elsewhere"),
        EndReason.trouble.value: _("Something about paying did not work"),
    }


def _reason() -> EndReason | None:
    chosen = request.form.get("reason", "")
    return EndReason(chosen) if chosen in EndReason.__members__ else None
