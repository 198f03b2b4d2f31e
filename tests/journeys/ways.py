"""The four ways in which people come: on a phone or at a desk, with a script or without."""

from typing import Any

import pytest

from tests.journeys.conftest import PHONE

DESKTOP = {"width": 1280, "height": 800}
WAYS: list[dict[str, Any]] = [
    {"viewport": PHONE},
    {"viewport": DESKTOP},
    {"viewport": PHONE, "java_script_enabled": False},
    {"viewport": DESKTOP, "java_script_enabled": False},
]
NAMES = ["phone", "desktop", "phone without a script", "desktop without a script"]
each_way = pytest.mark.parametrize("way", WAYS, ids=NAMES)
