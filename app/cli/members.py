"""`flask members merge|unmerge`: two records that are one person."""

from collections.abc import Callable
from typing import TypeVar

import click
from flask import current_app
from flask.cli import AppGroup

from app.access import parts_of
from app.flows.people import merge as merging
from app.flows.people.erase import MemberUnknown
from app.kernel.clock import utc_now
from app.members.merging import WhyNot

Found = TypeVar("Found")

group = AppGroup("members", help="Keep one record for each person.")

WHY_NOT = {
    WhyNot.same: "These two are one record already.",
    WhyNot.erased: "Who it was is erased: nobody can say whose records they are.",
    WhyNot.kept_is_nobody: "The record to keep names nobody, and the other one does: keep that one.",
    WhyNot.not_merged: "This record was not merged into another.",
    WhyNot.newer_first: "The record it was merged into was merged itself since: undo that first.",
}
TABLES = {
    "billing_customers": "customers at Stripe",
    "billing_subscriptions": "subscriptions",
    "billing_payments": "payments",
    "membership_facts": "facts of memberships",
    "gift_periods": "gifts that were claimed",
    "outbox_mails": "mails that wait",
}


@group.command("merge")
@click.argument("keep")
@click.argument("other")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def merge(keep: str, other: str, *, dry_run: bool, yes: bool) -> None:
    """Make one record of two: OTHER (a code such as K7QM-3F2P) becomes another name of KEEP.

    Receipts, their numbers and the books stay as they are. Signing in by either address leads to KEEP.
    Nothing changes at Stripe. Can be undone by `flask members unmerge OTHER`.

    Example: flask members merge K7QM-3F2P 9XWD-4T6R --dry-run
    """
    parts = parts_of(current_app)
    plan = _ask(lambda: merging.plan_merge(parts, keep, other))
    click.echo(f"{plan.merged_code} becomes another name of {plan.kept_code}.")
    _say(plan)
    if len(plan.charged) > 1:
        click.echo(f"Both are charged: {', '.join(plan.charged)}. The member is asked which one they mean.")
    if _goes_on(dry_run=dry_run, yes=yes):
        _ask(lambda: merging.merge(parts, keep, other, merged_by=None, now=utc_now()))
        click.echo(f"Merged. flask members unmerge {plan.merged_code} undoes it.")


@group.command("unmerge")
@click.argument("other")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def unmerge(other: str, *, dry_run: bool, yes: bool) -> None:
    """Make two records again of what was merged: OTHER (its own code) gets back what it brought.

    What was paid in the meantime stays with the record that has the receipts of it.

    Example: flask members unmerge 9XWD-4T6R
    """
    parts = parts_of(current_app)
    plan = _ask(lambda: merging.plan_unmerge(parts, other))
    click.echo(f"{plan.merged_code} will be a record of its own again, apart from {plan.kept_code}.")
    _say(plan)
    if _goes_on(dry_run=dry_run, yes=yes):
        _ask(lambda: merging.unmerge(parts, other, undone_by=None, now=utc_now()))
        click.echo("They are two records again.")


def _say(plan: merging.Plan) -> None:
    for table, number in plan.moves.items():
        click.echo(f"  {number} {TABLES[table]} move")
    click.echo(f"  {plan.receipts} receipts stay as they are, with the code {plan.merged_code} on them")


def _goes_on(*, dry_run: bool, yes: bool) -> bool:
    if dry_run:
        click.echo("Nothing was changed.")
        return False
    return yes or click.confirm("Go on?", abort=True)


def _ask(what: Callable[[], Found]) -> Found:
    try:
        return what()
    except MemberUnknown as unknown:
        raise click.ClickException(f"No member has the code {unknown}.") from None
    except merging.MergeRefused as refused:
        raise click.ClickException(WHY_NOT[refused.why]) from None
