"""What the reader meets: the form, the way back to it, the thanks and the receipts."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from app.web.reader import receipts, resume, support, thanks

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
