"""What is held about a member: said in words, to take away as a file, and to be forgotten."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import parts
from app.asks.models import AskedBy
from app.flows.people.data_file import pack
from app.flows.people.erase import erase
from app.flows.people.everything import collect
from app.kernel.clock import utc_now
from app.web.languages import current_language
from app.web.languages import translate as _
from app.web.reader.manage.presses import take_press
from app.web.reader.manage.visitor import Visitor, drop_cookie, member_page, signed_in
from app.web.reader.private import PRIVATE

NOT_VALID = 422


@signed_in
def show_data(visitor: Visitor) -> ResponseReturnValue:
    """Say what is held, and offer the file, another address and the end of it all."""
    return member_page("reader/manage/data.html", visitor)


@signed_in
def send_data(visitor: Visitor) -> ResponseReturnValue:
    """Hand out all that is held, put together now."""
    take_press(f"data {visitor.member_id}")
    held = collect(parts(), visitor.member_id, now=utc_now())
    packed = pack(held, newsroom=parts().newsroom.name, language=current_language())
    attachment = {"Content-Disposition": f'attachment; filename="{packed.file_name}"'}
    return Response(packed.content, headers=attachment, content_type="application/zip")


@signed_in
def show_erase(visitor: Visitor) -> ResponseReturnValue:
    """Say what would be forgotten, what must be kept and why, before anything is."""
    return member_page("reader/manage/erase.html", visitor, wrong=None)


@signed_in
def go_erase(visitor: Visitor) -> ResponseReturnValue:
    """Forget the member, once they have ticked that it cannot be undone."""
    if request.form.get("sure") != "yes":
        wrong = _("Tick the box first: this cannot be undone.")
        return member_page("reader/manage/erase.html", visitor, NOT_VALID, wrong=wrong)
    erase(parts(), visitor.member_id, asked_by=AskedBy.member, now=utc_now())
    response = redirect(url_for("reader.show_erased", lang=current_language()), 303)
    drop_cookie(response)
    return response


def show_erased() -> ResponseReturnValue:
    """Say goodbye to somebody who is nobody here any more; says the same to everybody."""
    return Response(render_template("reader/manage/erased.html"), headers=PRIVATE)
