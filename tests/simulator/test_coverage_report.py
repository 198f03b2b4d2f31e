"""The report of what is covered is true, and the page that shows it is the report."""

import subprocess
import sys

from app.simulator.report import coverage_text, emitted_events, package_events
from app.simulator.resources.table import ROUTES
from tests.simulator.shop import Shop
from tests.simulator.test_contract import live_through_everything
from tests.support.simulator import ROOT

PAGE = ROOT / "docs" / "reference" / "local-stripe-coverage.md"


def test_the_page_is_what_the_command_prints() -> None:
    command = [sys.executable, "-m", "app.simulator", "coverage"]

    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert PAGE.read_text(encoding="utf-8") == printed, "run `make coverage-report`"


def test_every_published_route_is_one_of_stripes_and_in_the_report() -> None:
    text = coverage_text()

    assert [route.path for route in ROUTES if route.published and f"{route.method} /v1/" not in text] == []
    assert text.count("\n- `POST /v1/") + text.count("\n- `GET /v1/") + text.count("\n- `DELETE /v1/") == len(
        [route for route in ROUTES if route.published]
    )


def test_what_happens_in_a_long_life_is_among_the_events_of_the_report(shop: Shop) -> None:
    live_through_everything(shop)

    assert set(shop.event_types()) <= emitted_events() <= package_events()
