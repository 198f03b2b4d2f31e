"""The desk's first page: how much today, this month, and over a year; how many members."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.reports import members, money
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.periods import MONTHS_SHOWN, choose_currency, every_month, last_months
from app.web.staff.reasons import list_reasons


@blueprint.get("")
def overview() -> ResponseReturnValue:
    """Show the newsroom's support at a glance."""
    today = pages.today()
    year = last_months(today)
    grace_days = parts().newsroom.entitlement.grace_days
    with reading(parts().sessions) as session:
        currencies = money.list_currencies(session)
        currency = choose_currency(
            request.args.get("currency"), currencies, parts().newsroom.default_currency
        )
        months = money.monthly(session, first=year.first, last=year.last, currency=currency)
        shown = {
            "today_takings": money.takings(session, first=today, last=today),
            "month_takings": money.takings(session, first=today.replace(day=1), last=today),
            "active": members.active_on(session, today, grace_days=grace_days),
            "by_interval": members.active_by_interval(session, today, grace_days=grace_days),
            "over_time": members.active_on_days(
                session, members.month_ends(today, MONTHS_SHOWN + 1), grace_days=grace_days
            ),
            "grace_days": grace_days,
            "reasons": list_reasons(session, since=year.first),
        }
    return render_template(
        "staff/overview.html",
        today=today,
        currency=currency,
        currencies=currencies,
        months=every_month(months, period=year, currency=currency),
        **shown,
    )
