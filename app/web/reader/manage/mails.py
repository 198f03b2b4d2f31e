"""Which mails a member gets and in which language, and the links in reminders that turn them off."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.access import parts
from app.flows.mail_choices import is_stopped, read_choices, read_stop_link, save_choices, turn
from app.kernel.clock import utc_now
from app.outbox.models import MailTopic
from app.web.languages import language_links
from app.web.languages import translate as _
from app.web.reader.manage.visitor import Visitor, member_page, private, signed_in

AGAIN = "again"


@signed_in
def show_mails(visitor: Visitor) -> ResponseReturnValue:
    """Show what can be turned off, and what cannot and why."""
    return member_page(
        "reader/manage/mails.html",
        visitor,
        wanted=read_choices(parts(), visitor.member_id),
        topics=_topics(),
        languages=language_links(),
        is_saved=request.args.get("saved") == "1",
    )


@signed_in
def save_mails(visitor: Visitor) -> ResponseReturnValue:
    """Keep the choice, and answer in the language chosen."""
    language = request.form.get("language", visitor.language)
    wanted = [topic for topic in MailTopic if topic.value in request.form.getlist("topic")]
    save_choices(parts(), visitor.member_id, wanted=wanted, language=language, now=utc_now())
    spoken = language if language in parts().newsroom.languages else visitor.language
    return redirect(url_for("reader.show_mails", saved=1, lang=spoken), 303)


def show_stop_mails(token: str) -> ResponseReturnValue:
    """Show the button of a reminder's link; opening it changes nothing, for mail scanners open links, too."""
    _member, topic = read_stop_link(parts(), token)
    return _stop_page(token, topic, is_off=is_stopped(parts(), token))


def stop_mails(token: str) -> ResponseReturnValue:
    """Turn reminders off, or on again; mail programs post here by themselves when told to (RFC 8058)."""
    off = request.form.get("what") != AGAIN
    return _stop_page(token, turn(parts(), token, off=off, now=utc_now()), is_off=off)


def _stop_page(token: str, topic: MailTopic, *, is_off: bool) -> AnyResponse:
    page = render_template("reader/manage/mails_off.html", token=token, topic=_topics()[topic], is_off=is_off)
    return private(Response(page))


def _topics() -> dict[MailTopic, Any]:
    return {
        MailTopic.yearly_charge: {
            "name": _("Before a yearly payment"),
            "what": _("A reminder some days before your yearly support is charged."),
        },
        MailTopic.card_expiry: {
            "name": _("Before your card runs out"),
            "what": _("A reminder when the card on record will be out of date at the next payment."),
        },
        MailTopic.gift_end: {
            "name": _("Before a gift ends"),
            "what": _("One mail some days before a membership that you were given is over."),
        },
    }
