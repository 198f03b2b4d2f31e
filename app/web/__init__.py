"""Everything that answers HTTP."""

from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import settings_of
from app.web import desk_session, errors, health, languages, metrics, security_headers, static_files, webhooks
from app.web.reader import blueprint as reader
from app.web.reader.appeal import script
from app.web.reader.manage import paths
from app.web.reader.manage.even_time import BEAT, BEAT_SECONDS
from app.web.staff import init_staff
from config.settings import Settings

LARGEST_REQUEST_BYTES = 1_000_000
STAFF_SESSION_HOURS = 12


def flask_config(settings: Settings) -> dict[str, Any]:
    """Return Flask's own configuration for these settings."""
    first, *older = [key.get_secret_value() for key in settings.secret_key]
    return {
        "SECRET_KEY": first,
        "SECRET_KEY_FALLBACKS": older,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST_BYTES,
        "SESSION_COOKIE_SECURE": settings.public_base_url.startswith("https://"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=STAFF_SESSION_HOURS),
        "TEMPLATES_AUTO_RELOAD": False,
        BEAT: BEAT_SECONDS,
    }


def init_app(app: Flask) -> None:
    """Register every page and every rule that holds for all of them."""
    proxies = settings_of(app).trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    desk_session.init_app(app)
    languages.init_app(app)
    security_headers.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(webhooks.blueprint)
    app.register_blueprint(reader)
    paths.init_app(app)
    script.init_app(app)
    init_staff(app)
