"""Payouts: the list, each line by line, and both as files."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app.access import parts
from app.db import Sessions, reading
from app.kernel.clock import local_date
from app.kernel.money import Money
from app.web.staff import pages
from app.web.staff.blueprint import blueprint
from app.web.staff.exports import Batches, Kind, Line, plain_amount, send_file
from app.web.staff.log import log
from app.web.staff.statements import (
    Statement,
    StatementLine,
    find_statement,
    list_statement_lines,
    list_statements,
)

PAGE_LENGTH = 50
BATCH_LENGTH = 500
HEADER = (
    *("payout", "arrival", "currency", "amount", "status", "matched"),
    *("payments", "refunds", "disputes", "fees_and_other"),
)
LINE_HEADER = (
    *("transaction", "day", "kind", "member", "receipt", "credit_note", "currency"),
    *("gross", "fee", "net", "running", "in_books"),
)


@blueprint.get("/payouts")
def payouts() -> ResponseReturnValue:
    """Show what reached the bank, newest first."""
    before = _read_before()
    with reading(parts().sessions) as session:
        found = list_statements(session, before=before, limit=PAGE_LENGTH + 1)
    shown = found[:PAGE_LENGTH]
    return render_template(
        "staff/payouts.html",
        statements=shown,
        before=shown[-1].id if len(found) > PAGE_LENGTH else None,
        is_first_page=before is None,
    )


@blueprint.get("/payouts/export.<any(csv, xlsx):kind>")
def payouts_export(kind: Kind) -> ResponseReturnValue:
    """Hand out every payout as a file."""
    log.info("staff_exported", what="payouts", kind=kind, staff_id=pages.staff_id())
    return send_file(kind, f"payouts-{pages.today()}", HEADER, _batches(parts().sessions))


@blueprint.get("/payouts/<stripe_payout_id>")
def payout(stripe_payout_id: str) -> ResponseReturnValue:
    """Show what one payout is made of, line by line."""
    statement, lines = _read(stripe_payout_id)
    return render_template("staff/payout.html", statement=statement, lines=lines)


@blueprint.get("/payouts/<stripe_payout_id>/export.<any(csv, xlsx):kind>")
def payout_export(stripe_payout_id: str, kind: Kind) -> ResponseReturnValue:
    """Hand out the same lines as a file."""
    statement, lines = _read(stripe_payout_id)
    zone = parts().newsroom.zone
    log.info("staff_exported", what="payout", kind=kind, staff_id=pages.staff_id())
    name = f"payout-{statement.arrival_on}-{statement.stripe_id}"
    return send_file(kind, name, LINE_HEADER, [[_line(line, statement, zone) for line in lines]])


def _read(stripe_payout_id: str) -> tuple[Statement, list[StatementLine]]:
    with reading(parts().sessions) as session:
        statement = find_statement(session, stripe_payout_id)
        if statement is None:
            abort(404)
        return statement, list_statement_lines(session, stripe_payout_id)


def _read_before() -> UUID | None:
    try:
        return UUID(request.args.get("before", ""))
    except ValueError:
        return None


def _batches(sessions: Sessions) -> Batches:
    """Yield every payout; each batch is read by itself, so that no lock is held meanwhile."""
    before = None
    while True:
        with reading(sessions) as session:
            some = list_statements(session, before=before, limit=BATCH_LENGTH)
        if not some:
            return
        yield [_row(statement) for statement in some]
        before = some[-1].id


def _row(statement: Statement) -> Line:
    counts = (statement.payments, statement.refunds, statement.disputes, statement.fees)
    return (
        statement.stripe_id,
        f"{statement.arrival_on}",
        statement.currency,
        plain_amount(Money(statement.amount_minor, statement.currency)),
        statement.status.value,
        statement.match.value,
        *map(str, counts),
    )


def _line(line: StatementLine, statement: Statement, zone: ZoneInfo) -> Line:
    amounts = (line.gross_minor, line.fee_minor, line.net_minor, line.running_minor)
    return (
        line.transaction_id,
        f"{local_date(line.occurred_at, zone)}",
        line.kind,
        line.member_code or "",
        line.receipt_number or "",
        line.credit_note_number or "",
        statement.currency,
        *(plain_amount(Money(minor, statement.currency)) for minor in amounts),
        "yes" if line.in_books else "no",
    )
