"""The environment, read once and checked as a whole."""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
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
    database_url: str = "sqlite:///instance/small-favor.db"
    stripe_secret_key: SecretStr
    stripe_webhook_secret: Keys = Field(min_length=1)
    stripe_api_base: str | None = None
    """The local Stripe's address; none in production."""
    public_base_url: str
    smtp_url: SecretStr
    """`smtp://`, `smtp+starttls://` or `smtps://`, with user and password where the server asks for them."""
    mail_from: str
    redis_url: str | None = None
    newsroom_file: Path = Path("config/newsroom.toml")
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    """How many proxies in front of us set X-Forwarded-* headers."""
    log_level: str = "INFO"
    sentry_dsn: SecretStr | None = None
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
        return "_live_" in self.stripe_secret_key.get_secret_value()

    def newsroom(self) -> Newsroom:
        """Return the newsroom's file, read and checked."""
        return load_newsroom(self.newsroom_file)

    @field_validator("secret_key", "vault_key")
    @classmethod
    def _long_enough(cls, keys: list[SecretStr]) -> list[SecretStr]:
        if any(len(key.get_secret_value()) < LEAST_KEY_LENGTH for key in keys):
            raise ValueError(f"each key needs {LEAST_KEY_LENGTH} characters or more")
        return keys

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

    @model_validator(mode="after")
    def _no_live_key_at_a_local_stripe(self) -> "Settings":
        if self.stripe_api_base and self.live:
            raise ValueError("STRIPE_API_BASE: a live key never goes to a local Stripe; unset one of the two")
        return self


class _NamedFiles(PydanticBaseSettingsSource):
    """`SECRET_KEY_FILE=/run/secrets/key` gives SECRET_KEY."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (pydantic's signature)
        path = os.environ.get(f"{field_name.upper()}_FILE")
        return (Path(path).read_text(encoding="utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(None, name)[0]
            for name in self.settings_cls.model_fields
            if name != "newsroom_file"
        }
        return {name: value for name, value in found.items() if value is not None}


def load_settings(**given: Any) -> Settings:
    """Return the settings, or stop with one message that names every bad variable.

    Raises: BadSettings: exits with status 1 and the message.
    """
    try:
        return Settings(**given)
    except ValidationError as invalid:
        raise BadSettings(_explain(invalid)) from None
    except OSError as unreadable:
        raise BadSettings(
            f"A *_FILE variable names a file that cannot be read: {unreadable.filename}"
        ) from None


def _explain(invalid: ValidationError) -> str:
    lines = ["Small Favor cannot start. These variables want mending (.env.example explains each):"]
    for error in invalid.errors(include_url=False, include_input=False):
        name = str(error["loc"][0]).upper() if error["loc"] else ""
        reason = error["msg"].removeprefix("Value error, ")
        lines.append(f"  {name}: {reason}" if name else f"  {reason}")
    return "\n".join(lines)
