"""The variants of the appeal, counted and compared."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.appeals.difference import Verdict
from app.flows.compare_appeals import compare_appeals
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.periods import PeriodNotUnderstood, read_period

VERDICTS_IN_WORDS = {
    Verdict.not_enough: "Not enough yet",
    Verdict.better: "Does better",
    Verdict.worse: "Does worse",
    Verdict.alike: "No difference that matters",
}


@blueprint.get("/appeals")
def appeals() -> ResponseReturnValue:
    """Show what each variant did, and what may be said of the difference."""
    problem, status, today = None, 200, pages.today()
    first = last = None
    try:
        period = read_period(request.args, today=today)
        first = period.first if request.args.get("from") else None
        last = period.last if request.args.get("to") else None
    except PeriodNotUnderstood as not_understood:
        problem, status = str(not_understood), 400
    campaign = request.args.get("campaign") or None
    page = render_template(
        "staff/appeals.html",
        comparison=compare_appeals(parts(), today=today, first=first, last=last, campaign=campaign),
        problem=problem,
        appeal=parts().newsroom.appeal,
        language=parts().newsroom.default_language,
        verdicts=VERDICTS_IN_WORDS,
    )
    return page, status
