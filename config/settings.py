"""The environment, read once and checked as a whole."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    EmailStr,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.newsroom import Newsroom, load_newsroom

LEAST_KEY_LENGTH = 32


def _comma_list(value: Any) -> Any:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Keys = Annotated[list[SecretStr], NoDecode, BeforeValidator(_comma_list)]


class BadSettings(SystemExit):
    """Stops the start with one message that names every bad variable."""


class Settings(BaseSettings):
    """All that a deployer sets; each variable may also come as `NAME_FILE`, a path to read it from."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    secret_key: Keys = Field(min_length=1)
    """First signs, all verify."""
    vault_key: Keys = Field(min_length=1)
    """First seals, all open."""
    database_url: str = Field(default="sqlite:///instance/small-favor.db", repr=False)
    stripe_secret_key: SecretStr
    stripe_webhook_secret: Keys = Field(min_length=1)
    stripe_api_base: str | None = None
    """The local Stripe's address; none in production."""
    public_base_url: str
    smtp_url: SecretStr
    """`smtp://`, `smtp+starttls://` or `smtps://`, with user and password where the server asks for them."""
    mail_from: EmailStr
    newsroom_file: Path = Path("config/newsroom.toml")
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many proxies in front of us set X-Forwarded-* headers."""
    metrics_token: SecretStr | None = None
    """What `/metrics` wants to be shown; without one it is not there."""
    log_level: str = "INFO"
    port: int = Field(default=8000, ge=1, le=65535)
    web_concurrency: int = Field(default=2, ge=1, le=64)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Look into the call, the environment, `NAME_FILE`, `.env` and secrets, in this order."""
        named_files = _NamedFiles(settings_cls)
        return init_settings, env_settings, named_files, dotenv_settings, file_secret_settings

    @property
    def live(self) -> bool:
        """Whether the Stripe key moves real money."""
        return _is_live(self.stripe_secret_key)

    def newsroom(self) -> Newsroom:
        """Return the newsroom's file, read and checked."""
        return load_newsroom(self.newsroom_file)

    @field_validator("secret_key", "vault_key")
    @classmethod
    def _long_enough(cls, keys: list[SecretStr]) -> list[SecretStr]:
        if any(len(key.get_secret_value()) < LEAST_KEY_LENGTH for key in keys):
            raise ValueError(f"each key needs {LEAST_KEY_LENGTH} characters or more")
        return keys

    @field_validator("metrics_token")
    @classmethod
    def _token_long_enough(cls, token: SecretStr | None) -> SecretStr | None:
        if token and len(token.get_secret_value()) < LEAST_KEY_LENGTH:
            raise ValueError(f"needs {LEAST_KEY_LENGTH} characters or more")
        return token

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        try:
            backend = make_url(url).get_backend_name()
        except ArgumentError as unreadable:
            raise ValueError("not a database address") from unreadable
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("begins with sqlite:/// or postgresql://")
        return url

    @field_validator("stripe_secret_key")
    @classmethod
    def _stripe_key(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
            raise ValueError("begins with sk_ or rk_, then test_ or live_")
        return key

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _webhook_secret(cls, secrets: list[SecretStr]) -> list[SecretStr]:
        if not all(secret.get_secret_value().startswith("whsec_") for secret in secrets):
            raise ValueError("begins with whsec_")
        return secrets

    @field_validator("public_base_url", "stripe_api_base")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("begins with https:// (or http:// on your own machine)")
        return url.rstrip("/") if url else url

    @field_validator("stripe_api_base")
    @classmethod
    def _no_live_key_at_a_local_stripe(cls, url: str | None, known: ValidationInfo) -> str | None:
        key = known.data.get("stripe_secret_key")
        if url and key and _is_live(key):
            raise ValueError("a live key never goes to a local Stripe; unset one of the two")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("smtp://", "smtps://", "smtp+starttls://")):
            raise ValueError("begins with smtp://, smtp+starttls:// or smtps://")
        return url

    @field_validator("log_level")
    @classmethod
    def _log_level(cls, level: str) -> str:
        if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("is DEBUG, INFO, WARNING or ERROR")
        return level.upper()

    @field_validator("newsroom_file")
    @classmethod
    def _newsroom_is_whole(cls, path: Path) -> Path:
        try:
            load_newsroom(path)
        except OSError as unreadable:
            raise ValueError(f"cannot be read: {path}") from unreadable
        return path


def _is_live(key: SecretStr) -> bool:
    return "_live_" in key.get_secret_value()


class _NamedFiles(PydanticBaseSettingsSource):
    """`SECRET_KEY_FILE=/run/secrets/key` gives SECRET_KEY."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (pydantic's signature)
        path = os.environ.get(f"{field_name.upper()}_FILE")
        return (_read(path) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(None, name)[0] for name in _names_with_files()}
        return {name: value for name, value in found.items() if value is not None}


def _names_with_files() -> list[str]:
    return [name for name in Settings.model_fields if name != "newsroom_file"]


def _read(path: str) -> str | None:
    """Return a file's text; None where it cannot be read, which `load_settings` tells of."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def load_settings(**given: Any) -> Settings:
    """Return the settings, or stop with one message that names every bad variable.

    Raises: BadSettings: exits with status 1 and the message.
    """
    wrong = _unreadable_files()
    try:
        settings = Settings(**given)
    except ValidationError as invalid:
        wrong.update({name: why for name, why in _reasons(invalid).items() if f"{name}_FILE" not in wrong})
    if wrong:
        raise BadSettings("\n  ".join([_OPENING, *(f"{name}: {why}" for name, why in wrong.items())]))
    return settings


_OPENING = "Small Favor cannot start. These variables want mending (.env.example explains each):"


def _unreadable_files() -> dict[str, str]:
    variables = [f"{name.upper()}_FILE" for name in _names_with_files()]
    paths = {variable: os.environ.get(variable) for variable in variables}
    return {
        variable: "names a file that cannot be read"
        for variable, path in paths.items()
        if path and _read(path) is None
    }


def _reasons(invalid: ValidationError) -> dict[str, str]:
    """Return what is wrong by variable; of the newsroom's file, every part that is wrong."""
    reasons: dict[str, list[str]] = {}
    for error in invalid.errors(include_url=False, include_input=False):
        variable, *part = (str(place) for place in error["loc"])
        reason = error["msg"].removeprefix("Value error, ")
        where = ".".join(part)
        reasons.setdefault(variable.upper(), []).append(f"{where}: {reason}" if where else reason)
    return {variable: "\n    ".join(found) for variable, found in reasons.items()}
