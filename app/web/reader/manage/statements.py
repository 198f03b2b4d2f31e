"""A member's yearly statements: which there are, and each as PDF."""

from flask import Response, abort
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import reading
from app.flows.statements import NothingGiven, draw_statement, list_statement_years
from app.kernel.clock import utc_now
from app.web.languages import current_language
from app.web.reader.manage.visitor import Visitor, member_page, signed_in

YEARS = range(1970, 10_000)


@signed_in
def show_statements(visitor: Visitor) -> ResponseReturnValue:
    """List the years in which the member gave something, with what was kept of it."""
    with reading(parts().sessions) as session:
        years = list_statement_years(session, visitor.member_id, parts(), now=utc_now())
    return member_page("reader/manage/statements.html", visitor, years=years)


@signed_in
def show_statement(visitor: Visitor, year: int) -> ResponseReturnValue:
    """Hand out the statement of one year, drawn up now, in the language of the page."""
    if year not in YEARS:
        abort(404)
    try:
        drawn = draw_statement(parts(), visitor.member_id, year, language=current_language(), now=utc_now())
    except NothingGiven:
        abort(404)
    attachment = {"Content-Disposition": f'attachment; filename="{drawn.file_name}"'}
    return Response(drawn.pdf, headers=attachment, content_type="application/pdf")
