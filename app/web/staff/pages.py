"""What every page of the desk shares: words for its templates, and the pages of refusal."""

from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from flask import render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import NotFound

from app.access import parts
from app.kernel.clock import local_date, utc_now
from app.kernel.formatting import format_money_exactly
from app.kernel.money import Money
from app.web.staff.authority import Permission, desk_user, may
from app.web.staff.blueprint import blueprint

LANGUAGE = "en"
"""Of the desk's figures and dates; its words are English."""


def today() -> date:
    """Return the day it is in the newsroom's time zone."""
    return local_date(utc_now(), parts().newsroom.zone)


def staff_id() -> str:
    """Return the id of who is signed in, for the log."""
    user = desk_user()
    return str(user.staff_id) if user else ""


def words_for_templates() -> dict[str, Any]:
    """Return what the desk's templates use to write figures and days."""
    return {
        "amount": amount,
        "plain": plain,
        "day": day,
        "local_day": local_day,
        "month": month,
        "moment": moment,
        "desk_user": desk_user(),
        "may": may,
        "Permission": Permission,
        "newsroom_name": parts().newsroom.name,
    }


def amount(minor: int, currency: str) -> str:
    """Return minor units as books print them: `€1,204.00`, `-€3.10`."""
    return format_money_exactly(Money(minor, currency), LANGUAGE)


def plain(minor: int, currency: str) -> str:
    """Return minor units as a plain number in main units, for the charts."""
    return f"{Money(minor, currency).major:f}"


def day(value: date | None) -> str:
    """Return a day as the desk writes it: `23 Nov 2026`."""
    return format_date(value, format="d MMM y", locale=LANGUAGE) if value else "–"


def local_day(value: datetime) -> str:
    """Return the day of an instant in the newsroom's time zone."""
    return day(local_date(value, parts().newsroom.zone))


def month(value: date) -> str:
    """Return a month as the desk writes it: `Nov 2026`."""
    return format_date(value, format="MMM y", locale=LANGUAGE)


def moment(value: datetime | None) -> str:
    """Return an instant in the newsroom's time zone: `23 Nov 2026, 14:05`."""
    if value is None:
        return "–"
    local = value.astimezone(parts().newsroom.zone)
    return f"{day(local.date())}, {local:%H:%M}"


@blueprint.errorhandler(404)
def not_found(_error: NotFound) -> ResponseReturnValue:
    """Answer what the desk does not have."""
    return render_template("staff/not_found.html"), 404


def refuse_stale_form(_error: CSRFError) -> ResponseReturnValue:
    """Answer a form whose hidden token does not belong to this session."""
    return render_template("staff/stale.html"), 400
