"""`flask report …`: figures for the terminal."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from app.access import parts_of
from app.appeals.difference import Verdict
from app.flows.compare_appeals import Compared, compare_appeals
from app.kernel.clock import local_date, utc_now

group = AppGroup("report", help="Figures for the terminal.")
DAY = click.DateTime(["%Y-%m-%d"])
READINGS = {
    Verdict.not_enough: "not enough yet",
    Verdict.better: "does better",
    Verdict.worse: "does worse",
    Verdict.alike: "no difference that matters",
}


@group.command("appeals")
@click.option("--since", type=DAY, help="First day; else the youngest variant's first.")
@click.option("--until", type=DAY, help="Last day; else today.")
@click.option("--campaign", help="Only what was shown under this campaign.")
def appeals(since: datetime | None, until: datetime | None, campaign: str | None) -> None:
    """Compare the variants of the appeal: shown, continued, pledged, paid, and what may be said of it.

    Example: flask report appeals --since 2026-11-01
    """
    parts = parts_of(current_app)
    comparison = compare_appeals(
        parts,
        today=local_date(utc_now(), parts.newsroom.zone),
        first=since.date() if since else None,
        last=until.date() if until else None,
        campaign=campaign,
    )
    click.echo(f"{comparison.first} to {comparison.last}, campaign: {campaign or 'all'}")
    for one in comparison.rows:
        click.echo(_line(one))


def _line(one: Compared) -> str:
    row = one.row
    counts = f"shown {row.shown}, continued {row.continued}, pledged {row.pledged}, paid {row.paid}"
    share = (
        f"{one.paid_per_thousand} paid per 1,000 shown"
        if one.paid_per_thousand is not None
        else "never shown"
    )
    return f"{row.variant}: {counts}; {share}{_reading(one)}"


def _reading(one: Compared) -> str:
    if one.retired:
        return "; no longer shown"
    if one.verdict is None:
        return ""
    apart = f"{one.apart.low:+} to {one.apart.high:+} beside main, " if one.apart else ""
    return f"; {apart}{READINGS[one.verdict]}"
