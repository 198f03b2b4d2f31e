"""Money in, by month and currency, on the page and as files."""

from collections.abc import Sequence

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.kernel.money import Money
from app.reports import money as report
from app.reports.money import MonthRow
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.exports import Kind, plain_amount, send_file
from app.web.staff.log import log
from app.web.staff.periods import Period, PeriodNotUnderstood, every_month, last_months, read_period

HEADER = (
    *("month", "currency", "payments", "given", "fees", "given_back"),
    *("disputes", "dispute_fees", "other", "net"),
)


@blueprint.get("/money")
def money() -> ResponseReturnValue:
    """Show what came in between two days, by month and currency."""
    problem, status = None, 200
    try:
        period = read_period(request.args, today=pages.today())
    except PeriodNotUnderstood as not_understood:
        period, problem, status = last_months(pages.today()), str(not_understood), 400
    with reading(parts().sessions) as session:
        currencies = report.list_currencies(session)
        currency = _asked_currency(currencies)
        rows = report.monthly(session, first=period.first, last=period.last, currency=currency)
        totals = report.takings(session, first=period.first, last=period.last)
    page = render_template(
        "staff/money.html",
        period=period,
        problem=problem,
        currency=currency,
        currencies=currencies,
        tables={
            total.currency: (total, every_month(rows, period=period, currency=total.currency))
            for total in totals
            if currency in (None, total.currency)
        },
    )
    return page, status


@blueprint.get("/money/export.<any(csv, xlsx):kind>")
def money_export(kind: Kind) -> ResponseReturnValue:
    """Hand out the same rows as a file."""
    try:
        period = read_period(request.args, today=pages.today())
    except PeriodNotUnderstood as not_understood:
        abort(400, str(not_understood))
    with reading(parts().sessions) as session:
        currency = _asked_currency(report.list_currencies(session))
        rows = report.monthly(session, first=period.first, last=period.last, currency=currency)
    log.info("staff_exported", what="money", kind=kind, staff_id=pages.staff_id())
    return send_file(kind, _file_name(period), HEADER, [[_line(row) for row in rows]])


def _asked_currency(known: Sequence[str]) -> str | None:
    asked = request.args.get("currency", "")
    return asked if asked in known else None


def _file_name(period: Period) -> str:
    return f"money-{period.first}-{period.last}"


def _line(row: MonthRow) -> tuple[str, ...]:
    amounts = (row.gross, row.fees, row.refunds, row.disputes, row.dispute_fees, row.other, row.net)
    return (
        f"{row.month:%Y-%m}",
        row.currency,
        str(row.payments),
        *(plain_amount(Money(minor, row.currency)) for minor in amounts),
    )
