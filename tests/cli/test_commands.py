"""The commands of the house."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from pydantic import SecretStr

from app.db import Sessions
from app.factory import create_app
from app.flows.parts import Parts
from app.members.models import Member
from app.outbox.models import QueuedMail
from app.receipts.models import Receipt
from app.vault.models import Person
from app.vault.sealing import Keyring
from app.vault.vault import Vault
from config.settings import Settings
from tests.cli.conftest import Run
from tests.conftest import make_settings
from tests.support.cast import ADA
from tests.support.mail import MailCatcher
from tests.support.simulator import SimulatorProcess
from tests.support.world import World

COMMANDS = (
    ("db", "upgrade"),
    ("db", "downgrade"),
    ("db", "check"),
    ("db", "revision"),
    ("worker",),
    ("doctor",),
    ("stripe", "sync"),
    ("stripe", "webhook-create"),
    ("stripe", "reconcile"),
    ("stripe", "backfill"),
    ("stripe", "retry"),
    ("safety", "mute"),
    ("safety", "unmute"),
    ("safety", "status"),
    ("safety", "rotate"),
    ("erase",),
    ("staff", "create"),
    ("staff", "list"),
    ("staff", "disable"),
)


def fine(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_shows_an_example(words: tuple[str, ...], run: Run) -> None:
    example = fine(run(*words, "--help")).partition("Example:")[2]

    assert f"flask {' '.join(words)}" in example


def test_the_worker_does_all_that_is_due_and_ends(
    run: Run, world: World, mails: MailCatcher, sessions: Sessions
) -> None:
    world.stripe.pay(world.open_session(world.form(ADA)))
    world.collect()
    world.deliver()

    output = fine(run("worker", "--once"))

    assert output.endswith("done.\n")
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count(Receipt.id))) == 1
        assert session.scalars(sa.select(QueuedMail)).one().sent_at
    assert len(mails.messages) == 1


def test_sync_applies_named_objects_without_any_webhook(run: Run, world: World) -> None:
    paid = world.stripe.pay(world.open_session(world.form(ADA)))

    output = fine(run("stripe", "sync", paid["id"], paid["subscription"]))

    assert f"{paid['subscription']}: applied" in output


def test_sync_says_what_it_could_not_apply_and_fails(run: Run) -> None:
    result = run("stripe", "sync", "sub_unknown", "price_1")

    assert result.exit_code == 1
    assert "sub_unknown: gone" in result.output
    assert "price_1: not an object we follow" in result.output


def test_the_doctor_finds_a_missing_webhook_endpoint_and_says_how_to_mend_it(run: Run) -> None:
    result = run("doctor")

    assert result.exit_code == 1
    assert "flask stripe webhook-create" in result.output


def test_the_doctor_is_content_once_the_endpoint_is_created(run: Run) -> None:
    created = fine(run("stripe", "webhook-create"))

    assert "STRIPE_WEBHOOK_SECRET=whsec_" in created
    assert "ill " not in fine(run("doctor"))


def test_a_second_endpoint_for_the_same_address_is_not_created(run: Run, stripe: SimulatorProcess) -> None:
    fine(run("stripe", "webhook-create"))

    again = run("stripe", "webhook-create")

    assert again.exit_code == 1
    assert "There is one for" in again.output
    assert len(stripe.objects("webhook_endpoint")) == 1


@pytest.mark.parametrize("kind", ["lost_answer", "reset"])
def test_an_endpoint_whose_answer_was_lost_is_created_once(
    run: Run, stripe: SimulatorProcess, kind: str
) -> None:
    stripe.faults(kind, method="POST", route="/v1/webhook_endpoints")

    created = fine(run("stripe", "webhook-create"))

    assert "STRIPE_WEBHOOK_SECRET=whsec_" in created
    assert len(stripe.objects("webhook_endpoint")) == 1


@pytest.mark.parametrize("kind", ["lost_answer", "fail_after"])
def test_an_endpoint_created_without_any_answer_is_found_by_the_next_run_and_not_made_twice(
    run: Run, stripe: SimulatorProcess, kind: str
) -> None:
    stripe.faults(kind, method="POST", route="/v1/webhook_endpoints", count=9)
    unheard = run("stripe", "webhook-create")
    stripe.clear_faults()

    again = run("stripe", "webhook-create")

    assert (unheard.exit_code, again.exit_code) == (1, 1)
    assert "There is one for" in again.output
    assert len(stripe.objects("webhook_endpoint")) == 1


def test_an_endpoint_created_after_its_forerunner_was_deleted_has_a_secret_of_its_own(
    run: Run, stripe: SimulatorProcess
) -> None:
    first = fine(run("stripe", "webhook-create"))
    [endpoint] = stripe.objects("webhook_endpoint")
    stripe.client().v1.webhook_endpoints.delete(endpoint["id"])

    second = fine(run("stripe", "webhook-create"))

    assert second.rpartition("=")[2] != first.rpartition("=")[2]
    assert len(stripe.objects("webhook_endpoint")) == 1


def test_the_doctor_names_a_mail_server_and_a_stripe_that_are_away(database_url: str) -> None:
    away = make_settings(database_url, stripe_url="http://127.0.0.1:9", smtp_url="smtp://127.0.0.1:9")

    result = create_app(away).test_cli_runner().invoke(args=["doctor"])

    assert result.exit_code == 1
    assert "Stripe: no answer" in result.output
    assert "mail server:" in result.output
    assert "Traceback" not in result.output


def test_the_doctor_asks_for_the_migration_a_database_lacks(run: Run) -> None:
    fine(run("db", "downgrade", "0001"))

    result = run("doctor")

    assert "Run `flask db upgrade`" in result.output
    fine(run("db", "upgrade"))
    fine(run("db", "check"))


def test_erasing_a_member_leaves_the_books_and_takes_the_person(
    run: Run, world: World, sessions: Sessions, parts: Parts
) -> None:
    world.stripe.pay(world.open_session(world.form(ADA)))
    world.settle()
    with sessions() as session:
        code = session.scalars(sa.select(Member.code)).one()

    assert "Erased." in fine(run("erase", code, "--yes"))

    assert "nobody left" in fine(run("erase", code, "--yes"))
    assert run("erase", "ZZZZ-ZZZZ", "--yes").exit_code == 1
    with sessions() as session:
        assert session.scalar(sa.select(sa.func.count(Person.id))) == 0
        receipt = session.scalars(sa.select(Receipt)).one()
        assert parts.vault.unseal_for_person(session, None, receipt.sealed_name) is None


TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD_KEY, NEW_KEY = "test-vault-key-0123456789abcdefghijk", "another-vault-key-0123456789abcdefgh"


def test_after_rotation_the_old_vault_key_can_go(
    run: Run, world: World, sessions: Sessions, settings: Settings
) -> None:
    world.stripe.pay(world.open_session(world.form(ADA)))
    world.settle()
    words = ("staff", "create", "cleo@harbour-courier.example", "--name", "Cleo", "--password-stdin")
    fine(run(*words, "--totp-secret", TOTP_SECRET, input="a long enough passphrase\n"))
    both = settings.model_copy(update={"vault_key": [SecretStr(NEW_KEY), SecretStr(OLD_KEY)]})

    output = fine(create_app(both).test_cli_runner().invoke(args=["safety", "rotate"]))

    assert "1 people" in output
    assert "1 second factors" in output
    only_new = Vault(Keyring([NEW_KEY]))
    with sessions() as session:
        person_id = session.scalars(sa.select(Person.id)).one()
        assert only_new.find_person(session, person_id) == ADA
        assert only_new.find_person_id(session, ADA.address.upper()) == person_id


def test_a_new_sqlite_database_gets_its_folder(
    tmp_path: Path, stripe: SimulatorProcess, mails: MailCatcher
) -> None:
    url = f"sqlite:///{tmp_path}/instance/small-favor.db"
    app = create_app(make_settings(url, stripe_url=stripe.url, smtp_url=mails.url))

    fine(app.test_cli_runner().invoke(args=["db", "upgrade"]))

    assert (tmp_path / "instance" / "small-favor.db").exists()
