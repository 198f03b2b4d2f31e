"""`flask staff …`: who may sign in to the desk."""

import secrets
import sys

import click
from flask import current_app
from flask.cli import AppGroup
from flask_security import hash_password

from app.access import parts
from app.db import reading, transaction
from app.kernel.clock import utc_now
from app.staff import accounts
from app.staff.models import StaffAccount, StaffRole
from app.vault.addresses import AddressNotUsable, check_address

ONE_TIME_PASSWORD_BYTES = 15

group = AppGroup("staff", help="Make, list and shut the accounts of the staff desk.")


@group.command()
@click.argument("address")
@click.option("--name", required=True, help="How the desk calls this person.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in StaffRole]),
    default=StaffRole.administrator.value,
    show_default=True,
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option(
    "--totp-secret",
    metavar="BASE32",
    help="Set up the authenticator with this secret; without it the first sign-in leads to it.",
)
def create(*, address: str, name: str, role: str, password_stdin: bool, totp_secret: str | None) -> None:
    """Make an account for ADDRESS.

    Without --password-stdin a one-time password is printed, to be replaced at the first sign-in.

    Example: flask staff create cleo@harbour-courier.example --name "Cleo Marsh"
    """
    password = _read_password() if password_stdin else secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    sealed = _seal_totp_secret(totp_secret) if totp_secret else None
    try:
        with transaction(parts().sessions) as session:
            account = accounts.create_account(
                session,
                email=check_address(address),
                name=name.strip(),
                password_hash=hash_password(password),
                password_chosen=password_stdin,
                sealed_totp_secret=sealed,
                roles=(StaffRole(role),),
                now=utc_now(),
            )
    except AddressNotUsable:
        raise click.ClickException(f"{address} is not an address.") from None
    except accounts.AccountExists:
        raise click.ClickException(f"{address} has an account already.") from None
    click.echo(f"{account.email} may sign in at {parts().public_base_url}/staff")
    if not password_stdin:
        click.echo(f"One-time password: {password}")


@group.command("list")
def list_() -> None:
    """List every account.

    Example: flask staff list
    """
    with reading(parts().sessions) as session:
        for account in accounts.list_accounts(session):
            click.echo("\t".join((account.email, account.name, _roles(account), _state(account))))


@group.command()
@click.argument("address")
def disable(address: str) -> None:
    """Shut the account of ADDRESS and end its sessions at once.

    Example: flask staff disable dan@harbour-courier.example
    """
    try:
        with transaction(parts().sessions) as session:
            accounts.disable_account(accounts.get_account(session, address), now=utc_now())
    except accounts.AccountUnknown:
        raise click.ClickException(f"Nobody signs in as {address}.") from None
    click.echo(f"{address} can no longer sign in.")


@group.command()
@click.argument("address")
def reset(address: str) -> None:
    """Let the person at ADDRESS begin anew: for a lost phone or a forgotten password.

    Prints a one-time password; the next sign-in leads through the authenticator's set-up.

    Example: flask staff reset cleo@harbour-courier.example
    """
    password = secrets.token_urlsafe(ONE_TIME_PASSWORD_BYTES)
    try:
        with transaction(parts().sessions) as session:
            account = accounts.get_account(session, address)
            accounts.reset_account(account, password_hash=hash_password(password))
    except accounts.AccountUnknown:
        raise click.ClickException(f"Nobody signs in as {address}.") from None
    click.echo(f"One-time password: {password}")


def reseal_second_factors() -> int:
    """Seal every authenticator's secret by the first vault key, so that the older keys can go.

    Returns: how many were sealed anew.
    """
    totp, done = current_app.extensions["security"].totp_factory, 0
    with reading(parts().sessions) as session:
        stored = [(account.id, account.sealed_totp_secret) for account in accounts.list_accounts(session)]
    for account_id, old in stored:
        new = totp.reseal(old) if old else None
        if old and new:
            with transaction(parts().sessions) as session:
                done += accounts.replace_totp_secret(session, account_id, old=old, new=new)
    return done


def _read_password() -> str:
    password = sys.stdin.readline().rstrip("\n")
    problems, normal = current_app.extensions["security"].password_util.validate(password, False)
    if problems:
        raise click.ClickException(" ".join(str(problem) for problem in problems))
    return str(normal)


def _seal_totp_secret(secret: str) -> str:
    try:
        return str(current_app.extensions["security"].totp_factory.seal(secret))
    except ValueError:
        raise click.ClickException(
            "--totp-secret is not text in base 32, such as JBSWY3DPEHPK3PXP."
        ) from None


def _roles(account: StaffAccount) -> str:
    return ", ".join(sorted(grant.role.value for grant in account.grants)) or "no role"


def _state(account: StaffAccount) -> str:
    if account.disabled_at:
        return f"disabled since {account.disabled_at:%Y-%m-%d}"
    return "active" if account.second_factor else "waits for its first sign-in"
