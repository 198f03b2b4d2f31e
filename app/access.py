"""How a request or a command reaches the joined parts."""

from typing import cast

from flask import Flask, current_app

from app.flows.parts import Parts
from config.settings import Settings

PARTS = "small_favor_parts"
SETTINGS = "small_favor_settings"


def parts() -> Parts:
    """Return the parts of the app that is at work."""
    return parts_of(current_app)


def parts_of(app: Flask) -> Parts:
    """Return the parts of an app."""
    return cast("Parts", app.extensions[PARTS])


def settings_of(app: Flask) -> Settings:
    """Return the settings of an app."""
    return cast("Settings", app.extensions[SETTINGS])
