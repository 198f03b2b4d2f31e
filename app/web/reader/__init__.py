"""What the reader meets: the form, the way back to it, the thanks, the receipts, and our mails' links."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from app.web.reader import receipts, reminders, resume, support, thanks
from app.web.reader.appeal import counts, frame, sample, script
from app.web.reader.gift.routes import add_gift_pages
from app.web.reader.manage import address_link, change, confirm, end, mend, pages
from app.web.reader.manage.routes import add_member_pages

CHANGE = "/manage/support/<uuid:support_id>/<any(amount, pause, skip, resume, day):what>"

blueprint = Blueprint("reader", __name__)


@blueprint.get("/")
def front_door() -> Response:
    """Lead to the form."""
    return redirect(url_for("reader.show_form"), 302)


blueprint.get("/support")(support.show_form)
blueprint.post("/support")(support.send_form)
blueprint.get("/support/thanks")(thanks.show_thanks)
blueprint.get("/support/resume/<resume_key>")(resume.show_pledge)
blueprint.post("/support/resume/<resume_key>")(resume.go_on)
blueprint.get("/receipts/<token>")(receipts.show_receipt)
blueprint.post("/receipts/<token>/again")(receipts.send_again)
blueprint.get("/manage/mend/<token>")(mend.show_mend)
blueprint.post("/manage/mend/<token>")(mend.go_mend)
blueprint.get("/manage/mend/<token>/done")(mend.show_mended)
blueprint.get("/manage/confirm/<token>")(confirm.show_confirm)
blueprint.post("/manage/confirm/<token>")(confirm.go_confirm)
blueprint.get(CHANGE)(change.show_change)
blueprint.post(CHANGE)(change.send_change)
blueprint.get("/manage/support/<uuid:support_id>/card")(change.show_support_card)
blueprint.get("/manage/support/<uuid:support_id>/end")(change.show_support_end)
blueprint.get("/manage/end/<token>")(end.show_end)
blueprint.post("/manage/end/<token>")(end.go_end)
blueprint.get("/manage/address/<token>")(address_link.show_address_link)
blueprint.post("/manage/address/<token>")(address_link.go_address_link)
blueprint.post("/manage/<any(mend, confirm):kind>/<token>/again")(pages.send_new_link)
blueprint.get("/appeal")(sample.show_sample)
blueprint.get("/appeal.js")(script.show_script)
blueprint.get("/appeal/words.json")(script.show_words)
blueprint.get("/appeal/frame")(frame.show_frame)
blueprint.post("/appeal/counts")(counts.take_count)
blueprint.get("/reminders")(reminders.show_reminder_form)
blueprint.post("/reminders")(reminders.ask_for_reminder)
blueprint.get("/reminders/<token>")(reminders.show_reminder)
blueprint.post("/reminders/<token>")(reminders.press_reminder)
blueprint.get("/reminders/<token>/stop")(reminders.show_stop)
blueprint.post("/reminders/<token>/stop", endpoint="stop_reminder")(reminders.stop)
add_gift_pages(blueprint)
add_member_pages(blueprint)
