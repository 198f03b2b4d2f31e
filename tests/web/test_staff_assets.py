"""The desk's vendored files are what their manifest says, and all that its pages name is there."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

STATIC = Path(__file__).parents[2] / "app" / "web" / "static"
TEMPLATES = Path(__file__).parents[2] / "app" / "web" / "templates"
VENDOR = STATIC / "staff" / "vendor"


def _packages() -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    return packages


def test_every_vendored_file_has_the_checksum_of_the_manifest() -> None:
    listed = {
        f"{package['folder']}/{name}": checksum
        for package in _packages()
        for name, checksum in package["files"].items()
    }

    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert found == listed


def test_every_package_is_pinned_and_has_its_licence_beside_it() -> None:
    for package in _packages():
        assert package["version"] in package["folder"]
        assert package["licence_file"] in package["files"]
        assert "://" not in json.dumps(package)


def test_every_address_in_the_style_sheet_leads_to_a_file() -> None:
    sheet = STATIC / "staff" / "desk.css"
    addresses = re.findall(r'url\("([^"]+)"\)', sheet.read_text())

    assert addresses
    for address in addresses:
        assert (sheet.parent / address).resolve().is_file(), address


def test_every_asset_that_a_page_names_is_there() -> None:
    pages = [*TEMPLATES.glob("staff/*.html"), *TEMPLATES.glob("security/*.html")]
    named = {name for page in pages for name in re.findall(r"asset\('([^']+)'\)", page.read_text())}

    assert "staff/charts.js" in named
    assert all((STATIC / name).is_file() for name in named)
