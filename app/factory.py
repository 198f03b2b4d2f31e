"""The one place where the parts are joined."""

from flask import Flask
from sqlalchemy.orm import sessionmaker

from app import cli, web
from app.access import PARTS, SETTINGS
from app.db import create_db_engine
from app.flows.parts import Parts
from app.flows.watch import EpochWatch
from app.logs import configure_logs
from app.mailer.mailer import Mailer
from app.stripe_gateway.calls import StripeCalls
from app.stripe_gateway.gateway import StripeGateway
from app.vault.sealing import Keyring
from app.vault.vault import Vault
from config.settings import Settings

STRIPE_BUDGET_SECONDS = 10.0
"""The most a reader waits for Stripe; under gunicorn's own timeout."""


def create_app(settings: Settings) -> Flask:
    """Return the product, joined from its parts for these settings."""
    configure_logs(settings.log_level)
    app = Flask("app", template_folder="web/templates", static_folder=None)
    app.config.update(web.flask_config(settings))
    app.extensions[PARTS] = join_parts(settings)
    app.extensions[SETTINGS] = settings
    web.init_app(app)
    cli.init_app(app)
    return app


def join_parts(settings: Settings) -> Parts:
    """Return the parts that the flows work with."""
    engine = create_db_engine(settings.database_url)
    calls = StripeCalls(
        api_key=settings.stripe_secret_key.get_secret_value(),
        api_base=settings.stripe_api_base,
        budget_seconds=STRIPE_BUDGET_SECONDS,
    )
    sessions = sessionmaker(engine, expire_on_commit=False)
    gateway = StripeGateway(calls)
    watch = EpochWatch(sessions, gateway)
    calls.gates.append(watch.gate)
    return Parts(
        sessions=sessions,
        gateway=gateway,
        watch=watch,
        vault=Vault(Keyring([key.get_secret_value() for key in settings.vault_key])),
        mailer=Mailer(settings.smtp_url.get_secret_value()),
        newsroom=settings.newsroom(),
        public_base_url=settings.public_base_url,
        mail_from=settings.mail_from,
        signing_keys=tuple(key.get_secret_value() for key in settings.secret_key),
        webhook_secrets=tuple(secret.get_secret_value() for secret in settings.stripe_webhook_secret),
        livemode=settings.live,
    )
