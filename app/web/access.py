"""How a request reaches the joined parts."""

from app.access import PARTS, SETTINGS, parts, parts_of, settings_of

__all__ = ["PARTS", "SETTINGS", "parts", "parts_of", "settings_of"]
