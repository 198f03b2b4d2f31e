"""`flask staff …`: accounts are made, listed and shut from the command line."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access import parts_of
from app.cli.staff import reseal_second_factors
from app.factory import create_app
from config.settings import Settings
from tests.conftest import make_settings
from tests.support.desk import CLEO, PASSWORD, TOTP_SECRET, add_account, give_password, sign_in


def test_an_account_with_password_and_second_factor_signs_in_at_once(app: Flask, client: FlaskClient) -> None:
    given = ["--name", "Cleo Marsh", "--password-stdin", "--totp-secret", TOTP_SECRET]
    made = app.test_cli_runner().invoke(args=["staff", "create", CLEO.upper(), *given], input=f"{PASSWORD}\n")

    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert sign_in(client).location == "/staff"
    assert "Cleo Marsh" in client.get("/staff").text


def test_without_a_password_one_is_printed_that_has_to_be_replaced(app: Flask, client: FlaskClient) -> None:
    made = app.test_cli_runner().invoke(args=["staff", "create", CLEO, "--name", "Cleo"])

    printed = re.search(r"One-time password: (\S+)", made.output)
    assert printed
    assert give_password(client, CLEO, printed.group(1)).location == "/staff/second-factor"


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        ([CLEO, "--name", "Cleo", "--password-stdin"], "short\n", "12 characters or more"),
        ([CLEO, "--name", "Cleo", "--totp-secret", "not base 32!"], "", "text in base 32"),
        (["cleo", "--name", "Cleo"], "", "is not an address"),
        ([CLEO, "--name", "Cleo", "--role", "owner"], "", "administrator"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_to_do(
    app: Flask, arguments: list[str], given: str, says: str
) -> None:
    answer = app.test_cli_runner().invoke(args=["staff", "create", *arguments], input=given)

    assert answer.exit_code != 0
    assert says in answer.output


def test_a_second_account_of_one_address_is_refused(app: Flask) -> None:
    add_account(app)

    answer = app.test_cli_runner().invoke(args=["staff", "create", CLEO, "--name", "Cleo"])

    assert answer.exit_code == 1
    assert "has an account already" in answer.output


def test_accounts_are_listed_with_their_roles_and_whether_they_work(app: Flask) -> None:
    add_account(app)
    runner = app.test_cli_runner()
    runner.invoke(args=["staff", "create", "new@harbour-courier.example", "--name", "Nell"])

    listed = runner.invoke(args=["staff", "list"]).output.splitlines()

    assert listed[0] == f"{CLEO}\tCleo\tadministrator\tactive"
    assert listed[1].endswith("waits for its first sign-in")


def test_a_shut_account_signs_in_no_more(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)
    runner = app.test_cli_runner()

    shut = runner.invoke(args=["staff", "disable", CLEO])

    assert shut.exit_code == 0
    assert client.get("/staff").status_code == 302
    assert "disabled since" in runner.invoke(args=["staff", "list"]).output


def test_a_reset_account_begins_anew(app: Flask, client: FlaskClient) -> None:
    add_account(app)
    sign_in(client)

    reset = app.test_cli_runner().invoke(args=["staff", "reset", CLEO])

    printed = re.search(r"One-time password: (\S+)", reset.output)
    assert printed
    assert client.get("/staff").status_code == 302
    assert "do not match" in give_password(app.test_client()).text
    assert give_password(app.test_client(), CLEO, printed.group(1)).location == "/staff/second-factor"


def test_second_factors_are_sealed_anew_so_that_an_older_key_can_go(app: Flask, settings: Settings) -> None:
    add_account(app)
    old, new = "test-vault-key-0123456789abcdefghijk", "another-vault-key-0123456789abcdefg"
    both, new_alone = (_with_vault_key(settings, keys) for keys in (f"{new},{old}", new))

    with both.app_context():
        assert reseal_second_factors() == 1
        assert reseal_second_factors() == 0

    assert sign_in(new_alone.test_client()).location == "/staff"
    for made in (both, new_alone):
        parts_of(made).sessions.kw["bind"].dispose()


@pytest.mark.parametrize("command", ["disable", "reset"])
def test_a_command_for_nobodys_account_fails(app: Flask, command: str) -> None:
    answer = app.test_cli_runner().invoke(args=["staff", command, "nobody@harbour-courier.example"])

    assert answer.exit_code == 1
    assert "Nobody signs in as" in answer.output


@pytest.mark.parametrize("command", ["create", "list", "disable", "reset"])
def test_every_command_has_help_with_an_example(app: Flask, command: str) -> None:
    answer = app.test_cli_runner().invoke(args=["staff", command, "--help"])

    assert answer.exit_code == 0
    assert f"Example: flask staff {command}" in answer.output


def _with_vault_key(settings: Settings, keys: str) -> Flask:
    return create_app(
        make_settings(
            settings.database_url,
            stripe_url=str(settings.stripe_api_base),
            smtp_url=settings.smtp_url.get_secret_value(),
            vault_key=keys,
        )
    )
