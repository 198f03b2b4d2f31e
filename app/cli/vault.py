"""`flask safety …` and `flask erase`: the records of people."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.access import parts_of
from app.cli.staff import reseal_second_factors
from app.flows.people.erase import MemberUnknown, erase_by_code
from app.flows.people.reseal import reseal_people
from app.kernel.clock import utc_now

group = AppGroup("safety", help="Keep people's records safe.")


@group.command()
def rotate() -> None:
    """Seal people and staff's second factors by the first key of VAULT_KEY; then the older keys can go.

    Contacts typed with unpaid pledges live for a week: keep the older keys that long.

    Example: flask safety rotate (with VAULT_KEY=new,old)
    """
    done = 0
    for done in reseal_people(parts_of(current_app)):
        if done % 1000 == 0:
            click.echo(f"{done} …")
    factors = reseal_second_factors()
    click.echo(f"{done} people are sealed by the first key; {factors} second factors were sealed anew.")


@click.command("erase")
@click.argument("member")
@click.confirmation_option(prompt="Erase this member's name and address for good?")
@with_appcontext
def erase(member: str) -> None:
    """Erase who MEMBER (a code such as K7QM-3F2P) is. The books and receipts' numbers stay.

    Their support ends, and Stripe is asked to delete them, too; a worker does that as soon as it can.

    Example: flask erase K7QM-3F2P --yes
    """
    try:
        erased = erase_by_code(parts_of(current_app), member, now=utc_now())
    except MemberUnknown:
        raise click.ClickException(f"No member has the code {member}.") from None
    click.echo("Erased." if erased else "There was nobody left to erase.")
