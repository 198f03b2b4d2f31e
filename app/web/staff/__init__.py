"""The staff desk: sign-in, overview, members, money and exports."""

from flask import Flask, Response
from flask_wtf.csrf import CSRFError

from app.web.staff import appeals, health, members, money, notes, overview, payouts, record
from app.web.staff.authority import guard
from app.web.staff.blueprint import blueprint, hooks_for_the_desk_alone
from app.web.staff.pages import refuse_stale_form, words_for_templates
from app.web.staff.sign_in import init_sign_in

__all__ = ["appeals", "health", "init_staff", "members", "money", "notes", "overview", "payouts", "record"]


def init_staff(app: Flask) -> None:
    """Register the desk under `/staff`; nothing of it runs for any other address."""
    with hooks_for_the_desk_alone(app):
        init_sign_in(app)
        app.before_request(guard)
        app.context_processor(words_for_templates)
        app.after_request(_never_store)
    app.register_blueprint(blueprint)
    app.register_error_handler(CSRFError, refuse_stale_form)


def _never_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
