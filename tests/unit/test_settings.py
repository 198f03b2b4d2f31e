"""The environment, checked as a whole: one message names every bad variable and repeats none."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import BadSettings, Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "SECRET_KEY": "secret-" * 6,
    "VAULT_KEY": "vault--" * 6,
    "DATABASE_URL": "postgresql://user:databasepassword@db.example/courier",
    "STRIPE_SECRET_KEY": "sk_test_stripekey",
    "STRIPE_WEBHOOK_SECRET": "whsec_webhooksecret",
    "PUBLIC_BASE_URL": "https://courier.example",
    "SMTP_URL": "smtps://user:mailpassword@mail.example",
    "MAIL_FROM": "receipts@courier.example",
    "NEWSROOM_FILE": str(ROOT / "config" / "newsroom.toml"),
}
SECRET_PARTS = ("secret-", "vault--", "databasepassword", "stripekey", "webhooksecret", "mailpassword")

Load = Callable[..., Settings]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load the settings from this environment and no other, without a `.env` file."""
    for name in [*Settings.model_fields, *(f"{name}_file" for name in Settings.model_fields)]:
        monkeypatch.delenv(name.upper(), raising=False)

    def load_from(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return load_settings(_env_file=None)

    return load_from


def message(load: Load, **environment: str) -> str:
    with pytest.raises(BadSettings) as stopped:
        load(**environment)
    assert stopped.value.__context__ is None
    return str(stopped.value)


def named(text: str) -> list[str]:
    """Return the variables that a message names, each at the head of its line."""
    return [line.strip().partition(":")[0] for line in text.splitlines()[1:] if not line.startswith("    ")]


def test_a_good_environment_is_taken_as_it_is(load: Load) -> None:
    settings = load(**GOOD)

    assert settings.database_url == GOOD["DATABASE_URL"]
    assert settings.newsroom().name == "The Harbour Courier"
    assert not settings.live


def test_an_empty_environment_names_every_variable_that_must_be_set(load: Load) -> None:
    assert named(message(load)) == [
        "SECRET_KEY",
        "VAULT_KEY",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "PUBLIC_BASE_URL",
        "SMTP_URL",
        "MAIL_FROM",
    ]


BAD = {
    "SECRET_KEY": "canary",
    "VAULT_KEY": ",canary",
    "DATABASE_URL": "canary://user:canary@db.example/x",
    "STRIPE_SECRET_KEY": "pk_test_canary",
    "STRIPE_WEBHOOK_SECRET": "whsec_good,canary",
    "STRIPE_API_BASE": "canary.example",
    "PUBLIC_BASE_URL": "ftp://canary.example",
    "SMTP_URL": "http://canary@mail.example",
    "MAIL_FROM": "canary",
    "TRUSTED_PROXIES": "canary",
    "LOG_LEVEL": "canary",
    "PORT": "99999",
    "WEB_CONCURRENCY": "0",
}


def test_one_message_names_every_bad_variable_at_once_and_repeats_no_value(load: Load) -> None:
    text = message(load, **{**GOOD, **BAD})

    assert sorted(named(text)) == sorted(BAD)
    assert "canary" not in text


@pytest.mark.parametrize("variable", BAD)
def test_each_bad_variable_is_found_by_itself(load: Load, variable: str) -> None:
    assert named(message(load, **{**GOOD, variable: BAD[variable]})) == [variable]


@pytest.mark.parametrize("variable", [name for name in GOOD if name not in ("DATABASE_URL", "NEWSROOM_FILE")])
def test_an_empty_variable_is_a_missing_one(load: Load, variable: str) -> None:
    assert named(message(load, **{**GOOD, variable: ""})) == [variable]


def test_no_secret_is_in_the_repr(load: Load) -> None:
    settings = load(**GOOD)

    for shown in (repr(settings), str(settings)):
        assert not [part for part in SECRET_PARTS if part in shown]


def test_no_secret_is_in_any_message(load: Load) -> None:
    text = message(load, **{**GOOD, "PORT": "none", "MAIL_FROM": "none"})

    assert not [part for part in SECRET_PARTS if part in text]


def test_keys_rotate_by_a_comma_list_of_which_the_first_is_used(load: Load) -> None:
    settings = load(
        **{
            **GOOD,
            "SECRET_KEY": f"{'new-' * 8}, {'old-' * 8},",
            "STRIPE_WEBHOOK_SECRET": "whsec_new,whsec_old",
        }
    )

    assert [key.get_secret_value() for key in settings.secret_key] == ["new-" * 8, "old-" * 8]
    assert [secret.get_secret_value() for secret in settings.stripe_webhook_secret] == [
        "whsec_new",
        "whsec_old",
    ]


@pytest.mark.parametrize("variable", ["SECRET_KEY", "VAULT_KEY"])
def test_every_key_of_a_list_has_to_be_long_enough(load: Load, variable: str) -> None:
    text = message(load, **{**GOOD, variable: f"{'long' * 8},short"})

    assert named(text) == [variable]


@pytest.mark.parametrize("key", ["sk_live_stripekey", "rk_live_stripekey"])
def test_a_live_key_never_goes_to_a_local_stripe(load: Load, key: str) -> None:
    text = message(
        load, **{**GOOD, "STRIPE_SECRET_KEY": key, "STRIPE_API_BASE": "http://127.0.0.1:8001", "PORT": "none"}
    )

    assert named(text) == ["STRIPE_API_BASE", "PORT"]
    assert "live key" in text


@pytest.mark.parametrize("key", ["sk_live_stripekey", "rk_live_stripekey"])
def test_a_live_key_is_known_as_one(load: Load, key: str) -> None:
    assert load(**{**GOOD, "STRIPE_SECRET_KEY": key}).live


def test_a_test_key_may_go_to_a_local_stripe(load: Load) -> None:
    settings = load(**{**GOOD, "STRIPE_API_BASE": "http://127.0.0.1:8001/"})

    assert settings.stripe_api_base == "http://127.0.0.1:8001"


@pytest.mark.parametrize("variable", [name for name in GOOD if name != "NEWSROOM_FILE"])
def test_every_variable_may_come_from_a_file(load: Load, tmp_path: Path, variable: str) -> None:
    path = tmp_path / "value"
    path.write_text(f"{GOOD[variable]}\n", encoding="utf-8")
    others = {name: value for name, value in GOOD.items() if name != variable}

    by_file = load(**others, **{f"{variable}_FILE": str(path)})

    os.environ.pop(f"{variable}_FILE")
    assert by_file == load(**GOOD)


def test_the_environment_goes_before_the_file(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.write_text("9000", encoding="utf-8")

    assert load(**GOOD, PORT="9001", PORT_FILE=str(path)).port == 9001


def test_a_file_that_cannot_be_read_is_named_beside_all_else(load: Load, tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    others = {name: value for name, value in GOOD.items() if name not in ("SECRET_KEY", "SMTP_URL")}

    text = message(
        load, **others, SECRET_KEY_FILE=str(tmp_path / "canary"), SMTP_URL_FILE=str(binary), PORT="none"
    )

    assert named(text) == ["SECRET_KEY_FILE", "SMTP_URL_FILE", "PORT"]
    assert "canary" not in text


def test_everything_wrong_in_the_newsrooms_file_is_named_at_once(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "newsroom.toml"
    path.write_text('name = "Courier"\nlanguages = ["english"]\n', encoding="utf-8")

    text = message(load, **{**GOOD, "NEWSROOM_FILE": str(path), "PORT": "none"})

    assert named(text) == ["NEWSROOM_FILE", "PORT"]
    for part in ("languages", "time_zone", "legal_entity", "currencies"):
        assert part in text


def test_a_newsrooms_file_that_is_absent_is_named(load: Load, tmp_path: Path) -> None:
    assert named(message(load, **{**GOOD, "NEWSROOM_FILE": str(tmp_path / "none.toml")})) == ["NEWSROOM_FILE"]


def test_a_bad_setting_ends_the_process_with_status_one(load: Load) -> None:
    with pytest.raises(SystemExit) as stopped:
        load()

    assert stopped.value.code
    assert not isinstance(stopped.value.code, int)
